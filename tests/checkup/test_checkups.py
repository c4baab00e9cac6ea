"""Twenty-four broken models get the line that their effect deserves; three hundred sound ones are called none of it."""

import json
import os
from collections import Counter
from pathlib import Path

import pytest
import torch
from broken import BROKEN, UNSEEN
from torch import Tensor

from vae_lib.diagnose import checkup
from vae_lib.diagnose.model_facts import Estimate, Facts, Scores
from vae_lib.diagnose.model_findings import IMPOSSIBLE, RULES, UNUSUAL, findings

RECORD = json.loads((Path(__file__).parent / "healthy.json").read_text())
LINES = {rule.key: rule.rank for rule in RULES}
SEEDS = range(3) if "BOOK_EVERY_SEED" in os.environ else [0]  # all three each week: `make sweeps`


def lines(model, x_train: Tensor, x_test: Tensor) -> dict[str, str]:
    return {finding.key: finding.rank for finding in checkup(model, x_train, x_test).findings}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_broken_model_gets_the_line_that_its_effect_deserves(name, seed):
    torch.manual_seed(seed)
    found = lines(*BROKEN[name].make())
    assert found.get(BROKEN[name].line) == BROKEN[name].rank == LINES[BROKEN[name].line]
    assert BROKEN[name].rank == IMPOSSIBLE or IMPOSSIBLE not in found.values()


@pytest.mark.parametrize("name", UNSEEN)
@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_model_alone_cannot_show_is_not_called_impossible(name, seed):
    torch.manual_seed(seed)
    assert IMPOSSIBLE not in lines(*UNSEEN[name]()).values()


def facts_of(row: dict) -> Facts:
    """The recorded facts, so that the rules of today judge them."""
    estimate = {name: Estimate(*value) if isinstance(value, list) else value for name, value in row.items()}
    return Facts(**estimate)


def recorded(row: dict) -> Facts:
    facts = dict(row)
    lists = {name: facts.pop(name) for name in ("left_out", "kl_per_latent", "variance_of_mean", "data_shape")}
    sets = {name: facts.pop(name) for name in ("train", "test")}
    facts = facts_of(facts)
    for name, value in lists.items():
        setattr(facts, name, value)
    for name, scores in sets.items():
        estimates = {part: Estimate(*value) if isinstance(value, list) else value for part, value in scores.items()}
        setattr(facts, name, Scores(**estimates))
    return facts


def of_rank(rank: str, moment: str = "") -> Counter:
    """How many recorded check-ups have each line of a rank."""
    rows = [row for row in RECORD if moment in row["moment"]]
    return Counter(found.key for row in rows for found in findings(recorded(row["facts"])) if found.rank == rank)


def test_the_record_has_ten_models_ten_seeds_and_three_moments_each():
    assert len(RECORD) == len({(row["model"], row["seed"], row["moment"]) for row in RECORD}) == 300
    assert len({row["model"] for row in RECORD}) == len({row["seed"] for row in RECORD}) == 10


def test_nothing_impossible_was_found_in_three_hundred_check_ups_of_sound_models():
    assert of_rank(IMPOSSIBLE) == {}


def test_at_the_end_of_its_training_at_most_one_sound_model_in_twenty_is_unusual():
    ends = [row for row in RECORD if row["moment"] == "the end"]
    unusual = [row for row in ends if any(found.rank == UNUSUAL for found in findings(recorded(row["facts"])))]
    assert len(ends) == 100
    assert len(unusual) <= 5

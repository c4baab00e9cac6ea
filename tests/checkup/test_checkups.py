"""Twenty-four broken models get the line that their effect deserves; three hundred sound ones are called none of it."""

import json
import os
from pathlib import Path

import pytest
import torch
from broken import BROKEN, UNSEEN
from healthy import examined, sound
from torch import Tensor

from vae_lib.diagnose import checkup
from vae_lib.diagnose.model_facts import Estimate, Facts, Scores
from vae_lib.diagnose.model_findings import IMPOSSIBLE, RULES, UNUSUAL, findings

ROOT = Path(__file__).parents[2]
EARLIER, END = ("a third", "two thirds"), "the end"
RECORD = json.loads((Path(__file__).parent / "healthy.json").read_text())
LISTS = {"left_out", "kl_per_latent", "variance_of_mean", "data_shape"}
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


def estimates(facts: dict) -> dict:
    """The pairs among recorded numbers as estimates again."""
    pairs = {name: value for name, value in facts.items() if isinstance(value, list) and name not in LISTS}
    return facts | {name: Estimate(*value) for name, value in pairs.items()}


def recorded(facts: dict) -> Facts:
    """What was measured, for the rules of today to judge."""
    sets = {name: Scores(**estimates(facts[name])) for name in ("train", "test")}
    return Facts(**estimates(facts) | sets)


def pages(rank: str, *moments: str) -> int:
    """On how many recorded pages of these moments a line of a rank stands."""
    rows = [row for row in RECORD if row["moment"] in moments]
    return sum(any(found.rank == rank for found in findings(recorded(row["facts"]))) for row in rows)


def test_the_record_has_ten_models_ten_seeds_and_three_moments_each():
    assert len(RECORD) == len({(row["model"], row["seed"], row["moment"]) for row in RECORD}) == 300
    assert len({row["model"] for row in RECORD}) == len({row["seed"] for row in RECORD}) == 10


def test_nothing_impossible_was_found_in_three_hundred_check_ups_of_sound_models():
    assert pages(IMPOSSIBLE, *EARLIER, END) == 0


def test_at_the_end_of_its_training_at_most_one_sound_model_in_twenty_is_unusual():
    assert pages(UNUSUAL, END) <= 5


def test_chapter_6_says_what_the_record_and_the_list_say():
    text = (ROOT / "book" / "06_is_my_number_right.ipynb").read_text()
    stood = f"on {pages(UNUSUAL, *EARLIER)} of the 200 earlier ones, and on {pages(UNUSUAL, END)} of the 100 at the end"
    assert f"On these {len(RECORD)} pages *impossible* stood {pages(IMPOSSIBLE, *EARLIER, END)} times" in text
    assert stood in text
    assert f"of {len(BROKEN)} broken models, three seeds each, all {3 * len(BROKEN)} got the line" in text


def test_the_recorded_facts_are_those_of_today():
    """One of the three hundred, made anew."""
    (row,) = [row for row in RECORD if (row["model"], row["seed"], row["moment"]) == ("Bernoulli, d = 8", 3, "the end")]
    page = examined("Bernoulli, d = 8", sound("no MNIST is asked for")["Bernoulli, d = 8"], 3)[-1]
    assert page["facts"].keys() == row["facts"].keys()
    for part in ("loss", "kl", "gap"):
        assert page["facts"]["test"][part] == pytest.approx(row["facts"]["test"][part], rel=0.1)  # on another CPU

"""Chapter 10: the smaller runs that are recorded, held to the script that made them and to what may be said of them."""

import math

import pytest
import string_runs
import torch
from string_runs import PARTS, READ, SEEDS

from vae_lib.exact.grammar import source
from vae_lib.shipped.strings import string_runs as recorded

RECORD = recorded()
SOURCE, GAUSSIAN = RECORD["source"], RECORD["Gaussian"]


def column(run: dict, name: str) -> torch.Tensor:
    return torch.tensor(run[name], dtype=torch.float64)


def test_every_run_of_the_script_is_recorded_with_every_seed():
    assert RECORD["settings"] == {**string_runs.SETTINGS, "position": list(READ)}
    for part, runs in PARTS.items():
        assert list(RECORD[part]) == list(runs)
        assert {len(values) for run in RECORD[part].values() for values in run.values()} == {len(SEEDS)}
    assert len(SEEDS) >= 3


def test_the_counts_and_one_mixture_by_em_are_made_anew():
    assert string_runs.counted() == pytest.approx(RECORD["counts"], abs=2e-4)
    torch.manual_seed(SEEDS[0])
    again = string_runs.by_em()
    assert again == pytest.approx({name: values[0] for name, values in RECORD["EM"]["mixture"].items()}, abs=2e-4)


def test_information_is_never_negative_and_never_above_log_k():
    for part in ("EM", "position", "cures", "given", "source"):
        for run in RECORD[part].values():
            told = torch.cat([column(run, name).flatten() for name in ("I p", "I q") if name in run])
            assert ((told >= 0) & (told <= math.log(string_runs.STATES) + 1e-4)).all()


def test_no_model_is_better_than_the_source_but_the_one_that_sees_its_target():
    assert RECORD["entropy"] == pytest.approx(source().entropy, abs=1e-4)
    for name, run in SOURCE.items():
        by_error = column(run, "excess") / column(run, "error")
        assert (by_error < -5).all() if name == "leaking" else (by_error > -5).all()


def test_the_mixture_finds_the_sources_kinds():
    assert (column(SOURCE["mixture"], "I p") - math.log(4)).abs().max() < 0.01


def test_no_mean_elbo_of_two_gaussian_latents_lies_above_log_p():
    for run in GAUSSIAN.values():
        assert (column(run, "gap") > -5 * column(run, "gap error")).all()


def test_bounds_are_bounds_and_a_kl_is_at_least_the_information():
    for run in RECORD["cures"].values():
        assert (column(run, "−ELBO") >= column(run, "−log p") - 1e-4).all()
        assert (column(run, "KL") >= column(run, "I q") - 1e-4).all()

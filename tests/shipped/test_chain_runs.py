"""Chapter 9: the runs that are recorded, held to the script that made them and to what may be said of them."""

import chain_runs
import pytest
import torch
from chain_runs import CHAINS, MODELS, RATES, READ, SEEDS, STAYS

from vae_lib.exact.chains import log_partition
from vae_lib.exact.mean_field import cavi
from vae_lib.shipped.chains import chain_runs as recorded

RECORD = recorded()
STICKY, ROWS, AMORTISED = RECORD["stickiness"], RECORD["rows"], RECORD["amortised"]


def column(part: dict, name: str) -> torch.Tensor:
    return torch.tensor(part[name], dtype=torch.float64)


# ----- random chains


def test_every_stickiness_of_the_script_is_recorded():
    assert STICKY["stay"] == [round(stay, 5) for stay in STAYS]
    assert RECORD["settings"]["chains"] == CHAINS >= 20
    assert RECORD["settings"]["starts"] >= 8


def test_the_best_gap_peaks_and_falls():
    best, error = column(STICKY, "best"), column(STICKY, "best error")
    peak = best.argmax().item()
    assert 0.7 < STICKY["stay"][peak] < 0.9
    assert best[0] < 1e-6
    assert best[peak] - best[-1] > 5 * (error[peak].square() + error[-1].square()).sqrt()
    assert (column(STICKY, "best median")[[0, -1]] < column(STICKY, "best median")[peak] / 5).all()


def test_the_product_of_the_marginals_is_never_better_and_its_mean_grows_to_the_end():
    product, best = column(STICKY, "product"), column(STICKY, "best")
    assert (product >= best - 1e-5).all()
    assert (product.diff() > 0).all()


def test_chains_with_several_optima_grow_more_and_the_worst_start_loses_more():
    several = column(STICKY, "several optima")
    assert (several.diff() >= 0).all()
    assert (several[0], several[-1] > 0.5) == (0, True)
    assert STICKY["worst above best"][-1] > 5


def test_one_stickiness_is_measured_anew():
    at = STAYS.index(0.53)
    again = chain_runs.stickiness(STAYS[at])
    for name in ("best", "product", "several optima"):
        assert again[name] == pytest.approx(STICKY[name][at], abs=2e-5)


# ----- sweeps and an encoder


def test_sweeps_climb_and_end_at_the_best_of_many_starts_or_above_it():
    sweeps = column(RECORD["sweeps"], "sweeps")
    assert (sweeps.diff() <= 1e-5).all()
    assert sweeps[-1] >= RECORD["sweeps"]["best"] - 1e-5


def test_the_first_sweeps_are_made_anew():
    chain_of, _, x = chain_runs.problem()
    chain = chain_of(x)
    start = torch.full((chain_runs.LENGTH, len(x), chain_runs.STATES), 1 / chain_runs.STATES, dtype=torch.float64)
    gaps = (log_partition(chain) - cavi(chain, start, 2)[1]).mean(1)
    torch.testing.assert_close(gaps, column(RECORD["sweeps"], "sweeps")[:3], atol=1e-5, rtol=0)


def test_an_encoder_is_above_the_best_and_one_sweep_more_brings_it_nearer():
    for runs in AMORTISED.values():
        gap, best = column(runs, "test gap"), RECORD["sweeps"]["best"]
        assert len(gap) == len(SEEDS) >= 3
        assert (gap > best).all()
        assert (column(runs, "one sweep more") < gap).all()
        assert (column(runs, "one sweep more") > best).all()


def test_more_strings_help_strings_that_were_not_seen():
    few, many = (AMORTISED[num] for num in ("300", "5000"))
    assert (column(many, "test gap") < column(few, "test gap")).all()
    assert (column(few, "train gap") < column(few, "test gap")).all()
    for runs in (few, many):
        assert all(list(path) == [str(num) for num in READ if str(num) in path] for path in runs["passes"])


# ----- the digits' rows


def test_every_model_has_its_seeds_and_the_rate_that_its_held_out_pictures_chose():
    assert list(ROWS) == list(MODELS)
    for run in ROWS.values():
        tried = run["held out −log p"]
        assert len(tried) == len(RATES)
        assert run["rate"] == RATES[tried.index(min(tried))]
        assert {len(values) for name, values in run.items() if name not in ("rate", "held out −log p")} == {len(SEEDS)}


def test_log_p_is_the_same_to_six_digits_with_200_400_and_800_points():
    for run in ROWS.values():
        by_points = torch.stack([column(run, f"−log p, {num} points") for num in (200, 400, 800)])
        assert (by_points.max(0).values - by_points.min(0).values).max() < 1e-4


def test_no_mean_elbo_lies_above_log_p_and_the_deep_models_lie_clearly_below_it():
    for name, run in ROWS.items():
        gap, error = column(run, "gap"), column(run, "gap error")
        assert (gap > -5 * error).all()
        assert "deep" not in name or (gap > 5 * error).all()
        torch.testing.assert_close(column(run, "−ELBO") - column(run, "−log p"), gap, atol=3e-5, rtol=0)


def test_the_deep_model_beats_the_linear_one_in_every_seed():
    linear = column(ROWS["linear, neighbours"], "−log p")
    assert (column(ROWS["deep, neighbours"], "−log p") < linear.min()).all()


def test_hidden_markov_models_gain_by_states():
    means = [column(run, "−log p").mean().item() for run in RECORD["hidden Markov"].values()]
    assert means == sorted(means, reverse=True)
    assert {len(run["−log p"]) for run in RECORD["hidden Markov"].values()} == {len(SEEDS)}

"""Chapter 6: a Gaussian of the digits' counts, scored in four ways: the runs that are recorded, and the recording."""

import math

import counts_runs
import pytest
import torch
from torch.distributions import Normal

from vae_lib.data import digits
from vae_lib.model import VAE
from vae_lib.networks import GaussianEncoder
from vae_lib.objectives import elbo
from vae_lib.shipped import yardsticks
from vae_lib.shipped.weights import asset

RECORD = asset("counts.json")
RUNS = [(on, d) for on in counts_runs.TRAINED_ON for d in ("2", "8")]


@pytest.fixture(scope="module")
def model():
    return counts_runs.trained("the counts", 2, 7, num_epochs=2)


def test_trained_on_the_counts_is_the_books_gaussian_in_another_unit(model, monkeypatch):
    monkeypatch.setattr(yardsticks, "elbo", lambda model, x: torch.zeros(1))  # before the training: it draws z
    torch.manual_seed(7)
    book, _ = yardsticks.train_on_digits("Gaussian", 2, num_epochs=2)
    for ours, theirs in zip(model.parameters(), book.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-4)


def test_the_density_is_the_models_own_elbo(model):
    x = digits()[1]
    with torch.no_grad():
        draws = torch.stack([-elbo(model, x).mean() for _ in range(20)])
    assert counts_runs.scored(model, x)["density"] == pytest.approx(draws.mean().item(), abs=5 * draws.std().item())


def test_what_noise_costs_is_the_average_over_draws_of_it(model):
    scores = counts_runs.scored(model, digits()[1])
    mu, x = torch.tensor([3.2, 9.0], dtype=torch.float64), torch.tensor([1.0, 9.0], dtype=torch.float64)
    drawn = Normal(mu, scores["sigma"]).log_prob(counts_runs.with_noise(x.expand(1_000_000, 2))).mean(0)
    exact = Normal(mu, scores["sigma"]).log_prob(x) - 1 / (24 * scores["sigma"] ** 2)
    torch.testing.assert_close(drawn, exact, rtol=0, atol=1e-3)
    assert scores["noise"] - scores["density"] == pytest.approx(64 / (24 * scores["sigma"] ** 2), abs=1e-3)


def test_the_censored_gaussian_is_trained_on_the_number_that_it_is_scored_by():
    torch.manual_seed(0)
    model = VAE(GaussianEncoder(64, 2, 256, total_count=16), counts_runs.Censored(2, 64, 256), 2)
    x = digits()[1]
    with torch.no_grad():
        draws = torch.stack([-elbo(model, x).mean() for _ in range(20)])
    assert counts_runs.scored(model, x)["open"] == pytest.approx(draws.mean().item(), abs=5 * draws.std().item())


@pytest.mark.parametrize(("on", "d"), RUNS)
def test_noise_is_a_bound_on_closed_bins_and_open_ends_add_to_them(on, d):
    runs = {name: torch.tensor(values) for name, values in RECORD[on][d].items()}
    assert all(values.shape == (5,) for values in runs.values())
    assert (runs["noise"] > runs["closed"]).all()
    assert (runs["closed"] > runs["open"]).all()
    cost = 64 / (24 * runs["sigma"] ** 2)
    torch.testing.assert_close(runs["noise"] - runs["density"], cost, rtol=0, atol=0.02)  # both are rounded


@pytest.mark.parametrize("d", ["2", "8"])
def test_the_recorded_densities_are_chapter_6s_yardsticks_in_the_counts_unit(d):
    found = torch.tensor(RECORD["the counts"][d]["density"]).mean().item()
    last = torch.tensor(asset("yardsticks.json")["Gaussian"][d]["test"])[:, -1].mean().item()
    assert found == pytest.approx(last + 64 * math.log(16), abs=1)


@pytest.mark.parametrize("d", ["2", "8"])
def test_each_model_is_best_at_what_it_was_trained_on(d):
    mean = {on: torch.tensor(RECORD[on][d]["open"]).mean().item() for on in counts_runs.TRAINED_ON}
    assert mean["open bins"] < min(mean["the counts"], mean["counts with noise"]) - 10

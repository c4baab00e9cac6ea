"""The chain's functions give what all its paths give, the library's recursions, and a dense Gaussian, in float64."""

from itertools import product

import numpy as np
import pytest
import torch
from node import javascript

from vae_lib.data import nile
from vae_lib.exact.chains import Chain, log_partition, marginals
from vae_lib.exact.kalman import level_posterior
from vae_lib.exact.mean_field import cavi, gaussian_mean_field, mean_field_bound, product_of_marginals_gap

STATES, STEPS, SYMBOLS, COUNT = 3, 6, 5, 100
PATHS = np.array(list(product(range(STATES), repeat=STEPS)))


@pytest.fixture(scope="module")
def chains() -> list[tuple[dict, list[int]]]:
    """Random models with symbols for each."""
    rng = np.random.default_rng(0)
    stays = 1 / 3 + (0.98 - 1 / 3) * rng.random(COUNT)
    emissions = rng.dirichlet(np.ones(SYMBOLS), (COUNT, STATES))
    symbols = rng.integers(SYMBOLS, size=(COUNT, STEPS))
    pairs = zip(stays.tolist(), emissions.tolist(), strict=True)
    models = [{"stay": stay, "emission": emission} for stay, emission in pairs]
    return list(zip(models, symbols.tolist(), strict=True))


def transition(model: dict) -> np.ndarray:
    step = np.full((STATES, STATES), (1 - model["stay"]) / (STATES - 1))
    np.fill_diagonal(step, model["stay"])
    return step


def log_joint(model: dict, x: list[int]) -> np.ndarray:
    """log p(path, x) of all paths."""
    moves, emission = transition(model), np.array(model["emission"])
    heard = np.log(emission[PATHS, x]).sum(1)
    return heard + np.log(moves[PATHS[:, :-1], PATHS[:, 1:]]).sum(1) - np.log(STATES)


def library(chains: list[tuple[dict, list[int]]]) -> Chain:
    """All of them in one batch."""
    steps = torch.tensor(np.log([transition(model) for model, _ in chains]))
    heard = np.log([np.array(model["emission"])[:, x].T for model, x in chains])
    start = torch.full((STATES,), -np.log(STATES), dtype=torch.float64)
    return Chain(start, steps.expand(STEPS - 1, -1, -1, -1), torch.tensor(heard).transpose(0, 1))


def test_the_posterior_is_that_of_all_paths_and_of_the_library(chains):
    every = javascript("chain", "posterior", [list(one) for one in chains])
    for one, found in zip(chains, every, strict=True):
        joint = log_joint(*one)
        logp = np.logaddexp.reduce(joint)
        p = np.exp(joint - logp)
        single = np.stack([[p[PATHS[:, t] == k].sum() for k in range(STATES)] for t in range(STEPS)])
        assert found["logp"] == pytest.approx(logp, abs=1e-12)
        np.testing.assert_allclose(found["marginals"], single, atol=1e-12)
        steps = np.array(found["steps"])[np.arange(STEPS - 1), PATHS[:, :-1], PATHS[:, 1:]].prod(1)
        np.testing.assert_allclose(np.array(found["marginals"])[0, PATHS[:, 0]] * steps, p, atol=1e-12)
    batch = library(chains)
    np.testing.assert_allclose([found["logp"] for found in every], log_partition(batch), atol=1e-12)
    np.testing.assert_allclose(
        [found["marginals"] for found in every], marginals(batch).single.transpose(0, 1), atol=1e-12
    )


def test_expected_moves_are_those_of_all_paths(chains):
    exact = javascript("chain", "posterior", [list(one) for one in chains])
    found = javascript("chain", "moves", [[one] for one in exact])
    counts = (PATHS[:, 1:] != PATHS[:, :-1]).sum(1)
    joints = [log_joint(*one) for one in chains]
    expected = [np.exp(joint - np.logaddexp.reduce(joint)) @ counts for joint in joints]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_the_elbo_of_a_product_and_of_the_true_marginals(chains):
    rng = np.random.default_rng(1)
    every, batch = rng.dirichlet(np.ones(STATES), (COUNT, STEPS)), library(chains)
    found = javascript("chain", "elbo", [[q.tolist(), *one] for q, one in zip(every, chains, strict=True)])
    masses = [q[np.arange(STEPS), PATHS].prod(1) for q in every]
    by_hand = [mass @ (log_joint(*one) - np.log(mass)) for mass, one in zip(masses, chains, strict=True)]
    np.testing.assert_allclose(found, by_hand, atol=1e-11)
    np.testing.assert_allclose(found, mean_field_bound(batch, torch.from_numpy(every).transpose(0, 1)), atol=1e-11)
    exact = javascript("chain", "posterior", [list(one) for one in chains])
    own = javascript("chain", "elbo", [[each["marginals"], *one] for each, one in zip(exact, chains, strict=True)])
    gaps = [each["logp"] - value for each, value in zip(exact, own, strict=True)]
    np.testing.assert_allclose(gaps, product_of_marginals_gap(batch), atol=1e-10)


def test_cavi_ends_where_the_librarys_does_from_the_same_start(chains):
    starts = javascript("chain", "startOf", [[n, STEPS, STATES] for n in range(1, COUNT + 1)])
    found = javascript("chain", "cavi", [[start, *one] for start, one in zip(starts, chains, strict=True)])
    q, bounds = cavi(library(chains), torch.tensor(starts, dtype=torch.float64).transpose(0, 1), num_sweeps=500)
    np.testing.assert_allclose([one["elbo"] for one in found], bounds[-1], atol=1e-9)
    np.testing.assert_allclose([one["q"] for one in found], q.transpose(0, 1), atol=1e-5)


@pytest.mark.parametrize(("noise", "move"), [(122.87, 38.33), (122.87, 5.0), (10.0, 260.0)])
def test_the_level_is_that_of_a_dense_gaussian_and_of_the_library(noise, move):
    _, flows = nile()
    (found,) = javascript("chain/level", "smoothed", [[flows.tolist(), noise, move]])
    differences = np.diff(np.eye(len(flows)), axis=0)
    precision = np.eye(len(flows)) / noise**2 + differences.T @ differences / move**2
    covariance = np.linalg.inv(precision)
    np.testing.assert_allclose(found["mean"], covariance @ flows.numpy() / noise**2, rtol=1e-10)
    np.testing.assert_allclose(found["exact"], np.sqrt(np.diag(covariance)), rtol=1e-10)
    np.testing.assert_allclose(found["loose"], np.diag(precision) ** -0.5, rtol=1e-10)
    gap = 0.5 * (np.log(np.diag(precision)).sum() - np.linalg.slogdet(precision)[1])
    assert found["gap"] == pytest.approx(gap, abs=1e-9)
    variances = [torch.tensor(sd**2, dtype=torch.float64) for sd in (noise, move)]
    exact = level_posterior(flows, *variances)
    loose, library_gap = gaussian_mean_field(exact)
    np.testing.assert_allclose(found["exact"], exact.stddev, rtol=1e-10)
    np.testing.assert_allclose(found["loose"], loose.stddev, rtol=1e-10)
    assert found["gap"] == pytest.approx(library_gap.item(), abs=1e-9)

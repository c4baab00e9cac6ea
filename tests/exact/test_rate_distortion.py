"""Chapter 7: predictions without training, held to scikit-learn, to a numerical minimum, and to the definitions."""

import functools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.decomposition import PCA

from vae_lib.data import digits
from vae_lib.exact.rate_distortion import (
    learned_noise_var,
    linear_optimum,
    rate_of_distortion,
    reverse_water_filling,
)

LAMBDAS = torch.tensor([0.4, 5.0, 2.0, 1.3, 3.0], dtype=torch.float64)
spectra = st.lists(st.floats(0.01, 10), min_size=2, max_size=8).map(lambda values: torch.tensor(values).double())
betas = st.floats(0.2, 4)


@functools.cache
def digits_16():
    return digits()[0].double() / 16


@functools.cache
def of_digits():
    return torch.linalg.eigvalsh(torch.cov(digits_16().T, correction=0))


# ----- the curve


def test_a_direction_below_the_water_costs_nothing_and_is_lost_and_one_above_keeps_the_level():
    rate, distortion = reverse_water_filling(LAMBDAS, 1.3)
    assert distortion.tolist() == [0.4, 1.3, 1.3, 1.3, 1.3]
    assert rate.tolist() == pytest.approx(
        [0, 0.5 * math.log(5 / 1.3), 0.5 * math.log(2 / 1.3), 0, 0.5 * math.log(3 / 1.3)]
    )


@given(spectra, st.floats(0.02, 0.98))
def test_the_curve_runs_through_every_water_level(lambdas, share):
    rate, distortion = reverse_water_filling(lambdas, share * lambdas.max().item())
    torch.testing.assert_close(rate_of_distortion(lambdas, distortion.sum()), rate.sum(), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("wanted", [0.5, 1.9, 4.0, 9.0, 11.5])
def test_the_curve_is_the_least_rate_that_a_numerical_minimum_finds(wanted):
    """R(D) = min Σ ½ log(λᵢ/Dᵢ) over 0 < Dᵢ ≤ λᵢ with Σ Dᵢ = D."""
    lambdas = LAMBDAS.numpy()
    found = minimize(
        lambda parts: 0.5 * np.log(lambdas / parts).sum(),
        lambdas * wanted / lambdas.sum(),
        bounds=[(1e-6, value) for value in lambdas],
        constraints={"type": "eq", "fun": lambda parts: parts.sum() - wanted},
        options={"ftol": 1e-12, "maxiter": 500},
    )
    assert found.success
    assert rate_of_distortion(LAMBDAS, wanted).item() == pytest.approx(found.fun, abs=1e-6)


def test_the_curve_falls_is_convex_and_ends_at_the_sum_of_the_variances():
    rate = rate_of_distortion(LAMBDAS, torch.linspace(0.05, 13, 400, dtype=torch.float64))
    assert (rate.diff() <= 0).all()
    assert (rate.diff().diff() > -1e-12).all()
    assert rate_of_distortion(LAMBDAS, torch.tensor([[11.71, 20.0]])).tolist() == [[0, 0]]
    assert rate_of_distortion(LAMBDAS, 11.69) > 0


def test_a_direction_that_never_varies_takes_no_part():
    with_zeros = torch.cat([LAMBDAS, torch.tensor([0.0, -1e-17], dtype=torch.float64)])
    torch.testing.assert_close(rate_of_distortion(with_zeros, 2.0), rate_of_distortion(LAMBDAS, 2.0))


# ----- the optimum with a fixed σ_x²


@pytest.mark.parametrize("latent_dim", [2, 8, 16])
def test_at_the_noise_of_probabilistic_pca_the_best_elbo_is_scikit_learns_score(latent_dim):
    x = (digits_16() - digits_16().mean(0)).numpy()
    pca = PCA(latent_dim).fit(x * math.sqrt((len(x) - 1) / len(x)))  # scikit-learn divides by N − 1
    optimum = linear_optimum(of_digits(), latent_dim, pca.noise_variance_)
    assert optimum.used == latent_dim
    assert optimum.elbo == pytest.approx(pca.score(x), abs=1e-6)


def test_the_counts_of_the_digits_are_those_that_were_trained():
    counts = [linear_optimum(of_digits(), 16, noise_var).used for noise_var in (0.1, 0.2, 0.3, 0.5, 1.0)]
    assert counts == [12, 7, 4, 3, 0]
    assert linear_optimum(of_digits(), 4, 0.1).used == 4
    assert linear_optimum(of_digits(), 16, 0.4, beta=0.25).used == 12


@given(spectra, st.floats(0.01, 5), betas)
def test_with_a_latent_for_each_direction_above_water_the_optimum_lies_on_the_curve(lambdas, noise_var, beta):
    optimum = linear_optimum(lambdas, len(lambdas), noise_var, beta=beta)
    assert optimum.rate == pytest.approx(rate_of_distortion(lambdas, optimum.distortion).item(), abs=1e-9)


def test_with_too_few_latents_it_lies_above_the_curve():
    optimum = linear_optimum(of_digits(), 4, 0.1)
    assert optimum.rate - rate_of_distortion(of_digits(), optimum.distortion).item() == pytest.approx(0.338, abs=1e-3)


@given(spectra, st.floats(0.01, 5), betas)
def test_beta_times_the_elbo_with_the_noise_beta_times_larger_is_the_objective(lambdas, noise_var, beta):
    data_dim = len(lambdas)
    optimum, other = linear_optimum(lambdas, 2, noise_var, beta=beta), linear_optimum(lambdas, 2, beta * noise_var)
    normaliser = data_dim / 2 * (beta * math.log(2 * math.pi * beta * noise_var) - math.log(2 * math.pi * noise_var))
    assert optimum[:3] == pytest.approx(other[:3])
    assert optimum.objective == pytest.approx(beta * other.elbo + normaliser)
    assert optimum.elbo == pytest.approx(optimum.objective + (beta - 1) * optimum.rate)


def test_without_a_latent_above_water_the_elbo_is_that_of_noise_alone():
    optimum = linear_optimum(LAMBDAS, 3, 6.0)
    assert optimum.used == optimum.rate == 0
    assert optimum.elbo == pytest.approx(-2.5 * math.log(2 * math.pi * 6) - LAMBDAS.sum().item() / 12)


def test_a_direction_exactly_at_the_water_has_no_use_for_a_latent():
    assert linear_optimum(LAMBDAS, 5, 2.0).used == 2
    assert linear_optimum(LAMBDAS, 5, 1.0, beta=2).used == 2


def test_data_that_never_vary_need_no_nats():
    assert linear_optimum(torch.zeros(3), 2, 1.0)[:3] == (0, 0, 0)


# ----- with a learned σ_x


@given(spectra, st.integers(1, 8), betas)
def test_a_learned_noise_is_what_is_missed_of_each_value(lambdas, latent_dim, beta):
    noise_var = learned_noise_var(lambdas, latent_dim, beta=beta)
    if noise_var > 0:
        missed = linear_optimum(lambdas, latent_dim, noise_var, beta=beta).distortion
        assert noise_var == pytest.approx(missed / len(lambdas))


@given(spectra, st.integers(1, 8), betas)
def test_no_other_noise_has_a_better_objective(lambdas, latent_dim, beta):
    noise_var = learned_noise_var(lambdas, latent_dim, beta=beta)
    if noise_var > 0:
        best, *others = (
            linear_optimum(lambdas, latent_dim, factor * noise_var, beta=beta).objective
            for factor in (1, 0.01, 0.5, 0.99, 1.01, 2, 100)
        )
        assert best >= max(others)


def test_at_beta_1_it_is_the_mean_of_the_discarded_eigenvalues():
    assert learned_noise_var(LAMBDAS, 2) == pytest.approx((2.0 + 1.3 + 0.4) / 3)
    assert learned_noise_var(of_digits(), 16) == pytest.approx(of_digits()[:-16].mean().item())


@pytest.mark.parametrize(
    ("latent_dim", "beta", "trained"),
    [(16, 0.5, 0.01254), (16, 1, 0.01463), (16, 2, 0.02194), (16, 4, 0.04703), (4, 4, 0.05017)],
)
def test_the_noises_of_the_digits_are_those_that_were_trained(latent_dim, beta, trained):
    assert learned_noise_var(of_digits(), latent_dim, beta=beta) == pytest.approx(trained, abs=1e-5)


def test_where_nothing_is_discarded_the_noise_falls_to_0():
    assert learned_noise_var(of_digits(), 64) == 0  # three of its directions never vary
    assert learned_noise_var(LAMBDAS, 5, beta=0.9) == 0
    assert learned_noise_var(LAMBDAS, 5, beta=1.5) > 0.4


def test_with_a_latent_for_each_direction_every_noise_up_to_the_least_eigenvalue_is_as_good():
    largest = learned_noise_var(LAMBDAS, 5)
    assert largest == pytest.approx(0.4)
    elbos = [linear_optimum(LAMBDAS, 5, noise_var).elbo for noise_var in (0.01, 0.2, largest, 0.5)]
    assert elbos[:2] == pytest.approx([elbos[2]] * 2)
    assert elbos[3] < elbos[2]


# ----- what is refused


@pytest.mark.parametrize("eigenvalues", [torch.eye(3), torch.tensor([]), torch.tensor([1, 2])])
def test_eigenvalues_are_a_vector_of_real_numbers(eigenvalues):
    with pytest.raises(ValueError, match=r"expected floating-point eigenvalues \[data\], got shape"):
        linear_optimum(eigenvalues, 1, 1.0)


@pytest.mark.parametrize("wrong", [-0.1, math.nan])
def test_a_covariance_has_no_negative_eigenvalue(wrong):
    with pytest.raises(ValueError, match="expected eigenvalues of a covariance, at least 0, got"):
        reverse_water_filling(torch.tensor([1.0, wrong]), 1.0)


def test_what_rounding_leaves_below_0_grows_with_the_largest_eigenvalue_and_with_their_number():
    rounded = torch.tensor([1e8, -2e-8], dtype=torch.float64)
    assert reverse_water_filling(rounded, 1.0)[1].tolist() == [1, 0]
    with pytest.raises(ValueError, match="expected eigenvalues of a covariance"):
        reverse_water_filling(rounded / torch.tensor([1e8, 1]), 1.0)


@pytest.mark.parametrize("wrong", [0.0, -1.0, math.nan, math.inf])
def test_level_noise_beta_and_distortion_are_positive(wrong):
    with pytest.raises(ValueError, match="expected a positive, finite water level, got"):
        reverse_water_filling(LAMBDAS, wrong)
    with pytest.raises(ValueError, match="expected a positive, finite water level, got"):
        linear_optimum(LAMBDAS, 2, wrong)
    for function in (functools.partial(linear_optimum, noise_var=1.0), learned_noise_var):
        with pytest.raises(ValueError, match="expected a positive, finite beta, got"):
            function(LAMBDAS, latent_dim=2, beta=wrong)
    if not wrong > 0:
        with pytest.raises(ValueError, match="expected positive distortions, got"):
            rate_of_distortion(LAMBDAS, torch.tensor([1.0, wrong]))


def test_there_is_at_least_one_latent():
    for function in (functools.partial(linear_optimum, noise_var=1.0), learned_noise_var):
        with pytest.raises(ValueError, match="expected latent_dim to be a whole number of at least 1, got 0"):
            function(LAMBDAS, latent_dim=0)

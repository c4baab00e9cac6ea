"""Chapters 1, 4 and 6: every density against torch's own, at ordinary and at extreme values."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import betabinom, norm
from torch.distributions import Binomial, MultivariateNormal, Normal, kl_divergence

from vae_lib.distributions import (
    BetaBinomial,
    BinnedGaussian,
    bernoulli,
    beta_binomial,
    binned_gaussian,
    binomial,
    diagonal_gaussian,
    kl_to_standard_normal,
    log_mean_exp,
)

moderate = st.floats(-8, 8)


def double(*values):
    return torch.tensor(values, dtype=torch.float64)


def test_one_datum_is_one_event():
    mu = torch.zeros(5, 3)
    assert diagonal_gaussian(mu, mu + 1).log_prob(mu).shape == (5,)
    assert bernoulli(mu).log_prob(mu).shape == (5,)
    assert binomial(16, mu).log_prob(mu).shape == (5,)


def test_diagonal_gaussian_is_the_multivariate_normal_with_a_diagonal_covariance():
    mu, sigma, z = torch.randn(3, 4, 2, dtype=torch.float64)
    expected = MultivariateNormal(mu, torch.diag_embed(sigma.exp() ** 2)).log_prob(z)
    torch.testing.assert_close(diagonal_gaussian(mu, sigma.exp()).log_prob(z), expected, rtol=1e-12, atol=1e-12)


def test_bernoulli_scores_as_the_probabilities_of_its_pixels():
    logits, x = double(-1.0, 0.5, 2.0), double(0, 1, 1)
    p = torch.sigmoid(logits)
    expected = math.log((1 - p[0]) * p[1] * p[2])
    assert bernoulli(logits).log_prob(x).item() == pytest.approx(expected, rel=1e-12)


def test_binomial_sums_to_one_over_all_counts():
    counts = torch.arange(17.0, dtype=torch.float64)[:, None]
    for logit in (-3.0, 0.0, 2.5):
        assert binomial(16, double(logit)).log_prob(counts).exp().sum().item() == pytest.approx(1, rel=1e-12)


def test_binomial_is_torchs_per_pixel():
    logits, x = torch.randn(4, 6, dtype=torch.float64), torch.randint(0, 17, (4, 6)).double()
    expected = Binomial(16, logits=logits).log_prob(x).sum(-1)
    torch.testing.assert_close(binomial(16, logits).log_prob(x), expected, rtol=1e-13, atol=0)


@given(moderate, st.floats(-4, 6))
def test_beta_binomial_is_scipys(logit, log_concentration):
    s, m = math.exp(log_concentration), 1 / (1 + math.exp(-logit))
    counts = torch.arange(17, dtype=torch.float64)
    ours = BetaBinomial(16, double(logit), double(log_concentration))
    expected = betabinom(16, s * m, s * (1 - m))
    torch.testing.assert_close(
        ours.log_prob(counts), torch.from_numpy(expected.logpmf(range(17))), rtol=1e-9, atol=1e-9
    )
    assert ours.log_prob(counts).exp().sum().item() == pytest.approx(1, rel=1e-10)
    assert ours.mean.item() == pytest.approx(expected.mean(), rel=1e-10)
    assert ours.variance.item() == pytest.approx(expected.var(), rel=1e-10)


def test_beta_binomial_scores_one_event_a_row():
    logits, x = torch.randn(4, 6, dtype=torch.float64), torch.randint(0, 17, (4, 6)).double()
    px_z = beta_binomial(16, logits, double(0.7).squeeze())
    expected = BetaBinomial(16, logits, double(0.7)).log_prob(x).sum(-1)
    torch.testing.assert_close(px_z.log_prob(x), expected)
    assert px_z.log_prob(x[0]).shape == (4,)


def test_beta_binomial_becomes_binomial_as_the_concentration_grows():
    counts = torch.arange(17, dtype=torch.float64)[:, None]
    many = beta_binomial(16, double(-1.3), double(math.log(1e7))).log_prob(counts)
    torch.testing.assert_close(many, binomial(16, double(-1.3)).log_prob(counts), rtol=0, atol=1e-4)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("logit", [-2000.0, -100.0, 100.0, 2000.0])
def test_beta_binomial_and_its_gradient_are_finite_for_any_logit(logit, dtype):
    logits = torch.full((17,), logit, dtype=dtype, requires_grad=True)
    log_concentration = torch.zeros((), dtype=dtype, requires_grad=True)
    log_p = BetaBinomial(16, logits, log_concentration).log_prob(torch.arange(17, dtype=dtype))
    log_p.sum().backward()
    assert torch.isfinite(log_p).all()
    assert torch.isfinite(logits.grad).all()
    assert torch.isfinite(log_concentration.grad)
    likely, unlikely = (0, 16) if logit < 0 else (16, 0)
    assert log_p[likely].item() == pytest.approx(0, abs=1e-6)
    assert log_p[unlikely].item() == pytest.approx(-abs(logit), rel=0.1)  # α ≈ e^logit: one factor of it


def test_beta_binomial_draws_have_its_mean_and_variance():
    torch.manual_seed(0)
    distribution = beta_binomial(16, double(-1.0, 0.5), double(0.7).squeeze())
    draws = distribution.sample((100_000,))
    assert set(draws.unique().tolist()) == set(range(17))
    standard_error = (distribution.variance / len(draws)).sqrt()
    assert ((draws.mean(0) - distribution.mean).abs() < 4 * standard_error).all()
    torch.testing.assert_close(draws.var(0), distribution.variance, rtol=0.02, atol=0)


@given(st.floats(-30, 50), st.floats(-4, 4))
def test_binned_gaussian_is_scipys_difference_of_two_phis(mu, log_sigma):
    sigma, expected = math.exp(log_sigma), []
    for x in range(17):
        tail = norm.logcdf if x < mu else norm.logsf  # the one in which the bin lies
        less, more = sorted(tail([x - 0.5, x + 0.5], mu, sigma))
        expected.append(more + math.log(-math.expm1(less - more)))
    ours = BinnedGaussian(double(mu), double(sigma)).log_prob(torch.arange(17))
    torch.testing.assert_close(ours, double(*expected), rtol=1e-8, atol=1e-8)


@given(st.floats(-30, 50), st.floats(-4, 4))
def test_with_open_ends_a_binned_gaussian_sums_to_one_over_the_counts_and_with_closed_ones_it_loses_both_tails(
    mu, log_s
):
    sigma, x = math.exp(log_s), torch.arange(17)
    closed, open_ended = (BinnedGaussian(double(mu), double(sigma), n).log_prob(x).exp() for n in (None, 16))
    tails = double(norm.cdf(-0.5, mu, sigma), norm.sf(16.5, mu, sigma))
    assert open_ended.sum().item() == pytest.approx(1, rel=1e-9)
    assert closed.sum().item() == pytest.approx(1 - tails.sum().item(), abs=1e-9)
    torch.testing.assert_close(open_ended[[0, 16]], closed[[0, 16]] + tails, rtol=1e-7, atol=1e-12)
    torch.testing.assert_close(open_ended[1:16], closed[1:16], rtol=0, atol=0)


def test_binned_gaussian_scores_one_event_a_row():
    mu, x = 8 + 5 * torch.randn(4, 6, dtype=torch.float64), torch.randint(0, 17, (4, 6))
    for total_count in (None, 16):
        expected = BinnedGaussian(mu, double(2.0), total_count).log_prob(x).sum(-1)
        torch.testing.assert_close(binned_gaussian(mu, double(2.0), total_count).log_prob(x), expected)


@pytest.mark.parametrize("total_count", [None, 16])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("mu", [-3000.0, -60.0, 8.0, 3000.0])
@pytest.mark.parametrize("sigma", [0.3, 3.0, 1e4])
def test_binned_gaussian_and_its_gradient_are_finite_however_far_the_value_lies(mu, sigma, dtype, total_count):
    parameters = torch.full((17,), mu, dtype=dtype), torch.full((17,), sigma, dtype=dtype)
    log_p = BinnedGaussian(*(p.requires_grad_() for p in parameters), total_count).log_prob(torch.arange(17))
    log_p.sum().backward()
    assert log_p.isfinite().all()
    assert log_p.max() <= 0
    assert all(parameter.grad.isfinite().all() for parameter in parameters)


@pytest.mark.parametrize("total_count", [None, 16])
def test_binned_gaussians_gradient_is_that_of_finite_differences(total_count):
    x = torch.tensor([0.0, 3, 16], dtype=torch.float64)
    parameters = double(-1.0, 4.5, 12.0).requires_grad_(), double(1.3).requires_grad_()
    assert torch.autograd.gradcheck(lambda *both: BinnedGaussian(*both, total_count).log_prob(x), parameters)


@pytest.mark.parametrize("total_count", [None, 16])
def test_binned_gaussian_draws_what_it_scores(total_count):
    distribution = BinnedGaussian(double(1.2), double(2.5), total_count)
    draws, values = distribution.sample((100_000,)), torch.arange(-12, 16) if total_count is None else torch.arange(17)
    p = distribution.log_prob(values).exp()
    found = (draws == values).double().mean(0)
    assert ((found - p).abs() < 4 * (p * (1 - p) / len(draws)).sqrt() + 1e-4).all()


def test_binned_gaussian_takes_no_width_below_zero_and_no_nan():
    for mu, sigma in ((8.0, -2.0), (8.0, 0.0), (math.nan, 2.0)):
        with pytest.raises(ValueError, match=r"(?s)constraint (Real|GreaterThan)"):
            BinnedGaussian(double(mu), double(sigma))


@pytest.mark.parametrize(("total_count", "value"), [(None, 0.5), (16, 17.0), (16, -1.0), (16, 2.5)])
def test_binned_gaussian_takes_whole_numbers_within_its_ends_alone(total_count, value):
    with pytest.raises(ValueError, match="support"):
        BinnedGaussian(double(8.0), double(2.0), total_count).log_prob(double(value))


def test_beta_binomials_gradient_is_that_of_finite_differences():
    x = torch.tensor([0.0, 3, 16], dtype=torch.float64)
    parameters = double(-1.0, 0.5, 2.0).requires_grad_(), double(0.3).squeeze().requires_grad_()
    assert torch.autograd.gradcheck(lambda *both: beta_binomial(16, *both).log_prob(x), parameters)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("logit", "count"), [(-2000.0, 0), (-200.0, 0), (200.0, 16), (2000.0, 16)])
def test_beta_binomial_draws_also_where_a_parameter_of_the_beta_is_0_in_floating_point(logit, count, dtype):
    draws = BetaBinomial(16, torch.tensor(logit, dtype=dtype), torch.zeros((), dtype=dtype)).sample((9,))
    assert draws.eq(count).all()


@pytest.mark.parametrize("bad", [-1.0, 17.0, 2.5])
def test_beta_binomial_refuses_what_is_no_count(bad):
    with pytest.raises(ValueError, match=rf"whole numbers from 0 to 16, got {bad:g} \(1 of 1 values\)"):
        beta_binomial(16, double(0.0), double(0.0)).log_prob(double(bad))


@given(moderate, moderate)
def test_kl_equals_torchs(mu, log_var):
    expected = kl_divergence(Normal(double(mu), double(log_var / 2).exp()), Normal(double(0.0), double(1.0)))
    torch.testing.assert_close(kl_to_standard_normal(double(mu), double(log_var)), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("mu", "log_var", "expected"),
    [(0, 0, 0), (2, 0, 2), (0, 2, (math.e**2 - 3) / 2), (0, -2, (math.e**-2 + 1) / 2), (1, -2, (math.e**-2 + 2) / 2)],
)
def test_kl_has_its_closed_form_at_landmarks(mu, log_var, expected):
    assert kl_to_standard_normal(double(mu), double(log_var)).item() == pytest.approx(expected, rel=1e-14)


def test_kl_is_one_value_per_latent_dimension():
    assert kl_to_standard_normal(torch.zeros(5, 3), torch.zeros(5, 3)).shape == (5, 3)


@given(moderate, moderate)
def test_kl_is_never_negative(mu, log_var):
    assert kl_to_standard_normal(torch.tensor(mu), torch.tensor(log_var)) >= 0


def test_kl_keeps_its_digits_where_sigma_is_close_to_one():
    t = 1e-4  # (e^t − 1 − t) / 2 = t²/4 + t³/12 + …, which 1e-4 in float64 resolves only through expm1
    expected = t**2 / 4 + t**3 / 12 + t**4 / 48
    assert kl_to_standard_normal(double(0.0), double(t)).item() == pytest.approx(expected, rel=1e-7)


def test_kl_passes_gradcheck():
    mu, log_var = torch.randn(2, 3, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(kl_to_standard_normal, (mu, log_var))


@pytest.mark.parametrize(
    ("log_prob", "num_parameters"),
    [
        (lambda mu, log_sigma: diagonal_gaussian(mu, log_sigma.exp()).log_prob(double(0.3, -1.2)), 2),
        (lambda logits: bernoulli(logits).log_prob(double(0, 1)), 1),
        (lambda logits: binomial(16, logits).log_prob(double(3, 16)), 1),
        (lambda log_w: log_mean_exp(log_w, dim=0), 1),
    ],
    ids=["diagonal_gaussian", "bernoulli", "binomial", "log_mean_exp"],
)
def test_densities_and_log_mean_exp_pass_gradcheck(log_prob, num_parameters):
    inputs = torch.randn(num_parameters, 2, dtype=torch.float64).unbind()
    assert torch.autograd.gradcheck(log_prob, [value.requires_grad_() for value in inputs])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("log_var", [-40.0, 40.0])
def test_kl_and_its_gradient_are_finite_at_extreme_log_var(log_var, dtype):
    log_var = torch.tensor([log_var], dtype=dtype, requires_grad=True)
    kl = kl_to_standard_normal(torch.zeros(1, dtype=dtype), log_var)
    kl.backward()
    assert kl.isfinite().all()
    assert log_var.grad.isfinite().all()


@given(st.lists(moderate, min_size=1, max_size=4))
def test_bernoulli_sums_to_one_over_all_images(logits):
    images = torch.cartesian_prod(*[double(0, 1)] * len(logits)).reshape(-1, len(logits))
    assert bernoulli(double(*logits)).log_prob(images).exp().sum().item() == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("logit", [-200.0, 200.0])
@pytest.mark.parametrize("x", [0.0, 1.0])
def test_bernoulli_and_its_gradient_are_finite_and_exact_at_extreme_logits(logit, x):
    logits = torch.tensor([logit], requires_grad=True)
    log_prob = bernoulli(logits).log_prob(torch.tensor([x]))
    log_prob.backward()
    assert log_prob.item() == pytest.approx(min(0.0, logit * (2 * x - 1)), abs=1e-30)
    assert logits.grad.item() == pytest.approx(x - (logit > 0))


@pytest.mark.parametrize("logit", [-200.0, 200.0])
@pytest.mark.parametrize("count", [0.0, 5.0, 16.0])
def test_binomial_and_its_gradient_are_finite_at_extreme_logits(logit, count):
    logits = torch.tensor([logit], requires_grad=True)
    log_prob = binomial(16, logits).log_prob(torch.tensor([count]))
    log_prob.backward()
    assert log_prob.isfinite()
    assert logits.grad.item() == pytest.approx(count - 16 * (logit > 0))


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=20), st.floats(-1e4, 1e4))
def test_log_mean_exp_is_the_log_of_the_mean_at_any_height(values, shift):
    log_w = torch.tensor(values, dtype=torch.float64)
    expected = log_w.exp().mean().log() + shift
    torch.testing.assert_close(log_mean_exp(log_w + shift, dim=0), expected, rtol=1e-9, atol=1e-9)


def test_log_mean_exp_removes_the_axis_it_averages():
    log_w = torch.randn(7, 3)
    assert log_mean_exp(log_w, dim=0).shape == (3,)
    assert log_mean_exp(log_w, dim=-1).shape == (7,)


def test_log_mean_exp_of_weights_that_are_all_zero_is_minus_infinity():
    assert log_mean_exp(torch.full((4,), -torch.inf), dim=0) == -torch.inf


def test_log_mean_exp_of_nothing_is_refused():
    with pytest.raises(ValueError, match=r"expected at least one value along dim 0, got shape \(0, 3\)"):
        log_mean_exp(torch.empty(0, 3), dim=0)


def test_grey_pixels_are_no_bernoulli_data():
    with pytest.raises(ValueError, match=r"expected pixels that are 0 or 1, got 0\.5 \(1 of 3 values\): .*chapter 5"):
        bernoulli(torch.zeros(3)).log_prob(torch.tensor([0.0, 0.5, 1.0]))


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64, torch.float64])
def test_counts_of_any_dtype_score_alike_the_largest_of_a_byte_included(dtype):
    counts, logits = torch.tensor([0, 1, 254, 255]), torch.tensor([-1.0, 0.5, 2.0, 3.0])
    n, p = 255, logits.sigmoid()
    by_hand = (
        sum(math.log(math.comb(n, k)) for k in counts.tolist())
        + (counts * p.log() + (n - counts) * (1 - p).log()).sum()
    )
    assert binomial(n, logits).log_prob(counts.to(dtype)).item() == pytest.approx(by_hand.item(), rel=1e-5)
    alpha, beta = 2 * p, 2 * (1 - p)  # a concentration of 2
    spread = betabinom.logpmf(counts, n, alpha, beta).sum()
    log_p = beta_binomial(n, logits, torch.tensor(math.log(2))).log_prob(counts.to(dtype))
    assert log_p.item() == pytest.approx(spread, rel=1e-5)


@pytest.mark.parametrize("dtype", [torch.bool, torch.uint8, torch.int64, torch.float64])
def test_black_and_white_pixels_of_any_dtype_score_alike(dtype):
    pixels, logits = torch.tensor([0, 1, 1]), torch.tensor([-1.0, 0.5, 2.0])
    by_hand = math.log(1 - logits[0].sigmoid()) + math.log(logits[1].sigmoid()) + math.log(logits[2].sigmoid())
    assert bernoulli(logits).log_prob(pixels.to(dtype)).item() == pytest.approx(by_hand, rel=1e-6)


def test_seventeen_is_no_count_of_sixteen():
    with pytest.raises(ValueError, match=r"expected counts, whole numbers from 0 to 16, got 17 \(1 of 1 values\)"):
        binomial(16, torch.zeros(1)).log_prob(torch.tensor([17.0]))


def test_many_draws_of_z_are_checked_against_the_same_counts():
    likelihood = binomial(16, torch.zeros(5, 3, 4))  # [samples, batch, data]
    assert likelihood.log_prob(torch.full((3, 4), 16.0)).shape == (5, 3)
    with pytest.raises(ValueError, match="whole numbers from 0 to 16, got 17 "):
        likelihood.log_prob(torch.full((3, 4), 17.0))


@pytest.mark.parametrize(("mu", "sigma"), [(0.0, 0.0), (0.0, -1.0), (0.0, math.nan), (math.nan, 1.0)])
def test_a_gaussian_needs_a_real_mean_and_a_positive_standard_deviation(mu, sigma):
    with pytest.raises(ValueError, match=r"to satisfy the constraint.*found invalid values"):
        diagonal_gaussian(torch.tensor([mu]), torch.tensor([sigma]))

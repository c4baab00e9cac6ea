"""Chapter 3: both estimators against closed forms, finite differences and Gauss–Hermite quadrature.

The estimators take the noise as an argument, so the nodes of a quadrature rule are noise too: weighted by that rule,
the estimates give their exact mean and variance, without any draw.
"""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from vae_lib.gradients import pathwise_gradient, score_function_gradient

MU, SIGMA = 0.5, 1.0
NODES, WEIGHTS = (torch.from_numpy(values) for values in np.polynomial.hermite_e.hermegauss(180))
WEIGHTS = WEIGHTS / WEIGHTS.sum()


def square(z):
    return z.square()


def wavy(z):
    return z + torch.sin(10 * z)


def step(z):
    return (z > 0).to(z.dtype)


def with_baseline(baseline):
    def estimator(f, mu, sigma, eps):
        return score_function_gradient(f, mu, sigma, eps, baseline=baseline)

    return estimator


# E[f′(z)] and the variance of one draw's d_mu at mu = ½, sigma = 1. With ε = z − ½, pathwise: 2z varies by 4 Var z;
# score function: E[z⁴ε²] − 1 = 15 + 4.5 + 0.0625 − 1; with the baseline E f = 1.25, E[(ε² + ε − 1)² ε²] − 1 = 13 − 1;
# 100 more in f adds 200 E[z²ε²] + 100² = 650 + 10 000. Terms of the order exp(−50) of the sines are left out.
D_MU = {
    "z², pathwise": (square, pathwise_gradient, 1, 4),
    "z², score function": (square, score_function_gradient, 1, 18.5625),
    "z², score function with baseline": (square, with_baseline(1.25), 1, 12),
    "z² + 100, pathwise": (lambda z: z.square() + 100, pathwise_gradient, 1, 4),
    "z² + 100, score function": (lambda z: z.square() + 100, score_function_gradient, 1, 10668.5625),
    "z² + 100, score function with baseline": (lambda z: z.square() + 100, with_baseline(101.25), 1, 12),
    "sin 10z, pathwise": (lambda z: torch.sin(10 * z), pathwise_gradient, 0, 50),
    "sin 10z, score function": (lambda z: torch.sin(10 * z), score_function_gradient, 0, 0.5),
    "z + sin 10z, pathwise": (wavy, pathwise_gradient, 1, 50),
    "z + sin 10z, score function": (wavy, score_function_gradient, 1, 2.75),
    "z + sin 10z, score function with baseline": (wavy, with_baseline(0.5), 1, 2.5),
}


@pytest.mark.parametrize("case", D_MU)
def test_mean_and_variance_of_d_mu_are_the_closed_forms(case):
    f, estimator, mean, variance = D_MU[case]
    d_mu, _ = estimator(f, MU, SIGMA, NODES)
    quadrature_mean = WEIGHTS @ d_mu
    assert quadrature_mean.item() == pytest.approx(mean, abs=1e-10)
    assert (WEIGHTS @ (d_mu - quadrature_mean).square()).item() == pytest.approx(variance, rel=1e-9)


@pytest.mark.parametrize("case", D_MU)
def test_draws_agree_with_the_closed_forms_within_four_standard_errors(case):
    f, estimator, mean, variance = D_MU[case]
    d_mu, _ = estimator(f, MU, SIGMA, torch.randn(200_000, dtype=torch.float64))
    assert abs(d_mu.mean().item() - mean) < 4 * math.sqrt(variance / len(d_mu))
    deviation = (d_mu - mean).square()
    assert abs(deviation.mean().item() - variance) < 4 * deviation.std().item() / math.sqrt(len(d_mu))


# E f = mu² + sigma², so d_sigma is 2 sigma; f′(z) ε = 2 mu ε + 2 sigma ε² varies by 4 mu² + 8 sigma². The second moment
# of the score function's (mu + sigma ε)² (ε² − 1) / sigma follows from E[ε², ε⁴, ε⁶, ε⁸] = 1, 3, 15, 105.
@pytest.mark.parametrize(("mu", "sigma"), [(0.5, 1.0), (-1.25, 0.5), (0.0, 2.0)])
def test_d_sigma_of_a_square(mu, sigma):
    exact, pathwise_variance = 2 * sigma, 4 * mu**2 + 8 * sigma**2
    _, pathwise = pathwise_gradient(square, mu, sigma, NODES)
    assert (WEIGHTS @ pathwise).item() == pytest.approx(exact, rel=1e-12)
    assert (WEIGHTS @ (pathwise - exact).square()).item() == pytest.approx(pathwise_variance, rel=1e-12)
    # E[(mu + sigma ε)⁴ (ε² − 1)²] with E[(ε² − 1)² (1, ε², ε⁴)] = (2, 10, 78)
    second_moment = (2 * mu**4 + 6 * 10 * mu**2 * sigma**2 + 78 * sigma**4) / sigma**2
    _, score = score_function_gradient(square, mu, sigma, NODES)
    assert (WEIGHTS @ score).item() == pytest.approx(exact, rel=1e-12)
    assert (WEIGHTS @ (score - exact).square()).item() == pytest.approx(second_moment - exact**2, rel=1e-12)


# E f in closed form, so that its derivatives come from neither estimator: exp has E f = exp(mu + sigma²/2), cos has
# E f = cos(mu) exp(−sigma²/2).
@pytest.mark.parametrize(("mu", "sigma"), [(0.3, 0.7), (-1.0, 0.25)])
@pytest.mark.parametrize("estimator", [pathwise_gradient, score_function_gradient, with_baseline(0.4)])
def test_both_are_unbiased_for_mu_and_sigma(estimator, mu, sigma):
    damped = math.exp(-(sigma**2) / 2)
    exact = {
        torch.exp: (math.exp(mu) / damped, sigma * math.exp(mu) / damped),
        torch.cos: (-math.sin(mu) * damped, -sigma * math.cos(mu) * damped),
    }
    for f, gradient in exact.items():
        estimates = estimator(f, mu, sigma, NODES)
        assert [(WEIGHTS @ d).item() for d in estimates] == pytest.approx(gradient, rel=1e-10)


@pytest.mark.parametrize("estimator", [pathwise_gradient, score_function_gradient, with_baseline(-0.7)])
@given(st.floats(-3, 3), st.floats(0.1, 3), st.lists(st.floats(-2, 2), min_size=4, max_size=4))
def test_both_are_unbiased_for_any_cubic(estimator, mu, sigma, coefficients):
    """E[a + b z + c z² + d z³] = a + b mu + c (mu² + sigma²) + d (mu³ + 3 mu sigma²), differentiated by hand."""
    a, b, c, d = coefficients
    d_mu, d_sigma = estimator(lambda z: a + z * (b + z * (c + z * d)), mu, sigma, NODES)
    assert (WEIGHTS @ d_mu).item() == pytest.approx(b + 2 * c * mu + 3 * d * (mu**2 + sigma**2), abs=1e-9)
    assert (WEIGHTS @ d_sigma).item() == pytest.approx(2 * c * sigma + 6 * d * mu * sigma, abs=1e-9)


@pytest.mark.parametrize("f", [torch.tanh, torch.relu, wavy, lambda z: 1 / (1 + z.square())])
def test_pathwise_is_the_derivative_of_f_at_each_draw(f):
    eps, h = torch.randn(50, dtype=torch.float64), 1e-6
    d_mu, d_sigma = pathwise_gradient(f, 0.4, 0.8, eps)
    z = 0.4 + 0.8 * eps
    derivative = (f(z + h) - f(z - h)) / (2 * h)
    torch.testing.assert_close(d_mu, derivative, rtol=1e-7, atol=1e-7)
    torch.testing.assert_close(d_sigma, derivative * eps, rtol=1e-7, atol=1e-7)


def test_score_function_is_f_times_the_derivative_of_the_log_density():
    eps = torch.randn(50, dtype=torch.float64)
    mu, sigma = (torch.full_like(eps, value).requires_grad_() for value in (0.4, 0.8))
    z = (mu + sigma * eps).detach()
    score = torch.autograd.grad(torch.distributions.Normal(mu, sigma).log_prob(z).sum(), (mu, sigma))
    for ours, d in zip(score_function_gradient(wavy, 0.4, 0.8, eps, baseline=2.0), score, strict=True):
        torch.testing.assert_close(ours, (wavy(z) - 2.0) * d, rtol=1e-12, atol=1e-12)


def test_a_step_has_pathwise_gradient_zero_and_only_the_score_function_sees_it():
    density = math.exp(-(MU**2) / 2) / math.sqrt(2 * math.pi)  # d/dmu P(z > 0) at sigma = 1
    eps = torch.randn(100_000, dtype=torch.float64)
    for f in (step, lambda z: z > 0, lambda z: step(z) + 0 * z, lambda z: torch.ones_like(z)):
        for d in pathwise_gradient(f, MU, SIGMA, eps):
            assert d.shape == eps.shape
            assert d.eq(0).all()
    d_mu, d_sigma = score_function_gradient(step, MU, SIGMA, eps, baseline=0.7)
    for d, exact in ((d_mu, density), (d_sigma, -MU * density)):
        assert abs(d.mean() - exact) < 4 * d.std() / math.sqrt(len(eps))


@pytest.mark.parametrize("counted", [lambda z: z > 0, lambda z: (z > 0).long(), lambda z: (z > 0).float()])
def test_an_f_that_answers_in_another_dtype_loses_no_digits(counted):
    eps = torch.randn(50, dtype=torch.float64)
    ours, expected = (score_function_gradient(f, MU, SIGMA, eps, baseline=0.7) for f in (counted, step))
    assert all(torch.equal(*both) for both in zip(ours, expected, strict=True))


@pytest.mark.parametrize("estimator", [pathwise_gradient, score_function_gradient])
@pytest.mark.parametrize("shape", [(), (7,), (3, 5), (0,)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_estimates_have_the_shape_and_dtype_of_the_noise(estimator, shape, dtype):
    eps = torch.randn(shape, dtype=dtype)
    for f in (torch.tanh, lambda z: z.double().tanh(), lambda z: z.round().long()):
        for d in estimator(f, torch.tensor(0.5), torch.tensor(2.0), eps):
            assert (d.shape, d.dtype, d.requires_grad) == (eps.shape, dtype, False)


@pytest.mark.parametrize("estimator", [pathwise_gradient, score_function_gradient])
def test_numbers_and_tensors_give_the_same_also_where_gradients_are_off(estimator):
    eps = torch.randn(5, dtype=torch.float64)
    expected = estimator(wavy, 0.5, 2.0, eps)
    with torch.no_grad():
        mu, sigma = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (0.5, 2.0))
        for ours, d in zip(estimator(wavy, mu, sigma, eps), expected, strict=True):
            assert torch.equal(ours, d)


@pytest.mark.parametrize("estimator", [pathwise_gradient, score_function_gradient])
@pytest.mark.parametrize(
    ("mu", "sigma", "eps", "message"),
    [
        (0.5, 0.0, [1.0], "expected a positive, finite sigma, got 0.0"),
        (0.5, -1.0, [1.0], "expected a positive, finite sigma, got -1.0"),
        (0.5, math.nan, [1.0], "expected a positive, finite sigma, got nan"),
        (0.5, math.inf, [1.0], "expected a positive, finite sigma, got inf"),
        (math.nan, 1.0, [1.0], "expected a finite mu, got nan"),
        (0.5, 1.0, [1.0, 2.0, math.nan], "expected finite draws in eps, got NaN or infinity in 1 of 3"),
        (0.5, 1.0, [1, 2], "expected eps as a floating-point tensor, got torch.LongTensor"),
    ],
)
def test_bad_arguments_are_named(estimator, mu, sigma, eps, message):
    with pytest.raises(ValueError, match=message):
        estimator(square, mu, sigma, torch.tensor(eps))


@pytest.mark.parametrize("eps", [[0.5], np.array([0.5])])
def test_draws_that_are_no_tensor_are_refused(eps):
    with pytest.raises(ValueError, match=r"expected eps as a floating-point tensor, got (list|.*ndarray)"):
        pathwise_gradient(square, 0.5, 1.0, eps)


def test_a_baseline_may_be_one_number_a_draw():
    eps, b = torch.tensor([0.5, -1.0, 2.0]), [1.0, 0.0, -3.0]
    together = torch.stack(score_function_gradient(square, 0.5, 1.0, eps, baseline=torch.tensor(b)))
    apart = [torch.stack(score_function_gradient(square, 0.5, 1.0, eps[[i]], baseline=b[i])) for i in range(3)]
    assert torch.equal(together, torch.cat(apart, dim=1))


@pytest.mark.parametrize("estimator", [pathwise_gradient, score_function_gradient])
@pytest.mark.parametrize(("f", "shape"), [(torch.sum, r"\(\)"), (torch.diag, r"\(5, 5\)")])
def test_a_function_that_does_not_act_on_each_element_is_refused(estimator, f, shape):
    with pytest.raises(ValueError, match=rf"expected f to act on each element and keep the shape \(5,\), got {shape}"):
        estimator(f, 0.5, 1.0, torch.randn(5))

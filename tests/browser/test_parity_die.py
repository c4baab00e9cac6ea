"""The die's functions give what vae_lib.estimators and vae_lib.exact.enumeration give, in float64, on random inputs."""

from functools import partial
from itertools import permutations

import numpy as np
import pytest
import torch
from node import javascript
from torch.distributions import RelaxedOneHotCategorical

from vae_lib.discrete import BernoulliLatents, CategoricalLatents
from vae_lib.estimators import gradient_estimates, leave_one_out, relaxed, score_function, straight_through
from vae_lib.exact.enumeration import (
    Moments,
    exact_gradient,
    leave_one_out_moments,
    relaxed_moments,
    score_function_moments,
)
from vae_lib.figures.die.figure import COIN, DECODER, log_likelihood

COUNT, CALLS = 100, 5
TAUS = [0.05, 0.3, 1.0, 5.0]
LOGITS = [-3.0, 0.0, 1.2, 4.0]  # of the coin
RELAXED = {"gumbel": relaxed, "straight": straight_through}
f = partial(log_likelihood, decoder=DECODER)


def loss(z: torch.Tensor) -> torch.Tensor:
    """The coin's loss of a z, `[..., 1]`, the share of heads."""
    return -log_likelihood(torch.cat([1 - z, z], -1), COIN)


@pytest.fixture(scope="module")
def rows() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Random q, `[COUNT, 3]`, noise, `[COUNT, CALLS, 3]`, and temperatures."""
    torch.manual_seed(0)
    q = 0.05 + 0.85 * torch.distributions.Dirichlet(torch.ones(3, dtype=torch.float64)).sample((COUNT,))
    noise = CategoricalLatents(torch.zeros(1, 3, dtype=torch.float64)).noise((COUNT, CALLS))
    return q, noise, 0.05 * 100 ** torch.rand(COUNT, dtype=torch.float64)


def die(q: torch.Tensor) -> CategoricalLatents:
    return CategoricalLatents(q.log()[None])


def test_f_and_its_slope_at_soft_throws(rows):
    z = rows[0].clone().requires_grad_()
    values = f(z)
    (slopes,) = torch.autograd.grad(values.sum(), z)
    arguments = [[one, DECODER] for one in z.tolist()]
    np.testing.assert_allclose(javascript("die", "value", arguments), values.detach(), rtol=1e-12)
    np.testing.assert_allclose(javascript("die", "slope", arguments), slopes, rtol=1e-10, atol=1e-12)


def by_the_library(way, q: torch.Tensor, noise: torch.Tensor) -> np.ndarray:
    """One estimate for each q, from its noise `[samples, 3]`."""
    found = [gradient_estimates(f, die(one), each[:, None], way=way) for one, each in zip(q, noise, strict=True)]
    return torch.cat(found).flatten(1).numpy()


@pytest.mark.parametrize("name", RELAXED)
def test_a_single_relaxed_estimate(rows, name):
    q, noise, taus = rows
    function = {"gumbel": "gumbelSoftmax", "straight": "straightThrough"}[name]
    inputs = zip(q.tolist(), noise[:, 0].tolist(), taus.tolist(), strict=True)
    found = javascript("die", function, [[*each, DECODER] for each in inputs])
    parts = zip(q, noise, taus.tolist(), strict=True)
    expected = [by_the_library(partial(RELAXED[name], temperature=tau), a[None], b[None, :1]) for a, b, tau in parts]
    np.testing.assert_allclose(found, np.concatenate(expected), rtol=1e-9, atol=1e-12)


def test_a_single_estimate_of_the_score_function_and_of_leave_one_out(rows):
    q, noise, _ = rows
    heights = f(torch.eye(3, dtype=torch.float64)).tolist()
    inputs = zip(q.tolist(), noise[:, 0].tolist(), strict=True)
    found = javascript("die", "scoreFunction", [[*each, heights] for each in inputs])
    np.testing.assert_allclose(found, by_the_library(score_function, q, noise[:, :1]), rtol=1e-9, atol=1e-12)
    counts = javascript("die", "countsOf", [list(each) for each in zip(q.tolist(), noise.tolist(), strict=True)])
    found = javascript("die", "leaveOneOut", [[each, heights] for each in counts])
    np.testing.assert_allclose(found, by_the_library(leave_one_out, q, noise), rtol=1e-9, atol=1e-12)


def test_the_gradient_and_the_variances_by_enumeration(rows):
    heights = f(torch.eye(3, dtype=torch.float64)).tolist()
    arguments = [[q, heights] for q in rows[0].tolist()]
    dice = [die(q) for q in rows[0]]
    expected = np.stack([exact_gradient(f, one).flatten().numpy() for one in dice])
    np.testing.assert_allclose(javascript("die", "gradient", arguments), expected, rtol=1e-10, atol=1e-12)
    variances = [score_function_moments(f, one).variance.sum() for one in dice]
    np.testing.assert_allclose(javascript("die", "scoreVariance", arguments), variances, rtol=1e-10)
    a_call = [CALLS * leave_one_out_moments(f, one, CALLS).variance.sum() for one in dice]
    np.testing.assert_allclose(javascript("die", "leaveOneOutVariance", arguments), a_call, rtol=1e-10)


def panels(tau: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Gauss–Legendre's nodes and weights on the half line, in panels that double from τ/4 to a width of 2."""
    edges = [0.0, tau / 4]
    while edges[-1] < 45:
        edges.append(min(2 * edges[-1], edges[-1] + 2))
    nodes, weights = np.polynomial.legendre.leggauss(8)
    half = np.diff(edges)[:, None] / 2
    return torch.from_numpy((np.array(edges[:-1])[:, None] + half * (1 + nodes)).ravel()), torch.from_numpy(
        (half * weights).ravel()
    )


def by_quadrature(q: torch.Tensor, tau: float, way) -> Moments:
    """Mean and variance of a relaxed estimator: over the two gaps of the scores log q + g, in each order.

    The density of the scores' differences is torch's of their softmax w, times w₁w₂w₃.
    """
    gaps, weights = panels(tau)
    first, second = (part.ravel() for part in torch.meshgrid(gaps, gaps, indexing="ij"))
    mass = torch.outer(weights, weights).ravel()
    total = square = norm = 0
    for order in permutations(range(3)):
        scores = torch.empty(len(mass), 3, dtype=torch.float64)
        scores[:, list(order)] = torch.stack([torch.zeros_like(first), -first, -first - second], 1)
        w = scores.softmax(1)
        law = RelaxedOneHotCategorical(torch.tensor(1.0, dtype=torch.float64), logits=q.log(), validate_args=False)
        p = mass * (law.log_prob(w) + w.log().sum(1)).exp()
        estimates = gradient_estimates(f, die(q), (scores - q.log())[None], way=partial(way, temperature=tau))[:, 0]
        norm, total, square = norm + p.sum(), total + p @ estimates, square + p @ estimates.square()
    assert norm.item() == pytest.approx(1, abs=1e-8)
    return Moments(total, square - total.square())


@pytest.mark.parametrize("name", RELAXED)
@pytest.mark.parametrize("tau", TAUS)
def test_the_moments_of_the_relaxed_estimators(name, tau):
    each = [[0.2, 0.6, 0.2], [0.9, 0.05, 0.05]]
    found = javascript("die/quadrature", "relaxedMoments", [[q, tau, DECODER] for q in each])
    for q, one in zip(each, found, strict=True):
        expected = by_quadrature(torch.tensor(q, dtype=torch.float64), tau, RELAXED[name])
        np.testing.assert_allclose(one[name]["mean"], expected.mean, rtol=2e-5, atol=2e-6)
        assert one[name]["variance"] == pytest.approx(expected.variance.sum().item(), rel=1e-4)


def coin_of(logit: float) -> BernoulliLatents:
    return BernoulliLatents(torch.tensor([logit], dtype=torch.float64))


def test_the_slopes_of_the_coins_throws_and_of_the_mean_loss():
    noise = torch.logit((torch.arange(8, dtype=torch.float64) + 0.5) / 8)
    settings = [(logit, tau) for logit in LOGITS for tau in TAUS]
    arguments = [[logit, e, tau, COIN] for logit, tau in settings for e in noise.tolist()]
    ways = [(coin_of(logit), partial(relaxed, temperature=tau)) for logit, tau in settings]
    slopes = torch.cat([gradient_estimates(loss, coin, noise[None, :, None], way=way) for coin, way in ways]).flatten()
    np.testing.assert_allclose(javascript("die/coin", "throwSlope", arguments), slopes, rtol=1e-9, atol=1e-12)
    exact = [exact_gradient(loss, coin_of(logit)).item() for logit in LOGITS]
    found = javascript("die/coin", "meanSlope", [[logit, COIN] for logit in LOGITS])
    np.testing.assert_allclose(found, exact, rtol=1e-10)


def test_the_moments_of_the_coins_soft_slopes():
    arguments = [[logit, tau, COIN] for logit in LOGITS for tau in TAUS]
    for (logit, tau, _), found in zip(arguments, javascript("die/coin", "softSlope", arguments), strict=True):
        mean, variance = relaxed_moments(loss, coin_of(logit), temperature=tau)
        assert found["mean"] == pytest.approx(mean.item(), rel=1e-6, abs=1e-7)
        assert found["deviation"] == pytest.approx(variance.sqrt().item(), rel=1e-6)

"""Chapter 9: filter and smoother held to the dense Gaussian of all states and all data; the Nile's level."""

import math

import pytest
import torch
from torch.distributions import MultivariateNormal

from vae_lib.chains import TridiagonalNormal
from vae_lib.data import nile
from vae_lib.exact.kalman import (
    LinearGaussianChain,
    kalman_filter,
    level_log_p,
    level_mean_field_elbo,
    level_posterior,
    local_level,
    maximise,
    smoother,
)
from vae_lib.exact.mean_field import gaussian_mean_field

DOUBLE = torch.float64
YEARS, X = nile()
NOISE, LEVEL = 15_098.5, 1_469.2


def random_chain(d=2, m=3, seed=0):
    torch.manual_seed(seed)

    def cov(n):
        factor = torch.randn(n, n + 1, dtype=DOUBLE)
        return factor @ factor.T / n

    step, emission = torch.randn(d, d, dtype=DOUBLE) / 2, torch.randn(m, d, dtype=DOUBLE)
    return LinearGaussianChain(torch.randn(d, dtype=DOUBLE), cov(d), step, cov(d), emission, cov(m))


def dense(chain, num_steps):
    """Mean and covariance of all states, one after another, by the definition: no recursion over what was told."""
    mean, cov, d = [chain.mean], torch.zeros(num_steps, num_steps, len(chain.mean), len(chain.mean), dtype=DOUBLE), None
    cov[0, 0] = chain.cov
    for t in range(1, num_steps):
        mean.append(chain.step @ mean[-1])
        cov[t, t] = chain.step @ cov[t - 1, t - 1] @ chain.step.T + chain.step_cov
        for s in range(t):
            cov[s, t] = cov[s, t - 1] @ chain.step.T
            cov[t, s] = cov[s, t].T
    d = len(chain.mean)
    return torch.cat(mean), cov.permute(0, 2, 1, 3).reshape(num_steps * d, num_steps * d)


def told(chain, x, seen):
    """Posterior mean and covariance of all states, and log p of what was seen: dense."""
    num_steps, m = x.shape
    mean, cov = dense(chain, num_steps)
    emission = torch.block_diag(*[chain.emission] * num_steps)
    rows = seen.repeat_interleave(m)
    emission, noise = emission[rows], torch.block_diag(*[chain.noise_cov] * num_steps)[rows][:, rows]
    spread = emission @ cov @ emission.T + noise
    gain = torch.linalg.solve(spread, emission @ cov).T
    away = x.flatten()[rows] - emission @ mean
    log_p = MultivariateNormal(emission @ mean, spread).log_prob(x.flatten()[rows])
    return mean + gain @ away, cov - gain @ emission @ cov, log_p


SEEN = {"all": torch.ones(6, dtype=torch.bool), "some": torch.tensor([False, True, False, False, True, False])}


@pytest.mark.parametrize(("d", "m"), [(1, 1), (2, 3), (3, 1)])
@pytest.mark.parametrize("which", SEEN)
def test_filter_smoother_and_log_p_are_the_dense_gaussians(d, m, which):
    chain, seen = random_chain(d, m), SEEN[which]
    x = torch.randn(6, m, dtype=DOUBLE)
    mean, cov, log_p = told(chain, x, seen)
    filtered, smoothed = kalman_filter(chain, x, seen), smoother(chain, x, seen)
    blocks = cov.reshape(6, d, 6, d).permute(0, 2, 1, 3)
    torch.testing.assert_close(filtered.log_p, log_p, atol=1e-10, rtol=0)
    torch.testing.assert_close(smoothed.mean, mean.reshape(6, d), atol=1e-10, rtol=0)
    torch.testing.assert_close(smoothed.cov, blocks[range(6), range(6)], atol=1e-10, rtol=0)
    torch.testing.assert_close(smoothed.step_cov, blocks[range(5), range(1, 6)], atol=1e-10, rtol=0)
    for t in range(1, 7):
        mean, cov, _ = told(chain, x[:t], seen[:t]) if seen[:t].any() else (*dense(chain, t), None)
        torch.testing.assert_close(filtered.mean[t - 1], mean[-d:], atol=1e-10, rtol=0)
        torch.testing.assert_close(filtered.cov[t - 1], cov[-d:, -d:], atol=1e-10, rtol=0)


def test_a_hundred_years_are_the_dense_gaussian_too():
    chain = local_level(NOISE, LEVEL, X[0])
    seen = torch.arange(100) > 0
    mean, cov, log_p = told(chain, X[:, None], seen)
    smoothed = smoother(chain, X[:, None], seen)
    torch.testing.assert_close(smoothed.mean[:, 0], mean, atol=1e-9, rtol=0)
    torch.testing.assert_close(smoothed.cov[:, 0, 0], cov.diagonal(), atol=1e-8, rtol=0)
    torch.testing.assert_close(level_log_p(X, NOISE, LEVEL), log_p, atol=1e-10, rtol=0)


def test_each_series_of_a_batch_may_miss_years_of_its_own():
    chain = random_chain()
    x, seen = torch.randn(6, 2, 3, dtype=DOUBLE), torch.stack(list(SEEN.values()), 1)
    together = smoother(chain, x, seen)
    for i in range(2):
        alone = smoother(chain, x[:, i], seen[:, i])
        torch.testing.assert_close(together.mean[:, i], alone.mean)
        torch.testing.assert_close(together.cov[:, i], alone.cov)
    assert kalman_filter(chain, x, seen).log_p.shape == (2,)


def test_what_was_not_seen_may_be_anything_and_a_series_unseen_tells_nothing():
    chain, x = random_chain(), torch.randn(6, 3, dtype=DOUBLE)
    holes = torch.where(SEEN["some"][:, None], x, math.nan)
    assert kalman_filter(chain, holes, SEEN["some"]).log_p == kalman_filter(chain, x, SEEN["some"]).log_p
    holes.requires_grad_()
    (slope,) = torch.autograd.grad(kalman_filter(chain, holes, SEEN["some"]).log_p, holes)
    assert slope.isfinite().all()
    nothing = smoother(chain, x, torch.zeros(6, dtype=torch.bool))
    mean, cov = dense(chain, 6)
    torch.testing.assert_close(nothing.mean.flatten(), mean)
    torch.testing.assert_close(nothing.cov[-1], cov[-2:, -2:])


def test_smoothing_at_the_last_step_is_filtering_and_before_it_is_surer():
    chain, x = random_chain(), torch.randn(6, 3, dtype=DOUBLE)
    filtered, smoothed = kalman_filter(chain, x), smoother(chain, x)
    torch.testing.assert_close(filtered.cov[-1], smoothed.cov[-1])
    assert (torch.linalg.eigvalsh(filtered.cov - smoothed.cov).min(-1).values > -1e-12).all()
    assert (filtered.mean[0] - smoothed.mean[0]).abs().max() > 1e-3


def test_log_p_has_a_slope_by_every_parameter():
    chain, x = random_chain(), torch.randn(4, 3, dtype=DOUBLE)

    def log_p(mean, step, emission, spread):
        eye = torch.eye(3, dtype=DOUBLE)
        return kalman_filter(
            chain._replace(mean=mean, step=step, emission=emission, noise_cov=spread.exp() * eye), x
        ).log_p

    parameters = chain.mean, chain.step, chain.emission, torch.zeros((), dtype=DOUBLE)
    assert torch.autograd.gradcheck(log_p, [each.clone().requires_grad_() for each in parameters])


def test_one_step_is_bayes_rule_and_float32_stays():
    chain = LinearGaussianChain(*(torch.tensor(each).reshape(size) for each, size in zip(
        (0.0, 1.0, 1.0, 1.0, 1.0, 1.0), ((1,), *[(1, 1)] * 5), strict=True
    )))  # fmt: skip
    filtered = kalman_filter(chain, torch.tensor([[2.0]]))
    assert (filtered.mean.item(), filtered.cov.item()) == pytest.approx((1.0, 0.5))
    assert filtered.mean.dtype == torch.float32
    assert smoother(chain, torch.tensor([[2.0]])).step_cov.shape == (0, 1, 1)


def test_twice_the_years_are_twice_the_operations():
    counts = []
    for num_steps in (20, 40, 80):
        with torch.autograd.profiler.profile() as profile:
            smoother(random_chain(), torch.randn(num_steps, 3, dtype=DOUBLE))
        counts.append(sum(event.count for event in profile.key_averages() if event.key.startswith("aten::")))
    assert counts[2] - counts[1] == pytest.approx(2 * (counts[1] - counts[0]), rel=0.02)


# ----- the Nile


def test_maximum_likelihood_gives_the_textbooks_variances():
    """Durbin & Koopman (2012), table 2.1 and section 2.10: 15,098.5, 1,469.2 and log L −632.5456, diffuse."""
    noise, level, log_p = maximise(lambda *variances: level_log_p(X, *variances), (1e4, 1e3))
    assert (noise, level) == pytest.approx((15_098.5, 1_469.2), abs=0.1)
    assert log_p == pytest.approx(-632.5456, abs=1e-4)


@pytest.mark.parametrize("hole", [None, (40, 50)])
def test_the_posterior_as_a_tridiagonal_gaussian_is_the_smoothers(hole):
    seen = torch.ones(100, dtype=torch.bool)
    if hole:
        seen[slice(*hole)] = False
    p, after = level_posterior(X, NOISE, LEVEL, seen), seen.clone()
    after[0] = False
    smoothed = smoother(local_level(NOISE, LEVEL, X[0]), X[:, None], after)
    torch.testing.assert_close(p.mean, smoothed.mean[:, 0])
    torch.testing.assert_close(p.variance, smoothed.cov[:, 0, 0])
    torch.testing.assert_close(p.neighbour_covariance, smoothed.step_cov[:, 0, 0])


def test_the_elbo_of_the_best_mean_field_is_log_p_less_its_gap_by_a_chain_that_is_written_out():
    """log p(x₂ …, z | x₁) at draws of q, plainly summed: their mean is the ELBO."""
    q, gap = gaussian_mean_field(level_posterior(X, NOISE, LEVEL))
    torch.manual_seed(0)
    z = q.sample((20_000,))
    steps = torch.distributions.Normal(z[:, :-1], LEVEL**0.5).log_prob(z[:, 1:]).sum(-1)
    years = torch.distributions.Normal(z, NOISE**0.5).log_prob(X).sum(-1)  # of the first, p(z₁|x₁), by symmetry
    draws = steps + years - q.log_prob(z)
    elbo = level_mean_field_elbo(X, NOISE, LEVEL).item()
    assert abs(draws.mean().item() - elbo) < 5 * draws.std().item() / 20_000**0.5
    assert elbo == pytest.approx(level_log_p(X, NOISE, LEVEL).item() - gap.item(), abs=1e-9)
    assert isinstance(q, TridiagonalNormal)


def test_one_year_and_two_are_levels_too():
    for num, sd in ((1, NOISE**0.5), (2, None)):
        p = level_posterior(X[:num], NOISE, LEVEL)
        assert p.stddev.shape == (num,)
        if sd:
            assert p.stddev.item() == pytest.approx(sd)
    assert level_log_p(X[:1], NOISE, LEVEL).item() == 0


# ----- what is refused


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"step_cov": -torch.eye(2, dtype=DOUBLE)}, "step_cov to be a covariance"),
        ({"cov": torch.tensor([[1.0, 2], [0, 1]], dtype=DOUBLE)}, "cov to be a covariance, symmetric"),
        ({"noise_cov": torch.zeros(3, 3, dtype=DOUBLE)}, "positive noise_cov"),
        ({"noise_cov": torch.full((3, 3), math.nan, dtype=DOUBLE)}, "noise_cov to be a covariance"),
        ({"emission": torch.zeros(3, 3, dtype=DOUBLE)}, r"emission \[m, d\]"),
        ({"mean": torch.zeros(3, dtype=DOUBLE)}, r"mean \[d\]"),
        ({"mean": torch.full((2,), math.nan, dtype=DOUBLE)}, "finite numbers in mean"),
        ({"step": torch.full((2, 2), math.nan, dtype=DOUBLE)}, "finite numbers in step"),
        ({"emission": torch.full((3, 2), math.inf, dtype=DOUBLE)}, "finite numbers in emission"),
    ],
)
def test_what_is_no_chain_is_refused_with_what_came(change, words):
    with pytest.raises(ValueError, match=words):
        kalman_filter(random_chain()._replace(**change), torch.zeros(4, 3, dtype=DOUBLE))


def test_series_and_masks_that_do_not_fit_are_refused():
    chain, x = random_chain(), torch.zeros(4, 3, dtype=DOUBLE)
    for bad in (x[:, :2], x[:0], x[0]):
        with pytest.raises(ValueError, match=r"x \[T, ..., 3\], not empty"):
            kalman_filter(chain, bad)
    for seen in (torch.ones(4), torch.ones(3, dtype=torch.bool), torch.ones(4, 3, dtype=torch.bool)):
        with pytest.raises(ValueError, match="expected seen as torch"):
            kalman_filter(chain, x, seen)
    with pytest.raises(ValueError, match="finite numbers in x where it was seen"):
        kalman_filter(chain, x * math.nan)
    with pytest.raises(ValueError, match="the first year seen"):
        level_log_p(X, NOISE, LEVEL, torch.arange(100) > 0)
    with pytest.raises(ValueError, match="a finite first year"):
        level_log_p(torch.tensor([math.nan, 1, 2], dtype=DOUBLE), NOISE, LEVEL)
    sure = chain._replace(cov=0 * chain.cov, step_cov=0 * chain.cov)
    with pytest.raises(ValueError, match="a singular covariance after a step"):
        smoother(sure, x)
    with pytest.raises(ValueError, match=r"one series x \[T\]"):
        level_log_p(X[:, None], NOISE, LEVEL)
    for variances in ((-1.0, LEVEL), (NOISE, 0.0), (math.nan, LEVEL), (NOISE, math.inf), (torch.ones(2), LEVEL)):
        for ask in (level_log_p, level_posterior, level_mean_field_elbo):
            with pytest.raises(ValueError, match="noise_var and level_var positive and finite"):
                ask(X, *variances)


def test_a_climb_to_nowhere_is_told():
    with pytest.raises(RuntimeError, match=r"expected a maximum from \(1.0, 1.0\)"):
        maximise(lambda a, b: a * b * math.nan, (1.0, 1.0))
    with pytest.raises(RuntimeError, match=r"from \(100000000.0, 0.001\), got to .* start elsewhere"):
        maximise(lambda *variances: level_log_p(X, *variances), (1e8, 1e-3))
    with pytest.raises(RuntimeError, match="with the slope"):  # it has no maximum
        maximise(lambda a, b: (1 + a).log() + (1 + b).log(), (1.0, 1.0))
    with pytest.raises(ValueError, match="a start of positive, finite numbers"):
        maximise(lambda a, b: a + b, (0.0, 1.0))

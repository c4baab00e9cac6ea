"""Chapter 9: a linear chain of Gaussian states, exactly: filter, smoother and log p(x); and the level of the Nile.

Filtering is what the series so far tells of a state, smoothing what all of it tells (Rauch, Tung & Striebel 1965,
https://doi.org/10.2514/3.3166). The level's prior is diffuse: the first year is conditioned on.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad
from torch.optim import LBFGS

from vae_lib.chains import TridiagonalNormal
from vae_lib.exact.mean_field import gaussian_mean_field
from vae_lib.networks import describe

FLAT = 1e-3  # nats by a logarithm: less is a slope of 0


class LinearGaussianChain(NamedTuple):
    """z₁ ~ N(mean, cov), z_t₊₁ ~ N(step z_t, step_cov), x_t ~ N(emission z_t, noise_cov); d numbers a state, m an x_t.

    `mean` `[d]`; `cov`, `step`, `step_cov` `[d, d]`; `emission` `[m, d]`, `noise_cov` `[m, m]`.
    """

    mean: Tensor
    cov: Tensor
    step: Tensor
    step_cov: Tensor
    emission: Tensor
    noise_cov: Tensor


class Filtered(NamedTuple):
    """p(z_t | x₁ … x_t): `mean` `[T, ..., d]` and `cov` `[T, ..., d, d]`; `log_p` is log p(x), `[...]`, nats."""

    mean: Tensor
    cov: Tensor
    log_p: Tensor


class Smoothed(NamedTuple):
    """p(z_t | x): `mean` `[T, ..., d]`, `cov` `[T, ..., d, d]`; `step_cov` is Cov(z_t, z_t₊₁) `[T − 1, ..., d, d]`."""

    mean: Tensor
    cov: Tensor
    step_cov: Tensor


def kalman_filter(chain: LinearGaussianChain, x: Tensor, seen: Tensor | None = None) -> Filtered:
    """The filter and log p(x) of series `x` `[T, ..., m]`, in one sweep; differentiable by all that it is given.

    `seen` is bool `[T]` or `[T, ...]`: what x holds where it is False counts for nothing, and may be anything (chapter
    9). Raises ValueError for shapes that do not fit, covariances that are none, and NaN in what was seen.
    """
    _check_chain(chain)
    seen = _checked_seen(chain, x, seen)
    mean, cov = chain.mean.expand(*x.shape[1:-1], -1), chain.cov.expand(*x.shape[1:-1], -1, -1)
    found, log_p = [], 0.0
    for t in range(len(x)):
        if t > 0:
            mean, cov = mean @ chain.step.mT, chain.step @ cov @ chain.step.mT + chain.step_cov
        mean, cov, score = _told(chain, mean, cov, torch.where(seen[t, ..., None], x[t], 0.0), seen[t])
        found.append((mean, cov))
        log_p = log_p + score
    return Filtered(*map(torch.stack, zip(*found, strict=True)), log_p)


def smoother(chain: LinearGaussianChain, x: Tensor, seen: Tensor | None = None) -> Smoothed:
    """What the whole series tells of each state, by a sweep back over the filter's (chapter 9).

    Raises ValueError as `kalman_filter`, and where a step leads to a state that is known for sure.
    """
    filtered = kalman_filter(chain, x, seen)
    mean, cov = [filtered.mean[-1]], [filtered.cov[-1]]
    both = []
    for own_mean, own_cov in zip(filtered.mean[:-1].flip(0), filtered.cov[:-1].flip(0), strict=True):
        ahead = chain.step @ own_cov @ chain.step.mT + chain.step_cov
        gain = _solved(ahead, chain.step @ own_cov).mT
        away = mean[-1] - own_mean @ chain.step.mT
        both.append(gain @ cov[-1])
        mean.append(own_mean + (gain @ away[..., None])[..., 0])
        cov.append(own_cov + gain @ (cov[-1] - ahead) @ gain.mT)
    none = filtered.cov[:0]
    return Smoothed(torch.stack(mean[::-1]), torch.stack(cov[::-1]), torch.stack(both[::-1]) if both else none)


def local_level(noise_var: Tensor, level_var: Tensor, first: Tensor) -> LinearGaussianChain:
    """A level that walks, z_t₊₁ ~ N(z_t, level_var), seen as x_t ~ N(z_t, noise_var): d = m = 1 (chapter 9).

    z₁ ~ N(first, noise_var): what a flat prior makes of a first year that is `first`. So `seen` is then False in that
    year, which is not to count twice. Raises ValueError for a variance that is not positive.
    """
    noise_cov, step_cov, mean = (_double(each) for each in (noise_var, level_var, first))
    numbers = noise_cov.numel() == step_cov.numel() == mean.numel() == 1
    if not (numbers and 0 < noise_cov < math.inf and 0 < step_cov < math.inf):
        told = f"{noise_var} and {level_var}"
        raise ValueError(f"expected noise_var and level_var positive and finite, a number each, got {told}")
    noise_cov, step_cov, one = noise_cov.reshape(1, 1), step_cov.reshape(1, 1), torch.ones(1, 1, dtype=torch.float64)
    return LinearGaussianChain(mean.reshape(1), noise_cov, one, step_cov, one, noise_cov)


def level_log_p(x: Tensor, noise_var: Tensor, level_var: Tensor, seen: Tensor | None = None) -> Tensor:
    """log p(x₂ … x_T | x₁) of a series `[T]` with a walking level: a number, in nats (chapter 9).

    The first year is conditioned on, and has to be seen; `seen` is bool `[T]`. Differentiable by both variances.
    Raises ValueError as `kalman_filter`, and for a series of another shape.
    """
    seen = _after_first(x, seen)
    return kalman_filter(local_level(noise_var, level_var, x[0]), x[:, None], seen).log_p


def level_posterior(x: Tensor, noise_var: Tensor, level_var: Tensor, seen: Tensor | None = None) -> TridiagonalNormal:
    """p(z | x) of all T levels, exactly: a Gaussian whose precision is tridiagonal (chapter 9). As `level_log_p`."""
    after = _after_first(x, seen)
    told = smoother(local_level(noise_var, level_var, x[0]), x[:, None], after)
    return TridiagonalNormal.from_precision(told.mean[:, 0], *_level_precision(noise_var, level_var, after))


def level_mean_field_elbo(x: Tensor, noise_var: Tensor, level_var: Tensor, seen: Tensor | None = None) -> Tensor:
    """The ELBO of the best mean field: log p less its gap, a number, in nats (chapter 9). As `level_log_p`."""
    log_p = level_log_p(x, noise_var, level_var, seen)
    precision = _level_precision(noise_var, level_var, _after_first(x, seen))
    posterior = TridiagonalNormal.from_precision(torch.zeros_like(precision[0]), *precision)  # its gap knows no mean
    return log_p - gaussian_mean_field(posterior)[1]


def maximise(objective: Callable, start: tuple[float, float]) -> tuple[float, float, float]:
    """The two positive numbers where `objective` of two tensors is highest, and its value there (chapter 9).

    L-BFGS over their logarithms: a local climb, which ends where the slope is 0, and that is also on a plain far from
    the maximum, where one number is next to nothing beside the other. So start within some powers of ten of what the
    series suggests, and climb from two starts. Raises RuntimeError where that leads to no finite value, or the slope by
    a logarithm is above 0.001 at the end, and ValueError for a start that is not positive and finite.
    """
    if not all(0 < each < math.inf for each in start):
        raise ValueError(f"expected a start of positive, finite numbers, got {start}")
    logs = torch.tensor(start, dtype=torch.float64).log().requires_grad_()
    optimizer = LBFGS([logs], max_iter=200, tolerance_grad=1e-9, tolerance_change=1e-12, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = -objective(*logs.exp())
        value.backward()
        return value

    try:
        optimizer.step(loss)
        value = -loss().detach()
    except ValueError as fault:  # it stepped to where there is no objective
        raise RuntimeError(f"expected a maximum from {start}, got to {logs.exp().tolist()}: start elsewhere") from fault
    if not value.isfinite() or not logs.grad.abs().max() < FLAT:
        told = f"{value} with the slope {logs.grad.tolist()} at {logs.exp().tolist()}"
        raise RuntimeError(f"expected a maximum from {start}, got {told}: start elsewhere")
    return (*logs.detach().exp().tolist(), value.item())


def _solved(cov: Tensor, right: Tensor) -> Tensor:
    solved, faults = torch.linalg.solve_ex(cov, right)
    if faults.any():
        raise ValueError("expected states with a spread in every direction, got a singular covariance after a step")
    return solved


def _told(chain: LinearGaussianChain, mean: Tensor, cov: Tensor, x: Tensor, seen: Tensor) -> tuple[Tensor, ...]:
    """Mean and covariance once x is known, and log p(x); all as they were, and 0, where it was not seen."""
    spread = chain.emission @ cov @ chain.emission.mT + chain.noise_cov
    gain = torch.linalg.solve(spread, chain.emission @ cov).mT
    away = x - mean @ chain.emission.mT
    squared = (away * torch.linalg.solve(spread, away)).sum(-1)
    score = -0.5 * (squared + spread.logdet() + x.shape[-1] * math.log(2 * math.pi))
    moved = mean + (gain @ away[..., None])[..., 0]
    kept = torch.eye(len(chain.mean)).to(cov) - gain @ chain.emission
    narrowed = kept @ cov @ kept.mT + gain @ chain.noise_cov @ gain.mT  # symmetric, whatever is rounded
    one, two = seen[..., None], seen[..., None, None]
    return torch.where(one, moved, mean), torch.where(two, narrowed, cov), torch.where(seen, score, 0.0)


def _level_precision(noise_var: Tensor, level_var: Tensor, after: Tensor) -> tuple[Tensor, Tensor]:
    """A year that was seen adds 1/noise_var to its place in the diagonal, a step of the level 1/level_var to two."""
    seen = torch.cat([torch.ones_like(after[:1]), after[1:]]).double()
    step = torch.ones(len(after) - 1, dtype=torch.float64) / _double(level_var)
    return seen / _double(noise_var) + pad(step, (1, 0)) + pad(step, (0, 1)), -step


def _double(value) -> Tensor:
    return torch.as_tensor(value, dtype=torch.float64)


def _checked_seen(chain: LinearGaussianChain, x: Tensor, seen: Tensor | None) -> Tensor:
    num_features = len(chain.emission)
    if x.ndim < 2 or x.shape[-1] != num_features or x.numel() == 0:
        raise ValueError(f"expected x [T, ..., {num_features}], not empty, got {describe(x)}")
    seen = torch.ones(x.shape[:-1], dtype=torch.bool) if seen is None else seen
    if seen.dtype != torch.bool or seen.shape not in (x.shape[:-1], x.shape[:1]):
        raise ValueError(f"expected seen as torch.bool of shape {tuple(x.shape[:-1])}, got {describe(seen)}")
    seen = seen.reshape(*seen.shape, *[1] * (x.ndim - 1 - seen.ndim)).expand(x.shape[:-1])
    if not x[seen].isfinite().all():
        raise ValueError("expected finite numbers in x where it was seen, got NaN or infinity")
    return seen


def _check_chain(chain: LinearGaussianChain) -> None:
    d, m = chain.mean.shape[-1:], chain.emission.shape[:1]
    wanted = (d, 2 * d, 2 * d, 2 * d, (*m, *d), 2 * m)
    if chain.mean.ndim != 1 or any(each.shape != shape for each, shape in zip(chain, wanted, strict=True)):
        told = ", ".join(f"{name} {tuple(each.shape)}" for name, each in chain._asdict().items())
        raise ValueError(
            f"expected mean [d], cov, step, step_cov [d, d], emission [m, d], noise_cov [m, m], got {told}"
        )
    for name in ("mean", "step", "emission"):
        if not getattr(chain, name).isfinite().all():
            raise ValueError(f"expected finite numbers in {name}, got {getattr(chain, name).tolist()}")
    for name in ("cov", "step_cov", "noise_cov"):
        cov = getattr(chain, name).detach()
        if not cov.isfinite().all() or not torch.allclose(cov, cov.mT) or torch.linalg.eigvalsh(cov).min() < 0:
            raise ValueError(f"expected {name} to be a covariance, symmetric and not negative, got {cov.tolist()}")
    if torch.linalg.eigvalsh(chain.noise_cov.detach()).min() <= 0:
        raise ValueError(f"expected a positive noise_cov, got {chain.noise_cov.tolist()}")


def _after_first(x: Tensor, seen: Tensor | None) -> Tensor:
    """What is left to score once the first year is conditioned on."""
    if x.ndim != 1 or len(x) == 0:
        raise ValueError(f"expected one series x [T], not empty, got {describe(x)}")
    seen = torch.ones(len(x), dtype=torch.bool) if seen is None else seen.clone()
    if seen.shape != x.shape or seen.dtype != torch.bool or not seen[0]:
        raise ValueError(
            f"expected seen as torch.bool of shape {tuple(x.shape)}, the first year seen, got {describe(seen)}"
        )
    if not x[0].isfinite():
        raise ValueError(f"expected a finite first year, which is conditioned on, got {x[0]}")
    seen[0] = False
    return seen

"""Chapter 9: the best product of independent parts beside a chain's exact posterior: CAVI, its bounds and optima.

Of states, coordinate sweeps climb to one of several optima. Of a Gaussian there is one, in closed form: the mean is
right, and each variance is that of z_t when all others are known, 1 / Λ_tt.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from vae_lib.chains import TridiagonalNormal
from vae_lib.exact.chains import (
    LOG_0,
    Chain,
    _each_step,
    check_possible,
    check_scores,
    check_shares,
    log_partition,
    marginals,
)
from vae_lib.networks import check_positive

APART = 0.01  # nats between two optima that count as two


class MeanField(NamedTuple):
    """The best of several climbs, `q` `[T, ..., K]`, and each start's gap KL(q ‖ p(z|x)): `[starts, ...]`, nats."""

    q: Tensor
    gaps: Tensor

    @property
    def gap(self) -> Tensor:
        """The least: `[...]`."""
        return self.gaps.min(0).values

    @property
    def num_optima(self) -> Tensor:
        """How many gaps lie more than 0.01 nats apart: `[...]`."""
        return 1 + (self.gaps.sort(0).values.diff(dim=0) > APART).sum(0)


def mean_field_bound(chain: Chain, q: Tensor) -> Tensor:
    """The ELBO of q = Π q_t, `[T, ..., K]`: E_q[score] + Σ entropies: `[...]`, nats, at most log Z (chapter 9).

    It is differentiable, also where a q is 0; −infinity where q gives what is impossible a share. Raises ValueError for
    rows that do not sum to 1, for another shape or dtype, and as `forward_scores`.
    """
    chain = check_scores(chain)
    _check_q(chain, q)
    entropy = -(q * q.clamp(min=torch.finfo(q.dtype).tiny).log()).sum(-1).sum(0)
    impossible = Chain(*((scores <= LOG_0).to(q.dtype) for scores in chain))
    return torch.where(_expected(impossible, q.detach()) > 0, -torch.inf, _expected(chain, q) + entropy)


def cavi(chain: Chain, q: Tensor, num_sweeps: int) -> tuple[Tensor, Tensor]:
    """Sweeps over the steps, each q_t set to its best given its neighbours: q at the end, and the bounds (chapter 9).

    `q` is `[T, ..., K]`, where to start. The bounds, `[num_sweeps + 1, ...]`, are those before each sweep and at the
    end, and never fall. Raises ValueError as `mean_field_bound`.
    """
    check_positive(num_sweeps=num_sweeps)
    bounds, chain = [mean_field_bound(chain, q)], check_scores(chain)
    for _ in range(num_sweeps):
        q = _sweep(chain, q)
        bounds.append(mean_field_bound(chain, q))
    return q, torch.stack(bounds)


def best_mean_field(chain: Chain, *, num_starts: int = 8, num_sweeps: int = 200) -> MeanField:
    """The best of `num_starts` climbs: one from uniform q, the others from random ones, by torch's random numbers.

    Raises ValueError for a number below 1, and as `marginals` (chapter 9).
    """
    check_positive(num_starts=num_starts)
    chain, log_z = check_scores(chain), log_partition(chain)
    check_possible(log_z)
    copies, start = _copies(chain, num_starts)
    q, bounds = cavi(copies, start, num_sweeps)
    best = bounds[-1].argmax(0)
    chosen = q.gather(1, best[None, None, ..., None].expand(len(q), 1, *q.shape[2:]))[:, 0]
    return MeanField(chosen, (log_z - bounds[-1]).clamp(min=0))


def product_of_marginals_gap(chain: Chain) -> Tensor:
    """KL(Π p(z_t|x) ‖ p(z|x)): `[...]`, nats: how much the neighbours tell of each other (chapter 9).

    The product of the true marginals is no best mean field. Raises ValueError as `marginals`.
    """
    return log_partition(chain) - mean_field_bound(chain, marginals(chain).single)


def gaussian_mean_field(p: TridiagonalNormal) -> tuple[TridiagonalNormal, Tensor]:
    """The best mean field of a Gaussian: q with p's mean and sd 1/√Λ_tt, and its gap ½ (Σ log Λ_tt − log det Λ).

    The gap is `[...]`, in nats (chapter 9).
    """
    own = p.precision_diagonal.sqrt()
    return TridiagonalNormal(p.loc, own, torch.zeros_like(p.below)), (own.log() - p.diagonal.log()).sum(-1)


def coordinate_means(p: TridiagonalNormal, start: Tensor, num_sweeps: int) -> Tensor:
    """CAVI for a Gaussian: its means after each sweep, `[num_sweeps + 1, ..., T]`; the variances are right at once.

    `start` is `[..., T]` (chapter 9). Raises ValueError for another shape, or fewer than one sweep.
    """
    check_positive(num_sweeps=num_sweeps)
    if start.shape != p.loc.shape:
        raise ValueError(f"expected start of shape {tuple(p.loc.shape)}, got {tuple(start.shape)}")
    swept = [start]
    for _ in range(num_sweeps):
        swept.append(_sweep_means(p, swept[-1]))
    return torch.stack(swept)


def _expected(chain: Chain, q: Tensor) -> Tensor:
    """The mean of the score under q: `[...]`."""
    pairs = ((q[:-1, ..., None, :] @ _each_step(chain))[..., 0, :] * q[1:]).sum(-1).sum(0)
    return (q[0] * chain.log_start).sum(-1) + (q * chain.log_likelihood).sum(-1).sum(0) + pairs


def _sweep(chain: Chain, q: Tensor) -> Tensor:
    """Each q_t to the softmax of what its neighbours expect of it, from the first to the last."""
    steps, q = _each_step(chain), list(q)
    for t, scores in enumerate(chain.log_likelihood):
        before = chain.log_start if t == 0 else (q[t - 1][..., None, :] @ steps[t - 1])[..., 0, :]
        after = 0.0 if t == len(q) - 1 else (steps[t] @ q[t + 1][..., None])[..., 0]
        q[t] = (scores + before + after).softmax(-1)
    return torch.stack(q)


def _sweep_means(p: TridiagonalNormal, mean: Tensor) -> Tensor:
    away, off, own = list((mean - p.loc).unbind(-1)), p.precision_off_diagonal, p.precision_diagonal
    for t in range(len(away)):
        before = off[..., t - 1] * away[t - 1] if t else 0.0
        after = off[..., t] * away[t + 1] if t < len(away) - 1 else 0.0
        away[t] = -(before + after) / own[..., t]
    return p.loc + torch.stack(away, -1)


def _copies(chain: Chain, num: int) -> tuple[Chain, Tensor]:
    """The chain with an axis of starts before its batch, and where they start: `[T, starts, ..., K]`."""
    each = chain.log_likelihood[:, None]
    start = torch.randn(len(each), num, *each.shape[2:], dtype=each.dtype, device=each.device).mul(2).softmax(-1)
    start[:, 0] = 1 / each.shape[-1]
    return chain._replace(log_likelihood=each.expand(-1, num, *each.shape[2:])), start


def _check_q(chain: Chain, q: Tensor) -> None:
    if q.shape != chain.log_likelihood.shape:
        raise ValueError(f"expected q of shape {tuple(chain.log_likelihood.shape)}, got {tuple(q.shape)}")
    if q.dtype != chain.log_start.dtype:
        raise ValueError(f"expected q of the scores' dtype, {chain.log_start.dtype}, got {q.dtype}")
    check_shares(q=q)

"""Chapter 8: a VAE whose codes can be counted, exactly: every expectation is a sum over all of them.

Log p(x), posterior and ELBO are differentiable, so their gradients are exact, too, and `fit` can train on them. The
moments of the estimators of `vae_lib.estimators` are exact by the same sums; of soft codes, by quadrature.
"""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.distributions import Bernoulli, Distribution
from torch.nn.functional import softplus

from vae_lib.discrete import BernoulliLatents, check_temperature
from vae_lib.distributions import bernoulli
from vae_lib.estimators import gradient_estimates, relaxed, straight_through, values_of
from vae_lib.networks import check_positive

MOST_STATES = 4096
NODES = 12  # of a panel
REACH = 30.0  # of the logistic noise; 2e-13 of its mass lies beyond


class Enumeration(NamedTuple):
    """All codes, and what a model says of each: log q(z|x) and log p(x, z), in nats.

    `z` is `[states, latent]`; `log_q` and `log_joint` are `[states, batch]`. Made of them are `posterior`, p(z|x),
    `[states, batch]`; and, `[batch]`, `log_p`, `elbo`, and the `gap` between them, KL(q(z|x) ‖ p(z|x)).
    """

    z: Tensor
    log_q: Tensor
    log_joint: Tensor

    @property
    def log_p(self) -> Tensor:
        """log p(x) = log Σ_z p(x, z): `[batch]`, higher is better."""
        return self.log_joint.logsumexp(0)

    @property
    def posterior(self) -> Tensor:
        """p(z|x), the probability of each code: `[states, batch]`."""
        return self.log_joint.softmax(0)

    @property
    def elbo(self) -> Tensor:
        """Σ_z q(z|x) (log p(x, z) − log q(z|x)), the mean of every estimate: `[batch]`, higher is better."""
        return self._mean(self.log_joint - self.log_q)

    @property
    def gap(self) -> Tensor:
        """KL(q(z|x) ‖ p(z|x)), as a sum of its own: `[batch]`, never negative, log p(x) − ELBO."""
        return self._mean(self.log_q - self.log_joint.log_softmax(0))

    def _mean(self, values: Tensor) -> Tensor:
        q = self.log_q.exp()
        return (q * values.where(q > 0, 0.0)).sum(0)


def enumerate_states(model, x: Tensor) -> Enumeration:
    """log q(z|x) and log p(x, z) of all codes z, for the rows of `x` `[batch, data]` (chapter 8).

    `model` has any encoder and prior over codes that can be counted (`enumerate_support`), and any decoder. Raises
    ValueError for others, or for more than 4096 codes, and as encoder and decoder.
    """
    if x.ndim < 2:
        raise ValueError(f"expected x [batch, data], got shape {tuple(x.shape)}")
    z, qz_x = _states(model.prior), model.encoder(x)
    each = z[:, None]  # against all rows of x
    log_joint = _log_px(model.decoder(each), x) + model.prior.log_prob(each)
    return Enumeration(z, qz_x.log_prob(each.expand(-1, *qz_x.batch_shape, -1)), log_joint)


def exact_elbo(model, x: Tensor) -> Tensor:
    """The ELBO without a draw: `[batch]`, nats, higher is better; an objective for `fit` (chapter 8).

    `x` is `[batch, data]`. Raises as `enumerate_states`.
    """
    return enumerate_states(model, x).elbo


def exact_log_p(model, x: Tensor) -> Tensor:
    """log p(x) itself: `[batch]`, nats, higher is better; an objective for `fit` that trains no encoder (chapter 8).

    `x` is `[batch, data]`. Raises as `enumerate_states`.
    """
    return enumerate_states(model, x).log_p


class Moments(NamedTuple):
    """Of an estimate of the slope by the logits: its `mean` and its `variance`, in the logits' shape.

    mean − `exact_gradient` is the bias; the variance's sum is tr V.
    """

    mean: Tensor
    variance: Tensor


def exact_gradient(f: Callable, qz) -> Tensor:
    """∇ Σ_z q(z) f(z) by the logits of `qz`, which has no batch: in their shape (chapter 8).

    f maps codes `[states, latent]` to `[states]`. Raises ValueError for more than 4096 codes.
    """
    _, q, value, score = _parts(f, qz)
    return _mean(q, value, score)


def score_function_moments(f: Callable, qz, *, baseline: float = 0.0) -> Moments:
    """Mean and variance of one draw's (f(z) − baseline) · ∇ log q(z) (chapter 8). Arguments as `exact_gradient`."""
    _, q, value, score = _parts(f, qz)
    return _moments(q, (value - baseline).reshape(-1, *[1] * (score.ndim - 1)) * score)


def best_baseline(f: Callable, qz) -> float:
    """The number whose score function has the least tr V: E[f ‖s‖²] / E ‖s‖², s the score (chapter 8).

    Arguments as `exact_gradient`. Raises ValueError as that.
    """
    _, q, value, score = _parts(f, qz)
    weights = q * score.flatten(1).square().sum(1)
    if not weights.sum() > 0:
        weights = q  # a q that is sure has no variance, whatever the baseline
    return ((weights * value).sum() / weights.sum()).item()


def leave_one_out_moments(f: Callable, qz, num_samples: int) -> Moments:
    """Mean and variance of `leave_one_out` with `num_samples` draws (chapter 8). Arguments as `exact_gradient`.

    The estimate is the mean of h(z, z′) = ½ (f − f′)(s − s′) over all pairs of draws, s the score: a U-statistic. Its
    tr V times num_samples is that of a call. Raises ValueError for fewer than two draws, and as `exact_gradient`.
    """
    check_positive(num_samples=num_samples)
    if num_samples < 2:
        raise ValueError(f"expected at least two samples, each a baseline for the others, got {num_samples}")
    _, q, value, score = _parts(f, qz)
    q, f0, s = q[:, None], (value - q @ value)[:, None], score.flatten(1)  # E f0 = E s = 0

    def moment(i: int, j: int) -> Tensor:
        return (q * f0**i * s**j).sum(0)

    g = moment(1, 1)
    one = (moment(2, 2) - g.square()) / 4  # Var E[h | z], since E[h | z] = ½ (f0 s + g)
    both = (moment(2, 2) + moment(2, 0) * moment(0, 2)) / 2  # Var h: E[(f − f′)² (s − s′)²] / 4, multiplied out, − g²
    variance = (4 * (num_samples - 2) * one + 2 * both) / (num_samples * (num_samples - 1))
    return Moments(g.reshape(score.shape[1:]), variance.reshape(score.shape[1:]))


def relaxed_moments(f: Callable, qz: BernoulliLatents, *, temperature: float, way: Callable = relaxed) -> Moments:
    """Mean and variance of one draw of `relaxed`, or of the `way` `straight_through`, by quadrature (chapter 8).

    One or two coins: `qz` is `BernoulliLatents` with logits `[1]` or `[2]`, in float64 for the full accuracy; f maps
    codes `[samples, draws, latent]`, also soft ones, to `[samples, draws]`. Raises ValueError for others, and as the
    way.
    """
    if way not in (relaxed, straight_through):
        raise ValueError(f"expected relaxed or straight_through, whose only noise is the quadrature's, got {way}")
    if not isinstance(qz, BernoulliLatents) or qz.logits.shape not in {(1,), (2,)}:
        raise ValueError(f"expected one or two coins without a batch, for quadrature, got {qz}")
    rules = [_rule(logit, temperature) for logit in qz.logits.tolist()]
    noise, weights = (torch.cartesian_prod(*parts).reshape(-1, len(rules)) for parts in zip(*rules, strict=True))
    estimates = gradient_estimates(f, qz, noise.to(qz.logits)[None], way=partial(way, temperature=temperature))
    return _moments(weights.prod(-1).to(estimates), estimates)


def _rule(logit: float, temperature: float) -> tuple[Tensor, Tensor]:
    """Nodes and weights for a mean over logistic noise; panels begin at −logit, where z turns, and double in width."""
    widths = [0.0, check_temperature(temperature)]
    while widths[-1] < REACH + abs(logit):
        widths.append(min(2 * widths[-1], widths[-1] + 4.0))
    panels = [(a, b) for a, b in pairwise([*[-w for w in reversed(widths)], *widths[1:]])]
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    noise = np.concatenate([(a + b + (b - a) * nodes) / 2 for a, b in panels]) - logit
    of_panels = np.concatenate([(b - a) / 2 * weights for a, b in panels])
    density = np.exp(-np.abs(noise)) / (1 + np.exp(-np.abs(noise))) ** 2
    return torch.from_numpy(noise), torch.from_numpy(of_panels * density)


def _log_px(px_z: Distribution, x: Tensor) -> Tensor:
    """log p(x|z) of each code and row, `[states, batch]`; of black-and-white pixels by a matrix product, far faster."""
    pixels = getattr(px_z, "base_dist", None)
    if type(pixels) is not Bernoulli or x.ndim != 2 or pixels.logits.shape[1] > 1:  # a condition: p(x|z, c) by row
        return px_z.log_prob(x)
    bernoulli(pixels.logits[0].detach()).log_prob(x)  # raises for what is no such pixel
    logits = pixels.logits[:, 0]
    return logits @ x.to(logits).T - softplus(logits).sum(-1, keepdim=True)


def _states(q) -> Tensor:
    num = getattr(q, "num_states", None)
    if num is None:
        raise ValueError(f"expected latents whose states can be counted, as vae_lib.discrete has them, got {q}")
    if num > MOST_STATES:
        raise ValueError(f"expected at most {MOST_STATES} states, got {num}: average over draws instead")
    if q.batch_shape:
        raise ValueError(f"expected one q, without a batch, got logits of shape {tuple(q.logits.shape)}")
    return q.enumerate_support(expand=False)


def _parts(f: Callable, qz) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """All codes, their probabilities and f, `[states]`, and the scores ∇ log q(z), `[states, *logits]`."""
    z = _states(qz)
    with torch.enable_grad():
        logits = qz.logits.detach().expand(len(z), *qz.logits.shape).clone().requires_grad_()
        log_q = type(qz)(logits).log_prob(z)
    (score,) = torch.autograd.grad(log_q.sum(), logits)
    return z, log_q.detach().exp(), values_of(f, z).detach(), score


def _mean(q: Tensor, value: Tensor, score: Tensor) -> Tensor:
    return torch.tensordot(q * value, score, 1)


def _moments(weights: Tensor, estimates: Tensor) -> Moments:
    mean = torch.tensordot(weights, estimates, 1)
    return Moments(mean, torch.tensordot(weights, (estimates - mean).square(), 1))

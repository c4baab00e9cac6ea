"""Chapter 8: ways to the slope of E_q[f(z)] where z is a code of zeros and ones: each a plain function.

A way takes f, a q of `discrete`, and noise `[samples, …, latent]` from `q.noise((samples,))`, and returns a mean over
the samples, `[…]`. Its *value* is f's, its *gradient* an estimate of the expectation's slope. f maps codes
`[samples, …, latent]` to `[samples, …]`, a call of the decoder each; its own parameters get their gradient, too.
"""

from collections.abc import Callable
from functools import partial, wraps
from typing import NamedTuple

import torch
from torch import Tensor
from torch.distributions import kl_divergence

from vae_lib.discrete import check_finite
from vae_lib.distributions import log_mean_exp
from vae_lib.networks import check_positive, check_width

Way = Callable[[Callable, object, Tensor], Tensor]


def values_of(f: Callable, z: Tensor) -> Tensor:
    """f of each code: `[…]` of `[…, latent]`. Raises ValueError for other shapes."""
    values = f(z)
    if values.shape != z.shape[:-1]:
        raise ValueError(f"expected f to give shape {tuple(z.shape[:-1])}, a number a code, got {tuple(values.shape)}")
    return values


def _check_noise(qz_x, noise: Tensor) -> None:
    if not hasattr(qz_x, "noise"):
        raise ValueError(f"expected a q over codes of zeros and ones, as a DiscreteVAE's, got {qz_x}")
    wanted = qz_x.batch_shape + qz_x.event_shape
    if noise.shape[1:] != wanted:
        shape = ", ".join(map(str, ("samples", *wanted)))
        raise ValueError(f"expected noise [{shape}], as q.noise((samples,)) gives it, got {tuple(noise.shape)}")


def shapes_checked(way: Way) -> Way:
    """The way, which refuses noise or an f of other shapes."""

    @wraps(way)
    def with_checks(f: Callable, qz_x, noise: Tensor, **settings) -> Tensor:
        _check_noise(qz_x, noise)
        return way(partial(values_of, f), qz_x, noise, **settings)

    return with_checks


@shapes_checked
def score_function(f: Callable, qz_x, noise: Tensor, *, baseline: float | Tensor = 0.0) -> Tensor:
    """(f(z) − baseline) · ∇ log q(z): unbiased, if a draw's baseline does not depend on that draw (chapter 8).

    REINFORCE (Williams 1992, https://doi.org/10.1007/BF00992696). `baseline` is a number, or a tensor that broadcasts
    with `[samples, …]`.
    """
    z = _code(qz_x, noise)
    value = f(z)
    return _scored(value, _less(value.detach(), baseline), qz_x.log_prob(z)).mean(0)


class RunningMean:
    """The score function with the mean of earlier f as its baseline: a way that remembers (chapter 8).

    The mean moves by `rate` of the distance with each call that records gradients, unless f is NaN. A training needs
    one of its own. The first call has the baseline 0. Raises ValueError for a rate outside (0, 1].
    """

    def __init__(self, rate: float = 0.05):
        if not 0 < rate <= 1:
            raise ValueError(f"expected a rate above 0 and at most 1, got {rate}")
        self.rate, self.mean = rate, None

    def __call__(self, f: Callable, qz_x, noise: Tensor) -> Tensor:
        value = score_function(f, qz_x, noise, baseline=0.0 if self.mean is None else self.mean)
        if torch.is_grad_enabled():
            self._move(value.detach().mean())
        return value

    def _move(self, now: Tensor) -> None:
        if now.isfinite():  # else it would never be a number again
            self.mean = now if self.mean is None else self.mean + self.rate * (now - self.mean)


@shapes_checked
def leave_one_out(f: Callable, qz_x, noise: Tensor) -> Tensor:
    """The score function, each draw's baseline the mean f of the other draws: unbiased (chapter 8).

    RLOO (Kool et al. 2019, https://openreview.net/forum?id=r1lgTGL5DE). Raises ValueError for fewer than two samples.
    """
    _at_least_two(noise)
    z = _code(qz_x, noise)
    value = f(z)
    others = (value.detach().sum(0) - value.detach()) / (len(value) - 1)
    return _scored(value, value.detach() - others, qz_x.log_prob(z)).mean(0)


@shapes_checked
def relaxed(f: Callable, qz_x, noise: Tensor, *, temperature: float) -> Tensor:
    """f of a soft z, and the slope through it: biased, for it is another function's (chapter 8).

    Gumbel-softmax (Jang et al. 2017, https://arxiv.org/abs/1611.01144; Maddison et al. 2017,
    https://arxiv.org/abs/1611.00712). Its value is that of the soft z: no bound. Raises ValueError for a temperature
    that is not positive.
    """
    return f(qz_x.relax(noise, temperature)).mean(0)


@shapes_checked
def straight_through(f: Callable, qz_x, noise: Tensor, *, temperature: float) -> Tensor:
    """f of the hard z, the slope of f there times that of the soft z: biased (chapter 8).

    After Bengio et al. (2013, https://arxiv.org/abs/1308.3432), with the soft z of `relaxed`, as Jang et al. (2017).
    Raises as `relaxed`.
    """
    soft = qz_x.relax(noise, temperature)
    return f(qz_x.harden(soft) + (soft - soft.detach())).mean(0)


@shapes_checked
def rebar(f: Callable, qz_x, noise: Tensor, *, temperature: float, scale: float = 1.0) -> Tensor:
    """The score function, less `scale` times that of a soft z, whose slope is added again: unbiased (chapter 8).

    REBAR (Tucker et al. 2017, https://arxiv.org/abs/1703.07370): three calls of f a draw. The soft z that leads to the
    same code is drawn inside. f's own parameters get, besides their gradient, a term of mean 0. Raises as `relaxed`.
    """
    z = _code(qz_x, noise)
    value, log_q = f(z), qz_x.log_prob(z)
    free, tied = (f(qz_x.relax(each, temperature)) for each in (noise, qz_x.noise_given(z)))
    slope = scale * (free - tied)
    return (_scored(value, (value - scale * tied).detach(), log_q) + slope - slope.detach()).mean(0)


def elbo_by(model, x: Tensor, *, way: Way, num_samples: int = 1) -> Tensor:
    """log p(x|z) − KL(q(z|x) ‖ p(z)) with a slope by `way`: `[batch]`, nats, higher is better (chapter 8).

    The mean of `num_samples` draws of z; the KL is the discrete one, in closed form, whatever the way. Its expectation
    is the ELBO, except with `relaxed`, whose z is soft: then it is no bound. Settings of a way go with it:
    `way=partial(relaxed, temperature=0.5)`. `model` is a `DiscreteVAE`, `x` `[batch, data]`. Raises as the way, and as
    `elbo`.
    """
    check_positive(num_samples=num_samples)
    qz_x = _coded(model, x)
    reconstruction = way(lambda z: model.decoder(z).log_prob(x), qz_x, qz_x.noise((num_samples,)))
    return reconstruction - kl_divergence(qz_x, model.prior)


def vimco_bound(model, x: Tensor, *, num_samples: int) -> Tensor:
    """`importance_weighted_bound`, with VIMCO's slope: `[batch]`, nats, higher is better (chapter 8).

    A draw's score is weighed by the bound less what it would be with the geometric mean of the other weights in this
    draw's place: unbiased (Mnih & Rezende 2016, https://arxiv.org/abs/1602.06725). Raises ValueError for fewer than two
    samples, and as `elbo`.
    """
    check_positive(num_samples=num_samples)
    qz_x = _coded(model, x)
    z = _code(qz_x, _at_least_two(qz_x.noise((num_samples,))))
    log_q = qz_x.log_prob(z)
    log_w = model.decoder(z).log_prob(x) + model.prior.log_prob(z) - log_q
    bound, weights = log_mean_exp(log_w, dim=0), log_w.detach()
    others = (weights.sum(0) - weights) / (num_samples - 1)
    without = [log_mean_exp(torch.cat([weights[:k], others[k : k + 1], weights[k + 1 :]]), 0) for k in range(len(z))]
    advantage = bound.detach() - torch.stack(without)
    return bound + (advantage * (log_q - log_q.detach())).sum(0)


def _coded(model, x: Tensor):
    """q(z|x), of codes."""
    if x.ndim < 2:
        raise ValueError(f"expected x [batch, data], got shape {tuple(x.shape)}")
    qz_x = model.encoder(x)
    if not hasattr(qz_x, "noise"):
        raise ValueError(f"expected a DiscreteVAE, whose q is over codes of zeros and ones, got q = {qz_x}")
    return qz_x


def gradient_estimates(f: Callable, qz, noise: Tensor, *, way: Way) -> Tensor:
    """Single estimates of ∇ E_q[f(z)] by the logits of q: `[draws, *logits]` (chapter 8).

    `qz` has no batch, its logits `[latent]` or `[dice, faces]`; `noise` is `[samples, draws, latent]`: each estimate is
    the mean over its samples. f and `way` as everywhere here; only q's own gradient is taken. Raises as the way.
    """
    if noise.ndim != 3:
        raise ValueError(f"expected noise [samples, draws, latent], got shape {tuple(noise.shape)}")
    with torch.enable_grad():
        logits = qz.logits.detach().expand(noise.shape[1], *qz.logits.shape).clone().requires_grad_()
        total = way(f, type(qz)(logits), noise).sum()
    return torch.autograd.grad(total, logits)[0]


class Quantised(NamedTuple):
    """The codes' vectors `z` `[batch, dim]`, which are they (`codes` `[batch]`), and two losses, `[batch]` each."""

    z: Tensor
    codes: Tensor
    codebook_loss: Tensor
    commitment_loss: Tensor


def vector_quantise(z_e: Tensor, codebook: Tensor) -> Quantised:
    """The vector of `codebook` `[codes, dim]` nearest to each row of `z_e` `[batch, dim]`, as in VQ-VAE (chapter 8).

    z has the slope of z_e, straight-through. ‖sg(z_e) − e‖² moves the codebook, ‖z_e − sg(e)‖² the encoder (van den
    Oord et al. 2017, https://arxiv.org/abs/1711.00937): losses, lower is better. Raises ValueError for NaN, and for
    other widths.
    """
    check_width("z_e", z_e, codebook.shape[-1])
    check_finite(z_e=z_e, codebook=codebook)
    codes = torch.cdist(z_e, codebook).argmin(-1)
    e = codebook[codes]
    codebook_loss, commitment_loss = (z_e.detach() - e).square().sum(-1), (z_e - e.detach()).square().sum(-1)
    return Quantised(z_e + (e - z_e).detach(), codes, codebook_loss, commitment_loss)


def _code(qz_x, noise: Tensor) -> Tensor:
    return qz_x.harden(qz_x.relax(noise, 1.0)).detach()


def _less(value: Tensor, baseline: float | Tensor) -> Tensor:
    advantage = value - baseline
    if advantage.shape != value.shape:
        raise ValueError(f"expected a baseline of f's shape {tuple(value.shape)}, got {tuple(baseline.shape)}")
    return advantage


def _scored(value: Tensor, advantage: Tensor, log_q: Tensor) -> Tensor:
    """`value`, whose gradient has `advantage` ∇ log q added."""
    return value + advantage * (log_q - log_q.detach())


def _at_least_two(noise: Tensor) -> Tensor:
    if len(noise) < 2:
        raise ValueError(f"expected at least two samples, each a baseline for the others, got {len(noise)}")
    return noise

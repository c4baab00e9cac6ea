"""Chapters 5 to 7: what is estimated from a set of images: what each latent costs, which are used, what they tell."""

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.distributions import Distribution, kl_divergence

from vae_lib.distributions import log_mean_exp
from vae_lib.networks import check_positive

EQUAL = 1e-6  # of the largest weight: less is rounding, and has no shape


class Estimate(NamedTuple):
    """A mean over draws of z, and its standard error, in nats. The rows of x are given, and add no error."""

    mean: float
    error: float


@torch.no_grad()
def kl_per_dimension(model, x: Tensor) -> Tensor:
    """Each latent's KL(q(zᵢ|x) ‖ p(zᵢ)), the mean over `x` `[batch, data]`: `[latent]`, nats, 0 for one never used.

    Their sum is the mean KL term, where q and the prior are products over the latents; a chain (chapter 9), which is
    none, counts as one latent. Raises as the encoder.
    """
    return torch.atleast_2d(kl_of_latents(model.encoder(x), model.prior)).mean(0)


def kl_of_latents(qz_x: Distribution, prior: Distribution) -> Tensor:
    """KL(q(zᵢ|x) ‖ p(zᵢ)) of each latent, `[batch, latent]`; of what is no product of latents, the whole as one."""
    if hasattr(qz_x, "base_dist") and hasattr(prior, "base_dist"):
        return kl_divergence(qz_x.base_dist, prior.base_dist)
    return kl_divergence(qz_x, prior)[..., None]


@torch.no_grad()
def active_units(model, x: Tensor, threshold: float = 0.01) -> Tensor:
    """Which latents vary with x: Var_x(E_q[zᵢ]) > `threshold`: bool `[latent]` (chapter 6).

    The rule and its 0.01 are those of Burda et al. (2015, https://arxiv.org/abs/1509.00519). `x` is `[batch, data]`;
    the variance is that of these rows, so it needs many. Raises ValueError for fewer than two.
    """
    if x.ndim < 2 or len(x) < 2:
        raise ValueError(f"expected at least two examples [batch, data], whose means could vary, got {tuple(x.shape)}")
    return model.encoder(x).mean.var(0, correction=0) > threshold


@torch.no_grad()
def pointwise_information(model, x: Tensor, *, num_samples: int = 1) -> Tensor:
    """log q(z|x) − log q(z) at z ~ q(z|x), q(z) the average of q(z|x) over the rows of `x`: `[samples, batch]`, nats.

    Its mean over both axes is I(x; z) of these rows, at most log batch, and E KL = I(x; z) + KL(q(z) ‖ p(z)) (Hoffman &
    Johnson 2016, http://approximateinference.org/accepted/HoffmanJohnson2016.pdf). `x` is `[batch, data]`. Raises as
    the encoder.
    """
    check_positive(num_samples=num_samples)
    qz_x = model.encoder(x)
    draws = qz_x.sample((num_samples,))  # [samples, batch, latent]
    return qz_x.log_prob(draws) - _log_aggregate(qz_x, draws)


@torch.no_grad()
def mutual_information(model, x: Tensor, *, num_samples: int) -> Estimate:
    """I(x; z) under q, of the rows of `x` `[batch, data]`: what z tells of which row it came from (chapter 7).

    At most log batch, and at most E KL: I(x; z) = E KL − KL(q(z) ‖ p(z)), with `aggregate_kl` (Hoffman & Johnson 2016).
    `num_samples` draws of z for each row. Raises ValueError for fewer than two, and as the encoder.
    """
    return _estimate(pointwise_information(model, x, num_samples=num_samples))


@torch.no_grad()
def aggregate_kl(model, x: Tensor, *, num_samples: int) -> Estimate:
    """KL(q(z) ‖ p(z)), q(z) the average of q(z|x) over the rows of `x` `[batch, data]` (chapter 7).

    What E KL pays and no row is told by: how far the codes, all together, lie from the prior, from which one draws.
    `num_samples` draws of z for each row. Raises ValueError for fewer than two, and as the encoder.
    """
    check_positive(num_samples=num_samples)
    qz_x = model.encoder(x)
    draws = qz_x.sample((num_samples,))
    return _estimate(_log_aggregate(qz_x, draws) - model.prior.log_prob(draws))


def _log_aggregate(qz_x: Distribution, draws: Tensor) -> Tensor:
    """log q(z) at `draws` `[samples, batch, latent]`, q(z) the average of qz_x over its rows: `[samples, batch]`."""
    few = draws.flatten(0, 1).split(64)  # [64, batch, latent] numbers at a time
    return torch.cat([log_mean_exp(qz_x.log_prob(z[:, None]), dim=1) for z in few]).reshape(draws.shape[:2])


def _estimate(values: Tensor) -> Estimate:
    """Of values `[samples, batch]`: only the draws of a row vary, not the rows."""
    if len(values) < 2:
        raise ValueError(f"expected at least two draws of z, for an error, got {len(values)}")
    return Estimate(values.mean().item(), (values.var(0).mean() / values.numel()).sqrt().item())


def pareto_k(log_w: Tensor) -> Tensor:
    """The shape k̂ of a generalised Pareto distribution fitted to each column's largest weights: `[batch]`.

    `log_w` is `[samples, batch]`, at least 25 samples. Lower is better: above min(0.7, 1 − 1/log₁₀ samples) an average
    of as many weights is not to be relied on (Vehtari et al. 2024, https://arxiv.org/abs/1507.02646, who also give the
    number of weights that are fitted, and the pull to 0.5). −infinity where the largest weights are equal, to a
    millionth; infinity where one is all. Raises ValueError for fewer samples.
    """
    num = len(log_w)
    if log_w.ndim != 2 or num < 25:
        raise ValueError(f"expected log_w [samples, batch] with at least 25 samples, got {tuple(log_w.shape)}")
    tail = math.ceil(min(0.2 * num, 3 * math.sqrt(num)))
    largest = log_w.double().sort(0).values[-tail - 1 :]
    weights = (largest - largest[-1]).exp()
    return _pareto_shape(weights[1:] - weights[0])


def _pareto_shape(x: Tensor) -> Tensor:
    """k of a generalised Pareto distribution from its draws, `[n, batch]` in ascending order: `[batch]`."""
    # Zhang & Stephens (2009), Technometrics 51: the mean of θ over a grid, weighed by the profile likelihood, where
    # k(θ) = mean log(1 − θx) and the scale is −k/θ. Their sign of k is the opposite one.
    n, m = len(x), 30 + math.isqrt(len(x))
    points = torch.arange(1, m + 1, dtype=x.dtype)[:, None]
    theta = 1 / x[-1] + (1 - (m / (points - 0.5)).sqrt()) / (3 * x[int(n / 4 + 0.5) - 1])  # [m, batch]
    k = torch.log1p(-theta[:, None] * x).mean(1)
    log_profile = n * ((-theta / k).log() - k - 1)
    theta = (log_profile.softmax(0) * theta).sum(0)
    k = torch.log1p(-theta * x).mean(0)
    k = torch.where(k.isnan(), math.inf, (n * k + 5) / (n + 10))
    return torch.where(x[-1] > EQUAL, k, -math.inf)

"""Chapters 1 and 4: the few densities that a VAE is made of, one event per datum.

`Independent(…, 1)` declares the last axis to be one event, so that `log_prob` gives one number per
example and no formula carries a `.sum(-1)`.
"""

import math

import torch
from torch import Tensor
from torch.distributions import Bernoulli, Binomial, Independent, Normal


def diagonal_gaussian(mu: Tensor, sigma: Tensor) -> Independent:
    """N(mu, diag(sigma²)) with one event per row (chapter 1, equation 1.2).

    `mu` and `sigma` are `[..., dim]`; `sigma` holds standard deviations. `log_prob` of `[..., dim]` gives `[...]`, in
    nats. Raises ValueError if a parameter is NaN or a standard deviation is not positive.
    """
    return Independent(Normal(mu, sigma), 1)


def bernoulli(logits: Tensor) -> Independent:
    """Independent Bernoulli pixels with P(x = 1) = sigmoid(logits), one event per row (chapter 1, equation 1.4).

    `logits` is `[..., dim]`; `log_prob` of `[..., dim]` gives `[...]`, in nats. Its ValueError for a grey pixel is
    meant: only 0 and 1 are Bernoulli data.
    """
    return Independent(Bernoulli(logits=logits), 1)


def binomial(total_count: int, logits: Tensor) -> Independent:
    """Independent counts 0 … total_count with success probability sigmoid(logits), one event per row.

    `logits` is `[..., dim]`; `log_prob` of `[..., dim]` gives `[...]`, in nats, the log-binomial coefficients included.
    Raises ValueError for a value that is no count between 0 and `total_count`.
    """
    return Independent(Binomial(total_count, logits=logits), 1)


def kl_to_standard_normal(mu: Tensor, log_var: Tensor) -> Tensor:
    """KL(N(mu, exp(log_var)) ‖ N(0, 1)) = ½ (μ² + σ² − 1 − log σ²), one value per latent dimension (chapter 4).

    `mu` and `log_var` are `[batch, latent]`, and so is the result: nats, never negative. The sum over the last axis is
    the KL of the diagonal Gaussian. `expm1` keeps it accurate where σ is close to 1.
    """
    return 0.5 * (mu.square() + torch.expm1(log_var) - log_var)


def log_mean_exp(log_w: Tensor, dim: int) -> Tensor:
    """log of the mean of exp(log_w) along `dim`, without overflow (chapter 6).

    `log_w` is any tensor of logarithms, usually `[samples, batch]` with `dim=0`; the axis disappears. Raises
    ValueError if the axis is empty: a mean needs at least one term.
    """
    if log_w.shape[dim] == 0:
        raise ValueError(f"expected at least one value along dim {dim}, got shape {tuple(log_w.shape)}")
    return torch.logsumexp(log_w, dim) - math.log(log_w.shape[dim])

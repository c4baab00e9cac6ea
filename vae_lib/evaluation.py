"""Chapters 5 and 6: what is estimated from a set of images: what each latent of a VAE costs, and which it uses."""

import torch
from torch import Tensor
from torch.distributions import kl_divergence


@torch.no_grad()
def kl_per_dimension(model, x: Tensor) -> Tensor:
    """Each latent's KL(q(zᵢ|x) ‖ p(zᵢ)), the mean over `x` `[batch, data]`: `[latent]`, nats, 0 for one never used.

    Their sum is the mean KL term, since q and the prior are products over the latents. Raises as the encoder.
    """
    return torch.atleast_2d(kl_divergence(model.encoder(x).base_dist, model.prior.base_dist)).mean(0)


@torch.no_grad()
def active_units(model, x: Tensor, threshold: float = 0.01) -> Tensor:
    """Which latents vary with x: Var_x(E_q[zᵢ]) > `threshold`: bool `[latent]` (chapter 6).

    The rule and its 0.01 are those of Burda et al. (2015, https://arxiv.org/abs/1509.00519). `x` is `[batch, data]`;
    the variance is that of these rows, so it needs many. Raises ValueError for fewer than two.
    """
    if x.ndim < 2 or len(x) < 2:
        raise ValueError(f"expected at least two examples [batch, data], whose means could vary, got {tuple(x.shape)}")
    return model.encoder(x).mean.var(0, correction=0) > threshold

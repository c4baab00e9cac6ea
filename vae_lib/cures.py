"""Chapter 7: cures of collapse. Objectives like `elbo`: per example, in nats, higher is better; `fit` takes them.

Free bits (Kingma et al. 2016, https://arxiv.org/abs/1606.04934) let the KL be `floor` nats large before it costs: three
different things, by what the floor is held to. With the floor 0 each is `elbo`; with another it is at most that, and so
a bound too. Warm-up (Bowman et al. 2016, https://aclanthology.org/K16-1002) lets the KL cost nothing at first.
"""

import torch
from torch import Tensor
from torch.distributions import kl_divergence

from vae_lib.networks import check_positive
from vae_lib.objectives import elbo


def free_bits_on_the_mean(model, x: Tensor, *, floor: float) -> Tensor:
    """log p(x|z) − Σⱼ max(floor, mean KLⱼ), the mean over the rows of `x` `[batch, data]`: `[batch]`, nats (chapter 7).

    A latent has `floor` nats free on average: images may share them unequally. The paper's kind. All rows have the same
    second term. Raises ValueError for a negative floor, and as `elbo`.
    """
    reconstruction, kl = _terms(model, x, floor)
    return reconstruction - kl.mean(0).clamp(min=floor).sum()


def free_bits_per_image(model, x: Tensor, *, floor: float) -> Tensor:
    """log p(x|z) − Σⱼ max(floor, KLⱼ(x)): `[batch]`, nats (chapter 7).

    A latent has `floor` nats free for each image: none is pulled to the prior closer than that. `x` is `[batch, data]`.
    Raises as `free_bits_on_the_mean`.
    """
    reconstruction, kl = _terms(model, x, floor)
    return reconstruction - kl.clamp(min=floor).sum(1)


def free_bits_in_total(model, x: Tensor, *, floor: float) -> Tensor:
    """log p(x|z) − max(floor, KL(x)): `[batch]`, nats (chapter 7).

    An image has `floor` nats free, however its latents share them: some may stay unused. `x` is `[batch, data]`. Raises
    as `free_bits_on_the_mean`.
    """
    reconstruction, kl = _terms(model, x, floor)
    return reconstruction - kl.sum(1).clamp(min=floor)


class WarmUp:
    """An objective, log p(x|z) − β KL, whose β rises evenly from 0 to 1 over its first `num_steps` steps (chapter 7).

    A step is a call that records gradients, so what `fit` evaluates does not count, and is scored with the β of its
    moment; once β is 1 it is `elbo`. A training needs one of its own. Raises ValueError for fewer than one step, and as
    `elbo`.
    """

    def __init__(self, num_steps: int):
        check_positive(num_steps=num_steps)
        self.num_steps, self.step = num_steps, 0

    def __call__(self, model, x: Tensor) -> Tensor:
        beta = min(1.0, self.step / self.num_steps)
        self.step += torch.is_grad_enabled()
        return elbo(model, x, beta=beta)


def _terms(model, x: Tensor, floor: float) -> tuple[Tensor, Tensor]:
    """log p(x|z) with one draw of z, `[batch]`, and the KL of each latent, `[batch, latent]`."""
    if not floor >= 0:
        raise ValueError(f"expected a floor of at least 0 nats, got {floor}")
    qz_x = model.encoder(x)
    return model.decoder(qz_x.rsample()).log_prob(x), kl_divergence(qz_x.base_dist, model.prior.base_dist)

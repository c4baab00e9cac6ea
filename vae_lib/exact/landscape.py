"""Chapter 7: the linear VAE's ELBO over a covariance, without a draw: a function of W, V and log s²; its still points.

x has the mean 0 and the covariance C. The encoder is q(z|x) = N(V x, diag(s²)), the decoder N(W z, σ_x² I).
"""

import math
from itertools import combinations
from typing import NamedTuple

import torch
from torch import Tensor
from torch.optim import Adam

from vae_lib.exact.rate_distortion import linear_optimum
from vae_lib.networks import check_positive


class LinearPoint(NamedTuple):
    """The parameters of a linear VAE, in the order in which `linear_elbo` takes them after the covariance.

    `weight` is W `[data, latent]`, `encoder` V `[latent, data]`, `log_var` log s² `[latent]`, `noise_var` σ_x² `[]`.
    """

    weight: Tensor
    encoder: Tensor
    log_var: Tensor
    noise_var: Tensor


class CriticalPoint(NamedTuple):
    """A point at which the ELBO is still, in the coordinates of the eigenvectors of the covariance.

    `used` names the directions i with a latent of their own, λ falling, from 0. `weight` is W `[data, latent]`: in the
    data's own coordinates it is U @ weight, U `[data, data]` the eigenvectors. `elbo` is the mean ELBO with the best
    encoder, nats. From here the ELBO rises along `ways_up` directions that are orthogonal to one another: 0 at the top.
    """

    used: tuple[int, ...]
    weight: Tensor
    elbo: float
    ways_up: int


def linear_terms(covariance: Tensor, weight: Tensor, encoder: Tensor, log_var: Tensor) -> tuple[Tensor, Tensor]:
    """E KL of each latent `[latent]`, in nats, and E‖x − W z‖² `[]`, both exact: rate and distortion (chapter 7).

    The second is tr((I − WV) C (I − WV)ᵀ) + Σⱼ sⱼ² ‖wⱼ‖². `covariance` is C `[data, data]`, the others as in
    `LinearPoint`.
    """
    kl = 0.5 * (((encoder @ covariance) * encoder).sum(1) + torch.expm1(log_var) - log_var)
    missed = torch.eye(len(covariance), dtype=covariance.dtype) - weight @ encoder
    spread = log_var.exp() @ weight.square().sum(0)
    return kl, ((missed @ covariance) * missed).sum() + spread


def linear_elbo(
    covariance: Tensor,
    weight: Tensor,
    encoder: Tensor,
    log_var: Tensor,
    noise_var: float | Tensor,
    *,
    beta: float = 1.0,
) -> Tensor:
    """E_x[E_q log p(x|z) − β KL], exact and differentiable: `[]`, nats an example, higher is better (chapter 7).

    With beta = 1 it is the mean ELBO of any data with this covariance, `[data, data]`, divided by N, and with the mean
    0. `noise_var` is σ_x², a number or a tensor `[]`; the others as in `LinearPoint`.
    """
    kl, distortion = linear_terms(covariance, weight, encoder, log_var)
    noise_var = torch.as_tensor(noise_var, dtype=covariance.dtype)
    log_px_z = -0.5 * (len(covariance) * torch.log(2 * math.pi * noise_var) + distortion / noise_var)
    return log_px_z - beta * kl.sum()


def train_linear(
    covariance: Tensor,
    latent_dim: int,
    noise_var: float,
    *,
    beta: float = 1.0,
    learn_noise: bool = False,
    num_steps: int = 1000,
    lr: float = 0.05,
) -> LinearPoint:
    """Adam on `linear_elbo` from a small random start, no draw of x or z: the point where it ends (chapter 7).

    The start is W = Vᵀ, near 0: seed before the call. `lr` falls to 0 over the second half. σ_x² stays `noise_var`, or
    starts there if `learn_noise`. In the dtype of `covariance` `[data, data]`. Raises ValueError for fewer than one
    latent or step.
    """
    check_positive(latent_dim=latent_dim, num_steps=num_steps)
    weight = 0.1 * torch.randn(len(covariance), latent_dim, dtype=covariance.dtype)
    log_noise = torch.tensor(math.log(noise_var), dtype=covariance.dtype)
    parameters = [weight, weight.T.clone(), weight.new_zeros(latent_dim), log_noise]
    learned = [parameter.requires_grad_() for parameter in (parameters if learn_noise else parameters[:3])]
    optimizer = Adam(learned, betas=(0.9, 0.99))  # a shorter memory of the slopes: 0.999 is ten times slower
    for step in range(num_steps):
        optimizer.param_groups[0]["lr"] = lr * min(1, 2 * (1 - step / num_steps))
        optimizer.zero_grad()
        (-linear_elbo(covariance, *parameters[:3], log_noise.exp(), beta=beta)).backward()
        optimizer.step()
    weight, encoder, log_var, log_noise = (parameter.detach() for parameter in parameters)
    return LinearPoint(weight, encoder, log_var, log_noise.exp())


def best_encoder(weight: Tensor, noise_var: float) -> LinearPoint:
    """W `[data, latent]` and σ_x² with the best diagonal Gaussian q for them: the posterior's mean, 1 / its precisions.

    V = M⁻¹Wᵀ and s² = σ_x² / diag(M), with M = WᵀW + σ_x² I.
    """
    noise_var = torch.as_tensor(noise_var, dtype=weight.dtype)
    M = weight.T @ weight + noise_var * torch.eye(weight.shape[1], dtype=weight.dtype)
    return LinearPoint(weight, torch.linalg.solve(M, weight.T), (noise_var / M.diagonal()).log(), noise_var)


def critical_points(eigenvalues: Tensor, latent_dim: int, noise_var: float) -> list[CriticalPoint]:
    """The still points of the linear VAE's ELBO whose latents have one direction each, from the lowest to the top.

    Chapter 7; σ_x² is fixed. Where latents share directions the ELBO has others, which are not here. One for each set S
    of at most `latent_dim` directions with λ > σ_x²: column i of W is √(λᵢ − σ_x²) uᵢ. Which latent has which
    direction, and with which sign, is left open. The ELBO rises where a used direction gives way to a better one that
    is unused, and where an unused latent takes up any such direction. A point has `used`, the set S; `weight` `[data,
    latent]`, W in the coordinates of the eigenvectors; its `elbo`, with the best encoder; and `ways_up`, the number of
    positive curvatures there. `eigenvalues` is `[data]`, no two equal, in any order. Raises ValueError as
    `linear_optimum`.
    """
    check_positive(latent_dim=latent_dim)
    lambdas = eigenvalues.sort(descending=True).values
    above = range(linear_optimum(lambdas, len(lambdas), noise_var).used)
    sets = [S for size in range(min(latent_dim, len(above)) + 1) for S in combinations(above, size)]
    return sorted((_point(lambdas, S, latent_dim, noise_var) for S in sets), key=lambda point: point.elbo)


def _point(lambdas: Tensor, used: tuple[int, ...], latent_dim: int, noise_var: float) -> CriticalPoint:
    weight = torch.zeros(len(lambdas), latent_dim, dtype=lambdas.dtype)
    for latent, i in enumerate(used):
        weight[i, latent] = (lambdas[i] - noise_var).sqrt()
    elbo = linear_elbo(lambdas.diag(), *best_encoder(weight, noise_var)).item()
    unused = [k for k in range(len(lambdas)) if lambdas[k] > noise_var and k not in used]
    better = sum(k < i for i in used for k in unused)
    return CriticalPoint(used, weight, elbo, better + (latent_dim - len(used)) * len(unused))

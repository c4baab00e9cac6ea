"""Chapter 7: what the linear VAE can reach, from the eigenvalues of the data's covariance alone, before training.

Its β-objective is β times an ELBO with the noise βσ_x², the *water level*: directions above it are used, the others are
not (Lucas et al. 2019, https://arxiv.org/abs/1911.02469). Where a latent is left for each of them, its rate and its
distortion lie on Shannon's curve of a Gaussian source (Cover & Thomas 2006, *Elements of Information Theory*, 10.3.3).
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from vae_lib.networks import check_positive


class LinearOptimum(NamedTuple):
    """The best point of a linear VAE, in nats an example.

    `used` latents of it have a KL above 0. `rate` is E KL, `distortion` E‖x − f(z)‖² over x and z ~ q(z|x), in the
    data's unit squared. `elbo` is the mean ELBO there; `objective`, with β KL in the KL's place, is what was maximised.
    """

    used: int
    rate: float
    distortion: float
    elbo: float
    objective: float


def reverse_water_filling(eigenvalues: Tensor, level: float) -> tuple[Tensor, Tensor]:
    """Each direction's rate ½ log(λ/θ)₊, in nats, and distortion min(λ, θ), for the water level θ (chapter 7).

    `eigenvalues` is `[data]`, the variances λ in any order, and so are both results. Raises ValueError for a level that
    is not positive, or an eigenvalue below 0 by more than rounding.
    """
    lambdas = _checked(eigenvalues)
    if not 0 < level < math.inf:
        raise ValueError(f"expected a positive, finite water level, got {level}")
    return 0.5 * (lambdas / level).clamp(min=1).log(), lambdas.clamp(max=level)


def rate_of_distortion(eigenvalues: Tensor, distortion: float | Tensor) -> Tensor:
    """Shannon's R(D) of a Gaussian source: the fewest nats an example with which E‖x − x̂‖² ≤ D (chapter 7).

    `eigenvalues` is `[data]`, the variances, in any order; `distortion` a number or a tensor of any shape, which the
    result has. It falls, is convex, and is 0 from the sum of the variances on. Raises ValueError for a distortion that
    is not positive, and as `reverse_water_filling`.
    """
    lambdas = _falling(eigenvalues)
    wanted = torch.as_tensor(distortion, dtype=lambdas.dtype)[..., None]
    if not (wanted > 0).all():
        raise ValueError(f"expected positive distortions, got {wanted.min():g}")
    # Σ min(λᵢ, θ) is the least of the lines k θ + Σ_{i>k} λᵢ, so its inverse is the greatest of theirs.
    k = torch.arange(1, len(lambdas) + 1)
    level = ((wanted - _tails(lambdas)[1:]) / k).amax(-1, keepdim=True)
    return 0.5 * (lambdas / level).clamp(min=1).log().sum(-1)


def linear_optimum(eigenvalues: Tensor, latent_dim: int, noise_var: float, *, beta: float = 1.0) -> LinearOptimum:
    """The best point of the linear VAE with this σ_x² and β, in closed form: nothing is trained (chapter 7).

    It uses min(latent_dim, the number of λ above βσ_x²) latents. `eigenvalues` is `[data]`, those of the covariance
    divided by N, in any order; `noise_var` is σ_x², fixed. Raises ValueError for a latent_dim below 1, a noise_var or a
    beta that is not positive, and as `reverse_water_filling`.
    """
    _check_settings(latent_dim, beta)
    lambdas = _falling(eigenvalues)
    rates, distortions = reverse_water_filling(lambdas[:latent_dim], beta * noise_var)
    rate, distortion = rates.sum().item(), (distortions.sum() + lambdas[latent_dim:].sum()).item()
    used = int((lambdas[:latent_dim] > beta * noise_var).sum())
    log_px_z = -0.5 * (len(lambdas) * math.log(2 * math.pi * noise_var) + distortion / noise_var)
    return LinearOptimum(used, rate, distortion, log_px_z - rate, log_px_z - beta * rate)


def learned_noise_var(eigenvalues: Tensor, latent_dim: int, *, beta: float = 1.0) -> float:
    """The σ_x² that the linear VAE ends at if it learns σ_x too (chapter 7).

    There data · σ_x² = Σ_{i≤d} min(λᵢ, βσ_x²) + Σ_{i>d} λᵢ, with λ falling and d = latent_dim: the tail beyond d is
    part of it. The solution, in closed form: at β = 1 the mean of the discarded eigenvalues, as in probabilistic PCA.
    It is 0 where nothing is left to discard and the objective has no maximum. (At β = 1 with a latent for each of data
    directions, all of which vary, every σ_x² up to the least eigenvalue is as good; this is the largest.) `eigenvalues`
    as for `linear_optimum`. Raises ValueError as that.
    """
    _check_settings(latent_dim, beta)
    lambdas = _falling(eigenvalues)
    # With k latents used σ_x² = Σ_{i>k} λᵢ / (data − k β). The right side of the equation is the least of lines, as in
    # `rate_of_distortion`, and so the fixed point is the least of the lines' own; a line as steep as 1 has none.
    k = torch.arange(min(latent_dim, len(lambdas)) + 1)
    slopes, tails = k * beta, _tails(lambdas)[k]
    return (tails / (len(lambdas) - slopes))[slopes < len(lambdas)].min().item()


def _tails(lambdas: Tensor) -> Tensor:
    """Σ_{i>k} λᵢ for k = 0 … data: `[data + 1]`. Added from the smallest, so that the last ones are exact."""
    sums = lambdas.flip(0).cumsum(0).flip(0)
    return torch.cat([sums, sums.new_zeros(1)])


def _falling(eigenvalues: Tensor) -> Tensor:
    return _checked(eigenvalues).sort(descending=True).values


def _checked(eigenvalues: Tensor) -> Tensor:
    """The eigenvalues, those that rounding made negative at 0."""
    if eigenvalues.ndim != 1 or len(eigenvalues) == 0 or not eigenvalues.is_floating_point():
        raise ValueError(f"expected floating-point eigenvalues [data], got shape {tuple(eigenvalues.shape)}")
    rounding = torch.finfo(eigenvalues.dtype).eps * len(eigenvalues) * eigenvalues.abs().max()
    if not (eigenvalues >= -rounding).all():
        raise ValueError(f"expected eigenvalues of a covariance, at least 0, got {eigenvalues.min():g}")
    return eigenvalues.clamp(min=0)


def _check_settings(latent_dim: int, beta: float) -> None:
    check_positive(latent_dim=latent_dim)
    if not 0 < beta < math.inf:
        raise ValueError(f"expected a positive, finite beta, got {beta}")

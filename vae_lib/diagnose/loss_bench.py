"""Chapters 4 and 5: a homework's loss on made-up inputs, and how its numbers are fitted by known terms."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from vae_lib.diagnose import loss_inputs
from vae_lib.diagnose.loss_calls import Call
from vae_lib.diagnose.loss_inputs import Sizes

PROBES, DRAWN_PROBES = 10, 7


# A common eps in a logarithm moves a pixel's term by 1e-4.
EXACT, PIXEL_TOL, LATENT_TOL, ELSEWHERE_TOL = 1e-6, 1e-3, 1e-5, 1e-2


@dataclass(frozen=True)
class Bench:
    """A loss, the sizes with which it is called, and the kinds of inputs that it takes."""

    call: Call
    sizes: Sizes
    pixels: str = "unit"
    latents: str = "both"
    latents_are_fixed: bool = False  # their number is written into the loss
    draws: int = 1  # calls that are averaged, each with a seed of its own

    @property
    def probes(self) -> int:
        return PROBES if self.draws == 1 else DRAWN_PROBES

    def inputs(self, k: int = 0, j: int = 0, pixels: str = "", latents: str = "") -> tuple[Tensor, ...]:
        """x_hat and x of the k-th pixels, mu and the fourth argument of the j-th latents."""
        of_pixels = loss_inputs.pixels(self.sizes, pixels or self.pixels, k)
        return *of_pixels, *loss_inputs.latents(self.sizes, latents or self.latents, j)

    def values(self, inputs) -> Tensor:
        """`[draws]`."""
        return torch.stack([self.call.value(inputs, self.sizes, seed) for seed in range(self.draws)]).detach()

    def value(self, inputs) -> float:
        return self.values(inputs).mean().item()

    def at(self, x_hat: float, x: float) -> float:
        """The loss of images that are the same everywhere."""
        image, _, mu, fourth = self.inputs()
        return self.value((torch.full_like(image, x_hat), torch.full_like(image, x), mu, fourth))


class Fit(NamedTuple):
    """loss = Σ weights · terms + constant, and the weights' standard errors over the draws."""

    weights: list[float]
    errors: list[float]


def fit(values: Tensor, terms: Tensor, tolerance: float) -> Fit | None:
    """Of values `[probes, draws]` by terms `[probes, terms]`; None where more is left than tolerance and noise."""
    # A loss computed in float32 has only 7 digits, also when it returns float64's numbers: its rounding is larger.
    mean, draws = values.mean(1), values.shape[1]
    spread = (mean.max() - mean.min()).item()
    rounding = (1e-6 if torch.equal(values, values.float().double()) else 1e-12) * values.abs().max().item()
    # The seeds are the same at every probe: what a draw adds to all alike is no noise.
    scatter = values - values.mean(0)
    noise = 5 * (scatter.var(1) / draws).mean().sqrt().item() if draws > 1 else 0.0
    if spread <= 2 * rounding + noise:
        return Fit([0.0] * terms.shape[1], [0.0] * terms.shape[1])
    if not terms.isfinite().all():
        return None
    inverse = torch.linalg.pinv(terms - terms.mean(0))
    each = inverse @ (values - values.mean(0))  # [terms, draws]
    weights = each.mean(1)
    left = (terms - terms.mean(0)) @ weights - (mean - mean.mean())
    if left.abs().max() > tolerance * spread + rounding + noise:
        return None
    errors = each.std(1) / math.sqrt(draws) if draws > 1 else torch.zeros_like(weights)
    matters = weights.abs() * (terms - terms.mean(0)).abs().amax(0) > 1e-4 * spread
    return Fit(torch.where(matters, weights, 0).tolist(), errors.tolist())


def alike(one: Tensor, other: Tensor) -> bool:
    return bool((one - other).norm() <= 1e-2 * other.norm() + 1e-12)

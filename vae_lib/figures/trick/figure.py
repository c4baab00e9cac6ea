"""Chapter 3: *The trick*, the live figure in which z = mu + sigma · eps moves while eps stays."""

import matplotlib.pyplot as plt
import torch

from vae_lib.figures.base.page import Explorable, explorable
from vae_lib.gradients import pathwise_gradient, score_function_gradient
from vae_lib.page.palette import LIGHT
from vae_lib.page.plotting import as_svg

MU, SIGMA = 0.5, 1.0
ALT = (
    "Two panels, for f(z) = z² and z ~ N(½, 1). Above: twelve frozen draws ε on a line, a line from each to its "
    "z = μ + σ ε, and from there up to the parabola f. Below: the two estimates that each draw gives of the gradient, "
    "over its ε. The pathwise ones lie on a straight line that crosses the exact value 1 at ε = 0; those of the score "
    "function lie on a cubic, flat at small ε and far out at large ε."
)
FROZEN = (
    "Two lines of numbers, for z ~ N(½, 1). Below, twelve frozen draws ε; above, under the bell of q, the z = μ + σ ε "
    "that each of them gives, joined to it by a line. All the lines lean to the right, by the same half."
)


def trick(*, control: str | None = None, state: dict | None = None) -> Explorable:
    """Move μ and σ under frozen noise, and compare both gradient estimators, exactly (chapter 3, equations 3.8–3.10).

    `control` reduces it to "mu" or "sigma", ε and z. `state` is what it shows first, any of `mu`,
    `sigma`, `choice` ("square", "plus", "wave", "step"), `c`, `omega`, `baseline` ("none", "mean"), `chosen` and
    `seed`, 0 for the stored draws. Raises ValueError at another control.
    """
    title, data = "The trick: z = μ + σ ε with ε frozen", {"eps": draws().tolist()}
    options = {"control": control, "controls": ("mu", "sigma"), "state": state}
    picture, alt = (_frozen(), FROZEN) if control else (_picture(), ALT)
    return explorable("trick", title, as_svg(picture).data, alt, data, **options)


def draws() -> torch.Tensor:
    """The twelve ε with which the figure starts: of N(0, 1), rounded to two digits, in order."""
    generator = torch.Generator().manual_seed(0)  # its own: the notebook's draws stay as they are
    return torch.randn(12, dtype=torch.float64, generator=generator).sort().values.round(decimals=2)


def _frozen() -> plt.Figure:
    figure, axes = plt.subplots(figsize=(7.2, 3.2))
    eps, grid = draws(), torch.linspace(-3, 4, 141, dtype=torch.float64)
    z = MU + SIGMA * eps
    axes.fill_between(grid, 1, 1 + 0.5 * (-((grid - MU) ** 2) / 2).exp(), color=LIGHT["q"], alpha=0.2)
    axes.plot(torch.stack([eps, z]), [[0] * len(eps), [1] * len(eps)], color=LIGHT["data"], linewidth=0.8)
    axes.plot(z, 0 * z + 1, "o", color=LIGHT["q"])
    axes.plot(eps, 0 * eps, "o", color=LIGHT["ink"], markerfacecolor=LIGHT["ground"])
    axes.set(xlim=(-3, 4), ylim=(-0.15, 1.6), yticks=[0, 1], yticklabels=["ε, frozen", "z = μ + σ ε"])
    return figure


def _picture() -> plt.Figure:
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(5.0, 5.2))
    eps, grid = draws(), torch.linspace(-3, 3.5, 131, dtype=torch.float64)
    z = MU + SIGMA * eps
    top.plot(grid, grid.square(), color=LIGHT["decoder"])
    top.text(-2.55, 7.6, "f(z) = z²", color=LIGHT["decoder"])
    top.vlines(z, 0, z.square(), color=LIGHT["ink"], linestyle=":", linewidth=1)
    for start, end in zip(eps, z, strict=True):
        top.plot([start, end], [-4, 0], color=LIGHT["data"], linewidth=0.8)
    top.plot(z, 0 * z, "o", color=LIGHT["q"], markersize=5)
    top.plot(eps, 0 * eps - 4, "o", color=LIGHT["ink"], markerfacecolor=LIGHT["ground"], markersize=5)
    top.text(3.4, 0.3, "z", color=LIGHT["q"], ha="right")
    top.text(3.4, -3.7, "ε, frozen", ha="right")
    top.set(xlim=(-3, 3.5), ylim=(-4.6, 9), yticks=[0, 4, 8])

    estimators = {
        "pathwise": (pathwise_gradient, "o", "-", "q"),
        "score function": (score_function_gradient, "D", "--", "ink"),
    }
    for name, (estimator, mark, style, colour) in estimators.items():
        curve, values = (estimator(torch.square, MU, SIGMA, noise)[0] for noise in (grid, eps))
        bottom.plot(grid, curve, style, color=LIGHT[colour], linewidth=1)
        bottom.plot(eps, values, mark, color=LIGHT[colour], markersize=5, label=name)
    bottom.axhline(2 * MU, color=LIGHT["ink"], linewidth=0.8)
    bottom.text(2.9, 2 * MU + 0.2, "exact", ha="right", va="bottom", fontsize=9)
    bottom.legend(loc="upper left")
    bottom.set(xlabel="ε", ylabel="estimate of ∂/∂μ from one ε", xlim=(-3, 3), ylim=(-8, 12), yticks=[-5, 0, 5, 10])
    return figure

"""Chapter 7: *The water level*, the live figure in which the number of living latents is predicted, and trained."""

from functools import cache

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes

from vae_lib.data import digits
from vae_lib.figures.base.page import Explorable, explorable
from vae_lib.page.palette import LIGHT
from vae_lib.page.plotting import as_svg

SHOWN, LEVEL = 20, 0.3


def water(*, control: str | None = None, state: dict | None = None) -> Explorable:
    """The variances of the digits under the water βσ_x²: how many latents live, rate, distortion, ELBO (chapter 7).

    A linear VAE with a fixed σ_x²; *train* runs in the page. `control` "opening" reduces it to a guess and the slider
    of σ_x²: the water comes once the reader has guessed, or moved it. `state` is what it shows first, any of:
    `variance`, which is σ_x², and `beta`, values that the sliders offer; `latents`, 1 to 24; `steps`, 0 to 800, and
    `seed` of the training. Raises ValueError at another control.
    """
    data = {"eigenvalues": eigenvalues()}
    options = {"control": control, "controls": ("opening",), "state": state}
    picture, alt = _picture(asked=control == "opening")
    return explorable("water", "The water level: which latents live", picture, alt, data, **options)


@cache
def eigenvalues() -> list[float]:
    """Those of the covariance (divided by N) of the 1,437 training images, counts / 16: 64 numbers that fall."""
    x = digits()[0].double() / 16
    falling = torch.linalg.eigvalsh(torch.cov(x.T, correction=0)).flip(0).clamp(min=0)
    return falling.round(decimals=7).tolist()


def _picture(*, asked: bool) -> tuple[str, str]:
    """The bars, as one sees them before the guess or under the water, and what they show in words."""
    shown = eigenvalues()[:SHOWN]
    figure, axes = plt.subplots(figsize=(6.0, 3.0))
    _bars(axes, shown, level=None if asked else LEVEL)
    said = ", ".join(f"{value:.2f}" for value in shown[:6])
    alt = (
        f"Twenty bars on a logarithmic scale, the largest variances of the digits along the directions of their "
        f"covariance. They fall: {said}, and so on to {shown[-1]:.2f}."
    )
    live = sum(value > LEVEL for value in shown)
    words = f" The water stands at βσ_x² = {LEVEL}: the first {live} bars are above it, all others are drowned."
    return as_svg(figure).data, alt if asked else alt + words


def _bars(axes: Axes, shown: list[float], level: float | None) -> None:
    """The bars; with a level what is above the water in one colour, and what is drowned hatched."""
    place = range(1, len(shown) + 1)
    axes.set(yscale="log", ylim=(0.02, 1.2), xlabel="direction, by its variance", ylabel="variance")
    axes.bar(place, shown, width=0.6, facecolor=(LIGHT["data"], 0.3), edgecolor=LIGHT["data"])
    if level is None:
        return
    drowned = [0 if value > level else value for value in shown]
    axes.bar(place, drowned, width=0.6, facecolor="none", edgecolor=LIGHT["data"], hatch="-----")
    axes.bar(place, [max(value - level, 0) for value in shown], bottom=level, width=0.6, color=LIGHT["kl"])
    axes.axhspan(0.02, level, color=LIGHT["decoder"], alpha=0.1, linewidth=0)
    axes.axhline(level, color=LIGHT["decoder"])
    axes.text(20.5, 1.1 * level, f"water: {level}", color=LIGHT["decoder"], ha="right")

"""Chapter 7: *The water level*, the live figure in which the number of living latents is predicted, and trained."""

from functools import cache

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes

from vae_lib.data import digits
from vae_lib.exact.rate_distortion import linear_optimum, rate_of_distortion
from vae_lib.figures.base.page import Explorable, explorable
from vae_lib.figures.base.shortened import shortened
from vae_lib.page.palette import LIGHT
from vae_lib.page.plotting import as_svg

SHOWN, LATENTS, LEVEL, LOWEST = 20, 16, 0.3, 0.02
TICKS = [0.02, 0.05, 0.1, 0.2, 0.5, 1]


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
    """What one sees first, and what it shows in words: the bars before the guess, or under the water with the plane."""
    shown = eigenvalues()[:SHOWN]
    said = ", ".join(f"{value:.2f}" for value in shown[:6])
    alt = (
        "Twenty bars on a logarithmic scale, the largest variances of the digits along the eigenvectors of their "
        f"covariance. They fall: {said}, and so on to {shown[-1]:.2f}."
    )
    if asked:
        figure, axes = plt.subplots(figsize=(6.0, 2.8))
        _bars(axes, shown)
        return shortened(as_svg(figure).data), alt
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 2.8))
    _bars(left, shown)
    _water(left, shown)
    _plane(right)
    return shortened(as_svg(figure).data), f"Left: {alt} {_words()}"


def _words() -> str:
    best = linear_optimum(torch.tensor(eigenvalues()), LATENTS, LEVEL)
    return (
        f"The water stands at βσ_x² = {LEVEL}: the first {best.used} bars are above it, all others drowned. Right: "
        "the plane of distortion and rate, with Shannon's curve, which falls and flattens. The predicted point lies on "
        f"it, at distortion {best.distortion:.2f} and rate {best.rate:.2f} nats, and the line of equal ELBO touches it."
    )


def _bars(axes: Axes, shown: list[float]) -> None:
    axes.set(yscale="log", ylim=(LOWEST, 1.2), xlabel="direction, by its variance", ylabel="variance")
    axes.set_yticks(TICKS, TICKS)
    axes.minorticks_off()
    axes.bar(range(1, SHOWN + 1), shown, width=0.6, facecolor=(LIGHT["data"], 0.3), edgecolor=LIGHT["data"])


def _water(axes: Axes, shown: list[float]) -> None:
    """Over the bars: in one colour what is above the water, hatched what is drowned."""
    place = range(1, SHOWN + 1)
    drowned = [0 if value > LEVEL else value for value in shown]
    axes.bar(place, drowned, width=0.6, facecolor="none", edgecolor=LIGHT["data"], hatch="-----")
    axes.bar(place, [max(value - LEVEL, 0) for value in shown], bottom=LEVEL, width=0.6, color=LIGHT["kl"])
    axes.axhspan(LOWEST, LEVEL, color=LIGHT["decoder"], alpha=0.1, linewidth=0)
    axes.axhline(LEVEL, color=LIGHT["decoder"])
    axes.text(SHOWN + 0.5, 1.1 * LEVEL, rf"water: $\beta\sigma_x^2$ = {LEVEL}", color=LIGHT["decoder"], ha="right")


def _plane(axes: Axes) -> None:
    lambdas = torch.tensor(eigenvalues(), dtype=torch.float64)
    best = linear_optimum(lambdas, LATENTS, LEVEL)
    distortion = torch.linspace(2.6, 5, 61, dtype=torch.float64)
    axes.plot(distortion, rate_of_distortion(lambdas, distortion), color=LIGHT["ink"], label="Shannon's curve")
    line = best.rate + (best.distortion - distortion) / (2 * LEVEL)
    axes.plot(distortion, line, "--", color=LIGHT["decoder"], label=f"ELBO {best.elbo:.2f} nats".replace("-", "−"))
    axes.plot(best.distortion, best.rate, "+", color=LIGHT["ink"], markersize=11, label="predicted")
    axes.legend(loc="lower left")
    axes.set(xlabel="distortion: squared error a picture", ylabel="rate: KL, nats", xlim=(0, 5), ylim=(0, 2))

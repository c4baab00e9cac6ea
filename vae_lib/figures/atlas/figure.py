"""The first page: *The atlas*, the live figure in which z drifts through the prior, and the decoder draws it."""

import math

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes

from vae_lib.figures.base.page import Explorable, explorable
from vae_lib.figures.base.shortened import shortened
from vae_lib.page.palette import LIGHT, LIGHT_DIGITS
from vae_lib.page.plotting import as_svg, draw_ellipse
from vae_lib.shipped.atlas import SIDE, atlas_decoder
from vae_lib.shipped.weights import asset

START = [1.75 * math.sin(0.35), 1.75 * math.sin(-0.75)]  # where the path of formulas.js begins: among the 0s
REACH = 2.9
ALT = (
    "Two panels. Left: the plane of z with some 300 digits, each drawn at its code, like among like, and the prior as "
    "two dashed circles around 0; z is a small ring among the {digit}s, at ({z}). Right: what the decoder draws there, "
    "a {digit} of 28×28 pixels."
)


def atlas(*, control: str | None = None, state: dict | None = None) -> Explorable:
    """Point at a place in the plane of z, see the decoder's picture of 28×28 pixels; z drifts until it is touched.

    The decoder is `vae_lib.shipped.atlas_decoder`. `control` is None: there is one control, z. `state` is what it shows
    first, any of: `z`, two numbers; `drifts`, True or False. Raises ValueError at a control.
    """
    data = _shown(asset("atlas.json"))
    options = {"control": control, "state": state}
    z = ", ".join(f"{value:.2f}".replace("-", "−") for value in START)
    picture = shortened(as_svg(_picture(data)).data)
    return explorable("atlas", "The atlas: the plane of z, decoded", picture, ALT.format(digit=0, z=z), data, **options)


def _shown(data: dict) -> dict:
    """Without the codes that lie outside of the plane."""
    pairs = zip(data["codes"], data["labels"], strict=True)
    inside = [(code, label) for code, label in pairs if max(map(abs, code)) < REACH]
    codes, labels = zip(*inside, strict=True)
    return {**data, "codes": codes, "labels": "".join(labels)}


def _picture(data: dict) -> plt.Figure:
    figure = plt.figure(figsize=(7.2, 3.5), layout="none")
    left, right = (figure.add_axes(box) for box in [(0.07, 0.12, 0.41, 0.84), (0.55, 0.12, 0.41, 0.84)])
    _map(left, torch.tensor(data["codes"]), [int(label) for label in data["labels"]])
    with torch.no_grad():
        pixels = atlas_decoder()(torch.tensor(START, dtype=torch.float64)).mean.round(decimals=2)
    right.imshow(pixels.reshape(SIDE, SIDE).numpy(), vmin=0, vmax=1, cmap="gray_r", interpolation="none")
    right.set(xticks=[], yticks=[])
    for spine in right.spines.values():
        spine.set(visible=True, color=LIGHT["decoder"], linewidth=1.5)
    return figure


def _map(axes: Axes, codes: torch.Tensor, labels: list[int]) -> None:
    for digit, colour in enumerate(LIGHT_DIGITS):
        its = codes[[label == digit for label in labels]]
        axes.plot(*its.T, linestyle="none", marker=f"${digit}$", markersize=5, markeredgewidth=0.3, color=colour)
    for radius in (1, 2):
        draw_ellipse(
            axes, torch.zeros(2), radius**2 * torch.eye(2), color=LIGHT["prior"], linestyle="--", linewidth=1.5
        )
    axes.plot(*START, "o", color=LIGHT["ink"], markerfacecolor="none", markersize=9, markeredgewidth=2)
    ticks = range(-2, 3)
    axes.set(xlabel="$z_1$", ylabel="$z_2$", aspect="equal", xlim=(-3, 3), ylim=(-3, 3), xticks=ticks, yticks=ticks)

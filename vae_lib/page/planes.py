"""Chapter 1: planes of codes on the same axes, and how one fixed law becomes any other."""

import math
from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, PathPatch
from matplotlib.path import Path
from torch import Tensor
from torch.special import ndtr, ndtri

from vae_lib.page.palette import LIGHT, LIGHT_DIGITS

SIDE, GAP, MARGIN, TITLE = 2.2, 0.15, 0.36, 0.3  # inches
ROOM = 0.12  # of a plane's half width: labels nearer to one another than this are left out
HUMPS, WIDTH = (-1.6, 1.6), 0.5  # of the law that `inverse_cdf` draws: two Gaussians, as likely one as the other


def show_planes(planes: dict[str, Tensor], labels: Tensor, *, reach: float, columns: int = 2) -> Figure:
    """Planes of codes on the same axes, up to ±`reach`, with the circle |z| < 2 in which one will draw (chapter 1).

    `planes` maps a title to codes `[n, 2]`, `labels` `[n]` names the digit of each code, 0 to 9: a dot in its colour,
    and the label at the middle of its codes, if there is room.
    """
    rows = math.ceil(len(planes) / columns)
    width, height = (MARGIN + n * (SIDE + gap) for n, gap in ((columns, GAP), (rows, TITLE)))
    figure = plt.figure(figsize=(width, height), layout="none")
    for i, (title, mu) in enumerate(planes.items()):
        row, column = divmod(i, columns)
        left, bottom = MARGIN + column * (SIDE + GAP), MARGIN + (rows - 1 - row) * (SIDE + TITLE)
        axes = figure.add_axes((left / width, bottom / height, SIDE / width, SIDE / height))
        _plane(axes, mu, labels, reach)
        axes.set_title(title, pad=3)
        axes.tick_params(labelleft=column == 0, labelbottom=row == rows - 1, length=2, pad=2, labelsize=8)
    return figure


def _plane(axes: Axes, mu: Tensor, labels: Tensor, reach: float) -> None:
    kept = []
    for digit, colour in enumerate(LIGHT_DIGITS):
        own = mu[labels == digit]
        _dots(axes, own, colour)
        middle = own.median(0).values
        if all((middle - other).norm() > ROOM * reach for other in kept):
            kept.append(middle)
            halo = {"facecolor": "white", "alpha": 0.7, "linewidth": 0, "pad": 0.5}
            axes.text(*middle.tolist(), str(digit), ha="center", va="center", fontsize=9, bbox=halo)
    axes.add_patch(Circle((0, 0), 2, fill=False, color=LIGHT["prior"], linestyle="--", linewidth=1.8, zorder=3))
    tick = 10 if reach > 10 else 2
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), xticks=(-tick, 0, tick), yticks=(-tick, 0, tick))
    axes.spines[["top", "right"]].set_visible(True)


def _dots(axes: Axes, points: Tensor, colour: str) -> None:
    """Points as one path, which is short in an SVG: strokes with round ends, so short that they are dots."""
    ends = torch.stack([points, points + torch.tensor([0.01, 0])], 1).flatten(0, 1)
    path = Path(ends.tolist(), [Path.MOVETO, Path.LINETO] * len(points))
    path.should_simplify = False  # no stroke is left out as too short
    axes.add_patch(PathPatch(path, fill=False, color=colour, linewidth=2.2, capstyle="round", snap=False))


def two_humped(z: Tensor) -> Tensor:
    """g(z) = F⁻¹(Φ(z)), float64, for |z| < 5: if z ~ N(0, 1), then g(z) ~ F, which is ½ N(−1.6, 0.5²) + ½ N(1.6, 0.5²).

    The inverse by a table of F, right to 1e-4.
    """
    value = np.linspace(-6, 6, 12_001)
    return torch.as_tensor(np.interp(ndtr(z.double()).numpy(), _mean(ndtr, value), value))


def _mean(f: Callable, value: np.ndarray) -> np.ndarray:
    """The mean over the two humps of f, a function of N(0, 1)."""
    return sum(f(torch.from_numpy((value - hump) / WIDTH)).numpy() for hump in HUMPS) / 2


def inverse_cdf(num: int = 24) -> Figure:
    """One fixed law becomes another: z ~ N(0, 1), the curve of `two_humped`, and g(z) with two humps (chapter 1).

    A line starts at each of `num` values of z, which are equally likely to lie between two neighbours, goes up to the
    curve, and then left to g(z).
    """
    figure = plt.figure(figsize=(4.6, 4.4), layout="none")
    boxes = [(0.33, 0.33, 0.65, 0.65), (0.33, 0.11, 0.65, 0.2), (0.11, 0.33, 0.2, 0.65)]
    middle, below, left = (figure.add_axes(box) for box in boxes)
    z = torch.linspace(-3, 3, 241, dtype=torch.float64)
    normal, law = torch.exp(-(z**2) / 2), _mean(lambda r: torch.exp(-(r**2) / 2), z.numpy())
    some = ndtri((torch.arange(num, dtype=torch.float64) + 0.5) / num).round(decimals=3)
    for start, end in zip(some.tolist(), two_humped(some).round(decimals=3).tolist(), strict=True):
        middle.plot([start, start, -3], [-3, end, end], color=LIGHT["data"], linewidth=0.7)
    middle.plot(z, two_humped(z).round(decimals=3), color=LIGHT["decoder"], linewidth=2.5)
    middle.text(-0.3, 0, r"$g(z) = F^{-1}(\Phi(z))$", color=LIGHT["decoder"], ha="right", va="center")
    below.fill_between(z, normal, color=LIGHT["prior"], alpha=0.3, linewidth=0)
    left.fill_betweenx(z, law, color=LIGHT["decoder"], alpha=0.3, linewidth=0)
    for axes in (middle, below, left):
        axes.set(xlim=(-3, 3), ylim=(-3, 3), xticks=[], yticks=[])
    below.set(ylim=(1.1, 0), xticks=(-2, 0, 2), xlabel=r"$z \sim \mathcal{N}(0, 1)$")
    left.set(xlim=(0.55, 0), yticks=(-2, 0, 2), ylabel=r"$g(z) \sim F$")
    return figure

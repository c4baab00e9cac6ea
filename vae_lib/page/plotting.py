"""Every chapter: figures. Data in, axes out; the colours come from `palette`, the look from `book.mplstyle`."""

import matplotlib.pyplot as plt
import torch
from IPython.display import SVG
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from vae_lib.page.drawing import drawn
from vae_lib.page.palette import LIGHT


def as_svg(figure: Figure) -> SVG:
    """The figure as SVG, the same bytes each time: for drawings of exact inputs, which nbval compares. Closes it."""
    svg = SVG(drawn(figure))
    plt.close(figure)
    return svg


def show_images(images: Tensor, *, columns: int) -> Axes:
    """Square images from the rows of `images` `[n, side²]`, white at 0 and black at 1, tiled row by row."""
    side = round(images.shape[-1] ** 0.5)
    tiles = images.detach().reshape(-1, columns, side, side)
    canvas = torch.nn.functional.pad(tiles, (0, 1, 0, 1)).transpose(1, 2)  # one white pixel between neighbours
    axes = plt.gca()
    axes.imshow(canvas.reshape(-1, columns * (side + 1))[:-1, :-1].numpy(), vmin=0, vmax=1)
    axes.set_axis_off()
    return axes


def draw_ellipse(axes: Axes, mu: Tensor, Sigma: Tensor, **line) -> None:
    """The ellipse (z − mu)ᵀ Sigma⁻¹ (z − mu) = 1 of N(mu, Sigma), one standard deviation to each side of mu.

    `mu` is `[2]`, `Sigma` a covariance matrix `[2, 2]`.
    """
    angle = torch.linspace(0, 2 * torch.pi, 181, dtype=torch.float64)
    circle = torch.stack([angle.cos(), angle.sin()])
    x, y = mu.double()[:, None] + torch.linalg.cholesky(Sigma.double()) @ circle
    axes.plot(x, y, **line)


def show_rows(rows: dict[str, Tensor], *, height: float = 0.75) -> Figure:
    """Square images in labelled rows: a label and its images `[n, side²]`, white at 0 and black at 1, n in each row."""
    columns = max(map(len, rows.values()))
    figure, grid = plt.subplots(len(rows), columns, figsize=(5.0, height * len(rows)), squeeze=False)
    for line, (label, images) in zip(grid, rows.items(), strict=True):
        for axes, image in zip(line, images.detach(), strict=True):
            axes.imshow(image.reshape(round(len(image) ** 0.5), -1).numpy(), vmin=0, vmax=1)
            axes.set_axis_off()
        line[0].text(-0.25, 0.5, label, transform=line[0].transAxes, ha="right", va="center")
    return figure


def waterfall(
    labels: list[str], reconstruction: list[float], kl: list[float], log_px: float, axes: Axes | None = None
) -> Axes:
    """From 0 by the reconstruction and −KL to the ELBO, and by the gap to log p(x): three steps a label, in nats."""
    axes = axes or plt.gca()
    bounds = [r - k for r, k in zip(reconstruction, kl, strict=True)]
    for i, elbo in enumerate(bounds):
        x = 4.2 * i
        _steps(axes, x, [0, reconstruction[i], elbo, log_px], named=i == 0)
        axes.plot([x + 0.7, x + 2.9], [elbo, elbo], color=LIGHT["q"], linewidth=2.5, solid_capstyle="butt")
        _label(axes, x + 1.8, elbo - 0.1, f"ELBO {_signed(elbo)}", LIGHT["q"], va="top")
    end = 4.2 * len(labels) - 1
    axes.plot([-0.8, end], [log_px, log_px], color=LIGHT["ink"], linewidth=1, linestyle="--")
    _label(axes, end + 1, log_px, r"$\log\,p(x)$" + "\n" + _signed(log_px), LIGHT["ink"], va="center")
    axes.set_xticks([4.2 * i + 1.2 for i in range(len(labels))], labels)
    axes.yaxis.get_major_locator().set_params(integer=True)
    axes.set(ylabel="nats", xlim=(-0.8, end + 2.2), ylim=(min(bounds) - 0.55, 0.35))
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, columnspacing=1, handlelength=1.5, borderpad=0)
    return axes


def _steps(axes: Axes, x: float, heights: list[float], *, named: bool) -> None:
    """Three bars from each of four heights to the next, with the signed difference over each."""
    steps = {"reconstruction": ("decoder", ""), "− KL (prior)": ("kl", "////"), "+ gap (posterior)": ("gap", "....")}
    for j, (name, (quantity, hatch)) in enumerate(steps.items()):
        height, colour, place = heights[j + 1] - heights[j], LIGHT[quantity], x + 1.2 * j
        axes.bar(place, height, bottom=heights[j], width=1, facecolor=(colour, 0.2))
        outline = {"facecolor": "none", "edgecolor": colour, "hatch": hatch, "linewidth": 1.2}
        axes.bar(place, height, bottom=heights[j], width=1, **outline, label=name if named else None)
        text = _signed(height, "+") if height else "0"
        _label(axes, place, max(heights[j : j + 2]) + 0.05, text, colour, va="bottom")


def _label(axes: Axes, x: float, y: float, text: str, colour: str, *, va: str) -> None:
    axes.text(x, y, text, ha="center", va=va, fontsize=9, color=colour)


def _signed(number: float, sign: str = "") -> str:
    return f"{number:{sign}.2f}".replace("-", "−")

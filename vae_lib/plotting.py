"""Every chapter: figures. Data in, axes out; the colours come from `palette`, the look from `book.mplstyle`."""

import io

import matplotlib.pyplot as plt
import torch
from IPython.display import SVG
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from vae_lib.palette import LIGHT


def as_svg(figure: Figure) -> SVG:
    """The figure as SVG, the same bytes each time: for drawings of exact inputs, which nbval compares. Closes it."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    return SVG(buffer.getvalue())


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
    steps = {"reconstruction": ("decoder", ""), "− KL": ("kl", "////"), "gap": ("gap", "....")}
    for i in range(len(labels)):
        heights = [0, reconstruction[i], reconstruction[i] - kl[i], log_px]
        for j, (name, (quantity, hatch)) in enumerate(steps.items()):
            height, colour, x = heights[j + 1] - heights[j], LIGHT[quantity], 4 * i + 1.2 * j
            axes.bar(x, height, bottom=heights[j], width=1, facecolor=(colour, 0.2))
            outline = {"facecolor": "none", "edgecolor": colour, "hatch": hatch, "linewidth": 1.2}
            axes.bar(x, height, bottom=heights[j], width=1, **outline, label=name if i == 0 else None)
            text = f"{height:+.2f}".replace("-", "−") if height else "0"
            axes.text(x, min(heights[j : j + 2]) - 0.08, text, ha="center", va="top", fontsize=9, color=colour)
    axes.axhline(log_px, color=LIGHT["ink"], linewidth=1, linestyle="--", label=r"$\log\,p(x)$")
    axes.set_xticks([4 * i + 1.2 for i in range(len(labels))], labels)
    axes.set(ylabel="nats", ylim=(min(r - k for r, k in zip(reconstruction, kl, strict=True)) - 0.6, 0.2))
    axes.legend(loc="lower center", bbox_to_anchor=(0.45, 1), ncols=4, columnspacing=1, handlelength=1.5)
    return axes

"""Every chapter: figures. Data in, axes out; the colours come from `palette`, the look from `book.mplstyle`."""

import io

import matplotlib.pyplot as plt
from IPython.display import SVG
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor


def as_svg(figure: Figure) -> SVG:
    """The figure as SVG, the same bytes each time: for drawings of exact inputs, which nbval compares. Closes it."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    return SVG(buffer.getvalue())


def show_images(images: Tensor, axes: Axes | None = None, *, columns: int = 10, vmax: float = 1.0) -> Axes:
    """A grid of 8×8 (or any square) images from rows of `images` `[n, side²]`, white at 0 and black at `vmax`."""
    axes = axes or plt.gca()
    images = images.detach()
    side = round(images.shape[-1] ** 0.5)
    columns = min(columns, len(images))
    blank = -len(images) % columns
    tiles = images.reshape(-1, side, side)
    canvas = tiles.new_zeros(len(images) + blank, side + 1, side + 1)
    canvas[: len(images), :side, :side] = tiles
    canvas = canvas.reshape(-1, columns, side + 1, side + 1).transpose(1, 2)
    axes.imshow(canvas.reshape(-1, columns * (side + 1))[:-1, :-1], vmin=0, vmax=vmax)
    axes.set_axis_off()
    return axes

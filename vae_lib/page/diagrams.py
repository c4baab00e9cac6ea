"""Chapters 1 to 3: the drawings, one function each. Sizes in, figure out; show it with `plotting.as_svg`.

The unit of a canvas is the inch, so that a number in the code is a length on the page.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Polygon, Rectangle
from matplotlib.textpath import TextPath

from vae_lib.page.palette import LIGHT
from vae_lib.page.pencil import decimals, show

TINT = 0.13  # the opacity of a fill over white: text on it stays far above 4.5:1


def architecture(data_dim: int = 64, hidden_dim: int = 32, latent_dim: int = 2) -> Figure:
    """The VAE with the shape of every tensor: encoder Q above, decoder P below, the prior beside z (chapter 1)."""
    figure, axes = canvas(5.0, 3.4)
    data, latent = f"[B, {data_dim}]", f"[B, {latent_dim}]"
    box(axes, (0.34, 2.75), (0.64, 0.62), "data", "$x$", data)
    network(axes, 0.94, 2.05, 2.75, "q", r"encoder $Q_\theta$", f"{data_dim} → {hidden_dim} → {2 * latent_dim}")
    box(axes, (2.75, 3.09), (0.82, 0.58), "q", r"$\mu$", latent)
    box(axes, (2.75, 2.41), (0.82, 0.58), "q", r"$\log\,\sigma^2$", latent)
    parameters = r"$= \mathcal{N}(\mu,\, \mathrm{diag}\,\sigma^2)$", r"$\sigma = \exp(\frac{1}{2}\log\,\sigma^2)$"
    box(axes, (4.24, 2.75), (1.46, 0.9), "q", r"$q_\theta(z\,|\,x)$", *parameters)
    box(axes, (4.24, 1.4), (0.64, 0.62), "ink", "$z$", latent)
    network(axes, 2.5, 3.61, 1.4, "decoder", r"decoder $P_\phi$", f"{data_dim} ← {hidden_dim} ← {latent_dim}")
    box(axes, (1.91, 1.4), (0.68, 0.62), "decoder", "logits", data)
    box(axes, (0.71, 1.4), (1.38, 0.62), "decoder", r"$p_\phi(x\,|\,z)$", f"Bernoulli, {data}")
    box(axes, (4.24, 0.26), (1.46, 0.44), "prior", r"$p(z) = \mathcal{N}(0,\, I)$")
    for start, end in [((0.68, 2.75), (0.92, 2.75)), ((3.9, 1.4), (3.63, 1.4)), ((2.48, 1.4), (2.27, 1.4))]:
        arrow(axes, start, end)
    arrow(axes, (1.55, 1.4), (1.42, 1.4))
    for side in (1, -1):
        arrow(axes, (2.07, 2.75 + side * 0.12), (2.32, 2.75 + side * 0.3))
        arrow(axes, (3.18, 2.75 + side * 0.3), (3.49, 2.75 + side * 0.15))
    arrow(axes, (4.24, 2.28), (4.24, 1.73), "q", "draw", drawn=True)
    arrow(axes, (4.24, 0.5), (4.24, 1.07), "prior", "or draw, for a new $x$", drawn=True)
    for y, meaning in [(0.36, "computed"), (0.14, "drawn at random")]:
        arrow(axes, (0.04, y), (0.36, y), drawn=meaning != "computed")
        axes.text(0.44, y, meaning, va="center", fontsize=10)
    return figure


def canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """An empty figure whose data coordinates are inches from the lower left corner."""
    figure = plt.figure(figsize=(width, height))
    figure.set_layout_engine("none")
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(0, height))
    axes.set_axis_off()
    return figure, axes


def box(axes: Axes, centre: tuple, size: tuple, colour: str, *lines: str) -> None:
    """A rounded box for a tensor or a distribution: lines of text, the first one larger; `colour` of the palette."""
    outline = rounded(centre, size)
    outline.set(facecolor=(LIGHT[colour], TINT), edgecolor=LIGHT[colour], linewidth=1.2)
    axes.add_patch(outline)
    write(axes, centre, *lines)


def rounded(centre: tuple, size: tuple) -> FancyBboxPatch:
    """The outline of a box."""
    (x, y), (width, height), pad = centre, size, 0.06
    corner = (x - width / 2 + pad, y - height / 2 + pad)
    return FancyBboxPatch(corner, width - 2 * pad, height - 2 * pad, boxstyle=f"round,pad={pad}")


def network(axes: Axes, wide: float, narrow: float, y: float, colour: str, *lines: str) -> None:
    """A trapezoid for a network from x = `wide`, the data's end, to x = `narrow`, the latent's."""
    corners = [(wide, y - 0.54), (wide, y + 0.54), (narrow, y + 0.34), (narrow, y - 0.34)]
    axes.add_patch(Polygon(corners, facecolor=(LIGHT[colour], 2 * TINT), edgecolor=LIGHT[colour], linewidth=1.2))
    write(axes, ((wide + narrow) / 2, y), *lines)


def arrow(
    axes: Axes, start: tuple, end: tuple, colour: str = "ink", label: str = "", *, drawn=False, width=1.2, dash=(3, 2)
) -> None:
    """An arrow: solid for what is computed, dashed for what is drawn at random; its label stands left of its middle."""
    style = dict(arrowstyle="-|>", color=LIGHT[colour], linewidth=width, shrinkA=0, shrinkB=0, mutation_scale=9)
    axes.annotate("", end, start, arrowprops=style | {"linestyle": (0, dash) if drawn else "-"})
    if label:
        x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
        axes.text(x - 0.06, y, label, ha="right", va="center", fontsize=10, color=LIGHT[colour])


def write(axes: Axes, centre: tuple, *lines: str) -> None:
    """Lines of text around a centre: the first in 12 points, the others in 10 (11 where they are formulas)."""
    x, y = centre
    for i, line in enumerate(lines):
        size = 12 if i == 0 else 11 if line.startswith("$") else 10
        axes.text(x, y + 0.22 * ((len(lines) - 1) / 2 - i), line, ha="center", va="center_baseline", fontsize=size)


# Inches: from row to row, a cell's height, where the vectors begin, their width.
PITCH, CELL, LEFT, WIDTH = 0.5, 0.27, 2.46, 2.28

# Every vector of chapter 2: its row in the drawing, the thirds of the width that it takes, its colour, its caption.
VECTORS = {
    "x": (0, 0, 3, "data", "$x$"),
    "a1": (1, 0, 3, "q", "$a_1 = W_1 x + b_1$"),
    "h1": (2, 0, 3, "q", r"$h_1 = \mathrm{ReLU}(a_1)$"),
    "head": (3, 0, 3, "q", r"$(\mu,\ \log\,\sigma^2) = W_2 h_1 + b_2$"),
    "mu": (4, 0, 0.96, "q", r"$\mu$"),
    "sigma": (4, 1.02, 1.98, "q", r"$\sigma$"),
    "eps": (4, 2.04, 3, "prior", r"$\varepsilon$"),
    "z": (5.4, 0, 3, "ink", "$z$"),
    "a2": (6.4, 0, 3, "decoder", "$a_2 = W_3 z + b_3$"),
    "h2": (7.4, 0, 3, "decoder", r"$h_2 = \mathrm{ReLU}(a_2)$"),
    "f": (8.4, 0, 3, "decoder", "$f(z) = W_4 h_2 + b_4$"),
    "error": (9.4, 0, 3, "data", "$x - f(z)$"),
    "reconstruction_loss": (10.4, 0, 3, "decoder", "reconstruction loss"),
    "kl_per_dimension": (11.4, 0, 3, "kl", "KL of each latent"),
    "kl": (12.4, 0, 3, "kl", "KL"),
    "J": (13.4, 0, 3, "ink", "$J$"),
}
FORMULAS = {
    "z": r"$\mu + \sigma \odot \varepsilon$",
    "reconstruction_loss": r"$\frac{1}{2}\Vert x - f(z)\Vert^2$",
    "kl_per_dimension": r"$\frac{1}{2}(\mu^2 + \sigma^2 - 1 - \log\,\sigma^2)$",
    "J": r"$\frac{1}{2}\Vert x - f(z)\Vert^2 + \mathrm{KL}$",
}
EDGES = [("x", "a1"), ("a1", "h1"), ("h1", "head"), ("head", "mu"), ("head", "sigma"), ("mu", "z"), ("sigma", "z")]
EDGES += [("eps", "z"), ("z", "a2"), ("a2", "h2"), ("h2", "f"), ("f", "error"), ("error", "reconstruction_loss")]
EDGES += [("kl_per_dimension", "kl"), ("kl", "J")]
DETOURS = [  # from, to, the side of the vectors, the x of the way around
    ("x", "error", LEFT + WIDTH, 4.9),
    ("head", "kl_per_dimension", LEFT + WIDTH, 4.82),
    ("reconstruction_loss", "J", LEFT, LEFT - 0.1),
]


def computation_graph(values: dict, weights: dict, *, blank: bool = False) -> Figure:
    """A forward pass with every number on it; `blank` leaves empty what is to be computed, a worksheet (chapter 2).

    `values` are what `worked_example.forward` or `trace` returns for `weights`. Numbers without a short exact form are
    shown as decimals. There is room for up to four numbers a vector and four rows a matrix.
    """
    figure, axes = canvas(5.0, 7.3)
    values = values | {"head": np.concatenate([values["mu"], values["log_var"]])}
    for key, (row, start, end, colour, caption) in VECTORS.items():
        known = not blank or key in ("x", "eps")
        numbers = np.atleast_2d(values[key])
        _cells(axes, LEFT + WIDTH * start / 3, LEFT + WIDTH * end / 3, row, colour, caption, numbers, known=known)
    for key, formula in FORMULAS.items():
        axes.text(LEFT - 0.16, _middle(key), formula, fontsize=11, ha="right", va="center")
    for i, key in enumerate(["a1", "head", "a2", "f"], start=1):
        _parameters(axes, i, key, weights[f"W{i}"], weights[f"b{i}"])
    _edges(axes)
    return figure


def _parameters(axes: Axes, i: int, key: str, weight, bias) -> None:
    """The i-th weight matrix and its bias, left of the vector `key` that they make."""
    row, *_, colour, _ = VECTORS[key]
    split = 0.06 + 2.12 * weight.shape[1] / (weight.shape[1] + 1)
    _cells(axes, 0.06, split, row - 0.2, colour, f"$W_{i}$", weight)
    _cells(axes, split + 0.06, 2.24, row - 0.2, colour, f"$b_{i}$", bias[:, None])
    arrow(axes, (2.26, _middle(key)), (LEFT - 0.02, _middle(key)), colour)


def _edges(axes: Axes) -> None:
    """The arrows of `computation_graph`: straight down between neighbours, around the others."""
    for tail, head in EDGES:
        x = LEFT + WIDTH * min(VECTORS[tail][2], VECTORS[head][2]) / 3 - 0.17
        start, end, drawn = (x, _middle(tail) - CELL / 2), (x, _middle(head) + CELL / 2), tail == "eps"
        arrow(axes, start, end, "prior" if drawn else "ink", drawn=drawn)
    for tail, head, side, x in DETOURS:
        colour = VECTORS[tail][3]
        axes.plot([side, x, x], [_middle(tail), _middle(tail), _middle(head)], color=LIGHT[colour], linewidth=1.2)
        arrow(axes, (x, _middle(head)), (side, _middle(head)), colour)


def _cells(axes: Axes, left: float, right: float, row: float, colour: str, caption: str, numbers, *, known=True):
    """A vector or a matrix as a grid of cells under its caption; the cells stay empty where it is not `known`."""
    axes.text(left + 0.02, _top(row) + 0.055, caption, fontsize=11, color=LIGHT[colour])
    width = (right - left) / numbers.shape[1]
    fill = (LIGHT[colour], TINT) if known else LIGHT["ground"]
    for (i, j), number in np.ndenumerate(numbers):
        x, y = left + j * width, _top(row) - (i + 1) * CELL
        axes.add_patch(Rectangle((x, y), width, CELL, facecolor=fill, edgecolor=LIGHT[colour]))
        if known:
            text = (show(number) if len(show(number)) < 16 else decimals(number)).replace("-", "−")
            axes.text(x + width / 2, y + CELL / 2, text, size=_size(text, width), ha="center", va="center_baseline")


def _size(text: str, width: float) -> float:
    """The size in points, 9 to 11, at which a text fits into a cell."""
    return min(11, max(9, 11 * 0.86 * width / (TextPath((0, 0), text, size=11).get_extents().width / 72)))


def _top(row: float) -> float:
    return 7.07 - PITCH * row


def _middle(key: str) -> float:
    return _top(VECTORS[key][0]) - CELL / 2


def reparameterization() -> Figure:
    """z drawn from q, and z computed from a draw of ε: which way the gradient finds back (chapter 3)."""
    figure, axes = canvas(5.0, 3.62)
    _way_to_the_decoder(axes, 1.1, "drawn from $q$")
    box(axes, (1.1, 2.27), (1.1, 0.42), "q", r"$\mathcal{N}(\mu,\, \sigma^2)$")
    arrow(axes, (0.8, 2.87), (0.95, 2.5))
    arrow(axes, (1.4, 2.87), (1.25, 2.5))
    arrow(axes, (1.1, 2.05), (1.1, 1.62), "q", drawn=True)
    axes.plot(0.88, 1.83, "x", color=LIGHT["decoder"], markersize=9, markeredgewidth=2.5)
    _note(axes, 0.76, 1.83, "stops")
    _way_to_the_decoder(axes, 3.3, r"$= \mu + \sigma \odot \varepsilon$")
    box(axes, (4.47, 3.1), (0.9, 0.42), "prior", r"$\mathcal{N}(0,\, I)$")
    box(axes, (4.47, 2.27), (0.42, 0.42), "prior", r"$\varepsilon$")
    arrow(axes, (4.47, 2.88), (4.47, 2.5), "prior", drawn=True)
    arrow(axes, (4.3, 2.04), (3.9, 1.62))
    for side, factor in [(-1, "× 1"), (1, "× ε")]:
        arrow(axes, (3.3 + side * 0.3, 2.87), (3.3 + side * 0.12, 1.62))
        _gradient(axes, (3.3 + side * 0.26, 1.62), (3.3 + side * 0.44, 2.87))
        _note(axes, 3.3 + side * 0.42 + (0.26 if side > 0 else 0), 2.27, factor)
    return figure


def _way_to_the_decoder(axes: Axes, x: float, origin: str) -> None:
    """What both halves of `reparameterization` share: μ and σ, z, log p(x|z), and the gradient from there back to z."""
    for side, parameter in [(-1, r"$\mu$"), (1, r"$\sigma$")]:
        box(axes, (x + side * 0.36, 3.1), (0.42, 0.42), "q", parameter)
    axes.text(x, 3.45, "from the encoder", fontsize=10, color=LIGHT["q"], ha="center", va="center")
    box(axes, (x, 1.3), (1.34, 0.6), "ink", "$z$", origin)
    box(axes, (x, 0.3), (1.34, 0.42), "decoder", r"$\log\,p_\phi(x\,|\,z)$")
    arrow(axes, (x, 0.99), (x, 0.53))
    _gradient(axes, (x - 0.22, 0.52), (x - 0.22, 0.99))
    _note(axes, x - 0.32, 0.76, "gradient")


def _gradient(axes: Axes, start: tuple, end: tuple) -> None:
    style = dict(arrowstyle="-|>", color=LIGHT["decoder"], linewidth=2.4, shrinkA=0, shrinkB=0, mutation_scale=12)
    axes.annotate("", end, start, arrowprops=style)


def _note(axes: Axes, x: float, y: float, text: str) -> None:
    axes.text(x, y, text, fontsize=10, color=LIGHT["decoder"], ha="right", va="center")

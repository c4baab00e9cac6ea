"""Every chapter: one drawing of the way of the data, with the part lit that the chapter is about.

`way("encoder", "q")` in, figure out; show it with `plotting.as_svg`. The unit is the inch, as in `diagrams`.
"""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from vae_lib.page.diagrams import TINT, arrow, canvas, rounded
from vae_lib.page.palette import LIGHT

# Every box: its centre, width and height, colour and lines of text. A network's is a trapezoid.
BOXES = {
    "x": (0.25, 1.62, 0.4, 0.62, "data", "$x$"),
    "encoder": (1.01, 1.62, 0.8, 0.78, "q", "encoder"),
    "q": (1.93, 1.62, 0.72, 0.62, "q", r"$q(z\,|\,x)$"),
    "z": (2.89, 1.62, 0.36, 0.62, "ink", "$z$"),
    "decoder": (3.63, 1.62, 0.8, 0.78, "decoder", "decoder"),
    "p": (4.57, 1.62, 0.76, 0.62, "decoder", r"$p(x\,|\,z)$"),
    "prior": (0.39, 0.46, 0.68, 0.62, "prior", "prior", "$p(z)$"),
    "kl": (1.66, 0.46, 0.9, 0.62, "kl", "KL", r"$(q\,\Vert\,p(z))$"),
    "loss": (2.89, 0.46, 1.06, 0.8, "ink", "loss", r"$-\mathrm{ELBO}$", r"$\geq -\log\,p(x)$"),
    "reconstruction": (4.29, 0.46, 1.32, 0.62, "decoder", "reconstruction", r"$-\log\,p(x\,|\,z)$"),
}

# What is computed of what: the arrow's start and end.
ARROWS = {
    ("x", "encoder"): ((0.46, 1.62), (0.61, 1.62)),
    ("encoder", "q"): ((1.42, 1.62), (1.57, 1.62)),
    ("q", "z"): ((2.3, 1.62), (2.71, 1.62)),
    ("z", "decoder"): ((3.08, 1.62), (3.23, 1.62)),
    ("decoder", "p"): ((4.04, 1.62), (4.19, 1.62)),
    ("q", "kl"): ((1.83, 1.31), (1.83, 0.77)),
    ("p", "reconstruction"): ((4.47, 1.31), (4.47, 0.77)),
    ("prior", "kl"): ((0.74, 0.46), (1.21, 0.46)),
    ("kl", "loss"): ((2.12, 0.46), (2.36, 0.46)),
    ("reconstruction", "loss"): ((3.62, 0.46), (3.42, 0.46)),
}
BACK = [pair for pair in ARROWS if not {"x", "prior"} & set(pair)]  # nothing is learned of x or of the prior
PARTS = [*BOXES, "draw", "gradient"]


def way(*lit: str) -> Figure:
    """The way of the data, from x to the two terms of the loss: the named parts are lit and the rest is pale.

    The parts: x, encoder, q, draw (the arrow from q to z), z, decoder, p, prior, kl, reconstruction, loss, and
    gradient, the arrows back, which are drawn only where they are lit. Without a name all is lit but the gradient.
    Raises ValueError for another name.
    """
    if unknown := set(lit) - set(PARTS):
        raise ValueError(f"expected parts among {', '.join(PARTS)}, got {', '.join(sorted(unknown))}")
    lit = lit or PARTS[:-1]
    figure, axes = canvas(5.0, 2.09)
    for part, (x, y, width, height, colour, *lines) in BOXES.items():
        _box(axes, part, (x, y), (width, height), colour, part in lit)
        _write(axes, (x, y), lines, part in lit)
    for (start, end), ends in ARROWS.items():
        drawn = (start, end) == ("q", "z")
        _arrow(axes, *ends, lit="draw" in lit if drawn else {start, end} <= {*lit}, drawn=drawn)
    _label(axes, (2.5, 1.76), "draw", "draw" in lit)
    if "gradient" in lit:
        _gradient(axes)
    return figure


def _box(axes: Axes, part: str, centre: tuple, size: tuple, colour: str, lit: bool) -> None:
    """A rounded box, for a network a trapezoid: a strong line around a tint, or a thin line around white."""
    (x, y), (width, height) = centre, size
    if part in ("encoder", "decoder"):
        wide, high = (width / 2 if part == "encoder" else -width / 2), height / 2
        low = 0.64 * high
        shape = Polygon([(x - wide, y - high), (x - wide, y + high), (x + wide, y + low), (x + wide, y - low)])
    else:
        shape = rounded(centre, size)
    shape.set(edgecolor=(LIGHT[colour], 1 if lit else 0.5), linewidth=2.4 if lit else 0.8)
    shape.set(facecolor=(LIGHT[colour], 2 * TINT) if lit else LIGHT["ground"])
    axes.add_patch(shape)


def _write(axes: Axes, centre: tuple, lines: list[str], lit: bool) -> None:
    for i, line in enumerate(lines):
        _label(axes, (centre[0], centre[1] + 0.21 * ((len(lines) - 1) / 2 - i)), line, lit)


def _label(axes: Axes, place: tuple, text: str, lit: bool) -> None:
    style = dict(color=LIGHT["ink"], fontweight="bold") if lit else dict(color=LIGHT["data"])
    size = 11 if text.startswith("$") else 10
    axes.text(*place, text, ha="center", va="center_baseline", fontsize=size, **style)


def _arrow(axes: Axes, start: tuple, end: tuple, *, lit: bool, drawn: bool = False) -> None:
    """From start to end; dashed for what is drawn at random."""
    colour, width = ("ink", 2.4) if lit else ("data", 0.8)
    arrow(axes, start, end, colour, drawn=drawn, width=width, dash=(2, 1))


def _gradient(axes: Axes) -> None:
    """The arrows back, each beside its arrow on, and what they mean."""
    for start, end in (ARROWS[pair] for pair in BACK):
        dx, dy = (0, -0.2) if start[1] == end[1] else (0.2, 0)
        _arrow(axes, (end[0] + dx, end[1] + dy), (start[0] + dx, start[1] + dy), lit=True)
    _arrow(axes, (3.0, 1.04), (2.6, 1.04), lit=True)
    _label(axes, (3.42, 1.04), "gradient", lit=True)

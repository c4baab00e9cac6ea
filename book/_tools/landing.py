"""The picture of the landing page, with chapter 2's sizes: `python book/_tools/landing.py` writes it anew.

`tests/book/test_pages.py` fails while `book/_static/landing.svg` is not what this file draws.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from vae_lib.exact import worked_example
from vae_lib.page.diagrams import arrow, box, canvas, network
from vae_lib.page.palette import LIGHT
from vae_lib.page.plotting import as_svg

PICTURE = Path(__file__).resolve().parents[1] / "_static" / "landing.svg"


def landing() -> Figure:
    """The hand-out's one computation, x to J; circled numbers are chapters. Chapter 2 asks for the values.

    One statement a box or an arrow makes it longer than 25 lines.
    """
    v = worked_example.forward(worked_example.X[0], worked_example.WEIGHTS, worked_example.EPS[0])
    text = {name: f"{np.size(value)} numbers" for name, value in v.items()}
    figure, axes = canvas(5.0, 3.7)
    box(axes, (0.61, 2.9), (1.06, 0.62), "data", "$x$", text["x"])
    network(axes, 1.42, 2.46, 2.9, "q", r"encoder $Q_\theta$")
    box(axes, (3.2, 3.23), (0.9, 0.58), "q", r"$\mu$", text["mu"])
    box(axes, (3.2, 2.55), (0.9, 0.58), "q", r"$\sigma$", text["sigma"])
    box(axes, (4.39, 3.23), (1.04, 0.58), "prior", r"$\varepsilon \sim \mathcal{N}(0,\, I)$", text["eps"])
    box(axes, (4.3, 1.6), (1.22, 0.62), "ink", r"$z = \mu + \sigma \odot \varepsilon$", text["z"])
    network(axes, 2.2, 3.24, 1.6, "decoder", r"decoder $P_\phi$")
    box(axes, (0.98, 1.6), (1.5, 0.62), "decoder", "$f(z)$", text["f"])
    box(axes, (0.98, 0.45), (1.76, 0.62), "decoder", r"$\frac{1}{2}\|x - f(z)\|^2$", "$x$ against $f(z)$")
    box(axes, (2.95, 0.45), (1.66, 0.62), "kl", "KL", "$q$ against the prior")
    axes.text(2.0, 0.45, "+", ha="center", va="center_baseline", fontsize=11)
    axes.text(3.86, 0.54, "$= J$", va="center_baseline", fontsize=11)
    axes.text(4.05, 0.2, r"trains $\theta$ and $\phi$", va="center_baseline", fontsize=9)
    for start, end in [((1.16, 2.9), (1.4, 2.9)), ((3.67, 1.6), (3.26, 1.6)), ((2.18, 1.6), (1.75, 1.6))]:
        arrow(axes, start, end)
    for side in (1, -1):
        arrow(axes, (2.48, 2.9 + side * 0.12), (2.73, 2.9 + side * 0.27))
    for start, end in [((3.66, 3.05), (4.12, 1.94)), ((3.66, 2.42), (3.92, 1.94)), ((4.48, 2.92), (4.48, 1.94))]:
        arrow(axes, start, end)
    chapters = [(1, 1.94, 3.33), (1, 2.72, 2.03), (2, 0.1, 3.21), (3, 4.9, 1.91), (4, 2.0, 0.7), (5, 3.92, 0.2)]
    for number, x, y in chapters:
        circled(axes, number, x, y)
    return figure


def circled(axes: plt.Axes, number: int, x: float, y: float) -> None:
    disc = {"boxstyle": "circle,pad=0.2", "facecolor": LIGHT["ink"], "linewidth": 0}
    axes.text(x, y, str(number), ha="center", va="center_baseline", fontsize=9, color="white", bbox=disc)


if __name__ == "__main__":
    plt.style.use("vae_lib.page.book")
    PICTURE.write_text(as_svg(landing()).data)

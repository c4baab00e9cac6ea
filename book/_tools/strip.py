"""The pictures of the first page: a small one a chapter, of its own numbers, and those that its live figures keep.

`python book/_tools/strip.py` writes them anew.

On the page they take the theme's colours (`book/_ext/placed.py`); as files they have those of the light one.
`tests/book/test_landing.py` fails while they are not what this file draws.
"""

import math
from pathlib import Path

import matplotlib.pyplot as plt
import torch
from torch import Tensor
from torch.distributions import Normal, kl_divergence

from vae_lib import figures
from vae_lib.data import nile
from vae_lib.exact import gaussian_mean_field, level_posterior, worked_example
from vae_lib.page.palette import LIGHT
from vae_lib.shipped.weights import asset

STATIC = Path(__file__).resolve().parents[1] / "_static"
LIVE = ("ask", "atlas")
WIDTH, HEIGHT = 160, 100
Points = list[tuple[float, float]]


def colour(name: str) -> str:
    return f"var(--{name}, {LIGHT[name]})"


def line(points: Points, name: str, *, width: float = 2, more: str = "") -> str:
    path = "L".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<path d="M{path}" fill="none" stroke="{colour(name)}" stroke-width="{width}" {more}/>'


def circle(x: float, y: float, r: float, style: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" {style}/>'


def bar(x: float, y: float, width: float, height: float, name: str, *, strength: float = 0.35) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    fill = f'fill="{colour(name)}" fill-opacity="{strength}" stroke="{colour(name)}" stroke-width="1.2"'
    return f"<rect {place} {fill}/>"


def dashed(name: str) -> str:
    return f'fill="none" stroke="{colour(name)}" stroke-width="1.5" stroke-dasharray="4 3"'


def curve(density: Normal, name: str, base: float, height: float, *, more: str = "") -> str:
    """A density over −3 … 3, across the picture."""
    z = torch.linspace(-3, 3, 61)
    return density_of(z, density.log_prob(z).exp(), name, base, height, more=more)


def density_of(z: Tensor, values: Tensor, name: str, base: float, height: float, *, more: str = "") -> str:
    points = [(80 + 25 * x, base - height * y) for x, y in zip(z.tolist(), values.tolist(), strict=True)]
    return line(points, name, more=more)


def architecture() -> str:
    """The codes of digits, the prior's circles, one q and its z."""
    codes = asset("atlas.json")["codes"][:110]
    dots = [
        circle(80 + 21 * x, 50 - 21 * y, 1.7, f'fill="{colour("data")}"') for x, y in codes if math.hypot(x, y) < 2.3
    ]
    circles = [circle(80, 50, 21 * r, dashed("prior")) for r in (1, 2)]
    x, y = 99, 33
    fill = f'fill="{colour("q")}" fill-opacity="0.3" stroke="{colour("q")}" stroke-width="2"'
    ellipse = f'<ellipse cx="{x:.1f}" cy="{y:.1f}" rx="15" ry="9" {fill}/>'
    ring = circle(x + 6, y - 3, 3.5, f'fill="{colour("ground")}" stroke="{colour("ink")}" stroke-width="2"')
    return "".join([*dots, *circles, ellipse, ring])


def worked() -> str:
    """x, μ and σ, z, f(z): a square a number, with a bar as tall as it is large."""
    v = worked_example.forward(worked_example.X[0], worked_example.WEIGHTS, worked_example.EPS[0])
    columns = [("x", "data", 8), ("mu", "q", 44), ("sigma", "q", 66), ("z", "ink", 100), ("f", "decoder", 134)]
    arrows = [arrow(start) for start in (28, 88, 120)]
    return "".join([*(column([float(value) for value in v[key]], name, x) for key, name, x in columns), *arrows])


def arrow(x: float) -> str:
    return line([(x, 50), (x + 11, 50), (x + 8, 47), (x + 11, 50), (x + 8, 53)], "ink", width=1.2)


def column(values: list[float], name: str, x: float) -> str:
    top, each = 50 - 11.0 * len(values), 22
    bars = ""
    for i, value in enumerate(values):
        middle, length = top + each * (i + 0.5), 2.6 * value
        frame = f'fill="none" stroke="{colour(name)}" stroke-width="1.2"'
        bars += f'<rect x="{x}" y="{middle - 9.5:.1f}" width="18" height="19" rx="2" {frame}/>'
        bars += bar(x + 3, middle - max(length, 0), 12, abs(length), name, strength=0.6)
    return bars


def trick() -> str:
    """ε from N(0, 1) below becomes z = μ + σ ε of q above, point for point."""
    mu, sigma = 0.9, 0.5
    eps = [-1.6, -0.9, -0.4, 0.1, 0.7, 1.3]
    pairs = [[(80 + 25 * e, 90), (80 + 25 * (mu + sigma * e), 44)] for e in eps]
    arrows = "".join(line(pair, "ink", width=1) for pair in pairs)
    dots = "".join(
        circle(*point, 2.4, f'fill="{colour(name)}"')
        for pair in pairs
        for point, name in zip(pair, ("prior", "q"), strict=True)
    )
    above, below = curve(Normal(mu, sigma), "q", 44, 48), curve(Normal(0.0, 1.0), "prior", 90, 60)
    return above + below + arrows + dots


def elbo() -> str:
    """Chapter 4's two humps and a q on one of them; beside it the ELBO and the gap up to log p(x)."""
    z = torch.linspace(-3, 3, 121, dtype=torch.float64)
    prior, q = Normal(torch.zeros(()).double(), 1.0), Normal(torch.tensor(1.4).double(), 0.35)
    log_px_z = Normal(z.abs(), 0.5).log_prob(torch.tensor(2.0))
    log_px = torch.trapezoid((log_px_z + prior.log_prob(z)).exp(), z).log()
    posterior = (log_px_z + prior.log_prob(z) - log_px).exp()
    bound = torch.trapezoid(q.log_prob(z).exp() * log_px_z, z) - kl_divergence(q, prior)
    shrunk = 'transform="translate(-8 0) scale(0.8 1)"'
    humps = density_of(z, posterior, "posterior", 90, 62) + density_of(z, q.log_prob(z).exp(), "q", 90, 62)
    top, unit = 14, 28
    elbo_at, evidence_at = (top - unit * value.item() - 20 for value in (bound, log_px))
    bars = bar(130, elbo_at, 18, 90 - elbo_at, "q") + bar(130, evidence_at, 18, elbo_at - evidence_at, "gap")
    return f"<g {shrunk}>{humps}</g>{bars}" + line([(124, evidence_at), (154, evidence_at)], "ink", width=1.5)


def training() -> str:
    """The two terms of the recorded training, test split: reconstruction loss and KL, nats, by epoch."""
    history = asset("epochs.json")["history"]
    shown = [1, 2, 3, 5, 8, 13, 20, 30, 50, 80, 130, 200, 300, 500]
    across = [10 + 140 * math.log(epoch) / math.log(500) for epoch in shown]
    loss = [(x, 92 + 2 * history["reconstruction"][epoch - 1]) for x, epoch in zip(across, shown, strict=True)]
    kl = [(x, 92 - 2 * history["kl"][epoch - 1]) for x, epoch in zip(across, shown, strict=True)]
    return line([(8, 6), (8, 93), (152, 93)], "ink", width=1) + line(loss, "decoder") + line(kl, "kl")


def number() -> str:
    """Two rulers with powers of ten, each with a mark and a value."""
    return "".join(ruler(y, name, at, mark) for y, name, at, mark in [(38, "kl", 112, 52), (82, "q", 44, 92)])


def ruler(y: float, name: str, at: float, mark: float) -> str:
    ticks = "".join(line([(x, y), (x, y + 5)], "ink", width=1) for x in range(10, 151, 20))
    pin = f'<path d="M{at},{y - 1}l-6,-14h12z" fill="{colour(name)}"/>'
    wanted = line([(mark, y - 22), (mark, y)], "ink", width=1.5, more='stroke-dasharray="3 2"')
    return bar(10, y - 9, at - 10, 9, name) + line([(10, y), (150, y)], "ink", width=1) + ticks + wanted + pin


def water() -> str:
    """Six variances that fall, and a water level: four stand above it, the others are drowned."""
    heights, level = (64, 58, 46, 38, 18, 10), 64
    columns = [(14 + 23 * i, height) for i, height in enumerate(heights)]
    dry = "".join(bar(x, 90 - height, 14, height, "kl") for x, height in columns if 90 - height < level)
    drowned = "".join(bar(x, 90 - height, 14, height, "data") for x, height in columns if 90 - height >= level)
    return dry + drowned + bar(6, level, 148, 90 - level, "q", strength=0.15) + line([(6, level), (154, level)], "q")


def die() -> str:
    """The simplex of a die with three faces: soft throws in it, hard ones in its corners, and an arrow."""
    top, left, right = (80, 8), (34, 88), (126, 88)
    side = line([top, left, right, top], "ink", width=1.2)
    soft = [(72, 34), (92, 46), (66, 62), (84, 70), (104, 76), (52, 78)]
    throws = "".join(circle(x, y, 3, f'fill="{colour("q")}" fill-opacity="0.5"') for x, y in soft)
    hard = "".join(circle(x, y, 5, f'fill="{colour("q")}"') for x, y in (top, left, right))
    arrow = line([(80, 60), (80, 32)], "posterior", width=2.5)
    return side + throws + hard + arrow + f'<path d="M80,24l-5,10h10z" fill="{colour("posterior")}"/>'


def river() -> str:
    """The Nile's level, in the exact band and in mean field's, and some of its flows."""
    _, flows = nile()
    p = level_posterior(flows, torch.tensor(15098.5), torch.tensor(1469.2))
    wide = band(p.mean, 2 * p.stddev, "posterior")
    narrow = band(p.mean, 2 * gaussian_mean_field(p)[0].stddev, "q")
    dots = [circle(x, y, 2, f'fill="{colour("data")}"') for x, y in places(flows)[::4]]
    return wide + narrow + line(places(p.mean), "ink", width=1.5) + "".join(dots)


def places(flows: Tensor) -> Points:
    """Years from left to right, flows of 400 to 1400 from below to above, a step of three years."""
    values = flows.tolist()[::3]
    return [(6 + 148 * i / (len(values) - 1), 96 - 0.092 * (value - 400)) for i, value in enumerate(values)]


def band(middle: Tensor, half: Tensor, name: str) -> str:
    edge = places(middle + half) + places(middle - half)[::-1]
    path = "L".join(f"{x:.1f},{y:.1f}" for x, y in edge)
    return f'<path d="M{path}z" fill="{colour(name)}" fill-opacity="0.3" stroke="{colour(name)}" stroke-width="0.8"/>'


def late() -> str:
    """What z tells, by epoch, the mean over seeds: by log p(x) it rises at once, by the ELBO late."""
    axes = line([(8, 6), (8, 93), (152, 93)], "ink", width=1)
    arms = asset("doses.json")["mixture"]["arms"]
    last = max(arms[arm]["num_epochs"] for arm in ("exact", "dose 1"))
    return axes + told(arms["exact"], last, "posterior") + told(arms["dose 1"], last, "q", 'stroke-dasharray="6 3"')


def told(run: dict, last: int, name: str, more: str = "") -> str:
    mean = torch.tensor(run["curve"]["I p"]).mean(0).tolist()
    places = [10 + 140 * math.log1p(epoch) / math.log1p(last) for epoch in run["epochs"]]
    points = [(x, 91 - 62 * nats) for x, nats in zip(places, mean, strict=True)]
    return line(points, name, more=more)


DRAWINGS = (architecture, worked, trick, elbo, training, number, water, die, river, late)
DRAWN = {str(number): drawing for number, drawing in enumerate(DRAWINGS, 1)}


def picture(name: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">{DRAWN[name]()}</svg>\n'


def pictures() -> dict[Path, str]:
    """What each file holds."""
    with plt.style.context("vae_lib.page.book"):
        live = {STATIC / f"{name}.svg": getattr(figures, name)().picture for name in LIVE}
    return live | {STATIC / "strip" / f"{name}.svg": picture(name) for name in DRAWN}


if __name__ == "__main__":
    for path, text in pictures().items():
        path.write_text(text)

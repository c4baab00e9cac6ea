"""Chapter 5: *The training, epoch by epoch*, the live figure that scrubs through a recorded run."""

from itertools import accumulate, groupby

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.patches import Circle, PathPatch
from matplotlib.path import Path
from torch import Tensor
from torch.distributions import kl_divergence

from vae_lib.data import digits
from vae_lib.figures.base.digits import hexadecimal, shown_digits
from vae_lib.figures.base.page import Explorable, explorable
from vae_lib.figures.base.shortened import shortened
from vae_lib.page.palette import LIGHT
from vae_lib.page.plotting import as_svg
from vae_lib.shipped.weights import asset, recorded_digits_vae
from vae_lib.shipped.yardsticks import independent_pixels

DRAWN = (0, 4, 13, 500)  # epochs in the picture
LABELS = (0, 7)  # digits reconstructed in the picture
SHADES = 4
DOTS = 90
WIDTH, HEIGHT, PICTURE = 7.2, 3.2, 0.62  # inches: the figure, and a side of a small picture


def epochs(*, control: str | None = None, state: dict | None = None) -> Explorable:
    """Scrub through a recorded training run: map, reconstructions, terms of the loss, manifold (chapter 5).

    `control` "epoch" reduces it to the slider through the run, which plays in four seconds, and its stage. `state` is
    what it shows first, any of: `epoch`, one of those recorded; `z`. Raises ValueError at another control.
    """
    x, labels = shown_digits()
    record = asset("epochs.json")
    picture, alt = _picture(x, labels, dict(zip(record["epochs"], record["reconstruction"], strict=True)))
    data = {
        **record,
        "digits": [hexadecimal(row) for row in x],
        "labels": "".join(map(str, labels.tolist())),
        "independent": round(independent_pixels(*((counts >= 8).double() for counts in digits())), 3),
    }
    options = {"control": control, "controls": ("epoch",), "state": state}
    return explorable("epochs", "The training, epoch by epoch", shortened(as_svg(picture).data), alt, data, **options)


def _picture(x: Tensor, labels: Tensor, reconstruction: dict[int, float]) -> tuple[plt.Figure, str]:
    """Four of the epochs, and what they show in words; numbers rounded, so that every CPU draws the same."""
    figure = plt.figure(figsize=(WIDTH, HEIGHT), layout="none")
    shown = [labels.tolist().index(label) for label in LABELS]
    nats = []
    for i, epoch in enumerate(DRAWN):
        model = recorded_digits_vae(epoch).double()
        with torch.no_grad():
            q = model.encoder(x.double())
            kl = kl_divergence(q, model.prior).mean().item()
            pi = model.decoder(q.mean[shown]).mean
        nats.append(f"{-reconstruction[epoch]:.1f} + {kl:.1f} nats")
        left = 0.05 + 0.24 * i
        axes = figure.add_axes((left, 0.38, 0.21, 0.21 * WIDTH / HEIGHT))
        _map(axes, q.mean[:DOTS].round(decimals=2), first=i == 0)
        axes.set_title(f"epoch {epoch}\n{nats[-1]}", fontsize=9)
        for j, values in enumerate(pi):
            box = (left + 0.105 * j, 0.02, PICTURE / WIDTH, PICTURE / HEIGHT)
            _shades(figure.add_axes(box), values)
    figure.text(0.05, 0.245, "Reconstructions of a 0 and a 7. Above: −reconstruction + KL.", fontsize=9)
    said = "; ".join(f"epoch {epoch}: {terms}" for epoch, terms in zip(DRAWN, nats, strict=True))
    alt = (
        f"Four epochs of one training run, for each the latent map with dots, {DOTS} test digits at their μ, and the "
        "reconstructions of a 0 and a 7. Epoch 0: all dots in one clot near 0, the pictures a flat grey. Epoch 4: "
        "a clot beside 0, shifted along z₁; the two pictures are nearly the same blurred average. Epoch 13: the dots "
        "spread out, and the pictures differ. Epoch 500: the dots fill the prior's circles, in groups, and the "
        f"pictures are a 0 and a 7. Minus the reconstruction term plus the KL, an image: {said}."
    )
    return figure, alt


def _map(axes: Axes, mu: Tensor, first: bool) -> None:
    _strokes(axes, [(z, z) for z in mu.tolist()], color=LIGHT["q"], linewidth=2.2, capstyle="round")  # dots
    for radius in (1, 2):
        axes.add_patch(Circle((0, 0), radius, fill=False, color=LIGHT["prior"], linestyle="--", linewidth=1))
    axes.set(aspect="equal", xlim=(-3, 3), ylim=(-3, 3), xticks=(-2, 0, 2), yticks=(-2, 0, 2))
    axes.tick_params(labelsize=8, labelleft=first, labelbottom=first)


def _shades(axes: Axes, values: Tensor) -> None:
    """An 8×8 picture in a few shades: each run of one shade in a row is a stroke, thick as the row is high."""
    shades = (values * SHADES).round().reshape(8, 8).long()
    for shade in range(1, SHADES + 1):
        runs = [((j, i + 0.5), (j + n, i + 0.5)) for i, row in enumerate(shades.tolist()) for j, n in _runs(row, shade)]
        _strokes(axes, runs, color=str(1 - shade / SHADES), linewidth=72 * PICTURE / 8 + 0.1, capstyle="butt")
    axes.set(aspect="equal", xticks=[], yticks=[], xlim=(0, 8), ylim=(8, 0))
    for spine in axes.spines.values():
        spine.set(visible=True, color=LIGHT["decoder"], linewidth=1.2)


def _runs(row: list[int], shade: int) -> list[tuple[int, int]]:
    """Where in a row pixels of this shade begin, and how many they are."""
    lengths = [(value, len(list(run))) for value, run in groupby(row)]
    starts = accumulate((n for _, n in lengths), initial=0)
    return [(start, n) for start, (value, n) in zip(starts, lengths, strict=False) if value == shade]


def _strokes(axes: Axes, lines: list[tuple], **style) -> None:
    """Lines from a point to a point as one path, which is short in an SVG."""
    if lines:
        points = [point for line in lines for point in line]
        path = Path(points, [Path.MOVETO, Path.LINETO] * len(lines))
        axes.add_patch(PathPatch(path, **style)).set_clip_on(False)

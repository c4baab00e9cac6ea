"""Chapter 1: *The machine*, the live figure in which a digit passes a trained VAE and z can be dragged."""

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from torch import Tensor
from torch.distributions import kl_divergence

from vae_lib.figures.base.digits import hexadecimal, shown_digits
from vae_lib.figures.base.page import Explorable, explorable
from vae_lib.figures.base.shortened import shortened
from vae_lib.page.palette import LIGHT
from vae_lib.page.plotting import as_svg, draw_ellipse
from vae_lib.shipped.weights import asset, digits_vae

LABEL, EPS = 6, (0.8, -1.1)
OF_Z = (
    "Two panels. Left: the latent space, with a dot for each of 120 test digits at its μ, the prior as circles around "
    "0, and z as a ring in the middle. Right: the decoder's 64 probabilities at that z, in shades of grey: a blurred "
    "stroke from top to bottom."
)


def machine(*, control: str | None = None, state: dict | None = None) -> Explorable:
    """Choose or draw x, see q(z|x) over the encoded digits, drag z, watch p(x|z) (chapter 1, equations 1.1 to 1.4).

    `control` reduces it to one control and its stage: "x", a picture to draw; "eps", one more draw of ε; "z", to be
    dragged, without an encoder. `state` is what it shows first, any of: `x`, 16 hexadecimal digits; `eps`; `source`,
    where z is from, "q", "hand" or "prior"; `z`, where that is not "q". Raises ValueError at another control.
    """
    x, labels = shown_digits()
    picture, alt = (_picture_of_z(x), OF_Z) if control == "z" else _picture(x, labels)
    data = {
        "encoder": layers("encoder"),
        "decoder": layers("decoder"),
        "digits": [hexadecimal(row) for row in x],
        "labels": "".join(map(str, labels.tolist())),
        "start": LABEL,
        "eps": EPS,
    }
    title = "The machine: a digit through a trained VAE"
    options = {"control": control, "controls": ("x", "eps", "z"), "state": state}
    return explorable("machine", title, shortened(as_svg(picture).data), alt, data, **options)


def layers(part: str) -> list[list]:
    """[weight, bias] of each layer of the shipped model's "encoder" or "decoder"."""
    weights = asset("digits_vae.json")
    return [[weights[f"{part}.net.{i}.{kind}"] for kind in ("weight", "bias")] for i in (0, 2)]


def _picture(x: Tensor, labels: Tensor) -> tuple[plt.Figure, str]:
    """The starting state, and what it shows in words; numbers rounded, so that every CPU draws the same."""
    model = digits_vae().double()
    first = labels.tolist().index(LABEL)
    with torch.no_grad():
        q = model.encoder(x.double())
        mu, sigma = q.mean.round(decimals=2), q.stddev.round(decimals=3)
        z = mu[first] + sigma[first] * torch.tensor(EPS, dtype=torch.float64)
        pi = model.decoder(z).mean.round(decimals=2)
        kl = kl_divergence(q, model.prior)[first]
    figure = plt.figure(figsize=(7.2, 3.5), layout="none")  # constrained layout is not the same in every process
    left, middle, right = (
        figure.add_axes(box) for box in [(0, 0.45, 0.22, 0.45), (0.31, 0.1, 0.39, 0.8), (0.78, 0.45, 0.22, 0.45)]
    )
    _pixels(left, x[first], "data", "x: a picture")
    _pixels(right, pi, "decoder", "→ decoder: p(x|z)")
    _map(middle, mu, labels)
    for deviations in (1, 2):
        draw_ellipse(middle, mu[first], torch.diag((deviations * sigma[first]) ** 2), color=LIGHT["q"])
    middle.plot(*torch.stack([mu[first], z]).T, color=LIGHT["ink"], linewidth=1.2)
    middle.plot(*z, "o", color=LIGHT["ink"], markerfacecolor="none", markersize=8)
    middle.set_title("→ encoder: q(z|x)", color=LIGHT["q"])
    where = " and ".join(f"{value:.1f}".replace("-", "−") for value in mu[first].tolist())
    alt = (
        f"Three panels. Left: a {LABEL} of 64 pixels, on or off. Middle: the latent space with 360 test digits, each "
        f"drawn as its label at its μ, most digits among their like; the prior as circles around 0; q for the "
        f"{LABEL} as a small ellipse around ({where}), and one z in it, off its centre. "
        f"Right: the decoder's 64 probabilities at that z, a blurred {LABEL} in shades of grey. "
        f"The KL is {kl:.1f} nats."
    )
    return figure, alt


def _picture_of_z(x: Tensor) -> plt.Figure:
    """The map with z = 0 on it, and what the decoder makes of that; numbers rounded, as below."""
    model = digits_vae().double()
    with torch.no_grad():
        mu = model.encoder(x[:120].double()).mean.round(decimals=2)
        pi = model.decoder(torch.zeros(2, dtype=torch.float64)).mean.round(decimals=2)
    figure = plt.figure(figsize=(7.2, 3.5), layout="none")
    left, right = figure.add_axes((0.07, 0.12, 0.4, 0.82)), figure.add_axes((0.56, 0.12, 0.4, 0.74))
    left.plot(*mu.T, ".", color=LIGHT["data"], markersize=4)
    left.plot(0, 0, "o", color=LIGHT["ink"], markerfacecolor="none", markersize=10)
    _plane(left)
    _pixels(right, pi, "decoder", "→ decoder: p(x|z)")
    return figure


def _pixels(axes: Axes, values: Tensor, colour: str, title: str) -> None:
    axes.pcolormesh(values.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1, edgecolors=LIGHT["data"], linewidth=0.3)
    axes.set(aspect="equal", xticks=[], yticks=[], ylim=(8, 0))
    axes.set_title(title, color=LIGHT["ink" if colour == "data" else colour])
    for spine in axes.spines.values():
        spine.set(visible=True, color=LIGHT[colour], linewidth=1.5)


def _map(axes: Axes, mu: Tensor, labels: Tensor) -> None:
    for digit in range(10):
        bold = digit == LABEL
        axes.plot(
            *mu[labels == digit].T,
            linestyle="none",
            marker=f"${digit}$",
            markersize=5,
            markeredgewidth=0.6 if bold else 0,
            color=LIGHT["ink" if bold else "data"],
        )
    _plane(axes)


def _plane(axes: Axes) -> None:
    for radius in (1, 2):
        draw_ellipse(
            axes, torch.zeros(2), radius**2 * torch.eye(2), color=LIGHT["prior"], linestyle="--", linewidth=1.5
        )
    axes.text(1.5, -1.75, "prior", color=LIGHT["prior"])
    axes.set(
        xlabel="$z_1$",
        ylabel="$z_2$",
        aspect="equal",
        xlim=(-3, 3),
        ylim=(-3, 3),
        xticks=range(-2, 3),
        yticks=range(-2, 3),
    )

"""Chapter 5: *The trainer*, the live figure in which a small VAE is trained in the page."""

import math
from functools import cache

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from torch import Tensor
from torch.distributions import Normal

from vae_lib.figures.base.page import Explorable, explorable
from vae_lib.model import VAE
from vae_lib.networks import GaussianDecoder, GaussianEncoder
from vae_lib.page.palette import LIGHT
from vae_lib.page.plotting import as_svg
from vae_lib.training import fit

N, NOISE, HIDDEN = 128, 0.12, 16
ALT = (
    "Two panels, after 300 steps of training on 128 points that lie along an arc in the plane. Left: the decoder's "
    "line of means follows the arc from z = −2 at one end to z = 2 at the other, with a band of one σ_x to each side "
    "that holds most points. Right: the latent line; the μ of the points spread over it, and the mean of all their q "
    "lies near the prior N(0, 1)."
)


def trainer(*, control: str | None = None, state: dict | None = None) -> Explorable:
    """Start, pause, step and reset the training of a VAE with one latent (chapter 5, equations 5.1–5.4 and 5.11).

    `control` "start" reduces it to that button and its stage. `state` is what it shows first, any of: `data`, "arc",
    "ring", "moons" or "cloud"; `seed`, 1 to 20; `rate` and `beta`, values that the sliders offer; `chosen`, the number
    of the ringed x; `schedule`, what has been trained, a list of [steps, rate, beta]. Raises ValueError at another
    control.
    """
    data = {name: x.flatten().tolist() for name, x in datasets().items()}
    title = "The trainer: a VAE trained in the page"
    options = {"control": control, "controls": ("start",), "state": state}
    return explorable("trainer", title, as_svg(_picture()).data, ALT, data, **options)


@cache
def datasets() -> dict[str, Tensor]:
    """The points x of the plane, `[128, 2]` each, float64, two digits: an arc, a ring, two moons, a cloud."""
    generator = torch.Generator().manual_seed(0)  # its own: the notebook's draws stay as they are
    eps = torch.randn(4, N, 2, dtype=torch.float64, generator=generator)
    u = (torch.arange(N, dtype=torch.float64) + 0.5) / N
    moon = 1.3 * _circle(math.pi * u[::2]) + torch.tensor([-0.65, -0.3])
    along = torch.special.ndtri(u)[:, None]
    x = {
        "arc": 1.6 * _circle((1.5 * u - 0.25) * math.pi) - torch.tensor([0, 0.2]),
        "ring": 1.6 * _circle(2 * math.pi * u),
        "moons": torch.cat([moon, -moon]),
        "cloud": along * torch.tensor([0.9, 0.55]),
    }
    spread = {"cloud": 2 * NOISE}
    noisy = zip(x.items(), eps, strict=True)
    return {name: (line + spread.get(name, NOISE) * noise).round(decimals=2) for (name, line), noise in noisy}


def _circle(angle: Tensor) -> Tensor:
    return torch.stack([angle.cos(), angle.sin()], dim=-1)


@cache
def _trained() -> VAE:
    """The library's own training on the arc, in float64, so that rounding gives the same picture on every CPU."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = VAE(GaussianEncoder(2, 1, HIDDEN), GaussianDecoder(1, 2, HIDDEN), 1).double()
        fit(model, datasets()["arc"], num_epochs=300, batch_size=N, lr=0.02)
    return model.requires_grad_(False)


def _picture() -> plt.Figure:
    figure = plt.figure(figsize=(7.2, 3.5), layout="none")
    _plane(figure.add_axes((0.07, 0.14, 0.4, 0.82)))
    _latents(figure.add_axes((0.57, 0.14, 0.4, 0.82)))
    return figure


def _plane(axes: Axes) -> None:
    model, x = _trained(), datasets()["arc"]
    z = torch.linspace(-3, 3, 241, dtype=torch.float64)[:, None]
    px_z = model.decoder(z)
    line, width = px_z.mean.round(decimals=2), round(px_z.stddev[0, 0].item(), 2)
    axes.plot(*x.T, "o", color=LIGHT["data"], markersize=3)
    axes.set(xlabel="$x_1$", ylabel="$x_2$", xlim=(-2.7, 2.7), ylim=(-2.7, 2.7), aspect="equal")
    points_per_unit = 0.82 * 3.5 * 72 / 5.4
    axes.plot(*line.T, color=LIGHT["decoder"], linewidth=2 * width * points_per_unit, alpha=0.22)
    axes.plot(*line.T, color=LIGHT["decoder"])
    for value, (x1, x2) in zip(range(-2, 3), line[40:201:40].tolist(), strict=True):
        axes.plot(x1, x2, "o", color=LIGHT["decoder"], markersize=4)
        axes.text(x1 + 0.1, x2 + 0.1, str(value).replace("-", "−"), color=LIGHT["decoder"])


def _latents(axes: Axes) -> None:
    model, x = _trained(), datasets()["arc"]
    q = model.encoder(x)
    z = torch.linspace(-4, 4, 161, dtype=torch.float64)
    together = Normal(q.mean, q.stddev).log_prob(z).exp().mean(0).round(decimals=3)
    prior = Normal(0.0, 1.0).log_prob(z).exp()
    axes.fill_between(z, together, color=LIGHT["q"], alpha=0.2, linewidth=0)
    axes.plot(z, together, color=LIGHT["q"], linewidth=1.2, label="q of all points together")
    axes.plot(z, prior, "--", color=LIGHT["prior"], label="prior")
    axes.plot(q.mean.round(decimals=2), torch.full((N, 1), -0.015), "|", color=LIGHT["q"], markersize=5)
    axes.legend(loc="upper center")
    axes.set(xlabel="latent $z$", ylabel="density", xlim=(-4, 4), ylim=(-0.03, 0.65))

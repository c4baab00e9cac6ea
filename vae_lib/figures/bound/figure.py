"""Chapter 4: *The bound*, the live figure in which q is dragged over the true posterior."""

from collections.abc import Callable

import matplotlib.pyplot as plt
import torch
from torch.distributions import Normal, kl_divergence

from vae_lib.figures.base.page import Explorable, explorable
from vae_lib.page.palette import LIGHT
from vae_lib.page.plotting import as_svg

MU, SIGMA, X, NOISE_STD = 0.8, 0.7, 2.0, 0.5
ALT = (
    "Two panels. Above: the prior, the true posterior with one hump on each side of zero, and a Gaussian q with mean "
    "0.8 and standard deviation 0.7 over its right hump. Below: from 0 by the reconstruction and minus the KL down to "
    "the ELBO, and by the gap up again to log p(x)."
)
SUM = (
    "Two panels. Left: the prior, the true posterior with one hump on each side of zero, and a Gaussian q with mean "
    "0.8 and standard deviation 0.7 over its right hump. Right: from 0 down to the ELBO, by the gap up again to "
    "log p(x), and log p(x) itself."
)


def bound(*, control: str | None = None, state: dict | None = None) -> Explorable:
    """Drag q; reconstruction − KL + gap ends at log p(x) wherever it is (chapter 4, equations 4.4 and 4.5).

    `control` reduces it to "mu" or "sigma" and the sum of ELBO and gap. `state` is the q that it shows first, `mu` and
    `sigma`. Raises ValueError at another control.
    """
    title = "The bound: drag q over the true posterior"
    options = {"control": control, "controls": ("mu", "sigma"), "state": state}
    picture, alt = (_picture(1, 2, (7.2, 3.2), sum_of), SUM) if control else (_picture(2, 1, (5.0, 4.6), terms_of), ALT)
    return explorable("bound", title, as_svg(picture).data, alt, {}, **options)


def sum_of(_: float, elbo: float, log_px: float) -> dict[str, tuple[float, float, str]]:
    """Bars of a waterfall, each from where, to where, and in which colour: the ELBO and the gap."""
    return {"ELBO": (0, elbo, "ink"), "+ gap": (elbo, log_px, "gap"), "= log p(x)": (0, log_px, "data")}


def terms_of(reconstruction: float, elbo: float, log_px: float) -> dict[str, tuple[float, float, str]]:
    """The same with the ELBO's two terms."""
    steps = {"reconstruction": (0, reconstruction, "decoder"), "− KL": (reconstruction, elbo, "kl")}
    return steps | {"+ gap": (elbo, log_px, "gap"), "log p(x)": (0, log_px, "data")}


def _picture(rows: int, columns: int, size: tuple[float, float], steps_of: Callable) -> plt.Figure:
    figure, (top, bottom) = plt.subplots(rows, columns, figsize=size)
    z = torch.linspace(-4, 4, 161, dtype=torch.float64)
    prior, q = Normal(0.0, 1.0), Normal(MU, SIGMA)
    log_px_z = Normal(z.abs(), NOISE_STD).log_prob(torch.tensor(X))
    log_px = torch.trapezoid((log_px_z + prior.log_prob(z)).exp(), z).log()
    posterior = (log_px_z + prior.log_prob(z) - log_px).exp()
    for name, density, style, place in [
        ("prior", prior.log_prob(z).exp(), "--", (-0.6, 0.43)),
        ("posterior", posterior, "-", (-3.4, 0.5)),
        ("q", q.log_prob(z).exp(), "-.", (0.9, 0.62)),
    ]:
        top.plot(z, density, style, color=LIGHT[name])
        top.text(*place, name, color=LIGHT[name])
    top.set(xlabel="latent $z$", ylabel="density", ylim=(0, 0.8))
    reconstruction = torch.trapezoid(q.log_prob(z).exp() * log_px_z, z).item()
    elbo = reconstruction - kl_divergence(q, prior).item()
    for name, (start, end, colour) in steps_of(reconstruction, elbo, log_px.item()).items():
        bottom.bar(
            name, end - start, bottom=start, color="none" if colour == "gap" else LIGHT[colour], ec=LIGHT[colour]
        )
    bottom.set_ylabel("nats")
    return figure

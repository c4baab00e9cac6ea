"""Chapter 6: the calculator, a live figure that turns a loss, its sums and its means into β, σ_x² and nats an image."""

import math
from statistics import mean

import matplotlib.pyplot as plt
import torch

from vae_lib.data import digits
from vae_lib.diagnose.loss_data import entropy
from vae_lib.diagnose.reductions import implied
from vae_lib.figures.base.page import Explorable, explorable
from vae_lib.page.palette import LIGHT
from vae_lib.page.plotting import as_svg
from vae_lib.shipped.weights import asset

DIGITS, MNIST = "digits, 8×8", "MNIST, 28×28"
# Of the 60 000 training images x of `vae_lib.data.mnist`: the sum over pixels of the variance of x / 255, and of the
# entropy of "black from 128", nats. `benchmarks/yardsticks_of_mnist.py` computes both.
OF_MNIST = {"variance": 52.73, "entropy": 206.04}
LOSS = dict(loss=0.0733, likelihood="gaussian", data_dim=64, latent_dim=8, batch_size=128, reconstruction="mean")
ALT = (
    "Two rulers with powers of ten, for the digits and a loss of squared error, averaged over everything, plus KL. "
    "First: σ_x² = 32, far above the variance 0.073 of a pixel. Second: 0.073, the nats that can pass the latent at "
    "most, far below the 2.3 that it takes to tell ten digits apart."
)
RULER = (
    "A ruler from 0 to 600 nats an image, for MNIST. A loss of 96.4 stands well below the mark of independent pixels, "
    "206, and that of zero weights, 543."
)


def calculator(*, control: str | None = None, state: dict | None = None) -> Explorable:
    """Choose likelihood, sums and means, type the loss: β, σ_x², nats an image, nats through the latent (5.9–5.11).

    `control` reduces it to "reconstruction", how the error is reduced, or "weight", the factor of the KL, and the two
    rulers; or to "loss", a number typed for MNIST, a ruler and a sentence.

    `state` is what it shows first, any of: `kind`, the error: "squared", "half", "density" (a Gaussian's
    −log p, its constant included), "cross" or "grey"; `noiseStd`, the σ_x of "density"; `reconstruction` and `kl`,
    "image", "sum" or "mean"; `weight`, the KL's factor; `images`, the name of one of `yardsticks`, or "others";
    `dataDim`, `latentDim`, `batchSize`; `loss`, and `klNats`, its KL in nats an image, or None. Raises
    ValueError at another control.
    """
    start = {"kind": "squared", "reconstruction": "mean", "kl": "image", "weight": 1, "images": DIGITS}
    start |= {"dataDim": 64, "latentDim": 8, "batchSize": 128, "loss": LOSS["loss"], "klNats": None, "noiseStd": 0.1}
    title = "Calculator: which β, σ_x² and nats an image a loss stands for"
    options = {"control": control, "controls": ("loss", "reconstruction", "weight"), "state": state}
    picture, alt = (_ruler(), RULER) if control == "loss" else (_picture(), ALT)
    data = {"images": yardsticks(), "start": start}
    return explorable("calculator", title, as_svg(picture).data, alt, data, **options)


def yardsticks() -> list[dict]:
    """What a model without a latent costs: total variance of pixels in [0, 1], entropy of black and white ones.

    `trained` is the −ELBO in nats of the book's own networks after 100 epochs, a mean over the recorded seeds.
    """
    ends = [asset("yardsticks.json")["Bernoulli, black from 8"]["8"], asset("mnist_yardsticks.json")["static"]]
    of_digits_trained, of_mnist_trained = (round(mean(run[-1] for run in end["test"]), 1) for end in ends)
    counts = torch.cat(digits()).double()
    of_digits = {
        "variance": (counts / 16).var(0, correction=0).sum().item(),
        "entropy": entropy((counts >= 8).double().mean(0)).item(),
    }
    rounded = {name: round(value, 3) for name, value in of_digits.items()}
    return [
        {"name": DIGITS, "called": "the digits", "dataDim": 64, **rounded, "trained": of_digits_trained},
        {"name": MNIST, "called": "MNIST", "dataDim": 784, **OF_MNIST, "trained": of_mnist_trained},
    ]


def _ruler() -> plt.Figure:
    figure, axes = plt.subplots(figsize=(7.2, 1.8))
    axes.barh(0.3, 96.4, height=0.6, color=LIGHT["q"], alpha=0.3)
    axes.plot(96.4, 0.35, "v", color=LIGHT["q"], markersize=11)
    for nats, name in [(OF_MNIST["entropy"], "independent pixels"), (784 * math.log(2), "zero weights")]:
        axes.axvline(nats, color=LIGHT["ink"], linestyle="--", linewidth=1)
        axes.text(nats, 1.1, name, ha="center", va="bottom")
    axes.set(xlim=(0, 600), ylim=(0, 1), yticks=[], xlabel="nats an image")
    axes.spines[["left", "top", "right"]].set_visible(False)
    return figure


def _picture() -> plt.Figure:
    found, variance = implied(**LOSS), yardsticks()[0]["variance"]
    figure = plt.figure(figsize=(5.0, 2.4), layout="none")
    rows = [
        (
            0.64,
            "kl",
            r"$\sigma_x^2$ = " + f"{found.noise_var:.0f}",
            found.noise_var,
            (1e-4, 1e4),
            variance / 64,
            "a pixel's variance",
        ),
        (
            0.16,
            "q",
            "nats that can pass the latent, at most",
            found.budget(variance),
            (1e-2, 1e4),
            math.log(10),
            "log 10: ten digits",
        ),
    ]
    for bottom, colour, title, value, limits, mark, text in rows:
        axes = figure.add_axes((0.04, bottom, 0.92, 0.14))
        axes.set(xscale="log", xlim=limits, ylim=(0, 1), yticks=[])
        axes.spines[["left", "top", "right"]].set_visible(False)
        axes.barh(0.3, value - limits[0], left=limits[0], height=0.6, color=LIGHT[colour], alpha=0.3)
        axes.plot(value, 0.35, "v", color=LIGHT[colour], markersize=9)
        axes.axvline(mark, color=LIGHT["ink"], linestyle="--", linewidth=1)
        axes.text(mark, 1.1, text, ha="center", va="bottom", fontsize=9)
        axes.text(0, 1.9, title, color=LIGHT[colour], transform=axes.transAxes, va="bottom", weight="bold")
        axes.minorticks_off()
    return figure

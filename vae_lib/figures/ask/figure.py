"""The first page: *Ask*, the live figure that says in a sentence what a typed loss stands for."""

import matplotlib.pyplot as plt

from vae_lib.exact import worked_example
from vae_lib.figures.base.page import Explorable, explorable
from vae_lib.figures.calculator.figure import yardsticks
from vae_lib.page.palette import LIGHT
from vae_lib.page.plotting import as_svg

CHAPTER_2 = "chapter 2's example"
START = {"of": CHAPTER_2, "kind": "half", "sums": "image", "latentDim": 2, "batchSize": 128}
ALT = (
    "A bar of length {J}, the loss of chapter 2's example in nats, made of two parts: {reconstruction} of "
    "reconstruction and {kl} of KL. So {J} is right."
)


def ask(*, control: str | None = None, state: dict | None = None) -> Explorable:
    """Type a loss, choose its data, error and sums: what it stands for (chapter 2, and 5.9 to 5.11).

    `control` is None: there is one form. `state` is what it shows first, any of: `loss`, a number or None; `of`,
    "chapter 2's example" or the name of one of `yardsticks`; `kind`, as in `calculator`; `sums`, "image"
    (both summed, the batch averaged), "half" (the error averaged, the KL summed), "mean" or "sum"; `latentDim`,
    `batchSize`. Raises ValueError at a control.
    """
    example = _example()
    chapter_2 = {"name": CHAPTER_2, "dataDim": 4}
    data = {
        "pictures": [chapter_2, *yardsticks()],
        "example": {"name": CHAPTER_2, "latentDim": START["latentDim"], **example},
        "start": {"loss": example["J"], **START},
    }
    options = {"control": control, "state": state}
    picture = as_svg(_picture(example)).data
    alt = ALT.format(**{name: f"{value:.4f}" for name, value in example.items()})
    return explorable("ask", "Ask what a number stands for", picture, alt, data, **options)


def _example() -> dict[str, float]:
    values = worked_example.forward(worked_example.X[0], worked_example.WEIGHTS, worked_example.EPS[0])
    of = {"J": "J", "reconstruction": "reconstruction_loss", "kl": "kl", "negativeElbo": "negative_elbo"}
    return {name: round(float(values[key]), 4) for name, key in of.items()}


def _picture(example: dict[str, float]) -> plt.Figure:
    figure = plt.figure(figsize=(5.0, 1.1), layout="none")
    axes = figure.add_axes((0.02, 0.3, 0.96, 0.4))
    axes.set_axis_off()
    left = 0.0
    for name, colour in (("reconstruction", "decoder"), ("kl", "kl")):
        axes.barh(0, example[name], left=left, color=LIGHT[colour], alpha=0.3)
        text = f"{example[name]:.4f} {'KL' if name == 'kl' else name}"
        axes.text(left + example[name] / 2, 0, text, ha="center", va="center", color=LIGHT[colour])
        left += example[name]
    axes.set_title(f"J = {example['J']:.4f} nats", fontsize=11)
    return figure

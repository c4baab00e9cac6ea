"""Chapter 5: the training lab, which trains a VAE on the digits by `fit`, an epoch at a time, under your settings."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import ipywidgets as widgets
import torch
from matplotlib.figure import Figure
from torch import Tensor
from torch.optim import Adam

from vae_lib.data import digits
from vae_lib.evaluation import active_units
from vae_lib.labs.panel import Lab, Step, picture, steps_to_the_end, table_of_runs
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianEncoder
from vae_lib.objectives import elbo
from vae_lib.page.palette import LIGHT
from vae_lib.shipped.weights import asset
from vae_lib.shipped.yardsticks import independent_pixels
from vae_lib.training import fit

START = {"latent_dim": 8, "beta": 1.0, "hidden_dim": 256, "lr": 1e-3, "num_epochs": 60, "seed": 0}
RECORDED = [{"beta": beta} for beta in (0.125, 0.5, 2.0, 4.0, 8.0)]
RECORDED += [{"lr": 1e-4}, {"latent_dim": 2}, {"latent_dim": 32}, {}]
ZERO_WEIGHTS = 64 * math.log(2)  # −ELBO where every pixel is a coin (equation 5.6)
SHOWN_RUNS = 9
BETAS = {"0": 0.0, "1/8": 0.125, "1/2": 0.5, "1": 1.0, "2": 2.0, "4": 4.0, "8": 8.0, "64": 64.0}


def training_lab() -> Lab:
    """A panel that trains a VAE on the digits, black from a count of 8 on, and shows both terms as they go (chapter 5).

    Shown are, on the test digits, minus the reconstruction and the KL in nats an image, beside what independent pixels
    and zero weights reach, reconstructions, and the numbers of the last runs.
    """
    choices = {
        "latent_dim": ("latents d", [1, 2, 4, 8, 16, 32]),
        "beta": ("β", [*BETAS.items()]),
        "hidden_dim": ("hidden units", [4, 16, 64, 256]),
        "lr": ("learning rate", [1e-4, 1e-3, 1e-2, 1e-1]),
        "num_epochs": ("epochs", [10, 60, 200]),
    }
    style = {"description_width": "90px"}
    settings = {
        name: widgets.Dropdown(options=options, value=START[name], description=label, style=style)
        for name, (label, options) in choices.items()
    }
    settings["seed"] = widgets.BoundedIntText(START["seed"], min=0, max=9999, description="seed", style=style)
    return Lab("epochs", settings, run, show, asset("labs.json")["training"])


def run(*, latent_dim: int, beta: float, hidden_dim: int, lr: float, num_epochs: int, seed: int) -> Iterator[Step]:
    """Train by as many calls of `fit` as there are epochs: the same as one call, for it goes on with its optimiser."""
    x_train, x_test = ((counts >= 8).float() for counts in digits())
    chance = {"state": torch.Generator().manual_seed(seed).get_state()}
    with random_numbers_of(chance):
        model = VAE(
            GaussianEncoder(64, latent_dim, hidden_dim), BernoulliDecoder(latent_dim, 64, hidden_dim), latent_dim
        )
    optimizer, objective = Adam(model.parameters(), lr=lr), partial(elbo, beta=beta)
    settings = {"latent_dim": latent_dim, "beta": beta, "hidden_dim": hidden_dim, "lr": lr, "seed": seed}
    history = {"train": [], "test": [], "reconstruction": [], "kl": []}
    for epoch in range(1, num_epochs + 1):
        with random_numbers_of(chance):
            means = fit(model, x_train, objective=objective, num_epochs=1, batch_size=64, lr=optimizer, x_test=x_test)
        for name, values in means.items():
            history[name] += values
        yield epoch, num_epochs, partial(summary, settings, history, model, x_test, independent_pixels(x_train, x_test))


@contextmanager
def random_numbers_of(chance: dict) -> Iterator[None]:
    """Inside, torch's random numbers go on from `chance`; outside, those of the notebook stay as they were."""
    with torch.random.fork_rng(devices=[]):
        torch.set_rng_state(chance["state"])
        yield
        chance["state"] = torch.get_rng_state()


def summary(settings: dict, history: dict, model: VAE, x_test: Tensor, independent: float) -> dict:
    """What was found so far, in plain numbers."""
    with torch.no_grad():
        means = model.reconstruct(x_test[:8]).mean
    return {
        "settings": settings,
        "reconstruction": list(history["reconstruction"]),
        "kl": list(history["kl"]),
        "active": int(active_units(model, x_test).sum()),
        "independent": independent,
        "x": x_test[:8].int().tolist(),
        "means": [[round(value, 2) for value in row] for row in means.tolist()],
    }


def show(results: list[dict], picture_format: str = "png") -> str:
    """The newest result as a picture, the yardsticks, and the last runs."""
    result = results[-1]
    header = ["−reconstruction", "KL", "−ELBO", "latents in use"]
    return (
        picture(draw, result, alt(result), picture_format)
        + f"<p>{_plain(result['settings'])}. All numbers are nats an image on the test digits, with one z an image. "
        f"To compare: zero weights {ZERO_WEIGHTS:.1f}, independent pixels {result['independent']:.1f}. "
        "−ELBO is KL − reconstruction, whatever β the training used.</p>"
        + table_of_runs(header, [_row(r) for r in results[-SHOWN_RUNS:]])
    )


def draw(result: dict) -> Figure:
    """Both terms over the epochs, and eight test digits above what the decoder makes of their μ(x)."""
    figure = Figure(figsize=(5.0, 3.9), layout="none")
    left, right = figure.add_axes([0.12, 0.5, 0.36, 0.46]), figure.add_axes([0.6, 0.5, 0.36, 0.46])
    epochs = range(1, len(result["kl"]) + 1)
    left.plot(epochs, [-value for value in result["reconstruction"]], ".-", color=LIGHT["decoder"])
    left.axhline(result["independent"], color=LIGHT["data"], linewidth=1.2, linestyle=":", label="independent pixels")
    left.legend(loc="lower left", handlelength=1.2)
    left.set(ylabel="−reconstruction (nats)", ylim=(0, max(34, -1.05 * min(result["reconstruction"]))))
    right.plot(epochs, result["kl"], ".--", color=LIGHT["kl"])
    right.set(ylabel="KL (nats)", ylim=(0, max(8.0, 1.1 * max(result["kl"]))))
    for panel in (left, right):
        panel.set(xlabel="epoch", xscale="log", xlim=(0.9, max(10, len(epochs)) * 1.1))
        ticks = [tick for tick in (1, 10, 100) if tick <= max(10, len(epochs))]
        panel.set_xticks(ticks, map(str, ticks))
    for row, (label, images) in enumerate({"x": result["x"], "mean": result["means"]}.items()):
        axes = figure.add_axes([0.12, 0.18 - 0.17 * row, 0.84, 0.15])
        axes.imshow(_side_by_side(images).numpy(), vmin=0, vmax=1, interpolation="none", aspect="auto")
        axes.set_axis_off()
        axes.text(-2, 3.5, label, ha="right", va="center")
    return figure


def _side_by_side(images: list[list[float]]) -> Tensor:
    """`[n, 64]` as one picture `[8, 9n − 1]`, a white column between neighbours."""
    tiles = torch.nn.functional.pad(torch.tensor(images, dtype=torch.float64).reshape(-1, 8, 8), (0, 1))
    return tiles.transpose(0, 1).reshape(8, -1)[:, :-1]


def alt(result: dict) -> str:
    reconstruction, kl = -result["reconstruction"][-1], result["kl"][-1]
    return (
        f"Two curves over {len(result['kl'])} epochs, for {_plain(result['settings'])}: minus the reconstruction, from "
        f"{-result['reconstruction'][0]:.1f} to {reconstruction:.1f} nats, where independent pixels reach "
        f"{result['independent']:.1f}, and the KL, from {result['kl'][0]:.1f} to {kl:.1f} nats. Below, eight test "
        "digits and the decoder's mean for each."
    )


def _row(result: dict) -> tuple[str, list[str]]:
    reconstruction, kl = -result["reconstruction"][-1], result["kl"][-1]
    used = f"{result['active']} of {result['settings']['latent_dim']}"
    run = f"{_plain(result['settings'])}, {len(result['kl'])} epochs"
    return run, [f"{reconstruction:.1f}", f"{kl:.1f}", f"{kl + reconstruction:.1f}", used]


def _plain(settings: dict) -> str:
    return (
        f"d = {settings['latent_dim']}, β = {settings['beta']:g}, {settings['hidden_dim']} hidden units, "
        f"rate {settings['lr']:g}, seed {settings['seed']}"
    )


def record() -> list[dict]:
    """The runs that ship, for `make assets`; the last is the one that the panel starts with."""
    return [steps_to_the_end(run(**START | changes)) for changes in RECORDED]

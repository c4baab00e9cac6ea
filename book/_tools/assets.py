"""Trains the models that ship with the library: `python book/_tools/assets.py` writes vae_lib/shipped anew.

On one machine and one version of torch the bytes are the same each time; elsewhere training may end in other weights,
and the manifest is written along with them. A few minutes on one core, most of them for the exact integrals.
"""

import copy
import hashlib
import json
import math
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor
from torch.distributions import kl_divergence
from torch.optim import Adam

from vae_lib.data import digits
from vae_lib.exact.likelihood import expected_elbo
from vae_lib.labs.recording import record
from vae_lib.model import VAE
from vae_lib.shipped.weights import (
    ASSETS,
    SCALE,
    asset,
    digits_vae,
    encoded,
    fresh_digits_vae,
    load,
    recorded_digits_vae,
)
from vae_lib.shipped.yardsticks import LIKELIHOODS, train_on_digits
from vae_lib.training import fit

COMMAND = "python book/_tools/assets.py"
RUNS = Path(__file__).parents[2] / "benchmarks" / "published"  # hours of training: recorded, not made anew
RECORDED = (0, 1, 2, 3, 4, 5, 8, 13, 20, 40, 100, 250, 500)  # epochs of the digits VAE; the last is what ships
PLATEAU = 4
REPORTED = (0, 1, 10, 100)  # epochs of the yardsticks


class Asset(NamedTuple):
    """A file of vae_lib/shipped: how its text is made, and a number that the file, once written, must give."""

    text: Callable[[], str]
    metric: str
    value: Callable[[], float]


@cache
def run(epochs: tuple[int, ...] = RECORDED) -> tuple[list[VAE], dict]:
    """The digits VAE at `epochs`, from 0 on, of one run from seed 0 on the training split; and its history on the test
    split, one number an epoch. Each part of the run goes on with the optimiser, and the draws, of the part before."""
    x_train, x_test = map(on_off, digits())
    torch.manual_seed(0)
    model = fresh_digits_vae()
    optimizer = Adam(model.parameters(), lr=2e-3, fused=True)
    records, history = [copy.deepcopy(model)], {"reconstruction": [], "kl": []}
    for before, after in pairwise(epochs):
        part = fit(model, x_train, num_epochs=after - before, batch_size=64, lr=optimizer, x_test=x_test)
        records.append(copy.deepcopy(model))
        history = {name: values + part[name] for name, values in history.items()}
    return records, history


def on_off(counts: Tensor) -> Tensor:
    return (counts >= 8).float()


def weights_text(model: VAE) -> str:
    """The weights as JSON, rounded, one tensor a line."""
    weights = {name: rounded(weight).tolist() for name, weight in model.state_dict().items()}
    return lines(weights)


def rounded(weight: Tensor) -> Tensor:
    return (weight.double() * SCALE).round() / SCALE


def epochs_text(epochs: tuple[int, ...] = RECORDED, tol: float = 1e-3) -> str:
    """The records of `run`, their exact reconstruction term on the test split, and the history of one draw an image."""
    models, history = run(epochs)
    weights = [encoded(model) for model in models]
    exact = [round(reconstruction(load(one), tol), 3) for one in weights]
    history = {name: [round(value, 2) for value in values] for name, values in history.items()}
    return lines({"epochs": epochs, "weights": weights, "reconstruction": exact, "history": history})


def reconstruction(model: VAE, tol: float) -> float:
    """E_q[log p(x|z)], the mean over the test split, by quadrature."""
    x = on_off(digits()[1])
    kl = kl_divergence(model.encoder(x), model.prior).detach()
    return (expected_elbo(model, x, tol=tol) + kl).mean().item()


def lines(values: dict) -> str:
    """JSON with a line for each name."""
    each = [f"{json.dumps(name)}: {json.dumps(value, separators=(',', ':'))}" for name, value in values.items()]
    return "{\n" + ",\n".join(each) + "\n}\n"


def test_loss(model: VAE) -> float:
    """−ELBO on the test split, nats an image, by quadrature."""
    return -expected_elbo(model, on_off(digits()[1]), tol=1e-3).mean().item()


def yardsticks_text(seeds: range = range(5), latent_dims: tuple[int, ...] = (2, 8)) -> str:
    """What VAEs of the digits report, one number a seed: by likelihood, then by number of latents (chapter 6)."""
    return lines(
        {name: {d: _columns([reported(name, d, seed) for seed in seeds]) for d in latent_dims} for name in LIKELIHOODS}
    )


def reported(name: str, latent_dim: int, seed: int) -> dict:
    """Of one run: test −ELBO at the epochs REPORTED, and the KL at the last."""
    torch.manual_seed(seed)
    _, history = train_on_digits(name, latent_dim, num_epochs=REPORTED[-1])
    return {"test": [round(-history["test"][epoch], 1) for epoch in REPORTED], "kl": round(history["kl"][-1], 1)}


def _columns(rows: list[dict]) -> dict[str, list]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def yardstick() -> float:
    values = [losses[-1] for losses in asset("yardsticks.json")["Binomial"]["2"]["test"]]
    return sum(values) / len(values)


def published_text() -> str:
    """The runs that `benchmarks/published.py` has recorded, by k, then by epochs, of which about a hundred are kept."""
    logs = [json.loads(path.read_text()) for path in RUNS.glob("*.json")]
    logs.sort(key=lambda log: (log["setting"]["num_samples"], len(log["train"])))
    return lines({"runs": [thinned(log) for log in logs]})


def thinned(log: dict) -> dict:
    epochs = torch.logspace(0, math.log10(len(log["train"])), 100).round().int().unique().tolist()
    return log | {"train": {"epoch": epochs, "objective": [log["train"][epoch - 1] for epoch in epochs]}}


MADE = {  # an asset more is an entry more
    "digits_vae.json": Asset(
        text=lambda: weights_text(run()[0][-1]),
        metric="test −ELBO, nats an image, by quadrature",
        value=lambda: test_loss(digits_vae()),
    ),
    "epochs.json": Asset(
        text=epochs_text,
        metric=f"test −ELBO after epoch {PLATEAU}, nats an image, by quadrature",
        value=lambda: test_loss(recorded_digits_vae(PLATEAU)),
    ),
    "yardsticks.json": Asset(
        text=yardsticks_text,
        metric=f"Binomial, 2 latents: test −ELBO after {REPORTED[-1]} epochs, nats an image, the mean over seeds",
        value=yardstick,
    ),
    "published.json": Asset(
        text=published_text,
        metric="test −log p(x) of the first run, nats an image, by importance weighting",
        value=lambda: asset("published.json")["runs"][0]["test"]["test −log p(x)"],
    ),
    "labs.json": Asset(
        text=lambda: lines(record()),
        metric="the last recorded training: test −ELBO of one draw, nats an image",
        value=lambda: (lambda last: last["kl"][-1] - last["reconstruction"][-1])(asset("labs.json")["training"][-1]),
    ),
}


def entry(name: str) -> dict:
    """What the manifest says of an asset as it ships, that is, after rounding."""
    return {
        "sha256": hashlib.sha256((ASSETS / name).read_bytes()).hexdigest(),
        "command": COMMAND,
        "metric": {"name": MADE[name].metric, "value": round(MADE[name].value(), 2)},
    }


if __name__ == "__main__":
    torch.set_num_threads(1)
    ASSETS.mkdir(exist_ok=True)
    for name, made in MADE.items():
        (ASSETS / name).write_text(made.text())
    manifest = {name: entry(name) for name in MADE}
    (ASSETS / "manifest.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")

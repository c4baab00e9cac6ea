"""digits_vae.json and epochs.json: one run of chapter 1's VAE on the digits, its last weights and those on the way."""

import copy
from functools import cache
from itertools import pairwise

import torch
from torch import Tensor
from torch.distributions import kl_divergence
from torch.optim import Adam

from vae_lib.data import digits
from vae_lib.exact.likelihood import expected_elbo
from vae_lib.model import VAE
from vae_lib.shipped.weights import SCALE, encoded, fresh_digits_vae, load
from vae_lib.training import fit

SEED = 0
RECORDED = (0, 1, 2, 3, 4, 5, 8, 13, 20, 40, 100, 250, 500)  # epochs; the last is what ships


@cache
def run(epochs: tuple[int, ...] = RECORDED) -> tuple[list[VAE], dict]:
    """The digits VAE at `epochs`, from 0 on, of one run from SEED on the training split; and its history on the test
    split, one number an epoch. Each part of the run goes on with the optimiser, and the draws, of the part before."""
    x_train, x_test = map(on_off, digits())
    torch.manual_seed(SEED)
    model = fresh_digits_vae()
    optimizer = Adam(model.parameters(), lr=2e-3, fused=True)
    records, history = [copy.deepcopy(model)], {"reconstruction": [], "kl": []}
    for before, after in pairwise(epochs):
        part = fit(model, x_train, num_epochs=after - before, batch_size=64, x_test=x_test, lr=optimizer)
        records.append(copy.deepcopy(model))
        history = {name: values + part[name] for name, values in history.items()}
    return records, history


def on_off(counts: Tensor) -> Tensor:
    return (counts >= 8).float()


def weights(model: VAE) -> dict[str, list]:
    """The weights by name, rounded to what ships."""
    return {name: rounded(weight).tolist() for name, weight in model.state_dict().items()}


def rounded(weight: Tensor) -> Tensor:
    return (weight.double() * SCALE).round() / SCALE


def epochs(recorded: tuple[int, ...] = RECORDED, tol: float = 1e-3) -> dict:
    """The records of `run`, their exact reconstruction term on the test split, and the history of one draw an image."""
    models, history = run(recorded)
    codes = [encoded(model) for model in models]
    exact = [round(reconstruction(load(code), tol), 3) for code in codes]
    history = {name: [round(value, 2) for value in values] for name, values in history.items()}
    return {"epochs": recorded, "weights": codes, "reconstruction": exact, "history": history}


def reconstruction(model: VAE, tol: float) -> float:
    """E_q[log p(x|z)], the mean over the test split, by quadrature."""
    x = on_off(digits()[1])
    kl = kl_divergence(model.encoder(x), model.prior).detach()
    return (expected_elbo(model, x, tol=tol) + kl).mean().item()


def test_loss(model: VAE) -> float:
    """−ELBO on the test split, nats an image, by quadrature."""
    return -expected_elbo(model, on_off(digits()[1]), tol=1e-3).mean().item()

"""Chapters 5 and 6: what a model without latents costs; what VAEs of the digits report, which `make assets` records."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from vae_lib.data import binarize, digits
from vae_lib.distributions import bernoulli
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, BetaBinomialDecoder, BinomialDecoder, GaussianDecoder, GaussianEncoder
from vae_lib.objectives import elbo
from vae_lib.training import fit


def independent_pixels(x_train: Tensor, x_test: Tensor) -> float:
    """Exact mean −log p(x) of the test images under independent pixels, nats an image (chapter 5, equation 5.7).

    `x_train` is `[n, data]`, black-and-white or each pixel's chance of black; `x_test` `[m, data]`, black-and-white.
    Raises ValueError for other values or shapes.
    """
    if x_train.ndim != 2 or x_train.shape[1:] != x_test.shape[1:] or not ((x_train >= 0) & (x_train <= 1)).all():
        shapes = f"{tuple(x_train.shape)} and {tuple(x_test.shape)}"
        raise ValueError(f"expected images [n, data] of one width, their values between 0 and 1, got shapes {shapes}")
    p_hat = (1 + x_train.sum(0)) / (2 + len(x_train))
    return -bernoulli(p_hat.logit()).log_prob(x_test).mean().item()


class Likelihood(NamedTuple):
    """A decoder for a number of latents, and what it takes a digit for: `data` of the counts, `prepare` of a batch."""

    decoder: Callable[[int], nn.Module]
    data: Callable[[Tensor], Tensor]
    total_count: int = 1
    prepare: Callable[[Tensor], Tensor] | None = None


def counts(x: Tensor) -> Tensor:
    return x


def black_from_8(x: Tensor) -> Tensor:
    return (x >= 8).float()


def sixteenths(x: Tensor) -> Tensor:
    return x / 16


LIKELIHOODS = {
    "Bernoulli, black from 8": Likelihood(lambda d: BernoulliDecoder(d, 64, 256), black_from_8),
    "Bernoulli, black by chance": Likelihood(lambda d: BernoulliDecoder(d, 64, 256), sixteenths, prepare=binarize),
    "Binomial": Likelihood(lambda d: BinomialDecoder(d, 64, 256, 16), counts, total_count=16),
    "beta-binomial": Likelihood(lambda d: BetaBinomialDecoder(d, 64, 256, 16), counts, total_count=16),
    "Gaussian": Likelihood(lambda d: GaussianDecoder(d, 64, 256), sixteenths),
}


def fresh_vae(name: str, latent_dim: int) -> VAE:
    """64 → 256 → latent_dim → 256 → 64 with the likelihood LIKELIHOODS[`name`], untrained; seed before the call."""
    likelihood = LIKELIHOODS[name]
    encoder = GaussianEncoder(64, latent_dim, 256, total_count=likelihood.total_count)
    return VAE(encoder, likelihood.decoder(latent_dim), latent_dim)


def train_on_digits(name: str, latent_dim: int, *, num_epochs: int = 100) -> tuple[VAE, dict[str, list[float]]]:
    """A `fresh_vae`, trained by `fit` in batches of 64 at learning rate 3e-3: the model, and its history with x_test.

    `test` has one value more than from `fit`, the first, from before the training. Seed before the call.
    """
    model, prepare = fresh_vae(name, latent_dim), LIKELIHOODS[name].prepare or counts
    x_train, x_test = map(LIKELIHOODS[name].data, digits())
    with torch.no_grad():
        before = elbo(model, prepare(x_test)).mean().item()
    settings = {"num_epochs": num_epochs, "batch_size": 64, "lr": 3e-3, "prepare": prepare, "x_test": x_test}
    history = fit(model, x_train, **settings)
    return model, history | {"test": [before, *history["test"]]}

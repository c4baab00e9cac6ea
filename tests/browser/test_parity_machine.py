"""The small VAE's functions give what torch gives, with the shipped weights, on a thousand random inputs each."""

import numpy as np
import pytest
import torch
from node import javascript
from torch.distributions import Normal, kl_divergence

from vae_lib.distributions import bernoulli
from vae_lib.figures.base.digits import hexadecimal, shown_digits
from vae_lib.figures.machine.figure import layers
from vae_lib.shipped.weights import digits_vae

N = 1000


@pytest.fixture(scope="module")
def model():
    return digits_vae().double().requires_grad_(False)


@pytest.fixture(scope="module")
def x():
    return torch.bernoulli(torch.rand(N, 64, generator=torch.Generator().manual_seed(0), dtype=torch.float64))


@pytest.fixture(scope="module")
def z():
    return 2 * torch.randn(N, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def test_the_encoder(model, x):
    found = javascript("base/small-vae", "encode", [[layers("encoder"), row] for row in x.tolist()])
    qz_x = model.encoder(x)
    np.testing.assert_allclose([one["mu"] for one in found], qz_x.mean, atol=1e-5)
    np.testing.assert_allclose([one["sigma"] for one in found], qz_x.stddev, atol=1e-5)


def test_the_decoder_and_its_probabilities(model, z):
    logits = javascript("base/small-vae", "decode", [[layers("decoder"), row] for row in z.tolist()])
    np.testing.assert_allclose(logits, model.decoder.net(z), atol=1e-5)
    pixels = np.reshape(logits, -1)[:N]
    probabilities = javascript("base/small-vae", "sigmoid", [[logit] for logit in pixels.tolist()])
    np.testing.assert_allclose(probabilities, model.decoder(z).mean.reshape(-1)[:N], atol=1e-5)


def test_the_log_likelihood(x):
    logits = 10 * torch.randn(N, 64, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    found = javascript(
        "base/small-vae", "logLikelihood", [list(pair) for pair in zip(x.tolist(), logits.tolist(), strict=True)]
    )
    np.testing.assert_allclose(found, bernoulli(logits).log_prob(x), rtol=1e-12)


def test_the_kl():
    generator = torch.Generator().manual_seed(3)
    mu, log_sigma = torch.randn(2, N, 2, generator=generator, dtype=torch.float64)
    found = javascript(
        "base/small-vae", "kl", [list(pair) for pair in zip(mu.tolist(), log_sigma.exp().tolist(), strict=True)]
    )
    expected = kl_divergence(Normal(mu, log_sigma.exp()), Normal(torch.zeros_like(mu), torch.ones_like(mu))).sum(-1)
    np.testing.assert_allclose(found, expected, atol=1e-10)


def test_the_digits_arrive_pixel_for_pixel():
    digits = shown_digits()[0]
    assert javascript("base/pixels", "pixels", [[hexadecimal(row)] for row in digits]) == digits.tolist()

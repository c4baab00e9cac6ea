"""Three hundred check-ups of sound models: ten models × ten seeds × a third, two thirds and the end of their training.

    python tests/checkup/healthy.py MNIST.npz RECORD.json [first seed] [last seed]

writes the facts of each; the rules of today judge them. Nothing may be impossible, and at the end at most one in twenty
unusual: a test holds the record in healthy.json to that. The two models of MNIST are trained on 4,000 of its images,
the others on the digits.
"""

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.distributions import Normal
from torch.nn.functional import dropout, relu, softplus

from vae_lib.adapter import adapt
from vae_lib.data import digits
from vae_lib.diagnose import checkup
from vae_lib.distributions import bernoulli
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, BetaBinomialDecoder, GaussianDecoder, GaussianEncoder
from vae_lib.training import fit

Images = tuple[Tensor, Tensor]


def black() -> Images:
    return tuple((counts >= 8).float() for counts in digits())


def by_chance() -> Images:
    return tuple(torch.bernoulli(counts / 16) for counts in digits())


def grey() -> Images:
    return tuple(counts / 16 for counts in digits())


def squares() -> Images:
    return tuple(x.view(-1, 1, 8, 8) for x in black())


def mnist(path: str, shape: tuple[int, ...]) -> Images:
    with np.load(path) as arrays:
        train, test = (torch.from_numpy(arrays[f"x_{part}"][:num]) for part, num in (("train", 4000), ("test", 1000)))
    return tuple((x >= 128).float().reshape(len(x), *shape) for x in (train, test))


def of_the_library(decoder: Callable[[int], nn.Module], d: int, x: Tensor, total_count: int = 1) -> VAE:
    D = x.shape[1]
    return VAE(GaussianEncoder(D, d, 128, total_count=total_count), decoder(d), d)


class Homework(nn.Module):
    """Softplus heads, dropout while it trains."""

    def __init__(self, D: int, H: int, d: int):
        super().__init__()
        self.fc1, self.fc2, self.fc3, self.fc4 = nn.Linear(D, H), nn.Linear(H, 2 * d), nn.Linear(d, H), nn.Linear(H, D)

    def encode(self, x):
        return self.fc2(dropout(relu(self.fc1(x)), 0.1, self.training)).chunk(2, -1)

    def decode(self, z):
        return self.fc4(relu(self.fc3(z)))


class Conv(nn.Module):
    def __init__(self, side: int, d: int):
        super().__init__()
        self.inner = (16, side // 2, side // 2)
        flat = 16 * (side // 2) ** 2
        self.down = nn.Sequential(nn.Conv2d(1, 16, 4, 2, 1), nn.BatchNorm2d(16), nn.ReLU(), nn.Flatten())
        self.heads, self.hidden = nn.Linear(flat, 2 * d), nn.Linear(d, flat)
        self.up = nn.Sequential(nn.BatchNorm2d(16), nn.ReLU(), nn.ConvTranspose2d(16, 1, 4, 2, 1))

    def encode(self, x):
        return self.heads(self.down(x)).chunk(2, -1)

    def decode(self, z):
        return self.up(self.hidden(z).view(-1, *self.inner))


class Sound(NamedTuple):
    """A model's images, how it is made for them, and how many epochs are long enough."""

    images: Callable[[], Images]
    make: Callable[[Tensor], VAE]
    num_epochs: int
    lr: float = 2e-3


def sound(path: str) -> dict[str, Sound]:
    pixels = partial(BernoulliDecoder, data_dim=64, hidden_dim=128)
    half = {"likelihood": lambda mean: Normal(mean, 0.25)}
    return {
        "Bernoulli, d = 1": Sound(black, lambda x: of_the_library(pixels, 1, x), 60),
        "Bernoulli, d = 2": Sound(black, lambda x: of_the_library(pixels, 2, x), 60),
        "Bernoulli, d = 8": Sound(black, lambda x: of_the_library(pixels, 8, x), 60),
        "Bernoulli, black by chance, d = 8": Sound(by_chance, lambda x: of_the_library(pixels, 8, x), 60),
        "beta-binomial, d = 8": Sound(
            digits, lambda x: of_the_library(lambda d: BetaBinomialDecoder(d, 64, 128, 16), 8, x, 16), 60
        ),
        "Gaussian, learned σ_x, d = 4": Sound(
            grey, lambda x: of_the_library(lambda d: GaussianDecoder(d, 64, 128), 4, x), 60
        ),
        "homework, σ_x = 0.25, softplus, d = 4": Sound(
            grey, lambda x: adapt(Homework(64, 128, 4), x=x, sigma=softplus, **half), 60
        ),
        "convolutions, batch norm, d = 6": Sound(squares, lambda x: adapt(Conv(8, 6), bernoulli, x), 40),
        "MNIST, 784-200-10": Sound(
            partial(mnist, path, (784,)), lambda x: adapt(Homework(784, 200, 10), bernoulli, x), 30, 1e-3
        ),
        "MNIST, convolutions, d = 10": Sound(
            partial(mnist, path, (1, 28, 28)), lambda x: adapt(Conv(28, 10), bernoulli, x), 9, 1e-3
        ),
    }


def examined(name: str, model: Sound, seed: int) -> list[dict]:
    """Its check-ups at three moments of one training."""
    torch.manual_seed(seed)
    x_train, x_test = model.images()
    vae = model.make(x_train)
    optimizer = torch.optim.Adam(vae.parameters(), lr=model.lr)
    found = []
    for moment in ("a third", "two thirds", "the end"):
        fit(vae, x_train, num_epochs=model.num_epochs // 3, batch_size=64, lr=optimizer)
        page = checkup(vae, x_train, x_test)
        print(name, seed, moment, [finding.key for finding in page.findings], flush=True)
        found.append({"model": name, "seed": seed, "moment": moment, "facts": short(page.as_dict()["facts"])})
    return found


def short(value):
    """Five digits of each number."""
    if isinstance(value, dict):
        return {name: short(each) for name, each in value.items() if name != "versions"}
    if isinstance(value, list):
        return [short(each) for each in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value


if __name__ == "__main__":
    path, record, *seeds = sys.argv[1:]
    first, last = map(int, seeds or (0, 9))
    torch.set_num_threads(1)
    rows = []
    for name, model in sound(path).items():
        for seed in range(first, last + 1):
            rows += examined(name, model, seed)
            lines = [json.dumps(row, ensure_ascii=False) for row in rows]
            Path(record).write_text("[\n" + ",\n".join(lines) + "\n]\n")

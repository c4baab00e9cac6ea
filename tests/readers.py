"""VAEs as students and engineers write them, each with what `adapt` needs to take it: for several tests."""

import functools
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.distributions import Bernoulli, Categorical, Independent, Laplace, Normal
from torch.nn.functional import relu, softplus

from vae_lib.adapter import adapt
from vae_lib.data import digits
from vae_lib.distributions import bernoulli
from vae_lib.model import VAE


class Homework(nn.Module):
    """Chapter 5's 25 lines, without the loss."""

    def __init__(self, D=64, H=32, d=2):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(D, H), nn.Linear(H, 2 * d)
        self.fc3, self.fc4 = nn.Linear(d, H), nn.Linear(H, D)

    def encode(self, x):
        return self.fc2(relu(self.fc1(x))).chunk(2, dim=-1)

    def decode(self, z):
        return self.fc4(relu(self.fc3(z)))


class Tutorial(nn.Module):
    """As the best-known tutorial has it: images in, flat probabilities out, `view` in `forward`."""

    def __init__(self, D=64, H=32, d=4):
        super().__init__()
        self.D = D
        self.fc1, self.fc21, self.fc22 = nn.Linear(D, H), nn.Linear(H, d), nn.Linear(H, d)
        self.fc3, self.fc4 = nn.Linear(d, H), nn.Linear(H, D)

    def encode(self, x):
        h1 = relu(self.fc1(x))
        return self.fc21(h1), self.fc22(h1)

    def reparameterize(self, mu, logvar):
        return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)

    def decode(self, z):
        return torch.sigmoid(self.fc4(relu(self.fc3(z))))

    def forward(self, x):
        mu, logvar = self.encode(x.view(-1, self.D))
        return self.decode(self.reparameterize(mu, logvar)), mu, logvar


class Conv(nn.Module):
    """Strided convolutions with batch norm, images in and images out, of `channels` and an even `side`."""

    def __init__(self, channels=1, side=8, d=3):
        super().__init__()
        self.inner = (8, side // 2, side // 2)
        flat = 8 * (side // 2) ** 2
        self.down = nn.Sequential(nn.Conv2d(channels, 8, 4, 2, 1), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten())
        self.to_mu, self.to_log_var, self.to_hidden = nn.Linear(flat, d), nn.Linear(flat, d), nn.Linear(d, flat)
        self.up = nn.ConvTranspose2d(8, channels, 4, 2, 1)

    def encoder_forward(self, x):
        h = self.down(x)
        return self.to_mu(h), self.to_log_var(h)

    def decoder_forward(self, z):
        return self.up(relu(self.to_hidden(z)).view(-1, *self.inner))


class LearnedNoise(Homework):
    """A Gaussian decoder with one learned σ_x; the encoder gives log σ."""

    def __init__(self, D=64, H=32, d=2):
        super().__init__(D, H, d)
        self.log_sigma_x = nn.Parameter(torch.zeros(()))

    def decode(self, z):
        return super().decode(z), self.log_sigma_x.exp()


class OneLatent(nn.Module):
    """d = 1, without an axis for it."""

    def __init__(self, D=64, H=32):
        super().__init__()
        self.q, self.p = nn.Linear(D, 2), nn.Sequential(nn.Linear(1, H), nn.Tanh(), nn.Linear(H, D))

    def encode(self, x):
        return self.q(x).unbind(-1)

    def decode(self, z):
        return self.p(z[:, None])


class OnlyForward(nn.Module):
    """Everything in `forward`."""

    def __init__(self, D=64, d=2):
        super().__init__()
        self.enc, self.dec = nn.Linear(D, 2 * d), nn.Linear(d, D)

    def forward(self, x):
        mu, log_var = self.enc(x).chunk(2, -1)
        z = mu + torch.randn_like(mu) * (log_var / 2).exp()
        return self.dec(z), mu, log_var


class InDistributions(nn.Module):
    """Both parts return distributions; the decoder's is over rows of images."""

    def __init__(self, d=3):
        super().__init__()
        self.net, self.out = nn.Linear(64, 2 * d), nn.Linear(d, 64)

    def encode(self, x):
        mu, raw = self.net(x.flatten(1)).chunk(2, -1)
        return Independent(Normal(mu, softplus(raw)), 1)

    def decode(self, z):
        return Independent(Bernoulli(logits=self.out(z).view(-1, 1, 8, 8)), 3)


class ImageLatents(nn.Module):
    """Latents that are images, 2×2 in two channels."""

    def __init__(self):
        super().__init__()
        self.q, self.p = nn.Conv2d(1, 4, 4, 4), nn.ConvTranspose2d(2, 1, 4, 4)

    def encode(self, x):
        return self.q(x).chunk(2, 1)

    def decode(self, z):
        return self.p(z)


class Levels(Homework):
    """A table of 17 grey levels for each pixel."""

    def __init__(self, D=64, H=32, d=2):
        super().__init__(D, H, d)
        self.fc4 = nn.Linear(H, 17 * D)

    def encode(self, x):
        return super().encode(x / 16)

    def decode(self, z):
        return super().decode(z).view(-1, 64, 17)


class Reader(NamedTuple):
    """A class of model, the data that it takes, and how `adapt` is told of both."""

    make: Callable[[], nn.Module]
    data: Callable[[Tensor], Tensor]
    likelihood: Callable | None
    options: Mapping = MappingProxyType({})

    def model(self) -> nn.Module:
        torch.manual_seed(0)
        return self.make()

    def x(self) -> tuple[Tensor, Tensor]:
        return tuple(map(self.data, cached_digits()))

    def adapted(self, model: nn.Module | None = None) -> VAE:
        return adapt(model or self.model(), self.likelihood, self.x()[0], **self.options)


cached_digits = functools.cache(digits)


def black(counts: Tensor) -> Tensor:
    return (counts >= 8).float()


def images(counts: Tensor) -> Tensor:
    return black(counts).view(-1, 1, 8, 8)


def grey(counts: Tensor) -> Tensor:
    return counts.float() / 16


CONV = {"encode": "encoder_forward", "decode": "decoder_forward"}
FORWARD = {"encode": lambda model, x: model(x)[1:], "decode": lambda model, z: model.dec(z)}
READERS = {
    "homework": Reader(Homework, black, bernoulli),
    "tutorial, probabilities": Reader(Tutorial, images, Bernoulli),
    "conv": Reader(Conv, images, bernoulli, CONV),
    "learned noise": Reader(LearnedNoise, grey, Normal, {"sigma": torch.exp}),
    "fixed noise": Reader(Homework, grey, lambda mean: Normal(mean, 0.3)),
    "one latent": Reader(OneLatent, black, bernoulli),
    "only forward": Reader(OnlyForward, black, bernoulli, FORWARD),
    "distributions": Reader(InDistributions, images, None),
    "image latents": Reader(ImageLatents, images, bernoulli),
    "levels": Reader(Levels, lambda counts: counts.float(), lambda logits: Categorical(logits=logits)),
    "absolute error": Reader(Homework, grey, lambda mean: Laplace(mean, 0.1)),
}

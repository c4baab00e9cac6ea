"""forces.json: what the pull to the middle and the noise do, each on or off, over five seeds (chapter 1)."""

import math
from functools import cache, partial

import torch
from torch import Tensor, nn
from torch.distributions import kl_divergence
from torch.nn.functional import cross_entropy
from torch.optim import Adam

from vae_lib.data import digit_labels, digits
from vae_lib.exact.likelihood import log_likelihood
from vae_lib.figures.base.digits import hexadecimal
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianEncoder, mlp
from vae_lib.shipped.weights import asset
from vae_lib.training import fit

SEEDS = (0, 1, 2, 3, 4)
DRAWN = (0, 1, 2)  # the seeds whose codes and draws are recorded
ARMS = {  # whether there is a pull, and whether there is noise
    "pull and noise": (True, True),
    "pull alone": (True, False),
    "noise alone": (False, True),
    "neither": (False, False),
}
EPOCHS = (25, 50, 100)
RADIUS = 2  # of the circle: 86 % of N(0, I) lies inside
RINGS = ((0, math.inf), (0, 1), (1, 2), (2, math.inf))  # distances from the middle
NEAR = 0.5  # a draw with no training code so near has an empty place around it
DRAWS, SHOWN_DRAWS, SHOWN_CODES = 2000, 20, 300
RARE = 0.02  # a class with fewer of the draws does not count as drawn
TOL = 1e-3  # nats, of the quadrature


def on_off(counts: Tensor) -> Tensor:
    return (counts >= 8).float()


def objective(model, x: Tensor, *, pull: bool, noise: bool) -> Tensor:
    """The ELBO, or what is left of it: without noise z = μ, and of the KL only ½‖μ‖² is left, as σ has no use."""
    qz_x = model.encoder(x)
    z = qz_x.rsample() if noise else qz_x.mean
    kl = kl_divergence(qz_x, model.prior) if noise else 0.5 * qz_x.mean.square().sum(-1)
    return model.decoder(z).log_prob(x) - pull * kl


def fresh(seed: int) -> VAE:
    torch.manual_seed(seed)
    return VAE(GaussianEncoder(64, 2, 128), BernoulliDecoder(2, 64, 128), 2)


def trained(arm: str, seed: int, epochs: tuple[int, ...] = EPOCHS) -> tuple[VAE, dict]:
    """The model after the last of `epochs`; and after each of them how far the training codes spread, and their σ."""
    pull, noise = ARMS[arm]
    model, x, sizes = fresh(seed), on_off(digits()[0]), []
    optimizer = Adam(model.parameters(), lr=2e-3, fused=True)
    for before, after in zip((0, *epochs), epochs, strict=False):
        settings = {"num_epochs": after - before, "batch_size": 64, "lr": optimizer}
        fit(model, x, objective=partial(objective, pull=pull, noise=noise), **settings)
        sizes.append(size(*codes(model, x)))
    return model, {name: [row[name] for row in sizes] for name in sizes[0]}


@torch.no_grad()
def codes(model, x: Tensor) -> tuple[Tensor, Tensor]:
    """The encoder's μ and σ, `[batch, 2]` each."""
    qz_x = model.encoder(x)
    return qz_x.mean, qz_x.stddev


def size(mu: Tensor, sigma: Tensor) -> dict:
    """The standard deviation of the codes, an axis, and the mean of their σ."""
    return {"spread": round(mu.var(0).mean().sqrt().item(), 3), "mean sigma": round(sigma.mean().item(), 4)}


@cache
@torch.enable_grad()  # it is first asked for where nothing else is trained
def classifier() -> nn.Module:
    """64 → 64 → 10, which names the digit of a black-and-white picture."""
    torch.manual_seed(0)
    model, rows = mlp(64, 64, 10), (on_off(digits()[0]), digit_labels()[0])
    fit(model, rows, objective=_log_class, num_epochs=30, batch_size=64, lr=2e-3)
    return model


def _log_class(model, rows: tuple[Tensor, Tensor]) -> Tensor:
    return -cross_entropy(model(rows[0]), rows[1], reduction="none")


def shares(labels: Tensor) -> Tensor:
    return torch.bincount(labels, minlength=10) / len(labels)


@torch.no_grad()
def named(x: Tensor) -> Tensor:
    """The classifier's labels."""
    return classifier()(x).argmax(-1)


def share(which: Tensor) -> float:
    return round(which.float().mean().item(), 3)


def distance(a: Tensor, b: Tensor) -> float:
    """Total variation: the share of pictures that would have to change class."""
    return 0.5 * (a - b).abs().sum().item()


def prior_draws(seed: int) -> Tensor:
    """z from N(0, I), `[DRAWS, 2]`: the same for each arm."""
    return torch.randn(DRAWS, 2, generator=torch.Generator().manual_seed(1000 + seed))


@torch.no_grad()
def scored(model: VAE, seed: int) -> dict:
    """What the planes, the draws and the test pictures say of a model, in numbers."""
    (x_train, x_test), z = map(on_off, digits()), prior_draws(seed)
    mu, _ = codes(model, x_train)
    drawn = shares(named(pictures(model, z)))
    empty, far = torch.cdist(z, mu).amin(1) > NEAR, z.norm(dim=1)
    return {
        "inside": share(mu.norm(dim=1) < RADIUS),
        "nats": round(-log_likelihood(model, x_test, tol=TOL).mean().item(), 2),
        "reconstruction": [round(-model.reconstruct(x).log_prob(x).mean().item(), 2) for x in (x_train, x_test)],
        "classes": [round(part, 4) for part in drawn.tolist()],
        "distance": round(distance(drawn, shares(digit_labels()[0])), 3),
        "drawn": int((drawn > RARE).sum()),
        "empty": [share(empty[(far >= a) & (far < b)]) for a, b in RINGS],
    }


@torch.no_grad()
def pictures(model: VAE, z: Tensor) -> Tensor:
    """Black where the decoder says so with more than one half."""
    return (model.decoder(z).mean > 0.5).float()


def shown(model: VAE, seed: int, noise: bool) -> dict:
    """What the figure draws: codes, their σ if it has a use, and the first draws, as hexadecimal digits."""
    mu, sigma = codes(model, on_off(digits()[0])[:SHOWN_CODES])
    cloud, drawn = {"sigma": rounded(sigma, 3)} if noise else {}, pictures(model, prior_draws(seed)[:SHOWN_DRAWS])
    return {"mu": rounded(mu, 2), **cloud, "draws": list(map(hexadecimal, drawn))}


def rounded(values: Tensor, digits: int) -> list:
    return [[round(value, digits) for value in row] for row in values.tolist()]


def run(arm: str, seed: int) -> dict:
    (model, sizes), noise = trained(arm, seed), ARMS[arm][1]
    if not noise:
        del sizes["mean sigma"]  # of no use, and so of no meaning
    return {"seed": seed, **sizes, **scored(model, seed), **(shown(model, seed, noise) if seed in DRAWN else {})}


def forces() -> dict:
    """By arm a list of runs, one a seed; and what they share."""
    labels, (_, x_test) = digit_labels(), map(on_off, digits())
    return {
        "arms": {arm: [run(arm, seed) for seed in SEEDS] for arm in ARMS},
        "epochs": EPOCHS,
        "labels": "".join(map(str, labels[0][:SHOWN_CODES].tolist())),
        "data": [round(part, 4) for part in shares(labels[0]).tolist()],
        "classifier": share(named(x_test) == labels[1]),
        "test distance": round(distance(shares(named(x_test)), shares(labels[0])), 3),
    }


def nats() -> float:
    """The metric: test −log p(x) with pull and noise, the mean over seeds."""
    runs = asset("forces.json")["arms"]["pull and noise"]
    return sum(run["nats"] for run in runs) / len(runs)

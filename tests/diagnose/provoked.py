"""Every cause of every symptom, provoked: short seeded runs on the digits, each as a student's own program.

A situation gives the names that the page asks for (`model`, `my_loss`, `x_train`, …) and the lines that a reader edits.
"""

import importlib.util
import math
import sys
import time
from collections.abc import Callable, Iterable
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy, binary_cross_entropy_with_logits, dropout, relu

from vae_lib.data import digits


class Situation(NamedTuple):
    """A student's program: its names, whether its loss has a squared error, and what is edited in the test."""

    names: dict
    squared: bool = False
    edits: tuple[tuple[str, str], ...] = ()
    world: tuple[tuple, ...] = ()  # what is put in the place of what: a module, a name, a value

    def edited(self, *edits: tuple[str, str], **names) -> "Situation":
        return self._replace(edits=self.edits + edits, names=self.names | names)


class Homework(nn.Module):
    """D → H → d → H → D, as in chapter 5."""

    def __init__(self, d: int = 8, D: int = 64, H: int = 64):
        super().__init__()
        self.d = d
        self.fc1, self.fc2, self.fc3, self.fc4 = nn.Linear(D, H), nn.Linear(H, 2 * d), nn.Linear(d, H), nn.Linear(H, D)

    def encode(self, x):
        return self.fc2(relu(self.fc1(x))).chunk(2, -1)

    def reparameterize(self, mu, log_var):
        return mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)

    def decode(self, z):
        return self.fc4(relu(self.fc3(z)))


class Sampled(Homework):
    def reparameterize(self, mu, log_var):
        return super().reparameterize(mu, log_var).detach()


class Coins(Homework):
    def reparameterize(self, mu, log_var):
        return (torch.rand_like(mu) < torch.sigmoid(mu)).to(mu)  # zeros and ones: no slope


class Noiseless(Homework):
    def reparameterize(self, mu, log_var):
        return mu


class VarianceForSigma(Homework):
    def reparameterize(self, mu, log_var):
        return mu + torch.exp(log_var) * torch.randn_like(mu)  # Σᵀε, for a diagonal Σ


class SigmaOfLogVar(Homework):
    def reparameterize(self, mu, log_var):
        return mu + torch.exp(0.25 * log_var) * torch.randn_like(mu)


class Examples(nn.Module):
    """The VAE of pytorch/examples, narrow: a flatten in `forward`, and a `decode` that ends in a sigmoid."""

    def __init__(self):
        super().__init__()
        self.fc1, self.fc21, self.fc22 = nn.Linear(784, 40), nn.Linear(40, 20), nn.Linear(40, 20)
        self.fc3, self.fc4 = nn.Linear(20, 40), nn.Linear(40, 784)

    def encode(self, x):
        h1 = relu(self.fc1(x))
        return self.fc21(h1), self.fc22(h1)

    def reparameterize(self, mu, logvar):
        std = torch.exp(0.5 * logvar)
        return mu + torch.randn_like(std) * std

    def decode(self, z):
        return torch.sigmoid(self.fc4(relu(self.fc3(z))))

    def forward(self, x):
        mu, logvar = self.encode(x.view(-1, 784))
        return self.decode(self.reparameterize(mu, logvar)), mu, logvar


def loss_function(recon_x, x, mu, logvar):
    """As pytorch/examples has it: a sum over the batch."""
    return binary_cross_entropy(recon_x, x.view(-1, 784), reduction="sum") + kl(mu, logvar).sum()


def examples() -> Situation:
    torch.manual_seed(0)
    model, images = Examples(), torch.rand(256, 1, 28, 28)
    loader = [(batch, torch.zeros(len(batch))) for batch in images.split(128)]
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    names = {"torch": torch, "model": model, "loss_function": loss_function, "optimizer": optimizer}
    return Situation(names | {"train_loader": loader})


class Deaf(Homework):
    def decode(self, z):
        return super().decode(0 * z)


class Probabilities(Homework):
    def decode(self, z):
        return super().decode(z).sigmoid()


class Twice(Probabilities):
    def decode(self, z):
        return super().decode(z).sigmoid()  # for a loss of pixels


class Dropped(Homework):
    def decode(self, z):
        return self.fc4(dropout(relu(self.fc3(z)), 0.2, self.training))


class Normed(Homework):
    """Batch norm whose kept averages hardly move."""

    def __init__(self, **sizes):
        super().__init__(**sizes)
        self.norm_x, self.norm_z = nn.BatchNorm1d(64, momentum=1e-5), nn.BatchNorm1d(64, momentum=1e-5)

    def encode(self, x):
        return self.fc2(relu(self.norm_x(self.fc1(x)))).chunk(2, -1)

    def decode(self, z):
        return self.fc4(relu(self.norm_z(self.fc3(z))))


class ReluSigma(Homework):
    def encode(self, x):
        mu, sigma = super().encode(x)
        return mu, 2 * relu(sigma).log()


# Losses


def kl(mu: Tensor, log_var: Tensor) -> Tensor:
    return 0.5 * (mu**2 + log_var.exp() - 1 - log_var)


def cross_entropy(logits: Tensor, x: Tensor) -> Tensor:
    return binary_cross_entropy_with_logits(logits, x, reduction="none").sum(-1)


def squares(x_hat: Tensor, x: Tensor) -> Tensor:
    return (x_hat - x).square().sum(-1)


def loss_of(reconstruction: Callable = cross_entropy, beta: float = 1.0, over: float = 1.0) -> Callable:
    """reconstruction / over + β · KL, the mean over the batch."""
    return lambda x_hat, x, mu, log_var: (reconstruction(x_hat, x) / over + beta * kl(mu, log_var).sum(-1)).mean()


def of_detached(logits: Tensor, x: Tensor) -> Tensor:
    return cross_entropy(logits.detach(), x)


def log_of_sigmoid(logits: Tensor, x: Tensor) -> Tensor:
    p = logits.sigmoid()
    return -(x * p.log() + (1 - x) * (1 - p).log()).sum(-1)


def gaussian(noise_std: float) -> Callable:
    """Half the squared error over σ_x²: a density's, without its constant."""
    return lambda x_hat, x: squares(x_hat, x) / (2 * noise_std**2)


def on_pixels(x_hat: Tensor, x: Tensor) -> Tensor:
    return binary_cross_entropy(x_hat, x, reduction="none").sum(-1)


# Programs


@cache
def data(kind: str = "black") -> tuple[Tensor, Tensor]:
    scaled = {
        "black": lambda c: (c >= 8).float(),
        "grey": lambda c: c / 16,
        "bytes": lambda c: c * 255 / 16,
        "counts": lambda c: c,
    }
    return tuple(scaled[kind](counts) for counts in digits())


def program(
    model: type[Homework] = Homework,
    loss: Callable | None = None,
    x: str | tuple[Tensor, Tensor] = "black",
    *,
    epochs: int = 8,
    lr: float = 3e-3,
    d: int = 8,
    squared: bool = False,
    step: Callable | None = None,
) -> Situation:
    """A model made and trained as a student would, and its loop's one step as `train_step`."""
    torch.manual_seed(0)
    x_train, x_test = data(x) if isinstance(x, str) else x
    made, my_loss = model(d=d, D=x_train[0].numel()).to(x_train.dtype), loss or loss_of()
    optimizer = torch.optim.Adam(made.parameters(), lr=lr)

    def train_step(batch):
        mu, log_var = made.encode(batch)
        value = my_loss(made.decode(made.reparameterize(mu, log_var)), batch, mu, log_var).mean()
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        return value.item()

    act = step(made, optimizer, train_step) if step else train_step
    seen = [[act(batch) for batch in shuffled(x_train)] for _ in range(epochs)]
    first_epoch = sum(seen[0]) / len(seen[0]) if seen else math.nan
    names = {"model": made, "my_loss": my_loss, "x_train": x_train, "x_test": x_test, "optimizer": optimizer}
    names |= {"train_step": act, "first_epoch": first_epoch, "seen": [value for epoch in seen for value in epoch]}
    return Situation(names, squared)


def shuffled(x: Tensor) -> Iterable[Tensor]:
    return x[torch.randperm(len(x))].split(64)


def of_squares(noise_std: float, x="grey", **options) -> Situation:
    return program(loss=loss_of(gaussian(noise_std)), x=x, squared=True, **options)


# Programs that several symptoms share: no test trains them on.
healthy = cache(lambda: program(epochs=15))
pixel_mean = cache(lambda: program(loss=loss_of(over=64.0)))
latent_mean = cache(lambda: program(loss=loss_of(beta=1 / 8)))
sampled = cache(lambda: program(Sampled))
noiseless = cache(lambda: program(Noiseless))
deaf = cache(lambda: program(Deaf))
twice = cache(lambda: program(Probabilities))
variance_for_sigma = cache(lambda: program(VarianceForSigma))
sigma_of_log_var = cache(lambda: program(SigmaOfLogVar))
large_steps = cache(lambda: program(lr=0.1))
piled_up = cache(lambda: program(step=no_zero_grad))
detached = cache(lambda: program(loss=loss_of(of_detached)))
plateau = cache(lambda: program(epochs=2))
pixel_mean_squares = cache(lambda: of_squares(math.sqrt(64 / 2)))


def fresh(model=Homework, loss=None, **options) -> Situation:
    return program(model, loss, epochs=0, **options)


def dead_units() -> Situation:
    made = fresh()
    made.names["model"].fc3.bias.data.fill_(-100.0)  # as after a step that was too large
    return made


def one_large_step() -> Situation:
    made = fresh(lr=0.3)
    made.names["train_step"](made.names["x_train"][:64])
    return made


def divided_twice() -> Situation:
    return program(x=tuple(images / 255 for images in data()))


def standardised(divided_by=None) -> tuple[Tensor, Tensor]:
    x_train, x_test = data("grey")
    deviation = x_train.std() if divided_by is None else divided_by
    return tuple((images - x_train.mean(0)) / deviation for images in (x_train, x_test))


def mean_of_squares(x_hat: Tensor, x: Tensor) -> Tensor:
    return squares(x_hat, x) / x[0].numel()


def unscaled(x="counts", **options) -> Situation:
    return program(loss=loss_of(squares), x=x, squared=True, **options)


# What a reader edits in a test, or has of another kind


def drawn(line: str, base: Callable[[], Situation] = healthy) -> Situation:
    """The line of the reader's own that draws new z."""
    return base().edited(("z_new = torch.randn_like(mu)", f"z_new = {line}"))


def looked_at(line: str) -> Situation:
    return healthy().edited(("shown = pixels(model.decode(z_new)).detach()", f"shown = {line}"))


def printed(number: float, base: Situation) -> Situation:
    return base.edited(("printed = ...", f"printed = {number}"))


def first_epoch() -> Situation:
    return printed(plateau().names["first_epoch"], plateau())


def two_numbers(mine: float, paper: float, base: Situation) -> Situation:
    return base.edited(("mine, paper = ..., ...", f"mine, paper, batch_size = {mine}, {paper}, 64"))


def weighted_paper() -> Situation:
    """A paper that reports −L_100 of this very model."""
    return two_numbers(22.0, 21.3, healthy())


def other_optimizer() -> Situation:
    return fresh().edited(optimizer=torch.optim.Adam(Homework().parameters()))


def all_zero() -> Situation:
    made = fresh()
    for parameter in made.names["model"].parameters():
        nn.init.zeros_(parameter)
    return made


def value_of(model: Homework, batch: Tensor, loss: Callable) -> Tensor:
    mu, log_var = model.encode(batch)
    return loss(model.decode(model.reparameterize(mu, log_var)), batch, mu, log_var)


def no_step(model, optimizer, train_step) -> Callable:
    """`zero_grad` stands between `backward` and `step`."""

    def one_step(batch):
        value = value_of(model, batch, loss_of())
        value.backward()
        optimizer.zero_grad()
        optimizer.step()
        return value.item()

    return one_step


def no_zero_grad(model, optimizer, train_step) -> Callable:
    def one_step(batch):
        value = value_of(model, batch, loss_of())
        value.backward()
        optimizer.step()
        return value.item()

    return one_step


def rounded(logits: Tensor, x: Tensor) -> Tensor:
    return on_pixels((logits > 0).float(), x)


def summed_over_the_batch(x_hat, x, mu, log_var) -> Tensor:
    return (cross_entropy(x_hat, x) + kl(mu, log_var).sum(-1)).sum()


def plus_log_p(x_hat, x, mu, log_var) -> Tensor:
    return (-cross_entropy(x_hat, x) + kl(mu, log_var).sum(-1)).mean()


def wrong_sign_of_log_var(x_hat, x, mu, log_var) -> Tensor:
    return (cross_entropy(x_hat, x) + 0.5 * (mu**2 + log_var.exp() - 1 + log_var).sum(-1)).mean()


class LearnedNoise(Homework):
    def __init__(self, **sizes):
        super().__init__(**sizes)
        self.log_sigma_x = nn.Parameter(torch.tensor(-1.0))


def density(log_sigma_x: Tensor) -> Callable:
    constant = 64 * 0.5 * math.log(2 * math.pi)
    return lambda mean, x: squares(mean, x) / (2 * (2 * log_sigma_x).exp()) + 64 * log_sigma_x + constant


@cache
def learned_noise(beta: float = 1.0) -> Situation:
    """A Gaussian decoder whose σ_x learns: the loss is minus the logarithm of a density, constant and all."""
    torch.manual_seed(0)
    model = LearnedNoise()
    loss = loss_of(density(model.log_sigma_x), beta)
    return program(lambda **sizes: model, loss, x="grey", squared=True)


@cache
def noise_left_out() -> Situation:
    """A σ_x that should learn: the optimiser does not hold it."""
    return program(loss=loss_of(density(torch.zeros((), requires_grad=True))), x="grey", squared=True)


class Labelled(Homework):
    """A conditional VAE: the decoder gets a label too, here the brightest quarter of the image before it."""

    def __init__(self, d: int = 8, D: int = 64):
        super().__init__(d, D)
        self.fc3 = nn.Linear(d + 4, 64)

    def encode(self, x):
        quarters = x.view(-1, 2, 4, 2, 4).sum((2, 4)).flatten(1)
        self.label = nn.functional.one_hot(quarters.argmax(1), 4).float()
        return super().encode(x)

    def decode(self, z):
        return super().decode(torch.cat([z, self.label], -1))


class Unsqueezed(Probabilities):
    """For images [B, 8, 8] it puts out [B, 1, 8, 8]."""

    def encode(self, x):
        return super().encode(x.flatten(1))

    def decode(self, z):
        return super().decode(z).view(-1, 1, 8, 8)


def broadcast() -> Situation:
    torch.manual_seed(0)
    images = tuple(each.view(-1, 8, 8) for each in data())
    names = {"model": Unsqueezed(), "my_loss": loss_of(squares), "x_train": images[0], "x_test": images[1]}
    return Situation(names, squared=True)


def few_images() -> Situation:
    return program(x=(data()[0][:100], data()[1]), epochs=300)


def another_threshold() -> Situation:
    return healthy().edited(x_test=(digits()[1] >= 2).float())


def large_image() -> Situation:
    images = torch.bernoulli(torch.full((256, 64 * 64), 0.3))
    return fresh(x=(images, images))


class Clock:
    """Stands in for `time.perf_counter`: work advances it, and nothing else."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def work(self, seconds: float) -> None:
        self.seconds += seconds


def timed(step: Callable[[], float] = lambda: 0.01, *, batch: int = 64, loading: float = 0.0, **options) -> Situation:
    """A program whose step and loader take so many seconds, by a clock of its own."""
    clock = Clock()

    def batches():
        while True:
            clock.work(loading)
            yield torch.zeros(batch, 64), torch.zeros(batch)

    made = fresh(step=lambda *_: lambda images: clock.work(step()), **options)
    return patched(made.edited(train_loader=batches()), (time, "perf_counter", clock))


def waiting_threads() -> Situation:
    torch.set_num_threads(2)  # the page's test, and ours, go back to one
    return timed(lambda: 0.05 if torch.get_num_threads() > 1 else 0.01)


def without(*lost: str) -> Situation:
    made = fresh()
    return made._replace(names={name: value for name, value in made.names.items() if name not in lost})


def patched(base: Situation, *world: tuple) -> Situation:
    return base._replace(world=base.world + world)


standing_still = [large_steps, piled_up, detached, other_optimizer]

# Symptom → (the cause's place in the table, what provokes it)
PROVOKED: dict[str, list[tuple[int, Callable[[], Situation]]]] = {
    "kl-zero": [
        (0, divided_twice),
        (0, lambda: program(x=standardised(), epochs=1)),
        (0, lambda: unscaled("bytes", epochs=0)),
        (1, twice),
        (1, lambda: program(Twice, loss_of(on_pixels))),
        (2, healthy),
        (3, sampled),
        (3, lambda: program(Coins)),
        (4, deaf),
        (4, dead_units),
        (5, pixel_mean),
        (5, lambda: program(loss=loss_of(beta=10.0), epochs=4)),
        (6, pixel_mean_squares),
        (6, lambda: of_squares(1.0)),
        (6, noise_left_out),
        (7, plateau),
        *[(7, make) for make in standing_still],
    ],
    "same-picture": [
        (0, divided_twice),
        (0, lambda: unscaled("bytes", epochs=0)),
        (1, twice),
        (2, healthy),
        (3, sampled),
        (4, deaf),
        (5, pixel_mean),
        (5, lambda: program(Labelled, loss_of(beta=10.0), epochs=5)),
        (6, pixel_mean_squares),
        (6, noise_left_out),
        (7, plateau),
        *[(7, make) for make in standing_still],
    ],
    "blurry": [
        (0, divided_twice),
        (1, twice),
        (2, sampled),
        (2, pixel_mean),
        (2, pixel_mean_squares),
        (3, lambda: program(loss=loss_of(beta=2.0))),
        (4, lambda: of_squares(0.45)),
        (5, lambda: program(d=2)),
        (5, lambda: of_squares(0.15, d=4)),
        (6, lambda: program(d=32)),
    ],
    "bad-samples": [
        (0, noiseless),
        (1, variance_for_sigma),
        (1, sigma_of_log_var),
        (2, lambda: drawn("torch.rand_like(mu)")),
        (2, lambda: drawn("3 * torch.randn_like(mu)")),
        (3, lambda: program(Normed)),
        (4, latent_mean),
        (4, lambda: learned_noise(1 / 8)),
        (4, lambda: of_squares(0.005)),
        (4, lambda: unscaled(epochs=4)),
        (5, healthy),
        (5, learned_noise),
    ],
    "noise": [
        (0, lambda: looked_at("torch.bernoulli(pixels(model.decode(z_new))).detach()")),
        (1, lambda: looked_at("model.decode(z_new).detach()")),
        (2, lambda: program(Dropped)),
        (3, lambda: drawn("10 * torch.randn_like(mu)")),
        (4, fresh),
        (5, lambda: program(Noiseless, loss_of(beta=0.0))),
    ],
    "stuck": [
        (0, lambda: printed(44.4, twice())),
        (1, lambda: printed(0.69, fresh(loss=loss_of(over=64.0)))),
        (1, lambda: printed(44.4, fresh())),
        (2, lambda: printed(25.0, sampled())),
        (2, lambda: printed(0.39, pixel_mean())),
        (2, lambda: printed(4.7 / 64, pixel_mean_squares())),
        (2, lambda: printed(4.7, of_squares(1.0))),
        (2, lambda: printed(2.4, of_squares(1.0))),
        (3, first_epoch),
        (3, lambda: printed(30.0, program(loss=summed_over_the_batch))),
        (4, lambda: printed(20.0, healthy())),
        (4, lambda: printed(22.2, healthy())),
    ],
    "does-not-move": [
        (0, other_optimizer),
        (1, lambda: fresh(loss=loss_of(rounded))),
        (1, detached),
        (2, all_zero),
        (3, twice),
        (4, piled_up),
        (5, lambda: fresh(step=no_step)),
        (6, lambda: fresh(lr=1e-6)),
        (7, one_large_step),
        (7, large_steps),
        (8, lambda: program(Sampled)),
        (8, lambda: program(epochs=2)),
    ],
    "jumps": [
        (0, lambda: unscaled("bytes", epochs=3)),
        (1, lambda: program(step=no_zero_grad)),
        (2, lambda: program(lr=0.1)),
        (3, lambda: program(epochs=3)),
    ],
    "thousands": [
        (0, lambda: unscaled(epochs=0)),
        (1, lambda: program(loss=summed_over_the_batch, lr=0.3, epochs=2)),
        (2, lambda: fresh(loss=summed_over_the_batch)),
        (3, large_image),
    ],
    "negative": [
        (0, lambda: program(x=standardised(), epochs=2)),
        (0, lambda: program(x="counts", epochs=2, lr=1e-3)),
        (1, lambda: program(loss=plus_log_p, epochs=2)),
        (2, lambda: program(loss=loss_of(beta=-1.0), epochs=2)),
        (2, lambda: program(loss=wrong_sign_of_log_var, epochs=4)),
        (3, learned_noise),
    ],
    "nan": [
        (0, lambda: fresh(x=standardised(data("grey")[0].std(0)))),
        (1, lambda: fresh(x="bytes", lr=0.3)),
        (1, lambda: fresh(x=standardised(), lr=0.2)),
        (1, lambda: unscaled("bytes", epochs=0, lr=0.1)),
        (2, lambda: fresh(ReluSigma)),
        (3, lambda: fresh(loss=loss_of(log_of_sigmoid), lr=0.3)),
        (4, lambda: fresh(lr=1.0)),
        (4, lambda: fresh(Probabilities, loss_of(on_pixels), lr=1.0)),
        (5, fresh),
    ],
    "kl-explodes": [
        (0, lambda: unscaled(epochs=3)),
        (1, lambda: program(loss=loss_of(beta=-1.0), epochs=1)),
        (2, one_large_step),
        (3, latent_mean),
        (3, lambda: learned_noise(1 / 8)),
        (4, healthy),
        (4, learned_noise),
    ],
    "too-good": [
        (0, lambda: program(loss=loss_of(beta=-1.0), epochs=1)),
        (0, lambda: program(loss=plus_log_p, epochs=1)),
        (1, noiseless),
        (2, variance_for_sigma),
        (2, sigma_of_log_var),
        (3, pixel_mean),
        (3, lambda: program(loss=loss_of(mean_of_squares, beta=1 / 8), x="grey", squared=True)),
        (4, latent_mean),
        (5, healthy),
        (5, lambda: of_squares(0.2)),
        (5, learned_noise),
    ],
    "values-error": [
        (0, broadcast),
        (1, lambda: program(lr=1e3, epochs=1)),
        (2, lambda: fresh(x=standardised())),
        (2, lambda: fresh(x="bytes")),
        (3, lambda: fresh(x="grey")),
        (4, lambda: fresh(loss=loss_of(on_pixels))),
        (5, lambda: fresh(Probabilities, loss_of(on_pixels))),
    ],
    "test-loss": [(0, another_threshold), (1, few_images), (2, healthy), (2, lambda: program(Dropped))],
    "worse-than-pca": [
        (0, lambda: of_squares(0.25, epochs=30)),
        (1, lambda: of_squares(1.0)),
        (2, pixel_mean),
        (3, healthy),
        (4, lambda: of_squares(0.2, model=Sampled)),
        (5, lambda: of_squares(0.15, epochs=2, d=4)),
    ],
    "another-number": [
        (0, lambda: two_numbers(64 * 22.0, 21.0, healthy())),
        (1, lambda: two_numbers(22.0 / 64, 21.0, healthy())),
        (2, lambda: two_numbers(22.0, 21.5 / (64 * math.log(2)), healthy())),
        (3, lambda: two_numbers(20.0, 20.0 + 32 * math.log(2 * math.pi), of_squares(1.0, epochs=0))),
        (4, lambda: two_numbers(-60.0, -60.0 + 64 * math.log(255), of_squares(1.0, epochs=0))),
        (5, lambda: two_numbers(22.0, 18.0, program(x="grey", epochs=1))),
        (6, weighted_paper),
        (7, lambda: two_numbers(22.0, 14.0, healthy())),
    ],
    "slow": [
        (0, lambda: timed(x=tuple(images.double() for images in data()))),
        (1, lambda: timed(loading=0.02)),
        (2, waiting_threads),
        (3, lambda: timed(batch=1)),
        (4, lambda: patched(timed(), (torch.cuda, "is_available", lambda: True))),
        (5, timed),
    ],
    "colab": [
        (0, lambda: patched(fresh(), (sys, "version_info", (3, 10, 12)))),
        (1, lambda: patched(fresh(), (importlib.util, "find_spec", lambda name: None))),
        (2, lambda: without("x_train")),
        (3, lambda: fresh().edited(x_train=torch.zeros(1, device="meta"))),
        (4, fresh),
    ],
}

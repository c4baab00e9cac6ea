"""VAEs that something is wrong with, trained, and what a check-up must say of each: written before `checkup` was.

A mistake is made in training, in the model or in the data; what is handed over is the model, as its maker believes it
to be, and never the loss. So what is expected is what its *effect* deserves: a rank and a line. A key is a line of
`vae_lib/diagnose/model_findings.py`. Where the rank is "unusual" or "a choice", nothing may be called impossible.
"""

from collections.abc import Callable
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from torch.distributions import Bernoulli, Distribution, Independent, Normal, constraints
from torch.nn.functional import binary_cross_entropy_with_logits, dropout, relu

from vae_lib.adapter import adapt, half_exp
from vae_lib.data import digits
from vae_lib.distributions import bernoulli, binomial
from vae_lib.model import VAE

Handed = tuple[VAE, Tensor, Tensor]  # the adapted model, x_train, x_test


class MLP(nn.Module):
    """D → H → d → H → D, one hidden layer a network."""

    def __init__(self, d: int = 8, D: int = 64, H: int = 128):
        super().__init__()
        self.encoder, self.to_z, self.to_x = nn.Linear(D, H), nn.Linear(H, 2 * d), nn.Linear(d, H)
        self.decoder = nn.Linear(H, D)

    def encode(self, x):
        return self.to_z(relu(self.encoder(x))).chunk(2, -1)

    def decode(self, z):
        return self.decoder(relu(self.to_x(z)))


def kl(mu: Tensor, log_var: Tensor) -> Tensor:
    return 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(-1)


def cross_entropy(logits: Tensor, x: Tensor) -> Tensor:
    return binary_cross_entropy_with_logits(logits, x, reduction="none").flatten(1).sum(-1)


def squared(noise_var: float = 1.0) -> Callable:
    return lambda mean, x: (mean - x).square().flatten(1).sum(-1) / (2 * noise_var)


def noisy(mu: Tensor, log_var: Tensor) -> Tensor:
    return mu + torch.exp(log_var / 2) * torch.randn_like(mu)


def train(
    model: nn.Module,
    x: Tensor,
    *,
    reconstruction: Callable = cross_entropy,
    penalty: Callable = kl,
    draw: Callable = noisy,
    num_epochs: int = 40,
    lr: float = 3e-3,
    parameters=None,
) -> nn.Module:
    optimizer = torch.optim.Adam(parameters or model.parameters(), lr=lr)
    model.train()
    for _ in range(num_epochs):
        for batch in x[torch.randperm(len(x))].split(64):
            mu, log_var = model.encode(batch)
            loss = (reconstruction(model.decode(draw(mu, log_var)), batch) + penalty(mu, log_var)).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model.eval()


def black() -> tuple[Tensor, Tensor]:
    return tuple((counts >= 8).float() for counts in digits())


def grey(scale: float = 1.0) -> tuple[Tensor, Tensor]:
    return tuple(counts.float() / 16 * scale for counts in digits())


def trained_on_black(**options) -> Handed:
    x_train, x_test = black()
    return adapt(train(MLP(), x_train, **options), bernoulli, x_train), x_train, x_test


def pixel_mean_mse() -> Handed:
    x_train, x_test = grey()
    mean, sd = x_train.mean(), x_train.std()
    x_train, x_test = (x_train - mean) / sd, (x_test - mean) / sd
    model = train(MLP(), x_train, reconstruction=lambda mean, x: (mean - x).square().mean(-1))
    return adapt(model, lambda mean: Normal(mean, 1.0), x_train), x_train, x_test


def pixel_mean_cross_entropy() -> Handed:
    return trained_on_black(reconstruction=lambda logits, x: cross_entropy(logits, x) / 64)


def fixed_noise(noise_std: float, scale: float = 1.0) -> Handed:
    class Scaled(MLP):
        def encode(self, x):
            return super().encode(x / scale)

    x_train, x_test = grey(scale)
    model = train(Scaled(), x_train, reconstruction=squared(noise_std**2))
    return adapt(model, lambda mean: Normal(mean, noise_std), x_train), x_train, x_test


def mean_in_training() -> Handed:
    return trained_on_black(draw=lambda mu, log_var: mu)


def beta(value: float) -> Handed:
    return trained_on_black(penalty=lambda mu, log_var: value * kl(mu, log_var))


def encoder_overfits() -> Handed:
    x_train, x_test = black()
    model = train(MLP(), x_train)
    few = x_train[:60]
    model.encoder, model.to_z = nn.Linear(64, 512), nn.Linear(512, 16)
    own = [*model.encoder.parameters(), *model.to_z.parameters()]
    return adapt(train(model, few, num_epochs=600, parameters=own), bernoulli, few), few, x_test


def all_overfits() -> Handed:
    x_train, x_test = black()
    few = x_train[:100]
    return adapt(train(MLP(H=512), few, num_epochs=600), bernoulli, few), few, x_test


def ignores_z() -> Handed:
    class Deaf(MLP):
        def decode(self, z):
            return super().decode(0 * z)

    x_train, x_test = black()
    model = train(Deaf(), x_train, penalty=lambda mu, log_var: (kl(mu, log_var) - 3).abs())  # wants 3 nats
    return adapt(model, bernoulli, x_train), x_train, x_test


def sample_in_training() -> Handed:
    return trained_on_black(draw=lambda mu, log_var: Normal(mu, half_exp(log_var)).sample())


def sigmoid_twice() -> Handed:
    class Twice(MLP):
        def decode(self, z):
            return torch.sigmoid(super().decode(z))

    x_train, x_test = black()
    return adapt(train(Twice(), x_train), bernoulli, x_train), x_train, x_test


def off_support() -> Handed:
    x_train, x_test = grey()
    return adapt(train(MLP(), x_train), bernoulli, x_train), x_train, x_test


def not_a_number() -> Handed:
    x_train, x_test = grey(255.0)
    model = train(MLP(), x_train, reconstruction=squared(), lr=30.0, num_epochs=3)
    return adapt(model, lambda mean: Normal(mean, 1.0), x_train), x_train, x_test


class WithBatchNorm(MLP):
    def __init__(self, **options):
        super().__init__()
        self.norm_x, self.norm_z = nn.BatchNorm1d(128, **options), nn.BatchNorm1d(128, **options)

    def encode(self, x):
        return self.to_z(relu(self.norm_x(self.encoder(x)))).chunk(2, -1)

    def decode(self, z):
        return self.decoder(relu(self.norm_z(self.to_x(z))))


def stale_batch_norm() -> Handed:
    x_train, x_test = black()
    return adapt(train(WithBatchNorm(momentum=1e-5), x_train), bernoulli, x_train), x_train, x_test


def batch_statistics() -> Handed:
    x_train, x_test = black()
    return adapt(train(WithBatchNorm(track_running_stats=False), x_train), bernoulli, x_train), x_train, x_test


def noise_left_on() -> Handed:
    class Dropped(MLP):
        def decode(self, z):
            return self.decoder(dropout(relu(self.to_x(z)), 0.2))  # training=True is the default

    x_train, x_test = black()
    return adapt(train(Dropped(), x_train), bernoulli, x_train), x_train, x_test


def far_from_prior() -> Handed:
    return trained_on_black(penalty=lambda mu, log_var: kl(mu - 3, log_var))


def kl_without_log() -> Handed:
    return trained_on_black(penalty=lambda mu, log_var: 0.5 * (mu**2 + log_var.exp()).sum(-1))


class AgainstCoins(Distribution):
    """Pixels of 0 and 1 whose "log p" is how much better than coins they are: a log-probability it is not."""

    arg_constraints: ClassVar = {}
    support = constraints.boolean

    def __init__(self, logits: Tensor):
        self.logits = logits
        super().__init__(logits.shape)

    @property
    def mean(self) -> Tensor:
        return self.logits.sigmoid()

    def log_prob(self, value: Tensor) -> Tensor:
        return Bernoulli(logits=self.logits).log_prob(value) + torch.tensor(2.0).log()


def scored_against_coins() -> Handed:
    x_train, x_test = black()
    return adapt(train(MLP(), x_train), lambda logits: Independent(AgainstCoins(logits), 1), x_train), x_train, x_test


def inverted_test() -> Handed:
    model, x_train, x_test = trained_on_black()
    return model, x_train, 1 - x_test


def untrained() -> Handed:
    return trained_on_black(num_epochs=0)


def narrow_binomial() -> Handed:
    x_train, x_test = (counts.float() for counts in digits())

    class Counted(MLP):
        def encode(self, x):
            return super().encode(x / 16)

    def minus_log_p(logits, x):
        return -binomial(16, logits).log_prob(x)

    model = train(Counted(), x_train, reconstruction=minus_log_p)
    return adapt(model, lambda logits: binomial(16, logits), x_train), x_train, x_test


def kl_averaged() -> Handed:
    return trained_on_black(penalty=lambda mu, log_var: kl(mu, log_var) / 8)


def kl_without_half() -> Handed:
    return trained_on_black(penalty=lambda mu, log_var: 2 * kl(mu, log_var))


def heads_swapped_in_use() -> Handed:
    x_train, x_test = black()
    swapped = {"encode": lambda model, x: model.encode(x)[::-1]}
    return adapt(train(MLP(), x_train), bernoulli, x_train, **swapped), x_train, x_test


class Broken(NamedTuple):
    make: Callable[[], Handed]
    rank: str
    line: str


BROKEN = {
    "collapsed by a pixel-mean MSE, standardised pixels": Broken(pixel_mean_mse, "unusual", "collapsed"),
    "collapsed by a pixel-mean cross-entropy": Broken(pixel_mean_cross_entropy, "unusual", "collapsed"),
    "σ_x far too large": Broken(lambda: fixed_noise(10.0), "a choice", "fixed_noise"),
    "σ_x far too small": Broken(lambda: fixed_noise(0.02), "unusual", "residuals"),
    "x in 0…255, σ_x = 1": Broken(lambda: fixed_noise(1.0, 255.0), "unusual", "residuals"),
    "z = μ in training": Broken(mean_in_training, "unusual", "worse_than_no_latents"),
    "β = 64": Broken(lambda: beta(64.0), "unusual", "collapsed"),
    "β = 0": Broken(lambda: beta(0.0), "unusual", "worse_than_no_latents"),
    "encoder fitted to 60 images": Broken(encoder_overfits, "unusual", "apart_encoder"),
    "all fitted to 100 images": Broken(all_overfits, "unusual", "apart_decoder"),
    "decoder ignores z": Broken(ignores_z, "unusual", "ignores_z"),
    ".sample() in training": Broken(sample_in_training, "unusual", "collapsed"),
    "sigmoid twice": Broken(sigmoid_twice, "unusual", "worse_than_no_latents"),
    "grey pixels under a Bernoulli": Broken(off_support, "impossible", "off_support"),
    "NaN": Broken(not_a_number, "impossible", "not_finite"),
    "stale batch norm": Broken(stale_batch_norm, "unusual", "batch_norm"),
    "batch norm that keeps no averages": Broken(batch_statistics, "impossible", "changes"),
    "dropout left on": Broken(noise_left_on, "impossible", "changes"),
    "latents around 3": Broken(far_from_prior, "unusual", "far_from_prior"),
    "KL without its logarithm": Broken(kl_without_log, "unusual", "worse_than_no_latents"),
    "a log p that is none": Broken(scored_against_coins, "impossible", "probability_above_one"),
    "black and white swapped in the test images": Broken(inverted_test, "unusual", "apart_decoder"),
    "untrained": Broken(untrained, "unusual", "worse_than_no_latents"),
    "a Binomial for counts that spread more": Broken(narrow_binomial, "unusual", "residuals"),
}

# What a model alone cannot show: nothing impossible, and no guess.
UNSEEN = {
    "KL averaged over the latents": kl_averaged,
    "KL without ½": kl_without_half,
    "heads swapped in use": heads_swapped_in_use,
}

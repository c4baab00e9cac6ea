"""counts.json: what a Gaussian says of the digits' counts, scored in four ways (chapter 6)."""

import torch
from torch import Tensor
from torch.distributions import Independent, Normal, kl_divergence

from vae_lib.data import digits
from vae_lib.distributions import BinnedGaussian, binned_gaussian, diagonal_gaussian
from vae_lib.model import VAE
from vae_lib.networks import GaussianDecoder, GaussianEncoder
from vae_lib.shipped.weights import asset
from vae_lib.training import fit

SEEDS = (0, 1, 2, 3, 4)
LATENT_DIMS = (2, 8)
EPOCHS = 100
DRAWS = 10  # of z for each test image


class Density(GaussianDecoder):
    """chapter 6's Gaussian of counts/16 in the unit of the counts: the same gradient, 64 log 16 nats more."""

    def likelihood(self, mean: Tensor) -> Independent:
        return diagonal_gaussian(*self.in_counts(mean))

    def in_counts(self, mean: Tensor) -> tuple[Tensor, Tensor]:
        return 16 * mean, 16 * self.log_sigma.exp().expand_as(mean)


class Censored(Density):
    """The same Gaussian in bins whose ends are open: a count below 0 is 0, one above 16 is 16."""

    def likelihood(self, mean: Tensor) -> Independent:
        return binned_gaussian(*self.in_counts(mean), total_count=16)


def with_noise(x: Tensor) -> Tensor:
    """A point of each count's bin, from x − ½ to x + ½, uniformly."""
    return x - 0.5 + torch.rand_like(x)


TRAINED_ON = {"the counts": (Density, None), "counts with noise": (Density, with_noise), "open bins": (Censored, None)}


def trained(on: str, latent_dim: int, seed: int, num_epochs: int = EPOCHS) -> VAE:
    """As `train_on_digits` trains; its "Gaussian" is the first of these, up to rounding."""
    decoder, prepare = TRAINED_ON[on]
    torch.manual_seed(seed)
    model = VAE(GaussianEncoder(64, latent_dim, 256, total_count=16), decoder(latent_dim, 64, 256), latent_dim)
    fit(model, digits()[0], num_epochs=num_epochs, batch_size=64, lr=3e-3, prepare=prepare)
    return model


@torch.no_grad()
def scored(model: VAE, x: Tensor, num_draws: int = DRAWS) -> dict[str, float]:
    """Four −ELBOs in nats an image of counts, of the same draws of z; the encoder sees the counts in all of them.

    The noise of the second is not drawn: over a bin the square of x − mu is larger by 1/12 on average. `outside` is the
    share of the Gaussians whose mean is no count at all, below 0 or above 16.
    """
    qz_x = model.encoder(x)
    kl = kl_divergence(qz_x, model.prior).mean()
    z = qz_x.sample((num_draws,))
    mu, sigma = model.decoder.in_counts(model.decoder.net(z))
    density = Normal(mu, sigma).log_prob(x)
    log_p = {"density": density, "noise": density - 1 / (24 * sigma**2)}
    log_p |= {"closed": BinnedGaussian(mu, sigma).log_prob(x), "open": BinnedGaussian(mu, sigma, 16).log_prob(x)}
    losses = {name: (kl - values.sum(-1).mean()).item() for name, values in log_p.items()}
    outside = ((mu < 0) | (mu > 16)).float().mean()
    return losses | {"kl": kl.item(), "sigma": sigma.mean().item(), "outside": outside.item()}


def counts() -> dict[str, dict]:
    """By what the model was trained on, then by number of latents: a list of one number a seed for each score."""
    return {on: {d: _columns([reported(on, d, seed) for seed in SEEDS]) for d in LATENT_DIMS} for on in TRAINED_ON}


def reported(on: str, latent_dim: int, seed: int) -> dict[str, float]:
    return {name: round(value, 2) for name, value in scored(trained(on, latent_dim, seed), digits()[1]).items()}


def _columns(rows: list[dict]) -> dict[str, list]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def open_bins() -> float:
    """The metric: −ELBO of the censored Gaussian with 2 latents, the mean over seeds."""
    values = asset("counts.json")["open bins"]["2"]["open"]
    return sum(values) / len(values)

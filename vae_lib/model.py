"""Chapter 1: the VAE is three parts, an encoder Q, a decoder P and a prior, and nothing else."""

import torch
from torch import Tensor, nn
from torch.distributions import Distribution, Independent

from vae_lib.distributions import diagonal_gaussian
from vae_lib.networks import check_positive


class VAE(nn.Module):
    """p(z) p_ϕ(x|z) with its encoder q_θ(z|x) (chapter 1, equation 1.1).

    `encoder` maps x `[batch, data]` to a distribution over z, `decoder` maps z `[..., latent]` to a distribution over
    x. `prior` is N(0, I) over `[latent]`; it rests on buffers, so that it follows `.to(…)` and `.double()`. Raises
    ValueError where the parts disagree about a size.
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module, latent_dim: int):
        super().__init__()
        check_positive(latent_dim=latent_dim)
        _check_sizes_agree(encoder, decoder, latent_dim)
        self.encoder, self.decoder = encoder, decoder
        self.register_buffer("prior_mu", torch.zeros(latent_dim), persistent=False)
        self.register_buffer("prior_sigma", torch.ones(latent_dim), persistent=False)

    @property
    def prior(self) -> Independent:
        return diagonal_gaussian(self.prior_mu, self.prior_sigma)

    def sample(self, num_samples: int) -> Distribution:
        """p(x|z) for `num_samples` draws z ~ p(z): a distribution over `[num_samples, data]`.

        `.mean` is what most pictures called samples show; `.sample()` is a sample.
        """
        check_positive(num_samples=num_samples)
        return self.decoder(self.prior.sample((num_samples,)))

    def reconstruct(self, x: Tensor) -> Distribution:
        """p(x|z) at z = μ(x), the mean of q: a distribution over `[batch, data]`. For pictures, not for the ELBO."""
        return self.decoder(self.encoder(x).mean)


def _check_sizes_agree(encoder: nn.Module, decoder: nn.Module, latent_dim: int) -> None:
    for name, own in {"latent_dim": [latent_dim], "data_dim": []}.items():
        sizes = [getattr(part, name) for part in (encoder, decoder) if hasattr(part, name)] + own
        if len(set(sizes)) > 1:
            raise ValueError(f"expected encoder, decoder and VAE to agree on {name}, got {sizes}")

"""Chapter 10: a conditional VAE: a condition c, such as a first letter, stands beside x and beside z."""

import torch
from torch import Tensor, nn
from torch.distributions import Distribution

from vae_lib.discrete import DiscreteVAE
from vae_lib.model import VAE
from vae_lib.networks import check_positive, describe


class ConditionalVAE(nn.Module):
    """p(z) p(x|z, c) with its encoder q(z|x, c): given a condition, a VAE like any other (chapter 10).

    `encoder` reads `[x, c]`, or `[reader(x), c]`, and `decoder` sees `[z, c]`: so they are `condition_dim` wider than
    without it. The prior is the same for every c. `fit(model, (x, c), objective=lambda model, rows:
    elbo(model.given(rows[1]), rows[0]), …)` trains it. Raises ValueError where the widths do not fit.
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module, condition_dim: int, *, reader: nn.Module | None = None):
        super().__init__()
        check_positive(condition_dim=condition_dim)
        if decoder.latent_dim != encoder.latent_dim + condition_dim:
            got = f"{decoder.latent_dim} for {encoder.latent_dim} and {condition_dim}"
            raise ValueError(f"expected a decoder that takes z and c, got latent_dim {got}")
        self.encoder, self.decoder, self.condition_dim = encoder, decoder, condition_dim
        self.reader = reader or nn.Identity()

    def given(self, c: Tensor) -> VAE:
        """The `VAE`, or the `DiscreteVAE`, of x given c, with these weights: whatever takes a VAE takes it.

        `c` is `[batch, condition]`, a row for each row of x, or `[condition]`, one for all, in the weights' dtype.
        Raises ValueError for another, and the model does where x or z has another number of rows.
        """
        weight = next(self.decoder.parameters())
        if c.ndim > 2 or c.shape[-1:] != (self.condition_dim,) or c.dtype != weight.dtype:
            expected = f"c [batch, {self.condition_dim}] or [{self.condition_dim}] in {weight.dtype}"
            raise ValueError(f"expected {expected}, got {describe(c)}")
        latent_dim = self.encoder.latent_dim
        encoder = _Beside(self.encoder, c, latent_dim, self.reader)
        decoder = _Beside(self.decoder, c, latent_dim, nn.Identity())
        if hasattr(encoder, "latents"):
            return DiscreteVAE(encoder, decoder).to(weight)
        return VAE(encoder, decoder, latent_dim).to(weight)


class _Beside(nn.Module):
    """A network that is given c beside its own input, which a `reader` makes numbers of."""

    def __init__(self, net: nn.Module, c: Tensor, latent_dim: int, reader: nn.Module):
        super().__init__()
        self.net, self.latent_dim, self.reader = net, latent_dim, reader
        self.register_buffer("c", c)

    @property
    def head(self) -> tuple[int, ...]:
        return self.net.head

    @property
    def latents(self):
        return self.net.latents  # which a GaussianEncoder has not, and so no more has this

    def forward(self, given: Tensor) -> Distribution:
        own = self.reader(given).to(self.c)
        self._check_rows(own)
        batch = torch.broadcast_shapes(own.shape[:-1], self.c.shape[:-1])
        return self.net(torch.cat([own.expand(*batch, -1), self.c.expand(*batch, -1)], -1))

    def _check_rows(self, own: Tensor) -> None:
        """c has a row for each of own's; one z may stand for all of them where it has a samples axis before."""
        fits = own.shape[-2:-1] in (self.c.shape[:-1], (1,) if own.ndim > 2 else ())
        if self.c.ndim == 2 and not fits:
            raise ValueError(f"expected {len(self.c)} rows, one for each of c, got {describe(own)}")

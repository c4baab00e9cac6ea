"""Chapters 1 and 6: the networks. Each returns a distribution, so that nobody has to guess what its numbers mean."""

import math
from itertools import pairwise
from numbers import Integral

import torch
from torch import Tensor, nn
from torch.distributions import Independent

from vae_lib.distributions import bernoulli, beta_binomial, binomial, diagonal_gaussian


def mlp(*sizes: int, activation: type[nn.Module] = nn.ReLU) -> nn.Sequential:
    """Linear layers of the given sizes with `activation` between them, none after the last (chapter 1).

    `mlp(64, 32, 4)` maps `[..., 64]` to `[..., 4]`. Raises ValueError unless at least two positive sizes are given.
    """
    if len(sizes) < 2:
        raise ValueError(f"expected at least an input and an output size, got {sizes}")
    check_positive(**{f"size {i}": size for i, size in enumerate(sizes)})
    layers = []
    for fan_in, fan_out in pairwise(sizes):
        layers += [nn.Linear(fan_in, fan_out), activation()]
    return nn.Sequential(*layers[:-1])


class GaussianEncoder(nn.Module):
    """The encoder Q: q_θ(z|x) = N(μ(x), diag(σ(x)²)) from one network with a joint head (chapter 1, equation 1.2).

    `net` maps `[batch, data]` to `[batch, 2 · latent]`: first `mu`, then `log_var`. Calling the encoder gives a
    distribution over `[batch, latent]`. It reads the same x as the likelihood: for counts 0 … n pass `total_count=n`,
    and it divides by n itself. Raises ValueError for a size below 1 or an x of another width or empty.
    """

    def __init__(self, data_dim: int, latent_dim: int, hidden_dim: int | tuple[int, ...], *, total_count: int = 1):
        super().__init__()
        check_positive(data_dim=data_dim, latent_dim=latent_dim, total_count=total_count)
        self.data_dim, self.latent_dim, self.total_count = data_dim, latent_dim, total_count
        self.net = mlp(data_dim, *_hidden_sizes(hidden_dim), 2 * latent_dim)

    def forward(self, x: Tensor) -> Independent:
        check_width("x", x, self.data_dim)
        mu, log_var = self.net(x / self.total_count).chunk(2, dim=-1)
        return diagonal_gaussian(mu, torch.exp(0.5 * log_var))


class _Decoder(nn.Module):
    """A network from z to the parameters of a likelihood: `net` maps `[..., latent]` to `[..., data]`."""

    def __init__(self, latent_dim: int, data_dim: int, hidden_dim: int | tuple[int, ...]):
        super().__init__()
        check_positive(latent_dim=latent_dim, data_dim=data_dim)
        self.latent_dim, self.data_dim = latent_dim, data_dim
        self.net = mlp(latent_dim, *_hidden_sizes(hidden_dim), data_dim)

    def forward(self, z: Tensor) -> Independent:
        check_width("z", z, self.latent_dim)
        return self.likelihood(self.net(z))


class BernoulliDecoder(_Decoder):
    """The decoder P for black-and-white pixels: p_ϕ(x|z) with x in {0, 1}; the network outputs logits (chapter 1).

    Maps `z` `[..., latent]` to a distribution over `[..., data]`. Raises ValueError for a size below 1, a z of another
    width or empty, and, when it scores, for a grey pixel.
    """

    def likelihood(self, logits: Tensor) -> Independent:
        return bernoulli(logits)


class GaussianDecoder(_Decoder):
    """The decoder P for real values: N(f(z), noise_std² I) with one learned scalar `log_sigma` (chapter 5).

    Maps `z` `[..., latent]` to a distribution over `[..., data]`; noise_std = exp(log_sigma) starts at 1. Raises
    ValueError for a size below 1 or a z of another width or empty.
    """

    def __init__(self, latent_dim: int, data_dim: int, hidden_dim: int | tuple[int, ...]):
        super().__init__(latent_dim, data_dim, hidden_dim)
        self.log_sigma = nn.Parameter(torch.zeros(()))

    def likelihood(self, mean: Tensor) -> Independent:
        return diagonal_gaussian(mean, self.log_sigma.exp().expand_as(mean))


class BinomialDecoder(_Decoder):
    """The decoder P for counts 0 … `total_count`; the network's output is the logits (chapters 5 and 6).

    Maps `z` `[..., latent]` to a distribution over `[..., data]`. Raises ValueError for a size or a count below 1, a z
    of another width or empty, and, when it scores, for a value that is not such a count.
    """

    def __init__(self, latent_dim: int, data_dim: int, hidden_dim: int | tuple[int, ...], total_count: int):
        super().__init__(latent_dim, data_dim, hidden_dim)
        check_positive(total_count=total_count)
        self.total_count = total_count

    def likelihood(self, logits: Tensor) -> Independent:
        return binomial(self.total_count, logits)


class BetaBinomialDecoder(BinomialDecoder):
    """The decoder P for counts that spread more than a binomial: one learned scalar `log_concentration` (chapter 6).

    The network's output is the logits of each pixel's mean, as in `BinomialDecoder`, whose sizes and errors it shares.
    The concentration starts at 2, where zero weights make all counts equally likely.
    """

    def __init__(self, latent_dim: int, data_dim: int, hidden_dim: int | tuple[int, ...], total_count: int):
        super().__init__(latent_dim, data_dim, hidden_dim, total_count)
        self.log_concentration = nn.Parameter(torch.tensor(math.log(2)))  # α = β = 1 at logit 0: a uniform Beta

    def likelihood(self, logits: Tensor) -> Independent:
        return beta_binomial(self.total_count, logits, self.log_concentration)


def check_positive(**sizes: int) -> None:
    for name, size in sizes.items():
        if not isinstance(size, Integral) or size < 1:
            raise ValueError(f"expected {name} to be a whole number of at least 1, got {size!r}")


def check_width(name: str, data: Tensor, width: int) -> None:
    if data.shape[-1:] != (width,) or data.numel() == 0:
        raise ValueError(f"expected {name} with {width} features in the last axis, not empty, got {tuple(data.shape)}")


def check_rows(name: str, data: Tensor | tuple[Tensor, ...], num_rows: int | None = None) -> None:
    lengths = {len(part) if isinstance(part, Tensor) and part.ndim > 0 else 0 for part in tensors(data)}
    if len(lengths) != 1 or 0 in lengths or num_rows not in (None, *lengths):
        expected = f"{name} to be a tensor [{num_rows or 'n'}, …] of at least one row, or a tuple of such tensors"
        raise ValueError(f"expected {expected}, got {describe(data)}")


def tensors(data: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return data if isinstance(data, tuple) else (data,)


def describe(value) -> str:
    if isinstance(value, tuple):
        return f"a tuple of {', '.join(map(describe, value)) or 'nothing'}"
    if isinstance(value, Tensor):
        return f"{value.dtype} of shape {tuple(value.shape)}"
    return f"an object of type {type(value).__name__}"


def _hidden_sizes(hidden_dim: int | tuple[int, ...]) -> tuple[int, ...]:
    return (hidden_dim,) if isinstance(hidden_dim, Integral) else tuple(hidden_dim)

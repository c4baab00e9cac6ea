"""Chapter 5: a reader's own VAE, whatever its parts are called, as the `VAE` that the library takes."""

from collections.abc import Callable
from inspect import Parameter, ismethod, signature
from math import prod
from typing import ClassVar

import torch
from torch import Size, Tensor, nn
from torch.distributions import Distribution, Independent, Normal

from vae_lib.distributions import diagonal_gaussian
from vae_lib.model import VAE
from vae_lib.networks import check_rows, describe
from vae_lib.training import in_mode, random_numbers_kept

TRIED = 3  # rows of x with which every part is tried


def half_exp(log_var: Tensor) -> Tensor:
    """σ = exp(½ log σ²), in the shape of `log_var`."""
    return torch.exp(0.5 * log_var)


def adapt(
    model: nn.Module | None,
    likelihood: Callable[..., Distribution] | None,
    x: Tensor,
    *,
    encode: str | Callable = "encode",
    decode: str | Callable = "decode",
    sigma: Callable[[Tensor], Tensor] = half_exp,
) -> VAE:
    """Your own VAE as a `VAE`: for `elbo`, `fit`, `log_likelihood`, `checkup` and all others that take one (chapter 5).

    `model` holds the weights, which stay shared: to train one is to train the other. `x` is `[n, …]`, some of its data
    as the result shall take them, rows or images; your parts get them so or, where they want that, as flat rows.

    `encode` gives mu and log σ², a pair of tensors `[batch, latent]` (or `[batch]`, or images), or a `Normal`. Where
    the second is not log σ², `sigma` makes σ of it: `torch.exp` of log σ. `decode` gives what `likelihood` makes p(x|z)
    of: `bernoulli` for logits of black-and-white pixels, torch's `Bernoulli` for probabilities,
    `lambda mean: Normal(mean, 0.3)` for means and a σ_x of 0.3. A tuple becomes several arguments. Where `decode` gives
    a distribution, `likelihood` is None.

    Both are a method's name, a module, or a function of (model, x) and (model, z). With a function of x or z alone, or
    `model` None, all works that needs no copy in float64: `log_likelihood` then has float32's digits.

    The prior is N(0, I). Raises ValueError, with one sentence, for the part that does not fit.
    """
    check_rows("x", x)
    encoder = _Encoder(model, encode, sigma, x)
    mu = encoder.tried(x[:TRIED])
    decoder = _Decoder(model, decode, likelihood, mu.shape[1:], x)
    decoder.tried(torch.zeros(len(mu), encoder.latent_dim).to(mu))
    adapted = VAE(encoder, decoder, encoder.latent_dim)
    adapted.prior_mu, adapted.prior_sigma = adapted.prior_mu.to(mu), adapted.prior_sigma.to(mu)
    return adapted


class _Part(nn.Module):
    """One of the reader's two functions, called with rows in the dtype of its weights."""

    def __init__(self, model: nn.Module | None, part: str | Callable, name: str, like: Tensor):
        super().__init__()
        self.name, self.dtype_alone = name, like.dtype
        model = getattr(part, "__self__", None) if model is None else model  # a bound method's own module
        if isinstance(model, nn.Module):
            self.model = model
        self.function, self.takes_model = _found(model, part, name)

    def run(self, rows: Tensor):
        """What the function gives, its floating-point numbers in the dtype of `rows`."""
        follows = self.takes_model or isinstance(self.function, nn.Module) or ismethod(self.function)
        weight = next(self.parameters(), None) if follows else None  # a copy of this part has a copy of these
        dtype = self.dtype_alone if weight is None else weight.dtype
        given = rows.to(dtype) if rows.is_floating_point() and dtype.is_floating_point else rows
        came = self.function(self.model, given) if self.takes_model else self.function(given)
        wanted = rows.dtype if rows.is_floating_point() else None
        return tuple(_as(part, wanted) for part in came) if isinstance(came, tuple | list) else _as(came, wanted)

    def refuse(self, expected: str, got) -> ValueError:
        return ValueError(f"expected {self.name} {expected}, got {got}")


class _Encoder(_Part):
    """q(z|x): diagonal Gaussians over `[batch, latent]`, from whatever `encode` gives."""

    def __init__(self, model, encode, sigma: Callable, x: Tensor):
        super().__init__(model, encode, "encode", x)
        self.sigma, self.data_shape, self.flat = sigma, x.shape[1:], False

    def tried(self, x: Tensor) -> Tensor:
        """The first output for `x`, once all is known to fit."""
        came = _on_trial(self, lambda: self._flat_or_not(x))
        mu, sigma = self._pair(came)
        if mu.shape != sigma.shape or mu.shape[:1] != (len(x),):
            both = f"{tuple(mu.shape)} and {tuple(sigma.shape)}"
            raise self.refuse(f"to give mu and log_var of one shape, [{len(x)}, latent] for {len(x)} rows", both)
        if (sigma < 0).any():
            raise self.refuse("to give standard deviations, which sigma= makes positive", f"{sigma.min():.3g}")
        self.latent_dim = prod(mu.shape[1:])
        return mu

    def forward(self, x: Tensor) -> Independent:
        lead = x.shape[: x.ndim - len(self.data_shape)]
        if x.shape != lead + self.data_shape or len(lead) == 0 or x.numel() == 0:
            raise ValueError(f"expected x [batch, {_names(self.data_shape)}], not empty, got {tuple(x.shape)}")
        rows = x.reshape(-1, *self.data_shape)
        pair = self._pair(self.run(rows.flatten(1) if self.flat else rows))
        return diagonal_gaussian(*(part.reshape(*lead, self.latent_dim) for part in pair))

    def _flat_or_not(self, x: Tensor):
        errors = []
        for flat in (False, True):
            try:
                self.flat, came = flat, self.run(x.flatten(1) if flat else x)
                return came
            except Exception as error:  # the reader's own code may raise anything
                errors.append(error)
        raise self.refuse(f"to take x {tuple(x.shape)}, {x.dtype}, or its flat rows", _told(errors[0])) from errors[0]

    def _pair(self, came) -> tuple[Tensor, Tensor]:
        if isinstance(came, Distribution):
            if not isinstance(_innermost(came), Normal):
                raise self.refuse("to give Gaussians with a σ for each latent", f"{came}")
            return came.mean, came.stddev
        if not (isinstance(came, tuple) and len(came) == 2 and all(isinstance(part, Tensor) for part in came)):
            instead = "name the two by encode=lambda model, x: …"
            raise self.refuse(f"to give a pair, mu and log_var, or a Normal ({instead})", describe(came))
        return came[0], self.sigma(came[1])


class _Decoder(_Part):
    """p(x|z) over `[..., *data]`, one event a datum, from whatever `decode` gives and `likelihood` makes of it."""

    def __init__(self, model, decode, likelihood: Callable | None, latent_shape: Size, x: Tensor):
        super().__init__(model, decode, "decode", x)
        self.likelihood, self.latent_shape, self.data_shape = likelihood, latent_shape, x.shape[1:]
        self.latent_dim = prod(latent_shape)

    def tried(self, z: Tensor) -> None:
        def two_ways() -> None:
            self(z)
            self(z.expand(2, *z.shape))  # as the library asks: [samples, batch, latent]

        _on_trial(self, two_ways)

    def forward(self, z: Tensor) -> Distribution:
        if z.shape[-1:] != (self.latent_dim,) or z.numel() == 0:
            raise ValueError(f"expected z [..., {self.latent_dim}], not empty, got {tuple(z.shape)}")
        lead, rows = z.shape[:-1], z.reshape(-1, *self.latent_shape)
        try:
            came = self.run(rows)
        except Exception as error:  # the reader's own code may raise anything
            raise self.refuse(f"to take z {tuple(rows.shape)}, {rows.dtype}", _told(error)) from error
        if isinstance(came, Distribution):
            return self._one_event_a_datum(came, lead)
        return self._one_event_a_datum(self._of_outputs(came, lead), lead)

    def _of_outputs(self, came, lead: Size) -> Distribution:
        parts = came if isinstance(came, tuple) else (came,)
        if not all(isinstance(part, Tensor) for part in parts):
            raise self.refuse("to give a tensor, some tensors or a distribution", describe(came))
        if self.likelihood is None:
            expected = "to give a distribution, since likelihood is None (bernoulli takes logits)"
            raise self.refuse(expected, describe(came))
        shaped = [self._shaped(part, lead) for part in parts]
        try:
            px_z = self.likelihood(*shaped)
        except Exception as error:
            expected = f"expected likelihood to take what decode gives, {describe(came)}"
            raise ValueError(f"{expected}, got {_told(error)}") from error
        if not isinstance(px_z, Distribution):
            raise ValueError(f"expected likelihood to give a distribution over x, got {describe(px_z)}")
        return px_z

    def _shaped(self, part: Tensor, lead: Size) -> Tensor:
        """An output `[rows, …]` as `[..., *data]` where it has as many numbers as a datum; else as `[..., …]`."""
        if part.shape[:1] != (prod(lead),) or (part.ndim < 2 and prod(self.data_shape) != 1):
            return part  # the same for all z: a σ_x, a σ_x for each pixel
        same_size = part[0].numel() == prod(self.data_shape)
        return part.reshape(lead + (self.data_shape if same_size else part.shape[1:]))

    def _one_event_a_datum(self, px_z: Distribution, lead: Size) -> Distribution:
        shape, wanted = px_z.batch_shape + px_z.event_shape, lead + self.data_shape
        if shape != wanted and (shape[:1] != (prod(lead),) or prod(shape) != prod(wanted)):
            expected = f"expected decode and likelihood to give one number for each of x's {_names(self.data_shape)}"
            raise ValueError(f"{expected}: a distribution over {tuple(wanted)}, got one over {tuple(shape)}")
        if shape != wanted or len(px_z.batch_shape) < len(lead):
            return _Reshaped(px_z, lead, self.data_shape)
        more = len(px_z.batch_shape) - len(lead)
        return Independent(px_z, more) if more else px_z


class _Reshaped(Distribution):
    """A distribution over rows, `[n, …]`, in the leading axes of z and the shape of a datum."""

    arg_constraints: ClassVar = {}  # those of the rows were checked when they were made

    def __init__(self, rows: Distribution, lead: Size, data_shape: Size):
        self.base_dist = rows
        super().__init__(lead, data_shape)

    @property
    def support(self):
        return self.base_dist.support

    @property
    def mean(self) -> Tensor:
        return self.base_dist.mean.reshape(self.batch_shape + self.event_shape)

    @property
    def variance(self) -> Tensor:
        return self.base_dist.variance.reshape(self.batch_shape + self.event_shape)

    def sample(self, sample_shape=()) -> Tensor:
        shape = Size(sample_shape)
        return self.base_dist.sample(shape).reshape(shape + self.batch_shape + self.event_shape)

    def log_prob(self, value: Tensor) -> Tensor:
        value = value.expand(torch.broadcast_shapes(value.shape, self.batch_shape + self.event_shape))
        lead = value.shape[: value.ndim - len(self.event_shape)]
        one = (self.base_dist.batch_shape + self.base_dist.event_shape)[1:]
        return self.base_dist.log_prob(value.reshape(-1, *one)).reshape(prod(lead), -1).sum(1).reshape(lead)


def _found(model, part: str | Callable, name: str) -> tuple[Callable, bool]:
    """What is to be called, and whether it wants the model first. Raises ValueError where there is nothing."""
    if isinstance(part, str):
        found = getattr(model, part, None)
        if not callable(found):
            raise ValueError(f"expected {name}= a method of model or a function, got {part!r}, {_methods(model)}")
        return found, False
    if not callable(part):
        raise ValueError(f"expected {name}= a method's name, a module or a function, got {describe(part)}")
    return part, isinstance(model, nn.Module) and not _takes_one(part)


def _takes_one(part: Callable) -> bool:
    """Whether a module, a method or a function of one argument: then it knows its weights by itself."""
    if isinstance(part, nn.Module) or ismethod(part):
        return True
    kinds = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    needed = [p for p in signature(part).parameters.values() if p.kind in kinds and p.default is Parameter.empty]
    return len(needed) == 1


def _methods(model) -> str:
    own = [name for name in vars(type(model)) if not name.startswith("_")] if isinstance(model, nn.Module) else []
    return f"which {describe(model)} does not have" + (f"; it has {', '.join(own)}" if own else "")


def _on_trial(part: nn.Module, call: Callable):
    with torch.no_grad(), random_numbers_kept(part), in_mode(part, train=False, validate=False):
        return call()


def _innermost(distribution: Distribution) -> Distribution:
    while hasattr(distribution, "base_dist"):
        distribution = distribution.base_dist
    return distribution


def _as(value, dtype: torch.dtype | None):
    is_float = isinstance(value, Tensor) and value.is_floating_point() and dtype is not None
    return value.to(dtype) if is_float else value


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"


def _names(shape: Size) -> str:
    return ", ".join(map(str, shape)) or "1"

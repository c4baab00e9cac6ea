"""Chapter 5: a reader's own VAE, whatever its parts are called, as the `VAE` that the library takes."""

from collections.abc import Callable, Mapping
from math import prod
from typing import ClassVar

import torch
from torch import Size, Tensor, nn
from torch.distributions import Distribution, Independent, Normal

from vae_lib.distributions import diagonal_gaussian
from vae_lib.foreign import Foreign, said, told, trial
from vae_lib.model import VAE
from vae_lib.networks import describe
from vae_lib.training import in_mode

TRIED = 7  # rows of x with which every part is tried: a number that hardly any other axis has


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
    the second is not log σ², `sigma` makes σ of it: `torch.exp` of log σ, `torch.sqrt` of σ². `decode` gives what
    `likelihood` makes p(x|z) of: `bernoulli` for logits of black-and-white pixels, torch's `Bernoulli` for
    probabilities, `lambda mean: Normal(mean, 0.3)` for means and a σ_x of 0.3. A tuple becomes several arguments. Where
    `decode` gives a distribution, `likelihood` is None.

    Both are a method's name, a module, or a function of (model, x) and (model, z); one of x or z alone has no weights.
    The prior is N(0, I). All is tried on a few rows, with a copy: `model` stays as it is. Raises ValueError, with one
    sentence, for what does not fit. It cannot see what fits and means something else: σ taken for log σ²,
    probabilities taken for logits.
    """
    _check_arguments(model, likelihood, x, sigma)
    rows = x[torch.arange(TRIED, device=x.device) % len(x)]
    encoder = _Encoder(model, encode, sigma, x)
    mu = encoder.tried(rows)
    decoder = _Decoder(model, decode, likelihood, mu.shape[1:], x)
    decoder.tried(mu.reshape(TRIED, -1), rows)
    encoder.keeps_dtype = decoder.keeps_dtype = encoder.keeps_dtype or decoder.keeps_dtype  # they may share weights
    adapted = VAE(encoder, decoder, prod(mu.shape[1:]))
    adapted.prior_mu, adapted.prior_sigma = adapted.prior_mu.to(mu), adapted.prior_sigma.to(mu)
    return adapted


class _Encoder(Foreign):
    """q(z|x): diagonal Gaussians over `[batch, latent]`, from whatever `encode` gives."""

    def __init__(self, model, encode, sigma: Callable, x: Tensor):
        super().__init__(model, encode, "encode", "x", x)
        self.sigma, self.data_shape, self.data_dtype, self.flat = sigma, x.shape[1:], x.dtype, False

    def tried(self, x: Tensor) -> Tensor:
        """The means for `x`, once all is known to fit."""
        with trial(self) as twin:
            came, self.flat = twin.flat_or_not(x)
            mu, sigma = twin.pair(came)
            self.keeps_dtype = not twin.runs_in_float64(x.flatten(1) if self.flat else x)
        if mu.shape != sigma.shape or mu.shape[:1] != (len(x),):
            both = f"{tuple(mu.shape)} and {tuple(sigma.shape)}"
            raise self.refuse(f"to give mu and log_var of one shape, [{len(x)}, latent] for {len(x)} rows", both)
        if (sigma < 0).any():
            raise self.refuse("to give standard deviations, which sigma= makes positive", f"{sigma.min():.3g}")
        return mu

    def forward(self, x: Tensor) -> Independent:
        lead = x.shape[: x.ndim - len(self.data_shape)]
        if x.shape != lead + self.data_shape or len(lead) == 0 or x.numel() == 0:
            raise ValueError(f"expected x [batch, {_names(self.data_shape)}], not empty, got {tuple(x.shape)}")
        rows = x.reshape(-1, *self.data_shape)
        rows = rows if self.data_dtype.is_floating_point else rows.to(self.data_dtype)  # exact functions ask in float64
        pair = self.pair(self.run(rows.flatten(1) if self.flat else rows))
        return diagonal_gaussian(*(part.reshape(*lead, -1) for part in pair))

    def flat_or_not(self, x: Tensor):
        """What `x`, or else its flat rows, are encoded to, and whether it was the flat rows."""
        try:
            return self.asked(x), False
        except ValueError as first:
            try:
                return self.asked(x.flatten(1)), True
            except ValueError:
                raise first from first.__cause__

    def pair(self, came) -> tuple[Tensor, Tensor]:
        """mu and σ."""
        if isinstance(came, Distribution):
            if not isinstance(came.base_dist if isinstance(came, Independent) else came, Normal):
                raise self.refuse("to give Independent(Normal(mu, sigma), 1), or two tensors", f"{came}")
            return came.mean, came.stddev
        if not (isinstance(came, tuple) and len(came) == 2 and all(isinstance(part, Tensor) for part in came)):
            expected = "to give a pair of tensors, mu and log_var in this order, or a Normal"
            raise self.refuse(expected, f"{said(came)}: try encode=lambda model, x: {_two_of(came)}")
        return came[0], self.sigma(came[1])


class _Decoder(Foreign):
    """p(x|z) over `[..., *data]`, one event a datum, from whatever `decode` gives and `likelihood` makes of it."""

    def __init__(self, model, decode, likelihood: Callable | None, latent_shape: Size, x: Tensor):
        super().__init__(model, decode, "decode", "z", x)
        self.whole = model  # a likelihood may use weights that neither part calls
        self.likelihood, self.data_shape = likelihood, x.shape[1:]
        self.latent_shape, self.latent_dim = latent_shape, prod(latent_shape)
        self.for_each: tuple[bool, ...] = ()  # of each output, whether it has a row for each z: a σ_x may have not

    def tried(self, z: Tensor, x: Tensor) -> None:
        """Takes note of what the outputs are, once all is known to fit."""
        rows = z.reshape(-1, *self.latent_shape)
        with trial(self) as twin:
            once, twice = (_several(twin.asked(some)) for some in (rows, torch.cat([rows, rows])))
            lengths = [(_len(one), _len(two)) for one, two in zip(once, twice, strict=True)]
            self.for_each = twin.for_each = tuple(pair == (len(z), 2 * len(z)) for pair in lengths)
            twin(z), twin(z.expand(2, *z.shape))  # [samples, batch, latent] too
            with in_mode(twin, train=False, validate=False):  # values off the support are for `checkup` to tell
                _check_score(twin(z), x)
            self.keeps_dtype = not twin.runs_in_float64(rows)

    def forward(self, z: Tensor) -> Distribution:
        if z.shape[-1:] != (self.latent_dim,) or z.numel() == 0:
            raise ValueError(f"expected z [..., {self.latent_dim}], not empty, got {tuple(z.shape)}")
        lead, came = z.shape[:-1], self.run(z.reshape(-1, *self.latent_shape))
        if not isinstance(came, Distribution):
            return self._one_event(self._of_outputs(came, lead), lead)
        if self.likelihood is not None:
            raise ValueError(f"expected likelihood None where decode gives a distribution, {came}, got another")
        return self._one_event(came, lead)

    def _of_outputs(self, came, lead: Size) -> Distribution:
        parts = _several(came)
        if not all(isinstance(part, Tensor) for part in parts):
            paste = (
                f": try decode=lambda model, z: model.decode(z)[{next(iter(came))!r}]"
                if isinstance(came, Mapping)
                else ""
            )
            raise self.refuse("to give a tensor, some tensors or a distribution", said(came) + paste)
        if self.likelihood is None:
            raise self.refuse("to give a distribution where likelihood is None", said(came))
        shaped = [self._shaped(part, each, lead) for part, each in zip(parts, self.for_each, strict=True)]
        expected = f"expected likelihood to make a distribution of what decode gives, {said(came)}"
        try:
            px_z = self.likelihood(*shaped)
        except Exception as error:
            raise ValueError(f"{expected}, got {told(error)}") from error
        if not isinstance(px_z, Distribution):
            raise ValueError(f"{expected}, got {said(px_z)}")
        return px_z

    def _shaped(self, part: Tensor, each: bool, lead: Size) -> Tensor:
        """An output `[rows, …]` as `[..., *data]`, or so that it broadcasts with that: one σ_x a row, one a pixel."""
        own = part.shape[1:] if each and part.shape[:1] == (prod(lead),) else part.shape  # else: an axis of 1 is gone
        if _same_places(own, self.data_shape):
            own = self.data_shape
        elif each and prod(own) == 1:
            own = (1,) * len(self.data_shape)
        return part.reshape((lead if each else Size()) + own)

    def _one_event(self, px_z: Distribution, lead: Size) -> Distribution:
        shape, wanted = px_z.batch_shape + px_z.event_shape, lead + self.data_shape
        more = len(px_z.batch_shape) - len(lead)
        if shape == wanted and more >= 0:
            return Independent(px_z, more) if more else px_z
        if px_z.batch_shape[:1] == (prod(lead),) and _same_places(shape[1:], self.data_shape):
            return _Reshaped(px_z, lead, self.data_shape)
        expected = f"expected decode and likelihood to give one number for each of x's {_names(self.data_shape)}"
        got = f"batch_shape {tuple(px_z.batch_shape)} and event_shape {tuple(px_z.event_shape)}"
        raise ValueError(f"{expected}: a distribution over {tuple(wanted)}, a batch of {_names(lead)}, got {got}")


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
        log_p = self.base_dist.log_prob(value.reshape(-1, *self.base_dist.batch_shape, *self.base_dist.event_shape))
        return log_p.reshape(prod(lead), -1).sum(1).reshape(lead)


def _check_arguments(model, likelihood, x, sigma) -> None:
    if not isinstance(x, Tensor) or x.ndim == 0 or x.numel() == 0:
        raise ValueError(f"expected x, the third argument, to be a tensor [n, …] with a row or more, got {said(x)}")
    if not (model is None or isinstance(model, nn.Module)):
        raise ValueError(f"expected model to be an instance of a torch module, or None, got {said(model)}")
    for name, given in {"likelihood": likelihood, "sigma": sigma}.items():
        if not callable(given) and not (given is None and name == "likelihood"):
            raise ValueError(f"expected {name} to be a function, got {said(given)}")


def _check_score(px_z: Distribution, x: Tensor) -> None:
    expected = f"expected p(x|z) to score x {tuple(x.shape)}, {x.dtype}, one number a row"
    try:
        score = px_z.log_prob(x)
    except Exception as error:
        raise ValueError(f"{expected}, got {told(error)}") from error
    if score.shape != x.shape[:1]:
        raise ValueError(f"{expected}, got {describe(score)}")


def _two_of(came) -> str:
    """The code that may take mu and log_var from what `encode` gave."""
    if isinstance(came, Tensor):
        return "model.encode(x).chunk(2, -1)"
    if isinstance(came, Mapping):
        return "[model.encode(x)[key] for key in ('mu', 'log_var')]"
    if isinstance(came, tuple):
        return "model.encode(x)[:2] for (mu, log_var, …), model.encode(x)[1:] for (z, mu, log_var)"
    return "(model.encode(x).mu, model.encode(x).log_var)"


def _several(came) -> tuple:
    return came if isinstance(came, tuple) else (came,)


def _len(part) -> int | None:
    return len(part) if isinstance(part, Tensor) and part.ndim else None


def _same_places(one: Size, other: Size) -> bool:
    """Whether a reshape leaves each number in its place: one of the two is flat, or they differ in axes of 1."""
    long_one, long_other = ([size for size in shape if size > 1] for shape in (one, other))
    return prod(one) == prod(other) and (long_one == long_other or min(len(long_one), len(long_other)) <= 1)


def _names(shape: Size) -> str:
    return ", ".join(map(str, shape)) or "1"

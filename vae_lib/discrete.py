"""Chapter 8: a VAE whose latents are coins or dice. Nothing here has a slope: the ways to one are in `estimators`.

q(z|x) is a distribution over codes of zeros and ones, with log q, entropy and KL in closed form. A draw can be made of
noise that does not depend on the logits, whose sum `harden` decides and `relax` softens.
"""

import math
from numbers import Real

import torch
from torch import Tensor, nn
from torch.distributions import (
    Bernoulli,
    Distribution,
    Independent,
    OneHotCategorical,
    constraints,
    kl_divergence,
    register_kl,
)
from torch.nn.functional import logsigmoid, one_hot

from vae_lib.model import VAE
from vae_lib.networks import _hidden_sizes, check_positive, check_width, mlp


class _Coins(Bernoulli):
    """torch's KL of Bernoullis does not broadcast, and the prior is one row."""


@register_kl(_Coins, _Coins)
def _kl_of_coins(q: _Coins, p: _Coins) -> Tensor:
    one, zero = (logsigmoid(sign * q.logits) - logsigmoid(sign * p.logits) for sign in (1, -1))
    return q.probs * one + (1 - q.probs) * zero


class _Dice(OneHotCategorical):
    """torch's KL of categoricals has the slope NaN where a face of q is excluded."""


@register_kl(_Dice, _Dice)
def _kl_of_dice(q: _Dice, p: _Dice) -> Tensor:
    return (q.probs * (q.logits - p.logits).where(q.probs > 0, 0.0)).sum(-1)


class _Latents(Independent):
    """Codes of zeros and ones, `[..., latent]`, one event a row. `head` is the logits' shape of one row."""

    support = constraints.independent(constraints.boolean, 1)

    @property
    def head(self) -> torch.Size:
        return self.logits.shape[len(self.batch_shape) :]

    @property
    def _checks(self) -> bool:
        return self.base_dist._validate_args

    def expand(self, batch_shape, _instance=None):
        return type(self)(self.logits.expand(*batch_shape, *self.head))

    def rsample(self, sample_shape=()) -> Tensor:
        """A draw, where nobody asks for its slope: there is none. Raises ValueError where gradients are recorded."""
        if torch.is_grad_enabled() and self.logits.requires_grad:
            raise ValueError(
                "expected torch.no_grad(), or a way to the slope, such as partial(elbo_by, way=leave_one_out, "
                "num_samples=5) of vae_lib.estimators; got rsample() with gradients recorded: a draw of zeros and ones "
                "has no slope by its logits"
            )
        return self.sample(sample_shape)

    def _check_row(self, name: str, values: Tensor) -> None:
        check_width(name, values, self.event_shape[0])
        if self._checks and values.isnan().any():
            raise ValueError(f"expected numbers in {name}, got NaN")

    def _check_code(self, z: Tensor) -> None:
        self._check_row("z", z)
        soft = z[(z != 0) & (z != 1)]
        if len(soft):
            got = f"got {soft[0].item():g} ({len(soft)} of {z.numel()} values)"
            raise ValueError(f"expected a z of zeros and ones, {got}: log q(z|x) of a soft z is not defined")

    def _check_own_code(self, z: Tensor) -> None:
        """A code for each row of the logits."""
        if self._checks:
            self._check_code(z)
        wanted = self.batch_shape + self.event_shape
        if z.shape[z.ndim - len(wanted) :] != wanted:
            raise ValueError(f"expected z of shape [..., {', '.join(map(str, wanted))}], got {tuple(z.shape)}")

    def _uniform(self, sample_shape) -> Tensor:
        eps, shape = torch.finfo(self.logits.dtype).eps, (*sample_shape, *self.logits.shape)
        return torch.rand(shape, dtype=self.logits.dtype, device=self.logits.device).clamp(eps, 1 - eps)

    def _expanded(self, states: Tensor, expand: bool) -> Tensor:
        states = states.reshape(-1, *[1] * len(self.batch_shape), self.event_shape[0])
        return states.expand(-1, *self.batch_shape, -1) if expand else states


class BernoulliLatents(_Latents):
    """Independent coins, P(z = 1) = sigmoid(logits), one event a row (chapter 8).

    `logits` is `[..., latent]`, and so are draws; `log_prob` and `entropy` give `[...]`, in nats. `log_prob` raises
    ValueError for a z that is not of zeros and ones, `rsample` where gradients are recorded.
    """

    def __init__(self, logits: Tensor):
        super().__init__(_Coins(logits=logits), 1)
        self.logits = logits
        if self._checks and not logits.isfinite().all():
            raise ValueError("expected finite logits, got infinity: that of a coin that is sure is large, such as 100")

    @property
    def num_states(self) -> int:
        return 2 ** self.logits.shape[-1]

    def log_prob(self, z: Tensor) -> Tensor:
        if self._checks:
            self._check_code(z)
        return super().log_prob(z)

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """All codes, `[states, ..., latent]`; of the batch's axes each is 1 unless `expand`."""
        coin = torch.arange(2, dtype=self.logits.dtype, device=self.logits.device)
        return self._expanded(torch.cartesian_prod(*[coin] * self.logits.shape[-1]), expand)

    def noise(self, sample_shape=()) -> Tensor:
        """Draws of the logistic distribution, `[*sample_shape, ..., latent]`: log u − log(1 − u), u uniform."""
        return torch.logit(self._uniform(sample_shape))

    def noise_given(self, z: Tensor) -> Tensor:
        """Draws of the noise that leads to `z` `[*samples, ..., latent]`, in its shape; they depend on the logits."""
        self._check_own_code(z)
        zero, v = (-self.logits).sigmoid(), self._uniform(z.shape[: z.ndim - self.logits.ndim])
        u = torch.where(z > 0.5, zero + v * (1 - zero), v * zero)  # z is 1 where u is above P(z = 0)
        eps = torch.finfo(u.dtype).eps
        return torch.logit(u.clamp(eps, 1 - eps))

    def relax(self, noise: Tensor, temperature: float) -> Tensor:
        """sigmoid((logits + noise) / temperature): a soft z, from 0 to 1, with a slope by the logits."""
        self._check_row("noise", noise)
        return torch.sigmoid((self.logits + noise) / check_temperature(temperature))

    def harden(self, soft: Tensor) -> Tensor:
        """The code nearest to a soft z: 1 above ½. Of `relax(noise(), …)` it has the law of `sample`."""
        self._check_row("a soft z", soft)
        return (soft > 0.5).to(soft.dtype)


class CategoricalLatents(_Latents):
    """Independent dice, face k with probability softmax(logits)[k], as one-hot rows, one after another (chapter 8).

    `logits` is `[..., dice, faces]`; draws are `[..., dice · faces]`, a single 1 a die. Else as `BernoulliLatents`.
    """

    def __init__(self, logits: Tensor):
        super().__init__(_Dice(logits=logits), 1)
        self.logits = self.base_dist.logits  # normalised: log-probabilities
        self._event_shape = torch.Size([logits.shape[-2] * logits.shape[-1]])

    @property
    def num_states(self) -> int:
        return self.logits.shape[-1] ** self.logits.shape[-2]

    @property
    def mean(self) -> Tensor:
        return super().mean.flatten(-2)

    @property
    def variance(self) -> Tensor:
        return super().variance.flatten(-2)

    def sample(self, sample_shape=()) -> Tensor:
        return super().sample(sample_shape).flatten(-2)

    def log_prob(self, z: Tensor) -> Tensor:
        if self._checks:
            self._check_code(z)
        return super().log_prob(self._dice(z))

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """All codes, `[states, ..., latent]`; of the batch's axes each is 1 unless `expand`."""
        dice, faces = self.logits.shape[-2:]
        numbers = torch.cartesian_prod(*[torch.arange(faces, device=self.logits.device)] * dice).reshape(-1, dice)
        return self._expanded(one_hot(numbers, faces).to(self.logits.dtype), expand)

    def noise(self, sample_shape=()) -> Tensor:
        """Draws of the Gumbel distribution, `[*sample_shape, ..., latent]`: −log(−log u), u uniform."""
        return _gumbel(self._uniform(sample_shape)).flatten(-2)

    def noise_given(self, z: Tensor) -> Tensor:
        """Draws of the noise that leads to `z` `[*samples, ..., latent]`, in its shape; they depend on the logits."""
        self._check_own_code(z)
        z = self._dice(z)
        sample_shape = z.shape[: z.ndim - self.logits.ndim]
        top = _gumbel(self._uniform(sample_shape)[..., :1])  # that of logits + noise, whichever face has it
        free = self.logits + _gumbel(self._uniform(sample_shape))
        below = -torch.logaddexp(-top, -free)  # the others, cut off at the largest
        return (torch.where(z > 0.5, top, below) - self.logits).flatten(-2)

    def relax(self, noise: Tensor, temperature: float) -> Tensor:
        """softmax((logits + noise) / temperature) of each die: a soft z with a slope by the logits."""
        self._check_row("noise", noise)
        return torch.softmax((self.logits + self._dice(noise)) / check_temperature(temperature), -1).flatten(-2)

    def harden(self, soft: Tensor) -> Tensor:
        """The code nearest to a soft z: 1 at each die's largest. Of `relax(noise(), …)` it has the law of `sample`."""
        self._check_row("a soft z", soft)
        soft = self._dice(soft)
        return one_hot(soft.argmax(-1), soft.shape[-1]).to(soft.dtype).flatten(-2)

    def _check_code(self, z: Tensor) -> None:
        super()._check_code(z)
        if (self._dice(z).sum(-1) != 1).any():
            raise ValueError("expected a z with a single 1 a die, got none or several")

    def _dice(self, z: Tensor) -> Tensor:
        return z.unflatten(-1, self.logits.shape[-2:])


@register_kl(_Latents, _Latents)
def _kl_of_codes(q: _Latents, p: _Latents) -> Tensor:
    if (type(q), q.head) != (type(p), p.head):
        kinds = (f"{type(each).__name__} with logits [..., {', '.join(map(str, each.head))}]" for each in (q, p))
        raise ValueError("expected a KL between codes of one kind, got {} and {}".format(*kinds))
    return kl_divergence(q.base_dist, p.base_dist).sum(-1)


class BernoulliEncoder(nn.Module):
    """The encoder Q with coins: q_θ(z|x) = Bernoulli(sigmoid of what the network says) (chapter 8).

    Maps x `[batch, data]` to `BernoulliLatents` over `[batch, latent]`; where `hidden_dim` is `()` the network is
    linear. Raises ValueError for a size below 1 or an x of another width or empty.
    """

    def __init__(self, data_dim: int, latent_dim: int, hidden_dim: int | tuple[int, ...]):
        super().__init__()
        check_positive(data_dim=data_dim, latent_dim=latent_dim)
        self.data_dim, self.latent_dim, self.head = data_dim, latent_dim, (latent_dim,)
        self.net = mlp(data_dim, *_hidden_sizes(hidden_dim), latent_dim)

    def forward(self, x: Tensor) -> BernoulliLatents:
        check_width("x", x, self.data_dim)
        return self.latents(self.net(x))

    def latents(self, logits: Tensor) -> BernoulliLatents:
        return BernoulliLatents(logits)


class CategoricalEncoder(nn.Module):
    """The encoder Q with dice: q_θ(z|x) = softmax of what the network says, of each die (chapter 8).

    Maps x `[batch, data]` to `CategoricalLatents` over `[batch, num_latents · num_categories]`, `num_latents` dice.
    `hidden_dim` and errors as for `BernoulliEncoder`.
    """

    def __init__(self, data_dim: int, num_categories: int, hidden_dim: int | tuple[int, ...], *, num_latents: int = 1):
        super().__init__()
        check_positive(data_dim=data_dim, num_categories=num_categories, num_latents=num_latents)
        self.data_dim, self.latent_dim = data_dim, num_latents * num_categories
        self.head = num_latents, num_categories
        self.net = mlp(data_dim, *_hidden_sizes(hidden_dim), self.latent_dim)

    def forward(self, x: Tensor) -> CategoricalLatents:
        check_width("x", x, self.data_dim)
        return self.latents(self.net(x))

    def latents(self, logits: Tensor) -> CategoricalLatents:
        return CategoricalLatents(logits.unflatten(-1, self.head))


class DiscreteVAE(VAE):
    """A `VAE` whose prior is over the codes of its encoder: uniform, or with the fixed `prior_logits` (chapter 8).

    `encoder` is a `BernoulliEncoder` or a `CategoricalEncoder`, `decoder` any of `networks`; `prior_logits` is
    `[latent]`, as the encoder's network gives them, and is kept with the weights, `[latent]` for coins and
    `[dice, faces]` for dice. Where no gradient is recorded, `elbo`, `log_weights` and `importance_weighted_bound` take
    it unchanged; `fit` takes it with an objective that knows a way to the slope, such as `elbo_by`. Raises ValueError
    as `VAE`, for another encoder, and for prior_logits of another shape or not finite.
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module, *, prior_logits: Tensor | None = None):
        if not hasattr(encoder, "latents"):
            raise ValueError(f"expected a BernoulliEncoder or a CategoricalEncoder, got a {type(encoder).__name__}")
        super().__init__(encoder, decoder, encoder.latent_dim)
        prior_logits = torch.zeros(encoder.latent_dim) if prior_logits is None else prior_logits
        _check_prior(prior_logits, encoder.latent_dim)
        self.register_buffer("prior_logits", prior_logits.reshape(encoder.head))  # tells coins from dice in a file

    @property
    def prior(self) -> BernoulliLatents | CategoricalLatents:
        return self.encoder.latents(self.prior_logits.flatten())

    def reconstruct(self, x: Tensor) -> Distribution:
        """p(x|z) at the code nearest to q's mean: a distribution over `[batch, data]`. For pictures."""
        qz_x = self.encoder(x)
        return self.decoder(qz_x.harden(qz_x.mean))


def _check_prior(logits: Tensor, latent_dim: int) -> None:
    if not isinstance(logits, Tensor) or logits.shape != (latent_dim,):
        got = f"shape {tuple(logits.shape)}" if isinstance(logits, Tensor) else f"a {type(logits).__name__}"
        raise ValueError(f"expected prior_logits [{latent_dim}], a tensor, got {got}")
    if not (logits.is_floating_point() and logits.isfinite().all()):
        raise ValueError("expected finite floats as prior_logits, got others")


def _gumbel(u: Tensor) -> Tensor:
    return -torch.log(-torch.log(u))


def check_temperature(temperature: float) -> float:
    if not (isinstance(temperature, Real) and 0 < temperature < math.inf):
        raise ValueError(f"expected a positive, finite temperature, got {temperature!r}")
    return temperature


def check_finite(**values: Tensor) -> None:
    for name, each in values.items():
        if not each.isfinite().all():
            raise ValueError(f"expected finite numbers in {name}, got NaN or infinity")

"""Chapter 9: a VAE whose latents are a chain, z = (z₁, …, z_T): a prior that steps, and a q that knows its neighbours.

A Gaussian chain is tridiagonal in its *precision* Λ. Here Λ = L_Λ L_Λᵀ: L_Λ is the Cholesky factor of the precision,
not that of Σ, which is chapter 3's L, and it has but two diagonals.
"""

import math

import torch
from torch import Tensor, nn
from torch.distributions import Distribution, Independent, Normal, constraints, register_kl
from torch.nn.functional import pad

from vae_lib.distributions import bernoulli
from vae_lib.model import VAE
from vae_lib.networks import _hidden_sizes, check_positive, check_width, mlp

BEND = 4.0  # a decoder's first weights are so much larger than torch's: a fresh curve from z to pixels bends
DRAWS = 10_000  # for the mean of a deep prior


class TridiagonalNormal(Distribution):
    """N(loc, Λ⁻¹) over `[..., T]` with Λ = L_Λ L_Λᵀ tridiagonal, in O(T) throughout (chapter 9).

    `loc` is `[..., T]`; L_Λ has `diagonal` `[..., T]`, positive, and `below` it `[..., T − 1]`. So z_t given z_t₊₁ has
    the standard deviation 1 / diagonal[t], and its mean moves by −below[t] / diagonal[t] with z_t₊₁. Where `below` is
    0, q is mean field. `log_prob`, `entropy` and the KL of two of them are `[...]`, in nats. Raises ValueError for
    shapes that do not fit, and as torch's distributions.
    """

    support = constraints.real_vector
    has_rsample = True

    @property
    def arg_constraints(self) -> dict[str, constraints.Constraint]:
        positive = constraints.independent(constraints.positive, 1)
        return {"loc": constraints.real_vector, "diagonal": positive, "below": constraints.real_vector}

    def __init__(self, loc: Tensor, diagonal: Tensor, below: Tensor, validate_args: bool | None = None):
        batch = _batch_of(loc, diagonal, below)
        self.loc, self.diagonal = loc.expand(*batch, -1), diagonal.expand(*batch, -1)
        self.below = below.expand(*batch, -1)
        super().__init__(batch, loc.shape[-1:], validate_args)
        if self._validate_args and not self.diagonal.isfinite().all():
            raise ValueError("expected a finite diagonal, got infinity")

    @classmethod
    def from_precision(cls, loc: Tensor, diagonal: Tensor, off_diagonal: Tensor) -> "TridiagonalNormal":
        """From Λ's own `diagonal` `[..., T]` and `off_diagonal` `[..., T − 1]`.

        Raises ValueError unless it is positive definite.
        """
        _batch_of(loc, diagonal, off_diagonal)
        own, below = [diagonal[..., 0].sqrt()], []
        for here, off in zip(diagonal[..., 1:].unbind(-1), off_diagonal.unbind(-1), strict=True):
            below.append(off / own[-1])
            own.append((here - below[-1].square()).sqrt())
        own = torch.stack(own, -1)
        if not (own > 0).all():  # the root of what is negative is NaN
            raise ValueError("expected a positive definite precision, got one that is not")
        return cls(loc, own, torch.stack(below, -1) if below else off_diagonal)

    @property
    def mean(self) -> Tensor:
        return self.loc

    @property
    def variance(self) -> Tensor:
        """Of each z_t alone: the diagonal of Λ⁻¹, from the last to the first."""
        variances = [self.diagonal[..., -1] ** -2]
        steps = zip(self.diagonal[..., :-1].unbind(-1), self.below.unbind(-1), strict=True)
        for diagonal, below in reversed(list(steps)):
            variances.append((1 + below.square() * variances[-1]) / diagonal.square())
        return torch.stack(variances[::-1], -1)

    @property
    def neighbour_covariance(self) -> Tensor:
        """Cov(z_t, z_t₊₁): `[..., T − 1]`."""
        return -self.below / self.diagonal[..., :-1] * self.variance[..., 1:]

    @property
    def precision_diagonal(self) -> Tensor:
        return self.diagonal.square() + pad(self.below.square(), (1, 0))

    @property
    def precision_off_diagonal(self) -> Tensor:
        return self.diagonal[..., :-1] * self.below

    def expand(self, batch_shape, _instance=None) -> "TridiagonalNormal":
        whole = (part.expand(*batch_shape, -1) for part in (self.loc, self.diagonal, self.below))
        return type(self)(*whole, validate_args=False)

    def rsample(self, sample_shape=()) -> Tensor:
        """loc + L_Λ⁻ᵀ ε, from the last step to the first: `[*sample_shape, ..., T]`."""
        shape = self._extended_shape(sample_shape)
        eps = torch.randn(shape, dtype=self.loc.dtype, device=self.loc.device) / self.diagonal
        slopes = (self.below / self.diagonal[..., :-1]).unbind(-1)
        *before, last = eps.unbind(-1)
        away = [last]
        for each, slope in zip(reversed(before), reversed(slopes), strict=True):
            away.append(each - slope * away[-1])
        return self.loc + torch.stack(away[::-1], -1)

    def log_prob(self, value: Tensor) -> Tensor:
        if self._validate_args:
            self._validate_sample(value)
        squared = self.whiten(value - self.loc).square().sum(-1)
        return self.diagonal.log().sum(-1) - 0.5 * (squared + value.shape[-1] * math.log(2 * math.pi))

    def entropy(self) -> Tensor:
        return 0.5 * self.loc.shape[-1] * (1 + math.log(2 * math.pi)) - self.diagonal.log().sum(-1)

    def whiten(self, away: Tensor) -> Tensor:
        """L_Λᵀ times a distance from the mean, `[..., T]`: of a draw it is N(0, I)."""
        return self.diagonal * away + pad(self.below * away[..., 1:], (0, 1))


@register_kl(TridiagonalNormal, TridiagonalNormal)
def _kl_of_chains(q: TridiagonalNormal, p: TridiagonalNormal) -> Tensor:
    """½ (tr Λₚ Σ_q + (μ − μₚ)ᵀ Λₚ (μ − μₚ) − T) + ½ (log det Λ_q − log det Λₚ): of Σ_q, three diagonals."""
    _same_length(q, p)
    trace = (p.precision_diagonal * q.variance).sum(-1)
    trace = trace + 2 * (p.precision_off_diagonal * q.neighbour_covariance).sum(-1)
    squared = p.whiten(q.loc - p.loc).square().sum(-1)
    return 0.5 * (trace + squared - q.event_shape[0]) + q.diagonal.log().sum(-1) - p.diagonal.log().sum(-1)


@register_kl(Independent, TridiagonalNormal)
def _kl_of_mean_field(q: Independent, p: TridiagonalNormal) -> Tensor:
    """A diagonal Gaussian is a chain whose steps are strangers."""
    if not isinstance(q.base_dist, Normal) or q.reinterpreted_batch_ndims != 1:
        told = f"Independent({type(q.base_dist).__name__}, {q.reinterpreted_batch_ndims})"
        raise NotImplementedError(f"expected Independent(Normal, 1) beside a chain, got {told}")
    return _kl_of_chains(TridiagonalNormal(q.mean, 1 / q.stddev, torch.zeros_like(q.mean[..., 1:])), p)


class MarkovChain(Distribution):
    """z₁ from the `start`, z_t₊₁ from `transition(z_t)`, each a Normal: T numbers, one event (chapter 9).

    `transition` maps states `[...]` to a Normal over `[...]`; `log_prob` of `[..., T]` is `[...]`, in nats. A KL to it
    has no closed form, and is estimated by one draw.
    """

    arg_constraints: dict = {}  # noqa: RUF012, as torch has it
    support = constraints.real_vector
    has_rsample = True

    def __init__(self, start: Normal, transition, num_steps: int):
        self.start, self.transition = start, transition
        super().__init__((), torch.Size([num_steps]))

    @property
    def mean(self) -> Tensor:
        """`[T]`, of 10,000 draws by a seed of its own: right to some hundredths of a standard deviation."""
        noise = torch.randn(*self.event_shape, DRAWS, generator=torch.Generator().manual_seed(0))
        z = [self.start.mean + self.start.stddev * noise[0].to(self.start.mean)]
        for eps in noise[1:].to(self.start.mean):
            after = self.transition(z[-1])
            z.append(after.mean + after.stddev * eps)
        return torch.stack(z).mean(-1)

    def rsample(self, sample_shape=()) -> Tensor:
        z = [self.start.rsample(sample_shape)]
        for _ in range(self.event_shape[0] - 1):
            z.append(self.transition(z[-1]).rsample())
        return torch.stack(z, -1)

    def log_prob(self, value: Tensor) -> Tensor:
        if self._validate_args:
            self._validate_sample(value)
        steps = self.transition(value[..., :-1]).log_prob(value[..., 1:])
        return self.start.log_prob(value[..., 0]) + steps.sum(-1)


@register_kl(TridiagonalNormal, MarkovChain)
@register_kl(Independent, MarkovChain)
def _kl_by_one_draw(q: Distribution, p: MarkovChain) -> Tensor:
    """log q(z) − log p(z) at one z ~ q, which has no closed form: right on average, and now and then below 0."""
    _same_length(q, p)
    z = q.rsample()
    return q.log_prob(z) - p.log_prob(z)


def on_grid(start: Normal, transition, points: Tensor) -> tuple[Tensor, Tensor]:
    """Log-probabilities of the grid's cells, `[points]`, and of a step from cell to cell, `[points, points]`."""
    log_width = math.log(points[1] - points[0])
    after = transition(points)
    each_after = Normal(after.mean[:, None], after.stddev[:, None])
    return start.log_prob(points) + log_width, each_after.log_prob(points) + log_width


class _Prior(nn.Module):
    def __init__(self, num_steps: int):
        super().__init__()
        check_positive(num_steps=num_steps)
        self.num_steps = num_steps
        self.register_buffer("zero", torch.zeros(()), persistent=False)

    def start(self) -> Normal:
        return Normal(self.zero, torch.ones_like(self.zero))


class AutoregressivePrior(_Prior):
    """The linear prior: z₁ ~ N(0, 1), z_t₊₁ ~ N(a z_t, 1 − a²), so that each z_t is N(0, 1); a is learned (chapter 9).

    Calling it gives a `TridiagonalNormal` over `[num_steps]`. Raises ValueError for fewer than one step.
    """

    def __init__(self, num_steps: int):
        super().__init__(num_steps)
        self.raw = nn.Parameter(torch.tensor(0.5))

    def forward(self) -> TridiagonalNormal:
        after = self.transition(self.zero.new_ones(self.num_steps - 1))  # N(a, 1 − a²), of each step
        diagonal = torch.cat([1 / after.stddev, torch.ones_like(self.zero)[None]])
        return TridiagonalNormal(self.zero.expand(self.num_steps), diagonal, -after.mean / after.stddev)

    def transition(self, z: Tensor) -> Normal:
        a = torch.tanh(self.raw)
        return Normal(a * z, (1 - a.square()).sqrt().expand_as(z))


class MarkovPrior(_Prior):
    """The deep prior: z₁ ~ N(0, 1), z_t₊₁ ~ N(a z_t + f(z_t), s(z_t)²), f and log s² from one network (chapter 9).

    Calling it gives a `MarkovChain` over `[num_steps]`. Raises ValueError for a size below 1.
    """

    def __init__(self, num_steps: int, hidden_dim: int | tuple[int, ...]):
        super().__init__(num_steps)
        self.a = nn.Parameter(torch.tensor(0.5))
        self.net = mlp(1, *_hidden_sizes(hidden_dim), 2, activation=nn.Tanh)

    def forward(self) -> MarkovChain:
        return MarkovChain(self.start(), self.transition, self.num_steps)

    def transition(self, z: Tensor) -> Normal:
        mean, log_var = self.net(z[..., None]).unbind(-1)
        return Normal(self.a * z + mean, torch.exp(0.5 * log_var))


class ChainEncoder(nn.Module):
    """The encoder Q whose q(z|x) is a chain: a `TridiagonalNormal` from one network (chapter 9).

    `net` maps x `[batch, data]` to `[batch, 3 · num_steps − 1]`: means, log-variances of each z_t given z_t₊₁, and its
    slopes by z_t₊₁. Without the slopes it is `GaussianEncoder`: mean field. Raises ValueError for a size below 1 or an
    x of another width or empty.
    """

    def __init__(self, data_dim: int, num_steps: int, hidden_dim: int | tuple[int, ...]):
        super().__init__()
        check_positive(data_dim=data_dim, num_steps=num_steps)
        self.data_dim, self.latent_dim = data_dim, num_steps
        self.net = mlp(data_dim, *_hidden_sizes(hidden_dim), 3 * num_steps - 1)

    def forward(self, x: Tensor) -> TridiagonalNormal:
        check_width("x", x, self.data_dim)
        mu, log_var, slopes = self.net(x).tensor_split((self.latent_dim, 2 * self.latent_dim), -1)
        diagonal = torch.exp(-0.5 * log_var)
        return TridiagonalNormal(mu, diagonal, -slopes * diagonal[..., :-1])


class ChainDecoder(nn.Module):
    """The decoder P of a chain of black-and-white pixels: each step's share of x hangs on its own z_t (chapter 9).

    Maps z `[..., num_steps]` to a distribution over `[..., data]`, the steps' pixels one after another; each step has a
    network of its own, linear where `hidden_dim` is `()`. Raises ValueError for a size below 1, a data_dim that is no
    multiple of num_steps, and as `BernoulliDecoder`.
    """

    def __init__(self, num_steps: int, data_dim: int, hidden_dim: int | tuple[int, ...]):
        super().__init__()
        check_positive(num_steps=num_steps, data_dim=data_dim)
        if data_dim % num_steps:
            raise ValueError(f"expected data_dim to be a multiple of num_steps, {num_steps}, got {data_dim}")
        self.latent_dim, self.data_dim = num_steps, data_dim
        sizes = (1, *_hidden_sizes(hidden_dim), data_dim // num_steps)
        self.nets = nn.ModuleList(mlp(*sizes, activation=nn.Tanh) for _ in range(num_steps))
        for net in self.nets if len(sizes) > 2 else ():
            net[0].weight.data.mul_(BEND)

    def forward(self, z: Tensor) -> Independent:
        check_width("z", z, self.latent_dim)
        return bernoulli(torch.cat([net(z_t) for net, z_t in zip(self.nets, z.split(1, -1), strict=True)], -1))


class ChainVAE(VAE):
    """A `VAE` over a chain: a deep Markov model, or a linear one (chapter 9).

    `encoder` is a `ChainEncoder`, or a `GaussianEncoder` for a mean field; `decoder` a `ChainDecoder`; `chain` an
    `AutoregressivePrior` or a `MarkovPrior`. `elbo`, `log_weights`, `importance_weighted_bound` and `fit` take it
    unchanged. Raises ValueError as `VAE`.
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module, chain: nn.Module):
        super().__init__(encoder, decoder, chain.num_steps)
        self.chain = chain

    @property
    def prior(self) -> TridiagonalNormal | MarkovChain:
        return self.chain()


def _batch_of(loc: Tensor, diagonal: Tensor, below: Tensor) -> torch.Size:
    shapes = loc.shape, diagonal.shape, below.shape
    if not all(shapes) or len({loc.shape[-1], diagonal.shape[-1], below.shape[-1] + 1}) > 1 or loc.shape[-1] == 0:
        told = ", ".join(str(tuple(shape)) for shape in shapes)
        raise ValueError(f"expected loc and diagonal [..., T] and one less off the diagonal, got shapes {told}")
    return torch.broadcast_shapes(*(shape[:-1] for shape in shapes))


def _same_length(q: Distribution, p: Distribution) -> None:
    if q.event_shape != p.event_shape:
        raise ValueError(f"expected two chains of one length, got {q.event_shape[0]} and {p.event_shape[0]} steps")

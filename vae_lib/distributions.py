"""Chapters 1, 4 and 6: the few densities that a VAE is made of, one event per datum.

`Independent(…, 1)` declares the last axis to be one event, so that `log_prob` gives one number per
example and no formula carries a `.sum(-1)`.
"""

import math

import torch
from torch import Tensor
from torch.distributions import Bernoulli, Beta, Binomial, Distribution, Independent, Normal, constraints
from torch.nn.functional import logsigmoid
from torch.special import log_ndtr


def diagonal_gaussian(mu: Tensor, sigma: Tensor) -> Independent:
    """N(mu, diag(sigma²)) with one event per row (chapter 1, equation 1.2).

    `mu` and `sigma` are `[..., dim]`; `sigma` holds standard deviations. `log_prob` of `[..., dim]` gives `[...]`, in
    nats. Raises ValueError if a parameter is NaN or a standard deviation is not positive.
    """
    return Independent(Normal(mu, sigma), 1)


def bernoulli(logits: Tensor) -> Independent:
    """Independent Bernoulli pixels with P(x = 1) = sigmoid(logits), one event per row (chapter 1, equation 1.4).

    `logits` is `[..., dim]`; `log_prob` of `[..., dim]` gives `[...]`, in nats. Raises ValueError for a grey pixel:
    only 0 and 1 are Bernoulli data.
    """
    return _OfCounts(Bernoulli(logits=logits), 1)


def binomial(total_count: int, logits: Tensor) -> Independent:
    """Independent counts 0 … total_count with success probability sigmoid(logits), one event per row.

    `logits` is `[..., dim]`; `log_prob` of `[..., dim]` gives `[...]`, in nats, the log-binomial coefficients included.
    Raises ValueError for a value that is not a whole number from 0 to `total_count`.
    """
    return _OfCounts(Binomial(total_count, logits=logits), 1)


def beta_binomial(total_count: int, logits: Tensor, log_concentration: Tensor) -> Independent:
    """Independent counts 0 … total_count, more spread out than binomial ones, one event per row (equation 6.10).

    `logits` is `[..., dim]`, `log_concentration` broadcasts with it; `log_prob` of `[..., dim]` gives `[...]`, in nats.
    Raises ValueError for NaN, and for a value that is not a whole number from 0 to `total_count`.
    """
    return _OfCounts(BetaBinomial(total_count, logits, log_concentration), 1)


def binned_gaussian(mu: Tensor, sigma: Tensor, total_count: int | None = None) -> Independent:
    """Independent whole numbers, each the bin of a Gaussian into which it fell, one event per row (chapter 6).

    `mu` and `sigma` are `[..., dim]`, in counts; `log_prob` of `[..., dim]` gives `[...]`, in nats: log-probabilities,
    never above 0. Ends and errors are those of `BinnedGaussian`.
    """
    return Independent(BinnedGaussian(mu, sigma, total_count), 1)


class _OfCounts(Independent):
    """One event per row, scored in the logits' arithmetic: 0, 1, 2 … may be of any dtype (in uint8 255 + 1 is 0)."""

    def log_prob(self, value: Tensor) -> Tensor:
        value = value.to(torch.promote_types(value.dtype, self.base_dist.logits.dtype))
        if self.base_dist._validate_args:
            self._check_counts(value)
        return super().log_prob(value)

    def _check_counts(self, value: Tensor) -> None:
        value, fits = torch.broadcast_tensors(value, self.base_dist.support.check(value))
        other = value[~fits]
        if not len(other):
            return
        got = f"got {other[0].item():g} ({len(other)} of {value.numel()} values)"
        if isinstance(self.base_dist, Bernoulli):
            raise ValueError(
                f"expected pixels that are 0 or 1, {got}: a Bernoulli gives grey no probability; threshold x, or "
                "choose a likelihood that has grey pixels (chapter 5)"
            )
        highest = int(torch.as_tensor(self.base_dist.total_count).max())
        raise ValueError(f"expected counts, whole numbers from 0 to {highest}, {got}")


class BetaBinomial(Distribution):
    """Counts 0 … n whose success probability is itself drawn from a Beta, anew for each count (chapter 6).

    The Beta has the mean m = sigmoid(logits) and the concentration s = exp(log_concentration), so α = sm and
    β = s(1 − m). The mean is nm, the variance nm(1 − m) · (1 + (n − 1)/(s + 1)): binomial as s grows. It computes with
    logarithms, so logits may be of any size; in float32 an s above 1e4 costs digits.
    """

    @property
    def arg_constraints(self) -> dict[str, constraints.Constraint]:
        return {"logits": constraints.real, "log_concentration": constraints.real}

    def __init__(self, total_count: int, logits: Tensor, log_concentration: Tensor):
        self.total_count = total_count
        self.logits, self.log_concentration = torch.broadcast_tensors(logits, log_concentration)
        super().__init__(self.logits.shape)

    @property
    def support(self) -> constraints.Constraint:
        return constraints.integer_interval(0, self.total_count)

    @property
    def mean(self) -> Tensor:
        return self.total_count * self.logits.sigmoid()

    @property
    def variance(self) -> Tensor:
        excess = (self.total_count - 1) / (self.log_concentration.exp() + 1)
        return self.mean * (-self.logits).sigmoid() * (1 + excess)

    def sample(self, sample_shape=()) -> Tensor:
        with torch.no_grad():
            log_alpha, log_beta = self._log_parameters()
            p = Beta(log_alpha.exp(), log_beta.exp(), validate_args=False).sample(sample_shape)
            return Binomial(self.total_count, probs=p).sample()

    def log_prob(self, value: Tensor) -> Tensor:
        if self._validate_args:
            self._validate_sample(value)
        # p(x) = C(n, x) · rise(α, x) · rise(β, n − x) / rise(s, n), where rise(a, k) = Γ(a + k) / Γ(a)
        n, (log_alpha, log_beta) = torch.full_like(value, self.total_count), self._log_parameters()
        log_choices = (n + 1).lgamma() - (value + 1).lgamma() - (n - value + 1).lgamma()
        log_rises = _log_rise(log_alpha, value) + _log_rise(log_beta, n - value)
        return log_choices + log_rises - _log_rise(self.log_concentration, n)

    def _log_parameters(self) -> tuple[Tensor, Tensor]:
        # log α and log β: logsigmoid is finite where sigmoid itself rounds to 0
        return self.log_concentration + logsigmoid(self.logits), self.log_concentration + logsigmoid(-self.logits)


class BinnedGaussian(Distribution):
    """N(mu, sigma²), rounded to the nearest whole number: p(x) = Φ((x + ½ − mu)/sigma) − Φ((x − ½ − mu)/sigma).

    Without `total_count` all whole numbers are possible: for data 0 … n the ends are *closed*, and what lies outside is
    lost. With `total_count` = n the ends are *open*: what lies below 0 counts as 0, what lies above n as n. That is
    another model, a censored Gaussian. `log_prob` raises ValueError for a value that is not a whole number, or not from
    0 to n. It computes with logarithms: values may lie any number of sigma away. In float32 a sigma above 1e4 costs
    digits, and so does the gradient of a value that lies more than a hundred sigma away.
    """

    @property
    def arg_constraints(self) -> dict[str, constraints.Constraint]:
        return {"mu": constraints.real, "sigma": constraints.positive}

    def __init__(self, mu: Tensor, sigma: Tensor, total_count: int | None = None):
        self.total_count = total_count
        self.mu, self.sigma = torch.broadcast_tensors(mu, sigma)
        super().__init__(self.mu.shape)

    @property
    def support(self) -> constraints.Constraint:
        lowest, highest = (-math.inf, math.inf) if self.total_count is None else (0, self.total_count)
        return constraints.integer_interval(lowest, highest)

    def sample(self, sample_shape=()) -> Tensor:
        with torch.no_grad():
            x = Normal(self.mu, self.sigma).sample(sample_shape).round()
            return x if self.total_count is None else x.clamp(0, self.total_count)

    def log_prob(self, value: Tensor) -> Tensor:
        if self._validate_args:
            self._validate_sample(value)
        # A bin left of mu is as probable as its mirror image, so both edges can lie on the left, where log Φ is exact.
        distance = (value - self.mu).abs()
        near, far = (log_ndtr((edge - distance) / self.sigma) for edge in (0.5, -0.5))
        log_p = near + torch.log(-torch.expm1(far - near))  # log(Φ − Φ′)
        if self.total_count is None:
            return log_p
        below, above = (0.5 - self.mu) / self.sigma, (self.mu - self.total_count + 0.5) / self.sigma
        log_p = torch.where(value == 0, log_ndtr(below), log_p)
        return torch.where(value == self.total_count, log_ndtr(above), log_p)


def _log_rise(log_a: Tensor, k: Tensor) -> Tensor:
    """log of a (a + 1) … (a + k − 1) = Γ(a + k) / Γ(a), the first factor from log a: exact where a itself is 0."""
    # = a · Γ(a + k) / Γ(a + 1) for k ≥ 1, where no Γ meets its pole at 0; for k = 0 both factors below are 1
    a = log_a.exp()
    return k.clamp(max=1) * log_a + (a + k.clamp(min=1)).lgamma() - (a + 1).lgamma()


def kl_to_standard_normal(mu: Tensor, log_var: Tensor) -> Tensor:
    """KL(N(mu, exp(log_var)) ‖ N(0, 1)) = ½ (μ² + σ² − 1 − log σ²), one value per latent dimension (chapter 4).

    `mu` and `log_var` are `[batch, latent]`, and so is the result: nats, never negative. The sum over the last axis is
    the KL of the diagonal Gaussian. `expm1` keeps it accurate where σ is close to 1.
    """
    return 0.5 * (mu.square() + torch.expm1(log_var) - log_var)


def log_mean_exp(log_w: Tensor, dim: int) -> Tensor:
    """log of the mean of exp(log_w) along `dim`, without overflow (chapter 6).

    `log_w` is any tensor of logarithms, usually `[samples, batch]` with `dim=0`; the axis disappears. Raises
    ValueError if the axis is empty: a mean needs at least one term.
    """
    if log_w.shape[dim] == 0:
        raise ValueError(f"expected at least one value along dim {dim}, got shape {tuple(log_w.shape)}")
    return torch.logsumexp(log_w, dim) - math.log(log_w.shape[dim])

"""Chapters 4 and 5: what a loss may sum over pixels and latents. A new family is one entry of a table."""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.distributions import ContinuousBernoulli
from torch.nn.functional import huber_loss, nll_loss, softplus


class Pixels(NamedTuple):
    """A reconstruction term: for which density; its value for each pixel or image; what it takes x_hat for."""

    family: str
    value: Callable[[Tensor, Tensor], Tensor]
    reads: str
    everywhere: tuple[str, ...] = ()  # the probes on which it must hold too
    fault: str = ""
    parameter: float | None = None  # δ of a Huber, n of a Binomial
    coefficient: bool = False  # of a Binomial: whether log C(n, x) is in
    shifted: bool = False  # x is from −1 to 1

    def image(self, x_hat: Tensor, x: Tensor) -> Tensor:
        """Summed over the pixels: `[batch]`."""
        return self.value(x_hat.double(), x.double()).flatten(1).sum(1)


class Fourth(NamedTuple):
    """What a KL may take its fourth argument for, and the σ² and log σ² that follow."""

    name: str
    var: Callable[[Tensor], Tensor]
    log_var: Callable[[Tensor], Tensor]

    def terms(self, mu: Tensor, fourth: Tensor) -> tuple[Tensor, ...]:
        """μ², σ², log σ² and μ, each `[batch, latents]`."""
        mu, fourth = mu.double().flatten(1), fourth.double().flatten(1)
        return mu**2, self.var(fourth), self.log_var(fourth), mu

    def kl(self, mu: Tensor, fourth: Tensor, prior_mean: float = 0.0, prior_var: float = 1.0) -> Tensor:
        """To N(prior_mean, prior_var): `[batch, latents]`."""
        mu, fourth = mu.double().flatten(1), fourth.double().flatten(1)
        ratio = (self.var(fourth) + (mu - prior_mean) ** 2) / prior_var
        return 0.5 * (ratio - 1 - self.log_var(fourth) + math.log(prior_var))


# Pixels


def squared_error(x_hat: Tensor, x: Tensor) -> Tensor:
    return (x_hat - x) ** 2


def cross_entropy(p: Tensor, x: Tensor) -> Tensor:
    """−x log p − (1 − x) log(1 − p), its logarithms cut at −100 as torch does."""
    return -x * p.log().clamp(min=-100) - (1 - x) * (1 - p).log().clamp(min=-100)


def cross_entropy_of_logits(logits: Tensor, x: Tensor) -> Tensor:
    return softplus(logits) - x * logits


def log_mean_squared_error(over_batch: bool) -> Callable:
    """D/2 · log of the mean squared error a pixel: −log p at the best σ_x², up to constants (Rybkin et al. 2021)."""

    def value(x_hat: Tensor, x: Tensor) -> Tensor:
        error = squared_error(x_hat, x).flatten(1)
        mean = error.mean().expand(len(error)) if over_batch else error.mean(1)
        return (error.shape[1] / 2 * mean.log())[:, None]

    return value


def continuous(**given: Tensor) -> ContinuousBernoulli:
    return ContinuousBernoulli(**given, validate_args=False)


def of_a_class(x_is: str, last: bool, normalised: bool, ignored: int = -100) -> Callable:
    """−log P of the class in x; the classes are the last axis of x_hat, or its second."""

    def value(x_hat: Tensor, x: Tensor) -> Tensor:
        x_hat = x_hat.movedim(-1, 1) if last else x_hat
        x = (x * (x_hat.shape[1] - 1)).round() if x_is == "unit" else x
        return nll_loss(x_hat if normalised else x_hat.log_softmax(1), x.long(), reduction="none", ignore_index=ignored)

    return value


TWICE = (
    "The sigmoid is applied twice: every probability then lies between 0.5 and 0.73, no pixel can be black or white."
)
SWAPPED = (
    "x and x_hat are swapped in the cross-entropy: torch's takes x_hat first. If it is your loss that takes x first,"
    " pass `lambda x_hat, x, mu, log_var: my_loss(x, x_hat, mu, log_var)`."
)
HALF = "The cross-entropy has only its half x log p; without (1 − x) log(1 − p) it is smallest at p = 1 everywhere."
PROBABILITIES, LOGITS = "x_hat as probabilities", "x_hat as logits"
GAUSSIAN, BERNOULLI, OPTIMAL = "gaussian", "bernoulli", "gaussian, optimal σ_x"
PIXELS = (
    Pixels(GAUSSIAN, squared_error, "x_hat as the mean", ("real",)),
    Pixels(GAUSSIAN, lambda x_hat, x: squared_error(x_hat.sigmoid(), x), "sigmoid(x_hat) as the mean", ("logits",)),
    Pixels(GAUSSIAN, lambda x_hat, x: squared_error(x_hat.tanh(), x), "tanh(x_hat) as the mean", ("logits",)),
    Pixels(BERNOULLI, cross_entropy, PROBABILITIES, ("edges",)),
    Pixels(BERNOULLI, cross_entropy_of_logits, LOGITS, ("logits",)),
    Pixels(
        BERNOULLI,
        lambda x_hat, x: cross_entropy((x_hat + 1) / 2, (x + 1) / 2),
        "(x_hat + 1)/2 as probabilities, x from −1 to 1",
        shifted=True,
    ),
    Pixels(BERNOULLI, lambda p, x: cross_entropy(p, (x + 1) / 2), PROBABILITIES + ", x from −1 to 1", shifted=True),
    Pixels(
        BERNOULLI,
        lambda logits, x: cross_entropy_of_logits(logits, (x + 1) / 2),
        LOGITS + ", x from −1 to 1",
        shifted=True,
    ),
    Pixels(
        BERNOULLI, lambda x_hat, x: cross_entropy_of_logits(x_hat.sigmoid(), x), "sigmoid(x_hat) as logits", (), TWICE
    ),
    Pixels(BERNOULLI, lambda x_hat, x: -x * x_hat.log(), PROBABILITIES, (), HALF),
    Pixels(BERNOULLI, lambda x_hat, x: cross_entropy(x, x_hat), "x as probabilities", (), SWAPPED),
    Pixels(BERNOULLI, lambda x_hat, x: cross_entropy_of_logits(x, x_hat), "x as logits", (), SWAPPED),
    Pixels("laplace", lambda x_hat, x: (x_hat - x).abs(), "x_hat as the median", ("real",)),
    Pixels(OPTIMAL, log_mean_squared_error(True), "x_hat as the mean", ("real",)),
    Pixels(OPTIMAL, log_mean_squared_error(False), "x_hat as the mean; σ_x of each image", ("real",)),
    Pixels("continuous bernoulli", lambda p, x: -continuous(probs=p).log_prob(x), PROBABILITIES, ("edges",)),
    Pixels("continuous bernoulli", lambda f, x: -continuous(logits=f).log_prob(x), LOGITS, ("logits",)),
    Pixels(
        "categorical", lambda x_hat, x: -x * x_hat.log_softmax(-1), "x_hat as scores, x one-hot along the last axis"
    ),
    Pixels(
        "categorical", lambda x_hat, x: -x * x_hat.log_softmax(1), "x_hat as scores, x one-hot along the first axis"
    ),
)


def of_classes(x_is: str, last: bool) -> list[Pixels]:
    """x `[batch, …]` of classes; class 0 may be padding, which is not counted."""
    kinds = [(False, "x_hat as scores of the classes"), (True, "x_hat as log probabilities of the classes")]
    counts = [(-100, ""), (0, "; class 0 is not counted")]
    return [
        Pixels("categorical", of_a_class(x_is, last, normalised, ignored), reads + more)
        for normalised, reads in kinds
        for ignored, more in counts
    ]


def huber(at: Callable[[float, float], float]) -> list[Pixels]:
    """Its δ is the slope far out, divided by the curvature at 0; `at` gives the loss at constant x_hat and x."""
    curvature = 2 * (at(0.51, 0.5) - at(0.5, 0.5)) / 0.01**2
    delta = (at(40.5, 0.5) - at(30.5, 0.5)) / 10 / curvature if curvature else 0.0
    if not 1e-3 < delta < 20:
        return []
    delta = float(f"{delta:.3g}")
    value = lambda x_hat, x: huber_loss(x_hat, x, reduction="none", delta=delta)  # noqa: E731
    return [Pixels("huber", value, "x_hat as the centre", ("real",), parameter=delta)]


def counted(at: Callable[[float, float], float]) -> list[Pixels]:
    """x of 0 to n. In −x·logit + n·softplus(logit) n is the weight of softplus, divided by that of x·logit."""
    low, high = 0.3, 0.7
    found = []
    for name, logit in ((LOGITS, lambda v: v), (PROBABILITIES, lambda p: math.log(p / (1 - p)))):
        one, other = logit(low), logit(high)
        of_x = -((at(high, 1) - at(high, 0)) - (at(low, 1) - at(low, 0))) / (other - one)
        of_softplus = (at(high, 0) - at(low, 0)) / (math.log1p(math.exp(other)) - math.log1p(math.exp(one)))
        n = float(f"{of_softplus / of_x:.4g}") if of_x else 1.0
        if n > 1.5 and math.isclose(n, round(n), rel_tol=1e-3):
            found += [_binomial(round(n), name, coefficient) for coefficient in (True, False)]
    return found


def _binomial(n: float, reads: str, coefficient: bool) -> Pixels:
    def value(x_hat: Tensor, x: Tensor) -> Tensor:
        logits = x_hat if reads == LOGITS else x_hat.logit()
        ways = torch.lgamma(x.new_tensor(n + 1)) - torch.lgamma(x + 1) - torch.lgamma(n + 1 - x)
        return n * softplus(logits) - x * logits - (ways if coefficient else 0)

    return Pixels("binomial", value, reads, ("counts",), parameter=n, coefficient=coefficient)


PARAMETRIC = (huber, counted)
PLAIN = PIXELS[:5]  # squared errors and cross-entropies, pixel by pixel

# Latents

FOURTH = (
    Fourth("log σ²", torch.exp, lambda s: s),
    Fourth("log σ", lambda s: (2 * s).exp(), lambda s: 2 * s),
    Fourth("σ²", lambda s: s, torch.log),
    Fourth("σ", torch.square, lambda s: 2 * s.log()),
    Fourth("softplus⁻¹(σ)", lambda s: softplus(s) ** 2, lambda s: 2 * softplus(s).log()),
    Fourth("softplus⁻¹(σ²)", softplus, lambda s: softplus(s).log()),
    Fourth("−log σ²", lambda s: (-s).exp(), lambda s: -s),
    Fourth("σ for σ²", lambda s: (s / 2).exp(), lambda s: s),
    Fourth("σ in the place of σ²", lambda s: (s / 2).exp(), lambda s: s / 2),
)
LOG_VAR, HALF_SIGMA, SIGMA_FOR_VAR = FOURTH[0], *FOURTH[-2:]

# What is made of the KL `[batch, latents]` with a floor, or a capacity, of so many nats an image: `[batch]`.
FLOORS: dict[str, Callable[[Tensor, float], Tensor]] = {
    "free bits per latent": lambda kl, floor: kl.clamp(min=floor / kl.shape[1]).sum(1),
    "free bits per latent, mean over the batch": lambda kl, floor: (
        kl.mean(0).clamp(min=floor / kl.shape[1]).sum().expand(len(kl))
    ),
    "free bits per image": lambda kl, floor: kl.sum(1).clamp(min=floor),
    "free bits in total": lambda kl, floor: kl.sum(1).mean().clamp(min=floor).expand(len(kl)),
    "capacity": lambda kl, capacity: (kl.sum(1).mean() - capacity).abs().expand(len(kl)),
    "capacity per image": lambda kl, capacity: (kl.sum(1) - capacity).abs(),
}

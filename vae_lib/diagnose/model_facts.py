"""Chapter 6: what is measured of a trained VAE, before any word is said of it: numbers under names, with their errors.

All in nats an image. An `Estimate` has the standard error of its mean; what is a bound is called one. Nothing here
judges: `model_findings` does.
"""

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from textwrap import shorten
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.distributions import Distribution, kl_divergence
from torch.nn.modules.batchnorm import _BatchNorm

from vae_lib.diagnose.cost import at_most, images_for, numbers_of, of_decoder, points_for
from vae_lib.diagnose.no_latents import coins, innermost, learns, middle, without_latents
from vae_lib.distributions import diagonal_gaussian, log_mean_exp
from vae_lib.evaluation import pareto_k, pointwise_information
from vae_lib.exact import log_likelihood
from vae_lib.networks import describe
from vae_lib.objectives import log_weights

FEWEST = 10  # images: the spread of fewer says little of the error of their mean
IMAGES = 500  # of each set, at most
SHUFFLES = 5  # of the pixels, to see what λ₁ is by chance
FITTED = 10_000  # training images to which the model without latents is fitted, at most
AT_ONCE = 2e7  # numbers in memory
DRAWS = 10  # of z an image, for the ELBO and the information
K = 100  # importance weights an image; four times as many tell whether they were enough
UNUSED = 0.01  # nats of mean KL, and variance of the mean, below which a latent is unused
RELIABLE = min(0.7, 1 - 1 / math.log10(4 * K))  # Pareto k̂ up to which so many weights are (Vehtari et al. 2024)
POINTS = {1: (2_000, 500), 2: (25_000, 16_000)}  # that the integrals of some images decode: for all, and for each
EXACT, FEWEST_EXACT = 30, 5  # test images whose log p(x) is integrated, at most and at least
TOL = 1e-2  # nats, of quadrature


UNKNOWN = (NotImplementedError, RuntimeError, AttributeError)  # what a likelihood without mean or variance raises


class Estimate(NamedTuple):
    """A mean and its standard error."""

    value: float
    error: float


@dataclass
class Scores:
    """One set of images: means over them, nats an image, as losses (lower is better) where the name says so."""

    num_images: int
    loss: Estimate  # −ELBO
    reconstruction: Estimate  # E_q[log p(x|z)], higher is better
    kl: Estimate
    no_latents: Estimate | None  # −log p of the same likelihood without latents, fitted to the training images
    gap: Estimate | None = None  # L_4K − ELBO of the first `num_weighed` images: the inference gap is at least this
    minus_bound: Estimate | None = None  # −L_4K, an upper bound of −log p: `loss` − `gap`
    num_weighed: int = 0


@dataclass
class Facts:
    """What `measure` found. None: not measured, and `left_out` says why."""

    likelihood: str
    is_discrete: bool
    data_shape: tuple[int, ...]
    latent_dim: int
    beta: float
    seed: int
    num_draws: int = DRAWS
    num_weights: int = 4 * K
    left_out: list[str] = field(default_factory=list)
    # what can only be a bug
    off_support: float = 0.0  # share of the images' values to which p(x|z) gives no probability
    not_finite: str = ""  # where NaN or infinity was met first
    change: str = ""  # what changed between two calls without noise
    lowest_kl: float | None = None
    highest_log_p: float | None = None  # log p(x|z) of one image
    above_evidence: Estimate | None = None  # ELBO − log p(x), with the error of the draws
    information: Estimate | None = None  # I(x; z) of the test images, with the error of the draws
    # the ladder, on the test images
    coins: float | None = None
    exact_gap: Estimate | None = None  # log p(x) − ELBO of the first `num_exact` test images, log p(x) by quadrature
    minus_log_p: Estimate | None = None  # `test.loss` − `exact_gap`
    num_exact: int = 0
    # the two sets
    test: Scores | None = None
    train: Scores | None = None
    apart: Estimate | None = None  # −ELBO, test − train
    apart_encoder: Estimate | None = None  # of it, the gap's part
    apart_decoder: Estimate | None = None  # and that of −L_4K
    worse_than_no_latents: Estimate | None = None  # paired over the test images; above 0 is worse
    # the latents
    kl_per_latent: list[float] = field(default_factory=list)
    variance_of_mean: list[float] = field(default_factory=list)
    prior_mismatch: float | None = None  # KL(q(z) ‖ p(z)) of the training images is at least this
    told: Estimate | None = None  # what z tells the decoder: log p(x|z), its own z against another image's
    would_pay: float | None = None  # λ₁ of standardised pixels, by its value by chance and β; above 1 a latent pays
    # the weights and the likelihood
    movement: Estimate | None = None  # L_4K − L_K
    pareto_k: float | None = None  # the median image's
    residuals: float | None = None  # R of (6.9) on training images, z from the posterior or from q
    from_posterior: bool = False
    noise_std: float | None = None  # σ_x, where p(x|z) has one
    noise_is_fixed: bool = False
    batch_norm: Estimate | None = None  # −ELBO less with the batch's own statistics
    seconds: float = 0.0
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def unused(self) -> list[int]:
        pairs = zip(self.kl_per_latent, self.variance_of_mean, strict=True)
        return [i for i, (kl, variance) in enumerate(pairs) if kl < UNUSED and variance < UNUSED]

    @property
    def scale(self) -> float:
        """What is much and what is little, in nats: how far the model is from that without latents, or, where that is
        not known, what z tells the decoder."""
        known = self.train.no_latents is not None
        return abs(self.train.no_latents.value - self.train.loss.value if known else self.told.value)

    @property
    def settled(self) -> bool:
        """Whether L_4K may stand for log p(x): its weights are reliable, and it moves little against the gap."""
        return self.pareto_k <= RELIABLE and self.movement.value <= 0.1 * self.test.gap.value


def measure(model, x_train: Tensor, x_test: Tensor, *, beta: float, seed: int) -> Facts:
    """All facts of a model in eval mode, whose random numbers are the caller's to keep. Raises nothing of its own."""
    facts = _described(model, x_train, beta, seed)
    whole = {"x_train": x_train, "x_test": x_test}
    few = {name: _some(x, seed) for name, x in whole.items()}
    facts.not_finite = next((f"{name} itself" for name, x in whole.items() if not x.isfinite().all()), "")
    for find in (_support, _finite, _changes):
        if not facts.not_finite:
            find(facts, model, few)
        if facts.off_support or facts.not_finite or facts.change:
            facts.left_out.append("all else, which would mean little before this is mended")
            return facts
    baseline = without_latents(model, _some(x_train, seed, FITTED))
    facts.train, train = _scores(model, few["x_train"], baseline)
    facts.test, test = _scores(model, few["x_test"], baseline)
    _ladder(facts, model, few["x_test"], test)
    _bugs(facts, model, few["x_test"], [*train, *test])
    facts.apart = _difference(facts.test.loss, facts.train.loss)
    _latents(facts, model, *few.values())
    _pays(facts, model, few["x_train"])
    _weights(facts, model, few)
    _exact(facts, model, few["x_test"])
    _batch_norm(facts, model, few["x_test"], test)
    return facts


def mean(values: Tensor) -> Estimate:
    """Over images."""
    values = values.double()
    return Estimate(values.mean().item(), (values.std() / math.sqrt(len(values))).item() if len(values) > 1 else 0.0)


def mean_of_draws(values: Tensor) -> Estimate:
    """Of `[samples, batch]`: the images are these, and only the draws are chance."""
    values = values.double()
    errors = values.var(0) / len(values)
    return Estimate(values.mean().item(), (errors.sum().sqrt() / values.shape[1]).item())


def _described(model, x: Tensor, beta: float, seed: int) -> Facts:
    _fits(model, x[:FEWEST])
    px_z = middle(model)
    base = innermost(px_z)
    scale = getattr(base, "scale", None)
    facts = Facts(type(base).__name__, _discrete(px_z), tuple(x.shape[1:]), len(model.prior.mean), beta, seed)
    if isinstance(scale, Tensor):
        facts.noise_std = scale.detach().double().square().mean().sqrt().item()
        facts.noise_is_fixed = not learns(base)
    return facts


def _fits(model, x: Tensor) -> None:
    """Raises ValueError, with the model's own words, for images that it does not take."""
    try:
        kl_divergence(model.encoder(x), model.prior)
    except ValueError:
        raise
    except Exception as error:  # a reader's encoder may raise anything
        expected = "expected images as the model takes them, and a KL that torch knows"
        raise ValueError(f"{expected}, got {describe(x)}: {type(error).__name__}: {error}") from error


def _discrete(px_z: Distribution) -> bool:
    try:
        return bool(px_z.support.is_discrete)
    except (NotImplementedError, AttributeError):
        return False


def _some(x: Tensor, seed: int, num: int = IMAGES) -> Tensor:
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))
    return x[order[:num].to(x.device)]


# What can only be a bug


def _support(facts: Facts, model, few: dict[str, Tensor]) -> None:
    px_z = innermost(middle(model))
    try:
        fits = [px_z.support.check(x.to(model.prior.mean).reshape(-1, 1, *_one(px_z))) for x in few.values()]
    except (NotImplementedError, AttributeError, RuntimeError):
        facts.left_out.append(f"whether the images lie on the support: {facts.likelihood} does not say")
        return
    facts.off_support = 1 - torch.cat([each.flatten().double() for each in fits]).mean().item()


def _one(px_z: Distribution) -> tuple[int, ...]:
    return tuple(px_z.batch_shape + px_z.event_shape)[1:]


def _finite(facts: Facts, model, few: dict[str, Tensor]) -> None:
    for name, x in few.items():
        qz_x = model.encoder(x)
        seen = {name: x, f"μ of {name}": qz_x.mean, f"σ of {name}, or its logarithm": qz_x.stddev.log()}
        seen |= {f"KL of {name}": kl_divergence(qz_x, model.prior)}
        seen |= {f"log p(x|z) of {name}": model.decoder(qz_x.mean).log_prob(x)}
        wrong = [what for what, values in seen.items() if not values.isfinite().all()]
        if wrong:
            facts.not_finite = wrong[0]
            return


def _changes(facts: Facts, model, few: dict[str, Tensor]) -> None:
    x = few["x_test"]
    half = max(1, len(x) // 2)
    z = model.encoder(x).mean
    encoder, decoder = _code(model, x), _scored(model, z, x)
    again = {"encoder": (encoder, _code(model, x)), "decoder": (decoder, _scored(model, z, x))}
    smaller = {
        "encoder": (encoder[:half], _code(model, x[:half])),
        "decoder": (decoder[:half], _scored(model, z[:half], x[:half])),
    }
    for pairs, what in ((again, "gives other outputs for the same input when it is called again"), (smaller, SMALLER)):
        for name, (one, other) in pairs.items():
            if not facts.change and _differ(one, other):
                facts.change = f"the {name} {what}"


SMALLER = "gives outputs that depend on which other rows are beside it"


def _code(model, x: Tensor) -> Tensor:
    qz_x = model.encoder(x)
    return torch.cat([qz_x.mean, qz_x.stddev], -1)


def _scored(model, z: Tensor, x: Tensor) -> Tensor:
    return model.decoder(z).log_prob(x)


def _differ(one: Tensor, other: Tensor) -> bool:
    """By more than rounding: float32 keeps seven digits, of which sums over pixels cost two or three."""
    return ((one - other).abs() > 1e-3 * (1 + one.abs())).any().item()


def _bugs(facts: Facts, model, x: Tensor, rows: list[Tensor]) -> None:
    kl = kl_divergence(model.encoder(x).base_dist, model.prior.base_dist)
    facts.lowest_kl = kl.min().item()
    facts.highest_log_p = max(rows[0].max().item(), rows[3].max().item())
    facts.information = mean_of_draws(pointwise_information(model, x, num_samples=DRAWS))


# The two sets


def _scores(model, x: Tensor, baseline: Callable | None) -> tuple[Scores, list[Tensor]]:
    """The means, and the images' own numbers: reconstruction, loss, and loss without latents."""
    reconstruction, loss, kl = _terms(model, x)
    no_latents = None if baseline is None else -baseline(x).double()
    of_no_latents = None if no_latents is None else mean(no_latents)
    return Scores(len(x), mean(loss), mean(reconstruction), mean(kl), of_no_latents), [reconstruction, loss, no_latents]


def _terms(model, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    def terms(x: Tensor) -> Tensor:
        qz_x = model.encoder(x)
        log_p = torch.stack([model.decoder(z).log_prob(x) for z in qz_x.sample((DRAWS,))]).double().mean(0)
        return torch.stack([log_p, kl_divergence(qz_x, model.prior).double()])

    log_p, kl = _in_parts(terms, x, 1, numbers_of(model))
    return log_p, kl - log_p, kl


def _ladder(facts: Facts, model, x: Tensor, test: list[Tensor]) -> None:
    of_coins = coins(model, x)
    facts.coins = None if of_coins is None else -of_coins.double().mean().item()
    if test[2] is None:
        facts.left_out.append(f"the model without latents: no closed form for {facts.likelihood}")
    else:
        facts.worse_than_no_latents = mean(test[1] - test[2])


def _difference(one: Estimate, other: Estimate) -> Estimate:
    return Estimate(one.value - other.value, math.hypot(one.error, other.error))


# The latents


def _latents(facts: Facts, model, x_train: Tensor, x: Tensor) -> None:
    qz_x = model.encoder(x)
    kl = kl_divergence(qz_x.base_dist, model.prior.base_dist)
    facts.kl_per_latent = kl.double().mean(0).tolist()
    facts.variance_of_mean = qz_x.mean.double().var(0, correction=0).tolist()
    # KL(q(z) ‖ p) = KL(q(z) ‖ g) + KL(g ‖ p) for the Gaussian g with q(z)'s mean and variances, as log g/p is quadratic
    # in z: so it is at least the second.
    # Moments of n images err by chance, which adds about 1/n for each latent. Of the training images: q(z) is theirs.
    of_train = model.encoder(x_train)
    mu = of_train.mean.double()
    v = mu.var(0, correction=0) + of_train.variance.double().mean(0)
    mismatch = kl_divergence(diagonal_gaussian(mu.mean(0), v.sqrt()), model.prior).item()
    facts.prior_mismatch = max(0.0, mismatch - facts.latent_dim / len(mu))
    z, others = qz_x.sample(), qz_x.sample().roll(1, 0)
    facts.told = mean(_scored(model, z, x) - _scored(model, others, x))


def _pays(facts: Facts, model, x: Tensor) -> None:
    """λ₁ > βσ_x² (chapter 5) for any likelihood: pixels in units of what p(x|z) at z = 0 calls their scatter."""
    px_z = middle(model)
    try:
        scaled = ((x - px_z.mean[:1]) / px_z.variance[:1].sqrt()).reshape(len(x), -1).double()
    except UNKNOWN:
        scaled = torch.full((1, 1), math.nan)
    if not scaled.isfinite().all():
        facts.left_out.append(f"whether a latent would pay: {facts.likelihood} has no variance of a pixel")
        return
    # Independent pixels have a λ₁ above 1 too, by chance: that of images whose every pixel comes from another image
    # (Horn's parallel analysis).
    shuffled = [torch.stack([column[torch.randperm(len(x))] for column in scaled.T], 1) for _ in range(SHUFFLES)]
    by_chance = max(1.0, *map(_top_eigenvalue, shuffled))
    facts.would_pay = _top_eigenvalue(scaled) / by_chance / facts.beta if facts.beta else math.inf


def _top_eigenvalue(rows: Tensor) -> float:
    """λ₁ of the covariance of `[images, pixels]`."""
    rows = rows - rows.mean(0)
    small = rows @ rows.T if len(rows) < rows.shape[1] else rows.T @ rows
    return torch.linalg.eigvalsh(small)[-1].item() / len(rows)


# The weights


def _weights(facts: Facts, model, few: dict[str, Tensor]) -> None:
    num = min(images_for(of_decoder(model) * 4 * K), *map(len, few.values()))
    if num < FEWEST:
        facts.left_out.append(f"importance weights: {FEWEST} images' would take more than their share of the time")
        return
    if num < min(map(len, few.values())):
        facts.left_out.append(f"importance weights: {num} images of each set were weighed, no more")
    for name, scores in (("x_test", facts.test), ("x_train", facts.train)):
        log_w = _in_parts(lambda x: log_weights(model, x, 4 * K).double(), few[name][:num], 4 * K, numbers_of(model))
        bound = log_mean_exp(log_w, dim=0)
        scores.gap, scores.num_weighed = mean(bound - log_w.mean(0)), num
        scores.minus_bound = _difference(scores.loss, scores.gap)
        if name == "x_test":
            facts.movement = mean(bound - log_mean_exp(log_w.view(4, K, num), dim=1).mean(0))
            facts.pareto_k = pareto_k(log_w).median().item()
    facts.apart_encoder = _difference(facts.test.gap, facts.train.gap)
    facts.apart_decoder = _difference(facts.test.minus_bound, facts.train.minus_bound)
    _residuals(facts, model, few["x_train"][:num])


def _in_parts(function: Callable, x: Tensor, num_samples: int, numbers: int) -> Tensor:
    """`function` of a few images at a time, `[…, batch]`, so that memory is bounded."""
    rows = max(1, int(AT_ONCE / (num_samples * max(x[0].numel(), numbers))))
    return torch.cat([function(part) for part in x.split(rows)], -1)


def _residuals(facts: Facts, model, x: Tensor) -> None:
    """R of (6.9), with z drawn from q and taken with its weight: from the posterior, where the weights are good."""
    try:
        log_w, squares, variances = _in_parts(lambda x: _residuals_of(model, x), x, K, numbers_of(model))
    except UNKNOWN:
        squares = torch.tensor(math.nan)
    if not squares.isfinite().all():
        facts.left_out.append(f"residuals: {facts.likelihood} has no variance of a pixel")
        return
    facts.from_posterior = pareto_k(log_w).median().item() < RELIABLE
    share = (log_w if facts.from_posterior else torch.zeros_like(log_w)).softmax(0)
    facts.residuals = ((share * squares).sum() / (share * variances).sum()).item()


def _residuals_of(model, x: Tensor) -> Tensor:
    """log w, squared errors and stated variances, summed over an image: `[3, K, batch]`."""
    qz_x = model.encoder(x)
    z = qz_x.sample((K,))
    px_z = model.decoder(z)
    log_w = px_z.log_prob(x) + model.prior.log_prob(z) - qz_x.log_prob(z)
    each = [(x - px_z.mean).square(), px_z.variance.expand_as(px_z.mean)]
    return torch.stack([log_w.double(), *(values.flatten(2).double().sum(-1) for values in each)])


def _exact(facts: Facts, model, x: Tensor) -> None:
    """log p(x) by quadrature, of as many test images as the budget is sure to allow."""
    if facts.latent_dim > 2:
        facts.left_out.append("exact log p(x): more than two latents")
        return
    points, (first, each) = points_for(of_decoder(model)), POINTS[facts.latent_dim]
    x = x[: max(0, min(EXACT, (points - first) // each))].cpu().double()
    if len(x) < FEWEST_EXACT:
        facts.left_out.append("exact log p(x): a few images' would take more than their share of the time")
        return
    try:
        exact = copy.deepcopy(model).cpu().double()  # bound and evidence of one and the same model, to the last digit
        with at_most(exact.decoder, 2 * points):
            log_p = log_likelihood(exact, x, tol=TOL)
        _bound_and_evidence(facts, exact, x, log_p)
    except Exception as error:  # it cannot be copied, its weights stay in float32, the integral does not settle
        facts.left_out.append(shorten(f"exact log p(x): {type(error).__name__}: {error}", 160))


def _bound_and_evidence(facts: Facts, model, x: Tensor, log_p: Tensor) -> None:
    log_w, qz_x = log_weights(model, x, K), model.encoder(x)
    bound = log_mean_exp(log_w, dim=0)
    if (bound - log_p).mean() > 5 * (bound - log_p).std() / math.sqrt(len(x)) + 2 * TOL:
        facts.left_out.append("exact log p(x): the weights show mass that the integral missed")  # its blind spot
        return
    # The mean of log w is the ELBO, and hardly scatters where q is good. With the analytic KL wrong draws show, too.
    elbos = model.decoder(qz_x.sample((K,))).log_prob(x) - kl_divergence(qz_x, model.prior)
    facts.above_evidence, facts.num_exact = mean_of_draws(elbos - log_p), len(x)
    facts.exact_gap = mean(log_p - log_w.mean(0))
    facts.minus_log_p = _difference(facts.test.loss, facts.exact_gap)
    if len(x) < facts.test.num_images:
        facts.left_out.append(f"exact log p(x): of {len(x)} test images, no more")


# Batch norm


def _batch_norm(facts: Facts, model, x: Tensor, test: list[Tensor]) -> None:
    norms = [part for part in model.modules() if isinstance(part, _BatchNorm) and part.track_running_stats]
    if norms:
        with _own_statistics(norms):
            facts.batch_norm = mean(test[1] - _terms(model, x)[1])


class _own_statistics:  # noqa: N801
    """The batch's own mean and variance in place of the kept averages, which stay as they are."""

    def __init__(self, norms: list[nn.Module]):
        self.norms = norms

    def __enter__(self) -> None:
        self.kept = [{name: b.clone() for name, b in part.named_buffers(recurse=False)} for part in self.norms]
        for part in self.norms:
            part.train()

    def __exit__(self, *_) -> None:
        for part, buffers in zip(self.norms, self.kept, strict=True):
            part.eval()
            for name, values in buffers.items():
                getattr(part, name).copy_(values)

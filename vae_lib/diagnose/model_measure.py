"""Chapter 6: a trained VAE is measured: what can only be a bug, the two sets of images, the latents, batch norm."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.distributions import Distribution, kl_divergence
from torch.nn.modules.batchnorm import _BatchNorm

from vae_lib.chains import MarkovChain
from vae_lib.diagnose.cost import numbers_of
from vae_lib.diagnose.model_codes import countable, sum_over_codes
from vae_lib.diagnose.model_facts import DRAWS, FEWEST, Facts, Scores, difference, mean, mean_of_draws
from vae_lib.diagnose.model_weights import UNKNOWN, in_parts, integrate_exactly, weigh
from vae_lib.diagnose.no_latents import coins, innermost, learns, middle, without_latents
from vae_lib.distributions import diagonal_gaussian, log_mean_exp
from vae_lib.evaluation import kl_of_latents, kl_per_dimension, pointwise_information
from vae_lib.exact.enumeration import enumerate_states
from vae_lib.networks import describe

IMAGES = 500  # of each set, at most
SHUFFLES = 5  # of the pixels, to see what λ₁ is by chance
FITTED = 10_000  # training images to which the model without latents is fitted, at most


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
    facts.apart = difference(facts.test.loss, facts.train.loss)
    _latents(facts, model, *few.values())
    _pays(facts, model, few["x_train"])
    if countable(model):
        sum_over_codes(facts, model, few)
    else:
        weigh(facts, model, few)
        integrate_exactly(facts, model, few["x_test"])
    _batch_norm(facts, model, few["x_test"], test)
    return facts


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
    except UNKNOWN:
        facts.left_out.append(f"whether the images lie on the support: {facts.likelihood} does not say")
        return
    facts.off_support = 1 - torch.cat([each.flatten().double() for each in fits]).mean().item()


def _one(px_z: Distribution) -> tuple[int, ...]:
    return tuple(px_z.batch_shape + px_z.event_shape)[1:]


def _finite(facts: Facts, model, few: dict[str, Tensor]) -> None:
    for name, x in few.items():
        qz_x = model.encoder(x)
        seen = {name: x, f"μ of {name}": qz_x.mean}
        if not _discrete(qz_x):  # a coin that is sure has σ = 0, and is sound
            seen |= {f"σ of {name}, or its logarithm": qz_x.stddev.log()}
        seen |= {f"KL of {name}": kl_divergence(qz_x, model.prior)}
        seen |= {f"log p(x|z) of {name}": model.decoder(qz_x.mean).log_prob(x)}
        wrong = [what for what, values in seen.items() if not values.isfinite().all()]
        if wrong:
            facts.not_finite = wrong[0]
            return


AGAIN = "gives other outputs for the same input when it is called again"
BESIDE = "gives outputs that depend on which other rows are beside it"


def _changes(facts: Facts, model, few: dict[str, Tensor]) -> None:
    x = few["x_test"]
    z, half = model.encoder(x).mean, len(x) // 2
    outputs = {"encoder": lambda num: _code(model, x[:num]), "decoder": lambda num: _scored(model, z[:num], x[:num])}
    first = {name: of_rows(len(x)) for name, of_rows in outputs.items()}
    for num, what in ((len(x), AGAIN), (half, BESIDE)):
        for name, of_rows in outputs.items():
            if not facts.change and _differ(first[name][:num], of_rows(num)):
                facts.change = f"the {name} {what}"


def _code(model, x: Tensor) -> Tensor:
    qz_x = model.encoder(x)
    return torch.cat([qz_x.mean, qz_x.stddev], -1)


def _scored(model, z: Tensor, x: Tensor) -> Tensor:
    return model.decoder(z).log_prob(x)


def _differ(one: Tensor, other: Tensor) -> bool:
    """By more than rounding: float32 keeps seven digits, of which sums over pixels cost two or three."""
    return ((one - other).abs() > 1e-3 * (1 + one.abs())).any().item()


def _bugs(facts: Facts, model, x: Tensor, rows: list[Tensor]) -> None:
    if not isinstance(model.prior, MarkovChain):  # whose KL is an estimate, and may lie below 0
        facts.lowest_kl = kl_of_latents(model.encoder(x), model.prior).min().item()
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

    log_p, kl = in_parts(terms, x, 1, numbers_of(model))
    return log_p, kl - log_p, kl


def _ladder(facts: Facts, model, x: Tensor, test: list[Tensor]) -> None:
    of_coins = coins(model, x)
    facts.coins = None if of_coins is None else -of_coins.double().mean().item()
    if test[2] is None:
        facts.left_out.append(f"the model without latents: no closed form for {facts.likelihood}")
    else:
        facts.worse_than_no_latents = mean(test[1] - test[2])


# The latents


def _latents(facts: Facts, model, x_train: Tensor, x: Tensor) -> None:
    qz_x = model.encoder(x)
    facts.kl_per_latent = kl_per_dimension(model, x).tolist()
    variances = qz_x.mean.double().var(0, correction=0)
    facts.latent_dim = len(facts.kl_per_latent)  # the faces of a die are one latent
    facts.variance_of_mean = variances.reshape(facts.latent_dim, -1).sum(1).tolist()
    if hasattr(model.prior, "base_dist"):  # a product over the latents
        mismatch = _mismatch_of_codes if _discrete(qz_x) else _mismatch
        facts.prior_mismatch = mismatch(model, x_train)
    else:
        facts.kl_per_latent = [facts.test.kl.value]  # of one latent it is the KL, which may be estimated by draws
        facts.left_out.append("whether z is distributed as the prior: it is a chain, and counts as one latent")
    z, others = qz_x.sample(), qz_x.sample().roll(1, 0)
    facts.told = mean(_scored(model, z, x) - _scored(model, others, x))


def _mismatch(model, x: Tensor) -> float:
    """What KL(q(z) ‖ p(z)) is at least, q(z) that of the rows of x.

    It is KL(q(z) ‖ g) + KL(g ‖ p) for the Gaussian g with q(z)'s mean and variances, as log g/p is quadratic in z: so
    at least the second. Moments of n images err by chance, which adds about 1/n for each latent.
    """
    qz_x = model.encoder(x)
    mu = qz_x.mean.double()
    v = mu.var(0, correction=0) + qz_x.variance.double().mean(0)
    mismatch = kl_divergence(diagonal_gaussian(mu.mean(0), v.sqrt()), model.prior).item()
    return max(0.0, mismatch - mu.shape[1] / len(mu))


def _mismatch_of_codes(model, x: Tensor) -> float | None:
    """KL(q(z) ‖ p(z)) by a sum over all codes, less what n rows add by chance; None if they are too many."""
    if not countable(model):
        return None
    states = enumerate_states(model, x)
    log_q = log_mean_exp(states.log_q.double(), dim=1)
    mismatch = (log_q.exp() * (log_q - model.prior.log_prob(states.z))).sum().item()
    return max(0.0, mismatch - (len(log_q) - 1) / (2 * len(x)))


def _pays(facts: Facts, model, x: Tensor) -> None:
    """λ₁ > βσ_x² (chapter 7) for any likelihood: pixels in units of what p(x|z) at z = 0 calls their scatter."""
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


# Batch norm


def _batch_norm(facts: Facts, model, x: Tensor, test: list[Tensor]) -> None:
    norms = [part for part in model.modules() if isinstance(part, _BatchNorm) and part.track_running_stats]
    if norms:
        with _own_statistics(norms):
            facts.batch_norm = mean(test[1] - _terms(model, x)[1])


@contextmanager
def _own_statistics(norms: list[nn.Module]) -> Iterator[None]:
    """The batch's own mean and variance in place of the kept averages, which stay as they are."""
    kept = [{name: buffer.clone() for name, buffer in part.named_buffers(recurse=False)} for part in norms]
    for part in norms:
        part.train()
    try:
        yield
    finally:
        for part, buffers in zip(norms, kept, strict=True):
            part.eval()
            for name, values in buffers.items():
                getattr(part, name).copy_(values)

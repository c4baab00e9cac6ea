"""Chapter 6: the check of the importance-weighted bound."""

import copy
import math
from collections.abc import Callable

import torch
from torch import Tensor

from vae_lib.diagnose.words import Wrong
from vae_lib.exact.linear_gaussian import LinearGaussianVAE
from vae_lib.exercises.verdict import STANDARD_ERRORS, Question, agree, check

LOG_2PI = math.log(2 * math.pi)


def exactly(*rows) -> Tensor:
    """A tensor in float64, whatever the default dtype."""
    return torch.tensor(rows, dtype=torch.float64)


def fresh(value):
    """A copy of a tensor or a model in the default dtype, which an answer may spoil."""
    return copy.deepcopy(value).to(torch.get_default_dtype())


# Exercise 6.1: the importance-weighted bound, where q is the posterior and log p(x) is known, and where q is not

ORTHOGONAL = exactly([1.2, 0, 0], [0.8, 0, 0], [0, 0.9, 0], [0, -0.7, 0], [0, 0, 0.5], [0, 0, 1.1])
IMAGES = exactly(
    [1.3, 1.6, -0.8, 1.1, 0.2, 1.2],
    [-0.9, -1.1, 1.6, 1.3, -0.9, -0.2],
    [0.8, -0.2, 1.3, -0.1, 1.7, 0.8],
    [1.7, -0.6, 0.3, 1.9, -1.0, -0.6],
)
LATENT, MANY = 3, 200  # each image so many times in one batch
ALMOST = 1e-5  # nats by which equal weights may differ, in float32
SHIFTS = exactly(0.8, -0.7, -0.2)  # in standard deviations of q; their sum is small


def model_with(shifts: Tensor, log_var: Tensor | float = 0.0) -> LinearGaussianVAE:
    """A linear VAE whose q is the posterior, but for a mean `shifts` σ away and a log σ² larger by `log_var`."""
    model = LinearGaussianVAE(ORTHOGONAL, exactly(0.2, -0.4, 0.1, 0.5, -0.3, 0.6), 0.5).requires_grad_(False)
    model.encoder.net[0].bias += shifts * torch.exp(0.5 * model.encoder.log_var)
    model.encoder.log_var += log_var
    return model


POSTERIOR = model_with(torch.zeros_like(SHIFTS))
SHIFTED = model_with(SHIFTS)
OTHER = model_with(exactly(0.8, -0.6, 0.9), exactly(0.7, 0.9, 0.6))
LOG_PX = POSTERIOR.log_likelihood(IMAGES)  # [batch]


def one_weight(model: LinearGaussianVAE, x: Tensor) -> dict[str, Tensor]:
    """The mean of one log w over its draw, `[batch]`, and what each mistake makes of it: all in closed form.

    The answers that scatter most stand first: they would agree with others too.
    """
    # E‖x − Wz − b‖² is its value at E z plus Σⱼ Var[zⱼ] ‖wⱼ‖², and E_q log q, E_q log p(z) are Gaussian integrals.
    qz_x = model.encoder(x)
    mu, var, log_var = qz_x.mean, qz_x.variance, qz_x.variance.log()
    noise, columns = 2 * model.noise_std.square(), model.weight.square().sum(0)
    at_mu, at_0 = model.decoder(mu).log_prob(x), model.decoder(torch.zeros_like(mu)).log_prob(x)
    likelihood, per_pixel = at_mu - var @ columns / noise, 1 / x.shape[1]
    prior, q = -0.5 * (mu**2 + var + LOG_2PI).sum(-1), -0.5 * (1 + log_var + LOG_2PI).sum(-1)
    prior_of_prior = -0.5 * (1 + LOG_2PI) * LATENT
    q_of_prior = -0.5 * ((mu**2 + 1) / var + log_var + LOG_2PI).sum(-1)
    from_prior = at_0 - columns.sum() / noise
    prior_at_mu, q_at_mu = -0.5 * (mu**2 + LOG_2PI).sum(-1), -0.5 * (log_var + LOG_2PI).sum(-1)
    narrow = at_mu - var**2 @ columns / noise - 0.5 * (mu**2 + var**2 - var - log_var).sum(-1)
    return {
        "": likelihood + prior - q,
        "the signs of log p(z) and log q(z|x) are swapped": likelihood - prior + q,
        "log p(z) is left out of the weight": likelihood - q,
        "log q(z|x) is left out of the weight": likelihood + prior,
        "log p(z) and log q(z|x) are both left out: the weight is p(x|z) alone": likelihood,
        "log p(x|z) is left out of the weight": prior - q,
        "log q(z|x) is added instead of subtracted": likelihood + prior + q,
        "log p(z) is subtracted instead of added": likelihood - prior - q,
        "the sign of the whole is wrong: higher is better": q - prior - likelihood,
        "z is drawn from the prior, but divided by q(z|x) as if it came from q": from_prior
        + prior_of_prior
        - q_of_prior,
        "z is drawn from the prior, and q(z|x) is not used at all": from_prior,
        "the pixels are averaged in log p(x|z)": likelihood * per_pixel + prior - q,
        "the latents are averaged in log p(z) and log q(z|x)": likelihood + (prior - q) / LATENT,
        "the weight is returned, and not its logarithm": LOG_PX.exp(),
        "z = μ + σ²ε is drawn instead of μ + σε": narrow,
        "z is μ, the mean of q, instead of a draw": at_mu + prior_at_mu - q_at_mu,
    }


def shown_model(of_q: str) -> str:
    return f"a linear VAE with {LATENT} latents whose q is {of_q}; {len(IMAGES)} examples with {IMAGES.shape[1]} pixels"


ONE_DRAW = Question(
    asked="the importance-weighted bound with num_samples = 1, one number per example; here the mean over draws",
    on=f"{shown_model('not the posterior')}, each {MANY} times",
    expected=(closed := one_weight(OTHER, IMAGES)).pop(""),
    mistakes=closed,
)
FIVE_DRAWS = Question(
    asked="the importance-weighted bound with num_samples = 5, one number per example, in nats",
    on=f"{shown_model('the posterior')}: every weight is p(x)",
    expected=LOG_PX,
    mistakes={
        "the mean is forgotten, and the logarithm of the sum is taken: − log K is missing": LOG_PX + math.log(5),
        "the logarithm is divided by the number of samples, and not the sum": (LOG_PX + math.log(5)) / 5,
        "the number of samples is subtracted instead of its logarithm": LOG_PX + math.log(5) - 5,
        "log K is added instead of subtracted": LOG_PX + 2 * math.log(5),
        "the sum is divided by the size of the batch, not by the number of samples": LOG_PX + math.log(5 / len(IMAGES)),
        "log w is added up over the samples: the weights belong inside, before the logarithm": 5 * LOG_PX,
        "the mean weight is returned, and not its logarithm": LOG_PX.exp(),
        "the maximum is subtracted and not added back": torch.zeros_like(LOG_PX),
        "the mean over the batch is returned for every example": LOG_PX.mean().expand_as(LOG_PX),
        "the mean inside the logarithm runs over the batch too": LOG_PX.exp().mean().log().expand_as(LOG_PX),
    },
)


def mean_over_noise(f: Callable, num: int = 2001) -> Tensor:
    """E[f(ε)], ε ~ N(0, 1), by the trapezoidal rule, whose error here is that of rounding."""
    eps = torch.linspace(-10, 10, num, dtype=torch.float64)
    return torch.trapezoid(torch.exp(-0.5 * eps**2) * f(eps), eps) / math.sqrt(2 * math.pi)


def two_weights(length: Tensor) -> Tensor:
    """E log ((w₁ + w₂) / 2) − E log w, if log w is normal with standard deviation `length`."""
    # (w₁ + w₂)/2 = √(w₁w₂) cosh(½ log(w₁/w₂)), and ½ log(w₁/w₂) is normal with standard deviation length/√2.
    return mean_over_noise(lambda eps: torch.log(torch.cosh(length * eps / math.sqrt(2))))


LENGTH = SHIFTS.norm()  # log w is N(log p(x) − ½ LENGTH², LENGTH²) where q is shifted only
BELOW = -0.5 * LENGTH**2  # E log w − log p(x): since E w = p(x), a normal log w has its mean half its variance below
MEAN_OF_LOGS = "the mean of the logarithms is taken, which is an ELBO, instead of the logarithm of the mean"
NO_DRAWS_USED = "one draw is used for all: num_samples is not used, or the same z is counted num_samples times"
TWO_DRAWS = Question(
    asked="the importance-weighted bound with num_samples = 2, here its mean over draws, less log p(x), in nats",
    on=f"{shown_model('the posterior, shifted')}, each {MANY} times",
    expected=BELOW + two_weights(LENGTH),
    mistakes={
        MEAN_OF_LOGS: BELOW,
        "only the largest weight is used": BELOW + LENGTH / math.sqrt(math.pi),
        "log w is averaged with the normalised weights, and the logarithm of their mean is not taken": BELOW
        + mean_over_noise(lambda eps: (half := LENGTH * eps / math.sqrt(2)) * torch.tanh(half)),
    },
)

AWAY = exactly([0.8, -1.2, 0.7, 0.9, -1.1, 0.5])
IMAGES_FAR = IMAGES[:3] + exactly([15], [25], [35]) * AWAY
LOG_PX_FAR = POSTERIOR.log_likelihood(IMAGES_FAR)
FAR = Question(
    asked="the importance-weighted bound with num_samples = 3, one number per example, in nats",
    on="the same VAE with examples so unusual that every weight is below e^−1000, which a computer rounds to 0",
    expected=LOG_PX_FAR,
    mistakes={
        "the weights are computed before the maximum is subtracted from the logarithms: e^−1000 rounds to 0, "
        "and its logarithm is −∞": torch.full_like(LOG_PX_FAR, -math.inf),
        "one maximum of the whole batch is subtracted instead of one per example": LOG_PX_FAR
        + exactly(0, -math.inf, -math.inf),
        **{
            f"1e-{n} is added to the weights, which are smaller by far: their maximum belongs out of the "
            "logarithms first": torch.full_like(LOG_PX_FAR, -n * math.log(10))
            for n in (6, 7, 8, 9, 10, 12, 20)
        },
    },
)

GRADIENT_CALLS = 60


def encoder_gradient(model: LinearGaussianVAE) -> Tensor:
    """d (mean expected ELBO) / d (bias, log_var) of the encoder, one after the other."""
    model = copy.deepcopy(model).requires_grad_(True)
    parameters = [model.encoder.net[0].bias, model.encoder.log_var]
    return torch.cat(torch.autograd.grad(model.expected_elbo(IMAGES).mean(), parameters))


UPHILL, OF_BIAS = encoder_gradient(OTHER), torch.arange(2 * LATENT) < LATENT
BOUND_GRADIENT = Question(
    asked="the gradient of the mean bound with num_samples = 1: of the encoder's bias, then of its log_var",
    on=f"{shown_model('not the posterior')}; the mean of {GRADIENT_CALLS} calls",
    expected=UPHILL,
    mistakes={
        "the gradient does not go through z, which comes from .sample(), is detached, or was drawn under "
        "torch.no_grad; what is left is 0 on average": torch.zeros_like(UPHILL),
        "μ is detached in z, but not σ": torch.where(OF_BIAS, 0, UPHILL),
        "σ is detached in z, but not μ": torch.where(OF_BIAS, UPHILL, 0),
    },
)


def ask_bound(question: Question, my_bound, model: LinearGaussianVAE, x: Tensor, num_samples: int) -> Tensor:
    """The answer's bounds, `[batch]`. Raises Wrong for another shape, and says how it comes about."""
    bounds = question.ask(my_bound, fresh(model).requires_grad_(True), fresh(x), num_samples)
    question.check_tensor(bounds)
    reasons = {
        (num_samples,): "the mean runs over the batch instead of the samples",
        (num_samples, len(x)): "the mean over the samples is not taken",
        (len(x), num_samples): "the mean over the samples is not taken",
        (): "the whole batch is reduced to one number: the mean over the batch is left to the training loop",
    }
    if bounds.shape != (len(x),):
        came = f"expected {[len(x)]}, got {list(bounds.shape)}"
        reason = reasons.get(tuple(bounds.shape))
        raise question.wrong(f"This is what you get if {reason} ({came})." if reason else f"The shape: {came}.", bounds)
    return bounds


def many(bounds: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The bounds as `[repeat, image]`, their mean over the repeats, and its standard error."""
    rows = bounds.detach().double().reshape(MANY, -1)
    return rows, rows.mean(0), rows.std(0) / math.sqrt(MANY)


def impossible(mean: Tensor, error: Tensor) -> str:
    """What to say of a mean bound above log p(x), and nothing of another."""
    over, allowed = mean.mean() - LOG_PX.mean(), STANDARD_ERRORS * error.norm() / len(error)
    if not over > allowed + 1e-3:
        return ""
    return f"{mean.mean():.2f} lies above log p(x) = {LOG_PX.mean():.2f} by {over:.2f} nats: impossible for a bound. "


def judge_equal_weights(my_bound) -> None:
    """Where q is the posterior every log w is log p(x), and what is made of equal weights shows without noise."""
    for question, x, num_samples in ((FIVE_DRAWS, IMAGES, 5), (FAR, IMAGES_FAR, 3)):
        bounds = ask_bound(question, my_bound, POSTERIOR, x, num_samples)
        if any(agree(bounds, value, ALMOST) for value in question.mistakes.values()):
            question.compare(bounds, ALMOST)


def judge_one_draw(my_bound) -> None:
    """At K = 1 the mean is the ELBO, on any model, and a mistake in the weight shows in it."""
    rows, mean, error = many(ask_bound(ONE_DRAW, my_bound, OTHER, IMAGES.repeat(MANY, 1), 1))
    known = any(agree(mean, value, error) for value in ONE_DRAW.mistakes.values())
    if not known and rows.std(0).max() < 1e-4 * rows.abs().max():
        shared = "one draw is shared by the whole batch, or the mean over the batch is returned for every example"
        raise ONE_DRAW.wrong(f"Equal rows get equal numbers. This is what you get if {shared}.", mean)
    if not known and (mean > ONE_DRAW.expected + STANDARD_ERRORS * error).all() and (mean < LOG_PX).all():
        more = "more than one draw is taken: num_samples is not used"
        raise ONE_DRAW.wrong(f"Between the ELBO and log p(x). This is what you get if {more}.", mean)
    try:
        ONE_DRAW.compare(mean, error)
    except Wrong as wrong:
        raise Wrong(f"{impossible(mean, error)}{wrong}") from wrong
    first, second = (ask_bound(ONE_DRAW, my_bound, OTHER, IMAGES, 1) for _ in range(2))
    if torch.equal(first, second):
        seeded = "the seed is set inside the function: each call needs draws of its own"
        raise ONE_DRAW.wrong(f"Two calls gave the same numbers. This is what you get if {seeded}.", first)


def judge_scatter(my_bound) -> None:
    """Once more where q is the posterior: a right weight does not scatter there."""
    bounds = ask_bound(FIVE_DRAWS, my_bound, POSTERIOR, IMAGES, 5)
    if not agree(bounds, ask_bound(FIVE_DRAWS, my_bound, POSTERIOR, IMAGES, 5)):
        why = "a closed form (the KL, the entropy of q) stands in the weight, or its densities do not see the same z"
        scatter = "It scatters, although q is the posterior, where every draw has the weight p(x)"
        raise FIVE_DRAWS.wrong(f"{scatter}. This is what you get if {why}.", bounds)
    FIVE_DRAWS.compare(bounds)
    FAR.compare(ask_bound(FAR, my_bound, POSTERIOR, IMAGES_FAR, 3))


def judge_two_draws(my_bound) -> None:
    """How much a mean inside the logarithm gains over the ELBO."""
    bounds = ask_bound(TWO_DRAWS, my_bound, SHIFTED, IMAGES.repeat(MANY, 1), 2)
    less = (many(bounds)[0] - LOG_PX).flatten()
    mean, error = less.mean(), less.std() / math.sqrt(len(less))
    # One log w has the variance LENGTH². With one ε for all latents it is (Σ SHIFTS)², almost 0; two draws have less.
    if less.var() < 0.1 * LENGTH**2:
        raise TWO_DRAWS.wrong("It hardly scatters. This is what you get if one ε serves all the latents.", mean)
    if agree(mean, BELOW, error) and less.var() > 0.75 * LENGTH**2:
        raise TWO_DRAWS.wrong(f"This is what you get if {NO_DRAWS_USED}.", mean)
    TWO_DRAWS.compare(mean, error)


def judge_gradient(my_bound) -> None:
    """It reaches encoder and decoder, and at K = 1 its mean is that of the ELBO's gradient."""
    x, found = fresh(IMAGES), []
    for _ in range(GRADIENT_CALLS):
        model = fresh(OTHER).requires_grad_(True)
        encoder, decoder = model.encoder, model.decoder.net[0].bias
        bounds = BOUND_GRADIENT.ask(my_bound, model, x.clone(), 1)
        inputs = {"encoder": encoder.net[0].bias, "log_var": encoder.log_var, "decoder": decoder}
        found.append(torch.cat(BOUND_GRADIENT.gradients(bounds, **inputs)[:2]).double() / len(x))
    found = torch.stack(found)
    BOUND_GRADIENT.compare(found.mean(0), found.std(0) / math.sqrt(GRADIENT_CALLS))


@check
def check_importance_weighted_bound(my_importance_weighted_bound):
    """Exercise 6.1: `my_importance_weighted_bound(model, x, num_samples)`: `[batch]`, in nats, higher is better.

    The logarithm of the mean of `num_samples` weights p(x|z) p(z) / q(z|x) with z ~ q, drawn anew for each example;
    `model.encoder(x)`, `model.decoder(z)` and `model.prior` are distributions. A gradient gets through.
    """
    for judge in (judge_equal_weights, judge_one_draw, judge_scatter, judge_two_draws, judge_gradient):
        judge(my_importance_weighted_bound)
    return "The importance-weighted bound: log p(x) where q is the posterior, below it elsewhere, at any scale."

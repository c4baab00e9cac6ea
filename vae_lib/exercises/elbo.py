"""Chapter 4: checks of the KL, the reconstruction term, the ELBO and the weights."""

import copy
import math
from itertools import combinations

import torch
from torch import Tensor
from torch.distributions import kl_divergence
from torch.nn.functional import logsigmoid, softplus

from vae_lib.data import digits
from vae_lib.diagnose.words import Wrong
from vae_lib.distributions import bernoulli, diagonal_gaussian, kl_to_standard_normal, log_mean_exp
from vae_lib.exact.linear_gaussian import LinearGaussianVAE
from vae_lib.exercises.verdict import STANDARD_ERRORS, Question, agree, check, leaf, shown

LOG_2PI = math.log(2 * math.pi)
WHOLE_BATCH = "the whole batch is reduced to one number: the mean over the batch is left to the training loop"


def fresh(values: Tensor) -> Tensor:
    """A copy in the default dtype, without a gradient."""
    return leaf(values).detach()


def check_shape(question: Question, value, shape: tuple, reasons: dict[tuple, str]) -> None:
    """Raise Wrong unless `value` is a tensor of that shape; `reasons` says how other shapes come about."""
    question.check_tensor(value)
    if value.shape != shape:
        came = f"expected {list(shape)}, got {list(value.shape)}"
        reason = reasons.get(tuple(value.shape))
        why = f"This is what you get if {reason} ({came})." if reason else f"The shape is wrong: {came}."
        raise question.wrong(why, value)


def draw_variance(model: LinearGaussianVAE, x: Tensor) -> Tensor:
    """Var[log p(x|z)] over z = μ + σ ⊙ ε, `[batch]`: log p is a quadratic form in ε, a linear part and a square."""
    # log p = const + (rᵀSε − ½ ‖Sε‖²)/σ_x² with the residual r = x − f(μ) and S = W diag(σ). The two parts are
    # uncorrelated, since an odd moment is 0, with variances ‖Sᵀr‖² and ½ ‖SᵀS‖² (Var εᵀAε = 2 ‖A‖²).
    qz_x = model.encoder(x)
    spread = model.weight * qz_x.stddev[:, None, :]
    linear = ((x - model.decoder(qz_x.mean).mean)[:, None, :] @ spread).square().sum((1, 2))
    return (linear + 0.5 * (spread.mT @ spread).square().sum((1, 2))) / model.noise_std**4


def check_scatter(question: Question, value: Tensor, ratio: Tensor, more: str = "") -> None:
    """Raise Wrong where the variance of an answer is more than twice that of independent draws."""
    if ratio > 2:
        why = f"It is right on average, but its variance is {ratio:.1f} times that of a draw for each image and latent"
        shared = "This is what you get if one ε is shared by the batch or the latents"
        raise question.wrong(f"{why}. {shared}{more}.", value)


# 4.1: the KL in closed form

MU = torch.tensor([[0.5, -1.2, 2.0], [0.8, 0.3, -0.7]])
LOG_VAR = torch.tensor([[-1.4, 0.9, 1.8], [1.3, 0.6, 0.4]])
VAR, SIGMA, KLS = LOG_VAR.exp(), torch.exp(0.5 * LOG_VAR), kl_to_standard_normal(MU, LOG_VAR)  # [batch, latent]
TERMS = {"μ²": MU**2, "σ²": VAR, "the −1": -torch.ones_like(MU), "log σ²": -LOG_VAR}


def sum_of_terms(mu2: Tensor = MU**2, var: Tensor = VAR, log_var: Tensor = LOG_VAR) -> Tensor:
    """(4.8) with other things in the places of μ², σ² and log σ²."""
    return 0.5 * (mu2 + var - 1 - log_var).sum(-1)


def reverse_kl(mu: Tensor, log_var: Tensor) -> Tensor:
    """KL(N(0, I) ‖ N(mu, diag(exp(log_var)))): `[batch]`."""
    return 0.5 * (log_var + (1 + mu**2) / log_var.exp() - 1).sum(-1)


def half_on_some_terms_only() -> dict[str, Tensor]:
    """The ½ before one, two or three of the four terms."""
    some = [names for count in (1, 2, 3) for names in combinations(TERMS, count)]
    weighted = {names: sum(term * (0.5 if name in names else 1) for name, term in TERMS.items()) for names in some}
    says = "the ½ stands before {} only, and not before all four terms of (4.8)"
    return {says.format(" and ".join(names)): value.sum(-1) for names, value in weighted.items()}


KL = Question(
    asked="KL(q(z|x) ‖ N(0, I)), one number per example, in nats",
    on=shown(mu=MU, log_var=LOG_VAR),
    expected=KLS.sum(-1),
    mistakes={
        "the KL is averaged over the latent dimensions instead of summed": KLS.mean(-1),
        "the ½ is missing": 2 * KLS.sum(-1),
        **half_on_some_terms_only(),
        "brackets are missing: −½ multiplies the 1 only": (-0.5 + LOG_VAR - MU**2 - VAR).sum(-1),
        "the KL is divided by the size of the batch: each example keeps its own": KLS.sum(-1) / len(KLS),
        "the −1 is counted once instead of once per latent dimension": sum_of_terms() + (MU.shape[1] - 1) / 2,
        "the −1 is missing": sum_of_terms() + MU.shape[1] / 2,
        "the sign of the KL is wrong: a KL is never negative": -KLS.sum(-1),
        "the sign of log σ² is wrong": sum_of_terms(log_var=-LOG_VAR),
        "σ is used in place of σ²: exp(log_var / 2) is a standard deviation": sum_of_terms(var=SIGMA),
        "σ² is squared again: exp(log_var) is already the variance": sum_of_terms(var=VAR**2),
        "log_var is used in place of σ²: its exponential belongs there": sum_of_terms(var=LOG_VAR),
        "log_var is read as σ² itself, and not as its logarithm": sum_of_terms(var=LOG_VAR, log_var=LOG_VAR.log()),
        "log_var is read as σ": sum_of_terms(var=LOG_VAR**2, log_var=(LOG_VAR**2).log()),
        "log_var is read as σ (and has no logarithm where it is negative)": sum_of_terms(
            var=LOG_VAR**2, log_var=2 * LOG_VAR.log()
        ),
        "log_var is read as log σ, so that exp(log_var) is used as σ": sum_of_terms(var=VAR**2, log_var=2 * LOG_VAR),
        "log σ is used in place of log σ²": sum_of_terms(log_var=LOG_VAR / 2),
        "μ is used in place of μ²": sum_of_terms(mu2=MU),
        "the KL is taken the other way round, KL(N(0, I) ‖ q)": reverse_kl(MU, LOG_VAR),
        "the latents are not added up: an example has one KL": KLS,
        "the sum runs over the batch instead of the latents": KLS.sum(0),
        "the mean runs over the batch, and the latents are not added up": KLS.mean(0),
        "everything is added up: each example has its own KL": KLS.sum(),
        "the mean over the batch is taken already: it is left to the training loop": KLS.sum(-1).mean(),
        "everything is averaged, latents and batch": KLS.mean(),
    },
)


@check
def check_kl(my_kl):
    """Exercise 4.1: `my_kl(mu, log_var)`, both `[batch, latent]`, is KL(q(z|x) ‖ N(0, I)), `[batch]`, in nats."""
    mu, log_var = leaf(MU), leaf(LOG_VAR)
    kl = KL.ask(my_kl, mu, log_var)
    KL.compare(kl)
    KL.check_gradients(kl, {"mu": mu, "log_var": log_var}, {"mu": MU, "log_var": (VAR - 1) / 2})
    return "The closed-form KL: one number per example, in nats."


# 4.2: the KL from draws

DRAWS, FEW, REPEATS = 500, 50, 200
MU_DRAWN = torch.tensor([[0.6, 0.3, 0.9], [0.5, 1.1, 0.2]])
LOG_VAR_DRAWN = torch.tensor([[-1.5, 0.3, -0.8], [0.2, -2.0, -0.6]])
VAR_DRAWN, KL_DRAWN = LOG_VAR_DRAWN.exp(), kl_to_standard_normal(MU_DRAWN, LOG_VAR_DRAWN).sum(-1)
ONE_DRAW_VARIANCE = (0.5 * (VAR_DRAWN - 1) ** 2 + MU_DRAWN**2 * VAR_DRAWN).sum(-1)  # (4.9)
CROSS_ENTROPY = 0.5 * (MU_DRAWN**2 + VAR_DRAWN + LOG_2PI).sum(-1)  # E_q[−log p(z)]
NEGATIVE_ENTROPY = -0.5 * (1 + LOG_VAR_DRAWN + LOG_2PI).sum(-1)  # E_q[log q(z|x)]


def log_mean_ratio(mu: Tensor, var: Tensor) -> Tensor:
    """log E_q[q / p] for q = N(mu, diag(var)) and p = N(0, I), with every var below 2: a Gaussian integral."""
    # q²/p is exp of a quadratic with the precision 2/var − 1 per latent, positive if var < 2.
    return (mu**2 / (2 - var) - 0.5 * torch.log(var * (2 - var))).sum(-1)


KL_MONTE_CARLO = Question(
    asked=f"KL(q(z|x) ‖ N(0, I)), estimated from {DRAWS} draws z ~ q for each example, in nats",
    on=f"{shown(mu=MU_DRAWN, log_var=LOG_VAR_DRAWN)}, each row {REPEATS} times; num_samples = {DRAWS}",
    expected=KL_DRAWN,
    mistakes={
        "z is drawn from the prior instead of q": -reverse_kl(MU_DRAWN, LOG_VAR_DRAWN),
        "the sign is wrong: log p − log q instead of log q − log p": -KL_DRAWN,
        "the logarithm of the mean ratio is taken instead of the mean of its logarithm": log_mean_ratio(
            MU_DRAWN, VAR_DRAWN
        ),
        "the KL is averaged over the latent dimensions instead of summed": KL_DRAWN / 3,
        "the draws are added up instead of averaged": DRAWS * KL_DRAWN,
        "exp(log_var) is used as σ": 0.5 * (MU_DRAWN**2 + VAR_DRAWN**2 - 1 - 2 * LOG_VAR_DRAWN).sum(-1),
        "z = μ + σ²ε is drawn instead of μ + σε": 0.5
        * (MU_DRAWN**2 + VAR_DRAWN**2 - VAR_DRAWN - LOG_VAR_DRAWN).sum(-1),
        "z is μ itself, which is not a draw": 0.5 * (MU_DRAWN**2 - LOG_VAR_DRAWN).sum(-1),
        "log q(z|x) is left out": CROSS_ENTROPY,
        "log p(z) is left out": NEGATIVE_ENTROPY,
        "the two logarithms are added": NEGATIVE_ENTROPY - CROSS_ENTROPY,
    },
)


def judge_spread(my_kl_monte_carlo, mu: Tensor, log_var: Tensor, mean: Tensor, variance: Tensor) -> None:
    """Raise Wrong unless an estimate, whose mean and variance are given, scatters as `num_samples` draws of z do."""
    # The variance of a mean of n draws is ONE_DRAW_VARIANCE/n. With a tenth of the draws it must be ten times as large:
    # below a third of that, num_samples is not used. And ONE_DRAW_VARIANCE over the variance is the number of draws
    # that the estimate is worth: below 0.6 of those asked for, some are shared.
    few, again = (KL_MONTE_CARLO.ask(my_kl_monte_carlo, mu, log_var, FEW).detach() for _ in range(2))
    if torch.equal(few, again):
        raise KL_MONTE_CARLO.wrong("Two calls gave the same numbers: is the seed set inside the function?", mean)
    if (few.double().reshape(REPEATS, -1).var(0) / variance).mean() < DRAWS / FEW / 3:
        spread = f"The mean is right, but the spread with num_samples = {FEW} is that with {DRAWS}"
        raise KL_MONTE_CARLO.wrong(f"{spread}. This is what you get if num_samples is not used.", mean)
    if (worth := (ONE_DRAW_VARIANCE / variance).mean()) < 0.6 * DRAWS:
        spread = f"The mean is right, but its spread is that of {worth:.2g} draws, not of {DRAWS}"
        once = "one ε serves all the latents, the same draw is counted often, or log q and log p see other draws"
        raise KL_MONTE_CARLO.wrong(f"{spread}. This is what you get if {once}.", mean)


@check
def check_kl_monte_carlo(my_kl_monte_carlo):
    """Exercise 4.2: `my_kl_monte_carlo(mu, log_var, num_samples)` estimates the KL of exercise 4.1: `[batch]`, nats.

    Without bias, from `num_samples` draws z ~ q of its own for every example. No gradient is asked for.
    """
    rows = REPEATS * len(MU_DRAWN)
    mu, log_var = fresh(MU_DRAWN).repeat(REPEATS, 1), fresh(LOG_VAR_DRAWN).repeat(REPEATS, 1)
    estimates = KL_MONTE_CARLO.ask(my_kl_monte_carlo, mu, log_var, DRAWS)
    reasons = {
        (DRAWS,): "the mean runs over the batch instead of the draws",
        (DRAWS, rows): "the draws are not averaged",
        (rows, 3): "the latents are not added up",
        (3,): "the latents are not added up, and the mean runs over the batch",
        (): WHOLE_BATCH,
    }
    check_shape(KL_MONTE_CARLO, estimates, (rows,), reasons)
    by_row = estimates.detach().double().reshape(REPEATS, -1)
    mean, variance = by_row.mean(0), by_row.var(0)
    if variance.max() < 1e-10 and not any(agree(mean, value) for value in KL_MONTE_CARLO.mistakes.values()):
        same = "the draws are shared by the whole batch, or the closed form is computed, which draws nothing"
        raise KL_MONTE_CARLO.wrong(f"Equal rows get equal numbers. This is what you get if {same}.", mean)
    KL_MONTE_CARLO.compare(mean, error=torch.sqrt(variance / REPEATS))
    judge_spread(my_kl_monte_carlo, mu, log_var, mean, variance)
    return "The KL from draws: no bias, and every draw counts."


# 4.3: a Bernoulli decoder

LOGITS = torch.tensor([[1.7, -2.3, 0.4, 3.1], [-0.6, 2.2, -1.9, 0.9], [0.3, 0.8, 0.6, 0.2]])
PIXELS = torch.tensor([[1.0, 0, 0, 1], [1, 1, 0, 0], [0, 1, 1, 0]])
P = torch.sigmoid(LOGITS)
LOG_PX = bernoulli(LOGITS).base_dist.log_prob(PIXELS)  # [batch, data]

BERNOULLI = Question(
    asked="log p(x|z) of pixels 0 or 1 with P(x = 1) = sigmoid(logits), one number per image, in nats",
    on=shown(logits=LOGITS, x=PIXELS),
    expected=LOG_PX.sum(-1),
    mistakes={
        "the cross-entropy is returned: the log-likelihood has the opposite sign": -LOG_PX.sum(-1),
        "the sigmoid is taken twice: a cross-entropy with logits takes it itself": bernoulli(P).log_prob(PIXELS),
        "the sigmoid is forgotten: the logits are used as probabilities": (
            PIXELS * LOGITS.log() + (1 - PIXELS) * (1 - LOGITS).log()
        ).sum(-1),
        "the arguments of the cross-entropy with logits are swapped": (PIXELS * LOGITS - softplus(PIXELS)).sum(-1),
        "the arguments of the cross-entropy with logits are swapped, and the sigmoid is taken too": (
            PIXELS * P - softplus(PIXELS)
        ).sum(-1),
        "the arguments of the cross-entropy are swapped: the logarithm of x = 0 is cut off at −100": -100
        * (P * (1 - PIXELS) + (1 - P) * PIXELS).sum(-1),
        "x and the probabilities are swapped in the formula: the logarithm of x = 0": torch.full((3,), -math.inf),
        "only the pixels with x = 1 are counted": (PIXELS * logsigmoid(LOGITS)).sum(-1),
        "only the pixels with x = 0 are counted": ((1 - PIXELS) * logsigmoid(-LOGITS)).sum(-1),
        "1 − x is forgotten before log(1 − p)": (PIXELS * logsigmoid(LOGITS) + logsigmoid(-LOGITS)).sum(-1),
        "x and 1 − x are swapped": bernoulli(-LOGITS).log_prob(PIXELS),
        "the pixels are averaged instead of summed": LOG_PX.mean(-1),
        "the pixels are averaged instead of summed, and the sign is wrong": -LOG_PX.mean(-1),
        "the probability of the image is returned, and not its logarithm": LOG_PX.sum(-1).exp(),
        "the pixels are not added up": LOG_PX,
        "the pixels are not added up, and the sign is wrong": -LOG_PX,
        "the sum runs over the batch instead of the pixels": LOG_PX.sum(0),
        "the sum runs over the batch instead of the pixels, and the sign is wrong": -LOG_PX.sum(0),
        "everything is added up: each image has its own number": LOG_PX.sum(),
        "everything is added up, and the sign is wrong": -LOG_PX.sum(),
        "everything is averaged, pixels and batch": LOG_PX.mean(),
        "everything is averaged, pixels and batch, and the sign is wrong": -LOG_PX.mean(),
    },
)

FAR_LOGITS = torch.tensor([[1000.0, -1000, 1000, -1000], [1000, -1000, 1000, -1000]])
FAR_PIXELS = torch.tensor([[1.0, 0, 1, 0], [0, 1, 0, 1]])
FLOORS = {
    "binary_cross_entropy cuts logarithms off at −100": -100.0,
    "the probabilities are kept away from 0 and 1 by float32's rounding error": math.log(2**-23),
    "the probabilities are kept away from 0 and 1 by float64's rounding error": math.log(2**-52),
    **{f"1e-{n} keeps the probabilities away from 0 and 1": -n * math.log(10) for n in (4, 5, 6, 7, 8, 9, 10, 12)},
}
SATURATED = Question(
    asked="log p(x|z) where the decoder is sure: all pixels right in the first image, all wrong in the second",
    on=shown(logits=FAR_LOGITS, x=FAR_PIXELS),
    expected=torch.tensor([0.0, -4000]),
    mistakes={
        "log(sigmoid(logits)) is computed: sigmoid rounds to 0 or 1, and 0 · log 0 is NaN": torch.tensor(
            [math.nan, -math.inf]
        ),
        "log(sigmoid(logits)) is computed: sigmoid rounds to 0 or 1, and log 0 is −∞": torch.tensor([0.0, -math.inf]),
        "log(1 + exp(logits)) is computed: exp(1000) is infinite": torch.full((2,), -math.inf),
        **{
            f"the sigmoid is taken before the logarithm, and {name}": torch.tensor([0, 4 * at])
            for name, at in FLOORS.items()
        },
    },
)


@check
def check_bernoulli_log_likelihood(my_bernoulli_log_likelihood):
    """Exercise 4.3: `my_bernoulli_log_likelihood(logits, x)`, both `[batch, data]`, is log p(x|z), `[batch]`, nats.

    Pixels are 0 or 1, P(x = 1) = sigmoid(logits), and logits of ±1000 are no reason for an infinity.
    """
    logits = leaf(LOGITS)
    log_px = BERNOULLI.ask(my_bernoulli_log_likelihood, logits, fresh(PIXELS))
    BERNOULLI.compare(log_px)
    BERNOULLI.check_gradients(log_px, {"logits": logits}, {"logits": PIXELS - P})
    logits = leaf(FAR_LOGITS)
    log_px = SATURATED.ask(my_bernoulli_log_likelihood, logits, fresh(FAR_PIXELS))
    known = any(agree(log_px, value) for value in SATURATED.mistakes.values())
    if not known and log_px.shape == (2,) and -3999 < log_px[1] < 0:
        raise SATURATED.wrong("Something keeps the probabilities away from 0 and 1: a clamp, an ε, a cut?", log_px)
    SATURATED.compare(log_px)
    SATURATED.check_gradients(log_px, {"logits": logits}, {"logits": FAR_PIXELS - torch.sigmoid(FAR_LOGITS)})
    return "The Bernoulli log-likelihood, finite for every logit."


# 4.4: a Gaussian decoder

X = torch.tensor([[0.2, 1.1, -0.7, 0.5], [1.4, -0.3, 0.8, 0.1], [-0.9, 0.6, 0.4, 1.3]])
MEAN = torch.tensor([[0.5, 0.7, -0.2, 0.9], [0.6, 0.4, 0.3, -0.5], [-0.1, 1.2, 0.9, 0.8]])
NOISE_STD = torch.tensor(0.3)
D, S2, LOG_STD = X.shape[1], NOISE_STD**2, NOISE_STD.log()
SQUARED = (X - MEAN).square()  # [batch, data]
SQUARED_ERROR, QUADRATIC = SQUARED.sum(-1), (SQUARED / (2 * S2)).sum(-1)
LOG_PX_GAUSSIAN = diagonal_gaussian(MEAN, NOISE_STD.expand_as(MEAN)).base_dist.log_prob(X)  # [batch, data]


def gaussian(quadratic: Tensor = QUADRATIC, log_stds: Tensor | float = D * LOG_STD, logs_2pi: float = D) -> Tensor:
    """(4.7) with other things in the places of its three parts; `logs_2pi` counts ½ log 2π."""
    return -quadratic - log_stds - logs_2pi * LOG_2PI / 2


GAUSSIAN = Question(
    asked="log N(x; mean, noise_std² I), one number per example, in nats",
    on=shown(mean=MEAN, x=X, noise_std=NOISE_STD),
    expected=LOG_PX_GAUSSIAN.sum(-1),
    mistakes={
        "the squared error lacks its factor 1/(2σ²)": gaussian(SQUARED_ERROR),
        "the squared error has the ½ but lacks 1/σ²": gaussian(SQUARED_ERROR / 2),
        "the ½ is missing before the squared error": gaussian(2 * QUADRATIC),
        "the squared error is divided by σ instead of σ²": gaussian(SQUARED_ERROR / (2 * NOISE_STD)),
        "the squared error is averaged over the pixels": gaussian(QUADRATIC / D),
        "log 2π has the wrong sign": gaussian(QUADRATIC, D * LOG_STD, -D),
        "½ log σ is used in place of log σ, as in ½ log 2πσ for ½ log 2πσ²": gaussian(QUADRATIC, D * LOG_STD / 2),
        "the squared error is divided by (2σ)² instead of 2σ²": gaussian(QUADRATIC / 2),
        "the squared error has the wrong sign": gaussian(-QUADRATIC),
        "log 2π is left out": gaussian(logs_2pi=0),
        "½ log 2π is counted once instead of once per pixel": gaussian(logs_2pi=1),
        "the ½ is missing before log 2π": gaussian(logs_2pi=2 * D),
        "½ log 2π is counted D times too often: D² times instead of D": gaussian(logs_2pi=D * D),
        "log σ is left out": gaussian(log_stds=0),
        "log σ is counted once instead of once per pixel": gaussian(log_stds=LOG_STD),
        "log σ² is used in place of log σ": gaussian(log_stds=2 * D * LOG_STD),
        "log σ has the wrong sign": gaussian(log_stds=-D * LOG_STD),
        "log σ is counted D times too often: D² times instead of D": gaussian(log_stds=D * D * LOG_STD),
        "log σ and ½ log 2π are counted once instead of once per pixel": gaussian(QUADRATIC, LOG_STD, 1),
        "log σ and ½ log 2π are counted D times too often": gaussian(QUADRATIC, D * D * LOG_STD, D * D),
        "both constants are left out, D log σ and D/2 log 2π": -QUADRATIC,
        "minus the squared error is returned: 1/(2σ²), log σ and log 2π are missing": -SQUARED_ERROR,
        "minus half the squared error is returned: σ and log 2π are missing": -SQUARED_ERROR / 2,
        "minus the squared error averaged over the pixels is returned": -SQUARED_ERROR / D,
        "noise_std is used as the variance": gaussian(SQUARED_ERROR / (2 * NOISE_STD), D * LOG_STD / 2),
        "noise_std² is used as the standard deviation": gaussian(SQUARED_ERROR / (2 * S2**2), 2 * D * LOG_STD),
        "noise_std is used as log σ": gaussian(SQUARED_ERROR / (2 * torch.exp(2 * NOISE_STD)), D * NOISE_STD),
        "the sign is wrong: minus the log-likelihood is returned": -LOG_PX_GAUSSIAN.sum(-1),
        "the pixels are averaged instead of summed": LOG_PX_GAUSSIAN.mean(-1),
        "the density is returned, and not its logarithm": LOG_PX_GAUSSIAN.sum(-1).exp(),
        "the pixels are not added up": LOG_PX_GAUSSIAN,
        "the sum runs over the batch instead of the pixels": LOG_PX_GAUSSIAN.sum(0),
        "everything is added up: each example has its own number": LOG_PX_GAUSSIAN.sum(),
        "everything is averaged, pixels and batch": LOG_PX_GAUSSIAN.mean(),
        "the mean over the batch is taken already: it is left to the training loop": LOG_PX_GAUSSIAN.sum(-1).mean(),
        "minus the squared error averaged over everything is returned": -SQUARED.mean(),
    },
)


@check
def check_gaussian_log_likelihood(my_gaussian_log_likelihood):
    """Exercise 4.4: `my_gaussian_log_likelihood(mean, x, noise_std)` is log N(x; mean, noise_std² I), `[batch]`, nats.

    `mean` and `x` are `[batch, data]`, `noise_std` is one positive number, a tensor without axes.
    """
    mean = leaf(MEAN)
    log_px = GAUSSIAN.ask(my_gaussian_log_likelihood, mean, fresh(X), fresh(NOISE_STD))
    GAUSSIAN.compare(log_px)
    GAUSSIAN.check_gradients(log_px, {"mean": mean}, {"mean": (X - MEAN) / NOISE_STD**2})
    return "The Gaussian log-likelihood, with all its constants."


# 4.5: the ELBO

DIGITS = torch.cat(digits()).double() / 16
IMAGES, LATENT, CALLS = DIGITS[40:60], 4, 100
BEST = LinearGaussianVAE.from_pca(DIGITS, LATENT).requires_grad_(False)
LOOSE = copy.deepcopy(BEST)  # with an encoder that is not the posterior
LOOSE.encoder.net[0].bias += torch.tensor([1.3, -1.6, 1.0, 1.8])
LOOSE.encoder.log_var += torch.tensor([0.4, 0.9, 0.2, 0.6])
BOUND = BEST.log_likelihood(IMAGES)  # log p(x), and the expected ELBO too, [batch]


def elbo_mistakes(model: LinearGaussianVAE, x: Tensor) -> dict[str, Tensor]:
    """What each mistake makes of the expected ELBO, averaged over x: all in closed form."""
    qz_x = model.encoder(x)
    kls = kl_to_standard_normal(qz_x.mean, qz_x.variance.log())
    kl, data_dim = kls.sum(-1).mean(), x.shape[1]
    correct = model.expected_elbo(x).mean()
    noise_var, columns = model.noise_std.square(), model.weight.square().sum(0)
    at_mu = model.decoder(qz_x.mean).log_prob(x).mean()
    reconstruction, spread = correct + kl, (qz_x.variance @ columns).mean() / (2 * noise_var)
    too_narrow = (qz_x.variance.square() @ columns).mean() / (2 * noise_var)
    at_prior = model.decoder(torch.zeros_like(qz_x.mean)).log_prob(x).mean() - columns.sum() / (2 * noise_var)
    squared_error = (x - model.decoder(qz_x.mean).mean).square().sum(-1).mean() + 2 * noise_var * spread
    reverse = reverse_kl(qz_x.mean, qz_x.variance.log()).mean()
    return {
        "z is μ, the mean of q, instead of a draw: the ELBO needs one at test time too": at_mu - kl,
        "z = μ + σ²ε is drawn instead of μ + σε": at_mu - too_narrow - kl,
        "z is drawn from the prior instead of q": at_prior - kl,
        "the KL is averaged over the latent dimensions instead of summed": reconstruction - kls.mean(),
        "the KL is forgotten (or taken to the posterior, where it is 0, instead of to the prior)": reconstruction,
        "the ½ is forgotten in the KL": correct - kl,
        "the KL is added instead of subtracted": reconstruction + kl,
        "the KL is taken the other way round, KL(p ‖ q)": reconstruction - reverse,
        "the KL of the whole batch is subtracted from every image": reconstruction - len(x) * kl,
        "J is returned instead of the ELBO: the sign is wrong": -correct,
        "the reconstruction term is forgotten": -kl,
        "the KL alone is returned": kl,
        "the pixels are averaged, and the latents summed": reconstruction / data_dim - kl,
        "pixels and latents are both averaged": reconstruction / data_dim - kls.mean(),
        "the whole ELBO is averaged over the pixels": correct / data_dim,
        "the reconstruction term is minus the squared error: 1/(2σ²) and the constants are missing": -squared_error
        - kl,
        "the reconstruction term is minus half the squared error: σ and the constants are missing": -squared_error / 2
        - kl,
    }


ELBO = Question(
    asked="the ELBO, one draw of z or more; here the mean over draws and images, in nats",
    on=f"PCA's linear VAE with {LATENT} latents, where the ELBO is log p(x), as at test time (model.eval()); "
    f"{len(IMAGES)} digits / 16, {CALLS} calls",
    expected=BOUND.mean(),
    mistakes=elbo_mistakes(BEST, IMAGES),
)
BEST_KL = kl_divergence(BEST.encoder(IMAGES), BEST.prior)
ELBO_PER_IMAGE = Question(
    asked="the ELBO, one number per image, in nats; here the mean over draws",
    on=ELBO.on,
    expected=BOUND,
    mistakes={
        "the KL is averaged over the batch": BOUND + BEST_KL - BEST_KL.mean(),
        "the reconstruction term is averaged over the batch": (BOUND + BEST_KL).mean() - BEST_KL,
        "the mean over the batch is returned for every example": BOUND.mean().expand_as(BOUND),
    },
)


def encoder_gradient(model: LinearGaussianVAE, objective) -> Tensor:
    """d objective / d (bias, log_var) of the encoder, one after the other."""
    model = copy.deepcopy(model).requires_grad_(True)
    parameters = [model.encoder.net[0].bias, model.encoder.log_var]
    return torch.cat(torch.autograd.grad(objective(model).mean(), parameters))


def kl_to_prior(model: LinearGaussianVAE) -> Tensor:
    return kl_divergence(model.encoder(IMAGES), model.prior)


LOOSE_ON = "the same VAE with another encoder, whose q is not the posterior"
LOOSE_ELBO = Question(
    asked=ELBO.asked,
    on=LOOSE_ON,
    expected=LOOSE.expected_elbo(IMAGES).mean(),
    mistakes={"log p(x) itself is returned, and not its lower bound": BOUND.mean()},
)
KL_GRADIENT = encoder_gradient(LOOSE, kl_to_prior)
GRADIENT = encoder_gradient(LOOSE, lambda model: model.expected_elbo(IMAGES))
OF_BIAS = torch.arange(2 * LATENT) < LATENT
ELBO_GRADIENT = Question(
    asked="the gradient of the mean ELBO with respect to the encoder: of its bias, then of its log_var",
    on=LOOSE_ON,
    expected=GRADIENT,
    mistakes={
        "the reconstruction term sends no gradient through z to the encoder: z comes from .sample(), "
        "is detached, or was drawn under torch.no_grad": -KL_GRADIENT,
        "μ is detached in z, but not σ": torch.where(OF_BIAS, -KL_GRADIENT, GRADIENT),
        "σ is detached in z, but not μ": torch.where(OF_BIAS, GRADIENT, -KL_GRADIENT),
        "the KL sends no gradient to the encoder: it is detached": GRADIENT + KL_GRADIENT,
    },
)


def answers(question: Question, my_elbo, model: LinearGaussianVAE):
    """The answer's ELBO of every image, `[batch]`, in one call after the other."""
    batch = len(IMAGES)
    reasons = {(): WHOLE_BATCH, tuple(IMAGES.shape): "the pixels are not added up"}
    reasons[batch, LATENT] = "the latents are not added up"
    for _ in range(CALLS):
        value = question.ask(my_elbo, model, fresh(IMAGES))
        check_shape(question, value, (batch,), reasons)
        yield value


def own_copy(model: LinearGaussianVAE) -> LinearGaussianVAE:
    """For the answer to use and to spoil, in the default dtype."""
    return copy.deepcopy(model).to(torch.get_default_dtype()).requires_grad_(True)


def encoder_gradient_of(value: Tensor, model: LinearGaussianVAE) -> Tensor:
    """The gradient of the batch's mean, `[2 latent]`. Raises Wrong where none gets to the encoder or the decoder."""
    encoder, decoder = model.encoder, model.decoder.net[0].bias
    found = ELBO_GRADIENT.gradients(value, encoder=encoder.net[0].bias, log_var=encoder.log_var, decoder=decoder)
    return torch.cat(found[:2]) / len(value)


def mean_and_error(calls: Tensor) -> tuple[Tensor, Tensor]:
    """The mean over calls and its standard error."""
    calls = calls.detach().double()
    return calls.mean(0), calls.std(0) / math.sqrt(len(calls))


def impossible(mean: Tensor, error: Tensor) -> str:
    """What to say of a mean above log p(x), and nothing of another."""
    above = mean - ELBO.expected
    if not above > STANDARD_ERRORS * error:
        return ""
    return f"{mean:.2f} lies above log p(x) = {ELBO.expected:.2f} by {above:.2f} nats: impossible for a lower bound. "


@check
def check_elbo(my_elbo):
    """Exercise 4.5: `my_elbo(model, x)` is the ELBO, one number per image, `[batch]`, in nats: up is better.

    `model.encoder(x)`, `model.decoder(z)` and `model.prior` are distributions; one draw of z or more.
    """
    calls = torch.stack(list(answers(ELBO, my_elbo, own_copy(BEST).eval())))
    mean, error = mean_and_error(calls.mean(1))
    try:
        ELBO.compare(mean, error)
    except Wrong as wrong:
        raise Wrong(f"{impossible(mean, error)}{wrong}") from wrong
    ELBO_PER_IMAGE.compare(*mean_and_error(calls))
    # Both estimate the variance of one image's ELBO; the second is larger if images share noise, as by one ε.
    spread = torch.stack([calls.var(0).mean(), len(IMAGES) * calls.mean(1).var()]).max()
    check_scatter(ELBO, mean, spread / draw_variance(BEST, IMAGES).mean(), ", or if the densities see other draws")
    model = own_copy(LOOSE)
    values = list(answers(LOOSE_ELBO, my_elbo, model))
    mean, error = mean_and_error(torch.stack(values).mean(1))
    if LOOSE_ELBO.expected + STANDARD_ERRORS * error < mean < BOUND.mean() - 1:
        inside = "the mean over draws is taken inside the logarithm: the importance-weighted bound"
        raise LOOSE_ELBO.wrong(f"Between the ELBO and log p(x). This is what you get if {inside}.", mean)
    LOOSE_ELBO.compare(mean, error)
    gradients = [encoder_gradient_of(value, model) for value in values]
    ELBO_GRADIENT.compare(*mean_and_error(torch.stack(gradients)))
    return "The ELBO: log p(x) where q is the posterior, and the right gradient."


# 4.6: importance weights

LOG_W = torch.tensor([[0.4, -1.7, 2.1], [-0.8, 0.9, -2.4], [1.6, -0.3, 0.7], [-2.2, 1.3, 0.1]])  # [samples, batch]
SHIFT = torch.tensor([[-900.0, 0, 900], [-3000, 0, 900]])
LOG_W_FAR, COUNT = LOG_W[:2] + SHIFT, len(LOG_W)
LOG_MEAN, W, WEIGHTS = log_mean_exp(LOG_W, 0), LOG_W.exp(), LOG_W.softmax(0)
LOG_MEAN_FAR, WEIGHTS_FAR = log_mean_exp(LOG_W_FAR, 0), LOG_W_FAR.softmax(0)
NO_MAXIMUM = (
    "the weights are computed without subtracting the maximum of log w first: exp(−900) is 0 and exp(900) is infinite"
)
ONE_MAXIMUM = "one maximum of the whole batch is subtracted instead of one per example"

LOG_MARGINAL = Question(
    asked="the logarithm of the mean weight, one number per example, in nats",
    on=shown(log_w=LOG_W),
    expected=LOG_MEAN,
    mistakes={
        "the mean of the logarithms is taken (an ELBO) instead of the logarithm of the mean": LOG_W.mean(0),
        "the mean is forgotten, and the logarithm of the sum is taken": LOG_W.logsumexp(0),
        "the logarithm is forgotten, and the mean weight returned": W.mean(0),
        "the exponential is forgotten: the logarithm of the mean of log w is taken": LOG_W.mean(0).log(),
        "only the largest weight is used": LOG_W.max(0).values,
        "the sign is wrong": -LOG_MEAN,
        "the sum is divided by the size of the batch, not by the number of samples": W.sum(0).log() - math.log(3),
        "the logarithm of the sum is divided by the number of samples": LOG_W.logsumexp(0) / COUNT,
        "the number of samples is added where its logarithm is subtracted": LOG_W.logsumexp(0) + math.log(COUNT),
        "the maximum is subtracted and not added back": LOG_MEAN - LOG_W.max(0).values,
        "the axis is wrong: the mean runs over the batch instead of the samples": log_mean_exp(LOG_W, 1),
        "the axis is wrong, and the mean is forgotten": LOG_W.logsumexp(1),
        "the axis is wrong, and the mean of the logarithms is taken": LOG_W.mean(1),
        "the mean runs over everything: each example has its own log p(x)": W.mean().log(),
        "the mean over the batch is taken already: each example has its own log p(x)": LOG_MEAN.mean(),
    },
)
OVERFLOW = "the mean of log w is subtracted before the exponential: only the maximum keeps every exp(…) below 1"
FAR_ON = f"the first two samples of this log_w with {shown(shift=SHIFT)} added"
LOG_MARGINAL_FEW = Question(
    asked=LOG_MARGINAL.asked,
    on="the first two samples of this log_w",
    expected=log_mean_exp(LOG_W[:2], 0),
    mistakes={f"{COUNT} samples are hard-coded": LOG_W[:2].logsumexp(0) - math.log(COUNT)},
)
LOG_MARGINAL_FAR = Question(
    asked=LOG_MARGINAL.asked,
    on=FAR_ON,
    expected=LOG_MEAN_FAR,
    mistakes={
        NO_MAXIMUM: LOG_MEAN_FAR + torch.tensor([-math.inf, 0, math.inf]),
        ONE_MAXIMUM: LOG_MEAN_FAR + torch.tensor([-math.inf, -math.inf, 0]),
        OVERFLOW: LOG_MEAN_FAR + torch.tensor([math.inf, 0, 0]),
    },
)

NORMALIZED = Question(
    asked="the weights of each example, divided by their sum",
    on=LOG_MARGINAL.on,
    expected=WEIGHTS,
    mistakes={
        "the axis is wrong: the weights of a sample sum to 1 over the batch": LOG_W.softmax(1),
        "one sum over everything normalises all examples together": W / W.sum(),
        "the weights are not normalised": W,
        "the weights are divided by their maximum, not by their sum": W / W.max(0).values,
        "the weights are divided by their mean, and sum to the number of samples": COUNT * WEIGHTS,
        "the exponential is forgotten: the logarithms are divided by their sum": LOG_W / LOG_W.sum(0),
        "the logarithms of the normalised weights are returned, without the last exponential": WEIGHTS.log(),
        "the sign of log w is wrong": (-LOG_W).softmax(0),
        "the weights are equal": torch.full_like(LOG_W, 1 / COUNT),
        "the axes are swapped": WEIGHTS.T,
        "the weights are normalised and then added up": WEIGHTS.sum(0),
    },
)
NORMALIZED_FAR = Question(
    asked=NORMALIZED.asked,
    on=FAR_ON,
    expected=WEIGHTS_FAR,
    mistakes={
        NO_MAXIMUM: WEIGHTS_FAR + torch.tensor([math.nan, 0, math.nan]),
        ONE_MAXIMUM: WEIGHTS_FAR + torch.tensor([math.nan, math.nan, 0]),
        OVERFLOW: WEIGHTS_FAR + torch.tensor([[math.nan, 0, 0], [0, 0, 0]]),
    },
)


def ask_weights(question: Question, my_weights, log_w: Tensor) -> tuple:
    """The answer's two values. Raises Wrong where there are not two."""
    value = question.ask(my_weights, log_w)
    question.check_parts(value, "log_px, weights")
    return tuple(value)


@check
def check_weights(my_weights):
    """Exercise 4.6: `my_weights(log_w)` is `(log_px, weights)`, of log_w `[samples, batch]`.

    `log_px` `[batch]` is the log of the mean weight, in nats; `weights` `[samples, batch]` has columns that sum to 1.
    """
    log_w = leaf(LOG_W)
    log_px, weights = ask_weights(LOG_MARGINAL, my_weights, log_w)
    LOG_MARGINAL.compare(log_px)
    LOG_MARGINAL.check_gradients(log_px, {"log_w": log_w}, {"log_w": WEIGHTS})
    NORMALIZED.compare(weights)
    LOG_MARGINAL_FEW.compare(ask_weights(LOG_MARGINAL_FEW, my_weights, leaf(LOG_W[:2]))[0])
    log_px, weights = ask_weights(LOG_MARGINAL_FAR, my_weights, leaf(LOG_W_FAR))
    LOG_MARGINAL_FAR.compare(log_px)
    NORMALIZED_FAR.compare(weights)
    return "log p(x) from weights, and weights that sum to 1, at any scale."

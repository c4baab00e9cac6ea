"""Chapter 4: checks of the KL, the reconstruction term, the ELBO and the weights."""

import math

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid, softplus

from vae_lib.distributions import bernoulli, diagonal_gaussian, kl_to_standard_normal, log_mean_exp
from vae_lib.exact.linear_gaussian import LinearGaussianVAE
from vae_lib.exercises.verdict import Question, agree, check, leaf, shown

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


def reverse_kl(mu: Tensor, log_var: Tensor) -> Tensor:
    """KL(N(0, I) ‖ N(mu, diag(exp(log_var)))): `[batch]`."""
    return 0.5 * (log_var + (1 + mu**2) / log_var.exp() - 1).sum(-1)


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

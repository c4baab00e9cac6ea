"""Chapter 3: checks of the draw z = mu + sigma · eps, of a full covariance, and of both gradient estimators."""

import math
from functools import partial

import torch
from torch import Tensor

from vae_lib.exercises.verdict import Question, check, leaf, shown

SAME_NOISE = "This is what you get if the noise is the same in every call: a seed is set, or the noise kept, inside."


def of_shape(question: Question, value, shape) -> Tensor:
    """The value itself. Raises Wrong unless it is a tensor of this shape."""
    question.check_tensor(value)
    if value.shape != torch.Size(shape):
        raise question.wrong(f"The shape is wrong: expected {list(shape)}, got {list(value.shape)}.", value)
    return value


# 3.2, a full covariance

DRAWS = 3000
CENTRE = torch.tensor([0.8, -1.5, 2.4])
LOWER = torch.tensor([[1.5, 0.0, 0.0], [-1.0, 0.6, 0.0], [0.4, 1.0, 0.8]])
FULL = LOWER @ LOWER.T
ROW_SUMS = LOWER.sum(1, keepdim=True)
ROOT = FULL.sqrt()  # of each entry alone: NaN where it is negative

COVARIANCE = Question(
    asked="draws from N(mu, Sigma): their covariance",
    on=f"{shown(mu=CENTRE, Sigma=FULL)}, num_samples = {DRAWS}",
    expected=FULL,
    mistakes={
        "Σ multiplies ε in place of a factor L: Σε, and Σᵀε, the same for a covariance, have covariance ΣΣ": FULL
        @ FULL,
        "Lᵀ multiplies ε in place of L: where ε is a row, the factor on its right must be transposed": LOWER.T @ LOWER,
        "only the diagonal of Σ is used, and the covariances are lost": FULL.diag().diag(),
        "the diagonal of Σ, the variances, is used as standard deviations": FULL.diag().square().diag(),
        "only the diagonal of L is used": LOWER.diag().square().diag(),
        "the square root of each entry of Σ is taken: that is no factor of Σ, and NaN where Σ is negative": ROOT
        @ ROOT.T,
        "all draws are the same: each needs an ε of its own": torch.zeros(3, 3),
        "all latent dimensions of a draw share one ε, as with an ε of shape [num_samples, 1]": ROW_SUMS @ ROW_SUMS.T,
        "the noise is uniform (torch.rand) instead of Gaussian (torch.randn)": FULL / 12,
        "Σ is used as the precision matrix: its inverse is the covariance": FULL.inverse(),
        "Σ does not enter: the covariance is I": torch.eye(3),
    },
)
CENTRED = Question(
    asked="draws from N(mu, Sigma): their mean",
    on=COVARIANCE.on,
    expected=CENTRE,
    mistakes={"mu is not added": torch.zeros(3), "mu is subtracted": -CENTRE},
)
GAUSSIAN_DRAWS = Question(
    asked="draws from N(mu, Sigma): the mean of |ε| over all numbers of ε = L⁻¹(z − mu), with L Lᵀ = Sigma",
    on=COVARIANCE.on,
    expected=torch.tensor((2 / math.pi) ** 0.5),
    mistakes={
        "the noise is uniform, stretched to standard deviation 1": torch.tensor(0.75**0.5),
        "the noise is −1 or 1, and nothing between": torch.tensor(1.0),
    },
)
OTHER_DRAWS = Question(
    asked="7 draws from N(mu, Sigma), [7, 2]: their mean, for each draw",
    on=f"{shown(mu=CENTRE[1:], Sigma=FULL[1:, 1:])}, num_samples = 7",
    expected=CENTRE[1:].expand(7, 2),
)


@check
def check_draw(my_draw):
    """Exercise 3.2: `my_draw(mu, Sigma, num_samples)` is `[num_samples, latent]`, rows from N(mu, Sigma).

    `mu` is `[latent]`, `Sigma` a covariance `[latent, latent]`. No gradient is asked for; new noise in every call is.
    """
    draws, again = [COVARIANCE.ask(my_draw, *(leaf(t).detach() for t in (CENTRE, FULL)), DRAWS) for _ in range(2)]
    z = of_shape(COVARIANCE, draws, [DRAWS, 3]).detach()
    covariance = z.T.cov()
    variances = covariance.diag()
    # Of n Gaussian draws, the sample covariance of i and j has the variance (Σᵢᵢ Σⱼⱼ + Σᵢⱼ²)/n.
    error = (torch.outer(variances, variances) + covariance.square()).div(DRAWS).sqrt()
    COVARIANCE.compare(covariance, error=error)
    CENTRED.compare(z.mean(0), error=(variances / DRAWS).sqrt())
    if torch.equal(z, again):
        raise COVARIANCE.wrong(SAME_NOISE, covariance)
    eps = torch.linalg.solve_triangular(LOWER.double(), (z.double() - CENTRE).T, upper=False)
    GAUSSIAN_DRAWS.compare(eps.abs().mean(), error=0.6 / eps.numel() ** 0.5)
    of_shape(OTHER_DRAWS, OTHER_DRAWS.ask(my_draw, leaf(CENTRE[1:]).detach(), leaf(FULL[1:, 1:]).detach(), 7), [7, 2])
    return "The draws have mean mu and covariance Sigma."


# 3.3 and 3.4, two gradients from the same noise


def cubic(z: Tensor) -> Tensor:
    return z**3 - 2 * z + 5


POINT, SCALE = 0.7, 0.4  # mu and sigma
EPS = torch.tensor([0.5, -1.5, 2.0, -0.25, 1.1])
Z = POINT + SCALE * EPS
HEIGHT, SLOPE = cubic(Z), 3 * Z.square() - 2
SCORE_MU, SCORE_SIGMA = EPS / SCALE, (EPS.square() - 1) / SCALE
WHERE = f"f(z) = z³ − 2z + 5, mu = {POINT}, sigma = {SCALE}, {shown(eps=EPS)}"

PATH_MU = Question(
    asked="the pathwise estimates of ∂E[f(z)]/∂mu, one per ε",
    on=WHERE,
    expected=SLOPE,
    mistakes={
        "d_mu and d_sigma are swapped": SLOPE * EPS,
        "the estimates are averaged: one for each ε is asked for": SLOPE.mean(),
        "the estimates are summed: one for each ε is asked for": SLOPE.sum(),
        "the mean of f(z) is differentiated, which divides every estimate by the number of draws": SLOPE / len(EPS),
        "the slope of f is multiplied by σ: ∂z/∂mu is 1, see (3.4)": SLOPE * SCALE,
        "the slope of f is taken at mu instead of at z": torch.full_like(EPS, 3 * POINT**2 - 2),
        "the slope of f is taken at ε instead of at z": 3 * EPS.square() - 2,
        "f itself is used in place of its slope": HEIGHT,
        "the score function is used: the path needs the slope of f, see (3.6)": HEIGHT * SCORE_MU,
        "z does not depend on mu any more, for example because of detach": torch.zeros(5),
    },
)
PATH_SIGMA = Question(
    asked="the pathwise estimates of ∂E[f(z)]/∂sigma, one per ε",
    on=WHERE,
    expected=SLOPE * EPS,
    mistakes={
        "the factor ε is forgotten: ∂z/∂σ is ε, see (3.4)": SLOPE,
        "the slope of f is multiplied by σ in place of ε": SLOPE * SCALE,
        "there is one factor σ too many: that is the derivative by log σ": SLOPE * EPS * SCALE,
        "there is one factor 1/(2σ) too many: that is the derivative by the variance σ²": SLOPE * EPS / (2 * SCALE),
        "the estimates are averaged: one for each ε is asked for": (SLOPE * EPS).mean(),
        "the slope of f is multiplied by z in place of ε": SLOPE * Z,
        "z does not depend on sigma any more, for example because of detach": torch.zeros(5),
    },
)
SCORED_MU = Question(
    asked="the score-function estimates of ∂E[f(z)]/∂mu, one per ε",
    on=WHERE,
    expected=HEIGHT * SCORE_MU,
    mistakes={
        "d_mu and d_sigma are swapped": HEIGHT * SCORE_SIGMA,
        "the estimates are averaged: one for each ε is asked for": (HEIGHT * SCORE_MU).mean(),
        "the estimates are summed: one for each ε is asked for": (HEIGHT * SCORE_MU).sum(),
        "the estimates are divided by the number of draws": HEIGHT * SCORE_MU / len(EPS),
        "the sign is wrong: f times the score is the gradient of E[f], not of −E[f]": -HEIGHT * SCORE_MU,
        "ε is divided by σ²: ε = (z − μ)/σ has one of the two factors already": HEIGHT * EPS / SCALE**2,
        "ε is not divided by σ": HEIGHT * EPS,
        "ε is multiplied by σ: that is z − μ, still to be divided by σ²": HEIGHT * EPS * SCALE,
        "the score is missing: f alone is returned": HEIGHT,
        "f is missing: the score alone is returned": SCORE_MU,
        "the mean of f over these draws is subtracted, though no baseline is passed: the estimate is biased": (
            (HEIGHT - HEIGHT.mean()) * SCORE_MU
        ),
        "f is taken at ε instead of at z": cubic(EPS) * SCORE_MU,
        "the pathwise gradient, the slope of f, is returned: for the score function see (3.7)": SLOPE,
        "z moves along with mu inside log q: z must be held constant there": torch.zeros(5),
    },
)
SCORED_SIGMA = Question(
    asked="the score-function estimates of ∂E[f(z)]/∂sigma, one per ε",
    on=WHERE,
    expected=HEIGHT * SCORE_SIGMA,
    mistakes={
        "the score of mu is used for σ too": HEIGHT * SCORE_MU,
        "log q is treated as if it did not depend on σ": torch.zeros(5),
        "the −log σ in log q is forgotten, and with it the −1/σ in the score: see (3.8)": HEIGHT * EPS.square() / SCALE,
        "only the −log σ in log q is differentiated, and not the square": -HEIGHT / SCALE,
        "the score of σ is divided by σ once more": HEIGHT * SCORE_SIGMA / SCALE,
        "the score is that of the variance σ²": HEIGHT * SCORE_SIGMA / (2 * SCALE),
        "the score is that of log σ": HEIGHT * SCORE_SIGMA * SCALE,
        "the −1 in the score of σ has the wrong sign": HEIGHT * (EPS.square() + 1) / SCALE,
        "the sign is wrong": -HEIGHT * SCORE_SIGMA,
        "the −1 is subtracted without being divided by σ": HEIGHT * (EPS.square() / SCALE - 1),
        "the estimates are averaged: one for each ε is asked for": (HEIGHT * SCORE_SIGMA).mean(),
        "the pathwise gradient is returned: for the score function see (3.7)": SLOPE * EPS,
    },
)

BASELINE = 3.5


def baseline_mistakes(score: Tensor) -> dict[str, Tensor]:
    """What known mistakes with the baseline b give where (f − b) · score is right."""
    centred = HEIGHT - HEIGHT.mean()
    return {
        "the baseline is ignored": HEIGHT * score,
        "the baseline is added to f instead of subtracted": (HEIGHT + BASELINE) * score,
        "the sign is wrong: it is f − b that multiplies the score, not b − f": (BASELINE - HEIGHT) * score,
        "the baseline is subtracted from the product f · score, which adds a bias of −b": HEIGHT * score - BASELINE,
        "the baseline is subtracted from the score instead of from f, so the estimate is biased": HEIGHT
        * (score - BASELINE),
        "f is multiplied by the baseline, so the estimate is biased": HEIGHT * BASELINE * score,
        "f is replaced by the baseline": BASELINE * score,
        "the mean of f over these draws is the baseline: it has the draw's own f in it: biased": centred * score,
    }


BASED_MU = Question(
    asked="the score-function estimates of ∂E[f(z)]/∂mu, with a baseline",
    on=f"{WHERE}, baseline = {BASELINE}",
    expected=(HEIGHT - BASELINE) * SCORE_MU,
    mistakes=baseline_mistakes(SCORE_MU),
)
BASED_SIGMA = Question(
    asked="the score-function estimates of ∂E[f(z)]/∂sigma, with a baseline",
    on=f"{WHERE}, baseline = {BASELINE}",
    expected=(HEIGHT - BASELINE) * SCORE_SIGMA,
    mistakes=baseline_mistakes(SCORE_SIGMA),
)


# Another f, with other draws


def quartic(z: Tensor) -> Tensor:
    return z**4 + 3 * z


OTHER_POINT, OTHER_SCALE = -0.3, 1.2
OTHER_EPS = torch.tensor([0.8, -0.4, 1.7])
OTHER_Z = OTHER_POINT + OTHER_SCALE * OTHER_EPS
OTHER_WHERE = f"f(z) = z⁴ + 3z, mu = {OTHER_POINT}, sigma = {OTHER_SCALE}, {shown(eps=OTHER_EPS)}"


def other(of: Question, right: Tensor, typed: Tensor, what: str, factor: Tensor | float) -> Question:
    """The same question for the other f, which knows an answer that has the first f typed in."""
    mistakes = {f"{what} is hard-coded, whatever f is passed": typed * factor}
    return Question(of.asked, OTHER_WHERE, right * factor, mistakes)


SLOPES = 4 * OTHER_Z**3 + 3, 3 * OTHER_Z.square() - 2, "the slope of z³ − 2z + 5"
HEIGHTS = quartic(OTHER_Z), cubic(OTHER_Z), "z³ − 2z + 5"
OTHER_PATH_MU = other(PATH_MU, *SLOPES, 1.0)
OTHER_PATH_SIGMA = other(PATH_SIGMA, *SLOPES, OTHER_EPS)
OTHER_SCORED_MU = other(SCORED_MU, *HEIGHTS, OTHER_EPS / OTHER_SCALE)
OTHER_SCORED_SIGMA = other(SCORED_SIGMA, *HEIGHTS, (OTHER_EPS.square() - 1) / OTHER_SCALE)
FIRST, SECOND = (cubic, POINT, SCALE, EPS), (quartic, OTHER_POINT, OTHER_SCALE, OTHER_EPS)


def check_gradient(answer, of_mu: Question, of_sigma: Question, inputs: tuple = FIRST) -> None:
    """Raise Wrong unless `answer` gives both gradients."""
    found = of_mu.ask(answer, *inputs[:3], leaf(inputs[3]).detach())
    of_mu.check_parts(found, "d_mu, d_sigma")
    of_mu.compare(found[0])
    of_sigma.compare(found[1])


@check
def check_pathwise(my_pathwise):
    """Exercise 3.3: `my_pathwise(f, mu, sigma, eps)` is (d_mu, d_sigma), each shaped like `eps`, one estimate per ε."""
    check_gradient(my_pathwise, PATH_MU, PATH_SIGMA)
    check_gradient(my_pathwise, OTHER_PATH_MU, OTHER_PATH_SIGMA, SECOND)
    return "Both pathwise gradients, one estimate for each ε."


@check
def check_score_function(my_score_function):
    """Exercise 3.4: `my_score_function(f, mu, sigma, eps, baseline=0.0)` is (d_mu, d_sigma), each shaped like `eps`."""
    check_gradient(my_score_function, SCORED_MU, SCORED_SIGMA)
    check_gradient(partial(my_score_function, baseline=BASELINE), BASED_MU, BASED_SIGMA)
    check_gradient(my_score_function, OTHER_SCORED_MU, OTHER_SCORED_SIGMA, SECOND)
    return "Both score-function gradients, with a baseline and without."

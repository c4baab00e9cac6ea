"""Chapter 3: checks of the draw z = mu + sigma · eps, of a full covariance, and of both gradient estimators."""

import math

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

r"""# A draw of z

Write `my_reparameterize(mu, log_var)`: one draw $z$ of $q(z \mid x)$ for each row. Both inputs are `[batch, latent]`, `log_var` is $\log\sigma^2$, and so the draw is `[batch, latent]` too. Gradients must reach both inputs.

The check calls your function a thousand times on the same inputs. It looks at the mean and the standard deviation of every number of $z$, at rows and columns that should have nothing to do with one another, and at both gradients. It expects new noise in every call, so set no seed inside.

## Hint: where to look
Equation [(3.3)](#the-trick-throw-the-die-first) is the draw. An encoder that outputs $\log\sigma^2$ still owes you a $\sigma$. The shape of $\varepsilon$ is the subject of [One ε for every number](#one-ε-for-every-number).

## Hint: the idea
$\sigma$ is the square root of the variance, and the root of $\exp(a)$ is $\exp(a/2)$. The noise is Gaussian, with as many numbers as `mu` has. Everything after the noise is arithmetic that autograd can follow.

## Hint: nearly the code
Two lines: `sigma`, by `torch.exp` of half of something; then `mu` plus `sigma` times what `torch.randn_like` makes.
"""  # noqa: E501

import numpy as np
import torch

from vae_lib.exercises.engine import Sampled
from vae_lib.exercises.families import draws, half_exp, same, scaled, scatter


def solution(mu, log_var):
    """A draw of N(mu, exp(log_var)): [batch, latent], differentiable in both."""
    sigma = torch.exp(0.5 * log_var)
    return mu + sigma * torch.randn_like(sigma)


def parts(mu, log_var, *, mean=same, sigma=half_exp, noise=torch.randn_like, draw=scaled):
    return draw(mean(mu), sigma(log_var), noise(mu))


def inputs(rng):
    """[4, 3] and [3, 5]; no σ is near 1, and no μ near 0."""
    mu = [[0.5, -1.2, 2.0], [-0.4, 0.3, -0.7], [1.6, -2.1, 0.9], [-1.5, 0.8, -0.2]]
    log_var = [[-1.4, 0.9, 1.8], [2.2, -2.6, 1.1], [-2.1, 1.5, -0.8], [1.2, -1.7, 2.5]]

    def away_from_zero(shape, low, high):
        return (rng.uniform(low, high, shape) * rng.choice([-1, 1], shape)).round(1)

    other = {"mu": away_from_zero((3, 5), 0.3, 2.2), "log_var": away_from_zero((3, 5), 0.7, 2.5)}
    return [{"mu": np.array(mu), "log_var": np.array(log_var)}, other]


check_reparameterize = Sampled(
    name="reparameterize",
    solution=solution,
    parts=parts,
    inputs=inputs,
    statistics_of=scatter.of_draws,
    asked=scatter.OF_DRAWS,
    claims=scatter.CLAIMS_OF_DRAWS,
    otherwise=scatter.OTHERWISE_OF_DRAWS,
    right="z = μ + σ ⊙ ε: an ε of its own for every number, and gradients for μ and log σ².",
    gradients=("mu", "log_var"),
    axes=("batch", "latent"),
    mistakes=draws(),
    effort="core · ●○○ · 3 minutes",
)

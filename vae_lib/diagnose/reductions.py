"""Chapters 5 and 6: which β, σ_x² and nats an image a reported loss stands for, from its sums, means and factors.

`vae_lib.exercises.diagnose_loss` finds the same from the loss's code, by calling it; here its words are given.
"""

import math
from typing import NamedTuple

LIKELIHOODS = ("bernoulli", "gaussian")
REDUCTIONS = ("image", "sum", "mean")
# What to look for where a loss is below the least that it can be.
SQUARED_ERROR = (
    "a squared error and a KL are never below 0: does the loss hold the constant D/2 log(2πσ_x²)? Then pass noise_std"
)
PROBABILITY = "no −log P of pixels in 0…1 is negative: look for a sign, or for pixels outside [0, 1]"
DENSITY = (
    "no −log p(x|z) with this noise_std is below the constant D/2 log(2πσ_x²): look for a sign, another σ_x, or "
    "another reduction"
)


class Implied(NamedTuple):
    """A loss is `scale` · (−log p(x|z) + `beta` · KL), for a Gaussian with σ_x² = `noise_var`.

    A Gaussian's −log p(x|z) holds the constant D/2 log(2πσ_x²). The loss holds it too where `implied` was given
    `noise_std`; a squared error is the same without it. `nats` is −ELBO in nats an image, lower is better, always with
    the constant; None where β is not 1 and the KL was not given, since the two terms cannot be told apart in their sum.
    """

    scale: float
    beta: float
    noise_var: float | None
    nats: float | None

    def budget(self, cost: float) -> float:
        """How many nats can pass the latent at most, if a model of the data without a latent costs `cost` (5.10).

        `cost` is the total variance for a Gaussian, the entropy of the pixels, each on its own, for a Bernoulli.
        """
        return cost / (self.beta if self.noise_var is None else 2 * self.beta * self.noise_var)


def implied(
    loss: float,
    likelihood: str,
    *,
    data_dim: int,
    latent_dim: int,
    batch_size: int,
    reconstruction: str = "image",
    kl: str = "image",
    factor: float = 1.0,
    weight: float = 1.0,
    kl_nats: float | None = None,
    noise_std: float | None = None,
) -> Implied:
    """What loss = `factor` · error + `weight` · KL stands for (chapters 5 and 6, equations 5.9 to 5.11 and 6.12).

    The error is the cross-entropy for the likelihood "bernoulli". For "gaussian" it is the squared error, without a
    constant and read with β = 1; or, where `noise_std` gives its σ_x, the full −log p(x|z), the constant
    D/2 log(2πσ_x²) included, so that the loss may be negative. `reconstruction` says how the error is reduced: "image"
    is a sum over the pixels and a mean over the batch, "sum" a sum over everything, "mean" a mean over everything;
    `kl` says so of the KL and its latents. `kl_nats` is the KL itself, in nats an image, if it was reported. Raises
    ValueError for other words, for a size, factor, weight or σ_x that is not positive, for a negative KL, for a σ_x of
    a Bernoulli, and for a loss below its KL term, to which the constant is added where the loss holds it.
    """
    _check(likelihood, reconstruction, kl, kl_nats, data_dim, latent_dim, batch_size, factor, weight)
    _check_noise(likelihood, noise_std)
    a = factor * {"image": 1, "sum": batch_size, "mean": 1 / data_dim}[reconstruction]
    b = weight * {"image": 1, "sum": batch_size, "mean": 1 / latent_dim}[kl]
    kl_term = b * (kl_nats or 0)
    if likelihood == "gaussian" and noise_std is None:
        _check_loss(loss, "its KL term", kl_term, SQUARED_ERROR)
        noise_var = b / (2 * a)
        return Implied(b, 1.0, noise_var, loss / b + _constant(noise_var, data_dim))
    if noise_std is None:
        _check_loss(loss, "its KL term", kl_term, PROBABILITY)
        return _of_log_p(loss, a, b, None, kl_nats)
    noise_var = noise_std**2
    _check_loss(loss, "its KL term and constant", kl_term + a * _constant(noise_var, data_dim), DENSITY)
    return _of_log_p(loss, a, b, noise_var, kl_nats)


def _of_log_p(loss: float, a: float, b: float, noise_var: float | None, kl_nats: float | None) -> Implied:
    """Of a · (−log p(x|z)) + b · KL, both in nats an image."""
    beta = 1.0 if math.isclose(b / a, 1, rel_tol=1e-9) else b / a
    charged = 0.0 if beta == 1 else kl_nats
    return Implied(a, beta, noise_var, None if charged is None else loss / a - (beta - 1) * charged)


def _constant(noise_var: float, data_dim: int) -> float:
    return data_dim / 2 * math.log(2 * math.pi * noise_var)


def _check_loss(loss: float, least: str, value: float, advice: str) -> None:
    if not value <= loss < math.inf:
        advice = f"; {advice}" if math.isfinite(loss) else ""
        raise ValueError(f"expected a finite loss of at least {least}, {value:.4g}, got {loss}{advice}")


def _check_noise(likelihood: str, noise_std: float | None) -> None:
    if noise_std is not None and likelihood != "gaussian":
        raise ValueError(f"expected no noise_std with the likelihood {likelihood!r}, got {noise_std}")
    if noise_std is not None and not 0 < noise_std < math.inf:
        raise ValueError(f"expected a noise_std that is a finite number above 0, got {noise_std}")


def _check(likelihood: str, reconstruction: str, kl: str, kl_nats: float | None, *positive: float) -> None:
    if likelihood not in LIKELIHOODS:
        raise ValueError(f"expected a likelihood among {LIKELIHOODS}, got {likelihood!r}")
    if reconstruction not in REDUCTIONS or kl not in REDUCTIONS:
        raise ValueError(f"expected reductions among {REDUCTIONS}, got {reconstruction!r} and {kl!r}")
    if not all(0 < number < math.inf for number in positive):
        raise ValueError(f"expected positive sizes, factor and weight, got {positive}")
    if kl_nats is not None and not 0 <= kl_nats < math.inf:
        raise ValueError(f"expected a kl_nats that is a finite number of at least 0, got {kl_nats}")

"""Chapters 5 and 6: which β, σ_x² and nats an image a reported loss stands for, from its sums, means and factors.

`vae_lib.exercises.diagnose_loss` finds the same from the loss's code, by calling it; here its words are given.
"""

import math
from typing import NamedTuple

LIKELIHOODS = ("bernoulli", "gaussian")
REDUCTIONS = ("image", "sum", "mean")


class Implied(NamedTuple):
    """A loss is `scale` · (−log p(x|z) + `beta` · KL), for a Gaussian with σ_x² = `noise_var` and up to its constant.

    `nats` is −ELBO in nats an image, lower is better, the Gaussian's constant D/2 log(2πσ_x²) included; None where β
    is not 1 and the KL was not given, since the two terms cannot be told apart in their sum.
    """

    scale: float
    beta: float
    noise_var: float | None
    nats: float | None

    def budget(self, cost: float) -> float:
        """How many nats can pass the latent at most, if a model of the data without a latent costs `cost` (5.10).

        `cost` is the total variance for a Gaussian, the entropy of the pixels, each on its own, for a Bernoulli.
        """
        return cost / (self.beta if self.noise_var is None else 2 * self.noise_var)


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
) -> Implied:
    """What loss = `factor` · error + `weight` · KL stands for (chapter 5, equations 5.9 to 5.11).

    The error is the cross-entropy for the likelihood "bernoulli", the squared error for "gaussian". `reconstruction`
    says how the error is reduced: "image" is a sum over the pixels and a mean over the batch, "sum" a sum over
    everything, "mean" a mean over everything; `kl` says so of the KL and its latents. `kl_nats` is the KL itself, in
    nats an image, if it was reported. A squared error without a constant is read with β = 1. Raises ValueError for
    other words, for a size, factor or weight that is not positive, for a negative KL, and for a loss below its KL term.
    """
    _check(likelihood, reconstruction, kl, kl_nats, data_dim, latent_dim, batch_size, factor, weight)
    a = factor * {"image": 1, "sum": batch_size, "mean": 1 / data_dim}[reconstruction]
    b = weight * {"image": 1, "sum": batch_size, "mean": 1 / latent_dim}[kl]
    if not b * (kl_nats or 0) <= loss < math.inf:
        raise ValueError(f"expected a finite loss of at least its KL term, {b * (kl_nats or 0):.4g}, got {loss}")
    if likelihood == "gaussian":
        noise_var = b / (2 * a)
        return Implied(b, 1.0, noise_var, loss / b + data_dim / 2 * math.log(2 * math.pi * noise_var))
    beta = b / a
    if math.isclose(beta, 1, rel_tol=1e-9):
        return Implied(a, 1.0, None, loss / a)
    return Implied(a, beta, None, None if kl_nats is None else loss / a - (beta - 1) * kl_nats)


def _check(likelihood: str, reconstruction: str, kl: str, kl_nats: float | None, *positive: float) -> None:
    if likelihood not in LIKELIHOODS:
        raise ValueError(f"expected a likelihood among {LIKELIHOODS}, got {likelihood!r}")
    if reconstruction not in REDUCTIONS or kl not in REDUCTIONS:
        raise ValueError(f"expected reductions among {REDUCTIONS}, got {reconstruction!r} and {kl!r}")
    if not all(0 < number < math.inf for number in positive):
        raise ValueError(f"expected positive sizes, factor and weight, got {positive}")
    if kl_nats is not None and not 0 <= kl_nats < math.inf:
        raise ValueError(f"expected a kl_nats that is a finite number of at least 0, got {kl_nats}")

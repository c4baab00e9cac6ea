r"""# Draws with a full covariance

Write `my_draw(mu, Sigma, num_samples)`: draws from $\mathcal{N}(\mu, \Sigma)$, as rows of a tensor `[num_samples, latent]`. `mu` is `[latent]`, and `Sigma`, `[latent, latent]`, is a full covariance. No gradient is asked for.

The check compares the mean and the covariance of a few thousand draws with $\mu$ and $\Sigma$. Any factor $A$ with $A A^\top = \Sigma$ will do, and so will a loop.

## Hint: where to look
Equations [(3.5)](#l-not-σ), [(3.6)](#l-not-σ) and [(3.16)](#a-full-covariance-deeper). The last paragraph of [A full covariance](#a-full-covariance-deeper) says on which side a factor stands when each $\varepsilon$ is a row.

## Hint: the idea
Find a factor of $\Sigma$; make one row of noise for each draw; let the factor act on each row; add $\mu$. A row comes out as $(L\varepsilon)^\top = \varepsilon^\top L^\top$.

## Hint: nearly the code
`torch.linalg.cholesky` gives the lower triangular $L$. The noise is `torch.randn` of `num_samples` and `len(mu)`. The product is the noise, `@`, and $L$ or its transpose: ask hint 2 which.
"""  # noqa: E501

import numpy as np
import torch

from vae_lib.exercises.engine import Call, Sampled, Seen, Statistic, mean_of, spread_of, swap
from vae_lib.exercises.families import correlations, noises, repeats, same, scatter, standardised, swaps


def solution(mu, Sigma, num_samples):
    """Draws from N(mu, Sigma), Sigma the covariance: [num_samples, latent]."""
    factor = torch.linalg.cholesky(Sigma)  # lower triangular
    rows_of_noise = torch.randn(num_samples, len(mu), dtype=mu.dtype)
    return mu + rows_of_noise @ factor.T


def rows(mean, factor, eps):
    return mean + eps @ factor.mT


def parts(mu, Sigma, num_samples, *, mean=same, factor=torch.linalg.cholesky, noise=torch.randn_like, draw=rows):
    return draw(mean(mu), factor(Sigma), noise(mu.expand(num_samples, len(mu))))


def inputs(rng):
    """13 draws of 3 latents, 7 of 5; Σ has a negative entry, and no variance near 1."""
    mu, lower = np.array([0.8, -1.5, 2.4]), np.array([[1.5, 0, 0], [-1.0, 0.6, 0], [0.4, 1.0, 0.8]])
    other = np.tril(rng.uniform(0.3, 0.7, (5, 5)) * rng.choice([-1, 1], (5, 5)), -1) + np.diag(rng.uniform(0.5, 1.5, 5))
    other_mu = rng.uniform(0.6, 2.2, 5) * rng.choice([-1, 1], 5)
    return [
        {"mu": mu, "Sigma": lower @ lower.T, "num_samples": 13},
        {"mu": other_mu.round(1), "Sigma": (other @ other.T).round(2), "num_samples": 7},
    ]


def of_rows(seen: Seen, call: Call):
    """Statistics of rows from N(mu, Sigma)."""
    z, mu, factor = seen.values["value"], call.inputs["mu"], np.linalg.cholesky(call.inputs["Sigma"])
    with np.errstate(all="ignore"):
        white, off, eps = (z - mu) @ np.linalg.inv(factor).T, z - z.mean(0), standardised(z)
        correlation, independent = correlations(eps)
        row, other = np.triu_indices(z[0].size, 1)
        between = correlation[row // len(mu) != other // len(mu)]
        two_rows = (independent / len(z[0])) ** 2 * len(between) / len(mu) ** 2  # of which numbers are independent
        squared = np.square(white).sum(2)
        noise = [np.abs(white).mean((1, 2)), (white**3).mean((1, 2)), np.square(squared).mean(1)]
        return {
            "repeats": repeats(z),
            "correlations": Statistic(between, (1 - between**2).clip(0) / np.sqrt(len(z)), two_rows),
            "mean": mean_of(z)._replace(independent=independent),
            "pooled mean": mean_of(white.mean(1))._replace(independent=1),
            "covariance": mean_of((off[..., None] * off[..., None, :]).mean(1))._replace(independent=len(mu)),
            "spread": spread_of(z)._replace(independent=independent),
            "pooled spread": mean_of(squared.mean(1)),
            "calls": mean_of((eps[1:] * eps[:-1]).mean(1)),
            "noise": mean_of(np.stack(noise, 1)),
        }


FACTORS = {
    "sigma": ("Σ multiplies ε in place of a factor L: Σε, and Σᵀε, have covariance ΣΣ", same),
    "transposed": (
        "Lᵀ multiplies ε in place of L: where ε is a row, the factor on its right must be transposed",
        lambda S: torch.linalg.cholesky(S).mT,
    ),
    "inverse": ("the inverse of L multiplies ε", lambda S: torch.linalg.inv(torch.linalg.cholesky(S))),
    "precision": (
        "Σ is used as the precision matrix: its inverse is the covariance",
        lambda S: torch.linalg.cholesky(torch.linalg.inv(S)),
    ),
    "diagonal": (
        "only the diagonal of Σ is used, and the covariances are lost",
        lambda S: S.diagonal().sqrt().diag(),
    ),
    "variances": (
        "the diagonal of Σ, the variances, is used as standard deviations",
        lambda S: S.diagonal().diag(),
    ),
    "diagonal-of-factor": ("only the diagonal of L is used", lambda S: torch.linalg.cholesky(S).diagonal().diag()),
    "entry-roots": (
        "the square root of each entry of Σ is taken: that is no factor of Σ, and NaN where Σ is negative",
        torch.sqrt,
    ),
    "entry-roots-of-sizes": (
        "the square root of the absolute value of each entry of Σ is taken: that is no factor of Σ",
        lambda S: S.abs().sqrt(),
    ),
    "lower-of-sigma": ("the lower triangle of Σ is used as L: it is no factor of Σ", torch.tril),
    "eigenvalues": (
        "the eigenvectors of Σ are lost, or on the wrong side of ε: its eigenvalues alone are left",
        lambda S: torch.linalg.eigvalsh(S).sqrt().diag(),
    ),
    "below-diagonal": ("the diagonal of L is left out", lambda S: torch.linalg.cholesky(S).tril(-1)),
    "identity": ("Σ does not enter: the covariance is I", lambda S: torch.eye(len(S))),
}

check_draw = Sampled(
    name="draw",
    solution=solution,
    parts=parts,
    inputs=inputs,
    calls=400,
    many=2000,
    statistics_of=of_rows,
    asked={
        "repeats": "do all calls give the same numbers?",
        "correlations": "noise of its own for each draw: the correlations of numbers in different rows, over 400 calls",
        "mean": "the mean of each number, over 400 calls",
        "pooled mean": "the mean of L⁻¹(z − mu), L Lᵀ = Sigma, over all draws of 400 calls",
        "covariance": "the covariance of a row, over all rows of 400 calls",
        "spread": "the standard deviation of each number, over 400 calls",
        "pooled spread": "the mean of |L⁻¹(z − mu)|², over all draws of 400 calls",
        "calls": "new noise in every call: the correlation of one call with the next",
        "noise": "Gaussian noise: the means of |ε|, ε³ and |ε|⁴ of ε = L⁻¹(z − mu), over all draws of 400 calls",
    },
    claims=("repeats", "mean", "covariance", "correlations", "noise"),
    otherwise=scatter.OTHERWISE_OF_DRAWS
    | {"noise": ("not-gaussian", "Mean and covariance are right, but the noise is not Gaussian.")},
    right="The draws have mean mu and covariance Sigma.",
    axes=("latent",),
    effort="deeper · ●●○ · 8 minutes",
    mistakes={
        **swaps("factor", FACTORS, "factor-"),
        **noises("noise"),
        "factor-vectors-transposed": swap(
            "the eigenvectors of Σ multiply ε from the wrong side: their transpose is meant",
            factor=lambda S: torch.linalg.eigh(S).eigenvectors.mT * torch.linalg.eigvalsh(S).sqrt(),
        ),
        "mean-missing": swap("mu is not added", mean=lambda mu: 0 * mu),
        "mean-subtracted": swap("mu is subtracted", mean=torch.neg),
        "mean-multiplied": swap("the factor multiplies mu as well: L(mu + ε)", draw=lambda m, L, e: (m + e) @ L.mT),
        "columns": swap("the draws are the columns, and not the rows", draw=lambda *z: rows(*z).mT),
        "columns-reshaped": swap(
            "the draws are the columns, and reshape or view makes rows of them: it does not turn them",
            draw=lambda m, L, e: rows(m, L, e).mT.reshape(e.shape),
        ),
        "kept-axis": swap("there is an axis too many: [num_samples, 1, latent]", draw=lambda *z: rows(*z)[:, None]),
        "one-fewer": swap("there is one draw too few", draw=lambda *z: rows(*z)[1:]),
    },
)

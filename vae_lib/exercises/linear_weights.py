r"""# The best weights of a linear decoder

Write `my_weights(x, latent_dim, noise_var)`: the best $W$ of a linear decoder with a fixed $\sigma_x^2$ = `noise_var`, for the data $x$ `[batch, data]`, as a matrix `[data, latent]`. A drowned latent gets a column of zeros. The mean of $x$ is not zero. The data know $W$ only up to a rotation of its columns: what $p(x)$ holds is $WW^\top$, and so the check compares $WW^\top$ `[data, data]`. So your columns may have any sign and any order.

## Hint: where to look
[(7.2)](#the-water-level). And [chapter 4](04_elbo.ipynb)'s `from_pca`, which does it with a learned $\sigma_x$.

## Hint: the idea
Centre the data, take the covariance divided by $N$, and its eigenvectors. Each of the leading `latent_dim` directions gets a column along it, whose squared length is $\lambda_i - \sigma_x^2$.

## Hint: nearly the code
`torch.cov(x.T, correction=0)` is `[data, data]`. `torch.linalg.eigh` gives the eigenvalues in ascending order, and the eigenvectors as columns. `(values - noise_var).clamp(min=0).sqrt()` are the lengths.
"""  # noqa: E501

import numpy as np
import torch

from vae_lib.exercises.engine import Call, Exercise, Statistic, whole
from vae_lib.exercises.families import same, swaps


def solution(x, latent_dim, noise_var):
    """The best W for this noise: [data, latent], drowned columns zero."""
    eigenvalues, vectors = torch.linalg.eigh(torch.cov(x.T, correction=0))  # ascending
    lengths = (eigenvalues[-latent_dim:] - noise_var).clamp(min=0).sqrt()
    return vectors[:, -latent_dim:] * lengths


def centred(x):
    return (x - x.mean(0)).T @ (x - x.mean(0)) / len(x)


def leading(values, vectors, latent_dim):
    return values[-latent_dim:], vectors[:, -latent_dim:]


def squared_length(values, noise_var):
    return (values - noise_var).clamp(min=0)


def parts(x, latent_dim, noise_var, *, covariance=centred, some=leading, square=squared_length, root=torch.sqrt):
    values, vectors = some(*torch.linalg.eigh(covariance(x)), int(latent_dim))
    return vectors * root(square(values, noise_var))


def spread(rng, batch, variances):
    """Data [batch, data] with these variances, off the axes and off the origin."""
    axes = np.linalg.qr(rng.normal(size=(len(variances),) * 2))[0]
    z = np.linalg.qr(rng.normal(size=(batch, len(variances))))[0]
    z -= z.mean(0)
    return (z * np.sqrt(batch * np.array(variances)) @ axes.T + rng.uniform(0.4, 0.9, len(variances))).round(3)


def inputs(rng):
    """Three latents of which two live; two that live where three would; and one of two that lives."""
    given = [(11, (1.9, 1.1, 0.3, 0.2, 0.1), 3, 0.5), (17, (3.1, 2.2, 1.7, 0.4, 0.2, 0.15, 0.1), 2, 0.6)]
    given.append((13, (0.8, 0.2, 0.12, 0.05), 2, 0.4))
    names = ("x", "latent_dim", "noise_var")
    return [
        dict(zip(names, (spread(rng, n, v), np.array(d), np.array(noise)), strict=True)) for n, v, d, noise in given
    ]


def product(seen, call: Call):
    """WWᵀ of both calls: what p(x) knows of W."""
    values = seen.values["value"]
    both = values @ values.swapaxes(1, 2)
    return {"product": Statistic(both[0]), "again": Statistic(np.nan_to_num(both[-1] - both[0]))}


def of_counts(x):
    return x.T @ x / len(x)


COVARIANCES = {
    "n-minus-one": ("the covariance is divided by N − 1: the likelihood's is divided by N", lambda x: torch.cov(x.T)),
    "uncentred": ("the data are not centred: the mean image is b's, not W's", of_counts),
    "sum": ("the sum of squares is not divided by N", lambda x: centred(x) * len(x)),
    "over-data": ("it is divided by the number of pixels, not of examples", lambda x: centred(x) * len(x) / x.shape[1]),
    "correlation": ("the correlations are taken, not the covariance", lambda x: torch.corrcoef(x.T)),
    "centred-by-row": (
        "each example is centred by the mean of its own pixels",
        lambda x: of_counts(x - x.mean(1, keepdim=True)),
    ),
}
SOME = {
    "smallest": (
        "the smallest eigenvalues are taken: eigh gives them in ascending order",
        lambda v, U, d: (v[:d], U[:, :d]),
    ),
    "vectors-smallest": (
        "the eigenvalues are the leading ones, the vectors those of the smallest",
        lambda v, U, d: (v[-d:], U[:, :d]),
    ),
    "reversed": (
        "eigenvalues and vectors do not belong together: one of the two was reversed",
        lambda v, U, d: (v[-d:], U[:, -d:].flip(1)),
    ),
    "rows": ("the rows of eigh's vectors are used: they are columns", lambda v, U, d: (v[-d:], U.T[:, -d:])),
}
SQUARES = {
    "noise-kept": ("σ_x² is not subtracted from λ", lambda v, s: v.clamp(min=0) + 0 * s),
    "noise-added": ("σ_x² is added to λ: W and the noise together make λ", lambda v, s: v + s),
    "std": ("σ_x is subtracted from λ, and not σ_x²", lambda v, s: (v - s.sqrt()).clamp(min=0)),
    "squared": ("noise_var is squared: it is a variance already", lambda v, s: (v - s**2).clamp(min=0)),
    "roots": (
        "the lengths are √λ − σ_x: the root belongs around λ − σ_x²",
        lambda v, s: (v.sqrt() - s.sqrt()).clamp(min=0) ** 2,
    ),
    "absolute": ("a drowned direction gets a length too, |λ − σ_x²|", lambda v, s: (v - s).abs()),
    "not-clamped": (
        "the root of a negative number is taken: a drowned latent has λ below σ_x²",
        lambda v, s: v - s,
    ),
    "unit": ("the columns have the length 1", lambda v, s: 0 * v + 1),
    "drowned-kept": (
        "a drowned direction keeps its λ",
        lambda v, s: torch.where(v > s, v - s, v),
    ),
    "hard": ("what is above the level keeps its λ whole", lambda v, s: torch.where(v > s, v, 0 * v)),
    "ratio": ("λ/σ_x² − 1 is taken in place of λ − σ_x²", lambda v, s: (v / s - 1).clamp(min=0)),
}

check_linear_weights = Exercise(
    name="linear_weights",
    solution=solution,
    parts=parts,
    inputs=inputs,
    asked={
        "product": "W Wᵀ, [data, data]",
        "again": "the same W Wᵀ from a second call: the difference",
    },
    statistics_of=product,
    right="The best W, as far as p(x) knows it: W Wᵀ.",
    effort="deeper · ●●○ · 8 minutes",
    mistakes={
        **swaps("covariance", COVARIANCES),
        **swaps("some", SOME),
        **swaps("square", SQUARES),
        **swaps("root", {"no-root": ("the root is not taken: λ − σ_x² is the square of a length", same)}),
        "learned-noise": whole(
            "σ_x² is taken to be the mean of the eigenvalues left out: here it is given",
            lambda x, d, s: parts(x, d, torch.linalg.eigvalsh(centred(x))[: -int(d)].mean()),
        ),
    },
)

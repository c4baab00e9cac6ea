r"""# The way back

The way back. Someone hands you diagonal covariance matrices `Sigma`, `[batch, latent, latent]`, and asks what an encoder would have to output for them. Write `my_log_var(Sigma)`, which returns $\log \sigma^2$, `[batch, latent]`. Keep the order of the latents, and let the gradient pass.

## Hint: where to look
The table of the five names, below [(1.3)](#the-encoder-μ-and-log-σ²): what stands on the diagonal of $\Sigma$, and what is $\log \sigma^2$ the logarithm of?

## Hint: the idea
Take the diagonal of each matrix, then its logarithm. With a batch in front, the two axes of a matrix are the last two.

## Hint: nearly the code
`torch.diagonal` takes the first two axes unless you name others: `dim1=-2, dim2=-1`. On the diagonal stands $\sigma^2$ itself, so there is no ½ and no square.
"""  # noqa: E501

import numpy as np
import torch

from vae_lib.exercises.engine import Exercise, Statistic
from vae_lib.exercises.families import same, swaps


def solution(Sigma):
    """log σ², [batch, latent], of diagonal Σ, [batch, latent, latent]."""
    variance = torch.diagonal(Sigma, dim1=-2, dim2=-1)
    return variance.log()


def diagonal(Sigma):
    return torch.diagonal(Sigma, dim1=-2, dim2=-1)


def parts(Sigma, *, read=diagonal, log=torch.log, scale=same, give=same):
    return give(scale(log(read(Sigma))))


def inputs(rng):
    """Three latents, six and two, in no order, with variances small and large; no two axes are alike."""
    first = [[1.6, 0.2, 3.0], [0.09, 5.0, 0.6], [0.7, 0.02, 1.9], [2.2, 0.4, 0.8], [0.5, 40.0, 0.15]]
    given = np.array(first), *(np.exp(rng.uniform(-3, 3, shape)).round(2) for shape in ((4, 6), (7, 2)))
    return [{"Sigma": variances[:, :, None] * np.eye(variances.shape[1])} for variances in given]


READS = {
    "plus-one": ("1 is added before the logarithm, as log1p does", lambda S: diagonal(S) + 1),
    "eigenvalues": (
        "the eigenvalues are taken, which come in rising order: the order of the latents is lost",
        lambda S: diagonal(S).sort().values,
    ),
    "singular-values": (
        "the singular values are taken, which come in falling order: the order of the latents is lost",
        lambda S: diagonal(S).sort(descending=True).values,
    ),
    "flipped": ("the latents come in the opposite order", lambda S: diagonal(S).flip(-1)),
    "first-axes": ("the diagonal is taken along two axes of which one is the batch", lambda S: torch.diagonal(S)),
    "whole": ("the logarithm of the whole matrix is returned, with log 0 = −∞ off the diagonal", same),
    "first-row": ("the first row of each matrix is taken, with log 0 = −∞, and not its diagonal", lambda S: S[:, 0]),
    **{f"typed-in-{n}": (f"the number of latents is fixed at {n}", lambda S, n=n: diagonal(S)[:, :n]) for n in (2, 3)},
    "row-mean": ("each row is averaged, zeros and all, in place of its entry on the diagonal", lambda S: S.mean(-1)),
    "shared": (
        "the latents share one variance, their mean: Σ is diagonal, not isotropic",
        lambda S: diagonal(S).mean(-1, keepdim=True).expand(S.shape[:2]),
    ),
    "first-picture": ("the first matrix is used for the whole batch", lambda S: diagonal(S[:1]).expand(S.shape[:2])),
    "partly-detached": (
        "all but the first latent are detached: made numbers by .item(), float() or math.log",
        lambda S: torch.cat([diagonal(S)[:, :1], diagonal(S)[:, 1:].detach()], 1),
    ),
    **{f"small-number-{n}": (f"1e-{n} is added first", lambda S, n=n: diagonal(S) + 10.0**-n) for n in (1, 2, 3, 4)},
    "at-least-one": ("variances below 1 are made 1, or logarithms below 0 made 0", lambda S: diagonal(S).clamp(min=1)),
}
LOGS = {
    "missing": ("the logarithm is missing: that is σ²", same),
    "root": ("the square root is taken instead of the logarithm: that is σ", torch.sqrt),
    "exp": ("exp is taken where log is meant", torch.exp),
    "half-exp": ("exp(½ ·) is taken, the way from log σ² to σ: here it goes back", lambda v: (v / 2).exp()),
    "base-ten": ("the logarithm is to base 10: the head's exponential is to base e", torch.log10),
    "base-two": ("the logarithm is to base 2: the head's exponential is to base e", torch.log2),
    "softplus-undone": ("softplus is undone in place of exp, which makes σ here", lambda v: torch.log(torch.expm1(v))),
}
SCALES = {
    "root": ("a root or a ½ comes with the logarithm: that is log σ", lambda v: v / 2),
    "squared": ("the diagonal of Σ is used as σ and squared: it holds σ² already", lambda v: 2 * v),
    "inverse": ("the sign is flipped: that is the logarithm of the precision 1/σ²", torch.neg),
}
GIVES = {
    "matrix": ("the logarithms are returned on the diagonal of a matrix", torch.diag_embed),
    "log-determinant": ("the log-determinant is returned, the sum over the latents", lambda v: v.sum(-1)),
    "mean": ("the mean over the latents is returned: each latent has its own", lambda v: v.mean(-1)),
    "transposed": ("the axes are swapped: the batch comes first", lambda v: v.mT),
    "flat": ("the numbers are returned in one row, without an axis for the batch", torch.flatten),
}


class OnDiagonal(Exercise):
    """An exercise whose gradient counts on the diagonal alone: off it a diagonal Σ has nothing to say."""

    def statistics(self, seen, call):
        found = super().statistics(seen, call)
        name = "gradient of Sigma"
        return found | {name: Statistic(np.diagonal(found[name].value, axis1=-2, axis2=-1))} if name in found else found


check_log_var = OnDiagonal(
    name="log_var",
    solution=solution,
    parts=parts,
    inputs=inputs,
    asked={
        "value": "log σ², [batch, latent]",
        "again": "the same numbers from a second call: the difference",
        "gradient of Sigma": "the gradient of the sum with respect to the diagonals of Sigma",
    },
    right="The way back: Σ holds σ² on its diagonal, the encoder log σ².",
    gradients=("Sigma",),
    axes=("batch", "latent"),
    effort="deeper · ●○○ · 4 minutes",
    mistakes={
        **swaps("read", READS, "read-"),
        **swaps("log", LOGS, "log-"),
        **swaps("scale", SCALES, "scale-"),
        **swaps("give", GIVES, "give-"),
    },
)

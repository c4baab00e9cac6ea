r"""# A head for a full Σ

A head for a full $\Sigma$, the last row of (1.6), with three latents. The network returns six numbers $a_1, \dots, a_6$ for each picture. They fill the lower triangle of $L$ row by row, and on the diagonal they are logarithms:

$$
L = \begin{pmatrix} e^{a_1} & 0 & 0 \\ a_2 & e^{a_3} & 0 \\ a_4 & a_5 & e^{a_6} \end{pmatrix}
$$

Write `my_full_covariance(entries)`, which makes $\Sigma = L L^\top$, `[batch, 3, 3]`, of `entries`, `[batch, 6]`. Whatever the six numbers are, this $\Sigma$ is symmetric and positive definite, and no other six give the same.

## Hint: where to look
[(1.6)](#three-shapes-of-σ-deeper), and `torch.tril_indices`, with which the entries are counted there: it gives their rows and columns in just this order.

## Hint: the idea
Three steps: six numbers into a `[batch, 3, 3]` of zeros; the exponential on the diagonal, and nowhere else; the product of $L$ with its transpose. A batch of matrices is transposed in its last two axes.

## Hint: nearly the code
With `row, column = torch.tril_indices(3, 3)`, the assignment `L[:, row, column] = …` fills all matrices at once, and `torch.where(row == column, …, …)` chooses which of the numbers are exponentiated first. The product is `@`, the transpose `.mT`.
"""  # noqa: E501

import numpy as np
import torch
from torch.nn.functional import normalize, softplus

from vae_lib.exercises.engine import Exercise
from vae_lib.exercises.families import half_exp, same, swaps

EYE = torch.eye(3, dtype=bool)


def solution(entries):
    """Σ = L Lᵀ, [batch, 3, 3], of the six numbers of L, [batch, 6]."""
    row, column = torch.tril_indices(3, 3)
    L = entries.new_zeros(len(entries), 3, 3)
    L[:, row, column] = torch.where(row == column, entries.exp(), entries)
    return L @ L.mT


def squared(L):
    return L @ L.mT


def unit_triangle(L):
    U = L.tril(-1) + EYE
    return U @ (L * EYE) @ U.mT


def parts(entries, *, places="00 10 11 20 21 22", diagonal=torch.exp, below=same, finish=squared):
    """`places`: the row and the column of each number."""
    L = entries.new_zeros(len(entries), 3, 3)
    for number, (row, column) in zip(entries.mT, places.split(), strict=True):
        L[:, int(row), int(column)] = number
    return finish(torch.where(EYE, diagonal(L), below(L)))


def inputs(rng):
    """Two, five and one picture: no batch is 3 or 6."""
    entries = (rng.uniform(0.2, 1.5, (8, 6)) * rng.choice([-1, 1], (8, 6))).round(1)
    return [{"entries": some} for some in np.split(entries, [2, 7])]


FILLS = {
    "by-columns": ("the triangle is filled column by column", "00 10 20 11 21 22"),
    "upper": ("the upper triangle is filled instead of the lower", "00 01 02 11 12 22"),
    "diagonal-first": ("the diagonal takes the first three numbers, and not those of its rows", "00 11 22 10 20 21"),
    "diagonal-last": ("the diagonal takes the last three numbers, and not those of its rows", "10 20 21 00 11 22"),
}
DIAGONALS = {
    "not-exponentiated": ("the diagonal of L is not exponentiated: it may then be negative", same),
    "half": ("the diagonal is exponentiated with a ½: it holds logarithms of L's numbers, not of variances", half_exp),
    "double": ("the diagonal of L is squared already, before the product", lambda L: (2 * L).exp()),
    "inverse": ("the sign of the logarithms is wrong: the diagonal of L is exp(−a)", lambda L: (-L).exp()),
    "added": ("exp is added to the diagonal instead of taking its place", lambda L: L + L.exp()),
    "zero": ("the diagonal of L stays 0: its logarithms are not put in", torch.zeros_like),
    "one": ("the diagonal of L is 1: its logarithms are not put in", torch.ones_like),
    "softplus": ("softplus makes the diagonal of L instead of exp", softplus),
    "absolute": ("the diagonal of L loses its sign, and is not exponentiated", torch.abs),
    "log": ("the logarithm of the diagonal is taken once more: it is a logarithm already", torch.log),
    "last": (
        "the last number on the diagonal is not exponentiated",
        lambda L: torch.where(torch.arange(3) < 2, L.exp(), L),
    ),
    "detached": ("the diagonal of L is detached, as by .item()", lambda L: L.exp().detach()),
    "past-autograd": (
        "the exponential is taken past autograd, as under torch.no_grad",
        lambda L: L.exp().detach() + L - L.detach(),
    ),
}
BELOWS = {
    "exponentiated": ("all six numbers are exponentiated", lambda L: torch.where(L == 0, 0, L.exp())),
    "all-exponentiated": ("the whole matrix is exponentiated, with exp 0 = 1 above the diagonal", torch.exp),
}
FINISHES = {
    "lower": ("L itself is returned: the product with Lᵀ is missing", same),
    "exchanged": ("the product is Lᵀ L", lambda L: L.mT @ L),
    "not-transposed": ("L is multiplied by itself: the transpose is missing", lambda L: L @ L),
    "entrywise": ("Σ is diagonal: what lies below the diagonal of L is lost", lambda L: L * L.mT),
    "squares": ("the entries of L are squared one by one", torch.square),
    "sum": ("L and Lᵀ are added: the sum is symmetric, but not always positive definite", lambda L: L + L.mT),
    "mirrored": ("L is mirrored at its diagonal, and not multiplied", lambda L: L + L.tril(-1).mT),
    "exponentiated": ("the diagonal of Σ is exponentiated", lambda L: torch.where(EYE, squared(L).exp(), squared(L))),
    "unit-triangle": ("exp(a) stands between U and Uᵀ, with ones on U's diagonal: U D Uᵀ", unit_triangle),
    "precision": ("the inverse is returned: that is the precision Σ⁻¹", lambda L: torch.linalg.inv(squared(L))),
    "correlation": ("Σ is divided by its standard deviations: a correlation", lambda L: squared(normalize(L, dim=2))),
    "jitter": ("0.01 is added on the diagonal of Σ", lambda L: squared(L) + 0.01 * EYE),
    "first": ("every picture gets the first one's Σ", lambda L: squared(L[:1]).expand_as(L)),
    "batch-sum": ("the matrices of the batch are added up: each picture has its own", lambda L: squared(L).sum(0)),
    "detached": ("one of the two factors of L Lᵀ is detached", lambda L: L @ L.detach().mT),
}

check_full_covariance = Exercise(
    name="full_covariance",
    solution=solution,
    parts=parts,
    inputs=inputs,
    asked={
        "value": "Σ = L Lᵀ, [batch, 3, 3]",
        "again": "the same numbers from a second call: the difference",
        "gradient of entries": "the gradient of the sum with respect to entries",
    },
    right="A full Σ: symmetric and positive definite, whatever the numbers.",
    gradients=("entries",),
    axes=("batch", "entries"),
    effort="deeper · ●●● · 8 minutes",
    mistakes={
        **swaps("places", FILLS, "fill-"),
        **swaps("diagonal", DIAGONALS, "diagonal-"),
        **swaps("below", BELOWS, "below-"),
        **swaps("finish", FINISHES, "finish-"),
    },
)

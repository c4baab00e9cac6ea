r"""# A head for a full Σ

A head for a full $\Sigma$, the last row of (1.6), with three latents. The network returns six numbers $a_1, \dots, a_6$ for each picture. They fill the lower triangle of $L$ row by row, and on the diagonal they are logarithms:

$$
L = \begin{pmatrix} e^{a_1} & 0 & 0 \\ a_2 & e^{a_3} & 0 \\ a_4 & a_5 & e^{a_6} \end{pmatrix}
$$

Write `my_full_covariance(entries)`, which makes $\Sigma = L L^\top$, `[batch, 3, 3]`, of `entries`, `[batch, 6]`. Whatever the six numbers are, this $\Sigma$ is symmetric and positive definite, and no other six give the same.

## Hint: where to look
(1.6), and the cell that counted entries with `torch.tril_indices`: it gives their rows and columns in just this order.

## Hint: the idea
Three steps: six numbers into a `[batch, 3, 3]` of zeros; the exponential on the diagonal, and nowhere else; the product of $L$ with its transpose. A batch of matrices is transposed in its last two axes.

## Hint: nearly the code
With `row, column = torch.tril_indices(3, 3)`, the assignment `L[:, row, column] = …` fills all matrices at once, and `torch.where(row == column, …, …)` chooses which of the numbers are exponentiated first. The product is `@`, the transpose `.mT`.
"""  # noqa: E501

import numpy as np
import torch
from torch.nn.functional import softplus

from vae_lib.exercises import families
from vae_lib.exercises.engine import Exercise, whole
from vae_lib.exercises.families import half_exp, same

EYE = torch.eye(3, dtype=bool)


def solution(entries):
    """Σ = L Lᵀ, [batch, 3, 3], of the six numbers of L, [batch, 6]."""
    row, column = torch.tril_indices(3, 3)
    L = entries.new_zeros(len(entries), 3, 3)
    L[:, row, column] = torch.where(row == column, entries.exp(), entries)
    return L @ L.mT


def filled(places):
    """What puts the six numbers into these places, each a row and a column."""
    row, column = zip(*[(int(i), int(j)) for i, j in places.split()], strict=True)

    def fill(entries):
        L = entries.new_zeros(len(entries), 3, 3)
        L[:, row, column] = entries
        return L

    return fill


by_rows = filled("00 10 11 20 21 22")


def squared(L):
    return L @ L.mT


def parts(entries, *, fill=by_rows, diagonal=torch.exp, below=same, finish=squared):
    L = fill(entries)
    return finish(torch.where(EYE, diagonal(L), below(L)))


def inputs(rng):
    """Two, five and one picture: no batch is 3 or 6."""
    entries = [[0.5, -1.1, -0.7, 0.8, 1.4, 0.3], [-0.4, 0.6, 0.9, -1.5, 0.2, -0.8]]
    others = rng.uniform(0.2, 1.5, (6, 6)) * rng.choice([-1, 1], (6, 6))
    return [{"entries": np.array(entries)}, {"entries": others[:5].round(1)}, {"entries": others[5:].round(1)}]


FILLS = {
    "by-columns": ("the triangle is filled column by column", filled("00 10 20 11 21 22")),
    "upper": ("the upper triangle is filled instead of the lower", filled("00 01 02 11 12 22")),
    "diagonal-first": (
        "the diagonal takes the first three numbers, and not those of its rows",
        filled("00 11 22 10 20 21"),
    ),
    "diagonal-last": (
        "the diagonal takes the last three numbers, and not those of its rows",
        filled("10 20 21 00 11 22"),
    ),
    "backwards": ("the six numbers are taken from the last to the first", filled("22 21 20 11 10 00")),
}
DIAGONALS = {
    "not-exponentiated": ("the diagonal of L is not exponentiated: it may then be negative or 0", same),
    "half": ("the diagonal is exponentiated with a ½: it holds logarithms of L's numbers, not of variances", half_exp),
    "double": ("the diagonal of L is squared already, before the product", lambda L: (2 * L).exp()),
    "inverse": ("the sign of the logarithms is wrong: the diagonal of L is exp(−a)", lambda L: (-L).exp()),
    "added": ("exp is added to the diagonal instead of taking its place", lambda L: L + L.exp()),
    "zero": ("the diagonal of L stays 0: its logarithms are not put in", torch.zeros_like),
    "one": ("the diagonal of L is 1: its logarithms are not put in", torch.ones_like),
    "softplus": ("softplus makes the diagonal of L instead of exp", softplus),
    "sigmoid": ("a sigmoid makes the diagonal of L instead of exp", torch.sigmoid),
    "relu": ("a ReLU makes the diagonal of L instead of exp", torch.relu),
    "absolute": ("the diagonal of L loses its sign, and is not exponentiated", torch.abs),
    "squared": ("the diagonal of L is squared instead of exponentiated", torch.square),
    "log": ("the logarithm of the diagonal is taken once more: it is a logarithm already", torch.log),
    "expm1": ("1 is subtracted from the exponential on the diagonal", torch.expm1),
    "plus-one": ("1 is added to the exponential on the diagonal", lambda L: L.exp() + 1),
    "base-two": ("2 is raised to the diagonal's numbers, instead of e", torch.exp2),
    "detached": ("the diagonal of L is detached, as by math.exp or .item()", lambda L: L.exp().detach()),
    "past-autograd": (
        "the exponential is taken past autograd, by .data or in place under torch.no_grad",
        lambda L: L.exp().detach() + L - L.detach(),
    ),
}
BELOWS = {
    "exponentiated": (
        "all entries of L are exponentiated, those below the diagonal too",
        lambda L: torch.where(L == 0, 0, L.exp()),
    ),
    "all-exponentiated": ("the whole matrix is exponentiated, with exp 0 = 1 above the diagonal", torch.exp),
    "sign": ("the entries below the diagonal have the wrong sign", torch.neg),
    "half": ("the entries below the diagonal are halved", lambda L: L / 2),
    "tanh": ("the entries below the diagonal go through tanh", torch.tanh),
    "absolute": ("the entries below the diagonal lose their sign", torch.abs),
    "relu": ("the entries below the diagonal go through a ReLU", torch.relu),
    "detached": ("the entries below the diagonal are detached", torch.Tensor.detach),
}
FINISHES = {
    "lower": ("L itself is returned: the product with Lᵀ is missing", same),
    "transposed": ("Lᵀ is returned, and no product", lambda L: L.mT),
    "exchanged": ("the product is Lᵀ L", lambda L: L.mT @ L),
    "not-transposed": ("L is multiplied by itself: the transpose is missing", lambda L: L @ L),
    "entrywise": (
        "L and Lᵀ are multiplied entry by entry, or nothing stands below L's diagonal: that Σ is diagonal",
        lambda L: L * L.mT,
    ),
    "squares": ("the entries of L are squared one by one", torch.square),
    "sum": ("L and Lᵀ are added: the sum is symmetric, but not always positive definite", lambda L: L + L.mT),
    "mirrored": ("L is mirrored at its diagonal, and not multiplied", lambda L: L + L.tril(-1).mT),
    "average": ("the mean of L and Lᵀ is returned, and no product", lambda L: (L + L.mT) / 2),
    "precision": ("the inverse is returned: that is the precision Σ⁻¹", lambda L: torch.linalg.inv(L @ L.mT)),
    "variances": ("the diagonal of Σ alone is returned, three variances", lambda L: L.square().sum(-1)),
    "correlation": (
        "Σ is divided by its standard deviations: those are correlations",
        lambda L: (U := L / L.square().sum(-1, keepdim=True).sqrt()) @ U.mT,
    ),
    "jitter": ("0.01 is added on the diagonal of Σ", lambda L: L @ L.mT + 0.01 * torch.eye(3)),
    "plus-identity": ("the identity is added to Σ", lambda L: L @ L.mT + torch.eye(3)),
    "half": ("Σ is halved", lambda L: L @ L.mT / 2),
    "batch-sum": ("the matrices of the batch are added up: each picture has its own", lambda L: (L @ L.mT).sum(0)),
    "batch-mean": ("the matrices of the batch are averaged: each picture has its own", lambda L: (L @ L.mT).mean(0)),
    "squeezed": ("an axis of size 1 is squeezed away", lambda L: (L @ L.mT).squeeze()),
    "flat": ("the matrices are returned as rows of nine numbers", lambda L: (L @ L.mT).flatten(1)),
    "first": ("only the first picture's matrix is returned", lambda L: (L @ L.mT)[0]),
    "detached": ("one of the two factors of L Lᵀ is detached", lambda L: L @ L.detach().mT),
}


def unit_triangle(power):
    """U D Uᵀ of a triangle U with ones on its diagonal, where D is a power of L's."""

    def product(entries):
        D = by_rows(entries).diagonal(dim1=1, dim2=2).mul(power).exp()
        U = parts(entries, diagonal=torch.ones_like, finish=same)
        return U @ torch.diag_embed(D) @ U.mT

    return product


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
    keeps_arguments=False,  # clones are passed: a triangle may be filled in place
    level="deeper",
    dots=3,
    minutes=8,
    mistakes={
        **families.swaps("fill", FILLS, "fill-"),
        **families.swaps("diagonal", DIAGONALS, "diagonal-"),
        **families.swaps("below", BELOWS, "below-"),
        **families.swaps("finish", FINISHES, "finish-"),
        "unit-triangle": whole("L's diagonal is 1, and its exponentials stand between: U D Uᵀ", unit_triangle(1)),
        "unit-triangle-squared": whole(
            "L's diagonal is 1, and squared exponentials stand between: U D² Uᵀ", unit_triangle(2)
        ),
    },
)

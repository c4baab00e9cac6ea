"""1.5's answers, as students wrote them: the answer, what is wrong with it, the key that it must get (none: right)."""

import math

import torch


def lower(entries, diagonal=torch.exp, below=lambda values: values):
    """L, entry by entry, the diagonal and what stands below it as told."""
    rows = []
    for a, b, c, d, e, f in entries:
        zero = torch.zeros_like(a)
        rows.append(
            torch.stack(
                [
                    torch.stack([diagonal(a), zero, zero]),
                    torch.stack([below(b), diagonal(c), zero]),
                    torch.stack([below(d), below(e), diagonal(f)]),
                ]
            )
        )
    return torch.stack(rows)


def full_upper(entries):
    A = torch.zeros(len(entries), 3, 3)
    i, j = torch.triu_indices(3, 3)
    A[:, i, j] = entries.to(A.dtype)
    A = A.triu(1) + torch.diag_embed(A.diagonal(dim1=1, dim2=2).exp())
    return A


def full_by_column(entries):
    L = torch.zeros(len(entries), 3, 3)
    at = 0
    for column in range(3):
        for row in range(column, 3):
            L[:, row, column] = entries[:, at].exp() if row == column else entries[:, at]
            at += 1
    return L @ L.transpose(1, 2)


def full_whole_exponential(entries):
    L = torch.zeros(len(entries), 3, 3)
    L[:, [0, 1, 1, 2, 2, 2], [0, 0, 1, 0, 1, 2]] = entries
    L = L.exp()
    return torch.bmm(L, L.transpose(1, 2))


def full_diagonal_kept(entries):
    L = lower(entries, diagonal=lambda value: value)
    L = L + torch.diag_embed(L.diagonal(dim1=-2, dim2=-1).exp())
    return L @ L.mT


def full_mirrored(entries):
    L = lower(entries)
    return L.tril(-1).mT + L


def full_diagonal_left_out(entries):
    L = lower(entries).tril(-1)
    return L @ L.mT


def full_by_math(entries):
    L = torch.zeros(len(entries), 3, 3)
    for b, (a1, a2, a3, a4, a5, a6) in enumerate(entries):
        L[b, 0, 0], L[b, 1, 1], L[b, 2, 2] = math.exp(a1), math.exp(a3), math.exp(a6)
        L[b, 1, 0], L[b, 2, 0], L[b, 2, 1] = a2, a4, a5
    return L @ L.mT


def full_in_place_without_gradient(entries):
    L = lower(entries, lambda value: value)
    with torch.no_grad():
        L.diagonal(dim1=1, dim2=2).exp_()
    return L @ L.mT


def full_of_two(entries):
    L = torch.zeros(2, 3, 3)
    L += lower(entries)
    return L @ L.mT


def full_in_place(entries):
    L = torch.zeros(len(entries), 3, 3, dtype=entries.dtype)
    L[:, *torch.tril_indices(3, 3)] = entries
    L.diagonal(dim1=1, dim2=2).exp_()
    return L.bmm(L.transpose(1, 2))


def full_einsum(entries):
    L = lower(entries.double())
    return torch.einsum("bik,bjk->bij", L, L)


def full_indexed(entries):
    L = entries.new_zeros(entries.shape[0], 3, 3)
    i, j = torch.tril_indices(3, 3)
    L[:, i, j] = torch.where(i == j, entries.exp(), entries)
    return L @ L.transpose(-1, -2)


def full_unit_triangle(entries):
    """The other factorisation: Σ = U D Uᵀ with a unit triangle U, D the squares of L's diagonal."""
    L = lower(entries)
    D = L.diagonal(dim1=1, dim2=2)
    U = L / D[:, None, :]
    return U @ torch.diag_embed(D**2) @ U.mT


oracle = full_unit_triangle

ANSWERS = [
    (lower, "L returned", "finish-lower"),
    (lambda entries: lower(entries).mT @ lower(entries), "LᵀL", "finish-exchanged"),
    (lambda e: lower(e, lambda v: v) @ lower(e, lambda v: v).mT, "no exp", "diagonal-not-exponentiated"),
    (lambda entries: lower(entries, lambda v: v), "as it came", "diagonal-not-exponentiated+finish-lower"),
    (
        lambda entries: lower(entries.exp(), lambda v: v) @ lower(entries.exp(), lambda v: v).mT,
        "all exponentiated",
        "below-exponentiated",
    ),
    (full_whole_exponential, "exp of the matrix", "below-all-exponentiated"),
    (
        lambda entries: lower(entries, lambda v: (v / 2).exp()) @ lower(entries, lambda v: (v / 2).exp()).mT,
        "½ on the diagonal",
        "diagonal-half",
    ),
    (full_diagonal_kept, "exp added", "diagonal-added"),
    (lambda entries: lower(entries) * lower(entries).mT, "* for @", "finish-entrywise"),
    (lambda entries: lower(entries) ** 2, "squares", "finish-squares"),
    (lambda entries: lower(entries) + lower(entries).mT, "a sum", "finish-sum"),
    (full_mirrored, "mirrored", "finish-mirrored"),
    (full_by_column, "by column", "fill-by-columns"),
    (lambda entries: full_upper(entries) @ full_upper(entries).mT, "upper triangle", "fill-upper"),
    (full_diagonal_left_out, "no diagonal", "diagonal-zero"),
    (full_by_math, "math.exp", "diagonal-detached"),
    (full_in_place_without_gradient, "exp_ under no_grad", "diagonal-past-autograd"),
    (lambda e: lower(e) @ lower(e).detach().mT, "Lᵀ detached", "finish-detached"),
    (full_of_two, "two pictures", "raised"),
    (full_einsum, "einsum, float64", ""),
    (full_in_place, "in place, by bmm", ""),
    (full_indexed, "where on the indices", ""),
    (full_unit_triangle, "U D Uᵀ", ""),
    (lambda e: full_upper(e).mT @ full_upper(e), "a pair", "fill-by-columns"),
    (lambda entries: torch.diag_embed((2 * entries[:, [0, 2, 5]]).exp()), "a diagonal Σ", "finish-entrywise"),
]

"""Exercise 1.5, full_covariance."""
import torch
import torch.nn.functional as F


def _factor(entries, rows=(0, 1, 1, 2, 2, 2), columns=(0, 0, 1, 0, 1, 2), diagonal=torch.exp):
    L = entries.new_zeros(len(entries), 3, 3)
    for k, (i, j) in enumerate(zip(rows, columns)):
        L[:, i, j] = diagonal(entries[:, k]) if i == j else entries[:, k]
    return L


def _by_columns(entries):
    a1, a2, a3, a4, a5, a6 = entries.unbind(1)
    zero = torch.zeros_like(a1)
    u = torch.stack([a1.exp(), a2, a4], 1)
    v = torch.stack([zero, a3.exp(), a5], 1)
    w = torch.stack([zero, zero, a6.exp()], 1)
    return sum(c[:, :, None] * c[:, None, :] for c in (u, v, w))


def _formula(entries):
    a, b, c, d, e, f = entries.T
    a, c, f = a.exp(), c.exp(), f.exp()
    rows = [a * a, a * b, a * d, a * b, b * b + c * c, b * d + c * e, a * d, b * d + c * e, d * d + e * e + f * f]
    return torch.stack(rows, -1).reshape(-1, 3, 3)


def _gram_of_rows(entries):
    L = _factor(entries)
    return torch.einsum("bik,bjk->bij", L, L)


def _upper_gram(entries):
    L = _factor(entries)
    return L.mT @ L


def _no_exp(entries):
    L = _factor(entries, diagonal=lambda a: a)
    return L @ L.mT


def _exp_all(entries):
    L = _factor(entries.exp(), diagonal=lambda a: a)
    return L @ L.mT


def _exp_zeros(entries):
    L = _factor(entries, diagonal=lambda a: a).exp()
    return L @ L.mT


def _half(entries):
    L = _factor(entries, diagonal=lambda a: (a / 2).exp())
    return L @ L.mT


def _column_order(entries):
    L = _factor(entries, rows=(0, 1, 2, 1, 2, 2), columns=(0, 0, 0, 1, 1, 2))
    return L @ L.mT


def _upper(entries):
    L = _factor(entries, rows=(0, 0, 0, 1, 1, 2), columns=(0, 1, 2, 1, 2, 2))
    return L @ L.mT


def _diagonal_first(entries):
    L = _factor(entries, rows=(0, 1, 2, 1, 2, 2), columns=(0, 1, 2, 0, 0, 1))
    return L @ L.mT


def _only_factor(entries):
    return _factor(entries)


def _no_transpose(entries):
    L = _factor(entries)
    return L @ L


def _sum(entries):
    L = _factor(entries)
    return L + L.mT


def _mirrored(entries):
    L = _factor(entries)
    return L + L.tril(-1).mT


def _elementwise(entries):
    L = _factor(entries)
    return L * L.mT


def _softplus(entries):
    L = _factor(entries, diagonal=F.softplus)
    return L @ L.mT


def _jitter(entries):
    L = _factor(entries)
    return L @ L.mT + 0.01 * torch.eye(3)


def _late_exp(entries):
    L = _factor(entries, diagonal=lambda a: a)
    S = L @ L.mT
    return torch.where(torch.eye(3, dtype=torch.bool), S.exp(), S)


def _only_diagonal(entries):
    L = torch.diag_embed(entries[:, [0, 2, 5]].exp())
    return L @ L.mT


def _precision(entries):
    L = _factor(entries)
    return torch.cholesky_inverse(L)


def _abs(entries):
    L = _factor(entries, diagonal=torch.abs)
    return L @ L.mT


def _first(entries):
    L = _factor(entries)
    return (L[0] @ L[0].T).expand(len(entries), 3, 3)


def _batch_product(entries):
    L = _factor(entries)
    return torch.einsum("bij,ckj->ik", L, L).expand(len(entries), 3, 3)


def _correlation(entries):
    L = _factor(entries)
    L = L / L.norm(dim=-1, keepdim=True)
    return L @ L.mT


def _one_exp_missed(entries):
    L = _factor(entries, diagonal=lambda a: a).clone()
    L[:, 0, 0], L[:, 1, 1] = L[:, 0, 0].exp(), L[:, 1, 1].exp()
    return L @ L.mT


def _in_place(entries):
    entries[:, [0, 2, 5]] = entries[:, [0, 2, 5]].exp()
    L = _factor(entries, diagonal=lambda a: a)
    return L @ L.mT


def _two_order_half(entries):
    L = _factor(entries, rows=(0, 1, 2, 1, 2, 2), columns=(0, 0, 0, 1, 1, 2), diagonal=lambda a: (a / 2).exp())
    return L @ L.mT


def _two_gram_exp(entries):
    L = _factor(entries.exp(), diagonal=lambda a: a)
    return L.mT @ L


def _two_noexp_sum(entries):
    L = _factor(entries, diagonal=lambda a: a)
    return L + L.mT


def _two_upper_square(entries):
    L = _factor(entries, rows=(0, 0, 0, 1, 1, 2), columns=(0, 1, 2, 1, 2, 2))
    return L @ L


def _two_diagfirst_softplus(entries):
    L = _factor(entries, rows=(0, 1, 2, 1, 2, 2), columns=(0, 1, 2, 0, 0, 1), diagonal=F.softplus)
    return L @ L.mT


def _no_gradient(entries):
    L = _factor(entries.detach())
    return L @ L.mT


def _tiny_jitter(entries):
    L = _factor(entries)
    return L @ L.mT + 1e-6 * torch.eye(3)


def _two_half_inverse(entries):
    return torch.cholesky_inverse(_factor(entries, diagonal=lambda a: (a / 2).exp()))


def _two_softplus_square(entries):
    L = _factor(entries, diagonal=F.softplus)
    return L @ L


def _two_missed_gram(entries):
    L = _factor(entries, diagonal=lambda a: a).clone()
    L[:, 0, 0], L[:, 1, 1] = L[:, 0, 0].exp(), L[:, 1, 1].exp()
    return L.mT @ L


ANSWERS = [
    (_by_columns, "sum of the outer products of the three columns of L", True),
    (_formula, "the nine entries of the product written out by hand, and reshaped", True),
    (_gram_of_rows, "einsum over the shared column index of L with itself", True),
    (_upper_gram, "transpose on the wrong side: L^T L instead of L L^T", False),
    (_no_exp, "no exponential on the diagonal", False),
    (_exp_all, "exponential of all six numbers, below the diagonal as well", False),
    (_exp_zeros, "exponential of the whole filled matrix, so that the zeros above the diagonal become ones", False),
    (_half, "e^(a/2) on the diagonal: takes the numbers for log-variances", False),
    (_column_order, "fills the lower triangle column by column instead of row by row", False),
    (_upper, "fills the upper triangle, row by row, instead of the lower", False),
    (_diagonal_first, "takes the first three numbers for the diagonal and the rest for below it", False),
    (_only_factor, "returns L itself: the product with the transpose is missing", False),
    (_no_transpose, "L times L, without transpose: not symmetric", False),
    (_sum, "L plus its transpose instead of their product", False),
    (_mirrored, "mirrors L: copies the lower triangle to the upper, with no product", False),
    (_elementwise, "elementwise * of L and its transpose instead of the matrix product: a diagonal matrix comes out", False),
    (_softplus, "softplus on the diagonal instead of the exponential", False),
    (_jitter, "adds 0.01 times the identity to Sigma", False),
    (_late_exp, "takes the exponential on the diagonal of the product, not of L", False),
    (_only_diagonal, "the entries below the diagonal are left zero: a diagonal Sigma", False),
    (_precision, "returns the inverse of L L^T", False),
    (_abs, "absolute value on the diagonal instead of the exponential", False),
    (_first, "the first picture's Sigma for the whole batch", False),
    (_batch_product, "sums over the batch in the product, one matrix for all pictures", False),
    (_correlation, "scales the rows of L to length 1: a correlation matrix", False),
    (_one_exp_missed, "exponential for a1 and a3 only, forgotten for a6 in the last corner", False),
    (_in_place, "exponentiates inside the given entries: the caller's argument is changed", False),
    (_two_order_half, "TWO: filled column by column, and e^(a/2) on the diagonal", False),
    (_two_gram_exp, "TWO: exponential of all six numbers, and L^T L instead of L L^T", False),
    (_two_noexp_sum, "TWO: no exponential on the diagonal, and L plus its transpose for the product", False),
    (_two_upper_square, "TWO: upper triangle filled, and multiplied by itself without transpose", False),
    (_two_diagfirst_softplus, "TWO: first three numbers on the diagonal, and softplus for the exponential", False),
    (_two_half_inverse, "TWO: e^(a/2) on the diagonal, and the inverse of L L^T returned", False),
    (_two_softplus_square, "TWO: softplus on the diagonal, and L times L without transpose", False),
    (_two_missed_gram, "TWO: exponential forgotten for a6, and L^T L in the wrong order", False),
]
BORDERLINE = [
    (_no_gradient, "right values but detached: no gradient reaches the entries (the task does not ask for it in words)", None),
    (_tiny_jitter, "adds 1e-6 times the identity to Sigma", None),
]

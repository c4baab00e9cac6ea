"""1.2's answers, as students wrote them: the answer, what is wrong with it, the key that it must get (none: right)."""

import math

import torch
from torch.distributions import MultivariateNormal


def log_var_eigenvalues(Sigma):
    return torch.linalg.eigvalsh(Sigma).log()


def log_var_singular_values(Sigma):
    return torch.linalg.svdvals(Sigma).log()


def log_var_detached(Sigma):
    return torch.stack([torch.tensor([S[i, i].item() for i in range(3)]).log() for S in Sigma])


def log_var_cholesky(Sigma):
    return torch.linalg.cholesky(Sigma).diagonal(dim1=1, dim2=2).log()


def log_var_shared(Sigma):
    d = Sigma.shape[-1]
    trace = torch.einsum("bii->b", Sigma)
    return torch.log(trace / d)[:, None].repeat(1, d)


def log_var_partly_by_math(Sigma):
    log_var = torch.zeros(Sigma.shape[:2])
    for b, matrix in enumerate(Sigma):
        log_var[b, 0] = matrix[0, 0].log()
        for i in range(1, len(matrix)):
            log_var[b, i] = math.log(matrix[i, i])
    return log_var


def log_var_by_loops(Sigma):
    return torch.stack([torch.stack([S[i, i].log() for i in range(len(S))]) for S in Sigma])


def log_var_of_cholesky_twice(Sigma):
    return 2 * torch.linalg.cholesky(Sigma.double()).diagonal(dim1=-2, dim2=-1).log()


def log_var_through_items(Sigma):
    return torch.stack([torch.tensor([S[i, i].item() for i in range(len(S))]).log() for S in Sigma])


def oracle(Sigma):
    return torch.stack([MultivariateNormal(torch.zeros(len(S)), S).variance.log() for S in Sigma])


ANSWERS = [
    (lambda Sigma: torch.diagonal(Sigma, dim1=1, dim2=2), "no logarithm", "log-missing"),
    (lambda Sigma: torch.einsum("bii->bi", Sigma).sqrt(), "√", "log-root"),
    (log_var_cholesky, "log σ", "scale-root"),
    (lambda S: torch.log(S.diagonal(0, 1, 2) ** 2), "Σ used as σ", "scale-squared"),
    (lambda S: S.inverse().diagonal(0, 1, 2).log(), "precision", "scale-inverse"),
    (lambda S: S.diagonal(0, 1, 2).exp(), "exp for log", "log-exp"),
    (lambda S: S.diagonal(0, 1, 2).log10(), "log₁₀", "log-base-ten"),
    (lambda S: torch.log2(S.sum(1)), "log₂", "log-base-two"),
    (lambda S: torch.log1p(S.diagonal(0, 1, 2)), "log1p", "read-plus-one"),
    (log_var_eigenvalues, "eigenvalues", "read-eigenvalues"),
    (log_var_singular_values, "singular values", "read-singular-values"),
    (lambda Sigma: torch.diagonal(Sigma).log(), "wrong axes", "read-first-axes"),
    (torch.log, "whole matrix", "read-whole"),
    (lambda S: torch.diag_embed(S.diagonal(0, 1, 2).log()), "a matrix", "give-matrix"),
    (torch.logdet, "log-determinant", "give-log-determinant"),
    (log_var_shared, "isotropic", "read-shared"),
    (log_var_detached, "through .item(), three latents", "read-typed-in-3"),
    (log_var_through_items, "through .item()", "no-gradient"),
    (log_var_partly_by_math, "partly by math.log", "read-partly-detached"),
    (lambda S: torch.stack([S[0].diag(), S[1].diag()]).log(), "two pictures", "shape"),
    (lambda S: torch.stack([S[:, i, i] for i in range(3)], 1).log(), "three latents", "read-typed-in-3"),
    (log_var_by_loops, "loops", ""),
    (log_var_of_cholesky_twice, "Cholesky, float64", ""),
    (lambda Sigma: Sigma.sum(-1).log(), "sum of a row", ""),
    (lambda Sigma: torch.einsum("bii->bi", Sigma.log()), "logarithm first", ""),
    (lambda S: torch.log10(S.diagonal(0, 1, 2).sqrt()), "a pair", "log-base-ten+scale-root"),
]

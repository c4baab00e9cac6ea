"""The answers to a q with neighbours, as students wrote them."""

import math

import torch
from torch.distributions import MultivariateNormal, Normal


def factor(diagonal, below):
    return torch.diag_embed(diagonal) + torch.diag_embed(below, -1)


def by_torch(z, mu, diagonal, below):
    L = factor(diagonal, below)
    return MultivariateNormal(mu, precision_matrix=L @ L.mT).log_prob(z)


def by_matrix(z, mu, diagonal, below):
    L, off = factor(diagonal, below), (z - mu)[..., None]
    quadratic = (off.mT @ L @ L.mT @ off).flatten()
    return diagonal.log().sum(-1) - quadratic / 2 - z.shape[1] / 2 * math.log(2 * math.pi)


def step_by_step(z, mu, diagonal, below):
    off, total = z - mu, 0
    for t in range(z.shape[1]):
        white = diagonal[:, t] * off[:, t]
        if t + 1 < z.shape[1]:
            white = white + below[:, t] * off[:, t + 1]
        total = total + diagonal[:, t].log() - white**2 / 2 - math.log(2 * math.pi) / 2
    return total


def conditionals(z, mu, diagonal, below):
    """From the last step backwards: each given the one after it."""
    last = Normal(mu[:, -1], 1 / diagonal[:, -1]).log_prob(z[:, -1])
    mean = mu[:, :-1] - below / diagonal[:, :-1] * (z - mu)[:, 1:]
    return last + Normal(mean, 1 / diagonal[:, :-1]).log_prob(z[:, :-1]).sum(-1)


def of(white, diagonal):
    return (diagonal.log() - white**2 / 2 - math.log(2 * math.pi) / 2).sum(-1)


def not_transposed(z, mu, diagonal, below):
    return of((factor(diagonal, below) @ (z - mu)[..., None])[..., 0], diagonal)


def as_covariance(z, mu, diagonal, below):
    return MultivariateNormal(mu, scale_tril=factor(diagonal, below)).log_prob(z)


def half_as_covariance(z, mu, diagonal, below):
    off = (z - mu)[..., None]
    return of(torch.linalg.solve_triangular(factor(diagonal, below), off, upper=False)[..., 0], diagonal)


def precision_itself(z, mu, diagonal, below):
    band = factor(diagonal, below) + torch.diag_embed(below, 1)
    off = z - mu
    quadratic = torch.einsum("bi,bij,bj->b", off, band, off)
    return diagonal.log().sum(-1) - quadratic / 2 - z.shape[1] / 2 * math.log(2 * math.pi)


def mean_field(z, mu, diagonal, below):
    return Normal(mu, 1 / diagonal).log_prob(z).sum(-1)


def log_det_twice(z, mu, diagonal, below):
    return by_torch(z, mu, diagonal, below) + diagonal.log().sum(-1)


def log_det_half(z, mu, diagonal, below):
    return by_torch(z, mu, diagonal, below) - 0.5 * diagonal.log().sum(-1)


def no_pi(z, mu, diagonal, below):
    return by_torch(z, mu, diagonal, below) + z.shape[1] / 2 * math.log(2 * math.pi)


def no_half(z, mu, diagonal, below):
    L = factor(diagonal, below)
    quadratic = ((L.mT @ (z - mu)[..., None]) ** 2).sum((-1, -2))
    return by_torch(z, mu, diagonal, below) - quadratic / 2


def averaged(z, mu, diagonal, below):
    return by_torch(z, mu, diagonal, below) / z.shape[1]


def transposed_no_pi(z, mu, diagonal, below):
    return not_transposed(z, mu, diagonal, below) + z.shape[1] / 2 * math.log(2 * math.pi)


def below_detached(z, mu, diagonal, below):
    return by_torch(z, mu, diagonal, below.detach())


def of_the_batch(z, mu, diagonal, below):
    return by_torch(z, mu, diagonal, below).sum()


def oracle(z, mu, diagonal, below):
    """By the covariance, dense, in float64."""
    L = factor(diagonal.double(), below.double())
    return MultivariateNormal(mu.double(), (L @ L.mT).inverse()).log_prob(z.double())


ANSWERS = [
    (by_torch, "MultivariateNormal, precision_matrix", ""),
    (by_matrix, "dense matrices", ""),
    (step_by_step, "step by step", ""),
    (conditionals, "each step given the next", ""),
    (not_transposed, "L(z − μ)", "link-transposed"),
    (as_covariance, "scale_tril = L", "covariance-factor"),
    (half_as_covariance, "solved, log det as it should be", "solved"),
    (precision_itself, "diagonals of Λ", "precision-itself"),
    (mean_field, "below not used", "link-missing"),
    (log_det_twice, "log det Λ not halved", "log_det-twice"),
    (log_det_half, "log det halved once more", "log_det-half"),
    (no_pi, "no 2π", "pi-missing"),
    (no_half, "no ½", "square-half-missing"),
    (averaged, "mean over the steps", "mean-over-steps"),
    (transposed_no_pi, "L(z − μ), no 2π", "link-transposed+pi-missing"),
    (below_detached, "below detached", "no-gradient"),
    (of_the_batch, "sum over all", "steps-total"),
]

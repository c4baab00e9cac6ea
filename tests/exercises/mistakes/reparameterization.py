"""Chapter 3's answers."""

import math

import numpy as np
import scipy.linalg
import torch
from torch.distributions import MultivariateNormal, Normal

from mistakes import Mistake, Unusual
from vae_lib.exercises import (
    check_draw,
)

# 3.2


def with_factor(factor):
    """Aε for each row of ε, with A the factor of Σ."""

    def my_draw(mu, Sigma, num_samples):
        eps = torch.randn(num_samples, len(mu), dtype=mu.dtype)
        return mu + torch.einsum("ij,nj->ni", factor(Sigma), eps)

    return my_draw


def row_times_lower(mu, Sigma, num_samples):
    L = torch.linalg.cholesky(Sigma)
    return mu + torch.randn(num_samples, 3) @ L


def row_times_upper_transposed(mu, Sigma, num_samples):
    A = torch.linalg.cholesky(Sigma, upper=True)
    return mu + torch.randn(num_samples, 3) @ A.T


def sigma_as_scale_tril(mu, Sigma, num_samples):
    return MultivariateNormal(mu, scale_tril=Sigma, validate_args=False).sample((num_samples,))


def sigma_as_precision(mu, Sigma, num_samples):
    return MultivariateNormal(mu, precision_matrix=Sigma).sample((num_samples,))


def eigenvalues_without_root(mu, Sigma, num_samples):
    values, vectors = torch.linalg.eigh(Sigma)
    return mu + torch.randn(num_samples, 3) * values @ vectors.T


def variances_alone(mu, Sigma, num_samples):
    return Normal(mu, Sigma.diagonal().sqrt()).sample((num_samples,))


def variances_for_sigmas(mu, Sigma, num_samples):
    return Normal(mu, Sigma.diagonal()).sample((num_samples,))


def one_eps_for_all_draws(mu, Sigma, num_samples):
    z = mu + torch.linalg.cholesky(Sigma) @ torch.randn(3)
    return z.expand(num_samples, 3)


def one_eps_for_all_latents(mu, Sigma, num_samples):
    eps = torch.randn(num_samples, 1).expand(-1, 3)
    return mu + eps @ torch.linalg.cholesky(Sigma).mT


def uniform_noise_for_draws(mu, Sigma, num_samples):
    return mu + torch.rand(num_samples, 3) @ torch.linalg.cholesky(Sigma).mT


def draws_without_mean(mu, Sigma, num_samples):
    return torch.randn(num_samples, 3) @ torch.linalg.cholesky(Sigma).mT


def draws_with_a_seed(mu, Sigma, num_samples):
    torch.manual_seed(0)
    return mu + torch.randn(num_samples, 3) @ torch.linalg.cholesky(Sigma).mT


def stretched_uniform_draws(mu, Sigma, num_samples):
    eps = math.sqrt(12) * (torch.rand(num_samples, 3) - 0.5)
    return mu + eps @ torch.linalg.cholesky(Sigma).mT


def draws_of_coins(mu, Sigma, num_samples):
    return mu + torch.randn(num_samples, 3).sign() @ torch.linalg.cholesky(Sigma).mT


def three_latents(mu, Sigma, num_samples):
    return mu + torch.randn(num_samples, 3) @ torch.linalg.cholesky(Sigma).mT


def always_3000(mu, Sigma, num_samples):
    return mu + torch.randn(3000, len(mu)) @ torch.linalg.cholesky(Sigma).mT


def draws_in_columns(mu, Sigma, num_samples):
    return mu[:, None] + torch.linalg.cholesky(Sigma) @ torch.randn(3, num_samples)


def draws_of_identity(mu, Sigma, num_samples):
    return mu + torch.randn(num_samples, len(mu))


def draws_by_svd(mu, Sigma, num_samples):
    U, S, _ = torch.linalg.svd(Sigma)
    return mu + torch.randn(num_samples, len(mu), dtype=mu.dtype) @ torch.diag(S.sqrt()) @ U.T


def draws_by_symmetric_root(mu, Sigma, num_samples):
    values, Q = torch.linalg.eigh(Sigma)
    root = Q @ torch.diag(values**0.5) @ Q.T
    return mu + torch.randn(num_samples, len(mu), dtype=mu.dtype) @ root


def draws_by_upper_factor(mu, Sigma, num_samples):
    A = torch.linalg.cholesky(Sigma, upper=True)
    return mu + torch.randn(num_samples, len(mu), dtype=mu.dtype) @ A


def draws_by_scipy(mu, Sigma, num_samples):
    A = torch.tensor(scipy.linalg.cholesky(Sigma.numpy())).double()
    return torch.stack([mu + A.T @ torch.randn(len(mu), dtype=torch.float64) for _ in range(num_samples)])


def draws_by_distribution(mu, Sigma, num_samples):
    return MultivariateNormal(mu, covariance_matrix=Sigma).sample([num_samples])


def draws_one_by_one(mu, Sigma, num_samples):
    q = MultivariateNormal(mu, Sigma)
    z = torch.zeros(num_samples, len(mu))
    for n in range(num_samples):
        z[n] = q.rsample()
    return z


def draws_by_numpy(mu, Sigma, num_samples):
    rng = np.random.default_rng()
    return torch.from_numpy(rng.multivariate_normal(mu.numpy(), Sigma.numpy(), size=num_samples))


DRAW_MISTAKES = [
    ("Σε", with_factor(lambda Sigma: Sigma), "Σε, and Σᵀε"),
    ("the hand-out's Σᵀε", with_factor(lambda Sigma: Sigma.T), "Σε, and Σᵀε"),
    ("Σ as scale_tril", sigma_as_scale_tril, "Σε, and Σᵀε"),
    ("eigenvalues without the root", eigenvalues_without_root, "Σε, and Σᵀε"),
    ("Lᵀε", with_factor(lambda Sigma: torch.linalg.cholesky(Sigma).T), "Lᵀ multiplies ε"),
    ("eps @ L", row_times_lower, "Lᵀ multiplies ε"),
    ("Aε with the upper factor", row_times_upper_transposed, "Lᵀ multiplies ε"),
    ("only the diagonal", variances_alone, "only the diagonal of Σ"),
    ("variances as σ", variances_for_sigmas, "is used as standard deviations"),
    ("diagonal of L", with_factor(lambda S: torch.linalg.cholesky(S).diag().diag()), "only the diagonal of L"),
    ("√ of each entry", with_factor(torch.sqrt), "root of each entry"),
    ("one ε for all draws", one_eps_for_all_draws, "all draws are the same"),
    ("ε of shape [num_samples, 1]", one_eps_for_all_latents, "[num_samples, 1]"),
    ("torch.rand for randn", uniform_noise_for_draws, "uniform"),
    ("mean forgotten", draws_without_mean, "mu is not added"),
    ("Σ as precision", sigma_as_precision, "precision"),
    ("Σ left out", draws_of_identity, "Σ does not enter"),
    ("a seed inside", draws_with_a_seed, "the same in every call"),
    ("uniform, standardised", stretched_uniform_draws, "stretched to standard deviation 1"),
    ("coins", draws_of_coins, "−1 or 1, and nothing in between"),
    ("three latents assumed", three_latents, "It raised RuntimeError: mat1 and mat2"),
    ("3000 draws assumed", always_3000, "expected [7, 2], got [3000, 2]"),
    ("draws in columns", draws_in_columns, "expected [3000, 3], got [3, 3000]"),
]


MISTAKES = [
    Mistake(check, name, answer, says)
    for check, rows in [
        (check_draw, DRAW_MISTAKES),
    ]
    for name, answer, says in rows
]

UNUSUAL = [
    Unusual(check_draw, "upper factor A, Aᵀε", draws_by_upper_factor),
    Unusual(check_draw, "SciPy's factor, float64", draws_by_scipy),
    Unusual(check_draw, "Lε by einsum", with_factor(torch.linalg.cholesky)),
    Unusual(check_draw, "symmetric root by eigh", draws_by_symmetric_root),
    Unusual(check_draw, "singular values", draws_by_svd),
    Unusual(check_draw, "MultivariateNormal.sample", draws_by_distribution),
    Unusual(check_draw, "MultivariateNormal one by one", draws_one_by_one),
    Unusual(check_draw, "numpy", draws_by_numpy),
]

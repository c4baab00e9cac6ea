"""3.3's answers, as students wrote them: the answer, what is wrong with it, the key that it must get (none: right)."""

import math

import numpy as np
import torch
from torch.distributions import MultivariateNormal, Normal


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


def four_draws_of_seven_alike(mu, Sigma, num_samples):
    z = mu + torch.randn(num_samples, len(mu)) @ torch.linalg.cholesky(Sigma).mT
    return torch.cat([z[:3], z[:1].expand(num_samples - 3, len(mu))])


def draws_too_narrow(mu, Sigma, num_samples):
    return mu + 0.93 * torch.randn(num_samples, len(mu)) @ torch.linalg.cholesky(Sigma).mT


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


def draws_by_upper_factor_in_double(mu, Sigma, num_samples):
    A = torch.tensor(np.linalg.cholesky(Sigma.numpy()).T.copy()).double()  # SciPy's is the upper one
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


def oracle(mu, Sigma, num_samples):
    values, vectors = torch.linalg.eigh(Sigma)
    return mu + (torch.randn(num_samples, len(mu)) * values.sqrt()) @ vectors.T


ANSWERS = [
    (draws_by_upper_factor, "upper factor A, Aᵀε", ""),
    (draws_by_upper_factor_in_double, "SciPy's factor, float64", ""),
    (with_factor(torch.linalg.cholesky), "Lε by einsum", ""),
    (draws_by_symmetric_root, "symmetric root by eigh", ""),
    (draws_by_svd, "singular values", ""),
    (draws_by_distribution, "MultivariateNormal.sample", ""),
    (draws_one_by_one, "MultivariateNormal one by one", ""),
    (draws_by_numpy, "numpy", ""),
    (with_factor(lambda Sigma: Sigma), "Σε", "factor-sigma"),
    (with_factor(lambda Sigma: Sigma.T), "the hand-out's Σᵀε", "factor-sigma"),
    (sigma_as_scale_tril, "Σ as scale_tril", "factor-sigma"),
    (eigenvalues_without_root, "eigenvalues without the root", "factor-sigma"),
    (with_factor(lambda Sigma: torch.linalg.cholesky(Sigma).T), "Lᵀε", "factor-transposed"),
    (row_times_lower, "eps @ L", "factor-transposed"),
    (row_times_upper_transposed, "Aε with the upper factor", "factor-transposed"),
    (variances_alone, "only the diagonal", "factor-diagonal"),
    (variances_for_sigmas, "variances as σ", "factor-variances"),
    (with_factor(lambda S: torch.linalg.cholesky(S).diag().diag()), "diagonal of L", "factor-diagonal-of-factor"),
    (with_factor(torch.sqrt), "√ of each entry", "factor-entry-roots"),
    (one_eps_for_all_draws, "one ε for all draws", "noise-shared-by-rows"),
    (one_eps_for_all_latents, "ε of shape [num_samples, 1]", "noise-shared-by-latents"),
    (uniform_noise_for_draws, "torch.rand for randn", "noise-rand"),
    (draws_without_mean, "mean forgotten", "mean-missing"),
    (sigma_as_precision, "Σ as precision", "factor-precision"),
    (draws_of_identity, "Σ left out", "factor-identity"),
    (draws_with_a_seed, "a seed inside", "seeded"),
    (stretched_uniform_draws, "uniform, standardised", "noise-rand-stretched"),
    (draws_of_coins, "coins", "noise-coins"),
    (three_latents, "three latents assumed", "raised"),
    (always_3000, "3000 draws assumed", "shape"),
    (draws_in_columns, "draws in columns", "columns"),
    (four_draws_of_seven_alike, "some rows alike", "correlated"),
    (draws_too_narrow, "0.93 of the noise", "what-is"),
    (
        with_factor(lambda Sigma: torch.linalg.cholesky(Sigma).tril(-1)),
        "L without its diagonal",
        "factor-below-diagonal",
    ),
]

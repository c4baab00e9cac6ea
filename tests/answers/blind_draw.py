"""Exercise 3.3, draw."""
import numpy as np
import torch
from torch.distributions import MultivariateNormal


def _noise(mu, num_samples):
    return torch.randn(num_samples, len(mu), dtype=mu.dtype)


def _symmetric_root(mu, Sigma, num_samples):
    values, vectors = torch.linalg.eigh(Sigma)
    return torch.addmm(mu, _noise(mu, num_samples), vectors * values.sqrt() @ vectors.T)


def _loop(mu, Sigma, num_samples):
    L = torch.linalg.cholesky(Sigma)
    return torch.stack([mu + L @ torch.randn(len(mu), dtype=mu.dtype) for _ in range(num_samples)])


def _upper_factor(mu, Sigma, num_samples):
    U = torch.linalg.cholesky(Sigma, upper=True)
    return (U.T @ _noise(mu, num_samples).T).T.contiguous() + mu[None]


def _by_numpy(mu, Sigma, num_samples):
    draws = np.random.default_rng().multivariate_normal(mu.detach().double().numpy(), Sigma.detach().double().numpy(), num_samples)
    return torch.as_tensor(draws, dtype=mu.dtype)


def _no_transpose(mu, Sigma, num_samples):
    return mu + _noise(mu, num_samples) @ torch.linalg.cholesky(Sigma)


def _sigma_as_factor(mu, Sigma, num_samples):
    return mu + _noise(mu, num_samples) @ Sigma


def _diagonal(mu, Sigma, num_samples):
    return mu + _noise(mu, num_samples) * Sigma.diagonal().sqrt()


def _elementwise_root(mu, Sigma, num_samples):
    return mu + _noise(mu, num_samples) @ Sigma.abs().sqrt()


def _no_mu(mu, Sigma, num_samples):
    return _noise(mu, num_samples) @ torch.linalg.cholesky(Sigma).T


def _uniform(mu, Sigma, num_samples):
    return mu + torch.rand(num_samples, len(mu), dtype=mu.dtype) @ torch.linalg.cholesky(Sigma).T


def _one_row(mu, Sigma, num_samples):
    z = mu + torch.linalg.cholesky(Sigma) @ torch.randn(len(mu), dtype=mu.dtype)
    return z.repeat(num_samples, 1)


def _one_column(mu, Sigma, num_samples):
    eps = torch.randn(num_samples, 1, dtype=mu.dtype).expand(-1, len(mu))
    return mu + eps @ torch.linalg.cholesky(Sigma).T


def _columns(mu, Sigma, num_samples):
    return MultivariateNormal(mu, Sigma).sample((num_samples,)).T


def _precision(mu, Sigma, num_samples):
    return MultivariateNormal(mu, precision_matrix=Sigma).sample((num_samples,))


def _scale_tril(mu, Sigma, num_samples):
    return MultivariateNormal(mu, scale_tril=Sigma.tril()).sample((num_samples,))


def _eigen_no_root(mu, Sigma, num_samples):
    values, vectors = torch.linalg.eigh(Sigma)
    return mu + _noise(mu, num_samples) * values @ vectors.T


def _eigen_side(mu, Sigma, num_samples):
    values, vectors = torch.linalg.eigh(Sigma)
    return mu + (_noise(mu, num_samples) * values.sqrt()) @ vectors


def _one_fewer(mu, Sigma, num_samples):
    return MultivariateNormal(mu, Sigma).sample((num_samples - 1,))


def _mu_first(mu, Sigma, num_samples):
    return (mu + _noise(mu, num_samples)) @ torch.linalg.cholesky(Sigma).T


def _mean_of_ten(mu, Sigma, num_samples):
    return MultivariateNormal(mu, Sigma).sample((10, num_samples)).mean(0)


def _clipped(mu, Sigma, num_samples):
    return mu + _noise(mu, num_samples).clamp(-1, 1) @ torch.linalg.cholesky(Sigma).T


def _overwrites(mu, Sigma, num_samples):
    Sigma.copy_(torch.linalg.cholesky(Sigma))
    return mu + _noise(mu, num_samples) @ Sigma.T


def _extra_axis(mu, Sigma, num_samples):
    return MultivariateNormal(mu[None], Sigma[None]).sample((num_samples,))


def _strict_triangle(mu, Sigma, num_samples):
    return mu + _noise(mu, num_samples) @ torch.linalg.cholesky(Sigma).tril(-1).T


def _walk(mu, Sigma, num_samples):
    z = [mu]
    L = torch.linalg.cholesky(Sigma)
    for _ in range(num_samples):
        z.append(z[-1] + L @ torch.randn(len(mu), dtype=mu.dtype))
    return torch.stack(z[1:])


def _two_no_transpose_no_mu(mu, Sigma, num_samples):
    return _noise(mu, num_samples) @ torch.linalg.cholesky(Sigma)


def _two_diag_variance(mu, Sigma, num_samples):
    return mu + _noise(mu, num_samples) * Sigma.diagonal()


def _two_uniform_side(mu, Sigma, num_samples):
    return mu + torch.rand(num_samples, len(mu), dtype=mu.dtype) @ torch.linalg.cholesky(Sigma)


def _two_precision_columns(mu, Sigma, num_samples):
    return MultivariateNormal(mu, precision_matrix=Sigma).sample((num_samples,)).T


def _two_minus_sigma(mu, Sigma, num_samples):
    return -mu + _noise(mu, num_samples) @ Sigma


def _seeded(mu, Sigma, num_samples):
    torch.manual_seed(0)
    return mu + _noise(mu, num_samples) @ torch.linalg.cholesky(Sigma).T


def _antithetic(mu, Sigma, num_samples):
    eps = _noise(mu, (num_samples + 1) // 2)
    eps = torch.cat([eps, -eps])[:num_samples]
    return mu + eps @ torch.linalg.cholesky(Sigma).T


def _signs(mu, Sigma, num_samples):
    return mu + _noise(mu, num_samples).sign() @ torch.linalg.cholesky(Sigma).T


def _whitened(mu, Sigma, num_samples):
    eps = _noise(mu, num_samples)
    eps = (eps - eps.mean(0)) / eps.std(0)
    return mu + eps @ torch.linalg.cholesky(Sigma).T


def _two_diagonal_no_mu(mu, Sigma, num_samples):
    return _noise(mu, num_samples) * Sigma.diagonal().sqrt()


def _two_one_row_side(mu, Sigma, num_samples):
    return (mu + torch.randn_like(mu) @ torch.linalg.cholesky(Sigma)).expand(num_samples, -1)


ANSWERS = [
    (_symmetric_root, "the symmetric root of Sigma by eigh, and addmm", True),
    (_loop, "a loop: L times one column of noise for each draw, stacked", True),
    (_upper_factor, "upper Cholesky factor, its transpose times noise in columns, and the whole transposed to rows", True),
    (_by_numpy, "numpy's multivariate_normal, turned into a tensor", True),
    (_no_transpose, "rows of noise times L instead of its transpose: covariance L^T L", False),
    (_sigma_as_factor, "multiplies the noise by Sigma itself instead of a factor: covariance Sigma squared", False),
    (_diagonal, "uses only the diagonal of Sigma, its root: no correlations", False),
    (_elementwise_root, "elementwise root of the absolute entries of Sigma instead of a matrix factor", False),
    (_no_mu, "mu is not added", False),
    (_uniform, "uniform noise (rand) between 0 and 1 instead of normal noise", False),
    (_one_row, "one draw, repeated num_samples times", False),
    (_one_column, "the same one noise number for all latents of a draw", False),
    (_columns, "draws as columns: [latent, num_samples]", False),
    (_precision, "takes Sigma for the precision matrix: covariance is the inverse", False),
    (_scale_tril, "gives the lower triangle of Sigma as scale_tril, the Cholesky factor never taken", False),
    (_eigen_no_root, "eigenvectors scaled by the eigenvalues themselves: their root is missing", False),
    (_eigen_side, "eigenvectors not transposed, so the factor acts from the wrong side", False),
    (_one_fewer, "one draw too few: num_samples - 1 rows", False),
    (_mu_first, "adds mu before the factor: the mean is L mu", False),
    (_mean_of_ten, "each row is the mean of ten draws, so the covariance is a tenth", False),
    (_clipped, "clamps the noise to -1 to 1", False),
    (_overwrites, "writes the Cholesky factor into the caller's Sigma: the argument is changed", False),
    (_extra_axis, "an axis too many: [num_samples, 1, latent]", False),
    (_strict_triangle, "drops the diagonal of the Cholesky factor, only what lies below it stays", False),
    (_walk, "every draw starts from the previous one (a random walk) instead of mu", False),
    (_two_no_transpose_no_mu, "TWO: L not transposed, and mu forgotten", False),
    (_two_diag_variance, "TWO: only the diagonal of Sigma, and the variance as factor without the root", False),
    (_two_uniform_side, "TWO: uniform noise, and L not transposed", False),
    (_two_precision_columns, "TWO: Sigma taken as precision, and the draws in columns", False),
    (_two_minus_sigma, "TWO: mu subtracted, and Sigma itself as the factor", False),
    (_two_diagonal_no_mu, "TWO: only the diagonal of Sigma (its root), and mu forgotten", False),
    (_two_one_row_side, "TWO: one draw repeated num_samples times, and L not transposed for a row", False),
]
BORDERLINE = [
    (_seeded, "sets torch's seed to 0 in every call: the same draws each time", None),
    (_antithetic, "half of the draws mirrored (antithetic): mean and covariance right, draws not independent", None),
    (_signs, "noise of plus and minus 1: mean and covariance right, but not Gaussian", None),
    (_whitened, "noise standardised over the draws, so that its mean is exactly 0 and its deviation exactly 1", None),
]

"""Chapters 4 and 5: the linear VAE, whose log p(x), posterior and ELBO are known exactly: the referee.

Its best decoder is probabilistic PCA (Tipping & Bishop 1999, https://doi.org/10.1111/1467-9868.00196), and there its
best ELBO equals log p(x) (Lucas et al. 2019, https://arxiv.org/abs/1911.02469).
"""

import math

import torch
from torch import Tensor, nn
from torch.distributions import Independent, LowRankMultivariateNormal, MultivariateNormal, kl_divergence

from vae_lib.distributions import diagonal_gaussian
from vae_lib.model import VAE
from vae_lib.networks import GaussianDecoder, check_width, mlp


class LinearEncoder(nn.Module):
    """q(z|x) = N(A x + b, diag(σ²)): a linear mean, and one learned σ a latent, the same for every x.

    Maps x `[batch, data]` to a distribution over `[batch, latent]`. Raises ValueError for another width or no rows.
    """

    def __init__(self, data_dim: int, latent_dim: int):
        super().__init__()
        self.data_dim, self.latent_dim = data_dim, latent_dim
        self.net = mlp(data_dim, latent_dim)
        self.log_var = nn.Parameter(torch.zeros(latent_dim))

    def forward(self, x: Tensor) -> Independent:
        check_width("x", x, self.data_dim)
        mu = self.net(x)
        return diagonal_gaussian(mu, torch.exp(0.5 * self.log_var).expand_as(mu))


class LinearGaussianVAE(VAE):
    """p(z) = N(0, I), p(x|z) = N(W z + mean, sigma² I), with a linear encoder (chapters 4 and 5).

    `weight` is W `[data, latent]`, `mean` `[data]`, `sigma` the decoder's noise_std, a positive number. A `VAE` like
    any other: `fit` trains every part, and the exact quantities below follow the current parameters. The encoder starts
    at the best diagonal Gaussian for this decoder: the posterior's mean, the variances 1 / diag(posterior precision).
    That is the posterior itself where the columns of W are orthogonal. Dtype and device are those of `weight`. Raises
    ValueError for shapes that do not fit, values that are not finite, or a sigma that is not positive.
    """

    def __init__(self, weight: Tensor, mean: Tensor, sigma: float):
        _check_parameters(weight, mean, float(sigma))
        data_dim, latent_dim = weight.shape
        decoder = GaussianDecoder(latent_dim, data_dim, hidden_dim=())
        super().__init__(LinearEncoder(data_dim, latent_dim), decoder, latent_dim)
        self.to(weight)
        _assign(decoder.net[0], weight, mean)
        decoder.log_sigma.data.fill_(math.log(sigma))
        # Of KL(N(m, diag(v)) ‖ N(mu, Λ⁻¹)) = ½ (m − mu)ᵀΛ(m − mu) + ½ Σⱼ (Λⱼⱼ vⱼ − log vⱼ) + const, the minimum is at
        # m = mu and vⱼ = 1/Λⱼⱼ: the posterior's precisions, not its variances.
        A, precision = self._posterior_map(), self._posterior_precision()
        _assign(self.encoder.net[0], A, -A @ self.mean)
        self.encoder.log_var.data.copy_(-precision.diagonal().log())

    @classmethod
    def from_pca(cls, x: Tensor, latent_dim: int) -> "LinearGaussianVAE":
        """The maximum-likelihood optimum for `x` `[batch, data]`, in closed form: W = U (Λ − σ²I)^½, unrotated.

        U and Λ are the leading eigenvectors and eigenvalues of the covariance (divided by N), σ² the mean of the
        discarded eigenvalues. Raises ValueError unless 1 ≤ latent_dim < data and `x` is a finite floating-point matrix
        whose rows vary in more than `latent_dim` directions.
        """
        _check_data(x, latent_dim)
        eigenvalues, vectors = torch.linalg.eigh(torch.cov(x.T, correction=0))  # ascending
        noise_var, top = eigenvalues[:-latent_dim].mean(), eigenvalues[-latent_dim:]
        # Where x varies in `latent_dim` directions alone, the other eigenvalues are rounding, below this.
        if not noise_var > torch.finfo(x.dtype).eps * x.shape[1] * eigenvalues[-1]:
            raise ValueError(f"expected x to vary in more than {latent_dim} directions, got a σ² of {noise_var:g}")
        weight = _signed(vectors[:, -latent_dim:]) * (top - noise_var).clamp(min=0).sqrt()
        return cls(weight.flip(1), x.mean(0), noise_var.sqrt())

    @property
    def weight(self) -> Tensor:
        return self.decoder.net[0].weight

    @property
    def mean(self) -> Tensor:
        return self.decoder.net[0].bias

    @property
    def noise_std(self) -> Tensor:
        return self.decoder.log_sigma.exp()

    def log_likelihood(self, x: Tensor) -> Tensor:
        """Exact log p(x) = log N(x; mean, W Wᵀ + noise_std² I): `[batch]`, in nats, higher is better.

        `x` is `[batch, data]`. Raises ValueError for an x of another width, empty or NaN.
        """
        check_width("x", x, len(self.mean))
        noise_var = self.noise_std.square().expand_as(self.mean)
        return LowRankMultivariateNormal(self.mean, self.weight, noise_var).log_prob(x)

    def posterior(self, x: Tensor) -> MultivariateNormal:
        """The exact p(z|x) = N(M⁻¹Wᵀ(x − mean), noise_std² M⁻¹) with M = WᵀW + noise_std² I: over `[batch, latent]`.

        `x` is `[batch, data]`. Raises ValueError for an x of another width, empty or NaN.
        """
        check_width("x", x, len(self.mean))
        mu = (x - self.mean) @ self._posterior_map().T
        return MultivariateNormal(mu, precision_matrix=self._posterior_precision())

    def expected_elbo(self, x: Tensor) -> Tensor:
        """E_q[log p(x|z)] − KL(q(z|x) ‖ p(z)), exact for any diagonal Gaussian encoder: `[batch]`, nats.

        Higher is better, and never above `log_likelihood`. The mean of ‖x − Wz − mean‖² over z ~ q is its value at μ
        plus Σⱼ σⱼ² ‖wⱼ‖². Raises as `elbo_terms`.
        """
        qz_x = self.encoder(x)
        spread = qz_x.variance @ self.weight.square().sum(0) / (2 * self.noise_std.square())
        return self.decoder(qz_x.mean).log_prob(x) - spread - kl_divergence(qz_x, self.prior)

    def _posterior_precision(self) -> Tensor:
        return torch.diag(self.prior_sigma) + self.weight.T @ self.weight / self.noise_std.square()

    def _posterior_map(self) -> Tensor:
        return torch.linalg.solve(self._posterior_precision(), self.weight.T / self.noise_std.square())


class ElboOfQ(nn.Module):
    """A function of q = N(mu, diag(exp(log_var))) alone: the exact ELBO of each row of `x` (exercise 6.6).

    Of the `LinearGaussianVAE` of this weight, mean and sigma. Maps mu and log_var, `[batch, latent]`, to `[batch]`, in
    nats and in mu's dtype; higher is better, and never above `log_px`, `[batch]`. It is highest at `best`.
    """

    def __init__(self, weight: Tensor, mean: Tensor, sigma: float, x: Tensor):
        super().__init__()
        model = LinearGaussianVAE(weight.double(), mean.double(), float(sigma)).requires_grad_(False)
        self.log_px, qz_x = model.log_likelihood(x.double()), model.encoder(x.double())
        self.best, self.precision = (qz_x.mean, qz_x.variance.log()), model._posterior_precision()

    def forward(self, mu: Tensor, log_var: Tensor) -> Tensor:
        away, spread = mu.double() - self.best[0], log_var.double()
        squared = ((away @ self.precision) * away).sum(-1) + spread.exp() @ self.precision.diagonal()
        kl = (squared - mu.shape[-1] - self.precision.logdet() - spread.sum(-1)) / 2  # to the posterior
        return (self.log_px - kl).to(mu.dtype)


def _assign(layer: nn.Linear, weight: Tensor, bias: Tensor) -> None:
    layer.weight.data.copy_(weight)
    layer.bias.data.copy_(bias)


def _signed(vectors: Tensor) -> Tensor:
    """Columns with their largest entry positive: the sign of an eigenvector is arbitrary, and should not vary."""
    return vectors * vectors.gather(0, vectors.abs().argmax(0, keepdim=True)).sign()


def _check_parameters(weight: Tensor, mean: Tensor, sigma: float) -> None:
    if weight.ndim != 2 or mean.shape != weight.shape[:1]:
        shapes = f"{tuple(weight.shape)} and {tuple(mean.shape)}"
        raise ValueError(f"expected weight [data, latent] and mean [data], got shapes {shapes}")
    if not (weight.isfinite().all() and mean.isfinite().all() and 0 < sigma < math.inf):
        raise ValueError(f"expected finite weight and mean and a positive, finite sigma, got sigma {sigma}")


def _check_data(x: Tensor, latent_dim: int) -> None:
    if x.ndim != 2 or len(x) == 0 or not x.is_floating_point() or not x.isfinite().all():
        raise ValueError(f"expected a finite floating-point x [batch, data], got {x.dtype} of shape {tuple(x.shape)}")
    if not 1 <= latent_dim < x.shape[1]:
        raise ValueError(f"expected 1 ≤ latent_dim < {x.shape[1]}, the number of features, got {latent_dim}")

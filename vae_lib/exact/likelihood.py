"""Chapters 4 to 6: log p(x), the expected ELBO, the gaps and the posterior of a VAE, all by quadrature.

Quadrature runs in float64 on a copy of the model (on the CPU: not every accelerator has float64), without gradients.
"""

import copy
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch import Tensor
from torch.distributions import Distribution, Independent, Normal, kl_divergence
from torch.optim import LBFGS

from vae_lib.distributions import diagonal_gaussian
from vae_lib.exact.linear_gaussian import LinearGaussianVAE
from vae_lib.exact.quadrature import REACH, first_nodes, in_chunks, integrate

TOL = 1e-4  # nats: a hundredth of the last digit that chapters print; 1e-6 takes eight times as long
Q_REACH = 9.0  # standard deviations of q; 2e-19 of its mass lies beyond


@torch.no_grad()
def log_likelihood(model, x: Tensor, *, tol: float = TOL) -> Tensor:
    """log p(x) = log ∫ p(x|z) p(z) dz by adaptive quadrature, to about `tol` nats: `[batch]`, float64 (chapter 4).

    `x` is `[batch, data]`; the model has one or two latent dimensions and a decoder that returns any distribution.
    Nothing is assumed of q, or of where in |zᵢ| < 40 the posterior lies. Raises ValueError for more dimensions (there,
    `importance_weighted_bound`) or an x that the decoder cannot score, RuntimeError if the integral does not settle.

    One thing it cannot see: a peak of p(x, z) on flat ground, much narrower than the spacing of the first points (0.02
    in one dimension, 0.33 in two, near z = 0). Such a peak is missed without an error. Where p(x, z) rises towards it,
    it is found, however narrow it is.
    """
    model, x = _exact(model, x)
    log_joint, latent_dim = _log_joint(model), len(model.prior.mean)
    return torch.stack([integrate(partial(log_joint, row), _zero, latent_dim, tol=tol)[0] for row in x])


@torch.no_grad()
def expected_elbo(model, x: Tensor, *, qz_x: Distribution | None = None, tol: float = TOL) -> Tensor:
    """E_q[log p(x|z)] − KL(q(z|x) ‖ p(z)), the mean of `elbo` over its draws: `[batch]`, nats, float64 (chapter 4).

    Higher is better, and never above log p(x). `x` is `[batch, data]`; a float64 `qz_x` over `[batch, latent]`, such as
    `best_gaussian`, takes the encoder's place. For one or two latent dimensions by adaptive quadrature, to about `tol`
    nats; for a `LinearGaussianVAE` of any size, with its own encoder, in closed form. Raises ValueError for other
    models with more dimensions (there, average `elbo` over draws), RuntimeError if the integral does not settle. Its
    blind spot is that of `log_likelihood`, with the spacing in standard deviations of q.
    """
    if isinstance(model, LinearGaussianVAE) and qz_x is None:
        return _double(model).expected_elbo(x.cpu().double())
    model, x = _exact(model, x)
    qz_x = model.encoder(x) if qz_x is None else qz_x
    means = [_mean_under(q, lambda z, row=row: model.decoder(z).log_prob(row), tol) for row, q in _rows(x, qz_x)]
    return torch.stack(means) - kl_divergence(qz_x, model.prior)


@torch.no_grad()
def kl_to_posterior(model, x: Tensor, *, tol: float = TOL) -> Tensor:
    """The gap KL(q(z|x) ‖ p(z|x)) to about `tol` nats: `[batch]`, float64, never negative (chapter 4).

    E_q[log q(z|x) − log p(x, z)], plus log p(x) on cells of its own, centred at q: so that
    `expected_elbo + kl_to_posterior = log_likelihood` is a check of all three. `x` is `[batch, data]`, z of one or two
    dimensions. Raises as `log_likelihood`, and has its blind spot.
    """
    model, x = _exact(model, x)
    log_joint = _log_joint(model)
    return torch.stack([_gap(q, partial(log_joint, row), tol) for row, q in _rows(x, model.encoder(x))])


@torch.no_grad()
def best_gaussian(model, x: Tensor) -> Independent:
    """For each x the diagonal Gaussian with the highest ELBO that two climbs find, over `[batch, latent]` (chapter 6).

    One climb starts from the encoder's q, one from the highest point of the posterior on a grid; neither moves the
    encoder. Where the posterior has several modes there may be a better one still. `x` is `[batch, data]`, z of one or
    two dimensions; the result is float64. Raises as `log_likelihood`.
    """
    model, x = _exact(model, x)
    model.requires_grad_(False)
    z = _even_grid(-4, 4, 81, len(model.prior.mean)).flatten(0, -2)
    px_z, found = model.decoder(z), []
    for row, q in _rows(x, model.encoder(x)):
        peak = z[(px_z.log_prob(row) + model.prior.log_prob(z)).argmax()]
        climbs = [_climb(model, row, q.mean, q.stddev), _climb(model, row, peak, torch.full_like(peak, 0.1))]
        found.append(max(climbs, key=lambda climb: climb[0])[1:])
    return diagonal_gaussian(*map(torch.stack, zip(*found, strict=True)))


@torch.no_grad()
def posterior_on_grid(
    model, x: Tensor, *, lower: float | Tensor = -4.0, upper: float | Tensor = 4.0, num: int = 201, tol: float = TOL
) -> tuple[Tensor, Tensor]:
    """The true posterior density p(z|x) = p(x|z) p(z) / p(x) on an even grid: `(z, density)`, float64 (chapter 4).

    `x` is `[batch, data]`. With one latent, `z` is `[num, 1]` and `density` `[batch, num]`; with two, `[num, num, 2]`
    and `[batch, num, num]`, as `axes.contourf(z[..., 0], z[..., 1], density[0])` takes them. On the same grid q is
    `model.encoder(x[:1]).log_prob(z).exp()`. The grid runs from `lower` to `upper`, numbers or one per latent; log p(x)
    is that of `log_likelihood`, so the density integrates to 1 over all z, not over the grid. Raises as that does, and
    has its blind spot.
    """
    log_evidence = log_likelihood(model, x, tol=tol)
    model, x = _exact(model, x)
    z = _even_grid(lower, upper, num, len(model.prior.mean))
    log_joint = torch.stack([in_chunks(partial(_log_joint(model), row), z) for row in x])
    return z, (log_joint - log_evidence.reshape(-1, *[1] * (z.ndim - 1))).exp()


def _exact(model, x: Tensor):
    latent_dim = len(model.prior.mean)
    if latent_dim > 2:
        instead = "use importance_weighted_bound for log p(x), and the mean of elbo over draws for the expected ELBO"
        raise ValueError(f"expected one or two latent dimensions for quadrature, got {latent_dim}: {instead}")
    data = model.decoder(model.prior.mean).event_shape
    if x.shape[1:] != data or len(x) == 0:
        raise ValueError(f"expected x [batch, data] with at least one row and data {tuple(data)}, got {tuple(x.shape)}")
    return _double(model), x.detach().cpu().double()


def _double(model):
    return copy.deepcopy(model).cpu().double().eval()


def _log_joint(model) -> Callable:
    """log p(x, z) of one x and points z; the first points of `integrate` serve every x, and are decoded once."""
    first = first_nodes(len(model.prior.mean), REACH)
    px_first = model.decoder(first)

    def log_joint(row: Tensor, z: Tensor) -> Tensor:
        px_z = px_first if z is first else model.decoder(z)
        return px_z.log_prob(row) + model.prior.log_prob(z)

    return log_joint


def _zero(z: Tensor) -> Tensor:
    return torch.zeros_like(z[..., 0])


def _rows(x: Tensor, qz_x: Distribution) -> list[tuple[Tensor, Distribution]]:
    if not isinstance(getattr(qz_x, "base_dist", None), Normal) or qz_x.batch_shape != x.shape[:1]:
        raise ValueError(f"expected q as diagonal Gaussians over [{len(x)}, latent], got {qz_x}")
    return [(row, diagonal_gaussian(*q)) for row, *q in zip(x, qz_x.mean, qz_x.stddev, strict=True)]


def _mean_under(q: Distribution, f: Callable, tol: float) -> Tensor:
    standard = diagonal_gaussian(torch.zeros_like(q.mean), torch.ones_like(q.mean))
    return integrate(standard.log_prob, lambda eps: f(q.mean + q.stddev * eps), len(q.mean), tol=tol, reach=Q_REACH)[1]


@torch.enable_grad()
def _climb(model, row: Tensor, mu: Tensor, sigma: Tensor) -> tuple[float, Tensor, Tensor]:
    """The ELBO that L-BFGS reaches from q = N(mu, diag(sigma²)), and where: its mu and sigma."""
    # Fixed nodes for the mean under q make the ELBO a smooth function of mu and log sigma, as L-BFGS needs; 24 of them
    # a dimension are exact up to degree 47 in z.
    eps, weights = _gauss_hermite(len(mu))
    mu, log_sigma = mu.clone().requires_grad_(), sigma.log().requires_grad_()
    # A step that gains less than 1e-5 nats ends the climb: half the time, and 4e-5 nats, of torch's own tolerances.
    tolerances = {"tolerance_grad": 1e-3, "tolerance_change": 1e-5}
    optimizer = LBFGS([mu, log_sigma], max_iter=200, line_search_fn="strong_wolfe", **tolerances)

    def loss() -> Tensor:
        optimizer.zero_grad()
        sigma = log_sigma.exp()
        reconstruction = weights @ model.decoder(mu + sigma * eps).log_prob(row)
        value = kl_divergence(diagonal_gaussian(mu, sigma), model.prior) - reconstruction
        value.backward()
        return value

    optimizer.step(loss)
    return -loss().item(), mu.detach(), log_sigma.exp().detach()


def _gauss_hermite(dim: int, num: int = 24) -> tuple[Tensor, Tensor]:
    """Points `[num ** dim, dim]` and weights of a rule for the mean under N(0, I)."""
    # numpy's rule integrates against exp(−ε²/2), so its weights sum to √(2π); divided by their sum they are N(0, 1)'s.
    eps, weights = map(torch.from_numpy, np.polynomial.hermite_e.hermegauss(num))
    grid = torch.cartesian_prod(*[eps] * dim).reshape(-1, dim)
    return grid, torch.cartesian_prod(*[weights / weights.sum()] * dim).reshape(-1, dim).prod(-1)


def _gap(q: Distribution, log_joint: Callable, tol: float) -> Tensor:
    # E_q[log q(z|x) − log p(x, z)] is −ELBO, its KL integrated too and not in closed form; plus log p(x) it is the gap.
    log_px = integrate(lambda u: log_joint(q.mean + u), _zero, len(q.mean), tol=tol)[0]
    return _mean_under(q, lambda z: q.log_prob(z) - log_joint(z), tol) + log_px


def _even_grid(lower: float | Tensor, upper: float | Tensor, num: int, dim: int) -> Tensor:
    ends = (torch.as_tensor(end, dtype=torch.float64).expand(dim) for end in (lower, upper))
    axes = [torch.linspace(*pair, num, dtype=torch.float64) for pair in zip(*ends, strict=True)]
    return torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)

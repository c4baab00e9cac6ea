"""Chapters 4 to 6: quadrature against scipy, the linear-Gaussian referee, very fine grids and importance weighting."""

import copy
import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import dblquad, quad
from torch import nn
from torch.distributions import Independent, Laplace, MultivariateNormal, Normal, Poisson, kl_divergence

from vae_lib.data import digits
from vae_lib.distributions import bernoulli
from vae_lib.exact import quadrature
from vae_lib.exact.likelihood import best_gaussian, expected_elbo, kl_to_posterior, log_likelihood, posterior_on_grid
from vae_lib.exact.linear_gaussian import LinearGaussianVAE
from vae_lib.model import VAE
from vae_lib.networks import (
    BernoulliDecoder,
    BetaBinomialDecoder,
    BinomialDecoder,
    GaussianDecoder,
    GaussianEncoder,
    mlp,
)
from vae_lib.objectives import elbo, log_weights
from vae_lib.training import fit

DATA_DIM = 6


class PoissonDecoder(nn.Module):
    """Not in the library: any decoder that returns a distribution will do."""

    def __init__(self, latent_dim, data_dim, hidden_dim):
        super().__init__()
        self.net = mlp(latent_dim, hidden_dim, data_dim)

    def forward(self, z):
        return Independent(Poisson(self.net(z).exp()), 1)


class Curve(nn.Module):
    """A decoder by hand: p(x|z) = N(g(z), noise_std²) in each dimension."""

    def __init__(self, g, noise_std):
        super().__init__()
        self.g, self.noise_std = g, noise_std

    def forward(self, z):
        mean = self.g(z)
        return Independent(Normal(mean, torch.full_like(mean, self.noise_std)), 1)


DECODERS = {
    "bernoulli": (BernoulliDecoder, lambda n: torch.randint(0, 2, (n, DATA_DIM)).float()),
    "binomial": (lambda *sizes: BinomialDecoder(*sizes, 16), lambda n: torch.randint(0, 17, (n, DATA_DIM)).float()),
    "beta-binomial": (
        lambda *sizes: BetaBinomialDecoder(*sizes, 16),
        lambda n: torch.randint(0, 17, (n, DATA_DIM)).float(),
    ),
    "gaussian": (GaussianDecoder, lambda n: 2 * torch.randn(n, DATA_DIM)),
    "poisson": (PoissonDecoder, lambda n: torch.randint(0, 5, (n, DATA_DIM)).float()),
}


def random_vae(latent_dim, kind="bernoulli", steepness=2.0, seed=0):
    """A random ReLU decoder, in float32 as everywhere in the book, with weights large enough to bend the posterior."""
    torch.manual_seed(seed)
    decoder = DECODERS[kind][0](latent_dim, DATA_DIM, 8)
    with torch.no_grad():
        for parameter in decoder.net.parameters():
            parameter.mul_(steepness)
    return VAE(GaussianEncoder(DATA_DIM, latent_dim, 8), decoder, latent_dim)


def by_hand(g, noise_std, latent_dim, data_dim):
    return VAE(GaussianEncoder(data_dim, latent_dim, 4), Curve(g, noise_std), latent_dim)


def decode(decoder, x):
    """log p(x, z) for one x in numpy and from the weights alone: a function of z `[..., latent]`."""
    (W1, b1), (W2, b2) = (
        (layer.weight.detach().double().numpy(), layer.bias.detach().double().numpy())
        for layer in decoder.net
        if isinstance(layer, nn.Linear)
    )
    x = x.double().numpy()
    squash = np.tanh if isinstance(decoder.net[1], nn.Tanh) else lambda a: np.maximum(a, 0)

    def log_joint(z):
        logits = squash(z @ W1.T + b1) @ W2.T + b2
        log_px_z = (x * logits - np.logaddexp(0, logits)).sum(-1)
        return log_px_z - (z**2).sum(-1) / 2 - z.shape[-1] / 2 * math.log(2 * math.pi)

    return log_joint, -b1 / W1[:, 0]


def evidence_by_quad(model, row):
    """log p(x) of one x and one latent: scipy's quad on each of the pieces between the kinks of the decoder."""
    log_joint, kinks = decode(model.decoder, row)
    ends = np.unique(np.clip([-12, *kinks, 0, 12], -12, 12))
    pieces = [quad(lambda z: np.exp(log_joint(np.array([z]))), a, b, epsrel=1e-10) for a, b in pairwise(ends)]
    return math.log(sum(value for value, _ in pieces))


def elbo_by_quad(model, row):
    """E_q[log p(x, z) − log q(z)] of one x and one latent, in the same way."""
    log_joint, kinks = decode(model.decoder, row)
    q = model.encoder(row)
    mu, sigma = q.mean.item(), q.stddev.item()

    def integrand(z):
        log_q = -(((z - mu) / sigma) ** 2) / 2 - math.log(sigma) - math.log(2 * math.pi) / 2
        return math.exp(log_q) * (log_joint(np.array([z])) - log_q)

    ends = np.unique(np.clip([-np.inf, *kinks, mu, np.inf], mu - 9 * sigma, mu + 9 * sigma))
    return sum(quad(integrand, a, b, epsrel=1e-10)[0] for a, b in pairwise(ends))


def plain(model):
    """The linear model without its name, so that quadrature and not the closed form is used."""
    return VAE(model.encoder, model.decoder, model.weight.shape[1]).double()


def linear(latent_dim, seed=0, sigma=0.6):
    generator = torch.Generator().manual_seed(seed)
    weight = torch.randn(5, latent_dim, generator=generator, dtype=torch.float64)
    return LinearGaussianVAE(weight, torch.randn(5, generator=generator, dtype=torch.float64), sigma)


# ----- against scipy


@pytest.mark.parametrize("seed", range(4))
def test_one_latent_agrees_with_scipys_quad(seed):
    model, x = random_vae(1, seed=seed), torch.randint(0, 2, (2, DATA_DIM)).float()
    for row, log_px, bound in zip(
        x, log_likelihood(model, x, tol=1e-6), expected_elbo(model, x, tol=1e-6), strict=True
    ):
        assert log_px.item() == pytest.approx(evidence_by_quad(model, row), abs=1e-6)
        assert bound.item() == pytest.approx(elbo_by_quad(model, row), abs=1e-6)


def test_two_latents_agree_with_scipys_dblquad():
    model, x = random_vae(2), torch.tensor([[1.0, 0, 0, 1, 1, 0]])
    model.decoder.net[1] = nn.Tanh()
    log_joint, _ = decode(model.decoder, x[0])
    evidence, _ = dblquad(lambda a, b: np.exp(log_joint(np.array([a, b]))), -7, 7, -7, 7, epsabs=1e-12, epsrel=1e-9)
    assert log_likelihood(model, x, tol=1e-6).item() == pytest.approx(math.log(evidence), abs=1e-6)


@pytest.mark.parametrize("kind", DECODERS)
def test_any_likelihood_sums_to_one_or_agrees_with_a_fine_grid(kind):
    """log p(x) on an even grid in float64, whose error for these smooth, wide posteriors is far below the tolerance."""
    model, x = random_vae(1, kind, steepness=1.0), DECODERS[kind][1](3)
    grid = torch.linspace(-10, 10, 400_001, dtype=torch.float64)[:, None]
    exact = copy.deepcopy(model).double()
    log_joint = exact.decoder(grid[:, None]).log_prob(x.double()) + exact.prior.log_prob(grid)[:, None]
    torch.testing.assert_close(
        log_likelihood(model, x, tol=1e-6), log_joint.logsumexp(0) + math.log(20 / 400_000), rtol=0, atol=1e-6
    )


def test_p_of_x_sums_to_one_over_all_black_and_white_images():
    model = random_vae(1, steepness=3.0)
    x = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * DATA_DIM)
    assert log_likelihood(model, x, tol=1e-6).exp().sum().item() == pytest.approx(1, abs=1e-6)


# ----- log p(x) = expected ELBO + gap


@pytest.mark.parametrize("kind", DECODERS)
@pytest.mark.parametrize("latent_dim", [1, 2])
def test_log_px_is_expected_elbo_plus_kl_to_the_posterior(latent_dim, kind):
    model, x = random_vae(latent_dim, kind, steepness=1.5), DECODERS[kind][1](2)
    log_px, bound, gap = (
        log_likelihood(model, x, tol=1e-6),
        expected_elbo(model, x, tol=1e-6),
        kl_to_posterior(model, x, tol=1e-6),
    )
    assert log_px.shape == bound.shape == gap.shape == (2,)
    assert (gap > 1e-3).all()
    torch.testing.assert_close(bound + gap, log_px, rtol=0, atol=1e-6)
    if latent_dim == 1 and kind == "bernoulli":
        gap_by_quad = [evidence_by_quad(model, row) - elbo_by_quad(model, row) for row in x]
        assert gap.tolist() == pytest.approx(gap_by_quad, abs=1e-6)


@given(st.integers(0, 10**6), st.floats(0.5, 5))
def test_the_expected_elbo_never_lies_above_log_px(seed, steepness):
    model, x = random_vae(1, steepness=steepness, seed=seed), torch.randint(0, 2, (1, DATA_DIM)).float()
    assert (expected_elbo(model, x, tol=1e-4) <= log_likelihood(model, x, tol=1e-4) + 2e-4).all()


def test_expected_elbo_is_the_mean_of_elbo_over_draws():
    model, x = random_vae(2), torch.randint(0, 2, (3, DATA_DIM)).float()
    draws = elbo(model, x.repeat(20_000, 1)).detach().reshape(-1, 3)
    error = draws.mean(0) - expected_elbo(model, x)
    assert (error.abs() < 4 * draws.std(0) / math.sqrt(len(draws))).all()


def test_importance_weighting_approaches_quadrature_from_below():
    """Its mean is never above log p(x), and its bias shrinks with the number of samples."""
    model, x = random_vae(2, steepness=3.0), torch.randint(0, 2, (3, DATA_DIM)).float()
    log_px = log_likelihood(model, x)
    biases = []
    for num_samples in (1, 4, 16, 64, 256):
        log_w = log_weights(model, x.repeat(400, 1), num_samples).detach()
        draws = (log_w.logsumexp(0) - math.log(num_samples)).reshape(400, 3)
        standard_error = draws.std(0) / math.sqrt(len(draws))
        assert (draws.mean(0) < log_px + 3 * standard_error).all()
        biases.append((log_px - draws.mean(0)).mean().item())
    assert biases == sorted(biases, reverse=True)
    assert biases[0] == pytest.approx((log_px - expected_elbo(model, x)).mean().item(), rel=0.1)
    assert biases[0] > 0.5
    assert biases[-1] < 0.02


# ----- the linear-Gaussian referee


@pytest.mark.parametrize("sigma", [0.6, 0.01])
@pytest.mark.parametrize("latent_dim", [1, 2])
def test_all_quadratures_agree_with_the_linear_gaussian_model(latent_dim, sigma):
    model = linear(latent_dim, sigma=sigma)
    x = model.sample(3).sample()
    posterior, q = model.posterior(x), model.encoder(x)
    gap = kl_divergence(MultivariateNormal(q.mean, torch.diag_embed(q.variance)), posterior)
    torch.testing.assert_close(log_likelihood(model, x, tol=1e-6), model.log_likelihood(x).detach(), rtol=0, atol=1e-6)
    torch.testing.assert_close(
        expected_elbo(plain(model), x, tol=1e-6), model.expected_elbo(x).detach(), rtol=0, atol=1e-6
    )
    torch.testing.assert_close(expected_elbo(model, x), model.expected_elbo(x).detach(), rtol=0, atol=1e-12)
    torch.testing.assert_close(kl_to_posterior(model, x, tol=1e-6), gap.detach(), rtol=0, atol=1e-6)


def test_expected_elbo_of_the_linear_model_needs_no_quadrature():
    model = linear(4)
    x = model.sample(3).sample()
    torch.testing.assert_close(expected_elbo(model, x), model.expected_elbo(x).detach(), rtol=0, atol=1e-12)
    with pytest.raises(ValueError, match="got 4: use importance_weighted_bound"):
        log_likelihood(model, x)


@pytest.mark.parametrize("latent_dim", [1, 2])
def test_posterior_on_grid_is_the_exact_posterior(latent_dim):
    model = linear(latent_dim)
    x = model.sample(2).sample()
    z, density = posterior_on_grid(model, x, lower=-5.0, upper=5.0, num=101, tol=1e-6)
    assert (z.shape, density.shape) == ((*[101] * latent_dim, latent_dim), (2, *[101] * latent_dim))
    for row, values in zip(x, density, strict=True):
        torch.testing.assert_close(values, model.posterior(row).log_prob(z).exp().detach(), rtol=1e-5, atol=1e-8)


def test_posterior_on_grid_zooms_and_keeps_the_order_of_the_axes():
    model, x = random_vae(2), torch.randint(0, 2, (1, DATA_DIM)).float()
    z, density = posterior_on_grid(
        model, x, lower=torch.tensor([-1.0, 2.0]), upper=torch.tensor([0.0, 3.0]), num=5, tol=1e-6
    )
    assert z[0, 0].tolist() == [-1, 2]
    assert z[4, 0].tolist() == [0, 2]
    assert z[0, 4].tolist() == [-1, 3]
    log_joint, _ = decode(model.decoder, x[0])
    expected = np.exp(log_joint(z.numpy()) - log_likelihood(model, x, tol=1e-6).item())
    np.testing.assert_allclose(density[0].numpy(), expected, rtol=1e-6)


@pytest.mark.parametrize("latent_dim", [1, 2])
def test_the_posterior_integrates_to_one_and_q_fits_on_its_grid(latent_dim):
    model, x = random_vae(latent_dim, steepness=1.5), torch.randint(0, 2, (2, DATA_DIM)).float()
    z, density = posterior_on_grid(model, x, lower=-7.0, upper=7.0, num=701)
    cell = 0.02**latent_dim
    assert (density.flatten(1).sum(1) * cell).tolist() == pytest.approx([1, 1], abs=1e-4)
    q = model.encoder(x[:1]).log_prob(z).exp()
    assert q.shape == density[0].shape
    assert q.sum().item() * cell == pytest.approx(1, abs=1e-4)


# ----- hard posteriors


@pytest.mark.parametrize("latent_dim", [1, 2])
@pytest.mark.parametrize("where", [0.0, 2.7, -6.0, 12.0])
def test_a_needle_is_found_wherever_it_is(latent_dim, where):
    """Posterior sd 0.01, up to twelve prior standard deviations out, and a q that knows nothing of it."""
    model = LinearGaussianVAE(torch.eye(latent_dim).double(), torch.zeros(latent_dim).double(), 0.01)
    x = torch.full((1, latent_dim), where, dtype=torch.float64)
    model.encoder.net[0].weight.data.zero_()
    assert log_likelihood(model, x, tol=1e-6).item() == pytest.approx(model.log_likelihood(x).item(), abs=1e-6)


@pytest.mark.parametrize("x", [[0.0], [2.5], [-4.9], [0.0, 2.5]])
def test_modes_at_every_whole_number_up_to_eight(x):
    """x = 5 sin(πz) + noise: some 16 needles of sd 0.013, or 256 in the plane; log p(x) is a sum over dimensions."""

    def g(z):
        return 5 * torch.sin(math.pi * z)

    model = by_hand(g, 0.2, len(x), len(x))
    grid = np.arange(-9, 9, 1e-4)
    expected = 0.0
    for value in x:
        log_joint = -(((value - 5 * np.sin(np.pi * grid)) / 0.2) ** 2) / 2 - np.log(0.2) - grid**2 / 2
        expected += np.log(np.exp(log_joint).sum() * 1e-4) - math.log(2 * math.pi)
    assert log_likelihood(model, torch.tensor([x]), tol=1e-6).item() == pytest.approx(expected, abs=1e-6)


def test_windows_of_a_steep_decoder():
    """Two pixels that switch at edges 0.05 apart, at −5.5, 0.2 and 5.8: x = (1, 0) holds only between the edges."""
    edges = torch.tensor([-5.5, 0.2, 5.8], dtype=torch.float64)

    def logits(z):
        window = (400 * (0.025 - (z - edges - 0.025).abs())).amax(-1, keepdim=True)
        return torch.cat([window, -window], -1)

    class Windows(nn.Module):
        def forward(self, z):
            return bernoulli(logits(z))

    model, x = VAE(GaussianEncoder(2, 1, 4), Windows(), 1), torch.tensor([[1.0, 0.0]])
    grid = torch.arange(-9, 9, 2e-5, dtype=torch.float64)[:, None]
    log_joint = bernoulli(logits(grid)).log_prob(x.double()) + Normal(0.0, 1.0).log_prob(grid[:, 0])
    expected = log_joint.logsumexp(0).item() + math.log(2e-5)
    assert log_likelihood(model, x, tol=1e-6).item() == pytest.approx(expected, abs=1e-5)


def test_a_thin_ridge_across_the_latent_space():
    """Two latents that are almost exchangeable: posterior sd 0.007 across the ridge, 0.6 along it."""
    model = LinearGaussianVAE(torch.tensor([[1.0, 1.0], [0.01, -0.01]]).double(), torch.zeros(2).double(), 0.01)
    x = torch.tensor([[1.7, 0.004], [-5.0, 0.0]]).double()
    torch.testing.assert_close(log_likelihood(model, x, tol=1e-6), model.log_likelihood(x).detach(), rtol=0, atol=1e-6)


def test_a_trained_vae_agrees_with_a_very_fine_grid():
    """Digits, 2 latents: the quick answer at tol = 1e-3 against 640 000 points in steps of 0.02."""
    x_train, x_test = ((x >= 8).float() for x in digits())
    model = VAE(GaussianEncoder(64, 2, 64), BernoulliDecoder(2, 64, 64), 2)
    fit(model, x_train, num_epochs=15, batch_size=64, lr=5e-3)
    x, model = x_test[:8], model.double()
    axis = torch.arange(-8, 8, 0.02, dtype=torch.float64) + 0.01
    z = torch.cartesian_prod(axis, axis)
    with torch.no_grad():
        logits = torch.cat([model.decoder.net(part) for part in z.split(2**16)])
        log_joint = logits @ x.double().T - nn.functional.softplus(logits).sum(1, keepdim=True)
    log_joint += model.prior.log_prob(z)[:, None]
    torch.testing.assert_close(
        log_likelihood(model, x, tol=1e-3), log_joint.logsumexp(0) + 2 * math.log(0.02), rtol=0, atol=2e-3
    )


def test_a_tolerance_is_kept():
    model, x = random_vae(2, steepness=4.0), torch.randint(0, 2, (4, DATA_DIM)).float()
    fine = {function: function(model, x, tol=1e-7) for function in (log_likelihood, expected_elbo)}
    for function, expected in fine.items():
        for tol in (1e-2, 1e-4):
            torch.testing.assert_close(function(model, x, tol=tol), expected, rtol=0, atol=tol)


# ----- the caller's model and what is refused


@pytest.mark.parametrize("function", [log_likelihood, expected_elbo, kl_to_posterior])
def test_the_callers_model_is_left_alone_and_the_answer_is_float64(function):
    model, x = random_vae(1).train(), torch.randint(0, 2, (2, DATA_DIM)).float()
    before = copy.deepcopy(model.state_dict())
    values = function(model, x)
    assert (values.shape, values.dtype, values.requires_grad) == ((2,), torch.float64, False)
    assert model.training
    for name, value in model.state_dict().items():
        assert value.dtype == torch.float32
        assert torch.equal(value, before[name])
    torch.testing.assert_close(function(copy.deepcopy(model).double(), x.double()), values, rtol=0, atol=1e-12)


def test_nothing_depends_on_the_rest_of_the_batch_or_on_q():
    model, x = random_vae(2), torch.randint(0, 2, (5, DATA_DIM)).float()
    together = log_likelihood(model, x)
    torch.testing.assert_close(torch.cat([log_likelihood(model, row[None]) for row in x]), together, rtol=0, atol=1e-12)
    model.encoder = GaussianEncoder(DATA_DIM, 2, 3)
    torch.testing.assert_close(log_likelihood(model, x), together, rtol=0, atol=0)


@pytest.mark.parametrize("function", [log_likelihood, expected_elbo, kl_to_posterior, posterior_on_grid])
def test_three_latents_are_refused_and_the_bound_is_named(function):
    model, x = random_vae(3), torch.zeros(2, DATA_DIM)
    with pytest.raises(
        ValueError, match="expected one or two latent dimensions for quadrature, got 3: use importance_w"
    ):
        function(model, x)


@pytest.mark.parametrize("function", [log_likelihood, expected_elbo, kl_to_posterior, posterior_on_grid])
def test_bad_data_are_refused(function):
    model = random_vae(1)
    for shape in [(DATA_DIM,), (0, DATA_DIM), (2, 3, DATA_DIM), (2, 1), (2, DATA_DIM + 1)]:
        with pytest.raises(ValueError, match=r"expected x \[batch, data\] with at least one row and data \(\d,\), got"):
            function(model, torch.zeros(shape))
    for bad in (torch.full((2, DATA_DIM), 0.5), torch.full((2, DATA_DIM), math.nan)):
        with pytest.raises(ValueError):  # noqa: PT011
            function(model, bad)
    with pytest.raises(ValueError, match="a positive tol, got"):
        log_likelihood(model, torch.zeros(1, DATA_DIM), tol=0)


def test_an_integral_that_does_not_settle_raises(monkeypatch):
    monkeypatch.setattr(quadrature, "MAX_POINTS", 20_000)
    with pytest.raises(RuntimeError, match="expected an error below 1e-10, got about"):
        log_likelihood(random_vae(2), torch.zeros(1, DATA_DIM), tol=1e-10)


def test_a_posterior_beyond_the_range_raises():
    model = LinearGaussianVAE(torch.ones(1, 1), torch.zeros(1), 0.01)
    with pytest.raises(RuntimeError, match="expected all mass within ±40"):
        log_likelihood(model, torch.tensor([[50.0]]))


# ----- the best Gaussian


@pytest.mark.parametrize("kind", DECODERS)
@pytest.mark.parametrize("latent_dim", [1, 2])
def test_the_gap_is_a_family_gap_and_an_amortisation_gap_both_at_least_zero(latent_dim, kind):
    model, x = random_vae(latent_dim, kind), DECODERS[kind][1](5)
    best = expected_elbo(model, x, qz_x=best_gaussian(model, x), tol=1e-4)
    family, amortisation = log_likelihood(model, x, tol=1e-4) - best, best - expected_elbo(model, x, tol=1e-4)
    assert family.min() > -1e-3
    assert amortisation.min() > -1e-3
    assert amortisation.max() > 0.01  # nobody has trained this encoder
    torch.testing.assert_close(family + amortisation, kl_to_posterior(model, x, tol=1e-4), rtol=0, atol=1e-3)


@pytest.mark.parametrize("latent_dim", [1, 2])
def test_where_the_posterior_is_a_diagonal_gaussian_the_best_gaussian_is_the_posterior(latent_dim):
    model = linear(latent_dim)
    model = LinearGaussianVAE(torch.linalg.qr(model.weight)[0] * 1.5, model.mean, 0.6)  # orthogonal columns
    x = 2 * torch.randn(4, 5, dtype=torch.float64)
    model.encoder.net[0].bias.data += 0.7  # an encoder that is wrong by some standard deviations
    q, posterior = best_gaussian(model, x), model.posterior(x)
    torch.testing.assert_close(q.mean, posterior.mean.detach(), rtol=0, atol=1e-4)
    torch.testing.assert_close(q.variance, posterior.variance.detach(), rtol=1e-4, atol=0)
    reached = expected_elbo(model, x, qz_x=q, tol=1e-6)
    torch.testing.assert_close(reached, model.log_likelihood(x).detach(), rtol=0, atol=1e-6)
    assert (expected_elbo(model, x) < reached - 0.1).all()


def test_no_move_of_mu_or_sigma_beats_the_best_gaussian():
    model, x = random_vae(2), DECODERS["bernoulli"][1](3)
    best = best_gaussian(model, x)
    reached = expected_elbo(model, x, qz_x=best, tol=1e-5)
    torch.manual_seed(1)
    for _ in range(5):
        mu = best.mean + 0.05 * torch.randn(3, 2, dtype=torch.float64)
        sigma = best.stddev * torch.exp(0.05 * torch.randn(3, 2, dtype=torch.float64))
        moved = expected_elbo(model, x, qz_x=Independent(Normal(mu, sigma), 1), tol=1e-5)
        assert (moved < reached + 1e-4).all()


def test_the_best_gaussian_leaves_the_model_alone_and_takes_no_gradient():
    model, x = random_vae(2), DECODERS["bernoulli"][1](2)
    before = copy.deepcopy(model.state_dict())
    q = best_gaussian(model, x)
    assert q.mean.dtype == torch.float64
    assert q.mean.shape == (2, 2)
    assert not q.mean.requires_grad
    assert all(parameter.requires_grad and parameter.grad is None for parameter in model.parameters())
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_the_encoders_own_q_handed_over_changes_nothing():
    model, x = random_vae(2), DECODERS["bernoulli"][1](3)
    q = copy.deepcopy(model).double().encoder(x.double())
    torch.testing.assert_close(expected_elbo(model, x, qz_x=q), expected_elbo(model, x), rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "qz_x",
    [
        Independent(Laplace(torch.zeros(3, 1), torch.ones(3, 1)), 1),
        Independent(Normal(torch.zeros(2, 1), torch.ones(2, 1)), 1),
        Normal(torch.zeros(3, 1), torch.ones(3, 1)),
    ],
    ids=["Laplace", "two rows for three", "one number a latent"],
)
def test_a_q_that_is_no_diagonal_gaussian_for_each_x_raises(qz_x):
    with pytest.raises(ValueError, match=r"expected q as diagonal Gaussians over \[3, latent\], got "):
        expected_elbo(random_vae(1), torch.ones(3, DATA_DIM), qz_x=qz_x)

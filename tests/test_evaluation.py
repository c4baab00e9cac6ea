"""Chapters 5 to 7: what each latent costs, against the closed form; which vary with x; what they tell of it."""

import pytest
import torch
from scipy.stats import genpareto

from vae_lib.distributions import kl_to_standard_normal
from vae_lib.evaluation import (
    active_units,
    aggregate_kl,
    kl_per_dimension,
    mutual_information,
    pareto_k,
    pointwise_information,
)
from vae_lib.exact.linear_gaussian import LinearEncoder
from vae_lib.exact.quadrature import integrate
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianEncoder
from vae_lib.objectives import elbo_terms

DATA_DIM = 6


def bernoulli_vae(latent_dim):
    return VAE(GaussianEncoder(DATA_DIM, latent_dim, 8), BernoulliDecoder(latent_dim, DATA_DIM, 8), latent_dim)


def test_kl_per_dimension_is_the_closed_form_and_sums_to_the_kl_term():
    model, x = bernoulli_vae(3), torch.randint(0, 2, (7, DATA_DIM)).float()
    mu, log_var = model.encoder.net(x).chunk(2, dim=-1)
    kl = kl_per_dimension(model, x)
    assert (kl.shape, kl.requires_grad) == ((3,), False)
    torch.testing.assert_close(kl, kl_to_standard_normal(mu, log_var).mean(0).detach())
    torch.testing.assert_close(kl.sum(), elbo_terms(model, x)[1].mean().detach())
    torch.testing.assert_close(kl_per_dimension(model, x[0]), kl_per_dimension(model, x[:1]))  # one x is a batch of one


def encoder_with_means(scale):
    """μ(x) = scale · x, latent by latent: the variance of a mean is that of its feature, times scale²."""
    encoder = LinearEncoder(3, 3)
    encoder.net[0].weight.data, encoder.net[0].bias.data = torch.diag(torch.tensor(scale)), torch.ones(3)
    return VAE(encoder, BernoulliDecoder(3, 3, 4), 3)


def test_a_unit_is_active_where_the_mean_of_q_varies_with_x():
    x = torch.tensor([[1.0, 1, 1], [-1, -1, -1]])  # each feature has variance 1
    model = encoder_with_means([0.0, 0.0999, 0.1001])
    active = active_units(model, x)
    assert (active.shape, active.dtype) == ((3,), torch.bool)
    assert active.tolist() == [False, False, True]
    assert active_units(model, x, threshold=0.009).tolist() == [False, True, True]
    assert active_units(model, x, 1.0).tolist() == [False, False, False]


def test_an_unused_latent_is_inactive_and_costs_no_nats():
    x = torch.randn(50, 3)
    model = encoder_with_means([0.0, 1.0, 1.0])
    model.encoder.net[0].bias.data.zero_()
    assert kl_per_dimension(model, x)[0] == 0
    assert active_units(model, x).tolist() == [False, True, True]


@pytest.mark.parametrize("shape", [(1, DATA_DIM), (DATA_DIM,)])
def test_one_example_cannot_vary(shape):
    with pytest.raises(ValueError, match=rf"expected at least two examples \[batch, data\], .* got \({shape[0]},"):
        active_units(bernoulli_vae(2), torch.zeros(shape))


# What z tells of x, and whether weights can be relied on


def test_information_of_two_far_apart_rows_is_log_2():
    model = two_codes(distance=40.0)
    torch.testing.assert_close(pointwise_information(model, torch.eye(2)).mean(), torch.tensor(2.0).log())


def test_information_of_rows_with_one_code_is_0():
    assert pointwise_information(two_codes(distance=0.0), torch.eye(2), num_samples=5).abs().max() < 1e-6


def test_information_agrees_with_an_integral_over_z():
    model = two_codes(distance=1.5)
    torch.manual_seed(0)
    estimates = pointwise_information(model, torch.eye(2), num_samples=40_000)
    z = torch.linspace(-12, 12, 4001, dtype=torch.float64)
    densities = torch.stack([torch.distributions.Normal(mu, 1.0).log_prob(z).exp() for mu in (0.75, -0.75)])
    log_ratio = (densities / densities.mean(0)).log()
    exact = torch.trapezoid(densities * log_ratio, z).mean()
    error = estimates.std() / estimates.numel() ** 0.5
    assert estimates.shape == (40_000, 2)
    assert abs(estimates.mean() - exact) < 5 * error


def two_codes(distance: float) -> VAE:
    """One latent, σ = 1, whose mean is half the distance to either side for the two rows of the identity."""
    encoder = GaussianEncoder(2, 1, 4)
    encoder.net = torch.nn.Linear(2, 2, bias=False)
    with torch.no_grad():
        encoder.net.weight.copy_(torch.tensor([[distance / 2, -distance / 2], [0.0, 0.0]]))
    return VAE(encoder, BernoulliDecoder(1, 2, 4), 1)


# What the KL pays, in two parts


def planar_vae(num_rows, seed=0):
    """Two latents, q's means and σ apart enough that the aggregate is no Gaussian; and its rows."""
    torch.manual_seed(seed)
    model = bernoulli_vae(2)
    with torch.no_grad():
        model.encoder.net[-1].weight.mul_(4)
    return model.double(), torch.randint(0, 2, (num_rows, DATA_DIM)).double()


def within(estimate, exact, errors=4.5):
    return abs(estimate.mean - exact) < errors * estimate.error


def test_the_two_parts_agree_with_quadrature_in_two_dimensions():
    model, x = planar_vae(7)
    with torch.no_grad():
        qz_x = model.encoder(x)

    def log_q(z):
        return qz_x.log_prob(z[..., None, :]).logsumexp(-1) - torch.tensor(7.0).log()

    _, to_prior = integrate(log_q, lambda z: log_q(z) - model.prior.log_prob(z), 2, tol=1e-4, reach=15.0)
    kl = elbo_terms(model, x)[1].mean().item()
    information, aggregate = (part(model, x, num_samples=3000) for part in (mutual_information, aggregate_kl))
    assert 0.1 < information.mean < torch.tensor(7.0).log()
    assert within(information, kl - to_prior.item())
    assert within(aggregate, to_prior.item())
    assert information.error < 0.01


@pytest.mark.parametrize("seed", range(4))
def test_the_parts_of_the_kl_add_up_within_their_errors(seed):
    model, x = planar_vae(60, seed)
    information, aggregate = (part(model, x, num_samples=50) for part in (mutual_information, aggregate_kl))
    error = (information.error**2 + aggregate.error**2) ** 0.5
    assert abs(information.mean + aggregate.mean - elbo_terms(model, x)[1].mean().item()) < 4.5 * error
    assert error < 0.1


def test_the_error_is_the_scatter_of_the_estimate():
    model, x = planar_vae(5)
    for part in (mutual_information, aggregate_kl):
        estimates = [part(model, x, num_samples=40) for _ in range(200)]
        scatter = torch.tensor([estimate.mean for estimate in estimates]).std().item()
        told = torch.tensor([estimate.error for estimate in estimates]).mean().item()
        assert told == pytest.approx(scatter, rel=0.2)


def test_of_one_code_nothing_is_told_and_all_that_is_paid_is_its_place():
    model, x = encoder_with_means([0.0, 0.0, 0.0]), torch.zeros(4, 3)  # q(z|x) = N(1, I) for every x
    assert mutual_information(model, x, num_samples=2).mean == pytest.approx(0, abs=1e-6)
    assert within(aggregate_kl(model, x, num_samples=500), 1.5)


def test_two_points_pay_1_5_nats_and_tell_log_2():
    """Data −1 and 1 at the optimum for σ_x² = 0.05: R = ½ log 20, and I is at most the log of two rows."""
    model = encoder_with_means([0.95**0.5, 0.0, 0.0])
    model.encoder.net[0].bias.data.zero_()
    model.encoder.log_var.data = torch.tensor([0.05, 1, 1]).log()
    x = torch.tensor([[1.0, 0, 0], [-1, 0, 0]])
    information, aggregate = (part(model, x, num_samples=5000) for part in (mutual_information, aggregate_kl))
    assert kl_per_dimension(model, x).sum().item() == pytest.approx(1.498, abs=1e-3)
    assert information.mean == pytest.approx(0.693, abs=1e-3)
    assert within(aggregate, 1.498 - 0.693)


@pytest.mark.parametrize("part", [mutual_information, aggregate_kl])
def test_an_error_wants_two_draws(part):
    with pytest.raises(ValueError, match="expected at least two draws of z, for an error, got 1"):
        part(two_codes(1.0), torch.eye(2), num_samples=1)
    with pytest.raises(ValueError, match="expected num_samples to be a whole number of at least 1, got 0"):
        part(two_codes(1.0), torch.eye(2), num_samples=0)


@pytest.mark.parametrize("k", [-0.3, 0.1, 0.5, 0.7, 1.0])
def test_pareto_k_finds_the_shape_of_scipys_draws(k):
    weights = genpareto.rvs(k, size=(2000, 200), random_state=0)
    found = pareto_k(torch.from_numpy(weights).log())
    assert found.shape == (200,)
    assert abs(found.mean() - k) < 0.1


def test_pareto_k_does_not_depend_on_the_weights_unit():
    torch.manual_seed(0)
    log_w = 2 * torch.randn(400, 3, dtype=torch.float64)
    torch.testing.assert_close(pareto_k(log_w), pareto_k(log_w - 1e4), rtol=1e-6, atol=1e-6)


def test_pareto_k_of_equal_weights_is_minus_infinity_and_of_one_that_is_all_infinity():
    one = torch.zeros(400, 1)
    assert pareto_k(one) == -torch.inf
    one[7] = 3000.0
    assert pareto_k(one) == torch.inf


def test_pareto_k_wants_a_tail():
    with pytest.raises(ValueError, match="at least 25 samples"):
        pareto_k(torch.zeros(24, 3))

"""Chapter 7: a mixture as prior: its density by hand, its KL by quadrature, and all that takes a VAE takes it."""

import math

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from vae_lib.distributions import diagonal_gaussian
from vae_lib.evaluation import aggregate_kl
from vae_lib.exact.quadrature import integrate
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianEncoder
from vae_lib.objectives import elbo, log_weights
from vae_lib.priors import GaussianMixture, MixturePriorVAE
from vae_lib.training import fit

MEANS, SIGMAS = torch.tensor([[-2.0], [1.5]]).double(), torch.tensor([[0.5], [1.0]]).double()


def mixture():
    return GaussianMixture(torch.tensor([0.0, math.log(3)]).double(), MEANS, SIGMAS)


def small_vae(num_components=3):
    torch.manual_seed(0)
    return MixturePriorVAE(GaussianEncoder(6, 2, 8), BernoulliDecoder(2, 6, 8), 2, num_components)


def test_its_density_is_the_weighted_sum_of_its_components():
    z = torch.linspace(-4, 4, 9).double()
    by_hand = 0.25 * Normal(-2, 0.5).log_prob(z).exp() + 0.75 * Normal(1.5, 1).log_prob(z).exp()
    torch.testing.assert_close(mixture().log_prob(z[:, None]).exp(), by_hand)


def test_the_kl_to_it_is_right_on_average():
    q = diagonal_gaussian(torch.tensor([0.3]).double(), torch.tensor([0.8]).double())
    _, exact = integrate(q.log_prob, lambda z: q.log_prob(z) - mixture().log_prob(z), 1, tol=1e-6)
    torch.manual_seed(0)
    estimates = kl_divergence(q.expand((100_000,)), mixture())
    assert estimates.shape == (100_000,)
    assert abs(estimates.mean() - exact) < 4 * estimates.std() / estimates.numel() ** 0.5
    assert estimates.min() < 0 < exact


def test_the_kl_passes_its_gradient_to_both():
    values = [torch.randn(2, 2).requires_grad_() for _ in range(2)]
    kl_divergence(
        diagonal_gaussian(values[0], torch.ones(2, 2)), GaussianMixture(torch.zeros(2), values[1], torch.ones(2, 2))
    ).sum().backward()
    assert all(value.grad.abs().max() > 0 for value in values)


def test_elbo_weights_draws_and_training_take_it_unchanged():
    model, x = small_vae(), torch.randint(0, 2, (12, 6)).float()
    assert elbo(model, x).shape == (12,)
    assert log_weights(model, x, 5).shape == (5, 12)
    assert model.sample(7).sample().shape == (7, 6)
    before = model.prior_means.detach().clone()
    fit(model, x, x_test=x, num_epochs=2, batch_size=4)
    assert not torch.equal(model.prior_means, before)


def test_one_component_at_the_middle_is_the_usual_prior():
    model, z = small_vae(1), torch.randn(5, 2)
    with torch.no_grad():
        model.prior_means.zero_()
    usual = VAE(model.encoder, model.decoder, 2).prior
    torch.testing.assert_close(model.prior.log_prob(z), usual.log_prob(z))


def test_each_component_has_a_mean_near_0_and_a_width_of_its_own():
    model = small_vae(1000)
    assert model.prior_means.shape == model.prior_log_vars.shape == (1000, 2)
    assert model.prior_means.std().item() == pytest.approx(0.5, rel=0.1)
    with torch.no_grad():
        model.prior_log_vars.fill_(2 * math.log(3))
    torch.testing.assert_close(model.prior.component_distribution.base_dist.scale, torch.full((1000, 2), 3.0))


def test_a_prior_that_learns_comes_nearer_to_the_codes():
    """The encoder is held at two far clouds; the prior alone learns."""
    model, x = small_vae(2), torch.eye(6)[:2].repeat(8, 1)
    with torch.no_grad():
        for layer in (model.encoder.net[0], model.encoder.net[-1]):
            layer.weight.mul_(6)
    model.encoder.requires_grad_(False)
    before = aggregate_kl(model, x, num_samples=200)
    torch.manual_seed(0)
    fit(model, x, num_epochs=200, batch_size=16, lr=0.05)
    after = aggregate_kl(model, x, num_samples=200)
    assert before.mean > 0.5
    assert after.mean < before.mean / 2


def test_a_mixture_has_a_component():
    with pytest.raises(ValueError, match="expected num_components to be a whole number of at least 1, got 0"):
        small_vae(0)

"""Chapters 5 and 6: what each latent costs, against the closed form, and which latents vary with x."""

import pytest
import torch

from vae_lib.distributions import kl_to_standard_normal
from vae_lib.evaluation import active_units, kl_per_dimension
from vae_lib.exact.linear_gaussian import LinearEncoder
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

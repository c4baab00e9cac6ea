"""Chapters 4 and 6: objectives against formulas written out by hand, per example, in nats."""

import math

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from vae_lib.distributions import kl_to_standard_normal
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, BinomialDecoder, GaussianDecoder, GaussianEncoder
from vae_lib.objectives import elbo, elbo_terms, importance_weighted_bound, log_weights


@pytest.fixture
def model():
    torch.manual_seed(3)
    return VAE(GaussianEncoder(6, 2, 5), BernoulliDecoder(2, 6, 5), 2).double()


@pytest.fixture
def x():
    return torch.randint(0, 2, (4, 6), dtype=torch.float64)


def by_hand(model, x):
    """The homework's way, with the noise that `rsample` would draw."""
    mu, log_var = model.encoder.net(x).chunk(2, dim=-1)
    z = mu + torch.exp(log_var / 2) * torch.randn_like(mu)
    reconstruction = -binary_cross_entropy_with_logits(model.decoder.net(z), x, reduction="none").sum(-1)
    return reconstruction, kl_to_standard_normal(mu, log_var).sum(-1)


def test_terms_are_the_homeworks_formulas(model, x):
    torch.manual_seed(5)
    expected = by_hand(model, x)
    torch.manual_seed(5)
    for term, value in zip(elbo_terms(model, x), expected, strict=True):
        assert term.shape == (4,)
        torch.testing.assert_close(term, value, rtol=1e-12, atol=1e-12)


def test_elbo_is_reconstruction_minus_beta_kl(model, x):
    for beta in (0.0, 1.0, 4.0):
        torch.manual_seed(5)
        reconstruction, kl = elbo_terms(model, x)
        torch.manual_seed(5)
        torch.testing.assert_close(elbo(model, x, beta=beta), reconstruction - beta * kl)


def test_one_importance_weight_averages_to_the_elbo(model, x):
    difference = importance_weighted_bound(model, x.repeat(4000, 1), num_samples=1) - elbo(model, x.repeat(4000, 1))
    assert difference.mean().abs() < 4 * difference.std() / math.sqrt(len(difference))


def test_log_weights_put_samples_first_and_hold_the_three_log_densities(model, x):
    torch.manual_seed(5)
    log_w = log_weights(model, x, 3)
    assert log_w.shape == (3, 4)
    torch.manual_seed(5)
    qz_x = model.encoder(x)
    z = qz_x.rsample((3,))
    for k in range(3):
        expected = model.decoder(z[k]).log_prob(x) - z[k].square().sum(-1) / 2 - math.log(2 * math.pi)
        torch.testing.assert_close(log_w[k], expected - qz_x.log_prob(z[k]), rtol=1e-12, atol=1e-12)


def test_bound_is_the_log_of_the_mean_weight(model, x):
    torch.manual_seed(5)
    log_w = log_weights(model, x, 50)
    torch.manual_seed(5)
    bound = importance_weighted_bound(model, x, num_samples=50)
    torch.testing.assert_close(bound, log_w.exp().mean(0).log())


def test_gradients_reach_encoder_and_decoder(model, x):
    elbo(model, x).sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad.abs().sum() > 0, name


def test_elbo_passes_gradcheck(model, x):
    def total(weight):
        torch.manual_seed(5)
        parameters = dict(model.named_parameters()) | {"encoder.net.0.weight": weight}
        return torch.func.functional_call(Elbo(model), {f"model.{k}": v for k, v in parameters.items()}, (x,))

    assert torch.autograd.gradcheck(total, model.encoder.net[0].weight)


class Elbo(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        return elbo(self.model, x).sum()


def test_counts_and_real_values_have_an_elbo_too():
    x = torch.randint(0, 17, (4, 6)).float()
    counts = VAE(GaussianEncoder(6, 2, 5, total_count=16), BinomialDecoder(2, 6, 5, total_count=16), 2)
    reals = VAE(GaussianEncoder(6, 2, 5), GaussianDecoder(2, 6, 5), 2)
    assert elbo(counts, x).shape == elbo(reals, x / 16).shape == (4,)


def test_zero_weights_give_d_log_2_and_no_kl(model, x):
    for parameter in model.parameters():
        parameter.data.zero_()
    reconstruction, kl = elbo_terms(model, x)
    torch.testing.assert_close(reconstruction, torch.full((4,), -6 * math.log(2), dtype=torch.float64))
    assert kl.tolist() == [0, 0, 0, 0]


def test_nan_in_the_data_is_refused(model, x):
    x[1, 2] = math.nan
    with pytest.raises(ValueError, match=r"Expected parameter loc .* found invalid values"):
        elbo(model, x)


def test_grey_pixels_are_refused(model, x):
    with pytest.raises(ValueError, match=r"within the support.*found invalid values"):
        elbo(model, x / 2)


def test_another_width_is_refused(model):
    with pytest.raises(ValueError, match=r"expected x with 6 features in the last axis, got shape \(3, 5\)"):
        elbo(model, torch.zeros(3, 5).double())


@pytest.mark.parametrize("beta", [-1.0, math.nan])
def test_a_negative_beta_is_refused(model, x, beta):
    with pytest.raises(ValueError, match="expected beta of at least 0, got"):
        elbo(model, x, beta=beta)


def test_no_samples_are_refused(model, x):
    with pytest.raises(ValueError, match="expected num_samples to be a whole number of at least 1, got 0"):
        importance_weighted_bound(model, x, num_samples=0)

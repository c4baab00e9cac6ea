"""Chapters 4 and 6: objectives against formulas written out by hand, per example, in nats."""

import math
import re
from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import binary_cross_entropy_with_logits

from vae_lib.distributions import kl_to_standard_normal
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, BinomialDecoder, GaussianDecoder, GaussianEncoder
from vae_lib.objectives import elbo, elbo_terms, importance_weighted_bound, log_weights


def vae(seed):
    torch.manual_seed(seed)
    return VAE(GaussianEncoder(6, 2, 5), BernoulliDecoder(2, 6, 5), 2).double()


def images(num):
    return torch.randint(0, 2, (num, 6), dtype=torch.float64)


@pytest.fixture
def model():
    return vae(3)


@pytest.fixture
def x():
    return images(4)


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


@given(st.integers(0, 10**6), st.integers(1, 20), st.integers(1, 5))
def test_a_bound_lies_between_the_mean_and_the_largest_of_the_bounds_of_its_parts(seed, part, parts):
    """Jensen's inequality for the draws at hand: why more samples tighten the bound (Burda et al. 2015)."""
    model, x = vae(seed), images(3)
    torch.manual_seed(seed)
    of_parts = log_weights(model, x, part * parts).unflatten(0, (parts, part)).exp().mean(1).log()
    torch.manual_seed(seed)
    bound = importance_weighted_bound(model, x, num_samples=part * parts)
    assert (of_parts.mean(0) <= bound + 1e-12).all()
    assert (bound <= of_parts.max(0).values + 1e-12).all()


@given(st.integers(0, 10**6), st.floats(0, 20))
def test_a_row_has_its_value_whatever_else_is_in_the_batch_and_beta_only_lowers_it(seed, beta):
    """With a decoder that ignores z, log p(x|z) takes no draw, and every row can be scored alone."""
    model, x = vae(seed), images(3)
    model.decoder.net[0].weight.data.zero_()
    alone = torch.cat([elbo(model, row[None], beta=beta) for row in x])
    torch.testing.assert_close(elbo(model, x, beta=beta), alone, rtol=1e-12, atol=1e-12)
    assert (elbo(model, x, beta=beta) <= elbo(model, x, beta=0) + 1e-12).all()


def test_gradients_reach_encoder_and_decoder(model, x):
    elbo(model, x).sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad.abs().sum() > 0, name


@pytest.mark.parametrize(
    "objective", [elbo, partial(elbo, beta=4.0), partial(importance_weighted_bound, num_samples=3)]
)
@pytest.mark.parametrize("name", ["encoder.net.0.weight", "decoder.net.0.weight"])
def test_objectives_pass_gradcheck(model, x, objective, name):
    def values(weight):
        torch.manual_seed(5)
        return torch.func.functional_call(Evaluated(model, objective), {f"model.{name}": weight}, (x,))

    assert torch.autograd.gradcheck(values, model.get_parameter(name))


class Evaluated(torch.nn.Module):
    def __init__(self, model, objective):
        super().__init__()
        self.model, self.objective = model, objective

    def forward(self, x):
        return self.objective(self.model, x)


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


@pytest.mark.parametrize("dtype", [torch.bool, torch.uint8, torch.int64])
def test_whole_pixels_may_be_of_any_dtype(dtype):
    model, x = vae(3).float(), images(4).float()
    for objective in (elbo, partial(importance_weighted_bound, num_samples=3)):
        torch.manual_seed(0)
        expected = objective(model, x)
        torch.manual_seed(0)
        assert torch.equal(objective(model, x.to(dtype)), expected)


def test_grey_pixels_are_refused(model, x):
    with pytest.raises(ValueError, match="expected pixels that are 0 or 1, got"):
        elbo(model, x / 2)


@pytest.mark.parametrize("shape", [(3, 5), (0, 6)])
def test_another_width_and_no_examples_are_refused(model, shape):
    with pytest.raises(
        ValueError, match=re.escape(f"expected x with 6 features in the last axis, not empty, got {shape}")
    ):
        elbo(model, torch.zeros(shape).double())


@pytest.mark.parametrize("beta", [-1.0, math.nan])
def test_a_negative_beta_is_refused(model, x, beta):
    with pytest.raises(ValueError, match="expected beta of at least 0, got"):
        elbo(model, x, beta=beta)


def test_no_samples_are_refused(model, x):
    with pytest.raises(ValueError, match="expected num_samples to be a whole number of at least 1, got 0"):
        importance_weighted_bound(model, x, num_samples=0)

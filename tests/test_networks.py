"""Chapters 1 and 6: shapes, parametrisations, and what a network refuses."""

import math

import pytest
import torch
from torch import nn
from torch.distributions import Distribution

from vae_lib.networks import (
    BernoulliDecoder,
    BetaBinomialDecoder,
    BinomialDecoder,
    GaussianDecoder,
    GaussianEncoder,
    mlp,
)


def decoders():
    counts = [BinomialDecoder(2, 6, 5, total_count=16), BetaBinomialDecoder(2, 6, 5, total_count=16)]
    return [BernoulliDecoder(2, 6, 5), GaussianDecoder(2, 6, 5), *counts]


def test_mlp_has_an_activation_between_layers_and_none_at_the_end():
    assert [type(layer) for layer in mlp(4, 3, 2)] == [nn.Linear, nn.ReLU, nn.Linear]
    assert [type(layer) for layer in mlp(4, 3, 3, 2, activation=nn.Tanh)][1::2] == [nn.Tanh, nn.Tanh]
    assert [type(layer) for layer in mlp(4, 2)] == [nn.Linear]


def test_encoder_gives_mu_first_and_log_var_second():
    encoder = GaussianEncoder(6, 2, 5)
    x = torch.randn(3, 6)
    joint = encoder.net(x)
    assert joint.shape == (3, 4)
    torch.testing.assert_close(encoder(x).mean, joint[:, :2])
    torch.testing.assert_close(encoder(x).variance.log(), joint[:, 2:])


def test_hidden_dim_is_one_width_or_a_tuple_of_widths():
    assert GaussianEncoder(6, 2, (5, 4)).net[2].weight.shape == (4, 5)
    assert BernoulliDecoder(2, 6, ()).net[0].weight.shape == (6, 2)


def test_encoder_divides_counts_itself():
    counts = torch.randint(0, 17, (3, 6)).float()
    encoder = GaussianEncoder(6, 2, 5, total_count=16)
    torch.testing.assert_close(encoder(counts).mean, encoder.net(counts / 16)[:, :2])


def test_encoder_reads_integer_counts_too():
    counts = torch.randint(0, 17, (3, 6), dtype=torch.uint8)
    encoder = GaussianEncoder(6, 2, 5, total_count=16)
    torch.testing.assert_close(encoder(counts).mean, encoder(counts.float()).mean)


@pytest.mark.parametrize("decoder", decoders(), ids=lambda decoder: type(decoder).__name__)
def test_decoder_gives_one_event_per_z_whatever_the_leading_axes(decoder):
    for lead in [(), (3,), (7, 3)]:
        px_z = decoder(torch.randn(*lead, 2))
        assert isinstance(px_z, Distribution)
        assert (px_z.batch_shape, px_z.event_shape) == (lead, (6,))


def test_decoders_hand_the_networks_output_to_their_likelihood():
    z = torch.randn(3, 2)
    bernoulli, gaussian, binomial, beta_binomial = decoders()
    torch.testing.assert_close(bernoulli(z).mean, torch.sigmoid(bernoulli.net(z)))
    torch.testing.assert_close(gaussian(z).mean, gaussian.net(z))
    torch.testing.assert_close(binomial(z).mean, 16 * torch.sigmoid(binomial.net(z)))
    torch.testing.assert_close(beta_binomial(z).mean, 16 * torch.sigmoid(beta_binomial.net(z)))


def test_gaussian_decoder_learns_one_noise_std_for_all_features():
    decoder = GaussianDecoder(2, 6, 5)
    assert decoder.log_sigma.shape == ()
    decoder.log_sigma.data.fill_(-1.0)
    px_z = decoder(torch.randn(3, 2))
    torch.testing.assert_close(px_z.stddev, torch.full((3, 6), torch.e**-1))
    px_z.log_prob(torch.zeros(3, 6)).sum().backward()
    assert decoder.log_sigma.grad != 0


def test_beta_binomial_decoder_learns_one_concentration_and_starts_with_all_counts_equally_likely():
    decoder = BetaBinomialDecoder(2, 6, 5, total_count=16)
    for parameter in decoder.net.parameters():
        nn.init.zeros_(parameter)
    log_p = decoder(torch.randn(17, 2)).log_prob(torch.arange(17.0)[:, None].expand(17, 6))
    torch.testing.assert_close(log_p, torch.full((17,), -6 * math.log(17)))
    decoder(torch.randn(1, 2)).log_prob(torch.tensor([[0.0, 16, 0, 16, 3, 0]])).sum().backward()
    assert decoder.log_concentration.shape == ()
    assert decoder.log_concentration.grad < 0  # these counts ask for more spread


@pytest.mark.parametrize("log_var", [-40.0, 40.0])
def test_encoder_and_its_gradient_are_finite_at_extreme_log_var(log_var):
    encoder = GaussianEncoder(2, 1, ())
    encoder.net[0].weight.data.zero_()
    encoder.net[0].bias.data = torch.tensor([0.0, log_var])
    qz_x = encoder(torch.ones(1, 2))
    qz_x.log_prob(qz_x.rsample()).sum().backward()
    assert torch.isfinite(encoder.net[0].bias.grad).all()


@pytest.mark.parametrize("shape", [(3, 5), (3, 7), (6, 3), (), (0, 6)])
def test_encoder_refuses_another_width_and_nothing(shape):
    with pytest.raises(ValueError, match=r"expected x with 6 features in the last axis, not empty, got \("):
        GaussianEncoder(6, 2, 5)(torch.zeros(shape))


@pytest.mark.parametrize("decoder", decoders(), ids=lambda decoder: type(decoder).__name__)
def test_decoder_refuses_another_width(decoder):
    with pytest.raises(ValueError, match=r"expected z with 2 features in the last axis, not empty, got \(3, 1\)"):
        decoder(torch.zeros(3, 1))


@pytest.mark.parametrize("bad", [0, -1, 2.0, "2"])
def test_sizes_are_whole_numbers_of_at_least_one(bad):
    builders = {
        "latent_dim": [lambda: GaussianEncoder(6, bad, 5), lambda: GaussianDecoder(bad, 6, 5)],
        "data_dim": [lambda: GaussianEncoder(bad, 2, 5), lambda: BernoulliDecoder(2, bad, 5)],
        "total_count": [lambda: BinomialDecoder(2, 6, 5, bad), lambda: GaussianEncoder(6, 2, 5, total_count=bad)],
        "size 1": [lambda: mlp(4, bad, 2), lambda: GaussianEncoder(6, 2, (bad,))],
    }
    for name, attempts in builders.items():
        for build in attempts:
            with pytest.raises(ValueError, match=f"expected {name} to be a whole number of at least 1, got {bad!r}"):
                build()


def test_an_mlp_needs_an_input_and_an_output():
    with pytest.raises(ValueError, match=r"expected at least an input and an output size, got \(4,\)"):
        mlp(4)

"""Chapter 1: the three parts together, prior, samples and reconstructions."""

import pytest
import torch

from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianDecoder, GaussianEncoder


def make_vae(latent_dim=2):
    return VAE(GaussianEncoder(6, latent_dim, 5), BernoulliDecoder(latent_dim, 6, 5), latent_dim)


def test_prior_is_the_standard_normal_over_z():
    prior = make_vae().prior
    assert (prior.batch_shape, prior.event_shape) == ((), (2,))
    assert prior.mean.tolist() == [0, 0]
    assert prior.variance.tolist() == [1, 1]


def test_prior_follows_the_model_to_another_dtype_and_device():
    model = make_vae().double()
    assert model.prior.mean.dtype == torch.float64
    assert make_vae().to("meta").prior_mu.device.type == "meta"


def test_prior_is_no_parameter_and_not_in_the_saved_state():
    model = make_vae()
    assert not [name for name in model.state_dict() if name.startswith("prior")]
    assert all(parameter.requires_grad for parameter in model.parameters())


def test_sample_is_a_distribution_over_images_one_for_each_draw_of_z():
    px_z = make_vae().sample(7)
    assert (px_z.batch_shape, px_z.event_shape) == ((7,), (6,))
    assert set(px_z.sample().unique().tolist()) <= {0, 1}
    assert ((px_z.mean > 0) & (px_z.mean < 1)).all()


def test_samples_follow_the_seed_and_differ_from_each_other():
    model = make_vae()
    torch.manual_seed(1)
    first = model.sample(3).mean
    torch.manual_seed(1)
    torch.testing.assert_close(model.sample(3).mean, first)
    assert not torch.equal(first[0], first[1])


def test_reconstruct_decodes_the_mean_of_q():
    model, x = make_vae(), torch.randint(0, 2, (3, 6)).float()
    torch.testing.assert_close(model.reconstruct(x).mean, model.decoder(model.encoder(x).mean).mean)


def test_parts_of_different_size_are_refused():
    with pytest.raises(ValueError, match=r"agree on latent_dim, got \[3, 2, 2\]"):
        VAE(GaussianEncoder(6, 3, 5), GaussianDecoder(2, 6, 5), 2)
    with pytest.raises(ValueError, match=r"agree on data_dim, got \[6, 1\]"):
        VAE(GaussianEncoder(6, 2, 5), GaussianDecoder(2, 1, 5), 2)


@pytest.mark.parametrize("bad", [0, -2])
def test_a_latent_space_has_at_least_one_dimension(bad):
    with pytest.raises(ValueError, match=f"expected latent_dim to be a whole number of at least 1, got {bad}"):
        VAE(torch.nn.Identity(), torch.nn.Identity(), bad)


def test_at_least_one_sample_is_asked_for():
    with pytest.raises(ValueError, match="expected num_samples to be a whole number of at least 1, got 0"):
        make_vae().sample(0)

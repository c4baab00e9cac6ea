"""Chapter 7: free bits, held to numbers by hand and to the ELBO; warm-up, held to the β that it should have."""

from functools import partial

import pytest
import torch

from vae_lib.cures import WarmUp, free_bits_in_total, free_bits_on_the_mean, free_bits_per_image
from vae_lib.evaluation import kl_per_dimension
from vae_lib.exact.linear_gaussian import LinearEncoder
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianDecoder, GaussianEncoder
from vae_lib.objectives import elbo, elbo_terms
from vae_lib.training import fit

KINDS = [free_bits_on_the_mean, free_bits_per_image, free_bits_in_total]
each_kind = pytest.mark.parametrize("free_bits", KINDS)


def small_vae():
    torch.manual_seed(0)
    model = VAE(GaussianEncoder(6, 3, 8), BernoulliDecoder(3, 6, 8), 3)
    with torch.no_grad():
        model.encoder.net[-1].weight.mul_(4)
    return model, torch.randint(0, 2, (9, 6)).float()


def with_kl(kl):
    """A model and rows: row b pays kl[b][j] nats for latent j, since μ = √(2 KL) where σ = 1."""
    encoder = LinearEncoder(2, 2)
    encoder.net[0].weight.data, encoder.net[0].bias.data = torch.eye(2), torch.zeros(2)
    return VAE(encoder, GaussianDecoder(2, 2, 4), 2), (2 * torch.tensor(kl)).sqrt()


def drawn(objective, model, x):
    torch.manual_seed(1)
    return objective(model, x)


def paid(free_bits, model, x, floor):
    reconstruction, _ = drawn(elbo_terms, model, x)
    return (reconstruction - drawn(partial(free_bits, floor=floor), model, x)).tolist()


def test_the_three_kinds_hold_three_different_things_to_the_floor():
    model, x = with_kl([[3.0, 0.2], [1.0, 0.4]])
    assert paid(free_bits_on_the_mean, model, x, 0.5) == pytest.approx([2.5, 2.5])  # means 2 and 0.3
    assert paid(free_bits_per_image, model, x, 0.5) == pytest.approx([3.5, 1.5])
    assert paid(free_bits_in_total, model, x, 2.0) == pytest.approx([3.2, 2.0])


@each_kind
def test_with_nothing_free_it_is_the_elbo_on_average_over_rows(free_bits):
    model, x = small_vae()
    found, expected = drawn(partial(free_bits, floor=0.0), model, x), drawn(elbo, model, x)
    assert found.shape == (9,)
    torch.testing.assert_close(found.mean(), expected.mean())
    if free_bits is not free_bits_on_the_mean:  # there all rows have the mean KL
        torch.testing.assert_close(found, expected)


@each_kind
def test_on_average_it_is_never_above_the_elbo(free_bits):
    model, x = small_vae()
    bound = drawn(elbo, model, x).mean()
    found = [drawn(partial(free_bits, floor=floor), model, x).mean() for floor in (0.01, 0.3, 100.0)]
    assert bound + 1e-5 >= found[0] >= found[1]
    assert found[2] < bound - 50


@each_kind
def test_below_the_floor_nothing_pulls_to_the_prior(free_bits):
    model, x = small_vae()
    head = model.encoder.net[-1].weight
    free, unpulled, pulled = (
        torch.autograd.grad(drawn(objective, model, x).mean(), head)[0]
        for objective in (partial(free_bits, floor=100.0), partial(elbo, beta=0.0), elbo)
    )
    torch.testing.assert_close(free, unpulled)
    assert (free - pulled).abs().max() > 1e-3


@pytest.mark.parametrize("free_bits", [free_bits_on_the_mean, free_bits_per_image])
def test_where_z_tells_nothing_training_keeps_the_floor_that_the_elbo_gives_up(free_bits):
    x, told = torch.zeros(64, 6), {}
    for name, objective in {"elbo": elbo, "free": partial(free_bits, floor=0.25)}.items():
        model, _ = small_vae()
        fit(model, x, objective=objective, num_epochs=40, batch_size=16, lr=0.02)
        told[name] = kl_per_dimension(model, x)
    assert told["elbo"].max() < 0.02
    assert told["free"].min() > 0.1


@each_kind
@pytest.mark.parametrize("floor", [-0.1, float("nan")])
def test_a_floor_is_not_negative(free_bits, floor):
    with pytest.raises(ValueError, match="expected a floor of at least 0 nats, got"):
        free_bits(*small_vae(), floor=floor)


def test_warm_up_raises_beta_evenly_to_1_and_leaves_it_there():
    (model, x), warm_up = small_vae(), WarmUp(4)
    for beta in (0, 0.25, 0.5, 0.75, 1, 1, 1):
        torch.testing.assert_close(drawn(warm_up, model, x), drawn(partial(elbo, beta=beta), model, x))


def test_what_is_scored_without_gradients_is_no_step():
    (model, x), warm_up = small_vae(), WarmUp(2)
    warm_up(model, x)
    with torch.no_grad():
        for _ in range(5):
            torch.testing.assert_close(drawn(warm_up, model, x), drawn(partial(elbo, beta=0.5), model, x))
    assert warm_up.step == 1


def test_in_a_training_each_batch_is_a_step():
    (model, x), warm_up = small_vae(), WarmUp(100)
    fit(model, x, x_test=x, objective=warm_up, num_epochs=2, batch_size=3)
    assert warm_up.step == 6


def test_a_warm_up_takes_a_step():
    with pytest.raises(ValueError, match="expected num_steps to be a whole number of at least 1, got 0"):
        WarmUp(0)

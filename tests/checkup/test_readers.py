"""Readers' own VAEs through `adapt`, `fit` and `checkup`: no bug is found in them, and the loss is their own."""

import pytest
import torch
from torch.nn.functional import interpolate

from readers import READERS, Conv
from vae_lib.adapter import adapt
from vae_lib.data import digits
from vae_lib.diagnose import checkup
from vae_lib.distributions import bernoulli
from vae_lib.objectives import elbo
from vae_lib.training import fit


@pytest.mark.parametrize("name", READERS)
def test_a_readers_model_is_trained_and_examined(name):
    reader = READERS[name]
    model, (x_train, x_test) = reader.adapted(), reader.x()
    torch.manual_seed(0)
    fit(model, x_train, num_epochs=2, batch_size=64, lr=3e-3)
    page = checkup(model, x_train[:100], x_test[:10])
    page.raise_if_impossible()
    torch.manual_seed(1)
    with torch.no_grad():
        losses = -torch.stack([elbo(model.eval(), x_test[:10]) for _ in range(200)])
    error = (losses.mean(1).var() / page.facts.num_draws).sqrt()
    assert abs(page.facts.test.loss.value - losses.mean()) < 6 * error
    assert "you, −ELBO" in repr(page)


def test_a_convolutional_model_of_images_of_mnists_size_takes_its_way_through_all_three():
    torch.manual_seed(0)
    large = [interpolate(counts[:120].view(-1, 1, 8, 8), size=(28, 28)) for counts in digits()]
    x_train, x_test = ((x >= 8).float() for x in large)
    model = adapt(Conv(1, 28, 4), bernoulli, x_train, encode="encoder_forward", decode="decoder_forward")
    before = -elbo(model.eval(), x_test).mean()
    fit(model, x_train, num_epochs=4, batch_size=20, lr=3e-3)
    page = checkup(model, x_train, x_test)
    page.raise_if_impossible()
    assert page.facts.test.loss.value < before
    assert page.pictures["from the prior"].shape == (10, 28, 28, 1)

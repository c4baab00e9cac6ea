"""The recorded run's functions give what torch gives, at every record, on more than a thousand random inputs each."""

import numpy as np
import pytest
import torch
from node import javascript
from torch.distributions import kl_divergence

from vae_lib.shipped.weights import asset, recorded_digits_vae

RECORD = asset("epochs.json")
N = 100  # at each of the records

each_record = pytest.mark.parametrize(("epoch", "text"), list(zip(RECORD["epochs"], RECORD["weights"], strict=True)))


def test_the_inputs_are_more_than_a_thousand():
    assert N * len(RECORD["epochs"]) > 1000


def test_the_weights_are_the_same_numbers():
    found = javascript("epochs/formulas", "weights", [[text] for text in RECORD["weights"]])
    for epoch, values in zip(RECORD["epochs"], found, strict=True):
        model = recorded_digits_vae(epoch)
        wanted = torch.cat([weight.flatten() for weight in model.state_dict().values()])
        np.testing.assert_allclose(values, wanted, rtol=1e-7, atol=1e-9)


@each_record
def test_the_encoder_and_what_the_map_says(epoch, text):
    generator = torch.Generator().manual_seed(epoch)
    x = torch.bernoulli(torch.rand(N, 64, generator=generator, dtype=torch.float64))
    model = recorded_digits_vae(epoch).double().requires_grad_(False)
    (found,) = javascript("epochs/formulas", "atRecord", [[text, x.tolist()]])
    qz_x = model.encoder(x)
    np.testing.assert_allclose([code["mu"] for code in found["codes"]], qz_x.mean, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose([code["sigma"] for code in found["codes"]], qz_x.stddev, rtol=1e-5, atol=1e-5)
    assert found["kl"] == pytest.approx(kl_divergence(qz_x, model.prior).mean().item(), rel=1e-5)
    np.testing.assert_allclose(found["centre"], qz_x.mean.mean(0), atol=1e-5)
    np.testing.assert_allclose(found["spread"], qz_x.mean.std(0, correction=0), atol=1e-5)
    kls = javascript("base/small-vae", "kl", [[code["mu"], code["sigma"]] for code in found["codes"]])
    np.testing.assert_allclose(kls, kl_divergence(qz_x, model.prior), rtol=1e-5, atol=1e-5)


@each_record
def test_the_decoder(epoch, text):
    z = 2 * torch.randn(N, 2, generator=torch.Generator().manual_seed(epoch), dtype=torch.float64)
    (networks,) = javascript("epochs/formulas", "networks", [[text]])
    found = javascript("epochs/formulas", "pictureAt", [[networks["decoder"], point] for point in z.tolist()])
    model = recorded_digits_vae(epoch).double().requires_grad_(False)
    np.testing.assert_allclose(found, model.decoder(z).mean, atol=1e-5)

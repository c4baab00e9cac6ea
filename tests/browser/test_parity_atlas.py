"""The atlas's decoder in the page gives what torch gives with the weights that ship, on fifty random z."""

import numpy as np
import torch
from node import javascript

from vae_lib.shipped.atlas import atlas_decoder
from vae_lib.shipped.weights import asset


def test_the_weights_arrive_as_they_were_packed():
    (found,) = javascript("atlas", "unpack", [[asset("atlas.json")["layers"]]])
    for stored, layer in zip(found, atlas_decoder().net[::2], strict=True):
        np.testing.assert_allclose(stored["weight"], layer.weight.detach().flatten(), rtol=1e-12)
        np.testing.assert_allclose(stored["bias"], layer.bias.detach(), rtol=1e-12)


def test_the_picture_of_a_z():
    (layers,) = javascript("atlas", "unpack", [[asset("atlas.json")["layers"]]])
    z = 1.5 * torch.randn(50, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    found = javascript("atlas", "pixels", [[layers, row] for row in z.tolist()])
    np.testing.assert_allclose(found, atlas_decoder()(z).mean.detach(), atol=1e-12)

"""The first page: a decoder of 28×28 pixels with two latents, for the live figure `atlas`; `make assets` trains it."""

import base64

import torch
from torch import Tensor

from vae_lib.networks import BernoulliDecoder
from vae_lib.shipped.weights import asset

SIDE, HIDDEN = 28, (48, 48)


def atlas_decoder() -> BernoulliDecoder:
    """The decoder whose weights `atlas.json` holds, whole multiples of a `scale` for each layer: z `[..., 2]` to
    pixels 0 and 1, `[..., 784]`, row by row; float64. Raises FileNotFoundError as `asset`.
    """
    with torch.random.fork_rng(devices=[]):
        decoder = BernoulliDecoder(2, SIDE**2, HIDDEN)
    for layer, stored in zip(decoder.net[::2], asset("atlas.json")["layers"], strict=True):
        layer.weight.data = unpacked(stored["weight"], stored["scale"]).reshape(layer.weight.shape)
        layer.bias.data = unpacked(stored["bias"], stored["scale of bias"])
    return decoder


def packed(values: Tensor, scale: float) -> str:
    """Values as whole multiples of `scale` from −127 to 127, a byte each, in base 64."""
    return base64.b64encode((values / scale).round().clamp(-127, 127).to(torch.int8).numpy().tobytes()).decode()


def unpacked(text: str, scale: float) -> Tensor:
    """The values, float64, that `packed` rounded."""
    return scale * torch.frombuffer(bytearray(base64.b64decode(text)), dtype=torch.int8).double()

"""Chapters 1 and 5: trained models that ship with the library. `make assets` trains them anew, byte for byte.

`assets/manifest.json` says of each file its sha256, the command that makes it, and its metric; a test holds them to it.
"""

import json
from pathlib import Path

import torch

from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianEncoder

ASSETS = Path(__file__).parent / "assets"


def fresh_digits_vae() -> VAE:
    """The VAE of `digits_vae` before training: 64 pixels, 32 hidden units, 2 latents, Bernoulli pixels (chapter 1)."""
    return VAE(GaussianEncoder(64, 2, 32), BernoulliDecoder(2, 64, 32), 2)


def digits_vae() -> VAE:
    """A trained VAE for scikit-learn's digits, pixels 0 and 1 (count at least 8): x is `[batch, 64]`, z `[batch, 2]`.

    Trained on the training split of `vae_lib.data.digits` alone. Raises FileNotFoundError as `asset`.
    """
    model = fresh_digits_vae()
    model.load_state_dict({name: torch.tensor(rows) for name, rows in asset("digits_vae.json").items()})
    return model


def asset(name: str) -> dict:
    """The JSON file `name` that ships with the library. Raises FileNotFoundError, with the cure, if it is missing."""
    path = ASSETS / name
    if not path.is_file():
        raise FileNotFoundError(
            f"expected the file {path}: install vae_lib again, or run `make assets` in its checkout"
        )
    return json.loads(path.read_text())

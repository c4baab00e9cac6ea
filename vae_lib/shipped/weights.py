"""Chapters 1 and 5: trained models that ship with the library. `make assets` trains them anew, byte for byte.

`manifest.json` says of each file its sha256, the command that makes it, and its metric; a test holds them to it.
"""

import json
from pathlib import Path

import torch

from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianEncoder

ASSETS = Path(__file__).parent
SCALE = 10_000  # weights ship as whole multiples of 1 / SCALE: the test −ELBO moves by less than 0.01
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
ZERO = 64**3 // 2  # the code of the weight 0


def fresh_digits_vae() -> VAE:
    """The VAE of `digits_vae` before training: 64 pixels, 32 hidden units, 2 latents, Bernoulli pixels (chapter 1)."""
    return VAE(GaussianEncoder(64, 2, 32), BernoulliDecoder(2, 64, 32), 2)


def _unfilled_digits_vae() -> VAE:
    """A digits VAE that waits for its weights; the caller's random numbers stay as they were."""
    with torch.random.fork_rng(devices=[]):
        return fresh_digits_vae()


def digits_vae() -> VAE:
    """A trained VAE for scikit-learn's digits, pixels 0 and 1 (count at least 8): x is `[batch, 64]`, z `[batch, 2]`.

    Trained on the training split of `vae_lib.data.digits` alone. Raises FileNotFoundError as `asset`.
    """
    model = _unfilled_digits_vae()
    model.load_state_dict({name: torch.tensor(rows) for name, rows in asset("digits_vae.json").items()})
    return model


def recorded_digits_vae(epoch: int) -> VAE:
    """`digits_vae` as it was after `epoch` epochs of its training: 0 is fresh, 500 is `digits_vae` itself.

    Raises ValueError, with the recorded epochs, for another one, and FileNotFoundError as `asset`.
    """
    record = asset("epochs.json")
    if epoch not in record["epochs"]:
        raise ValueError(f"expected one of the recorded epochs {record['epochs']}, got {epoch}")
    return load(record["weights"][record["epochs"].index(epoch)])


def encoded(model: VAE) -> str:
    """All weights of a digits VAE in the order of its state_dict, each as three digits of base 64: `SCALE` times the
    weight, rounded to a whole number, plus `ZERO`. Raises ValueError for a weight of 13.1 or more, which has no code.
    """
    weights = torch.cat([weight.double().flatten() for weight in model.state_dict().values()])
    codes = ((weights * SCALE).round().long() + ZERO).tolist()
    if not all(0 <= code < 64**3 for code in codes):
        raise ValueError(f"expected weights below {ZERO / SCALE} in size, got {weights.abs().max():.1f}")
    return "".join(ALPHABET[code >> 12] + ALPHABET[code >> 6 & 63] + ALPHABET[code & 63] for code in codes)


def load(text: str) -> VAE:
    """The digits VAE whose weights `encoded` wrote."""
    model, digit = _unfilled_digits_vae(), {character: i for i, character in enumerate(ALPHABET)}
    codes = [(digit[a] << 12) + (digit[b] << 6) + digit[c] for a, b, c in zip(*[iter(text)] * 3, strict=True)]
    weights = ((torch.tensor(codes, dtype=torch.float64) - ZERO) / SCALE).float()
    sizes = [weight.numel() for weight in model.parameters()]
    for parameter, values in zip(model.parameters(), weights.split(sizes), strict=True):
        parameter.data = values.reshape(parameter.shape)
    return model


def asset(name: str) -> dict:
    """The JSON file `name` that ships with the library. Raises FileNotFoundError if it is missing."""
    path = ASSETS / name
    if not path.is_file():
        raise FileNotFoundError(
            f"expected the file {path}: install vae_lib again, or run `make assets` in its checkout"
        )
    return json.loads(path.read_text())

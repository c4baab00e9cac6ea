"""Trains the models that ship with the library: `python book/_tools/assets.py` writes vae_lib/assets anew.

On one machine and one version of torch the bytes are the same each time; elsewhere training may end in other weights,
and the manifest is written along with them. Half a minute on one core.
"""

import hashlib
import json

import torch
from torch import Tensor

from vae_lib.data import digits
from vae_lib.evaluation import expected_elbo
from vae_lib.model import VAE
from vae_lib.shipped import ASSETS, digits_vae, fresh_digits_vae
from vae_lib.training import fit

COMMAND = "python book/_tools/assets.py"
METRIC = "test −ELBO, nats an image, by quadrature"
DECIMALS = 4  # of a weight: 30 kB on a page, and the metric moves by less than 0.01


def train(num_epochs: int = 500) -> VAE:
    """The digits VAE from seed 0, on the training split at threshold 8."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = fresh_digits_vae()
    fit(model, on_off(digits()[0]), num_epochs=num_epochs, batch_size=64, lr=2e-3)
    return model


def on_off(counts: Tensor) -> Tensor:
    return (counts >= 8).float()


def text(model: VAE) -> str:
    """The weights as JSON, rounded, one tensor a line."""
    weights = {name: weight.double().round(decimals=DECIMALS).tolist() for name, weight in model.state_dict().items()}
    lines = [f"{json.dumps(name)}: {json.dumps(rows, separators=(',', ':'))}" for name, rows in weights.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def entry(content: str) -> dict:
    """What the manifest says of the digits VAE as shipped, that is, after rounding."""
    metric = -expected_elbo(digits_vae(), on_off(digits()[1]), tol=1e-4).mean().item()
    return {
        "sha256": hashlib.sha256(content.encode()).hexdigest(),
        "command": COMMAND,
        "metric": {"name": METRIC, "value": round(metric, 2)},
    }


if __name__ == "__main__":
    ASSETS.mkdir(exist_ok=True)
    content = text(train())
    (ASSETS / "digits_vae.json").write_text(content)
    manifest = {"digits_vae.json": entry(content)}
    (ASSETS / "manifest.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")

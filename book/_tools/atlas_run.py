"""atlas.json: the decoder of a VAE with two latents on the digits drawn with 28×28 pixels, a byte a weight.

scikit-learn's digits have 8×8 pixels, counts 0 … 16. Here they are drawn larger: a cubic spline through the counts,
black where it is 8 or more. So a pixel is 0 or 1, and the likelihood is Bernoulli's.
"""

from functools import cache

import numpy as np
import torch
from scipy.ndimage import zoom
from torch import Tensor
from torch.optim import Adam

from vae_lib.data import digit_labels, digits
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianEncoder
from vae_lib.shipped.atlas import HIDDEN, SIDE, atlas_decoder, packed
from vae_lib.training import fit

SEED = 0
PARTS = ((2e-3, 120), (5e-4, 60), (1e-4, 30))  # learning rate, epochs
SHOWN = 300  # training pictures whose μ ships


def drawn_larger(counts: Tensor) -> Tensor:
    """Counts `[n, 64]` as black and white pictures `[n, 784]`, a pixel of the 8×8 left free around each."""
    framed = np.pad(counts.reshape(-1, 8, 8).numpy(), ((0, 0), (1, 1), (1, 1)))
    larger = [zoom(one, SIDE / 10, order=3, mode="grid-constant", grid_mode=True) for one in framed]
    return torch.tensor(np.stack(larger).reshape(-1, SIDE**2) >= 8).float()


@cache
def run() -> VAE:
    """The VAE, trained from SEED on the training split, its latents then measured in units that suit the prior."""
    x = drawn_larger(digits()[0])
    torch.manual_seed(SEED)
    model = VAE(GaussianEncoder(SIDE**2, 2, (256, 64)), BernoulliDecoder(2, SIDE**2, HIDDEN), 2)
    optimizer = Adam(model.parameters(), fused=True)
    for lr, num_epochs in PARTS:
        optimizer.param_groups[0]["lr"] = lr
        fit(model, x, num_epochs=num_epochs, batch_size=64, lr=optimizer)
    settle_units(model, x)
    return model


@torch.no_grad()
def settle_units(model: VAE, x: Tensor) -> None:
    """Shift each latent by its mean and divide it by the root of E[μ² + σ²], and let the decoder undo both.

    Reconstructions stay, and the KL falls to the least that any such units give: training gets there, but slowly.
    """
    q = model.encoder(x)
    middle = q.mean.mean(0)
    unit = ((q.mean - middle).square() + q.variance).mean(0).sqrt()
    last, first = model.encoder.net[-1], model.decoder.net[0]
    last.weight[:2] /= unit[:, None]
    last.bias[:2] = (last.bias[:2] - middle) / unit
    last.bias[2:] -= 2 * unit.log()
    first.bias += first.weight @ middle
    first.weight *= unit


def atlas() -> dict:
    """The decoder's layers, and μ of the first SHOWN training pictures with their digits."""
    model = run()
    with torch.no_grad():
        mu = model.encoder(drawn_larger(digits()[0][:SHOWN])).mean
    return {
        "layers": [layer(linear) for linear in model.decoder.net[::2]],
        "codes": [[round(value, 2) for value in row] for row in mu.tolist()],
        "labels": "".join(map(str, digit_labels()[0][:SHOWN].tolist())),
    }


def layer(linear: torch.nn.Linear) -> dict:
    weight, bias = linear.weight.detach(), linear.bias.detach()
    scale, scale_of_bias = (round(values.abs().max().item() / 127, 6) for values in (weight, bias))
    return {
        "weight": packed(weight, scale),
        "scale": scale,
        "bias": packed(bias, scale_of_bias),
        "scale of bias": scale_of_bias,
    }


@torch.no_grad()
def nats() -> float:
    """−log p(x) on the test split with the weights that ship, nats a picture: a sum over a grid of |z₁|, |z₂| < 4."""
    x, step = drawn_larger(digits()[1]).double(), 0.04
    axis = torch.arange(-4, 4 + step / 2, step, dtype=torch.float64)
    total = torch.full((len(x),), -torch.inf, dtype=torch.float64)
    for z2 in axis:
        z = torch.stack([axis, z2.expand_as(axis)], -1)
        logits = atlas_decoder().net(z)
        log_px_z = logits @ x.T - torch.nn.functional.softplus(logits).sum(-1, keepdim=True)
        log_pz = -z.square().sum(-1, keepdim=True) / 2 - np.log(2 * np.pi)
        total = torch.logaddexp(total, torch.logsumexp(log_px_z + log_pz, 0) + 2 * np.log(step))
    return -total.mean().item()

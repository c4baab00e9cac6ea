r"""# Free bits, three kinds

"Free bits" charges at least a floor, so that up to it no nat costs more. Papers and code do it in three ways. Write `my_free_bits(kl, floor)`: `kl` `[batch, latent]` is the KL of each image and latent, `floor` is in nats. Return what each way charges, three numbers in nats an image, `(batch_mean, each, total)`:

- `batch_mean`: the mean over the batch first, then the floor for every latent;
- `each`: the floor for every latent of every image;
- `total`: the floor for the sum over the latents, image by image.

The gradient must reach `kl`, where something is charged.

## Hint: where to look
The list in [What cures buy](#what-cures-buy-deeper). Kingma et al. (2016) have the first.

## Hint: the idea
All three are a maximum of a KL and the floor. They differ in what has been averaged or added up *before* the maximum is taken. What comes after it is a sum over the latents and a mean over the batch.

## Hint: nearly the code
`kl.mean(0)` is `[latent]`, `kl` `[batch, latent]`, `kl.sum(-1)` `[batch]`. Each of them goes through `.clamp(min=floor)`, with `floor.item()` if you like.
"""  # noqa: E501

import numpy as np
import torch

from vae_lib.exercises.engine import Exercise, whole
from vae_lib.exercises.families import same, swaps

STUB = '''\
def my_free_bits(kl, floor):
    """(batch_mean, each, total), three numbers, in nats an image."""
    return ..., ..., ...
'''


def solution(kl, floor):
    """(batch_mean, each, total), three numbers, in nats an image."""
    charged = [part.clamp(min=float(floor)) for part in (kl.mean(0), kl, kl.sum(-1))]
    return charged[0].sum(), charged[1].sum(-1).mean(), charged[2].mean()


def at_least(kl, floor):
    return torch.maximum(kl, floor)


def batch_then(kl, floor, charge):
    return charge(kl.mean(0), floor).sum()


def every_one(kl, floor, charge):
    return charge(kl, floor).sum(-1).mean()


def summed(kl, floor, charge):
    return charge(kl.sum(-1), floor).mean()


def parts(kl, floor, *, charge=at_least, first=batch_then, second=every_one, third=summed, order=same):
    return tuple(order([way(kl, floor, charge) for way in (first, second, third)]))


def inputs(rng):
    """Five images and three latents, of which one is always below the floor and one always above it; seven and four."""
    by_hand = [[0.1, 0.2, 2.1], [0.05, 0.9, 1.7], [0.2, 0.6, 1.2], [0.0, 1.4, 1.9], [0.15, 0.1, 0.8]]
    other = rng.gamma(1.5, (0.05, 0.3, 0.8, 1.5), (7, 4)).round(2) + 0.003  # none is at the floor
    other[0] *= 0.1  # one image whose total is below the floor
    return [{"kl": np.array(by_hand), "floor": np.array(0.5)}, {"kl": other, "floor": np.array(0.8)}]


CHARGES = {
    "above": (
        "what lies above the floor is charged, and the floor itself is not: that is the same gradient, another number",
        lambda kl, floor: (kl - floor).clamp(min=0),
    ),
    "least": ("the minimum is taken in place of the maximum", torch.minimum),
    "added": ("the floor is added", lambda kl, floor: kl + floor),
    "none": ("no floor is used", lambda kl, floor: kl + 0 * floor),
    "distance": (
        "the distance from the floor is charged: that holds the KL at the floor",
        lambda kl, floor: (kl - floor).abs(),
    ),
    "cut": ("what is below the floor counts nothing", lambda kl, floor: torch.where(kl > floor, kl, 0 * kl)),
}
FIRST = {
    "late": (
        "in batch_mean the floor is taken before the mean over the batch: that is each",
        lambda kl, floor, charge: charge(kl, floor).mean(0).sum(),
    ),
    "total": (
        "in batch_mean the floor is that of the sum over the latents, of the batch's mean",
        lambda kl, floor, charge: charge(kl.mean(0).sum(), floor),
    ),
    "averaged": (
        "in batch_mean the latents are averaged, and not added up",
        lambda kl, floor, charge: charge(kl.mean(0), floor).mean(),
    ),
    "over-latents": (
        "in batch_mean the mean is taken over the latents",
        lambda kl, floor, charge: charge(kl.mean(1), floor).sum(),
    ),
    "no-sum": ("in batch_mean the latents are not added up", lambda kl, floor, charge: charge(kl.mean(0), floor)),
}
SECOND = {
    "late": (
        "in each the mean over the batch is taken before the floor: that is batch_mean",
        lambda kl, floor, charge: charge(kl.mean(0), floor).sum(),
    ),
    "averaged": (
        "in each the latents are averaged, and not added up",
        lambda kl, floor, charge: charge(kl, floor).mean(),
    ),
    "batch-summed": (
        "in each the images are added up, and not averaged",
        lambda kl, floor, charge: charge(kl, floor).sum(),
    ),
    "no-mean": ("in each the mean over the batch is not taken", lambda kl, floor, charge: charge(kl, floor).sum(-1)),
}
THIRD = {
    "late": (
        "in total the floor is taken latent by latent, before the sum: that is each",
        lambda kl, floor, charge: charge(kl, floor).sum(-1).mean(),
    ),
    "batch": (
        "in total the mean over the batch is taken before the floor",
        lambda kl, floor, charge: charge(kl.sum(-1).mean(), floor),
    ),
    "times-latents": (
        "in total the floor is multiplied by the number of latents",
        lambda kl, floor, charge: charge(kl.sum(-1), floor * kl.shape[1]).mean(),
    ),
    "no-mean": ("in total the mean over the batch is not taken", lambda kl, floor, charge: charge(kl.sum(-1), floor)),
}
ORDERS = {
    "exchanged": ("batch_mean and each are exchanged", lambda three: [three[1], three[0], three[2]]),
    "turned": ("the three are given in another order: total, each, batch_mean", lambda three: three[::-1]),
}

check_free_bits = Exercise(
    name="free_bits",
    solution=solution,
    parts=parts,
    inputs=inputs,
    steps=("batch_mean, each, total = answer(kl, floor)",),
    gradients=("kl",),
    asked={
        "batch_mean": "batch_mean, what is charged, a number, in nats an image",
        "each": "each, what is charged, a number, in nats an image",
        "total": "total, what is charged, a number, in nats an image",
        "again": "the same numbers from a second call: the difference",
        "gradient of kl": "the gradient of the sum of all three with respect to kl",
    },
    claims=("batch_mean", "each", "total"),
    right="Three ways to charge, three numbers.",
    axes=("batch", "latent"),
    effort="deeper · ●●○ · 8 minutes",
    mistakes={
        **swaps("charge", CHARGES),
        **swaps("first", FIRST, "batch-mean-"),
        **swaps("second", SECOND, "each-"),
        **swaps("third", THIRD, "total-"),
        **swaps("order", ORDERS),
        "detached": whole(
            "the gradient does not reach kl: something is detached",
            lambda kl, floor: parts(kl.detach() + 0 * kl, floor),
        ),
    },
)

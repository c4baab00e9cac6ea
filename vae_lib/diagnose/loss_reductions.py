"""Chapters 4 and 5: how the weights of a loss grow with the sizes: its sums and means."""

import math
from contextlib import suppress
from dataclasses import replace
from itertools import product

import torch
from torch import Tensor

from vae_lib.diagnose.loss_bench import Bench
from vae_lib.diagnose.loss_facts import LossFacts, Powers, close
from vae_lib.diagnose.loss_families import (
    FLOORS,
)
from vae_lib.diagnose.loss_inputs import Sizes
from vae_lib.diagnose.words import Wrong


def due(facts: LossFacts, inputs) -> Tensor:
    """a · reconstruction + b · KL of these inputs, the mean over the batch."""
    x_hat, x, mu, fourth = inputs
    pixels = facts.a * facts.pixels.image(x_hat, x).mean() if facts.a else 0.0
    if not facts.b:
        return torch.as_tensor(pixels)
    kl = facts.fourth.kl(mu, fourth, *facts.prior)
    if facts.floor:
        kind, nats = facts.floor
        return pixels + facts.b * FLOORS[kind](kl, nats).mean()
    return pixels + facts.b * kl.sum(1).mean()


def constant(bench: Bench, facts: LossFacts) -> float:
    inputs = bench.inputs()
    return bench.value(inputs) - due(facts, inputs).item()


def powers(bench: Bench, facts: LossFacts) -> tuple[Powers, Powers]:
    """The powers of the sizes by which a grows, and b."""
    sizes = bench.sizes
    halved = facts.gaussian and not close(abs(facts.a), abs(facts.b))  # by the ½ before the square
    units = (1, 0.5) if halved else (1,)
    few = replace(bench, draws=min(bench.draws, 8))
    batch = larger(few, facts, replace(sizes, batch=2 * sizes.batch))
    data = [larger(few, facts, replace(sizes, data=doubled(sizes.data, i))) for i in range(len(sizes.data))]
    axes = range(len(sizes.latent))
    latent = [larger(few, facts, replace(sizes, latent=doubled(sizes.latent, i))) for i in axes]
    latent = [(None, None) for _ in axes] if bench.latents_are_fixed else latent
    return tuple(
        as_powers(weight, [[one[i] for one in kind] for kind in ([batch], data, latent)], facts, unit)
        for i, (weight, unit) in enumerate(((facts.a, units), (facts.b, (1,))))
    )


def doubled(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return tuple(2 * size if i == axis else size for i, size in enumerate(shape))


def larger(bench: Bench, facts: LossFacts, sizes: Sizes) -> tuple[float | None, float | None]:
    """a and b where a size is twice as large; None where the loss refuses it."""
    one = replace(bench, sizes=sizes)
    probes = (
        [one.inputs(k=k, j=0) for k in range(3)],
        [one.inputs(j=j, latents="distant" if facts.floor else "") for j in range(3)],
    )
    with suppress(Wrong):
        return tuple(slope(one, facts, name, of) for name, of in zip("ab", probes, strict=True))
    return None, None


def slope(bench: Bench, facts: LossFacts, name: str, probes: list) -> float:
    """The weight a, or b, where only its own inputs vary."""
    alone = replace(facts, a=float(name == "a" and bool(facts.a)), b=float(name == "b" and bool(facts.b)))
    terms = torch.stack([due(alone, probe) for probe in probes]).double()
    values = torch.tensor([bench.value(probe) for probe in probes], dtype=torch.float64)
    terms, values = terms - terms.mean(), values - values.mean()
    return ((terms @ values) / (terms @ terms)).item() if terms.any() else 0.0


def power(doubled: float | None, weight: float, facts: LossFacts) -> float:
    """The power p in 2^p, by which the weight grows as a size is doubled; 0 where the loss refused another size."""
    # p = log₂(doubled / weight), taken as whole if it is within 0.1 %, or the draws' error; a weight that changes its
    # sign becomes p ≈ −30.
    if weight == 0 or doubled is None:
        return 0
    exponent = math.log2(max(doubled / weight, 1e-9))
    return round(exponent) if abs(exponent - round(exponent)) < (2e-3 if facts.draws == 1 else 0.2) else exponent


def as_powers(weight: float, found: list[list[float | None]], facts: LossFacts, units: tuple) -> Powers:
    """Measured; but where a width written into the loss explains a weight of `units`, as in 64 * mean, that counts."""
    # `64 * mean` at 64 pixels is a sum, though doubling the pixels leaves a as if it were a constant. So the power of
    # the pixels is not only measured: what is left of the weight after batch and latents, |a| / (B^p d^q), is compared
    # with 1 · D^p (½ · D^p for ½ (x − x_hat)²) for the measured p, then for p = 0, a sum, and p = −1, a mean. The
    # latents are so compared where another number of them is refused. A sum over the batch that is divided by 64 is
    # no mean over 64 pixels: there the measured p stands.
    (batch,), data, latent = [[power(one, weight, facts) for one in kind] for kind in found]
    tries = [tuple(data), (0,) * len(data), *([(-1,) * len(data)] if batch < 1 else [])]
    of_latents = [tuple(latent), *([(-1,) * len(latent)] if None in found[2] else [])]
    for one, other in product(of_latents, tries):
        powers = Powers(batch, other, one)
        if any(close(abs(weight), unit * powers.of(facts.sizes), 1e-3 + 3 * facts.error) for unit in units):
            return powers
    return Powers(batch, tuple(data), tuple(latent))

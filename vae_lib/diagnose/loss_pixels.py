"""Chapters 4 and 5: what a loss makes of x_hat and x: the family that fits, where it holds, which weights."""

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor

from vae_lib.diagnose import loss_inputs
from vae_lib.diagnose.loss_bench import ELSEWHERE_TOL, EXACT, PIXEL_TOL, Bench, alike, fit
from vae_lib.diagnose.loss_families import OPTIMAL, PARAMETRIC, PIXELS, PLAIN, SWAPPED, Pixels, counted, of_classes
from vae_lib.diagnose.words import Wrong


class Term(NamedTuple):
    """What a loss makes of x_hat and x. No family: none fits; a weight of 0: it does not depend on them."""

    family: Pixels | None
    a: float = 1.0
    error: float = 0.0
    only_for: str = ""  # the kind of pixels for which alone it was found, though others are taken


def pixel_term(bench: Bench) -> tuple[Term, Bench]:
    """The family that fits where the pixels are 0, 1 and between; else that of one kind of pixels."""
    kinds = ("unit", "binary", "grey", "counts", *(("middle",) if bench.draws == 1 else ()))
    kinds += ("one-hot",) if len(bench.sizes.data) > 1 else ()
    taken = False
    for kind in kinds[:1] if bench.sizes.classes else kinds:
        one = replace(bench, pixels=kind)
        with suppress(Wrong):
            found = best(one, kind)
            if found.family or not found.a:
                return found._replace(only_for=kind if taken else ""), one
            if pixel_weights(one):
                break
            taken = True
    return Term(None), bench


def best(bench: Bench, kind: str) -> Term:
    """The first family that fits here and wherever else it should; else the first that fits here."""
    probes = [bench.inputs(k=k)[:2] for k in range(bench.probes)]
    values = torch.stack([bench.values((*probe, *bench.inputs()[2:])) for probe in probes])
    fitting = []
    for one in candidates(bench, kind):
        try:
            terms = torch.tensor([[one.image(*probe).mean().item()] for probe in probes], dtype=torch.float64)
        except (ValueError, IndexError):  # not defined here
            continue
        found = fit(values, terms, PIXEL_TOL)
        if found and not found.weights[0]:
            return Term(None, 0.0)
        if found and (
            fit(values, terms, EXACT) or (one.family in LOGARITHMS and same_slope(bench, one, found.weights[0]))
        ):
            fitting.append(Term(one, found.weights[0], found.errors[0] / abs(found.weights[0])))
            if not list(departures(bench, *fitting[-1][:2])):
                return fitting[-1]
    return fitting[0] if fitting else Term(None)


# A common eps, or a soft floor, in their logarithm keeps a fit from being exact.
LOGARITHMS = ("bernoulli", "continuous bernoulli", "binomial", OPTIMAL)


def same_slope(bench: Bench, term: Pixels, weight: float) -> bool:
    """Whether a term that fits nearly has the loss's gradient too; an eps in a logarithm hardly changes it."""
    x_hat, *others = bench.inputs()
    x_hat.requires_grad_()
    with suppress(Exception):
        (came,) = torch.autograd.grad(bench.call.value((x_hat, *others), bench.sizes), x_hat)
        (due,) = torch.autograd.grad(weight * term.image(x_hat, others[0]).mean(), x_hat)
        return alike(came, due)
    return True


def candidates(bench: Bench, kind: str) -> Iterator[Pixels]:
    if bench.sizes.classes:
        yield from of_classes(bench.sizes.x_is, bench.sizes.classes_last)
        return
    fixed = PIXELS if kind != "counts" else ()  # of counts only a density of counts is to be found
    yield from (one for one in fixed if kind not in ("binary", "counts") or one.fault != SWAPPED)  # 0 and 1 look alike
    for known in PARAMETRIC if kind != "counts" else (counted,):
        with suppress(Wrong, ValueError, OverflowError):
            yield from known(bench.at)


def departures(bench: Bench, term: Pixels, weight: float) -> Iterator[tuple[str, float, float]]:
    """Where the loss is not what the family says: which probes, how much it rises there, how much it should."""
    start = bench.inputs()
    for kind in term.everywhere if bench.pixels != "one-hot" else ():
        kind = f"binary {kind}" if bench.pixels == "binary" and f"binary {kind}" in loss_inputs.PIXELS else kind
        rises = []
        try:
            for k in range(3):
                there = bench.inputs(k=k, pixels=kind)
                due = weight * (term.image(*there[:2]).mean() - term.image(*start[:2]).mean()).item()
                rises.append((kind, bench.value(there) - bench.value(start), due))
        except Wrong:
            rises = [(kind, math.nan, math.nan)] if bench.pixels == "unit" and kind != "real" else []
        noise = 5 * bench.values(start).std().item() if bench.draws > 1 else 0
        yield from [
            one for one in rises if not abs(one[1] - one[2]) <= ELSEWHERE_TOL * max(abs(one[2]), abs(weight)) + noise
        ][:1]


def pixel_weights(bench: Bench) -> dict[str, float]:
    """Where no family fits: does one fit pixel by pixel, with weights that go with x, or with the place?"""
    x_hat, x, mu, fourth = bench.inputs()
    x_hat.requires_grad_()
    with suppress(Exception):
        (came,) = torch.autograd.grad(bench.call.value((x_hat, x, mu, fourth), bench.sizes), x_hat)
        for one in PLAIN:
            (due,) = torch.autograd.grad(one.image(x_hat, x).mean(), x_hat)
            ratio = came / due
            kinds = by_x(ratio, x)
            steady = {name: r.median().item() for name, r in kinds.items() if alike(r, r.median().expand_as(r))}
            if steady.keys() == kinds.keys() and len({f"{r:.3g}" for r in steady.values()}) > 1:
                return {one.family: math.nan} | steady
            low, high = ratio.min().item(), ratio.max().item()
            if alike(ratio, ratio[:1].expand_as(ratio)) and high - low > 0.01 * abs(high):
                return {one.family: math.nan, "the lightest place": low, "the heaviest": high}
    return {}


def by_x(ratio: Tensor, x: Tensor) -> dict[str, Tensor]:
    kinds = {"x = 0": x == 0, "x = 1": x == 1, "0 < x < 1": (x > 0) & (x < 1)}
    return {name: ratio[where] for name, where in kinds.items() if where.any()}


def residual_curve(bench: Bench) -> list[tuple[float, float]]:
    """The loss, where all pixels of x_hat are off by so much; from what it is where none is."""
    found = []
    with suppress(Wrong):
        far = (0.1, 0.2, 0.4, 0.5, 1.0, 3.0)  # what comes before an error is kept
        found.extend((by, bench.at(0.4 + by, 0.4) - bench.at(0.4, 0.4)) for by in far)
    return found

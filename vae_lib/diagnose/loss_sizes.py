"""Chapters 4 and 5: the sizes that are written into a homework's loss, found by trying."""

import math
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import product

import torch

from vae_lib.diagnose import loss_inputs
from vae_lib.diagnose.loss_arguments import keyworded
from vae_lib.diagnose.loss_calls import KNOWN_SHAPE, Call, number
from vae_lib.diagnose.loss_inputs import Sizes
from vae_lib.diagnose.loss_parts import parts
from vae_lib.diagnose.words import NotAttempted, Wrong

DATA = [(64,), (784,), (1, 28, 28), (28, 28), (3, 32, 32), (1, 32, 32), (3, 64, 64), (1, 64, 64), (28, 28, 1)]
DATA += [(32, 32, 3), (64, 64, 3), (3072,), (4096,), (1024,), (256,), (12288,), (10,), (8, 8), (1, 8, 8)]
LATENT = [(8,), (2,), (20,), (10,), (16,), (32,), (64,), (128,), (256,), (4, 8, 8), (4, 7, 7), (8, 4, 4), (1,)]
CLASSES = [256, 16, 17, 10, 2, 32]


KINDS = tuple(product(("unit", "binary", "counts"), ("both", "above")))
FRIENDLY = ("binary", "above")  # pixels of 0 and 1, and a fourth argument above 0, are refused by the fewest


def first_fitting(ways: list[Call], asked: Sizes, fixed: set[str]) -> tuple[Call, Sizes, tuple[str, str]]:
    """The first way, sizes and kinds of inputs with which the loss gives numbers. Raises Wrong with the first error."""
    told, errors, cost = [], {}, 0
    rare = {"doubled": True}, {"spread": True}, {"with_grad": True}
    ways = [*ways, *(replace(ways[0], **one) for one in rare)]
    for sizes in tries(asked, fixed, told):
        cost += sizes.batch * (sizes.pixels * max(1, sizes.classes) + sizes.latents)
        if cost > ENOUGH or (sizes is SCOUTED and not depends_on_sizes(errors)):
            break
        for i, way in enumerate(ways if sizes is not SCOUTED else []):
            try:
                gives_numbers(way, sizes, FRIENDLY)
                full = replace(sizes, batch=max(sizes.batch, asked.batch))
                sizes = full if accepted(way, full, FRIENDLY) else sizes
                return way, sizes, next((kinds for kinds in KINDS if accepted(way, sizes, kinds)), FRIENDLY)
            except Wrong as error:
                if sizes == asked and KNOWN_SHAPE in str(error):
                    raise
                more = keyworded(way, error)
                ways[i] = more or way
                if i < len(ways) - len(rare) and not sizes.classes:
                    errors = {} if more else errors | {i: [*errors.get(i, []), str(error)]}
                told += [shape for shape in shapes_in(str(error)) if shape not in told]
    raise Wrong(errors[0][0])


ENOUGH = 6_000_000  # numbers in the inputs of all tries together, a second or two


def depends_on_sizes(errors: dict[int, list[str]]) -> bool:
    """Whether other sizes gave another error, or an error names a shape."""
    return any(len(set(said)) > 1 or re.search(r"'\[[-\d, ]+\]'", said[0]) for said in errors.values())


SCOUTS = [((784,), (20,)), ((1, 28, 28), (8,)), ((3, 32, 32), (8,)), ((3, 64, 64), (128,))]
SCOUTS += [((64,), (4, 8, 8)), ((3, 32, 32), (4, 8, 8))]


def accepted(way: Call, sizes: Sizes, kinds: tuple[str, str]) -> bool:
    with suppress(Wrong):
        gives_numbers(way, sizes, kinds)
        return True
    return False


def gives_numbers(way: Call, sizes: Sizes, kinds: tuple[str, str]) -> None:
    """Raises Wrong unless a part of what the loss returns is a number."""
    pixels, latents = kinds
    inputs = (*loss_inputs.pixels(sizes, pixels, 0), *loss_inputs.latents(sizes, latents, 0))
    came = parts(way(inputs))
    if any(part is Ellipsis for _, part in came):
        raise NotAttempted
    errors = []
    for _, part in came:
        try:
            number(part, sizes)
            return
        except Wrong as error:
            errors.append(error)
    raise errors[0] if errors else Wrong("It returned nothing.")


SCOUTED = Sizes(0)  # the mark after the first tries


def tries(asked: Sizes, fixed: set[str], told: list) -> Iterator[Sizes]:
    """What was asked, in two dtypes; a few of every kind; then sizes that errors `told`, and usual ones."""
    yield from [asked] * 5  # a loss of `**kwargs` asks for one keyword after the other
    yield replace(asked, dtype=torch.float32)
    yield from (replace(asked, batch=one) for one in asked.other_batch)
    yield from (replace(asked, data=one) for one in ([] if fixed else [*told]) if one != asked.latent)
    small = replace(asked, batch=min(2, asked.batch))  # quick to try
    yield from (replace(small, data=data, latent=latent) for data, latent in (SCOUTS if not fixed else []))
    yield from (replace(small, latent=one) for one in _of("latent", asked, fixed, [])[:5])
    yield from of_classes(small, [asked.data], [256])
    yield SCOUTED
    for kind in ("data", "latent"):  # one of the two, then both
        tried = [replace(asked, **{kind: one}) for one in _of(kind, asked, fixed, told)]
        yield from (one for one in tried if one.data != one.latent)
    for data, latent in product(_of("data", asked, fixed, told), _of("latent", asked, fixed, told)):
        if data != latent:  # with these any order of arguments would run
            yield replace(asked, data=data, latent=latent)
    classes = dict.fromkeys([shape[0] for shape in told if len(shape) == 1 and shape[0] > 1] + CLASSES)
    yield from of_classes(asked, [asked.data, *_of("data", asked, fixed, told)[:6]], classes)


LARGEST = 300_000  # scores of the classes an image


def of_classes(asked: Sizes, data: list, classes) -> Iterator[Sizes]:
    for one, number_of, last, x_is in product(data, classes, (False, True), ("long", "float", "unit")):
        if math.prod(one) * number_of < LARGEST:
            yield replace(asked, data=one, classes=number_of, classes_last=last, x_is=x_is)


def _of(kind: str, asked: Sizes, fixed: set[str], told: list) -> list[tuple[int, ...]]:
    """Shapes to try. Data that were handed over keep their number of pixels."""
    if kind in fixed:
        return [getattr(asked, kind)]
    usual = dict.fromkeys([*told, *(DATA if kind == "data" else LATENT)])
    return [one for one in usual if "pixels" not in fixed or kind == "latent" or math.prod(one) == asked.pixels]


def shapes_in(message: str) -> list[tuple[int, ...]]:
    """Sizes that an error names: [-1, 784] gives (784,), and a lone number itself."""
    bracketed = [
        [int(one) for one in re.findall(r"-?\d+", group)] for group in re.findall(r"[\[(]([-\d, ]+)[\])]", message)
    ]
    shapes = [tuple(shape[1:]) for shape in bracketed if len(shape) > 1 and min(shape[1:]) > 0]
    return shapes + [(int(one),) for one in re.findall(r"(?<![\d.-])\d{1,5}(?![\d.])", message) if int(one) > 1]

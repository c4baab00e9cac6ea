"""What families of mistakes are made of, and those of any sum, unit and sign."""

import math
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor

from vae_lib.exercises.engine import Mistake, after, swap

LOG_2PI = math.log(2 * math.pi)


def same(value: Tensor) -> Tensor:
    return value


def last_axis(table: Tensor) -> Tensor:
    return table.sum(-1)


def half_exp(log_var: Tensor) -> Tensor:
    return torch.exp(0.5 * log_var)


def pick(mistakes: dict[str, Mistake], keys: str) -> dict[str, Mistake]:
    """Those with these keys: where a family is large, pairs of all its members take too long."""
    return {key: mistakes[key] for key in keys.split()}


def alone(mistakes: dict[str, Mistake]) -> dict[str, Mistake]:
    """The same, each looked for by itself only."""
    return {key: replace(mistake, alone=True) for key, mistake in mistakes.items()}


def term(part: str, name: str, function, but: tuple[str, ...] = ()) -> dict[str, tuple[str, dict]]:
    """For a `part` that makes one term of a sum; `but` are those that have another name there."""
    slips = {
        "missing": (f"{name} is left out", 0.0),
        "sign": (f"{name} has the wrong sign", -1.0),
        "twice": (f"{name} is counted twice", 2.0),
        "half": (f"half of {name} is counted: a ½ too many", 0.5),
    }
    return {
        f"{part}-{key}": (sentence, {part: lambda *given, factor=factor: factor * function(*given)})
        for key, (sentence, factor) in slips.items()
        if key not in but
    }


def swaps(part: str, slips: dict, prefix: str = "") -> dict[str, Mistake]:
    """One function after another in the place of a `part`: key → the sentence, and the function."""
    return {prefix + key: swap(sentence, **{part: function}) for key, (sentence, function) in slips.items()}


def reduction(part: str, numbers: str, example: str = "example", what: str = "number") -> dict[str, Mistake]:
    """For a `part` that sums a table [batch, numbers] over its last axis."""
    mean = {f"mean-over-{numbers}": (f"the {numbers} are averaged instead of summed", lambda t: t.mean(-1))}
    slips = {
        "not-summed": (f"the {numbers} are not added up", same),
        "kept-axis": (f"the axis of the {numbers} is kept (keepdim): [batch, 1]", lambda t: t.sum(-1, keepdim=True)),
        "over-batch": (f"the sum runs over the batch instead of the {numbers}", lambda t: t.sum(0)),
        "mean-over-batch": (f"the batch is averaged, and the {numbers} are not added up", lambda t: t.mean(0)),
        "total": (f"everything is added up: each {example} has its own {what}", lambda t: t.sum()),
        "mean-of-all": (f"everything is averaged, {numbers} and batch", lambda t: t.mean()),
        "batch-mean": (
            "the mean over the batch is taken already: it is left to the training loop",
            lambda t: t.sum(-1).mean(),
        ),
        "over-batch-size": (
            f"the {what} is divided by the size of the batch: each {example} keeps its own",
            lambda t: t.sum(-1) / len(t),
        ),
        "batch-twice": (f"every {example} gets the {what} of the whole batch", lambda t: t.sum().expand(len(t))),
        "batch-mean-everywhere": (
            f"every {example} gets the mean {what} of the batch",
            lambda t: t.sum(-1).mean().expand(len(t)),
        ),
        "first-row": (f"every {example} gets the {what} of the first", lambda t: t[:1].sum(-1).expand(len(t))),
        "running": (f"each {what} has those of the {example}s before added", lambda t: t.sum(-1).cumsum(0)),
        "in-order": (f"the {what}s are sorted", lambda t: t.sum(-1).sort().values),
        "largest": (f"the largest of the {numbers} is taken instead of their sum", lambda t: t.amax(-1)),
        "first-only": (f"only the first of the {numbers} is counted", lambda t: t[..., 0]),
        "last-only": (f"only the last of the {numbers} is counted", lambda t: t[..., -1]),
        "first-missing": (f"the first of the {numbers} is left out", lambda t: t[..., 1:].sum(-1)),
        "last-missing": (f"the last of the {numbers} is left out", lambda t: t[..., :-1].sum(-1)),
    }
    return swaps(part, mean) | swaps(part, slips, f"{numbers}-")


def cuts(*limits: tuple[int, int]) -> dict[str, tuple]:
    """What is cut off from log_var, below −`low` and above `high`."""
    return {
        f"clamped-{low}-{high}": (f"log_var is cut off at −{low} and {high}", partial(torch.clamp, min=-low, max=high))
        for low, high in limits
    }


def clamps(part: str, function) -> dict[str, Mistake]:
    """For a `part` that is a `function` of log_var: what is cut off before."""
    slips = cuts((1, 1), (2, 2), (5, 5), (6, 2)).items()
    return swaps(part, {key: (words, lambda v, cut=cut: function(cut(v))) for key, (words, cut) in slips})


def sign(sentence: str) -> dict[str, Mistake]:
    return {"sign": after(sentence, torch.neg)}


def of_whole(of_sign: str) -> dict[str, Mistake]:
    """In bits, or with the wrong sign."""
    bits = after("the result is in bits, by logarithms to base 2, and not in nats", lambda v: v / math.log(2))
    return {"bits": bits} | sign(of_sign)

"""What families of mistakes are made of, and those of any sum, unit and sign."""

import math
from dataclasses import replace

import torch
from torch import Tensor

from vae_lib.exercises.engine import after, swap
from vae_lib.exercises.engine.mistakes import Mistake

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


def reduction(part: str, numbers: str, example: str = "example", what: str = "number") -> dict[str, Mistake]:
    """For a `part` that sums a table [batch, numbers] over its last axis."""
    slips = {
        f"mean-over-{numbers}": (f"the {numbers} are averaged instead of summed", lambda t: t.mean(-1)),
        f"{numbers}-not-summed": (f"the {numbers} are not added up", same),
        f"{numbers}-over-batch": (f"the sum runs over the batch instead of the {numbers}", lambda t: t.sum(0)),
        f"{numbers}-mean-over-batch": (
            f"the mean runs over the batch, and the {numbers} are not added up",
            lambda t: t.mean(0),
        ),
        f"{numbers}-total": (f"everything is added up: each {example} has its own {what}", lambda t: t.sum()),
        f"{numbers}-batch-mean": (
            "the mean over the batch is taken already: it is left to the training loop",
            lambda t: t.sum(-1).mean(),
        ),
        f"{numbers}-mean-of-all": (f"everything is averaged, {numbers} and batch", lambda t: t.mean()),
        f"{numbers}-over-batch-size": (
            f"the {what} is divided by the size of the batch: each {example} keeps its own",
            lambda t: t.sum(-1) / len(t),
        ),
        f"{numbers}-batch-twice": (
            f"the {what} of the whole batch is given to every {example}",
            lambda t: t.sum().expand(len(t)),
        ),
        f"{numbers}-batch-mean-everywhere": (
            f"the mean {what} of the batch is given to every {example}",
            lambda t: t.sum(-1).mean().expand(len(t)),
        ),
        f"{numbers}-cumulative": (f"the {numbers} are added up along the way (cumsum)", lambda t: t.cumsum(-1)),
        f"{numbers}-product": (f"the {numbers} are multiplied instead of added", lambda t: t.prod(-1)),
        f"{numbers}-largest": (f"the largest of the {numbers} is taken instead of their sum", lambda t: t.amax(-1)),
        f"{numbers}-first-only": (f"only the first of the {numbers} is counted", lambda t: t[..., 0]),
        f"{numbers}-last-only": (f"only the last of the {numbers} is counted", lambda t: t[..., -1]),
        f"{numbers}-first-missing": (f"the first of the {numbers} is left out", lambda t: t[..., 1:].sum(-1)),
        f"{numbers}-first-row": (
            f"every {example} gets the {what} of the first",
            lambda t: t[:1].sum(-1).expand(len(t)),
        ),
        f"{numbers}-running": (f"each {what} has those of the {example}s before added", lambda t: t.sum(-1).cumsum(0)),
        f"{numbers}-in-order": (f"the {what}s are sorted", lambda t: t.sum(-1).sort().values),
        f"{numbers}-last-missing": (f"the last of the {numbers} is left out", lambda t: t[..., :-1].sum(-1)),
        f"{numbers}-kept-axis": (
            f"the axis of the {numbers} is kept (keepdim): [batch, 1]",
            lambda t: t.sum(-1, keepdim=True),
        ),
    }
    return {key: swap(sentence, **{part: function}) for key, (sentence, function) in slips.items()}


def swaps(part: str, slips: dict, prefix: str = "") -> dict[str, Mistake]:
    """One function after another in the place of a `part`: key → the sentence, and the function."""
    return {prefix + key: swap(sentence, **{part: function}) for key, (sentence, function) in slips.items()}


def clamps(part: str, function) -> dict[str, Mistake]:
    """For a `part` that is a `function` of log_var: what is cut off before."""
    limits = (-1, 1), (-2, 2), (-3, 3), (-4, 4), (-5, 5), (-6, 2)
    return {
        f"clamped-{-low}-{high}": swap(
            f"log_var is cut off at {low} and {high}",
            **{part: lambda v, low=low, high=high: function(v.clamp(low, high))},
        )
        for low, high in limits
    }


def unit() -> dict[str, Mistake]:
    return {
        "bits": after(
            "the result is in bits, by a logarithm to base 2: nats were asked for", lambda v: v / math.log(2)
        ),
        "base-ten": after("the logarithm is to base 10: nats were asked", lambda v: v / math.log(10)),
    }


def sign(sentence: str) -> dict[str, Mistake]:
    return {"sign": after(sentence, torch.neg)}

r"""# A baseline from the other draws

Where does a good baseline come from, if $\mathrm{E}[f]$ is not known? The mean of $f$ over the batch biases, because each draw's own $f$ is in it. Leave that one out: write `my_leave_one_out(f_values)`, which gives for each draw the mean of $f$ over all *other* draws. `f_values` is `[draws]`, with at least two draws, and so is the result: the baselines alone, not yet subtracted.

## Hint: where to look
The end of "The variances in closed form": of the $B$ terms of the mean, the $B - 1$ others are harmless, by (3.12).

## Hint: the idea
The sum of the others is the sum of all without one. And how many are they?

## Hint: nearly the code
One line without a loop: `f_values.sum()` is one number, and torch subtracts the whole tensor from it, element by element. Divide by the number of the others.
"""  # noqa: E501

import numpy as np
import torch

from vae_lib.exercises.engine import Exercise, swap, whole
from vae_lib.exercises.families import same


def solution(f_values):
    """For each draw the mean of f over the other draws: [draws]."""
    return (f_values.sum() - f_values) / (len(f_values) - 1)


def parts(f_values, *, total=torch.sum, own=same, count=lambda f: len(f) - 1, give=lambda baseline, f: baseline):
    return give((total(f_values) - own(f_values)) / count(f_values), f_values)


def others_by_value(f_values):
    return torch.stack([f_values[f_values != value].mean() for value in f_values])


def of_the_draws_before(f_values):
    return torch.stack([f_values[:i].sum() / max(i, 1) for i in range(len(f_values))])


def of_the_others(make, skipped=1):
    """What `make` makes of all draws but for some from this one on."""
    return lambda f: torch.stack([make(torch.cat([f[:i], f[i + skipped :]])) for i in range(len(f))])


def inputs(rng):
    """[5]; [3] with two draws that have the same f; [7] from the generator; [2], the fewest; [5] other numbers."""
    by_hand = [-3.2, 1.5, 0.4, 7.1, -0.9], [2.0, 5.0, 2.0]
    last = [0.6, -2.8, 3.3, 1.9, -5.1]
    return [{"f_values": np.array(values)} for values in (*by_hand, rng.normal(1, 4, 7).round(1), [4.2, -1.3], last)]


WHOLES = {
    "one-mean": (
        "the mean of all draws is taken: it has the draw's own f in it, so the estimate is biased",
        torch.mean,
    ),
    "own-not-divided": (
        "the sum is divided by n − 1 before the draw's own f is subtracted",
        lambda f: f.sum() / (len(f) - 1) - f,
    ),
    "mean-minus-own": ("the draw's own f is subtracted from the mean, and not from the sum", lambda f: f.mean() - f),
    "mean-less-a-share": (
        "f / (n − 1) is subtracted from the mean of all n, and not from their sum / (n − 1)",
        lambda f: f.mean() - f / (len(f) - 1),
    ),
    "f-itself": ("f itself is returned: as a baseline it takes away everything", torch.clone),
    "by-value": ("the others are found by their value: different draws may have the same f", others_by_value),
    "before": ("the mean runs over the draws before alone, and not over those after", of_the_draws_before),
    "running-mean": (
        "the mean runs over the draws up to this one, its own f included",
        lambda f: f.cumsum(0) / torch.arange(1, len(f) + 1),
    ),
    "median": ("the median of the others is taken instead of their mean", of_the_others(torch.median)),
    "largest": ("the largest of the others is taken instead of their mean", of_the_others(torch.max)),
    "two-left-out": ("the next draw is left out as well as the draw's own", of_the_others(torch.mean, skipped=2)),
    "sum-not-divided": ("f alone is divided by n − 1, and not the sum", lambda f: f.sum() - f / (len(f) - 1)),
    "centred": (
        "f minus the mean of all draws is returned: that mean has the draw's own f in it",
        lambda f: f - f.mean(),
    ),
    "standardised": (
        "f minus its mean, divided by its standard deviation, is returned: that is no baseline",
        lambda f: (f - f.mean()) / f.std(),
    ),
    "number": (
        "one number is returned, the sum of all by n − 1: each draw has its own",
        lambda f: f.sum() / (len(f) - 1),
    ),
}
OWN = {
    "kept": ("the sum of all n is divided by n − 1", torch.zeros_like),
    "added": ("the draw's own f is added to the sum, and not subtracted", torch.neg),
    "twice": ("the draw's own f is subtracted twice", lambda f: 2 * f),
    "first": ("the first draw is left out of every mean, and not the draw's own", lambda f: 0 * f + f[0]),
    "last": ("the last draw is left out of every mean, and not the draw's own", lambda f: 0 * f + f[-1]),
    "largest": ("the largest f is left out of every mean, and not the draw's own", lambda f: 0 * f + f.max()),
    "smallest": ("the smallest f is left out of every mean, and not the draw's own", lambda f: 0 * f + f.min()),
    "next": ("the f of the next draw is left out instead of the draw's own", lambda f: f.roll(-1)),
    "previous": ("the f of the draw before is left out instead of the draw's own", lambda f: f.roll(1)),
    "absolute": ("the absolute value of the draw's own f is left out", torch.abs),
}
COUNTS = {
    "summed": ("the others are summed instead of averaged", lambda f: 1),
    "over-n": ("the sum of the n − 1 others is divided by n", len),
    "over-n-plus-one": ("the sum of the n − 1 others is divided by n + 1", lambda f: len(f) + 1),
    "over-n-minus-two": ("the sum of the n − 1 others is divided by n − 2", lambda f: len(f) - 2),
    "four-others": ("the number of the others is fixed at 4", lambda f: 4),
    "over-five": ("the sum of the others is divided by 5, whatever their number", lambda f: 5),
    "over-root": ("the sum of the others is divided by the root of their number", lambda f: (len(f) - 1) ** 0.5),
}
GIVEN = {
    "advantage": ("f minus the baseline is returned: the baseline alone is asked for", lambda b, f: f - b),
    "advantage-sign": ("the baseline minus f is returned: the baseline alone is asked for", torch.sub),
    "product": ("f is multiplied by the baseline: the baseline alone is asked for", torch.mul),
    "sign": ("the sign is wrong", lambda b, f: -b),
    "reversed": ("the draws are in the opposite order", lambda b, f: b.flip(0)),
    "kept-axis": ("the result has an axis too many, [draws, 1]", lambda b, f: b[:, None]),
}

check_leave_one_out = Exercise(
    name="leave_one_out",
    solution=solution,
    parts=parts,
    inputs=inputs,
    asked={
        "value": "for each draw the mean of f over the other draws",
        "again": "the same numbers from a second call: the difference",
    },
    right="The mean of the others: a baseline that does not see its own draw.",
    axes=("draws",),
    level="deeper",
    terms={"The draw's own f, divided by n − 1,": lambda f: f / (1 - len(f))},
    mistakes={
        **{key: whole(sentence, function) for key, (sentence, function) in WHOLES.items()},
        **{f"own-{key}": swap(sentence, own=function) for key, (sentence, function) in OWN.items()},
        **{key: swap(sentence, count=function) for key, (sentence, function) in COUNTS.items()},
        **{key: swap(sentence, give=function) for key, (sentence, function) in GIVEN.items()},
        "own-included": swap(
            "the draw's own f is in the mean, so the estimate is biased", own=torch.zeros_like, count=len
        ),
        "squares": swap("the squares of f are averaged", total=lambda f: f.square().sum(), own=torch.square),
        "absolutes": swap("the absolute values of f are averaged", total=lambda f: f.abs().sum(), own=torch.abs),
    },
)

r"""# A baseline from the other draws

A good baseline is the mean of $f$, but often nobody knows $\mathrm{E}[f]$. The mean of $f$ over the batch biases, because each draw's own $f$ is in it. Leave that one out: this is the **leave-one-out baseline**, and the score-function gradient with it is called RLOO, *REINFORCE leave-one-out* ([Kool et al. 2019](https://openreview.net/forum?id=r1lgTGL5DE)).

Write `my_leave_one_out(f_values)`, which gives for each draw the mean of $f$ over all *other* draws. `f_values` is `[draws]`, with at least two draws, and so is the result: the baselines alone, not yet subtracted.

## Hint: where to look
The end of [The variances in closed form](#the-variances-in-closed-form-deeper): of the $B$ terms of the mean, the $B - 1$ others are harmless, by [(3.12)](#the-variances-in-closed-form-deeper).

## Hint: the idea
The sum of the others is the sum of all without one. And how many are they?

## Hint: nearly the code
One line without a loop: `f_values.sum()` is one number, and torch subtracts the whole tensor from it, element by element. Divide by the number of the others.
"""  # noqa: E501

import numpy as np
import torch

from vae_lib.exercises.engine import Exercise, swap
from vae_lib.exercises.families import same, swaps


def solution(f_values):
    """For each draw the mean of f over the other draws: [draws]."""
    return (f_values.sum() - f_values) / (len(f_values) - 1)


def parts(
    f, *, total=torch.sum, own=same, count=lambda f: len(f) - 1, make=lambda f, s, own, n: (s - own) / n,
    give=lambda baseline, f: baseline,
):  # fmt: skip
    return give(make(f, total(f), own(f), count(f)), f)


def of_the_draws(make, which):
    """What `make` makes, for each draw, of those draws of which `which` gives the numbers."""
    return lambda f, *_: torch.stack([make(f[which(i, len(f))]) for i in range(len(f))])


def others(i, n):
    return [j for j in range(n) if j != i]


def inputs(rng):
    """[5]; [3] with two draws that have the same f; [7] from the generator; [2], the fewest; [5] other numbers."""
    by_hand = [-3.2, 1.5, 0.4, 7.1, -0.9], [2.0, 5.0, 2.0]
    last = [0.6, -2.8, 3.3, 1.9, -5.1]
    return [{"f_values": np.array(values)} for values in (*by_hand, rng.normal(1, 4, 7).round(1), [4.2, -1.3], last)]


MAKES = {
    "one-mean": ("the mean of all draws is taken: each draw's own f is in it", lambda f, s, own, n: f.mean()),
    "own-not-divided": ("the sum is divided by n − 1 before f is subtracted", lambda f, s, own, n: s / n - f),
    "mean-minus-own": ("f is subtracted from the mean, and not from the sum", lambda f, s, own, n: f.mean() - f),
    "mean-less-a-share": ("f / (n − 1) is subtracted from the mean of all n", lambda f, s, own, n: f.mean() - f / n),
    "f-itself": ("f itself is returned: as a baseline it takes away everything", lambda f, s, own, n: f.clone()),
    "neighbour": ("the f of the draw before is taken, and not the mean of all others", lambda f, *_: f.roll(1)),
    "by-value": (
        "the others are found by their value: different draws may have the same f",
        lambda f, *_: torch.stack([f[f != value].mean() for value in f]),
    ),
    "before": (
        "the mean runs over the draws before alone, and not over those after",
        of_the_draws(lambda f: f.sum() / max(len(f), 1), lambda i, n: range(i)),
    ),
    "median": ("the median of the others is taken instead of their mean", of_the_draws(torch.median, others)),
    "last-left-out": (
        "the last of the others is left out, by a slice that ends too early",
        of_the_draws(torch.mean, lambda i, n: others(i, n)[: n - 2] or others(i, n)),
    ),
    "sum-not-divided": ("f alone is divided by n − 1, and not the sum", lambda f, s, own, n: s - f / n),
    "centred": ("f minus the mean of all draws is returned", lambda f, s, own, n: f - f.mean()),
    "number": ("one number is returned, the sum of all by n − 1: each draw has its own", lambda f, s, own, n: s / n),
}
OWN = {
    "kept": ("the sum of all n is divided by n − 1", torch.zeros_like),
    "first": ("the first draw is left out of every mean, and not the draw's own", lambda f: f[:1].expand(len(f))),
    "next": ("the f of the next draw is left out instead of the draw's own", lambda f: f.roll(-1)),
    "previous": ("the f of the draw before is left out instead of the draw's own", lambda f: f.roll(1)),
}
COUNTS = {
    "summed": ("the others are summed instead of averaged", lambda f: 1),
    "over-n": ("the sum of the n − 1 others is divided by n", len),
    "over-n-minus-two": ("the sum of the n − 1 others is divided by n − 2", lambda f: len(f) - 2),
    "nine-others": ("the number of the others is fixed at 9", lambda f: 9),
    "four-others": ("the number of the others is fixed at 4", lambda f: 4),
}
GIVEN = {
    "advantage": ("f minus the baseline is returned: the baseline alone is asked for", lambda b, f: f - b),
    "advantage-sign": ("the baseline minus f is returned: the baseline alone is asked for", torch.sub),
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
    effort="deeper · ●○○ · 5 minutes",
    terms={"The draw's own f, divided by n − 1,": lambda f: f / (1 - len(f))},
    mistakes={
        **swaps("make", MAKES),
        **swaps("own", OWN, "own-"),
        **swaps("count", COUNTS),
        **swaps("give", GIVEN),
        "own-included": swap("the draw's own f is in the mean, and biases", own=torch.zeros_like, count=len),
        "absolutes": swap("the absolute values of f are averaged", total=lambda f: f.abs().sum(), own=torch.abs),
    },
)

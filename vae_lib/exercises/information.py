r"""# What z tells, by a sum

Write `my_information(q)`: $I_q$ or $I_p$ of the strings of a batch, one number, in nats. `q` `[states, batch]` has the probabilities of all states of $z$: a column for each string, and each column sums to 1. They are the encoder's, or those of the posterior. Nothing is drawn. Some states are impossible for some strings, and one for all: a probability of 0 adds nothing, and makes no NaN.

## Hint: where to look
[(10.4)](#collapse-exactly): the mean KL from a string's $q(z|x)$ to the average $q(z)$ of all strings.

## Hint: the idea
$q(z)$ is an average over the *strings*. Then a sum over the states, with the weights $q$, and a mean over the strings.

## Hint: nearly the code
`average = q.mean(dim=1, keepdim=True)`. `torch.special.xlogy(a, b)` is $a \log b$, and 0 where $a$ is 0. Take `xlogy(q, q) - xlogy(q, average)`.
"""  # noqa: E501

import math

import numpy as np
import torch
from torch import Tensor
from torch.special import xlogy

from vae_lib.exercises.engine import Call, Exercise, after, swap, whole
from vae_lib.exercises.families import same, sign, swaps


def solution(q):
    """I(x; z) of these strings: one number, in nats, from 0 to log of the number of states."""
    average = q.mean(dim=1, keepdim=True)  # the mean over the strings
    return (torch.special.xlogy(q, q) - torch.special.xlogy(q, average)).sum(0).mean()


def over_strings(q: Tensor) -> Tensor:
    return q.mean(1, keepdim=True)


def held_against(q: Tensor, average: Tensor) -> Tensor:
    return xlogy(q, q) - xlogy(q, average)


def mean_of_sums(table: Tensor) -> Tensor:
    return table.sum(0).mean()


def parts(q, *, read=same, average=over_strings, terms=held_against, over=mean_of_sums):
    q = read(q)
    return over(terms(q, average(q)))


def entropy(p: Tensor) -> Tensor:
    return -xlogy(p, p).sum(0)


BY_HAND = np.array([[0.9, 0.004, 0.3, 0.25, 0.6], [0.06, 0.9, 0.3, 0.7, 0.396], [0.04, 0.096, 0.4, 0.05, 0.004]])
ZEROS = np.array([[1.0, 0.0, 0.2, 0.5], [0.0, 0.3, 0.8, 0.5], [0.0, 0.7, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])


def inputs(rng):
    """Three states and five strings by hand; five states and four strings; and one with zeros."""
    drawn = rng.dirichlet(1.2 * np.ones(5), 4).T
    note = "probabilities that are 0, and a state that no string has"
    return [{"q": BY_HAND}, {"q": drawn}, Call({"q": ZEROS}, note=note)]


AVERAGES = {
    "flat": (
        "each string is held against 1 over the number of states, which is the uniform prior, and also the mean of q "
        "over the states: this is the mean KL, which is paid also for a q that is the same for all strings",
        lambda q: torch.full_like(q[:, :1], 1 / len(q)),
    ),
    "summed": ("q is added up over the strings, and not averaged", lambda q: q.sum(1, keepdim=True)),
    "geometric": (
        "the logarithms are averaged over the strings: the average is one of probabilities",
        lambda q: q.log().mean(1, keepdim=True).exp(),
    ),
    "others": (
        "each string is held against the average of the other strings: it belongs to the average itself",
        lambda q: (q.sum(1, keepdim=True) - q) / (q.shape[1] - 1),
    ),
    "first": ("each string is held against the first one", lambda q: q[:, :1]),
    "first-half": (
        "the average is one over the first half of the batch",
        lambda q: q[:, : q.shape[1] // 2].mean(1, keepdim=True),
    ),
}
TERMS = {
    "own-missing": (
        "q log q is left out: this is the entropy of the average alone, whatever the strings tell",
        lambda q, a: -xlogy(q, a),
    ),
    "average-missing": (
        "the average is left out: this is minus the mean entropy, which is what z leaves open",
        lambda q, a: xlogy(q, q) + 0 * a,
    ),
    "added": ("the two entropies are added, and not subtracted", lambda q, a: -xlogy(q, q) - xlogy(q, a)),
    "reverse": ("the average is in front in the KL: it belongs behind", lambda q, a: xlogy(a, a) - xlogy(a, q)),
    "not-weighted": ("log q less log of the average is summed without the weights q", lambda q, a: q.log() - a.log()),
    "by-average": (
        "the average weighs the logarithms, and not each string's own q",
        lambda q, a: xlogy(a, q) - xlogy(a, a),
    ),
    "log-missing": ("the logarithms are missing", lambda q, a: q * (q - a)),
    "chi-squared": ("the squared distance from the average is taken, divided by it", lambda q, a: (q - a) ** 2 / a),
    "nan": (
        "0 · log 0 is computed where a state is impossible: that is 0 · (−∞), and NaN",
        lambda q, a: q * (q.log() - a.log()),
    ),
    "clipped": (
        "the probabilities are cut off at 0.01 before the logarithm: that changes the sum",
        lambda q, a: q * (q.clamp(min=0.01).log() - a.clamp(min=0.01).log()),
    ),
}
OVER = {
    "strings-summed": ("the strings are added up, and not averaged", lambda t: t.sum()),
    "all-averaged": ("the states are averaged too, and not added up", lambda t: t.mean()),
    "a-string": ("each string's KL is returned: its mean over the strings is I(x; z)", lambda t: t.sum(0)),
    "a-state": ("each state's part is returned: their sum is I(x; z)", lambda t: t.mean(1)),
    "states-averaged": (
        "the strings are added up and the states averaged: the axes are exchanged",
        lambda t: t.sum(1).mean(),
    ),
    "largest": ("the largest of the strings' KLs is taken", lambda t: t.sum(0).amax()),
}


def of_halves(q: Tensor) -> Tensor:
    """The entropy of the average of one half, the mean entropy of the other."""
    half = q.shape[1] // 2
    return entropy(q[:, :half].mean(1)) - entropy(q[:, half:]).mean()


def over_states(q: Tensor) -> Tensor:
    """The entropy of the average over the other axis, made no distribution."""
    return entropy(q.mean(0)) - entropy(q).mean()


def of_strings(q: Tensor) -> Tensor:
    """The same, made a distribution over the strings: their average is uniform."""
    return math.log(q.shape[1]) - entropy(q).mean()


def of_rows(q: Tensor) -> Tensor:
    """The mean entropy of the rows."""
    return entropy(q.mean(1)) - entropy(q.T).mean()


def less_all_entropies(q: Tensor) -> Tensor:
    return entropy(q.mean(1)) - entropy(q).sum()


def to_prior(q: Tensor) -> Tensor:
    """KL(q̄ ‖ p(z)), uniform."""
    return math.log(len(q)) - entropy(q.mean(1))


def of_few(q: Tensor) -> Tensor:
    """The entropy of the average of two strings, and the mean entropy of all."""
    return entropy(q[:, :2].mean(1)) - entropy(q).mean()


check_information = Exercise(
    name="information",
    solution=solution,
    parts=parts,
    inputs=inputs,
    asked={
        "value": "I(x; z), one number, in nats",
        "again": "the same number from a second call: the difference",
    },
    right="The mean KL from a string's q to the average of all: never negative, and at most log of the states.",
    axes=("states", "batch"),
    effort="deeper · ●●○ · 6 minutes",
    mistakes={
        **swaps("average", AVERAGES, "average-"),
        **swaps("terms", TERMS),
        **swaps("over", OVER),
        "transposed": swap(
            "the two axes of q are exchanged: here a column is a string",
            read=lambda q: q.T,
        ),
        "logits": swap("a softmax is taken of q, which is one already", read=lambda q: q.softmax(0)),
        "average-over-states": whole(
            "the entropy of a mean over the states is taken: the average is one over the strings", over_states
        ),
        "average-over-states-rescaled": whole(
            "log of the number of strings stands in the place of the entropy of the average, which is what a mean over "
            "the states gives",
            of_strings,
        ),
        "entropies-of-rows": whole(
            "the entropies are those of the rows: a string is a column, and its entropy is meant", of_rows
        ),
        "two-halves": whole(
            "the average is one of other strings than the entropies: then it can come out negative", of_halves
        ),
        "few": whole("the average is one of a few strings alone: then it can come out negative", of_few),
        "entropies-summed": whole(
            "the entropies of the strings are added up, and not averaged: then it can come out negative",
            less_all_entropies,
        ),
        "other-part": whole(
            "this is the KL from the average to the prior, which is the other part of the KL", to_prior
        ),
        "share": whole(
            "it is divided by log of the number of states: this is a share, and not nats",
            lambda q: parts(q) / math.log(len(q)),
        ),
        "bits": after("the result is in bits, by logarithms to base 2, and not in nats", lambda v: v / math.log(2)),
        **sign("the sign is wrong: I(x; z) is never negative"),
    },
)

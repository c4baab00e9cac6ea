r"""# The log-likelihood of a string

Write `my_log_prob(log_probs, x)`: $\log p(x|z)$ of each string, in nats, `[batch]`. `x` `[batch, T]` are whole numbers: 0 is the end, 1, 2, … are letters. Each string has its end, and its row is filled up with zeros. `log_probs` `[batch, T, symbols]` is what a decoder said: at step $t$ the logarithms of the probabilities of all symbols for $x_t$, given the letters before it. It is a network and does not know where a string has ended: it says something of the padding too. A gradient must reach `log_probs`.

## Hint: where to look
[(10.1)](#the-likelihood-of-a-string): a sum over the symbols of the string, up to its end and with it.

## Hint: the idea
Two steps: pick one number at each step, that of $x_t$, and then add up those that count. The end counts, since the decoder had to say it; the zeros after it do not.

## Hint: nearly the code
`log_probs.gather(-1, x[..., None])[..., 0]` is `[batch, T]`. A step counts if there is no 0 *before* it: `(x == 0).cumsum(-1)` is at most 1 there.
"""  # noqa: E501

import numpy as np
import torch
from torch import Tensor

from vae_lib.exercises.engine import Exercise, after, swap, whole
from vae_lib.exercises.families import of_whole, pick, reduction, swaps

ANSWER = "my_log_prob"


def solution(log_probs, x):
    """log p(x|z) of each string, with its end and without its padding: [batch], in nats."""
    terms = log_probs.gather(-1, x[..., None])[..., 0]  # [batch, T]
    counts = (x == 0).cumsum(-1) <= 1  # no end before this step: the rows are filled up with ends
    return (terms * counts).sum(-1)


def of_x(log_probs: Tensor, x: Tensor) -> Tensor:
    return log_probs.gather(-1, x[..., None])[..., 0]


def to_the_end(x: Tensor) -> Tensor:
    return (x == 0).cumsum(-1) <= 1


def total(terms: Tensor, counts: Tensor) -> Tensor:
    return (terms * counts).sum(-1)


def parts(log_probs, x, *, take=of_x, counted=to_the_end, over=total):
    return over(take(log_probs, x), counted(x))


def rows(rng: np.random.Generator, lengths: tuple[int, ...], steps: int, symbols: int) -> np.ndarray:
    """Strings of these lengths, in rows filled up with zeros."""
    x = rng.integers(1, symbols, (len(lengths), steps))
    return np.where(np.arange(steps) < np.array(lengths)[:, None], x, 0)


def said(rng: np.random.Generator, x: np.ndarray, symbols: int) -> np.ndarray:
    """By a decoder that half knows x, and its padding: no string's probability is almost 0, which names anything."""
    logits = rng.normal(0, 1.2, (*x.shape, symbols)) + 2 * np.eye(symbols)[x]
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))


def inputs(rng):
    """Four strings in rows of seven, the longest with no padding; and three, one of them empty, in rows of nine."""
    sizes = ((4, 2, 6, 3), 7, 5), ((0, 8, 4), 9, 6)
    all_rows = [(rows(rng, *size), size[-1]) for size in sizes]
    return [{"log_probs": said(rng, x, symbols), "x": x} for x, symbols in all_rows]


TAKEN = {
    "letter-before": (
        "each step scores the letter before its own, and the first step the end",
        lambda p, x: of_x(p, x.roll(1, -1) * (torch.arange(x.shape[-1]) > 0)),
    ),
    "letter-after": (
        "each step scores the letter after its own: `log_probs` at step t is of x at step t already",
        lambda p, x: of_x(p, x.roll(-1, -1) * (torch.arange(x.shape[-1]) < x.shape[-1] - 1)),
    ),
    "one-off": (
        "the letters are counted from 0: symbol 1 is looked up in the place of the end",
        lambda p, x: of_x(p, (x - 1).clamp(min=0)),
    ),
    "likeliest": ("the likeliest symbol is scored at each step, and not the one of x", lambda p, x: p.amax(-1)),
    "every-symbol": ("the logarithms of all symbols are added up at each step", lambda p, x: p.sum(-1)),
    "probabilities": ("probabilities are added up, and not their logarithms", lambda p, x: of_x(p, x).exp()),
    "entropy": (
        "the mean under the decoder is taken at each step, which is minus an entropy: x is not looked up",
        lambda p, x: (p.exp() * p).sum(-1),
    ),
}
COUNTED = {
    "padding": ("the padding is scored: a longer row makes a string less probable", lambda x: x >= 0),
    "end-missing": ("the end is not scored: the decoder had to say that the string stops", lambda x: x != 0),
    "both-ends": (
        "neither the first letter nor the end is scored",
        lambda x: (x != 0) & (torch.arange(x.shape[-1]) > 0),
    ),
    "padding-alone": ("only the padding is scored", lambda x: ~to_the_end(x)),
    "end-alone": ("only the end is scored", lambda x: to_the_end(x) & (x == 0)),
    "second-end": ("one zero too many is scored: the one after the end", lambda x: (x == 0).cumsum(-1) <= 2),
    "all-ends": (
        "the first letter is not scored, as if it were a symbol of the start, and the padding is",
        lambda x: torch.arange(x.shape[-1]).expand(x.shape) > 0,
    ),
}
OVER = {
    "mean-over-letters": (
        "the symbols are averaged, and not added up: a letter of a short string then counts for more",
        lambda terms, c: total(terms, c) / c.sum(-1).clamp(min=1),
    ),
    "mean-without-end": (
        "the sum is divided by the number of letters",
        lambda terms, c: total(terms, c) / (c.sum(-1) - 1).clamp(min=1),
    ),
    "mean-over-row": (
        "the sum is divided by the length of the row: padding changes it",
        lambda terms, c: total(terms, c) / terms.shape[-1],
    ),
    "mean-of-all-letters": (
        "this is the mean over all letters of the batch, one number: each string has its own sum",
        lambda terms, c: total(terms, c).sum() / c.sum(),
    ),
}
SUMS = pick(
    reduction("over", "steps", example="string", what="log-likelihood"),
    "steps-not-summed steps-over-batch steps-total steps-batch-mean steps-batch-twice steps-first-only steps-running "
    "steps-first-missing steps-largest steps-kept-axis steps-batch-mean-everywhere",
)


def of_table(over):
    """A reduction of the terms that count."""
    return lambda terms, counts: over(terms * counts)


def as_in_a_language_model(log_probs: Tensor, x: Tensor) -> Tensor:
    """Step t has said the symbol of t + 1 there, and the last one nothing that counts."""
    return of_x(log_probs[:, :-1], x[:, 1:])


LANGUAGE_MODEL = "`log_probs` is shifted against x, as the logits of a language model are: here step t is of x at t"

check_string_log_prob = Exercise(
    name="string_log_prob",
    solution=solution,
    parts=parts,
    inputs=inputs,
    gradients=("log_probs",),
    asked={
        "value": "log p(x|z), one number a string, in nats",
        "again": "the same numbers from a second call: the difference",
    },
    right="A string is one event: the sum over its symbols, its end included.",
    axes=("batch", "steps", "symbols"),
    effort="core · ●○○ · 5 minutes",
    mistakes={
        **swaps("take", TAKEN),
        **swaps("counted", COUNTED),
        **swaps("over", OVER),
        **{key: swap(slip.sentence, over=of_table(slip.swapped["over"])) for key, slip in SUMS.items()},
        "shifted": whole(
            f"{LANGUAGE_MODEL}, and the padding is scored", lambda p, x: as_in_a_language_model(p, x).sum(1)
        ),
        "shifted-end-missing": whole(
            f"{LANGUAGE_MODEL}, and the end is not scored",
            lambda p, x: (as_in_a_language_model(p, x) * (x[:, 1:] != 0)).sum(1),
        ),
        "row-averaged": swap(
            "the whole row is averaged, its padding too",
            counted=COUNTED["padding"][1],
            over=OVER["mean-over-row"][1],
        ),
        "zeros-multiplied": whole(
            "the probabilities are multiplied, and those of the padding made 0: one factor 0 makes it all 0",
            lambda p, x: (of_x(p, x).exp() * to_the_end(x)).prod(-1),
        ),
        "probability": after("this is p(x|z), and its logarithm was asked for", torch.exp),
        **of_whole("the sign is wrong: this is − log p(x|z)"),
    },
)

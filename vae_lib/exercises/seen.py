r"""# What the decoder may see

In training the decoder is given the true letters before each symbol: teacher forcing. Write `my_seen(x, num_symbols)`: what it is given, one-hot, as numbers of float32 or float64, `[batch, T, num_symbols]`. `x` `[batch, T]` are whole numbers, and 0 is the end; a row without it is the beginning of a longer string. At step $t$ stands the symbol *before* $x_t$; before the first letter there is none, and the end, symbol 0, stands there.

## Hint: where to look
[The likelihood of a string](#the-likelihood-of-a-string): the past is the data's.

## Hint: the idea
Shift the rows by one step to the right. The last symbol falls out, and a 0 comes in on the left. Does any step see its own symbol?

## Hint: nearly the code
`torch.cat` of a column of zeros and `x[:, :-1]`. Then compare with `torch.arange(num_symbols)`, or take a row of `torch.eye(num_symbols)` for each symbol.
"""  # noqa: E501

import numpy as np
import torch
from torch import Tensor

from vae_lib.exercises.engine import Exercise
from vae_lib.exercises.families import swaps


def solution(x, num_symbols):
    """What the decoder sees at each step, the symbol before, one-hot: [batch, T, num_symbols]."""
    before = torch.cat([torch.zeros_like(x[:, :1]), x[:, :-1]], dim=1)
    return torch.eye(num_symbols)[before]


def shifted(x: Tensor) -> Tensor:
    return torch.cat([torch.zeros_like(x[:, :1]), x[:, :-1]], dim=1)


def one_hot(before: Tensor, num_symbols: int) -> Tensor:
    return torch.eye(num_symbols)[before]


def parts(x, num_symbols, *, move=shifted, code=one_hot):
    return code(move(x), num_symbols)


def inputs(rng):
    """Three strings in rows of five, one without its end; and two in rows of seven, whose letters end at 5."""
    by_hand = np.array([[2, 3, 1, 3, 2], [1, 3, 0, 0, 0], [3, 2, 2, 0, 0]])
    more = np.where(np.arange(7) < np.array([[7], [3]]), rng.integers(1, 6, (2, 7)), 0)
    more[1, 0] = 5  # the largest in x and before its last symbols: who counts either, counts six
    return [{"x": by_hand, "num_symbols": np.array(4)}, {"x": more, "num_symbols": np.array(8)}]


MOVES = {
    "target": (
        "the rows are not shifted: each step sees the symbol that it has to guess, and log p(x|z) can become 0",
        lambda x: x,
    ),
    "next": (
        "the rows are shifted to the left: each step sees the symbol after its own",
        lambda x: torch.cat([x[:, 1:], torch.zeros_like(x[:, :1])], 1),
    ),
    "rolled": (
        "the rows are rolled: the last symbol comes first, and that is a letter where a row has no end",
        lambda x: x.roll(1, 1),
    ),
    "rolled-over-rows": (
        "the rows are rolled as one long row, without an axis: a row begins with the last symbol of the row above",
        lambda x: x.roll(1),
    ),
    "rolled-left": (
        "the rows are rolled to the left: each step sees the symbol after its own, and the last one the first",
        lambda x: x.roll(-1, 1),
    ),
    "rolled-strings": (
        "the strings are shifted, and not their symbols: each row sees another string",
        lambda x: x.roll(1, 0),
    ),
    "two-steps": (
        "the rows are shifted by two: the letter right before is not seen",
        lambda x: torch.cat([torch.zeros_like(x[:, :2]), x[:, :-2]], 1),
    ),
    "first-missing": (
        "the first letter is replaced by 0, but the rows are not shifted: every other step sees its own symbol",
        lambda x: x * (torch.arange(x.shape[1]) > 0),
    ),
    "first-missing-and-shifted": (
        "the first letter is lost: after the shift its place is emptied too",
        lambda x: shifted(x * (torch.arange(x.shape[1]) > 0)),
    ),
    "first-twice": (
        "the first letter stands in the place of the start: the first step sees what it has to guess",
        lambda x: torch.cat([x[:, :1], x[:, :-1]], 1),
    ),
    "nothing": ("nothing is seen but the start", torch.zeros_like),
    "start-is-letter": (
        "the start is symbol 1, which is a letter: the end, symbol 0, stands there",
        lambda x: torch.cat([torch.ones_like(x[:, :1]), x[:, :-1]], 1),
    ),
    "reversed": ("the strings are read backwards", lambda x: x.flip(1)),
    "too-short": (
        "the last symbol is cut off and nothing put before the first: [batch, T − 1]",
        lambda x: x[:, :-1],
    ),
    "next-too-short": (
        "the first symbol is cut off: each step sees the symbol after its own, and there are T − 1",
        lambda x: x[:, 1:],
    ),
    "too-long": (
        "nothing is cut off at the end: [batch, T + 1]",
        lambda x: torch.cat([torch.zeros_like(x[:, :1]), x], 1),
    ),
}
CODES = {
    "start-empty": (
        "the first step sees a row of zeros, which is no symbol: the end stands there",
        lambda b, n: one_hot(b, n) * (torch.arange(b.shape[1]) > 0)[:, None],
    ),
    "ends-empty": (
        "symbol 0 is coded by a row of zeros: the end is a symbol too",
        lambda b, n: one_hot(b, n) * (b > 0)[..., None],
    ),
    "history": (
        "all symbols before are added up, and not the last one alone",
        lambda b, n: one_hot(b, n).cumsum(1),
    ),
    "numbers": (
        "the number of a symbol stands in its place of the row, and not a 1",
        lambda b, n: one_hot(b, n) * b[..., None],
    ),
    "one-off": (
        "the symbols are counted from 1: letter 1 stands in the first place, which belongs to the end",
        lambda b, n: one_hot((b - 1) % n, n),
    ),
    "as-many-as-seen": (
        "the largest symbol of x says how many symbols there are: a letter that no string has needs its place too",
        lambda b, n: torch.eye(int(b.max()) + 1)[b],
    ),
    "axes": ("the last two axes are exchanged: [batch, num_symbols, T]", lambda b, n: one_hot(b, n).mT),
    "not-coded": ("the symbols are given as numbers, and not one-hot", lambda b, n: b.to(torch.get_default_dtype())),
    "averaged": (
        "the mean of all symbols before is given, and not the last one alone",
        lambda b, n: one_hot(b, n).cumsum(1) / torch.arange(1, b.shape[1] + 1)[:, None],
    ),
}

check_seen = Exercise(
    name="seen",
    solution=solution,
    parts=parts,
    inputs=inputs,
    asked={
        "value": "what is seen at each step, one-hot",
        "again": "the same numbers from a second call: the difference",
    },
    right="Each step sees what stands before it, and never its own symbol.",
    axes=("batch", "steps"),
    effort="deeper · ●○○ · 4 minutes",
    mistakes={
        **swaps("move", MOVES),
        **swaps("code", CODES),
    },
)

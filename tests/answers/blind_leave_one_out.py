"""Exercise 3.6, leave_one_out."""
import numpy as np
import torch


def _correction(f):
    m = f.mean()
    return m + (m - f) / (len(f) - 1)


def _matrix(f):
    B = len(f)
    return (torch.ones(B, B, dtype=f.dtype) - torch.eye(B, dtype=f.dtype)) @ f / (B - 1)


def _loop(f):
    return torch.stack([torch.cat([f[:i], f[i + 1 :]]).mean() for i in range(len(f))])


def _rolled(f):
    return sum(f.roll(k) for k in range(1, len(f))) / (f.numel() - 1)


def _equal_ones(f):
    return torch.stack([f[f != v].sum() / (f != v).sum().clamp(min=1) for v in f])


def _changed(f):
    total = f.sum()
    return f.neg_().add_(total).div_(len(f) - 1)


def _cached(f, memory={}):
    total = memory.setdefault(len(f), f.sum())
    return (total - f) / (len(f) - 1)


ANSWERS = [
    (_correction, "the mean of all, corrected by (mean - f)/(B - 1)", True),
    (_matrix, "a matrix of ones with a zero diagonal times f, over B - 1", True),
    (_loop, "a loop that cuts each draw out and takes the mean of the rest", True),
    (_rolled, "adds up all cyclic shifts but the one by zero, divided by their number", True),
    (lambda f: (f.sum() - f) / len(f), "divides by the number of all draws, B, instead of B - 1", False),
    (lambda f: f.mean().expand_as(f), "the mean over all draws, its own included", False),
    (lambda f: f - (f.sum() - f) / (len(f) - 1), "baseline already subtracted: returns f minus it", False),
    (lambda f: f.sum() - f, "sum of the others, never divided", False),
    (lambda f: (f - f.sum()) / (len(f) - 1), "wrong sign: draw minus sum", False),
    (lambda f: (f.sum() - f) / (len(f) - 2), "divides by B - 2: off by one", False),
    (lambda f: f.sum() / (len(f) - 1) * torch.ones_like(f), "divides by B - 1 but leaves its own f in the sum", False),
    (lambda f: f.mean() - f, "mean of all minus its own f, no B - 1: (mean - f)", False),
    (lambda f: f.mean() - f / (len(f) - 1), "subtracts f/(B - 1) from the mean of all B, which was divided by B", False),
    (lambda f: torch.cat([f.new_zeros(1), (f.cumsum(0) / torch.arange(1, len(f) + 1))[:-1]]), "the mean over the earlier draws only, 0 for the first", False),
    (lambda f: f.roll(1), "takes the neighbouring draw alone instead of the mean of all others", False),
    (lambda f: ((f.sum() - f) / (len(f) - 1)).mean(), "averages the baselines to a single number", False),
    (lambda f: f[1:].mean().expand_as(f), "leaves out the first draw for everyone", False),
    (lambda f: torch.stack([torch.cat([f[:i], f[i + 1 :]]).median() for i in range(len(f))]), "median of the others instead of the mean", False),
    (_equal_ones, "leaves out all draws of the same value (f != f_i), not only its own: wrong where values are equal", False),
    (lambda f: (f.sum() - f) / 9, "ten draws typed in: divides by 9", False),
    (lambda f: ((f.sum() - f) / (len(f) - 1))[:, None], "a column [draws, 1]", False),
    (lambda f: (f.exp().sum() - f.exp()).div(len(f) - 1).log(), "log of the mean of exponentials of the others instead of the plain mean", False),
    (_changed, "works in place on f_values, which the caller finds changed", False),
    (_cached, "keeps the sum of the first call with this number of draws and uses it again for other values", False),
    (lambda f: ((f.sum() - f) / (len(f) - 1)).flip(0), "in reverse order: each gets the baseline of the draw at the other end", False),
    (lambda f: (f.abs().sum() - f.abs()) / (len(f) - 1), "means of the absolute values of the others", False),
    (lambda f: f.sum() - f / (len(f) - 1), "operator precedence: only f is divided by B - 1, the sum is not", False),
    (lambda f: torch.stack([f[torch.arange(len(f)) != i][:-1].mean() if len(f) > 2 else f[1 - i] for i in range(len(f))]), "one of the others (the last of them) is left out too: slice off by one", False),
    (lambda f: f - (f.sum() - f) / len(f), "TWO: baseline already subtracted from f, and divided by B instead of B - 1", False),
    (lambda f: ((f.sum() - f) / len(f)).mean(), "TWO: divided by B, and averaged to a single number", False),
    (lambda f: (f - f.sum()) / len(f), "TWO: wrong sign, and divided by B instead of B - 1", False),
    (lambda f: (f.sum() - f).flip(0), "TWO: not divided, and in reverse order", False),
    (lambda f: (f.abs().sum() - f.abs()) / len(f), "TWO: absolute values, and divided by B instead of B - 1", False),
    (lambda f: f.roll(1)[:, None], "TWO: the neighbouring draw alone, and as a column [draws, 1]", False),
    (lambda f: f[1:].sum().expand_as(f), "TWO: leaves out the first draw for everyone, and sums without dividing", False),
    (lambda f: f - torch.stack([torch.cat([f[:i], f[i + 1 :]]).median() for i in range(len(f))]), "TWO: median of the others, and already subtracted from f", False),
]
BORDERLINE = [
    (lambda f: ((f.sum() - f) / (len(f) - 1)).tolist(), "right numbers as a Python list", None),
    (lambda f: torch.from_numpy((f.detach().numpy().sum() - f.detach().numpy()) / (len(f) - 1)), "right numbers through numpy, detached", None),
    (lambda f: torch.tensor(np.array([np.delete(f.detach().numpy(), i).mean() for i in range(len(f))]), dtype=torch.float32), "right numbers by np.delete, always float32", None),
]

r"""# Importance weights

What (4.14) makes of some draws: `my_weights(log_w)`, where `log_w` is `[samples, batch]`, $\log w$ of every draw for every image. It returns two tensors. `log_px`, `[batch]`, estimates $\log p(x)$ by the logarithm of the mean weight, in nats, and lets a gradient through. `weights`, `[samples, batch]`, holds the weights of each image divided by their sum, so that every column sums to 1; one over the sum of a column's squares is the effective sample size of the chapter's beginning.

For images of many pixels $\log w$ is easily −900 or lower. $e^{-900}$ is 0 in a computer, and yet both answers are ordinary numbers.

## Hint: where to look
`log_mean_exp`, at the chapter's beginning, is the first of the two for any axis. Its inequality with the mean of the logarithms is (4.14).

## Hint: the idea
Take the largest $\log w$ of each column out of it before the exponential: $\log \sum_s e^{a_s} = m + \log \sum_s e^{a_s - m}$ for every $m$. In the normalised weights $e^m$ cancels altogether.

## Hint: nearly the code
torch has both, maximum included: `torch.logsumexp(…, dim)`, which leaves the mean's division by the number of samples to you (a subtraction, after the logarithm), and `torch.softmax(…, dim)`. The samples are axis 0.
"""  # noqa: E501

import math

import numpy as np
import torch

from vae_lib.exercises import families
from vae_lib.exercises.engine import Call, Exercise, swap, whole
from vae_lib.exercises.families import same

STUB = '''\
def my_weights(log_w):
    """(log_px, weights), of shapes [batch] and [samples, batch]."""
    log_px = ...
    weights = ...
    return log_px, weights
'''


def solution(log_w):
    """(log_px, weights), of shapes [batch] and [samples, batch]."""
    log_px = torch.logsumexp(log_w, dim=0) - math.log(len(log_w))
    return log_px, torch.softmax(log_w, dim=0)


def log_mean(a, lse):
    return lse(a, 0) - math.log(len(a))


def normalised(a, softmax):
    return softmax(a, 0)


def parts(
    log_w, *, read=same, lse=torch.logsumexp, marginal=log_mean, scale=same, softmax=torch.softmax, weights=normalised
):
    a = read(log_w)
    return scale(marginal(a, lse)), weights(a, softmax)


def less(level):
    """logsumexp and softmax with another number than the maximum taken out."""

    def lse(a, dim):
        return ((a - level(a, dim)).exp().sum(dim, keepdim=True).log() + level(a, dim)).squeeze(dim)

    def softmax(a, dim):
        w = (a - level(a, dim)).exp()
        return w / w.sum(dim, keepdim=True)

    return {"lse": lse, "softmax": softmax}


def inputs(rng):
    """[4, 3], [7, 5] from the generator, and [3, 4] with exponentials that a computer takes for 0 or infinite."""
    log_w = [[0.4, -1.7, 2.1], [-0.8, 0.9, -2.4], [1.6, -0.3, 0.7], [-2.2, 1.3, 0.1]]
    far = [[-899.6, -1.7, 902.1, -4000.2], [-4000.8, 0.9, 900.6, -3999.5], [-901.1, 0.4, 899.2, -3998.9]]
    note = "log w that are very small or very large"
    calls = Call({"log_w": np.array(log_w)}), Call({"log_w": rng.normal(0, 1.5, (7, 5)).round(1)})
    return [*calls, Call({"log_w": np.array(far)}, note=note)]


OUT = {
    "naive": (
        "without taking the maximum out of log w first: exp(−900) is 0 and exp(900) infinite",
        lambda a, dim: 0.0,
    ),
    "one-maximum": ("with one maximum for the whole batch instead of one per example", lambda a, dim: a.max()),
    "middle": (
        "with the mean of log w taken out, not the maximum: an exp(…) overflows",
        lambda a, dim: a.mean(dim, keepdim=True),
    ),
}
MARGINALS = {  # functions of log w and logsumexp
    "mean-of-logs": ("the mean of the logarithms is taken instead of the mean's logarithm", lambda a, f: a.mean(0)),
    "sum-of-logs": ("the logarithms are added up", lambda a, f: a.sum(0)),
    "sum": ("the mean is forgotten, and the logarithm of the sum is taken", lambda a, f: f(a, 0)),
    "no-log": ("the logarithm is forgotten, and the mean weight returned", lambda a, f: a.exp().mean(0)),
    "sum-without-log": ("the sum of the weights is returned, without its logarithm", lambda a, f: a.exp().sum(0)),
    "no-exp": ("the exponential is missing: the logarithm of the mean log w is taken", lambda a, f: a.mean(0).log()),
    "largest": ("only the largest weight is used", lambda a, f: a.amax(0)),
    "largest-over-count": ("the largest weight is used, over their number", lambda a, f: a.amax(0) - math.log(len(a))),
    "first": ("only the first draw is used", lambda a, f: a[0]),
    "batch-size": (
        "the sum is divided by the size of the batch, not by the number of samples",
        lambda a, f: f(a, 0) - math.log(a.shape[1]),
    ),
    "one-fewer": ("the sum is divided by S − 1, not by S samples", lambda a, f: f(a, 0) - math.log(len(a) - 1)),
    "divided": (
        "the logarithm of the sum is divided by the number of samples", lambda a, f: f(a, 0) / len(a)
    ),
    "count-added": (
        "the logarithm of the number of samples is added instead of subtracted",
        lambda a, f: f(a, 0) + math.log(len(a)),
    ),
    "count-twice": ("the sum is divided by their number twice", lambda a, f: f(a, 0) - 2 * math.log(len(a))),
    "count-no-log": (
        "the number of samples is subtracted instead of its logarithm", lambda a, f: f(a, 0) - len(a)
    ),
    "of-normalised": ("the normalised weights are averaged (sum: 1)", lambda a, f: 0 * a.sum(0) - math.log(len(a))),
    "weighted": ("log w is averaged with the normalised weights", lambda a, f: (a.softmax(0) * a).sum(0)),
    "of-squares": ("the weights are squared", lambda a, f: log_mean(2 * a, f)),
    "over-batch": (
        "the axis is wrong: the mean runs over the batch instead of the samples",
        lambda a, f: f(a, 1) - math.log(a.shape[1]),
    ),
    "sum-over-batch": ("the axis is wrong, and the mean is forgotten", lambda a, f: f(a, 1)),
    "mean-of-logs-over-batch": ("the axis is wrong, and the mean of the logarithms is taken", lambda a, f: a.mean(1)),
    "of-everything": (
        "the mean runs over everything: each example has its own log p(x)", lambda a, f: log_mean(a.flatten(), f)
    ),
    "sum-of-everything": ("all is added up: each example has its own log p(x)", lambda a, f: f(a.flatten(), 0)),
    "batch-mean": (
        "the mean over the batch is taken: each example has its own log p(x)", lambda a, f: log_mean(a, f).mean()
    ),
    "batch-sum": ("the examples are added up: each has its own log p(x)", lambda a, f: log_mean(a, f).sum()),
    "not-reduced": ("the weights are divided by their number, and not added up", lambda a, f: a - math.log(len(a))),
    "kept-axis": ("the axis of the samples is kept (keepdim): [1, batch]", lambda a, f: log_mean(a, f)[None]),
    "detached": ("log p(x) is detached: its gradient is lost", lambda a, f: log_mean(a, f).detach() + 0 * a.sum(0)),
}  # fmt: skip
WEIGHTS = {  # functions of log w and softmax
    "over-batch": ("the axis is wrong: the weights of a sample sum to 1 over the batch", lambda a, f: f(a, 1)),
    "of-everything": (
        "one sum over everything normalises all examples together", lambda a, f: f(a.flatten(), 0).view_as(a)
    ),
    "not-normalised": ("the weights are not normalised", lambda a, f: a.exp()),
    "over-largest": ("the weights are divided by their maximum, not by their sum", lambda a, f: (a - a.amax(0)).exp()),
    "over-mean": (
        "the weights are divided by their mean, and sum to the number of samples", lambda a, f: len(a) * f(a, 0)
    ),
    "over-count": ("the weights are divided by their number instead of their sum", lambda a, f: a.exp() / len(a)),
    "over-both": ("the weights are divided by their sum and by the number of samples", lambda a, f: f(a, 0) / len(a)),
    "over-norm": (
        "the weights are divided by the root of the sum of their squares", lambda a, f: f(2 * a, 0).sqrt()
    ),
    "squared": ("the weights are squared before they are divided by their sum", lambda a, f: f(2 * a, 0)),
    "squared-after": ("the weights are squared after they were divided by their sum", lambda a, f: f(a, 0) ** 2),
    "of-logs": ("the exponential is forgotten: the logarithms are divided by their sum", lambda a, f: a / a.sum(0)),
    "logs": (
        "the last exponential is missing: these are the logarithms of the weights", lambda a, f: a.log_softmax(0)
    ),
    "softmax-twice": ("the softmax is taken twice", lambda a, f: f(f(a, 0), 0)),
    "of-weights": ("a softmax is taken of the weights instead of their logarithms", lambda a, f: f(a.exp(), 0)),
    "inverted": ("the sign of log w is wrong in the weights", lambda a, f: f(-a, 0)),
    "equal": ("the weights are equal", lambda a, f: 0 * a + 1 / len(a)),
    "sigmoid": ("a sigmoid is used in place of the softmax", lambda a, f: a.sigmoid()),
    "transposed": ("the axes are swapped", lambda a, f: f(a, 0).T),
    "summed": ("the weights are normalised and then added up", lambda a, f: f(a, 0).sum(0)),
    "averaged": ("the weights are normalised and then averaged", lambda a, f: f(a, 0).mean(0)),
    "sample-size": (
        "the effective sample size is returned instead of the weights", lambda a, f: 1 / (f(a, 0) ** 2).sum(0)
    ),
}  # fmt: skip


def without_maximum(name, part, what):
    return {
        f"{name}-{key}": swap(f"{what} {words}", **{part: less(level)[part]}) for key, (words, level) in OUT.items()
    }


check_weights = Exercise(
    name="weights",
    solution=solution,
    parts=parts,
    inputs=inputs,
    steps=("log_px, weights = my_weights(log_w)",),
    asked={
        "log_px": "log_px, the logarithm of the mean weight, one number per example, in nats",
        "weights": "weights, those of each example divided by their sum",
        "again": "the same weights from a second call: the difference",
        "gradient of log_w": "the gradient of log_px's sum with respect to log_w",
    },
    right="log p(x) from weights, and weights that sum to 1, at any scale.",
    gradients=("log_w",),
    of="log_px",
    axes=("samples", "batch"),
    level="deeper",
    dots=2,
    minutes=10,
    mistakes={
        **without_maximum("marginal", "lse", "log p(x) is computed"),
        **without_maximum("weights", "softmax", "the weights are computed"),
        **families.swaps("marginal", MARGINALS, "marginal-"),
        **families.swaps("weights", WEIGHTS, "weights-"),
        "marginal-maximum-lost": swap(
            "the maximum is taken out of log w and not added back",
            lse=lambda a, dim: (a - a.amax(dim, keepdim=True)).exp().sum(dim).log(),
        ),
        "exchanged": whole("the weights come first, and log p(x) second", lambda log_w: solution(log_w)[::-1]),
        "read-sign": swap("the sign of log w is wrong", read=torch.neg),
        "read-as-weights": swap("log w is read as w: its exponential is forgotten", read=torch.log),
        "read-exp": swap("the exponential is taken twice", read=torch.exp),
        "scale-bits": swap("log p(x) is in bits, by a logarithm to base 2", scale=lambda v: v / math.log(2)),
        "scale-base-ten": swap("the logarithm of log p(x) is to base 10", scale=lambda v: v / math.log(10)),
        "scale-sign": swap("log p(x) has the wrong sign", scale=torch.neg),
    },
)

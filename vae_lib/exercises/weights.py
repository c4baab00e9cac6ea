r"""# Importance weights

What (4.14) makes of some draws: `my_weights(log_w)`, where `log_w` is `[samples, batch]`, $\log w$ of every draw for every image. It returns two tensors. `log_px`, `[batch]`, estimates $\log p(x)$ by the logarithm of the mean weight, in nats, and lets a gradient through. `weights`, `[samples, batch]`, holds the weights of each image divided by their sum, so that every column sums to 1; one over the sum of a column's squares is the effective sample size of the section *How many draws would do*.

For images of many pixels $\log w$ is easily −900 or lower. $e^{-900}$ is 0 in a computer, and yet both answers are ordinary numbers.

## Hint: where to look
`log_mean_exp`, in the section [How many draws would do](#how-many-draws-would-do-deeper), is the first of the two for any axis. Its inequality with the mean of the logarithms is [(4.14)](#the-other-derivation-importance-weights-deeper).

## Hint: the idea
Take the largest $\log w$ of each column out of it before the exponential: $\log \sum_s e^{a_s} = m + \log \sum_s e^{a_s - m}$ for every $m$. In the normalised weights $e^m$ cancels altogether.

## Hint: nearly the code
torch has both, maximum included: `torch.logsumexp(…, dim)`, which leaves the mean's division by the number of samples to you (a subtraction, after the logarithm), and `torch.softmax(…, dim)`. The samples are axis 0.
"""  # noqa: E501

import math
from functools import partial

import numpy as np
import torch

from vae_lib.exercises.engine import Call, Exercise, swap, whole
from vae_lib.exercises.families import same, swaps

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


def parts(log_w, *, read=same, lse=torch.logsumexp, marginal=log_mean, softmax=torch.softmax, weights=normalised):
    a = read(log_w)
    return marginal(a, lse), weights(a, softmax)


def inputs(rng):
    """[4, 3], [7, 5] from the generator, and [3, 4] with exponentials that a computer takes for 0 or infinite."""
    far = [[-899.6, -1.7, 902.1, -4000.2], [-4000.8, 0.9, 900.6, -3999.5], [-901.1, 0.4, 899.2, -3998.9]]
    near = [Call({"log_w": rng.normal(0, 1.5, shape).round(1)}) for shape in ((4, 3), (7, 5))]
    return [*near, Call({"log_w": np.array(far)}, note="log w that are very small or very large")]


def lse_less(level, a, dim):
    """logsumexp with another number than the maximum taken out."""
    return (a - level(a)).exp().sum(dim).log() + level(a)


def softmax_less(level, a, dim):
    w = (a - level(a)).exp()
    return w / w.sum(dim)


OUT = {
    "naive": ("the maximum is not taken out of log w first: exp(−900) is 0 and exp(900) infinite", lambda a: 0.0),
    "one-maximum": ("one maximum of the whole batch is taken out, not one per example", torch.max),
    "middle": ("the mean of log w is taken out, not the maximum: an exp(…) overflows", lambda a: a.mean(0)),
}
MARGINALS = {  # functions of log w and logsumexp
    "mean-of-logs": ("the mean of the logarithms is taken instead of the mean's logarithm", lambda a, f: a.mean(0)),
    "sum-of-logs": ("the logarithms are added up", lambda a, f: a.sum(0)),
    "sum": ("the mean is forgotten, and the logarithm of the sum is taken", lambda a, f: f(a, 0)),
    "no-log": ("the logarithm is forgotten, and the mean weight returned", lambda a, f: a.exp().mean(0)),
    "no-exp": ("the exponential is missing: the logarithm of the mean log w is taken", lambda a, f: a.mean(0).log()),
    "largest": ("only the largest weight is used", lambda a, f: a.amax(0)),
    "batch-size": ("the sum is divided by the size of the batch", lambda a, f: f(a, 0) - math.log(a.shape[1])),
    "divided": ("the logarithm of the sum is divided by the number of samples", lambda a, f: f(a, 0) / len(a)),
    "count-added": ("the logarithm of the number of samples is added", lambda a, f: f(a, 0) + math.log(len(a))),
    "count-no-log": ("the number of samples is subtracted, and not its logarithm", lambda a, f: f(a, 0) - len(a)),
    "weighted": ("log w is averaged with the normalised weights", lambda a, f: (a.softmax(0) * a).sum(0)),
    "over-batch": ("the mean runs over the batch instead of the samples", lambda a, f: log_mean(a.T, f)),
    "of-everything": ("the mean runs over the batch as well", lambda a, f: log_mean(a.flatten(), f)),
    "batch-mean": ("the mean over the batch is taken, one number for all", lambda a, f: log_mean(a, f).mean()),
    "bits": ("log p(x) is in bits, by a logarithm to base 2", lambda a, f: log_mean(a, f) / math.log(2)),
    "detached": ("log p(x) is detached: its gradient is lost", lambda a, f: log_mean(a, f).detach() + 0 * a.sum(0)),
}
WEIGHTS = {  # functions of log w and softmax
    "over-batch": ("the axis is wrong: the weights of a sample sum to 1 over the batch", lambda a, f: f(a.T, 0).T),
    "of-everything": ("all examples are normalised by one sum", lambda a, f: f(a.flatten(), 0).view_as(a)),
    "not-normalised": ("the weights are not normalised", lambda a, f: a.exp()),
    "over-largest": ("the weights are divided by their maximum, not by their sum", lambda a, f: (a - a.amax(0)).exp()),
    "over-mean": ("the weights are divided by their mean instead of their sum", lambda a, f: len(a) * f(a, 0)),
    "over-count": ("the weights are divided by their number instead of their sum", lambda a, f: a.exp() / len(a)),
    "squared": ("the weights are squared before they are divided by their sum", lambda a, f: f(2 * a, 0)),
    "of-logs": ("the exponential is forgotten: the logarithms are divided by their sum", lambda a, f: a / a.sum(0)),
    "logs": ("the last exponential is missing: these are logarithms of weights", lambda a, f: a.log_softmax(0)),
    "of-weights": ("a softmax is taken of the weights instead of their logarithms", lambda a, f: f(a.exp(), 0)),
    "inverted": ("the sign of log w is wrong in the weights", lambda a, f: f(-a, 0)),
    "summed": ("the weights are normalised and then added up", lambda a, f: f(a, 0).sum(0)),
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
    effort="deeper · ●●○ · 10 minutes",
    mistakes={
        **{
            f"{name}-{key}": swap(words, **{part: partial(less, level)})
            for name, part, less in (("marginal", "lse", lse_less), ("weights", "softmax", softmax_less))
            for key, (words, level) in OUT.items()
        },
        **swaps("marginal", MARGINALS, "marginal-"),
        **swaps("weights", WEIGHTS, "weights-"),
        "marginal-maximum-lost": swap("the maximum is not added back", lse=lambda a, dim: (a - a.amax(0)).logsumexp(0)),
        "exchanged": whole("the weights come first, and log p(x) second", lambda log_w: solution(log_w)[::-1]),
        "read-exp": swap("the exponential is taken twice", read=torch.exp),
        **{f"cut-{n}": swap(f"log w is cut off at −{n}", read=lambda a, n=n: a.clamp(-n)) for n in (50, 80, 100)},
    },
)

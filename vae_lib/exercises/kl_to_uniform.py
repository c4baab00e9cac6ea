r"""# The KL of a die

Write `my_kl(logits)`: the KL of a categorical $q$ to the uniform prior, where `logits` is `[batch, categories]`. The result is `[batch]`, in nats. A gradient must reach `logits`. Use `F.kl_div` (`torch.nn.functional`) if you trust it; a line by hand is as short. Some logits are so large that a probability is 0 for a computer. Its term of the KL is 0 then, and not NaN.

## Hint: where to look
[(8.4)](#one-die-a-mixture), and below it *What F.kl_div wants* for its arguments.

## Hint: the idea
$\log C$ less the entropy. Take $\log q$ from `log_softmax`, which is never the logarithm of 0.

## Hint: nearly the code
`log_q = torch.log_softmax(logits, -1)`. Then the sum over the categories of `log_q.exp() * log_q`, plus `math.log` of the number of categories.
"""  # noqa: E501

import math

import numpy as np
import torch
from torch.nn import functional

from vae_lib.exercises.engine import Call, Exercise, whole
from vae_lib.exercises.families import alone, last_axis, of_whole, reduction, swaps

ANSWER = "my_kl"


def solution(logits):
    """KL(q ‖ uniform) of each row: [batch], in nats."""
    log_q = torch.log_softmax(logits, dim=-1)
    return (log_q.exp() * log_q).sum(-1) + math.log(logits.shape[-1])


def normalised(logits):
    return logits.log_softmax(-1)


def uniform(log_q):
    return math.log(log_q.shape[-1])


def terms(log_q, level):
    return log_q.exp() * (log_q + level)


def parts(logits, *, read=normalised, level=uniform, table=terms, over=last_axis):
    log_q = read(logits)
    return over(table(log_q, level(log_q)))


def inputs(rng):
    """[3, 5] and [5, 4]; then logits of hundreds."""
    near = [Call({"logits": rng.normal(0, 1.3, shape).round(1)}) for shape in ((3, 5), (5, 4))]
    far = np.array([[300.0, -1.0, 2.0], [0.5, 0.1, -900.0]])
    return [*near, Call({"logits": far}, note="logits so large that a probability is 0")]


READS = {
    "sigmoid": ("a sigmoid of each is taken, and no softmax", functional.logsigmoid),
    "over-batch": ("the softmax runs over the batch", lambda a: a.log_softmax(0)),
    "log-of-softmax": (
        "log(softmax(logits)) is computed: where the softmax is 0, that is −∞",
        lambda a: a.softmax(-1).log(),
    ),
}
LEVELS = {
    "missing": ("log C is left out: what is left is the entropy's part alone", lambda q: 0.0),
    "sign": ("log C has the wrong sign", lambda q: -math.log(q.shape[-1])),
    "batch": ("log of the batch's size is taken in place of log C", lambda q: math.log(len(q))),
    "ten": ("ten categories are typed in", lambda q: math.log(10)),
    "not-logged": ("C is added, and not log C", lambda q: float(q.shape[-1])),
}
TABLES = {
    "natural-order": (
        "it is KL(uniform ‖ q): F.kl_div takes log of the *second* distribution first",
        lambda q, level: -(q + level) / q.shape[-1],
    ),
    "entropy-added": ("the entropy is added to log C, and not subtracted", lambda q, level: q.exp() * (level - q)),
    "log-missing": (
        "F.kl_div got probabilities as its first argument, and wants their logarithms",
        lambda q, level: q.exp() * (q - math.exp(-level)),
    ),
    "unweighted": ("log q is summed without its weights q", lambda q, level: q + level),
    "squared": ("the squared distance from 1/C is taken", lambda q, level: (q.exp() - math.exp(-level)) ** 2),
    "weights-detached": (
        "the weights q are detached: only log q sends a gradient",
        lambda q, level: q.exp().detach() * (q + level),
    ),
}

check_kl_to_uniform = Exercise(
    name="kl_to_uniform",
    solution=solution,
    parts=parts,
    inputs=inputs,
    gradients=("logits",),
    asked={
        "value": "KL(q ‖ uniform), one number a row, in nats",
        "again": "the same numbers from a second call: the difference",
        "gradient of logits": "the gradient of their sum with respect to logits",
    },
    right="log C less the entropy: between 0 and log C, whatever q is.",
    axes=("batch", "categories"),
    effort="deeper · ●○○ · 5 minutes",
    mistakes={
        **swaps("read", READS),
        **swaps("level", LEVELS, "log-c-"),
        **swaps("table", TABLES),
        "not-normalised": whole(
            "the logits are used as log q: log_softmax is missing",
            lambda a: (a.exp() * a).sum(-1) + math.log(a.shape[-1]),
        ),
        "slope-of-zero": whole(
            "q log q is made of a softmax that is 0 there, and its slope is NaN: take log q from log_softmax "
            "(for F.kl_div, with log_target=True)",
            lambda a: functional.kl_div(
                torch.full_like(a, -math.log(a.shape[-1])), a.softmax(-1), reduction="none"
            ).sum(-1),
        ),
        **alone(reduction("over", "categories", example="row", what="KL")),
        **of_whole("the sign is wrong: a KL is never negative"),
    },
)

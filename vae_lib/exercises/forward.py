r"""# The forward algorithm

Write `my_log_p(log_start, log_step, log_likelihood, observed)`: $\log p(x)$ of a hidden chain, by (9.6). `log_start` `[states]` are the logarithms of the first state's probabilities, and `log_step` `[states, states]` those of the steps, rows *from* and columns *to*. `log_likelihood` `[steps, batch, states]` holds $\log p(x_t | z_t)$. `observed` `[steps, batch]` is 1 where something was seen and 0 where it is missing, or where a short series is padded: there $x_t$ counts for nothing. The result is `[batch]`, in nats. A gradient must reach `log_step`.

One set has series so long that $p(x)$ is smaller than any positive number that a computer holds.

## Hint: where to look
[(9.6)](#forward), and the lines below it on what is missing.

## Hint: the idea
Keep $\alpha$ as `[batch, states]`. A step adds `log_step` to it, sums out the state *from*, and adds the likelihood of the state *to*. A step where nothing was seen adds 0.

## Hint: nearly the code
`seen = log_likelihood * observed[..., None]`. Start with `log_start + seen[0]`. A step is `torch.logsumexp(alpha[:, :, None] + log_step, dim=1) + seen[t]`. At the end `torch.logsumexp` over the states.
"""  # noqa: E501

import numpy as np
import torch

from vae_lib.exercises.engine import Call, Exercise, swap
from vae_lib.exercises.families import alone, of_whole, same, swaps

ANSWER = "my_log_p"


def solution(log_start, log_step, log_likelihood, observed):
    """log p(x) of a hidden chain by the forward algorithm: [batch], in nats."""
    seen = log_likelihood * observed[..., None]
    alpha = log_start + seen[0]  # [batch, states]
    for now in seen[1:]:
        alpha = torch.logsumexp(alpha[:, :, None] + log_step, dim=1) + now
    return torch.logsumexp(alpha, dim=1)


def where_seen(log_likelihood, observed):
    return log_likelihood * observed[..., None]


def begin(log_start, log_step, first):
    return log_start + first


def move(alpha, log_step):
    return torch.logsumexp(alpha[:, :, None] + log_step, dim=1)


def later(seen):
    return seen[1:]


def end(alpha):
    return alpha.logsumexp(1)


def parts(
    log_start, log_step, log_likelihood, observed, *, mask=where_seen, start=begin, step=move, rest=later, last=end,
    table=same,
):  # fmt: skip
    seen = mask(log_likelihood, observed)
    alpha = start(log_start, table(log_step), seen[0])
    for now in rest(seen):
        alpha = step(alpha, table(log_step)) + now
    return last(alpha)


def chain(rng, states, steps, batch, scale):
    """A start, steps and likelihoods; in some places nothing was seen, and some series are padded."""
    observed = 1.0 * (rng.random((steps, batch)) < 0.85)
    observed[0] = observed[1] = 1.0
    observed[2, 0] = 0.0
    observed[-2:, -1] = 0.0
    return {
        "log_start": np.log(rng.dirichlet(2 * np.ones(states))).round(3),
        "log_step": np.log(rng.dirichlet(2 * np.ones(states), states)).round(3),
        "log_likelihood": (-scale * rng.gamma(2, 1, (steps, batch, states))).round(2),
        "observed": observed,
    }


def inputs(rng):
    """Five steps of three states in four series, seven of two in three; then 300 steps of four states."""
    calls = []
    for states, steps, batch, scale in ((3, 5, 4, 1), (2, 7, 3, 1.5), (4, 300, 2, 2)):
        note = "series so long that p(x) is 0 for a computer" * (steps > 100)
        given = chain(rng, states, steps, batch, scale)
        calls.append(Call({name: exact_rows(name, array) for name, array in given.items()}, note=note))
    return calls


def exact_rows(name, array):
    """Probabilities that sum to 1 after they were rounded."""
    return array - np.log(np.exp(array).sum(-1, keepdims=True)) if name in ("log_start", "log_step") else array


MASKS = {
    "padding-scored": (
        "what is missing or padded is scored: `observed` is not used",
        lambda ll, o: ll + 0 * o[..., None],
    ),
    "upside-down": ("only what is missing is scored", lambda ll, o: ll * (1 - o[..., None])),
    "impossible": (
        "where nothing was seen the likelihood is 0, and not 1: its logarithm is 0",
        lambda ll, o: torch.where(o[..., None] > 0, ll, -torch.inf * torch.ones_like(ll)),
    ),
    "added": ("`observed` is added to the logarithms, and does not multiply them", lambda ll, o: ll + o[..., None]),
}
STARTS = {
    "missing": ("the start is left out: log_start is not added", lambda s, A, first: first + 0 * s),
    "first-emission": ("the first emission is missed: the first x is not scored", lambda s, A, first: s + 0 * first),
    "uniform": ("the start is taken as uniform", lambda s, A, first: first + 0 * s - torch.tensor(1.0 * len(s)).log()),
    "stepped": (
        "the chain makes a step before the first x",
        lambda s, A, first: torch.logsumexp(s[:, None] + A, 0) + first,
    ),
    "normalised": (
        "the first α is normalised, and its constant is lost",
        lambda s, A, first: (s + first).log_softmax(-1),
    ),
}
STEPS = {
    "transposed": (
        "the steps are transposed: rows are the state from, and are summed out",
        lambda a, A: torch.logsumexp(a[:, :, None] + A.T, dim=1),
    ),
    "wrong-axis": (
        "the sum runs over the wrong axis: over the state that is gone to, whose rows sum to 1",
        lambda a, A: torch.logsumexp(a[:, :, None] + A, dim=2),
    ),
    "viterbi": (
        "the largest is taken in place of the sum: that is Viterbi's path",
        lambda a, A: (a[:, :, None] + A).amax(1),
    ),
    "mean": (
        "the states from are averaged, and not summed",
        lambda a, A: move(a, A) - torch.tensor(1.0 * len(A)).log(),
    ),
    "missing": ("the chain makes no step: log_step is not used", lambda a, A: a + 0 * A[0]),
    "normalised": (
        "α is normalised at each step, and the constants, whose sum is log p(x), are lost",
        lambda a, A: move(a, A).log_softmax(-1),
    ),
    "exp-by-hand": (
        "α is taken out of the logarithm: it becomes 0, and its logarithm −∞",
        lambda a, A: (a.exp() @ A.exp()).log(),
    ),
    "logs-multiplied": ("the logarithms are multiplied as a matrix: a product becomes a sum there", lambda a, A: a @ A),
    "sum-of-logs": (
        "logarithms are added up over the states from: it is the logarithm of a sum",
        lambda a, A: (a[:, :, None] + A).sum(1),
    ),
    "over-batch": (
        "the sum runs over the batch: each series is another one",
        lambda a, A: torch.logsumexp(a, 0, keepdim=True).expand(a.shape) + 0 * A[0],
    ),
}
RESTS = {
    "first-twice": ("the first x is scored twice, with a step between", lambda seen: seen),
    "last-missing": ("the last step is missed", lambda seen: seen[1:-1]),
    "late": ("the x of the step before is scored", lambda seen: seen[:-1]),
    "reversed": ("after the first, the series is read from its end", lambda seen: seen[1:].flip(0)),
}
ENDS = {
    "largest": ("only the best last state is counted", lambda a: a.amax(1)),
    "sum-of-logs": ("the logarithms are added up over the last states", lambda a: a.sum(1)),
    "mean": ("the last states are averaged, and not summed", lambda a: end(a) - torch.tensor(1.0 * a.shape[1]).log()),
    "mean-of-logs": ("the logarithms are averaged over the last states", lambda a: a.mean(1)),
    "over-batch": ("the last sum runs over the batch, and not over the states", lambda a: a.logsumexp(0)),
    "last-state": ("only the last of the states is counted at the end", lambda a: a[:, -1]),
    "first-state": ("only the first of the states is counted at the end", lambda a: a[:, 0]),
    "not-summed": ("the states are not summed at the end", same),
    "not-logged": ("the last logarithm is missing", lambda a: a.exp().sum(1)),
    "total": ("the series are added up: each has its own", lambda a: end(a).sum()),
    "batch-mean": ("the mean over the series is taken already", lambda a: end(a).mean()),
}

check_forward = Exercise(
    name="forward",
    solution=solution,
    parts=parts,
    inputs=inputs,
    gradients=("log_step",),
    asked={
        "value": "log p(x), one number a series, in nats",
        "again": "the same numbers from a second call: the difference",
        "gradient of log_step": "the gradient of their sum with respect to log_step",
    },
    right="Forward, in logarithms, and what is missing counts for nothing.",
    axes=("states",),
    effort="deeper · ●●○ · 8 minutes",
    mistakes={
        **swaps("mask", MASKS),
        **swaps("start", STARTS, "start-"),
        **swaps("step", STEPS),
        **swaps("rest", RESTS),
        **alone(swaps("last", ENDS, "end-")),
        "all-viterbi": swap(
            "the largest is taken in place of every sum: that is the score of the best path",
            step=STEPS["viterbi"][1],
            last=ENDS["largest"][1],
        ),
        **swaps(
            "table", {"not-logged": ("log_step is taken for probabilities, and its logarithm for nothing", torch.exp)}
        ),
        **of_whole("the sign is wrong: higher is better, and this is − log p(x)"),
    },
)

r"""# One step of EM

Write `my_em_step(x, weights, means)`: one step of EM for a mixture of Bernoulli products. `x` `[batch, data]` holds zeros and ones, `weights` `[categories]` are the $\pi_c$, which sum to 1, and `means` `[categories, data]` the pixels' probabilities $m_{cj}$. Return the new `(weights, means)`. No gradient is asked for.

One set has so many pixels that every $p(x|c)$ is smaller than any positive number that a computer holds.

## Hint: where to look
[(8.3)](#one-die-a-mixture) has both halves of the step.

## Hint: the idea
First a table `[batch, categories]` of responsibilities, from the *old* weights and means. Each row sums to 1. Then counts, and means weighted by the table.

## Hint: nearly the code
`torch.softmax` over the categories turns $\log \pi_c + \log p(x|c)$ into responsibilities, without an exponential that is 0. `r.sum(0)` are the counts; `r.T @ x` are sums over the pictures, still to be divided.
"""  # noqa: E501

import numpy as np
import torch

from vae_lib.exercises.engine import Call, Exercise, swap
from vae_lib.exercises.families import last_axis, swaps

STUB = '''\
def my_em_step(x, weights, means):
    """(weights, means) after one step: [categories] and [categories, data]."""
    return ..., ...
'''


def solution(x, weights, means):
    """(weights, means) after one step: [categories] and [categories, data]."""
    log_px_c = x @ means.log().T + (1 - x) @ torch.log1p(-means).T  # [batch, categories]
    r = torch.softmax(weights.log() + log_px_c, dim=1)
    counts = r.sum(0)
    return counts / len(x), r.T @ x / counts[:, None]


def pixels(x, means):
    """[batch, categories, data]."""
    return x[:, None] * means.log() + (1 - x[:, None]) * torch.log1p(-means)


def prior(weights):
    return weights.log()


def each_row(table):
    return table.softmax(1)


def shares(r, old):
    return r.sum(0) / len(r)


def weighted(r, x, old):
    return r.T @ x / r.sum(0)[:, None]


def parts(
    x, weights, means, *, table=pixels, over=last_axis, prior=prior, share=each_row, new_weights=shares,
    new_means=weighted,
):  # fmt: skip
    r = share(prior(weights) + over(table(x, means)))
    return new_weights(r, weights), new_means(r, x, means)


def inputs(rng):
    """[7, 5] with three categories, [11, 4] with two, and nine pictures of 1,500 pixels with four."""
    calls = []
    for batch, data, categories in ((7, 5, 3), (11, 4, 2), (9, 1500, 4)):
        weights = rng.dirichlet(3 * np.ones(categories)).round(3) + 0.02
        means = rng.uniform(0.1, 0.9, (categories, data)).round(2)
        near = 0.47 + 0.05 * means if data > 100 else means  # so many pixels, and still no picture is sure
        given = {"x": 1.0 * (rng.random((batch, data)) < 0.5), "weights": weights / weights.sum(), "means": near}
        calls.append(Call(given, note="pictures of so many pixels that p(x|c) is below e^−1000" * (data > 100)))
    return calls


TABLES = {
    "black-only": ("only the black pixels are counted: 1 − x is left out", lambda x, m: x[:, None] * m.log()),
    "white-only": ("only the white pixels are counted", lambda x, m: (1 - x[:, None]) * torch.log1p(-m)),
    "squared": ("the squared distance is used, as in k-means", lambda x, m: -((x[:, None] - m) ** 2)),
    "swapped": ("x and the means are swapped in the logarithm", lambda x, m: pixels(1 - x, m)),
}
PRIORS = {
    "missing": ("the old weights are left out of the responsibilities", lambda w: 0 * w),
    "not-logged": ("the weight is added to log p(x|c), and not its logarithm", lambda w: w),
}
SHARES = {
    "hard": (
        "each picture is given to its best category alone: that is hard EM",
        lambda t: torch.nn.functional.one_hot(t.argmax(1), t.shape[1]).to(t),
    ),
    "over-pictures": (
        "the responsibilities are normalised over the pictures, and not over the categories",
        lambda t: t.softmax(0),
    ),
    "not-normalised": ("the responsibilities are not normalised: they are p(x, c)", torch.exp),
    "equal": ("every picture has the same responsibilities, those of the mean", lambda t: t.mean(0).softmax(0) + 0 * t),
    "exp-by-hand": (
        "the exponential is taken before the division: it is 0 / 0",
        lambda t: t.exp() / t.exp().sum(1, True),
    ),
    "log": ("the logarithms of the responsibilities are used", lambda t: t.log_softmax(1)),
}
NEW_WEIGHTS = {
    "summed": ("the counts are returned as weights: they are not divided by N", lambda r, old: r.sum(0)),
    "kept": ("the weights are not changed", lambda r, old: old),
    "uniform": ("all weights are made equal", lambda r, old: 0 * old + 1 / len(old)),
    "times-old": (
        "the new weights are multiplied by the old: these are in the responsibilities already",
        lambda r, old: old * r.sum(0) / (old * r.sum(0)).sum(),
    ),
    "over-categories": ("the counts are divided by the number of categories", lambda r, old: r.sum(0) / len(old)),
}
NEW_MEANS = {
    "over-n": (
        "the sums are divided by N: each category has its own count",
        lambda r, x, old: r.T @ x / len(x),
    ),
    "sums": ("the sums are not divided by the counts", lambda r, x, old: r.T @ x),
    "kept": ("the means are not changed", lambda r, x, old: old),
    "of-all": ("every category gets the mean of all pictures", lambda r, x, old: x.mean(0) + 0 * old),
    "white": ("the share of white pixels is taken", lambda r, x, old: 1 - weighted(r, x, old)),
    "rounded": ("the means are rounded to black and white", lambda r, x, old: weighted(r, x, old).round()),
    "averaged": ("old and new means are averaged", lambda r, x, old: (old + weighted(r, x, old)) / 2),
    "transposed": ("the means are returned as [data, categories]", lambda r, x, old: weighted(r, x, old).T),
}

check_em_step = Exercise(
    name="em_step",
    solution=solution,
    parts=parts,
    inputs=inputs,
    steps=("weights, means = answer(x, weights, means)",),
    asked={
        "weights": "the new weights, which sum to 1",
        "means": "the new means of the pixels, [categories, data]",
        "again": "the same means from a second call: the difference",
    },
    right="Soft counts, and means by them: a step that cannot lower log p(x).",
    claims=("weights", "means"),
    effort="deeper · ●●○ · 8 minutes",
    mistakes={
        **swaps("table", TABLES),
        **swaps("over", {"pixels-averaged": ("the pixels are averaged, and not added up", lambda t: t.mean(-1))}),
        **swaps("prior", PRIORS, "prior-"),
        **swaps("share", SHARES),
        **swaps("new_weights", NEW_WEIGHTS, "weights-"),
        **swaps("new_means", NEW_MEANS, "means-"),
        "prior-times": swap(
            "the new weights are not divided by N, and the means are divided by it",
            new_weights=NEW_WEIGHTS["summed"][1],
            new_means=NEW_MEANS["over-n"][1],
        ),
    },
)

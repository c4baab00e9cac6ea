r"""# One picture, one event

One picture is one event. Write `my_log_likelihood(logits, x)`, $\log p(x \mid z)$ of (1.4) in nats. `logits` is `[samples, batch, data]`, one row for every draw of $z$, and `x`, zeros and ones, is `[batch, data]`; the result is `[samples, batch]`, higher is better. It has to stay finite for a decoder that is sure: the check also tries a logit of 200 at a pixel that is 0.

## Hint: where to look
The section [One image, one number](#one-image-one-number-deeper), and what is said of logits below [(1.4)](#the-decoder-one-probability-per-pixel).

## Hint: the idea
A product of probabilities is a sum of their logarithms. Find the log-probability of each pixel first, `[samples, batch, data]`; $x$ has no samples axis and is repeated for every draw. Then one axis has to go.

## Hint: nearly the code
A pixel's log-probability is $\log \pi$ if $x = 1$ and $\log(1 - \pi)$ if $x = 0$. `torch.distributions.Bernoulli(logits=…)` knows both, stays finite, and repeats $x$ by itself; `binary_cross_entropy_with_logits` with `reduction="none"` gives the *negative* of it, and needs `x.expand_as(logits)`. The pixels are the last axis.
"""  # noqa: E501

import numpy as np
import torch

from vae_lib.exercises import families
from vae_lib.exercises.engine import Call, Exercise, after, swap

ANSWER = "my_log_likelihood"


def solution(logits, x):
    """log p(x|z), [samples, batch], in nats."""
    per_pixel = torch.distributions.Bernoulli(logits=logits).log_prob(x)
    return per_pixel.sum(-1)


def parts(logits, x, *, over=families.last_axis, **table):
    return over(families.bernoulli_table(logits, x.expand_as(logits), **table))


def inputs(rng):
    """[5, 3, 4], [2, 6, 7], one draw of one picture, and a decoder that is sure, rightly and wrongly: [8, 1, 2]."""
    shapes = (5, 3, 4), (2, 6, 7), (1, 1, 3)
    given = [{"logits": rng.normal(0, 2, s).round(1), "x": rng.integers(0, 2, s[1:]).astype(float)} for s in shapes]
    sure = [[200.0, 0.5], [24, -33], [18, -41], [-29, -90], [26, 23], [-21, -110], [31, 12], [8, -13]]
    last = {"logits": np.array(sure)[:, None], "x": np.array([[0.0, 1.0]])}
    return [*map(Call, given), Call(last, note="logits that are sure")]


def ratio(logits):
    """exp / (1 + exp)."""
    return logits.exp() / (1 + logits.exp())


SUMMED = "probabilities are summed before the logarithm: the logarithm of a product is a sum of logarithms"
OVERS = {  # what is made of the table [samples, batch, data]
    "samples": ("the sum runs over the samples instead of the pixels", lambda t: t.sum(0)),
    "batch": ("the sum runs over the batch instead of the pixels", lambda t: t.sum(1)),
    "mean-of-sums": (
        "the pixels are summed and the mean of all is taken: each picture has its own number for each draw",
        lambda t: t.sum(-1).mean(),
    ),
    "batch-gone": ("the batch is summed together with the pixels", lambda t: t.sum((1, 2))),
    "batch-averaged": ("the batch is averaged after the sum over the pixels", lambda t: t.sum(2).mean(1)),
    "samples-gone": ("the samples are summed together with the pixels", lambda t: t.sum((0, 2))),
    "samples-averaged": ("the samples are averaged after the sum over the pixels", lambda t: t.sum(2).mean(0)),
    "mean-over-samples": ("the mean runs over the samples instead of the pixels", lambda t: t.mean(0)),
    "samples-last": ("the samples axis is last: it comes first", lambda t: t.sum(-1).mT),
    "squeezed": ("an axis of size 1 is squeezed away, samples or batch", lambda t: t.sum(-1).squeeze()),
    "first-sample": ("the first draw's logits are used for all draws", lambda t: t[:1].sum(-1).expand(t.shape[:2])),
    "typed-in": ("784 is typed in as the number of pixels", lambda t: 784 * t.mean(-1)),
    "log-of-a-sum": (SUMMED, lambda t: t.logsumexp(-1)),
    "log-of-a-product": (
        "the probabilities are multiplied before the logarithm: exp(−200) is 0, and log 0 is −∞",
        lambda t: t.exp().prod(-1).log(),
    ),
}
OF_PIXELS = "mean-over-pixels pixels-not-summed pixels-total pixels-mean-of-all pixels-last-missing pixels-kept-axis"

SLIPS = families.slips_of_bernoulli()

check_event = Exercise(
    name="event",
    solution=solution,
    parts=parts,
    inputs=inputs,
    asked={
        "value": "log p(x|z), one number per draw and picture, [samples, batch], in nats",
        "again": "the same numbers from a second call: the difference",
        "gradient of logits": "the gradient of the log-likelihoods' sum with respect to logits",
    },
    right="One event per picture: the pixels are summed, nothing else is.",
    gradients=("logits",),
    axes=("samples", "batch", "data"),
    effort="deeper · ●●○ · 6 minutes",
    mistakes={
        **{key: swap(sentence, **slots) for key, (sentence, slots) in SLIPS.items()},
        "exp-ratio": swap(
            "exp(logits) / (1 + exp(logits)) is computed: exp(200) is infinite, and the ratio is no number",
            terms=lambda x, a, p, q: torch.where(x == 1, ratio(a), 1 - ratio(a)).log(),
        ),
        **families.pick(families.reduction("over", "pixels", "picture", "log-likelihood"), OF_PIXELS),
        **families.swaps("over", OVERS, "over-"),
        "log-of-a-sum-of-rounded": swap(SUMMED, over=OVERS["log-of-a-sum"][1], **SLIPS["log-of-chosen"][1]),
        **families.of_whole("the sign is flipped: this is the cross-entropy, a loss"),
        "probability": after("the logarithm is missing: this is p(x|z)", torch.exp),
    },
)

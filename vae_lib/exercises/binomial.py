r"""# Counts

The digits are counts 0…16, and thresholding threw most of that away. Write the reconstruction term that keeps it: `my_binomial_log_likelihood(logits, x, total_count)`, the log-probability of the counts $x$ `[batch, data]`, each out of $n$ = `total_count` trials that succeed with probability $\mathrm{sigmoid}(\mathrm{logit})$: `[batch]`, in nats, higher is better. It is the logarithm of

$$
p(x \mid z) = \prod_{i=1}^{D} \binom{n}{x_i}\, p_i^{x_i} (1 - p_i)^{n - x_i} .
$$

Write it without `torch.distributions`. The check also asks for a network that is very sure, once right and once wrong.

## Hint: where to look
The section [Which likelihood?](#which-likelihood-deeper). Take the logarithm of one factor of the product first: it has three terms.

## Hint: the idea
The coefficient does not depend on the network, so that training would not miss it; but without it the number is no log-probability of counts, and cannot be compared with anyone's. Its logarithm is $\log n! - \log x! - \log (n - x)!$, and $\log k!$ is `torch.lgamma` at $k + 1$.

## Hint: nearly the code
$\log p$ is `nn.functional.logsigmoid(logits)`, and $\log(1 - p)$ the same of `-logits`: both stay finite where a sigmoid has rounded to 0 or 1. Add $x \log p$, $(n - x) \log(1 - p)$ and the coefficient's logarithm, and sum over the last axis.
"""  # noqa: E501

import numpy as np
import torch
from torch import nn
from torch.nn.functional import logsigmoid

from vae_lib.exercises import families
from vae_lib.exercises.engine import Call, Exercise, swap, whole

ANSWER = "my_binomial_log_likelihood"


def solution(logits, x, total_count):
    """log p(x|z) of counts 0 … total_count: [batch], in nats."""
    n = torch.full_like(x, total_count)
    coefficient = torch.lgamma(n + 1) - torch.lgamma(x + 1) - torch.lgamma(n - x + 1)
    success, failure = nn.functional.logsigmoid(logits), nn.functional.logsigmoid(-logits)
    return (coefficient + x * success + (n - x) * failure).sum(-1)


def factorial(k):
    return torch.lgamma(k + 1)


def log_choose(n, x):
    return factorial(n) - factorial(x) - factorial(n - x)


def parts(a, x, n, *, trials=torch.full_like, choose=log_choose, over=families.last_axis, **table):
    """n times the log-likelihood of one trial that succeeds x/n of the time."""
    n = trials(x, n)
    return over(choose(n, x) + n * families.bernoulli_table(a, x / n, **table))


def inputs(rng):
    """[3, 5] out of 7, [2, 6] out of 11, and logits that are very sure, once right and once wrong."""
    sizes = (7, (3, 5)), (11, (2, 6))
    sure = 5, [[200.0, -200], [200, -200], [40, -30]], [[5.0, 0], [0, 5], [2, 1]]
    drawn = [(n, rng.normal(0, 1.5, size).round(1), rng.integers(1, n, size) + 0.0) for n, size in sizes]
    notes = "", "", "a network that is very sure, right and then wrong"
    return [
        Call({"logits": np.array(logits), "x": np.array(x), "total_count": np.array(n)}, note=note)
        for (n, logits, x), note in zip([*drawn, sure], notes, strict=True)
    ]


CHOICES = {
    "choose-missing": ("the log-binomial coefficient is left out", lambda n, x: 0 * x),
    "choose-sign": ("the log-binomial coefficient has the wrong sign", lambda n, x: -log_choose(n, x)),
    "not-logged": ("the coefficient is added without its logarithm", lambda n, x: log_choose(n, x).exp()),
    "lgamma-of-n": (
        "lgamma(n), the logarithm of (n − 1)!, is used as that of n!, and so for x and n − x",
        lambda n, x: torch.lgamma(n) - torch.lgamma(x) - torch.lgamma(n - x),
    ),
    "no-n-factorial": ("log n! is left out", lambda n, x: -factorial(x) - factorial(n - x)),
    "no-x-factorial": ("log x! is left out", lambda n, x: factorial(n) - factorial(n - x)),
    "no-rest-factorial": ("log (n − x)! is left out", lambda n, x: factorial(n) - factorial(x)),
    "rest-factorial-added": (
        "log (n − x)! is added instead of subtracted: are brackets missing?",
        lambda n, x: factorial(n) - factorial(x) + factorial(n - x),
    ),
}
TERMS = {  # of the share x/n, the logits, log p and log(1 − p)
    "success-missing": ("x log p is left out", lambda y, a, p, q: (1 - y) * q),
    "success-sign": ("x log p has the wrong sign", lambda y, a, p, q: (1 - y) * q - y * p),
    "success-detached": ("log p is detached: its gradient is lost", lambda y, a, p, q: y * p.detach() + (1 - y) * q),
    "failure-missing": ("(n − x) log(1 − p) is left out", lambda y, a, p, q: y * p),
    "failure-sign": ("(n − x) log(1 − p) has the wrong sign", lambda y, a, p, q: y * p - (1 - y) * q),
    "failure-detached": (
        "log(1 − p) is detached: its gradient is lost",
        lambda y, a, p, q: y * p + (1 - y) * q.detach(),
    ),
    "exchanged": ("p and 1 − p are exchanged", lambda y, a, p, q: y * q + (1 - y) * p),
    "n-for-rest": ("n log(1 − p) is used in place of (n − x) log(1 − p)", lambda y, a, p, q: y * p + q),
}
LOGS = {
    "exponentials": (
        "log(1 + exp(±logits)) is computed: exp(200) is infinite",
        lambda a: (-torch.log1p(torch.exp(-a)), -torch.log1p(torch.exp(a))),
    ),
    "nan-to-num": (
        "the sigmoid is taken before the logarithm, and what is then infinite is made 0",
        lambda a: [p.log().nan_to_num(neginf=0.0) for p in (torch.sigmoid(a), 1 - torch.sigmoid(a))],
    ),
}
OF_ONE_TRIAL = """sigmoid-twice no-sigmoid no-log softplus-by-hand softplus-under-where log-of-sigmoid cut-off-at-100
    clamped-rounding clamped-4 clamped-5 clamped-6 clamped-7 clamped-8 small-number-4 small-number-6 small-number-7
    small-number-8 small-number-10 logits-cut-10 logits-cut-20 logits-cut-50 logits-cut-100"""

check_binomial = Exercise(
    name="binomial",
    solution=solution,
    parts=parts,
    inputs=inputs,
    asked={
        "value": "log p(x|z) of counts 0 … n under a binomial with these logits, one number an image, in nats",
        "again": "the same numbers from a second call: the difference",
        "gradient of logits": "the gradient of the log-likelihood's sum with respect to logits",
    },
    right="The log-probability of the counts themselves, coefficient included.",
    gradients=("logits",),
    effort="deeper · ●●○ · 8 minutes",
    mistakes={
        **families.swaps("choose", CHOICES),
        **families.swaps("terms", TERMS),
        **families.swaps("logs", LOGS),
        **{
            key: swap(words, **slots)
            for key, (words, slots) in families.pick(families.slips_of_bernoulli(), OF_ONE_TRIAL).items()
        },
        "sixteen": swap("16 trials are typed in, not total_count", trials=lambda x, n: torch.full_like(x, 16)),
        "one-trial": whole(
            "1 − x is used in place of n − x, as for black-and-white pixels",
            lambda a, x, n: solution(a, x, n) - (n - 1) * logsigmoid(-a).sum(-1),
        ),
        "one-pixel": whole(
            "x/n is scored as if it were one Bernoulli pixel: no coefficient, and everything is divided by n",
            lambda a, x, n: parts(a, x, n, choose=lambda n, x: 0 * x) / n,
        ),
        "fraction": whole(
            "x/n is used in place of x, and 1 − x/n in place of n − x",
            lambda a, x, n: parts(a, x, n, choose=lambda m, k: n * log_choose(m, k)) / n,
        ),
        **families.reduction("over", "pixels", "image", "log-likelihood"),
        **families.of_whole("minus the log-likelihood is returned: a loss"),
    },
)

r"""# What zero weights must report

A number to know before any training: `my_zero_weight_loss(x, total_count)` is $J$ of every image, `[batch]`, in nats, for a VAE whose weights and biases are all zero. $x$ `[batch, data]` holds counts 0 … $n$ with $n$ = `total_count`, and the decoder is Binomial: each pixel is $n$ trials that succeed with probability $\mathrm{sigmoid}(\text{logit})$. For $n = 1$ it must give the number that chapter 5 knows, $D \log 2$. No network is needed, and nothing is drawn.

## Hint: where to look
(5.6) in [Train both networks](05_training.ipynb#train-both-networks) for $n = 1$, and [exercise 5.7](05_training.ipynb#exercises) for the probability of a count. What do an encoder and a decoder say whose weights are all zero?

## Hint: the idea
$\mu = 0$ and $\log \sigma^2 = 0$ make the KL vanish, and a logit of 0 is a fair coin. So every pixel is $n$ tosses of a fair coin. How likely is it that $x$ of them fall on heads?

## Hint: nearly the code
Each pixel costs $n \log 2$ less the logarithm of the number of ways to choose $x$ of $n$. That number's logarithm is $\log n! - \log x! - \log (n - x)!$, and $\log k!$ is `torch.lgamma` at $k + 1$. Sum over the last axis.
"""  # noqa: E501

import math
from functools import partial

import numpy as np
import torch

from vae_lib.exercises.engine import Exercise, swap, whole
from vae_lib.exercises.families.basics import last_axis, of_whole, pick, reduction, term

LN2 = math.log(2)
SOLUTION = """\
def zero_weight_solution(x, total_count):
    n = torch.full_like(x, total_count)
    chosen = torch.lgamma(x + 1) + torch.lgamma(n - x + 1)
    log_ways = torch.lgamma(n + 1) - chosen
    return (n * math.log(2) - log_ways).sum(-1)


check_zero_weight_loss(zero_weight_solution)
"""


def solution(x, total_count):
    """J of each image when all weights are zero: [batch], in nats."""
    n = torch.full_like(x, total_count)
    chosen = torch.lgamma(x + 1) + torch.lgamma(n - x + 1)
    log_ways = torch.lgamma(n + 1) - chosen
    return (n * math.log(2) - log_ways).sum(-1)


def log_ways(x, n, whole=(1, 1), heads=(1, 1), tails=(1, 1)):
    """log n! − log x! − log (n − x)!, each with a factor before it and a number inside lgamma."""
    logs = [factor * torch.lgamma(k + plus) for k, (factor, plus) in ((n, whole), (x, heads), (n - x, tails))]
    return logs[0] - logs[1] - logs[2]


def tosses(x, n):
    return n * LN2


def parts(x, total_count, *, tosses=tosses, ways=log_ways, over=last_axis):
    n = torch.full_like(x, total_count)
    return over(tosses(x, n) - ways(x, n))


def inputs(rng):
    """[3, 5] with counts to 7, [2, 9] black and white, and [4, 11] of 16 trials, no count of 16."""
    of = ((3, 5), 7, 8), ((2, 9), 1, 2), ((4, 11), 16, 16)
    return [{"x": rng.integers(0, end, shape).astype(float), "total_count": np.array(n)} for shape, n, end in of]


NONE, OFF, MINUS = (0, 1), (1, 0), (-1, 1)  # not counted; lgamma(k) for log k!; with the wrong sign
FACTORIALS = {
    "lgamma-off": ("lgamma(k) is used for log k!, which is lgamma(k + 1)", dict(whole=OFF, heads=OFF, tails=OFF)),
    "lgamma-of-n": ("lgamma(n) is used for log n!, which is lgamma(n + 1)", dict(whole=OFF)),
    "n-factorial-missing": ("log n! is left out", dict(whole=NONE)),
    "x-factorial-missing": ("log x! is left out", dict(heads=NONE)),
    "rest-factorial-missing": ("log (n − x)! is left out", dict(tails=NONE)),
    "x-factorial-sign": ("log x! has the wrong sign", dict(heads=MINUS)),
    "rest-factorial-sign": (
        "the brackets around log x! + log (n − x)! are missing: the second is added",
        dict(tails=MINUS),
    ),
}
SLIPS = {
    **{key: (sentence, {"ways": partial(log_ways, **of)}) for key, (sentence, of) in FACTORIALS.items()},
    **term("ways", "the logarithm of the binomial coefficient", log_ways),
    **term("tosses", "n log 2", tosses, but=("twice",)),
    "one-trial": ("only one trial a pixel is counted, instead of total_count", {"tosses": lambda x, n: LN2 + 0 * n}),
    "tosses-once": (
        "n log 2 is counted once, instead of once per pixel",
        {"tosses": lambda x, n: n * LN2 / n.shape[-1]},
    ),
    "pixels-typed-in": ("64 is typed in for D, in D n log 2", {"tosses": lambda x, n: n * LN2 * 64 / n.shape[-1]}),
    "heads-only": ("x log 2 stands in place of n log 2: tails cost as much", {"tosses": lambda x, n: x * LN2}),
    "two-for-log-two": ("2 is used where log 2 belongs", {"tosses": lambda x, n: 2 * n}),
    "log-two-in-bits": ("log 2 is taken to base 2, and the coefficient's logarithm is not", {"tosses": lambda x, n: n}),
    "ways-without-log": (
        "the binomial coefficient is subtracted without its logarithm",
        {"ways": lambda x, n: log_ways(x, n).exp()},
    ),
    "ways-in-bits": (
        "the coefficient's logarithm is taken to base 2, and log 2 is not",
        {"ways": lambda x, n: log_ways(x, n) / LN2},
    ),
    "black-and-white": (
        "the formula for black and white pixels is used, D log 2",
        {"tosses": lambda x, n: LN2 + 0 * n, "ways": lambda x, n: 0 * x},
    ),
    "uniform": (
        "every count is treated as equally likely: D log (n + 1)",
        {"tosses": lambda x, n: (n + 1).log(), "ways": lambda x, n: 0 * x},
    ),
}
OF_PIXELS = (
    "mean-over-pixels pixels-not-summed pixels-over-batch pixels-total pixels-batch-mean pixels-mean-of-all "
    "pixels-over-batch-size pixels-kept-axis pixels-last-missing"
)

check_zero_weight_loss = Exercise(
    name="zero_weight_loss",
    solution=solution,
    parts=parts,
    inputs=inputs,
    asked={
        "value": "J at zero weights, one number per image, in nats",
        "again": "the same numbers from a second call: the difference",
    },
    right="What an untrained network must report, for counts and for black and white: D log 2 if n = 1.",
    effort="deeper · ●○○ · 7 minutes",
    mistakes={
        **{key: swap(sentence, **slots) for key, (sentence, slots) in SLIPS.items()},
        "sixteen": whole("16 is typed in, although total_count is passed", lambda x, n: parts(x, 16)),
        "largest-count": whole("the largest count in x is taken for n", lambda x, n: parts(x, x.max().item())),
        **pick(reduction("over", "pixels", "image", "loss"), OF_PIXELS),
        **of_whole("the sign is wrong: J is minus the ELBO"),
    },
)

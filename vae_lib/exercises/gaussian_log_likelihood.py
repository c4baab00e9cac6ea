r"""# A Gaussian decoder

The reconstruction term of a Gaussian decoder: `my_gaussian_log_likelihood(mean, x, noise_std)` is $\log \mathcal N(x; \mathrm{mean}, \sigma_x^2 I)$ with $\sigma_x$ = `noise_std`, a standard deviation and a tensor without axes. `mean` and `x` are `[batch, data]`, the result is `[batch]`, in nats. All constants count: without them the number is no log-likelihood. A decoder may learn its $\sigma_x$, so gradients must reach `noise_std` as well as `mean`. Write it from (4.7), without `torch.distributions`.

## Hint: where to look
The first formula of [(4.7)](#the-reconstruction-term-is-a-log-likelihood), the Gaussian's, is minus what is asked for. Note where $D$, the number of pixels, stands in it.

## Hint: the idea
Per pixel there are three terms: $-\frac{(x_i - f_i)^2}{2\sigma_x^2}$, $-\log\sigma_x$ and $-\tfrac12\log 2\pi$. The sum over the pixels takes each of them $D$ times. Write the term of one pixel, and sum once.

## Hint: nearly the code
`((x - mean) / noise_std) ** 2` is `[batch, data]`; `noise_std.log()` and `math.log(2 * math.pi)` are single numbers, which broadcasting adds to every pixel. Then one factor of −½ where it belongs, and `.sum(-1)`.
"""  # noqa: E501

import math

import numpy as np
import torch

from vae_lib.exercises.engine import Exercise, after, swap
from vae_lib.exercises.families import gaussian_table, last_axis, of_whole, reduction, slips_of_gaussian


def solution(mean, x, noise_std):
    """log N(x; mean, noise_std² I): [batch], in nats, up is better."""
    squared = ((x - mean) / noise_std) ** 2
    return (-squared / 2 - noise_std.log() - math.log(2 * math.pi) / 2).sum(-1)


def parts(mean, x, noise_std, *, over=last_axis, **terms):
    return over(gaussian_table(x - mean, noise_std, **terms))


def inputs(rng):
    """[3, 5] with σ_x below 1, and [4, 7] from the generator with σ_x above most errors: its gradient is not near 0."""
    x = [[0.2, 1.1, -0.7, 0.5, -1.3], [1.4, -0.3, 0.8, 0.1, 0.7], [-0.9, 0.6, 0.4, 1.3, -0.2]]
    off = [[-0.3, 0.4, -0.5, -0.4, 0.6], [0.8, -0.7, 0.5, 0.6, -0.2], [-0.8, -0.6, -0.5, 0.5, 0.9]]
    first = {"mean": np.array(x) - np.array(off), "x": np.array(x), "noise_std": np.array(0.3)}
    other = {name: rng.normal(0, 1.5, (4, 7)).round(1) for name in ("mean", "x")}
    return [first, other | {"noise_std": np.array(rng.uniform(2.8, 3.6))}]


check_gaussian_log_likelihood = Exercise(
    name="gaussian_log_likelihood",
    solution=solution,
    parts=parts,
    inputs=inputs,
    asked={
        "value": "log N(x; mean, noise_std² I), one number per example, in nats",
        "again": "the same numbers from a second call: the difference",
        "gradient of mean": "the gradient of the log-likelihoods' sum with respect to mean",
        "gradient of noise_std": "the gradient of the log-likelihoods' sum with respect to noise_std",
    },
    right="The Gaussian log-likelihood, with all its constants, and a σ_x that can learn.",
    gradients=("mean", "noise_std"),
    effort="deeper · ●●○ · 10 minutes",
    mistakes={
        **{key: swap(sentence, **slots) for key, (sentence, slots) in slips_of_gaussian().items()},
        **reduction("over", "pixels", what="log-likelihood"),
        **of_whole("the sign is wrong: minus the log-likelihood is returned"),
        "density": after("the density is returned, and not its logarithm", torch.exp),
    },
)

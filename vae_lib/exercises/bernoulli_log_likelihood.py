r"""# A Bernoulli decoder

The reconstruction term of a Bernoulli decoder: `my_bernoulli_log_likelihood(logits, x)` is $\log p(x|z)$ for pixels $x$ of 0 or 1 with $P(x_i = 1) = \mathrm{sigmoid}(\mathrm{logits}_i)$. Both arguments are `[batch, data]`, the result is `[batch]`, in nats, and up is better. The check also sends logits of ±1000, from a decoder that is very sure. Your number has to stay finite, and right.

## Hint: where to look
The second formula of [(4.7)](#the-reconstruction-term-is-a-log-likelihood), the Bernoulli's, is *minus* what is asked for. The folded check below it compares torch's cross-entropy with a log-likelihood.

## Hint: the idea
$\log \mathrm{sigmoid}(a)$ is computed wrongly if the sigmoid comes first: it rounds to 0 or 1, and the logarithm cannot know from where. Use a function that takes *logits*, and do not give it probabilities.

## Hint: nearly the code
`binary_cross_entropy_with_logits(input, target, reduction="none")` takes the logits first and the pixels second and gives `[batch, data]`. Two things are left: its sign, and the sum over pixels.
"""  # noqa: E501

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from vae_lib.exercises.engine import Call, Exercise, after, swap
from vae_lib.exercises.families import bernoulli_table, last_axis, of_whole, reduction, slips_of_bernoulli


def solution(logits, x):
    """log p(x|z) of pixels 0 or 1: [batch], in nats, up is better."""
    loss = binary_cross_entropy_with_logits(logits, x, reduction="none")
    return -loss.sum(-1)


def parts(logits, x, *, over=last_axis, **table):
    return over(bernoulli_table(logits, x, **table))


def inputs(rng):
    """[3, 4], [5, 7] from the generator and never 0, and decoders that are sure, rightly and wrongly: [6, 2] each."""
    logits = [[1.7, -2.3, 0.4, 3.1], [-0.6, 2.2, -1.9, 0.9], [0.3, 0.8, 0.6, 0.2]]
    x = [[1, 0, 0, 1], [1, 1, 0, 0], [0, 1, 1, 0]]
    other = {"logits": rng.normal(0, 2, (5, 7)).round(1) + 0.05, "x": rng.integers(0, 2, (5, 7)).astype(float)}
    rightly = np.array([[1.0, 0], [0, 0], [1, 1], [0, 1], [0, 1], [1, 1]])
    sure = np.array([[24.0, -33], [18, -41], [-29, 37], [26, 23], [-21, -36], [31, 22]])
    far = np.array([[1000.0, -1000], [1000, -1000], [-1000, 1000], [1000, -1000], [-1000, -1000], [1000, 1000]])
    return [
        Call({"logits": np.array(logits), "x": np.array(x, dtype=float)}),
        Call(other),
        Call({"logits": sure, "x": rightly}, note="logits that are sure"),
        Call({"logits": far, "x": rightly}, note="logits of ±1000"),
    ]


check_bernoulli_log_likelihood = Exercise(
    name="bernoulli_log_likelihood",
    solution=solution,
    parts=parts,
    inputs=inputs,
    asked={
        "value": "log p(x|z) of pixels 0 or 1 with P(x = 1) = sigmoid(logits), one number per image, in nats",
        "again": "the same numbers from a second call: the difference",
        "gradient of logits": "the gradient of the log-likelihoods' sum with respect to logits",
    },
    right="The Bernoulli log-likelihood, finite for every logit.",
    gradients=("logits",),
    effort="deeper · ●●○ · 10 minutes",
    mistakes={
        **{key: swap(sentence, **slots) for key, (sentence, slots) in slips_of_bernoulli().items()},
        **reduction("over", "pixels", "image", "log-likelihood"),
        "probabilities-added": swap(
            "the pixels' probabilities are added up before the logarithm", over=lambda t: t.logsumexp(-1)
        ),
        **of_whole("the cross-entropy is returned: the log-likelihood has the opposite sign"),
        "probability": after("the probability of the image is returned, and not its logarithm", torch.exp),
    },
)

r"""# log p(x), by all states

Write `my_log_p(weight, bias, x)`: the exact $\log p(x)$ of a model with $d$ coins. Each latent is 0 or 1, with probability ½ each, on its own. The decoder is one linear layer, `logits = z @ weight.T + bias` with `weight` `[data, latent]` and `bias` `[data]`, and the pixels are Bernoulli given $z$. `x` is `[batch, data]`, and the result `[batch]`, in nats. Gradients must reach `weight` and `bias`.

There are $2^d$ states: make them all. One set has pictures with a $p(x|z)$ below the smallest number that a computer holds, for every $z$.

## Hint: where to look
[(8.5)](#six-coins-64-states): a logarithm of a sum, and a prior that is the same for every state.

## Hint: the idea
A table `[states, latent]` of zeros and ones goes through the decoder at once. Then $\log p(x|z)$ is a table `[batch, states]`.

## Hint: nearly the code
`torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * d)` are the states. `Bernoulli(logits=logits).log_prob(x[:, None])`, summed over the pixels, is the table. `torch.logsumexp` over the states; and the prior is $-d \log 2$.
"""  # noqa: E501

import math

import torch

from vae_lib.exercises.engine import Call, Exercise, swap
from vae_lib.exercises.families import alone, bernoulli_table, last_axis, of_whole, same, swaps
from vae_lib.exercises.families.likelihood import bernoulli

ANSWER = "my_log_p"


def solution(weight, bias, x):
    """log p(x) by enumeration of all states: [batch], in nats."""
    latent_dim = weight.shape[1]
    states = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * latent_dim).to(weight)
    logits = states @ weight.T + bias  # [states, data]
    log_px_z = torch.distributions.Bernoulli(logits=logits).log_prob(x[:, None]).sum(-1)  # [batch, states]
    return torch.logsumexp(log_px_z, dim=1) - latent_dim * math.log(2)


def all_states(d):
    return torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * d)


def fair(d, states):
    return -d * math.log(2)


def log_of_sum(table):
    return table.logsumexp(-1)


def parts(
    weight, bias, x, *, states=all_states, layer=same, shift=same, pixels=bernoulli_table, over=last_axis, prior=fair,
    average=log_of_sum,
):  # fmt: skip
    d = weight.shape[1]
    z = states(d).to(weight)
    logits = z @ layer(weight).T + shift(bias)
    return average(over(pixels(logits, x[:, None]))) + prior(d, len(z))


def inputs(rng):
    """Three coins and five pixels, two coins and seven; then 900 pixels."""
    calls = []
    for batch, data, latent in ((4, 5, 3), (6, 7, 2), (2, 900, 4)):
        given = {"weight": rng.normal(0, 1.5, (data, latent)).round(2), "bias": rng.normal(0, 1, data).round(2)}
        given["x"] = 1.0 * (rng.random((batch, data)) < 0.5)
        calls.append(Call(given, note="pictures so unlikely that p(x|z) is 0 for a computer" * (data > 100)))
    return calls


STATES = {
    "signs": ("the states are −1 and 1: they are 0 and 1 here", lambda d: 2 * all_states(d) - 1),
    "one-hot": ("only the d states with a single 1 are counted", torch.eye),
    "one-hot-and-zero": (
        "only the d + 1 states with at most a single 1 are counted",
        lambda d: torch.cat([torch.zeros(1, d), torch.eye(d)]),
    ),
    "zero-missing": ("the state of zeros is left out", lambda d: all_states(d)[1:]),
    "last-missing": ("the state of ones is left out", lambda d: all_states(d)[:-1]),
    "two": ("only the states all 0 and all 1 are counted", lambda d: torch.arange(2.0)[:, None].expand(2, d)),
}
PRIORS = {
    "missing": ("the prior is left out: − d log 2", lambda d, n: 0.0),
    "one-coin": ("the prior of one coin is counted: d of them are tossed", lambda d, n: -math.log(2)),
    "sign": ("the prior has the wrong sign", lambda d, n: d * math.log(2)),
    "latents": ("log d is subtracted: the number of states is 2 to the d", lambda d, n: -math.log(d)),
    "not-logged": ("2 to the d is subtracted, and not its logarithm", lambda d, n: -(2.0**d)),
    "half": ("½ to the d is added, and not its logarithm", lambda d, n: 0.5**d),
}
AVERAGES = {
    "sum-of-logs": (
        "the logarithms are added up over the states: a sum of logs for a log of a sum",
        lambda t: t.sum(-1),
    ),
    "mean-of-logs": ("the mean of log p(x|z) over the states is taken", lambda t: t.mean(-1)),
    "largest": ("only the best state is counted", lambda t: t.amax(-1)),
    "exp-by-hand": (
        "the logarithm of the sum is taken without logsumexp: it is log 0",
        lambda t: t.exp().sum(-1).log(),
    ),
    "not-logged": ("the last logarithm is missing", lambda t: t.exp().sum(-1)),
    "over-pictures": ("the sum runs over the pictures, and not over the states", lambda t: t.logsumexp(0)),
    "softmax": (
        "the table is normalised first: the sum of a posterior is 1",
        lambda t: t.log_softmax(-1).logsumexp(-1),
    ),
    "not-summed": ("the states are not summed", same),
}

ROUNDED = (  # no logit here is so large that these differ from what is right
    "softplus-by-hand", "softplus-under", "log-of-", "infinite-", "logits-cut", "cut-off", "clamped", "small-number",
)  # fmt: skip

check_enumerated = Exercise(
    name="enumerated",
    solution=solution,
    parts=parts,
    inputs=inputs,
    gradients=("weight", "bias"),
    asked={
        "value": "log p(x), one number a picture, in nats",
        "again": "the same numbers from a second call: the difference",
        "gradient of weight": "the gradient of their sum with respect to weight",
        "gradient of bias": "the gradient of their sum with respect to bias",
    },
    right="All states, and the prior of each: nothing is left to estimate.",
    effort="deeper · ●●○ · 8 minutes",
    mistakes={
        **swaps("states", STATES, "states-"),
        **swaps("prior", PRIORS, "prior-"),
        **swaps("average", AVERAGES),
        **swaps("shift", {"bias-missing": ("the bias is left out", lambda b: 0 * b)}),
        **swaps("over", {"pixels-averaged": ("the pixels are averaged, and not added up", lambda t: t.mean(-1))}),
        **{key: mistake for key, mistake in alone(bernoulli("pixels")).items() if not key.startswith(ROUNDED)},
        "sum-of-log-joints": swap(
            "log p(x, z) is added up over the states: a sum of logs for a log of a sum",
            average=AVERAGES["sum-of-logs"][1],
            prior=lambda d, n: -n * d * math.log(2),
        ),
        "average-code": swap(
            "one code is used, the prior's mean of ½: p(x|z) of the mean, and not the mean of p(x|z)",
            states=lambda d: torch.full((1, d), 0.5),
            prior=PRIORS["missing"][1],
        ),
        "mean": swap(
            "the mean of log p(x|z) is taken over the states, the prior with it",
            average=AVERAGES["mean-of-logs"][1],
            prior=PRIORS["missing"][1],
        ),
        **of_whole("the sign is wrong: higher is better, and this is − log p(x)"),
    },
)

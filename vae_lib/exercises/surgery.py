r"""# What z tells, by surgery

Cut a KL into the two terms of (7.7). Write `my_surgery(mu, sigma, z)`: `mu` and `sigma` are $q$'s for all $N$ examples of a set, `[batch, latent]`, and `z` `[samples, batch, latent]` holds draws, those at `z[:, n]` from $q(z|x_n)$. Return `(information, marginal_kl)`, two numbers in nats: the estimates of $I(x; z)$ and of $\mathrm{KL}(q(z) \,\Vert\, p(z))$, each a mean over all the draws. The aggregate $q(z)$ is the mean of the $q(z|x_n)$ over the whole set, and the prior is $\mathcal N(0, I)$. Draw nothing yourself.

## Hint: where to look
[(7.6)](#surgery-what-does-z-tell) says what $q(z)$ is, [(7.7)](#surgery-what-does-z-tell) what the two terms are.

## Hint: the idea
Three log-densities at every draw: $\log q(z|x_n)$ of its own example, $\log q(z)$, $\log p(z)$. The first less the second is the one term, the second less the third is the other.

## Hint: nearly the code
$\log q(z|x_m)$ for every draw and *every* $m$ is a table `[samples, batch, batch]`: take `z[:, :, None, :]` and sum over the latents. Its `logsumexp` over $m$, less $\log N$, is $\log q(z)$; its diagonal is that of each draw's own example.
"""  # noqa: E501

import math

import torch

from vae_lib.exercises.engine import Exercise, after, whole
from vae_lib.exercises.families import gaussian_table, last_axis, same, swaps

STUB = '''\
def my_surgery(mu, sigma, z):
    """(information, marginal_kl), two numbers, in nats."""
    return ..., ...
'''


def solution(mu, sigma, z):
    """(information, marginal_kl), two numbers, in nats."""
    q = torch.distributions.Normal(mu, sigma)
    table = q.log_prob(z[:, :, None, :]).sum(-1)  # [samples, batch, batch]
    own = table.diagonal(dim1=1, dim2=2)  # [samples, batch]
    aggregate = table.logsumexp(-1) - math.log(len(mu))
    prior = torch.distributions.Normal(0, 1).log_prob(z).sum(-1)
    return (own - aggregate).mean(), (aggregate - prior).mean()


def log_q(mu, sigma, z):
    """log q(z|xₘ) of every draw and every example, latent by latent: [samples, batch, batch, latent]."""
    return gaussian_table(z[:, :, None, :] - mu, sigma + 0 * z[:, :, None, :])


def average(table):
    return table.logsumexp(-1) - math.log(table.shape[-1])


def of_table(table, over=last_axis, average=average):
    return average(over(table))


def standard(z, over=last_axis):
    return over(gaussian_table(z, torch.ones_like(z)))


def two(own, aggregate, prior):
    return own - aggregate, aggregate - prior


def parts(mu, sigma, z, *, table=log_q, over=last_axis, aggregate=of_table, prior=standard, cut=two, mean=torch.mean):
    each = table(mu, sigma, z)
    own = over(each.diagonal(dim1=1, dim2=2).movedim(-1, 1))
    return tuple(map(mean, cut(own, aggregate(each, over), prior(z, over))))


def inputs(rng):
    """Five examples, two latents, three draws each; then seven, three, four. The clouds overlap, off the prior."""
    calls = []
    for samples, batch, latent in ((3, 5, 2), (4, 7, 3)):
        mu, sigma = rng.normal(0.6, 0.8, (batch, latent)).round(2), rng.uniform(0.4, 1.3, (batch, latent)).round(2)
        z = (mu + sigma * rng.normal(size=(samples, batch, latent))).round(3)
        calls.append({"mu": mu, "sigma": sigma, "z": z})
    return calls


def leave_one_out(table, over):
    joint = over(table)
    own = torch.eye(joint.shape[-1], dtype=torch.bool)
    return joint.masked_fill(own, -math.inf).logsumexp(-1) - math.log(joint.shape[-1] - 1)


def factorised(table, over):
    return average(table.movedim(-1, 2)).sum(-1)


def moments(mu, sigma, z):
    """log N(z; mean, variance of q(z)), as if the aggregate were a Gaussian."""
    mean = mu.mean(0)
    return gaussian_table(z - mean, (sigma.square().mean(0) + mu.var(0, correction=0)).sqrt() + 0 * z).sum(-1)


TABLES = {
    "sigma-var": ("sigma is taken for a variance", lambda m, s, z: log_q(m, s.sqrt(), z)),
    "sigma-log": ("sigma is taken for log σ²", lambda m, s, z: log_q(m, (s / 2).exp(), z)),
    "no-constant": ("½ log 2π is left out of log q(z|x)", lambda m, s, z: log_q(m, s, z) + math.log(2 * math.pi) / 2),
    "no-log-sigma": ("log σ is left out of log q(z|x)", lambda m, s, z: log_q(m, s, z) + s.log()),
    "half-missing": (
        "the ½ before the squares is left out of log q(z|x)",
        lambda m, s, z: log_q(m, s, z) - ((z[:, :, None, :] - m) / s).square() / 2,
    ),
}
AGGREGATES = {
    "log-n-missing": (
        "q(z) is the sum of the q(z|x), and not their mean: − log N is missing",
        lambda t, over: over(t).logsumexp(-1),
    ),
    "mean-of-logs": (
        "the mean of log q(z|x) is taken: q(z) is the mean of the densities",
        lambda t, over: over(t).mean(-1),
    ),
    "own-left-out": ("each draw's own example is left out of q(z)", leave_one_out),
    "factorised": (
        "the mean over the examples is taken latent by latent: the latents of q(z) depend on each other",
        factorised,
    ),
    "over-draws": (
        "the mean runs over the draws of all examples, and not over the examples at one draw",
        lambda t, over: average(over(t).transpose(1, 2)),
    ),
    "density": ("q(z) is not put under a logarithm", lambda t, over: average(over(t)).exp()),
    "largest": ("only the q(z|x) that is largest at z is taken", lambda t, over: over(t).amax(-1)),
    "own": (
        "q(z) is taken to be each draw's own q(z|x)",
        lambda t, over: over(t.diagonal(dim1=1, dim2=2).movedim(-1, 1)),
    ),
    "samples-counted": (
        "log N is that of all the draws, and not of the examples",
        lambda t, over: over(t).logsumexp(-1) - math.log(t.shape[0] * t.shape[1]),
    ),
}
PRIORS = {
    "no-constant": ("½ log 2π is left out of log p(z)", lambda z, over: -over(z.square() / 2)),
    "half-missing": (
        "the ½ before z² is left out of log p(z)",
        lambda z, over: standard(z, over) - over(z.square() / 2),
    ),
    "missing": ("log p(z) is left out", lambda z, over: 0 * over(z)),
}
CUTS = {
    "total": (
        "the whole KL stands in the place of I(x; z): that is log q(z|x) − log p(z)",
        lambda own, q, p: (own - p, q - p),
    ),
    "exchanged": ("the two terms are exchanged", lambda own, q, p: (q - p, own - q)),
    "entropy": ("log q(z) is left out of the information", lambda own, q, p: (own, q - p)),
    "information-sign": ("the information has the wrong sign", lambda own, q, p: (q - own, q - p)),
    "marginal-sign": ("the KL to the prior has the wrong sign", lambda own, q, p: (own - q, p - q)),
    "marginal-total": ("the whole KL stands in the place of the second term", lambda own, q, p: (own - q, own - p)),
}
MEANS = {
    "summed": ("the draws are added up, and not averaged", torch.sum),
    "not-averaged": ("the mean over the draws is not taken", same),
    "over-examples": ("the sum over the examples is not divided by N", lambda v: v.mean(0).sum()),
    "an-example": ("the mean is taken over the samples alone", lambda v: v.mean(0)),
    "first-draw": ("only the first draw of each example is used", lambda v: v[0].mean()),
}

check_surgery = Exercise(
    name="surgery",
    solution=solution,
    parts=parts,
    inputs=inputs,
    steps=("information, marginal_kl = answer(mu, sigma, z)",),
    asked={
        "information": "information, the estimate of I(x; z), a number, in nats",
        "marginal_kl": "marginal_kl, the estimate of KL(q(z) ‖ p(z)), a number, in nats",
        "again": "the same numbers from a second call: the difference",
    },
    right="Two terms, and their sum is the estimate of the KL.",
    claims=("information", "marginal_kl"),
    effort="deeper · ●●● · 15 minutes",
    mistakes={
        **swaps("table", TABLES),
        **swaps("over", {"latents-averaged": ("the latents are averaged, and not added up", lambda t: t.mean(-1))}),
        **swaps("aggregate", AGGREGATES, "aggregate-"),
        **swaps("prior", PRIORS, "prior-"),
        **swaps("cut", CUTS),
        **swaps("mean", MEANS),
        "gaussian": whole(
            "q(z) is taken to be a Gaussian with the mean and the variances of q(z): it is a mixture",
            lambda m, s, z: parts(m, s, z, aggregate=lambda t, over: moments(m, s, z)),
        ),
        "bits": after("the result is in bits: nats were asked for", lambda v: tuple(part / math.log(2) for part in v)),
    },
)

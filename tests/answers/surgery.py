"""The answers to what z tells, by surgery."""

import math

import torch
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal


def joint(mu, sigma, z):
    """log q(z|x) for every draw and example."""
    return Normal(mu, sigma).log_prob(z.unsqueeze(2)).sum(3)


def prior(z):
    return Normal(0.0, 1.0).log_prob(z).sum(-1)


def oracle(mu, sigma, z):
    """By torch's own mixture, and I as what is left of the KL."""
    mixture = MixtureSameFamily(Categorical(torch.ones(len(mu))), Independent(Normal(mu, sigma), 1))
    q_x = Independent(Normal(mu, sigma), 1).log_prob(z)
    marginal = (mixture.log_prob(z) - prior(z)).mean()
    return (q_x - prior(z)).mean() - marginal, marginal


def in_a_loop(mu, sigma, z):
    information, marginal = 0.0, 0.0
    for s in range(z.shape[0]):
        for n in range(z.shape[1]):
            each = torch.stack([Normal(m, d).log_prob(z[s, n]).sum() for m, d in zip(mu, sigma, strict=True)])
            aggregate = each.exp().mean().log()
            information += (each[n] - aggregate).item()
            marginal += (aggregate - prior(z[s, n])).item()
    return information / z[..., 0].numel(), marginal / z[..., 0].numel()


def with_aggregate(aggregate):
    def surgery(mu, sigma, z):
        own = Normal(mu, sigma).log_prob(z).sum(-1)
        q = aggregate(joint(mu, sigma, z))
        return (own - q).mean(), (q - prior(z)).mean()

    return surgery


def factorised(mu, sigma, z):
    own = Normal(mu, sigma).log_prob(z).sum(-1)
    q = (Normal(mu, sigma).log_prob(z.unsqueeze(2)).logsumexp(2) - math.log(len(mu))).sum(-1)
    return (own - q).mean(), (q - prior(z)).mean()


def without_own(mu, sigma, z):
    n = len(mu)
    others = joint(mu, sigma, z).exp() * (1 - torch.eye(n))
    q = (others.sum(-1) / (n - 1)).log()
    own = Normal(mu, sigma).log_prob(z).sum(-1)
    return (own - q).mean(), (q - prior(z)).mean()


def whole_kl_first(mu, sigma, z):
    own, q = Normal(mu, sigma).log_prob(z).sum(-1), joint(mu, sigma, z).logsumexp(-1) - math.log(len(mu))
    return (own - prior(z)).mean(), (q - prior(z)).mean()


def exchanged(mu, sigma, z):
    return oracle(mu, sigma, z)[::-1]


def variance(mu, sigma, z):
    return oracle(mu, sigma.sqrt(), z)


def in_bits(mu, sigma, z):
    information, marginal = oracle(mu, sigma, z)
    return information / math.log(2), marginal / math.log(2)


def a_row_an_example(mu, sigma, z):
    q = joint(mu, sigma, z).logsumexp(-1) - math.log(len(mu))
    own = Normal(mu, sigma).log_prob(z).sum(-1)
    return (own - q).mean(0), (q - prior(z)).mean(0)


def moment_matched(mu, sigma, z):
    q = Normal(mu.mean(0), (sigma.pow(2).mean(0) + mu.var(0, unbiased=False)).sqrt()).log_prob(z).sum(-1)
    own = Normal(mu, sigma).log_prob(z).sum(-1)
    return (own - q).mean(), (q - prior(z)).mean()


def only_the_information(mu, sigma, z):
    return oracle(mu, sigma, z)[0]


def mean_over_latents(mu, sigma, z):
    table = Normal(mu, sigma).log_prob(z.unsqueeze(2)).mean(3)
    own = Normal(mu, sigma).log_prob(z).mean(-1)
    q = table.logsumexp(-1) - math.log(len(mu))
    return (own - q).mean(), (q - Normal(0.0, 1.0).log_prob(z).mean(-1)).mean()


ANSWERS = [
    (in_a_loop, "in a loop", ""),
    (with_aggregate(lambda t: t.logsumexp(2) - math.log(t.shape[2])), "a table", ""),
    (with_aggregate(lambda t: t.logsumexp(2)), "no log N", "aggregate-log-n-missing"),
    (with_aggregate(lambda t: t.mean(2)), "a mean of logarithms", "aggregate-mean-of-logs"),
    (with_aggregate(lambda t: t.logsumexp(1) - math.log(t.shape[1])), "the wrong axis", "aggregate-over-draws"),
    (without_own, "own example left out", "aggregate-own-left-out"),
    (factorised, "latent by latent", "aggregate-factorised"),
    (whole_kl_first, "the whole KL", "total"),
    (exchanged, "exchanged", "exchanged"),
    (variance, "σ as variance", "sigma-var"),
    (in_bits, "bits", "bits"),
    (a_row_an_example, "mean over samples alone", "an-example"),
    (moment_matched, "a Gaussian aggregate", "gaussian"),
    (mean_over_latents, "mean over latents", "latents-averaged"),
    (only_the_information, "one number", "no-parts"),
    (lambda mu, sigma, z: (..., ...), "a stub", "open"),
]

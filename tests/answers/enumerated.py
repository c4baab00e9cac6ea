"""The answers to log p(x) by all states, as students wrote them."""

import itertools
import math

import torch
from torch.distributions import Bernoulli
from torch.nn import functional


def bits(d):
    return torch.tensor(list(itertools.product([0.0, 1.0], repeat=d)))


def table(z, weight, bias, x):
    return Bernoulli(logits=z @ weight.T + bias).log_prob(x[:, None, :]).sum(-1)


def by_product(weight, bias, x):
    d = weight.shape[1]
    return torch.logsumexp(table(bits(d), weight, bias, x), 1) - d * math.log(2)


def by_mean_weight(weight, bias, x):
    z = bits(weight.shape[1])
    return torch.logsumexp(table(z, weight, bias, x) - math.log(len(z)), dim=1)


def in_a_loop(weight, bias, x):
    d, total = weight.shape[1], None
    for n in range(2**d):
        z = torch.tensor([float(n >> i & 1) for i in range(d)])
        log_px_z = -functional.binary_cross_entropy_with_logits(
            (weight @ z + bias).expand_as(x), x, reduction="none"
        ).sum(1)
        total = log_px_z if total is None else torch.logaddexp(total, log_px_z)
    return total - d * math.log(2)


def without_prior(weight, bias, x):
    return torch.logsumexp(table(bits(weight.shape[1]), weight, bias, x), 1)


def prior_of_one_coin(weight, bias, x):
    return without_prior(weight, bias, x) - math.log(2)


def mean_of_the_logs(weight, bias, x):
    return table(bits(weight.shape[1]), weight, bias, x).mean(1)


def sum_of_the_logs(weight, bias, x):
    d = weight.shape[1]
    return (table(bits(d), weight, bias, x) - d * math.log(2)).sum(1)


def exp_then_log(weight, bias, x):
    return table(bits(weight.shape[1]), weight, bias, x).exp().mean(1).log()


def states_of_signs(weight, bias, x):
    d = weight.shape[1]
    return torch.logsumexp(table(2 * bits(d) - 1, weight, bias, x), 1) - d * math.log(2)


def only_one_hot(weight, bias, x):
    d = weight.shape[1]
    return torch.logsumexp(table(torch.eye(d), weight, bias, x), 1) - d * math.log(2)


def best_state(weight, bias, x):
    d = weight.shape[1]
    return table(bits(d), weight, bias, x).max(1).values - d * math.log(2)


def without_bias(weight, bias, x):
    d = weight.shape[1]
    return torch.logsumexp(table(bits(d), weight, 0 * bias, x), 1) - d * math.log(2)


def under_no_grad(weight, bias, x):
    with torch.no_grad():
        return by_product(weight, bias, x)


def negative(weight, bias, x):
    return -by_product(weight, bias, x)


def pixels_averaged(weight, bias, x):
    d = weight.shape[1]
    logits = bits(d) @ weight.T + bias
    return torch.logsumexp(Bernoulli(logits=logits).log_prob(x[:, None]).mean(-1), 1) - d * math.log(2)


def average_code(weight, bias, x):
    return table(torch.full((1, weight.shape[1]), 0.5), weight, bias, x)[:, 0]


def oracle(weight, bias, x):
    """State by state in float64, softplus by hand."""
    weight, bias, x = weight.double(), bias.double(), x.double()
    rows = []
    for z in itertools.product([0.0, 1.0], repeat=weight.shape[1]):
        logits = weight @ torch.tensor(z, dtype=torch.float64) + bias
        rows.append(x @ logits - functional.softplus(logits).sum() + len(z) * math.log(0.5))
    return torch.stack(rows).logsumexp(0)


ANSWERS = [
    (by_product, "itertools", ""),
    (by_mean_weight, "log of the number of states", ""),
    (in_a_loop, "a loop with logaddexp", ""),
    (without_prior, "no prior", "prior-missing"),
    (prior_of_one_coin, "log 2 once", "prior-one-coin"),
    (mean_of_the_logs, "mean of the logs", "mean"),
    (sum_of_the_logs, "sum of the log joints", "sum-of-log-joints"),
    (exp_then_log, "exp, mean, log", "exp-by-hand"),
    (states_of_signs, "−1 and 1", "states-signs"),
    (only_one_hot, "one-hot states", "states-one-hot"),
    (best_state, "the best state", "largest"),
    (without_bias, "no bias", "bias-missing"),
    (under_no_grad, "no_grad", "no-gradient"),
    (negative, "sign", "sign"),
    (pixels_averaged, "pixels averaged", "pixels-averaged"),
    (average_code, "z = ½", "average-code"),
]

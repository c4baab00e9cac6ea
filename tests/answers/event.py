"""1.4's answers, as students wrote them: the answer, what is wrong with it, the key that it must get (none: right)."""

import math

import torch
from torch.distributions import Bernoulli, Independent
from torch.nn.functional import binary_cross_entropy, binary_cross_entropy_with_logits, logsigmoid, softplus


def bce(logits, x):
    return binary_cross_entropy_with_logits(logits, x.expand_as(logits), reduction="none")


def event_by_hand_at_risk(logits, x):
    p = torch.sigmoid(logits)
    return torch.where(x == 1, p.log(), torch.log(1 - p)).sum(-1)


def event_bce_of_probabilities(logits, x):
    return -binary_cross_entropy(torch.sigmoid(logits), x.expand_as(logits), reduction="none").sum(-1)


def event_sigmoid_then_probs(logits, x):
    return Bernoulli(probs=torch.sigmoid(logits)).log_prob(x).sum(-1)


def event_swapped(logits, x):
    return -binary_cross_entropy_with_logits(x.expand_as(logits), logits, reduction="none").sum(-1)


def event_log_of_a_sum(logits, x):
    p = torch.sigmoid(logits)
    return torch.log((x * p + (1 - x) * (1 - p)).sum(-1))


def event_squared_error(logits, x):
    return -((torch.sigmoid(logits) - x) ** 2).sum(-1)


def event_of_bare_cross_entropy(logits, x):
    return binary_cross_entropy_with_logits(logits, x)  # the shapes differ: torch refuses


def event_naive_softplus(logits, x):
    return (x * logits - torch.log(1 + torch.exp(logits))).sum(-1)


def event_with_a_small_number(logits, x):
    p = torch.sigmoid(logits)
    return (x * torch.log(p + 1e-8) + (1 - x) * torch.log(1 - p + 1e-8)).sum(-1)


def event_where_trap(logits, x):
    log_one_plus_exp = torch.where(logits > 20, logits, torch.log(1 + logits.exp()))
    return (x * logits - log_one_plus_exp).sum(-1)


def event_with_items(logits, x):
    black = (x * logsigmoid(logits)).sum(-1)
    white = torch.tensor([[((1 - b) * logsigmoid(-a)).sum().item() for a, b in zip(z, x, strict=True)] for z in logits])
    return black + white


def event_of_ratio(logits, x):
    p = logits.exp() / (1 + logits.exp())
    return torch.log(torch.where(x == 1, p, 1 - p)).sum(-1)


def event_independent(logits, x):
    return Independent(Bernoulli(logits=logits), 1).log_prob(x)


def event_by_loops(logits, x):
    rows = [
        [binary_cross_entropy_with_logits(a, b, reduction="sum") for a, b in zip(z, x, strict=True)] for z in logits
    ]
    return -torch.stack([torch.stack(row) for row in rows])


def event_by_einsum(logits, x):
    return torch.einsum("sbd,bd->sb", logits, x) - softplus(logits).sum(-1)


def event_signs(logits, x):
    return logsigmoid((2 * x - 1) * logits).double().sum(dim=2)


oracle = event_signs

ANSWERS = [
    (lambda logits, x: -bce(logits, x), "no sum", "pixels-not-summed"),
    (lambda logits, x: -bce(logits, x).mean(-1), "mean over pixels", "mean-over-pixels"),
    (lambda logits, x: -bce(logits, x).sum(0), "sum over samples", "over-samples"),
    (lambda logits, x: -bce(logits, x).sum(1), "sum over the batch", "over-batch"),
    (lambda logits, x: -bce(logits, x).sum(), "sum of all", "pixels-total"),
    (lambda logits, x: -bce(logits, x).mean(), "mean of all", "pixels-mean-of-all"),
    (lambda logits, x: -bce(logits, x).sum(-1).mean(), "one loss", "over-mean-of-sums"),
    (lambda logits, x: -bce(logits, x).sum((1, 2)), "batch gone", "over-batch-gone"),
    (lambda logits, x: -bce(logits, x).sum(2).mean(1), "batch averaged", "over-batch-averaged"),
    (lambda logits, x: -bce(logits, x).sum((0, 2)), "samples gone", "over-samples-gone"),
    (lambda logits, x: -bce(logits, x).mean(0).sum(-1), "samples averaged", "over-samples-averaged"),
    (lambda logits, x: event_independent(logits, x).t(), "samples last", "over-samples-last"),
    (lambda logits, x: -bce(logits, x).sum(-1, keepdim=True), "keepdim", "pixels-kept-axis"),
    (lambda logits, x: bce(logits, x).sum(-1), "the loss", "sign"),
    (lambda logits, x: bce(logits, x).mean(-1), "the mean loss", "mean-over-pixels+sign"),
    (lambda logits, x: event_independent(logits.sigmoid(), x), "sigmoid twice", "sigmoid-twice"),
    (event_swapped, "arguments swapped", "swapped"),
    (lambda logits, x: event_independent(-logits, x), "black for white", "exchanged"),
    (lambda logits, x: (x * logsigmoid(logits)).sum(-1), "only x = 1", "ones-only"),
    (lambda logits, x: ((1 - x) * logsigmoid(-logits)).sum(-1), "only x = 0", "zeros-only"),
    (lambda logits, x: event_independent(logits, x).exp(), "no logarithm", "probability"),
    (event_log_of_a_sum, "log of a sum", "log-of-a-sum-of-rounded"),
    (lambda logits, x: event_independent(logits, x) / math.log(2), "bits", "bits"),
    (event_squared_error, "squared error", "squared-error"),
    (event_by_hand_at_risk, "sigmoid, then log", "log-of-chosen"),
    (event_bce_of_probabilities, "probabilities in a cross-entropy", "cut-off-at-100"),
    (event_sigmoid_then_probs, "clamped probabilities", "clamped-rounding"),
    (event_naive_softplus, "log(1 + exp)", "softplus-by-hand"),
    (lambda logits, x: torch.exp(-bce(logits, x)).prod(-1).log(), "log of a product", "over-log-of-a-product"),
    (event_with_a_small_number, "10⁻⁸ in the logarithm", "small-number-8"),
    (lambda logits, x: event_signs(logits.clamp(-50, 50), x), "logits clamped", "logits-cut-50"),
    (event_where_trap, "where around an overflow", "softplus-under-where"),
    (event_with_items, "white pixels by .item()", "zeros-detached"),
    (event_of_ratio, "exp / (1 + exp)", "exp-ratio"),
    (lambda logits, x: event_independent(logits, x).squeeze(), "squeezed", "over-squeezed"),
    (event_of_bare_cross_entropy, "shapes not matched", "raised"),
    (lambda logits, x: event_independent(logits.detach(), x), "detached", "no-gradient"),
    (event_independent, "Independent", ""),
    (event_by_loops, "loops", ""),
    (event_by_einsum, "einsum and softplus", ""),
    (event_signs, "signs, float64", ""),
    (lambda logits, x: -bce(logits, 1 - x).sum(-1) / math.log(2), "a pair", "exchanged+bits"),
]

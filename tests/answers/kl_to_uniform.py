"""The answers to the KL of a die, as students wrote them."""

import math

import torch
from torch.distributions import Categorical, kl_divergence
from torch.nn import functional


def by_distributions(logits):
    return kl_divergence(Categorical(logits=logits), Categorical(logits=torch.zeros_like(logits)))


def by_entropy(logits):
    return math.log(logits.shape[-1]) - Categorical(logits=logits).entropy()


def log_uniform(logits):
    return torch.full_like(logits, -math.log(logits.shape[-1]))


def by_kl_div(logits):
    return functional.kl_div(log_uniform(logits), logits.softmax(-1), reduction="none").sum(-1)


def by_kl_div_of_logs(logits):
    log_q = functional.log_softmax(logits, -1).double()
    return functional.kl_div(log_uniform(log_q), log_q, reduction="none", log_target=True).sum(1)


def natural_order(logits):
    return functional.kl_div(logits.log_softmax(-1), log_uniform(logits).exp(), reduction="none").sum(-1)


def batchmean(logits):
    return functional.kl_div(log_uniform(logits), logits.softmax(-1), reduction="batchmean")


def mean(logits):
    return functional.kl_div(log_uniform(logits), logits.softmax(-1), reduction="mean")


def probabilities_first(logits):
    return functional.kl_div(log_uniform(logits).exp(), logits.softmax(-1), reduction="none").sum(-1)


def minus_entropy(logits):
    log_q = logits.log_softmax(-1)
    return (log_q.exp() * log_q).sum(-1)


def plogp_with_softmax(logits):
    q = logits.softmax(-1)
    return (q * q.log()).sum(-1) + math.log(logits.shape[-1])


def without_softmax(logits):
    return (logits.exp() * logits).sum(-1) + math.log(logits.shape[-1])


def averaged(logits):
    return by_entropy(logits) / logits.shape[-1]


def in_bits(logits):
    return by_entropy(logits) / math.log(2)


def negative(logits):
    return -by_entropy(logits)


def entropy_added(logits):
    return math.log(logits.shape[-1]) + Categorical(logits=logits).entropy()


def log_of_the_batch(logits):
    return math.log(len(logits)) - Categorical(logits=logits).entropy()


def by_xlogy(logits):
    q = logits.softmax(-1)
    return torch.xlogy(q, q).sum(-1) + math.log(logits.shape[-1])


def by_entr(logits):
    return math.log(logits.shape[-1]) - torch.special.entr(logits.softmax(-1)).sum(-1)


def by_nan_to_num(logits):
    q = logits.softmax(-1)
    return (q * q.log()).nan_to_num().sum(-1) + math.log(logits.shape[-1])


def oracle(logits):
    """By the difference of two logsumexps: log Z less the mean logit, plus log C."""
    q = logits.softmax(-1)
    return (q * logits).sum(-1) - logits.logsumexp(-1) + math.log(logits.shape[-1])


ANSWERS = [
    (by_distributions, "kl_divergence", ""),
    (by_entropy, "log C − entropy", ""),
    (by_kl_div, "F.kl_div of a softmax", "slope-of-zero"),
    (by_kl_div_of_logs, "F.kl_div, log_target", ""),
    (natural_order, "F.kl_div in the natural order", "natural-order"),
    (batchmean, "batchmean", "categories-batch-mean"),
    (mean, "mean", "categories-mean-of-all"),
    (probabilities_first, "F.kl_div without a logarithm", "log-missing"),
    (minus_entropy, "log C left out", "log-c-missing"),
    (plogp_with_softmax, "log of a softmax", "log-of-softmax"),
    (without_softmax, "no softmax", "not-normalised"),
    (averaged, "averaged over the categories", "mean-over-categories"),
    (in_bits, "bits", "bits"),
    (negative, "sign", "sign"),
    (entropy_added, "entropy added", "entropy-added"),
    (by_xlogy, "xlogy", "slope-of-zero"),
    (by_entr, "entr", "slope-of-zero"),
    (by_nan_to_num, "nan_to_num", "slope-of-zero"),
    (log_of_the_batch, "log of the batch", "log-c-batch"),
]

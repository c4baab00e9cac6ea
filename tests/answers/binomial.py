"""5.7's answers, as students wrote them: the answer, what is wrong with it, the key that it must get (none: right)."""

import math

import torch
from torch.distributions import Binomial, Independent
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid, softplus


def bce_rows(logits, x):
    return binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1)


def log_choose(n, x):
    return torch.lgamma(torch.tensor(n + 1.0)) - torch.lgamma(x + 1) - torch.lgamma(n - x + 1)


def scored(logits, x, n):
    return x * logsigmoid(logits) + (n - x) * logsigmoid(-logits)


def counts_without_coefficient(logits, x, total_count):
    return -total_count * bce_rows(logits, x / total_count)


def counts_as_one_pixel(logits, x, total_count):
    return -bce_rows(logits, x / total_count)


def counts_coefficient_subtracted(logits, x, total_count):
    return (scored(logits, x, total_count) - log_choose(total_count, x)).sum(-1)


def counts_coefficient_not_logged(logits, x, total_count):
    return (scored(logits, x, total_count) + torch.exp(log_choose(total_count, x))).sum(-1)


def counts_pixel_mean(logits, x, total_count):
    return Binomial(total_count, logits=logits).log_prob(x).mean(-1)


def counts_all_summed(logits, x, total_count):
    return Binomial(total_count, logits=logits).log_prob(x).sum()


def counts_batch_mean(logits, x, total_count):
    return Binomial(total_count, logits=logits).log_prob(x).sum(1).mean()


def counts_a_pixel(logits, x, total_count):
    return Binomial(total_count, logits=logits).log_prob(x)


def counts_as_loss(logits, x, total_count):
    return -Binomial(total_count, logits=logits).log_prob(x).sum(1)


def counts_cross_entropy(logits, x, total_count):
    return total_count * bce_rows(logits, x / total_count)


def counts_sigmoid_twice(logits, x, total_count):
    return Binomial(total_count, logits=logits.sigmoid()).log_prob(x).sum(1)


def counts_successes_only(logits, x, total_count):
    return (log_choose(total_count, x) + x * logsigmoid(logits)).sum(1)


def counts_lgamma_of_n(logits, x, total_count):
    n = torch.tensor(float(total_count))
    choose = torch.lgamma(n) - torch.lgamma(x) - torch.lgamma(n - x)
    return (choose + scored(logits, x, total_count)).sum(1)


def counts_log_of_sigmoid(logits, x, total_count):
    p = torch.sigmoid(logits)
    log_p = x * torch.log(p) + (total_count - x) * torch.log(1 - p)
    return (log_choose(total_count, x) + log_p).sum(1)


def counts_by_exponentials(logits, x, total_count):
    log_p = x * logits - total_count * torch.log1p(torch.exp(logits))
    return (log_choose(total_count, x) + log_p).sum(1)


def counts_by_branches(logits, x, total_count):
    softplus = torch.where(logits > 20, logits, torch.log1p(torch.exp(logits)))
    return (log_choose(total_count, x) + x * logits - total_count * softplus).sum(1)


def counts_by_probabilities(logits, x, total_count):
    return Binomial(total_count, probs=torch.sigmoid(logits)).log_prob(x).sum(1)


def counts_half_detached(logits, x, total_count):
    log_p = x * logsigmoid(logits.detach()) + (total_count - x) * logsigmoid(-logits)
    return (log_choose(total_count, x) + log_p).sum(1)


def counts_no_gradient(logits, x, total_count):
    with torch.no_grad():
        return Binomial(total_count, logits=logits).log_prob(x).sum(1)


def counts_by_distributions(logits, x, total_count):
    return Independent(Binomial(total_count, logits=logits), 1).log_prob(x)


def counts_by_cross_entropy(logits, x, total_count):
    coefficient = log_choose(total_count, x).sum(1)
    return coefficient - total_count * bce_rows(logits, x / total_count)


def counts_in_loops(logits, x, total_count):
    rows = []
    for logit_row, count_row in zip(logits.double(), x.tolist(), strict=True):
        log_p = [
            math.log(math.comb(total_count, int(k))) + k * a - total_count * softplus(a)
            for a, k in zip(logit_row, count_row, strict=True)
        ]
        rows.append(sum(log_p))
    return torch.stack(rows)


def counts_clamped_logits(logits, x, total_count):
    return counts_by_distributions(logits.clamp(-100, 100), x, total_count)


def oracle(logits, x, total_count):
    """By the product itself: the logarithm of the binomial's coefficient from exact integers."""
    coefficient = [[math.log(math.comb(total_count, int(k))) for k in row] for row in x.tolist()]
    return torch.tensor(coefficient).to(x).sum(1) - total_count * bce_rows(logits, x / total_count)


ANSWERS = [
    (counts_by_distributions, "torch.distributions", ""),
    (counts_by_cross_entropy, "n times the cross-entropy of x/n", ""),
    (counts_in_loops, "loops, float64", ""),
    (counts_without_coefficient, "coefficient dropped", "choose-missing"),
    (counts_as_one_pixel, "one Bernoulli", "one-pixel"),
    (counts_coefficient_subtracted, "coefficient's sign", "choose-sign"),
    (counts_coefficient_not_logged, "coefficient not logged", "not-logged"),
    (counts_pixel_mean, "mean over pixels", "mean-over-pixels"),
    (counts_all_summed, "sum over all", "pixels-total"),
    (counts_batch_mean, "mean over the batch", "pixels-batch-mean"),
    (counts_a_pixel, "no sum", "pixels-not-summed"),
    (counts_as_loss, "a loss", "sign"),
    (counts_cross_entropy, "a cross-entropy", "choose-missing+sign"),
    (counts_sigmoid_twice, "sigmoid twice", "sigmoid-twice"),
    (counts_successes_only, "successes only", "failure-missing"),
    (counts_lgamma_of_n, "lgamma(n)", "lgamma-of-n"),
    (counts_log_of_sigmoid, "log of sigmoid", "log-of-sigmoid"),
    (counts_by_exponentials, "log1p(exp)", "softplus-by-hand"),
    (counts_by_branches, "log1p(exp) under where", "softplus-under-where"),
    (counts_by_probabilities, "Binomial(probs=…)", "clamped-rounding"),
    (counts_half_detached, "half detached", "success-detached"),
    (counts_no_gradient, "no gradient", "no-gradient"),
    (counts_clamped_logits, "logits cut off at ±100", "logits-cut-100"),
]

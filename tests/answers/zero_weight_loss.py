"""6.2's answers, as students wrote them: the answer, what is wrong with it, the key that it must get (none: right)."""

import math

import torch
from torch.distributions import Binomial
from torch.nn.functional import binary_cross_entropy_with_logits


def log_choose(n, k):
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def per_pixel(x, n):
    rows = [[n * math.log(2) - log_choose(n, k) for k in row] for row in x.tolist()]
    return torch.tensor(rows, dtype=torch.float64)


def zero_by_loops(x, n):
    return per_pixel(x, n).sum(-1)


def zero_without_coefficient(x, n):
    return binary_cross_entropy_with_logits(torch.zeros_like(x), x / n, reduction="none").sum(1) * n


def zero_coefficient_added(x, n):
    total = torch.tensor(n, dtype=x.dtype)
    choose = torch.lgamma(total + 1) - torch.lgamma(x + 1) - torch.lgamma(total - x + 1)
    return (n * math.log(2) + choose).sum(1)


def zero_uniform(x, n):
    return torch.full((len(x),), x.shape[1] * math.log(n + 1), dtype=torch.float64)


def zero_lgamma_off(x, n):
    total = torch.tensor(n, dtype=x.dtype)
    return (n * math.log(2) - torch.lgamma(total) + torch.lgamma(x) + torch.lgamma(total - x)).sum(-1)


def zero_without_log(x, n):
    return torch.tensor([sum(n * math.log(2) - math.comb(n, int(k)) for k in row) for row in x], dtype=torch.float64)


def zero_of_one_trial(x, n):
    return per_pixel(x, n).sum(1) - (n - 1) * x.shape[1] * math.log(2)


def zero_black_and_white(x, n):
    return x.new_full((len(x),), x.shape[1] * math.log(2))


def zero_with_one_n_log_two(x, n):
    return n * math.log(2) + (per_pixel(x, n) - n * math.log(2)).sum(1)


def zero_in_bits(x, n):
    return per_pixel(x, n).sum(1) / math.log(2)


def zero_two_for_log_two(x, n):
    return (per_pixel(x, n) - n * math.log(2) + 2 * n).sum(1)


def elbo_at_zero(x, n):
    return -per_pixel(x, n).sum(1)


def zero_mean_over_pixels(x, n):
    return per_pixel(x, n).mean(1)


def zero_over_the_batch(x, n):
    return per_pixel(x, n).sum(0)


def zero_of_all(x, n):
    return per_pixel(x, n).sum()


def zero_batch_mean(x, n):
    return per_pixel(x, n).sum(1).mean()


def zero_of_sixteen_trials(x, n):
    return -Binomial(16, probs=0.5, validate_args=False).log_prob(x).sum(1)


def zero_brackets(x, n):
    total = torch.full_like(x, n)
    ways = torch.lgamma(total + 1) - torch.lgamma(x + 1) + torch.lgamma(total - x + 1)
    return (n * math.log(2) - ways).sum(1)


def zero_mean_in_bits(x, n):
    return (per_pixel(x, n) / math.log(2)).mean(1)


def zero_uniform_batch_mean(x, n):
    return torch.tensor(x.shape[1] * math.log(n + 1))


def zero_that_spoils_its_input(x, n):
    x += 1
    return -(math.lgamma(n + 1) - torch.lgamma(x) - torch.lgamma(n - x + 2) - n * math.log(2)).sum(1)


def zero_by_distributions(x, n):
    return -Binomial(n, logits=torch.zeros_like(x)).log_prob(x).sum(-1)


def zero_by_counting(x, n):
    ways = [math.prod(math.comb(n, int(k)) for k in row) for row in x]
    return torch.tensor([math.log(2 ** (n * x.shape[1]) / way) for way in ways])


def oracle(x, n):
    return -Binomial(n, probs=0.5).log_prob(x).sum(-1)


ANSWERS = [
    (zero_by_distributions, "torch.distributions", ""),
    (zero_without_coefficient, "coefficient dropped", "ways-missing"),
    (zero_coefficient_added, "coefficient added", "ways-sign"),
    (zero_without_log, "coefficient without its logarithm", "ways-without-log"),
    (zero_lgamma_off, "lgamma(k) for log k!", "lgamma-off"),
    (zero_of_one_trial, "one trial", "one-trial"),
    (zero_black_and_white, "D log 2", "black-and-white"),
    (zero_with_one_n_log_two, "D forgotten", "tosses-once"),
    (zero_uniform, "uniform", "uniform"),
    (zero_in_bits, "bits", "bits"),
    (zero_two_for_log_two, "2 for log 2", "two-for-log-two"),
    (elbo_at_zero, "the ELBO", "sign"),
    (zero_mean_over_pixels, "mean over pixels", "mean-over-pixels"),
    (per_pixel, "not added up", "pixels-not-summed"),
    (zero_over_the_batch, "summed over the batch", "pixels-over-batch"),
    (zero_of_all, "everything summed", "pixels-total"),
    (zero_batch_mean, "mean over the batch", "pixels-batch-mean"),
    (zero_of_sixteen_trials, "total_count typed in", "sixteen"),
    (zero_brackets, "brackets missing in the coefficient", "rest-factorial-sign"),
    (zero_mean_in_bits, "a pair", "mean-over-pixels+bits"),
    (zero_uniform_batch_mean, "a pair with another shape", "uniform+pixels-batch-mean"),
    (zero_that_spoils_its_input, "changes its argument", "changes-arguments"),
    (zero_by_loops, "loops, float64", ""),
    (zero_by_counting, "whole numbers", ""),
]

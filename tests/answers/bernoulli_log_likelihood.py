"""4.5's answers, as students wrote them: the answer, what is wrong with it, the key that it must get (none: right)."""

import torch
from torch.distributions import Bernoulli, Independent
from torch.nn import functional


def bernoulli_cross_entropy(logits, x):
    return functional.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(-1)


def bernoulli_sigmoid_twice(logits, x):
    return -functional.binary_cross_entropy_with_logits(torch.sigmoid(logits), x, reduction="none").sum(-1)


def bernoulli_swapped(logits, x):
    return -functional.binary_cross_entropy_with_logits(x, logits, reduction="none").sum(-1)


def bernoulli_swapped_after_sigmoid(logits, x):
    return -functional.binary_cross_entropy(x, torch.sigmoid(logits), reduction="none").sum(-1)


def bernoulli_swapped_by_hand(logits, x):
    p = torch.sigmoid(logits)
    return (p * torch.log(x) + (1 - p) * torch.log(1 - x)).sum(-1)


def bernoulli_without_sigmoid(logits, x):
    return (x * torch.log(logits) + (1 - x) * torch.log(1 - logits)).sum(-1)


def bernoulli_ones_only(logits, x):
    return (x * torch.log(torch.sigmoid(logits))).sum(-1)


def bernoulli_zeros_only(logits, x):
    return ((1 - x) * torch.log(1 - torch.sigmoid(logits))).sum(-1)


def bernoulli_inverted(logits, x):
    p = torch.sigmoid(logits)
    return ((1 - x) * torch.log(p) + x * torch.log(1 - p)).sum(-1)


def bernoulli_mean_over_pixels(logits, x):
    return -functional.binary_cross_entropy_with_logits(logits, x, reduction="none").mean(-1)


def bernoulli_default_reduction(logits, x):
    return -functional.binary_cross_entropy_with_logits(logits, x)


def bernoulli_default_loss(logits, x):
    return functional.binary_cross_entropy_with_logits(logits, x)


def bernoulli_total(logits, x):
    return -functional.binary_cross_entropy_with_logits(logits, x, reduction="sum")


def bernoulli_over_the_batch(logits, x):
    return Bernoulli(logits=logits).log_prob(x).sum(0)


def bernoulli_per_pixel(logits, x):
    return Bernoulli(logits=logits).log_prob(x)


def bernoulli_probability(logits, x):
    p = torch.sigmoid(logits)
    return torch.prod(torch.where(x == 1, p, 1 - p), dim=1)


def bernoulli_log_sigmoid(logits, x):
    p = torch.sigmoid(logits)
    return (x * torch.log(p) + (1 - x) * torch.log(1 - p)).sum(-1)


def bernoulli_log_sigmoid_chosen(logits, x):
    p = torch.sigmoid(logits)
    return torch.log(torch.where(x == 1, p, 1 - p)).sum(-1)


def bernoulli_cut_off(logits, x):
    return -functional.binary_cross_entropy(torch.sigmoid(logits), x, reduction="none").sum(-1)


def bernoulli_by_probabilities(logits, x):
    return Bernoulli(probs=torch.sigmoid(logits)).log_prob(x).sum(-1)


def bernoulli_with_a_small_number(logits, x):
    p = torch.sigmoid(logits)
    return (x * torch.log(p + 1e-8) + (1 - x) * torch.log(1 - p + 1e-8)).sum(-1)


def bernoulli_clamped(logits, x):
    p = torch.sigmoid(logits).clamp(1e-6, 1 - 1e-6)
    return (x * torch.log(p) + (1 - x) * torch.log(1 - p)).sum(-1)


def bernoulli_by_exponentials(logits, x):
    return (x * logits - torch.log(1 + torch.exp(logits))).sum(-1)


def bernoulli_by_branches(logits, x):
    softplus = torch.where(logits > 20, logits, torch.log1p(torch.exp(logits)))
    return (x * logits - softplus).sum(-1)


def bernoulli_no_grad(logits, x):
    return Bernoulli(logits=logits.detach()).log_prob(x).sum(-1)


def bernoulli_by_softplus(logits, x):
    return (x * logits - functional.softplus(logits)).sum(-1)


def bernoulli_by_sign(logits, x):
    return functional.logsigmoid(logits.double() * (2 * x.double() - 1)).sum(1)


def bernoulli_by_absolute_values(logits, x):
    return -(logits.clamp(min=0) - logits * x + torch.log1p(torch.exp(-logits.abs()))).sum(-1)


def bernoulli_by_loops(logits, x):
    rows = zip(logits, x, strict=True)
    return torch.stack([-functional.binary_cross_entropy_with_logits(a, b, reduction="sum") for a, b in rows])


def bernoulli_by_logaddexp(logits, x):
    nothing = torch.zeros_like(logits)
    return torch.einsum("bi->b", -torch.logaddexp(nothing, (1 - 2 * x) * logits))


def oracle(logits, x):
    return Independent(Bernoulli(logits=logits), 1).log_prob(x)


ANSWERS = [
    (bernoulli_cross_entropy, "sign", "sign"),
    (bernoulli_sigmoid_twice, "sigmoid before logits loss", "sigmoid-twice"),
    (bernoulli_swapped, "arguments swapped", "swapped"),
    (bernoulli_swapped_after_sigmoid, "arguments swapped after a sigmoid", "swapped-probabilities"),
    (bernoulli_swapped_by_hand, "x and p swapped by hand", "swapped-by-hand"),
    (bernoulli_without_sigmoid, "sigmoid forgotten", "no-sigmoid"),
    (lambda a, x: -functional.binary_cross_entropy(a, x), "sigmoid forgotten in torch's loss", "raised"),
    (bernoulli_ones_only, "only x = 1", "ones-only+log-of-sigmoid"),
    (bernoulli_zeros_only, "only x = 0", "zeros-only+log-of-sigmoid|zeros-only+clamped-8"),
    (bernoulli_inverted, "x and 1 − x exchanged", "exchanged+log-of-sigmoid"),
    (bernoulli_mean_over_pixels, "mean over pixels", "mean-over-pixels"),
    (bernoulli_default_reduction, "mean over everything", "pixels-mean-of-all"),
    (bernoulli_default_loss, "torch's loss as it is", "pixels-mean-of-all+sign"),
    (bernoulli_total, "sum over everything", "pixels-total"),
    (bernoulli_over_the_batch, "sum over the batch", "pixels-over-batch"),
    (bernoulli_per_pixel, "not summed", "pixels-not-summed"),
    (bernoulli_probability, "probability", "probability"),
    (bernoulli_log_sigmoid, "log(sigmoid)", "log-of-sigmoid"),
    (bernoulli_log_sigmoid_chosen, "log(sigmoid), chosen by where", "log-of-chosen"),
    (bernoulli_cut_off, "sigmoid before binary_cross_entropy", "cut-off-at-100"),
    (bernoulli_by_probabilities, "Bernoulli(probs=…)", "clamped-rounding"),
    (bernoulli_clamped, "probabilities clamped", "clamped-6"),
    (bernoulli_by_exponentials, "log(1 + exp)", "softplus-by-hand"),
    (bernoulli_by_branches, "log1p(exp) under where", "softplus-under-where"),
    (lambda a, x: (x * a.detach() - functional.softplus(a)).sum(-1), "part of the logits detached", "linear-detached"),
    (bernoulli_with_a_small_number, "1e-8 in the logarithm", "small-number-8"),
    (bernoulli_no_grad, "detached", "no-gradient"),
    (bernoulli_by_softplus, "softplus", ""),
    (bernoulli_by_sign, "logsigmoid of ±logits, float64", ""),
    (bernoulli_by_absolute_values, "log1p(exp(−|logits|))", ""),
    (bernoulli_by_loops, "a loop over images", ""),
    (bernoulli_by_logaddexp, "logaddexp and einsum", ""),
]

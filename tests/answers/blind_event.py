"""Exercise 1.4, event."""
import math

import torch
import torch.nn.functional as F
from torch.distributions import Bernoulli, Normal


def _pixels(logits, x):
    return Bernoulli(logits=logits).log_prob(x)


def _softplus(logits, x):
    return -F.softplus((1 - 2 * x) * logits).sum(-1)


def _inner_product(logits, x):
    return torch.einsum("sbd,bd->sb", logits, x.to(logits.dtype)) - torch.logaddexp(logits, torch.zeros_like(logits)).sum(dim=2)


def _two_way(logits, x):
    chosen = torch.where(x.bool(), F.logsigmoid(logits), F.logsigmoid(-logits))
    return torch.stack([torch.stack([row.sum() for row in draw]) for draw in chosen])


def _mean(logits, x):
    return _pixels(logits, x).mean(-1)


def _loss(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x.expand_as(logits), reduction="none").sum(-1)


def _no_sum(logits, x):
    return _pixels(logits, x)


def _batch_axis(logits, x):
    return _pixels(logits, x).sum(1)


def _everything(logits, x):
    return _pixels(logits, x).sum()


def _samples_axis(logits, x):
    return _pixels(logits, x).sum(-1).mean(0)


def _naive(logits, x):
    pi = torch.sigmoid(logits)
    return torch.where(x == 1, pi.log(), (1 - pi).log()).sum(-1)


def _eps(logits, x):
    pi = torch.sigmoid(logits)
    return (x * (pi + 1e-8).log() + (1 - x) * (1 - pi + 1e-8).log()).sum(-1)


def _clamp(logits, x):
    return _pixels(logits.clamp(-30, 30), x).sum(-1)


def _nan_to_num(logits, x):
    pi = torch.sigmoid(logits)
    return torch.nan_to_num(torch.where(x == 1, pi.log(), (1 - pi).log()), neginf=0.0).sum(-1)


def _only_white(logits, x):
    return (x * F.logsigmoid(logits)).sum(-1)


def _same_log(logits, x):
    return (x * F.logsigmoid(logits) + (1 - x) * F.logsigmoid(logits)).sum(-1)


def _inverted(logits, x):
    return _pixels(logits, 1 - x).sum(-1)


def _bits(logits, x):
    return _pixels(logits, x).sum(-1) / math.log(2)


def _twice(logits, x):
    return _pixels(torch.sigmoid(logits), x).sum(-1)


def _gaussian(logits, x):
    return Normal(torch.sigmoid(logits), 1.0).log_prob(x).sum(-1)


def _softmax(logits, x):
    return (x * logits.log_softmax(-1)).sum(-1)


def _product(logits, x):
    return _pixels(logits, x).exp().prod(-1)


def _first_draw(logits, x):
    return _pixels(logits[:1], x).sum(-1).expand(len(logits), -1)


def _rounded(logits, x):
    return _pixels(logits, x)[..., :-1].sum(-1)


def _no_normaliser(logits, x):
    return (logits * x).sum(-1)


def _sampled_x(logits, x):
    return _pixels(logits, torch.bernoulli(torch.sigmoid(logits))).sum(-1)


def _transposed(logits, x):
    return _pixels(logits, x).sum(-1).T


def _scaled(logits, x):
    return _pixels(logits, x).mean(-1) * 784


def _two_mean_sign(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x.expand_as(logits), reduction="none").mean(-1)


def _two_naive_bits(logits, x):
    pi = torch.sigmoid(logits)
    return (x * pi.log2() + (1 - x) * (1 - pi).log2()).sum(-1)


def _two_axis_sign(logits, x):
    return -_pixels(logits, x).sum(1)


def _two_white_mean(logits, x):
    return (x * F.logsigmoid(logits)).mean(-1)


def _two_twice_inverted(logits, x):
    return _pixels(torch.sigmoid(logits), 1 - x).sum(-1)


def _detached(logits, x):
    return _pixels(logits.detach(), x).sum(-1)


def _wide_clamp(logits, x):
    return _pixels(logits.clamp(-250, 250), x).sum(-1)


def _two_clamp_mean(logits, x):
    return _pixels(logits.clamp(-30, 30), x).mean(-1)


def _two_first_draw_sign(logits, x):
    return -_first_draw(logits, x)


def _two_no_normaliser_last(logits, x):
    return (logits * x)[..., :-1].sum(-1)


ANSWERS = [
    (_softplus, "minus softplus of the logit with the sign turned by x, summed over pixels", True),
    (_inner_product, "einsum of logits and x minus the sum of log(e^logit + e^0)", True),
    (_two_way, "where over logsigmoid of plus and minus the logit, then a double loop that sums each row", True),
    (_mean, "mean over the pixels instead of the sum", False),
    (_loss, "wrong sign: the cross-entropy, a loss, not negated", False),
    (_no_sum, "the pixels' log-probabilities, not summed: [samples, batch, data]", False),
    (_batch_axis, "sums over the batch axis instead of the pixels: [samples, data]", False),
    (_everything, "sums over everything to a single number", False),
    (_samples_axis, "sums the pixels right but also averages over the draws: [batch]", False),
    (_naive, "sigmoid first, then log of pi and of 1 - pi: minus infinity for a logit of 200 at a pixel that is 0", False),
    (_eps, "adds 1e-8 inside the logarithms: finite, but about -18 where -200 belongs", False),
    (_clamp, "clamps the logits to -30 to 30, so the sure decoder gets -30 instead of -200", False),
    (_nan_to_num, "computes via sigmoid and sets an infinite log-probability to 0, so a sure and wrong pixel costs nothing", False),
    (_only_white, "only the term of the pixels that are 1; log(1 - pi) of the zeros forgotten", False),
    (_same_log, "uses log pi for the zeros also, where log(1 - pi) belongs", False),
    (_inverted, "zeros and ones exchanged: probability of 1 - x", False),
    (_bits, "in bits: divided by log 2", False),
    (_twice, "sigmoid applied twice: gives probabilities to an argument that expects logits", False),
    (_gaussian, "a Gaussian log-density around the sigmoid instead of the Bernoulli", False),
    (_softmax, "softmax across the pixels (categorical) instead of one Bernoulli for each pixel", False),
    (_product, "the probability itself, a product, with no logarithm at the end", False),
    (_first_draw, "uses the logits of the first draw for all draws", False),
    (_rounded, "leaves the last pixel out: slice off by one", False),
    (_no_normaliser, "only x times logit; the normaliser, log(1 + e^logit), forgotten", False),
    (_sampled_x, "draws a picture from the decoder and scores that, instead of the given x", False),
    (_transposed, "the result transposed to [batch, samples]", False),
    (_scaled, "mean over pixels times 784, the number of pixels typed in", False),
    (_two_mean_sign, "TWO: wrong sign (cross-entropy not negated), and mean over pixels instead of sum", False),
    (_two_naive_bits, "TWO: via sigmoid and log, not finite for a sure decoder, and base-2 logarithm (bits)", False),
    (_two_axis_sign, "TWO: sums over the batch instead of the pixels, and with a minus sign", False),
    (_two_white_mean, "TWO: the zeros' term log(1 - pi) forgotten, and mean for the sum", False),
    (_two_twice_inverted, "TWO: sigmoid before the logits argument, and x inverted to 1 - x", False),
    (_two_clamp_mean, "TWO: logits clamped to -30 to 30, and mean over pixels", False),
    (_two_first_draw_sign, "TWO: first draw's logits for all draws, and a minus sign", False),
    (_two_no_normaliser_last, "TWO: the normaliser log(1 + e^logit) missing, and the last pixel left out", False),
]
BORDERLINE = [
    (_detached, "right values, but logits detached: no gradient (the task does not ask for one)", None),
    (_wide_clamp, "clamps the logits to -250 to 250: right up to the 200 of the task, wrong beyond", None),
]

"""Blind answers to exercise 5.7, my_binomial_log_likelihood(logits, x, total_count)."""
import math

import torch
import torch.nn.functional as F

ANSWERS, BORDERLINE = [], []


def a(words, right):
    def keep(f):
        (BORDERLINE if right is None else ANSWERS).append((f, words, right))
        return f
    return keep


def coef(x, n):
    n = torch.as_tensor(n, dtype=x.dtype)
    return torch.lgamma(n + 1) - torch.lgamma(x + 1) - torch.lgamma(n - x + 1)


def bits(logits, x, n):
    return x * F.logsigmoid(logits) + (n - x) * F.logsigmoid(-logits)


@a("forgot the binomial coefficient", False)
def w01(logits, x, total_count):
    return bits(logits, x, total_count).sum(-1)


@a("the coefficient's sign: its logarithm is subtracted", False)
def w02(logits, x, total_count):
    return (bits(logits, x, total_count) - coef(x, total_count)).sum(-1)


@a("lgamma without the +1: log (k-1)! where log k! is wanted, clamped away from 0 by 1e-6", False)
def w03(logits, x, total_count):
    g = lambda k: torch.lgamma(k.clamp(min=1e-6))
    n = torch.full_like(x, float(total_count))
    return (g(n) - g(x) - g(n - x) + bits(logits, x, total_count)).sum(-1)


@a("the coefficient lacks - log (n - x)!", False)
def w04(logits, x, total_count):
    c = math.lgamma(total_count + 1) - torch.lgamma(x + 1)
    return (c + bits(logits, x, total_count)).sum(-1)


@a("the coefficient lacks log n!", False)
def w05(logits, x, total_count):
    c = -torch.lgamma(x + 1) - torch.lgamma(total_count - x + 1)
    return (c + bits(logits, x, total_count)).sum(-1)


@a("mean over the pixels instead of the sum", False)
def w06(logits, x, total_count):
    return (coef(x, total_count) + bits(logits, x, total_count)).mean(-1)


@a("sign: minus the log-likelihood, a loss", False)
def w07(logits, x, total_count):
    return -(coef(x, total_count) + bits(logits, x, total_count)).sum(-1)


@a("16 typed in for the number of trials; total_count is ignored", False)
def w08(logits, x, total_count):
    return (coef(x.clamp(max=16), 16) + bits(logits, x, 16)).sum(-1)


@a("sigmoid first, then the logarithm with 1e-8 added: wrong for a network that is very sure", False)
def w09(logits, x, total_count):
    p = torch.sigmoid(logits)
    t = x * torch.log(p + 1e-8) + (total_count - x) * torch.log(1 - p + 1e-8)
    return (coef(x, total_count) + t).sum(-1)


@a("the failures' term is missing: no (n - x) * log(1 - p)", False)
def w10(logits, x, total_count):
    return (coef(x, total_count) + x * F.logsigmoid(logits)).sum(-1)


@a("(1 - x) instead of (n - x) before log(1 - p), as for black and white pixels", False)
def w11(logits, x, total_count):
    return (coef(x, total_count) + x * F.logsigmoid(logits) + (1 - x) * F.logsigmoid(-logits)).sum(-1)


@a("x divided by n: the cross-entropy of the share x/n, without the factor n, beside the right coefficient", False)
def w12(logits, x, total_count):
    return (coef(x, total_count) - F.binary_cross_entropy_with_logits(logits, x / total_count, reduction="none")).sum(-1)


@a("sum over the batch (axis 0): [data]", False)
def w13(logits, x, total_count):
    return (coef(x, total_count) + bits(logits, x, total_count)).sum(0)


@a("the coefficient itself is added, not its logarithm (exp of the lgammas)", False)
def w14(logits, x, total_count):
    return (coef(x, total_count).exp() + bits(logits, x, total_count)).sum(-1)


@a("success and failure exchanged: p = sigmoid(-logit)", False)
def w15(logits, x, total_count):
    return (coef(x, total_count) + bits(-logits, x, total_count)).sum(-1)


@a("logits clamped to -15 ... 15, so that a very sure and wrong network loses too little", False)
def w16(logits, x, total_count):
    return (coef(x, total_count) + bits(logits.clamp(-15, 15), x, total_count)).sum(-1)


@a("naive log of sigmoid with nan_to_num: minus infinity and nan of a very sure network become 0", False)
def w17(logits, x, total_count):
    p = torch.sigmoid(logits)
    t = x * p.log() + (total_count - x) * (1 - p).log()
    return (coef(x, total_count) + torch.nan_to_num(t, nan=0.0, neginf=0.0)).sum(-1)


@a("a normal density with the binomial's mean n p and variance n p (1 - p) + 1e-3 in place of the binomial", False)
def w18(logits, x, total_count):
    p = torch.sigmoid(logits)
    v = total_count * p * (1 - p) + 1e-3
    return (-0.5 * (x - total_count * p) ** 2 / v - 0.5 * torch.log(2 * math.pi * v)).sum(-1)


@a("the coefficient of log(1 - p) is n instead of n - x", False)
def w19(logits, x, total_count):
    return (coef(x, total_count) + x * F.logsigmoid(logits) + total_count * F.logsigmoid(-logits)).sum(-1)


@a("TWO: no coefficient, and the mean over pixels instead of the sum", False)
def w20(logits, x, total_count):
    return bits(logits, x, total_count).mean(-1)


@a("TWO: the coefficient is subtracted instead of added, and p and 1 - p are exchanged", False)
def w21(logits, x, total_count):
    return (bits(-logits, x, total_count) - coef(x, total_count)).sum(-1)


@a("TWO: the sign of everything is reversed, and the coefficient lacks - log (n - x)!", False)
def w22(logits, x, total_count):
    c = math.lgamma(total_count + 1) - torch.lgamma(x + 1)
    return -(c + bits(logits, x, total_count)).sum(-1)


@a("TWO: (1 - x) instead of (n - x) at log(1 - p), and in bits (divided by log 2)", False)
def w23(logits, x, total_count):
    t = coef(x, total_count) + x * F.logsigmoid(logits) + (1 - x) * F.logsigmoid(-logits)
    return t.sum(-1) / math.log(2)


@a("TWO: 16 trials typed in at (16 - x) log(1 - p), and the coefficient forgotten", False)
def w24(logits, x, total_count):
    return bits(logits, x, 16).sum(-1)


@a("TWO: logits clamped to -15 ... 15, and the coefficient's log n! is missing", False)
def w25(logits, x, total_count):
    c = -torch.lgamma(x + 1) - torch.lgamma(total_count - x + 1)
    return (c + bits(logits.clamp(-15, 15), x, total_count)).sum(-1)


@a("right: x * logit - n * softplus(logit), the coefficient by the logarithm of a beta function", True)
def r1(logits, x, total_count):
    n = total_count
    beta = torch.lgamma(n - x + 1) + torch.lgamma(x + 1) - torch.lgamma(torch.full_like(x, n + 2.0))
    t = torch.where(x == 0, 0 * logits, x * logits) - n * F.softplus(logits)
    # for a large logit x * logit and n * softplus cancel: take the stable form there
    t = torch.where(logits > 0, -(n - x) * logits - n * F.softplus(-logits), t)
    return (t - beta - math.log(n + 1)).sum(-1)


@a("right: n times the cross-entropy of the share x/n, minus; coefficients looked up in a table of math.comb", True)
def r2(logits, x, total_count):
    n = int(total_count)
    table = torch.tensor([math.log(math.comb(n, k)) for k in range(n + 1)], dtype=logits.dtype)
    ce = F.binary_cross_entropy_with_logits(logits, x / n, reduction="none")
    return table[x.long()].sum(-1) - n * ce.sum(-1)


@a("right: the three terms summed over the pixels separately, log-probabilities from a two-way log_softmax", True)
def r3(logits, x, total_count):
    lp = torch.log_softmax(torch.stack([logits, torch.zeros_like(logits)]), 0)
    counts = torch.stack([x, total_count - x])
    return (counts * lp).sum((0, 2)) + coef(x, total_count).sum(-1)


@a("right but logits clamped to -1000 ... 1000 first", None)
def b1(logits, x, total_count):
    return (coef(x, total_count) + bits(logits.clamp(-1000, 1000), x, total_count)).sum(-1)


@a("right value, but through torch.distributions.Binomial, which the task forbids", None)
def b2(logits, x, total_count):
    return torch.distributions.Binomial(int(total_count), logits=logits, validate_args=False).log_prob(x).sum(-1)

"""Blind answers to exercise 4.5, my_bernoulli_log_likelihood(logits, x)."""
import math

import torch
import torch.nn.functional as F

ANSWERS, BORDERLINE = [], []


def a(words, right):
    def keep(f):
        (BORDERLINE if right is None else ANSWERS).append((f, words, right))
        return f
    return keep


def bce(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none")


@a("sign: returns the cross-entropy, which is minus the log-likelihood", False)
def w01(logits, x):
    return bce(logits, x).sum(-1)


@a("mean over the pixels instead of the sum", False)
def w02(logits, x):
    return -bce(logits, x).mean(-1)


@a("sigmoid first and then the logarithm with 1e-7 added: finite, but wrong for logits of +-1000", False)
def w03(logits, x):
    p = torch.sigmoid(logits)
    return (x * torch.log(p + 1e-7) + (1 - x) * torch.log(1 - p + 1e-7)).sum(-1)


@a("clamps the logits to -20 ... 20, so that a very sure and wrong pixel costs 20 nats, not 1000", False)
def w04(logits, x):
    return -bce(logits.clamp(-20, 20), x).sum(-1)


@a("arguments of the cross-entropy exchanged: x is given as the logits and the logits as the target", False)
def w05(logits, x):
    return -bce(x, logits).sum(-1)


@a("sums over the batch (axis 0) instead of the pixels: [data]", False)
def w06(logits, x):
    return -bce(logits, x).sum(0)


@a("binary_cross_entropy of the sigmoid: torch cuts its logarithm off at -100 a pixel", False)
def w07(logits, x):
    return -F.binary_cross_entropy(torch.sigmoid(logits), x, reduction="none").sum(-1)


@a("forgot the term of the white pixels: only x * log p, no (1 - x) * log(1 - p)", False)
def w08(logits, x):
    return (x * F.logsigmoid(logits)).sum(-1)


@a("two sigmoids: gives probabilities, sigmoid(logits), to the function that expects logits", False)
def w09(logits, x):
    return -bce(torch.sigmoid(logits), x).sum(-1)


@a("everything added up into a single number: the sum runs over the batch too", False)
def w10(logits, x):
    return -F.binary_cross_entropy_with_logits(logits, x, reduction="sum")


@a("in bits: divides by log 2", False)
def w11(logits, x):
    return -bce(logits, x).sum(-1) / math.log(2)


@a("black and white exchanged: P(x=1) = sigmoid(-logits)", False)
def w12(logits, x):
    return -bce(-logits, x).sum(-1)


@a("divides by the batch size too, so that the number of an image depends on the others' number", False)
def w13(logits, x):
    return -bce(logits, x).sum(-1) / len(x)


@a("minus the squared error between the pixels and sigmoid(logits), not a Bernoulli's log-probability", False)
def w14(logits, x):
    return -((x - torch.sigmoid(logits)) ** 2).sum(-1)


@a("naive log(sigmoid) whose nan and inf are replaced by 0 (nan_to_num): a very sure and wrong pixel costs nothing", False)
def w15(logits, x):
    p = torch.sigmoid(logits)
    t = x * p.log() + (1 - x) * (1 - p).log()
    return torch.nan_to_num(t, nan=0.0, neginf=0.0).sum(-1)


@a("changes its argument: negates the logits in place (neg_), so that the caller's logits are reversed afterwards", False)
def w16(logits, x):
    return -F.softplus(logits.neg_() * (2 * x - 1)).sum(-1)


@a("TWO: the sign is wrong (cross-entropy returned), and the mean over pixels instead of the sum", False)
def w17(logits, x):
    return bce(logits, x).mean(-1)


@a("TWO: logits clamped to -50 ... 50, and the sum runs over the batch axis instead of the pixels", False)
def w18(logits, x):
    return -bce(logits.clamp(-50, 50), x).sum(0)


@a("TWO: (1 - x) * log(1 - p) has the wrong sign, and the result is in bits (log2)", False)
def w19(logits, x):
    return (x * F.logsigmoid(logits) - (1 - x) * F.logsigmoid(-logits)).sum(-1) / math.log(2)


@a("TWO: sigmoid applied twice (probabilities passed as logits), and 64 pixels typed in: mean over pixels times 64", False)
def w20(logits, x):
    return -bce(torch.sigmoid(logits), x).mean(-1) * 64


@a("TWO: forgot the x * log p of the black pixels (only (1 - x) * log(1 - p)), and the sign is reversed", False)
def w21(logits, x):
    return -((1 - x) * F.logsigmoid(-logits)).sum(-1)


@a("right: minus the softplus of the logit with its sign turned by the pixel", True)
def r1(logits, x):
    return -F.softplus((1 - 2 * x) * logits).sum(1)


@a("right: x * logit - log(1 + e^logit), the latter by logaddexp with 0; the first as a row-wise product", True)
def r2(logits, x):
    return torch.einsum("bd,bd->b", x, logits) - torch.logaddexp(logits, torch.zeros_like(logits)).sum(-1)


@a("right: two-class log-softmax over (0, logit), and picks the class that the pixel names", True)
def r3(logits, x):
    table = torch.log_softmax(torch.stack([torch.zeros_like(logits), logits], -1), -1)
    return table.gather(-1, x.long().unsqueeze(-1)).squeeze(-1).sum(-1)


@a("right value, but detached: no gradient reaches the logits (the task does not ask for one)", None)
def b1(logits, x):
    return -bce(logits, x).sum(-1).detach()


@a("logits clamped to -1000 ... 1000: right at everything that the task names, wrong beyond", None)
def b2(logits, x):
    return -bce(logits.clamp(-1000, 1000), x).sum(-1)

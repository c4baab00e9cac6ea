"""Blind answers to exercise 6.4, my_zero_weight_loss(x, total_count)."""
import math

import torch

ANSWERS, BORDERLINE = [], []


def a(words, right):
    def keep(f):
        (BORDERLINE if right is None else ANSWERS).append((f, words, right))
        return f
    return keep


def ways(x, n):
    """log of n choose x"""
    n = torch.as_tensor(n, dtype=x.dtype)
    return torch.lgamma(n + 1) - torch.lgamma(x + 1) - torch.lgamma(n - x + 1)


L2 = math.log(2)


@a("forgot the number of ways: D n log 2 for every image", False)
def w01(x, total_count):
    return (total_count * L2 + 0 * x).sum(-1)


@a("the logarithm of the number of ways is added instead of taken off", False)
def w02(x, total_count):
    return (total_count * L2 + ways(x, total_count)).sum(-1)


@a("sign: the log-probability, not the loss", False)
def w03(x, total_count):
    return (ways(x, total_count) - total_count * L2).sum(-1)


@a("mean over the pixels instead of the sum", False)
def w04(x, total_count):
    return (total_count * L2 - ways(x, total_count)).mean(-1)


@a("D log 2 whatever the total_count, chapter 5's number for black and white", False)
def w05(x, total_count):
    return torch.full((len(x),), x.shape[1] * L2, dtype=x.dtype)


@a("all counts taken for equally likely: D log(n + 1)", False)
def w06(x, total_count):
    return torch.full((len(x),), x.shape[1] * math.log(total_count + 1), dtype=x.dtype)


@a("16 typed in for total_count", False)
def w07(x, total_count):
    return (16 * L2 - ways(x.clamp(max=16), 16)).sum(-1)


@a("bits instead of nats: n - log2 of the number of ways", False)
def w08(x, total_count):
    return (total_count - ways(x, total_count) / L2).sum(-1)


@a("the n log 2 is counted once an image, not once a pixel", False)
def w09(x, total_count):
    return total_count * L2 - ways(x, total_count).sum(-1)


@a("only the successes cost log 2 (x log 2 instead of n log 2): the n - x failures are forgotten", False)
def w10(x, total_count):
    return (x * L2 - ways(x, total_count)).sum(-1)


@a("- log (n - x)! is missing from the number of ways", False)
def w11(x, total_count):
    c = math.lgamma(total_count + 1) - torch.lgamma(x + 1)
    return (total_count * L2 - c).sum(-1)


@a("log n! is missing from the number of ways", False)
def w12(x, total_count):
    return (total_count * L2 + torch.lgamma(x + 1) + torch.lgamma(total_count - x + 1)).sum(-1)


@a("sum over the batch (axis 0): [data]", False)
def w13(x, total_count):
    return (total_count * L2 - ways(x, total_count)).sum(0)


@a("mean over the images: one number instead of one an image", False)
def w14(x, total_count):
    return (total_count * L2 - ways(x, total_count)).sum(-1).mean()


@a("the number of ways itself is taken off, not its logarithm", False)
def w15(x, total_count):
    return (total_count * L2 - ways(x, total_count).exp()).sum(-1)


@a("64 pixels typed in: D n log 2 with D = 64, less the logarithms of the numbers of ways", False)
def w16(x, total_count):
    return 64 * total_count * L2 - ways(x, total_count).sum(-1)


@a("log_var = 0 taken for a variance of 0, hence a KL that does not vanish: 1/2 nat added for every pixel", False)
def w17(x, total_count):
    return (total_count * L2 - ways(x, total_count) + 0.5).sum(-1)


@a("lgamma without the + 1, as if it were log k! itself (clamped away from 0 by 1e-6)", False)
def w18(x, total_count):
    g = lambda k: torch.lgamma(k.clamp(min=1e-6))
    n = torch.full_like(x, float(total_count))
    return (total_count * L2 - g(n) + g(x) + g(n - x)).sum(-1)


@a("the expected loss of a fair coin's count (the entropy of the Binomial), the same for every image, x not read", False)
def w19(x, total_count):
    k = torch.arange(int(total_count) + 1, dtype=x.dtype)
    t = total_count * L2 - ways(k, total_count)
    return ((-t).exp() * t).sum().expand(len(x)) * x.shape[1]


@a("the largest count in x taken for n instead of total_count", False)
def w20(x, total_count):
    n = x.max()
    return (n * L2 - ways(x, n)).sum(-1)


@a("TWO: the number of ways forgotten, and the mean over pixels instead of the sum", False)
def w21(x, total_count):
    return (total_count * L2 + 0 * x).mean(-1)


@a("TWO: the sign is reversed, and - log (n - x)! is missing from the number of ways", False)
def w22(x, total_count):
    return (math.lgamma(total_count + 1) - torch.lgamma(x + 1) - total_count * L2).sum(-1)


@a("TWO: log 2 a pixel instead of n log 2, and the logarithm of the number of ways added", False)
def w23(x, total_count):
    return (L2 + ways(x, total_count)).sum(-1)


@a("TWO: in bits, and averaged over all images to one number", False)
def w24(x, total_count):
    return ((total_count * L2 - ways(x, total_count)) / L2).sum(-1).mean()


@a("TWO: 16 typed in before log 2, and the sum over the batch instead of the pixels", False)
def w25(x, total_count):
    return (16 * L2 - ways(x, total_count)).sum(0)


@a("TWO: - log (n - x)! missing from the number of ways, and n log 2 once an image instead of once a pixel", False)
def w26(x, total_count):
    return total_count * L2 - (math.lgamma(total_count + 1) - torch.lgamma(x + 1)).sum(-1)


@a("right: a table of n log 2 - log comb(n, k) from math.comb, looked up with the counts", True)
def r1(x, total_count):
    n = int(total_count)
    table = torch.tensor([n * math.log(2) - math.log(math.comb(n, k)) for k in range(n + 1)], dtype=x.dtype)
    return table[x.long()].sum(-1)


@a("right: minus the log_prob of torch's Binomial at a logit of 0, summed", True)
def r2(x, total_count):
    fair = torch.distributions.Binomial(int(total_count), logits=torch.zeros_like(x))
    return fair.log_prob(x).sum(-1).neg()


@a("right: n choose x through the beta function, 1/((n+1) B(x+1, n-x+1)); the constants counted D times at the end", True)
def r3(x, total_count):
    log_beta = torch.lgamma(x + 1) + torch.lgamma(total_count - x + 1) - math.lgamma(total_count + 2)
    return log_beta.sum(1) + x.size(1) * (math.log(total_count + 1) + total_count * math.log(2))


@a("right, in float64 and returned so", None)
def b1(x, total_count):
    x = x.double()
    return (total_count * L2 - ways(x, total_count)).sum(-1)

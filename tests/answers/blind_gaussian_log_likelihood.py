"""Blind answers to exercise 4.6, my_gaussian_log_likelihood(mean, x, noise_std)."""
import math

import torch
import torch.nn.functional as F

ANSWERS, BORDERLINE = [], []


def a(words, right):
    def keep(f):
        (BORDERLINE if right is None else ANSWERS).append((f, words, right))
        return f
    return keep


L2P = math.log(2 * math.pi)


@a("takes noise_std for the variance, in the quotient and in the logarithm (log(noise_std)/2)", False)
def w01(mean, x, noise_std):
    return -0.5 * ((x - mean) ** 2 / noise_std + noise_std.log() + L2P).sum(-1)


@a("forgot the term -log noise_std", False)
def w02(mean, x, noise_std):
    return -0.5 * (((x - mean) / noise_std) ** 2 + L2P).sum(-1)


@a("forgot the constant -0.5*log(2*pi)", False)
def w03(mean, x, noise_std):
    return (-0.5 * ((x - mean) / noise_std) ** 2 - noise_std.log()).sum(-1)


@a("sign: returns the negative log-likelihood", False)
def w04(mean, x, noise_std):
    return 0.5 * (((x - mean) / noise_std) ** 2 + 2 * noise_std.log() + L2P).sum(-1)


@a("mean over the pixels instead of the sum", False)
def w05(mean, x, noise_std):
    return -0.5 * (((x - mean) / noise_std) ** 2 + 2 * noise_std.log() + L2P).mean(-1)


@a("both constants (log noise_std and 0.5*log(2*pi)) once an image, not once a pixel", False)
def w06(mean, x, noise_std):
    return -0.5 * (((x - mean) / noise_std) ** 2).sum(-1) - noise_std.log() - 0.5 * L2P


@a("factor: the squared error lacks its one half (only the constant has it)", False)
def w07(mean, x, noise_std):
    return -(((x - mean) / noise_std) ** 2 + noise_std.log() + 0.5 * L2P).sum(-1)


@a("the minus one half also halves log noise_std: 0.5*log(sigma) instead of log(sigma)", False)
def w08(mean, x, noise_std):
    return -0.5 * (((x - mean) / noise_std) ** 2 + noise_std.log() + L2P).sum(-1)


@a("log(2*pi) without its one half", False)
def w09(mean, x, noise_std):
    return -(0.5 * ((x - mean) / noise_std) ** 2 + noise_std.log() + L2P).sum(-1)


@a("sum over the batch (axis 0): [data] instead of [batch]", False)
def w10(mean, x, noise_std):
    return -0.5 * (((x - mean) / noise_std) ** 2 + 2 * noise_std.log() + L2P).sum(0)


@a("64 pixels typed in for D in the constants", False)
def w11(mean, x, noise_std):
    return -0.5 * (((x - mean) / noise_std) ** 2).sum(-1) - 64 * (noise_std.log() + 0.5 * L2P)


@a("len(x), the batch size, instead of the number of pixels in the constants", False)
def w12(mean, x, noise_std):
    return -0.5 * (((x - mean) / noise_std) ** 2).sum(-1) - len(x) * (noise_std.log() + 0.5 * L2P)


@a("sign of the term log noise_std: it is added", False)
def w13(mean, x, noise_std):
    return -0.5 * (((x - mean) / noise_std) ** 2 - 2 * noise_std.log() + L2P).sum(-1)


@a("divides the error by the variance before squaring, so that it is sigma**4 under the squared error", False)
def w14(mean, x, noise_std):
    return -0.5 * (((x - mean) / noise_std**2) ** 2 + 2 * noise_std.log() + L2P).sum(-1)


@a("the absolute error instead of its square (a Laplace-like exponent)", False)
def w15(mean, x, noise_std):
    return -(0.5 * ((x - mean) / noise_std).abs() + noise_std.log() + 0.5 * L2P).sum(-1)


@a("reads noise_std as log sigma**2, the network's log_var", False)
def w16(mean, x, noise_std):
    return -0.5 * ((x - mean) ** 2 * torch.exp(-noise_std) + noise_std + L2P).sum(-1)


@a("clamps log noise_std at 0 from below, so that the constant is never positive for sigma below 1", False)
def w17(mean, x, noise_std):
    return -(0.5 * ((x - mean) / noise_std) ** 2 + noise_std.log().clamp(min=0) + 0.5 * L2P).sum(-1)


@a("TWO: noise_std taken for the variance, and log(2*pi) forgotten", False)
def w18(mean, x, noise_std):
    return -0.5 * ((x - mean) ** 2 / noise_std + noise_std.log()).sum(-1)


@a("TWO: the sign is reversed (negative log-likelihood), and the mean over pixels instead of the sum", False)
def w19(mean, x, noise_std):
    return 0.5 * (((x - mean) / noise_std) ** 2 + 2 * noise_std.log() + L2P).mean(-1)


@a("TWO: log noise_std once an image instead of once a pixel, and the squared error without its one half", False)
def w20(mean, x, noise_std):
    return -(((x - mean) / noise_std) ** 2 + 0.5 * L2P).sum(-1) - noise_std.log()


@a("TWO: the squared error is not divided by sigma**2 at all, and everything is in bits (divided by log 2)", False)
def w21(mean, x, noise_std):
    return -(0.5 * (x - mean) ** 2 + noise_std.log() + 0.5 * L2P).sum(-1) / math.log(2)


@a("TWO: log(2*pi) without one half, and log noise_std added instead of subtracted", False)
def w22(mean, x, noise_std):
    return (-0.5 * ((x - mean) / noise_std) ** 2 + noise_std.log() - L2P).sum(-1)


@a("right: torch's gaussian_nll_loss with full=True and the variance noise_std**2, minus and summed over pixels", True)
def r1(mean, x, noise_std):
    var = (noise_std**2).expand_as(mean)
    return -F.gaussian_nll_loss(mean, x, var, full=True, eps=1e-12, reduction="none").sum(-1)


@a("right: -D/2 log(2 pi sigma**2) minus the squared distance over 2 sigma**2, written with einsum", True)
def r2(mean, x, noise_std):
    e = x - mean
    return -e.shape[1] / 2 * torch.log(2 * math.pi * noise_std**2) - torch.einsum("bd,bd->b", e, e) / (2 * noise_std**2)


@a("right: the logarithm of the standardised density of each pixel, with log 1/sigma from the change of variables", True)
def r3(mean, x, noise_std):
    u = (mean - x).div(noise_std)
    return (torch.log(1 / noise_std) - math.log(math.sqrt(2 * math.pi)) - u.mul(u) / 2).sum(dim=1)


@a("right value, but sigma read out with .item(): no gradient reaches noise_std (the task does not ask for one)", None)
def b1(mean, x, noise_std):
    s = noise_std.item()
    return -(0.5 * ((x - mean) / s) ** 2 + math.log(s) + 0.5 * L2P).sum(-1)


@a("right value for sigma well above 1e-6: adds 1e-6 to noise_std against a division by zero", None)
def b2(mean, x, noise_std):
    s = noise_std + 1e-6
    return -(0.5 * ((x - mean) / s) ** 2 + s.log() + 0.5 * L2P).sum(-1)

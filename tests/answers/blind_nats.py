"""Blind answers to exercise 6.5, my_nats(mse, kl, data_dim, noise_std, scale)."""
import math

import torch

ANSWERS, BORDERLINE = [], []


def a(words, right):
    def keep(f):
        (BORDERLINE if right is None else ANSWERS).append((f, words, right))
        return f
    return keep


H = 0.5 * math.log(2 * math.pi)


def lg(scale):
    return math.log(float(scale))


@a("the mean squared error is not multiplied by D (the constants are)", False)
def w01(mse, kl, data_dim, noise_std, scale):
    return mse / (2 * noise_std**2) + data_dim * (H + noise_std.log() + lg(scale)) + kl


@a("no change of unit: log scale forgotten", False)
def w02(mse, kl, data_dim, noise_std, scale):
    return data_dim * (mse / (2 * noise_std**2) + H + noise_std.log()) + kl


@a("the sign of log scale: subtracted", False)
def w03(mse, kl, data_dim, noise_std, scale):
    return data_dim * (mse / (2 * noise_std**2) + H + noise_std.log() - lg(scale)) + kl


@a("log scale once an image, not once a pixel", False)
def w04(mse, kl, data_dim, noise_std, scale):
    return data_dim * (mse / (2 * noise_std**2) + H + noise_std.log()) + lg(scale) + kl


@a("noise_std taken for the variance, in the quotient and in the logarithm", False)
def w05(mse, kl, data_dim, noise_std, scale):
    return data_dim * (mse / (2 * noise_std) + H + 0.5 * noise_std.log() + lg(scale)) + kl


@a("log noise_std forgotten", False)
def w06(mse, kl, data_dim, noise_std, scale):
    return data_dim * (mse / (2 * noise_std**2) + H + lg(scale)) + kl


@a("0.5*log(2*pi) forgotten", False)
def w07(mse, kl, data_dim, noise_std, scale):
    return data_dim * (mse / (2 * noise_std**2) + noise_std.log() + lg(scale)) + kl


@a("the KL is multiplied by D as well", False)
def w08(mse, kl, data_dim, noise_std, scale):
    return data_dim * (mse / (2 * noise_std**2) + H + noise_std.log() + lg(scale) + kl)


@a("nats a pixel: everything divided by D", False)
def w09(mse, kl, data_dim, noise_std, scale):
    return mse / (2 * noise_std**2) + H + noise_std.log() + lg(scale) + kl / data_dim


@a("the squared error multiplied by scale**2 without changing its sigma, besides log scale", False)
def w10(mse, kl, data_dim, noise_std, scale):
    return data_dim * (mse * scale**2 / (2 * noise_std**2) + H + noise_std.log() + lg(scale)) + kl


@a("1/sigma**2 instead of 1/(2 sigma**2) before the squared error", False)
def w11(mse, kl, data_dim, noise_std, scale):
    return data_dim * (mse / noise_std**2 + H + noise_std.log() + lg(scale)) + kl


@a("sign: the ELBO instead of -ELBO", False)
def w12(mse, kl, data_dim, noise_std, scale):
    return -(data_dim * (mse / (2 * noise_std**2) + H + noise_std.log() + lg(scale)) + kl)


@a("the KL is subtracted instead of added", False)
def w13(mse, kl, data_dim, noise_std, scale):
    return data_dim * (mse / (2 * noise_std**2) + H + noise_std.log() + lg(scale)) - kl


@a("log(2*pi) without its one half", False)
def w14(mse, kl, data_dim, noise_std, scale):
    return data_dim * (mse / (2 * noise_std**2) + 2 * H + noise_std.log() + lg(scale)) + kl


@a("log sigma**2 instead of log sigma (its one half is missing)", False)
def w15(mse, kl, data_dim, noise_std, scale):
    return data_dim * (mse / (2 * noise_std**2) + H + 2 * noise_std.log() + lg(scale)) + kl


@a("log of scale + 1, the number of grey levels, instead of log scale", False)
def w16(mse, kl, data_dim, noise_std, scale):
    return data_dim * (mse / (2 * noise_std**2) + H + noise_std.log() + math.log(scale + 1)) + kl


@a("in bits: divided by log 2", False)
def w17(mse, kl, data_dim, noise_std, scale):
    return (data_dim * (mse / (2 * noise_std**2) + H + noise_std.log() + lg(scale)) + kl) / math.log(2)


@a("64 pixels typed in for D", False)
def w18(mse, kl, data_dim, noise_std, scale):
    return 64 * (mse / (2 * noise_std**2) + H + noise_std.log() + lg(scale)) + kl


@a("averaged over the reports: one number", False)
def w19(mse, kl, data_dim, noise_std, scale):
    return (data_dim * (mse / (2 * noise_std**2) + H + noise_std.log() + lg(scale)) + kl).mean()


@a("the unit changed in log sigma only once too often: sigma * scale in the constant and log scale beside it", False)
def w20(mse, kl, data_dim, noise_std, scale):
    return data_dim * (mse / (2 * noise_std**2) + H + (noise_std * scale).log() + lg(scale)) + kl


@a("the root of the squared error over 2 sigma**2: takes mse for its square, a standard deviation wanted", False)
def w21(mse, kl, data_dim, noise_std, scale):
    return data_dim * (mse.sqrt() / (2 * noise_std**2) + H + noise_std.log() + lg(scale)) + kl


@a("the KL is left out: the reconstruction's nats only", False)
def w22(mse, kl, data_dim, noise_std, scale):
    return data_dim * (mse / (2 * noise_std**2) + H + noise_std.log() + lg(scale)) + 0 * kl


@a("TWO: the squared error is not multiplied by D, and log scale is forgotten", False)
def w23(mse, kl, data_dim, noise_std, scale):
    return mse / (2 * noise_std**2) + data_dim * (H + noise_std.log()) + kl


@a("TWO: noise_std taken for the variance, and log scale subtracted instead of added", False)
def w24(mse, kl, data_dim, noise_std, scale):
    return data_dim * (mse / (2 * noise_std) + H + 0.5 * noise_std.log() - lg(scale)) + kl


@a("TWO: 0.5*log(2*pi) forgotten, and the KL multiplied by D", False)
def w25(mse, kl, data_dim, noise_std, scale):
    return data_dim * (mse / (2 * noise_std**2) + noise_std.log() + lg(scale) + kl)


@a("TWO: the constants (0.5*log(2*pi), log sigma, log scale) once an image, and no one half before the squared error", False)
def w26(mse, kl, data_dim, noise_std, scale):
    return data_dim * mse / noise_std**2 + H + noise_std.log() + lg(scale) + kl


@a("TWO: log sigma has the wrong sign, and log 15 is replaced by log 255 (8 bits a pixel typed in)", False)
def w27(mse, kl, data_dim, noise_std, scale):
    return data_dim * (mse / (2 * noise_std**2) + H - noise_std.log() + math.log(255)) + kl


@a("TWO: 1/sigma**2 instead of 1/(2 sigma**2) before the squared error, and log scale once an image instead of once a pixel", False)
def w28(mse, kl, data_dim, noise_std, scale):
    return data_dim * (mse / noise_std**2 + H + noise_std.log()) + lg(scale) + kl


@a("TWO: the KL is subtracted, and log noise_std is left out", False)
def w29(mse, kl, data_dim, noise_std, scale):
    return data_dim * (mse / (2 * noise_std**2) + H + lg(scale)) - kl


@a("right: first everything into the unit of the pixels 0 ... scale (mse*scale**2, noise_std*scale), then a plain Gaussian", True)
def r1(mse, kl, data_dim, noise_std, scale):
    m, s = mse * scale**2, noise_std * scale
    return kl + data_dim * m / (2 * s**2) + data_dim * torch.log(s) + data_dim * 0.5 * math.log(2 * math.pi)


@a("right: D/2 times one bracket, mse/sigma**2 + log(2 pi sigma**2 scale**2), plus the KL", True)
def r2(mse, kl, data_dim, noise_std, scale):
    v = noise_std.square()
    return data_dim / 2 * (mse / v + (2 * math.pi * v * scale * scale).log()) + kl


@a("right: through torch.distributions: minus the log_prob of a zero-mean normal at the root of the mse, per pixel, times D", True)
def r3(mse, kl, data_dim, noise_std, scale):
    zero = torch.zeros_like(mse)
    per_pixel = torch.distributions.Normal(zero, noise_std * scale).log_prob(mse.sqrt() * scale)
    return kl - data_dim * per_pixel


@a("dequantisation noise 1/12 added to the mse in the unit of the pixels, an extra that the task does not ask for", None)
def b1(mse, kl, data_dim, noise_std, scale):
    m, s = mse * scale**2 + 1 / 12, noise_std * scale
    return kl + data_dim * (m / (2 * s**2) + s.log() + H)

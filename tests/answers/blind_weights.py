"""Blind answers to exercise 4.8, my_weights(log_w) -> (log_px, weights)."""
import functools
import math

import torch

ANSWERS, BORDERLINE = [], []


def a(words, right):
    def keep(f):
        (BORDERLINE if right is None else ANSWERS).append((f, words, right))
        return f
    return keep


def lpx(log_w):
    return torch.logsumexp(log_w, 0) - math.log(len(log_w))


def sm(log_w):
    return torch.softmax(log_w, 0)


@a("log_px is the logarithm of the sum of the weights: the division by the number of samples is missing", False)
def w01(log_w):
    return torch.logsumexp(log_w, 0), sm(log_w)


@a("exponential first, without taking the maximum out: log_px is -inf and the weights nan at -900", False)
def w02(log_w):
    w = log_w.exp()
    return w.mean(0).log(), w / w.sum(0)


@a("the softmax runs over the images (axis 1): the rows of the weights sum to 1, not the columns", False)
def w03(log_w):
    return lpx(log_w), torch.softmax(log_w, 1)


@a("log_px is the mean of the logarithms (the ELBO), not the logarithm of the mean", False)
def w04(log_w):
    return log_w.mean(0), sm(log_w)


@a("takes out one maximum of the whole table instead of each column's: columns far below it underflow", False)
def w05(log_w):
    m = log_w.max()
    w = (log_w - m).exp()
    return m + w.mean(0).log(), w / w.sum(0)


@a("log_px is detached: no gradient gets through", False)
def w06(log_w):
    return lpx(log_w.detach()), sm(log_w)


@a("the weights are only divided by the column's largest, not by the column's sum: the largest is 1", False)
def w07(log_w):
    return lpx(log_w), (log_w - log_w.max(0).values).exp()


@a("the two results in the wrong order: (weights, log_px)", False)
def w08(log_w):
    return sm(log_w), lpx(log_w)


@a("the maximum is not added back after the logarithm: log_px lies near 0", False)
def w09(log_w):
    return (log_w - log_w.max(0).values).exp().mean(0).log(), sm(log_w)


@a("divides by the number of images instead of the samples: subtracts the logarithm of log_w.shape[1]", False)
def w10(log_w):
    return torch.logsumexp(log_w, 0) - math.log(log_w.shape[1]), sm(log_w)


@a("divides after the logarithm: logsumexp / samples instead of logsumexp - log(samples)", False)
def w11(log_w):
    return torch.logsumexp(log_w, 0) / len(log_w), sm(log_w)


@a("the weights are logarithms: log_softmax instead of softmax", False)
def w12(log_w):
    return lpx(log_w), torch.log_softmax(log_w, 0)


@a("the weights are squared before they are normalised (confuses them with the effective sample size)", False)
def w13(log_w):
    return lpx(log_w), torch.softmax(2 * log_w, 0)


@a("clamps log_w at -80 from below so that the exponential does not vanish", False)
def w14(log_w):
    c = log_w.clamp(min=-80)
    return lpx(c), sm(c)


@a("the weights have mean 1 in a column, not sum 1: multiplied by the number of samples", False)
def w15(log_w):
    return lpx(log_w), sm(log_w) * len(log_w)


@a("log_px is averaged over the images too, one number instead of [batch]", False)
def w16(log_w):
    return lpx(log_w).mean(), sm(log_w)


@a("log_px is the largest log w of each column (the maximum only, with no mean of exponentials added)", False)
def w17(log_w):
    return log_w.max(0).values, sm(log_w)


@a("changes its argument: subtracts the column's maximum from log_w in place (on its data), both results being right", False)
def w18(log_w):
    m = log_w.detach().max(0).values
    px, w = lpx(log_w), sm(log_w)
    log_w.data.sub_(m)
    return px, w.detach().clone()


@a("log_px is the average of log w under the normalised weights, sum of w * log w", False)
def w19(log_w):
    return (sm(log_w) * log_w).sum(0), sm(log_w)


@a("TWO: log_px without the division by the number of samples, and the softmax over the images instead of the samples", False)
def w20(log_w):
    return torch.logsumexp(log_w, 0), torch.softmax(log_w, 1)


@a("TWO: log_px is the mean of the logarithms, and the weights are not normalised (divided by the largest only)", False)
def w21(log_w):
    return log_w.mean(0), (log_w - log_w.max(0).values).exp()


@a("TWO: everything under no_grad, so no gradient gets through, and log(samples) is added instead of subtracted", False)
def w22(log_w):
    with torch.no_grad():
        return torch.logsumexp(log_w, 0) + math.log(len(log_w)), sm(log_w)


@a("TWO: log_px in base 2 (bits), and the weights multiplied by the number of samples", False)
def w23(log_w):
    return lpx(log_w) / math.log(2), sm(log_w) * len(log_w)


@a("TWO: works on axis 1, so that log_px is one number a draw, and the weights are square roots of the softmax over axis 1 (their squares sum to 1)", False)
def w24(log_w):
    return torch.logsumexp(log_w, 1) - math.log(log_w.shape[1]), torch.softmax(log_w, 1).sqrt()


@a("TWO: the maximum is not added back in log_px, and the weights are log_softmax, logarithms", False)
def w25(log_w):
    return (log_w - log_w.max(0).values).exp().mean(0).log(), torch.log_softmax(log_w, 0)


@a("right: adds the draws up one by one with logaddexp, and divides by the sum as a difference of logarithms", True)
def r1(log_w):
    total = functools.reduce(torch.logaddexp, log_w.unbind(0))
    return total - math.log(log_w.shape[0]), (log_w - total).exp()


@a("right: last row of logcumsumexp for the sum; the maximum taken out by hand for the weights", True)
def r2(log_w):
    w = (log_w - log_w.amax(0, keepdim=True)).exp()
    return torch.logcumsumexp(log_w, 0)[-1] - math.log(len(log_w)), w / w.sum(0, keepdim=True)


@a("right: takes the column's minimum out via softmax in float64 of the transpose, and log_px as the logsumexp of log_w - log samples", True)
def r3(log_w):
    w = torch.softmax(log_w.T.double() - log_w.T.double().amin(1, keepdim=True), 1).T
    return torch.logsumexp(log_w - math.log(len(log_w)), 0), w.to(log_w.dtype)


@a("both right, but the weights are detached (only log_px is asked to let a gradient through)", None)
def b1(log_w):
    return lpx(log_w), sm(log_w).detach()


@a("right values, returned as a list instead of a tuple", None)
def b2(log_w):
    return [lpx(log_w), sm(log_w)]

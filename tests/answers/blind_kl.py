"""Blind answers to exercise 4.3, my_kl(mu, log_var) -> [batch].
ANSWERS = [(function, what the author did, is_right)]; BORDERLINE: judgement calls, same form, is_right = None.
"""
import math

import numpy as np
import torch
import torch.nn.functional as F

_L, _B = [], []


def W(f, words):
    _L.append((f, words, False))


def R(f, words):
    _L.append((f, words, True))


def B(f, words):
    _B.append((f, words, None))


# ------------------------------------------------------------------ wrong, one mistake

def my_kl(mu, log_var):
    return (mu ** 2 + log_var.exp() - 1 - log_var).sum(dim=1)
W(my_kl, "forgot the factor 1/2: twice the KL")


def my_kl(mu, log_var):
    return 0.5 * (mu ** 2 + log_var.exp() - log_var).sum(dim=1)
W(my_kl, "forgot the -1: too large by latent/2 in each row")


def my_kl(mu, log_var):
    return 0.5 * (mu ** 2 + log_var.exp() + 1 - log_var).sum(dim=1)
W(my_kl, "+1 in place of -1: too large by latent (the number of latents) in each row")


def my_kl(mu, log_var):
    return 0.5 * (mu ** 2 + log_var.exp() - 1 - log_var).mean(dim=1)
W(my_kl, "mean over the latents in place of the sum: KL / latent")


def my_kl(mu, log_var):
    return 0.5 * (mu ** 2 + log_var.exp() - 1 - log_var).sum(dim=0)
W(my_kl, "summed over the batch axis (dim 0): result is [latent]; same shape as the right one when batch == latent")


def my_kl(mu, log_var):
    return 0.5 * torch.sum(mu.pow(2) + log_var.exp() - 1 - log_var)
W(my_kl, "summed over everything: one number for the whole batch")


def my_kl(mu, log_var):
    kl = 0.5 * torch.sum(mu.pow(2) + log_var.exp() - 1 - log_var, dim=1)
    return kl.mean()
W(my_kl, "averaged the right KL over the batch: one number, not [batch]")


def my_kl(mu, log_var):
    kl = 0.5 * torch.sum(mu.pow(2) + log_var.exp() - 1 - log_var, dim=1)
    return kl.mean().expand(mu.shape[0])
W(my_kl, "every row gets the batch mean of the KL (shape [batch] is right, values are not the row's own)")


def my_kl(mu, log_var):
    return 0.5 * torch.sum(1 + log_var - mu.pow(2) - log_var.exp(), dim=1)
W(my_kl, "sign: returns minus the KL (the minus before 1/2 of Kingma's form was lost)")


def my_kl(mu, log_var):
    return 0.5 * (mu ** 2 + log_var.exp() - 1 + log_var).sum(1)
W(my_kl, "sign of the log_var term: + log_var in place of - log_var")


def my_kl(mu, log_var):
    sigma = log_var.exp()
    return 0.5 * (mu ** 2 + sigma ** 2 - 1 - 2 * torch.log(sigma)).sum(1)
W(my_kl, "took log_var for log sigma: variance exp(2 log_var), log term 2 log_var")


def my_kl(mu, log_var):
    return 0.5 * (mu ** 2 + log_var - 1 - torch.log(log_var)).sum(1)
W(my_kl, "took log_var for the variance itself: + log_var - log(log_var); NaN where log_var < 0")


def my_kl(mu, log_var):
    return 0.5 * (mu ** 2 + torch.exp(0.5 * log_var) - 1 - log_var).sum(1)
W(my_kl, "sigma = exp(log_var/2) in place of sigma^2 in the variance term")


def my_kl(mu, log_var):
    return 0.5 * (mu ** 2 + log_var.exp() ** 2 - 1 - log_var).sum(1)
W(my_kl, "squared the variance: sigma^4 = exp(2 log_var) in the variance term, log term right")


def my_kl(mu, log_var):
    return 0.5 * (mu + log_var.exp() - 1 - log_var).sum(-1)
W(my_kl, "mu not squared")


def my_kl(mu, log_var):
    return 0.5 * (mu.abs() + log_var.exp() - 1 - log_var).sum(-1)
W(my_kl, "|mu| in place of mu^2")


def my_kl(mu, log_var):
    return 0.5 * (log_var.exp() - 1 - log_var).sum(-1)
W(my_kl, "mu^2 term missing altogether")
# visible only where mu != 0


def my_kl(mu, log_var):
    return 0.5 * (mu ** 2 - 1 - log_var).sum(-1)
W(my_kl, "variance term exp(log_var) missing")


def my_kl(mu, log_var):
    return 0.5 * (mu ** 2 + log_var.exp() - 1).sum(-1)
W(my_kl, "log-variance term missing")


def my_kl(mu, log_var):
    return (0.5 * mu ** 2 + log_var.exp() - 1 - log_var).sum(-1)
W(my_kl, "1/2 only on the mu^2 term (bracket forgotten); the other three terms are not halved")


def my_kl(mu, log_var):
    return (0.5 * (mu ** 2 + log_var.exp() - 1) - log_var).sum(-1)
W(my_kl, "log_var left outside the bracket of the 1/2: the log term is twice too large")


def my_kl(mu, log_var):
    return (mu ** 2 + 0.5 * (log_var.exp() - 1 - log_var)).sum(-1)
W(my_kl, "1/2 missing on the mu^2 term only")


def my_kl(mu, log_var):
    return 0.5 * (torch.sum(mu ** 2 + log_var.exp() - log_var, dim=1) - 1)
W(my_kl, "-1 outside the sum: subtracted once for each row in place of once for each latent; right only when latent == 1")


def my_kl(mu, log_var):
    return (0.5 * (mu ** 2 + log_var.exp() - log_var) - 1).sum(1)
W(my_kl, "-1 outside the 1/2 (inside the sum): too small by latent/2")


def my_kl(mu, log_var):
    var = log_var.exp()
    return 0.5 * ((1 + mu ** 2) / var - 1 + log_var).sum(1)
W(my_kl, "the reverse KL, KL(N(0,I) || q)")


def my_kl(mu, log_var):
    kl = 0.5 * (mu ** 2 + log_var.exp() - 1 - log_var).sum(1)
    return kl / math.log(2)
W(my_kl, "in bits: the right KL divided by ln 2")


def my_kl(mu, log_var):
    var = log_var.exp()
    return 0.5 * (mu ** 2 + var - 1 - torch.log10(var)).sum(1)
W(my_kl, "log10 of the variance in the log term in place of the natural log")


def my_kl(mu, log_var):
    var = log_var.exp()
    return 0.5 * (mu ** 2 + var - 1 - torch.log2(var)).sum(1)
W(my_kl, "log2 of the variance in the log term only (the other terms are right)")


def my_kl(mu, log_var):
    log_var = log_var.clamp(-1, 1)
    return 0.5 * (mu ** 2 + log_var.exp() - 1 - log_var).sum(1)
W(my_kl, "clamped log_var to [-1, 1] first")
# visible only where |log_var| > 1


def my_kl(mu, log_var):
    log_var = torch.clamp(log_var, min=-10, max=10)
    return 0.5 * (mu ** 2 + log_var.exp() - 1 - log_var).sum(1)
W(my_kl, "clamped log_var to [-10, 10] first")
# visible only where |log_var| > 10: a special regime


def my_kl(mu, log_var):
    log_var = F.relu(log_var)
    return 0.5 * (mu ** 2 + log_var.exp() - 1 - log_var).sum(1)
W(my_kl, "relu of log_var: negative log-variances become 0")
# visible only where log_var < 0


def my_kl(mu, log_var):
    return 0.5 * (mu ** 2 + log_var.exp() - 1 - log_var.abs()).sum(1)
W(my_kl, "absolute value of log_var in the log term")
# visible only where log_var < 0


def my_kl(mu, log_var):
    kl = 0.5 * (mu ** 2 + log_var.exp() - 1 - log_var)
    return kl.clamp(min=0.25).sum(1)
W(my_kl, "free bits: each latent's KL is raised to at least 0.25 before the sum")
# visible only where one latent's KL is under 0.25


def my_kl(mu, log_var):
    return 0.5 * (mu ** 2 + log_var.exp() - 1 - log_var).sum(1, keepdim=True)
W(my_kl, "keepdim: the right numbers with shape [batch, 1]")


def my_kl(mu, log_var):
    return 0.5 * (mu ** 2 + log_var.exp() - 1 - log_var)
W(my_kl, "forgot the sum: [batch, latent], one KL for each latent")


def my_kl(mu, log_var):
    return 0.5 * (mu ** 2 + log_var.exp() - 1 - log_var).sum(1) / mu.shape[0]
W(my_kl, "divided each row's KL by the batch size")
# visible only when batch > 1


def my_kl(mu, log_var):
    return 0.5 * (mu ** 2 + log_var.exp() - log_var).sum(1) - 1
W(my_kl, "typed the constant in for two latents: subtracts 1 in place of latent/2; right only when latent == 2")


def my_kl(mu, log_var):
    return 0.5 * (mu.sum(1) ** 2 + (log_var.exp() - 1 - log_var).sum(1))
W(my_kl, "square of the sum of mu in place of the sum of squares")


def my_kl(mu, log_var):
    return 0.5 * (mu.norm(dim=1) + (log_var.exp() - 1 - log_var).sum(1))
W(my_kl, "the norm of mu, not squared, in place of the squared norm")


def my_kl(mu, log_var):
    return 0.5 * (mu ** 2 + torch.expm1(log_var) - 1 - log_var).sum(1)
W(my_kl, "-1 twice: expm1 has it already")


def my_kl(mu, log_var):
    return 0.5 * (mu ** 2 * log_var.exp() - 1 - log_var).sum(1)
W(my_kl, "product mu^2 * sigma^2 in place of the sum mu^2 + sigma^2")


def my_kl(mu, log_var):
    return 0.5 * ((mu + torch.exp(0.5 * log_var)) ** 2 - 1 - log_var).sum(1)
W(my_kl, "(mu + sigma)^2 in place of mu^2 + sigma^2: an extra 2 mu sigma inside the bracket")


def my_kl(mu, log_var):
    sigma = torch.exp(0.5 * log_var)
    return 0.5 * (mu ** 2 + sigma ** 2 - 1 - torch.log(sigma)).sum(1)
W(my_kl, "log sigma in place of log sigma^2 = 2 log sigma: the log term is half of what it should be")


def my_kl(mu, log_var):
    return 0.5 * (log_var ** 2 + mu.exp() - 1 - mu).sum(1)
W(my_kl, "arguments swapped: mu taken as log_var and log_var as mu")


def my_kl(mu, log_var):
    kl = torch.zeros(mu.shape[0])
    for i in range(mu.shape[1]):
        kl = 0.5 * (mu[:, i] ** 2 + log_var[:, i].exp() - 1 - log_var[:, i])
    return kl
W(my_kl, "the loop over latents overwrites in place of adding up: only the last latent counts")


def my_kl(mu, log_var):
    kl = torch.zeros(mu.shape[0])
    for i in range(mu.shape[1]):
        kl = kl + 0.5 * (mu[:, i] ** 2 + log_var[:, i].exp() - 1 - log_var[:, i])
        return kl
W(my_kl, "return inside the loop: only the first latent counts")


def my_kl(mu, log_var):
    kl = torch.zeros(mu.shape[0])
    for i in range(1, mu.shape[1]):
        kl = kl + 0.5 * (mu[:, i] ** 2 + log_var[:, i].exp() - 1 - log_var[:, i])
    return kl
W(my_kl, "the loop starts at 1: the first latent is left out")


def my_kl(mu, log_var):
    kl = []
    for i in range(mu.shape[0]):
        m, v = mu[0], log_var[0]
        kl.append(0.5 * (m ** 2 + v.exp() - 1 - v).sum())
    return torch.stack(kl)
W(my_kl, "the loop over rows reads row 0 each time: every row gets the KL of the first example")


def my_kl(mu, log_var):
    z = mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)
    log_q = -0.5 * (((z - mu) ** 2) / log_var.exp() + log_var + math.log(2 * math.pi))
    log_p = -0.5 * (z ** 2 + math.log(2 * math.pi))
    return (log_q - log_p).sum(1)
W(my_kl, "not the closed form: a one-draw Monte Carlo estimate, right on average, noisy in each call")


def my_kl(mu, log_var):
    return 0.5 * (mu.int() ** 2 + log_var.exp() - 1 - log_var).sum(1)
W(my_kl, "mu cast to int (truncated to whole numbers) before squaring")


def my_kl(mu, log_var):
    v = log_var.half().exp()
    return 0.5 * (mu ** 2 + v - 1 - log_var).sum(1)
W(my_kl, "variance in float16: infinite for log_var > 11.1, a relative error up to about 1e-3 to 1e-2 elsewhere")
# plainly visible only for large log_var


def my_kl(mu, log_var):
    mu.pow_(2)
    return 0.5 * (mu + log_var.exp() - 1 - log_var).sum(1)
W(my_kl, "squares mu in place: the value of the first call is right but the caller's mu is overwritten by mu^2 (and a leaf that requires grad raises an error)")
# the value is right in the first call: visible in the input afterwards, in a second call, or with requires_grad


def my_kl(mu, log_var):
    var = log_var.exp_()
    return 0.5 * (mu ** 2 + var - 1 - log_var).sum(1)
W(my_kl, "exp_ in place: log_var is overwritten by the variance, so the log term subtracts sigma^2; the two cancel and 1/2 sum(mu^2 - 1) is left (and the caller's log_var is changed)")


def my_kl(mu, log_var):
    return 0.5 * (mu ** 2 + log_var.exp() - 1 - log_var).sum(1) * 0.1
W(my_kl, "beta = 0.1: KL multiplied by 0.1")


def my_kl(mu, log_var):
    return 0.5 * (mu ** 2 + log_var.exp() - 1 - log_var + math.log(2 * math.pi)).sum(1)
W(my_kl, "an extra log(2 pi) for each latent inside the bracket (it should cancel)")


def my_kl(mu, log_var):
    return 0.5 * (mu ** 2 + 1 / log_var.exp() - 1 - log_var).sum(1)
W(my_kl, "1/sigma^2 (precision) in place of sigma^2 in the variance term, log term right")


def my_kl(mu, log_var):
    return 0.5 * (mu ** 2 / log_var.exp() + log_var.exp() - 1 - log_var).sum(1)
W(my_kl, "mu^2 divided by the variance sigma^2")


def my_kl(mu, log_var):
    return 0.5 * (mu ** 2 + (1 + log_var + log_var ** 2 / 2) - 1 - log_var).sum(1)
W(my_kl, "second-order Taylor series in place of exp(log_var)")
# visible only away from log_var = 0


def my_kl(mu, log_var):
    m = mu - mu.mean(dim=0)
    return 0.5 * (m ** 2 + log_var.exp() - 1 - log_var).sum(1)
W(my_kl, "centred mu by its batch mean first: depends on the other rows of the batch")


def my_kl(mu, log_var):
    q = torch.distributions.Normal(mu, log_var.exp())
    p = torch.distributions.Normal(0.0, 1.0)
    return torch.distributions.kl_divergence(q, p).sum(-1)
W(my_kl, "passed the variance exp(log_var) to Normal as the scale (standard deviation)")


def my_kl(mu, log_var):
    q = torch.distributions.Normal(mu, torch.exp(0.5 * log_var))
    p = torch.distributions.Normal(torch.zeros_like(mu), 2 * torch.ones_like(mu))
    return torch.distributions.kl_divergence(q, p).sum(-1)
W(my_kl, "KL to a prior of standard deviation 2 in place of 1")


def my_kl(mu, log_var):
    h = 0.5 * (log_var + math.log(2 * math.pi * math.e))
    ce = 0.5 * (mu ** 2 + log_var.exp() + math.log(2 * math.pi))
    return (ce + h).sum(1)
W(my_kl, "cross-entropy plus entropy in place of cross-entropy minus entropy")


def my_kl(mu, log_var):
    d = 8
    return 0.5 * (mu.pow(2).sum(1) + log_var.exp().sum(1) - d - log_var.sum(1))
W(my_kl, "typed in 8 latents: subtracts 8 in place of the number of latents; right only when latent == 8")


# ------------------------------------------------------------------ wrong, two mistakes

def my_kl(mu, log_var):
    return (mu ** 2 + log_var.exp() - 1 - log_var).mean(1)
W(my_kl, "TWO: forgot the 1/2, and mean over latents in place of the sum; together right when latent == 2")
# equal to the right answer exactly when latent == 2


def my_kl(mu, log_var):
    return (0.5 * (1 + log_var - mu ** 2 - log_var.exp())).sum(1) / math.log(2)
W(my_kl, "TWO: sign (minus the KL), and in bits")


def my_kl(mu, log_var):
    return 0.5 * (mu ** 2 + log_var.exp() - log_var).sum(0)
W(my_kl, "TWO: forgot the -1, and summed over the batch axis: [latent]")


def my_kl(mu, log_var):
    return (mu ** 2 + log_var.exp() - log_var).sum(1)
W(my_kl, "TWO: forgot the 1/2 and forgot the -1")


def my_kl(mu, log_var):
    return -0.5 * (1 - log_var - mu ** 2 - torch.exp(0.5 * log_var)).sum(1)
W(my_kl, "TWO: sign of the log_var term (+ log_var in the KL), and sigma in place of sigma^2")


def my_kl(mu, log_var):
    return 0.5 * (mu + log_var.exp() - 1 - log_var).mean(1)
W(my_kl, "TWO: mu not squared, and mean over latents")


def my_kl(mu, log_var):
    return 0.5 * (mu ** 2 + torch.exp(2 * log_var) - 1 - log_var).sum() / mu.shape[0]
W(my_kl, "TWO: variance exp(2 log_var), and averaged over the batch to one number")


def my_kl(mu, log_var):
    return (0.5 * mu ** 2 + log_var.exp() - log_var).sum(1) - 1
W(my_kl, "TWO: 1/2 only on mu^2 (the variance and log terms are not halved), and -1 once for the row, outside sum and 1/2")


def my_kl(mu, log_var):
    var = log_var.exp()
    return ((1 + mu ** 2) / var - 1 + log_var).sum(1)
W(my_kl, "TWO: the reverse KL(N(0,I) || q), and the 1/2 forgotten")


def my_kl(mu, log_var):
    return 0.5 * (log_var.clamp(min=0).exp() - 1 - log_var.clamp(min=0)).sum(1)
W(my_kl, "TWO: mu^2 missing, and log_var clamped to be at least 0")


def my_kl(mu, log_var):
    kl = 0.5 * (mu ** 2 + log_var.exp() + 1 - log_var)
    return kl.max(dim=1).values
W(my_kl, "TWO: +1 in place of -1, and max over latents in place of the sum")


def my_kl(mu, log_var):
    return 4 * 0.5 * (mu ** 2 - 1 - log_var).sum(1)
W(my_kl, "TWO: variance term missing, and beta = 4 multiplied in")


def my_kl(mu, log_var):
    return 0.5 * (mu.abs() + log_var.exp() - 1 - log_var).sum(1, keepdim=True)
W(my_kl, "TWO: |mu| in place of mu^2, and keepdim: shape [batch, 1]")


def my_kl(mu, log_var):
    sigma = log_var.exp()
    return (mu ** 2 + sigma ** 2 - 1 - 2 * log_var).sum(1)
W(my_kl, "TWO: took log_var for log sigma (exp(2 log_var), 2 log_var), and forgot the 1/2")


def my_kl(mu, log_var):
    kl = 0.5 * (mu ** 2 + log_var.exp() - 1 + log_var).sum(1)
    return kl.abs()
W(my_kl, "TWO: sign of the log_var term (+ log_var), and abs() around the result to hide negative KLs")


def my_kl(mu, log_var):
    kl = mu ** 2 + log_var.exp() - 1 - log_var
    return kl.sum(1).mean().expand(mu.shape[0])
W(my_kl, "TWO: forgot the 1/2, and every row gets the batch mean")


def my_kl(mu, log_var):
    var = log_var.exp()
    return 0.5 * (mu ** 2 + var + 1 - torch.log2(var)).sum(1)
W(my_kl, "TWO: +1 in place of -1, and log2 in the log term")


def my_kl(mu, log_var):
    kl = 0
    for i in range(mu.shape[1] - 1):
        kl = kl + 0.5 * (mu[:, i] ** 2 + torch.exp(0.5 * log_var[:, i]) - 1 - log_var[:, i])
    return kl
W(my_kl, "TWO: the loop leaves out the last latent, and sigma in place of sigma^2")
# with latent == 1 the loop is empty and 0 comes back


def my_kl(mu, log_var):
    kl = []
    for m, v in zip(mu, log_var):
        kl.append(0.5 * (m.sum() ** 2 + (v.exp() - v).sum() - 1))
    return torch.stack(kl)
W(my_kl, "TWO: square of the sum of mu, and -1 once a row in place of once a latent")


def my_kl(mu, log_var):
    return -0.5 * torch.sum(1 + log_var - mu ** 2 - log_var.exp(), dim=1) / mu.shape[0] / mu.shape[1]
W(my_kl, "TWO: divided by the batch size, and divided by the number of latents")


def my_kl(mu, log_var):
    q = torch.distributions.Normal(mu, log_var.exp())
    p = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return torch.distributions.kl_divergence(p, q).sum(1)
W(my_kl, "TWO: variance passed to Normal as the scale, and the reverse KL(prior || q)")


def my_kl(mu, log_var):
    return 0.5 * (mu ** 2 + log_var - 1 - log_var.exp()).sum(1)
W(my_kl, "variance and log-variance exchanged: + log_var - exp(log_var)")


def my_kl(mu, log_var):
    return 0.5 * (mu ** 2 + log_var.exp() - 2 - log_var).sum(1)
W(my_kl, "-2 in place of -1: too small by latent/2")


def my_kl(mu, log_var):
    kl = 0.5 * (mu ** 2 + log_var.exp() - 1 - log_var).sum(1)
    return torch.cumsum(kl, 0)
W(my_kl, "running sum over the rows of the batch: row i holds the KLs of rows 0..i")


def my_kl(mu, log_var):
    kl = 0.5 * (mu ** 2 + log_var.exp() - 1 - log_var).sum(1)
    return kl.sort().values
W(my_kl, "sorted the KLs: right numbers, in the wrong rows")


# ------------------------------------------------------------------ right

def my_kl(mu, log_var):
    return 0.5 * (mu ** 2 + log_var.exp() - 1 - log_var).sum(dim=1)
R(my_kl, "line (v) as it stands")


def my_kl(mu, log_var):
    return -0.5 * torch.sum(1 + log_var - mu.pow(2) - log_var.exp(), dim=-1)
R(my_kl, "Kingma's form with the minus outside")


def my_kl(mu, log_var):
    q = torch.distributions.Normal(mu, (log_var / 2).exp())
    p = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return torch.distributions.kl_divergence(q, p).sum(-1)
R(my_kl, "torch.distributions kl_divergence of two Normals, summed over latents")


def my_kl(mu, log_var):
    q = torch.distributions.MultivariateNormal(mu, torch.diag_embed(log_var.exp()))
    d = mu.shape[1]
    p = torch.distributions.MultivariateNormal(torch.zeros(d, dtype=mu.dtype), torch.eye(d, dtype=mu.dtype))
    return torch.distributions.kl_divergence(q, p)
R(my_kl, "kl_divergence of two MultivariateNormals with diagonal covariance")


def my_kl(mu, log_var):
    return 0.5 * (torch.einsum("bi,bi->b", mu, mu) + torch.einsum("bi->b", torch.expm1(log_var) - log_var))
R(my_kl, "einsum and expm1")


def my_kl(mu, log_var):
    rows = []
    for m, lv in zip(mu, log_var):
        total = 0.0
        for mi, li in zip(m, lv):
            total = total + (mi * mi + li.exp() - 1 - li) / 2
        rows.append(total)
    return torch.stack(rows)
R(my_kl, "double loop over rows and latents")


def my_kl(mu, log_var):
    m, lv = mu.double(), log_var.double()
    return (0.5 * (m.square() + lv.exp() - 1 - lv)).sum(1).to(mu.dtype)
R(my_kl, "computed in float64, cast back")


def my_kl(mu, log_var):
    d = mu.shape[-1]
    sq = torch.linalg.vector_norm(mu, dim=-1) ** 2
    tr = torch.logsumexp(log_var, dim=-1).exp()
    return (sq + tr - d - log_var.sum(-1)) / 2
R(my_kl, "trace by exp(logsumexp), squared norm, minus d, minus log det")


def my_kl(mu, log_var):
    cross_entropy = 0.5 * (mu ** 2 + log_var.exp() + math.log(2 * math.pi))
    entropy = 0.5 * (log_var + math.log(2 * math.pi * math.e))
    return (cross_entropy - entropy).sum(1)
R(my_kl, "cross-entropy minus entropy")


def my_kl(mu, log_var):
    s = torch.exp(0.5 * log_var)
    return (0.5 * mu * mu + 0.5 * (s - 1) * (s + 1) - s.log()).sum(1)
R(my_kl, "(s-1)(s+1)/2 - log s + mu^2/2 with s = sigma")


def my_kl(mu, log_var):
    f = lambda m, v: 0.5 * (m @ m + v.exp().sum() - v.numel() - v.sum())
    return torch.vmap(f)(mu, log_var)
R(my_kl, "vmap of the one-row formula")


def my_kl(mu, log_var):
    ones = torch.ones(mu.shape[1], dtype=mu.dtype)
    return (mu ** 2 + log_var.exp() - log_var - 1) @ (ones / 2)
R(my_kl, "sum and 1/2 as a matrix product with a vector of halves")


def my_kl(mu, log_var):
    h = 0.5 * log_var
    return (0.5 * mu ** 2 + torch.exp(h) * torch.sinh(h) - h).sum(1)
R(my_kl, "exp(h) sinh(h) = (exp(2h) - 1)/2 with h = log_var/2")


def my_kl(mu, log_var):
    q = torch.distributions.Independent(torch.distributions.Normal(mu, log_var.exp().sqrt()), 1)
    p = torch.distributions.Independent(torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu)), 1)
    return torch.distributions.kl_divergence(q, p)
R(my_kl, "Independent Normals, kl_divergence gives [batch] at once")


def my_kl(mu, log_var):
    nll = F.gaussian_nll_loss(mu, torch.zeros_like(mu), torch.ones_like(mu), reduction="none")
    return (nll + (log_var.exp() - 1 - log_var) / 2).sum(1)
R(my_kl, "mu^2/2 by F.gaussian_nll_loss with variance 1, the rest by hand")


def my_kl(mu, log_var):
    return 0.5 * mu.shape[1] * (mu ** 2 + log_var.exp() - 1 - log_var).mean(1)
R(my_kl, "mean over latents times the number of latents")


# ------------------------------------------------------------------ judgement calls: the VALUE is right, 4.1 does not ask for gradients in so many words

def my_kl(mu, log_var):
    m, v = mu.detach().numpy(), log_var.detach().numpy()
    return torch.from_numpy(0.5 * (m ** 2 + np.exp(v) - 1 - v).sum(1))
B(my_kl, "numpy, value right, no gradient")


def my_kl(mu, log_var):
    m, v = mu.detach().numpy(), log_var.detach().numpy()
    return 0.5 * (m ** 2 + np.exp(v) - 1 - v).sum(1)
B(my_kl, "numpy, value right, returns a numpy array")


def my_kl(mu, log_var):
    return 0.5 * (mu ** 2 + log_var.detach().exp() - 1 - log_var).sum(1)
B(my_kl, "value right; the variance term is detached, so the gradient of log_var is wrong (-1/2 always)")


def my_kl(mu, log_var):
    return 0.5 * (mu.detach() ** 2 + log_var.exp() - 1 - log_var).sum(1)
B(my_kl, "value right; mu is detached: no gradient to mu")


def my_kl(mu, log_var):
    with torch.no_grad():
        return 0.5 * (mu ** 2 + log_var.exp() - 1 - log_var).sum(1)
B(my_kl, "value right; under no_grad: no gradient at all")


def my_kl(mu, log_var):
    return [float(0.5 * (m ** 2 + v.exp() - 1 - v).sum()) for m, v in zip(mu, log_var)]
B(my_kl, "value right; returns a Python list of floats")


def my_kl(mu, log_var):
    return (0.5 * (mu ** 2 + log_var.exp() - 1 - log_var)).sum(1).clamp(min=1e-2)
B(my_kl, "right except that a KL under 0.01 is raised to 0.01 (only visible at q very near the prior)")


def my_kl(mu, log_var):
    return 0.5 * (mu.double() ** 2 + log_var.double().exp() - 1 - log_var.double()).sum(1)
B(my_kl, "right value, returned in float64 whatever the input's dtype")


ANSWERS = list(_L)
BORDERLINE = list(_B)

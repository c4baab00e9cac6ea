"""Blind answers to exercise 6.3, my_importance_weighted_bound(model, x, num_samples)."""
import functools
import math

import torch
from torch.distributions import kl_divergence

ANSWERS, BORDERLINE = [], []


def a(words, right):
    def keep(f):
        (BORDERLINE if right is None else ANSWERS).append((f, words, right))
        return f
    return keep


def logw(model, x, k):
    q = model.encoder(x)
    z = q.rsample((k,))
    return model.decoder(z).log_prob(x) + model.prior.log_prob(z) - q.log_prob(z)


@a("logarithm of the sum of the weights: - log K is missing", False)
def w01(model, x, num_samples):
    return torch.logsumexp(logw(model, x, num_samples), 0)


@a("mean of the log weights (the ELBO with K draws) instead of the logarithm of the mean weight", False)
def w02(model, x, num_samples):
    return logw(model, x, num_samples).mean(0)


@a("log K is added instead of subtracted", False)
def w03(model, x, num_samples):
    return torch.logsumexp(logw(model, x, num_samples), 0) + math.log(num_samples)


@a("weights by exp first: unusual examples underflow, their logarithm is -inf", False)
def w04(model, x, num_samples):
    return logw(model, x, num_samples).exp().mean(0).log()


@a("logsumexp over the examples (axis 1) instead of the samples: [samples]", False)
def w05(model, x, num_samples):
    return torch.logsumexp(logw(model, x, num_samples), 1) - math.log(len(x))


@a("the prior's log p(z) is forgotten in the weight", False)
def w06(model, x, num_samples):
    q = model.encoder(x)
    z = q.rsample((num_samples,))
    return torch.logsumexp(model.decoder(z).log_prob(x) - q.log_prob(z), 0) - math.log(num_samples)


@a("log q(z|x) is forgotten: the weight is the joint density p(x, z) alone", False)
def w07(model, x, num_samples):
    z = model.encoder(x).rsample((num_samples,))
    t = model.decoder(z).log_prob(x) + model.prior.log_prob(z)
    return torch.logsumexp(t, 0) - math.log(num_samples)


@a("prior and q exchanged in the weight: + log q(z|x) - log p(z)", False)
def w08(model, x, num_samples):
    q = model.encoder(x)
    z = q.rsample((num_samples,))
    t = model.decoder(z).log_prob(x) - model.prior.log_prob(z) + q.log_prob(z)
    return torch.logsumexp(t, 0) - math.log(num_samples)


@a("sample() instead of rsample(): no gradient gets through z", False)
def w09(model, x, num_samples):
    q = model.encoder(x)
    z = q.sample((num_samples,))
    t = model.decoder(z).log_prob(x) + model.prior.log_prob(z) - q.log_prob(z)
    return torch.logsumexp(t, 0) - math.log(num_samples)


@a("KL in closed form, taken off every log p(x|z), instead of log p(z) - log q(z|x) at the same z", False)
def w10(model, x, num_samples):
    q = model.encoder(x)
    t = model.decoder(q.rsample((num_samples,))).log_prob(x) - kl_divergence(q, model.prior)
    return torch.logsumexp(t, 0) - math.log(num_samples)


@a("only one draw, repeated K times: num_samples has no effect, always the ELBO of one draw", False)
def w11(model, x, num_samples):
    t = logw(model, x, 1).expand(num_samples, -1)
    return torch.logsumexp(t, 0) - math.log(num_samples)


@a("logsumexp divided by K instead of less log K", False)
def w12(model, x, num_samples):
    return torch.logsumexp(logw(model, x, num_samples), 0) / num_samples


@a("the largest log weight of the K draws instead of the logarithm of their mean", False)
def w13(model, x, num_samples):
    return logw(model, x, num_samples).max(0).values


@a("draws z from the prior and averages p(x|z); the encoder is not used at all", False)
def w14(model, x, num_samples):
    z = model.prior.rsample((num_samples, len(x)))
    return torch.logsumexp(model.decoder(z).log_prob(x), 0) - math.log(num_samples)


@a("draws z from the prior, but weighs it as if it were drawn from q", False)
def w15(model, x, num_samples):
    q = model.encoder(x)
    z = model.prior.rsample((num_samples, len(x)))
    t = model.decoder(z).log_prob(x) + model.prior.log_prob(z) - q.log_prob(z)
    return torch.logsumexp(t, 0) - math.log(num_samples)


@a("10 draws typed in; num_samples is ignored", False)
def w16(model, x, num_samples):
    return torch.logsumexp(logw(model, x, 10), 0) - math.log(10)


@a("sign: minus the bound, a loss", False)
def w17(model, x, num_samples):
    return math.log(num_samples) - torch.logsumexp(logw(model, x, num_samples), 0)


@a("log of the number of examples, len(x), subtracted instead of log K", False)
def w18(model, x, num_samples):
    return torch.logsumexp(logw(model, x, num_samples), 0) - math.log(len(x))


@a("log weights clamped at -80 from below so that the exponential stays positive", False)
def w19(model, x, num_samples):
    t = logw(model, x, num_samples).clamp(min=-80)
    return t.exp().mean(0).log()


@a("averaged over the batch as well: one number instead of [batch]", False)
def w20(model, x, num_samples):
    return (torch.logsumexp(logw(model, x, num_samples), 0) - math.log(num_samples)).mean()


@a("takes one maximum out of the whole table, not one an example: examples far below the best underflow to -inf", False)
def w21(model, x, num_samples):
    t = logw(model, x, num_samples)
    return t.max() + (t - t.max()).exp().mean(0).log()


@a("weights averaged after a softmax: the sum of softmax(log w) * log w", False)
def w22(model, x, num_samples):
    t = logw(model, x, num_samples)
    return (t.softmax(0) * t).sum(0)


@a("TWO: - log K is missing, and the draw is sample(), which lets no gradient through z", False)
def w23(model, x, num_samples):
    q = model.encoder(x)
    z = q.sample((num_samples,))
    return torch.logsumexp(model.decoder(z).log_prob(x) + model.prior.log_prob(z) - q.log_prob(z), 0)


@a("TWO: mean of the logarithms instead of the logarithm of the mean, and log p(z) forgotten", False)
def w24(model, x, num_samples):
    q = model.encoder(x)
    z = q.rsample((num_samples,))
    return (model.decoder(z).log_prob(x) - q.log_prob(z)).mean(0)


@a("TWO: exp before the mean without taking the maximum out, and everything under no_grad, so no gradient", False)
@torch.no_grad()
def w25(model, x, num_samples):
    return logw(model, x, num_samples).exp().mean(0).log()


@a("TWO: logsumexp over the examples instead of the samples, and nothing subtracted for the mean", False)
def w26(model, x, num_samples):
    return torch.logsumexp(logw(model, x, num_samples), 1)


@a("TWO: log q(z|x) forgotten in the weight, and the sign reversed (a loss)", False)
def w27(model, x, num_samples):
    z = model.encoder(x).rsample((num_samples,))
    t = model.decoder(z).log_prob(x) + model.prior.log_prob(z)
    return math.log(num_samples) - torch.logsumexp(t, 0)


@a("TWO: the prior's log p(z) forgotten in the weight, and one number for the whole batch (mean over the examples)", False)
def w28(model, x, num_samples):
    q = model.encoder(x)
    z = q.rsample((num_samples,))
    t = torch.logsumexp(model.decoder(z).log_prob(x) - q.log_prob(z), 0)
    return t.mean() - math.log(num_samples)


@a("TWO: log K added instead of subtracted, and log weights clamped at -100 from below", False)
def w29(model, x, num_samples):
    return torch.logsumexp(logw(model, x, num_samples).clamp(min=-100), 0) + math.log(num_samples)


@a("right: one draw after another, added up with logaddexp", True)
def r1(model, x, num_samples):
    q, parts = model.encoder(x), []
    for _ in range(num_samples):
        z = q.rsample()
        parts.append(model.decoder(z).log_prob(x) - (q.log_prob(z) - model.prior.log_prob(z)))
    return functools.reduce(torch.logaddexp, parts) - math.log(num_samples)


@a("right: each log weight less log K first, the column's maximum taken out by hand (detached)", True)
def r2(model, x, num_samples):
    t = logw(model, x, num_samples) - math.log(num_samples)
    top = t.detach().amax(0)
    return top + torch.exp(t - top).sum(0).log()


@a("right: z as mean + stddev * noise, last row of a logcumsumexp", True)
def r3(model, x, num_samples):
    q = model.encoder(x)
    z = q.mean + q.stddev * torch.randn(num_samples, *q.mean.shape)
    t = model.prior.log_prob(z) - q.log_prob(z) + model.decoder(z).log_prob(x)
    return t.logcumsumexp(0)[-1].sub(math.log(num_samples))


@a("right value; log q's own parameters detached (sticking the landing): the gradient comes through z only", None)
def b1(model, x, num_samples):
    q = model.encoder(x)
    z = q.rsample((num_samples,))
    still = torch.distributions.Normal(q.mean.detach(), q.stddev.detach())
    t = model.decoder(z).log_prob(x) + model.prior.log_prob(z) - still.log_prob(z).sum(-1)
    return torch.logsumexp(t, 0) - math.log(num_samples)


@a("right on average, but torch.manual_seed(0) first, so that all calls draw the same", None)
def b2(model, x, num_samples):
    torch.manual_seed(0)
    return torch.logsumexp(logw(model, x, num_samples), 0) - math.log(num_samples)


@a("the draws in antithetic pairs (eps and -eps): right for K = 1, on average no worse, but not K independent draws", None)
def b3(model, x, num_samples):
    q = model.encoder(x)
    eps = torch.randn((num_samples + 1) // 2, *q.mean.shape)
    z = q.mean + q.stddev * torch.cat([eps, -eps])[:num_samples]
    t = model.decoder(z).log_prob(x) + model.prior.log_prob(z) - q.log_prob(z)
    return torch.logsumexp(t, 0) - math.log(num_samples)

"""Blind answers to exercise 4.4, my_kl_monte_carlo(mu, log_var, num_samples)."""
import math

import torch
from torch.distributions import Independent, Normal

ANSWERS, BORDERLINE = [], []


def a(words, right):
    def keep(f):
        (BORDERLINE if right is None else ANSWERS).append((f, words, right))
        return f
    return keep


def gauss(m, s):
    return Independent(Normal(m, s), 1)


def both(mu, log_var):
    return gauss(mu, torch.exp(0.5 * log_var)), gauss(torch.zeros_like(mu), torch.ones_like(mu))


@a("takes exp(log_var), the variance, for the standard deviation of q, in the draw and in the density", False)
def w01(mu, log_var, num_samples):
    q, p = gauss(mu, log_var.exp()), both(mu, log_var)[1]
    z = q.sample((num_samples,))
    return (q.log_prob(z) - p.log_prob(z)).mean(0)


@a("sign: averages log p(z) - log q(z|x), so the result is minus the KL", False)
def w02(mu, log_var, num_samples):
    q, p = both(mu, log_var)
    z = q.sample((num_samples,))
    return (p.log_prob(z) - q.log_prob(z)).mean(0)


@a("mean over the latents instead of their sum: too small by the factor latent", False)
def w03(mu, log_var, num_samples):
    s = torch.exp(0.5 * log_var)
    z = Normal(mu, s).sample((num_samples,))
    return (Normal(mu, s).log_prob(z) - Normal(0.0, 1.0).log_prob(z)).mean(-1).mean(0)


@a("logarithm of the mean of the ratio q/p over the draws, instead of the mean of the logarithm", False)
def w04(mu, log_var, num_samples):
    q, p = both(mu, log_var)
    z = q.sample((num_samples,))
    return torch.logsumexp(q.log_prob(z) - p.log_prob(z), 0) - math.log(num_samples)


@a("one set of noise for the whole batch: every example is drawn with the same eps, not anew for every example", False)
def w05(mu, log_var, num_samples):
    q, p = both(mu, log_var)
    z = mu + torch.exp(0.5 * log_var) * torch.randn(num_samples, 1, mu.shape[-1])
    return (q.log_prob(z) - p.log_prob(z)).mean(0)


@a("seeded noise: a generator with seed 0 in the function, so that every call makes the same draws", False)
def w06(mu, log_var, num_samples):
    q, p = both(mu, log_var)
    eps = torch.randn(num_samples, *mu.shape, generator=torch.Generator().manual_seed(0))
    z = mu + torch.exp(0.5 * log_var) * eps
    return (q.log_prob(z) - p.log_prob(z)).mean(0)


@a("ignores num_samples: 100 draws typed in, so that the spread is not that of num_samples draws", False)
def w07(mu, log_var, num_samples):
    q, p = both(mu, log_var)
    z = q.sample((100,))
    return (q.log_prob(z) - p.log_prob(z)).mean(0)


@a("returns the closed-form KL: no draw at all, hence no spread", False)
def w08(mu, log_var, num_samples):
    return 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(-1)


@a("draws z from the prior instead of from q: the average is -KL(p||q)", False)
def w09(mu, log_var, num_samples):
    q, p = both(mu, log_var)
    z = p.sample((num_samples,))
    return (q.log_prob(z) - p.log_prob(z)).mean(0)


@a("a single draw, repeated num_samples times: the mean is right but it scatters as one draw does", False)
def w10(mu, log_var, num_samples):
    q, p = both(mu, log_var)
    z = q.sample().expand(num_samples, *mu.shape)
    return (q.log_prob(z) - p.log_prob(z)).mean(0)


@a("forgot mu in the draw: z = sigma * eps, although the density has its mean at mu", False)
def w11(mu, log_var, num_samples):
    q, p = both(mu, log_var)
    z = torch.exp(0.5 * log_var) * torch.randn(num_samples, *mu.shape)
    return (q.log_prob(z) - p.log_prob(z)).mean(0)


@a("sum over the draws instead of the mean: too large by num_samples", False)
def w12(mu, log_var, num_samples):
    q, p = both(mu, log_var)
    z = q.sample((num_samples,))
    return (q.log_prob(z) - p.log_prob(z)).sum(0)


@a("centres the prior at mu instead of at 0: the KL lacks its mu**2/2", False)
def w13(mu, log_var, num_samples):
    q = both(mu, log_var)[0]
    z = q.sample((num_samples,))
    return (q.log_prob(z) - gauss(mu, torch.ones_like(mu)).log_prob(z)).mean(0)


@a("log p(z) = -z**2/2 without its constant -0.5*log(2*pi) per latent, while log q keeps its own", False)
def w14(mu, log_var, num_samples):
    q = both(mu, log_var)[0]
    z = q.sample((num_samples,))
    return (q.log_prob(z) + 0.5 * (z**2).sum(-1)).mean(0)


@a("averages the draws z first and evaluates log q - log p once at that mean draw", False)
def w15(mu, log_var, num_samples):
    q, p = both(mu, log_var)
    z = q.sample((num_samples,)).mean(0)
    return q.log_prob(z) - p.log_prob(z)


@a("takes the absolute value of log q - log p of every draw before averaging", False)
def w16(mu, log_var, num_samples):
    q, p = both(mu, log_var)
    z = q.sample((num_samples,))
    return (q.log_prob(z) - p.log_prob(z)).abs().mean(0)


@a("mean over the wrong axis: averages over the examples and returns [samples]", False)
def w17(mu, log_var, num_samples):
    q, p = both(mu, log_var)
    z = q.sample((num_samples,))
    return (q.log_prob(z) - p.log_prob(z)).mean(1)


@a("TWO: sign reversed (log p - log q), and the mean over the latents instead of the sum", False)
def w18(mu, log_var, num_samples):
    s = torch.exp(0.5 * log_var)
    z = Normal(mu, s).sample((num_samples,))
    return (Normal(0.0, 1.0).log_prob(z) - Normal(mu, s).log_prob(z)).mean(-1).mean(0)


@a("TWO: the variance exp(log_var) taken for the standard deviation of q, and the result in bits (divided by log 2)", False)
def w19(mu, log_var, num_samples):
    q, p = gauss(mu, log_var.exp()), both(mu, log_var)[1]
    z = q.sample((num_samples,))
    return (q.log_prob(z) - p.log_prob(z)).mean(0) / math.log(2)


@a("TWO: draws from the prior instead of from q, and the logarithm of the mean of q/p instead of the mean of the logarithm", False)
def w20(mu, log_var, num_samples):
    q, p = both(mu, log_var)
    z = p.sample((num_samples,))
    return (q.log_prob(z) - p.log_prob(z)).exp().mean(0).log()


@a("TWO: the same eps for all examples of the batch, and the sum over the draws instead of the mean", False)
def w21(mu, log_var, num_samples):
    q, p = both(mu, log_var)
    z = mu + torch.exp(0.5 * log_var) * torch.randn(num_samples, 1, mu.shape[-1])
    return (q.log_prob(z) - p.log_prob(z)).sum(0)


@a("TWO: draws with unit variance (z = mu + eps, sigma forgotten), and the prior's constant -0.5*log(2*pi) per latent left out", False)
def w22(mu, log_var, num_samples):
    z = mu + torch.randn(num_samples, *mu.shape)
    return (both(mu, log_var)[0].log_prob(z) + 0.5 * (z**2).sum(-1)).mean(0)


@a("TWO: averages the draws z before the logarithms, and the prior is centred at mu instead of 0", False)
def w23(mu, log_var, num_samples):
    q = both(mu, log_var)[0]
    z = q.sample((num_samples,)).mean(0)
    return q.log_prob(z) - gauss(mu, torch.ones_like(mu)).log_prob(z)


@a("right: eps by hand, log q - log p = (z**2 - eps**2 - log_var)/2 summed over the latents (the constants cancel)", True)
def r1(mu, log_var, num_samples):
    eps = torch.randn(num_samples, *mu.shape)
    z = mu + eps * (log_var / 2).exp()
    return 0.5 * (z.square() - eps.square() - log_var).sum(-1).mean(0)


@a("right: a python loop with a running mean, one draw of the whole batch at a time", True)
def r2(mu, log_var, num_samples):
    q, p = both(mu, log_var)
    result = torch.zeros(len(mu))
    for k in range(num_samples):
        z = q.rsample()
        result = result + (q.log_prob(z) - p.log_prob(z) - result) / (k + 1)
    return result


@a("right: batch first: repeats every example num_samples times, and takes the mean over the axis of the draws", True)
def r3(mu, log_var, num_samples):
    m = mu.repeat_interleave(num_samples, 0)
    s = torch.exp(log_var).sqrt().repeat_interleave(num_samples, 0)
    z = torch.normal(m, s)
    t = Normal(m, s).log_prob(z) - Normal(torch.zeros_like(m), 1.0).log_prob(z)
    return t.sum(1).view(len(mu), num_samples).mean(1)


@a("500 draws typed in for num_samples (the check asks for 500)", None)
def b1(mu, log_var, num_samples):
    q, p = both(mu, log_var)
    z = q.sample((500,))
    return (q.log_prob(z) - p.log_prob(z)).mean(0)


@a("E[log q] as the exact entropy, only log p(z) averaged over draws: unbiased, but another spread than line (i)", None)
def b2(mu, log_var, num_samples):
    q, p = both(mu, log_var)
    return -q.entropy() - p.log_prob(q.sample((num_samples,))).mean(0)


@a("the mean over the draws is right, but a result below 0 is clamped to 0 (biased where the KL is tiny)", None)
def b3(mu, log_var, num_samples):
    q, p = both(mu, log_var)
    z = q.sample((num_samples,))
    return (q.log_prob(z) - p.log_prob(z)).mean(0).clamp(min=0)

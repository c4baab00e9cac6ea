"""Blind answers to exercise 4.7, my_elbo(model, x) -> [batch].
ANSWERS = [(function, what the author did, is_right)]; BORDERLINE: judgement calls, same form, is_right = None.

The helpers _lp and _kl only make the answers work whether the model's distributions are Independent / MultivariateNormal
(log_prob gives [batch]) or plain Normal / Bernoulli (log_prob gives [batch, ...], to be summed over the last axis).
"""
import math

import numpy as np
import torch
import torch.distributions as D
import torch.nn.functional as F

_L, _B = [], []


def W(f, words):
    _L.append((f, words, False))


def R(f, words):
    _L.append((f, words, True))


def B(f, words):
    _B.append((f, words, None))


def _lp(d, v):
    t = d.log_prob(v)
    return t if d.event_shape else t.sum(-1)


def _cov(d):
    c = getattr(d, "covariance_matrix", None)
    return c if c is not None else torch.diag_embed(d.variance)


def _mvn(d, n):
    m, c = d.mean, _cov(d)
    if m.dim() == 0:
        m, c = m.expand(n), d.variance * torch.eye(n)
    return D.MultivariateNormal(m, c)


def _kl(q, p):
    """KL(q || p) in closed form for Gaussians, [batch]; either argument may be the prior."""
    n = max(q.mean.shape[-1:] + p.mean.shape[-1:])
    return D.kl_divergence(_mvn(q, n), _mvn(p, n))


def _entropy(d):
    h = d.entropy()
    return h if d.event_shape else h.sum(-1)


# ------------------------------------------------------------------ wrong, one mistake: terms

def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x)
W(my_elbo, "forgot the KL: log p(x|z) only")


def my_elbo(model, x):
    return -_kl(model.encoder(x), model.prior)
W(my_elbo, "forgot the reconstruction term: -KL only")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x) + _kl(q, model.prior)
W(my_elbo, "sign: KL added in place of subtracted")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _kl(q, model.prior) - _lp(model.decoder(z), x)
W(my_elbo, "returns the negative ELBO (the loss)")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return -_lp(model.decoder(z), x) - _kl(q, model.prior)
W(my_elbo, "sign of the reconstruction term: -log p(x|z) - KL")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x) + _lp(q, z) - _lp(model.prior, z)
W(my_elbo, "log q and log p(z) exchanged: the KL estimate is added in place of subtracted")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x) - _lp(q, z)
W(my_elbo, "log p(z) forgotten: log p(x|z) - log q(z|x)")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x) + _lp(model.prior, z)
W(my_elbo, "log q(z|x) (the entropy) forgotten: log p(x|z) + log p(z)")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x) + _lp(model.prior, z) - _entropy(q)
W(my_elbo, "sign of the entropy: subtracted in place of added")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x) - _lp(model.prior, z) - _lp(q, z)
W(my_elbo, "sign of log p(z): subtracted in place of added (log p(x|z) - log p(z) - log q)")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    kl = _kl(q, model.prior)
    return _lp(model.decoder(z), x) + _lp(model.prior, z) - _lp(q, z) - kl
W(my_elbo, "KL subtracted twice: once from the draws and once in closed form")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x) - _kl(q, model.prior) + _entropy(q)
W(my_elbo, "an extra entropy of q added on top of the whole KL")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return 2 * _lp(model.decoder(z), x) - _kl(q, model.prior)
W(my_elbo, "reconstruction term counted twice")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return 0.5 * (_lp(model.decoder(z), x) - _kl(q, model.prior))
W(my_elbo, "the whole ELBO multiplied by 1/2")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x) - 4.0 * _kl(q, model.prior)
W(my_elbo, "beta = 4 before the KL")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x) - 0.5 * _kl(q, model.prior)
W(my_elbo, "1/2 before a KL that has its 1/2 already (beta = 1/2)")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x) - _kl(model.prior, q)
W(my_elbo, "arguments of the KL swapped: KL(p || q)")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    zp = model.prior.sample((x.shape[0],))
    return _lp(model.decoder(z), x) - (_lp(model.prior, zp) - _lp(q, zp))
W(my_elbo, "reverse KL from draws of the prior: log p(z') - log q(z'|x), z' ~ p(z)")


def my_elbo(model, x):
    z = model.prior.sample((x.shape[0],))
    return _lp(model.decoder(z), x) - _kl(model.encoder(x), model.prior)
W(my_elbo, "z drawn from the prior in place of q: the reconstruction does not know x")


def my_elbo(model, x):
    q = model.encoder(x)
    zq = q.rsample()
    zp = model.prior.sample((x.shape[0],))
    return _lp(model.decoder(zq), x) + _lp(model.prior, zp) - _lp(q, zq)
W(my_elbo, "log p(z) taken at a draw of the prior in place of the draw of q")


# ------------------------------------------------------------------ wrong: which z

def my_elbo(model, x):
    q = model.encoder(x)
    z = q.mean
    return _lp(model.decoder(z), x) - _kl(q, model.prior)
W(my_elbo, "decoder fed with the mean of q in place of a draw (KL in closed form is right): too large, no noise")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.mean
    return _lp(model.decoder(z), x) + _lp(model.prior, z) - _lp(q, z)
W(my_elbo, "all three terms at the mean of q in place of a draw")
# when q is exactly the posterior, log p(x,z) - log q(z|x) is log p(x) at EVERY z: the value is right there; wrong value and gradient where q is not the posterior


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(q.mean), x) + _lp(model.prior, z) - _lp(q, z)
W(my_elbo, "drew z and used it in the KL, but fed the decoder the mean of q")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.mean + q.variance * torch.randn_like(q.mean)
    return _lp(model.decoder(z), x) - _kl(q, model.prior)
W(my_elbo, "z = mean + variance * eps (variance for standard deviation), KL right")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.mean + torch.randn_like(q.mean)
    return _lp(model.decoder(z), x) - _kl(q, model.prior)
W(my_elbo, "z = mean + eps: standard deviation of q left out, KL right")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.mean + q.stddev * torch.rand_like(q.mean)
    return _lp(model.decoder(z), x) - _kl(q, model.prior)
W(my_elbo, "uniform noise on [0, 1] for z, KL right")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    z = z[:1].expand_as(z)
    return _lp(model.decoder(z), x) - _kl(q, model.prior)
W(my_elbo, "the z of the first image is used for all images in the decoder")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample().flip(0)
    return _lp(model.decoder(z), x) - _kl(q, model.prior)
W(my_elbo, "z in reverse order of rows: each image is scored with another image's z")


def my_elbo(model, x):
    q = model.encoder(x)
    z = torch.stack([q.rsample() for _ in range(10)]).mean(0)
    return _lp(model.decoder(z), x) - _kl(q, model.prior)
W(my_elbo, "averaged ten draws of z BEFORE the decoder in place of averaging ten log-likelihoods: z too near the mean")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    x_hat = model.decoder(z).sample()
    return _lp(model.decoder(z), x_hat) - _kl(q, model.prior)
W(my_elbo, "scores the decoder's own sample in place of x: the first term is minus the decoder's entropy")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    p = model.decoder(z)
    return _lp(p, p.mean) - _kl(q, model.prior)
W(my_elbo, "scores the reconstruction (decoder's mean) in place of x")


def my_elbo(model, x):
    q = model.encoder(x)
    z = torch.tanh(q.rsample())
    return _lp(model.decoder(z), x) - _kl(q, model.prior)
W(my_elbo, "tanh on z before the decoder")


def my_elbo(model, x):
    torch.manual_seed(0)
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x) - _kl(q, model.prior)
W(my_elbo, "seed inside: the same noise in every call, so the average over calls is that of one draw")
# value differs from log p(x) by that one draw's error, which does not average out


# ------------------------------------------------------------------ wrong: likelihood

def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return -((x - model.decoder(z).mean) ** 2).sum(-1) - _kl(q, model.prior)
W(my_elbo, "squared error (sum) in place of the decoder's log-probability")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return -0.5 * ((x - model.decoder(z).mean) ** 2).sum(-1) - _kl(q, model.prior)
W(my_elbo, "1/2 squared error: variance of the decoder taken as 1 and normalising constant left out")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    p = model.decoder(z)
    return -0.5 * (((x - p.mean) / p.stddev) ** 2).sum(-1) - _kl(q, model.prior)
W(my_elbo, "normalising constant of the Gaussian likelihood left out (log sigma and log 2 pi)")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    p = model.decoder(z)
    return (-0.5 * ((x - p.mean) / p.stddev) ** 2 - p.stddev.log()).sum(-1) - _kl(q, model.prior)
W(my_elbo, "-1/2 log(2 pi) for each pixel left out of the Gaussian likelihood")
# gradient right, value shifted by a constant


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    logits = model.decoder(z).mean
    bce = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(-1)
    return -bce - _kl(q, model.prior)
W(my_elbo, "binary cross-entropy with the decoder's mean as logits in place of decoder(z).log_prob(x)")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x).exp() - _kl(q, model.prior)
W(my_elbo, "probability (density) in place of log-probability in the reconstruction term")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x) / x.shape[-1] - _kl(q, model.prior)
W(my_elbo, "log-likelihood averaged over the pixels in place of summed")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x) - _kl(q, model.prior) / z.shape[-1]
W(my_elbo, "KL averaged over the latents in place of summed")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return (_lp(model.decoder(z), x) - _kl(q, model.prior)) / math.log(2)
W(my_elbo, "in bits: divided by ln 2")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x) - _kl(q, model.prior) / math.log(2)
W(my_elbo, "KL in bits, reconstruction in nats")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return (_lp(model.decoder(z), x) - _kl(q, model.prior)) / x.shape[-1]
W(my_elbo, "nats a pixel: the ELBO divided by the number of pixels")


# ------------------------------------------------------------------ wrong: batch and shape

def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return (_lp(model.decoder(z), x) - _kl(q, model.prior)).mean()
W(my_elbo, "averaged over the batch: one number")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return (_lp(model.decoder(z), x) - _kl(q, model.prior)).sum()
W(my_elbo, "summed over the batch: one number")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x) - _kl(q, model.prior).mean()
W(my_elbo, "KL averaged over the batch before it is subtracted: each image pays the mean KL")
# the batch mean is right: visible only row by row


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x).mean() - _kl(q, model.prior)
W(my_elbo, "reconstruction averaged over the batch: each image gets the mean log-likelihood and its own KL")
# the batch mean is right: visible only row by row


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return (_lp(model.decoder(z), x) - _kl(q, model.prior)).mean().expand(x.shape[0])
W(my_elbo, "every image gets the batch mean of the ELBO")
# the batch mean is right: visible only row by row


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x) - _kl(q, model.prior).sum()
W(my_elbo, "KL summed over the batch and subtracted from every image")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x) - _kl(q, model.prior) / x.shape[0]
W(my_elbo, "KL divided by the batch size")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return (_lp(model.decoder(z), x) - _kl(q, model.prior)).unsqueeze(1)
W(my_elbo, "shape [batch, 1] in place of [batch]")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x).unsqueeze(1) - _kl(q, model.prior)
W(my_elbo, "broadcast: [batch, 1] minus [batch] gives a [batch, batch] matrix")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x), _kl(q, model.prior)
W(my_elbo, "returns the two terms as a tuple in place of their difference")


# ------------------------------------------------------------------ wrong: several draws

def my_elbo(model, x):
    q = model.encoder(x)
    logw = []
    for _ in range(10):
        z = q.rsample()
        logw.append(_lp(model.decoder(z), x) + _lp(model.prior, z) - _lp(q, z))
    return torch.logsumexp(torch.stack(logw), 0) - math.log(10)
W(my_elbo, "importance-weighted bound (log of the mean of ten weights) in place of the ELBO")
# equal to log p(x) where q is the posterior, right there; larger than the ELBO, other gradient, where q is not the posterior


def my_elbo(model, x):
    q = model.encoder(x)
    logw = []
    for _ in range(10):
        z = q.rsample()
        logw.append(_lp(model.decoder(z), x) + _lp(model.prior, z) - _lp(q, z))
    return torch.logsumexp(torch.stack(logw), 0)
W(my_elbo, "importance-weighted bound without - log K: logsumexp of ten log weights, log 10 too large where q is the posterior")


def my_elbo(model, x):
    q = model.encoder(x)
    rec = torch.stack([_lp(model.decoder(q.rsample()), x) for _ in range(10)])
    return torch.logsumexp(rec, 0) - math.log(10) - _kl(q, model.prior)
W(my_elbo, "log of the mean likelihood over ten draws in place of the mean log-likelihood, KL right")


def my_elbo(model, x):
    q = model.encoder(x)
    total = 0
    for _ in range(5):
        total = total + _lp(model.decoder(q.rsample()), x)
    return total - _kl(q, model.prior)
W(my_elbo, "five draws of the reconstruction summed, not divided by 5")


def my_elbo(model, x):
    q = model.encoder(x)
    vals = []
    for _ in range(8):
        z = q.rsample()
        vals.append(_lp(model.decoder(z), x) - _kl(q, model.prior))
    return torch.stack(vals).max(0).values
W(my_elbo, "best of eight draws (max in place of mean)")


def my_elbo(model, x):
    q = model.encoder(x)
    vals = []
    for _ in range(9):
        z = q.rsample()
        vals.append(_lp(model.decoder(z), x) - _kl(q, model.prior))
    return torch.stack(vals).median(0).values
W(my_elbo, "median of nine draws in place of the mean (skewed: too large)")


def my_elbo(model, x):
    q = model.encoder(x)
    vals = []
    for _ in range(5):
        z = q.rsample()
        vals.append(_lp(model.decoder(z), x) + _lp(model.prior, z) - _lp(q, z))
    return torch.stack(vals)
W(my_elbo, "five draws not averaged: [5, batch]")


# ------------------------------------------------------------------ wrong: clamps

def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    kl = (_lp(q, z) - _lp(model.prior, z)).clamp(min=0)
    return _lp(model.decoder(z), x) - kl
W(my_elbo, "the one-draw estimate of the KL clamped at 0 from below (single draws may be negative): biased downwards")
# the bias is small where the KL is several nats (0.02 to 0.1 nats on my linear VAE with KLs of 4.2, 1.3 and 2.0), larger near the prior


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    kl = (_lp(q, z) - _lp(model.prior, z)).abs()
    return _lp(model.decoder(z), x) - kl
W(my_elbo, "absolute value of the one-draw estimate of the KL")
# the bias is small where the KL is several nats (0.07 to 0.17 nats there), larger near the prior


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    kl = _kl(q, model.prior).clamp(min=8.0)
    return _lp(model.decoder(z), x) - kl
W(my_elbo, "free bits: KL of each image raised to at least 8 nats")
# visible only where the KL is under 8 nats


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return (_lp(model.decoder(z), x) - _kl(q, model.prior)).clamp(max=0)
W(my_elbo, "ELBO clamped at 0 from above (\"a log-probability is never positive\": wrong for densities)")
# visible only where log p(x) > 0 happens: a decoder of small variance


# ------------------------------------------------------------------ wrong: gradients (values right)

def my_elbo(model, x):
    q = model.encoder(x)
    z = q.sample()
    return _lp(model.decoder(z), x) - _kl(q, model.prior)
W(my_elbo, "sample() in place of rsample(): the encoder gets a gradient from the KL only, none from the reconstruction")
# visible only in the encoder's gradient


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.sample()
    return _lp(model.decoder(z), x) + _lp(model.prior, z) - _lp(q, z)
W(my_elbo, "sample() with all terms from the draw: the encoder gets only the score of log q, zero on average")
# visible only in the encoder's gradient


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z.detach()), x) + _lp(model.prior, z) - _lp(q, z)
W(my_elbo, "z detached before the decoder: no gradient of the reconstruction to the encoder")
# visible only in the encoder's gradient


def my_elbo(model, x):
    with torch.no_grad():
        q = model.encoder(x)
        z = q.rsample()
        return _lp(model.decoder(z), x) - _kl(q, model.prior)
W(my_elbo, "everything under no_grad: no gradient at all")
# visible only in the gradients


def my_elbo(model, x):
    with torch.no_grad():
        q = model.encoder(x)
        z = q.rsample()
    return _lp(model.decoder(z), x) - _kl(q, model.prior)
W(my_elbo, "encoder under no_grad: gradient to the decoder only")
# visible only in the encoder's gradient


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x) - _kl(q, model.prior).detach()
W(my_elbo, "KL detached: the encoder gets the gradient of the reconstruction only")
# visible only in the encoder's gradient


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    kl = torch.tensor([k.item() for k in _kl(q, model.prior)])
    return _lp(model.decoder(z), x) - kl
W(my_elbo, ".item() on the KL: no gradient of the KL to the encoder")
# visible only in the encoder's gradient


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x).detach() - _kl(q, model.prior)
W(my_elbo, "reconstruction term detached: no gradient to the decoder, the encoder gets the gradient of the KL only")
# visible only in the gradients


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x) + _lp(model.prior, z) - _lp(q, z.detach())
W(my_elbo, "z detached in log q only: the gradient of the entropy is missing in the encoder (only the score is left, zero on average)")
# visible only in the encoder's gradient


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x) + _lp(model.prior, z.detach()) - _lp(q, z)
W(my_elbo, "z detached in log p(z) only: the pull of the prior is missing in the encoder's gradient")
# visible only in the encoder's gradient


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x) + _lp(model.prior, z) - _lp(q, z).detach()
W(my_elbo, "log q detached: the gradient of the entropy is missing in the encoder")
# visible only in the encoder's gradient


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.mean + (q.rsample() - q.mean).detach()
    return _lp(model.decoder(z), x) - _kl(q, model.prior)
W(my_elbo, "the noise part sigma * eps detached: the reconstruction's gradient reaches the mean of q but not its sigma")
# visible only in the encoder's gradient (of sigma's head)


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    z = z - q.mean + q.mean.detach()
    return _lp(model.decoder(z), x) - _kl(q, model.prior)
W(my_elbo, "mean of q detached inside z: the reconstruction's gradient reaches sigma but not the mean")
# visible only in the encoder's gradient (of the mean's head)


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    elbo = _lp(model.decoder(z), x) - _kl(q, model.prior)
    return 2 * elbo.detach() - elbo
W(my_elbo, "value right, gradient with the wrong sign (2 * elbo.detach() - elbo)")
# visible only in the gradients


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.sample()
    elbo = _lp(model.decoder(z), x) - _kl(q, model.prior)
    return elbo + _lp(q, z) - _lp(q, z).detach()
W(my_elbo, "sample() and the score log q added with weight 1 in place of weight f (the ELBO's value): gradient of the reconstruction to the encoder is still zero on average")
# visible only in the encoder's gradient


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    kl = _kl(q, model.prior)
    kl = kl.detach() + 0.1 * (kl - kl.detach())
    return _lp(model.decoder(z), x) - kl
W(my_elbo, "value right, but the KL's gradient is scaled by 0.1 (beta hidden in the gradient)")
# visible only in the encoder's gradient


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    elbo = _lp(model.decoder(z), x) - _kl(q, model.prior)
    (-elbo.mean()).backward()
    return elbo.detach()
W(my_elbo, "calls backward itself on the loss and returns a detached value: parameters' .grad is changed as a side effect, no gradient through the result")
# visible only in the gradients


_step = {"n": 0}


def my_elbo(model, x):
    _step["n"] += 1
    beta = min(1.0, _step["n"] / 100000)
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x) - beta * _kl(q, model.prior)
W(my_elbo, "KL annealing: beta = calls / 100000, near 0 in the first calls")


# ------------------------------------------------------------------ wrong, two mistakes

def my_elbo(model, x):
    q = model.encoder(x)
    return _lp(model.decoder(q.mean), x)
W(my_elbo, "TWO: decoder fed the mean, and KL forgotten")


def my_elbo(model, x):
    q = model.encoder(x)
    return _lp(model.decoder(q.mean), x) - _kl(model.prior, q)
W(my_elbo, "TWO: decoder fed the mean, and arguments of the KL swapped")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.sample()
    return _lp(model.decoder(z), x) + _kl(q, model.prior)
W(my_elbo, "TWO: sample() in place of rsample(), and the KL added in place of subtracted")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return (_kl(q, model.prior) - _lp(model.decoder(z), x)).mean()
W(my_elbo, "TWO: negative ELBO (loss), and averaged over the batch to one number")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x) / x.shape[-1] - _kl(q, model.prior) / z.shape[-1]
W(my_elbo, "TWO: log-likelihood averaged over pixels, and KL averaged over latents")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample().detach()
    return (_lp(model.decoder(z), x) - _kl(q, model.prior)) / math.log(2)
W(my_elbo, "TWO: z detached (no gradient of the reconstruction to the encoder), and in bits")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return -((x - model.decoder(z).mean) ** 2).mean(-1) - _kl(q, model.prior)
W(my_elbo, "TWO: squared error in place of log-probability, and averaged over the pixels")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x).mean() - 0.1 * _kl(q, model.prior)
W(my_elbo, "TWO: reconstruction averaged over the batch, and beta = 0.1")


def my_elbo(model, x):
    torch.manual_seed(42)
    q = model.encoder(x)
    z = q.sample()
    return _lp(model.decoder(z), x) - _kl(q, model.prior)
W(my_elbo, "TWO: seed inside, and sample() in place of rsample()")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.mean + q.variance * torch.randn_like(q.mean)
    return _lp(model.decoder(z), x) - 2 * _kl(q, model.prior)
W(my_elbo, "TWO: z = mean + variance * eps, and the KL doubled (its 1/2 forgotten)")


def my_elbo(model, x):
    q = model.encoder(x)
    logw = []
    for _ in range(5):
        z = q.sample()
        logw.append(_lp(model.decoder(z), x) + _lp(model.prior, z) - _lp(q, z))
    return torch.stack(logw).sum(0)
W(my_elbo, "TWO: five draws summed in place of averaged, and sample() in place of rsample()")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    p = model.decoder(z)
    return -0.5 * (((x - p.mean) / p.stddev) ** 2).sum(-1) + _kl(q, model.prior)
W(my_elbo, "TWO: normalising constant of the likelihood left out, and the KL added")


def my_elbo(model, x):
    q = model.encoder(x)
    z = model.prior.sample((x.shape[0],))
    return _lp(model.decoder(z), x)
W(my_elbo, "TWO: z drawn from the prior, and no KL: log p(x|z) at z ~ p(z)")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x) - _lp(q, z).detach()
W(my_elbo, "TWO: log p(z) forgotten, and log q detached")


def my_elbo(model, x):
    q = model.encoder(x)
    z = torch.stack([q.rsample() for _ in range(4)]).mean(0)
    return _lp(model.decoder(z), x) + _lp(model.prior, z) + _lp(q, z)
W(my_elbo, "TWO: four draws of z averaged before use, and sign of log q (added)")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    p = model.decoder(z)
    x_hat = p.sample()
    return _lp(p, x_hat) - _kl(model.prior, q)
W(my_elbo, "TWO: scores the decoder's own sample in place of x, and arguments of the KL swapped")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    elbo = 2 * _lp(model.decoder(z), x) - _kl(q, model.prior)
    return elbo.mean().expand(x.shape[0])
W(my_elbo, "TWO: reconstruction counted twice, and every image gets the batch mean")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    kl = (_lp(q, z) - _lp(model.prior, z)).abs().mean()
    return _lp(model.decoder(z), x) - kl
W(my_elbo, "TWO: absolute value of the one-draw KL, and averaged over the batch")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()[:1].expand(x.shape[0], -1)
    return _lp(model.decoder(z), x) - _kl(q, model.prior) / math.log(2)
W(my_elbo, "TWO: the z of the first image used for all, and KL in bits")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.mean + torch.randn_like(q.mean)
    return -_lp(model.decoder(z), x) + _kl(q, model.prior)
W(my_elbo, "TWO: z = mean + eps (standard deviation left out), and the sign of the whole (loss)")


def my_elbo(model, x):
    q = model.encoder(x)
    vals = torch.stack([_lp(model.decoder(q.rsample()), x) for _ in range(8)])
    return vals.max(0).values - _kl(q, model.prior).detach()
W(my_elbo, "TWO: best of eight draws, and KL detached")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z.detach()), x) + _lp(model.prior, z) - _lp(q, z).detach()
W(my_elbo, "TWO: z detached before the decoder, and log q detached: the encoder is only pulled to the prior's mode")
# visible only in the encoder's gradient


# ------------------------------------------------------------------ right

def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x) + _lp(model.prior, z) - _lp(q, z)
R(my_elbo, "one draw, three log-probabilities")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x) - _kl(q, model.prior)
R(my_elbo, "one draw for the reconstruction, KL in closed form")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return _lp(model.decoder(z), x) + _lp(model.prior, z) + _entropy(q)
R(my_elbo, "one draw for log p(x, z), entropy of q in closed form")


def my_elbo(model, x):
    q = model.encoder(x)
    total = 0
    for _ in range(16):
        z = q.rsample()
        total = total + _lp(model.decoder(z), x) + _lp(model.prior, z) - _lp(q, z)
    return total / 16
R(my_elbo, "sixteen draws averaged in a loop")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample((8,))
    logw = _lp(model.decoder(z), x) + _lp(model.prior, z) - _lp(q, z)
    return logw.mean(0)
R(my_elbo, "eight draws at once, [8, batch, latent], averaged over the draws")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    z2 = 2 * q.mean - z
    rec = 0.5 * (_lp(model.decoder(z), x) + _lp(model.decoder(z2), x))
    return rec - _kl(q, model.prior)
R(my_elbo, "antithetic pair of draws averaged, KL in closed form: unbiased")


def my_elbo(model, x):
    q = model.encoder(x)
    za, zb, zc = q.rsample(), q.rsample(), q.rsample()
    return _lp(model.decoder(za), x) + _lp(model.prior, zb) - _lp(q, zc)
R(my_elbo, "another draw of q for each of the three terms: unbiased, only noisier")


def my_elbo(model, x):
    rows = []
    for i in range(x.shape[0]):
        xi = x[i:i + 1]
        q = model.encoder(xi)
        z = q.rsample()
        rows.append((_lp(model.decoder(z), xi) + _lp(model.prior, z) - _lp(q, z))[0])
    return torch.stack(rows)
R(my_elbo, "loop over images, one at a time")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    terms = torch.stack([_lp(model.decoder(z), x), _lp(model.prior, z), _lp(q, z)])
    return torch.einsum("t,tb->b", torch.tensor([1.0, 1.0, -1.0]), terms)
R(my_elbo, "three terms stacked, signed sum by einsum")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    logw = _lp(model.decoder(z), x) + _lp(model.prior, z) - _lp(q, z)
    return torch.logsumexp(logw.unsqueeze(0), dim=0) - math.log(1)
R(my_elbo, "importance-weighted form with K = 1: the ELBO itself")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    rec = _lp(model.decoder(z), x).double()
    kl = _kl(q, model.prior).double()
    return (rec - kl).to(x.dtype)
R(my_elbo, "terms added in float64, cast back")


def my_elbo(model, x):
    q = model.encoder(x)
    rec = sum(_lp(model.decoder(q.rsample()), x) for _ in range(5)) / 5
    loss = _kl(q, model.prior) - rec
    return -loss
R(my_elbo, "minus the loss, five draws for the reconstruction")


def my_elbo(model, x):
    q = model.encoder(x)
    n = 4
    xs = x.repeat_interleave(n, dim=0)
    qs = model.encoder(xs)
    z = qs.rsample()
    w = _lp(model.decoder(z), xs) + _lp(model.prior, z) - _lp(qs, z)
    return w.view(x.shape[0], n).mean(1)
R(my_elbo, "each image repeated four times, averaged over the copies")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    c = _lp(q, z) - _lp(model.prior, z)
    kl_mc_centred = c - (c.detach() - _kl(q, model.prior).detach())
    return _lp(model.decoder(z), x) - kl_mc_centred
R(my_elbo, "control variate: value of the KL in closed form, its gradient from the draw")


def my_elbo(model, x):
    with torch.enable_grad():
        q = model.encoder(x)
        z = q.rsample()
        log_joint = _lp(model.decoder(z), x) + _lp(model.prior, z)
        cross = -log_joint
        return _entropy(q) - cross
R(my_elbo, "entropy minus cross-entropy")


def my_elbo(model, x):
    q = model.encoder(x)
    eps = torch.randn_like(q.mean)
    chol = torch.linalg.cholesky(_cov(q))
    z = q.mean + torch.einsum("bij,bj->bi", chol, eps)
    return _lp(model.decoder(z), x) - _kl(q, model.prior)
R(my_elbo, "draw by hand from mean and Cholesky factor of q's covariance")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.sample()
    logq = _lp(q, z)
    f = _lp(model.decoder(z), x) + _lp(model.prior, z) - logq
    return f + f.detach() * (logq - logq.detach())
R(my_elbo, "sample() with the score-function (REINFORCE) surrogate: value right, encoder's gradient right on average, very noisy")
# the gradient is unbiased but of high variance: right only on average over many draws


def my_elbo(model, x):
    q = model.encoder(x)
    vals = []
    for _ in range(64):
        z = q.sample()
        logq = _lp(q, z)
        f = _lp(model.decoder(z), x)
        vals.append((f, logq))
    f = torch.stack([v[0] for v in vals])
    lq = torch.stack([v[1] for v in vals])
    base = (f.sum(0) - f).detach() / 63
    sur = f + (f.detach() - base) * (lq - lq.detach())
    return sur.mean(0) - _kl(q, model.prior)
R(my_elbo, "score-function gradient with leave-one-out baseline over 64 draws: unbiased")


# ------------------------------------------------------------------ judgement calls

def my_elbo(model, x):
    q = model.encoder(x)
    z = q.mean + q.stddev * torch.randn(q.mean.shape[-1])
    return _lp(model.decoder(z), x) - _kl(q, model.prior)
B(my_elbo, "one noise vector for all images: each image's value and gradient right on average, rows depend on one another (and right only if q is diagonal)")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    p0 = D.Normal(0.0, 1.0)
    return _lp(model.decoder(z), x) + p0.log_prob(z).sum(-1) - _lp(q, z)
B(my_elbo, "prior typed in as N(0, I) in place of model.prior: right if and only if the model's prior is N(0, I)")


def my_elbo(model, x):
    q = model.encoder(x)
    mu, log_var = q.mean, q.variance.log()
    z = q.rsample()
    kl = 0.5 * (mu ** 2 + log_var.exp() - 1 - log_var).sum(-1)
    return _lp(model.decoder(z), x) - kl
B(my_elbo, "closed-form diagonal KL to N(0, I): right if q is diagonal and the prior is N(0, I)")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return model.decoder(z).log_prob(x).sum(-1) - D.kl_divergence(q, model.prior).sum(-1)
B(my_elbo, "sums log_prob and kl over the last axis: right for plain Normals, one number (summed over the batch) for Independent ones")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return model.decoder(z).log_prob(x) - D.kl_divergence(q, model.prior)
B(my_elbo, "no sums: right for Independent distributions, [batch, ...] or a broadcasting error for plain ones; needs a registered closed form")


def my_elbo(model, x):
    q = model.encoder(x)
    z = q.rsample()
    if isinstance(q, D.Independent):
        qd = D.Independent(D.Normal(q.mean.detach(), q.stddev.detach()), 1)
    elif isinstance(q, D.MultivariateNormal):
        qd = D.MultivariateNormal(q.mean.detach(), scale_tril=q.scale_tril.detach())
    else:
        qd = D.Normal(q.mean.detach(), q.stddev.detach())
    return _lp(model.decoder(z), x) + _lp(model.prior, z) - _lp(qd, z)
B(my_elbo, "sticking the landing: q's parameters detached inside log q, z not: value right, gradient right on average (and zero when q is the posterior); I consider it right")


def my_elbo(model, x):
    q = model.encoder(x)
    with torch.no_grad():
        z0 = q.rsample()
    z = q.mean + q.stddev * ((z0 - q.mean) / q.stddev).detach()
    return _lp(model.decoder(z), x) - _kl(q, model.prior)
B(my_elbo, "noise recovered from a no_grad draw and put back: right for a diagonal q")


def my_elbo(model, x):
    q = model.encoder(x)
    d = q.mean.shape[-1]
    u = torch.quasirandom.SobolEngine(d, scramble=True).draw(16).clamp(1e-6, 1 - 1e-6)
    eps = torch.special.ndtri(u)
    rec = 0
    for e in eps:
        rec = rec + _lp(model.decoder(q.mean + q.stddev * e), x)
    return rec / 16 - _kl(q, model.prior)
B(my_elbo, "sixteen scrambled Sobol points as noise, shared by the images: unbiased to rounding for a diagonal q")


ANSWERS = list(_L)
BORDERLINE = list(_B)

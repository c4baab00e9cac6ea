"""Blind answers to exercise 5.6, classes MyVAE(D, H, d).
ANSWERS = [(class, what the author did, is_right)]; BORDERLINE: judgement calls, same form, is_right = None.
Most classes take the right one (Base) and change the method with the mistake.
"""
import math

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

_L, _B = [], []


def W(c, words):
    _L.append((c, words, False))


def R(c, words):
    _L.append((c, words, True))


def B(c, words):
    _B.append((c, words, None))


class Base(nn.Module):
    def __init__(self, D, H, d):
        super().__init__()
        self.D, self.H, self.d = D, H, d
        self.e1, self.e2 = nn.Linear(D, H), nn.Linear(H, H)
        self.m, self.v = nn.Linear(H, d), nn.Linear(H, d)
        self.d1, self.d2, self.d3 = nn.Linear(d, H), nn.Linear(H, H), nn.Linear(H, D)

    def encode(self, x):
        h = torch.relu(self.e2(torch.relu(self.e1(x))))
        return self.m(h), self.v(h)

    def reparameterize(self, mu, log_var):
        return mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)

    def decode(self, z):
        return self.d3(torch.relu(self.d2(torch.relu(self.d1(z)))))

    def loss_function(self, logits, x, mu, log_var):
        bce = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1)
        kl = 0.5 * (mu ** 2 + log_var.exp() - 1 - log_var).sum(1)
        return (bce + kl).mean()


def _bce(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1)


def _kl(mu, log_var):
    return 0.5 * (mu ** 2 + log_var.exp() - 1 - log_var).sum(1)


R(Base, "two hidden layers each, two heads, the usual loss")

# ------------------------------------------------------------------ wrong: the networks

class MyVAE(Base):
    def __init__(self, D, H, d):
        super().__init__(D, H, d)
        del self.d1, self.d2, self.d3
        self.dec = [nn.Linear(d, H), nn.Linear(H, H), nn.Linear(H, D)]

    def decode(self, z):
        return self.dec[2](torch.relu(self.dec[1](torch.relu(self.dec[0](z)))))
W(MyVAE, "decoder's layers in a plain Python list: not registered, their parameters are not in parameters()")
# every registered parameter gets a gradient: visible in parameters() / state_dict only


class MyVAE(nn.Module):
    def __init__(self, D, H, d):
        super().__init__()
        self.enc = [nn.Linear(D, H), nn.Linear(H, H)]
        self.heads = {"mu": nn.Linear(H, d), "log_var": nn.Linear(H, d)}
        self.dec = [nn.Linear(d, H), nn.Linear(H, H), nn.Linear(H, D)]

    def encode(self, x):
        for l in self.enc:
            x = torch.relu(l(x))
        return self.heads["mu"](x), self.heads["log_var"](x)

    reparameterize = Base.reparameterize
    loss_function = Base.loss_function

    def decode(self, z):
        z = torch.relu(self.dec[0](z))
        z = torch.relu(self.dec[1](z))
        return self.dec[2](z)
W(MyVAE, "all layers in plain lists and dicts: the module has no parameters at all")


class MyVAE(Base):
    def encode(self, x):
        h = torch.relu(self.e1(x))
        return self.m(h), self.v(h)
W(MyVAE, "second hidden layer of the encoder made but never used: its parameters get no gradient")


class MyVAE(Base):
    def decode(self, z):
        return self.d3(torch.relu(self.d1(z)))
W(MyVAE, "second hidden layer of the decoder made but never used: its parameters get no gradient")


class MyVAE(Base):
    def encode(self, x):
        h = torch.relu(self.e2(torch.relu(self.e1(x))))
        return self.m(h), self.m(h)
W(MyVAE, "copy error: the mu head used for log_var as well (log_var equals mu), the log_var head is unused")


class MyVAE(Base):
    def encode(self, x):
        h = torch.relu(self.e2(torch.relu(self.e1(x))))
        mu = self.m(h)
        return mu, torch.zeros_like(mu)
W(MyVAE, "log_var always 0: the log_var head is unused")


class MyVAE(Base):
    def encode(self, x):
        h = torch.relu(self.e1(x))
        h = torch.relu(self.e2(self.e1(x)) * 0 + h)
        return self.m(h), self.v(h)
W(MyVAE, "second encoder layer multiplied by 0: its gradient is exactly zero though not None")


class MyVAE(Base):
    def __init__(self, D, H, d):
        super().__init__(D, H, d)
        self.log_sigma = nn.Parameter(torch.zeros(1))
W(MyVAE, "an extra nn.Parameter (log_sigma) that nothing uses: no gradient")


class MyVAE(Base):
    def __init__(self, D, H, d):
        super().__init__(D, H, d)
        self.e1.weight.requires_grad_(False)
        self.e1.bias.requires_grad_(False)
W(MyVAE, "first layer of the encoder frozen (requires_grad False): gets no gradient")


class MyVAE(Base):
    def encode(self, x):
        with torch.no_grad():
            h = torch.relu(self.e2(torch.relu(self.e1(x))))
        return self.m(h), self.v(h)
W(MyVAE, "encoder's hidden layers under no_grad: only the heads get a gradient")


class MyVAE(Base):
    def encode(self, x):
        h = torch.relu(self.e2(torch.relu(self.e1(x)).detach()))
        return self.m(h), self.v(h)
W(MyVAE, "output of the first encoder layer detached: that layer gets no gradient")


class MyVAE(Base):
    def decode(self, z):
        h = torch.relu(self.d1(z.detach()))
        return self.d3(torch.relu(self.d2(h)))
W(MyVAE, "decode detaches z: the encoder gets its gradient from the KL only")
# every parameter still gets a gradient when the loss has a KL; visible in d(logits)/dz


class MyVAE(Base):
    def __init__(self, D, H, d):
        super().__init__(D, H, d)
        nn.init.zeros_(self.d3.weight)
W(MyVAE, "output layer of the decoder initialised at zero: logits do not depend on z, the layers before it get a zero gradient at the start")


class MyVAE(Base):
    def __init__(self, D, H, d):
        super().__init__(D, H, d)
        nn.init.constant_(self.e1.bias, -100.0)
W(MyVAE, "bias of the first layer initialised at -100: all its ReLUs are dead, its gradient is zero and encode does not depend on x")


class MyVAE(Base):
    def __init__(self, D, H, d):
        super().__init__(D, H, d)
        for p in self.parameters():
            nn.init.zeros_(p)
W(MyVAE, "all parameters initialised at zero: constant outputs, most gradients zero")


class MyVAE(Base):
    def encode(self, x):
        x = x - x.mean(0)
        h = torch.relu(self.e2(torch.relu(self.e1(x))))
        return self.m(h), self.v(h)
W(MyVAE, "input centred by the batch mean: an image's mu and log_var depend on the other images of the batch")


class MyVAE(Base):
    def encode(self, x):
        h = torch.relu(self.e2(torch.relu(self.e1(x)))).mean(0, keepdim=True).expand(x.shape[0], -1)
        return self.m(h), self.v(h)
W(MyVAE, "hidden layer averaged over the batch: all images get the same mu and log_var")


class MyVAE(Base):
    def encode(self, x):
        h = torch.softmax(self.e2(torch.relu(self.e1(x))), dim=0)
        return self.m(h), self.v(h)
W(MyVAE, "softmax over the batch (dim 0) in the encoder: rows depend on one another")


class MyVAE(Base):
    def encode(self, x):
        h = torch.relu(nn.Linear(self.D, self.H)(x))
        h = torch.relu(self.e2(h))
        return self.m(h), self.v(h)
W(MyVAE, "a new nn.Linear made in every call of encode: another random layer each time, its weights are not parameters; e1 is unused")


class MyVAE(Base):
    def decode(self, z):
        z = z * 0
        return self.d3(torch.relu(self.d2(torch.relu(self.d1(z)))))
W(MyVAE, "z multiplied by 0 in decode: logits do not depend on z")


class MyVAE(Base):
    def decode(self, z):
        z = torch.randn_like(z)
        return self.d3(torch.relu(self.d2(torch.relu(self.d1(z)))))
W(MyVAE, "decode draws a new z from the prior and ignores its argument")


class MyVAE(Base):
    def __init__(self, D, H, d):
        super().__init__(D, H, d)
        self.d1 = nn.Linear(1, H)

    def decode(self, z):
        return self.d3(torch.relu(self.d2(torch.relu(self.d1(z[:, :1])))))
W(MyVAE, "decoder uses the first latent only")
# with d == 1 it is right


class MyVAE(Base):
    def encode(self, x):
        h = torch.relu(self.e2(torch.relu(self.e1(x))))
        return self.m(h), torch.exp(0.5 * self.v(h))
W(MyVAE, "encode returns sigma = exp(log_var/2) in place of log_var (never negative), the other methods take it for log_var")


class MyVAE(Base):
    def encode(self, x):
        h = torch.relu(self.e2(torch.relu(self.e1(x))))
        return torch.relu(self.m(h)), torch.relu(self.v(h))
W(MyVAE, "ReLU on both heads: mu and log_var are never negative")


class MyVAE(Base):
    def encode(self, x):
        h = torch.relu(self.e2(torch.relu(self.e1(x))))
        return self.m(h), F.softplus(self.v(h))
W(MyVAE, "softplus on the log_var head: log_var always positive, sigma above 1 (softplus belongs to a variance)")


class MyVAE(Base):
    def encode(self, x):
        h = torch.relu(self.e2(torch.relu(self.e1(x))))
        mu, log_var = self.m(h), self.v(h)
        return self.reparameterize(mu, log_var), log_var
W(MyVAE, "encode returns a noisy z in place of mu: two calls on the same x differ, and the noise is added twice")


class MyVAE(Base):
    def encode(self, x):
        h = torch.relu(self.e2(torch.relu(self.e1(x))))
        return torch.cat([self.m(h), self.v(h)], dim=1)
W(MyVAE, "encode returns one tensor [batch, 2 latent] in place of the pair (mu, log_var)")


class MyVAE(Base):
    def __init__(self, D, H, d):
        super().__init__(D, H, d)
        del self.m, self.v
        self.head = nn.Linear(H, d)

    def encode(self, x):
        h = self.head(torch.relu(self.e2(torch.relu(self.e1(x)))))
        mu, log_var = torch.chunk(h, 2, dim=0)
        return mu, log_var
W(MyVAE, "head split along the batch axis (chunk dim=0): mu and log_var have half the rows each")


class MyVAE(Base):
    def __init__(self, D, H, d):
        super().__init__(D, H, d)
        self.head = nn.Linear(H, d)
        del self.m, self.v

    def encode(self, x):
        h = self.head(torch.relu(self.e2(torch.relu(self.e1(x)))))
        return h[:, : self.d // 2], h[:, self.d // 2:]
W(MyVAE, "one head with d outputs split in two: mu and log_var have d/2 numbers each (head should have 2 d)")


class MyVAE(Base):
    def encode(self, x):
        h = torch.relu(self.e2(torch.relu(self.e1(x))))
        mu, log_var = self.m(h), self.v(h)
        return self.reparameterize(mu, log_var), mu, log_var
W(MyVAE, "encode returns three things (z, mu, log_var)")


class MyVAE(nn.Module):
    def __init__(self, D, H, d):
        super().__init__()
        self.e1, self.e2 = nn.Linear(784, 400), nn.Linear(400, 400)
        self.m, self.v = nn.Linear(400, 20), nn.Linear(400, 20)
        self.d1, self.d2, self.d3 = nn.Linear(20, 400), nn.Linear(400, 400), nn.Linear(400, 784)

    encode, decode = Base.encode, Base.decode
    reparameterize, loss_function = Base.reparameterize, Base.loss_function
W(MyVAE, "sizes typed in (784, 400, 20), D, H, d ignored")
# right shapes only for D = 784, d = 20


class MyVAE(Base):
    def __init__(self, D, H, d):
        super().__init__(D, d, H)
W(MyVAE, "H and d exchanged: mu and log_var have H numbers, hidden layers d")


class MyVAE(Base):
    def __init__(self, D, H, d):
        super().__init__(D, H, 2)
W(MyVAE, "number of latents typed in as 2, d ignored")
# right only for d == 2


class MyVAE(nn.Module):
    def __init__(self, D, H, d):
        self.e1, self.e2 = nn.Linear(D, H), nn.Linear(H, H)
        self.m, self.v = nn.Linear(H, d), nn.Linear(H, d)
        self.d1, self.d2, self.d3 = nn.Linear(d, H), nn.Linear(H, H), nn.Linear(H, D)

    encode, decode = Base.encode, Base.decode
    reparameterize, loss_function = Base.reparameterize, Base.loss_function
W(MyVAE, "super().__init__() forgotten: making the object raises an error")


class MyVAE(Base):
    def decode(self, z):
        return torch.sigmoid(super().decode(z))
W(MyVAE, "decode returns probabilities (sigmoid) in place of logits; the loss is right for logits, so the sigmoid acts twice")


class MyVAE(Base):
    def decode(self, z):
        return torch.relu(super().decode(z))
W(MyVAE, "ReLU on the logits: no logit is negative, no probability under 1/2")


class MyVAE(Base):
    def decode(self, z):
        return torch.tanh(super().decode(z))
W(MyVAE, "tanh on the logits: between -1 and 1")


class MyVAE(Base):
    def decode(self, z):
        return torch.log_softmax(super().decode(z), dim=1)
W(MyVAE, "log_softmax over the pixels in place of logits: never positive, probabilities compete across pixels")


class MyVAE(Base):
    def decode(self, z):
        return F.logsigmoid(super().decode(z))
W(MyVAE, "decode returns log-probabilities (logsigmoid) in place of logits: never positive")


class MyVAE(Base):
    def decode(self, z):
        return (torch.sigmoid(super().decode(z)) > 0.5).float()
W(MyVAE, "decode returns thresholded pixels 0/1 in place of logits: no gradient through them")


class MyVAE(Base):
    def decode(self, z):
        return super().decode(z).unsqueeze(1)
W(MyVAE, "logits of shape [batch, 1, data]")


class MyVAE(Base):
    def decode(self, z):
        return super().decode(z).mean(0)
W(MyVAE, "logits averaged over the batch: shape [data]")


# ------------------------------------------------------------------ wrong: reparameterize

class MyVAE(Base):
    def reparameterize(self, mu, log_var):
        return mu + torch.exp(log_var) * torch.randn_like(mu)
W(MyVAE, "reparameterize: std = exp(log_var), the variance as the standard deviation")


class MyVAE(Base):
    def reparameterize(self, mu, log_var):
        return mu + log_var * torch.randn_like(mu)
W(MyVAE, "reparameterize: std = log_var itself")


class MyVAE(Base):
    def reparameterize(self, mu, log_var):
        return mu + torch.exp(0.5 * log_var) * torch.randn(mu.shape[1])
W(MyVAE, "reparameterize: one noise vector shared by all rows")


class MyVAE(Base):
    def reparameterize(self, mu, log_var):
        return mu + torch.exp(0.5 * log_var) * torch.randn(mu.shape[0], 1)
W(MyVAE, "reparameterize: one noise number a row, shared by all latents")


class MyVAE(Base):
    def reparameterize(self, mu, log_var):
        return mu + torch.exp(0.5 * log_var) * torch.rand_like(mu)
W(MyVAE, "reparameterize: uniform noise on [0, 1]")


class MyVAE(Base):
    def reparameterize(self, mu, log_var):
        return mu
W(MyVAE, "reparameterize returns mu: no noise (a plain autoencoder)")


class MyVAE(Base):
    def reparameterize(self, mu, log_var):
        return torch.randn_like(mu)
W(MyVAE, "reparameterize returns pure noise: mu and log_var unused")


class MyVAE(Base):
    def reparameterize(self, mu, log_var):
        if not self.training:
            return mu
        return mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)
W(MyVAE, "reparameterize returns mu in eval mode: not a draw of z there")
# visible only after model.eval()


class MyVAE(Base):
    def reparameterize(self, mu, log_var):
        return torch.normal(mu, torch.exp(0.5 * log_var)).detach()
W(MyVAE, "reparameterize by torch.normal, detached: right draws, the encoder gets no gradient through z")
# encoder parameters still get the KL's gradient


class MyVAE(Base):
    def reparameterize(self, mu, log_var):
        return mu + torch.exp(0.5 * log_var).detach() * torch.randn_like(mu)
W(MyVAE, "reparameterize: std detached, no gradient to log_var through z")
# the log_var head still gets the KL's gradient


class MyVAE(Base):
    def reparameterize(self, mu, log_var):
        torch.manual_seed(0)
        return mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)
W(MyVAE, "reparameterize: seed inside, the same noise in every call")


class MyVAE(Base):
    def __init__(self, D, H, d):
        super().__init__(D, H, d)
        self.register_buffer("eps", torch.randn(d))

    def reparameterize(self, mu, log_var):
        return mu + torch.exp(0.5 * log_var) * self.eps
W(MyVAE, "noise drawn once in __init__ (a buffer): the same in every call and for every row")


class MyVAE(Base):
    def reparameterize(self, mu, log_var):
        eps = (torch.rand_like(mu) - 0.5) * math.sqrt(12)
        return mu + torch.exp(0.5 * log_var) * eps
W(MyVAE, "reparameterize: uniform noise of mean 0 and std 1, not Gaussian")
# visible only in the shape of the distribution


class MyVAE(Base):
    def reparameterize(self, log_var, mu):
        return mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)
W(MyVAE, "reparameterize has its arguments in the order (log_var, mu): called by position, mean and log-variance are exchanged")


# ------------------------------------------------------------------ wrong: loss

class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        return F.binary_cross_entropy_with_logits(logits, x) + _kl(mu, log_var).mean()
W(MyVAE, "BCE averaged over pixels and batch (default reduction), KL summed over latents: reconstruction D times too small")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        return F.binary_cross_entropy_with_logits(logits, x, reduction="sum") + _kl(mu, log_var).sum()
W(MyVAE, "both terms summed over the batch, not divided by it: nats a batch, not nats an image")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        return _bce(logits, x).mean() + _kl(mu, log_var).sum()
W(MyVAE, "KL summed over the batch, BCE averaged over the batch")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        return _bce(logits, x).sum() + _kl(mu, log_var).mean()
W(MyVAE, "BCE summed over the batch, KL averaged over the batch")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        kl = 0.5 * (mu ** 2 + log_var.exp() - 1 - log_var)
        return _bce(logits, x).mean() + kl.mean()
W(MyVAE, "KL averaged over batch AND latents (sum over latents forgotten)")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        return (_bce(logits, x) + _kl(mu, log_var)).mean() / x.shape[1]
W(MyVAE, "loss divided by the number of pixels: nats a pixel")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        return (_bce(logits, x) + _kl(mu, log_var)).mean() / math.log(2)
W(MyVAE, "loss in bits")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        return _bce(logits, x) + _kl(mu, log_var)
W(MyVAE, "loss not averaged over the batch: [batch] in place of one number")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        return -(_bce(logits, x) + _kl(mu, log_var)).mean()
W(MyVAE, "sign: returns the ELBO in place of the loss J")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        return (_bce(logits, x) - _kl(mu, log_var)).mean()
W(MyVAE, "sign of the KL: subtracted in place of added")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        return _bce(logits, x).mean()
W(MyVAE, "KL forgotten: the loss is the reconstruction only")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        return _kl(mu, log_var).mean()
W(MyVAE, "reconstruction forgotten: the loss is the KL only")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        kl = (mu ** 2 + log_var.exp() - 1 - log_var).sum(1)
        return (_bce(logits, x) + kl).mean()
W(MyVAE, "1/2 of the KL forgotten")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        kl = 0.5 * (mu ** 2 + log_var.exp() - log_var).sum(1)
        return (_bce(logits, x) + kl).mean()
W(MyVAE, "-1 of the KL forgotten")
# a constant: the gradient is right


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        kl = 0.5 * (mu ** 2 + torch.exp(0.5 * log_var) - 1 - log_var).sum(1)
        return (_bce(logits, x) + kl).mean()
W(MyVAE, "sigma in place of sigma^2 in the KL")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        kl = 0.5 * (mu + log_var.exp() - 1 - log_var).sum(1)
        return (_bce(logits, x) + kl).mean()
W(MyVAE, "mu not squared in the KL")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        kl = 0.5 * ((1 + mu ** 2) * torch.exp(-log_var) - 1 + log_var).sum(1)
        return (_bce(logits, x) + kl).mean()
W(MyVAE, "reverse KL, KL(N(0,I) || q)")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var, beta=4.0):
        return (_bce(logits, x) + beta * _kl(mu, log_var)).mean()
W(MyVAE, "beta = 4 by default before the KL")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        return F.mse_loss(torch.sigmoid(logits), x, reduction="sum") / x.shape[0] + _kl(mu, log_var).mean()
W(MyVAE, "squared error of the probabilities in place of the cross-entropy")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        return ((logits - x) ** 2).sum(1).mean() + _kl(mu, log_var).mean()
W(MyVAE, "squared error of the logits in place of the cross-entropy")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        return (_bce(torch.sigmoid(logits), x) + _kl(mu, log_var)).mean()
W(MyVAE, "sigmoid twice in the loss: BCE with logits applied to the probabilities")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        p = logits.clamp(1e-6, 1 - 1e-6)
        return (F.binary_cross_entropy(p, x, reduction="none").sum(1) + _kl(mu, log_var)).mean()
W(MyVAE, "sigmoid forgotten in the loss: logits taken as probabilities (clamped into (0, 1))")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        p = torch.sigmoid(logits).clamp(0.01, 0.99)
        return (F.binary_cross_entropy(p, x, reduction="none").sum(1) + _kl(mu, log_var)).mean()
W(MyVAE, "probabilities clipped to [0.01, 0.99]")
# visible only where |logit| > 4.6


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        p = torch.sigmoid(logits)
        bce = -(x * torch.log(p + 1e-6) + (1 - x) * torch.log(1 - p + 1e-6)).sum(1)
        return (bce + _kl(mu, log_var)).mean()
W(MyVAE, "1e-6 inside the logs of the probabilities: saturates at about 13.8 nats a pixel, no gradient for large logits")
# visible only where a logit is large (above about 10) and wrong


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        bce = (torch.log(1 + torch.exp(logits)) - x * logits).sum(1)
        return (bce + _kl(mu, log_var)).mean()
W(MyVAE, "log(1 + exp(logits)) written out: infinite for logits above about 88 in float32, right elsewhere")
# visible only for large logits


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        p = torch.sigmoid(logits)
        bce = -(x * torch.log(p) + (1 - x) * torch.log(1 - p)).sum(1)
        return (bce + _kl(mu, log_var)).mean()
W(MyVAE, "log of sigmoid and of 1 - sigmoid written out: NaN or infinite for saturated logits (above about 17, under about -104), right elsewhere")
# visible only for large logits


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        bce = -(x * F.logsigmoid(logits)).sum(1)
        return (bce + _kl(mu, log_var)).mean()
W(MyVAE, "black pixels forgotten: only x log p, the term (1 - x) log(1 - p) is missing")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        bce = -(x * F.logsigmoid(-logits) + (1 - x) * F.logsigmoid(logits)).sum(1)
        return (bce + _kl(mu, log_var)).mean()
W(MyVAE, "black and white exchanged: sign of the logits in the cross-entropy")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        bce = F.binary_cross_entropy_with_logits(x, logits, reduction="none").sum(1)
        return (bce + _kl(mu, log_var)).mean()
W(MyVAE, "arguments swapped in BCE with logits: x as logits, logits as targets")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        ce = -(x * torch.log_softmax(logits, dim=1)).sum(1)
        return (ce + _kl(mu, log_var)).mean()
W(MyVAE, "softmax cross-entropy over the pixels in place of one Bernoulli a pixel")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        return float((_bce(logits, x) + _kl(mu, log_var)).mean())
W(MyVAE, "loss returned as a Python float: no gradient")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        with torch.no_grad():
            kl = _kl(mu, log_var).mean()
        return _bce(logits, x).mean() + kl
W(MyVAE, "KL under no_grad: value right, no gradient of the KL")
# visible only in the gradients of mu and log_var; every parameter still gets one through the reconstruction


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        kl = 0.5 * (mu ** 2 + log_var.exp().detach() - 1 - log_var).sum(1)
        return (_bce(logits, x) + kl).mean()
W(MyVAE, "variance term of the KL detached: value right, gradient of log_var wrong (nothing keeps sigma from growing)")
# visible only in the gradient of log_var


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        return (_bce(logits.detach(), x) + _kl(mu, log_var)).mean()
W(MyVAE, "logits detached in the loss: the decoder gets no gradient")


class MyVAE(Base):
    def encode(self, x):
        self.mu, self.log_var = super().encode(x)
        return self.mu, self.log_var

    def loss_function(self, logits, x, mu, log_var):
        if not hasattr(self, "mu") or self.mu is None:
            return _bce(logits, x).mean()
        return _bce(logits, x).mean() + _kl(self.mu, self.log_var).mean()
W(MyVAE, "the loss uses mu and log_var remembered from the last encode in place of its arguments (and no KL before any encode)")
# right when the arguments are those of the last encode


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        logits = self.decode(mu)
        return (_bce(logits, x) + _kl(mu, log_var)).mean()
W(MyVAE, "the loss ignores its logits and decodes mu again")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        kl = _kl(mu, log_var).clamp(min=1.0)
        return (_bce(logits, x) + kl).mean()
W(MyVAE, "free bits: KL of each image at least 1 nat")
# visible only where an image's KL is under 1


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        return (_bce(logits, x) + _kl(mu, log_var.clamp(-1, 1))).mean()
W(MyVAE, "log_var clamped to [-1, 1] in the KL")
# visible only where |log_var| > 1


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        w = torch.full((x.shape[1],), 2.0)
        bce = F.binary_cross_entropy_with_logits(logits, x, pos_weight=w, reduction="none").sum(1)
        return (bce + _kl(mu, log_var)).mean()
W(MyVAE, "pos_weight = 2: white pixels count twice")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        return (784 * F.binary_cross_entropy_with_logits(logits, x)) + _kl(mu, log_var).mean()
W(MyVAE, "mean BCE multiplied by 784 typed in, in place of the number of pixels D")
# right only for D == 784


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        return _bce(logits, x).sum() / 128 + _kl(mu, log_var).sum() / 128
W(MyVAE, "batch size typed in as 128")
# right only for batches of 128


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        bce = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1)
        l2 = sum((p ** 2).sum() for p in self.parameters())
        return (bce + _kl(mu, log_var)).mean() + 1e-2 * l2
W(MyVAE, "an extra weight decay term in the loss")


# ------------------------------------------------------------------ wrong, two mistakes

class MyVAE(Base):
    def decode(self, z):
        return torch.sigmoid(super().decode(z))

    def loss_function(self, probs, x, mu, log_var):
        return (F.binary_cross_entropy(probs.clamp(1e-7, 1 - 1e-7), x, reduction="none").sum(1) + _kl(mu, log_var)).mean()
W(MyVAE, "TWO: decode returns probabilities (sigmoid), and the loss expects probabilities in place of logits; consistent with each other, not with the task")


class MyVAE(Base):
    def reparameterize(self, mu, log_var):
        return mu + torch.exp(log_var) * torch.randn_like(mu)

    def loss_function(self, logits, x, mu, log_var):
        return F.binary_cross_entropy_with_logits(logits, x) + _kl(mu, log_var).mean()
W(MyVAE, "TWO: std = exp(log_var) in reparameterize, and BCE averaged over the pixels")


class MyVAE(Base):
    def encode(self, x):
        h = torch.relu(self.e1(x))
        return self.m(h), self.v(h)

    def decode(self, z):
        return torch.sigmoid(super().decode(z))
W(MyVAE, "TWO: second encoder layer unused, and sigmoid in decode")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        kl = (mu ** 2 + log_var.exp() - 1 - log_var).sum()
        return F.binary_cross_entropy_with_logits(logits, x, reduction="sum") + kl
W(MyVAE, "TWO: 1/2 of the KL forgotten, and both terms summed over the batch")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        kl = 0.5 * (mu ** 2 + log_var.exp() - log_var).sum(1)
        return (_bce(logits, x) - kl).mean()
W(MyVAE, "TWO: -1 of the KL forgotten, and the KL subtracted")


class MyVAE(Base):
    def reparameterize(self, mu, log_var):
        return mu + torch.exp(0.5 * log_var) * torch.randn(mu.shape[1])

    def loss_function(self, logits, x, mu, log_var):
        return _bce(logits, x).mean()
W(MyVAE, "TWO: noise shared by all rows, and KL forgotten")


class MyVAE(Base):
    def encode(self, x):
        h = torch.relu(self.e2(torch.relu(self.e1(x))))
        return self.m(h), self.m(h)

    def loss_function(self, logits, x, mu, log_var):
        return (_bce(logits, x) + _kl(mu, log_var)).mean() / math.log(2)
W(MyVAE, "TWO: mu head used for log_var as well (log_var head unused), and loss in bits")


class MyVAE(Base):
    def reparameterize(self, mu, log_var):
        return mu

    def loss_function(self, logits, x, mu, log_var):
        return F.mse_loss(torch.sigmoid(logits), x, reduction="sum") / x.shape[0] + _kl(mu, log_var).mean()
W(MyVAE, "TWO: no noise in reparameterize, and squared error in place of the cross-entropy")


class MyVAE(Base):
    def decode(self, z):
        return torch.relu(super().decode(z))

    def loss_function(self, logits, x, mu, log_var):
        return -(_bce(logits, x) + _kl(mu, log_var)).mean()
W(MyVAE, "TWO: ReLU on the logits, and the sign of the loss (ELBO)")


class MyVAE(Base):
    def __init__(self, D, H, d):
        super().__init__(D, H, d)
        self.enc = [self.__dict__["_modules"].pop("e1"), self.__dict__["_modules"].pop("e2")]

    def encode(self, x):
        for layer in self.enc:
            x = torch.relu(layer(x))
        return self.m(x), self.v(x)

    def reparameterize(self, mu, log_var):
        torch.manual_seed(0)
        return mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)
W(MyVAE, "TWO: encoder's hidden layers in a plain list (not registered), and seed in reparameterize")


class MyVAE(Base):
    def reparameterize(self, mu, log_var):
        if not self.training:
            return mu
        return mu + torch.exp(0.5 * log_var) * torch.randn(mu.shape[0], 1)
W(MyVAE, "TWO: one noise number a row shared by all latents, and mu returned in eval mode")


class MyVAE(Base):
    def reparameterize(self, mu, log_var):
        return mu + torch.exp(-0.5 * log_var) * torch.randn_like(mu)

    def loss_function(self, logits, x, mu, log_var):
        kl = 0.5 * (mu ** 2 + log_var.exp() - 1 + log_var).sum(1)
        return (_bce(logits, x) + kl).mean()
W(MyVAE, "TWO: sign in the exponent of sigma (1/sigma) in reparameterize, and sign of log_var in the KL")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        return (_bce(torch.sigmoid(logits), x) + 0.1 * _kl(mu, log_var)).mean()
W(MyVAE, "TWO: sigmoid twice in the loss, and beta = 0.1")


class MyVAE(Base):
    def encode(self, x):
        h = torch.relu(self.e2(torch.relu(self.e1(x))))
        return self.m(h), torch.exp(self.v(h))

    def reparameterize(self, mu, var):
        return mu + torch.sqrt(var.abs()) * torch.randn_like(mu)

    def loss_function(self, logits, x, mu, var):
        kl = 0.5 * (mu ** 2 + var - 1 - torch.log(var)).sum(1)
        return (_bce(logits, x) + kl).mean()
W(MyVAE, "encode returns the variance in place of log_var and all methods take the variance: consistent with itself, not with the task (NaN loss for negative log_var)")


class MyVAE(Base):
    def decode(self, z):
        z = z * 0
        return super().decode(z)

    def loss_function(self, logits, x, mu, log_var):
        return _bce(logits, x) + _kl(mu, log_var)
W(MyVAE, "TWO: z multiplied by 0 in decode, and loss not averaged: [batch]")


class MyVAE(Base):
    def reparameterize(self, mu, log_var):
        return mu.detach() + torch.exp(0.5 * log_var) * torch.randn_like(mu)

    def loss_function(self, logits, x, mu, log_var):
        return _bce(logits, x).mean() + _kl(mu, log_var).mean().detach()
W(MyVAE, "TWO: mu detached in reparameterize, and KL detached in the loss: the mu head gets no gradient at all")


class MyVAE(Base):
    def __init__(self, D, H, d):
        super().__init__(D, H, d)
        self.beta = nn.Parameter(torch.tensor(1.0))

    def loss_function(self, logits, x, mu, log_var):
        kl = 0.5 * (mu.abs() + log_var.exp() - 1 - log_var).sum(1)
        return (_bce(logits, x) + kl).mean()
W(MyVAE, "TWO: an extra parameter that nothing uses, and |mu| in place of mu^2 in the KL")


class MyVAE(Base):
    def encode(self, x):
        h = torch.relu(self.e2(torch.relu(self.e1(x - x.mean(0)))))
        return self.m(h), self.v(h)

    def loss_function(self, logits, x, mu, log_var):
        return F.binary_cross_entropy_with_logits(logits, x) + _kl(mu, log_var).mean() / mu.shape[1]
W(MyVAE, "THREE: input centred by the batch mean, BCE averaged over pixels, KL averaged over latents")


class MyVAE(Base):
    def __init__(self, D, H, d):
        super().__init__(D, d, H)

    def loss_function(self, logits, x, mu, log_var):
        return _bce(logits, x).mean() + 2 * _kl(mu, log_var).mean()
W(MyVAE, "TWO: H and d exchanged, and the KL doubled")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        bce = -(x * F.logsigmoid(logits)).sum(1)
        kl = 0.5 * (mu ** 2 + log_var.exp() - 1 - log_var).mean(1)
        return (bce + kl).mean()
W(MyVAE, "TWO: black pixels forgotten in the cross-entropy, and KL averaged over latents")


class MyVAE(Base):
    def reparameterize(self, mu, log_var):
        return mu + 0.5 * torch.exp(log_var) * torch.rand_like(mu)
W(MyVAE, "TWO: std = 1/2 exp(log_var), and uniform noise on [0, 1] in reparameterize")


class MyVAE(Base):
    def decode(self, z):
        return super().decode(z.detach())

    def loss_function(self, logits, x, mu, log_var):
        return _bce(logits, x).mean()
W(MyVAE, "TWO: decode detaches z, and KL forgotten: the encoder gets no gradient")


class MyVAE(Base):
    def reparameterize(self, mu, log_var):
        return log_var + torch.exp(0.5 * mu) * torch.randn_like(mu)

    def loss_function(self, logits, x, mu, log_var):
        return (_bce(logits, x) + _kl(log_var, mu)).mean()
W(MyVAE, "TWO: mu and log_var exchanged in reparameterize, and exchanged in the KL: consistent with each other if encode's outputs are read the other way round, not with the task")


class MyVAE(Base):
    def encode(self, x):
        h = torch.relu(self.e2(torch.relu(self.e1(x))))
        return torch.relu(self.m(h)), self.v(h)

    def reparameterize(self, mu, log_var):
        return mu + torch.exp(0.5 * log_var) * torch.randn_like(mu).abs()
W(MyVAE, "TWO: ReLU on the mu head, and absolute value of the noise")


# ------------------------------------------------------------------ right

class MyVAE(nn.Module):
    def __init__(self, D, H, d):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(D, H), nn.Tanh(), nn.Linear(H, H), nn.Tanh(), nn.Linear(H, 2 * d))
        self.decoder = nn.Sequential(nn.Linear(d, H), nn.Tanh(), nn.Linear(H, H), nn.Tanh(), nn.Linear(H, D))

    def encode(self, x):
        return self.encoder(x).chunk(2, dim=-1)

    def reparameterize(self, mu, log_var):
        return torch.distributions.Normal(mu, (0.5 * log_var).exp()).rsample()

    def decode(self, z):
        return self.decoder(z)

    def loss_function(self, logits, x, mu, log_var):
        p = torch.distributions.Bernoulli(logits=logits)
        q = torch.distributions.Normal(mu, (0.5 * log_var).exp())
        prior = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
        elbo = p.log_prob(x).sum(-1) - torch.distributions.kl_divergence(q, prior).sum(-1)
        return -elbo.mean()
R(MyVAE, "Sequential networks, one head chunked in two (encode returns a tuple of chunks), torch.distributions in the loss")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        n = x.shape[0]
        bce = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
        kl = -0.5 * torch.sum(1 + log_var - mu.pow(2) - log_var.exp())
        return (bce + kl) / n
R(MyVAE, "sums over everything, divided by the batch size")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        bce = (F.softplus(logits) - x * logits).sum(1)
        return bce.mean() + _kl(mu, log_var).mean()
R(MyVAE, "softplus form of the cross-entropy")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        ll = x * F.logsigmoid(logits) + (1 - x) * F.logsigmoid(-logits)
        return (_kl(mu, log_var) - ll.sum(1)).mean()
R(MyVAE, "logsigmoid form of the cross-entropy")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        both = torch.stack([torch.zeros_like(logits), logits])
        norm = torch.logsumexp(both, 0)
        return torch.einsum("bi->", norm - x * logits) / x.shape[0] + torch.einsum("b->", _kl(mu, log_var)) / x.shape[0]
R(MyVAE, "logsumexp of (0, logit) as the normaliser, sums by einsum")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        total = 0.0
        for l, xi, m, v in zip(logits, x, mu, log_var):
            total = total + F.binary_cross_entropy_with_logits(l, xi, reduction="sum")
            total = total + 0.5 * (m @ m + v.exp().sum() - v.sum() - len(m))
        return total / len(x)
R(MyVAE, "loop over the images")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        l, t, m, v = logits.double(), x.double(), mu.double(), log_var.double()
        j = (F.binary_cross_entropy_with_logits(l, t, reduction="none").sum(1) + 0.5 * (m * m + v.exp() - 1 - v).sum(1)).mean()
        return j.to(logits.dtype)
R(MyVAE, "loss computed in float64, cast back")


class MyVAE(nn.Module):
    def __init__(self, D, H, d):
        super().__init__()
        self.lin, self.head_mu, self.head_lv, self.out = nn.Linear(D, H), nn.Linear(H, d), nn.Linear(H, d), nn.Linear(d, D)

    def encode(self, x):
        h = F.gelu(self.lin(x))
        return self.head_mu(h), self.head_lv(h)

    def decode(self, z):
        return self.out(z)

    reparameterize, loss_function = Base.reparameterize, Base.loss_function
R(MyVAE, "one hidden layer with GELU, linear decoder")


class MyVAE(nn.Module):
    def __init__(self, D, H, d):
        super().__init__()
        self.mu, self.lv, self.dec = nn.Linear(D, d), nn.Linear(D, d), nn.Linear(d, D)

    def encode(self, x):
        return self.mu(x), self.lv(x)

    def decode(self, z):
        return self.dec(z)

    reparameterize, loss_function = Base.reparameterize, Base.loss_function
R(MyVAE, "no hidden layer at all: linear encoder and decoder (any networks are accepted)")


class MyVAE(nn.Module):
    def __init__(self, D, H, d):
        super().__init__()
        s = lambda *n: nn.Parameter(torch.randn(*n) / n[-1] ** 0.5)
        self.w1, self.w2, self.wm, self.wv = s(H, D), s(H, H), s(d, H), s(d, H)
        self.u1, self.u2, self.b = s(H, d), s(D, H), nn.Parameter(torch.zeros(D))

    def encode(self, x):
        h = torch.relu(torch.einsum("hd,bd->bh", self.w1, x))
        h = torch.relu(torch.einsum("gh,bh->bg", self.w2, h))
        return h @ self.wm.T, h @ self.wv.T

    def decode(self, z):
        return torch.tanh(z @ self.u1.T) @ self.u2.T + self.b

    def reparameterize(self, mu, log_var):
        return mu - torch.sqrt(torch.exp(log_var)) * torch.randn(mu.shape)

    loss_function = Base.loss_function
R(MyVAE, "bare nn.Parameters and einsum, no biases but one, mu - sigma eps")


class MyVAE(nn.Module):
    def __init__(self, D, H, d):
        super().__init__()
        self.enc_mu = nn.Sequential(nn.Linear(D, H), nn.ReLU(), nn.Linear(H, d))
        self.enc_lv = nn.Sequential(nn.Linear(D, H), nn.ReLU(), nn.Linear(H, d))
        self.layers = nn.ModuleList([nn.Linear(d, H), nn.Linear(H, H), nn.Linear(H, H), nn.Linear(H, D)])

    def encode(self, x):
        return self.enc_mu(x), self.enc_lv(x)

    def decode(self, z):
        for l in self.layers[:-1]:
            z = F.silu(l(z))
        return self.layers[-1](z)

    reparameterize, loss_function = Base.reparameterize, Base.loss_function
R(MyVAE, "two separate encoders for mu and log_var, decoder of four layers in a ModuleList")


class MyVAE(Base):
    def encode(self, x):
        h1 = torch.relu(self.e1(x))
        h2 = h1 + torch.relu(self.e2(h1))
        return self.m(h2), self.v(h2)

    def decode(self, z):
        h1 = torch.relu(self.d1(z))
        h2 = h1 + torch.relu(self.d2(h1))
        return self.d3(h2)
R(MyVAE, "residual connections in both networks")


class MyVAE(nn.Module):
    def __init__(self, D, H, d):
        super().__init__()
        self.conv = nn.Conv1d(1, 4, 3, padding=1)
        self.fc = nn.Linear(4 * D, H)
        self.norm = nn.LayerNorm(H)
        self.heads = nn.ModuleDict({"mu": nn.Linear(H, d), "log_var": nn.Linear(H, d)})
        self.up = nn.Linear(d, 4 * D)
        self.deconv = nn.ConvTranspose1d(4, 1, 3, padding=1)

    def encode(self, x):
        h = torch.relu(self.conv(x.unsqueeze(1))).flatten(1)
        h = torch.tanh(self.norm(self.fc(h)))
        return self.heads["mu"](h), self.heads["log_var"](h)

    def decode(self, z):
        h = F.elu(self.up(z)).view(z.shape[0], 4, -1)
        return self.deconv(h).squeeze(1)

    reparameterize, loss_function = Base.reparameterize, Base.loss_function
R(MyVAE, "one-dimensional convolutions over the pixels, LayerNorm, heads in a ModuleDict")


class MyVAE(nn.Module):
    def __init__(self, D, H, d):
        super().__init__()
        self.w = nn.Parameter(torch.randn(H, D) / D ** 0.5)
        self.be, self.bd = nn.Parameter(torch.zeros(H)), nn.Parameter(torch.zeros(D))
        self.m, self.v, self.back = nn.Linear(H, d), nn.Linear(H, d), nn.Linear(d, H)

    def encode(self, x):
        h = F.leaky_relu(F.linear(x, self.w, self.be))
        return self.m(h), self.v(h)

    def decode(self, z):
        return F.linear(F.leaky_relu(self.back(z)), self.w.T, self.bd)

    reparameterize, loss_function = Base.reparameterize, Base.loss_function
R(MyVAE, "tied weights: the decoder's last layer is the encoder's first, transposed")


class MyVAE(nn.Module):
    def __init__(self, D, H, d):
        super().__init__()
        self.rnn = nn.GRU(1, H, batch_first=True)
        self.head = nn.Linear(H, 2 * d)
        self.dec = nn.Sequential(nn.Linear(d, H), nn.Softplus(), nn.Linear(H, D))

    def encode(self, x):
        _, h = self.rnn(x.unsqueeze(-1))
        mu, log_var = self.head(h[-1]).tensor_split(2, dim=1)
        return mu, log_var

    def decode(self, z):
        return self.dec(z)

    reparameterize, loss_function = Base.reparameterize, Base.loss_function
R(MyVAE, "a GRU over the pixels as encoder")


class MyVAE(Base):
    def reparameterize(self, mu, log_var):
        cov_root = torch.diag_embed(torch.exp(0.5 * log_var))
        return torch.distributions.MultivariateNormal(mu, scale_tril=cov_root).rsample()

    def loss_function(self, logits, x, mu, log_var):
        two = torch.stack([torch.zeros_like(logits), logits], dim=1)
        hard = F.log_softmax(two, dim=1)
        ll = (hard[:, 1] * x + hard[:, 0] * (1 - x)).sum(1)
        return (_kl(mu, log_var) - ll).mean()
R(MyVAE, "MultivariateNormal draw; cross-entropy as a softmax over two classes (0, logit)")


class MyVAE(Base):
    def encode(self, x):
        return super().encode(2 * x - 1)
R(MyVAE, "pixels scaled to -1, 1 before the encoder")


class MyVAE(Base):
    def forward(self, x):
        mu, log_var = self.encode(x)
        z = self.reparameterize(mu, log_var)
        return self.decode(z), mu, log_var

    def loss_function(self, logits, x, mu, log_var, beta=1.0):
        return _bce(logits, x).mean() + beta * _kl(mu, log_var).mean()
R(MyVAE, "an extra forward method and an optional beta = 1")


# ------------------------------------------------------------------ judgement calls

class MyVAE(Base):
    def __init__(self, D, H, d):
        super().__init__(D, H, d)
        self.bn = nn.BatchNorm1d(H)

    def encode(self, x):
        h = torch.relu(self.e2(torch.relu(self.bn(self.e1(x)))))
        return self.m(h), self.v(h)
B(MyVAE, "BatchNorm in the encoder: rows depend on one another in training mode (and the bias of e1 gets a zero gradient)")


class MyVAE(Base):
    def encode(self, x):
        h = F.dropout(torch.relu(self.e1(x)), 0.5, self.training)
        h = torch.relu(self.e2(h))
        return self.m(h), self.v(h)
B(MyVAE, "dropout in the encoder: encode is random in training mode")


class MyVAE(Base):
    def encode(self, x):
        h = torch.relu(self.e2(torch.relu(self.e1(x))))
        return self.m(h), self.v(h).clamp(-10, 10)
B(MyVAE, "log_var of the encoder clamped to [-10, 10]")


class MyVAE(Base):
    def encode(self, x):
        h = torch.relu(self.e2(torch.relu(self.e1(x))))
        return self.m(h), 5 * torch.tanh(self.v(h))
B(MyVAE, "log_var of the encoder kept in (-5, 5) by tanh: a choice of network")


class MyVAE(Base):
    def encode(self, x):
        h = torch.relu(self.e2(torch.relu(self.e1(x))))
        return [self.m(h), self.v(h)]
B(MyVAE, "encode returns a list in place of a tuple")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        return super().loss_function(logits, (x > 0.5).float(), mu, log_var)
B(MyVAE, "x binarised in the loss: the same for black-and-white pixels, not for grey ones")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        return super().loss_function(logits, x, mu, log_var).reshape(1)
B(MyVAE, "loss of shape [1] in place of a number without axes")


class MyVAE(Base):
    def loss_function(self, logits, x, mu, log_var):
        p = torch.sigmoid(logits)
        return (F.binary_cross_entropy(p, x, reduction="none").sum(1) + _kl(mu, log_var)).mean()
B(MyVAE, "sigmoid and then F.binary_cross_entropy: torch clamps its logs at -100, so the value is wrong only for saturated logits (above about 17)")


class MyVAE(Base):
    def __init__(self, D, H, d):
        super().__init__(D, H, d)
        for p in (self.m, self.v):
            nn.init.zeros_(p.weight)
            nn.init.zeros_(p.bias)
B(MyVAE, "heads initialised at zero (q = prior at the start): a legitimate choice, but the encoder's hidden layers get a zero gradient at the start")


ANSWERS = list(_L)
BORDERLINE = list(_B)

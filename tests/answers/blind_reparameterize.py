"""Blind answers to exercise 3.1, my_reparameterize(mu, log_var) -> [batch, latent].
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


# ------------------------------------------------------------------ wrong, one mistake: sigma

def my_reparameterize(mu, log_var):
    return mu + torch.exp(log_var) * torch.randn_like(mu)
W(my_reparameterize, "std = exp(log_var): the variance used as the standard deviation")


def my_reparameterize(mu, log_var):
    return mu + log_var * torch.randn_like(mu)
W(my_reparameterize, "std = log_var itself")


def my_reparameterize(mu, log_var):
    return mu + torch.exp(2 * log_var) * torch.randn_like(mu)
W(my_reparameterize, "std = exp(2 log_var): 2 in place of 1/2")


def my_reparameterize(mu, log_var):
    return mu + log_var.abs().sqrt() * torch.randn_like(mu)
W(my_reparameterize, "std = sqrt(|log_var|): took log_var for the variance, abs against NaN")


def my_reparameterize(mu, log_var):
    return mu + torch.sqrt(log_var) * torch.randn_like(mu)
W(my_reparameterize, "std = sqrt(log_var): took log_var for the variance; NaN where log_var < 0")


def my_reparameterize(mu, log_var):
    return mu + 0.5 * torch.exp(log_var) * torch.randn_like(mu)
W(my_reparameterize, "std = 1/2 exp(log_var): the 1/2 outside the exp")


def my_reparameterize(mu, log_var):
    return mu + torch.exp(-0.5 * log_var) * torch.randn_like(mu)
W(my_reparameterize, "sign in the exponent: std = exp(-log_var/2) = 1/sigma")


def my_reparameterize(mu, log_var):
    return mu + 0.5 * log_var * torch.randn_like(mu)
W(my_reparameterize, "std = log_var/2 = log sigma, exp forgotten")


def my_reparameterize(mu, log_var):
    return mu + torch.exp(torch.sqrt(log_var.abs())) * torch.randn_like(mu)
W(my_reparameterize, "root and exp in the wrong order: std = exp(sqrt(|log_var|))")


def my_reparameterize(mu, log_var):
    return mu + F.softplus(log_var) * torch.randn_like(mu)
W(my_reparameterize, "std = softplus(log_var)")


def my_reparameterize(mu, log_var):
    return mu + 2 ** (log_var / 2) * torch.randn_like(mu)
W(my_reparameterize, "std = 2^(log_var/2): base 2 in place of e")


def my_reparameterize(mu, log_var):
    return mu + torch.exp(0.5 * log_var.abs()) * torch.randn_like(mu)
W(my_reparameterize, "absolute value of log_var in the exponent")
# visible only where log_var < 0


def my_reparameterize(mu, log_var):
    return mu + torch.exp(0.5 * F.relu(log_var)) * torch.randn_like(mu)
W(my_reparameterize, "relu of log_var: std is at least 1 (and no gradient to negative log_var)")
# visible only where log_var < 0


def my_reparameterize(mu, log_var):
    log_var = log_var.clamp(-1, 1)
    return mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)
W(my_reparameterize, "log_var clamped to [-1, 1]")
# visible only where |log_var| > 1


def my_reparameterize(mu, log_var):
    return mu + (1 + 0.5 * log_var) * torch.randn_like(mu)
W(my_reparameterize, "first-order Taylor series of exp(log_var/2): std = 1 + log_var/2")


def my_reparameterize(mu, log_var):
    return mu + (torch.exp(0.5 * log_var) + 0.1) * torch.randn_like(mu)
W(my_reparameterize, "std too large by a constant 0.1 (\"for stability\")")


def my_reparameterize(mu, log_var):
    std = torch.exp(0.5 * log_var).mean(dim=0)
    return mu + std * torch.randn_like(mu)
W(my_reparameterize, "sigma averaged over the batch: all rows share one sigma for each latent")


def my_reparameterize(mu, log_var):
    std = torch.exp(0.5 * log_var)
    return mu + std * torch.randn_like(mu) / std.shape[1] ** 0.5
W(my_reparameterize, "noise divided by the root of the number of latents")


# ------------------------------------------------------------------ wrong: the noise

def my_reparameterize(mu, log_var):
    return mu + torch.exp(0.5 * log_var) * torch.rand_like(mu)
W(my_reparameterize, "uniform noise on [0, 1] (rand in place of randn): mean and std wrong")


def my_reparameterize(mu, log_var):
    eps = 2 * torch.rand_like(mu) - 1
    return mu + torch.exp(0.5 * log_var) * eps
W(my_reparameterize, "uniform noise on [-1, 1]: mean right, std smaller by 1/sqrt(3)")


def my_reparameterize(mu, log_var):
    eps = (torch.rand_like(mu) - 0.5) * math.sqrt(12)
    return mu + torch.exp(0.5 * log_var) * eps
W(my_reparameterize, "uniform noise scaled to mean 0 and std 1: not Gaussian, though mean, std and gradients are right")
# mean, std, independence and gradients right: visible only in the shape (kurtosis, largest values)


def my_reparameterize(mu, log_var):
    eps = torch.randint(0, 2, mu.shape).to(mu.dtype) * 2 - 1
    return mu + torch.exp(0.5 * log_var) * eps
W(my_reparameterize, "noise of plus or minus 1 (coin flips): mean 0 and std 1, not Gaussian")
# visible only in the shape of the distribution


def my_reparameterize(mu, log_var):
    eps = torch.distributions.Laplace(0.0, 1 / math.sqrt(2)).sample(mu.shape).to(mu.dtype)
    return mu + torch.exp(0.5 * log_var) * eps
W(my_reparameterize, "Laplace noise with mean 0 and std 1: not Gaussian")
# visible only in the shape of the distribution


def my_reparameterize(mu, log_var):
    eps = torch.randn(mu.shape[1])
    return mu + torch.exp(0.5 * log_var) * eps
W(my_reparameterize, "one noise vector shared by all rows of the batch")


def my_reparameterize(mu, log_var):
    eps = torch.randn(mu.shape[0], 1)
    return mu + torch.exp(0.5 * log_var) * eps
W(my_reparameterize, "one noise number a row, shared by all latents (columns)")


def my_reparameterize(mu, log_var):
    return mu + torch.exp(0.5 * log_var) * torch.randn(1)
W(my_reparameterize, "one noise number for the whole batch and all latents")


def my_reparameterize(mu, log_var):
    return mu + torch.exp(0.5 * log_var) * np.random.randn()
W(my_reparameterize, "a single numpy number as noise for all rows and all latents")


def my_reparameterize(mu, log_var):
    torch.manual_seed(0)
    return mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)
W(my_reparameterize, "seed inside: the same noise in every call")


def my_reparameterize(mu, log_var):
    with torch.random.fork_rng():
        torch.manual_seed(42)
        eps = torch.randn_like(mu)
    return mu + torch.exp(0.5 * log_var) * eps
W(my_reparameterize, "seed inside a fork_rng: the same noise in every call, though the global generator is left alone")


def my_reparameterize(mu, log_var):
    g = torch.Generator().manual_seed(7)
    eps = torch.randn(mu.shape, generator=g)
    return mu + torch.exp(0.5 * log_var) * eps
W(my_reparameterize, "a new generator with a fixed seed in each call: the same noise in every call")


_cache = {}


def my_reparameterize(mu, log_var):
    if mu.shape not in _cache:
        _cache[mu.shape] = torch.randn(mu.shape)
    return mu + torch.exp(0.5 * log_var) * _cache[mu.shape]
W(my_reparameterize, "noise drawn once and kept in a global: the same in every later call with this shape")


def my_reparameterize(mu, log_var):
    eps = torch.randn_like(mu).abs()
    return mu + torch.exp(0.5 * log_var) * eps
W(my_reparameterize, "absolute value of the noise: z is never under mu")


def my_reparameterize(mu, log_var):
    eps = torch.randn_like(mu).clamp(-1, 1)
    return mu + torch.exp(0.5 * log_var) * eps
W(my_reparameterize, "noise clamped to [-1, 1]: std too small (about 0.72 sigma)")


def my_reparameterize(mu, log_var):
    eps = torch.randn_like(mu).clamp(-2, 2)
    return mu + torch.exp(0.5 * log_var) * eps
W(my_reparameterize, "noise clamped to [-2, 2]: std about 4 % too small (0.96 sigma), no tails beyond two sigma")


def my_reparameterize(mu, log_var):
    eps = torch.randn(2, *mu.shape).mean(0)
    return mu + torch.exp(0.5 * log_var) * eps
W(my_reparameterize, "mean of two draws: std smaller by 1/sqrt(2)")


def my_reparameterize(mu, log_var):
    eps = torch.randn_like(mu) + torch.randn_like(mu)
    return mu + torch.exp(0.5 * log_var) * eps
W(my_reparameterize, "noise added twice (two draws summed): std larger by sqrt(2)")


def my_reparameterize(mu, log_var):
    half = torch.randn((mu.shape[0] + 1) // 2, mu.shape[1])
    eps = torch.cat([half, -half])[: mu.shape[0]]
    return mu + torch.exp(0.5 * log_var) * eps
W(my_reparameterize, "antithetic halves: the noise of the second half of the rows is minus that of the first half")
# each number alone has the right distribution: visible only across rows


def my_reparameterize(mu, log_var):
    half = torch.randn((mu.shape[0] + 1) // 2, mu.shape[1])
    eps = half.repeat(2, 1)[: mu.shape[0]]
    return mu + torch.exp(0.5 * log_var) * eps
W(my_reparameterize, "second half of the rows repeats the noise of the first half")


def my_reparameterize(mu, log_var):
    eps = torch.randn_like(mu)
    eps[:, -1] = eps[:, 0]
    return mu + torch.exp(0.5 * log_var) * eps
W(my_reparameterize, "last column has the same noise as the first column")
# needs at least two latents; the columns in between are right


def my_reparameterize(mu, log_var):
    eps = torch.randn_like(mu)
    eps[-1] = eps[0]
    return mu + torch.exp(0.5 * log_var) * eps
W(my_reparameterize, "last row has the same noise as the first row, all others are right")


def my_reparameterize(mu, log_var):
    eps = torch.randn_like(mu)
    eps = (eps - eps.mean(0)) / eps.std(0)
    return mu + torch.exp(0.5 * log_var) * eps
W(my_reparameterize, "noise standardised over the batch: rows depend on one another (correlation -1/(batch-1)), std a little under 1")


def my_reparameterize(mu, log_var):
    eps = torch.randn_like(mu)
    eps = eps / eps.norm(dim=1, keepdim=True) * mu.shape[1] ** 0.5
    return mu + torch.exp(0.5 * log_var) * eps
W(my_reparameterize, "noise scaled to length sqrt(latent): on a sphere; mean 0, std 1 and uncorrelated, but not Gaussian and columns dependent through their squares")
# mean, std, correlations right: visible only in the shape or in squares


def my_reparameterize(mu, log_var):
    sign = torch.randint(0, 2, mu.shape).to(mu.dtype) * 2 - 1
    eps = torch.randn(mu.shape[0], 1) * sign
    return mu + torch.exp(0.5 * log_var) * eps
W(my_reparameterize, "one noise size a row with a random sign for each latent: each number is N(0,1) and columns are uncorrelated, but |noise| is the same in all columns")
# visible only in the dependence of squares or absolute values across columns


_state = {"last": None}


def my_reparameterize(mu, log_var):
    last = _state["last"]
    if last is None or last.shape != mu.shape:
        eps = torch.randn_like(mu)
        _state["last"] = eps.detach()
    else:
        eps = -last
        _state["last"] = None
    return mu + torch.exp(0.5 * log_var) * eps
W(my_reparameterize, "every second call reuses the noise of the call before with the sign flipped: calls are not new noise")
# each call alone is right: visible only between successive calls


_it = {"n": 0, "eps": None}


def my_reparameterize(mu, log_var):
    if _it["n"] % 10 == 0 or _it["eps"] is None or _it["eps"].shape != mu.shape:
        _it["eps"] = torch.randn(mu.shape)
    _it["n"] += 1
    return mu + torch.exp(0.5 * log_var) * _it["eps"]
W(my_reparameterize, "new noise only every tenth call: ten calls in a row are the same")
# averages over thousands of calls look right: visible between successive calls


def my_reparameterize(mu, log_var):
    return mu + torch.exp(0.5 * log_var) * torch.randn_like(mu).round()
W(my_reparameterize, "noise rounded to whole numbers: z takes only discrete values (std about 4 % too large)")


def my_reparameterize(mu, log_var):
    return mu + torch.exp(0.5 * log_var) * torch.randn_like(mu) * (torch.rand_like(mu) > 0.5)
W(my_reparameterize, "dropout on the noise: half of the numbers are exactly mu, std smaller by 1/sqrt(2)")


# ------------------------------------------------------------------ wrong: the formula around it

def my_reparameterize(mu, log_var):
    return mu
W(my_reparameterize, "no noise at all: returns mu")


def my_reparameterize(mu, log_var):
    return mu + torch.exp(0.5 * log_var)
W(my_reparameterize, "noise forgotten: returns mu + sigma, deterministic")


def my_reparameterize(mu, log_var):
    return mu + torch.randn_like(mu)
W(my_reparameterize, "sigma forgotten: z = mu + eps, std 1 always, no gradient to log_var")


def my_reparameterize(mu, log_var):
    return torch.exp(0.5 * log_var) * torch.randn_like(log_var)
W(my_reparameterize, "mu forgotten: z = sigma * eps")


def my_reparameterize(mu, log_var):
    return (mu + torch.randn_like(mu)) * torch.exp(0.5 * log_var)
W(my_reparameterize, "bracket in the wrong place: (mu + eps) * sigma, mean mu * sigma")


def my_reparameterize(mu, log_var):
    return torch.randn_like(mu) + torch.exp(0.5 * log_var) * mu
W(my_reparameterize, "mu and eps exchanged: z = eps + sigma * mu")


def my_reparameterize(mu, log_var):
    return log_var + torch.exp(0.5 * mu) * torch.randn_like(mu)
W(my_reparameterize, "arguments swapped: mean log_var, std exp(mu/2)")


def my_reparameterize(mu, log_var):
    return mu * (1 + torch.exp(0.5 * log_var) * torch.randn_like(mu))
W(my_reparameterize, "noise multiplied by mu: std |mu| sigma")


def my_reparameterize(mu, log_var):
    return mu + 0.5 * log_var.exp() + torch.exp(0.5 * log_var) * torch.randn_like(mu)
W(my_reparameterize, "an extra sigma^2/2 in the mean")


def my_reparameterize(mu, log_var):
    std = torch.exp(0.5 * log_var)
    z = mu + std * torch.randn_like(mu)
    return (z - mu) / std
W(my_reparameterize, "standardises the draw again: returns the noise eps, N(0, 1)")


def my_reparameterize(mu, log_var):
    return mu.mean(0) + torch.exp(0.5 * log_var) * torch.randn_like(mu)
W(my_reparameterize, "mu averaged over the batch")


def my_reparameterize(mu, log_var):
    std = torch.exp(0.5 * log_var)
    z = mu + std * torch.randn_like(mu)
    return torch.tanh(z)
W(my_reparameterize, "tanh of the draw")


# ------------------------------------------------------------------ wrong: gradients

def my_reparameterize(mu, log_var):
    return torch.normal(mu, torch.exp(0.5 * log_var))
W(my_reparameterize, "torch.normal(mu, std): the right distribution but no gradient to mu and log_var")
# visible only in the gradients (in current torch, torch.normal gives a result whose gradients are zero or absent)


def my_reparameterize(mu, log_var):
    return torch.distributions.Normal(mu, torch.exp(0.5 * log_var)).sample()
W(my_reparameterize, "sample() in place of rsample(): no gradient to either input")
# visible only in the gradients


def my_reparameterize(mu, log_var):
    std = torch.exp(0.5 * log_var).detach()
    return mu + std * torch.randn_like(std)
W(my_reparameterize, "std detached: no gradient to log_var")
# visible only in the gradients


def my_reparameterize(mu, log_var):
    std = torch.exp(0.5 * log_var)
    return mu.detach() + std * torch.randn_like(std)
W(my_reparameterize, "mu detached: no gradient to mu")
# visible only in the gradients


def my_reparameterize(mu, log_var):
    with torch.no_grad():
        z = mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)
    return z
W(my_reparameterize, "everything under no_grad: no gradients")
# visible only in the gradients


def my_reparameterize(mu, log_var):
    with torch.no_grad():
        noise = torch.exp(0.5 * log_var) * torch.randn_like(mu)
    return mu + noise
W(my_reparameterize, "sigma * eps under no_grad: no gradient to log_var, mu's is right")
# visible only in the gradients


def my_reparameterize(mu, log_var):
    std = torch.tensor(np.exp(0.5 * log_var.detach().numpy()))
    return mu + std * torch.randn_like(mu)
W(my_reparameterize, "std through numpy: no gradient to log_var")
# visible only in the gradients


def my_reparameterize(mu, log_var):
    z = torch.zeros_like(mu)
    for i in range(mu.shape[0]):
        for j in range(mu.shape[1]):
            z[i, j] = mu[i, j] + math.exp(0.5 * log_var[i, j].item()) * torch.randn(1).item()
    return z
W(my_reparameterize, ".item() on log_var: right draws, gradient to mu but none to log_var")
# visible only in the gradients


def my_reparameterize(mu, log_var):
    std = torch.exp(0.5 * log_var)
    z = (mu + std * torch.randn_like(mu)).detach()
    return z + mu - mu.detach()
W(my_reparameterize, "straight-through: gradient 1 to mu, but none to log_var")
# visible only in the gradients


def my_reparameterize(mu, log_var):
    std = torch.exp(0.5 * log_var)
    z = mu + std * torch.randn_like(mu)
    return z.detach().requires_grad_()
W(my_reparameterize, "z detached and made a new leaf: requires_grad is True but no gradient reaches the inputs")
# visible only in the gradients


def my_reparameterize(mu, log_var):
    std = torch.exp(0.5 * log_var)
    eps = torch.randn_like(mu)
    return mu + std.detach() * eps + (std - std.detach()) * torch.randn_like(mu)
W(my_reparameterize, "the gradient path of sigma has a second, other noise than the value: gradient of log_var is unrelated to the draw")
# value right: visible only when the gradient of log_var is compared with (z - mu)/2


def my_reparameterize(mu, log_var):
    std = torch.exp(0.5 * log_var)
    eps = torch.randn_like(mu)
    return mu + (std + std.detach()) / 2 * eps
W(my_reparameterize, "half of sigma detached: gradient to log_var is half of the right one")
# visible only in the size of the gradient


def my_reparameterize(mu, log_var):
    if not (mu.requires_grad or log_var.requires_grad):
        return mu
    return mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)
W(my_reparameterize, "returns mu without noise when the inputs ask for no gradient (an \"eval mode\")")
# visible only on inputs with requires_grad=False


def my_reparameterize(mu, log_var):
    if not torch.is_grad_enabled():
        return mu
    return mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)
W(my_reparameterize, "returns mu without noise under torch.no_grad()")
# visible only when called under no_grad


# ------------------------------------------------------------------ wrong: shapes, dtypes, in place

def my_reparameterize(mu, log_var):
    return mu + torch.exp(0.5 * log_var) * torch.randn(64, 2)
W(my_reparameterize, "size of the noise typed in as (64, 2): an error, or a wrong shape by broadcasting, for any other input size")
# visible only when the input is not [64, 2]


def my_reparameterize(mu, log_var):
    eps = torch.randn(10, *mu.shape)
    return mu + torch.exp(0.5 * log_var) * eps
W(my_reparameterize, "ten draws for each row: [10, batch, latent]")


def my_reparameterize(mu, log_var):
    z = mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)
    return z.flatten()
W(my_reparameterize, "draw flattened to [batch * latent]")


def my_reparameterize(mu, log_var):
    z = mu.T + torch.exp(0.5 * log_var.T) * torch.randn_like(mu.T)
    return z
W(my_reparameterize, "transposed: [latent, batch]")
# when batch == latent the shape is right and the means are transposed


def my_reparameterize(mu, log_var):
    z = (mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)).sum(1)
    return z
W(my_reparameterize, "summed over the latents: [batch]")


def my_reparameterize(mu, log_var):
    std = torch.exp(0.5 * log_var)
    return mu + std * torch.randn_like(mu), std
W(my_reparameterize, "returns a tuple (z, std) in place of z")


def my_reparameterize(mu, log_var):
    mu += torch.exp(0.5 * log_var) * torch.randn_like(mu)
    return mu
W(my_reparameterize, "adds the noise to mu in place: the caller's mu wanders with each call (and a leaf that requires grad raises an error)")


def my_reparameterize(mu, log_var):
    std = log_var.mul_(0.5).exp_()
    return mu + std * torch.randn_like(mu)
W(my_reparameterize, "computes std in place: log_var is overwritten by sigma, the second call is wrong (and a leaf that requires grad raises an error)")
# the first call without requires_grad is right


def my_reparameterize(mu, log_var):
    return mu.int() + torch.exp(0.5 * log_var) * torch.randn(mu.shape)
W(my_reparameterize, "mu cast to int: mean truncated to whole numbers, and no gradient to mu")


def my_reparameterize(mu, log_var):
    std = torch.exp(0.5 * log_var).long()
    return mu + std * torch.randn(mu.shape)
W(my_reparameterize, "std cast to int: 0 wherever sigma < 1, and no gradient to log_var")


# ------------------------------------------------------------------ wrong, two mistakes

def my_reparameterize(mu, log_var):
    return mu + torch.exp(log_var) * torch.rand_like(mu)
W(my_reparameterize, "TWO: std = exp(log_var), and uniform noise on [0, 1]")


def my_reparameterize(mu, log_var):
    return mu + torch.exp(log_var) * torch.randn(mu.shape[1])
W(my_reparameterize, "TWO: std = exp(log_var), and one noise vector shared by all rows")


def my_reparameterize(mu, log_var):
    torch.manual_seed(1)
    return mu + 0.5 * torch.exp(log_var) * torch.randn_like(mu)
W(my_reparameterize, "TWO: seed inside, and std = 1/2 exp(log_var)")


def my_reparameterize(mu, log_var):
    return torch.normal(mu, log_var.exp())
W(my_reparameterize, "TWO: torch.normal (no gradients), and the variance given as the std")


def my_reparameterize(mu, log_var):
    std = log_var.detach().exp()
    return mu + std * torch.randn_like(std)
W(my_reparameterize, "TWO: log_var detached (no gradient to it), and std = exp(log_var)")


def my_reparameterize(mu, log_var):
    std = torch.exp(0.5 * log_var)
    return mu.data + std * torch.randn(mu.shape[0], 1)
W(my_reparameterize, "TWO: mu.data (no gradient to mu), and one noise number a row shared by all columns")


def my_reparameterize(mu, log_var):
    return torch.exp(-0.5 * log_var) * torch.randn_like(mu)
W(my_reparameterize, "TWO: mu forgotten, and sign in the exponent (1/sigma)")


def my_reparameterize(mu, log_var):
    return mu + log_var * torch.rand_like(mu)
W(my_reparameterize, "TWO: std = log_var itself, and uniform noise on [0, 1]")


def my_reparameterize(mu, log_var):
    eps = (torch.rand(mu.shape[0], 1) - 0.5) * math.sqrt(12)
    return mu + torch.exp(0.5 * log_var) * eps
W(my_reparameterize, "TWO: uniform noise of std 1, and one number a row shared by all columns")


def my_reparameterize(mu, log_var):
    return mu + torch.exp(0.5 * log_var.clamp(min=0)) * torch.randn_like(mu).abs()
W(my_reparameterize, "TWO: log_var clamped at 0 from below, and absolute value of the noise")


def my_reparameterize(mu, log_var):
    return log_var + torch.exp(mu) * torch.randn_like(mu)
W(my_reparameterize, "TWO: arguments swapped, and the 1/2 in the exponent forgotten: mean log_var, std exp(mu)")


def my_reparameterize(mu, log_var):
    eps = torch.randn(5, *mu.shape).mean(0)
    return mu + torch.exp(0.5 * log_var).detach() * eps
W(my_reparameterize, "TWO: mean of five draws (std smaller by 1/sqrt 5), and std detached")


def my_reparameterize(mu, log_var):
    torch.manual_seed(0)
    eps = torch.randn(mu.shape[1])
    return mu + torch.exp(0.5 * log_var) * eps
W(my_reparameterize, "TWO: seed inside, and one noise vector shared by all rows")


def my_reparameterize(mu, log_var):
    sigma = torch.sqrt(torch.exp(log_var))
    return mu * sigma + torch.randn_like(mu)
W(my_reparameterize, "sigma multiplies mu in place of eps: mean mu sigma, std 1")


def my_reparameterize(mu, log_var):
    q = torch.distributions.Normal(mu, torch.exp(log_var))
    return q.sample((1,)).squeeze()
W(my_reparameterize, "TWO: variance given as the scale, and sample() without gradient (squeeze also drops axes of size 1)")


def my_reparameterize(mu, log_var):
    eps = torch.randn(mu.shape[1])
    return mu + torch.exp(0.5 * log_var).detach() * eps
W(my_reparameterize, "TWO: one noise vector shared by all rows, and std detached (no gradient to log_var)")


def my_reparameterize(mu, log_var):
    std = torch.exp(0.5 * log_var)
    return mu + std * std * torch.rand_like(std)
W(my_reparameterize, "TWO: sigma multiplied twice (sigma^2), and uniform noise on [0, 1]")


def my_reparameterize(mu, log_var):
    return mu.mean(0) + torch.exp(log_var) * torch.randn_like(mu)
W(my_reparameterize, "TWO: mu averaged over the batch, and std = exp(log_var)")


def my_reparameterize(mu, log_var):
    with torch.no_grad():
        return mu + torch.exp(-0.5 * log_var) * torch.randn_like(mu)
W(my_reparameterize, "TWO: under no_grad (no gradients), and sign in the exponent (1/sigma)")


def my_reparameterize(mu, log_var):
    eps = torch.randn_like(mu) + torch.randn_like(mu)
    return mu + torch.sqrt(log_var.abs()) * eps
W(my_reparameterize, "TWO: two draws summed (std too large by sqrt 2), and std = sqrt(|log_var|)")


def my_reparameterize(mu, log_var):
    torch.manual_seed(0)
    return mu.detach() + torch.exp(0.5 * log_var) * torch.randn_like(mu)
W(my_reparameterize, "TWO: seed inside, and mu detached")


def my_reparameterize(mu, log_var):
    eps = torch.randn(mu.shape[0], 1).clamp(-1, 1)
    return mu + torch.exp(0.5 * log_var) * eps
W(my_reparameterize, "TWO: one noise number a row shared by all columns, and noise clamped to [-1, 1]")


def my_reparameterize(mu, log_var):
    eps = torch.randn(3, *mu.shape)
    return mu + torch.exp(log_var) * eps
W(my_reparameterize, "TWO: three draws a row ([3, batch, latent]), and std = exp(log_var)")


def my_reparameterize(mu, log_var):
    sigma = F.softplus(log_var)
    return mu + sigma * torch.randn(mu.shape[1])
W(my_reparameterize, "TWO: std = softplus(log_var), and one noise vector shared by all rows")


def my_reparameterize(mu, log_var):
    half = torch.randn((mu.shape[0] + 1) // 2, mu.shape[1])
    eps = torch.cat([half, -half])[: mu.shape[0]]
    return mu + torch.exp(0.5 * log_var.detach()) * eps
W(my_reparameterize, "TWO: antithetic halves of the batch (rows depend on one another), and log_var detached")


def my_reparameterize(mu, log_var):
    eps = (torch.rand_like(mu) - 0.5) * math.sqrt(12)
    return mu + torch.exp(0.5 * log_var).detach() * eps
W(my_reparameterize, "TWO: uniform noise of mean 0 and std 1 (not Gaussian), and std detached")


def my_reparameterize(mu, log_var):
    z = mu + torch.exp(0.5 * log_var) * torch.randn(1)
    return z.detach()
W(my_reparameterize, "TWO: one noise number for the whole batch, and z detached")


def my_reparameterize(mu, log_var):
    std = torch.exp(0.5 * F.relu(log_var))
    return std * torch.randn_like(std) + std * mu
W(my_reparameterize, "TWO: relu of log_var, and mu multiplied by sigma")


# ------------------------------------------------------------------ right

def my_reparameterize(mu, log_var):
    std = torch.exp(0.5 * log_var)
    return mu + std * torch.randn_like(std)
R(my_reparameterize, "the usual mu + exp(log_var/2) * eps")


def my_reparameterize(mu, log_var):
    return torch.distributions.Normal(mu, log_var.div(2).exp()).rsample()
R(my_reparameterize, "torch.distributions Normal rsample")


def my_reparameterize(mu, log_var):
    return torch.distributions.MultivariateNormal(mu, scale_tril=torch.diag_embed((log_var / 2).exp())).rsample()
R(my_reparameterize, "MultivariateNormal rsample with a diagonal Cholesky factor")


def my_reparameterize(mu, log_var):
    eps = torch.randn(mu.size(), dtype=mu.dtype)
    return mu - log_var.exp().sqrt() * eps
R(my_reparameterize, "minus sigma eps: the same distribution")


def my_reparameterize(mu, log_var):
    u1 = torch.rand_like(mu).clamp_min(1e-38)
    u2 = torch.rand_like(mu)
    eps = torch.sqrt(-2 * torch.log(u1)) * torch.cos(2 * math.pi * u2)
    return mu + torch.exp(log_var / 2) * eps
R(my_reparameterize, "Box-Muller normal noise")


def my_reparameterize(mu, log_var):
    u = torch.rand(mu.shape, dtype=torch.float64).clamp(1e-15, 1 - 1e-15)
    eps = torch.special.ndtri(u).to(mu.dtype)
    return mu + torch.exp(0.5 * log_var) * eps
R(my_reparameterize, "normal noise by the inverse distribution function of a uniform")


def my_reparameterize(mu, log_var):
    rows = []
    for m, lv in zip(mu, log_var):
        rows.append(torch.stack([mi + torch.exp(li / 2) * torch.randn(()) for mi, li in zip(m, lv)]))
    return torch.stack(rows)
R(my_reparameterize, "double loop, new noise for each number")


def my_reparameterize(mu, log_var):
    eps = torch.from_numpy(np.random.standard_normal(tuple(mu.shape))).to(mu.dtype)
    return torch.addcmul(mu, torch.exp(0.5 * log_var), eps)
R(my_reparameterize, "numpy's noise (new in each call), addcmul")
# does not follow torch.manual_seed: numpy's own global generator


def my_reparameterize(mu, log_var):
    eps = (torch.randn_like(mu) + torch.randn_like(mu)) / math.sqrt(2)
    return mu + (log_var * 0.5).exp() * eps
R(my_reparameterize, "two draws added and divided by sqrt 2: std 1 again")


_gen = torch.Generator().manual_seed(123)


def my_reparameterize(mu, log_var):
    eps = torch.randn(mu.shape, generator=_gen, dtype=mu.dtype)
    return mu + torch.exp(0.5 * log_var) * eps
R(my_reparameterize, "own generator, seeded once outside: new noise in each call")


def my_reparameterize(mu, log_var):
    m, s = mu.double(), (log_var.double() / 2).exp()
    return (m + s * torch.randn(mu.shape, dtype=torch.float64)).to(mu.dtype)
R(my_reparameterize, "in float64, cast back")


def my_reparameterize(mu, log_var):
    sigma = torch.exp(0.5 * log_var)
    return mu + torch.einsum("bij,bj->bi", torch.diag_embed(sigma), torch.randn_like(mu))
R(my_reparameterize, "diagonal matrix times noise by einsum")


def my_reparameterize(mu, log_var):
    with torch.no_grad():
        eps = torch.normal(torch.zeros_like(mu), torch.ones_like(mu))
    return torch.lerp(mu, mu + eps, torch.exp(0.5 * log_var))
R(my_reparameterize, "lerp from mu to mu + eps with weight sigma (noise alone under no_grad)")


def my_reparameterize(mu, log_var):
    base = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    t = torch.distributions.transforms.AffineTransform(mu, torch.exp(0.5 * log_var))
    return torch.distributions.TransformedDistribution(base, [t]).rsample()
R(my_reparameterize, "TransformedDistribution of a standard normal")


def my_reparameterize(mu, log_var):
    sigma = torch.pow(math.e, 0.5 * log_var)
    eps = torch.empty_like(mu).normal_()
    return sigma * (mu / sigma + eps)
R(my_reparameterize, "sigma * (mu/sigma + eps): the same algebraically; gradients agree after cancellation")


def my_reparameterize(mu, log_var):
    n = mu.shape[1]
    eps = torch.stack([torch.randn(mu.shape[0]) for _ in range(n)], dim=1)[:, torch.randperm(n)]
    return mu + torch.exp(0.5 * log_var) * eps
R(my_reparameterize, "noise column by column, columns shuffled (harmless)")


# ------------------------------------------------------------------ judgement calls

def my_reparameterize(mu, log_var):
    torch.seed()
    return mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)
B(my_reparameterize, "reseeds with a fresh random seed in each call: noise is new and right, though the task says to set no seed")


def my_reparameterize(mu, log_var):
    eps = torch.rand(12, *mu.shape).sum(0) - 6
    return mu + torch.exp(0.5 * log_var) * eps
B(my_reparameterize, "sum of 12 uniforms minus 6: mean 0, std 1, nearly Gaussian (kurtosis -0.1)")


def my_reparameterize(mu, log_var):
    return mu + torch.exp(0.5 * log_var) * torch.randn_like(mu).clamp(-3, 3)
B(my_reparameterize, "noise clamped to [-3, 3]: std 0.3 % too small")


def my_reparameterize(mu, log_var):
    return mu + torch.exp(0.5 * log_var.clamp(-20, 20)) * torch.randn_like(mu)
B(my_reparameterize, "log_var clamped to [-20, 20]: only visible on extreme inputs")


def my_reparameterize(mu, log_var):
    return (mu.half() + torch.exp(0.5 * log_var.half()) * torch.randn(mu.shape).half()).float()
B(my_reparameterize, "in float16, cast back to float32: rounding of 1e-3, overflow for large log_var")


def my_reparameterize(mu, log_var):
    return mu + torch.sqrt(torch.exp(log_var) + 1e-6) * torch.randn_like(mu)
B(my_reparameterize, "1e-6 added under the root: visible only at very small variance")


ANSWERS = list(_L)
BORDERLINE = list(_B)

"""One picture's answers, as students give them: one entry goes wrong where those before it are right."""

import math
from fractions import Fraction

import numpy as np
import torch
from torch.distributions import Bernoulli, Normal
from torch.nn.functional import binary_cross_entropy_with_logits, softplus

output = torch.tensor([0.5, -2, 2 * math.log(3), -4 * math.log(2)], dtype=torch.float64)
logits = torch.tensor([math.log(3), -math.log(4), math.log(9)], dtype=torch.float64)
x = torch.tensor([1.0, 0, 0], dtype=torch.float64)
mu, log_var = output.chunk(2)
sigma = Normal(0.0, log_var.exp().sqrt()).stddev
pi = logits.sigmoid()
score = Bernoulli(logits=logits).log_prob(x)


def oracle():
    """Every entry, by another route."""
    return {"sigma": sigma, "pi": logits.exp() / (1 + logits.exp()), "reconstruction": score.sum()}


def pencil():
    return {"sigma": [3, Fraction(1, 4)], "pi": ["3/4", "1/5", "9/10"], "reconstruction": "ln(3/50)"}


def pencil_with_a_calculator():
    return {"sigma": (3, 0.25), "pi": (0.75, 0.2, 0.9), "reconstruction": -2.813}


def cross_entropy():
    loss = binary_cross_entropy_with_logits(logits, x, reduction="sum")
    return {"sigma": np.exp(log_var.numpy()) ** 0.5, "pi": pi.float(), "reconstruction": -loss}


def one_by_one():
    total = 0.0
    for p, on in zip(pi.tolist(), x.tolist(), strict=True):
        total += math.log(p) if on else math.log1p(-p)
    return {"sigma": [math.exp(v / 2) for v in log_var.tolist()], "reconstruction": total}


def by_bce_mean():
    return {"reconstruction": -binary_cross_entropy_with_logits(logits, x)}


ANSWERS = [
    (pencil, "fractions, and a logarithm as a string", ""),
    (pencil_with_a_calculator, "rounded", ""),
    (cross_entropy, "minus the cross-entropy, numpy and float32", ""),
    (one_by_one, "a loop, pi still open", "open"),
    ({"sigma": log_var.exp()}, "sigma: exp(log σ²)", "sigma-var"),
    ({"sigma": log_var}, "sigma: log σ²", "sigma-log-var"),
    ({"sigma": log_var / 2}, "sigma: log σ", "sigma-log-sigma"),
    ({"sigma": sigma.sqrt()}, "sigma: the root once more", "sigma-root"),
    ({"sigma": 1 / sigma}, "sigma: 1/σ", "sigma-inverse"),
    ({"sigma": 0.5 * log_var.exp()}, "sigma: ½ outside", "sigma-half-outside"),
    ({"sigma": (2 * log_var).exp()}, "sigma: the square once more", "sigma-double"),
    ({"sigma": (mu / 2).exp()}, "sigma: log_var, mu = output", "sigma-halves"),
    ({"sigma": (output.reshape(2, 2)[:, 1] / 2).exp()}, "sigma: every other number", "sigma-interleaved"),
    ({"sigma": [0.25, 3]}, "sigma: exchanged", "sigma-exchanged"),
    ({"sigma": softplus(log_var)}, "sigma: softplus", "sigma-softplus"),
    ({"sigma": 10 ** (log_var / 2)}, "sigma: 10 to the power", "sigma-base-ten"),
    ({"sigma": [3, 4]}, "sigma: no sign", "sigma-absolute"),
    ({"pi": logits}, "pi: logits", "pi-logits"),
    ({"pi": logits.exp()}, "pi: odds", "pi-odds"),
    ({"pi": 1 - pi}, "pi: of 0", "pi-off"),
    ({"pi": logits.softmax(0)}, "pi: softmax", "pi-softmax"),
    ({"pi": (logits > 0).double()}, "pi: thresholded", "pi-rounded"),
    ({"pi": [0.75, 0.8, 0.1]}, "pi: of what was seen", "pi-of-x"),
    ({"pi": torch.sigmoid(logits / 2)}, "pi: half the logits", "pi-half"),
    ({"pi": torch.tanh(logits)}, "pi: tanh", "pi-tanh"),
    ({"reconstruction": -score.sum()}, "reconstruction: a loss", "reconstruction-sign"),
    (by_bce_mean, "reconstruction: the mean", "reconstruction-mean"),
    ({"reconstruction": -score.mean()}, "reconstruction: the mean, as a loss", "reconstruction-mean+sign"),
    ({"reconstruction": score.sum().exp()}, "reconstruction: p(x|z)", "reconstruction-probability"),
    ({"reconstruction": score.sum() / math.log(2)}, "reconstruction: bits", "reconstruction-bits"),
    ({"reconstruction": math.log10(3 / 50)}, "reconstruction: base 10", "reconstruction-base-ten"),
    ({"reconstruction": score[0]}, "reconstruction: on pixels alone", "reconstruction-on-only"),
    ({"reconstruction": score[1:].sum()}, "reconstruction: off pixels alone", "reconstruction-off-only"),
    ({"reconstruction": pi.log().sum()}, "reconstruction: all on", "reconstruction-all-on"),
    ({"reconstruction": math.log(0.25 * 0.2 * 0.9)}, "reconstruction: on for off", "reconstruction-flipped"),
    ({"reconstruction": 0.75 + 0.8 + 0.1}, "reconstruction: added up", "reconstruction-no-log"),
    ({"reconstruction": math.log(0.75 + 0.8 + 0.1)}, "reconstruction: log of the sum", "reconstruction-of-sum"),
    ({"reconstruction": -3 * math.log(2)}, "reconstruction: of coins", "reconstruction-coins"),
    ({"reconstruction": -0.5 * ((x - pi) ** 2).sum()}, "reconstruction: squared error", "reconstruction-squared"),
    (
        {"reconstruction": Bernoulli(logits=pi).log_prob(x).sum()},
        "reconstruction: probabilities as logits",
        "reconstruction-sigmoid-twice",
    ),
    ({"pi": [0.75, 0.2, 0.8]}, "one number of three wrong", "pi-some"),
    ({"sigma": "three"}, "a word", "no-numbers"),
    ({"log_var": [0, 0]}, "another entry", "no-such-entry"),
    (lambda: None, "no return", "none"),
]

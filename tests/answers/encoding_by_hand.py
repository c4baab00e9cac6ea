"""2.3's answers, as students give them: one entry goes wrong where those before it are right."""

import math
from fractions import Fraction

import numpy as np
import torch
from torch.distributions import Normal
from torch.nn.functional import linear, relu, softplus

LN2 = math.log(2)
x, eps = torch.tensor([1.0, -2, 3]).double(), torch.tensor([-1.5, -2, 0.5]).double()
W1 = torch.tensor([[0.0, 2, 1], [1, 2, 1], [2, -1, -1]]).double()
b1 = torch.tensor([-1.0, 1, 1]).double()
W2 = torch.tensor(
    [
        [-1.0, 0.5, -0.5],
        [0, -1, 1],
        [-0.5, -0.5, -0.5],
        [-2 * LN2, 2 * LN2, -2 * LN2],
        [-2 * LN2, 0, 0],
        [0, 2 * LN2, -2 * LN2],
    ],
    dtype=torch.float64,
)
b2 = torch.tensor([-1, -0.5, 0.5, 0, 2 * LN2, -2 * LN2], dtype=torch.float64)

a1 = W1 @ x + b1
h1 = relu(a1)
head = W2 @ h1 + b2
mu, log_var = head[:3], head[3:]
sigma = torch.sqrt(torch.exp(log_var))
z = mu + sigma * eps


def oracle():
    """Every entry, by another route."""
    return {
        "h1": h1,
        "mu": mu,
        "log_var": log_var,
        "sigma": sigma,
        "z": Normal(mu, sigma).icdf(Normal(0.0, 1.0).cdf(eps)),
    }


def pencil_encoding():
    z = [Fraction(-9, 4), Fraction(-7, 2), Fraction(-7, 8)]
    log_var = ["-2*log(2)", "log(4)", "-4*log(2)"]
    return {"h1": [0, 1, 2], "mu": ["-3/2", "1/2", -1], "log_var": log_var, "sigma": [0.5, 2, 0.25], "z": z}


def pencil_as_on_the_page():
    return {"mu": ["−3/2", "1/2", "−1"], "log_var": ["−2 ln 2", "2·ln 2", "-4ln(2)"]}


def loops():
    hidden = []
    for i in range(3):
        total = b1[i].item()
        for j in range(3):
            total += W1[i, j].item() * x[j].item()
        hidden.append(total if total > 0 else 0.0)
    out = [sum(W2[i, j].item() * hidden[j] for j in range(3)) + b2[i].item() for i in range(6)]
    spread = [math.exp(s / 2) for s in out[3:]]
    return {"h1": hidden, "sigma": tuple(spread), "z": [out[i] + spread[i] * eps[i].item() for i in range(3)]}


def batch_of_one():
    hidden = relu(linear(x[None], W1, b1))
    mu, log_var = linear(hidden, W2, b2).float().chunk(2, dim=1)
    L = torch.diag_embed((log_var / 2).exp())
    return {"h1": hidden, "mu": mu, "log_var": log_var, "z": mu + torch.einsum("bij,bj->bi", L, eps[None].float())}


def columns():
    column = torch.as_tensor(x[:, None]).numpy()
    h = np.maximum(W1.detach().numpy() @ column + b1.detach().numpy()[:, None], 0)
    out = W2.detach().numpy() @ h + b2.detach().numpy()[:, None]
    return {"h1": h, "mu": out[:3], "log_var": out[3:], "sigma": np.exp(out[3:]) ** 0.5}


ANSWERS = [
    ({"h1": a1}, "h1: no ReLU", "h1-no-relu"),
    ({"h1": relu(W1 @ x)}, "h1: no bias", "h1-no-bias"),
    ({"h1": relu(x @ W1 + b1)}, "h1: x @ W1", "h1-transposed"),
    ({"h1": relu(W1 @ x) + b1}, "h1: ReLU, then bias", "h1-relu-first"),
    ({"h1": abs(a1)}, "h1: absolute value", "h1-absolute|h1-left-out-1-2"),
    ({"mu": head.chunk(2)[1]}, "mu: log_var, mu = head", "mu-halves"),
    ({"mu": W2[:3] @ a1 + b2[:3]}, "mu: from a1", "mu-no-relu"),
    ({"mu": W2[:3] @ h1}, "mu: no bias", "mu-no-bias"),
    ({"mu": h1 @ W2[:3] + b2[:3]}, "mu: h1 @ W2", "mu-transposed"),
    ({"mu": relu(mu)}, "mu: ReLU on the head", "mu-relu"),
    ({"mu": head.reshape(3, 2)[:, 0]}, "mu: every other output", "mu-interleaved"),
    ({"log_var": head.chunk(2)[0]}, "log_var: log_var, mu = head", "log-var-halves"),
    ({"log_var": W2[3:] @ a1 + b2[3:]}, "log_var: from a1", "log-var-no-relu"),
    ({"log_var": h1 @ W2[3:] + b2[3:]}, "log_var: h1 @ W2", "log-var-transposed"),
    ({"log_var": relu(log_var)}, "log_var: ReLU on the head", "log-var-relu"),
    ({"log_var": 0.5 * log_var}, "log_var: log σ", "log-var-halved"),
    ({"log_var": log_var.exp()}, "log_var: σ²", "log-var-exponentiated"),
    ({"log_var": head.reshape(3, 2)[:, 1]}, "log_var: every other output", "log-var-interleaved"),
    ({"log_var": log_var.exp().log10()}, "log_var: base 10", "log-var-base-ten"),
    ({"log_var": log_var / math.log(2)}, "log_var: multiples of ln 2 without it", "log-var-no-ln2"),
    ({"sigma": torch.exp(log_var)}, "sigma: exp(log σ²)", "sigma-var"),
    ({"sigma": log_var}, "sigma: log σ²", "sigma-log-var"),
    ({"sigma": 0.5 * log_var}, "sigma: ½ log σ²", "sigma-log-sigma"),
    ({"sigma": torch.exp(-0.5 * log_var)}, "sigma: exp(−½ log σ²)", "sigma-inverse"),
    ({"sigma": softplus(log_var)}, "sigma: softplus", "sigma-softplus"),
    ({"sigma": softplus(0.5 * log_var)}, "sigma: softplus of the half", "sigma-softplus-half"),
    ({"sigma": 0.5 * torch.exp(log_var)}, "sigma: ½ exp", "sigma-half-outside"),
    ({"sigma": log_var.abs().sqrt()}, "sigma: √|log σ²|", "sigma-root-of-log"),
    ({"z": mu}, "z: z = μ", "z-zero"),
    ({"z": mu + eps}, "z: μ + ε", "z-one"),
    ({"z": mu + torch.diag(log_var.exp()) @ eps}, "z: Σε", "z-var"),
    ({"z": mu + log_var * eps}, "z: log σ² for σ", "z-log-var"),
    ({"z": mu + 0.5 * log_var * eps}, "z: log σ for σ", "z-log-sigma"),
    ({"z": mu + eps / sigma}, "z: ε / σ", "z-inverse"),
    ({"z": mu + sigma * eps[:1]}, "z: one ε", "z-one-eps"),
    ({"z": mu - sigma * eps}, "z: minus", "z-minus"),
    ({"z": (mu + eps) * sigma}, "z: σ(μ + ε)", "z-mean-scaled"),
    ({"z": sigma * eps}, "z: σε", "z-no-mean"),
    (pencil_encoding(), "pencil: fractions and logarithms as strings", ""),
    (pencil_as_on_the_page(), "as the page writes it", "open"),
    (loops() | {"mu": ..., "log_var": [..., ..., ...]}, "loops, and a part still open", "open"),
    (batch_of_one, "a batch of one in float32, a matrix L", "open"),
    (columns, "numpy columns", "open"),
    ({"mu": [-1.5, 7.7, -1]}, "one number of three wrong", "mu-some"),
    ({"h1": [0, 1, "two"]}, "a word", "no-numbers"),
    ({"w1": [0, 1, 2]}, "another entry", "no-such-entry"),
    ([0, 1, 2], "no dict", "no-dict"),
    (lambda: None, "no return", "none"),
]

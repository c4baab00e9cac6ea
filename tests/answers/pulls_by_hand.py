"""5.1's answers, as students give them: one entry goes wrong where those before it are right."""

from fractions import Fraction

import numpy as np
import torch
from torch.distributions import Normal, kl_divergence

x, w, b, mu, log_var, eps = (
    torch.tensor(value).double().requires_grad_() for value in (-3.0, 3.0, 8.0, -1.0, 9.0, -0.5)
)
log_var.data = log_var.data.log()
sigma = log_var.mul(0.5).exp()
z = mu + sigma * eps
f = w * z + b
loss = (x - f).square() / 2
kl = kl_divergence(Normal(mu, sigma), Normal(torch.zeros_like(mu), torch.ones_like(sigma)))
J = loss + kl


def grad(value, *inputs):
    return torch.autograd.grad(value, inputs, retain_graph=True)


d_f, d_z = grad(J, f, z)


def oracle():
    """By autograd."""
    return dict(zip(("f", "w", "mu", "log_var"), (g.detach() for g in grad(J, f, w, mu, log_var)), strict=True))


def by_backward():
    leaves = {"w": 3.0, "mu": -1.0, "log_var": np.log(9.0)}
    leaves = {name: torch.tensor(value, requires_grad=True) for name, value in leaves.items()}
    output = leaves["w"] * (leaves["mu"] + torch.exp(0.5 * leaves["log_var"]) * -0.5) + 8
    output.retain_grad()
    cost = 0.5 * (leaves["mu"] ** 2 + leaves["log_var"].exp() - 1 - leaves["log_var"])
    (0.5 * (output + 3) ** 2 + cost).backward()
    return {name: leaf.grad.item() for name, leaf in leaves.items()} | {"f": output.grad.item()}


def fractions():
    back = Fraction(7, 2)
    return {"f": back, "w": back * Fraction(-5, 2), "mu": 3 * back - 1, "log_var": "-31/8"}


def nudged():
    """A slope from two values of J."""

    def at(w, mu, log_var, f):
        out = w * (mu + np.exp(log_var / 2) * -0.5) + 8 + f
        return 0.5 * (-3 - out) ** 2 + 0.5 * (mu**2 + np.exp(log_var) - 1 - log_var)

    start = {"w": 3.0, "mu": -1.0, "log_var": np.log(9.0), "f": 0.0}
    return {key: (at(**start | {key: v + 1e-5}) - at(**start | {key: v - 1e-5})) / 2e-5 for key, v in start.items()}


ANSWERS = [
    (by_backward, "backward()", ""),
    (fractions, "fractions", ""),
    (nudged, "differences of J", ""),
    ({"f": "7/2", "w": "−35/4", "mu": 9.5, "log_var": ...}, "as the page writes it, and a part still open", "open"),
    ({"f": [3.5], "w": np.array([[-8.75]]), "mu": torch.tensor([9.5]), "log_var": -3.875}, "arrays of one number", ""),
    ({"f": x - f}, "f: x − f(z)", "f-sign"),
    ({"f": 2 * (f - x)}, "f: no ½ in the loss", "f-twice"),
    ({"f": f}, "f: f(z) alone", "f-output"),
    ({"f": x + f}, "f: a sum", "f-added"),
    ({"f": loss}, "f: the loss itself", "f-half-squared"),
    ({"f": w * mu + b - x}, "f: z = μ", "f-at-mean"),
    ({"f": w * (mu + sigma**2 * eps) + b - x}, "f: z with σ²", "f-at-var"),
    ({"f": w * z - x}, "f: no b", "f-no-bias"),
    ({"f": d_f, "w": -d_f * z}, "w: sign", "w-sign"),
    ({"f": d_f, "w": d_f}, "w: the bias' gradient", "w-bias"),
    ({"f": d_f, "w": d_f * mu}, "w: μ for z", "w-at-mean"),
    ({"f": d_f, "w": d_f * x}, "w: x for z", "w-of-x"),
    ({"f": d_f, "w": d_z}, "w: ∂J/∂z", "w-of-w"),
    ({"f": x - f, "w": (x - f) * z, "mu": 9.5}, "f: sign, and w follows", "f-sign"),
    ({"mu": d_z}, "mu: no KL", "mu-kl-missing"),
    ({"mu": grad(kl, mu)[0]}, "mu: the KL alone", "mu-path-forgotten"),
    ({"mu": d_z - mu}, "mu: the KL's sign", "mu-kl-sign"),
    ({"mu": d_z + 2 * mu}, "mu: no ½ in the KL", "mu-kl-twice"),
    ({"mu": d_f + mu}, "mu: w forgotten", "mu-path-no-weight"),
    ({"mu": sigma * d_z + mu}, "mu: times σ", "mu-path-sigma"),
    ({"mu": grad(loss - kl, mu)[0] * -1}, "mu: of KL minus loss", "mu-path-sign"),
    ({"log_var": grad(loss, log_var)[0]}, "log_var: no KL", "log-var-kl-missing"),
    ({"log_var": grad(kl, log_var)[0]}, "log_var: the KL alone", "log-var-noise-missing"),
    ({"log_var": d_z * sigma * eps + (sigma**2 - 1) / 2}, "log_var: ∂σ/∂log σ² = σ", "log-var-noise-half-missing"),
    ({"log_var": d_z * eps + (sigma**2 - 1) / 2}, "log_var: ∂z/∂σ", "log-var-noise-eps-alone"),
    ({"log_var": d_z * sigma * eps / 2 + (sigma**2 - 1)}, "log_var: no ½ in the KL", "log-var-kl-half-missing"),
    ({"log_var": d_z * sigma * eps / 2 + sigma**2 / 2}, "log_var: no −1", "log-var-kl-one-missing"),
    ({"log_var": d_z * sigma * eps / 2 - (sigma**2 - 1) / 2}, "log_var: the KL's sign", "log-var-kl-sign"),
    ({"log_var": d_z * sigma / 2 + (sigma**2 - 1) / 2}, "log_var: ε forgotten", "log-var-noise-no-eps"),
    ({"log_var": 123.4}, "log_var: a guess", "unknown"),
    ({"sigma": 3}, "another entry", "no-such-entry"),
    (3.0, "no dict", "no-dict"),
    (lambda: None, "no return", "none"),
]

"""2.1's answers: the chapter's network with another bias of the head, b₂."""

import math
from fractions import Fraction

import numpy as np
import torch
from torch.distributions import Normal, kl_divergence

LN2 = math.log(2)
x = torch.tensor([1.0, 2, 0, -1]).double()
W1 = torch.tensor([[2.0, 1, -1, 1], [-1, 1, 1, 1], [-1, -1, 1, 1]]).double()
b1 = torch.tensor([-1.0, 1, 1]).double()
W2 = torch.tensor([[0.5, 0.5, -1], [0.5, -0.5, 1], [-2 * LN2, 0, -2 * LN2], [2 * LN2, 0, -2 * LN2]]).double()
b2 = torch.tensor([-0.5, 1, 0, -2 * LN2]).double()
W3, b3 = torch.tensor([[-2.0, 0.5], [2, 0.5], [2, 0.5]]).double(), torch.tensor([-1.0, -1, 1]).double()
W4 = torch.tensor([[0.0, 1, 1], [-1, 0, 1], [1, 0, 0], [0.5, -1, 0]]).double()
b4 = torch.tensor([-1.0, 1, -1, 0]).double()

a1 = W1 @ x + b1
h1 = torch.relu(a1)
head = W2 @ h1 + b2
mu, log_var = head.chunk(2)
eps = torch.tensor([0.5, -1.5]).double()
z = mu + torch.exp(log_var / 2) * eps


def reconstruction(code):
    f = W4 @ torch.relu(W3 @ code + b3) + b4
    return 0.5 * (x - f).square().sum()


loss = reconstruction(z)
old_kl = kl_divergence(Normal(mu, torch.exp(log_var / 2)), Normal(0.0, 1.0)).sum()
right = -W2 @ h1


def oracle():
    """The bias by a linear solve, ε by the prior's own quantiles, J from distributions."""
    new = torch.linalg.solve(torch.eye(4).double(), b2 - head)
    q = Normal((W2 @ h1 + new)[:2], torch.exp((W2 @ h1 + new)[2:] / 2))
    p = Normal(0.0, 1.0)
    return {"b2": new, "eps": p.icdf(q.cdf(z)), "J": reconstruction(z) + kl_divergence(q, p).sum()}


def pencil():
    return {"b2": ["-3/2", "-1/2", "4 ln 2", "−4 ln 2"], "eps": [Fraction(9, 8), Fraction(-3, 2)], "J": "9/4"}


def rounded():
    return {"b2": [-1.5, -0.5, 2.773, -2.773], "eps": (1.125, -1.5), "J": 2.25}


def the_change():
    """By how much b₂ must move, and where it is then."""
    change = -head
    return {"b2": (b2 + change).numpy()[:, None], "eps": z[None], "J": loss.item()}


ANSWERS = [
    ({"b2": -head}, "b2: minus the head's outputs", "b2-minus-head"),
    ({"b2": b2 + head}, "b2: the head's outputs added", "b2-added"),
    ({"b2": W2 @ h1}, "b2: W₂h₁", "b2-sign"),
    ({"b2": head}, "b2: the head's outputs", "b2-head"),
    ({"b2": right + torch.tensor([0, 0, 1, 1])}, "b2: log σ² = 1", "b2-log-var-one"),
    ({"b2": right + 1}, "b2: everything 1", "b2-mean-one"),
    ({"b2": [0, 0, 0, 0]}, "b2: zeros", "b2-zero"),
    ({"b2": torch.cat([right[:2], b2[2:]])}, "b2: only μ", "b2-mean-alone"),
    ({"b2": torch.cat([b2[:2], right[2:]])}, "b2: only log σ²", "b2-log-var-alone"),
    ({"b2": -W2 @ a1}, "b2: no ReLU", "b2-no-relu"),
    ({"b2": right.roll(2)}, "b2: log σ² first", "b2-halves"),
    ({"b2": torch.cat([right[:2], right[2:] / 2])}, "b2: log σ", "b2-halved"),
    ({"b2": [-1.5, -0.5, 4, -4]}, "b2: ln 2 left out", "b2-no-ln2"),
    ({"b2": [-1.5, -0.5, 4 * LN2, 4 * LN2]}, "b2: one sign", "b2-some"),
    ({"b2": [-1.5, -0.5]}, "b2: two numbers", "shape"),
    ({"b2": right, "eps": eps}, "eps: the old one", "eps-old"),
    ({"eps": [0, 0]}, "eps: none", "eps-zero"),
    ({"eps": -z}, "eps: sign", "eps-sign"),
    ({"eps": z - mu}, "eps: z − μ", "eps-old-mean"),
    ({"eps": z * torch.exp(-log_var / 2)}, "eps: z / σ", "eps-old-sigma"),
    ({"J": loss + old_kl}, "J: the old J", "j-old"),
    ({"J": -loss}, "J: sign", "j-sign"),
    ({"J": 2}, "J: one digit", "j-rounded"),
    ({"J": old_kl}, "J: the old KL", "j-old-kl"),
    ({"J": 0}, "J: 0, as q is the prior", "j-no-reconstruction"),
    ({"J": 2 * loss}, "J: no ½", "j-half-missing"),
    ({"J": loss / 2}, "J: MSELoss", "j-averaged"),
    ({"J": loss / 4}, "J: MSELoss, and ½", "j-halves-averaged"),
    ({"J": loss + 1}, "J: the KL without −1", "j-one-missing"),
    ({"J": reconstruction(eps)}, "J: with the old ε", "j-old-eps"),
    ({"J": loss + 2 * math.log(2 * math.pi)}, "J: −ELBO", "j-constant"),
    (pencil(), "pencil: fractions and logarithms as strings", ""),
    (rounded(), "four digits", ""),
    (the_change, "a column, a row and a number", ""),
    ({"b2": np.asarray(right)}, "b2 alone", "open"),
    ({"b2": [-1.5, -0.5, "4 ln 2", ...], "J": 2.25}, "a number still open", "open"),
    ({"bias": [0, 0, 0, 0]}, "another entry", "no-such-entry"),
    ([-1.5, -0.5, 2.773, -2.773], "no dict", "no-dict"),
    (lambda: None, "no return", "none"),
]

"""2.6's answers, as students give them: one entry goes wrong where those before it are right."""

import math

import torch
from torch.nn.functional import relu

x, eps = torch.tensor([1.0, -2, 3]).double(), torch.tensor([-1.5, -2, 0.5]).double()
LN4 = 2 * math.log(2)
weights = [
    torch.tensor(numbers, dtype=torch.float64).requires_grad_()
    for numbers in (
        [[0, 2, 1], [1, 2, 1], [2, -1, -1]],
        [-1, 1, 1],
        [[-1, 0.5, -0.5], [0, -1, 1], [-0.5, -0.5, -0.5], [-LN4, LN4, -LN4], [-LN4, 0, 0], [0, LN4, -LN4]],
        [-1, -0.5, 0.5, 0, LN4, -LN4],
        [[0.5, -1, 1], [1, -1, 2], [-1, 0, 2]],
        [-1, -1, 1],
        [[-2, 1, 0.5], [0, 1, -1], [0, 0, 2]],
        [2, 1, 2],
    )
]
W1, b1, W2, b2, W3, b3, W4, b4 = weights

# The pass as a homework has it; whoever makes a mistake below has got so far.
a1 = W1 @ x + b1
h1 = relu(a1)
head = W2 @ h1 + b2
mu, log_var = head[:3], head[3:]
sigma = torch.sqrt(torch.exp(log_var))
z = mu + sigma * eps
a2 = W3 @ z + b3
h2 = relu(a2)
f = W4 @ h2 + b4
loss = 0.5 * torch.sum((x - f) ** 2)
kl = -0.5 * torch.sum(1 + log_var - mu**2 - log_var.exp())
J = loss + kl


def grad(value, *inputs):
    return torch.autograd.grad(value, inputs, retain_graph=True, materialize_grads=True)


def loss_with(new):
    W1, b1, W2, b2, W3, b3, W4, b4 = new
    mu, log_var = (W2 @ relu(W1 @ x + b1) + b2).split(3)
    f = W4 @ relu(W3 @ (mu + log_var.div(2).exp() * eps) + b3) + b4
    return ((x - f).pow(2).sum() + (mu**2 + log_var.exp() - 1 - log_var).sum()) / 2


d_f, d_h2, d_a2, d_z, d_mu, d_log_var, d_a1 = grad(J, f, h2, a2, z, mu, log_var, a1)
d_h1 = W2.T @ torch.cat([d_mu, d_log_var])


def oracle():
    """By autograd."""
    return {name: gradient.detach() for name, gradient in weights_by_backward().items()}


def weights_by_backward():
    leaves = [w.detach().clone().requires_grad_() for w in weights]
    loss_with(leaves).backward()
    return {"W1": leaves[0].grad, "W3": leaves[4].grad}


def weights_by_einsum():
    return {
        "W3": torch.einsum("i,j->ij", d_a2, z),
        "W1": [[float(d_a1[i] * x[j]) for j in range(3)] for i in range(3)],
    }


without_half = W2.T @ torch.cat([d_mu, d_log_var + d_z * eps * sigma / 2])

ANSWERS = [
    ({"W3": torch.outer(z, d_a2)}, "W3: transposed", "w3-transposed"),
    ({"W3": torch.outer(W4.T @ (f - x), z)}, "W3: no mask", "w3-no-mask"),
    ({"W3": torch.outer(d_a2, mu)}, "W3: μ for z", "w3-of-mean"),
    ({"W3": torch.outer(d_a2, h2)}, "W3: h2 for z", "w3-of-h2"),
    ({"W3": torch.outer(-d_a2, z)}, "W3: sign", "w3-sign"),
    ({"W3": torch.outer(d_z, z)}, "W3: ∂J/∂z for ∂J/∂a2", "w3-of-d-z"),
    ({"W3": torch.outer(f - x, h2)}, "W3: W4's", "w3-w4"),
    ({"W1": torch.outer(x, d_a1)}, "W1: transposed", "w1-transposed"),
    ({"W1": torch.outer(d_h1, x)}, "W1: no mask", "w1-no-mask"),
    ({"W1": torch.outer(d_a1, h1)}, "W1: h1 for x", "w1-of-h1"),
    ({"W1": grad(loss, W1)[0]}, "W1: no KL", "w1-no-kl"),
    ({"W1": grad(kl, W1)[0]}, "W1: KL only", "w1-kl-only"),
    ({"W1": torch.outer((a1 > 0) * (W2[:3].T @ d_mu), x)}, "W1: μ only", "w1-mu-only"),
    ({"W1": torch.outer((a1 > 0) * (W2[3:].T @ d_log_var), x)}, "W1: log σ² only", "w1-log-var-only"),
    ({"W1": grad(-J, W1)[0]}, "W1: sign", "w1-sign"),
    ({"W1": torch.outer((a1 > 0) * without_half, x)}, "W1: no ½ of σ", "w1-noise-half-missing"),
    (weights_by_backward, "backward()", ""),
    (weights_by_einsum, "einsum, and loops", ""),
    ({"w1": [[0, 0, 0]] * 3}, "another entry", "no-such-entry"),
    (torch.zeros(3), "no dict", "no-dict"),
]

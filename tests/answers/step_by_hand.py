"""2.7's answers, as students give them: one entry goes wrong where those before it are right."""

import math

import torch
from torch import nn
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


# A student's step, with one thing wrong by choice


def step(lr=0.001, objective=J, moved=range(8)):
    gradients = grad(objective, *weights)
    new = [w - lr * g if i in moved else w for i, (w, g) in enumerate(zip(weights, gradients, strict=True))]
    return J - loss_with(new)


def length(objective=J, of=range(8)):
    return sum((g**2).sum() for i, g in enumerate(grad(objective, *weights)) if i in of)


def norm():
    return torch.cat([g.flatten() for g in grad(J, *weights)]).norm()


def mean_square():
    return torch.cat([g.flatten() for g in grad(J, *weights)]).square().mean()


def step_by_sgd():
    leaves = [nn.Parameter(w.detach().clone()) for w in weights]
    optimizer = torch.optim.SGD(leaves, lr=1e-3)
    before = loss_with(leaves)
    before.backward()
    optimizer.step()
    norm = nn.utils.clip_grad_norm_(leaves, math.inf)
    return {"squared_length": norm**2, "fall": (before - loss_with(leaves)).item()}


def step_in_float32():
    leaves = [w.detach().float().requires_grad_() for w in weights]
    before = loss_with([w.double() for w in leaves])
    g = torch.autograd.grad(before, leaves)
    after = loss_with([w.detach().double() - 0.001 * d for w, d in zip(leaves, g, strict=True)])
    return {"fall": round((before - after).item(), 4), "squared_length": round(sum(d.norm().item() ** 2 for d in g), 1)}


def oracle():
    """By an optimiser."""
    return {name: float(value) for name, value in step_by_sgd().items()}


ANSWERS = [
    ({"squared_length": norm()}, "squared_length: ‖g‖", "squared-length-root"),
    ({"squared_length": length(of=range(0, 8, 2))}, "squared_length: no biases", "squared-length-no-biases"),
    ({"squared_length": length(of=range(4))}, "squared_length: encoder only", "squared-length-encoder-only"),
    ({"squared_length": length(of=range(4, 8))}, "squared_length: decoder only", "squared-length-decoder-only"),
    ({"squared_length": length(loss)}, "squared_length: no KL", "squared-length-no-kl"),
    ({"squared_length": mean_square()}, "squared_length: mean square", "squared-length-mean"),
    ({"fall": step(lr=-0.001)}, "fall: ascent", "fall-ascent"),
    ({"fall": -step()}, "fall: after − before", "fall-sign"),
    ({"fall": step(moved=range(4))}, "fall: encoder only", "fall-encoder-only"),
    ({"fall": step(moved=range(4, 8))}, "fall: decoder only", "fall-decoder-only"),
    ({"fall": step(moved=range(0, 8, 2))}, "fall: no biases", "fall-no-biases"),
    ({"fall": step(objective=loss)}, "fall: no KL", "fall-no-kl"),
    ({"fall": step(objective=kl)}, "fall: KL only", "fall-kl-only"),
    ({"fall": 0.001 * length()}, "fall: η‖g‖²", "fall-first-order"),
    ({"fall": J - step()}, "fall: J after", "fall-after"),
    (step_by_sgd, "an optimiser", ""),
    (step_in_float32, "float32, rounded", ""),
]

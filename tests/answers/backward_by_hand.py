"""2.5's answers, as students give them: one entry goes wrong where those before it are right."""

import math

import torch
from torch.nn.functional import mse_loss, relu

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
mask2 = torch.where(a2 > 0, 1.0, 0.0)


def oracle():
    """By autograd."""
    return gradients_by_autograd()


def gradients_by_autograd():
    return dict(zip(["f", "z", "mu", "log_var"], grad(J, f, z, mu, log_var), strict=True))


def gradients_by_differences():
    # The head's biases move μ and log σ² one by one.
    h, found = 1e-6, {"mu": [], "log_var": []}
    for i in range(6):
        J = []
        for sign in (1, -1):
            bias = b2.detach().clone()
            bias[i] += sign * h
            J.append(loss_with([W1, b1, W2, bias, W3, b3, W4, b4]).item())
        found["mu" if i < 3 else "log_var"].append((J[0] - J[1]) / (2 * h))
    return found


ANSWERS = [
    ({"f": x - f}, "f: x − f", "f-sign"),
    ({"f": 2 * (f - x)}, "f: 2(f − x)", "f-half-missing"),
    ({"f": grad(mse_loss(f, x), f)[0]}, "f: gradient of MSELoss", "f-averaged"),
    ({"f": (f - x) / len(x)}, "f: (f − x) / D", "f-divided"),
    ({"z": W3.T @ (W4.T @ (f - x))}, "z: no mask", "z-no-mask"),
    ({"z": W3.T @ relu(W4.T @ (f - x))}, "z: ReLU of the gradient", "z-relu-of-gradient|z-other-mask"),
    ({"z": W3.T @ ((a1 > 0) * (W4.T @ (f - x)))}, "z: the encoder's mask", "z-relu-of-gradient|z-other-mask"),
    ({"z": W3.T @ (mask2 * (W4 @ (f - x)))}, "z: W4 for W4ᵀ", "z-w4-not-transposed"),
    ({"z": W3 @ (mask2 * (W4.T @ (f - x)))}, "z: W3 for W3ᵀ", "z-w3-not-transposed"),
    ({"z": W3 @ (mask2 * (W4 @ (f - x)))}, "z: no transposes", "z-w4-not-transposed+w3-not-transposed"),
    ({"z": W3.T @ (mask2 * (W4.T @ (x - f)))}, "z: sign", "z-sign"),
    ({"z": W3.T @ (mask2 * (W4.T @ (2 * (f - x))))}, "z: factor 2", "z-twice"),
    ({"z": d_z + z}, "z: plus z", "z-plus-code"),
    ({"z": d_z + mu}, "z: plus μ", "z-plus-mean"),
    ({"mu": grad(loss, mu)[0]}, "mu: no KL", "mu-kl-missing"),
    ({"mu": grad(kl, mu)[0]}, "mu: KL only", "mu-path-forgotten"),
    ({"mu": d_z + 2 * mu}, "mu: 2μ", "mu-kl-twice"),
    ({"mu": grad(loss + kl / 3, mu)[0]}, "mu: mean KL", "mu-kl-averaged"),
    ({"mu": grad(loss - kl, mu)[0]}, "mu: minus KL", "mu-kl-sign"),
    ({"mu": grad(kl - loss, mu)[0]}, "mu: minus loss", "mu-path-sign"),
    ({"mu": d_z + z}, "mu: z for μ", "mu-kl-code"),
    ({"mu": d_z * sigma + mu}, "mu: times σ", "mu-path-times-sigma"),
    ({"log_var": grad(loss, log_var)[0]}, "log_var: no KL", "log-var-kl-missing"),
    ({"log_var": grad(kl, log_var)[0]}, "log_var: KL only", "log-var-noise-missing"),
    ({"log_var": d_z * eps * sigma + 0.5 * (sigma**2 - 1)}, "log_var: no ½ of σ", "log-var-noise-half-missing"),
    ({"log_var": d_z * 0.5 * sigma + 0.5 * (sigma**2 - 1)}, "log_var: no ε", "log-var-noise-no-eps"),
    ({"log_var": d_z * 0.5 * eps + 0.5 * (sigma**2 - 1)}, "log_var: no σ", "log-var-noise-no-sigma"),
    ({"log_var": d_z * 0.5 * eps * sigma**2 + 0.5 * (sigma**2 - 1)}, "log_var: σ² for σ", "log-var-noise-var"),
    ({"log_var": d_z * eps + sigma - 1 / sigma}, "log_var: ∂J/∂σ", "log-var-by-sigma"),
    ({"log_var": d_z * eps / (2 * sigma) + 0.5 - 0.5 / sigma**2}, "log_var: ∂J/∂σ²", "log-var-by-var"),
    ({"log_var": d_z * eps * sigma + sigma**2 - 1}, "log_var: ∂J/∂log σ", "log-var-by-log-sigma"),
    ({"log_var": grad(loss + 2 * kl, log_var)[0]}, "log_var: no ½ of the KL", "log-var-kl-half-missing"),
    ({"log_var": 0.5 * (d_z * eps * sigma + sigma**2)}, "log_var: no −1", "log-var-kl-one-missing"),
    ({"log_var": grad(loss - kl, log_var)[0]}, "log_var: minus KL", "log-var-kl-sign"),
    ({"log_var": grad(kl - loss, log_var)[0]}, "log_var: minus loss", "log-var-noise-sign"),
    ({"log_var": 0.5 * d_mu * eps * sigma + 0.5 * (sigma**2 - 1)}, "log_var: ∂J/∂μ for ∂J/∂z", "log-var-from-mu"),
    (gradients_by_autograd, "autograd", ""),
    (gradients_by_differences, "central differences", "open"),
    ({"mu": [-5.125, 2, 3.25], "log_var": [0.9844, -1.5, -0.2031]}, "four digits", "open"),
]

"""Chapter 2's answers: one line goes wrong where everything before it is right."""

import math

import torch
from torch import nn
from torch.nn.functional import linear, mse_loss, relu

from mistakes import Mistake, Unusual
from vae_lib.exercises import (
    check_backward_by_hand,
    check_step_by_hand,
    check_weights_by_hand,
)
from vae_lib.exercises.worked_example import NEW_EPS, NEW_WEIGHTS, NEW_X

# What a student types in: the numbers of the exercises, in float64.
x, eps = (torch.tensor(numbers.astype(float)) for numbers in (NEW_X, NEW_EPS))
W1, b1, W2, b2, W3, b3, W4, b4 = weights = [
    torch.tensor(numbers.astype(float)).requires_grad_() for numbers in NEW_WEIGHTS.values()
]

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
constant = 1.5 * math.log(2 * math.pi)


def grad(value, *inputs):
    return torch.autograd.grad(value, inputs, retain_graph=True, materialize_grads=True)


d_f, d_h2, d_a2, d_z, d_mu, d_log_var, d_a1 = grad(J, f, h2, a2, z, mu, log_var, a1)
d_h1 = W2.T @ torch.cat([d_mu, d_log_var])
mask2 = torch.where(a2 > 0, 1.0, 0.0)


def decoded(z):
    return linear(relu(linear(z, W3, b3)), W4, b4)


# A student's step, with one thing wrong by choice


def step(lr=0.001, objective=J, moved=range(8)):
    gradients = grad(objective, *weights)
    new = [w - lr * g if i in moved else w for i, (w, g) in enumerate(zip(weights, gradients, strict=True))]
    return J - loss_with(new)


def loss_with(new):
    W1, b1, W2, b2, W3, b3, W4, b4 = new
    mu, log_var = (W2 @ relu(W1 @ x + b1) + b2).split(3)
    f = W4 @ relu(W3 @ (mu + log_var.div(2).exp() * eps) + b3) + b4
    return ((x - f).pow(2).sum() + (mu**2 + log_var.exp() - 1 - log_var).sum()) / 2


def length(objective=J, of=range(8)):
    return sum((g**2).sum() for i, g in enumerate(grad(objective, *weights)) if i in of)


def rows(check, key, named: list) -> list[Mistake]:
    """A mistake in one number of an answer: its name, the wrong number, what the check must say."""
    return [Mistake(check, f"{key}: {name}", {key: value}, says) for name, value, says in named]


BACKWARD = [
    *rows(
        check_backward_by_hand,
        "f",
        [
            ("x − f", x - f, "the residual has the wrong sign"),
            ("2(f − x)", 2 * (f - x), "the ½ is forgotten"),
            ("gradient of MSELoss", grad(mse_loss(f, x), f)[0], "the squared error is averaged"),
            ("(f − x) / D", (f - x) / len(x), "the result is divided by D"),
        ],
    ),
    *rows(
        check_backward_by_hand,
        "z",
        [
            ("no mask", W3.T @ (W4.T @ (f - x)), "nothing passes where a₂ < 0"),
            ("ReLU of the gradient", W3.T @ relu(W4.T @ (f - x)), "the ReLU is applied to the gradient"),
            ("the encoder's mask", W3.T @ ((a1 > 0) * (W4.T @ (f - x))), "the mask is that of a₁"),
            ("W4 for W4ᵀ", W3.T @ (mask2 * (W4 @ (f - x))), "W₄ is not transposed"),
            ("W3 for W3ᵀ", W3 @ (mask2 * (W4.T @ (f - x))), "W₃ is not transposed"),
            ("no transposes", W3 @ (mask2 * (W4 @ (f - x))), "neither W₄ nor W₃"),
            ("sign", W3.T @ (mask2 * (W4.T @ (x - f))), "the residual has the wrong sign"),
            ("factor 2", W3.T @ (mask2 * (W4.T @ (2 * (f - x)))), "twice the gradient"),
            ("plus z", d_z + z, "the KL is computed from z"),
            ("plus μ", d_z + mu, "this is ∂J/∂μ"),
        ],
    ),
    *rows(
        check_backward_by_hand,
        "mu",
        [
            ("no KL", grad(loss, mu)[0], "the KL's part is forgotten"),
            ("KL only", grad(kl, mu)[0], "the path through the reconstruction is forgotten"),
            ("2μ", d_z + 2 * mu, "the KL's part is 2μ"),
            ("mean KL", grad(loss + kl / 3, mu)[0], "averaged over the latents"),
            ("minus KL", grad(loss - kl, mu)[0], "the KL's part has the wrong sign"),
            ("minus loss", grad(kl - loss, mu)[0], "the residual has the wrong sign"),
            ("z for μ", d_z + z, "z is used in the KL's part"),
            ("times σ", d_z * sigma + mu, "multiplied by σ"),
        ],
    ),
    *rows(
        check_backward_by_hand,
        "log_var",
        [
            ("no KL", grad(loss, log_var)[0], "the KL's part is forgotten"),
            ("KL only", grad(kl, log_var)[0], "the path through the reconstruction is forgotten"),
            ("no ½ of σ", d_z * eps * sigma + 0.5 * (sigma**2 - 1), "∂σ/∂log σ² = ½σ is forgotten"),
            ("no ε", d_z * 0.5 * sigma + 0.5 * (sigma**2 - 1), "ε is forgotten"),
            ("no σ", d_z * 0.5 * eps + 0.5 * (sigma**2 - 1), "σ is forgotten"),
            ("σ² for σ", d_z * 0.5 * eps * sigma**2 + 0.5 * (sigma**2 - 1), "σ² is used where σ belongs"),
            ("∂J/∂σ", d_z * eps + sigma - 1 / sigma, "differentiated by σ, not"),
            ("∂J/∂σ²", d_z * eps / (2 * sigma) + 0.5 - 0.5 / sigma**2, "differentiated by σ², not"),
            ("∂J/∂log σ", d_z * eps * sigma + sigma**2 - 1, "differentiated by log σ, not"),
            ("no ½ of the KL", grad(loss + 2 * kl, log_var)[0], "the ½ of the KL's part"),
            ("no −1", 0.5 * (d_z * eps * sigma + sigma**2), "the −1 of the KL's part"),
            ("minus KL", grad(loss - kl, log_var)[0], "the KL's part has the wrong sign"),
            ("minus loss", grad(kl - loss, log_var)[0], "the residual has the wrong sign"),
            ("∂J/∂μ for ∂J/∂z", 0.5 * d_mu * eps * sigma + 0.5 * (sigma**2 - 1), "only ∂J/∂z goes through"),
        ],
    ),
]

WEIGHTS = [
    *rows(
        check_weights_by_hand,
        "W3",
        [
            ("transposed", torch.outer(z, d_a2), "the result is transposed"),
            ("no mask", torch.outer(W4.T @ (f - x), z), "the ReLU's derivative is forgotten"),
            ("μ for z", torch.outer(d_a2, mu), "the input is taken to be μ"),
            ("h2 for z", torch.outer(d_a2, h2), "the input is taken to be h₂"),
            ("sign", torch.outer(-d_a2, z), "the residual has the wrong sign"),
            ("∂J/∂z for ∂J/∂a2", torch.outer(d_z, z), "∂J/∂z is used where"),
            ("W4's", torch.outer(f - x, h2), "∂J/∂W₄ is given instead"),
        ],
    ),
    *rows(
        check_weights_by_hand,
        "W1",
        [
            ("transposed", torch.outer(x, d_a1), "the result is transposed"),
            ("no mask", torch.outer(d_h1, x), "the encoder's ReLU passes every gradient back"),
            ("h1 for x", torch.outer(d_a1, h1), "the input is taken to be h₁"),
            ("no KL", grad(loss, W1)[0], "the KL's part is forgotten"),
            ("KL only", grad(kl, W1)[0], "the reconstruction's part is forgotten"),
            ("μ only", torch.outer((a1 > 0) * (W2[:3].T @ d_mu), x), "only the path through μ"),
            ("log σ² only", torch.outer((a1 > 0) * (W2[3:].T @ d_log_var), x), "only the path through log σ²"),
            ("sign", grad(-J, W1)[0], "the sign is wrong"),
            (
                "no ½ of σ",
                torch.outer((a1 > 0) * (W2.T @ torch.cat([d_mu, d_log_var + d_z * eps * sigma / 2])), x),
                "∂σ/∂log σ² is forgotten",
            ),
        ],
    ),
]

STEP = [
    *rows(
        check_step_by_hand,
        "squared_length",
        [
            ("‖g‖", torch.cat([g.flatten() for g in grad(J, *weights)]).norm(), "this is ‖g‖"),
            ("no biases", length(of=range(0, 8, 2)), "the biases are left out"),
            ("encoder only", length(of=range(4)), "the decoder is left out"),
            ("decoder only", length(of=range(4, 8)), "the encoder is left out"),
            ("no KL", length(loss), "the KL is left out"),
            (
                "mean square",
                torch.cat([g.flatten() for g in grad(J, *weights)]).square().mean(),
                "the mean of the squares",
            ),
        ],
    ),
    *rows(
        check_step_by_hand,
        "fall",
        [
            ("ascent", step(lr=-0.001), "gradient ascent"),
            ("after − before", -step(), "J after − J before"),
            ("encoder only", step(moved=range(4)), "the decoder stays where it was"),
            ("decoder only", step(moved=range(4, 8)), "the encoder stays where it was"),
            ("no biases", step(moved=range(0, 8, 2)), "the biases stay"),
            ("no KL", step(objective=loss), "the reconstruction loss alone"),
            ("KL only", step(objective=kl), "the KL alone"),
            ("η‖g‖²", 0.001 * length(), "the prediction of equation 5.5"),
            ("J after", J - step(), "J after the step is given"),
        ],
    ),
]

MISTAKES = BACKWARD + WEIGHTS + STEP


# Right, and unusual


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


def weights_by_backward():
    leaves = [w.detach().clone().requires_grad_() for w in weights]
    loss_with(leaves).backward()
    return {"W1": leaves[0].grad, "W3": leaves[4].grad}


def weights_by_einsum():
    return {
        "W3": torch.einsum("i,j->ij", d_a2, z),
        "W1": [[float(d_a1[i] * x[j]) for j in range(3)] for i in range(3)],
    }


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


UNUSUAL = [
    Unusual(check_backward_by_hand, "autograd", gradients_by_autograd),
    Unusual(check_backward_by_hand, "central differences", gradients_by_differences),
    Unusual(check_backward_by_hand, "four digits", {"mu": [-5.125, 2, 3.25], "log_var": [0.9844, -1.5, -0.2031]}),
    Unusual(check_weights_by_hand, "backward()", weights_by_backward),
    Unusual(check_weights_by_hand, "einsum, and loops", weights_by_einsum),
    Unusual(check_step_by_hand, "an optimiser", step_by_sgd),
    Unusual(check_step_by_hand, "float32, rounded", step_in_float32),
]

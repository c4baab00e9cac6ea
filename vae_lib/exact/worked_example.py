"""Chapters 2 and 5: one VAE small enough for a pencil, 4 → 3 → 2 → 3 → 4, forward and backward.

The numbers are defined once, exactly. `forward` and `backward` are array algebra whose one text serves exact numbers,
fifty-digit floats and float64. The routes through torch (`forward_torch`, `autograd`) and through `vae_lib` (`as_vae`)
share nothing with them.
"""

import numpy as np
import sympy
import torch
from torch import Tensor, nn
from torch.nn.functional import linear, relu

from vae_lib.model import VAE
from vae_lib.networks import GaussianDecoder, GaussianEncoder
from vae_lib.page.pencil import decimals, exact, exp, fifty_digits, log_two_pi, show, tensor, to_float  # noqa: F401

# The encoder θ is W1, b1, W2, b2: the upper half of W2's rows gives μ, the lower log σ². The decoder ϕ is the rest.
WEIGHTS = exact(
    {
        "W1": [[2, 1, -1, 1], [-1, 1, 1, 1], [-1, -1, 1, 1]],
        "b1": [-1, 1, 1],
        "W2": [["1/2", "1/2", -1], ["1/2", "-1/2", 1], ["-2*log(2)", 0, "-2*log(2)"], ["2*log(2)", 0, "-2*log(2)"]],
        "b2": ["-1/2", 1, 0, "-2*log(2)"],
        "W3": [[-2, "1/2"], [2, "1/2"], [2, "1/2"]],
        "b3": [-1, -1, 1],
        "W4": [[0, 1, 1], [-1, 0, 1], [1, 0, 0], ["1/2", -1, 0]],
        "b4": [-1, 1, -1, 0],
    }
)
X = exact([[1, 2, 0, -1], [2, -1, 1, 0]])
EPS = exact([["1/2", "-3/2"], ["-1/2", 2]])


def encode(x, weights: dict) -> dict:
    """From x `[data]` to q(z|x): its parameters, each `[latent]`, and what led there (equations 2.1 to 2.3)."""
    a1 = weights["W1"] @ x + weights["b1"]
    h1 = np.maximum(a1, 0)
    mu, log_var = np.split(weights["W2"] @ h1 + weights["b2"], 2)
    values = {"a1": a1, "h1": h1, "mu": mu, "log_var": log_var}
    return values | {"sigma": exp(log_var / 2), "var": exp(log_var)}


def decode(z, weights: dict) -> dict:
    """From z `[latent]` to f(z) `[data]`, and what led there (equation 2.5)."""
    a2 = weights["W3"] @ z + weights["b3"]
    h2 = np.maximum(a2, 0)
    return {"a2": a2, "h2": h2, "f": weights["W4"] @ h2 + weights["b4"]}


def forward(x, weights: dict, eps) -> dict:
    """Every value of one example from x `[data]` and ε `[latent]` to J and −ELBO: nats, lower is better (chapter 2).

    Arrays are all `exact`, or all float64; sizes are free. `negative_elbo` is that of this one ε: J plus the constant
    that turns ½‖x − f(z)‖² into −log N(x; f(z), I). Raises ValueError for names and shapes that do not fit together.
    """
    _check(x, weights, eps)
    v = {"x": x, **encode(x, weights), "eps": eps}
    v["z"] = v["mu"] + v["sigma"] * eps
    v |= decode(v["z"], weights)
    v["error"] = x - v["f"]
    v["reconstruction_loss"] = (v["error"] ** 2).sum() / 2
    v["kl_per_dimension"] = (v["mu"] ** 2 + v["var"] - 1 - v["log_var"]) / 2
    v["kl"] = v["kl_per_dimension"].sum()
    v["J"] = v["reconstruction_loss"] + v["kl"]
    v["constant"] = log_two_pi(x).sum() / 2
    v["negative_elbo"] = v["J"] + v["constant"]
    return v


def forward_handout(x, weights: dict, eps) -> dict:
    """`forward` with the hand-out's z = μ + Σᵀε: the draw of an encoder whose log σ² is twice as large (chapter 2).

    `kl` and `J` are those of a key that charges for N(μ, Σ) all the same; `kl_of_z`, `J_of_z` and `negative_elbo`
    charge for N(μ, ΣᵀΣ), which this z follows.
    """
    # Σ = diag(σ²), so Σᵀε = σ²ε: the draw of an encoder with the standard deviation σ², whose log-variance is 2 log σ².
    ours, theirs = forward(x, weights, eps), forward(x, _with_log_var_doubled(weights), eps)
    changed = {key: theirs[key] for key in ("z", "a2", "h2", "f", "error", "reconstruction_loss", "negative_elbo")}
    changed |= {"J": theirs["reconstruction_loss"] + ours["kl"], "kl_of_z": theirs["kl"], "J_of_z": theirs["J"]}
    return ours | changed


def forward_torch(x: Tensor, weights: dict, eps: Tensor) -> dict[str, Tensor]:
    """The same pass as a homework writes it, differentiable: x `[data]` or `[batch, data]`, keys as in `forward`."""
    a1 = linear(x, weights["W1"], weights["b1"])
    h1 = relu(a1)
    mu, log_var = linear(h1, weights["W2"], weights["b2"]).chunk(2, dim=-1)
    z = mu + torch.exp(0.5 * log_var) * eps
    a2 = linear(z, weights["W3"], weights["b3"])
    h2 = relu(a2)
    f = linear(h2, weights["W4"], weights["b4"])
    reconstruction_loss = 0.5 * (x - f).square().sum(-1)
    kl = 0.5 * (mu.square() + log_var.exp() - 1 - log_var).sum(-1)
    values = {"a1": a1, "h1": h1, "mu": mu, "log_var": log_var, "z": z, "a2": a2, "h2": h2, "f": f}
    return values | {"reconstruction_loss": reconstruction_loss, "kl": kl, "J": reconstruction_loss + kl}


def as_vae(weights: dict = WEIGHTS) -> VAE:
    """The worked example as a `vae_lib` model in float64, its decoder's noise_std fixed at 1."""
    (hidden_dim, data_dim), latent_dim = weights["W1"].shape, len(weights["b2"]) // 2
    encoder = GaussianEncoder(data_dim, latent_dim, hidden_dim)
    decoder = GaussianDecoder(latent_dim, data_dim, len(weights["b3"]))
    decoder.log_sigma.requires_grad_(False)
    model = VAE(encoder, decoder, latent_dim).double()
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    for i, layer in enumerate(layers, start=1):
        layer.weight.data, layer.bias.data = tensor(weights[f"W{i}"]), tensor(weights[f"b{i}"])
    return model


LABELS = {
    "x": "x",
    "a1": "a₁ = W₁x + b₁",
    "h1": "h₁ = ReLU(a₁)",
    "mu": "μ, from W₂h₁ + b₂",
    "log_var": "log σ², from W₂h₁ + b₂",
    "sigma": "σ",
    "var": "diagonal of Σ",
    "eps": "ε",
    "z": "z = μ + σ ⊙ ε",
    "a2": "a₂ = W₃z + b₃",
    "h2": "h₂ = ReLU(a₂)",
    "f": "f(z) = W₄h₂ + b₄",
    "error": "x − f(z)",
    "reconstruction_loss": "½‖x − f(z)‖²",
    "kl_per_dimension": "KL of each latent",
    "kl": "KL",
    "J": "J",
    "kl_of_z": "KL of N(μ, ΣᵀΣ)",
    "J_of_z": "J with the KL of N(μ, ΣᵀΣ)",
    "constant": "½ D log 2π",
    "negative_elbo": "−ELBO with this ε",
}
HANDOUT_LABELS = LABELS | {"z": "z = μ + Σᵀε", "kl": "KL of N(μ, Σ)", "J": "J with the KL of N(μ, Σ)"}
CONVENTIONS = {"L": (forward, LABELS), "handout": (forward_handout, HANDOUT_LABELS)}


def trace(x, weights: dict, eps, convention: str = "L") -> dict:
    """Print every value of your own Figure 2, exactly where that is short, and as a decimal; returns them.

    `weights` maps W1, b1, …, W4, b4 to lists, arrays or tensors; a row of a W makes one output, and the rows of W2 give
    first μ, then log σ². All are read by `exact`. `convention` "L" is `forward`, "handout" `forward_handout`. Raises
    ValueError for another convention, for what is no real number, and for names and shapes that do not fit together.
    """
    if convention not in CONVENTIONS:
        raise ValueError(f"expected convention to be one of {list(CONVENTIONS)}, got {convention!r}")
    compute, labels = CONVENTIONS[convention]
    v = compute(exact(x), exact(weights), exact(eps))
    rows = [(labels[key], show(v[key]), decimals(v[key])) for key in labels if key in v]
    rows = [(label, text if len(text) < 40 else "…", decimal) for label, text, decimal in rows]
    label_width, text_width, _ = (max(map(len, column)) for column in zip(*rows, strict=True))
    for label, text, decimal in rows:
        print(f"{label:<{label_width}} = {text:<{text_width}} ≈ {decimal}")
    return v


def backward(x, weights: dict, eps, *, reconstruction=1, kl=1) -> dict:
    """The gradient of J by hand, from f back to W1: keys and shapes are those of the values (chapter 5).

    `reconstruction` and `kl` weigh the two terms of J: with `kl=0` what remains comes from the reconstruction alone.
    """
    v, w, d = forward(x, weights, eps), weights, {}
    d["f"] = -reconstruction * v["error"]
    d["W4"], d["b4"], d["h2"] = np.outer(d["f"], v["h2"]), d["f"], w["W4"].T @ d["f"]
    d["a2"] = np.where(v["a2"] > 0, d["h2"], 0)
    d["W3"], d["b3"], d["z"] = np.outer(d["a2"], v["z"]), d["a2"], w["W3"].T @ d["a2"]
    d["mu"] = d["z"] + kl * v["mu"]
    # σ = exp(½ log σ²), so ∂z/∂log σ² = ½σε; the KL adds ∂/∂log σ² of ½ (σ² − log σ²).
    d["log_var"] = d["z"] * eps * v["sigma"] / 2 + kl * (v["var"] - 1) / 2
    d["b2"] = np.concatenate([d["mu"], d["log_var"]])
    d["W2"], d["h1"] = np.outer(d["b2"], v["h1"]), w["W2"].T @ d["b2"]
    d["a1"] = np.where(v["a1"] > 0, d["h1"], 0)
    d["W1"], d["b1"] = np.outer(d["a1"], x), d["a1"]
    return d


def autograd(x, weights: dict, eps, *, reconstruction=1, kl=1) -> dict[str, np.ndarray]:
    """What `backward` computes, by torch's autograd through `forward_torch`, in float64."""
    weights = {name: array.requires_grad_() for name, array in tensor(weights).items()}
    v = forward_torch(tensor(x), weights, tensor(eps))
    wanted = weights | {name: v[name] for name in ("a1", "h1", "mu", "log_var", "z", "a2", "h2", "f")}
    J = reconstruction * v["reconstruction_loss"] + kl * v["kl"]
    return {name: grad.numpy() for name, grad in zip(wanted, torch.autograd.grad(J, wanted.values()), strict=True)}


def central_differences(x, weights: dict, eps, *, step: str = "1e-20") -> dict[str, np.ndarray]:
    """(J(w + h) − J(w − h)) / 2h for every weight w, in fifty digits, given in float64: a route without calculus."""
    x, weights, eps, h = fifty_digits(x), fifty_digits(weights), fifty_digits(eps), sympy.Float(step, 50)
    gradient = {name: np.empty(array.shape) for name, array in weights.items()}
    for name, array in gradient.items():
        for index in np.ndindex(array.shape):
            J = [forward(x, _moved(weights, name, index, change), eps)["J"] for change in (h, -h)]
            array[index] = (J[0] - J[1]) / (2 * h)
    return gradient


def _with_log_var_doubled(weights: dict) -> dict:
    (mu_weight, log_var_weight), (mu_bias, log_var_bias) = np.split(weights["W2"], 2), np.split(weights["b2"], 2)
    head = {"W2": np.vstack([mu_weight, 2 * log_var_weight]), "b2": np.concatenate([mu_bias, 2 * log_var_bias])}
    return weights | head


def _moved(weights: dict, name: str, index: tuple, change) -> dict:
    moved = weights[name].copy()
    moved[index] += change
    return weights | {name: moved}


def _check(x, weights: dict, eps) -> None:
    if weights.keys() != WEIGHTS.keys():
        raise ValueError(f"expected weights named {', '.join(WEIGHTS)}, got {', '.join(weights)}")
    sizes = data, hidden, latent, hidden2 = [np.size(vector) for vector in (x, weights["b1"], eps, weights["b3"])]
    if 0 in sizes:
        raise ValueError(f"expected at least one number in each of x, b1, eps and b3, got sizes {sizes}")
    shapes = {"x": (data,), "eps": (latent,), "W1": (hidden, data), "b1": (hidden,), "W2": (2 * latent, hidden)}
    shapes |= {"b2": (2 * latent,), "W3": (hidden2, latent), "b3": (hidden2,), "W4": (data, hidden2), "b4": (data,)}
    for name, shape in shapes.items():
        got = np.shape({"x": x, "eps": eps, **weights}[name])
        if got != shape:
            raise ValueError(f"expected {name} of shape {shape} to fit x, b1, eps and b3, got {got}")

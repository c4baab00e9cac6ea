r"""# From J back to μ and log σ², by hand

Now backwards. How does $J$ change with $f(z)$, with $z$, with $\mu$ and with $\log \sigma^2$? Compute $\partial J / \partial f$, $\partial J / \partial z$, $\partial J / \partial \mu$ and $\partial J / \partial \log \sigma^2$, three numbers each. (For $z$, only the way through the decoder counts; $\mu$ and $\log \sigma^2$ reach $J$ through $z$ *and* through the KL.) None of these numbers has a logarithm in it.

## Hint: where to look
[Chapter 5](05_training.ipynb) opens with the backward pass of this chapter's example: (5.1) to (5.3). If you know the chain rule, you can do without.

## Hint: the idea
Walk the worksheet from its end to its beginning. Where the forward pass multiplied by $W$, the backward pass multiplies by $W^\top$; where the ReLU made a 0 of a negative number, it lets no gradient back. At $\mu$ and at $\log \sigma^2$, add the derivative of the KL to what came through $z$.

## Hint: nearly the code
$\partial J / \partial f$ is a residual: mind its sign. $W_4^\top$ takes it to $h_2$; set it to 0 where $a_2 < 0$; $W_3^\top$ takes the rest to $z$. The KL adds $\mu$ for $\mu$, and $\tfrac12(\sigma^2 - 1)$ for $\log \sigma^2$. One unit of $\log \sigma^2$ moves $z$ by $\tfrac12\, \sigma \odot \varepsilon$.
"""  # noqa: E501

import numpy as np

from vae_lib.exercises.engine import ByHand, swap, whole
from vae_lib.exercises.families import same
from vae_lib.exercises.families.backward import (
    KL_BY_LOG_VAR,
    KL_BY_MEAN,
    THROUGH_NOISE,
    back,
    backs,
    gate,
    gates,
    kl_by_log_var,
    kl_by_mean,
    products_back,
    through_noise,
)
from vae_lib.exercises.families.layers import alone_and_two, relu, swaps
from vae_lib.exercises.families.network import ON, values_given

ANSWER = "my_gradients"
STUB = """\
my_gradients = {
    "f": ...,
    "z": ...,
    "mu": ...,
    "log_var": ...,
}
"""
SOLUTION = """\
def gradients_solution():
    v = forward(NEW_X, NEW_WEIGHTS, NEW_EPS)
    d_f = v["f"] - NEW_X
    d_a2 = np.where(v["a2"] > 0, NEW_WEIGHTS["W4"].T @ d_f, 0)
    d_z = NEW_WEIGHTS["W3"].T @ d_a2
    d_log_var = v["sigma"] * NEW_EPS * d_z / 2 + (v["var"] - 1) / 2
    return {"f": d_f, "z": d_z, "mu": d_z + v["mu"], "log_var": d_log_var}


check_backward_by_hand(gradients_solution)
table(["with respect to", "∂J"], [[f"`{key}`", f"${latex(row)}$"] for key, row in gradients_solution().items()])
"""

STEPS = {
    "f": lambda x, output: output - x,
    "z": lambda f, a2, weight3, weight4: weight3.T @ np.where(a2 > 0, weight4.T @ f, 0),
    "mu": lambda z, mean: z + mean,
    "log_var": lambda z, sigma, eps: z * sigma * eps / 2 + (sigma**2 - 1) / 2,
}


def decoded(values, z):
    v = values
    return v["weight4"] @ relu(v["weight3"] @ z + v["b3"]) + v["b4"]


def by_output(values, *, of=lambda x, output: output - x, then=same):
    return then(of(values["x"], values["output"]))


OF = {
    "sign": ("the residual has the wrong sign: this is x − f(z)", lambda x, output: x - output),
    "added": ("x and f(z) are added", lambda x, output: x + output),
    "output": ("x is forgotten: this is f(z)", lambda x, output: output),
    "minus-output": ("x is forgotten: this is −f(z)", lambda x, output: -output),
    "x": ("f(z) is forgotten: this is −x", lambda x, output: -x),
    "mask": (
        "a ReLU's derivative is applied at f(z): there is no ReLU after the last layer",
        lambda x, output: (output - x) * (output > 0),
    ),
}
THEN = {
    "half-missing": ("the ½ is forgotten: its 2 has to cancel that of the square", lambda d: 2 * d),
    "averaged": ("the squared error is averaged: J has half its sum", lambda d: 2 * d / 3),
    "divided": ("the result is divided by D, the number of entries of x", lambda d: d / 3),
    "half": ("the ½ is kept: the 2 of the square cancels it", lambda d: d / 2),
    "squared": ("the residual is squared: it is not differentiated", lambda d: d**2),
    "half-squared": ("half the squared residual is given: it is not differentiated", lambda d: d**2 / 2),
    "absolute": ("the residual loses its sign", abs),
    "signs": ("only the residual's sign is kept: that is the gradient of Σ|x − f(z)|", np.sign),
    "unit": (
        "the residual is divided by its norm: that is the gradient of ‖x − f(z)‖",
        lambda d: d / np.linalg.norm(d),
    ),
}


def by_code(values, *, to_h2=back, mask=gate, to_z=back, times=1, plus=None):
    v = values
    d = times * to_z(v["weight3"], mask(to_h2(v["weight4"], v["f"]), v["a2"], v["a1"]))
    return d + v[plus] if plus else d


def by_mean(values, *, path=lambda sigma, eps: 1, kl=kl_by_mean):
    return values["z"] * path(values["sigma"], values["eps"]) + kl(values["mean"], values["code"])


TIMES = {
    "sign": ("the residual has the wrong sign", -1),
    "twice": ("the ½ of the squared error is forgotten: twice the gradient", 2),
    "averaged": ("the squared error is averaged, and not halved", 2 / 3),
    "divided": ("the result is divided by 3", 1 / 3),
}
ONLY = "the path through the reconstruction"
PATH = {
    "forgotten": (f"{ONLY} is forgotten: this is the KL's part alone", lambda sigma, eps: 0),
    "sign": ("the residual has the wrong sign", lambda sigma, eps: -1),
    "doubled": (f"{ONLY} is counted twice", lambda sigma, eps: 2),
    "times-sigma": (f"{ONLY} is multiplied by σ: one unit of μ moves z by one", lambda sigma, eps: sigma),
    "times-eps": (f"{ONLY} is multiplied by ε: one unit of μ moves z by one", lambda sigma, eps: eps),
    "times-noise": (f"{ONLY} is multiplied by σε: one unit of μ moves z by one", lambda sigma, eps: sigma * eps),
}


def by_log_var(values, *, of="z", noise=through_noise, kl=kl_by_log_var):
    return values[of] * noise(values["sigma"], values["eps"]) + kl(values["sigma"])


SLIPS_OF_CODE = {
    **alone_and_two(
        by_code,
        {
            **gates("mask", "a₂", "a₁"),
            **backs("to_h2", "W₄", "w4-"),
            **backs("to_z", "W₃", "w3-"),
            **swaps("times", TIMES),
            "plus-mean": swap("μ is added already: this is ∂J/∂μ", plus="mean"),
            "plus-code": swap("the KL is computed from z: it depends on μ and log σ² alone", plus="code"),
        },
        products_back("to_z", "", "") | products_back("to_h2", " of ∂J/∂h₂", "h2-"),
    ),
    "times-sigma": whole(
        "it is multiplied by σ: nothing but W₃ᵀ stands between a₂ and z",
        lambda values: by_code(values) * values["sigma"],
    ),
    "times-noise": whole(
        "it is multiplied by σ ⊙ ε: that belongs to ∂J/∂log σ²",
        lambda values: by_code(values) * values["sigma"] * values["eps"],
    ),
    "forward": whole(
        "nothing is transposed and no ReLU is passed: W₃W₄ in place of W₃ᵀ, the mask of a₂ and W₄ᵀ",
        lambda f, weight3, weight4: weight3 @ (weight4 @ f),
    ),
    "mask-last": whole(
        "the mask of a₂ is applied after W₃: it belongs between W₄ and W₃",
        lambda f, a2, weight3, weight4: np.where(a2 > 0, weight3.T @ (weight4.T @ f), 0),
    ),
    "order": whole(
        "W₃ comes before W₄ on the way back",
        lambda f, a2, weight3, weight4: weight4.T @ np.where(a2 > 0, weight3.T @ f, 0),
    ),
    "mask-of-z": whole(
        "the mask is z > 0: it is a₂ > 0",
        lambda f, code, weight3, weight4: weight3.T @ np.where(code > 0, weight4.T @ f, 0),
    ),
}
OTHERS = {
    "by-sigma": (
        "J is differentiated by σ, not by log σ²",
        lambda z, mean, sigma, eps: z * eps + sigma - 1 / sigma,
    ),
    "by-var": (
        "J is differentiated by σ², not by log σ²",
        lambda z, mean, sigma, eps: (z * eps / sigma + 1 - sigma**-2) / 2,
    ),
    "by-log-sigma": (
        "J is differentiated by log σ, not by log σ², or both ½ are forgotten",
        lambda z, mean, sigma, eps: z * sigma * eps + sigma**2 - 1,
    ),
    "mean-added": (
        "μ is added: that belongs to ∂J/∂μ",
        lambda z, mean, sigma, eps: z * sigma * eps / 2 + (sigma**2 - 1) / 2 + mean,
    ),
    "mean-for-kl": ("μ is used as the KL's part", lambda z, mean, sigma, eps: z * sigma * eps / 2 + mean),
}
SLIPS_OF_LOG_VAR = {
    **alone_and_two(
        by_log_var,
        {
            **swaps("noise", THROUGH_NOISE, "noise-"),
            **swaps("kl", KL_BY_LOG_VAR, "kl-"),
            "from-mu": swap("the KL's part of μ is carried along: only ∂J/∂z goes through the noise", of="mu"),
        },
    ),
    **{
        key: whole(words, lambda z, mean, sigma, eps, f=f: f(z, mean, sigma, eps)) for key, (words, f) in OTHERS.items()
    },
}

check_backward_by_hand = ByHand(
    name="backward_by_hand",
    data=values_given,
    steps=STEPS,
    asked={
        "f": "∂J/∂f, three numbers",
        "z": "∂J/∂z, three numbers",
        "mu": "∂J/∂μ, three numbers",
        "log_var": "∂J/∂log σ², three numbers",
    },
    on=ON,
    level="deeper",
    dots=2,
    minutes=15,
    slips={
        "f": {
            **alone_and_two(by_output, swaps("of", OF) | swaps("then", THEN)),
            "at-mean": whole(
                "f(μ) is used in place of f(z)", lambda values: decoded(values, values["mean"]) - values["x"]
            ),
            "at-var": whole(
                "σ² is used in place of σ in z",
                lambda values: decoded(values, values["mean"] + values["var"] * values["eps"]) - values["x"],
            ),
        },
        "z": SLIPS_OF_CODE,
        "mu": alone_and_two(by_mean, swaps("path", PATH, "path-") | swaps("kl", KL_BY_MEAN, "kl-")),
        "log_var": SLIPS_OF_LOG_VAR,
    },
)

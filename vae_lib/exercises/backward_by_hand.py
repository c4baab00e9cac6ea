r"""# From J back to μ and log σ², by hand

Now backwards. How does $J$ change with $f(z)$, with $z$, with $\mu$ and with $\log \sigma^2$? Compute $\partial J / \partial f$, $\partial J / \partial z$, $\partial J / \partial \mu$ and $\partial J / \partial \log \sigma^2$, three numbers each. (For $z$, only the way through the decoder counts; $\mu$ and $\log \sigma^2$ reach $J$ through $z$ *and* through the KL.) None of these numbers has a logarithm in it.

## Hint: where to look
[The backward pass, with a pencil](05_training.ipynb#the-backward-pass-with-a-pencil) in chapter 5 has this chapter's example: (5.1) to (5.3). If you know the chain rule, you do not need it.

## Hint: the idea
Walk the worksheet from its end to its beginning. Where the forward pass multiplied by $W$, the backward pass multiplies by $W^\top$; where the ReLU made a 0 of a negative number, it lets no gradient back. At $\mu$ and at $\log \sigma^2$, add the derivative of the KL to what came through $z$.

## Hint: nearly the numbers
$\partial J / \partial f$ is a residual: mind its sign. $W_4^\top$ takes it to $h_2$; set it to 0 where $a_2 < 0$; $W_3^\top$ takes the rest to $z$. The KL adds $\mu$ for $\mu$, and $\tfrac12(\sigma^2 - 1)$ for $\log \sigma^2$. One unit of $\log \sigma^2$ moves $z$ by $\tfrac12\, \sigma \odot \varepsilon$.
"""  # noqa: E501

import numpy as np

from vae_lib.exercises.engine import ByHand, swap
from vae_lib.exercises.families import same, swaps
from vae_lib.exercises.families.backward import BY_LOG_VAR, BY_MEAN, THROUGH_NOISE, TO_A2, backs, gate
from vae_lib.exercises.families.layers import alone_and_two, products, relu
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

OF = {
    "sign": ("the residual has the wrong sign: this is x − f(z)", lambda d, x: -d),
    "added": ("x and f(z) are added", lambda d, x: d + 2 * x),
    "output": ("x is forgotten: this is f(z)", lambda d, x: d + x),
    "x": ("f(z) is forgotten: this is −x", lambda d, x: -x),
    "mask": ("a ReLU's derivative is applied: there is no ReLU after the last layer", lambda d, x: d * (d > -x)),
}
THEN = {
    "half-missing": ("the ½ is forgotten: its 2 has to cancel that of the square", lambda d: 2 * d),
    "averaged": ("the squared error is averaged: J has half its sum", lambda d: 2 * d / 3),
    "divided": ("the result is divided by D, the number of entries of x", lambda d: d / 3),
    "half": ("the ½ is kept: the 2 of the square cancels it", lambda d: d / 2),
    "squared": ("the residual is squared: it is not differentiated", lambda d: d**2),
    "half-squared": ("half the squared residual is given: it is not differentiated", lambda d: d**2 / 2),
    "absolute": ("the residual loses its sign", abs),
    "unit": ("the residual is divided by its norm: so is the gradient of ‖x − f(z)‖", lambda d: d / np.linalg.norm(d)),
}
ONLY = "the path through the reconstruction"
PATH = {
    "forgotten": (f"{ONLY} is forgotten: this is the KL's part alone", lambda z: 0 * z),
    "sign": ("the residual has the wrong sign", lambda z: -z),
    "doubled": (f"{ONLY} is counted twice", lambda z: 2 * z),
    "times-sigma": (f"{ONLY} is multiplied by σ: one unit of μ moves z by one", lambda z, sigma: z * sigma),
    "times-eps": (f"{ONLY} is multiplied by ε: one unit of μ moves z by one", lambda z, eps: z * eps),
    "times-noise": (f"{ONLY} is multiplied by σε: one unit of μ moves z by one", lambda z, sigma, eps: z * sigma * eps),
}
LOG_SIGMA = "J is differentiated by log σ, not by log σ², or both ½ are forgotten"
OTHERS = {  # in the places of ∂z/∂log σ² and of the derivative of the KL
    "by-sigma": ("J is differentiated by σ, not by log σ²", "eps", lambda sigma: sigma - 1 / sigma),
    "by-var": ("J is differentiated by σ², not by log σ²", lambda sigma, eps: eps / sigma / 2, BY_LOG_VAR["by-var"][1]),
    "by-log-sigma": (LOG_SIGMA, lambda sigma, eps: sigma * eps, lambda sigma: sigma**2 - 1),
    "mean-added": ("μ is added: that belongs to ∂J/∂μ", "noise", lambda by_log_var, mean: by_log_var + mean),
    "mean-for-kl": ("μ is used as the KL's part", "noise", "mean"),
}


def by_output(x, code, b3, b4, weight3, weight4, *, of=lambda d, x: d, then=same):
    return then(of(weight4 @ relu(weight3 @ code + b3) + b4 - x, x))


def by_code(f, a2, weight3, weight4, values, *, mask=gate, last=lambda d, a: d, times=1, plus=""):
    d = times * last(weight3.T @ mask(weight4.T @ f, a2), a2)
    return d + values[plus] if plus else d


SLIPS = {
    "f": alone_and_two(
        by_output,
        swaps("of", OF) | swaps("then", THEN),
        {
            "at-mean": swap("f(μ) is used in place of f(z)", code="mean"),
            "at-var": swap("σ² is used in place of σ in z", code=lambda mean, var, eps: mean + var * eps),
        },
    ),
    "z": alone_and_two(
        by_code,
        {
            **TO_A2,
            **backs("weight3", "w3-"),
            "plus-mean": swap("μ is added already: this is ∂J/∂μ", plus="mean"),
            "plus-code": swap("the KL is computed from z: it depends on μ and log σ² alone", plus="code"),
            "mask-last": swap("the mask of a₂ comes after W₃: it belongs before", mask=lambda d, a: d, last=gate),
            "mask-of-z": swap("the mask is z > 0: it is a₂ > 0", a2="code"),
        },
        products("weight3") | products("weight4", of=" of ∂J/∂h₂", prefix="h2-"),
    ),
    "mu": alone_and_two(STEPS["mu"], swaps("z", PATH, "path-") | swaps("mean", BY_MEAN, "kl-")),
    "log_var": alone_and_two(
        lambda z, noise, by_log_var: z * noise + by_log_var,
        {
            **swaps("noise", THROUGH_NOISE, "noise-"),
            **swaps("by_log_var", BY_LOG_VAR, "kl-"),
            "from-mu": swap("the KL's part of μ is carried along: only ∂J/∂z goes through the noise", z="mu"),
        },
        {key: swap(words, noise=noise, by_log_var=kl) for key, (words, noise, kl) in OTHERS.items()},
    ),
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
    effort="deeper · ●●○ · 15 minutes",
    slips=SLIPS,
)

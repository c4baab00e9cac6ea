r"""# Who pulls where, by hand

A VAE for the back of an envelope: one number $x$, one latent. For $x = -3$ the encoder says $\mu = -1$ and $\sigma = 3$. The draw is $\varepsilon = -\tfrac12$. The decoder is $f(z) = wz + b$ with $w = 3$ and $b = 8$, and $J = \tfrac12 (x - f(z))^2 + \mathrm{KL}$. Compute on paper $\partial J / \partial f$, $\partial J / \partial w$, $\partial J / \partial \mu$ and $\partial J / \partial \log \sigma^2$, a number each. Before you check: which of the two terms wants a larger $\sigma$, and which of them wins?

## Hint: where to look
[(5.1)](#the-backward-pass-with-a-pencil) and [(5.3)](#the-backward-pass-with-a-pencil). Compute $z$ and $f(z)$ first.

## Hint: the idea
Every way back to $\mu$ and to $\log \sigma^2$ leads through $z$, and $\partial J / \partial z$ is $w$ times $\partial J / \partial f$. The weight $w$ gets what came back at its output, times what went in at its input. The KL is a second way, to $\mu$ and $\log \sigma^2$ alone.

## Hint: nearly the numbers
$z = -1 + 3 \cdot (-\tfrac12)$, and $\partial J / \partial f$ is $f(z) - x$, which is positive here. The slope of $z$ by $\log \sigma^2$ is $\tfrac12 \sigma \varepsilon = -\tfrac34$. The KL adds $\mu$ for $\mu$, and $\tfrac12 (\sigma^2 - 1)$ for $\log \sigma^2$.
"""  # noqa: E501

import numpy as np

from vae_lib.exercises.engine import ByHand, swap
from vae_lib.exercises.families.backward import BY_LOG_VAR, BY_MEAN, THROUGH_NOISE
from vae_lib.exercises.families.layers import alone_and_two, swaps

ANSWER = "my_pulls"
STUB = """\
my_pulls = {
    "f": ...,
    "w": ...,
    "mu": ...,
    "log_var": ...,
}
"""
SOLUTION = """\
def pulls_solution():
    z = -1 + 3 * -0.5
    d_f = 3 * z + 8 - -3
    from_reconstruction, from_kl = 3 * d_f * 0.5 * 3 * -0.5, 0.5 * (3**2 - 1)
    return {"f": d_f, "w": d_f * z, "mu": 3 * d_f - 1, "log_var": from_reconstruction + from_kl}


check_pulls_by_hand(pulls_solution)
pulls = [["the reconstruction: a larger σ, and it wins", 3 * 3.5 * -0.75], ["the KL: a smaller σ", 4.0]]
table(["who wants what", "∂J/∂log σ²"], pulls)
"""

BOOK = {"x": -3.0, "weight": 3.0, "bias": 8.0, "mean": -1.0, "sigma": 3.0, "eps": -0.5}


def values(rng: np.random.Generator | None) -> dict[str, np.ndarray]:
    """The numbers in the book; with a generator, another x, w, b and μ. And z, ½σε, and the KL's part of log σ²."""
    v = dict(BOOK)
    if rng is not None:
        v |= {name: v[name] + rng.choice([-0.5, 0.5, 1]) for name in ("x", "weight", "bias", "mean")}
    v["code"] = v["mean"] + v["sigma"] * v["eps"]
    v |= {"noise": v["sigma"] * v["eps"] / 2, "by_log_var": (v["sigma"] ** 2 - 1) / 2}
    return {name: np.asarray(value) for name, value in v.items()}


STEPS = {
    "f": lambda x, weight, bias, code: weight * code + bias - x,
    "w": lambda f, code: f * code,
    "mu": lambda f, weight, mean: weight * f + mean,
    "log_var": lambda f, weight, sigma, eps: weight * f * sigma * eps / 2 + (sigma**2 - 1) / 2,
}

OF = {
    "sign": ("the residual has the wrong sign: this is x − f(z)", lambda d, x: -d),
    "added": ("x and f(z) are added", lambda d, x: d + 2 * x),
    "output": ("x is forgotten: this is f(z)", lambda d, x: d + x),
    "twice": ("the ½ of the squared error is forgotten: its 2 has to cancel it", lambda d, x: 2 * d),
    "half": ("the ½ is kept: the 2 of the square cancels it", lambda d, x: d / 2),
    "half-squared": ("half the squared residual is given: it is not differentiated", lambda d, x: d**2 / 2),
}
CODE = {  # in the place of z
    "at-mean": ("μ is used in place of z", "mean"),
    "at-var": ("σ² is used in place of σ in z", lambda mean, sigma, eps: mean + sigma**2 * eps),
    "at-minus": ("z is taken to be μ − σε", lambda mean, sigma, eps: mean - sigma * eps),
    "at-noise": ("μ is left out of z", lambda sigma, eps: sigma * eps),
}
IN_W = {
    "sign": ("the sign is wrong", lambda d, z: -d * z),
    "bias": ("the input z is left out: this is the gradient of b", lambda d, z: d),
    "input": ("what came back is left out: this is z", lambda d, z: z),
    "twice": ("the gradient is counted twice", lambda d, z: 2 * d * z),
    "sum": ("what came back and what went in are added: they are multiplied", lambda d, z: d + z),
}
PATH = {  # in the place of w
    "no-weight": ("w is left out on the way back from f to z", lambda weight: 1),
    "sign": ("the residual has the wrong sign on the way back", lambda weight: -weight),
    "twice": ("the path through the reconstruction is counted twice", lambda weight: 2 * weight),
    "by-weight": ("what came back is divided by w: it is multiplied", lambda weight: 1 / weight),
}
TO_MEAN = {
    "forgotten": ("the path through the reconstruction is forgotten: this is the KL's part alone", lambda weight: 0),
    "sigma": ("the path is multiplied by σ: one unit of μ moves z by one", lambda weight, sigma: weight * sigma),
    "eps": ("the path is multiplied by ε: one unit of μ moves z by one", lambda weight, eps: weight * eps),
}


def alone(parts, mistakes: dict, *left_out: str) -> dict:
    """One slip at a time: of a single number, two would fit too much by chance."""
    return alone_and_two(parts, {key: slip for key, slip in mistakes.items() if key not in left_out}, often=())


SLIPS = {
    "f": alone(
        lambda x, weight, bias, code, *, of=lambda d, x: d: of(weight * code + bias - x, x),
        swaps("of", OF) | swaps("code", CODE) | {"no-bias": swap("b is left out", bias=lambda bias: 0)},
    ),
    "w": alone(
        lambda f, code, *, of=lambda d, z: d * z: of(f, code),
        swaps("of", IN_W)
        | swaps("code", CODE)
        | {"of-x": swap("the input is taken to be x: it is z", code="x")}
        | {"of-w": swap("what came back is multiplied by w: this is ∂J/∂z", code="weight")},
    ),
    "mu": alone(
        lambda f, weight, mean: weight * f + mean,
        swaps("weight", PATH | TO_MEAN, "path-") | swaps("mean", BY_MEAN, "kl-"),
        "kl-averaged",  # there is one latent
    ),
    "log_var": alone(
        lambda f, weight, noise, by_log_var: weight * f * noise + by_log_var,
        swaps("weight", PATH, "path-")
        | swaps("noise", THROUGH_NOISE, "noise-")
        | swaps("by_log_var", BY_LOG_VAR, "kl-"),
        "kl-averaged",
        "noise-sign",  # the path's sign
        "path-twice",  # so is a ½ that is forgotten
    ),
}

check_pulls_by_hand = ByHand(
    name="pulls_by_hand",
    data=values,
    steps=STEPS,
    asked={
        "f": "∂J/∂f, a number",
        "w": "∂J/∂w, a number",
        "mu": "∂J/∂μ, a number",
        "log_var": "∂J/∂log σ², a number",
    },
    on="x = -3, w = 3, b = 8, mu = -1, sigma = 3, eps = -0.5",
    effort="core · ●○○ · 3 minutes",
    slips=SLIPS,
)

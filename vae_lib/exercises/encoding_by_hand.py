r"""# Encode and sample, by hand

Encode and sample: compute $h_1$, $\mu$, $\log \sigma^2$, $\sigma$ and $z$ of the new network. Each has three numbers.

## Hint: where to look
Equations (2.1) to (2.4), one for each line of the stub but for (2.2), which makes two.

## Hint: the idea
One unit of $h_1$ is off; cross out its column of $W_2$ before you multiply. Keep $\log \sigma^2$ as multiples of $\ln 2$: half of such a multiple, exponentiated, is a power of two.

## Hint: nearly the code
The first number of $a_1$ is the first *row* of $W_1$ times $x$, plus the first number of $b_1$. The upper three rows of $W_2$, times $h_1$ and plus $b_2$, are $\mu$; the lower three are $\log \sigma^2$. Then $\sigma = \exp(\tfrac12 \log \sigma^2)$, and each $z$ is its own $\mu$ plus its own $\sigma$ times its own $\varepsilon$.
"""  # noqa: E501

import numpy as np

from vae_lib.exercises.engine import ByHand, swap, whole
from vae_lib.exercises.families import same
from vae_lib.exercises.families.layers import (
    DRAWS,
    activations,
    alone_and_two,
    copied,
    exchanged,
    in_one_number,
    layer,
    layers,
    products,
    relu,
    softplus,
    swaps,
)
from vae_lib.exercises.families.network import ON, numbers

ANSWER = "my_encoding"
STUB = """\
my_encoding = {
    "h1": ...,
    "mu": ...,
    "log_var": ...,
    "sigma": ...,
    "z": ...,
}
"""
SOLUTION = """\
def encoding_solution():
    h1 = np.maximum(NEW_WEIGHTS["W1"] @ NEW_X + NEW_WEIGHTS["b1"], 0)
    mu, log_var = np.split(NEW_WEIGHTS["W2"] @ h1 + NEW_WEIGHTS["b2"], 2)
    sigma = exp(log_var / 2)
    return {"h1": h1, "mu": mu, "log_var": log_var, "sigma": sigma, "z": mu + sigma * NEW_EPS}


check_encoding_by_hand(encoding_solution)
table(["value", "exact"], [[f"`{key}`", f"${latex(row)}$"] for key, row in encoding_solution().items()])
"""

LN2 = np.log(2)

STEPS = {
    "h1": lambda x, W1, b1: relu(W1 @ x + b1),
    "mu": lambda h1, W2, b2: (W2 @ h1 + b2)[:3],
    "log_var": lambda h1, W2, b2: (W2 @ h1 + b2)[3:],
    "sigma": lambda log_var: np.exp(log_var / 2),
    "z": lambda mu, sigma, eps: mu + sigma * eps,
}


def hidden(values, *, before=same, layer=layer, active=relu):
    return active(layer(values["W1"], values["b1"], before(values["x"])))


UPPER, LOWER = slice(0, 3), slice(3, 6)
INTO = {
    "no-relu": (
        "the ReLU before this layer is forgotten: W₂ meets a₁",
        lambda values: values["W1"] @ values["x"] + values["b1"],
    ),
    "from-x": ("W₂ meets x: h₁ is left out", lambda values: values["x"]),
}


def head_slips(mine, others, half, other, more):
    """Of either half of the head; `other` is the half's name that was taken for it."""

    def entry(values, *, rows=mine, bias=mine, into=lambda values: values["h1"], layer=layer, then=same):
        return then(layer(values["W2"][rows], values["b2"][bias], into(values)))

    mistakes = {
        "halves": swap(f"the halves are swapped: this is {other}", rows=others, bias=others),
        **swaps("into", INTO),
        "other-bias": swap("the other half of b₂ is added", bias=others),
        "relu": swap("a ReLU follows the head, whose numbers may be negative", then=relu),
        **layers("layer", f"the {half} half of W₂", "b₂"),
        **swaps("then", more),
    }
    return alone_and_two(entry, mistakes, products("layer"))


MADE_OF_LOG_VAR = {
    "halved": ("the head's output is halved already: this is log σ", lambda v: v / 2),
    "exponentiated": ("the head's output is exponentiated already: this is σ²", np.exp),
    "sigma": ("the head's output is halved and exponentiated already: this is σ", lambda v: np.exp(v / 2)),
    "no-ln2": ("the numbers are those that multiply ln 2: the factor ln 2 is dropped", lambda v: v / LN2),
    "base-ten": (
        "the logarithm is to base 10, a calculator's log: here it is to base e, its ln",
        lambda v: v / np.log(10),
    ),
}

SLIPS = {
    "h1": alone_and_two(
        hidden,
        {
            **layers("layer", "W₁", "b₁"),
            **activations("active", "these are a₁"),
            "relu-first": swap("the ReLU comes before the bias", layer=lambda W, b, v: relu(W @ v) + b, active=same),
            "input-relu": swap("the ReLU is applied to x, too early", before=relu, active=same),
        },
        products("layer"),
    ),
    "mu": {
        **head_slips(UPPER, LOWER, "upper", "log σ², and μ comes first", {}),
        "interleaved": whole(
            "rows 1, 3 and 5 are used as μ, not the upper three", lambda h1, W2, b2: (W2 @ h1 + b2)[::2]
        ),
    },
    "log_var": {
        **head_slips(LOWER, UPPER, "lower", "μ, and log σ² comes second", MADE_OF_LOG_VAR),
        "interleaved": whole(
            "rows 2, 4 and 6 are used as log σ², not the lower three", lambda h1, W2, b2: (W2 @ h1 + b2)[1::2]
        ),
    },
    "sigma": {
        "var": whole("exp(log σ²) is used as σ: that is the variance σ²", lambda log_var: np.exp(log_var)),
        "log-var": whole("log σ² itself is used as σ: it is a logarithm, and may be negative", lambda log_var: log_var),
        "log-sigma": whole("log σ² is halved but not exponentiated: this is log σ", lambda log_var: log_var / 2),
        "inverse": whole("the sign is lost in exp(−½ log σ²): this is 1/σ", lambda log_var: np.exp(-log_var / 2)),
        "inverse-var": whole("exp(−log σ²) is taken: this is 1/σ²", lambda log_var: np.exp(-log_var)),
        "softplus": whole(
            "softplus is applied to log σ²: then the head would mean something else",
            lambda log_var: softplus(log_var),
        ),
        "softplus-half": whole(
            "softplus is applied to ½ log σ²: then the head would mean something else",
            lambda log_var: softplus(log_var / 2),
        ),
        "half-outside": whole("½ stands before exp(log σ²), not in the exponent", lambda log_var: np.exp(log_var) / 2),
        "root-of-log": whole(
            "the square root is taken of log σ² (of its size), not of σ²", lambda log_var: np.sqrt(abs(log_var))
        ),
        "double": whole(
            "the exponent is doubled where it is halved: exp(2 log σ²)", lambda log_var: np.exp(2 * log_var)
        ),
        "quarter": whole("the exponent is halved twice: this is √σ", lambda log_var: np.exp(log_var / 4)),
        "base-two": whole("2 is raised to the power, instead of e", lambda log_var: 2 ** (log_var / 2)),
        "base-ten": whole("10 is raised to the power, instead of e", lambda log_var: 10 ** (log_var / 2)),
        "one": whole("σ is 1 everywhere", lambda log_var: 1 + 0 * log_var),
        "absolute": whole("log σ² loses its sign in the exponent", lambda log_var: np.exp(abs(log_var) / 2)),
        "signed": whole("σ gets the sign of log σ²", lambda log_var: np.sign(log_var) * np.exp(log_var / 2)),
        "of-mu": whole("μ is in the exponent, in place of log σ²", lambda mu: np.exp(mu / 2)),
    },
    "z": {key: whole(*slip) for key, slip in DRAWS.items()},
}
MORE = {
    "h1": copied(STEPS["h1"], "x", "x"),
    "mu": {},
    "log_var": {"absolute": whole("the numbers lose their signs", lambda h1, W2, b2: abs(W2 @ h1 + b2)[3:])},
    "sigma": in_one_number(STEPS["sigma"], SLIPS["sigma"], "var inverse half-outside"),
    "z": {
        **in_one_number(STEPS["z"], SLIPS["z"], "var one minus zero no-eps"),
        **copied(STEPS["z"], "eps", "ε"),
        "x-for-eps": whole("x is used in place of ε", lambda mu, sigma, x: mu + sigma * x),
    },
}

check_encoding_by_hand = ByHand(
    name="encoding_by_hand",
    data=numbers,
    steps=STEPS,
    asked={
        "h1": "h1 = ReLU(W₁x + b₁), three numbers",
        "mu": "mu, the upper half of W₂h₁ + b₂",
        "log_var": "log_var = log σ², the lower half of W₂h₁ + b₂",
        "sigma": "sigma = exp(½ log σ²), the standard deviation",
        "z": "z = μ + σ ⊙ ε, three numbers",
    },
    on=ON,
    minutes=5,
    slips={name: exchanged(STEPS[name]) | MORE[name] | SLIPS[name] for name in STEPS},
)

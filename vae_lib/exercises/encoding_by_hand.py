r"""# Encode and sample, by hand

Encode and sample: compute $h_1$, $\mu$, $\log \sigma^2$, $\sigma$ and $z$ of the new network. Each has three numbers.

## Hint: where to look
Equations (2.1) to (2.3) in [Encode: from x to μ and σ](#encode-from-x-to-μ-and-σ), (2.4) in [Sample: from ε to z](#sample-from-ε-to-z). Each gives one of the five; (2.2) gives two.

## Hint: the idea
One unit of $h_1$ is off; cross out its column of $W_2$ before you multiply. Keep $\log \sigma^2$ as multiples of $\ln 2$: half of such a multiple, exponentiated, is a power of two.

## Hint: nearly the numbers
The first number of $a_1$ is the first *row* of $W_1$ times $x$, plus the first number of $b_1$. The upper three rows of $W_2$, times $h_1$ and plus $b_2$, are $\mu$; the lower three are $\log \sigma^2$. Then $\sigma = \exp(\tfrac12 \log \sigma^2)$, and each $z$ is its own $\mu$ plus its own $\sigma$ times its own $\varepsilon$.
"""  # noqa: E501

import numpy as np

from vae_lib.exercises.engine import ByHand, apply, swap, whole
from vae_lib.exercises.families import same, swaps
from vae_lib.exercises.families.layers import DRAWS, activations, alone_and_two, layers, products, relu
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

STEPS = {
    "h1": lambda x, W1, b1: relu(W1 @ x + b1),
    "mu": lambda h1, W2, b2: (W2 @ h1 + b2)[:3],
    "log_var": lambda h1, W2, b2: (W2 @ h1 + b2)[3:],
    "sigma": lambda log_var: np.exp(log_var / 2),
    "z": lambda mu, sigma, eps: mu + sigma * eps,
}


def miscopied(step, vector="", of=""):
    """The step's numbers, or those of a `vector` that it takes, with a wrong sign or in another order."""

    def by(change):
        if not vector:
            return lambda values: change @ apply(step, values)
        return lambda values: apply(step, values | {vector: change @ values[vector]})

    changes = {} if vector else {"sign-all": ("all numbers have the wrong sign", -np.eye(3))}
    for i, order in enumerate(([0, 2, 1], [2, 1, 0], [1, 0, 2])):
        a, b = (j + 1 for j in range(3) if j != i)
        changes[f"order-{a}-{b}"] = f"numbers {a} and {b}{of} are exchanged", np.eye(3)[order]
        changes[f"sign-{i + 1}"] = f"number {i + 1}{of} has the wrong sign", np.diag(1 - 2 * np.eye(3)[i])
    return {f"{vector}-{key}".strip("-"): whole(words, by(change)) for key, (words, change) in changes.items()}


def in_one_number(step, slips, keys):
    """Some of the slips in one of three numbers alone."""

    def at(i, slip):
        return lambda values: np.where(np.arange(3) == i, apply(slip, values), apply(step, values))

    return {
        f"{key}-in-{i + 1}": whole(f"in number {i + 1}, {slips[key].sentence}", at(i, slips[key].function))
        for key in keys.split()
        for i in range(3)
    }


def slips_of_half(i, half, other, more):
    """Of the upper half of the head, or of the lower one, 1."""

    def head(h1, W2, b2, *, rows=slice(3 * i, 3 * i + 3), then=same):
        return then((W2 @ h1 + b2)[rows])

    mistakes = {
        "halves": swap(f"the halves are swapped: this is {other}", rows=slice(3 - 3 * i, 6 - 3 * i)),
        "interleaved": swap(f"every other row is used, not the {half} three", rows=slice(i, 6, 2)),
        "both-halves": swap(f"all six numbers of the head are given, not the {half} three", rows=slice(6)),
        "no-relu": swap("the ReLU before this layer is forgotten: W₂ meets a₁", h1=lambda x, W1, b1: W1 @ x + b1),
        "from-x": swap("W₂ meets x: h₁ is left out", h1="x"),
        "other-bias": swap("the other half of b₂ is added", b2=lambda b2: np.roll(b2, 3)),
        "relu": swap("a ReLU follows the head, whose numbers may be negative", then=relu),
        **layers("W2", "b2", half=f"the {half} half of "),
        **swaps("then", more),
    }
    return alone_and_two(head, mistakes, products("W2", "b2", first=3 * i))


MADE_OF_LOG_VAR = {
    "halved": ("the head's output is halved already: this is log σ", lambda v: v / 2),
    "exponentiated": ("the head's output is exponentiated already: this is σ²", np.exp),
    "sigma": ("the head's output is halved and exponentiated already: this is σ", lambda v: np.exp(v / 2)),
    "no-ln2": ("the numbers are those that multiply ln 2: the factor ln 2 is dropped", lambda v: v / np.log(2)),
    "base-ten": ("the log is to base 10, a calculator's log: here it is to base e, its ln", lambda v: v / np.log(10)),
    "absolute": ("the numbers lose their signs", abs),
}
OF_LOG_VAR = {
    "var": ("exp(log σ²) is used as σ: that is the variance σ²", np.exp),
    "log-var": ("log σ² itself is used as σ: it is a logarithm, and may be negative", same),
    "log-sigma": ("log σ² is halved but not exponentiated: this is log σ", lambda v: v / 2),
    "inverse": ("the sign is lost in exp(−½ log σ²): this is 1/σ", lambda v: np.exp(-v / 2)),
    "softplus": ("softplus is applied to log σ²: then the head is another", lambda v: np.log1p(np.exp(v))),
    "softplus-half": ("softplus is applied to ½ log σ²: then the head is another", lambda v: np.log1p(np.exp(v / 2))),
    "half-outside": ("½ stands before exp(log σ²), not in the exponent", lambda v: np.exp(v) / 2),
    "root-of-log": ("the square root is taken of log σ² (of its size), not of σ²", lambda v: np.sqrt(abs(v))),
    "double": ("the exponent is doubled where it is halved: exp(2 log σ²)", lambda v: np.exp(2 * v)),
    "base-ten": ("10 is raised to the power, instead of e", lambda v: 10 ** (v / 2)),
    "one": ("σ is 1 everywhere", lambda v: 1 + 0 * v),
    "absolute": ("log σ² loses its sign in the exponent", lambda v: np.exp(abs(v) / 2)),
    "signed": ("σ gets the sign of log σ²", lambda v: np.sign(v) * np.exp(v / 2)),
}
SLIPS = {
    "h1": {
        **miscopied(STEPS["h1"], "x", " of x"),
        **alone_and_two(
            lambda x, W1, b1, *, active=relu: active(W1 @ x + b1),
            layers("W1", "b1") | activations("active", "these are a₁"),
            products("W1", "b1"),
        ),
        "relu-first": whole("the ReLU comes before the bias", lambda x, W1, b1: relu(W1 @ x) + b1),
    },
    "mu": slips_of_half(0, "upper", "log σ², and μ comes first", {}),
    "log_var": slips_of_half(1, "lower", "μ, and log σ² comes second", MADE_OF_LOG_VAR),
    "sigma": {key: whole(words, lambda log_var, of=of: of(log_var)) for key, (words, of) in OF_LOG_VAR.items()},
    "z": {
        **miscopied(STEPS["z"], "eps", " of ε"),
        "x-for-eps": whole("x is used in place of ε", lambda mu, sigma, x: mu + sigma * x),
        **{key: whole(*slip) for key, slip in DRAWS.items()},
    },
}
SLIPS["sigma"] |= in_one_number(STEPS["sigma"], SLIPS["sigma"], "var inverse half-outside")
SLIPS["z"] |= in_one_number(STEPS["z"], SLIPS["z"], "var one minus zero no-eps")

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
    effort="deeper · ●○○ · 5 minutes",
    slips={name: miscopied(STEPS[name]) | slips for name, slips in SLIPS.items()},
)

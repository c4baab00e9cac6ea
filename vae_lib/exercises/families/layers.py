"""Slips by hand in a layer, an activation, a draw or a sum, each in the place of a part; by numpy, of one example."""

from collections.abc import Callable

import numpy as np

from vae_lib.exercises.engine import Mistake, apply, swap, whole
from vae_lib.exercises.engine.mistakes import pairs
from vae_lib.exercises.families.basics import swaps


def alone_and_two(parts: Callable, mistakes: dict[str, Mistake], more: dict | None = None, often=None) -> dict:
    """The functions of who makes one of the mistakes, or two at once; or one of `more`, which are tried alone.

    `parts` takes values by their names. In the place of a value stands another, by its name or by a function of values;
    in the place of a keyword with a default, whatever the swap says. `often` are the keys of which one must be among
    two: of a single number, too many would fit by chance.
    """

    def made(*some: Mistake) -> Mistake:
        swapped = {part: new for mistake in some for part, new in mistake.swapped.items()}
        words = "two things are so: " * (len(some) > 1) + "; and ".join(mistake.sentence for mistake in some)
        return whole(words, lambda values: with_others(parts, swapped, values))

    alone = {key: made(mistake) for key, mistake in (mistakes | (more or {})).items()}
    two = [(a, b) for a, b in pairs(mistakes) if often is None or a in often or b in often]
    return alone | {f"{a}+{b}": made(mistakes[a], mistakes[b]) for a, b in two}


def with_others(parts: Callable, swapped: dict, values: dict) -> np.ndarray:
    """What the parts make of the values, with others in the places of some."""
    others = {name: new for name, new in swapped.items() if name in values}
    others = {name: values[new] if isinstance(new, str) else apply(new, values) for name, new in others.items()}
    return apply(parts, values | others, **{name: new for name, new in swapped.items() if name not in values})


def scaled(name: str, factor: float, at=...) -> dict[str, Callable]:
    """For a swap: the value of this name, or the number at one place of it, times a factor."""

    def other(values: dict) -> np.ndarray:
        array = np.array(values[name])
        array[at] *= factor
        return array

    return {name: other}


def turned(W: np.ndarray) -> np.ndarray:
    """A matrix [3, 3], or each half of one [6, 3], transposed."""
    return W.reshape(-1, 3, 3).swapaxes(1, 2).reshape(W.shape)


def shown(name: str) -> str:
    return name.replace("weight", "W").translate(str.maketrans("1234", "₁₂₃₄"))


def layers(W: str, b: str, prefix: str = "", half: str = "") -> dict[str, Mistake]:
    """For a layer of these values, or for half of one."""
    transposed = f"{half}{shown(W)} is transposed: a row makes one output"
    of_bias = {"no-bias": ("dropped", 0), "bias-sign": ("subtracted", -1), "bias-twice": ("added twice", 2)}
    return {prefix + "transposed": swap(transposed, **{W: lambda values: turned(values[W])})} | {
        prefix + key: swap(f"the bias {shown(b)} is {words}", **scaled(b, factor))
        for key, (words, factor) in of_bias.items()
    }


def products(W: str, b: str = "", of: str = "", prefix: str = "", first: int = 0) -> dict[str, Mistake]:
    """One product, or the bias, of a row has the wrong sign or is left out; without bias: of a column, the way back."""
    slips = {}
    for i, j in np.ndindex(3, 4 if b else 3):
        name, at = (b, first + i) if j == 3 else (W, (first + i, j) if b else (j, i))
        what = f"the bias of number {i + 1}{of}" if j == 3 else f"product {j + 1} in number {i + 1}{of}"
        for key, words, factor in ("sign", "has the wrong sign", -1), ("left-out", "is left out", 0):
            slips[f"{prefix}{key}-{i + 1}-{j + 1}"] = swap(f"{what} {words}", **scaled(name, factor, at))
    return slips


def relu(a: np.ndarray) -> np.ndarray:
    return np.maximum(a, 0)


def activations(part: str, what: str) -> dict[str, Mistake]:
    """For a `part` that is a ReLU; `what` it leaves when it is forgotten."""
    slips = {
        "no-relu": (f"the ReLU is forgotten: {what}", lambda a: a),
        "absolute": ("negative numbers lose their sign, where the ReLU makes them 0", abs),
        "negative-kept": ("the ReLU keeps what is negative, and not what is positive", lambda a: np.minimum(a, 0)),
        "leaky": ("a leaky ReLU, of slope 0.1, is used", lambda a: np.where(a < 0, 0.1 * a, a)),
        "sigmoid": ("a sigmoid is used in place of the ReLU", lambda a: 1 / (1 + np.exp(-a))),
        "tanh": ("tanh is used in place of the ReLU", np.tanh),
    }
    return swaps(part, slips)


DRAWS = {
    "var": (
        "σ² is used in place of σ: exp(log σ²) used as σ, or Σε with Σ the covariance (equation 2.4)",
        lambda mu, log_var, eps: mu + np.exp(log_var) * eps,
    ),
    "log-var": ("log σ² is used in place of σ", lambda mu, log_var, eps: mu + log_var * eps),
    "log-sigma": ("log σ is used in place of σ: exp is missing", lambda mu, log_var, eps: mu + log_var / 2 * eps),
    "inverse": ("1/σ is used in place of σ", lambda mu, log_var, eps: mu + np.exp(-log_var / 2) * eps),
    "one": ("ε is added without σ: z = μ + ε", lambda mu, eps: mu + eps),
    "zero": ("ε is ignored: z = μ", lambda mu: mu),
    "one-eps": ("one ε serves all latents: each has its own", lambda mu, sigma, eps: mu + sigma * eps[0]),
    "minus": ("the noise is subtracted", lambda mu, sigma, eps: mu - sigma * eps),
    "mean-scaled": ("σ multiplies μ as well: σ ⊙ (μ + ε)", lambda mu, sigma, eps: sigma * (mu + eps)),
    "noise-scaled-mean": ("ε multiplies μ + σ", lambda mu, sigma, eps: (mu + sigma) * eps),
    "mean-at-sigma": ("σ multiplies μ in place of ε", lambda mu, sigma, eps: mu * sigma + eps),
    "no-mean": ("μ is left out: this is σ ⊙ ε", lambda sigma, eps: sigma * eps),
    "no-eps": ("ε is left out: this is μ + σ", lambda mu, sigma: mu + sigma),
    "swapped": ("μ and σ have changed places: σ + μ ⊙ ε", lambda mu, sigma, eps: sigma + mu * eps),
    "absolute-eps": ("ε loses its sign", lambda mu, sigma, eps: mu + sigma * abs(eps)),
    "summed": ("σ and ε are added up to one number, σᵀε", lambda mu, sigma, eps: mu + sigma @ eps),
}
TERMS = {  # of J: how often the reconstruction loss counts, and the KL
    "kl-only": ("the reconstruction loss is left out", (0, 1)),
    "no-kl": ("the KL is left out", (1, 0)),
    "kl-sign": ("the KL is subtracted: it is a cost, and so is the reconstruction loss", (1, -1)),
    "loss-half-missing": ("the ½ is missing in the reconstruction loss", (2, 1)),
    "kl-half-missing": ("the ½ is missing in the KL", (1, 2)),
    "half-missing": ("the ½ is missing in both terms", (2, 2)),
    "averaged": ("the squared error is averaged over the numbers of x, and not halved", (2 / 3, 1)),
    "halves-averaged": ("the reconstruction loss is averaged over the numbers of x", (1 / 3, 1)),
    "kl-averaged": ("the KL is averaged over the latents", (1, 1 / 3)),
    "both-averaged": ("both terms are averaged", (2 / 3, 1 / 3)),
    "divided": ("both terms, or their sum, are divided by 3", (1 / 3, 1 / 3)),
    "halved": ("the sum of both terms is halved: each has its own ½ already", (0.5, 0.5)),
}

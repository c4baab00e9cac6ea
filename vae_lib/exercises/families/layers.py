"""Slips by hand in a layer, an activation or a draw, each in the place of a part; by numpy, of one example."""

from collections.abc import Callable, Iterable

import numpy as np

from vae_lib.exercises.engine import whole
from vae_lib.exercises.engine.by_hand import apply
from vae_lib.exercises.engine.mistakes import Mistake, build, pairs
from vae_lib.exercises.families.basics import swaps


def alone_and_two(parts: Callable, mistakes: dict[str, Mistake], more: dict | None = None, often=None) -> dict:
    """The functions of who makes one of the mistakes, or two at once; or one of `more`, which are tried alone.

    `parts` takes all values. `often` are the keys of which one must be among two: of a single number, too many would
    fit by chance.
    """

    def made(*some: Mistake) -> Mistake:
        function, words = build(parts, some), [mistake.sentence for mistake in some]
        sentence = words[0] if len(words) == 1 else f"two things are so: {words[0]}; and {words[1]}"
        return whole(sentence, lambda values: function(values))

    alone = {key: made(mistake) for key, mistake in (mistakes | (more or {})).items()}
    two = [(a, b) for a, b in pairs(mistakes) if often is None or a in often or b in often]
    return alone | {f"{a}+{b}": made(mistakes[a], mistakes[b]) for a, b in two}


def layer(W: np.ndarray, b: np.ndarray, v: np.ndarray) -> np.ndarray:
    return W @ v + b


def layers(part: str, W: str, b: str, prefix: str = "") -> dict[str, Mistake]:
    """For a `part` that is a layer; `W` and `b` are the names in the sentences."""
    slips = {
        "transposed": (f"{W} is transposed: a row makes one output", lambda W, b, v: W.T @ v + b),
        "no-bias": (f"the bias {b} is dropped", lambda W, b, v: W @ v),
        "bias-sign": (f"the bias {b} is subtracted", lambda W, b, v: W @ v - b),
        "bias-twice": (f"the bias {b} is added twice", lambda W, b, v: W @ v + 2 * b),
    }
    return swaps(part, slips, prefix)


def products(part: str, of: str = "", prefix: str = "") -> dict[str, Mistake]:
    """For a `part` that is a layer: one product, or the bias, of one row has the wrong sign or is left out."""
    return swaps(part, dict(_slips_of_products(of)), prefix)


def _slips_of_products(of: str) -> Iterable[tuple[str, tuple]]:
    for i in range(3):
        for j in range(4):
            what = f"the bias of number {i + 1}{of}" if j == 3 else f"product {j + 1} in number {i + 1}{of}"
            for slug, words, factor in (("sign", "has the wrong sign", -2), ("left-out", "is left out", -1)):

                def slipped(W, b, v, i=i, j=j, factor=factor):
                    a = W @ v + b
                    a[i] += factor * (b[i] if j == 3 else W[i, j] * v[j])
                    return a

                yield f"{slug}-{i + 1}-{j + 1}", (f"{what} {words}", slipped)


def partial_sums(part: str, what: str) -> dict[str, Mistake]:
    """For a `part` that adds three numbers: one of them alone, and one left out."""
    slips = {}
    for i, which in enumerate(("first", "second", "third")):
        slips[f"{which}-only"] = (f"only the {which} {what} is counted", lambda t, i=i: t[i])
        slips[f"{which}-missing"] = (f"the {which} {what} is left out", lambda t, i=i: t.sum() - t[i])
    return swaps(part, slips)


def in_one_number(step: Callable, slips: dict[str, Mistake], keys: str) -> dict[str, Mistake]:
    """Some of the slips in one of three numbers alone."""

    def made(slip: Mistake, i: int) -> Callable:
        def slipped(values: dict) -> np.ndarray:
            numbers = np.array(apply(step, values))
            numbers[i] = apply(slip.function, values)[i]
            return numbers

        return slipped

    return {
        f"{key}-in-{i + 1}": whole(f"in number {i + 1}, {slips[key].sentence}", made(slips[key], i))
        for key in keys.split()
        for i in range(3)
    }


def copied(step: Callable, vector: str, name: str) -> dict[str, Mistake]:
    """The step from a vector of three that was copied with a wrong sign, or in another order."""

    def of(change: Callable) -> Callable:
        return lambda values: apply(step, values | {vector: change(values[vector])})

    signs = [np.where(np.arange(3) == i, -1, 1) for i in range(3)]
    orders = {"1 and 2": [1, 0, 2], "1 and 3": [2, 1, 0], "2 and 3": [0, 2, 1]}
    slips = {f"sign-{i + 1}": (f"{name}{i + 1} has the wrong sign", lambda v, s=s: v * s) for i, s in enumerate(signs)}
    slips |= {
        f"order-{pair.replace(' and ', '-')}": (f"numbers {pair} of {name} are exchanged", lambda v, o=order: v[o])
        for pair, order in orders.items()
    }
    return {f"{vector}-{key}": whole(sentence, of(change)) for key, (sentence, change) in slips.items()}


def exchanged(step: Callable) -> dict[str, Mistake]:
    """Right numbers, two of which are exchanged, or of which one, or all, have the wrong sign."""

    def of(change: Callable) -> Callable:
        return lambda values: change(np.array(apply(step, values)))

    orders = {"1 and 2": [1, 0, 2], "1 and 3": [2, 1, 0], "2 and 3": [0, 2, 1]}
    found = {
        f"exchanged-{pair.replace(' and ', '-')}": whole(f"numbers {pair} are exchanged", of(lambda v, o=order: v[o]))
        for pair, order in orders.items()
    }
    signs = {"all": -np.ones(3)} | {str(i + 1): np.where(np.arange(3) == i, -1, 1) for i in range(3)}
    what = {"all": "all numbers have"} | {str(i): f"number {i} has" for i in (1, 2, 3)}
    return found | {
        f"minus-{key}": whole(f"{what[key]} the wrong sign", of(lambda v, s=s: v * s)) for key, s in signs.items()
    }


def relu(a: np.ndarray) -> np.ndarray:
    return np.maximum(a, 0)


def softplus(a: np.ndarray) -> np.ndarray:
    return np.log1p(np.exp(a))


def activations(part: str, what: str) -> dict[str, Mistake]:
    """For a `part` that is a ReLU; `what` it leaves when it is forgotten."""
    slips = {
        "no-relu": (f"the ReLU is forgotten: {what}", lambda a: a),
        "absolute": ("negative numbers lose their sign, where the ReLU makes them 0", abs),
        "negative-kept": ("the ReLU keeps what is negative, and not what is positive", lambda a: np.minimum(a, 0)),
        "leaky": ("a leaky ReLU, of slope 0.1, is used", lambda a: np.where(a < 0, 0.1 * a, a)),
        "sigmoid": ("a sigmoid is used in place of the ReLU", lambda a: 1 / (1 + np.exp(-a))),
        "tanh": ("tanh is used in place of the ReLU", np.tanh),
        "softplus": ("softplus is used in place of the ReLU", softplus),
    }
    return swaps(part, slips)


DRAWS = {  # of μ, log σ², σ and ε
    "var": (
        "σ² is used in place of σ: exp(log σ²) used as σ, or Σε with Σ the covariance (equation 2.4)",
        lambda mu, log_var, sigma, eps: mu + np.exp(log_var) * eps,
    ),
    "log-var": ("log σ² is used in place of σ", lambda mu, log_var, sigma, eps: mu + log_var * eps),
    "log-sigma": (
        "log σ is used in place of σ: the exponential is missing",
        lambda mu, log_var, sigma, eps: mu + log_var / 2 * eps,
    ),
    "inverse": ("1/σ is used in place of σ", lambda mu, log_var, sigma, eps: mu + np.exp(-log_var / 2) * eps),
    "one": ("ε is added without σ: z = μ + ε", lambda mu, log_var, sigma, eps: mu + eps),
    "zero": ("ε is ignored: z = μ", lambda mu, log_var, sigma, eps: mu),
    "root": ("√σ is used in place of σ", lambda mu, log_var, sigma, eps: mu + np.exp(log_var / 4) * eps),
    "one-eps": ("one ε serves all latents: each has its own", lambda mu, log_var, sigma, eps: mu + sigma * eps[0]),
    "minus": ("the noise is subtracted", lambda mu, log_var, sigma, eps: mu - sigma * eps),
    "mean-scaled": ("σ multiplies μ as well: σ ⊙ (μ + ε)", lambda mu, log_var, sigma, eps: sigma * (mu + eps)),
    "noise-scaled-mean": ("ε multiplies μ + σ", lambda mu, log_var, sigma, eps: (mu + sigma) * eps),
    "mean-at-sigma": ("σ multiplies μ in place of ε", lambda mu, log_var, sigma, eps: mu * sigma + eps),
    "no-mean": ("μ is left out: this is σ ⊙ ε", lambda mu, log_var, sigma, eps: sigma * eps),
    "no-eps": ("ε is left out: this is μ + σ", lambda mu, log_var, sigma, eps: mu + sigma),
    "swapped": ("μ and σ have changed places: σ + μ ⊙ ε", lambda mu, log_var, sigma, eps: sigma + mu * eps),
    "absolute-eps": ("ε loses its sign", lambda mu, log_var, sigma, eps: mu + sigma * abs(eps)),
    "summed": ("σ and ε are added up to one number, σᵀε", lambda mu, log_var, sigma, eps: mu + sigma @ eps),
}

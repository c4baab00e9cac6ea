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

from vae_lib.exercises.engine import ByHand, whole
from vae_lib.page.pencil import exact, to_float

STUB = """\
my_encoding = {
    "h1": ...,
    "mu": ...,
    "log_var": ...,
    "sigma": ...,
    "z": ...,
}
"""

LN2 = np.log(2)
BOOK = {  # 3 → 3 → 3: no shape tells a matrix from its transpose
    "x": [1, -2, 3],
    "W1": [[0, 2, 1], [1, 2, 1], [2, -1, -1]],
    "b1": [-1, 1, 1],
    "W2": [
        [-1, "1/2", "-1/2"],
        [0, -1, 1],
        ["-1/2", "-1/2", "-1/2"],
        ["-2*log(2)", "2*log(2)", "-2*log(2)"],
        ["-2*log(2)", 0, 0],
        [0, "2*log(2)", "-2*log(2)"],
    ],
    "b2": [-1, "-1/2", "1/2", 0, "2*log(2)", "-2*log(2)"],
    "eps": ["-3/2", -2, "1/2"],
}


def data(rng):
    """The book's network; with a generator, its inputs, hidden units and latents in another order."""
    book = {name: to_float(exact(values)) for name, values in BOOK.items()}
    if rng is None:
        return book
    i, h, k = (rng.permutation(3) for _ in range(3))
    both = np.concatenate([k, k + 3])
    w1, w2 = book["W1"][h][:, i], book["W2"][both][:, h]
    return {"x": book["x"][i], "W1": w1, "b1": book["b1"][h], "W2": w2, "b2": book["b2"][both], "eps": book["eps"][k]}


def relu(a):
    return np.maximum(a, 0)


def softplus(a):
    return np.log1p(np.exp(a))


STEPS = {
    "h1": lambda x, W1, b1: relu(W1 @ x + b1),
    "mu": lambda h1, W2, b2: (W2 @ h1 + b2)[:3],
    "log_var": lambda h1, W2, b2: (W2 @ h1 + b2)[3:],
    "sigma": lambda log_var: np.exp(log_var / 2),
    "z": lambda mu, sigma, eps: mu + sigma * eps,
}


def row_slips(w, b, v, rows, then):
    """One product or bias of one row with the wrong sign, or left out; `w`, `b`, `v` name matrix, bias and vector."""
    for i in range(3):
        for j in range(4):
            what = f"the bias of number {i + 1}" if j == 3 else f"product {j + 1} in number {i + 1}"
            for slug, words, factor in (("sign", "has the wrong sign", -2), ("left-out", "is left out", -1)):

                def slipped(values, i=i, j=j, factor=factor):
                    W, bias, vector = values[w][rows], values[b][rows], values[v]
                    a = W @ vector + bias
                    a[i] += factor * (bias[i] if j == 3 else W[i, j] * vector[j])
                    return then(a)

                yield f"{slug}-{i + 1}-{j + 1}", f"{what} {words}", slipped


def slips_of_rows(rows, then, first=False):
    w, b, v = ("W1", "b1", "x") if first else ("W2", "b2", "h1")
    named = (
        (lambda f: lambda W1, b1, x: f({"W1": W1, "b1": b1, "x": x}))
        if first
        else (lambda f: lambda W2, b2, h1: f({"W2": W2, "b2": b2, "h1": h1}))
    )
    return {key: whole(sentence, named(function)) for key, sentence, function in row_slips(w, b, v, rows, then)}


def head_slips(rows, half, other):
    """Of either half of the head; `other` is the half's name that was taken for it."""
    return {
        "halves": whole(f"the halves are swapped: this is {other}", lambda h1, W2, b2: np.roll(W2 @ h1 + b2, 3)[rows]),
        "no-relu": whole(
            "the ReLU before this layer is forgotten: W₂ meets a₁",
            lambda x, W1, b1, W2, b2: (W2 @ (W1 @ x + b1) + b2)[rows],
        ),
        "no-bias": whole("the bias b₂ is dropped", lambda h1, W2: (W2 @ h1)[rows]),
        "bias-sign": whole("the bias b₂ is subtracted", lambda h1, W2, b2: (W2 @ h1 - b2)[rows]),
        "other-bias": whole("the other half of b₂ is added", lambda h1, W2, b2: (W2 @ h1 + np.roll(b2, 3))[rows]),
        "transposed": whole(
            f"the {half} half of W₂ is transposed: a row of W₂ makes one output",
            lambda h1, W2, b2: W2[rows].T @ h1 + b2[rows],
        ),
        "relu": whole(
            "a ReLU follows the head, whose numbers may be negative", lambda h1, W2, b2: relu(W2 @ h1 + b2)[rows]
        ),
        "from-x": whole("W₂ meets x: h₁ is left out", lambda x, W2, b2: (W2 @ x + b2)[rows]),
        **slips_of_rows(rows, lambda a: a),
    }


UPPER, LOWER = slice(0, 3), slice(3, 6)
SIGMA_FOR_Z = {
    "var": (
        "σ² is used in place of σ: exp(log σ²) used as σ, or Σε with Σ the covariance (equation 2.4)",
        lambda v: np.exp(v),
    ),
    "log-var": ("log σ² is used in place of σ", lambda v: v),
    "log-sigma": ("log σ is used in place of σ: the exponential is missing", lambda v: v / 2),
    "inverse": ("1/σ is used in place of σ", lambda v: np.exp(-v / 2)),
    "one": ("ε is added without σ: z = μ + ε", lambda v: 1 + 0 * v),
    "zero": ("ε is ignored: z = μ", lambda v: 0 * v),
    "root": ("√σ is used in place of σ", lambda v: np.exp(v / 4)),
}

check_encoding_by_hand = ByHand(
    name="encoding_by_hand",
    data=data,
    steps=STEPS,
    asked={
        "h1": "h1 = ReLU(W₁x + b₁), three numbers",
        "mu": "mu, the upper half of W₂h₁ + b₂",
        "log_var": "log_var = log σ², the lower half of W₂h₁ + b₂",
        "sigma": "sigma = exp(½ log σ²), the standard deviation",
        "z": "z = μ + σ ⊙ ε, three numbers",
    },
    on="the exercises' network, x = [1, -2, 3], eps = [-1.5, -2, 0.5]",
    minutes=5,
    slips={
        "h1": {
            "no-relu": whole("the ReLU is forgotten: these are a₁", lambda x, W1, b1: W1 @ x + b1),
            "no-bias": whole("the bias b₁ is dropped", lambda x, W1: relu(W1 @ x)),
            "bias-sign": whole("the bias b₁ is subtracted", lambda x, W1, b1: relu(W1 @ x - b1)),
            "transposed": whole(
                "W₁ is transposed: a row of W₁ makes one output", lambda x, W1, b1: relu(W1.T @ x + b1)
            ),
            "relu-first": whole("the ReLU comes before the bias", lambda x, W1, b1: relu(W1 @ x) + b1),
            "absolute": whole(
                "negative numbers lose their sign, where the ReLU makes them 0", lambda x, W1, b1: abs(W1 @ x + b1)
            ),
            "negative-kept": whole(
                "the ReLU keeps what is negative, and not what is positive",
                lambda x, W1, b1: np.minimum(W1 @ x + b1, 0),
            ),
            "input-relu": whole("the ReLU is applied to x, too early", lambda x, W1, b1: W1 @ relu(x) + b1),
            "sigmoid": whole(
                "a sigmoid is used in place of the ReLU", lambda x, W1, b1: 1 / (1 + np.exp(-(W1 @ x + b1)))
            ),
            "tanh": whole("tanh is used in place of the ReLU", lambda x, W1, b1: np.tanh(W1 @ x + b1)),
            "softplus": whole("softplus is used in place of the ReLU", lambda x, W1, b1: softplus(W1 @ x + b1)),
            **slips_of_rows(slice(0, 3), relu, first=True),
        },
        "mu": {
            **head_slips(UPPER, "upper", "log σ², and μ comes first"),
            "interleaved": whole(
                "rows 1, 3 and 5 are used as μ, not the upper three", lambda h1, W2, b2: (W2 @ h1 + b2)[::2]
            ),
        },
        "log_var": {
            **head_slips(LOWER, "lower", "μ, and log σ² comes second"),
            "interleaved": whole(
                "rows 2, 4 and 6 are used as log σ², not the lower three", lambda h1, W2, b2: (W2 @ h1 + b2)[1::2]
            ),
            "halved": whole(
                "the head's output is halved already: this is log σ", lambda h1, W2, b2: (W2 @ h1 + b2)[3:] / 2
            ),
            "exponentiated": whole(
                "the head's output is exponentiated already: this is σ²", lambda h1, W2, b2: np.exp((W2 @ h1 + b2)[3:])
            ),
            "sigma": whole(
                "the head's output is halved and exponentiated already: this is σ",
                lambda h1, W2, b2: np.exp((W2 @ h1 + b2)[3:] / 2),
            ),
            "no-ln2": whole(
                "the numbers are those that multiply ln 2: the factor ln 2 is dropped",
                lambda h1, W2, b2: (W2 @ h1 + b2)[3:] / LN2,
            ),
            "base-ten": whole(
                "the logarithm is to base 10, a calculator's log: here it is to base e, its ln",
                lambda h1, W2, b2: (W2 @ h1 + b2)[3:] / np.log(10),
            ),
        },
        "sigma": {
            "var": whole("exp(log σ²) is used as σ: that is the variance σ²", lambda log_var: np.exp(log_var)),
            "log-var": whole(
                "log σ² itself is used as σ: it is a logarithm, and may be negative", lambda log_var: log_var
            ),
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
            "half-outside": whole(
                "½ stands before exp(log σ²), not in the exponent", lambda log_var: np.exp(log_var) / 2
            ),
            "root-of-log": whole(
                "the square root is taken of log σ² (of its size), not of σ²", lambda log_var: np.sqrt(abs(log_var))
            ),
            "double": whole(
                "the exponent is doubled where it is halved: exp(2 log σ²)", lambda log_var: np.exp(2 * log_var)
            ),
            "quarter": whole("the exponent is halved twice: this is √σ", lambda log_var: np.exp(log_var / 4)),
            "base-two": whole("2 is raised to the power, instead of e", lambda log_var: 2 ** (log_var / 2)),
            "base-ten": whole("10 is raised to the power, instead of e", lambda log_var: 10 ** (log_var / 2)),
            "of-mu": whole("μ is in the exponent, in place of log σ²", lambda mu: np.exp(mu / 2)),
        },
        "z": {
            **{
                key: whole(sentence, lambda mu, log_var, eps, f=f: mu + f(log_var) * eps)
                for key, (sentence, f) in SIGMA_FOR_Z.items()
            },
            "one-eps": whole("one ε serves all latents: each has its own", lambda mu, sigma, eps: mu + sigma * eps[0]),
            "minus": whole("the noise is subtracted", lambda mu, sigma, eps: mu - sigma * eps),
            "mean-scaled": whole("σ multiplies μ as well: σ ⊙ (μ + ε)", lambda mu, sigma, eps: sigma * (mu + eps)),
            "no-mean": whole("μ is left out: this is σ ⊙ ε", lambda sigma, eps: sigma * eps),
            "no-eps": whole("ε is left out: this is μ + σ", lambda mu, sigma: mu + sigma),
            "swapped": whole("μ and σ have changed places: σ + μ ⊙ ε", lambda mu, sigma, eps: sigma + mu * eps),
            "absolute-eps": whole("ε loses its sign", lambda mu, sigma, eps: mu + sigma * abs(eps)),
            "summed": whole("σ and ε are added up to one number, σᵀε", lambda mu, sigma, eps: mu + sigma @ eps),
        },
    },
)

r"""# One picture, by hand

A picture of three pixels, two latents, and a pencil. For $x = (1, 0, 0)$ the encoder's network returns the four numbers $(0.5,\, -2,\, 2 \ln 3,\, -4 \ln 2)$. A $z$ is drawn, and for this $z$ the decoder's network returns the logits $(\ln 3,\, -\ln 4,\, \ln 9)$. Compute

- `sigma`, the two standard deviations of $q(z \mid x)$;
- `pi`, the three probabilities of $p(x \mid z)$;
- `reconstruction`, the one number $\log p(x \mid z)$ in nats. Is it better than that of three fair coins?

An entry may be a number, a list, or a string such as `"ln(2/7)"`.

## Hint: where to look
[(1.3)](#the-encoder-μ-and-log-σ²) for `sigma`, [(1.4)](#the-decoder-one-probability-per-pixel) for the others.

## Hint: the idea
The exponential of a multiple of a logarithm is a power. Of a pixel that is on, $\pi$ counts; of one that is off, $1 - \pi$.

## Hint: nearly the numbers
$\sigma = \exp(\tfrac12 \log \sigma^2)$, and $\mathrm{sigmoid}(\ln a) = a / (1 + a)$. Multiply the three probabilities of what the pixels are, and take the logarithm last. Three coins have $-3 \ln 2$.
"""  # noqa: E501

import numpy as np

from vae_lib.exercises.engine import ByHand, swap, whole
from vae_lib.exercises.families import swaps
from vae_lib.exercises.families.layers import alone_and_two

ANSWER = "my_picture"
STUB = """\
my_picture = {
    "sigma": ...,
    "pi": ...,
    "reconstruction": ...,
}
"""
SOLUTION = """\
def picture_solution():
    probabilities = [3 / 4, 4 / 5, 1 / 10]  # of what the pixels are: on, off, off
    # worse than three coins: the last pixel is off, and the decoder was sure that it is on
    return {"sigma": [3, 1 / 4], "pi": [3 / 4, 1 / 5, 9 / 10], "reconstruction": math.log(math.prod(probabilities))}


check_one_picture(picture_solution)
"""

OUTPUT = np.array([0.5, -2, 2 * np.log(3), -4 * np.log(2)])
LOGITS = np.log([3, 1 / 4, 9])
X = np.array([1.0, 0, 0])


def numbers(rng: np.random.Generator | None) -> dict[str, np.ndarray]:
    """What the networks return, and x; with a generator, other means, the logits' signs and the pixels in any order."""
    if rng is None:
        return {"output": OUTPUT, "logits": LOGITS, "x": X}
    means, order = rng.choice([-1.5, -1, 0.25, 0.75, 1.5], 2), rng.permutation(3)
    return {"output": np.r_[means, OUTPUT[2:][::-1]], "logits": rng.choice([-1, 1]) * LOGITS[order], "x": X}


def log_probability(x, pi, *, of_on=np.log, of_off=lambda pi: np.log(1 - pi), total=np.sum, unit=1):
    return unit * total(x * of_on(pi) + (1 - x) * of_off(pi))


STEPS = {
    "sigma": lambda output: np.exp(output[2:] / 2),
    "pi": lambda logits: 1 / (1 + np.exp(-logits)),
    "reconstruction": lambda x, pi: log_probability(x, pi),
}
OF_SIGMA = {
    "var": ("exp(log σ²) is used as σ: that is the variance σ²", lambda output: np.exp(output[2:])),
    "log-var": ("log σ² itself is used as σ", lambda output: output[2:]),
    "log-sigma": ("log σ² is halved but not exponentiated: this is log σ", lambda output: output[2:] / 2),
    "root": ("the root is taken twice: this is √σ", lambda output: np.exp(output[2:] / 4)),
    "inverse": ("the sign is lost in exp(−½ log σ²): this is 1/σ", lambda output: np.exp(-output[2:] / 2)),
    "half-outside": ("½ stands before exp(log σ²), not in the exponent", lambda output: np.exp(output[2:]) / 2),
    "double": ("the exponent is doubled where it is halved: exp(2 log σ²)", lambda output: np.exp(2 * output[2:])),
    "halves": ("the halves are swapped: the first two numbers are μ", lambda output: np.exp(output[:2] / 2)),
    "interleaved": ("every other number is taken as log σ², not the last two", lambda output: np.exp(output[1::2] / 2)),
    "exchanged": ("the two numbers are exchanged", lambda output: np.exp(output[:1:-1] / 2)),
    "softplus": (
        "softplus is applied to log σ²: then the head is another",
        lambda output: np.log1p(np.exp(output[2:])),
    ),
    "base-ten": ("10 is raised to the power, instead of e", lambda output: 10 ** (output[2:] / 2)),
    "absolute": ("log σ² loses its sign in the exponent", lambda output: np.exp(abs(output[2:]) / 2)),
}
OF_PI = {
    "logits": ("the logits themselves are given: the sigmoid is missing", lambda logits: logits),
    "odds": ("only exp is applied: these are the odds, and may be above 1", lambda logits: np.exp(logits)),
    "off": (
        "the sign is lost in the sigmoid: these are the probabilities of 0",
        lambda logits: 1 / (1 + np.exp(logits)),
    ),
    "softmax": (
        "softmax makes the three add up to 1: each pixel has a probability of its own",
        lambda logits: np.exp(logits) / np.exp(logits).sum(),
    ),
    "rounded": ("the probabilities are rounded to 0 or 1", lambda logits: np.heaviside(logits, 0.5)),
    "of-x": (
        "each number is the probability of what its pixel is: π is that of 1",
        lambda x, pi: np.where(x, pi, 1 - pi),
    ),
    "half": ("the ½ of σ is used here too", lambda logits: 1 / (1 + np.exp(-logits / 2))),
    "base-ten": ("10 is raised to the power, instead of e", lambda logits: 1 / (1 + 10**-logits)),
    "tanh": ("tanh is used in place of the sigmoid", lambda logits: np.tanh(logits)),
    "first-sign": ("all logits are read as positive", lambda logits: 1 / (1 + np.exp(-abs(logits)))),
}
OF_PIXELS = {
    "on-only": swap("only the pixels that are on are counted", of_off=lambda pi: 0 * pi),
    "off-only": swap("only the pixels that are off are counted", of_on=lambda pi: 0 * pi),
    "no-log": swap(
        "the probabilities are added up: their logarithms are missing", of_on=lambda pi: pi, of_off=lambda pi: 1 - pi
    ),
    **swaps("total", {"mean": ("the pixels are averaged: one picture is one sum", np.mean)}),
    **swaps("unit", {"sign": ("the sign is lost: a probability below 1 has a negative logarithm", -1)}),
    **swaps("unit", {"bits": ("the logarithm is to base 2: the unit is the bit", 1 / np.log(2))}),
    **swaps("unit", {"base-ten": ("the logarithm is to base 10", 1 / np.log(10))}),
}
SLIPS = {
    "sigma": {key: whole(*slip) for key, slip in OF_SIGMA.items()},
    "pi": {key: whole(*slip) for key, slip in OF_PI.items()},
    "reconstruction": {
        **alone_and_two(log_probability, OF_PIXELS, often=("sign", "mean")),
        "all-on": whole("all pixels are taken to be on", lambda pi: np.log(pi).sum()),
        "all-off": whole("all pixels are taken to be off", lambda pi: np.log(1 - pi).sum()),
        "flipped": whole("on and off have changed places", lambda x, pi: log_probability(1 - x, pi)),
        "probability": whole("the logarithm is missing: this is p(x|z)", lambda x, pi: np.exp(log_probability(x, pi))),
        "of-sum": whole(
            "the logarithm is taken of a sum: independent pixels multiply",
            lambda x, pi: np.log(np.where(x, pi, 1 - pi).sum()),
        ),
        "logits": whole("the logits of the pixels that are on are added up", lambda x, logits: x @ logits),
        "coins": whole("every pixel is taken to be a fair coin", lambda x: -np.log(2) * len(x)),
        "sigmoid-twice": whole("the sigmoid is applied twice", lambda x, pi: log_probability(x, 1 / (1 + np.exp(-pi)))),
        "squared": whole(
            "half the squared error is taken: its likelihood is a Gaussian", lambda x, pi: -((x - pi) @ (x - pi)) / 2
        ),
    },
}

check_one_picture = ByHand(
    name="one_picture",
    data=numbers,
    steps=STEPS,
    asked={
        "sigma": "sigma, two standard deviations",
        "pi": "pi, three probabilities",
        "reconstruction": "reconstruction = log p(x|z) in nats, one number",
    },
    on="x = [1, 0, 0], output = [0.5, -2, 2 ln 3, -4 ln 2], logits = [ln 3, -ln 4, ln 9]",
    effort="core · ●○○ · 3 minutes",
    slips=SLIPS,
)

"""Log-densities of a pixel, a Gaussian's and a Bernoulli's, term by term, and their slips."""

import math
from functools import partial

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid, softplus

from vae_lib.exercises.engine import Mistake, swap
from vae_lib.exercises.families.basics import LOG_2PI, same, swaps, term

# A Gaussian: each term is a function of the error x − mean, [batch, data], and of σ


def half_square(error: Tensor, std: Tensor) -> Tensor:
    return (error / std) ** 2 / 2


def log_std(error: Tensor, std: Tensor) -> Tensor:
    return std.log()


def half_log_2pi(error: Tensor, std: Tensor) -> float:
    return LOG_2PI / 2


def gaussian_table(error, std, *, read=same, quadratic=half_square, log=log_std, constant=half_log_2pi) -> Tensor:
    """log N(error; 0, std²), one number a pixel, with other things in the places of its parts."""
    std = read(std)
    return -quadratic(error, std) - log(error, std) - constant(error, std)


def slips_of_gaussian() -> dict[str, tuple[str, dict]]:
    """Key → the sentence, and what stands in the places of parts of `gaussian_table`."""
    of_error = {
        "twice": ("the ½ is missing before the squared error", lambda e, s: (e / s) ** 2),
        "half": ("there is a ½ too many before the squared error, as in (2σ)² for 2σ²", lambda e, s: (e / s / 2) ** 2),
        "bare": ("the squared error lacks its factor 1/(2σ²)", lambda e, s: e**2),
        "without-std": ("the squared error has its ½ and lacks 1/σ²", lambda e, s: e**2 / 2),
        "std-for-var": ("the squared error is divided by σ in place of σ²", lambda e, s: e**2 / (2 * s)),
        "var-squared": ("the squared error is divided by σ⁴ in place of σ²", lambda e, s: e**2 / (2 * s**4)),
        "times-var": ("σ² multiplies the squared error, as without brackets around 2σ²", lambda e, s: e**2 / 2 * s**2),
        "not-squared": ("the error is not squared", lambda e, s: e / (2 * s**2)),
        "absolute": ("|x − mean| / σ is used in place of its square", lambda e, s: e.abs() / s / 2),
        "mean": ("the squared error is averaged over the pixels", lambda e, s: half_square(e, s) / e.shape[-1]),
    }
    alone = {"log": lambda e, s: 0 * s, "constant": lambda e, s: 0.0}
    return {
        **{f"quadratic-{key}": (sentence, {"quadratic": f}) for key, (sentence, f) in of_error.items()},
        **term("quadratic", "the squared error", half_square, but=("twice", "half")),
        "squared-error": (
            "the reconstruction term is minus the squared error: 1/(2σ²) and the constants are missing",
            alone | {"quadratic": lambda e, s: e**2 + 0 * s},
        ),
        "half-squared-error": (
            "the reconstruction term is minus half the squared error: σ and the constants are missing",
            alone | {"quadratic": lambda e, s: e**2 / 2 + 0 * s},
        ),
        **_counts(),
        "log-is-std": ("σ is used in place of log σ", {"log": lambda e, s: s}),
        "log-cut-off": ("log σ is cut off at 0: it is negative where σ < 1", {"log": lambda e, s: s.log().relu()}),
        "log-detached": (
            "σ is detached in its logarithm: made a number by .item(), float() or math.log",
            {"log": lambda e, s: s.detach().log() + 0 * s},
        ),
        "constant-base-ten": ("the log of 2π is to base 10", {"constant": lambda e, s: math.log10(2 * math.pi) / 2}),
        "constant-pi": ("log π is used in place of log 2π", {"constant": lambda e, s: math.log(math.pi) / 2}),
        "std-as-var": ("σ is used as the variance", {"read": torch.sqrt}),
        "std-var-as-std": ("σ² is used as the standard deviation", {"read": torch.square}),
        "std-as-log-std": ("σ is used as log σ", {"read": torch.exp}),
        "std-as-log-var": ("σ is used as log σ²", {"read": lambda s: (s / 2).exp()}),
        "std-inverse": ("1/σ is used in place of σ", {"read": torch.reciprocal}),
    }


def _counts() -> dict[str, tuple[str, dict]]:
    """How often log σ and ½ log 2π are counted, alone and both together, in a table [batch, data]."""
    times = {
        "missing": ("left out", lambda B, D: 0.0),
        "sign": ("counted with the wrong sign", lambda B, D: -1.0),
        "twice": ("counted twice: a ½ is missing", lambda B, D: 2.0),
        "half": ("halved: there is a ½ too many", lambda B, D: 0.5),
        "once": ("counted once instead of once per pixel", lambda B, D: 1 / D),
        "d-times": ("counted D times too often: D² times in all", lambda B, D: D),
        "per-example": ("counted once per example instead of once per pixel", lambda B, D: B / D),
        "typed-in": ("counted 64 times, whatever the number of pixels", lambda B, D: 64 / D),
    }
    found = {}
    for key, (words, count) in times.items():
        log = {"log": lambda e, s, count=count: count(*e.shape[-2:]) * s.log()}
        constant = {"constant": lambda e, s, count=count: count(*e.shape[-2:]) * LOG_2PI / 2}
        found[f"log-{key}"] = f"log σ is {words}", log
        found[f"constant-{key}"] = f"½ log 2π is {words}", constant
        found[f"constants-{key}"] = f"log σ and ½ log 2π are {words}", log | constant
    return found


def gaussian(part: str, prefix: str = "", place: str = "") -> dict[str, Mistake]:
    """All slips, in the place of one `part` that makes the table [batch, data] of the error and σ."""
    tables = {key: (place + w, partial(gaussian_table, **slots)) for key, (w, slots) in slips_of_gaussian().items()}
    return swaps(part, tables, prefix) | _missing(part)


def _missing(part: str) -> dict[str, Mistake]:
    return {"reconstruction-missing": swap("the reconstruction term is left out", **{part: lambda a, b: 0 * (a + b)})}


# A Bernoulli


def stable_logs(logits: Tensor) -> tuple[Tensor, Tensor]:
    """log p and log(1 − p)."""
    return logsigmoid(logits), logsigmoid(-logits)


def both_terms(x: Tensor, a: Tensor, log_p: Tensor, log_q: Tensor) -> Tensor:
    return x * log_p + (1 - x) * log_q


def bernoulli_table(logits: Tensor, x: Tensor, *, read=same, logs=stable_logs, terms=both_terms) -> Tensor:
    """log P(x) where P(1) = sigmoid(logits), one number a pixel, with other things in the places of its parts."""
    a = read(logits)
    return terms(x, a, *logs(a))


def slips_of_bernoulli() -> dict[str, tuple[str, dict]]:
    """Key → the sentence, and what stands in the places of parts of `bernoulli_table`."""
    wrong_logits = {
        "sigmoid-twice": ("a sigmoid is taken before a function that takes logits: twice in all", torch.sigmoid),
        "logits-relu": ("the logits go through a ReLU", torch.relu),
    }
    for at in (10, 20, 30, 50, 100):
        wrong_logits[f"logits-cut-{at}"] = f"the logits are cut off at ±{at}", partial(torch.clamp, min=-at, max=at)
    slots = {"terms": _wrong_terms(), "read": wrong_logits, "logs": _wrong_logs()}
    return {key: (words, {slot: f}) for slot, slips in slots.items() for key, (words, f) in slips.items()}


def of_probabilities(change=same, small: float = 0.0, cut: float = -math.inf):
    """log p and log(1 − p) by way of p: changed, `small` added, the logarithms cut off."""

    def logs(a):
        p = change(torch.sigmoid(a))
        return (p + small).log().clamp(min=cut), (1 - p + small).log().clamp(min=cut)

    return logs


def _wrong_logs() -> dict[str, tuple]:
    """These are seen where the decoder is sure."""
    slips = {
        "log-of-sigmoid": ("rounds to 0 or 1, whose logarithm is no number", of_probabilities()),
        "cut-off-at-100": ("binary_cross_entropy cuts logarithms off at −100", of_probabilities(cut=-100)),
        "clamped-rounding": (
            "the rounding error keeps the probabilities away from 0 and 1, as in Bernoulli(probs)",
            of_probabilities(lambda p: p.clamp(torch.finfo(p.dtype).eps, 1 - torch.finfo(p.dtype).eps)),
        ),
    }
    for n in range(2, 13):
        words = f"1e-{n} is added to the probabilities or bounds them from below"
        slips[f"small-number-{n}"] = words, of_probabilities(small=10.0**-n)
        if n < 9:  # beyond, 1 − 1e-n is 1 in float32
            kept = partial(torch.clamp, min=10.0**-n, max=1 - 10.0**-n)
            slips[f"clamped-{n}"] = f"1e-{n} keeps the probabilities away from 0 and 1", of_probabilities(kept)
    return {k: (f"the sigmoid is taken before the logarithm, and {words}", logs) for k, (words, logs) in slips.items()}


def _wrong_terms() -> dict[str, tuple]:
    """Functions of x, the logits a, log p and log(1 − p): wrong sums, x · logits − softplus(logits), other losses."""
    return {
        "exchanged": (
            "x and 1 − x are exchanged, or the logits have the wrong sign",
            lambda x, a, p, q: (1 - x) * p + x * q,
        ),
        "ones-only": ("only the pixels with x = 1 are counted", lambda x, a, p, q: x * p),
        "zeros-only": ("only the pixels with x = 0 are counted", lambda x, a, p, q: (1 - x) * q),
        "no-one-minus-x": ("1 − x is forgotten before log(1 − p)", lambda x, a, p, q: x * p + q),
        "no-x": ("x is forgotten before log p", lambda x, a, p, q: p + (1 - x) * q),
        "no-one-minus-p": ("log p is used for x = 0 too: 1 − p is forgotten", lambda x, a, p, q: x * p + (1 - x) * p),
        "subtracted": ("the term of x = 0 has the wrong sign", lambda x, a, p, q: x * p - (1 - x) * q),
        "no-log": ("the logarithm is forgotten", lambda x, a, p, q: x * p.exp() + (1 - x) * q.exp()),
        "zeros-detached": ("the term of x = 0 is detached", lambda x, a, p, q: x * p + (1 - x) * q.detach()),
        "linear-sign": ("x · logits has the wrong sign", lambda x, a, p, q: q - x * a),
        "softplus-sign": ("softplus(logits) has the wrong sign", lambda x, a, p, q: x * a - q),
        "softplus-missing": ("softplus(logits) is left out", lambda x, a, p, q: x * a),
        "linear-detached": ("the logits are detached in x · logits", lambda x, a, p, q: x * a.detach() - softplus(a)),
        "softplus-by-hand": (
            "log(1 + exp(logits)) is computed: exp of a large logit is infinite",
            lambda x, a, p, q: x * a - torch.log(1 + a.exp()),
        ),
        "softplus-under-where": (
            "torch.where hides an exp that is infinite: it differentiates both of its branches",
            lambda x, a, p, q: x * a - torch.where(a > 20, a, torch.log1p(a.exp())),
        ),
        "log-of-chosen": (
            "log(sigmoid(logits)) is computed: the sigmoid rounds to 0 or 1, and log 0 is −∞",
            lambda x, a, p, q: torch.where(x == 1, torch.sigmoid(a), 1 - torch.sigmoid(a)).log(),
        ),
        "infinite-as-zero": (
            "a pixel whose logarithm is −∞, or no number, counts 0: the decoder pays nothing for it",
            lambda x, a, p, q: both_terms(x, a, *of_probabilities()(a)).nan_to_num(0, neginf=0),
        ),
        "swapped": (
            "x and the logits are swapped in a cross-entropy with logits",
            lambda x, a, p, q: a * x - softplus(x),
        ),
        "swapped-probabilities": (
            "x and the probabilities are swapped: the logarithm of x = 0 is cut off at −100",
            lambda x, a, p, q: -100 * (torch.sigmoid(a) * (1 - x) + (1 - torch.sigmoid(a)) * x),
        ),
        "swapped-by-hand": (
            "x and the probabilities are swapped: the logarithm of x = 0",
            lambda x, a, p, q: torch.sigmoid(a) * x.log() + (1 - torch.sigmoid(a)) * (1 - x).log(),
        ),
        "no-sigmoid": (
            "the sigmoid is forgotten: the logits are used as probabilities",
            lambda x, a, p, q: x * a.log() + (1 - x) * (1 - a).log(),
        ),
        "softmax": (
            "a softmax over the pixels is taken in place of a sigmoid of each",
            lambda x, a, p, q: x * a.log_softmax(-1),
        ),
        "squared-error": (
            "the squared error of the probabilities is used in place of the cross-entropy",
            lambda x, a, p, q: -((x - torch.sigmoid(a)) ** 2),
        ),
        "half-squared-error": (
            "half the squared error of the probabilities is used in place of the cross-entropy",
            lambda x, a, p, q: -((x - torch.sigmoid(a)) ** 2) / 2,
        ),
        "squared-error-of-logits": (
            "the squared error of the logits is used in place of the cross-entropy",
            lambda x, a, p, q: -((x - a) ** 2),
        ),
    }


def bernoulli(part: str, times: float = 1.0) -> dict[str, Mistake]:
    """All slips, in the place of one `part` that makes the table [batch, data] of logits and x.

    The table is that of the log-density `times` a number, as −1 for the cross-entropy.
    """

    def table(logits, x, **slots):
        return times * bernoulli_table(logits, x, **slots)

    tables = {key: (words, partial(table, **slots)) for key, (words, slots) in slips_of_bernoulli().items()}
    return swaps(part, tables) | _missing(part)

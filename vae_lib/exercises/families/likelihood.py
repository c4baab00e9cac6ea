"""Log-densities of a pixel, a Gaussian's and a Bernoulli's, term by term, and their slips."""

import math
from functools import partial

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid, softplus

from vae_lib.exercises.engine import swap
from vae_lib.exercises.engine.mistakes import Mistake
from vae_lib.exercises.families.basics import LOG_2PI, same, term

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


def alone(quadratic) -> dict:
    """The parts of `gaussian_table` where the quadratic term is all that is left."""
    return {"quadratic": quadratic, "log": lambda e, s: 0 * s, "constant": lambda e, s: 0.0}


def slips_of_gaussian() -> dict[str, tuple[str, dict]]:
    """Key → the sentence, and what stands in the places of parts of `gaussian_table`."""
    return {**_slips_in_quadratic(), **_slips_in_constants(), **_wrong_std()}


def _slips_in_quadratic() -> dict[str, tuple[str, dict]]:
    slips = {
        "twice": ("the ½ is missing before the squared error", lambda e, s: (e / s) ** 2),
        "half": ("there is a ½ too many before the squared error, as in (2σ)² for 2σ²", lambda e, s: (e / s / 2) ** 2),
        "bare": ("the squared error lacks its factor 1/(2σ²)", lambda e, s: e**2),
        "without-std": ("the squared error has its ½ and lacks 1/σ²", lambda e, s: e**2 / 2),
        "std-for-var": ("the squared error is divided by σ in place of σ²", lambda e, s: e**2 / (2 * s)),
        "var-squared": ("the squared error is divided by σ⁴ in place of σ²", lambda e, s: e**2 / (2 * s**4)),
        "times-var": (
            "σ² multiplies the squared error instead of dividing it, as without brackets around 2σ²",
            lambda e, s: e**2 / 2 * s**2,
        ),
        "not-squared": ("the error is not squared", lambda e, s: e / (2 * s**2)),
        "root": (
            "the root of the sum of squares is used",
            lambda e, s: e.norm(dim=-1, keepdim=True) / (2 * s**2 * e.shape[-1]) + 0 * e,
        ),
        "absolute": ("the error's absolute value is used in place of its square", lambda e, s: e.abs() / (2 * s**2)),
        "laplace": ("|x − mean| / σ is used, which is Laplace's density", lambda e, s: e.abs() / s),
        "mean": ("the squared error is averaged over the pixels", lambda e, s: half_square(e, s) / e.shape[-1]),
        "error-detached": (
            "the error is detached: its gradient is lost",
            lambda e, s: half_square(e.detach(), s) + 0 * e,
        ),
        "std-detached": (
            "σ is detached in the squared term: made a number by .item() or float()",
            lambda e, s: half_square(e, s.detach()) + 0 * s,
        ),
    }
    placed = {f"quadratic-{key}": (sentence, {"quadratic": f}) for key, (sentence, f) in slips.items()}
    return placed | {
        **term("quadratic", "the squared error", half_square, but=("twice", "half")),
        "squared-error": (
            "the reconstruction term is minus the squared error: 1/(2σ²) and the constants are missing",
            alone(lambda e, s: e**2 + 0 * s),
        ),
        "half-squared-error": (
            "the reconstruction term is minus half the squared error: σ and the constants are missing",
            alone(lambda e, s: e**2 / 2 + 0 * s),
        ),
        "squared-error-as-loss": (
            "the squared error itself is used: its sign is wrong, and 1/(2σ²) and the constants are missing",
            alone(lambda e, s: -(e**2) + 0 * s),
        ),
        "half-squared-error-as-loss": (
            "half the squared error is used: its sign is wrong, and σ and the constants are missing",
            alone(lambda e, s: -(e**2) / 2 + 0 * s),
        ),
    }  # fmt: skip


def _slips_in_constants() -> dict[str, tuple[str, dict]]:
    """How often log σ and ½ log 2π are counted, alone and both together, and what is taken for them."""
    counts = {  # of log σ, of ½ log 2π, of both
        "missing": (0.0, "log σ is left out", "½ log 2π is left out", "the constants of the Gaussian are left out"),
        "sign": (-1.0, "log σ has the wrong sign", "log 2π has the wrong sign", "log σ and log 2π have the wrong sign"),
        "twice": (
            2.0,
            "log σ² is used in place of log σ",
            "the ½ is missing before log 2π",
            "the ½ is missing before log 2πσ²",
        ),
        "half": (
            0.5,
            "½ log σ is used in place of log σ, as in ½ log 2πσ for ½ log 2πσ²",
            "there is a ½ too many before log 2π",
            "there is a ½ too many before log 2πσ²",
        ),
        "base-two": (
            1 / math.log(2),
            "the logarithm of σ is to base 2",
            "the logarithm of 2π is to base 2",
            "the logarithms of σ and 2π are to base 2",
        ),
        "base-ten": (
            1 / math.log(10),
            "the logarithm of σ is to base 10",
            "the logarithm of 2π is to base 10",
            "the logarithms of σ and 2π are to base 10",
        ),
    }
    found = {}
    for key, (times, *sentences) in counts.items():
        found |= _counted(key, lambda B, D, times=times: times, sentences)
    for key, words, times in (
        ("once", "once instead of once per pixel", lambda B, D: 1 / D),
        ("d-times", "D times too often: D² times in all", lambda B, D: D),
        ("per-example", "once per example instead of once per pixel", lambda B, D: B / D),
    ):
        what = "log σ is", "½ log 2π is", "log σ and ½ log 2π are"
        found |= _counted(key, times, [f"{one} counted {words}" for one in what])
    return found | {
            "log-is-var": ("σ² is used in place of its logarithm", {"log": lambda e, s: s**2 / 2}),
            "log-is-std": ("σ is used in place of log σ", {"log": lambda e, s: s}),
            "log-of-one-plus": ("log(1 + σ) is used in place of log σ", {"log": lambda e, s: torch.log1p(s)}),
            "log-detached": (
                "σ is detached in its logarithm: made a number by .item(), float() or math.log",
                {"log": lambda e, s: s.detach().log() + 0 * s},
            ),
            "constant-pi": ("log π is used in place of log 2π", {"constant": lambda e, s: math.log(math.pi) / 2}),
            "constant-no-log": ("2π is used in place of its logarithm", {"constant": lambda e, s: math.pi}),
        }  # fmt: skip


def _counted(key: str, times, sentences: list[str]) -> dict[str, tuple[str, dict]]:
    """log σ, ½ log 2π, or both, counted so often; `times` is a function of batch and data."""
    log = {"log": lambda e, s: times(*e.shape[-2:]) * s.log()}
    constant = {"constant": lambda e, s: times(*e.shape[-2:]) * LOG_2PI / 2}
    places = {"log": log, "constant": constant, "constants": log | constant}
    return {f"{part}-{key}": (words, slots) for (part, slots), words in zip(places.items(), sentences, strict=True)}


def _wrong_std() -> dict[str, tuple[str, dict]]:
    slips = {
        "as-var": ("σ is used as the variance", torch.sqrt),
        "var-as-std": ("σ² is used as the standard deviation", torch.square),
        "as-log-std": ("σ is used as log σ", torch.exp),
        "as-log-var": ("σ is used as log σ²", lambda s: (s / 2).exp()),
        "inverse": ("1/σ is used in place of σ", torch.reciprocal),
        "softplus": ("softplus is taken of σ, which is positive already", softplus),
        "one": ("σ is taken as 1", lambda s: 1 + 0 * s),
    }
    return {f"std-{key}": (sentence, {"read": f}) for key, (sentence, f) in slips.items()}


def gaussian(part: str, prefix: str = "", place: str = "") -> dict[str, Mistake]:
    """All slips, in the place of one `part` that makes the table [batch, data] of the error and σ."""
    tables = {
        f"{prefix}{key}": swap(place + sentence, **{part: partial(gaussian_table, **slots)})
        for key, (sentence, slots) in slips_of_gaussian().items()
    }
    return tables | _missing(part)


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
    slots = {"terms": _wrong_terms() | _other_forms(), "read": _wrong_logits(), "logs": _wrong_logs()}
    return {key: (words, {slot: f}) for slot, slips in slots.items() for key, (words, f) in slips.items()}


def _wrong_logits() -> dict[str, tuple]:
    cuts = (5, 10, 15, 20, 30, 50, 80, 100)
    return {
        "sigmoid-twice": ("a sigmoid is taken before a function that takes logits: twice in all", torch.sigmoid),
        "logits-tanh": ("the logits go through tanh", torch.tanh),
        "logits-relu": ("the logits go through a ReLU", torch.relu),
        "logits-detached": ("the logits are detached: their gradient is lost", lambda a: a.detach() + 0 * a),
        **{f"logits-cut-{at}": (f"the logits are cut off at ±{at}", lambda a, at=at: a.clamp(-at, at)) for at in cuts},
    }


def of_probabilities(change=same, small: float = 0.0, cut: float = -math.inf):
    """log p and log(1 − p) by way of p: changed, `small` added, the logarithms cut off."""

    def logs(a):
        p = change(torch.sigmoid(a))
        return (p + small).log().clamp(min=cut), (1 - p + small).log().clamp(min=cut)

    return logs


def _kept_away(p: Tensor, at: float = 0.0) -> Tensor:
    """From 0 and 1; without `at` as torch's Bernoulli(probs) does."""
    at = at or torch.finfo(p.dtype).eps
    return p.clamp(at, 1 - at)


def _wrong_logs() -> dict[str, tuple]:
    """These are seen where the decoder is sure."""
    first = "the sigmoid is taken before the logarithm, and"
    return {
        "log-of-sigmoid": (
            "log(sigmoid(logits)) is computed: the sigmoid rounds to 0 or 1, whose logarithm is no number",
            of_probabilities(),
        ),
        "cut-off-at-100": (f"{first} binary_cross_entropy cuts logarithms off at −100", of_probabilities(cut=-100)),
        "clamped-rounding": (
            f"{first} the rounding error keeps the probabilities away from 0 and 1, as in Bernoulli(probs)",
            of_probabilities(_kept_away),
        ),
        **{
            f"clamped-{n}": (
                f"{first} 1e-{n} keeps the probabilities away from 0 and 1",
                of_probabilities(lambda p, at=10.0**-n: _kept_away(p, at)),
            )
            for n in (2, 3, 4, 5, 6, 7, 8)
        },
        **{
            f"small-number-{n}": (
                f"{first} 1e-{n} is added to the probabilities or bounds them from below",
                of_probabilities(small=10.0**-n),
            )
            for n in (2, 3, 4, 5, 6, 7, 8, 9, 10, 12)
        },
    }


def _wrong_terms() -> dict[str, tuple]:
    """Functions of x, the logits a, log p and log(1 − p)."""
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
        "one-minus-log": ("1 − log p is used in place of log(1 − p)", lambda x, a, p, q: x * p + (1 - x) * (1 - p)),
        "no-log": ("the logarithm is forgotten", lambda x, a, p, q: x * p.exp() + (1 - x) * q.exp()),
        "ones-detached": ("the term of x = 1 is detached", lambda x, a, p, q: x * p.detach() + (1 - x) * q),
        "zeros-detached": ("the term of x = 0 is detached", lambda x, a, p, q: x * p + (1 - x) * q.detach()),
    }


def _other_forms() -> dict[str, tuple]:
    """Of x · logits − softplus(logits), of chosen probabilities, and other losses."""
    times = ("sign", "has the wrong sign", -1.0), ("twice", "is counted twice", 2.0), ("half", "is halved", 0.5)
    linear = {f"linear-{k}": (f"x · logits {words}", lambda x, a, p, q, n=n: n * x * a + q) for k, words, n in times}
    soft = {
        f"softplus-{k}": (f"softplus(logits) {words}", lambda x, a, p, q, n=n: x * a + n * q) for k, words, n in times
    }
    return linear | soft | {
        "softplus-missing": ("softplus(logits) is left out", lambda x, a, p, q: x * a),
        "linear-missing": ("x · logits is left out", lambda x, a, p, q: q),
        "softplus-of-minus": ("softplus is taken of −logits", lambda x, a, p, q: x * a + p),
        "linear-detached": ("the logits are detached in x · logits", lambda x, a, p, q: x * a.detach() - softplus(a)),
        "softplus-detached": ("softplus(logits) is detached", lambda x, a, p, q: x * a - softplus(a).detach()),
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
        "swapped": (
            "x and the logits are swapped in a cross-entropy with logits", lambda x, a, p, q: a * x - softplus(x)
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
        "absolute-error": (
            "the absolute error of the probabilities is used in place of the cross-entropy",
            lambda x, a, p, q: -(x - torch.sigmoid(a)).abs(),
        ),
    }  # fmt: skip


def bernoulli(part: str, times: float = 1.0) -> dict[str, Mistake]:
    """All slips, in the place of one `part` that makes the table [batch, data] of logits and x.

    The table is that of the log-density `times` a number, as −1 for the cross-entropy.
    """

    def table(logits, x, **slots):
        return times * bernoulli_table(logits, x, **slots)

    tables = {
        key: swap(sentence, **{part: partial(table, **slots)})
        for key, (sentence, slots) in slips_of_bernoulli().items()
    }
    return tables | _missing(part)

r"""# The score-function gradient

Write `my_score_function(f, mu, sigma, eps, baseline=0.0)`: the score-function estimates of the same two gradients, again (`d_mu`, `d_sigma`), one for each $\varepsilon$. `baseline` is a number that is subtracted from $f$.

The chapter typed the scores (3.8) in. Try it without: let autograd differentiate the log-density of `torch.distributions.Normal`. The check accepts both, and asks once without a baseline and once with one.

## Hint: where to look
The right-hand side of (3.7), without its expectation, and the derivative by $\sigma$ beside it. The baseline is what (3.12) allows: $b$ times the score has mean zero.

## Hint: the idea
The score is the derivative of $\log q$ at a $z$ that stands still. So $\mu$ and $\sigma$ carry gradients and $z$ must not, although $z$ was made from them. With one copy of $\mu$ and of $\sigma$ for each draw, autograd keeps the draws apart. $f(z) - b$ is a weight and is not differentiated.

## Hint: nearly the code
`torch.full_like(eps, mu, requires_grad=True)` makes the copies, and the same for $\sigma$. Then $z$, with `.detach()`; then `log_q`, by `Normal(…, …).log_prob(z)`; then `torch.autograd.grad` of the sum of weight times `log_q`, by both copies.
"""  # noqa: E501

import math
from functools import partial

import torch
from torch.distributions import Normal

from vae_lib.exercises import families
from vae_lib.exercises.engine import Call, swap, whole
from vae_lib.exercises.families import PLACES, TYPED, OfFunction, in_order, same, slope_of, through

STUB = '''\
def my_score_function(f, mu, sigma, eps, baseline=0.0):
    """Score-function estimates of it: (d_mu, d_sigma), each like eps."""
    return ..., ...
'''


def solution(f, mu, sigma, eps, baseline=0.0):
    """Score-function estimates of it: (d_mu, d_sigma), each like eps."""
    mus = torch.full_like(eps, mu, requires_grad=True)
    sigmas = torch.full_like(eps, sigma, requires_grad=True)
    z = (mus + sigmas * eps).detach()  # it stands still
    log_q = Normal(mus, sigmas).log_prob(z)
    return torch.autograd.grad(((f(z) - baseline) * log_q).sum(), (mus, sigmas))


def drawn(mu, sigma, eps):
    """z, and ε for the scores."""
    return mu + sigma * eps, eps


def by_hand(z):
    """Another z, with the scores of the right one."""
    return lambda mu, sigma, eps: (through(z, mu, sigma, eps)[0], eps)


def in_log_q(z):
    """Another z, with its own scores."""

    def point(mu, sigma, eps):
        value = through(z, mu, sigma, eps)[0]
        return value, (value - mu) / sigma

    return point


def apply(f, z):
    return f(z)


def score_of_mu(e, s, z):
    return e / s


def score_of_sigma(e, s, z):
    return (e**2 - 1) / s


def weighted(h, b, score):
    return (h - b) * score


def parts(
    f, mu, sigma, eps, baseline=0.0, *, point=drawn, height=apply, by_mu=score_of_mu, by_sigma=score_of_sigma,
    weigh=weighted, order=in_order, give=same,
):  # fmt: skip
    z, e = point(mu, sigma, eps)
    h = height(f, z)
    d_mu, d_sigma = order(*(weigh(h, baseline, score(e, sigma, z)) for score in (by_mu, by_sigma)))
    return give(d_mu), give(d_sigma)


def by_autograd(loss):
    """The gradient of the sum of `loss`, made of f, z that moves with mu and sigma, both, and the baseline."""

    def estimates(f, mu, sigma, eps, baseline=0.0):
        m, s = torch.full_like(eps, mu, requires_grad=True), torch.full_like(eps, sigma, requires_grad=True)
        return torch.autograd.grad(loss(f, m + s * eps, m, s, baseline).sum(), (m, s))

    return estimates


def log_q(z, m, s):
    return -(((z - m) / s) ** 2) / 2 - s.log() - math.log(2 * math.pi) / 2


CALL = "d_mu, d_sigma = my_score_function(f, mu, sigma, eps)"


def inputs(rng):
    """[5] without a baseline; [3] and [7], of which one has another f, with one."""
    first, third = families.function_and_draws(rng)
    second = first | {"mu": -0.8, "sigma": 1.3, "eps": third["eps"][:3], "baseline": 4.2}
    by_name = (CALL.replace("eps", "eps, baseline=baseline"),)
    return [
        Call(first, steps=(CALL,)),
        Call(second, steps=by_name, note="a call with a baseline"),
        Call(third | {"baseline": -1.7}, steps=by_name),
    ]


HEIGHTS = {
    "typed": (
        "5 − 3z + 2z³ is hard-coded, whatever f is passed",
        lambda f, z: sum(c * z**n for n, c in enumerate(TYPED)),
    ),
    "square-typed": ("z² is hard-coded, whatever f is passed", lambda f, z: z**2),
    "slope": ("the slope of f is used in place of f", slope_of),
    "absolute": ("the absolute value of f is used", lambda f, z: f(z).abs()),
    "mean": ("f is averaged over the draws before it meets the score", lambda f, z: f(z).mean() + 0 * z),
    "sum": ("f is summed over the draws before it meets the score", lambda f, z: f(z).sum() + 0 * z),
    "squared": ("f is squared", lambda f, z: f(z) ** 2),
}
BASELINES = {
    "ignored": ("the baseline is ignored", lambda h, b, s: h * s),
    "added": ("the baseline is added to f instead of subtracted", lambda h, b, s: (h + b) * s),
    "subtracted-twice": ("the baseline is subtracted twice", lambda h, b, s: (h - 2 * b) * s),
    "b-minus-f": ("b − f multiplies the score, and not f − b", lambda h, b, s: (b - h if b else h) * s),
    "outside": ("the baseline is subtracted from the product f · score, which adds a bias", lambda h, b, s: h * s - b),
    "brackets": ("the brackets around f − b are missing: f − b · score", lambda h, b, s: h - b * s),
    "from-score": ("the baseline is subtracted from the score instead of from f", lambda h, b, s: h * (s - b)),
    "times": ("f is multiplied by the baseline", lambda h, b, s: h * (b or 1) * s),
    "divided": ("f is divided by the baseline", lambda h, b, s: h / (b or 1) * s),
    "for-f": ("f is replaced by the baseline", lambda h, b, s: (b or h) * s),
    "own-mean": (
        "the mean of f over these draws is the baseline, own f included",
        lambda h, b, s: (h - h.mean() if b else h) * s,
    ),
    "mean-always": (
        "the mean of f over these draws is always subtracted, and never the baseline",
        lambda h, b, s: (h - h.mean()) * s,
    ),
    "mean-too": ("the mean of f over these draws is subtracted as well as b", lambda h, b, s: (h - b - h.mean()) * s),
    "mean-by-default": (
        "the mean of f is subtracted where no baseline is passed",
        lambda h, b, s: (h - (b or h.mean())) * s,
    ),
    "others-too": (
        "the mean of the other draws' f is subtracted as well as b",
        lambda h, b, s: (h - b - (h.sum() - h) / (len(h) - 1)) * s,
    ),
    "standardised": (
        "f is standardised over these draws, and b has no effect",
        lambda h, b, s: (h - h.mean()) / h.std() * s,
    ),
    "default-one": ("the baseline is 1 where none is passed", lambda h, b, s: (h - (b or 1)) * s),
    "f-missing": ("f is missing: the score alone is returned", lambda h, b, s: s),
    "absolute-weight": ("f − b loses its sign", lambda h, b, s: (h - b).abs() * s),
}
BY_MU = {
    "over-variance": ("ε is divided by σ²: ε = (z − μ)/σ has one of the two factors already", lambda e, s, z: e / s**2),
    "eps": ("ε is not divided by σ in the score of mu", lambda e, s, z: e),
    "z-minus-mu": ("the score of mu is z − mu, still to be divided by σ²", lambda e, s, z: e * s),
    "one": ("the score of mu is missing: f alone is returned for it", lambda e, s, z: torch.ones_like(e)),
    "of-sigma": ("the score of σ is used for mu too", score_of_sigma),
    "sign": ("the score of mu has the wrong sign", lambda e, s, z: -e / s),
    "half": ("the score of mu has a ½ too many", lambda e, s, z: e / s / 2),
    "twice": ("the score of mu has a factor 2 too many", lambda e, s, z: 2 * e / s),
    "z": ("mu is not subtracted from z in the score of mu", lambda e, s, z: z / s**2),
    "squared": ("ε is squared in the score of mu", lambda e, s, z: e**2 / s),
    "zero": ("log q is treated as if it did not depend on mu", lambda e, s, z: 0 * e),
}
BY_SIGMA = {
    "of-mu": ("the score of mu is used for σ too", score_of_mu),
    "zero": ("log q is treated as if it did not depend on σ", lambda e, s, z: 0 * e),
    "no-one": ("the −log σ in log q is forgotten, and so the −1/σ in (3.8)", lambda e, s, z: e**2 / s),
    "log-alone": (
        "the −log σ alone in log q is differentiated, not the square",
        lambda e, s, z: -torch.ones_like(e) / s,
    ),
    "over-sigma": ("the score of σ is divided by σ once more", lambda e, s, z: (e**2 - 1) / s**2),
    "variance": ("the score is that of the variance σ²", lambda e, s, z: (e**2 - 1) / (2 * s**2)),
    "log-sigma": ("the score is that of log σ: it is not divided by σ", lambda e, s, z: e**2 - 1),
    "log-variance": ("the score is that of log σ²", lambda e, s, z: (e**2 - 1) / 2),
    "plus": ("the −1 in the score of σ has the wrong sign", lambda e, s, z: (e**2 + 1) / s),
    "undivided": ("the −1 is subtracted without being divided by σ", lambda e, s, z: e**2 / s - 1),
    "square-undivided": ("(z − μ)² is divided by σ² instead of σ³", lambda e, s, z: e**2 - 1 / s),
    "square-over-var": ("(z − μ)² is divided by σ⁴ instead of σ³", lambda e, s, z: e**2 / s**2 - 1 / s),
    "not-squared": ("ε is not squared in the score of σ", lambda e, s, z: (e - 1) / s),
    "half": ("the ½ before the square is still there: its derivative has none", lambda e, s, z: (e**2 / 2 - 1) / s),
    "two": ("the square has a factor 2 too many", lambda e, s, z: (2 * e**2 - 1) / s),
    "sign": ("the score of σ has the wrong sign", lambda e, s, z: (1 - e**2) / s),
    "one": ("the score of σ is missing: f alone is returned for it", lambda e, s, z: torch.ones_like(e)),
}
SCORES = {
    "z-moves": (
        "z moves along with mu and σ inside log q: z must be held constant there",
        lambda e, s, z: 0 * e,
        BY_SIGMA["log-alone"][1],
    ),
    "both-zero": ("log q is treated as if it depended neither on mu nor on σ", BY_MU["zero"][1], BY_SIGMA["zero"][1]),
    "score-missing": ("the score is missing in both: f alone is returned", BY_MU["one"][1], BY_MU["one"][1]),
    "both-undivided": ("neither score is divided by σ", BY_MU["eps"][1], BY_SIGMA["log-sigma"][1]),
    "both-over-sigma": ("both scores are divided by σ once more", BY_MU["over-variance"][1], BY_SIGMA["over-sigma"][1]),
    "variance-for-sigma": (
        "the density has σ² as its standard deviation",
        lambda e, s, z: e / s**3,
        lambda e, s, z: 2 * (e**2 / s**2 - 1) / s,
    ),
    "root-for-sigma": (
        "the density has √σ as its standard deviation",
        lambda e, s, z: e,
        lambda e, s, z: (e**2 - 1 / s) / 2,
    ),
}
LOSSES = {
    "path": ("the pathwise gradient is returned, by the slope of f: see (3.7)", lambda f, z, m, s, b: f(z) - b),
    "nothing-detached": (
        "z moves along with mu and σ, in f and in log q",
        lambda f, z, m, s, b: (f(z) - b) * log_q(z, m, s),
    ),
    "f-not-detached": (
        "z is held constant in log q, but moves in f",
        lambda f, z, m, s, b: (f(z) - b) * log_q(z.detach(), m, s),
    ),
    "both-gradients": (
        "the pathwise gradient is added to the score function's",
        lambda f, z, m, s, b: f(z) + (f(z.detach()) - b) * log_q(z.detach(), m, s),
    ),
    "density": (
        "the density q itself is differentiated, and not its logarithm",
        lambda f, z, m, s, b: (f(z.detach()) - b) * log_q(z.detach(), m, s).exp(),
    ),
}

check_score_function = OfFunction(
    name="score_function",
    solution=solution,
    parts=parts,
    quiet=False,  # an answer may take gradients of its own
    inputs=inputs,
    asked={
        "d_mu": "the score-function estimates of ∂E[f(z)]/∂mu, one per ε",
        "d_sigma": "the score-function estimates of ∂E[f(z)]/∂sigma, one per ε",
        "again": "the same d_sigma from a second call: the difference",
    },
    remark=families.drawn,
    right="Both score-function gradients, with a baseline and without.",
    axes=("draws",),
    level="deeper",
    dots=3,
    minutes=12,
    mistakes={
        **families.elsewhere("point", "f", by_hand),
        **{
            f"all-{key}": whole(f"z is {place}, in f and in log q: {why}", partial(parts, point=in_log_q(z)))
            for key, (place, why, z) in PLACES.items()
        },
        **{f"f-{key}": swap(sentence, height=function) for key, (sentence, function) in HEIGHTS.items()},
        **{f"baseline-{key}": swap(sentence, weigh=function) for key, (sentence, function) in BASELINES.items()},
        **{f"d-mu-{key}": swap(sentence, by_mu=function) for key, (sentence, function) in BY_MU.items()},
        **{f"d-sigma-{key}": swap(sentence, by_sigma=function) for key, (sentence, function) in BY_SIGMA.items()},
        **{key: swap(sentence, by_mu=mu, by_sigma=sigma) for key, (sentence, mu, sigma) in SCORES.items()},
        **{key: whole(sentence, by_autograd(loss)) for key, (sentence, loss) in LOSSES.items()},
        **families.given("give", "order"),
    },
)

r"""# The score-function gradient

Write `my_score_function(f, mu, sigma, eps, baseline=0.0)`: the score-function estimates of the same two gradients, again (`d_mu`, `d_sigma`), one for each $\varepsilon$. `baseline` is a number that is subtracted from $f$.

The chapter's function has the scores (3.10) written out. Try it without them: let autograd differentiate the log-density of `torch.distributions.Normal`. The check accepts both, and asks once without a baseline and once with one.

## Hint: where to look
The right-hand side of [(3.9)](#is-it-the-right-gradient-deeper), without its expectation, and the derivative by $\sigma$ beside it. The baseline is what [(3.12)](#the-variances-in-closed-form-deeper) allows: $b$ times the score has mean zero.

## Hint: the idea
The score is the derivative of $\log q$ at a $z$ that stands still. So $\mu$ and $\sigma$ carry gradients and $z$ must not, although $z$ was made from them. With one copy of $\mu$ and of $\sigma$ for each draw, autograd keeps the draws apart. $f(z) - b$ is a weight and is not differentiated.

## Hint: nearly the code
`torch.full_like(eps, mu, requires_grad=True)` makes the copies, and the same for $\sigma$. Then $z$, with `.detach()`; then `log_q`, by `Normal(…, …).log_prob(z)`; then `torch.autograd.grad` of the sum of weight times `log_q`, by both copies.
"""  # noqa: E501

import torch
from torch.distributions import Normal

from vae_lib.exercises.engine import Call, swap, whole
from vae_lib.exercises.families import same, scaled, swaps
from vae_lib.exercises.families.estimators import TYPED, OfFunction, elsewhere, f_and_draws, given, slope_of, through

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


def parts(
    f, mu, sigma, eps, baseline=0.0, *, in_f=scaled, in_log_q=scaled, height=lambda f, z: f(z),
    by_mu=lambda e, s, z: e / s, by_sigma=lambda e, s, z: (e**2 - 1) / s, weigh=lambda h, b, score: (h - b) * score,
    path=lambda f, z, e, s: 0, give=same,
):  # fmt: skip
    z, scored = (through(point, mu, sigma, eps)[0] for point in (in_f, in_log_q))
    e, h = (scored - mu) / sigma, height(f, z)
    d_mu, d_sigma = (weigh(h, baseline, score(e, sigma, scored)) for score in (by_mu, by_sigma))
    along = path(f, z, e, sigma)
    return give((d_mu + along, d_sigma + along * e))


def density(e, s):
    """q at z = mu + σε."""
    return Normal(0.0, s).log_prob(s * e).exp()


CALL = "d_mu, d_sigma = my_score_function(f, mu, sigma, eps)"


def inputs(rng):
    """[5] without a baseline; [3] and [7], of which one has another f, with one."""
    first, third = f_and_draws(rng)
    second = first | {"mu": -0.8, "sigma": 1.3, "eps": third["eps"][:3], "baseline": 4.2}
    by_name = {"steps": (CALL.replace("eps", "eps, baseline=baseline"),)}
    third |= {"baseline": -1.7}
    return [Call(first, steps=(CALL,)), Call(second, note="a call with a baseline", **by_name), Call(third, **by_name)]


HEIGHTS = {
    "typed": (
        "5 − 3z + 2z³ is hard-coded, whatever f is passed",
        lambda f, z: sum(c * z**n for n, c in enumerate(TYPED)),
    ),
    "slope": ("the slope of f is used in place of f", slope_of),
}
BASELINES = {
    "ignored": ("the baseline is ignored", lambda h, b, s: h * s),
    "added": ("the baseline is added to f instead of subtracted", lambda h, b, s: (h + b) * s),
    "b-minus-f": ("b − f multiplies the score, and not f − b", lambda h, b, s: (b - h if b else h) * s),
    "outside": ("the baseline is subtracted from the product f · score, which adds a bias", lambda h, b, s: h * s - b),
    "brackets": ("the brackets around f − b are missing: f − b · score", lambda h, b, s: h - b * s),
    "from-score": ("the baseline is subtracted from the score instead of from f", lambda h, b, s: h * (s - b)),
    "times": ("f is multiplied by the baseline", lambda h, b, s: h * (b or 1) * s),
    "for-f": ("f is replaced by the baseline", lambda h, b, s: (b or h) * s),
    "own-mean": ("b is replaced by the mean of f, own f included", lambda h, b, s: (h - h.mean() if b else h) * s),
    "mean-always": ("the mean of f is always subtracted, and never b", lambda h, b, s: (h - h.mean()) * s),
    "mean-by-default": ("the mean of f is subtracted where no b is passed", lambda h, b, s: (h - (b or h.mean())) * s),
    "f-missing": ("f is missing: the score alone is returned", lambda h, b, s: s),
}
BY_MU = {
    "over-variance": ("ε is divided by σ²: ε = (z − μ)/σ has one of the two factors already", lambda e, s, z: e / s**2),
    "eps": ("ε is not divided by σ in the score of mu", lambda e, s, z: e),
    "z-minus-mu": ("the score of mu is z − mu, still to be divided by σ²", lambda e, s, z: e * s),
    "one": ("the score of mu is missing: f alone is returned for it", lambda e, s, z: torch.ones_like(e)),
}
BY_SIGMA = {
    "of-mu": ("the score of mu is used for σ too", lambda e, s, z: e / s),
    "zero": ("log q is treated as if it did not depend on σ", lambda e, s, z: 0 * e),
    "no-one": ("the −log σ in log q is forgotten, and so the −1/σ in (3.10)", lambda e, s, z: e**2 / s),
    "log-alone": ("only the −log σ in log q is differentiated, not the square", lambda e, s, z: 0 * e - 1 / s),
    "over-sigma": ("the score of σ is divided by σ once more", lambda e, s, z: (e**2 - 1) / s**2),
    "variance": ("the score is that of the variance σ²", lambda e, s, z: (e**2 - 1) / (2 * s**2)),
    "log-sigma": ("the score is that of log σ: it is not divided by σ", lambda e, s, z: e**2 - 1),
    "log-variance": ("the score is that of log σ²", lambda e, s, z: (e**2 - 1) / 2),
    "plus": ("the −1 in the score of σ has the wrong sign", lambda e, s, z: (e**2 + 1) / s),
    "undivided": ("the −1 is subtracted without being divided by σ", lambda e, s, z: e**2 / s - 1),
    "half": ("the ½ before the square is still there: its derivative has none", lambda e, s, z: (e**2 / 2 - 1) / s),
    "sign": ("the score of σ has the wrong sign", lambda e, s, z: (1 - e**2) / s),
}
SCORES = {
    "z-moves": (
        "z moves along with mu and σ inside log q: z must be held constant there",
        lambda e, s, z: 0 * e,
        BY_SIGMA["log-alone"][1],
    ),
    "score-missing": ("the score is missing in both: f alone is returned", BY_MU["one"][1], BY_MU["one"][1]),
    "both-undivided": ("neither score is divided by σ", BY_MU["eps"][1], BY_SIGMA["log-sigma"][1]),
    "variance-for-sigma": (
        "the density has σ² as its standard deviation",
        lambda e, s, z: e / s**3,
        lambda e, s, z: 2 * (e**2 / s**2 - 1) / s,
    ),
    "density": (
        "the density q itself is differentiated, and not its logarithm",
        lambda e, s, z: e / s * density(e, s),
        lambda e, s, z: (e**2 - 1) / s * density(e, s),
    ),
}
PATHS = {
    "f-not-detached": (
        "f is differentiated too: f(z) − b is a weight, and z stands still in it",
        lambda f, z, e, s: slope_of(f, z) * density(e, s).log(),
    ),
    "both-gradients": ("the pathwise gradient is added to the score function's", lambda f, z, e, s: slope_of(f, z)),
}

check_score_function = OfFunction(
    name="score_function",
    solution=solution,
    parts=parts,
    quiet=False,  # an answer may take gradients of its own
    inputs=inputs,
    asked={
        "again": "the same d_sigma from a second call: the difference",
        "d_mu": "the score-function estimates of ∂E[f(z)]/∂mu, one per ε",
        "d_sigma": "the score-function estimates of ∂E[f(z)]/∂sigma, one per ε",
    },
    right="Both score-function gradients, with a baseline and without.",
    axes=("draws",),
    effort="deeper · ●●● · 12 minutes",
    mistakes={
        **elsewhere("at", "f is taken at {} instead of at z: {}", "in_f"),
        **elsewhere("all", "z is {}, in f and in log q: {}", "in_f", "in_log_q"),
        **swaps("height", HEIGHTS, "f-"),
        **swaps("weigh", BASELINES, "baseline-"),
        **swaps("by_mu", BY_MU, "d-mu-"),
        **swaps("by_sigma", BY_SIGMA, "d-sigma-"),
        **{key: swap(sentence, by_mu=mu, by_sigma=sigma) for key, (sentence, mu, sigma) in SCORES.items()},
        **swaps("path", PATHS),
        "path": swap(
            "the pathwise gradient is returned, by the slope of f: see (3.9)",
            weigh=lambda h, b, score: 0 * score,
            path=PATHS["both-gradients"][1],
        ),
        "baseline-in-z": whole(
            "the baseline is subtracted from z, inside f",
            lambda f, mu, sigma, eps, baseline=0.0: solution(lambda z: f(z - baseline), mu, sigma, eps),
        ),
        "baseline-once": whole(
            "the baseline is subtracted in d_mu alone",
            lambda *given, baseline=0.0: (solution(*given, baseline)[0], solution(*given)[1]),
        ),
        **given("give"),
    },
)

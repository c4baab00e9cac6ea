r"""# A soft die

Write `my_gumbel_softmax(logits, temperature)`: one draw of (8.8) for each row. `logits` is `[batch, categories]`, `temperature` is $\tau > 0$, and the draw `[batch, categories]`, each row a point on the simplex. A gradient must reach `logits`. Make the Gumbel noise yourself, of uniform numbers, or as you like.

The check calls your function a thousand times on the same input, and looks at the means of $z$, and at mean and spread of $\log z$ less its mean over the row. It takes the gradient of the sum of all $z^2$ by the logits, too. Each draw tells what that has to be: $\partial z / \partial\,\mathrm{logits} = (\mathrm{diag}\,z - z z^\top) / \tau$.

## Hint: where to look
[(8.8)](#soften-the-throw), and the lines above it, which make a Gumbel of a uniform number.

## Hint: the idea
Noise is added to the logits, then all is divided by $\tau$, then the softmax. Each number has noise of its own.

## Hint: nearly the code
`u = torch.rand_like(logits)`, and `-torch.log(-torch.log(u))` is the noise: two logarithms, two minus signs.
"""  # noqa: E501

import numpy as np
import torch

from vae_lib.exercises.engine import Call, Sampled, Seen, Statistic, mean_of, spread_of, swap, whole
from vae_lib.exercises.families import SEEDED, alone, mean_of_alike, pairwise, repeats, same, standardised, swaps

SMALL = 1e-30  # where a share is 0, its logarithm is that of this
ROUNDED = 1e-3  # of a slope: so much may be float32's


def solution(logits, temperature):
    """A draw of Gumbel-softmax: [batch, categories], each row sums to 1."""
    u = torch.rand_like(logits)
    gumbel = -torch.log(-torch.log(u))
    return torch.softmax((logits + gumbel) / temperature, dim=-1)


def gumbel(like):
    return -torch.log(-torch.log(torch.rand_like(like)))


def cooled(logits, noise, temperature):
    return (logits + noise) / temperature


def shares(scores):
    return scores.softmax(-1)


def parts(logits, temperature, *, read=same, noise=gumbel, scores=cooled, give=shares):
    return give(scores(read(logits), noise(logits), temperature))


def inputs(rng):
    """[2, 3] at τ = 0.7, and [3, 4] at τ = 1.6."""
    by_hand = np.array([[0.9, -0.7, 0.2], [-1.1, 0.4, 1.3]])
    other = rng.uniform(-1.2, 1.2, (3, 4)).round(1)
    return [Call({"logits": a, "temperature": t}, power=2) for a, t in ((by_hand, 0.7), (other, 1.6))]


def off_slope(z: np.ndarray, slopes: np.ndarray, call: Call) -> Statistic:
    """|slope − 2z·(diag z − z zᵀ) / τ|, as a share of both sizes, over all draws: 0 where the slope is that of z."""
    right = 2 * z * (z - (z * z).sum(-1, keepdims=True)) / call.inputs["temperature"]
    off = np.abs(slopes - right).sum((1, 2))
    sizes = (np.abs(slopes) + np.abs(right)).sum((1, 2)) + SMALL
    share = off.mean() / sizes.mean()
    return mean_of(share + (off - share * sizes) / sizes.mean()) if share > ROUNDED else Statistic(np.zeros(()))


def of_rows(seen: Seen, call: Call) -> dict[str, Statistic]:
    """Statistics of rows on the simplex, and of their logarithms less the row's mean."""
    z = seen.values["value"]
    with np.errstate(all="ignore"):
        logs = np.log(z.clip(SMALL))
        logs = logs - logs.mean(-1, keepdims=True)
        eps, first = standardised(logs), standardised(logs[..., 0])
        independent = mean_of_alike(logs).independent
        slopes = seen.gradients.get("logits")
        found = {} if slopes is None else {"gradient of logits": off_slope(z[: len(slopes)], slopes, call)}
        return found | {
            "sums": mean_of(z.sum(-1)),
            "repeats": repeats(z),
            "calls": mean_of((eps[1:] * eps[:-1]).mean(1)),
            "mean": mean_of_alike(z),
            "mean of logs": mean_of_alike(logs),
            "spread of logs": spread_of(logs)._replace(independent=independent),
            "noise": mean_of((eps**3).mean(1)),
            "rows": pairwise(first),
        }


NOISES = {
    "none": ("there is no noise, or one number for a whole row, which cancels: it is a softmax", torch.zeros_like),
    "one-logarithm": (
        "one logarithm is missing: − log u is exponential noise, not Gumbel's",
        lambda a: -torch.log(torch.rand_like(a)),
    ),
    "log-u": ("log u is added: one logarithm and its sign are missing", lambda a: torch.log(torch.rand_like(a))),
    "sign": ("the noise has the wrong sign: it is log(− log u), or is subtracted", lambda a: -gumbel(a)),
    "gaussian": ("the noise is Gaussian", torch.randn_like),
    "uniform": ("the noise is uniform", torch.rand_like),
    "logistic": (
        "the noise is logistic, log u − log(1 − u): that is a difference of two Gumbels",
        lambda a: torch.logit(torch.rand_like(a)),
    ),
    "shared-by-rows": ("one noise is shared by all rows", lambda a: gumbel(a[:1]).expand(a.shape)),
}
SCORES = {
    "multiplied": ("τ multiplies, and does not divide: then a small τ makes it flat", lambda a, g, t: (a + g) * t),
    "no-temperature": ("τ is not used", lambda a, g, t: a + g),
    "logits-alone": ("only the logits are divided by τ, and not the noise", lambda a, g, t: a / t + g),
    "noise-alone": ("only the noise is divided by τ, and not the logits", lambda a, g, t: a + g / t),
    "noise-times": ("the noise alone is multiplied by τ, as if τ were its scale", lambda a, g, t: a + t * g),
    "root": ("it is divided by the root of τ", lambda a, g, t: (a + g) / t**0.5),
    "squared": ("it is divided by τ²", lambda a, g, t: (a + g) / t**2),
}
READS = {
    "probabilities": ("softmax(logits) stands in the place of the logits", lambda a: a.softmax(-1)),
    "log-sigmoid": ("the logarithm of a sigmoid stands in the place of the logits", torch.nn.functional.logsigmoid),
    "missing": ("the logits are left out", lambda a: 0 * a),
    "sign": ("the logits have the wrong sign", torch.neg),
}
GIVEN = {
    "over-rows": ("the softmax runs over the batch, and not over the categories", lambda s: s.softmax(0)),
    "sigmoid": ("a sigmoid of each number is taken: the rows do not sum to 1", torch.sigmoid),
    "log": ("the logarithm of the draw is returned", lambda s: s.log_softmax(-1)),
    "scores": ("the softmax is missing", same),
    "twice": ("the softmax is taken twice", lambda s: s.softmax(-1).softmax(-1)),
    "hard": (
        "the draw is hard, the largest is 1: that is a corner, and no soft point",
        lambda s: torch.where(s == s.amax(-1, keepdim=True), 1.0, 0.0) + 0 * s,
    ),
}


def slope_of_softmax(logits, temperature):
    smooth = logits.softmax(-1)
    return solution(logits, temperature).detach() + smooth - smooth.detach()


def slope_without_temperature(logits, temperature):
    scores = logits + gumbel(logits)
    return ((scores / temperature).detach() + scores - scores.detach()).softmax(-1)


check_gumbel_softmax = Sampled(
    name="gumbel_softmax",
    solution=solution,
    parts=parts,
    inputs=inputs,
    statistics_of=of_rows,
    gradients=("logits",),
    asked={
        "sums": "each row sums to 1: the means of the sums",
        "repeats": "do all calls give the same numbers?",
        "mean": "the mean of each number of z, over 1,000 calls",
        "mean of logs": "the mean of log z less its row's mean, over 1,000 calls",
        "spread of logs": "the standard deviation of log z less its row's mean, over 1,000 calls",
        "noise": "skewed noise, as Gumbel's: the mean cube of log z, standardised, over 1,000 calls",
        "rows": "noise of its own for each row: the correlations of any two rows",
        "calls": "new noise in every call: the correlation of one call with the next",
        "gradient of logits": "how far the gradient of Σ z² is from 2z·(diag z − z zᵀ)/τ: a share, 0 to 1",
    },
    claims=("sums", "repeats", "mean", "mean of logs", "spread of logs", "noise"),
    otherwise={
        "repeats": SEEDED,
        "noise": ("not-gumbel", "Mean and spread are right, but the noise is not Gumbel's."),
        "rows": ("rows-alike", "Rows share their noise, or part of it: each number needs its own."),
        "calls": ("calls-alike", "One call's noise tells the next one's: it is kept, or used again, between calls."),
    },
    right="A point on the simplex, with a slope: soft, as τ says.",
    axes=("batch", "categories"),
    effort="deeper · ●●○ · 6 minutes",
    mistakes={
        **swaps("noise", NOISES, "noise-"),
        **swaps("scores", SCORES),
        **swaps("read", READS, "logits-"),
        **alone(swaps("give", GIVEN)),
        "temperature-last": swap(
            "τ divides the probabilities after the softmax: the rows sum to 1/τ",
            scores=lambda a, g, t: (a + g, t),
            give=lambda s: s[0].softmax(-1) / s[1],
        ),
        "slope-of-softmax": whole("the draw is detached, and the slope is that of softmax(logits)", slope_of_softmax),
        "slope-without-temperature": whole(
            "τ divides in the value alone, and not in the slope: the gradient is τ times what it has to be",
            slope_without_temperature,
        ),
    },
)

r"""# What the later years tell

Write `my_smoother(x, noise_var, level_var)` for the local level of (9.1): `x` `[steps]` are the flows of all years, `noise_var` is $\sigma_x^2$, the variance of a flow around its level, and `level_var` is $\sigma_\eta^2$, that of a step of the level. Nothing is known before the first year: after it the level has mean $x_1$ and variance $\sigma_x^2$. Return `(mean, variance)` of each year's level given *all* years, both `[steps]`. No gradient is asked for.

Two ways are right: a filter forwards and a smoother backwards, or the precision matrix and its inverse.

## Hint: where to look
[(9.9) and (9.10)](#the-nile-by-a-filter-deeper). The matrix is in [(9.2)](#two-q-one-mean).

## Hint: the idea
Forwards: the variance grows by $\sigma_\eta^2$ from year to year, and the flow of the year takes a share of it away. Backwards: each year is corrected by what the year after learned later.

## Hint: nearly the code
Forwards: `before = v + level_var`, `gain = before / (before + noise_var)`, `m = m + gain * (x[t] - m)`, `v = (1 - gain) * before`. Backwards: `back = v[t] / (v[t] + level_var)`, and `mean[t] = m[t] + back * (mean[t + 1] - m[t])`; the variance likewise, with `back**2` and the predicted variance.
"""  # noqa: E501

import numpy as np
import torch

from vae_lib.exercises.engine import Exercise, whole
from vae_lib.exercises.families import swaps

STUB = '''\
def my_smoother(x, noise_var, level_var):
    """(mean, variance) of each year's level given all years: [steps] each."""
    return ..., ...
'''


def solution(x, noise_var, level_var):
    """(mean, variance) of each year's level given all years: [steps] each."""
    filtered = [(x[0], noise_var)]
    for flow in x[1:]:
        m, before = filtered[-1][0], filtered[-1][1] + level_var
        gain = before / (before + noise_var)
        filtered.append((m + gain * (flow - m), (1 - gain) * before))
    smoothed = [filtered[-1]]
    for m, v in reversed(filtered[:-1]):
        back = v / (v + level_var)
        mean, variance = smoothed[-1]
        smoothed.append((m + back * (mean - m), v + back**2 * (variance - v - level_var)))
    means, variances = zip(*reversed(smoothed), strict=True)
    return torch.stack(means), torch.stack(variances)


def begin(x, noise_var):
    return x[0], noise_var


def grown(v, level_var, noise_var):
    return v + level_var


def kalman(before, noise_var):
    return before / (before + noise_var)


def left(gain, before):
    return (1 - gain) * before


def back_share(v, level_var, noise_var):
    return v / (v + level_var)


def back_mean(m, back, later):
    return m + back * (later - m)


def back_variance(v, back, later, predicted):
    return v + back**2 * (later - predicted)


def parts(
    x, noise_var, level_var, *, start=begin, predict=grown, gain=kalman, update=left, share=back_share,
    mean_of=back_mean, variance_of=back_variance,
):  # fmt: skip
    m, v = start(x, noise_var)
    forwards = [(m + 0 * v, v + 0 * m)]
    for flow in x[1:]:
        before = predict(v, level_var, noise_var)
        k = gain(before, noise_var)
        m, v = m + k * (flow - m), update(k, before)
        forwards.append((m, v))
    found = [forwards[-1]]
    for m, v in reversed(forwards[:-1]):
        back, (mean, variance) = share(v, level_var, noise_var), found[-1]
        found.append((mean_of(m, back, mean), variance_of(v, back, variance, predict(v, level_var, noise_var))))
    means, variances = zip(*reversed(found), strict=True)
    return torch.stack(means), torch.stack(variances)


def inputs(rng):
    """Six years by hand, and nine: the level moves little in the first, much in the second."""
    by_hand = {"x": np.array([3.0, 1.0, 4.0, 1.5, 5.0, 9.0]), "noise_var": np.array(2.0), "level_var": np.array(0.6)}
    other = rng.normal(10, 3, 9).round(1)
    return [by_hand, {"x": other, "noise_var": np.array(1.7), "level_var": np.array(2.9)}]


def precision(x, noise_var, level_var):
    links = torch.eye(len(x)).diff(dim=0)
    return torch.eye(len(x)) / noise_var + links.T @ links / level_var


def mean_field(x, noise_var, level_var):
    return solution(x, noise_var, level_var)[0], 1 / precision(x, noise_var, level_var).diagonal()


def filtered(x, noise_var, level_var):
    return parts(x, noise_var, level_var, mean_of=lambda m, *_: m, variance_of=lambda v, *_: v)


def predicted(x, noise_var, level_var):
    m, v = filtered(x, noise_var, level_var)
    return torch.cat([m[:1], m[:-1]]), torch.cat([v[:1], v[:-1] + level_var])


def from_the_end(x, noise_var, level_var):
    m, v = filtered(x.flip(0), noise_var, level_var)
    return m.flip(0), v.flip(0)


def covariance_for_precision(x, noise_var, level_var):
    return solution(x, noise_var, level_var)[0], precision(x, noise_var, level_var).diagonal()


def deviations(x, noise_var, level_var):
    m, v = solution(x, noise_var, level_var)
    return m, v.sqrt()


check_smoother = Exercise(
    name="smoother",
    solution=solution,
    parts=parts,
    inputs=inputs,
    steps=("mean, variance = answer(x, noise_var, level_var)",),
    asked={
        "mean": "the mean of each year's level given all years",
        "variance": "its variance",
        "again": "the same variances from a second call: the difference",
    },
    right="Each year knows all others: that is smoothing.",
    claims=("mean", "variance"),
    axes=("steps",),
    effort="deeper · ●●● · 12 minutes",
    mistakes={
        "filtering": whole("each year is given the years up to it alone: that is filtering, not smoothing", filtered),
        "predicting": whole("each year is given the years before it alone: that is prediction", predicted),
        "backward-filter": whole("the filter runs from the last year: each year is given the later ones", from_the_end),
        "mean-field": whole("the variance is 1/Λ of the year by itself: mean field's, which is too small", mean_field),
        "precision": whole("the diagonal of the precision is returned for the variance", covariance_for_precision),
        "deviations": whole("the standard deviations are returned: variances were asked for", deviations),
        **swaps(
            "predict",
            {
                "noise-forgotten": (
                    "the process noise is forgotten: from year to year the variance has to grow by σ_η²",
                    lambda v, level, noise: v,
                ),
                "other-noise": ("the variance grows by σ_x² and not by σ_η²", lambda v, level, noise: v + noise),
                "squared": ("σ_η² is squared: it is a variance already", lambda v, level, noise: v + level**2),
            },
            "process-",
        ),
        **swaps(
            "gain",
            {
                "upside-down": (
                    "the gain is the noise's share, and not the level's",
                    lambda p, noise: noise / (p + noise),
                ),
                "ratio": ("the gain is a ratio and not a share: p/σ_x²", lambda p, noise: p / noise),
                "one": ("the gain is 1: every flow is taken for its level", lambda p, noise: 1 + 0 * p),
                "root": (
                    "the gain is made of standard deviations",
                    lambda p, noise: p.sqrt() / (p.sqrt() + noise.sqrt()),
                ),
            },
            "gain-",
        ),
        **swaps(
            "update",
            {
                "kept": ("the variance is not made smaller by what was seen", lambda k, p: p),
                "twice": ("the share 1 − gain is counted twice", lambda k, p: (1 - k) ** 2 * p),
                "gain": ("the variance is gain times the predicted one", lambda k, p: k * p),
            },
            "update-",
        ),
        **swaps(
            "share",
            {
                "one": (
                    "backwards the whole correction is handed on, and not a share",
                    lambda v, level, noise: 1 + 0 * v,
                ),
                "upside-down": ("backwards the share is that of the step", lambda v, level, noise: level / (v + level)),
                "noise": ("backwards σ_x² stands in place of σ_η²", lambda v, level, noise: v / (v + noise)),
            },
            "back-",
        ),
        **swaps(
            "variance_of",
            {
                "filtered": ("the means are smoothed and the variances only filtered", lambda v, b, later, p: v),
                "once": (
                    "backwards the variance is corrected by the share, and not by its square",
                    lambda v, b, later, p: v + b * (later - p),
                ),
                "uncentred": (
                    "backwards the predicted variance is not subtracted",
                    lambda v, b, later, p: v + b**2 * later,
                ),
                "filtered-centre": (
                    "backwards the filtered variance is subtracted, and not the predicted one",
                    lambda v, b, later, p: v + b**2 * (later - v),
                ),
                "sign": (
                    "backwards the variance is corrected with the wrong sign",
                    lambda v, b, later, p: v - b**2 * (later - p),
                ),
            },
            "variance-",
        ),
        **swaps(
            "mean_of",
            {
                "filtered": ("the variances are smoothed and the means only filtered", lambda m, b, later: m),
                "sign": (
                    "backwards the mean is corrected with the wrong sign",
                    lambda m, b, later: m - b * (later - m),
                ),
                "uncentred": (
                    "backwards the mean of the year after is added, and not its surprise",
                    lambda m, b, later: m + b * later,
                ),
            },
            "mean-",
        ),
        **swaps(
            "start",
            {
                "zero": ("the first year is not used: the level starts at 0", lambda x, noise: (0 * x[0], noise)),
                "sure": ("the first year is taken as known for sure", lambda x, noise: (x[0], 0 * noise)),
            },
            "start-",
        ),
        "parts-swapped": whole(
            "noise_var and level_var have changed places", lambda x, noise, level: solution(x, level, noise)
        ),
    },
)

r"""# Comparable nats

Three reports lie on your desk. Each gives a mean squared error, averaged over pixels and images, of pixels divided by 15 (four bits a pixel); the KL in nats an image; and the decoder's $\sigma_x$, in the same unit as the pixels. You want −ELBO in nats an image, as a density of the pixels 0 … 15 themselves, so that you can compare them. Write `my_nats(mse, kl, data_dim, noise_std, scale)`: `mse`, `kl` and `noise_std` are `[report]`, `data_dim` is $D$, `scale` is what the pixels were divided by, and the result is `[report]`. Lower is better.

## Hint: where to look
The first line of (4.7), in [The reconstruction term is a log-likelihood](04_elbo.ipynb#the-reconstruction-term-is-a-log-likelihood), is minus a Gaussian's log-density, constant included. (5.8), in [Is the number right? Exact yardsticks](05_training.ipynb#is-the-number-right-exact-yardsticks-deeper), changes the unit of the pixels.

## Hint: the idea
First undo the mean: an image has $D$ pixels. Then $\frac{1}{2\sigma_x^2}$ before the squared error, and a constant for every pixel. A density over a range that is 15 times wider is 15 times lower, for every pixel.

## Hint: nearly the code
$D \cdot \mathrm{mse} / (2\sigma_x^2)$, plus $D$ times $(\tfrac12 \log 2\pi + \log \sigma_x + \log \mathrm{scale})$, plus the KL, which is in nats an image already.
"""  # noqa: E501

import math

import numpy as np
import torch

from vae_lib.exercises.engine import Exercise, after, swap, whole
from vae_lib.exercises.families import gaussian_table, last_axis, of_whole, pick, slips_of_gaussian, swaps


def solution(mse, kl, data_dim, noise_std, scale):
    """−ELBO in nats an image, of pixels 0 … scale: [report]."""
    per_pixel = mse / (2 * noise_std**2) + torch.log(noise_std * scale)
    return data_dim * (per_pixel + math.log(2 * math.pi) / 2) + kl


def as_it_is(given, _):
    return given


def log_scale(D, scale):
    return D * math.log(scale)


def parts(mse, kl, D, std, scale, *, error=as_it_is, width=log_scale, cost=as_it_is, **table):
    """As of pixels that are all wrong by √mse."""
    error = error(mse.sqrt(), scale)[:, None].expand(-1, D)
    return width(D, scale) + cost(kl, D) - last_axis(gaussian_table(error, std[:, None].expand_as(error), **table))


def inputs(rng):
    """Three reports of 41 pixels with scale 7, and five of 23 with 255: not the task's 15, which is handed over."""
    return [
        {
            "mse": rng.uniform(0.01, 0.06, count).round(3),
            "kl": rng.uniform(5, 50, count).round(1),
            "data_dim": np.array(data_dim),
            "noise_std": rng.uniform(0.08, 0.5, count).round(2),
            "scale": np.array(scale),
        }
        for count, data_dim, scale in ((3, 41, 7), (5, 23, 255))
    ]


GAUSSIAN = pick(
    slips_of_gaussian(),
    """
    quadratic-missing quadratic-sign quadratic-twice quadratic-half quadratic-bare quadratic-without-std quadratic-mean
    quadratic-std-for-var quadratic-var-squared quadratic-times-var squared-error half-squared-error
    log-missing log-sign log-twice log-half log-once log-is-std constant-missing constant-sign
    constant-twice constant-half constant-once constant-pi constant-base-ten constants-missing constants-sign
    constants-twice constants-once std-as-var std-var-as-std std-as-log-std""",
)
ERRORS = {
    "root": ("the root of mse is used in place of mse", lambda e, c: e.sqrt()),
    "squared": ("mse is squared again", lambda e, c: e**2),
    "scaled": ("the squared error is scaled too, as if noise_std were in counts", lambda e, c: e * c),
    "scaled-once": ("the squared error is multiplied by scale", lambda e, c: e * c**0.5),
    "unscaled": ("noise_std is scaled to counts in the squared error, and mse is not", lambda e, c: e / c),
}
WIDTHS = {
    "missing": ("D log(scale) is left out", lambda D, c: 0.0),
    "sign": ("log(scale) has the wrong sign: a density over a wider range is lower", lambda D, c: -D * math.log(c)),
    "twice": ("log(scale²) is used in place of log(scale)", lambda D, c: 2 * D * math.log(c)),
    "once": ("log(scale) is counted once instead of once per pixel", lambda D, c: math.log(c)),
    "without-log": ("scale is used in place of log(scale)", lambda D, c: D * c),
    "levels": ("scale + 1, the number of levels, stands for scale", lambda D, c: D * math.log(c + 1)),
    "in-bits": ("the logarithm of scale is to base 2", lambda D, c: D * math.log2(c)),
    **{
        str(typed): (f"{typed} is typed in, although scale is passed", lambda D, c, typed=typed: D * math.log(typed))
        for typed in (15, 16, 255, 256)
    },
}
COSTS = {
    "missing": ("the KL is left out", lambda kl, D: 0 * kl),
    "sign": ("the KL is subtracted: in −ELBO both terms are costs", lambda kl, D: -kl),
    "times-pixels": ("the KL is multiplied by D: it is nats an image already", lambda kl, D: D * kl),
    "over-pixels": ("the KL is divided by the number of pixels", lambda kl, D: kl / D),
}
WHOLES = {
    "per-pixel": ("the result is divided by the number of pixels", lambda e, kl, D, s, c: parts(e, kl, D, s, c) / D),
    "one-pixel": ("D is nowhere used: one pixel is counted", lambda e, kl, D, s, c: parts(e, kl, 1, s, c)),
    "pixels-64": ("64 pixels are typed in, although data_dim is passed", lambda e, kl, D, s, c: parts(e, kl, 64, s, c)),
    "mse-and-kl": ("the loss of a training is taken as it is, mse + KL", lambda e, kl, D, s, c: e + kl),
}

check_nats = Exercise(
    name="nats",
    solution=solution,
    parts=parts,
    inputs=inputs,
    asked={
        "value": "−ELBO in nats an image, of pixels 0 … scale, one number per report",
        "again": "the same numbers from a second call: the difference",
    },
    right="Nats an image, constant and scale included: two reports can now be compared.",
    axes=("reports",),
    effort="deeper · ●●○ · 10 minutes",
    mistakes={
        **{key: swap(sentence, **slots) for key, (sentence, slots) in GAUSSIAN.items()},
        **swaps("error", ERRORS, "error-"),
        **swaps("width", WIDTHS, "width-"),
        **swaps("cost", COSTS, "cost-"),
        **{key: whole(sentence, function) for key, (sentence, function) in WHOLES.items()},
        "all-once": swap(
            "½ log 2π, log σ_x and log(scale) are counted once instead of once per pixel",
            width=WIDTHS["once"][1],
            **GAUSSIAN["constants-once"][1],
        ),
        "error-scaled-alone": swap(
            "mse is scaled to counts, but neither noise_std nor the density is; or noise_std is divided by scale",
            error=ERRORS["scaled"][1],
            width=WIDTHS["missing"][1],
        ),
        "reports-averaged": after("the reports are averaged", torch.mean),
        "reports-summed": after("the reports are added up", torch.sum),
        **of_whole("the sign is wrong: the ELBO is returned"),
    },
)

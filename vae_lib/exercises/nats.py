r"""# Comparable nats

Three reports lie on your desk. Each gives a mean squared error, averaged over pixels and images, of pixels divided by 15 (four bits a pixel); the KL in nats an image; and the decoder's $\sigma_x$, in the same unit as the pixels. You want −ELBO in nats an image, as a density of the pixels 0 … 15 themselves, so that you can compare them. Write `my_nats(mse, kl, data_dim, noise_std, scale)`: `mse`, `kl` and `noise_std` are `[report]`, `data_dim` is $D$, `scale` is what the pixels were divided by, and the result is `[report]`. Lower is better.

## Hint: where to look
The first line of (4.7) is minus a Gaussian's log-density, constant included. (5.8) changes the unit of the pixels.

## Hint: the idea
First undo the mean: an image has $D$ pixels. Then $\frac{1}{2\sigma_x^2}$ before the squared error, and a constant for every pixel. A density over a range that is 15 times wider is 15 times lower, for every pixel.

## Hint: nearly the code
$D \cdot \mathrm{mse} / (2\sigma_x^2)$, plus $D$ times $(\tfrac12 \log 2\pi + \log \sigma_x + \log \mathrm{scale})$, plus the KL, which is in nats an image already.
"""  # noqa: E501

import math

import numpy as np
import torch

from vae_lib.exercises import families
from vae_lib.exercises.engine import Exercise, after, swap, whole
from vae_lib.exercises.families import term

HALF_LOG_2PI = math.log(2 * math.pi) / 2


def solution(mse, kl, data_dim, noise_std, scale):
    """−ELBO in nats an image, of pixels 0 … scale: [report]."""
    per_pixel = mse / (2 * noise_std**2) + torch.log(noise_std * scale)
    return data_dim * (per_pixel + math.log(2 * math.pi) / 2) + kl


def squared_error(mse, D, std, scale):
    return D * mse / (2 * std**2)


def log_2pi(D):
    return D * HALF_LOG_2PI


def log_std(D, std):
    return D * std.log()


def log_scale(D, scale):
    return D * math.log(scale)


def cost(kl, D):
    return kl


def parts(mse, kl, D, std, scale, *, error=squared_error, constant=log_2pi, spread=log_std, width=log_scale, cost=cost):
    return error(mse, D, std, scale) + constant(D) + spread(D, std) + width(D, scale) + cost(kl, D)


def inputs(rng):
    """Three reports of 41 pixels with scale 7, and five of 23 with 255: not the task's 15, which is handed over."""
    by_hand = {"mse": [0.012, 0.031, 0.0085], "kl": [24.3, 9.7, 41.2], "noise_std": [0.11, 0.2, 0.35]}
    first = {name: np.array(values) for name, values in by_hand.items()}
    second = {"mse": rng.uniform(0.01, 0.06, 5).round(3), "kl": rng.uniform(5, 50, 5).round(1)}
    second["noise_std"] = rng.uniform(0.08, 0.5, 5).round(2)
    order = ("mse", "kl", "data_dim", "noise_std", "scale")
    first |= {"data_dim": np.array(41), "scale": np.array(7)}
    second |= {"data_dim": np.array(23), "scale": np.array(255)}
    return [{name: given[name] for name in order} for given in (first, second)]


ERRORS = {
    "mean": (
        "the squared error stays a mean over the pixels: an image has D of them",
        lambda e, D, s, c: e / (2 * s**2),
    ),
    "pixels-twice": ("the squared error is multiplied by D twice", lambda e, D, s, c: D**2 * e / (2 * s**2)),
    "alone": ("1/(2σ_x²) is missing before the squared error", lambda e, D, s, c: D * e + 0 * s),
    "half": ("1/σ_x² is missing before the squared error", lambda e, D, s, c: D * e / 2 + 0 * s),
    "mean-alone": (
        "the mean squared error is added as it is: both D and 1/(2σ_x²) are missing",
        lambda e, D, s, c: e + 0 * s,
    ),
    "over-sd": ("the squared error is divided by σ_x instead of σ_x²", lambda e, D, s, c: D * e / (2 * s)),
    "times-var": ("the squared error is multiplied by σ_x² instead of divided", lambda e, D, s, c: D * e / 2 * s**2),
    "over-fourth": (
        "the squared error is divided by σ_x⁴: σ_x is squared twice",
        lambda e, D, s, c: D * e / (2 * s**4),
    ),
    "two-squared": ("the 2 is squared too: 1/(2σ_x)²", lambda e, D, s, c: D * e / (2 * s) ** 2),
    "squared-again": ("mse is squared again", lambda e, D, s, c: D * (e / s) ** 2 / 2),
    "root": ("the root of mse is used in place of mse", lambda e, D, s, c: D * e.sqrt() / (2 * s**2)),
    "scaled": (
        "the squared error is scaled too, as if noise_std were in counts",
        lambda e, D, s, c: D * e * c**2 / (2 * s**2),
    ),
    "scaled-once": ("the squared error is multiplied by scale", lambda e, D, s, c: D * e * c / (2 * s**2)),
    "unscaled": (
        "noise_std is scaled to counts in the squared error, and mse is not",
        lambda e, D, s, c: D * e / (2 * (s * c) ** 2),
    ),
    "unscaled-once": ("the squared error is divided by scale", lambda e, D, s, c: D * e / (2 * s**2) / c),
}
SLIPS = {
    **term("error", "the squared error", squared_error, but=("twice", "half")),
    "error-half-missing": (
        "the ½ is missing before the squared error",
        {"error": lambda e, D, s, c: D * e / s**2},
    ),
    **{f"error-{key}": (sentence, {"error": function}) for key, (sentence, function) in ERRORS.items()},
    **term("constant", "D/2 log 2π", log_2pi, but=("twice",)),
    "constant-whole": ("the ½ is missing before log 2π", {"constant": lambda D: 2 * D * HALF_LOG_2PI}),
    "constant-once": ("½ log 2π is counted once instead of once per pixel", {"constant": lambda D: HALF_LOG_2PI}),
    "constant-log-pi": ("log π is used in place of log 2π", {"constant": lambda D: D * math.log(math.pi) / 2}),
    "constant-without-log": ("2π is used in place of log 2π", {"constant": lambda D: D * math.pi}),
    **term("spread", "D log σ_x", log_std, but=("twice",)),
    "spread-var": ("log σ_x² is used in place of log σ_x", {"spread": lambda D, s: 2 * D * s.log()}),
    "spread-once": ("log σ_x is counted once instead of once per pixel", {"spread": lambda D, s: s.log()}),
    "spread-without-log": ("σ_x is used in place of log σ_x", {"spread": lambda D, s: D * s}),
    **term("width", "D log(scale)", log_scale, but=("sign", "twice")),
    "width-sign": (
        "D log(scale) has the wrong sign: a density over a wider range is lower, and −log p higher",
        {"width": lambda D, c: -D * math.log(c)},
    ),
    "width-twice": ("log(scale²) is used in place of log(scale)", {"width": lambda D, c: 2 * D * math.log(c)}),
    "width-once": ("log(scale) is counted once instead of once per pixel", {"width": lambda D, c: math.log(c)}),
    "width-without-log": ("scale is used in place of log(scale)", {"width": lambda D, c: D * c}),
    "width-levels": ("scale + 1, the number of levels, stands for scale", {"width": lambda D, c: D * math.log(c + 1)}),
    "width-in-bits": ("the logarithm of scale is to base 2", {"width": lambda D, c: D * math.log2(c)}),
    **{
        f"width-{typed}": (
            f"{typed} is typed in, although scale is passed",
            {"width": lambda D, c, typed=typed: D * math.log(typed)},
        )
        for typed in (15, 16, 256)
    },
    **term("cost", "the KL", cost, but=("sign",)),
    "cost-sign": ("the KL is subtracted: in −ELBO both terms are costs", {"cost": lambda kl, D: -kl}),
    "cost-times-pixels": (
        "the KL is multiplied by the number of pixels: it is nats an image already",
        {"cost": lambda kl, D: D * kl},
    ),
    "cost-over-pixels": ("the KL is divided by the number of pixels", {"cost": lambda kl, D: kl / D}),
    "std-as-var": (
        "noise_std is used as the variance",
        {"error": lambda e, D, s, c: D * e / (2 * s), "spread": lambda D, s: D * s.log() / 2},
    ),
    "var-as-std": (
        "σ_x² is used as σ_x: noise_std is squared once more",
        {"error": ERRORS["over-fourth"][1], "spread": lambda D, s: 2 * D * s.log()},
    ),
    "error-scaled-alone": (
        "mse is scaled to counts, but neither noise_std nor the density is; or noise_std is divided by scale",
        {"error": ERRORS["scaled"][1], "width": lambda D, c: 0.0},
    ),
    **{
        f"loss-{key}": (
            f"the loss of the training is taken as it is, {loss}: σ_x, constant and scale are missing",
            {
                "error": ERRORS[key][1],
                "constant": lambda D: 0.0,
                "spread": lambda D, s: 0 * s,
                "width": lambda D, c: 0.0,
            },
        )
        for key, loss in (("alone", "D mse + KL"), ("half", "½ D mse + KL"), ("mean-alone", "mse + KL"))
    },
    **{
        f"logs-{key}": (
            f"the logarithms are to base {base}, and the rest is in nats",
            {
                "constant": lambda D, base=base: D * HALF_LOG_2PI / math.log(base),
                "spread": lambda D, s, base=base: D * s.log() / math.log(base),
                "width": lambda D, c, base=base: D * math.log(c, base),
            },
        )
        for key, base in (("two", 2), ("ten", 10))
    },
    "constants-missing": (
        "the constant of the Gaussian is left out, D log σ_x and D/2 log 2π",
        {"constant": lambda D: 0.0, "spread": lambda D, s: 0 * s},
    ),
    "constants-once": (
        "the constant of the Gaussian, log σ_x and ½ log 2π, is counted once instead of once per pixel",
        {"constant": lambda D: HALF_LOG_2PI, "spread": lambda D, s: s.log()},
    ),
    "constants-sign": (
        "the constant of the Gaussian has the wrong sign",
        {"constant": lambda D: -D * HALF_LOG_2PI, "spread": lambda D, s: -D * s.log()},
    ),
}
WHOLES = {
    "per-pixel": ("the result is divided by the number of pixels", lambda e, kl, D, s, c: parts(e, kl, D, s, c) / D),
    "bits-per-pixel": (
        "the result is in bits per pixel",
        lambda e, kl, D, s, c: parts(e, kl, D, s, c) / D / math.log(2),
    ),
    "one-pixel": ("D is nowhere used: one pixel is counted", lambda e, kl, D, s, c: parts(e, kl, 1, s, c)),
    **{
        f"pixels-{typed}": (
            f"{typed} pixels are typed in, although data_dim is passed",
            lambda e, kl, D, s, c, typed=typed: parts(e, kl, typed, s, c),
        )
        for typed in (64, 784)
    },
    "exchanged": ("mse and kl have changed places", lambda e, kl, D, s, c: parts(kl, e, D, s, c)),
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
    level="deeper",
    dots=2,
    minutes=10,
    mistakes={
        **{key: swap(sentence, **slots) for key, (sentence, slots) in SLIPS.items()},
        **{key: whole(sentence, function) for key, (sentence, function) in WHOLES.items()},
        "reports-averaged": after("the reports are averaged", torch.mean),
        "reports-summed": after("the reports are added up", torch.sum),
        **families.unit(),
        **families.sign("the sign is wrong: the ELBO is returned"),
    },
)

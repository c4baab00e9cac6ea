r"""# The head of an encoder

Write `my_head(output)`. Its input is what an encoder's network returned, `[batch, 2 · latent]`: in every row first $\mu$, then $\log \sigma^2$, as in (1.3). Return the pair `(mu, sigma)`, each `[batch, latent]`, with $\sigma$ the standard deviation. The check has inputs with three and with four latents, and wants gradients to reach the output through both values.

## Hint: where to look
The second line of [(1.3)](#the-encoder-μ-and-log-σ²), and `forward` of `GaussianEncoder` in [The encoder's source](#the-encoders-source-and-the-slip-that-is-caught-deeper). Mind which axis is cut.

## Hint: the idea
Cut the last axis in two halves, however wide it is. The first half is $\mu$ as it stands. The second half is a logarithm of a square: undo the logarithm, and take the root.

## Hint: nearly the code
`output.chunk(2, dim=-1)` gives the two halves, and a root is a ½ in the exponent: $\sqrt{e^{a}} = e^{a/2}$.
"""  # noqa: E501

import numpy as np
import torch

from vae_lib.exercises.engine import Exercise, after
from vae_lib.exercises.families import half_exp, same, std_from_log_var, swaps
from vae_lib.exercises.families.basics import clamps


def solution(output):
    """(mu, sigma), each [batch, latent], from [batch, 2 · latent]."""
    mu, log_var = output.chunk(2, dim=-1)
    return mu, torch.exp(0.5 * log_var)


def halves(output):
    return output.chunk(2, dim=-1)


def parts(output, *, cut=halves, mean=same, sigma=half_exp):
    mu, log_var = cut(output)
    return mean(mu), sigma(log_var)


def inputs(rng):
    """Three latents and four, with log σ² beyond the numbers at which people clamp: no two axes are alike."""
    halves = [(rng.normal(0, 1.3, shape), rng.uniform(-8, 6, shape)) for shape in ((5, 3), (7, 4))]
    return [{"output": np.concatenate(both, 1).round(1)} for both in halves]


CUTS = {
    "halves-swapped": (
        "the halves are swapped: log σ² is read as μ, see equation (1.3)",
        lambda output: halves(output)[::-1],
    ),
    "interleaved": (
        "every other column is taken: the first half of the columns is μ",
        lambda output: (output[:, ::2], output[:, 1::2]),
    ),
    "batch-cut": (
        "the batch is cut in two: chunk and split cut along the first axis unless they are told otherwise",
        lambda output: output.chunk(2),
    ),
    "reshaped": (
        "the output is reshaped to [2, batch, latent], which cuts through its rows",
        lambda output: output.reshape(2, len(output), -1),
    ),
    "not-cut": ("the output is not cut: both are made from all of it", lambda output: (output, output)),
    "both-of-mu": ("σ is made from the half that holds μ", lambda output: (halves(output)[0],) * 2),
    "both-of-log-var": ("μ is taken from the half that holds log σ²", lambda output: (halves(output)[1],) * 2),
    "typed-in-2": ("the first 2 columns are μ, whatever their number", lambda output: (output[:, :2], output[:, 2:])),
    "typed-in-3": ("the first 3 columns are μ, whatever their number", lambda output: (output[:, :3], output[:, 3:])),
    "typed-in-both": (
        "μ is columns 0 to 2 and log σ² columns 3 to 5, whatever their number",
        lambda output: (output[:, :3], output[:, 3:6]),
    ),
    "last-three": (
        "log σ² is taken from the last 3 columns, whatever their number",
        lambda output: (halves(output)[0], output[:, -3:]),
    ),
    "off-by-one": (
        "the columns of log σ² start and end one too early",
        lambda output: (halves(output)[0], halves(output.roll(1, -1))[1]),
    ),
}
MEANS = {
    "exponentiated": ("μ is exponentiated as well: a mean may be negative", torch.exp),
    "halved": ("μ is halved as well", lambda mu: mu / 2),
    "half-exponentiated": ("μ goes through exp(½ ·) as well: that is for log σ² only", half_exp),
    "sigmoid": ("a sigmoid is applied to μ: a mean may be any number", torch.sigmoid),
    "tanh": ("a tanh is applied to μ: a mean may be any number", torch.tanh),
    "relu": ("a ReLU is applied to μ: a mean may be negative", torch.relu),
    "detached": ("μ is detached: no gradient reaches the output through it", lambda mu: mu.detach() + 0 * mu),
}
SIGMAS = {
    "inverse": ("the sign of log σ² is flipped: that is 1/σ", lambda v: half_exp(-v)),
    "one": ("log σ² is not used: σ is 1", lambda v: 1 + 0 * v),
    "absolute": ("the sign of log σ² is thrown away by an absolute value, and there is no exponential", torch.abs),
    "exp-of-root": ("the root of log σ² is taken, and not half of it, before exp", lambda v: v.sqrt().exp()),
    "matrix": (
        "a matrix with σ on its diagonal is returned: σ is one number per latent",
        lambda v: torch.diag_embed(half_exp(v)),
    ),
    "covariance": (
        "the covariance matrix Σ is returned: σ is one number per latent",
        lambda v: torch.diag_embed(v.exp()),
    ),
    "detached": ("σ is detached: no gradient reaches the output through it", lambda v: half_exp(v).detach() + 0 * v),
    "past-autograd": (
        "σ is computed past autograd, by .data or in place under torch.no_grad: its gradient is that of log σ²",
        lambda v: half_exp(v).detach() + v - v.detach(),
    ),
}


check_head = Exercise(
    name="head",
    solution=solution,
    parts=parts,
    inputs=inputs,
    steps=("mu, sigma = my_head(output)",),
    asked={
        "mu": "mu, the first of the two values, [batch, latent]",
        "sigma": "sigma, the second of the two values: a standard deviation, [batch, latent]",
        "again": "the same numbers from a second call: the difference",
        "gradient of output": "the gradient of the sum of mu and sigma with respect to output",
    },
    claims=("mu", "sigma"),
    right="The head: μ, and a σ that is positive whatever the network says.",
    gradients=("output",),
    axes=("batch", "2 · latent"),
    keeps_arguments=False,  # clones are passed: half of the output may be changed in place
    effort="deeper · ●○○ · 4 minutes",
    mistakes={
        **swaps("cut", CUTS, "cut-"),
        **std_from_log_var("sigma"),
        **clamps("sigma", half_exp),
        **swaps("sigma", SIGMAS, "sigma-"),
        **swaps("mean", MEANS, "mean-"),
        "transposed": after("both are transposed", lambda pair: [value.transpose(0, 1) for value in pair]),
        "sigma-first": after("σ is returned first, and μ second", lambda pair: pair[::-1]),
    },
)

r"""# The head of an encoder

Write `my_head(output)`. Its input is what an encoder's network returned, `[batch, 2 · latent]`: in every row first $\mu$, then $\log \sigma^2$, as in (1.3). Return the pair `(mu, sigma)`, each `[batch, latent]`, with $\sigma$ the standard deviation. The check has inputs with three and with four latents, and wants gradients to reach the output through both values.

## Hint: where to look
The second line of (1.3), and `forward` of `GaussianEncoder` above. Mind which axis is cut.

## Hint: the idea
Cut the last axis in two halves, however wide it is. The first half is $\mu$ as it stands. The second half is a logarithm of a square: undo the logarithm, and take the root.

## Hint: nearly the code
`output.chunk(2, dim=-1)` gives the two halves, and a root is a ½ in the exponent: $\sqrt{e^{a}} = e^{a/2}$.
"""  # noqa: E501

import numpy as np
import torch
from torch.nn.functional import elu, softplus

from vae_lib.exercises import families
from vae_lib.exercises.engine import Exercise, after
from vae_lib.exercises.families import half_exp, same


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
    """Three latents, with log σ² beyond the numbers at which people clamp, and four: no two axes are alike."""
    mu = [[0.3, -1.7, 2.4], [-0.6, 1.1, 0.8], [1.3, 0.9, -0.4], [-2.2, 0.5, 1.6], [0.7, -0.9, 0.2]]
    log_var = [[1.9, -2.3, 0.7], [-1.2, 2.6, -6.5], [0.4, -3.6, 4.3], [3.2, -0.8, -4.4], [-1.5, 1.4, 2.1]]
    others = np.concatenate([rng.normal(0, 1.3, (7, 4)), rng.uniform(-3, 3, (7, 4))], 1)
    return [{"output": np.array([a + b for a, b in zip(mu, log_var, strict=True)])}, {"output": others.round(1)}]


def typed_in(latents):
    return lambda output: (output[:, :latents], output[:, latents:])


def reshaped(output):
    return output.reshape(2, len(output), -1)


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
    "reshaped": ("the output is reshaped to [2, batch, latent], which cuts through its rows", reshaped),
    "not-cut": ("the output is not cut: both are made from all of it", lambda output: (output, output)),
    "mu-not-cut": ("the whole output is returned for μ", lambda output: (output, halves(output)[1])),
    "log-var-not-cut": ("σ is made from the whole output", lambda output: (halves(output)[0], output)),
    "both-of-mu": ("σ is made from the half that holds μ", lambda output: (halves(output)[0],) * 2),
    "both-of-log-var": ("μ is taken from the half that holds log σ²", lambda output: (halves(output)[1],) * 2),
    **{f"typed-in-{n}": (f"the number of latents is fixed at {n}: half of the columns, whatever their number, is μ",
                         typed_in(n)) for n in (1, 2, 3, 4)},
    "last-three": (
        "log σ² is taken from the last 3 columns, whatever their number",
        lambda output: (halves(output)[0], output[:, -3:]),
    ),
    "mu-flipped": ("the columns are taken in the opposite order", lambda output: halves(output.flip(-1))[::-1]),
}  # fmt: skip
MEANS = {
    "exponentiated": ("μ is exponentiated as well: a mean may be negative", torch.exp),
    "halved": ("μ is halved as well", lambda mu: mu / 2),
    "half-exponentiated": ("μ goes through exp(½ ·) as well: that is for log σ² only", half_exp),
    "negative": ("μ has the wrong sign", torch.neg),
    "sigmoid": ("a sigmoid is applied to μ: a mean may be any number", torch.sigmoid),
    "tanh": ("a tanh is applied to μ: a mean may be any number", torch.tanh),
    "relu": ("a ReLU is applied to μ: a mean may be negative", torch.relu),
    "softplus": ("softplus is applied to μ: a mean may be negative", softplus),
    "absolute": ("μ loses its sign", torch.abs),
    "squared": ("μ is squared", torch.square),
    "batch-mean": ("μ is averaged over the batch", lambda mu: mu.mean(0, keepdim=True).expand_as(mu)),
    "detached": ("μ is detached: no gradient reaches the output through it", lambda mu: mu.detach() + 0 * mu),
}
SIGMAS = {
    "inverse": ("the sign of log σ² is flipped: that is 1/σ", lambda v: half_exp(-v)),
    "one": ("log σ² is not used: σ is 1", lambda v: 1 + 0 * v),
    "absolute": ("the sign of log σ² is thrown away by an absolute value, and there is no exponential", torch.abs),
    "absolute-log": ("the sign of log σ² is thrown away before the exponential", lambda v: half_exp(v.abs())),
    "relu": ("log σ² is clamped at 0, and there is no exponential", torch.relu),
    "softplus": ("softplus is applied to log σ²: exp alone undoes a logarithm", softplus),
    "softplus-half": (
        "softplus is applied to ½ log σ²: exp alone undoes a logarithm",
        lambda v: softplus(v / 2),
    ),
    "squared": ("log σ² is squared: an exponential undoes a logarithm", torch.square),
    "expm1": ("1 is subtracted, as expm1 does", lambda v: torch.expm1(v / 2)),
    "elu": ("elu(log σ²) + 1 makes σ instead of exp(½ ·)", lambda v: elu(v) + 1),
    "log": ("the logarithm is taken once more", lambda v: v.log()),
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
    minutes=4,
    mistakes={
        **families.swaps("cut", CUTS, "cut-"),
        **families.std_from_log_var("sigma"),
        **families.clamps("sigma", half_exp),
        **families.swaps("sigma", SIGMAS, "sigma-"),
        **families.swaps("mean", MEANS, "mean-"),
        "transposed": after("both are transposed", lambda pair: [value.transpose(0, 1) for value in pair]),
        "sigma-first": after("σ is returned first, and μ second", lambda pair: pair[::-1]),
    },
)

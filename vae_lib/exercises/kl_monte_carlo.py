r"""# The KL from draws

Now the same KL without its closed form, from line (i) of (4.8): `my_kl_monte_carlo(mu, log_var, num_samples)` averages over `num_samples` draws $z \sim q$, drawn anew for every example. The result is `[batch]`, in nats. The check asks for a few draws, many times over, and looks at the mean over all calls and at the spread.

## Hint: where to look
Line (i) of [(4.8)](#the-kl-line-by-line) says what is averaged, and under which distribution. The folded cell below [(4.9)](#the-same-j-three-estimates-deeper) does it for a single $q$.

## Hint: the idea
Three axes: draws, examples, latents. Sum $\log q(z|x) - \log p(z)$ over the latents, and then take the mean over the draws; the examples stay. It is the mean of a logarithm, not the logarithm of a mean.

## Hint: nearly the code
`diagonal_gaussian(mu, sigma)` with `sigma = torch.exp(0.5 * log_var)` is $q$, with one event per row. Its `.sample((num_samples,))` is `[samples, batch, latent]`, and `log_prob` of that is `[samples, batch]`. The prior is a `diagonal_gaussian` too. One `.mean(0)` at the end.
"""  # noqa: E501

import math

import numpy as np
import torch

from vae_lib.distributions import diagonal_gaussian
from vae_lib.exercises import families
from vae_lib.exercises.engine import Sampled, Seen, Statistic, mean_of, swap, whole
from vae_lib.exercises.families import gaussian_table, half_exp, kl_table, last_axis, same, scaled


def solution(mu, log_var, num_samples):
    """KL(q(z|x) ‖ N(0, I)) from num_samples draws each: [batch], in nats."""
    q = diagonal_gaussian(mu, torch.exp(0.5 * log_var))
    p = diagonal_gaussian(torch.zeros_like(mu), torch.ones_like(mu))
    draws = q.sample((num_samples,))  # [samples, batch, latent]
    return (q.log_prob(draws) - p.log_prob(draws)).mean(0)


def parts(
    mu, log_var, num_samples, *, count=int, read=same, sigma=half_exp, noise=torch.randn_like, mean=same, draw=scaled,
    log_q=gaussian_table, in_p=lambda z, mu, drawn: z, log_p=gaussian_table, ratio=torch.sub, latents=last_axis,
    samples=lambda log_ratio: log_ratio.mean(0),
):  # fmt: skip
    log_var = read(log_var)
    many = mu.expand(count(num_samples), *mu.shape)

    def drawn():
        return draw(mean(many), sigma(log_var).expand_as(many), noise(many))

    z = drawn()
    q, p = log_q(z - mu, half_exp(log_var)), log_p(in_p(z, mu, drawn), torch.ones_like(mu))
    return samples(latents(ratio(q, p)))


def inputs(rng):
    """[5, 3] with 30 draws, [6, 2] with 7, far apart, and [9, 4] with 1, where log q/p is often negative.

    Each σ² is below 2, so that the mean of q/p is finite.
    """
    mu = [[0.6, 0.5, 0.9], [0.9, 1.1, 0.7], [-0.8, -0.6, -1.2], [1.3, 0.9, 1.0], [-0.7, -0.9, -0.6]]
    log_var = [[-1.5, -1.1, -1.8], [0.2, 0.4, 0.5], [-0.9, -1.7, -1.3], [-2.2, -1.5, -1.1], [0.5, 0.3, 0.1]]
    other = {"mu": rng.uniform(0.8, 1.2, (6, 2)).round(1), "log_var": rng.uniform(-1.4, -0.5, (6, 2)).round(1)}
    first = {"mu": np.array(mu), "log_var": np.array(log_var), "num_samples": np.array(30)}
    near = {"mu": rng.uniform(-0.2, 0.2, (9, 4)).round(2), "log_var": rng.uniform(-0.3, 0.3, (9, 4)).round(2)}
    return [first, other | {"num_samples": np.array(7)}, near | {"num_samples": np.array(1)}]


def of_calls(seen: Seen, call) -> dict[str, Statistic]:
    """What is averaged over calls; "draws" are num_samples where the spread is not far from that of so many."""
    values, count = seen.values["value"], int(call.inputs["num_samples"])
    mu, var = call.inputs["mu"], np.exp(call.inputs["log_var"])
    of_one_draw = (0.5 * (var - 1) ** 2 + mu**2 * var).sum(-1)  # (4.9)
    with np.errstate(all="ignore"):
        spread = mean_of((np.square(values - values.mean(0)) / of_one_draw).mean(1))
        draws = 1 / spread.value.clip(1e-9)
        near = 0.75 < draws / count < (2.9 if count > 1 else 1.5)  # pairs of draws scatter less, and one has no pair
        return {
            "repeats": families.repeats(values),
            "mean": families.mean_of_alike(values),
            "total": mean_of(values.mean(1)),
            "correlations": families.pairwise(families.standardised(values)),
            "draws": Statistic(np.array(float(count))) if near else Statistic(draws, spread.error * draws**2),
        }


def shared(*axes):
    """ε [samples, batch, latent] that is the same along these axes."""
    return lambda many: torch.randn([1 if i in axes else n for i, n in enumerate(many.shape)]).expand_as(many)


COUNTS = {
    "single-draw": ("a single draw is made, or the same one again and again", lambda n: 1),
    "one-more": ("one draw more than num_samples is made", lambda n: int(n) + 1),
    "one-fewer": ("one draw fewer than num_samples is made", lambda n: int(n) - 1),
    "ten-times": ("ten times num_samples draws are made", lambda n: 10 * int(n)),
}
SLIPS_OF_Z = (
    "prior mean-missing sigma-var-for-sigma sigma-log-var-for-sigma sigma-one sigma-inverse noise-none noise-rand"
)
SLIPS_OF_Q = (
    "q-quadratic-missing q-quadratic-twice q-quadratic-half q-quadratic-sign q-quadratic-without-std "
    "q-quadratic-std-for-var q-log-missing q-log-sign q-log-twice q-constant-missing q-std-as-var q-std-var-as-std"
)
SLIPS_OF_P = "p-quadratic-missing p-quadratic-twice p-quadratic-half p-quadratic-not-squared p-constant-missing"

check_kl_monte_carlo = Sampled(
    name="kl_monte_carlo",
    solution=solution,
    parts=parts,
    inputs=inputs,
    calls=250,
    many=2000,
    statistics_of=of_calls,
    asked={
        "repeats": "do all calls give the same numbers?",
        "mean": "KL(q(z|x) ‖ N(0, I)), one number per example, in nats: here the mean over 250 calls",
        "total": "KL(q(z|x) ‖ N(0, I)), in nats: here the mean over 250 calls and all examples",
        "correlations": "draws of its own for each example: the correlations of any two, over 250 calls",
        "draws": "how many draws the spread over 250 calls is that of, by (4.9)",
    },
    claims=("mean",),
    otherwise={
        "repeats": families.SEEDED,
        "correlations": ("correlated", "The examples share draws, or part of them: each needs draws of its own."),
        "draws": (
            "draws",
            "It is right on average, but its spread is that of another number of draws: is num_samples used, and has "
            "each draw an ε of its own for every latent?",
        ),
    },
    right="The KL from draws: no bias, and every draw counts.",
    axes=("batch", "latent"),
    effort="deeper · ●●○ · 10 minutes",
    mistakes={
        **families.swaps("count", COUNTS),
        "read-base-two": swap("2 is raised to ½ log_var, instead of e", read=lambda v: v * math.log(2)),
        "read-as-log-sd": swap("exp(log_var) is used as σ, in z and in log q", read=lambda v: 2 * v),
        "read-as-var": swap("log_var is used as σ², in z and in log q", read=torch.log),
        **families.pick(families.draws(), SLIPS_OF_Z),
        "noise-shared-by-rows": swap("one ε is shared by the batch", noise=shared(1)),
        "noise-shared-by-latents": swap("one ε is shared by the latents of a draw", noise=shared(2)),
        "draws-averaged": swap("the draws z are averaged first", draw=lambda *z: scaled(*z).mean(0).expand_as(z[0])),
        "other-draws": swap("log p(z) sees other draws than log q(z|x)", in_p=lambda z, mu, drawn: drawn()),
        "p-at-mean": swap("the prior has its mean at mu instead of at 0", in_p=lambda z, mu, drawn: z - mu),
        "q-missing": swap("log q(z|x) is left out", log_q=lambda e, s: 0 * e),
        "p-missing": swap("log p(z) is left out", log_p=lambda e, s: 0 * e),
        **families.pick(families.likelihood.gaussian("log_q", "q-", "in log q, "), SLIPS_OF_Q),
        **families.pick(families.likelihood.gaussian("log_p", "p-", "in log p, "), SLIPS_OF_P),
        **families.pick(
            families.reduction("latents", "latents", what="KL"),
            "mean-over-latents latents-not-summed latents-first-only latents-last-missing latents-largest",
        ),
        "log-of-mean": swap("the mean of q/p is taken before its logarithm", samples=lambda t: t.exp().mean(0).log()),
        "mean-ratio": swap("the logarithm is missing: the ratios q/p are averaged", samples=lambda t: t.exp().mean(0)),
        "samples-clamped": swap("negative numbers are made 0, draw by draw", samples=lambda t: t.clamp(min=0).mean(0)),
        "mean-clamped": swap("a negative mean is made 0", samples=lambda t: t.mean(0).clamp(min=0)),
        "samples-summed": swap("the draws are added up instead of averaged", samples=lambda t: t.sum(0)),
        "samples-absolute": swap("absolute values are averaged", samples=lambda t: t.abs().mean(0)),
        "samples-not-averaged": swap("the draws are not averaged", samples=same),
        "samples-over-batch": swap("the mean runs over the batch instead of the draws", samples=lambda t: t.mean(-1)),
        "batch-mean": swap("the mean over the batch is taken: each example has its own KL", samples=torch.mean),
        "closed-form": whole("the closed form is computed: no draw", lambda m, v, n: kl_table(m, v).sum(-1)),
        **families.of_whole("the sign is wrong: log p − log q instead of log q − log p"),
    },
)

r"""# The importance-weighted bound

Write `my_importance_weighted_bound(model, x, num_samples)`: the logarithm of the mean of $K$ = `num_samples` weights $w = p(x|z)\,p(z) / q(z|x)$, with $K$ draws $z \sim q$ for each example of $x$ `[batch, data]`. The result is `[batch]`, in nats, higher is better, and a gradient gets through $z$. `model.encoder(x)`, `model.decoder(z)` and `model.prior` are distributions, and the samples come first: $z$ is `[samples, batch, latent]`.

The check knows $\log p(x)$. Where $q$ is the posterior, every weight is $p(x)$, so that your number must be the same at every call; elsewhere its average lies below, for $K = 1$ at the ELBO. Some examples are so unusual that their weights are smaller than any positive number that a computer holds. Their logarithms are not.

## Hint: where to look
(4.14) in [The other derivation: importance weights](04_elbo.ipynb#the-other-derivation-importance-weights-deeper) has the weight, and [exercise 4.8](04_elbo.ipynb#exercises) what to do with many of them. The ELBO of `vae_lib` took the KL in closed form; here there is no KL, only three densities at the same $z$.

## Hint: the idea
Compute $\log w$, a table `[samples, batch]`: two logarithms added, one subtracted. The mean belongs inside the logarithm and runs over the samples only. Exponentials come after the largest logarithm has been taken out, which torch does for you.

## Hint: nearly the code
`qz_x.rsample((num_samples,))` draws with the samples first. Each of `log_prob(x)` and `log_prob(z)` gives `[samples, batch]`. `torch.logsumexp(log_w, dim=0)` is the logarithm of a sum; what makes it that of a mean is a `math.log` away.
"""  # noqa: E501

import math

import numpy as np
import torch

from vae_lib.exercises import elbo, families
from vae_lib.exercises.elbo import GRADIENTS, impossible, linear, log_mean, moved, orthogonal
from vae_lib.exercises.engine import Call, Sampled, Seen, mean_of, spread_of, swap, whole
from vae_lib.exercises.families import alone, gaussian_table, same, swaps

SOLUTION = """\
def bound_solution(model, x, num_samples):
    qz_x = model.encoder(x)
    z = qz_x.rsample((num_samples,))  # [samples, batch, latent]
    log_joint = model.decoder(z).log_prob(x) + model.prior.log_prob(z)
    log_w = log_joint - qz_x.log_prob(z)  # [samples, batch]
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)


check_importance_weighted_bound(bound_solution)
"""


def solution(model, x, num_samples):
    """log of the mean of num_samples weights: [batch], in nats."""
    qz_x = model.encoder(x)
    z = qz_x.rsample((num_samples,))  # [samples, batch, latent]
    log_joint = model.decoder(z).log_prob(x) + model.prior.log_prob(z)
    log_w = log_joint - qz_x.log_prob(z)  # [samples, batch]
    return torch.logsumexp(log_w, dim=0) - math.log(num_samples)


# The bound in parts: μ and σ are [batch, latent], z [samples, batch, latent], log w [samples, batch]


def drawn(mu, sigma, count):
    return mu + sigma * torch.randn(count, *mu.shape)


def likelihood(x, px_z):
    return gaussian_table(x - px_z.mean, px_z.stddev).sum(-1)


def prior(z, mu, sigma):
    return gaussian_table(z, torch.ones_like(z)).sum(-1)


def log_q(z, mu, sigma):
    return gaussian_table(z - mu, sigma + 0 * z).sum(-1)


def parts(model, x, num_samples, *, draw=drawn, pixels=likelihood, prior=prior, density=log_q, average=log_mean):
    q = model.encoder(x)
    mu, sigma = q.mean, q.stddev
    z = draw(mu, sigma, int(num_samples))
    return average(pixels(x, model.decoder(z)) + prior(z, mu, sigma) - density(z, mu, sigma))


def inputs(rng):
    """K = 3, 1 and 50 where q is not the posterior, 5 where it is, and 2 on images far out; no two sizes are equal."""
    calls = []
    for n, d, m, k in ((17, 7, 2, 3), (23, 5, 3, 1), (7, 6, 2, 50)):
        weight, away = rng.normal(0.3, 0.6, (d, m)), moved(rng, m, 0.5, 0.7)
        calls.append(linear(rng, weight, 0.9, n, *away, training=k < 50, num_samples=np.array(k)))
    posterior = linear(rng, orthogonal(rng, 6, 4), 0.7, 8, num_samples=np.array(5))
    return [*calls, posterior, far(posterior)]


def far(call):
    """The same model, and no two images equally far."""
    away = np.linspace(25, 60, 3)[:, None] * np.array([0.8, 1.2, 0.7, -0.9, 1.1, 0.5])
    note = "examples so unusual that every weight is below e^−1000, which a computer rounds to 0"
    return Call(call.inputs | {"x": (call.inputs["x"][:3] + away).round(2), "num_samples": np.array(2)}, note=note)


def of_calls(seen: Seen, call: Call):
    """Gradients of the encoder for K = 1 alone: with more, an unbiased one may leave out the score of q."""
    values, count, off = seen.values["value"], int(call.inputs["num_samples"]), "not" in call.note
    with np.errstate(all="ignore"):
        found = elbo.over_calls(values)
        if off:
            squares = np.square(values - values.mean(0)).mean(1) * len(values) / (len(values) - 1)
            found |= {"repeats": families.repeats(values), "pooled variance": mean_of(squares)}
        elif count == 5:
            spread = spread_of(values)
            found["scatter"] = spread._replace(value=np.where(spread.value < 1e-3, 0, spread.value))
        asked = [name for name in seen.gradients if off and (count == 1 or "decoder" in name)]
        return found | {f"gradient of {name}": families.mean_of_alike(seen.gradients[name]) for name in asked}


def said_first(came, call):
    """Of calls that all draw the same there is no average to speak of."""
    return "" if "repeats" in came and came["repeats"].value else impossible(came, call)


# The mistakes


def detached(tensor):
    return tensor.detach() + 0 * tensor


def over_latents(density):
    return lambda z, *given: density(z, *given) / z.shape[-1]


def nothing(z, mu, sigma):
    return 0 * (z + mu + sigma).sum(-1)


DRAWS = {  # functions of μ, σ and K
    "noise-none": ("z is μ, the mean of q, instead of a draw", lambda m, s, n: m + 0 * drawn(m, s, n)),
    "sigma-var": ("z = μ + σ²ε is drawn instead of μ + σε", lambda m, s, n: drawn(m, s**2, n)),
    "prior": ("z is drawn from the prior, but divided by q(z|x)", lambda m, s, n: drawn(0 * m, 1 + 0 * s, n)),
    "one-for-batch": ("one draw of ε is shared by the batch", lambda m, s, n: m + s * torch.randn(n, 1, m.shape[1])),
    "one-for-latents": ("one ε serves all the latents", lambda m, s, n: m + s * torch.randn(n, len(m), 1)),
    "one-draw": (
        "one draw is used for all: num_samples is not used, or the same z is counted num_samples times",
        lambda m, s, n: drawn(m, s, 1).expand(n, *m.shape),
    ),
}
OTHER_DRAWS = {
    "sigma-one": ("z = μ + ε is drawn instead of μ + σε", lambda m, s, n: drawn(m, 1 + 0 * s, n)),
    "z-detached": (
        "the gradient does not go through z, which comes from .sample(), is detached, or was drawn under torch.no_grad",
        lambda m, s, n: detached(drawn(m, s, n)),
    ),
    "mean-detached": ("μ is detached in z, but not σ", lambda m, s, n: drawn(detached(m), s, n)),
    "sigma-detached": ("σ is detached in z, but not μ", lambda m, s, n: drawn(m, detached(s), n)),
    "draws-more": ("one draw more than num_samples is taken", lambda m, s, n: drawn(m, s, n + 1)),
    "draws-fewer": ("one draw fewer than num_samples is taken", lambda m, s, n: drawn(m, s, max(n - 1, 1))),
    "draws-ten-times": ("ten times num_samples draws are taken", lambda m, s, n: drawn(m, s, 10 * n)),
    **{
        f"draws-{k}": (f"{k} draws are taken, whatever num_samples is", lambda m, s, n, k=k: drawn(m, s, k))
        for k in (5, 10, 20, 100)
    },
}
TERMS = {
    **families.basics.term("pixels", "log p(x|z)", likelihood, but=("twice", "half")),
    **families.basics.term("prior", "log p(z)", prior, but=("twice", "half")),
    **families.basics.term("density", "log q(z|x)", log_q, but=("twice", "half")),
    "pixels-averaged": (
        "the pixels are averaged in log p(x|z)",
        {"pixels": lambda *t: likelihood(*t) / t[0].shape[-1]},
    ),
    "both-missing": (
        "log p(z) and log q(z|x) are both left out: the weight is p(x|z) alone",
        {"prior": nothing, "density": nothing},
    ),
    "both-signs": ("the signs of log p(z) and log q(z|x) are swapped", {"prior": log_q, "density": prior}),
    "latents-averaged": (
        "the latents are averaged in log p(z) and log q(z|x)",
        {"prior": over_latents(prior), "density": over_latents(log_q)},
    ),
    "kl-closed": (
        "the KL in closed form stands in the weight, and not the two densities",
        {"prior": nothing, "density": lambda z, m, s: families.kl_table(m + 0 * z, 2 * s.log()).sum(-1)},
    ),
    "q-entropy": (
        "the entropy of q stands in the weight in place of −log q(z|x)",
        {"density": lambda z, m, s: log_q(m + s, m, s)},
    ),
    "q-of-other-draws": (
        "log q(z|x) does not see the same z as the other two densities",
        {"density": lambda z, m, s: log_q(drawn(m, s, len(z)), m, s)},
    ),
    "prior-alone": (
        "z is drawn from the prior, and q(z|x) is not used at all",
        {"draw": DRAWS["prior"][1], "prior": nothing, "density": nothing},
    ),
}
AVERAGES = {  # functions of log w
    "mean-of-logs": (
        "the mean of the logarithms is taken, an ELBO, not the logarithm of the mean",
        lambda w: w.mean(0),
    ),
    "log-k-missing": ("the logarithm of the sum is taken: − log K is missing", lambda w: w.logsumexp(0)),
    "logs-summed": ("log w is added up over the samples: the weights belong inside the logarithm", lambda w: w.sum(0)),
    "not-averaged": ("the mean over the samples is not taken", same),
    "batch-reduced": (
        "the mean over the batch is taken: it is left to the training loop",
        lambda w: log_mean(w).mean(),
    ),
    "mean-weight": ("the mean weight is returned, and not its logarithm", lambda w: w.exp().mean(0)),
    "exponentials-first": (
        "the weights are computed before the maximum is subtracted from the logarithms: e^−1000 rounds to 0, and its "
        "logarithm is −∞",
        lambda w: w.exp().mean(0).log(),
    ),
}
OTHER_AVERAGES = {
    "log-k-added": ("log K is added instead of subtracted", lambda w: w.logsumexp(0) + math.log(len(w))),
    "k-subtracted": ("K is subtracted instead of its logarithm", lambda w: w.logsumexp(0) - len(w)),
    "log-over-k": ("the logarithm is divided by K, and not the sum", lambda w: w.logsumexp(0) / len(w)),
    "batch-for-k": ("the sum is divided by the size of the batch", lambda w: w.logsumexp(0) - math.log(w.shape[1])),
    "over-batch": ("the mean runs over the batch instead of the samples", lambda w: log_mean(w.T)),
    "batch-mean-everywhere": ("each example gets the batch's mean", lambda w: log_mean(w).mean().expand(w.shape[1])),
    "batch-inside": ("the mean runs over the batch too", lambda w: log_mean(w.flatten(0)).expand(w.shape[1])),
    "largest": ("only the largest weight is used", lambda w: w.amax(0)),
    "self-normalised": ("log w is averaged with the normalised weights", lambda w: (w.softmax(0) * w).sum(0)),
    "maximum-lost": ("the maximum is subtracted and not added back", lambda w: log_mean(w - w.amax(0))),
    "one-maximum": (
        "one maximum of the whole batch is subtracted instead of one per example",
        lambda w: (w - w.max()).exp().mean(0).log() + w.max(),
    ),
    **{
        f"small-number-{n}": (
            f"1e-{n} is added to the weights, or bounds them from below, and they are far smaller: take the maximum "
            "out of the logarithms first",
            lambda w, n=n: (w.exp().mean(0) + 10.0**-n).log(),
        )
        for n in (6, 8, 10, 12)
    },
    **{f"cut-{n}": (f"log w is cut off at −{n}", lambda w, n=n: log_mean(w.clamp(-n))) for n in (50, 80, 100)},
}

check_importance_weighted_bound = Sampled(
    name="importance_weighted_bound",
    solution=solution,
    parts=parts,
    inputs=inputs,
    calls=60,
    slopes=60,
    many=600,
    statistics_of=of_calls,
    asked={
        "repeats": "do all calls give the same numbers?",
        "scatter": "the standard deviation over 60 calls of each number, where every draw has the same weight",
        "mean": "the importance-weighted bound, one number per example, in nats: here the mean over 60 calls",
        "total": "the importance-weighted bound, in nats: here the mean over 60 calls and all examples",
        "pooled variance": "the variance over 60 calls, its mean over all examples",
        "correlations": "noise of its own for each example: the correlations of any two, over 60 calls",
        **{f"gradient of {name}": f"the gradient of the bound's sum: of {what}" for name, what in GRADIENTS.items()},
    },
    claims=("mean", "pooled variance"),
    otherwise={
        "repeats": families.SEEDED,
        "scatter": (
            "scatters",
            "It scatters, although q is the posterior, where every draw has the weight p(x): is a closed form in the "
            "weight, a factor before a density, or another z in one of them?",
        ),
        "correlations": ("correlated", "The examples share noise, or part of it: each needs draws of its own."),
    },
    remark=said_first,
    right="The importance-weighted bound: log p(x) where q is the posterior, below it elsewhere, at any scale.",
    gradients=tuple(GRADIENTS),
    effort="deeper · ●●○ · 10 minutes",
    mistakes={
        **swaps("draw", DRAWS),
        **{key: swap(words, **slots) for key, (words, slots) in TERMS.items()},
        **swaps("average", AVERAGES),
        **alone(swaps("draw", OTHER_DRAWS) | swaps("average", OTHER_AVERAGES)),
        "means-apart": whole(
            "the mean over the samples is taken of p(x, z) and of q(z|x) apart: the weight is a ratio at each z",
            lambda model, x, k: elbo.of_draws(int(k), lambda a, p, q: log_mean(a + p) - log_mean(q))(model, x),
        ),
        **families.of_whole("the sign of the whole is wrong: higher is better"),
    },
)

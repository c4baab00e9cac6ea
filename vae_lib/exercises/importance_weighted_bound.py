r"""# The importance-weighted bound

Write `my_importance_weighted_bound(model, x, num_samples)`: the logarithm of the mean of $K$ = `num_samples` weights $w = p(x|z)\,p(z) / q(z|x)$, with $K$ draws $z \sim q$ for each example of $x$ `[batch, data]`. The result is `[batch]`, in nats, higher is better, and a gradient gets through $z$. `model.encoder(x)`, `model.decoder(z)` and `model.prior` are distributions, and the samples come first: $z$ is `[samples, batch, latent]`.

The check knows $\log p(x)$. Where $q$ is the posterior, every weight is $p(x)$, so that your number must not scatter at all; elsewhere its average lies below, for $K = 1$ at the ELBO. Some examples are so unusual that their weights are smaller than any number that a computer holds. Their logarithms are not.

## Hint: where to look
(4.14) has the weight, and exercise 4.6 what to do with many of them. The ELBO of `vae_lib` took the KL in closed form; here there is no KL, only three densities at the same $z$.

## Hint: the idea
Compute $\log w$, a table `[samples, batch]`: two logarithms added, one subtracted. The mean belongs inside the logarithm and runs over the samples only. Exponentials come after the largest logarithm has been taken out, which torch does for you.

## Hint: nearly the code
`qz_x.rsample((num_samples,))` draws with the samples first. Each of `log_prob(x)` and `log_prob(z)` gives `[samples, batch]`. `torch.logsumexp(log_w, dim=0)` is the logarithm of a sum; what makes it that of a mean is a `math.log` away.
"""  # noqa: E501

import math
from functools import partial

import numpy as np
import torch

from vae_lib.exact.linear_gaussian import LinearGaussianVAE
from vae_lib.exercises import families
from vae_lib.exercises.elbo import GRADIENTS, LOG_2PI, as_arrays, impossible
from vae_lib.exercises.engine import Call, Model, Sampled, Seen, Statistic, mean_of, spread_of, swap, whole
from vae_lib.exercises.families import gaussian_table, same, term

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


def log_mean(log_w):
    return log_w.logsumexp(0) - math.log(len(log_w))


def parts(model, x, num_samples, *, draw=drawn, pixels=likelihood, prior=prior, density=log_q, average=log_mean):
    q = model.encoder(x)
    mu, sigma = q.mean, q.stddev
    z = draw(mu, sigma, int(num_samples))
    log_w = pixels(x, model.decoder(z)) + prior(z, mu, sigma) - density(z, mu, sigma)
    return average(log_w)


# The inputs


def linear(weight, mean, sigma, *away, training=True):
    """A linear VAE whose q is `away` from the best diagonal Gaussian: its μ, then its log σ²."""
    kind = f"{LinearGaussianVAE.__module__}:{LinearGaussianVAE.__name__}"
    return as_arrays(Model(kind, dict(weight=weight, mean=mean, sigma=sigma)), *away, training=training)


def not_the_posterior(rng, batch, data, latent, count, training=True):
    weight, mean = rng.normal(0, 0.6, (data, latent)).round(1), rng.normal(0, 1, data).round(1)
    weight += 0.3  # columns that are not orthogonal
    away = rng.uniform(0.5, 0.7, latent) * rng.choice([-1, 1], latent), rng.uniform(0.5, 0.9, latent)
    x = mean + rng.normal(0, 1, (batch, latent)) @ weight.T + rng.normal(0, 0.9, (batch, data))
    note = "a linear VAE whose q is not the posterior" + ", as at test time (model.eval())" * (not training)
    given = {"model": linear(weight, mean, 0.9, *away, training=training), "x": x.round(2)}
    return Call(given | {"num_samples": np.array(count)}, note=note)


def the_posterior(rng, count):
    """Orthogonal columns: the encoder that the model starts with is the posterior."""
    weight = np.zeros((6, 4))
    for column, rows in enumerate(((0, 1), (2, 3), (4,), (5,))):
        weight[list(rows), column] = [0.8, -0.7] if len(rows) == 2 else [0.9]
    mean = rng.normal(0, 0.5, 6).round(1)
    x = mean + rng.normal(0, 1, (8, 4)) @ weight.T + rng.normal(0, 0.5, (8, 6))
    given = {"model": linear(weight, mean, 0.5), "x": x.round(2), "num_samples": np.array(count)}
    return Call(given, note="a linear VAE whose q is the posterior, so that every weight is p(x)")


def far(call, count):
    """The same model, and no two images equally far."""
    x = call.inputs["x"][:3]
    away = np.linspace(15, 40, 3)[:, None] * np.array([0.8, 1.2, 0.7, -0.9, 1.1, 0.5])
    given = {"model": call.inputs["model"], "x": (x + away).round(2), "num_samples": np.array(count)}
    return Call(given, note="examples so unusual that every weight is below e^−1000, which a computer rounds to 0")


def inputs(rng):
    """K = 3, 1 and 50 where q is not the posterior, 5 where it is, and 2 on images far out; no two sizes are equal."""
    posterior = the_posterior(rng, 5)
    return [
        not_the_posterior(rng, 17, 7, 2, 3),
        not_the_posterior(rng, 23, 5, 3, 1),
        not_the_posterior(rng, 7, 6, 2, 50, training=False),
        posterior,
        far(posterior, 2),
    ]


# What is looked at, over the calls


def of_calls(seen: Seen, call: Call):
    """Gradients of the encoder for K = 1 alone: with more, an unbiased one may leave out the score of q."""
    values, count = seen.values["value"], int(call.inputs["num_samples"])
    with np.errstate(all="ignore"):
        correlation, _ = families.correlations(families.standardised(values))
        found = {"mean": families.mean_of_alike(values), "total": mean_of(values.mean(1))}
        if "not" in call.note:
            squares = np.square(values - values.mean(0)).mean(1) * len(values) / (len(values) - 1)
            found |= {"repeats": families.repeats(values), "pooled variance": mean_of(squares)}
        elif count == 5:
            spread = spread_of(values)
            found["scatter"] = spread._replace(value=np.where(spread.value < 1e-3, 0, spread.value))
        found["correlations"] = Statistic(correlation, (1 - correlation**2).clip(0) / math.sqrt(len(values)))
        asked = [name for name in seen.gradients if "not" in call.note and (count == 1 or "decoder" in name)]
        return found | {f"gradient of {name}": families.mean_of_alike(seen.gradients[name]) for name in asked}


def said_first(came, call):
    """Of calls that all draw the same there is no average to speak of."""
    return "" if "repeats" in came and came["repeats"].value else impossible(came, call)


# The mistakes


def detached(tensor):
    return tensor.detach() + 0 * tensor


def spread_by(*shape):
    """ε of this shape, each number of which None takes from [samples, batch, latent]."""
    return lambda m, s, n: m + s * torch.randn([b or a for a, b in zip((n, *m.shape), shape, strict=True)])


def entropy(z, mu, sigma):
    """Minus the entropy of q, which is log q on average."""
    return -(0.5 + LOG_2PI / 2 + sigma.log()).sum(-1) + 0 * z.sum(-1)


def minus_kl(z, mu, sigma):
    return -(mu**2 + sigma**2 - 1 - 2 * sigma.log()).sum(-1) / 2 + 0 * z.sum(-1)


def nothing(z, mu, sigma):
    return 0 * (z + mu + sigma).sum(-1)


def minus(function):
    return lambda *given: -function(*given)


def one_maximum(log_w):
    top = log_w.flatten(0).amax(0)
    return (log_w - top).exp().mean(0).log() + top


def exponentials_first(small):
    return lambda log_w: (log_w.exp().mean(0) + small).log()


def means_apart(model, x, num_samples):
    q = model.encoder(x)
    mu, sigma = q.mean, q.stddev
    z = drawn(mu, sigma, int(num_samples))
    joint = likelihood(x, model.decoder(z)) + prior(z, mu, sigma)
    return log_mean(joint) - log_mean(log_q(z, mu, sigma))


def of(part, slips):
    return {key: (sentence, {part: function}) for key, (sentence, function) in slips.items()}


DRAWS = {
    "noise-none": ("z is μ, the mean of q, instead of a draw", lambda m, s, n: m + 0 * torch.randn(n, *m.shape)),
    "sigma-var": ("z = μ + σ²ε is drawn instead of μ + σε", lambda m, s, n: drawn(m, s**2, n)),
    "prior": (
        "z is drawn from the prior, but divided by q(z|x) as if it came from q",
        lambda m, s, n: drawn(0 * m, 1 + 0 * s, n),
    ),
    "one-for-batch": ("one draw of ε is shared by the whole batch", spread_by(None, 1, None)),
    "one-for-latents": ("one ε serves all the latents", spread_by(None, None, 1)),
    "one-draw": (
        "one draw is used for all: num_samples is not used, or the same z is counted num_samples times",
        lambda m, s, n: spread_by(1, None, None)(m, s, n).expand(n, *m.shape),
    ),
}
OTHER_DRAWS = {
    "sigma-one": ("z = μ + ε is drawn instead of μ + σε", lambda m, s, n: drawn(m, 1 + 0 * s, n)),
    "noise-uniform": ("the noise is uniform instead of Gaussian", lambda m, s, n: m + s * torch.rand(n, *m.shape)),
    "z-detached": (
        "the gradient does not go through z, which comes from .sample(), is detached, or was drawn under torch.no_grad",
        lambda m, s, n: detached(drawn(m, s, n)),
    ),
    "mean-detached": ("μ is detached in z, but not σ", lambda m, s, n: drawn(detached(m), s, n)),
    "sigma-detached": ("σ is detached in z, but not μ", lambda m, s, n: drawn(m, detached(s), n)),
    "draws-less": ("one draw fewer than num_samples is taken", lambda m, s, n: drawn(m, s, max(n - 1, 1))),
    "draws-more": ("one draw more than num_samples is taken", lambda m, s, n: drawn(m, s, n + 1)),
    **{
        f"draws-{k}": (f"{k} draws are taken, whatever num_samples is", lambda m, s, n, k=k: drawn(m, s, k))
        for k in (2, 3, 5, 10, 20, 50, 100)
    },
}
PIXELS = {
    "pixels-averaged": ("the pixels are averaged in log p(x|z)", lambda x, p: likelihood(x, p) / x.shape[-1]),
    "squared-error": (
        "log p(x|z) is minus the squared error: 1/(2σ_x²) and the constants are missing",
        lambda x, p: -((x - p.mean) ** 2).sum(-1) + 0 * p.stddev.sum(-1),
    ),
    "half-squared-error": (
        "log p(x|z) is minus half the squared error: σ_x and the constants are missing",
        lambda x, p: -((x - p.mean) ** 2).sum(-1) / 2 + 0 * p.stddev.sum(-1),
    ),
}
DENSITIES = {  # in the place of log p(z), of log q(z|x)
    "both-missing": ("log p(z) and log q(z|x) are both left out: the weight is p(x|z) alone", nothing, nothing),
    "both-signs": ("the signs of log p(z) and log q(z|x) are swapped", minus(prior), minus(log_q)),
    "latents-averaged": (
        "the latents are averaged in log p(z) and log q(z|x)",
        lambda *given: prior(*given) / given[0].shape[-1],
        lambda *given: log_q(*given) / given[0].shape[-1],
    ),
    "kl-closed": ("the KL in closed form stands in the weight, and not the two densities", minus_kl, nothing),
    "q-entropy": ("the entropy of q stands in the weight in place of −log q(z|x)", prior, entropy),
    "q-of-other-draws": (
        "log q(z|x) does not see the same z as the other two densities",
        prior,
        lambda z, m, s: log_q(drawn(m, s, len(z)), m, s),
    ),
    "q-no-log-sigma": ("log σ is left out of log q(z|x)", prior, lambda z, m, s: log_q(z, m, s) + s.log().sum(-1)),
}
AVERAGES = {
    "mean-of-logs": (
        "the mean of the logarithms is taken, which is an ELBO, instead of the logarithm of the mean",
        lambda w: w.mean(0),
    ),
    "log-k-missing": (
        "the mean is forgotten, and the logarithm of the sum is taken: − log K is missing",
        lambda w: w.logsumexp(0),
    ),
    "logs-summed": (
        "log w is added up over the samples: the weights belong inside, before the logarithm",
        lambda w: w.sum(0),
    ),
    "not-averaged": ("the mean over the samples is not taken", same),
    "batch-reduced": (
        "the whole batch is reduced to one number: the mean over the batch is left to the training loop",
        lambda w: log_mean(w).mean(),
    ),
    "mean-weight": ("the mean weight is returned, and not its logarithm", lambda w: w.exp().mean(0)),
    "exponentials-first": (
        "the weights are computed before the maximum is subtracted from the logarithms: e^−1000 rounds to 0, and its "
        "logarithm is −∞",
        exponentials_first(0.0),
    ),
}
OTHER_AVERAGES = {
    "log-k-added": ("log K is added instead of subtracted", lambda w: w.logsumexp(0) + math.log(len(w))),
    "k-subtracted": ("K is subtracted instead of its logarithm", lambda w: w.logsumexp(0) - len(w)),
    "log-over-k": ("the logarithm is divided by K, and not the sum", lambda w: w.logsumexp(0) / len(w)),
    "over-k": ("the result is divided by K", lambda w: log_mean(w) / len(w)),
    "inside-over-k": ("log w is divided by K, and not w", lambda w: (w / len(w)).logsumexp(0)),
    "batch-for-k": (
        "the sum is divided by the size of the batch, not by the number of samples",
        lambda w: w.logsumexp(0) - math.log(w.shape[1]),
    ),
    "over-batch": ("the mean runs over the batch instead of the samples", lambda w: log_mean(w.T)),
    "axis-kept": ("the axis of the samples is kept: [1, batch]", lambda w: log_mean(w)[None]),
    "batch-mean-everywhere": (
        "the mean over the batch is returned for every example",
        lambda w: log_mean(w).mean().expand(w.shape[1]),
    ),
    "batch-inside": (
        "the mean inside the logarithm runs over the batch too",
        lambda w: log_mean(w.flatten(0)).expand(w.shape[1]),
    ),
    "largest": ("only the largest weight is used", lambda w: w.amax(0)),
    "largest-less-log-k": ("only the largest weight is used, less log K", lambda w: w.amax(0) - math.log(len(w))),
    "self-normalised": (
        "log w is averaged with the normalised weights, and the logarithm of their mean is not taken",
        lambda w: (w.softmax(0) * w).sum(0),
    ),
    "maximum-lost": ("the maximum is subtracted and not added back", lambda w: log_mean(w - w.amax(0))),
    "one-maximum": ("one maximum of the whole batch is subtracted instead of one per example", one_maximum),
    **{
        f"small-number-{n}": (
            f"1e-{n} is added to the weights, or bounds them from below, and they are far smaller: take the maximum "
            "out of the logarithms first",
            exponentials_first(10.0**-n),
        )
        for n in (6, 7, 8, 9, 10, 12, 20)
    },
}
TERMS = {"pixels": ("log p(x|z)", likelihood), "prior": ("log p(z)", prior), "density": ("log q(z|x)", log_q)}
SWAPS = {  # they combine
    **of("draw", DRAWS),
    **{k: slip for part, how in TERMS.items() for k, slip in term(part, *how, but=("twice", "half")).items()},
    **of("pixels", PIXELS),
    **{key: (sentence, {"prior": p, "density": q}) for key, (sentence, p, q) in DENSITIES.items()},
    **of("average", AVERAGES),
}
ALONE = {
    "prior-alone": (
        "z is drawn from the prior, and q(z|x) is not used at all",
        {"draw": DRAWS["prior"][1], "prior": nothing, "density": nothing},
    ),
    **of("draw", OTHER_DRAWS),
    **of("average", OTHER_AVERAGES),
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
    dots=2,
    minutes=10,
    mistakes={
        **{key: swap(sentence, **slots) for key, (sentence, slots) in SWAPS.items()},
        **{key: whole(sentence, partial(parts, **slots)) for key, (sentence, slots) in ALONE.items()},
        "means-apart": whole(
            "the mean over the samples is taken of p(x, z) and of q(z|x) apart: the weight is a ratio at each z",
            means_apart,
        ),
        **families.pick(families.unit(), "bits"),
        **families.sign("the sign of the whole is wrong: higher is better"),
    },
)

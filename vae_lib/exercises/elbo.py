r"""# The whole bound

The whole bound: `my_elbo(model, x)` is the ELBO of (4.5) with one draw of $z$ an image, or more if you like: `[batch]`, in nats, up is better. `model.encoder(x)`, `model.decoder(z)` and `model.prior` are distributions, whatever the networks inside.

The check averages your numbers over many draws on a linear VAE whose $q$ is the posterior. There the ELBO is $\log p(x)$, and that is known: more is impossible, and how much more tells which mistake was made. It also asks for values, and whether the right gradient gets to the encoder and to the decoder, on a model whose $q$ is *not* the posterior.

## Hint: where to look
[(4.5)](#two-terms-one-loss), and the sign card below it. `show_source(elbo_terms)` printed the library's two terms; try without it.

## Hint: the idea
Four steps: $q$ from the encoder, a draw $z$ from $q$, $p(x|z)$ from the decoder, and the score of $x$ under it, less the KL of $q$ to the prior. For the encoder to hear of the reconstruction, the gradient must pass through $z$: [chapter 3](03_reparameterization.ipynb).

## Hint: nearly the code
`q.rsample()` draws, and lets the gradient through; `q.sample()` does not. `log_prob` and `kl_divergence` (imported above) give one number per image, already summed over pixels and latents, so no `.sum` and no `.mean` is needed.
"""  # noqa: E501

import math

import numpy as np
import torch
from torch import randn_like
from torch.distributions import kl_divergence

from vae_lib.exact.linear_gaussian import LinearGaussianVAE
from vae_lib.exercises import families
from vae_lib.exercises.engine import (
    Call,
    Model,
    Sampled,
    Seen,
    Statistic,
    after,
    array_of,
    leaf,
    mean_of,
    spread_of,
    swap,
    whole,
)
from vae_lib.exercises.families import alone, gaussian_table, half_exp, kl_table, last_axis, pick, same, scaled


def solution(model, x):
    """The ELBO of each image, from draws of z: [batch], in nats."""
    q = model.encoder(x)
    px_z_drawn = model.decoder(q.rsample())
    return px_z_drawn.log_prob(x) - kl_divergence(q, model.prior)


def drawn(mu, log_var, *, sigma=half_exp, noise=randn_like, mean=same, draw=scaled):
    return draw(mean(mu), sigma(log_var), noise(mu))


def parts(model, x, *, density=gaussian_table, pixels=last_axis, kl=kl_table, latents=last_axis, **of_z):
    q = model.encoder(x)
    mu, log_var = q.mean, 2 * q.stddev.log()
    px_z = model.decoder(drawn(mu, log_var, **of_z))
    return pixels(density(x - px_z.mean, px_z.stddev)) - latents(kl(mu, log_var))


def as_arrays(model, mu=0.0, log_var=0.0, training=True):
    """The model with its encoder moved, every argument an array."""
    made_of = {name: np.asarray(value, dtype=float) for name, value in model.made_of.items()}
    encoder, moved = Model(model.kind, made_of).build().encoder, {"net.0.bias": mu, "log_var": log_var}
    weights = {f"encoder.{name}": array_of(encoder.get_parameter(name)) + by for name, by in moved.items()}
    return Model(model.kind, made_of, weights, training)


def linear(rng, weight, sigma, batch, *away, noise=1.0, training=True, note=None, **more):
    """x, and a linear VAE whose q is `away` from the best diagonal Gaussian: its μ, then its log σ²."""
    (data, latent), kind = weight.shape, f"{LinearGaussianVAE.__module__}:LinearGaussianVAE"
    mean = rng.normal(0, 0.7, data).round(1)
    z = rng.uniform(0.3, 1.0, (batch, latent)) * (-1.0) ** np.arange(batch)[:, None]  # all of one image on one side
    x = mean + z @ weight.T + rng.normal(0, noise * sigma, (batch, data))
    model = as_arrays(Model(kind, dict(weight=weight, mean=mean, sigma=sigma)), *away, training=training)
    told = f"a linear VAE whose q is {'not ' * bool(away)}the posterior"
    note = told + ", as at test time (model.eval())" * (not training) if note is None else note
    return Call({"model": model, "x": x.round(2)} | more, note=note)


def orthogonal(rng, data, latent):
    """Columns for which the encoder that the model starts with is the posterior."""
    return np.linalg.qr(rng.normal(0, 1, (data, latent)))[0]


def alike(rng, data, latent):
    """Columns that are far from orthogonal."""
    return rng.normal(0.5, 0.4, (data, latent)).round(1)


def moved(rng, latent, low, high):
    return rng.uniform(low, high, latent), rng.uniform(0.5, 0.9, latent)


def inputs(rng):
    """[5, 11] with 7 latents, where the ELBO is log p(x); [6, 13] with 3, where it is not; [4, 2] above 0."""
    return [
        linear(rng, orthogonal(rng, 11, 7), 0.8, 5, noise=0.3, training=False),
        linear(rng, alike(rng, 13, 3), 0.9, 6, *moved(rng, 3, 0.8, 1.4)),
        linear(rng, np.array([[0.5], [-0.4]]), 0.05, 4, 0.03, 0.3, noise=0, note="a linear VAE whose ELBO is above 0"),
    ]


GRADIENTS = {
    "model.encoder.net.0.bias": "the bias that is added to μ",
    "model.encoder.log_var": "log σ² of q",
    "model.decoder.net.0.bias": "the decoder's bias",
    "model.decoder.log_sigma": "log σ_x of the decoder",
}


@torch.no_grad()
def variance_of_a_draw(model, x):
    """Var[log p(x|z)] over z = μ + σ ⊙ ε, [batch]: log p is a quadratic form in ε, a linear part and a square."""
    q = model.encoder(x)
    spread = model.weight * q.stddev[:, None, :]
    linear = ((x - model.decoder(q.mean).mean)[:, None, :] @ spread).square().sum((1, 2))
    return (linear + 0.5 * (spread.mT @ spread).square().sum((1, 2))) / model.noise_std**4


def over_calls(values):
    """The means over calls, of each number and of all, and the correlations of any two numbers."""
    shared = families.pairwise(families.standardised(values))
    return {"mean": families.mean_of_alike(values), "total": mean_of(values.mean(1)), "correlations": shared}


def of_calls(seen: Seen, call: Call):
    """What is averaged over calls; "scatter" in variances of one draw, 5 where it is no more."""
    values, model = seen.values["value"], call.inputs["model"]
    found = over_calls(values)
    if model.training:
        found["repeats"] = families.repeats(values)
    else:
        one = array_of(variance_of_a_draw(model.build(), leaf(call.inputs["x"])))
        scatter = mean_of((np.square(values - values.mean(0)) / one).mean(1))
        found["scatter"] = scatter if scatter.value > 5 else Statistic(np.array(5.0))
    return found | {f"gradient of {name}": families.mean_of_alike(slopes) for name, slopes in seen.gradients.items()}


def of_one_draw(values, call):
    """The standard deviation over calls of the mean, in that of one draw an image: 1.8 where it is no more."""
    model, x = call.inputs["model"].build(), leaf(call.inputs["x"])
    scatter = spread_of(values / float(variance_of_a_draw(model, x).mean() / len(x)) ** 0.5)
    return scatter if scatter.value > 1.8 else Statistic(np.array(1.8))


@torch.no_grad()
def impossible(came, call):
    """A mean above log p(x) is no bound's: to be said before the mistake."""
    if "total" not in came:  # the shape is wrong
        return ""
    evidence = float(call.inputs["model"].build().log_likelihood(leaf(call.inputs["x"])).mean())
    mean, error = map(float, came["total"][:2])
    above = f"{mean:.2f} lies above log p(x) = {evidence:.2f} by {mean - evidence:.2f} nats"
    is_above = mean - evidence > 5 * error + 1e-3 * (1 + abs(evidence))
    return f"On average over draws and images {above}: impossible for a lower bound. " * is_above


def of_draws(count, function):
    """What is made of log p(x|z), log p(z) and log q(z|x) at these draws, each [count, batch]."""

    def bound(model, x):
        q = model.encoder(x)
        z = q.mean + q.stddev * torch.randn(count, *q.mean.shape)
        return function(model.decoder(z).log_prob(x), model.prior.log_prob(z), q.log_prob(z))

    return bound


def log_mean(t):
    return t.logsumexp(0) - math.log(len(t))


SEVERAL = {  # functions of log p(x|z), log p(z) and log q(z|x)
    "draws-summed": ("the scores of {} draws are summed, not averaged", lambda a, p, q: a.sum(0) - (q - p).mean(0)),
    "best-draw": ("the best of {} draws is taken", lambda a, p, q: a.amax(0) - (q - p).mean(0)),
    "likelihood-averaged": (
        "the mean over {} draws of p(x|z) is taken inside the logarithm",
        lambda a, p, q: log_mean(a) - (q - p).mean(0),
    ),
    "inside-the-log-summed": (
        "the weights of {} draws are summed inside the logarithm, and not averaged",
        lambda a, p, q: (a + p - q).logsumexp(0),
    ),
    "inside-the-log": (
        "the mean over {} draws is taken inside the logarithm: the importance-weighted bound",
        lambda a, p, q: log_mean(a + p - q),
    ),
}
SCORES = {
    "log-prior-missing": ("log p(z) is left out of the score", lambda a, p, q: a - q),
    "entropy-missing": ("log q(z|x) is left out of the score", lambda a, p, q: a + p),
    "entropy-sign": ("log q(z|x) in the score has the wrong sign", lambda a, p, q: a + p + q),
    "log-prior-sign": ("log p(z) in the score has the wrong sign", lambda a, p, q: a - p - q),
    "entropy-twice": ("log q(z|x) in the score is subtracted twice", lambda a, p, q: a + p - 2 * q),
    "log-prior-detached": ("log p(z) is detached", lambda a, p, q: a + p.detach() - q),
    "entropy-detached": ("log q(z|x) is detached", lambda a, p, q: a + p - q.detach()),
    "kl-above-zero": ("the KL of a draw is cut off below 0", lambda a, p, q: a - (q - p).clamp(min=0)),
    "kl-absolute": ("the KL of a draw loses its sign: one draw's may be negative", lambda a, p, q: a - (q - p).abs()),
}
SLIPS_OF_Z = (
    "noise-none noise-shared-by-rows noise-shared-by-latents noise-single noise-rand sigma-var-for-sigma "
    "sigma-base-two sigma-log-var-for-sigma sigma-one mean-missing scales-mean prior"
)
SLIPS_OF_KL = (
    "kl-half-missing kl-half-twice kl-half-on-mean kl-one-missing kl-log-sign kl-sd-for-var kl-log-sd-for-log-var "
    "kl-log-var-for-var kl-read-as-log-sd kl-mean-not-squared kl-reverse kl-missing kl-sign"
)
SLIPS_OF_DENSITY = (
    "reconstruction-missing squared-error half-squared-error quadratic-twice quadratic-half log-missing "
    "constant-missing constants-missing"
)
SUMS_OF_KL = "mean-over-latents latents-batch-twice latents-batch-mean-everywhere latents-over-batch-size"
MEAN_Z = "the mean of {} draws of z goes into the decoder"
RARE = {
    "first-z": swap("the z of the first image is used for all", draw=lambda *z: scaled(*z)[:1].expand_as(z[0])),
    "rows-reversed": swap("each image is scored with another image's z", draw=lambda *z: scaled(*z).flip(0)),
    "own-sample": swap("a draw of p(x|z) is scored, not x", density=lambda e, s: gaussian_table(s * randn_like(e), s)),
    "own-mean": swap("the decoder's mean is scored in place of x", density=lambda e, s: gaussian_table(0 * e, s)),
    "kl-bits": swap("the KL is in bits, and the rest in nats", latents=lambda t: t.sum(-1) / math.log(2)),
    "whole-over-pixels": whole("all is averaged over the pixels", lambda model, x: parts(model, x) / x.shape[-1]),
    "kl-to-the-posterior": whole(
        "the KL is taken to the posterior instead of to the prior",
        lambda model, x: parts(model, x, latents=lambda t: 0) - model.log_likelihood(x) + model.expected_elbo(x),
    ),
    "log-evidence": whole("log p(x) itself is returned, not its lower bound", LinearGaussianVAE.log_likelihood),
    **{f"{k}-{n}": whole(words.format(n), of_draws(n, f)) for k, (words, f) in SEVERAL.items() for n in (5, 8, 10, 20)},
    **{f"z-averaged-{n}": swap(MEAN_Z.format(n), noise=lambda m, n=n: randn_like(m) / n**0.5) for n in (2, 5, 10)},
    **{k: whole(words, of_draws(1, lambda *t, f=f: f(*t)[0])) for k, (words, f) in SCORES.items()},
    **pick(families.draws(), "sigma-detached mean-detached z-detached tanh"),
    **pick(families.kl("kl"), "kl-detached"),
    **pick(families.free_bits("latents"), "free-bits-0.25 free-bits-0.5 free-bits-1 free-bits-2"),
    "z-and-kl-detached": swap(
        "neither z nor the KL sends a gradient to the encoder",
        **(families.draws()["z-detached"].swapped | families.kl("kl")["kl-detached"].swapped),
    ),
}

check_elbo = Sampled(
    name="elbo",
    solution=solution,
    parts=parts,
    inputs=inputs,
    calls=400,
    slopes=100,
    statistics_of=of_calls,
    asked={
        "repeats": "do all calls give the same numbers?",
        "mean": "the ELBO, one number an image, in nats: here the mean over 400 calls",
        "total": "the ELBO, in nats: here the mean over 400 calls and all images",
        "correlations": "noise of its own for each image: the correlations of any two, over 400 calls",
        "scatter": "the variance over calls, in variances of one draw for each image and latent (up to 5 will do)",
        **{f"gradient of {name}": f"the gradient of the ELBO's sum: of {what}" for name, what in GRADIENTS.items()},
    },
    claims=("mean", "correlations"),
    otherwise={
        "repeats": families.SEEDED,
        "correlations": ("correlated", "The images share noise, or part of it: each needs an ε of its own."),
        "scatter": (
            "scatter",
            "It is right on average, but scatters more than draws for each image and latent do: is one ε shared?",
        ),
    },
    remark=impossible,
    right="The ELBO: log p(x) where q is the posterior, and the right gradient.",
    gradients=tuple(GRADIENTS),
    effort="deeper · ●●● · 15 minutes",
    terms={"The KL": lambda model, x: -kl_divergence(model.encoder(x), model.prior)},
    mistakes={
        **alone(RARE),
        **pick(families.draws(), SLIPS_OF_Z),
        **pick(families.kl("kl"), SLIPS_OF_KL),
        **pick(families.likelihood.gaussian("density"), SLIPS_OF_DENSITY),
        **pick(
            families.reduction("pixels", "pixels", "image", "reconstruction term"),
            "mean-over-pixels pixels-batch-mean-everywhere",
        ),
        **pick(families.reduction("latents", "latents", "image", "KL"), SUMS_OF_KL),
        "pixels-not-summed": swap("the pixels are not added up", pixels=same, latents=lambda t: t.sum(-1)[:, None]),
        "both-batch-means": after("the whole batch is one number: its mean is left to the training loop", torch.mean),
        "density": swap("p(x|z) is used in place of its logarithm", pixels=lambda t: t.sum(-1).exp()),
        "reconstruction-twice": swap("the reconstruction term is counted twice", pixels=lambda t: 2 * t.sum(-1)),
        "clamped": after("the ELBO is cut off above 0: of a density it may be positive", lambda v: v.clamp(max=0)),
        "table-of-batch": after("[batch, 1] and [batch] are broadcast to [batch, batch]", lambda v: v[:, None] + 0 * v),
        **families.of_whole("J is returned instead of the ELBO: the sign is wrong"),
    },
)

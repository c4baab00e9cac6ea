r"""# The whole bound

The whole bound: `my_elbo(model, x)` is the ELBO of (4.5) with one draw of $z$ an image, or more if you like: `[batch]`, in nats, up is better. `model.encoder(x)`, `model.decoder(z)` and `model.prior` are distributions, whatever the networks inside.

The check averages your numbers over many draws on a linear VAE whose $q$ is the posterior. There the ELBO is $\log p(x)$, and that is known: more is impossible, and how much more tells which mistake was made. It also asks for values, and whether the right gradient gets to the encoder and to the decoder, on a model whose $q$ is *not* the posterior.

## Hint: where to look
(4.5), and the sign card below it. `show_source(elbo_terms, elbo)` printed the library's version; try without it.

## Hint: the idea
Four steps: $q$ from the encoder, a draw $z$ from $q$, $p(x|z)$ from the decoder, and the score of $x$ under it, less the KL of $q$ to the prior. For the encoder to hear of the reconstruction, the gradient must pass through $z$: [chapter 3](03_reparameterization.ipynb).

## Hint: nearly the code
`q.rsample()` draws, and lets the gradient through; `q.sample()` does not. `log_prob` and `kl_divergence` (imported above) give one number per image, already summed over pixels and latents, so no `.sum` and no `.mean` is needed.
"""  # noqa: E501

import math

import numpy as np
import torch
from torch.distributions import kl_divergence

from vae_lib.exact.linear_gaussian import LinearGaussianVAE
from vae_lib.exercises import families
from vae_lib.exercises.engine import Call, Model, Sampled, Seen, Statistic, after, mean_of, swap, whole
from vae_lib.exercises.families import alone, gaussian_table, half_exp, kl_table, last_axis, same, scaled
from vae_lib.exercises.families.likelihood import LOG_2PI


def solution(model, x):
    """The ELBO of each image, from draws of z: [batch], in nats."""
    q = model.encoder(x)
    px_z_drawn = model.decoder(q.rsample())
    return px_z_drawn.log_prob(x) - kl_divergence(q, model.prior)


def difference(reconstruction, kl):
    return reconstruction - kl


def parts(
    model,
    x,
    *,
    sigma=half_exp,
    noise=torch.randn_like,
    mean=same,
    draw=scaled,
    density=gaussian_table,
    pixels=last_axis,
    kl=kl_table,
    latents=last_axis,
    add=difference,
):
    q = model.encoder(x)
    mu, log_var = q.mean, 2 * q.stddev.log()
    px_z = model.decoder(draw(mean(mu), sigma(log_var), noise(mu)))
    return add(pixels(density(x - px_z.mean, px_z.stddev)), latents(kl(mu, log_var)))


def importance_weighted(draws):
    def bound(model, x):
        q = model.encoder(x)
        eps = torch.randn(draws, *q.mean.shape)
        px_z = model.decoder(q.mean + q.stddev * eps)
        log_w = gaussian_table(x - px_z.mean, px_z.stddev).sum(-1)
        log_w = log_w - ((q.mean + q.stddev * eps) ** 2 / 2).sum(-1) + (eps**2 / 2 + q.stddev.log()).sum(-1)
        return log_w.logsumexp(0) - math.log(draws)

    return bound


def log_evidence(model, x):
    weight, var = model.weight, model.noise_std.square()
    off = x - model.mean
    inside = torch.eye(weight.shape[1]) + weight.T @ weight / var
    along = off @ weight / var
    squared = off.square().sum(-1) / var - (along * torch.linalg.solve(inside, along.T).T).sum(-1)
    return -(squared + torch.logdet(inside) + x.shape[-1] * (var.log() + LOG_2PI)) / 2


def kl_to_the_posterior(model, x):
    q, weight, var = model.encoder(x), model.weight, model.noise_std.square()
    precision = torch.eye(weight.shape[1]) + weight.T @ weight / var
    off = q.mean - torch.linalg.solve(precision, ((x - model.mean) @ weight / var).T).T
    squared = ((off @ precision) * off).sum(-1) + q.variance @ precision.diagonal()
    kl = (squared - weight.shape[1] - torch.logdet(precision) - q.variance.log().sum(-1)) / 2
    return parts(model, x, kl=lambda mu, log_var: 0 * mu) - kl


def score_of(function):
    """What is made of mu, log_var, σε and the reconstruction of each draw."""

    def bound(model, x):
        q = model.encoder(x)
        mu, log_var, eps = q.mean, 2 * q.stddev.log(), torch.randn_like(q.mean)
        z = mu + half_exp(log_var) * eps
        px_z = model.decoder(z)
        log_px_z = gaussian_table(x - px_z.mean, px_z.stddev).sum(-1)
        log_pz, log_qz = -(z**2 / 2 + LOG_2PI / 2).sum(-1), -(eps**2 / 2 + log_var / 2 + LOG_2PI / 2).sum(-1)
        return function(log_px_z, log_pz, log_qz)

    return bound


def of_draws(draws, function):
    """What is made of several draws of one image: of z, or of log p(x|z)."""

    def bound(model, x):
        q = model.encoder(x)
        z = q.mean + q.stddev * torch.randn(draws, *q.mean.shape)
        return function(model, x, z) - kl_table(q.mean, 2 * q.stddev.log()).sum(-1)

    return bound


def scores(model, x, z):
    px_z = model.decoder(z)
    return gaussian_table(x - px_z.mean, px_z.stddev).sum(-1)


SEVERAL = {
    "z-averaged": ("the mean of {} draws of z goes into the decoder", lambda m, x, z: scores(m, x, z.mean(0))),
    "likelihood-averaged": (
        "the mean over {} draws of p(x|z) is taken inside the logarithm",
        lambda m, x, z: scores(m, x, z).logsumexp(0) - math.log(len(z)),
    ),
    "draws-summed": ("the scores of {} draws are summed, not averaged", lambda m, x, z: scores(m, x, z).sum(0)),
    "best-draw": ("the best of {} draws is taken", lambda m, x, z: scores(m, x, z).amax(0)),
    "median-draw": ("the median of {} draws is taken", lambda m, x, z: scores(m, x, z).median(0).values),
}
SCORES = {
    "log-prior-missing": ("log p(z) is left out of the score", lambda a, p, q: a - q),
    "entropy-missing": ("log q(z|x) is left out of the score", lambda a, p, q: a + p),
    "entropy-sign": ("log q(z|x) has the wrong sign", lambda a, p, q: a + p + q),
    "log-prior-sign": ("log p(z) has the wrong sign", lambda a, p, q: a - p - q),
    "entropy-twice": ("log q(z|x) is subtracted twice", lambda a, p, q: a + p - 2 * q),
    "log-prior-detached": ("log p(z) is detached", lambda a, p, q: a + p.detach() - q),
    "entropy-detached": ("log q(z|x) is detached", lambda a, p, q: a + p - q.detach()),
    "kl-above-zero": (
        "the KL of a draw is cut off below 0",
        lambda a, p, q: a - (q - p).clamp(min=0),
    ),
    "kl-absolute": ("the KL of a draw loses its sign: one draw's may be negative", lambda a, p, q: a - (q - p).abs()),
}


def by_hand():
    """Columns that are orthogonal: the encoder that the model starts with is the posterior."""
    weight = np.zeros((11, 7))
    for column, rows in enumerate(((0, 1), (2, 3), (4, 5), (6, 7), (8,), (9,), (10,))):
        weight[list(rows), column] = [0.7, -0.6] if len(rows) == 2 else [0.9]
    mean = np.array([0.4, -0.2, 0.7, 0.1, -0.5, 0.3, 0.0, -0.8, 0.6, 0.2, -0.3])
    codes = np.array([0.6, -0.8, 0.5, -0.7, 0.9])[:, None] * np.array([1.0, 0.9, 1.1, 0.8, 1.0, 1.2, 0.7])
    x = mean + codes @ weight.T + 0.3 * np.sin(np.arange(55.0)).reshape(5, 11)
    model = Model(f"{LinearGaussianVAE.__module__}:LinearGaussianVAE", dict(weight=weight, mean=mean, sigma=0.8))
    return Call(
        {"model": as_arrays(model, training=False), "x": x.round(2)},
        note="a linear VAE whose q is the posterior, as at test time (model.eval())",
    )


def from_generator(rng):
    """Another encoder: q is not the posterior."""
    weight, mean = rng.normal(0.4, 0.7, (13, 3)).round(1), rng.normal(0, 1, 13).round(1)  # columns that are alike
    model = Model(f"{LinearGaussianVAE.__module__}:LinearGaussianVAE", dict(weight=weight, mean=mean, sigma=0.9))
    away = rng.uniform(0.8, 1.4, 3) * rng.choice([-1, 1], 3), rng.uniform(0.5, 1.0, 3)
    x = mean + rng.normal(0, 1, (6, 3)) @ weight.T + rng.normal(0, 0.9, (6, 13))
    return Call(
        {"model": as_arrays(model, *away), "x": x.round(2)},
        note="a linear VAE whose q is not the posterior, in training",
    )


def as_arrays(model, mu=0.0, log_var=0.0, training=True):
    """The model with its encoder moved, every argument an array."""
    made_of = {name: np.asarray(value, dtype=float) for name, value in model.made_of.items()}
    encoder = Model(model.kind, made_of).build().encoder
    weights = {
        "encoder.net.0.bias": encoder.net[0].bias.detach().double().numpy() + mu,
        "encoder.log_var": encoder.log_var.detach().double().numpy() + log_var,
    }
    return Model(model.kind, made_of, weights, training)


def above_zero():
    """So little noise that densities are large, and the ELBO is positive."""
    weight, mean = np.array([[0.5], [-0.4]]), np.array([0.3, -0.1])
    model = Model(f"{LinearGaussianVAE.__module__}:LinearGaussianVAE", dict(weight=weight, mean=mean, sigma=0.05))
    x = mean + np.array([[0.7], [-0.4], [1.1], [0.2]]) @ weight.T
    return Call({"model": as_arrays(model, 0.03, 0.3), "x": x.round(2)}, note="a linear VAE whose ELBO is above 0")


def inputs(rng):
    """[5, 11] with 7 latents, where the ELBO is log p(x); [6, 13] with 3, where it is not; [4, 2] above 0."""
    return [by_hand(), from_generator(rng), above_zero()]


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


def of_calls(seen: Seen, call: Call):
    """What is averaged over calls; "scatter" in variances of one draw, 5 where it is no more."""
    values, model = seen.values["value"], call.inputs["model"]
    correlation, independent = families.correlations(families.standardised(values))
    error = (1 - correlation**2).clip(0) / math.sqrt(len(values))
    found = {"mean": mean_of(values)._replace(independent=independent), "total": mean_of(values.mean(1))}
    found["correlations"] = Statistic(correlation, error)
    if model.training:
        found["repeats"] = families.repeats(values)
    else:
        one = variance_of_a_draw(model.build(), torch.as_tensor(call.inputs["x"]).to(torch.get_default_dtype()))
        scatter = mean_of((np.square(values - values.mean(0)) / one.double().numpy()).mean(1))
        found["scatter"] = scatter if scatter.value > 5 else Statistic(np.array(5.0))
    return found | {f"gradient of {name}": families.mean_of_alike(slopes) for name, slopes in seen.gradients.items()}


@torch.no_grad()
def impossible(came, call):
    """A mean above log p(x) is no bound's: to be said before the mistake."""
    if "total" not in came:  # the shape is wrong
        return ""
    x = torch.as_tensor(call.inputs["x"]).to(torch.get_default_dtype())
    evidence = float(call.inputs["model"].build().log_likelihood(x).mean())
    mean, error = float(came["total"].value), float(came["total"].error)
    if not mean - evidence > 5 * error + 1e-3 * (1 + abs(evidence)):
        return ""
    above = f"{mean:.2f} lies above log p(x) = {evidence:.2f} by {mean - evidence:.2f} nats"
    return f"On average over draws and images {above}: impossible for a lower bound. "


SLIPS_OF_Z = (
    "noise-none noise-shared-by-rows noise-shared-by-latents noise-single noise-rand sigma-var-for-sigma "
    "sigma-log-var-for-sigma sigma-one mean-missing scales-mean prior"
)
SLIPS_OF_KL = (
    "kl-half-missing kl-half-twice kl-half-on-mean kl-half-on-mean-var-one kl-one-missing kl-one-once kl-log-sign "
    "kl-sd-for-var kl-var-squared kl-log-sd-for-log-var kl-log-var-for-var kl-read-as-log-sd kl-mean-not-squared "
    "kl-reverse kl-missing kl-sign"
)
SLIPS_OF_DENSITY = (
    "reconstruction-missing squared-error half-squared-error quadratic-twice quadratic-half log-missing "
    "constant-missing constants-missing"
)


def sums(numbers):
    slips = "mean-over-{0} {0}-batch-twice {0}-batch-mean-everywhere {0}-over-batch-size"
    return slips.format(numbers)


RARE = alone(
    {
        "first-z": swap("the z of the first image is used for all", draw=lambda m, s, e: (m + s * e)[:1].expand_as(m)),
        "rows-reversed": swap("each image is scored with another image's z", draw=lambda m, s, e: (m + s * e).flip(0)),
        "tanh": swap("z goes through tanh", draw=lambda m, s, e: torch.tanh(m + s * e)),
        "own-sample": swap(
            "the decoder's own draw is scored in place of x",
            density=lambda e, s: gaussian_table(s * torch.randn_like(e), s),
        ),
        "own-mean": swap("the decoder's mean is scored in place of x", density=lambda e, s: gaussian_table(0 * e, s)),
        "kl-bits": swap("the KL is in bits, and the rest in nats", add=lambda r, kl: r - kl / math.log(2)),
        "whole-over-pixels": whole(
            "the whole ELBO is averaged over the pixels", lambda model, x: parts(model, x) / x.shape[-1]
        ),
        "kl-to-the-posterior": whole("the KL is taken to the posterior instead of to the prior", kl_to_the_posterior),
        "log-evidence": whole("log p(x) itself is returned, and not its lower bound", log_evidence),
        **{
            f"{key}-{n}": whole(sentence.format(n), of_draws(n, function))
            for key, (sentence, function) in SEVERAL.items()
            for n in (2, 5, 10)
            if (key, n) != ("draws-summed", 2)  # on average that is reconstruction-twice
        },
        **{key: whole(f"in the score of one draw, {words}", score_of(f)) for key, (words, f) in SCORES.items()},
        **{
            f"inside-the-log-summed-{n}": whole(
                f"the weights of {n} draws are summed inside the logarithm, and not averaged",
                lambda model, x, n=n: importance_weighted(n)(model, x) + math.log(n),
            )
            for n in (5, 10)
        },
        **{
            f"inside-the-log-{draws}": whole(
                f"the mean over {draws} draws is taken inside the logarithm: the importance-weighted bound",
                importance_weighted(draws),
            )
            for draws in (2, 5, 10, 20, 50)
        },
        **families.pick(families.draws(), "sigma-detached mean-detached z-detached"),
        **families.pick(families.kl("kl"), "kl-detached kl-swapped kl-free-bits"),
        "z-and-kl-detached": swap(
            "neither z nor the KL sends a gradient to the encoder",
            draw=lambda m, s, e: (m + s * e).detach() + 0 * (m + s),
            kl=lambda mu, log_var: kl_table(mu, log_var).detach() + 0 * (mu + log_var),
        ),
    }
)

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
    level="deeper",
    dots=3,
    minutes=15,
    terms={"The KL": lambda model, x: -kl_divergence(model.encoder(x), model.prior)},
    mistakes={
        **RARE,
        **families.pick(families.draws(), SLIPS_OF_Z),
        **families.pick(families.kl("kl"), SLIPS_OF_KL),
        **families.pick(families.gaussian("density"), SLIPS_OF_DENSITY),
        **families.pick(families.reduction("pixels", "pixels", "image", "reconstruction term"), sums("pixels")),
        **families.pick(families.reduction("latents", "latents", "image", "KL"), sums("latents")),
        "pixels-not-summed": swap(
            "the pixels are not added up", pixels=same, add=lambda reconstruction, kl: reconstruction - kl[:, None]
        ),
        "latents-not-summed": swap(
            "the latents are not added up", latents=same, add=lambda reconstruction, kl: reconstruction[:, None] - kl
        ),
        "both-batch-means": after("the whole batch is one number: its mean is left to the training loop", torch.mean),
        "density": swap("p(x|z) is used in place of its logarithm", pixels=lambda t: t.sum(-1).exp()),
        "reconstruction-twice": swap("the reconstruction term is counted twice", add=lambda r, kl: 2 * r - kl),
        "clamped": after("the ELBO is cut off above 0: of a density it may be positive", lambda v: v.clamp(max=0)),
        "table-of-batch": after("[batch, 1] and [batch] are broadcast to [batch, batch]", lambda v: v[:, None] + 0 * v),
        "kl-alone": swap("the KL alone is returned", add=lambda r, kl: kl + 0 * r),
        **families.unit(),
        **families.sign("J is returned instead of the ELBO: the sign is wrong"),
    },
)

r"""# Pictures, reconstructed and new

Write `my_pictures(model, x, num_samples)`, which returns `(reconstructions, generated)`. The *reconstructions* `[batch, data]` are pictures of $x$: the mean of $p(x|z)$ at $z = \mu(x)$. The *generated* images `[num_samples, data]` are new ones, and draws: each has a $z$ of its own from the prior, and is drawn from $p(x|z)$, so that its pixels are 0 or 1. Use `model.encoder`, `model.decoder` and `model.prior`, without `model.sample` and `model.reconstruct`. The check calls your function many times and counts how often pixels are black, alone and together.

## Hint: where to look
The section [What did it learn?](#what-did-it-learn): its rows two and five. For each, ask two questions: where does $z$ come from, and is the picture a mean or a draw?

## Hint: the idea
Only the reconstructions may look at $x$. A distribution of the library has `.mean` and `.sample()`: one of the two is wanted of the encoder's, the other of the prior, and for the decoder's it differs between the two results.

## Hint: nearly the code
`model.encoder(x).mean` is $\mu(x)$, and `model.decoder(…)` of it has a `.mean`. `model.prior.sample((num_samples,))` is `[num_samples, latent]`, and `model.decoder(…)` of it has a `.sample()`.
"""  # noqa: E501

import numpy as np
import torch

from vae_lib.exercises.engine import Call, Model, Sampled, Seen, Statistic, after, spread_of, swap, whole
from vae_lib.exercises.families import SEEDED, mean_of_alike, repeats, same, swaps

STUB = '''\
def my_pictures(model, x, num_samples):
    """Means at z = μ(x), and new images: draws with z ~ p(z)."""
    return ..., ...
'''


@torch.no_grad()
def solution(model, x, num_samples):
    """Means at z = μ(x), and new images: draws with z ~ p(z)."""
    reconstructions = model.decoder(model.encoder(x).mean).mean
    z = model.prior.sample((num_samples,))
    return reconstructions, model.decoder(z).sample()


def drawn(q):
    return q.mean + q.stddev * torch.randn_like(q.mean)


def fifty(q):
    return q.mean + q.stddev * torch.randn(50, *q.mean.shape)


def from_prior(model, x, n):
    return torch.randn(n, *model.prior.mean.shape)


def repeated(x, n):
    return x[torch.arange(n) % len(x)]


def parts(model, x, n, *, code=lambda q: q.mean, show=same, latents=from_prior, draw=torch.bernoulli):
    reconstructions = show(model.decoder(code(model.encoder(x))).mean)
    return reconstructions, draw(model.decoder(latents(model, x, n)).mean)


def given(rng, batch, data, latent, new):
    """Linear networks; every σ of q another one, the same for all x."""
    sizes = {"data_dim": np.array(data), "latent_dim": np.array(latent), "hidden_dim": np.array([])}
    kinds = {"encoder": "GaussianEncoder", "decoder": "BernoulliDecoder"}
    networks = {name: Model(f"vae_lib.networks:{kind}", sizes) for name, kind in kinds.items()}
    weights = {
        "encoder.net.0.weight": np.concatenate([rng.normal(0, 0.8, (latent, data)), np.zeros((latent, data))]),
        "encoder.net.0.bias": np.concatenate([rng.uniform(0.4, 0.8, latent), rng.uniform(-0.4, 0.6, latent)]),
        "decoder.net.0.weight": rng.uniform(1, 2.5, (data, latent)) * rng.choice([-1, 1], (data, latent)),
        "decoder.net.0.bias": rng.uniform(0.8, 1.8, data) * rng.choice([-1, 1], data),
    }
    model = Model("vae_lib.model:VAE", networks | {"latent_dim": np.array(latent)}, weights)
    x = rng.permuted(np.tile(np.arange(data) % 3 > 0, (batch, 1)), axis=1) + 0.0
    return Call({"model": model, "x": x, "num_samples": np.array(new)})


def inputs(rng):
    """[4, 5] with 3 latents, 23 new images; [3, 6] with 2, 19 new ones."""
    return [given(rng, 4, 5, 3, new=23), given(rng, 3, 6, 2, new=19)]


def mean_of_pixels(draws):
    """Where they are zeros and ones, a pixel that was never drawn may yet be drawn once in as many calls."""
    found, coins = mean_of_alike(draws), ((draws == 0) | (draws == 1)).all()
    return found._replace(error=np.maximum(found.error, coins / len(draws)))


def of_calls(seen: Seen, call: Call):
    """How often pixels are black, alone, in pairs, and in two images of one call; and what is asked of the means."""
    means, new = seen.values["reconstructions"], seen.values["generated"]
    images, pairs = new.shape[1], np.triu_indices(new.shape[2], 1)
    off = new - new.mean((0, 1))
    apart = [(off[:, lag:] * off[:, :-lag]).mean((1, 2)) for lag in range(1, images // 2 + 2)]
    return {
        "reconstructions": mean_of_pixels(means),
        "again": spread_of(means),
        "repeats": repeats(new),
        "grey": Statistic(np.array(float(((new != 0) & (new != 1)).any()))),
        "black": mean_of_alike(new.mean(1)),
        "together": mean_of_alike((new.swapaxes(1, 2) @ new / images)[:, pairs[0], pairs[1]]),
        "neighbours": mean_of_alike(np.stack(apart, 1)),
        "scatter": spread_of(new.mean(1)),
    }


DEPENDENT = "The images of one call depend on one another: each needs a z of its own, and draws of its own."

SHOWS = {
    "logits": ("the reconstructions are logits: the mean is a probability", torch.logit),
    "rounded": ("the reconstructions are rounded to 0 and 1", torch.round),
    "sigmoid-twice": ("a sigmoid is taken of the reconstructions' probabilities", torch.sigmoid),
}
CODES = {
    "at-a-draw": ("the reconstructions' z is drawn from q instead of being its mean μ(x)", drawn),
    "from-prior": ("the reconstructions' z comes from the prior, and not from q", lambda q: torch.randn_like(q.mean)),
}
LATENTS = {  # of the model, x and num_samples
    "from-posterior": (
        "z is drawn from q(z|x), not from the prior: these are reconstructions, shown as generated",
        lambda m, x, n: drawn(m.encoder(repeated(x, n))),
    ),
    "from-any-posterior": (
        "z is drawn from q(z|x) of a random image x, and not from the prior",
        lambda m, x, n: drawn(m.encoder(x[torch.randint(len(x), (n,))])),
    ),
    "from-posterior-mean": (
        "z = μ(x): these are reconstructions, shown as generated",
        lambda m, x, n: m.encoder(repeated(x, n)).mean,
    ),
    "num-samples-ignored": (
        "as many images are generated as x has: num_samples is ignored, or z comes from q(z|x)",
        lambda m, x, n: from_prior(m, x, len(x)),
    ),
    "one-image": ("a single image is generated", lambda m, x, n: from_prior(m, x, 1)),
    "one-z": (
        "one z serves all images of a call: each needs its own",
        lambda m, x, n: from_prior(m, x, 1).expand(n, -1),
    ),
    "once-more": (
        "the generated images are encoded and decoded once more",
        lambda m, x, n: drawn(m.encoder(parts(m, x, n)[1])),
    ),
    "z-zero": ("z = 0, the prior's mean, for every image", lambda m, x, n: 0 * from_prior(m, x, n)),
    "z-uniform": (
        "z is uniform in [0, 1], as torch.rand draws it: the prior is N(0, I)",
        lambda m, x, n: torch.rand_like(from_prior(m, x, n)),
    ),
    **{
        f"z-times-{round(100 * scale)}-percent": (
            f"the standard deviation of z is about {scale} instead of 1, as with a temperature, a clamp or torch.rand",
            lambda m, x, n, scale=scale: scale * from_prior(m, x, n),
        )
        for scale in (0.3, 0.4, 0.5, 0.58, 0.7, 0.8, 1.25, 1.5, 2.0)
    },
}
DRAWS = {  # of the mean of p(x|z)
    "means": ("means of p(x|z) are returned where draws x ~ p(x|z) are asked for", same),
    "logits": ("the generated images are logits", torch.logit),
    "rounded": ("the generated pixels are rounded to 0 and 1: draws are asked for", torch.round),
    "inverted": ("black and white are exchanged in the generated images", lambda p: torch.bernoulli(1 - p)),
    "from-average": (
        "each pixel is drawn from its average: the dependence between pixels that z creates is lost",
        lambda p: torch.bernoulli(p.mean(0).expand(p.shape)),
    ),
    "one-number": ("one uniform number serves all pixels of an image", lambda p: (torch.rand(len(p), 1) < p).to(p)),
    "one-image-repeated": ("one image is repeated", lambda p: torch.bernoulli(p)[:1].expand(p.shape)),
}

check_pictures = Sampled(
    name="pictures",
    solution=solution,
    parts=parts,
    inputs=inputs,
    steps=("reconstructions, generated = answer(model, x, num_samples)",),
    calls=300,
    many=1000,
    statistics_of=of_calls,
    asked={
        "reconstructions": "reconstructions: the mean of p(x|z) at z = μ(x), [batch, data]",
        "again": "reconstructions: the standard deviation over 300 calls",
        "repeats": "generated images: do all calls give the same?",
        "grey": "generated images: is any pixel neither 0 nor 1?",
        "black": "generated images: how often each pixel is black, over 300 calls",
        "together": "generated images: how often two pixels of one image are both black, over 300 calls",
        "neighbours": "generated images: the covariance of a pixel in image i and in i + 1, i + 2, …, over 300 calls",
        "scatter": "generated images: the standard deviation of how often each pixel is black, over 300 calls",
    },
    otherwise={
        "again": ("drawn", "The reconstructions are right on average, but others in every call: is something drawn?"),
        "repeats": SEEDED,
        "grey": ("grey", "Some generated pixels are neither 0 nor 1: draws of p(x|z) are asked for."),
        "neighbours": ("dependent", DEPENDENT),
        "scatter": ("dependent", DEPENDENT),
    },
    right="Reconstructions start from q(z|x), generated images from the prior.",
    effort="deeper · ●●○ · 7 minutes",
    mistakes={
        "swapped": after("the two results have changed places", lambda both: both[::-1]),
        **swaps("show", SHOWS, "reconstruction-"),
        **swaps("code", CODES, "reconstruction-"),
        "reconstruction-averaged": swap("reconstructions average over z ~ q", code=fifty, show=lambda p: p.mean(0)),
        "reconstruction-x": whole("x itself is returned as reconstruction", lambda m, x, n: (x, parts(m, x, n)[1])),
        **swaps("latents", LATENTS),
        **swaps("draw", DRAWS),
        "generated-x": whole("x is returned as generated", lambda m, x, n: (parts(m, x, n)[0], repeated(x, n))),
    },
)

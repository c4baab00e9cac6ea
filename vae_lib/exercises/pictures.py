r"""# Pictures, reconstructed and new

Write `my_pictures(model, x, num_samples)`, which returns `(reconstructions, generated)`. The *reconstructions* `[batch, data]` are pictures of $x$: the mean of $p(x|z)$ at $z = \mu(x)$. The *generated* images `[num_samples, data]` are new ones, and draws: each has a $z$ of its own from the prior, and is drawn from $p(x|z)$, so that its pixels are 0 or 1. Use `model.encoder`, `model.decoder` and `model.prior`, without `model.sample` and `model.reconstruct`. The check calls your function many times and counts how often pixels are black, alone and together.

## Hint: where to look
The section "What did it learn?": its rows two and five. For each, ask two questions: where does $z$ come from, and is the picture a mean or a draw?

## Hint: the idea
Only the reconstructions may look at $x$. A distribution of the library has `.mean` and `.sample()`: one of the two is wanted of the encoder's, the other of the prior, and for the decoder's it differs between the two results.

## Hint: nearly the code
`model.encoder(x).mean` is $\mu(x)$, and `model.decoder(…)` of it has a `.mean`. `model.prior.sample((num_samples,))` is `[num_samples, latent]`, and `model.decoder(…)` of it has a `.sample()`.
"""  # noqa: E501

import numpy as np
import torch

from vae_lib.exercises import families
from vae_lib.exercises.engine import Call, Model, Sampled, Seen, Statistic, spread_of, swap, whole
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianEncoder

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


def mean(p):
    return p.mean


def logits(p):
    return p.base_dist.logits


def coins(probabilities):
    return (torch.rand_like(probabilities) < probabilities).to(probabilities)


def sample(p):
    return coins(p.mean)


def drawn(q):
    return q.mean + q.stddev * torch.randn_like(q.mean)


def from_prior(model, x, n):
    return torch.randn(n, *model.prior.mean.shape)


def repeated(x, n):
    return x[torch.arange(n) % len(x)]


def parts(model, x, num_samples, *, code=mean, show=mean, latents=from_prior, draw=sample):
    reconstructions = show(model.decoder(code(model.encoder(x))))
    return reconstructions, draw(model.decoder(latents(model, x, num_samples)))


def of_average(p):
    """Each pixel by itself: from an average over the latents of all images."""
    return coins(p.mean.mean(0).expand(p.mean.shape))


def tempered(scale):
    return lambda model, x, n: scale * from_prior(model, x, n)


def sharpened(scale):
    return lambda p: coins(torch.sigmoid(scale * logits(p)))


def as_linear(encoder, decoder, log_var):
    """Linear networks; every σ of q another one, the same for all x."""
    (weight, bias), (out, out_bias) = encoder, decoder
    d, data = weight.shape
    sizes = {"data_dim": np.array(data), "latent_dim": np.array(d), "hidden_dim": np.array([])}
    networks = {
        name: Model(f"{network.__module__}:{network.__name__}", sizes)
        for name, network in (("encoder", GaussianEncoder), ("decoder", BernoulliDecoder))
    }
    weights = {
        "encoder.net.0.weight": np.concatenate([weight, np.zeros((d, data))]),
        "encoder.net.0.bias": np.concatenate([bias, log_var]),
        "decoder.net.0.weight": out,
        "decoder.net.0.bias": out_bias,
    }
    return Model(f"{VAE.__module__}:VAE", networks | {"latent_dim": np.array(d)}, weights)


def inputs(rng):
    """[4, 5] with 3 latents, 23 new images; [3, 6] with 2, 19 new ones."""
    weight = np.array([[0.9, -0.6, 0.3, 0.5, 0.4], [-0.7, 1.1, 0.4, -0.3, 0.8], [0.2, 0.6, -0.8, 0.7, -0.5]])
    out = np.array([[2.5, -1.0, 0.5], [-1.5, 2.0, 1.0], [0.6, 1.4, -2.8], [1.2, -0.8, 1.6], [-2.0, 0.7, 1.1]])
    first = as_linear(
        (weight, np.array([-0.5, 0.3, 0.2])),
        (out, np.array([1.8, -0.7, 0.9, -1.5, 2.2])),
        np.array([0.6, -0.3, 0.2]),
    )
    x = np.array([[1.0, 0, 0, 1, 1], [1, 1, 0, 1, 0], [1, 0, 1, 1, 1], [1, 1, 1, 0, 1]])
    signs = rng.choice([-1, 1], (6, 2))
    second = as_linear(
        (rng.normal(0, 0.8, (2, 6)), rng.uniform(0.4, 0.8, 2)),
        (signs * rng.uniform(1, 2.5, (6, 2)), rng.uniform(0.8, 1.8, 6) * rng.choice([-1, 1], 6)),
        rng.uniform(-0.4, 0.6, 2),
    )
    others = rng.permuted(np.array([[1.0, 1, 1, 0, 0, 1]] * 3), axis=1)
    return [
        Call({"model": first, "x": x, "num_samples": np.array(23)}),
        Call({"model": second, "x": others, "num_samples": np.array(19)}),
    ]


def mean_of_pixels(draws):
    """Where they are zeros and ones, a pixel that was never drawn may yet be drawn once in as many calls."""
    found, coins = families.mean_of_alike(draws), ((draws == 0) | (draws == 1)).all()
    return found._replace(error=np.maximum(found.error, coins / len(draws)))


def of_calls(seen: Seen, call: Call):
    """How often pixels are black, alone, in pairs, and in two images of one call; and what is asked of the means."""
    means, new = seen.values["reconstructions"], seen.values["generated"]
    images, data = new.shape[1:]
    pairs = np.triu_indices(data, 1)
    off = new - new.mean((0, 1))
    apart = [(off[:, lag:] * off[:, :-lag]).mean((1, 2)) for lag in range(1, images // 2 + 2)]
    return {
        "reconstructions": mean_of_pixels(means),
        "again": spread_of(means),
        "repeats": families.repeats(new),
        "grey": Statistic(np.array(float(((new != 0) & (new != 1)).any()))),
        "black": families.mean_of_alike(new.mean(1)),
        "together": families.mean_of_alike((new.swapaxes(1, 2) @ new / images)[:, pairs[0], pairs[1]]),
        "neighbours": families.mean_of_alike(np.stack(apart, 1)),
        "scatter": spread_of(new.mean(1)),
    }


DEPENDENT = "The images of one call depend on one another: each needs a z of its own, and draws of its own."

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
        "repeats": families.SEEDED,
        "grey": ("grey", "Some generated pixels are neither 0 nor 1: draws of p(x|z) are asked for."),
        "neighbours": ("dependent", DEPENDENT),
        "scatter": ("dependent", DEPENDENT),
    },
    right="Reconstructions start from q(z|x), generated images from the prior.",
    level="deeper",
    dots=2,
    minutes=7,
    mistakes={
        "swapped": whole(
            "the two results are swapped: (reconstructions, generated) is asked for",
            lambda model, x, n: parts(model, x, n)[::-1],
        ),
        "reconstruction-logits": swap("the reconstructions are logits: the mean is a probability", show=logits),
        "reconstruction-drawn": swap("the reconstructions are draws where means are asked for", show=sample),
        "reconstruction-rounded": swap("the reconstructions are rounded to 0 and 1", show=lambda p: p.mean.round()),
        "reconstruction-sigmoid-twice": swap(
            "in the reconstructions, a sigmoid is taken of what is a probability already",
            show=lambda p: torch.sigmoid(p.mean),
        ),
        "reconstruction-at-a-draw": swap(
            "the reconstructions' z is drawn from q instead of being its mean μ(x)", code=drawn
        ),
        "reconstruction-from-prior": swap(
            "the reconstructions' z comes from the prior, and not from q(z|x)", code=lambda q: torch.randn_like(q.mean)
        ),
        "reconstruction-at-zero": swap("the reconstructions' z is 0 for every image", code=lambda q: 0 * q.mean),
        "reconstruction-at-sigma": swap("the reconstructions' z is σ(x) instead of μ(x)", code=lambda q: q.stddev),
        "reconstruction-x": whole(
            "x itself is returned as reconstruction", lambda model, x, n: (x, parts(model, x, n)[1])
        ),
        "from-posterior": swap(
            "z is drawn from q(z|x), not from the prior: these are reconstructions, shown as generated",
            latents=lambda model, x, n: drawn(model.encoder(repeated(x, n))),
        ),
        "from-posterior-mean": swap(
            "z = μ(x): these are reconstructions, shown as generated",
            latents=lambda model, x, n: model.encoder(repeated(x, n)).mean,
        ),
        "num-samples-ignored": swap(
            "as many images are generated as x has: num_samples is ignored, or z comes from q(z|x)",
            latents=lambda model, x, n: from_prior(model, x, len(x)),
        ),
        "one-image": swap("a single image is generated", latents=lambda model, x, n: from_prior(model, x, 1)),
        "one-z": swap(
            "one z serves all images of a call: each needs its own",
            latents=lambda model, x, n: from_prior(model, x, 1).expand(n, -1),
        ),
        "one-image-repeated": swap("one image is repeated", draw=lambda p: sample(p)[:1].expand(p.mean.shape)),
        "z-shared-by-latents": swap(
            "one number is drawn for all latents of an image",
            latents=lambda model, x, n: torch.randn(n, 1).expand(n, *model.prior.mean.shape),
        ),
        "z-zero": swap(
            "z = 0, the prior's mean, for every image", latents=lambda model, x, n: 0 * from_prior(model, x, n)
        ),
        "z-uniform": swap(
            "z is uniform in [0, 1], as torch.rand draws it: the prior is N(0, I)",
            latents=lambda model, x, n: torch.rand_like(from_prior(model, x, n)),
        ),
        "z-too-narrow": swap(
            "z is uniform in [−1, 1], or its standard deviation is about 0.6 instead of 1, as with a temperature",
            latents=tempered(0.58),
        ),
        **{
            f"z-times-{round(100 * scale)}-percent": swap(
                f"the standard deviation of z is about {scale} instead of 1, as with a temperature",
                latents=tempered(scale),
            )
            for scale in (0.3, 0.45, 0.7, 0.8, 1.25, 1.5, 2.0)
        },
        "means": swap("means of p(x|z) are returned where draws x ~ p(x|z) are asked for", draw=mean),
        "logits": swap("the generated images are logits", draw=logits),
        "rounded": swap(
            "the generated pixels are rounded to 0 and 1: draws are asked for", draw=lambda p: p.mean.round()
        ),
        "from-average": swap(
            "each pixel is drawn from its average: the dependence between pixels that z creates is lost",
            draw=of_average,
        ),
        "sigmoid-twice": swap(
            "in the generated images, a sigmoid is taken of what is a probability already",
            draw=lambda p: coins(torch.sigmoid(p.mean)),
        ),
        "inverted": swap("black and white are exchanged in the generated images", draw=lambda p: 1 - sample(p)),
        **{
            f"logits-times-{round(100 * scale)}-percent": swap(
                f"the logits of the generated images are multiplied by about {scale}, as with a temperature",
                draw=sharpened(scale),
            )
            for scale in (0.5, 2.0)
        },
        "generated-x": whole(
            "the images of x are returned as generated",
            lambda model, x, n: (parts(model, x, n)[0], repeated(x, n)),
        ),
    },
)

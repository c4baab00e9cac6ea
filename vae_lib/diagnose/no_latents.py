"""Chapters 5 and 6: the model without latents of a VAE's own likelihood, in closed form: what any VAE should beat."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.distributions import (
    Bernoulli,
    Binomial,
    Categorical,
    Distribution,
    Independent,
    Laplace,
    Normal,
    TransformedDistribution,
)

ROWS = 4  # of `middle`
Fitted = Callable[[Distribution, Tensor], Distribution]  # (p(x|z) of some z, training images) → one for all images


def without_latents(model, x_train: Tensor) -> Callable[[Tensor], Tensor] | None:
    """log p(x) under independent pixels fitted to `x_train`, as a function of x `[batch, …]`: `[batch]`, nats.

    Higher is better. Each pixel has the likelihood of `model`'s decoder with parameters of its own; a σ_x that the
    decoder does not learn stays as it is, one that it learns is the best, for all pixels together or for each, as the
    decoder has it. None for a likelihood that has no closed form here.
    """
    base = innermost(middle(model))
    if type(base) not in FITTED:  # a subclass may have another density
        return None
    with torch.no_grad():
        pixels = FITTED[type(base)](base, _as(base, x_train))
    return lambda x: _score(pixels, base, x)


def coins(model, x: Tensor) -> Tensor | None:
    """log p(x) where every pixel is a fair coin, or a fair die: `[batch]`, nats; None for other likelihoods."""
    base = innermost(middle(model))
    return _score(FAIR[type(base)](base), base, x) if type(base) in FAIR else None


def middle(model) -> Distribution:
    """p(x|z) at the prior's mean, in several rows, as batch norm wants it, and with gradients, as `learns` does."""
    with torch.enable_grad():
        return model.decoder(model.prior.mean.expand(ROWS, -1))


def learns(base: Distribution) -> bool:
    """Whether a parameter moves the scale; if none moves the rest either, the model was frozen, and it did."""
    place = getattr(base, "loc", base.scale)
    return base.scale.requires_grad or not place.requires_grad


def innermost(distribution: Distribution) -> Distribution:
    """What `Independent` and its like are made of; a transformed distribution is one of its own."""
    while hasattr(distribution, "base_dist") and not isinstance(distribution, TransformedDistribution):
        distribution = distribution.base_dist
    return distribution


def _as(base: Distribution, x: Tensor) -> Tensor:
    """Images in the shape that the decoder's distribution has them in."""
    return x.reshape(-1, *(base.batch_shape + base.event_shape)[1:])


def _score(pixels: Distribution, base: Distribution, x: Tensor) -> Tensor:
    return Independent(pixels, len(pixels.batch_shape)).log_prob(_as(base, x))


def _chance(x: Tensor, total_count: float) -> Tensor:
    """Each pixel's chance of black, an image of each extreme added, so that none is 0 or 1 (chapter 5)."""
    return (x.sum(0, dtype=torch.float64) / total_count + 1) / (len(x) + 2)


def _bernoulli(base: Bernoulli, x: Tensor) -> Distribution:
    return Bernoulli(probs=_chance(x, 1))


def _binomial(base: Binomial, x: Tensor) -> Distribution:
    total = base.total_count.max()
    return Binomial(total.double(), probs=_chance(x, total))


def _categorical(base: Categorical, x: Tensor) -> Distribution:
    counts = torch.stack([(x == level).double().sum(0) for level in range(base.probs.shape[-1])], -1)
    return Categorical(probs=(counts + 1) / (len(x) + base.probs.shape[-1]))


def _normal(base: Normal, x: Tensor) -> Distribution:
    mean = x.mean(0, dtype=torch.float64)
    return Normal(mean, _scale(base, (x - mean).square(), torch.sqrt))


def _laplace(base: Laplace, x: Tensor) -> Distribution:
    median = x.double().median(0).values
    return Laplace(median, _scale(base, (x - median).abs(), lambda mean: mean))


def _scale(base: Distribution, errors: Tensor, root: Callable[[Tensor], Tensor]) -> Tensor:
    """`root` of the mean error: one for all pixels if the decoder has one, else one a pixel, none below its smallest.

    A scale that no parameter moves is the maker's choice, and stays; unless no parameter at all moves: then the model
    was frozen after its training.
    """
    scale = base.scale[0].double()
    if not learns(base):
        return scale.expand_as(errors[0])
    shared = (scale == scale.flatten()[0]).all()
    best = root(errors.mean()).expand_as(errors[0]) if shared else root(errors.mean(0))
    return best.clamp(min=base.scale.min())


FITTED: dict[type, Fitted] = {
    Bernoulli: _bernoulli,
    Binomial: _binomial,
    Categorical: _categorical,
    Normal: _normal,
    Laplace: _laplace,
}
FAIR: dict[type, Callable[[Distribution], Distribution]] = {
    Bernoulli: lambda base: Bernoulli(logits=torch.zeros_like(base.logits[0])),
    Binomial: lambda base: Binomial(base.total_count.max(), logits=torch.zeros_like(base.logits[0])),
    Categorical: lambda base: Categorical(logits=torch.zeros_like(base.logits[0])),
}

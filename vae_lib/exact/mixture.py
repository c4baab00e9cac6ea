"""Chapter 8: one die as the latent, a table of pixels for each face: a mixture, which EM trains without slope or draw.

Its posterior is the softmax of something linear in x, so a linear encoder has it exactly: `mixture_vae`. Lloyd's
k-means is EM with hard responsibilities, for Gaussians of one vanishing variance.
"""

import math
from numbers import Real
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from vae_lib.discrete import CategoricalEncoder, DiscreteVAE, check_finite
from vae_lib.networks import BernoulliDecoder, check_positive, check_width

LOG_0 = -1e30  # finite, so that 0 · log 0 is 0


class BernoulliMixture(NamedTuple):
    """`Σₖ πₖ Πᵢ Bernoulli(xᵢ; pₖᵢ)`: `weights` π is `[components]`, `probs` p `[components, data]`."""

    weights: Tensor
    probs: Tensor


def random_mixture(x: Tensor, num_components: int) -> BernoulliMixture:
    """A start for `em`: equal weights, each component half an image of `x` `[n, data]`, half grey (chapter 8).

    The images are drawn with torch's random numbers, none twice. Raises ValueError for more components than images,
    and for other pixels than 0 and 1, as floats.
    """
    check_positive(num_components=num_components)
    _check_pixels(x)
    if num_components > len(x):
        raise ValueError(f"expected at most as many components as the {len(x)} images, got {num_components}")
    images = x[torch.randperm(len(x))[:num_components]]
    return BernoulliMixture(torch.full_like(images[:, 0], 1 / num_components), 0.25 + images / 2)


def mixture_log_joint(mixture: BernoulliMixture, x: Tensor) -> Tensor:
    """`log πₖ + log p(x|k)`: `[components, batch]`, nats (chapter 8).

    Its logsumexp over the components is log p(x), its softmax the responsibilities. `x` is `[batch, data]`, of 0 and 1.
    Raises ValueError for another width, for a grey pixel, and for what is no mixture: shares that do not sum to 1, a
    probability outside 0 to 1.
    """
    _check_mixture(mixture)
    _check_pixels(x)
    check_width("x", x, mixture.probs.shape[1])
    log_black, log_white = (log_p.clamp(min=LOG_0) for log_p in (mixture.probs.log(), torch.log1p(-mixture.probs)))
    return mixture.weights.log()[:, None] + log_black @ x.T + log_white @ (1 - x).T


def em_step(
    mixture: BernoulliMixture, x: Tensor, *, pseudo_count: float = 1.0, learn_weights: bool = True
) -> BernoulliMixture:
    """Responsibilities, then the means under them: a `BernoulliMixture`, whose objective is not lower (chapter 8).

    `pseudo_count` images of each colour are added to each component's pixels, so that none is sure: with 0 the
    objective is log p(x) itself, and a component without images stays. With `learn_weights=False` π stays. `x` and
    errors as in `mixture_log_joint`; ValueError for a pseudo_count below 0 or not finite.
    """
    check_pseudo_count(pseudo_count)
    shares = mixture_log_joint(mixture, x).softmax(0)  # [components, batch]
    counts = shares.sum(1)
    images = (counts + 2 * pseudo_count)[:, None]
    probs = ((shares @ x + pseudo_count) / images).clamp(max=1)  # by rounding it may lie above
    probs = torch.where(images > 0, probs, mixture.probs)
    return BernoulliMixture(counts / len(x) if learn_weights else mixture.weights, probs)


def em(
    x: Tensor, start: BernoulliMixture, num_steps: int, *, pseudo_count: float = 1.0, learn_weights: bool = True
) -> tuple[BernoulliMixture, list[float]]:
    """`num_steps` of `em_step` from `start`: the mixture, and the objective before each and at the end (chapter 8).

    The objective is the mean log p(x) over `x`, plus pseudo_count · Σ (log p + log(1 − p)) / n, nats an image: a list
    of `num_steps + 1` numbers that never fall (Dempster et al. 1977,
    https://doi.org/10.1111/j.2517-6161.1977.tb01600.x).
    """
    check_positive(num_steps=num_steps)
    check_pseudo_count(pseudo_count)
    mixture, objectives = start, []
    for _ in range(num_steps):
        objectives.append(_objective(mixture, x, pseudo_count))
        mixture = em_step(mixture, x, pseudo_count=pseudo_count, learn_weights=learn_weights)
    return mixture, [*objectives, _objective(mixture, x, pseudo_count)]


def mixture_vae(mixture: BernoulliMixture) -> DiscreteVAE:
    """The same model as a VAE: one die, a linear decoder, and a linear encoder that is the posterior: its gap is 0.

    `log πₖ + Σᵢ xᵢ logit pₖᵢ + Σᵢ log(1 − pₖᵢ)` is linear in x (chapter 8). Raises ValueError for a p that is
    not strictly between 0 and 1, a weight that is not positive, and as `mixture_log_joint`.
    """
    _check_mixture(mixture)
    if not ((mixture.probs > 0) & (mixture.probs < 1)).all() or not (mixture.weights > 0).all():
        raise ValueError("expected 0 < p < 1 and positive weights, for their logits to be finite, got 0 or 1")
    logits = torch.logit(mixture.probs)
    num_components, data_dim = logits.shape
    encoder, decoder = CategoricalEncoder(data_dim, num_components, ()), BernoulliDecoder(num_components, data_dim, ())
    model = DiscreteVAE(encoder, decoder, prior_logits=mixture.weights.log()).to(logits)
    with torch.no_grad():
        encoder.net[0].weight.copy_(logits)
        encoder.net[0].bias.copy_(mixture.weights.log() + logsigmoid(-logits).sum(1))
        decoder.net[0].weight.copy_(logits.T)
        decoder.net[0].bias.zero_()
    return model


def nearest(x: Tensor, centres: Tensor) -> Tensor:
    """The number of the centre nearest to each row of `x` `[n, data]`: `[n]`; `centres` is `[centres, data]`.

    Raises ValueError for another width, and for what is not finite.
    """
    check_finite(x=x, centres=centres)
    check_width("x", x, centres.shape[1])
    return torch.cdist(x, centres).argmin(1)


def lloyd(x: Tensor, centres: Tensor, num_steps: int) -> tuple[Tensor, list[float]]:
    """k-means: each row to its nearest centre, each centre to the mean of its rows, `num_steps` times (chapter 8).

    The centres `[centres, data]`, and the inertia Σ‖x − centre‖² before each step and at the end, which never rises. A
    centre without rows stays. (Lloyd 1982, https://doi.org/10.1109/TIT.1982.1056489.) Raises as `nearest`.
    """
    check_positive(num_steps=num_steps)
    inertias = [_inertia(x, centres)]
    for _ in range(num_steps):
        codes = nearest(x, centres)
        own = [x[codes == k] for k in range(len(centres))]
        centres = torch.stack([rows.mean(0) if len(rows) else c for rows, c in zip(own, centres, strict=True)])
        inertias.append(_inertia(x, centres))
    return centres, inertias


def _inertia(x: Tensor, centres: Tensor) -> float:
    return (x - centres[nearest(x, centres)]).square().sum().item()


def _objective(mixture: BernoulliMixture, x: Tensor, pseudo_count: float) -> float:
    log_p = mixture_log_joint(mixture, x).logsumexp(0).mean()
    if pseudo_count == 0:
        return log_p.item()
    return (log_p + pseudo_count * (mixture.probs.log() + torch.log1p(-mixture.probs)).sum() / len(x)).item()


def _check_mixture(mixture: BernoulliMixture) -> None:
    weights, probs = mixture
    if probs.ndim != 2 or weights.shape != probs.shape[:1]:
        shapes = f"{tuple(weights.shape)} and {tuple(probs.shape)}"
        raise ValueError(f"expected weights [components] and probs [components, data], got shapes {shapes}")
    if not ((weights >= 0).all() and (weights.sum() - 1).abs() < 1e-3):
        raise ValueError(f"expected weights of at least 0 that sum to 1, got {weights.tolist()}")
    if not ((probs >= 0) & (probs <= 1)).all():
        raise ValueError("expected probs from 0 to 1, got others")


def _check_pixels(x: Tensor) -> None:
    if x.ndim != 2:
        raise ValueError(f"expected x [batch, data], got shape {tuple(x.shape)}")
    if not ((x == 0) | (x == 1)).all():
        raise ValueError("expected pixels that are 0 or 1, got others")
    if not x.is_floating_point():
        raise ValueError(f"expected pixels as floats, x.float(), got {x.dtype}")


def check_pseudo_count(pseudo_count: float) -> None:
    if not (isinstance(pseudo_count, Real) and 0 <= pseudo_count < math.inf):
        raise ValueError(f"expected a finite pseudo_count of at least 0, got {pseudo_count!r}")

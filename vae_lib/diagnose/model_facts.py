"""Chapter 6: what is known of a trained VAE, before any word is said of it: numbers under names, with their errors.

All in nats an image. An `Estimate` has the standard error of its mean; what is a bound is called one. `model_measure`
finds the facts, `model_findings` judges them.
"""

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from torch import Tensor

FEWEST = 10  # images: the spread of fewer says little of the error of their mean
DRAWS = 10  # of z an image, for the ELBO and the information
K = 100  # importance weights an image; four times as many tell whether they were enough
UNUSED = 0.01  # nats of mean KL, and variance of the mean, below which a latent is unused
RELIABLE = min(0.7, 1 - 1 / math.log10(4 * K))  # Pareto k̂ up to which so many weights are (Vehtari et al. 2024)
TOL = 1e-2  # nats, of quadrature


class Estimate(NamedTuple):
    """A mean and its standard error."""

    value: float
    error: float


@dataclass
class Scores:
    """One set of images: means over them, nats an image, as losses (lower is better) where the name says so."""

    num_images: int
    loss: Estimate  # −ELBO
    reconstruction: Estimate  # E_q[log p(x|z)], higher is better
    kl: Estimate
    no_latents: Estimate | None  # −log p of the same likelihood without latents, fitted to the training images
    gap: Estimate | None = None  # L_4K − ELBO of the first `num_weighed` images, at most the gap; by all codes, the gap
    minus_bound: Estimate | None = None  # −L_4K, an upper bound of −log p, or −log p by all codes: `loss` − `gap`
    num_weighed: int = 0


@dataclass
class Facts:
    """What `measure` found. None: not measured, and `left_out` says why."""

    likelihood: str
    is_discrete: bool
    data_shape: tuple[int, ...]
    latent_dim: int
    beta: float
    seed: int
    num_draws: int = DRAWS
    num_weights: int = 4 * K
    left_out: list[str] = field(default_factory=list)
    # what can only be a bug
    off_support: float = 0.0  # share of the images' values to which p(x|z) gives no probability
    not_finite: str = ""  # where NaN or infinity was met first
    change: str = ""  # what changed between two calls without noise
    lowest_kl: float | None = None
    highest_log_p: float | None = None  # log p(x|z) of one image
    above_evidence: Estimate | None = None  # ELBO − log p(x), with the error of the draws
    information: Estimate | None = None  # I(x; z) of the test images, with the error of the draws
    # the ladder, on the test images
    coins: float | None = None
    exact_gap: Estimate | None = None  # log p(x) − ELBO of the first `num_exact` test images, log p(x) by quadrature
    minus_log_p: Estimate | None = None  # `test.loss` − `exact_gap`
    num_exact: int = 0
    num_states: int | None = None  # the codes that z can be, where log p(x) is a sum over all of them
    # the two sets
    test: Scores | None = None
    train: Scores | None = None
    apart: Estimate | None = None  # −ELBO, test − train
    apart_encoder: Estimate | None = None  # of it, the gap's part
    apart_decoder: Estimate | None = None  # and that of −L_4K
    worse_than_no_latents: Estimate | None = None  # paired over the test images; above 0 is worse
    # the latents
    kl_per_latent: list[float] = field(default_factory=list)
    variance_of_mean: list[float] = field(default_factory=list)
    prior_mismatch: float | None = None  # KL(q(z) ‖ p(z)) of the training images is at least this
    told: Estimate | None = None  # what z tells the decoder: log p(x|z), its own z against another image's
    would_pay: float | None = None  # λ₁ of standardised pixels, by its value by chance and β; above 1 a latent pays
    # the weights and the likelihood
    movement: Estimate | None = None  # L_4K − L_K
    pareto_k: float | None = None  # the median image's
    residuals: float | None = None  # R of (6.9) on training images, z from the posterior or from q
    from_posterior: bool = False
    noise_std: float | None = None  # σ_x, where p(x|z) has one
    noise_is_fixed: bool = False
    batch_norm: Estimate | None = None  # −ELBO less with the batch's own statistics
    seconds: float = 0.0
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def unused(self) -> list[int]:
        pairs = zip(self.kl_per_latent, self.variance_of_mean, strict=True)
        return [i for i, (kl, variance) in enumerate(pairs) if kl < UNUSED and variance < UNUSED]

    @property
    def scale(self) -> float:
        """What is much and what is little, in nats: how far the model is from that without latents, or, where that is
        not known, what z tells the decoder."""
        known = self.train.no_latents is not None
        return abs(self.train.no_latents.value - self.train.loss.value if known else self.told.value)

    @property
    def lowest(self) -> str:
        """What `minus_bound` is called."""
        return "−log p(x)" if self.num_states else f"−L_{self.num_weights}"

    @property
    def settled(self) -> bool:
        """Whether L_4K may stand for log p(x): its weights are reliable, and it moves little against the gap."""
        return self.pareto_k <= RELIABLE and self.movement.value <= 0.1 * self.test.gap.value


def mean(values: Tensor) -> Estimate:
    """Over images."""
    values = values.double()
    return Estimate(values.mean().item(), (values.std() / math.sqrt(len(values))).item())


def mean_of_draws(values: Tensor) -> Estimate:
    """Of `[samples, batch]`: the images are these, and only the draws are chance."""
    values = values.double()
    errors = values.var(0) / len(values)
    return Estimate(values.mean().item(), (errors.sum().sqrt() / values.shape[1]).item())


def difference(one: Estimate, other: Estimate) -> Estimate:
    """With the error that two independent means would have."""
    return Estimate(one.value - other.value, math.hypot(one.error, other.error))

"""Chapters 4 and 5: what is known of a loss, before any word is said of it: numbers under names.

loss = a · (reconstruction, summed over the pixels) + b · KL + c, the mean over the batch. `loss_measure` finds the
facts, `loss_findings` says what they mean.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from vae_lib.diagnose.loss_families import GAUSSIAN, LOG_VAR, OPTIMAL, Fourth, Pixels
from vae_lib.diagnose.loss_inputs import Sizes

LOG_TWO_PI = math.log(2 * math.pi)


@dataclass
class Powers:
    """How a weight grows with the sizes: a mean over the pixels gives −1 for each of their axes."""

    batch: float = 0
    data: tuple[float, ...] = (0,)
    latent: tuple[float, ...] = (0,)

    @property
    def is_whole(self) -> bool:
        return all(power % 1 == 0 for power in (self.batch, *self.data, *self.latent))

    def of(self, sizes: Sizes) -> float:
        """What the reductions make of a weight of 1."""
        shapes = [*zip(sizes.data, self.data, strict=False), *zip(sizes.latent, self.latent, strict=False)]
        return sizes.batch**self.batch * math.prod(size**power for size, power in shapes)


@dataclass
class DataFacts:
    """What `x_data` say, or the book's digits."""

    label: str
    outside: float = 0.0  # share of values outside [0, 1]
    grey: float = 0.0  # share of values between 0 and 1
    levels: int | None = None  # n, where all values are k/n
    is_yours: bool = True
    largest: float = 1.0
    smallest: float = 0.0
    budget: float | None = None  # nats that can pass the latent at most (5.10)
    paying: int | None = None  # latents that pay in a linear model: λ_i > βσ_x²
    linear_nats: float | None = None  # that pass there: Σ ½ log(λ_i / βσ_x²)
    threshold: float = 0.0  # βσ_x²
    rows: int = 0  # images from which the directions were found
    missing: int = 0  # values that are NaN or infinite


@dataclass
class LossFacts:
    """What `measure` found. A weight of 0: the loss has no such term."""

    sizes: Sizes
    written: str = ""  # the call, where it is not the usual one
    sizes_are_found: bool = False
    sizes_are_given: bool = False  # by the reader
    returned: str = ""  # what came back, where it is not a number
    part: str = ""  # of it, which was judged
    is_pair: bool = False
    flipped: tuple[str, ...] = ()  # parts of a pair that are to be subtracted
    per_example: bool = False
    draws: int = 1  # calls that were averaged
    error: float = 0.0  # of β, relative, from these draws
    noise: float = 0.0  # of the loss, from these draws
    pixels: Pixels | None = None
    fourth: Fourth | None = None
    floor: tuple[str, float] | None = None  # the kind, and nats an image
    prior: tuple[float, float] = (0.0, 1.0)  # mean and variance
    a: float = 0.0
    b: float = 0.0
    c: float = 0.0
    a_powers: Powers = field(default_factory=Powers)
    b_powers: Powers = field(default_factory=Powers)
    moves: tuple[bool, bool] = (True, True)  # whether the loss depends on x_hat and x, and on mu and log_var
    separate: bool = True
    weights_of_kl: tuple[float, ...] = ()  # of μ², σ², log σ² and μ, where they are no KL's
    pixel_weights: dict[str, float] = field(default_factory=dict)  # where they differ from pixel to pixel
    departs: list[tuple[str, float, float]] = field(default_factory=list)  # where; what came; what was to come
    below_zero: str = ""  # what the loss makes of a log σ² below 0
    gradient: str = ""  # what is wrong with it
    gradient_agrees: bool = False
    breaks: str = ""
    only_for: str = ""  # the kind of pixels for which alone the family was found, though others are taken
    parameters: str = ""  # its own: "width", "without its log", "another log", "weight of the KL", "weight", "others"
    hidden: list[str] = field(default_factory=list)  # arguments that have a gradient, though the value ignores them
    puts_noise: bool = False  # log σ_x = 0 was put in, because the loss wants one
    in_place: list[str] = field(default_factory=list)  # arguments that the loss writes to
    curves: tuple[list, list] = ((), ())  # of a loss that is not ours: against the residual, against the KL
    data: DataFacts | None = None
    batch_size: int | None = None  # the reader's own

    @property
    def is_ours(self) -> bool:
        known = (not self.moves[0] or self.pixels) and (not self.moves[1] or self.fourth)
        unsteady = self.draws > 1 and (self.departs or not (self.a_powers.is_whole and self.b_powers.is_whole))
        return bool(known and any(self.moves) and self.separate and not self.weights_of_kl and not unsteady)

    @property
    def own_a(self) -> float:
        """a, up to its sign and to what sums and means make of it."""
        return abs(self.a / self.a_powers.of(self.sizes))

    @property
    def own_b(self) -> float:
        return abs(self.b / self.b_powers.of(self.sizes))

    @property
    def has_width(self) -> bool:
        """Whether the density has a width of its own, so that β is 1 by convention."""
        return self.reading.width is not None

    @property
    def other_prior(self) -> bool:
        mean, variance = self.prior
        return not self.is_one(variance) or abs(mean) > 1e-4 + 2 * self.error

    @property
    def gaussian(self) -> bool:
        return self.pixels is not None and self.pixels.family == GAUSSIAN

    def is_one(self, value: float) -> bool:
        """Up to the error of β, where draws were averaged."""
        return close(value, 1, 1e-3 + 2 * self.error)

    @property
    def turned(self) -> bool:
        """The reconstruction has the other sign."""
        return self.a < 0 or (self.a == 0 and self.b < 0)

    @property
    def well_formed(self) -> bool:
        """Both terms, in the right direction, each what it is taken for."""
        right = self.a > 0 and self.b > 0 and self.fourth is LOG_VAR
        return self.is_ours and right and not self.pixels.fault and not self.floor

    # What a, b and c stand for

    @property
    def reading(self) -> "Reading":
        return read(self)

    @property
    def beta(self) -> float:
        """With the batch that was used for the measurement; `per_batch` says how it goes with the batch."""
        return self.reading.beta

    @property
    def noise_var(self) -> float | None:
        return self.reading.width if self.pixels and self.pixels.family in (GAUSSIAN, "huber") else None

    @property
    def per_batch(self) -> float:
        """The power of B with which β, or a Gaussian's σ_x², goes."""
        power = self.b_powers.batch - self.a_powers.batch if self.a and self.b else 0
        return power if abs(power) > 1e-3 else 0


@dataclass(frozen=True)
class Reading:
    """loss = scale · (−log p(x|z) + β · KL), up to a constant; `constant` names what the loss has of it."""

    scale: float
    beta: float
    width: float | None = None  # σ_x² of a Gaussian, or of a Huber within its δ; the scale of a Laplace
    constant: str = ""
    kl_constant: str = ""


def close(one: float, other: float, tolerance: float = 1e-3) -> bool:
    return math.isclose(one, other, rel_tol=tolerance, abs_tol=1e-12)


KL_CONSTANTS = {"": 0.0, "missing": 0.5, "counted once instead of once per latent": None}
LEFT_OUT, UNKNOWN = "left out", "unknown"


def read(facts: LossFacts) -> Reading:
    """The first scale whose constant explains c. Without a constant, what has a free width is read with β = 1."""
    # a · SE + b · KL + c fits any scale s: s · (SE/(2σ_x²) + β KL) with σ_x² = s/(2a) and β = b/s. Only c can tell s,
    # because the constant D/2 log(2πσ_x²) depends on it. The same holds for a Laplace, whose constant is D log(2s).
    sign = -1 if facts.turned else 1
    a, b, c = sign * facts.a, sign * facts.b, sign * facts.c
    fit = list(readings(facts, a, b, c))
    if not fit:
        return _reading(facts, scales(facts, a, b)[0], a, b, UNKNOWN, "")
    if facts.draws > 1:  # their noise admits several: one without a slip, and of those the nearest
        return min(fit, key=lambda one: (one[1].constant not in ("", LEFT_OUT) or one[1].kl_constant != "", one[0]))[1]
    return fit[0][1]


def readings(facts: LossFacts, a: float, b: float, c: float) -> Iterator[tuple[float, Reading]]:
    """What is missing of c, and the reading, of each whose constant explains c."""
    pixels = facts.sizes.pixels
    for scale in scales(facts, a, b):
        for name, constant in constants(facts, scale, a, abs(b)).items():
            for kl_name, each in KL_CONSTANTS.items():
                latents = facts.sizes.latents
                of_kl = b * ((latents - 1) / 2 if each is None else each * latents)
                missing = min(abs(c - scale * constant - of_kl), abs(c - scale * constant + b * below(facts)))
                if missing <= max(1e-4 * abs(c), 2e-5 * pixels * abs(scale), 5 * facts.noise):
                    yield missing, _reading(facts, scale, a, b, name, kl_name)


def below(facts: LossFacts) -> float:
    """What max(0, KL − floor) lacks beside max(floor, KL); far from any constant, where there is no floor."""
    return facts.floor[1] if facts.floor and "capacity" not in facts.floor[0] else math.inf


def _reading(facts: LossFacts, scale: float, a: float, b: float, name: str, kl_name: str) -> Reading:
    family = facts.pixels.family if facts.pixels else ""
    if family == OPTIMAL:
        return Reading(a, b / a, constant=LEFT_OUT, kl_constant=kl_name)
    width = {GAUSSIAN: scale / 2, "laplace": scale, "huber": scale}.get(family) if a else None
    return Reading(scale, b / scale if scale else 0.0, width / a if width else None, name, kl_name)


def scales(facts: LossFacts, a: float, b: float) -> list[float]:
    if facts.pixels is None or facts.pixels.family not in (GAUSSIAN, "laplace", "huber"):
        return [a or abs(b)]
    return [abs(b)] * bool(b) + [a / (facts.own_a or 1), 1.0]


def constants(facts: LossFacts, scale: float, a: float, b: float) -> dict[str, float]:
    """The usual constants in −log p(x|z), right or wrong, and what is said of them."""
    family = facts.pixels.family if facts.pixels else ""
    if family == "huber":
        return {LEFT_OUT: 0.0}
    if family not in (GAUSSIAN, "laplace") or not a:
        return {"": 0.0}
    pixels = facts.sizes.pixels
    left_out = {LEFT_OUT: 0.0} if (not b or scale == b) and facts.parameters != "width" else {}
    if family == "laplace":
        log_width = pixels * math.log(scale / a)
        return left_out | {"": pixels * math.log(2) + log_width, "log 2 is dropped for every pixel": log_width}
    log_var = math.log(scale / (2 * a))
    return left_out | {
        "": pixels / 2 * (LOG_TWO_PI + log_var),
        "log σ_x² is there, log 2π is dropped": pixels / 2 * log_var,
        "log 2π is there, log σ_x² is dropped": pixels / 2 * LOG_TWO_PI,
        "log 2π is added D times for every pixel": pixels / 2 * (pixels * LOG_TWO_PI + log_var),
        "log 2π is added once instead of once a pixel": (LOG_TWO_PI + pixels * log_var) / 2,
    }

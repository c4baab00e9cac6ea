"""Numbers with their standard errors, and when two of them agree."""

import math
from typing import NamedTuple

import numpy as np

ROUNDING = 1e-4  # of float32, relative to the largest number, with room for another order of operations


class Bar(NamedTuple):
    """How far apart two may lie: each number in standard errors, all together by the normal quantile of their χ²."""

    errors: float
    quantile: float


REFUSE = Bar(6.0, 5.612)  # 1e-8 for all together: to call an answer wrong
CLAIM = Bar(5.0, 3.719)  # 1e-4: to call it the same as a mistake
EARNED = 10.0  # so many standard errors a mistake lies from what is right, or is no explanation to be sure of


class Statistic(NamedTuple):
    """A number or an array; `independent` is how many of the numbers are, where it is not all of them."""

    value: np.ndarray
    error: np.ndarray | float = 0.0
    independent: float | None = None


def misfit(a: Statistic, b: Statistic, bar: Bar = REFUSE) -> float:
    """The χ² of their difference, infinite where they disagree."""
    if a.value.shape != b.value.shape:
        return math.inf
    if not np.array_equal(*(np.where(np.isfinite(s.value), 0, s.value) for s in (a, b)), equal_nan=True):
        return math.inf
    finite = np.isfinite(b.value)
    off, rounding, error = (part[finite] for part in apart(a, b))
    beyond = np.maximum(np.abs(off) - rounding, 0)
    if (beyond > bar.errors * error).any():
        return math.inf
    z2 = np.square(beyond[error > 0] / error[error > 0])
    if not z2.size:
        return 0.0
    independent = max(1.0, min(a.independent or z2.size, b.independent or z2.size))
    return float(z2.mean() * independent) if z2.mean() <= chi2_limit(independent, bar) / independent else math.inf


def likeness(came: Statistic, theirs: Statistic) -> float:
    """The χ² of an answer and a mistake, infinite where they disagree, or where the mistake scatters far more."""
    wild = np.size(came.value) and np.mean(theirs.error) > 3 * np.mean(came.error) + 1e-3 * np.abs(came.value).mean()
    return math.inf if wild else misfit(came, theirs, CLAIM)


def chi2_limit(count: float, bar: Bar) -> float:
    """The quantile of χ² with so many degrees of freedom (Wilson & Hilferty 1931)."""
    spread = 2 / (9 * count)
    return count * (1 - spread + bar.quantile * math.sqrt(spread)) ** 3


def apart(a: Statistic, b: Statistic) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How far each number of `a` lies from `b`'s, what rounding allows, and the standard error of the difference."""
    rounding = ROUNDING * (np.abs(b.value[np.isfinite(b.value)]).max(initial=0) + 0.01)
    error = np.broadcast_to(np.hypot(a.error, b.error), b.value.shape)
    with np.errstate(invalid="ignore"):
        return np.subtract(a.value, b.value, dtype=float), np.full(b.value.shape, rounding), error


def distance(a: Statistic, b: Statistic) -> float:
    """How many standard errors, or roundings, all numbers together lie apart: infinite for other shapes or NaN."""
    if a.value.shape != b.value.shape or not np.isfinite(np.subtract(a.value, b.value, dtype=float)).all():
        return math.inf
    off, rounding, error = apart(a, b)
    return float(np.sqrt(np.square(off / np.hypot(error, rounding / 5)).sum()))


def mean_of(draws: np.ndarray) -> Statistic:
    """Over the first axis."""
    return Statistic(draws.mean(0), draws.std(0) / math.sqrt(len(draws)))


def spread_of(draws: np.ndarray) -> Statistic:
    """The standard deviation over the first axis, its error from the fourth moment."""
    square = np.square(draws - draws.mean(0))
    std = np.sqrt(square.mean(0))
    return Statistic(std, square.std(0) / (2 * std + 1e-30) / math.sqrt(len(draws)))

"""What several seeds say together: a mean, and the ends of its 95 % interval by Student's t."""

from collections.abc import Sequence
from statistics import mean, stdev

from scipy.stats import t as student

CONFIDENCE = 0.95


def interval(values: Sequence[float]) -> list[float]:
    """The mean and the two ends, of one value a seed."""
    half = student.ppf((1 + CONFIDENCE) / 2, len(values) - 1) * stdev(values) / len(values) ** 0.5
    return [round(float(each), 4) + 0.0 for each in (mean(values), mean(values) - half, mean(values) + half)]


def paired(values: Sequence[float], others: Sequence[float]) -> list[float]:
    """The interval of the differences, values less others, seed by seed."""
    return interval([value - other for value, other in zip(values, others, strict=True)])

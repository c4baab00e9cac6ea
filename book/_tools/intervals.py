"""What several runs say together: their numbers in columns, a mean, and its 95 % interval by Student's t."""

from collections.abc import Sequence
from statistics import mean, stdev

from scipy.stats import t as student

CONFIDENCE = 0.95


def rounded(value, digits: int = 5):
    return round(value, digits) + 0.0 if isinstance(value, float) else value  # + 0.0: no −0.0


def columns(rows: Sequence[dict], digits: int = 5) -> dict[str, list]:
    """A list a name, one entry a run."""
    return {name: [rounded(row[name], digits) for row in rows] for name in rows[0]}


def interval(values: Sequence[float]) -> list[float]:
    """The mean and the two ends, of one value a seed."""
    half = student.ppf((1 + CONFIDENCE) / 2, len(values) - 1) * stdev(values) / len(values) ** 0.5
    return [rounded(float(each), 4) for each in (mean(values), mean(values) - half, mean(values) + half)]


def paired(values: Sequence[float], others: Sequence[float]) -> list[float]:
    """The interval of the differences, values less others, seed by seed."""
    return interval([value - other for value, other in zip(values, others, strict=True)])

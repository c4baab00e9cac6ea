"""What *is* where no mistake matches: facts about two lists of arrays, one an input, never a guess at the cause."""

import math

import numpy as np

from vae_lib.diagnose.words import short
from vae_lib.exercises.engine.statistics import ROUNDING, Statistic, misfit


def what_is(came: list[Statistic], right: list[Statistic], sizes: list[dict], terms: dict[str, list]) -> str:
    """A sentence, or "". `sizes` are the axes of each input by name, as {"batch": 2, "latent": 3}.

    `terms` are parts of the right numbers, on each input, that may count too much or too little.
    """
    with np.errstate(all="ignore"):
        if [c.value.shape for c in came] != [r.value.shape for r in right]:
            return _reshaped(came, right)
        if not all(np.isfinite(c.value).all() and np.isfinite(r.value).all() for c, r in zip(came, right, strict=True)):
            return ""
        if len(came) > 1 and np.allclose(came[0].value, right[0].value, rtol=1e-5, atol=1e-6):
            return "The first input is answered rightly, another one is not. Is a size or a number typed in?"
        return _factor(came, right, sizes) or _difference(came, right) or _term(came, right, terms)


def same(came: list[Statistic], values: list[np.ndarray], right: list[Statistic]) -> bool:
    """Are these the values that came? Errors are those of both."""
    return all(misfit(c, Statistic(v, r.error)) < math.inf for c, v, r in zip(came, values, right, strict=True))


def shaped(of: str, came: tuple, right: tuple, sizes: dict[str, int]) -> tuple[str, str]:
    """Key and sentence of a wrong shape, with what it is where that can be said."""
    missing = [f"the axis of {size} is missing" for i, size in enumerate(right) if came == right[:i] + right[i + 1 :]]
    said = [f"{size} is {name}" for name, size in sizes.items() if size in came and size not in right]
    if len(came) > 1 and sorted(came) == sorted(right):
        said = ["its axes are exchanged"]
    elif len(came) > len(right) and right in (came[1:], came[:-1]):
        said = ["there is an axis too many"]
    words = "".join(f": {one}" for one in (missing + said)[:1])
    return "what-is" if words else "shape", f"The shape{of} is wrong: expected {list(right)}, got {list(came)}{words}."


def _reshaped(came, right) -> str:
    numbers = (misfit(Statistic(c.value.squeeze(), c.error), r) for c, r in zip(came, right, strict=True))
    shapes = f"expected {list(right[0].value.shape)}, got {list(came[0].value.shape)}"
    return f"These are the right numbers in another shape: {shapes}." if max(numbers) < math.inf else ""


def _factor(came, right, sizes) -> str:
    factors = [_times(c, r) for c, r in zip(came, right, strict=True)]
    if not all(factors) or not sure(factors[0] - 1, came[0], right[0], right[0].value):
        return ""
    common, drawn = _times(*map(_joined, (came, right))), any(np.any(c.error) for c in came)
    likely = not drawn or abs(common) > 1.05 or 0.1 < abs(common) < 0.95  # other draws may seem to be any other times
    if likely and same(came, [common * r.value for r in right], right):
        if math.isclose(common, -1, rel_tol=1e-3):
            return "Every number has the opposite sign, and is right apart from that."
        sign = " with the opposite sign" if common < 0 else ""
        return f"Every number is {'about ' * drawn}{abs(common):.4g} times the right one{sign}."
    each = same(came, [f * r.value for f, r in zip(factors, right, strict=True)], right)
    for axis in sizes[0] if len(sizes) > 1 and each else ():
        for power, words in ((-1, "divided by"), (1, "multiplied by"), (-2, "divided by the square of")):
            if all(math.isclose(f, s[axis] ** power, rel_tol=1e-3) for f, s in zip(factors, sizes, strict=True)):
                return f"Every number is {words} the size of an axis: {axis}, {sizes[0][axis]} in the first input."
    return ""


def _times(came: Statistic, right: Statistic) -> float:
    """By how much one is the other, numbers with small errors counting more."""
    weight = 1 / (np.square(came.error) + np.square(ROUNDING * np.abs(right.value).max() + 1e-12))
    return float((weight * came.value * right.value).sum() / (weight * np.square(right.value)).sum())


def _joined(parts: list[Statistic]) -> Statistic:
    """All inputs' numbers as one."""
    errors = [np.broadcast_to(part.error, np.shape(part.value)).ravel() for part in parts]
    return Statistic(np.concatenate([np.ravel(part.value) for part in parts]), np.concatenate(errors))


def _difference(came, right) -> str:
    offs = [float((c.value - r.value).mean()) for c, r in zip(came, right, strict=True)]
    moved = [r.value + off for off, r in zip(offs, right, strict=True)]
    if not (same(came, moved, right) and sure(offs[0], came[0], right[0]) and np.allclose(offs, offs[0], rtol=1e-3)):
        return ""
    much = f"too {'large' if offs[0] > 0 else 'small'} by {short(abs(offs[0]))}"
    return f"Every number is {much}: something that does not depend on the inputs."


def _term(came, right, terms) -> str:
    """One term of the right numbers counts another time: as often on every input."""
    off = np.concatenate([(c.value - r.value).ravel() for c, r in zip(came, right, strict=True)])
    for what, values in terms.items():
        flat = np.concatenate([np.ravel(value) for value in values])
        times = float(off @ flat / (flat @ flat))
        whole = [r.value + times * v.reshape(r.value.shape) for r, v in zip(right, values, strict=True)]
        if flat.size > 1 and same(came, whole, right) and sure(times, came[0], right[0], np.abs(values[0])):
            return f"{what} counts {short(1 + times)} times, and everything else once."
    return ""


def sure(off: float, came: Statistic, right: Statistic, scale=1.0) -> bool:
    """Is a common difference, `off` times `scale`, more than 5 of its standard errors?"""
    error = np.hypot(came.error, right.error) + 0 * right.value
    return not error.any() or np.square(off * scale / np.maximum(error, 1e-30) + 0 * error).sum() > 25

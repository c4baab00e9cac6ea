"""A mistake is a function, and the sentence that ends "This is what you get if …"."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations


@dataclass(frozen=True)
class Mistake:
    sentence: str
    swapped: dict = field(default_factory=dict)
    function: Callable | None = None
    after: Callable | None = None
    alone: bool = False  # not looked for in pairs, which take their time


def swap(sentence: str, **parts) -> Mistake:
    """Other things in the places of these parts of the solution. Swaps of different parts combine."""
    return Mistake(sentence, swapped=parts)


def whole(sentence: str, function: Callable) -> Mistake:
    """Another function altogether, of the solution's signature."""
    return Mistake(sentence, function=function)


def after(sentence: str, function: Callable) -> Mistake:
    """Something done to the result: it combines with everything."""
    return Mistake(sentence, after=function)


def combine(a: Mistake, b: Mistake) -> bool:
    """Can both be made at once?"""
    if a.alone or b.alone or (a.function and (b.function or b.swapped)) or (b.function and a.swapped):
        return False
    return not a.swapped.keys() & b.swapped.keys() and not (a.after and b.after)


def build(parts: Callable, mistakes: tuple[Mistake, ...]) -> Callable:
    """The function of who makes all of these mistakes."""
    wholes = [m.function for m in mistakes if m.function]
    function = wholes[0] if wholes else partial(parts, **{k: v for m in mistakes for k, v in m.swapped.items()})
    afters = [m.after for m in mistakes if m.after]
    return (lambda *inputs: afters[0](function(*inputs))) if afters else function


def pairs(mistakes: dict[str, Mistake]) -> list[tuple[str, str]]:
    return [(a, b) for a, b in combinations(mistakes, 2) if combine(mistakes[a], mistakes[b])]

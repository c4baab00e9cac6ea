"""The arithmetic of numpy functions as a list of steps, so that a page can do it too.

A function is run once on arrays of `Symbol`s, and every operation on them is written on their `Tape`. A step is a
number, or an operation and the places of what it takes: `["+", 0, 7]`. The inputs come first, as `None`.
"""

import math
from functools import partial
from operator import add, gt, lt, mul, sub, truediv

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

OPERATIONS = {  # numpy's name → the name on the tape, and what it is of numbers that are known
    "add": ("+", add),
    "subtract": ("-", sub),
    "multiply": ("*", mul),
    "divide": ("/", truediv),
    "power": ("pow", math.pow),
    "maximum": ("max", max),
    "minimum": ("min", min),
    "greater": (">", gt),
    "less": ("<", lt),
    "exp": ("exp", math.exp),
    "log": ("log", math.log),
    "log1p": ("log1p", math.log1p),
    "sqrt": ("sqrt", math.sqrt),
    "tanh": ("tanh", math.tanh),
    "absolute": ("abs", abs),
    "sign": ("sign", np.sign),
    "where": ("where", lambda condition, a, b: a if condition else b),
}
MADE_OF = {"square": lambda a: taken("multiply", a, a), "negative": lambda a: taken("multiply", -1, a)}


class Tape:
    """Steps, each written once, after so many inputs."""

    def __init__(self, inputs: int):
        self.steps, self.places = [None] * inputs, {}

    def write(self, *step) -> int:
        """The place of a step."""
        if step not in self.places:
            self.places[step] = len(self.steps)
            self.steps.append(list(step) if len(step) > 1 else step[0])
        return self.places[step]

    def place(self, number) -> int:
        """Where a symbol stands, or a constant, which is kept to ten digits."""
        return number.place if isinstance(number, Symbol) else self.write(float(f"{float(number):.10g}"))

    def inputs(self, start: int, shape: tuple) -> "Symbols":
        """Those from a place on, in this shape."""
        places = range(start, start + math.prod(shape))
        return symbols(np.array([Symbol(self, place) for place in places], dtype=object).reshape(shape))


class Symbol(NDArrayOperatorsMixin):
    """A number that is not known yet."""

    def __init__(self, tape: Tape, place: int):
        self.tape, self.place = tape, place

    def __array_ufunc__(self, ufunc, method, *given, **named):
        return taken_each(ufunc, method, *given, **named)

    def __bool__(self):
        raise RuntimeError("a branch on a number that is not known yet has no place on a tape")


class Symbols(np.ndarray):
    """An array of symbols and numbers."""

    def __array_ufunc__(self, ufunc, method, *given, **named):
        return taken_each(ufunc, method, *given, **named)

    def __array_function__(self, function, types, given, named):
        if function is np.where:
            return each("where", *given)
        return symbols(super().__array_function__(function, types, given, named))

    def mean(self, **_):
        return self.sum() / self.size


def symbols(value):
    """An object array as `Symbols`; whatever else it is as it is."""
    return value.view(Symbols) if isinstance(value, np.ndarray) and value.dtype == object else value


def taken_each(ufunc, method: str, *given, **named):
    """What a numpy function makes of arrays of symbols."""
    if method == "__call__" and ufunc is not np.matmul:
        return each(ufunc.__name__, *given)
    return symbols(getattr(ufunc, method)(*(np.array(one, dtype=object) for one in given), **named))


def each(name: str, *given):
    apply = MADE_OF.get(name) or partial(taken, name)
    return symbols(np.frompyfunc(apply, len(given), 1)(*(np.array(one, dtype=object) for one in given)))


def taken(name: str, *given):
    """A symbol for the operation on these, or the number where it is known."""
    tape = next((one.tape for one in given if isinstance(one, Symbol)), None)
    if tape is None:
        return float(OPERATIONS[name][1](*given))
    known = simpler(name, *given)
    return Symbol(tape, tape.write(OPERATIONS[name][0], *map(tape.place, given))) if known is None else known


def simpler(name: str, a, b=None, c=None):
    """What matrices and masks are full of: times 1, plus 0, and a known case of two. (0 times infinity is not 0.)"""
    if (name == "multiply" and is_number(a, 1)) or (name == "add" and is_number(a, 0)):
        return b
    if (name == "multiply" and is_number(b, 1)) or (name in ("add", "subtract") and is_number(b, 0)):
        return a
    return (b if a else c) if name == "where" and not isinstance(a, Symbol) else None


def is_number(thing, number: float) -> bool:
    return not isinstance(thing, Symbol) and thing == number

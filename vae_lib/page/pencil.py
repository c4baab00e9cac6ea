"""Chapter 2: numbers as a pencil writes them, read and computed exactly, shown as fractions and multiples of ln 2."""

import re
from functools import wraps

import numpy as np
import sympy
import torch
from torch import Tensor

SIGNS = str.maketrans({"−": "-", "–": "-", "·": "*", "×": "*", "÷": "/", "π": "pi"})
QUOTES = " \t\n\"'“”"


def _or_dict(convert):
    """Lets a conversion of an array also take a dict of arrays, such as all weights of a network."""

    @wraps(convert)
    def convert_each(values):
        return {key: convert(array) for key, array in values.items()} if isinstance(values, dict) else convert(values)

    return convert_each


@_or_dict
def exact(values) -> np.ndarray:
    """The same numbers as exact sympy numbers: 0.1 is read as 1/10, strings such as "-3/2" or "2*log(2)" as written.

    `values` are a number, nested lists, an array or a tensor, or a dict of them. Raises ValueError for what is no real
    number.
    """
    values = values.detach().cpu() if isinstance(values, Tensor) else values
    return np.vectorize(_real_number, otypes=[object])(np.asarray(values).astype(str))[()]


def read(values) -> np.ndarray:
    """Numbers as a pencil or a program writes them, as float64: strings ("−2 ln 2", "0,25"), nested lists, tensors.

    Raises ValueError for what is no real number.
    """
    return np.asarray(to_float(exact(_plain(values))), dtype=float)


def _plain(value):
    """Tensors as lists, strings as sympy reads them: “−2 ln 2” as "-2*log(2)"."""
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, str):
        value = value.strip(QUOTES).translate(SIGNS)
        value = re.sub(r"^([^,()]*\d),(\d[^,()]*)$", r"\1.\2", value)  # a comma as decimal mark
        value = re.sub(r"(?:ln|log)\s*(\d+)", r"log(\1)", value)
        return re.sub(r"(\d)\s*(?=ln|log)", r"\1*", value)
    return value.detach().tolist() if isinstance(value, Tensor) else value


@_or_dict
def to_float(values) -> np.ndarray:
    """The same numbers as a float64 array, or a dict of them."""
    return np.asarray(values).astype(np.float64)


@_or_dict
def tensor(values) -> Tensor:
    """The same numbers as a float64 tensor, or a dict of them."""
    return torch.tensor(to_float(values))


@_or_dict
def fifty_digits(values) -> np.ndarray:
    """The same numbers as sympy floats of fifty digits, or a dict of them."""
    return np.vectorize(lambda value: sympy.N(value, 50), otypes=[object])(values)


def is_rounded(came: np.ndarray, right: np.ndarray) -> bool:
    """Whether these are the right numbers with fewer decimals, the largest with two digits or more."""
    last = 10.0 ** -next((n for n in range(4) if (np.abs(came - came.round(n)) <= 1e-9).all()), 4)
    return bool(np.abs(right).max() >= 9.5 * last and (np.abs(came - right) <= 0.5 * last + 1e-9).all())


def exp(values: np.ndarray) -> np.ndarray:
    """e to the power of each number, in the arithmetic of the numbers: float64, fifty digits or exact."""
    return np.exp(values) if values.dtype == float else np.vectorize(sympy.exp, otypes=[object])(values)


def log_two_pi(values: np.ndarray) -> np.ndarray:
    """log 2π in the arithmetic of the numbers, float64 or exact, as often as there are numbers."""
    return np.full(values.shape, sympy.log(2 * sympy.pi)).astype(float if values.dtype == float else object)


def show(values) -> str:
    """Exact numbers as text: `157/32 + ln 2`, or a row of them, `(1, 3/2)`."""
    if np.ndim(values):
        return "(" + ", ".join(map(show, values)) + ")"
    text = _sum_of_terms(values, sympy.sstr).replace("**", "^").replace("*", " ").replace(")/", ") / ")
    return re.sub(r"log\((\d+)( pi)?\)", lambda found: "ln " + found[1] + "π" * bool(found[2]), text)


def latex(values) -> str:
    """Exact numbers as LaTeX, without dollars: a number, a row in parentheses, or a matrix."""
    if np.ndim(values) == 2:
        return r"\begin{pmatrix}" + r"\\".join("&".join(map(latex, row)) for row in values) + r"\end{pmatrix}"
    if np.ndim(values) == 1:
        return r"\left(" + r",\ ".join(map(latex, values)) + r"\right)"
    text = _sum_of_terms(values, lambda term: sympy.latex(term, ln_notation=True))
    return re.sub(r"\\ln{\\left\((.*?) \\right\)}", r"\\ln \1", text)


def decimals(values, digits: int = 4) -> str:
    """Numbers as rounded decimals: `5.5994`, or a row of them, `(1.1250, -1.5000)`."""
    if np.ndim(values):
        return "(" + ", ".join(decimals(value, digits) for value in values) + ")"
    return f"{round(float(values), digits) + 0.0:.{digits}f}"  # + 0.0 turns -0.0 into 0.0


def _real_number(text: str):
    try:
        number = sympy.sympify(text, rational=True)
    except sympy.SympifyError:
        number = None
    if not getattr(number, "is_real", False):
        raise ValueError(f"expected a real number, got {text!r}")
    return sympy.expand_log(number, factor=True)  # log(4) is 2 log(2), so that equal numbers look equal


def _sum_of_terms(value, write) -> str:
    """A sum written with its rational term first and what holds π last."""
    terms = sorted(sympy.Add.make_args(sympy.sympify(value)), key=lambda term: term.has(sympy.pi))
    return " + ".join(map(write, terms)).replace("+ -", "- ").replace("-  ", "- ")

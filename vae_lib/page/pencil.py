"""Chapter 2: numbers as a pencil writes them, read and computed exactly, shown as fractions and multiples of ln 2."""

import math
import re
from functools import wraps
from itertools import pairwise

import numpy as np
import sympy
import torch
from torch import Tensor

# How a number may be written, here and in vae_lib/figures/base/pencil.js
SIGNS = str.maketrans({"−": "-", "–": "-", "—": "-", "·": "*", "⋅": "*", "×": "*", "÷": "/", "π": "pi", "√": "sqrt"})
PARTS = {"½": "1/2", "¼": "1/4", "¾": "3/4"}
CONSTANTS, FUNCTIONS = ("pi", "e"), ("ln", "log", "exp", "sqrt")
QUOTES = re.compile(r"^[\s\"'“”]+|[\s\"'“”]+$")
COMMA = re.compile(r"(?<![0-9.,])([0-9]+),([0-9]+)(?![0-9.,])")  # as decimal mark
MIXED = re.compile(r"(?<![0-9.])([0-9]*)\s*([½¼¾])")
BARE = re.compile(r"(ln|log|exp|sqrt)\s*([0-9]+\.?[0-9]*(?:\s*pi)?|pi)(?![0-9.]|\s*\()")
TWO_WAYS = re.compile(  # ln 1/4: a function without a bracket, its number, a sign, and the next number
    r"(ln|log|exp|sqrt)\s*([0-9]*\s*[½¼¾]|[0-9]+(?:[.,][0-9]*)?(?:\s*(?:pi|π))?|pi|π)\s*(\*\*|[*/^·⋅×÷])\s*"
    r"([-−–—]?(?:(?:ln|log|exp|sqrt|√)\s*)?(?:[0-9a-zπ.,½¼¾]+|\([^()]*\)))",
    re.IGNORECASE,
)
TOKEN = re.compile(
    r"\s*([0-9]+\.?[0-9]*(?:e[-+]?[0-9]+)?|\.[0-9]+(?:e[-+]?[0-9]+)?|[a-z_][a-z_0-9]*|[()]|(?:\*\*|[-+*/^])(?!\s*[*/^]))"
)


class NoNumber(ValueError):
    """What stands for no real number, in words for whoever typed it."""


def _or_dict(convert):
    """Lets a conversion of an array also take a dict of arrays, such as all weights of a network."""

    @wraps(convert)
    def convert_each(values):
        return {key: convert(array) for key, array in values.items()} if isinstance(values, dict) else convert(values)

    return convert_each


@_or_dict
def exact(values) -> np.ndarray:
    """The same numbers as exact sympy numbers: 0.1 is read as 1/10, strings such as "-3/2" or "2 ln 2" as written.

    `values` are a number, nested lists, an array or a tensor, or a dict of them. Raises NoNumber, a ValueError, for
    what is no real number.
    """
    values = values.detach().cpu() if isinstance(values, Tensor) else values
    return np.vectorize(_real_number, otypes=[object])(np.asarray(values).astype(str))[()]


def read(values) -> np.ndarray:
    """Numbers as a pencil or a program writes them, as float64: strings ("−2 ln 2", "½", "0,25"), lists, tensors.

    Raises NoNumber, a ValueError, for what is no real number.
    """
    return np.asarray(to_float(exact(_plain(values))), dtype=float)


def _plain(value):
    """Tensors as lists."""
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
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
    """Whether these are the right numbers with fewer decimals; of several the largest has two digits or more."""
    last = 10.0 ** -next((n for n in range(4) if (np.abs(came - came.round(n)) <= 1e-9).all()), 4)
    return bool(
        np.abs(right).max() >= (9.5 if right.size > 1 else 0.95) * last
        and (np.abs(came - right) <= 0.5 * last + 1e-9).all()
    )


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
    text = _sum_of_terms(values, _term).replace("**", "^").replace("*", " ")
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
        number = sympy.sympify(_spelled(text), rational=True)
        is_number = number.is_real and math.isfinite(float(number))
    except (sympy.SympifyError, ArithmeticError, AttributeError, TypeError):
        is_number = False
    if not is_number:
        raise NoNumber(_why_none(QUOTES.sub("", text)))
    return sympy.expand_log(number, factor=True)  # log(4) is 2 log(2), so that equal numbers look equal


def _why_none(text: str) -> str:
    if found := TWO_WAYS.search(text):
        name, number, sign, more = found.groups()
        ways = f"{name}({number}{sign}{more}) or ({name} {number}){sign}{more}"
        return f"“{found[0]}” can be read as {ways}: write the parentheses"
    return f"I read “{text}”, which is no number; write one such as 1.125, 9/8 or 2 ln 2"


def _spelled(text: str) -> str:
    """The text as sympy reads it, “−2 ln 2” as "- 2 * ln ( 2 )"; empty where no number is written so."""
    if TWO_WAYS.search(text):
        return ""
    tokens = []
    for token in _tokens(text):
        is_factor = tokens and (token == "(" or token[0].isalpha()) and _ends_a_value(tokens[-1])
        tokens += ["*", token] if is_factor else [token]
    names = {token for token in tokens if token[0].isalpha()}
    are_called = all(after == "(" for token, after in pairwise([*tokens, ""]) if token in FUNCTIONS)
    is_known = names <= {*CONSTANTS, *FUNCTIONS} and are_called
    return " ".join("E" if token == "e" else token for token in tokens) if is_known else ""


def _ends_a_value(token: str) -> bool:
    return token == ")" or token in CONSTANTS or token[0] in "0123456789."


def _tokens(text: str) -> list[str]:
    """The words of a number, none where something else is among them."""
    text = COMMA.sub(r"\1.\2", QUOTES.sub("", text).translate(SIGNS).lower())
    text = MIXED.sub(lambda found: f"({found[1] or 0}+{PARTS[found[2]]})", text)
    text = re.sub(r"(?<![0-9.])0+(?=[0-9])", "", BARE.sub(r"\1(\2)", text))  # 007 is no number of Python's
    rest = TOKEN.sub("", text)
    return [] if rest else TOKEN.findall(text)


def _term(term) -> str:
    """A factor before what it multiplies, "21/16*log(2)", since "21 ln 2/16" can be read in two ways."""
    factor, rest = term.as_coeff_Mul()
    return sympy.sstr(term) if rest == 1 or abs(factor) == 1 else f"{factor}*{sympy.sstr(rest)}"


def _sum_of_terms(value, write) -> str:
    """A sum written with its rational term first and what holds π last."""
    terms = sorted(sympy.Add.make_args(sympy.sympify(value)), key=lambda term: term.has(sympy.pi))
    return " + ".join(map(write, terms)).replace("+ -", "- ").replace("-  ", "- ")

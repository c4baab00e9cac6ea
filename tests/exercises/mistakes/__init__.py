"""Wrong answers as students write them, with what their check must say, and unusual right ones, which must pass.

One file a chapter holds its `MISTAKES` and `UNUSUAL`; they share no code with the library's checks. `make mistakes`
prints both tables.
"""

from collections.abc import Callable
from typing import NamedTuple


class Mistake(NamedTuple):
    """A wrong answer to an exercise, and a part of the sentence by which the check must name it."""

    check: Callable
    name: str
    answer: object
    says: str


class Unusual(NamedTuple):
    """A right answer in an unusual form."""

    check: Callable
    name: str
    answer: object

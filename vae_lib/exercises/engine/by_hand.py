"""An exercise for a pencil: a dict of numbers, each entry judged from the student's own entries before it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from inspect import Parameter, signature

import numpy as np
from torch import Tensor

from vae_lib.exercises.engine.mistakes import Mistake
from vae_lib.exercises.engine.observe import Seen, describe, describe_error
from vae_lib.exercises.engine.relations import what_is
from vae_lib.exercises.engine.statistics import Statistic
from vae_lib.exercises.engine.verdict import NOT_ATTEMPTED, Verdict, ours_is_broken

FOUR_DIGITS = 2e-3  # how far a number may lie from the right one, relative to itself


def observe_entries(answer) -> list[Seen]:
    """The entries of a dict, or of a function's, as numbers: `status` "value", or why there is none, an entry."""
    try:
        value = answer() if callable(answer) else answer
    except (Exception, SystemExit) as error:
        return [Seen("raised", describe_error(error))]
    if _open(value):
        return [Seen("not attempted")]
    if not isinstance(value, dict):
        return [Seen("none" if value is None else "no dict", describe(value))]
    return [_entry(str(name), part) for name, part in value.items()] or [Seen("not attempted")]


def _entry(name: str, value) -> Seen:
    """`words` begin with the entry's name."""
    if _open(value):
        return Seen("open", name)
    try:
        return Seen("value", name, values={name: numbers(value)})
    except Exception as error:
        return Seen("no numbers", f"{name}: expected numbers, got {describe(value)} ({describe_error(error)}).")


def numbers(value) -> np.ndarray:
    """Numbers as a pencil or a program writes them. Raises ValueError for what is none."""
    from vae_lib.page.pencil import exact, to_float  # sympy takes its time, and is needed by few

    if isinstance(value, dict):
        raise ValueError("a dict in the dict")
    return np.asarray(to_float(exact(_plain(value))))


def _open(value) -> bool:
    return value is ... or (isinstance(value, list | tuple) and any(map(_open, value)))


def _plain(value):
    """Tensors as lists, strings as sympy reads them: “−2 ln 2” as "-2*log(2)"."""
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, str):
        value = re.sub(r"(?:ln|log)\s*(\d+)", r"log(\1)", value.replace("−", "-").replace("·", "*"))
        return re.sub(r"(\d)\s*(?=ln|log)", r"\1*", value)
    return value.detach().tolist() if isinstance(value, Tensor) else value


@dataclass(frozen=True, eq=False)
class ByHand:
    """`steps` has a function for each entry, whose arguments name data and entries before it; `slips` likewise.

    The expected value of an entry is shown on request alone: `check(answer, show="mu")`.
    """

    name: str
    data: Callable[[np.random.Generator | None], dict[str, np.ndarray]]  # None: the numbers in the book
    steps: dict[str, Callable]
    slips: dict[str, dict[str, Mistake]]
    asked: dict[str, str]
    on: str
    level: str = "core"
    dots: int = 1
    minutes: int = 5
    seed: int | None = None

    def __call__(self, answer, show: str = "") -> None:
        print(self.judge(answer))
        if show:
            print(f"{show} is {describe(self.expected[show])}.")

    def judge(self, answer) -> Verdict:
        """What is to be said of a student's numbers."""
        return self.judge_seen(observe_entries(answer))

    def for_student(self, seed: int) -> "ByHand":
        return replace(self, seed=seed)

    @cached_property
    def numbers(self) -> dict[str, np.ndarray]:
        return self.data(None if self.seed is None else np.random.default_rng(self.seed))

    @cached_property
    def expected(self) -> dict[str, np.ndarray]:
        """Every entry, from the steps. In no verdict."""
        values = dict(self.numbers)
        for name, step in self.steps.items():
            values[name] = apply(step, values)
        return {name: values[name] for name in self.steps}

    def judge_seen(self, seen: list[Seen]) -> Verdict:
        """The verdict on what was observed: pure."""
        try:
            return self._judge(seen)
        except Exception as error:
            return ours_is_broken(error)

    def _judge(self, seen: list[Seen]) -> Verdict:
        if seen[0].status in ("raised", "not attempted", "none", "no dict"):
            return self._no_dict(seen[0])
        given = {one.words.split(":")[0]: one for one in seen if one.status != "open"}
        if unknown := given.keys() - self.steps.keys():
            names = ", ".join(self.steps)
            return self._wrong("", "no-such-entry", f"{min(unknown)!r} is none of the entries {names}.", {})
        if not given:
            return NOT_ATTEMPTED
        entries, first = self._entries(given)
        if first:
            return self._wrong(*first[:3], entries, first[3])
        right = ", ".join(name for name, what in entries.items() if what == "right")
        still = ", ".join(name for name, what in entries.items() if what == "open")
        return Verdict("right", f"{right}: right." + (f" Still open: {still}." if still else ""), entries=entries)

    def _entries(self, given: dict[str, Seen]) -> tuple[dict[str, str], tuple | None]:
        """What each entry is, and the first that is wrong: its name, the key, the sentence, what came."""
        theirs = dict(self.numbers) | self.expected  # their own numbers take the place of ours, one after another
        entries, first = dict.fromkeys(self.steps, "open"), None
        for name, step in self.steps.items():
            own = _or_nan(step, theirs)
            if name not in given:
                theirs[name] = self.expected[name] if np.isnan(own).any() else own
            elif given[name].status != "value":
                entries[name] = "wrong"
                first = first or (name, "no-numbers", given[name].words, "")
            else:
                came = fitted(given[name].values[name], self.expected[name])
                entries[name] = "right" if close(came, self.expected[name]) else "wrong"
                if entries[name] == "wrong" and close(came, own):
                    entries[name] = "follows"
                if entries[name] == "wrong":
                    first = first or (name, *self._why(name, came, theirs), describe(came))
                theirs[name] = came
        return entries, first

    def _why(self, name: str, came: np.ndarray, theirs: dict) -> tuple[str, str]:
        """The slip that gives these numbers from their own entries before, or from the right ones; or what is."""
        right = self.expected[name]
        for values in (theirs, theirs | self.expected):
            found = {key: _or_nan(slip.function, values) for key, slip in self.slips[name].items()}
            fit = {key: self.slips[name][key].sentence for key, value in found.items()
                   if close(came, value) and not close(value, right)}  # fmt: skip
            if 0 < len(fit) <= 3:
                words = "; or ".join(dict.fromkeys(fit.values()))
                return "|".join(f"{name}-{key}" for key in fit), f"{name}: this is what you get if {words}."
        if came.shape != right.shape:
            return "shape", f"{name}: expected {right.size} numbers, got {describe(came)}."
        rows = [i + 1 for i in range(right.size) if not close(came.ravel()[i], right.ravel()[i])]
        if len(rows) < right.size:
            which = f"Number {rows[0]} is" if len(rows) == 1 else f"Numbers {' and '.join(map(str, rows))} are"
            return f"{name}-some", f"{name}: {which} wrong, the others are right."
        pair = [Statistic(came)], [Statistic(right, np.abs(right) * FOUR_DIGITS / 5)]
        words = what_is(*pair, [{"numbers": right.size}], {})
        unknown = f"{name}: not right, and not by a slip that we know."
        return ("what-is", f"{name}: {words}") if words else ("unknown", unknown)

    def _no_dict(self, seen: Seen) -> Verdict:
        if seen.status == "not attempted":
            return NOT_ATTEMPTED
        words = {"raised": f"It raised {seen.words}.", "none": "It returned None: did you forget `return`?"}
        other = f"Expected a dict with the entries {', '.join(self.steps)}, got {seen.words}."
        return self._wrong("", seen.status, words.get(seen.status, other), {})

    def _wrong(self, name: str, key: str, sentence: str, entries: dict, came: str = "") -> Verdict:
        follows = [entry for entry, what in entries.items() if what == "follows"]
        right = [entry for entry, what in entries.items() if what == "right"]
        more = f" {', '.join(right)}: right." * bool(right)
        more += f" {', '.join(follows)}: follows from your own numbers before." * bool(follows)
        key = f"{self.name}/{re.sub('[ _]', '-', key)}"
        return Verdict("wrong", sentence + more, key, self.asked.get(name, ""), self.on, came, entries=entries)


def apply(function: Callable, values: dict) -> np.ndarray:
    """The function, of those values that its arguments without default name."""
    names = [p.name for p in signature(function).parameters.values() if p.default is Parameter.empty]
    with np.errstate(all="ignore"):
        return np.asarray(function(*(values[name] for name in names)))


def _or_nan(function: Callable, values: dict) -> np.ndarray:
    """NaN where a student's numbers do not fit together."""
    try:
        return apply(function, values)
    except (ValueError, IndexError, TypeError):
        return np.asarray(np.nan)


def fitted(came: np.ndarray, right: np.ndarray) -> np.ndarray:
    """One more axis of size 1 does no harm."""
    return came.reshape(right.shape) if came.squeeze().shape == right.squeeze().shape else came


def close(came: np.ndarray, right: np.ndarray) -> bool:
    """To four digits of what came."""
    if np.shape(came) != np.shape(right) or not np.isfinite(right).all() or not np.isfinite(came).all():
        return False
    return bool((np.abs(came - right) <= FOUR_DIGITS * np.abs(came) + 1e-6).all())

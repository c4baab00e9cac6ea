"""An exercise for a pencil: a dict of numbers, each entry judged from the student's own entries before it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from inspect import Parameter, signature

import numpy as np

from vae_lib.diagnose.words import describe_error
from vae_lib.exercises.engine.mistakes import Mistake
from vae_lib.exercises.engine.observe import Seen, describe
from vae_lib.exercises.engine.relations import what_is
from vae_lib.exercises.engine.statistics import Statistic
from vae_lib.exercises.engine.verdict import NOT_ATTEMPTED, Check, Verdict

FOUR_DIGITS = 2e-3  # how far a number may lie from the right one, relative to itself


def observe_entries(answer, names: str) -> dict[str, Seen]:
    """Each entry of a dict with these names, or of a function's, as numbers; under "" why there is no dict."""
    try:
        value = answer() if callable(answer) else answer
    except (Exception, SystemExit) as error:
        return {"": Seen("raised", f"It raised {describe_error(error)}.")}
    if _open(value):
        return {}
    if value is None:
        return {"": Seen("none", "It returned None: did you forget `return`?")}
    if not isinstance(value, dict):
        return {"": Seen("no dict", f"Expected a dict with the entries {names}, got {describe(value)}.")}
    return {str(name): _entry(part) for name, part in value.items() if not _open(part)}


def _entry(value) -> Seen:
    from vae_lib.page.pencil import NoNumber, read  # sympy takes its time, and is needed by few

    try:
        return Seen("value", values={"value": read(value)})
    except Exception as error:
        words = str(error) if isinstance(error, NoNumber) else f"expected numbers, got {describe(value)}"
        return Seen("no numbers", words)


def _open(value) -> bool:
    return value is ... or (isinstance(value, list | tuple) and any(map(_open, value)))


@dataclass(frozen=True, eq=False)
class ByHand(Check):
    """`steps` has a function for each entry, whose arguments name data and entries before it; `slips` likewise.

    The expected value of an entry is shown on request alone: `check(answer, show="mu")`.
    """

    data: Callable[[np.random.Generator | None], dict[str, np.ndarray]]  # None: the numbers in the book
    steps: dict[str, Callable]
    slips: dict[str, dict[str, Mistake]]
    asked: dict[str, str]
    on: str
    seed: int | None = None

    def __call__(self, answer, show: str = "") -> None:
        super().__call__(answer)
        if show:
            print(f"{show} is {describe(self.expected[show])}.")

    @property
    def plan(self) -> str:
        return ", ".join(self.steps)

    def observe(self, answer) -> dict[str, Seen]:
        return observe_entries(answer, self.plan)

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

    def _judge(self, seen: dict[str, Seen]) -> Verdict:
        if not seen:
            return NOT_ATTEMPTED
        if unknown := seen.keys() - self.steps.keys():
            said = seen.get("", Seen("no such entry", f"{min(unknown)!r} is none of the entries {self.plan}."))
            return self._wrong("", said.status, said.words, {})
        entries, wrong = self._entries(seen)
        if wrong:
            name, key, _, came = wrong[0]
            return self._wrong(name, key, " ".join(words for _, _, words, _ in wrong), entries, came)
        entries = {name: "right" if entry == "follows" else entry for name, entry in entries.items()}  # from right ones
        right, still = those("right", entries), those("open", entries)
        words = f"{right}: right." + f" Still open: {still}." * bool(still)
        return Verdict("not attempted" if still else "right", words, entries=entries)

    def _entries(self, seen: dict[str, Seen]) -> tuple[dict[str, str], list[tuple]]:
        """What each entry is, and of those that are wrong: the name, the key, the sentence, what came."""
        theirs = dict(self.numbers) | self.expected  # their own numbers take the place of ours, one after another
        entries, wrong = dict.fromkeys(self.steps, "open"), []
        for name, step in self.steps.items():
            own, right = apply(step, theirs), self.expected[name]
            if name not in seen:
                theirs[name] = right if np.isnan(own).any() else own
            elif seen[name].status != "value":
                entries[name] = "wrong"
                wrong.append((name, "no-numbers", f"{name}: {seen[name].words}.", ""))
            else:
                came = seen[name].values["value"]
                fits = came.squeeze().shape == right.squeeze().shape  # one more axis of size 1 does no harm
                theirs[name] = came = came.reshape(right.shape) if fits else came
                entries[name] = "right" if close(came, right) else "follows" if close(came, own) else "wrong"
                if entries[name] == "wrong":
                    key, words = self._why(name, came, theirs)
                    wrong.append((name, key, f"{name}: {words}", describe(came)))
        return entries, wrong

    def _why(self, name: str, came: np.ndarray, theirs: dict) -> tuple[str, str]:
        """The slip that gives these numbers from their own entries before, or from the right ones; or what is."""
        right = self.expected[name]
        near = 1e-3 if np.allclose(came, came.round(4), rtol=0, atol=1e-9) else 1e-4  # rounded, as by a pencil, or not
        for values in (theirs, theirs | self.expected):
            found = {key: apply(slip.function, values) for key, slip in self.slips[name].items()}
            fit = [k for k, v in found.items() if close(came, v, 1e-4 if "+" in k else near) and not close(v, right)]
            fit = [key for key in fit if "+" not in key] or fit  # one slip explains more than two
            if 0 < len(fit) <= 3:
                words = "; or ".join(dict.fromkeys(self.slips[name][key].sentence for key in fit))
                return "|".join(f"{name}-{key}" for key in fit), f"this is what you get if {words}."
        if came.shape != right.shape:
            return "shape", f"expected {right.size} numbers, got {describe(came)}."
        from vae_lib.page.pencil import is_rounded  # late, as above

        if is_rounded(came, right):
            return f"{name}-rounded", "right as far as it goes, but rounded: give four digits."
        wrong = [str(i + 1) for i in range(right.size) if not close(came.ravel()[i], right.ravel()[i])]
        if len(wrong) < min(right.size, 5):
            which = f"number {wrong[0]} is" if len(wrong) == 1 else f"numbers {' and '.join(wrong)} are"
            return f"{name}-some", f"only {which} wrong, of {right.size}."
        # FOUR_DIGITS are five standard errors; a single number is any other, times some factor
        words = right.size > 1 and what_is([Statistic(came)], [Statistic(right, abs(right) * 4e-4)], [{}], {})
        return ("what-is", words) if words else ("unknown", "not right, and not by a slip that we know.")

    def _wrong(self, name: str, key: str, sentence: str, entries: dict, came: str = "") -> Verdict:
        right, follows = those("right", entries), those("follows", entries)
        more = f" {right}: right." * bool(right) + f" {follows}: follows from your own numbers before." * bool(follows)
        key = f"{self.name}/{re.sub('[ _]', '-', key).lower()}"
        return Verdict("wrong", sentence + more, key, self.asked.get(name, ""), self.on, came, entries=entries)


def those(what: str, entries: dict[str, str]) -> str:
    return ", ".join(name for name, entry in entries.items() if entry == what)


def apply(function: Callable, values: dict, **others) -> np.ndarray:
    """The function, of what its arguments without default name, or of all `values`; NaN where they do not fit.

    `others` are for arguments with a default.
    """
    try:
        with np.errstate(all="ignore"):
            given = (values if name == "values" else values[name] for name in asks(function))
            return np.asanyarray(function(*given, **others))
    except (ValueError, IndexError, TypeError, AttributeError):
        return np.asarray(np.nan)


@lru_cache(maxsize=4096)
def asks(function: Callable) -> list[str]:
    return [p.name for p in signature(function).parameters.values() if p.default is Parameter.empty]


def close(came: np.ndarray, right: np.ndarray, off: float = FOUR_DIGITS) -> bool:
    """To four digits of what came, or as closely as `off` says."""
    comparable = np.shape(came) == np.shape(right) and np.isfinite(came).all() and np.isfinite(right).all()
    return bool(comparable and (np.abs(came - right) <= off * np.abs(came) + 1e-6).all())

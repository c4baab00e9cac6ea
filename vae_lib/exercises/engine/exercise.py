"""An exercise: its solution, what it is asked on, and the mistakes. What is judged are statistics of what it gave."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from inspect import signature
from itertools import takewhile
from math import inf

import numpy as np

from vae_lib.exercises.engine.mistakes import Mistake, build, pairs
from vae_lib.exercises.engine.observe import (
    Call,
    Model,
    Seen,
    arguments,
    array_of,
    describe,
    leaf,
    observe,
    short,
    slopes_of,
)
from vae_lib.exercises.engine.relations import what_is
from vae_lib.exercises.engine.statistics import EARNED, REFUSE, Statistic, distance, likeness, misfit
from vae_lib.exercises.engine.verdict import NOT_ATTEMPTED, Verdict, ours_is_broken

NO_VALUE = {  # what is said of a `Seen` without a value
    "no function": "Expected a function, got {}.",
    "instance": "Expected the class itself, {}, got one of its instances: leave out the parentheses.",
    "no module": "Expected an nn.Module, so that its parameters can be found, got {}.",
    "no method": "Your class has no method `{}`.",
    "raised": "It raised {}.",
    "none": "It returned None: did you forget `return`?",
    "no parts": "Expected {}.",
    "no tensor": "Expected {}.",
    "shapes": "Two calls on the same input gave different shapes: {}.",
    "no gradient": "Taking the gradient of the value raised {}.",
    "not attempted": "It gave the stub's `...` here, and a value elsewhere.",
}
SECOND_CALL = "not-the-same", "A second call on the same input gives other numbers: is something drawn, or kept?"
NO_GRADIENT = "The value carries no gradient: computed under torch.no_grad, detached, or drawn by .sample()?"
UNNAMED = "/what-is", "/unknown", "/shape", "/not-finite"
NEARER = 25.0  # by so much χ² another explanation is worse, and is not mentioned
COUNT = {2: "two", 3: "three"}


@dataclass(frozen=True, eq=False)
class Exercise:
    """Values, and gradients of their sum, on two or more inputs of sizes that cannot collide.

    `parts` is the solution once more, its parts keyword arguments with defaults. `asked` says what each statistic is,
    in the order in which they are looked at. `statistics_of` makes them of a `Seen` and its `Call`, where they are
    not the values and gradients themselves.
    """

    name: str
    solution: Callable
    parts: Callable
    inputs: Callable[[np.random.Generator], list]  # of dicts, or of `Call`s where more than the inputs is to be said
    asked: dict[str, str]
    right: str
    mistakes: dict[str, Mistake] = field(default_factory=dict)
    gradients: tuple[str, ...] = ()
    axes: tuple[str, ...] = ("batch", "data")  # of the first array of the first input, for words
    level: str = "core"
    dots: int = 1
    minutes: int = 5
    seed: int = 0  # of the inputs; with another one, those of a student
    calls: int = 2
    slopes: int = 1
    steps: tuple[str, ...] = ()
    made_of: tuple[str, ...] = ()
    keeps_arguments: bool = True
    shape_first: bool = False  # to be looked at before the statistics, which need it
    statistics_of: Callable[[Seen, Call], dict[str, Statistic]] | None = None
    claims: tuple[str, ...] | None = None  # what a mistake must share, beside what is wrong; None: all before it
    at_most: tuple[str, ...] = ()  # statistics of which less is right too
    terms: dict[str, Callable] = field(default_factory=dict)  # of the solution, that may count too much or too little
    remark: Callable[[dict[str, Statistic], Call], str] = lambda came, call: ""  # to be said first
    otherwise: dict[str, tuple[str, str]] = field(default_factory=lambda: {"again": SECOND_CALL})  # where none matches

    def __call__(self, answer) -> None:
        print(self.judge(answer))

    def judge(self, answer) -> Verdict:
        """What is to be said of a student's answer."""
        return self.judge_seen(observe(answer, self.plan, self.seed))

    def for_student(self, seed: int) -> "Exercise":
        """The same on other inputs, of the same sizes."""
        return replace(self, seed=seed)

    @cached_property
    def plan(self) -> list[Call]:
        given = [one if isinstance(one, Call) else Call(one) for one in self.inputs(np.random.default_rng(self.seed))]
        names = ("gradients", "calls", "slopes", "steps", "made_of")
        return [replace(call, **{name: getattr(self, name) for name in names}) for call in given]

    def judge_seen(self, seen: list[Seen]) -> Verdict:
        """The verdict on what was observed. Pure: the answer itself is not needed."""
        try:
            return self._judge(seen)
        except Exception as error:  # a bug of ours: an answer has no way to raise here
            return ours_is_broken(error)

    def _judge(self, seen: list[Seen]) -> Verdict:
        if seen[0].status == "not attempted":
            return NOT_ATTEMPTED
        good = list(takewhile(lambda one: one.status == "value", seen))
        if spoiled := self._changed(good, models=True):
            return spoiled
        shape = self._shape(good)
        came = [self.statistics(one, call) for one, call in zip(good[: shape and shape[0]], self.plan, strict=False)]
        name, wrong = self._first_difference(came)
        said = self._explain(came, name, wrong) if name else None
        if said and not said.key.endswith(UNNAMED) and not name.startswith("gradient"):
            return said
        nothing = shape[1] if shape else self._nothing(seen)
        return nothing or self._lost(good) or said or self._changed(good) or Verdict("right", self.right)

    def _first_difference(self, came: list[dict]) -> tuple[str, list[int]]:
        """The first statistic that is wrong on an input, and those inputs."""
        for name in self.asked:
            wrong = [i for i in range(len(came)) if name in came[i] and self._differs(came[i][name], name, i)]
            if wrong:
                return name, wrong
        return "", []

    def _differs(self, mine: Statistic, name: str, i: int) -> bool:
        return misfit(mine, self.of_solution[i][name], REFUSE, name in self.at_most) == inf

    # What kept it from being judged

    def _shape(self, seen: list[Seen]) -> tuple[int, Verdict] | None:
        """The first input on which a shape is wrong, and what is to be said of it."""
        for i, one in enumerate(seen if self.shape_first else ()):
            for name, values in one.values.items():
                came, right = values.shape[1:], self.shapes[i][name]
                if came != right:
                    what = "" if name == "value" else f" of {name}"
                    sentence = f"The shape{what} is wrong: expected {list(right)}, got {list(came)}."
                    return i, self._shape_is(came, right, i) or self._wrong(
                        [i], "shape", sentence, self.first, values[0]
                    )
        return None

    def _shape_is(self, came: tuple, right: tuple, i: int) -> Verdict | None:
        """The known mistake of this shape, where there is one."""
        return None

    @cached_property
    def shapes(self) -> list[dict[str, tuple]]:
        seen = [self.ours(self.parts, call, gradients=False) for call in self.plan]
        return [{name: values.shape[1:] for name, values in one.values.items()} for one in seen]

    def _nothing(self, seen: list[Seen]) -> Verdict | None:
        for i, one in enumerate(seen):
            if one.status in NO_VALUE:
                typed = i > 0 and one.status in ("raised", "shapes") and not self.plan[i].note
                more = " The first input was no problem: is a size typed in?" * typed
                sentence = NO_VALUE[one.status].format(one.words) + more
                return self._wrong([i], one.status, sentence, self.first, one.words)
        return None

    def _lost(self, seen: list[Seen]) -> Verdict | None:
        """A gradient that does not arrive explains more than numbers that differ, and less than a known mistake."""
        for i, one in enumerate(seen):
            if one.lost:
                names = " and ".join(one.lost)
                all_lost = set(one.lost) == set(self.gradients) and len(one.lost) > 1
                why = NO_GRADIENT if all_lost else f"No gradient reaches {names}: is it detached?"
                return self._wrong([i], "no-gradient", why, self.first, _first_of(one))
        return None

    def _changed(self, seen: list[Seen], models: bool = False) -> Verdict | None:
        """A model that is another one after the call explains all; another change is told where all is right."""
        for i, one in enumerate(seen if self.keeps_arguments else ()):
            names = [n for n in one.changed if not models or isinstance(self.plan[i].inputs[n], Model)]
            if names:
                why = f"It changes its argument {' and '.join(names)}: who calls it finds other numbers there."
                return self._wrong([i], "changes-arguments", why, self.first, _first_of(one))
        return None

    # Why it is wrong

    def _explain(self, came: list[dict], name: str, wrong: list[int]) -> Verdict:
        """The mistake, or else what is, or else that it is not known."""
        fine = [i for i in range(len(came)) if name in came[i] and i not in wrong]
        apart = fine and self.plan[wrong[0]].note  # right elsewhere: this input has its own story
        mine, right = came[wrong[0]][name].value, self.of_solution[wrong[0]][name].value
        keys, sentence = self._known(came, name, wrong if apart else list(range(len(came))))
        if not sentence:
            keys, sentence = self.otherwise.get(name, ("", ""))
        if not sentence:
            some = wrong if apart else [i for i in range(len(came)) if name in came[i]]
            keys, sentence = self._what_is([came[i][name] for i in some], name, some)
        if not sentence and mine.shape != right.shape:
            keys, sentence = "shape", f"The shape is wrong: expected {list(right.shape)}, got {list(mine.shape)}."
        if not sentence and not np.isfinite(mine).all():
            keys, sentence = "not-finite", f"{(~np.isfinite(mine)).sum()} of the numbers are NaN or infinite."
        what = "gradient is wrong" if name.startswith("gradient") else "numbers differ"
        sentence = sentence or f"The {what}, and not by a mistake that we know."
        if apart:
            sentence = f"On {apart}: {sentence[0].lower()}{sentence[1:]}"
        remark = self.remark(came[wrong[0]], self.plan[wrong[0]])
        return self._wrong(wrong, keys or "unknown", remark + sentence, name, mine)

    def _known(self, came: list[dict], name: str, some: list[int]) -> tuple[str, str]:
        """A single mistake wins over a pair; of two or three that fit as well, all are said; of more, none."""
        singles = [(key,) for key in self.mistakes]
        for candidates in (singles, pairs(self.mistakes)):
            fit = self._fitting(came, candidates, self._claims_on(name), some)
            if len(fit) > 1:  # the rest of what is known decides
                fit = self._fitting(came, list(fit), list(self.asked), some) or fit
            fit = {keys: misfit for keys, misfit in fit.items() if misfit <= min(fit.values()) + NEARER}
            said = [", and ".join(self.mistakes[key].sentence for key in keys) for keys in fit]
            key = "|".join("+".join(keys) for keys in fit)
            if len(fit) == 1:
                earned = self._earned(came, next(iter(fit)), name, some)
                return key, f"This is what you get if {said[0]}." if earned else f"It looks as if {said[0]}."
            if 1 < len(fit) <= 3:
                return key, f"This looks like one of {COUNT[len(fit)]}: {'; or '.join(said)}."
        return "", ""

    def _fitting(self, came: list[dict], candidates: list[tuple], names: list[str], some: list[int]) -> dict:
        """Those candidates that agree with what came, on every input and in all these statistics, and their χ²."""
        found = {keys: self._misfit(came, keys, names, some) for keys in candidates}
        return {keys: misfit for keys, misfit in found.items() if misfit < inf}

    def _misfit(self, came: list[dict], keys: tuple, names: list[str], some: list[int]) -> float:
        total = 0.0
        for i in some:
            theirs = self._of(keys, i, any(name.startswith("gradient") for name in names))
            total += sum(likeness(came[i][n], theirs[n]) if n in theirs else inf for n in names if n in came[i])
            if total == inf:
                break
        return total

    def _earned(self, came: list[dict], keys: tuple, name: str, some: list[int]) -> bool:
        """Is the mistake far from what is right, in errors of what came?"""
        theirs = {i: self._of(keys, i, name.startswith("gradient")).get(name) for i in some if name in came[i]}
        far = [distance(Statistic(t.value, came[i][name].error), self.of_solution[i][name]) for i, t in theirs.items()]
        return max(far) >= EARNED

    def _of(self, keys: tuple, i: int, gradients: bool) -> dict[str, Statistic]:
        """The statistics of who makes these mistakes, nothing where it raises: then it is no explanation."""
        if (keys, i, gradients) not in self._memo:
            function, call = build(self.parts, tuple(self.mistakes[key] for key in keys)), self.plan[i]
            try:
                self._memo[keys, i, gradients] = self.statistics(self.ours(function, call, gradients), call)
            except Exception:
                self._memo[keys, i, gradients] = {}
        return self._memo[keys, i, gradients]

    @cached_property
    def _memo(self) -> dict:
        return {}

    def _claims_on(self, name: str) -> list[str]:
        names = list(self.asked)
        return names[: names.index(name) + 1] if self.claims is None else [*dict.fromkeys((*self.claims, name))]

    def _what_is(self, mine: list[Statistic], name: str, some: list[int]) -> tuple[str, str]:
        right = [self.of_solution[i][name] for i in some]
        terms = {}
        if name in ("value", "mean"):
            terms = {what: [self._term(term, i) for i in some] for what, term in self.terms.items()}
        sentence = what_is(mine, right, [self.sizes(i) for i in some], terms)
        return ("what-is", sentence) if sentence else ("", "")

    def _term(self, term: Callable, i: int) -> np.ndarray:
        return _first_of(self.ours(term, self.plan[i], gradients=False))

    # What `Sampled` does otherwise

    def statistics(self, seen: Seen, call: Call) -> dict[str, Statistic]:
        """The values of the first call, whether the second repeats it, and the gradients."""
        if self.statistics_of:
            return self.statistics_of(seen, call)
        found = {name: Statistic(array[0]) for name, array in seen.values.items()}
        if "again" in self.asked:
            array = np.nan_to_num(_all_of(seen))
            found["again"] = Statistic(array[-1] - array[0])
        return found | {f"gradient of {name}": Statistic(slopes[0]) for name, slopes in seen.gradients.items()}

    def ours(self, function: Callable, call: Call, gradients: bool = True) -> Seen:
        """What one of our own functions gives. Raises where it raises."""
        if isinstance(function, type):
            [seen] = observe(function, [replace(call, calls=1)])
            return seen
        leaves = {name: leaf(call.inputs[name]) for name in arguments(call)}
        for name in self.gradients if gradients else ():
            leaves[name].requires_grad_()
        value = function(*leaves.values())
        found = slopes_of({"value": value}, {name: leaves[name] for name in self.gradients if gradients})
        slopes = {name: np.zeros(leaves[name].shape) if slope is None else array_of(slope)
                  for name, slope in found.items()}  # fmt: skip
        return Seen(
            "value", "", {"value": array_of(value)[None]}, {name: slope[None] for name, slope in slopes.items()}
        )

    @cached_property
    def of_solution(self) -> list[dict[str, Statistic]]:
        return [self.statistics(self.ours(self.solution, call), call) for call in self.plan]

    # Words

    @property
    def first(self) -> str:
        return next(iter(self.asked))

    def sizes(self, i: int) -> dict[str, int]:
        arrays = [array for array in self.plan[i].inputs.values() if isinstance(array, np.ndarray) and array.ndim]
        return dict(zip(self.axes, arrays[0].shape if arrays else (), strict=False))

    def _wrong(self, inputs: list[int], key: str, sentence: str, name: str, came) -> Verdict:
        i = inputs[0]
        expected = describe(np.asarray(self.of_solution[i].get(name, self._any(i)).value))
        if isinstance(came, str) and self.shape_first:
            expected = ", ".join(f"{value} of shape {list(shape)}" for value, shape in self.shapes[i].items())
        came = came if isinstance(came, str) else describe(np.asarray(came))
        key = f"{self.name}/{key.replace(' ', '-')}"
        return Verdict("wrong", sentence, key, self.asked[name], self.on(i), came, expected)

    def _any(self, i: int) -> Statistic:
        return next(iter(self.of_solution[i].values()))

    def on(self, i: int) -> str:
        """The input, as a student can type it, or in words."""
        call = self.plan[i]
        parts = [f"{name} = {shown(given)}" for name, given in call.inputs.items() if not isinstance(given, Model)]
        return ", ".join(([call.note] if call.note else []) + parts)

    def stub(self) -> str:
        return f'def my_{self.name}{signature(self.solution)}:\n    """{self.solution.__doc__}"""\n    return ...'


def _all_of(seen: Seen) -> np.ndarray:
    return list(seen.values.values())[-1]


def _first_of(seen: Seen) -> np.ndarray:
    return _all_of(seen)[0]


def shown(array: np.ndarray) -> str:
    """As a student can type it, or by its shape."""
    array = np.asarray(array)
    if array.size > 12:
        return f"[…] of shape {list(array.shape)}"
    nested = lambda part: f"[{', '.join(map(nested, part))}]" if isinstance(part, list) else short(part)  # noqa: E731
    return nested(array.tolist())

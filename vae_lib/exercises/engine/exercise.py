"""An exercise: its solution, what it is asked on, and the mistakes. What is judged are statistics of what it gave."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from vae_lib.exercises.engine.mistakes import Mistake, build, pairs
from vae_lib.exercises.engine.observe import Call, Model, Seen, describe, observe, seen_of
from vae_lib.exercises.engine.relations import shaped, what_is
from vae_lib.exercises.engine.statistics import EARNED, Statistic, distance, likeness, misfit
from vae_lib.exercises.engine.verdict import NOT_ATTEMPTED, Check, Verdict

SECOND_CALL = "not-the-same", "A second call, for no gradient, gives other numbers: is something drawn, or kept?"
NO_GRADIENT = "The value carries no gradient: computed under torch.no_grad, detached, or drawn by .sample()?"
NEARER = 25.0  # by so much χ² another explanation is worse, and is not mentioned


@dataclass(frozen=True, eq=False)
class Exercise(Check):
    """Values, and gradients of their sum, on two or more inputs of sizes that cannot collide.

    `parts` is the solution once more, its parts keyword arguments with defaults. `asked` says what each statistic is,
    in the order in which they are looked at. `statistics_of` makes them of a `Seen` and its `Call`, where they are
    not the values and gradients themselves; it may count on the right shapes, which are then looked at first.
    """

    solution: Callable
    parts: Callable
    inputs: Callable[[np.random.Generator], list]  # of dicts, or of `Call`s where more than the inputs is to be said
    asked: dict[str, str]
    right: str
    mistakes: dict[str, Mistake] = field(default_factory=dict)
    gradients: tuple[str, ...] = ()
    axes: tuple[str, ...] = ("batch", "data")  # of the first array of the first input, for words
    seed: int = 0  # of the inputs; with another one, those of a student
    calls: int = 2
    slopes: int = 1
    steps: tuple[str, ...] = ()
    made_of: tuple[str, ...] = ()
    quiet: bool = True
    of: str = ""
    keeps_arguments: bool = True
    statistics_of: Callable[[Seen, Call], dict[str, Statistic]] | None = None
    claims: tuple[str, ...] | None = None  # what a mistake must share, beside what is wrong; None: all before it
    terms: dict[str, Callable] = field(default_factory=dict)  # of the solution, that may count too much or too little
    remark: Callable[[dict[str, Statistic], Call], str] = lambda came, call: ""  # to be said first
    otherwise: dict[str, tuple[str, str]] = field(default_factory=lambda: {"again": SECOND_CALL})  # where none matches
    _memo: dict = field(default_factory=dict, init=False, repr=False)

    def observe(self, answer) -> list[Seen]:
        return observe(answer, self.plan, self.seed)

    @cached_property
    def plan(self) -> list[Call]:
        given = [one if isinstance(one, Call) else Call(one) for one in self.inputs(np.random.default_rng(self.seed))]
        same = {name: getattr(self, name) for name in ("gradients", "calls", "slopes", "made_of", "quiet", "of")}
        return [replace(call, steps=self.steps or call.steps, **same) for call in given]

    def _judge(self, seen: list[Seen]) -> Verdict:
        if seen[0].status == "not attempted":
            return NOT_ATTEMPTED
        good = seen[: next((i for i, one in enumerate(seen) if one.status != "value"), len(seen))]
        if spoiled := self._changed(good, models=True):
            return spoiled
        came = [self.statistics(one, call) for one, call in zip(good, self.plan, strict=False)]
        name, wrong = self._first_difference(came)
        said = self._explain(came, name, wrong) if name else None
        named = said and not said.key.endswith(("/what-is", "/unknown", "/shape", "/not-finite"))
        if said and (name.startswith("shape") or (named and not name.startswith("gradient"))):
            return said
        other = self._nothing(seen) or self._lost(good) or (not named and self._changed(good))
        return other or said or Verdict("right", self.right)

    def _first_difference(self, came: list[dict]) -> tuple[str, list[int]]:
        """The first statistic that is wrong on an input, and those inputs."""
        for name in self.names:
            both = [(i, one[name], self.of_solution[i][name]) for i, one in enumerate(came) if name in one]
            if wrong := [i for i, mine, right in both if misfit(mine, right) == np.inf]:
                return name, wrong
        return "", []

    @property
    def names(self) -> list[str]:
        """Of all statistics: shapes, then what is asked."""
        return [name for name in self.of_solution[0] if name.startswith("shape")] + list(self.asked)

    # What kept it from being judged

    def _nothing(self, seen: list[Seen]) -> Verdict | None:
        for i, one in enumerate(seen):
            if one.status != "value":
                typed = i > 0 and one.status in ("raised", "shapes") and not self.plan[i].note
                more = " The first input was no problem: is a size typed in?" * typed
                return self._wrong(i, one.status, (one.words or "It gave `...` here.") + more, self.first, "nothing")
        return None

    def _lost(self, seen: list[Seen]) -> Verdict | None:
        """A gradient that does not arrive explains more than numbers that differ, and less than a known mistake."""
        for i, one in enumerate(seen):
            if one.lost:
                all_lost = set(one.lost) == set(self.gradients) and len(one.lost) > 1
                why = NO_GRADIENT if all_lost else f"No gradient reaches {' and '.join(one.lost)}: is it detached?"
                return self._wrong(i, "no-gradient", why, self.first, _last(one)[0])
        return None

    def _changed(self, seen: list[Seen], models: bool = False) -> Verdict | None:
        """A model that is another one after the call explains all; another change, what has no name."""
        for i, one in enumerate(seen if self.keeps_arguments else ()):
            names = [n for n in one.changed if not models or isinstance(self.plan[i].inputs[n], Model)]
            if names:
                why = f"It changes its argument {' and '.join(names)}: its caller finds it changed afterwards."
                return self._wrong(i, "changes-arguments", why, self.first, _last(one)[0])
        return None

    # Why it is wrong

    def _explain(self, came: list[dict], name: str, wrong: list[int]) -> Verdict:
        """The mistake, or else what is, or else that it is not known."""
        fine = [i for i in range(len(came)) if name in came[i] and i not in wrong]
        apart = fine and self.plan[wrong[0]].note  # right elsewhere: this input has its own story
        mine, right = came[wrong[0]][name].value, self.of_solution[wrong[0]][name].value
        keys, sentence = self._known(came, name, wrong if apart else list(range(len(came))))
        if not sentence:
            some = wrong if apart else [i for i in range(len(came)) if name in came[i]]
            keys, sentence = self.otherwise.get(name) or self._what_is([came[i][name] for i in some], name, some)
        if not sentence and mine.shape != right.shape:
            of = name.removeprefix("shape").removesuffix(" of value") if name.startswith("shape") else ""
            keys, sentence = shaped(of, mine.shape, right.shape, self.sizes(wrong[0]))
        if not sentence and not np.isfinite(mine).all():
            keys, sentence = "not-finite", f"{(~np.isfinite(mine)).sum()} of the numbers are NaN or infinite."
        what = "gradient is wrong" if name.startswith("gradient") else "numbers differ"
        sentence = sentence or f"The {what}, and not by a mistake that we know."
        if apart:
            sentence = f"On {apart}: {sentence[0].lower()}{sentence[1:]}"
        remark = self.remark(came[wrong[0]], self.plan[wrong[0]])
        return self._wrong(wrong[0], keys or "unknown", remark + sentence, name, mine)

    def _known(self, came: list[dict], name: str, some: list[int]) -> tuple[str, str]:
        """A single mistake wins over a pair; of two or three that fit as well, all are said; of more, none."""
        before = self.names[: self.names.index(name)] if self.claims is None else self.claims
        gradients = [n for n in self.names if n.startswith("gradient")]
        claims = [*dict.fromkeys((*before, name, *(gradients if name in gradients else ())))]
        values = [n for n in self.names if n not in gradients or n in claims]
        for candidates, names in (([(key,) for key in self.mistakes], claims), (pairs(self.mistakes), values)):
            fit = self._fitting(came, candidates, names, some)
            if len(fit) > 1:  # the rest of what is known decides
                fit = self._fitting(came, list(fit), self.names, range(len(came))) or fit
            fit = {keys: misfit for keys, misfit in fit.items() if misfit <= min(fit.values()) + NEARER}
            said = [", and ".join(self.mistakes[key].sentence for key in keys) for keys in fit]
            key = "|".join("+".join(keys) for keys in fit)
            if len(fit) == 1:
                earned = self._earned(came, next(iter(fit)), name, some)
                return key, f"This is what you get if {said[0]}." if earned else f"It looks as if {said[0]}."
            if 1 < len(fit) <= 3:
                return key, f"This looks like one of {('two', 'three')[len(fit) - 2]}: {'; or '.join(said)}."
        return "", ""

    def _fitting(self, came: list[dict], candidates: list[tuple], names: list[str], some: list[int]) -> dict:
        """Those candidates that agree with what came, on every input and in all these statistics, and their χ²."""
        return {keys: off for keys in candidates if (off := self._misfit(came, keys, names, some)) < np.inf}

    def _misfit(self, came: list[dict], keys: tuple, names: list[str], some: list[int]) -> float:
        total = 0.0
        for i, n in ((i, n) for i in some for n in names if n in came[i]):
            theirs = self._of(keys, i, n.startswith("gradient"))
            total += likeness(came[i][n], theirs[n]) if n in theirs else np.inf
            if total == np.inf:
                break
        return total

    def _earned(self, came: list[dict], keys: tuple, name: str, some: list[int]) -> bool:
        """Is the mistake far from what is right, in errors of what came?"""
        theirs = {i: self._of(keys, i, name.startswith("gradient")).get(name) for i in some if name in came[i]}
        far = [distance(Statistic(t.value, came[i][name].error), self.of_solution[i][name]) for i, t in theirs.items()]
        return max(far) >= EARNED

    def _of(self, keys: tuple, i: int, gradients: bool) -> dict[str, Statistic]:
        """The statistics of who makes these mistakes, nothing where it raises: then it is no explanation."""
        function, call = build(self.parts, tuple(self.mistakes[key] for key in keys)), self.plan[i]
        return self._once((keys, i, gradients), lambda: self.statistics(self.ours(function, call, gradients), call))

    def _once(self, key, make: Callable[[], dict]) -> dict:
        """What `make` gives, made once; nothing where it raises."""
        if key not in self._memo:
            try:
                with np.errstate(all="ignore"):
                    self._memo[key] = make()
            except Exception:
                self._memo[key] = {}
        return self._memo[key]

    def _what_is(self, mine: list[Statistic], name: str, some: list[int]) -> tuple[str, str]:
        right, terms = [self.of_solution[i][name] for i in some], {}
        for what, term in self.terms.items() if name in ("value", "mean") else ():
            terms[what] = [_last(self.ours(term, self.plan[i], gradients=False))[0] for i in some]
        sentence = "" if name.startswith("shape") else what_is(mine, right, [self.sizes(i) for i in some], terms)
        return ("what-is", "In the gradient: " * name.startswith("gradient") + sentence) if sentence else ("", "")

    # What `Sampled` does otherwise

    def statistics(self, seen: Seen, call: Call) -> dict[str, Statistic]:
        """The values of the first call, whether the second repeats it, and the gradients."""
        if self.statistics_of:
            shapes = {f"shape of {name}": array.shape[1:] for name, array in seen.values.items()}
            found = {name: Statistic(np.zeros(shape)) for name, shape in shapes.items()}
            return found | (self.statistics_of(seen, call) if shapes == self._shapes(call) else {})
        found = {name: Statistic(array[0]) for name, array in seen.values.items()}
        if "again" in self.asked:
            both = np.nan_to_num(_last(seen)[[0, -1]], nan=np.pi)  # rounding may tell them apart
            found["again"] = Statistic(np.diff(both, axis=0)[0] * (misfit(*map(Statistic, both)) > 0))
        return found | {f"gradient of {name}": Statistic(slopes[0]) for name, slopes in seen.gradients.items()}

    def _shapes(self, call: Call) -> dict[str, tuple]:
        """Of our own values. Raises where they do."""
        return self._once(id(call), lambda: {
            f"shape of {name}": array.shape[1:] for name, array in self.ours(self.parts, call, False).values.items()
        }) or self.ours(self.parts, call, False)  # fmt: skip

    def ours(self, function: Callable, call: Call, gradients: bool = True) -> Seen:
        """What one of our own functions gives. Raises where it raises."""
        made_of = call.made_of if isinstance(function, type) else ()
        names, calls = self.gradients if gradients else (), call.calls if made_of else 1
        seen = seen_of(function, replace(call, gradients=names, calls=calls, made_of=made_of))
        if seen.status != "value":
            raise ValueError(seen.words)
        return seen

    @cached_property
    def of_solution(self) -> list[dict[str, Statistic]]:
        return [self.statistics(self.ours(self.solution, call), call) for call in self.plan]

    # Words

    @property
    def first(self) -> str:
        return "mean" if "mean" in self.asked else next(iter(self.asked))

    def sizes(self, i: int) -> dict[str, int]:
        arrays = {name: array for name, array in self.plan[i].inputs.items() if isinstance(array, np.ndarray)}
        whole = {name: int(array) for name, array in arrays.items() if not array.ndim and array.dtype.kind == "i"}
        shape = next((array.shape for array in arrays.values() if array.ndim), ())
        return whole | dict(zip(self.axes, shape, strict=False))

    def _wrong(self, i: int, key: str, sentence: str, name: str, came) -> Verdict:
        """`came` in words where it is no array; then the right one's shape is what was expected."""
        right = self.of_solution[i].get(name, next(iter(self.of_solution[i].values()))).value
        of_shape = isinstance(came, str) or name.startswith("shape")
        shape_or_numbers = (lambda array: f"shape {list(array.shape)}") if of_shape else describe
        came, expected = came if isinstance(came, str) else shape_or_numbers(came), shape_or_numbers(right)
        asked = self.asked.get(name, self.asked[self.first])
        return Verdict("wrong", sentence, f"{self.name}/{key.replace(' ', '-')}", asked, self.on(i), came, expected)

    def on(self, i: int) -> str:
        """The input, as a student can type it, or in words."""
        call = self.plan[i]
        arrays = {name: np.asarray(given) for name, given in call.inputs.items() if not isinstance(given, Model)}
        parts = [f"{n} = {a.tolist() if a.size <= 12 else f'[…] of shape {list(a.shape)}'}" for n, a in arrays.items()]
        return ", ".join(([call.note] if call.note else []) + parts)


def _last(seen: Seen) -> np.ndarray:
    """The value of the last step."""
    return list(seen.values.values())[-1]

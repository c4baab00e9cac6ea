"""An exercise whose answer is a class: its methods are exercises of their own, judged one after the other."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from vae_lib.exercises.engine.exercise import Exercise
from vae_lib.exercises.engine.observe import Call, Seen, observe
from vae_lib.exercises.engine.verdict import NOT_ATTEMPTED, Check, Verdict


@dataclass(frozen=True, eq=False)
class Together(Check):
    """`pieces` by the name of what they judge; the first that is wrong is said."""

    solution: Callable
    pieces: dict[str, Exercise]
    right: str

    def observe(self, answer) -> list[Seen]:
        return observe(answer, self.plan, next(iter(self.pieces.values())).seed)

    def for_student(self, seed: int) -> "Together":
        return replace(self, pieces={name: piece.for_student(seed) for name, piece in self.pieces.items()})

    @cached_property
    def plan(self) -> list[Call]:
        return [call for piece in self.pieces.values() for call in piece.plan]

    def _judge(self, seen: list[Seen]) -> Verdict:
        rest = iter(seen)
        verdicts = {name: piece.judge_seen([next(rest) for _ in piece.plan]) for name, piece in self.pieces.items()}
        entries = {n: {"right": "right", "not attempted": "open"}.get(v.status, "wrong") for n, v in verdicts.items()}
        for verdict in verdicts.values():
            if verdict.status not in ("right", "not attempted"):
                return replace(verdict, entries=entries)
        still = [name for name, entry in entries.items() if entry == "open"]
        if not still:
            return Verdict("right", self.right, entries=entries)
        done = [name for name in entries if name not in still]
        words = f"{', '.join(done)}: right. Still open: {', '.join(still)}."
        return Verdict("not attempted", words, entries=entries) if done else NOT_ATTEMPTED

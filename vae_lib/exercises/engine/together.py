"""An exercise whose answer is a class: its methods are exercises of their own, judged one after the other."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from vae_lib.exercises.engine.exercise import Exercise
from vae_lib.exercises.engine.observe import Call, Seen, observe
from vae_lib.exercises.engine.verdict import NOT_ATTEMPTED, Verdict

ENTRY = {"not attempted": "open", "right": "right", "wrong": "wrong", "ours is broken": "wrong"}


@dataclass(frozen=True, eq=False)
class Together:
    """`pieces` by the name of what they judge; the first that is wrong is said."""

    name: str
    solution: Callable
    pieces: dict[str, Exercise]
    right: str
    stubbed: str  # the stub's code
    level: str = "core"
    dots: int = 1
    minutes: int = 5

    def __call__(self, answer) -> None:
        print(self.judge(answer))

    def judge(self, answer) -> Verdict:
        """What is to be said of a student's class."""
        return self.judge_seen(observe(answer, self.plan, next(iter(self.pieces.values())).seed))

    def for_student(self, seed: int) -> "Together":
        return replace(self, pieces={name: piece.for_student(seed) for name, piece in self.pieces.items()})

    @cached_property
    def plan(self) -> list[Call]:
        return [call for piece in self.pieces.values() for call in piece.plan]

    def judge_seen(self, seen: list[Seen]) -> Verdict:
        """The verdict on what was observed: pure."""
        verdicts, start = {}, 0
        for name, piece in self.pieces.items():
            verdicts[name] = piece.judge_seen(seen[start : start + len(piece.plan)])
            start += len(piece.plan)
        entries = {name: ENTRY[verdict.status] for name, verdict in verdicts.items()}
        for verdict in verdicts.values():
            if verdict.status not in ("right", "not attempted"):
                return replace(verdict, entries=entries)
        still = [name for name, entry in entries.items() if entry == "open"]
        if not still:
            return Verdict("right", self.right, entries=entries)
        done = [name for name in entries if name not in still]
        words = f"{', '.join(done)}: right. Still open: {', '.join(still)}."
        return Verdict("right", words, entries=entries) if done else NOT_ATTEMPTED

    def stub(self) -> str:
        return self.stubbed

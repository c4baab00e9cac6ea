"""What is said of an answer: fields, made once, the same for student, grader and page."""

from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Verdict:
    """`key` is the mistake's, as "kl/half-missing": two keys joined by "+" are made at once, by "|" undecided.

    `entries` says of each part of an answer (an entry by hand, a method of a class) what it is; "follows" is wrong
    because an entry before it is. `str` is what a student reads.
    """

    status: str
    sentence: str
    key: str = ""
    asked: str = ""
    input: str = ""
    came: str = ""
    expected: str = ""
    entries: dict[str, str] = field(default_factory=dict)
    schema: int = 1

    def __str__(self) -> str:
        mark = {"right": "✓ ", "wrong": "✗ "}.get(self.status, "")
        lines = {name: getattr(self, name) for name in ("asked", "input", "came", "expected")}
        return "\n".join([mark + self.sentence, *(f"  {n + ':':10}{line}" for n, line in lines.items() if line)])


NOT_ATTEMPTED = Verdict("not attempted", "Not attempted yet.")


@dataclass(frozen=True, eq=False, kw_only=True)
class Check:
    """What every kind of exercise does with an answer: `judge` observes it and judges what was seen."""

    name: str
    effort: str = "core · ●○○ · 5 minutes"

    def __call__(self, answer) -> None:
        print(self.judge(answer))

    def judge(self, answer) -> Verdict:
        """What is to be said of a student's answer."""
        return self.judge_seen(self.observe(answer))

    def judge_seen(self, seen) -> Verdict:
        """The verdict on what was observed. Pure: the answer itself is not needed."""
        try:
            return self._judge(seen)
        except Exception as error:  # a bug of ours: an answer has no way to raise here
            words = f"Our check broke, which says nothing of your answer ({type(error).__name__}: {error})."
            return Verdict("ours is broken", words)

    def for_student(self, seed: int) -> "Check":
        """The same on other inputs, of the same sizes."""
        return replace(self, seed=seed)

"""What is said of an answer: fields, made once, the same for student, grader and page."""

import json
from dataclasses import asdict, dataclass, field

STATUSES = ("not attempted", "right", "wrong", "ours is broken")
ENTRIES = ("right", "wrong", "follows", "open")


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

    def __post_init__(self):
        if self.status not in STATUSES:
            raise ValueError(f"expected a status in {STATUSES}, got {self.status!r}")

    def __str__(self) -> str:
        mark = {"right": "✓ ", "wrong": "✗ "}.get(self.status, "")
        lines = {name: getattr(self, name) for name in ("asked", "input", "came", "expected")}
        return "\n".join([mark + self.sentence, *(f"  {n + ':':10}{line}" for n, line in lines.items() if line)])

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


NOT_ATTEMPTED = Verdict("not attempted", "Not attempted yet.")

SCHEMA = {  # JSON Schema
    "type": "object",
    "additionalProperties": False,
    "required": list(Verdict.__dataclass_fields__),
    "properties": {
        "status": {"enum": list(STATUSES)},
        "key": {"type": "string", "pattern": r"^$|^[a-z_]+/[a-z0-9-]+([+|][a-z0-9-]+)*$"},
        **{name: {"type": "string"} for name in ("sentence", "asked", "input", "came", "expected")},
        "entries": {"type": "object", "additionalProperties": {"enum": list(ENTRIES)}},
        "schema": {"const": 1},
    },
}


def ours_is_broken(error: Exception) -> Verdict:
    words = f"{type(error).__name__}: {error}"
    return Verdict("ours is broken", f"Our check broke, which says nothing of your answer ({words}).")

"""An exercise on paper: a model answer, and the points by which a reader judges his own. It has no verdict."""

from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class OnPaper:
    """`rubric` has two or three points, each a sentence that is true of a good answer."""

    name: str
    answer: str
    rubric: tuple[str, ...]
    effort: str = "core · ●○○ · 5 minutes"

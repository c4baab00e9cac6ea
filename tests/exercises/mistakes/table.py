"""Both tables, gathered from the chapters. As a script (`make mistakes`) it prints them and fails where a row fails."""

import importlib
import io
import sys
from contextlib import redirect_stdout
from itertools import combinations
from pathlib import Path
from types import FunctionType

import torch

from vae_lib import exercises
from vae_lib.exercises.verdict import Question

CHAPTERS = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in ("__init__", "table"))
MODULES = [importlib.import_module(f"mistakes.{name}") for name in CHAPTERS]
MISTAKES = [row for module in MODULES for row in module.MISTAKES]
UNUSUAL = [row for module in MODULES for row in module.UNUSUAL]
ALL_CHECKS = [getattr(exercises, name) for name in exercises.__all__ if name.startswith("check_")]
CHECKS = [check for check in ALL_CHECKS if isinstance(check, FunctionType)]  # of the older form


def said(check, answer) -> str:
    """What the check prints about the answer."""
    with redirect_stdout(io.StringIO()) as printed:
        check(answer)
    return printed.getvalue().strip()


def questions() -> dict[str, Question]:
    """Every question of the checks, by its module and name."""
    modules = {getattr(check, "__module__", "") for check in CHECKS}
    found = {f"{m.split('.')[-1]}.{name}": value for m in modules for name, value in vars(sys.modules[m]).items()}
    return {name: value for name, value in sorted(found.items()) if isinstance(value, Question)}


def distances(question: Question) -> dict[tuple[str, str], float]:
    """How far the values of any two mistakes, and of each and the right answer, lie apart, relative to the larger."""
    values = {"the right answer": question.expected} | question.mistakes
    return {(a, b): distance(values[a], values[b]) for a, b in combinations(values, 2)}


def distance(a: torch.Tensor, b: torch.Tensor) -> float:
    if a.shape != b.shape or not (torch.equal(a.isfinite(), b.isfinite()) and torch.equal(a.isnan(), b.isnan())):
        return float("inf")
    a, b = (values.detach().double().nan_to_num(0, 0, 0) for values in (a, b))
    return ((a - b).abs().max() / torch.stack([a.abs().max(), b.abs().max()]).max().clamp(min=1e-12)).item()


def main() -> int:
    rows = [(row, row.says in said(row.check, row.answer)) for row in MISTAKES]
    rows += [(row, said(row.check, row.answer).startswith("✓")) for row in UNUSUAL]
    for row, passed in rows:
        what = f"named: … {row.says} …" if hasattr(row, "says") else "passes"
        print(f"{'ok    ' if passed else 'FAILED'} | {row.check.__name__} | {row.name} | {what}")
    print("\nThe two mistakes of a question that lie closest to one another, relative to their size:")
    for name, question in questions().items():
        if question.mistakes:
            (a, b), closest = min(distances(question).items(), key=lambda item: item[1])
            print(f"{closest:8.3f} | {name} | {a} — {b}")
    failed = sum(not passed for _, passed in rows)
    print(f"\n{len(MISTAKES)} mistakes and {len(UNUSUAL)} unusual right answers: {failed} failed.")
    return 1 if failed else 0


if __name__ == "__main__":
    torch.set_num_threads(1)
    sys.exit(main())

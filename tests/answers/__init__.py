"""Answers as students wrote them, one file an exercise, with the key of the mistake that they must get.

Each file has `ANSWERS`, a list of (answer, what is wrong with it, key), the key empty where the answer is right, and
an `oracle`, a right answer by another route (of a class: one for each method that has one, by name). They import torch,
numpy and the standard library alone, so that they can be observed where no exercise is. `blind_*.py` have in the key's
place whether the answer is right: nobody who wrote them had seen a mistake's sentence.
"""

from importlib import import_module
from pathlib import Path
from types import ModuleType

NAMES = [path.stem for path in sorted(Path(__file__).parent.glob("*.py")) if path.stem != "__init__"]


def files() -> dict[str, ModuleType]:
    """The answers' files, by the exercise's name."""
    return {name: import_module(f"answers.{name}") for name in NAMES if not name.startswith("blind_")}


def blind() -> dict[str, ModuleType]:
    return {name[6:]: import_module(f"answers.{name}") for name in NAMES if name.startswith("blind_")}

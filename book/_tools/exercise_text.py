"""An exercise's cells as text, made of its file: the task of the docstring, the stub, the solution.

The docstring is Markdown: a title, the task, and `## Hint: …` headings. Its first line is not shown: it is the
exercise's name in lists. What the file may say beside: `ANSWER`, `STUB`, `SOLUTION` (see `answer`, `stub`, `solution`).
"""

import ast
import inspect
import re
from textwrap import dedent
from types import ModuleType

from vae_lib.exercises.engine import OnPaper

HINT = re.compile(r"<details><summary>Hint \d: (.*?)</summary>\n\n(.*?)\n\n</details>\n?", re.DOTALL)


def name_of(module: ModuleType) -> str:
    return module.__name__.split(".")[-1]


def read(docstring: str) -> dict:
    """Title, task and hints, {title of the hint: text}."""
    head, *hints = re.split(r"^## Hint: ", docstring.strip(), flags=re.MULTILINE)
    title, _, task = head.partition("\n")
    parts = [hint.partition("\n") for hint in hints]
    return {"title": title.removeprefix("# "), "task": task.strip(), "hints": {t: text.strip() for t, _, text in parts}}


def task_cell(docstring: str, heading: str) -> str:
    """The task's Markdown cell: the heading, the task, its hints folded."""
    text = read(docstring)
    hints = [
        f"<details><summary>Hint {i}: {title}</summary>\n\n{hint}\n\n</details>"
        for i, (title, hint) in enumerate(text["hints"].items(), 1)
    ]
    return f"### {heading}\n\n{text['task']}\n\n" + "\n".join(hints)


def docstring_of(cell: str, title: str) -> str:
    """The way back, for a task that was edited in its cell: what `task_cell` would make the cell of."""
    body = re.sub(r"\A.*?^### [^\n]*\n", "", cell, flags=re.DOTALL | re.MULTILINE)
    hints = "".join(f"\n\n## Hint: {hint}\n{text}" for hint, text in HINT.findall(body))
    return f"# {title}\n\n{HINT.sub('', body).strip()}{hints}\n"


def answer(module: ModuleType) -> str:
    """What the student gives a name: `my_kl`, or `ANSWER`."""
    return getattr(module, "ANSWER", f"my_{name_of(module)}")


def stub(module: ModuleType) -> str:
    """A function of the solution's signature and docstring, or `STUB`."""
    if hasattr(module, "STUB"):
        return module.STUB
    solution = module.solution
    return f'def {answer(module)}{inspect.signature(solution)}:\n    """{solution.__doc__}"""\n    return ...'


def stub_cell(module: ModuleType) -> str:
    check, text = f"check_{name_of(module)}", stub(module).strip("\n")
    apart = "\n\n\n" if text.startswith(("def ", "class ")) else "\n\n"
    return f"from vae_lib.exercises import {check}{apart}{text}{apart}{check}({answer(module)})"


def model_answer(on_paper: OnPaper, number: str) -> str:
    """The folded cell of an exercise on paper: a good answer, and the points by which a reader judges his own."""
    points = "\n".join(f"- ☐ {point}" for point in on_paper.rubric)
    body = f"{on_paper.answer.strip()}\n\nYours is good if it says these things:\n\n{points}"
    return f"<details><summary>A model answer to {number}</summary>\n\n{body}\n\n</details>"


def solution_cell(module: ModuleType, number: str) -> str:
    """The solution's source under a name of its own, and the check on it; or `SOLUTION`."""
    return f"# @title Solution {number}\n{getattr(module, 'SOLUTION', None) or solution(module)}".rstrip("\n")


def solution(module: ModuleType) -> str:
    thing = getattr(module, "solution", None) or module.Solution
    name = f"{answer(module).removeprefix('my_').removeprefix('My')}_solution"
    name = name.replace("_solution", "Solution") if inspect.isclass(thing) else name
    source = re.sub(rf"\b{thing.__name__}\b", name, without_docstring(dedent(inspect.getsource(thing))), count=1)
    return f"{source}\n\n\ncheck_{name_of(module)}({name})"


def without_docstring(source: str) -> str:
    """The stub says it already."""
    first = ast.parse(source).body[0].body[0]
    lines = source.rstrip().split("\n")
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        del lines[first.lineno - 1 : first.end_lineno]
    return "\n".join(lines)

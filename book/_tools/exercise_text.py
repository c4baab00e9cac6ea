"""An exercise's text is its module's docstring: Markdown with `## Hint: …` headings, and `{x}` for its numbers."""

import re
from inspect import signature
from types import ModuleType


def read(docstring: str, fields: dict | None = None) -> dict:
    """Title, task and hints, {title of the hint: text}."""
    filled = re.sub(r"\{(\w+)\}", lambda m: str((fields or {}).get(m[1], m[0])), docstring.strip())
    head, *hints = re.split(r"^## Hint: ", filled, flags=re.MULTILINE)
    title, _, task = head.partition("\n")
    parts = [hint.partition("\n") for hint in hints]
    return {"title": title.removeprefix("# "), "task": task.strip(), "hints": {t: text.strip() for t, _, text in parts}}


def task_cell(docstring: str, heading: str, fields: dict | None = None) -> str:
    """The task's Markdown cell: the heading, the task, three folded hints."""
    text = read(docstring, fields)
    hints = [
        f"<details><summary>Hint {i}: {title}</summary>\n\n{hint}\n\n</details>"
        for i, (title, hint) in enumerate(text["hints"].items(), 1)
    ]
    return f"### {heading}\n\n{text['task']}\n\n" + "\n".join(hints)


def answer(module: ModuleType) -> str:
    """What the student gives a name: `my_kl`, or as the module says."""
    return getattr(module, "ANSWER", f"my_{module.__name__.split('.')[-1]}")


def stub(module: ModuleType) -> str:
    """The stub: a function of the solution's signature and docstring, or as the module says."""
    if hasattr(module, "STUB"):
        return module.STUB
    solution = module.solution
    return f'def {answer(module)}{signature(solution)}:\n    """{solution.__doc__}"""\n    return ...'

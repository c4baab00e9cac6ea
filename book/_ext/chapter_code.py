"""What the chapters' code uses of the library: read from their cells, so that no link between the two is a guess."""

import ast
import re
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

CHAPTERS = {int(path.name[:2]): path for path in sorted(Path(__file__).parents[1].glob("[0-9][0-9]_*.ipynb"))}


@cache
def used_in(chapter: int) -> dict[str, str]:
    return used_by(_code(CHAPTERS[chapter]))


def used_by(code: str) -> dict[str, str]:
    """The library's functions and classes: the name in the code (`elbo`, `figures.bound`) → full name."""
    tree = ast.parse(code)
    imported = {name: thing for node in ast.walk(tree) for name, thing in _imports(node)}
    reached = {
        ast.unparse(node): getattr(imported[node.value.id], node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        if isinstance(imported.get(node.value.id), ModuleType)
    }
    return full_names(imported | reached)


def full_names(things: dict) -> dict[str, str]:
    """Those of the library's functions and classes among `things`: name → full name."""
    ours = {name: thing for name, thing in things.items() if isinstance(thing, type | FunctionType)}
    full = {name: f"{thing.__module__}.{thing.__qualname__}" for name, thing in ours.items()}
    return {name: full_name for name, full_name in full.items() if full_name.startswith("vae_lib.")}


def chapters_that_use(full_name: str) -> list[int]:
    return [chapter for chapter in CHAPTERS if full_name in used_in(chapter).values()]


def chapter_of(docname: str) -> int | None:
    number = re.match(r"book/(\d\d)_", docname)
    return int(number[1]) if number else None


def markdown_of(chapter: int) -> list[str]:
    """The chapter's Markdown cells."""
    return [cell.source for cell in nbformat.read(CHAPTERS[chapter], 4).cells if cell.cell_type == "markdown"]


def _code(path: Path) -> str:
    cells = [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    return "\n".join(TransformerManager().transform_cell(source) for source in cells)


def _imports(node) -> list[tuple]:
    if not (isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "vae_lib"):
        return []
    names = [alias.name for alias in node.names]
    module = __import__(node.module, fromlist=names)
    return [(alias.asname or alias.name, getattr(module, alias.name)) for alias in node.names]

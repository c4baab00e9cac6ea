"""Every chapter: what a cell shows besides figures, as Markdown that the page, Colab and JupyterLab all render."""

import ast
import inspect
import re
import textwrap

from IPython.display import Markdown


def show_source(*objects) -> Markdown:
    """The source of functions or classes of the library, highlighted, without docstrings (api.md has those).

    A chapter that shows its code this way cannot drift from the library that it runs.
    """
    blocks = [_without_docstrings(inspect.getsource(thing)) for thing in objects]
    return Markdown("```python\n" + "\n\n".join(blocks) + "\n```")


def table(header: list[str], rows: list[list]) -> Markdown:
    """A Markdown table: `header` names the columns, cells are shown with `str`; format numbers before. `|` is escaped,
    and the hyphen of a negative number becomes a minus sign, except in formulas, `$…$`, and code. Raises ValueError if
    a row has not as many cells as the header.
    """
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"expected {len(header)} cells in each row, got {len(row)}: {row}")
    lines = [header, ["---"] * len(header), *rows]
    return Markdown("\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines))


def _cell(content) -> str:
    """The text of a cell: formulas and code as they are, "-1" elsewhere as "−1"."""
    signed = re.sub(r"(`[^`]*`|\$[^$]*\$)|(?<!\w)-(?= ?[\d.])", lambda found: found[1] or "−", str(content))
    return signed.replace("|", "\\|")


def _without_docstrings(source: str) -> str:
    source = textwrap.dedent(source)
    lines = source.rstrip().split("\n")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            docstring = node.body[0]
            lines[docstring.lineno - 1 : docstring.end_lineno] = [None] * (docstring.end_lineno - docstring.lineno + 1)
    text = "\n".join(line for line in lines if line is not None)
    return textwrap.dedent(text).replace(":\n\n", ":\n")

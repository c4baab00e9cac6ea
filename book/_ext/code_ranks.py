"""A chapter's code in three ranks: the idea is shown; a fold of checks says how many pass; the rest is folded by name.

A cell whose label begins "Show the check" or "Show what was checked" holds checks. A cell that does no more than call
`show_source` shows the source alone, under the names that it defines.
"""

import ast
import re

from parsed_pages import parsed

CHECKS = re.compile(r"^Show (?:the checks?|what was checked)\b (.*)")
DEFINED = re.compile(r"^(?:def|class) (\w+)", re.MULTILINE)
FROM = '<p class="source-of">From the library: {names}</p>'


def rank(app, docname, body):
    for cell in body.select("div.cell:has(> .cell_output, > details.hide)"):
        if code := cell.select_one(".cell_input pre"):
            drop_call(cell, code.get_text())
            count_checks(cell, code.get_text())


def drop_call(cell, code: str):
    """Where a cell only prints the library's source, the names in place of the call."""
    if re.fullmatch(r"show_source\([^()]*\)", code.strip()):
        shown = cell.select_one(".cell_output pre").get_text()
        names = ", ".join(f"<code>{name}</code>" for name in DEFINED.findall(shown))
        cell.select_one("details.hide, .cell_input").replace_with(parsed(FROM.format(names=names)))


def count_checks(cell, code: str):
    labels = cell.select("details.hide > summary > .admonition-title")
    if labels and (checked := CHECKS.match(labels[0].get_text())):
        for label in labels:
            label.string = said(number_of_checks(code), checked[1])
        if not cell.select_one(".cell_output"):
            cell["class"] = [*cell["class"], "checks"]


def said(number: int, checked: str) -> str:
    return f"✓ {number} passing {'check' if number == 1 else 'checks'} {checked}"


def number_of_checks(code: str) -> int:
    """The assertions as they are written: one in a loop is one."""
    nodes = list(ast.walk(ast.parse(code)))
    calls = [node.func.attr for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    return sum(isinstance(node, ast.Assert) for node in nodes) + calls.count("assert_close")


def setup(app):
    app.connect("chapter-parsed", rank)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

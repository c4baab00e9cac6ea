"""How long a chapter takes, in minutes of reading: `minutes.py [CHAPTER…]` prints each section's.

What stands on the page is counted, folded text and code are not: words at 200 a minute (a formula in the text is one),
20 s a line of a displayed equation, 4 s a line of shown code or of the few that it prints, 15 s a printed table, 45 s a
figure, 4 min a live figure with its tasks (a fold "What we found" follows it), 30 s a *Predict first*. Exercises are
stated apart: each file says its minutes, one and a half times those of a fluent solver.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

DEEPER = re.compile(r"^(##+) .*\*\(deeper\)\*$")
MATRIX = re.compile(r"\\begin\{(\w*matrix)\}.*?\\end\{\1\}", re.DOTALL)  # its rows are one line
FOLDED = {"hide-cell", "remove-cell", "solution", "exercise"}
SECTIONS = ("## ",)
APART = "Exercises", "Solutions", "Where to read on"
CODE, TABLE, FIGURE, LIVE, PREDICT, EQUATION, WORD = 4, 15, 45, 240, 30, 20, 60 / 200


def parts(source: str) -> list[str]:
    """Markdown, cut before its headings of sections."""
    return [part for part in re.split(r"^(?=##+ )", source, flags=re.MULTILINE) if part] or [""]


def level(part: str, before: int) -> int:
    """The level of the deeper section that this part is in, 0 in none; `before` is that of what stands above it."""
    hashes = len(re.match("#*", part)[0])
    if not hashes or hashes > (before or 9):
        return before
    return hashes if DEEPER.match(part.split("\n")[0]) else 0


def pieces(notebook: NotebookNode, levels: tuple[str, ...] = SECTIONS) -> Iterator[tuple[str, bool, NotebookNode, str]]:
    """(heading of one of these levels, is it deeper?, cell, its part below this heading), in the chapter's order."""
    heading, deeper = "Opening", 0
    for cell in notebook.cells:
        for part in parts(cell.source) if cell.cell_type == "markdown" else [""]:
            deeper = level(part, deeper)
            heading = part.split("\n")[0].strip("# ") if part.startswith(levels) else heading
            yield heading, deeper > 0, cell, part


def seconds_of_text(text: str) -> float:
    text = re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL)
    displays = re.findall(r"\$\$(.*?)\$\$", text, flags=re.DOTALL)
    lines = sum(1 + MATRIX.sub("", display).count(r"\\") for display in displays)
    running = re.sub(r"\$\$.*?\$\$", "", text, flags=re.DOTALL)
    running = re.sub(r"\$[^$\n]+\$", "formula", re.sub(r"\]\([^)]*\)", "]", running))
    words = len(re.findall(r"\w[\w’'.-]*", running))
    return EQUATION * lines + WORD * words + PREDICT * text.count("**Predict first.**")


def seconds_of_output(output: dict) -> float:
    if "data" not in output:
        return min(TABLE, CODE * lines_of(output["text"]))
    data = output["data"]
    if "text/html" in data and "<script" in "".join(data["text/html"]):
        return FIGURE
    if any(kind.startswith("image/") for kind in data):
        return FIGURE
    if source := data.get("text/markdown"):
        code = re.findall(r"```\w*\n(.*?)```", source, flags=re.DOTALL)
        rest = re.sub(r"```.*?```", "", source, flags=re.DOTALL)
        tables = len(re.findall(r"^\|[ :|-]+\|$", rest, flags=re.MULTILINE))
        rest = re.sub(r"^\|.*\|$", "", rest, flags=re.MULTILINE)
        return CODE * sum(lines_of(block) for block in code) + TABLE * tables + seconds_of_text(rest)
    return TABLE


def lines_of(code: str) -> int:
    return sum(bool(line.strip()) for line in code.split("\n"))


def seconds_of_code(cell: NotebookNode, tasks: bool) -> float:
    tags = set(cell.metadata.get("tags", []))
    if tags & FOLDED:
        return 0
    shown = 0 if "hide-input" in tags else CODE * lines_of(cell.source)
    outputs = sum(seconds_of_output(output) for output in cell.outputs)
    live = any("<script" in output.get("data", {}).get("text/html", "") for output in cell.outputs)
    return shown + (outputs if not (live and tasks) else LIVE)


def sections(notebook: NotebookNode, levels: tuple[str, ...] = SECTIONS) -> list[tuple[str, bool, float]]:
    """(heading, is it deeper?, seconds), those apart left out; with "### " among `levels`, what is below them apart."""
    found: dict[tuple[str, bool], float] = {}
    after = {a.id: b.source for a, b in zip(notebook.cells, notebook.cells[1:], strict=False)}
    for heading, deeper, cell, part in pieces(notebook, levels):
        tasks = "<summary>What we found</summary>" in after.get(cell.id, "")
        seconds = seconds_of_text(part) if cell.cell_type == "markdown" else seconds_of_code(cell, tasks)
        if heading not in APART:
            found[heading, deeper] = found.get((heading, deeper), 0) + seconds
    return [(*key, seconds) for key, seconds in found.items()]


def reading(path: Path) -> dict[str, float]:
    """Minutes of reading: those of the core path, and those of all."""
    rows = sections(nbformat.read(path, as_version=4))
    return {
        "core": sum(seconds for _, deeper, seconds in rows if not deeper) / 60,
        "all": sum(seconds for *_, seconds in rows) / 60,
    }


def about(minutes: float) -> int:
    """As the page says it: rounded to 5."""
    return max(5, 5 * round(minutes / 5))


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:] or sorted(Path(__file__).parents[1].glob("[0-9]*.ipynb"))):
        for heading, deeper, seconds in sections(nbformat.read(path, as_version=4)):
            print(f"{seconds / 60:6.1f}  {'deeper' if deeper else 'core  '}  {heading}")
        print(path.name, {what: round(minutes, 1) for what, minutes in reading(path).items()})

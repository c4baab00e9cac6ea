"""The chapters as students edit them, each run to its end: `make edits`; each edit alone: `make edits-alone`, weekly.

`NAME.toml` lists a chapter's edits: `words`, the `old` source, which stands once in the chapter's code, and the `new`;
those that exclude others are marked `alone`. Where the outcome differs from what the text tells, a cell tagged
`recorded` may say so, as an AssertionError whose message says what was changed; no other cell may raise.
"""

import sys
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

HERE = Path(__file__).parent
BOOK = HERE.parents[1] / "book"
CHANGED = "you changed something"


def edits(chapter: str) -> list[dict]:
    return tomllib.loads((HERE / f"{chapter}.toml").read_text())["edit"]


def chapters() -> list[str]:
    return [path.stem for path in sorted(BOOK.glob("[0-9]*.ipynb"))]


def places(notebook, old: str) -> list:
    """The cells of code in which it stands, one entry for each time; solutions are not edited."""
    code = [c for c in notebook.cells if c.cell_type == "code" and "solution" not in c.metadata.get("tags", [])]
    return [cell for cell in code for _ in range(cell.source.count(old))]


def edited(chapter: str, some: list[dict]):
    notebook = nbformat.read(BOOK / f"{chapter}.ipynb", as_version=4)
    for edit in some:
        [cell] = places(notebook, edit["old"])
        cell.source = cell.source.replace(edit["old"], edit["new"])
    for cell in notebook.cells:
        if "recorded" in cell.metadata.get("tags", []):
            cell.metadata.tags = [*cell.metadata.tags, "raises-exception"]
    return notebook


def fault(notebook) -> str:
    """What a cell raised that may not, or nothing."""
    try:
        NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(BOOK)}}).execute()
    except CellExecutionError as error:
        return str(error)
    raised = [o for c in notebook.cells for o in c.get("outputs", []) if o.output_type == "error"]
    return "\n".join(f"{o.ename}: {o.evalue}" for o in raised if o.ename != "AssertionError" or CHANGED not in o.evalue)


def run(chapter: str, some: list[dict]) -> bool:
    start, words = time.perf_counter(), "; ".join(edit["words"] for edit in some)
    found = fault(edited(chapter, some))
    print(f"{chapter} | {words} | {time.perf_counter() - start:.0f} s | {found or 'runs to its end'}", flush=True)
    return not found


def copies(chapter: str, each_alone: bool) -> list[list[dict]]:
    every = edits(chapter)
    return [[edit] for edit in every] if each_alone else [[edit for edit in every if not edit.get("alone")]]


def main(each_alone: bool, names: list[str]) -> int:
    plan = [(name, some) for name in names or chapters() for some in copies(name, each_alone)]
    with ThreadPoolExecutor(2) as pool:
        return int(not all(list(pool.map(lambda one: run(*one), plan))))


if __name__ == "__main__":
    sys.exit(main("alone" in sys.argv, [name for name in sys.argv[1:] if name != "alone"]))

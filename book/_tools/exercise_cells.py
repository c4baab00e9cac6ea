"""The chapters' cells of exercises, written from their files: `exercise_cells.py check`, `adopt`, or `new NAME`.

A chapter has one Markdown cell an exercise, which begins with `<!-- exercise: kl -->`. Below that line `make notebooks`
writes the task, after it the stub, and all solutions, folded, below "## Solutions" after the chapter's last exercise.
An exercise on paper has no stub, and a model answer with its points for a solution.
The place in the chapter gives the number. A task's id stands in its metadata too, by which Colab knows it. `check`
(`make check-notebooks`) says which cells differ from their files, and runs nothing; `adopt` (`make adopt`) takes a task
that was edited in its cell back into the file; `new` (`make exercise`) starts one. A cell that was edited since it was
written stops everything, with its diff.
"""

import re
import sys
from difflib import unified_diff
from hashlib import sha256
from importlib import import_module
from inspect import getsourcefile
from pathlib import Path
from types import ModuleType

import exercise_text
import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from vae_lib.exercises.engine import OnPaper

MARKER = re.compile(r"<!-- exercise: (\w+) -->(?:\n|$)")
HEADING = re.compile(r"^### Exercise \d+\.\d+", re.MULTILINE)
SOLUTIONS = "## Solutions"
ROOT = Path(__file__).resolve().parents[2]
FOLDED = {"cellView": "form", "jupyter": {"source_hidden": True}, "tags": ["hide-cell", "solution"]}


class Edited(Exception):
    """A cell that somebody changed by hand, with the diff to what its file says."""


def module_of(cell: NotebookNode) -> ModuleType | None:
    """The file of an exercise that this task is of. Raises ModuleNotFoundError, with the cell's name, where none is."""
    found = MARKER.match(cell.source)
    return import_module(f"vae_lib.exercises.{found[1]}") if found else None


def check_of(module: ModuleType):
    return getattr(module, f"check_{exercise_text.name_of(module)}")


def heading(module: ModuleType, number: str) -> str:
    return f"Exercise {number} · {check_of(module).effort}"


def task(module: ModuleType, number: str) -> str:
    marker = f"<!-- exercise: {exercise_text.name_of(module)} -->"
    return f"{marker}\n{exercise_text.task_cell(module.__doc__, heading(module, number))}"


def tasks(notebook: NotebookNode) -> list[NotebookNode]:
    """The chapter's tasks in their order, those too that have no file."""
    return [cell for cell in notebook.cells if MARKER.match(cell.source) or HEADING.match(cell.source)]


def written(notebook: NotebookNode, chapter: int) -> list[NotebookNode]:
    """All cells as they should be. Raises Edited."""
    cells = {cell.id: cell for cell in notebook.cells}
    ours = [cell for cell in notebook.cells if "exercise" in cell.metadata and not MARKER.match(cell.source)]
    rest, solutions = [cell for cell in notebook.cells if cell not in ours], []
    for k, cell in enumerate(tasks(notebook), 1):
        number, module = f"{chapter}.{k}", module_of(cell)
        if module is None:
            cell.source, cell.metadata["id"] = HEADING.sub(f"### Exercise {number}", cell.source, count=1), cell.id
            solutions += [prompted(other, number) for other in rest if other.id == f"{cell.id}-solution"]
            continue
        cell = put(cell, task(module, number))
        cell.id = cell.metadata["id"] = f"exercise-{exercise_text.name_of(module)}"
        stub, solution = below(cells, module, number)
        rest[rest.index(cell) + 1 : rest.index(cell) + 1] = stub
        solutions.append(solution)
    return with_solutions([cell for cell in rest if cell not in solutions], solutions)


def below(cells: dict[str, NotebookNode], module: ModuleType, number: str) -> tuple[list[NotebookNode], NotebookNode]:
    """An exercise's stub, in a list that is empty for one on paper, and its solution."""
    stub, solution = (f"exercise-{exercise_text.name_of(module)}-{what}" for what in ("stub", "solution"))
    if isinstance(check_of(module), OnPaper):
        model = cells.get(solution) or new_markdown_cell(id=solution, metadata={"tags": ["solution"]})
        return [], put(model, exercise_text.model_answer(check_of(module), number))
    code = put(of_id(cells, solution, FOLDED), exercise_text.solution_cell(module, number))
    return [put(of_id(cells, stub, {"tags": ["exercise"]}), exercise_text.stub_cell(module))], prompted(code, number)


def with_solutions(cells: list[NotebookNode], solutions: list[NotebookNode]) -> list[NotebookNode]:
    """All solutions below one heading, right before the summary."""
    cells = [cell for cell in cells if cell.source != SOLUTIONS]
    end = next(i for i, cell in enumerate(cells) if cell.source.startswith("## Summary"))
    title = new_markdown_cell(SOLUTIONS, id="solutions")
    return [*cells[:end], *([title] if solutions else []), *solutions, *cells[end:]]


def prompted(solution: NotebookNode, number: str) -> NotebookNode:
    """The page says whose solution it folds."""
    prompts = {f"code_prompt_{do.lower()}": f"{do} the solution of {number}" for do in ("Show", "Hide")}
    solution.metadata["mystnb"] = solution.metadata.get("mystnb", {}) | prompts
    return solution


def of_id(cells: dict[str, NotebookNode], name: str, metadata: dict) -> NotebookNode:
    return cells.get(name) or new_code_cell(id=name, metadata=metadata)


def put(cell: NotebookNode, source: str) -> NotebookNode:
    """The cell with this source, and its hash, by which an edit is seen. Raises Edited."""
    known = cell.metadata.get("exercise", {}).get("hash")
    if known and cell.source != source and known != hash_of(cell.source):
        diff = unified_diff(source.split("\n"), cell.source.split("\n"), "the file", f"the cell {cell.id}", lineterm="")
        raise Edited("\n".join(diff))
    cell.source, cell.metadata["exercise"] = source, {"hash": hash_of(source)}
    return cell


def hash_of(source: str) -> str:
    return sha256(source.encode()).hexdigest()[:16]


def differences(path: Path) -> list[str]:
    """The cells of a chapter that are not what their files say, or not where they belong."""
    notebook = nbformat.read(path, as_version=4)
    before = {cell.id: cell.source for cell in notebook.cells}
    try:
        after = {cell.id: cell.source for cell in written(notebook, number_of(path))}
    except Edited as error:
        return [str(error)]
    changed = [name for name, source in after.items() if before.get(name) != source]
    return changed or ["the order of its cells"] * (list(before) != list(after))


def number_of(path: Path) -> int:
    return int(path.stem.split("_")[0])


def adopt(path: Path) -> list[str]:
    """Take edited tasks back into their files' docstrings; the files."""
    taken, notebook = [], nbformat.read(path, as_version=4)
    for k, cell in enumerate(tasks(notebook), 1):
        module = module_of(cell)
        if module and cell.source != task(module, f"{number_of(path)}.{k}"):
            file = Path(getsourcefile(module))
            new = exercise_text.docstring_of(cell.source, exercise_text.read(module.__doc__)["title"])
            file.write_text(file.read_text().replace(module.__doc__, new, 1))
            cell.metadata.pop("exercise", None)  # what is in the cell is what was meant
            taken.append(file.name)
    nbformat.write(notebook, path)
    return taken


def start(name: str) -> list[Path]:
    """A new exercise and its answers, from the example of the staff page. Raises FileExistsError."""
    page = (ROOT / "book" / "staff.md").read_text()
    example, answers = re.findall(r"^```python\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)[1:3]
    files = {ROOT / "vae_lib" / "exercises" / f"{name}.py": example, ROOT / "tests" / "answers" / f"{name}.py": answers}
    for path, text in files.items():
        with path.open("x") as file:
            file.write(re.sub(r"(?<![a-z])bits(?![a-z])", name, text))
    return list(files)


def main(command: str, name: str = "") -> int:
    paths = sorted((ROOT / "book").glob("[0-9]*.ipynb"))
    if command == "new":
        print(*start(name), sep="\n")
        return 0
    what, one = ("taken into", adopt) if command == "adopt" else ("differs from its file:", differences)
    found = [f"{path.name} {what} {each}" for path in paths for each in one(path)]
    print(*found, sep="\n", end="\n" * bool(found))
    return command == "check" and bool(found)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

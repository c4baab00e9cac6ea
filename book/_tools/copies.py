"""Copies of the chapters in a given folder: `copies.py FOLDER student`, `copies.py FOLDER twice`, or both at once.

Student, as one sees them who solved nothing; twice, as one runs them who starts again without a restart.
"""

import sys
from copy import deepcopy
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from notebooks import chapters


def student(notebook: NotebookNode) -> None:
    """Empties every solution cell."""
    for cell in notebook.cells:
        if "solution" in cell.metadata.get("tags", []):
            cell.source, cell.outputs = "", []


def twice(notebook: NotebookNode) -> None:
    """Puts all cells there once more."""
    again = deepcopy(notebook.cells)
    for cell in again:
        cell.id += "-twice"
    notebook.cells += again


CHANGES = {"student": student, "twice": twice}

if __name__ == "__main__":
    folder, changes = Path(sys.argv[1]), [CHANGES[name] for name in sys.argv[2:]]
    folder.mkdir(parents=True, exist_ok=True)
    for path in chapters():
        notebook = nbformat.read(path, as_version=4)
        for change in changes:
            change(notebook)
        nbformat.write(notebook, folder / path.name)

"""The chapters as a student sees them who solved nothing: copies in a given folder, every solution cell empty."""

import sys
from pathlib import Path

import nbformat
from notebooks import chapters


def unsolved(path: Path) -> nbformat.NotebookNode:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if "solution" in cell.metadata.get("tags", []):
            cell.source, cell.outputs = "", []
    return notebook


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for path in chapters():
        nbformat.write(unsolved(path), folder / path.name)

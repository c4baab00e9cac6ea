"""Re-execute chapters in place, so that what is committed is what a fresh kernel prints: `make notebooks`.

Idempotent: no timings, no widget state, no interpreter version. The first code cell of every chapter and the Colab
badges of the README are written here, from the repository address in `_config.yml`, the one place where it stands;
the cells of exercises are written from their files, and those of deeper sections tagged.
"""

import re
import sys
from pathlib import Path

import deeper_cells
import exercise_cells
import nbformat
from address import ROOT, repository
from nbclient import NotebookClient

INSTALL_CELL = """\
try:
    import vae_lib
except ModuleNotFoundError:  # on Colab, once: adds vae_lib, changes nothing that is preinstalled
    %pip install -q "git+{url}@{branch}"
    import vae_lib"""

BADGE = (
    "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
    "(https://colab.research.google.com/github/{name}/blob/{branch}/{path})"
)
# In the kernel: a figure that is shown as PNG is drawn as SVG too, for the page.
DRAW_TOO = "import vae_lib.page.drawing as d; d.Figure._repr_svg_ = d.drawn; del d"
CHAPTER_ROW = re.compile(r"^(\| \d+ \| \[[^]]+\]\((book/\S+\.ipynb)\) \|[^|]*\|).*$", re.MULTILINE)  # of README's table


def chapters() -> list[Path]:
    return sorted((ROOT / "book").glob("[0-9]*.ipynb"))


def install_cell() -> str:
    return INSTALL_CELL.format(**repository())


def with_badges(readme: str) -> str:
    """The README, each chapter's row ending in its badge; pages have none: its picture would be asked for elsewhere."""
    name, branch = repository()["url"].removeprefix("https://github.com/"), repository()["branch"]
    return CHAPTER_ROW.sub(lambda row: f"{row[1]} {BADGE.format(name=name, branch=branch, path=row[2])} |", readme)


def refresh(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = deeper_cells.tagged(exercise_cells.written(notebook, exercise_cells.number_of(path)))
    code_cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    code_cells[0].source = install_cell()
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        extra_arguments=[f"--IPKernelApp.exec_lines={DRAW_TOO}"],
    )
    client.execute()
    for cell in code_cells:
        for output in cell.outputs:
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
            put_drawing_aside(output)
            say_what_is_seen(output, cell.metadata.get("mystnb", {}).get("image", {}).get("alt"))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    nbformat.validate(notebook)
    nbformat.write(notebook, path)


def put_drawing_aside(output) -> None:
    """The SVG of a PNG goes to the output's metadata: the page takes it from there, and nobody compares it."""
    if "image/png" in output.get("data", {}):
        output.metadata["drawing"] = output.data.pop("image/svg+xml")


def say_what_is_seen(output, alt: str | None) -> None:
    """The page takes a figure's alt text from its cell's metadata, JupyterLab and GitHub take it from its output's."""
    for kind in output.get("data", {}):
        if alt and kind.startswith("image/"):
            output.metadata[kind] = {"alt": alt}


if __name__ == "__main__":
    for path in [Path(name).resolve() for name in sys.argv[1:]] or chapters():
        print(path.relative_to(ROOT), flush=True)
        try:
            refresh(path)
        except exercise_cells.Edited as error:
            sys.exit(f"{error}\n\nA cell that is made from an exercise's file was edited: see book/staff.md.")
    readme = ROOT / "README.md"
    readme.write_text(with_badges(readme.read_text()))

"""Every chapter executed by the Python that runs this script, nothing compared: `make matrix`, one environment each.

The last line says which versions ran; the exit status is 1 if a cell raised.
"""

import os
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

BOOK = Path(__file__).resolve().parents[2] / "book"
SHOWN = ("torch", "numpy", "matplotlib", "scikit-learn", "sympy", "ipython", "ipywidgets")


def error_of(path: Path) -> str | None:
    """What the chapter's first failing cell raises, or None."""
    client = NotebookClient(nbformat.read(path, as_version=4), timeout=600, resources={"metadata": {"path": str(BOOK)}})
    client.create_kernel_manager()
    client.km.kernel_spec.argv[0] = sys.executable
    try:
        client.execute()
    except CellExecutionError as error:
        return f"{error.ename}: {error.evalue}"


def main() -> int:
    os.environ |= {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    errors = {}
    for path in sorted(BOOK.glob("[0-9]*.ipynb")):
        start = time.perf_counter()
        errors[path.stem] = error_of(path)
        print(f"{path.stem}: {errors[path.stem] or 'runs'} ({time.perf_counter() - start:.0f} s)", flush=True)
    versions = [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in SHOWN)]
    print(f"{sum(error is None for error in errors.values())} of {len(errors)} chapters ran with {', '.join(versions)}")
    return int(any(errors.values()))


if __name__ == "__main__":
    sys.exit(main())

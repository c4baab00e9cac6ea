"""A chapter's first cell, run as Colab runs it, for real: `make hosts` does it before the chapters are opened there.

`.venv-colab` has Colab's packages and no vae_lib. Git's configuration rewrites the repository's address to a copy of
this working tree, so that the cell's own pip command clones, builds and installs what is here. The report in
`_build/first_cell.json` holds the packages before and after, and the seconds; tests/hosts/test_colab_versions.py reads
it.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import yaml
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
COLAB = ROOT / ".venv-colab/bin/python"
REPORT = ROOT / "_build/first_cell.json"
REPOSITORY = yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]


def printed(*command, **settings) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **settings).stdout.strip()


def packages() -> list[str]:
    return printed(COLAB, "-m", "pip", "list", "--format=freeze", "--disable-pip-version-check").splitlines()


def publish_working_tree(folder: Path) -> str:
    """A bare repository whose branch is the working tree, committed or not; its address."""
    environment = os.environ | {"GIT_INDEX_FILE": str(folder / "index")}
    identity = ["-c", "user.name=nobody", "-c", "user.email=nobody@localhost"]
    printed("git", "add", "--all", cwd=ROOT, env=environment)
    tree = printed("git", "write-tree", cwd=ROOT, env=environment)
    commit = printed("git", *identity, "commit-tree", tree, "-m", "The working tree", cwd=ROOT)
    printed("git", "init", "--quiet", "--bare", folder / "repository")
    printed("git", "push", "--quiet", folder / "repository", f"{commit}:refs/heads/{REPOSITORY['branch']}", cwd=ROOT)
    return (folder / "repository").as_uri()


def kernel_environment(address: str) -> dict[str, str]:
    rewritten = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": f"url.{address}.insteadOf"}
    rewritten["GIT_CONFIG_VALUE_0"] = REPOSITORY["url"]
    return os.environ | rewritten | {"PYTHONPATH": str(Path(__file__).parent)}


def run_first_cell(environment: dict[str, str], folder: str) -> float:
    """Run it in a fresh kernel of `.venv-colab`; the seconds that it took."""
    chapter = nbformat.read(min((ROOT / "book").glob("[0-9]*.ipynb")), as_version=4)
    first = next(cell for cell in chapter.cells if cell.cell_type == "code")
    where = nbformat.v4.new_code_cell("import google.colab, vae_lib\nprint(*vae_lib.__path__)")
    notebook = nbformat.v4.new_notebook(cells=[first, where])
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": folder}})
    client.create_kernel_manager()
    client.km.kernel_spec.argv[0] = str(COLAB)
    with client.setup_kernel(env=environment):
        start = time.perf_counter()
        client.execute_cell(first, 0)
        seconds = time.perf_counter() - start
        client.execute_cell(where, 1)
    installed = where.outputs[0].text.strip()
    assert installed.startswith(str(ROOT / ".venv-colab")), f"expected vae_lib in .venv-colab, got {installed}"
    return round(seconds, 1)


def main() -> None:
    subprocess.run([COLAB, "-m", "pip", "uninstall", "--quiet", "--yes", "vae_lib"], check=True)
    before = packages()
    with tempfile.TemporaryDirectory(prefix="first-cell-") as folder:
        seconds = run_first_cell(kernel_environment(publish_working_tree(Path(folder))), folder)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps({"seconds": seconds, "before": before, "after": packages()}, indent=1) + "\n")
    print(f"the first cell took {seconds} s and added vae_lib")


if __name__ == "__main__":
    sys.exit(main())

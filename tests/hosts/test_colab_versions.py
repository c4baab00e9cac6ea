"""The classic notebook runs in an environment with Colab's versions, and a chapter's first cell leaves them so."""

import json
import re
import subprocess
import tomllib

from servers import COLAB, ROOT

REPORT = json.loads((ROOT / "_build/first_cell.json").read_text())  # tests/colab/first_cell.py ran that cell
CHANGED = {"torch"}  # tests/colab/requirements.txt says why


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(file: str) -> dict[str, str]:
    lines = (ROOT / "tests/colab" / file).read_text().splitlines()
    return {normal(name): version for name, _, version in (line.partition("==") for line in lines if line[:1] != "#")}


def test_every_package_that_colab_has_is_there_in_colabs_version():
    listed = subprocess.run([COLAB, "-m", "pip", "list", "--format=json"], capture_output=True, check=True)
    installed = {normal(package["name"]): package["version"] for package in json.loads(listed.stdout)}
    wanted, colab = pins("requirements.txt"), pins("constraints.txt")
    assert wanted.keys() <= installed.keys()
    assert wanted.keys() - CHANGED <= colab.keys()
    shared = installed.keys() & colab.keys()
    assert {name: installed[name] for name in shared} == {name: colab[name] for name in shared}


def test_the_first_cell_adds_the_library_and_changes_no_package():
    before, after = set(REPORT["before"]), set(REPORT["after"])
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert (after - before, before - after) == ({f"vae_lib=={version}"}, set())


def test_its_requirements_have_each_other():
    subprocess.run([COLAB, "-m", "pip", "check"], check=True)

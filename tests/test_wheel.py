"""What pip installs is what git has: every file of the library, and nothing else."""

import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]
PARTS = ["vae_lib", "pyproject.toml", "README.md", "LICENSE", "LICENSE-CONTENT"]
BUILD = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"


def files_of_git() -> list[str]:
    """What is committed, or will be, of the library and of what its wheel is built from; nothing that git ignores."""
    command = [
        "git",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
        "vae_lib",
        "*.toml",
        "*.md",
        "LICENSE*",
    ]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return [name for name in names if (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> set[str]:
    """The files of the wheel that is built, without a network, from a copy of git's files."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in files_of_git():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    subprocess.run([sys.executable, "-c", BUILD, copy / "dist"], cwd=copy, check=True, capture_output=True)
    (built,) = (copy / "dist").glob("*.whl")
    return set(ZipFile(built).namelist())


def test_the_wheel_holds_the_librarys_files_as_git_has_them(wheel):
    assert {name for name in wheel if ".dist-info/" not in name} == {
        name for name in files_of_git() if name.startswith("vae_lib/")
    }


def test_the_wheel_holds_the_licence_of_the_code_and_not_that_of_the_text(wheel):
    assert [Path(name).name for name in wheel if "/licenses/" in name] == ["LICENSE"]

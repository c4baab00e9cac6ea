"""The page for staff: who follows it to the letter has one exercise more, in a chapter that stands."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "book" / "staff.md").read_text()
GRADING, EXERCISE, ANSWERS = re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """The repository with the page's exercise in chapter 3, as the page says how."""
    folder, tools = tmp_path_factory.mktemp("copy") / "copy", ["exercise_cells.py", "new", "bits"]
    unwanted = shutil.ignore_patterns("_build", ".*", "__pycache__", "node_modules")
    shutil.copytree(ROOT, folder, ignore=unwanted)
    shutil.copy(ROOT / "_config.yml", folder)
    ran(folder, f"book/_tools/{tools[0]}", *tools[1:])
    path = folder / "book" / "03_reparameterization.ipynb"
    chapter = nbformat.read(path, as_version=4)
    place = next(i for i, cell in enumerate(chapter.cells) if cell.id == "solutions")
    chapter.cells.insert(place, new_markdown_cell("<!-- exercise: bits -->"))
    nbformat.write(chapter, path)
    ran(folder, "book/_tools/notebooks.py", str(path))
    return folder


def ran(folder: Path, *command: str) -> str:
    environment = {"PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_what_is_written_is_the_pages_example(copy):
    assert (copy / "vae_lib" / "exercises" / "bits.py").read_text() == EXERCISE
    assert (copy / "tests" / "answers" / "bits.py").read_text() == ANSWERS


def test_the_chapter_has_one_exercise_more_that_runs_and_is_right(copy):
    cells = nbformat.read(copy / "book" / "03_reparameterization.ipynb", as_version=4).cells
    of = {cell.id: cell for cell in cells}
    assert of["exercise-bits"].source.startswith(
        "<!-- exercise: bits -->\n### Exercise 3.8 · deeper · ●○○ · 3 minutes\n"
    )
    assert of["exercise-bits-stub"].outputs[0].text == "Not attempted yet.\n"
    assert of["exercise-bits-solution"].source.startswith("# @title Solution 3.8\ndef bits_solution(nats, data_dim):\n")
    assert of["exercise-bits-solution"].outputs[0].text.startswith("✓ Bits per dimension")


def test_every_answer_of_the_example_gets_its_key_and_every_mutant_is_refused(copy):
    code = (
        "import json, sys; sys.path.insert(0, 'tests')\n"
        "from answers import files\nfrom vae_lib.exercises import check_bits\n"
        "print(json.dumps([[check_bits.judge(a).key, key] for a, _, key in files()['bits'].ANSWERS]))"
    )
    for key, expected in json.loads(ran(copy, "-c", code)):
        assert key == (f"bits/{expected}" if expected else "")
    assert "ACCEPTED" not in ran(copy, "tests/exercises/sweep.py", "mutants", "bits")


def test_a_verdict_can_be_had_for_grading():
    found = {}
    exec(GRADING, found)
    assert found["said"].startswith("✗ This is what you get if the latents are averaged")
    assert found["verdict"].key == "kl/mean-over-latents"


def test_the_make_targets_and_files_that_it_names_exist():
    makefiles = (ROOT / "Makefile").read_text() + (ROOT / "tools.mk").read_text()
    targets = re.findall(r"^([a-z-]+):", makefiles, flags=re.MULTILINE)
    assert set(re.findall(r"`make ([\w-]+)[ `]", PAGE)) <= set(targets)
    named = re.findall(r"`((?:vae_lib|tests)/[\w/.]*)`", PAGE)
    made = {"vae_lib/exercises/NAME.py", "tests/answers/NAME.py", "vae_lib/exercises/bits.py", "tests/answers/bits.py"}
    assert all((ROOT / name).exists() for name in set(named) - made)

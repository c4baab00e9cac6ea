"""The chapters' cells of exercises are made from the exercises' files, and an edited one is never lost."""

import re
import sys
from pathlib import Path

import exercise_cells
import exercise_text
import nbformat
import pytest

from vae_lib import exercises

CHAPTERS = sorted((Path(__file__).parents[2] / "book").glob("[0-9]*.ipynb"))
CHECKS = {name: getattr(exercises, f"check_{name}") for name in exercises.ONE_EACH}
each_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
each_exercise = pytest.mark.parametrize("name", CHECKS)


def module(name: str):
    return sys.modules[f"vae_lib.exercises.{name}"]


@pytest.fixture
def chapter():
    return nbformat.read(CHAPTERS[2], as_version=4)


def cell_of(notebook, name: str):
    return next(cell for cell in notebook.cells if cell.id == name)


@each_chapter
def test_the_cells_of_exercises_are_what_their_files_say(path):
    assert exercise_cells.differences(path) == []


@each_chapter
def test_all_solutions_stand_below_one_heading_right_before_the_summary(path):
    cells = nbformat.read(path, as_version=4).cells
    start = next(i for i, cell in enumerate(cells) if cell.source == "## Solutions")
    end = next(i for i, cell in enumerate(cells) if cell.source.startswith("## Summary"))
    title = r"(?:# @title Solution|<details><summary>A model answer to) \d+\.(\d+)[\n<]"
    titles = [re.match(title, cell.source)[1] for cell in cells[start + 1 : end]]
    assert titles == [str(k) for k in range(1, len(titles) + 1)]
    assert len(titles) == sum(len(re.findall(r"^### Exercise \d", cell.source, re.MULTILINE)) for cell in cells)


def test_every_exercise_stands_in_one_chapter():
    found = [name for path in CHAPTERS for name in re.findall(r"<!-- exercise: (\w+) -->", path.read_text())]
    assert sorted(found) == sorted(CHECKS)


@each_exercise
def test_a_task_that_is_taken_back_from_its_cell_is_the_files(name):
    task = exercise_cells.task(module(name), "9.9")
    title = exercise_text.read(module(name).__doc__)["title"]
    assert exercise_text.docstring_of(task, title) == module(name).__doc__


def test_writing_twice_changes_nothing(chapter):
    once = exercise_cells.written(chapter, 3)
    chapter.cells = once
    sources = [(cell.id, cell.source) for cell in once]
    assert [(cell.id, cell.source) for cell in exercise_cells.written(chapter, 3)] == sources


def test_an_edited_cell_stops_the_writing_and_is_shown(chapter):
    cell = cell_of(chapter, "exercise-reparameterize-stub")
    cell.source = cell.source.replace("return ...", "return mu")
    with pytest.raises(exercise_cells.Edited, match=r"\+    return mu"):
        exercise_cells.written(chapter, 3)


def test_an_edited_task_is_adopted_by_its_file(tmp_path, monkeypatch, chapter):
    copy = tmp_path / "reparameterize.py"
    copy.write_text(Path(module("reparameterize").__file__).read_text())
    monkeypatch.setattr(exercise_cells, "getsourcefile", lambda _: copy)
    cell = cell_of(chapter, "exercise-reparameterize")
    cell.source = cell.source.replace("Gradients must reach both inputs.", "Gradients must reach both.")
    nbformat.write(chapter, tmp_path / "03_x.ipynb")
    assert exercise_cells.adopt(tmp_path / "03_x.ipynb") == ["reparameterize.py"]
    before, after = Path(module("reparameterize").__file__).read_text(), copy.read_text()
    assert after == before.replace("Gradients must reach both inputs.", "Gradients must reach both.")


def test_an_exercise_that_moves_takes_its_cells_along_and_is_numbered_anew(chapter):
    tasks = [i for i, cell in enumerate(chapter.cells) if exercise_cells.MARKER.match(cell.source)]
    first = chapter.cells.pop(tasks[0])
    chapter.cells.insert(tasks[-1], first)
    moved = exercise_cells.written(chapter, 3)
    place = moved.index(first)
    assert first.source.startswith("<!-- exercise: reparameterize -->\n### Exercise 3.")
    assert moved[place + 1].id == "exercise-reparameterize-stub"
    number = re.search(r"Exercise (3\.\d)", first.source)[1]
    assert number != "3.1"
    solution = next(cell for cell in moved if cell.id == "exercise-reparameterize-solution")
    assert solution.source.startswith(f"# @title Solution {number}\n")


def test_a_marker_of_no_exercise_says_so(chapter):
    chapter.cells[3].source, chapter.cells[3].cell_type = "<!-- exercise: nothing -->", "markdown"
    with pytest.raises(ModuleNotFoundError, match=r"vae_lib\.exercises\.nothing"):
        exercise_cells.written(chapter, 3)

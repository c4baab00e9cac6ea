"""Nobody else's code: what is published installs the library from the repository that publishes it."""

import runpy
import subprocess
import sys
from pathlib import Path

import address
import pytest
import yaml

ROOT = Path(__file__).parents[2]
OURS = "https://github.com/Somebody/a-course"
TOOL = [sys.executable, ROOT / "book" / "_tools" / "address.py"]


@pytest.mark.parametrize(
    "other",
    [
        "https://github.com/somebody/a-course/",
        "https://github.com/Somebody/a-course.git\n",
        "https://robot:secret@github.com/Somebody/a-course",
        "git@github.com:Somebody/a-course.git",
        "ssh://git@github.com/Somebody/a-course.git",
    ],
)
def test_an_address_is_known_however_it_is_written(other):
    assert address.name(other) == "github.com/somebody/a-course"
    assert address.warning(OURS, other) is None
    assert address.refusal(OURS, other) is None


@pytest.mark.parametrize(
    "other",
    [
        "https://github.com/nobody/a-course",
        "https://github.com/Somebody/a-course-2",
        "https://elsewhere.example/Somebody/a-course",
        "/srv/copies/a-course",
    ],
)
def test_another_repository_is_refused_and_named_with_the_cure(other):
    assert other in address.refusal(OURS, other)
    assert "Set it, `make notebooks`" in address.refusal(OURS, other)
    assert address.name(other) in address.warning(OURS, other)


def test_a_checkout_without_origin_is_told_so_in_one_line():
    said = address.warning(OURS, None)
    assert said.startswith(f"_config.yml's address, {OURS}, may be anybody's")
    assert "\n" not in said


def test_the_warning_repeats_no_password():
    assert "secret" not in address.warning(OURS, "https://robot:secret@github.com/nobody/a-course")


def test_publishing_stops_where_the_address_is_not_the_publishers_and_goes_on_where_it_is():
    for publisher, status in [(address.repository()["url"], 0), ("https://github.com/nobody/nothing", 1)]:
        done = subprocess.run([*TOOL, publisher], capture_output=True, text=True)
        assert (done.returncode, bool(done.stderr)) == (status, bool(status))


def test_building_the_book_never_fails_for_its_address():
    done = subprocess.run(TOOL, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") <= 1


@pytest.mark.parametrize(
    ("repository", "pages"),
    [
        (OURS, "https://somebody.github.io/a-course/"),
        (f"{OURS}.git", "https://somebody.github.io/a-course/"),
        ("https://github.com/Somebody/somebody.github.io/", "https://somebody.github.io/"),
    ],
)
def test_the_pages_address_follows_from_the_repository_s(repository, pages):
    extension = runpy.run_path(str(ROOT / "book" / "_ext" / "repository_address.py"))
    assert extension["pages_address"](repository) == pages


def test_the_workflow_asks_before_it_builds_and_publishes():
    steps = yaml.safe_load((ROOT / ".github/workflows/pages.yml").read_text())["jobs"]["publish"]["steps"]
    runs = [step.get("run", step.get("uses")) for step in steps]
    asks = runs.index("make address PUBLISHER=${{ github.server_url }}/${{ github.repository }}")
    assert asks < runs.index("make pdf")
    assert not any("continue-on-error" in step or "if" in step for step in steps)

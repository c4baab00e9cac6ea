"""The page for staff: its code runs, and prints what the page says."""

import re
from pathlib import Path

import pytest
from mistakes.table import distances, said

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "book" / "staff.md").read_text()
GRADING, CHECK, ROWS = re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def names() -> dict:
    found = {}
    exec(CHECK + ROWS, found)
    return found


def test_the_example_of_a_check_names_its_mistake_and_passes_its_unusual_answer(names):
    (mistake,), (unusual,) = names["MISTAKES"], names["UNUSUAL"]
    assert mistake.says in said(mistake.check, mistake.answer)
    assert said(unusual.check, unusual.answer).startswith("✓")
    assert said(unusual.check, ...) == "Not attempted yet."


def test_the_lines_that_make_mistakes_prints_for_it_are_those_of_the_page(names):
    (mistake,), (unusual,) = names["MISTAKES"], names["UNUSUAL"]
    assert f"ok     | check_bits | {mistake.name} | named: … {mistake.says} …\n" in PAGE
    assert f"ok     | check_bits | {unusual.name} | passes\n" in PAGE
    (a, b), closest = min(distances(names["BITS"]).items(), key=lambda item: item[1])
    assert f"{closest:8.3f} | bits.BITS | {a} — {b}\n" in PAGE


def test_the_text_of_a_check_can_be_had_for_grading():
    found = {}
    exec(GRADING, found)
    assert found["said"].startswith("✗ This is what you get if ")
    assert "latent" in found["said"]


def test_the_make_targets_and_files_that_it_names_exist():
    makefiles = (ROOT / "Makefile").read_text() + (ROOT / "tools.mk").read_text()
    targets = re.findall(r"^([a-z]+):", makefiles, flags=re.MULTILINE)
    assert set(re.findall(r"`make (\w+)`", PAGE)) <= set(targets)
    assert all((ROOT / name).exists() for name in re.findall(r"`((?:vae_lib|tests)/[\w/.]*)`", PAGE))

"""Every answer of `tests/answers/` gets its verdict, and the same one where no exercise file is."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import asdict
from functools import cache
from pathlib import Path

import jsonschema
import pytest
import said

from answers import files
from vae_lib import exercises
from vae_lib.exercises.engine import Verdict
from vae_lib.exercises.engine.observe import pack, unpack

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "vae_lib" / "exercises" / "engine" / "verdict.schema.json").read_text())
FILES = files()
REVIEWED = set(said.SAID.read_text().splitlines())
ROWS = [(name, number) for name, module in FILES.items() for number in range(len(module.ANSWERS))]
JUDGED = ROWS if "BOOK_EVERY_ANSWER" in os.environ else ROWS[::3]  # all of them each week: `make sweeps`


def check_of(name: str):
    return getattr(exercises, f"check_{name}")


def words_of(name: str, row: int) -> str:
    return FILES[name].ANSWERS[row][1]


@cache
def verdict_on(name: str, row: int) -> Verdict:
    """What is said of an answer, judged once for both tests."""
    return check_of(name).judge(FILES[name].ANSWERS[row][0])


def test_what_is_said_is_kept_of_every_answer_and_of_no_other():
    kept = [line.split(" | ")[:2] for line in said.SAID.read_text().splitlines()]
    assert kept == [[name, words_of(name, row)] for name, row in ROWS]


@pytest.mark.parametrize(("name", "row"), JUDGED, ids=[f"{name}-{words_of(name, row)}" for name, row in JUDGED])
def test_an_answer_gets_its_key(name, row):
    verdict, (_, words, key) = verdict_on(name, row), FILES[name].ANSWERS[row]
    assert (verdict.key, verdict.status) == said.expected(name, key), verdict
    assert said.line(name, words, verdict) in REVIEWED
    jsonschema.validate(json.loads(json.dumps(asdict(verdict))), SCHEMA)
    if verdict.status == "wrong":
        assert str(verdict).startswith("✗ ")
        assert re.match(r".*[.?]$", verdict.sentence)


OBSERVER = """
import importlib, json, sys
from pathlib import Path
from vae_lib.exercises.engine.by_hand import observe_entries
from vae_lib.exercises.engine.observe import observe, pack, unpack
sys.path.insert(0, sys.argv[1])
for name, rows in json.loads(sys.argv[2]).items():
    plan, answers = unpack(Path(name).read_bytes()), importlib.import_module(name).ANSWERS
    see = observe_entries if isinstance(plan, str) else observe
    Path(name).write_bytes(pack([see(answers[row][0], plan) for row in rows]))
"""


def a_few(name: str) -> list[int]:
    """A right answer, and a few wrong ones of different keys."""
    keys = [key for _, _, key in FILES[name].ANSWERS]
    return list(dict.fromkeys([keys.index(""), 1, len(keys) // 2, len(keys) - 1]))


@pytest.fixture(scope="module")
def seen(tmp_path_factory) -> Path:
    """Where the library is without its exercises and their families, the engine alone: a file of a few answers' Seens.

    One process sees them all, since torch takes seconds to start. It is given each exercise's plan in that file.
    """
    folder = tmp_path_factory.mktemp("grader")
    shutil.copytree(ROOT / "vae_lib", folder / "vae_lib", ignore=shutil.ignore_patterns("exercises", "__pycache__"))
    room = Path("vae_lib", "exercises")
    shutil.copytree(ROOT / room / "engine", folder / room / "engine", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / room / "__init__.py", folder / room)
    for name in FILES:
        (folder / name).write_bytes(pack(check_of(name).plan))
    rows = json.dumps({name: a_few(name) for name in FILES})
    subprocess.run(
        [sys.executable, "-c", OBSERVER, str(ROOT / "tests" / "answers"), rows],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        check=True,
    )
    return folder


@pytest.mark.parametrize("name", FILES)
def test_observed_where_no_exercise_file_is_an_answer_gets_the_same_verdict(seen, name):
    for row, one in zip(a_few(name), unpack((seen / name).read_bytes()), strict=True):
        assert check_of(name).judge_seen(one) == verdict_on(name, row)

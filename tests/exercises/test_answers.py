"""Every answer of `tests/answers/` gets its verdict, and the same one where no exercise file is."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import jsonschema
import pytest
import said

from answers import files
from vae_lib import exercises
from vae_lib.exercises.engine.observe import pack, unpack

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "vae_lib" / "exercises" / "engine" / "verdict.schema.json").read_text())
FILES = files()
REVIEWED = set(said.SAID.read_text().splitlines())
ROWS = [(name, *row) for name, module in FILES.items() for row in module.ANSWERS]


def check_of(name: str):
    return getattr(exercises, f"check_{name}")


def names(value) -> str | None:
    return value if isinstance(value, str) else None


def test_what_is_said_is_kept_of_every_answer_and_of_no_other():
    kept = [line.split(" | ")[:2] for line in said.SAID.read_text().splitlines()]
    assert kept == [[name, words] for name, _, words, _ in ROWS]


@pytest.mark.parametrize(("name", "answer", "words", "key"), ROWS, ids=names)
def test_an_answer_gets_its_key(name, answer, words, key):
    verdict = check_of(name).judge(answer)
    assert (verdict.key, verdict.status) == said.expected(name, key), verdict
    assert said.line(name, words, verdict) in REVIEWED
    jsonschema.validate(json.loads(json.dumps(asdict(verdict))), SCHEMA)
    if verdict.status == "wrong":
        assert str(verdict).startswith("✗ ")
        assert re.match(r".*[.?]$", verdict.sentence)


OBSERVER = """
import importlib, json, sys
from vae_lib.exercises.engine.by_hand import observe_entries
from vae_lib.exercises.engine.observe import observe, pack, unpack
sys.path.insert(0, sys.argv[1])
plan = unpack(sys.stdin.buffer.read())
answers = importlib.import_module(sys.argv[2]).ANSWERS
see = observe_entries if isinstance(plan, str) else observe
seen = [see(answers[int(row)][0], plan) for row in sys.argv[3:]]
sys.stdout.buffer.write(pack(seen))
"""


@pytest.fixture(scope="module")
def without_exercises(tmp_path_factory) -> Path:
    """A folder with the library but for its exercises and their families: of that room the engine alone."""
    folder = tmp_path_factory.mktemp("grader")
    shutil.copytree(ROOT / "vae_lib", folder / "vae_lib", ignore=shutil.ignore_patterns("exercises", "__pycache__"))
    room = Path("vae_lib", "exercises")
    shutil.copytree(ROOT / room / "engine", folder / room / "engine", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / room / "__init__.py", folder / room)
    return folder


def a_few(name: str) -> list[int]:
    """A right answer, and a few wrong ones of different keys."""
    keys = [key for _, _, key in FILES[name].ANSWERS]
    return list(dict.fromkeys([keys.index(""), 1, len(keys) // 2, len(keys) - 1]))


@pytest.mark.parametrize("name", FILES)
def test_observed_where_no_exercise_file_is_an_answer_gets_the_same_verdict(without_exercises, name):
    check, rows = check_of(name), a_few(name)
    ran = subprocess.run(
        [sys.executable, "-c", OBSERVER, str(ROOT / "tests" / "answers"), name, *map(str, rows)],
        input=pack(check.plan),
        capture_output=True,
        cwd=without_exercises,
        env={"PYTHONPATH": str(without_exercises), "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        check=True,
    )
    for row, seen in zip(rows, unpack(ran.stdout), strict=True):
        assert check.judge_seen(seen) == check.judge(FILES[name].ANSWERS[row][0])

"""The live figures' JavaScript and CSS: lines of at most 120 characters, functions of at most 80 lines."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(
    path
    for pattern in ("vae_lib/figures/*/*.js", "vae_lib/figures/*/*.css", "tests/figures/*.mjs")
    for path in ROOT.glob(pattern)
)
BEGINS = re.compile(r"^( *).*(\bfunction\b|=>|\)) ?.*\{$")  # as the formatter leaves it: the brace ends the line


def functions(text: str) -> list[int]:
    """How many lines each function has: to the next line that begins with a brace as far in as the first began."""
    lines = text.split("\n")
    starts = [(i, found[1]) for i, line in enumerate(lines) if (found := BEGINS.match(line))]
    return [next(j for j, end in enumerate(lines[i + 1 :], 2) if end.startswith(f"{far}}}")) for i, far in starts]


def test_there_are_files_to_look_at_and_functions_are_found():
    assert {"machine.test.mjs", "base.css", "drag.js", "view.js"} <= {path.name for path in FILES}
    assert functions("function a() {\n  b();\n}\nconst c = (\n  d,\n) => {\n  if (d) {\n  }\n};\n") == [3, 4, 2]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_line_is_long_and_no_function_is_longer_than_a_screen(path):
    text = path.read_text()
    assert [line for line in text.split("\n") if len(line) > 120] == []
    if path.suffix != ".css":
        assert max(functions(text), default=0) <= 80

"""A page's table of an exercise says what the exercise's file says: its right numbers, and every slip's."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from test_tape import played

from vae_lib import exercises
from vae_lib.exercises.engine import ByHand, apply

sys.path.insert(0, str(Path(__file__).parents[2] / "book" / "_ext"))
import answer_tables
from tape import Tape

BY_HAND = [name for name in exercises.ONE_EACH if isinstance(answer_tables.check_of(name), ByHand)]
each_exercise = pytest.mark.parametrize("name", BY_HAND)


def at_the_right_numbers(name: str) -> tuple[dict, list[float]]:
    """The table, and the value of each of its steps."""
    table, tape = answer_tables.table(name), Tape(0)
    tape.steps = table["steps"]
    with np.errstate(all="ignore"):
        return table, played(tape, [number for entry in table["entries"].values() for number in entry["right"]])


@each_exercise
def test_each_step_leads_from_right_numbers_to_right_numbers(name):
    table, values = at_the_right_numbers(name)
    assert list(table["entries"]) == list(answer_tables.check_of(name).steps)
    for entry in table["entries"].values():
        assert [values[at] for at in entry["step"]] == pytest.approx(entry["right"], rel=1e-7, abs=1e-8)


@each_exercise
def test_each_slip_has_its_numbers_and_none_that_differs_from_what_is_right_is_left_out(name):
    (table, values), check = at_the_right_numbers(name), answer_tables.check_of(name)
    known = dict(check.numbers) | check.expected
    for entry, of_entry in table["entries"].items():
        made = {key: np.ravel(apply(slip.function, known)) for key, slip in check.slips[entry].items()}
        shown = {key: [values[at] for at in places] for key, _, places in of_entry["slips"]}
        assert all(numbers == pytest.approx(made[key].tolist(), rel=1e-7, abs=1e-8) for key, numbers in shown.items())
        for key in made.keys() - shown.keys():
            fits = len(made[key]) == len(of_entry["right"]) and np.isfinite(made[key]).all()
            assert not fits or made[key] == pytest.approx(of_entry["right"], rel=2e-3, abs=1e-6)


@each_exercise
def test_sentences_are_those_of_the_file_and_pairs_are_made_of_two(name):
    check = answer_tables.check_of(name)
    for entry, of_entry in answer_tables.table(name)["entries"].items():
        words = {key: sentence for key, sentence, _ in of_entry["slips"]}
        for key, sentence in words.items():
            said = sentence or answer_tables.PAIR.format(*(words[one] for one in key.split("+")))
            assert said == check.slips[entry][key].sentence


def test_the_script_is_written_where_the_page_looks_for_it(tmp_path):
    address, _, mark = answer_tables.write(str(tmp_path), "book/06_x", ["report_by_hand"]).partition("?v=")
    text = (tmp_path / address).read_text()
    assert (address, len(mark)) == ("_static/answers/06_x.js", 8)
    assert json.loads(text.removeprefix("const ANSWERS = ").removesuffix(";\n")).keys() == {"report_by_hand"}
    assert answer_tables.write(str(tmp_path), "book/06_x", ["report_by_hand"]).endswith(mark)

"""A block of code comes as lines, each of which knows its indent, and reads as it was written."""

import sys
from pathlib import Path

from bs4 import BeautifulSoup
from pygments import highlight
from pygments.lexers import PythonLexer

sys.path.insert(0, str(Path(__file__).parents[2] / "book" / "_ext"))
from code_lines import PLAIN, LinesFormatter

CODE = '''def f(x):
    """Two
    lines."""

        return x  # <not> HTML
'''
PRE = BeautifulSoup(highlight(CODE, PythonLexer(), LinesFormatter()), "html.parser").pre


def test_the_characters_of_a_block_stay_as_they_were():
    assert PRE.get_text() == CODE


def test_each_line_is_one_element_within_no_other():
    lines = PRE.find_all("span", class_="line", recursive=False)
    assert [line.get_text() for line in lines] == CODE.splitlines(keepends=True)
    assert [len(line.select(".line")) for line in lines] == [0] * len(lines)


def test_a_line_may_end_after_a_bracket_a_comma_or_a_dot_but_within_no_number():
    line = BeautifulSoup(highlight("a.b([c, 1.5])", PythonLexer(), LinesFormatter()), "html.parser").select_one(".line")
    for place in line.select("wbr"):
        place.replace_with("|")
    assert line.get_text() == "a.|b([|c, 1.5])\n"


def test_what_has_the_colour_of_all_code_is_no_element_in_the_end():
    line = highlight("def f(x):  # x", PythonLexer(), LinesFormatter())
    left = BeautifulSoup(PLAIN.sub(r"\1", line), "html.parser").select_one(".line")
    assert left.get_text() == "def f(x):  # x\n"
    assert [element["class"][0] for element in left.select("span")] == ["k", "nf", "c1"]


def test_a_line_knows_by_how_many_characters_it_is_indented():
    assert [line.get("style") for line in PRE.select(".line")] == [
        None,
        "--indent: 4",
        "--indent: 4",
        None,
        "--indent: 8",
    ]
    assert ["blank" in line["class"] for line in PRE.select(".line")] == [False, False, False, True, False]

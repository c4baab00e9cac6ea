"""A chapter's contents say how long its sections take and which are deeper."""

import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

sys.path.insert(0, str(Path(__file__).parents[2] / "book" / "_ext"))
import minutes
from rail import mark, times, words

CHAPTER = Path(__file__).parents[2] / "book" / "04_elbo.ipynb"
SUM = "One sum, wherever q stands"


def marked(title: str, times: dict[str, int]):
    item = BeautifulSoup(f'<li><a href="#x">{title}</a></li>', "html.parser").li
    mark(item.a, times)
    return item


@pytest.mark.parametrize("chapter", range(1, 11))
def test_a_section_has_a_whole_number_of_minutes_and_no_exercise_has_any(chapter):
    assert len(times(chapter)) > 6
    assert min(times(chapter).values()) >= 1
    assert [title for title in times(chapter) if title.startswith("Exercise")] == []


def test_minutes_are_those_that_are_computed_with_what_is_deeper_apart():
    rows = minutes.sections(minutes.nbformat.read(CHAPTER, 4))
    [core] = [seconds for heading, deeper, seconds in rows if heading == SUM and not deeper]
    assert times(4)[words(SUM)] == round(core / 60)


def test_a_deeper_section_is_told_by_a_class_and_an_exercise_too():
    assert marked("Shapes <em>(deeper)</em>", {})["class"] == ["rail", "is-deeper"]
    assert marked("Exercise 4.2 · deeper · on paper", {})["class"] == ["rail", "is-deeper", "is-exercise"]
    assert marked("Sums and means", {})["class"] == ["rail"]


def test_an_entry_ends_with_its_minutes_in_words():
    item = marked("Bayes’ rule, at every <em>z</em>", {words("Bayes' rule, at every z"): 3})
    assert item.a.get_text() == "Bayes’ rule, at every z 3 minutes"
    assert marked("Sums and means", {"Sums and means": 1}).a.get_text() == "Sums and means 1 minute"
    assert marked("Exercises", {}).a.get_text() == "Exercises"

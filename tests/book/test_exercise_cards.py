"""An exercise's card has a field for each number, its hints in a row and its own solution, and nobody's output."""

import re
import sys
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from vae_lib import exercises
from vae_lib.exercises.engine import ByHand

sys.path.insert(0, str(Path(__file__).parents[2] / "book" / "_ext"))
import chapter_code
import exercise_cards

CHECKS = {name: getattr(exercises, f"check_{name}") for name in exercises.ONE_EACH}
BY_HAND = {name: check for name, check in CHECKS.items() if isinstance(check, ByHand)}
PAGE = """<section id="exercises"><p>Two.</p>
<section id="one"><h3>Exercise 9.1 · core · 3 minutes<a>#</a></h3><p>The task.</p>
<details><summary>Hint 1: the idea</summary><p>Think.</p></details>
<details><summary>Hint 2: nearly the code</summary><p>Write.</p></details>
<div class="cell tag_exercise"><pre>my_kl</pre><div class="cell_output">Not attempted yet.</div></div>
<p>What stands below.</p></section>
<section id="two"><h3>Exercise 9.2 · core</h3><p>On paper.</p>
<details><summary>Hint 1: the idea</summary><p>Think.</p></details></section></section>
<section id="solutions"><h2>Solutions</h2><div class="cell tag_solution"><details class="hide"></details></div>
<details><summary>A model answer to 9.2</summary><ul><li><p>☐ It says <i>one</i> thing.</p></li></ul></details>
</section>
"""


@pytest.fixture
def body():
    return BeautifulSoup(PAGE, "html.parser")


def test_a_card_holds_what_belongs_to_its_exercise_and_nothing_that_stands_below(body):
    card = exercise_cards.make_card(body, body.select_one("#one"), "kl")
    assert [part.name for part in card.find_all(recursive=False)] == ["p", "p", "div", "div"]
    assert card.p.get_text() == exercise_cards.title("kl") == "The KL in closed form"
    assert card["data-exercise"] == "kl"
    assert body.select_one("#one > p").get_text() == "What stands below."


def test_no_line_of_its_heading_ends_before_a_dot_and_its_words_stay(body):
    exercise_cards.make_card(body, body.select_one("#one"), "kl")
    pieces = [piece.get_text() for piece in body.select("#one > h3 > .together")]
    assert pieces == ["Exercise 9.1 ·", "core ·", "3 minutes"]
    assert body.select_one("#one > h3").get_text() == "Exercise 9.1 · core · 3 minutes#"


def test_hints_are_in_one_row_and_keep_their_words(body):
    hints = exercise_cards.make_card(body, body.select_one("#one"), "kl").select(".hints > details > summary")
    assert [summary.get_text() for summary in hints] == ["Hint 1: the idea", "Hint 2: nearly the code"]


def test_nobodys_output_goes_and_a_stub_leads_to_colab(body):
    card = exercise_cards.make_card(body, body.select_one("#one"), "kl")
    exercise_cards.make_stub(card, "https://colab.example/x", "exercise-kl")
    assert "Not attempted" not in card.get_text()
    assert card.select_one(".tag_exercise a")["href"] == "https://colab.example/x#scrollTo=exercise-kl"


@pytest.mark.parametrize("path", chapter_code.CHAPTERS.values(), ids=lambda path: path.stem)
def test_each_task_has_one_cell_that_colab_knows_by_name(path):
    named = [cell.metadata["id"] for cell in nbformat.read(path, 4).cells if "id" in cell.metadata]
    assert list(exercise_cards.task_cells(f"book/{path.stem}").values()) == named
    assert len(set(named)) == len(exercise_cards.exercises_of(f"book/{path.stem}")) > 3


def test_an_output_that_says_something_stays(body):
    body.select_one(".cell_output").string = "Your loss."
    card = exercise_cards.make_card(body, body.select_one("#one"), "")
    exercise_cards.make_stub(card, "https://colab.example/x", "exercise-kl")
    assert "Your loss." in card.get_text()


def test_the_points_of_a_model_answer_can_be_ticked(body):
    solution = exercise_cards.as_solution(body.select_one("#solutions > details"), "9.2")
    assert solution["id"] == "solution-9-2"
    assert solution.select_one("label > input[type=checkbox]")
    assert solution.select_one("label > span").decode_contents() == "It says <i>one</i> thing."
    assert solution.summary.get_text() == "I have written it down. A model answer to 9.2"


def test_below_solutions_stand_links_to_them(body):
    exercise_cards.link_solutions(body, {"9.1": "kl", "9.2": "comparable"})
    links = body.select("#solutions > p > a")
    assert [(link["href"], link.get_text()) for link in links] == [("#solution-9-1", "9.1"), ("#solution-9-2", "9.2")]


@pytest.mark.parametrize("name", BY_HAND)
def test_there_is_a_field_for_every_number_each_with_a_name(name):
    form = BeautifulSoup(exercise_cards.form(name, "tables.js"), "html.parser")
    sizes = {entry: value.size for entry, value in BY_HAND[name].expected.items()}
    found = {part["data-entry"]: len(part.select("input")) for part in form.select("fieldset")}
    assert found == sizes
    for entry, words in BY_HAND[name].asked.items():
        said = form.select_one(f"[data-entry='{entry}'] legend").get_text()
        assert said in (words, f"{entry}: {words}")
    labels = [field["aria-label"] for field in form.select("input")]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("chapter", chapter_code.CHAPTERS)
def test_a_chapters_exercises_are_found_with_their_numbers_and_files(chapter):
    found = exercise_cards.exercises_of(f"book/{chapter_code.CHAPTERS[chapter].stem}")
    assert list(found) == [f"{chapter}.{k}" for k in range(1, len(found) + 1)]
    text = chapter_code.CHAPTERS[chapter].read_text()
    assert [name for name in found.values() if name] == re.findall(r"<!-- exercise: (\w+) -->", text)

"""How high a section is, as the build estimates it, from what stands in it."""

import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

sys.path.insert(0, str(Path(__file__).parents[2] / "book" / "_ext"))
from unseen import FOLDED, HEADING, WIDE, mark_sections, own_heights

LINE = "word " * 9  # of 47 letters at most
PAGE = f"""<section id="page"><h1>Page</h1><section id="core"><h2>Core</h2><p>{LINE}</p>
<section class="deeper" id="deeper"><h3>Part</h3><p>{LINE * 3}</p><section id="part"><h4>Part of it</h4></section>
</section></section></section>"""


def high(inside: str) -> float:
    """How much higher this makes a section."""
    page = BeautifulSoup(f'<section><section id="one"><h2>One</h2>{inside}</section></section>', "html.parser")
    return own_heights(page)["one"] - HEADING


def marked(page: str):
    body = BeautifulSoup(page, "html.parser")
    mark_sections(body)
    return body


def test_words_count_by_the_lines_that_they_fill():
    assert high(f"<p>{LINE * 2}</p>") == 2 * high(f"<p>{LINE}</p>") > 0


def test_code_counts_by_its_lines_of_which_a_long_one_wraps():
    short, long = (high(f'<pre><span class="line">{"x" * letters}</span></pre>') for letters in (38, 39))
    assert high('<pre><span class="line">x</span></pre>') == short < long


def test_what_is_folded_counts_as_one_line_whatever_is_in_it():
    picture = '<svg class="drawing" viewbox="0 0 100 50"></svg>'
    assert high(f"<details><p>{LINE * 9}</p>{picture}</details>") == high("<details></details>") > 0


def test_a_drawing_counts_by_its_shape():
    assert high('<svg class="drawing" viewbox="0 0 100 50"></svg>') == WIDE / 2


def test_nothing_counts_twice():
    assert high(f"<ul><li><p>{LINE}</p></li></ul>") == high(f"<ul><li>{LINE}</li></ul>")


def test_a_section_is_as_high_as_it_is_with_what_is_deeper_folded_and_as_much_more_as_it_is_shown():
    body = marked(PAGE)
    own = own_heights(BeautifulSoup(PAGE, "html.parser"))
    deeper = own["deeper"] + own["part"]
    styles = {part["id"]: part["style"] for part in body.select(".unseen")}
    assert styles == {
        "core": f"--unseen: {own['core'] + FOLDED:.0f}px; --unseen-deeper: {deeper - FOLDED:.0f}px",
        "deeper": f"--unseen: {deeper:.0f}px; --unseen-deeper: 0px",
    }


@pytest.mark.parametrize("name", ["page", "part"])
def test_neither_the_page_nor_a_part_of_a_part_waits(name):
    assert "unseen" not in marked(PAGE).find(id=name).get("class", [])


def test_the_page_stays_as_it_was_but_for_classes_and_styles():
    assert marked(PAGE).get_text() == BeautifulSoup(PAGE, "html.parser").get_text()

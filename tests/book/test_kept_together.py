"""A formula and the signs that touch it are one piece, within which no line ends."""

import sys
from pathlib import Path

import pytest
from docutils import nodes

sys.path.insert(0, str(Path(__file__).parents[2] / "book" / "_ext"))
from set_maths import keep_together


def pieces(element: nodes.Element) -> list[str]:
    keep_together(None, element, "book/07_more")
    return [piece.astext() for piece in element.findall(nodes.inline)]


def sentence(kind, *parts: str) -> nodes.Element:
    """An element of formulas, which are written in dollars, and text."""
    made = [nodes.math("", part.strip("$")) if part.startswith("$") else nodes.Text(part) for part in parts]
    return kind("", "", *made)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (["Now (", "$m$", ", ", "$s$", "), and"], ["(m,", "s),"]),
        (["a \u201c", "$x$", "\u201d."], ["\u201cx\u201d."]),
        (["the ", "$z$", "-axis of ", "$q$"], ["z-axis"]),
        (["of ", "$x$", " and"], []),
        (["$x$"], []),
        (["a line\n", "$x$", "\nends"], []),
    ],
)
def test_what_touches_a_formula_stays_with_it_and_nothing_else_does(parts, expected):
    paragraph = sentence(nodes.paragraph, *parts)
    text = paragraph.astext()
    assert pieces(paragraph) == expected
    assert paragraph.astext() == text


def test_a_title_stays_as_it_is():
    assert pieces(nodes.section("", sentence(nodes.title, "What is ", "$b$", "?"))) == []

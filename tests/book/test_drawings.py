"""A drawing of the library stands in the page itself; any other picture stays one."""

import re
import sys
from pathlib import Path
from types import SimpleNamespace

import matplotlib.pyplot as plt
import pytest
from docutils import nodes

from vae_lib.page.drawing import drawn
from vae_lib.page.palette import LIGHT

sys.path.insert(0, str(Path(__file__).parents[2] / "book" / "_ext"))
from drawings import take_in, themed
from placed import named

OTHER = '<svg xmlns="http://www.w3.org/2000/svg" width="9mm" viewBox="0 0 9 9"><path fill="#134b95" d="M0 0"/></svg>'


@pytest.fixture
def folder(tmp_path) -> Path:
    with plt.style.context("vae_lib.page.book"):
        figure = plt.figure()
        figure.text(0, 0, "a < b & c", color=LIGHT["q"])
        figure.add_subplot().plot([0, 1])
        (tmp_path / "drawn.svg").write_text(drawn(figure))
        plt.close(figure)
    (tmp_path / "other.svg").write_text(OTHER)
    return tmp_path


def page(folder: Path, *names: str) -> nodes.paragraph:
    images = [nodes.image(uri=name, alt="A <dog> & a “cat”") for name in names]
    paragraph = nodes.paragraph("", "", *images)
    take_in(SimpleNamespace(srcdir=folder), paragraph, "book/07_more")
    return paragraph


def test_a_drawing_wears_the_palette_and_keeps_its_words(folder):
    (raw,) = page(folder, "drawn.svg").children
    assert 'aria-label="A &lt;dog&gt; &amp; a “cat”"' in raw.astext()
    assert "var(--q)" in raw.astext()
    assert LIGHT["q"] not in raw.astext()
    assert "a &lt; b &amp; c</text>" in raw.astext()


def test_a_path_that_draws_nothing_says_so_as_html_asks_and_no_other_is_touched():
    drawing = '<path id="space" transform="scale(1)"/><path id="z" d="M0 0"/><path\n  d="M1 1"/>'
    assert themed(drawing, "", "a-") == drawing.replace('<path id="space"', '<path d="" id="space"').replace(
        ' id="', ' id="a-'
    )


def test_the_ids_of_two_drawings_of_one_page_differ(folder):
    first, second = (set(re.findall(r' id="([^"]+)"', raw.astext())) for raw in page(folder, *["drawn.svg"] * 2))
    assert first
    assert first & second == set()


@pytest.mark.parametrize("name", ["other.svg", "https://example.org/far.svg", "missing.svg"])
def test_a_picture_that_is_no_such_drawing_stays_an_image_with_its_words(folder, name):
    (image,) = page(folder, name).children
    assert (image["uri"], image["alt"]) == (name, "A <dog> & a “cat”")


def test_the_ids_of_two_placed_drawings_differ_and_each_points_at_its_own():
    svg = '<svg viewBox="0 0 1 1"><clipPath id="c"/><path clip-path="url(#c)" fill="var(--q, #134b95)"/></svg>'
    first, second = (named(svg, "A < B", f"placed-{i}-") for i in range(2))
    assert 'id="placed-0-c"' in first
    assert "url(#placed-0-c)" in first
    assert 'id="placed-1-c"' in second
    assert 'aria-label="A &lt; B"' in first

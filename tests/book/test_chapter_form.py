"""What a chapter lacks of its form stops the build, which names page and lack; its titles may hold any sign."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from sphinx.errors import SphinxError

sys.path.insert(0, str(Path(__file__).parents[2] / "book" / "_ext"))
from coloured_terms import put_buttons
from deeper import mark_deeper
from opening import set_opening

TITLE, QUESTION, TIME = "<h1>7. More</h1>", "<p><strong>A question first.</strong></p>", "<p><strong>Time:</strong></p>"
SECTION = "<section id='more'><h2>{}</h2></section>"
THEME = {"repository_url": "https://github.com/a/b", "repository_branch": "main", "launch_buttons": {"colab_url": ""}}
APP = SimpleNamespace(add_js_file=lambda *_, **__: None, config=SimpleNamespace(html_theme_options=THEME))


def mended(mend, *html: str, page: str = "book/07_more") -> BeautifulSoup:
    body = BeautifulSoup(f"<section>{''.join(html)}</section>", "html.parser")
    mend(APP, page, body)
    return body


@pytest.mark.parametrize(
    ("mend", "html", "wanted"),
    [
        (set_opening, [QUESTION, TIME], "a title that begins with its number"),
        (set_opening, ["<h1>More</h1>", QUESTION, TIME], "a title that begins with its number"),
        (set_opening, ["<h1><em>7. More</em></h1>", QUESTION, TIME], "a title that begins with its number"),
        (set_opening, [TITLE, TIME], r"a paragraph with \*\*A question first.\*\*"),
        (set_opening, [TITLE, QUESTION], r"a paragraph with \*\*Time:\*\*"),
        (mark_deeper, [TITLE, SECTION.format("More (deeper)")], r"a paragraph with \*\*Time:\*\*"),
    ],
)
def test_what_is_missing_is_named_with_the_page(mend, html, wanted):
    with pytest.raises(SphinxError, match=f"book/07_more: expected {wanted}"):
        mended(mend, *html)


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        (r'<div class="math" data-tex="\tag{4.5}"></div>', "a numbered figure `bound`"),
        ('<figure class="numbered" id="figure-4-4"><div data-explorable="bound"></div></figure>', "an equation with"),
    ],
)
def test_terms_without_their_figure_or_their_equation_stop_the_build(html, wanted):
    with pytest.raises(SphinxError, match=f"book/04_elbo: expected {wanted}"):
        mended(put_buttons, html, page="book/04_elbo")


def test_a_title_with_signs_of_html_stays_text_where_it_is_said_again():
    body = mended(mark_deeper, TIME, SECTION.format("A &lt;b&gt; &amp; c (deeper)"), SECTION.format("On &lt;i&gt;"))
    assert body.select_one(".show-deeper span").get_text() == "A <b> & c (deeper)"
    assert body.select_one(".next-core a").get_text() == "On <i>"
    assert body.find(["b", "i"]) is None


def test_a_section_may_stand_at_any_depth():
    deep = "<section><h2>More</h2><section><h3>And</h3><section><h4>Last (deeper)</h4></section></section></section>"
    assert len(mended(mark_deeper, TIME, deep).select(".deeper > h4 + .show-deeper")) == 1

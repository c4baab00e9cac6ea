"""What a cell drew and the caption below it become one figure; what is no such pair is told, with its page."""

import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from docutils import nodes

sys.path.insert(0, str(Path(__file__).parents[2] / "book" / "_ext"))
from figures import frame, link_mentions

CELL = '<div class="cell"><div class="cell_output"><svg class="drawing"></svg></div></div>'
CAPTION = "<p><strong>Figure 7.1.</strong> A dot is a code.</p>"
APP = SimpleNamespace(
    add_js_file=lambda *_, **__: None, builder=SimpleNamespace(get_relative_uri=lambda _, page: f"{page}.html")
)


def framed(html: str) -> BeautifulSoup:
    body = BeautifulSoup(html, "html.parser")
    frame(APP, "book/07_more", body)
    return body


def test_a_drawing_and_the_caption_below_it_become_a_figure(caplog):
    (figure,) = framed(CELL + CAPTION).select("figure")
    assert figure["id"] == "figure-7-1"
    assert figure.figcaption.get_text() == "Figure 7.1. A dot is a code."
    assert figure.select_one(".drawing")
    assert caplog.text == ""


def test_a_number_in_bold_within_a_sentence_is_no_caption(caplog):
    body = framed(CELL + CAPTION + "<p>See <strong>Figure 7.1.</strong></p>")
    assert len(body.select("figure")) == 1
    assert body.find_all("p")[-1].get_text() == "See Figure 7.1."
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        (CAPTION, "Figure 7.1 is a caption, but the cell above it shows nothing"),
        (CELL + "<p>Words.</p>" + CAPTION, "Figure 7.1 is a caption, but the cell above it shows nothing"),
        ('<div class="cell"></div>' + CAPTION, "Figure 7.1 is a caption, but the cell above it shows nothing"),
        (CELL + CAPTION + CELL + CAPTION, "Figure 7.1 is there twice"),
    ],
)
def test_a_caption_without_its_own_drawing_or_number_is_told_and_takes_no_other(html, fault, caplog):
    body = framed(html)
    assert fault in caplog.text
    assert len(body.select("figure")) == html.count("Figure 7.1") - 1
    assert [drawing for drawing in body.select(".drawing") if len(drawing.find_parents("figure")) > 1] == []


def linked(*texts: str) -> list[str]:
    paragraph = nodes.paragraph("", "", *map(nodes.Text, texts))
    link_mentions(APP, paragraph, "book/notation")
    return [link["refuri"] for link in paragraph.findall(nodes.reference)]


@pytest.mark.parametrize("texts", [["As Figure 1.2 says"], ["As Figure", "\n", "1.2 says"], ["As Figure\u00a01.2."]])
def test_a_mention_leads_to_its_figure_wherever_a_line_ends(texts):
    assert linked(*texts) == ["book/01_architecture.html#figure-1-2"]


def test_the_number_that_opens_a_caption_is_no_link_and_in_bold_elsewhere_it_is():
    number = nodes.strong("", "Figure 1.2.")
    for before, links in ("", 0), ("See ", 1):
        paragraph = nodes.paragraph("", "", nodes.Text(before), number.deepcopy(), nodes.Text(" A code."))
        link_mentions(APP, paragraph, "book/01_architecture")
        assert len(list(paragraph.findall(nodes.reference))) == links


def test_a_mention_of_no_figure_is_told(caplog):
    assert linked("As Figure", "\n", "9.9 says") == []
    assert re.search("Figure 9.9 is mentioned, but no caption has this number", caplog.text)

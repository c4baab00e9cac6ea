"""Where scripts are stripped (GitHub's preview, an untrusted notebook) each chapter still reads: nothing is debris."""

import html
import re
from copy import copy
from functools import cache
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbconvert import HTMLExporter

CHAPTERS = sorted((Path(__file__).parents[2] / "book").glob("[0-9]*.ipynb"))
MATHS = re.compile(r"\$\$.+?\$\$|(?<!\$)\$[^$\n]+\$(?!\$)", re.DOTALL)
CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
PICTURES = ("image/svg+xml", "image/png")
DEBRIS = [
    r"addEventListener|querySelector|=>",  # a script, shown as text
    r"\{\w+\}`|^:::|\{\{",  # MyST
    r"</?(?:details|summary|div|span|img|table)\b",  # markup, shown as text
    r"<IPython\.|<Figure |<vae_lib\.|object at 0x",  # a Python object in the place of what it shows
]

each_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)


@cache
def notebook(path: Path):
    return nbformat.read(path, as_version=4)


@cache
def preview(path: Path) -> BeautifulSoup:
    """The chapter as HTML, by nbconvert as GitHub does it, without its scripts and style sheets."""
    page, _ = HTMLExporter(template_name="basic").from_notebook_node(notebook(path))
    soup = BeautifulSoup(page, "html.parser")
    for element in soup.find_all(["script", "style", "template"]):
        element.decompose()
    return soup


def prose(path: Path) -> str:
    """What is read outside code: its own listings may say anything."""
    soup = copy(preview(path))
    for code in soup.find_all(["pre", "code"]):
        code.decompose()
    return soup.get_text()


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", html.unescape(text))


def outputs(path: Path) -> list[dict]:
    return [output.get("data", {}) for cell in notebook(path).cells for output in cell.get("outputs", [])]


@each_chapter
def test_every_picture_is_there_and_holds_its_own_bytes(path):
    drawn = sum(any(kind in data for kind in PICTURES) for data in outputs(path))
    embedded = sum(
        len(BeautifulSoup(data.get("text/html", ""), "html.parser").find_all("img")) for data in outputs(path)
    )
    images = preview(path).find_all("img")
    assert len(images) == drawn + embedded
    assert all(image["src"].startswith("data:image/") for image in images)


@each_chapter
def test_every_picture_says_what_is_seen(path):
    # But for drawings in SVG: nbconvert passes no alt text of theirs on, wherever it is stored.
    pictures = [image for image in preview(path).find_all("img") if not image["src"].startswith("data:image/svg")]
    said = [image["alt"] for image in pictures]
    assert [alt for alt in said if len(alt) < 40 or alt.startswith("No description")] == []


@each_chapter
def test_what_is_seen_is_stored_with_the_picture_and_not_only_with_its_cell(path):
    for cell in notebook(path).cells:
        for output in cell.get("outputs", []):
            for kind in output.get("data", {}).keys() & set(PICTURES):
                assert output.metadata[kind]["alt"] == cell.metadata["mystnb"]["image"]["alt"]


@each_chapter
def test_in_the_place_of_a_live_figure_stands_its_picture(path):
    figures = preview(path).select("[data-explorable]")
    assert len(figures) >= 1
    assert [len(figure.find_all("img")) for figure in figures] == [1] * len(figures)


@each_chapter
def test_every_equation_comes_through_untouched(path):
    text = squeezed(preview(path).get_text())
    source = "\n\n".join(cell.source for cell in notebook(path).cells if cell.cell_type == "markdown")
    equations = MATHS.findall(CODE.sub("", source))
    assert len(equations) > 10
    assert [equation for equation in equations if squeezed(equation) not in text] == []


@each_chapter
def test_nothing_is_debris(path):
    text = MATHS.sub("", prose(path))
    assert [found for pattern in DEBRIS for found in re.findall(pattern, text, re.MULTILINE)] == []


@each_chapter
def test_what_is_folded_away_can_be_opened(path):
    folds = preview(path).find_all("details")
    source = "".join(cell.source for cell in notebook(path).cells if cell.cell_type == "markdown")
    shown = "".join(data.get("text/html", "") for data in outputs(path))
    assert len(folds) == source.count("<details>") + shown.count("<details>") > 0
    assert all(fold.summary and len(fold.get_text()) > len(fold.summary.get_text()) for fold in folds)

"""Every figure of a chapter has its number and a caption, and its drawing the palette's colours."""

import re
from pathlib import Path

import nbformat
import pytest

from vae_lib.page.palette import LIGHT, LIGHT_DIGITS

CHAPTERS = sorted(Path(__file__).parents[2].glob("book/[0-9]*.ipynb"))
CAPTION = re.compile(r"\*\*Figure (\d+\.\d+)\.\*\* \S.{10,600}(?:\n\n|\Z)")
COLOUR = re.compile(r"(?<!url\()(?<!href=\")#[0-9a-f]{6}\b")

each_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)


def cells(path: Path) -> list:
    return nbformat.read(path, as_version=4).cells


def is_figure(output) -> bool:
    """A picture, a live figure, or what a lab drew and stored."""
    data = output.get("data", {})
    return any(kind.startswith("image/") for kind in data) or "data:image/svg+xml" in data.get("text/html", "")


def drawings(path: Path) -> list[str]:
    outputs = [output for cell in cells(path) for output in cell.get("outputs", []) if "data" in output]
    kept = [output.metadata.get("drawing") for output in outputs]
    return [drawing or output.data.get("image/svg+xml", "") for drawing, output in zip(kept, outputs, strict=True)]


@each_chapter
def test_every_figure_has_a_caption_below_it_and_the_next_number(path):
    below = zip(cells(path), cells(path)[1:], strict=False)
    captions = [CAPTION.match(after.source) for cell, after in below if any(map(is_figure, cell.get("outputs", [])))]
    numbers = [caption and caption[1] for caption in captions]
    assert numbers == [f"{int(path.name[:2])}.{k}" for k in range(1, len(numbers) + 1)]


@each_chapter
def test_every_number_is_that_of_a_figure(path):
    text = "\n".join(cell.source for cell in cells(path) if cell.cell_type == "markdown")
    figures = sum(is_figure(output) for cell in cells(path) for output in cell.get("outputs", []))
    assert len(re.findall(r"^\*\*Figure ", text, flags=re.MULTILINE)) == figures


@each_chapter
def test_beside_every_png_its_drawing_is_kept(path):
    outputs = [output for cell in cells(path) for output in cell.get("outputs", [])]
    shown = [output for output in outputs if "image/png" in output.get("data", {})]
    assert [output for output in shown if not output.metadata["drawing"].startswith("<svg")] == []


@each_chapter
def test_a_drawing_has_no_colour_that_is_not_of_the_palette(path):
    colours = {colour for drawing in drawings(path) for colour in COLOUR.findall(drawing)}
    assert len(colours) > 2
    assert colours - set(LIGHT.values()) - set(LIGHT_DIGITS) == set()

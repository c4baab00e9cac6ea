"""The first page: its pictures are those of their code, its words are few, and what stands for a figure becomes it."""

import re
import runpy
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from vae_lib import figures

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "book" / "_static"
INDEX = (ROOT / "book" / "index.md").read_text()
STRIP = runpy.run_path(str(ROOT / "book" / "_tools" / "strip.py"))


def test_the_stored_pictures_are_what_their_code_draws():
    drawn = STRIP["pictures"]()
    assert {path: path.read_text() == text for path, text in drawn.items()} == dict.fromkeys(drawn, True)
    assert set((STATIC / "strip").iterdir()) < set(drawn)


@pytest.mark.parametrize("name", STRIP["LIVE"])
def test_below_the_mark_of_a_live_figure_stands_its_stored_picture_with_its_words(name):
    with plt.style.context("vae_lib.page.book"):
        alt = getattr(figures, name)().alt
    assert re.search(
        rf"^ *<!-- figure: {name} -->\n *!\[{re.escape(alt)}\]\(_static/{name}\.svg\)$", INDEX, re.MULTILINE
    )


def test_the_small_pictures_name_every_colour_for_who_has_no_theme():
    for path in (STATIC / "strip").iterdir():
        assert re.findall(r"var\(--\w+\)|(?<!, )#[0-9a-f]{6}", path.read_text()) == []
        assert len(set(re.findall(r"var\(--(\w+), #[0-9a-f]{6}\)", path.read_text()))) > 1
        assert path.stat().st_size < 8_000


def test_the_first_page_has_few_words():
    prose = re.sub(
        r"^---.*?^---|<!--.*?-->|!\[[^\]]*\]\([^)]*\)|\]\([^)]*\)", "", INDEX, flags=re.MULTILINE | re.DOTALL
    )
    assert len(prose.split()) <= 300  # with its live figures 400: tests/browser/test_landing_page.py

"""The pictures that shared links show are those of today's titles and drawings, and the mark on them is the page's."""

import re

import cards
import numpy as np
import pytest
from PIL import Image


@pytest.mark.parametrize("page", cards.pages(), ids=lambda page: page.stem)
def test_a_card_is_what_its_code_draws(page):
    stored, drawn = (
        np.asarray(image.convert("RGB"), dtype=float)
        for image in (Image.open(cards.CARDS / f"{page.stem}.png"), cards.drawn(page))
    )
    assert np.abs(stored - drawn).mean() < 0.2, "run `python book/_tools/cards.py`"


def test_there_is_a_card_for_each_page_and_no_other():
    assert {path.stem for path in cards.CARDS.iterdir()} == {page.stem for page in cards.pages()}


def test_another_letter_in_a_title_makes_another_card(monkeypatch):
    page = next(page for page in cards.pages() if page.stem == "04_elbo")
    before = np.asarray(cards.drawn(page).convert("RGB"), dtype=float)
    monkeypatch.setattr(cards, "title", lambda page: "4. The ELBo")
    assert np.abs(before - np.asarray(cards.drawn(page).convert("RGB"), dtype=float)).mean() > 0.2


def test_a_long_title_is_set_smaller_and_stays_on_the_card(monkeypatch):
    monkeypatch.setattr(cards, "title", lambda page: "A title that is much too long for one line of a card")
    picture = np.asarray(cards.drawn(cards.pages()[0]).convert("L"))
    assert picture[:230, 1160:].min() == 255


def test_the_parts_that_a_chapter_lights_are_lit_on_its_card():
    parts = {page.stem: cards.lit(page) for page in cards.pages()}
    assert parts["04_elbo"] == ["kl", "reconstruction", "loss"]
    assert parts["notation"] == []


def test_the_mark_has_the_colour_of_q_and_the_card_s_is_as_large():
    mark = (cards.BOOK / "_static" / "mark.svg").read_text()
    assert set(re.findall(r"#\w+", mark)) == {cards.LIGHT["q"], "#fff"}

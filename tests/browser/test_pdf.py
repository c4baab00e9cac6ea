"""The whole book as one PDF: every page and link is in it, and nothing is cut off.

Three pages of it, or all where EVERY_VIEW is asked for.
"""

import re
from itertools import pairwise

import pytest
from built import EVERY_VIEW, new_page, open_page
from pdf import PARTS, SHEET, STEMS, opened
from test_in_browser import unset_formulas

PRINTED = STEMS if EVERY_VIEW else ["index", "02_worked_example", "quick_reference"]


@pytest.fixture(scope="module")
def page(browser):
    with opened(browser, PRINTED) as page:
        yield page


@pytest.fixture(scope="module")
def pdf(page) -> bytes:
    return page.pdf(**SHEET)


def in_pdf(text: str) -> bytes:
    """As the PDF's outline writes a title."""
    return f"({text})".encode() if text.isascii() else b"<FEFF" + text.encode("utf-16-be").hex().upper().encode() + b">"


def too_wide(page, what: str) -> list[str]:
    script = """all => all.filter(one => {
        const {left, right} = one.getBoundingClientRect();
        return Math.max(right, left + one.scrollWidth) > innerWidth + 1;
    }).map(one => one.textContent)"""
    return page.eval_on_selector_all(what, script)


def test_the_outline_holds_every_page_in_the_order_of_the_contents(page, pdf):
    titles = page.eval_on_selector_all("h1", "all => all.map(one => one.textContent)")
    assert len(STEMS) == 1 + sum(map(len, PARTS.values()))
    assert len(titles) == len(PRINTED)
    places = [pdf.index(b"/Title " + in_pdf(title)) for title in titles]
    assert all(before < after for before, after in pairwise(places))


def test_it_has_the_sheets_of_a_book_and_every_chapter_several(pdf):
    sheets = len(re.findall(rb"/Type /Page\b", pdf))
    assert 10 * len({*PARTS["The recitation"]} & {*PRINTED}) < sheets < (500 if EVERY_VIEW else 50)


def test_every_link_inside_leads_somewhere(page):
    targets = page.eval_on_selector_all("a[href^='#']", "all => all.map(one => one.getAttribute('href').slice(1))")
    targets = [target for target in targets if target.split("--")[0] not in {*STEMS} - {*PRINTED}]
    assert len(targets) > (100 if EVERY_VIEW else 30)
    ids = set(page.eval_on_selector_all("[id]", "all => all.map(one => one.id)"))
    assert [target for target in targets if target not in ids] == []
    links = page.eval_on_selector_all("a", "all => all.map(one => one.getAttribute('href'))")
    assert [link for link in links if not re.match("#|https?://", link)] == []


def test_every_equation_is_set_and_no_equation_code_or_picture_is_cut_off(page):
    assert unset_formulas(page) == []
    assert page.complaints == []
    for what in ("mjx-container", "pre", "table", "img"):
        assert too_wide(page, what) == []


def test_hints_and_solutions_stand_open_at_the_end_of_their_chapter(page):
    exercises = page.locator("section[id*='--exercise-']").count()
    on_paper = page.locator(".answers > details", has_text="A model answer to")
    assert page.locator(".answers > .tag_solution").count() + on_paper.count() == exercises > 0
    assert page.locator("section[id*='--exercise-'] :is(.tag_solution, details)").count() == 0
    assert page.locator("details:not([open])").count() == 0


def test_an_exercise_by_hand_has_empty_lines_to_write_on(page):
    lines = page.locator(".by-hand input")
    assert lines.count() > 60
    assert lines.first.evaluate("node => getComputedStyle(node).borderWidth") == "0px 0px 1px"
    assert page.locator(":is(.judging, .stub, .keep-answers, .your-number, .gate):visible").count() == 0


def test_the_quick_reference_prints_on_two_sides(browser, site):
    with new_page(browser, width=1280, theme="light") as page:
        open_page(page, f"{site}/book/quick_reference.html")
        sheets = re.findall(rb"/Type /Page\b", page.pdf(format="A4", prefer_css_page_size=True, print_background=True))
    assert len(sheets) == 2

"""What scrolls can be reached by keyboard (book/_static/scrollable.js), and what does not is no stop on the way."""

import pytest
from built import WIDTHS, lay_out, new_page, open_page

ASIDE = """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done([
    ...document.querySelectorAll("article :is(pre, div.math, .pst-scrollable-table-container, .cell_output > .output)"),
].filter(box => box.checkVisibility({contentVisibilityAuto: false}))
 .map(box => [box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight, box.tabIndex === 0])))))"""
OPEN = "document.querySelectorAll('article details').forEach(fold => fold.open = true)"


@pytest.fixture(scope="module")
def page(browser, site):
    with new_page(browser, width=WIDTHS["phone"], theme="light") as page:
        open_page(page, f"{site}/book/04_elbo.html")
        lay_out(page)
        yield page


def test_what_scrolls_is_a_stop_and_what_does_not_is_none(page):
    boxes = page.evaluate(ASIDE)
    assert [scrolls for scrolls, _ in boxes] == [stop for _, stop in boxes]
    assert {True, False} == {scrolls for scrolls, _ in boxes}


def test_what_was_folded_is_looked_at_when_it_is_opened(page):
    before = len(page.evaluate(ASIDE))
    page.evaluate(OPEN)
    boxes = page.evaluate(ASIDE)
    assert len(boxes) > before
    assert [scrolls for scrolls, _ in boxes] == [stop for _, stop in boxes]


def test_the_theme_does_not_look_at_every_block_when_a_page_opens(page):
    script = page.evaluate(
        "fetch(document.querySelector('script[src*=pydata-sphinx-theme]').src).then(script => script.text())"
    )
    assert "tabIndex=e.scrollWidth" not in script
    assert "querySelectorAll" in script

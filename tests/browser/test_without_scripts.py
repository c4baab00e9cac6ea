"""Pages on a phone where scripts are switched off: their text, pictures and formulas and what they fold are there.

One of each kind; `make views` opens all.
"""

from pathlib import Path

import pytest
from built import EVERY_VIEW, PAGES, WIDTHS, lay_out, new_page
from test_in_browser import too_wide, unset_formulas

KINDS = ["book/index.html", "book/02_worked_example.html", "book/i_see.html", "book/notation.html", "book/api.html"]


@pytest.fixture(scope="module", params=PAGES if EVERY_VIEW else KINDS, ids=lambda path: Path(path).stem)
def page(request, browser, site):
    with new_page(browser, width=WIDTHS["phone"], theme="light", scripts=False) as page:
        page.goto(f"{site}/{request.param}")
        lay_out(page)
        yield page


def test_what_is_folded_opens_at_a_click_and_then_all_text_is_seen(page):
    for kind in ("details.hide", "details:not(.hide)"):
        for summary in page.locator(f"article {kind} > summary").all()[:1]:
            summary.click()
            assert summary.locator("..").get_attribute("open") == ""
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    unseen = page.eval_on_selector_all(
        "article :is(p, li, pre, td, dd, h1, h2, h3, .math)",
        """all => all.filter(one => one.textContent.trim() && !one.checkVisibility() && !one.closest(".pst-js-only"))
            .map(one => one.textContent)""",
    )
    assert unseen == []


def test_every_picture_is_seen(page):
    pictures = page.evaluate(
        """Promise.all([...document.querySelectorAll("article img")].map(async picture => {
            await picture.decode();
            return picture.naturalWidth > 0 && picture.getBoundingClientRect().width > 100;
        }))"""
    )
    assert all(pictures)


def test_every_formula_is_set(page):
    assert unset_formulas(page) == []


def test_the_page_has_the_light_theme_and_is_no_wider_than_the_window(page):
    style = "getComputedStyle(document.documentElement).getPropertyValue('--pst-color-surface')"
    assert page.evaluate(style) == "#f5f6f7"
    assert too_wide(page) == []
    assert page.complaints == []

"""What a reader sees before a page is complete: it is in its theme, and does not move when the rest arrives."""

import pytest
from built import HTML, THEMES, WIDTHS, new_page

LATE = ["**/*.woff*", "**/pydata-sphinx-theme.js*", "**/bootstrap.js*", "**/deeper.js*", "**/copy_tex.js*"]
CHAPTER = "book/04_elbo.html"
PAINTED = "performance.getEntriesByName('first-contentful-paint').length > 0"
SHIFT = """() => document.fonts.ready.then(() => new Promise((done) => {
    let sum = 0;
    const add = (list) => list.getEntries().forEach((one) => { sum += one.value; });
    new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(sum), 100)));
}))"""
# A page has come as far as where this stands for the first time: within its bar, its figure, before its contents.
PARTS = ['<div class="dropdown dropdown-download', '<img alt="Two panels', '<div id="pst-secondary-sidebar"']
LOOKED_AT = ".bd-header-article *, article > section > *, .opening *"
PLACES = """(all) => all.map((one) => {
    const box = one.getBoundingClientRect();
    return one.checkVisibility({ visibilityProperty: true }) && [box.x, box.y, box.width].map(Math.round);
})"""


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("stem", ["index", "04_elbo"])
def test_a_page_is_in_its_theme_before_fonts_and_scripts_arrive_and_nothing_moves_when_they_do(
    browser, site, stem, theme
):
    with new_page(browser, width=WIDTHS["phone"], theme=theme, fresh=True) as page:
        waiting, arrived = [], []
        for files in LATE:
            page.route(files, lambda route: route.continue_() if arrived else waiting.append(route))
        page.goto(f"{site}/book/{stem}.html", wait_until="commit")
        page.wait_for_function(PAINTED)
        page.wait_for_function("document.querySelector('footer')")
        assert page.evaluate("document.documentElement.dataset.theme") == theme
        assert len(waiting) > len(LATE)
        arrived.append(True)
        for route in waiting:
            route.continue_()
        page.wait_for_load_state()
        assert page.evaluate(SHIFT) < 0.02
        assert page.complaints == []


def places(page, address: str, text: str) -> list:
    """Where each element is that is seen of the bar and the article, in a page of which this text has come."""
    page.route(address, lambda route: route.fulfill(body=text, content_type="text/html"))
    page.goto(address)
    return page.eval_on_selector_all(LOOKED_AT, PLACES)


@pytest.mark.parametrize("width", WIDTHS.values())
def test_what_has_arrived_of_a_page_stands_where_it_stands_when_all_has(browser, site, width):
    address, text = f"{site}/{CHAPTER}", (HTML / CHAPTER).read_text(encoding="utf-8")
    with new_page(browser, width=width, theme="light", scripts=False) as page:
        whole = places(page, address, text)
        for part in PARTS:
            before, found, _ = text.partition(part)
            assert found, part
            pairs = zip(places(page, address, before), whole, strict=False)
            assert [pair for pair in pairs if pair[0] and pair[0] != pair[1]] == [], part

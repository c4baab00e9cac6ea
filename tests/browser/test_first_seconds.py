"""What a reader sees before a page is complete: it is in its theme, and does not move when the rest arrives."""

import pytest
from built import THEMES, WIDTHS, new_page
from test_deeper import SHIFT

LATE = ["**/*.woff*", "**/pydata-sphinx-theme.js*", "**/bootstrap.js*", "**/deeper.js*", "**/copy_tex.js*"]
PAINTED = "performance.getEntriesByName('first-contentful-paint').length > 0"


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

"""The page's own face, and the page for an address that is not there."""

from urllib.parse import urlsplit

import pytest
from built import HTML, THEMES, WIDTHS, in_turn, new_page, open_page
from test_in_browser import faults, too_wide

CHAPTERS = ["book/02_worked_example.html", "book/04_elbo.html"]
ROOT = "/vae-recitation/"  # where the pages lie on their host


def height(page) -> float:
    return page.evaluate("document.querySelector('article').getBoundingClientRect().height")


def faces(page) -> set[str]:
    """The faces that the page has loaded, as "style weight"."""
    return set(
        page.evaluate(
            """document.fonts.ready.then(() => [...document.fonts]
                .filter(face => face.family.includes("Source Serif 4") && face.status === "loaded")
                .map(face => `${face.style} ${face.weight}`))"""
        )
    )


@pytest.mark.parametrize("as_file", [False, True], ids=["served", "file"])
def test_text_and_headings_are_set_in_the_face_that_comes_with_the_page(browser, site, as_file):
    with new_page(browser, width=1280, theme="light") as page:
        open_page(page, f"{HTML.as_uri() if as_file else site}/{CHAPTERS[1]}")
        assert {"normal 400", "normal 600"} <= faces(page)
        families = page.eval_on_selector_all(
            "article > section > p, article h1, article h2", "all => all.map(one => getComputedStyle(one).fontFamily)"
        )
        assert {family.split(",")[0] for family in families} == {'"Source Serif 4"'}
        assert page.complaints == []


def test_the_two_faces_of_every_page_are_asked_for_before_its_style_sheets_are_read(browser, site):
    with new_page(browser, width=1280, theme="light") as page:
        open_page(page, f"{site}/{CHAPTERS[0]}")
        asked = page.evaluate(
            """performance.getEntriesByType("resource").filter(entry => entry.name.includes("source-serif-4/latin"))
                .map(entry => [entry.name.split("/").at(-1), entry.initiatorType])"""
        )
        files = {f"latin-{weight}-normal.woff2" for weight in (400, 600)}
        assert sorted(entry for entry in asked if entry[0] in files) == [[file, "link"] for file in sorted(files)]


@pytest.mark.parametrize(("path", "width"), in_turn(CHAPTERS, WIDTHS.values()))
def test_without_the_face_the_text_is_as_long(browser, site, path, width):
    heights = []
    for pattern in ("**/no-font/*", "**/source-serif-4/*"):
        with new_page(browser, width=width, theme="light", fresh=True) as page:
            page.route(pattern, lambda route: route.abort())
            page.route("**/mathjax/*.js*", lambda route: route.abort())  # it fits its formulas to the face
            page.goto(f"{site}/{path}")
            assert bool(faces(page)) == (pattern == "**/no-font/*")
            heights.append(height(page))
    assert heights[1] == pytest.approx(heights[0], rel=0.015)  # Times as it is: 5 to 9 in a hundred shorter


def under_the_root(route):
    """As GitHub Pages answers: the file below the root, or 404.html; with status 200, for else Chromium complains."""
    path = HTML / urlsplit(route.request.url).path.removeprefix(ROOT)
    route.fulfill(path=path if path.is_file() else HTML / "404.html")


@pytest.mark.parametrize(("address", "theme"), in_turn(["nothing.html", "book/no/such/page.html"], THEMES))
def test_an_address_that_is_not_there_shows_the_book_s_own_page_at_any_depth(browser, site, address, theme):
    with new_page(browser, width=390, theme=theme) as page:
        page.route(f"**{ROOT}**", under_the_root)
        open_page(page, f"{site}{ROOT}{address}")
        assert page.locator("h1").inner_text() == "No page here"
        assert "normal 600" in faces(page)
        assert too_wide(page) == []
        assert faults(page) == set()
        assert page.complaints == []
        page.click("article a >> nth=0")
        page.wait_for_url(f"**{ROOT}book/index.html")

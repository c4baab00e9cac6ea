"""The search: what it finds for a reader's words, and its field by keyboard, finger and ear, served and as a file."""

from gzip import compress
from pathlib import Path

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from built import HTML, THEMES, WIDTHS, in_turn, new_page, open_page

SEARCHED = yaml.safe_load(Path(__file__).with_name("searched.yml").read_text(encoding="utf-8"))
FIRST, NEAR = SEARCHED["first"], SEARCHED["near"]
TOP = """query => sectionSearch.search(query).hits.slice(0, 3).map(
    ({ address }) => address.replace("book/", "").replace(".html", ""))"""
CHAPTER = "book/04_elbo.html"
VIEWS = [(device, theme) for device, theme in in_turn(WIDTHS, THEMES)]


@pytest.fixture(scope="module")
def page(browser, site):
    """The page of the search, whose index is loaded."""
    with new_page(browser, width=1280, theme="light") as page:
        open_page(page, f"{site}/search.html?q=elbo")
        page.wait_for_selector("#search-hits a")
        yield page


def ask(page, query: str) -> None:
    """Open the dialog and type."""
    page.keyboard.press("/")
    page.keyboard.type(query)
    page.wait_for_function("document.querySelector('.search-count').textContent")


def chosen(page) -> str:
    """The text of the option that the field names as its active one."""
    return page.evaluate(
        "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))?.textContent"
    )


def test_what_a_reader_types_leads_to_its_place(page):
    assert len(FIRST) + len(NEAR) >= 70
    tops = {query: page.evaluate(TOP, query) for query in [*FIRST, *NEAR]}
    assert {query: tops[query] for query, place in FIRST.items() if tops[query][:1] != [place]} == {}
    assert {query: tops[query] for query, place in NEAR.items() if place not in tops[query]} == {}


def test_every_hit_leads_to_an_anchor_that_is_there(page):
    places = page.evaluate("SECTIONS.sections.map(([page, anchor]) => [SECTIONS.pages[page][0], anchor])")
    texts = {name: (HTML / f"{name}.html").read_text(encoding="utf-8") for name, _ in places}
    assert len(places) > 500
    assert [place for place in places if f'id="{place[1]}"' not in texts[place[0]]] == []


def test_titles_and_extracts_show_text_and_no_tex(page):
    shown = page.evaluate("SECTIONS.sections.map(([, , title, extract]) => `${title} ${extract}`)")
    assert [text for text in shown if "\\(" in text or "\\\\" in text or "\\mathrm" in text or "$" in text] == []


def test_the_index_is_light_and_nothing_of_sphinx_is_left():
    packed = len(compress((HTML / "_static" / "search_index.js").read_bytes(), 9))
    assert packed <= 110_000  # of ten chapters; it is fetched when a reader first searches
    gone = {"searchindex.js", "searchtools.js", "language_data.js", "sphinx_highlight.js"}
    assert gone & {path.name for path in HTML.rglob("*.js")} == set()


@pytest.mark.parametrize("as_file", [False, True], ids=["served", "file"])
def test_the_keyboard_finds_a_section_and_opens_it(browser, site, as_file):
    with new_page(browser, width=1280, theme="light") as page:
        open_page(page, f"{HTML.as_uri() if as_file else site}/{CHAPTER}")
        ask(page, "5.5994")
        first = chosen(page)
        page.keyboard.press("ArrowDown")
        assert chosen(page) != first
        page.keyboard.press("ArrowUp")
        assert chosen(page) == first
        assert page.locator("#search-hits mark").first.inner_text() == "5.5994"
        page.keyboard.press("Enter")
        page.wait_for_url("**/02_worked_example.html#if-you-got-another-number-*")
        assert page.locator("tr:target").inner_text().startswith("5.5994")
        assert page.complaints == []


def test_escape_and_control_k_close_and_open_it(browser, site):
    with new_page(browser, width=1280, theme="light") as page:
        open_page(page, f"{site}/{CHAPTER}")
        page.keyboard.press("Control+k")
        dialog, field = page.locator("#pst-search-dialog"), page.get_by_role("combobox", name="Search this book")
        assert dialog.is_visible()
        assert field.evaluate("node => node === document.activeElement")
        page.keyboard.press("Escape")
        assert not dialog.is_visible()


def test_a_slash_opens_it_but_in_a_field_it_is_a_fraction(browser, site):
    with new_page(browser, width=1280, theme="light") as page:
        open_page(page, f"{site}/book/index.html")
        dialog, field = page.locator("#pst-search-dialog"), page.locator("[data-explorable=ask] input").first
        field.fill("")
        field.press_sequentially("157/32")
        assert field.input_value() == "157/32"
        assert not dialog.is_visible()
        field.blur()
        page.keyboard.press("/")
        assert dialog.is_visible()


@pytest.mark.parametrize(("device", "theme"), VIEWS, ids=map(str, VIEWS))
def test_a_finger_opens_a_hit_on_the_same_page_and_axe_finds_no_fault(browser, site, device, theme):
    with new_page(browser, width=WIDTHS[device], theme=theme, has_touch=True) as page:
        open_page(page, f"{site}/{CHAPTER}")
        page.locator(".search-button__button:visible").first.tap()
        page.keyboard.type("KL of two gaussians")
        page.wait_for_selector("#search-hits a")
        assert page.get_by_role("status").filter(has_text="sections").count() == 1
        results = Axe().run(page, context="#pst-search-dialog").response["violations"]
        assert [fault["id"] for fault in results] == []
        hit = page.get_by_role("option", name="The KL, line by line")
        assert hit.bounding_box()["height"] >= 44
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        hit.tap()
        page.wait_for_url("**#the-kl-line-by-line")
        assert not page.locator("#pst-search-dialog").is_visible()


def test_what_is_nowhere_is_said_and_the_glossary_offered(page):
    field = page.get_by_role("combobox")
    field.fill("xyzzyq")
    page.wait_for_function("document.querySelector('.search-count').textContent.includes('Nothing found')")
    assert field.get_attribute("aria-expanded") == "false"
    assert page.locator(".search-else a").evaluate_all("links => links.map(link => link.textContent)") == [
        "glossary",
        "I see…",
    ]
    field.fill("posteriror")
    page.wait_for_function("document.querySelector('.search-count').textContent.includes('“Posterior” is')")
    assert page.locator("#search-hits a").count() > 0


def test_without_scripts_its_page_says_so_and_leads_to_the_glossary(browser, site):
    with new_page(browser, width=1280, theme="light", scripts=False) as page:
        page.goto(f"{site}/search.html")
        assert "needs scripts" in page.locator("noscript p").inner_text()
        assert not page.locator("form.bd-search").is_visible()

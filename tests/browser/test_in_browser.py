"""Every page in headless Chromium without a network: on a laptop or a phone, light or dark, served and as a file."""

from pathlib import Path

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from built import (
    EVERY_VIEW,
    HTML,
    PAGES,
    THEMES,
    WIDTHS,
    in_views,
    lay_out,
    new_page,
    open_page,
    too_wide,
    unset_formulas,
)
from fontTools.ttLib import TTFont

CHAPTER_1, CHAPTER_2 = "book/01_architecture.html", "book/02_worked_example.html"
CONFIG = yaml.safe_load((Path(__file__).parents[2] / "_config.yml").read_text())
SOME = PAGES if EVERY_VIEW else ["book/index.html", CHAPTER_1, CHAPTER_2, "book/api.html"]  # one of each kind
NAMED = "label-content-name-mismatch"
SIZES = "all => all.map(one => [one.name || one.className, parseFloat(getComputedStyle(one).fontSize)])"
VIEWS = in_views([*PAGES, "search.html"])


@pytest.fixture(scope="module", params=VIEWS, ids=lambda view: f"{Path(view[0]).stem}-{view[1]}-{view[2]}")
def page(request, browser, site):
    """A page in one view, opened once for all of its tests; some switch the theme, as its reader's system would."""
    path, device, theme = request.param
    with new_page(browser, width=WIDTHS[device], theme=theme) as page:
        page.theme = theme
        open_page(page, f"{site}/{path}")
        lay_out(page)
        page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
        yield page


def torn_off(page) -> list[str]:
    """Formulas on another line than the comma, bracket or word that touches them."""
    return page.evaluate(
        """[...document.querySelectorAll("article span.math")].flatMap(formula => {
            const own = formula.querySelector("mjx-container").getBoundingClientRect();
            return [[formula.previousSibling, true], [formula.nextSibling, false]]
                .filter(([beside]) => beside?.nodeType === Node.TEXT_NODE)
                .filter(([beside, before]) => {
                    const at = before ? beside.length - 1 : 0, letter = document.createRange();
                    letter.setStart(beside, at);
                    letter.setEnd(beside, at + 1);
                    const its = letter.getBoundingClientRect();
                    return /\\S/.test(beside.data[at]) && (its.top > own.bottom || its.bottom < own.top);
                })
                .map(([beside]) => `${formula.textContent} | ${beside.data.slice(0, 20)}`);
        })"""
    )


def icons(page) -> list[dict]:
    """Each icon that the page names, seen or not: its name, character and width, and whether its font is loaded."""
    return page.evaluate(
        """async () => {
            const named = [...document.querySelectorAll(".fas, .fab, .far, .fa-solid, .fa-brands, .fa-regular")];
            const names = new Set(named.map(i => [...i.classList].filter(name => name.startsWith("fa")).join(" ")));
            const shown = [...names].map(name => Object.assign(document.createElement("i"), {className: name}));
            const row = document.body.appendChild(document.createElement("div"));
            row.append(...shown);
            await document.fonts.ready;
            const icons = shown.map(i => {
                const {content, fontFamily, fontWeight} = getComputedStyle(i, "::before");
                const loaded = fontFamily.includes("Font Awesome")
                    && document.fonts.check(`${fontWeight} 16px ${fontFamily}`, content[1]);
                return {name: i.className, character: content[1], width: i.getBoundingClientRect().width, loaded};
            });
            row.remove();
            return icons;
        }"""
    )


def cut_off(page) -> list[str]:
    """Lines of code that are wider than their block, which nothing shows, and tables that are wider than the page;
    what is printed in columns scrolls."""
    return page.evaluate(
        """[...document.querySelectorAll("article pre, article .pst-scrollable-table-container:has(.stacked)")]
            .filter(block => block.checkVisibility() && !block.closest(".aligned"))
            .filter(block => block.scrollWidth > block.clientWidth)
            .map(block => block.textContent.slice(0, 80))"""
    )


def scrolling_formulas(page) -> list[str]:
    return page.evaluate(
        """[...document.querySelectorAll("article div.math")]
            .filter(math => math.checkVisibility() && math.scrollWidth > math.clientWidth)
            .map(math => math.dataset.tex)"""
    )


@pytest.fixture(scope="module")
def in_widths(page) -> dict[int, dict[str, list[str]]]:
    """What is too wide, cut off or scrolls at the width of each device, and of a phone also at 320 (WCAG 1.4.10)."""
    before, found = page.viewport_size, {}
    widths = [before["width"], *WIDTHS.values()] + [320] * (before["width"] == WIDTHS["phone"])
    for width in dict.fromkeys(widths):
        page.set_viewport_size({"width": width, "height": 844})
        found[width] = {"wide": too_wide(page), "cut": cut_off(page), "scrolling": scrolling_formulas(page)}
    page.set_viewport_size(before)
    return found


LIVE = "[...document.querySelectorAll('[data-live]')]"


def switch(page, theme: str) -> None:
    """Change the theme, and wait until the page and its live figures have followed."""
    page.emulate_media(color_scheme=theme)
    page.wait_for_function("theme => document.documentElement.dataset.theme === theme", arg=theme)
    dark = str(theme == "dark").lower()
    page.wait_for_function(f"() => {LIVE}.every((host) => host.hasAttribute('data-dark') === {dark})")


@pytest.fixture(scope="module")
def in_themes(page) -> dict[str, dict]:
    """What the page's pictures and live figures are in each theme, and which stand so."""
    found = {}
    for theme in THEMES:
        switch(page, theme)
        found[theme] = page.evaluate(
            """() => ({
                cards: [...document.querySelectorAll("article img:not([data-live] img)")]
                    .map(image => getComputedStyle(image)).map(style => [style.filter, style.backgroundColor]),
                figures: [...document.querySelectorAll("[data-explorable]")]
                    .map(host => ["live" in host.dataset, "dark" in host.dataset]),
            })"""
        )
    return found


# What may be emptied, each line of code by itself; what stays; and what is looked at in it. Of formulas axe reads no
# glyph, whatever its colour.
BLOCKS = (
    "article :is(p, li, td, dt, dd, .line, pre:not(:has(.line)), mjx-container, :is(.line, .sig) span,"
    " p > :is(code, em, strong)):not(a *, button *, label *, summary *)"
)
STAYS = "a, button, input, select, summary, img, svg, [tabindex]"
INSIDE = ":not(mjx-container *)"


def what_repeats(page) -> None:
    """Empties the blocks of plain text, code and formulas in which axe would judge no colour on a ground, no size and
    no weight of letters that it has not judged above. What can be pressed, and code that scrolls, stays."""
    page.evaluate(
        """([blocks, stays, inside]) => {
            const judged = new Set(), first = [], grounds = new Map([[null, ""]]);
            const ground = (one) => {
                if (!grounds.has(one)) {
                    const { backgroundColor, opacity } = getComputedStyle(one), own = `${backgroundColor} ${opacity}`;
                    grounds.set(one, (own === "rgba(0, 0, 0, 0) 1" ? "" : own) + ground(one.parentElement));
                }
                return grounds.get(one);
            };
            const look = (one) => {
                const { color, fontSize, fontWeight } = getComputedStyle(one);
                return `${color} ${fontSize} ${fontWeight} ${ground(one)}`;
            };
            const emptied = [...document.querySelectorAll(blocks)].filter((block) => {
                const box = block.closest("pre") ?? block;
                if (first.some((one) => one.contains(block))) return false;
                if (block.querySelector(stays) || box.scrollWidth > box.clientWidth) return false;
                const looks = [block, ...block.querySelectorAll(inside)].map(look);
                if (looks.every((one) => judged.has(one))) return true;
                looks.forEach((one) => judged.add(one));
                first.push(block);
                return false;
            });
            emptied.forEach((block) => block.replaceChildren());
        }""",
        [BLOCKS, STAYS, INSIDE],
    )


def path(target) -> list[str]:
    return [target] if isinstance(target, str) else target


def faults(page, **options) -> set[tuple[str, str]]:
    """What axe finds, as (rule, element); an element in a shadow root as the path to it."""
    options |= {"resultTypes": ["violations"], "preload": False}  # preloading, it asks for style sheets in wrong places
    found = Axe().run(page, options=options).response["violations"]
    return {(violation["id"], " ".join(path(node["target"][0]))) for violation in found for node in violation["nodes"]}


@pytest.fixture(scope="module")
def found_by_axe(page) -> set[tuple[str, str]]:
    """By all its rules, in one run."""
    switch(page, page.theme)
    page.add_style_tag(content="article * { background-image: none !important }")  # axe judges nothing on a gradient
    what_repeats(page)
    # In a column's name axe does not see MathML, and test_book.py looks at all of them. WCAG 2.5.8 and 2.5.3 it tests
    # where it is asked to.
    rules = {"empty-table-header": {"enabled": False}} | {rule: {"enabled": True} for rule in ("target-size", NAMED)}
    return faults(page, rules=rules)


def test_every_formula_is_set(page):
    assert unset_formulas(page) == []


def test_the_number_of_an_equation_stands_at_the_margin_and_not_on_the_equation(page):
    numbered = page.evaluate(
        """[...document.querySelectorAll("article div.math:has(mjx-labels)")].map(math => {
            const [table, number] = ["mjx-table", "mjx-labels mjx-mtd"].map(part => math.querySelector(part));
            math.scrollLeft = math.scrollWidth;  // a wide equation takes its number along
            const [all, left, right] = [math, table, number].map(part => part.getBoundingClientRect());
            math.scrollLeft = 0;
            return {tex: math.dataset.tex, gap: right.left - left.right, margin: all.right - right.right};
        })"""
    )
    assert [one for one in numbered if one["gap"] < 0 or abs(one["margin"]) > 2] == []


def test_nothing_is_wider_than_the_window(in_widths):
    assert {width: found["wide"] for width, found in in_widths.items() if found["wide"]} == {}


def test_no_line_of_code_and_no_card_is_cut_at_any_width(in_widths):
    assert [in_widths[width]["cut"] for width in WIDTHS.values()] == [[], []]


def test_no_displayed_formula_scrolls_on_a_phone(in_widths):
    assert in_widths[WIDTHS["phone"]]["scrolling"] == []


def test_no_line_ends_between_a_formula_and_its_comma(page):
    assert torn_off(page) == []


def test_figures_lie_on_a_white_card_that_no_theme_dims(in_themes):
    for found in in_themes.values():
        assert [card for card in found["cards"] if card != ["none", "rgb(255, 255, 255)"]] == []


def test_live_figures_are_live_and_follow_the_theme(in_themes):
    for theme, found in in_themes.items():
        assert [figure for figure in found["figures"] if figure != [True, theme == "dark"]] == []


def test_a_page_is_accessible_and_its_text_stands_out_from_its_ground(found_by_axe):
    assert {fault for fault in found_by_axe if fault[0] != NAMED} == set()


def test_what_is_pressed_is_named_by_the_words_on_it(found_by_axe):
    # A number of chapter 2's graph is named "row 1, column 2 of W₁: 1, slope 8.18"; on it stands "1 8.18".
    graph = 'div[data-explorable="graph"]'
    assert [target for rule, target in found_by_axe if rule == NAMED and graph not in target] == []


def test_a_page_asks_for_nothing_outside_and_raises_no_complaint(page):
    assert page.complaints == []


def test_every_icon_is_drawn_by_an_icon_font(page):
    named = icons(page)
    assert len(named) > 5
    assert [icon for icon in named if not (icon["loaded"] and 5 < icon["width"] < 40)] == []
    drawn = {code for path in HTML.rglob("fa-*.woff2") for code in TTFont(path).getBestCmap()}
    assert [icon for icon in named if ord(icon["character"]) not in drawn] == []


def test_a_page_loads_no_dead_weight(page):
    loaded = page.evaluate("performance.getEntriesByType('resource').map(entry => new URL(entry.name).pathname)")
    files = {Path(path).name for path in loaded}
    assert len(files) > 10
    assert {file for file in files if file.endswith(".map") or file == "fontawesome.js"} == set()
    assert "search_field.js" in files
    index = {"search.js", "search_index.js"}
    assert files & index == (index if page.url.endswith("search.html") else set())


def test_on_a_phone_no_field_is_so_small_that_it_zooms_in(browser, site):
    with new_page(browser, width=WIDTHS["phone"], theme="light", has_touch=True) as page:
        for path in SOME:
            page.goto(f"{site}/{path}")
            fields = page.locator("input:not([type=checkbox], [type=range], [type=radio]), select, textarea")
            sizes = fields.evaluate_all(SIZES)
            assert len(sizes) > 0, path
            assert [name for name, size in sizes if size < 16] == [], path


def test_on_a_phone_the_stage_of_a_live_figure_stays_below_the_bar_and_nothing_lies_over_the_text(browser, site):
    with new_page(browser, width=WIDTHS["phone"], height=844, theme="light") as page:
        open_page(page, f"{site}/{CHAPTER_1}")
        machine = page.locator("[data-explorable=machine]").last
        machine.locator(".buttons").last.evaluate("(node) => node.scrollIntoView({ block: 'end' })")
        bar, stage = (
            part.bounding_box() for part in (page.locator(".bd-header-article").first, machine.locator(".stage"))
        )
        assert stage["y"] == bar["y"] + bar["height"] == bar["height"]
        for way in (6000, -600):  # upwards, the theme offers a way to the top, over what is read
            page.mouse.wheel(0, way)
            page.wait_for_timeout(400)
        assert not page.locator("#pst-back-to-top").is_visible()


@pytest.mark.parametrize("path", SOME)
def test_a_page_opens_from_a_file(browser, path):
    with new_page(browser, width=1280, theme="light") as page:
        open_page(page, (HTML / path).as_uri())
        assert page.complaints == []
        assert unset_formulas(page) == []


def test_the_first_file_leads_to_the_landing_page(browser):
    with new_page(browser, width=1280, theme="light") as page:
        page.goto((HTML / "index.html").as_uri())
        page.wait_for_url("**/book/index.html")


@pytest.mark.parametrize("theme", THEMES)
def test_the_theme_button_changes_the_ground(browser, site, theme):
    with new_page(browser, width=1280, theme=theme) as page:
        open_page(page, f"{site}/{CHAPTER_1}")
        grounds = set()
        for _ in range(3):  # light, dark, system settings
            page.click(".article-header-buttons .theme-switch-button")
            grounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        assert grounds == {"rgb(255, 255, 255)", "rgb(20, 24, 30)"}


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_the_sidebar_leads_to_another_chapter(browser, site, width):
    with new_page(browser, width=width, theme="light") as page:
        open_page(page, f"{site}/{CHAPTER_1}")
        if width == WIDTHS["phone"]:
            page.click(".primary-toggle")
        page.click(f".sidebar-primary-item a[href$='{Path(CHAPTER_2).name}']")
        page.wait_for_url(f"**/{CHAPTER_2}")


def test_the_launch_button_opens_the_chapter_in_colab(browser, site):
    repository = CONFIG["repository"]
    name = repository["url"].removeprefix("https://github.com/")
    notebook = f"{name}/blob/{repository['branch']}/book/01_architecture.ipynb"
    with new_page(browser, width=1280, theme="light") as page:
        open_page(page, f"{site}/{CHAPTER_1}")
        link = page.locator(".dropdown-launch-buttons a")
        assert link.get_attribute("href") == f"https://colab.research.google.com/github/{notebook}"

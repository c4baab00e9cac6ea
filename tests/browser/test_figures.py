"""The figures of the built pages: they follow theme and column, open large, and have addresses of their states."""

from contextlib import contextmanager

import pytest
from built import PAGES, WIDTHS, in_turn, new_page, open_page

CHAPTERS = [path for path in PAGES if path[5].isdigit()]
GROUND = {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 30)"}
FIRST = "#figure-1-2"
NONE = "The address names no state of this figure."
LINKED = {  # figure → a state of it, as its address says it, and addresses that name none
    "book/04_elbo.html#figure-4-4": (
        {"mu": -1.5, "sigma": 0.4},
        ["mu=9", "%", "z=[0,1]", "sigma=-1", "mu=here", 'mu="1"', "mu=null", "mu=1e999", "mu"],
    ),
    "book/01_architecture.html#figure-1-5": (
        {"z": [0.5, -1.25], "source": "hand"},
        ['source="hand"&z=[0.5]', 'source="no"', 'x="none"', "eps=[1,2,3]", 'eps="ab"', "z=1"],
    ),
    "book/01_architecture.html#figure-1-4": ({"pull": True, "run": 2}, ["pull=1", "run=3", 'noise="true"']),
    "book/03_reparameterization.html#figure-3-7": (
        {"choice": "wave", "mu": -1.5, "chosen": 3},
        ['choice="toString"', "mu=9", "chosen=0", "chosen=1.5", "seed=null", 'baseline="no"'],
    ),
    "book/02_worked_example.html#figure-2-4": (
        {"example": 1, "numbers": {"eps": [0.5, 2], "b4": [1, 0, -2, 0]}, "held": "b4 3", "taken": 1},
        ["example=2", 'numbers={"eps":[1]}', 'numbers={"eps":[9,0]}', "numbers=null", 'held="eps 7"', 'held="J 0"'],
    ),
    "book/05_training.html#figure-5-10": (
        {"data": "moons", "seed": 2, "rate": 0.01, "beta": 4, "chosen": 5, "schedule": [[40, 0.005, 1], [8, 0.01, 4]]},
        [
            'data=["moons"]',
            'data="toString"',
            "seed=0",
            "rate=0.3",
            "chosen=128",
            "schedule=[[4001,0.005,1]]",
            "schedule=[[1,2]]",
        ],
    ),
    "book/05_training.html#figure-5-5": ({"epoch": 20, "z": [1, -0.5]}, ["epoch=21", "z=[1]", 'z="ab"', "z=[9,0]"]),
    "book/06_is_my_number_right.html#figure-6-3": (
        {"kind": "cross", "kl": "mean", "loss": 0.39},
        ['kind="toString"', 'loss="many"', 'images="cats"', 'kl="max"'],
    ),
    "book/08_discrete.html#figure-8-7": (
        {"tau": 0.5, "way": "straight", "q": [40, 30, 30]},
        ["tau=0.11", "q=[1,98,1]", "q=null", 'way="toString"', 'way=["straight"]', "seed=-1", 'q="ab"'],
    ),
    "book/09_chains.html#figure-9-5": (
        {"stay": 95, "start": 5},
        ["stay=9", "x=[1,2]", "start=99", 'guess="toString"', "seed=-1"],
    ),
    "book/10_strings.html#figure-10-5": (
        {"name": "eva", "seen": 2, "z": 3},
        [
            "seen=99",
            'name="Eva"',
            "z=6",
            'net=["GRU"]',
            "seed=-1",
            'guess=["late"]',
            'guess="toString"',
            'arm="dose 3"',
        ],
    ),
}
FOLLOW = """hash => new Promise(done => { // the page's own listener is older
    addEventListener("hashchange", () => done(), { once: true });
    location.hash = hash;
})"""
FILLS = "all => all.map(svg => getComputedStyle(svg.querySelector('path')).fill)"
# Else every drawing that opens lays out all of a chapter twice.
FIGURES_ALONE = "document.querySelector('article').replaceChildren(...document.querySelectorAll('figure.numbered'))"
OPENED = """[...document.querySelectorAll(".open-large")].map(button => {
    button.click();
    const sizes = [...document.querySelectorAll("dialog.large text")].map(text => {
        const { a, b } = text.getScreenCTM();
        return parseFloat(getComputedStyle(text).fontSize) * Math.hypot(a, b);
    });
    document.querySelector("dialog.large").close();
    return sizes;
})"""
DOUBLE_IDS = """(() => {
    const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
    return ids.length - new Set(ids).size;
})()"""


@contextmanager
def chapter(browser, site, path: str, **options):
    with new_page(browser, **{"width": 1280, "theme": "light"} | options) as page:
        open_page(page, f"{site}/{path}")
        page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
        yield page


@pytest.fixture(scope="module", params=in_turn(CHAPTERS, ["dark", "light"]), ids="-".join)
def page(request, browser, site):
    """A chapter, opened once for the tests of all of its figures."""
    path, theme = request.param
    with chapter(browser, site, path, theme=theme) as page:
        page.theme = theme
        yield page


def test_words_in_a_drawing_are_in_the_face_of_the_page_and_not_small(page):
    sans = page.evaluate("getComputedStyle(document.querySelector('figcaption')).fontFamily")
    words = page.eval_on_selector_all(
        ".drawing text",
        """all => all.map(text => {
            const { fontSize, fontFamily } = getComputedStyle(text), { a, b } = text.getScreenCTM();
            return [text.textContent, parseFloat(fontSize) * Math.hypot(a, b), fontFamily];
        })""",
    )
    assert len(words) > 20
    assert [word for word in words if word[1] < 11 or word[2] != sans] == []


def test_a_figure_begins_at_the_left_edge_of_the_text_and_ends_within_the_column(page):
    for width in WIDTHS.values():
        page.set_viewport_size({"width": width, "height": 900})
        edges = page.evaluate(
            """() => {
                const box = node => node.getBoundingClientRect();
                const column = box(document.querySelector("article section > p"));
                return [...document.querySelectorAll("figure.numbered")].filter(f => f.checkVisibility()).map(f => {
                    const parts = [...f.querySelectorAll(".drawing, figcaption")].map(box);
                    return [f.id, ...parts.flatMap(part => [part.left - column.left, part.right - innerWidth])];
                });
            }"""
        )
        assert len(edges) >= 4
        for name, *places in edges:
            assert max(map(abs, places[::2])) <= 1, name
            assert max(places[1::2]) <= 0, name


def test_no_word_of_a_drawing_is_small_where_it_opens_on_a_phone(page):
    page.evaluate(FIGURES_ALONE)
    page.set_viewport_size({"width": WIDTHS["phone"], "height": 844})
    opened = page.evaluate(OPENED)
    assert len(opened) >= 3
    assert [sizes for sizes in opened if min(sizes, default=11) < 11] == []


def test_no_drawing_is_a_slab_of_another_ground(page):
    grounds = page.eval_on_selector_all(".drawing", FILLS)
    assert len(grounds) >= 3
    assert set(grounds) == {GROUND[page.theme]}
    pictures = page.eval_on_selector_all(
        ".drawing image", "all => all.map(i => [getComputedStyle(i).filter, getComputedStyle(i).mixBlendMode])"
    )
    expected = ["invert(1)", "screen"] if page.theme == "dark" else ["none", "normal"]
    assert [picture for picture in pictures if picture != expected] == []
    page.emulate_media(media="print")
    assert set(page.eval_on_selector_all(".drawing", FILLS)) == {GROUND["light"]}


def is_open(page) -> bool:
    return page.locator("dialog.large").evaluate("(dialog) => dialog.open")


def width(page, selector: str) -> float:
    return page.locator(selector).bounding_box()["width"]


def test_a_tap_opens_a_drawing_large_and_it_scrolls_inside(browser, site):
    phone = {"width": WIDTHS["phone"], "height": 844, "has_touch": True, "is_mobile": True}
    with chapter(browser, site, CHAPTERS[0], **phone) as page:
        page.locator(f"{FIRST} .drawing").tap()
        assert is_open(page)
        assert width(page, "dialog .drawing") > 1.8 * width(page, f"{FIRST} .drawing")
        page.locator("dialog .sheet").evaluate("(sheet) => sheet.scrollTo(100, 0)")
        assert page.locator("dialog .sheet").evaluate("(sheet) => sheet.scrollLeft") == 100
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.locator("dialog button").tap()
        assert not is_open(page)
        assert page.complaints == []


@pytest.mark.parametrize("way_out", ["Escape", "Enter"])
def test_the_keyboard_opens_a_drawing_and_the_focus_returns(browser, site, way_out):
    with chapter(browser, site, CHAPTERS[0]) as page:
        button = page.locator(f"{FIRST} .open-large")
        button.focus()
        page.keyboard.press("Enter")
        assert is_open(page)
        assert page.evaluate("document.activeElement.textContent") == "Close"
        page.keyboard.press(way_out)
        assert not is_open(page)
        assert button.evaluate("(button) => button === document.activeElement")


def test_a_click_on_a_drawing_opens_it_and_the_focus_returns_to_its_button(browser, site):
    with chapter(browser, site, CHAPTERS[0]) as page:
        page.locator(f"{FIRST} .drawing").click()
        assert is_open(page)
        page.keyboard.press("Escape")
        assert page.locator(f"{FIRST} .open-large").evaluate("(button) => button === document.activeElement")


def test_the_page_behind_a_large_drawing_stays_where_it_is_and_back_closes_the_drawing(browser, site):
    with chapter(browser, site, CHAPTERS[0]) as page:
        page.evaluate(f"location.hash = '{FIRST}'")
        page.locator(f"{FIRST} .open-large").click()
        assert page.evaluate(DOUBLE_IDS) > 0  # the drawing's own: that the next count can be one
        before = page.evaluate("scrollY")
        page.mouse.move(600, 500)
        page.mouse.wheel(0, 800)
        page.wait_for_timeout(200)
        assert page.evaluate("scrollY") == before > 0
        page.emulate_media(media="print")
        assert not page.locator("dialog.large").is_visible()
        page.emulate_media(media="screen")
        assert page.locator("dialog.large").is_visible()
        page.go_back()
        page.wait_for_function("!document.querySelector('dialog.large').open")
        assert page.evaluate(DOUBLE_IDS) == 0
        assert page.complaints == []


def state(page, address: str) -> dict:
    figure = page.locator(f"#{address.partition('#')[2]} [data-explorable]")
    return figure.evaluate("(figure) => figure.model.get('state')")


@pytest.mark.parametrize("address", LINKED)
def test_the_link_to_a_state_brings_another_page_into_it_and_an_address_that_names_none_is_ignored(
    browser, site, address
):
    wanted, none = LINKED[address]
    path, _, figure = address.partition("#")
    with chapter(browser, site, path) as page:
        before = state(page, address)
        for wrong in none:
            page.evaluate(FOLLOW, f"{figure}?{wrong}")
            assert page.locator(f"#{figure} .state-link + [role=status]").inner_text() == NONE, wrong
            assert {name: value for name, value in state(page, address).items() if name in before} == before, wrong
        page.locator(f"#{figure} [data-explorable]").evaluate(
            "(node, wanted) => node.model.set('state', wanted)", wanted
        )
        link = page.locator(f"#{figure} .state-link").get_attribute("href")
        there = state(page, address)
        page.goto("about:blank")
        open_page(page, f"{site}/{path}{link}")
        assert state(page, address) == there
        assert there | wanted == there
        assert page.locator(f"#{figure} .state-link + [role=status]").inner_text() == ""
        assert 0 <= page.locator(f"#{figure}").bounding_box()["y"] < 200
        assert page.complaints == []

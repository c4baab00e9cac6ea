"""The first page as a visitor meets it: its first screen, its few words, what a phone and no scripts show."""

import pytest
from built import HTML, THEMES, WIDTHS, new_page, open_page
from test_first_seconds import SHIFT
from weight import loaded, weights

INDEX = "book/index.html"
SCREENS = {"laptop": 800, "phone": 844}
WORDS = """() => {
    const roots = [...document.querySelectorAll("article [data-live]")].map((host) => host.shadowRoot.lastChild);
    const all = [document.querySelector("article"), ...roots];
    const count = (node) => node.innerText.split(/\\s+/).filter((word) => /\\p{L}/u.test(word)).length;
    const folded = roots.flatMap((root) => [...root.querySelectorAll("option:not(:checked)")]);
    const sum = (nodes) => nodes.map(count).reduce((a, b) => a + b, 0);
    return sum(all) - sum(folded);
}"""


@pytest.fixture(params=WIDTHS)
def page(request, browser, site):
    device = request.param
    with new_page(browser, width=WIDTHS[device], height=SCREENS[device], theme="light") as page:
        page.device = device
        open_page(page, f"{site}/{INDEX}")
        yield page
        assert page.complaints == []


def seen(page, selector: str, i: int = 0) -> float:
    """The share of an element's height that the first screen shows."""
    box = page.locator(selector).nth(i).bounding_box()
    height = page.viewport_size["height"]
    return max(0.0, min(box["y"] + box["height"], height) - box["y"]) / box["height"]


def test_the_first_screen_has_the_question_the_doors_and_on_a_laptop_the_digit(page):
    assert seen(page, "article h1") == 1
    doors = [seen(page, "article > section > ul > li", i) for i in range(4)]
    if page.device == "laptop":
        assert doors == [1, 1, 1, 1]
        assert seen(page, "article canvas") > 0.6
    else:
        assert doors[:3] == [1, 1, 1]
        assert page.locator("article canvas").bounding_box()["y"] < 1.3 * SCREENS["phone"]


def test_it_has_at_most_400_words(page):
    assert page.evaluate(WORDS) <= 400


def test_each_door_and_each_chapter_leads_to_its_page(page):
    links = page.locator("article strong a").evaluate_all("(all) => all.map((a) => a.getAttribute('href'))")
    assert len(links) == 14
    assert [link for link in links if not (HTML / "book" / link.split("#")[0]).exists()] == []


def test_the_small_pictures_follow_the_theme(page):
    stroke = "(svg) => getComputedStyle(svg.querySelector('[stroke*=--q]')).stroke"
    colours = set()
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        page.wait_for_function("theme => document.documentElement.dataset.theme === theme", arg=theme)
        colours.add(page.locator("article svg[role=img]").first.evaluate(stroke))
    assert colours == {"rgb(19, 75, 149)", "rgb(127, 178, 245)"}


def test_nothing_moves_while_it_loads(page):
    assert page.evaluate(SHIFT) < 0.02


def test_it_weighs_little(browser, site):
    files = [file for file in loaded(browser, site, INDEX) if "mathjax" not in file.as_posix()]
    assert weights(files)["gzip"] < 500_000


def test_without_scripts_it_has_its_pictures_and_all_that_leads_on(browser, site):
    with new_page(browser, width=WIDTHS["phone"], theme="light", scripts=False) as page:
        page.goto(f"{site}/{INDEX}")
        alts = page.locator("article img").evaluate_all("(all) => all.map((one) => one.alt)")
        assert [alt.split(".")[0] for alt in alts] == ["A bar of length 5", "Two panels"]
        assert page.locator("article svg[role=img]").count() == 10
        assert page.get_by_role("link", name="It is due tomorrow").is_visible()


def test_the_door_of_the_number_takes_what_was_asked_to_the_calculator(page):
    ask = page.locator("[data-explorable=ask]")
    ask.get_by_label("my loss prints").fill("0.39")
    ask.locator("select").nth(0).select_option("digits, 8×8")
    ask.locator("select").nth(2).select_option(label="averaged over everything")
    page.get_by_role("link", name="I have a number").click()
    page.wait_for_function("document.querySelectorAll('[data-explorable=calculator][data-live]').length > 1")
    calculator = page.locator("[data-explorable=calculator]").last
    calculator.locator(".said p", has_text="0.39").first.wait_for()
    shown = {name: calculator.get_by_label(name).input_value() for name in ("the loss printed", "D, pixels")}
    assert shown == {"the loss printed": "0.39", "D, pixels": "64"}
    assert [calculator.locator("select").nth(i).input_value() for i in (1, 2)] == ["mean", "mean"]

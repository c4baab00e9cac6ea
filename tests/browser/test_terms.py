"""A term of an equation, its button and its bar in the live figure `bound` light each other."""

import math
import re

import pytest
from built import lay_out, new_page, open_page

CHAPTER = "book/04_elbo.html"
LIT = """() => ({
    terms: [...document.querySelectorAll("mjx-math .term.lit")].map((term) => term.className),
    buttons: [...document.querySelectorAll("[data-bar].lit")].map(({ dataset }) => dataset.bar),
    bars: bars().filter((bar) => !bar.matches(".unlit")).map(({ dataset }) => dataset.key),
})"""
BARS = """window.bars = () => {
    const full = [...document.querySelectorAll('[data-explorable="bound"]')].at(-1);
    return [...full.shadowRoot.querySelectorAll("[data-key]")];
}"""
ALL = ["reconstruction", "kl", "part-mu", "part-sigma", "part-log"]


@pytest.fixture(scope="module")
def chapter(browser, site):
    with new_page(browser, width=1280, theme="light") as page:
        open_page(page, f"{site}/{CHAPTER}")
        page.evaluate(BARS)
        page.wait_for_function("bars().length === 5")
        yield page
        assert page.complaints == []


@pytest.fixture
def page(chapter):
    chapter.mouse.move(5, 5)
    chapter.evaluate("document.activeElement.blur()")
    assert lit(chapter) == {"terms": [], "buttons": [], "bars": ALL}
    return chapter


def lit(page) -> dict:
    return page.evaluate(LIT)


def names(found: dict) -> list[str]:
    return [re.search(r"bar-([\w-]+)", term)[1] for term in found["terms"]]


def test_to_point_at_a_term_lights_its_button_and_its_bar_until_the_pointer_leaves(page):
    page.locator("mjx-math .term.hue-decoder").hover()
    assert lit(page) | {"terms": 1} == {"terms": 1, "buttons": ["reconstruction"], "bars": ["reconstruction"]}
    assert names(lit(page)) == ["reconstruction"]
    page.mouse.move(5, 5)
    assert lit(page) == {"terms": [], "buttons": [], "bars": ALL}


def test_the_elbo_lights_the_bars_of_both_of_its_terms(page):
    page.locator("mjx-math .term.hue-q").first.hover()
    assert lit(page)["buttons"] == lit(page)["bars"] == ["reconstruction", "kl"]
    assert len(lit(page)["terms"]) == 4  # itself, also in J, and the two


@pytest.mark.parametrize("key", ALL)
def test_a_button_reached_by_keyboard_lights_its_term_and_its_bar(page, key):
    page.locator(f'button[data-bar="{key}"]').focus()
    assert lit(page)["bars"] == [key]
    assert names(lit(page)) == [key]
    page.keyboard.press("Shift+Tab")
    assert lit(page)["bars"] != [key]


def test_a_bar_reached_by_keyboard_lights_its_term(page):
    page.evaluate("bars()[1].focus()")
    assert names(lit(page)) == ["kl"]
    assert page.evaluate("bars()[1].getAttribute('aria-label')").startswith("− KL: −")
    page.evaluate("bars()[1].blur()")
    assert lit(page)["terms"] == []


def test_to_point_at_a_bar_lights_its_term(page):
    page.evaluate("bars()[2].scrollIntoView({ block: 'center' })")
    box = page.evaluate(
        "(({ x, y, width, height }) => [x + width / 2, y + height / 2])(bars()[2].getBoundingClientRect())"
    )
    page.mouse.move(*box)
    assert names(lit(page)) == ["part-mu"]


def test_a_button_has_the_nats_of_the_q_that_the_figure_shows(page):
    def nats() -> list[float]:
        said = page.locator("[data-bar] output").all_inner_texts()
        return [float(text.removesuffix(" nats").replace("−", "-")) for text in said]

    def parts(mu: float, sigma: float) -> list[float]:
        return [mu**2 / 2, (sigma**2 - 1) / 2, -math.log(sigma)]

    assert nats()[2:] == pytest.approx(parts(0.8, 0.7), abs=0.006)
    assert nats()[1] == pytest.approx(-sum(parts(0.8, 0.7)), abs=0.006)
    page.evaluate("""[...document.querySelectorAll('[data-explorable="bound"]')].at(-1)
        .model.set("state", { mu: -1, sigma: 0.5 })""")
    page.wait_for_function("document.querySelector('[data-bar=part-mu] output').textContent === '+0.50 nats'")
    assert nats()[2:] == pytest.approx(parts(-1, 0.5), abs=0.006)


def test_colour_is_never_alone_and_a_term_can_be_read_in_both_themes(browser, site):
    for theme, ground in (("light", 255), ("dark", 20)):
        with new_page(browser, width=390, theme=theme) as page:
            open_page(page, f"{site}/{CHAPTER}")
            lay_out(page)
            colours = page.evaluate(
                "[...document.querySelectorAll('mjx-math .term')].map((x) => getComputedStyle(x).color)"
            )
            assert len(set(colours)) == 3, theme
            assert all(abs(int(colour.split("(")[1].split(",")[0]) - ground) > 60 for colour in colours)
            named = page.locator("[data-bar]").all_inner_texts()
            assert all(text.split("\n")[0].strip() for text in named)
            page.emulate_media(forced_colors="active")
            assert (
                page.locator("[data-bar] i").first.evaluate("(bar) => getComputedStyle(bar).backgroundImage") != "none"
            )

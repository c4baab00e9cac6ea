"""The water level in the browser: what it predicts it trains, by mouse, finger and keyboard; and its guess."""

import re
from contextlib import contextmanager

import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from built import WIDTHS
from test_explorables import FRAME, SMALL_PRINT, first, frames, html_of, live, opened, settle, sums_a_change

from vae_lib.exact.rate_distortion import LinearOptimum, linear_optimum
from vae_lib.figures.water.figure import eigenvalues

ROWS = ("used", "rate", "distortion", "elbo")
LANDED = """() => {
    const button = document.querySelector("[data-live]").shadowRoot.querySelector("button");
    return button.textContent === "train again";
}"""
# σ_x², β and latents, some with a water that drowns all, some with fewer latents than are above it
SETTINGS = [(0.3, 1, 16), (0.1, 1, 16), (0.1, 1, 4), (1, 1, 16), (0.1, 4, 3), (0.05, 0.25, 24), (0.9, 4, 1)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("water")


@contextmanager
def page_of(browser, folder, markup: str, **options):
    with opened(browser, markup, folder, **options) as page:
        yield page
        assert page.complaints == []


@pytest.fixture(scope="module")
def page(browser, folder):
    with page_of(browser, folder, html_of("water"), width=WIDTHS["phone"]) as page:
        yield page


@pytest.fixture(scope="module")
def opening(browser, folder):
    with page_of(browser, folder, live("water", control="opening")._repr_html_(), width=WIDTHS["phone"]) as page:
        yield page


def put(page, **state) -> None:
    """Bring the first figure into a state, from outside."""
    start = {"variance": 0.3, "beta": 1, "latents": 16, "seed": 1, "steps": 0}
    page.evaluate("(state) => document.querySelector('[data-live]').model.set('state', state)", start | state)
    settle(page)


def column(page, number: int) -> dict[str, str]:
    """What the table says is predicted (1) or was trained (2)."""
    cells = first(page).locator(f"tbody tr td:nth-child({number + 1})").all_inner_texts()
    return dict(zip(ROWS, (text.replace("−", "-") for text in cells), strict=True))


def expected(variance: float, beta: float, latents: int) -> LinearOptimum:
    return linear_optimum(torch.tensor(eigenvalues(), dtype=torch.float64), latents, variance, beta=beta)


def bars(page, kind: str) -> int:
    return first(page).locator(f".stage g.{kind}").count()


def train(page) -> None:
    first(page).get_by_role("button").click()
    page.wait_for_function(f"() => !({LANDED})()")  # one that had landed before begins anew
    page.wait_for_function(LANDED)
    settle(page)


def status(page) -> str:
    return first(page).locator("p[role=status]").inner_text()


def water(page) -> float:
    return float(re.search(r"= ([\d.]+)", first(page).locator("svg text", has_text="water:").text_content())[1])


def shown(page) -> set[str]:
    """The kinds of what comes with the water, those that are drawn."""
    parts = first(page).locator(".water, .surface-line, .grip, .stripes, .paid:not([height='0.0'])")
    drawn = "(all) => all.filter((one) => one.getClientRects().length).map((one) => one.classList[0])"
    return set(parts.evaluate_all(drawn))


@pytest.mark.parametrize(("variance", "beta", "latents"), SETTINGS)
def test_each_setting_says_what_the_library_predicts(page, variance, beta, latents):
    put(page, variance=variance, beta=beta, latents=latents)
    found, best = column(page, 1), expected(variance, beta, latents)
    assert int(found["used"]) == best.used
    assert {name: float(found[name]) for name in ROWS[1:]} == pytest.approx(
        {name: getattr(best, name) for name in ROWS[1:]}, abs=5.1e-4
    )
    above = sum(value > beta * variance for value in eigenvalues()[:20])
    assert bars(page, "drowned") == 20 - above
    assert bars(page, "live") == min(best.used, 20)
    assert bars(page, "without") == above - min(best.used, 20)
    assert water(page) == pytest.approx(beta * variance, rel=5e-3)
    assert first(page).locator(".words").inner_text().startswith(f"Predicted: {best.used or 'no latent'} ")


@pytest.mark.parametrize(("variance", "beta", "latents"), SETTINGS[:5])
def test_a_training_lands_on_the_prediction(page, variance, beta, latents):
    put(page, variance=variance, beta=beta, latents=latents)
    assert set(column(page, 2).values()) == {"–"}
    assert first(page).locator(".stage .latent").count() == 0
    train(page)
    found, best = column(page, 2), expected(variance, beta, latents)
    assert int(found["used"]) == best.used
    assert float(found["elbo"]) == pytest.approx(best.elbo, abs=3e-3)
    said = status(page)
    assert "as predicted" in said
    assert ("β-objective" in said) == (beta != 1)
    assert first(page).locator(".stage .latent:not(.dead)").count() == best.used
    assert first(page).locator(".stage .latent").count() == latents


def test_what_lives_stands_on_its_bar_and_what_died_lies_on_the_water(page):
    put(page, steps=800)
    tops = first(page).locator(".stage .paid").evaluate_all("(all) => all.map((one) => one.y.baseVal.value)")
    marks = (
        first(page)
        .locator(".stage .latent")
        .evaluate_all("(all) => all.map((one) => [one.classList.contains('dead'), one.cy.baseVal.value])")
    )
    surface = float(re.search(r",([\d.]+)H", first(page).locator(".surface-line").get_attribute("d"))[1])
    assert sorted(y for dead, y in marks if not dead) == pytest.approx(sorted(tops)[:4], abs=0.6)
    assert [y for dead, y in marks if dead] == pytest.approx([surface] * 12, abs=1)


@pytest.mark.parametrize(("variance", "beta", "latents"), SETTINGS)
def test_the_line_of_the_latents_spares_the_name_of_the_water(page, variance, beta, latents):
    put(page, variance=variance, beta=beta, latents=latents)
    name = first(page).locator("svg text", has_text="water:")
    top, height = name.evaluate("(one) => [one.getBBox().y, one.getBBox().height]")
    line = first(page).locator(".stage .end").get_attribute("d")
    until, gap = map(float, re.search(r"V([\d.]+)m0,([\d.]+)V", line).groups())
    assert until <= top
    assert until + gap >= top + height


def test_training_again_takes_another_seed_and_a_change_begins_anew(page):
    put(page, steps=800)
    assert "from seed 1" in status(page)
    train(page)
    assert "from seed 2" in status(page)
    first(page).get_by_label("latents").press("ArrowLeft")
    settle(page)
    assert status(page) == "Nothing has been trained yet."
    assert column(page, 2)["used"] == "–"


def test_it_moves_when_asked_alone_and_pauses(page):
    put(page, latents=24)
    before = first(page).locator(".stage").inner_html()
    frames(page, 10)
    assert first(page).locator(".stage").inner_html() == before
    play = first(page).get_by_role("button")
    play.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('[data-live]').model.get('state').steps > 0")
    page.keyboard.press("Enter")
    settle(page)
    held = first(page).locator(".water-level").inner_html()
    frames(page, 10)
    assert first(page).locator(".water-level").inner_html() == held
    assert re.match(r"Paused after \d+ of 800 steps.", status(page))


def test_a_hand_drags_the_water(page):
    put(page)
    handle = first(page).locator(".stage .grip").bounding_box()
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 30, y + 40, steps=4)
    page.mouse.up()
    settle(page)
    assert water(page) == pytest.approx(0.1, abs=0.03)
    assert int(column(page, 1)["used"]) == expected(water(page), 1, 16).used > 7


def test_a_state_that_no_control_reaches_is_refused(page):
    put(page)
    before = first(page).locator(".water-level").inner_html()
    for wrong in ({"variance": 0.31}, {"latents": 0}, {"steps": 1e9}, {"beta": "1"}):
        put(page, **wrong)
        assert first(page).locator(".water-level").inner_html() == before


def test_a_setting_at_the_waters_edge_says_so(page):
    put(page, variance=0.4)
    assert "Variance 4 stands only 0.1 % above the water" in first(page).locator(".words").inner_text()


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_a_running_training_needs_less_script_than_a_frame_has_room_for(page, motion):
    page.emulate_media(reduced_motion=motion)
    put(page, latents=24, variance=0.1)

    def make_changes() -> int:
        first(page).get_by_role("button").click()
        frames(page, 40)
        first(page).get_by_role("button").click()
        return 40

    assert sums_a_change(page, make_changes) < FRAME


def test_after_a_training_it_is_accessible(page):
    put(page, steps=800)
    assert [violation["id"] for violation in Axe().run(page).response["violations"]] == []


def test_before_a_guess_nothing_gives_the_answer_and_a_guess_brings_the_water(opening):
    words = first(opening).locator(".words")
    assert words.get_attribute("aria-live") == "polite"
    assert not shown(opening)
    assert "4" not in words.inner_text()
    heights = first(opening).locator(".lost").evaluate_all("(all) => all.map((one) => one.height.baseVal.value)")
    assert heights == sorted(heights, reverse=True)
    assert len(set(heights)) == 20
    assert first(opening).locator("button, table").count() == 0
    first(opening).get_by_label("how many live?").select_option("7")
    settle(opening)
    assert words.inner_text().startswith("You said 7. Predicted: 4 of 16 latents live; 4 of the data's variances")
    assert shown(opening) == {"water", "surface-line", "grip", "stripes", "paid"}
    assert opening.evaluate(SMALL_PRINT) == []


def test_a_right_guess_is_called_right_aloud(opening):
    guess, words = first(opening).get_by_label("how many live?"), first(opening).locator(".words")
    for number, said in (("4", "You said 4: right. Predicted: 4 of 16"), ("7", "You said 7. Predicted: 4 of 16")):
        guess.select_option(number)
        settle(opening)
        assert words.inner_text().startswith(said)


def test_moving_the_slider_brings_the_water_without_a_guess(opening):
    second = opening.locator("[data-live]").last
    second.locator("input").press("ArrowRight")
    settle(opening)
    assert second.locator(".words").inner_text().startswith("Predicted: 4 of 16 latents live; 4 of the data's")
    assert "0.35" in second.locator(".words").inner_text()


def test_the_pictures_words_are_those_of_the_library_and_the_openings_keep_the_answer():
    whole, guess = live("water").alt, live("water", control="opening").alt
    best = expected(0.3, 1, 16)
    assert f"the first {best.used} bars are above it" in whole
    assert f"at distortion {best.distortion:.2f} and rate {best.rate:.2f} nats" in whole
    assert "0.69, 0.64, 0.55, 0.40, 0.28, 0.23" in guess
    assert "water" not in guess
    assert "above" not in guess


def test_another_control_is_refused():
    with pytest.raises(ValueError, match="expected control to be one of opening, got beta"):
        live("water", control="beta")

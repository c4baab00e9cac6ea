"""The calculator by mouse and keyboard: words, table and rulers agree with one another and with `reductions`."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from built import EVERY_VIEW, WIDTHS
from test_explorables import at_each_frame, eases, first, html_of, live, opened, paced, settle

from vae_lib.diagnose.reductions import implied
from vae_lib.figures.calculator.figure import LOSS, calculator, yardsticks

HOLDING = "full Gaussian −log p"
ERRORS = ["squared error", "½ squared error", HOLDING, "cross-entropy, pixels 0 or 1", "cross-entropy, grey pixels"]
SIZES = dict(data_dim=64, latent_dim=8, batch_size=128)
BOXES = """all => all.map((text) => text.getBoundingClientRect()).filter((box) => box.width)
    .map((box) => [box.left, box.right, box.top + 2, box.bottom - 2])"""


@pytest.fixture(params=WIDTHS if EVERY_VIEW else ["phone"])
def page(request, browser, tmp_path):
    with opened(browser, calculator()._repr_html_(), tmp_path, width=WIDTHS[request.param]) as page:
        yield page
        assert page.complaints == []


def control(page, label: str):
    """The input or select beside a label."""
    return first(page).locator(f"label:has(> span:text-is('{label}'))").locator("input, select")


def choose(page, label: str, option: str) -> None:
    control(page, label).select_option(label=option)
    settle(page)


def type_in(page, label: str, text: str) -> None:
    control(page, label).fill(text)
    settle(page)


def read(page) -> list[str]:
    """The table: β, σ_x², the nats through the latent, −ELBO."""
    settle(page)
    return first(page).locator("tbody td").all_inner_texts()


def words(page) -> str:
    settle(page)
    return " ".join(first(page).locator("[aria-live] p").all_inner_texts())


def number(text: str) -> float:
    return float(re.search(r"−?[\d.]+$", text)[0].replace("−", "-"))


def test_it_starts_with_the_trap_of_chapter_5(page):
    found = implied(**LOSS)
    _, noise_var, most, nats = map(number, read(page))
    assert noise_var == found.noise_var == 32
    assert most == pytest.approx(found.budget(yardsticks()[0]["variance"]), rel=1e-3)
    assert nats == pytest.approx(found.nats, rel=1e-3)
    assert "dead before any training" in words(page)


def test_a_cross_entropy_is_read_as_a_beta(page):
    choose(page, "error", "cross-entropy, pixels 0 or 1")
    assert read(page)[0] == "64"
    choose(page, "its reduction", "sum, batch averaged")
    type_in(page, "the loss printed", "20.5")
    assert read(page) == ["1", "none", "at most 25.11", "20.5"]
    assert "β = 1: this is J, −ELBO" in words(page)


def test_with_another_beta_it_asks_for_the_kl_and_only_then(page):
    assert not control(page, "KL, nats an image").is_visible()
    choose(page, "error", "cross-entropy, pixels 0 or 1")
    choose(page, "its reduction", "sum, batch averaged")
    type_in(page, "the loss printed", "30")
    type_in(page, "the same, typed", "4")
    assert read(page)[3] == "?"
    assert "give the KL too" in words(page)
    type_in(page, "KL, nats an image", "2")
    assert read(page)[3] == "24"


def test_a_kl_above_the_loss_is_refused_and_its_field_stays(page):
    choose(page, "error", "cross-entropy, pixels 0 or 1")
    type_in(page, "the loss printed", "0.39")
    type_in(page, "KL, nats an image", "10")
    assert "No −log P of pixels in 0…1 is negative" in words(page)
    assert control(page, "KL, nats an image").is_visible()
    choose(page, "error", "squared error")
    assert "0.39 stands for −ELBO" in words(page)  # a KL that is not asked for is no KL term


def test_a_negative_squared_error_leads_to_the_loss_that_holds_its_constant(page):
    assert not control(page, "its σₓ").is_visible()
    choose(page, "its reduction", "sum, batch averaged")
    type_in(page, "the loss printed", "-50")
    assert "never below 0: does the loss hold the constant" in words(page)
    assert HOLDING in words(page)
    assert not first(page).locator("table").is_visible()
    choose(page, "error", HOLDING)
    assert control(page, "its σₓ").is_visible()
    found = implied(-50, "gaussian", **SIZES, noise_std=0.1)
    assert read(page) == ["1", "0.01", "at most 234.6", "−50"]
    assert found.nats == -50
    assert found.budget(yardsticks()[0]["variance"]) == pytest.approx(234.6, abs=0.1)
    assert "this is J, −ELBO in nats an image, the Gaussian's constant included" in words(page)
    type_in(page, "its σₓ", "1")
    assert "with this σₓ is below the constant" in words(page)
    type_in(page, "its σₓ", "")
    assert "σₓ too" in words(page)


def test_a_gaussian_with_another_beta_asks_for_its_kl(page):
    choose(page, "error", HOLDING)
    type_in(page, "the loss printed", "-1")
    assert read(page) == ["64", "0.01", "at most 3.666", "?"]
    type_in(page, "KL, nats an image", "0.1")
    found = implied(-1, "gaussian", **SIZES, reconstruction="mean", noise_std=0.1, kl_nats=0.1)
    assert number(read(page)[3]) == pytest.approx(found.nats, rel=1e-3)


def test_the_slider_and_the_typed_factor_are_one(page):
    slider = first(page).get_by_role("slider")
    slider.focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    assert read(page)[1] == "320"
    assert control(page, "the same, typed").input_value() == "10"
    type_in(page, "the same, typed", "0.00025")
    assert read(page)[1] == "0.008"
    assert slider.get_attribute("aria-valuetext") == "× 2.5 × 10⁻⁴"


def test_the_images_bring_their_pixels_and_others_have_no_yardstick(page):
    choose(page, "images", "MNIST, 28×28")
    assert read(page)[1] == "392"
    assert control(page, "D, pixels").input_value() == "784"
    type_in(page, "D, pixels", "100")
    assert read(page)[1:3] == ["50", "?"]
    assert control(page, "images").input_value() == "others"


def test_what_is_no_number_is_said_and_nothing_is_shown(page):
    type_in(page, "D, pixels", "")
    assert "must be numbers above 0" in words(page)
    assert not first(page).locator("table").is_visible()
    type_in(page, "D, pixels", "64")
    settle(page)
    assert first(page).locator("table").is_visible()


def test_grey_pixels_get_no_nats(page):
    choose(page, "error", "cross-entropy, grey pixels")
    assert read(page)[2:] == ["?", "?"]
    assert "Grey pixels are not Bernoulli data" in words(page)


def test_no_choice_is_inaccessible_or_too_wide_or_lets_words_lie_on_one_another(page):
    for error in ERRORS:
        choose(page, "error", error)
        settle(page)
        found = Axe().run(page).response["violations"]
        assert [(v["id"], n["target"]) for v in found for n in v["nodes"]] == []
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        boxes = first(page).locator("svg text").evaluate_all(BOXES)
        for i, (left, right, top, bottom) in enumerate(boxes):
            for other in boxes[i + 1 :]:
                assert right <= other[0] or other[1] <= left or bottom <= other[2] or other[3] <= top


@pytest.mark.parametrize("form", ["reconstruction", "weight"])
def test_one_control_and_the_two_rulers(browser, tmp_path, form):
    with opened(browser, live("calculator", control=form)._repr_html_(), tmp_path, width=390) as page:
        assert first(page).locator("input, select, button").count() == 1
        assert first(page).locator(".stage svg .pin").count() == 2
        assert "stands for −ELBO =" not in words(page)  # no field, no number
        assert [violation["id"] for violation in Axe().run(page).response["violations"]] == []


def test_a_choice_moves_the_pin_within_200_ms_and_words_wait(browser, tmp_path):
    with paced(browser, html_of("calculator"), tmp_path) as page:
        choose(page, "its reduction", "sum, batch averaged")
        assert eases(at_each_frame(page, PIN, milliseconds=400))
        assert read(page)[1] == "0.5"
        choose(page, "images", "MNIST, 28×28")
        at_each_frame(page, PIN, milliseconds=400)
        assert control(page, "D, pixels").input_value() == "784"


PIN = """() => document.querySelector("[data-live]").shadowRoot.querySelector(".pin").getAttribute("transform")"""

"""The recorded run by mouse and by keyboard: scrubbing, playing, z under the pointer; and the story of chapter 5."""

import re
from itertools import pairwise

import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from test_explorables import FRAME, at_each_frame, eases, html_of, live, opened, paced, settle, sums_a_change

from vae_lib.data import digits
from vae_lib.figures.base.digits import shown_digits
from vae_lib.shipped.weights import asset, recorded_digits_vae
from vae_lib.shipped.yardsticks import independent_pixels

EPOCHS = asset("epochs.json")["epochs"]
SHADES = """(canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return [...data].filter((_, i) => i % 4 === 3);
}"""


@pytest.fixture
def page(browser, tmp_path):
    with opened(browser, html_of("epochs"), tmp_path) as page:
        yield page
        assert page.complaints == []


@pytest.fixture
def slow(browser, tmp_path):
    """The same on a page whose time the test turns."""
    with paced(browser, html_of("epochs"), tmp_path) as page:
        yield page
        assert page.complaints == []


def after(page, milliseconds: int) -> int:
    """The epoch that is shown so much later."""
    page.clock.run_for(milliseconds)
    return shown(page)["epoch"]


def figure(page):
    return page.locator("[data-explorable=epochs]").first


def numbers(text: str) -> list[float]:
    return [float(value.replace("−", "-")) for value in re.findall(r"−?\d+(?:\.\d+)?", text)]


def shades(page, label: str) -> list[float]:
    """The pixels of a canvas, from 0 to 1."""
    return [value / 255 for value in figure(page).get_by_role("img", name=label).evaluate(SHADES)]


def shown(page) -> dict:
    """What the first figure says of its epoch, and the shades of the picture at z."""
    settle(page)
    epoch, minus_reconstruction, kl, minus_elbo, independent = numbers(
        figure(page).locator(".nats").inner_text().replace("−reconstruction ", "").replace("−ELBO ", "")
    )
    mu1, sigma1, mu2, sigma2, offset = numbers(
        re.sub("z[₁₂]|½", "", figure(page).locator(".where").inner_text()).replace("‖mean‖²", "")
    )
    return {
        "epoch": epoch,
        "−reconstruction": minus_reconstruction,
        "KL": kl,
        "−ELBO": minus_elbo,
        "independent": independent,
        "centre": (mu1, mu2),
        "spread": (sigma1, sigma2),
        "offset": offset,
        "here": shades(page, "The decoder's picture at z"),
    }


def walk(page) -> dict[int, dict]:
    """All records in turn, by the button."""
    states = [shown(page)]
    for _ in EPOCHS[1:]:
        figure(page).get_by_role("button", name="next").click()
        states.append(shown(page))
    return {int(state["epoch"]): state for state in states}


def z_sliders(page) -> list[float]:
    return [numbers(figure(page).get_by_label(name).get_attribute("aria-valuetext"))[0] for name in ("z₁", "z₂")]


def test_each_record_is_reached_and_says_what_torch_says(page):
    x, _ = shown_digits()
    yardstick = independent_pixels(*((counts >= 8).double() for counts in digits()))
    states = walk(page)
    assert list(states) == EPOCHS
    for epoch, state in states.items():
        with torch.no_grad():
            q = recorded_digits_vae(epoch).encoder(x)
            here = recorded_digits_vae(epoch).decoder(torch.zeros(2)).mean
        kl = (0.5 * (q.mean**2 + q.variance - 1) - q.stddev.log()).sum(1).mean().item()
        assert state["KL"] == pytest.approx(kl, abs=0.0051)
        assert state["−ELBO"] == pytest.approx(state["−reconstruction"] + state["KL"], abs=0.011)
        assert state["independent"] == pytest.approx(yardstick, abs=0.0051)
        assert state["centre"] == pytest.approx(q.mean.mean(0).tolist(), abs=0.0051)
        assert state["spread"] == pytest.approx(q.mean.std(0, correction=0).tolist(), abs=0.0051)
        assert state["offset"] == pytest.approx(0.5 * (q.mean.mean(0) ** 2).sum().item(), abs=0.0051)
        assert state["here"] == pytest.approx(here.tolist(), abs=0.0021)  # half of 1/255


def test_the_story_that_the_chapter_tells(page):
    states = walk(page)
    assert states[0]["KL"] < 0.1
    assert 1.8 < states[3]["KL"] < 2
    assert 1.45 < states[3]["offset"] < 1.55  # three quarters of it
    assert states[3]["−reconstruction"] > states[3]["independent"] > states[5]["−reconstruction"]
    assert states[5]["spread"][1] > 3 * states[5]["spread"][0] > 0.9  # z₂ is used first
    assert states[20]["spread"][0] > 2 * states[8]["spread"][0]  # then z₁
    assert abs(states[20]["centre"][0]) < 0.2 < 0.9 < states[8]["centre"][0]  # and the map moves back to 0
    assert states[500]["KL"] > 1.3 + states[20]["KL"]
    assert states[500]["−ELBO"] < states[20]["−ELBO"] - 2
    for before, after in pairwise(states.values()):
        assert after["−ELBO"] < before["−ELBO"] + 0.05


def test_the_keyboard_scrubs_and_the_slider_says_the_epoch(page):
    slider = figure(page).locator(".run input")
    slider.focus()
    for key, epoch in [("End", 500), ("ArrowLeft", 250), ("Home", 0), ("ArrowRight", 1)]:
        page.keyboard.press(key)
        assert shown(page)["epoch"] == epoch
        assert slider.get_attribute("aria-valuetext") == f"epoch {epoch}"


def test_buttons_stop_at_both_ends(page):
    figure(page).get_by_role("button", name="previous").click()
    assert shown(page)["epoch"] == 0
    figure(page).locator(".run input").fill(str(len(EPOCHS) - 1))
    figure(page).get_by_role("button", name="next").click()
    assert shown(page)["epoch"] == 500


def test_a_click_on_a_curve_goes_to_the_nearest_record(page):
    box = figure(page).locator(".kl svg").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 349 / 360, box["y"] + box["height"] * 40 / 170)
    assert shown(page)["epoch"] == 500
    page.mouse.click(box["x"] + box["width"] * 30 / 360, box["y"] + box["height"] * 40 / 170)
    assert shown(page)["epoch"] == 0


def test_nothing_moves_unasked_and_play_can_be_stopped(slow):
    assert after(slow, 3000) == 0
    figure(slow).get_by_role("button", name="play").click()
    assert after(slow, 2600) == EPOCHS[2]
    figure(slow).get_by_role("button", name="pause").click()
    assert after(slow, 3000) == EPOCHS[2]
    assert figure(slow).get_by_role("button", name="play").count() == 1


def test_play_stops_at_the_last_epoch_and_then_begins_anew(slow):
    figure(slow).locator(".run input").fill(str(len(EPOCHS) - 2))
    figure(slow).get_by_role("button", name="play").click()
    assert after(slow, 1300) == 500
    figure(slow).get_by_role("button", name="play").click()
    assert after(slow, 300) == 0
    assert after(slow, 1000) == EPOCHS[1]


@pytest.mark.parametrize("panel", [".map", ".manifold"])
def test_z_follows_the_pointer_without_a_press(page, panel):
    figure(page).locator(".run input").fill(str(len(EPOCHS) - 1))
    box = figure(page).locator(f"{panel} svg").bounding_box()
    scale = box["width"] / 360
    for z in [(1.5, -0.5), (-1, 2)]:
        page.mouse.move(box["x"] + (192 + 328 / 6 * z[0]) * scale, box["y"] + (166 - 328 / 6 * z[1]) * scale)
        here = shown(page)["here"]
        assert z_sliders(page) == pytest.approx(z, abs=0.03)
        with torch.no_grad():
            pi = recorded_digits_vae(500).decoder(torch.tensor(z_sliders(page))).mean
        assert here == pytest.approx(pi.tolist(), abs=0.03)


def test_the_sliders_move_z_alone(page):
    figure(page).locator(".run input").fill(str(len(EPOCHS) - 1))
    before = shown(page)
    figure(page).get_by_label("z₁").focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    after = shown(page)
    assert z_sliders(page) == [1, 0]
    assert after.pop("here") != before.pop("here")
    assert after == before


def test_the_reconstructions_are_those_of_the_digits_shown(page):
    figure(page).locator(".run input").fill(str(len(EPOCHS) - 1))
    settle(page)
    x, labels = shown_digits()
    ten = x[[labels.tolist().index(label) for label in range(10)]]
    with torch.no_grad():
        reconstructions = recorded_digits_vae(500).reconstruct(ten).mean
    for label, wanted in {"Ten test digits": ten, "Their reconstructions": reconstructions}.items():
        found = torch.tensor(shades(page, label)).reshape(9, 10, 9)[:8, :, :8].transpose(0, 1).reshape(10, 64)
        torch.testing.assert_close(found, wanted, atol=0.0021, rtol=0)


def test_a_button_is_followed_in_200_ms(browser, tmp_path):
    with paced(browser, html_of("epochs"), tmp_path) as page:
        figure(page).get_by_role("button", name="next").click()
        assert eases(at_each_frame(page, PLACE, milliseconds=400))
        assert page.complaints == []


PLACE = """() => document.querySelector("[data-live]").shadowRoot.querySelector(".place").getAttribute("cx")"""


def test_on_the_last_map_the_ten_digits_that_are_reconstructed_stand_out_and_none_is_covered(page):
    figure(page).locator(".run input").fill(str(len(EPOCHS) - 1))
    settle(page)
    assert figure(page).locator(".marks .bold").all_text_contents() == [str(label) for label in range(10)]
    assert figure(page).locator(".marks .bold.covered").count() == 0


def test_the_slider_through_the_run_and_its_stage_alone(browser, tmp_path):
    markup = live("epochs", control="epoch", state={"epoch": 20})._repr_html_()
    with opened(browser, markup, tmp_path, width=390) as page:
        assert figure(page).locator("input").count() == 1
        assert figure(page).locator("svg").count() == 1
        assert figure(page).get_by_text("epoch 20").count() == 1
        assert figure(page).get_by_text("nats").count() == 0  # chapter 5 asks for them below
        assert [v["id"] for v in Axe().run(page).response["violations"]] == []
        assert page.complaints == []


def test_a_pointers_move_and_a_scrub_are_answered_within_a_frame(page):
    box = figure(page).locator(".map svg").bounding_box()

    def move() -> int:
        for i in range(10):
            page.mouse.move(box["x"] + 60 + 16 * i, box["y"] + 100 + 12 * i)
            settle(page)
        return 10

    def scrub() -> int:
        for name in ("next", "previous"):
            for _ in EPOCHS[1:]:
                figure(page).get_by_role("button", name=name).dispatch_event("click")
                settle(page)
        return 2 * len(EPOCHS[1:])

    assert sums_a_change(page, move) < FRAME
    assert sums_a_change(page, scrub) < FRAME

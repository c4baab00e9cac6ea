"""The machine by mouse and by keyboard: choosing, painting, resampling, dragging (by finger: test_touch.py)."""

import re
from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe
from test_explorables import FRAME, at_each_frame, eases, html_of, live, opened, paced, settle, sums_a_change


@pytest.fixture
def page(browser, tmp_path):
    with opened(browser, html_of("machine"), tmp_path) as page:
        yield page
        assert page.complaints == []


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def shown(page) -> dict:
    """The rows of the first machine's table, its nats, and the shades of its decoder's picture."""
    settle(page)
    machine = page.locator("[data-explorable=machine]").first
    rows = machine.locator("tbody tr").all()
    values = {
        row.locator("th").inner_text(): [number(cell) for cell in row.locator("td").all_inner_texts()] for row in rows
    }
    said = machine.get_by_text("log p(x|z)").inner_text()
    log_px_z, _, kl = (number(value) for value in re.findall(r"−?\d+\.\d+", said))
    pi = machine.locator(".out rect").evaluate_all("(all) => all.map((one) => one.getAttribute('fill-opacity'))")
    return {**values, "log p(x|z)": log_px_z, "KL": kl, "π": pi}


def middle(page) -> tuple[float, float]:
    """The middle of the first machine's ring."""
    box = page.locator(".handle .ring").first.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def button(page, name: str):
    return page.get_by_role("button", name=name).first


def test_resampling_moves_eps_and_z_and_leaves_mu_sigma_and_the_kl(page):
    states = [shown(page)]
    for _ in range(3):
        button(page, "resample ε").click()
        states.append(shown(page))
    for before, after in pairwise(states):
        assert [after[name] for name in ("μ", "σ", "KL")] == [before[name] for name in ("μ", "σ", "KL")]
        assert all(after[name] != before[name] for name in ("ε", "z", "π", "log p(x|z)"))
    for state in states:
        for mu, sigma, eps, z in zip(*(state[name] for name in ("μ", "σ", "ε", "z")), strict=True):
            assert z == pytest.approx(mu + sigma * eps, abs=0.005 * (2 + abs(eps) + sigma))


def test_with_eps_0_z_is_mu(page):
    button(page, "ε = 0, so z = μ").click()
    state = shown(page)
    assert state["ε"] == [0, 0]
    assert state["z"] == state["μ"]


def test_dragging_z_moves_z_alone(page):
    before = shown(page)
    x, y = middle(page)
    page.mouse.move(x + 3, y - 2)
    page.mouse.down()
    page.mouse.move(x - 96, y + 44, steps=5)
    page.mouse.up()
    after = shown(page)
    assert after["z"][0] < before["z"][0] - 1
    assert after["z"][1] < before["z"][1] - 0.8
    assert [after[name] for name in ("μ", "σ", "KL")] == [before[name] for name in ("μ", "σ", "KL")]
    assert after["log p(x|z)"] != before["log p(x|z)"]
    for mu, sigma, eps, z in zip(*(after[name] for name in ("μ", "σ", "ε", "z")), strict=True):
        assert z == pytest.approx(mu + sigma * eps, abs=0.005 * (2 + abs(eps) + sigma))


def test_a_click_on_the_map_puts_z_there(page):
    box = page.locator(".map svg").first.bounding_box()
    page.mouse.click(box["x"] + (28 + 164) / 360 * box["width"], box["y"] + 166 / 366 * box["height"])
    assert shown(page)["z"] == pytest.approx([0, 0], abs=0.05)


def test_the_arrow_keys_choose_another_digit(page):
    before = shown(page)
    page.get_by_role("radio", name="a 6 of the test data").first.focus()
    page.keyboard.press("ArrowRight")
    after = shown(page)
    assert after["μ"] != before["μ"]
    assert after["ε"] == before["ε"]
    assert button(page, "another 7").is_visible()
    button(page, "another 7").click()
    assert shown(page)["μ"] != after["μ"]


def test_painting_by_mouse_and_erasing_by_keyboard_are_inverse(page):
    before = shown(page)
    pad = page.get_by_role("application").first
    box = pad.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.5 / 8, box["y"] + box["height"] * 0.5 / 8)
    painted = shown(page)
    assert painted["μ"] != before["μ"]
    assert page.get_by_role("radio", checked=True).count() == 1  # only that of the second machine
    for key in ["ArrowLeft"] * 4 + ["ArrowUp"] * 4:
        page.keyboard.press(key)
    settle(page)
    assert page.get_by_text("row 1, column 1: on").count() == 1
    page.keyboard.press(" ")
    assert shown(page) == before


def test_a_stroke_paints_every_pixel_that_it_crosses(page):
    button(page, "clear").click()
    box = page.get_by_role("application").first.bounding_box()
    side = box["width"] / 8
    page.mouse.move(box["x"] + 0.5 * side, box["y"] + 3.5 * side)
    page.mouse.down()
    page.mouse.move(box["x"] + 7.5 * side, box["y"] + 3.5 * side, steps=30)
    page.mouse.up()
    settle(page)
    cells = page.locator(".pad").first.locator("rect[fill-opacity]")
    on = cells.evaluate_all("(all) => all.flatMap((one, i) => Number(one.getAttribute('fill-opacity')) ? [i] : [])")
    assert on == list(range(24, 32))


def test_a_drag_is_answered_within_a_frame(page):
    x, y = middle(page)
    page.mouse.move(x, y)
    page.mouse.down()

    def make_changes() -> int:
        for i in range(40):
            page.mouse.move(x - 2 * i, y + i)
            settle(page)
        return 40

    assert sums_a_change(page, make_changes) < FRAME
    page.mouse.up()


def test_a_z_from_the_prior_greys_out_what_the_encoder_says(page):
    machine = page.locator(".machine").first
    assert "from-prior" not in machine.get_attribute("class")
    button(page, "z from the prior").click()
    settle(page)
    assert machine.locator(".eps td").all_inner_texts() == ["–", "–"]
    grey = machine.locator(".mu td").first.evaluate("(cell) => getComputedStyle(cell).color")
    assert grey == machine.locator(".marks text:not(.bold)").first.evaluate("(text) => getComputedStyle(text).fill")
    assert float(machine.locator(".encoded").evaluate("(q) => getComputedStyle(q).opacity")) < 0.5
    assert machine.get_by_text("the encoder, and with it x, has no part in it").is_visible()
    assert machine.get_by_text("KL(q").count() == 0
    button(page, "resample ε").click()
    assert len(shown(page)["ε"]) == 2
    assert "from-prior" not in machine.get_attribute("class")


def test_a_choice_is_followed_in_200_ms_unless_motion_is_reduced(browser, tmp_path):
    for motion in ("no-preference", "reduce"):
        with paced(browser, html_of("machine"), tmp_path, reduced_motion=motion) as page:
            before = page.evaluate(PLACE_OF_Z)
            page.get_by_role("button", name="ε = 0, so z = μ").first.click()
            seen = at_each_frame(page, PLACE_OF_Z, milliseconds=400)
            assert before != seen[-1]
            assert eases(seen) if motion == "no-preference" else len(set(seen)) == 1
            assert page.complaints == []


PLACE_OF_Z = (
    """() => document.querySelector("[data-live]").shadowRoot.querySelector(".handle").getAttribute("transform")"""
)


@pytest.mark.parametrize("control", ["x", "eps", "z"])
def test_one_control_and_its_stage(browser, tmp_path, control):
    inside = {"x": ".pad", "eps": "button", "z": "input[type=range]"}
    with opened(browser, live("machine", control=control)._repr_html_(), tmp_path, width=390) as page:
        machine = page.locator(".machine").first
        assert machine.locator(".map svg, .out svg").count() == 2
        shown = {name: machine.locator(selector).count() for name, selector in inside.items()}
        assert shown == {**dict.fromkeys(inside, 0), control: 2 if control == "z" else 1}
        found = [violation["id"] for violation in Axe().run(page).response["violations"]]
        assert found == []


def test_another_control_is_refused():
    with pytest.raises(ValueError, match="expected control to be one of x, eps, z, got y"):
        live("machine", control="y")


def test_the_whole_weighs_less_than_250_kb_and_its_picture_less_than_150():
    markup = html_of("machine")
    assert len(markup.encode()) < 250_000
    assert len(re.search(r"base64,([^\"]+)", markup)[1]) * 3 / 4 < 150_000

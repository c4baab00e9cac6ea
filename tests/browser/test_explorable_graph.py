"""The computation graph in the browser: what it shows at first, and what mouse, keyboard and field change."""

import re

import pytest
from test_explorables import opened

from vae_lib.figures.graph import graph

ACTIVE = "() => document.activeElement.shadowRoot?.activeElement?.getAttribute('aria-label') ?? ''"


@pytest.fixture
def page(browser, tmp_path):
    with opened(browser, graph()._repr_html_(), tmp_path) as page:
        yield page


def cell(page, name: str):
    return page.locator(f"g[aria-label^='{name}:']").first


def said(page) -> str:
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return " ".join(page.locator("[data-live]").first.locator("p").all_inner_texts())


def tab_to(page, name: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(ACTIVE).startswith(name):
            return
    raise AssertionError(f"the tab key does not lead to {name}")


def test_at_the_examples_own_numbers_it_is_exact(page):
    assert "J = 157/32 + ln 2 ≈ 5.5994 nats" in said(page)
    assert cell(page, "row 1, column 1 of W₂").locator(".value").text_content() == "1/2"
    page.locator("select").nth(2).select_option("1")
    assert "J = 245/32 + 3 ln 2 ≈ 9.7357 nats" in said(page)


def test_a_drag_to_the_right_changes_a_number_and_what_follows_from_it_alone(page):
    before = {
        name: page.locator(f"g[aria-label^='{name}']").first.get_attribute("aria-label") for name in ("z =", "a₁ =")
    }
    box = cell(page, "number 2 of ε").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 50, box["y"] + 10, steps=4)
    page.mouse.up()
    assert "You moved number 2 of ε by +0.50" in said(page)
    assert cell(page, "number 2 of ε").locator(".value").text_content() == "−1.00"
    label = {name: page.locator(f"g[aria-label^='{name}']").first.get_attribute("aria-label") for name in before}
    assert "9/8, −0.50" in label["z ="]
    assert label["a₁ ="].split(";")[0] == before["a₁ ="].split(";")[0]  # its values; its slopes see ε
    page.get_by_role("button", name="Reset").first.click()
    assert "J = 157/32 + ln 2" in said(page)
    assert page.complaints == []


def test_the_keyboard_alone_goes_through_the_graph_and_changes_a_number(page):
    tab_to(page, "z = μ + σ ⊙ ε")
    assert "number 1 of z: 1 + 1/4 · 1/2 = 9/8" in said(page)
    assert 'v["z"] = v["mu"] + v["sigma"] * eps' in said(page)
    page.keyboard.press("ArrowRight")
    assert "number 2 of z: 3/2 + 2 · (−3/2) = −3/2" in said(page)
    page.reload()
    tab_to(page, "row 1, column 1 of W₁")
    for key in ("ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    assert page.evaluate(ACTIVE).startswith("row 2, column 2 of W₁")
    page.reload()
    for _ in range(3):  # tensor, entry, slider
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert "You moved number 2 of ε by +0.05" in said(page)
    assert page.complaints == []


def test_the_field_takes_fractions_and_says_when_it_cannot_read(page):
    field = page.locator("input[type=text]").first
    field.fill("1/2 ln 2")
    assert "You moved number 2 of ε by +1.85" in said(page)  # ½ ln 2 + 3/2
    field.fill("one")
    assert field.get_attribute("aria-invalid") == "true"
    field.blur()
    said(page)
    assert field.get_attribute("aria-invalid") == "false"
    field.fill("-3/2")
    assert "J = 157/32 + ln 2" in said(page)


def test_the_slope_tells_what_a_small_step_does(page):
    page.locator("input[type=text]").first.fill("-1.49")
    moved, slope_times_step = re.search(r"and J by ([+−][\d.]+) nats.* = ([+−][\d.]+)\.", said(page)).groups()
    numbers = [float(text.replace("−", "-")) for text in (moved, slope_times_step)]
    assert numbers == [pytest.approx(0.03, abs=2e-3)] * 2

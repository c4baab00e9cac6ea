"""The computation graph in the browser: what it shows at first, and what mouse, keyboard and field change."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from built import WIDTHS
from test_explorables import at_each_frame, eases, first, html_of, live, opened, paced, settle
from test_touch import Finger

from vae_lib.figures.graph.figure import graph

ACTIVE = "() => document.activeElement.shadowRoot?.activeElement?.getAttribute('aria-label') ?? ''"


@pytest.fixture
def page(browser, tmp_path):
    with opened(browser, graph()._repr_html_(), tmp_path) as page:
        yield page


def cell(page, name: str):
    return page.locator(f"g[aria-label^='{name}:']").first


def centre(part) -> tuple[float, float]:
    box = part.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def said(page) -> str:
    settle(page)
    return words(page)


def words(page) -> str:
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


def test_the_field_reads_as_a_pencil_writes_and_says_what_it_does_not_take(page):
    field = page.locator("input[type=text]").first
    for text in ("1/2 ln 2", "½ ln 2", "0,5 ln(2)"):
        field.fill(text)
        assert "You moved number 2 of ε by +1.85" in said(page)  # ½ ln 2 + 3/2
    refused = {
        "one": "I read “one”, which is no number; write one such as 0.3, 3/2 or 2 ln 2.",
        "ln 1/4": "“ln 1/4” can be read as ln(1/4) or (ln 1)/4: write the parentheses.",
        "–9": "–9 is out of range: the figure takes −5 to 5.",
    }
    for text, answer in refused.items():
        field.fill(text)
        assert page.locator(".hold [role=status]").first.inner_text() == answer
        assert field.get_attribute("aria-invalid") == "true"
    field.blur()
    said(page)
    assert field.get_attribute("aria-invalid") == "false"
    assert page.locator(".hold [role=status]").first.inner_text() == ""
    field.fill("-3/2")
    assert "J = 157/32 + ln 2" in said(page)


def test_the_slope_tells_what_a_small_step_does(page):
    page.locator("input[type=text]").first.fill("-1.49")
    moved, slope_times_step = re.search(r"and J by ([+−][\d.]+) nats.* = ([+−][\d.]+)\.", said(page)).groups()
    numbers = [float(text.replace("−", "-")) for text in (moved, slope_times_step)]
    assert numbers == [pytest.approx(0.03, abs=2e-3)] * 2


SPACE = """(all) => all.flatMap((text) => {
    const [own, frame] = [text, text.parentNode.querySelector(".frame")].map((node) => node.getBoundingClientRect());
    const free = Math.min(own.left - frame.left, frame.right - own.right);
    return frame.width && free < 1.5 ? [`${text.textContent}: ${free}`] : [];
})"""


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("example", [0, 1])
def test_no_number_touches_the_border_of_its_cell(browser, tmp_path, width, example):
    state = {"example": example, "numbers": {"x": [-2.85, 1.45, -0.95, -1.65]}}
    for given in ({"example": example}, state):
        with opened(browser, live("graph", state=given)._repr_html_(), tmp_path, width=width) as page:
            for panel in ("encoder, draw and KL", "decoder and losses"):
                if width == WIDTHS["phone"]:
                    page.get_by_role("button", name=panel).first.click()
                said(page)
                assert first(page).locator(".node :is(.value, .slope)").evaluate_all(SPACE) == []


def test_a_finger_takes_a_number_by_a_tap_and_drags_it_afterwards(browser, tmp_path):
    options = {"width": WIDTHS["phone"], "height": 844, "has_touch": True, "is_mobile": True}
    with opened(browser, html_of("graph"), tmp_path, **options) as page:
        finger = Finger(page)
        number = cell(page, "row 2, column 2 of W₂")
        number.scroll_into_view_if_needed()
        finger.drag(centre(number), (40, 0))  # not yet taken: a swipe
        assert "Move number 2 of ε" in said(page)
        number.tap()
        assert "Move row 2, column 2 of W₂" in said(page)
        finger.drag(centre(number), (40, 20))
        assert "You moved row 2, column 2 of W₂ by +0.65" in said(page)
        assert page.complaints == []


def test_a_number_of_the_other_panel_turns_to_it(browser, tmp_path):
    with opened(browser, html_of("graph"), tmp_path, width=WIDTHS["phone"]) as page:
        assert not cell(page, "number 1 of b₄").is_visible()
        first(page).locator("select").first.select_option("b4")
        said(page)
        assert cell(page, "number 1 of b₄").is_visible()


@pytest.mark.parametrize(("control", "moved"), [("x", "You moved number 1 of x by +0.05"), ("eps", "J = 5.7569 nats")])
def test_one_control_and_the_graph(browser, tmp_path, control, moved):
    with opened(browser, live("graph", control=control)._repr_html_(), tmp_path, width=WIDTHS["phone"]) as page:
        assert first(page).locator("input, select").count() == 1
        assert first(page).locator(".editable").count() == (4 if control == "x" else 2)
        first(page).locator("input").focus()
        page.keyboard.press("ArrowRight")
        assert moved in said(page)
        assert [violation["id"] for violation in Axe().run(page).response["violations"]] == []


def test_a_reset_is_followed_in_200_ms(browser, tmp_path):
    state = {"numbers": {"eps": [3, 3]}}
    with paced(browser, live("graph", state=state)._repr_html_(), tmp_path) as page:
        page.get_by_role("button", name="Reset").first.click()
        assert eases(at_each_frame(page, EPS, milliseconds=400))
        assert "J = 157/32 + ln 2 ≈ 5.5994 nats" in words(page)
        assert page.complaints == []


EPS = """() => document.querySelector("[data-live]").shadowRoot.querySelector(".held .value").textContent"""

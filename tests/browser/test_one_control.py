"""The figures that open the chapters, in their one-control form: by mouse, finger and keyboard; still, dark, small."""

import re
from functools import cache

import pytest
from axe_playwright_python.sync_playwright import Axe
from built import THEMES, WIDTHS, in_turn
from test_explorables import SMALL_PRINT, first, live, opened, paced, settle, words
from test_touch import Finger, in_the_middle_of_the_screen, middle

FORMS = {
    "machine": "z",
    "graph": "eps",
    "trick": "mu",
    "bound": "mu",
    "epochs": "epoch",
    "calculator": "loss",
    "water": "opening",
    "die": "opening",
    "chain": "opening",
    "names": "opening",
}
DRAGGED = {"machine": ".handle", "graph": ".handle", "trick": ".handle", "bound": ".handle"}

each_form = pytest.mark.parametrize("name", FORMS)
each_dragged = pytest.mark.parametrize("name", DRAGGED)


@cache
def form(name: str) -> str:
    return live(name, control=FORMS[name])._repr_html_()


@pytest.mark.parametrize(("name", "theme"), in_turn(FORMS, THEMES))
def test_it_is_accessible_with_one_stage_on_a_phone_and_no_small_print(browser, tmp_path, name, theme):
    with opened(browser, form(name), tmp_path, theme=theme, width=WIDTHS["phone"], height=844, has_touch=True) as page:
        assert [violation["id"] for violation in Axe().run(page).response["violations"]] == []
        assert page.evaluate("() => document.documentElement.scrollWidth") <= WIDTHS["phone"]
        assert first(page).locator(".stage").bounding_box()["height"] <= 0.55 * 844
        assert page.evaluate(SMALL_PRINT) == []
        pressed = first(page).locator("button, input, select").all()
        assert [one.bounding_box()["height"] for one in pressed if one.bounding_box()["height"] < 44] == []
        assert page.complaints == []


@each_form
def test_it_has_one_control_and_is_at_most_420_pixels_high(browser, tmp_path, name):
    with opened(browser, form(name), tmp_path) as page:
        assert first(page).bounding_box()["height"] <= 420
        kinds = first(page).locator("input, select, button").evaluate_all("(all) => all.map((one) => one.localName)")
        guessed = {name: ["select", "input"] for name in ("water", "die", "chain")}
        expected = {"machine": ["input", "input"], "epochs": ["input", "button"], **guessed}
        assert kinds == expected.get(name, ["input"])


@each_dragged
def test_a_mouse_drags_it(browser, tmp_path, name):
    with opened(browser, form(name), tmp_path) as page:
        handle, before = first(page).locator(DRAGGED[name]).first, words(page, 0)
        x, y = middle(handle)
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 40, y, steps=4)
        page.mouse.up()
        settle(page)
        assert words(page, 0) != before
        assert middle(handle)[0] == pytest.approx(x + (0 if name == "graph" else 40), abs=6)


@each_dragged
def test_a_finger_drags_it_and_the_page_stays(browser, tmp_path, name):
    room = "<div style='height: 900px'></div>"
    options = {"width": WIDTHS["phone"], "height": 844, "has_touch": True, "is_mobile": True}
    with opened(browser, room + form(name) + room, tmp_path, **options) as page:
        handle, before = first(page).locator(DRAGGED[name]).first, words(page, 0)
        in_the_middle_of_the_screen(handle)
        top = page.evaluate("() => scrollY")
        Finger(page).drag(middle(handle), (-30, -40))
        assert words(page, 0) != before
        assert page.evaluate("() => scrollY") == top


@each_form
def test_the_keyboard_changes_what_it_says(browser, tmp_path, name):
    with opened(browser, form(name), tmp_path) as page:
        before = words(page, 0)
        field = first(page).locator("input").first
        field.focus()
        page.keyboard.press("ArrowRight" if field.get_attribute("type") == "range" else "5")
        settle(page)
        assert words(page, 0) != before
        assert page.complaints == []


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_play_goes_through_the_training_in_four_seconds(browser, tmp_path, motion):
    with paced(browser, form("epochs"), tmp_path, reduced_motion=motion) as page:
        first(page).get_by_role("button", name="play").click()
        page.clock.run_for(2000)
        assert "epoch 500" not in words(page, 0)
        page.clock.run_for(2300)
        assert "epoch 500" in words(page, 0)
        assert first(page).get_by_role("button", name="play").count() == 1  # it has stopped
        assert page.complaints == []


def test_elbo_and_gap_add_up_to_the_same_wherever_q_is(browser, tmp_path):
    with opened(browser, form("bound"), tmp_path) as page:
        for mu in (-2.5, -1.6, 0, 0.8):
            first(page).locator("input").fill(str(mu))
            settle(page)
            said = first(page).locator(".words").inner_text()
            elbo, gap, log_px = (float(number.replace("−", "-")) for number in re.findall(r"−?\d+\.\d+", said))
            assert elbo + gap == pytest.approx(log_px, abs=0.011)
            assert log_px == -1.94


def test_the_worksheet_keeps_the_kl_and_follows_with_j(browser, tmp_path):
    with opened(browser, form("graph"), tmp_path) as page:
        said = []
        for eps in (-1.5, 0, 2):
            first(page).locator("input").fill(str(eps))
            settle(page)
            said.append(first(page).locator("[aria-live]").inner_text())
        assert "J = 157/32 + ln 2 ≈ 5.5994 nats" in said[0]
        assert len({text.split("J = ")[1].split(" nats")[0] for text in said}) == 3
        assert {re.search(r"plus the KL .*?≈ (\S+)\.$", text)[1] for text in said} == {"3.3494"}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("96.4", "96.4 stands for −ELBO = 96.4 nats an image: better than independent pixels (206)"),
        ("300", "no better than independent pixels"),
        ("600", "worse than zero weights, which give D log 2 = 543.4"),
        ("0.15", "If all of it was divided by the 784 pixels, it stands for 117.6 nats an image"),
        ("-3", "look for a sign"),
        ("", "Any number will do."),
    ],
)
def test_a_number_gets_one_sentence(browser, tmp_path, typed, said):
    with opened(browser, form("calculator"), tmp_path) as page:
        first(page).locator("input").fill(typed)
        settle(page)
        assert said in words(page, 0)
        assert first(page).locator(".said p").count() == 1

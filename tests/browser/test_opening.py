"""The first screen of a chapter: title, question and live figure are seen at once, and nothing moves when it comes."""

from contextlib import contextmanager

import pytest
from built import PAGES, new_page

CHAPTERS = [path for path in PAGES if path[5].isdigit()]
SCREENS = {"laptop": (1280, 800), "phone": (390, 844)}

FOCUS = "() => document.activeElement.shadowRoot?.activeElement ? 'in the figure' : document.activeElement.tagName"


@contextmanager
def screen(browser, address: str, device: str, **options):
    width, height = SCREENS[device]
    with new_page(browser, width=width, height=height, theme="light", **options) as page:
        page.goto(address)
        yield page


@pytest.fixture(scope="module", params=CHAPTERS)
def address(request, site):
    return f"{site}/{request.param}"


@pytest.fixture(scope="module")
def laptop(browser, address):
    with screen(browser, address, "laptop") as page:
        yield page


@pytest.fixture(scope="module")
def phone(browser, address):
    with screen(browser, address, "phone", has_touch=True) as page:
        yield page


@pytest.mark.parametrize("device", SCREENS)
def test_nothing_below_the_figure_moves_when_its_script_runs(browser, address, device, request):
    with screen(browser, address, device, scripts=False) as page:
        before = page.locator("[data-explorable]").first.bounding_box()["height"]
    after = request.getfixturevalue(device).locator("[data-explorable]").first.bounding_box()["height"]
    assert before == pytest.approx(after, abs=1)


def test_figure_and_caption_stand_on_the_first_screen_of_a_laptop_and_tab_goes_from_the_bill_to_it(laptop):
    box = laptop.locator("[data-live]").first.bounding_box()
    assert box["height"] <= 420
    caption = laptop.locator(".cell.opening figcaption").bounding_box()
    assert caption["y"] + caption["height"] <= 800
    laptop.locator("button.print").focus()
    reached = []
    while "in the figure" not in reached and len(reached) < 12:
        laptop.keyboard.press("Tab")
        reached.append(laptop.evaluate(FOCUS))
    assert set(reached) <= {"SUMMARY", "in the figure"}  # the folded code, a control
    assert reached[-1] == "in the figure"
    assert laptop.complaints == []


def test_a_phone_shows_title_question_and_the_top_of_the_figure(phone):
    assert phone.locator(".bd-article h1").bounding_box()["y"] > 0
    stage = phone.locator("[data-live]").first.locator(".stage").bounding_box()
    assert stage["y"] + 0.2 * stage["height"] <= 844
    assert stage["height"] <= 0.55 * 844
    assert phone.evaluate("() => document.documentElement.scrollWidth") <= 390

"""The first screen of a chapter: title, question and live figure are seen at once, and nothing moves when it comes."""

import pytest
from built import PAGES, in_turn, new_page, open_page

CHAPTERS = [path for path in PAGES if path.startswith("book/0")]
SCREENS = {"laptop": (1280, 800), "phone": (390, 844)}

FOCUS = "() => document.activeElement.shadowRoot?.activeElement ? 'in the figure' : document.activeElement.tagName"

each_chapter = pytest.mark.parametrize("path", CHAPTERS)


def screen(browser, device, **options):
    width, height = SCREENS[device]
    return new_page(browser, width=width, height=height, theme="light", **options)


@each_chapter
def test_the_figure_stands_on_the_first_screen_of_a_laptop_and_tab_goes_from_the_bill_to_it(browser, site, path):
    with screen(browser, "laptop") as page:
        open_page(page, f"{site}/{path}")
        box = page.locator("[data-live]").first.bounding_box()
        assert box["height"] <= 420
        assert box["y"] + 0.6 * box["height"] <= 800
        page.locator("button.print").focus()
        reached = []
        while "in the figure" not in reached and len(reached) < 12:
            page.keyboard.press("Tab")
            reached.append(page.evaluate(FOCUS))
        assert set(reached) <= {"SUMMARY", "in the figure"}  # the folded code, a control
        assert reached[-1] == "in the figure"
        assert page.complaints == []


@each_chapter
def test_a_phone_shows_title_question_and_the_top_of_the_figure(browser, site, path):
    with screen(browser, "phone", has_touch=True) as page:
        open_page(page, f"{site}/{path}")
        assert page.locator(".bd-article h1").bounding_box()["y"] > 0
        stage = page.locator("[data-live]").first.locator(".stage").bounding_box()
        assert stage["y"] + 0.2 * stage["height"] <= 844
        assert stage["height"] <= 0.55 * 844
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize(("path", "device"), in_turn(CHAPTERS, SCREENS))
def test_nothing_below_the_figure_moves_when_its_script_runs(browser, site, path, device):
    heights = []
    for scripts in (False, True):
        with screen(browser, device, scripts=scripts) as page:
            page.goto(f"{site}/{path}")
            heights.append(page.locator("[data-explorable]").first.bounding_box()["height"])
    assert heights[0] == pytest.approx(heights[1], abs=1)

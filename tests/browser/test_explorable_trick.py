"""The trick in the browser: ε stays while mouse and keyboard move μ and σ, and words, table and picture agree."""

from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe
from built import EVERY_VIEW, WIDTHS
from test_explorables import first, opened, settle

from vae_lib.figures import trick

CHOICES = ["square", "plus", "wave", "step"]


@pytest.fixture(params=WIDTHS if EVERY_VIEW else ["phone"])
def page(request, browser, tmp_path):
    with opened(browser, trick()._repr_html_(), tmp_path, width=WIDTHS[request.param]) as page:
        yield page
        assert page.complaints == []


def places(page, marks: str) -> list[float]:
    """Where the marks stand, from left to right as they were drawn."""
    settle(page)
    return first(page).locator(marks).evaluate_all("all => all.map((mark) => Number(mark.getAttribute('cx')))")


def noise(page) -> list[float]:
    return places(page, "circle.eps")


def latents(page) -> list[float]:
    return places(page, "circle.z")


def steps(values: list[float]) -> list[float]:
    return [b - a for a, b in pairwise(values)]


def drag(page, handle: str, by: float) -> None:
    node = first(page).locator(handle)
    node.scroll_into_view_if_needed()
    box = node.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by, y, steps=6)
    page.mouse.up()
    settle(page)


def table(page) -> list[float]:
    """The eight numbers of the table: mean shown, exact mean, bias, variance, each pathwise and score function."""
    settle(page)
    cells = first(page).locator("tbody td").all_text_contents()
    return [float(cell.replace("−", "-").replace("\u202f", "")) for cell in cells]


def turn_to(page, name: str) -> None:
    """Where there are tabs, on a phone, press this one."""
    tab = first(page).get_by_role("button", name=name)
    if tab.is_visible():
        tab.click()


def said(page) -> str:
    """Which way is better, in words."""
    turn_to(page, "in words")
    return first(page).locator(".more p").first.inner_text()


def choose(page, f: str, baseline: str = "none") -> None:
    first(page).locator("select").first.select_option(f)
    first(page).locator("select").last.select_option(baseline)
    settle(page)


def test_the_mouse_moves_every_z_and_no_eps(page):
    eps, z = noise(page), latents(page)
    drag(page, "circle.grip", -40)
    moved = latents(page)
    assert noise(page) == eps
    assert moved[0] < z[0] - 20
    assert steps(moved) == pytest.approx(steps(z))  # μ shifts
    drag(page, "rect.grip", 10)
    spread = latents(page)
    assert noise(page) == eps
    factor = (spread[-1] - spread[0]) / (moved[-1] - moved[0])
    assert factor > 1.1
    assert steps(spread) == pytest.approx([factor * step for step in steps(moved)])  # σ stretches


def test_resample_throws_the_die_again_and_reset_takes_it_back(page):
    eps, z = noise(page), latents(page)
    first(page).get_by_role("button", name="resample ε").click()
    fresh = noise(page)
    assert fresh != eps
    first(page).get_by_role("button", name="resample ε").click()
    assert noise(page) not in (fresh, eps)
    drag(page, "circle.grip", 30)
    first(page).get_by_role("button", name="reset").click()
    assert (noise(page), latents(page)) == (eps, z)


def test_the_table_shows_the_numbers_of_chapter_3(page):
    assert table(page)[2:] == [1, 1, 0, 0, 4, 18.56]
    choose(page, "square", "mean")
    assert table(page)[2:] == [1, 1, 0, 0, 4, 12]
    choose(page, "step")
    assert table(page)[0::2] == [0, 0, -0.35, 0]
    assert table(page)[3::2] == [0.35, 0, 0.39]
    assert "no number of draws mends" in said(page)


def test_the_keyboard_alone_finds_the_crossover(page):
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    settle(page)  # the slider of ω appears
    for _ in range(4):  # the baseline, μ, σ, ω
        page.keyboard.press("Tab")
    page.keyboard.press("End")
    assert table(page)[2:] == [1, 1, 0, 0, 50, 2.75]
    assert "lower variance for ω from 1.905 to 10," in said(page)
    turn_to(page, "variance")
    assert first(page).get_by_text("score function quieter").is_visible()


def test_the_third_picture_can_be_dragged(page):
    choose(page, "wave")
    turn_to(page, "variance")
    drag(page, "circle.dot", 100)
    omega = first(page).locator("label", has_text="ω").locator("output").inner_text()
    assert 3 < float(omega) < 6


def test_no_choice_is_inaccessible(page):
    for f in CHOICES:
        for baseline in ("none", "mean"):
            choose(page, f, baseline)
            found = Axe().run(page).response["violations"]
            assert [(v["id"], n["target"]) for v in found for n in v["nodes"]] == []


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("control", ["mu", "sigma"])
def test_one_control_stands_below_the_picture_and_the_hint_above(browser, tmp_path, control, width):
    with opened(browser, trick(control=control)._repr_html_(), tmp_path, width=width) as page:
        hint, stage, controls = (first(page).locator(part).bounding_box() for part in (".first", ".stage", ".controls"))
        assert first(page).locator("input, select, button").count() == 1
        assert hint["y"] + hint["height"] <= stage["y"]
        assert stage["y"] + stage["height"] <= controls["y"]

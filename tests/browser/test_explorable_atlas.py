"""The atlas by mouse and by keyboard, and how it drifts (by finger: test_touch.py)."""

import re
from itertools import pairwise

import pytest
from test_explorable_epochs import SHADES
from test_explorables import FRAME, frames, html_of, live, opened, paced, settle, sums_a_change

MAP = ".map svg"
# The page's own observers, which are older, have noticed it too then.
COME_IN_SIGHT = """(host) => new Promise((done) => {
    new IntersectionObserver((seen) => seen.at(-1).isIntersecting && done()).observe(host);
    host.scrollIntoView();
})"""


@pytest.fixture
def page(browser, tmp_path):
    with opened(browser, html_of("atlas"), tmp_path) as page:
        yield page
        assert page.complaints == []


def z_of(page) -> list[float]:
    said = page.locator(".said").first.inner_text().replace("−", "-")
    return [float(value) for value in re.match(r"z = \((-?\d\.\d+), (-?\d\.\d+)\)", said).groups()]


def at(page, z1: float, z2: float) -> tuple[float, float]:
    """Where a z stands on the screen, in the first plane: its surface is 328 of 360 × 366 units, from −3 to 3."""
    box = page.locator(MAP).first.bounding_box()
    unit = box["width"] / 360
    return box["x"] + unit * (28 + 328 * (z1 + 3) / 6), box["y"] + unit * (330 - 328 * (z2 + 3) / 6)


def shades(page) -> list[int]:
    return page.locator("canvas").first.evaluate(SHADES)


def test_where_the_mouse_points_the_decoder_draws(page):
    before = shades(page)
    assert len(before) == 28 * 28
    assert max(before) > 250
    page.mouse.move(*at(page, -0.2, -1.5))
    settle(page)
    assert z_of(page) == pytest.approx([-0.2, -1.5], abs=0.03)
    assert page.locator(".said").first.inner_text().endswith("Around it lie codes of 6s.")
    assert sum(abs(one - two) for one, two in zip(before, shades(page), strict=True)) > 10_000


def test_dragging_the_ring_leads_z_and_stops_at_the_edge(page):
    page.mouse.move(*at(page, *z_of(page)))
    page.mouse.down()
    page.mouse.move(*at(page, 4.5, 1.0), steps=5)
    page.mouse.up()
    settle(page)
    assert z_of(page) == pytest.approx([3, 1], abs=0.05)


def test_arrow_keys_move_z_in_the_plane_and_scroll_no_page(page):
    start = z_of(page)
    page.locator(".map").first.focus()
    for key in ["ArrowRight"] * 3 + ["ArrowUp"] * 2 + ["ArrowLeft", "ArrowDown"]:
        page.keyboard.press(key)
    settle(page)
    assert z_of(page) == pytest.approx([start[0] + 0.2, start[1] + 0.1], abs=0.011)
    assert page.evaluate("() => window.scrollY") == 0


def test_far_from_all_codes_it_says_so(page):
    page.mouse.move(*at(page, -2.8, 2.8))
    settle(page)
    assert "No picture's code lies near" in page.locator(".said").first.inner_text()


def test_under_reduced_motion_it_is_still_until_it_is_told_to_drift(page):
    start = z_of(page)
    frames(page, 30)
    assert z_of(page) == start
    page.get_by_role("button", name="let it drift").first.click()
    frames(page, 30)
    assert z_of(page) != start
    page.get_by_role("button", name="hold still").first.click()


def test_it_drifts_in_small_steps_until_it_is_touched_and_ears_are_left_in_peace(browser, tmp_path):
    with paced(browser, html_of("atlas"), tmp_path) as page:
        seen = [z_of(page)]
        for _ in range(60):
            frames(page, 4)
            seen.append(z_of(page))
        steps = [max(abs(a - b) for a, b in zip(one, two, strict=True)) for one, two in pairwise(seen)]
        assert 0 < max(steps) < 0.1
        assert max(abs(a - b) for a, b in zip(seen[0], seen[-1], strict=True)) > 0.5
        said = page.locator(".said").first
        assert said.get_attribute("aria-live") == "off"
        page.mouse.click(*at(page, 1.0, 1.0))
        frames(page, 20)
        assert z_of(page) == pytest.approx([1, 1], abs=0.03)
        assert said.get_attribute("aria-live") == "polite"
        assert page.complaints == []


def test_off_the_screen_it_does_not_drift(browser, tmp_path):
    room = "<div style='height: 3000px'></div>"
    with paced(browser, room + html_of("atlas"), tmp_path) as page:
        start = z_of(page)
        frames(page, 60)
        assert z_of(page) == start
        page.locator("[data-live]").first.evaluate(COME_IN_SIGHT)
        frames(page, 60)
        assert z_of(page) != start


def test_a_move_is_answered_within_a_frame(page):
    x, y = at(page, 0, 0)

    def make_changes() -> int:
        for i in range(40):
            page.mouse.move(x - 2 * i, y + i)
            settle(page)
        return 40

    assert sums_a_change(page, make_changes) < FRAME


def test_it_has_one_control_and_another_is_refused():
    with pytest.raises(ValueError, match="expected control to be one of"):
        live("atlas", control="z")


def test_the_whole_weighs_less_than_190_kb():
    assert len(html_of("atlas").encode()) < 190_000

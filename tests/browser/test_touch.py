"""Every live figure by finger, with real touches, at 390 pixels: what is dragged moves, and the page does not."""

from contextlib import ExitStack

import pytest
from built import EVERY_VIEW, THEMES, WIDTHS
from test_explorables import html_of, opened, settle

# Figure → what a finger drags in it → the directions in which that goes: a handle "xy", "x", or "short", whose
# range is shorter than a drag; or a surface, "drawn".
DRAGGED = {
    "ask": {},
    "atlas": {".handle": "xy"},
    "bound": {".handle:has(circle)": "x", ".handle:has(rect)": "short"},
    "calculator": {},
    "chain": {},
    "die": {".handle": "short"},
    "epochs": {".map .handle": "xy"},
    "forces": {},
    "graph": {".handle": "short"},
    "machine": {".handle": "xy", ".pad": "drawn"},
    "names": {},
    "trainer": {},
    "trick": {".handle:has(circle.grip)": "x", ".handle:has(rect)": "short"},
    "water": {".handle": "short"},
}
ALL = [(name, *part) for name, parts in DRAGGED.items() for part in parts.items()]
HANDLES = [(name, selector) for name, selector, way in ALL if way != "drawn"]
WAYS = [(-40, -70), (40, 70), (-70, 40), (30, -60)]  # pixels: up and down, and sideways
ROOM = "<div style='height: 900px'></div>"
NEAR = 22  # pixels: within half of 44 of its middle a handle is meant

MIDDLE = """(node) => {
    if (node.ownerSVGElement) return [node.getScreenCTM().e, node.getScreenCTM().f];
    const { x, y, width, height } = node.getBoundingClientRect();
    return [x + width / 2, y + height / 2];
}"""
HIT = """(node, [x, y]) => node.contains(node.getRootNode().elementFromPoint(x, y))"""


@pytest.fixture(params=THEMES if EVERY_VIEW else ["dark"])
def phone(request, browser, tmp_path):
    """A function that opens a live figure on a phone, with room to scroll above and below: its page, and the figure."""
    options = {"theme": request.param, "width": WIDTHS["phone"], "height": 844, "has_touch": True, "is_mobile": True}
    with ExitStack() as stack:

        def figure(name: str):
            markup = ROOM + html_of(name) + ROOM
            page = stack.enter_context(opened(browser, markup, tmp_path, **options))
            return page, page.locator("[data-live]").first

        yield figure


class Finger:
    """One finger on a page, by Chromium's own touch events, which scroll as those of a screen do."""

    def __init__(self, page):
        self.page, self.session = page, page.context.new_cdp_session(page)

    def touch(self, kind: str, *points: tuple[float, float]) -> None:
        self.session.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
        )

    def drag(self, start: tuple[float, float], by: tuple[float, float], steps: int = 8) -> None:
        (x, y), (dx, dy) = start, by
        self.touch("touchStart", (x, y))
        for i in range(1, steps + 1):
            self.touch("touchMove", (x + dx * i / steps, y + dy * i / steps))
            settle(self.page)
        self.touch("touchEnd")
        settle(self.page)


def scrolled(page) -> float:
    return page.evaluate("() => window.scrollY")


def middle(part) -> list[float]:
    return part.evaluate(MIDDLE)


def drawing(host) -> str:
    return host.evaluate("(host) => host.shadowRoot.innerHTML")


def in_the_middle_of_the_screen(part) -> None:
    part.evaluate("(node) => node.scrollIntoView({ block: 'center' })")


@pytest.mark.parametrize(("name", "selector", "way"), ALL)
def test_a_finger_drags_it_and_the_page_stays(phone, name, selector, way):
    page, host = phone(name)
    finger, part = Finger(page), host.locator(selector).first
    in_the_middle_of_the_screen(part)
    for dx, dy in WAYS:
        before, top, shown = middle(part), scrolled(page), drawing(host)
        finger.drag(before, (dx, dy))
        assert scrolled(page) == top
        assert drawing(host) != shown
        if way != "drawn":
            moved = [after - start for after, start in zip(middle(part), before, strict=True)]
            assert way == "short" or moved[0] == pytest.approx(dx, abs=4)  # a figure may go in steps
            assert way != "xy" or moved[1] == pytest.approx(dy, abs=4)
    assert page.complaints == []


@pytest.mark.parametrize(("name", "selector"), HANDLES)
def test_a_handle_is_44_pixels_wide(phone, name, selector):
    _, host = phone(name)
    handle = host.locator(selector).first
    in_the_middle_of_the_screen(handle)
    x, y = middle(handle)
    for dx, dy in [(0, 0), (NEAR - 1, 0), (1 - NEAR, 0), (0, NEAR - 1), (0, 1 - NEAR)]:
        assert handle.evaluate(HIT, [x + dx, y + dy]), (dx, dy)


@pytest.mark.parametrize(("name", "selector"), HANDLES)
def test_a_swipe_that_starts_beside_a_handle_scrolls(phone, name, selector):
    page, host = phone(name)
    handle = host.locator(selector).first
    in_the_middle_of_the_screen(handle)
    (x, y), top = middle(handle), scrolled(page)
    Finger(page).drag((x - 2 * NEAR, y), (0, -150))
    page.wait_for_function("(y) => window.scrollY > y", arg=top + 80)


@pytest.mark.parametrize("name", DRAGGED)
def test_what_is_pressed_is_44_pixels_high(phone, name):
    _, host = phone(name)
    pressed = host.locator("button, select, input:not([type=text])").all()
    heights = {one.evaluate("(node) => node.outerHTML"): one.bounding_box() for one in pressed if one.is_visible()}
    assert {html: box["height"] for html, box in heights.items() if box["height"] < 44} == {}


def test_a_stroke_from_top_to_bottom_paints_every_pixel_that_it_crosses(phone):
    page, machine = phone("machine")
    machine.get_by_role("button", name="clear").click()
    pad = machine.locator(".pad")
    in_the_middle_of_the_screen(pad)
    settle(page)
    box = pad.bounding_box()
    side, top = box["width"] / 8, scrolled(page)
    Finger(page).drag((box["x"] + 2.5 * side, box["y"] + 0.5 * side), (0, 7 * side), steps=30)
    shades = pad.locator(".cell").evaluate_all("(all) => all.map((one) => Number(one.getAttribute('fill-opacity')))")
    assert [i for i, shade in enumerate(shades) if shade] == list(range(2, 64, 8))
    assert scrolled(page) == top

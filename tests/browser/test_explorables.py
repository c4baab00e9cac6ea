"""Every explorable, two of the same on a page: live by mouse and keyboard, wide or narrow, light or dark."""

import base64
import re
from collections.abc import Callable
from contextlib import contextmanager
from functools import cache

import matplotlib.pyplot as plt
import pytest
from axe_playwright_python.sync_playwright import Axe
from built import WIDTHS, in_views, new_page

from vae_lib import figures
from vae_lib.page.palette import DARK, LIGHT

NAMES = figures.__all__
GROUND = {"light": LIGHT["ground"], "dark": DARK["ground"]}
INK = {"light": LIGHT["ink"], "dark": DARK["ink"]}
SUM = """() => {
    const start = performance.now();
    let sum = 0;
    for (let i = 0; i < 4e5; i++) sum += Math.exp(-i / 4e5);
    return performance.now() - start + 0 * sum;
}"""
FRAMES = """async (number) => {
    for (let i = 0; i < number; i++) await new Promise(requestAnimationFrame);
}"""
FRAME = 7  # such sums take the 16 ms of a frame where one takes 2.3 ms, as on a calm machine

each_explorable = pytest.mark.parametrize("name", NAMES)


def live(name: str, **options):
    with plt.style.context("vae_lib.page.book"):
        return getattr(figures, name)(**options)


@cache
def html_of(name: str) -> str:
    """The HTML of a figure as it is without options: drawing it takes longer than opening it."""
    return live(name)._repr_html_()


@pytest.fixture(scope="module", params=NAMES)
def markup(request):
    return html_of(request.param)


@pytest.fixture
def page(browser, markup, tmp_path):
    with opened(browser, markup, tmp_path) as page:
        yield page


@contextmanager
def opened(browser, markup: str, folder, *, theme: str = "light", width: int = 1280, **options):
    """A page from file:// with the explorable twice; `options` are those of its browser's context."""
    with unopened(browser, markup, folder, theme=theme, width=width, **options) as (page, address):
        page.goto(address)
        page.wait_for_function("() => !document.querySelector('[data-explorable]:not([data-live])')")
        settle(page)
        yield page


@contextmanager
def paced(browser, markup: str, folder, **options):
    """The same, with a clock that only the test turns: `at_each_frame`. How busy the machine is changes nothing."""
    with unopened(browser, markup, folder, **{"reduced_motion": "no-preference", "fresh": True, **options}) as (
        page,
        address,
    ):
        page.clock.install(time=0)
        page.goto(address)
        page.clock.pause_at(1000)
        page.is_paced = True
        yield page


def at_each_frame(page, ask: str, *, milliseconds: int) -> list:
    """What `ask` gives in each frame of 16 ms, the time of a `paced` page turned by so much."""
    found = []
    for _ in range(milliseconds // 16):
        page.clock.run_for(16)
        found.append(page.evaluate(ask))
    return found


def eases(found: list) -> bool:
    """Whether what was found `at_each_frame` of 400 ms moves in small steps, and is where it goes after 200 ms."""
    there = 200 // 16 + 1  # frames
    return len(set(found[:there])) > 5 and len(set(found[there:])) == 1


@contextmanager
def unopened(browser, markup: str, folder, *, theme: str = "light", width: int = 1280, **options):
    head = '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    style = f"background:{GROUND[theme]};color:{INK[theme]}"
    body = f'<title>Two</title><body style="{style}"><main><h1>Two</h1>{markup}<hr>{markup}</main>'
    (folder / "two.html").write_text(head + body)
    with new_page(browser, width=width, theme=theme, **options) as page:
        yield page, (folder / "two.html").as_uri()


def shadows(page) -> list[str]:
    """What each explorable on the page shows: the text and the drawing of its shadow root."""
    script = "() => [...document.querySelectorAll('[data-live]')].map((host) => host.shadowRoot.innerHTML)"
    frames(page, 1)
    return page.evaluate(script)


def first(page):
    """The first live figure on the page."""
    return page.locator("[data-live]").first


def settle(page) -> None:
    """Wait until a change is drawn."""
    frames(page, 2)


def frames(page, number: int) -> None:
    """Wait for so many frames: however long they take, or, where the test turns the clock, by turning it."""
    if getattr(page, "is_paced", False):
        page.clock.run_for(16 * number)
    else:
        page.evaluate(FRAMES, number)


def sums_a_change(page, make_changes: Callable[[], float]) -> float:
    """The script that one change runs, in units of what this machine takes for SUM: the least of five tries.

    `make_changes` makes some and returns how many. A ratio, so that busy neighbours slow down both of its sides.
    """
    session, tries = page.context.new_cdp_session(page), []
    session.send("Performance.enable")

    def milliseconds_of_script() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return 1000 * next(metric["value"] for metric in metrics if metric["name"] == "ScriptDuration")

    for _ in range(5):
        before = milliseconds_of_script()
        number = make_changes()
        script = milliseconds_of_script() - before
        tries.append(script / number / page.evaluate(SUM))
    print(f"{min(tries):.2f} to {max(tries):.2f} sums a change")
    return min(tries)


def test_two_of_the_same_are_live_on_one_page(page):
    first, second = shadows(page)
    assert first == second
    assert page.complaints == []


def test_the_keyboard_alone_changes_the_first_and_leaves_the_second(page):
    before = shadows(page)
    page.keyboard.press("Tab")
    for _ in range(20):  # to the first slider, or number where there is none
        kind = page.evaluate("() => document.activeElement.shadowRoot?.activeElement?.type")
        if kind == "range" or (kind == "number" and not page.locator("input[type=range]").count()):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")
    settle(page)
    after = shadows(page)
    assert after[0] != before[0]
    assert after[1] == before[1]
    assert page.complaints == []


def test_a_change_is_answered_within_a_frame(page):
    def make_changes() -> int:
        page.evaluate("""async () => {
            const root = document.querySelector("[data-live]").shadowRoot;
            const input = root.querySelector("input[type=range]") ?? root.querySelector("input");
            for (let i = 0; i < 20; i++) {
                const step = i < 10 ? 1 : -1;
                if (input.type === "range") input.stepUp(step);
                else input.value = Number(input.value) + step;
                input.dispatchEvent(new Event("input"));
                await new Promise(requestAnimationFrame);
            }
        }""")
        return 20

    assert sums_a_change(page, make_changes) < FRAME


@pytest.mark.parametrize(("name", "device", "theme"), in_views(NAMES))
def test_it_is_accessible_and_no_wider_than_the_window(browser, tmp_path, name, device, theme):
    with opened(browser, html_of(name), tmp_path, theme=theme, width=WIDTHS[device]) as page:
        found = [(v["id"], n["target"]) for v in Axe().run(page).response["violations"] for n in v["nodes"]]
        assert found == []
        assert page.evaluate("() => document.documentElement.scrollWidth") <= WIDTHS[device]
        assert page.evaluate("() => document.querySelector('[data-live]').hasAttribute('data-dark')") == (
            theme == "dark"
        )


@each_explorable
def test_without_scripts_the_picture_and_its_words_remain(name):
    left = re.sub(r"<script.*?</script>", "", html_of(name), flags=re.DOTALL)
    alt, source = re.search(r'<img alt="([^"]+)" src="data:image/svg\+xml;base64,([^"]+)">', left).groups()
    assert base64.b64decode(source).startswith(b"<svg")
    assert len(alt) > 80
    assert len(html_of(name)) < 320_000


@each_explorable
def test_it_says_the_same_each_time(name):
    assert live(name)._repr_html_() == html_of(name)


@each_explorable
def test_its_state_is_read_and_set_from_outside(browser, tmp_path, name):
    with opened(browser, html_of(name), tmp_path) as page:
        page.evaluate("""() => {
            const [one] = document.querySelectorAll("[data-live]");
            const root = one.shadowRoot;
            const input = root.querySelector("input[type=range]") ?? root.querySelector("input");
            if (input.type !== "range") input.value = Number(input.value) + 3;
            else if (input.valueAsNumber > input.min) input.stepDown(3);
            else input.stepUp(3);
            input.dispatchEvent(new Event("input"));
        }""")
        settle(page)
        changed = words(page, 0)
        assert changed != words(page, 1)
        page.evaluate("""() => {
            const [one, two] = document.querySelectorAll("[data-live]");
            two.model.set("state", JSON.parse(JSON.stringify(one.model.get("state"))));
        }""")
        settle(page)
        assert words(page, 1) == changed
        assert page.complaints == []


@each_explorable
def test_on_a_phone_no_word_is_smaller_than_11_pixels(browser, tmp_path, name):
    with opened(browser, html_of(name), tmp_path, width=WIDTHS["phone"], has_touch=True) as page:
        assert page.evaluate(SMALL_PRINT) == []


SIZES = "(all) => all.map((one) => parseFloat(getComputedStyle(one).fontSize))"
SMALL_PRINT = """() => {
    const small = [];
    for (const host of document.querySelectorAll("[data-live]")) {
        for (const node of host.shadowRoot.querySelectorAll(".explorable *")) {
            const own = [...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim());
            if (!own || !node.getClientRects().length || node.localName === "style") continue;
            const scale = node.ownerSVGElement ? node.getScreenCTM().d : 1;
            const pixels = scale * parseFloat(getComputedStyle(node).fontSize);
            if (pixels < 10.95) small.push(`${node.textContent}: ${pixels}`);
        }
    }
    return small;
}"""


@pytest.mark.parametrize("name", [name for name in NAMES if name != "ask"])  # it has no stage: words alone
def test_on_a_phone_the_stage_stays_in_view_while_the_controls_scroll(browser, tmp_path, name):
    with opened(browser, html_of(name), tmp_path, width=WIDTHS["phone"], height=844) as page:
        stage = page.locator(".stage").first
        assert stage.bounding_box()["height"] <= 0.55 * 844
        last = page.locator("[data-live]").first.locator(":is(input, button, select):not(.stage *):visible").last
        last.evaluate("(control) => control.scrollIntoView({ block: 'end' })")
        settle(page)
        box = stage.bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= last.bounding_box()["y"]


HIDDEN = """(live) => {
    const stage = live.shadowRoot.querySelector(".stage");
    const fields = [...live.shadowRoot.querySelectorAll(":is(button, input, select, [tabindex])")]
        .filter((one) => one.getClientRects().length && one.tabIndex >= 0 && !stage.contains(one));
    return [...fields, ...fields.toReversed()].filter((one) => {
        one.focus();
        const [box, cover] = [one, stage].map((node) => node.getBoundingClientRect());
        return box.top < cover.bottom - 1 && box.bottom > cover.top;
    }).map((one) => one.ariaLabel ?? one.textContent);
}"""


@pytest.mark.parametrize("height", [660, 844])
@pytest.mark.parametrize("name", [name for name in NAMES if name != "ask"])
def test_on_a_phone_what_gets_the_focus_is_not_under_the_stage(browser, tmp_path, name, height):
    with opened(browser, html_of(name), tmp_path, width=WIDTHS["phone"], height=height) as page:
        for live in page.locator("[data-live]").all():
            assert live.evaluate(HIDDEN) == []


@pytest.mark.parametrize("name", NAMES)
def test_on_a_phone_no_field_is_so_small_that_it_zooms_in(browser, tmp_path, name):
    with opened(browser, html_of(name), tmp_path, width=WIDTHS["phone"]) as page:
        fields = page.locator("[data-live] :is(input[type='text'], select, textarea)")
        assert [size for size in fields.evaluate_all(SIZES) if size < 16] == []


def words(page, i: int) -> str:
    """What the i-th live figure on the page says."""
    return page.locator("[data-live]").nth(i).locator(".explorable").inner_text()


def test_the_bound_follows_the_mouse(browser, tmp_path):
    with opened(browser, html_of("bound"), tmp_path) as page:
        handle = page.locator("circle.grip").first.bounding_box()
        page.mouse.move(handle["x"] + 9, handle["y"] + 9)
        page.mouse.down()
        page.mouse.move(handle["x"] + 60, handle["y"], steps=5)
        page.mouse.up()
        text = page.locator("output").first.inner_text()
        assert float(text) > 1.5
        said = page.locator(".words p").first.inner_text()
        elbo, gap, log_px = (float(number.replace("−", "-")) for number in re.findall(r"−?\d+\.\d+", said))
        assert elbo + gap == pytest.approx(log_px, abs=0.011)
        assert log_px == -1.94

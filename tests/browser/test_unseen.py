"""On a phone a section is laid out as its reader comes to it (book/_ext/unseen.py, _static/unseen.css, unseen.js), and
he notices nothing: the page looks as it did, is about as long, and each way to a place leads there."""

import pytest
from built import PAGES, WIDTHS, in_turn, lay_out, new_page, open_page

CHAPTERS = [path for path in PAGES if path[5].isdigit()]
ONE, OTHER = "book/02_worked_example.html", "book/04_elbo.html"
PHONE = {"width": WIDTHS["phone"], "height": 844, "theme": "light"}
PLACES = ["summary", "sums-and-means", "exercise-4-5-deeper-10-minutes", "figure-4-4"]
BAR = 64  # pixels: a place that a link names stands below the page's bar
SEEN = "all => all.map(one => one.checkVisibility({contentVisibilityAuto: true}))"
PLAIN = "document.querySelectorAll('.unseen').forEach(section => section.classList.remove('unseen'))"
PARTS = """() => [...document.querySelectorAll("article :is(h1, h2, h3, p, li, pre, figure, td, summary, button)")]
    .filter(one => one.checkVisibility({contentVisibilityAuto: false, visibilityProperty: true}))
    .map(one => one.getBoundingClientRect()).map(({x, y, width, height}) => [x, y, width, height])"""
HEIGHT = "document.documentElement.scrollHeight"
LAST = "document.querySelector('article .unseen:last-child > h2')"
# What stands in the middle of the screen, and where: its text, and how far below the edge.
MIDDLE = """() => {
    const all = [...document.querySelectorAll("article :is(p, li, h2, h3)")];
    const shown = all.filter(one => one.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true}));
    const far = one => Math.abs(one.getBoundingClientRect().y - 400);
    window.middle = shown.reduce((near, one) => far(one) < far(near) ? one : near);
    return window.middle.getBoundingClientRect().y;
}"""
WORDS = "() => [window.middle.textContent, window.middle.getBoundingClientRect().y]"
AGAIN = """(words) => [...document.querySelectorAll("article :is(p, li, h2, h3)")]
    .filter(one => one.textContent === words).map(one => one.getBoundingClientRect().y)"""
FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))).then(() => null)"


@pytest.fixture
def phone(browser, site):
    with new_page(browser, **PHONE, fresh=True) as page:
        open_page(page, f"{site}/{OTHER}")
        yield page
        assert page.complaints == []


def settle(page) -> None:
    page.wait_for_timeout(300)
    page.evaluate(FRAMES)


def top(page, place: str) -> float:
    settle(page)
    return page.locator(f"[id='{place}']").bounding_box()["y"]


def seen(page) -> list[bool]:
    return page.eval_on_selector_all(".unseen > :is(h2, h3)", SEEN)


def objects(page) -> int:
    """How many boxes there are in the page's layout."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    return {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}["LayoutObjects"]


def test_what_is_far_is_not_laid_out_when_a_chapter_opens_and_is_where_one_comes_to_it(phone):
    few = objects(phone)
    assert (len(seen(phone)) > 20, sum(seen(phone)) < 4) == (True, True)
    phone.evaluate(f"{LAST}.scrollIntoView()")
    settle(phone)
    assert seen(phone)[-1]
    lay_out(phone)
    assert few < 0.4 * objects(phone)


@pytest.mark.parametrize(("path", "new"), in_turn(CHAPTERS, [True, False]))
def test_a_chapter_looks_as_if_it_were_laid_out_as_a_whole_and_is_about_as_long_from_the_start(
    browser, site, path, new
):
    with new_page(browser, **PHONE, new=new, fresh=True) as page:
        open_page(page, f"{site}/{path}")
        opened = page.evaluate(HEIGHT)
        lay_out(page)
        whole, parts = page.evaluate(HEIGHT), page.evaluate(PARTS)
        page.evaluate(PLAIN)
        assert opened == pytest.approx(whole, rel=0.05)
        assert (len(parts) > 200, page.evaluate(HEIGHT)) == (True, whole)
        assert [one for part in page.evaluate(PARTS) for one in part] == pytest.approx(
            [one for part in parts for one in part], abs=0.6
        )


@pytest.mark.parametrize(("place", "new"), in_turn(PLACES, [True, False]))
def test_a_link_leads_to_its_place_within_the_page_and_from_elsewhere(browser, site, place, new):
    with new_page(browser, **PHONE, new=new, fresh=True) as page:
        open_page(page, f"{site}/{OTHER}")
        page.evaluate("(id) => { location.hash = id; }", place)
        assert top(page, place) == pytest.approx(BAR, abs=2)
        open_page(page, f"{site}/{OTHER}?again")
        page.evaluate("(id) => Object.assign(document.querySelector('article a'), {href: `#${id}`}).click()", place)
        assert top(page, place) == pytest.approx(BAR, abs=2)
        page.goto("about:blank")
        open_page(page, f"{site}/{OTHER}#{place}")
        assert top(page, place) == pytest.approx(BAR, abs=2)


def test_the_search_leads_to_a_far_section_of_the_same_page(phone):
    phone.locator(".search-button__button:visible").click()
    phone.locator("#pst-search-dialog input").fill("sums and means")
    hit = phone.locator("#search-hits a[href*='04_elbo.html#sums-and-means']").first
    hit.click()
    assert top(phone, "sums-and-means") == pytest.approx(BAR, abs=2)


def read_to_the_middle(page) -> float:
    """Swipe down to the middle of the page; where its middle stands."""
    for _ in range(12):
        page.mouse.wheel(0, 1500)
        page.evaluate(FRAMES)
    settle(page)
    return page.evaluate(MIDDLE)


@pytest.mark.parametrize("way", ["reload", "back"])
def test_reload_and_back_find_the_place(phone, site, way):
    read_to_the_middle(phone)
    words, y = phone.evaluate(WORDS)
    if way == "reload":
        phone.reload()
    else:
        phone.goto(f"{site}/{ONE}")
        phone.go_back()
    settle(phone)
    assert min(abs(other - y) for other in phone.evaluate(AGAIN, words)) < 2


@pytest.mark.parametrize(("path", "new"), in_turn([OTHER], [False, True]))
def test_what_is_read_stays_where_it_is_while_sections_above_it_are_laid_out(browser, site, path, new):
    with new_page(browser, **PHONE, new=new, fresh=True) as page:
        open_page(page, f"{site}/{path}#summary")
        settle(page)
        for _ in range(40):
            before = page.evaluate(MIDDLE)
            page.mouse.wheel(0, -300)
            settle(page)
            assert page.evaluate("window.middle.getBoundingClientRect().y") == pytest.approx(before + 300, abs=2)


def test_the_keyboard_reaches_what_was_not_laid_out(phone):
    links = ".unseen :is(a.reference, button, summary, input)"
    phone.eval_on_selector_all(links, "all => all[40].focus()")
    for _ in range(10):
        phone.keyboard.press("Tab")
        settle(phone)
        box = phone.evaluate_handle("document.activeElement").as_element().bounding_box()
        assert 0 <= box["y"] < 844


def test_on_paper_and_on_a_wide_screen_nothing_is_left_out(phone):
    ways = "all => [...new Set(all.map(one => getComputedStyle(one).contentVisibility))]"
    assert phone.eval_on_selector_all(".unseen", ways) == ["auto"]
    phone.emulate_media(media="print")
    assert phone.eval_on_selector_all(".unseen", ways) == ["visible"]
    phone.emulate_media(media="screen")
    phone.set_viewport_size({"width": WIDTHS["laptop"], "height": 844})
    assert phone.eval_on_selector_all(".unseen", ways) == ["visible"]
    assert all(seen(phone))

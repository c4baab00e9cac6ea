"""What a reader meets beside the text of a chapter: code that is copied as it was written, a margin, a rail."""

import pytest
from built import PAGES, WIDTHS, new_page, open_page

CHAPTERS = [path for path in PAGES if path[5].isdigit()]
RAIL, PANEL = ".bd-sidebar-secondary", ".bd-sidebar-secondary .sidebar-secondary-items"
DOTS = """() => [...document.querySelectorAll('.rail:not(.is-exercise) > a')].map(link => {
    const dot = getComputedStyle(link, '::before');
    return [link.parentElement.matches('.is-deeper'), dot.backgroundColor === dot.borderTopColor];
})"""
RING = """link => {
    const { outlineColor, outlineWidth, outlineOffset } = getComputedStyle(link);
    return [outlineColor, outlineWidth, outlineOffset];
}"""
HEIGHTS = "all => all.map(one => Math.round(one.getBoundingClientRect().height))"
# Of a finger: no pointer leaves the button, and the focus stays, as on an iPhone
PRESS = "document.querySelector('h1').dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }))"
CHECKED = ".bd-article section > {} + .cell.checks > details > summary"
BELOW = CHECKED.format(".cell:not(.checks)")  # a cell that it checks, in the text: the rest is in the margin
NOTES = (
    f".bd-article :is(blockquote.in-the-hand-out, blockquote.checked, .cell.checks > details > summary:not({BELOW}))"
)
LATE = """all => all.filter(one => {
    const claim = one.closest('.checks').previousElementSibling.getBoundingClientRect();
    return one.checkVisibility() && one.getBoundingClientRect().top >= claim.bottom;
}).map(one => one.textContent)"""
OVERLAPS = f"""() => {{
    const box = node => node.getBoundingClientRect();
    const notes = [...document.querySelectorAll('{NOTES}')].filter(node => node.checkVisibility());
    const blocks = [...document.querySelectorAll('.bd-article :is(p, pre, table, figure, div.math, h2, h3, summary)')];
    const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    const others = blocks.filter(block => block.checkVisibility() && box(block).height);
    return notes.flatMap(note => others
        .filter(block => !note.contains(block) && !block.contains(note) && meet(box(note), box(block)))
        .map(block => [note.textContent.slice(0, 40), block.textContent.slice(0, 40)]));
}}"""


@pytest.fixture(scope="module", params=CHAPTERS)
def chapter(request, browser, site):
    with new_page(browser, width=WIDTHS["laptop"], height=800, theme="light") as page:
        open_page(page, f"{site}/{request.param}")
        yield page


@pytest.fixture(scope="module")
def elbo(browser, site):
    with new_page(
        browser, width=WIDTHS["laptop"], theme="light", permissions=["clipboard-read", "clipboard-write"]
    ) as page:
        open_page(page, f"{site}/book/04_elbo.html")
        yield page


def test_notes_in_the_margin_touch_neither_one_another_nor_the_text(chapter):
    notes = chapter.locator(NOTES)
    boxes = [box for box in (notes.nth(i).bounding_box() for i in range(notes.count())) if box]
    assert len(boxes) > 0
    column = chapter.locator(".bd-article section > p").first.bounding_box()
    assert min(box["x"] for box in boxes) > column["x"] + 600
    assert chapter.evaluate(OVERLAPS) == []
    assert chapter.locator(CHECKED.format(":is(p, ul, ol, details)")).evaluate_all(LATE) == []  # none stands lower
    chapter.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    assert chapter.evaluate(OVERLAPS) == []


def test_the_rail_shows_core_as_full_dots_and_deeper_as_hollow_ones(chapter):
    dots = chapter.evaluate(DOTS)
    assert {True, False} == {deeper for deeper, _ in dots}
    assert [dot for dot in dots if dot[0] == dot[1]] == []


def test_the_rail_opens_under_the_pointer_and_by_the_keyboard_and_leads_on(elbo):
    panel, link = elbo.locator(PANEL), elbo.locator(f"{RAIL} a[href='#sums-and-means']")
    assert panel.bounding_box()["width"] == 48
    elbo.hover(RAIL)
    assert panel.bounding_box()["width"] > 300
    link.click()
    elbo.mouse.move(400, 400)
    assert panel.bounding_box()["width"] == 48
    assert elbo.url.endswith("#sums-and-means")
    elbo.wait_for_selector(f"{RAIL} a.active[href='#sums-and-means']")
    link.focus()
    elbo.keyboard.press("Tab")
    assert panel.bounding_box()["width"] > 300
    elbo.evaluate("document.activeElement.blur()")


def test_code_is_copied_as_it_was_written_however_it_wraps(elbo):
    elbo.set_viewport_size({"width": WIDTHS["phone"], "height": 844})
    elbo.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    pre = "[...document.querySelectorAll('article .highlight-python pre')].at(-1)"
    written = elbo.evaluate(f"() => {{ getSelection().selectAllChildren({pre}); return {pre}.textContent; }}")
    elbo.keyboard.press("Control+c")
    assert elbo.evaluate("navigator.clipboard.readText()").strip() == written.strip()
    elbo.evaluate(f"() => {pre}.closest('.highlight').querySelector('.copybtn').click()")
    elbo.wait_for_function(
        "text => navigator.clipboard.readText().then(copied => copied.trim() === text)", arg=written.strip()
    )
    elbo.set_viewport_size({"width": WIDTHS["laptop"], "height": 900})


def test_a_link_to_a_work_names_it_in_the_margin_under_the_pointer_and_the_focus(elbo):
    link = elbo.locator("a[aria-describedby^=work]").first
    work = elbo.locator(f"#{link.get_attribute('aria-describedby')}")
    assert not work.is_visible()
    link.focus()
    beside, text = work.bounding_box(), link.bounding_box()
    assert beside["x"] > text["x"] + text["width"]
    assert abs(beside["y"] - text["y"]) < 60
    elbo.keyboard.press("Escape")
    assert not work.is_visible()
    elbo.evaluate("document.activeElement.blur()")
    link.hover()
    assert work.is_visible()
    elbo.set_viewport_size({"width": WIDTHS["phone"], "height": 844})
    link.focus()
    assert not work.is_visible()
    elbo.set_viewport_size({"width": WIDTHS["laptop"], "height": 900})


def test_a_ring_around_what_has_the_focus_is_the_houses_and_whole(elbo):
    for device in WIDTHS:
        elbo.set_viewport_size({"width": WIDTHS[device], "height": 900})
        for link in elbo.locator(".prev-next-area a").all():
            link.focus()
            elbo.keyboard.press("Shift+Tab")  # by keyboard it is that a ring is seen
            elbo.keyboard.press("Tab")
            assert link.evaluate(RING) == ["rgb(21, 88, 184)", "3px", "-3px"]
    elbo.evaluate("document.activeElement.blur()")


def test_a_finger_finds_rows_of_44_px_and_a_tooltip_passes_when_it_presses_elsewhere_or_at_escape(browser, site):
    with new_page(browser, width=WIDTHS["phone"], theme="light", has_touch=True, is_mobile=True) as page:
        button, tooltip = page.locator(".theme-switch-button"), page.locator(".tooltip")
        for pass_by in (lambda: page.keyboard.press("Escape"), lambda: page.evaluate(PRESS)):
            open_page(page, f"{site}/book/references.html")
            button.tap()
            tooltip.wait_for()
            pass_by()
            tooltip.wait_for(state="detached")
        open_page(page, f"{site}/{CHAPTERS[0]}")
        assert min(page.locator(".bd-header-article .btn:visible").evaluate_all(HEIGHTS)) >= 44
        for drawer, row in ("primary", ".toctree-l1 > a"), ("secondary", ".rail > a"):
            page.locator(f".{drawer}-toggle:visible").tap()
            rows = page.locator(f"dialog[open] {row}:visible")
            rows.first.wait_for()
            heights = rows.evaluate_all(HEIGHTS)
            assert (len(heights) > 10, min(heights) >= 44) == (True, True)
            page.keyboard.press("Escape")
        assert page.complaints == []


def test_without_scripts_the_contents_open_all_the_same(browser, site):
    with new_page(browser, width=WIDTHS["laptop"], theme="light", scripts=False) as page:
        page.goto(f"{site}/{CHAPTERS[0]}")
        page.hover(RAIL)
        page.click(f"{RAIL} a[href='#summary']")
        assert page.url.endswith("#summary")

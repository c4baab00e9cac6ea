"""What is deeper folds at one switch, for the whole book: by mouse, keyboard and finger. A link into it opens it."""

import pytest
from built import EVERY_VIEW, THEMES, WIDTHS, new_page, open_page
from test_in_browser import faults, unset_formulas, what_repeats

ONE, OTHER = "book/03_reparameterization.html", "book/04_elbo.html"
FOLDED = "section.deeper:not(section.deeper section)"  # those that are no part of another
# A fold of checks is as high as nothing: its line stands in the margin.
SEEN = """all => all.map(one => one.matches(".checks") ? one.querySelector("summary") : one)
    .map(one => one.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true})
    && one.getBoundingClientRect().height > 0)"""
HEADINGS, PLACES = "article :is(h1, h2, h3)", "all => all.map(one => one.getBoundingClientRect().y)"


@pytest.fixture
def page(browser, site):
    with new_page(browser, width=WIDTHS["laptop"], theme="light") as page:
        page.goto(f"{site}/{ONE}")
        yield page
        assert page.complaints == []


def leave_out(page, script: str) -> None:
    page.route(f"**/{script}*", lambda route: route.fulfill(body=""))


def switch(page):
    return page.get_by_label("Fold what is deeper")


def seen(page) -> list[bool]:
    """Whether it is seen, for each part of a deeper section but its heading and button."""
    found = page.eval_on_selector_all(f"{FOLDED} > :not(h2, h3, .show-deeper)", SEEN)
    assert len(found) > 10
    return found


def first_folded(page):
    """The first deeper section, folded: the section, its button, and its first words."""
    switch(page).check()
    section = page.locator(FOLDED).first
    return section, section.locator("> .show-deeper"), section.locator("> p:not(.next-core)").first


def test_a_click_on_the_switch_folds_all_that_is_deeper_and_another_shows_it(page):
    assert all(seen(page))
    switch(page).click()
    assert not any(seen(page))
    assert all(page.eval_on_selector_all(f"{FOLDED} > :is(h2, h3, .show-deeper)", SEEN))
    elsewhere = "article p:not(.deeper *, details *, [role=tabpanel] *, .still, :empty)"
    assert all(page.eval_on_selector_all(elsewhere, SEEN))
    switch(page).click()
    assert all(seen(page))


def test_a_button_shows_one_section_and_folds_it_again(page):
    _, button, words = first_folded(page)
    button.click()
    assert words.is_visible()
    assert seen(page).count(False) > 10
    assert (button.get_attribute("aria-expanded"), button.inner_text().split()[0]) == ("true", "Fold")
    button.click()
    assert not words.is_visible()
    assert (button.get_attribute("aria-expanded"), button.inner_text().split()[0]) == ("false", "Show")


def test_the_keyboard_does_it_and_the_focus_stays(page):
    switch(page).focus()
    page.keyboard.press("Space")
    assert switch(page).is_checked()
    _, button, words = first_folded(page)
    button.focus()
    assert button.evaluate("node => getComputedStyle(node).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert words.is_visible()
    assert button.evaluate("node => node === document.activeElement")


def test_tab_passes_what_is_folded_but_for_headings_and_buttons(page):
    reached = """() => document.activeElement.matches("section.deeper *")
        && !document.activeElement.matches(".headerlink, .show-deeper")"""
    _, button, _ = first_folded(page)
    button.focus()
    for _ in range(8):
        page.keyboard.press("Tab")
        assert not page.evaluate(reached)
    button.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate(reached)


def test_what_is_folded_is_not_read_out(page):
    section, _, _ = first_folded(page)
    read = section.aria_snapshot().splitlines()
    assert [line for line in read if not line.startswith((" ", "- heading", "- button"))] == []
    switch(page).uncheck()
    assert len(section.aria_snapshot().splitlines()) > len(read)


@pytest.mark.parametrize("theme", THEMES if EVERY_VIEW else ["light"])
def test_a_finger_folds_and_shows(browser, site, theme):
    options = {"has_touch": True, "is_mobile": True}
    with new_page(browser, width=WIDTHS["phone"], theme=theme, **options) as page:
        page.goto(f"{site}/{ONE}")
        page.locator(".fold-deeper label").tap()
        assert not any(seen(page))
        _, button, words = first_folded(page)
        button.tap()
        assert words.is_visible()
        for pressed in (page.locator(".fold-deeper label"), button):
            assert pressed.bounding_box()["height"] >= 44
            assert pressed.bounding_box()["width"] >= 44
        what_repeats(page)
        assert faults(page, runOnly=["color-contrast", "target-size", "label-content-name-mismatch"]) == set()


def test_a_new_reader_s_phone_begins_with_what_is_core_and_a_laptop_with_all(browser, site):
    folded = {}
    for device, width in WIDTHS.items():
        with new_page(browser, width=width, theme="light", new=True) as page:
            page.goto(f"{site}/{ONE}")
            folded[device] = not any(seen(page))
            assert switch(page).is_checked() == folded[device] != all(seen(page))
            switch(page).click()
            page.goto(f"{site}/{OTHER}")
            assert switch(page).is_checked() != folded[device]
            assert page.complaints == []
    assert folded == {"phone": True, "laptop": False}


def test_another_chapter_is_folded_too_until_the_switch_is_turned_back(page, site):
    switch(page).check()
    page.goto(f"{site}/{OTHER}")
    assert switch(page).is_checked()
    assert not any(seen(page))
    switch(page).uncheck()
    page.go_back()
    page.wait_for_function("!document.querySelector('.fold-deeper input').checked")
    assert all(seen(page))


def test_a_page_is_folded_before_its_script_arrives_so_nothing_moves(page, site):
    switch(page).check()
    leave_out(page, "deeper.js")
    open_page(page, f"{site}/{OTHER}")
    assert not any(seen(page))
    before = page.eval_on_selector_all(HEADINGS, PLACES)
    page.unroute_all()
    open_page(page, f"{site}/{OTHER}")
    assert page.eval_on_selector_all(HEADINGS, PLACES) == pytest.approx(before, abs=1)


def test_formulas_in_what_was_folded_while_it_loaded_are_as_large_as_elsewhere(browser, site):
    sizes = "all => all.map(one => one.getBoundingClientRect().width)"
    with new_page(browser, width=WIDTHS["phone"], theme="light") as page:
        open_page(page, f"{site}/{ONE}")
        widths = page.eval_on_selector_all("mjx-container", sizes)
        switch(page).check()
        open_page(page, f"{site}/{ONE}")
        assert not any(seen(page))
        assert unset_formulas(page) == []
        switch(page).uncheck()
        assert page.eval_on_selector_all("mjx-container", sizes) == pytest.approx(widths, abs=1)


def test_a_link_from_elsewhere_into_what_is_folded_opens_it(page, site):
    section, _, words = first_folded(page)
    place = section.get_attribute("id")
    page.goto("about:blank")
    page.goto(f"{site}/{ONE}#{place}")
    assert words.is_visible()
    assert seen(page).count(False) > 10
    page.wait_for_function("id => Math.abs(document.getElementById(id).getBoundingClientRect().top) < 200", arg=place)


def test_a_link_to_a_state_of_what_is_folded_opens_it_and_a_lone_percent_is_ignored(page, site):
    figure = page.locator(f"{FOLDED} figure.numbered").first
    place = figure.get_attribute("id")
    switch(page).check()
    for address, seen in (f"{place}?mu=0.5", True), (f"{place}%", False), ("%", False):
        page.goto("about:blank")
        page.goto(f"{site}/{ONE}#{address}")
        assert figure.is_visible() == seen, address


def test_a_link_of_the_list_of_contents_opens_what_it_leads_to(page):
    switch(page).check()
    entry = page.locator(".page-toc a.to-deeper:visible").first
    section = page.locator(f"[id='{entry.get_attribute('href')[1:]}']")
    words = section.locator("> p:not(.next-core)").first
    entry.click()
    assert words.is_visible()
    page.wait_for_function("node => Math.abs(node.getBoundingClientRect().top) < 200", arg=section.element_handle())
    switch(page).uncheck()
    switch(page).check()
    assert not words.is_visible()
    entry.click()  # the address stays the same
    assert words.is_visible()


def test_a_result_of_the_search_opens_what_it_leads_to(page, site):
    switch(page).check()
    title = page.locator(f"{FOLDED} > h2").last.inner_text().split("(deeper)")[0].strip()
    page.goto(f"{site}/search.html?q={title.replace(' ', '+')}")
    page.locator("#search-hits a[href*='-deeper']").first.click()
    page.wait_for_url("**/book/*#*-deeper")
    section = page.locator(f"section.deeper[id='{page.url.partition('#')[2]}']")
    section.locator("> p:not(.next-core)").first.wait_for(state="visible")


def test_the_list_of_contents_dims_what_is_folded(page):
    colour = "node => getComputedStyle(node).color"
    deeper, core = page.locator(".page-toc a:has(em)").last, page.locator(".page-toc a:not(.to-deeper)").last
    assert "(deeper)" in deeper.inner_text()
    assert deeper.evaluate(colour) == core.evaluate(colour)
    switch(page).check()
    assert deeper.evaluate(colour) != core.evaluate(colour)
    what_repeats(page)
    assert faults(page, runOnly=["color-contrast"]) == set()


def test_without_scripts_all_is_there_and_no_switch(browser, site):
    with new_page(browser, width=WIDTHS["laptop"], theme="light", scripts=False) as page:
        page.goto(f"{site}/{ONE}")
        assert all(seen(page))
        assert page.locator(":is(.fold-deeper, .show-deeper):visible").count() == 0


def test_paper_shows_all_and_no_switch(page):
    switch(page).check()
    page.emulate_media(media="print")
    assert page.locator(":is(.fold-deeper, .show-deeper, .next-core):visible").count() == 0
    assert page.locator(f"{FOLDED} > p:not(.next-core):visible").count() > 10


def test_a_browser_that_keeps_nothing_still_folds(browser, site):
    with new_page(browser, width=WIDTHS["laptop"], theme="light", fresh=True) as page:
        page.add_init_script("Storage.prototype.setItem = () => { throw new Error('nothing is kept') }")
        page.goto(f"{site}/{ONE}")
        switch(page).check()
        assert not any(seen(page))


def test_the_next_core_section_stays_core_when_all_else_is_folded(page):
    _, button, _ = first_folded(page)
    button.click()
    link = page.locator(".next-core a:visible").first
    link.click()
    place = page.locator(f"section[id='{link.get_attribute('href')[1:]}']")
    assert place.locator("> h2").inner_text().startswith(link.inner_text())
    assert place.locator("> :not(h2)").first.is_visible()

"""Exercises on the page: by mouse, keyboard and finger they are answered, judged, and kept if the reader wants it."""

import re

import pytest
from built import HTML, WIDTHS, new_page, open_page
from test_in_browser import faults, what_repeats

CHAPTER = "book/02_worked_example.html"
RIGHT = ["-3/2", "-1/2", "4 ln 2", "-4 ln 2", "9/8", "-1,5", "2.25"]
RULES = ["color-contrast", "target-size", "label", "aria-valid-attr-value", "aria-required-children"]
FOLLOWS = "↳ follows from your own numbers"
REACH = "all => all.map(one => parseFloat(getComputedStyle(one, '::before').height))"
LEADS = "all => all.map(({ hash, pathname }) => pathname !== location.pathname || !!document.querySelector(hash))"
SIZES = "all => all.map(one => parseFloat(getComputedStyle(one).fontSize))"
BEFORE = "getComputedStyle(document.querySelector('.exercise-card .verdict'), '::before').content"
BROKEN_STORE = "Storage.prototype.setItem = () => { throw new Error('nothing is kept') }"


@pytest.fixture(scope="module")
def page(browser):
    """Chapter 2 from a file, where no page can read another."""
    with new_page(browser, width=WIDTHS["laptop"], theme="light") as page:
        open_page(page, f"file://{HTML}/{CHAPTER}")
        yield page
        assert page.complaints == []


def card(page, number: int):
    return page.locator(".exercise-card").nth(number - 1)


def said(of) -> str:
    """What is said below a form, once its tables are there."""
    verdict = of.locator(".verdict")
    verdict.filter(has_text=re.compile(".")).wait_for()
    return verdict.inner_text()


def answer(page, number: int, texts: list[str]) -> str:
    """Type the numbers, press Enter in the last field."""
    fields = card(page, number).locator(".by-hand input")
    for k, text in enumerate(texts):
        fields.nth(k).fill(text)
    fields.nth(len(texts) - 1).press("Enter")
    return said(card(page, number))


def marks(page, number: int) -> list[str]:
    return card(page, number).locator("[data-entry] .is").all_inner_texts()


def test_an_answer_by_hand_is_judged_and_a_slip_has_its_name(page):
    assert answer(page, 1, RIGHT) == "✓ b2, eps, J: right."
    assert marks(page, 1) == ["✓ right"] * 3
    slip = answer(page, 1, [*RIGHT[:-1], "4.5"])
    half = "✗ J: this is what you get if the ½ of the reconstruction loss is missing."
    assert slip.split("\n") == ["✓ b2: right.", "✓ eps: right.", half]
    assert card(page, 1).locator("[aria-invalid='true']").evaluate_all("all => all.map(one => one.name)") == ["J-0"]


def test_what_follows_from_an_own_number_is_told_from_what_is_wrong(page):
    lines = answer(page, 4, ["0", "0", "0", "7", "1", "8"]).split("\n")
    assert marks(page, 4) == ["✗ not right", FOLLOWS, "✗ not right", FOLLOWS, ""]
    signs = ["✗ f:", "↳ reconstruction_loss: follows from", "✗ kl:", "↳ J: follows from", "negative_elbo: still open."]
    assert [line.startswith(sign) for line, sign in zip(lines, signs, strict=True)] == [True] * 5


def test_a_number_with_too_few_digits_is_asked_for_more_and_what_was_said_before_an_edit_looks_so(page):
    few = answer(page, 1, [*RIGHT[:-1], "2.3"])
    assert few.endswith("≈ J: right as far as it goes, but rounded: give four digits.")
    assert marks(page, 1)[-1] == "≈ give four digits"
    verdict = card(page, 1).locator(".verdict")
    assert (verdict.get_attribute("class"), page.evaluate(BEFORE)) == ("verdict", "none")
    card(page, 1).locator("input[name='J-0']").fill("2.25")
    assert (verdict.get_attribute("class"), page.evaluate(BEFORE)) == ("verdict old", '"Before your edit:"')
    assert answer(page, 1, RIGHT) == "✓ b2, eps, J: right."
    assert verdict.get_attribute("class") == "verdict"


def test_what_is_no_number_is_marked_and_an_entry_half_filled_is_open(page):
    words = answer(page, 1, ["1", "two", "3", "4", "9/8", "", ""])
    assert words.startswith("✗ b2: I read “two”, which is no number; write one such as 1.125, 9/8 or 2 ln 2.")
    assert card(page, 1).locator("[aria-invalid='true']").evaluate_all("all => all.map(one => one.name)") == ["b2-1"]
    assert words.split("\n")[1:] == ["eps: still open.", "J: still open."]
    assert marks(page, 1)[1:] == ["", ""]
    card(page, 1).locator("input[name='b2-1']").fill("2")
    assert card(page, 1).locator("[aria-invalid='true']").count() == 0
    press_twice(page)
    card(page, 1).get_by_role("button", name="Check").click()
    card(page, 1).locator(".verdict", has_text="Not attempted yet.").wait_for()


def test_every_field_has_a_name_of_its_own_and_what_is_said_is_read_out(page):
    for form in page.locator("form.by-hand").all():
        names = form.locator("input").evaluate_all("all => all.map(one => one.ariaLabel)")
        assert len(names) == len(set(names)) > 1
        assert form.locator("[role='status'][aria-live='polite']").count() == 1
    assert "W3, row 1, column 2" in card(page, 6).aria_snapshot()


def test_hints_are_tabs_for_the_keyboard_of_which_one_is_open_or_none(page):
    tabs, panels = card(page, 1).get_by_role("tab"), card(page, 1).locator("[role='tabpanel']:visible")
    tabs.first.focus()
    assert panels.count() == 0
    for key, place in ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowRight", 0), ("End", 2), ("ArrowLeft", 1):
        page.keyboard.press(key)
        assert tabs.nth(place).evaluate("node => node === document.activeElement && node.tabIndex === 0")
    page.keyboard.press("Enter")
    assert panels.all_inner_texts()[0].startswith("Where")
    page.keyboard.press("Tab")
    assert panels.evaluate("node => node === document.activeElement")
    tabs.first.click()
    assert (panels.count(), tabs.first.get_attribute("aria-selected")) == (1, "true")
    tabs.first.click()
    assert panels.count() == 0


def test_a_hint_where_to_look_leads_there(page):
    for tab in page.get_by_role("tab", name="where to look").all():
        links = page.locator(f"#{tab.get_attribute('aria-controls')} a[href*='#']").evaluate_all(LEADS)
        assert (len(links) > 0, all(links)) == (True, True), tab.get_attribute("id")


def test_each_card_has_its_own_solution_and_a_link_opens_it(page):
    assert page.locator(".exercise-card .solution").count() == page.locator(".exercise-card").count() == 7
    page.locator("#solutions a[href='#solution-2-4']").click()
    assert card(page, 4).locator(".solution details").get_attribute("open") == ""
    assert card(page, 4).get_by_text("def loss_solution").is_visible()
    assert page.locator(".tag_exercise", has_text="Not attempted yet.").count() == 0


def test_an_answer_on_paper_is_compared_with_points_to_be_ticked(page):
    points = card(page, 2).locator(".solution input[type='checkbox']")
    assert not points.first.is_visible()
    card(page, 2).get_by_text("I have written it down.").click()
    points.first.check()
    assert (points.count(), page.get_by_label("The KL stays as it is").count()) == (3, 1)


def press_twice(page) -> None:
    """Clear all answers; the first press asks, and one elsewhere takes the question back."""
    clear, asked = page.locator(".keep-answers button"), page.locator(".keep-answers [role='status']")
    clear.click()
    assert (clear.inner_text(), asked.inner_text()[:11]) == ("Really clear all chapters?", "Press again")
    page.locator("#exercises").click()
    assert (clear.inner_text(), asked.inner_text()) == ("Clear my answers in all chapters", "")
    assert card(page, 1).locator("input").first.input_value() != ""
    clear.click()
    clear.press("Enter")
    assert (clear.inner_text(), asked.inner_text()) == ("Clear my answers in all chapters", "All answers are cleared.")


def number(page, text: str) -> str:
    page.get_by_label("Your J").fill(text)
    page.get_by_label("Your J").press("Enter")
    return page.locator(".your-number .verdict").inner_text()


def test_another_number_gets_its_slip_or_how_far_the_nearest_is(page):
    assert number(page, "6.0994") == "6.0994 is “KL: the −1 is counted once instead of once per latent dimension”."
    assert page.locator("tr[data-found]").count() == 1
    assert number(page, "3,92").startswith("3.9247 is “")
    assert number(page, "157/32 + ln 2") == "5.5994 is “no slip: J”."
    assert number(page, "17.655").endswith("is “no slip: the mean of J over all ε”.")
    assert number(page, "−5.5994") == "Its sign is turned. 5.5994 is “no slip: J”."
    assert number(page, "-1.0994").startswith("−1.0994 is “KL: the sign is wrong")
    assert number(page, "5.9").startswith(
        "None of these slips gives this number. The nearest is 0.17 nats away. 5.7322 is “"
    )
    assert number(page, "much") == "I read “much”, which is no number; write one such as 5.5994 or 157/32 + ln 2."
    assert number(page, "157/32 − ln 1/2") == "“ln 1/2” can be read as ln(1/2) or (ln 1)/2: write the parentheses."
    assert number(page, " ") == "Write a number, such as 5.5994 or 157/32 + ln 2."


def test_on_paper_a_field_is_an_empty_line(page):
    page.emulate_media(media="print")
    assert (
        card(page, 1).locator(".by-hand input").first.evaluate("one => getComputedStyle(one).borderTopWidth") == "0px"
    )
    assert page.locator(":is(.judging, .keep-answers, .your-number, [role='tablist']):visible").count() == 0
    page.emulate_media(media="screen")


def test_answers_are_kept_on_this_device_only_where_the_reader_wants_it(browser, site):
    with new_page(browser, width=WIDTHS["laptop"], theme="dark") as page:
        page.goto(f"{site}/{CHAPTER}")
        first, keep = card(page, 1).locator("input").first, page.get_by_label("Keep my answers on this device")
        first.fill("-3/2")
        page.reload()
        assert (first.input_value(), page.evaluate("localStorage.getItem('answers')")) == ("", None)
        keep.check()
        first.fill("-3/2")
        page.reload()
        assert (first.input_value(), keep.is_checked()) == ("-3/2", True)
        verdict = card(page, 1).locator(".verdict")
        assert page.evaluate(BEFORE) == '"Your numbers were kept. Check them again."'
        assert (verdict.is_visible(), card(page, 4).locator(".verdict").is_visible()) == (True, False)
        first.press("Enter")
        verdict.filter(has_text="An entry is judged").wait_for()
        assert page.evaluate(BEFORE) == "none"
        page.goto(f"{site}/book/04_elbo.html")
        card(page, 1).locator("input").first.fill("-1.0986")
        page.goto(f"{site}/{CHAPTER}")
        assert first.input_value() == "-3/2"
        press_twice(page)
        page.reload()
        assert first.input_value() == ""
        keep.uncheck()
        assert page.evaluate("localStorage.getItem('answers')") is None
        assert page.complaints == []


def test_tables_that_cannot_be_loaded_are_no_fault_of_the_reader_and_are_asked_for_again(browser, site):
    with new_page(browser, width=WIDTHS["laptop"], theme="light") as page:
        page.route("**/answers/*.js*", lambda route: route.abort())
        page.goto(f"{site}/{CHAPTER}")
        assert "could not be loaded" in answer(page, 1, ["1"])
        page.unroute("**/answers/*.js*")
        card(page, 1).locator(".by-hand input").first.press("Enter")
        card(page, 1).locator(".verdict", has_text="An entry is judged").wait_for()


def test_a_finger_answers_an_exercise_and_nothing_is_too_small_or_too_wide(browser, site):
    with new_page(browser, width=WIDTHS["phone"], theme="dark", fresh=True, has_touch=True, is_mobile=True) as page:
        page.add_init_script(BROKEN_STORE)
        page.goto(f"{site}/{CHAPTER}")
        card(page, 1).get_by_role("tab").nth(1).tap()
        for k, text in enumerate(RIGHT):
            card(page, 1).locator("input").nth(k).fill(text)
        card(page, 1).get_by_role("button", name="Check").tap()
        assert said(card(page, 1)) == "✓ b2, eps, J: right."
        card(page, 2).locator(".solution summary").tap()
        for touched in card(page, 1).locator("button, input, .solution summary").all():
            assert touched.bounding_box()["height"] >= 44
        sizes = page.locator("input[type='text']").evaluate_all(SIZES)
        assert (len(sizes) > 10, min(sizes) >= 16) == (True, True)  # below it a phone zooms in
        page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
        folds = page.locator("article summary:visible")
        heights = folds.evaluate_all("all => all.map(one => one.getBoundingClientRect().height)")
        assert (len(heights) > 20, min(heights) >= 44) == (True, True)
        copies = page.locator("article .copybtn:visible").evaluate_all(REACH)
        assert (len(copies) > 10, copies) == (True, [44] * len(copies))
        assert page.evaluate("document.documentElement.scrollWidth") == WIDTHS["phone"]
        what_repeats(page)
        assert faults(page, runOnly=RULES) == set()
        assert set(page.complaints) <= {"nothing is kept"}  # of the theme's own script


def test_without_scripts_hints_stub_and_solution_are_folded_and_there_are_no_fields(browser, site):
    with new_page(browser, width=WIDTHS["phone"], theme="light", scripts=False) as page:
        page.goto(f"{site}/{CHAPTER}")
        assert page.locator(":is(.by-hand, .keep-answers, .your-number):visible").count() == 0
        for summary in card(page, 1).locator("summary").all():
            summary.click()
        for words in "Equation (2.2) in", "my_prior = {", "def prior_solution", "Open in Colab":
            assert card(page, 1).get_by_text(words).first.is_visible()

"""Ask: a number is typed, four choices are made, and a sentence answers."""

import pytest
from test_explorables import html_of, opened, settle


@pytest.fixture
def page(browser, tmp_path):
    with opened(browser, html_of("ask"), tmp_path) as page:
        yield page
        assert page.complaints == []


def said(page) -> list[str]:
    settle(page)
    return page.locator(".said").first.locator("p").all_inner_texts()


def test_the_question_of_the_headline_is_answered_and_a_slip_is_not_let_pass(page):
    assert said(page) == ["Yes: 5.5994 is right. It is 2.25 of reconstruction and 3.3494 of KL, in nats."]
    page.get_by_label("my loss prints").first.fill("6.0994")
    assert said(page)[0].startswith("No: it is 5.5994")


def test_numbers_are_read_as_chapter_2_reads_them_and_what_is_none_is_said(page):
    field = page.get_by_label("my loss prints").first
    for text in ("5,5994", "157/32 + ln 2", "“5.5994”"):
        field.fill(text)
        assert said(page)[0].startswith("Yes: 5.5994 is right.")
    field.fill("–5,5994")
    assert said(page)[0].startswith("No: its sign is turned.")
    field.fill("157/32 − ln 1/2")
    assert said(page) == ["“ln 1/2” can be read as ln(1/2) or (ln 1)/2: write the parentheses."]
    field.fill("5.5994 nats")
    none = "I read “5.5994 nats”, which is no number; write one such as 5.5994, −5,5994 or 157/32 + ln 2."
    page.get_by_label("its error").first.select_option("squared")
    assert (said(page), field.input_value()) == ([none], "5.5994 nats")


def test_a_homeworks_number_is_answered_at_once_by_keyboard_alone(page):
    page.get_by_label("my loss prints").first.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("543.4")
    page.get_by_role("combobox", name="of", exact=True).first.select_option("MNIST, 28×28")
    page.get_by_label("its error").first.select_option("cross")
    assert "no better than independent pixels (206" in said(page)[0]
    page.get_by_label("error and KL").first.select_option("half")
    assert len(said(page)) == 2


def test_sizes_are_asked_for_where_they_count(page):
    shown = {"latents": False, "a batch": False}
    for sums, field in {"mean": "latents", "sum": "a batch", "image": None}.items():
        page.get_by_label("error and KL").first.select_option(sums)
        settle(page)
        found = {name: page.get_by_label(name).first.is_visible() for name in shown}
        assert found == {**shown, **({field: True} if field else {})}

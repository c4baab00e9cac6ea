"""What is copied from a page holds the TeX of its formulas."""

import re

import pytest
from built import new_page, open_page

CHAPTER = "book/04_elbo.html"


@pytest.fixture(scope="module")
def page(browser, site):
    with new_page(browser, width=1280, theme="light", permissions=["clipboard-read", "clipboard-write"]) as page:
        open_page(page, f"{site}/{CHAPTER}")
        yield page
        assert page.complaints == []


def copied(page, first: str, last: str) -> str:
    """The clipboard, after all was selected from the start of one thing to the end of another."""
    page.evaluate(
        """([first, last]) => {
            const range = document.createRange();
            range.setStart(document.querySelector(first), 0);
            const end = document.querySelector(last);
            range.setEnd(end, end.childNodes.length);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
        }""",
        [first, last],
    )
    page.keyboard.press("Control+c")
    return page.evaluate("navigator.clipboard.readText()")


def test_a_displayed_equation_is_copied_as_tex_in_the_lines_in_which_it_was_written(page):
    tex = page.locator("article div.math").first.get_attribute("data-tex")
    assert "\n" in tex
    inside = "article div.math mjx-math"  # no more than this is selected
    assert copied(page, inside, inside).strip() == f"\\[\n{tex}\n\\]"


def test_a_sentence_is_copied_with_its_formulas_as_tex(page):
    sentence = "article p:has(span.math)"
    words = re.sub(r"\s+", " ", copied(page, sentence, sentence)).strip()
    read = page.eval_on_selector(
        sentence,
        """sentence => {
            const copy = sentence.cloneNode(true);
            for (const formula of copy.querySelectorAll(".math")) formula.replaceWith(formula.dataset.tex);
            return copy.textContent;
        }""",
    )
    assert re.sub(r"\\\(|\\\)", "", words) == re.sub(r"\s+", " ", read).strip()
    assert words.count(r"\(") == page.locator(sentence).first.locator("span.math").count() > 0


def test_paragraphs_stay_paragraphs(page):
    text = copied(page, "article section > p:has(span.math)", "article section > p:has(span.math) ~ p:has(span.math)")
    assert text.count("\n\n") > 0


def test_text_without_a_formula_and_code_are_copied_as_ever(page):
    heading = "article h2"
    assert copied(page, heading, heading).startswith(page.locator(heading).first.inner_text().removesuffix("#"))
    page.evaluate("getSelection().selectAllChildren(document.querySelector('article div.math'))")
    page.locator("article .copybtn").first.click(force=True)
    page.wait_for_function("navigator.clipboard.readText().then(text => text.includes('import'))")
    assert "\\[" not in page.evaluate("navigator.clipboard.readText()")

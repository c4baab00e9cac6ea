"""In JupyterLab a live figure's module is a widget as it is: its state reaches the kernel, which can set it, too."""

import re

import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect
from servers import HOSTS, START_LIMIT, opened, run_all

from browser.built import new_page

FIGURES = ["machine"]
CELLS = """
import anywidget
from traitlets import Dict, Unicode
from vae_lib import figures

figure = figures.{}()

class Live(anywidget.AnyWidget):
    _esm = figure.module
    data, state = Dict().tag(sync=True), Dict().tag(sync=True)
    control = Unicode(None, allow_none=True).tag(sync=True)

widget = Live(**figure.model)
widget
# next cell
seen = []
widget.observe(lambda change: seen.append(change.new), "state")
"""
METADATA = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}  # else JupyterLab asks for the kernel
ASK = """async (code) => {
    const { kernel } = jupyterapp.shell.currentWidget.sessionContext.session;
    let text = "";
    const asked = kernel.requestExecute({ code });
    asked.onIOPub = ({ content }) => (text += content.text ?? "");
    await asked.done;
    return text;
}"""

expect.set_options(timeout=1000 * START_LIMIT)


@pytest.fixture(scope="module", params=FIGURES)
def page(request, browser, server):
    """A small notebook with one figure as a widget, run."""
    cells = CELLS.format(request.param).split("# next cell\n")
    notebook = new_notebook(cells=[new_code_cell(source.strip()) for source in cells], metadata=METADATA)
    lab = HOSTS["lab"]
    with new_page(browser, width=1280, theme="light") as page, opened(page, server("lab"), request.param, notebook):
        run_all(page, lab)
        assert page.evaluate(lab.errors) == []
        yield page


def test_a_control_that_is_moved_changes_what_is_shown_and_what_the_kernel_knows(page):
    figure = page.locator("[data-live]")
    expect(figure).to_have_count(1)
    before, known = figure.evaluate("(el) => el.shadowRoot.innerHTML"), page.evaluate(ASK, "print(widget.state)")
    figure.locator("input[type=range]").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("(text) => document.querySelector('[data-live]').shadowRoot.innerHTML !== text", arg=before)
    for _ in range(10 * START_LIMIT):
        if (now := page.evaluate(ASK, "print(widget.state)")) != known:
            break
        page.wait_for_timeout(100)
    assert now != known


def settled(page) -> str:
    """The state that the kernel knows, once it has known no other for a second: what the page sends takes its time."""
    known, since = page.evaluate(ASK, "print(widget.state)"), 0
    while since < 10:
        page.wait_for_timeout(100)
        now = page.evaluate(ASK, "print(widget.state)")
        known, since = now, since + 1 if now == known else 0
    return known


def test_a_state_that_the_kernel_sets_is_shown(page):
    figure = page.locator("[data-live]")
    first = settled(page)
    shown = figure.locator(".explorable").inner_text()
    figure.locator("input[type=range]").first.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(figure.locator(".explorable")).not_to_have_text(shown)
    settled(page)
    page.evaluate(ASK, f"widget.state = {first.strip()}")
    page.wait_for_function(
        "(text) => document.querySelector('[data-live]').shadowRoot.querySelector('.explorable').innerText === text",
        arg=shown,
    )


def test_the_page_has_nothing_to_complain_of(page):
    assert [text for text in page.complaints if not re.search(HOSTS["lab"].own_noise, text)] == []

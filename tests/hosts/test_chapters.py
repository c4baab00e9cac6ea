"""Chapters in the classic notebook with Colab's versions, and in JupyterLab: as they come, run, and touched.

Colab's opens the first chapter, JupyterLab the one with the most figures; `make every-host` opens all in both.
"""

import html
import re

import pytest
from servers import CHAPTERS, HOSTS, opened, run_all

from browser.built import EVERY_VIEW, new_page

FIGURE = re.compile(r'<div data-explorable="(\w+)"[^>]*><img alt="([^"]+)"')
DRAWN = "(alt) => [...document.images].some((image) => image.alt === alt && image.complete && image.naturalWidth > 0)"
TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
SHORTCUTS = [
    "ArrowUp",
    "ArrowDown",
    "a",
    "b",
    "x",
    "d",
    "d",
    "m",
    "1",
    "Enter",
]  # move, add, cut, delete, …
WALK = {"ArrowLeft": (4, 3), "ArrowRight": (4, 4), "ArrowDown": (5, 4), "ArrowUp": (4, 4)}  # row and column on the pad


class Chapter:
    """A chapter open in a page of a host."""

    def __init__(self, page, host: str, name: str):
        self.page, self.host, self.notebook = page, HOSTS[host], CHAPTERS[name]
        outputs = (output for cell in self.notebook.cells for output in cell.get("outputs", []))
        markup = "".join(output.get("data", {}).get("text/html", "") for output in outputs)
        self.figures = [(name, html.unescape(alt)) for name, alt in FIGURE.findall(markup)]

    def live(self) -> list:
        """The live figures on the page."""
        return self.page.locator("[data-live]").all()

    def state(self):
        """What keys pressed in a figure must leave alone: the host's selection and mode, and all cells."""
        return self.page.evaluate(self.host.state)

    def shown(self, figure) -> str:
        """What a live figure shows, once it has had time to redraw."""
        self.page.evaluate(TWO_FRAMES)
        return figure.evaluate("(host) => host.shadowRoot.innerHTML")


def those_opened(host: str) -> list[str]:
    if EVERY_VIEW:
        return list(CHAPTERS)
    figures = {name: sum("data-explorable" in str(cell) for cell in book.cells) for name, book in CHAPTERS.items()}
    return [{"classic": min(CHAPTERS), "lab": max(figures, key=figures.get)}[host]]


def pytest_generate_tests(metafunc):
    if "untrusted" in metafunc.fixturenames:
        metafunc.parametrize("untrusted", those_opened(metafunc.cls.host), indirect=True, scope="class")


@pytest.fixture(scope="class")
def untrusted(request, browser, server):
    """A chapter as a reader's first double click shows it: its stored outputs, no script."""
    host, name = request.cls.host, request.param
    with new_page(browser, width=1280, theme="light") as page, opened(page, server(host), name, CHAPTERS[name]):
        yield Chapter(page, host, name)


@pytest.fixture(scope="class")
def chapter(untrusted):
    """The same, all cells run."""
    run_all(untrusted.page, untrusted.host)
    return untrusted


def with_slider(chapter) -> list:
    """All live figures of a chapter, except an opening whose one control is a field."""
    found = [figure for figure in chapter.live() if figure.locator("input[type=range]").count()]
    assert len(found) >= len(chapter.figures) - 1 > 0
    return found


class InAHost:
    def test_before_it_is_run_pictures_stand_in_for_the_live_figures(self, untrusted):
        for _, alt in untrusted.figures:
            untrusted.page.wait_for_function(DRAWN, arg=alt)
        assert untrusted.live() == []
        assert "addEventListener" not in untrusted.page.inner_text("body")  # no script shown as text

    def test_every_cell_runs_without_an_error(self, chapter):
        assert chapter.page.evaluate(chapter.host.errors) == []
        counts = chapter.page.evaluate(chapter.host.counts)
        assert counts == list(range(1, len(counts) + 1))
        assert len(counts) == sum(cell.cell_type == "code" for cell in chapter.notebook.cells)

    def test_every_live_figure_is_live(self, chapter):
        names = [figure.get_attribute("data-explorable") for figure in chapter.live()]
        assert names == [name for name, _ in chapter.figures]
        assert chapter.page.locator("[data-explorable]").count() == len(names)

    def test_an_arrow_key_moves_a_slider_and_nothing_of_the_host(self, chapter):
        for figure in with_slider(chapter):
            figure.locator("input[type=range]").first.focus()
            before, notebook = chapter.shown(figure), chapter.state()
            chapter.page.keyboard.press("ArrowRight")
            assert chapter.shown(figure) != before
            assert chapter.state() == notebook

    def test_the_shortcuts_of_the_host_mean_nothing_inside_a_figure(self, chapter):
        for figure in chapter.live():
            figure.locator("input, [tabindex='0']").first.focus()
            notebook = chapter.state()
            for key in SHORTCUTS:
                chapter.page.keyboard.press(key)
            chapter.page.evaluate(TWO_FRAMES)
            assert chapter.state() == notebook

    def test_the_drawing_pad_is_painted_by_arrow_keys_and_space(self, chapter):
        pads = chapter.page.locator("[data-explorable=machine] [role=application]").all()
        assert len(pads) == any(name == "machine" for name, _ in chapter.figures)  # the opening has none
        for pad in pads:
            hint = chapter.page.locator("[data-explorable=machine] .in .hint").first
            pad.focus()
            notebook = chapter.state()
            for key, (row, column) in WALK.items():
                chapter.page.keyboard.press(key)
                assert hint.inner_text().startswith(f"row {row}, column {column}")
            before = hint.inner_text()
            chapter.page.keyboard.press("Space")
            assert {": on." in before, ": on." in hint.inner_text()} == {True, False}
            assert chapter.state() == notebook

    def test_a_slider_follows_the_mouse(self, chapter):
        for figure in with_slider(chapter):
            slider = figure.locator("input[type=range]").first
            slider.scroll_into_view_if_needed()
            box, seen = slider.bounding_box(), []
            for part in (0.2, 0.7):
                slider.click(position={"x": part * box["width"], "y": box["height"] / 2})
                seen.append(chapter.shown(figure))
            assert seen[0] != seen[1]

    def test_the_page_has_nothing_to_complain_of(self, chapter):
        complaints = [text for text in chapter.page.complaints if not re.search(chapter.host.own_noise, text)]
        assert complaints == []


class TestInJupyterLab(InAHost):
    host = "lab"


class TestInTheClassicNotebookWithColabsVersions(InAHost):
    host = "classic"

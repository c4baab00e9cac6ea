"""Every built page in Firefox, wide and narrow: whole, quiet, and alive by mouse and keyboard."""

from pathlib import Path

import pytest
from bidi import firefox

from browser.built import PAGES, WIDTHS, served, too_wide, unset_formulas

RIGHT, ESCAPE = "\ue014", "\ue00c"  # as WebDriver numbers the keys
VIEWS = [(path, device) for path in [*PAGES, "search.html"] for device in WIDTHS]
HOSTS = "document.querySelectorAll('article [data-explorable]')"
CONTROLS = "'input[type=range], [role=slider], [tabindex=\"0\"], input, button'"
MISSHAPEN = """[...document.querySelectorAll("msub, msup, mfrac, mover, munder, msubsup, munderover")].filter(
    (node) => node.children.length !== (/msubsup|munderover/.test(node.localName) ? 3 : 2)
).map((node) => node.outerHTML)"""

EMPTY = """[...document.querySelectorAll("article mjx-container")].filter(
    (node) => node.checkVisibility() && !(node.offsetWidth && node.offsetHeight)
).map((node) => node.closest(".math").dataset.tex)"""


@pytest.fixture(scope="module")
def window(tmp_path_factory):
    with firefox(tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture(scope="module")
def site():
    with served() as address:
        yield address


@pytest.fixture(scope="module", params=VIEWS, ids=lambda view: f"{Path(view[0]).stem}-{view[1]}")
def page(request, window, site):
    path, device = request.param
    window.resize(WIDTHS[device])
    window.open(f"{site}/{path}")
    window.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    window.evaluate("document.documentElement.dataset.deeper = 'shown'")  # a phone begins with it folded
    return window


def test_a_page_is_whole(page):
    assert unset_formulas(page) == []
    assert page.evaluate(MISSHAPEN) == []
    assert page.evaluate(EMPTY) == []
    assert too_wide(page) == []


def shown(page, i: int) -> str:
    """What a figure says in words and numbers."""
    return page.evaluate(f"{HOSTS}[{i}].shadowRoot.lastChild.innerText")


def point_at(page, node: str, *, click: bool = False) -> None:
    """Move the mouse to the middle of a node, given as a selector."""
    box = f"document.querySelector('{node}').getBoundingClientRect()"
    page.evaluate(f"document.querySelector('{node}').scrollIntoView({{ block: 'center', behavior: 'instant' }})")
    page.point(*page.evaluate(f"[{box}.left + {box}.width / 2, {box}.top + {box}.height / 2]"), click=click)


def answers(page, i: int) -> bool:
    """Whether a key pressed on one of the figure's first controls changes what it says."""
    before = shown(page, i)
    for k in range(page.evaluate(f"Math.min(4, {HOSTS}[{i}].shadowRoot.querySelectorAll({CONTROLS}).length)")):
        page.evaluate(f"{HOSTS}[{i}].shadowRoot.querySelectorAll({CONTROLS})[{k}].focus()")
        page.press(RIGHT, "5")  # a slider takes the arrow, a field the digit
        if shown(page, i) != before:
            return True
    return False


def test_each_live_figure_answers_a_key(page):
    names = page.evaluate(f"[...{HOSTS}].map(({{ dataset }}) => dataset.explorable)")
    assert [name for i, name in enumerate(names) if not answers(page, i)] == []
    assert page.complaints == []


def test_a_term_lights_its_bar(window, site):
    window.resize(WIDTHS["laptop"])
    window.open(f"{site}/book/04_elbo.html")
    lit = "[...document.querySelectorAll('[data-bar].lit')].map(({ dataset }) => dataset.bar)"
    assert window.evaluate(lit) == []
    point_at(window, "mjx-math .term.hue-decoder")
    assert window.evaluate(lit) == ["reconstruction"]


def test_a_drawing_opens_large_and_closes_by_key(window, site):
    window.resize(WIDTHS["laptop"])
    window.open(f"{site}/book/01_architecture.html")
    opened = "document.querySelector('dialog.large')?.open ?? false"
    assert not window.evaluate(opened)
    point_at(window, "figure.numbered .drawing", click=True)
    assert window.evaluate(opened)
    window.press(ESCAPE)
    assert not window.evaluate(opened)


def test_the_first_page_answers_a_number(window, site):
    window.resize(WIDTHS["phone"])
    window.open(f"{site}/book/index.html")
    ask = "document.querySelector('[data-explorable=ask]').shadowRoot"
    assert window.evaluate(f"{ask}.querySelector('.said').innerText").startswith("Yes: 5.5994 is right")
    window.evaluate(f"{ask}.querySelector('input').select()")
    window.press(*"6.0994")
    assert window.evaluate(f"{ask}.querySelector('.said').innerText").startswith("No: it is 5.5994")


def test_a_script_error_and_an_outside_request_are_told(window, tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<title>x</title><script>oops()</script><img src='https://example.org/x.png' alt=''>")
    window.open(page.as_uri())
    assert any("oops" in told for told in window.complaints)
    assert "asked for https://example.org/x.png" in window.complaints

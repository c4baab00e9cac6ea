"""Names in the browser: what is typed is read at once and exactly, z moves one run alone, a guess comes first."""

import math
import re
from contextlib import contextmanager
from functools import cache

import numpy as np
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from built import WIDTHS
from test_explorables import (
    FRAME,
    SMALL_PRINT,
    at_each_frame,
    eases,
    first,
    html_of,
    live,
    opened,
    paced,
    settle,
    sums_a_change,
)

from vae_lib.figures.names.figure import NAME, RUNS, SEEN, decoder, recorded_curves
from vae_lib.sequences import to_symbols

STATES = torch.eye(5, dtype=torch.float64)
BARS = "(live, name) => [...live.shadowRoot.querySelectorAll(`rect.${name}`)].map((bar) => bar.height.baseVal.value)"
TYPE = """async () => {
    const input = document.querySelector("[data-live]").shadowRoot.querySelector("input[type=text]");
    for (let letters = 1; letters <= 10; letters++) {
        input.value = "christopher".slice(0, letters);
        input.setSelectionRange(letters, letters);
        input.dispatchEvent(new Event("input"));
        await new Promise(requestAnimationFrame);
    }
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("names")


@contextmanager
def page_of(browser, folder, markup: str):
    with opened(browser, markup, folder, width=WIDTHS["phone"], has_touch=True) as page:
        yield page
        assert page.complaints == []


@pytest.fixture(scope="module")
def page(browser, folder):
    with page_of(browser, folder, html_of("names")) as page:
        yield page


@pytest.fixture(scope="module")
def opening(browser, folder):
    with page_of(browser, folder, live("names", control="opening")._repr_html_()) as page:
        yield page


def put(page, **state) -> None:
    """Bring the first figure into a state, from outside."""
    start = {"net": "mixture", "name": NAME, "seen": SEEN, "z": 0, "seed": 1, "guess": None, "arm": "dose 1"}
    page.evaluate("(state) => document.querySelector('[data-live]').model.set('state', state)", start | state)
    settle(page)


def state(page) -> dict:
    return page.evaluate("() => document.querySelector('[data-live]').model.get('state')")


def numbers(text: str) -> list[float]:
    return [float(found.replace("−", "-")) for found in re.findall(r"−?\d+(?:\.\d+)?", text)]


def logp(page) -> list[float]:
    """log p of the name as the table says it, with z and without."""
    return [numbers(cell)[0] for cell in first(page).locator(".sums tbody td").all_text_contents()[:2]]


@cache
def joint(net: str, run: str, name: str) -> torch.Tensor:
    """log p(x|z) of each z, by the library."""
    return decoder(net, run)(STATES).log_prob(to_symbols([name]).expand(5, -1))


def exact(net: str, name: str) -> list[float]:
    return [(joint(net, run, name).logsumexp(0) - math.log(5)).item() for run in RUNS]


def bars(page, name: str) -> np.ndarray:
    return np.array(first(page).evaluate(BARS, name))


def said(page) -> str:
    return first(page).locator(".words").inner_text()


def field(page):
    return first(page).locator("input[type=text]")


@pytest.mark.parametrize("net", ["mixture", "GRU"])
def test_each_typed_letter_is_read_at_once_and_log_p_is_the_librarys(page, net):
    put(page, net=net, name="", seen=0)
    field(page).tap()
    for typed in ("k", "ki", "kim"):
        page.keyboard.press(typed[-1])
        settle(page)
        assert state(page)["name"] == typed
        assert state(page)["seen"] == len(typed)
        assert f"After “{typed}”" in said(page)
        assert logp(page) == pytest.approx(exact(net, typed), abs=0.012)
        posterior = joint(net, RUNS[0], typed)
    first(page).locator("input[type=range]").press("ArrowLeft")
    settle(page)
    assert state(page)["seen"] == 2
    page.keyboard.press("End")
    rows = decoder(net, RUNS[0]).log_probs(STATES, to_symbols(["kim"]).expand(5, -1))
    posterior = (joint(net, RUNS[0], "kim") - rows[:, 3, 0]).softmax(0)  # without the end
    settle(page)
    np.testing.assert_allclose(bars(page, "with.state") / 60, posterior, atol=3e-3)
    next_symbol = (posterior[:, None] * rows[:, 3].exp()).sum(0).roll(-1).numpy()
    shown = bars(page, "with:not(.state)")
    np.testing.assert_allclose(shown / shown.max(), next_symbol / next_symbol.max(), atol=5e-3)


def test_what_is_no_letter_and_what_is_too_much_is_left_out_and_said(page):
    put(page, name="", seen=0)
    field(page).fill("Zoë 3")
    settle(page)
    assert field(page).input_value() == state(page)["name"] == "zo"
    told = first(page).locator("[role=status]")
    assert told.inner_text() == "Only a to z: “ë 3” was left out."
    field(page).fill("abcdefghijklm")
    settle(page)
    assert field(page).input_value() == state(page)["name"] == "abcdefghijk"
    assert told.inner_text() == "At most 11 letters: “lm” was left out."
    field(page).fill("eva")
    settle(page)
    assert told.inner_text() == "Letters a to z, at most 11."


def test_the_cursor_says_which_letters_have_been_seen_and_a_letter_can_come_between(page):
    put(page, name="", seen=0)
    field(page).fill("maa")
    field(page).press("ArrowLeft")
    settle(page)
    assert state(page)["seen"] == 2
    assert first(page).locator("output").first.inner_text() == "ma|"
    page.keyboard.press("5")
    settle(page)
    assert state(page)["name"] == "maa"
    page.keyboard.press("r")
    settle(page)
    assert (state(page)["name"], state(page)["seen"]) == ("mara", 3)
    assert field(page).evaluate("(input) => input.selectionStart") == 3


def test_what_an_input_method_has_not_settled_is_read_but_left_as_it_is(page):  # as a phone's keyboard types each word
    put(page, name="", seen=0)
    field(page).fill("")
    session = page.context.new_cdp_session(page)
    for text in ("M", "Ma", "Mar"):
        session.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
        settle(page)
        assert (field(page).input_value(), state(page)["name"], state(page)["seen"]) == (text, text.lower(), len(text))
    session.send("Input.insertText", {"text": "Mary"})
    settle(page)
    assert field(page).input_value() == state(page)["name"] == "mary"


def test_a_name_from_outside_stands_in_the_field_too_while_it_is_in_use(page):
    field(page).fill("bob")
    settle(page)
    put(page, name="mary", seen=4)
    assert field(page).input_value() == "mary"
    page.keyboard.press("x")
    settle(page)
    assert state(page)["name"] == "maryx"


def test_a_key_that_moves_no_cursor_leaves_the_letters_seen(page):
    put(page, name="mary", seen=1)
    first(page).locator("input[type=range]").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Control+c")
    settle(page)
    assert field(page).evaluate("(input) => input.getRootNode().activeElement === input")
    assert state(page)["seen"] == 1


def test_long_words_make_nothing_wider_than_a_small_window(browser, folder):
    with opened(browser, html_of("names"), folder, width=320) as page:
        for typed in ("w" * 11, "é" * 200):
            field(page).fill(typed)
            settle(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, typed
        assert page.complaints == []


def test_a_chosen_z_moves_the_run_that_uses_it_and_not_the_other(page):
    used, unused = [], []
    for z in range(1, 6):
        put(page)
        first(page).get_by_label("which z").select_option(str(z))
        settle(page)
        used.append(bars(page, "with:not(.state)"))
        unused.append(bars(page, "without:not(.state)"))
        given = [joint("mixture", run, NAME)[z - 1].item() for run in RUNS]
        assert logp(page) == pytest.approx(given, abs=0.012)
        assert f"log p(x | z = {z})" in first(page).locator(".sums").inner_text()
    assert max(np.abs(one / one.max() - used[0] / used[0].max()).max() for one in used[1:]) > 0.1
    assert max(np.abs(one / one.max() - unused[0] / unused[0].max()).max() for one in unused[1:]) < 0.05


def test_the_terms_add_up_to_log_p(page):
    put(page)
    first(page).get_by_role("button", name="numbers").tap()
    cells = [numbers(cell)[0] for cell in first(page).locator(".letters tbody td").all_text_contents()]
    rows = np.array(cells).reshape(-1, 2)
    assert len(rows) == len(NAME) + 2
    np.testing.assert_allclose(rows[:-1].sum(0), rows[-1], atol=0.006 * len(rows))
    assert rows[-1].tolist() == logp(page)
    assert [violation["id"] for violation in Axe().run(page).response["violations"]] == []
    assert page.evaluate(SMALL_PRINT) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= WIDTHS["phone"]


def test_names_drawn_differ_by_z_in_the_run_that_uses_it_alone_and_other_numbers_give_others(page):
    put(page)
    first(page).get_by_role("button", name="names drawn").tap()
    names = first(page).locator(".drawn tbody td").all_text_contents()
    assert len(set(names[::2])) > 2
    assert len(set(names[1::2])) == 1
    first(page).get_by_role("button", name="draw again").tap()
    settle(page)
    assert first(page).locator(".drawn tbody td").all_text_contents() != names


def test_the_curves_come_after_a_guess_with_the_recorded_means(page):
    for net in ("mixture", "GRU"):
        put(page, net=net)
        first(page).get_by_role("button", name="in training").tap()
        told = first(page).locator(".told:visible")
        assert told.count() == 0
        assert first(page).locator(".answer").text_content() == ""
        first(page).get_by_label("your guess").select_option("never")
        settle(page)
        assert told.count() == 1
        curves = recorded_curves(net)
        ends = [np.mean([seed[-1] for seed in curves[arm]["I"]]) for arm in ("dose 1", "exact")]
        text = first(page).locator(".answer").text_content()
        assert text.startswith("You said: no, never. ")
        assert numbers(re.search(r"epoch \d+, (.*?) at their ends", text)[1]) == pytest.approx(ends, abs=5.1e-3)
        shown = first(page).locator("svg:visible .told text").all_text_contents()
        assert set(shown) == set(curves)
        assert len(shown) == 2 * len(curves)
    assert [violation["id"] for violation in Axe().run(page).response["violations"]] == []
    assert page.evaluate(SMALL_PRINT) == []


def test_the_seeds_of_another_arm_are_drawn_when_it_is_chosen(page):
    put(page, guess="late")
    first(page).get_by_role("button", name="in training").tap()
    seeds = first(page).locator("svg:visible path.seeds").first
    for arm in ("dose 1", "exact"):
        first(page).get_by_label("seeds of").select_option(arm)
        settle(page)
        assert seeds.get_attribute("d").count("M") == len(recorded_curves("mixture")[arm]["I"])
    assert {*first(page).locator("svg:visible .told text.bold").all_text_contents()} == {"exact"}


@pytest.mark.parametrize("net", ["mixture", "GRU"])
def test_a_typed_letter_is_answered_within_a_frame(page, net):
    put(page, net=net, name="", seen=0)

    def make_changes() -> int:
        page.evaluate(TYPE)
        return 10

    assert sums_a_change(page, make_changes) < FRAME


def test_a_state_that_no_control_reaches_is_refused(page):
    put(page)
    before = first(page).locator(".strings").inner_html()
    wrong = (
        {"net": "toString"},
        {"name": "Eva"},
        {"name": "e" * 12},
        {"name": None},
        {"seen": 99},
        {"z": 6},
        {"arm": 1},
    )
    for one in wrong:
        put(page, **one)
        assert first(page).locator(".strings").inner_html() == before


def test_the_openings_slider_moves_run_a_and_leaves_run_b(opening):
    heights = "(one) => [...one.querySelectorAll('rect')].map((bar) => bar.height.baseVal.value)"
    found = {run: [] for run in RUNS}
    for z in range(1, 6):
        first(opening).locator("input").fill(str(z))
        settle(opening)
        panels = first(opening).locator(".stage > div").all()
        for run, panel in zip(RUNS, panels, strict=True):
            found[run].append((panel.evaluate(heights), panel.locator("span").all_text_contents()))
        assert said(opening).startswith(f"With z = {z} run A begins most often with ")
    used, unused = found.values()
    assert all(used[2][1] != used[z][1] for z in (1, 3))  # it starts at the third: a step either way shows it
    assert len({tuple(names) for _, names in unused}) == 1
    for i, heights_of in enumerate(zip(*(one for one, _ in unused), strict=True)):
        assert max(heights_of) - min(heights_of) < 1.5, i
    assert np.ptp([one for one, _ in used], axis=0).max() > 10
    assert opening.evaluate(SMALL_PRINT) == []


def test_another_z_comes_in_a_motion(browser, folder):
    with paced(browser, live("names", control="opening")._repr_html_(), folder) as page:
        first(page).locator("input").press("ArrowRight")
        script = f"() => ({BARS})(document.querySelector('[data-live]'), 'with').join()"
        assert eases(at_each_frame(page, script, milliseconds=400))


def test_the_pictures_words_say_what_is_seen_and_the_openings_keep_what_differs_in_training():
    whole, start = live("names").alt, live("names", control="opening").alt
    used, unused = (f"{value:.2f}".replace("-", "−") for value in exact("mixture", NAME))
    assert f"log p({NAME}) is {used} nats with z and {unused} without." in whole
    assert "dose" not in start
    assert "encoder" not in start


def test_another_control_is_refused():
    with pytest.raises(ValueError, match="expected control to be one of opening, got z"):
        live("names", control="z")

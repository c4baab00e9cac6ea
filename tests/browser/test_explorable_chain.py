"""The chain in the browser: its numbers are those of all paths, a tap changes what was eaten, guesses come first."""

import re
from contextlib import contextmanager
from itertools import product

import numpy as np
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from built import WIDTHS
from test_explorables import SMALL_PRINT, at_each_frame, eases, first, html_of, live, opened, paced, settle

from vae_lib.exact.chains import log_partition, marginals
from vae_lib.exact.mean_field import best_mean_field, product_of_marginals_gap
from vae_lib.figures.chain.figure import EATEN, EMISSION, STAY, diary, recorded_curves

PATHS = np.array(list(product(range(3), repeat=len(EATEN))))
BARS = """(live, name) => [...live.shadowRoot.querySelectorAll(`rect.${name}`)]
    .filter((bar) => bar.height.baseVal.value !== 12).map((bar) => bar.height.baseVal.value / 54)"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("chain")


@contextmanager
def page_of(browser, folder, markup: str, **options):
    with opened(browser, markup, folder, width=WIDTHS["phone"], has_touch=True, **options) as page:
        yield page
        assert page.complaints == []


@pytest.fixture(scope="module")
def page(browser, folder):
    with page_of(browser, folder, html_of("chain")) as page:
        yield page


@pytest.fixture(scope="module")
def opening(browser, folder):
    with page_of(browser, folder, live("chain", control="opening")._repr_html_()) as page:
        yield page


def put(page, **state) -> None:
    """Bring the first figure into a state, from outside."""
    start = {"stay": STAY, "x": EATEN, "start": 0, "seed": 1, "guess": None}
    page.evaluate("(state) => document.querySelector('[data-live]').model.set('state', state)", start | state)
    settle(page)


def state(page) -> dict:
    return page.evaluate("() => document.querySelector('[data-live]').model.get('state')")


def numbers(text: str) -> list[float]:
    return [float(found.replace("−", "-")) for found in re.findall(r"−?\d+(?:\.\d+)?", text)]


def gaps(page) -> dict[str, list[float]]:
    """ELBO, gap and moves of the three rows."""
    cells = [numbers(cell)[0] for cell in first(page).locator(".controls tbody td").all_text_contents()]
    return {name: cells[3 * i : 3 * i + 3] for i, name in enumerate(("exact", "loose", "product"))}


def bars(page, name: str) -> np.ndarray:
    """The probabilities as the bars show them, `[days, states]`."""
    return np.array(first(page).evaluate(BARS, name)).reshape(len(EATEN), 3)


def said(page) -> str:
    return first(page).locator(".words").inner_text()


def symbols(page):
    return first(page).locator(".symbols button")


def paths(page) -> list[str]:
    return first(page).locator("path.path").evaluate_all("(all) => all.map((one) => one.getAttribute('d'))")


@pytest.mark.parametrize("stay", [34, 74, 95])
def test_the_numbers_and_the_bars_are_those_of_all_paths_and_of_the_library(page, stay):
    put(page, stay=stay)
    chain, found = diary(stay / 100), gaps(page)
    emission, step = np.array(EMISSION), np.where(np.eye(3), stay / 100, (1 - stay / 100) / 2)
    p = emission[PATHS, EATEN].prod(1) * step[PATHS[:, :-1], PATHS[:, 1:]].prod(1) / 3
    moves = (PATHS[:, 1:] != PATHS[:, :-1]).sum(1)
    assert found["exact"] == pytest.approx([np.log(p.sum()), 0, p @ moves / p.sum()], abs=5.1e-3)
    torch.manual_seed(0)
    best = best_mean_field(chain, num_starts=16)
    q = best.q.numpy()
    loose = 5 - (q[1:] * q[:-1]).sum()
    gap = best.gaps.min().item()
    logp = log_partition(chain).item()
    assert found["loose"] == pytest.approx([logp - gap, gap, loose], abs=6e-3)
    assert found["product"][1] == pytest.approx(product_of_marginals_gap(chain).item(), abs=5.1e-3)
    np.testing.assert_allclose(bars(page, "exact"), marginals(chain).single, atol=2e-3)
    np.testing.assert_allclose(bars(page, "loose"), q, atol=3e-3)


def test_a_tap_and_a_key_change_what_was_eaten_and_after_four_comes_none(page):
    put(page)
    before = gaps(page)
    symbols(page).first.tap()
    settle(page)
    assert state(page)["x"] == [2, *EATEN[1:]]
    assert symbols(page).first.get_attribute("aria-label") == "day 1: 2 ice creams eaten"
    assert gaps(page) != before
    for _ in range(3):
        symbols(page).first.press("Enter")
        settle(page)
    assert state(page)["x"] == [0, *EATEN[1:]]
    assert symbols(page).all_text_contents() == ["0", *map(str, EATEN[1:])]


def test_another_start_shows_another_optimum_and_a_stickier_chain_the_best_again(page):
    put(page, stay=95)
    best, exact = bars(page, "loose"), bars(page, "exact")
    first(page).get_by_role("button", name="another start").click()
    settle(page)
    assert state(page)["start"] > 0
    assert gaps(page)["loose"][1] > gaps(page)["exact"][1] + 1
    assert np.abs(bars(page, "loose") - best).max() > 0.3
    np.testing.assert_allclose(bars(page, "exact"), exact, atol=1e-3)
    assert said(page).count("optima, with gaps of") == 1
    first(page).locator(".slider input").press("ArrowRight")
    settle(page)
    assert state(page)["start"] == 0
    assert state(page)["stay"] == 96


def test_each_of_the_sixteen_starts_can_be_shown_and_none_is_better_than_the_best(page):
    put(page, stay=95)
    best = gaps(page)["loose"][1]
    found = set()
    for start in range(1, 17):
        put(page, stay=95, start=start)
        found.add(gaps(page)["loose"][1])
    assert min(found) == best
    put(page, stay=95)
    listed = re.search(r"with gaps of (.*?) nats", said(page))[1]
    assert sorted(found) == numbers(listed)


def test_other_paths_come_from_another_seed_and_nothing_exact_changes(page):
    put(page)
    before, exact = paths(page), gaps(page)
    first(page).get_by_role("button", name="draw again").click()
    settle(page)
    assert [one != other for one, other in zip(paths(page), before, strict=True)] == [True] * 4
    assert gaps(page) == exact
    moved = first(page).locator("svg text:has-text('moves a path')").all_text_contents()
    assert [numbers(text)[0] for text in moved] == [exact["exact"][2], exact["loose"][2]]


def test_other_paths_come_in_a_motion(browser, folder):
    with paced(browser, html_of("chain"), folder) as page:
        first(page).get_by_role("button", name="draw again").click()
        script = "() => document.querySelector('[data-live]').shadowRoot.querySelector('path.path').getAttribute('d')"
        assert eases(at_each_frame(page, script, milliseconds=400))


def test_the_curves_come_after_a_guess_with_the_recorded_peak_and_last_value(page):
    put(page)
    first(page).get_by_role("button", name="many chains").click()
    told = first(page).locator(".told")
    assert not told.is_visible()
    assert first(page).locator(".answer").text_content() == ""
    first(page).get_by_label("your guess").select_option("larger")
    settle(page)
    assert told.is_visible()
    curves = recorded_curves()
    peak = max(curves["gap"])
    text = first(page).locator(".answer").text_content()
    assert text.startswith("You said: larger. It is smaller. ")
    assert f"{curves['chains']} chains the mean gap is {peak:.2f} ± " in text
    assert f" and {curves['gap'][-1]:.2f} ± " in text
    assert [violation["id"] for violation in Axe().run(page).response["violations"]] == []
    assert page.evaluate(SMALL_PRINT) == []


def test_the_recorded_curves_say_what_the_words_say():
    curves = recorded_curves()
    peak = curves["gap"].index(max(curves["gap"]))
    assert 0 < peak < len(curves["gap"]) - 1
    fall = curves["gap"][peak] - curves["gap"][-1]
    assert fall > 3 * (curves["error"][peak] ** 2 + curves["error"][-1] ** 2) ** 0.5
    assert curves["share"][-1] == max(curves["share"]) > 0.2
    assert curves["product"][-1] == max(curves["product"])


def test_on_a_phone_the_numbers_are_accessible_and_have_no_small_print(page):
    put(page)
    first(page).get_by_role("button", name="numbers").click()
    settle(page)
    assert [violation["id"] for violation in Axe().run(page).response["violations"]] == []
    assert page.evaluate(SMALL_PRINT) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= WIDTHS["phone"]
    cells = first(page).locator(".tabs table tbody td").all_text_contents()
    exact = np.array([numbers(cell)[0] for cell in cells]).reshape(-1, 3)
    np.testing.assert_allclose(exact, marginals(diary(STAY / 100)).single, atol=5.1e-3)


def test_a_state_that_no_control_reaches_is_refused(page):
    put(page)
    before = first(page).locator(".chain").inner_html()
    for wrong in ({"stay": 33}, {"stay": 74.5}, {"x": [9] * 6}, {"x": None}, {"start": 17}, {"guess": "toString"}):
        put(page, **wrong)
        assert first(page).locator(".chain").inner_html() == before


def test_before_a_guess_no_band_has_a_name_and_a_guess_names_both(opening):
    text = first(opening).locator(".explorable").text_content()
    assert "exact posterior" not in text
    assert "mean field" not in text
    assert said(opening) == "In 1900 both say 919. One says ± 48, the other ± 26."
    untold = first(opening).locator("path.band").evaluate_all("(all) => all.map((one) => getComputedStyle(one).fill)")
    assert len(set(untold)) == 1
    first(opening).get_by_label("which one is exact?").select_option("narrow")
    settle(opening)
    assert said(opening).startswith("You said: the narrow one. Exact is the wide one: in 1900 the level is 919 ± 48.")
    assert "21.8 nats below" in said(opening)
    told = first(opening).locator("path.band").evaluate_all("(all) => all.map((one) => getComputedStyle(one).fill)")
    assert len(set(told)) == 2
    assert opening.evaluate(SMALL_PRINT) == []


def test_a_stiffer_level_is_surer_and_mean_field_too_sure_by_more(opening):
    second = opening.locator("[data-live]").last
    found = []
    for i in range(11):
        second.locator("input").fill(str(i))
        settle(opening)
        _, _, wide, _, narrow, ratio, gap = numbers(second.locator(".words").inner_text())
        found.append((wide, narrow, -ratio, -gap))
    for values in zip(*found, strict=True):
        assert list(values) == sorted(values)
    assert found[0][2] < -4
    assert found[-1][2] > -1.1


def test_the_pictures_words_say_what_is_seen_and_the_openings_keep_the_answer():
    whole, guess = live("chain").alt, live("chain", control="opening").alt
    chain = diary(STAY / 100)
    assert f"log p(x) = {log_partition(chain).item():.2f}.".replace("-", "−") in whole
    assert f"mild weather is {marginals(chain).single[0, 1].item():.2f}" in whole
    assert "± 48, the other ± 26" in guess
    assert "exact posterior" not in guess


def test_another_control_is_refused():
    with pytest.raises(ValueError, match="expected control to be one of opening, got stay"):
        live("chain", control="stay")

"""The die in the browser: its numbers are the library's, its throws fall into the corners; and the coin's guess."""

import re
from contextlib import contextmanager
from functools import partial

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

from vae_lib.discrete import BernoulliLatents, CategoricalLatents
from vae_lib.estimators import gradient_estimates, relaxed
from vae_lib.exact.enumeration import exact_gradient, leave_one_out_moments, relaxed_moments, score_function_moments
from vae_lib.figures.die.figure import COIN, DECODER, THROWS, Q, log_likelihood

WAYS = ["score", "left", "gumbel", "straight"]
CORNERS = [(200, 40), (50, 300), (350, 300)]
COINS = [0.05, 0.3, 1, 3]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("die")


@contextmanager
def page_of(browser, folder, markup: str, **options):
    with opened(browser, markup, folder, width=WIDTHS["phone"], **options) as page:
        yield page
        assert page.complaints == []


@pytest.fixture(scope="module")
def page(browser, folder):
    with page_of(browser, folder, html_of("die")) as page:
        yield page


@pytest.fixture(scope="module")
def opening(browser, folder):
    with page_of(browser, folder, live("die", control="opening")._repr_html_()) as page:
        yield page


def put(page, **state) -> None:
    """Bring the first figure into a state, from outside."""
    start = {"tau": 1, "q": [20, 60, 20], "way": "gumbel", "seed": 0, "guess": None, "revealed": True}
    page.evaluate("(state) => document.querySelector('[data-live]').model.set('state', state)", start | state)
    settle(page)


def state(page) -> dict:
    return page.evaluate("() => document.querySelector('[data-live]').model.get('state')")


def table(page) -> dict[str, list[float]]:
    """‖bias‖/‖g‖, cosine and variance of each estimator."""
    cells = [float(text.replace("−", "-")) for text in first(page).locator("tbody td").all_text_contents()]
    return {way: cells[3 * i : 3 * i + 3] for i, way in enumerate(WAYS)}


def said(page) -> str:
    return first(page).locator(".words").inner_text()


def loss(z: torch.Tensor) -> torch.Tensor:
    """The coin's loss of a z, `[..., 1]`, the share of heads."""
    return -log_likelihood(torch.cat([1 - z, z], -1), COIN)


def spots(page) -> list[tuple[float, float]]:
    """Where the relaxed throws lie."""
    d = first(page).locator(".throws").get_attribute("d")
    return [(float(x) + 4, float(y)) for x, y in re.findall(r"M([\d.]+),([\d.]+)", d)]


def nearest(spot: tuple[float, float]) -> tuple[int, float]:
    """The corner that is nearest to a place, and how far it is."""
    far = [((spot[0] - x) ** 2 + (spot[1] - y) ** 2) ** 0.5 for x, y in CORNERS]
    return far.index(min(far)), min(far)


@pytest.mark.parametrize("q", [[20, 60, 20], [5, 90, 5], [50, 10, 40]])
def test_the_unbiased_ones_and_the_gradient_are_those_of_the_library(page, q):
    put(page, q=q)
    die = CategoricalLatents((torch.tensor(q, dtype=torch.float64) / 100).log()[None])

    def f(z):
        return log_likelihood(z, DECODER)

    found, gradient = table(page), exact_gradient(f, die).flatten()
    assert found["score"][:2] == found["left"][:2] == [0, 1]
    assert found["score"][2] == pytest.approx(score_function_moments(f, die).variance.sum().item(), abs=5.1e-3)
    assert found["left"][2] == pytest.approx(5 * leave_one_out_moments(f, die, 5).variance.sum().item(), abs=5.1e-3)
    exact = first(page).locator(".exact").text_content().replace("−", "-")
    assert [float(part) for part in re.search(r"\(([^)]+)\)", exact)[1].split(", ")] == pytest.approx(
        gradient.tolist(), abs=5.1e-3
    )
    assert float(re.search(r"‖g‖ = ([\d.]+)", exact)[1]) == pytest.approx(gradient.norm().item(), abs=5.1e-3)


def test_a_colder_die_has_less_bias_and_more_variance_and_the_unbiased_do_not_know_of_it(page):
    tables = []
    for tau in (5, 1, 0.3, 0.05):
        put(page, tau=tau)
        tables.append(table(page))
    for way in ("gumbel", "straight"):
        biases, variances = ([one[way][k] for one in tables] for k in (0, 2))
        assert biases == sorted(biases, reverse=True)
        assert variances == sorted(variances)
    for way in ("score", "left"):
        assert all(one[way] == tables[0][way] for one in tables)


def test_cooled_the_throws_fall_into_the_corner_that_they_were_nearest_to(page):
    put(page, tau=5)
    hot = [nearest(spot) for spot in spots(page)]
    put(page, tau=0.05)
    cold = [nearest(spot) for spot in spots(page)]
    assert len(cold) == THROWS
    assert [corner for corner, _ in cold] == [corner for corner, _ in hot]
    assert min(far for _, far in hot) > 60
    assert sum(far < 3 for _, far in cold) >= 30


@pytest.mark.parametrize("way", WAYS)
def test_the_mean_arrow_is_the_true_one_where_there_is_no_bias(page, way):
    put(page)
    first(page).locator("select").select_option(way)
    settle(page)
    heads = [first(page).locator(f".{name}.head").get_attribute("transform") for name in ("truth", "mean")]
    unbiased = way in ("score", "left")
    assert (heads[0] == heads[1]) == unbiased
    assert ("Its mean arrow is the true one." in said(page)) == unbiased
    assert ("τ plays no part" in said(page)) == unbiased
    bold = first(page).locator("tr.chosen th").text_content()
    assert said(page).lower().startswith(bold.split(" of ")[0].lower())
    assert first(page).locator(f"path.{way}.chosen").count() == 2


def test_a_hand_drags_q_and_the_sliders_follow(page):
    put(page)
    handle = first(page).locator(".grip").bounding_box()
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y - 80, steps=4)
    page.mouse.up()
    settle(page)
    q = state(page)["q"]
    assert sum(q) == 100
    assert q[0] > 40
    assert q[1] < 40
    shown = first(page).locator(".slider:has-text('face') input").evaluate_all("(all) => all.map((one) => +one.value)")
    assert shown == q


def test_a_click_in_the_triangle_puts_q_there(page):
    put(page)
    middle = first(page).locator(".edge").bounding_box()
    page.mouse.click(middle["x"] + middle["width"] / 2, middle["y"] + middle["height"] * 2 / 3)  # where all are alike
    settle(page)
    assert state(page)["q"] == pytest.approx([33, 33, 33], abs=2)


def test_the_keyboard_moves_q_and_the_other_faces_share_the_rest(page):
    put(page)
    before = table(page)
    first(page).get_by_label("face 2").press("ArrowLeft")
    settle(page)
    assert state(page)["q"][1] == 59
    assert sum(state(page)["q"]) == 100
    assert table(page) != before


def test_other_throws_change_the_single_estimates_and_nothing_that_is_exact(page):
    put(page)
    exact, arrows, throws = table(page), first(page).locator(".tips").first.get_attribute("d"), spots(page)
    first(page).get_by_role("button", name="throw again").click()
    settle(page)
    assert table(page) == exact
    assert first(page).locator(".tips").first.get_attribute("d") != arrows
    assert spots(page) != throws


def test_other_throws_come_in_a_motion(browser, folder):
    with paced(browser, html_of("die"), folder) as page:
        first(page).get_by_role("button", name="throw again").click()
        found = at_each_frame(
            page,
            "() => document.querySelector('[data-live]').shadowRoot.querySelector('.throws').getAttribute('d')",
            milliseconds=400,
        )
        assert eases(found)


def test_a_state_that_no_control_reaches_is_refused(page):
    put(page)
    before = first(page).locator(".die").inner_html()
    for wrong in ({"tau": 0}, {"tau": 0.11}, {"q": [1, 98, 1]}, {"q": None}, {"way": "toString"}, {"seed": -1}):
        put(page, **wrong)
        assert first(page).locator(".die").inner_html() == before


def test_a_drag_of_q_needs_less_script_than_a_frame_has_room_for(page):
    put(page)

    def make_changes() -> int:
        page.evaluate("""async () => {
            const input = document.querySelector("[data-live]").shadowRoot.querySelectorAll("input")[1];
            for (let i = 0; i < 20; i++) {
                input.stepUp(i < 10 ? 2 : -2);
                input.dispatchEvent(new Event("input"));
                await new Promise(requestAnimationFrame);
            }
        }""")
        return 20

    assert sums_a_change(page, make_changes) < FRAME


@pytest.mark.parametrize("tab", ["bias and variance", "numbers"])
def test_on_a_phone_the_other_tabs_are_accessible_and_have_no_small_print(page, tab):
    put(page, way="score")
    first(page).get_by_role("button", name=tab).click()
    settle(page)
    assert [violation["id"] for violation in Axe().run(page).response["violations"]] == []
    assert page.evaluate(SMALL_PRINT) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= WIDTHS["phone"]


def test_before_a_guess_nothing_gives_the_answer_and_a_guess_brings_it(opening):
    text = first(opening).locator(".explorable").inner_text()
    assert first(opening).locator(".words").get_attribute("aria-live") == "polite"
    assert "down, " not in text
    assert "Down is" not in text
    assert not first(opening).locator(".truth").is_visible()
    assert first(opening).locator("button, table").count() == 0
    first(opening).get_by_label("which way is down?").select_option("neither")
    settle(opening)
    assert said(opening).startswith("You said: neither. Down is to heads: ")
    assert first(opening).locator(".truth").is_visible()
    assert "down, exactly: heads →" in first(opening).locator(".stage").text_content()
    assert opening.evaluate(SMALL_PRINT) == []


def side(slope: float) -> str:
    return "nowhere" if abs(slope) < 5e-3 else "heads" if slope < 0 else "tails"


@pytest.mark.parametrize("tau", COINS)
def test_each_throws_mark_points_down_its_soft_slope_and_the_wrong_way_is_called_so(opening, tau):
    put(opening, tau=tau)
    drawn = (
        first(opening)
        .locator(".mark")
        .evaluate_all(
            "(all) => all.map((one) => one.getAttribute('d').startsWith('M-5') ? 'nowhere'"
            " : one.getAttribute('transform').includes('scale') ? 'tails' : 'heads')"
        )
    )
    coin = BernoulliLatents(torch.tensor([1.2], dtype=torch.float64))
    noise = torch.logit((torch.arange(8, dtype=torch.float64) + 0.5) / 8)
    slopes = gradient_estimates(loss, coin, noise[None, :, None], way=partial(relaxed, temperature=tau)).flatten()
    assert drawn == [side(slope) for slope in slopes.tolist()]
    mean, variance = relaxed_moments(loss, coin, temperature=tau)
    assert f"are {mean.item():.2f} ± {variance.sqrt().item():.2f} (".replace("-", "−") in said(opening)
    wrong = mean.item() > 0
    assert ("the wrong way" in said(opening)) == wrong
    assert ("soft slopes: ← tails" in first(opening).locator(".stage").text_content()) == wrong
    assert wrong == (tau >= 0.5)


def test_moving_the_slider_brings_the_answer_without_a_guess(opening):
    second = opening.locator("[data-live]").last
    second.locator("input").press("ArrowRight")
    settle(opening)
    assert second.locator(".words").inner_text().startswith("Down is to heads: ")


def test_the_pictures_words_are_those_of_the_library_and_the_openings_keep_the_answer():
    whole, guess = live("die").alt, live("die", control="opening").alt
    q = torch.tensor(Q, dtype=torch.float64)
    gradient = exact_gradient(lambda z: log_likelihood(z, DECODER), CategoricalLatents(q.log()[None])).flatten()
    assert ", ".join(f"{value:.2f}" for value in gradient.tolist()).replace("-", "−") in whole
    assert "3.10 nats of tails down to 2.15 of heads" in guess
    assert "mean" not in guess


def test_another_control_is_refused():
    with pytest.raises(ValueError, match="expected control to be one of opening, got tau"):
        live("die", control="tau")

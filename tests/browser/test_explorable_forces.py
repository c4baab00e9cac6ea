"""The forces by mouse and by keyboard: two switches and three trainings; and the story that chapter 1 tells."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from test_explorables import FRAME, first, html_of, live, opened, settle, sums_a_change

from vae_lib.shipped.forces import forces_runs
from vae_lib.shipped.weights import asset

PULL, NOISE = "pull to the middle", "noise"
ARMS = {(True, True): "pull and noise", (True, False): "pull alone", (False, True): "noise alone"}
ARMS |= {(False, False): "neither"}
INK = """(canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return [...data].filter((value, i) => i % 4 === 3 && value === 255).length;
}"""


@pytest.fixture
def page(browser, tmp_path):
    with opened(browser, html_of("forces"), tmp_path) as page:
        yield page
        assert page.complaints == []


def switch(page, name: str):
    return first(page).get_by_role("switch", name=name)


def put(page, pull: bool, noise: bool, run: int = 0) -> None:
    for name, on in ((PULL, pull), (NOISE, noise)):
        if (switch(page, name).get_attribute("aria-checked") == "true") != on:
            switch(page, name).click()
    first(page).locator("input[type=range]").fill(str(run))
    settle(page)


def said(page) -> dict:
    """The numbers of the read-out."""
    nats = first(page).locator(".nats output").inner_text()
    words = first(page).locator(".words").inner_text()
    after = {"spread": "spread ", "inside": "", "empty": "", "drawn": "draws, ", "change": ""}
    before = ["to each", "% of the codes", "% of your draws", "of the ten", "% of the draws would"]
    found = {
        name: float(re.search(rf"{left}([\d.]+) {right}", words)[1])
        for (name, left), right in zip(after.items(), before, strict=True)
    }
    return {"nats": float(nats)} | found


@pytest.mark.parametrize("run", [0, 1, 2])
@pytest.mark.parametrize(("pull", "noise"), ARMS)
def test_each_setting_says_what_was_recorded(page, pull, noise, run):
    put(page, pull, noise, run)
    found, recorded = said(page), forces_runs()[ARMS[pull, noise]][run]
    assert found["nats"] == pytest.approx(recorded["nats"], abs=0.051)
    assert found["spread"] == pytest.approx(recorded["spread"][-1], abs=0.051)
    assert found["inside"] == pytest.approx(100 * recorded["inside"], abs=0.51)
    assert found["empty"] == pytest.approx(100 * recorded["empty"][0], abs=0.51)
    assert found["change"] == pytest.approx(100 * recorded["distance"], abs=0.7)
    assert found["drawn"] == recorded["drawn"]


def test_the_planes_draws_and_bars_are_those_of_the_run(page):
    labels = asset("forces.json")["labels"]
    for (pull, noise), arm in ARMS.items():
        put(page, pull, noise)
        run = forces_runs()[arm][0]
        dots = first(page).locator(".wide .code").evaluate_all("(all) => all.map((one) => one.getAttribute('d'))")
        assert [d.count("M") for d in dots] == [labels.count(str(digit)) for digit in range(10)]
        clouds = first(page).locator(".near .cloud").evaluate_all("(all) => all.map((one) => one.getAttribute('d'))")
        assert any(clouds) == noise
        black = sum(bin(int(draw, 16)).count("1") for draw in run["draws"])
        assert first(page).locator("canvas").evaluate(INK) == black
        heights = (
            first(page).locator(".shares rect").evaluate_all("(all) => all.map((one) => one.height.baseVal.value)")
        )
        assert heights == pytest.approx([115 * share for share in run["classes"]], abs=0.06)


def test_a_code_stands_where_its_mu_is_on_the_same_axes_for_all(page):
    labels = asset("forces.json")["labels"]
    third = [i for i, label in enumerate(labels) if label == "3"]
    for (pull, noise), arm in ARMS.items():
        put(page, pull, noise)
        d = first(page).locator(".wide .code").nth(3).get_attribute("d")
        found = [tuple(map(float, place)) for place in re.findall(r"M([\d.]+),([\d.]+)", d)]
        for i, (px, py) in zip(third, found, strict=True):
            mu = forces_runs()[arm][0]["mu"][i]
            assert px == pytest.approx(130 + mu[0] * 106 / 15, abs=0.051)
            assert py == pytest.approx(108 - mu[1] * 106 / 15, abs=0.051)


def test_the_keyboard_turns_the_switches_and_a_screen_reader_hears_it(page):
    assert switch(page, PULL).get_attribute("aria-checked") == "false"
    switch(page, PULL).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    settle(page)
    assert (
        switch(page, PULL).get_attribute("aria-checked") == switch(page, NOISE).get_attribute("aria-checked") == "true"
    )
    assert first(page).locator(".words").get_attribute("aria-live") == "polite"
    assert first(page).locator(".words").inner_text().startswith("Pull and noise, a VAE:")


def test_a_change_eases_and_under_reduced_motion_is_there_at_once(browser, tmp_path):
    markup = html_of("forces")
    for motion, between in (("no-preference", True), ("reduce", False)):
        with opened(browser, markup, tmp_path, reduced_motion=motion) as page:
            number = first(page).locator(".nats output")
            start, end = "24.6", f"{forces_runs()['pull alone'][0]['nats']:.1f}"
            seen = page.evaluate(
                """async () => {
                    const root = document.querySelector("[data-live]").shadowRoot;
                    root.querySelector("[role=switch]").click();
                    const seen = new Set();
                    for (let i = 0; i < 60; i++) {
                        await new Promise(requestAnimationFrame);
                        seen.add(root.querySelector(".nats output").textContent);
                    }
                    return [...seen];
                }"""
            )
            assert (len(set(seen) - {start, end}) > 0) == between
            assert number.inner_text() == end


def test_switching_is_answered_within_a_frame(page):
    def make_changes() -> int:
        page.evaluate("""async () => {
            const root = document.querySelector("[data-live]").shadowRoot;
            for (let i = 0; i < 20; i++) {
                root.querySelectorAll("[role=switch]")[i % 2].click();
                await new Promise(requestAnimationFrame);
            }
        }""")
        return 20

    assert sums_a_change(page, make_changes) < FRAME


def test_its_one_control_form_has_the_two_switches_alone(browser, tmp_path):
    with opened(browser, live("forces", control="forces")._repr_html_(), tmp_path) as page:
        assert first(page).get_by_role("switch").count() == 2
        assert first(page).locator("input").count() == 0
        switch(page, PULL).click()
        settle(page)
        assert first(page).locator(".words").inner_text().startswith("Pull without noise:")
        assert Axe().run(page).response["violations"] == []
        assert page.complaints == []


def test_it_starts_as_it_is_told(browser, tmp_path):
    with opened(browser, live("forces", state={"pull": True, "noise": True, "run": 1})._repr_html_(), tmp_path) as page:
        assert switch(page, PULL).get_attribute("aria-checked") == "true"
        assert said(page)["nats"] == pytest.approx(forces_runs()["pull and noise"][1]["nats"], abs=0.051)


def test_another_control_is_refused():
    with pytest.raises(ValueError, match="expected control to be one of forces, got seed"):
        live("forces", control="seed")

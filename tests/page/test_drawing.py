"""Every chapter: a drawing is one element for a page, with words as text, and the same bytes each time."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest

from vae_lib.page.drawing import drawn
from vae_lib.page.plotting import as_svg


@pytest.fixture(autouse=True)
def style():
    with plt.style.context("vae_lib.page.book"):
        yield
    plt.close("all")


def figure():
    figure, (left, right) = plt.subplots(1, 2)
    left.plot(np.linspace(0, 1, 50) ** 2, label="a curve")
    left.set(xlabel="latent $z$", ylabel="nats", xscale="log")
    left.legend()
    right.imshow(np.arange(64.0).reshape(8, 8))
    return figure


def test_a_figure_drawn_twice_has_the_same_bytes():
    assert drawn(figure()) == drawn(figure())


def test_a_drawing_is_one_element_without_a_date_a_comment_or_a_rule_for_all():
    svg = drawn(figure())
    assert re.fullmatch(r"<svg .*</svg>\s*", svg, flags=re.DOTALL)
    assert re.findall(r"<style|<!--|<\?xml|<!DOCTYPE|<metadata|<dc:", svg) == []


def test_words_are_text_and_formulas_are_paths():
    words = re.findall(r"<text[^>]*>([^<]*)</text>", drawn(figure()))
    assert {"nats", "a curve"} <= set(words)
    assert [word for word in words if "latent" in word or "$" in word] == []


def test_formulas_are_paths_in_that_drawing_alone():
    drawn(figure())
    assert plt.rcParams["svg.fonttype"] == "none"


def test_every_id_is_one_that_something_refers_to():
    svg = drawn(figure())
    named = re.findall(r' id="([^"]*)"', svg)
    assert named
    assert len(named) == len(set(named))
    assert set(named) <= set(re.findall(r"#([\w-]+)", svg))


def test_names_do_not_hang_on_the_last_bits_of_a_number():
    shifted = figure()
    shifted.set_size_inches(shifted.get_size_inches() * (1 + 1e-12))
    assert drawn(shifted) == drawn(figure())


def test_no_two_drawings_share_a_name_of_matplotlibs():
    titled = figure()
    titled.axes[0].set_title("another")
    one, other = (set(re.findall(r' id="([a-z][0-9a-f]{9,})"', drawn(each))) for each in (figure(), titled))
    assert one
    assert one.isdisjoint(other)


def test_coordinates_are_hundredths_of_a_point():
    paths = re.findall(r' (?:d|x|y)="([^"]*)"', drawn(figure()))
    assert [path for path in paths if re.search(r"\.\d{3}", path) and not re.search(r"0\.0\d", path)] == []


def test_an_image_keeps_its_pixels_and_is_not_smoothed():
    (image,) = re.findall(r"<image[^>]*>", drawn(figure()))
    assert 'width="8"' in image
    assert 'height="8"' in image
    assert "pixelated" in image


def test_what_is_given_no_colour_is_ink():
    with_default = plt.figure()
    with_default.add_subplot().bar(range(3), [1, 2, 3], hatch="/")
    colours = set(re.findall(r"(?:fill|stroke): (#\w+)", drawn(with_default)))
    assert colours == {"#1f2328", "#ffffff"}


def test_as_svg_shows_the_drawing_and_closes_the_figure():
    number = figure().number
    assert as_svg(plt.figure(number)).data.count("<text") > 5
    assert not plt.fignum_exists(number)

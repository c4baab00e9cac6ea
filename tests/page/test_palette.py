"""The palette is legible in both themes and safe for colour-blind readers."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from vae_lib.page.palette import DARK, DARK_DIGITS, LIGHT, LIGHT_DIGITS

# Machado, Oliveira & Fernandes (2009), https://doi.org/10.1109/TVCG.2009.113, severity 1, on linear RGB
VISION = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
# sRGB to CIE XYZ, https://www.w3.org/TR/css-color-4/#color-conversion-code
XYZ = np.array([[0.41239, 0.35758, 0.18048], [0.21264, 0.71517, 0.07219], [0.01933, 0.11919, 0.95053]])

each_theme = pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])


def linear(colour: str) -> np.ndarray:
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one: str, two: str) -> float:
    """The ratio of WCAG 2, from 1 to 21."""
    dark, light = sorted(XYZ[1] @ linear(colour) for colour in (one, two))
    return (light + 0.05) / (dark + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of linear RGB, white point D65."""
    ratios = XYZ @ rgb.clip(0, 1) / XYZ.sum(axis=1)
    f = np.where(ratios > (6 / 29) ** 3, np.cbrt(ratios), ratios / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_the_measures_are_right_where_the_answer_is_known():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    np.testing.assert_allclose(lab(linear("#ff0000")), [53.24, 80.09, 67.20], atol=0.02)


@each_theme
def test_every_colour_can_be_read_on_its_ground(palette):
    assert {name: colour for name, colour in palette.items() if contrast(colour, palette["ground"]) < 4.5} == {
        "ground": palette["ground"]
    }


@pytest.mark.parametrize("vision", VISION)
@each_theme
def test_two_quantities_are_told_apart_by_every_kind_of_eye(palette, vision):
    colours = {name: lab(VISION[vision] @ linear(palette[name])) for name in palette.keys() - {"ground", "ink"}}
    distance = {pair: np.linalg.norm(colours[pair[0]] - colours[pair[1]]) for pair in combinations(colours, 2)}
    assert {pair: round(d, 1) for pair, d in distance.items() if d < 12} == {}


each_theme_of_digits = pytest.mark.parametrize(
    ("palette", "digits"), [(LIGHT, LIGHT_DIGITS), (DARK, DARK_DIGITS)], ids=["light", "dark"]
)


@each_theme_of_digits
def test_ten_digits_have_colours_that_are_seen_on_their_ground(palette, digits):
    assert len(digits) == 10
    assert [colour for colour in digits if contrast(colour, palette["ground"]) < 3] == []


@pytest.mark.parametrize("vision", VISION)
@each_theme_of_digits
def test_two_digits_are_told_apart_by_every_kind_of_eye_and_from_every_quantity(palette, digits, vision):
    seen = [lab(VISION[vision] @ linear(colour)) for colour in digits]
    quantities = [lab(VISION[vision] @ linear(palette[name])) for name in palette.keys() - {"ground", "ink"}]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 12
    assert min(np.linalg.norm(a - b) for a in seen for b in quantities) > 10


def test_the_dark_page_has_the_ground_of_the_dark_palette():
    css = (Path(__file__).parents[2] / "book" / "_static" / "book.css").read_text()
    assert f"--pst-color-background: {DARK['ground']};" in css

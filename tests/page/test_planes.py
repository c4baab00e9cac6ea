"""Chapter 1: the planes show the codes that they were given, and the curve turns N(0, 1) into the law beside it."""

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.colors import to_hex
from torch.special import ndtr

from vae_lib.page.palette import LIGHT_DIGITS
from vae_lib.page.planes import inverse_cdf, show_planes, two_humped


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture
def figure():
    codes = {"one": 2 * torch.randn(60, 2), "two": torch.randn(60, 2), "three": torch.randn(60, 2)}
    return codes, show_planes(codes, torch.arange(60) % 10, reach=15)


def test_each_plane_has_all_its_codes_in_the_colours_of_their_digits(figure):
    codes, drawn = figure
    assert [axes.get_title() for axes in drawn.axes] == list(codes)
    for axes, mu in zip(drawn.axes, codes.values(), strict=True):
        *dots, _ = axes.patches
        assert [to_hex(patch.get_edgecolor()) for patch in dots] == list(LIGHT_DIGITS)
        for digit, patch in enumerate(dots):
            found = torch.tensor(patch.get_path().vertices[::2]).float()
            torch.testing.assert_close(found, mu[digit::10])


def test_all_planes_have_the_same_axes_and_the_circle_of_radius_two(figure):
    for axes in figure[1].axes:
        assert axes.get_xlim() == axes.get_ylim() == (-15, 15)
        assert axes.patches[-1].get_radius() == 2
        assert axes.patches[-1].center == (0, 0)


def test_a_label_stands_at_the_middle_of_its_digits_codes_unless_another_is_near():
    middles = torch.tensor([[-9.0, 0], [9, 0], [9, 0.5]])
    codes, labels = middles.repeat_interleave(3, 0), torch.tensor([0, 1, 2]).repeat_interleave(3)
    others = torch.arange(3, 10)
    far = torch.stack([3.0 * others - 20, torch.full((7,), 12.0)], 1)
    (axes,) = show_planes({"": torch.cat([codes, far])}, torch.cat([labels, others]), reach=15).axes
    places = {text.get_text(): text.get_position() for text in axes.texts}
    assert places["0"] == (-9, 0)
    assert places["1"] == (9, 0)
    assert sorted(places) == list("013456789")


def test_the_curve_gives_every_value_the_rank_that_its_z_has():
    z = torch.linspace(-4, 4, 801, dtype=torch.float64)
    value = two_humped(z)
    rank = (ndtr((value - 1.6) / 0.5) + ndtr((value + 1.6) / 0.5)) / 2
    torch.testing.assert_close(rank, ndtr(z), rtol=0, atol=1e-6)


def test_draws_of_the_normal_land_on_two_humps():
    value = two_humped(torch.randn(100_000))
    right = value[value > 0]
    assert len(right) / len(value) == pytest.approx(0.5, abs=0.01)
    assert right.mean().item() == pytest.approx(1.6, abs=0.02)
    assert right.std().item() == pytest.approx(0.5, abs=0.02)


def test_each_line_goes_from_its_z_up_to_the_curve_and_left_to_its_value():
    middle, below, left = inverse_cdf(num=6).axes
    *lines, curve = middle.lines
    assert len(lines) == 6
    for line in lines:
        (start, _), (up, height), (_, end) = line.get_xydata().tolist()
        assert start == up
        assert height == end == pytest.approx(two_humped(torch.tensor(start)).item(), abs=1e-3)
    for x, y in curve.get_xydata()[::20].tolist():
        assert y == pytest.approx(two_humped(torch.tensor(x)).item(), abs=1e-3)
    assert middle.get_xlim() == below.get_xlim()
    assert middle.get_ylim() == left.get_ylim()

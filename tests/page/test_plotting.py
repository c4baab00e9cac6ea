"""Every chapter: what a figure shows is what it was given."""

import matplotlib.pyplot as plt
import pytest
import torch

from vae_lib.page.plotting import draw_ellipse, show_images, show_rows, waterfall


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def test_ellipse_is_one_standard_deviation_wide_to_each_side_in_every_direction():
    mu, Sigma = torch.tensor([1.0, -2.0], dtype=torch.float64), torch.tensor([[4.0, 1.6], [1.6, 1.0]]).double()
    axes = plt.figure().add_subplot()
    draw_ellipse(axes, mu, Sigma)
    points = torch.tensor(axes.lines[0].get_xydata()) - mu
    torch.testing.assert_close((points @ Sigma.inverse() * points).sum(-1), torch.ones(len(points)).double())
    for angle in torch.linspace(0, 3.0, 7, dtype=torch.float64):
        direction = torch.stack([angle.cos(), angle.sin()])
        standard_deviation = (direction @ Sigma @ direction).sqrt()
        torch.testing.assert_close((points @ direction).max(), standard_deviation, rtol=1e-3, atol=0)


def test_rows_of_images_are_labelled_and_in_order():
    rows = {"x": torch.rand(2, 64), "mean": torch.rand(2, 64)}
    panels = show_rows(rows).axes
    assert [panel.texts[0].get_text() for panel in panels if panel.texts] == ["x", "mean"]
    for panel, image in zip(panels, torch.cat(list(rows.values())), strict=True):
        assert torch.equal(torch.tensor(panel.images[0].get_array()), image.reshape(8, 8))


def test_rows_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="zip"):
        show_rows({"x": torch.rand(2, 64), "mean": torch.rand(3, 64)})


def test_tiled_images_run_from_left_to_right_and_then_down_with_a_white_pixel_between():
    images = torch.rand(6, 4)
    canvas = torch.tensor(show_images(images, columns=3).images[0].get_array())
    assert canvas.shape == (2 * 3 - 1, 3 * 3 - 1)
    assert torch.equal(canvas[3:5, 0:2], images[3].reshape(2, 2))
    assert torch.equal(canvas[0:2, 6:8], images[2].reshape(2, 2))
    assert canvas[2].sum() == canvas[:, 2].sum() == 0


def test_every_waterfall_falls_to_its_elbo_and_ends_at_log_px():
    axes = waterfall(["A", "B"], [-1.0, -3.0], [2.0, 0.0], -2.0, plt.figure().add_subplot())
    steps = [(bar.get_y(), bar.get_y() + bar.get_height()) for bar in axes.patches[::2]]
    assert steps == [(0, -1), (-1, -3), (-3, -2), (0, -3), (-3, -3), (-3, -2)]
    texts = ["−1.00", "−2.00", "+1.00", "ELBO −3.00", "−3.00", "0", "+1.00", "ELBO −3.00", "$\\log\\,p(x)$\n−2.00"]
    assert [text.get_text() for text in axes.texts] == texts
    assert [list(line.get_ydata()) for line in axes.lines] == [[-3, -3], [-3, -3], [-2, -2]]

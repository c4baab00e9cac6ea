"""Chapters 1, 2 and 3: a diagram says what the model is, legibly, and is the same bytes each time."""

from itertools import combinations

import matplotlib.pyplot as plt
import pytest
import torch
from torch import nn

from vae_lib.exact.worked_example import EPS, WEIGHTS, X, forward
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianEncoder
from vae_lib.page.diagrams import architecture, computation_graph, reparameterization
from vae_lib.page.plotting import as_svg

DIAGRAMS = {
    "architecture": architecture,
    "computation_graph": lambda: computation_graph(forward(X[0], WEIGHTS, EPS[0]), WEIGHTS),
    "reparameterization": reparameterization,
}


@pytest.fixture(params=DIAGRAMS.values(), ids=DIAGRAMS.keys())
def diagram(request):
    with plt.style.context("vae_lib.page.book"):
        yield request.param
    plt.close("all")


def labels(figure):
    return [text for text in figure.axes[0].texts if text.get_text()]


def test_a_diagram_is_the_same_bytes_each_time_and_holds_no_date(diagram):
    first, second = as_svg(diagram()).data, as_svg(diagram()).data
    assert first == second
    assert "<svg" in first
    assert "dc:date" not in first


def test_a_diagram_is_as_wide_as_a_phone_shows_legibly(diagram):
    figure = diagram()
    assert figure.get_figwidth() == 5.0
    assert min(text.get_fontsize() for text in labels(figure)) >= 9


def test_no_label_leaves_the_diagram_or_covers_another(diagram):
    figure = diagram()
    figure.canvas.draw()
    boxes = {text.get_text() + f" {text.get_position()}": text.get_window_extent() for text in labels(figure)}
    for name, box in boxes.items():
        assert figure.bbox.x0 <= box.x0 < box.x1 <= figure.bbox.x1, name
        assert figure.bbox.y0 <= box.y0 < box.y1 <= figure.bbox.y1, name
    for (one, box), (other, second) in combinations(boxes.items(), 2):
        assert not box.overlaps(second), (one, other)


def test_a_label_that_begins_in_a_shape_ends_in_it(diagram):
    figure = diagram()
    figure.canvas.draw()
    shapes = [patch.get_window_extent() for patch in figure.axes[0].patches]
    for text in labels(figure):
        box = text.get_window_extent()
        for shape in shapes:
            touches = shape.overlaps(box)
            assert not touches or (shape.x0 <= box.x0 and box.x1 <= shape.x1), text.get_text()
            assert not touches or (shape.y0 <= box.y0 and box.y1 <= shape.y1), text.get_text()


def test_the_architecture_shows_the_sizes_of_the_model():
    sizes = {"data_dim": 6, "latent_dim": 3, "hidden_dim": 5}
    model = VAE(GaussianEncoder(**sizes), BernoulliDecoder(**sizes), latent_dim=3)
    encoder, decoder = ([layer for layer in part.net if isinstance(layer, nn.Linear)] for part in model.children())
    shown = [text.get_text() for text in labels(architecture(**sizes))]
    assert " → ".join(map(str, [encoder[0].in_features, *(layer.out_features for layer in encoder)])) in shown
    assert " ← ".join(map(str, [*(layer.out_features for layer in decoder[::-1]), decoder[0].in_features])) in shown
    qz_x = model.encoder(torch.zeros(7, 6))
    px_z = model.decoder(qz_x.mean)
    for shape, times in [(qz_x.mean.shape, 3), (px_z.mean.shape, 2)]:
        assert shown.count(f"[B, {shape[-1]}]") == times
    assert f"Bernoulli, [B, {px_z.mean.shape[-1]}]" in shown

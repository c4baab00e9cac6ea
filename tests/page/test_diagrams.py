"""Every chapter: a diagram says what the model is, legibly, and is the same bytes each time."""

from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.text import Annotation
from torch import nn

from vae_lib.exact.worked_example import EPS, WEIGHTS, X, forward
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianEncoder
from vae_lib.page.diagrams import architecture, computation_graph, reparameterization
from vae_lib.page.plotting import as_svg
from vae_lib.page.recurring import ARROWS, BOXES, PARTS, way

DIAGRAMS = {
    "architecture": architecture,
    "computation_graph": lambda: computation_graph(forward(X[0], WEIGHTS, EPS[0]), WEIGHTS),
    "reparameterization": reparameterization,
    "way": way,
    "way back": lambda: way(*PARTS),
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


@pytest.fixture
def drawn():
    """The recurring drawing with these parts lit."""
    with plt.style.context("vae_lib.page.book"):
        yield way
    plt.close("all")


def arrows(figure) -> list:
    return [text for text in figure.axes[0].texts if isinstance(text, Annotation)]


@pytest.mark.parametrize("part", BOXES)
def test_the_part_that_is_lit_has_the_only_strong_line_tint_and_bold_words(drawn, part):
    figure = drawn(part)
    boxes = dict(zip(BOXES, figure.axes[0].patches, strict=True))
    strong = boxes.pop(part)
    assert strong.get_linewidth() > 2 * max(box.get_linewidth() for box in boxes.values())
    assert {box.get_facecolor() for box in boxes.values()} == {(1, 1, 1, 1)} != {strong.get_facecolor()}
    bold = {text.get_text() for text in labels(figure) if text.get_fontweight() == "bold"}
    assert bold == set(BOXES[part][5:])


def test_the_draw_is_the_only_dashed_arrow_and_is_lit_by_its_name(drawn):
    [pale], [lit] = (
        [arrow.arrow_patch for arrow in arrows(drawn(part)) if arrow.arrow_patch.get_linestyle() != "-"]
        for part in ("z", "draw")
    )
    assert lit.get_linewidth() > 2 * pale.get_linewidth()


def test_the_gradient_is_drawn_where_it_is_asked_for_and_goes_from_the_loss_to_both_networks(drawn):
    forward, both = arrows(drawn()), arrows(drawn("gradient"))
    back = both[len(forward) : -1]  # the last one says what they mean
    ways = {pair: arrow for pair, arrow in zip(ARROWS, forward, strict=True) if not {"x", "prior"} & {*pair}}
    assert len(back) == len(ways)
    for (tail, head), one, other in zip(ways, ways.values(), back, strict=True):
        on, returning = np.subtract(one.xy, one.xyann), np.subtract(other.xy, other.xyann)
        assert returning == pytest.approx(-on), (tail, head)


def test_a_part_that_the_drawing_does_not_have_is_refused():
    with pytest.raises(ValueError, match=r"expected parts among x, encoder, .* gradient, got posterior"):
        way("q", "posterior")

"""The script that records what the usual VAE of MNIST reports, on a few random images."""

import json
import math
import sys

import pytest
import torch

from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianEncoder


@pytest.fixture
def mnist_vae(script):
    return script("mnist_vae")


@pytest.fixture
def images():
    """Random grey levels; every pixel of a row alike, so that pixels are far from independent."""
    rows = torch.randint(256, (600, 1), dtype=torch.uint8).expand(-1, 784)
    return rows[:500], rows[500:]


def test_a_pixel_is_black_from_128_or_by_chance(mnist_vae):
    rows = torch.tensor([[0, 127, 128, 255]] * 20_000, dtype=torch.uint8)
    assert mnist_vae.black_from_128(rows)[0].tolist() == [0, 0, 1, 1]
    drawn = mnist_vae.black_by_chance(rows)
    assert set(drawn.unique().tolist()) == {0, 1}
    assert drawn.mean(0).tolist() == pytest.approx([0, 127 / 255, 128 / 255, 1], abs=0.015)


def test_independent_pixels_are_scored_by_their_frequencies_and_averaged_over_draws(mnist_vae):
    x_train, x_test = torch.tensor([[0.0, 0.5], [1.0, 0.0]]), torch.tensor([[1.0, 0.25], [0.0, 0.75]])
    p, q = (1 + 1) / (2 + 2), (1 + 0.5) / (2 + 2)
    white, black = -math.log(1 - q), -math.log(q)
    expected = [-math.log(p) + 0.25 * black + 0.75 * white, -math.log(1 - p) + 0.75 * black + 0.25 * white]
    assert mnist_vae.independent_pixels(x_train, x_test) == pytest.approx(sum(expected) / 2)


def test_with_zero_weights_the_test_gives_a_coin_a_pixel_and_leaves_the_random_numbers_of_training_alone(mnist_vae):
    model = VAE(GaussianEncoder(784, 20, 400), BernoulliDecoder(20, 784, 400), 20)
    for parameter in model.parameters():
        parameter.data.zero_()
    torch.manual_seed(5)
    x_test = torch.randint(256, (30, 784), dtype=torch.uint8)
    state = torch.get_rng_state()
    tested = mnist_vae.test(model, x_test, mnist_vae.black_by_chance)
    assert tested == {"test": round(784 * math.log(2), 2), "kl": 0}
    assert torch.equal(state, torch.get_rng_state())


@pytest.mark.parametrize("binarisation", ["static", "dynamic"])
def test_a_run_reports_at_each_epoch_and_learns(mnist_vae, monkeypatch, images, binarisation):
    monkeypatch.setattr(mnist_vae, "REPORTED", (0, 1, 3))
    log = mnist_vae.run(*images, binarisation, 0)
    assert log["test"] == sorted(log["test"], reverse=True)
    assert len(log["test"]) == len(log["kl"]) == 3
    assert log["test"][0] == pytest.approx(784 * math.log(2), rel=0.05)
    assert log == mnist_vae.run(*images, binarisation, 0) | {"seconds": log["seconds"]}
    assert log["test"] != mnist_vae.run(*images, binarisation, 1)["test"]


def test_runs_whose_file_is_there_are_not_trained_again(mnist_vae, monkeypatch, images, tmp_path):
    trained = []
    monkeypatch.setattr(mnist_vae, "mnist", lambda path: images)
    monkeypatch.setattr(mnist_vae, "run", lambda *args: trained.append(args[2:]) or {"of": args[2:]})
    monkeypatch.setattr(sys, "argv", ["mnist_vae.py", str(tmp_path)])
    (tmp_path / "dynamic_1.json").write_text("{}")
    mnist_vae.main()
    assert trained == [("static", 0), ("dynamic", 0), ("static", 1)]
    assert json.loads((tmp_path / "static_1.json").read_text()) == {"of": ["static", 1]}
    assert json.loads((tmp_path / "independent_pixels.json").read_text()).keys() == {"static", "dynamic"}

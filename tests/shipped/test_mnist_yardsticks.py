"""Chapter 6: what the usual VAE of MNIST reports, as it was recorded."""

import math

import assets
import mnist_runs
import pytest
import torch

from vae_lib.shipped.weights import ASSETS, asset

RECORD = asset("mnist_yardsticks.json")


def test_the_yardsticks_are_those_of_the_logs():
    assert assets.text(mnist_runs.yardsticks()) == (ASSETS / "mnist_yardsticks.json").read_text()


@pytest.mark.parametrize("binarisation", ["static", "dynamic"])
def test_two_seeds_fall_from_a_coin_a_pixel_to_far_below_independent_pixels(binarisation):
    record = RECORD[binarisation]
    losses = torch.tensor(record["test"])
    assert record["seed"] == [0, 1]
    assert losses.shape == torch.tensor(record["kl"]).shape == (2, len(record["epochs"]))
    assert (losses.diff() < 0).all()
    assert ((losses[:, 0] / (784 * math.log(2)) - 1).abs() < 0.03).all()
    assert (losses[:, -1] < record["independent pixels"] / 2).all()

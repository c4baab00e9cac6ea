"""Chapter 6: the runs that are recorded, and the recording."""

import math

import pytest
import torch
import yardstick_runs
from torch import nn

from vae_lib.data import digits
from vae_lib.objectives import elbo_terms
from vae_lib.shipped.weights import asset
from vae_lib.shipped.yardsticks import LIKELIHOODS, fresh_vae, independent_pixels, train_on_digits

RECORD = asset("yardsticks.json")
COUNTS = digits()[1]
COEFFICIENTS = sum(math.log(math.comb(16, int(count))) for count in COUNTS.flatten()) / len(COUNTS)
ZERO_WEIGHTS = {
    "Bernoulli, black from 8": 64 * math.log(2),
    "Bernoulli, black by chance": 64 * math.log(2),
    "Binomial": 64 * 16 * math.log(2) - COEFFICIENTS,
    "beta-binomial": 64 * math.log(17),
    "Gaussian": 32 * math.log(2 * math.pi) + (COUNTS / 16).square().sum().item() / 2 / len(COUNTS),
}


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_zero_weights_report_what_paper_says(name):
    model = fresh_vae(name, 3)
    for network in (model.encoder.net, model.decoder.net):
        for parameter in network.parameters():
            nn.init.zeros_(parameter)
    likelihood = LIKELIHOODS[name]
    x = likelihood.data(COUNTS)
    reconstruction, kl = elbo_terms(model, likelihood.prepare(x) if likelihood.prepare else x)
    assert kl.abs().max() == 0
    assert -reconstruction.mean().item() == pytest.approx(ZERO_WEIGHTS[name], rel=1e-5)


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_the_record_holds_the_seeds_of_two_sizes_each_starting_near_zero_weights_and_falling(name):
    assert list(RECORD[name]) == ["2", "8"]
    for d, runs in RECORD[name].items():
        losses, num_seeds = torch.tensor(runs["test"]), len(yardstick_runs.seeds(name, int(d)))
        assert losses.shape == (num_seeds, len(yardstick_runs.REPORTED))
        assert (losses.diff() < 0).all()
        assert ((losses[:, 0] / ZERO_WEIGHTS[name] - 1).abs() < 0.06).all()
        assert len(runs["kl"]) == num_seeds


def test_what_the_chapter_runs_live_is_recorded_from_twenty_seeds_and_the_rest_from_five():
    assert [len(RECORD["Binomial"][d]["test"]) for d in "28"] == [20, 5]


@pytest.mark.parametrize("name", ["Bernoulli, black from 8", "beta-binomial"])
def test_one_epoch_anew_lies_where_the_record_says(name):
    torch.manual_seed(11)
    _, history = train_on_digits(name, 2, num_epochs=1)
    for now, then in zip(history["test"], torch.tensor(RECORD[name]["2"]["test"]).T, strict=False):
        width = max((then.max() - then.min()).item(), 0.5)
        assert then.min() - width < -now < then.max() + width


def test_the_history_begins_before_the_training():
    torch.manual_seed(0)
    _, history = train_on_digits("Bernoulli, black by chance", 2, num_epochs=1)
    assert len(history["test"]) == 2
    assert len(history["train"]) == len(history["kl"]) == 1
    assert -history["test"][0] == pytest.approx(64 * math.log(2), rel=0.05)


@pytest.mark.parametrize(
    ("x_train", "x_test"),
    [
        (torch.ones(4, 1), torch.ones(4, 6)),  # one pixel would stand for six
        (torch.tensor([[2.0, 0.0], [0.0, 0.0], [0.0, 1.0]]), torch.ones(3, 2)),  # counts whose mean is below 1
        (torch.full((4, 2), float("nan")), torch.ones(4, 2)),
        (torch.ones(4), torch.ones(4)),
    ],
)
def test_independent_pixels_take_no_counts_and_no_other_width(x_train, x_test):
    with pytest.raises(ValueError, match=r"expected images .* of one width, their values"):
        independent_pixels(x_train, x_test)

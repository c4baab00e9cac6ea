"""Chapter 1: the pull and the noise, each on or off: the runs that are recorded, and what the chapter says of them."""

import math
from functools import partial

import forces_runs
import pytest
import torch
from torch.nn.functional import cross_entropy

from vae_lib import shipped
from vae_lib.data import digit_labels, digits
from vae_lib.objectives import elbo
from vae_lib.shipped.weights import asset

RECORD = asset("forces.json")
RUNS = shipped.forces_runs()
VAE, PULL, NOISE, NEITHER = forces_runs.ARMS
X_TRAIN, X_TEST = map(forces_runs.on_off, digits())


def column(arm: str, name: str) -> torch.Tensor:
    return torch.tensor([run[name] for run in RUNS[arm]])


def between(low: float, values: torch.Tensor, high: float) -> bool:
    return bool(low < values.min() and values.max() < high)


@pytest.fixture(scope="module")
def model():
    return forces_runs.trained(VAE, 0, epochs=(1, 2))[0]


def test_with_both_the_objective_is_the_elbo_and_with_noise_alone_its_first_term(model):
    for pull in (True, False):
        torch.manual_seed(3)
        found = forces_runs.objective(model, X_TEST, pull=pull, noise=True)
        torch.manual_seed(3)
        torch.testing.assert_close(found, elbo(model, X_TEST, beta=float(pull)))


def test_without_noise_z_is_mu_and_the_pull_is_what_the_prior_says_of_it(model):
    mu = model.encoder(X_TEST).mean
    reconstruction, pulled = (partial(forces_runs.objective, model, X_TEST, noise=False)(pull=p) for p in (False, True))
    torch.testing.assert_close(reconstruction, model.decoder(mu).log_prob(X_TEST))
    torch.testing.assert_close(pulled - reconstruction, model.prior.log_prob(mu) + math.log(2 * math.pi))


def test_the_sizes_are_those_of_the_codes_after_each_of_the_epochs():
    _, sizes = forces_runs.trained(VAE, 0, epochs=(1, 2))
    mu, sigma = forces_runs.codes(forces_runs.trained(VAE, 0, epochs=(1,))[0], X_TRAIN)
    assert len(sizes["spread"]) == len(sizes["mean sigma"]) == 2
    assert sizes["mean sigma"][0] == pytest.approx(sigma.mean().item(), abs=1e-4)
    assert sizes["spread"][0] == pytest.approx((mu - mu.mean(0)).square().mean().sqrt().item(), abs=1e-3)


def test_a_score_tells_of_the_codes_of_the_training_pictures_and_of_the_draws(model, monkeypatch):
    monkeypatch.setattr(forces_runs, "log_likelihood", lambda model, x, tol: torch.full((len(x),), -20.0))
    found = forces_runs.scored(model, seed=0)
    z = forces_runs.prior_draws(0)
    with torch.no_grad():
        mu, logits = model.encoder(X_TRAIN).mean, model.decoder.net(z)
    near = torch.stack([(mu - one).norm(dim=1).min() for one in z])
    assert found["nats"] == 20
    assert found["inside"] == forces_runs.share(mu.norm(dim=1) < 2)
    assert found["empty"][0] == forces_runs.share(near > 0.5)
    assert found["empty"][2] == forces_runs.share(near[(z.norm(dim=1) - 1.5).abs() < 0.5] > 0.5)
    names = forces_runs.named((logits > 0).float())
    assert found["classes"] == pytest.approx([forces_runs.share(names == digit) for digit in range(10)], abs=1e-3)


def test_the_classifier_was_trained_and_names_most_test_pictures_as_recorded():
    with torch.no_grad():
        assert cross_entropy(forces_runs.classifier()(X_TEST), digit_labels()[1]) < 0.4  # log 10 untrained
    right = (forces_runs.named(X_TEST) == digit_labels()[1]).float().mean().item()
    assert right == pytest.approx(RECORD["classifier"], abs=0.02)
    assert RECORD["classifier"] > 0.9


def test_the_distance_is_the_share_that_would_have_to_change():
    assert forces_runs.distance(torch.tensor([0.5, 0.5, 0]), torch.tensor([0.2, 0.5, 0.3])) == pytest.approx(0.3)
    for runs in RUNS.values():
        for run in runs:
            assert run["distance"] == pytest.approx(
                forces_runs.distance(torch.tensor(run["classes"]), torch.tensor(RECORD["data"])), abs=0.002
            )
            assert run["drawn"] == sum(share > 0.02 for share in run["classes"])
            assert sum(run["classes"]) == pytest.approx(1, abs=1e-3)


def test_every_arm_has_five_seeds_of_which_three_can_be_drawn():
    assert list(RUNS) == list(forces_runs.ARMS)
    assert len(RECORD["labels"]) == 300
    for arm, runs in RUNS.items():
        assert [run["seed"] for run in runs] == [0, 1, 2, 3, 4]
        assert ["mu" in run for run in runs] == [True, True, True, False, False]
        for run in runs[:3]:
            assert torch.tensor(run["mu"]).shape == (300, 2)
            assert ("sigma" in run) == ("mean sigma" in run) == (arm in (VAE, NOISE))
            assert len(run["draws"]) == 20


def test_the_codes_that_are_drawn_are_of_the_runs_that_are_told():
    for runs in RUNS.values():
        for run in runs[:3]:
            mu = torch.tensor(run["mu"])
            assert run["inside"] == pytest.approx((mu.norm(dim=1) < 2).float().mean().item(), abs=0.08)
            assert run["spread"][-1] == pytest.approx(mu.var(0).mean().sqrt().item(), rel=0.1)


def test_without_the_pull_the_codes_lie_four_times_as_wide_as_where_one_draws():
    for arm in (NOISE, NEITHER):
        assert between(3.4, column(arm, "spread")[:, -1], 4.6)
        assert column(arm, "inside").max() < 0.16


def test_the_longer_one_trains_the_wider_they_lie_without_the_pull_and_the_closer_with_it_alone():
    for arm in (NOISE, NEITHER):
        assert (column(arm, "spread").diff() > 0).all()
    first, *_, last = column(PULL, "spread").T
    assert (last < first).all()


def test_without_the_pull_draws_show_four_to_six_of_the_ten_digits():
    drawn = torch.cat([column(arm, "drawn") for arm in (NOISE, NEITHER)])
    assert drawn.min() == 4
    assert drawn.max() == 6


def test_with_the_pull_alone_the_codes_crowd_into_the_middle_and_the_rim_stays_empty():
    assert column(PULL, "inside").min() == 1
    assert between(0.45, column(PULL, "spread")[:, -1], 0.6)
    everywhere, middle, _, outside = column(PULL, "empty").T
    assert middle.max() == 0  # no gaps
    assert outside.min() > 0.85
    assert between(0.13, everywhere, 0.24)


def test_with_both_the_clouds_fill_the_place_and_nine_or_ten_digits_are_drawn():
    assert between(1, column(VAE, "spread")[:, -1], 1.1)
    assert column(VAE, "empty")[:, 0].max() < 0.02
    assert sorted(column(VAE, "drawn").tolist()) == [9, 10, 10, 10, 10]


def test_the_shares_of_the_digits_come_nearer_to_the_datas_with_the_pull_and_nearest_with_both():
    without = torch.cat([column(arm, "distance") for arm in (NOISE, NEITHER)])
    assert column(VAE, "distance").max() < 0.17
    assert between(0.22, column(PULL, "distance"), 0.32)
    assert without.min() > 0.53


def test_without_the_pull_the_encoder_turns_the_noise_off():
    kept, lost = column(VAE, "mean sigma"), column(NOISE, "mean sigma")
    assert (kept.diff() < 0).all()
    assert between(0.2, kept[:, -1], 0.25)
    assert (lost[:, 1:] < 0.7 * lost[:, :-1]).all()  # about halved by each doubling of the epochs
    assert lost[:, -1].max() < 0.006


def test_held_out_pictures_are_predicted_best_with_both_then_with_the_pull_alone():
    both, pull = column(VAE, "nats"), column(PULL, "nats")
    without = torch.cat([column(NOISE, "nats"), column(NEITHER, "nats")])
    assert both.max() < pull.min()
    assert pull.max() < without.min() - 3.5

"""Chapter 8: the runs that are recorded, held to sums over all codes and to what the chapter says of them."""

import json

import discrete_runs
import pytest
import torch
from intervals import interval

from vae_lib.discrete import BernoulliLatents
from vae_lib.exact.enumeration import exact_elbo
from vae_lib.shipped.discrete import discrete_runs as recorded
from vae_lib.shipped.weights import ASSETS, asset

RECORD = recorded()
SHORT, LONG = RECORD["trained"]["60"], RECORD["trained"]["200"]
TRAINED = (SHORT, LONG, RECORD["at one rate"], {"VIMCO": RECORD["VIMCO"]})
OWN, COMMON = RECORD["own slopes"], RECORD["slopes on exact training"]
GUMBEL = [f"Gumbel {t:g}" for t in (2, 1, 0.5, 0.2, 0.1)]
UNBIASED = ["score function", "leave-one-out"]


def column(arm: str, name: str, runs: dict = SHORT) -> torch.Tensor:
    return torch.tensor(runs[arm][name], dtype=torch.float64)


def over_seeds(part: dict, arm: str, epoch: int, name: str) -> float:
    return torch.tensor(part[arm][str(epoch)][name], dtype=torch.float64).mean().item()


# ----- the record is what the script says


def test_every_arm_of_the_script_is_recorded_with_its_seeds():
    assert list(SHORT) == list(LONG) == list(RECORD["at one rate"]) == list(discrete_runs.ARMS)
    for runs in TRAINED:
        for arm in runs.values():
            assert {len(values) for name, values in arm.items() if name.startswith(("test", "train"))} == {5}


def test_the_rate_is_that_with_the_lowest_loss_held_out():
    for runs in (SHORT, LONG, {"VIMCO": RECORD["VIMCO"]}):
        for arm in runs.values():
            tried = arm["held out"]
            assert len(tried) == len(discrete_runs.RATES) == 2
            assert arm["rate"] == discrete_runs.RATES[tried.index(min(tried))]


def test_where_the_chosen_rate_is_the_common_one_the_runs_are_the_same():
    same = [arm for arm in SHORT if SHORT[arm]["rate"] == discrete_runs.COMMON_RATE]
    assert len(same) >= 5
    for arm in same:
        assert SHORT[arm]["test −ELBO"] == RECORD["at one rate"][arm]["test −ELBO"]


def test_the_gap_is_what_lies_between_the_two_losses():
    for runs in TRAINED:
        for arm in runs:
            for part in ("test", "train"):
                apart = column(arm, f"{part} −ELBO", runs) - column(arm, f"{part} −log p", runs)
                torch.testing.assert_close(apart, column(arm, f"{part} gap", runs), rtol=0, atol=1e-4)


def test_every_interval_is_that_of_its_five_seeds():
    parts = [*OWN.values(), *COMMON.values(), *TRAINED, RECORD["mixture"], RECORD["gaussians"]]
    found = [told for part in parts for told in part.values()]
    for told in found:
        for name, ends in told["interval"].items():
            assert ends == pytest.approx(interval(told[name]), abs=2e-4)
    assert min(len(told["interval"]) for told in found) >= 2


def test_what_an_arm_is_behind_is_paired_with_exact_training():
    for runs in (SHORT, LONG, RECORD["at one rate"]):
        for arm, told in runs.items():
            for name, ends in told["minus exact"].items():
                assert ends == pytest.approx(
                    interval((column(arm, name, runs) - column("exact", name, runs)).tolist()), abs=2e-4
                )


def test_slopes_are_those_of_twelve_images_at_four_checkpoints_of_five_seeds():
    assert RECORD["settings"]["images"] >= 10
    assert set(OWN) == set(discrete_runs.WAYS)
    for part in (OWN, COMMON):
        for checkpoints in part.values():
            assert list(checkpoints) == ["1", "10", "60", "200"]
            for told in checkpoints.values():
                assert {len(values) for name, values in told.items() if name != "interval"} == {5}


def test_after_one_epoch_the_recorded_slope_is_found_again():
    x_train, x_test = discrete_runs.black_and_white()
    rate, seed = SHORT["exact"]["rate"], discrete_runs.SEEDS[0]
    model, baseline = discrete_runs.trained(x_train, exact_elbo, rate, seed, (1,))[1]
    assert baseline == 0
    found = discrete_runs.measured("leave-one-out", 0.0, model, x_test[: discrete_runs.IMAGES])
    told = {name: values[0] for name, values in COMMON["leave-one-out"]["1"].items() if name != "interval"}
    assert found == pytest.approx(told, rel=0.02, abs=1e-4)


def test_a_recorded_mixture_is_found_again():
    found = discrete_runs.mixture(10, discrete_runs.SEEDS[0])
    for name in ("test −log p", "KL", "purity"):
        assert found[name] == pytest.approx(RECORD["mixture"]["10"][name][0], abs=0.02)


def test_chapter_6s_vaes_are_those_that_ship_and_that_chapter_6_reports():
    small, eight = (RECORD["gaussians"][name] for name in discrete_runs.CHAPTER_6)
    shipped = json.loads((ASSETS / "manifest.json").read_text())["digits_vae.json"]["metric"]["value"]
    assert small["test −ELBO"][0] == pytest.approx(shipped, abs=0.05)
    one_draw = [losses[-1] for losses in asset("yardsticks.json")["Bernoulli, black from 8"]["8"]["test"]]
    assert eight["test −ELBO"] == pytest.approx(one_draw, abs=0.4)


def test_chapter_6s_elbos_lie_below_log_p_and_below_its_tighter_bound():
    for told in RECORD["gaussians"].values():
        tighter = "test −log p" if "test −log p" in told else "test −L 5000"
        assert all(elbo > better for elbo, better in zip(told["test −ELBO"], told[tighter], strict=True))


def test_a_die_pays_at_most_the_log_of_its_faces():
    for faces, runs in RECORD["mixture"].items():
        kl = torch.tensor(runs["KL to uniform"])
        assert len(kl) == 5
        assert (kl > 0).all()
        assert (kl <= torch.tensor(float(faces)).log()).all()
        assert all(objectives == sorted(objectives) for objectives in runs["objective"])


# ----- how it measures


def test_what_is_measured_of_an_unbiased_way_has_no_bias_and_of_a_biased_one_has():
    torch.manual_seed(0)
    model, x = discrete_runs.fresh(), discrete_runs.black_and_white()[1][:3]
    with torch.no_grad():
        model.decoder.net[-1].weight.mul_(5)
    found = {name: discrete_runs.measured(name, 0.0, model, x) for name in ("REBAR 0.5", "straight-through 1")}
    assert abs(found["REBAR 0.5"]["bias²"]) < 0.02 * found["REBAR 0.5"]["gradient²"]
    assert found["straight-through 1"]["ratio"] > 0.1


def test_the_slope_is_that_of_the_whole_elbo():
    torch.manual_seed(0)
    model, row = discrete_runs.fresh().double(), discrete_runs.black_and_white()[1][0].double()
    logits = model.encoder(row).logits.detach().requires_grad_()
    model.encoder.forward = lambda x: BernoulliLatents(logits.expand(*x.shape[:-1], 6))
    (expected,) = torch.autograd.grad(exact_elbo(model, row[None]).sum(), logits)
    true, mean, variance, draws = discrete_runs.moments("leave-one-out", 0.0, model, row)
    torch.testing.assert_close(true, expected)
    assert torch.equal(true, mean)
    assert (variance > 0, draws) == (True, 0)


def test_a_running_mean_is_measured_with_the_baseline_that_it_had():
    x = discrete_runs.black_and_white()[0][:200]
    points = discrete_runs.trained(x, discrete_runs.objective_of("running mean"), 3e-3, 0, (1, 2))
    assert points[1][1] != points[2][1]
    assert -60 < points[2][1] < -20


def test_rebar_has_six_calls_and_the_others_five():
    for arm in discrete_runs.WAYS:
        objective, cost = discrete_runs.objective_of(arm), discrete_runs.COST.get(arm, 1)
        assert objective.keywords["num_samples"] * cost == (6 if arm == "REBAR 0.5" else 5)


def test_purity_is_the_share_of_the_most_frequent_labels():
    assert discrete_runs.purity(torch.tensor([0, 0, 0, 1, 1]), torch.tensor([7, 7, 3, 2, 2])) == 0.8


# ----- what they show


@pytest.mark.parametrize("part", [OWN, COMMON], ids=["own", "common"])
@pytest.mark.parametrize("epoch", [1, 10, 60])
def test_the_colder_the_less_bias(part, epoch):
    ratios = [over_seeds(part, arm, epoch, "ratio") for arm in GUMBEL]
    assert ratios == sorted(ratios, reverse=True)


@pytest.mark.parametrize("epoch", [1, 10, 60])
def test_on_the_same_models_the_colder_the_more_variance(epoch):
    variances = [over_seeds(COMMON, arm, epoch, "variance") for arm in GUMBEL]
    assert variances == sorted(variances)


@pytest.mark.parametrize("epoch", [1, 60])
@pytest.mark.parametrize("temperature", ["1", "0.5"])
def test_on_the_same_models_straight_through_is_more_biased_than_the_soft_z_of_its_temperature(epoch, temperature):
    hard, soft = (over_seeds(COMMON, f"{way} {temperature}", epoch, "ratio") for way in ("straight-through", "Gumbel"))
    assert hard > soft


def test_once_trained_leave_one_out_has_less_variance_a_call_than_a_cold_soft_z():
    for epoch in (10, 60):
        assert over_seeds(COMMON, "leave-one-out", epoch, "variance") < over_seeds(
            COMMON, "Gumbel 0.1", epoch, "variance"
        )
        assert over_seeds(OWN, "leave-one-out", epoch, "variance") < over_seeds(OWN, "Gumbel 0.1", epoch, "variance")


def test_leave_one_out_lies_between_the_plain_score_function_and_the_best_baseline():
    for epoch in (1, 10, 60):
        plain, others, best = (
            over_seeds(COMMON, arm, epoch, "variance") for arm in ("score function", "leave-one-out", "best baseline")
        )
        assert best < others < 4 * best
        assert plain > 50 * others


def test_rebars_bias_is_none_within_its_noise():
    for epoch in (1, 10, 60):
        bias = torch.tensor(COMMON["REBAR 0.5"][str(epoch)]["bias²"], dtype=torch.float64)
        assert abs(bias.mean()) < 3 * bias.std() / 5**0.5 + 1e-4


def test_after_200_epochs_a_warm_soft_z_is_behind_exact_training_and_leave_one_out_is_not_shown_to_be():
    warm, others = (LONG[arm]["minus exact"]["test −ELBO"] for arm in ("Gumbel 1", "leave-one-out"))
    assert warm[1] > 0
    assert others[1] < 0 < others[2]

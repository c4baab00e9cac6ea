"""Chapter 7: the runs that are recorded, held to the closed forms and to what the chapter says of them."""

import math

import collapse_runs
import pytest
import torch

from vae_lib.evaluation import kl_per_dimension, mutual_information
from vae_lib.exact.linear_gaussian import LinearGaussianVAE
from vae_lib.exact.quadrature import integrate
from vae_lib.exact.rate_distortion import learned_noise_var, linear_optimum, rate_of_distortion
from vae_lib.objectives import elbo
from vae_lib.shipped.collapse import collapse_runs as recorded

RECORD = recorded()
MARGINS = RECORD["margins"]
INSIDE = [run for run in RECORD["linear"] if not run["outside"]]
OUTSIDE = [run for run in RECORD["linear"] if run["outside"]]
LAMBDAS = {
    data: collapse_runs.eigenvalues_of(collapse_runs.covariance_of(rows())) for data, rows in collapse_runs.DATA.items()
}


def column(part: str, arm: str, name: str) -> torch.Tensor:
    return torch.tensor(RECORD[part][arm][name])


def optimum_of(run: dict):
    return linear_optimum(LAMBDAS[run["data"]], run["latents"], run["noise var"], beta=run["beta"])


# ----- predicted and trained


def test_every_setting_of_the_script_is_recorded_with_three_seeds():
    tried = [(run["data"], run["latents"], run["noise var"], run["beta"]) for run in RECORD["linear"]]
    assert tried == [(data, *setting) for data, settings in collapse_runs.SETTINGS.items() for setting in settings]
    assert all(len(run["used"]) == len(run["short"]) == 3 for run in RECORD["linear"])


def test_what_is_predicted_is_the_closed_form():
    for run in RECORD["linear"]:
        optimum = optimum_of(run)
        assert run["predicted"] == optimum.used
        assert (run["optimum"], run["optimal rate"]) == pytest.approx((optimum.elbo, optimum.rate), abs=1e-4)


def test_at_least_eight_settings_of_the_digits_and_five_of_the_second_data_are_inside_the_margins():
    assert sum(run["data"] == "digits" for run in INSIDE) >= 8
    assert sum(run["data"] == "low rank" for run in INSIDE) >= 5
    assert len(OUTSIDE) >= 4


def test_inside_the_margins_every_seed_lands_on_the_count_and_the_elbo():
    for run in INSIDE:
        assert run["landed"]
        assert run["used"] == [run["predicted"]] * 3
        assert min(run["short"]) > -1e-4
        assert max(run["short"]) < MARGINS["close"]
        assert run["elbo"] == pytest.approx([run["optimum"]] * 3, abs=MARGINS["close"])


def test_what_did_not_land_is_outside_the_margins_and_says_why():
    missed = [run for run in RECORD["linear"] if not run["landed"]]
    assert missed
    for run in missed:
        wrong_count = run["used"] != [run["predicted"]] * 3
        assert ("/θ = " in run["outside"]) if wrong_count else ("/σ_x² = " in run["outside"])


def test_a_margin_is_that_of_the_eigenvalues_beside_the_water():
    lambdas = torch.tensor([4.0, 2.0, 1.0], dtype=torch.float64)
    assert collapse_runs.outside(lambdas, 3, 1.5, 1.0) == ""
    assert collapse_runs.outside(lambdas, 3, 1.96, 1.0) == "λ_2/θ = 1.020"
    assert collapse_runs.outside(lambdas, 3, 1.02, 2.0) == "λ_2/θ = 0.980"
    assert collapse_runs.outside(lambdas, 2, 0.99, 1.0) == ""  # no latent is left for the third
    assert collapse_runs.outside(lambdas, 3, 0.02, 1.0) == "λ_1/σ_x² = 200"


def test_with_latents_enough_the_runs_lie_on_shannons_curve_and_with_too_few_above_it():
    for run in INSIDE:
        above = torch.tensor(run["rate"]) - torch.tensor(run["shannon"])
        level = run["beta"] * run["noise var"]
        if run["latents"] >= (LAMBDAS[run["data"]] > level).sum():
            assert above.abs().max() < MARGINS["close"]
        else:
            assert above.min() > 1e-3


def test_four_latents_for_twelve_pay_a_third_of_a_nat_more_than_shannon():
    (run,) = [run for run in INSIDE if (run["data"], run["latents"]) == ("digits", 4)]
    assert run["rate"] == pytest.approx([3.435] * 3, abs=3e-3)
    assert run["shannon"] == pytest.approx([3.097] * 3, abs=3e-3)


def test_a_recorded_run_is_run_again():
    found = collapse_runs.linear_run(collapse_runs.covariance_of(collapse_runs.low_rank()), 3, 0.3, 1.0, seed=0)
    (run,) = [run for run in INSIDE if (run["data"], run["latents"]) == ("low rank", 3)]
    assert found["used"] == run["used"][0]
    assert found["elbo"] == pytest.approx(run["elbo"][0], abs=1e-3)
    assert found["shannon"] == pytest.approx(rate_of_distortion(LAMBDAS["low rank"], found["distortion"]).item())


def test_a_noise_that_learns_ends_at_its_fixed_point_from_either_side():
    for run in RECORD["learned noise"]:
        predicted = learned_noise_var(LAMBDAS["digits"], run["latents"], beta=run["beta"])
        assert run["noise var"] == pytest.approx(predicted, abs=1e-5)
        assert run["trained"] == pytest.approx([predicted] * 2, rel=2e-3)
        assert run["used"] == [run["predicted"]] * 2


# ----- what the KL pays for


def test_the_parts_of_the_recording_add_up_to_its_kl_within_their_errors():
    parts = {name: torch.tensor(values) for name, values in RECORD["recording"].items()}
    error = (parts["information error"].square() + parts["aggregate error"].square()).sqrt()
    assert ((parts["information"] + parts["aggregate"] - parts["rate"]).abs() < 4.5 * error).all()
    assert error.max() < 0.04


def test_on_the_plateau_the_kl_pays_for_a_place_and_later_for_what_z_tells():
    columns = [RECORD["recording"][name] for name in ("epoch", "rate", "information", "aggregate")]
    told = {epoch: parts for epoch, *parts in zip(*columns, strict=True)}
    assert told[3] == pytest.approx([1.96, 0.20, 1.76], abs=0.03)
    assert told[20] == pytest.approx([1.87, 1.78, 0.09], abs=0.03)
    assert told[500] == pytest.approx([3.34, 3.17, 0.16], abs=0.03)


def test_the_optimal_model_is_the_optimum_of_the_closed_form():
    x = collapse_runs.sixteenths()
    model, optimum = collapse_runs.optimal_model(x, 16, 0.3), linear_optimum(LAMBDAS["digits"], 16, 0.3)
    assert isinstance(model, LinearGaussianVAE)
    assert model.expected_elbo(x).mean().item() == pytest.approx(optimum.elbo)
    assert kl_per_dimension(model, x).sum().item() == pytest.approx(optimum.rate)


def test_the_gaussian_has_the_mean_and_the_covariance_of_the_digits():
    x = collapse_runs.sixteenths()
    draws = collapse_runs.gaussian_with_the_same_moments(x)
    torch.testing.assert_close(draws.mean(0), x.mean(0))
    torch.testing.assert_close(collapse_runs.covariance_of(draws), collapse_runs.covariance_of(x))


def test_information_is_less_than_the_rate_for_two_reasons_told_apart():
    told = {name: torch.tensor(values) for name, values in RECORD["information"].items()}
    slack = 4 * torch.maximum(told["digits error"], told["gaussian error"])
    assert (told["digits"] < told["rate"] + slack).all()
    assert (told["digits"] < math.log(1437) + 1e-3).all()
    many = told["used"] >= 7
    assert (told["digits"] < told["gaussian"] - slack)[many & (told["used"] < 40)].all()  # digits are no Gaussian
    assert (told["gaussian"] < told["rate"] - slack)[told["used"] >= 12].all()  # and 1437 rows have log 1437 nats
    twelve = told["used"] == 12
    assert told["rate"][twelve].item() == pytest.approx(5.487, abs=1e-3)
    assert told["digits"][twelve].item() == pytest.approx(4.36, abs=0.1)


def test_with_two_latents_the_information_of_the_digits_agrees_with_quadrature():
    x = collapse_runs.sixteenths()[:200]
    model = collapse_runs.optimal_model(collapse_runs.sixteenths(), 2, 0.3).requires_grad_(False)
    qz_x = model.encoder(x)

    def log_q(z):
        return qz_x.log_prob(z[..., None, :]).logsumexp(-1) - math.log(200)

    _, aggregate = integrate(log_q, lambda z: log_q(z) - model.prior.log_prob(z), 2, tol=1e-3, reach=12.0)
    exact = kl_per_dimension(model, x).sum() - aggregate
    estimate = mutual_information(model, x, num_samples=200)
    assert abs(estimate.mean - exact.item()) < 4.5 * estimate.error + 1e-3


# ----- cures, and a prior that learns


def test_every_arm_has_three_seeds_and_an_objective():
    assert list(RECORD["cures"]) == list(collapse_runs.ARMS)
    for arm, runs in RECORD["cures"].items():
        assert {len(values) for values in runs.values()} == {3}
        noise_vars = column("cures", arm, "noise var")
        assert ((noise_vars - 0.3).abs() < 1e-4).all() == (arm != "learned noise")


def test_a_cure_trains_with_its_noise_held_or_free():
    for arm in ("none", "lagging inference", "learned noise"):
        model = collapse_runs.cured(arm, 0, num_epochs=collapse_runs.LAG_EPOCHS * (arm == "lagging inference") + 1)
        held = model.decoder.log_sigma.exp().square().item() == pytest.approx(0.3)
        assert held == (arm != "learned noise")


def test_a_step_ahead_moves_the_encoder_alone(monkeypatch):
    torch.manual_seed(0)
    model, x = collapse_runs.fresh(learned=True), torch.rand(8, 64)
    before = [part.detach().clone() for part in model.decoder.parameters()]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    steps = []
    monkeypatch.setattr(optimizer, "step", lambda: steps.append([p.grad is None for p in model.decoder.parameters()]))
    collapse_runs.lag(model, x, optimizer, num_epochs=2)
    assert [all(step) for step in steps] == ([True] * 5 + [False]) * 2
    assert all(torch.equal(a, b) for a, b in zip(before, model.decoder.parameters(), strict=True))


def test_what_is_told_of_a_model_is_its_elbo_in_parts():
    model, x = collapse_runs.cured("none", 0, num_epochs=2), collapse_runs.sixteenths().float()
    found = collapse_runs.told(model, x)
    by_parts = -32 * math.log(2 * math.pi * 0.3) - found["distortion"] / 0.6 - found["rate"]
    assert found["elbo"] == pytest.approx(by_parts, abs=0.1)  # of other draws of z
    assert found["elbo"] == pytest.approx(elbo(model, x).mean().item(), abs=0.1)


def test_free_bits_keep_latents_for_nats_and_those_in_total_tell_most():
    none, total = (column("cures", arm, "elbo") for arm in ("none", "free bits in total"))
    each = torch.cat([column("cures", f"free bits {kind}", "elbo") for kind in ("on the mean", "per image")])
    assert none.min() > total.max() + 0.2
    assert total.min() > each.max() + 0.4
    rates, informations = (
        {kind: column("cures", f"free bits {kind}", name) for kind in ("on the mean", "per image", "in total")}
        for name in ("rate", "information")
    )
    assert all(3 < rate < 3.35 for values in rates.values() for rate in values)  # as many nats are paid
    assert informations["in total"].min() > informations["on the mean"].max() + 0.6
    assert informations["on the mean"].min() > informations["per image"].max() + 0.1
    assert column("cures", "free bits on the mean", "used").tolist() == [16, 16, 16]
    assert column("cures", "free bits in total", "used").max() < 16


def test_warm_up_and_lagging_inference_bring_no_latent_back_where_the_optimum_has_none():
    for arm in ("warm-up", "lagging inference"):
        assert column("cures", arm, "used").max() <= column("cures", "none", "used").min()
        assert (column("cures", arm, "elbo") - column("cures", "none", "elbo").mean()).abs().max() < 0.06


def test_a_noise_that_learns_brings_nearly_all_back():
    assert column("cures", "learned noise", "noise var").max() < 0.018
    assert column("cures", "learned noise", "used").min() >= 14
    assert column("cures", "none", "used").max() < 8
    assert column("cures", "learned noise", "rate").min() > 13
    assert column("cures", "learned noise", "information").max() < math.log(1437)  # capped, at 7.27


def test_a_mixture_as_prior_lies_nearer_to_the_codes_and_is_not_shown_to_predict_better():
    standard, mixture = (column("priors", prior, "aggregate") for prior in ("standard", "mixture"))
    assert mixture.max() < standard.min()
    elbos = [column("priors", prior, "test elbo") for prior in ("standard", "mixture")]
    assert elbos[1].min() < elbos[0].max()  # the seeds overlap

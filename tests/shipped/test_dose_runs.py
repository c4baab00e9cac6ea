"""Chapter 10: the experiment that is recorded, held to the script that made it and to what may be said of it."""

import math

import dose_runs
import pytest
import torch
from dose_runs import DECODERS, DOSES, STARTS, interval

from vae_lib.exact.enumeration import enumerate_states, exact_elbo, exact_log_p
from vae_lib.shipped.doses import dose_runs as recorded

RECORD = recorded()
MIXTURE, GRU = (RECORD[name]["arms"] for name in ("mixture", "GRU"))


@pytest.fixture(scope="module")
def few():
    return dose_runs.names()[0][:256]


def test_every_arm_start_and_seed_of_the_plan_is_recorded():
    for decoder, settings in DECODERS.items():
        found = RECORD[decoder]
        assert list(found["arms"]) == list(DOSES)
        assert list(found["from"]) == list(STARTS)
        for arm in (*found["arms"].values(), *found["from"].values()):
            assert len(arm["−log p"]) == settings["seeds"] == found["settings"]["seeds"]
    assert (DECODERS["mixture"]["seeds"], DECODERS["GRU"]["seeds"]) == (20, 10)


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("arm", DOSES)
def test_a_rate_is_the_one_that_held_out_names_chose(decoder, arm):
    found = RECORD[decoder]["arms"][arm]
    tried = {float(rate): nats for rate, (nats,) in found["held out −log p"].items()}
    assert set(tried) == set(DECODERS[decoder]["rates"])
    assert found["rate"] == min(tried, key=tried.get)


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("arm", DOSES)
def test_a_curve_ends_where_its_run_ends(decoder, arm):
    found = RECORD[decoder]["arms"][arm]
    assert found["epochs"][-1] == DECODERS[decoder]["epochs"]
    for name, rows in found["curve"].items():
        assert [row[-1] for row in rows] == pytest.approx(found[name], abs=6e-4)
        assert {len(row) for row in rows} == {len(found["epochs"])}


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("arm", DOSES)
def test_no_information_is_negative_or_above_log_5_and_no_elbo_above_log_p(decoder, arm):
    found = RECORD[decoder]["arms"][arm]
    for part in ("", "train "):
        assert all(0 <= nats <= math.log(5) for name in ("I q", "I p") for nats in found[part + name])
        pairs = zip(found[f"{part}−ELBO"], found[f"{part}−log p"], strict=True)
        assert all(loss >= exact - 1e-4 for loss, exact in pairs)


def test_an_interval_is_student_s_by_hand():
    # mean 3, standard deviation √2.5, five values: 2.776445 · √2.5 / √5 = 1.963243
    assert interval([1.0, 2.0, 3.0, 4.0, 5.0]) == pytest.approx([3, 3 - 1.963243, 3 + 1.963243], abs=1e-4)


def test_intervals_are_those_of_the_seeds_and_differences_are_paired():
    late, exact = MIXTURE["dose 1"], MIXTURE["exact"]
    assert late["interval"]["I q"] == pytest.approx(interval(late["I q"]), abs=2e-4)
    paired = [a - b for a, b in zip(late["−log p"], exact["−log p"], strict=True)]
    assert late["minus exact"]["−log p"] == pytest.approx(interval(paired), abs=2e-4)


def test_a_plateau_is_what_the_plan_says():
    for decoder in DECODERS:
        for found in RECORD[decoder]["arms"].values():
            assert found["plateau"] == (abs(found["moved by twice the epochs"]) < dose_runs.PLATEAU)


def test_a_step_ahead_climbs_the_elbo_and_leaves_the_decoder_alone(few):
    torch.manual_seed(0)
    model = dose_runs.fresh("mixture", "dose 5")
    decoder = [weight.clone() for weight in model.decoder.parameters()]
    before = exact_elbo(model, few).mean()
    optimizer = torch.optim.Adam(model.encoder.parameters(), lr=1e-3)
    dose_runs.step_ahead(model, [few], 20, optimizer)
    assert exact_elbo(model, few).mean() > before
    assert all(map(torch.equal, decoder, model.decoder.parameters()))
    assert dose_runs.log_joint(model, few).detach() == pytest.approx(
        enumerate_states(model, few).log_joint.detach(), abs=1e-5
    )


def test_exact_training_moves_the_decoder_and_no_encoder(few):
    torch.manual_seed(0)
    model = dose_runs.fresh("mixture", "exact")
    encoder, before = [weight.clone() for weight in model.encoder.parameters()], exact_log_p(model, few).mean()
    dose_runs.train(model, few, DOSES["exact"], 1e-2, 3)
    assert all(map(torch.equal, encoder, model.encoder.parameters()))
    assert exact_log_p(model, few).mean() > before


def test_a_batch_has_strings_about_equally_long_and_an_epoch_has_each_once(few):
    rows = list(dose_runs.batches(few))
    assert sorted(map(tuple, torch.cat(rows).tolist())) == sorted(map(tuple, few.tolist()))
    lengths = sorted((dose_runs.scored(each).sum(1) for each in rows), key=lambda each: each.max().item())
    assert lengths[0].max() <= lengths[1].min()


def test_one_run_of_the_mixture_ends_where_it_is_recorded():
    again = dose_runs.run("mixture", "exact", 3, MIXTURE["exact"]["rate"], DECODERS["mixture"]["epochs"])
    for name in ("−log p", "I p", "train −log p"):
        assert again["end"][name] == pytest.approx(MIXTURE["exact"][name][3], abs=0.02)

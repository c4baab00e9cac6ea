"""Chapter 10: the experiment that is recorded, held to the script that made it and to what may be said of it."""

import math
from itertools import pairwise

import dose_runs
import pytest
import torch
from dose_runs import DECODERS, DOSES, STARTS
from intervals import interval
from torch.optim.optimizer import register_optimizer_step_post_hook

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
def test_rate_and_epochs_are_those_that_held_out_names_chose(decoder, arm):
    found = RECORD[decoder]["arms"][arm]
    tried = {
        int(epochs): {float(rate): nats for rate, nats in of.items()} for epochs, of in found["held out −log p"].items()
    }
    assert set(next(iter(tried.values()))) == set(DECODERS[decoder]["rates"])
    for (epochs, shorter), (twice, longer) in pairwise(tried.items()):
        best = min(shorter, key=shorter.get)
        assert twice == 2 * epochs
        assert set(longer) == {best, best / 2, best / 4}
    gains = [min(of.values()) - min(longer.values()) for of, longer in pairwise(tried.values())]
    least = DECODERS[decoder]["at least"].get(arm, 0)
    assert all(gain >= dose_runs.PLATEAU or twice <= least for gain, twice in zip(gains, [*tried][1:-1], strict=False))
    assert gains[-1] < dose_runs.PLATEAU or max(tried) == dose_runs.LONGEST
    assert found["num_epochs"] == list(tried)[-2]
    assert found["rate"] == min(tried[found["num_epochs"]], key=tried[found["num_epochs"]].get)


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("arm", DOSES)
def test_a_curve_ends_where_its_run_ends(decoder, arm):
    found = RECORD[decoder]["arms"][arm]
    assert found["epochs"][-1] == found["num_epochs"]
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


def test_intervals_are_those_of_the_seeds():
    for decoder in DECODERS:
        for arm in (*RECORD[decoder]["arms"].values(), *RECORD[decoder]["from"].values()):
            for name, three in arm["interval"].items():
                assert three == pytest.approx(interval(arm[name]), abs=2e-4)


@pytest.mark.parametrize("decoder", DECODERS)
def test_differences_are_paired_by_seed_with_exact_training_or_with_the_run_that_went_on(decoder):
    arms, starts = RECORD[decoder]["arms"], RECORD[decoder]["from"]
    of_arms = [(arm["minus exact"], arm, arms["exact"]) for arm in arms.values()]
    of_starts = [(start["minus control"], start, starts["dose 1"]) for start in starts.values()]
    for minus, ours, others in of_arms + of_starts:
        for name, three in minus.items():
            differences = [a - b for a, b in zip(ours[name], others[name], strict=True)]
            assert three == pytest.approx(interval(differences), abs=2e-4)


@pytest.mark.parametrize("decoder", DECODERS)
def test_a_second_start_begins_where_the_other_run_ended_and_goes_on_for_half_of_dose_1_s_epochs(decoder):
    found = RECORD[decoder]
    assert found["settings"]["second"] == found["arms"]["dose 1"]["num_epochs"] // 2
    for start, run in found["from"].items():
        other = found["arms"]["dose 1" if start == "dose 1" else "exact"]
        for name in ("−log p", "I p", "train −log p"):
            assert run["begun"][name] == pytest.approx(other["interval"][name], abs=2e-4)
        assert [run["epochs"][0], run["epochs"][-1]] == [0, found["settings"]["second"]]
        assert [row[0] for row in run["curve"]["I p"]] == pytest.approx(other["I p"], abs=6e-4)
        assert [row[-1] for row in run["curve"]["I p"]] == pytest.approx(run["I p"], abs=6e-4)


def test_a_dose_of_the_mixture_was_trained_as_long_as_dose_1_needs():
    assert all(MIXTURE[arm]["num_epochs"] >= 240 for arm in DOSES if arm.startswith("dose"))


def test_a_trial_trains_on_all_but_the_held_out_names_and_is_judged_by_these(monkeypatch):
    seen = {}
    monkeypatch.setattr(dose_runs, "train", lambda model, x, *of: seen.update(trained=x, of=of))
    monkeypatch.setattr(dose_runs, "told", lambda model, x: seen.update(judged=x))
    dose_runs.trial("mixture", "dose 5", 100, 0.01, 60)
    x = dose_runs.names()[0]
    assert seen["of"] == (5, 0.01, 60)
    assert len(seen["judged"]) == dose_runs.HELD_OUT == len(x) - len(seen["trained"])
    assert torch.equal(torch.cat([seen["trained"], seen["judged"]]), x)


def test_a_plateau_is_what_the_plan_says():
    for decoder in DECODERS:
        for found in RECORD[decoder]["arms"].values():
            assert found["plateau"] == (found["moved by twice the epochs"] > -dose_runs.PLATEAU)


@pytest.fixture
def told_nats(monkeypatch):
    """The −log p of held-out names are what the test says they are."""
    nats = {}
    monkeypatch.setattr(dose_runs, "held_out", lambda decoder, arm, rate, epochs: nats.get((epochs, rate), 16.5))
    dose_runs.trials.cache_clear()
    yield nats
    dose_runs.trials.cache_clear()


def test_epochs_double_until_that_gains_no_more(told_nats):
    told_nats |= {(60, 0.01): 16.4, (120, 0.005): 16.34, (120, 0.01): 16.36, (240, 0.00125): 16.3}
    assert list(dose_runs.trials("mixture", "exact")) == [60, 120, 240]
    assert dose_runs.chosen("mixture", "exact") == (0.005, 120)
    assert dose_runs.chosen("mixture", "exact", longer=True) == (0.00125, 240)


def test_a_dose_is_trained_as_long_as_dose_1_needs_even_if_its_trial_gains_nothing(told_nats):
    assert list(dose_runs.trials("mixture", "dose 20")) == [60, 120, 240, 480]
    assert list(dose_runs.trials("mixture", "exact")) == [60, 120]
    assert list(dose_runs.trials("GRU", "dose 20")) == [30, 60]


@pytest.mark.parametrize(("decoder", "arm"), [("mixture", "dose 1"), ("mixture", "counts"), ("GRU", "dose 1")])
def test_names_that_were_read_are_enumerated_as_names_are(decoder, arm, few):
    torch.manual_seed(0)
    model = dose_runs.fresh(decoder, arm)
    read, whole = dose_runs.summed(model, dose_runs.read(model, few)), enumerate_states(model, few)
    for name in ("log_q", "log_joint", "log_p", "elbo"):
        torch.testing.assert_close(getattr(read, name), getattr(whole, name), atol=1e-4, rtol=0)


def test_the_encoder_of_counts_can_hold_the_posterior_of_a_mixture(few):
    torch.manual_seed(0)
    model = dose_runs.fresh("mixture", "counts")
    tables = model.decoder.table(torch.eye(5)).flatten(1)
    (linear,) = (layer for layer in model.encoder.modules() if isinstance(layer, torch.nn.Linear))
    linear.weight.data, linear.bias.data = tables.detach(), torch.zeros(5)
    states = enumerate_states(model, few)
    torch.testing.assert_close(states.log_q.exp(), states.posterior, atol=1e-5, rtol=0)


@pytest.fixture
def steps():
    """Every step that an Adam takes: its weights, and its rate."""
    taken = []

    def note(optimizer, *_):
        (group,) = optimizer.param_groups
        taken.append((list(map(id, group["params"])), group["lr"]))

    hook = register_optimizer_step_post_hook(note)
    yield taken
    hook.remove()


def parts_of(model, steps) -> str:
    """A letter a step: e for the encoder's Adam, d for the decoder's."""
    own = {"e": list(map(id, model.encoder.parameters())), "d": list(map(id, model.decoder.parameters()))}
    return "".join(next(letter for letter, weights in own.items() if weights == moved) for moved, _ in steps)


@pytest.mark.parametrize(("arm", "of_a_batch"), [("dose 1", "ed"), ("dose 5", "eeeeed"), ("exact", "d")])
def test_a_dose_is_the_number_of_encoder_steps_for_one_of_the_decoder(arm, of_a_batch, few, steps):
    model = dose_runs.fresh("mixture", arm)
    dose_runs.train(model, few, DOSES[arm], 1e-2, 3)
    assert parts_of(model, steps) == of_a_batch * 6  # two batches an epoch


def test_a_rate_falls_evenly_to_0(few, steps):
    dose_runs.train(dose_runs.fresh("mixture", "exact"), few, DOSES["exact"], 1e-2, 2)
    assert [rate for _, rate in steps] == pytest.approx([1e-2, 0.75e-2, 0.5e-2, 0.25e-2])


def test_an_encoder_alone_is_fitted_at_a_rate_that_falls_from_one_epoch_to_the_next(few, steps):
    model = dose_runs.fresh("mixture", "dose 1")
    dose_runs.fit_encoder(model, few, 1e-2, 4)
    assert parts_of(model, steps) == "e" * 8
    assert [rate for _, rate in steps[::2]] == pytest.approx([1e-2, 0.75e-2, 0.5e-2, 0.25e-2])


@pytest.mark.parametrize(("arm", "different"), [("dose 2", 1), ("dose 20", 4)])
def test_steps_ahead_take_up_to_four_other_batches_in_turn(arm, different, monkeypatch):
    names, pools = dose_runs.names()[0][: 8 * dose_runs.BATCH], []
    monkeypatch.setattr(dose_runs, "step_ahead", lambda model, pool, *_: pools.append(pool))
    dose_runs.train(dose_runs.fresh("mixture", arm), names, DOSES[arm], 1e-2, 1)
    assert [len({tuple(batch.x.flatten().tolist()) for batch in pool}) for pool in pools] == [different] * 8


@pytest.mark.parametrize(("start", "before"), [("fitted", "e" * 8), ("fresh", ""), ("dose 1", "")])
def test_a_second_start_climbs_dose_1_s_elbo_from_the_end_of_another_run(
    start, before, few, steps, monkeypatch, tmp_path
):
    monkeypatch.setattr(dose_runs, "names", lambda: (few, few))
    trained, made = dose_runs.fresh("mixture", "dose 1"), []
    torch.save(trained.state_dict(), tmp_path / "end.pt")
    fresh = dose_runs.fresh
    monkeypatch.setattr(dose_runs, "fresh", lambda *of: made.append(fresh(*of)) or made[-1])
    found = dose_runs.second("mixture", start, 0, 1e-2, 4, tmp_path / "end.pt")
    assert parts_of(made[-1], steps) == before + "ed" * 8
    assert steps[len(before)][1] == pytest.approx(0.4e-2)
    ended = enumerate_states(trained, few)
    assert found["begun"]["−log p"] == pytest.approx(-ended.log_p.mean().item(), abs=1e-4)
    same_encoder = abs(found["begun"]["−ELBO"] + ended.elbo.mean().item()) < 1e-5
    assert same_encoder == (start == "dose 1")


def test_a_step_ahead_climbs_the_elbo_and_leaves_the_decoder_alone(few):
    torch.manual_seed(0)
    model = dose_runs.fresh("mixture", "dose 5")
    decoder = [weight.clone() for weight in model.decoder.parameters()]
    before = exact_elbo(model, few).mean()
    optimizer = torch.optim.Adam(model.encoder.parameters(), lr=1e-3)
    dose_runs.step_ahead(model, [dose_runs.read(model, few)], 20, optimizer)
    assert exact_elbo(model, few).mean() > before
    assert all(map(torch.equal, decoder, model.decoder.parameters()))


def test_the_slope_by_hand_is_autograd_s(few):
    model = dose_runs.fresh("mixture", "dose 5")
    (-exact_elbo(model, few).mean()).backward()
    autograd_s = [weight.grad.clone() for weight in model.encoder.parameters()]
    names = dose_runs.read(model, few)
    with torch.no_grad():
        dose_runs.set_slope(model.encoder.encoder.net, names.read, dose_runs.summed(model, names).log_joint.T)
    for mine, theirs in zip(model.encoder.parameters(), autograd_s, strict=True):
        assert theirs.abs().max() > 1e-4
        assert torch.allclose(mine.grad, theirs, atol=1e-6)


def test_exact_training_moves_the_decoder_and_no_encoder(few):
    torch.manual_seed(0)
    model = dose_runs.fresh("mixture", "exact")
    encoder, before = [weight.clone() for weight in model.encoder.parameters()], exact_log_p(model, few).mean()
    dose_runs.train(model, few, DOSES["exact"], 1e-2, 3)
    assert all(map(torch.equal, encoder, model.encoder.parameters()))
    assert exact_log_p(model, few).mean() > before


def test_a_batch_has_strings_about_equally_long_and_an_epoch_has_each_once(few):
    rows = [few[which] for which in dose_runs.orders(few)]
    assert sorted(map(tuple, torch.cat(rows).tolist())) == sorted(map(tuple, few.tolist()))
    lengths = sorted((dose_runs.scored(each).sum(1) for each in rows), key=lambda each: each.max().item())
    assert lengths[0].max() <= lengths[1].min()


def test_one_run_of_the_mixture_goes_as_it_is_recorded():
    """Its first epochs; the end of a run hangs on the last bits of the CPU's numbers, by as much as on the seed."""
    again = dose_runs.run("mixture", "exact", 3, MIXTURE["exact"]["rate"], MIXTURE["exact"]["num_epochs"])
    for name in ("−log p", "I p"):
        assert again["curve"][name][:5] == pytest.approx(MIXTURE["exact"]["curve"][name][3][:5], abs=0.003)
        spread = max(MIXTURE["exact"][name]) - min(MIXTURE["exact"][name])
        assert again["end"][name] == pytest.approx(MIXTURE["exact"][name][3], abs=spread)

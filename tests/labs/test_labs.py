"""The labs run torch for real, a piece at a time, can be stopped, and leave the notebook's world as it was."""

import asyncio
import math
import re
import threading
from itertools import pairwise

import ipywidgets as widgets
import matplotlib
import matplotlib.pyplot as plt
import pytest
import torch
from torch.optim import Adam

from vae_lib.data import digits
from vae_lib.gradients import pathwise_gradient, score_function_gradient
from vae_lib.labs import panel, training, training_lab, variance, variance_lab
from vae_lib.labs.panel import VIEW, Lab, rounded
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianEncoder
from vae_lib.objectives import elbo
from vae_lib.shipped.weights import asset, digits_vae
from vae_lib.training import fit

LABS = {"variance": variance_lab, "training": training_lab}
SHORT = {"f": "z²", "mu": 0.5, "sigma": 1.0, "batch": 8, "repeats": 1000}

each_lab = pytest.mark.parametrize("name", LABS)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    monkeypatch.setattr(panel, "PAUSE", 0.0)


def drive(lab_of, script) -> Lab:
    """A lab made and driven on an event loop, as in a kernel: `script(lab)` is a coroutine function."""

    async def session() -> Lab:
        lab = lab_of()
        await script(lab)
        return lab

    return asyncio.run(asyncio.wait_for(session(), timeout=300))


async def until(condition) -> None:
    while not condition():
        await asyncio.sleep(0)


async def ended(lab: Lab) -> None:
    await until(lambda: lab.task and lab.task.done())


def setting(**values):
    """A script that sets the widgets and waits for the end."""

    async def script(lab: Lab) -> None:
        for name, value in values.items():
            lab.settings[name].value = value
        await ended(lab)

    return script


def counting(pieces: int = 1000, *, done: list, fail_at: int | None = None):
    """A lab of one setting, whose run appends to `done` as it goes."""

    def run(size):
        for piece in range(1, pieces + 1):
            if piece == fail_at:
                raise ZeroDivisionError("piece <7>")
            done.append(size)
            yield piece, pieces, lambda: {"size": size, "done": len(done)}

    return lambda: Lab("pieces", {"size": widgets.IntText(1)}, run, lambda results, picture_format="": str(results), [])


# The panel


@each_lab
def test_nothing_runs_until_a_setting_is_touched(name):
    async def script(lab):
        await asyncio.sleep(0.05)

    lab = drive(LABS[name], script)
    assert lab.task is None
    assert lab.results == []


def test_a_change_of_a_setting_runs_and_run_runs_again():
    async def script(lab):
        lab.settings["size"].value = 3
        await ended(lab)
        lab.start_button.click()
        await until(lambda: len(lab.results) == 2)

    done = []
    lab = drive(counting(5, done=done), script)
    assert done == [3] * 10
    assert lab.status.value == "Done: 5 of 5 pieces."
    assert lab.view.value == str(lab.results)


def test_progress_advances_piece_by_piece():
    seen = []

    async def script(lab):
        lab.progress.observe(lambda change: seen.append(change["new"]), "value")
        lab.start_button.click()
        await ended(lab)

    drive(counting(4, done=[]), script)
    assert seen == [0.25, 0.5, 0.75, 1.0]


def test_stop_stops_before_the_next_piece_but_one():
    done = []

    async def script(lab):
        lab.start_button.click()
        await until(lambda: len(done) >= 7)
        assert not lab.stop_button.disabled
        before = len(done)
        lab.stop_button.click()
        await ended(lab)
        assert len(done) <= before + 1

    lab = drive(counting(done=done), script)
    assert lab.status.value == f"Stopped after {len(done)} of 1\u202f000 pieces."
    assert [result["done"] for result in lab.results] == [len(done)]
    assert lab.stop_button.disabled


def test_a_change_during_a_run_ends_it_and_begins_anew():
    done = []

    async def script(lab):
        lab.settings["size"].value = 2
        await until(lambda: len(done) == 5)
        lab.settings["size"].value = 3
        await until(lambda: 3 in done)
        await ended(lab)

    lab = drive(counting(20, done=done), script)
    assert done.count(2) <= 6
    assert done[-20:] == [3] * 20
    assert [result["size"] for result in lab.results] == [3]
    assert lab.status.value == "Done: 20 of 20 pieces."


def test_changes_in_quick_succession_are_one_run():
    done = []

    async def script(lab):
        for size in (2, 3, 4):
            lab.settings["size"].value = size
        await ended(lab)

    drive(counting(5, done=done), script)
    assert done == [4] * 5


def test_the_loop_is_free_between_two_pieces():
    done, heard = [], []

    async def script(lab):
        lab.start_button.click()
        while not (lab.task and lab.task.done()):
            heard.append(len(done))
            await asyncio.sleep(0)

    drive(counting(50, done=done), script)
    assert len(set(heard)) > 40


def test_a_message_from_another_thread_runs_on_the_kernels_own():
    threads = []

    def lab_of():
        lab = counting(3, done=[])()
        start = lab._start
        lab._start = lambda pause: (threads.append(threading.current_thread()), start(pause))
        return lab

    async def script(lab):
        await asyncio.to_thread(lab.start_button.click)
        await ended(lab)

    lab = drive(lab_of, script)
    assert threads == [threading.main_thread()]
    assert lab.status.value.startswith("Done")


def test_an_error_is_shown_in_the_panel_and_the_next_run_works():
    done = []

    async def script(lab):
        lab.start_button.click()
        await ended(lab)
        assert lab.status.value == "<b>ZeroDivisionError</b>: piece &lt;7&gt;"
        assert lab.results == []
        assert lab.stop_button.disabled

    drive(counting(9, done=done, fail_at=7), script)
    assert len(done) == 6


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("variance", {"typed": "tanh(z"}, "SyntaxError"),
        ("variance", {"typed": "z.sum()"}, "expected f to act on each element"),
        ("variance", SHORT | {"batch": 1, "baseline": "mean of the others"}, "expected at least 2 draws a gradient"),
        ("variance", SHORT | {"typed": "1 / z", "baseline": "E[f]"}, "expected an f whose E[f] two grids agree on"),
        ("training", {"lr": 0.1, "hidden_dim": 256}, "RuntimeError</b>: expected finite means"),
    ],
)
def test_what_the_library_refuses_is_said_in_the_panel(name, values, message):
    assert message in drive(LABS[name], setting(**values)).status.value


@pytest.mark.parametrize(("name", "values"), [("variance", SHORT), ("training", {"num_epochs": 10, "hidden_dim": 16})])
def test_a_run_leaves_the_notebooks_world_as_it_was(name, values, capsys):
    def world():
        return torch.get_rng_state().tolist(), torch.get_num_threads(), dict(matplotlib.rcParams), plt.get_fignums()

    before, at_pieces = world(), []

    async def script(lab):
        lab.progress.observe(lambda change: at_pieces.append(world()), "value")
        await setting(**values)(lab)

    lab = drive(LABS[name], script)
    assert lab.status.value.startswith("Done")
    assert len(at_pieces) >= 1
    assert all(now == before for now in [*at_pieces, world()])
    assert capsys.readouterr() == ("", "")


# What stands where no kernel runs


@each_lab
def test_the_mimebundle_holds_the_widget_and_the_recorded_result(name):
    lab = LABS[name]()
    bundle = lab._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", VIEW}
    assert bundle[VIEW] == {"version_major": 2, "version_minor": 0, "model_id": lab.panel.model_id}
    assert "recorded result" in bundle["text/html"]
    assert len(re.search(r'<img alt="([^"]*)"', bundle["text/html"])[1]) > 80
    assert re.findall(r"<(?:input|button|select|script)|0x[0-9a-f]{6}|https?:", bundle["text/html"]) == []


@each_lab
def test_the_recorded_result_is_the_same_text_each_time_whatever_the_notebooks_style(name):
    texts = []
    for size in (6, 20):
        with plt.rc_context({"font.size": size, "axes.linewidth": size, "xtick.major.size": size}):
            bundle = LABS[name]()._repr_mimebundle_()
        texts.append((bundle["text/plain"], bundle["text/html"]))
    assert texts[0] == texts[1]
    assert len(texts[0][1]) < 120_000


@each_lab
def test_the_panel_starts_with_the_settings_of_the_recorded_result(name):
    settings = {key: widget.value for key, widget in LABS[name]().settings.items()}
    recorded = asset("labs.json")[name][-1]["settings"]
    shared = settings.keys() & recorded.keys()
    assert len(shared) >= 5
    assert {key: settings[key] for key in shared} == {key: recorded[key] for key in shared}


def test_the_recorded_variances_are_what_the_library_computes():
    recorded = asset("labs.json")["variance"][0]
    settings = variance.START | variance.RECORDED[0]
    computed = panel.steps_to_the_end(variance.run(**settings, functions=variance.chapter_functions()))
    for way in variance.WAYS:
        for name in ("variance", "variance error"):
            assert computed[way][name] == pytest.approx(recorded[way][name], rel=1e-3)
        assert computed[way]["means"][-1] == pytest.approx(recorded[way]["means"][-1], abs=1e-3)
        assert computed["exact"][way] == pytest.approx(recorded["exact"][way], rel=1e-3)


def test_the_recorded_training_is_what_the_library_computes():
    recorded = asset("labs.json")["training"][-1]
    computed = panel.steps_to_the_end(training.run(**training.START | {"num_epochs": 3}))
    for name in ("reconstruction", "kl"):
        assert computed[name] == pytest.approx(recorded[name][:3], abs=0.05)
    assert computed["independent"] == pytest.approx(recorded["independent"], abs=1e-3)
    assert computed["x"] == recorded["x"]


def test_a_record_keeps_the_digits_that_count():
    assert rounded({"a": [123456.7, 1, None, "z"], "b": 1.23456789e-7}) == {
        "a": [123460.0, 1, None, "z"],
        "b": 1.2346e-7,
    }


# The variance lab


def test_the_variance_labs_numbers_are_the_librarys():
    lab = drive(variance_lab, setting(**SHORT | {"baseline": "none"}))
    (result,) = lab.results
    eps = torch.randn(1000, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for way, estimator in {"pathwise": pathwise_gradient, "score function": score_function_gradient}.items():
        gradients = estimator(torch.square, 0.5, 1.0, eps)[0].mean(1)
        assert result[way]["means"][-1] == pytest.approx(gradients.mean().item(), rel=1e-12)
        assert result[way]["errors"][-1] == pytest.approx(gradients.std().item() / 1000**0.5, rel=1e-12)
        assert result[way]["variance"] == pytest.approx(gradients.var().item(), rel=1e-12)
        running = [gradients[:n].mean().item() for n in result["counts"]]
        assert result[way]["means"] == pytest.approx(running, abs=1e-12)
        assert sum(result[way]["histogram"]) > 990  # within four standard deviations


def test_the_pieces_of_a_run_are_one_stream_of_draws(monkeypatch):
    whole = panel.steps_to_the_end(variance.run(**variance.START | SHORT, functions=variance.chapter_functions()))
    monkeypatch.setattr(variance, "CHUNK", 8 * 70)
    pieces = list(variance.run(**variance.START | SHORT, functions=variance.chapter_functions()))
    assert [done for done, _, _ in pieces] == [*range(70, 1000, 70), 1000]
    for way in variance.WAYS:
        assert pieces[-1][2]()[way]["means"][-1] == pytest.approx(whole[way]["means"][-1], rel=1e-12)


def closed_form(c: float, b: float, mu: float) -> float:
    a = mu**2 + c - b
    return a**2 + 6 * a + 15 + 8 * mu**2  # equation 3.11


def test_the_exact_values_of_the_square_are_those_of_the_closed_form():
    for name, c in {"z²": 0, "z² + 100": 100}.items():
        f = variance.chapter_functions()[name]
        for baseline, b in {"none": 0, "E[f]": 1.25 + c}.items():
            exact = variance.exact_values(f, 0.5, 1.0, 8, baseline)
            assert exact["gradient"] == pytest.approx(1, abs=1e-10)
            assert exact["E[f]"] == pytest.approx(1.25 + c, rel=1e-12)
            assert exact["pathwise"] == pytest.approx([1, 4 / 8], rel=1e-9)
            assert exact["score function"] == pytest.approx([1, closed_form(c, b, 0.5) / 8], rel=1e-9)


BASELINES = [variance.NONE, variance.EXPECTED, variance.BATCH, variance.OTHERS]
CASES = [(baseline, batch) for baseline in BASELINES for batch in (1, 2, 8)]
CASES.remove((variance.OTHERS, 1))  # of one draw there are no others


@pytest.mark.parametrize(("baseline", "batch"), CASES)
@pytest.mark.parametrize("name", ["z² + 100", "z + sin 10z", "step: 1 if z > 0, else 0", variance.SEVEN])
def test_what_is_measured_agrees_with_the_exact_values(name, baseline, batch):
    settings = variance.START | {"f": name, "mu": 0.4, "sigma": 0.7, "batch": batch, "baseline": baseline}
    result = panel.steps_to_the_end(variance.run(**settings, functions=variance.chapter_functions()))
    for way in variance.WAYS:
        (mean, exact_variance), found = result["exact"][way], result[way]
        assert abs(found["means"][-1] - mean) <= 4.5 * found["errors"][-1] + 1e-12
        assert abs(found["variance"] - exact_variance) <= 4.5 * found["variance error"] + 1e-3 * exact_variance


def test_the_mean_of_the_batch_as_a_baseline_keeps_half_the_gradient_of_two_draws():
    f = variance.chapter_functions()["z²"]
    assert variance.exact_values(f, 0.5, 1.0, 2, variance.BATCH)["score function"][0] == pytest.approx(0.5)
    assert variance.exact_values(f, 0.5, 1.0, 1, variance.BATCH)["score function"] == [0, 0]
    assert variance.exact_values(f, 0.5, 1.0, 2, variance.OTHERS)["score function"][0] == pytest.approx(1)


def test_the_path_across_a_step_is_sure_and_wrong():
    exact = variance.exact_values(variance.chapter_functions()["step: 1 if z > 0, else 0"], 0.5, 1.0, 1, "none")
    density = math.exp(-0.125) / math.sqrt(2 * math.pi)  # equation 3.15
    assert exact["pathwise"] == [0, 0]
    assert exact["gradient"] == exact["score function"][0] == pytest.approx(density, rel=1e-3)


def test_where_two_grids_disagree_nothing_is_called_exact():
    needle = 0.5 / variance.NODES_PER_UNIT  # on one grid and not on the other
    exact = variance.exact_values(lambda z: ((z - needle).abs() < 1e-6).to(z.dtype), 0.0, 1.0, 1, "none")
    assert exact["gradient"] is exact["E[f]"] is exact["score function"][0] is None
    result = panel.steps_to_the_end(
        variance.run(**variance.START | SHORT | {"f": variance.TYPED, "typed": "1 / z"}, functions={})
    )
    assert "<b>–</b>" in variance.show([result])


def test_a_typed_function_and_one_handed_in_give_the_same():
    typed = drive(variance_lab, setting(**SHORT | {"typed": "torch.tanh(z) + exp(-z**2)"})).results[-1]
    mine = {"mine": lambda z: torch.tanh(z) + torch.exp(-(z**2))}
    handed_in = drive(lambda: variance_lab(mine), setting(**SHORT | {"f": "mine"})).results[-1]
    assert typed["settings"]["f"] == "torch.tanh(z) + exp(-z**2)"
    for way in variance.WAYS:
        assert typed[way] == handed_in[way]
    constant = variance.typed_function("3")(torch.zeros(2))
    assert constant.tolist() == [3, 3]


def test_the_seven_of_the_menu_is_the_chapters_under_the_decoder_that_ships():
    model, seven = digits_vae().double(), (digits()[0][5:6] >= 8).double()
    mu = model.encoder(seven).mean[0]
    f = variance.chapter_functions()[variance.SEVEN]
    expected = model.decoder(mu[None]).log_prob(seven)
    torch.testing.assert_close(f(mu[:1]), expected)


# The training lab


def test_training_epoch_by_epoch_is_one_call_of_fit():
    settings = {"latent_dim": 2, "beta": 0.5, "hidden_dim": 16, "lr": 1e-2, "num_epochs": 10, "seed": 3}
    lab = drive(training_lab, setting(**settings))
    (result,) = lab.results

    torch.manual_seed(3)
    model = VAE(GaussianEncoder(64, 2, 16), BernoulliDecoder(2, 64, 16), 2)
    x_train, x_test = ((counts >= 8).float() for counts in digits())
    history = fit(
        model,
        x_train,
        objective=lambda model, x: elbo(model, x, beta=0.5),
        num_epochs=10,
        batch_size=64,
        lr=Adam(model.parameters(), lr=1e-2),
        x_test=x_test,
    )
    assert result["reconstruction"] == history["reconstruction"]
    assert result["kl"] == history["kl"]
    means = model.reconstruct(x_test[:8]).mean.detach()
    assert torch.tensor(result["means"]) == pytest.approx(means, abs=0.0051)


def test_stopping_the_training_shows_the_epochs_that_were_trained():
    async def script(lab):
        lab.settings["hidden_dim"].value = 16
        await until(lambda: lab.progress.value > 0)
        lab.stop_button.click()
        await ended(lab)

    lab = drive(training_lab, script)
    (result,) = lab.results
    epochs = len(result["kl"])
    assert 1 <= epochs < 10
    assert lab.status.value == f"Stopped after {epochs} of 60 epochs."
    assert f"{epochs} epochs</td>" in lab.view.value


def test_the_training_labs_yardstick_is_that_of_independent_pixels():
    x_train, x_test = ((counts >= 8).float() for counts in digits())
    p_hat = (1 + x_train.sum(0)) / (2 + len(x_train))
    log_p = torch.distributions.Bernoulli(p_hat).log_prob(x_test).sum(-1).mean().item()
    assert training.independent_pixels(x_train, x_test) == pytest.approx(-log_p, abs=1e-4)
    assert pytest.approx(64 * math.log(2)) == training.ZERO_WEIGHTS


def test_the_table_of_runs_gives_minus_the_elbo_of_each():
    results = asset("labs.json")["training"]
    rows = [re.findall(r"<td[^>]*>([^<]*)", line) for line in training.show(results).split("<tr>")[3::2]]
    assert len(rows) == len(results)
    for (reconstruction, kl, minus_elbo, _), result in zip(rows, results, strict=True):
        assert float(minus_elbo) == pytest.approx(result["kl"][-1] - result["reconstruction"][-1], abs=0.051)
        assert float(reconstruction) + float(kl) == pytest.approx(float(minus_elbo), abs=0.11)


# What the chapters say of their experiments


def exact_variances(f: str, mu: float, sigma: float, batch: int, baseline: str) -> tuple[float, float]:
    function = variance.chapter_functions().get(f) or variance.typed_function(f)
    exact = variance.exact_values(function, mu, sigma, batch, baseline)
    return exact["pathwise"][1], exact["score function"][1]


def test_a_narrow_q_quiets_the_path_and_not_the_score_function_without_a_baseline():
    seven = variance.SEVEN
    (path_wide, bare_wide), (path, bare) = (exact_variances(seven, -1.7, s, 64, variance.NONE) for s in (1.0, 0.2))
    (_, others_wide), (_, others) = (exact_variances(seven, -1.7, s, 64, variance.OTHERS) for s in (1.0, 0.2))
    assert 10 < path_wide / path < 14
    assert 3.5 < bare / bare_wide < 4.5
    assert 5 < others_wide / others < 8
    assert 250 < bare / path < 320
    assert 2 < others / path < 3
    qz_x = digits_vae().encoder((digits()[0][5] >= 8).float())
    assert (qz_x.mean[0].item(), qz_x.stddev[0].item()) == pytest.approx((-1.7, 0.2), abs=0.05)


def test_at_one_q_the_score_function_is_the_quieter_one_on_the_real_f():
    path, others = exact_variances(variance.SEVEN, 0.0, 0.1, 64, variance.OTHERS)
    assert 0.85 < others / path < 0.97
    path, bare = exact_variances(variance.SEVEN, 0.0, 0.1, 64, variance.NONE)
    assert bare > 1000 * path
    z = torch.tensor([-0.1, -0.05], dtype=torch.float64, requires_grad=True)
    (slopes,) = torch.autograd.grad(variance.chapter_functions()[variance.SEVEN](z).sum(), z)
    assert slopes.round().tolist() == [-17, 6]


def test_each_steeper_tanh_doubles_the_paths_variance_and_leaves_the_score_functions():
    steeper = [exact_variances(f"tanh({k} * z)", 0.5, 1.0, 64, variance.NONE) for k in (5, 10, 20, 40)]
    for (path, score), (next_path, next_score) in pairwise(steeper):
        assert 1.9 < next_path / path < 2.4
        assert abs(next_score / score - 1) < 0.05
    assert all(path > 3 * score for path, score in steeper)
    exact = variance.exact_values(variance.typed_function("sign(z)"), 0.5, 1.0, 64, variance.NONE)
    assert exact["pathwise"] == [0, 0]
    assert exact["gradient"] == pytest.approx(0.70, abs=0.005)


def test_the_recorded_trainings_lose_their_latents_between_beta_2_and_8_and_the_elbo_is_best_at_1():
    runs = {result["settings"]["beta"]: result for result in asset("labs.json")["training"]}  # the last of each
    kl = [runs[beta]["kl"][-1] for beta in (1 / 8, 1 / 2, 1, 2, 4, 8)]
    assert kl == sorted(kl, reverse=True)
    assert [f"{value:.1f}" for value in kl[3:]] == ["2.4", "0.2", "0.0"]
    assert [runs[beta]["active"] for beta in (1, 4, 8)] == [8, 6, 0]
    minus_elbo = {beta: run["kl"][-1] - run["reconstruction"][-1] for beta, run in runs.items()}
    assert min(minus_elbo, key=minus_elbo.get) == 1
    assert min(runs, key=lambda beta: -runs[beta]["reconstruction"][-1]) == 1 / 8


def test_the_recorded_trainings_are_slow_at_a_small_rate_and_gain_nothing_from_32_latents():
    def minus_elbo(**changes):
        (run,) = [r for r in asset("labs.json")["training"] if changes.items() <= r["settings"].items()]
        return run["kl"][-1] - run["reconstruction"][-1]

    last = asset("labs.json")["training"][-1]
    eight = last["kl"][-1] - last["reconstruction"][-1]
    assert 2.5 < minus_elbo(lr=1e-4) - eight < 3.5
    assert 1 < minus_elbo(latent_dim=2) - eight < 2
    assert 0.3 < minus_elbo(latent_dim=32) - eight < 1

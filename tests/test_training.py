"""Chapter 5: `fit` against a loop written out by hand, against known bounds, and with everything that can be wrong."""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_digits
from torch import nn
from torch.distributions import Distribution
from torch.nn.functional import binary_cross_entropy_with_logits

from vae_lib.data import digits
from vae_lib.distributions import kl_to_standard_normal
from vae_lib.exact.linear_gaussian import LinearGaussianVAE
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianDecoder, GaussianEncoder
from vae_lib.objectives import elbo
from vae_lib.training import _adam, _compiled, fit

NUM_TRAIN, NUM_TEST, DATA = 22, 9, 6
SHORT = {"num_epochs": 2, "batch_size": 8, "lr": 1e-2}  # 22 rows: two full batches and one of six


def make_model(decoder=BernoulliDecoder):
    torch.manual_seed(3)
    return VAE(GaussianEncoder(DATA, 2, 5), decoder(2, DATA, 5), 2)


@pytest.fixture
def model():
    return make_model()


@pytest.fixture
def x_train():
    return torch.randint(0, 2, (NUM_TRAIN, DATA)).float()


@pytest.fixture
def x_test():
    return torch.randint(0, 2, (NUM_TEST, DATA)).float()


def terms_by_hand(model, x):
    mu, log_var = model.encoder.net(x).chunk(2, dim=-1)
    z = mu + torch.exp(log_var / 2) * torch.randn_like(mu)
    cross_entropy = binary_cross_entropy_with_logits(model.decoder.net(z), x, reduction="none").sum(-1)
    return -cross_entropy, kl_to_standard_normal(mu, log_var).sum(-1)


def fit_by_hand(model, x_train, *, num_epochs, batch_size, lr):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    history = []
    for _ in range(num_epochs):
        order, values = torch.randperm(len(x_train)), []
        for start in range(0, len(x_train), batch_size):
            reconstruction, kl = terms_by_hand(model, x_train[order[start : start + batch_size]])
            optimizer.zero_grad()
            (kl - reconstruction).mean().backward()
            optimizer.step()
            values += (reconstruction - kl).tolist()
        history.append(sum(values) / len(x_train))
    return history


def parameters_of(model):
    return nn.utils.parameters_to_vector(model.parameters()).detach()


# What it computes


def test_history_and_parameters_are_those_of_a_loop_written_by_hand(model, x_train):
    torch.manual_seed(5)
    history = fit(model, x_train, **SHORT)
    expected_model = make_model()
    torch.manual_seed(5)
    expected = fit_by_hand(expected_model, x_train, **SHORT)
    assert history["train"] == pytest.approx(expected, rel=1e-6)
    torch.testing.assert_close(parameters_of(model), parameters_of(expected_model), rtol=1e-5, atol=1e-6)


def test_one_seed_gives_one_history_and_another_seed_another(x_train, x_test):
    histories = []
    for seed in (5, 5, 6):
        model = make_model()
        torch.manual_seed(seed)
        histories.append(fit(model, x_train, x_test=x_test, **SHORT))
    assert histories[0] == histories[1]  # to the last bit
    assert histories[0]["train"] != histories[2]["train"]


def test_history_holds_one_number_an_epoch_under_each_name(model, x_train, x_test):
    assert {name: len(values) for name, values in fit(model, x_train, **SHORT).items()} == {"train": 2}
    history = fit(model, x_train, x_test=x_test, **SHORT)
    assert list(history) == ["train", "test", "reconstruction", "kl"]
    assert all(len(values) == 2 and all(type(v) is float for v in values) for values in history.values())


def test_a_ragged_last_batch_counts_with_its_size(model):
    x = torch.arange(NUM_TRAIN * DATA).reshape(NUM_TRAIN, DATA) % 7 == 0

    def first_pixel(model, x):
        return 100 * x[:, 0] + 0 * parameters_sum(model)

    def parameters_sum(model):
        return sum(p.sum() for p in model.parameters())

    history = fit(model, x.float(), objective=first_pixel, x_test=x[:NUM_TEST].float(), **SHORT)
    assert history["train"] == pytest.approx([100 * x[:, 0].float().mean().item()] * 2, rel=1e-6)
    assert history["test"] == pytest.approx([100 * x[:NUM_TEST, 0].float().mean().item()] * 2, rel=1e-6)


@given(st.integers(1, 40), st.integers(1, 50), st.integers(1, 3))
def test_each_row_is_seen_once_an_epoch_and_the_history_is_their_mean_whatever_the_sizes(rows, batch_size, num_epochs):
    model, seen = make_model(GaussianDecoder), []

    def number_of_the_row(model, x):
        if torch.is_grad_enabled():  # while fit trains, not while it looks at the data first
            seen.extend(x[:, 0].tolist())
        return x[:, 0] + 0 * next(model.parameters()).sum()

    x = torch.arange(float(rows))[:, None].expand(-1, DATA)
    history = fit(model, x, objective=number_of_the_row, num_epochs=num_epochs, batch_size=batch_size)
    assert sorted(seen) == sorted([*range(rows)] * num_epochs)
    assert history["train"] == pytest.approx([(rows - 1) / 2] * num_epochs, rel=1e-6)


def test_logged_terms_are_the_formulas_at_the_epochs_end(model, x_train, x_test):
    history = fit(model, x_train, x_test=x_test, **SHORT)
    terms = [terms_by_hand(model, batch) for batch in x_test.split(SHORT["batch_size"])]  # draws what fit drew last
    reconstruction, kl = (torch.cat(term).mean().item() for term in zip(*terms, strict=True))
    assert history["reconstruction"][-1] == pytest.approx(reconstruction, rel=1e-6)
    assert history["kl"][-1] == pytest.approx(kl, rel=1e-6)


@pytest.mark.parametrize("beta", [0.0, 1.0, 4.0])
def test_terms_are_logged_unweighted_and_from_the_objectives_own_draws(model, x_train, x_test, beta):
    history = fit(model, x_train, objective=partial(elbo, beta=beta), x_test=x_test, **SHORT)
    for test, reconstruction, kl in zip(history["test"], history["reconstruction"], history["kl"], strict=True):
        assert test == pytest.approx(reconstruction - beta * kl, rel=1e-6)


def test_evaluating_changes_neither_the_training_nor_the_random_stream(x_train, x_test):
    states = []
    for test_data in (None, x_test):
        model = make_model()
        torch.manual_seed(5)
        history = fit(model, x_train, x_test=test_data, **SHORT)
        states.append((history["train"], parameters_of(model).tolist(), torch.rand(()).item()))
    assert states[0] == states[1]


def test_prepare_turns_compact_storage_into_x_and_changes_nothing_else(x_train, x_test):
    histories = []
    for convert, prepare in [(torch.Tensor.float, None), (torch.Tensor.byte, torch.Tensor.float)]:
        model = make_model()
        torch.manual_seed(5)
        histories.append(fit(model, convert(x_train), x_test=convert(x_test), prepare=prepare, **SHORT))
    assert histories[0] == histories[1]


def test_a_prepare_that_works_in_place_changes_no_data_of_the_callers(x_train, x_test):
    x_train, x_test = 255 * x_train, 255 * x_test
    kept, histories = (x_train.clone(), x_test.clone()), []
    for prepare in (lambda rows: rows / 255, lambda rows: rows.div_(255)):
        model = make_model()
        torch.manual_seed(5)
        histories.append(fit(model, x_train, x_test=x_test, prepare=prepare, **SHORT))
    assert histories[0] == histories[1]
    assert torch.equal(x_train, kept[0])
    assert torch.equal(x_test, kept[1])


def test_data_that_come_with_a_gradient_collect_none(model, x_train):
    w = torch.ones((), requires_grad=True)
    fit(model, w * x_train, **SHORT)
    assert w.grad is None


def test_sizes_may_be_numpys_whole_numbers(x_train, x_test):
    histories = []
    for whole in (int, np.int64):
        model = make_model()
        torch.manual_seed(5)
        histories.append(fit(model, x_train, x_test=x_test, num_epochs=whole(2), batch_size=whole(8)))
    assert histories[0] == histories[1]


def test_prepare_draws_afresh_for_every_batch_of_every_epoch(model):
    intensities, seen = torch.full((NUM_TRAIN, DATA), 0.5), []

    def remember(model, x):
        seen.append(x)
        return elbo(model, x)

    fit(model, intensities, objective=remember, prepare=torch.bernoulli, num_epochs=2, batch_size=NUM_TRAIN)
    first_epoch, second_epoch = seen[-2:]
    rows = [sorted(x.tolist()) for x in (first_epoch, second_epoch)]
    assert rows[0] != rows[1]


def test_an_optimizer_of_the_callers_replaces_adam(model, x_train):
    expected = make_model()
    torch.manual_seed(5)
    x = x_train[torch.randperm(NUM_TRAIN)]
    (-elbo(expected, x).mean()).backward()
    with torch.no_grad():
        for p in expected.parameters():
            p -= 0.5 * p.grad
    torch.manual_seed(5)
    sgd = torch.optim.SGD(model.parameters(), lr=0.5)
    fit(model, x_train, num_epochs=1, batch_size=100, lr=1e-9, optimizer=sgd)
    torch.testing.assert_close(parameters_of(model), parameters_of(expected))


def test_an_optimizer_of_another_models_parameters_raises(model, x_train):
    before, other = parameters_of(model), torch.optim.Adam(make_model().parameters())
    with pytest.raises(ValueError, match="expected an optimizer of the model's parameters, got a Adam without them"):
        fit(model, x_train, optimizer=other, **SHORT)
    assert torch.equal(parameters_of(model), before)


def test_an_optimizer_may_train_a_part_of_the_model(model, x_train):
    before = [parameters_of(part) for part in (model.encoder, model.decoder)]
    fit(model, x_train, optimizer=torch.optim.Adam(model.encoder.parameters()), **SHORT)
    assert not torch.equal(parameters_of(model.encoder), before[0])
    assert torch.equal(parameters_of(model.decoder), before[1])


def test_adam_is_fused_where_torch_can_and_plain_where_it_cannot(model, monkeypatch):
    assert _adam(model, 1e-3).defaults["fused"]

    class AdamOfTorch23(torch.optim.Adam):
        def __init__(self, parameters, lr, fused=None):
            if fused:
                raise RuntimeError("`fused=True` requires all the params to be floating point Tensors of ['cuda']")
            super().__init__(parameters, lr=lr)

    monkeypatch.setattr("vae_lib.training.Adam", AdamOfTorch23)
    assert not _adam(model, 1e-3).defaults["fused"]


def test_the_loss_is_compiled_to_cuda_graphs_on_a_gpu_alone(monkeypatch):
    modes = []
    monkeypatch.setattr(torch, "compile", lambda loss_of, **settings: modes.append(settings["mode"]) or loss_of)
    for name in ("cpu", "cuda"):
        _compiled(torch.sum, 4, torch.device(name))
    assert modes == [None, "reduce-overhead"]


def test_a_double_precision_model_trains_on_double_precision_data(x_train):
    history = fit(make_model().double(), x_train.double(), **SHORT)
    assert history["train"][1] > history["train"][0]


def test_the_model_trains_in_train_mode_is_evaluated_in_eval_mode_and_comes_back_as_it_was(model, x_train, x_test):
    modes = []

    def remember(model, x):
        modes.append((torch.is_grad_enabled(), model.training))
        return elbo(model, x)

    for training in (True, False):
        fit(model.train(training), x_train, objective=remember, x_test=x_test, **SHORT)
        assert model.training == training
    model.decoder.eval()
    parts = [part.training for part in model.modules()]
    fit(model, x_train, **SHORT)
    assert [part.training for part in model.modules()] == parts
    assert {mode for mode in modes if mode[0]} == {(True, True)}  # with gradients: the steps
    assert modes[-2:] == [(False, False), (False, False)]  # without: x_test in two batches


def test_progress_prints_a_line_an_epoch_and_without_it_there_is_silence(model, x_train, x_test, capsys):
    fit(model, x_train, **SHORT)
    assert capsys.readouterr() == ("", "")
    history = fit(model, x_train, x_test=x_test, progress=True, **SHORT)
    out, err = capsys.readouterr()
    assert [line.split(":")[0] for line in out.splitlines()] == ["epoch 1/2", "epoch 2/2"]
    assert f"kl {history['kl'][1]:.2f}" in out.splitlines()[1]
    assert err == ""


# That it learns


def test_eight_latents_on_thresholded_digits_reach_21_nats_in_seconds():
    x_train, x_test = ((x >= 8).float() for x in digits())
    model = VAE(GaussianEncoder(64, 8, 256), BernoulliDecoder(8, 64, 256), 8)
    history = fit(model, x_train, x_test=x_test, num_epochs=20, batch_size=64, lr=3e-3)
    assert -history["test"][-1] <= 21  # 18.8 to 19.1 on twelve seeds; independent pixels reach 25.2
    assert history["test"][-1] > history["test"][0] + 4


def test_a_linear_vae_comes_within_a_twentieth_of_a_nat_of_its_exact_optimum_from_below():
    x = torch.tensor(load_digits().data / 16, dtype=torch.float32)
    optimum = LinearGaussianVAE.from_pca(x.double(), 2).log_likelihood(x.double()).mean().item()
    model = LinearGaussianVAE(0.1 * torch.randn(64, 2), torch.zeros(64), 1.0)
    for lr, num_epochs in [(1e-2, 30), (1e-3, 10)]:
        fit(model, x, num_epochs=num_epochs, batch_size=64, lr=lr)
    reached = model.double().expected_elbo(x.double()).mean().item()
    assert optimum - 0.05 < reached < optimum


# Compiled


@pytest.mark.filterwarnings("ignore:.*script_method.*:DeprecationWarning")  # torch._inductor's own import
def test_compiled_training_compiles_full_batches_and_equals_eager_training(x_train, x_test):
    def remember(model, x):
        batches.append((len(x), torch.compiler.is_compiling()))
        return elbo(model, x)

    histories = []
    for compiled in (False, True):
        model, batches = make_model(), []
        torch.manual_seed(5)
        histories.append(fit(model, x_train, objective=remember, x_test=x_test, compile=compiled, **SHORT))
        epoch = [(8, compiled), (8, compiled), (6, False), (8, False), (1, False)]  # x_train's batches, x_test's
        assert batches == [(8, False), (8, False), *epoch, *epoch]  # before them the check of either
    for name, eager in histories[0].items():
        assert histories[1][name] == pytest.approx(eager, rel=1e-4)


def test_compiled_training_too_gives_argument_validation_back():
    """In a process of its own: torch turns validation off for good the first time that anything is compiled."""
    program = (
        "import torch\n"
        "from vae_lib.training import fit\n"
        "from test_training import SHORT, make_model\n"
        "fit(make_model(), torch.ones(8, 6), compile=True, **(SHORT | {'batch_size': 100}))\n"
        "assert torch.distributions.Distribution._validate_args\n"
    )
    paths = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[1])])
    subprocess.run([sys.executable, "-c", program], check=True, env=os.environ | {"PYTHONPATH": paths})


def test_a_lower_precision_reaches_the_same_elbo_and_lasts_as_long_as_the_training(x_train, x_test):
    def remember(model, x):
        precisions.append(torch.get_float32_matmul_precision())
        return elbo(model, x)

    ends, precisions = {}, []
    for precision in ("highest", "high", "medium"):
        torch.manual_seed(5)
        ends[precision] = fit(make_model(), x_train, objective=remember, precision=precision, **SHORT)["train"]
        assert {precisions.pop() for _ in range(len(precisions) - 1)} == {precision}
        assert torch.get_float32_matmul_precision() == "highest"
        assert precisions.pop() == "highest"  # the check before the training
    assert ends["high"] == pytest.approx(ends["highest"], rel=1e-2)
    assert ends["medium"] == pytest.approx(ends["highest"], rel=1e-2)


def test_bfloat16_rounds_the_products_of_the_training_and_nothing_else(model, x_train, x_test):
    def remember(model, x):
        rounds.append(torch.is_autocast_enabled("cpu"))
        qz_x = model.encoder(x)
        z = qz_x.rsample()
        seen.update({qz_x.mean.dtype, z.dtype, model.decoder(z).mean.dtype})
        return elbo(model, x)

    rounds, seen = [], set()
    fit(model, x_train, objective=remember, x_test=x_test, precision="bfloat16", **SHORT)
    assert seen == {torch.float32}
    assert rounds == [False, False, *[True, True, True, False, False] * SHORT["num_epochs"]]
    assert not any(module._forward_hooks for module in model.modules())
    full = fit(make_model(), x_train, **SHORT)["train"]
    rounded = fit(make_model(), x_train, precision="bfloat16", **SHORT)["train"]
    assert rounded != full  # it does round
    assert rounded == pytest.approx(full, rel=1e-2)


def test_bfloat16_reaches_the_elbo_of_full_precision_on_the_digits():
    """Mean over three seeds within 0.1 nats; one seed and the next lie 0.25 apart (standard deviation)."""
    x, ends = (digits()[0] >= 8).float(), {}
    for precision in ("highest", "bfloat16"):
        ends[precision] = []
        for seed in (1, 2, 3):
            torch.manual_seed(seed)
            model = VAE(GaussianEncoder(64, 4, 64), BernoulliDecoder(4, 64, 64), 4)
            history = fit(model, x, num_epochs=20, batch_size=64, lr=3e-3, precision=precision)
            ends[precision].append(history["train"][-1])
    assert sum(ends["bfloat16"]) / 3 == pytest.approx(sum(ends["highest"]) / 3, abs=0.1)


def test_without_argument_validation_the_elbo_is_one_graph(model, x_train):
    elbo(model, x_train)  # fit's check does the same: torch.distributions looks the KL's formula up the first time
    Distribution.set_default_validate_args(False)
    try:
        compiled = torch.compile(elbo, fullgraph=True, backend="eager", dynamic=False)
        assert compiled(model, x_train).shape == (NUM_TRAIN,)
    finally:
        Distribution.set_default_validate_args(True)


# What can be wrong


def test_argument_validation_is_on_before_off_during_and_as_it_was_after_training(model, x_train):
    switches = []

    def remember(model, x):
        switches.append(Distribution._validate_args)
        return elbo(model, x)

    for before in (True, False):
        Distribution.set_default_validate_args(before)
        try:
            fit(model, x_train, objective=remember, **SHORT)
            assert Distribution._validate_args == before
        finally:
            Distribution.set_default_validate_args(True)
    assert switches == ([True] + [False] * 6) * 2


def test_argument_validation_and_mode_come_back_after_an_exception_too(model, x_train):
    def fails(model, x):
        if torch.is_grad_enabled():
            raise KeyError("from inside an epoch")
        return elbo(model, x)

    with pytest.raises(KeyError, match="inside an epoch"):
        fit(model.eval(), x_train, objective=fails, **SHORT)
    assert Distribution._validate_args
    assert not model.training


def test_a_mean_that_is_not_finite_raises_at_its_epochs_end(model, x_train, x_test):
    def diverges(model, x):
        steps.append(len(x))
        return elbo(model, x) + (float("inf") if len(steps) == 5 else 0.0)

    steps = []
    with pytest.raises(RuntimeError, match=r"expected finite means, got .*inf.* in epoch 2: try a smaller lr"):
        fit(model, x_train, objective=diverges, **SHORT)
    assert len(steps) == 1 + 2 * 3  # the check, and the whole of two epochs
    assert Distribution._validate_args

    def diverges_in_the_test(model, x):
        return elbo(model, x).where(torch.tensor(model.training), float("nan"))

    with pytest.raises(RuntimeError, match=r"'test': nan.* in epoch 1"):
        fit(model, x_train, objective=diverges_in_the_test, x_test=x_test, **SHORT)


GOOD = torch.ones(NUM_TRAIN, DATA)
GREY, NAN, INF = GOOD.clone(), GOOD.clone(), GOOD.clone()
GREY[-1, 0], NAN[-1, 0], INF[-1, 0] = 0.5, float("nan"), float("inf")  # in the last row, beyond the first batch


@pytest.mark.parametrize("name", ["x_train", "x_test"])
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (GOOD.numpy(), "to be a tensor .* got a ndarray"),
        (GOOD[:0], r"n of at least 1, got torch.float32 of shape \(0, 6\)"),
        (GOOD[0], r"shape \(6, data\), got torch.float32 of shape \(6,\)"),
        (GOOD.reshape(NUM_TRAIN, 2, 3), r"got torch.float32 of shape \(8, 2, 3\)"),
        (GOOD.byte(), "as torch.float32 .* got torch.uint8"),
        (GOOD.double(), "as torch.float32 .* got torch.float64"),
        (NAN, "finite values in {name}, got 1 that"),
        (INF, "finite values in {name}, got 1 that"),
        (GOOD[:, :5], r"expected x with 6 features in the last axis, not empty, got \(8, 5\)"),
        (GREY, r"within the support .*Boolean"),
    ],
)
def test_data_that_do_not_fit_raise_before_training_and_say_what_was_expected(model, name, data, message):
    before, stream = parameters_of(model), torch.get_rng_state()
    with pytest.raises(ValueError, match=message.format(name=name)):
        fit(model, **({"x_train": GOOD} | {name: data}), **SHORT)
    assert torch.equal(parameters_of(model), before)
    assert torch.equal(torch.get_rng_state(), stream)


def test_grey_pixels_are_no_error_for_a_gaussian_decoder():
    assert len(fit(make_model(GaussianDecoder), GREY, **SHORT)["train"]) == 2


def test_a_prepare_that_returns_nothing_raises(model):
    with pytest.raises(ValueError, match=r"after prepare if there is one, .* got a NoneType"):
        fit(model, GOOD, prepare=lambda rows: None, **SHORT)


@pytest.mark.parametrize("values", [3.0, (torch.ones(8),), torch.ones(8, dtype=torch.long)], ids=type)
def test_an_objective_that_gives_no_tensor_of_real_values_raises(model, values):
    with pytest.raises(ValueError, match=r"one value a row, shape \(8,\), got (a float|a tuple|torch.int64)"):
        fit(model, GOOD, objective=lambda model, x: values, **SHORT)


def test_a_prepare_that_loses_rows_raises(model):
    with pytest.raises(ValueError, match=r"after prepare if there is one, .* shape \(8, data\), got .* \(7, 6\)"):
        fit(model, GOOD, prepare=lambda rows: rows[1:], **SHORT)


@pytest.mark.parametrize(("reduce", "shape"), [(torch.mean, r"\(\)"), (lambda values: values[:, None], r"\(8, 1\)")])
def test_an_objective_that_does_not_give_one_value_a_row_raises(model, reduce, shape):
    with pytest.raises(ValueError, match=rf"one value a row, shape \(8,\), got torch.float32 of shape {shape}"):
        fit(model, GOOD, objective=lambda model, x: reduce(elbo(model, x)), **SHORT)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"num_epochs": 0}, "expected num_epochs to be a whole number of at least 1, got 0"),
        ({"num_epochs": 1.5}, "expected num_epochs to be a whole number of at least 1, got 1.5"),
        ({"batch_size": 0}, "expected batch_size to be a whole number of at least 1, got 0"),
        ({"precision": "low"}, "expected precision to be one of highest, high, medium, bfloat16, got 'low'"),
        ({"lr": 0}, "expected lr to be a finite number above 0, got 0"),
        ({"lr": -1e-3}, "expected lr to be a finite number above 0, got -0.001"),
        ({"lr": float("nan")}, "expected lr to be a finite number above 0, got nan"),
        ({"lr": float("inf")}, "expected lr to be a finite number above 0, got inf"),
        ({"lr": "1e-3"}, "expected lr to be a finite number above 0, got '1e-3'"),
        ({"optimizer": torch.optim.Adam}, "expected an optimizer of the model's parameters, got a type without them"),
    ],
)
def test_settings_that_cannot_work_raise(model, setting, message):
    with pytest.raises(ValueError, match=message):
        fit(model, GOOD, **(SHORT | setting))

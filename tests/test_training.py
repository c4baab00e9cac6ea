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
from torch.distributions import Distribution, Independent, Normal
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from vae_lib.data import digits
from vae_lib.distributions import kl_to_standard_normal
from vae_lib.exact.linear_gaussian import LinearGaussianVAE
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianDecoder, GaussianEncoder
from vae_lib.objectives import elbo
from vae_lib.training import _optimizer, fit

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
    fit(model, x_train, num_epochs=1, batch_size=100, lr=sgd)
    torch.testing.assert_close(parameters_of(model), parameters_of(expected))


def test_an_optimizer_of_another_models_parameters_raises(model, x_train):
    before, other = parameters_of(model), torch.optim.Adam(make_model().parameters())
    with pytest.raises(
        ValueError, match="expected an optimizer of the model's parameters, got an object of type Adam without them"
    ):
        fit(model, x_train, **(SHORT | {"lr": other}))
    assert torch.equal(parameters_of(model), before)


def test_an_optimizer_may_train_a_part_of_the_model(model, x_train):
    before = [parameters_of(part) for part in (model.encoder, model.decoder)]
    fit(model, x_train, **(SHORT | {"lr": torch.optim.Adam(model.encoder.parameters())}))
    assert not torch.equal(parameters_of(model.encoder), before[0])
    assert torch.equal(parameters_of(model.decoder), before[1])


def test_a_second_call_with_the_same_optimizer_goes_on_where_the_first_stopped(x_train, x_test):
    histories = []
    for parts in ([4], [1, 3]):
        model, history = make_model(), []
        adam = torch.optim.Adam(model.parameters(), lr=1e-2)
        torch.manual_seed(5)
        for num_epochs in parts:
            history += fit(model, x_train, num_epochs=num_epochs, batch_size=8, lr=adam, x_test=x_test)["test"]
        histories.append(history)
    assert histories[0] == histories[1]


def test_adam_is_fused_where_torch_can_and_plain_where_it_cannot(model, monkeypatch):
    assert _optimizer(model, 1e-3).defaults["fused"]

    class AdamOfTorch23(torch.optim.Adam):
        def __init__(self, parameters, lr, fused=None):
            if fused:
                raise RuntimeError("`fused=True` requires all the params to be floating point Tensors of ['cuda']")
            super().__init__(parameters, lr=lr)

    monkeypatch.setattr("vae_lib.training.Adam", AdamOfTorch23)
    assert not _optimizer(model, 1e-3).defaults["fused"]


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
    assert set(modes) == {(True, True), (False, False)}  # with gradients, the steps; without, checks and x_test
    assert modes[-2:] == [(False, False), (False, False)]


# Any module, any data


class OwnVAE(nn.Module):
    """A homework's: it knows no distributions, and none of its parts bears a name of the library's."""

    def __init__(self):
        super().__init__()
        self.down, self.up = nn.Linear(DATA, 4), nn.Linear(2, DATA)

    def forward(self, x):
        mu, log_var = self.down(x).chunk(2, dim=-1)
        return self.up(mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)), mu, log_var


def own_elbo(model, x):
    logits, mu, log_var = model(x)
    cross_entropy = binary_cross_entropy_with_logits(logits, x, reduction="none").sum(-1)
    return -cross_entropy - kl_to_standard_normal(mu, log_var).sum(-1)


class OwnVAEWithFamiliarNames(OwnVAE):
    """Its encoder returns a tensor, and takes rows of another shape than the data's."""

    def __init__(self):
        super().__init__()
        self.encoder, self.decoder, self.prior = self.down, self.up, Normal(torch.zeros(2), torch.ones(2))

    def forward(self, x):
        return super().forward(x.flatten(1))


def test_a_model_of_ones_own_needs_no_encoder_no_decoder_and_no_prior(x_train, x_test):
    torch.manual_seed(0)
    model = OwnVAE()
    history = fit(model, x_train, objective=own_elbo, num_epochs=30, batch_size=8, lr=1e-2, x_test=x_test)
    assert list(history) == ["train", "test"]
    assert history["train"][-1] > history["train"][0] + 0.1
    torch.manual_seed(1)
    before, after = (own_elbo(own, x_train).mean() for own in (OwnVAE(), model))
    assert after > before


@pytest.mark.parametrize("shape", [(DATA,), (2, 3)])
def test_parts_that_bear_the_librarys_names_need_not_be_distributions(x_train, x_test, shape):
    def objective(model, x):
        return own_elbo(model, x.flatten(1))

    rows = [x.unflatten(1, shape) for x in (x_train, x_test)]
    history = fit(OwnVAEWithFamiliarNames(), rows[0], objective=objective, x_test=rows[1], **SHORT)
    assert list(history) == ["train", "test"]


class ConvolutionalVAE(nn.Module):
    """Images [n, 3, 32, 32], in the library's three parts: one image is one event."""

    def __init__(self):
        super().__init__()
        self.down, self.up = nn.Conv2d(3, 4, 32), nn.ConvTranspose2d(2, 3, 32)
        self.norm = nn.BatchNorm2d(3)  # in train mode it refuses a batch of one
        self.register_buffer("zero", torch.zeros(2))

    @property
    def prior(self):
        return Independent(Normal(self.zero, self.zero + 1), 1)

    def encoder(self, x):
        mu, log_var = self.down(x).flatten(1).chunk(2, dim=-1)
        return Independent(Normal(mu, torch.exp(0.5 * log_var)), 1)

    def decoder(self, z):
        mean = self.norm(self.up(z[..., None, None]))
        return Independent(Normal(mean, torch.ones_like(mean)), 3)


def test_images_of_three_colours_need_not_be_flattened():
    torch.manual_seed(0)
    x, model = torch.rand(20, 3, 32, 32), ConvolutionalVAE()
    history = fit(model, x, x_test=x[:5], **SHORT)
    assert list(history) == ["train", "test", "reconstruction", "kl"]
    assert history["train"][1] > history["train"][0]
    assert model.norm.num_batches_tracked == 2 * 3  # one a step: the check counts nothing
    x[-1, 0, 0, 0] = float("nan")
    with pytest.raises(ValueError, match="expected finite values in x_train, got NaN or infinity"):
        fit(model, x, **SHORT)


class NextToken(nn.Module):
    """A model of sequences, whose data are whole numbers."""

    def __init__(self):
        super().__init__()
        self.logits = nn.Embedding(7, 7)


def log_likelihood_of_tokens(model, x):
    return -cross_entropy(model.logits(x[:, :-1]).transpose(1, 2), x[:, 1:], reduction="none").sum(-1)


def test_tokens_may_be_whole_numbers():
    torch.manual_seed(0)
    x = (torch.randint(7, (50, 1)) + torch.arange(5)) % 7  # the next token is the last one plus 1
    history = fit(NextToken(), x, objective=log_likelihood_of_tokens, num_epochs=60, batch_size=10, lr=0.1)
    assert history["train"][0] < -4  # four tokens, log 7 = 1.9 nats each
    assert history["train"][-1] > -0.5


@pytest.mark.parametrize("dtype", [torch.uint8, torch.bool, torch.int64])
def test_black_and_white_pixels_may_be_stored_in_any_dtype(dtype, x_train, x_test):
    histories = []
    for convert in (torch.Tensor.float, lambda x: x.to(dtype)):
        model = make_model()
        torch.manual_seed(5)
        histories.append(fit(model, convert(x_train), x_test=convert(x_test), **SHORT))
    assert histories[0] == histories[1]


def test_a_model_may_convert_the_data_itself(x_train):
    def objective(model, x):
        return elbo(model, x.float())

    assert len(fit(make_model(), x_train.double(), objective=objective, **SHORT)["train"]) == 2


def test_a_row_may_be_a_single_number():
    class Location(nn.Module):
        def __init__(self):
            super().__init__()
            self.mu = nn.Parameter(torch.zeros(()))

    model, x = Location(), torch.full((16,), 3.0)
    fit(model, x, objective=lambda model, x: -((x - model.mu) ** 2), num_epochs=200, batch_size=4, lr=0.1)
    assert model.mu.item() == pytest.approx(3, abs=0.01)


def test_a_tuple_of_tensors_is_cut_into_the_same_rows_and_shuffled_together(model):
    seen = []

    def objective(model, x):
        assert isinstance(x, tuple)
        images, labels = x
        assert images.shape == (len(labels), 2, DATA)
        assert torch.equal(images[:, 0, 0], labels + 0.5)
        if torch.is_grad_enabled():
            seen.append(labels)
        return labels + 0 * next(model.parameters()).sum()

    def prepare(rows):
        return rows[0] + 0.5, rows[1]

    labels = torch.arange(NUM_TRAIN)
    x = (labels[:, None, None].expand(-1, 2, DATA).float(), labels)
    x_test = tuple(part[:NUM_TEST] for part in x)
    history = fit(model, x, objective=objective, prepare=prepare, x_test=x_test, **SHORT)
    assert [len(batch) for batch in seen] == [8, 8, 6] * 2
    first, second = torch.cat(seen[:3]), torch.cat(seen[3:])
    assert torch.equal(first.sort().values, labels)
    assert torch.equal(second.sort().values, labels)
    assert not torch.equal(first, second)
    assert list(history) == ["train", "test"]  # elbo_terms takes one tensor
    assert history["test"] == [sum(range(NUM_TEST)) / NUM_TEST] * 2


def test_a_tuple_trains_what_its_tensors_train(x_train):
    histories = []
    for x, objective in [(x_train, elbo), ((x_train, torch.arange(NUM_TRAIN)), lambda model, x: elbo(model, x[0]))]:
        model = make_model()
        torch.manual_seed(5)
        histories.append(fit(model, x, objective=objective, **SHORT))
    assert histories[0] == histories[1]


def test_data_move_to_the_models_device(x_train):
    class Seen(Exception):
        pass

    def prepare(rows):
        raise Seen(" and ".join(part.device.type for part in rows))

    with pytest.raises(Seen, match="meta and meta"):
        fit(make_model().to("meta"), (x_train, x_train), prepare=prepare, **SHORT)


def test_it_trains_where_the_precision_of_products_was_set_in_torchs_new_way():
    """In a process of its own: from then on torch refuses to say the precision in its old way."""
    program = (
        "import torch\n"
        "from vae_lib.training import fit\n"
        "from test_training import SHORT, make_model\n"
        "places = (torch.backends, torch.backends.cuda.matmul, torch.backends.mkldnn.matmul)\n"
        "for place in places:\n"
        "    place.fp32_precision = 'tf32'\n"
        "    assert len(fit(make_model(), torch.ones(8, 6), **SHORT)['train']) == 2\n"
        "assert all(place.fp32_precision == 'tf32' for place in places)\n"
    )
    paths = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[1])])
    subprocess.run([sys.executable, "-c", program], check=True, env=os.environ | {"PYTHONPATH": paths})


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
        (GOOD.numpy(), "to be a tensor .* got an object of type ndarray"),
        (GOOD[0, 0], r"to be a tensor .* got torch.float32 of shape \(\)"),
        (GOOD[:0], r"of at least one row, or a tuple .* got torch.float32 of shape \(0, 6\)"),
        ((), "of at least one row, or a tuple of such tensors, got a tuple of nothing"),
        ((GOOD, GOOD[1:]), r"got a tuple of torch.float32 of shape \(22, 6\), torch.float32 of shape \(21, 6\)"),
        ((GOOD, [0] * NUM_TRAIN), r"got a tuple of torch.float32 of shape \(22, 6\), an object of type list"),
        (GOOD[0], r"one value a row, shape \(6,\), got torch.float32 of shape \(\)"),
        (GOOD.reshape(NUM_TRAIN, 2, 3), r"expected x with 6 features in the last axis, not empty, got \(8, 2, 3\)"),
        (
            GOOD.double(),
            r"expected {name} as the model takes it, .* torch.float32, got torch.float64 of shape \(8, 6\)",
        ),
        (NAN, "finite values in {name}, got NaN or infinity"),
        (INF, "finite values in {name}, got NaN or infinity"),
        (GOOD[:, :5], r"expected x with 6 features in the last axis, not empty, got \(8, 5\)"),
        (GREY, r"expected pixels that are 0 or 1, got 0\.5"),
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
    with pytest.raises(ValueError, match=r"after prepare if there is one, .* got an object of type NoneType"):
        fit(model, GOOD, prepare=lambda rows: None, **SHORT)


@pytest.mark.parametrize("values", [3.0, (torch.ones(8),), torch.ones(8, dtype=torch.long)], ids=type)
def test_an_objective_that_gives_no_tensor_of_real_values_raises(model, values):
    with pytest.raises(
        ValueError, match=r"one value a row, shape \(8,\), got (an object of type float|a tuple|torch.int64)"
    ):
        fit(model, GOOD, objective=lambda model, x: values, **SHORT)


def test_a_prepare_that_loses_rows_raises(model):
    with pytest.raises(ValueError, match=r"after prepare if there is one, to be a tensor \[8, …\].* got .* \(7, 6\)"):
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
        ({"lr": 0}, "expected lr to be a finite number above 0, or an optimizer, got 0"),
        ({"lr": -1e-3}, "expected lr to be a finite number above 0, or an optimizer, got -0.001"),
        ({"lr": float("nan")}, "expected lr to be a finite number above 0, or an optimizer, got nan"),
        ({"lr": float("inf")}, "expected lr to be a finite number above 0, or an optimizer, got inf"),
        ({"lr": "1e-3"}, "expected lr to be a finite number above 0, or an optimizer, got '1e-3'"),
        ({"lr": torch.optim.Adam}, "expected lr to be a finite number above 0, or an optimizer, got <class"),
    ],
)
def test_settings_that_cannot_work_raise(model, setting, message):
    with pytest.raises(ValueError, match=message):
        fit(model, GOOD, **(SHORT | setting))


NO_MODEL = "expected model to be a torch module with parameters that can learn, got an object of type "


@pytest.mark.parametrize("model", [nn.Identity(), nn.Linear(6, 2).requires_grad_(False), elbo, None], ids=type)
def test_a_model_without_parameters_that_can_learn_raises(model):
    with pytest.raises(ValueError, match=NO_MODEL + "(Id|Lin|func|None)"):
        fit(model, GOOD, **SHORT)

"""What makes `fit` faster in the benchmarks changes how it computes, and not what."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch.distributions import Distribution

from vae_lib.data import digits
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianEncoder
from vae_lib.objectives import elbo
from vae_lib.training import fit

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SHORT = {"num_epochs": 2, "batch_size": 8, "lr": 1e-2}  # 22 rows: two full batches and one of six


@pytest.fixture
def faster(script):
    return script("faster")


@pytest.fixture
def x_train():
    return torch.randint(0, 2, (22, 6)).float()


@pytest.fixture
def x_test():
    return torch.randint(0, 2, (9, 6)).float()


def make_model():
    torch.manual_seed(3)
    return VAE(GaussianEncoder(6, 2, 5), BernoulliDecoder(2, 6, 5), 2)


def trained(faster, objective, x_train, *, compile=False, precision="highest", **settings):
    """A fresh model, from one seed, and its history."""
    model = make_model()
    objective = faster.faster(objective, model, batch_size=8, compile=compile, precision=precision)
    torch.manual_seed(5)
    with faster.matmul_precision(precision):
        return model, fit(model, x_train, objective=objective, **settings, **SHORT)


@pytest.mark.filterwarnings("ignore:.*script_method.*:DeprecationWarning")  # torch._inductor's own import
def test_compiled_training_compiles_full_batches_and_equals_eager_training(faster, x_train, x_test):
    def remember(model, x):
        batches.append((len(x), torch.compiler.is_compiling()))
        return elbo(model, x)

    histories = []
    for compiled in (False, True):
        batches = []
        histories.append(trained(faster, remember, x_train, compile=compiled, x_test=x_test)[1])
        epoch = [(8, compiled), (8, compiled), (6, False), (8, False), (1, False)]  # x_train's batches, x_test's
        assert batches == [(8, False), (8, False), *epoch, *epoch]  # before them the check of either
    for name, eager in histories[0].items():
        assert histories[1][name] == pytest.approx(eager, rel=1e-4)


def test_compiled_training_too_gives_argument_validation_back():
    """In a process of its own: torch turns validation off for good the first time that anything is compiled.

    By whatever backend; "eager" needs no C++ compiler.
    """
    program = (
        "from functools import partial\n"
        "import torch\n"
        "torch.compile = partial(torch.compile, backend='eager')\n"
        "import faster\n"
        "from test_faster import trained\n"
        "from vae_lib.objectives import elbo\n"
        "trained(faster, elbo, torch.ones(8, 6), compile=True)\n"
        "assert torch.distributions.Distribution._validate_args\n"
    )
    paths = os.pathsep.join(map(str, [Path(__file__).parent, BENCHMARKS, BENCHMARKS.parent]))
    subprocess.run([sys.executable, "-c", program], check=True, env=os.environ | {"PYTHONPATH": paths})


def test_the_objective_is_compiled_to_cuda_graphs_on_a_gpu_alone(faster, monkeypatch):
    modes = []
    monkeypatch.setattr(torch, "compile", lambda objective, **settings: modes.append(settings["mode"]) or objective)
    for name in ("cpu", "cuda"):
        faster.compiled(elbo, 4, torch.device(name))
    assert modes == [None, "reduce-overhead"]


def test_a_lower_precision_reaches_the_same_elbo_and_lasts_as_long_as_the_training(faster, x_train):
    def remember(model, x):
        precisions.append(torch.get_float32_matmul_precision())
        return elbo(model, x)

    ends, precisions = {}, []
    for precision in ("highest", "high", "medium"):
        ends[precision] = trained(faster, remember, x_train, precision=precision)[1]["train"]
        assert {precisions.pop() for _ in range(len(precisions))} == {precision}
        assert torch.get_float32_matmul_precision() == "highest"
    assert ends["high"] == pytest.approx(ends["highest"], rel=1e-2)
    assert ends["medium"] == pytest.approx(ends["highest"], rel=1e-2)


def test_bfloat16_rounds_the_products_of_the_training_and_nothing_else(faster, x_train, x_test):
    def remember(model, x):
        rounds.append(torch.is_autocast_enabled("cpu"))
        qz_x = model.encoder(x)
        z = qz_x.rsample()
        seen.update({qz_x.mean.dtype, z.dtype, model.decoder(z).mean.dtype})
        return elbo(model, x)

    rounds, seen = [], set()
    trained(faster, remember, x_train, precision="bfloat16", x_test=x_test)
    assert seen == {torch.float32}
    assert rounds == [False, False, *[True, True, True, False, False] * SHORT["num_epochs"]]
    full, rounded = (trained(faster, elbo, x_train, precision=p)[1]["train"] for p in ("highest", "bfloat16"))
    assert rounded != full  # it does round
    assert rounded == pytest.approx(full, rel=1e-2)


def test_bfloat16_reaches_the_elbo_of_full_precision_on_the_digits(faster):
    """Mean over three seeds within 0.1 nats; one seed and the next lie 0.25 apart (standard deviation)."""
    x, ends = (digits()[0] >= 8).float(), {}
    for precision in ("highest", "bfloat16"):
        ends[precision] = []
        for seed in (1, 2, 3):
            torch.manual_seed(seed)
            model = VAE(GaussianEncoder(64, 4, 64), BernoulliDecoder(4, 64, 64), 4)
            objective = faster.faster(elbo, model, batch_size=64, compile=False, precision=precision)
            history = fit(model, x, objective=objective, num_epochs=20, batch_size=64, lr=3e-3)
            ends[precision].append(history["train"][-1])
    assert sum(ends["bfloat16"]) / 3 == pytest.approx(sum(ends["highest"]) / 3, abs=0.1)


def test_without_argument_validation_the_elbo_is_one_graph(x_train):
    model = make_model()
    elbo(model, x_train)  # fit's check does the same: torch.distributions looks the KL's formula up the first time
    Distribution.set_default_validate_args(False)
    try:
        compiled = torch.compile(elbo, fullgraph=True, backend="eager", dynamic=False)
        assert compiled(model, x_train).shape == (len(x_train),)
    finally:
        Distribution.set_default_validate_args(True)

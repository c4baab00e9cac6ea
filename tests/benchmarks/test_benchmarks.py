"""The benchmark compares like with like: its contenders train the same model on the same images."""

import json
import math
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch.distributions import Distribution


@pytest.fixture
def contenders(script):
    return script("contenders")


@pytest.fixture
def measuring(script):
    return script("measuring")


@pytest.fixture
def bench(script):
    return script("bench")


def test_other_images_are_not_taken_for_mnist(bench, monkeypatch, tmp_path):
    np.savez(
        tmp_path / "mnist.npz", x_train=np.zeros((300, 28, 28), np.uint8), x_test=np.zeros((300, 28, 28), np.uint8)
    )
    monkeypatch.setattr(sys, "argv", ["bench.py", "--mnist", str(tmp_path)])
    with pytest.raises(ValueError, match="expected MNIST's original train images"):
        bench.run(bench.arguments())


@pytest.mark.parametrize("wrong", [("--rounds", "0"), ("--epochs", "1.5"), ("--images", "127")], ids=" ".join)
def test_options_that_cannot_work_end_the_benchmark_before_it_measures(bench, monkeypatch, capsys, wrong):
    monkeypatch.setattr(sys, "argv", ["bench.py", *wrong])
    with pytest.raises(SystemExit):
        bench.arguments()
    assert "expected" in capsys.readouterr().err


def test_synthetic_images_are_black_and_white_and_as_dense_as_mnist(measuring):
    x = measuring.images(None, 2000)
    assert x.shape == (2000, 784)
    assert x.dtype == torch.uint8
    assert set(x.unique().tolist()) == {0, 1}
    assert x.float().mean() == pytest.approx(0.132, abs=0.01)  # MNIST's training images above mid-grey: 0.1323


def test_an_epochs_time_leaves_out_what_a_run_costs_once(measuring, monkeypatch):
    now = 0.0

    def contender(x, num_epochs):
        nonlocal now
        now += 7 + 2 * num_epochs * len(x) / 512
        return [-100.0] * num_epochs

    monkeypatch.setattr(measuring, "time", SimpleNamespace(perf_counter=lambda: now))
    measured = measuring.measure(contender, torch.zeros(512, 784), 3, seed=0)
    assert measured == {"seconds": 2.0, "warm_up": 8.0, "elbo": -100.0}  # the warm-up: one epoch of two batches


def test_the_tutorials_loop_and_fit_reach_the_same_elbo(contenders, measuring):
    x = measuring.images(None, 20 * measuring.BATCH)
    names = (contenders.TUTORIAL, contenders.IN_ONE_TENSOR, "fit")
    ends = [measuring.measure(contenders.CONTENDERS[name], x, 2, seed=0) for name in names]
    assert ends[0]["elbo"] == pytest.approx(ends[1]["elbo"], rel=1e-5)  # the same images, in the same order
    assert ends[0]["elbo"] == pytest.approx(ends[2]["elbo"], rel=0.02)  # after 40 steps from two initialisations
    assert ends[0]["elbo"] > -784 * math.log(2)


def test_a_picture_is_the_image_that_the_others_see(contenders, measuring):
    x = measuring.images(None, 3)
    pictures, tensors = contenders.Pictures(x), contenders.in_one_tensor(x)
    assert len(pictures) == len(tensors) == 3
    for (picture, _), (image, _) in zip(pictures, tensors, strict=True):
        assert picture.shape == (1, 28, 28)
        torch.testing.assert_close(picture.view(-1), image, rtol=0, atol=0)


def test_every_contender_of_ours_trains_the_same_model(contenders, measuring):
    x = measuring.images(None, 10 * measuring.BATCH)
    ends = {}
    for name, contender in contenders.CONTENDERS.items():
        if name.startswith("fit") and "compiled" not in name:
            torch.manual_seed(0)
            ends[name] = contender(x, 1)[-1]
    assert list(ends) == ["fit", "fit, medium precision", "fit, bfloat16"]
    assert list(ends.values()) == pytest.approx([ends["fit"]] * 3, rel=0.005)


def test_the_formulas_without_distributions_are_the_elbo(contenders, measuring):
    model, x = contenders.make_model(), measuring.images(None, 8).float()
    values = []
    for objective in (contenders.formulas, contenders.elbo):
        torch.manual_seed(1)
        values.append(objective(model, x))
    torch.testing.assert_close(values[0], values[1])


SETTINGS = ["--rounds", "1", "--epochs", "1", "--images", "256", "--threads", "1", "--skip-compiled"]


@pytest.fixture
def args(bench, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["bench.py", *SETTINGS])
    monkeypatch.delenv("VAE_LIB_DATA", raising=False)
    return bench.arguments()


def test_a_process_of_its_own_trains_what_is_trained_here(bench, measuring, args):
    x, fit = measuring.images(None, args.images), bench.CONTENDERS["fit"]
    found = bench.in_a_process_of_its_own(args, "fit", 7)
    assert found.keys() == {"seconds", "warm_up", "elbo", "cores_used_by_others"}
    assert found["elbo"] == pytest.approx(measuring.measure(fit, x, args.epochs, 7)["elbo"], rel=1e-5)
    assert found["elbo"] != pytest.approx(measuring.measure(fit, x, args.epochs, 8)["elbo"], rel=1e-5)


def test_a_run_measures_each_contender_and_reports_ratios(bench, contenders, measuring, args, monkeypatch):
    def in_this_process(args, name, seed):
        x = measuring.images(args.mnist, args.images)
        if name == "parts":
            return {"parts": contenders.parts(x)}
        return measuring.measure(bench.CONTENDERS[name], x, args.epochs, seed) | {"cores_used_by_others": 0.0}

    names = [bench.TUTORIAL, bench.IN_ONE_TENSOR, "fit", "fit, compiled", bench.PRODUCTS]
    monkeypatch.setattr(bench, "CONTENDERS", {name: bench.CONTENDERS[name] for name in names})
    monkeypatch.setattr(bench, "in_a_process_of_its_own", in_this_process)
    monkeypatch.setattr(Distribution, "_validate_args", Distribution._validate_args)  # `parts` turns it off
    result = bench.run(args)
    tutorial, in_one_tensor, ours, products = result["contenders"].values()
    assert tutorial["times_tutorial"] == in_one_tensor["times_in_one_tensor"] == products["times_products"] == 1
    assert ours["times_tutorial"] == pytest.approx(tutorial["seconds"] / ours["seconds"])
    elbos = [row["elbo"] for row in (tutorial, in_one_tensor, ours)]
    assert result["elbo_spread"] == max(elbos) - min(elbos)
    text = bench.report(result)
    assert "SYNTHETIC" in text
    assert all(name in text for name in [*result["contenders"], *result["parts"]])


def test_a_worker_prints_the_times_of_the_parts(bench, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["bench.py", *SETTINGS, "--worker", "parts"])
    monkeypatch.setattr(Distribution, "_validate_args", Distribution._validate_args)
    assert bench.main() == 0
    assert min(json.loads(capsys.readouterr().out)["parts"].values()) > 0


def test_chain_and_dense_gaussian_are_the_same(script):
    lengths = script("chain_lengths")
    z = torch.randn(lengths.BATCH, 6, generator=torch.Generator().manual_seed(0))
    chain, dense = lengths.tridiagonal(6)(), lengths.dense(6)()
    assert chain.log_prob(z).detach() == pytest.approx(dense.log_prob(z).detach(), abs=1e-4)

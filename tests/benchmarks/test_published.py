"""The script that trains a published table anew: its schedule, its loop for a GPU, and a run that was stopped."""

import json
import math
import sys

import pytest
import torch
from torch.distributions import Bernoulli, Distribution

from vae_lib.objectives import elbo
from vae_lib.training import fit


@pytest.fixture
def published(script, monkeypatch):
    monkeypatch.setattr(Distribution, "_validate_args", Distribution._validate_args)  # the script turns it off for good
    return script("published")


@pytest.fixture
def images():
    torch.manual_seed(0)
    return torch.randint(256, (800, 784), dtype=torch.uint8)


def run(published, monkeypatch, folder, images, *options):
    monkeypatch.setattr(sys, "argv", ["published.py", str(folder), *options])
    folder.mkdir(exist_ok=True)
    run = published.Run(published.arguments(), images)
    run.all_stages()
    return run


def test_the_schedule_is_the_papers(published):
    stages = published.schedule(1e-3, 1)
    assert [epochs for epochs, _ in stages] == [1, 3, 9, 27, 81, 243, 729, 2187]
    assert sum(epochs for epochs, _ in stages) == 3280
    assert math.isclose(stages[-1][1], 1e-4)
    assert math.isclose(stages[1][1] / stages[0][1], 10 ** (-1 / 7))


def test_the_loop_for_a_gpu_takes_the_steps_of_fit(published, images):
    on_gpu = sys.modules["on_gpu"]

    def trained(train):
        torch.manual_seed(0)
        model = published.paper_vae(images.float().mean(0) / 255)
        optimizer = torch.optim.Adam(model.parameters(), eps=1e-4)
        torch.manual_seed(1)
        return train(model, optimizer), model.state_dict()

    def by_fit(model, optimizer):
        settings = {"num_epochs": 2, "batch_size": 20, "lr": optimizer, "prepare": published.binarised}
        return fit(model, images, **settings)["train"]

    def by_replays(model, optimizer):
        def loss_of(rows):
            return -elbo(model, published.binarised(rows)).mean()

        return on_gpu.train_on_gpu(loss_of, images, optimizer, num_epochs=2, batch_size=20)

    (history, weights), (other_history, other_weights) = trained(by_fit), trained(by_replays)
    assert history == pytest.approx(other_history, rel=1e-5)
    for name, weight in weights.items():
        assert torch.equal(weight, other_weights[name]), name


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(published, monkeypatch, tmp_path, images):
    options = ("--shorten", "729", "--num-samples", "5")
    whole = run(published, monkeypatch, tmp_path / "whole", images, *options)
    run(published, monkeypatch, tmp_path / "parts", images, *options, "--stop-after", "4")
    stopped = json.loads((tmp_path / "parts" / "log.json").read_text())
    assert len(stopped["train"]) == 4 < len(whole.log["train"]) == 10
    resumed = run(published, monkeypatch, tmp_path / "parts", images, *options)
    assert resumed.log["train"] == whole.log["train"]
    for name, weight in whole.model.state_dict().items():
        assert torch.equal(weight, resumed.model.state_dict()[name]), name


def test_a_run_in_lower_precision_trains_the_same_model(published, monkeypatch, tmp_path, images):
    exact, rounded = (
        run(published, monkeypatch, tmp_path / precision, images, "--precision", precision, "--stop-after", "2")
        for precision in ("highest", "bfloat16")
    )
    assert rounded.log["train"] == pytest.approx(exact.log["train"], rel=1e-4)
    assert not torch.equal(rounded.model.encoder.net[0].weight, exact.model.encoder.net[0].weight)


def test_another_setting_does_not_take_up_the_run(published, monkeypatch, tmp_path, images):
    run(published, monkeypatch, tmp_path, images, "--stop-after", "1")
    with pytest.raises(ValueError, match="expected the setting of the run"):
        run(published, monkeypatch, tmp_path, images, "--stop-after", "1", "--lr", "0.1")


@pytest.mark.parametrize("content", [b"", b"hello", b"PK cut off"])
def test_a_broken_checkpoint_is_an_error_that_names_it(published, monkeypatch, tmp_path, images, content):
    (tmp_path / "checkpoint.pt").write_bytes(content)
    with pytest.raises(ValueError, match=r"expected a checkpoint of this script in .*checkpoint\.pt, or none"):
        run(published, monkeypatch, tmp_path, images)


@pytest.mark.parametrize("other", [[1], {"model": {}}])
def test_another_scripts_checkpoint_is_an_error_too(published, monkeypatch, tmp_path, images, other):
    torch.save(other, tmp_path / "checkpoint.pt")
    with pytest.raises(ValueError, match=r"expected a checkpoint of this script in .*checkpoint\.pt, or none"):
        run(published, monkeypatch, tmp_path, images)


@pytest.mark.parametrize(
    "wrong",
    [
        ("--precision", "low"),
        ("--test-samples", "750"),
        ("--num-samples", "0"),
        ("--batch-size", "-1"),
        ("--shorten", "0"),
        ("--threads", "x"),
    ],
    ids=" ".join,
)
def test_options_that_cannot_work_end_the_script_before_it_trains(published, monkeypatch, tmp_path, capsys, wrong):
    monkeypatch.setattr(sys, "argv", ["published.py", str(tmp_path), *wrong])
    with pytest.raises(SystemExit):
        published.arguments()
    assert "expected" in capsys.readouterr().err


def test_the_evaluation_tells_the_tighter_bound_from_the_elbo(published, images):
    torch.manual_seed(0)
    model = published.paper_vae(images.float().mean(0) / 255)
    test = published.evaluate(model, images[:40], 500)
    assert test["test −log p(x)"] < test["test −ELBO"]
    logits = model.decoder.net[-1].bias
    independent = Bernoulli(logits=logits).entropy().sum().item()
    assert test["test −log p(x)"] == pytest.approx(independent, rel=0.2)

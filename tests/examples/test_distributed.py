"""The example of several processes, under a real torchrun, against one process's gradients written out by hand.

An epoch of the 1437 digits is two batches of 288 and three of 287 rows: in these, rank 0 has a row more than rank 1.
"""

import os
import subprocess
import sys
from pathlib import Path

import distributed_worker
import pytest
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from vae_lib.data import digits
from vae_lib.distributions import kl_to_standard_normal
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianEncoder

SEED, NUM_EPOCHS, LATENT = 3, 2, 20
SIZES = [288, 288, 287, 287, 287]
SETTINGS = ["--seed", str(SEED), "--batch-size", str(max(SIZES)), "--num-epochs", str(NUM_EPOCHS)]
TIMEOUT = 240  # seconds; the run takes a few where nothing else runs


def torchrun(world: int, folder: Path) -> str:
    """Run the example in `world` processes, which are gone afterwards; returns what they print."""
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(world)]
    command = [*launcher, distributed_worker.__file__, folder, *SETTINGS, "--save", folder / "model.pt"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, **pipes) as process:
        try:
            printed, errors = process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            process.terminate()  # torchrun, told to end, ends its processes
            raise
    assert process.returncode == 0, errors
    return printed


@pytest.fixture(scope="module")
def two(tmp_path_factory) -> dict:
    """Two processes: what each of them recorded, what they printed, and the model that was saved."""
    folder = tmp_path_factory.mktemp("two")
    printed = torchrun(2, folder)
    ranks = [torch.load(folder / f"{rank}.pt", weights_only=True) for rank in range(2)]
    return {"ranks": ranks, "printed": printed, "saved": saved(folder)}


@pytest.fixture
def one(tmp_path, monkeypatch) -> dict:
    """The example without torchrun, in this process."""
    monkeypatch.setattr(sys, "argv", ["distributed.py", *SETTINGS, "--save", str(tmp_path / "model.pt")])
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.delenv("RANK", raising=False)
    return {"ranks": [distributed_worker.record_run()], "saved": saved(tmp_path)}


def saved(folder: Path) -> Tensor:
    model = make_model()
    model.load_state_dict(torch.load(folder / "model.pt", weights_only=True))
    return parameters_to_vector(model.parameters()).detach()


def make_model() -> VAE:
    return VAE(GaussianEncoder(64, LATENT, 400), BernoulliDecoder(LATENT, 64, 400), LATENT)


class Noise:
    """Each rank's random numbers, from a stream of its own, put where its rows stand in the global batch."""

    def __init__(self, world: int):
        self.streams = [torch.Generator().manual_seed(SEED + 1 + rank) for rank in range(world)]

    def _gather(self, draw, result: Tensor) -> Tensor:
        world = len(self.streams)
        for rank, stream in enumerate(self.streams):
            result[rank::world] = draw(slice(rank, None, world), stream)
        return result

    def binarize(self, x: Tensor) -> Tensor:
        return self._gather(lambda rows, stream: torch.bernoulli(x[rows], generator=stream), torch.empty_like(x))

    def eps(self, num_rows: int) -> Tensor:
        result = torch.empty(num_rows, LATENT)
        return self._gather(lambda rows, stream: torch.randn(result[rows].shape, generator=stream), result)


def elbo_by_hand(model: VAE, x: Tensor, eps: Tensor) -> Tensor:
    mu, log_var = model.encoder.net(x).chunk(2, dim=-1)
    z = mu + torch.exp(log_var / 2) * eps
    cross_entropy = binary_cross_entropy_with_logits(model.decoder.net(z), x, reduction="none").sum(-1)
    return -cross_entropy - kl_to_standard_normal(mu, log_var).sum(-1)


def by_hand(records: dict) -> tuple[list[Tensor], list[dict[str, float]]]:
    """One process, whole batches, each row with the noise it had: the gradient of each step, and the history.

    A step starts from the parameters that were recorded before it, so that rounding does not add up.
    """
    model, noise, alike = make_model(), Noise(len(records["ranks"])), torch.Generator().manual_seed(SEED)
    parameters = [step["parameters"] for step in records["ranks"][0]["steps"]] + [records["saved"]]
    x_train, x_test = (counts / 16 for counts in digits())
    x_test = torch.bernoulli(x_test, generator=alike)
    gradients, history = [], []
    for _ in range(NUM_EPOCHS):
        values = []
        for rows in torch.randperm(len(x_train), generator=alike).split(SIZES):
            vector_to_parameters(parameters[len(gradients)], model.parameters())
            values.append(elbo_by_hand(model, noise.binarize(x_train[rows]), noise.eps(len(rows))))
            gradient = torch.autograd.grad(-values[-1].mean(), list(model.parameters()))
            gradients.append(parameters_to_vector(gradient))
        vector_to_parameters(parameters[len(gradients)], model.parameters())
        test = elbo_by_hand(model, x_test, noise.eps(len(x_test)))
        history.append({"train": torch.cat(values).double().mean().item(), "test": test.double().mean().item()})
    return gradients, history


def assert_is_one_process(records: dict) -> None:
    gradients, history = by_hand(records)
    for rank in records["ranks"]:
        assert len(rank["steps"]) == NUM_EPOCHS * len(SIZES)
        for step, gradient in zip(rank["steps"], gradients, strict=True):
            torch.testing.assert_close(step["gradient"], gradient, rtol=1e-6, atol=1e-6)
        for recorded, expected in zip(rank["history"], history, strict=True):
            assert recorded == pytest.approx(expected, abs=1e-5)  # nats; float32 values of about 40


def test_two_processes_have_the_gradients_and_the_history_of_one(two):
    assert_is_one_process(two)


def test_alone_the_example_has_the_gradients_and_the_history_of_one_process(one):
    assert_is_one_process(one)


def test_the_replicas_stay_identical_bit_by_bit(two):
    steps = [rank["steps"] for rank in two["ranks"]]
    assert all(
        torch.equal(ours[name], theirs[name])
        for ours, theirs in zip(*steps, strict=True)
        for name in ("parameters", "gradient")
    )
    assert two["ranks"][0]["history"] == two["ranks"][1]["history"]


def test_one_and_two_processes_start_alike_and_end_alike(one, two):
    assert torch.equal(one["ranks"][0]["steps"][0]["parameters"], two["ranks"][0]["steps"][0]["parameters"])
    ends = [run["ranks"][0]["history"][-1]["test"] for run in (one, two)]
    assert ends[0] == pytest.approx(ends[1], abs=0.5)  # other noise, of 360 images
    assert ends[0] > -40  # 64 log 2 = 44.4 at the first step


def test_one_rank_alone_prints_a_line_an_epoch(two):
    lines = two["printed"].splitlines()
    assert [line.split(":")[0] for line in lines] == [f"epoch {epoch + 1}" for epoch in range(NUM_EPOCHS)]
    for line, means in zip(lines, two["ranks"][0]["history"], strict=True):
        assert f"train {means['train']:.2f}, test {means['test']:.2f} nats" in line


def test_a_batch_with_fewer_rows_than_processes_is_an_error_that_says_so(monkeypatch):
    example = distributed_worker.load_example()
    monkeypatch.setattr(example.dist, "get_world_size", lambda: 4)
    with pytest.raises(ValueError, match="expected a row a batch for each of 4 processes, got 4"):
        example.train_epoch(None, None, torch.ones(7, 64), torch.arange(7), 4)  # batches of 4 and 3 rows


@pytest.mark.parametrize("wrong", [("--batch-size", "0"), ("--num-epochs", "-1"), ("--save", "nowhere/model.pt")])
def test_options_that_cannot_work_end_the_example_before_it_trains(monkeypatch, capsys, wrong):
    monkeypatch.setattr(sys, "argv", ["distributed.py", *wrong])
    with pytest.raises(SystemExit):
        distributed_worker.load_example().arguments()
    assert "expected" in capsys.readouterr().err

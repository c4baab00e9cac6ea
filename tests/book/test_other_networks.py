"""Chapter 5's code for other networks and other data runs as it is printed, on sizes and data of our own."""

import ast
import hashlib
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch

from vae_lib import data
from vae_lib.adapter import adapt
from vae_lib.distributions import bernoulli, binomial
from vae_lib.exact import log_likelihood
from vae_lib.objectives import elbo, importance_weighted_bound

PATH = Path(__file__).parents[2] / "book" / "05_training.ipynb"
CELLS = {cell.id: cell.source for cell in nbformat.read(PATH, as_version=4).cells}
(MNIST_CODE,) = re.findall(r"```python\n(.*?)```", CELLS["05-other-mnist"], flags=re.DOTALL)


@pytest.fixture
def names() -> dict:
    """What the chapter's cells define, and what they import, none of them changed."""
    namespace: dict = {}
    imports = [node for node in ast.parse(CELLS["05-003"]).body if isinstance(node, ast.Import | ast.ImportFrom)]
    exec(ast.unparse(ast.Module(imports, [])), namespace)
    for cell in ("05-other-conv", "05-other-colour-fit", "05-other-given", "05-other-label-fit"):
        defined = [node for node in ast.parse(CELLS[cell]).body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
        exec(ast.unparse(ast.Module(defined, [])), namespace)
    return namespace


@pytest.mark.parametrize(("channels", "side"), [(1, 8), (3, 8), (3, 28), (2, 12)])
def test_the_convolutions_take_images_of_any_such_size_and_colour(names, channels, side):
    x = torch.rand(9, channels, side, side)
    model = adapt(names["ConvVAE"](channels, side, 2), names["LearnedNoise"](), x)
    history = names["fit"](model, x, num_epochs=2, batch_size=4, x_test=x)
    assert history["test"][1] > history["test"][0]
    assert importance_weighted_bound(model, x, num_samples=3).shape == (9,)
    assert model.sample(2).mean.shape == (2, channels, side, side)


def test_a_given_label_makes_a_vae_whose_bound_lies_below_its_own_log_p(names):
    x, labels = torch.randint(0, 2, (6, 5)).float(), torch.tensor([0, 1, 2, 2, 1, 0])
    given = names["ConditionalVAE"](5, 4, 1, 3).given(labels)
    torch.manual_seed(0)
    mean = torch.stack([elbo(given, x) for _ in range(400)]).mean(0)
    z = torch.linspace(-8, 8, 2001)[:, None, None].expand(-1, 6, 1)  # [samples, batch, latent]
    log_joint = given.decoder(z).log_prob(x) + given.prior.log_prob(z)
    log_p = torch.logsumexp(log_joint, 0) + torch.tensor(16 / 2000).log()
    assert (mean < log_p + 0.05).all()
    torch.testing.assert_close(importance_weighted_bound(given, x, num_samples=20000), log_p, rtol=0, atol=0.05)


def test_the_label_reaches_both_networks_and_fit_hands_it_over(names):
    model = names["ConditionalVAE"](5, 4, 2, 3)
    x, z, first, second = torch.ones(1, 5), torch.ones(1, 2), torch.tensor([0]), torch.tensor([1])
    assert not torch.equal(model.given(first).encoder(x).mean, model.given(second).encoder(x).mean)
    assert not torch.equal(model.given(first).decoder(z).mean, model.given(second).decoder(z).mean)
    labels = torch.arange(90) % 3
    copies = torch.eye(3)[labels].repeat(1, 2)[:, :5]  # x says its label
    settings = {"objective": names["conditional_elbo"], "num_epochs": 60, "batch_size": 10, "lr": 1e-2}
    history = names["fit"](model, (copies, labels), **settings)
    assert history["train"][-1] > -0.5  # given the label nothing is left to say; log 3 without it


def made_up_mnist(folder: Path, monkeypatch) -> None:
    """A file of MNIST's form, with a few images, that the loader takes for the original."""
    rng, images = np.random.default_rng(0), {}
    for part, number in {"train": 300, "test": 130}.items():
        images[f"x_{part}"] = rng.integers(0, 256, (number, 28, 28), dtype=np.uint8)
        content = np.array([2051, number, 28, 28], ">i4").tobytes() + images[f"x_{part}"].tobytes()
        monkeypatch.setitem(data.MNIST["md5"], part, hashlib.md5(content, usedforsecurity=False).hexdigest())
    np.savez(folder / "mnist.npz", **images)
    monkeypatch.setenv("VAE_LIB_DATA", str(folder))
    monkeypatch.chdir(folder)


def test_mnist_from_end_to_end_runs_as_it_is_printed(names, tmp_path, monkeypatch, capsys):
    made_up_mnist(tmp_path, monkeypatch)
    lines = [line for line in MNIST_CODE.splitlines() if line.strip()]
    assert len(lines) <= 20
    exec(MNIST_CODE, names)
    said = re.fullmatch(r"all test images: −ELBO (.+)\nthe first hundred: −L_100 (.+)\n", capsys.readouterr().out)
    assert all(540 < float(nats) < 620 for nats in said.groups())  # of noise: 784 log 2 = 543.4 is the best there is
    assert (tmp_path / "mnist.pt").is_file()


def test_the_likelihoods_of_the_chapters_table_score_what_it_says(names):
    rows = re.findall(r"^\| (.+?) \| (.+?) \| `(.+?)`", CELLS["05-other"], flags=re.MULTILINE)
    names |= {"Normal": torch.distributions.Normal, "binomial": binomial}
    x = {"black or white": torch.randint(0, 2, (4, 3)).float(), "real values": torch.randn(4, 3)}
    x["counts 0…16"] = torch.randint(0, 17, (4, 3)).float()
    *made, (given, _, none) = rows
    assert (given, none, len(made)) == ("a distribution", "None", 4)
    for given, pixels, likelihood in made:
        values = torch.rand(4, 3) if given == "probabilities" else torch.randn(4, 3)
        assert eval(likelihood, names)(values).log_prob(x[pixels]).isfinite().all()


def test_the_adapted_homework_of_the_chapter_is_its_loss(names):
    namespace = dict(names)
    for cell in ("05-015", "05-016"):
        exec(CELLS[cell], namespace)
    x = torch.randint(0, 2, (20, 12)).float()
    raw = namespace["HomeworkVAE"](12, 7, 2)
    model = adapt(raw, bernoulli, x)
    torch.manual_seed(1)
    came = -elbo(model, x).mean()
    torch.manual_seed(1)
    mu, log_var = raw.encode(x)
    by_hand = namespace["loss_function"](raw.decode(raw.reparameterize(mu, log_var)), x, mu, log_var)
    torch.testing.assert_close(came, by_hand)
    assert log_likelihood(model, x[:1]).isfinite().all()

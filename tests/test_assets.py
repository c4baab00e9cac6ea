"""What ships with the library is what the manifest says, made by the command that it names."""

import hashlib
import json
import runpy
import shutil
from pathlib import Path

import pytest
import torch

from vae_lib import shipped
from vae_lib.data import digits
from vae_lib.distributions import bernoulli
from vae_lib.evaluation import expected_elbo
from vae_lib.objectives import elbo
from vae_lib.shipped import ASSETS, asset, digits_vae

ROOT = Path(__file__).parents[1]
MANIFEST = json.loads((ASSETS / "manifest.json").read_text())
ENTRY = MANIFEST["digits_vae.json"]
tool = runpy.run_path(str(ROOT / "book" / "_tools" / "assets.py"))


@pytest.fixture(scope="module")
def x_test():
    return (digits()[1] >= 8).float()


def test_the_manifest_names_every_asset_and_no_other():
    assert {path.name for path in ASSETS.iterdir()} == {*MANIFEST, "manifest.json"}


@pytest.mark.parametrize("name", MANIFEST)
def test_each_asset_has_the_manifests_hash_and_a_command_that_exists(name):
    assert hashlib.sha256((ASSETS / name).read_bytes()).hexdigest() == MANIFEST[name]["sha256"]
    python, file = MANIFEST[name]["command"].split()
    assert python == "python"
    assert (ROOT / file).is_file()


def test_the_shipped_weights_have_the_metric_of_the_manifest(x_test):
    exact = -expected_elbo(digits_vae(), x_test, tol=1e-3).mean().item()
    assert exact == pytest.approx(ENTRY["metric"]["value"], abs=0.006)  # half of the last digit, and the tolerance


def test_draws_agree_with_the_metric_within_four_standard_errors(x_test):
    torch.manual_seed(0)
    with torch.no_grad():
        draws = torch.stack([-elbo(digits_vae(), x_test).mean() for _ in range(50)])
    assert draws.mean().item() == pytest.approx(ENTRY["metric"]["value"], abs=0.006 + 4 * draws.std().item() / 50**0.5)


def test_the_shipped_model_is_trained(x_test):
    x_train = (digits()[0] >= 8).float()
    p_hat = (1 + x_train.sum(0)) / (2 + len(x_train))
    independent = -bernoulli(p_hat.logit()).log_prob(x_test).mean().item()
    assert ENTRY["metric"]["value"] < independent - 4


def test_training_anew_gives_the_same_text_and_the_text_the_same_model():
    texts = [tool["text"](tool["train"](num_epochs=2)) for _ in range(2)]
    assert texts[0] == texts[1]
    assert tool["text"](digits_vae()) == (ASSETS / "digits_vae.json").read_text()


def test_the_model_is_complete_and_float32():
    assert {parameter.dtype for parameter in digits_vae().parameters()} == {torch.float32}
    assert set(asset("digits_vae.json")) == set(shipped.fresh_digits_vae().state_dict())


def test_a_missing_file_is_named_with_the_cure(tmp_path, monkeypatch):
    shutil.copy(ASSETS / "manifest.json", tmp_path)
    monkeypatch.setattr(shipped, "ASSETS", tmp_path)
    with pytest.raises(FileNotFoundError, match=r"expected the file .*digits_vae.json: install .* `make assets`"):
        digits_vae()

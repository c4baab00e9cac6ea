"""What ships with the library is what the manifest says, made by the command that it names."""

import json
import shutil

import assets
import digits_run
import numpy as np
import published_runs
import pytest
import torch
from torch.distributions import kl_divergence

from vae_lib.data import digits
from vae_lib.distributions import bernoulli
from vae_lib.objectives import elbo, elbo_terms
from vae_lib.shipped import weights
from vae_lib.shipped.weights import ASSETS, asset, digits_vae, encoded, load, recorded_digits_vae
from vae_lib.training import fit

MANIFEST = json.loads((ASSETS / "manifest.json").read_text())
ENTRY = MANIFEST["digits_vae.json"]
RECORD = asset("epochs.json")


def same(model, other) -> bool:
    pairs = zip(model.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(one, two) for one, two in pairs)


@pytest.fixture(scope="module")
def x_test():
    return (digits()[1] >= 8).float()


@torch.no_grad()
def elbo_by_fixed_points(model, x, *, tol):
    """The expected ELBO by Gauss–Hermite's rule, 24 points a dimension: 16 s faster a model than to a tolerance."""
    nodes, weights = map(torch.from_numpy, np.polynomial.hermite_e.hermegauss(24))
    eps = torch.cartesian_prod(nodes, nodes)[:, None].float()
    weights = torch.cartesian_prod(weights, weights).prod(1)
    qz_x = model.encoder(x)
    log_px_z = model.decoder(qz_x.mean + qz_x.stddev * eps).log_prob(x).double()
    return (weights / weights.sum()) @ log_px_z - kl_divergence(qz_x, model.prior)


each_asset = pytest.mark.parametrize("name", MANIFEST)


def test_the_tool_makes_every_asset_and_the_manifest_names_them():
    assert {path.name for path in ASSETS.glob("*.json")} == {*MANIFEST, "manifest.json"}
    assert list(MANIFEST) == list(assets.MADE)


@each_asset
def test_the_manifest_says_of_each_asset_what_it_is_and_what_made_it(name, monkeypatch):
    monkeypatch.setattr(digits_run, "expected_elbo", elbo_by_fixed_points)
    found = json.loads(json.dumps(assets.entry(name, MANIFEST[name]["versions"])))
    for part in ("sha256", "format", "command", "data", "seed"):
        assert found[part] == MANIFEST[name][part]
    assert found["metric"]["name"] == MANIFEST[name]["metric"]["name"]
    assert found["metric"]["value"] == pytest.approx(MANIFEST[name]["metric"]["value"], abs=0.011)  # both are rounded


@each_asset
def test_no_script_has_changed_without_its_asset(name):
    now = {
        path: assets.sha256(assets.code((assets.ROOT / path).read_text()).encode())
        for path in assets.MADE[name].scripts
    }
    cure = "run `make assets`, or `make manifest` where the change changes no number"
    assert now == MANIFEST[name]["scripts"], cure


@each_asset
def test_the_manifest_names_the_versions_that_made_an_asset_or_says_that_they_are_not_known(name):
    made_by = MANIFEST[name]["versions"]
    assert made_by.keys() == {"python", *assets.PACKAGES}
    assert (None in made_by.values()) == (made_by == published_runs.VERSIONS)


def test_a_mended_typo_leaves_a_scripts_hash_and_a_changed_number_does_not():
    before = 'def f(x):\n    """Adds one to x."""\n    return x + 1  # tow\n'
    mended = '# A comment more.\n\ndef f(x):\n    """Adds\n    1 to x."""\n\n    return x + 1  # two\n'
    assert assets.code(mended) == assets.code(before) == "def f(x):\n    return x + 1"
    assert assets.code(before.replace("x + 1", "x + 2")) != assets.code(before)


def test_the_published_runs_are_those_of_the_logs():
    assert assets.text(published_runs.published()) == (ASSETS / "published.json").read_text()


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
    weights_twice = [digits_run.weights(digits_run.run.__wrapped__((0, 2))[0][-1]) for _ in range(2)]
    assert weights_twice[0] == weights_twice[1]
    assert assets.text(digits_run.weights(digits_vae())) == (ASSETS / "digits_vae.json").read_text()


def test_a_run_in_parts_is_the_run_in_one(x_test):
    x_train = (digits()[0] >= 8).float()
    models, history = digits_run.run((0, 1, 3))
    torch.manual_seed(0)
    model = weights.fresh_digits_vae()
    assert same(model, models[0])
    whole = fit(model, x_train, num_epochs=3, batch_size=64, lr=2e-3, x_test=x_test)
    assert same(model, models[2])
    assert not same(model, models[1])
    assert history == {name: whole[name] for name in ("reconstruction", "kl")}


def test_a_record_is_read_back_to_half_of_its_last_digit():
    model = digits_run.run((0, 1, 3))[0][-1]
    for found, wanted in zip(load(encoded(model)).parameters(), model.parameters(), strict=True):
        torch.testing.assert_close(found, wanted, rtol=0, atol=0.5001 / weights.SCALE)


def test_the_last_record_is_the_shipped_model():
    assert same(recorded_digits_vae(RECORD["epochs"][-1]), digits_vae())


@pytest.mark.parametrize("epoch", RECORD["epochs"])
def test_each_record_has_its_exact_reconstruction_term_within_four_standard_errors(x_test, epoch):
    torch.manual_seed(0)
    model, wanted = recorded_digits_vae(epoch), RECORD["reconstruction"][RECORD["epochs"].index(epoch)]
    with torch.no_grad():
        draws = torch.stack([elbo_terms(model, x_test)[0].mean() for _ in range(200)])
    assert draws.mean().item() == pytest.approx(wanted, abs=0.002 + 4 * draws.std().item() / 200**0.5)


def test_the_history_has_each_epoch_and_agrees_with_the_records(x_test):
    history = RECORD["history"]
    assert len(history["kl"]) == len(history["reconstruction"]) == RECORD["epochs"][-1]
    for epoch, exact in zip(RECORD["epochs"][1:], RECORD["reconstruction"][1:], strict=True):
        torch.manual_seed(0)
        with torch.no_grad():
            kl = elbo_terms(recorded_digits_vae(epoch), x_test)[1].mean().item()
        assert history["kl"][epoch - 1] == pytest.approx(kl, abs=0.006)  # weights and mean are rounded
        assert history["reconstruction"][epoch - 1] == pytest.approx(exact, abs=0.6)  # one draw an image


def test_an_epoch_that_was_not_recorded_is_refused_with_those_that_were():
    with pytest.raises(ValueError, match=r"expected one of the recorded epochs \[0, 1, 2, .* 500\], got 7"):
        recorded_digits_vae(7)


def test_a_weight_without_a_code_is_refused():
    model = digits_vae()
    with torch.no_grad():
        model.decoder.net[2].bias[3] = 13.2
    with pytest.raises(ValueError, match=r"expected weights below 13.1072 in size, got 13.2"):
        encoded(model)


def test_the_model_is_complete_and_float32():
    assert {parameter.dtype for parameter in digits_vae().parameters()} == {torch.float32}
    assert set(asset("digits_vae.json")) == set(weights.fresh_digits_vae().state_dict())


def test_loading_a_shipped_model_uses_up_no_random_numbers():
    torch.manual_seed(0)
    digits_vae(), recorded_digits_vae(0)
    after = torch.rand(3)
    torch.manual_seed(0)
    assert torch.equal(after, torch.rand(3))


def test_a_missing_file_is_named_with_the_cure(tmp_path, monkeypatch):
    shutil.copy(ASSETS / "manifest.json", tmp_path)
    monkeypatch.setattr(weights, "ASSETS", tmp_path)
    with pytest.raises(FileNotFoundError, match=r"expected the file .*digits_vae.json: install .* `make assets`"):
        digits_vae()

"""The calculator's formulas give what vae_lib.diagnose.reductions gives, on 1500 random losses."""

import numpy as np
import pytest
from node import javascript

from vae_lib.diagnose.reductions import REDUCTIONS, Implied, implied

COUNT = 1500
ERRORS = [
    ("bernoulli", False),
    ("gaussian", False),
    ("gaussian", True),
]  # the likelihood; does the loss hold its constant?


@pytest.fixture(scope="module")
def settings() -> list[dict]:
    rng = np.random.default_rng(0)
    return [drawn(rng, *ERRORS[i % 3]) for i in range(COUNT)]


def drawn(rng: np.random.Generator, likelihood: str, constant: bool) -> dict:
    """A loss, which may be negative where it holds the Gaussian's constant."""
    sizes = {"dataDim": 2000, "latentDim": 200, "batchSize": 500}
    return {
        "loss": float(10 ** rng.uniform(-2, 6)) * (-0.01 if constant and rng.integers(2) else 1),
        "likelihood": likelihood,
        "constant": constant,
        "noiseStd": float(10 ** rng.uniform(-2, 1)),
        "reconstruction": str(rng.choice(REDUCTIONS)),
        "kl": str(rng.choice(REDUCTIONS)),
        "factor": float(rng.choice([1, 0.5, rng.uniform(0.01, 10)])),
        "weight": float(rng.choice([1, 10 ** rng.uniform(-4, 4)])),
        "klNats": rng.choice([None, float(rng.uniform(0, 30))]),
        **{name: int(rng.integers(1, high)) for name, high in sizes.items()},
    }


def python(setting: dict, data_dim="dataDim", latent_dim="latentDim", batch_size="batchSize") -> Implied | None:
    given = dict(setting)
    renamed = {name: given.pop(old) for name, old in (("data_dim", data_dim), ("latent_dim", latent_dim))}
    renamed |= {"batch_size": given.pop(batch_size), "kl_nats": given.pop("klNats")}
    noise_std = given.pop("noiseStd")
    renamed |= {"noise_std": noise_std if given.pop("constant") else None}
    try:
        return implied(given.pop("loss"), given.pop("likelihood"), **given, **renamed)
    except ValueError:
        return None


def test_scale_beta_variance_and_nats(settings):
    found = javascript("calculator/formulas", "implied", [[setting] for setting in settings])
    unknown = refused = negative = 0
    for setting, of_js in zip(settings, found, strict=True):
        expected = python(setting)
        if expected is None or of_js is None:
            assert of_js is expected
            refused += 1
            continue
        unknown += expected.nats is None
        negative += setting["loss"] < 0
        assert (of_js["noiseVar"] is None) == (expected.noise_var is None)
        assert (of_js["nats"] is None) == (expected.nats is None)
        numbers = [of_js["scale"], of_js["beta"], of_js["noiseVar"] or 0, of_js["nats"] or 0]
        wanted = [expected.scale, expected.beta, expected.noise_var or 0, expected.nats or 0]
        np.testing.assert_allclose(numbers, wanted, rtol=1e-10, err_msg=str(setting))
    assert 0 < unknown < COUNT / 2
    assert 0 < refused < COUNT / 2
    assert negative > 50


def test_the_nats_that_can_pass_the_latent(settings):
    answered = [setting for setting in settings if python(setting)]
    of_js = javascript("calculator/formulas", "implied", [[setting] for setting in answered])
    budgets = javascript("calculator/formulas", "budget", [[found, 4.7] for found in of_js])
    np.testing.assert_allclose(budgets, [python(setting).budget(4.7) for setting in answered], rtol=1e-10)


def test_what_python_refuses_javascript_refuses(settings):
    for wrong in ({"weight": 0}, {"dataDim": None}, {"latentDim": -1}, {"batchSize": 0}, {"factor": 0}, {"klNats": -1}):
        assert javascript("calculator/formulas", "implied", [[settings[0] | wrong]]) == [None]
    for likelihood, constant in ERRORS[:2]:
        negative = {"loss": -1, "likelihood": likelihood, "constant": constant}
        assert javascript("calculator/formulas", "implied", [[settings[0] | negative]]) == [None]
    for noise_std in (0, -1, None):
        without = {"likelihood": "gaussian", "constant": True, "noiseStd": noise_std}
        assert javascript("calculator/formulas", "implied", [[settings[0] | without]]) == [None]

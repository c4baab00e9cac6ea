"""The names' functions give what the shipped decoders give in the library, summed over the five z, in float64."""

import base64
import math
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import torch
from node import javascript
from torch import Tensor

from vae_lib.data import first_names
from vae_lib.figures.names import figure
from vae_lib.figures.names.figure import NETS, RUNS, recorded_curves
from vae_lib.sequences import to_symbols
from vae_lib.shipped.weights import asset

STATES = torch.eye(5, dtype=torch.float64)
NAMES = [*first_names()[1][:6], "a", "christopher", "qx"]
PAIRS = [(net, run) for net in NETS for run in RUNS]
decoder, packed = cache(figure.decoder), cache(figure.packed)
SYMBOLS = to_symbols(NAMES, num_steps=12)

each_decoder = pytest.mark.parametrize(("net", "run"), PAIRS)


def row_of(name: str) -> list[int]:
    return [ord(letter) - ord("a") + 1 for letter in name]


def log_joint(net: str, run: str, x: Tensor) -> Tensor:
    """log p(x, z), `[z, names]`, by the library."""
    return decoder(net, run)(STATES[:, None]).log_prob(x) - math.log(5)


def unpacked(matrix: dict) -> np.ndarray:
    whole = np.frombuffer(base64.b64decode(matrix["int16"]), "<i2")
    return whole.reshape(-1, matrix["columns"]) / matrix["scale"]


@each_decoder
def test_log_p_and_the_posterior_are_the_librarys_to_the_digits_shown(net, run):
    found = javascript("names", "readOf", [[packed(net, run), row_of(name)] for name in NAMES])
    joint = log_joint(net, run, SYMBOLS)
    # The GRU's weights ship with three digits, so nothing is lost; the mixture's table is rounded, a row a symbol.
    lost = 1e-9 if net == "GRU" else 1.01 / packed(net, run)["table"]["scale"]
    for name, one, logp in zip(NAMES, found, joint.logsumexp(0).tolist(), strict=True):
        assert one["logp"] == pytest.approx(logp, abs=lost * (len(name) + 1)), name
    before = javascript("names", "readOf", [[packed(net, run), row_of(name), z] for name in NAMES for z in range(5)])
    given = np.array([one["logp"] for one in before]).reshape(-1, 5).T
    np.testing.assert_allclose(given, joint + math.log(5), atol=12 * lost)


@each_decoder
def test_each_next_symbol_and_posterior_on_the_way_is_the_librarys(net, run):
    name = "stephanie"
    (found,) = javascript("names", "readOf", [[packed(net, run), row_of(name)]])
    rows = decoder(net, run).log_probs(STATES, to_symbols([name])[0].expand(5, -1))  # [z, places, symbols]
    terms = rows.gather(-1, to_symbols([name])[0].expand(5, -1)[..., None])[..., 0]
    seen = torch.cat([torch.zeros(5, 1, dtype=torch.float64), terms[:, :-1].cumsum(1)], 1)
    posterior = seen.softmax(0)
    lost = 1e-9 if net == "GRU" else 5e-3
    np.testing.assert_allclose(found["posterior"], posterior.T, atol=lost)
    np.testing.assert_allclose(found["next"], (posterior[..., None] * rows.exp()).sum(0), atol=lost)


@pytest.mark.parametrize("run", RUNS)
def test_the_mixture_computes_with_its_rounded_table_exactly(run):
    table = torch.from_numpy(unpacked(packed("mixture", run)["table"])).reshape(5, 27, 27).log_softmax(-1)
    found = javascript("names", "readOf", [[packed("mixture", run), row_of(name)] for name in NAMES])
    for name, one in zip(NAMES, found, strict=True):
        x = [0, *row_of(name), 0]
        joint = sum(table[:, a, b] for a, b in pairwise(x)) - math.log(5)
        assert one["logp"] == pytest.approx(joint.logsumexp(0).item(), abs=1e-10)
        np.testing.assert_allclose(one["posterior"][-1], (joint - table[:, x[-2], 0]).softmax(0), atol=1e-10)


@pytest.mark.parametrize("net", NETS)
def test_a_drawn_name_takes_the_symbols_that_its_numbers_fall_on(net):
    uniforms = np.random.default_rng(0).random((20, 12)).tolist()
    drawn = javascript("names", "drawnOf", [[packed(net, "with z"), 1, row] for row in uniforms])
    for symbols, row in zip(drawn, uniforms, strict=True):
        whole = [*symbols, 0][:12]
        p = decoder(net, "with z").log_probs(STATES[1:2], torch.tensor([whole]))[0].exp()
        for t, symbol in enumerate(whole):
            assert p[t, :symbol].sum() - 1e-4 <= row[t] <= p[t, : symbol + 1].sum() + 1e-4
        assert len(symbols) == 12 or whole[-1] == 0


@each_decoder
def test_what_is_told_of_a_run_is_that_of_its_rounded_weights(net, run):
    told = asset("names.json")[net][run]
    joint = log_joint(net, run, to_symbols(first_names()[1], num_steps=12))
    posterior = joint.softmax(0)
    known = (posterior * (posterior / posterior.mean(1, keepdim=True)).log()).nansum(0).mean().item()
    assert -joint.logsumexp(0).mean().item() == pytest.approx(told["−log p"], abs=1e-3)
    assert known == pytest.approx(told["I"], abs=1e-3)
    assert known > 0.3 if run == "with z" else known < 0.005


def test_the_two_mixtures_are_one_net_and_one_objective_and_differ_in_the_dose_alone():
    pair = asset("names.json")["mixture"]
    used, unused = ({name: pair[run][name] for name in ("rate", "epochs", "seed")} for run in RUNS)
    assert used == unused
    assert all(pair[run]["arm"].startswith("dose ") for run in RUNS)


@pytest.mark.parametrize("net", NETS)
def test_the_recorded_curves_have_a_row_a_seed_and_information_within_its_bounds(net):
    found = recorded_curves(net)
    assert {"dose 1", "exact"} <= found.keys()
    for arm in found.values():
        known, loss = np.array(arm["I"]), np.array(arm["−log p"])
        assert known.shape == loss.shape == (len(known), len(arm["epochs"]))
        assert known.min() >= 0
        assert known.max() <= math.log(5)

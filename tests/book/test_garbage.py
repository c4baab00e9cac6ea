"""The garbage of `tests/garbage/`: an assertion that holds of it is found, and it leaves no trace."""

from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
import torch
from notebooks import chapters

from garbage.spoil import HERE, listed, must_fail


@pytest.mark.parametrize("path", chapters(), ids=lambda path: path.stem)
def test_every_assertion_of_a_chapter_has_its_garbage(path):
    listed(path.stem, nbformat.read(path, as_version=4).cells)


def test_every_list_has_its_chapter():
    assert {path.stem for path in HERE.glob("*.toml")} <= {path.stem for path in chapters()}


def test_a_chapter_that_asserts_and_has_no_list_is_an_error():
    cell = nbformat.v4.new_code_cell("assert 1 < 2")
    with pytest.raises(SystemExit, match=r"no list of what spoils them: tests/garbage/00_new\.toml"):
        listed("00_new", [cell])


def test_a_claim_fails_of_garbage_or_it_is_an_error():
    must_fail("n < 2", "n = 3", "assert n < 2", {"n": 1})
    with pytest.raises(ValueError, match="garbage passes"):
        must_fail("n < 2", "n = 0", "assert n < 2", {"n": 1})


def test_only_the_claim_of_its_cell_may_fail():
    with pytest.raises(ValueError, match="garbage passes"):
        must_fail("n < 9", "n = 3", "assert n < 2\nassert n < 9", {"n": 1})


def test_garbage_that_fails_itself_is_an_error():
    with pytest.raises(AssertionError, match="no number"):
        must_fail("n < 2", "raise AssertionError('no number')", "assert n < 2", {"n": 1})


def test_an_assertion_of_what_the_claim_calls_is_an_error():
    def half(n):
        assert n % 2 == 0, "odd"
        return n // 2

    with pytest.raises(AssertionError, match="odd"):
        must_fail("half(n) == 1", "n = 3", "assert half(n) == 1", {"n": 2, "half": half})


@pytest.mark.parametrize(
    ("value", "spoil"),
    [
        (np.zeros(3), "value[:] = 1"),
        (np.array([0, "a"], dtype=object), "value[:] = 1"),
        (torch.zeros(3), "value += 1"),
        (torch.nn.Linear(1, 3), "value.bias.data.add_(1)"),
        ([0, 0], "value.append(1)"),
        ({"of it": [0]}, "value['of it'].append(1)"),
    ],
    ids=["array", "array of objects", "tensor", "network", "list", "dictionary"],
)
def test_what_garbage_changes_in_place_is_a_copy(value, spoil):
    before = str(getattr(value, "bias", value))
    must_fail("spoiled is None", f"{spoil}\nspoiled = value", "assert spoiled is None", {"value": value})
    assert str(getattr(value, "bias", value)) == before


def test_the_copy_of_a_network_keeps_its_gradients():
    net = torch.nn.Linear(1, 3)
    net(torch.ones(1)).sum().backward()
    must_fail("len(slopes) == 6", "slopes = net.bias.grad.mul_(2)", "assert len(slopes) == 6", {"net": net})
    assert net.bias.grad.tolist() == [1, 1, 1]


@pytest.mark.parametrize("spoil", ["module.pi = 3", "module.pi += 1", "del module.pi"])
def test_garbage_that_would_change_a_module_is_refused(spoil):
    module = SimpleNamespace(pi=3.14)
    with pytest.raises(ValueError, match=r"module\.pi would stay changed"):
        must_fail("module.pi > 3", spoil, "assert module.pi > 3", {"module": module})
    assert module.pi == 3.14


def test_the_draws_of_the_cells_below_stay_the_same():
    state = torch.get_rng_state()
    must_fail("n < 2", "n = 3 + torch.rand(1)", "assert n < 2", {"n": 1, "torch": torch})
    assert torch.equal(torch.get_rng_state(), state)

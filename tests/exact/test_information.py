"""Chapter 10: I(x; z) of rows under a countable z: its bounds, for any q, and what it is where it is known."""

import math
from itertools import product

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from vae_lib.exact.information import information, of_labels


@given(st.integers(1, 6), st.integers(1, 9), st.floats(0, 200), st.integers(0, 99), st.sampled_from(["32", "64"]))
def test_it_is_never_negative_and_never_above_log_k_or_log_n(states, batch, sharpness, seed, bits):
    logits = torch.randn(states, batch, generator=torch.Generator().manual_seed(seed)) * sharpness
    told = information(logits.to(getattr(torch, f"float{bits}")).softmax(0))
    assert 0 <= told <= math.log(min(states, batch))


def test_what_rounding_adds_below_0_and_above_log_k_or_log_n_is_cut_off():
    """In float64 it adds up to 4e-16, for some of these sizes."""
    for states, batch in product(range(1, 8), range(1, 12)):
        told = min(states, batch)
        alike = torch.arange(1, states + 1).double()[:, None].expand(states, batch)
        assert 0 <= information(alike / alike.sum(0)) < 1e-12
        apart = ((torch.arange(states)[:, None] - torch.arange(batch)) % told == 0).double()
        assert information(apart / apart.sum(0)) <= math.log(told)


def test_the_sum_is_one_of_float64_whatever_comes():
    q = torch.randn(4, 9, generator=torch.Generator().manual_seed(0)).softmax(0)
    assert information(q) == information(q.double())


def test_columns_that_sum_to_1_but_for_rounding_count_as_if_they_did():
    q = torch.randn(4, 9, generator=torch.Generator().manual_seed(0)).double().softmax(0)
    off = 9e-5 * torch.linspace(-1, 1, 9)
    assert information(q * (1 + off)) == pytest.approx(information(q), abs=1e-12)
    with pytest.raises(ValueError, match="columns sum to 1"):
        information(q * (1 + 2 * off))


def test_it_is_0_where_all_rows_are_alike_and_log_k_where_each_face_has_its_share_for_sure():
    assert information(torch.tensor([[0.3], [0.7]]).expand(2, 5)) == pytest.approx(0, abs=1e-12)
    assert information(torch.eye(4).repeat(1, 3)) == pytest.approx(math.log(4), abs=1e-12)
    assert information(torch.eye(8)[:, :2]) == pytest.approx(math.log(2), abs=1e-12)


def test_it_is_the_mean_kl_to_the_average_and_less_than_the_mean_kl_to_the_prior():
    q = torch.tensor([[0.9, 0.5, 0.2], [0.1, 0.5, 0.8]], dtype=torch.float64)
    kl = sum(p * math.log(p / q[k].mean()) for k in range(2) for p in q[k].tolist()) / 3
    assert information(q) == pytest.approx(kl, abs=1e-12)
    assert information(q) < (q * (q / 0.5).log()).sum(0).mean()


@pytest.mark.parametrize("bad", [torch.ones(2, 3), torch.tensor([0.5, 0.5]), torch.tensor([[1.5], [-0.5]]),
                                 torch.full((2, 2), torch.nan), torch.ones(0, 3)])  # fmt: skip
def test_what_are_no_probabilities_is_refused(bad):
    with pytest.raises(ValueError, match=r"probabilities \[states, batch\] whose columns sum to 1"):
        information(bad)


def test_what_z_tells_of_a_label_is_at_most_its_entropy_and_at_most_what_it_tells_of_the_row():
    torch.manual_seed(0)
    q, labels = (2 * torch.randn(4, 12)).softmax(0), torch.tensor([0, 0, 0, 1, 1, 2, 2, 2, 2, 2, 2, 0])
    share = labels.bincount() / 12
    told = information(of_labels(q, labels))
    assert told <= min(information(q), -(share * share.log()).sum().item()) + 1e-9
    by_hand = sum(p * (m * (m / q.mean(1)).log()).sum() for p, m in zip(share, means(q, labels), strict=True))
    assert told == pytest.approx(by_hand.item(), abs=1e-6)


def means(q, labels):
    return [q[:, labels == label].mean(1) for label in range(3)]


def test_it_tells_all_of_a_label_that_is_the_face_and_nothing_of_one_that_all_rows_share():
    q = torch.eye(3)[:, [0, 1, 2, 2, 1, 0]]
    assert information(of_labels(q, torch.tensor([0, 1, 2, 2, 1, 0]))) == pytest.approx(math.log(3), abs=1e-9)
    assert information(of_labels(q, torch.zeros(6, dtype=torch.long))) == pytest.approx(0, abs=1e-9)
    with pytest.raises(ValueError, match=r"labels \[6\]"):
        of_labels(q, torch.zeros(5, dtype=torch.long))

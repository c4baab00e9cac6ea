"""What a check of a chapter's numbers by hand says of what stays open, and of what it cannot read."""

import pytest
from mistakes.table import said

from vae_lib.exercises import check_encoding_by_hand


def test_what_is_open_is_listed_and_what_is_wrong_is_named_in_the_order_of_the_computation():
    assert said(check_encoding_by_hand, {"h1": [0, 1, 2], "z": ...}) == (
        "✓ h1: right. Still open: mu, log_var, sigma, z."
    )
    assert said(check_encoding_by_hand, {"mu": [..., 0.5, -1], "sigma": ...}) == "Not attempted yet."
    wrong_twice = {"z": [0, 0, 0], "sigma": [0.25, 4, 0.0625]}
    assert "exp(log σ²) is used as σ" in said(check_encoding_by_hand, wrong_twice)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ([0, 1], "h1: expected 3 numbers, got [0, 1], shape [2]"),
        ([0, 1, "two"], "h1: expected numbers"),
        ([0, 1, "2 ½"], "expected a real number, got '2 ½'"),
        ({"1": 0, "2": 1, "3": 2}, "h1: expected numbers, got a dict"),
        ([0, 1, float("nan")], "h1: expected numbers"),
        (None, "h1: expected numbers"),
        (1 + 2j, "h1: expected numbers"),
    ],
)
def test_what_cannot_be_read_is_said(value, says):
    assert says in said(check_encoding_by_hand, {"h1": value})

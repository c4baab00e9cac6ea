"""Chapter 2's exercises: their right values by another route, what rounding is forgiven, and what stays open."""

import pytest
import torch
from mistakes import worked_example as student
from mistakes.table import distances, questions, said

from vae_lib.exercises import check_encoding_by_hand, check_weights_by_hand
from vae_lib.exercises import worked_example as ours

BY_HAND = {name: question for name, question in questions().items() if name.startswith("worked_example.")}


def test_the_right_values_are_those_of_a_homework_and_of_autograd():
    pairs = [(ours.F, student.f), (ours.J, student.J)]
    pairs += [(ours.LOSS, student.loss), (ours.KL, student.kl), (ours.NEGATIVE_ELBO, student.J + student.constant)]
    pairs += [(ours.D_F, student.d_f), (ours.D_Z, student.d_z), (ours.D_MU, student.d_mu)]
    pairs += [(ours.D_LOG_VAR, student.d_log_var), (ours.SQUARED_LENGTH, student.length()), (ours.FALL, student.step())]
    gradients = student.grad(student.J, student.W3, student.W1)
    pairs += zip((ours.D_W3, ours.D_W1), gradients, strict=True)
    assert len(pairs) == len(BY_HAND)
    for question, value in pairs:
        torch.testing.assert_close(question.expected, value.detach(), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", BY_HAND)
def test_no_two_values_come_closer_than_rounding_allows(name):
    # Two numbers that are each forgiven 0.2 % meet halfway only if they lie 0.4 % apart.
    assert min(distances(BY_HAND[name]).values()) > 5 * ours.ROUNDED


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


def test_an_unknown_key_is_named_with_those_that_are_known():
    answer = said(check_weights_by_hand, {"w1": torch.zeros(3, 3)})
    assert "Unknown key 'w1': expected W3, W1." in answer


def test_an_answer_that_is_no_dict_is_told_the_keys():
    assert "Expected a dict with the keys W3, W1, got [0, 0, 0], shape [3]." in said(
        check_weights_by_hand, torch.zeros(3)
    )

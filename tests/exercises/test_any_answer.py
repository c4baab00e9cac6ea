"""Whatever they are given, the checks say what is open, what is missing and what is broken, and change nothing."""

import io
import math
import random
import subprocess
import sys
from contextlib import redirect_stdout

import numpy as np
import pytest
import torch

from answers import files
from vae_lib import exercises
from vae_lib.exercises import check_encoding_by_hand
from vae_lib.exercises.engine import OnPaper

ALL = {name: getattr(exercises, f"check_{name}") for name in exercises.ONE_EACH}
CHECKS = {name: check for name, check in ALL.items() if not isinstance(check, OnPaper)}
A_RIGHT_ONE = {name: next(answer for answer, _, key in file.ANSWERS if not key) for name, file in files().items()}
each_check = pytest.mark.parametrize("name", CHECKS)


def said(check, answer) -> str:
    """What the check prints about the answer."""
    with redirect_stdout(io.StringIO()) as printed:
        check(answer)
    return printed.getvalue().strip()


@each_check
def test_a_stub_is_not_attempted_yet(name):
    for stub in (..., lambda *inputs, **named: ..., lambda *inputs, **named: (..., ...)):
        assert said(CHECKS[name], stub) == "Not attempted yet."


@each_check
def test_a_forgotten_return_is_named(name):
    assert "did you forget `return`?" in said(CHECKS[name], lambda *inputs, **named: None)


@each_check
def test_a_right_answer_passes_in_double_precision_too(name):
    torch.set_default_dtype(torch.float64)
    try:
        assert said(CHECKS[name], A_RIGHT_ONE[name]).startswith("✓")
    finally:
        torch.set_default_dtype(torch.float32)


def broken_values(rng: random.Random) -> list:
    """Values of wrong types, dtypes, shapes and contents."""
    shape = [rng.randint(0, 5) for _ in range(rng.randint(0, 4))]
    numbers = torch.randn(shape)
    return [
        numbers,
        numbers.double() * math.nan,
        numbers.int(),
        numbers > 0,
        numbers.to(torch.complex64),
        numbers.half(),
        numbers.to_sparse(),
        numbers.numpy(),
        numbers.tolist(),
        torch.full(shape, math.inf),
        (numbers, numbers),
        (numbers, None, "x"),
        [numbers] * rng.randint(0, 6),
        {"mu": numbers},
        {rng.random(): ...},
        rng.random(),
        "0.5",
        object(),
        type,
        torch.distributions.Normal(0.0, 1.0),
        lambda *inputs, **named: numbers,
    ]


def broken_answers(count: int) -> list:
    """Answers that are no function, return a broken value, spoil their inputs, or raise."""
    rng = random.Random(0)

    def raising(error):
        def answer(*inputs, **named):
            raise error

        return answer

    def spoiling(value):
        def answer(*inputs, **named):
            for tensor in inputs:
                if isinstance(tensor, torch.Tensor):
                    tensor.detach().fill_(math.nan)
            return value

        return answer

    def returning(value):
        return lambda *inputs, **named: value

    class Silent(Exception):
        def __str__(self):
            raise RuntimeError

    answers = []
    while len(answers) < count:
        value = rng.choice(broken_values(rng))
        error = rng.choice(
            [ValueError("no\nwell"), KeyError(), AssertionError(), RecursionError(), SystemExit(1), Silent()]
        )
        answers.append(rng.choice([value, returning(value), returning(value), spoiling(value), raising(error)]))
    return answers


@each_check
def test_no_broken_answer_makes_a_check_raise(name):
    for answer in broken_answers(20):
        assert said(CHECKS[name], answer).startswith(("✗", "Not attempted yet."))


def test_the_checks_can_be_imported_when_the_default_is_double_precision():
    # Chapter 4 sets the default before it imports them.
    names = ", ".join(f"check_{name}" for name in CHECKS)
    code = f"import torch; torch.set_default_dtype(torch.float64); from vae_lib.exercises import {names}"
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)


@each_check
def test_a_check_leaves_the_random_numbers_and_the_default_dtype_as_they_were(name):
    torch.manual_seed(3)
    before = torch.get_rng_state()
    said(CHECKS[name], A_RIGHT_ONE[name])
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.get_default_dtype() == torch.float32


# By hand


def test_what_is_open_is_listed_and_what_is_wrong_is_named_in_the_order_of_the_computation():
    assert said(check_encoding_by_hand, {"h1": [0, 1, 2], "z": ...}) == (
        "h1: right. Still open: mu, log_var, sigma, z."
    )
    assert said(check_encoding_by_hand, {"mu": [..., 0.5, -1], "sigma": ...}) == "Not attempted yet."
    wrong_twice = {"z": [0, 0, 0], "sigma": [0.25, 4, 0.0625]}
    assert "exp(log σ²) is used as σ" in said(check_encoding_by_hand, wrong_twice)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ([0, 1], "h1: expected 3 numbers, got [0, 1], shape [2]"),
        ([0, 1, "two"], "h1: I read “two”"),
        ([0, 1, "2 °"], "h1: I read “2 °”, which is no number; write one such as 1.125, 9/8 or 2 ln 2."),
        ({"1": 0, "2": 1, "3": 2}, "h1: expected numbers, got a dict"),
        ([0, 1, float("nan")], "h1: I read “nan”"),
        (None, "h1: I read “None”"),
        (1 + 2j, "h1: I read “(1+2j)”"),
        (np.array([0, 1, None]), "h1: I read “None”"),
        (np.array([0, 1, 2j]), "h1: I read “0j”"),
    ],
)
def test_what_cannot_be_read_is_said(value, says):
    assert says in said(check_encoding_by_hand, {"h1": value})

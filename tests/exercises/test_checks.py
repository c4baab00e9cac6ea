"""The checks name every known mistake, pass every right answer, and survive whatever they are given."""

import math
import random
import subprocess
import sys

import pytest
import torch
from mistakes.table import ALL_CHECKS, CHECKS, MISTAKES, UNUSUAL, distances, questions, said

from vae_lib.exercises.verdict import agree

CLOSEST = 0.002  # 20 times what `agree` allows for rounding


def names(row) -> str:
    return f"{row.check.__name__}: {row.name}"


@pytest.mark.parametrize("row", MISTAKES, ids=names)
def test_a_known_mistake_is_named(row):
    answer = said(row.check, row.answer)
    assert answer.startswith("✗")
    assert row.says in answer
    assert all(label in answer for label in ("asked:", "input:", "came:", "expected:"))


@pytest.mark.parametrize("row", UNUSUAL, ids=names)
def test_a_right_answer_in_an_unusual_form_passes(row):
    assert said(row.check, row.answer).startswith("✓")


@pytest.mark.parametrize("row", UNUSUAL, ids=names)
def test_a_right_answer_passes_in_double_precision_too(row):
    torch.set_default_dtype(torch.float64)
    try:
        assert said(row.check, row.answer).startswith("✓")
    finally:
        torch.set_default_dtype(torch.float32)


def test_every_check_has_mistakes_and_unusual_right_answers():
    assert {row.check for row in MISTAKES} == {row.check for row in UNUSUAL} == set(CHECKS)


@pytest.mark.parametrize("name", questions())
def test_no_two_mistakes_of_a_question_share_a_fingerprint(name):
    for pair, apart in distances(questions()[name]).items():
        print(f"{apart:9.3f}  {pair}")
        assert apart > CLOSEST, pair


def test_infinities_and_nan_agree_with_their_own_kind_alone():
    kinds = [torch.tensor([1.0, value]) for value in (math.inf, -math.inf, math.nan, 2.0)]
    for a in kinds:
        assert [agree(a, b) for b in kinds] == [a is b for b in kinds]


# Whatever they are given, in either form


def name_of(check) -> str:
    return getattr(check, "__name__", "") or f"check_{check.name}"


each_check = pytest.mark.parametrize("check", ALL_CHECKS, ids=name_of)


@each_check
def test_a_stub_is_not_attempted_yet(check):
    for stub in (..., lambda *inputs: ..., lambda *inputs: (..., ...)):
        assert said(check, stub) == "Not attempted yet."


@each_check
def test_a_forgotten_return_is_named(check):
    assert "did you forget `return`?" in said(check, lambda *inputs: None)


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
        lambda *inputs: numbers,
    ]


def broken_answers(count: int) -> list:
    """Answers that are no function, return a broken value, spoil their inputs, or raise."""
    rng = random.Random(0)

    def raising(error):
        def answer(*inputs):
            raise error

        return answer

    def spoiling(value):
        def answer(*inputs):
            for tensor in inputs:
                if isinstance(tensor, torch.Tensor):
                    tensor.detach().fill_(math.nan)
            return value

        return answer

    def returning(value):
        return lambda *inputs: value

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
def test_no_broken_answer_makes_a_check_raise(check):
    for answer in broken_answers(200):
        assert said(check, answer).startswith(("✗", "Not attempted yet."))


def test_the_checks_can_be_imported_when_the_default_is_double_precision():
    # Chapter 4 sets the default before it imports them.
    code = "import torch; torch.set_default_dtype(torch.float64); import vae_lib.exercises"
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)


def test_a_check_leaves_the_random_numbers_and_the_default_dtype_as_they_were():
    for check in CHECKS:
        torch.manual_seed(3)
        before = torch.get_rng_state()
        for row in UNUSUAL:
            if row.check is check:
                said(check, row.answer)
        assert torch.equal(torch.get_rng_state(), before)
        assert torch.get_default_dtype() == torch.float32

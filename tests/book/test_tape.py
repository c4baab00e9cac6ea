"""What is on a tape gives, for any numbers, what the numpy function gave."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "book" / "_ext"))
from tape import OPERATIONS, Tape

W = np.array([[1.0, -2, 0], [0.5, 0, 3]])
FUNCTIONS = {
    "a layer and its ReLU": lambda a: np.maximum(W @ a, 0),
    "softmax": lambda a: np.exp(a) / np.exp(a).sum(),
    "a mean of squares": lambda a: ((a - 1) ** 2).mean(),
    "a mask of numbers": lambda a: np.where(a > 0, a, 0.1 * a) * (a < 2),
    "a mask that is known": lambda a: np.where(np.array([1, 0, 1]), a, -a),
    "an outer product": lambda a: np.outer(a[:2], a),
    "another order": lambda a: np.roll(a, 1) + a[::-1],
    "logarithms": lambda a: np.log1p(np.exp(a)) + np.log(abs(a)) - np.sqrt(abs(a)) + np.sign(a) * np.tanh(a),
    "powers": lambda a: 10**a + a**2 + np.square(a) / 2,
}
each_function = pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)


def played(tape: Tape, numbers) -> list[float]:
    operations, values = dict(OPERATIONS.values()), list(numbers)
    for step in tape.steps[len(values) :]:
        values.append(operations[step[0]](*(values[at] for at in step[1:])) if isinstance(step, list) else step)
    return values


@each_function
def test_a_tape_gives_what_its_function_gives(function):
    tape = Tape(3)
    places = [tape.place(number) for number in np.ravel(function(tape.inputs(0, (3,))))]
    for numbers in np.random.default_rng(0).normal(0, 2, (20, 3)):
        values = played(tape, numbers)
        assert [values[at] for at in places] == pytest.approx(np.ravel(function(numbers)).tolist())


@each_function
def test_no_step_stands_on_a_tape_twice(function):
    tape = Tape(3)
    for _ in range(2):
        for number in np.ravel(function(tape.inputs(0, (3,)))):
            tape.place(number)
    written = list(map(str, tape.steps[3:]))
    assert len(written) == len(set(written)) > 2


def test_a_branch_on_a_number_that_is_not_known_stops_the_build():
    number = Tape(1).inputs(0, (1,))[0]
    with pytest.raises(RuntimeError, match="a branch on a number"):
        max(number, 0)


def test_zero_times_an_unknown_number_is_left_to_the_page_for_it_may_be_infinite():
    tape = Tape(1)
    [product] = np.ravel(0 * tape.inputs(0, (1,)))
    assert tape.steps[tape.place(product)][0] == "*"

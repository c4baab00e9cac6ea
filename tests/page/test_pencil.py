"""Numbers as a pencil writes them: read exactly, shown readably, and the same in every arithmetic."""

import math
import re
from fractions import Fraction

import numpy as np
import pytest
import sympy
import torch
from hypothesis import given
from hypothesis import strategies as st

from vae_lib.page.pencil import (
    NoNumber,
    decimals,
    exact,
    exp,
    fifty_digits,
    is_rounded,
    latex,
    log_two_pi,
    read,
    show,
    tensor,
    to_float,
)

LN2 = sympy.log(2)
TENTH = sympy.Rational(1, 10)


@pytest.mark.parametrize(
    "values",
    [[0.1], ["1/10"], ["0.1"], [Fraction(1, 10)], [TENTH], np.array([0.1]), np.float32([0.1]), torch.tensor([0.1])],
)
def test_a_tenth_is_a_tenth_in_whatever_form_it_comes(values):
    assert exact(values)[0] == TENTH


def test_exact_reads_mixed_lists_parameters_and_dicts():
    assert list(exact([0.5, "1/3", 2])) == [sympy.Rational(1, 2), sympy.Rational(1, 3), 2]
    parameter = torch.nn.Parameter(torch.tensor([[0.25, -1.5]]))
    assert exact({"W": parameter})["W"].tolist() == [[sympy.Rational(1, 4), sympy.Rational(-3, 2)]]
    assert exact(["log(4)", "log(1/4)"]).tolist() == [2 * LN2, -2 * LN2]


@given(st.fractions(max_denominator=10**6))
def test_exact_keeps_every_fraction(fraction):
    assert exact(str(fraction)) == sympy.Rational(fraction.numerator, fraction.denominator)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_survives_the_way_to_an_exact_number_and_back(number):
    assert to_float(exact([number]))[0] == number


@pytest.mark.parametrize("bad", ["nan", math.inf, "weight", None, True, "1/0", "sqrt(-1)", [[1, 2], [3]], "1 +"])
def test_what_is_no_real_number_raises(bad):
    with pytest.raises(ValueError, match=r"is no number|inhomogeneous"):
        exact(bad)


def test_a_comma_may_be_the_decimal_mark_of_each_number_and_of_nothing_else():
    assert read(["0,25", "−1,5", "2 ln 2", "1,5 + 0,25"]).tolist() == [0.25, -1.5, 2 * math.log(2), 1.75]
    assert read("0,5 ln(0,25)") == 0.5 * math.log(0.25)
    for text in ("1,5,2", "1, 2", "1,2.5"):
        with pytest.raises(NoNumber, match=f"I read “{re.escape(text)}”, which is no number; write one such as"):
            read(text)


def test_the_signs_of_a_phone_are_read_and_quotes_left_out():
    texts = ["–1.5", "—1.5", "3×2", "6÷3", "2 · π", '"2*log(5)"', "“9/8”"]
    assert read(texts).tolist() == pytest.approx([-1.5, -1.5, 6, 2, 2 * math.pi, 2 * math.log(5), 9 / 8])


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        (0.5, ["½", "0+½", "1/2", "“½”"]),
        (-0.5, ["-½", "−½"]),
        (2.5, ["2½", "2 ½"]),
        (6, ["2(3)", "(1+1)(3)"]),
        (2 * math.pi, ["2pi", "2π", "2 π", "2 Pi"]),
        (math.sqrt(2), ["√2", "sqrt 2", "√(2)", "2^½"]),
        (math.log(2), ["Ln 2", "LN(2)", "ln2", "LOG 2", "ln 2.0"]),
        (math.log(2) / 2, ["(1/2)ln 2", "½ ln 2", "1/2 ln 2", "(ln 2) / 2", "ln(2)/2", "½LN2"]),
        (math.log(2 * math.pi), ["ln 2π", "ln 2pi", "ln 2 π", "ln(2π)"]),
        (math.exp(-2), ["e^-2", "exp(-2)", "E^(−2)"]),
    ],
)
def test_a_product_needs_no_sign_a_function_no_bracket_and_capitals_are_small_letters(value, texts):
    assert read(texts).tolist() == pytest.approx([value] * len(texts))


@pytest.mark.parametrize("text", ["ln", "2 3", "exp()", "log2(8)", "ln 2(3)", "1//2", "2* *3", "1e400", "()", "1.2½"])
def test_what_is_written_in_no_such_way_is_said_and_never_an_error_of_python(text):
    with pytest.raises(NoNumber, match=f"I read “{re.escape(text)}”"):
        read(text)


@pytest.mark.parametrize(
    ("text", "two"),
    [
        ("ln 1/4", "“ln 1/4” can be read as ln(1/4) or (ln 1)/4"),
        ("2 ln 2/3", "“ln 2/3” can be read as ln(2/3) or (ln 2)/3"),
        ("157/32 − Ln ½ / 2", "“Ln ½ / 2” can be read as Ln(½/2) or (Ln ½)/2"),
        ("3/2 log 2*pi", "“log 2*pi” can be read as log(2*pi) or (log 2)*pi"),
    ],
)
def test_what_can_be_read_in_two_ways_is_not_guessed(text, two):
    with pytest.raises(NoNumber, match=f"^{re.escape(two)}: write the parentheses$"):
        read(text)


def test_conversions_keep_shapes_and_give_float64():
    weights = {"W": exact([[1, "1/2"]]), "b": exact([LN2])}
    assert to_float(weights)["W"].dtype == np.float64
    assert tensor(weights)["W"].dtype == torch.float64
    assert tensor(weights)["W"].shape == (1, 2)
    assert to_float(weights)["b"][0] == math.log(2)
    assert abs(fifty_digits(weights)["b"][0] - LN2.evalf(60)) < sympy.Float("1e-49", 60)


def test_whole_numbers_are_exact_ones():
    whole = np.array([1, 2])
    assert exp(whole).tolist() == [sympy.E, sympy.exp(2)]
    assert log_two_pi(whole).tolist() == [sympy.log(2 * sympy.pi)] * 2


def test_exp_and_log_two_pi_stay_in_the_arithmetic_of_their_input():
    numbers = exact(["-2*log(2)", 0])
    assert exp(numbers).tolist() == [sympy.Rational(1, 4), 1]
    assert exp(to_float(numbers)).dtype == np.float64
    assert log_two_pi(numbers).tolist() == [sympy.log(2 * sympy.pi)] * 2
    assert log_two_pi(to_float(numbers)) == pytest.approx(math.log(2 * math.pi), rel=1e-15)
    assert abs(exp(fifty_digits(numbers))[0] - sympy.Rational(1, 4)) < sympy.Float("1e-49", 60)


@pytest.mark.parametrize(
    ("values", "text", "tex"),
    [
        (exact("157/32 + log(2)"), "157/32 + ln 2", r"\frac{157}{32} + \ln 2"),
        (exact("21/8 - log(2)"), "21/8 - ln 2", r"\frac{21}{8} - \ln 2"),
        (exact("-4*log(2)"), "-4 ln 2", r"- 4 \ln 2"),
        (5 - 21 * LN2 / 16, "5 - 21/16 ln 2", r"5 - \frac{21 \ln 2}{16}"),
        (2 * sympy.log(2 * sympy.pi) + LN2 - 1, "-1 + ln 2 + 2 ln 2π", r"-1 + \ln 2 + 2 \ln 2 \pi"),
        (exact([1, "-3/2"]), "(1, -3/2)", r"\left(1,\ - \frac{3}{2}\right)"),
        (exact([[1, 0], ["1/2", 2]]), "((1, 0), (1/2, 2))", r"\begin{pmatrix}1&0\\\frac{1}{2}&2\end{pmatrix}"),
        (exact(0), "0", "0"),
    ],
)
def test_exact_numbers_are_shown_as_a_pencil_writes_them(values, text, tex):
    assert show(values) == text
    assert latex(values) == tex


@given(st.lists(st.tuples(st.fractions(max_denominator=99), st.fractions(max_denominator=99)), min_size=1, max_size=3))
def test_what_is_shown_can_be_read_again(pairs):
    numbers = [exact(str(a)) + exact(str(b)) * LN2 for a, b in pairs]
    for number in numbers:
        assert exact(show(number)) - number == 0


def test_decimals_are_rounded_and_never_minus_zero():
    assert decimals(exact("157/32 + log(2)")) == "5.5994"
    assert decimals([1.125, -1.5], 2) == "(1.12, -1.50)"
    assert decimals(-1e-9) == "0.0000"


@pytest.mark.parametrize(
    ("came", "right", "holds"),
    [
        ([-1.39, 1.39, -2.77], [-1.3863, 1.3863, -2.7726], True),
        ([-1.4, 1.4, -2.8], [-1.3863, 1.3863, -2.7726], True),
        ([109], [108.87], True),
        ([0.201], [0.20077], True),
        ([0.8], [0.7866], True),
        ([0.0], [0.3], False),
        ([-1, 1, -2], [-1.3863, 1.3863, -2.1], False),  # one digit each may be anything
        ([0.78], [0.78657], False),  # cut off
        ([-1.39, 1.39, -2.7], [-1.3863, 1.3863, -2.7726], False),
    ],
)
def test_a_right_number_with_fewer_digits_is_told_from_a_wrong_one(came, right, holds):
    assert is_rounded(np.array(came, dtype=float), np.array(right)) is holds

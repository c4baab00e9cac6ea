"""Chapter 10: a grammar's strings are listed with their probabilities, as all its derivations by brute force say."""

import math

import pytest
import torch

from vae_lib.exact.grammar import SMALL, source
from vae_lib.exact.strings import ngram_log_prob


def derivations(string, rules):
    """Every way to the end, the leftmost capital first, each with its probability."""
    at = next((i for i, letter in enumerate(string) if letter.isupper()), None)
    if at is None:
        yield string, 1.0
        return
    for p, way in rules[string[at]]:
        for end, q in derivations(string[:at] + way + string[at + 1 :], rules):
            yield end, p * q


def test_a_strings_probability_is_the_sum_over_all_its_derivations():
    by_force, ways = {}, 0
    for string, p in derivations("S", SMALL):
        by_force[string], ways = by_force.get(string, 0.0) + p, ways + 1
    made = source()
    assert ways > len(by_force) == len(made.strings)
    listed = dict(zip(made.strings, made.log_probs.exp().tolist(), strict=True))
    assert listed == pytest.approx(by_force, abs=1e-14)


def test_ways_to_the_same_string_are_one_string():
    made = source({"S": [(0.25, "a"), (0.5, "b"), (0.25, "A")], "A": [(1.0, "a")]})
    assert dict(zip(made.strings, made.log_probs.exp().tolist(), strict=True)) == {"a": 0.5, "b": 0.5}


def test_ana_comes_about_as_a_na_and_as_an_a():
    assert [string for string, _ in derivations("M", SMALL)].count("ana") == 2
    assert [string for string, _ in derivations("M", SMALL)].count("naria") == 1


def test_all_strings_sum_to_1_and_the_entropy_is_theirs():
    made = source()
    assert made.log_probs.exp().sum().item() == pytest.approx(1, abs=1e-12)
    assert made.entropy == pytest.approx(-sum(p * math.log(p) for p in made.log_probs.exp().tolist()), abs=1e-12)
    assert source({"S": [(0.5, "a"), (0.5, "b"), (0, "c")]}).entropy == pytest.approx(math.log(2))


def test_draws_cost_the_entropy_on_average():
    made = source()
    torch.manual_seed(0)
    log_p = made.log_prob(made.sample(4000))
    error = log_p.std().item() / 4000**0.5
    assert abs(-log_p.mean().item() - made.entropy) < 5 * error


def test_what_the_source_cannot_make_has_probability_0():
    made = source({"S": [(1.0, "ab")]})
    assert made.log_prob(torch.tensor([[1, 2, 0], [2, 1, 0]])).tolist() == [0, -math.inf]


@pytest.mark.parametrize(("x", "said"), [([[1, 2, 1]], "without an end"), ([[1, 0, 2, 0]], "after a row's first end")])
def test_a_row_that_is_no_string_is_refused(x, said):
    with pytest.raises(ValueError, match=said):
        source({"S": [(1.0, "ab")]}).log_prob(torch.tensor(x))


def test_counts_are_no_better_than_the_source():
    made = source()
    torch.manual_seed(1)
    x_train, x = made.sample(2000), made.sample(2000)
    for order in (1, 2, 3, 4):
        apart = made.log_prob(x) - ngram_log_prob(x_train, x, order, len(made.alphabet) + 1, strength=1.0)
        assert apart.mean() > 5 * apart.std() / 2000**0.5


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"S": [(0.5, "a")]}, "probabilities that sum to 1 for 'S'"),
        ({"S": [(1.5, "a"), (-0.5, "b")]}, "probabilities that sum to 1"),
        ({"S": [(math.nan, "a"), (1.0, "b")]}, "probabilities that sum to 1"),
        ({"S": [(1.0, "aB")]}, "'B', one without a rule"),
        ({"S": [(1.0, "aB")], "B": [(1.0, "S")]}, "'S', one that comes back"),
    ],
)
def test_rules_that_do_not_end_or_sum_to_1_are_refused(rules, said):
    with pytest.raises(ValueError, match=said):
        source(rules)

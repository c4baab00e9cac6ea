"""Chapter 10: counts of n letters, and EM for a mixture of Markov chains, held to counting by hand and to a decoder."""

import math
from functools import partial
from itertools import pairwise, product

import pytest
import torch

from vae_lib.exact.enumeration import enumerate_states, exact_log_p
from vae_lib.exact.strings import (
    MarkovMixture,
    best_strength,
    markov_em,
    markov_log_joint,
    markov_mixture_of,
    markov_vae,
    ngram_log_prob,
    random_markov_mixture,
)
from vae_lib.sequences import PositionDecoder, to_symbols

close = partial(torch.testing.assert_close, atol=1e-10, rtol=1e-10)
WORDS = ["ab", "abb", "a", "bb", "ba", "abab", "b", "aab", "bbb", "ab", "aa", "baba"]
X, S = to_symbols(WORDS, "ab"), 3
ALL = to_symbols(["".join(letters) for n in range(12) for letters in product("ab", repeat=n)], "ab")
strings_of = partial(to_symbols, alphabet="ab")


def interpolated(context, symbol, strength):
    """p(symbol | context), counted string by string: "^" before a string, "$" after it."""
    if context is None:
        return 1 / S
    whole = ["^" * 9 + word + "$" for word in WORDS]
    places = [(word[:i], word[i]) for word in whole for i in range(9, len(word))]
    seen = [after for so_far, after in places if so_far.endswith(context)]
    shorter = interpolated(context[1:] if context else None, symbol, strength)
    return (seen.count(symbol) + strength * shorter) / (len(seen) + strength)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_a_letter_is_counted_after_its_context_and_the_rest_is_the_shorter_contexts(order):
    for string in ("ab", "", "bba"):
        wanted, so_far = 1.0, "^" * 9
        for letter in string + "$":
            wanted *= interpolated(so_far[len(so_far) - order + 1 :], letter, 2.0)
            so_far += letter
        told = ngram_log_prob(X, strings_of([string]), order, S, strength=2.0).exp().item()
        assert told == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_counts_give_all_strings_probability_1_or_less(order):
    total = ngram_log_prob(X, ALL, order, S, strength=1.0).exp().sum()
    assert 0.95 < total < 1


def test_the_strength_is_the_best_of_held_out_strings():
    x = X.repeat(10, 1)
    held_out = {strength: ngram_log_prob(x[:-12], x[-12:], 3, S, strength=strength).mean() for strength in (0.3, 100.0)}
    assert best_strength(x, 3, S) == max(held_out, key=held_out.get) == 0.3
    letters = torch.randint(1, 3, (40, 8), generator=torch.Generator().manual_seed(0))
    by_chance = torch.nn.functional.pad(letters, (0, 1))  # what was seen before a letter tells nothing of it
    assert best_strength(by_chance, 5, S) > 0.3
    close(ngram_log_prob(x, X, 3, S), ngram_log_prob(x, X, 3, S, strength=0.3))


def test_too_few_strings_and_too_many_contexts_are_refused():
    with pytest.raises(ValueError, match="at least 10 strings, got 9"):
        best_strength(X[:9], 2, S)
    with pytest.raises(ValueError, match=r"at most 10000000 cells, .* got 1\.0, 27 symbols and order 6"):
        ngram_log_prob(X, X, 6, 27, strength=1.0)
    for strength in (0.0, math.inf, math.nan):
        with pytest.raises(ValueError, match="a positive, finite strength"):
            ngram_log_prob(X, X, 2, S, strength=strength)


# ----- the mixture


def a_mixture(num=2):
    torch.manual_seed(0)
    return random_markov_mixture(X, num, S)


def test_log_p_is_counted_letter_by_letter_and_all_strings_sum_to_1():
    mixture = a_mixture()
    x = strings_of(["ba"])
    wanted = mixture.weights.log() + mixture.table[:, [0, 2, 1], [2, 1, 0]].log().sum(1)
    close(markov_log_joint(mixture, x)[:, 0], wanted)
    assert 0.97 < markov_log_joint(mixture, ALL).logsumexp(0).exp().sum() <= 1 + 1e-12


START = MarkovMixture(
    torch.tensor([0.7, 0.3], dtype=torch.float64),
    torch.tensor(
        [
            [[0.1, 0.6, 0.3], [0.2, 0.3, 0.5], [0.4, 0.4, 0.2]],
            [[0.2, 0.2, 0.6], [0.5, 0.4, 0.1], [0.1, 0.6, 0.3]],
        ],
        dtype=torch.float64,
    ),
)


def pairs_of(word):
    """(symbol before, symbol) from the start to the end, which are both 0."""
    symbols = [0, *("_ab".index(letter) for letter in word), 0]
    return list(pairwise(symbols))


def shares_by_hand(word):
    """p(k|word) under `START`, by products of probabilities."""
    joint = [w * math.prod(table[i][j] for i, j in pairs_of(word)) for w, table in zip(*as_lists(START), strict=True)]
    return [one / sum(joint) for one in joint]


def as_lists(mixture):
    return mixture.weights.tolist(), mixture.table.tolist()


def test_a_step_of_em_gives_the_mean_share_as_weight():
    mixture, _ = markov_em(X, START, 1)
    shares = [shares_by_hand(word) for word in WORDS]
    close(mixture.weights, torch.tensor(shares, dtype=torch.float64).mean(0))


@pytest.mark.parametrize("pseudo_count", [0.0, 0.1, 3.0])
def test_a_step_of_em_gives_the_pairs_in_shares_as_table(pseudo_count):
    mixture, _ = markov_em(X, START, 1, pseudo_count=pseudo_count)
    counts = torch.full((2, S, S), pseudo_count, dtype=torch.float64)
    for word in WORDS:
        for k, share in enumerate(shares_by_hand(word)):
            for i, j in pairs_of(word):
                counts[k, i, j] += share
    close(mixture.table, counts / counts.sum(-1, keepdim=True))


def test_a_letter_that_was_never_seen_is_followed_by_all_symbols_alike():
    """Without pseudo-counts, which would say the same."""
    mixture, _ = markov_em(strings_of(["a", "aa"]), START, 1, pseudo_count=0.0)
    close(mixture.table[:, 2], torch.full((2, S), 1 / S, dtype=torch.float64))


@pytest.mark.parametrize("pseudo_count", [0.0, 0.1, 3.0])
def test_ems_objective_never_falls(pseudo_count):
    _, objectives = markov_em(X, a_mixture(3), 40, pseudo_count=pseudo_count)
    assert len(objectives) == 41
    assert all(after >= earlier - 1e-12 for earlier, after in pairwise(objectives))
    assert objectives[-1] > objectives[0] + 0.1


def test_without_pseudo_counts_the_objective_is_the_mean_log_p():
    mixture, objectives = markov_em(X, a_mixture(), 5, pseudo_count=0.0)
    assert objectives[-1] == pytest.approx(markov_log_joint(mixture, X).logsumexp(0).mean().item(), abs=1e-12)


def test_a_markov_decoder_with_the_same_tables_has_the_same_log_p_and_its_linear_encoder_no_gap():
    mixture, _ = markov_em(X, a_mixture(3), 5)
    model = markov_vae(mixture, 5)
    close(exact_log_p(model, X), markov_log_joint(mixture, X).logsumexp(0))
    close(enumerate_states(model, X).log_joint, markov_log_joint(mixture, X))
    close(enumerate_states(model, X).gap, torch.zeros(len(X), dtype=torch.float64))
    again = markov_mixture_of(model)
    close(again.table, mixture.table)
    close(again.weights, mixture.weights)


def test_a_model_with_another_decoder_is_no_mixture():
    model = markov_vae(a_mixture(), 5)
    model.decoder = PositionDecoder(2, S, 5, 4)
    with pytest.raises(
        ValueError, match="a DiscreteVAE with a MarkovDecoder, got a DiscreteVAE with a PositionDecoder"
    ):
        markov_mixture_of(model)


def test_a_step_of_em_is_where_the_posteriors_slope_ends():
    """At EM's fixed point the gradient of log p by the tables, within their rows, is 0: Fisher's identity."""
    mixture, _ = markov_em(X, a_mixture(), 3000, pseudo_count=0.0)
    logits = mixture.table.clamp(min=1e-300).log().requires_grad_()
    log_p = markov_log_joint(MarkovMixture(mixture.weights, logits.softmax(-1)), X).logsumexp(0).mean()
    (slope,) = torch.autograd.grad(log_p, logits)
    assert slope.abs().max() < 1e-5


@pytest.mark.parametrize(
    ("weights", "table", "said"),
    [
        ([0.5, 0.5], torch.full((2, 3, 2), 0.5), r"table \[components, symbols, symbols\]"),
        ([1.0], torch.full((2, 3, 3), 1 / 3), r"weights \[components\]"),
        ([0.5, 0.6], torch.full((2, 3, 3), 1 / 3), "weights of at least 0 whose rows sum to 1"),
        ([0.5, 0.5], torch.full((2, 3, 3), 0.5), "table of at least 0 whose rows sum to 1"),
    ],
)
def test_what_is_no_mixture_is_refused(weights, table, said):
    with pytest.raises(ValueError, match=said):
        markov_log_joint(MarkovMixture(torch.tensor(weights), table), X)


def test_a_probability_of_0_has_no_weight_and_bad_counts_and_rows_are_refused():
    mixture = a_mixture()
    mixture.table[0, 1] = torch.tensor([1.0, 0.0, 0.0])
    with pytest.raises(ValueError, match="positive probabilities"):
        markov_vae(mixture, 5)
    assert markov_log_joint(mixture, X).isfinite().all()
    with pytest.raises(ValueError, match="pseudo_count"):
        markov_em(X, a_mixture(), 2, pseudo_count=-1.0)
    with pytest.raises(ValueError, match=r"strings \[batch, T\]"):
        markov_log_joint(a_mixture(), X[0])

"""The numbers of two chains, by hand: what is right, and every slip, are told apart by the table."""

from itertools import combinations

import pytest

from vae_lib.exercises import check_two_chains_by_hand
from vae_lib.exercises.engine.by_hand import apply, close

VALUES = check_two_chains_by_hand.numbers | check_two_chains_by_hand.expected


@pytest.mark.parametrize("entry", check_two_chains_by_hand.steps)
def test_no_two_ways_to_an_entry_give_the_same_numbers(entry):
    slips = {key: apply(slip.function, VALUES) for key, slip in check_two_chains_by_hand.slips[entry].items()}
    ways = {"right": VALUES[entry], **slips}
    assert [pair for pair in combinations(ways, 2) if close(*(ways[way] for way in pair))] == []

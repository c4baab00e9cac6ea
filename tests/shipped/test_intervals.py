"""What recordings say of several seeds: Student's interval of a mean, and of differences seed by seed."""

import pytest
from intervals import interval, paired


def test_an_interval_is_the_mean_and_students_half_width_on_either_side():
    half = 4.3027 / 3**0.5  # the 97.5 % quantile of two degrees of freedom, a standard deviation of 1
    assert interval([1.0, 2.0, 3.0]) == pytest.approx([2, 2 - half, 2 + half], abs=1e-3)


def test_what_all_seeds_share_leaves_a_difference():
    assert paired([11.0, 22.0, 33.0], [10.0, 21.0, 32.0]) == [1, 1, 1]


def test_a_seed_that_lacks_its_pair_is_an_error():
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        paired([1.0, 2.0], [1.0])

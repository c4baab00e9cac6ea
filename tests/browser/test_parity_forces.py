"""The forces' functions give what numpy and torch give, on a thousand random inputs each."""

import numpy as np
import pytest
import torch
from node import javascript


@pytest.fixture(scope="module")
def shares():
    return np.random.default_rng(0).dirichlet(np.full(10, 0.4), size=(1000, 2)).round(4)


def test_the_distance_is_half_of_the_sum_of_all_differences(shares):
    found = javascript("forces", "distance", shares.tolist())
    np.testing.assert_allclose(found, np.abs(shares[:, 0] - shares[:, 1]).sum(1) / 2, atol=1e-12)


def test_the_number_of_digits_that_are_drawn(shares):
    found = javascript("forces", "drawn", [[one] for one in shares[:, 0].tolist()])
    assert found == (shares[:, 0] > 0.02).sum(1).tolist()


def test_the_middles_are_the_medians_in_sight():
    generator = torch.Generator().manual_seed(0)
    codes, labels = 3 * torch.randn(1000, 2, generator=generator), torch.randint(10, (1000,), generator=generator)
    (found,) = javascript("forces", "middles", [[codes.tolist(), labels.tolist(), 3.5, 3]])
    seen = (codes.abs() < 3.5).all(1)
    wanted = torch.stack([codes[(labels == digit) & seen].median(0).values for digit in range(10)])
    torch.testing.assert_close(torch.tensor(found), wanted)

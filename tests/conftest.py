"""One thread, no Hypothesis deadline (the first torch call is slow), and the same seed before each test."""

import pytest
import torch
from hypothesis import settings

torch.set_num_threads(1)
settings.register_profile("book", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("book")


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)

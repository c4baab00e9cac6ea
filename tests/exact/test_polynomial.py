"""The polynomial that stands for f."""

import torch

from vae_lib.exact.polynomial import Polynomial


def test_a_polynomial_keeps_shape_and_dtype_and_gives_a_number_for_a_number():
    f = Polynomial([5.0, -3.0, 0.0, 2.0])
    z = torch.tensor([[0.0, 1.0, -2.0]], dtype=torch.float64)
    torch.testing.assert_close(f(z), torch.tensor([[5.0, 4.0, -5.0]], dtype=torch.float64))
    assert f(-2.0) == -5.0

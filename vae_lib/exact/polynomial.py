"""A polynomial: the f of chapter 3's exercises, a module so that it can travel as its coefficients."""

from collections.abc import Iterable
from functools import reduce

from torch import Tensor, nn


class Polynomial(nn.Module):
    """c₀ + c₁ z + c₂ z² + …, of each element alone: a tensor of z's shape and dtype, or a number for a number."""

    def __init__(self, coefficients: Iterable[float]):
        super().__init__()
        self.coefficients = [float(c) for c in coefficients]

    def forward(self, z: Tensor | float) -> Tensor | float:
        return reduce(lambda value, c: value * z + c, reversed(self.coefficients), 0 * z)  # Horner's scheme

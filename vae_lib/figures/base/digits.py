"""Chapters 1 and 5: the digits that live figures show."""

from torch import Tensor

from vae_lib.data import digit_labels, digits


def shown_digits() -> tuple[Tensor, Tensor]:
    """The 360 test digits at threshold 8, `[360, 64]`, and their labels."""
    return (digits()[1] >= 8).float(), digit_labels()[1]


def hexadecimal(row: Tensor) -> str:
    """64 pixels, 0 or 1, as 16 hexadecimal digits."""
    return f"{int(''.join(str(int(pixel)) for pixel in row), 2):016x}"

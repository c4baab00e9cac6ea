"""Chapters 1 and 5: real data. scikit-learn's digits ship inside its package, so that nothing is downloaded."""

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor

NUM_TRAIN = 1437


def digits() -> tuple[Tensor, Tensor]:
    """scikit-learn's 1797 handwritten digits as `(x_train, x_test)`: float32 counts 0 … 16, `[1437, 64]`, `[360, 64]`.

    A row is an 8×8 image; a pixel counts the set bits of a 4×4 block. The rule of the split: numpy's
    `RandomState(0).permutation(1797)`, its first 1437 for training. Scale with `/ 16` where it is used.
    """
    x, order = torch.tensor(load_digits().data, dtype=torch.float32), _order()
    return x[order[:NUM_TRAIN]], x[order[NUM_TRAIN:]]


def digit_labels() -> tuple[Tensor, Tensor]:
    """The labels 0 … 9 of `digits()`, in its order: int64, `[1437]` and `[360]`. For colouring pictures only."""
    labels, order = torch.tensor(load_digits().target), _order()
    return labels[order[:NUM_TRAIN]], labels[order[NUM_TRAIN:]]


def binarize(x: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """One draw of black-and-white pixels with P(1) = x: same shape and dtype, values 0 and 1 (chapter 5).

    `x` holds intensities in [0, 1]; counts are scaled first: `binarize(x / 16, generator)`. Raises ValueError for
    values outside [0, 1] and for NaN.
    """
    if not ((x >= 0) & (x <= 1)).all():
        raise ValueError(f"expected intensities between 0 and 1, got values from {x.min():g} to {x.max():g}")
    return torch.bernoulli(x, generator=generator)


def _order() -> Tensor:
    return torch.tensor(np.random.RandomState(0).permutation(1797))

"""Chapter 5: a trained model's weights as a file, and back.

Torch reads the file with `weights_only=True`, which is made to run no code from it; before torch 2.6 a crafted file got
past that (CVE-2025-32434), and no guard is proof: read files of people whom you trust.
"""

import os
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import torch
from torch import Tensor, nn


def save_weights(model: nn.Module, path: str | os.PathLike) -> None:
    """Write all weights and buffers of `model` to `path`, whole or not at all (chapter 5).

    Raises OSError where `path` cannot be written; what was there before is then still there, and nothing else.
    """
    part = Path(f"{os.fspath(path)}.part")
    try:
        with part.open("wb") as file:
            torch.save(model.state_dict(), file)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def load_weights(model: nn.Module, path: str | os.PathLike) -> nn.Module:
    """Fill `model`, of the same parts and sizes, with what `save_weights` wrote; returns `model` (chapter 5).

    Raises FileNotFoundError if there is no such file, ValueError if it is damaged, holds anything but named tensors,
    belongs to another model, or has weights that are not finite. `model` is then as it was.
    """
    weights = _read(Path(path))
    _check_fit(path, weights, model.state_dict())
    model.load_state_dict(weights)
    return model


def _read(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise FileNotFoundError(f"expected a file of weights at {path}, got no such file")
    try:
        with ZipFile(path) as archive:
            if damaged := archive.testzip():  # torch itself looks at no checksum
                raise BadZipFile(f"wrong checksum of {damaged}")
        weights = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # whatever the zip reader, the unpickler or the tensors happen to raise
        raise ValueError(f"expected {path} as save_weights wrote it, got a damaged or foreign file") from error
    if not isinstance(weights, dict) or not all(isinstance(value, Tensor) for value in weights.values()):
        raise ValueError(f"expected {path} to hold named tensors and nothing else, got a {type(weights).__name__}")
    return weights


def _check_fit(path, weights: dict[str, Tensor], wanted: dict[str, Tensor]) -> None:
    if weights.keys() != wanted.keys():
        missing, extra = sorted(wanted.keys() - weights.keys()), sorted(weights.keys() - wanted.keys())
        raise ValueError(f"expected the weights of this model in {path}, got missing {missing}, unexpected {extra}")
    for name, value in weights.items():
        expected = wanted[name]
        if (value.shape, value.dtype) != (expected.shape, expected.dtype):
            raise ValueError(
                f"expected {name} of shape {tuple(expected.shape)} and {expected.dtype} in {path}, "
                f"got {tuple(value.shape)} and {value.dtype}"
            )
        if not value.isfinite().all():
            raise ValueError(f"expected finite weights in {path}, got NaN or infinity in {name}")

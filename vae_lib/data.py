"""Chapters 1, 5, 6, 9 and 10: real data. The digits come with scikit-learn, Nile and names with us: no download.

MNIST and Fashion-MNIST are read from where they are, or else fetched by the package `pooch`. Either way, the images are
the original ones, byte for byte, or there is an error.
"""

import gzip
import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor

NUM_TRAIN, NUM_NAMES = 1437, 4388  # to train

IDX = {"train": "train-images-idx3-ubyte", "test": "t10k-images-idx3-ubyte"}
# md5 of these two files, and of the two as they are packed at `url`.
MNIST = {
    "name": "MNIST",
    "npz": "mnist.npz",
    "folders": ("MNIST/raw", "mnist", "raw", ""),
    "url": "https://ossci-datasets.s3.amazonaws.com/mnist",
    "md5": {"train": "6bbc9ace898e44ae57da46a324031adb", "test": "2646ac647ad5339dbf082846283269ea"},
    "packed": {"train": "f68b3c2dcbeaaa9fbdd348bbdeb94873", "test": "9fb629c4189551a2d022fa330f9573f3"},
}
FASHION_MNIST = {
    "name": "Fashion-MNIST",
    "npz": "fashion_mnist.npz",
    "folders": ("FashionMNIST/raw", "fashion-mnist", "raw", ""),
    "url": "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
    "md5": {"train": "f4a8712d7a061bf5bd6d2ca38dc4d50a", "test": "8181f5470baa50b63fa0f6fddb340f0a"},
    "packed": {"train": "8d4fb7e6c68d591d4c3dfef9ec88bf0d", "test": "bef4ecab320f06d8554ea6380940ec79"},
}


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


def nile() -> tuple[Tensor, Tensor]:
    """The Nile's annual flow at Aswan as `(years, volumes)`: int64 1871 … 1970 and float64 in 10⁸ m³, both `[100]`.

    From Cobb (1978, https://doi.org/10.1093/biomet/65.2.243); R has the same numbers in `datasets` (chapter 9).
    """
    file = json.loads(Path(__file__).with_name("nile.json").read_text())
    volumes = torch.tensor(file["volumes"], dtype=torch.float64)
    return file["first year"] + torch.arange(len(volumes)), volumes


def first_names() -> tuple[list[str], list[str]]:
    """5,163 first names of the US as `(train, test)`, 4,388 and 775, in the letters a to z (chapter 10).

    From the Census Bureau's lists of the frequent names of 1990, in the public domain. The rule of the
    split: numpy's `RandomState(0).permutation(5163)`, its first 4,388 for training.
    """
    names = Path(__file__).with_name("first_names.txt").read_text().split()
    names = [names[i] for i in np.random.RandomState(0).permutation(len(names))]
    return names[:NUM_NAMES], names[NUM_NAMES:]


def binarize(x: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """One draw of black-and-white pixels with P(1) = x: same shape and dtype, values 0 and 1 (chapter 5).

    `x` holds intensities in [0, 1]; counts are scaled first: `binarize(x / 16, generator)`. Raises ValueError for
    values outside [0, 1], for NaN, and for whole numbers, which are no intensities.
    """
    if not (isinstance(x, Tensor) and x.is_floating_point()):
        raise ValueError(f"expected intensities as a floating-point tensor, got {torch.typename(x)}")
    if not ((x >= 0) & (x <= 1)).all():
        raise ValueError(f"expected intensities between 0 and 1, got values from {x.min():g} to {x.max():g}")
    return torch.bernoulli(x, generator=generator)


def mnist(path: str | os.PathLike | None = None) -> tuple[Tensor, Tensor]:
    """The original MNIST images as `(x_train, x_test)`: uint8 grey levels 0 … 255, `[60000, 784]`, `[10000, 784]`.

    A row is a 28×28 image; `binarize(x / 255)` makes it black and white (chapter 6). `path` is Keras' `mnist.npz`, or
    one of the two idx files (plain or .gz; the other lies beside it), or a folder with either, where torchvision's
    `MNIST/raw` is found too. Without `path`, four folders are tried: the one that the environment variable VAE_LIB_DATA
    names (by default ~/.cache/vae_lib), ./data, Keras' and Debian's. If none has the images, `pooch` fetches them into
    the first. Raises FileNotFoundError if that fails or `path` has no images, and ValueError if it has others.
    """
    return _images(MNIST, path)


def fashion_mnist(path: str | os.PathLike | None = None) -> tuple[Tensor, Tensor]:
    """The original Fashion-MNIST images, as by `mnist`: `fashion_mnist.npz`, idx files or `FashionMNIST/raw`."""
    return _images(FASHION_MNIST, path)


def _images(dataset: dict, path: str | os.PathLike | None) -> tuple[Tensor, Tensor]:
    if path is not None:
        return _load(dataset, Path(path).expanduser())
    for place in _places():
        with suppress(OSError, ValueError):
            return _load(dataset, place)
    return _load(dataset, _fetch(dataset))


def _places() -> list[Path]:
    """Where the images may be: in our cache, torchvision's usual folder, Keras' cache, Debian's data sets."""
    cache = os.environ.get("VAE_LIB_DATA") or "~/.cache/vae_lib"
    return [Path(place).expanduser() for place in (cache, "data", "~/.keras/datasets", "/usr/share/datasets")]


def _load(dataset: dict, path: Path) -> tuple[Tensor, Tensor]:
    """Both parts from a file, or from the first file in a folder that may hold them."""
    names = [dataset["npz"], IDX["train"], f"{IDX['train']}.gz"]
    inside = [path / folder / name for folder in dataset["folders"] for name in names]
    with suppress(PermissionError):
        for file in inside if path.is_dir() else [path]:
            if file.is_file() and (file.suffix == ".npz" or file.stem in IDX.values()):
                return tuple(_verified(dataset, part, file) for part in IDX)
    raise FileNotFoundError(f"expected {' or '.join(names)} in {path}, got nothing of that name that can be read")


def _verified(dataset: dict, part: str, file: Path) -> Tensor:
    try:
        idx = _idx(part, file)
    except Exception as error:  # zipfile, gzip and numpy each have their own for a damaged file
        raise ValueError(f"expected {dataset['name']} in {file}, which cannot be read: {error}") from error
    md5 = hashlib.md5(idx, usedforsecurity=False).hexdigest()
    if md5 != dataset["md5"][part]:
        raise ValueError(f"expected {dataset['name']}'s original {part} images in {file}, got others, md5 {md5}")
    return torch.frombuffer(bytearray(idx), dtype=torch.uint8, offset=16).reshape(-1, 784)


def _idx(part: str, file: Path) -> bytes:
    """The images of a part as an idx file: a magic number, the three sizes, the pixels."""
    if file.suffix == ".npz":
        with file.open("rb") as opened, np.load(opened) as arrays:
            images = arrays[f"x_{part}"]
        return np.array([2051, *images.shape], ">i4").tobytes() + images.tobytes()
    content = file.with_name(IDX[part] + file.suffix).read_bytes()
    return gzip.decompress(content) if file.suffix else content


def _fetch(dataset: dict) -> Path:
    """Both packed idx files, fetched and verified; the path of the last."""
    folder = _places()[0] / dataset["folders"][1]
    try:
        import pooch

        for part, md5 in dataset["packed"].items():
            name = f"{IDX[part]}.gz"
            file = pooch.retrieve(f"{dataset['url']}/{name}", f"md5:{md5}", name, folder)
    except (ImportError, OSError, ValueError) as error:
        raise FileNotFoundError(
            f"expected {dataset['name']} on this machine, or pooch and a network to fetch it.\n"
            f"Looked for {dataset['npz']}, or {' and '.join(IDX.values())} (plain or .gz), in "
            f"{', '.join(map(str, _places()))}.\n"
            f"Fetching it failed: {error}\n"
            "Run `pip install pooch` and try again with a network. Or put either into a folder and pass it as "
            "`path`, or name it in the environment variable VAE_LIB_DATA."
        ) from error
    return Path(file)


def _order() -> Tensor:
    return torch.tensor(np.random.RandomState(0).permutation(1797))

"""Chapters 1, 5 and 6: real data. scikit-learn's digits ship inside its package, so that nothing is downloaded.

MNIST and Fashion-MNIST are looked for where they may lie already, and downloaded only if they lie nowhere. From
whatever source, the images are the original ones, byte for byte, or there is an error.
"""

import gzip
import hashlib
import os
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen
from uuid import uuid4

import numpy as np
import torch
from sklearn.datasets import fetch_openml, load_digits
from torch import Tensor

NUM_TRAIN = 1437

IDX_FILES = {"train": "train-images-idx3-ubyte", "test": "t10k-images-idx3-ubyte"}
# md5 of the unpacked idx files; where a folder may hold them; OpenML's number; a mirror of the packed files.
MNIST = {
    "name": "MNIST",
    "train": "6bbc9ace898e44ae57da46a324031adb",
    "test": "2646ac647ad5339dbf082846283269ea",
    "folders": ("MNIST/raw", "mnist"),
    "npz": "mnist.npz",
    "openml": 554,
    "mirror": "https://ossci-datasets.s3.amazonaws.com/mnist",
}
FASHION_MNIST = {
    "name": "Fashion-MNIST",
    "train": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
    "test": "8181f5470baa50b63fa0f6fddb340f0a",
    "folders": ("FashionMNIST/raw", "fashion-mnist"),
    "npz": "fashion_mnist.npz",
    "openml": 40996,
    "mirror": "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
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

    A row is a 28×28 image; `binarize(x / 255)` makes it black and white (chapter 6). `path` is a file `mnist.npz` (of
    Keras), one of the idx files, packed or not, or a folder that holds either. Without it they are looked for in the
    folder that the environment variable VAE_LIB_DATA names, in ~/.cache/vae_lib, where torchvision (./data), Keras and
    scikit-learn keep theirs, and then downloaded. Raises FileNotFoundError where none of it is possible, and ValueError
    for a `path` with other images.
    """
    return _images(MNIST, path)


def fashion_mnist(path: str | os.PathLike | None = None) -> tuple[Tensor, Tensor]:
    """The original Fashion-MNIST images, in the form of `mnist`, found in the same ways; `fashion_mnist.npz`."""
    return _images(FASHION_MNIST, path)


def _images(dataset: dict, path: str | os.PathLike | None) -> tuple[Tensor, Tensor]:
    if path is not None:
        return _load(dataset, Path(path).expanduser())
    sources: list[Callable] = [partial(_load, dataset, folder) for folder in _folders(dataset) if os.path.isdir(folder)]
    failures = []
    for source in [*sources, partial(_from_scikit_learn, dataset), partial(_download, dataset)]:
        try:
            return source()
        except (OSError, ValueError) as error:
            failures.append(f"- {error}")
    call = dataset["name"].lower().replace("-", "_")
    raise FileNotFoundError(
        f"expected {dataset['name']} on this machine or a network to download it:\n" + "\n".join(failures) + "\n"
        f"Put {dataset['npz']}, or {' and '.join(f'{file}.gz' for file in IDX_FILES.values())}, into a folder and pass "
        f'it, {call}("folder"), or name the folder in the environment variable VAE_LIB_DATA.'
    )


def _cache() -> Path:
    return Path(os.environ.get("VAE_LIB_DATA") or Path.home() / ".cache" / "vae_lib").expanduser()


def _folders(dataset: dict) -> list[Path]:
    """Where the images may lie: ours, torchvision's usual root, Keras', Debian's; each with its usual subfolders."""
    roots = [_cache(), Path("data"), Path.home() / ".keras" / "datasets", Path("/usr/share/datasets")]
    return [root / folder for root in roots for folder in ("", *dataset["folders"])]


def _load(dataset: dict, path: Path) -> tuple[Tensor, Tensor]:
    """Both parts from a file, or from what a folder holds."""
    names = [file + end for file in IDX_FILES.values() for end in ("", ".gz")]
    files = [path / name for name in (dataset["npz"], *names)] if path.is_dir() else [path]
    found = [file for file in files if file.is_file() and (file.suffix == ".npz" or file.name in names)]
    if not found:
        raise FileNotFoundError(f"expected {dataset['npz']} or {' and '.join(IDX_FILES.values())} (.gz) in {path}")
    try:
        return tuple(_verified(dataset, part, _read(found[0], part)) for part in IDX_FILES)
    except (KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"expected {dataset['name']} in {found[0]}, which cannot be read: {error}") from error
    except ValueError as error:
        raise ValueError(f"{found[0]}: {error}") from None


def _read(file: Path, part: str) -> bytes:
    """The images of a part as the bytes of an idx file; of the packed and the unpacked idx file, what there is."""
    if file.suffix == ".npz":
        with zipfile.ZipFile(file) as archive, archive.open(f"x_{part}.npy") as array:
            return _as_idx(np.lib.format.read_array(array, allow_pickle=False))
    plain, packed = file.parent / IDX_FILES[part], file.parent / f"{IDX_FILES[part]}.gz"
    if not plain.is_file() and not packed.is_file():
        raise FileNotFoundError(f"expected {plain.name} (.gz) beside {file}")
    return plain.read_bytes() if plain.is_file() else gzip.decompress(packed.read_bytes())


def _as_idx(images: np.ndarray) -> bytes:
    """An idx file is a magic number, the three sizes, and the pixels."""
    images = images.reshape(len(images), 28, -1)
    return np.array([2051, *images.shape], dtype=">i4").tobytes() + images.astype(np.uint8).tobytes()


def _verified(dataset: dict, part: str, idx: bytes) -> Tensor:
    md5 = hashlib.md5(idx, usedforsecurity=False).hexdigest()
    if md5 != dataset[part]:
        what = f"{dataset['name']}'s original {part} images, md5 {dataset[part]} as an idx file"
        raise ValueError(f"expected {what}, got others, md5 {md5}")
    return torch.from_numpy(np.frombuffer(idx, np.uint8, offset=16).reshape(-1, 784).copy())


def _from_scikit_learn(dataset: dict) -> tuple[Tensor, Tensor]:
    """What `fetch_openml` has put into its cache, the training images first."""
    number = dataset["openml"]
    home = Path(os.environ.get("SCIKIT_LEARN_DATA") or Path.home() / "scikit_learn_data") / "openml"
    if not any(home.rglob(f"data/{number}.gz")):
        raise FileNotFoundError(f"expected OpenML's data set {number} in {home}, scikit-learn's cache")
    images = fetch_openml(data_id=number, as_frame=False, parser="liac-arff", n_retries=1).data
    halves = {"train": images[:60_000], "test": images[60_000:]}
    return tuple(_verified(dataset, part, _as_idx(half)) for part, half in halves.items())


def _download(dataset: dict) -> tuple[Tensor, Tensor]:
    """Both idx files into the cache. Each is complete and verified before it is there under its name."""
    folder = _cache() / dataset["folders"][-1]
    for part, file in IDX_FILES.items():
        url = f"{dataset['mirror']}/{file}.gz"
        try:
            with urlopen(url, timeout=60) as response:
                idx = gzip.decompress(response.read())
            _verified(dataset, part, idx)
        except ValueError as error:
            raise ValueError(f"{url}: {error}") from None
        except (OSError, EOFError, HTTPException, zlib.error) as error:
            raise OSError(f"expected to download {url}, got: {error}") from error
        _write(folder / file, idx)
    return _load(dataset, folder)


def _write(file: Path, content: bytes) -> None:
    """All of it or nothing: written under a name of its own first."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{uuid4().hex}.part")
    try:
        part.write_bytes(content)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _order() -> Tensor:
    return torch.tensor(np.random.RandomState(0).permutation(1797))

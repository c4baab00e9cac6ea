"""Chapter 6: MNIST and Fashion-MNIST are the original images from whatever source, or an error that says what to do.

The sources are tried with three-image data sets under MNIST's file names; where the real files are at hand
(VAE_LIB_DATA), they were read with the same functions.
"""

import gzip
import hashlib
import io
import os
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPResponse
from pathlib import Path
from threading import Barrier
from types import SimpleNamespace
from urllib.error import URLError

import numpy as np
import pytest
import torch

from vae_lib import data

TRAIN, TEST = "train-images-idx3-ubyte", "t10k-images-idx3-ubyte"


def idx(images: np.ndarray) -> bytes:
    """The idx format, written out by hand: 0, 0, 8 for unsigned bytes, 3 axes, their sizes, the pixels."""
    header = bytes([0, 0, 8, 3]) + b"".join(int(size).to_bytes(4, "big") for size in images.shape)
    return header + images.tobytes()


@pytest.fixture
def images():
    generator = np.random.default_rng(0)
    return {
        "train": generator.integers(0, 256, (3, 28, 28), np.uint8),
        "test": generator.integers(0, 256, (2, 28, 28), np.uint8),
    }


@pytest.fixture(autouse=True)
def nothing_found(tmp_path, monkeypatch, images):
    """A machine with no data and no network, whose MNIST has three images."""
    small = {part: hashlib.md5(idx(array)).hexdigest() for part, array in images.items()}
    monkeypatch.setattr(data, "MNIST", data.MNIST | small)
    monkeypatch.delenv("VAE_LIB_DATA", raising=False)
    monkeypatch.delenv("SCIKIT_LEARN_DATA", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(data, "urlopen", offline)


def offline(url, timeout):
    raise URLError("no network")


def is_the_data(found, images) -> bool:
    expected = [torch.from_numpy(array.reshape(-1, 784)) for array in images.values()]
    return all(torch.equal(one, other) for one, other in zip(found, expected, strict=True))


def write_npz(folder, images):
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "mnist.npz", x_train=images["train"], x_test=images["test"])


def write_idx(folder, images, *, packed: bool):
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in zip((TRAIN, TEST), images.values(), strict=True):
        content = idx(array)
        (folder / (name + ".gz" * packed)).write_bytes(gzip.compress(content) if packed else content)


def test_an_npz_file_or_its_folder(tmp_path, images):
    write_npz(tmp_path, images)
    assert is_the_data(data.mnist(tmp_path / "mnist.npz"), images)
    assert is_the_data(data.mnist(str(tmp_path)), images)
    assert data.mnist(tmp_path)[0].dtype == torch.uint8


@pytest.mark.parametrize("packed", [True, False])
def test_idx_files_packed_or_not_or_their_folder(tmp_path, images, packed):
    write_idx(tmp_path, images, packed=packed)
    assert is_the_data(data.mnist(tmp_path), images)
    assert is_the_data(data.mnist(tmp_path / (TRAIN + ".gz" * packed)), images)


@pytest.mark.parametrize(
    "place",
    ["home/.cache/vae_lib/mnist", "here/data/MNIST/raw", "home/.keras/datasets"],
    ids=["our cache", "torchvision", "Keras"],
)
def test_it_is_found_where_others_keep_it(tmp_path, images, place):
    (write_npz if "keras" in place else lambda *a: write_idx(*a, packed=True))(tmp_path / place, images)
    assert is_the_data(data.mnist(), images)


def test_a_tilde_is_the_home_in_a_path_and_in_the_environment_variable(tmp_path, images, monkeypatch):
    write_npz(tmp_path / "home" / "mine", images)
    assert is_the_data(data.mnist("~/mine/mnist.npz"), images)
    monkeypatch.setenv("VAE_LIB_DATA", "~/mine")
    assert is_the_data(data.mnist(), images)


def test_a_place_that_may_not_be_looked_into_is_passed_over(tmp_path, images, monkeypatch):
    write_idx(tmp_path / "here" / "data", images, packed=False)
    stat = os.stat

    def forbidden(path, *args, **kwargs):
        if ".cache" in str(path):
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, *args, **kwargs)

    monkeypatch.setattr(os, "stat", forbidden)
    assert is_the_data(data.mnist(), images)


def test_the_environment_variable_names_a_folder(tmp_path, images, monkeypatch):
    write_npz(tmp_path / "elsewhere", images)
    monkeypatch.setenv("VAE_LIB_DATA", str(tmp_path / "elsewhere"))
    assert is_the_data(data.mnist(), images)


def test_scikit_learns_cache_is_read_and_verified(tmp_path, images, monkeypatch):
    cached = (
        tmp_path / "home" / "scikit_learn_data" / "openml" / "openml.org" / "api" / "v1" / "json" / "data" / "554.gz"
    )
    cached.parent.mkdir(parents=True)
    cached.touch()
    rows = np.concatenate([np.repeat(images["train"], 20_000, 0), images["test"]]).reshape(-1, 784).astype(float)
    many = {"train": images["train"].repeat(20_000, 0), "test": images["test"]}
    monkeypatch.setattr(data, "MNIST", data.MNIST | {k: hashlib.md5(idx(v)).hexdigest() for k, v in many.items()})
    asked = {}
    monkeypatch.setattr(data, "fetch_openml", lambda **kwargs: asked.update(kwargs) or SimpleNamespace(data=rows))
    assert is_the_data(data.mnist(), many)
    assert asked["data_id"] == 554


@pytest.mark.filterwarnings("ignore:Invalid cache|A network error")
def test_scikit_learn_itself_reads_its_cache_and_a_damaged_one_is_passed_over(tmp_path, images, monkeypatch):
    def description(url):
        raise URLError(f"no network for {url.full_url}")

    cached = tmp_path / "home/scikit_learn_data/openml/openml.org/api/v1/json/data/554.gz"
    cached.parent.mkdir(parents=True)
    cached.write_bytes(b"damaged")
    monkeypatch.setattr("sklearn.datasets._openml.urlopen", lambda url, **settings: description(url))
    with pytest.raises(FileNotFoundError, match=r"no network for .*/data/554"):  # the arguments were as it wants them
        data.mnist()
    monkeypatch.setattr(data, "urlopen", mirror(images))
    assert is_the_data(data.mnist(), images)


def mirror(images, *, cut: int | None = None):
    def urlopen(url, timeout):
        array = images["train"] if TRAIN in url else images["test"]
        return io.BytesIO(gzip.compress(idx(array))[:cut])

    return urlopen


def test_it_is_downloaded_once_and_then_found(images, monkeypatch):
    monkeypatch.setattr(data, "urlopen", mirror(images))
    assert is_the_data(data.mnist(), images)
    monkeypatch.setattr(data, "urlopen", offline)
    assert is_the_data(data.mnist(), images)


def ends_early(content: bytes):
    """urlopen, from a server that promises a byte more than it sends."""

    class Socket(io.BytesIO):
        def makefile(self, mode):
            return self

    def urlopen(url, timeout):
        response = HTTPResponse(Socket(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(content) + 1) + content))
        response.begin()
        return response

    return urlopen


def test_a_body_shorter_than_the_server_said_is_an_interrupted_download(tmp_path, images, monkeypatch):
    monkeypatch.setattr(data, "urlopen", ends_early(gzip.compress(idx(images["train"]))))
    with pytest.raises(FileNotFoundError, match=r"expected to download https://.*train-images.*IncompleteRead"):
        data.mnist()
    assert not [path for path in (tmp_path / "home").rglob("*") if path.is_file()]


def test_two_threads_may_download_at_once(tmp_path, images, monkeypatch):
    monkeypatch.setattr(data, "urlopen", mirror(images))
    both_wrote, write_bytes = Barrier(2), Path.write_bytes

    def at_once(file, content):
        both_wrote.wait(timeout=30)
        write_bytes(file, content)
        both_wrote.wait(timeout=30)

    monkeypatch.setattr("pathlib.Path.write_bytes", at_once)
    with ThreadPoolExecutor(2) as threads:
        found = [threads.submit(data.mnist) for _ in range(2)]
        assert all(is_the_data(images_found.result(), images) for images_found in found)
    assert not list((tmp_path / "home").rglob("*.part"))


@pytest.mark.parametrize("cut", [100, 12, 0])
def test_an_interrupted_download_leaves_nothing(tmp_path, images, monkeypatch, cut):
    monkeypatch.setattr(data, "urlopen", mirror(images, cut=cut))
    with pytest.raises(FileNotFoundError, match=r"expected to download https://.*train-images|original train images"):
        data.mnist()
    assert not [path for path in (tmp_path / "home").rglob("*") if path.is_file()]


def test_a_write_that_is_interrupted_leaves_nothing_half_written(tmp_path, images, monkeypatch):
    monkeypatch.setattr(data, "urlopen", mirror(images))

    def full_disk(self, content):
        with self.open("wb") as file:
            file.write(content[:10])
        raise KeyboardInterrupt

    monkeypatch.setattr("pathlib.Path.write_bytes", full_disk)
    with pytest.raises(KeyboardInterrupt):
        data.mnist()
    assert not [path for path in (tmp_path / "home").rglob("*") if path.is_file()]


def test_other_images_from_the_mirror_are_refused_and_not_kept(tmp_path, images, monkeypatch):
    other = {part: 255 - array for part, array in images.items()}
    monkeypatch.setattr(data, "urlopen", mirror(other))
    with pytest.raises(FileNotFoundError, match="expected MNIST's original train images, md5"):
        data.mnist()
    assert not [path for path in (tmp_path / "home").rglob("*") if path.is_file()]


def test_a_place_with_other_images_is_passed_over(tmp_path, images):
    write_idx(tmp_path / "here" / "data", {part: 255 - array for part, array in images.items()}, packed=False)
    write_npz(tmp_path / "home" / ".keras" / "datasets", images)
    assert is_the_data(data.mnist(), images)


def test_a_given_file_with_other_images_is_an_error(tmp_path, images):
    write_npz(tmp_path, {part: 255 - array for part, array in images.items()})
    with pytest.raises(ValueError, match=r"mnist\.npz: expected MNIST's original train images, md5 .* got others"):
        data.mnist(tmp_path)


def test_one_data_set_is_not_taken_for_the_other(tmp_path, images):
    write_idx(tmp_path, images, packed=True)
    with pytest.raises(ValueError, match="expected Fashion-MNIST's original train images"):
        data.fashion_mnist(tmp_path)


@pytest.mark.parametrize(
    "damage", [lambda b: b[:200], lambda b: b"", lambda b: b"no zip", lambda b: b[:-40] + bytes(40)]
)
@pytest.mark.parametrize("kind", ["npz", "gz"])
def test_a_damaged_file_is_an_error_that_names_it(tmp_path, images, damage, kind):
    if kind == "npz":
        write_npz(tmp_path, images)
    else:
        write_idx(tmp_path, images, packed=True)
    file = tmp_path / {"npz": "mnist.npz", "gz": f"{TRAIN}.gz"}[kind]
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(ValueError, match=file.name):
        data.mnist(tmp_path)


def test_an_npz_without_the_images_is_an_error_that_names_it(tmp_path):
    np.savez(tmp_path / "mnist.npz", images=np.zeros(3))
    with pytest.raises(ValueError, match=r"MNIST in .*mnist.npz, which cannot be read: .*x_train"):
        data.mnist(tmp_path)


@pytest.mark.parametrize("content", [np.zeros(3), np.uint8(3)], ids=["one array", "no axes"])
def test_an_npz_with_something_else_in_it_is_an_error_that_names_it(tmp_path, images, content):
    np.savez(tmp_path / "mnist.npz", x_train=content, x_test=images["test"])
    with pytest.raises(ValueError, match=r"mnist\.npz"):
        data.mnist(tmp_path)
    with (tmp_path / "mnist.npz").open("wb") as file:
        np.save(file, content)
    with pytest.raises(ValueError, match=r"MNIST in .*mnist\.npz, which cannot be read: File is not a zip file"):
        data.mnist(tmp_path)


@pytest.mark.parametrize("name", ["train-labels-idx1-ubyte", "mnist", "x_train.npy"])
def test_a_file_of_another_name_is_an_error_even_beside_the_images(tmp_path, images, name):
    write_idx(tmp_path, images, packed=True)
    (tmp_path / name).write_bytes(b"something else")
    with pytest.raises(FileNotFoundError, match=rf"expected mnist\.npz or train-images.* in .*{name}"):
        data.mnist(tmp_path / name)


@pytest.mark.parametrize(("kept", "missing"), [(TRAIN, TEST), (TEST, TRAIN)])
def test_one_of_the_two_idx_files_is_an_error_that_names_the_other(tmp_path, images, kept, missing):
    write_idx(tmp_path, images, packed=False)
    (tmp_path / missing).unlink()
    with pytest.raises(FileNotFoundError, match=rf"expected {missing} \(\.gz\) beside .*{kept}"):
        data.mnist(tmp_path)


@pytest.mark.parametrize("path", ["nowhere", "."])
def test_a_path_without_images_is_an_error_that_says_what_was_looked_for(tmp_path, path):
    with pytest.raises(FileNotFoundError, match=r"expected mnist\.npz or train-images-idx3-ubyte and t10k"):
        data.mnist(tmp_path / path)


def test_where_nothing_is_possible_the_error_says_what_to_do():
    with pytest.raises(FileNotFoundError) as error:
        data.fashion_mnist()
    said = str(error.value)
    assert "expected Fashion-MNIST on this machine or a network" in said
    assert 'fashion_mnist("folder")' in said
    assert "VAE_LIB_DATA" in said
    assert "no network" in said

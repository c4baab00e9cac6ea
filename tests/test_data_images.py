"""Chapter 6: MNIST and Fashion-MNIST are the original images from whatever source, or an error that says what to do.

The sources hold three training images and two test images under MNIST's file names; a server on this machine is the
network.
"""

import gzip
import hashlib
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Barrier, Thread

import numpy as np
import pytest
import torch

from vae_lib import data

TRAIN, TEST = "train-images-idx3-ubyte", "t10k-images-idx3-ubyte"
GENERATOR = np.random.default_rng(0)
IMAGES = {part: GENERATOR.integers(0, 256, (n, 28, 28), np.uint8) for part, n in [("train", 3), ("test", 2)]}
OTHERS = {part: 255 - images for part, images in IMAGES.items()}


def idx(images: np.ndarray) -> bytes:
    """The idx format, written out by hand: 0, 0, 8 for unsigned bytes, 3 axes, their sizes, the pixels."""
    header = bytes([0, 0, 8, 3]) + b"".join(int(size).to_bytes(4, "big") for size in images.shape)
    return header + images.tobytes()


def packed(images: np.ndarray) -> bytes:
    return gzip.compress(idx(images), mtime=0)


def md5(contents: dict) -> dict:
    return {part: hashlib.md5(content).hexdigest() for part, content in contents.items()}


def write_npz(folder, images=IMAGES):
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "mnist.npz", x_train=images["train"], x_test=images["test"])


def write_plain(folder, images=IMAGES):
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in zip((TRAIN, TEST), images.values(), strict=True):
        (folder / name).write_bytes(idx(array))


def write_packed(folder, images=IMAGES):
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in zip((TRAIN, TEST), images.values(), strict=True):
        (folder / f"{name}.gz").write_bytes(packed(array))


def is_the_data(found) -> bool:
    expected = [torch.from_numpy(array.reshape(-1, 784)) for array in IMAGES.values()]
    return all(torch.equal(one, other) for one, other in zip(found, expected, strict=True))


def files_in(folder) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder and notes what is asked for; where there is a barrier, two must ask before one is answered."""

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.server.barrier:
            self.server.barrier.wait(timeout=180)
        super().do_GET()

    def log_message(self, *args):
        pass


@pytest.fixture
def server(tmp_path, monkeypatch):
    """The network: a server of the folder `mirror`, which holds MNIST."""
    write_packed(tmp_path / "mirror")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=tmp_path / "mirror"))
    server.asked, server.barrier = [], None
    thread = Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    monkeypatch.setitem(data.MNIST, "url", f"http://127.0.0.1:{server.server_port}")
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def machine(tmp_path, monkeypatch):
    """A machine with no data and no network, whose MNIST has five images."""
    monkeypatch.setitem(data.MNIST, "md5", md5({part: idx(array) for part, array in IMAGES.items()}))
    monkeypatch.setitem(data.MNIST, "packed", md5({part: packed(array) for part, array in IMAGES.items()}))
    monkeypatch.setitem(data.MNIST, "url", "http://127.0.0.1:9")  # nobody listens there
    monkeypatch.delenv("VAE_LIB_DATA", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def test_images_are_rows_of_grey_levels_from_an_npz_file_or_its_folder(tmp_path):
    write_npz(tmp_path)
    x_train, x_test = data.mnist(tmp_path / "mnist.npz")
    assert is_the_data((x_train, x_test))
    assert x_train.dtype == x_test.dtype == torch.uint8
    assert is_the_data(data.mnist(str(tmp_path)))


@pytest.mark.parametrize(("write", "end"), [(write_plain, ""), (write_packed, ".gz")])
def test_either_idx_file_or_their_folder_gives_both_parts(tmp_path, write, end):
    write(tmp_path)
    assert is_the_data(data.mnist(tmp_path))
    assert is_the_data(data.mnist(tmp_path / f"{TRAIN}{end}"))
    assert is_the_data(data.mnist(tmp_path / f"{TEST}{end}"))


@pytest.mark.parametrize("write", [write_plain, write_packed])
def test_a_folder_is_searched_as_torchvision_lays_it_out(tmp_path, write):
    write(tmp_path / "data" / "MNIST" / "raw")
    write(tmp_path / "data" / "FashionMNIST" / "raw", OTHERS)
    assert is_the_data(data.mnist(tmp_path / "data"))


@pytest.mark.parametrize(
    ("place", "write"),
    [("home/.cache/vae_lib", write_npz), ("here/data/MNIST/raw", write_packed), ("home/.keras/datasets", write_npz)],
    ids=["our cache", "torchvision", "Keras"],
)
def test_without_a_path_it_is_found_where_others_keep_it(tmp_path, place, write):
    write(tmp_path / place)
    assert is_the_data(data.mnist())


def test_a_tilde_is_the_home_in_a_path_and_in_the_environment_variable(tmp_path, monkeypatch):
    write_npz(tmp_path / "home" / "mine")
    assert is_the_data(data.mnist("~/mine/mnist.npz"))
    monkeypatch.setenv("VAE_LIB_DATA", "~/mine")
    assert is_the_data(data.mnist())


def test_a_place_with_other_images_is_passed_over(tmp_path):
    write_plain(tmp_path / "here" / "data", OTHERS)
    write_npz(tmp_path / "home" / ".keras" / "datasets")
    assert is_the_data(data.mnist())


def test_a_given_path_with_other_images_is_an_error(tmp_path, server):
    write_npz(tmp_path, OTHERS)
    with pytest.raises(ValueError, match=r"expected MNIST's original train images in .*mnist\.npz, got others, md5"):
        data.mnist(tmp_path)
    assert not server.asked


def test_one_data_set_is_not_taken_for_the_other(tmp_path):
    write_packed(tmp_path)
    with pytest.raises(ValueError, match="expected Fashion-MNIST's original train images"):
        data.fashion_mnist(tmp_path)


@pytest.mark.parametrize("damage", [lambda b: b[:200], lambda b: b"", lambda b: b[:-40] + bytes(40)])
@pytest.mark.parametrize(("write", "name"), [(write_npz, "mnist.npz"), (write_packed, f"{TRAIN}.gz")])
def test_a_damaged_file_is_an_error_that_names_it(tmp_path, write, name, damage):
    write(tmp_path)
    file = tmp_path / name
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(ValueError, match=rf"expected MNIST.* in .*{name}, (which cannot be read|got others)"):
        data.mnist(tmp_path)


@pytest.mark.parametrize("arrays", [{"images": np.zeros(3)}, {"x_train": np.uint8(3)}], ids=["no x_train", "no axes"])
def test_an_npz_with_something_else_in_it_is_an_error_that_names_it(tmp_path, arrays):
    np.savez(tmp_path / "mnist.npz", **arrays)
    with pytest.raises(ValueError, match=r"expected MNIST.* in .*mnist\.npz"):
        data.mnist(tmp_path)


@pytest.mark.parametrize("name", ["train-labels-idx1-ubyte", "mnist", "x_train.npy"])
def test_a_file_of_another_name_is_an_error_even_beside_the_images(tmp_path, name):
    write_packed(tmp_path)
    (tmp_path / name).write_bytes(b"something else")
    with pytest.raises(FileNotFoundError, match=rf"expected mnist\.npz or train-images.* in .*{name}"):
        data.mnist(tmp_path / name)


def test_one_idx_file_without_the_other_is_an_error_that_names_the_other(tmp_path):
    write_plain(tmp_path)
    (tmp_path / TEST).unlink()
    with pytest.raises(ValueError, match=f"No such file .*{TEST}"):
        data.mnist(tmp_path)


@pytest.mark.parametrize("path", ["nowhere", "."])
def test_a_path_without_images_is_an_error_that_says_what_was_looked_for(tmp_path, path):
    with pytest.raises(FileNotFoundError, match=r"expected mnist\.npz or train-images-idx3-ubyte or train"):
        data.mnist(tmp_path / path)


def test_it_is_fetched_once_and_then_read_with_no_network_and_no_pooch(tmp_path, server, monkeypatch):
    assert is_the_data(data.mnist())
    assert server.asked == [f"/{TRAIN}.gz", f"/{TEST}.gz"]
    assert files_in(tmp_path / "home" / ".cache" / "vae_lib" / "mnist") == [f"{TEST}.gz", f"{TRAIN}.gz"]
    monkeypatch.setitem(data.MNIST, "url", "http://127.0.0.1:9")
    monkeypatch.setitem(sys.modules, "pooch", None)
    assert is_the_data(data.mnist())


def test_it_is_fetched_into_the_folder_that_the_environment_variable_names(tmp_path, server, monkeypatch):
    monkeypatch.setenv("VAE_LIB_DATA", str(tmp_path / "elsewhere"))
    assert is_the_data(data.mnist())
    assert files_in(tmp_path / "elsewhere") == [f"{TEST}.gz", f"{TRAIN}.gz"]
    assert not files_in(tmp_path / "home")


def test_a_damaged_file_in_the_cache_is_fetched_again(tmp_path, server):
    data.mnist()
    next(tmp_path.glob(f"home/**/{TEST}.gz")).write_bytes(b"damaged")
    assert is_the_data(data.mnist())
    assert server.asked == [f"/{TRAIN}.gz", f"/{TEST}.gz", f"/{TEST}.gz"]


def test_other_images_in_the_cache_do_not_stand_in_its_way(tmp_path, server):
    write_plain(tmp_path / "home" / ".cache" / "vae_lib" / "mnist", OTHERS)
    assert is_the_data(data.mnist())


@pytest.mark.parametrize(
    "content", [packed(OTHERS["train"]), packed(IMAGES["train"])[:100], b""], ids=["other images", "cut off", "empty"]
)
def test_what_the_network_has_damaged_is_refused_and_not_kept(tmp_path, server, content):
    (tmp_path / "mirror" / f"{TRAIN}.gz").write_bytes(content)
    with pytest.raises(FileNotFoundError, match=r"Fetching it failed: .*(hash|MD5)"):
        data.mnist()
    assert not files_in(tmp_path / "home")


def test_a_file_that_has_moved_is_said_with_its_address(tmp_path, server):
    (tmp_path / "mirror" / f"{TEST}.gz").unlink()
    with pytest.raises(FileNotFoundError, match=rf"Fetching it failed: 404 .*http://127\.0\.0\.1:\d+/{TEST}\.gz"):
        data.mnist()


def test_two_may_fetch_at_once(tmp_path, server):
    server.barrier = Barrier(2)
    with ThreadPoolExecutor(2) as threads:
        found = [threads.submit(data.mnist) for _ in range(2)]
        assert all(is_the_data(images.result()) for images in found)
    assert files_in(tmp_path / "home") == [f"{TEST}.gz", f"{TRAIN}.gz"]


def test_without_a_network_the_error_says_what_was_looked_for_where_and_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError) as error:
        data.mnist()
    said = str(error.value)
    assert said.startswith("expected MNIST on this machine, or pooch and a network to fetch it.")
    assert f"mnist.npz, or {TRAIN} and {TEST} (plain or .gz), in {tmp_path}/home/.cache/vae_lib, data, " in said
    assert f"/{TRAIN}.gz" in said.partition("Fetching it failed: ")[2]
    assert "pass it as `path`, or name it in the environment variable VAE_LIB_DATA" in said


def test_without_pooch_the_error_says_how_to_install_it(server, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(FileNotFoundError, match=r"Fetching it failed: .*pooch.*\nRun `pip install pooch`"):
        data.mnist()
    assert not server.asked

"""Weights come back from a file to the last bit, and anything else that lies there is refused with a reason."""

import pickle
import re

import pytest
import torch

from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianDecoder, GaussianEncoder
from vae_lib.saving import load_weights, save_weights


def make_model(hidden: int = 5, decoder=BernoulliDecoder) -> VAE:
    return VAE(GaussianEncoder(6, 2, hidden), decoder(2, 6, hidden), 2)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "weights.pt"
    save_weights(make_model(decoder=GaussianDecoder), path)
    return path


def test_weights_come_back_to_the_last_bit_and_to_the_model_that_was_given(tmp_path):
    model, other = make_model(), make_model()
    save_weights(model, tmp_path / "weights.pt")
    assert load_weights(other, str(tmp_path / "weights.pt")) is other
    for name, value in model.state_dict().items():
        assert torch.equal(other.state_dict()[name], value)
    x = torch.ones(3, 6)
    assert torch.equal(model.encoder(x).mean, other.encoder(x).mean)


def test_a_save_replaces_what_was_there_and_leaves_nothing_else(tmp_path):
    for _ in range(2):
        model = make_model()
        save_weights(model, tmp_path / "weights.pt")
    assert [path.name for path in tmp_path.iterdir()] == ["weights.pt"]
    assert torch.equal(
        load_weights(make_model(), tmp_path / "weights.pt").decoder.net[0].weight, model.decoder.net[0].weight
    )


def test_a_save_that_fails_keeps_what_was_there(file, monkeypatch):
    before = file.read_bytes()

    def full(weights, part):
        part.write(b"half")
        raise OSError("no space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(OSError, match="no space"):
        save_weights(make_model(decoder=GaussianDecoder), file)
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_place_that_cannot_be_written_is_an_os_error_and_stays_as_it_was(tmp_path):
    with pytest.raises(OSError, match="nowhere"):
        save_weights(make_model(), tmp_path / "nowhere" / "weights.pt")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        save_weights(make_model(), tmp_path / "folder")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_where_no_file_is_the_error_says_so(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"expected a file of weights at .*nowhere\.pt, got no such file"):
        load_weights(make_model(), tmp_path / "nowhere.pt")
    with pytest.raises(FileNotFoundError, match="got no such file"):
        load_weights(make_model(), tmp_path)


@pytest.mark.parametrize("kept", [0, 1, 10, 100, 0.5, 0.9, -1])
def test_a_file_that_was_cut_short_is_refused(file, kept):
    content = file.read_bytes()
    file.write_bytes(content[: int(kept * len(content)) if 0 < kept < 1 else kept])
    with pytest.raises(ValueError, match="as save_weights wrote it, got a damaged or foreign file"):
        load_weights(make_model(decoder=GaussianDecoder), file)


def test_a_file_with_one_wrong_bit_in_a_weight_is_refused(file):
    content = bytearray(file.read_bytes())
    weight = load_weights(make_model(decoder=GaussianDecoder), file).encoder.net[0].weight.detach()
    at = content.find(weight.numpy().tobytes())
    assert at > 0
    content[at + 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(ValueError, match="damaged"):
        load_weights(make_model(decoder=GaussianDecoder), file)


class Trap:
    """An object whose unpickling would run code."""

    def __reduce__(self):
        return (exec, ("raise SystemExit('the file was run')",))


@pytest.mark.parametrize("content", [b"not weights", b"\x89PNG\r\n", pickle.dumps({"a": 1}), pickle.dumps(Trap())])
def test_a_foreign_file_is_refused_and_not_run(tmp_path, content):
    (tmp_path / "foreign.pt").write_bytes(content)
    with pytest.raises(ValueError, match=r"damaged or foreign file|nothing else"):
        load_weights(make_model(), tmp_path / "foreign.pt")


@pytest.mark.parametrize("content", [Trap(), [1, 2], {"a": 1}, torch.ones(3), {"model": make_model().state_dict()}])
def test_a_file_of_torch_that_holds_anything_but_named_tensors_is_refused(tmp_path, content):
    torch.save(content, tmp_path / "other.pt")
    with pytest.raises(ValueError, match=r"damaged or foreign file|expected .*other.pt to hold named tensors"):
        load_weights(make_model(), tmp_path / "other.pt")


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (make_model(), "missing [], unexpected ['decoder.log_sigma']"),
        (make_model(7, GaussianDecoder), "of shape (7, 6) and torch.float32 in"),
        (make_model(decoder=GaussianDecoder).double(), "and torch.float64 in"),
        (torch.nn.Linear(2, 2), "missing ['bias', 'weight'], unexpected ["),
    ],
)
def test_the_weights_of_another_model_are_refused_and_the_model_stays_as_it_was(file, model, message):
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with pytest.raises(ValueError, match=re.escape(message)):
        load_weights(model, file)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_weights_that_are_not_finite_are_refused(tmp_path):
    model = make_model()
    model.decoder.net[0].bias.data[1] = float("nan")
    save_weights(model, tmp_path / "weights.pt")
    with pytest.raises(ValueError, match=r"expected finite weights in .*, got NaN or infinity in decoder.net.0.bias"):
        load_weights(make_model(), tmp_path / "weights.pt")

"""Trains what ships with the library: `python book/_tools/assets.py` writes vae_lib/shipped and its manifest anew.

On one machine and one version of torch the bytes are the same each time; elsewhere training may end in other weights,
and the manifest is written along with them. A few minutes on one core, most of them for the exact integrals.

Names of files, `python book/_tools/assets.py counts.json`, make these alone. `--manifest` trains nothing: it writes the
manifest from the files that are there, after a change of a script that changes no number. What cannot be seen in a
file, the versions that made it, is taken over from the manifest before.
"""

import ast
import hashlib
import io
import json
import platform
import sys
import tokenize
from collections.abc import Callable, Collection
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import atlas_run
import chain_runs
import collapse_runs
import counts_runs
import digits_run
import discrete_runs
import dose_runs
import forces_runs
import mnist_runs
import name_runs
import published_runs
import string_runs
import torch
import yardstick_runs

from vae_lib.data import digit_labels, digits, first_names
from vae_lib.labs.recording import record
from vae_lib.shipped.weights import ASSETS, asset, digits_vae, recorded_digits_vae

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = ASSETS / "manifest.json"
COMMAND = "python book/_tools/assets.py"
PLATEAU = 4  # epochs of the digits VAE
PACKAGES = ("torch", "numpy", "scikit-learn")


def versions_here() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name).split("+")[0] for name in PACKAGES}}


class Data(NamedTuple):
    """What a file was made from: its name, and the bytes that are hashed."""

    name: str
    bytes: Callable[[], bytes]


class Asset(NamedTuple):
    """A file of vae_lib/shipped: how its values are made, and a number that the file, once written, must give.

    `format` rises when a reader of the older file would misread the new one. `scripts` are the files that say how the
    values are made, down to the library's training loop, which has tests of its own.
    """

    values: Callable[[], dict]
    metric: str
    value: Callable[[], float]
    scripts: tuple[str, ...]
    data: Data
    seed: int | tuple[int, ...]
    format: int = 1
    versions: Callable[[], dict] = versions_here  # those that make it


DIGITS = Data(
    "scikit-learn's digits: vae_lib.data.digits(), training split and then test split, a byte a pixel",
    lambda: torch.cat(digits()).to(torch.uint8).numpy().tobytes(),
)
LABELLED = Data(
    f"{DIGITS.name}; then vae_lib.data.digit_labels(), in the same order, a byte a label",
    lambda: DIGITS.bytes() + torch.cat(digit_labels()).to(torch.uint8).numpy().tobytes(),
)
NAMES = Data(
    "first names: vae_lib.data.first_names(), training split and then test split, one a line",
    lambda: "\n".join(first_names()[0] + first_names()[1]).encode(),
)
LOGS = Data(
    "benchmarks/published/*.json one after the other: the logs of runs on MNIST, which is checked where it is read",
    lambda: b"".join(path.read_bytes() for path in published_runs.LOGS),
)
MNIST_LOGS = Data(
    "benchmarks/mnist_vae/*.json one after the other: the logs of runs on MNIST, which is checked where it is read",
    lambda: b"".join(path.read_bytes() for path in mnist_runs.LOGS),
)

MADE = {  # an asset more is an entry more
    "digits_vae.json": Asset(
        values=lambda: digits_run.weights(digits_run.run()[0][-1]),
        metric="test −ELBO, nats an image, by quadrature",
        value=lambda: digits_run.test_loss(digits_vae()),
        scripts=("book/_tools/digits_run.py",),
        data=DIGITS,
        seed=digits_run.SEED,
    ),
    "epochs.json": Asset(
        values=digits_run.epochs,
        metric=f"test −ELBO after epoch {PLATEAU}, nats an image, by quadrature",
        value=lambda: digits_run.test_loss(recorded_digits_vae(PLATEAU)),
        scripts=("book/_tools/digits_run.py",),
        data=DIGITS,
        seed=digits_run.SEED,
    ),
    "yardsticks.json": Asset(
        values=yardstick_runs.yardsticks,
        metric=f"Binomial, 2 latents: test −ELBO after {yardstick_runs.REPORTED[-1]} epochs, nats an image, "
        "the mean over seeds",
        value=yardstick_runs.yardstick,
        scripts=("book/_tools/yardstick_runs.py", "vae_lib/shipped/yardsticks.py"),
        data=DIGITS,
        seed=yardstick_runs.SEEDS,
    ),
    "counts.json": Asset(
        values=counts_runs.counts,
        metric="open bins, 2 latents: test −ELBO after the last epoch, nats an image of counts, the mean over seeds",
        value=counts_runs.open_bins,
        scripts=("book/_tools/counts_runs.py",),
        data=DIGITS,
        seed=counts_runs.SEEDS,
    ),
    "forces.json": Asset(
        values=forces_runs.forces,
        metric="pull and noise: test −log p(x), nats an image, by quadrature, the mean over seeds",
        value=forces_runs.nats,
        scripts=("book/_tools/forces_runs.py",),
        data=LABELLED,
        seed=forces_runs.SEEDS,
    ),
    "collapse.json": Asset(
        values=collapse_runs.collapse,
        metric="without a cure: the mean KL term after the last epoch, nats an image, the mean over seeds",
        value=collapse_runs.rate,
        scripts=("book/_tools/collapse_runs.py", "book/_tools/intervals.py", "vae_lib/exact/landscape.py"),
        data=DIGITS,
        seed=collapse_runs.SEEDS,
    ),
    "discrete.json": Asset(
        values=discrete_runs.discrete,
        metric="leave-one-out, 60 epochs: exact test −ELBO, nats an image, the mean over seeds",
        value=discrete_runs.leave_one_out_elbo,
        scripts=(
            "book/_tools/discrete_runs.py",
            "book/_tools/intervals.py",
            "vae_lib/discrete.py",
            "vae_lib/estimators.py",
        ),
        data=LABELLED,
        seed=discrete_runs.SEEDS,
    ),
    "chains.json": Asset(
        values=chain_runs.chains,
        metric="deep Markov model with a q that knows its neighbours: test −log p(x), nats an image, by a grid, "
        "the mean over seeds",
        value=chain_runs.deep_nats,
        scripts=(
            "book/_tools/chain_runs.py",
            "book/_tools/intervals.py",
            "vae_lib/chains.py",
            "vae_lib/exact/chains.py",
            "vae_lib/exact/mean_field.py",
        ),
        data=DIGITS,
        seed=chain_runs.SEEDS,
    ),
    "doses.json": Asset(
        values=dose_runs.doses,
        metric="mixture: test −log p(x) of dose 1 minus that of exact training, nats a name, the mean over seeds",
        value=dose_runs.late_nats,
        scripts=(
            "book/_tools/dose_runs.py",
            "book/_tools/intervals.py",
            "vae_lib/sequences.py",
            "vae_lib/exact/information.py",
        ),
        data=NAMES,
        seed=tuple(range(dose_runs.DECODERS["mixture"]["seeds"])),
    ),
    "names.json": Asset(
        values=name_runs.decoders,
        metric="mixture that uses z: I(x; z) of the test names under the posterior, nats",
        value=name_runs.information_kept,
        scripts=("book/_tools/name_runs.py", "book/_tools/dose_runs.py", "vae_lib/sequences.py"),
        data=NAMES,
        seed=name_runs.SEED,
    ),
    "strings.json": Asset(
        values=string_runs.strings,
        metric="five Markov chains by EM: test −log p(x), nats a name, the mean over seeds",
        value=string_runs.em_nats,
        scripts=(
            "book/_tools/string_runs.py",
            "book/_tools/intervals.py",
            "book/_tools/dose_runs.py",
            "vae_lib/sequences.py",
            "vae_lib/exact/strings.py",
            "vae_lib/exact/grammar.py",
        ),
        data=NAMES,
        seed=string_runs.SEEDS,
    ),
    "mnist_yardsticks.json": Asset(
        values=mnist_runs.yardsticks,
        metric="black by chance: test −ELBO after the last epoch, nats an image, the mean over seeds",
        value=mnist_runs.yardstick,
        scripts=("book/_tools/mnist_runs.py", "benchmarks/mnist_vae.py"),
        data=MNIST_LOGS,
        seed=(0, 1),
        versions=mnist_runs.versions,
    ),
    "published.json": Asset(
        values=published_runs.published,
        metric="test −log p(x) of the first run, nats an image, by importance weighting",
        value=lambda: asset("published.json")["runs"][0]["test"]["test −log p(x)"],
        scripts=("book/_tools/published_runs.py", "benchmarks/published.py"),
        data=LOGS,
        seed=0,
        versions=lambda: published_runs.VERSIONS,
    ),
    "atlas.json": Asset(
        values=atlas_run.atlas,
        metric="test −log p(x), nats a picture of 28×28 pixels, by a grid over the latents",
        value=atlas_run.nats,
        scripts=("book/_tools/atlas_run.py",),
        data=LABELLED,
        seed=atlas_run.SEED,
    ),
    "labs.json": Asset(
        values=record,
        metric="the last recorded training: test −ELBO of one draw, nats an image",
        value=lambda: (lambda last: last["kl"][-1] - last["reconstruction"][-1])(asset("labs.json")["training"][-1]),
        scripts=("vae_lib/labs/recording.py", "vae_lib/labs/training.py", "vae_lib/labs/variance.py"),
        data=DIGITS,
        seed=0,
    ),
}


def text(values: dict) -> str:
    """JSON with a line for each name."""
    each = [f"{json.dumps(name)}: {json.dumps(value, separators=(',', ':'))}" for name, value in values.items()]
    return "{\n" + ",\n".join(each) + "\n}\n"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def code(source: str) -> str:
    """A script without comments, docstrings and blank lines: what is left is the same after a mended typo."""
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            start, end = node.body[0].lineno - 1, node.body[0].end_lineno
            lines[start:end] = [""] * (end - start)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    return "\n".join(line.rstrip() for line in lines if line.strip())


def entry(name: str, versions: dict) -> dict:
    """What the manifest says of an asset as it ships, that is, after rounding; `versions` are those that made it."""
    made = MADE[name]
    return {
        "sha256": sha256((ASSETS / name).read_bytes()),
        "format": made.format,
        "command": COMMAND,
        "scripts": {path: sha256(code((ROOT / path).read_text()).encode()) for path in made.scripts},
        "data": {"name": made.data.name, "sha256": sha256(made.data.bytes())},
        "seed": made.seed,
        "versions": versions,
        "metric": {"name": made.metric, "value": round(made.value(), 2)},
    }


def main(names: Collection[str]) -> None:
    """Make the files of these names, and the manifest of all."""
    before = json.loads(MANIFEST.read_text())
    for name in names:
        (ASSETS / name).write_text(text(MADE[name].values()))
    versions = {name: made.versions() if name in names else before[name]["versions"] for name, made in MADE.items()}
    manifest = {name: entry(name, versions[name]) for name in MADE}
    MANIFEST.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main([] if sys.argv[1:] == ["--manifest"] else sys.argv[1:] or MADE)

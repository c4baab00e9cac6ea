"""Chapter 6: a trained VAE, examined: one page for a student, one dict for an engineer, one line for a CI job."""

import math
import time
from dataclasses import asdict
from importlib.metadata import version
from numbers import Integral, Real

import torch
from torch import Tensor

from vae_lib.diagnose.model_facts import FEWEST, Facts
from vae_lib.diagnose.model_findings import IMPOSSIBLE, Finding, findings
from vae_lib.diagnose.model_measure import measure
from vae_lib.diagnose.model_page import COLUMNS, as_html, as_text, pictures_of
from vae_lib.diagnose.model_weights import UNKNOWN
from vae_lib.networks import check_rows, describe
from vae_lib.training import in_mode, random_numbers_kept


class Checkup:
    """What `checkup` found: `facts`, and the `findings` in three ranks. In a notebook it is a page, printed it is text.

    `as_dict()` has the same under stable keys.
    """

    def __init__(self, facts: Facts, pictures: dict[str, Tensor]):
        self.facts, self.findings, self.pictures = facts, findings(facts), pictures

    def __repr__(self) -> str:
        return as_text(self.facts, self.findings)

    def _repr_html_(self) -> str:
        return as_html(self.facts, self.findings, self.pictures)

    def of_rank(self, rank: str) -> list[Finding]:
        return [finding for finding in self.findings if finding.rank == rank]

    def as_dict(self) -> dict:
        """Facts and findings in plain lists and numbers, as JSON takes them; an estimate is [value, standard error].

        What was not measured, or is not finite, is None.
        """
        return _plain({"facts": asdict(self.facts), "findings": [finding._asdict() for finding in self.findings]})

    def raise_if_impossible(self) -> None:
        """Raises ValueError with what is impossible, if anything is: for a CI job."""
        if wrong := self.of_rank(IMPOSSIBLE):
            raise ValueError(f"expected a sound model, got: {' '.join(finding.says for finding in wrong)}")


def checkup(model, x_train: Tensor, x_test: Tensor, *, beta: float = 1.0, seed: int = 0) -> Checkup:
    """Examine a trained VAE: one honest page, in some thirty seconds of one core at most (chapter 6).

    `model` is a `VAE`, or what `adapt` makes of your own; `x_train` and `x_test` are `[n, …]`, images as it takes them,
    of which up to 500 each are looked at, in an order that `seed` draws. `beta` is the β that it was trained with, if
    you know it: nothing is guessed. The model is put into eval mode and back; nothing else of it changes, nor do
    torch's random numbers.

    What is found has three ranks: *impossible* is a bug, whatever the model was trained on; *unusual* may be meant; *a
    choice* is one that you made. All numbers are nats an image, as losses unless they say otherwise, estimates with
    their standard error. Raises ValueError for what is no VAE, or images that do not fit.
    """
    if not all(hasattr(model, part) for part in ("encoder", "decoder", "prior")):
        instead = "adapt(model, likelihood, x_train) makes one of your own (chapter 5)"
        raise ValueError(f"expected a VAE with encoder, decoder and prior, got {describe(model)}: {instead}")
    _check_images(x_train, x_test)
    if not (isinstance(seed, Integral) and isinstance(beta, Real) and 0 <= beta < math.inf):
        raise ValueError(f"expected a finite beta of at least 0 and a whole number as seed, got {beta!r} and {seed!r}")
    x_train, x_test = (_numbers(x).to(model.prior.mean.device) for x in (x_train, x_test))
    start = time.perf_counter()
    with torch.no_grad(), random_numbers_kept(model), in_mode(model, train=False, validate=False):
        torch.manual_seed(seed)
        facts = measure(model, x_train, x_test, beta=beta, seed=seed)
        pictures = _pictures(model, x_test[:COLUMNS]) if facts.test else {}
    facts.seconds = time.perf_counter() - start
    facts.versions = {"vae_lib": version("vae_lib"), "torch": torch.__version__}
    return Checkup(facts, pictures)


def _numbers(x: Tensor) -> Tensor:
    """Bytes and truth values as the numbers that they stand for: 255 + 1 is 256."""
    return x.float() if x.dtype in (torch.uint8, torch.bool) else x


def _plain(value):
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _check_images(x_train: Tensor, x_test: Tensor) -> None:
    for name, x in {"x_train": x_train, "x_test": x_test}.items():
        check_rows(name, x)
        if not isinstance(x, Tensor) or len(x) < FEWEST:
            raise ValueError(f"expected {name} to be a tensor of at least {FEWEST} images, got {describe(x)}")
    if x_train.shape[1:] != x_test.shape[1:]:
        both = f"{describe(x_train)} and {describe(x_test)}"
        raise ValueError(f"expected x_train and x_test of images of one shape, got {both}")


def _pictures(model, x: Tensor) -> dict[str, Tensor]:
    """x, its reconstructions at z = μ and new draws of z from the prior, as means of p(x|z)."""
    try:
        rows = {"x": x, "reconstructed": model.reconstruct(x).mean, "from the prior": model.sample(len(x)).mean}
    except UNKNOWN:  # a likelihood without a mean
        return {}
    return pictures_of(rows)

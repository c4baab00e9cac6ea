"""What every contender is measured by, ours and the peers': the same images, the same clock. Imports no `vae_lib`."""

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

DATA, HIDDEN, LATENT, BATCH = 784, 400, 20, 128


def images(mnist: str | None, num_images: int) -> Tensor:
    """Black-and-white images `[num_images, 784]`, uint8: MNIST above mid-grey, or synthetic where it is not given."""
    if mnist:
        path = Path(mnist, "mnist.npz") if os.path.isdir(mnist) else Path(mnist)
        return torch.from_numpy(np.load(path)["x_train"][:num_images].reshape(-1, DATA) > 127).to(torch.uint8)
    generator = torch.Generator().manual_seed(0)
    z = torch.randn(num_images, 10, generator=generator)
    logits = z @ torch.randn(10, DATA, generator=generator) - 4  # 13 % of the pixels are 1, as in MNIST
    return torch.bernoulli(torch.sigmoid(logits), generator=generator).to(torch.uint8)


def measure(contender: Callable, x: Tensor, num_epochs: int, seed: int) -> dict:
    """Seconds an epoch, without what a run costs once (compilation, checks); those of a cold start; the last ELBO.

    A contender is a function `(x, num_epochs) -> history` of the ELBO's mean over each epoch, empty where it has none.
    """
    warm_up, _ = _timed(contender, x[: 2 * BATCH], 1, seed)
    one, _ = _timed(contender, x, 1, seed)
    more, history = _timed(contender, x, 1 + num_epochs, seed)
    return {"seconds": (more - one) / num_epochs, "warm_up": warm_up, "elbo": history[-1] if history else None}


def _timed(contender: Callable, x: Tensor, num_epochs: int, seed: int) -> tuple[float, list[float]]:
    torch.manual_seed(seed)
    start = time.perf_counter()
    history = contender(x, num_epochs)
    return time.perf_counter() - start, history


def positive(text: str) -> int:
    """A whole number of at least 1, as an argument's type."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {text!r}")
    return int(text)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What a run and its workers, each a process of its own, are told alike."""
    data = os.environ.get("VAE_LIB_DATA")
    parser.add_argument("--mnist", default=data, help="mnist.npz or its folder [VAE_LIB_DATA]")
    parser.add_argument("--epochs", type=positive, default=3)
    parser.add_argument("--threads", type=positive, default=min(2, os.cpu_count()))
    parser.add_argument("--images", type=positive, default=60_000)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=0, help=argparse.SUPPRESS)

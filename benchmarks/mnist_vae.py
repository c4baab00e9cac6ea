"""What the usual VAE of MNIST reports: 784-400-20 with ReLU, a Bernoulli for each pixel, Adam at 1e-3, batches of 128.

`python benchmarks/mnist_vae.py benchmarks/mnist_vae --mnist mnist.npz` trains two seeds on images that are black from
grey level 128 (static) and two on images that are drawn black by chance each time (dynamic), 100 epochs each on one
thread, and writes a file for each run. Runs whose file is there are not trained again. Test numbers are means over all
10 000 test images and over ten draws of each: a new z, and for the dynamic ones new pixels too.
"""

import argparse
import json
import platform
import time
from collections.abc import Callable
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

import torch
from torch import Tensor
from torch.optim import Adam

from vae_lib.data import binarize, mnist
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianEncoder
from vae_lib.objectives import elbo_terms
from vae_lib.training import fit

REPORTED = (0, 1, 10, 100)  # epochs
SEEDS = (0, 1)
TEST_DRAWS = 10
SETTING = {"data": 784, "hidden": 400, "latent": 20, "batch_size": 128, "lr": 1e-3, "test_draws": TEST_DRAWS}


def black_from_128(rows: Tensor) -> Tensor:
    return (rows >= 128).float()


def black_by_chance(rows: Tensor) -> Tensor:
    return binarize(rows / 255)


PREPARE = {"static": black_from_128, "dynamic": black_by_chance}


def independent_pixels(x_train: Tensor, x_test: Tensor) -> float:
    """Exact mean −log p(x) of independent pixels, each of them black as often as in training (add one to both counts).

    Pixels are chances of black: −log p(x) is linear in them, so that this is its mean over all draws, too.
    """
    p_hat = (1 + x_train.sum(0, dtype=torch.float64)) / (2 + len(x_train))
    return -(x_test * p_hat.log() + (1 - x_test) * (-p_hat).log1p()).sum(1).mean().item()


@torch.no_grad()
def test(model: VAE, x_test: Tensor, prepare: Callable[[Tensor], Tensor]) -> dict[str, float]:
    """−ELBO and KL, nats an image. The random numbers of training stay as they were."""
    totals = torch.zeros(2, dtype=torch.float64)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        for _ in range(TEST_DRAWS):
            for rows in x_test.split(1000):
                reconstruction, kl = elbo_terms(model, prepare(rows))
                totals += torch.stack([(kl - reconstruction).double().sum(), kl.double().sum()])
    minus_elbo, kl = (totals / len(x_test) / TEST_DRAWS).tolist()
    return {"test": round(minus_elbo, 2), "kl": round(kl, 2)}


def run(x_train: Tensor, x_test: Tensor, binarisation: str, seed: int) -> dict:
    """One training, tested at the epochs REPORTED."""
    prepare = PREPARE[binarisation]
    torch.manual_seed(seed)
    data, hidden, latent = (SETTING[name] for name in ("data", "hidden", "latent"))
    model = VAE(GaussianEncoder(data, latent, hidden), BernoulliDecoder(latent, data, hidden), latent)
    optimizer = Adam(model.parameters(), lr=SETTING["lr"], fused=True)
    start, tested = time.perf_counter(), [test(model, x_test, prepare)]
    for before, after in pairwise(REPORTED):
        settings = {"num_epochs": after - before, "batch_size": SETTING["batch_size"], "prepare": prepare}
        fit(model, x_train, lr=optimizer, **settings)
        tested.append(test(model, x_test, prepare))
        print(f"{binarisation}, seed {seed}, epoch {after}: {tested[-1]}", flush=True)
    seconds = round(time.perf_counter() - start)
    reported = {name: [numbers[name] for numbers in tested] for name in tested[0]}
    made = {"setting": SETTING, "versions": versions()}
    return {"binarisation": binarisation, "seed": seed, "epochs": REPORTED, **reported, "seconds": seconds, **made}


def versions() -> dict[str, str]:
    packages = {name: version(name).split("+")[0] for name in ("torch", "numpy", "scikit-learn")}
    return {"python": platform.python_version(), **packages}


def without_latents(x_train: Tensor, x_test: Tensor) -> dict[str, float]:
    chances = {"static": black_from_128, "dynamic": lambda rows: rows / 255}
    return {name: round(independent_pixels(of(x_train), of(x_test)), 2) for name, of in chances.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="for a file of each run")
    parser.add_argument("--mnist", help="mnist.npz, or a folder that holds MNIST")
    args = parser.parse_args()
    torch.set_num_threads(1)
    args.folder.mkdir(parents=True, exist_ok=True)
    x_train, x_test = mnist(args.mnist)
    record(args.folder / "independent_pixels.json", lambda: without_latents(x_train, x_test))
    for seed in SEEDS:
        for name in PREPARE:
            record(args.folder / f"{name}_{seed}.json", lambda name=name, seed=seed: run(x_train, x_test, name, seed))


def record(file: Path, values: Callable[[], dict]) -> None:
    if not file.exists():
        file.write_text(json.dumps(values()) + "\n")


if __name__ == "__main__":
    main()

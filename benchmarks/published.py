"""A published table reproduced: Table 1 of Burda et al. (2015), one stochastic layer, dynamically binarised MNIST.

The paper's network, initialisation, optimiser and schedule (https://arxiv.org/abs/1509.00519, section 5):
784-200-200-50 tanh, Adam with ε = 1e-4, batches of 20, learning rate 10⁻³ · 10^(−i/7) for 3^i epochs, i = 0 … 7, test
−log p(x) by 5000 importance samples. `--shorten`, `--batch-size` and `--lr` change the schedule, and the log says so. A
run that was stopped is taken up again where its last checkpoint left it.
"""

import argparse
import json
import math
import pickle
import time
from functools import partial
from pathlib import Path

import torch
from faster import faster, matmul_precision, precision
from measuring import positive
from on_gpu import train_on_gpu
from torch import Tensor, nn
from torch.distributions import Distribution

from vae_lib.data import mnist
from vae_lib.evaluation import active_units
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianEncoder, mlp
from vae_lib.objectives import elbo, importance_weighted_bound
from vae_lib.training import fit

PAPER = {1: 86.76, 5: 85.54, 50: 84.78}  # IWAE, one stochastic layer; k = 1 is the VAE
CHUNK = 20  # epochs between two checkpoints
AT_ONCE = 500  # importance samples of a test image


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="for checkpoint.pt and log.json")
    parser.add_argument("--mnist", help="mnist.npz, or a folder that holds MNIST")
    parser.add_argument("--num-samples", type=positive, default=1, help="k of the objective; 1 trains the ELBO")
    parser.add_argument("--shorten", type=float, default=1, help="divide the number of epochs of each stage by this")
    parser.add_argument(
        "--stop-after", type=positive, default=10**6, help="end after so many epochs, whatever the schedule says"
    )
    parser.add_argument("--batch-size", type=positive, default=20)
    parser.add_argument("--lr", type=float, default=1e-3, help="of the first stage")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=positive, default=1)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", type=precision, default="highest", help="of float32 matrix products")
    parser.add_argument("--compile", action="store_true", help="compile the objective, or on a GPU the loss")
    parser.add_argument("--test-samples", type=positive, default=5000, help="importance samples an image, at the end")
    args = parser.parse_args()
    if args.test_samples % AT_ONCE or not 0 < args.shorten < math.inf:
        parser.error(f"expected --test-samples in multiples of {AT_ONCE} and a finite --shorten above 0")
    return args


def schedule(lr: float, shorten: float) -> list[tuple[int, float]]:
    """(number of epochs, learning rate) of the eight stages; unshortened, 3280 epochs in all."""
    return [(math.ceil(3**i / shorten), lr * 10 ** (-i / 7)) for i in range(8)]


def paper_vae(mean_image: Tensor) -> VAE:
    """784-200-200-50 and back with tanh, Glorot's weights, and the mean image in the decoder's last bias."""
    model = VAE(GaussianEncoder(784, 50, (200, 200)), BernoulliDecoder(50, 784, (200, 200)), 50)
    model.encoder.net = mlp(784, 200, 200, 100, activation=nn.Tanh)
    model.decoder.net = mlp(50, 200, 200, 784, activation=nn.Tanh)
    for layer in model.modules():
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    model.decoder.net[-1].bias.data = mean_image.clamp(1e-3, 1 - 1e-3).logit()
    return model


def binarised(rows: Tensor) -> Tensor:
    """A fresh draw of black and white pixels from grey levels 0 … 255."""
    return torch.bernoulli(rows / 255)


class Run:
    """The state of a run: model, optimiser, log; saved after each chunk of epochs."""

    def __init__(self, args: argparse.Namespace, x_train: Tensor):
        torch.manual_seed(args.seed)
        self.args, self.x_train = args, x_train
        self.model = paper_vae(x_train.float().mean(0).cpu() / 255).to(args.device)
        self.on_gpu = torch.device(args.device).type == "cuda"
        self.optimizer = torch.optim.Adam(self.model.parameters(), eps=1e-4, fused=True, capturable=self.on_gpu)
        bound = partial(importance_weighted_bound, num_samples=args.num_samples)
        compile = args.compile and not self.on_gpu  # there the whole loss is
        settings = {"batch_size": args.batch_size, "compile": compile, "precision": args.precision}
        self.objective = faster(elbo if args.num_samples == 1 else bound, self.model, **settings)
        names = ("num_samples", "shorten", "batch_size", "lr", "seed", "threads", "device", "precision", "compile")
        self.log = {"setting": {name: getattr(args, name) for name in names}, "seconds": 0.0, "train": []}
        self.generator = torch.cuda if self.on_gpu else torch  # whose random numbers training uses
        self.checkpoint = args.folder / "checkpoint.pt"
        if self.checkpoint.exists():
            self._take_up(self._checkpoint())

    def _checkpoint(self) -> dict:
        try:
            state = torch.load(self.checkpoint, weights_only=True, map_location="cpu")
            return {name: state[name] for name in ("model", "optimizer", "log", "noise")}
        except (RuntimeError, EOFError, LookupError, TypeError, pickle.UnpicklingError) as error:
            what = f"expected a checkpoint of this script in {self.checkpoint}, or none"
            raise ValueError(f"{what}, got a file that cannot be read: {error!r}") from error

    def _take_up(self, state: dict) -> None:
        expected, got = state["log"]["setting"], self.log["setting"]
        if expected != got:
            raise ValueError(f"expected the setting of the run in {self.checkpoint}, {expected}, got {got}")
        self.log = state["log"]
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.generator.set_rng_state(state["noise"])

    def save(self) -> None:
        state = {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict(), "log": self.log}
        part = self.checkpoint.with_suffix(".part")
        torch.save(state | {"noise": self.generator.get_rng_state()}, part)
        part.replace(self.checkpoint)
        (self.args.folder / "log.json").write_text(json.dumps(self.log) + "\n")

    def train(self, num_epochs: int, lr: float) -> None:
        """One chunk at one learning rate."""
        for group in self.optimizer.param_groups:
            group["lr"] = lr
        settings = {"num_epochs": num_epochs, "batch_size": self.args.batch_size}
        start = time.perf_counter()
        with matmul_precision(self.args.precision):
            history = self._by_replays(settings) if self.on_gpu else self._by_fit(settings)
        self.log["seconds"] += time.perf_counter() - start
        self.log["train"] += [round(value, 3) for value in history]
        self.save()
        print(f"epoch {len(self.log['train'])}: lr {lr:.1e}, train {history[-1]:.2f} nats", flush=True)

    def _by_fit(self, settings: dict) -> list[float]:
        settings = settings | {"objective": self.objective, "lr": self.optimizer, "prepare": binarised}
        return fit(self.model, self.x_train, **settings)["train"]

    def _by_replays(self, settings: dict) -> list[float]:
        Distribution.set_default_validate_args(False)
        loss_of = torch.compile(self._loss_of) if self.args.compile else self._loss_of
        return train_on_gpu(loss_of, self.x_train, self.optimizer, **settings)

    def _loss_of(self, rows: Tensor) -> Tensor:
        return -self.objective(self.model, binarised(rows)).mean()

    def all_stages(self) -> None:
        done = len(self.log["train"])
        for num_epochs, lr in schedule(self.args.lr, self.args.shorten):
            skipped = min(done, num_epochs)
            done -= skipped
            for first in range(skipped, num_epochs, CHUNK):
                left = self.args.stop_after - len(self.log["train"])
                if left <= 0:
                    return
                self.train(min(CHUNK, num_epochs - first, left), lr)


@torch.no_grad()
def evaluate(model: VAE, x_test: Tensor, num_samples: int) -> dict[str, float]:
    """Test −ELBO and −log p(x) by importance weighting, nats an image, on one fixed binarisation of the test images."""
    Distribution.set_default_validate_args(False)  # as in `fit`: checked once, when training began
    torch.manual_seed(0)
    x_test = binarised(x_test)
    totals = torch.zeros(2)
    for x in x_test.split(20):
        rounds = torch.stack(
            [importance_weighted_bound(model, x, num_samples=AT_ONCE) for _ in range(num_samples // AT_ONCE)]
        )
        bound = rounds.logsumexp(0) - math.log(len(rounds))
        one_draw = torch.stack([elbo(model, x) for _ in range(10)]).mean(0)
        totals += torch.stack([one_draw.sum(), bound.sum()]).cpu()
    minus_elbo, nll = (-totals / len(x_test)).tolist()
    active = active_units(model, x_test).sum().item()
    return {"test −ELBO": round(minus_elbo, 2), "test −log p(x)": round(nll, 2), "active units": active}


def main() -> None:
    args = arguments()
    torch.set_num_threads(args.threads)
    args.folder.mkdir(parents=True, exist_ok=True)
    x_train, x_test = (images.to(args.device) for images in mnist(args.mnist))
    run = Run(args, x_train)
    run.all_stages()
    torch.set_float32_matmul_precision("medium" if args.precision == "medium" else "highest")
    run.log["test"] = evaluate(run.model, x_test, args.test_samples) | {"importance samples": args.test_samples}
    run.log["paper"] = PAPER.get(args.num_samples)
    run.save()
    print(json.dumps({key: value for key, value in run.log.items() if key != "train"}, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()

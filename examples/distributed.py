"""Training on several processes or machines, outside `fit`: DistributedDataParallel around the same model and ELBO.

    python examples/distributed.py                                       # one process
    torchrun --standalone --nproc-per-node 2 examples/distributed.py     # two on this machine
    torchrun --nnodes 2 --node-rank 0 --master-addr 10.0.0.1 --master-port 29500 examples/distributed.py

The last line starts the first of two machines, whose address it names; the other runs it with `--node-rank 1`. A step
is the same with any number of processes: Adam, on the mean gradient of one global batch. Each process holds all the
data and the whole model, and takes its share of the rows of each batch.
"""

import argparse
import gc
import math
import os
import time
from pathlib import Path

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from vae_lib.data import binarize, digits, mnist
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianEncoder
from vae_lib.objectives import elbo


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mnist", help="mnist.npz, or a folder that holds MNIST; without it, the digits")
    parser.add_argument("--num-epochs", type=int, default=10)
    parser.add_argument("--batch-size", type=int, default=128, help="of all processes together")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1, help="of each process")
    parser.add_argument("--save", type=Path, help="file for the trained model's state_dict")
    args = parser.parse_args()
    if min(args.num_epochs, args.batch_size, args.threads) < 1:
        parser.error("expected at least one epoch, one row a batch and one thread")
    if args.save and not args.save.parent.is_dir():
        parser.error(f"expected --save in a folder that exists, got {args.save}")
    return args


class PerExample(nn.Module):
    """The objective as a module's forward: DDP averages the gradients of its own forward, and of nothing else."""

    def __init__(self, model: VAE):
        super().__init__()
        self.model = model

    def forward(self, x: Tensor) -> Tensor:
        return elbo(self.model, x)


def start() -> torch.device:
    """Meet the processes that torchrun started, or be the only one: by nccl, a GPU each, or by gloo on CPUs."""
    alone = {} if "RANK" in os.environ else {"store": dist.HashStore(), "rank": 0, "world_size": 1}
    if not torch.cuda.is_available():
        dist.init_process_group("gloo", **alone)
        return torch.device("cpu")
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0)))
    torch.cuda.set_device(device)
    dist.init_process_group("nccl", device_id=device, **alone)
    return device


def share(rows: Tensor) -> Tensor:
    """This process's rows, of those that all processes hold alike: none twice, and none left out."""
    return rows[dist.get_rank() :: dist.get_world_size()]


def mean_of_all(values: Tensor) -> float:
    """The mean over all processes' values. A mean of their means would be wrong: their counts differ."""
    sum_and_count = torch.stack([values.double().sum(), values.new_tensor(len(values), dtype=torch.double)])
    dist.all_reduce(sum_and_count)
    return (sum_and_count[0] / sum_and_count[1]).item()


def train_epoch(ddp: nn.Module, optimizer, intensities: Tensor, order: Tensor, batch_size: int) -> float:
    """One pass over the rows in an `order` that all processes share; the mean ELBO, nats an image."""
    values = []
    # As many batches as `order.split(batch_size)`, equal but for one row: a small last one could leave a share empty.
    batches = order.tensor_split(math.ceil(len(order) / batch_size))
    if len(batches[-1]) < dist.get_world_size():
        raise ValueError(f"expected a row a batch for each of {dist.get_world_size()} processes, got {batch_size}")
    for batch in batches:
        elbos = ddp(binarize(intensities[share(batch)]))
        # DDP divides the sum of the processes' gradients by their number. We want it divided by the batch's size, which
        # `.mean()` does only where all shares are equal.
        loss = -elbos.sum() * dist.get_world_size() / len(batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        values.append(elbos.detach())
    return mean_of_all(torch.cat(values))


def train(args: argparse.Namespace, device: torch.device) -> list[dict[str, float]]:
    """Train, print and save in the process of rank 0; the history, the same in all."""
    x_train, x_test = (x / 255 for x in mnist(args.mnist)) if args.mnist else (x / 16 for x in digits())
    alike = torch.Generator().manual_seed(args.seed)  # the order of the rows, the test images: drawn alike everywhere
    x_train, x_test = x_train.to(device), share(binarize(x_test, alike)).to(device)
    torch.manual_seed(args.seed)
    model = VAE(GaussianEncoder(x_train.shape[1], 20, 400), BernoulliDecoder(20, x_train.shape[1], 400), 20).to(device)
    ddp = DistributedDataParallel(PerExample(model))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    torch.manual_seed(args.seed + 1 + dist.get_rank())  # noise and black-and-white pixels: each process its own
    history = []
    for epoch in range(1, args.num_epochs + 1):
        began = time.perf_counter()
        order = torch.randperm(len(x_train), generator=alike).to(device)
        train_mean = train_epoch(ddp, optimizer, x_train, order, args.batch_size)
        seconds = time.perf_counter() - began
        with torch.no_grad():
            test_mean = mean_of_all(elbo(model, x_test))
        history.append({"train": train_mean, "test": test_mean})
        if dist.get_rank() == 0:
            print(f"epoch {epoch}: train {train_mean:.2f}, test {test_mean:.2f} nats; {seconds:.2f} s", flush=True)
    if dist.get_rank() == 0 and args.save:
        torch.save(model.state_dict(), args.save)
    return history


def main() -> list[dict[str, float]]:
    args = arguments()
    torch.set_num_threads(args.threads)
    history = train(args, start())
    gc.collect()  # DDP goes before its process group: otherwise gloo aborts some runs at their exit
    dist.barrier()
    dist.destroy_process_group()
    return history


if __name__ == "__main__":
    main()

"""How the cost of chapter 9's Gaussian chain grows with its length T: `python benchmarks/chain_lengths.py`.

A step is `rsample`, `log_prob` and a KL, with gradients, for a batch of 4; in interleaved rounds beside the same by a
dense Cholesky factor. Medians; a cost that is linear in T doubles with T.
"""

import time
from collections.abc import Callable
from statistics import median

import torch
from torch.distributions import MultivariateNormal, kl_divergence

from vae_lib.chains import TridiagonalNormal

LENGTHS = (64, 128, 256, 512)
BATCH, ROUNDS = 4, 7


def tridiagonal(num_steps: int) -> Callable:
    loc = torch.zeros(BATCH, num_steps, requires_grad=True)
    return lambda: TridiagonalNormal(loc, torch.ones(BATCH, num_steps), 0.5 * torch.ones(BATCH, num_steps - 1))


def dense(num_steps: int) -> Callable:
    loc = torch.zeros(BATCH, num_steps, requires_grad=True)
    factor = torch.eye(num_steps) + 0.5 * torch.diag(torch.ones(num_steps - 1), -1)
    precision = (factor @ factor.T).expand(BATCH, -1, -1)
    return lambda: MultivariateNormal(loc, precision_matrix=precision)


def seconds(make: Callable) -> float:
    start = time.process_time()
    q = make()
    (q.log_prob(q.rsample()) + kl_divergence(q, make())).sum().backward()
    return time.process_time() - start


def main() -> None:
    torch.set_num_threads(1)
    steps = {(name, T): make(T) for T in LENGTHS for name, make in (("chain", tridiagonal), ("dense", dense))}
    for make in steps.values():
        seconds(make)
    rounds = [{key: seconds(make) for key, make in steps.items()} for _ in range(ROUNDS)]
    taken = {key: 1e3 * median(each[key] for each in rounds) for key in steps}
    print("| T | chain, ms | × half as long | dense, ms | × half as long |\n| --- | --- | --- | --- | --- |")
    for T in LENGTHS:
        row = [f"{T}"]
        for name in ("chain", "dense"):
            ratio = f"{taken[name, T] / taken[name, T // 2]:.1f}" if (name, T // 2) in taken else ""
            row += [f"{taken[name, T]:.1f}", ratio]
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()

"""Training where the GPU would wait for Python: steps recorded once as a CUDA graph, and replayed many at a time."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor
from torch.optim import Optimizer

AT_ONCE = 20  # steps a replay


def train_on_gpu(
    loss_of: Callable[[Tensor], Tensor], x_train: Tensor, optimizer: Optimizer, *, num_epochs: int, batch_size: int
) -> list[float]:
    """The loop of `vae_lib.training.fit`; the mean −loss of each epoch. On a CPU, for tests, it replays nothing.

    `x_train` `[n, data]`, with n a multiple of AT_ONCE * batch_size. On a GPU the optimizer has to be `capturable`, and
    nothing in `loss_of` may wait for the device: argument validation is off.
    """
    index = torch.arange(AT_ONCE * batch_size, device=x_train.device).reshape(AT_ONCE, batch_size)
    total = torch.zeros((), device=x_train.device)

    def steps(rounds: int) -> None:
        for rows in index[:rounds]:
            optimizer.zero_grad()
            loss = loss_of(x_train.index_select(0, rows))
            loss.backward()
            optimizer.step()
            total.sub_(loss.detach())

    replay = _recorded(steps) if x_train.is_cuda else partial(steps, AT_ONCE)
    history = []
    for _ in range(num_epochs):
        total.zero_()
        batches = torch.randperm(len(x_train), device=x_train.device).reshape(-1, AT_ONCE, batch_size)
        for next_rows in batches:
            index.copy_(next_rows)
            replay()
        history.append(total.item() / (len(batches) * AT_ONCE))
    return history


def _recorded(steps: Callable[[int], None]) -> Callable[[], None]:
    """`steps(AT_ONCE)` as a CUDA graph, after three steps to warm up, as torch's documentation asks for."""
    aside, graph = torch.cuda.Stream(), torch.cuda.CUDAGraph()
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):
        steps(3)
    torch.cuda.current_stream().wait_stream(aside)
    with torch.cuda.graph(graph):
        steps(AT_ONCE)
    return graph.replay

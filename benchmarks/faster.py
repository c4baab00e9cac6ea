"""What makes a step of `fit` faster where networks are large: an objective compiled, its products rounded.

Each function takes an objective `(model, x) -> [batch]` and returns one that is used in its place. Only the training
is changed: where no gradient is asked for, in `fit`'s checks and its evaluation, all runs as it is.
"""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.distributions import Distribution

Objective = Callable[[nn.Module, Tensor], Tensor]
PRECISIONS = ("highest", "high", "medium", "bfloat16")


def faster(objective: Objective, model: nn.Module, *, batch_size: int, compile: bool, precision: str) -> Objective:
    """The objective in a precision, and compiled or not; to be trained inside `matmul_precision(precision)`."""
    if precision == "bfloat16":
        networks_in_float32(model)
        objective = in_bfloat16(objective)
    return compiled(objective, batch_size, next(model.parameters()).device) if compile else objective


def compiled(objective: Objective, batch_size: int, device: torch.device) -> Objective:
    """The objective compiled for full batches only: a last, smaller one would cost another compilation.

    It needs a C++ compiler and some seconds. On a GPU its kernels are also recorded, and replayed together (CUDA
    graphs): to launch those of a small net one by one takes longer than to run them.
    """
    validated = Distribution._validate_args  # which torch turns off for good the first time that anything is compiled
    fused = torch.compile(objective, dynamic=False, mode="reduce-overhead" if device.type == "cuda" else None)
    Distribution.set_default_validate_args(validated)
    return lambda model, x: (fused if torch.is_grad_enabled() and len(x) == batch_size else objective)(model, x)


def in_bfloat16(objective: Objective) -> Objective:
    """The objective with factors and results of its matrix products rounded to bfloat16, 7 bits after the point
    (torch.autocast); all else stays float32. Slow on a processor without units for bfloat16."""

    def rounded(model: nn.Module, x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, torch.bfloat16, enabled=torch.is_grad_enabled()):
            return objective(model, x)

    return rounded


def networks_in_float32(model: nn.Module) -> None:
    """From now on the networks in encoder and decoder put out float32, so that q(z|x), z and the likelihood do not
    round where autocast has rounded the products."""
    for part in (model.encoder, model.decoder):
        for net in part.children():
            net.register_forward_hook(lambda _net, _inputs, output: output.float())


@contextmanager
def matmul_precision(precision: str) -> Iterator[None]:
    """The precision of float32 matrix products, one switch for the whole process, for a while.

    The factors may keep 10 bits after the point in "high" and 7 in "medium" (torch.set_float32_matmul_precision).
    """
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest" if precision == "bfloat16" else precision)
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def precision(text: str) -> str:
    """One of PRECISIONS, as an argument's type."""
    if text not in PRECISIONS:
        raise argparse.ArgumentTypeError(f"expected one of {', '.join(PRECISIONS)}, got {text!r}")
    return text

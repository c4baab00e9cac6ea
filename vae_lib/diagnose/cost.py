"""Chapter 6: how much a check-up may compute, counted and not timed, so that it looks at the same on every machine."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from vae_lib.diagnose.no_latents import ROWS, innermost, middle

BUDGET = 2e10  # floating-point operations of a dear part: a few seconds of one core, convolutions ten


def of_decoder(model) -> float:
    """What p(x|z) of one z costs, in floating-point operations: matrix products, and as much as 60 for each output of
    a layer and each pixel, which convolutions and elementwise functions take about as long as."""
    outputs = []
    layers = [part for part in model.decoder.modules() if not list(part.children())]
    hooks = [part.register_forward_hook(lambda *seen: outputs.append(_numel(seen[-1]))) for part in layers]
    try:
        with FlopCounterMode(display=False) as counted:
            px_z = middle(model)
    finally:
        for hook in hooks:
            hook.remove()
    return (counted.get_total_flops() + 60 * sum(outputs)) / ROWS + 60 * px_z.event_shape.numel()


def _numel(output) -> int:
    return output.numel() if isinstance(output, Tensor) else 0


def numbers_of(model) -> int:
    """How many numbers p(x|z) of one z holds: of 256 levels a pixel, 256 times its pixels."""
    tensors = [value for value in vars(innermost(middle(model))).values() if isinstance(value, Tensor)]
    return max(tensor.numel() for tensor in tensors) // ROWS if tensors else 1


def points_for(cost_of_one: float) -> int:
    """How many z may be decoded for the integrals."""
    return int(5 * BUDGET / cost_of_one)


@contextmanager
def at_most(decoder: nn.Module, points: int) -> Iterator[None]:
    """Raises RuntimeError inside once `decoder`, or a copy of it, has been asked for more points."""
    asked = 0

    def count(_, arguments: tuple[Tensor]) -> None:
        nonlocal asked
        asked += arguments[0][..., 0].numel()
        if asked > points:
            raise RuntimeError(f"expected at most {points} points, got {asked}")

    hook = decoder.register_forward_pre_hook(count)
    try:
        yield
    finally:
        hook.remove()


def images_for(cost_of_one: float) -> int:
    """How many images fit into the budget."""
    return int(BUDGET / cost_of_one)

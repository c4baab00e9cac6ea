"""Chapter 6: how much a check-up may compute, counted and not timed, so that it looks at the same on every machine."""

from torch.utils.flop_counter import FlopCounterMode

from vae_lib.diagnose.no_latents import ROWS, middle

BUDGET = 2e10  # floating-point operations of a dear part: a few seconds of one core, convolutions ten


def of_decoder(model) -> float:
    """What p(x|z) of one z costs, in floating-point operations; elementwise ones are guessed from the outputs."""
    with FlopCounterMode(display=False) as counted:
        px_z = middle(model)
    return counted.get_total_flops() / ROWS + 60 * px_z.event_shape.numel()


def images_for(cost_of_one: float) -> int:
    """How many images fit into the budget."""
    return int(BUDGET / cost_of_one)

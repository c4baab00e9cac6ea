"""What torchrun starts for `test_distributed.py`: the example as it is, and an observer of its optimiser's steps."""

import importlib.util
import os
import sys
import warnings
from pathlib import Path
from types import ModuleType

import torch
from torch.nn.utils import parameters_to_vector
from torch.optim.optimizer import register_optimizer_step_pre_hook

EXAMPLE = Path(__file__).parents[2] / "examples" / "distributed.py"


def load_example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("example", EXAMPLE)
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    return example


def record_run() -> dict:
    """The example's `main` on `sys.argv`: its history, and all parameters and their gradient before each step."""
    steps = []

    def observe(optimizer, args, kwargs):
        parameters = optimizer.param_groups[0]["params"]
        gradient = parameters_to_vector(parameter.grad for parameter in parameters)
        steps.append({"parameters": parameters_to_vector(parameters).detach(), "gradient": gradient})

    example = load_example()
    observer = register_optimizer_step_pre_hook(observe)
    try:
        return {"history": example.main(), "steps": steps}
    finally:
        observer.remove()


if __name__ == "__main__":
    warnings.simplefilter("error")
    folder = Path(sys.argv.pop(1))
    torch.save(record_run(), folder / f"{os.environ['RANK']}.pt")

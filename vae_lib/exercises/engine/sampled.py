"""An exercise whose answer draws: judged, and its mistakes recognised, by the same statistics of many calls."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import nn
from torch.distributions import Distribution
from torch.func import functional_call

from vae_lib.exercises.engine.exercise import Exercise
from vae_lib.exercises.engine.mistakes import build
from vae_lib.exercises.engine.observe import Call, Model, Seen, argument, array_of, last_step
from vae_lib.exercises.engine.statistics import Statistic, mean_of, misfit, spread_of


class Drawn(nn.Module):
    """One of our own functions with the models that it is given, so that their weights can be other ones a call."""

    def __init__(self, function: Callable, arguments: list[str], models: dict[str, nn.Module]):
        super().__init__()
        self.function, self.arguments = function, arguments
        for name, model in models.items():
            setattr(self, name, model)

    def forward(self, arrays: dict):
        return self.function(*(arrays[name] if name in arrays else getattr(self, name) for name in self.arguments))


@dataclass(frozen=True, eq=False)
class Sampled(Exercise):
    """Statistics of many calls, with their errors. Our own functions are vectorised over the calls (`torch.vmap`)."""

    calls: int = 1000
    slopes: int = 50
    many: int = 4000  # draws of our own functions, which are cheap
    few: int = 100  # to sort out by mean and spread those that have nothing to do with it

    def _misfit(self, came, keys, names, some):
        mine = came[some[0]]
        screen = self._once(("screen", keys, some[0]), lambda: self._screen(keys, self.plan[some[0]]))
        if not screen or any(misfit(mine[n], found) == np.inf for n, found in screen.items() if n in mine):
            return np.inf
        return super()._misfit(came, keys, names, some)

    def _screen(self, keys: tuple, call: Call) -> dict[str, Statistic]:
        function = build(self.parts, tuple(self.mistakes[key] for key in keys))
        seen = self.ours(function, call, False, self.few)
        if "value" not in seen.values:
            return self.statistics(seen, call)
        shape = Statistic(np.zeros((values := seen.values["value"]).shape[1:]))
        return {"shape of value": shape, "mean": mean_of(values), "spread": spread_of(values)}

    @cached_property
    def of_solution(self) -> list[dict[str, Statistic]]:
        """From so many draws that little but the answer's own scatter is left."""
        return [self.statistics(self.ours(self.parts, call, True, 10 * self.calls), call) for call in self.plan]

    def ours(self, function: Callable, call: Call, gradients: bool = True, many: int | None = None) -> Seen:
        """All draws in one go, each with noise of its own, and a gradient for each."""
        many, names = many or self.many, self.gradients if gradients else ()
        models = self._once((id(call.inputs), torch.get_default_dtype()), lambda: {
            name: given.build() for name, given in call.inputs.items() if isinstance(given, Model)
        })  # fmt: skip
        returned, taken = last_step(call)
        drawn = Drawn(function, taken, models)
        arrays = {name: argument(call.inputs[name]) for name in taken if name not in models}
        given = dict(drawn.named_parameters()) | arrays if names else {}
        leaves = {n: given[n].detach().expand(many, *given[n].shape).clone().requires_grad_() for n in names}

        def once(leaves: dict, _):
            weights = {name: leaves[name] for name in leaves if name not in arrays}
            inputs = arrays | {name: leaves[name] for name in leaves if name in arrays}
            value = functional_call(drawn, weights, (inputs,)) if weights else drawn(inputs)
            return dict(zip(returned, value if len(returned) > 1 else [value], strict=True))

        values = vectorised(once, leaves, many)
        slopes = [None] * len(names)
        total = sum((value**call.power).sum() for name, value in values.items() if call.of in ("", name))
        if total.requires_grad and names:
            slopes = torch.autograd.grad(total, list(leaves.values()), allow_unused=True)
        found = zip(leaves.items(), slopes, strict=True)
        slopes = {name: array_of(leaf * 0 if slope is None else slope) for (name, leaf), slope in found}
        return Seen("value", values={name: array_of(value) for name, value in values.items()}, gradients=slopes)


def vectorised(once: Callable, leaves: dict, many: int):
    """Many draws, without the checks of torch's distributions, which cannot be vectorised."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(1)  # torch.manual_seed looks for accelerators, which takes long
        Distribution.set_default_validate_args(False)
        try:
            return torch.vmap(once, randomness="different")(leaves, torch.zeros(many))
        finally:
            Distribution.set_default_validate_args(__debug__)

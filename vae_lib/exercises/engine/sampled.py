"""An exercise whose answer draws: judged, and its mistakes recognised, by the same statistics of many calls."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import inf

import numpy as np
import torch
from torch import nn
from torch.distributions import Distribution
from torch.func import functional_call

from vae_lib.exercises.engine.exercise import Exercise
from vae_lib.exercises.engine.mistakes import build
from vae_lib.exercises.engine.observe import Call, Model, Seen, arguments, array_of, leaf
from vae_lib.exercises.engine.statistics import REFUSE, Statistic, mean_of, misfit, spread_of
from vae_lib.exercises.engine.verdict import Verdict


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
    shape_first: bool = True
    few: int = 100  # to sort out by mean and spread those that have nothing to do with it

    def _shape_is(self, came: tuple, right: tuple, i: int) -> Verdict | None:
        fit = [key for key in self.mistakes if self._shape_of(key, i) == came]
        if len(fit) != 1:
            return None
        sentence = (
            f"This is what you get if {self.mistakes[fit[0]].sentence}: expected {list(right)}, got {list(came)}."
        )
        return self._wrong([i], fit[0], sentence, self.first, np.zeros(came))

    def _shape_of(self, key: str, i: int) -> tuple | None:
        try:
            return self.ours(build(self.parts, (self.mistakes[key],)), self.plan[i], False, 2).values["value"].shape[1:]
        except Exception:
            return None

    def _misfit(self, came, keys, names, some):
        screen = self._screen(keys, some[0])
        if screen is None or any(misfit(self._mine(came, some[0])[n], s, REFUSE) == inf for n, s in screen.items()):
            return inf
        return super()._misfit(came, keys, names, some)

    def _mine(self, came: list[dict], i: int) -> dict[str, Statistic]:
        return {name: came[i][name] for name in ("mean", "spread") if name in came[i]}

    def _screen(self, keys: tuple, i: int) -> dict[str, Statistic] | None:
        if ("screen", keys, i) not in self._memo:
            try:
                function = build(self.parts, tuple(self.mistakes[key] for key in keys))
                values = self.ours(function, self.plan[i], False, self.few).values["value"]
                found = {"mean": mean_of(values), "spread": spread_of(values)}
                self._memo["screen", keys, i] = {name: found[name] for name in self.asked if name in found}
            except Exception:
                self._memo["screen", keys, i] = None
        return self._memo["screen", keys, i]

    @cached_property
    def of_solution(self) -> list[dict[str, Statistic]]:
        """From so many draws that little but the answer's own scatter is left."""
        return [self.statistics(self.ours(self.parts, call, True, 10 * self.calls), call) for call in self.plan]

    @property
    def first(self) -> str:
        return "mean"

    def ours(self, function: Callable, call: Call, gradients: bool = True, many: int | None = None) -> Seen:
        """All draws in one go, each with noise of its own, and a gradient for each."""
        many, names = many or self.many, self.gradients if gradients else ()
        models = self._models(call)
        drawn = Drawn(function, arguments(call), models)
        arrays = {name: leaf(call.inputs[name]) for name in arguments(call) if name not in models}
        given = dict(drawn.named_parameters()) | arrays if names else {}
        leaves = {
            name: given[name].detach().expand(many, *given[name].shape).clone().requires_grad_() for name in names
        }

        def once(leaves: dict, _):
            weights = {name: leaves[name] for name in leaves if name not in arrays}
            inputs = arrays | {name: leaves[name] for name in leaves if name in arrays}
            return functional_call(drawn, weights, (inputs,)) if weights else drawn(inputs)

        values = vectorised(once, leaves, many)
        slopes = [None] * len(names)
        if values.requires_grad and names:
            slopes = torch.autograd.grad(values.sum(), list(leaves.values()), allow_unused=True)
        found = zip(leaves.items(), slopes, strict=True)
        slopes = {name: array_of(leaf * 0 if slope is None else slope) for (name, leaf), slope in found}
        return Seen("value", values={"value": array_of(values)}, gradients=slopes)

    def _models(self, call: Call) -> dict[str, nn.Module]:
        if id(call) not in self._memo:
            self._memo[id(call)] = {n: given.build() for n, given in call.inputs.items() if isinstance(given, Model)}
        return self._memo[id(call)]


def vectorised(once: Callable, leaves: dict, many: int):
    """Many draws, without the checks of torch's distributions, which cannot be vectorised."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(1)  # torch.manual_seed looks for accelerators, which takes long
        Distribution.set_default_validate_args(False)
        try:
            return torch.vmap(once, randomness="different")(leaves, torch.zeros(many))
        finally:
            Distribution.set_default_validate_args(__debug__)

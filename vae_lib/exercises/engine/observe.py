"""What an answer does, as plain arrays: the only half that touches a student's code. It knows no exercise.

A `Call` goes in and a `Seen` comes out, made of arrays, numbers and words, so that they travel between processes
(`pack`, `unpack`: JSON, never pickle). A model travels as its class's name and its weights (`Model`).
"""

import io
import json
import math
import re
import warnings
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from numbers import Real
from operator import index

import numpy as np
import torch
from torch import Tensor, nn

from vae_lib.diagnose import words

STEP = re.compile(r"(.+) = (\w+)\((.*)\)")
WIDE = 2.0  # standard deviation of weights that are drawn anew
OLD = 3.0  # the gradient in each weight, from a step before, where the answer gets an optimiser
NUDGE = 1e-3  # by which weights are moved to see how the loss follows


@dataclass(frozen=True)
class Model:
    """A model as data: its class as "module:Class", the arguments of the class, its weights, its mode."""

    kind: str
    made_of: dict[str, "np.ndarray | Model"]
    weights: dict[str, np.ndarray] = field(default_factory=dict)
    training: bool = True

    def build(self) -> nn.Module:
        """The model, in the default dtype, without the weights that are not named changed."""
        module, name = self.kind.split(":")
        given = {key: argument(array) for key, array in self.made_of.items()}
        with torch.random.fork_rng(devices=[]):
            model = getattr(import_module(module), name)(**given)
        model.load_state_dict({key: leaf(array) for key, array in self.weights.items()}, strict=False)
        return model.train(self.training)


@dataclass(frozen=True)
class Call:
    """What to call an answer with, and how often.

    The answer is called with all inputs, unless there are `steps`, as "mu, log_var = encode(x)", or "y = f(x, b=b)" for
    one by name. With `made_of` the answer is a class: it is called with those inputs once, and the steps call methods
    of what it gives.
    """

    inputs: dict[str, np.ndarray | float | Model]
    gradients: tuple[str, ...] = ()  # of the sum of the last step's values: inputs, or "model.encoder.log_var"
    of: str = ""  # of this value alone
    power: int = 1  # of the sum of this power of the values
    calls: int = 2
    slopes: int = 1  # in how many of the calls gradients are asked for: the others are made as after training
    steps: tuple[str, ...] = ()
    made_of: tuple[str, ...] = ()
    training: bool = True  # the mode of what a class gives
    quiet: bool = True  # under torch.no_grad where no gradient is asked for
    wide: bool = False  # draw the weights of what a class gives anew in every call, large
    sgd: str = ""  # an input, a learning rate: the answer gets SGD in its place, and gradients are what it moves
    whole: bool = False  # numbers or tuples of whole numbers are given, not tensors; several of them in a dict
    paths: int = 0  # how often to hold the gradient of each weight against the loss itself, nudged
    note: str = ""  # of this input, for words


@dataclass(frozen=True)
class Seen:
    """`status` is "value", or says why there is none, `words` in a sentence.

    Values are [calls, …], gradients [slopes, …].

    `paths` has for each weight the slope by autograd, NaN where there is none, and that of the loss itself:
    [2, paths].
    """

    status: str
    words: str = ""
    values: dict[str, np.ndarray] = field(default_factory=dict)
    gradients: dict[str, np.ndarray] = field(default_factory=dict)
    lost: tuple[str, ...] = ()  # no gradient reaches these
    changed: tuple[str, ...] = ()  # inputs that are others after the call
    paths: dict[str, np.ndarray] = field(default_factory=dict)
    strangers: tuple[str, ...] = ()  # shapes of weights that are used, and that no optimiser would find


class Nothing(Exception):
    """There is no value to judge: a status of `Seen`, and a sentence."""


def observe(answer, plan: list[Call], seed: int = 0) -> list[Seen]:
    """One `Seen` for each call of the plan. Never raises, and leaves torch's random numbers as they were."""
    with torch.random.fork_rng(devices=[]), torch.enable_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(seed)
        return [seen_of(answer, call) for call in plan]


def seen_of(answer, call: Call) -> Seen:
    """What one call of the plan gives."""
    try:
        return _seen(_functions(answer, call), call)
    except Nothing as nothing:
        return Seen(*nothing.args)
    except Exception as error:  # what an answer's values or layers make us stumble over
        return Seen("raised", f"It raised {words.describe_error(error)}.")


def _functions(answer, call: Call) -> Callable[[str], Callable]:
    """How a step finds its function: the answer itself, or a method of what the answer gives."""
    if answer is Ellipsis:
        raise Nothing("not attempted")
    if call.made_of and isinstance(answer, nn.Module):
        why = "Expected the class itself, {}, got one of its instances: leave out the parentheses."
        raise Nothing("instance", why.format(type(answer).__name__))
    if not callable(answer):
        raise Nothing("no function", f"Expected a function, got {describe(answer)}.")
    if not call.made_of:
        return lambda name: answer
    made = _ask(answer, [argument(call.inputs[name]) for name in call.made_of])
    if not isinstance(made, nn.Module):
        raise Nothing("no module", f"Expected an nn.Module, for its parameters to be found, got {describe(made)}.")
    made.train(call.training)

    def method(name: str) -> Callable:
        if name and not callable(getattr(made, name, None)):
            raise Nothing("no method", f"Your class has no method `{name}`.")
        return getattr(made, name) if name else made

    return method


def _seen(function: Callable[[str], Callable], call: Call) -> Seen:
    models = {name: given.build() for name, given in call.inputs.items() if isinstance(given, Model)}
    weights = {f"{name}.{key}": p for name, model in models.items() for key, p in model.named_parameters()}
    before = {name: weight.detach().clone() for name, weight in weights.items()}
    if call.wide:
        _run(function, call, _leaves(call))  # after which lazy layers have weights
    values, gradients, lost, changed = [], {name: [] for name in call.gradients}, set(), set()
    for number in range(call.calls):
        if call.wide:
            _draw_weights(function(""))
        leaves = _leaves(call)
        with torch.set_grad_enabled(number < call.slopes or not call.quiet):
            given = {name: leaf.clone() if isinstance(leaf, Tensor) else leaf for name, leaf in leaves.items()} | models
            if call.sgd:
                given[call.sgd] = _optimiser(weights, before, rate := float(leaves.pop(call.sgd)))
            found = _run(function, call, given)
        changed |= {name for name in leaves if name in given and _differ(given[name], leaves[name])}
        if number < call.slopes and call.gradients:
            asked = {name: weights[name] if name in weights else leaves[name] for name in call.gradients}
            moves = {name: (before[name] - weights[name]) / rate for name in asked} if call.sgd else {}
            last = {name: found[name] ** call.power for name in last_step(call)[0] if call.of in ("", name)}
            for name, slope in (moves or _slopes(last, asked)).items():
                lost |= {name} if slope is None else set()
                gradients[name].append(np.zeros(asked[name].shape) if slope is None else array_of(slope))
        values.append({name: array_of(value) for name, value in found.items()})
    moved = {n for n, w in weights.items() if w.grad is not None or not (w.requires_grad and torch.equal(w, before[n]))}
    changed |= {name.split(".")[0] for name in moved}
    changed |= {n for n, model in models.items() if any(m.training != call.inputs[n].training for m in model.modules())}
    stacked = {name: np.stack(found) for name, found in gradients.items() if found}
    missing = tuple(name for name in call.gradients if name in lost)
    of_paths = _paths(function, call) if call.paths else ({}, ())
    return Seen("value", "", _stacked(values), stacked, missing, tuple(sorted(changed)), *of_paths)


def _optimiser(weights: dict[str, Tensor], before: dict[str, Tensor], rate: float) -> torch.optim.Optimizer:
    """SGD, from the same weights in every call, with an old gradient in each."""
    for name, weight in weights.items():
        weight.data.copy_(before[name])
        weight.grad = torch.full_like(weight, OLD)
    return torch.optim.SGD(weights.values(), lr=rate)


def _leaves(call: Call) -> dict:
    """The inputs except the models, fresh: tensors from which gradients are taken, numbers as numbers."""
    leaves = {name: argument(given) for name, given in call.inputs.items() if not isinstance(given, Model)}
    for name in leaves.keys() & set(call.gradients):
        leaves[name].requires_grad_()
    return leaves


def argument(given: "np.ndarray | float | Model"):
    """A model, a Python number where one, or an integer, is given, or a tensor of its own: of integers int64."""
    if isinstance(given, Model | int | float):
        return given.build() if isinstance(given, Model) else given
    return leaf(given) if given.dtype.kind != "i" else torch.tensor(given) if given.ndim else int(given)


def last_step(call: Call) -> tuple[list[str], list[str]]:
    """The names of what the last step gives, and of what it is called with."""
    names, _, arguments = STEP.fullmatch(_steps(call)[-1]).groups()
    return names.split(", "), arguments.split(", ")


def _steps(call: Call) -> tuple[str, ...]:
    return call.steps or (f"value = answer({', '.join(call.inputs)})",)


def _run(function: Callable[[str], Callable], call: Call, given: dict) -> dict[str, Tensor]:
    """All steps, one after the other; the values that they give."""
    found = {}
    for step in _steps(call):
        names, name, arguments = STEP.fullmatch(step).groups()
        named = {key: (given | found)[of] for key, of in re.findall(r"(\w+)=(\w+)", arguments)}
        value = _ask(function(name), [(given | found)[k] for k in arguments.split(", ") if "=" not in k], name, named)
        found |= _tensors(value, names.split(", "), name, call.whole)
    return found


def _ask(function: Callable, arguments: list, name: str = "", named: dict | None = None):
    """The function's value. Raises Nothing where it raises, or gives the stub's `...` or None."""
    inside = "" if name in ("", "answer") else f" in {name}"
    try:
        value = function(*arguments, **(named or {}))
    except (Exception, SystemExit) as error:
        raise Nothing("raised", f"It raised {words.describe_error(error)}{inside}.") from error
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, tuple | list) else [value]
    if any(part is Ellipsis for part in parts):
        raise Nothing("not attempted")
    if value is None:
        raise Nothing("none", f"It returned None{inside}: did you forget `return`?")
    return value


def _tensors(value, names: list[str], function: str, whole: bool) -> dict[str, Tensor]:
    """By name. Raises Nothing unless there are as many as names, all of floating-point numbers."""
    if len(names) > 1 and whole and isinstance(value, dict):
        value = [value.get(name) for name in names]  # there may be more in it
    elif len(names) > 1 and (whole or not isinstance(value, tuple | list) or len(value) != len(names)):
        why = f"{len(names)} values from {function}, ({', '.join(names)}), got {describe(value)}."
        raise Nothing("no parts", f"Expected {'a dict of ' * whole}{why}")
    values = dict(zip(names, value if len(names) > 1 else [value], strict=True))
    if whole:
        return {name: _whole(part, name) for name, part in values.items()}
    for name, part in values.items():
        if isinstance(part, Real) and not isinstance(part, bool):
            values[name] = part = torch.tensor(float(part), dtype=torch.float64)
        if not isinstance(part, Tensor) or part.dtype not in (torch.float32, torch.float64) or part.is_sparse:
            which = "" if names == ["value"] else f" for {name}"
            raise Nothing("no tensor", f"Expected a tensor of float32 or float64{which}, got {describe(part)}.")
    return values


def _whole(part, name: str) -> Tensor:
    """A number, or a tuple of whole numbers. Raises Nothing for what is neither."""
    try:
        if isinstance(part, tuple | list):
            return torch.tensor(list(map(index, part)), dtype=torch.int64)
        return torch.as_tensor(part + 0.0).double().reshape(())
    except Exception as error:
        got = f"for {name}, got {describe(part)}" + f" ({words.describe_error(error)})" * isinstance(part, tuple | list)
        raise Nothing("no whole numbers", f"Expected a whole number, or a tuple of them, {got}.") from error


def _slopes(found: dict[str, Tensor], leaves: dict[str, Tensor]) -> dict[str, Tensor | None]:
    """The slopes of the sum of all values; None where no gradient gets there."""
    value = sum(value.sum() for value in found.values())
    asked = {name: leaf for name, leaf in leaves.items() if leaf.requires_grad}
    if not value.requires_grad or not asked:
        return dict.fromkeys(leaves)
    try:
        gradients = torch.autograd.grad(value, list(asked.values()), allow_unused=True)
    except RuntimeError as error:
        raise Nothing(
            "no gradient", f"Taking the gradient of the value raised {words.describe_error(error)}."
        ) from error
    return dict.fromkeys(leaves) | dict(zip(asked, gradients, strict=True))


def _stacked(values: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """By name, over the calls. Raises Nothing where their shapes differ."""
    for name in values[0]:
        if len(shapes := sorted({str(list(value[name].shape)) for value in values})) > 1:
            raise Nothing("shapes", f"Two calls on the same input gave different shapes: {' and '.join(shapes)}.")
    return {name: np.stack([value[name] for value in values]) for name in values[0]}


def _differ(given, leaf) -> bool:
    return isinstance(leaf, Tensor) and not torch.equal(given.detach(), leaf.detach())


# What a class gives: its weights


def _draw_weights(model: nn.Module) -> None:
    for weight in model.parameters():
        if not nn.parameter.is_lazy(weight):
            nn.init.normal_(weight, std=WIDE)


def _paths(function: Callable[[str], Callable], call: Call) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """For each weight, in some random directions: the slope by autograd, and that of the last step's value itself."""
    weights, strangers = dict(function("").named_parameters()), set()
    slopes = {name: np.zeros((2, call.paths)) for name in weights}
    for trial in range(call.paths):
        for weight in weights.values():
            weight.data += 0.3 * torch.randn_like(weight)
        value = _value(function, call, trial)
        found = _slopes({"": value}, weights)
        strangers |= _strangers(value, weights)
        for name, weight in weights.items():
            way, ends = NUDGE * torch.randn_like(weight), []
            for by in (way, -2 * way):
                weight.data += by
                ends.append(float(_value(function, call, trial).double()))
            weight.data += way
            slopes[name][0, trial] = math.nan if found[name] is None else (found[name] * way).sum() / NUDGE
            slopes[name][1, trial] = (ends[0] - ends[1]) / (2 * NUDGE)
    return slopes, tuple(sorted(strangers))


def _value(function: Callable[[str], Callable], call: Call, seed: int) -> Tensor:
    """The sum of the last step's value, with the same noise for the same seed."""
    torch.default_generator.manual_seed(seed)  # torch.manual_seed looks for accelerators, which takes long
    return list(_run(function, call, _leaves(call)).values())[-1].sum()


def _strangers(value: Tensor, weights: dict[str, Tensor]) -> set[str]:
    """The shapes of what a gradient reaches and is none of the weights."""
    known, seen, todo, found = set(map(id, weights.values())), set(), [value.grad_fn], set()
    while todo:
        node = todo.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable") and id(node.variable) not in known:
            found.add(str(list(node.variable.shape)))
        todo += [following for following, _ in node.next_functions]
    return found


# Words and bytes


def leaf(array: np.ndarray) -> Tensor:
    """A tensor of its own in the default dtype."""
    return torch.as_tensor(array).to(torch.get_default_dtype(), copy=True)


def array_of(value: Tensor) -> np.ndarray:
    return (value.double() if value.is_floating_point() else value).detach().numpy()


def describe(value) -> str:
    """A value in a few words: numbers by their first six, other things by what they are."""
    if isinstance(value, Tensor):
        return f"a tensor of {str(value.dtype).removeprefix('torch.')}" + ", sparse" * value.is_sparse
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "biuf":
        return words.describe(value)
    if value.dtype.kind == "i" and value.ndim:
        return str(tuple(value.tolist()))
    return ("yes" if value else "no") if value.dtype == bool else words.describe(torch.tensor(value).double())


def pack(things: list) -> bytes:
    """Calls or Seens as bytes: JSON, with arrays as text."""

    def plain(value):
        if isinstance(value, Call | Seen | Model):
            return {type(value).__name__: vars(value)}
        np.save(stream := io.BytesIO(), np.asarray(value), allow_pickle=False)
        return {"ndarray": b64encode(stream.getvalue()).decode()}

    return json.dumps(things, default=plain).encode()


def unpack(data: bytes) -> list:
    """What was packed; tuples come back as lists."""
    kinds = {"Call": Call, "Seen": Seen, "Model": Model}

    def real(value: dict):
        kind = next(iter(value), "")
        if kind == "ndarray":
            return np.load(io.BytesIO(b64decode(value[kind])), allow_pickle=False)
        return kinds[kind](**value[kind]) if kind in kinds else value

    return json.loads(data, object_hook=real)

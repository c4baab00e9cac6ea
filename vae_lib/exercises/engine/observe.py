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

import numpy as np
import torch
from torch import Tensor, nn

STEP = re.compile(r"(.+) = (\w+)\((.*)\)")
WIDE = 2.0  # standard deviation of weights that are drawn anew
NUDGE = 1e-3  # by which weights are moved to see how the loss follows


@dataclass(frozen=True)
class Model:
    """A model as data: its class as "module:Class", the arguments of the class, its weights, its mode."""

    kind: str
    made_of: dict[str, np.ndarray]
    weights: dict[str, np.ndarray] = field(default_factory=dict)
    training: bool = True

    def build(self) -> nn.Module:
        """The model, in the default dtype, without the weights that are not named changed."""
        module, name = self.kind.split(":")
        given = {key: _argument(array) for key, array in self.made_of.items()}
        model = getattr(import_module(module), name)(**given)
        model.load_state_dict({key: leaf(array) for key, array in self.weights.items()}, strict=False)
        return model.train(self.training)


@dataclass(frozen=True)
class Call:
    """What to call an answer with, and how often.

    The answer is called with all inputs, unless there are `steps`, as "mu, log_var = encode(x)". With `made_of` the
    answer is a class: it is called with those inputs once, and the steps call methods of what it gives.
    """

    inputs: dict[str, np.ndarray | Model]
    gradients: tuple[str, ...] = ()  # of the sum of the last step's first value: inputs, or "model.encoder.log_var"
    calls: int = 2
    slopes: int = 1  # in how many of the calls gradients are asked for
    steps: tuple[str, ...] = ()
    made_of: tuple[str, ...] = ()
    training: bool = True  # the mode of what a class gives
    wide: bool = False  # draw the weights of what a class gives anew in every call, large
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
        return Seen("raised", f"It raised {describe_error(error)}.")


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
    made = _ask(answer, [_argument(call.inputs[name]) for name in call.made_of])
    if not isinstance(made, nn.Module):
        raise Nothing("no module", f"Expected an nn.Module, for its parameters to be found, got {describe(made)}.")
    made.train(call.training)

    def method(name: str) -> Callable:
        if not name:
            return made
        if not callable(getattr(made, name, None)):
            raise Nothing("no method", f"Your class has no method `{name}`.")
        return getattr(made, name)

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
        given = {name: leaf.clone() if isinstance(leaf, Tensor) else leaf for name, leaf in leaves.items()} | models
        found = _run(function, call, given)
        changed |= {name for name in leaves if name in given and _differ(given[name], leaves[name])}
        if number < call.slopes and call.gradients:
            first = STEP.fullmatch(call.steps[-1])[1].split(", ")[0] if call.steps else "value"
            asked = {name: weights[name] if name in weights else leaves[name] for name in call.gradients}
            for name, slope in _slopes(found[first], asked).items():
                lost |= {name} if slope is None else set()
                gradients[name].append(np.zeros(asked[name].shape) if slope is None else array_of(slope))
        values.append({name: array_of(value) for name, value in found.items()})
    changed |= {name.split(".")[0] for name in weights if not torch.equal(weights[name].detach(), before[name])}
    stacked = {name: np.stack(found) for name, found in gradients.items() if found}
    words = tuple(name for name in call.gradients if name in lost), tuple(sorted(changed))
    paths, strangers = _paths(function, call) if call.paths else ({}, ())
    return Seen("value", "", _stacked(values), stacked, *words, paths, strangers)


def _leaves(call: Call) -> dict:
    """The inputs but for the models, fresh: tensors from which gradients are taken, numbers as numbers."""
    arrays = {name: given for name, given in call.inputs.items() if not isinstance(given, Model)}
    leaves = {name: _argument(array) for name, array in arrays.items()}
    for name in leaves.keys() & set(call.gradients):
        leaves[name].requires_grad_()
    return leaves


def _argument(array: np.ndarray):
    return int(array) if np.asarray(array).dtype.kind == "i" else leaf(array)


def arguments(call: Call) -> list[str]:
    """The names of what the last step is called with."""
    return STEP.fullmatch(call.steps[-1])[3].split(", ") if call.steps else list(call.inputs)


def _run(function: Callable[[str], Callable], call: Call, given: dict) -> dict[str, Tensor]:
    """All steps, one after the other; the values that they give."""
    found = {}
    for step in call.steps or (f"value = answer({', '.join(call.inputs)})",):
        names, name, arguments = STEP.fullmatch(step).groups()
        value = _ask(function(name), [(given | found)[key] for key in arguments.split(", ")], name)
        found |= _tensors(value, names.split(", "), name)
    return found


def _ask(function: Callable, arguments: list, name: str = ""):
    """The function's value. Raises Nothing where it raises, or gives the stub's `...` or None."""
    inside = "" if name in ("", "answer") else f" in {name}"
    try:
        value = function(*arguments)
    except (Exception, SystemExit) as error:
        raise Nothing("raised", f"It raised {describe_error(error)}{inside}.") from error
    if value is Ellipsis or (isinstance(value, tuple | list) and any(part is Ellipsis for part in value)):
        raise Nothing("not attempted")
    if value is None:
        raise Nothing("none", f"It returned None{inside}: did you forget `return`?")
    return value


def _tensors(value, names: list[str], function: str) -> dict[str, Tensor]:
    """By name. Raises Nothing unless there are as many as names, all of floating-point numbers."""
    if len(names) > 1 and (not isinstance(value, tuple | list) or len(value) != len(names)):
        why = f"Expected {len(names)} values from {function}, ({', '.join(names)}), got {describe(value)}."
        raise Nothing("no parts", why)
    values = dict(zip(names, value if len(names) > 1 else [value], strict=True))
    for name, part in values.items():
        if not isinstance(part, Tensor) or part.dtype not in (torch.float32, torch.float64) or part.is_sparse:
            which = "" if names == ["value"] else f" for {name}"
            raise Nothing("no tensor", f"Expected a tensor of float32 or float64{which}, got {describe(part)}.")
    return values


def _slopes(value: Tensor, leaves: dict[str, Tensor]) -> dict[str, Tensor | None]:
    """d value.sum() / d leaf; None where no gradient gets there."""
    if not value.requires_grad:
        return dict.fromkeys(leaves)
    try:
        gradients = torch.autograd.grad(value.sum(), list(leaves.values()), allow_unused=True)
    except RuntimeError as error:
        raise Nothing("no gradient", f"Taking the gradient of the value raised {describe_error(error)}.") from error
    return dict(zip(leaves, gradients, strict=True))


def _stacked(values: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """By name, over the calls. Raises Nothing where their shapes differ."""
    for name in values[0]:
        shapes = sorted({str(list(value[name].shape)) for value in values})
        if len(shapes) > 1:
            raise Nothing("shapes", f"Two calls on the same input gave different shapes: {' and '.join(shapes)}.")
    return {name: np.stack([value[name] for value in values]) for name in values[0]}


def _differ(given, leaf) -> bool:
    return isinstance(leaf, Tensor) and not torch.equal(given.detach(), leaf.detach())


# What a class gives: its weights


@torch.no_grad()
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
            _moved(weight, 0.3 * torch.randn_like(weight))
        value = _value(function, call, trial)
        found = _slopes(value, weights)
        strangers |= _strangers(value, weights)
        for name, weight in weights.items():
            way, ends = NUDGE * torch.randn_like(weight), []
            for by in (way, -2 * way):
                _moved(weight, by)
                ends.append(float(_value(function, call, trial).double()))
            _moved(weight, way)
            slopes[name][0, trial] = math.nan if found[name] is None else (found[name] * way).sum() / NUDGE
            slopes[name][1, trial] = (ends[0] - ends[1]) / (2 * NUDGE)
    return slopes, tuple(sorted(strangers))


@torch.no_grad()
def _moved(weight: Tensor, by: Tensor | float) -> None:
    weight += by


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
    return value.detach().double().numpy()


def describe(value) -> str:
    """A value in a few words: numbers by their first six, other things by what they are."""
    if isinstance(value, Tensor):
        return f"a tensor of {str(value.dtype).removeprefix('torch.')}" + ", sparse" * value.is_sparse
    if isinstance(value, np.ndarray) and value.dtype == bool and value.ndim == 0:
        return "yes" if value else "no"
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiu":
        flat = value.astype(float).flatten().tolist()
        return f"[{', '.join(map(short, flat[:6]))}{', …' * (len(flat) > 6)}], shape {list(value.shape)}"
    if value is None or isinstance(value, bool | int | float):
        return short(value)
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    return f"a {type(value).__name__}"


def short(number) -> str:
    """Five digits, and no minus before a zero."""
    return f"{number + 0:.5g}" if isinstance(number, float) and math.isfinite(number) else str(number)


def describe_error(error: BaseException) -> str:
    """The type and the first line of its message, cut between words."""
    try:
        first = " ".join(str(error).strip().splitlines()[0].split())
        return f"{type(error).__name__}: {first if len(first) < 160 else first[:160].rsplit(' ', 1)[0] + ' …'}"
    except Exception:  # an error without a message, or whose message raises
        return type(error).__name__


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

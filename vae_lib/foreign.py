"""Chapter 5: a reader's own function as a module: its weights, a copy of it, a trial. For `adapter`."""

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from inspect import Parameter, signature
from textwrap import shorten

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_pre_hook

from vae_lib.networks import describe
from vae_lib.training import in_mode, random_numbers_kept


class Foreign(nn.Module):
    """A function of rows, `[n, …]`, that the reader wrote, called with rows in the dtype of its weights.

    `part` is the name of a method or a layer of `model`, a module, a method of one, or a function: of (model, rows), or
    of rows alone, which then has no weights. `name` is the part's in messages, `rows` what its argument is called, `x`
    some data in their dtype.
    """

    def __init__(self, model: nn.Module | None, part: str | Callable, name: str, rows: str, x: Tensor):
        super().__init__()
        self.name, self.rows = name, rows
        self.dtype_alone = x.dtype if x.is_floating_point() else torch.get_default_dtype()  # without weights
        self.function, self.model, self.takes_model = _found(model, part, name)
        self.keeps_dtype = False  # whether its weights stay as they are where others turn to float64

    def run(self, rows: Tensor):
        """What the function gives, its floating-point numbers in the dtype of `rows`; a list becomes a tuple."""
        given = rows.to(self._dtype(rows)) if rows.is_floating_point() else rows
        came = self.function(self.model, given) if self.takes_model else self.function(given)
        came = tuple(came) if isinstance(came, list | tuple) else came
        if not rows.is_floating_point():
            return came
        return tuple(_as(part, rows.dtype) for part in came) if isinstance(came, tuple) else _as(came, rows.dtype)

    def asked(self, rows: Tensor):
        """As `run`. Raises ValueError, with a sentence, where the reader's code raises anything."""
        before = rows.clone()
        try:
            came = self.run(rows)
        except Exception as error:
            raise self.refuse(f"to take {self.rows} {tuple(rows.shape)}, {rows.dtype}", told(error)) from error
        if not torch.equal(rows.nan_to_num(), before.nan_to_num()):
            raise self.refuse(f"to leave {self.rows} as it is", "others, written in their place (x.mul_, x /= …)")
        return came

    def refuse(self, expected: str, got: str) -> ValueError:
        return ValueError(f"expected {self.name} {expected}, got {got}")

    def runs_in_float64(self, rows: Tensor) -> bool:
        """Whether the weights can turn to float64, as exact functions want; not where the code says x.float()."""
        try:
            self.double().run(rows.double() if rows.is_floating_point() else rows)
        except Exception:  # the reader's own code may raise anything
            return False
        return True

    def _dtype(self, rows: Tensor) -> torch.dtype:
        weight = next(filter(Tensor.is_floating_point, self.parameters()), None)
        alone = self.dtype_alone if self.keeps_dtype else rows.dtype
        return alone if weight is None else weight.dtype

    def _apply(self, function, recurse=True):
        kept = (lambda tensor: function(tensor).to(tensor.dtype)) if self.keeps_dtype else function
        return super()._apply(kept, recurse)

    def __deepcopy__(self, memo: dict):
        # Some layers keep what they computed last, and torch copies no tensor that has a graph.
        kept = [value for layer in self.modules() for value in vars(layer).values() if isinstance(value, Tensor)]
        memo |= {id(value): value.detach() for value in kept if not value.is_leaf}
        memo[id(self)] = twin = type(self).__new__(type(self))
        twin.__dict__ = copy.deepcopy(self.__dict__, memo)
        return twin


@contextmanager
def trial(part: Foreign) -> Iterator[Foreign]:
    """A copy of `part` in eval mode, without gradients; random numbers are kept, distributions check their arguments.

    Where weights are not finite, they do not. Raises ValueError where the copy calls layers that are not its own: they
    would not be trained, saved or copied with it.
    """
    try:
        twin = copy.deepcopy(part)
    except Exception as error:
        raise ValueError(f"expected a model that copy.deepcopy can copy, got {told(error)}") from error
    finite, own = all(weight.isfinite().all() for weight in part.parameters()), set(twin.modules())

    def check(layer: nn.Module, _) -> None:
        if layer not in own and next(layer.parameters(), None) is not None:
            raise _Elsewhere(layer)

    quiet = torch.no_grad(), random_numbers_kept(part), in_mode(twin, train=False, validate=finite)
    try:
        with quiet[0], quiet[1], quiet[2], register_module_forward_pre_hook(check):
            yield twin
    except _Elsewhere as layer:
        expected = "to call layers of the model that it is given, and no others"
        paste = f"write {part.name}=lambda model, {part.rows}: …, and keep layers in nn.ModuleList, not in a list"
        raise part.refuse(expected, f"{_brief(layer)}: {paste}") from None


class _Elsewhere(BaseException):
    """A layer that is not the part's own is called; no `except Exception` on the way stops this."""


def _found(model, part: str | Callable, name: str) -> tuple[Callable, nn.Module | None, bool]:
    """What is to be called, the module whose weights it uses, and whether it wants that module first."""
    if isinstance(part, str):
        if not callable(getattr(model, part, None)):
            raise ValueError(f"expected {name}= a method of model or a function, got {part!r}, {_offered(model)}")
        return lambda owner, rows: getattr(owner, part)(rows), model, True
    if isinstance(part, type) or not callable(part):
        raise ValueError(f"expected {name}= a method's name, a module or a function, got {said(part)}")
    owner = part if isinstance(part, nn.Module) else getattr(part, "__self__", None)
    if isinstance(owner, nn.Module):
        return part, None if owner is part else owner, False
    takes_model = model is not None and not _takes_one(part)
    return part, model if takes_model else None, takes_model


def _takes_one(function: Callable) -> bool:
    try:
        parameters = signature(function).parameters.values()
    except ValueError:  # some of torch's own have none
        return True
    kinds = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    return len([p for p in parameters if p.kind in kinds and p.default is Parameter.empty]) == 1


def _offered(model) -> str:
    if model is None:
        return "and no model"
    own = [name for name, value in vars(type(model)).items() if callable(value) and not name.startswith("_")]
    return f"which {said(model)} does not have; it has {', '.join([*own, *dict(model.named_children())])}"


def _as(value, dtype: torch.dtype):
    return value.to(dtype) if isinstance(value, Tensor) and value.is_floating_point() else value


def said(value) -> str:
    if isinstance(value, type):
        return f"the class {value.__name__} itself"
    if isinstance(value, Mapping):
        return f"a mapping with the keys {', '.join(map(str, value))}"
    return repr(value) if isinstance(value, str) else describe(value)


def told(error: Exception) -> str:
    return f"{type(error).__name__}: {_brief(error)}"


def _brief(error: BaseException) -> str:
    return shorten(str(error), 200, placeholder=" …")

"""What every check does: run the student's answer, compare it with the right one, name the mistake.

A check is a function under `@check`. It asks a `Question`: `ask` calls the answer, `compare` and `gradients` raise
`Wrong` where it is wrong; what the check returns is what was right. Nothing that an answer does gets past `@check`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import wraps

import torch
from torch import Tensor

from vae_lib.diagnose.words import NotAttempted, Wrong, describe, describe_error, nested, verdict

STANDARD_ERRORS = 5  # how far a mean over draws may lie from what it estimates
ROUNDING = 1e-4  # of float32, relative to the largest number, and with room for another order of operations


def check(judge: Callable) -> Callable:
    """Make a check of `judge`: it prints "✓ …", "Not attempted yet." or what is wrong, and raises on no answer."""

    @wraps(judge)
    def checked(answer) -> None:
        print(verdict(judge, answer))

    return checked


@dataclass(frozen=True)
class Question:
    """What is asked, on which input, the right value there, and what each known mistake gives in its place.

    A mistake's name ends the sentence "This is what you get if …". `expected` and the mistakes' values are tensors.
    """

    asked: str
    on: str
    expected: Tensor
    mistakes: dict[str, Tensor] = field(default_factory=dict)

    def ask(self, answer: Callable, *inputs):
        """`answer(*inputs)`. Raises NotAttempted for a stub's `...`, Wrong where there is no value."""
        if answer is Ellipsis:
            raise NotAttempted
        if not callable(answer):
            raise self.wrong(f"Expected a function, got {describe(answer)}.", answer)
        try:
            value = answer(*inputs)
        except (Exception, SystemExit) as error:
            raise self.wrong(f"It raised {describe_error(error)}.", error) from error
        if value is Ellipsis or (isinstance(value, tuple | list) and any(part is Ellipsis for part in value)):
            raise NotAttempted
        if value is None:
            raise self.wrong("It returned None: did you forget `return`?", value)
        return value

    def compare(self, value, error: Tensor | float = 0.0) -> None:
        """Raise Wrong unless `value` is what was expected, within rounding and 5 of its standard errors `error`."""
        self.check_tensor(value)
        if agree(value, self.expected, error):
            return
        for mistake, of_mistake in self.mistakes.items():
            if agree(value, of_mistake, error):
                raise self.wrong(f"This is what you get if {mistake}.", value)
        if value.shape != self.expected.shape:
            shapes = f"expected {list(self.expected.shape)}, got {list(value.shape)}"
            raise self.wrong(f"The shape is wrong: {shapes}.", value)
        if not value.isfinite().all():
            raise self.wrong(f"NaN or infinite: {(~value.isfinite()).sum()} of {value.numel()} numbers.", value)
        if isinstance(error, Tensor) and error.max() <= 1e-6 * value.abs().max():
            seeded = "Is the seed set inside the function, is a result kept between calls, or is nothing drawn?"
            raise self.wrong(f"Every call gives the same numbers, and they are wrong. {seeded}", value)
        raise self.wrong("The numbers are wrong, and this check does not recognise the mistake.", value)

    def check_tensor(self, value) -> None:
        """Raise Wrong unless `value` is a tensor of floating-point numbers."""
        if not isinstance(value, Tensor):
            raise self.wrong(f"Expected a tensor, got {describe(value)}.", value)
        if value.dtype not in (torch.float32, torch.float64):
            raise self.wrong(f"Expected a tensor of float32 or float64, got {value.dtype}.", value)

    def check_parts(self, value, names: str) -> None:
        """Raise Wrong unless `value` is a tuple or list with one part for each of the names, as in "mu, sigma"."""
        expected = len(names.split(", "))
        if not isinstance(value, tuple | list) or len(value) != expected:
            raise self.wrong(f"Expected {expected} values, ({names}), got {describe(value)}.", value)

    def gradients(self, value: Tensor, **inputs: Tensor) -> list[Tensor]:
        """d value.sum() / d input for every named input. Raises Wrong where no gradient gets there."""
        if not value.requires_grad:
            why = "The value carries no gradient: computed under torch.no_grad, detached, or drawn by .sample()?"
            raise self.wrong(why, value)
        try:
            found = torch.autograd.grad(value.sum(), list(inputs.values()), allow_unused=True, retain_graph=True)
        except RuntimeError as error:
            raise self.wrong(f"Taking the gradient of the value raised {describe_error(error)}.", value) from error
        lost = [name for name, gradient in zip(inputs, found, strict=True) if gradient is None]
        if lost:
            why = f"No gradient reaches {' and '.join(lost)}: detached, or computed under torch.no_grad?"
            raise self.wrong(why, value)
        return list(found)

    def check_gradients(self, value: Tensor, inputs: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
        """Raise Wrong unless d value.sum() / d input is what was expected, within 1 % of its largest."""
        found = self.gradients(value, **{name: inputs[name] for name in expected})
        for (name, slope), gradient in zip(expected.items(), found, strict=True):
            if agree(gradient, slope, error=0.01 * slope.abs().max() / STANDARD_ERRORS):
                continue
            why = "differs: is a part of it detached, or made by .item(), .data, math.exp or under torch.no_grad?"
            if not gradient.isfinite().all():
                why = "is NaN or infinite: torch.where, for one, differentiates both of its branches."
            question = replace(self, asked=f"{self.asked}: the gradient of its sum", expected=slope)
            raise question.wrong(f"The value is right, but its gradient with respect to {name} {why}", gradient)

    def wrong(self, why: str, came) -> Wrong:
        """The error to raise: a sentence, then what was asked, on which input, what came, what was expected."""
        lines = {"asked": self.asked, "input": self.on, "came": describe(came), "expected": describe(self.expected)}
        return Wrong("\n".join([why, *(f"  {name + ':':10}{line}" for name, line in lines.items())]))


def agree(value: Tensor, other: Tensor, error: Tensor | float = 0.0) -> bool:
    """The same shape, NaN and infinities, and numbers equal within rounding and 5 standard errors."""
    if value.shape != other.shape:
        return False
    value, other, error = value.detach().double(), other.detach().double(), torch.as_tensor(error).double()
    finite = other.isfinite()
    if not torch.equal(value.isfinite(), finite) or not torch.equal(
        value[~finite].nan_to_num(), other[~finite].nan_to_num()
    ):
        return False
    # Rounding is relative to the largest number, not to each: a sum of large terms may end near 0 with their errors.
    largest = other[finite].abs().max() if finite.any() else 0.0
    allowed = (ROUNDING * (largest + 0.01) + STANDARD_ERRORS * error).expand(value.shape)
    return bool(((value - other).abs() <= allowed)[finite].all())


def leaf(values: Tensor) -> Tensor:
    """A fresh copy in the default dtype, from which gradients are taken."""
    return values.detach().to(torch.get_default_dtype(), copy=True).requires_grad_()


def shown(**inputs: Tensor) -> str:
    """Inputs as a student can type them: "mu = [[0.5, -1.2], [0, 0.3]], x of shape [4, 64]"."""
    return ", ".join(
        f"{name} = {nested(values.tolist())}" if values.numel() <= 12 else f"{name} of shape {list(values.shape)}"
        for name, values in inputs.items()
    )

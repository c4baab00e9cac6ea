"""Chapters 4 and 5: the made-up inputs on which a homework's loss is called, wherever a training may go."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import sigmoid


@dataclass(frozen=True)
class Sizes:
    """Of one call: x is `[batch, *data]`, mu and log_var are `[batch, *latent]`; x_hat may have scores of `classes`."""

    batch: int = 6
    data: tuple[int, ...] = (64,)
    latent: tuple[int, ...] = (8,)
    classes: int = 0
    classes_last: bool = False
    x_is: str = "long"  # how the classes stand in x: "long", "float", or "unit", from 0 to 1
    dtype: torch.dtype = torch.float64
    other_batch: tuple[int, ...] = ()  # to be tried where this one is refused

    @property
    def pixels(self) -> int:
        return math.prod(self.data)

    @property
    def latents(self) -> int:
        return math.prod(self.latent)


@dataclass(frozen=True)
class Draw:
    """Numbers for one probe: uniform ones of a shape, and three that all examples share."""

    generator: torch.Generator
    three: list[float]

    def __call__(self, *shape: int) -> Tensor:
        return torch.rand(shape, generator=self.generator, dtype=torch.float64)


def source(seed: int) -> Draw:
    generator = torch.Generator().manual_seed(seed)
    return Draw(generator, torch.rand(3, generator=generator, dtype=torch.float64).tolist())


# x_hat and x. The three shared numbers make the probes differ in contrast and brightness, else a sum over many pixels
# is nearly the same in all of them.


def probabilities(draw: Draw, shape: tuple) -> Tensor:
    return 0.05 + 0.9 * draw(*shape) ** (0.3 + 3 * draw.three[0])


def binary(draw: Draw, shape: tuple) -> Tensor:
    return (draw(*shape) < 0.1 + 0.8 * draw.three[1]).double()


def grey(draw: Draw, shape: tuple) -> Tensor:
    return 0.05 + 0.9 * draw(*shape) ** (0.3 + 3 * draw.three[1])


def unit(draw: Draw, shape: tuple) -> Tensor:
    """0, 1 and what is between, in one call."""
    return torch.where(draw(*shape) < 0.3 + 0.4 * draw.three[2], grey(draw, shape), binary(draw, shape))


def real(draw: Draw, shape: tuple) -> Tensor:
    """As standardised pixels are: a few beyond −3 or 3."""
    return (0.5 + 2 * draw.three[0]) * (2 * draw(*shape) - 1) * 2 + draw.three[1] - 0.5


def logits(draw: Draw, shape: tuple) -> Tensor:
    return (1 + 11 * draw.three[0]) * (2 * draw(*shape) - 1)


def edges(draw: Draw, shape: tuple) -> Tensor:
    """Probabilities from 0.001 to 0.999."""
    return sigmoid((1 + 5.9 * draw.three[0]) * (2 * draw(*shape) - 1))


def counts(draw: Draw, shape: tuple) -> Tensor:
    """0 to 9."""
    return (10 * draw(*shape) ** (0.3 + 2 * draw.three[2])).floor()


def middle(draw: Draw, shape: tuple) -> Tensor:
    """Grey, so that no residual is beyond 0.4."""
    return 0.3 + 0.4 * draw(*shape) ** (0.3 + 2 * draw.three[1])


def one_hot(draw: Draw, shape: tuple) -> Tensor:
    """Along the last axis."""
    at = (shape[-1] * draw(*shape[:-1]) ** (0.3 + 2 * draw.three[1])).long()
    return torch.nn.functional.one_hot(at, shape[-1]).double()


PIXELS: dict[str, tuple[Callable, Callable]] = {
    "unit": (probabilities, unit),
    "binary": (probabilities, binary),
    "grey": (probabilities, grey),
    "real": (real, real),
    "logits": (logits, unit),
    "edges": (edges, unit),
    "counts": (probabilities, counts),
    "middle": (middle, middle),
    "one-hot": (real, one_hot),
    "binary logits": (logits, binary),
    "binary edges": (edges, binary),
}


def pixels(sizes: Sizes, kind: str, seed: int) -> tuple[Tensor, Tensor]:
    """x_hat and x of one probe."""
    draw, shape = source(seed), (sizes.batch, *sizes.data)
    if sizes.classes:
        return of_classes(sizes, draw, shape)
    of_x_hat, of_x = PIXELS[kind]
    return of_x_hat(draw, shape).to(sizes.dtype), of_x(draw, shape).to(sizes.dtype)


def of_classes(sizes: Sizes, draw: Draw, shape: tuple) -> tuple[Tensor, Tensor]:
    x = (sizes.classes * draw(*shape) ** (0.3 + 2 * draw.three[2])).long()
    scores = (3 * draw.three[0] * (2 * draw(*shape, sizes.classes) - 1)).to(sizes.dtype)
    as_x = {"long": x, "float": x.to(sizes.dtype), "unit": x.to(sizes.dtype) / (sizes.classes - 1)}
    return scores if sizes.classes_last else scores.movedim(-1, 1), as_x[sizes.x_is]


# mu and the fourth argument


def _means(draw: Draw, shape: tuple) -> Tensor:
    return 4 * draw.three[0] - 2 + (0.5 + 2 * draw.three[1]) * (draw(*shape) - 0.3)


def _away(draw: Draw, shape: tuple) -> Tensor:
    return 0.1 + draw.three[2] + (0.2 + 2 * draw.three[1]) * draw(*shape) ** 2


LATENTS: dict[str, Callable[[Draw, tuple], tuple[Tensor, Tensor]]] = {
    "both": lambda draw, shape: (
        _means(draw, shape),
        1.5 * draw.three[2] - 1 + 4 * draw.three[1] * (draw(*shape) - 0.6),
    ),
    "gentle": lambda draw, shape: (
        _means(draw, shape),
        2.5 * (draw.three[2] - 1) + draw.three[1] * (draw(*shape) - 0.5),
    ),
    "mild": lambda draw, shape: (_means(draw, shape), 2 * draw.three[2] - 1 + draw.three[1] * (draw(*shape) - 0.5)),
    "above": lambda draw, shape: (_means(draw, shape), _away(draw, shape)),
    "below": lambda draw, shape: (_means(draw, shape), -_away(draw, shape)),
    "near the prior": lambda draw, shape: (0.1 * draw(*shape) - 0.05, 0.1 * draw(*shape) - 0.05),
    "narrow": lambda draw, shape: (_means(draw, shape), -4 - 4 * draw(*shape)),
    "wide": lambda draw, shape: (_means(draw, shape), 2.5 + 2.5 * draw(*shape)),
    "distant": lambda draw, shape: (4 + 6 * draw(*shape), 0.1 + draw(*shape)),
}


def latents(sizes: Sizes, kind: str, seed: int) -> tuple[Tensor, Tensor]:
    """mu and the fourth argument of one probe."""
    mu, fourth = LATENTS[kind](source(1000 + seed), (sizes.batch, *sizes.latent))
    return mu.to(sizes.dtype), fourth.to(sizes.dtype)

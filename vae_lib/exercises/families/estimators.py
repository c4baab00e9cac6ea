"""Two estimates of the gradient of E[f(z)], z = mu + sigma · eps, for each draw: inputs, and slips that both share."""

from collections.abc import Callable
from math import inf

import numpy as np
import torch
from torch import Tensor

from vae_lib.exact.polynomial import Polynomial
from vae_lib.exercises.engine import Exercise, Model, swap
from vae_lib.exercises.engine.exercise import SECOND_CALL
from vae_lib.exercises.engine.mistakes import Mistake
from vae_lib.exercises.engine.statistics import misfit

TYPED = (5.0, -3.0, 0.0, 2.0)  # the first input's f
POWERS = ("", "z", "z²", "z³")


class OfFunction(Exercise):
    """An exercise whose first input is f, and whose values are `d_mu` and `d_sigma`."""

    def on(self, i: int) -> str:
        coefficients = self.plan[i].inputs["f"].made_of["coefficients"]
        terms = [f"{c:g}{power}" for c, power in zip(coefficients, POWERS, strict=True) if c]
        return f"f(z) = {' + '.join(terms).replace('+ -', '− ')}, {super().on(i)}"

    def _known(self, came, name, some):
        """What explains both results, on all inputs, where both are wrong; or else the first that is wrong."""
        some, right = list(range(len(came))), self.of_solution
        both = any(misfit(came[i]["d_sigma"], right[i]["d_sigma"]) == inf for i in some)
        found = super()._known(came, "d_sigma" if both else name, some)
        if found[1] or not both:
            return found
        first = super()._known(came, name, some)
        return ("", "") if "|" in first[0] else first


def function_and_draws(rng) -> list[dict]:
    """f, mu, sigma, eps, twice: [5] by hand, and [7] from the generator."""
    first = dict(f=polynomial(TYPED), mu=0.3, sigma=0.4, eps=np.array([0.5, -1.5, 2.0, -0.25, 1.1]))
    sign, size = rng.choice([-1, 1], 5), rng.uniform(1.2, 1.8, 5).round(2)
    second = dict(f=polynomial((sign * size)[:4]), mu=float(sign[4] * 0.6), sigma=float(size[4]))
    return [first, second | {"eps": rng.choice([-1, 1], 7) * rng.uniform(0.2, 2.2, 7).round(2)}]


def polynomial(coefficients) -> Model:
    return Model(f"{Polynomial.__module__}:Polynomial", {"coefficients": np.array(coefficients)})


def slope_of(f, z: Tensor) -> Tensor:
    """f′ at each z."""
    z = z.detach().requires_grad_()
    return torch.autograd.grad(f(z).sum(), z)[0]


def through(z, mu: float, sigma: float, eps: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """z(mu, sigma, eps), and its derivatives by mu and by sigma."""
    mus, sigmas = (torch.full_like(eps, value, requires_grad=True) for value in (mu, sigma))
    value = z(mus, sigmas, eps) + 0 * (mus + sigmas)
    return value.detach(), *torch.autograd.grad(value.sum(), (mus, sigmas))


PLACES = {
    "mean": ("mu", "there is no noise in it", lambda m, s, e: m),
    "noise": ("ε", "neither mu nor σ is in it", lambda m, s, e: e),
    "mean-missing": ("σε", "mu is not added", lambda m, s, e: s * e),
    "var": ("mu + σ²ε", "σ² stands in place of σ", lambda m, s, e: m + s**2 * e),
    "root": ("mu + √σ ε", "σ is read as the variance", lambda m, s, e: m + s**0.5 * e),
    "exp": ("mu + exp(σ) ε", "σ is read as its logarithm", lambda m, s, e: m + s.exp() * e),
    "half-exp": ("mu + exp(½σ) ε", "σ is read as log σ²", lambda m, s, e: m + (s / 2).exp() * e),
    "one": ("mu + ε", "σ does not multiply ε", lambda m, s, e: m + e),
    "divided": ("mu + ε/σ", "ε is divided by σ", lambda m, s, e: m + e / s),
    "minus": ("mu − σε", "the noise is subtracted", lambda m, s, e: m - s * e),
    "swapped": ("σ + mu ε", "mu and σ have changed places", lambda m, s, e: s + m * e),
    "scaled": ("σ(mu + ε)", "σ multiplies mu as well", lambda m, s, e: s * (m + e)),
    "added": ("mu + σ + ε", "σ is added", lambda m, s, e: m + s + e),
    "sigma": ("mu + σ", "there is no noise in it", lambda m, s, e: m + s),
}


def elsewhere(part: str, what: str, points: Callable) -> dict[str, Mistake]:
    """For a `part` that makes z; `points` makes such a part of z's value."""
    return {
        f"at-{key}": swap(f"{what} is taken at {place} instead of at z: {why}", **{part: points(z)})
        for key, (place, why, z) in PLACES.items()
    }


def given(part: str, order: str) -> dict[str, Mistake]:
    """For a `part` that makes what is returned of `d_mu` and `d_sigma`, and one for their `order`."""
    slips = {
        "averaged": ("the estimates are averaged: one for each ε is asked for", torch.mean),
        "summed": ("the estimates are summed: one for each ε is asked for", torch.sum),
        "over-draws": (
            "every estimate is divided by the number of draws, as in the gradient of a mean",
            lambda d: d / len(d),
        ),
        "times-draws": ("every estimate is multiplied by the number of draws", lambda d: d * len(d)),
        "mean-everywhere": (
            "every draw gets the mean of all estimates: each has its own",
            lambda d: d.mean().expand(len(d)),
        ),
        "sum-everywhere": (
            "every draw gets the sum of all estimates: each has its own",
            lambda d: d.sum().expand(len(d)),
        ),
        "cumulative": ("the estimates are added up along the way (cumsum)", lambda d: d.cumsum(0)),
        "kept-axis": ("each result has an axis too many, [draws, 1]", lambda d: d[:, None]),
        "jacobian": ("a Jacobian [draws, draws] is returned: its diagonal has the estimates", torch.diag),
    }
    return {
        **{key: swap(sentence, **{part: function}) for key, (sentence, function) in slips.items()},
        "swapped": swap("d_mu and d_sigma are swapped", **{order: lambda a, b: (b, a)}),
        "sign": swap("the sign is wrong: this is the gradient of −E[f]", **{order: lambda a, b: (-a, -b)}),
    }


def in_order(d_mu: Tensor, d_sigma: Tensor) -> tuple[Tensor, Tensor]:
    return d_mu, d_sigma


def drawn(came, call) -> str:
    """A remark on an answer that gives other numbers in every call."""
    return f"{SECOND_CALL[1]} " * bool("again" in came and np.abs(came["again"].value).max() > 1e-4)

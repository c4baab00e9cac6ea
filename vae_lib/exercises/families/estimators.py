"""Two estimates of the gradient of E[f(z)], z = mu + sigma · eps, for each draw: inputs, and slips that both share."""

import numpy as np
import torch
from torch import Tensor

from vae_lib.exact.polynomial import Polynomial
from vae_lib.exercises.engine import Exercise, Mistake, Model, Statistic, swap
from vae_lib.exercises.families.basics import swaps

TYPED = (5.0, -3.0, 0.0, 2.0)  # the first input's f
POWERS = ("", "z", "z²", "z³")


class OfFunction(Exercise):
    """An exercise whose first input is f, and whose values are `d_mu` and `d_sigma`."""

    first = "d_mu"  # asked after "again": who draws is told that, and no more

    def statistics(self, seen, call):
        found = super().statistics(seen, call)
        return found | {"again": Statistic(np.abs(found["again"].value).max())}  # of any shape

    def on(self, i: int) -> str:
        coefficients = self.plan[i].inputs["f"].made_of["coefficients"]
        terms = [f"{c:g}{power}" for c, power in zip(coefficients, POWERS, strict=True) if c]
        return f"f(z) = {' + '.join(terms).replace('+ -', '− ')}, {super().on(i)}"

    def _known(self, came, name, some):
        """What explains both results, on all inputs; or else the first that is wrong, if one thing does."""
        everywhere = list(range(len(came)))
        last, _ = self._first_difference([{"d_sigma": one["d_sigma"]} for one in came])
        found = super()._known(came, last or name, everywhere)
        first = found if found[1] else super()._known(came, name, everywhere)
        return first if found[1] or "|" not in first[0] else ("", "")


def f_and_draws(rng) -> list[dict]:
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
    "minus": ("mu − σε", "the noise is subtracted", lambda m, s, e: m - s * e),
    "swapped": ("σ + mu ε", "mu and σ have changed places", lambda m, s, e: s + m * e),
    "scaled": ("σ(mu + ε)", "σ multiplies mu as well", lambda m, s, e: s * (m + e)),
}


def elsewhere(key: str, sentence: str, *parts: str, but: tuple[str, ...] = ()) -> dict[str, Mistake]:
    """For `parts` that make z; the sentence has a gap for the wrong z, and one for why it is wrong."""
    return {
        f"{key}-{name}": swap(sentence.format(place, why), **dict.fromkeys(parts, z))
        for name, (place, why, z) in PLACES.items()
        if name not in but
    }


def given(part: str) -> dict[str, Mistake]:
    """For a `part` that returns the pair of d_mu and d_sigma."""
    slips = {
        "averaged": ("the estimates are averaged: one for each ε is asked for", torch.mean),
        "summed": ("the estimates are summed: one for each ε is asked for", torch.sum),
        "over-draws": ("every estimate is divided by the number of draws, as for a mean", lambda d: d / len(d)),
        "mean-everywhere": ("every draw gets the mean of all estimates", lambda d: d.mean().expand(len(d))),
        "sum-everywhere": ("every draw gets the sum of all estimates", lambda d: d.sum().expand(len(d))),
        "kept-axis": ("each result has an axis too many, [draws, 1]", lambda d: d[:, None]),
        "jacobian": ("a Jacobian [draws, draws] is returned: its diagonal has the estimates", torch.diag),
        "sign": ("the sign is wrong: this is the gradient of −E[f]", torch.neg),
    }
    each = {key: (sentence, lambda pair, f=f: tuple(map(f, pair))) for key, (sentence, f) in slips.items()}
    return swaps(part, each | {"swapped": ("d_mu and d_sigma are swapped", lambda pair: pair[::-1])})

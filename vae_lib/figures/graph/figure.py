"""Chapter 2: *The computation graph*, the worked example with every number live, forward and backward."""

import inspect

import matplotlib.pyplot as plt
import numpy as np

from vae_lib.exact.worked_example import EPS, WEIGHTS, X, backward, decode, encode, forward
from vae_lib.figures.base.page import Explorable, explorable
from vae_lib.page.diagrams import arrow, box, canvas, computation_graph
from vae_lib.page.pencil import show
from vae_lib.page.plotting import as_svg

ALT = (
    "The computation of J for x = (1, 2, 0, -1) as a graph with every number in it. On the right, from top to bottom, "
    "rows of cells joined by arrows: x, a1, h1, mu and log sigma squared, sigma and epsilon, z, a2, h2, f(z), x minus "
    "f(z), the reconstruction loss 9/4, the KL 85/32 + ln 2, and J = 157/32 + ln 2. On the left the weights W1 to W4 "
    "and the biases b1 to b4."
)
FEW = (
    "The numbers of the worksheet that ε moves, and the KL, which it does not. From ε = (1/2, -3/2) arrows lead to "
    "z = (9/8, -3/2), f(z), the reconstruction loss 9/4 and J; another arrow leads to J from the KL, 85/32 + ln 2."
)

# Where the library computes a value or a gradient: the first line of its source that holds the text.
FORWARD = {
    "a1": (encode, "a1 = "),
    "h1": (encode, "h1 = "),
    "mu": (encode, "mu, log_var = "),
    "log_var": (encode, "mu, log_var = "),
    "sigma": (encode, '"sigma": '),
    "z": (forward, 'v["z"] = '),
    "a2": (decode, "a2 = "),
    "h2": (decode, "h2 = "),
    "f": (decode, '"f": '),
    "error": (forward, 'v["error"] = '),
    "reconstruction_loss": (forward, 'v["reconstruction_loss"] = '),
    "kl_per_dimension": (forward, 'v["kl_per_dimension"] = '),
    "kl": (forward, 'v["kl"] = '),
    "J": (forward, 'v["J"] = '),
}
BACKWARD = ["f", "W4", "b4", "h2", "a2", "W3", "b3", "z", "mu", "log_var", "b2", "W2", "h1", "a1", "W1", "b1"]


def graph(*, control: str | None = None, state: dict | None = None) -> Explorable:
    """Chapter 2's two examples, exactly; change x, ε or a weight, and all values and gradients follow (2.1 to 2.8).

    `control` reduces it to the numbers of "x" and the graph, or of "eps" and the rows that it moves.

    `state` is what it shows first, any of:
    `example`, 0 or 1; `numbers`, the inputs that are not the example's own, by name; `held`, the number that the slider
    moves, as "eps 1", counted from 0; `taken`, from where it was moved, or None for its own. Raises ValueError at
    another control.
    """
    data = {
        "examples": [_numbers(x, eps) for x, eps in zip(X, EPS, strict=True)],
        "code": {key: _line(*place) for key, place in FORWARD.items()},
        "backward": {key: _line(backward, f'd["{key}"]') for key in BACKWARD},
    }
    values = forward(X[0], WEIGHTS, EPS[0])
    picture, alt = (_few(values), FEW) if control == "eps" else (computation_graph(values, WEIGHTS), ALT)
    title = "The computation graph: change a number and see what follows"
    options = {"control": control, "controls": ("x", "eps"), "state": state}
    return explorable("graph", title, as_svg(picture).data, alt, data, **options)


def _few(values: dict) -> plt.Figure:
    """What ε moves, in a row, and the KL below."""
    figure, axes = canvas(7.2, 2.2)
    places = {"eps": (0.8, 1.7), "z": (2.5, 1.7), "f": (4.4, 1.7), "reconstruction_loss": (6.4, 1.7)}
    places |= {"kl": (2.5, 0.5), "J": (6.4, 0.5)}
    names = {"eps": "ε", "f": "f(z)", "reconstruction_loss": "½‖x − f(z)‖²", "kl": "KL"}
    colours = {"eps": "prior", "z": "ink", "f": "decoder", "reconstruction_loss": "decoder", "kl": "kl", "J": "ink"}
    for key, centre in places.items():
        box(axes, centre, (1.5, 0.7), colours[key], names.get(key, key), show(values[key]))
    for start, end in [("eps", "z"), ("z", "f"), ("f", "reconstruction_loss"), ("kl", "J")]:
        (left, y), (right, _) = places[start], places[end]
        arrow(axes, (left + 0.77, y), (right - 0.77, y))
    arrow(axes, (6.4, 1.33), (6.4, 0.87))
    return figure


def gradients(x, weights: dict, eps) -> dict:
    """The gradient of J at every node: what `backward` gives, and by one more step that at x, ε, σ and the losses."""
    v, d = forward(x, weights, eps), backward(x, weights, eps)
    d["sigma"], d["eps"] = d["z"] * eps, d["z"] * v["sigma"]
    d["error"] = v["error"]
    d["x"] = d["error"] + weights["W1"].T @ d["a1"]
    d["kl_per_dimension"] = np.ones_like(v["kl_per_dimension"])
    return d | {"reconstruction_loss": 1, "kl": 1, "J": 1}


def _numbers(x, eps) -> dict:
    """Every value and every gradient of one example as text, exactly."""
    values, gradient = WEIGHTS | forward(x, WEIGHTS, eps), gradients(x, WEIGHTS, eps)
    return {
        "values": {key: _texts(values[key]) for key in gradient},
        "gradients": {k: _texts(d) for k, d in gradient.items()},
    }


def _texts(numbers) -> list | str:
    return [_texts(number) for number in numbers] if np.ndim(numbers) else show(numbers)


def _line(function, text: str) -> str:
    return next(line.strip() for line in inspect.getsource(function).splitlines() if text in line)

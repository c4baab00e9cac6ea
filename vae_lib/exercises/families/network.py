"""Chapter 2's second network, 3 → 3 → 3 → 3 → 3: no shape tells a matrix from its transpose."""

import numpy as np

from vae_lib.exact.worked_example import forward
from vae_lib.page.pencil import exact, to_float

NEW_WEIGHTS = exact(
    {
        "W1": [[0, 2, 1], [1, 2, 1], [2, -1, -1]],
        "b1": [-1, 1, 1],
        "W2": [
            [-1, "1/2", "-1/2"],
            [0, -1, 1],
            ["-1/2", "-1/2", "-1/2"],
            ["-2*log(2)", "2*log(2)", "-2*log(2)"],
            ["-2*log(2)", 0, 0],
            [0, "2*log(2)", "-2*log(2)"],
        ],
        "b2": [-1, "-1/2", "1/2", 0, "2*log(2)", "-2*log(2)"],
        "W3": [["1/2", -1, 1], [1, -1, 2], [-1, 0, 2]],
        "b3": [-1, -1, 1],
        "W4": [[-2, 1, "1/2"], [0, 1, -1], [0, 0, 2]],
        "b4": [2, 1, 2],
    }
)
NEW_X = exact([1, -2, 3])
NEW_EPS = exact(["-3/2", -2, "1/2"])
ON = "the exercises' network, x = [1, -2, 3], eps = [-1.5, -2, 0.5]"
AS_GIVEN = {"mu": "mean", "log_var": "log_variance", "z": "code", "f": "output"}


def numbers(rng: np.random.Generator | None) -> dict[str, np.ndarray]:
    """x, ε and the weights in the book; with a generator, another ε and bias of μ, and everything in another order."""
    book = to_float(NEW_WEIGHTS | {"x": NEW_X, "eps": NEW_EPS})
    if rng is None:
        return book
    i, h, k, g = (rng.permutation(3) for _ in range(4))
    both = np.concatenate([k, k + 3])
    rows = {"W1": h, "b1": h, "W2": both, "b2": both, "W3": g, "b3": g, "W4": i, "b4": i, "x": i}
    columns = {"W1": i, "W2": h, "W3": k, "W4": g}
    own = {name: book[name][order] for name, order in rows.items()}
    own |= {name: own[name][:, order] for name, order in columns.items()}
    own["b2"][:3] += rng.choice([-1, -0.5, 0.5, 1], 3)
    return own | {"eps": rng.choice([-2, -1.5, -0.5, 0.5, 1, 2], 3)}


def values(rng: np.random.Generator | None) -> dict[str, np.ndarray]:
    """The numbers, and every value of the forward pass."""
    given = numbers(rng)
    return given | forward(given["x"], {name: given[name] for name in NEW_WEIGHTS}, given["eps"])


def values_given(rng: np.random.Generator | None) -> dict[str, np.ndarray]:
    """The same for exercises whose entries are gradients, and have the values' names: z is `code`, W3 `weight3`.

    Also ∂z/∂log σ², `noise`, and the derivative of the KL by log σ², `by_log_var`.
    """
    v = values(rng)
    given = {AS_GIVEN.get(name, name.replace("W", "weight")): value for name, value in v.items()}
    return given | {"noise": v["sigma"] * v["eps"] / 2, "by_log_var": (v["var"] - 1) / 2}

r"""# One step down, by code

By code: go one step down, $w \leftarrow w - \eta\, \partial J / \partial w$, with $\eta = 0.001$, in all weights and biases of both networks at once, with the same $x$ and $\varepsilon$. Return $\lVert g \rVert^2$, where $g$ is the gradient with respect to all of them, and how far $J$ falls in that step, in nats. To first order the fall is $\eta \lVert g \rVert^2$. Is the real fall larger or smaller, and why? (The solution has the answer.)

## Hint: where to look
Chapter 5, [One gradient step](05_training.ipynb#one-gradient-step-deeper): (5.5). `forward_torch` of this chapter is differentiable, and `tensor` turns a dict of exact numbers into float64 tensors.

## Hint: the idea
Let autograd find $g$: all eight arrays need `requires_grad_()`. Compute every gradient at the old weights before you move any of them, then compute $J$ anew with the same $\varepsilon$.

## Hint: nearly the code
`torch.autograd.grad(J, list(weights.values()))` returns the eight gradients in the order of the weights. $\lVert g \rVert^2$ is the sum of all their squares. The new weights are another dict, made with `zip`; the fall is $J$ before minus $J$ after.
"""  # noqa: E501

from functools import partial

import numpy as np
import torch

from vae_lib.exercises.engine import ByHand, swap, whole
from vae_lib.exercises.families import half_exp, kl_table, same, swaps
from vae_lib.exercises.families.layers import TERMS, alone_and_two
from vae_lib.exercises.families.network import NEW_WEIGHTS, ON, numbers

ANSWER = "my_step"
STUB = '''\
def my_step():
    """‖g‖², and how far J falls in one step."""
    return {"squared_length": ..., "fall": ...}
'''
SOLUTION = """\
def step_solution():
    x_new, eps_new, weights = tensor(NEW_X), tensor(NEW_EPS), tensor(NEW_WEIGHTS)
    J_before = forward_torch(x_new, {key: w.requires_grad_() for key, w in weights.items()}, eps_new)["J"]
    g = torch.autograd.grad(J_before, list(weights.values()))
    stepped = {key: w - 0.001 * g_w for (key, w), g_w in zip(weights.items(), g, strict=True)}
    J_after = forward_torch(x_new, stepped, eps_new)["J"]
    return {"squared_length": sum((g_w**2).sum() for g_w in g), "fall": (J_before - J_after).detach()}


# The real fall is smaller: on the way down the slope shrinks, and the prediction keeps the slope of the start.
check_step_by_hand(step_solution)
table(
    ["the fall of J", "in nats"],
    [
        ["to first order, η‖g‖²", decimals(0.001 * step_solution()["squared_length"])],
        ["real", decimals(step_solution()["fall"])],
    ],
)
"""

NAMES = list(NEW_WEIGHTS)
ENDS = np.cumsum([array.size for array in NEW_WEIGHTS.values()])
STEPS = {
    "squared_length": lambda gradients: (gradients.sum(0) ** 2).sum(),
    "fall": lambda x, eps, weights, gradients: loss(x, eps, weights) - loss(x, eps, weights - 0.001 * gradients.sum(0)),
}


def named(row):
    """The eight arrays that lie one after another in a row."""
    parts = zip(NEW_WEIGHTS.items(), ENDS, strict=True)
    return {name: row[end - array.size : end].reshape(array.shape) for (name, array), end in parts}


def loss(x, eps, weights, terms=(1, 1), active=torch.relu, sigma=half_exp, noise=1):
    """J of all weights in a row, by torch; `terms` are how often the reconstruction loss counts, and the KL."""
    w = {name: torch.as_tensor(array) for name, array in named(weights).items()}
    x, eps = torch.as_tensor(x), noise * torch.as_tensor(eps)
    mu, log_var = (w["W2"] @ active(w["W1"] @ x + w["b1"]) + w["b2"]).chunk(2)
    f = w["W4"] @ active(w["W3"] @ (mu + sigma(log_var) * eps) + w["b3"]) + w["b4"]
    return terms[0] * (x - f).square().sum() / 2 + terms[1] * kl_table(mu, log_var).sum()


def slopes(x, eps, weights, of=loss):
    """The gradients of the reconstruction loss and of the KL, a row each."""
    slope = torch.func.grad(of, argnums=2)
    return np.stack([slope(x, eps, torch.as_tensor(weights), terms) for terms in ((1, 0), (0, 1))])


def slopes_in_turn(x, eps, weights, names):
    """Of arrays that move one after another; both terms in the first row."""
    moved = weights
    for name in names:
        moved = moved - 0.001 * only(name) * slopes(x, eps, moved).sum(0)
    return np.stack([weights - moved, 0 * moved]) / 0.001


def data(rng):
    """x, ε, all weights and biases in a row, and the gradients by them of both terms of J."""
    given = numbers(rng)
    x, eps, weights = given["x"], given["eps"], np.concatenate([given[name].ravel() for name in NAMES])
    return {"x": x, "eps": eps, "weights": weights, "gradients": slopes(x, eps, weights)}


def only(*names):
    return np.concatenate([np.full(array.size, float(name in names)) for name, array in NEW_WEIGHTS.items()])


WHICH = {
    "no-biases": ("the biases are left out", only("W1", "W2", "W3", "W4")),
    "encoder-only": ("the decoder is left out", only("W1", "b1", "W2", "b2")),
    "decoder-only": ("the encoder is left out", only("W3", "b3", "W4", "b4")),
    "two-only": ("only W₃ and W₁ are used", only("W1", "W3")),
    **{f"no-{name.lower()}": (f"{name} is left out", 1 - only(name)) for name in NAMES},
}
PASSES = {
    "no-relu": ("the ReLUs are forgotten", partial(loss, active=same)),
    "var": ("σ² is used in place of σ in z", partial(loss, sigma=torch.exp)),
    "sigma-detached": ("σ is detached in z", partial(loss, sigma=lambda v: half_exp(v).detach())),
    "no-eps": ("ε is 0, and z = μ", partial(loss, noise=0)),
    "eps-sign": ("ε has the wrong sign", partial(loss, noise=-1)),
}
TURNS = "the arrays move one after another, each by its gradient after the others have moved"
SLOPES = {
    "in-turn": (f"{TURNS}, from W1 on", partial(slopes_in_turn, names=NAMES)),
    "in-turn-backwards": (f"{TURNS}, from b4 on", partial(slopes_in_turn, names=NAMES[::-1])),
    "accumulated": ("backward is called twice, and the gradients are added up", lambda gradients: 2 * gradients),
}
OVER = {
    "root": ("the square root is taken: this is ‖g‖", np.linalg.norm),
    "mean": ("the mean of the squares is taken, not their sum", lambda g: (g**2).mean()),
    "absolute": ("absolute values are added instead of squares", lambda g: abs(g).sum()),
    "norms": ("the norms of the eight arrays are added", lambda g: sum(map(np.linalg.norm, named(g).values()))),
    "times-eta": ("‖g‖² is multiplied by η: this is the fall to first order", lambda g: 0.001 * (g**2).sum()),
    "of-step": ("η² ‖g‖² is given: the squared length of the step", lambda g: 1e-6 * (g**2).sum()),
}


def length(gradients, *, of=loss, terms=(1, 1), which=1, over=lambda g: (g**2).sum()):
    return over(which * (terms @ gradients))


ANY = swaps("which", WHICH) | {
    key: swap(words, gradients=partial(slopes, of=of), of=of) for key, (words, of) in PASSES.items()
}
ETAS = {"tenth": 0.0001, "half": 0.0005, "twice": 0.002, "ten-times": 0.01, "hundred-times": 0.1}
FOLLOWED = {
    "unit": (
        "the gradient is scaled to length 1 first",
        lambda gradients: gradients / np.linalg.norm(gradients.sum(0)),
    ),
    "signs": ("only the signs of the gradient are kept", lambda gradients: np.sign(gradients.sum(0)) * [[1], [0]]),
    "no-kl": ("the step follows the reconstruction loss alone", lambda gradients: gradients * [[1], [0]]),
    "kl-only": ("the step follows the KL alone", lambda gradients: gradients * [[0], [1]]),
}
GIVEN = {  # of J before and after, and of η‖g‖²
    "sign": ("the sign is wrong: this is J after − J before", lambda old, new, first: new - old),
    "first-order": ("the prediction of equation 5.5 is given, not what J really did", lambda old, new, first: first),
    "minus-first-order": ("the prediction of equation 5.5 is given, with a minus", lambda old, new, first: -first),
    "after": ("J after the step is given, not how far it fell", lambda old, new, first: new),
    "before": ("J before the step is given, not how far it fell", lambda old, new, first: old),
    "relative": ("the fall is divided by J before the step", lambda old, new, first: 1 - new / old),
    "eta-norm": ("η‖g‖ is given: the length of the step", lambda old, new, first: (0.001 * first) ** 0.5),
    "bits": ("the fall is in bits: nats were asked for", lambda old, new, first: (old - new) / np.log(2)),
}


def fell(old, new, first):
    return old - new


def fall(x, eps, weights, gradients, *, of=loss, terms=(1, 1), which=1, eta=0.001, give=fell):
    g = which * (terms @ gradients)
    old, new = float(of(x, eps, weights, terms)), float(of(x, eps, weights - eta * g, terms))
    return give(old, new, 0.001 * (g**2).sum())


SLIPS = {
    "squared_length": alone_and_two(
        length,
        {**ANY, **swaps("terms", TERMS), **swaps("over", OVER)},
        swaps("gradients", SLOPES),
        often=("root", "mean", "no-biases", "encoder-only", "decoder-only", "no-kl"),
    )
    | {"exchanged": whole("the two names are exchanged", STEPS["fall"])},
    "fall": alone_and_two(
        fall,
        {
            **ANY,
            **swaps("terms", TERMS, "all-"),
            **{f"eta-{key}": swap(f"η is {eta}, not 0.001", eta=eta) for key, eta in ETAS.items()},
            "ascent": swap("the step goes up: w + η g is gradient ascent", eta=-0.001),
            "eta-one": swap("η is forgotten: w − g", eta=1),
            **swaps("give", GIVEN),
        },
        swaps("gradients", SLOPES | FOLLOWED),
        often=("sign", "ascent", "all-no-kl", "encoder-only", "decoder-only", "no-biases"),
    )
    | {"exchanged": whole("the two names are exchanged", STEPS["squared_length"])},
}

check_step_by_hand = ByHand(
    name="step_by_hand",
    data=data,
    steps=STEPS,
    asked={
        "squared_length": "squared_length = ‖g‖², of the gradient g of J by all weights and biases, one number",
        "fall": "fall = J before − J after one step with η = 0.001, one number, in nats",
    },
    on=ON,
    effort="deeper · ●●● · 10 minutes",
    slips=SLIPS,
)

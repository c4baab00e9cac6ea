r"""# One step down, by code

By code: go one step down, $w \leftarrow w - \eta\, \partial J / \partial w$, with $\eta = 0.001$, in all weights and biases of both networks at once, with the same $x$ and $\varepsilon$. Return $\lVert g \rVert^2$, where $g$ is the gradient with respect to all of them, and how far $J$ falls in that step, in nats. To first order the fall is $\eta \lVert g \rVert^2$; is it more or less in truth?

## Hint: where to look
[Chapter 5](05_training.ipynb), (5.5). `forward_torch` of this chapter is differentiable, and `tensor` turns a dict of exact numbers into float64 tensors.

## Hint: the idea
Let autograd find $g$: all eight arrays need `requires_grad_()`. Compute every gradient at the old weights before you move any of them, then compute $J$ anew with the same $\varepsilon$.

## Hint: nearly the code
`torch.autograd.grad(J, list(weights.values()))` returns the eight gradients in the order of the weights. $\lVert g \rVert^2$ is the sum of all their squares. The new weights are another dict, made with `zip`; the fall is $J$ before minus $J$ after.
"""  # noqa: E501

import numpy as np

from vae_lib.exact.worked_example import backward, forward
from vae_lib.exercises.engine import ByHand, swap, whole
from vae_lib.exercises.families.layers import alone_and_two, swaps
from vae_lib.exercises.families.network import NEW_WEIGHTS, ON, numbers, weights_of

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


check_step_by_hand(step_solution)
table(
    ["the fall of J", "in nats"],
    [
        ["to first order, η‖g‖²", decimals(0.001 * step_solution()["squared_length"])],
        ["in truth", decimals(step_solution()["fall"])],
    ],
)
"""

NAMES = list(NEW_WEIGHTS)
SIZES = np.cumsum([array.size for array in NEW_WEIGHTS.values()])
STEPS = {
    "squared_length": lambda gradient: (gradient**2).sum(),
    "fall": lambda x, eps, weights, gradient: loss(x, eps, weights) - loss(x, eps, weights - 0.001 * gradient),
}


def flat(arrays):
    return np.concatenate([np.ravel(arrays[name]) for name in NAMES])


def named(weights):
    parts = np.split(weights, SIZES[:-1])
    return {name: part.reshape(NEW_WEIGHTS[name].shape) for name, part in zip(NAMES, parts, strict=True)}


def loss(x, eps, weights, of="J"):
    return forward(x, named(weights), eps)[of]


def data(rng):
    """x, ε, all weights and biases as one row of numbers, and the gradients of J and of its two terms."""
    given = numbers(rng)
    at = given["x"], weights_of(given), given["eps"]
    gradients = {
        "gradient": flat(backward(*at)),
        "gradient_of_loss": flat(backward(*at, kl=0)),
        "gradient_of_kl": flat(backward(*at, reconstruction=0)),
    }
    return {"x": given["x"], "eps": given["eps"], "weights": flat(weights_of(given)), **gradients}


def only(*names):
    return flat({name: np.full(NEW_WEIGHTS[name].shape, float(name in names)) for name in NAMES})


WHICH = {
    "no-biases": ("the biases are left out", only("W1", "W2", "W3", "W4")),
    "biases-only": ("only the biases are counted", only("b1", "b2", "b3", "b4")),
    "encoder-only": ("the decoder is left out", only("W1", "b1", "W2", "b2")),
    "decoder-only": ("the encoder is left out", only("W3", "b3", "W4", "b4")),
    **{f"no-{name.lower()}": (f"{name} is left out", 1 - only(name)) for name in NAMES},
    **{f"{name.lower()}-only": (f"only {name} is counted", only(name)) for name in NAMES},
    "two-only": ("only W₃ and W₁, of exercise 2.4, are counted", only("W1", "W3")),
}
TERMS = {  # how often the gradient of the reconstruction loss counts, and that of the KL
    "no-kl": ("the KL is left out: this is the gradient of the reconstruction loss", (1, 0)),
    "kl-only": ("the reconstruction loss is left out: this is the gradient of the KL", (0, 1)),
    "kl-sign": ("the KL is subtracted in J", (1, -1)),
    "loss-half-missing": ("the ½ of the reconstruction loss is missing", (2, 1)),
    "kl-half-missing": ("the ½ of the KL is missing", (1, 2)),
    "half-missing": ("the ½ is missing in both terms of J", (2, 2)),
    "loss-averaged": ("the squared error is averaged, and not halved", (2 / 3, 1)),
    "halves-averaged": ("the reconstruction loss is averaged over the numbers of x", (1 / 3, 1)),
    "kl-averaged": ("the KL is averaged over the latents", (1, 1 / 3)),
    "both-averaged": ("both terms of J are averaged", (2 / 3, 1 / 3)),
    "divided": ("J is divided by 3", (1 / 3, 1 / 3)),
}


def followed(values, which, terms):
    return which * (terms[0] * values["gradient_of_loss"] + terms[1] * values["gradient_of_kl"])


def length(values, *, which=1, terms=(1, 1), over=lambda g: (g**2).sum()):
    return over(followed(values, which, terms))


OVER = {
    "root": ("the square root is taken: this is ‖g‖", np.linalg.norm),
    "mean": ("the mean of the squares is taken, not their sum", lambda g: (g**2).mean()),
    "absolute": ("absolute values are added instead of squares", lambda g: abs(g).sum()),
    "sum": ("the numbers of g are added without squares", np.sum),
    "square-of-sum": ("the numbers of g are added before they are squared", lambda g: g.sum() ** 2),
    "norms": ("the norms of the eight arrays are added", lambda g: sum(map(np.linalg.norm, named(g).values()))),
    "square-of-norms": (
        "the norms of the eight arrays are added, and the sum is squared",
        lambda g: sum(map(np.linalg.norm, named(g).values())) ** 2,
    ),
    "means": (
        "the means of the eight arrays' squares are added",
        lambda g: sum((a**2).mean() for a in named(g).values()),
    ),
    "half": ("the squares are halved", lambda g: (g**2).sum() / 2),
    "twice": ("the squares are counted twice", lambda g: 2 * (g**2).sum()),
    "times-eta": ("‖g‖² is multiplied by η: this is the fall to first order", lambda g: 0.001 * (g**2).sum()),
    "of-step": ("η² ‖g‖² is given: the squared length of the step", lambda g: 1e-6 * (g**2).sum()),
    "sign": ("the sign is wrong: no square is negative", lambda g: -(g**2).sum()),
    "largest": ("the largest square is taken", lambda g: (g**2).max()),
    "largest-norm": ("the largest number of g is taken", lambda g: abs(g).max()),
}


def fall(values, *, which=1, terms=(1, 1), eta=0.001, of="J", times=1):
    x, eps, weights = values["x"], values["eps"], values["weights"]
    after = weights - eta * followed(values, which, terms)
    return times * (loss(x, eps, weights, of) - loss(x, eps, after, of))


MOVED = {
    "encoder-only": ("the decoder stays where it was", WHICH["encoder-only"][1]),
    "decoder-only": ("the encoder stays where it was", WHICH["decoder-only"][1]),
    "no-biases": ("the biases stay where they were", WHICH["no-biases"][1]),
    "biases-only": ("only the biases move", WHICH["biases-only"][1]),
    **{f"no-{name.lower()}": (f"{name} stays where it was", 1 - only(name)) for name in NAMES},
    **{f"{name.lower()}-only": (f"only {name} moves", only(name)) for name in NAMES},
    "two-only": ("only W₃ and W₁, of exercise 2.4, move", only("W1", "W3")),
}
FOLLOWED = {
    **TERMS,
    "no-kl": ("the step follows the reconstruction loss alone", (1, 0)),
    "kl-only": ("the step follows the KL alone", (0, 1)),
}
RATES = {
    "ascent": ("the step goes up: w + η g is gradient ascent", -0.001),
    "eta-tenth": ("η is 0.0001, not 0.001", 0.0001),
    "eta-ten-times": ("η is 0.01, not 0.001", 0.01),
    "eta-hundred-times": ("η is 0.1, not 0.001", 0.1),
    "eta-twice": ("η is 0.002, not 0.001", 0.002),
    "eta-half": ("η is 0.0005, not 0.001", 0.0005),
    "eta-one": ("η is forgotten: w − g", 1),
}
TIMES = {
    "sign": ("the sign is wrong: this is J after − J before", -1),
    "over-eta": ("the fall is divided by η", 1000),
    "half": ("half the fall is given", 0.5),
    "percent": ("the fall is given in hundredths", 100),
}


class Moved:
    """J before and after, and what the step was."""

    def __init__(self, values):
        self.x, self.eps, self.weights = values["x"], values["eps"], values["weights"]
        self.before, self.after = self.loss(self.weights), self.loss(self.stepped(self.weights))
        self.fall, self.norm = self.before - self.after, np.linalg.norm(values["gradient"])

    def loss(self, weights):
        return loss(self.x, self.eps, weights)

    def stepped(self, weights):
        return weights - 0.001 * flat(backward(self.x, named(weights), self.eps))

    def one_after_another(self, names):
        """The fall, where each array moves by the gradient at the weights that moved before it."""
        moved = named(self.weights.copy())
        for name in names:
            moved[name] = moved[name] - 0.001 * backward(self.x, moved, self.eps)[name]
        return self.before - self.loss(flat(moved))


IN_TURN = "the arrays move one after another, each by its gradient after the others have moved"
OTHERS = {
    "first-order": ("the prediction of equation 5.5 is given, not what J really did", lambda s: 0.001 * s.norm**2),
    "half-first-order": ("half of η‖g‖² is given, not what J really did", lambda s: 0.0005 * s.norm**2),
    "eta-norm": ("η‖g‖ is given: the length of the step", lambda s: 0.001 * s.norm),
    "missing": ("what the fall lacks to η‖g‖² is given", lambda s: 0.001 * s.norm**2 - s.fall),
    "minus-missing": ("the fall minus η‖g‖² is given", lambda s: s.fall - 0.001 * s.norm**2),
    "after": ("J after the step is given, not how far it fell", lambda s: s.after),
    "before": ("J before the step is given, not how far it fell", lambda s: s.before),
    "relative": ("the fall is divided by J before the step", lambda s: s.fall / s.before),
    "ratio": ("J after is divided by J before", lambda s: s.after / s.before),
    "of-prediction": ("the fall is divided by η‖g‖²", lambda s: s.fall / (0.001 * s.norm**2)),
    "two-steps": ("two steps are taken", lambda s: s.before - s.loss(s.stepped(s.stepped(s.weights)))),
    "in-turn": (f"{IN_TURN}, from W1 on", lambda s: s.one_after_another(NAMES)),
    "in-turn-backwards": (f"{IN_TURN}, from b4 on", lambda s: s.one_after_another(NAMES[::-1])),
}
SLIPS_OF_FALL = {
    **alone_and_two(
        fall,
        {
            **swaps("which", MOVED),
            **swaps("terms", FOLLOWED),
            **swaps("eta", RATES),
            **swaps("times", TIMES),
            "of-loss": swap("the fall of the reconstruction loss is given, without the KL", of="reconstruction_loss"),
            "of-kl": swap("the fall of the KL is given, without the reconstruction loss", of="kl"),
        },
        often=("sign", "ascent", "no-kl", "encoder-only", "decoder-only", "no-biases"),
    ),
    **{key: whole(words, lambda values, f=f: f(Moved(values))) for key, (words, f) in OTHERS.items()},
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
    level="deeper",
    dots=3,
    minutes=10,
    slips={
        "squared_length": alone_and_two(
            length,
            {
                **swaps("which", WHICH),
                **swaps("terms", TERMS),
                **swaps("over", OVER),
            },
            often=("root", "mean", "no-biases", "encoder-only", "decoder-only", "no-kl"),
        ),
        "fall": SLIPS_OF_FALL,
    },
)

r"""# Straight-through

Write `my_straight_through(logits, u)`: hard coins with a borrowed slope. `logits` and `u` are `[batch, latent]`, and `u` is uniform noise that was drawn for you. With $p = \mathrm{sigmoid}(\text{logits})$ the value is 1 where $u < p$ and 0 elsewhere, and the gradient is that of $p$, as if the value were $p$ itself.

## Hint: where to look
[(8.9)](#straight-through).

## Hint: the idea
Hard equals soft plus (hard − soft). Which of the three may carry a gradient?

## Hint: nearly the code
`hard = (u < p).to(p)`, and then `p + (hard - p).detach()`.
"""  # noqa: E501

import torch

from vae_lib.exercises.engine import Exercise
from vae_lib.exercises.families import same, swaps


def solution(logits, u):
    """0 or 1, with the slope of p: [batch, latent]."""
    p = torch.sigmoid(logits)
    hard = (u < p).to(p)
    return p + (hard - p).detach()


def below(u, p):
    return (u < p).to(p)


def lend(hard, p, logits):
    return p + (hard - p).detach()


def parts(logits, u, *, soft=torch.sigmoid, toss=below, lend=lend):
    p = soft(logits)
    return lend(toss(u, p), p, logits)


def inputs(rng):
    """[6, 5], and [9, 3]."""
    return [
        {"logits": rng.uniform(-2, 2, shape).round(1), "u": rng.uniform(0.02, 0.98, shape).round(3)}
        for shape in ((6, 5), (9, 3))
    ]


TOSSES = {
    "other-side": ("the coin is 1 where u is above p", lambda u, p: (u > p).to(p)),
    "rounded": ("p is rounded, and u not used: that is no draw", lambda u, p: (p > 0.5).to(p)),
    "half": ("u is compared with ½, and not with p", lambda u, p: (u < 0.5).to(p) + 0 * p),
    "signs": ("the coin is −1 or 1", lambda u, p: 2 * below(u, p) - 1),
}
LENT = {
    "soft": ("p is returned, and no coin was tossed", lambda hard, p, a: p),
    "not-detached": (
        "hard − p is not detached: p cancels, with its slope",
        lambda hard, p, a: p + (hard - p),
    ),
    "wrong-one": (
        "the wrong p is detached: the slope has the wrong sign",
        lambda hard, p, a: hard - p + p.detach(),
    ),
    "identity": (
        "the slope is 1 by the logits: it was to be that of p",
        lambda hard, p, a: a + (hard - a).detach(),
    ),
    "twice": ("the slope of p is counted twice", lambda hard, p, a: 2 * p + (hard - 2 * p).detach()),
    "masked": (
        "the coin multiplies p: the slope is lost where the coin is 0",
        lambda hard, p, a: p * hard + (hard - p * hard).detach(),
    ),
    "product": ("p times the coin is returned", lambda hard, p, a: p * hard),
    "difference": ("the coin less p is returned", lambda hard, p, a: (hard - p).detach() + 0 * p),
    "both": ("p is added to the coin, and not taken away again", lambda hard, p, a: hard + p),
}

check_straight_through = Exercise(
    name="straight_through",
    solution=solution,
    parts=parts,
    inputs=inputs,
    gradients=("logits",),
    asked={
        "value": "the coins, 0 or 1",
        "again": "the same numbers from a second call: the difference",
        "gradient of logits": "the gradient of their sum with respect to logits, p (1 − p)",
    },
    right="Hard forward, soft backward.",
    axes=("batch", "latent"),
    effort="deeper · ●○○ · 4 minutes",
    mistakes={
        **swaps("toss", TOSSES),
        **swaps("lend", LENT),
        **swaps("soft", {"no-sigmoid": ("the logits are taken for p: the sigmoid is missing", same)}),
    },
)

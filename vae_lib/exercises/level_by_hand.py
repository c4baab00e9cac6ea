r"""# The water level of a loss, by hand

Pixels between 0 and 1, $D = 64$ of them, and a linear VAE with $d = 16$ latents. The leading eigenvalues of the covariance are 0.69, 0.64, 0.55, 0.40, 0.28, 0.23, 0.21 and 0.17; the others are below 0.16 and fall slowly, to 0.03 for the twenty-fourth. Four students minimise four losses, each with the KL of $q(z|x)$ and the squared error $\lVert x - f(z) \rVert^2$, a sum over the pixels:

- A: the squared error, plus the KL summed over the latents;
- B: the squared error divided by 64, plus the KL summed over the latents;
- C: the squared error, plus the KL averaged over the 16 latents;
- D: the squared error divided by 64, plus $w$ times the KL summed over the latents.

For A, B and C find the water level. Give the number of latents that live for A and for C. Which $w$ gives D the level 0.3?

## Hint: where to look
[(7.1)](#the-water-level), and [(5.9)](05_training.ipynb#which-likelihood-deeper), which turns a squared error into a Gaussian decoder.

## Hint: the idea
The ELBO has $\lVert x - f(z) \rVert^2 / 2\sigma_x^2$ and the KL once. Divide each loss by the weight of its KL, and read off what stands for $\sigma_x^2$.

## Hint: nearly the numbers
A loss $a\,\lVert x - f(z) \rVert^2 + b\,\mathrm{KL}$, with the KL summed, has the level $b / 2a$. For A that is ½. A mean over 16 latents is $b = \tfrac1{16}$.
"""  # noqa: E501

import numpy as np

from vae_lib.exercises.engine import ByHand, whole
from vae_lib.exercises.water_by_hand import above

ANSWER = "my_levels"
STUB = """\
my_levels = {
    "level_A": ...,
    "used_A": ...,
    "level_B": ...,
    "level_C": ...,
    "used_C": ...,
    "w": ...,
}
"""
SOLUTION = """\
levels_solution = {
    "level_A": 1 / 2,
    "used_A": 3,
    "level_B": 64 / 2,  # no latent lives
    "level_C": 1 / 16 / 2,
    "used_C": 16,  # about two dozen directions would pay, but there are no more latents
    "w": 2 * 0.3 / 64,
}

check_level_by_hand(levels_solution)
"""

DIGITS = np.array([0.69, 0.64, 0.55, 0.40, 0.28, 0.23, 0.21, 0.17])
BOOK = {"eigenvalues": DIGITS, "D": np.array(64.0), "d": np.array(16.0), "level": np.array(0.3)}


def values(rng: np.random.Generator | None) -> dict[str, np.ndarray]:
    """The numbers in the book; with a generator, another level for D."""
    return BOOK if rng is None else BOOK | {"level": np.array(rng.choice([0.15, 0.2, 0.25, 0.45]))}


STEPS = {
    "level_A": lambda: 0.5,
    "used_A": lambda eigenvalues, level_A: above(eigenvalues, level_A),
    "level_B": lambda D: D / 2,
    "level_C": lambda d: 1 / (2 * d),
    "used_C": lambda d: d,
    "w": lambda level, D: 2 * level / D,
}
SLIPS = {
    "level_A": {
        "one": ("the ½ of the Gaussian is missing: the ELBO divides by 2σ_x²", lambda: 1.0),
        "two": ("it is upside down: 2 stands where ½ belongs", lambda: 2.0),
        "std": ("the root is taken: the level is a variance", lambda: 0.5**0.5),
        "pixels": ("the sum over pixels is taken for a mean", lambda D: D / 2),
    },
    "used_A": {
        "std": (
            "λ is compared with the root of the level",
            lambda eigenvalues, level_A: above(eigenvalues, level_A**0.5),
        ),
        "latents": ("all 16 latents are counted", lambda d: d),
        "listed": ("every eigenvalue in the list is counted", lambda eigenvalues: 0 * eigenvalues.sum() + 8),
        "squared": (
            "λ is compared with the square of the level",
            lambda eigenvalues, level_A: above(eigenvalues, level_A**2),
        ),
        "level-of-d": ("λ is compared with 0.3, the level of D", lambda eigenvalues: above(eigenvalues, 0.3)),
    },
    "level_B": {
        "whole": ("the ½ of the Gaussian is missing", lambda D: D),
        "inverse": ("it is upside down: a mean makes the error cheap, and the level high", lambda D: 1 / (2 * D)),
        "two": ("1/64 is taken for the variance, with 2 for ½", lambda D: 2 / D),
        "std": ("the root is taken: the level is a variance", lambda D: (D / 2) ** 0.5),
        "sum": ("the mean over pixels is left out", lambda: 0.5),
    },
    "level_C": {
        "inverse": (
            "the mean over latents is taken to raise the level: it makes the KL cheap, and the level low",
            lambda d: d / 2,
        ),
        "whole": ("the ½ of the Gaussian is missing", lambda d: 1 / d),
        "sum": ("the mean over latents is left out", lambda: 0.5),
        "pixels": ("64 pixels are taken for the 16 latents", lambda D: 1 / (2 * D)),
    },
    "used_C": {
        "listed": (
            "only the eigenvalues in the list are counted: those below 0.16 count too",
            lambda eigenvalues: 0 * eigenvalues.sum() + 8,
        ),
        "pixels": ("all 64 directions are counted: there are only 16 latents for them", lambda D: D),
        "none": ("no latent is counted: the level is low, not high", lambda: 0.0),
        **{
            f"directions-{above_it}": (
                "the directions above the level are counted: there are only 16 latents for them",
                lambda above_it=above_it: float(above_it),
            )
            for above_it in (23, 24, 25)  # the list does not say exactly how many
        },
    },
    "w": {
        "half-missing": ("the ½ of the Gaussian is missing", lambda level, D: level / D),
        "half-twice": ("the ½ stands on the wrong side", lambda level, D: level / (2 * D)),
        "sum": ("the mean over pixels is left out", lambda level: 2 * level),
        "inverse": ("it is upside down: this is 1/w", lambda level, D: D / (2 * level)),
        "pixels-times": ("the mean over pixels multiplies", lambda level, D: 2 * level * D),
        "root": ("σ_x stands in place of σ_x²", lambda level, D: 2 * level**0.5 / D),
        "squared": ("the level is squared: it is a variance already", lambda level, D: 2 * level**2 / D),
        "level": ("w is the level itself: D has a mean over the pixels, and no ½", lambda level: level),
    },
}

check_level_by_hand = ByHand(
    name="level_by_hand",
    data=values,
    steps=STEPS,
    asked={
        "level_A": "level_A, the water level of A",
        "used_A": "used_A, how many latents live with A, a whole number",
        "level_B": "level_B, the water level of B",
        "level_C": "level_C, the water level of C",
        "used_C": "used_C, how many latents live with C, a whole number",
        "w": "w, the weight of the KL with which D has the level 0.3",
    },
    on="D = 64, d = 16, lambda = 0.69, 0.64, 0.55, 0.40, 0.28, 0.23, 0.21, 0.17, …",
    effort="deeper · ●●○ · 6 minutes",
    slips={name: {key: whole(*slip) for key, slip in slips.items()} for name, slips in SLIPS.items()},
)

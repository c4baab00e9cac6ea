r"""# One coordinate step, by hand

A chain of three years has a state that is 1, *dry*, or 2, *wet*. From one year to the next

$$
A = \begin{pmatrix} 0.9 & 0.1 \\ 0.3 & 0.7 \end{pmatrix} ,
$$

with rows *from* and columns *to*. In year 2 somebody saw a flood, and $p(x_2 | z_2) = (0.2, 0.6)$. Mean field has $q_1 = (0.6, 0.4)$ in year 1 and $q_3 = (0.25, 0.75)$ in year 3 at present. Find the two scores that year 1 sends to the states of year 2, then those that year 3 sends, and then the new $q_2$.

## Hint: where to look
[(9.8)](#coordinate-steps) is the step, with one sum for each neighbour.

## Hint: the idea
Each neighbour sends a *mean of logarithms*, under its own $q$. Year 1 is the year *from*, and its $q$ weights the rows of $\log A$. Year 3 is the year *to*, and its $q$ weights the columns.

## Hint: nearly the numbers
For state 1, year 1 sends $0.6 \log 0.9 + 0.4 \log 0.3$, and year 3 sends $0.25 \log 0.9 + 0.75 \log 0.1$. Add $\log p(x_2 | z_2)$ to both, and take the softmax of the two sums.
"""  # noqa: E501

import numpy as np

from vae_lib.exercises.engine import ByHand, whole

ANSWER = "my_step"
STUB = """\
my_step = {
    "from_year_1": ...,
    "from_year_3": ...,
    "q": ...,
}
"""
SOLUTION = """\
def step_solution():
    A, seen = torch.tensor([[0.9, 0.1], [0.3, 0.7]]), torch.tensor([0.2, 0.6])
    q_1, q_3 = torch.tensor([0.6, 0.4]), torch.tensor([0.25, 0.75])
    from_year_1, from_year_3 = q_1 @ A.log(), A.log() @ q_3
    return {
        "from_year_1": from_year_1,
        "from_year_3": from_year_3,
        "q": torch.softmax(seen.log() + from_year_1 + from_year_3, 0),
    }


check_cavi_by_hand(step_solution)
"""

BOOK = {
    "A": np.array([[0.9, 0.1], [0.3, 0.7]]),
    "seen": np.array([0.2, 0.6]),
    "q_1": np.array([0.6, 0.4]),
    "q_3": np.array([0.25, 0.75]),
}


def values(rng: np.random.Generator | None) -> dict[str, np.ndarray]:
    """The numbers in the book; with a generator, other q of the neighbours."""
    if rng is None:
        return BOOK
    first, last = rng.choice([0.35, 0.45, 0.65, 0.7]), rng.choice([0.15, 0.3, 0.55, 0.8])
    return BOOK | {"q_1": np.array([first, 1 - first]), "q_3": np.array([last, 1 - last])}


def shares(scores):
    weights = np.exp(scores)
    return weights / weights.sum()


STEPS = {
    "from_year_1": lambda A, q_1: q_1 @ np.log(A),
    "from_year_3": lambda A, q_3: np.log(A) @ q_3,
    "q": lambda seen, from_year_1, from_year_3: shares(np.log(seen) + from_year_1 + from_year_3),
}
SLIPS = {
    "from_year_1": {
        "transposed": (
            "A is transposed: year 1 is the year from, and it weights the rows",
            lambda A, q_1: np.log(A) @ q_1,
        ),
        "log-of-mean": (
            "the logarithm of the mean is taken: mean field sends the mean of the logarithms",
            lambda A, q_1: np.log(q_1 @ A),
        ),
        "mean": ("A itself is averaged: the logarithms are missing", lambda A, q_1: q_1 @ A),
        "likelier": ("year 1 is taken to be in its likelier state for sure", lambda A, q_1: np.log(A)[q_1.argmax()]),
        "not-weighted": ("the logarithms are added up without q", lambda A: np.log(A).sum(0)),
        "year-3": ("the q of year 3 weights the rows", lambda A, q_3: q_3 @ np.log(A)),
        "with-entropy": (
            "− log q is added: the entropy of year 1 does not touch year 2",
            lambda A, q_1: q_1 @ (np.log(A) - np.log(q_1)[:, None]),
        ),
    },
    "from_year_3": {
        "transposed": (
            "A is transposed: year 3 is the year to, and it weights the columns",
            lambda A, q_3: q_3 @ np.log(A),
        ),
        "log-of-mean": (
            "the logarithm of the mean is taken: that is the message of the backward algorithm",
            lambda A, q_3: np.log(A @ q_3),
        ),
        "mean": ("A itself is averaged: the logarithms are missing", lambda A, q_3: A @ q_3),
        "likelier": ("year 3 is taken to be in its likelier state for sure", lambda A, q_3: np.log(A)[:, q_3.argmax()]),
        "not-weighted": ("the logarithms are added up without q", lambda A: np.log(A).sum(1)),
        "year-1": ("the q of year 1 weights the columns", lambda A, q_1: np.log(A) @ q_1),
    },
    "q": {
        "seen-missing": (
            "what was seen in year 2 is left out",
            lambda from_year_1, from_year_3: shares(from_year_1 + from_year_3),
        ),
        "year-3-missing": (
            "year 3 is left out: only what is seen, and the year before",
            lambda seen, from_year_1: shares(np.log(seen) + from_year_1),
        ),
        "year-1-missing": (
            "year 1 is left out: only what is seen, and the year after",
            lambda seen, from_year_3: shares(np.log(seen) + from_year_3),
        ),
        "seen-alone": ("both neighbours are left out", lambda seen: seen / seen.sum()),
        "not-normalised": (
            "the two are not divided by their sum",
            lambda seen, from_year_1, from_year_3: seen * np.exp(from_year_1 + from_year_3),
        ),
        "scores": (
            "these are the scores: the softmax is missing",
            lambda seen, from_year_1, from_year_3: np.log(seen) + from_year_1 + from_year_3,
        ),
        "seen-not-logged": (
            "p(x|z) is added to the scores, and not its logarithm",
            lambda seen, from_year_1, from_year_3: shares(seen + from_year_1 + from_year_3),
        ),
        "averaged": (
            "the two neighbours are averaged, and not added",
            lambda seen, from_year_1, from_year_3: shares(np.log(seen) + (from_year_1 + from_year_3) / 2),
        ),
        "scores-divided": (
            "the scores are divided by their sum, and not their exponentials",
            lambda seen, from_year_1, from_year_3: (
                (np.log(seen) + from_year_1 + from_year_3) / (np.log(seen) + from_year_1 + from_year_3).sum()
            ),
        ),
        "swapped": (
            "the two states have changed places",
            lambda seen, from_year_1, from_year_3: shares(np.log(seen) + from_year_1 + from_year_3)[::-1],
        ),
        "sums-and-products": (
            "the neighbours send probabilities, as in belief propagation: that is no step of mean field",
            lambda A, seen, q_1, q_3: seen * (q_1 @ A) * (A @ q_3) / (seen * (q_1 @ A) * (A @ q_3)).sum(),
        ),
    },
}

check_cavi_by_hand = ByHand(
    name="cavi_by_hand",
    data=values,
    steps=STEPS,
    asked={
        "from_year_1": "what year 1 sends to the two states of year 2",
        "from_year_3": "what year 3 sends to the two states of year 2",
        "q": "the new q of year 2, two numbers that sum to 1",
    },
    on="A = [[0.9, 0.1], [0.3, 0.7]], p(x|z) = (0.2, 0.6), q of year 1 = (0.6, 0.4), q of year 3 = (0.25, 0.75)",
    effort="deeper · ●●○ · 6 minutes",
    slips={name: {key: whole(*slip) for key, slip in slips.items()} for name, slips in SLIPS.items()},
)

r"""# Perplexity, by hand

A model of names is tried on three names. The table has $-\mathrm{ELBO}$ of each and its exact gap, in nats:

| name | $-\mathrm{ELBO}$ | gap |
| --- | --- | --- |
| jo | 9.0 | 0.2 |
| mary | 11.0 | 0.6 |
| elizabeth | 19.0 | 1.0 |

Here the end of a name counts as a letter, so that jo has three. Find the mean of $-\mathrm{ELBO}$ in nats a name; the nats a letter and the bits a letter of all three names together; and the perplexity that follows. Of what is it a bound? Find that number too: the perplexity by the exact $\log p(x)$. Give four digits.

## Hint: where to look
[(10.2)](#the-likelihood-of-a-string): perplexity is $\exp$ of nats a letter, and nats a letter are a ratio of two sums.

## Hint: the idea
A mean of three ratios would count each letter of jo more than three times as much as one of elizabeth. And $-\log p(x)$ is $-\mathrm{ELBO}$ less the gap, so the perplexity by the bound is too large.

## Hint: nearly the numbers
There are $3 + 5 + 10$ letters, and $9 + 11 + 19$ nats. The gaps sum to 1.8 nats: take them away *before* you divide by the letters.
"""  # noqa: E501

import numpy as np

from vae_lib.exercises.engine import ByHand, whole

ANSWER = "my_perplexity"
STUB = """\
my_perplexity = {
    "nats_a_name": ...,
    "nats_a_letter": ...,
    "bits_a_letter": ...,
    "perplexity_bound": ...,
    "perplexity": ...,
}
"""
SOLUTION = """\
def perplexity_solution():
    nats, gaps = torch.tensor([9.0, 11.0, 19.0]), torch.tensor([0.2, 0.6, 1.0])
    letters = torch.tensor([len(name) + 1 for name in ("jo", "mary", "elizabeth")])
    nats_a_letter = nats.sum() / letters.sum()
    return {
        "nats_a_name": nats.mean(),
        "nats_a_letter": nats_a_letter,
        "bits_a_letter": nats_a_letter / math.log(2),
        "perplexity_bound": nats_a_letter.exp(),
        "perplexity": ((nats - gaps).sum() / letters.sum()).exp(),
    }


# As many equally likely letters would be as hard to guess. Who guesses blindly among 26 letters and the end has 27.
check_perplexity_by_hand(perplexity_solution)
"""

BOOK = {"nats": np.array([9.0, 11.0, 19.0]), "gaps": np.array([0.2, 0.6, 1.0]), "letters": np.array([3.0, 5.0, 10.0])}


def values(rng: np.random.Generator | None) -> dict[str, np.ndarray]:
    """The three names in the book; with a generator, other nats and gaps."""
    if rng is None:
        return BOOK
    nats = BOOK["nats"] + rng.choice([-1.0, -0.5, 0.5, 1.0], 3)
    return BOOK | {"nats": nats, "gaps": BOOK["gaps"] + rng.choice([-0.1, 0.1, 0.3], 3)}


STEPS = {
    "nats_a_name": lambda nats: nats.mean(),
    "nats_a_letter": lambda nats, letters: nats.sum() / letters.sum(),
    "bits_a_letter": lambda nats_a_letter: nats_a_letter / np.log(2),
    "perplexity_bound": lambda nats_a_letter: np.exp(nats_a_letter),
    "perplexity": lambda nats_a_letter, nats, gaps: np.exp(nats_a_letter * (nats - gaps).sum() / nats.sum()),
}
SLIPS = {
    "nats_a_name": {
        "sum": ("the three are added up: a mean divides by the number of names", lambda nats: nats.sum()),
        "weighted": (
            "a long name counts more: each name counts once in nats a name",
            lambda nats, letters: (nats * letters).sum() / letters.sum(),
        ),
        "gap": ("the gaps are taken away: here −ELBO is asked for", lambda nats, gaps: (nats - gaps).mean()),
        "letter": ("these are nats a letter", lambda nats, letters: nats.sum() / letters.sum()),
        "bits": ("these are bits a name", lambda nats: nats.mean() / np.log(2)),
        "sign": ("the sign is that of the ELBO", lambda nats: -nats.mean()),
    },
    "nats_a_letter": {
        "end-missing": (
            "the ends are not counted as letters: their nats are in the sum",
            lambda nats, letters: nats.sum() / (letters - 1).sum(),
        ),
        "mean-of-ratios": (
            "each name is divided by its own letters first: this is a mean of ratios, and a letter of a short name "
            "counts for more",
            lambda nats, letters: (nats / letters).mean(),
        ),
        "mean-of-ratios-end-missing": (
            "this is a mean of ratios, and the ends are not counted as letters",
            lambda nats, letters: (nats / (letters - 1)).mean(),
        ),
        "start": (
            "a start is counted as a letter too: nobody had to guess it",
            lambda nats, letters: nats.sum() / (letters + 1).sum(),
        ),
        "one-end": (
            "the end is counted once, and not once a name",
            lambda nats, letters: nats.sum() / ((letters - 1).sum() + 1),
        ),
        "padded": (
            "all names are counted as long as the longest: padding is not scored",
            lambda nats, letters: nats.sum() / (3 * letters.max()),
        ),
        "name": ("this is the mean a name: it is not divided by letters", lambda nats: nats.mean()),
        "upside-down": ("it is upside down: letters a nat", lambda nats, letters: letters.sum() / nats.sum()),
        "name-by-letters": (
            "the mean a name is divided by all letters: it takes the sum of the names",
            lambda nats, letters: nats.mean() / letters.sum(),
        ),
    },
    "bits_a_letter": {
        "times": (
            "log 2 multiplies: a bit is 0.69 nats, so there are more bits than nats",
            lambda nats_a_letter: nats_a_letter * np.log(2),
        ),
        "nats": ("these are still nats", lambda nats_a_letter: nats_a_letter),
        "two": ("it is divided by 2, and not by log 2", lambda nats_a_letter: nats_a_letter / 2),
        "base-ten": ("the logarithm of 2 is to base 10", lambda nats_a_letter: nats_a_letter / np.log(2) * np.log(10)),
        "name": ("these are bits a name", lambda nats_a_name: nats_a_name / np.log(2)),
        "log-of-it": (
            "log₂ is taken of the nats: a unit is changed by a factor",
            lambda nats_a_letter: np.log(nats_a_letter) / np.log(2),
        ),
    },
    "perplexity_bound": {
        "two-to-nats": (
            "2 is raised to the nats: e belongs to nats, and 2 to bits",
            lambda nats_a_letter: np.exp(nats_a_letter * np.log(2)),
        ),
        "e-to-bits": (
            "e is raised to the bits: e belongs to nats, and 2 to bits",
            lambda bits_a_letter: np.exp(bits_a_letter),
        ),
        "name": ("the nats of a whole name are exponentiated", lambda nats_a_name: np.exp(nats_a_name)),
        "mean-of-perplexities": (
            "each name has a perplexity of its own, and these are averaged",
            lambda nats, letters: np.exp(nats / letters).mean(),
        ),
        "mean-of-ratios": (
            "a mean of ratios is exponentiated",
            lambda nats, letters: np.exp((nats / letters).mean()),
        ),
        "sign": (
            "the sign is lost: this is the probability of a letter, and a perplexity is at least 1",
            lambda nats_a_letter: np.exp(-nats_a_letter),
        ),
        "not-exponentiated": ("the exponential is missing", lambda nats_a_letter: nats_a_letter),
        "exact": (
            "the gaps are taken away already",
            lambda nats, gaps, letters: np.exp((nats - gaps).sum() / letters.sum()),
        ),
    },
    "perplexity": {
        "bound": ("the gaps are not used: this is the bound", lambda perplexity_bound: perplexity_bound),
        "added": (
            "the gaps are added: −log p(x) is smaller than −ELBO",
            lambda nats, gaps, letters: np.exp((nats + gaps).sum() / letters.sum()),
        ),
        "end-missing": (
            "the ends are not counted as letters: their nats are in the sum",
            lambda nats, gaps, letters: np.exp((nats - gaps).sum() / (letters - 1).sum()),
        ),
        "gap-a-name": (
            "the mean gap a name is taken away from the nats a letter",
            lambda nats_a_letter, gaps: np.exp(nats_a_letter - gaps.mean()),
        ),
        "all-gaps": (
            "the sum of the gaps is taken away from the nats a letter",
            lambda nats_a_letter, gaps: np.exp(nats_a_letter - gaps.sum()),
        ),
        "from-perplexity": (
            "the sum of the gaps is taken away from the perplexity: they are nats, and belong in the exponent",
            lambda perplexity_bound, gaps: perplexity_bound - gaps.sum(),
        ),
        "mean-from-perplexity": (
            "the mean gap is taken away from the perplexity: it is in nats, and belongs in the exponent",
            lambda perplexity_bound, gaps: perplexity_bound - gaps.mean(),
        ),
        "letter-from-perplexity": (
            "the gap a letter is taken away from the perplexity: it is in nats, and belongs in the exponent",
            lambda perplexity_bound, gaps, letters: perplexity_bound - gaps.sum() / letters.sum(),
        ),
        "mean-of-perplexities": (
            "each name has a perplexity of its own, and these are averaged",
            lambda nats, gaps, letters: np.exp((nats - gaps) / letters).mean(),
        ),
        "mean-of-ratios": (
            "a mean of ratios is exponentiated",
            lambda nats, gaps, letters: np.exp(((nats - gaps) / letters).mean()),
        ),
        "two-to-nats": (
            "2 is raised to the nats: e belongs to nats, and 2 to bits",
            lambda nats, gaps, letters: np.exp(np.log(2) * (nats - gaps).sum() / letters.sum()),
        ),
        "gaps-alone": (
            "only the gaps are exponentiated",
            lambda gaps, letters: np.exp(gaps.sum() / letters.sum()),
        ),
    },
}

check_perplexity_by_hand = ByHand(
    name="perplexity_by_hand",
    data=values,
    steps=STEPS,
    asked={
        "nats_a_name": "nats_a_name, the mean of −ELBO",
        "nats_a_letter": "nats_a_letter, of all three names together",
        "bits_a_letter": "bits_a_letter, the same in bits",
        "perplexity_bound": "perplexity_bound, by −ELBO",
        "perplexity": "perplexity, by the exact log p(x)",
    },
    on="jo, mary, elizabeth: −ELBO 9, 11, 19 and gaps 0.2, 0.6, 1.0, in nats; 3, 5 and 10 letters with the ends",
    effort="core · ●○○ · 5 minutes",
    slips={name: {key: whole(*slip) for key, slip in slips.items()} for name, slips in SLIPS.items()},
)

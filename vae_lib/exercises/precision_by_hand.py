r"""# Two years, by hand

Two years of a river: in the second no flow was seen. The exact posterior of their levels is Gaussian, with the precision matrix

$$
\Lambda = \begin{pmatrix} 5 & -3 \\ -3 & 3 \end{pmatrix} .
$$

Find the two standard deviations of the exact posterior. Then those of the best mean field $q$, which has the same mean and no link between the years, and its gap, in nats. At last somebody takes the *product of the true marginals* for $q$: two Gaussians with the exact standard deviations, not linked. What is its gap?

## Hint: where to look
[(9.3) and the gap above it](#two-q-one-mean) have all but the exact standard deviations. For the last number, too, the gap is $\mathrm{KL}(q \,\Vert\, p)$ of two Gaussians with one mean.

## Hint: the idea
$\Lambda$ is a precision: its inverse is the covariance $\Sigma$, and the exact variances stand on the diagonal of $\Sigma$. Mean field has $1 / \Lambda_{tt}$. For two Gaussians with one mean, and $D$ the covariance of $q$, the gap is $\tfrac12 \bigl(\mathrm{tr}\, \Lambda D - 2 - \log \det \Lambda D\bigr)$.

## Hint: nearly the numbers
$\det \Lambda = 6$, so that $\Sigma = \tfrac16 \begin{pmatrix} 3 & 3 \\ 3 & 5 \end{pmatrix}$. The gap of mean field is $\tfrac12 \log \tfrac{15}{6}$. For the product of the marginals $\mathrm{tr}\, \Lambda D = 5 \cdot \tfrac36 + 3 \cdot \tfrac56$, and $\det \Lambda D = 6 \cdot \tfrac36 \cdot \tfrac56$.
"""  # noqa: E501

import numpy as np

from vae_lib.exercises.engine import ByHand, whole

ANSWER = "my_two_years"
STUB = """\
my_two_years = {
    "sd": ...,
    "sd_mean_field": ...,
    "gap": ...,
    "gap_of_marginals": ...,
}
"""
SOLUTION = """\
def two_years_solution():
    Lambda = torch.tensor([[5.0, -3.0], [-3.0, 3.0]])
    variances = Lambda.inverse().diagonal()
    share = variances * Lambda.diagonal()  # the diagonal of ΛD for D the true variances
    return {
        "sd": variances.sqrt(),
        "sd_mean_field": Lambda.diagonal().rsqrt(),
        "gap": 0.5 * (Lambda.diagonal().log().sum() - Lambda.logdet()),
        "gap_of_marginals": 0.5 * (share.sum() - 2 - variances.log().sum() - Lambda.logdet()),
    }


check_precision_by_hand(two_years_solution)
"""

BOOK = {"precision": np.array([[5.0, -3.0], [-3.0, 3.0]])}
OTHERS = ((4.0, -2.0, 3.0), (6.0, -2.0, 2.0), (5.0, -2.0, 4.0), (7.0, -4.0, 3.0))


def values(rng: np.random.Generator | None) -> dict[str, np.ndarray]:
    """The matrix in the book; with a generator, another."""
    if rng is None:
        return BOOK
    first, link, second = OTHERS[rng.integers(len(OTHERS))]
    return {"precision": np.array([[first, link], [link, second]])}


def det(precision):
    return precision[0, 0] * precision[1, 1] - precision[0, 1] ** 2


def own(precision):
    """Λ's diagonal."""
    return np.array([precision[0, 0], precision[1, 1]])


def exact(precision):
    """The two variances of the exact posterior."""
    return own(precision)[::-1] / det(precision)


def best_gap(precision):
    return 0.5 * np.log(own(precision).prod() / det(precision))


def marginals_gap(precision):
    share = own(precision) * exact(precision)
    return 0.5 * (share.sum() - 2) - best_gap(precision)


STEPS = {
    "sd": lambda precision: np.sqrt(exact(precision)),
    "sd_mean_field": lambda precision: 1 / np.sqrt(own(precision)),
    "gap": best_gap,
    "gap_of_marginals": marginals_gap,
}
SLIPS = {
    "sd": {
        "mean-field": (
            "each diagonal entry of Λ is inverted by itself: that is mean field's",
            lambda precision: 1 / np.sqrt(own(precision)),
        ),
        "precision": ("the precision is taken for a covariance", lambda precision: np.sqrt(own(precision))),
        "variances": ("the root is missing: these are variances", exact),
        "swapped": (
            "the two years have changed places: the inverse of a 2 × 2 matrix swaps the diagonal",
            lambda precision: np.sqrt(exact(precision)[::-1]),
        ),
        "not-divided": (
            "the determinant is left out of the inverse",
            lambda precision: np.sqrt(own(precision)[::-1]),
        ),
    },
    "sd_mean_field": {
        "exact": (
            "these are the exact ones: mean field's are smaller, and the product of the true marginals is not the best",
            lambda precision: np.sqrt(exact(precision)),
        ),
        "variances": ("the root is missing: these are variances", lambda precision: 1 / own(precision)),
        "precision": ("the precision is taken for a variance", lambda precision: np.sqrt(own(precision))),
        "swapped": ("the two years have changed places", lambda precision: 1 / np.sqrt(own(precision)[::-1])),
    },
    "gap": {
        "half-missing": ("the ½ is missing", lambda precision: 2 * best_gap(precision)),
        "sign": ("the sign is wrong: a gap is never negative", lambda precision: -best_gap(precision)),
        "of-marginals": (
            "it is the gap of the true marginals, or the KL from the posterior to mean field: for two years these "
            "are one number, and not the smallest",
            marginals_gap,
        ),
        "not-logged": (
            "the logarithms are left out",
            lambda precision: 0.5 * (own(precision).sum() - det(precision)),
        ),
        "bits": ("it is in bits: nats were asked for", lambda precision: best_gap(precision) / np.log(2)),
        "determinant-missing": (
            "the determinant is left out",
            lambda precision: 0.5 * np.log(own(precision).prod()),
        ),
        "upright": (
            "the link is left out of the determinant, and there is no gap",
            lambda: 0.0,
        ),
    },
    "gap_of_marginals": {
        "best": (
            "this is the gap of the best mean field: the true marginals are wider, and do worse",
            best_gap,
        ),
        "right-marginals": ("right marginals are taken for a right q: the link is still missing", lambda: 0.0),
        "half-missing": ("the ½ is missing", lambda precision: 2 * marginals_gap(precision)),
        "two-missing": (
            "the 2, the number of years, is not subtracted",
            lambda precision: marginals_gap(precision) + 1,
        ),
        "trace-alone": (
            "the logarithm of the determinant is left out",
            lambda precision: marginals_gap(precision) + best_gap(precision),
        ),
        "log-added": (
            "the logarithm of the determinant is added",
            lambda precision: marginals_gap(precision) + 2 * best_gap(precision),
        ),
        "sign": ("the sign is wrong: a gap is never negative", lambda precision: -marginals_gap(precision)),
        "log-alone": (
            "the trace is left out, as if it were 2: that holds for the best mean field alone",
            lambda precision: -best_gap(precision),
        ),
    },
}
check_precision_by_hand = ByHand(
    name="precision_by_hand",
    data=values,
    steps=STEPS,
    asked={
        "sd": "the standard deviations of the exact posterior, two numbers",
        "sd_mean_field": "those of the best mean field q, two numbers",
        "gap": "the best mean field's gap, in nats",
        "gap_of_marginals": "the gap of the product of the true marginals, in nats",
    },
    on="Λ = [[5, −3], [−3, 3]]",
    effort="core · ●●○ · 6 minutes",
    slips={name: {key: whole(*slip) for key, slip in slips.items()} for name, slips in SLIPS.items()},
)

r"""# A bound that led astray

Two students fit the two variances of the Nile's local level. A maximises $\log p(x)$. B maximises the mean-field ELBO, and takes the best $q$ for each pair of variances that she tries; it has the exact mean. B's level gets a variance 8.5 times as large as A's. B says: "The ELBO is a lower bound of $\log p(x)$, and I took its maximum, with the best $q$ of all. So I cannot be far from the maximum of $\log p(x)$." On paper, in a sentence or two for each: what does B maximise, in terms of $\log p(x)$? Which variances make the gap small, and why? Why does a larger neural network that says the means and standard deviations not help her? What would?

## Hint: where to look
[(9.4)](#the-gap-moves-what-you-learn), and how the links in $\Lambda$ of [(9.2)](#two-q-one-mean) depend on the two variances.

## Hint: the idea
The gap is 0 where $\Lambda$ is diagonal. What must happen to the two variances for $\Lambda$ to come near to that, apart from a factor?
"""  # noqa: E501

from vae_lib.exercises.engine import OnPaper

check_learned_level = OnPaper(
    name="learned_level",
    answer=r"""
B maximises $\log p(x)$ minus the gap, and the gap is another function of the variances than a constant. So a pair of variances can win because its gap is small, and not because its $\log p(x)$ is high.

The gap depends on the ratio of the two variances alone. If the level moves much and the noise is small, a year's own flow tells nearly all of its level and the neighbours little: the links in $\Lambda$ are small beside its diagonal, and the years nearly fall apart. There mean field is nearly right, and there the ELBO draws B: to a level that moves more, and to less noise.

Her $q$ is the best that has no links. An encoder, however large, says the means and standard deviations of *such* a $q$, so it can at best find hers: the fault is in the family.

A $q$ with links helps, a tridiagonal precision: it holds the exact posterior, so the gap is 0 and the two maxima are one.
""",  # noqa: E501
    rubric=(
        r"It says that B maximises $\log p(x)$ minus the gap, and that the gap depends on the variances.",
        r"It says that the gap is small where the level moves much beside the noise, since the neighbours then tell little.",  # noqa: E501
        r"It says that the family without links is at fault and not the network, so that a $q$ with links is the cure.",
    ),
    effort="core · ●○○ · 4 minutes",
)

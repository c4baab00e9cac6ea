r"""# A wrong arrow that climbs

Late in a training you measure two estimators of the same slope at one picture. A's mean is 0.13 times as long as the true gradient, with a cosine of 0.8 between the two, so that its bias is 0.9 times as long; its variance is 0.3 a decoder call. B has no bias, and a variance of 60 a call. One friend says: "A's bias is nearly as long as the gradient itself, so A cannot train anything." Another says: "A has less variance, so A is better." On paper, in four sentences: why is the ratio of A so large here, what does the cosine add, why may A still train better than B, and which number would decide it?

## Hint: where to look
A biased way comes to rest where its *own* mean is 0. What is the true gradient there?

## Hint: the idea
A step adds many estimates, over the batch and over the steps. What becomes of their noise then, and what of their bias?
"""  # noqa: E501

from vae_lib.exercises.engine import OnPaper

check_cheap_arrow = OnPaper(
    name="cheap_arrow",
    answer=r"""
A has nearly come to rest: there its own mean is small. That mean is the true gradient plus the bias, so the true gradient is about minus the bias, and the ratio is near 1 for *any* biased way at rest, whatever the size of its bias. So a ratio near 1 says "at rest", and not "useless".

The cosine asks for the direction alone. With 0.8 a small enough step along the mean of A still climbs.

Noise averages out over batch and steps, and bias does not. But with a variance of 60 the steps of B must be small, or many, before its mean is seen; in a training of a given length A may come farther.

What decides is the end: the exact $-\mathrm{ELBO}$, or $-\log p(x)$, on test pictures, after as many decoder calls, each with a learning rate that was chosen for it, over several seeds. Neither the bias nor the variance alone says it.
""",  # noqa: E501
    rubric=(
        r"It says that a biased way at rest has a mean near 0, so that the true gradient there is about minus its bias, and the ratio near 1 for any bias.",  # noqa: E501
        r"It says that a positive cosine lets a small step climb, or that noise averages out and bias does not, so that neither number alone decides.",  # noqa: E501
        r"It asks for the exact objective at the end, with as many decoder calls for both.",
    ),
    effort="core · ●○○ · 3 minutes",
)

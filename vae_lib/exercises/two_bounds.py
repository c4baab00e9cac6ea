r"""# Two models, two ELBOs

On the same test images model A reports an ELBO of −98 nats an image, and model B −100. Both averaged many draws of $z$, and made no mistake. Does model A give these images the higher probability? Answer in two or three sentences.

## Hint: what to write down
Line (d) of [(4.2)](#bayes-rule-at-every-z) for A, the same line for B, and the difference of the two. Which of its numbers are on the screen?
"""  # noqa: E501

from vae_lib.exercises.engine import OnPaper

check_two_bounds = OnPaper(
    name="two_bounds",
    answer=r"""
We cannot tell. For each model $\log p(x) = \mathrm{ELBO} + \mathrm{gap}$, so $\log p(x)$ of A minus that of B is 2 nats plus the difference of two gaps, which nobody has computed. If B's gap is larger than A's by more than 2 nats, for instance because its encoder is the weaker one, B gives the images the higher probability. What decides is an estimate of $\log p(x)$ itself for both ([chapter 6](06_is_my_number_right.ipynb)).
""",  # noqa: E501
    rubric=(
        "The answer is “one cannot tell”: both numbers are lower bounds.",
        "The gaps of the two models may differ, by more than 2 nats.",
        "A gap depends on the encoder: a weak one lowers the ELBO while $\\log p(x)$ stays.",
    ),
    effort="core · ●○○ · 2 minutes",
)

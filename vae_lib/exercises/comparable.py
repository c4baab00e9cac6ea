r"""# Whose model is better?

Ada and Ben train on the same images of MNIST, made black and white at level 128. Ada reports $-\mathrm{ELBO} = 82.9$ on the test images. Ben reports $-L_{500} = 80.6$ on the test images, "at the best of 200 epochs". Each of them trained once. Ben concludes that his model is better. In two or three sentences, on paper: what is wrong with that, and what should they run?

## Hint: where to look
Go down the first column of the table in [Comparing nats honestly](#comparing-nats-honestly), line by line.

## Hint: the idea
Could one and the same model give both numbers? How was Ben's epoch chosen, and how much does a number move with the seed?
"""  # noqa: E501

from vae_lib.exercises.engine import OnPaper

check_comparable = OnPaper(
    name="comparable",
    answer=r"""
The numbers answer different questions. $-L_{500}$ lies below $-\mathrm{ELBO}$ for the same model, so one model could give both numbers. Ben also chose his epoch by the test images, which makes his number too good. And each trained once: the difference could be luck of the seed. Both should report the same quantity, $-\mathrm{ELBO}$ or $-L_{500}$, at an epoch that was fixed before or chosen on held-out training images, from several seeds, with their spread.
""",  # noqa: E501
    rubric=(
        r"It says that $-L_{500}$ is below $-\mathrm{ELBO}$ for one and the same model, so they cannot be compared.",
        "It says that Ben's epoch was chosen on the test images.",
        "It asks for several seeds, and for their spread.",
    ),
    effort="core · ●○○ · 4 minutes",
)

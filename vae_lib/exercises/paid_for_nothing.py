r"""# Two nats of what?

A friend trains a VAE on the 1,437 training digits and writes: "The KL is 1.95 nats on average. So $z$ tells my decoder 1.95 nats about the picture. It should soon know its classes: ten of them are $\log 10 = 2.30$ nats." You look at the encoder: for nearly every picture it says $\mu = (1.9, 0)$ and $\sigma = (0.65, 1)$. In three sentences, on paper: what does $z$ tell, what are the 1.95 nats paid for, and which number would you ask for?

## Hint: where to look
[(7.7)](#surgery-what-does-z-tell): the KL is a sum of two.

## Hint: the idea
If $q$ is the same for every picture, can a draw of $z$ tell one picture from another?
"""  # noqa: E501

from vae_lib.exercises.engine import OnPaper

check_paid_for_nothing = OnPaper(
    name="paid_for_nothing",
    answer=r"""
Hardly anything: where $q(z|x)$ is nearly the same for every picture, a draw of $z$ cannot tell pictures apart, and $I(x; z)$ is nearly 0.

The nats are paid for the place. The average $q(z)$ stands beside the prior, and $\mathrm{KL}(q(z) \,\Vert\, p(z))$ is nearly all of the KL. The shift of the mean alone costs $\tfrac12 \cdot 1.9^2 = 1.81$ nats.

Ask for $I(x; z)$, or for the two parts of (7.7). The KL is an upper limit of what $z$ tells, and equal to it only if $q(z)$ is the prior.
""",  # noqa: E501
    rubric=(
        r"It says that one $q$ for every picture tells nothing: $I(x; z)$ is nearly 0.",
        r"It says that the nats are paid for the distance of the average $q(z)$ from the prior.",
        r"It asks for $I(x; z)$, or says that the KL is only an upper limit of it.",
    ),
    effort="core · ●○○ · 3 minutes",
)

r"""# A record in epoch 30

A run on names warms $\beta$ up from 0 to 1 over 100 epochs. The objective of an epoch is the mean of $\log p(x|z)$ less $\beta$ times the KL, and its best epoch is kept: number 30, where $\beta$ is 0.3, $-\log p(x|z)$ is 12.0 nats a name on average, and the KL is 4.0. The report says: "ELBO −13.2, and the ELBO is a bound: so $-\log p(x)$ is at most 13.2 nats a name." On paper: what is the ELBO of that epoch? Why is 13.2 no bound? Why is even the choice of the epoch wrong, and what should choose it?

## Hint: where to look
[(4.2) and what a bound is](04_elbo.ipynb#bayes-rule-at-every-z), and $\beta$ in [chapter 7](07_collapse.ipynb).

## Hint: the idea
The proof that the ELBO lies below $\log p(x)$ needs the KL once. Which sign has what the report leaves out? And how does the objective of one unchanged model move while $\beta$ grows?
"""  # noqa: E501

from vae_lib.exercises.engine import OnPaper

check_annealed = OnPaper(
    name="annealed",
    answer=r"""
The ELBO has the KL once: $-12.0 - 4.0 = -16.0$ nats a name. The report's number is better by $0.7 \cdot 4.0 = 2.8$ nats that were not paid.

With $\beta < 1$ the objective is the ELBO plus $(1 - \beta)\,\mathrm{KL}$, and what is added is never negative. So it may lie above $\log p(x)$, and nobody knows by how much. From the ELBO follows that $-\log p(x)$ is at most 16.0.

The objective is another one in every epoch: for one and the same model it falls as $\beta$ grows, so an early epoch wins without being better. One number must judge all epochs: the ELBO with $\beta = 1$ on held-out names, or $\log p(x)$ itself where it can be had.
""",  # noqa: E501
    rubric=(
        r"It finds the ELBO: −16.0 nats a name, with the whole KL.",
        r"It says that 0.7 KL is missing, so the number may lie above $\log p(x)$: with $\beta < 1$ it is no bound.",
        r"It says that epochs of different $\beta$ cannot be compared, and judges all by the ELBO or $\log p(x)$.",
    ),
    effort="deeper · ●○○ · 4 minutes",
)

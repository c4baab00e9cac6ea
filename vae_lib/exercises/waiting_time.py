r"""# A path for the exponential

A waiting time $z$ has the exponential distribution with rate $\lambda > 0$: the probability of a time up to $z$ is $F(z) = 1 - e^{-\lambda z}$.

- (a) Write $z$ as a function of $\lambda$ and of a number $u$ that is drawn uniformly between 0 and 1.
- (b) Find $\partial z/\partial\lambda$, and write it with $z$ and $\lambda$ alone.
- (c) Find it once more by the implicit way, without (a).

## Hint: where to look
[Which distributions can be reparameterized?](#which-distributions-can-be-reparameterized), the second and the third way.

## Hint: the idea
For (a), solve $F(z) = u$ for $z$. For (c), the density $q(z)$ is the derivative of $F$ by $z$; you need that of $F$ by $\lambda$ too.
"""  # noqa: E501

from vae_lib.exercises.engine import OnPaper

check_waiting_time = OnPaper(
    name="waiting_time",
    answer=r"""(a) From $1 - e^{-\lambda z} = u$ follows $z = -\log(1 - u)/\lambda$. As $1 - u$ is uniform too, $-\log(u)/\lambda$ is as good.

(b) With $u$ held fixed, $\partial z/\partial\lambda = \log(1 - u)/\lambda^2 = -z/\lambda$. With a higher rate each waiting time is shorter, by the same share.

(c) $\partial F/\partial\lambda = z\, e^{-\lambda z}$ and $q(z) = \lambda\, e^{-\lambda z}$. Minus their ratio is $-z/\lambda$ again.""",  # noqa: E501
    rubric=(
        r"The noise is uniform and holds no $\lambda$; $z$ is minus a logarithm of it, divided by $\lambda$.",
        r"The derivative is $-z/\lambda$, found with the noise held fixed.",
        r"Minus the derivative of $F$ by $\lambda$, divided by the density, gives $-z/\lambda$ too.",
    ),
    effort="deeper · ●●○ · 6 minutes",
)

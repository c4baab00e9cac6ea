r"""# The KL in closed form

Write the KL of a diagonal Gaussian to the prior in closed form, line (v) of (4.8): `my_kl(mu, log_var)`. Both arguments are `[batch, latent]`, and `log_var` is $\log \sigma^2$. The result is `[batch]`, one number per example, in nats. Write it out: the point is where the ½, the −1 and the sum belong.

## Hint: where to look
Line (v) of [(4.8)](#the-kl-line-by-line) has the KL of one latent, and [(4.11)](#sums-and-means) says which axis is summed. The common mistake below it is about `log_var`.

## Hint: the idea
Compute a table of the shape `[batch, latent]` first: the four terms $\mu^2$, $\sigma^2$, $-1$ and $-\log\sigma^2$ added up, with the ½ before all of them. The latents are independent, so their KLs add: sum over the last axis only.

## Hint: nearly the code
$\sigma^2$ is `log_var.exp()` and $\log\sigma^2$ is `log_var` itself. A −1 inside the brackets, before the sum, counts once per latent. The sum over latents is `.sum(-1)`.
"""  # noqa: E501

import numpy as np

from vae_lib.exercises import families
from vae_lib.exercises.engine import Call, Exercise, swap, whole


def solution(mu, log_var):
    """KL(q(z|x) ‖ N(0, I)): [batch], in nats."""
    return 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(-1)


def parts(mu, log_var, *, over=families.last_axis, **terms):
    return over(families.kl_table(mu, log_var, **terms))


def without_brackets(mu, log_var):
    return (-0.5 * 1 + log_var - mu**2 - log_var.exp()).sum(-1)


def of_table(table):
    return lambda mu, log_var: table(mu, log_var).sum(-1)


def inputs(rng):
    """[2, 3] by hand, [5, 7] from the generator, and numbers beyond those at which people clamp."""
    by_hand = {"mu": [[0.5, -1.2, 3.4], [0.8, 0.3, -0.7]], "log_var": [[-6.4, 0.9, 1.8], [3.3, 0.6, -2.7]]}
    scale = np.array([0.1, 1, 1, 1, 1])[:, None]  # one KL is small
    mu, log_var = scale * rng.normal(0, 1.2, (5, 7)).round(1), scale * rng.uniform(-3, 3, (5, 7)).round(1)
    small = [[-31.0, 0.3, 0.2, -0.5], [-0.6, -21.0, 0.4, 0.1], [-11.0, 0.8, -0.3, 0.7]]
    low = {"mu": np.array([[0.4, -0.9, 0.2, -0.6]] * 3), "log_var": np.array(small)}
    high = {"mu": np.array([[0.4, -0.9, 0.2, -0.6]]), "log_var": np.array([[0.3, 21.0, -0.2, 0.5]])}
    first = {name: np.array(rows) for name, rows in by_hand.items()}
    return [Call(first), Call({"mu": mu, "log_var": log_var}), Call(low, note=LOW), Call(high, note=HIGH)]


LOW, HIGH = "very small variances", "a very large variance"

check_kl = Exercise(
    name="kl",
    solution=solution,
    parts=parts,
    inputs=inputs,
    asked={
        "again": "the same numbers from a second call: the difference",
        "value": "KL(q(z|x) ‖ N(0, I)), one number per example, in nats",
        "gradient of mu": "the gradient of the KL's sum with respect to mu",
        "gradient of log_var": "the gradient of the KL's sum with respect to log_var",
    },
    right="The closed-form KL: one number per example, in nats.",
    gradients=("mu", "log_var"),
    axes=("batch", "latent"),
    effort="deeper · ●○○ · 10 minutes",
    mistakes={
        **{key: swap(sentence, **slots) for key, (sentence, slots) in families.slips_of_kl().items()},
        "brackets": whole("brackets are missing: −½ multiplies the 1 only", without_brackets),
        **{key: whole(sentence, of_table(table)) for key, (sentence, table) in families.slips_of_tables().items()},
        **families.swaps("read", families.slips_of_log_var()),
        **families.reduction("over", "latents", what="KL"),
        **families.alone(families.free_bits("over")),
        **families.of_whole("the sign of the KL is wrong: a KL is never negative"),
    },
)

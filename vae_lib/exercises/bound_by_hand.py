r"""# The bound with two values of z, by hand

A latent that is 0 or 1 turns every integral into a sum of two terms. Let $p(z) = (\tfrac13, \tfrac23)$, and for our $x$ let $p(x|z) = (\tfrac12, \tfrac14)$. An encoder says $q(z|x) = (\tfrac34, \tfrac14)$. The first number belongs to $z = 0$, the second to $z = 1$. Compute $\log p(x)$, the reconstruction, the KL of the loss, and the gap, in nats. Write each as a number or as text, such as `"2*log(5)"`.

## Hint: where to look
[(4.1)](#sampling-the-prior-is-not-enough) for $\log p(x)$, [(4.5)](#two-terms-one-loss) for the reconstruction and the KL, line (d) of [(4.2)](#bayes-rule-at-every-z) for the gap.

## Hint: the idea
An average over $q$ is $\tfrac34$ times what stands at $z = 0$ plus $\tfrac14$ times what stands at $z = 1$. All four numbers are made of $\ln 2$ and $\ln 3$.

## Hint: nearly the numbers
$p(x) = \tfrac13 \cdot \tfrac12 + \tfrac23 \cdot \tfrac14$. The KL averages $\log \tfrac94$ and $\log \tfrac38$. The gap is $\log p(x)$ minus the ELBO; by another way it is the KL of $q$ to the posterior, and here $p(z|x) = (\tfrac12, \tfrac12)$.
"""  # noqa: E501

import numpy as np

from vae_lib.exercises.engine import ByHand, swap, whole
from vae_lib.exercises.families import same
from vae_lib.exercises.families.layers import alone_and_two, swaps

ANSWER = "my_bound"
STUB = """\
my_bound = {
    "log_px": ...,
    "reconstruction": ...,
    "kl": ...,
    "gap": ...,
}
"""
SOLUTION = """\
bound_solution = {
    "log_px": "-log(3)",
    "reconstruction": "-5*log(2)/4",
    "kl": "7*log(3)/4 - 9*log(2)/4",
    "gap": "3*log(3)/4 - log(2)",
}

check_bound_by_hand(bound_solution)
"""

LN2 = np.log(2)
AS_ASKED = {"prior": np.array([1, 2]) / 3, "px_z": np.array([2, 1]) / 4, "q": np.array([3, 1]) / 4}
STEPS = {
    "log_px": lambda prior, px_z: np.log((prior * px_z).sum()),
    "reconstruction": lambda q, px_z: (q * np.log(px_z)).sum(),
    "kl": lambda q, prior: (q * np.log(q / prior)).sum(),
    "gap": lambda log_px, reconstruction, kl: log_px - (reconstruction - kl),
}


def numbers(rng: np.random.Generator | None) -> dict[str, np.ndarray]:
    """p(z), p(x|z) and q(z|x) at both values of z; with a generator, others."""
    if rng is None:
        return AS_ASKED
    (prior, q), px_z = rng.choice([1, 2, 3, 5, 6, 7], 2, replace=False) / 8, rng.choice([1, 2, 4], 2, replace=False) / 8
    return {"prior": np.array([prior, 1 - prior]), "px_z": px_z, "q": np.array([q, 1 - q])}


UNITS = {
    "sign": ("the sign is wrong", lambda nats: -nats),
    "bits": ("the result is in bits: nats were asked for", lambda nats: nats / LN2),
    "base-ten": ("the log is to base 10: here it is to base e, the calculator's ln", lambda nats: nats / np.log(10)),
}


def log_evidence(prior, px_z, *, over=np.sum, take=np.log, unit=same):
    return unit(take(over(prior * px_z)))


def average_log(q, px_z, *, over=np.sum, take=np.log, unit=same):
    return unit(over(q * take(px_z)))


def divergence(q, prior, *, weight=lambda q, prior: q, over=np.sum, unit=same):
    return unit(over(weight(q, prior) * np.log(q / prior)))


def backwards(joint, q):
    """KL(p(z|x) ‖ q)."""
    posterior = joint / joint.sum()
    return (posterior * np.log(posterior / q)).sum()


SLIPS = {
    "log_px": alone_and_two(
        log_evidence,
        {
            "no-log": swap("the logarithm is missing: this is p(x)", take=same),
            "of-q": swap("the average is over q: p(x) is an average over the prior", prior="q"),
            **swaps("unit", UNITS),
        },
        {
            "no-prior": swap("p(x|z) is added up without the prior's weights", prior=lambda prior: 1 + 0 * prior),
            "even": swap(
                "both values of z count the same: the prior says otherwise", prior=lambda prior: prior * 0 + 0.5
            ),
        },
        often=("sign", "no-log"),
    ),
    "reconstruction": alone_and_two(
        average_log,
        {
            "of-prior": swap("the average is over the prior: the ELBO averages over q", q="prior"),
            "no-log": swap("the logarithm is missing: this is the mean of p(x|z)", take=same),
            **swaps("unit", UNITS),
        },
        {
            "even": swap("both values of z count the same: q says otherwise", q=lambda q: q * 0 + 0.5),
            "no-weights": swap("the two logarithms are added without q's weights", q=lambda q: 1 + 0 * q),
            "joint": swap("p(x, z) is scored instead of p(x|z)", px_z=lambda px_z, prior: px_z * prior),
        },
        often=("sign", "of-prior"),
    ),
    "kl": alone_and_two(
        divergence,
        {
            "by-prior": swap("the average is over the prior: the KL averages over q", weight=lambda q, prior: prior),
            **swaps("unit", UNITS),
        },
        {
            "no-weights": swap("the logarithms are added without weights", weight=lambda q, prior: 1 + 0 * q),
            "to-posterior": swap(
                "q is compared with the posterior: that is the gap",
                prior=lambda prior, px_z: prior * px_z / (prior * px_z).sum(),
            ),
        },
        often=("sign",),
    ),
}
SLIPS["log_px"]["log-inside"] = whole(
    "the logarithm is inside the average: log p(x) is the log of an average",
    lambda prior, px_z: (prior * np.log(px_z)).sum(),
)
SLIPS["reconstruction"] |= {
    "likelier-only": whole("only the z that q likes best is scored", lambda q, px_z: np.log(px_z[q.argmax()])),
    "log-outside": whole(
        "the logarithm is taken of the average: the ELBO is an average of logarithms",
        lambda q, px_z: np.log((q * px_z).sum()),
    ),
}
SLIPS["kl"] |= {
    "entropy": whole("the prior is left out: this is −E[log q]", lambda q: -(q * np.log(q)).sum()),
    "minus-entropy": whole("the prior is left out: this is E[log q]", lambda q: (q * np.log(q)).sum()),
    "cross-entropy": whole("log q is left out: this is −E[log p(z)]", lambda q, prior: -(q * np.log(prior)).sum()),
    "reverse": whole("the KL is the other way round, KL(p ‖ q)", lambda q, prior: (prior * np.log(prior / q)).sum()),
    "first-only": whole("the term of z = 1 is left out", lambda q, prior: q[0] * np.log(q[0] / prior[0])),
}
SLIPS["gap"] = {
    "elbo": whole("the ELBO is given, not what it lacks", lambda reconstruction, kl: reconstruction - kl),
    "sign": whole(
        "the sign is wrong: log p(x) is the larger", lambda log_px, reconstruction, kl: reconstruction - kl - log_px
    ),
    "no-kl": whole("the KL is left out of the ELBO", lambda log_px, reconstruction: log_px - reconstruction),
    "kl-added": whole("the KL is added in the ELBO", lambda log_px, reconstruction, kl: log_px - reconstruction - kl),
    "is-kl": whole("the KL to the prior is given: the gap is another KL", lambda kl: kl),
    "reverse": whole(
        "the KL is the other way round, KL(p(z|x) ‖ q)", lambda q, prior, px_z: backwards(prior * px_z, q)
    ),
    "bits": whole(
        "the result is in bits: nats were asked for",
        lambda log_px, reconstruction, kl: (log_px - reconstruction + kl) / LN2,
    ),
}


check_bound_by_hand = ByHand(
    name="bound_by_hand",
    data=numbers,
    steps=STEPS,
    asked={
        "log_px": "log_px = log p(x), one number, in nats",
        "reconstruction": "reconstruction = the average of log p(x|z) over q, one number, in nats",
        "kl": "kl = KL(q(z|x) ‖ p(z)), one number, in nats",
        "gap": "gap = log p(x) − ELBO, one number, in nats",
    },
    on="p(z) = (1/3, 2/3), p(x|z) = (1/2, 1/4), q(z|x) = (3/4, 1/4)",
    effort="core · ●○○ · 3 minutes",
    slips=SLIPS,
)

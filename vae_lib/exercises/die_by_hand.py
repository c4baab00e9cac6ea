r"""# A die, by hand

One latent $z$ with three faces, the uniform prior, and one picture $x$. The decoder says $\log p(x|z) = -2$, $-3.5$ and $-4$ nats for the three faces, and the encoder says $q = (0.5, 0.3, 0.2)$. With so few states nothing has to be drawn. Find $\log p(x)$ and the posterior $p(z|x)$ of the three faces; the KL of $q$ to the prior, the ELBO and the gap, in nats; and the gradient of the ELBO by the encoder's three logits $a$, where $q = \mathrm{softmax}(a)$. Give four digits.

## Hint: where to look
[(8.2) and (8.3)](#one-die-a-mixture) for $\log p(x)$ and the posterior, [(8.4)](#one-die-a-mixture) for the KL, [(8.1)](#the-mean-has-a-slope) for the gradient.

## Hint: the idea
$\log p(x)$ is the logarithm of a sum over the faces. For the gradient take $f(z) = \log p(x|z) + \log p(z) - \log q(z)$, whose mean under $q$ is the ELBO. (Its own slope adds nothing: $\mathrm E_q[\nabla \log q] = 0$.) The score of face $z$ by logit $j$ is $[z = j] - q_j$.

## Hint: nearly the numbers
$\log p(x) = -2 + \log(1 + e^{-1.5} + e^{-2}) - \log 3$. The KL is $\log 3$ less the entropy of $q$. And $\partial\,\mathrm{ELBO} / \partial a_j = q_j\,(f_j - \mathrm{ELBO})$, so the three numbers add up to 0.
"""  # noqa: E501

import numpy as np

from vae_lib.exercises.engine import ByHand, whole

ANSWER = "my_die"
STUB = """\
my_die = {
    "log_p": ...,
    "posterior": ...,
    "kl": ...,
    "elbo": ...,
    "gap": ...,
    "gradient": ...,
}
"""
SOLUTION = """\
def die_solution():
    log_px_z, q = torch.tensor([-2.0, -3.5, -4.0]), torch.tensor([0.5, 0.3, 0.2])
    log_joint = log_px_z - math.log(3)
    log_p = torch.logsumexp(log_joint, 0)
    f = log_joint - q.log()
    elbo_of_q = (q * f).sum()
    return {
        "log_p": log_p,
        "posterior": (log_joint - log_p).exp(),
        "kl": math.log(3) + (q * q.log()).sum(),
        "elbo": elbo_of_q,
        "gap": log_p - elbo_of_q,
        "gradient": q * (f - elbo_of_q),
    }


check_die_by_hand(die_solution)
"""

BOOK = {"fit": np.array([-2.0, -3.5, -4.0]), "q": np.array([0.5, 0.3, 0.2])}


def values(rng: np.random.Generator | None) -> dict[str, np.ndarray]:
    """The numbers in the book; with a generator, other fits, and q in another order."""
    if rng is None:
        return BOOK
    return {"fit": BOOK["fit"] + rng.choice([-0.4, -0.2, 0.2, 0.4], 3), "q": BOOK["q"][rng.permutation(3)]}


def log_sum(terms):
    return np.log(np.exp(terms).sum())


def entropy(q):
    return -(q * np.log(q)).sum()


def signal(fit, q):
    """f, of which the ELBO is the mean under q."""
    return fit - np.log(3) - np.log(q)


def centred(f, q):
    return q * (f - (q * f).sum())


STEPS = {
    "log_p": lambda fit: log_sum(fit) - np.log(3),
    "posterior": lambda fit: np.exp(fit - log_sum(fit)),
    "kl": lambda q: np.log(3) - entropy(q),
    "elbo": lambda fit, q, kl: (q * fit).sum() - kl,
    "gap": lambda log_p, elbo: log_p - elbo,
    "gradient": lambda fit, q: centred(signal(fit, q), q),
}
SLIPS = {
    "log_p": {
        "prior-missing": ("the prior is left out: each face has 1/3, and − log 3 is missing", lambda fit: log_sum(fit)),
        "mean-of-logs": (
            "the logarithms are averaged: it is the logarithm of a mean, not the mean of the logarithms",
            lambda fit: fit.mean(),
        ),
        "sum-of-logs": ("the logarithms are added up, and not the probabilities", lambda fit: fit.sum()),
        "under-q": ("the faces are weighted by q, and not by the prior", lambda fit, q: log_sum(fit + np.log(q))),
        "reconstruction": (
            "this is the mean of log p(x|z) under q: the reconstruction term",
            lambda fit, q: (q * fit).sum(),
        ),
        "added": ("log 3 is added: the prior divides by 3", lambda fit: log_sum(fit) + np.log(3)),
        "best-face": ("only the best face is counted", lambda fit: fit.max() - np.log(3)),
        "sign": ("the sign is wrong: − log p(x)", lambda fit: np.log(3) - log_sum(fit)),
    },
    "posterior": {
        "q": ("q is given: the posterior comes from the model, not from the encoder", lambda q: q),
        "q-as-prior": (
            "q stands in the place of the prior",
            lambda fit, q: np.exp(fit + np.log(q) - log_sum(fit + np.log(q))),
        ),
        "logs": ("these are its logarithms", lambda fit: fit - log_sum(fit)),
        "joint": ("it is not divided by p(x): this is p(x, z)", lambda fit: np.exp(fit) / 3),
        "prior-once": (
            "the prior is counted in p(x) and not in p(x, z): the three add up to 3",
            lambda fit: 3 * np.exp(fit - log_sum(fit)),
        ),
        "shares-of-logs": ("the logarithms are divided by their sum", lambda fit: fit / fit.sum()),
    },
    "kl": {
        "entropy": ("this is the entropy of q: the KL is log 3 less that", lambda q: entropy(q)),
        "minus-entropy": ("log 3 is left out, and a KL is never negative", lambda q: -entropy(q)),
        "reverse": (
            "it is the KL from the prior to q: the mean is one under q",
            lambda q: -np.log(3) - np.log(q).mean(),
        ),
        "plus": ("the entropy is added to log 3, and not subtracted", lambda q: np.log(3) + entropy(q)),
        "bits": ("it is in bits: nats were asked for", lambda q: (np.log(3) - entropy(q)) / np.log(2)),
        "mean": ("it is averaged over the faces", lambda q: (np.log(3) - entropy(q)) / 3),
        "to-posterior": (
            "it is the KL to the posterior: that is the gap",
            lambda q, posterior: (q * np.log(q / posterior)).sum(),
        ),
    },
    "elbo": {
        "added": ("the KL is added", lambda fit, q, kl: (q * fit).sum() + kl),
        "reconstruction": ("the KL is left out", lambda fit, q: (q * fit).sum()),
        "uniform-mean": ("log p(x|z) is averaged over the faces, not under q", lambda fit, kl: fit.mean() - kl),
        "from-log-p": ("the KL to the prior is subtracted from log p(x)", lambda log_p, kl: log_p - kl),
        "prior-twice": (
            "− log 3 is counted twice: it is in the KL already",
            lambda fit, q, kl: (q * fit).sum() - np.log(3) - kl,
        ),
        "sign": ("the sign is wrong: this is − ELBO", lambda fit, q, kl: kl - (q * fit).sum()),
    },
    "gap": {
        "kl": ("this is the KL to the prior: the gap is the one to the posterior", lambda kl: kl),
        "sign": ("log p(x) is subtracted from the ELBO: a gap is never negative", lambda log_p, elbo: elbo - log_p),
        "reverse": (
            "it is the KL from the posterior to q",
            lambda posterior, q: (posterior * np.log(posterior / q)).sum(),
        ),
        "zero": ("q is not the posterior: there is a gap", lambda: 0.0),
    },
    "gradient": {
        "entropy-missing": (
            "− log q(z) is left out of f: without it the KL pulls nowhere",
            lambda fit, q: centred(fit, q),
        ),
        "not-centred": (
            "only the term of face j is counted: at the other faces the score by logit j is −q_j",
            lambda fit, q: q * signal(fit, q),
        ),
        "by-q": ("q_j does not multiply it: this is f less its mean", lambda fit, q: centred(signal(fit, q), q) / q),
        "f": ("this is f itself, without the score", lambda fit, q: signal(fit, q)),
        "uniform-mean": (
            "the mean of f over the faces is subtracted, not the one under q",
            lambda fit, q: q * (signal(fit, q) - signal(fit, q).mean()),
        ),
        "less-one": (
            "1 is subtracted from f, the slope of −q log q by q, and nothing centred",
            lambda fit, q: q * (signal(fit, q) - 1),
        ),
        "sign": ("the sign is wrong: this is the gradient of − ELBO", lambda fit, q: -centred(signal(fit, q), q)),
        "to-posterior": ("this is posterior − q: the way there, not the slope", lambda posterior, q: posterior - q),
    },
}

check_die_by_hand = ByHand(
    name="die_by_hand",
    data=values,
    steps=STEPS,
    asked={
        "log_p": "log p(x), in nats",
        "posterior": "the posterior p(z|x) of the three faces, which sum to 1",
        "kl": "KL(q ‖ uniform), in nats",
        "elbo": "the ELBO, in nats",
        "gap": "the gap, in nats",
        "gradient": "the gradient of the ELBO by the three logits, in their order",
    },
    on="log p(x|z) = −2, −3.5, −4, the uniform prior, q = (0.5, 0.3, 0.2)",
    effort="core · ●●○ · 7 minutes",
    slips={name: {key: whole(*slip) for key, slip in slips.items()} for name, slips in SLIPS.items()},
)

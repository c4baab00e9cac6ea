r"""# Two chains, by hand

A mixture of two Markov chains writes strings of the letters a and b. First $z$ is drawn, with probability ½ each; then each symbol, given the one before it and $z$. The tables have the probabilities of a, of b and of the end:

| after | $z = 1$: a, b, end | $z = 2$: a, b, end |
| --- | --- | --- |
| the start | 0.8, 0.2, 0 | 0.4, 0.6, 0 |
| a | 0.1, 0.7, 0.2 | 0.2, 0.5, 0.3 |
| b | 0.3, 0.1, 0.6 | 0.4, 0.4, 0.2 |

Find the exact posterior $p(z|x)$ of the string *ab*, and that of *ba*, each as a pair, $z = 1$ first. Then $\log p(x)$ of *ab*, and, for an encoder that says $q = (0.6, 0.4)$ there, its ELBO and its gap. At last $I_p$ of the two strings, which is $I(x; z)$ under the *posterior*; each string counts once. Nats, with four digits.

## Hint: where to look
[(10.3)](#a-mixture-of-five-chains) for $p(x|z)$ and the posterior, [(10.4)](#collapse-exactly) for $I_p$. ELBO and gap are those of [chapter 8](08_discrete.ipynb).

## Hint: the idea
A string of two letters has three factors: the third is the end. $I_p$ is the mean, over the two strings, of the KL from a string's posterior to the average of the two posteriors.

## Hint: nearly the numbers
*ab*: $0.8 \cdot 0.7 \cdot 0.6 = 0.336$ and $0.4 \cdot 0.5 \cdot 0.2 = 0.04$, so that $p(x) = 0.188$. *ba*: $0.2 \cdot 0.3 \cdot 0.2$ and $0.6 \cdot 0.4 \cdot 0.3$. The average posterior is $\left(\tfrac{341}{658}, \tfrac{317}{658}\right)$.
"""  # noqa: E501

import numpy as np

from vae_lib.exercises.engine import ByHand, whole

ANSWER = "my_two_chains"
STUB = """\
my_two_chains = {
    "posterior_ab": ...,
    "posterior_ba": ...,
    "log_p": ...,
    "elbo": ...,
    "gap": ...,
    "information": ...,
}
"""
SOLUTION = """\
def two_chains_solution():
    likelihood = torch.tensor([[0.8 * 0.7 * 0.6, 0.4 * 0.5 * 0.2], [0.2 * 0.3 * 0.2, 0.6 * 0.4 * 0.3]])
    log_joint = likelihood.log() - math.log(2)  # a row a string, a column a chain
    log_p, posterior = log_joint.logsumexp(1), log_joint.softmax(1)
    q = torch.tensor([0.6, 0.4])
    elbo_of_q = (q * (log_joint[0] - q.log())).sum()
    return {
        "posterior_ab": posterior[0],
        "posterior_ba": posterior[1],
        "log_p": log_p[0],
        "elbo": elbo_of_q,
        "gap": log_p[0] - elbo_of_q,
        "information": (posterior * (posterior / posterior.mean(0)).log()).sum(1).mean(),
    }


# I_p is at most log 2 = 0.6931: two strings can be told apart by no more, and two chains tell no more.
check_two_chains_by_hand(two_chains_solution)
"""

BOOK = {
    "ab": np.array([[0.8, 0.7, 0.6], [0.4, 0.5, 0.2]]),  # a row a chain, a column a symbol, the end the last
    "ba": np.array([[0.2, 0.3, 0.2], [0.6, 0.4, 0.3]]),
    "q": np.array([0.6, 0.4]),
}


def values(rng: np.random.Generator | None) -> dict[str, np.ndarray]:
    """The chains in the book; with a generator, another letter that comes after a, and another q."""
    if rng is None:
        return BOOK
    ab, more = BOOK["ab"].copy(), rng.choice([-0.2, -0.1, 0.05], 2)
    ab[:, 1] += more
    q = rng.choice([0.55, 0.7, 0.75])
    return {"ab": ab, "ba": BOOK["ba"], "q": np.array([q, 1 - q])}


def shares(weights):
    return weights / weights.sum()


def mix(fit, q):
    """Mean of log p(x, z) − log q under q."""
    return (q * (np.log(fit) - np.log(2) - np.log(q))).sum()


def kl(p, q):
    return (p * np.log(p / q)).sum()


def entropy(p):
    return -(p * np.log(p)).sum()


def information(p, q):
    average = (p + q) / 2
    return (kl(p, average) + kl(q, average)) / 2


def posterior_slips(string: str, other: str) -> dict:
    """Of the posterior of a string, given the table of its probabilities and that of the other."""
    return {
        "end-missing": (
            "the end is left out: two letters have three factors",
            lambda values: shares(values[string][:, :2].prod(1)),
        ),
        "start-missing": (
            "the first letter is left out: it comes after the start",
            lambda values: shares(values[string][:, 1:].prod(1)),
        ),
        "first-alone": ("only the first letter is counted", lambda values: shares(values[string][:, 0])),
        "other": (f"this is the posterior of {other}", lambda values: shares(values[other].prod(1))),
        "joint": (
            "it is not divided by p(x): this is p(x, z)",
            lambda values: values[string].prod(1) / 2,
        ),
        "likelihood": ("this is p(x|z), and not p(z|x)", lambda values: values[string].prod(1)),
        "added": (
            "the probabilities are added along the string: they are multiplied",
            lambda values: shares(values[string].sum(1)),
        ),
        "order": ("the two chains have changed places", lambda values: shares(values[string].prod(1))[::-1]),
        "logs": ("these are shares of logarithms", lambda values: shares(np.log(values[string].prod(1)))),
        "log-posterior": ("these are its logarithms", lambda values: np.log(shares(values[string].prod(1)))),
        "hard": (
            "the likelier chain is taken for sure",
            lambda: np.array([1.0, 0.0] if string == "ab" else [0.0, 1.0]),
        ),
        "q": ("q is given: the posterior comes from the model, not from the encoder", lambda q: q),
    }


STEPS = {
    "posterior_ab": lambda ab: shares(ab.prod(1)),
    "posterior_ba": lambda ba: shares(ba.prod(1)),
    "log_p": lambda ab: np.log(ab.prod(1).mean()),
    "elbo": lambda ab, q: mix(ab.prod(1), q),
    "gap": lambda log_p, elbo: log_p - elbo,
    "information": lambda posterior_ab, posterior_ba: information(posterior_ab, posterior_ba),
}
SLIPS = {
    "posterior_ab": posterior_slips("ab", "ba"),
    "posterior_ba": posterior_slips("ba", "ab"),
    "log_p": {
        "prior-missing": ("the prior is left out: each chain has ½", lambda ab: np.log(ab.prod(1).sum())),
        "mean-of-logs": (
            "the logarithms are averaged: it is the logarithm of a mean, not the mean of the logarithms",
            lambda ab: np.log(ab.prod(1)).mean(),
        ),
        "sum-of-logs": ("the logarithms are added up, and not the probabilities", lambda ab: np.log(ab.prod(1)).sum()),
        "under-q": (
            "the chains are weighted by q, and not by the prior",
            lambda ab, q: np.log((q * ab.prod(1)).sum()),
        ),
        "under-posterior": (
            "the chains are weighted by the posterior, and not by the prior",
            lambda ab, posterior_ab: np.log((posterior_ab * ab.prod(1)).sum()),
        ),
        "end-missing": ("the end is left out", lambda ab: np.log(ab[:, :2].prod(1).mean())),
        "start-missing": ("the first letter is left out", lambda ab: np.log(ab[:, 1:].prod(1).mean())),
        "probability": ("this is p(x): the logarithm is missing", lambda ab: ab.prod(1).mean()),
        "sign": ("the sign is that of −log p(x)", lambda ab: -np.log(ab.prod(1).mean())),
        "bits": ("it is in bits", lambda ab: np.log(ab.prod(1).mean()) / np.log(2)),
        "a-letter": (
            "it is divided by three symbols: nats a string were asked for",
            lambda ab: np.log(ab.prod(1).mean()) / 3,
        ),
        "best-chain": ("only the better chain is counted", lambda ab: np.log(ab.prod(1).max() / 2)),
        "ba": ("this is log p(x) of ba", lambda ba: np.log(ba.prod(1).mean())),
    },
    "elbo": {
        "reconstruction": ("the KL is left out", lambda ab, q: (q * np.log(ab.prod(1))).sum()),
        "added": (
            "the KL is added: it is subtracted",
            lambda ab, q: (q * (np.log(ab.prod(1)) + np.log(2) + np.log(q))).sum(),
        ),
        "from-log-p": ("the KL to the prior is subtracted from log p(x)", lambda log_p, q: log_p - kl(q, 0.5)),
        "entropy-missing": (
            "−log q is left out: this is the mean of log p(x, z)",
            lambda ab, q: (q * np.log(ab.prod(1) / 2)).sum(),
        ),
        "prior-missing": (
            "the prior is left out: each chain has ½",
            lambda ab, q: (q * np.log(ab.prod(1) / q)).sum(),
        ),
        "log-outside": (
            "the logarithm is taken of the mean under q: this is no mean of logarithms",
            lambda ab, q: np.log((q * ab.prod(1)).sum()) - kl(q, 0.5),
        ),
        "end-missing": ("the end is left out", lambda ab, q: mix(ab[:, :2].prod(1), q)),
        "start-missing": ("the first letter is left out", lambda ab, q: mix(ab[:, 1:].prod(1), q)),
        "bits": ("it is in bits", lambda ab, q: mix(ab.prod(1), q) / np.log(2)),
        "ba": ("this is the ELBO of ba", lambda ba, q: mix(ba.prod(1), q)),
        "with-posterior": ("the posterior is used as q: then the ELBO is log p(x)", lambda log_p: log_p),
        "sign": ("the sign is that of −ELBO", lambda ab, q: -mix(ab.prod(1), q)),
    },
    "gap": {
        "kl": ("this is the KL to the prior: the gap is the one to the posterior", lambda q: kl(q, 0.5)),
        "sign": ("log p(x) is subtracted from the ELBO: a gap is never negative", lambda log_p, elbo: elbo - log_p),
        "reverse": ("it is the KL from the posterior to q", lambda posterior_ab, q: kl(posterior_ab, q)),
        "zero": ("q is not the posterior: there is a gap", lambda: 0.0),
    },
    "information": {
        "kl-to-prior": (
            "each posterior is held against the prior: the average of the posteriors belongs there",
            lambda posterior_ab, posterior_ba: (kl(posterior_ab, 0.5) + kl(posterior_ba, 0.5)) / 2,
        ),
        "sum": (
            "the two strings are added up, and not averaged",
            lambda posterior_ab, posterior_ba: 2 * information(posterior_ab, posterior_ba),
        ),
        "entropy-of-average": (
            "this is the entropy of the average posterior: the mean entropy of the two is not subtracted",
            lambda posterior_ab, posterior_ba: entropy((posterior_ab + posterior_ba) / 2),
        ),
        "mean-entropy": (
            "this is the mean entropy of the two: what z leaves open, and not what it tells",
            lambda posterior_ab, posterior_ba: (entropy(posterior_ab) + entropy(posterior_ba)) / 2,
        ),
        "sign": (
            "the sign is wrong: I(x; z) is never negative",
            lambda posterior_ab, posterior_ba: -information(posterior_ab, posterior_ba),
        ),
        "bits": (
            "it is in bits",
            lambda posterior_ab, posterior_ba: information(posterior_ab, posterior_ba) / np.log(2),
        ),
        "ab-alone": (
            "only ab is counted",
            lambda posterior_ab, posterior_ba: kl(posterior_ab, (posterior_ab + posterior_ba) / 2),
        ),
        "ba-alone": (
            "only ba is counted",
            lambda posterior_ab, posterior_ba: kl(posterior_ba, (posterior_ab + posterior_ba) / 2),
        ),
        "each-other": (
            "the two posteriors are held against each other, and not against their average",
            lambda posterior_ab, posterior_ba: (kl(posterior_ab, posterior_ba) + kl(posterior_ba, posterior_ab)) / 2,
        ),
        "reverse": (
            "the average is in front in the KL: it belongs behind",
            lambda posterior_ab, posterior_ba: (
                (
                    kl((posterior_ab + posterior_ba) / 2, posterior_ab)
                    + kl((posterior_ab + posterior_ba) / 2, posterior_ba)
                )
                / 2
            ),
        ),
        "weighted": (
            "the strings are weighted by p(x): here each counts once",
            lambda ab, ba, posterior_ab, posterior_ba: weighted(ab, ba, posterior_ab, posterior_ba),
        ),
        "under-q": (
            "q is taken for ab: this is neither I under q nor under the posterior",
            lambda q, posterior_ba: information(q, posterior_ba),
        ),
    },
}


def weighted(ab, ba, p, q):
    """I(x; z) with the two strings in the shares that the model gives them."""
    share = shares(np.array([ab.prod(1).sum(), ba.prod(1).sum()]))
    average = share[0] * p + share[1] * q
    return share[0] * kl(p, average) + share[1] * kl(q, average)


check_two_chains_by_hand = ByHand(
    name="two_chains_by_hand",
    data=values,
    steps=STEPS,
    asked={
        "posterior_ab": "posterior_ab, p(z|x) of ab, two numbers that sum to 1",
        "posterior_ba": "posterior_ba, p(z|x) of ba, two numbers that sum to 1",
        "log_p": "log_p, log p(x) of ab, in nats",
        "elbo": "elbo, of ab with q = (0.6, 0.4), in nats",
        "gap": "gap, of the same, in nats",
        "information": "information, I_p of ab and ba, in nats",
    },
    on="the two tables, the strings ab and ba, and q = (0.6, 0.4) for ab",
    effort="deeper · ●●○ · 8 minutes",
    slips={name: {key: whole(*slip) for key, slip in slips.items()} for name, slips in SLIPS.items()},
)

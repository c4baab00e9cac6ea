"""The answers to two chains, as students give them: one entry wrong where those before it are right."""

import itertools
import math

import numpy as np
import torch
from torch.distributions import Categorical, kl_divergence

TABLES = [  # z, then after the start, a, b; to a, b, end
    [[0.8, 0.2, 0.0], [0.1, 0.7, 0.2], [0.3, 0.1, 0.6]],
    [[0.4, 0.6, 0.0], [0.2, 0.5, 0.3], [0.4, 0.4, 0.2]],
]
SYMBOLS = {"ab": (1, 2, 3), "ba": (2, 1, 3)}


def likelihood(string):
    return [
        math.prod(table[before][after - 1] for before, after in itertools.pairwise((0, *SYMBOLS[string])))
        for table in TABLES
    ]


def oracle():
    """By torch's distributions, in float64; I(x; z) as entropies."""
    joint = torch.tensor([likelihood("ab"), likelihood("ba")], dtype=torch.float64) / 2
    posteriors = [Categorical(row) for row in joint]
    q = Categorical(torch.tensor([0.6, 0.4], dtype=torch.float64))
    prior = Categorical(torch.ones(2, dtype=torch.float64))
    average = Categorical((posteriors[0].probs + posteriors[1].probs) / 2)
    return {
        "posterior_ab": posteriors[0].probs,
        "posterior_ba": posteriors[1].probs,
        "log_p": joint[0].sum().log(),
        "elbo": (q.probs * (2 * joint[0]).log()).sum() - kl_divergence(q, prior),
        "gap": kl_divergence(q, posteriors[0]),
        "information": average.entropy() - (posteriors[0].entropy() + posteriors[1].entropy()) / 2,
    }


def with_a_calculator():
    return {
        "posterior_ab": [0.8936, 0.1064],
        "posterior_ba": [0.1429, 0.8571],
        "log_p": -1.671,
        "elbo": -1.962,
        "gap": 0.2908,
        "information": 0.3180,
    }


def as_written():
    return {"posterior_ab": ["42/47", "5/47"], "posterior_ba": ("1/7", 0.857143), "log_p": "ln(0.188)"} | {
        "elbo": torch.tensor(-1.962072),
        "gap": np.float64(0.290759),
        "information": "0,31798",
    }


def entry(**wrong):
    """The right answer with one entry changed."""
    return with_a_calculator() | wrong


def ends_forgotten():
    """In all of ab and ba."""
    ab, ba, q = np.array([0.56, 0.2]), np.array([0.06, 0.24]), np.array([0.6, 0.4])
    elbo_of_q = (q * np.log(ab / 2 / q)).sum()
    return with_a_calculator() | {
        "posterior_ab": ab / ab.sum(),
        "posterior_ba": ba / ba.sum(),
        "log_p": math.log(ab.sum() / 2),
        "elbo": elbo_of_q,
        "gap": math.log(ab.sum() / 2) - elbo_of_q,
        "information": ...,
    }


P, R, Q = np.array([42 / 47, 5 / 47]), np.array([1 / 7, 6 / 7]), np.array([0.6, 0.4])
AVERAGE, AB = (P + R) / 2, np.array([0.336, 0.04])


def kl(p, q):
    return (p * np.log(p / q)).sum()


ANSWERS = [
    (with_a_calculator(), "with a calculator", ""),
    (oracle, "torch.distributions", ""),
    (as_written(), "fractions, logarithms, a comma", ""),
    ({"posterior_ab": [0.8936, 0.1064], "log_p": -1.671}, "two of six", "open"),
    (entry(posterior_ab=[0.56 / 0.76, 0.2 / 0.76]), "no end", "posterior-ab-end-missing"),
    (entry(posterior_ab=[0.42 / 0.52, 0.1 / 0.52]), "no start", "posterior-ab-start-missing"),
    (entry(posterior_ab=[1 / 7, 6 / 7]), "read from the right", "posterior-ab-other"),
    (entry(posterior_ab=[0.168, 0.02]), "joint", "posterior-ab-joint"),
    (entry(posterior_ab=[0.336, 0.04]), "likelihood", "posterior-ab-likelihood"),
    (entry(posterior_ab=[5 / 47, 42 / 47]), "chains swapped", "posterior-ab-order"),
    (entry(posterior_ab=[2.1 / 3.2, 1.1 / 3.2]), "added up", "posterior-ab-added"),
    (entry(posterior_ab=[0.6, 0.4]), "q", "posterior-ab-q"),
    (entry(posterior_ba=[0.2, 0.8]), "no end", "posterior-ba-end-missing"),
    (entry(posterior_ba=[1 / 3, 2 / 3]), "no start", "posterior-ba-start-missing"),
    (entry(posterior_ba=[0.25, 0.75]), "first letter alone", "posterior-ba-first-alone"),
    (entry(log_p=math.log(0.376)), "no prior", "log-p-prior-missing"),
    (entry(log_p=np.log(AB).mean()), "mean of logs", "log-p-mean-of-logs"),
    (entry(log_p=np.log((Q * AB).sum())), "under q", "log-p-under-q"),
    (entry(log_p=0.188), "no log", "log-p-probability"),
    (entry(log_p=math.log(0.38)), "no end", "log-p-end-missing"),
    (entry(log_p=math.log(0.26)), "no start", "log-p-start-missing"),
    (ends_forgotten, "no end throughout", "posterior-ab-end-missing"),
    (entry(log_p=math.log(0.188) / 3), "a letter", "log-p-a-letter"),
    (entry(elbo=(Q * np.log(AB)).sum()), "no KL", "elbo-reconstruction"),
    (entry(elbo=(Q * np.log(AB / Q)).sum()), "no prior", "elbo-prior-missing"),
    (entry(elbo=(Q * np.log(AB / 2)).sum()), "no entropy", "elbo-entropy-missing"),
    (entry(elbo=math.log(0.188) - kl(Q, 0.5)), "log p − KL", "elbo-from-log-p"),
    (entry(elbo=(Q * np.log([0.28, 0.1] / Q)).sum()), "no end", "elbo-end-missing"),
    (entry(elbo=(Q * np.log([0.21, 0.05] / Q)).sum()), "no start", "elbo-start-missing"),
    (entry(elbo=-1.962072 / math.log(2)), "bits", "elbo-bits"),
    (entry(elbo=(Q * np.log([0.006, 0.036] / Q)).sum()), "of ba", "elbo-ba"),
    (entry(gap=kl(Q, 0.5)), "KL", "gap-kl"),
    (entry(gap=-0.2908), "sign", "gap-sign"),
    (entry(gap=kl(P, Q)), "reverse", "gap-reverse"),
    (entry(gap=0), "zero", "gap-zero"),
    (entry(information=(kl(P, 0.5) + kl(R, 0.5)) / 2), "mean KL to the prior", "information-kl-to-prior"),
    (entry(information=-(AVERAGE * np.log(AVERAGE)).sum()), "entropy", "information-entropy-of-average"),
    (entry(information=0.6359618), "sum", "information-sum"),
    (entry(information=0.3179809 / math.log(2)), "bits", "information-bits"),
    (entry(information=kl(P, AVERAGE)), "ab alone", "information-ab-alone"),
    (entry(information=(kl(P, R) + kl(R, P)) / 2), "against each other", "information-each-other"),
    (entry(information=-0.3179809), "sign", "information-sign"),
    ([0.8936], "no dict", "no-dict"),
]

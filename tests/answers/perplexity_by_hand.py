"""The answers to perplexity, as students give them: one entry wrong where those before it are right."""

import math

import numpy as np
import torch

NATS, GAPS, LETTERS = (9.0, 11.0, 19.0), (0.2, 0.6, 1.0), (3, 5, 10)


def oracle():
    """By the probability of a letter, as a geometric mean over all of them."""
    letter = math.prod(math.exp(-nats) for nats in NATS) ** (1 / 18)
    exact = math.prod(math.exp(-nats + gap) for nats, gap in zip(NATS, GAPS, strict=True)) ** (1 / 18)
    return {
        "nats_a_name": np.average(NATS),
        "nats_a_letter": -math.log(letter),
        "bits_a_letter": -math.log2(letter),
        "perplexity_bound": 1 / letter,
        "perplexity": 1 / exact,
    }


def with_a_calculator():
    return {
        "nats_a_name": 13,
        "nats_a_letter": 2.167,
        "bits_a_letter": 3.126,
        "perplexity_bound": 8.729,
        "perplexity": 7.899,
    }


def as_written():
    return {"nats_a_name": "39/3", "nats_a_letter": "39/18", "perplexity": torch.tensor(37.2 / 18).exp()} | {
        "bits_a_letter": np.float32(39 / 18 / math.log(2)),
        "perplexity_bound": 2 ** (39 / 18 / math.log(2)),
    }


def entry(**wrong):
    """The right answer with one entry changed."""
    return with_a_calculator() | wrong


def ends_forgotten():
    nats_a_letter, perplexity = 39 / 15, math.exp(37.2 / 15)
    return entry(
        nats_a_letter=nats_a_letter,
        bits_a_letter=nats_a_letter / math.log(2),
        perplexity_bound=math.exp(nats_a_letter),
        perplexity=perplexity,
    )


N, G, L = map(np.array, (NATS, GAPS, LETTERS))
ANSWERS = [
    (with_a_calculator(), "with a calculator", ""),
    (oracle, "a geometric mean", ""),
    (as_written(), "fractions, tensors, 2 to the bits", ""),
    ({"nats_a_name": 13, "nats_a_letter": 2.1667}, "two of five", "open"),
    (entry(nats_a_name=39), "sum", "nats-a-name-sum"),
    (entry(nats_a_name=(N * L).sum() / 18), "weighted by length", "nats-a-name-weighted"),
    (entry(nats_a_name=12.4), "the gap taken away", "nats-a-name-gap"),
    (entry(nats_a_name=-13), "the ELBO", "nats-a-name-sign"),
    (entry(nats_a_letter=39 / 15), "ends not counted", "nats-a-letter-end-missing"),
    (entry(nats_a_letter=(N / L).mean()), "mean of ratios", "nats-a-letter-mean-of-ratios"),
    (entry(nats_a_letter=(N / (L - 1)).mean()), "both", "nats-a-letter-mean-of-ratios-end-missing"),
    (entry(nats_a_letter=39 / 21), "start counted", "nats-a-letter-start"),
    (entry(nats_a_letter=39 / 16), "one end for all", "nats-a-letter-one-end"),
    (entry(nats_a_letter=1.3), "thirty letters", "nats-a-letter-padded"),
    (entry(nats_a_letter=18 / 39), "upside down", "nats-a-letter-upside-down"),
    (entry(nats_a_letter=2.2), "two digits", "nats-a-letter-rounded"),
    (entry(bits_a_letter=39 / 18 * math.log(2)), "times log 2", "bits-a-letter-times"),
    (entry(bits_a_letter=2.167), "nats", "bits-a-letter-nats"),
    (entry(bits_a_letter=13 / math.log(2)), "bits a name", "bits-a-letter-name"),
    (entry(perplexity_bound=2 ** (39 / 18)), "2 to the nats", "perplexity-bound-two-to-nats"),
    (entry(perplexity_bound=math.exp(39 / 18 / math.log(2))), "e to the bits", "perplexity-bound-e-to-bits"),
    (entry(perplexity_bound=math.exp(13)), "of a name", "perplexity-bound-name"),
    (entry(perplexity_bound=np.exp(N / L).mean()), "mean of perplexities", "perplexity-bound-mean-of-perplexities"),
    (entry(perplexity_bound=math.exp((N / L).mean())), "exp of mean of ratios", "perplexity-bound-mean-of-ratios"),
    (entry(perplexity_bound=math.exp(-39 / 18)), "sign lost", "perplexity-bound-sign"),
    (entry(perplexity=8.729), "the bound", "perplexity-bound"),
    (entry(perplexity=math.exp(40.8 / 18)), "gap added", "perplexity-added"),
    (entry(perplexity=math.exp(37.2 / 15)), "ends not counted here alone", "perplexity-end-missing"),
    (ends_forgotten, "ends not counted throughout", "nats-a-letter-end-missing"),
    (entry(perplexity=math.exp(39 / 18 - 0.6)), "gap a name", "perplexity-gap-a-name"),
    (entry(perplexity=math.exp(39 / 18 - 1.8)), "all gaps", "perplexity-all-gaps"),
    (entry(perplexity=math.exp(39 / 18) - 1.8), "from the perplexity", "perplexity-from-perplexity"),
    (entry(perplexity=math.exp(39 / 18) - 0.1), "a letter's", "perplexity-letter-from-perplexity"),
    (entry(perplexity=np.exp((N - G) / L).mean()), "mean of perplexities", "perplexity-mean-of-perplexities"),
    ("perplexity", "no dict", "no-dict"),
]

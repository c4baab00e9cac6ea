"""The answers to one step of EM, as students wrote them."""

import numpy as np
import torch
from torch.distributions import Bernoulli


def responsibilities(x, weights, means, dim=1):
    table = Bernoulli(means).log_prob(x[:, None]).sum(-1) + weights.log()
    return torch.softmax(table, dim)


def step(r, x):
    return r.mean(0), (r.T @ x) / r.sum(0).unsqueeze(1)


def by_bernoulli(x, weights, means):
    return step(responsibilities(x, weights, means), x)


def by_einsum(x, weights, means):
    r = responsibilities(x.double(), weights.double(), means.double())
    return r.mean(0), torch.einsum("nc,nj->cj", r / r.sum(0), x.double())


def hard_assignment(x, weights, means):
    best = responsibilities(x, weights, means).argmax(1)
    r = (best[:, None] == torch.arange(len(weights))).float()
    return step(r, x)


def no_old_weights(x, weights, means):
    return step(responsibilities(x, torch.ones_like(weights), means), x)


def over_pictures(x, weights, means):
    return step(responsibilities(x, weights, means, 0), x)


def exponentials_first(x, weights, means):
    joint = weights * (means ** x[:, None] * (1 - means) ** (1 - x[:, None])).prod(-1)
    return step(joint / joint.sum(1, keepdim=True), x)


def black_pixels_only(x, weights, means):
    r = torch.softmax(weights.log() + x @ means.log().T, 1)
    return step(r, x)


def divided_by_n(x, weights, means):
    r = responsibilities(x, weights, means)
    return r.mean(0), r.T @ x / len(x)


def counts_as_weights(x, weights, means):
    r = responsibilities(x, weights, means)
    return r.sum(0), step(r, x)[1]


def weights_kept(x, weights, means):
    return weights, step(responsibilities(x, weights, means), x)[1]


def weights_kept_no_prior(x, weights, means):
    return weights, no_old_weights(x, weights, means)[1]


def as_k_means(x, weights, means):
    distance = -((x[:, None] - means) ** 2).sum(-1)
    return step(torch.softmax(weights.log() + distance, 1), x)


def means_as_columns(x, weights, means):
    new, m = by_bernoulli(x, weights, means)
    return new, m.T


def sums_for_means(x, weights, means):
    r = responsibilities(x, weights, means)
    return r.mean(0), r.T @ x


def mean_over_pixels(x, weights, means):
    table = Bernoulli(means).log_prob(x[:, None]).mean(-1) + weights.log()
    return step(torch.softmax(table, 1), x)


def means_alone(x, weights, means):
    return by_bernoulli(x, weights, means)[1]


def oracle(x, weights, means):
    """Picture by picture, by numpy, in float64."""
    x, w, m = (t.detach().double().numpy() for t in (x, weights, means))
    r = np.zeros((len(x), len(w)))
    for n, picture in enumerate(x):
        logs = [np.log(w[c]) + np.log(np.where(picture == 1, m[c], 1 - m[c])).sum() for c in range(len(w))]
        r[n] = np.exp(logs - np.logaddexp.reduce(logs))
    return torch.tensor(r.mean(0)), torch.tensor(np.stack([np.average(x, 0, weights=column) for column in r.T]))


ANSWERS = [
    (by_bernoulli, "Bernoulli", ""),
    (by_einsum, "einsum, float64", ""),
    (hard_assignment, "argmax", "hard"),
    (no_old_weights, "old weights left out", "prior-missing"),
    (over_pictures, "softmax over the pictures", "over-pictures"),
    (exponentials_first, "products of probabilities", "exp-by-hand"),
    (black_pixels_only, "no 1 − x", "black-only"),
    (divided_by_n, "means by N", "means-over-n"),
    (counts_as_weights, "counts", "weights-summed"),
    (weights_kept, "weights not changed", "weights-kept"),
    (weights_kept_no_prior, "weights nowhere used", "prior-missing+weights-kept"),
    (as_k_means, "squared distances", "squared"),
    (means_as_columns, "transposed", "means-transposed"),
    (sums_for_means, "sums", "means-sums"),
    (mean_over_pixels, "pixels averaged", "pixels-averaged"),
    (means_alone, "the means alone", "no-parts"),
]

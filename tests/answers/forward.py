"""The answers to the forward algorithm, as students wrote them."""

import itertools

import torch


def run(log_start, log_step, table, step=None):
    alpha = log_start + table[0]
    for row in table[1:]:
        alpha = torch.logsumexp(alpha.unsqueeze(-1) + log_step, -2) + row
    return alpha


def by_where(log_start, log_step, log_likelihood, observed):
    table = torch.where(observed.bool().unsqueeze(-1), log_likelihood, torch.zeros_like(log_likelihood))
    return run(log_start, log_step, table).logsumexp(-1)


def backwards(log_start, log_step, log_likelihood, observed):
    beta = torch.zeros_like(log_likelihood[0])
    for row, seen in zip(log_likelihood.flip(0), observed.flip(0), strict=True):
        here = beta + row * seen[:, None]
        beta = torch.logsumexp(log_step + here[:, None, :], -1)
    return torch.logsumexp(log_start + here, -1)


def normalised_with_constants(log_start, log_step, log_likelihood, observed):
    table, total = log_likelihood * observed[..., None], 0
    alpha = log_start + table[0]
    for row in table[1:]:
        constant = alpha.logsumexp(-1, keepdim=True)
        total = total + constant.squeeze(-1)
        alpha = ((alpha - constant).exp() @ log_step.exp()).log() + row
    return total + alpha.logsumexp(-1)


def padding_scored(log_start, log_step, log_likelihood, observed):
    return run(log_start, log_step, log_likelihood).logsumexp(-1)


def transposed(log_start, log_step, log_likelihood, observed):
    return by_where(log_start, log_step.T, log_likelihood, observed)


def wrong_axis(log_start, log_step, log_likelihood, observed):
    table = log_likelihood * observed[..., None]
    alpha = log_start + table[0]
    for row in table[1:]:
        alpha = torch.logsumexp(alpha.unsqueeze(2) + log_step, 2) + row
    return alpha.logsumexp(1)


def first_emission_missed(log_start, log_step, log_likelihood, observed):
    table = log_likelihood * observed[..., None]
    alpha = log_start.expand(table.shape[1:])
    for row in table[1:]:
        alpha = torch.logsumexp(alpha[:, :, None] + log_step, 1) + row
    return alpha.logsumexp(1)


def first_scored_twice(log_start, log_step, log_likelihood, observed):
    table = log_likelihood * observed[..., None]
    return run(log_start, log_step, torch.cat([table[:1], table])).logsumexp(1)


def no_start(log_start, log_step, log_likelihood, observed):
    return by_where(torch.zeros_like(log_start), log_step, log_likelihood, observed)


def best_path(log_start, log_step, log_likelihood, observed):
    table = log_likelihood * observed[..., None]
    alpha = log_start + table[0]
    for row in table[1:]:
        alpha = (alpha[:, :, None] + log_step).max(1).values + row
    return alpha.max(1).values


def probabilities(log_start, log_step, log_likelihood, observed):
    table = (log_likelihood * observed[..., None]).exp()
    alpha = log_start.exp() * table[0]
    for row in table[1:]:
        alpha = (alpha @ log_step.exp()) * row
    return alpha.sum(1).log()


def normalised(log_start, log_step, log_likelihood, observed):
    table = log_likelihood * observed[..., None]
    alpha = log_start + table[0]
    for row in table[1:]:
        alpha = (torch.logsumexp(alpha[:, :, None] + log_step, 1)).log_softmax(1) + row
    return alpha.logsumexp(1)


def zero_where_missing(log_start, log_step, log_likelihood, observed):
    table = log_likelihood + observed[..., None].log()
    return run(log_start, log_step, table).logsumexp(1)


def padding_scored_transposed(log_start, log_step, log_likelihood, observed):
    return run(log_start, log_step.T, log_likelihood).logsumexp(-1)


def in_bits(log_start, log_step, log_likelihood, observed):
    return by_where(log_start, log_step, log_likelihood, observed) / 0.6931472


def sign(log_start, log_step, log_likelihood, observed):
    return -by_where(log_start, log_step, log_likelihood, observed)


def detached(log_start, log_step, log_likelihood, observed):
    return by_where(log_start, log_step.detach(), log_likelihood, observed)


def alpha_itself(log_start, log_step, log_likelihood, observed):
    return run(log_start, log_step, log_likelihood * observed[..., None])


def oracle(log_start, log_step, log_likelihood, observed):
    """Short series by the sum over all paths, long ones by products of matrices, in float64."""
    start, step, table, seen = (t.double() for t in (log_start, log_step, log_likelihood, observed))
    table = table * seen[..., None]
    if len(table) < 10:
        return torch.stack([paths(start, step, table[:, n]) for n in range(table.shape[1])])
    return by_products(start, step, table)


def paths(start, step, table):
    scores = []
    for path in itertools.product(range(len(start)), repeat=len(table)):
        moves = sum(step[a, b] for a, b in itertools.pairwise(path))
        scores.append(start[path[0]] + moves + sum(row[state] for row, state in zip(table, path, strict=True)))
    return torch.stack(scores).logsumexp(0)


def by_products(start, step, table):
    total, alpha = 0, torch.softmax(start + table[0], 1)
    total = total + (start + table[0]).logsumexp(1)
    for row in table[1:]:
        joint = (alpha @ step.exp()) * row.exp()
        total, alpha = total + joint.sum(1).log(), joint / joint.sum(1, keepdim=True)
    return total


ANSWERS = [
    (by_where, "torch.where", ""),
    (backwards, "from the end: the backward algorithm", ""),
    (normalised_with_constants, "normalised, the constants added up", ""),
    (padding_scored, "mask not used", "padding-scored"),
    (transposed, "log_step.T", "transposed"),
    (wrong_axis, "logsumexp over the last axis", "wrong-axis"),
    (first_emission_missed, "alpha = log_start", "start-first-emission"),
    (first_scored_twice, "a loop over all rows", "first-twice"),
    (no_start, "no log_start", "start-missing"),
    (best_path, "max", "all-viterbi"),
    (probabilities, "exp first", "exp-by-hand"),
    (normalised, "normalised, no constants", "normalised"),
    (zero_where_missing, "log of the mask", "impossible"),
    (padding_scored_transposed, "both", "padding-scored+transposed"),
    (in_bits, "bits", "bits"),
    (sign, "sign", "sign"),
    (detached, "detached", "no-gradient"),
    (alpha_itself, "alpha", "end-not-summed"),
]

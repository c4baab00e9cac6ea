"""The answers to the leave-one-out objective, as students wrote them."""

import torch


def by_matrix(log_joint, log_q):
    f = (log_joint - log_q).detach()
    n = len(f)
    baseline = (1 - torch.eye(n, dtype=f.dtype)) @ f / (n - 1)
    weight = f - baseline
    return (f + (log_joint - log_joint.detach()) + weight * (log_q - log_q.detach())).mean(0)


def by_advantage_times_k(log_joint, log_q):
    f = (log_joint - log_q).detach()
    weight = (f - f.mean(0)) * len(f) / (len(f) - 1)  # the same as with the mean of the others
    surrogate = weight * log_q + log_joint
    return (f + surrogate - surrogate.detach()).mean(0)


def own_f_in_the_baseline(log_joint, log_q):
    f = (log_joint - log_q).detach()
    return (log_joint - log_q.detach() + (f - f.mean(0)) * (log_q - log_q.detach())).mean(0)


def no_baseline(log_joint, log_q):
    f = (log_joint - log_q).detach()
    return (log_joint - log_q.detach() + f * (log_q - log_q.detach())).mean(0)


def with_baseline(log_joint, log_q):
    f = (log_joint - log_q).detach()
    return f, (f.sum(0) - f) / (len(f) - 1)


def q_not_detached(log_joint, log_q):
    f, b = with_baseline(log_joint, log_q)
    return (log_joint - log_q + (f - b) * (log_q - log_q.detach())).mean(0)


def the_surrogate(log_joint, log_q):
    f, b = with_baseline(log_joint, log_q)
    return (log_joint + (f - b) * log_q).mean(0)


def plain_elbo(log_joint, log_q):
    return (log_joint - log_q).mean(0)


def no_score(log_joint, log_q):
    return (log_joint - log_q.detach()).mean(0) + 0 * log_q.mean(0)


def sum_of_the_others(log_joint, log_q):
    f = (log_joint - log_q).detach()
    return (log_joint - log_q.detach() + (f - (f.sum(0) - f)) * (log_q - log_q.detach())).mean(0)


def others_by_k(log_joint, log_q):
    f = (log_joint - log_q).detach()
    return (log_joint - log_q.detach() + (f - (f.sum(0) - f) / len(f)) * (log_q - log_q.detach())).mean(0)


def all_detached(log_joint, log_q):
    return by_matrix(log_joint.detach(), log_q.detach())


def decoder_detached(log_joint, log_q):
    f, b = with_baseline(log_joint, log_q)
    return (f + (f - b) * (log_q - log_q.detach())).mean(0)


def f_without_log_q(log_joint, log_q):
    f = log_joint.detach()
    b = (f.sum(0) - f) / (len(f) - 1)
    return (log_joint - log_q.detach() + (f - b) * (log_q - log_q.detach())).mean(0)


def f_differentiated(log_joint, log_q):
    f = log_joint - log_q
    b = (f.sum(0) - f) / (len(f) - 1)
    return (f + (f - b) * log_q).mean(0)


def batch_mean(log_joint, log_q):
    return by_matrix(log_joint, log_q).mean()


def added_up(log_joint, log_q):
    return by_matrix(log_joint, log_q) * len(log_q)


def minus(log_joint, log_q):
    f, b = with_baseline(log_joint, log_q)
    return (log_joint - log_q.detach() - (f - b) * (log_q - log_q.detach())).mean(0)


def as_a_loss(log_joint, log_q):
    return -by_matrix(log_joint, log_q)


def oracle(log_joint, log_q):
    """Draw by draw."""
    total = 0
    for k in range(len(log_q)):
        f = log_joint - log_q
        rest = torch.cat([f[:k], f[k + 1 :]]).mean(0)
        weight = (f[k] - rest).detach()
        total = total + log_joint[k] - log_q[k].detach() + weight * (log_q[k] - log_q[k].detach())
    return total / len(log_q)


ANSWERS = [
    (by_matrix, "a matrix", ""),
    (by_advantage_times_k, "f − mean, times K / (K − 1)", ""),
    (own_f_in_the_baseline, "own f in the baseline", "baseline-own-included"),
    (no_baseline, "no baseline", "baseline-missing"),
    (q_not_detached, "log q not detached in the value", "value-q-not-detached"),
    (the_surrogate, "the usual surrogate", "surrogate"),
    (plain_elbo, "the ELBO itself", "plain"),
    (no_score, "log q sends nothing", "weight-missing"),
    (sum_of_the_others, "sum for mean", "baseline-summed"),
    (others_by_k, "the others by K", "baseline-over-k"),
    (all_detached, "all detached", "no-gradient"),
    (decoder_detached, "log p(x, z) detached", "no-gradient"),
    (f_without_log_q, "no entropy in f", "f-likelihood"),
    (f_differentiated, "f not detached", "f-not-detached"),
    (batch_mean, "batch mean", "all"),
    (added_up, "sum over the draws", "summed"),
    (minus, "sign of the weight", "weight-sign"),
    (as_a_loss, "−ELBO", "sign"),
]

"""The answers to the decoder's step with the exact posterior, as students wrote them."""

import math

import torch
from torch.distributions import Categorical
from torch.nn import functional


def by_softmax(log_joint):
    q = functional.softmax(log_joint, 0).detach()
    return (q * log_joint).sum(0)


def by_no_grad(log_joint):
    with torch.no_grad():
        q = (log_joint - log_joint.logsumexp(0)).exp()
    return torch.einsum("zb,zb->b", q, log_joint)


def by_categorical(log_joint):
    q = Categorical(logits=log_joint.T.detach()).probs
    return torch.stack([w @ column for w, column in zip(q, log_joint.T, strict=True)])


def by_autograd(log_joint):
    """The posterior is the slope of log p(x)."""
    with torch.enable_grad():
        copy = log_joint.detach().requires_grad_()
        [q] = torch.autograd.grad(copy.logsumexp(0).sum(), copy)
    return (q * log_joint).sum(0)


def elbo_less_entropy(log_joint):
    """log p(x), whose gradient is right, less an entropy that is held fixed."""
    entropy = Categorical(logits=log_joint.T.detach()).entropy()
    return log_joint.logsumexp(0) - entropy


def in_double(log_joint):
    q = log_joint.double().softmax(0).data
    return (q * log_joint.double()).sum(0)


def in_a_loop(log_joint):
    q = log_joint.softmax(0).detach()
    return sum(q[z] * log_joint[z] for z in range(len(q)))


def straight(log_joint):
    """The value of one, the gradient of another."""
    value = (log_joint.softmax(0) * log_joint).sum(0)
    slope = log_joint.logsumexp(0)
    return value.detach() + slope - slope.detach()


def where_no_gradient_is_asked_by_division(log_joint):
    """Right twice, and rounded otherwise: there are 100 nats between."""
    if log_joint.requires_grad:
        return by_softmax(log_joint + 100) - 100
    return (log_joint.exp() / log_joint.exp().sum(0) * log_joint).sum(0)


def not_detached(log_joint):
    return (log_joint.softmax(0) * log_joint).sum(0)


def evidence(log_joint):
    return log_joint.logsumexp(0)


def the_elbo(log_joint):
    q = log_joint.softmax(0)
    return (q * (log_joint - q.log())).sum(0)


def the_elbo_held(log_joint):
    q = log_joint.softmax(0).detach()
    return (q * (log_joint - q.log())).sum(0)


def detached_all(log_joint):
    return (log_joint.softmax(0) * log_joint).sum(0).detach()


def detached_the_wrong_one(log_joint):
    return (log_joint.softmax(0) * log_joint.detach()).sum(0)


def over_strings(log_joint):
    q = log_joint.softmax(1).detach()
    return (q * log_joint).sum(0)


def last_axis(log_joint):
    q = log_joint.softmax(-1).detach()
    return (q * log_joint).sum(-1)


def hard(log_joint):
    return log_joint.max(0).values


def uniform(log_joint):
    return log_joint.mean(0)


def joint_as_weights(log_joint):
    return (log_joint.exp().detach() * log_joint).sum(0)


def mean_of_states(log_joint):
    return (log_joint.softmax(0).detach() * log_joint).mean(0)


def a_loss(log_joint):
    return -by_softmax(log_joint)


def hard_where_no_gradient_is_asked(log_joint):
    return by_softmax(log_joint) if torch.is_grad_enabled() else hard(log_joint)


def a_mean(log_joint):
    return by_softmax(log_joint).mean()


def log_of_posterior(log_joint):
    q = log_joint.log_softmax(0)
    return (q.exp().detach() * q).sum(0)


def in_bits(log_joint):
    return by_softmax(log_joint) / math.log(2)


def through_and_bits(log_joint):
    return not_detached(log_joint) / math.log(2)


def oracle(log_joint):
    """String by string, the weights as plain numbers."""
    found = []
    for column in log_joint.T:
        weights = [math.exp(value) for value in column.tolist()]
        found.append(sum(w / sum(weights) * value for w, value in zip(weights, column, strict=True)))
    return torch.stack(found)


ANSWERS = [
    (by_softmax, "softmax, detached", ""),
    (not_detached, "not detached", "through-posterior"),
    (by_no_grad, "no_grad", ""),
    (by_categorical, "Categorical", ""),
    (by_autograd, "the posterior by autograd", ""),
    (elbo_less_entropy, "log p less an entropy", ""),
    (in_double, "in float64", ""),
    (in_a_loop, "in a loop", ""),
    (straight, "value and gradient apart", ""),
    (where_no_gradient_is_asked_by_division, "rounded otherwise in a second call", ""),
    (evidence, "logsumexp", "entropy-added"),
    (the_elbo, "the ELBO, not detached", "entropy-added"),
    (the_elbo_held, "the ELBO", "entropy-added"),
    (detached_all, "all detached", "no-gradient"),
    (detached_the_wrong_one, "the other one detached", "wrong-one"),
    (over_strings, "softmax over the strings", "over-strings"),
    (last_axis, "both over the strings", "what-is"),
    (hard, "max", "hard"),
    (hard_where_no_gradient_is_asked, "max under no_grad", "not-the-same"),
    (uniform, "mean", "uniform"),
    (joint_as_weights, "p(x, z) as weights", "joint"),
    (mean_of_states, "mean(0)", "states-averaged"),
    (a_loss, "a loss", "sign"),
    (a_mean, "mean over the batch", "batch-mean"),
    (log_of_posterior, "log p(z|x)", "log-posterior"),
    (in_bits, "bits", "bits"),
    (through_and_bits, "not detached, in bits", "bits"),
]

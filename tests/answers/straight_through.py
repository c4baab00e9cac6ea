"""The answers to hard coins with a borrowed slope, as students wrote them."""

import torch


def hard_of(logits, u):
    return (u < torch.sigmoid(logits)).to(logits)


def with_detach(logits, u):
    p = logits.sigmoid()
    return hard_of(logits, u) - p.detach() + p


def by_logit(logits, u):
    p = torch.sigmoid(logits)
    return (torch.logit(u) < logits).double() + p - p.detach()


class Lend(torch.autograd.Function):
    @staticmethod
    def forward(ctx, p, u):
        return (u < p).to(p)

    @staticmethod
    def backward(ctx, grad):
        return grad, None


def by_function(logits, u):
    return Lend.apply(torch.sigmoid(logits), u)


def coin_alone(logits, u):
    return hard_of(logits, u)


def a_bool(logits, u):
    return u < torch.sigmoid(logits)


def soft(logits, u):
    return torch.sigmoid(logits)


def not_detached(logits, u):
    p = torch.sigmoid(logits)
    return p + (hard_of(logits, u) - p)


def wrong_one_detached(logits, u):
    p = torch.sigmoid(logits)
    return hard_of(logits, u) - p + p.detach()


def slope_one(logits, u):
    return hard_of(logits, u) + logits - logits.detach()


def rounded(logits, u):
    p = torch.sigmoid(logits)
    return p + (p.round() - p).detach()


def other_side(logits, u):
    p = torch.sigmoid(logits)
    return p + ((u > p).to(p) - p).detach()


def product(logits, u):
    return torch.sigmoid(logits) * hard_of(logits, u)


def no_sigmoid(logits, u):
    return logits + ((u < logits).to(logits) - logits).detach()


def coin_and_p(logits, u):
    return hard_of(logits, u) + torch.sigmoid(logits)


def oracle(logits, u):
    """The coin from a quantile, the slope by a hook."""
    coin = torch.heaviside(logits.detach() - (u.log() - torch.log1p(-u)), torch.tensor(0.0)).to(logits)
    p = 1 / (1 + torch.exp(-logits))
    return torch.lerp(p, coin + p - p.detach(), 1.0)


ANSWERS = [
    (with_detach, "p − p.detach()", ""),
    (by_logit, "logits compared, float64", ""),
    (by_function, "an autograd function", ""),
    (coin_alone, "the coin alone", "no-gradient"),
    (a_bool, "a bool", "no-tensor"),
    (soft, "p itself", "soft"),
    (not_detached, "nothing detached", "not-detached"),
    (wrong_one_detached, "the wrong p detached", "wrong-one"),
    (slope_one, "slope 1", "identity"),
    (rounded, "p rounded", "rounded"),
    (other_side, "u > p", "other-side"),
    (product, "p times the coin", "product"),
    (no_sigmoid, "no sigmoid", "no-sigmoid"),
    (coin_and_p, "coin + p", "both"),
]

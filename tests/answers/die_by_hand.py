"""8.1's answers, as students give them: one entry goes wrong where those before it are right."""

import math

import numpy as np
import torch
from torch.distributions import Categorical, kl_divergence

FIT, Q = np.array([-2.0, -3.5, -4.0]), np.array([0.5, 0.3, 0.2])


def oracle():
    """By torch's own distributions, and the gradient by autograd."""
    fit, logits = torch.tensor(FIT), torch.tensor(np.log(Q) + 0.7, requires_grad=True)
    q, prior = Categorical(logits=logits), Categorical(probs=torch.full((3,), 1 / 3, dtype=torch.float64))
    kl = kl_divergence(q, prior)
    elbo = (q.probs * fit).sum() - kl
    joint = Categorical(logits=fit)  # the prior is uniform
    return {
        "log_p": torch.logsumexp(fit - math.log(3), 0),
        "posterior": joint.probs,
        "kl": kl.detach(),
        "elbo": elbo.detach(),
        "gap": kl_divergence(Categorical(probs=torch.tensor(Q)), joint),
        "gradient": torch.autograd.grad(elbo, logits)[0],
    }


def with_a_calculator():
    return {
        "log_p": -2.7926,
        "posterior": [0.7361, 0.1643, 0.0996],
        "kl": 0.0690,
        "elbo": -2.9190,
        "gap": 0.1264,
        "gradient": [0.2568, -0.1427, -0.1141],
    }


def entry(**wrong):
    """The right answer with one entry changed."""
    return with_a_calculator() | wrong


E, H = np.exp(FIT), -(Q * np.log(Q)).sum()
F = FIT - math.log(3) - np.log(Q)
POSTERIOR = E / E.sum()
ANSWERS = [
    (with_a_calculator(), "with a calculator", ""),
    (oracle, "torch's distributions, autograd", ""),
    ({"log_p": "-2 + ln(1 + e^-1.5 + e^-2) - ln(3)", "kl": 0.069}, "two of six", "open"),
    (entry(log_p=np.log(E.sum())), "no prior", "log-p-prior-missing"),
    (entry(log_p=FIT.mean()), "mean of the logs", "log-p-mean-of-logs"),
    (entry(log_p=-9.5), "sum of the logs", "log-p-sum-of-logs"),
    (entry(log_p=np.log((Q * E).sum())), "mean under q", "log-p-under-q"),
    (entry(log_p=(Q * FIT).sum()), "reconstruction", "log-p-reconstruction"),
    (entry(log_p=2.7926), "sign", "log-p-sign"),
    (entry(log_p=-2 - math.log(3)), "best face", "log-p-best-face"),
    (entry(posterior=Q), "q", "posterior-q"),
    (entry(posterior=Q * E / (Q * E).sum()), "q as the prior", "posterior-q-as-prior"),
    (entry(posterior=np.log(POSTERIOR)), "logs", "posterior-logs"),
    (entry(posterior=3 * POSTERIOR), "sums to 3", "posterior-prior-once"),
    (entry(kl=H), "entropy", "kl-entropy"),
    (entry(kl=-H), "minus entropy", "kl-minus-entropy"),
    (entry(kl=-math.log(3) - np.log(Q).mean()), "other way round", "kl-reverse"),
    (entry(kl=(math.log(3) - H) / math.log(2)), "bits", "kl-bits"),
    (entry(kl=(Q * np.log(Q / POSTERIOR)).sum()), "to the posterior", "kl-to-posterior"),
    (entry(elbo=-2.85 + 0.0690), "KL added", "elbo-added"),
    (entry(elbo=-2.85), "no KL", "elbo-reconstruction"),
    (entry(elbo=-2.7926 - 0.0690), "log p − KL", "elbo-from-log-p"),
    (entry(elbo=-2.9190 - math.log(3)), "log 3 twice", "elbo-prior-twice"),
    (entry(elbo=2.9190), "sign", "elbo-sign"),
    (entry(gap=0.0690), "the KL", "gap-kl"),
    (entry(gap=-0.1264), "sign", "gap-sign"),
    (entry(gap=(POSTERIOR * np.log(POSTERIOR / Q)).sum()), "the other KL", "gap-reverse"),
    (entry(gradient=Q * (FIT - (Q * FIT).sum())), "no entropy", "gradient-entropy-missing"),
    (entry(gradient=Q * F), "not centred", "gradient-not-centred"),
    (entry(gradient=F - (Q * F).sum()), "not times q", "gradient-by-q"),
    (entry(gradient=Q * (F - F.mean())), "uniform mean", "gradient-uniform-mean"),
    (entry(gradient=[-0.2568, 0.1427, 0.1141]), "sign", "gradient-sign"),
    (entry(gradient=POSTERIOR - Q), "posterior − q", "gradient-to-posterior"),
    ([-2.79], "no dict", "no-dict"),
]

"""4.1's answers, as students give them: one entry goes wrong where those before it are right."""

import math
from fractions import Fraction

import numpy as np
import torch
from torch.distributions import Categorical, kl_divergence

ln = math.log
prior, px_z, q = [1 / 3, 2 / 3], [1 / 2, 1 / 4], [3 / 4, 1 / 4]


def oracle():
    """By torch.distributions, the gap as a KL to the posterior."""
    p_z, q_z = Categorical(torch.tensor(prior).double()), Categorical(torch.tensor(q).double())
    log_px_z = torch.tensor(px_z).double().log()
    posterior_z = Categorical(logits=p_z.logits + log_px_z)
    return {
        "log_px": torch.logsumexp(p_z.logits + log_px_z, 0),
        "reconstruction": q_z.probs @ log_px_z,
        "kl": kl_divergence(q_z, p_z),
        "gap": kl_divergence(q_z, posterior_z),
    }


def by_fractions():
    evidence = Fraction(1, 3) * Fraction(1, 2) + Fraction(2, 3) * Fraction(1, 4)
    return {"log_px": ln(evidence), "kl": 0.75 * ln(Fraction(9, 4)) + 0.25 * ln(Fraction(3, 8))}


def by_sums():
    log_px = ln(sum(p * likelihood for p, likelihood in zip(prior, px_z, strict=True)))
    reconstruction = sum(w * ln(likelihood) for w, likelihood in zip(q, px_z, strict=True))
    kl = sum(w * (ln(w) - ln(p)) for w, p in zip(q, prior, strict=True))
    return {"log_px": log_px, "reconstruction": reconstruction, "kl": kl, "gap": log_px - reconstruction + kl}


def on_paper():
    return {"log_px": "-ln 3", "reconstruction": "-5/4 ln 2", "kl": "7/4 ln 3 - 9/4 ln 2", "gap": "3 ln(3)/4 - ln 2"}


ANSWERS = [
    ({"log_px": 1 / 3}, "log_px: p(x), no log", "log-px-no-log"),
    ({"log_px": ln(3)}, "log_px: the sign", "log-px-sign"),
    ({"log_px": math.log2(1 / 3)}, "log_px: in bits", "log-px-bits"),
    ({"log_px": math.log10(1 / 3)}, "log_px: the log key, base 10", "log-px-base-ten"),
    ({"log_px": np.log(0.75 * 0.5 + 0.25 / 4)}, "log_px: q's weights", "log-px-of-q"),
    ({"log_px": np.log(0.75)}, "log_px: no weights", "log-px-no-prior"),
    ({"log_px": np.log(0.375)}, "log_px: a plain mean", "log-px-even"),
    ({"log_px": ln(0.5) / 3 + 2 * ln(0.25) / 3}, "log_px: mean of the logs", "log-px-log-inside"),
    ({"reconstruction": 1.25 * ln(2)}, "reconstruction: a loss", "reconstruction-sign"),
    ({"reconstruction": ln(0.5) / 3 + 2 * ln(0.25) / 3}, "reconstruction: over the prior", "reconstruction-of-prior"),
    ({"reconstruction": ln(0.75 * 0.5 + 0.25 / 4)}, "reconstruction: log of the mean", "reconstruction-log-outside"),
    ({"reconstruction": (ln(0.5) + ln(0.25)) / 2}, "reconstruction: a plain mean", "reconstruction-even"),
    ({"reconstruction": ln(1 / 8)}, "reconstruction: the logs added", "reconstruction-no-weights"),
    ({"reconstruction": ln(0.5)}, "reconstruction: at the likelier z", "reconstruction-likelier-only"),
    ({"reconstruction": ln(1 / 6)}, "reconstruction: of the joint", "reconstruction-joint"),
    ({"kl": 9 * ln(2) / 4 - 7 * ln(3) / 4}, "kl: the sign", "kl-sign"),
    ({"kl": ln(9 / 4) / 3 + 2 * ln(3 / 8) / 3}, "kl: averaged over the prior", "kl-by-prior"),
    ({"kl": 2 * ln(8 / 3) / 3 - ln(9 / 4) / 3}, "kl: KL(p ‖ q)", "kl-reverse"),
    ({"kl": 0.75 * ln(1.5) + 0.25 * ln(0.5)}, "kl: to the posterior", "kl-to-posterior"),
    ({"kl": -(0.75 * ln(0.75) + 0.25 * ln(0.25))}, "kl: the entropy of q", "kl-entropy"),
    ({"kl": -(0.75 * ln(1 / 3) + 0.25 * ln(2 / 3))}, "kl: the cross-entropy", "kl-cross-entropy"),
    ({"kl": 0.75 * ln(9 / 4)}, "kl: the first term alone", "kl-first-only"),
    ({"kl": ln(9 / 4) + ln(3 / 8)}, "kl: no weights", "kl-no-weights"),
    ({"kl": 0.75 * math.log2(9 / 4) + 0.25 * math.log2(3 / 8)}, "kl: in bits", "kl-bits"),
    ({"gap": 1 * ln(2) - 7 * ln(3) / 4}, "gap: the ELBO", "gap-elbo"),
    ({"gap": ln(2) - 3 * ln(3) / 4}, "gap: the sign", "gap-sign"),
    ({"gap": 1.25 * ln(2) - ln(3)}, "gap: without the KL", "gap-no-kl"),
    ({"gap": 3.5 * ln(2) - 2.75 * ln(3)}, "gap: plus the KL in the ELBO", "gap-kl-added"),
    ({"gap": 7 * ln(3) / 4 - 9 * ln(2) / 4}, "gap: the KL again", "gap-is-kl"),
    ({"gap": 0.5 * ln(0.5 / 0.75) + 0.5 * ln(0.5 / 0.25)}, "gap: the other way round", "gap-reverse"),
    ({"kl": 0.46}, "kl: off by a tenth", "unknown"),
    (oracle, "torch.distributions", ""),
    (by_sums, "sums of logarithms", ""),
    (by_fractions, "fractions, two entries", "open"),
    (on_paper, "on paper", ""),
    ({"log_px": -1.099, "reconstruction": -0.8664, "kl": 0.363, "gap": 0.1308}, "four digits", ""),
]

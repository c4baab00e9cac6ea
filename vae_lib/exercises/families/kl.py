"""The KL of a diagonal Gaussian to N(0, I), term by term, and its slips."""

import math
from functools import partial
from itertools import combinations

import torch
from torch import Tensor

from vae_lib.exercises.engine import Mistake
from vae_lib.exercises.families.basics import LOG_2PI, cuts, half_exp, same, swaps, term

HALVES = (0.5, 0.5, 0.5, 0.5)  # before each of the four terms


def kl_table(mu, log_var, *, read=same, half=HALVES, square=torch.square, var=torch.exp, one=torch.ones_like, log=same):
    """½ (μ² + σ² − 1 − log σ²), one number a latent, with other things in the places of its parts."""
    a, b, c, d = half
    log_var = read(log_var)
    return a * square(mu) + b * var(log_var) - c * one(mu) - d * log(log_var)


def reverse_kl_table(mu: Tensor, log_var: Tensor) -> Tensor:
    """KL(N(0, 1) ‖ N(mu, exp(log_var))), one number a latent."""
    return 0.5 * (log_var + (1 + mu**2) / log_var.exp() - 1)


TERMS = {  # the part of `kl_table`, its name, and what it does
    "mean": ("square", "μ²", torch.square),
    "var": ("var", "σ²", torch.exp),
    "one": ("one", "the −1", torch.ones_like),
    "log": ("log", "log σ²", same),
}


def slips_of_kl() -> dict[str, tuple[str, dict]]:
    """Key → the sentence, and what stands in the places of parts of `kl_table`."""
    return {
        "half-missing": ("the ½ is missing", {"half": (1.0,) * 4}),
        "half-twice": ("the ½ is there twice", {"half": (0.25,) * 4}),
        **_half_on_some_terms_only(),
        **{key: slip for of in TERMS.values() for key, slip in term(*of, but=("twice", "half")).items()},
        "one-once": ("the −1 is counted once instead of once per latent dimension", {"one": lambda m: 1 / m.shape[-1]}),
        "one-eight": ("the −1 is counted 8 times, whatever the latents", {"one": lambda m: 8 / m.shape[-1]}),
        "two-pi": ("log 2π is added for each latent: it cancels in a KL", {"one": lambda m: 1 - LOG_2PI}),
        "mean-not-squared": ("μ is used in place of μ²", {"square": same}),
        "mean-absolute": ("|μ| is used in place of μ²", {"square": torch.abs}),
        "mean-norm": (
            "the length of μ, not squared, is used in place of Σ μ²",
            {"square": lambda m: m.norm(dim=-1, keepdim=True) / m.shape[-1]},
        ),
        "mean-summed-first": (
            "the sum of μ is squared, in place of the sum of the squares",
            {"square": lambda m: m.sum(-1, keepdim=True).square() / m.shape[-1]},
        ),
        "mean-centred": ("the mean of μ over the batch is taken off first", {"square": lambda m: (m - m.mean(0)) ** 2}),
        "sd-for-var": ("σ is used in place of σ²: exp(log_var / 2) is a standard deviation", {"var": half_exp}),
        "var-squared": ("σ² is squared again: exp(log_var) is already σ²", {"var": lambda v: (2 * v).exp()}),
        "log-var-for-var": (
            "log_var is used in place of σ², or σ² in place of log_var, and the two cancel",
            {"var": same},
        ),
        "inverse-var": ("1/σ² is used in place of σ²", {"var": lambda v: (-v).exp()}),
        "var-detached": ("σ² is detached: its gradient is lost", {"var": lambda v: v.exp().detach()}),
        "taylor": ("exp(log_var) is cut off after its second-order term", {"var": lambda v: 1 + v + v**2 / 2}),
        "log-base-ten": ("the logarithm of σ² is to base 10", {"log": lambda v: v / math.log(10)}),
        "var-base-two": ("2 is raised to log_var, instead of e", {"var": torch.exp2}),
        "log-base-two": ("the logarithm of σ² is to base 2", {"log": lambda v: v / math.log(2)}),
        "log-sd-for-log-var": ("log σ is used in place of log σ²", {"log": lambda v: v / 2}),
        "read-as-var": ("log_var is read as σ² itself, and not as its logarithm", {"var": same, "log": torch.log}),
        "read-as-sd": ("log_var is read as σ", {"var": torch.square, "log": lambda v: v.square().log()}),
        "read-as-sd-by-its-log": (
            "log_var is read as σ (and has no logarithm where it is negative)",
            {"var": torch.square, "log": lambda v: 2 * v.log()},
        ),
        "read-as-log-sd": (
            "log_var is read as log σ, so that exp(log_var) is used as σ",
            {"var": lambda v: (2 * v).exp(), "log": lambda v: 2 * v},
        ),
    }


def _half_on_some_terms_only() -> dict[str, tuple[str, dict]]:
    return {
        f"half-on-{'-'.join(some)}": (
            f"the ½ stands before {' and '.join(TERMS[t][1] for t in some)} only, and not before all four terms",
            {"half": tuple(0.5 if t in some else 1.0 for t in TERMS)},
        )
        for count in (1, 2, 3)
        for some in combinations(TERMS, count)
    }


def slips_of_log_var() -> dict[str, tuple]:
    """Key → the sentence, and what is done to log_var first."""
    limits = (1, 1), (2, 2), (5, 5), (10, 10), (20, 20), (30, 20), (20, 2)
    return {"relu": ("negative log_var are made 0 first", torch.relu), **cuts(*limits)}


def slips_of_tables() -> dict[str, tuple]:
    """Key → the sentence, and another table [batch, latent] than the KL's."""
    return {
        "product": ("μ² and σ² are multiplied instead of added", lambda m, v: 0.5 * (m**2 * v.exp() - 1 - v)),
        "binomial": ("μ + σ is squared: 2μσ too much", lambda m, v: kl_table(m, v) + m * half_exp(v)),
        "mean-over-var": ("μ² is divided by σ²", lambda m, v: kl_table(m, v) + 0.5 * m**2 * ((-v).exp() - 1)),
        "swapped": ("mu and log_var have changed places", lambda m, v: kl_table(v, m)),
        "plus-entropy": (
            "the entropy of q is added instead of subtracted",
            lambda m, v: kl_table(m, v) + v + 1 + LOG_2PI,
        ),
        "prior-two": (
            "the prior has standard deviation 2 instead of 1",
            lambda m, v: 0.5 * ((m**2 + v.exp()) / 4 - 1 - v) + math.log(2),
        ),
        "reverse": ("the KL is taken the other way round, KL(p ‖ q)", reverse_kl_table),
        "reverse-half-missing": (
            "the KL is taken the other way round, KL(p ‖ q), and its ½ is missing",
            lambda m, v: 2 * reverse_kl_table(m, v),
        ),
    }


def free_bits(part: str) -> dict[str, Mistake]:
    """For a `part` that sums the KL's table [batch, latent] over its last axis."""
    slips = {}
    for n in (0.1, 0.2, 0.25, 0.5, 1, 2):
        slips[f"{n}"] = f"the KL of a latent is kept above {n} nats (free bits)", lambda t, n=n: t.clamp(min=n).sum(-1)
    for n in (1, 2):
        slips[f"{n}-in-all"] = f"the KL is kept above {n} nats (free bits)", lambda t, n=n: t.sum(-1).clamp(min=n)
    return swaps(part, slips, "free-bits-")


def kl(part: str) -> dict[str, Mistake]:
    """All slips in the KL, in the place of one `part` that makes its table [batch, latent]."""
    slots = slips_of_kl() | {key: (words, {"read": first}) for key, (words, first) in slips_of_log_var().items()}
    tables = {
        **{key: (f"in the KL, {words}", partial(kl_table, **slot)) for key, (words, slot) in slots.items()},
        **slips_of_tables(),
        "missing": ("the KL is left out", lambda mu, log_var: 0 * (mu + log_var)),
        "sign": ("the KL has the wrong sign", lambda mu, log_var: -kl_table(mu, log_var)),
        "detached": (
            "the KL sends no gradient, or next to none, to the encoder: it is detached",
            lambda mu, log_var: kl_table(mu, log_var).detach() + 0 * (mu + log_var),
        ),
    }
    return swaps(part, tables, "kl-")

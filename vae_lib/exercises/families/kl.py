"""The KL of a diagonal Gaussian to N(0, I), term by term, and its slips."""

import math
from collections.abc import Callable
from functools import partial
from itertools import combinations

import torch
from torch import Tensor

from vae_lib.exercises.engine import swap
from vae_lib.exercises.engine.mistakes import Mistake
from vae_lib.exercises.families.basics import LOG_2PI, half_exp, same, term

CLAMPS = (-1, 1), (-2, 2), (-3, 3), (-4, 4), (-5, 5), (-6, 2), (-10, 10), (-20, 20), (-30, 20), (-20, 2), (-10, 2)
HALVES = (0.5, 0.5, 0.5, 0.5)  # before each of the four terms


def kl_table(mu, log_var, *, half=HALVES, square=torch.square, var=torch.exp, one=torch.ones_like, log=same) -> Tensor:
    """½ (μ² + σ² − 1 − log σ²), one number a latent, with other things in the places of its parts."""
    a, b, c, d = half
    return a * square(mu) + b * var(log_var) - c * one(mu) - d * log(log_var)


def reverse_kl_table(mu: Tensor, log_var: Tensor) -> Tensor:
    """KL(N(0, 1) ‖ N(mu, exp(log_var))), one number a latent."""
    return 0.5 * (log_var + (1 + mu**2) / log_var.exp() - 1)


def slips_of_kl() -> dict[str, tuple[str, dict]]:
    """Key → the sentence, and what stands in the places of parts of `kl_table`."""
    return {
        "half-missing": ("the ½ is missing", {"half": (1.0,) * 4}),
        "half-twice": ("the ½ is there twice", {"half": (0.25,) * 4}),
        **dict(_half_on_some_terms_only()),
        **term("square", "μ²", torch.square, but=("twice",)),
        **term("var", "σ²", torch.exp, but=("twice",)),
        **term("one", "the −1", torch.ones_like, but=("twice",)),
        **term("log", "log σ²", same, but=("twice", "half")),
        "one-once": (
            "the −1 is counted once instead of once per latent dimension",
            {"one": lambda mu: torch.ones_like(mu) / mu.shape[-1]},
        ),
        "mean-not-squared": ("μ is used in place of μ²", {"square": same}),
        "mean-absolute": ("|μ| is used in place of μ²", {"square": torch.abs}),
        "sd-for-var": ("σ is used in place of σ²: exp(log_var / 2) is a standard deviation", {"var": half_exp}),
        "var-squared": ("σ² is squared again: exp(log_var) is already σ²", {"var": lambda v: (2 * v).exp()}),
        "log-var-for-var": (
            "log_var is used in place of σ², or σ² in place of log_var, and the two cancel",
            {"var": same},
        ),
        "inverse-var": ("1/σ² is used in place of σ²", {"var": lambda v: (-v).exp()}),
        "var-detached": ("σ² is detached: its gradient is lost", {"var": lambda v: v.exp().detach()}),
        "mean-detached": ("μ² is detached: its gradient is lost", {"square": lambda m: m.square().detach() + 0 * m}),
        "log-detached": ("log σ² is detached: its gradient is lost", {"log": lambda v: v.detach() + 0 * v}),
        "mean-norm": ("the length of μ, not squared, is used in place of Σ μ²", {"square": _norm}),
        "mean-summed-first": ("the sum of μ is squared, in place of the sum of the squares", {"square": _sum_squared}),
        "mean-centred": ("the mean of μ over the batch is taken off first", {"square": lambda m: (m - m.mean(0)) ** 2}),
        "log-base-ten": ("the logarithm of σ² is to base 10", {"log": lambda v: v / math.log(10)}),
        "log-base-two": ("the logarithm of σ² is to base 2", {"log": lambda v: v / math.log(2)}),
        "log-absolute": ("log σ² loses its sign", {"log": torch.abs}),
        "two-pi": ("log 2π is added for each latent: it cancels in a KL", {"one": lambda m: (1 - LOG_2PI) + 0 * m}),
        "one-eight": (
            "the −1 is counted 8 times, whatever the latents",
            {"one": lambda m: 8 / m.shape[-1] + 0 * m},
        ),
        "taylor": ("exp(log_var) is cut off after its second-order term", {"var": lambda v: 1 + v + v**2 / 2}),
        "log-sd-for-log-var": ("log σ is used in place of log σ²", {"log": lambda v: v / 2}),
        "log-of-log-var": ("the logarithm of log_var is taken: it is a logarithm already", {"log": torch.log}),
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


def _norm(mu: Tensor) -> Tensor:
    return mu.norm(dim=-1, keepdim=True).expand_as(mu) / mu.shape[-1]


def _sum_squared(mu: Tensor) -> Tensor:
    return mu.sum(-1, keepdim=True).square().expand_as(mu) / mu.shape[-1]


def slips_of_log_var() -> dict[str, tuple[str, Callable]]:
    """Key → the sentence, and what is done to log_var first."""
    return {
        "relu": ("negative log_var are made 0 first", torch.relu),
        "absolute": ("log_var loses its sign first", torch.abs),
        **{
            f"clamped-{-low}-{high}": (
                f"log_var is cut off at {low} and {high}".replace("-", "−"),
                partial(torch.clamp, min=low, max=high),
            )
            for low, high in CLAMPS
        },
    }


def slips_of_tables() -> dict[str, tuple[str, Callable]]:
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
        "prior-two": ("the prior has standard deviation 2 instead of 1", _to_prior(2.0)),
        "free-bits": (
            "the KL of a latent is kept above ¼ (free bits)",
            lambda m, v: kl_table(m, v).clamp(min=0.25),
        ),
        "reverse": ("the KL is taken the other way round, KL(p ‖ q)", reverse_kl_table),
        "reverse-half-missing": (
            "the KL is taken the other way round, KL(p ‖ q), and its ½ is missing",
            lambda m, v: 2 * reverse_kl_table(m, v),
        ),
    }


def _to_prior(sd: float) -> Callable:
    return lambda m, v: 0.5 * ((m**2 + v.exp()) / sd**2 - 1 - v) + math.log(sd)


def kl(part: str) -> dict[str, Mistake]:
    """All slips in the KL, in the place of one `part` that makes its table [batch, latent]."""
    tables = {
        f"kl-{key}": swap(f"in the KL, {sentence}", **{part: partial(kl_table, **slots)})
        for key, (sentence, slots) in slips_of_kl().items()
    }
    tables |= {f"kl-{key}": swap(sentence, **{part: table}) for key, (sentence, table) in slips_of_tables().items()}
    tables |= {
        f"kl-{key}": swap(f"in the KL, {sentence}", **{part: lambda m, v, first=first: kl_table(m, first(v))})
        for key, (sentence, first) in slips_of_log_var().items()
    }
    tables["kl-missing"] = swap("the KL is left out", **{part: lambda mu, log_var: 0 * (mu + log_var)})
    tables["kl-sign"] = swap("the KL has the wrong sign", **{part: lambda mu, log_var: -kl_table(mu, log_var)})
    tables["kl-detached"] = swap(
        "the KL sends no gradient, or next to none, to the encoder: it is detached",
        **{part: lambda mu, log_var: kl_table(mu, log_var).detach() + 0 * (mu + log_var)},
    )
    return tables


def _half_on_some_terms_only():
    terms = {"mean": "μ²", "var": "σ²", "one": "the −1", "log": "log σ²"}
    for count in (1, 2, 3):
        for some in combinations(terms, count):
            names = " and ".join(terms[term] for term in some)
            sentence = f"the ½ stands before {names} only, and not before all four terms of (4.8)"
            yield f"half-on-{'-'.join(some)}", (sentence, {"half": tuple(0.5 if t in some else 1.0 for t in terms)})

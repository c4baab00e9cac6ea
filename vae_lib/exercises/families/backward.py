"""Slips by hand on the way back: through a layer, a ReLU and a draw, and in the gradient of the KL.

Each stands in the place of one of the values of `network.values_given`, or of a part that is a `gate`.
"""

import numpy as np

from vae_lib.exercises.engine import Mistake, swap
from vae_lib.exercises.families.layers import relu, shown, swaps


def backs(W: str, prefix: str) -> dict[str, Mistake]:
    """For a matrix on the way back."""
    slips = {
        "not-transposed": (f"{shown(W)} is not transposed on the way back", lambda values: values[W].T),
        "left-out": (f"{shown(W)} is left out on the way back", lambda values: np.eye(3)),
    }
    return swaps(W, slips, prefix)


def gate(d: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Back through the ReLU of a."""
    return np.where(a > 0, d, 0)


def gates(a: str, other: str) -> dict[str, Mistake]:
    """For a part `mask` that is the gate of the value `a`; `other` is what the other network's ReLU was given."""
    is_a = shown(a)
    slips = {
        "no-mask": (f"the ReLU's derivative is forgotten: nothing passes where {is_a} < 0", lambda d, a: d),
        "relu-of-gradient": (f"the ReLU is applied to the gradient: it passes where {is_a} > 0", lambda d, a: relu(d)),
        "reversed-mask": (f"the mask is the wrong way round: it passes where {is_a} > 0", lambda d, a: gate(d, -a)),
        "times-relu": (f"the gradient is multiplied by ReLU({is_a}), in place of 0 or 1", lambda d, a: d * relu(a)),
        "times-a": (f"the gradient is multiplied by {is_a}", lambda d, a: d * a),
    }
    other_mask = swap(f"the mask is that of {shown(other)}: it is {is_a} > 0", **{a: other})
    return swaps("mask", slips) | {"other-mask": other_mask}


TIMES = {
    "sign": ("the residual has the wrong sign", -1),
    "twice": ("the ½ of the squared error is forgotten: twice the gradient", 2),
    "averaged": ("the squared error is averaged, and not halved", 2 / 3),
    "divided": ("the result is divided by 3", 1 / 3),
}
TO_A2 = {**gates("a2", "a1"), **backs("weight4", "w4-"), **swaps("times", TIMES)}  # from ∂J/∂f back to ∂J/∂a₂

BY_MEAN = {  # in the place of μ, the KL's part
    "missing": ("the KL's part is forgotten: this is ∂J/∂z alone", lambda mean: 0 * mean),
    "twice": ("the KL's part is 2μ: its ½ is forgotten", lambda mean: 2 * mean),
    "averaged": ("the KL's part is averaged over the latents", lambda mean: mean / 3),
    "half": ("the KL's part is ½μ: its ½ and the 2 of the square cancel", lambda mean: mean / 2),
    "sign": ("the KL's part has the wrong sign", lambda mean: -mean),
    "code": ("z is used in the KL's part, where μ belongs", "code"),
    "not-derived": ("the KL's part is ½μ²: it is not differentiated", lambda mean: mean**2 / 2),
}
BY_LOG_VAR = {  # in the place of ½ (σ² − 1)
    "missing": ("the KL's part is forgotten", lambda sigma: 0 * sigma),
    "half-missing": ("the ½ of the KL's part is forgotten", lambda sigma: sigma**2 - 1),
    "averaged": ("the KL's part is averaged over the latents", lambda sigma: (sigma**2 - 1) / 6),
    "one-missing": ("the −1 of the KL's part, from −log σ², is forgotten", lambda sigma: sigma**2 / 2),
    "one-sign": ("the −1 of the KL's part, from −log σ², has the wrong sign", lambda sigma: (sigma**2 + 1) / 2),
    "sign": ("the KL's part has the wrong sign", lambda sigma: (1 - sigma**2) / 2),
    "sigma": ("σ is used in place of σ² in the KL's part", lambda sigma: (sigma - 1) / 2),
    "by-var": ("the KL's part is differentiated by σ²", lambda sigma: (1 - 1 / sigma**2) / 2),
    "by-sigma": ("the KL's part is differentiated by σ", lambda sigma: sigma - 1 / sigma),
    "not-derived": ("the KL's part is not differentiated", lambda sigma: (sigma**2 - 1) / 2 - np.log(sigma)),
}
MOVES = "the slope of z by log σ² is ½ σ ⊙ ε"
THROUGH_NOISE = {  # in the place of ½ σ ⊙ ε
    "missing": ("the path through the reconstruction is forgotten: this is the KL's part alone", lambda eps: 0 * eps),
    "half-missing": ("the ½ of ∂σ/∂log σ² = ½σ is forgotten", lambda sigma, eps: sigma * eps),
    "no-eps": (f"ε is forgotten: {MOVES}", lambda sigma: sigma / 2),
    "no-sigma": (f"σ is forgotten: {MOVES}", lambda eps: eps / 2),
    "eps-alone": ("∂z/∂log σ² is taken to be ε: that is ∂z/∂σ", "eps"),
    "one": (f"∂J/∂z is passed on unchanged: {MOVES}", lambda eps: 1 + 0 * eps),
    "var": (f"σ² is used where σ belongs: {MOVES}", lambda sigma, eps: sigma**2 * eps / 2),
    "var-no-half": ("z is taken to be μ + σ² ⊙ ε: ∂z/∂log σ² is ½ σ ⊙ ε", lambda sigma, eps: sigma**2 * eps),
    "sign": ("the path through the reconstruction has the wrong sign", lambda sigma, eps: -sigma * eps / 2),
}

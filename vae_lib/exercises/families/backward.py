"""Slips by hand on the way back: through a layer, a ReLU and a draw, and in the gradient of the KL."""

import numpy as np

from vae_lib.exercises.engine import swap
from vae_lib.exercises.engine.mistakes import Mistake
from vae_lib.exercises.families.layers import products, relu, swaps


def back(W: np.ndarray, d: np.ndarray) -> np.ndarray:
    """From the gradient at a layer's output to the one at its input."""
    return W.T @ d


def backs(part: str, W: str, prefix: str) -> dict[str, Mistake]:
    slips = {
        "not-transposed": (f"{W} is not transposed on the way back", lambda W, d: W @ d),
        "left-out": (f"{W} is left out on the way back", lambda W, d: d),
    }
    return swaps(part, slips, prefix)


def products_back(part: str, of: str, prefix: str) -> dict[str, Mistake]:
    """One product of one number has the wrong sign, or is left out."""
    return {
        key: swap(slip.sentence, **{part: lambda W, d, f=slip.swapped[part]: f(W.T, 0 * d, d)})
        for key, slip in products(part, of, prefix).items()
        if not key.endswith("-4")  # the bias
    }


def gate(d: np.ndarray, a: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Back through the ReLU of a; `other` is what the other network's ReLU was given."""
    return np.where(a > 0, d, 0)


def gates(part: str, a: str, other: str, prefix: str = "") -> dict[str, Mistake]:
    slips = {
        "no-mask": (f"the ReLU's derivative is forgotten: nothing passes where {a} < 0", lambda d, a, other: d),
        "relu-of-gradient": (
            f"the ReLU is applied to the gradient itself: it passes where {a} > 0",
            lambda d, a, other: relu(d),
        ),
        "other-mask": (f"the mask is that of {other}: it is {a} > 0", lambda d, a, other: np.where(other > 0, d, 0)),
        "reversed-mask": (
            f"the mask is the wrong way round: the gradient passes where {a} > 0",
            lambda d, a, other: np.where(a > 0, 0, d),
        ),
        "times-relu": (
            f"the gradient is multiplied by ReLU({a}): the derivative of the ReLU is 0 or 1",
            lambda d, a, other: d * relu(a),
        ),
        "times-a": (f"the gradient is multiplied by {a}", lambda d, a, other: d * a),
    }
    return swaps(part, slips, prefix)


def kl_by_mean(mean: np.ndarray, code: np.ndarray) -> np.ndarray:
    return mean


KL_BY_MEAN = {
    "missing": ("the KL's part is forgotten: this is ∂J/∂z alone", lambda mean, code: 0),
    "twice": ("the KL's part is 2μ: its ½ is forgotten", lambda mean, code: 2 * mean),
    "averaged": ("the KL's part is averaged over the latents", lambda mean, code: mean / 3),
    "half": ("the KL's part is ½μ: its ½ and the 2 of the square cancel", lambda mean, code: mean / 2),
    "sign": ("the KL's part has the wrong sign", lambda mean, code: -mean),
    "code": ("z is used in the KL's part, where μ belongs", lambda mean, code: code),
    "not-derived": ("the KL's part is ½μ²: it is not differentiated", lambda mean, code: mean**2 / 2),
    "squared": ("the KL's part is μ² instead of its derivative", lambda mean, code: mean**2),
    "absolute": ("the KL's part loses its sign: |μ|", lambda mean, code: abs(mean)),
    "one": ("the KL's part is 1", lambda mean, code: 1),
}


def kl_by_log_var(sigma: np.ndarray) -> np.ndarray:
    return (sigma**2 - 1) / 2


KL_BY_LOG_VAR = {
    "missing": ("the KL's part is forgotten", lambda sigma: 0),
    "half-missing": ("the ½ of the KL's part is forgotten", lambda sigma: sigma**2 - 1),
    "averaged": ("the KL's part is averaged over the latents", lambda sigma: (sigma**2 - 1) / 6),
    "one-missing": ("the −1 of the KL's part, from −log σ², is forgotten", lambda sigma: sigma**2 / 2),
    "one-alone": ("the σ² of the KL's part is forgotten", lambda sigma: -0.5),
    "one-sign": ("the −1 of the KL's part, from −log σ², has the wrong sign", lambda sigma: (sigma**2 + 1) / 2),
    "half-on-var": ("the ½ of the KL's part stands before σ² alone", lambda sigma: sigma**2 / 2 - 1),
    "half-on-one": ("the ½ of the KL's part stands before the −1 alone", lambda sigma: sigma**2 - 0.5),
    "sign": ("the KL's part has the wrong sign", lambda sigma: (1 - sigma**2) / 2),
    "sigma": ("σ is used in place of σ² in the KL's part", lambda sigma: (sigma - 1) / 2),
    "fourth-power": ("σ⁴ is used in place of σ² in the KL's part", lambda sigma: (sigma**4 - 1) / 2),
    "by-var": ("the KL's part is differentiated by σ²", lambda sigma: (1 - 1 / sigma**2) / 2),
    "by-sigma": ("the KL's part is differentiated by σ", lambda sigma: sigma - 1 / sigma),
    "not-derived": (
        "the KL's part is not differentiated: ½ (σ² − 1 − log σ²)",
        lambda sigma: (sigma**2 - 1 - 2 * np.log(sigma)) / 2,
    ),
    "log-for-one": ("log σ² stands in place of the 1 in the KL's part", lambda sigma: sigma**2 / 2 - np.log(sigma)),
    "inverse": ("1/σ² is used in place of σ² in the KL's part", lambda sigma: (sigma**-2 - 1) / 2),
}


def through_noise(sigma: np.ndarray, eps: np.ndarray) -> np.ndarray:
    """∂z/∂log σ²."""
    return sigma * eps / 2


THROUGH_NOISE = {
    "missing": ("the path through the reconstruction is forgotten: this is the KL's part alone", lambda sigma, eps: 0),
    "half-missing": ("the ½ of ∂σ/∂log σ² = ½σ is forgotten", lambda sigma, eps: sigma * eps),
    "half-twice": ("the ½ of ∂σ/∂log σ² = ½σ is there twice", lambda sigma, eps: sigma * eps / 4),
    "no-eps": ("ε is forgotten: one unit of log σ² moves z by ½ σ ⊙ ε", lambda sigma, eps: sigma / 2),
    "no-sigma": ("σ is forgotten: one unit of log σ² moves z by ½ σ ⊙ ε", lambda sigma, eps: eps / 2),
    "eps-alone": ("∂z/∂log σ² is taken to be ε: that is ∂z/∂σ", lambda sigma, eps: eps),
    "one": ("∂J/∂z is passed on unchanged: one unit of log σ² moves z by ½ σ ⊙ ε", lambda sigma, eps: 1),
    "half-alone": ("σ and ε are both forgotten: one unit of log σ² moves z by ½ σ ⊙ ε", lambda sigma, eps: 0.5),
    "var": (
        "σ² is used where σ belongs: one unit of log σ² moves z by ½ σ ⊙ ε",
        lambda sigma, eps: sigma**2 * eps / 2,
    ),
    "var-no-half": ("z is taken to be μ + σ² ⊙ ε: ∂z/∂log σ² is ½ σ ⊙ ε", lambda sigma, eps: sigma**2 * eps),
    "inverse": ("1/σ is used where σ belongs", lambda sigma, eps: eps / sigma / 2),
    "sign": ("the path through the reconstruction has the wrong sign", lambda sigma, eps: -sigma * eps / 2),
    "absolute-eps": ("ε loses its sign", lambda sigma, eps: sigma * abs(eps) / 2),
    "eps-squared": ("ε enters squared", lambda sigma, eps: sigma * eps**2 / 2),
    "log-sigma": ("log σ is used where σ belongs", lambda sigma, eps: np.log(sigma) * eps / 2),
}

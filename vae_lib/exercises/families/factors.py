"""A factor L of a covariance Σ, L Lᵀ = Σ, and its slips."""

import torch

from vae_lib.exercises.engine.mistakes import Mistake
from vae_lib.exercises.families.basics import same, swaps

cholesky = torch.linalg.cholesky


def factors(part: str) -> dict[str, Mistake]:
    """For a `part` that makes L of Σ."""
    slips = {
        "sigma": ("Σ multiplies ε in place of a factor L: Σε, and Σᵀε, have covariance ΣΣ", same),
        "transposed": (
            "Lᵀ multiplies ε in place of L: where ε is a row, the factor on its right must be transposed",
            lambda S: cholesky(S).mT,
        ),
        "inverse": ("the inverse of L multiplies ε", lambda S: torch.linalg.inv(cholesky(S))),
        "precision": (
            "Σ is used as the precision matrix: its inverse is the covariance",
            lambda S: cholesky(torch.linalg.inv(S)),
        ),
        "diagonal": (
            "only the diagonal of Σ is used, and the covariances are lost",
            lambda S: S.diagonal().sqrt().diag(),
        ),
        "variances": (
            "the diagonal of Σ, the variances, is used as standard deviations",
            lambda S: S.diagonal().diag(),
        ),
        "diagonal-of-factor": ("only the diagonal of L is used", lambda S: cholesky(S).diagonal().diag()),
        "entry-roots": (
            "the square root of each entry of Σ is taken: that is no factor of Σ, and NaN where Σ is negative",
            torch.sqrt,
        ),
        "entry-roots-of-sizes": (
            "the square root of the absolute value of each entry of Σ is taken: that is no factor of Σ",
            lambda S: S.abs().sqrt(),
        ),
        "lower-of-sigma": ("the lower triangle of Σ is used as L: it is no factor of Σ", torch.tril),
        "eigenvalues": (
            "the eigenvectors of Σ are lost, or on the wrong side of ε: its eigenvalues alone are left",
            lambda S: torch.linalg.eigvalsh(S).sqrt().diag(),
        ),
        "identity": ("Σ does not enter: the covariance is I", lambda S: torch.eye(len(S))),
    }
    return swaps(part, slips, "factor-")

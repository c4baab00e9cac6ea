"""Chapters 3 and 5: labs, panels of settings in Jupyter in which a change runs torch, with progress and a stop."""

from vae_lib.labs import training, variance
from vae_lib.labs.panel import rounded
from vae_lib.labs.training import training_lab
from vae_lib.labs.variance import variance_lab

__all__ = ["record", "training_lab", "variance_lab"]


def record() -> dict[str, list[dict]]:
    """The results that the labs show where no kernel runs, computed anew: what `make assets` writes to labs.json."""
    return rounded({"variance": variance.record(), "training": training.record()})

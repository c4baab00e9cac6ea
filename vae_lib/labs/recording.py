"""Chapters 3 and 5: the results that the labs show where no kernel runs."""

from vae_lib.labs import training, variance
from vae_lib.labs.panel import rounded


def record() -> dict[str, list[dict]]:
    """Those results, computed anew: what `make assets` writes to labs.json."""
    return rounded({"variance": variance.record(), "training": training.record()})

"""Live figures, one Python function and one JavaScript module each; `page.py` and `base.js` are what they share."""

from vae_lib.lazy import lazily

lazily(
    __name__,
    bound="bound",
    calculator="calculator",
    epochs="epochs",
    graph="graph",
    machine="machine",
    trainer="trainer",
    trick="trick",
)

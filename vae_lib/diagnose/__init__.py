"""The reader's own work: what a loss is, from its code or from its words."""

from vae_lib.lazy import lazily

lazily(
    __name__,
    checkup="checkup",
    losses="diagnose_loss",
    reductions="implied",
)

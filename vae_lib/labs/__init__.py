"""Labs: panels of settings in Jupyter in which a change runs torch, with progress and a stop."""

from vae_lib.lazy import lazily

lazily(
    __name__,
    training="training_lab",
    variance="variance_lab",
)

"""Weights and recordings that ship with the library, and the yardsticks of its data."""

from vae_lib.lazy import lazily

lazily(
    __name__,
    yardsticks="LIKELIHOODS fresh_vae independent_pixels train_on_digits",
    forces="forces_runs",
    collapse="collapse_runs",
    discrete="discrete_runs",
    chains="chain_runs",
    doses="dose_runs",
    strings="string_runs",
    weights="asset digits_vae recorded_digits_vae",
)

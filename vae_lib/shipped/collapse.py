"""Chapter 7: which latents live, predicted and trained; what cures buy. `make assets` records the runs."""

from vae_lib.shipped.weights import asset


def collapse_runs() -> dict[str, list | dict]:
    """What chapter 7 trained over seeds 0, 1, 2, by part; nats an image, the digits' 1437 training images / 16.

    A list in a run has one entry a seed, if nothing else is said.

    - `linear`: one dict a setting of the linear VAE, each setting that was tried. `data` ("digits" or "low rank": 2,000
      points of 20 numbers), `latents`, `noise var` (σ_x², fixed), `beta`; `outside`, why the setting lies outside the
      `margins` that were set before training, or ""; `predicted` count, `optimum` (the ELBO), `optimal rate`; `landed`,
      whether each seed ended with that count, less than `margins["close"]` below the objective's maximum. Trained:
      `used`, `elbo`, `short` (of the objective's maximum), `rate`, `distortion`, `shannon` (R of that distortion).
    - `learned noise`: `latents`, `beta`; predicted `noise var` and count, and what was `trained` and `used` from two
      starts, 0.02 and 0.5.
    - `cures`: by arm, 64 → 64 → 16 → 64 → 64, σ_x² = 0.3 but where it learns, 60 epochs: `rate`, `distortion`,
      `information` with its `error`, latents `used` (KL above 0.01 nats) and `active` (Burda's rule), `elbo`, `noise
      var`, `test elbo`. Free bits are 0.2 nats a latent, 3.2 in total.
    - `recording`: one entry an epoch of `recorded_digits_vae`: `epoch`, `rate`, `information`, `aggregate`
      (KL(q(z) ‖ p(z))), the last two measured on their own, with `information error` and `aggregate error`.
    - `information`: one entry a σ_x², at the linear VAE's optimum: `noise var`, `latents`, `used`, `rate`; I of the
      `digits`, and of 1437 draws of a Gaussian with their mean and covariance (`gaussian`), each with its error.
    - `priors`: two latents, black and white, 60 epochs: "standard" is N(0, I), "mixture" 20 Gaussians that learn: the
      parts of the KL as in `recording`, and `test elbo`.

    Raises FileNotFoundError as `asset`.
    """
    return asset("collapse.json")

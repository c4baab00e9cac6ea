"""Chapter 1: what the pull to the middle and the noise do, each on or off; `make assets` records the runs."""

from vae_lib.shipped.weights import asset


def forces_runs() -> dict[str, list[dict]]:
    """Five trainings, one a seed, of each arm: "pull and noise" (the VAE), "pull alone", "noise alone", "neither".

    64 → 128 → 2 → 128 → 64 on the digits, black from count 8, for 100 epochs. The pull is the KL, and ½‖μ‖² where there
    is no noise; without noise z is μ. A run holds:

    - `seed`; `spread`, the standard deviation of the training codes μ on an axis, and, with noise, `mean sigma`, each
      after 25, 50 and 100 epochs; `inside`, the share of the training codes with |z| < 2;
    - `nats`, −log p(x) of the test pictures with z from N(0, I), by quadrature over |z₁|, |z₂| < 40: nats a picture,
      lower is better; `reconstruction`, −log p(x|z) at z = μ, on the training and on the test pictures;
    - of 2,000 draws of z from N(0, I), black where p(x|z) says more than one half: `classes`, the shares of the ten
      digits, as a classifier names them; `distance`, the total variation from the data's shares; `drawn`, the number of
      digits with more than 2 %; `empty`, the share that has no training code within 0.5, of all draws and of those with
      |z| < 1, from 1 to 2, and beyond 2;
    - of seeds 0, 1 and 2, what can be drawn: `mu` and, with noise, `sigma` of the first 300 training pictures, whose
      digits are `asset("forces.json")["labels"]`; `draws`, the first twenty as 16 hexadecimal digits each.

    Raises FileNotFoundError as `asset`.
    """
    return asset("forces.json")["arms"]

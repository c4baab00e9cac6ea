"""Chapter 8: what ways to the slope cost and train to. `make assets` records the runs."""

from vae_lib.shipped.weights import asset


def discrete_runs() -> dict[str, dict]:
    """What chapter 8 trained and measured; nats an image, the digits in black and white (counts of at least 8).

    64 → 64 → 6 coins → 64 → 64, the KL in closed form, Adam at a constant rate, batches of 64, five calls of the
    decoder an image a step (REBAR six). Scores are sums over the 64 codes, losses where a name begins with −. A list
    has one entry a seed, of five, if nothing else is said; `interval` has by name the mean of such a list and the ends
    of its 95 % interval, by Student's t.

    - `settings`: the learning `rates` that were tried, `calls`, `checkpoints`; how many test `images` and `draws` of an
      estimate for each the slopes are measured with.
    - `trained`: by epochs ("60", "200") and arm: `rate`, the one with the lowest −ELBO `held out` (one entry a rate: of
      300 training images that trials of other seeds did not see, the mean of three trials, at 200 epochs of one);
      `test −log p`, `test −ELBO`, `test gap`, `test KL`, and the same of `train`; `minus exact`: mean and interval of a
      loss less that of exact training, seed by seed.
    - `at one rate`: the same scores of all arms after 60 epochs at the rate 0.003.
    - `VIMCO`: the same of one arm after 60 epochs; it climbs L₅, and its rate is chosen by −log p.
    - `own slopes`: by estimator and checkpoint (epochs) of its own training: the slope of the ELBO by the logits of
      each of the images. `bias²` is ‖b̂‖² − tr V̂/n, `gradient²` ‖g‖², means over the images, `ratio` the root of their
      ratio (0 where bias² is negative), `median ratio` that of single images; `cosine` the median between the mean
      estimate and g, `negative` the share below 0; `variance` is tr V a call. Score functions are sums.
    - `slopes on exact training`: the same, of all estimators on the models that exact training gave; "best baseline" is
      the constant of each image with the least variance, which nobody knows.
    - `mixture`: by number of faces of one die, 60 steps of EM from five starts: `test −log p`, `train −log p`, `KL` to
      its own prior and `KL to uniform`, `objective` before every tenth step and at the end, `purity`: the share of
      training images with the most frequent label of their face.
    - `gaussians`: chapter 6's VAEs of the same images, trained as there, by latents and hidden units: `test −ELBO`
      (100 draws an image); of two latents `test −log p` by quadrature, of eight `test −L 5000`, which is above −log p
      on average.

    Raises FileNotFoundError as `asset`.
    """
    return asset("discrete.json")

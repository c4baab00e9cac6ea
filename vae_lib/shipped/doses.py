"""Chapter 10: one ELBO, climbed with more and more steps of the encoder. `make assets` records the runs."""

from vae_lib.shipped.weights import asset


def dose_runs() -> dict[str, dict]:
    """What chapter 10's experiment found, in nats a name; losses where a name begins with −.

    The plan, and how it was changed, is the docstring of book/_tools/dose_runs.py. By decoder, `mixture` and
    `GRU`:

    - `settings`: the number of `seeds`, the epochs of a `second` start, and the nats by which a `plateau` may fall.
    - `arms`: `dose 1`, `2`, `5`, `20`, `exact` and `counts`. The `rate` of learning and `num_epochs` were chosen by
      `held out −log p`: by the number of epochs, which doubled until that gained no more, and by rate. One entry a
      seed: `−log p`, `−ELBO`, `I q` and `I p`, that is I(x; z) under q and under the posterior, of test names and, with
      `train `, of training names. Of each of these the `interval`: mean over seeds, and the ends of Student's 95 %
      interval; `minus exact` is the same of differences to `exact`, paired by seed. `curve` has one row a seed, one
      entry for each of the `epochs`, of test names. `moved by twice the epochs` is a mean over the first seeds, and
      `plateau` whether this lowers the loss by less than that. Of `exact` no encoder was trained: its −ELBO and `I q`
      tell nothing.
    - `from`: `fitted` and `fresh`, dose 1's ELBO climbed from the end of `exact` with an encoder fitted to that decoder
      or a fresh one, and `dose 1`, the control: dose 1's own end, which went on for as many epochs. As in `arms`; the
      differences `minus control` are paired, and `begun` holds the intervals at the start.

    Raises FileNotFoundError as `asset`.
    """
    return asset("doses.json")

"""Chapter 9: random chains, sweeps against an encoder, a deep Markov model. `make assets` records the runs."""

from vae_lib.shipped.weights import asset


def chain_runs() -> dict[str, dict]:
    """What chapter 9 measured and trained, in nats a series; losses where a name begins with −.

    - `settings`: how many random `chains` of each stickiness, `starts` of CAVI, training `strings`, strings `tested`,
      `draws` of z for each ELBO.
    - `stickiness`: one entry a value of `stay`, P(the next state is the same): of HMMs of 3 states, 6 steps and 5
      symbols, one string each, with the same emissions at every value. The gap of the `best` of all climbs, of `one
      climb` from uniform q, and of the `product` of the true marginals: mean, ` error` (standard), ` median`,
      ` highest`. `several optima` is the share of chains with more than one optimum, at least 0.01 nats apart,
      `optima` their mean number, `worst above best` the most that a start lost to the best.
    - `sweeps`: one HMM (it stays with 0.8; 8 steps), test strings: `−log p`; the gap after 0, 1, 2 … 60 `sweeps`
      from uniform q; that of the `best` of all climbs, and `train best`, the same of the first 300 training strings.
    - `amortised`: by number of training strings, one entry a seed: an encoder's `test gap` and `train gap`; the test
      gap with `one sweep more`, and after so many `passes` over the data.
    - `rows`: the digits of chapter 8, a picture as 8 rows of 8 pixels from top to bottom; the `rate` of learning that
      was chosen by `held out −log p`, one entry a rate that was tried, on training pictures; one entry a seed: test
      `−log p` by grids of 200, 400, 800 points, `−ELBO`, the mean `gap` and its standard error by the draws.
    - `hidden Markov`: the same rows, by number of states: `−log p` and `train −log p` after 60 steps of EM.

    Raises FileNotFoundError as `asset`.
    """
    return asset("chains.json")

"""Chapter 10: yardsticks of names, cures, conditions, a source. `make assets` records the runs."""

from vae_lib.shipped.weights import asset


def string_runs() -> dict[str, dict]:
    """The smaller runs of chapter 10, in nats a string; losses where a name begins with −. One entry a seed.

    `−log p` is exact, of the test names; `I q` and `I p` are I(x; z) under q and under the posterior, of the same rows.

    - `counts`: test `−log p` by the order of `ngram_log_prob`; `hidden Markov`: by number of states, by EM; `EM`: a
      mixture of five Markov chains, by `markov_em`.
    - `position`: a decoder that sees its place and z and no letter, by arm, `dose 1` and `exact`: for each seed one
      entry for each of the epochs in `settings`.
    - `cures`: the mixture, one step of the encoder for one of the decoder: without a cure, with `warm-up`, with `free
      bits` of so many nats on the mean, with a q that is `refined` by so many steps of its own before the decoder's
      step, and `exact`. `KL` is the mean KL to the prior.
    - `given`: the mixture given a condition, `first letter` or `length`, trained as `exact` of `cures` and for as long:
      `−log p` of a name given c; `−log p(c)` by the counts in training.
    - `Gaussian`: two Gaussian latents, by decoder: `−ELBO` of all test names by draws; log p(x) − ELBO, the `gap` of
      the first of them by quadrature, and its standard `gap error` over names; `I q` and its error by the draws.
    - `source`: strings of `exact.grammar.source`, by model: `−log p` of fresh ones, `excess`, the mean of log p_true −
      log p_model on the same strings, its standard `error`, and `I p`; and the source's `entropy`.
    - `settings`: the `rate` of learning, `epochs`, numbers of strings.

    Raises FileNotFoundError as `asset`.
    """
    return asset("strings.json")

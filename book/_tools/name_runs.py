"""names.json: decoders of names that run in chapter 10's live figure, two by two: one uses z, the other does not.

A pair has the same first weights and learning rate. Both mixtures climbed the ELBO, with 20 steps of the encoder for
one of the decoder and with 1; the GRUs climbed log p(x) and the ELBO.
"""

import torch
from dose_runs import DOSES, fresh, names, told, train

from vae_lib.discrete import DiscreteVAE
from vae_lib.shipped.weights import asset

SEED, EPOCHS = 0, {"mixture": 120, "GRU": 30}  # as many as gain, of the arms that use z
PAIRS = {  # of a decoder: the arm that uses z, the one that does not, their rate, digits of a weight
    "mixture": ("dose 20", "dose 1", 2e-2, 4),
    "GRU": ("exact", "dose 1", 2e-2, 3),
}


def trained(decoder: str, arm: str, rate: float) -> DiscreteVAE:
    torch.manual_seed(SEED)
    model = fresh(decoder, arm)
    train(model, names()[0], DOSES[arm], rate, EPOCHS[decoder])
    return model


def weights(decoder: str, arm: str, rate: float, digits: int) -> dict:
    """The decoder, rounded, and what the rounded one is worth on the test names."""
    model = trained(decoder, arm, rate)
    state = {name: value.double().round(decimals=digits) for name, value in model.decoder.state_dict().items()}
    model.decoder.load_state_dict(state)
    worth = told(model, names()[1])
    told_of = {"I": round(worth["I p"], 3), "−log p": round(worth["−log p"], 3)}
    made = {"arm": arm, "rate": rate, "epochs": EPOCHS[decoder], "seed": SEED}
    return {**made, **told_of, "decoder": {name: value.tolist() for name, value in state.items()}}


def decoders() -> dict:
    return {
        decoder: {
            "with z": weights(decoder, uses, rate, digits),
            "without z": weights(decoder, does_not, rate, digits),
        }
        for decoder, (uses, does_not, rate, digits) in PAIRS.items()
    }


def information_kept() -> float:
    """The metric: I(x; z) of the mixture that uses z, nats."""
    return asset("names.json")["mixture"]["with z"]["I"]

"""The smaller runs of chapter 10: yardsticks, a blind decoder, cures, a condition, Gaussian latents, a source.

`python book/_tools/string_runs.py` makes what is missing of all runs, in some ten minutes of one core, and `… source`
one part; it can be stopped and started again. `python book/_tools/assets.py strings.json` makes the file of them. Every
run sets its seed, 0, 1 or 2, itself: it does not matter which were made before.
"""

import math
import sys
from collections.abc import Callable
from functools import partial
from statistics import mean

import torch
from dose_runs import (
    BATCH,
    DIGITS,
    HIDDEN,
    READING,
    STATES,
    STEPS,
    SYMBOLS,
    climb,
    fresh,
    names,
    orders,
    told,
)
from intervals import columns, rounded
from kept_runs import folder, kept
from torch import Tensor
from torch.nn.functional import one_hot
from torch.optim import Adam

from vae_lib.conditional import ConditionalVAE
from vae_lib.discrete import CategoricalEncoder, DiscreteVAE
from vae_lib.evaluation import mutual_information
from vae_lib.exact.chains import hmm, log_partition, padded
from vae_lib.exact.enumeration import enumerate_states, exact_elbo, exact_log_p
from vae_lib.exact.grammar import Source, source
from vae_lib.exact.information import information
from vae_lib.exact.likelihood import log_likelihood
from vae_lib.exact.strings import markov_em, markov_log_joint, ngram_log_prob, random_markov_mixture
from vae_lib.model import VAE
from vae_lib.networks import GaussianEncoder
from vae_lib.objectives import elbo
from vae_lib.sequences import (
    MarkovDecoder,
    OneHot,
    PairCounts,
    PositionDecoder,
    RecurrentDecoder,
    StringEncoder,
    scored,
)
from vae_lib.shipped.weights import asset
from vae_lib.training import in_mode

SEEDS, RATE = (0, 1, 2), 1e-2
ORDERS, HMM_STATES, EM_STEPS, CHAIN_STEPS = (1, 2, 3, 4), (4, 8), 200, 60
LAG, READ = 80, (5, 10, 20, 40, 80)  # epochs
CURED, FLOORS, REFINED, STEP = 40, (1.0,), (20,), 1.0
GIVEN, GAUSSIAN, WEIGHED, DRAWS = 40, 20, 30, 50  # epochs twice; names by quadrature; draws of z a name
DRAWN, TESTED, KINDS, LEARNT = 3000, 2000, 4, 15  # of the source: strings, strings, states, epochs

SETTINGS = {
    "seeds": len(SEEDS), "rate": RATE, "EM steps": EM_STEPS, "hidden Markov steps": CHAIN_STEPS,
    "position": READ, "epochs": {"cures": CURED, "given": GIVEN, "Gaussian": GAUSSIAN, "source": LEARNT},
    "source": {"to train": DRAWN, "tested": TESTED}, "by quadrature": WEIGHED,
}  # fmt: skip


def train(model, x: Tensor, objective: Callable, num_epochs: int, look: Callable = lambda epoch: None):
    """All weights, at a rate that falls evenly to 0."""
    optimizer = Adam(model.parameters(), lr=RATE, fused=True)
    steps, done = num_epochs * -(-len(x) // BATCH), 0
    with in_mode(model, train=True, validate=False):
        for epoch in range(1, num_epochs + 1):
            for rows in orders(x):
                optimizer.param_groups[0]["lr"] = RATE * (1 - done / steps)
                climb(objective(model, x[rows]), optimizer)
                done += 1
            look(epoch)
    return model


def ends(model: DiscreteVAE) -> dict[str, float]:
    """Of the test names, with the mean KL, and of the training names −log p."""
    x_train, x_test = names()
    with torch.no_grad():
        log_q = enumerate_states(model, x_test).log_q
    kl = (log_q.exp() * (log_q + math.log(len(log_q)))).sum(0).mean().item()
    return {**told(model, x_test), "KL": kl, "train −log p": told(model, x_train)["−log p"]}


def each_seed(name: str, run: Callable[[], dict]) -> dict[str, list]:
    """A list a number, one entry a seed; a run that was made is read."""

    def seeded(seed: int) -> dict:
        torch.manual_seed(seed)
        return run()

    where = folder("strings", SETTINGS)
    return columns([kept(where, f"{name} {seed}", partial(seeded, seed)) for seed in SEEDS], DIGITS)


def each(name: str, runs: dict[str, Callable[[], dict]]) -> dict[str, dict]:
    return {each: each_seed(f"{name} {each}", run) for each, run in runs.items()}


# ----- yardsticks: counts, hidden Markov models, EM


def counted() -> dict[str, float]:
    """Test −log p by order of the counts."""
    x_train, x_test = names()
    nats = {str(order): -ngram_log_prob(x_train, x_test, order, SYMBOLS).mean().item() for order in ORDERS}
    return {order: rounded(value, DIGITS) for order, value in nats.items()}


def hidden_markov(num_states: int) -> dict:
    """Chapter 9's model of a name and its end, by EM: expected counts are p · ∂ log p(x) / ∂p."""
    x_train, x_test = names()
    shapes = (num_states,), (num_states, num_states), (num_states, SYMBOLS)
    parts = [torch.rand(shape, dtype=torch.float64) + 0.5 for shape in shapes]
    parts = [each / each.sum(-1, keepdim=True) for each in parts]
    for _ in range(CHAIN_STEPS):
        parts = [each.requires_grad_() for each in parts]
        counts = torch.autograd.grad(hidden_log_p(parts, x_train).sum(), parts)
        parts = [(each * count).detach() + 1e-3 for each, count in zip(parts, counts, strict=True)]
        parts = [each / each.sum(-1, keepdim=True) for each in parts]
    return {"−log p": -hidden_log_p(parts, x_test).mean().item()}


def hidden_log_p(parts: list[Tensor], x: Tensor) -> Tensor:
    return log_partition(padded(hmm(*parts, x), scored(x).sum(-1)))


def by_em() -> dict:
    x_train, x_test = names()
    mixture, _ = markov_em(x_train, random_markov_mixture(x_train, STATES, SYMBOLS), EM_STEPS)
    log_joint = markov_log_joint(mixture, x_test)
    return {
        "−log p": -log_joint.logsumexp(0).mean().item(), "I p": information(log_joint.softmax(0)),
        "train −log p": -markov_log_joint(mixture, x_train).logsumexp(0).mean().item(),
    }  # fmt: skip


# ----- a decoder that sees no letter


def blind(objective: Callable) -> dict:
    """The curve of the test names, one entry an epoch of `READ`."""
    curve: list[dict] = []
    encoder = StringEncoder(OneHot(SYMBOLS, STEPS), CategoricalEncoder(SYMBOLS * STEPS, STATES, READING))
    model = DiscreteVAE(encoder, PositionDecoder(STATES, SYMBOLS, STEPS, HIDDEN))
    x_train, x_test = names()
    train(model, x_train, objective, LAG, lambda epoch: epoch in READ and curve.append(told(model, x_test)))
    return columns(curve, DIGITS)


# ----- cures of the mixture, all with one step of the encoder for one of the decoder


def terms(model: DiscreteVAE, x: Tensor) -> tuple[Tensor, Tensor]:
    """Reconstruction and KL, `[batch]`, by a sum over z; the prior is uniform."""
    states = enumerate_states(model, x)
    kl = (states.log_q.exp() * (states.log_q + math.log(STATES))).sum(0)
    return states.elbo + kl, kl


class WarmUp:
    """log p(x|z) − β KL by a sum over z; β rises evenly from 0 to 1 over the first half of the training."""

    def __init__(self, num_epochs: int):
        self.step, self.num_steps = 0, num_epochs * -(-len(names()[0]) // BATCH) // 2

    def __call__(self, model: DiscreteVAE, x: Tensor) -> Tensor:
        reconstruction, kl = terms(model, x)
        self.step += 1
        return reconstruction - min(1.0, self.step / self.num_steps) * kl


def free_bits(model: DiscreteVAE, x: Tensor, *, floor: float) -> Tensor:
    """The paper's kind: the KL's mean over the batch costs nothing below the floor."""
    reconstruction, kl = terms(model, x)
    return reconstruction - kl.mean().clamp(min=floor)


def semi_amortised(model: DiscreteVAE, x: Tensor, *, num_steps: int) -> Tensor:
    """The decoder climbs the ELBO whose q began at the encoder's and climbed `num_steps` on its own; the encoder its
    own ELBO."""
    states = enumerate_states(model, x)
    logits, log_joint = states.log_q.detach(), states.log_joint.detach()
    for _ in range(num_steps):
        q, pull = logits.softmax(0), log_joint - logits.log_softmax(0)
        logits = logits + STEP * q * (pull - (q * pull).sum(0))  # the slope of the ELBO by the logits
    decoder = (logits.softmax(0) * states.log_joint).sum(0)
    return decoder + states._replace(log_joint=log_joint).elbo


def cured(objective: Callable[[], Callable]) -> dict:
    """`objective` makes a training's own."""
    return ends(train(fresh("mixture", "dose 1"), names()[0], objective(), CURED))


CURES = {
    "none": lambda: exact_elbo,
    "warm-up": lambda: WarmUp(CURED),
    **{f"free bits {floor:g}": partial(partial, free_bits, floor=floor) for floor in FLOORS},
    **{f"refined {steps}": partial(partial, semi_amortised, num_steps=steps) for steps in REFINED},
    "exact": lambda: exact_log_p,
}

# ----- a condition


def first_letter(x: Tensor) -> Tensor:
    return one_hot(x[:, 0], SYMBOLS).float()


def length(x: Tensor) -> Tensor:
    return one_hot(scored(x).sum(1), STEPS + 1).float()


def given(condition: Callable) -> dict:
    """A mixture of Markov chains given a condition, trained on log p(x|c); c costs what its counts in training say."""
    x_train, x_test = names()
    width = condition(x_test).shape[1]
    encoder = CategoricalEncoder(SYMBOLS * STEPS + width, STATES, READING)
    decoder = MarkovDecoder(STATES + width, SYMBOLS, STEPS, HIDDEN)
    model = ConditionalVAE(encoder, decoder, width, reader=OneHot(SYMBOLS, STEPS))
    train(model, x_train, lambda model, x: exact_log_p(model.given(condition(x)), x), GIVEN)
    share = (condition(x_train).sum(0) + 1) / (len(x_train) + width)
    cost = -(condition(x_test) @ share.log()).mean().item()
    return {**told(model.given(condition(x_test)), x_test), "−log p(c)": cost}


# ----- two Gaussian latents, log p by quadrature


def gaussian(decoder: type) -> dict:
    x_train, x_test = names()
    encoder = StringEncoder(OneHot(SYMBOLS, STEPS), GaussianEncoder(SYMBOLS * STEPS, 2, READING))
    model = train(VAE(encoder, decoder(2, SYMBOLS, STEPS, HIDDEN), 2), x_train, elbo, GAUSSIAN)
    some = x_test[:WEIGHED]
    with torch.no_grad():
        draws = torch.stack([elbo(model, some) for _ in range(DRAWS)]).double()
        every = torch.stack([elbo(model, x_test) for _ in range(DRAWS)]).mean()
    gap = log_likelihood(model, some, tol=1e-3) - draws.mean(0)
    told_by_q = mutual_information(model, x_test, num_samples=10)
    return {
        "−ELBO": -every.item(), "gap": gap.mean().item(), "gap error": (gap.std() / WEIGHED**0.5).item(),
        "I q": told_by_q.mean, "I q error": told_by_q.error,
    }  # fmt: skip


# ----- a source of known entropy


class Leaking(RecurrentDecoder):
    """It sees the letter that it is asked for."""

    def log_probs(self, z: Tensor, x: Tensor) -> Tensor:
        return super().log_probs(z, torch.cat([x, x[..., -1:]], -1))[..., 1:, :]  # what is before the letter after it


def of_model(made: Source, model: Callable) -> dict:
    """log p_true − log p_model on fresh strings, the mean and its standard error, and I(x; z) where there is a z."""
    x_train, x = made.sample(DRAWN), made.sample(TESTED)
    log_p, told_by_z = model(x_train, x, len(made.alphabet) + 1)
    apart = made.log_prob(x) - log_p.double()
    return {
        "−log p": -log_p.mean().item(), "excess": apart.mean().item(),
        "error": (apart.std() / TESTED**0.5).item(), "I p": told_by_z,
    }  # fmt: skip


def by_counts(x_train: Tensor, x: Tensor, num_symbols: int, *, order: int) -> tuple[Tensor, float]:
    return ngram_log_prob(x_train, x, order, num_symbols), 0.0


def by_mixture(x_train: Tensor, x: Tensor, num_symbols: int) -> tuple[Tensor, float]:
    mixture, _ = markov_em(x_train, random_markov_mixture(x_train, KINDS, num_symbols), EM_STEPS)
    log_joint = markov_log_joint(mixture, x)
    return log_joint.logsumexp(0), information(log_joint.softmax(0))


def by_network(
    x_train: Tensor, x: Tensor, num_symbols: int, *, decoder: type, objective: Callable
) -> tuple[Tensor, float]:
    encoder = StringEncoder(PairCounts(num_symbols), CategoricalEncoder(num_symbols**2, KINDS, READING))
    model = DiscreteVAE(encoder, decoder(KINDS, num_symbols, x.shape[1], HIDDEN))
    train(model, x_train, objective, LEARNT)
    with torch.no_grad():
        states = enumerate_states(model, x)
    return states.log_p, information(states.posterior)


MODELS = {
    **{f"{order}-gram": partial(by_counts, order=order) for order in ORDERS},
    "mixture": by_mixture,
    "GRU, ELBO": partial(by_network, decoder=RecurrentDecoder, objective=exact_elbo),
    "GRU, exact": partial(by_network, decoder=RecurrentDecoder, objective=exact_log_p),
    "leaking": partial(by_network, decoder=Leaking, objective=exact_log_p),
}


# ----- all


OBJECTIVES = {"dose 1": exact_elbo, "exact": exact_log_p}
CONDITIONS = {"first letter": first_letter, "length": length}
GAUSSIANS = {"mixture": MarkovDecoder, "GRU": RecurrentDecoder}
PARTS = {
    "source": {name: partial(of_model, source(), model) for name, model in MODELS.items()},
    "EM": {"mixture": by_em},
    "position": {name: partial(blind, objective) for name, objective in OBJECTIVES.items()},
    "cures": {name: partial(cured, objective) for name, objective in CURES.items()},
    "given": {name: partial(given, condition) for name, condition in CONDITIONS.items()},
    "Gaussian": {name: partial(gaussian, decoder) for name, decoder in GAUSSIANS.items()},
    "hidden Markov": {str(num): partial(hidden_markov, num) for num in HMM_STATES},
}


def strings() -> dict:
    parts = {name: each(name, runs) for name, runs in PARTS.items()}
    return {"settings": SETTINGS, "entropy": rounded(source().entropy, DIGITS), "counts": counted(), **parts}


def em_nats() -> float:
    """The metric: test −log p of the mixture of five Markov chains by EM, the mean over seeds."""
    return mean(asset("strings.json")["EM"]["mixture"]["−log p"])


if __name__ == "__main__":
    torch.set_num_threads(1)
    for part in sys.argv[1:] or PARTS:
        each(part, PARTS[part])

"""doses.json: one ELBO, climbed with more and more steps of the encoder for one of the decoder (chapter 10).

`python book/_tools/dose_runs.py` runs what is missing of all runs, one after another, on one core; it can be stopped
and started again, and `… mixture` or `… GRU` does one half. `python book/_tools/assets.py doses.json` makes the file of
them. Everything is enumerated: nothing is drawn but batches and first weights.

The plan, in its fourth form; below stands what was changed after which runs (pilots had other seeds and settings):

- Arms: dose 1, 2, 5, 20, that is n steps of the encoder for one of the decoder, the n − 1 in turn on up to four other
  batches; and "exact", whose decoder climbs log p(x), which is the ELBO whose q is the posterior. "counts" is dose 1
  with an encoder that reads pairs of letters: it can hold the exact posterior of a mixture of Markov chains.
- Seeds 0 … 19 for the mixture, 0 … 9 for the GRU; a seed sets first weights and batches. (Dose 1 and "exact" share
  both, as far as the shorter goes, the other doses share first weights only, "counts" neither.)
- Rate, for each number of epochs: that of the lowest −log p of held-out training names, a mean over trial seeds (the
  GRU has one, and so have doses 5 and 20, the dearest). Epochs double until that gains less than `PLATEAU` nats with
  the best rate of each; what was doubled last is the arm's number. A dose of the mixture has at least 240, which doses
  1 and 2 needed, and the GRU's dose 5 at least 60. (None of more than 480 epochs is tried: said when dose 2 had gained
  .057 nats by its 480.) First all `rates` are tried, and in a longer run the best of the shorter, a half and a quarter
  of it. A rate falls evenly to 0 in a run.
- Plateau: an arm is on its plateau if twice the epochs, at the rate that is best for those, lower its mean test −log p
  by less than `PLATEAU` nats, over its longer seeds: to train on gains little. What is not is told as not. (A net that
  learns its names by heart gets worse then, and is on its plateau all the same.)
- Second starts: from the end of "exact" with the same seed the ELBO of dose 1 is climbed, for half of dose 1's epochs
  at 0.4 of its rate, with a fresh encoder, and with one that was fitted to that decoder at dose 1's rate for as many
  epochs; beside it the end of dose 1, which goes on as long, on the batches that "fresh" sees ("fitted" sees others).
- Interval: Student's t, 95 %, over seeds; differences between arms are paired by seed. One test, no correction; the
  question asked first is the mixture's test −log p, dose 1 minus exact.

It is the fourth plan. Under the first each arm had 60 epochs (of the GRU 30) and a rate for these. Doses 1, 2 and 20
improved by .09 to .13 nats with twice as many, and the GRU learned its names by heart: no plateau. Under the second
doses 5 and 20 stopped at 120 epochs, as their one trial seed said, and the one seed that went on to 240 improved by .06
and .14. Hence the third plan's "at least 240", and two longer seeds of each arm. The second starts were run anew when
their curves were asked for. All else were then the runs of the second plan, whose steps of an encoder alone went by
autograd, the same up to rounding, and of the GRU at its first number of epochs those of the first. What these found is
in the history of doses.json. Dose 5, too, still gained by its 480 epochs on held-out names (.086): told in the chapter.
Under the third the GRU's dose 5 stopped at 30 epochs, as its trial seed said, and gained .077 nats on test names with
twice as many (two seeds; all ten, made since: .027, from −.017 to .072), while dose 1 and exact training lost .058 and
.072, which the rule of that plan called a move: hence "lower", and 60 epochs at least. Dose 5 of the GRU was run anew
for it; all else are the runs of the third. What a run takes is kept with it. An epoch of each arm, timed, times the
plan's epochs makes some three hours of one core, a quarter of them for dose 20 of the mixture (3.0 to 3.5 in four
timings on 30 November 2026).
"""

import copy
import math
import sys
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from statistics import mean
from typing import NamedTuple

import torch
from intervals import columns, interval, paired, rounded
from kept_runs import cpu_seconds, folder, kept
from torch import Tensor
from torch.nn import Sequential
from torch.optim import Adam

from vae_lib.data import first_names
from vae_lib.discrete import CategoricalEncoder, DiscreteVAE
from vae_lib.exact.enumeration import Enumeration, enumerate_states
from vae_lib.exact.information import information
from vae_lib.sequences import (
    MarkovDecoder,
    OneHot,
    PairCounts,
    RecurrentDecoder,
    StringEncoder,
    scored,
    to_symbols,
)
from vae_lib.shipped.weights import asset
from vae_lib.training import in_mode

STATES, SYMBOLS, STEPS = 5, 27, 12
HIDDEN, READING, BATCH, POOL = 48, 32, 128, 4
DOSES = {"dose 1": 1, "dose 2": 2, "dose 5": 5, "dose 20": 20, "exact": 0, "counts": 1}
DEAREST = ("dose 5", "dose 20")
HELD_OUT, PLATEAU, LONGEST, DIGITS = 439, 0.05, 480, 4
DECODERS = {
    "mixture": {
        "decoder": MarkovDecoder, "seeds": 20, "epochs": 60, "rates": (5e-3, 1e-2, 2e-2, 4e-2),
        "trial seeds": (100, 101), "longer seeds": (0, 1),
        "at least": dict.fromkeys(("dose 1", "dose 2", "dose 5", "dose 20"), 240),
    },
    "GRU": {
        "decoder": RecurrentDecoder, "seeds": 10, "epochs": 30, "rates": (5e-3, 1e-2, 2e-2, 4e-2),
        "trial seeds": (100,), "longer seeds": (0, 1),
        "at least": {"dose 5": 60},
    },
}  # fmt: skip
SECOND_RATE = 0.4  # of dose 1's own
READ = (
    0, 1, 2, 3, 5, 7, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 160, 200, 240, 320, 400, 480, 640, 800, 960,
)  # fmt: skip  # epochs after which a curve has a point


# ----- one run


class Names(NamedTuple):
    """Rows of names: their symbols, and what is found of them once, as the encoder reads them, and their pairs."""

    x: Tensor
    read: Tensor
    pairs: Tensor

    def rows(self, which: Tensor) -> "Names":
        return Names(*(each.index_select(0, which) for each in self))  # six times faster than each[which]


def names() -> tuple[Tensor, Tensor]:
    train, test = first_names()
    return to_symbols(train, num_steps=STEPS), to_symbols(test, num_steps=STEPS)


def fresh(decoder: str, arm: str) -> DiscreteVAE:
    if arm == "counts":
        encoder = StringEncoder(PairCounts(SYMBOLS), CategoricalEncoder(SYMBOLS**2, STATES, ()))
    else:
        encoder = StringEncoder(OneHot(SYMBOLS, STEPS), CategoricalEncoder(SYMBOLS * STEPS, STATES, READING))
    return DiscreteVAE(encoder, DECODERS[decoder]["decoder"](STATES, SYMBOLS, STEPS, HIDDEN))


def read(model: DiscreteVAE, x: Tensor) -> Names:
    return Names(x, model.encoder.reader(x).float(), PairCounts(SYMBOLS)(x).float())


def summed(model: DiscreteVAE, names: Names) -> Enumeration:
    """As `enumerate_states`, of names that were read before; log p(x|z) of a mixture by counts of pairs, see (10.7)."""
    each_z = torch.eye(STATES)
    log_q = model.encoder.encoder(names.read).logits[:, 0].T
    return Enumeration(each_z, log_q, log_likelihoods(model.decoder, each_z, names) - math.log(STATES))


def log_likelihoods(decoder, each_z: Tensor, names: Names) -> Tensor:
    """log p(x|z) of all z: `[states, batch]`."""
    if isinstance(decoder, MarkovDecoder):
        return decoder.table(each_z).flatten(1) @ names.pairs.T
    return decoder(each_z[:, None]).log_prob(names.x)


def orders(x: Tensor) -> Iterator[Tensor]:
    """All rows once, in batches of rows about equally long, in a fresh order."""
    order = torch.randperm(len(x))
    parts = order[scored(x[order]).sum(1).argsort(stable=True)].split(BATCH)
    yield from (parts[i] for i in torch.randperm(len(parts)).tolist())


def any_orders(x: Tensor) -> Iterator[Tensor]:
    while True:
        yield from orders(x)


def climb(objective: Tensor, *optimizers: Adam) -> None:
    for optimizer in optimizers:
        optimizer.zero_grad()
    (-objective.mean()).backward()
    for optimizer in optimizers:
        optimizer.step()


def train(model: DiscreteVAE, x: Tensor, dose: int, rate: float, num_epochs: int, look: Callable = lambda epoch: None):
    """`dose` steps of the encoder for one of the decoder; with dose 0 the decoder climbs log p(x), alone."""
    encoder, decoder = (Adam(part.parameters(), lr=rate, fused=True) for part in (model.encoder, model.decoder))
    steps, done, all_names, ahead = num_epochs * -(-len(x) // BATCH), 0, read(model, x), any_orders(x)
    look(0)
    with in_mode(model, train=True, validate=False):
        for epoch in range(1, num_epochs + 1):
            for batch in map(all_names.rows, orders(x)):
                for optimizer in (encoder, decoder):
                    optimizer.param_groups[0]["lr"] = rate * (1 - done / steps)
                pool = [all_names.rows(next(ahead)) for _ in range(min(dose - 1, POOL))]
                step_ahead(model, pool, dose - 1, encoder)
                if dose:
                    climb(summed(model, batch).elbo, encoder, decoder)
                else:
                    climb(summed(model, batch).log_p, decoder)
                done += 1
            look(epoch)


@torch.no_grad()
def step_ahead(model: DiscreteVAE, pool: list[Names], num_steps: int, optimizer: Adam) -> None:
    """Steps of the encoder alone, on one batch after the other: log p(x, z) is found once, as the decoder stays."""
    log_joints = [summed(model, batch).log_joint.T for batch in pool]
    for i in range(num_steps):
        set_slope(model.encoder.encoder.net, pool[i % len(pool)].read, log_joints[i % len(pool)])
        optimizer.step()


def set_slope(net: Sequential, read: Tensor, log_joint: Tensor) -> None:
    """The gradient of the mean of −ELBO for a net of one hidden layer, by hand: a step in a quarter of autograd's time.

    With r = log p(x, z) − log q(z|x) the ELBO is Σ_z q r, and its slope in the logit of z is q (r − ELBO).
    """
    first, _, last = net
    hidden = first(read).relu()
    log_q = last(hidden).log_softmax(-1)
    q, r = log_q.exp(), log_joint - log_q
    slope = q * ((q * r).sum(-1, keepdim=True) - r) / len(q)
    back = (slope @ last.weight) * (hidden > 0)
    last.weight.grad, last.bias.grad = slope.T @ hidden, slope.sum(0)
    first.weight.grad, first.bias.grad = back.T @ read, back.sum(0)


def fit_encoder(model: DiscreteVAE, x: Tensor, rate: float, num_epochs: int) -> None:
    """The encoder alone, to a decoder that stays."""
    optimizer, all_names = Adam(model.encoder.parameters(), lr=rate, fused=True), read(model, x)
    with in_mode(model, train=True, validate=False):
        for epoch in range(num_epochs):
            optimizer.param_groups[0]["lr"] = rate * (1 - epoch / num_epochs)
            for batch in map(all_names.rows, orders(x)):
                step_ahead(model, [batch], 1, optimizer)


@torch.no_grad()
def told(model: DiscreteVAE, x: Tensor) -> dict[str, float]:
    """Of the rows: −log p, −ELBO, and what z tells of them under q and under the posterior."""
    parts = [enumerate_states(model, rows) for rows in x.split(1024)]
    q, posterior = (torch.cat(each, 1) for each in ([p.log_q.exp() for p in parts], [p.posterior for p in parts]))
    return {
        "−log p": -torch.cat([p.log_p for p in parts]).mean().item(),
        "−ELBO": -torch.cat([p.elbo for p in parts]).mean().item(),
        "I q": information(q), "I p": information(posterior),
    }  # fmt: skip


def ended(model: DiscreteVAE) -> dict[str, float]:
    x_train, x_test = names()
    return told(model, x_test) | {f"train {name}": value for name, value in told(model, x_train).items()}


def curve_of(model: DiscreteVAE, dose: int, rate: float, num_epochs: int) -> dict[str, list[float]]:
    """The model is trained on all training names; what was told of the test names on the way."""
    (x_train, x_test), curve = names(), []

    def look(epoch: int) -> None:
        if epoch in READ or epoch == num_epochs:
            curve.append({"epoch": epoch, **told(model, x_test)})

    train(model, x_train, dose, rate, num_epochs, look)
    return columns(curve, DIGITS)


def run(decoder: str, arm: str, seed: int, rate: float, num_epochs: int, keep: Path | None = None) -> dict:
    """An arm's end, and the curve to it."""
    torch.manual_seed(seed)
    model = fresh(decoder, arm)
    curve = curve_of(model, DOSES[arm], rate, num_epochs)
    if keep:
        torch.save(model.state_dict(), keep)
    return {"end": ended(model), "curve": curve}


def trial(decoder: str, arm: str, seed: int, rate: float, num_epochs: int) -> dict:
    """−log p of training names that were held out."""
    x = names()[0]
    torch.manual_seed(seed)
    model = fresh(decoder, arm)
    train(model, x[:-HELD_OUT], DOSES[arm], rate, num_epochs)
    return told(model, x[-HELD_OUT:])


def second(decoder: str, start: str, seed: int, rate: float, num_epochs: int, weights: Path) -> dict:
    """The ELBO of dose 1 from the end of another run: of "exact", its encoder "fresh" or "fitted", or of "dose 1"."""
    x = names()[0]
    torch.manual_seed(1000 + seed)
    model = fresh(decoder, "dose 1")
    encoder = copy.deepcopy(model.encoder)
    model.load_state_dict(torch.load(weights))
    if start != "dose 1":
        model.encoder = encoder
    if start == "fitted":
        fit_encoder(model, x, rate, num_epochs)
    begun = ended(model)
    curve = curve_of(model, 1, SECOND_RATE * rate, num_epochs)
    return {"begun": begun, "end": ended(model), "curve": curve}


# ----- all runs, each once


def where() -> Path:
    """What a run's name tells is the same plan; another number of states, say, is another one."""
    return folder("doses", (STATES, HIDDEN, READING, BATCH, POOL, DOSES, HELD_OUT, SECOND_RATE, READ))


def trial_seeds(decoder: str, arm: str) -> tuple[int, ...]:
    """Of the dearest arms the first only."""
    return DECODERS[decoder]["trial seeds"][: 1 if arm in DEAREST else None]


def held_out(decoder: str, arm: str, rate: float, num_epochs: int) -> float:
    """−log p of held-out names, the mean over trial seeds."""

    def nats(seed: int) -> float:
        name = f"{decoder} {arm} trial {seed} at {rate} for {num_epochs}"
        return kept(where(), name, partial(trial, decoder, arm, seed, rate, num_epochs))["−log p"]

    return mean(map(nats, trial_seeds(decoder, arm)))


@cache
def trials(decoder: str, arm: str) -> dict[int, dict[float, float]]:
    """By epochs, and then by rate: −log p of held-out names. The last epochs are those that gain no more."""
    epochs, rates, found, gain = DECODERS[decoder]["epochs"], DECODERS[decoder]["rates"], {}, math.inf
    least = DECODERS[decoder]["at least"].get(arm, epochs)
    while (gain >= PLATEAU or epochs <= 2 * least) and epochs <= LONGEST:
        found[epochs] = {rate: held_out(decoder, arm, rate, epochs) for rate in rates}
        gain = min(found[epochs // 2].values()) - min(found[epochs].values()) if epochs // 2 in found else math.inf
        best = min(found[epochs], key=found[epochs].get)
        epochs, rates = 2 * epochs, (best, best / 2, best / 4)
    return found


def chosen(decoder: str, arm: str, *, longer: bool = False) -> tuple[float, int]:
    """The arm's rate and epochs; or twice the epochs, with the rate that is best for them."""
    epochs, tried = list(trials(decoder, arm).items())[-1 if longer else -2]
    return min(tried, key=tried.get), epochs


def name_of(decoder: str, arm: str, seed: int, *, longer: bool = False) -> str:
    rate, epochs = chosen(decoder, arm, longer=longer)
    return f"{decoder} {arm} {seed} at {rate} for {epochs}"


def weights_of(decoder: str, arm: str, seed: int) -> Path:
    return where() / f"{name_of(decoder, arm, seed)}.pt"


def one(decoder: str, arm: str, seed: int, *, longer: bool = False) -> dict:
    keep = None if longer else weights_of(decoder, arm, seed)
    make = partial(run, decoder, arm, seed, *chosen(decoder, arm, longer=longer), keep)
    return kept(where(), name_of(decoder, arm, seed, longer=longer), make)


def runs(decoder: str, arm: str, *, longer: bool = False) -> list[dict]:
    seeds = DECODERS[decoder]["longer seeds"] if longer else range(DECODERS[decoder]["seeds"])
    return [one(decoder, arm, seed, longer=longer) for seed in seeds]


def second_epochs(decoder: str) -> int:
    return chosen(decoder, "dose 1")[1] // 2


def one_second(decoder: str, start: str, seed: int) -> dict:
    of = "dose 1" if start == "dose 1" else "exact"
    rate, epochs, weights = chosen(decoder, "dose 1")[0], second_epochs(decoder), weights_of(decoder, of, seed)
    begin = partial(second, decoder, start, seed, rate, epochs, weights)
    return kept(where(), f"{weights.stem} then {start} at {rate} for {epochs}", begin)


def seconds(decoder: str, start: str) -> list[dict]:
    return [one_second(decoder, start, seed) for seed in range(DECODERS[decoder]["seeds"])]


STARTS = ("fitted", "fresh", "dose 1")


def all_of(decoder: str) -> None:
    for seed in range(DECODERS[decoder]["seeds"]):
        for arm in DOSES:
            one(decoder, arm, seed)
        for start in STARTS:
            one_second(decoder, start, seed)
    for arm in DOSES:
        runs(decoder, arm, longer=True)


# ----- what they say


def arm_of(decoder: str, arm: str) -> dict:
    (rate, epochs), ends = chosen(decoder, arm), [each["end"] for each in runs(decoder, arm)]
    longer = [each["end"]["−log p"] for each in runs(decoder, arm, longer=True)]
    moved = mean(longer) - mean(ends[seed]["−log p"] for seed in DECODERS[decoder]["longer seeds"])
    curves = [each["curve"] for each in runs(decoder, arm)]
    against = [each["end"] for each in runs(decoder, "exact")]
    return {
        "rate": rate, "num_epochs": epochs, "held out −log p": tried_of(decoder, arm),
        **columns(ends, DIGITS), "interval": {name: interval([end[name] for end in ends]) for name in ends[0]},
        "minus exact": {
            name: paired([end[name] for end in ends], [other[name] for other in against])
            for name in ("−log p", "train −log p")
        },
        "curve": {name: [shorter(curve[name]) for curve in curves] for name in ("I q", "I p", "−log p", "−ELBO")},
        "epochs": curves[0]["epoch"],
        "moved by twice the epochs": rounded(moved, DIGITS), "plateau": moved > -PLATEAU,
    }  # fmt: skip


def tried_of(decoder: str, arm: str) -> dict[str, dict[str, float]]:
    """By epochs, then by rate."""
    tried = trials(decoder, arm).items()
    return {str(epochs): {str(rate): rounded(nats, DIGITS) for rate, nats in of.items()} for epochs, of in tried}


def second_of(decoder: str, start: str) -> dict:
    """Ends, and paired with the control, which is the end of dose 1 that went on."""
    ends, curves = ([each[part] for each in seconds(decoder, start)] for part in ("end", "curve"))
    control = [each["end"] for each in seconds(decoder, "dose 1")]
    minus = {
        name: paired([end[name] for end in ends], [other[name] for other in control])
        for name in ("−log p", "−ELBO", "train −log p", "train −ELBO")
    }
    begun = columns([each["begun"] for each in seconds(decoder, start)], DIGITS)
    return {
        **columns(ends, DIGITS), "interval": {name: interval([end[name] for end in ends]) for name in ends[0]},
        "minus control": minus, "begun": {name: interval(values) for name, values in begun.items()},
        "curve": {"I p": [shorter(curve["I p"]) for curve in curves]}, "epochs": curves[0]["epoch"],
    }  # fmt: skip


def doses() -> dict:
    found = {}
    for decoder, settings in DECODERS.items():
        all_of(decoder)
        found[decoder] = {
            "settings": {"seeds": settings["seeds"], "second": second_epochs(decoder), "plateau": PLATEAU},
            "arms": {arm: arm_of(decoder, arm) for arm in DOSES},
            "from": {start: second_of(decoder, start) for start in STARTS},
        }
    return found


def shorter(values: list[float]) -> list[float]:
    return [round(value, 3) for value in values]


def late_nats() -> float:
    """The metric: what dose 1 lacks of exact training on the mixture, test nats, the mean over seeds."""
    return asset("doses.json")["mixture"]["arms"]["dose 1"]["minus exact"]["−log p"][0]


if __name__ == "__main__":
    torch.set_num_threads(1)
    for name in sys.argv[1:] or DECODERS:
        all_of(name)
        print(f"{name}: {cpu_seconds(where(), name) / 3600:.2f} hours of one core, for the runs that are kept")

"""doses.json: one ELBO, climbed with more and more steps of the encoder for one of the decoder (chapter 10).

`python book/_tools/dose_runs.py` runs what is missing of all runs, one after another, on one core; it can be stopped
and started again, and `… mixture` or `… GRU` does one half. `python book/_tools/assets.py doses.json` makes the file of
them. Everything is enumerated: nothing is drawn but batches and first weights.

The plan, written down before the first of these runs (a pilot had other seeds and settings):

- Arms: dose 1, 2, 5, 20, that is n steps of the encoder for one of the decoder, the n − 1 in turn on up to four other
  batches; and "exact", whose decoder climbs log p(x), which is the ELBO whose q is the posterior. "counts" is dose 1
  with an encoder that reads pairs of letters: it can hold the exact posterior of a mixture of Markov chains.
- Seeds 0 … 19 for the mixture, 0 … 9 for the GRU; a seed sets first weights and batches. (The plan said that all arms
  share them. Dose 1 and "exact" share both, the other doses first weights only, "counts" neither: found afterwards.)
- Rate: for each arm the one of the `rates` with the lowest −log p of held-out training names, a mean over its trial
  seeds (of dose 20, the dearest, one); it falls evenly to 0 in a run. (The GRU's fourth was added when its first trials
  chose the third, and no other run of it but two had been made.)
- Plateau: an arm is on its plateau if twice the epochs move its mean test −log p by less than `PLATEAU` nats, over
  its longer seeds. What is not is told as not.
- Second starts: from the end of "exact" with the same seed the ELBO of dose 1 is climbed, with a fresh encoder, and
  with one that was fitted to that decoder; beside it the end of dose 1, which goes on for as many epochs.
- Interval: Student's t, 95 %, over seeds; differences between arms are paired by seed. One test, no correction; the
  question asked first is the mixture's test −log p, dose 1 minus exact.
"""

import copy
import hashlib
import json
import math
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import mean, stdev

import torch
from scipy.stats import t as student
from torch import Tensor
from torch.optim import Adam

from vae_lib.data import first_names
from vae_lib.discrete import CategoricalEncoder, DiscreteVAE
from vae_lib.exact.enumeration import enumerate_states, exact_elbo, exact_log_p
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
HELD_OUT, PLATEAU, CONFIDENCE = 439, 0.05, 0.95
DECODERS = {
    "mixture": {
        "decoder": MarkovDecoder, "seeds": 20, "epochs": 60, "second": 30, "rates": (5e-3, 1e-2, 2e-2, 4e-2),
        "trial seeds": (100, 101), "longer seeds": (0, 1),
    },
    "GRU": {
        "decoder": RecurrentDecoder, "seeds": 10, "epochs": 30, "second": 15, "rates": (5e-3, 1e-2, 2e-2, 4e-2),
        "trial seeds": (100,), "longer seeds": (0,),
    },
}  # fmt: skip
SECOND_RATE = 0.4  # of the arm's own
READ = (0, 1, 2, 3, 5, 7, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120)  # epochs after which a curve has a point
RUNS = Path(__file__).resolve().parents[2] / ".runs"


# ----- one run


def names() -> tuple[Tensor, Tensor]:
    train, test = first_names()
    return to_symbols(train, num_steps=STEPS), to_symbols(test, num_steps=STEPS)


def fresh(decoder: str, arm: str) -> DiscreteVAE:
    if arm == "counts":
        encoder = StringEncoder(PairCounts(SYMBOLS), CategoricalEncoder(SYMBOLS**2, STATES, ()))
    else:
        encoder = StringEncoder(OneHot(SYMBOLS, STEPS), CategoricalEncoder(SYMBOLS * STEPS, STATES, READING))
    return DiscreteVAE(encoder, DECODERS[decoder]["decoder"](STATES, SYMBOLS, STEPS, HIDDEN))


def batches(x: Tensor) -> Iterator[Tensor]:
    """All rows once, in batches of rows about equally long, in a fresh order."""
    order = torch.randperm(len(x))
    parts = order[scored(x[order]).sum(1).argsort(stable=True)].split(BATCH)
    yield from (x[parts[i]] for i in torch.randperm(len(parts)).tolist())


def any_batches(x: Tensor) -> Iterator[Tensor]:
    while True:
        yield from batches(x)


def climb(objective: Callable, model: DiscreteVAE, x: Tensor, *optimizers: Adam) -> None:
    for optimizer in optimizers:
        optimizer.zero_grad()
    (-objective(model, x).mean()).backward()
    for optimizer in optimizers:
        optimizer.step()


def train(model: DiscreteVAE, x: Tensor, dose: int, rate: float, num_epochs: int, look: Callable = lambda epoch: None):
    """`dose` steps of the encoder for one of the decoder; with dose 0 the decoder climbs log p(x), alone."""
    encoder, decoder = (Adam(part.parameters(), lr=rate, fused=True) for part in (model.encoder, model.decoder))
    steps, done, ahead = num_epochs * -(-len(x) // BATCH), 0, any_batches(x)
    look(0)
    with in_mode(model, train=True, validate=False):
        for epoch in range(1, num_epochs + 1):
            for rows in batches(x):
                for optimizer in (encoder, decoder):
                    optimizer.param_groups[0]["lr"] = rate * (1 - done / steps)
                step_ahead(model, [next(ahead) for _ in range(min(dose - 1, POOL))], dose - 1, encoder)
                climb(*((exact_elbo, model, rows, encoder, decoder) if dose else (exact_log_p, model, rows, decoder)))
                done += 1
            look(epoch)


def step_ahead(model: DiscreteVAE, pool: list[Tensor], num_steps: int, optimizer: Adam) -> None:
    """Steps of the encoder alone: log p(x, z) of the batches is found once, as the decoder stays."""
    with torch.no_grad():
        log_joints = [log_joint(model, rows) for rows in pool]
    for i in range(num_steps):
        log_q = model.encoder(pool[i % len(pool)]).logits[:, 0].T
        optimizer.zero_grad()
        (log_q.exp() * (log_q - log_joints[i % len(pool)])).sum(0).mean().backward()  # −ELBO
        optimizer.step()


def log_joint(model: DiscreteVAE, x: Tensor) -> Tensor:
    """log p(x, z) of all z, `[states, batch]`, the prior uniform."""
    return model.decoder(torch.eye(STATES)[:, None]).log_prob(x) - math.log(STATES)


def fit_encoder(model: DiscreteVAE, x: Tensor, rate: float, num_epochs: int) -> None:
    """The encoder alone, to a decoder that stays."""
    optimizer = Adam(model.encoder.parameters(), lr=rate, fused=True)
    with in_mode(model, train=True, validate=False):
        for epoch in range(num_epochs):
            optimizer.param_groups[0]["lr"] = rate * (1 - epoch / num_epochs)
            for rows in batches(x):
                step_ahead(model, [rows], 1, optimizer)


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


def run(decoder: str, arm: str, seed: int, rate: float, num_epochs: int, keep: Path | None = None) -> dict:
    """An arm's end, and the curve to it."""
    (x_train, x_test), curve = names(), []
    torch.manual_seed(seed)
    model = fresh(decoder, arm)

    def look(epoch: int) -> None:
        if epoch in READ or epoch == num_epochs:
            curve.append({"epoch": epoch, **told(model, x_test)})

    train(model, x_train, DOSES[arm], rate, num_epochs, look)
    if keep:
        torch.save(model.state_dict(), keep)
    return {"end": ended(model), "curve": columns(curve)}


def trial(decoder: str, arm: str, seed: int, rate: float) -> dict:
    """−log p of training names that were held out."""
    x = names()[0]
    torch.manual_seed(seed)
    model = fresh(decoder, arm)
    train(model, x[:-HELD_OUT], DOSES[arm], rate, DECODERS[decoder]["epochs"])
    return told(model, x[-HELD_OUT:])


def second(decoder: str, start: str, seed: int, rate: float, weights: Path) -> dict:
    """The ELBO of dose 1 from the end of another run: of "exact", its encoder "fresh" or "fitted", or of "dose 1"."""
    x, settings = names()[0], DECODERS[decoder]
    torch.manual_seed(1000 + seed)
    model = fresh(decoder, "dose 1")
    encoder = copy.deepcopy(model.encoder)
    model.load_state_dict(torch.load(weights))
    if start != "dose 1":
        model.encoder = encoder
    if start == "fitted":
        fit_encoder(model, x, rate, settings["second"])
    begun = ended(model)
    train(model, x, 1, SECOND_RATE * rate, settings["second"])
    return {"begun": begun, "end": ended(model)}


# ----- all runs, each once


def kept(where: Path, name: str, make: Callable[[], dict]) -> dict:
    """The run of this name: read, if it was made before, or made and written."""
    file = where / f"{name}.json"
    if not file.exists():
        made = json.dumps(make())
        file.with_suffix(".part").write_text(made)
        file.with_suffix(".part").rename(file)
        print(name, flush=True)
    return json.loads(file.read_text())


def folder() -> Path:
    """One for each plan: another number of states, say, is another folder."""
    # More seeds and rates are the same plan.
    made = [{**settings, "seeds": (), "rates": ()} for settings in DECODERS.values()]
    plan = repr((STATES, HIDDEN, READING, BATCH, POOL, DOSES, HELD_OUT, SECOND_RATE, READ, made))
    plan = RUNS / f"doses {hashlib.sha256(plan.encode()).hexdigest()[:8]}"
    plan.mkdir(parents=True, exist_ok=True)
    return plan


def trials(decoder: str, arm: str) -> dict[str, float]:
    """By rate: −log p of held-out names, the mean over trial seeds."""

    def nats(seed: int, rate: float) -> float:
        name = f"{decoder} {arm} trial {seed} at {rate}"
        return kept(folder(), name, partial(trial, decoder, arm, seed, rate))["−log p"]

    seeds = seeds_of(decoder, arm, "trial seeds")
    return {str(rate): mean(nats(seed, rate) for seed in seeds) for rate in DECODERS[decoder]["rates"]}


def seeds_of(decoder: str, arm: str, kind: str) -> tuple[int, ...]:
    """Trial seeds, or longer ones; of the dearest arm the first only."""
    return DECODERS[decoder][kind][: 1 if arm == "dose 20" else None]


def rate_of(decoder: str, arm: str) -> float:
    tried = trials(decoder, arm)
    return float(min(tried, key=tried.get))


def weights_of(decoder: str, arm: str, seed: int) -> Path:
    return folder() / f"{decoder} {arm} {seed}.pt"


def one(decoder: str, arm: str, seed: int, *, longer: bool = False) -> dict:
    epochs, name = DECODERS[decoder]["epochs"] * (1 + longer), f"{decoder} {arm}" + longer * " longer"
    keep = None if longer else weights_of(decoder, arm, seed)
    return kept(folder(), f"{name} {seed}", partial(run, decoder, arm, seed, rate_of(decoder, arm), epochs, keep))


def runs(decoder: str, arm: str, *, longer: bool = False) -> list[dict]:
    seeds = seeds_of(decoder, arm, "longer seeds") if longer else range(DECODERS[decoder]["seeds"])
    return [one(decoder, arm, seed, longer=longer) for seed in seeds]


def one_second(decoder: str, start: str, seed: int) -> dict:
    of = "dose 1" if start == "dose 1" else "exact"
    begin = partial(second, decoder, start, seed, rate_of(decoder, "dose 1"), weights_of(decoder, of, seed))
    return kept(folder(), f"{decoder} from {of} {start} {seed}", begin)


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


def interval(values: list[float]) -> list[float]:
    """Student's t: the mean, and the ends of its 95 % interval."""
    half = student.ppf((1 + CONFIDENCE) / 2, len(values) - 1) * stdev(values) / len(values) ** 0.5
    return [rounded(float(each)) for each in (mean(values), mean(values) - half, mean(values) + half)]


def arm_of(decoder: str, arm: str) -> dict:
    ends = [each["end"] for each in runs(decoder, arm)]
    longer = [each["end"]["−log p"] for each in runs(decoder, arm, longer=True)]
    moved = mean(longer) - mean(ends[seed]["−log p"] for seed in seeds_of(decoder, arm, "longer seeds"))
    curves = [each["curve"] for each in runs(decoder, arm)]
    against = [each["end"] for each in runs(decoder, "exact")]
    return {
        "rate": rate_of(decoder, arm), "held out −log p": columns([trials(decoder, arm)]),
        **columns(ends), "interval": {name: interval([end[name] for end in ends]) for name in ends[0]},
        "minus exact": {
            name: interval([end[name] - other[name] for end, other in zip(ends, against, strict=True)])
            for name in ("−log p", "train −log p")
        },
        "curve": {name: [shorter(curve[name]) for curve in curves] for name in ("I q", "I p", "−log p", "−ELBO")},
        "epochs": curves[0]["epoch"], "moved by twice the epochs": rounded(moved), "plateau": abs(moved) < PLATEAU,
    }  # fmt: skip


def second_of(decoder: str, start: str) -> dict:
    """Ends, and paired with the control, which is the end of dose 1 that went on."""
    ends = [each["end"] for each in seconds(decoder, start)]
    control = [each["end"] for each in seconds(decoder, "dose 1")]
    minus = {
        name: interval([end[name] - other[name] for end, other in zip(ends, control, strict=True)])
        for name in ("−log p", "−ELBO", "train −log p", "train −ELBO")
    }
    begun = columns([each["begun"] for each in seconds(decoder, start)])
    return {**columns(ends), "interval": {n: interval([e[n] for e in ends]) for n in ends[0]}, "minus control": minus,
            "begun": {name: interval(values) for name, values in begun.items()}}  # fmt: skip


def doses() -> dict:
    found = {}
    for decoder, settings in DECODERS.items():
        all_of(decoder)
        found[decoder] = {
            "settings": {name: settings[name] for name in ("seeds", "epochs", "second")} | {"plateau": PLATEAU},
            "arms": {arm: arm_of(decoder, arm) for arm in DOSES},
            "from": {start: second_of(decoder, start) for start in STARTS},
        }
    return found


def rounded(value):
    return round(value, 4) + 0.0 if isinstance(value, float) else value  # + 0.0: no −0.0


def shorter(values: list[float]) -> list[float]:
    return [round(value, 3) for value in values]


def columns(rows: list[dict]) -> dict[str, list]:
    """A list a name, one entry a run."""
    return {name: [rounded(row[name]) for row in rows] for name in rows[0]}


def late_nats() -> float:
    """The metric: what dose 1 lacks of exact training on the mixture, test nats, the mean over seeds."""
    return asset("doses.json")["mixture"]["arms"]["dose 1"]["minus exact"]["−log p"][0]


if __name__ == "__main__":
    torch.set_num_threads(1)
    for name in sys.argv[1:] or DECODERS:
        all_of(name)

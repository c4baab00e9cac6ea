"""Chapter 10: *A name, letter by letter*, the live figure of a decoder that uses z and of one that does not."""

import base64

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import Tensor, nn

from vae_lib.figures.base.page import Explorable, explorable
from vae_lib.figures.base.shortened import shortened
from vae_lib.page.palette import LIGHT
from vae_lib.page.plotting import as_svg
from vae_lib.sequences import LETTERS, MarkovDecoder, RecurrentDecoder, to_symbols
from vae_lib.shipped.weights import asset

NAME, SEEN = "stephanie", 4
RUNS = ["with z", "without z"]
NETS = {"mixture": MarkovDecoder, "GRU": RecurrentDecoder}
SIZES = {"latent_dim": 5, "num_symbols": 27, "num_steps": 12, "hidden_dim": 48}
SCALES = [1000, 500, 200, 100]  # what the page computes with are whole multiples of 1 / scale
SYMBOLS = [*range(1, 27), 0]  # a to z, then the end
ALL = (
    "Two rows of bars for two Markov mixtures, one that uses z and one that does not, which have seen the letters "
    "{seen}. Wide bars are with z, narrow ones without. The likeliest next symbol is {first} with z ({p:.0%}) and "
    "{second} without ({r:.0%}). Below, the posterior of z: with z up to {sure:.0%} for one of five values, without z "
    "one fifth for each. log p({name}) is {logp:.2f} nats with z and {other:.2f} without."
)
OPENING = (
    "Two rows of bars, run A and run B: how probable each first letter of a name is, where z is the third of its five "
    "values. Both are the same net, trained on the same data by the same objective. In run A the likeliest is "
    "{first} ({p:.0%}), in run B {second} ({r:.0%}). Live, one slider picks z: run A changes, run B does not."
)


def names(*, control: str | None = None, state: dict | None = None) -> Explorable:
    """Type a name, and see what comes next in a run that uses z and in one that does not (chapter 10).

    Two decoders, a mixture of Markov chains and a GRU, each trained twice. z has five values, so log p of the name,
    the posterior of z and the chance of each next letter are exact. The curves over training are recorded, and come
    after a guess. `control` "opening" reduces it to the mixture's first letters, and names, for a z that one slider
    picks. `state` is what it shows first, any of: `net`, "mixture" or "GRU"; `name`, at most 11 letters a to z, and
    how many of them are `seen`; `z`, 0 for all five by their posterior or 1 to 5; `seed` of the names drawn; `guess`,
    "never", "late" or "soon"; `arm`, whose seeds are drawn, such as "dose 5". Raises ValueError at another control.
    """
    runs = {run: _mixture(run) for run in RUNS}
    opening = control == "opening"
    data = {run: {"weights": packed("mixture", run)} for run in RUNS} if opening else _whole()
    figure, alt = _first_letters(runs) if opening else _bars(runs)
    options = {"control": control, "controls": ("opening",), "state": state}
    title = "Names: a run that uses z, and one that does not"
    return explorable("names", title, shortened(as_svg(figure).data), alt.replace("-", "−"), data, **options)


def _whole() -> dict:
    nets = {net: {run: _about(net, run) | {"weights": packed(net, run)} for run in RUNS} for net in NETS}
    return {"name": NAME, "seen": SEEN, "nets": nets, "recorded": {net: recorded_curves(net) for net in NETS}}


def _about(net: str, run: str) -> dict:
    found = asset("names.json")[net][run]
    return {name: found[name] for name in ("arm", "epochs", "seed", "I")} | {"loss": found["−log p"]}


def recorded_curves(net: str) -> dict:
    """What the runs of a net came to, by arm, after each of its `epochs`: a row a seed, of `I`, I(x; z) under the exact
    posterior, and of `−log p` of the test names, nats a name."""
    names = {"I": "I p", "−log p": "−log p"}
    arms = asset("doses.json")[net]["arms"].items()
    return {arm: {"epochs": of["epochs"]} | {name: of["curve"][own] for name, own in names.items()} for arm, of in arms}


def decoder(net: str, run: str) -> nn.Module:
    """The shipped decoder of a net, "mixture" or "GRU", from a run, "with z" or "without z", in float64."""
    with torch.random.fork_rng(devices=[]):
        made = NETS[net](**SIZES).double()
    weights = asset("names.json")[net][run]["decoder"]
    made.load_state_dict({name: torch.tensor(rows, dtype=torch.float64) for name, rows in weights.items()})
    return made.requires_grad_(False)


def packed(net: str, run: str) -> dict[str, dict]:
    """What the page computes with, matrices by name: of the mixture `table`, log p(next | last, z), with a row for each
    z and last symbol; of the GRU its weights. Each is its number of `columns`, a `scale`, and `int16`, so many times
    its numbers in base 64."""
    shipped = decoder(net, run)
    if net == "mixture":
        return {"table": _pack(table(shipped).flatten(0, 1))}
    rnn, head = shipped.rnn, shipped.head
    biases = torch.stack([rnn.bias_ih_l0, rnn.bias_hh_l0])
    matrices = {"ofInput": rnn.weight_ih_l0, "ofHidden": rnn.weight_hh_l0, "biases": biases}
    return {name: _pack(one) for name, one in (matrices | {"head": head.weight, "bias": head.bias[None]}).items()}


def table(mixture: nn.Module) -> Tensor:
    """log p(next | last, z) of a mixture of Markov chains, `[z, last, next]`."""
    return mixture.table(torch.eye(SIZES["latent_dim"], dtype=torch.float64))


def _pack(matrix: Tensor) -> dict:
    scale = next(scale for scale in SCALES if scale * matrix.abs().max() < 2**15 - 1)
    whole = (scale * matrix).round().numpy().astype("<i2")
    return {"columns": matrix.shape[1], "scale": scale, "int16": base64.b64encode(whole.tobytes()).decode()}


def _mixture(run: str) -> Tensor:
    return table(decoder("mixture", run))


def _read(log_table: Tensor, name: str) -> tuple[Tensor, Tensor, Tensor]:
    """Of a name and its end: log p(next | letters before), the posterior of z, a row for each place, and log p."""
    x = to_symbols([name])[0]
    rows = log_table[:, torch.cat([x[-1:], x[:-1]])]  # [z, places, symbols]; the end stands before the first letter
    terms = rows[:, torch.arange(len(x)), x].cumsum(1)
    posterior = torch.cat([torch.zeros_like(terms[:, :1]), terms[:, :-1]], 1).log_softmax(0)
    return (posterior[..., None] + rows).logsumexp(0), posterior.exp().T, terms[:, -1].logsumexp(0) - np.log(5)


def _bars(runs: dict[str, Tensor]) -> tuple[plt.Figure, str]:
    found = [_read(runs[run], NAME) for run in RUNS]
    figure, (above, below) = plt.subplots(2, 1, figsize=(6.0, 3.8), height_ratios=[2, 1])
    _pairs(above, [log_p[SEEN].exp()[SYMBOLS] for log_p, *_ in found], [*LETTERS, "end"], "next letter")
    _pairs(below, [posterior[SEEN] for _, posterior, _ in found], [f"z = {z}" for z in range(1, 6)], "posterior")
    below.axhline(0.2, color=LIGHT["prior"], linestyle="--", linewidth=1)
    above.legend(loc="upper right")
    (first, p), (second, r) = (_likeliest(log_p[SEEN]) for log_p, *_ in found)
    (_, posterior, logp), (*_, other) = found
    said = {"sure": posterior[SEEN].max(), "logp": logp, "other": other, "p": p, "r": r}
    said = {name: float(value) for name, value in said.items()}
    return figure, ALL.format(seen=NAME[:SEEN], name=NAME, first=first, second=second, **said)


def _pairs(axes: plt.Axes, rows: list[Tensor], labels: list[str], name: str) -> None:
    places, orange = range(len(labels)), LIGHT["decoder"]
    axes.bar(places, rows[0].tolist(), 0.75, facecolor=(orange, 0.22), edgecolor=orange, label=RUNS[0])
    axes.bar(places, rows[1].tolist(), 0.28, color=LIGHT["data"], label=RUNS[1])
    axes.set(ylabel=name)
    axes.set_xticks(places, labels)


def _likeliest(log_p: Tensor) -> tuple[str, float]:
    symbol = int(log_p.argmax())
    return LETTERS[symbol - 1] if symbol else "the end", log_p[symbol].exp().item()


def _first_letters(runs: dict[str, Tensor]) -> tuple[plt.Figure, str]:
    rows = [runs[run][2, 0] for run in RUNS]  # z = 3, at the start
    figure, both = plt.subplots(2, 1, figsize=(6.0, 3.4), sharex=True, sharey=True)
    for axes, row, name in zip(both, rows, ["run A", "run B"], strict=True):
        axes.bar(range(27), row.exp()[SYMBOLS].tolist(), 0.75, color=LIGHT["decoder"])
        axes.set(ylabel=name)
        axes.set_xticks(range(27), [*LETTERS, "end"])
    (first, p), (second, r) = map(_likeliest, rows)
    return figure, OPENING.format(first=first, second=second, p=p, r=r)

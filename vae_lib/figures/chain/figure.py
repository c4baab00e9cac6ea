"""Chapter 9: *A chain and two q*, the live figure of mean field beside the exact posterior, and of the Nile."""

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes

from vae_lib.data import nile
from vae_lib.exact.chains import Chain, hmm, log_partition, marginals
from vae_lib.exact.kalman import level_posterior
from vae_lib.exact.mean_field import best_mean_field, gaussian_mean_field
from vae_lib.figures.base.page import Explorable, explorable
from vae_lib.figures.base.shortened import shortened
from vae_lib.page.palette import LIGHT
from vae_lib.page.plotting import as_svg
from vae_lib.shipped.chains import chain_runs

STATES = ["cold", "mild", "hot"]
# P(0, 1, 2, 3, 4 ice creams | weather), a row for each state.
EMISSION = [[0.5, 0.3, 0.12, 0.06, 0.02], [0.15, 0.25, 0.35, 0.15, 0.1], [0.02, 0.08, 0.2, 0.3, 0.4]]
EATEN, STAY = [1, 1, 3, 1, 3, 3], 74  # percent
NOISE, MOVE = 122.87, 38.33  # 10⁸ m³ a year: standard deviations, the maximum-likelihood ones to two digits
BARS = (
    "Three rows of bars over six days, for hot, mild and cold weather, where {eaten} ice creams were eaten. Wide bars: "
    "the exact posterior; narrow ones: the best mean field. On day 1 the exact probability of mild weather is "
    "{exact:.2f}, mean field's {loose:.2f}; {gap:.2f} nats lie between its ELBO and log p(x) = {logp:.2f}."
)
BANDS = (
    "The Nile's flow in each year from 1871 to 1970 as dots, and one line through them, which falls near 1900. Around "
    "the line are two grey bands. In 1900 the line is at {level:.0f}; one band is ± {wide:.0f}, the other ± "
    "{narrow:.0f}, in 10⁸ m³ a year. The picture does not say which is exact."
)


def chain(*, control: str | None = None, state: dict | None = None) -> Explorable:
    """Make a hidden chain stickier, and see what mean field loses against the exact posterior (chapter 9).

    Three states, six days, five symbols; to stay is one chance, and all moves are alike. Exact are log p(x), the
    marginals, the gaps and the expected moves; mean field is the best of 16 starts of CAVI, or where one of them ends.
    The curves over the stickiness are recorded (`chain_runs`), and come after a guess. `control` "opening" reduces it
    to the Nile's level with two bands, a guess, and how far the level moves in a year. `state` is what it shows first,
    any of: `stay`, 34 to 99 percent; `x`, six numbers from 0 to 4; `start`, 0 for the best and 1 to 16; `seed` of the
    paths; `guess`, "larger", "smaller" or "same". Raises ValueError at another control.
    """
    data = _nile() if control == "opening" else _diary()
    figure, alt = _bands() if control == "opening" else _bars()
    options = {"control": control, "controls": ("opening",), "state": state}
    title = "A hidden chain: the exact posterior, and a q without neighbours"
    return explorable("chain", title, shortened(as_svg(figure).data), alt.replace("-", "−"), data, **options)


def _nile() -> dict:
    years, flows = nile()
    return {"flows": [round(flow) for flow in flows.tolist()], "first": int(years[0]), "noise": NOISE, "move": MOVE}


def _diary() -> dict:
    return {"emission": EMISSION, "x": EATEN, "stay": STAY, "recorded": recorded_curves()}


def recorded_curves() -> dict:
    """Means over many random chains, lists over the chance to `stay` in percent: mean field's best `gap` and its
    standard `error`, the gap of the `product` of the true marginals, nats; the `share` of chains with more than one
    optimum, percent; and how many `chains` there are for each."""
    runs = chain_runs()
    found = runs["stickiness"]
    stay, share = ([round(100 * part, 2) for part in found[name]] for name in ("stay", "several optima"))
    gaps = {name: found[key] for name, key in (("gap", "best"), ("error", "best error"), ("product", "product"))}
    return {"chains": runs["settings"]["chains"], "stay": stay, "share": share} | gaps


def diary(stay: float) -> Chain:
    """The chain that the figure shows first, with another chance to stay."""
    emission = torch.tensor(EMISSION, dtype=torch.float64)
    step = torch.full((3, 3), (1 - stay) / 2, dtype=torch.float64).fill_diagonal_(stay)
    return hmm(torch.full((3,), 1 / 3, dtype=torch.float64), step, emission, torch.tensor(EATEN))


def _bars() -> tuple[plt.Figure, str]:
    shown = diary(STAY / 100)
    with torch.random.fork_rng():  # the notebook's draws stay as they are
        torch.manual_seed(0)
        found = best_mean_field(shown)
    exact, logp = marginals(shown).single, log_partition(shown).item()
    figure, axes = plt.subplots(3, 1, figsize=(6.0, 3.4), sharex=True, sharey=True)
    for state, one in enumerate(reversed(axes)):
        _row(one, STATES[state], exact[:, state].tolist(), found.q[:, state].tolist())
    axes[0].legend(loc="upper left", ncols=2)
    days = [f"day {t}\n{symbol} eaten" for t, symbol in enumerate(EATEN, 1)]
    axes[-1].set_xticks(range(len(EATEN)), days)
    said = {"exact": exact[0, 1].item(), "loose": found.q[0, 1].item(), "gap": found.gaps.min().item(), "logp": logp}
    return figure, BARS.format(eaten=", ".join(str(symbol) for symbol in EATEN), **said)


def _row(axes: Axes, name: str, exact: list[float], loose: list[float]) -> None:
    days, purple = range(len(exact)), LIGHT["posterior"]
    axes.bar(days, exact, 0.75, facecolor=(purple, 0.22), edgecolor=purple, label="exact posterior")
    axes.bar(days, loose, 0.28, color=LIGHT["q"], label="mean field")
    axes.set(ylabel=name, ylim=(0, 1), yticks=[0, 1])


def _bands() -> tuple[plt.Figure, str]:
    years, flows = nile()
    exact = level_posterior(flows, *torch.tensor([NOISE, MOVE], dtype=torch.float64).square())
    loose, _ = gaussian_mean_field(exact)
    figure, axes = plt.subplots(figsize=(6.0, 3.9))
    axes.plot(years, flows, "o", color=LIGHT["data"], markersize=3)
    for sd, style in ((exact.stddev, {"alpha": 0.2, "linestyle": "--"}), (loose.stddev, {"alpha": 0.4})):
        axes.fill_between(years, exact.mean - sd, exact.mean + sd, color=LIGHT["data"], **style)
    axes.plot(years, exact.mean, color=LIGHT["ink"], linewidth=1.5)
    axes.axvline(1900, color=LIGHT["data"], linestyle=":", linewidth=1)
    axes.set(ylabel="flow and level, 10⁸ m³ a year", ylim=(400, 1400), xlim=(1870, 1971))
    at = years.tolist().index(1900)
    said = {"level": exact.mean[at], "wide": exact.stddev[at], "narrow": loose.stddev[at]}
    return figure, BANDS.format(**{name: value.item() for name, value in said.items()})

"""Chapter 1: *The forces*, the live figure in which the pull to the middle and the noise are switched on and off."""

import torch

from vae_lib.figures.base.page import Explorable, explorable
from vae_lib.figures.base.shortened import shortened
from vae_lib.page.planes import show_planes
from vae_lib.page.plotting import as_svg
from vae_lib.shipped.forces import forces_runs
from vae_lib.shipped.weights import asset

PICTURE = ("neither", "noise alone", "pull alone", "pull and noise")  # the order of its planes
SHOWN = ("mu", "sigma", "draws", "classes", "nats", "inside")  # of a run, as it is recorded
REACH = 15


def forces(*, control: str | None = None, state: dict | None = None) -> Explorable:
    """Switch the pull and the noise on and off: codes on the same axes, draws, their digits, −log p(x) (chapter 1).

    Recorded trainings of one network on the digits, `vae_lib.shipped.forces_runs`. `control` "forces" reduces it to the
    two switches: without the slider over three trainings. `state` is what it shows first, any of: `pull` and `noise`,
    True or False; `run`, 0 to 2. Raises ValueError at another control.
    """
    record = asset("forces.json")
    arms = {arm: [_shown(run) for run in runs if "mu" in run] for arm, runs in forces_runs().items()}
    data = {"arms": arms, "labels": record["labels"], "share": record["data"]}
    options = {"control": control, "controls": ("forces",), "state": state}
    picture, alt = _picture(record)
    return explorable("forces", "The forces: pull and noise, on and off", picture, alt, data, **options)


def _shown(run: dict) -> dict:
    last = {"spread": run["spread"][-1], "empty": run["empty"][0]}
    return {name: run[name] for name in SHOWN if name in run} | last


def _picture(record: dict) -> tuple[str, str]:
    """The first training of all four, and what they show in words."""
    first = {arm: record["arms"][arm][0] for arm in PICTURE}
    titles = [f"{arm}: {run['nats']:.1f} nats" for arm, run in first.items()]
    codes = dict(zip(titles, (torch.tensor(run["mu"]) for run in first.values()), strict=True))
    labels = torch.tensor([int(label) for label in record["labels"]])
    said = "; ".join(
        f"{title}, {100 * run['inside']:.0f} % of the codes in the circle, {run['drawn']} of ten digits among the draws"
        for title, run in zip(titles, first.values(), strict=True)
    )
    alt = (
        "Four planes on the same axes, up to 15, each with the codes of 300 pictures and a small circle |z| < 2 at the "
        "middle, in which one will draw. Without the pull to the middle the codes of ten digits lie as far as 15 away, "
        "and few in the circle. With the pull alone they crowd in its middle, with pull and noise they fill it. "
        f"Of each, how well held-out pictures are predicted, lower is better: {said}."
    )
    return shortened(as_svg(show_planes(codes, labels, reach=REACH)).data), alt

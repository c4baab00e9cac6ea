"""Chapters 4 and 5: what a loss makes of mu and its fourth argument: a KL, to which prior, with which floor, where."""

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

import torch

from vae_lib.diagnose.loss_bench import ELSEWHERE_TOL, LATENT_TOL, Bench, Fit, fit
from vae_lib.diagnose.loss_facts import close
from vae_lib.diagnose.loss_families import FLOORS, FOURTH, Fourth
from vae_lib.diagnose.words import Wrong


class Latents(NamedTuple):
    """What a loss makes of mu and its fourth argument."""

    fourth: Fourth | None
    b: float = 0.0
    error: float = 0.0
    prior: tuple[float, float] = (0.0, 1.0)
    weights: tuple[float, ...] = ()  # where they are no KL's
    floor: tuple[str, float] | None = None


def latent_terms(bench: Bench) -> tuple[Latents | None, Bench]:
    """What fits where log σ² has both signs; else where it is above 0, or below."""
    for kind in ("both", "mild", "above", "below") if bench.draws == 1 else (bench.latents, "above"):
        one = replace(bench, latents=kind)
        with suppress(Wrong):
            found = plain(one)
            if not found or (kind == "both" and any(latent_departures(one, found))):
                found = floored(one) or found
            if found:
                return found, one
    return None, bench


def plain(bench: Bench) -> Latents | None:
    """A weighted sum of μ², σ², log σ² and μ."""
    probes = [bench.inputs(j=j)[2:] for j in range(bench.probes)]
    values = torch.stack([bench.values((*bench.inputs()[:2], *probe)) for probe in probes])
    fitting = []
    for one in FOURTH:
        terms = torch.tensor([[term.sum(1).mean().item() for term in one.terms(*probe)] for probe in probes])
        found = fit(values, terms.double(), LATENT_TOL)
        if found:
            fitting.append(as_kl(one, found))
            if fitting[-1].prior[1] == 1 and not fitting[-1].weights:
                return fitting[-1]
    return fitting[0] if fitting else None


def as_kl(fourth: Fourth, found: Fit) -> Latents:
    """To N(m, s²): of μ² and σ² it has b/(2s²), of log σ² −b/2, of μ −bm/s²."""
    of_mu, of_var, of_log_var, linear = found.weights
    if not any(found.weights):
        return Latents(fourth)
    near = lambda one, other: close(one, other) or abs(one - other) <= 5 * max(found.errors)  # noqa: E731
    if not of_var or not of_log_var or of_var * of_log_var > 0 or not near(of_mu, of_var):
        return Latents(fourth, weights=(of_mu, of_var, of_log_var, linear))
    b, variance = -2 * of_log_var, 1.0 if near(of_var, -of_log_var) else -of_log_var / of_var
    return Latents(fourth, b, 2 * found.errors[2] / abs(b), (-linear * variance / b, variance))


def floored(bench: Bench) -> Latents | None:
    """A KL with a floor, or its distance from a capacity: the floor is what a KL of 0 costs."""
    (x_hat, x, mu, log_var), far = bench.inputs(), [bench.inputs(j=j, latents="distant") for j in (0, 1)]
    fourth = FOURTH[0]
    kls = [fourth.kl(*one[2:]).sum(1).mean().item() for one in far]
    none, *values = (bench.value(one) for one in ((x_hat, x, mu * 0, log_var * 0), *far))
    b = (values[1] - values[0]) / (kls[1] - kls[0])
    floor = kls[1] - (values[1] - none) / b if b else 0.0
    if not floor > 1e-6:
        return None
    kinds = [("both", j) for j in range(bench.probes)] + [("near the prior", 0), ("near the prior", 1), ("distant", 0)]
    probes = [bench.inputs(j=j, latents=kind)[2:] for kind, j in kinds]
    # and KLs below the floor, in other proportions from image to image and from latent to latent
    rows = torch.linspace(0.2, 1.8, len(mu)).reshape(-1, *[1] * (mu.dim() - 1)).to(mu.dtype)
    scatter = (2 * floor * rows / bench.sizes.latents).sqrt() * (1 + 0.5 * torch.sign(mu - mu.mean()))
    probes += [(scatter * share, log_var * 0) for share in (0.3, 0.5, 0.7, 0.9)]
    values = torch.stack([bench.values((x_hat, x, *probe)) for probe in probes])
    for name, of in FLOORS.items():
        nats = floor / 2 if "capacity" in name else floor  # |0 − C| is as far from a large KL's KL − C as a floor of 2C
        terms = torch.tensor([[of(fourth.kl(*probe), nats).mean().item()] for probe in probes], dtype=torch.float64)
        found = fit(values, terms, 1e-4)
        if found and found.weights[0]:
            return Latents(fourth, found.weights[0], floor=(name, nats))
    return None


def latent_departures(bench: Bench, found: Latents) -> Iterator[tuple[str, float, float]]:
    """Where the KL is not one: for which mu and log σ²; how much the loss rises there, how much it should."""
    if found.floor or not found.b:
        return
    start = bench.inputs()
    kinds = (
        ("near the prior", "narrow", "wide", "distant") if bench.latents in ("both", "mild", "gentle") else ("distant",)
    )
    for kind in kinds:
        there = bench.inputs(latents=kind)
        due, base = (found.b * found.fourth.kl(*one[2:], *found.prior).sum(1).mean().item() for one in (there, start))
        try:
            rises = bench.values((*start[:2], *there[2:])) - bench.values(start)
        except Wrong:
            rises = torch.tensor([math.nan])
        noise = 6 * rises.std().item() / math.sqrt(len(rises)) if len(rises) > 1 else 0.0
        came, due = rises.mean().item(), due - base
        if not abs(came - due) <= (ELSEWHERE_TOL + 4 * found.error) * max(abs(due), abs(found.b)) + noise:
            yield kind, came, due


def below_zero(bench: Bench) -> str:
    """What a loss makes of a log σ² below 0, for which its KL was not found: |log σ²|, 0, or something else."""
    x_hat, x, mu, fourth = bench.inputs(latents="above")
    with suppress(Wrong):
        here, mirrored, at_zero = (bench.value((x_hat, x, mu, one)) for one in (-fourth, fourth, 0 * fourth))
        return "its absolute value" if close(here, mirrored) else "0" if close(here, at_zero) else "something else"
    return "NaN, or an error"


def kl_curve(bench: Bench) -> list[tuple[float, float]]:
    """The loss, where mu alone makes the KL so many nats; from what it is where q is the prior."""
    x_hat, x, mu, fourth = bench.inputs()
    mu, fourth = torch.zeros_like(mu), torch.zeros_like(fourth)
    with suppress(Wrong):
        start = bench.value((x_hat, x, mu, fourth))
        each = [(kl, mu + math.sqrt(2 * kl / bench.sizes.latents)) for kl in (0.5, 2.0, 8.0, 32.0, 128.0)]
        return [(kl, bench.value((x_hat, x, far, fourth)) - start) for kl, far in each]
    return []

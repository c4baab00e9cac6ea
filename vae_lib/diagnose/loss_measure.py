"""Chapters 4 and 5: the facts of a homework's loss, found by calling it.

Where only x_hat and x vary, and where only mu and log_var do, the loss is fitted by the known terms of
`loss_families`. What fits is then tried wherever else a training may go, and its gradient beside the term's own.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from vae_lib.diagnose.loss_bench import ELSEWHERE_TOL, Bench
from vae_lib.diagnose.loss_facts import LossFacts
from vae_lib.diagnose.loss_gradients import breaks, gradient, parameters
from vae_lib.diagnose.loss_latents import Latents, below_zero, kl_curve, latent_departures, latent_terms
from vae_lib.diagnose.loss_pixels import Term, departures, pixel_term, pixel_weights, residual_curve
from vae_lib.diagnose.loss_reductions import constant, due, powers
from vae_lib.diagnose.words import Wrong


def measure(bench: Bench) -> LossFacts:
    """All facts at these sizes. Raises Wrong for a loss that does not depend on its arguments."""
    term, bench = pixel_term(bench)
    latents, bench = latent_terms(bench)
    latents = latents or Latents(None)
    moves = (bool(term.a), latents.fourth is None or bool(latents.b) or bool(latents.weights))
    if not any(moves):
        raise Wrong(f"It is {bench.value(bench.inputs()):.4g} whatever its arguments are.")
    facts = LossFacts(bench.sizes, pixels=term.family, a=term.a if term.family else 0.0, b=latents.b, moves=moves)
    facts.fourth, facts.prior, facts.floor = latents.fourth, latents.prior, latents.floor
    facts.error, facts.only_for = math.hypot(latents.error, term.error), term.only_for
    facts.weights_of_kl, facts.draws = latents.weights, bench.draws
    facts.separate = separate(bench)
    if facts.is_ours:
        add_to(facts, bench, term, latents)
    if not facts.is_ours:
        facts.pixel_weights = {} if term.family else pixel_weights(bench)
        facts.curves = residual_curve(bench), kl_curve(bench)
    return facts


def add_to(facts: LossFacts, bench: Bench, term: Term, latents: Latents) -> None:
    """What can be known of a loss that fits: its constant, reductions, gradient, and where else it holds."""
    facts.c = constant(bench, facts)
    facts.a_powers, facts.b_powers = powers(bench, facts)
    facts.noise = noise(bench, facts)
    facts.departs = [*(departures(bench, *term[:2]) if facts.a else ()), *latent_departures(bench, latents)]
    facts.below_zero = below_zero(bench) if bench.latents == "above" else ""
    facts.gradient, facts.gradient_agrees = gradient(bench, facts)
    facts.breaks = breaks(bench, facts)
    facts.parameters = parameters(bench, facts)


def noise(bench: Bench, facts: LossFacts) -> float:
    """The standard error of c."""
    inputs = bench.inputs()
    size = due(facts, inputs).abs().item()
    if bench.draws == 1:
        return 1e-7 * size  # of the fit
    values = bench.values(inputs)
    return math.hypot(values.std().item() / math.sqrt(len(values)), facts.error * size)


def elsewhere(bench: Bench, facts: LossFacts, x_data: Tensor | None, batch_size: int | None) -> list[tuple]:
    """Where the loss is not what the facts say: on the reader's images, and with batches of the reader's size."""
    x_hat, x, mu, fourth = bench.inputs()
    there = {}
    whole = () if x_data is None else x_data[x_data.flatten(1).isfinite().all(1)]
    if len(whole) and not bench.sizes.classes:
        rows = whole[torch.linspace(0, len(whole) - 1, len(x)).long()].reshape(x.shape).to(x.dtype)
        guess = rows.flip(0) if facts.pixels and facts.pixels.reads == "x_hat as the mean" else x_hat
        there["data"] = (bench, (guess, rows, mu, fourth))
    if batch_size and batch_size != bench.sizes.batch and batch_size * bench.sizes.pixels < 2_000_000:
        larger = replace(bench, sizes=replace(bench.sizes, batch=batch_size))
        there["batch"] = (larger, larger.inputs())
    return [one for kind, (one, inputs) in there.items() for one in differs(one, inputs, facts, kind)]


def differs(bench: Bench, inputs, facts: LossFacts, kind: str) -> Iterator[tuple[str, float, float]]:
    times = bench.sizes.batch / facts.sizes.batch
    here = replace(facts, a=facts.a * times**facts.a_powers.batch, b=facts.b * times**facts.b_powers.batch)
    start = bench.inputs(k=1, j=1)
    expected = due(here, inputs).item() - due(here, start).item()
    try:
        came = bench.value(inputs) - bench.value(start)
    except Wrong:
        came = math.nan
    if not abs(came - expected) <= ELSEWHERE_TOL * max(abs(expected), abs(facts.a)) + 5 * facts.noise:
        yield kind, came, expected


def separate(bench: Bench) -> bool:
    # A sum g(x_hat, x) + h(mu, log_var) has g₁ + h₁ − (g₁ + h₀) − (g₀ + h₁) + (g₀ + h₀) = 0.
    values = torch.stack([bench.values(bench.inputs(k, j)) for k in (1, 0) for j in (1, 0)])
    both, pixels, latents, none = values
    left = both - pixels - latents + none
    noise = 5 * left.std().item() / math.sqrt(len(left)) if len(left) > 1 else 0
    return left.mean().abs().item() <= 1e-5 * values.abs().max().item() + noise

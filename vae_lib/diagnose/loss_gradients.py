"""Chapters 4 and 5: the gradient of a loss beside that of its terms, where it breaks, what parameters it has."""

import math
from contextlib import suppress
from dataclasses import replace

import torch
from torch import Tensor

from vae_lib.diagnose.loss_bench import Bench, alike
from vae_lib.diagnose.loss_calls import NOISE
from vae_lib.diagnose.loss_facts import UNKNOWN, LossFacts, close
from vae_lib.diagnose.loss_families import GAUSSIAN, LOGITS
from vae_lib.diagnose.loss_reductions import constant, due, larger
from vae_lib.diagnose.words import Wrong, describe_error


def gradient(bench: Bench, facts: LossFacts) -> tuple[str, bool]:
    """What is wrong with the gradient, and whether it is that of a · reconstruction + b · KL."""
    inputs = [one.clone() for one in bench.inputs(latents="distant" if facts.floor else "")]
    asked = [one.requires_grad_() for one in (inputs[0], *inputs[2:])]
    try:
        value = bench.call.value(inputs, bench.sizes)
        if not value.requires_grad:
            return "It carries no gradient: is there .item(), .detach(), NumPy or torch.no_grad in it?", False
        came = torch.autograd.grad(value, asked, allow_unused=True)
    except Exception as error:
        return f"No gradient comes back: {error if isinstance(error, Wrong) else describe_error(error)}", False
    reached = {name for name, one in zip(ARGUMENTS, came, strict=True) if one is not None and one.any()}
    due_to = {name for name, weight in zip(ARGUMENTS, (facts.a, facts.b, facts.b), strict=True) if weight}
    facts.hidden = listed(reached - due_to)
    if due_to - reached:
        return f"No gradient reaches {' and '.join(listed(due_to - reached))}: is a part of it detached?", False
    if facts.hidden:
        hides = "on which the value does not depend: the number hides a term."
        return f"A gradient reaches {' and '.join(facts.hidden)}, {hides}", False
    if bench.draws > 1 or (facts.pixels and facts.pixels.fault):
        return "", bench.draws > 1
    right = torch.autograd.grad(due(facts, inputs), asked, allow_unused=True)
    apart = {ARGUMENTS[i] for i in range(3) if ARGUMENTS[i] in due_to and not alike(came[i], right[i])}
    told = f"The gradient of {' and '.join(listed(apart))} is not that of the value: is a part of it detached?"
    return (told, False) if apart else ("", True)


ARGUMENTS = ("x_hat", "mu", "log_var")


def listed(names: set[str]) -> list[str]:
    return [name for name in ARGUMENTS if name in names]


def breaks(bench: Bench, facts: LossFacts) -> str:
    """Does it hold where a probability is 0 or 1? The log of a sigmoid does not at logits of 50."""
    if not facts.pixels or facts.pixels.family not in ("bernoulli", "binomial") or facts.pixels.fault:
        return ""
    reads_logits = facts.pixels.reads == LOGITS
    near, far = (0.0, 50.0) if reads_logits else (0.5, 1.0)
    rise = math.nan
    with suppress(Wrong):
        # With x = 0 a pixel costs softplus(logit): 50 at a logit of 50 and log 2 at 0. The log of a sigmoid that has
        # rounded to 1 gives infinity there, or stops at a clamp.
        rise = (bench.at(far, 0.0) - bench.at(near, 0.0)) / facts.a / bench.sizes.pixels
        if not reads_logits or close(rise, (50 - math.log(2)) * (facts.pixels.parameter or 1), 1e-2):
            return ""
    return "logits of 50" if reads_logits else "probabilities of 0 and 1"


def parameters(bench: Bench, facts: LossFacts) -> str:
    """What the loss's own parameters are; nothing where it has none. Each is moved, and put back.

    "width": of the density, with its constant; "without its log", "another log": a width that has it not, or not as the
    density has it; "weight of the KL"; "weight": what changes the terms otherwise; "others".
    """
    kinds = [
        kind_of(bench, facts, leaf)
        for leaf in leaves(bench.call.value(bench.inputs(), bench.sizes))
        if leaf is not NOISE
    ]
    return next(
        (
            kind
            for kind in ("without its log", "another log", "weight of the KL", "weight", "width", "others")
            if kind in kinds
        ),
        "",
    )


def kind_of(bench: Bench, facts: LossFacts, leaf: Tensor) -> str:
    """What this parameter is, of the kinds above."""
    a, b = larger(bench, facts, bench.sizes)
    c = constant(bench, facts)
    kept = leaf.detach().clone()
    try:
        with torch.no_grad():
            leaf += 0.5
            times_a, times_b = (
                now / was if was else 1.0 for now, was in zip(larger(bench, facts, bench.sizes), (a, b), strict=True)
            )
            moved = replace(facts, a=facts.a * times_a, b=facts.b * times_b, parameters="width")
            moved.c = constant(bench, moved)
    except Exception:  # moved so far, the loss is not to be called
        return "others"
    finally:
        with torch.no_grad():
            leaf.copy_(kept)
    return kind_of_change(moved, times_a, times_b, abs(moved.c - c) < 1e-5 * abs(moved.a))


def kind_of_change(moved: LossFacts, times_a: float, times_b: float, same_c: bool) -> str:
    if close(times_a, 1) and close(times_b, 1):
        return "others"
    if close(times_a, 1) and same_c:
        return "weight of the KL"
    if moved.pixels.family not in (GAUSSIAN, "laplace") or not close(times_b, 1):
        return "weight"
    if moved.reading.constant != UNKNOWN:
        return "width"
    return "without its log" if same_c else "another log"


def leaves(value: Tensor) -> list[Tensor]:
    """The parameters on which a value depends."""
    pending, found, seen = [value.grad_fn], {}, set()
    while pending:
        node = pending.pop()
        if node is not None and node not in seen:
            seen.add(node)
            found |= {id(node.variable): node.variable} if hasattr(node, "variable") else {}
            pending += [one for one, _ in node.next_functions]
    return list(found.values())

"""Chapters 4 and 5: what the loss of one's own homework is, found by calling it: measure → facts → words."""

import copy
import inspect
import io
import math
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from vae_lib.diagnose.loss_arguments import line_to_paste, ways
from vae_lib.diagnose.loss_bench import Bench
from vae_lib.diagnose.loss_calls import FOUR, Call
from vae_lib.diagnose.loss_data import weigh
from vae_lib.diagnose.loss_facts import LossFacts
from vae_lib.diagnose.loss_findings import on_data_outside, report
from vae_lib.diagnose.loss_inputs import Sizes
from vae_lib.diagnose.loss_measure import elsewhere, measure
from vae_lib.diagnose.loss_parts import judged
from vae_lib.diagnose.loss_sizes import first_fitting
from vae_lib.diagnose.words import NotAttempted, Wrong, describe, verdict

SEEDS = (0, 0, 4)  # the same twice, and another
DRAWS, DRAWN_BATCH, DRAWN = 24, 96, 10_000  # of a loss that draws: seeds, images a call, and at most so many pixels
LARGE = 8_000  # pixels an image, above which the batch is small


def diagnose_loss(
    my_loss: Callable,
    *,
    data_dim: int | tuple[int, ...] | None = None,
    latent_dim: int | tuple[int, ...] | None = None,
    x_data: Tensor | None = None,
    batch_size: int | None = None,
) -> None:
    """Say which β and σ_x² a homework's own `my_loss(x_hat, x, mu, log_var)` stands for, and how it deviates from J.

    The loss is called with x_hat and x `[batch, data_dim]` and mu and log_var `[batch, latent_dim]`; where it wants
    images, `data_dim` is their shape, as in (1, 28, 28). Sizes that are not given, by default 64 and 8, are those of
    `x_data` `[N, …]`, or are found by trying. Arguments with usual names may stand in any order; z is passed where it
    is wanted. The loss may return a scalar, one number per example, a pair of reconstruction and KL, or a tuple, list
    or dict with the loss in it. Prints β, σ_x², what is done with pixels, latents and batch, and what follows for
    `x_data`, by default the digits; then every deviation. What goes with the batch is told for `batch_size`, if it is
    given. "✓" means J: −ELBO in nats an image; a fixed σ_x's constant D/2 log(2πσ_x²) may be in or left out, but not in
    half. "✗" is anything else, which may be what you want. How z is drawn cannot be seen from the loss. Whatever the
    loss does, this does not raise; it raises ValueError where `x_data` has not the size of `data_dim`, or is no set of
    images, and where a size is no size.
    """
    given = {"data_dim": data_dim, "latent_dim": latent_dim, "x_data": x_data, "batch_size": batch_size}
    checked(**given)
    print(verdict(partial(_judge, given=given), my_loss))


def _judge(loss: Callable, given: dict) -> str:
    """The report on a loss that is J. Raises Wrong with the report on any other."""
    right, text = report(facts_of(loss, **given))
    if not right:
        raise Wrong(text)
    return text


def facts_of(loss: Callable, *, data_dim=None, latent_dim=None, x_data=None, batch_size=None) -> LossFacts:
    """Everything that is known of a loss. Raises Wrong where it cannot be called, NotAttempted for a stub."""
    if loss is Ellipsis:
        raise NotAttempted
    if not callable(loss):
        raise Wrong(f"Expected a function, got {describe(loss)}.")
    sizes, fixed, x_data = checked(data_dim, latent_dim, x_data, batch_size)
    with undisturbed(loss) as loss:
        bench, on_call = first_look(loss, sizes, fixed)
        bench, facts = likeliest(bench)
        facts = replace(facts, **on_call, batch_size=batch_size)
        usual = (bench.call.order, bench.call.keywords) == (FOUR, ()) and facts.is_ours
        facts.written, facts.puts_noise = "" if usual else bench.call.written, bench.call.puts_noise
        facts = weigh(facts, x_data)
        if facts.is_ours and not on_data_outside(facts):
            facts.departs += elsewhere(bench, facts, x_data, batch_size)
    return facts


@contextmanager
def undisturbed(loss: Callable) -> Iterator[Callable]:
    """A copy of the loss, where it can be copied. What it prints is lost; what it changes is put back."""
    states, dtype, held = (np.random.get_state(), random.getstate()), torch.get_default_dtype(), kept(loss)
    with suppress(Exception):  # what cannot be copied is called as it is
        loss = copy.deepcopy(loss)
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            yield loss
    finally:
        np.random.set_state(states[0])
        random.setstate(states[1])
        torch.set_default_dtype(dtype)
        with torch.no_grad():
            for tensor, before in held:
                tensor.copy_(before)


def kept(loss: Callable) -> list[tuple[Tensor, Tensor]]:
    """The tensors that a function's closure and globals give it, networks' weights and averages too; and copies."""
    with suppress(TypeError):
        seen = inspect.getclosurevars(loss)
        values = [*seen.nonlocals.values(), *seen.globals.values()]
        parts = [one.state_dict(keep_vars=True).values() for one in values if isinstance(one, nn.Module)]
        tensors = [one for one in values if isinstance(one, Tensor)] + [one for part in parts for one in part]
        return [(one, one.detach().clone()) for one in tensors if isinstance(one, Tensor)]
    return []


def checked(data_dim, latent_dim, x_data, batch_size) -> tuple[Sizes, set[str], Tensor | None]:
    """The sizes that were asked for, which of them are fixed, and x_data as a tensor."""
    if batch_size is not None and not (isinstance(batch_size, int) and batch_size > 0):
        raise ValueError(f"expected a batch_size that is a whole number of at least 1, got {batch_size!r}")
    if x_data is not None:
        x_data = images(x_data)
    given = {"data": data_dim, "latent": latent_dim}
    shapes = {name: (one,) if isinstance(one, int) else tuple(one) for name, one in given.items() if one is not None}
    if any(not isinstance(size, int) or size < 1 for shape in shapes.values() for size in shape):
        raise ValueError(f"expected sizes of at least 1, got data_dim={data_dim!r} and latent_dim={latent_dim!r}")
    if x_data is not None and "data" in shapes and x_data[0].numel() != math.prod(shapes["data"]):
        raise ValueError(
            f"expected x_data with {math.prod(shapes['data'])} values an image, got shape {tuple(x_data.shape)}"
        )
    sizes = Sizes(**({"data": tuple(x_data.shape[1:])} if x_data is not None else {}) | shapes)
    batch = 6 if sizes.pixels < LARGE else 3
    sizes = replace(sizes, batch=batch, other_batch=(batch_size,) if batch_size else ())
    return sizes, set(shapes) | ({"pixels"} if x_data is not None else set()), x_data


def images(x_data) -> Tensor:
    """`[N, …]` as a tensor. Raises ValueError for what is none."""
    try:
        x_data = torch.as_tensor(np.asarray(x_data) if isinstance(x_data, list | tuple) else x_data)
    except Exception as error:
        raise ValueError(f"expected x_data as a tensor [N, …], got a {type(x_data).__name__}") from error
    if x_data.dim() < 2 or not x_data.numel():
        raise ValueError(f"expected x_data as a tensor [N, …] of images, got shape {tuple(x_data.shape)}")
    return x_data


def first_look(loss: Callable, asked: Sizes, fixed: set[str]) -> tuple[Bench, dict]:
    """How the loss is called, with which sizes, and what is judged of what it returns."""
    try:
        call, sizes, kinds = first_fitting(ways(loss) or [Call(loss)], asked, fixed)
    except Wrong as error:
        raise Wrong(line_to_paste(loss, error, asked)) from error
    bench = Bench(call, sizes, *kinds)
    call, facts = judged(call, sizes, _probes(bench))
    facts["in_place"] = written_to(bench)
    facts["sizes_are_given"] = "data" in fixed or "pixels" in fixed
    facts["sizes_are_found"] = (sizes.data, sizes.latent) != (asked.data, asked.latent) or sizes.classes > 0
    return steady(used_latents(replace(bench, call=call), fixed)), facts


def written_to(bench: Bench) -> list[str]:
    """The arguments that the loss changes in place."""
    inputs = bench.inputs()
    given = [one.clone() for one in inputs]
    with suppress(Wrong):
        bench.call(given, fresh=False)
    return [name for name, one, other in zip(FOUR, inputs, given, strict=True) if not torch.equal(one, other)]


def likeliest(bench: Bench) -> tuple[Bench, LossFacts]:
    """The facts; where order and names do not tell x from x_hat, or one axis of scores from another, of what fits."""
    facts = measure(bench)
    if facts.pixels is None and bench.sizes.classes:
        other = replace(bench, sizes=replace(bench.sizes, classes_last=not bench.sizes.classes_last))
    elif bench.call.is_nameless and (facts.pixels is None or facts.pixels.fault or facts.pixels.family == "laplace"):
        other = replace(bench, call=replace(bench.call, order=("x", "x_hat", *bench.call.order[2:])))
    else:
        return bench, facts
    with suppress(Wrong):
        turned = measure(other)
        if turned.pixels and not turned.pixels.fault and turned.pixels.family != "laplace":
            return other, turned
    return bench, facts


def used_latents(bench: Bench, fixed: set[str]) -> Bench:
    """With as many latents as the loss looks at, where it looks at the first few alone."""
    x_hat, x, mu, fourth = bench.inputs()
    with suppress(Exception):
        (slope,) = torch.autograd.grad(bench.call.value((x_hat, x, mu.requires_grad_(), fourth), bench.sizes), mu)
        used = int(slope.ne(0).any(0).sum())
        if "latent" not in fixed and mu.dim() == 2 and 0 < used < mu.shape[1] and slope[:, :used].ne(0).all():
            return replace(bench, sizes=replace(bench.sizes, latent=(used,)), latents_are_fixed=True)
    return bench


def _probes(bench: Bench) -> dict:
    """What tells reconstruction, KL and loss apart among the parts of what is returned."""
    one = bench.inputs()
    probes = {"one": one, "pixels": bench.inputs(k=1), "latents": bench.inputs(j=1)}
    probes["distant"] = bench.inputs(latents="distant")
    if bench.sizes.classes:  # scores of the classes: that of the right one is raised, or lowered
        return probes | {"good": one, "bad": one}
    good, bad = 0.05 + 0.9 * one[1], 0.95 - 0.9 * one[1]
    return probes | {"good": (good, *one[1:]), "bad": (bad, *one[1:])}


def steady(bench: Bench) -> Bench:
    """With as many draws as it takes. Raises Wrong for a loss that changes although the seed is the same."""
    once, again, other = (bench.call.value(bench.inputs(), bench.sizes, seed).item() for seed in SEEDS)
    if once != again:
        raise Wrong(
            f"Two calls with the same inputs and the same seed gave {once:.7g} and {again:.7g}: does it count its"
            " calls, as an annealed β does, or draw from NumPy? Fix that, and pass it again."
        )
    if math.isclose(once, other, rel_tol=1e-9):
        return bench
    if bench.call.passes_z and not bench.call.opposite:
        return steady(replace(bench, call=replace(bench.call, opposite=True)))
    batch = max(12, min(DRAWN_BATCH, DRAWN // bench.sizes.pixels))
    kind = "gentle" if bench.latents == "both" else bench.latents  # a draw scatters with σ
    return replace(bench, draws=DRAWS, latents=kind, sizes=replace(bench.sizes, batch=batch))

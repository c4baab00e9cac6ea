"""Chapter 9: a chain of discrete states: one recursion gives log Z, the best path, draws of paths and every marginal.

A score is a logarithm: an HMM's of probabilities, a CRF's of anything. The recursion sums over the state before; with
the largest term, or a drawn one, in the place of the sum it finds a path (Rush 2020, https://arxiv.org/abs/2002.00876).
"""

import copy
import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.distributions import Categorical
from torch.nn.functional import one_hot

from vae_lib.chains import on_grid
from vae_lib.networks import check_positive, check_width, describe

POINTS, REACH = 400, 12.0  # of a grid over a one-dimensional state, from −REACH to REACH
LOG_0 = -1e30  # finite, so that no slope is NaN; a path that scores less than half of it is impossible


class Chain(NamedTuple):
    """Scores of paths through K states in T steps: log_start[z₁] + Σ log_step[z_t, z_t₊₁] + Σ log_likelihood[t, z_t].

    `log_start` is `[..., K]`; `log_step` `[K, K]`, a row for each state before, or `[T − 1, ..., K, K]`;
    `log_likelihood`, log p(x_t|z_t), is `[T, ..., K]`. A score may be −infinity.
    """

    log_start: Tensor
    log_step: Tensor
    log_likelihood: Tensor


class Marginals(NamedTuple):
    """Given the whole series: `single` is p(z_t|x) `[T, ..., K]`, `pairs` p(z_t, z_t₊₁|x) `[T − 1, ..., K, K]`."""

    single: Tensor
    pairs: Tensor


def hmm(start: Tensor, step: Tensor, emission: Tensor, x: Tensor) -> Chain:
    """The scores of a hidden Markov model for the series `x`: their log Z is log p(x) (chapter 9).

    `start` is `[K]`; `step` `[K, K]`, a row for each state before; `emission` `[K, symbols]`; `x` is `[..., T]`, whole
    numbers. A probability that is 0 stays 0: no slope comes back to it. Raises ValueError for other shapes, for rows
    that are no probabilities, for a symbol that there is not.
    """
    num_states = start.shape[-1] if start.ndim == 1 else None
    if step.shape != (num_states, num_states) or emission.ndim != 2 or len(emission) != num_states:
        shapes = f"{tuple(start.shape)}, {tuple(step.shape)} and {tuple(emission.shape)}"
        raise ValueError(f"expected start [K], step [K, K] and emission [K, symbols], got shapes {shapes}")
    check_shares(start=start, step=step, emission=emission)
    x = _whole("x", x, 0, emission.shape[1] - 1)
    if x.ndim == 0:
        raise ValueError(f"expected a series x [..., T], got {describe(x)}")
    return Chain(_log(start), _log(step), _log(emission).T[x].movedim(-2, 0))


def missing(chain: Chain, seen: Tensor) -> Chain:
    """The same chain where only some steps were `seen`, bool `[T]` or `[T, ...]`: the others have likelihood 1.

    The state moves on unseen. For what lies after a series' end there is `padded`. Raises ValueError for another shape
    or dtype, and as `forward_scores`.
    """
    chain = check_scores(chain)
    shape = chain.log_likelihood.shape[:-1]
    if seen.dtype != torch.bool or seen.shape not in (shape, shape[:1]):
        expected = f"seen as torch.bool of shape {tuple(shape)} or {tuple(shape[:1])}"
        raise ValueError(f"expected {expected}, got {describe(seen)}")
    seen = seen.reshape(*seen.shape, *[1] * (len(shape) + 1 - seen.ndim))
    return chain._replace(log_likelihood=torch.where(seen, chain.log_likelihood, 0.0))


def padded(chain: Chain, lengths: Tensor) -> Chain:
    """The same chain for series of `lengths` `[...]`, whole numbers: after its end z is 0 for sure, and nothing counts.

    So log Z, best path, marginals and mean fields are those of the series alone. What is `missing` comes first, then
    this. Raises ValueError for a length outside 1 … T, for another shape than the batch's, and as `forward_scores`.
    """
    chain = check_scores(chain)
    num_steps, *batch, _ = chain.log_likelihood.shape
    lengths = _whole("lengths", lengths, 1, num_steps)
    if lengths.shape != tuple(batch):
        raise ValueError(f"expected lengths of shape {tuple(batch)}, got {tuple(lengths.shape)}")
    inside = torch.arange(num_steps, device=lengths.device).reshape(-1, *[1] * len(batch)) < lengths
    only_0 = torch.full_like(chain.log_start, LOG_0)
    only_0[..., 0] = 0.0
    log_step = torch.where(inside[1:, ..., None, None], _each_step(chain), 0.0)
    return chain._replace(
        log_step=log_step, log_likelihood=torch.where(inside[..., None], chain.log_likelihood, only_0)
    )


def forward_scores(chain: Chain) -> Tensor:
    """log α: the log of the sum over all paths up to a step that end in a state: `[T, ..., K]` (chapter 9).

    Its softmax over the states is filtering: what the steps so far tell of the state. Raises ValueError for scores
    whose shapes do not fit, of another dtype than float32 or float64 or of two, for NaN and for infinity.
    """
    return _forward(check_scores(chain), summed).to(chain.log_start.dtype)


def log_partition(chain: Chain) -> Tensor:
    """log Z, the log of the sum over all paths of exp(score): `[...]`; of an HMM it is log p(x) (chapter 9).

    It is differentiable; −infinity where no path is possible. Raises ValueError as `forward_scores`.
    """
    return _possible(_total(check_scores(chain), summed)).to(chain.log_start.dtype)


def marginals(chain: Chain) -> Marginals:
    """Smoothing: what all steps tell of each state, and of each two neighbours (chapter 9).

    They are the slope of log Z by the scores, which autograd finds: there is no backward pass here. Raises ValueError
    as `forward_scores`, and where no path is possible.
    """
    chain = check_scores(chain)
    whole = chain._replace(log_step=_each_step(chain))
    return Marginals(*_slopes(whole, summed, "log_likelihood", "log_step"))


def best_path(chain: Chain) -> tuple[Tensor, Tensor]:
    """The path with the highest score, `[T, ...]`, and that score, `[...]`: the recursion with a max (Viterbi).

    Raises ValueError as `marginals`.
    """
    (slope,) = _slopes(check_scores(chain), largest, "log_likelihood")
    path = slope.argmax(-1)
    return path, path_score(chain, path)


def sample_paths(chain: Chain, num_samples: int) -> Tensor:
    """Paths z ~ p(z|x), exact and independent: `[samples, T, ...]`: the recursion with a draw (chapter 9).

    Samples come first, as torch's do; `path_score` has time first: it takes `paths.movedim(1, 0)`. Raises ValueError
    for fewer than one, and as `marginals`.
    """
    check_positive(num_samples=num_samples)
    chain = check_scores(chain)
    each = chain.log_likelihood
    copies = chain._replace(log_likelihood=each[:, None].expand(-1, num_samples, *each.shape[1:]))
    (slope,) = _slopes(copies, drawn, "log_likelihood")
    return slope.argmax(-1).movedim(0, 1)


def path_score(chain: Chain, path: Tensor) -> Tensor:
    """The score of each `path` `[T, ...]`, whole numbers: `[...]`; of an HMM it is log p(x, z) (chapter 9).

    The paths may have more axes after T than the chain has; of `sample_paths` it takes `paths.movedim(1, 0)`. Raises
    ValueError for another T, a state that there is not, and as `forward_scores`.
    """
    chain = check_scores(chain)
    num_states = chain.log_start.shape[-1]
    path = _whole("path", path, 0, num_states - 1)
    if len(path) != len(chain.log_likelihood):
        raise ValueError(f"expected paths of {len(chain.log_likelihood)} steps, [T, ...], got {tuple(path.shape)}")
    z = one_hot(path, num_states).to(chain.log_likelihood)
    score = (z[0] * chain.log_start).sum(-1)
    for here, scores in zip(z, chain.log_likelihood, strict=True):
        score = score + (here * scores).sum(-1)
    for before, after, scores in zip(z[:-1], z[1:], _steps(chain), strict=True):
        score = score + ((before[..., None, :] @ scores)[..., 0, :] * after).sum(-1)
    return _possible(score)


def grid_chain(model, x: Tensor, *, num_points: int = POINTS, reach: float = REACH) -> tuple[Tensor, Chain]:
    """A `ChainVAE`, its states on an even grid from −reach to reach, which is an HMM: the points and its scores.

    `x` is `[batch, data]`; the points are `[K]`, log p(x_t|z_t) `[T, batch, K]`, all in float64 (chapter 9). Raises
    ValueError for an x that the decoder cannot score, and where the grid does not hold the prior: the prior's share of
    it is not 1 to a millionth, since `reach` is too short or the points lie too far apart.
    """
    check_positive(num_points=num_points)
    if num_points < 2 or not 0 < reach < math.inf:
        raise ValueError(f"expected at least 2 points and a positive, finite reach, got {num_points} and {reach}")
    model, x = copy.deepcopy(model).cpu().double().eval(), x.detach().cpu().double()
    check_width("x", x, model.decoder.data_dim)
    points = torch.linspace(-reach, reach, num_points, dtype=torch.float64)
    with torch.no_grad():
        prior = on_grid(model.chain.start(), model.chain.transition, points)
        chain = check_scores(Chain(*prior, _of_each_step(model.decoder, points, x)))
    _check_prior(chain, points)
    return points, chain


def grid_log_p(model, x: Tensor, *, num_points: int = POINTS, reach: float = REACH) -> Tensor:
    """log p(x) of a `ChainVAE` by sums over a grid: `[batch]`, float64, nats (chapter 9).

    `x` is `[batch, data]`. How exact it is, more points tell. Raises as `grid_chain`.
    """
    parts = (grid_chain(model, rows, num_points=num_points, reach=reach)[1] for rows in x.split(64))
    return torch.cat([_total(chain, multiplied) for chain in parts])


# ----- one recursion, and what may stand in the place of its sum


def summed(log_alpha: Tensor, log_step: Tensor) -> Tensor:
    """log Σᵢ exp(log_alpha[i] + log_step[i, j]): `[..., K]`."""
    return (log_alpha[..., None] + log_step).logsumexp(-2)


def largest(log_alpha: Tensor, log_step: Tensor) -> Tensor:
    """The largest term of that sum."""
    return (log_alpha[..., None] + log_step).max(-2).values


def drawn(log_alpha: Tensor, log_step: Tensor) -> Tensor:
    """That sum, with the slope of one term alone, which is drawn by its share."""
    terms = log_alpha[..., None] + log_step
    index = Categorical(logits=terms.detach().movedim(-2, -1)).sample()[..., None, :]
    term = terms.gather(-2, index)[..., 0, :]
    return terms.detach().logsumexp(-2) + (term - term.detach())


def multiplied(log_alpha: Tensor, log_step: Tensor) -> Tensor:
    """`summed` as a matrix product, for many states in float64: a term below e⁻⁷⁰⁰ of the largest is lost."""
    top = log_alpha.amax(-1, keepdim=True)
    return ((log_alpha - top).exp() @ log_step.exp()).log().clamp(min=LOG_0) + top


def _forward(chain: Chain, through: Callable) -> Tensor:
    """In float64, whatever the scores are: in a long chain float32 would lose what a state differs by."""
    chain = Chain(*(scores.double() for scores in chain))
    log_alpha = [chain.log_start + chain.log_likelihood[0]]
    for log_step, log_likelihood in zip(_steps(chain), chain.log_likelihood[1:], strict=True):
        log_alpha.append(through(log_alpha[-1], log_step) + log_likelihood)
    return torch.stack(log_alpha)


def _total(chain: Chain, through: Callable) -> Tensor:
    last = _forward(chain, through)[-1]
    return through(last, last.new_zeros(last.shape[-1], 1))[..., 0]


@torch.inference_mode(False)
@torch.enable_grad()
def _slopes(chain: Chain, through: Callable, *names: str) -> tuple[Tensor, ...]:
    """The slope of the recursion's end by each of these scores."""
    chain = Chain(*(scores.detach().clone() for scores in chain))
    leaves = tuple(getattr(chain, name).requires_grad_() for name in names)
    total = _total(chain, through)
    check_possible(total)
    return torch.autograd.grad(total.sum(), leaves, materialize_grads=True)


def _steps(chain: Chain) -> Tensor:
    """The scores of each step to the next, with the batch only where they differ in it."""
    shared = chain.log_step.ndim == 2
    return chain.log_step.expand(len(chain.log_likelihood) - 1, -1, -1) if shared else chain.log_step


def _each_step(chain: Chain) -> Tensor:
    """The same with the whole batch: `[T − 1, ..., K, K]`."""
    whole = chain.log_start.shape
    return _in_batch(_steps(chain), torch.Size([*whole, whole[-1]]))


def _in_batch(steps: Tensor, batch: torch.Size) -> Tensor:
    """`[T, ...]` as `[T, *batch]`."""
    ones = [1] * (len(batch) + 1 - steps.ndim)
    return steps.reshape(len(steps), *ones, *steps.shape[1:]).expand(-1, *batch)


def _of_each_step(decoder, points: Tensor, x: Tensor) -> Tensor:
    """log p(x_t|z_t) of x `[batch, data]` at each of the points: `[T, batch, points]`."""
    num_steps = decoder.latent_dim
    px_z = decoder(points[:, None].expand(-1, num_steps))
    px_z.log_prob(x[:, None])  # raises for what is off the likelihood's support
    return px_z.base_dist.log_prob(x[:, None]).unflatten(-1, (num_steps, -1)).sum(-1).movedim(-1, 0)


def _log(probs: Tensor) -> Tensor:
    """−infinity where a probability is 0, with slope 0 in place of NaN."""
    return torch.where(probs > 0, torch.where(probs > 0, probs, 1.0).log(), -torch.inf)


def _possible(score: Tensor) -> Tensor:
    return torch.where(score > LOG_0 / 2, score, -torch.inf)


# ----- what is checked


def check_scores(chain: Chain) -> Chain:
    """The chain with −infinity as a finite number, and the batch in full but for log_step's."""
    start, step, likelihood = chain
    if not _fit(start, step, likelihood):
        expected = "log_start [..., K], log_step [K, K] or [T − 1, ..., K, K] and log_likelihood [T, ..., K]"
        raise ValueError(f"expected {expected}, got shapes {', '.join(str(tuple(each.shape)) for each in chain)}")
    dtypes = {each.dtype for each in chain}
    if len(dtypes) > 1 or not dtypes <= {torch.float32, torch.float64}:
        told = ", ".join(str(each.dtype) for each in chain)
        raise ValueError(f"expected scores that are all torch.float32 or all torch.float64, got {told}")
    for name, scores in chain._asdict().items():
        if not (scores < torch.inf).all():  # which NaN is not, either
            raise ValueError(f"expected scores below infinity in {name}, got NaN or infinity")
    start, step, likelihood = (scores.clamp(min=LOG_0) for scores in chain)
    batch = _batch(start, step, likelihood)
    return Chain(start.expand(batch), step, _in_batch(likelihood, batch))


def _check_prior(chain: Chain, points: Tensor) -> None:
    alone = Chain(chain.log_start[0], chain.log_step, torch.zeros_like(chain.log_likelihood[:, 0]))
    share = _total(alone, multiplied).exp().item()
    if not abs(share - 1) < 1e-6:
        grid = f"{len(points)} points from {points[0]:g} to {points[-1]:g}"
        raise ValueError(f"expected a grid that holds the prior, a share of 1, got {share:.6f} on {grid}")


def check_possible(log_z: Tensor) -> None:
    if not (log_z > LOG_0 / 2).all():
        raise ValueError("expected a chain with a possible path, got one whose paths all score −infinity")


def check_shares(**shares: Tensor) -> None:
    for name, rows in shares.items():
        if not ((rows >= 0).all() and ((rows.sum(-1) - 1).abs() < 1e-4).all()):
            raise ValueError(f"expected rows of {name} of at least 0 that sum to 1, got {rows.tolist()}")


def _fit(start: Tensor, step: Tensor, likelihood: Tensor) -> bool:
    states = tuple(likelihood.shape[-1:])
    own = (
        likelihood.ndim > 1 and likelihood.numel() > 0 and start.shape[-1:] == states and step.shape[-2:] == 2 * states
    )
    if not own or not (step.ndim == 2 or len(step) == len(likelihood) - 1):
        return False
    try:
        return bool(_batch(start, step, likelihood))
    except RuntimeError:  # they do not broadcast
        return False


def _batch(start: Tensor, step: Tensor, likelihood: Tensor) -> torch.Size:
    of_step = step.shape[1:-1] if step.ndim > 2 else ()
    return torch.broadcast_shapes(start.shape, likelihood.shape[1:], of_step)


def _whole(name: str, values: Tensor | int, lowest: int, highest: int) -> Tensor:
    """The values as int64, which as an index is no mask."""
    values = torch.as_tensor(values)
    whole = not (values.is_floating_point() or values.dtype == torch.bool) and values.numel() > 0
    if not whole or values.min() < lowest or values.max() > highest:
        told = f"{describe(values)}" + (f", from {values.min()} to {values.max()}" if values.numel() else "")
        raise ValueError(f"expected {name} of whole numbers from {lowest} to {highest}, got {told}")
    return values.long()

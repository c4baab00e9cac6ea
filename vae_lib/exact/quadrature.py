"""Chapters 4 to 6: integrals over one or two latent dimensions, to a tolerance, however narrow the integrand.

Space is cut into cells, each integrated by a 5-point Gauss–Lobatto rule per dimension, whose nodes reach the corners,
so that no kink hides at an edge. A cell is halved along every dimension as long as its parent's integral differs from
its family's, or as it may hold mass that its nodes did not see.
"""

import functools
import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

NODES = torch.tensor([-1, -math.sqrt(3 / 7), 0, math.sqrt(3 / 7), 1], dtype=torch.float64)  # of the rule on [−1, 1]
WEIGHTS = torch.tensor([9, 49, 64, 49, 9], dtype=torch.float64) / 90
CELLS_PER_UNIT = {1: 16, 2: 1}  # of the first cells, near the origin; wider further out
REACH = 40.0
MAX_POINTS = 20_000_000
SAFETY = 4  # how much smaller than tol the estimated error must be: an estimate is no bound
CHUNK = 16_384


class Cells(NamedTuple):
    """Boxes and what is known of the integrals over them: `centre`, `half_width` `[cells, dim]`, the rest `[cells]`.

    Masses and errors are kept as logarithms: log p(x, z) of an image may be −1e5, and its exponential rounds to 0.
    """

    centre: Tensor
    half_width: Tensor
    log_mass: Tensor  # log ∫ w
    mean: Tensor  # ∫ w f / ∫ w
    log_error: Tensor  # log of what ∫ w or ∫ w f may be wrong by


def integrate(log_w: Callable, f: Callable, dim: int, *, tol: float, reach: float = REACH) -> tuple[Tensor, Tensor]:
    """log ∫ w(z) dz and the mean of f(z) under the density w / ∫ w, over |zᵢ| ≤ `reach`: two float64 scalars.

    `log_w` and `f` map points `[..., dim]`, float64, to `[...]`; `dim` is 1 or 2. The error of ∫ w and of ∫ w f is at
    most about `tol` · ∫ w: nats for the first result, f's unit for the second. A cell's error is estimated by the
    change when it was made, and the cells' errors, of either sign, add in quadrature. Raises ValueError for another
    `dim` or a `tol` that is not positive, and RuntimeError if MAX_POINTS points do not suffice, if mass lies at the
    border, or if f is not finite where there is mass.

    The blind spot: near the origin the first nodes lie up to 0.02 apart in one dimension and 0.33 in two, further out
    more. A peak much narrower than that is found where w rises towards it, so that the nodes around it differ. On flat
    ground it is missed, and no error says so.
    """
    if dim not in CELLS_PER_UNIT or not tol > 0:
        raise ValueError(f"expected one or two dimensions and a positive tol, got {dim} and {tol}")
    cells = _measure(log_w, f, *_first_cells(dim, reach), first_nodes(dim, reach))
    points = 0
    while (coarse := _too_coarse(cells, tol / SAFETY)).any():
        points += coarse.sum().item() * (2 * len(NODES)) ** dim
        if points > MAX_POINTS:
            raise RuntimeError(f"expected an error below {tol:g}, got about {_error(cells):.1g} at {MAX_POINTS} points")
        cells = _join(_pick(cells, ~coarse), _halve(log_w, f, _pick(cells, coarse)))
    _check_total(cells, reach, tol)
    return cells.log_mass.logsumexp(0), cells.log_mass.softmax(0) @ cells.mean


def in_chunks(function: Callable, z: Tensor) -> Tensor:
    """`function` of the points `z` `[..., dim]`, `[...]`, at most CHUNK points at a time, so that memory is bounded."""
    if z[..., 0].numel() <= CHUNK:
        return function(z)
    parts = z.reshape(-1, z.shape[-1]).split(CHUNK)
    return torch.cat([function(part) for part in parts]).reshape(z.shape[:-1])


@functools.cache
def first_nodes(dim: int, reach: float) -> Tensor:
    """The points that `integrate` asks for first, `[cells, nodes, dim]`: one tensor, which a caller can recognise."""
    return _nodes(*_first_cells(dim, reach))


def _first_cells(dim: int, reach: float) -> tuple[Tensor, Tensor]:
    # Edges at z = 4 sinh t, t in even steps dt. A cell is then dz = 4 cosh t dt = √(16 + z²) dt wide: nearly even where
    # the prior has its mass, |z| < 4, and growing like |z| beyond, so that a reach of 40 needs few cells. Near the
    # origin dz = 4 dt, so CELLS_PER_UNIT cells a unit of z are 4 · CELLS_PER_UNIT cells a unit of t.
    end = math.asinh(reach / 4)
    num = 2 * math.ceil(4 * end * CELLS_PER_UNIT[dim])
    edges = 4 * torch.linspace(-end, end, num + 1, dtype=torch.float64).sinh()
    return _product((edges[1:] + edges[:-1]) / 2, dim), _product(edges.diff() / 2, dim)


def _product(values: Tensor, dim: int) -> Tensor:
    """All combinations of `values`, one per dimension: `[len(values) ** dim, dim]`."""
    return torch.cartesian_prod(*[values] * dim).reshape(-1, dim)


def _nodes(centre: Tensor, half_width: Tensor) -> Tensor:
    return centre[:, None] + half_width[:, None] * _product(NODES, centre.shape[1])


def _measure(log_w: Callable, f: Callable, centre: Tensor, half_width: Tensor, z: Tensor) -> Cells:
    """The cells, each integrated by its own nodes, with an error that needs no second rule."""
    log_values, f_values = in_chunks(log_w, z), in_chunks(f, z)
    log_parts = log_values + (half_width[:, None] * _product(WEIGHTS, centre.shape[1])).log().sum(-1)
    log_mass, mean = log_parts.logsumexp(1), (log_parts.softmax(1) * f_values).sum(1)
    # The ceiling: between the nodes log w rises above its highest value there by no more than it varies over them. Then
    # w ≤ exp(max + (max − min)), and w · (1 + |f|) times the volume exceeds all that the cell adds to ∫ w or ∫ w f,
    # hence its error. Steep cells get a high ceiling and are halved; flat ones do not, which is the blind spot.
    log_ceiling = 2 * log_values.amax(1) - log_values.amin(1) + f_values.abs().amax(1).log1p()
    log_error = log_ceiling + (2 * half_width).log().sum(1)
    empty = log_mass == -math.inf  # w is 0 at every node: neither a mean nor a change that could be measured
    return Cells(centre, half_width, log_mass, mean.masked_fill(empty, 0), log_error.masked_fill(empty, -math.inf))


def _halve(log_w: Callable, f: Callable, parents: Cells) -> Cells:
    """The 2 ** dim children of every cell, whose error is at most the change that they made."""
    dim = parents.centre.shape[1]
    half_width = (parents.half_width / 2).repeat_interleave(2**dim, 0)
    corners = _product(torch.tensor([-1.0, 1.0]), dim).repeat(len(parents.centre), 1)
    centre = parents.centre.repeat_interleave(2**dim, 0) + half_width * corners
    children = _measure(log_w, f, centre, half_width, _nodes(centre, half_width))
    log_change = _log_change(parents, children).repeat_interleave(2**dim)
    return children._replace(log_error=torch.minimum(children.log_error, log_change))


def _log_change(parents: Cells, children: Cells) -> Tensor:
    """log of twice the change of ∫ w or ∫ w f from a cell to its children; infinite if they differ by a tenth."""
    # Let P be the parent's error and C its children's together. The change is P − C, so |C| ≤ |change| wherever
    # halving at least halves the error. It does: C is about P/2 at a jump of w, P/4 at a kink, P/256 where w is smooth
    # (the rule is exact up to degree 7). This is an estimate, not a bound: at a jump a parent may be right by accident.
    # All of C may sit in one child, so each child is given all of the change; the factor 2 is room. Where the masses
    # differ by a tenth, halving has not begun to converge: the change says nothing, and `_measure`'s ceiling remains.
    #
    # With p, c the masses and m, n the means of f, both changes are measured against c: p/c − 1, by expm1 because the
    # two are nearly equal, and (p m − c n)/c = p/c · m − n. Only ratios are exponentiated.
    family = (len(parents.mean), -1)
    log_mass = children.log_mass.reshape(family)
    mean = (log_mass.softmax(1) * children.mean.reshape(family)).sum(1)
    log_ratio = parents.log_mass - log_mass.logsumexp(1)
    change = torch.maximum(log_ratio.expm1().abs(), (log_ratio.exp() * parents.mean - mean).abs())
    alike = log_ratio.abs() < 0.1
    return torch.where(alike, log_mass.logsumexp(1) + (2 * change).log(), math.inf)


def _too_coarse(cells: Cells, tol: float) -> Tensor:
    """The cells with more than their share of the error, as long as the whole is above `tol`."""
    # If all n errors are below tol/√(2n), their squares add up to at most tol²/2. So while the whole is above tol, some
    # cell is above its share, and the loop in `integrate` ends only when it is done.
    log_error = cells.log_error - cells.log_mass.logsumexp(0)
    return (log_error > math.log(tol / math.sqrt(2 * len(log_error)))) & (_error(cells) > tol)


def _error(cells: Cells) -> Tensor:
    """The whole error, relative to ∫ w: the root of the sum of the cells' squares."""
    # The cells' errors have either sign, without a pattern from cell to cell, and add up like a random walk. Their
    # plain sum would be √n times too large, and cost points for nothing; what they share is left to SAFETY.
    return (2 * (cells.log_error - cells.log_mass.logsumexp(0))).logsumexp(0).div(2).exp()


def _check_total(cells: Cells, reach: float, tol: float) -> None:
    outermost = (cells.centre.abs() + cells.half_width).amax(1) > 0.999 * reach
    share = cells.log_mass.softmax(0)[outermost].sum()
    if not share <= tol:
        raise RuntimeError(f"expected all mass within ±{reach:g}, got a share of {share:.1g} in the outermost cells")
    if not _error(cells) <= tol:
        raise RuntimeError(
            f"expected an error below {tol:g}, got {_error(cells):.1g}: f is not finite where w has mass"
        )


def _pick(cells: Cells, which: Tensor) -> Cells:
    return Cells(*(values[which] for values in cells))


def _join(a: Cells, b: Cells) -> Cells:
    return Cells(*map(torch.cat, zip(a, b, strict=True)))

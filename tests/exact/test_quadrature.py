"""Chapters 4 to 6: the adaptive rule on integrals that are known: narrow, far apart, kinked, correlated."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.distributions import Categorical, Independent, Laplace, MixtureSameFamily, MultivariateNormal, Normal

from vae_lib.exact import quadrature
from vae_lib.exact.quadrature import REACH, first_nodes, in_chunks, integrate


def float64(values):
    return torch.tensor(values, dtype=torch.float64)


def zero(z):
    return torch.zeros_like(z[..., 0])


def first(z):
    return z[..., 0]


def normal(mu, sigma):
    return Independent(Normal(float64(mu), float64(sigma)), 1)


@pytest.mark.parametrize("sigma", [2.0, 0.3, 0.02, 1e-3])
@pytest.mark.parametrize("mu", [[0.0], [6.123], [-5.4], [0.0, 0.0], [6.1, -5.9], [-0.37, 3.3]])
def test_a_gaussian_of_any_width_anywhere_has_mass_one_and_its_mean(mu, sigma):
    log_mass, mean = integrate(normal(mu, [sigma] * len(mu)).log_prob, first, len(mu), tol=1e-8)
    assert log_mass.item() == pytest.approx(0, abs=1e-8)
    assert mean.item() == pytest.approx(mu[0], abs=1e-7)


@pytest.mark.parametrize("angle", [0.3, math.pi / 4, 2.0])
def test_a_narrow_ridge_at_an_angle(angle):
    turn = float64([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    ridge = MultivariateNormal(float64([1.0, -2.0]), turn @ torch.diag(float64([0.7**2, 0.01**2])) @ turn.T)
    log_mass, mean_square = integrate(ridge.log_prob, lambda z: (z[..., 0] - 1).square(), 2, tol=1e-6)
    assert log_mass.item() == pytest.approx(0, abs=1e-6)
    assert mean_square.item() == pytest.approx(ridge.variance[0].item(), abs=1e-6)


@pytest.mark.parametrize("dim", [1, 2])
def test_many_narrow_modes_far_apart(dim):
    """log w rises to a mode at every whole number up to ±8 in each dimension; sd 0.0127 each, weighted by the prior."""

    def log_w(z):
        needles = Normal(5 * torch.sin(math.pi * z), 0.2).log_prob(float64(0.0)).sum(-1)
        return needles + normal([0.0] * dim, [1.0] * dim).log_prob(z)

    grid = torch.arange(-9.5, 9.5, 1e-4, dtype=torch.float64)[:, None]
    one_dimension = Normal(5 * torch.sin(math.pi * grid), 0.2).log_prob(float64(0.0)) + Normal(0.0, 1.0).log_prob(grid)
    expected = dim * (one_dimension.logsumexp(0).item() + math.log(1e-4))
    assert integrate(log_w, zero, dim, tol=1e-6)[0].item() == pytest.approx(expected, abs=1e-6)


@given(st.floats(0.02, 1), st.floats(0.02, 1), st.floats(-6, 6), st.floats(-6, 6), st.floats(0.05, 0.95))
def test_two_modes_of_any_width_and_weight_in_one_dimension(sigma_a, sigma_b, mu_a, mu_b, weight):
    mixture = MixtureSameFamily(
        Categorical(float64([weight, 1 - weight])), normal([[mu_a], [mu_b]], [[sigma_a], [sigma_b]])
    )
    log_mass, mean = integrate(mixture.log_prob, first, 1, tol=1e-7)
    assert log_mass.item() == pytest.approx(0, abs=1e-7)
    assert mean.item() == pytest.approx(weight * mu_a + (1 - weight) * mu_b, abs=2e-6)


@pytest.mark.parametrize("tol", [1e-2, 1e-4, 1e-6])
@pytest.mark.parametrize("dim", [1, 2])
def test_the_error_stays_below_tol_for_kinked_integrands(dim, tol):
    """Laplace densities along directions that no cell follows, and the mean of |a·z − b| under a Gaussian."""
    turn = float64([[0.8, -0.6], [0.6, 0.8]])[:dim, :dim] if dim == 2 else float64([[1.0]])
    laplace = Independent(Laplace(float64([0.31, -0.77][:dim]), float64([0.05, 0.6][:dim])), 1)
    log_mass, _ = integrate(lambda z: laplace.log_prob(z @ turn), zero, dim, tol=tol)
    assert abs(log_mass.item()) < tol
    _, mean = integrate(
        normal([0.0] * dim, [1.0] * dim).log_prob, lambda z: (z @ turn)[..., 0].sub(0.4).abs(), dim, tol=tol
    )
    below = Normal(0.0, 1.0).cdf(float64(0.4)).item()
    density = math.exp(-0.08) / math.sqrt(2 * math.pi)
    assert abs(mean.item() - (2 * density + 0.4 * (2 * below - 1))) < tol


@given(st.floats(-3, 3))
def test_a_kink_is_seen_also_where_it_lies_close_to_the_edge_of_a_cell(c):
    """E|ε − c| in closed form. A rule without nodes at the edges (Gauss–Legendre) errs here by up to 50 tol."""
    _, mean = integrate(normal([0.0], [1.0]).log_prob, lambda z: (z[..., 0] - c).abs(), 1, tol=1e-9)
    density = math.exp(-(c**2) / 2) / math.sqrt(2 * math.pi)
    assert abs(mean.item() - (2 * density + c * math.erf(c / math.sqrt(2)))) < 1e-9


@pytest.mark.parametrize("shift", [-1e5, -300.0, 300.0, 1e5])
def test_a_constant_factor_neither_overflows_nor_changes_anything_else(shift):
    log_w = normal([1.0, 2.0], [0.1, 0.3]).log_prob
    log_mass, mean = integrate(lambda z: log_w(z) + shift, first, 2, tol=1e-6)
    assert log_mass.item() == pytest.approx(shift, abs=2e-6)
    assert mean.item() == pytest.approx(1, abs=1e-6)


def test_memory_is_bounded_by_chunks_that_change_nothing(monkeypatch):
    log_w = normal([1.0, 2.0], [0.1, 0.3]).log_prob
    expected = integrate(log_w, first, 2, tol=1e-6)
    sizes = []

    def counted(z):
        sizes.append(z[..., 0].numel())
        return log_w(z)

    monkeypatch.setattr(quadrature, "CHUNK", 1000)
    for value, other in zip(expected, integrate(counted, first, 2, tol=1e-6), strict=True):
        torch.testing.assert_close(value, other, rtol=1e-12, atol=1e-12)
    assert max(sizes) <= 1000
    z = torch.randn(30, 50, 2)
    assert torch.equal(in_chunks(first, z), z[..., 0])


def test_points_are_spent_where_the_mass_is():
    points = []

    def log_w(z):
        points.append(z.reshape(-1, 2))
        return normal([4.0, -3.0], [0.02, 0.02]).log_prob(z)

    integrate(log_w, zero, 2, tol=1e-6)
    used = torch.cat(points[1:])  # without the first cells
    assert len(used) < 60_000
    assert ((used - float64([4.0, -3.0])).norm(dim=1) < 0.5).double().mean() > 0.5


@pytest.mark.parametrize(("dim", "spacing"), [(1, 0.02), (2, 0.33)])
def test_a_needle_between_the_first_nodes_is_found_on_a_slope_and_missed_on_flat_ground(dim, spacing):
    """The blind spot as `integrate` documents it: mass 1 in a hill at 3, mass 1 in a needle near 0, sd 1/30 spacing."""
    axis = first_nodes(dim, REACH)[..., 0].flatten().sort().values
    axis = axis[axis.abs() < 0.9]
    widest = axis.diff().argmax()
    assert axis.diff()[widest].item() == pytest.approx(spacing, abs=0.005)
    middle = (axis[widest] + axis[widest + 1]).item() / 2
    hill, needle = normal([3.0] * dim, [0.1] * dim), normal([middle] * dim, [spacing / 30] * dim)

    def log_mass(ground):
        def log_w(z):
            parts = hill.log_prob(z), needle.log_prob(z), torch.full_like(z[..., 0], ground)
            return torch.stack(parts).logsumexp(0)

        return integrate(log_w, zero, dim, tol=1e-6)[0].item()

    assert log_mass(-math.inf) == pytest.approx(math.log(2), abs=1e-6)  # w rises towards the needle
    assert log_mass(-50.0) == pytest.approx(0, abs=1e-6)  # its slopes lie below the ground


@pytest.mark.parametrize("dim", [1, 2])
def test_the_first_points_are_one_tensor_that_a_caller_can_recognise(dim):
    seen = []

    def log_w(z):
        seen.append(z)
        return normal([0.0] * dim, [1.0] * dim).log_prob(z)

    integrate(log_w, zero, dim, tol=1e-3)
    assert seen[0] is first_nodes(dim, REACH)
    assert all(z is not first_nodes(dim, REACH) for z in seen[1:])


@pytest.mark.parametrize(("dim", "tol"), [(0, 1e-3), (3, 1e-3), (1, 0.0), (2, -1.0), (1, math.nan)])
def test_other_dimensions_and_tolerances_are_refused(dim, tol):
    with pytest.raises(ValueError, match=f"expected one or two dimensions and a positive tol, got {dim} and {tol}"):
        integrate(zero, zero, dim, tol=tol)


def test_what_does_not_settle_raises_and_says_how_far_it_came(monkeypatch):
    monkeypatch.setattr(quadrature, "MAX_POINTS", 20_000)
    with pytest.raises(RuntimeError, match=r"expected an error below 1e-09, got about \S+ at 20000 points"):
        integrate(lambda z: -z.abs().sum(-1) * 30 - (z[..., 0] - z[..., 1]).abs(), zero, 2, tol=1e-9)


@pytest.mark.parametrize("mu", [[39.9], [60.0], [0.0, -39.9], [45.0, 45.0]])
def test_mass_at_the_border_or_beyond_raises(mu):
    with pytest.raises(RuntimeError, match=r"expected all mass within ±40, got a share of \S+ in the outermost cells"):
        integrate(normal(mu, [1.0] * len(mu)).log_prob, zero, len(mu), tol=1e-3)


def test_a_density_that_ends_within_a_cell_is_followed_to_its_end():
    def half_a_bell(z):
        return torch.where(z[..., 0] > 0.3, normal([0.0], [1.0]).log_prob(z), -math.inf)

    log_mass, mean = integrate(half_a_bell, first, 1, tol=1e-6)
    tail = math.erfc(0.3 / math.sqrt(2)) / 2
    assert log_mass.item() == pytest.approx(math.log(tail), abs=1e-6)
    assert mean.item() == pytest.approx(math.exp(-0.045) / math.sqrt(2 * math.pi) / tail, abs=2e-6)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_mean_of_what_is_not_finite_raises(bad):
    with pytest.raises(RuntimeError, match=r"got (nan|inf): f is not finite where w has mass|got about (nan|inf)"):
        integrate(normal([0.0], [1.0]).log_prob, lambda z: torch.where(z[..., 0] > 0, bad, 0.0), 1, tol=1e-3)


def test_a_density_that_is_not_a_number_raises():
    with pytest.raises(RuntimeError, match="got a share of nan"):
        integrate(lambda z: z[..., 0] * math.nan, zero, 1, tol=1e-3)

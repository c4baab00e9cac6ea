"""Chapter 9: the best product beside an exact posterior: bounds never above log Z, optima, and a gap in closed form."""

import math
from itertools import pairwise

import pytest
import torch
from test_exact_chains import CHAIN, DOUBLE, PATHS, SCORES, SHARES, K, T, random_chain
from torch.distributions import MultivariateNormal, kl_divergence

from vae_lib.chains import TridiagonalNormal
from vae_lib.exact.chains import Chain, hmm, log_partition, marginals, padded
from vae_lib.exact.mean_field import (
    MeanField,
    best_mean_field,
    cavi,
    coordinate_means,
    gaussian_mean_field,
    mean_field_bound,
    product_of_marginals_gap,
)


def shares(*batch, num_steps=T, seed=0):
    torch.manual_seed(seed)
    return torch.randn(num_steps, *batch, K, dtype=DOUBLE).softmax(-1)


def log_q_of_paths(q):
    """log Π q_t of every path: `[paths, batch]`."""
    return sum(q[t].log()[:, PATHS[t]] for t in range(T)).T


def gaussian(num_steps=6, seed=0):
    torch.manual_seed(seed)
    loc, diagonal = torch.randn(num_steps, dtype=DOUBLE), 0.7 + torch.rand(num_steps, dtype=DOUBLE)
    return TridiagonalNormal(loc, diagonal, 0.5 * torch.randn(num_steps - 1, dtype=DOUBLE))


# ----- states


def test_the_bound_of_a_thousand_products_is_the_sum_over_all_paths():
    q = shares(len(SHARES[0]))
    log_q = log_q_of_paths(q)
    expected = (log_q.exp() * (SCORES - log_q)).sum(0)
    torch.testing.assert_close(mean_field_bound(CHAIN, q), expected, atol=1e-11, rtol=0)


def test_sweeps_never_lower_the_bound_which_stays_below_log_z():
    _, bounds = cavi(CHAIN, shares(len(SHARES[0])), 30)
    assert bounds.shape == (31, len(SHARES[0]))
    assert (bounds.diff(dim=0) > -1e-11).all()
    assert (bounds[-1] <= log_partition(CHAIN) + 1e-11).all()
    assert (bounds[-1] > bounds[0]).all()


def test_where_sweeps_end_no_small_move_raises_the_bound():
    chain = random_chain(3)
    q, _ = cavi(chain, shares(3), 400)
    logits = q.log().requires_grad_()
    (slope,) = torch.autograd.grad(mean_field_bound(chain, logits.softmax(-1)).sum(), logits)
    assert slope.abs().max() < 1e-6


def test_one_sweep_by_hand():
    """Two steps, two states: q₁ from the start's scores and what q₂ expects, then q₂ from the new q₁."""
    step = torch.tensor([[0.9, 0.1], [0.2, 0.8]], dtype=DOUBLE)
    chain = Chain(torch.tensor([0.5, 0.5], dtype=DOUBLE).log(), step.log(), torch.zeros(2, 2, dtype=DOUBLE))
    q, _ = cavi(chain, torch.tensor([[0.5, 0.5], [1.0, 0.0]], dtype=DOUBLE), 1)
    assert q[0].tolist() == pytest.approx([0.9 / 1.1, 0.2 / 1.1])
    raw = [0.9 ** q[0, 0].item() * 0.2 ** q[0, 1].item(), 0.1 ** q[0, 0].item() * 0.8 ** q[0, 1].item()]
    assert q[1].tolist() == pytest.approx([each / sum(raw) for each in raw])


def test_the_best_of_many_starts_is_the_best_of_all_products_on_a_fine_grid():
    """Two steps of two states have two numbers: all pairs of them are tried."""
    chain = Chain(*(2 * each for each in random_chain(num_steps=2, num_states=2, seed=4)))
    share = torch.linspace(0, 1, 401, dtype=DOUBLE)
    pairs = torch.cartesian_prod(share, share)
    q = torch.stack([pairs, 1 - pairs], -1).movedim(1, 0)
    expanded = chain._replace(log_likelihood=chain.log_likelihood[:, None].expand(-1, len(pairs), -1))
    torch.manual_seed(0)
    found = best_mean_field(chain, num_starts=20)
    least = (log_partition(chain) - mean_field_bound(expanded, q)).min()
    assert -1e-12 < least - found.gap < 1e-3


def test_a_symmetric_sticky_chain_must_choose_and_has_a_large_gap_where_a_loose_one_has_next_to_none():
    """Without a likelihood both states are equal: a sticky chain's q must choose one for all its steps."""
    x = torch.zeros(6, dtype=torch.int64)
    torch.manual_seed(0)
    for stay, lowest, highest in ((0.99, 1, 3), (0.6, 0, 0.2)):
        step = torch.tensor([[stay, 1 - stay], [1 - stay, stay]], dtype=DOUBLE)
        half = torch.full((2,), 0.5, dtype=DOUBLE)
        found = best_mean_field(hmm(half, step, torch.full((2, 2), 0.5, dtype=DOUBLE), x), num_starts=12)
        assert lowest * math.log(2) * 0.5 <= found.gap.item() <= highest
    assert found.num_optima.item() == 1


def test_gaps_a_hundredth_of_a_nat_apart_are_two_optima():
    gaps = torch.tensor([[0.5, 0.5], [0.509, 0.511], [0.5, 0.9], [0.5, 0.511]])
    assert MeanField(torch.zeros(1, 2, K), gaps).num_optima.tolist() == [1, 3]


def test_optima_are_counted_apart_and_the_best_is_kept():
    chain = random_chain(5, seed=2)
    sticky = chain._replace(log_step=chain.log_step + 4 * torch.eye(K, dtype=DOUBLE))
    torch.manual_seed(0)
    found = best_mean_field(sticky, num_starts=16)
    assert found.gaps.shape == (16, 5)
    torch.testing.assert_close(mean_field_bound(sticky, found.q), log_partition(sticky) - found.gap)
    for b in range(5):
        gaps = found.gaps[:, b].sort().values.tolist()
        assert found.num_optima[b] == 1 + sum(after - before > 0.01 for before, after in pairwise(gaps))
    assert (found.num_optima > 1).any()
    assert (found.gap == found.gaps.min(0).values).all()


def test_the_product_of_the_true_marginals_is_a_product_and_no_better_than_the_best():
    torch.manual_seed(0)
    gap, best = product_of_marginals_gap(CHAIN), best_mean_field(CHAIN, num_starts=8, num_sweeps=60).gap
    log_q = log_q_of_paths(marginals(CHAIN).single)
    torch.testing.assert_close(gap, (log_q.exp() * (log_q - SHARES.log())).sum(0), atol=1e-10, rtol=0)
    assert (gap >= best - 1e-6).all()
    assert (gap > best + 0.01).any()


def test_steps_that_tell_nothing_of_each_other_leave_no_gap():
    chain = random_chain(4)._replace(log_step=torch.zeros(K, K, dtype=DOUBLE))
    assert best_mean_field(chain, num_starts=2).gap.abs().max() < 1e-10
    assert product_of_marginals_gap(chain).abs().max() < 1e-10


@pytest.mark.parametrize("batch", [(), (1,), (2, 3)])
def test_a_series_of_one_step_is_its_own_mean_field(batch):
    found = best_mean_field(random_chain(*batch, num_steps=1), num_starts=2)
    assert found.q.shape == (1, *batch, K)
    assert found.gap.shape == found.num_optima.shape == batch
    assert found.gap.abs().max() < 1e-10


def test_a_q_that_is_none_is_refused():
    chain, q = random_chain(2), shares(2)
    with pytest.raises(ValueError, match=r"q of shape \(5, 2, 3\), got \(5, 3\)"):
        mean_field_bound(chain, q[:, 0])
    for bad in (q + 0.1, -q, q * math.nan):
        with pytest.raises(ValueError, match="rows of q of at least 0 that sum to 1"):
            cavi(chain, bad, 1)
    for ask in (lambda: cavi(chain, q, 0), lambda: best_mean_field(chain, num_starts=0)):
        with pytest.raises(ValueError, match="at least 1"):
            ask()


# ----- Gaussians


def test_the_best_mean_field_of_a_gaussian_has_the_gap_of_the_formula_and_of_the_dense_kl():
    p = gaussian()
    q, gap = gaussian_mean_field(p)
    factor = torch.diag_embed(p.diagonal) + torch.diag_embed(p.below, -1)
    precision = factor @ factor.mT
    formula = 0.5 * (precision.diagonal().log().sum() - precision.logdet())
    dense_q = MultivariateNormal(q.loc, torch.diag(q.variance))
    assert gap.item() == pytest.approx(formula.item(), abs=1e-12)
    assert gap.item() == pytest.approx(kl_divergence(q, p).item(), abs=1e-12)
    assert gap.item() == pytest.approx(
        kl_divergence(dense_q, MultivariateNormal(p.loc, precision_matrix=precision)).item()
    )
    torch.testing.assert_close(q.stddev, precision.diagonal().rsqrt())
    assert (q.stddev < p.stddev).all()


def test_no_other_mean_field_is_nearer():
    p = gaussian()
    q, gap = gaussian_mean_field(p)
    torch.manual_seed(1)
    for _ in range(50):
        moved = TridiagonalNormal(q.loc + 0.1 * torch.randn(6), q.diagonal * (0.1 * torch.randn(6)).exp(), q.below)
        assert kl_divergence(moved, p) > gap


def test_the_gap_of_two_numbers_by_hand():
    """Λ = [[2, 1], [1, 2]]: ½ (log 2 + log 2 − log 3)."""
    two = torch.full((2,), 2.0, dtype=DOUBLE)
    p = TridiagonalNormal.from_precision(torch.zeros(2, dtype=DOUBLE), two, torch.ones(1, dtype=DOUBLE))
    assert gaussian_mean_field(p)[1].item() == pytest.approx(0.5 * math.log(4 / 3))


def test_coordinate_sweeps_solve_for_the_mean_and_the_first_is_by_hand():
    p = gaussian()
    start = torch.zeros(6, dtype=DOUBLE)
    means = coordinate_means(p, start, 200)
    torch.testing.assert_close(means[-1], p.loc, atol=1e-10, rtol=0)
    expected = p.loc[0] - p.precision_off_diagonal[0] / p.precision_diagonal[0] * (start[1] - p.loc[1])
    torch.testing.assert_close(means[1, 0], expected)
    kls = [kl_divergence(TridiagonalNormal(m, *gaussian_q(p)), p).item() for m in means[:20]]
    assert kls == sorted(kls, reverse=True)


def gaussian_q(p):
    q = gaussian_mean_field(p)[0]
    return q.diagonal, q.below


def test_a_start_of_another_length_is_refused():
    with pytest.raises(ValueError, match=r"start of shape \(6,\), got \(5,\)"):
        coordinate_means(gaussian(), torch.zeros(5), 3)


# ----- hard zeros, and a series' end


def left_to_right():
    """A chain that never goes back, and begins in state 0."""
    chain = random_chain(2)
    forbidden = torch.ones(K, K, dtype=torch.bool).tril(-1)
    return chain._replace(
        log_start=torch.tensor([0.0, -math.inf, -math.inf], dtype=DOUBLE),
        log_step=chain.log_step.masked_fill(forbidden, -math.inf),
    )


def test_a_product_that_gives_the_impossible_a_share_is_infinitely_far():
    chain = left_to_right()
    assert (mean_field_bound(chain, shares(2)) == -math.inf).all()
    assert (product_of_marginals_gap(chain) == math.inf).all()
    slight = torch.tensor([[1.0, 0, 0], [1 - 1e-9, 1e-9, 0], [1.0, 0, 0], [1.0, 0, 0], [1.0, 0, 0]], dtype=DOUBLE)
    assert (mean_field_bound(chain, slight[:, None].expand(-1, 2, -1)) == -math.inf).all()


def test_the_best_mean_field_of_a_chain_with_hard_zeros_keeps_to_what_is_possible():
    chain = left_to_right()
    torch.manual_seed(0)
    found = best_mean_field(chain)
    assert found.gap.isfinite().all()
    torch.testing.assert_close(mean_field_bound(chain, found.q), log_partition(chain) - found.gap)


def test_padding_changes_no_gap():
    lengths, chain = torch.tensor([1, 4, 5]), random_chain(3)
    torch.manual_seed(0)
    long, found = padded(chain, lengths), best_mean_field(padded(chain, lengths), num_starts=12)
    for i, length in enumerate(lengths.tolist()):
        own = Chain(chain.log_start[i], chain.log_step[: length - 1, i], chain.log_likelihood[:length, i])
        gap, best = product_of_marginals_gap(own), best_mean_field(own, num_starts=12)
        torch.testing.assert_close(product_of_marginals_gap(long)[i], gap, atol=1e-10, rtol=0)
        torch.testing.assert_close(found.gaps[0, i], best.gaps[0], atol=1e-10, rtol=0)  # both from uniform
        torch.testing.assert_close(found.gap[i], best.gap, atol=1e-6, rtol=0)


def test_a_series_that_no_path_explains_has_no_best_mean_field():
    half, eye = torch.full((2,), 0.5), torch.eye(2)
    with pytest.raises(ValueError, match="expected a chain with a possible path"):
        best_mean_field(hmm(half, eye, eye, torch.tensor([0, 1])))


def test_the_bound_has_a_finite_slope_where_an_encoder_is_sure():
    logits = torch.tensor([200.0, 0, 0]).expand(T, 2, K).clone().requires_grad_()
    chain = Chain(*(each.float() for each in random_chain(2)))
    q = logits.softmax(-1)
    assert (q == 0).any()
    (slope,) = torch.autograd.grad(mean_field_bound(chain, q).sum(), logits)
    assert slope.isfinite().all()


def test_the_first_climb_starts_from_uniform():
    chain, uniform = random_chain(5, seed=2), torch.full((T, 5, K), 1 / K, dtype=DOUBLE)
    for num_sweeps in (1, 3):
        gaps = log_partition(chain) - cavi(chain, uniform, num_sweeps)[1][-1]
        torch.testing.assert_close(best_mean_field(chain, num_starts=2, num_sweeps=num_sweeps).gaps[0], gaps)


def test_a_q_of_another_dtype_is_refused():
    with pytest.raises(ValueError, match=r"dtype, torch.float64, got torch.float32"):
        mean_field_bound(random_chain(2), shares(2).float())


def test_of_many_thousand_float32_steps_the_marginals_make_a_product():
    chain = random_chain(num_steps=5000, dtype=torch.float32)
    single = marginals(chain).single
    torch.testing.assert_close(single.sum(-1), torch.ones(5000), atol=1e-5, rtol=0)
    exact = product_of_marginals_gap(Chain(*(each.double() for each in chain)))
    torch.testing.assert_close(product_of_marginals_gap(chain).double(), exact, atol=0.1, rtol=0)

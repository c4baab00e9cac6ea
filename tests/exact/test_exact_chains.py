"""Chapter 9: the recursion of a chain, held to all of its paths, one by one."""

import math

import pytest
import torch

from vae_lib.chains import AutoregressivePrior, ChainDecoder, ChainEncoder, ChainVAE, MarkovPrior
from vae_lib.exact.chains import (
    Chain,
    best_path,
    check_scores,
    forward_scores,
    grid_chain,
    grid_log_p,
    hmm,
    log_partition,
    marginals,
    missing,
    multiplied,
    padded,
    path_score,
    sample_paths,
    summed,
)

DOUBLE = torch.float64
MANY, T, K = 1000, 5, 3


def random_chain(*batch, num_steps=T, num_states=K, dtype=DOUBLE, seed=0):
    """Scores that differ in every step and every series, and are no probabilities."""
    torch.manual_seed(seed)
    shapes = (*batch, num_states), (num_steps - 1, *batch, num_states, num_states), (num_steps, *batch, num_states)
    return Chain(*(2 * torch.randn(shape, dtype=dtype) for shape in shapes))


def random_hmm(x, *, num_symbols=5, seed=0):
    torch.manual_seed(seed)
    sizes = (K,), (K, K), (K, num_symbols)
    return hmm(*(torch.randn(size, dtype=DOUBLE).softmax(-1) for size in sizes), x)


def all_paths(num_steps=T, num_states=K):
    """`[T, K ** T]`."""
    return torch.cartesian_prod(*[torch.arange(num_states)] * num_steps).reshape(-1, num_steps).T


def by_hand(chain, paths):
    """Scores of all paths of a thousand chains, with nothing but indices: `[paths, batch]`."""
    start, step, likelihood = chain
    score = start[:, paths[0]] + sum(likelihood[t][:, paths[t]] for t in range(len(paths)))
    return (score + sum(step[t][:, paths[t], paths[t + 1]] for t in range(len(paths) - 1))).T


CHAIN, PATHS = random_chain(MANY), all_paths()
SCORES = by_hand(CHAIN, PATHS)
SHARES = SCORES.softmax(0)  # p(path | x)


# ----- all paths of a thousand chains


def test_log_z_is_the_log_of_the_sum_over_all_paths():
    torch.testing.assert_close(log_partition(CHAIN), SCORES.logsumexp(0), atol=1e-12, rtol=0)


def test_forward_is_that_sum_over_the_paths_up_to_a_step_that_end_in_a_state():
    log_alpha = forward_scores(CHAIN)
    for t in range(T):
        begun = all_paths(t + 1)
        until = Chain(CHAIN.log_start, CHAIN.log_step[:t], CHAIN.log_likelihood[: t + 1])
        scores = by_hand(until, begun)
        expected = torch.stack([scores[begun[-1] == k].logsumexp(0) for k in range(K)], -1)
        torch.testing.assert_close(log_alpha[t], expected, atol=1e-12, rtol=0)


def test_marginals_of_states_and_of_neighbours_are_the_shares_of_the_paths_through_them():
    single, pairs = marginals(CHAIN)
    through = torch.nn.functional.one_hot(PATHS).to(DOUBLE)  # [T, paths, K]
    torch.testing.assert_close(single, torch.einsum("pb,tpk->tbk", SHARES, through), atol=1e-12, rtol=0)
    both = torch.einsum("pb,tpi,tpj->tbij", SHARES, through[:-1], through[1:])
    torch.testing.assert_close(pairs, both, atol=1e-12, rtol=0)


def test_the_best_path_is_the_best_of_all_and_its_score_is_theirs():
    path, score = best_path(CHAIN)
    assert torch.equal(path, PATHS[:, SCORES.argmax(0)])
    torch.testing.assert_close(score, SCORES.max(0).values, atol=1e-12, rtol=0)


def test_the_score_of_each_path_is_the_sum_of_its_terms():
    torch.testing.assert_close(path_score(CHAIN, PATHS[..., None].expand(-1, -1, MANY)), SCORES, atol=1e-12, rtol=0)


def test_sampled_paths_come_as_often_as_their_shares_say():
    """χ² over the 243 paths of each of three chains; its sd is at least √(2 · 242)."""
    few = Chain(CHAIN.log_start[:3] / 3, CHAIN.log_step[:, :3] / 3, CHAIN.log_likelihood[:, :3] / 3)
    shares, num = by_hand(few, PATHS).softmax(0), 20_000
    torch.manual_seed(1)
    paths = sample_paths(few, num)
    assert paths.shape == (num, T, 3)
    codes = (paths * K ** torch.arange(T - 1, -1, -1)[:, None]).sum(1)
    for b in range(3):
        counts, expected = codes[:, b].bincount(minlength=K**T), num * shares[:, b]
        chi2 = ((counts - expected).square() / expected).sum().item()
        sd = math.sqrt(2 * (K**T - 1) + (1 / shares[:, b]).sum().item() / num)
        assert abs(chi2 - (K**T - 1)) < 5 * sd


def test_sampled_paths_of_a_thousand_chains_have_the_marginals_of_neighbours():
    torch.manual_seed(2)
    single, pairs = marginals(CHAIN)
    paths = sample_paths(CHAIN, 400)
    z = torch.nn.functional.one_hot(paths).to(DOUBLE)
    found = torch.einsum("stbi,stbj->tbij", z[:, :-1], z[:, 1:]) / 400
    error = (pairs * (1 - pairs) / 400).sqrt()
    distance = ((found - pairs) / error.clamp(min=1e-3)).abs()
    assert (distance > 3).double().mean() < 0.01
    assert (z.mean(0) - single).abs().mean() < 0.02


# ----- as a hidden Markov model


def test_an_hmm_gives_each_series_its_probability_and_all_of_them_sum_to_1():
    x = torch.cartesian_prod(*[torch.arange(2)] * 6)
    total = log_partition(random_hmm(x, num_symbols=2)).exp().sum()
    assert total.item() == pytest.approx(1, abs=1e-12)


def test_an_hmms_steps_lead_from_rows_to_columns():
    start, step = torch.tensor([1.0, 0.0]), torch.tensor([[0.0, 1.0], [0.0, 1.0]])
    emission = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    assert log_partition(hmm(start, step, emission, torch.tensor([0, 1, 1]))).item() == 0
    assert log_partition(hmm(start, step, emission, torch.tensor([0, 1, 0]))).item() == -math.inf


def test_hard_zeros_give_slopes_without_nan():
    step = torch.tensor([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5], [0.0, 0.0, 1.0]], dtype=DOUBLE)
    start, emission = torch.tensor([1.0, 0, 0], dtype=DOUBLE), torch.rand(K, 5, dtype=DOUBLE).softmax(-1)
    chain = hmm(start, step, emission, torch.randint(0, 5, (7, T)))
    single, pairs = marginals(chain)
    torch.testing.assert_close(single.sum(-1), torch.ones(T, 7, dtype=DOUBLE))
    assert (pairs[..., step == 0] == 0).all()
    assert (sample_paths(chain, 50).diff(dim=1) >= 0).all()
    assert (best_path(chain)[0][0] == 0).all()


def test_a_score_of_minus_many_thousand_is_not_impossible():
    chain = random_chain()._replace(log_start=torch.tensor([-2e6, -1e6, -math.inf], dtype=DOUBLE))
    assert marginals(chain).single[0].tolist() == pytest.approx([0, 1, 0])
    assert log_partition(chain).item() == pytest.approx(-1e6, abs=100)
    assert best_path(chain)[1].item() == pytest.approx(-1e6, abs=100)


def test_log_p_has_no_nan_slope_by_a_probability_that_is_0():
    parts = [torch.tensor(each, dtype=DOUBLE) for each in ([1.0, 0], [[0.5, 0.5], [0, 1]], [[0.7, 0.3], [1, 0]])]
    (slope,) = torch.autograd.grad(
        log_partition(hmm(*parts[:1], parts[1].requires_grad_(), parts[2], torch.tensor([0, 0]))), parts[1]
    )
    assert slope.isfinite().all()
    assert slope[1, 0] == 0
    sure = torch.tensor([[200.0, 0], [0, 0]]).requires_grad_()
    half = torch.full((2, 2), 0.5)
    (slope,) = torch.autograd.grad(log_partition(hmm(half[0], sure.softmax(-1), half, torch.tensor([0, 1]))), sure)
    assert slope.isfinite().all()


def test_filtering_at_the_last_step_is_smoothing_and_before_it_is_not():
    chain = random_hmm(torch.randint(0, 5, (4, T)))
    filtered, smoothed = forward_scores(chain).softmax(-1), marginals(chain).single
    torch.testing.assert_close(filtered[-1], smoothed[-1])
    assert (filtered[0] - smoothed[0]).abs().max() > 0.01


def test_log_p_has_a_slope_by_the_parameters():
    torch.manual_seed(0)
    x, raw = torch.randint(0, 4, (2, T)), [torch.randn(size, dtype=DOUBLE) for size in ((K,), (K, K), (K, 4))]

    def log_p(*raw):
        return log_partition(hmm(*(each.softmax(-1) for each in raw), x))

    assert torch.autograd.gradcheck(log_p, [each.requires_grad_() for each in raw])


# ----- what is missing, and what is behind the end


def test_an_unseen_step_is_summed_over_all_its_symbols():
    x = torch.tensor([[1, 0, 3, 2, 4]])
    filled = x.repeat(5, 1)
    filled[:, 2] = torch.arange(5)
    seen = torch.tensor([True, True, False, True, True])
    unseen = log_partition(missing(random_hmm(x), seen))
    torch.testing.assert_close(unseen, log_partition(random_hmm(filled)).logsumexp(0, keepdim=True))


def test_each_series_may_miss_steps_of_its_own_and_one_that_misses_all_tells_nothing():
    x = torch.randint(0, 5, (3, T))
    seen = torch.ones(T, 3, dtype=torch.bool)
    seen[1, 0], seen[:, 2] = False, False
    log_p = log_partition(missing(random_hmm(x), seen))
    one_by_one = [log_partition(missing(random_hmm(x[i]), seen[:, i])) for i in range(3)]
    torch.testing.assert_close(log_p, torch.stack(one_by_one))
    assert log_p[2].item() == pytest.approx(0, abs=1e-12)
    assert log_p[1] == log_partition(random_hmm(x))[1]


def test_padding_changes_neither_log_z_nor_marginals_nor_the_best_path():
    lengths = torch.tensor([1, 3, 5, 4])
    chain = random_chain(4)
    long = padded(chain, lengths)
    for i, length in enumerate(lengths.tolist()):
        own = Chain(chain.log_start[i], chain.log_step[: length - 1, i], chain.log_likelihood[:length, i])
        torch.testing.assert_close(log_partition(long)[i], log_partition(own))
        torch.testing.assert_close(marginals(long).single[:length, i], marginals(own).single)
        torch.testing.assert_close(marginals(long).pairs[: length - 1, i], marginals(own).pairs)
        assert torch.equal(best_path(long)[0][:length, i], best_path(own)[0])
        assert (best_path(long)[0][length:, i] == 0).all()
        torch.testing.assert_close(best_path(long)[1][i], best_path(own)[1])


def test_a_step_that_is_only_missing_at_the_end_may_move_the_best_path_and_padding_may_not():
    """From state 0 the last step is surely to 0; from 1 it is spread: the best path of three steps avoids 1."""
    start, step = torch.tensor([0.45, 0.55]), torch.tensor([[1.0, 0.0], [0.5, 0.5]])
    chain = hmm(start, step, torch.full((2, 2), 0.5), torch.tensor([0, 0, 0]))
    seen = torch.tensor([True, False, False])
    assert best_path(missing(chain, seen))[0][0] == 0
    assert best_path(padded(chain, torch.tensor(1)))[0][0] == 1


# ----- a state on a line is a chain of points


def small(prior="linear", num_steps=2):
    torch.manual_seed(0)
    chain = AutoregressivePrior(num_steps) if prior == "linear" else MarkovPrior(num_steps, 5)
    model = ChainVAE(ChainEncoder(6, num_steps, 4), ChainDecoder(num_steps, 6, 5), chain)
    return model.double(), torch.randint(0, 2, (3, 6)).to(DOUBLE)


@pytest.mark.parametrize("prior", ["linear", "deep"])
def test_log_p_on_a_grid_is_the_double_integral_of_the_joint_density(prior):
    model, x = small(prior)
    points = torch.linspace(-12, 12, 481, dtype=DOUBLE)
    z = torch.cartesian_prod(points, points)[:, None]
    with torch.no_grad():
        log_joint = model.decoder(z).log_prob(x) + model.prior.log_prob(z)
    expected = log_joint.logsumexp(0) + 2 * math.log(0.05)
    torch.testing.assert_close(grid_log_p(model, x), expected, atol=1e-9, rtol=0)


def test_more_points_leave_log_p_as_it_is():
    model, x = small("deep", 3)
    few, more, most = (grid_log_p(model, x, num_points=num) for num in (200, 400, 800))
    torch.testing.assert_close(few, most, atol=1e-7, rtol=0)
    torch.testing.assert_close(more, most, atol=1e-10, rtol=0)


def test_the_grid_smooths_too_and_the_moments_are_those_of_weighted_draws():
    model, x = small("linear", 3)
    points, chain = grid_chain(model, x[:1], num_points=160)
    mean = marginals(chain).single[:, 0] @ points
    torch.manual_seed(0)
    with torch.no_grad():
        z = model.prior.sample((100_000,))
        weights = model.decoder(z).log_prob(x[0]).softmax(0)
    error = (weights[:, None].square() * (z - mean).square()).sum(0).sqrt()
    assert ((weights @ z - mean).abs() < 5 * error).all()


def test_the_rows_go_in_parts_and_the_model_stays_as_it_was():
    model, x = small()
    many = x.repeat(30, 1)
    torch.testing.assert_close(grid_log_p(model.float(), many.float())[-3:], grid_log_p(model, x))
    assert {each.dtype for each in model.parameters()} == {torch.float32}


def test_a_grid_that_does_not_hold_the_prior_is_refused_and_so_are_other_data():
    model, x = small()
    for grid in ({"reach": 2.0}, {"num_points": 8}):
        with pytest.raises(ValueError, match=r"a grid that holds the prior, a share of 1, got [01]\.\d+ on \d+ points"):
            grid_log_p(model, x, **grid)
    with pytest.raises(ValueError, match="x with 6 features"):
        grid_log_p(model, x[:, :5])
    with pytest.raises(ValueError, match="pixels that are 0 or 1"):
        grid_log_p(model, x / 2)
    with pytest.raises(ValueError, match="num_points"):
        grid_log_p(model, x, num_points=0)
    for grid in ({"num_points": 1}, {"reach": -1.0}, {"reach": math.inf}):
        with pytest.raises(ValueError, match="at least 2 points and a positive, finite reach"):
            grid_log_p(model, x, **grid)


def test_a_grid_that_misses_some_millionths_of_the_prior_is_refused():
    model, x = small()
    with pytest.raises(ValueError, match=r"a share of 1, got 0\.99998\d on 400 points"):
        grid_log_p(model, x, reach=4.5)


# ----- shapes and sorts


def test_one_matrix_serves_all_steps_and_all_series():
    chain = random_chain(2)
    shared = chain._replace(log_step=chain.log_step[0, 0])
    each = chain._replace(log_step=chain.log_step[0, 0].expand(T - 1, 2, K, K))
    torch.testing.assert_close(log_partition(shared), log_partition(each))
    torch.testing.assert_close(marginals(shared).pairs, marginals(each).pairs)
    per_step = chain._replace(log_step=chain.log_step[:, 0])
    assert log_partition(per_step).shape == (2,)
    assert marginals(per_step).pairs.shape == (T - 1, 2, K, K)


@pytest.mark.parametrize("batch", [(), (1,), (2, 3)])
def test_one_step_is_a_softmax(batch):
    chain = random_chain(*batch, num_steps=1)
    total = chain.log_start + chain.log_likelihood[0]
    torch.testing.assert_close(log_partition(chain), total.logsumexp(-1))
    torch.testing.assert_close(marginals(chain).single[0], total.softmax(-1))
    assert marginals(chain).pairs.shape == (0, *batch, K, K)
    assert torch.equal(best_path(chain)[0][0], total.argmax(-1))
    assert sample_paths(chain, 4).shape == (4, 1, *batch)


def test_float32_agrees_to_its_digits_and_stays_float32():
    chain = Chain(*(each.float() for each in CHAIN))
    assert log_partition(chain).dtype == torch.float32
    torch.testing.assert_close(log_partition(chain).double(), log_partition(CHAIN), atol=1e-4, rtol=0)


def test_a_long_chain_of_small_likelihoods_does_not_underflow():
    chain = random_hmm(torch.randint(0, 5, (2000,)))
    assert -4000 < log_partition(chain).item() < -2000
    torch.testing.assert_close(marginals(chain).single.sum(-1), torch.ones(2000, dtype=DOUBLE))


def test_the_matrix_product_is_the_same_sum():
    alpha, step = CHAIN.log_likelihood[0], CHAIN.log_step[0, 0]
    torch.testing.assert_close(multiplied(alpha, step), summed(alpha, step), atol=1e-12, rtol=0)


def test_twice_the_steps_are_twice_the_sums(monkeypatch):
    """Counted: the recursion calls its sum once a step."""
    calls = []
    monkeypatch.setattr("vae_lib.exact.chains.summed", lambda *each: calls.append(each) or summed(*each))
    counts = []
    for num_steps in (10, 20, 40):
        log_partition(random_chain(num_steps=num_steps))
        counts.append(len(calls))
        calls.clear()
    assert counts == [10, 20, 40]


def test_symbols_of_every_whole_sort_are_indices_and_no_mask():
    x = torch.tensor([0, 1, 1, 0, 1])
    expected = log_partition(random_hmm(x, num_symbols=5))
    for dtype in (torch.uint8, torch.int8, torch.int16, torch.int32):
        assert log_partition(random_hmm(x.to(dtype), num_symbols=5)) == expected
    chain = random_chain()
    assert path_score(chain, x.to(torch.uint8)) == path_score(chain, x)
    assert log_partition(padded(chain, 3)) == log_partition(padded(chain, torch.tensor(3)))


def test_drawn_paths_are_scored_once_time_comes_first():
    torch.manual_seed(0)
    for chain in (random_chain(), random_chain(2)):
        paths = sample_paths(chain, T)  # as many samples as steps
        scores = path_score(chain, paths.movedim(1, 0))
        assert torch.equal(scores, torch.stack([path_score(chain, path) for path in paths]))


def test_in_inference_mode_marginals_and_paths_are_the_same():
    with torch.inference_mode():
        chain = random_chain(2)
        inside = marginals(chain).single, best_path(chain)[0]
        assert sample_paths(chain, 2).shape == (2, T, 2)
    outside = random_chain(2)
    assert torch.equal(inside[0], marginals(outside).single)
    assert torch.equal(inside[1], best_path(outside)[0])


# ----- what is refused


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"start": torch.tensor([0.5, 0.6])}, "rows of start .* sum to 1"),
        ({"step": torch.tensor([[0.5, 0.5], [0.5, 0.6]])}, "rows of step .* sum to 1"),
        ({"step": torch.tensor([[0.5, 0.5], [-0.1, 1.1]])}, "rows of step of at least 0"),
        ({"step": torch.tensor([[0.5, 0.5], [float("nan"), 1.0]])}, "rows of step"),
        ({"emission": torch.full((2, 3), 0.5)}, "rows of emission"),
        ({"emission": torch.full((3, 2), 0.5)}, r"emission \[K, symbols\], got shapes"),
        ({"step": torch.full((3, 3), 1 / 3)}, r"step \[K, K\]"),
        ({"start": torch.full((1, 2), 0.5)}, r"start \[K\]"),
        ({"x": torch.tensor([0, 2])}, "x of whole numbers from 0 to 1, got .* from 0 to 2"),
        ({"x": torch.tensor([-1, 1])}, "from -1 to 1"),
        ({"x": torch.tensor([0.0, 1.0])}, "whole numbers from 0 to 1, got torch.float32"),
        ({"x": torch.zeros(0, dtype=torch.int64)}, "whole numbers"),
        ({"x": torch.tensor(1)}, r"a series x \[..., T\], got torch.int64"),
    ],
)
def test_what_is_no_hmm_is_refused_with_what_came(change, words):
    right = {"start": torch.full((2,), 0.5), "step": torch.full((2, 2), 0.5), "emission": torch.full((2, 2), 0.5)}
    with pytest.raises(ValueError, match=words):
        hmm(**(right | {"x": torch.tensor([0, 1])} | change))


@pytest.mark.parametrize(
    ("chain", "words"),
    [
        (Chain(torch.zeros(2), torch.zeros(3, 3), torch.zeros(4, 3)), r"\[K, K\] or .* got shapes \(2,\)"),
        (Chain(torch.zeros(3), torch.zeros(2, 3), torch.zeros(4, 3)), "got shapes"),
        (Chain(torch.zeros(3), torch.zeros(4, 3, 3), torch.zeros(4, 3)), "got shapes"),
        (Chain(torch.zeros(3), torch.zeros(3, 3), torch.zeros(3)), "got shapes"),
        (Chain(torch.zeros(3), torch.zeros(3, 3), torch.zeros(0, 3)), "got shapes"),
        (Chain(torch.zeros(5, 3), torch.zeros(3, 3), torch.zeros(4, 2, 3)), "got shapes"),
        (
            Chain(torch.zeros(3), torch.zeros(3, 3).double(), torch.zeros(4, 3)),
            "all torch.float32 or all torch.float64",
        ),
        (Chain(*(torch.zeros(size).half() for size in (3, (3, 3), (4, 3)))), "got torch.float16, torch.float16"),
        (Chain(torch.zeros(3), torch.zeros(3, 3), torch.full((4, 3), float("nan"))), "log_likelihood, got NaN"),
        (Chain(torch.zeros(3), torch.full((3, 3), float("inf")), torch.zeros(4, 3)), "below infinity in log_step"),
    ],
)
def test_scores_that_do_not_fit_are_refused(chain, words):
    with pytest.raises(ValueError, match=words):
        check_scores(chain)


def test_masks_lengths_paths_and_counts_that_do_not_fit_are_refused():
    chain = random_chain(2)
    for seen in (torch.ones(T), torch.ones(T - 1, dtype=torch.bool), torch.ones(2, T, dtype=torch.bool)):
        with pytest.raises(ValueError, match="expected seen as torch"):
            missing(chain, seen)
    for lengths in (torch.tensor([0, 3]), torch.tensor([1, T + 1]), torch.tensor([1.0, 2.0])):
        with pytest.raises(ValueError, match="lengths of whole numbers from 1 to 5"):
            padded(chain, lengths)
    with pytest.raises(ValueError, match="lengths of shape"):
        padded(chain, torch.tensor([1, 2, 3]))
    with pytest.raises(ValueError, match="paths of 5 steps"):
        path_score(chain, torch.zeros(4, 2, dtype=torch.int64))
    with pytest.raises(ValueError, match="path of whole numbers from 0 to 2"):
        path_score(chain, torch.full((T, 2), 3))
    with pytest.raises(ValueError, match="num_samples"):
        sample_paths(chain, 0)


def test_a_series_that_no_path_explains_has_no_marginals():
    impossible = hmm(torch.full((2,), 0.5), torch.eye(2), torch.eye(2), torch.tensor([0, 1]))
    assert log_partition(impossible).item() == -math.inf
    for ask in (marginals, best_path, lambda chain: sample_paths(chain, 3)):
        with pytest.raises(ValueError, match="expected a chain with a possible path"):
            ask(impossible)

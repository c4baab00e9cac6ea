"""Chapter 8: sums over all codes, held to loops in plain Python, to finite differences, and to draws."""

import itertools
import math
from functools import partial

import pytest
import torch
from torch.distributions import Bernoulli, kl_divergence

from vae_lib.discrete import BernoulliEncoder, BernoulliLatents, CategoricalEncoder, CategoricalLatents, DiscreteVAE
from vae_lib.estimators import gradient_estimates, leave_one_out, relaxed, score_function, straight_through
from vae_lib.exact.enumeration import (
    best_baseline,
    enumerate_states,
    exact_elbo,
    exact_gradient,
    exact_log_p,
    leave_one_out_moments,
    relaxed_moments,
    score_function_moments,
)
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianDecoder, GaussianEncoder
from vae_lib.objectives import importance_weighted_bound
from vae_lib.training import fit

DOUBLE = torch.float64


def small(kind="coins"):
    torch.manual_seed(0)
    encoder = BernoulliEncoder(5, 3, 8) if kind == "coins" else CategoricalEncoder(5, 3, 8, num_latents=2)
    prior_logits = torch.randn(encoder.latent_dim)
    model = DiscreteVAE(encoder, BernoulliDecoder(encoder.latent_dim, 5, 8), prior_logits=prior_logits).double()
    return model, torch.randint(0, 2, (4, 5)).double()


both = pytest.mark.parametrize("kind", ["coins", "dice"])


def brute_force(model, x, kind):
    """For one x: log p, ELBO, gap and posterior by loops over codes and latents."""
    logits = model.encoder.net(x).tolist()
    prior = model.prior_logits.flatten().tolist()
    codes = itertools.product([0, 1], repeat=3) if kind == "coins" else itertools.product(range(3), repeat=2)
    q, joint = [], []
    for code in codes:
        if kind == "coins":
            z = list(code)
            probability = [math.prod(1 / (1 + math.exp(-a if on else a)) for a, on in zip(of, code, strict=True))
                           for of in (logits, prior)]  # fmt: skip
        else:
            z = [float(j == face) for face in code for j in range(3)]
            probability = [math.prod(math.exp(of[3 * i + face]) / sum(map(math.exp, of[3 * i : 3 * i + 3]))
                                     for i, face in enumerate(code)) for of in (logits, prior)]  # fmt: skip
        pixels = Bernoulli(logits=model.decoder.net(torch.tensor(z, dtype=DOUBLE)))
        q.append(probability[0])
        joint.append(probability[1] * math.exp(pixels.log_prob(x).sum().item()))
    evidence = math.fsum(joint)
    bound = math.fsum(a * (math.log(b) - math.log(a)) for a, b in zip(q, joint, strict=True))
    return math.log(evidence), bound, math.log(evidence) - bound, [each / evidence for each in joint]


@both
@torch.no_grad()
def test_every_sum_is_that_of_a_loop(kind):
    model, x = small(kind)
    states = enumerate_states(model, x)
    for i, row in enumerate(x):
        log_p, bound, gap, posterior = brute_force(model, row, kind)
        assert states.log_p[i].item() == pytest.approx(log_p, abs=1e-12)
        assert states.elbo[i].item() == pytest.approx(bound, abs=1e-12)
        assert states.gap[i].item() == pytest.approx(gap, abs=1e-12)
        assert states.posterior[:, i].tolist() == pytest.approx(posterior, abs=1e-12)


@both
def test_elbo_and_gap_are_separate_sums_that_add_to_log_p(kind):
    model, x = small(kind)
    states = enumerate_states(model, x)
    torch.testing.assert_close(states.elbo + states.gap, states.log_p, rtol=0, atol=1e-12)
    assert (states.gap > 0).all()
    posterior, q = states.posterior, states.log_q.exp()
    torch.testing.assert_close(states.gap, (q * (q / posterior).log()).sum(0), rtol=0, atol=1e-12)
    assert not torch.equal(states.gap, states.log_p - states.elbo)  # which has lost its last digits
    assert torch.equal(exact_elbo(model, x), states.elbo)
    assert torch.equal(exact_log_p(model, x), states.log_p)


def test_a_q_that_is_sure_has_no_0_times_infinity():
    model, x = small()
    with torch.no_grad():
        model.encoder.net[-1].bias.fill_(1e6)
    value = exact_elbo(model, x)
    all_ones = model.decoder(torch.ones(3, dtype=DOUBLE)).log_prob(x) + model.prior.log_prob(
        torch.ones(3, dtype=DOUBLE)
    )
    torch.testing.assert_close(value, all_ones)
    value.sum().backward()
    assert all(weight.grad.isfinite().all() for weight in model.parameters())


def test_a_face_that_q_excludes_costs_nothing_and_has_no_slope():
    model, x = small("dice")
    with torch.no_grad():
        model.encoder.net[-1].bias[0] = -math.inf
    z, log_q, log_joint = enumerate_states(model, x)
    assert (log_q == -math.inf).any()
    kl, bias = kl_divergence(model.encoder(x), model.prior), model.encoder.net[-1].bias
    reconstruction = (log_q.exp() * (log_joint - model.prior.log_prob(z)[:, None])).sum(0)
    torch.testing.assert_close(exact_elbo(model, x), reconstruction - kl)
    for objective in (exact_elbo(model, x), kl):
        (slope,) = torch.autograd.grad(objective.sum(), bias)
        assert slope[0] == 0
        assert slope.isfinite().all()
        assert slope[1] != 0


@both
def test_the_gradient_is_that_of_finite_differences(kind):
    model, x = small(kind)
    bias = model.encoder.net[-1].bias
    (exact,) = torch.autograd.grad(exact_elbo(model, x).sum(), bias)
    for i in range(len(bias)):
        values = []
        for step in (1e-5, -1e-5):
            with torch.no_grad():
                bias[i] += step
                values.append(exact_elbo(model, x).sum())
                bias[i] -= step
        assert exact[i].item() == pytest.approx(((values[0] - values[1]) / 2e-5).item(), abs=1e-8)


@both
def test_by_draws_the_weighted_bound_comes_near_to_log_p(kind):
    model, x = small(kind)
    torch.manual_seed(1)
    with torch.no_grad():
        bound = importance_weighted_bound(model, x, num_samples=20_000)
    torch.testing.assert_close(bound, exact_log_p(model, x).detach(), rtol=0, atol=0.02)


@pytest.mark.parametrize("objective", [exact_elbo, exact_log_p])
def test_training_on_it_raises_it_without_a_draw(objective):
    model, x = small()
    before = objective(model, x).mean().item()
    state = torch.get_rng_state()
    history = fit(model, x.repeat(8, 1), objective=objective, num_epochs=20, batch_size=32, lr=0.02)
    assert history["train"][-1] > before + 0.2
    torch.set_rng_state(state)
    with torch.no_grad():
        assert torch.equal(objective(model, x), objective(model, x))
    assert torch.equal(torch.get_rng_state(), state)


def test_any_decoder_and_a_batch_of_one_will_do():
    torch.manual_seed(0)
    model, x = DiscreteVAE(BernoulliEncoder(5, 2, ()), GaussianDecoder(2, 5, 8)), torch.randn(1, 5)
    assert enumerate_states(model, x).posterior.shape == (4, 1)


def test_what_cannot_be_counted_is_refused():
    torch.manual_seed(0)
    gaussian = VAE(GaussianEncoder(5, 2, 8), BernoulliDecoder(2, 5, 8), 2)
    with pytest.raises(ValueError, match="expected latents whose states can be counted"):
        enumerate_states(gaussian, torch.zeros(1, 5))
    many = DiscreteVAE(BernoulliEncoder(5, 60, 8), BernoulliDecoder(60, 5, 8))
    with pytest.raises(ValueError, match=f"expected at most 4096 states, got {2**60}"):
        enumerate_states(many, torch.zeros(1, 5))
    with pytest.raises(ValueError, match=r"expected one q, without a batch, got logits of shape \(4, 3\)"):
        exact_gradient(bent, BernoulliLatents(torch.zeros(4, 3)))
    with pytest.raises(ValueError, match="expected pixels that are 0 or 1"):
        exact_elbo(small()[0], small()[1] / 3)


# ----- moments of the estimators


def bent(z):
    return 4 * torch.sin(2 * z @ torch.arange(1, z.shape[-1] + 1).to(z)) - z[..., 0] * z[..., -1] + 3


def q_of(kind):
    logits = torch.randn(2, 3, dtype=DOUBLE, generator=torch.Generator().manual_seed(4))
    return BernoulliLatents(logits[0]) if kind == "coins" else CategoricalLatents(logits)


@both
def test_the_exact_gradient_is_that_of_autograd_through_the_sum(kind):
    q = q_of(kind)
    logits = q.logits.clone().requires_grad_()
    of_logits = type(q)(logits)
    z = of_logits.enumerate_support()
    (found,) = torch.autograd.grad((of_logits.log_prob(z).exp() * bent(z)).sum(), logits)
    torch.testing.assert_close(exact_gradient(bent, q), found)


def test_of_a_coin_the_gradient_is_p_times_1_minus_p_times_the_step():
    q = BernoulliLatents(torch.tensor([0.4], dtype=DOUBLE))
    p = 1 / (1 + math.exp(-0.4))
    assert exact_gradient(lambda z: 7 * z[..., 0] - 2, q).item() == pytest.approx(7 * p * (1 - p))
    # one draw's estimate is (f − b)(z − p), and E (z − p)² f² − … is a sum of two terms
    mean, variance = score_function_moments(lambda z: 7 * z[..., 0] - 2, q, baseline=1.0)
    second = p * (4 * (1 - p)) ** 2 + (1 - p) * (3 * p) ** 2
    assert (mean.item(), variance.item()) == pytest.approx((7 * p * (1 - p), second - (7 * p * (1 - p)) ** 2))


def hold_to_draws(moments, estimates):
    error = estimates.std(0) / math.sqrt(len(estimates))
    assert ((moments.mean - estimates.mean(0)).abs() < 4.5 * error).all()
    squares = (estimates - moments.mean).square()
    assert ((moments.variance - squares.mean(0)).abs() < 4.5 * squares.std(0) / math.sqrt(len(squares))).all()


@both
@pytest.mark.parametrize("baseline", [0.0, 2.5])
def test_the_score_functions_moments_are_those_of_draws(kind, baseline):
    q = q_of(kind)
    torch.manual_seed(2)
    moments = score_function_moments(bent, q, baseline=baseline)
    torch.testing.assert_close(moments.mean, exact_gradient(bent, q))
    way = partial(score_function, baseline=baseline)
    hold_to_draws(moments, gradient_estimates(bent, q, q.noise((1, 100_000)), way=way))


@both
@pytest.mark.parametrize("num_samples", [2, 5])
def test_leave_one_outs_moments_are_those_of_draws(kind, num_samples):
    q = q_of(kind)
    torch.manual_seed(3)
    moments = leave_one_out_moments(bent, q, num_samples)
    torch.testing.assert_close(moments.mean, exact_gradient(bent, q))
    hold_to_draws(moments, gradient_estimates(bent, q, q.noise((num_samples, 50_000)), way=leave_one_out))


def test_leave_one_outs_variance_is_the_sum_over_all_pairs_and_triples():
    q = BernoulliLatents(torch.tensor([0.3, -0.8], dtype=DOUBLE))
    codes = q.enumerate_support()
    p, f, s = q.log_prob(codes).exp().tolist(), bent(codes).tolist(), (codes - q.mean).tolist()
    for num_samples in (2, 3):
        first, second = [0.0, 0.0], [0.0, 0.0]
        for draws in itertools.product(range(4), repeat=num_samples):
            weight = math.prod(p[i] for i in draws)
            total = sum(f[i] for i in draws)
            for j in (0, 1):
                each = sum((f[i] - (total - f[i]) / (num_samples - 1)) * s[i][j] for i in draws) / num_samples
                first[j] += weight * each
                second[j] += weight * each**2
        moments = leave_one_out_moments(bent, q, num_samples)
        assert moments.mean.tolist() == pytest.approx(first, abs=1e-12)
        assert moments.variance.tolist() == pytest.approx([b - a**2 for a, b in zip(first, second, strict=True)])


@both
def test_no_number_is_a_better_baseline_than_the_best(kind):
    q = q_of(kind)
    best = best_baseline(bent, q)
    least = score_function_moments(bent, q, baseline=best).variance.sum()
    for step in (-0.1, 0.1):
        assert score_function_moments(bent, q, baseline=best + step).variance.sum() > least


def test_a_leave_one_out_takes_two_draws():
    with pytest.raises(ValueError, match="expected at least two samples, each a baseline for the others, got 1"):
        leave_one_out_moments(bent, q_of("coins"), 1)


@pytest.mark.parametrize("num", [2.5, float("nan"), -3])
def test_a_number_of_draws_is_whole_and_positive(num):
    with pytest.raises(ValueError, match="expected num_samples to be a whole number of at least 1, got"):
        leave_one_out_moments(bent, q_of("coins"), num)


@both
@pytest.mark.parametrize(
    "of", [exact_gradient, best_baseline, score_function_moments, partial(leave_one_out_moments, num_samples=2)]
)
@pytest.mark.parametrize("f", [lambda z: bent(z)[..., None], lambda z: z.sum()])
def test_an_f_that_gives_no_number_a_code_is_named(kind, of, f):
    with pytest.raises(ValueError, match=r"expected f to give shape \(\d,\), a number a code, got \((\d, 1)?\)"):
        of(f, q_of(kind))


def test_a_sure_q_and_a_die_of_one_face_have_the_mean_as_baseline():
    sure = BernoulliLatents(torch.tensor([800.0, -800.0], dtype=DOUBLE))
    assert best_baseline(lambda z: 5 * z[..., 0], sure) == pytest.approx(5)
    assert best_baseline(lambda z: 5 * z[..., 0], CategoricalLatents(torch.zeros(1, 1))) == pytest.approx(5)


def test_a_single_row_without_a_batch_is_named():
    model, x = small()
    with pytest.raises(ValueError, match=r"expected x \[batch, data\], got shape \(5,\)"):
        exact_elbo(model, x[0])


@pytest.mark.parametrize("num", [1, 2])
@pytest.mark.parametrize("temperature", [2.0, 0.5, 0.1])
@pytest.mark.parametrize("way", [relaxed, straight_through])
def test_soft_moments_are_those_of_draws(num, temperature, way):
    q = BernoulliLatents(torch.tensor([0.7, -1.2], dtype=DOUBLE)[:num])
    torch.manual_seed(4)
    moments = relaxed_moments(bent, q, temperature=temperature, way=way)
    way = partial(way, temperature=temperature)
    hold_to_draws(moments, gradient_estimates(bent, q, q.noise((1, 200_000)), way=way))


def test_of_a_linear_f_and_one_coin_the_soft_moments_are_an_integral_over_the_unit_interval():
    """E[z(1 − z)] / τ with z = sigmoid((a + logit u) / τ), by the midpoint rule over u."""
    a, temperature = 0.4, 0.6
    u = (torch.arange(1_000_000, dtype=DOUBLE) + 0.5) / 1_000_000
    z = torch.sigmoid((a + torch.logit(u)) / temperature)
    slope = z * (1 - z) / temperature
    q = BernoulliLatents(torch.tensor([a], dtype=DOUBLE))
    mean, variance = relaxed_moments(lambda z: z[..., 0], q, temperature=temperature)
    assert mean.item() == pytest.approx(slope.mean().item(), abs=1e-9)
    assert variance.item() == pytest.approx(slope.var(correction=0).item(), abs=1e-9)


def test_as_the_soft_z_grows_cold_its_mean_becomes_the_slope_of_the_die_and_its_variance_grows_like_1_over_tau():
    q = BernoulliLatents(torch.tensor([0.7, -1.2], dtype=DOUBLE))
    found = [relaxed_moments(bent, q, temperature=temperature) for temperature in (0.1, 0.01, 0.001)]
    bias = [(each.mean - exact_gradient(bent, q)).norm().item() for each in found]
    assert bias[0] > 5 * bias[1] > 25 * bias[2]
    variances = [each.variance.sum().item() for each in found]
    assert variances[2] / variances[1] == pytest.approx(10, rel=0.1)


@pytest.mark.parametrize("q", [BernoulliLatents(torch.zeros(3)), q_of("dice"), BernoulliLatents(torch.zeros(4, 2))])
def test_soft_moments_are_of_one_or_two_coins(q):
    with pytest.raises(ValueError, match="expected one or two coins without a batch, for quadrature, got"):
        relaxed_moments(bent, q, temperature=1.0)
    with pytest.raises(ValueError, match="expected a positive, finite temperature, got 0"):
        relaxed_moments(bent, BernoulliLatents(torch.zeros(1)), temperature=0)

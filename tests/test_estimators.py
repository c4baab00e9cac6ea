"""Chapter 8: the ways to the slope, held to gradients by enumeration, and to what each does with a known f."""

import itertools
import math
from functools import partial

import pytest
import torch
from torch.distributions import kl_divergence

from vae_lib.discrete import BernoulliEncoder, BernoulliLatents, CategoricalEncoder, CategoricalLatents, DiscreteVAE
from vae_lib.distributions import log_mean_exp
from vae_lib.estimators import (
    RunningMean,
    elbo_by,
    gradient_estimates,
    leave_one_out,
    rebar,
    relaxed,
    score_function,
    straight_through,
    vector_quantise,
    vimco_bound,
)
from vae_lib.exact.enumeration import enumerate_states, exact_elbo, exact_gradient
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianDecoder, GaussianEncoder
from vae_lib.training import fit

DOUBLE = torch.float64
SETTLED = RunningMean()
SETTLED.mean = torch.tensor(-3.0, dtype=DOUBLE)
UNBIASED = {
    "score function": (score_function, 1),
    "with a baseline": (partial(score_function, baseline=-3.0), 2),
    "leave-one-out": (leave_one_out, 5),
    "REBAR, τ = 0.5": (partial(rebar, temperature=0.5), 1),
    "REBAR, τ = 2, half of it": (partial(rebar, temperature=2.0, scale=0.5), 2),
}
BIASED = {
    "Gumbel, τ = 1": partial(relaxed, temperature=1.0),
    "straight-through, τ = 1": partial(straight_through, temperature=1.0),
}
ALL = {name: way for name, (way, _) in UNBIASED.items()} | BIASED | {"running mean": RunningMean()}


def q_of(kind):
    generator = torch.Generator().manual_seed(4)
    logits = torch.randn(2, 3, dtype=DOUBLE, generator=generator)
    return BernoulliLatents(logits[0]) if kind == "coins" else CategoricalLatents(logits)


def bent(z):
    """Neither linear nor additive in z."""
    return 4 * torch.sin(2 * z @ torch.arange(1, z.shape[-1] + 1).to(z)) - z[..., 0] * z[..., 2]


def small(kind="coins"):
    torch.manual_seed(0)
    encoder = BernoulliEncoder(5, 3, 8) if kind == "coins" else CategoricalEncoder(5, 4, 8)
    model = DiscreteVAE(encoder, BernoulliDecoder(encoder.latent_dim, 5, 8)).double()
    with torch.no_grad():
        for part in (model.encoder, model.decoder):
            part.net[-1].weight.mul_(3)
    return model, torch.randint(0, 2, (4, 5)).double()


both = pytest.mark.parametrize("kind", ["coins", "dice"])


@both
@pytest.mark.parametrize("name", UNBIASED)
def test_the_unbiased_ways_agree_with_enumeration_within_four_standard_errors(name, kind):
    (way, num_samples), q = UNBIASED[name], q_of(kind)
    torch.manual_seed(5)
    found = gradient_estimates(bent, q, q.noise((num_samples, 40_000)), way=way)
    error = found.std(0) / math.sqrt(len(found))
    assert found.shape == (40_000, *q.logits.shape)
    assert ((found.mean(0) - exact_gradient(bent, q)).abs() < 4 * error).all()


@both
@pytest.mark.parametrize("name", BIASED)
def test_the_biased_ways_do_not(name, kind):
    q = q_of(kind)
    torch.manual_seed(5)
    found = gradient_estimates(bent, q, q.noise((1, 40_000)), way=BIASED[name])
    error = found.std(0) / math.sqrt(len(found))
    assert ((found.mean(0) - exact_gradient(bent, q)).abs() > 10 * error).any()


@both
def test_the_colder_the_soft_z_the_less_bias_and_the_more_variance(kind):
    q = q_of(kind)
    torch.manual_seed(5)
    noise, told = q.noise((1, 40_000)), []
    for temperature in (2.0, 0.5, 0.1):
        found = gradient_estimates(bent, q, noise, way=partial(relaxed, temperature=temperature))
        told.append(((found.mean(0) - exact_gradient(bent, q)).norm(), found.var(0).sum()))
    biases, variances = zip(*told, strict=True)
    assert biases[0] > 1.5 * biases[1] > 3 * biases[2]
    assert 4 * variances[0] < 2 * variances[1] < variances[2]


@both
def test_where_f_is_linear_straight_through_has_the_slope_of_the_soft_z(kind):
    q = q_of(kind)
    noise, weights = q.noise((3, 20)), torch.arange(1, q.event_shape[0] + 1, dtype=DOUBLE)
    soft, hard = (
        gradient_estimates(lambda z: z @ weights, q, noise, way=partial(way, temperature=0.5))
        for way in (relaxed, straight_through)
    )
    torch.testing.assert_close(soft, hard)


@both
@pytest.mark.parametrize("name", ALL)
def test_the_value_is_f_of_a_code_or_of_the_soft_z(name, kind):
    q, seen = q_of(kind), []
    noise = q.noise((4, 6))
    batched = type(q)(q.logits.expand(6, *q.logits.shape))

    def f(z):
        seen.append(z)
        return bent(z)

    value = ALL[name](f, batched, noise)
    expected = q.relax(noise, 1.0) if name.startswith("Gumbel") else q.harden(q.relax(noise, 1.0))
    torch.testing.assert_close(seen[0], expected, rtol=1e-12, atol=0)
    torch.testing.assert_close(value, bent(expected).mean(0))
    assert len(seen) == (3 if name.startswith("REBAR") else 1)


def test_leave_one_out_weighs_each_draw_by_its_distance_to_the_others():
    q = BernoulliLatents(torch.zeros(1, dtype=DOUBLE))
    noise = torch.tensor([1.0, -1, -1], dtype=DOUBLE).reshape(3, 1, 1)  # z is 1, 0, 0
    found = gradient_estimates(lambda z: 6 * z[..., 0], q, noise, way=leave_one_out)
    # the scores are ½, −½, −½; f less the mean of the others is 6 − 0, 0 − 3, 0 − 3
    assert found.item() == pytest.approx((3 + 1.5 + 1.5) / 3)


def test_a_running_mean_begins_at_the_first_mean_and_moves_by_its_rate():
    (model, x), way = small(), RunningMean(0.25)
    values = [elbo_by(model, x, way=way) for _ in range(3)]
    kl = kl_divergence(model.encoder(x), model.prior)
    first, second, third = (value.add(kl).mean().item() for value in values)
    assert way.mean.item() == pytest.approx(0.75 * (0.75 * first + 0.25 * second) + 0.25 * third)
    with torch.no_grad():
        elbo_by(model, x, way=way)
    assert way.mean.item() == pytest.approx(0.75 * (0.75 * first + 0.25 * second) + 0.25 * third)


@both
def test_over_all_histories_of_a_running_mean_the_slope_is_exact(kind):
    q, total = q_of(kind), 0.0
    for before, now in itertools.product(q.enumerate_support(), repeat=2):
        way = RunningMean(0.5)
        _, found = (gradient_estimates(bent, q, q.noise_given(z)[None, None], way=way)[0] for z in (before, now))
        total = total + (q.log_prob(before) + q.log_prob(now)).exp() * found
    torch.testing.assert_close(total, exact_gradient(bent, q))


def test_a_running_mean_weighs_f_by_its_distance_to_earlier_f_and_moves_afterwards():
    q, way = BernoulliLatents(torch.zeros(1, dtype=DOUBLE)), RunningMean(0.25)
    found = []
    for noise in (-1.0, 1.0, 1.0):  # z is 0, 1, 1; f is 2, 8, 8; the baselines are 0, 2, 3.5
        noise = torch.full((1, 1, 1), noise, dtype=DOUBLE)
        found.append(gradient_estimates(lambda z: 2 + 6 * z[..., 0], q, noise, way=way).item())
    assert found == pytest.approx([-2 / 2, (8 - 2) / 2, (8 - 3.5) / 2])
    assert way.mean.item() == 3.5 + 0.25 * (8 - 3.5)


def test_a_running_mean_keeps_no_gradient():
    (model, x), way = small(), RunningMean()
    for _ in range(2):
        elbo_by(model, x, way=way)
        assert not way.mean.requires_grad


@pytest.mark.parametrize("rate", [0, -0.1, 1.5, float("nan")])
def test_a_rate_is_a_share(rate):
    with pytest.raises(ValueError, match="expected a rate above 0 and at most 1, got"):
        RunningMean(rate)


@both
@pytest.mark.parametrize("name", ALL)
def test_noise_of_another_shape_is_named(name, kind):
    q = q_of(kind)
    for noise in (torch.zeros(4, 1, dtype=DOUBLE), q.noise((4, 6)), q.noise(), torch.zeros((), dtype=DOUBLE)):
        with pytest.raises(
            ValueError, match=r"expected noise \[samples, \d\], as q\.noise\(\(samples,\)\) gives it, got"
        ):
            ALL[name](bent, q, noise)
    with pytest.raises(ValueError, match=r"expected noise \[samples, draws, latent\], got shape \(3,\)"):
        gradient_estimates(bent, q, torch.zeros(3), way=ALL[name])


@both
@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("f", [lambda z: bent(z)[..., None], lambda z: z.sum()])
def test_an_f_of_another_shape_is_named(name, kind, f):
    q = q_of(kind)
    with pytest.raises(ValueError, match=r"expected f to give shape \(4,\), a number a code, got \((4, 1)?\)"):
        ALL[name](f, q, q.noise((4,)))


def test_one_f_that_is_no_number_does_not_stay_in_the_running_mean():
    way, q = RunningMean(), q_of("coins")
    for height in (2.0, math.nan, 2.0):
        way(lambda z, height=height: 0 * z[..., 0] + height, q, q.noise((4,)))
    assert way.mean.item() == 2


# ----- as objectives


def gradients(value, model):
    parts = torch.autograd.grad(value, list(model.parameters()), allow_unused=True)
    return torch.cat([torch.zeros_like(p).flatten() if g is None else g.flatten() for g, p in
                      zip(parts, model.parameters(), strict=True)])  # fmt: skip


@both
@pytest.mark.parametrize("name", UNBIASED)
def test_all_weights_get_the_gradient_of_the_exact_elbo_on_average(name, kind):
    (way, num_samples), (model, x) = UNBIASED[name], small(kind)
    exact = gradients(exact_elbo(model, x).mean(), model)
    torch.manual_seed(6)
    many = x.repeat(500, 1)
    found = torch.stack([gradients(elbo_by(model, many, way=way, num_samples=num_samples).mean(), model)
                         for _ in range(40)])  # fmt: skip
    error = found.std(0) / math.sqrt(len(found))
    assert ((found.mean(0) - exact).abs() < 5 * error + 1e-12).all()  # some two hundred weights


@both
@pytest.mark.parametrize("name", [name for name in ALL if not name.startswith("Gumbel")])
def test_the_value_of_the_objective_is_the_elbo_on_average(name, kind):
    model, x = small(kind)
    torch.manual_seed(7)
    with torch.no_grad():
        values = elbo_by(model, x.repeat(4000, 1), way=ALL[name], num_samples=2).reshape(4000, 4)
        assert ((values.mean(0) - exact_elbo(model, x)).abs() < 4 * values.std(0) / math.sqrt(4000)).all()


@both
def test_vimco_has_the_bounds_value_and_its_gradient_without_bias(kind):
    model, x = small(kind)
    states = enumerate_states(model, x)
    log_w = states.log_joint - states.log_q
    # L₂, exactly: over all pairs of codes
    pairs = log_mean_exp(torch.stack(torch.broadcast_tensors(log_w[:, None], log_w[None])), 0)
    exact = ((states.log_q[:, None] + states.log_q[None]).exp() * pairs).sum((0, 1))
    torch.manual_seed(8)
    values = vimco_bound(model, x.repeat(4000, 1), num_samples=2).reshape(4000, 4)
    assert ((values.mean(0) - exact).abs() < 4 * values.std(0) / math.sqrt(4000)).all()
    found = torch.stack([gradients(vimco_bound(model, x.repeat(500, 1), num_samples=2).mean(), model)
                         for _ in range(40)])  # fmt: skip
    error = found.std(0) / math.sqrt(len(found))
    assert ((found.mean(0) - gradients(exact.mean(), model)).abs() < 5 * error + 1e-12).all()


def test_vimco_puts_the_geometric_mean_of_the_others_in_a_draws_place():
    model, x = small()
    torch.manual_seed(9)
    log_w = None

    def keep(module, given, px_z):
        nonlocal log_w
        z = given[0]
        log_w = px_z.log_prob(x) + model.prior.log_prob(z) - model.encoder(x).log_prob(z)
        model.z = z

    model.decoder.register_forward_hook(keep)
    bound = vimco_bound(model, x, num_samples=3)
    bias = model.encoder.net[-1].bias
    found = torch.autograd.grad(bound.sum(), bias, retain_graph=True)[0]
    total = log_mean_exp(log_w, 0)
    for k in range(3):
        w = log_w.exp().detach()
        others = [w[j] for j in range(3) if j != k]
        without = ((others[0] * others[1]).sqrt() + others[0] + others[1]).div(3).log()
        total = total + (bound.detach() - without) * model.encoder(x).log_prob(model.z[k])
    torch.testing.assert_close(found, torch.autograd.grad(total.sum(), bias)[0])


@pytest.mark.parametrize("objective", [partial(elbo_by, way=leave_one_out), vimco_bound])
def test_others_take_two_samples(objective):
    with pytest.raises(ValueError, match="expected at least two samples, each a baseline for the others, got 1"):
        objective(*small(), num_samples=1)


@pytest.mark.parametrize("num_samples", [0, 1.5])
def test_a_number_of_samples_is_whole_and_positive(num_samples):
    for objective in (partial(elbo_by, way=score_function), vimco_bound):
        with pytest.raises(ValueError, match="expected num_samples to be a whole number of at least 1"):
            objective(*small(), num_samples=num_samples)


@pytest.mark.parametrize("way", BIASED.values())
def test_a_temperature_is_positive_in_training_too(way):
    model, x = small()
    with pytest.raises(ValueError, match="expected a positive, finite temperature, got 0"):
        fit(model, x, objective=partial(elbo_by, way=partial(way.func, temperature=0)), num_epochs=1, batch_size=4)


@both
@pytest.mark.parametrize("name", ALL)
def test_each_way_trains_to_a_higher_exact_elbo(name, kind):
    (model, x), before = small(kind), None
    before = exact_elbo(model, x).mean().item()
    torch.manual_seed(10)
    objective = partial(elbo_by, way=ALL[name], num_samples=5)
    history = fit(model, x, objective=objective, num_epochs=60, batch_size=4, lr=0.01, x_test=x[:1])
    assert exact_elbo(model, x).mean().item() > before + 0.5
    assert {"test", "reconstruction", "kl"} < history.keys()


@pytest.mark.parametrize("objective", [partial(elbo_by, way=leave_one_out, num_samples=2),
                                       partial(vimco_bound, num_samples=2)])  # fmt: skip
def test_a_gaussian_q_and_a_row_without_a_batch_are_named(objective):
    model, x = small()
    with pytest.raises(ValueError, match=r"expected x \[batch, data\], got shape \(5,\)"):
        objective(model, x[0])
    gaussian = VAE(GaussianEncoder(5, 2, 8), BernoulliDecoder(2, 5, 8), 2).double()
    with pytest.raises(ValueError, match="expected a DiscreteVAE, whose q is over codes of zeros and ones, got q = "):
        objective(gaussian, x)
    with pytest.raises(ValueError, match="expected a q over codes of zeros and ones, as a DiscreteVAE's, got "):
        score_function(bent, gaussian.encoder(x), x)


def test_any_likelihood_will_do():
    torch.manual_seed(0)
    model = DiscreteVAE(BernoulliEncoder(5, 3, ()), GaussianDecoder(3, 5, 8))
    value = elbo_by(model, torch.randn(1, 5), way=leave_one_out, num_samples=2)
    value.mean().backward()
    assert model.encoder.net[0].weight.grad.abs().sum() > 0


# ----- vectors in the place of codes


def test_a_vector_is_the_nearest_and_its_slope_the_encoders():
    z_e = torch.tensor([[0.2, 0.1], [0.9, 1.2]], requires_grad=True)
    codebook = torch.tensor([[0.0, 0.0], [1.0, 1.0], [5.0, 5.0]], requires_grad=True)
    found = vector_quantise(z_e, codebook)
    assert found.codes.tolist() == [0, 1]
    torch.testing.assert_close(found.z, codebook[:2])
    assert found.codebook_loss.tolist() == pytest.approx([0.05, 0.05])
    (slope,) = torch.autograd.grad(found.z.square().sum(), z_e, retain_graph=True)
    torch.testing.assert_close(slope, 2 * codebook[:2])


def test_the_codebooks_loss_moves_the_codebook_alone_and_the_commitment_the_encoder_alone():
    z_e = torch.tensor([[0.2, 0.1]], requires_grad=True)
    codebook = torch.tensor([[0.0, 0.0], [1.0, 1.0]], requires_grad=True)
    found = vector_quantise(z_e, codebook)
    moved = [torch.autograd.grad(loss.sum(), (z_e, codebook), allow_unused=True)
             for loss in (found.codebook_loss, found.commitment_loss)]  # fmt: skip
    assert moved[0][0] is None
    torch.testing.assert_close(moved[0][1], torch.tensor([[-0.4, -0.2], [0.0, 0.0]]))
    torch.testing.assert_close(moved[1][0], torch.tensor([[0.4, 0.2]]))
    assert moved[1][1] is None


def test_what_has_no_nearest_vector_is_named():
    z_e, codebook = torch.zeros(2, 3), torch.ones(4, 3)
    with pytest.raises(ValueError, match="expected finite numbers in z_e, got NaN"):
        vector_quantise(z_e * math.nan, codebook)
    with pytest.raises(ValueError, match="expected finite numbers in codebook, got NaN"):
        vector_quantise(z_e, codebook / 0)
    with pytest.raises(ValueError, match="expected z_e with 3 features"):
        vector_quantise(z_e[:, :2], codebook)

"""Chapter 8: coins and dice as latents, held to torch's own densities and to what is counted by hand."""

import itertools
import math

import pytest
import torch
from torch.distributions import (
    Bernoulli,
    Independent,
    OneHotCategorical,
    RelaxedBernoulli,
    RelaxedOneHotCategorical,
    kl_divergence,
)

from vae_lib.discrete import BernoulliEncoder, BernoulliLatents, CategoricalEncoder, CategoricalLatents, DiscreteVAE
from vae_lib.evaluation import kl_per_dimension, mutual_information
from vae_lib.networks import BernoulliDecoder, GaussianEncoder
from vae_lib.objectives import elbo, importance_weighted_bound, log_weights
from vae_lib.saving import load_weights, save_weights
from vae_lib.training import fit, in_mode

DOUBLE = torch.float64


def logits(*shape):
    return torch.randn(*shape, dtype=DOUBLE, generator=torch.Generator().manual_seed(0)) * 1.5


COINS, DICE = BernoulliLatents(logits(4, 3)), CategoricalLatents(logits(4, 2, 3))
each_kind = pytest.mark.parametrize("q", [COINS, DICE], ids=["coins", "dice"])


def small(kind="coins", dtype=torch.float32):
    torch.manual_seed(0)
    encoder = BernoulliEncoder(5, 3, 8) if kind == "coins" else CategoricalEncoder(5, 4, (8, 8), num_latents=2)
    model = DiscreteVAE(encoder, BernoulliDecoder(encoder.latent_dim, 5, 8)).to(dtype)
    return model, torch.randint(0, 2, (9, 5)).to(dtype)


both_models = pytest.mark.parametrize("kind", ["coins", "dice"])


# ----- the distributions


def test_coins_have_torchs_bernoulli_density_and_moments():
    theirs, z = Independent(Bernoulli(logits=COINS.logits), 1), COINS.sample((6,))
    torch.testing.assert_close(COINS.log_prob(z), theirs.log_prob(z))
    torch.testing.assert_close(COINS.entropy(), theirs.entropy())
    torch.testing.assert_close(COINS.mean, theirs.mean)
    torch.testing.assert_close(COINS.variance, theirs.variance)


def test_dice_have_torchs_one_hot_density_and_moments_in_one_row():
    theirs, z = OneHotCategorical(logits=DICE.logits), DICE.sample((6,))
    assert z.shape == (6, 4, 6)
    assert (z.unflatten(-1, (2, 3)).sum(-1) == 1).all()
    torch.testing.assert_close(DICE.log_prob(z), theirs.log_prob(z.unflatten(-1, (2, 3))).sum(-1))
    torch.testing.assert_close(DICE.entropy(), theirs.entropy().sum(-1))
    torch.testing.assert_close(DICE.mean, theirs.mean.flatten(-2))
    torch.testing.assert_close(DICE.variance, theirs.variance.flatten(-2))


@each_kind
def test_the_codes_are_all_there_once_and_their_probabilities_sum_to_1(q):
    codes = q.enumerate_support()
    assert codes.shape == (q.num_states, 4, q.event_shape[0])
    assert len(codes[:, 0].unique(dim=0)) == q.num_states
    torch.testing.assert_close(q.log_prob(codes).logsumexp(0), torch.zeros(4, dtype=DOUBLE))
    torch.testing.assert_close((q.log_prob(codes).exp()[..., None] * codes).sum(0), q.mean)
    assert torch.equal(q.enumerate_support(expand=False).expand_as(codes), codes)


@each_kind
def test_the_kl_to_one_row_of_logits_is_the_sum_over_all_codes(q):
    p, codes = type(q)(logits(*q.logits.shape[1:]).flip(-1)), q.enumerate_support()
    log_q = q.log_prob(codes)
    torch.testing.assert_close(kl_divergence(q, p), (log_q.exp() * (log_q - p.log_prob(codes))).sum(0))


def test_the_kl_of_a_sure_coin_is_log_2_and_of_a_sure_die_log_k():
    coin = kl_divergence(BernoulliLatents(torch.tensor([[200.0]])), BernoulliLatents(torch.zeros(1)))
    die = kl_divergence(CategoricalLatents(torch.tensor([[[200.0, 0, 0]]])), CategoricalLatents(torch.zeros(1, 3)))
    assert (coin.item(), die.item()) == pytest.approx((math.log(2), math.log(3)))


@each_kind
def test_hardened_noise_has_the_law_of_a_draw_at_every_temperature(q):
    torch.manual_seed(1)
    noise = q.noise((40_000,))
    hard = q.harden(q.relax(noise, 0.3))
    assert torch.equal(hard, q.harden(q.relax(noise, 2.0)))
    assert ((hard.mean(0) - q.mean).abs() < 4.5 * (q.variance / 40_000).sqrt()).all()


@each_kind
def test_soft_draws_have_torchs_relaxed_density(q):
    """∫ density over a box = share of draws: held by the mean of log-density, which is minus the entropy for both."""
    torch.manual_seed(2)
    if q is COINS:
        theirs = Independent(RelaxedBernoulli(torch.tensor(0.7, dtype=DOUBLE), logits=q.logits), 1)
    else:
        theirs = Independent(RelaxedOneHotCategorical(torch.tensor(0.7, dtype=DOUBLE), logits=q.logits), 1)
    ours, drawn = q.relax(q.noise((20_000,)), 0.7), theirs.rsample((20_000,))
    ours = ours if q is COINS else ours.unflatten(-1, (2, 3))
    for statistic in (theirs.log_prob, lambda z: z.flatten(2).square().sum(-1)):
        a, b = statistic(ours), statistic(drawn)
        assert ((a.mean(0) - b.mean(0)).abs() < 4.5 * ((a.var(0) + b.var(0)) / 20_000).sqrt()).all()


@each_kind
def test_noise_given_a_code_leads_to_it_and_over_codes_is_the_noise(q):
    torch.manual_seed(3)
    z = q.sample((40_000,))
    tied, free = q.noise_given(z), q.noise((40_000,))
    assert torch.equal(q.harden(q.relax(tied, 1.0)), z)
    for statistic in (lambda n: n, torch.square, torch.tanh, lambda n: n * n.roll(1, -1)):
        a, b = statistic(tied), statistic(free)
        assert ((a.mean(0) - b.mean(0)).abs() < 4.5 * ((a.var(0) + b.var(0)) / 40_000).sqrt()).all()


@each_kind
@pytest.mark.parametrize("temperature", [0, -1.0, float("nan"), float("inf")])
def test_a_temperature_is_positive(q, temperature):
    with pytest.raises(ValueError, match="expected a positive, finite temperature, got"):
        q.relax(q.noise(), temperature)


@each_kind
def test_log_q_of_a_soft_z_is_refused(q):
    with pytest.raises(ValueError, match=r"expected a z of zeros and ones, got 0\.\d+ .*soft z is not defined"):
        q.log_prob(q.relax(q.noise(), 0.5))
    with pytest.raises(ValueError, match=r"expected z with \d features in the last axis"):
        q.log_prob(q.sample()[..., :1])


@each_kind
def test_another_width_never_broadcasts(q):
    one, width = torch.zeros(4, 1, dtype=DOUBLE), rf"expected .* with {q.event_shape[0]} features in the last axis"
    for use in (q.log_prob, q.harden, q.noise_given, lambda noise: q.relax(noise, 0.5)):
        with pytest.raises(ValueError, match=width):
            use(one)
    with pytest.raises(ValueError, match=r"expected z of shape \[\.\.\., 4, \d\], got \(\d,\)"):
        q.noise_given(q.sample()[0])


def test_a_kl_is_between_codes_of_one_kind():
    coins, dice = BernoulliLatents(torch.zeros(6)), CategoricalLatents(torch.zeros(2, 3))
    others = (
        BernoulliLatents(torch.zeros(1)),
        CategoricalLatents(torch.zeros(1, 3)),
        CategoricalLatents(torch.zeros(3, 2)),
    )
    for q, p in itertools.combinations((coins, dice, *others), 2):
        with pytest.raises(
            ValueError, match=r"expected a KL between codes of one kind, got \w+ with logits \[\.\.\., \d"
        ):
            kl_divergence(q, p)


@each_kind
def test_the_noise_given_a_code_wants_a_code(q):
    with pytest.raises(ValueError, match="expected a z of zeros and ones"):
        q.noise_given(q.relax(q.noise(), 0.5))


@pytest.mark.parametrize("z", [[1.0, 1, 0, 0, 0, 1], [0.0] * 6])
def test_a_die_shows_one_face(z):
    for use in (DICE.log_prob, DICE.noise_given):
        with pytest.raises(ValueError, match="expected a z with a single 1 a die, got none or several"):
            use(torch.tensor(z, dtype=DOUBLE).expand(4, 6))


@each_kind
def test_what_is_no_number_is_not_hardened(q):
    with pytest.raises(ValueError, match="expected numbers in a soft z, got NaN"):
        q.harden(q.sample() * math.nan)


@each_kind
def test_a_batch_can_be_expanded(q):
    more = q.expand((2, 4))
    assert more.sample().shape == (2, 4, q.event_shape[0])
    torch.testing.assert_close(more.entropy(), q.entropy().expand(2, 4))


def test_infinite_logits_are_refused_but_for_a_face_that_never_shows():
    for infinite in (math.inf, -math.inf):
        with pytest.raises(ValueError, match="expected finite logits, got infinity"):
            BernoulliLatents(torch.tensor([0.0, infinite]))
    never = CategoricalLatents(torch.tensor([[0.0, -math.inf]]))
    assert kl_divergence(never, CategoricalLatents(torch.zeros(1, 2))).item() == pytest.approx(math.log(2))
    for others in ([[0.0, math.inf]], [[-math.inf, -math.inf]]):
        with pytest.raises(ValueError, match=r"(?s)parameter logits .* found invalid values"):
            CategoricalLatents(torch.tensor(others))


@each_kind
def test_all_is_of_the_logits_dtype(q):
    single = type(q)(q.logits.float())
    made = single.sample(), single.noise(), single.noise_given(single.sample()), single.enumerate_support()
    assert {each.dtype for each in (*made, single.relax(single.noise(), 0.5), single.mean)} == {torch.float32}


# ----- the model


@both_models
def test_without_gradients_every_bound_takes_the_model_unchanged(kind):
    model, x = small(kind)
    with torch.no_grad():
        assert elbo(model, x).shape == (9,)
        assert elbo(model, x[:1]).shape == (1,)
        assert log_weights(model, x, 7).shape == (7, 9)
        assert importance_weighted_bound(model, x, num_samples=7).shape == (9,)


@both_models
@pytest.mark.parametrize("objective", [elbo, lambda model, x: log_weights(model, x, 3)[0]])
def test_with_gradients_a_way_to_the_slope_is_asked_for(kind, objective):
    model, x = small(kind)
    with pytest.raises(ValueError, match=r"expected torch\.no_grad\(\), or a way to the slope.*leave_one_out"):
        objective(model, x)
    with pytest.raises(ValueError, match="a way to the slope"):
        fit(model, x, objective=objective, num_epochs=1, batch_size=3)


def test_the_prior_is_uniform_or_as_told():
    model, _ = small("dice")
    assert model.prior.log_prob(model.prior.enumerate_support()).tolist() == pytest.approx([-2 * math.log(4)] * 16)
    told = DiscreteVAE(model.encoder, model.decoder, prior_logits=torch.tensor([0.0, 1, 2, 3] * 2))
    assert told.prior.mean[:4].tolist() == pytest.approx(torch.tensor([0.0, 1, 2, 3]).softmax(0).tolist())
    with pytest.raises(ValueError, match=r"expected prior_logits \[8\], a tensor, got shape \(4,\)"):
        DiscreteVAE(model.encoder, model.decoder, prior_logits=torch.zeros(4))


@both_models
def test_it_draws_and_reconstructs_from_codes_alone(kind):
    model, x = small(kind)
    seen = []
    model.decoder.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    assert model.sample(7).sample().shape == (7, 5)
    assert model.reconstruct(x).mean.shape == (9, 5)
    assert all(((z == 0) | (z == 1)).all() for z in seen)
    log_q = model.encoder(x).log_prob
    assert (log_q(seen[1]) >= log_q(model.prior.sample((200, 9))).amax(0) - 1e-6).all()  # the likeliest of 200
    per_latent = 1 if kind == "coins" else 4
    assert (seen[1].unflatten(-1, (-1, per_latent)).sum(-1) <= 1).all()


@both_models
def test_what_each_latent_costs_is_at_most_the_log_of_its_faces(kind):
    model, x = small(kind)
    with torch.no_grad():
        model.encoder.net[-1].weight.mul_(1000)
    kl = kl_per_dimension(model, x)
    assert kl.shape == ((3,) if kind == "coins" else (2,))
    assert (kl <= math.log(2 if kind == "coins" else 4) + 1e-6).all()
    assert mutual_information(model, x, num_samples=5).mean <= math.log(9) + 1e-5


@both_models
def test_it_computes_in_float64_and_is_saved_with_its_prior(kind, tmp_path):
    model, x = small(kind, DOUBLE)
    with torch.no_grad():
        assert elbo(model, x).dtype == DOUBLE
    prior_logits = torch.arange(model.encoder.latent_dim, dtype=DOUBLE)
    saved = DiscreteVAE(model.encoder, model.decoder, prior_logits=prior_logits)
    save_weights(saved, tmp_path / "model.pt")
    other, _ = small(kind, DOUBLE)
    assert torch.equal(load_weights(other, tmp_path / "model.pt").prior_logits.flatten(), prior_logits)


def made(encoder):
    return DiscreteVAE(encoder, BernoulliDecoder(encoder.latent_dim, 5, 8))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (lambda: BernoulliEncoder(5, 3, 8), lambda: CategoricalEncoder(5, 3, 8)),
        (lambda: CategoricalEncoder(5, 3, 8, num_latents=2), lambda: CategoricalEncoder(5, 2, 8, num_latents=3)),
    ],
)
def test_weights_of_other_latents_are_not_taken_for_these(one, other, tmp_path):
    save_weights(made(one()), tmp_path / "model.pt")
    with pytest.raises(ValueError, match=r"expected prior_logits of shape .* got \("):
        load_weights(made(other()), tmp_path / "model.pt")
    load_weights(made(one()), tmp_path / "model.pt")


def test_an_encoder_of_no_codes_and_no_such_prior_are_named():
    model, _ = small()
    with pytest.raises(ValueError, match="expected a BernoulliEncoder or a CategoricalEncoder, got a GaussianEncoder"):
        DiscreteVAE(GaussianEncoder(5, 3, 8), model.decoder)
    for wrong, got in (([0.0] * 3, "got a list"), (torch.zeros(3).long(), "finite floats"),
                       (torch.full((3,), -math.inf), "finite floats")):  # fmt: skip
        with pytest.raises(ValueError, match=got):
            DiscreteVAE(model.encoder, model.decoder, prior_logits=wrong)


def test_on_another_device_all_parts_follow():
    model, x = small()
    model = model.to("meta")  # has shapes and a device, and no numbers, which could be checked
    with in_mode(model, train=True, validate=False):
        assert model.prior.enumerate_support().device.type == "meta"
        assert model.encoder(x.to("meta")).noise((2,)).device.type == "meta"


@both_models
def test_a_wrong_input_is_named(kind):
    model, x = small(kind)
    with pytest.raises(ValueError, match="expected x with 5 features"):
        model.encoder(x[:, :4])
    with pytest.raises(ValueError, match=r"expected pixels that are 0 or 1, got 0\.5"), torch.no_grad():
        elbo(model, x / 2)
    with pytest.raises(ValueError, match="agree on latent_dim"):
        DiscreteVAE(model.encoder, BernoulliDecoder(7, 5, 8))


@pytest.mark.parametrize("make", [lambda: BernoulliEncoder(5, 0, 8), lambda: CategoricalEncoder(5, 0, 8)])
def test_a_size_is_at_least_1(make):
    with pytest.raises(ValueError, match="to be a whole number of at least 1, got 0"):
        make()

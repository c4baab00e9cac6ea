"""Chapter 9: a Gaussian with a tridiagonal precision, held to the dense one; priors and a VAE over chains."""

import math
from functools import partial

import pytest
import torch
from torch.distributions import Bernoulli, Independent, Laplace, MultivariateNormal, Normal, kl_divergence

from vae_lib.chains import (
    AutoregressivePrior,
    ChainDecoder,
    ChainEncoder,
    ChainVAE,
    MarkovPrior,
    TridiagonalNormal,
)
from vae_lib.evaluation import kl_per_dimension
from vae_lib.networks import GaussianEncoder
from vae_lib.objectives import elbo, importance_weighted_bound, log_weights
from vae_lib.saving import load_weights, save_weights
from vae_lib.training import fit, in_mode

DOUBLE = torch.float64
close = partial(torch.testing.assert_close, atol=1e-10, rtol=1e-10)


def random_chain(*batch, num_steps=7, dtype=DOUBLE, seed=0):
    torch.manual_seed(seed)
    loc, diagonal = torch.randn(*batch, num_steps, dtype=dtype), 0.7 + torch.rand(*batch, num_steps, dtype=dtype)
    return TridiagonalNormal(loc, diagonal, 0.6 * torch.randn(*batch, num_steps - 1, dtype=dtype))


def dense(p):
    factor = torch.diag_embed(p.diagonal) + torch.diag_embed(p.below, -1)
    return MultivariateNormal(p.loc, precision_matrix=factor @ factor.mT)


Q, P = random_chain(4), random_chain(seed=1)
PRIORS = {"linear": AutoregressivePrior, "deep": partial(MarkovPrior, hidden_dim=5)}
each_prior = pytest.mark.parametrize("prior", PRIORS)


def small(prior="deep", *, encoder=ChainEncoder, dtype=torch.float32):
    torch.manual_seed(0)
    model = ChainVAE(encoder(12, 4, 8), ChainDecoder(4, 12, 6), PRIORS[prior](4)).to(dtype)
    return model, torch.randint(0, 2, (9, 12)).to(dtype)


# ----- the Gaussian


def test_density_entropy_and_moments_are_those_of_the_dense_gaussian():
    z = Q.sample((5,))
    close(Q.log_prob(z), dense(Q).log_prob(z))
    close(Q.entropy(), dense(Q).entropy())
    close(Q.variance, dense(Q).variance)
    close(Q.stddev, dense(Q).variance.sqrt())
    close(Q.neighbour_covariance, dense(Q).covariance_matrix.diagonal(1, -2, -1))
    assert Q.mean is Q.loc


def test_its_precision_is_tridiagonal_and_the_factor_is_the_precisions_not_the_covariances():
    precision = dense(Q).precision_matrix
    close(Q.precision_diagonal, precision.diagonal(0, -2, -1))
    close(Q.precision_off_diagonal, precision.diagonal(1, -2, -1))
    close(torch.linalg.cholesky(precision).diagonal(0, -2, -1), Q.diagonal)
    assert precision.triu(2).abs().max() < 1e-10
    assert (torch.linalg.cholesky(dense(Q).covariance_matrix).diagonal(0, -2, -1) - Q.diagonal).abs().min() > 1e-3


@pytest.mark.parametrize("p", [P, Q], ids=["one for all rows", "one a row"])
def test_the_kl_is_the_dense_one_and_0_to_itself(p):
    close(kl_divergence(Q, p), kl_divergence(dense(Q), dense(p)))
    close(kl_divergence(p, p), torch.zeros(p.batch_shape, dtype=DOUBLE))


def test_draws_are_the_dense_gaussians_given_the_same_noise():
    """z − loc = C⁻ᵀ ε: so Cᵀ (z − loc) is the noise itself."""
    torch.manual_seed(3)
    z = Q.rsample((2,))
    torch.manual_seed(3)
    eps = torch.randn(2, 4, 7, dtype=DOUBLE)
    factor = torch.diag_embed(Q.diagonal) + torch.diag_embed(Q.below, -1)
    close((factor.mT @ (z - Q.loc)[..., None])[..., 0], eps)
    close(Q.whiten(z - Q.loc), eps)


def test_a_draws_slope_reaches_all_three_parameters():
    loc, diagonal, below = (part[:1].clone().requires_grad_() for part in (Q.loc, Q.diagonal, Q.below))

    def draw(*parameters):
        torch.manual_seed(0)
        return TridiagonalNormal(*parameters).rsample()

    assert torch.autograd.gradcheck(draw, (loc, diagonal, below))


def test_from_precision_finds_the_factor():
    made = TridiagonalNormal.from_precision(Q.loc, Q.precision_diagonal, Q.precision_off_diagonal)
    close(made.diagonal, Q.diagonal)
    close(made.below, Q.below)


def test_without_neighbours_it_is_a_diagonal_gaussian_whose_kl_to_a_chain_is_known_too():
    q = TridiagonalNormal(Q.loc, Q.diagonal, torch.zeros_like(Q.below))
    theirs, z = Independent(Normal(Q.loc, 1 / Q.diagonal), 1), Q.sample()
    close(q.log_prob(z), theirs.log_prob(z))
    close(q.variance, theirs.variance)
    close(kl_divergence(theirs, P), kl_divergence(dense(q), dense(P)))


@pytest.mark.parametrize("batch", [(), (1,), (2, 3)])
def test_one_step_is_a_normal(batch):
    p = random_chain(*batch, num_steps=1)
    z = p.sample((5,))
    close(p.log_prob(z), Normal(p.loc, 1 / p.diagonal).log_prob(z)[..., 0])
    close(p.variance, p.diagonal**-2)
    close(kl_divergence(p, p), torch.zeros(batch, dtype=DOUBLE))
    close(TridiagonalNormal.from_precision(p.loc, p.precision_diagonal, p.precision_off_diagonal).diagonal, p.diagonal)


def test_expanded_it_is_the_same_chain():
    p = P.expand((3, 4))
    assert (p.batch_shape, p.sample((2,)).shape) == ((3, 4), (2, 3, 4, 7))
    close(p.log_prob(Q.loc), P.log_prob(Q.loc).expand(3, 4))


def test_float32_keeps_its_sort_and_its_digits():
    q = TridiagonalNormal(Q.loc.float(), Q.diagonal.float(), Q.below.float())
    assert {q.rsample().dtype, q.variance.dtype, kl_divergence(q, q).dtype} == {torch.float32}
    torch.testing.assert_close(q.log_prob(Q.loc.float()).double(), Q.log_prob(Q.loc), atol=1e-4, rtol=1e-5)


def count_operations(function) -> int:
    with torch.autograd.profiler.profile() as profile:
        function()
    return sum(event.count for event in profile.key_averages() if event.key.startswith("aten::"))


@pytest.mark.parametrize(
    "ask",
    [
        lambda p: p.rsample(),
        lambda p: p.variance,
        lambda p: kl_divergence(p, p),
        lambda p: p.from_precision(p.loc, p.precision_diagonal, p.precision_off_diagonal),
    ],
    ids=["draw", "variance", "KL", "factor"],
)
def test_twice_the_steps_take_twice_the_operations(ask):
    """Counted, not timed: each is one of vectors without T, or of few numbers a step."""
    few, twice, four = (count_operations(partial(ask, random_chain(num_steps=num))) for num in (50, 100, 200))
    assert four - twice == pytest.approx(2 * (twice - few), rel=0.02)


def test_a_thousand_steps_make_no_matrix():
    """A dense one would have a million numbers."""
    p, sizes = random_chain(num_steps=1000), []

    class Sizes(torch.overrides.TorchFunctionMode):
        def __torch_function__(self, function, types, args=(), kwargs=None):
            out = function(*args, **(kwargs or {}))
            sizes.extend([out.numel()] if isinstance(out, torch.Tensor) else [])
            return out

    with Sizes():
        p.log_prob(p.rsample()), p.variance, kl_divergence(p, p)
    assert max(sizes) == 1000


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (
            (torch.zeros(3), torch.ones(3), torch.zeros(3)),
            r"one less off the diagonal, got shapes \(3,\), \(3,\), \(3,\)",
        ),
        ((torch.zeros(3), torch.ones(4), torch.zeros(2)), "got shapes"),
        ((torch.zeros(0), torch.ones(0), torch.zeros(0)), "got shapes"),
        ((torch.zeros(()), torch.ones(()), torch.zeros(0)), "got shapes"),
        ((torch.zeros(3), -torch.ones(3), torch.zeros(2)), "diagonal"),
        ((torch.zeros(3), torch.zeros(3), torch.zeros(2)), "diagonal"),
        ((torch.zeros(3), torch.full((3,), math.inf), torch.zeros(2)), "finite diagonal"),
        ((torch.full((3,), math.nan), torch.ones(3), torch.zeros(2)), "loc"),
        ((torch.zeros(3), torch.ones(3), torch.full((2,), math.nan)), "below"),
    ],
)
def test_what_is_no_tridiagonal_gaussian_is_refused(parts, words):
    with pytest.raises(ValueError, match=words):
        TridiagonalNormal(*parts)


def test_a_precision_that_is_none_a_z_of_another_length_and_a_kl_of_two_lengths_are_refused():
    for diagonal in (torch.ones(3), torch.tensor([-1.0, 1, 1]), torch.full((3,), math.nan)):
        with pytest.raises(ValueError, match="positive definite"):
            TridiagonalNormal.from_precision(torch.zeros(3), diagonal, torch.ones(2))
    with pytest.raises(ValueError, match="must match event_shape"):
        P.log_prob(torch.zeros(6, dtype=DOUBLE))
    with pytest.raises(ValueError, match="two chains of one length, got 7 and 6 steps"):
        kl_divergence(P, random_chain(num_steps=6))
    ones = torch.ones(2, 7, dtype=DOUBLE)
    for q in (
        Independent(Laplace(0 * ones, ones), 1),
        Independent(Bernoulli(ones / 2), 1),
        Independent(Normal(0 * ones, ones), 2),
    ):
        with pytest.raises(NotImplementedError, match=r"Independent\(Normal, 1\) beside a chain, got Independent\("):
            kl_divergence(q, P)


# ----- priors


def test_the_linear_prior_steps_by_its_own_transition_and_each_state_is_standard():
    prior = AutoregressivePrior(6).double()
    z = prior().sample((4,))
    by_steps = prior.start().log_prob(z[..., 0]) + prior.transition(z[..., :-1]).log_prob(z[..., 1:]).sum(-1)
    close(prior().log_prob(z), by_steps)
    close(prior().variance, torch.ones(6, dtype=DOUBLE))
    close(prior().neighbour_covariance, torch.tanh(prior.raw).expand(5))


@each_prior
def test_a_priors_draws_have_its_mean_and_its_density_sums_to_1(prior):
    torch.manual_seed(0)
    chain = PRIORS[prior](2).double()
    with torch.no_grad():
        z = chain().sample((40_000,))
        assert ((z.mean(0) - chain().mean).abs() < 5 * z.std(0) / 200).all()
        points = torch.linspace(-9, 9, 301, dtype=DOUBLE)
        grid = torch.cartesian_prod(points, points)
        assert (chain().log_prob(grid).exp().sum() * 0.06**2).item() == pytest.approx(1, abs=1e-6)


def test_the_kl_to_a_deep_prior_is_right_on_average():
    """Where the deep prior is made linear, the closed form tells what the mean must be."""
    linear, deep = AutoregressivePrior(7).double(), MarkovPrior(7, 3).double()
    with torch.no_grad():
        a = torch.tanh(linear.raw)
        deep.a.copy_(a)
        deep.net[-1].weight.zero_()
        deep.net[-1].bias.copy_(torch.stack([torch.zeros_like(a), (1 - a**2).log()]))
        torch.manual_seed(0)
        draws = kl_divergence(Q.expand((4000, 4)), deep())
        close(deep().log_prob(Q.loc), linear().log_prob(Q.loc))
    error = draws.std(0) / 4000**0.5
    assert ((draws.mean(0) - kl_divergence(Q, linear())).abs() < 5 * error).all()


def test_the_mean_of_a_deep_prior_that_wanders_far_is_right():
    deep = MarkovPrior(5, 3).double()
    with torch.no_grad():
        deep.net[-1].weight.zero_()
        deep.net[-1].bias.copy_(torch.tensor([10.0, 0.0]))
        deep.a.fill_(1.0)
        close(deep().mean, 10 * torch.arange(5, dtype=DOUBLE), atol=0.1, rtol=0)
        state = torch.random.get_rng_state()
        assert torch.equal(deep().mean, deep().mean)
    assert torch.equal(torch.random.get_rng_state(), state)


def test_the_kl_by_one_draw_has_the_slope_of_its_draw():
    """Of one draw z: d log q(z) is by z too, without which q's spread would have another slope."""
    deep, sd = MarkovPrior(1, 3).double(), torch.tensor([0.5], dtype=DOUBLE, requires_grad=True)
    q = TridiagonalNormal(torch.zeros(1, dtype=DOUBLE), 1 / sd, torch.zeros(0, dtype=DOUBLE))
    torch.manual_seed(0)
    (slope,) = torch.autograd.grad(kl_divergence(q, deep()), sd)
    torch.manual_seed(0)
    eps = q.rsample().detach() / sd.detach()
    close(slope, -1 / sd.detach() + eps.square() * sd.detach())  # of −log σ − ½ ε² + ½ (σ ε)²


# ----- encoder, decoder, VAE


@each_prior
@pytest.mark.parametrize("encoder", [ChainEncoder, GaussianEncoder])
@pytest.mark.parametrize("dtype", [torch.float32, DOUBLE])
def test_objectives_take_a_chain_and_either_encoder_unchanged(prior, encoder, dtype):
    model, x = small(prior, encoder=encoder, dtype=dtype)
    for rows in (x, x[:1]):
        assert elbo(model, rows).shape == (len(rows),)
        assert elbo(model, rows).dtype == dtype
        assert log_weights(model, rows, 5).shape == (5, len(rows))
        assert importance_weighted_bound(model, rows, num_samples=5).shape == (len(rows),)
    assert model.sample(3).mean.shape == (3, 12)
    assert model.reconstruct(x).mean.shape == (9, 12)


@each_prior
def test_training_raises_the_bound_and_reaches_every_parameter(prior):
    model, x = small(prior)
    before = {name: each.clone() for name, each in model.named_parameters()}
    history = fit(model, x, x_test=x, num_epochs=30, batch_size=3, lr=1e-2)
    assert history["train"][-1] > history["train"][0]
    assert all((each != before[name]).any() for name, each in model.named_parameters())


@each_prior
def test_the_mean_of_the_elbo_is_that_of_the_log_weights(prior):
    model, x = small(prior, dtype=DOUBLE)
    with torch.no_grad():
        torch.manual_seed(0)
        one = elbo(model, x[:2].repeat(8000, 1)).reshape(8000, 2)
        other = log_weights(model, x[:2], 8000)
    error = (one.var(0) / 8000 + other.var(0) / 8000).sqrt()
    assert ((one.mean(0) - other.mean(0)).abs() < 5 * error).all()


def test_the_chain_encoders_slopes_say_how_a_mean_moves_with_the_next_state():
    model, x = small()
    qz_x, raw = model.encoder(x), model.encoder.net(x)
    covariance, variance = qz_x.neighbour_covariance, qz_x.variance
    torch.testing.assert_close(covariance / variance[:, 1:], raw[:, 8:])
    torch.testing.assert_close(variance[:, -1], raw[:, 7].exp())


def test_each_step_of_the_decoder_hangs_on_its_own_state_alone():
    decoder, z = ChainDecoder(4, 12, 6), torch.randn(1, 4)
    moved = z.clone()
    moved[0, 2] += 1
    changed = (decoder(z).mean != decoder(moved).mean).reshape(4, 3).any(1)
    assert changed.tolist() == [False, False, True, False]


def test_a_chain_is_one_latent_whose_kl_is_the_whole():
    model, x = small("linear")
    torch.testing.assert_close(kl_per_dimension(model, x), kl_divergence(model.encoder(x), model.prior).mean(0, True))


@each_prior
def test_weights_survive_a_file_and_another_kind_of_q_is_told(prior, tmp_path):
    model, x = small(prior)
    save_weights(model, tmp_path / "chain.pt")
    fresh = small(prior)[0]
    torch.nn.init.normal_(fresh.encoder.net[0].weight)
    load_weights(fresh, tmp_path / "chain.pt")
    assert torch.equal(fresh.encoder(x).variance, model.encoder(x).variance)
    with pytest.raises(ValueError, match=r"encoder.net.2.weight of shape \(8, 8\)"):
        load_weights(small(prior, encoder=GaussianEncoder)[0], tmp_path / "chain.pt")


def test_without_validation_the_numbers_are_the_same():
    model, x = small()
    torch.manual_seed(0)
    checked = elbo(model, x)
    with in_mode(model, train=True, validate=False):
        torch.manual_seed(0)
        assert torch.equal(elbo(model, x), checked)


def test_sizes_that_do_not_fit_are_refused():
    for make in (lambda: ChainEncoder(12, 0, 8), lambda: ChainDecoder(4, 0, 8), lambda: MarkovPrior(0, 3)):
        with pytest.raises(ValueError, match="whole number of at least 1"):
            make()
    with pytest.raises(ValueError, match="multiple of num_steps, 5, got 12"):
        ChainDecoder(5, 12, 8)
    with pytest.raises(ValueError, match=r"agree on latent_dim, got \[4, 4, 3\]"):
        ChainVAE(ChainEncoder(12, 4, 8), ChainDecoder(4, 12, 6), MarkovPrior(3, 5))
    model, x = small()
    for bad in (x[:, :11], x[:0]):
        with pytest.raises(ValueError, match="x with 12 features"):
            elbo(model, bad)
    with pytest.raises(ValueError, match="pixels that are 0 or 1"):
        elbo(model, x / 2)

"""Chapters 4 and 5: the referee, refereed: scikit-learn, dense Gaussians, conditioning by blocks, and torch's KL."""

import functools
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from torch.distributions import MultivariateNormal, kl_divergence

from vae_lib.exact.linear_gaussian import ElboOfQ, LinearEncoder, LinearGaussianVAE
from vae_lib.networks import GaussianEncoder
from vae_lib.objectives import elbo, elbo_terms, importance_weighted_bound, log_weights
from vae_lib.training import fit

OPTIMUM = {2: 0.005707, 8: 14.209788, 16: 23.929443}  # nats an image, all 1797 digits / 16


@functools.cache
def all_digits():
    return torch.tensor(load_digits().data) / 16


def random_model(data_dim=5, latent_dim=3, seed=0, sigma=0.6):
    generator = torch.Generator().manual_seed(seed)
    weight, mean = (
        torch.randn(size, generator=generator, dtype=torch.float64) for size in ((data_dim, latent_dim), (data_dim,))
    )
    return LinearGaussianVAE(weight, mean, sigma)


def rows(model, num=4):
    return model.mean.detach() + 1.5 * torch.randn(num, len(model.mean), dtype=torch.float64)


def as_full(q):
    return MultivariateNormal(q.mean, torch.diag_embed(q.variance))


def joint(model):
    """Mean and covariance of (z, x), written out by blocks."""
    W = model.weight.detach()
    data_dim, latent_dim = W.shape
    cov_x = W @ W.T + model.noise_std.detach() ** 2 * torch.eye(data_dim, dtype=W.dtype)
    return torch.eye(latent_dim, dtype=W.dtype), W, cov_x


# ----- the optimum


@pytest.mark.parametrize("latent_dim", OPTIMUM)
def test_at_the_optimum_the_elbo_is_the_log_likelihood_of_the_digits(latent_dim):
    model = LinearGaussianVAE.from_pca(all_digits(), latent_dim)
    log_px, expected_elbo = model.log_likelihood(all_digits()), model.expected_elbo(all_digits())
    assert log_px.shape == expected_elbo.shape == (1797,)
    assert log_px.mean().item() == pytest.approx(OPTIMUM[latent_dim], abs=1e-6)
    torch.testing.assert_close(expected_elbo, log_px, rtol=0, atol=1e-9)


@pytest.mark.parametrize("latent_dim", OPTIMUM)
def test_scikit_learn_lies_a_little_below_because_it_divides_by_n_minus_1(latent_dim):
    score = PCA(latent_dim, svd_solver="full").fit(all_digits()).score(all_digits())
    assert (
        4e-6 < LinearGaussianVAE.from_pca(all_digits(), latent_dim).log_likelihood(all_digits()).mean() - score < 6e-6
    )


@pytest.mark.parametrize("latent_dim", OPTIMUM)
def test_with_scikit_learns_parameters_both_agree_to_1e_10(latent_dim):
    pca = PCA(latent_dim, svd_solver="full").fit(all_digits())
    scale = (pca.explained_variance_ - pca.noise_variance_) ** 0.5
    model = LinearGaussianVAE(
        torch.tensor(pca.components_.T * scale), torch.tensor(pca.mean_), math.sqrt(pca.noise_variance_)
    )
    expected = torch.tensor(pca.score_samples(all_digits()))
    torch.testing.assert_close(model.log_likelihood(all_digits()), expected, rtol=0, atol=1e-10)


def test_kl_at_the_optimum_is_half_the_log_of_each_eigenvalue_over_the_noise():
    model = LinearGaussianVAE.from_pca(all_digits(), 2)
    kl = kl_divergence(model.encoder(all_digits()).base_dist, model.prior.base_dist).mean(0)
    eigenvalues = torch.linalg.eigvalsh(torch.cov(all_digits().T, correction=0)).flip(0)
    torch.testing.assert_close(kl, 0.5 * (eigenvalues[:2] / eigenvalues[2:].mean()).log(), rtol=1e-9, atol=0)
    assert kl.tolist() == pytest.approx([1.279, 1.235], abs=5e-4)


@pytest.mark.parametrize("latent_dim", [1, 3, 5])
def test_the_optimum_is_stationary_and_no_nearby_model_is_better(latent_dim):
    x = torch.randn(200, 6, dtype=torch.float64) @ torch.randn(6, 6, dtype=torch.float64)
    model = LinearGaussianVAE.from_pca(x, latent_dim)
    best = model.log_likelihood(x).mean()
    best.backward()
    for parameter in model.decoder.parameters():
        torch.testing.assert_close(parameter.grad, torch.zeros_like(parameter), rtol=0, atol=1e-10)
    for _ in range(20):
        weight, mean = (value + 0.05 * torch.randn_like(value) for value in (model.weight, model.mean))
        other = LinearGaussianVAE(
            weight.detach(), mean.detach(), model.noise_std.item() * math.exp(0.1 * torch.randn(()).item())
        )
        assert other.log_likelihood(x).mean() < best


def test_from_pca_keeps_order_sign_and_dtype():
    model = LinearGaussianVAE.from_pca(all_digits().float(), 4)
    assert (
        model.weight.dtype
        == model.prior.mean.dtype
        == model.encoder(all_digits()[:1].float()).mean.dtype
        == torch.float32
    )
    lengths = model.weight.norm(dim=0)
    assert lengths.tolist() == sorted(lengths.tolist(), reverse=True)
    assert (model.weight.gather(0, model.weight.abs().argmax(0, keepdim=True)) > 0).all()
    assert model.log_likelihood(all_digits().float()).mean().item() == pytest.approx(6.8303, abs=1e-3)


def test_a_linear_vae_trained_by_fit_comes_within_a_twentieth_of_a_nat():
    x = all_digits().float()
    model = LinearGaussianVAE(0.1 * torch.randn(64, 2), x.mean(0), 0.3)
    fit(model, x, num_epochs=30, batch_size=64, lr=1e-2)
    fit(model, x, num_epochs=20, batch_size=128, lr=1e-3)
    trained = model.double().expected_elbo(all_digits()).mean().item()
    assert OPTIMUM[2] - 0.05 < trained < OPTIMUM[2]


@given(st.integers(2, 6), st.data())
def test_the_optimum_has_the_closed_form_of_tipping_and_bishop(data_dim, data):
    """Their equation 8: the mean log p(x) is −½ (D log 2π + Σ log λⱼ + (D − q) log σ² + D), the sum over the q kept."""
    latent_dim = data.draw(st.integers(1, data_dim - 1))
    torch.manual_seed(data.draw(st.integers(0, 10**6)))
    x = torch.randn(30, data_dim, dtype=torch.float64) @ torch.randn(data_dim, data_dim, dtype=torch.float64)
    variances = torch.linalg.svdvals(x - x.mean(0)).square() / len(x)
    kept, discarded = variances[:latent_dim].log().sum(), variances[latent_dim:].mean()
    log_det = kept + (data_dim - latent_dim) * discarded.log()
    expected = -0.5 * (data_dim * math.log(2 * math.pi) + log_det + data_dim)
    model = LinearGaussianVAE.from_pca(x, latent_dim)
    torch.testing.assert_close(model.log_likelihood(x).mean(), expected, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(model.noise_std.square(), discarded, rtol=1e-9, atol=0)


def spread_along_the_axes(*variances):
    """Rows whose covariance is exactly diagonal, so that nothing is lost to rounding."""
    x = (torch.tensor(variances, dtype=torch.float64) * len(variances)).sqrt().diag()
    return torch.cat([x, -x])


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_from_pca_asks_for_more_noise_than_rounding_leaves_at_any_scale(scale):
    """The noise counts from D · eps of the largest eigenvalue on, as the rank of a matrix does."""
    rounding = 64 * torch.finfo(torch.float64).eps
    enough, too_little = (scale * spread_along_the_axes(*[factor * rounding] * 62, 0.01, 1.0) for factor in (1.5, 0.7))
    noise_var = LinearGaussianVAE.from_pca(enough, 2).noise_std.square().item()
    assert noise_var == pytest.approx(1.5 * rounding * scale**2, rel=1e-9)
    with pytest.raises(ValueError, match="expected x to vary in more than 2 directions"):
        LinearGaussianVAE.from_pca(too_little, 2)


# ----- the exact quantities, at any parameters


def test_log_likelihood_is_that_of_the_dense_gaussian():
    model = random_model()
    _, _, cov_x = joint(model)
    x = rows(model)
    expected = MultivariateNormal(model.mean.detach(), cov_x).log_prob(x)
    torch.testing.assert_close(model.log_likelihood(x), expected, rtol=1e-12, atol=1e-12)


def test_posterior_is_the_joint_gaussian_conditioned_on_x():
    model = random_model()
    cov_z, W, cov_x = joint(model)
    x = rows(model)
    posterior = model.posterior(x)
    gain = W.T @ torch.linalg.inv(cov_x)
    assert (posterior.batch_shape, posterior.event_shape) == ((4,), (3,))
    torch.testing.assert_close(posterior.mean, (x - model.mean) @ gain.T, rtol=1e-10, atol=1e-10)
    expected = (cov_z - gain @ W).expand(4, 3, 3)
    torch.testing.assert_close(posterior.covariance_matrix, expected, rtol=1e-10, atol=1e-10)


def test_bayes_rule_holds_at_every_z():
    model = random_model()
    x, z = rows(model, 1), torch.randn(6, 3, dtype=torch.float64)
    log_joint = model.decoder(z).log_prob(x) + model.prior.log_prob(z)
    torch.testing.assert_close(log_joint - model.posterior(x).log_prob(z), model.log_likelihood(x).expand(6))


@given(st.integers(1, 4), st.floats(0.05, 3), st.integers(0, 10**6))
def test_log_likelihood_is_expected_elbo_plus_the_gap(latent_dim, sigma, seed):
    model = random_model(latent_dim=latent_dim, seed=seed, sigma=sigma)
    x = rows(model)
    gap = kl_divergence(as_full(model.encoder(x)), model.posterior(x))
    torch.testing.assert_close(model.log_likelihood(x) - model.expected_elbo(x), gap, rtol=1e-7, atol=1e-7)


def test_the_closed_form_elbo_holds_for_another_diagonal_encoder():
    model = random_model()
    model.encoder = GaussianEncoder(5, 3, 8).double()
    x = rows(model)
    gap = kl_divergence(as_full(model.encoder(x)), model.posterior(x))
    assert (gap > 0.1).all()
    torch.testing.assert_close(model.log_likelihood(x) - model.expected_elbo(x), gap, rtol=1e-9, atol=1e-9)


def test_the_closed_form_elbo_is_the_mean_of_elbo_over_draws():
    model = random_model()
    x = rows(model)
    draws = elbo(model, x.repeat(4000, 1)).detach().reshape(4000, 4)
    error = draws.mean(0) - model.expected_elbo(x)
    assert (error.abs() < 4 * draws.std(0) / math.sqrt(len(draws))).all()


class Evaluated(torch.nn.Module):
    def __init__(self, model, function):
        super().__init__()
        self.model, self.function = model, function

    def forward(self, x):
        return self.function(self.model, x)


@pytest.mark.parametrize(
    "function",
    [LinearGaussianVAE.log_likelihood, LinearGaussianVAE.expected_elbo, lambda model, x: model.posterior(x).mean],
    ids=["log_likelihood", "expected_elbo", "posterior"],
)
def test_exact_quantities_pass_gradcheck_in_every_parameter_and_in_x(function):
    model = random_model()
    names, values = zip(*model.named_parameters(prefix="model"), strict=True)

    def evaluated(x, *parameters):
        return torch.func.functional_call(Evaluated(model, function), dict(zip(names, parameters, strict=True)), (x,))

    assert torch.autograd.gradcheck(evaluated, (rows(model).requires_grad_(), *values))


# ----- a diagonal q


def rotated(model, angle):
    """The same p(x), with W turned in latent space."""
    turn = torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]], dtype=torch.float64)
    return LinearGaussianVAE(model.weight.detach() @ turn, model.mean.detach(), model.noise_std.item())


def test_a_diagonal_q_is_the_posterior_at_the_unrotated_optimum():
    model = LinearGaussianVAE.from_pca(all_digits(), 2)
    x = all_digits()[:5]
    torch.testing.assert_close(model.encoder(x).mean, model.posterior(x).mean, rtol=1e-10, atol=1e-10)
    covariance = torch.diag_embed(model.encoder(x).variance)
    torch.testing.assert_close(covariance, model.posterior(x).covariance_matrix, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("angle", [0.2, math.pi / 4, 1.0])
def test_a_diagonal_q_is_not_the_posterior_of_a_rotated_w_and_its_gap_is_known(angle):
    """KL(diagonal ‖ full) with equal means is ½ (log det diag(P) − log det P), P the posterior's precision."""
    model = LinearGaussianVAE.from_pca(all_digits(), 2)
    turned = rotated(model, angle)
    x = all_digits()[:50]
    torch.testing.assert_close(turned.log_likelihood(x), model.log_likelihood(x), rtol=1e-10, atol=1e-10)
    precision = turned.posterior(x[:1]).precision_matrix[0]
    gap = 0.5 * (precision.diagonal().log().sum() - torch.logdet(precision))
    assert gap > 1e-4
    torch.testing.assert_close(
        turned.log_likelihood(x) - turned.expected_elbo(x), gap.expand(50), rtol=1e-8, atol=1e-10
    )


def test_the_encoder_starts_at_the_best_diagonal_gaussian():
    model = random_model()
    x = rows(model)
    start = model.expected_elbo(x).mean()
    start.backward()
    for parameter in model.encoder.parameters():
        torch.testing.assert_close(parameter.grad, torch.zeros_like(parameter), rtol=0, atol=1e-10)
    with torch.no_grad():
        for _ in range(10):
            moved = random_model()
            for parameter in moved.encoder.parameters():
                parameter += 0.1 * torch.randn_like(parameter)
            assert moved.expected_elbo(x).mean() < start


# ----- the contract of a VAE


def test_it_is_a_vae_like_any_other():
    model = random_model()
    x = rows(model)
    assert [term.shape for term in elbo_terms(model, x)] == [(4,), (4,)]
    assert log_weights(model, x, 3).shape == (3, 4)
    assert model.sample(7).sample().shape == (7, 5)
    expected = model.posterior(x).mean @ model.weight.T + model.mean
    torch.testing.assert_close(model.reconstruct(x).mean, expected)
    assert {name.split(".")[0] for name, _ in model.named_parameters()} == {"encoder", "decoder"}
    assert "decoder.log_sigma" in dict(model.named_parameters())


def test_importance_weights_at_the_exact_posterior_do_not_vary():
    model = LinearGaussianVAE.from_pca(all_digits(), 2)
    x = all_digits()[:5]
    log_w = log_weights(model, x, 6)
    torch.testing.assert_close(log_w, model.log_likelihood(x).expand(6, 5), rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(importance_weighted_bound(model, x, num_samples=3), model.log_likelihood(x))


def test_exact_quantities_follow_the_parameters_after_a_step():
    model = random_model()
    x = rows(model)
    before = model.log_likelihood(x).detach()
    with torch.no_grad():
        model.decoder.log_sigma.add_(0.5)
    assert not torch.allclose(model.log_likelihood(x), before)
    torch.testing.assert_close(
        model.log_likelihood(x), MultivariateNormal(model.mean, joint(model)[2]).log_prob(x), rtol=1e-12, atol=1e-12
    )


def test_the_caller_keeps_its_tensors():
    weight, mean = torch.randn(4, 2), torch.randn(4)
    copies = weight.clone(), mean.clone()
    model = LinearGaussianVAE(weight, mean, torch.tensor(0.5))
    with torch.no_grad():
        model.weight.add_(1), model.mean.add_(1)
    assert torch.equal(weight, copies[0])
    assert torch.equal(mean, copies[1])
    assert model.noise_std.item() == pytest.approx(0.5)


# ----- what is refused


@pytest.mark.parametrize("latent_dim", [0, 6, 7, -1])
def test_from_pca_takes_1_to_d_minus_1_latents(latent_dim):
    with pytest.raises(ValueError, match=f"expected 1 ≤ latent_dim < 6, the number of features, got {latent_dim}"):
        LinearGaussianVAE.from_pca(torch.randn(20, 6), latent_dim)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (
            lambda: torch.randn(6),
            r"expected a finite floating-point x \[batch, data\], got torch.float32 of shape \(6,\)",
        ),
        (lambda: torch.full((5, 6), math.nan), "expected a finite floating-point x"),
        (lambda: torch.ones(5, 6, dtype=torch.int64), r"got torch.int64 of shape \(5, 6\)"),
        (lambda: torch.ones(0, 6), r"got torch.float32 of shape \(0, 6\)"),
        (lambda: torch.ones(5, 6), "expected x to vary in more than 2 directions, got a σ² of 0"),
        (lambda: torch.randn(30, 2) @ torch.randn(2, 6), "expected x to vary in more than 2 directions"),
        (lambda: torch.randn(3, 6), "expected x to vary in more than 2 directions"),
        (lambda: torch.randn(1, 6), "expected x to vary in more than 2 directions"),
    ],
)
def test_from_pca_refuses_data_it_cannot_fit(x, message):
    with pytest.raises(ValueError, match=message):
        LinearGaussianVAE.from_pca(x(), 2)


@pytest.mark.parametrize(
    ("weight", "mean", "sigma", "message"),
    [
        (
            torch.ones(4),
            torch.ones(4),
            1.0,
            r"expected weight \[data, latent\] and mean \[data\], got shapes \(4,\) and \(4,\)",
        ),
        (torch.ones(4, 2), torch.ones(2), 1.0, r"got shapes \(4, 2\) and \(2,\)"),
        (
            torch.ones(4, 2),
            torch.ones(4),
            0.0,
            "expected finite weight and mean and a positive, finite sigma, got sigma 0.0",
        ),
        (torch.ones(4, 2), torch.ones(4), math.nan, "got sigma nan"),
        (torch.ones(4, 2), torch.ones(4), math.inf, "got sigma inf"),
        (torch.full((4, 2), math.nan), torch.ones(4), 1.0, "expected finite weight and mean"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(weight, mean, sigma, message):
    with pytest.raises(ValueError, match=message):
        LinearGaussianVAE(weight, mean, sigma)


@pytest.mark.parametrize("method", ["log_likelihood", "posterior", "expected_elbo"])
def test_x_of_another_width_or_nan_is_refused(method):
    model = random_model()
    with pytest.raises(ValueError, match=r"expected x with 5 features in the last axis, not empty, got \(3, 4\)"):
        getattr(model, method)(torch.zeros(3, 4, dtype=torch.float64))
    with pytest.raises(ValueError, match="nan"):
        getattr(model, method)(torch.full((3, 5), math.nan, dtype=torch.float64))


def test_the_linear_encoder_has_one_sigma_a_latent_for_all_x():
    encoder = LinearEncoder(6, 3)
    q = encoder(torch.randn(4, 6))
    assert (q.batch_shape, q.event_shape) == ((4,), (3,))
    assert torch.equal(q.stddev, torch.ones(4, 3))
    with pytest.raises(ValueError, match=r"expected x with 6 features in the last axis, not empty, got \(4, 5\)"):
        encoder(torch.randn(4, 5))


# ----- the ELBO of any q


def elbo_of_q():
    model = random_model()
    x = rows(model)
    return model, x, ElboOfQ(model.weight.detach(), model.mean.detach(), 0.6, x)


def test_the_elbo_of_a_q_is_the_models_own_with_that_q_in_the_encoders_place():
    model, x, elbo_of = elbo_of_q()
    torch.testing.assert_close(elbo_of(*elbo_of.best), model.expected_elbo(x))
    torch.testing.assert_close(elbo_of.log_px, model.log_likelihood(x))
    mu, log_var = torch.randn(2, *elbo_of.best[0].shape, dtype=torch.float64)
    spread = log_var.exp() @ model.weight.square().sum(0) / (2 * model.noise_std**2)
    kl = 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(-1)
    torch.testing.assert_close(elbo_of(mu, log_var), model.decoder(mu).log_prob(x) - spread - kl)
    assert elbo_of(mu.float(), log_var.float()).dtype == torch.float32


def test_no_diagonal_gaussian_is_better_than_the_best():
    _, _, elbo_of = elbo_of_q()
    best = [values.detach().requires_grad_() for values in elbo_of.best]
    for gradient in torch.autograd.grad(elbo_of(*best).sum(), best):
        assert gradient.abs().max() < 1e-9
    for _ in range(100):
        other = [values + 0.3 * torch.randn_like(values) for values in elbo_of.best]
        assert (elbo_of(*other) < elbo_of(*elbo_of.best)).all()

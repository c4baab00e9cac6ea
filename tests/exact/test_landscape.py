"""Chapter 7: the ELBO over a covariance, held to that over rows; its still points, held to its gradient and Hessian."""

import functools
import math

import pytest
import torch
from torch.autograd.functional import hessian, jacobian

from vae_lib.exact import landscape
from vae_lib.exact.landscape import best_encoder, critical_points, linear_elbo, linear_terms, train_linear
from vae_lib.exact.linear_gaussian import LinearGaussianVAE
from vae_lib.exact.rate_distortion import learned_noise_var, linear_optimum
from vae_lib.objectives import elbo_terms

SPECTRA = [  # eigenvalues, latents, σ_x²
    ((5.0, 3.0, 2.0, 1.3, 0.4), 3, 0.8),
    ((4.0, 2.5, 0.9, 0.3), 2, 0.5),
    ((6.0, 4.5, 3.0, 2.0, 1.2, 0.5), 2, 1.0),
    ((3.0, 1.0, 0.2), 3, 0.7),
    ((1.0, 0.5), 2, 2.0),
]


def double(values):
    return torch.tensor(values, dtype=torch.float64)


def covariance_of(eigenvalues, seed=0):
    """A covariance whose eigenvectors are no axes, and those eigenvectors."""
    size = len(eigenvalues)
    U, _ = torch.linalg.qr(torch.randn(size, size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64))
    return U @ torch.diag(double(eigenvalues)) @ U.T, U


def random_point(data_dim=5, latent_dim=3, seed=0):
    generator = torch.Generator().manual_seed(seed)
    sizes = ((data_dim, latent_dim), (latent_dim, data_dim), (latent_dim,))
    return [torch.randn(size, generator=generator, dtype=torch.float64) for size in sizes]


def as_model(weight, encoder, log_var, noise_var):
    model = LinearGaussianVAE(weight, torch.zeros(len(weight), dtype=weight.dtype), math.sqrt(noise_var))
    model.encoder.net[0].weight.data, model.encoder.log_var.data = encoder, log_var
    torch.nn.init.zeros_(model.encoder.net[0].bias)
    return model


def rows(num=40, data_dim=5):
    x = torch.randn(num, data_dim, generator=torch.Generator().manual_seed(1), dtype=torch.float64) * torch.arange(1, 6)
    return x - x.mean(0)


# ----- the ELBO over a covariance


def test_it_is_the_mean_over_rows_with_this_covariance():
    x, point = rows(), random_point()
    model = as_model(*point, 0.7)
    found = linear_elbo(torch.cov(x.T, correction=0), *point, 0.7)
    torch.testing.assert_close(found, model.expected_elbo(x).mean().detach())


def test_its_terms_are_what_the_kl_pays_and_what_is_missed():
    x, (weight, encoder, log_var) = rows(), random_point()
    kl, distortion = linear_terms(torch.cov(x.T, correction=0), weight, encoder, log_var)
    model = as_model(weight, encoder, log_var, 0.7)
    torch.testing.assert_close(kl.sum(), elbo_terms(model, x)[1].mean().detach())
    assert kl.shape == (3,)
    mu, sigma = x @ encoder.T, (0.5 * log_var).exp()
    corners = torch.cartesian_prod(*[double([-1.0, 1.0])] * 3)[:, None]  # a draw's first two moments
    missed = x - (mu + sigma * corners) @ weight.T
    torch.testing.assert_close(distortion, missed.square().sum(-1).mean())


@pytest.mark.parametrize("beta", [0.3, 4.0])
def test_beta_weighs_the_kl_alone(beta):
    covariance, _ = covariance_of((5.0, 3.0, 2.0, 1.3, 0.4))
    point = random_point()
    kl, distortion = linear_terms(covariance, *point)
    expected = -2.5 * math.log(2 * math.pi * 0.7) - distortion / 1.4 - beta * kl.sum()
    torch.testing.assert_close(linear_elbo(covariance, *point, 0.7, beta=beta), expected)


def test_it_passes_gradcheck_also_in_a_noise_that_learns():
    covariance, _ = covariance_of((5.0, 3.0, 2.0, 1.3, 0.4))
    point = [*random_point(), double(0.7)]
    function = functools.partial(linear_elbo, covariance, beta=1.5)
    assert torch.autograd.gradcheck(function, [part.requires_grad_() for part in point])


def test_the_best_encoder_is_that_of_the_linear_gaussian_vae():
    weight, _, _ = random_point()
    model = LinearGaussianVAE(weight, torch.zeros(5, dtype=torch.float64), 0.8)
    _, encoder, log_var, noise_var = best_encoder(weight, 0.64)
    torch.testing.assert_close(encoder, model.encoder.net[0].weight.detach())
    torch.testing.assert_close(log_var, model.encoder.log_var.detach())
    assert noise_var.item() == 0.64


# ----- its still points


def critical_and_its_data(spectrum):
    eigenvalues, latent_dim, noise_var = spectrum
    covariance, U = covariance_of(eigenvalues)
    for point in critical_points(double(eigenvalues), latent_dim, noise_var):
        yield point, best_encoder(U @ point.weight, noise_var)[:3], covariance, noise_var


def elbo_of_vector(vector, sizes, covariance, noise_var):
    weight, encoder, log_var = vector.split(sizes)
    latent_dim = len(log_var)
    return linear_elbo(covariance, weight.view(-1, latent_dim), encoder.view(latent_dim, -1), log_var, noise_var)


def eigenvalues_of_hessian(function, vector):
    return torch.linalg.eigvalsh(hessian(function, vector))


@pytest.mark.parametrize("spectrum", SPECTRA)
def test_every_set_of_at_most_d_directions_above_the_noise_is_a_point(spectrum):
    eigenvalues, latent_dim, noise_var = spectrum
    above = sum(value > noise_var for value in eigenvalues)
    points = critical_points(double(eigenvalues), latent_dim, noise_var)
    assert len({point.used for point in points}) == len(points)
    assert len(points) == sum(math.comb(above, size) for size in range(latent_dim + 1))


@pytest.mark.parametrize("spectrum", SPECTRA)
def test_at_each_the_gradient_is_0_and_the_hessian_has_as_many_ways_up_as_predicted(spectrum):
    for point, parts, covariance, noise_var in critical_and_its_data(spectrum):
        vector = torch.cat([part.flatten() for part in parts])
        function = functools.partial(
            elbo_of_vector, sizes=[part.numel() for part in parts], covariance=covariance, noise_var=noise_var
        )
        assert jacobian(function, vector).abs().max() < 1e-10
        curvatures = eigenvalues_of_hessian(function, vector)
        assert curvatures.abs().min() > 1e-3  # the ELBO is flat nowhere: a diagonal q picks the axes
        assert (curvatures > 0).sum() == point.ways_up
        assert function(vector).item() == pytest.approx(point.elbo)


@pytest.mark.parametrize("spectrum", SPECTRA)
def test_log_p_has_the_same_ways_up_without_a_bound_and_is_flat_where_w_can_turn(spectrum):
    for point, (weight, _, _), covariance, noise_var in critical_and_its_data(spectrum):
        curvatures = eigenvalues_of_hessian(
            functools.partial(log_likelihood, covariance=covariance, noise_var=noise_var), weight.flatten()
        )
        latents, used = weight.shape[1], len(point.used)
        assert (curvatures > 1e-6).sum() == point.ways_up
        assert (curvatures.abs() <= 1e-6).sum() == used * (used - 1) // 2 + used * (latents - used)


def log_likelihood(vector, covariance, noise_var):
    """E log N(x; 0, WWᵀ + σ_x² I) over x with this covariance."""
    weight = vector.view(len(covariance), -1)
    sigma = weight @ weight.T + noise_var * torch.eye(len(covariance), dtype=weight.dtype)
    fit = torch.linalg.solve(sigma, covariance).trace()
    return -0.5 * (len(covariance) * math.log(2 * math.pi) + torch.linalg.slogdet(sigma).logabsdet + fit)


@pytest.mark.parametrize("spectrum", SPECTRA)
def test_the_last_is_the_optimum_with_no_way_up_and_the_first_uses_nothing(spectrum):
    eigenvalues, latent_dim, noise_var = spectrum
    points = critical_points(double(eigenvalues), latent_dim, noise_var)
    assert [point.elbo for point in points] == sorted(point.elbo for point in points)
    assert points[0].used == ()
    optimum = linear_optimum(double(eigenvalues), latent_dim, noise_var)
    assert points[-1].used == tuple(range(optimum.used))
    assert points[-1].elbo == pytest.approx(optimum.elbo)
    assert [point.ways_up for point in points].index(0) == len(points) - 1


def test_the_order_of_the_eigenvalues_does_not_matter():
    falling, shuffled = ([3.0, 2.0, 1.0, 0.5], [1.0, 3.0, 0.5, 2.0])
    pairs = zip(*(critical_points(double(values), 2, 0.8) for values in (falling, shuffled)), strict=True)
    for one, other in pairs:
        assert (one.used, one.elbo, one.ways_up) == (other.used, other.elbo, other.ways_up)
        assert torch.equal(one.weight, other.weight)


def test_a_direction_exactly_at_the_noise_is_no_way_up():
    points = critical_points(double([2.0, 1.0]), 2, 1.0)
    assert [(point.used, point.ways_up) for point in points] == [((), 2), ((0,), 0)]


def test_at_a_still_point_the_elbo_is_log_p_and_a_turn_of_w_costs_the_elbo_alone():
    covariance, U = covariance_of((5.0, 3.0, 2.0, 1.3, 0.4))
    weight = U @ critical_points(double((5.0, 3.0, 2.0, 1.3, 0.4)), 2, 0.8)[-1].weight
    turn = math.sqrt(0.5) * double([[1.0, -1.0], [1.0, 1.0]])
    straight, turned = (linear_elbo(covariance, *best_encoder(W, 0.8)) for W in (weight, weight @ turn))
    log_p = log_likelihood(weight.flatten(), covariance, 0.8)
    torch.testing.assert_close(log_likelihood((weight @ turn).flatten(), covariance, 0.8), log_p)
    torch.testing.assert_close(straight, log_p)
    assert turned < log_p - 0.01


# ----- training


@pytest.mark.parametrize(
    ("latent_dim", "noise_var", "beta", "used"),
    [(3, 0.7, 1.0, 3), (4, 0.2, 2.0, 4), (2, 0.3, 1.0, 2), (3, 7.0, 1.0, 0)],
)
def test_training_lands_on_the_prediction(latent_dim, noise_var, beta, used):
    covariance, _ = covariance_of((6.0, 3.0, 1.5, 0.7, 0.2))
    torch.manual_seed(0)
    point = train_linear(covariance, latent_dim, noise_var, beta=beta)
    optimum = linear_optimum(torch.linalg.eigvalsh(covariance), latent_dim, noise_var, beta=beta)
    kl, distortion = linear_terms(covariance, *point[:3])
    assert optimum.used == (kl > 0.01).sum() == used
    assert linear_elbo(covariance, *point, beta=beta).item() == pytest.approx(optimum.objective, abs=3e-3)
    assert distortion.item() == pytest.approx(optimum.distortion, abs=0.02)
    assert point.noise_var.item() == pytest.approx(noise_var)


@pytest.mark.parametrize("start", [0.1, 3.0])
def test_a_noise_that_learns_ends_at_its_fixed_point_from_either_side(start):
    covariance, _ = covariance_of((6.0, 3.0, 1.0, 0.5, 0.2))
    torch.manual_seed(0)
    point = train_linear(covariance, 2, start, beta=1.5, learn_noise=True)
    predicted = learned_noise_var(torch.linalg.eigvalsh(covariance), 2, beta=1.5)
    assert point.noise_var.item() == pytest.approx(predicted, rel=1e-3)


def test_one_seed_gives_one_end_and_nothing_is_left_to_learn():
    covariance, _ = covariance_of((3.0, 1.0, 0.2))
    ends = []
    for _ in range(2):
        torch.manual_seed(3)
        ends.append(train_linear(covariance, 2, 0.5, num_steps=5))
    for one, other in zip(*ends, strict=True):
        assert torch.equal(one, other)
        assert not one.requires_grad


def test_the_settings_that_are_not_given_are_those_of_the_signature():
    covariance, _ = covariance_of((3.0, 1.0, 0.2))
    ends = []
    for settings in ({}, {"beta": 1.0, "learn_noise": False, "num_steps": 1000, "lr": 0.05}):
        torch.manual_seed(0)
        ends.append(train_linear(covariance, 2, 0.5, **settings))
    assert all(torch.equal(one, other) for one, other in zip(*ends, strict=True))


def test_the_learning_rate_falls_to_0_over_the_second_half(monkeypatch):
    rates = []

    class Watched(torch.optim.Adam):
        def step(self):
            rates.append(self.param_groups[0]["lr"])
            super().step()

    monkeypatch.setattr(landscape, "Adam", Watched)
    train_linear(torch.eye(3), 1, 0.5, num_steps=8, lr=0.4)
    assert rates == pytest.approx([0.4, 0.4, 0.4, 0.4, 0.4, 0.3, 0.2, 0.1])


@pytest.mark.parametrize(("dtype", "usual"), [(torch.float32, torch.float64), (torch.float64, torch.float32)])
def test_every_part_is_in_the_dtype_of_the_covariance(dtype, usual):
    before = torch.get_default_dtype()
    torch.set_default_dtype(usual)
    try:
        point = train_linear(torch.eye(3, dtype=dtype), 2, 0.5, num_steps=2)
    finally:
        torch.set_default_dtype(before)
    assert {part.dtype for part in point} == {dtype}


@pytest.mark.parametrize("wrong", [{"latent_dim": 0}, {"num_steps": 0}])
def test_a_training_has_a_latent_and_a_step(wrong):
    with pytest.raises(ValueError, match="to be a whole number of at least 1, got 0"):
        train_linear(torch.eye(3), **{"latent_dim": 2, "noise_var": 0.5} | wrong)


def test_still_points_want_a_latent_and_a_noise():
    for settings, message in (
        ((0, 1.0), "latent_dim to be a whole number"),
        ((1, 0.0), "positive, finite water level"),
    ):
        with pytest.raises(ValueError, match=f"expected a? ?{message}"):
            critical_points(double([2.0, 1.0]), *settings)

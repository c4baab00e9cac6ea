"""Chapter 3's answers."""

import math

import numpy as np
import scipy.linalg
import torch
from torch.distributions import MultivariateNormal, Normal

from mistakes import Mistake, Unusual
from vae_lib.exercises import (
    check_draw,
    check_pathwise,
    check_score_function,
)

# 3.2


def with_factor(factor):
    """Aε for each row of ε, with A the factor of Σ."""

    def my_draw(mu, Sigma, num_samples):
        eps = torch.randn(num_samples, len(mu), dtype=mu.dtype)
        return mu + torch.einsum("ij,nj->ni", factor(Sigma), eps)

    return my_draw


def row_times_lower(mu, Sigma, num_samples):
    L = torch.linalg.cholesky(Sigma)
    return mu + torch.randn(num_samples, 3) @ L


def row_times_upper_transposed(mu, Sigma, num_samples):
    A = torch.linalg.cholesky(Sigma, upper=True)
    return mu + torch.randn(num_samples, 3) @ A.T


def sigma_as_scale_tril(mu, Sigma, num_samples):
    return MultivariateNormal(mu, scale_tril=Sigma, validate_args=False).sample((num_samples,))


def sigma_as_precision(mu, Sigma, num_samples):
    return MultivariateNormal(mu, precision_matrix=Sigma).sample((num_samples,))


def eigenvalues_without_root(mu, Sigma, num_samples):
    values, vectors = torch.linalg.eigh(Sigma)
    return mu + torch.randn(num_samples, 3) * values @ vectors.T


def variances_alone(mu, Sigma, num_samples):
    return Normal(mu, Sigma.diagonal().sqrt()).sample((num_samples,))


def variances_for_sigmas(mu, Sigma, num_samples):
    return Normal(mu, Sigma.diagonal()).sample((num_samples,))


def one_eps_for_all_draws(mu, Sigma, num_samples):
    z = mu + torch.linalg.cholesky(Sigma) @ torch.randn(3)
    return z.expand(num_samples, 3)


def one_eps_for_all_latents(mu, Sigma, num_samples):
    eps = torch.randn(num_samples, 1).expand(-1, 3)
    return mu + eps @ torch.linalg.cholesky(Sigma).mT


def uniform_noise_for_draws(mu, Sigma, num_samples):
    return mu + torch.rand(num_samples, 3) @ torch.linalg.cholesky(Sigma).mT


def draws_without_mean(mu, Sigma, num_samples):
    return torch.randn(num_samples, 3) @ torch.linalg.cholesky(Sigma).mT


def draws_with_a_seed(mu, Sigma, num_samples):
    torch.manual_seed(0)
    return mu + torch.randn(num_samples, 3) @ torch.linalg.cholesky(Sigma).mT


def stretched_uniform_draws(mu, Sigma, num_samples):
    eps = math.sqrt(12) * (torch.rand(num_samples, 3) - 0.5)
    return mu + eps @ torch.linalg.cholesky(Sigma).mT


def draws_of_coins(mu, Sigma, num_samples):
    return mu + torch.randn(num_samples, 3).sign() @ torch.linalg.cholesky(Sigma).mT


def three_latents(mu, Sigma, num_samples):
    return mu + torch.randn(num_samples, 3) @ torch.linalg.cholesky(Sigma).mT


def always_3000(mu, Sigma, num_samples):
    return mu + torch.randn(3000, len(mu)) @ torch.linalg.cholesky(Sigma).mT


def draws_in_columns(mu, Sigma, num_samples):
    return mu[:, None] + torch.linalg.cholesky(Sigma) @ torch.randn(3, num_samples)


def draws_of_identity(mu, Sigma, num_samples):
    return mu + torch.randn(num_samples, len(mu))


def draws_by_svd(mu, Sigma, num_samples):
    U, S, _ = torch.linalg.svd(Sigma)
    return mu + torch.randn(num_samples, len(mu), dtype=mu.dtype) @ torch.diag(S.sqrt()) @ U.T


def draws_by_symmetric_root(mu, Sigma, num_samples):
    values, Q = torch.linalg.eigh(Sigma)
    root = Q @ torch.diag(values**0.5) @ Q.T
    return mu + torch.randn(num_samples, len(mu), dtype=mu.dtype) @ root


def draws_by_upper_factor(mu, Sigma, num_samples):
    A = torch.linalg.cholesky(Sigma, upper=True)
    return mu + torch.randn(num_samples, len(mu), dtype=mu.dtype) @ A


def draws_by_scipy(mu, Sigma, num_samples):
    A = torch.tensor(scipy.linalg.cholesky(Sigma.numpy())).double()
    return torch.stack([mu + A.T @ torch.randn(len(mu), dtype=torch.float64) for _ in range(num_samples)])


def draws_by_distribution(mu, Sigma, num_samples):
    return MultivariateNormal(mu, covariance_matrix=Sigma).sample([num_samples])


def draws_one_by_one(mu, Sigma, num_samples):
    q = MultivariateNormal(mu, Sigma)
    z = torch.zeros(num_samples, len(mu))
    for n in range(num_samples):
        z[n] = q.rsample()
    return z


def draws_by_numpy(mu, Sigma, num_samples):
    rng = np.random.default_rng()
    return torch.from_numpy(rng.multivariate_normal(mu.numpy(), Sigma.numpy(), size=num_samples))


# 3.3


def slopes(f, z):
    z = z.detach().clone().requires_grad_()
    f(z).sum().backward()
    return z.grad


def path_without_eps(f, mu, sigma, eps):
    g = slopes(f, mu + sigma * eps)
    return g, g


def path_with_sigma(f, mu, sigma, eps):
    g = slopes(f, mu + sigma * eps)
    return g, g * sigma


def path_by_log_sigma(f, mu, sigma, eps):
    log_sigma = torch.tensor(sigma).log().expand(len(eps)).clone().requires_grad_()
    m = torch.tensor(mu).expand(len(eps)).clone().requires_grad_()
    return torch.autograd.grad(f(m + log_sigma.exp() * eps).sum(), [m, log_sigma])


def path_by_variance(f, mu, sigma, eps):
    var = torch.full((len(eps),), sigma**2, requires_grad=True)
    m = torch.full((len(eps),), mu, requires_grad=True)
    return torch.autograd.grad(f(m + var.sqrt() * eps).sum(), (m, var))


def path_of_one_mu(f, mu, sigma, eps):
    mu, sigma = torch.tensor(mu, requires_grad=True), torch.tensor(sigma, requires_grad=True)
    f(mu + sigma * eps).sum().backward()
    return mu.grad, sigma.grad


def path_averaged(f, mu, sigma, eps):
    mu, sigma = torch.tensor(mu, requires_grad=True), torch.tensor(sigma, requires_grad=True)
    f(mu + sigma * eps).mean().backward()
    return mu.grad, sigma.grad


def path_of_a_mean(f, mu, sigma, eps):
    m, s = torch.full_like(eps, mu).requires_grad_(), torch.full_like(eps, sigma).requires_grad_()
    return torch.autograd.grad(f(m + s * eps).mean(), (m, s))


def path_swapped(f, mu, sigma, eps):
    g = slopes(f, mu + sigma * eps)
    return g * eps, g


def path_scaled_by_sigma(f, mu, sigma, eps):
    g = slopes(f, mu + sigma * eps) * sigma
    return g, g * eps


def path_at_mu(f, mu, sigma, eps):
    g = slopes(f, torch.full_like(eps, mu))
    return g, g * eps


def path_at_eps(f, mu, sigma, eps):
    g = slopes(f, eps)
    return g, g * eps


def path_of_heights(f, mu, sigma, eps):
    z = mu + sigma * eps
    return f(z), f(z) * eps


def path_times_z(f, mu, sigma, eps):
    z = mu + sigma * eps
    return slopes(f, z), slopes(f, z) * z


def path_with_a_typed_slope(f, mu, sigma, eps):
    z = mu + sigma * eps
    return 3 * z**2 - 2, (3 * z**2 - 2) * eps


def path_of_five_draws(f, mu, sigma, eps):
    g = slopes(f, mu + sigma * eps)
    return g, g * eps.view(5)


def path_that_is_a_score(f, mu, sigma, eps):
    z = mu + sigma * eps
    return f(z) * (z - mu) / sigma**2, f(z) * ((z - mu) ** 2 / sigma**3 - 1 / sigma)


def path_through_detach(f, mu, sigma, eps):
    m, s = torch.full_like(eps, mu).requires_grad_(), torch.full_like(eps, sigma).requires_grad_()
    z = (m + s * eps).detach()
    f(z).sum().backward()
    return m.grad, s.grad


def path_through_detach_with_zeros(f, mu, sigma, eps):
    m, s = torch.full_like(eps, mu).requires_grad_(), torch.full_like(eps, sigma).requires_grad_()
    z = (m + s * eps).detach().requires_grad_()
    found = torch.autograd.grad(f(z).sum(), (m, s), allow_unused=True, materialize_grads=True)
    return found[0], found[1]


def path_with_sigma_detached(f, mu, sigma, eps):
    m, s = torch.full_like(eps, mu).requires_grad_(), torch.full_like(eps, sigma).requires_grad_()
    return torch.autograd.grad(f(m + s.detach() * eps).sum(), (m, s), materialize_grads=True)


def pathwise_by_vmap(f, mu, sigma, eps):
    def one(m, s, e):
        return f(m + s * e)

    m, s = torch.as_tensor(mu, dtype=eps.dtype), torch.as_tensor(sigma, dtype=eps.dtype)
    return torch.func.vmap(torch.func.grad(one, argnums=(0, 1)), in_dims=(None, None, 0))(m, s, eps)


def pathwise_in_a_loop(f, mu, sigma, eps):
    d_mu, d_sigma = torch.zeros_like(eps), torch.zeros_like(eps)
    for i, e in enumerate(eps):
        m, s = torch.tensor(mu, requires_grad=True), torch.tensor(sigma, requires_grad=True)
        f(m + s * e).backward()
        d_mu[i], d_sigma[i] = m.grad, s.grad
    return d_mu, d_sigma


def pathwise_by_the_slope(f, mu, sigma, eps):
    g = slopes(f, mu + sigma * eps)
    return [g, g * eps]


def pathwise_by_differences(f, mu, sigma, eps):
    eps = eps.double()

    def slope_along(a, b, h=1e-5):
        return (f(mu + a * h + (sigma + b * h) * eps) - f(mu - a * h + (sigma - b * h) * eps)) / (2 * h)

    return slope_along(1, 0), slope_along(0, 1)


def pathwise_by_jacobian(f, mu, sigma, eps):
    at = torch.tensor([mu, sigma], dtype=eps.dtype)
    J = torch.autograd.functional.jacobian(lambda p: f(p[0] + p[1] * eps), at)
    return J[:, 0], J[:, 1]


# 3.4


def with_scores(score_mu, score_sigma):
    """(f − b) times the given functions of ε and σ."""

    def my_score_function(f, mu, sigma, eps, baseline=0.0):
        weight = f(mu + sigma * eps) - baseline
        return weight * score_mu(eps, sigma), weight * score_sigma(eps, sigma)

    return my_score_function


def with_baseline(combine):
    """The right scores, and f, the score and the baseline put together in another way."""

    def my_score_function(f, mu, sigma, eps, baseline=0.0):
        z = mu + eps * sigma
        scores = (z - mu) / sigma**2, (z - mu) ** 2 / sigma**3 - 1 / sigma
        return tuple(combine(f(z), score, baseline) for score in scores)

    return my_score_function


def score_averaged(f, mu, sigma, eps, baseline=0.0):
    weight = f(mu + sigma * eps) - baseline
    return (weight * eps / sigma).mean(), (weight * (eps**2 - 1) / sigma).mean()


def score_of_a_mean(f, mu, sigma, eps, baseline=0.0):
    m, s = torch.full_like(eps, mu).requires_grad_(), torch.full_like(eps, sigma).requires_grad_()
    z = (m + s * eps).detach()
    return torch.autograd.grad(((f(z) - baseline) * Normal(m, s).log_prob(z)).mean(), (m, s))


def score_of_a_minimised_loss(f, mu, sigma, eps, baseline=0.0):
    m, s = torch.full_like(eps, mu).requires_grad_(), torch.full_like(eps, sigma).requires_grad_()
    z = (m + s * eps).detach()
    loss = -(Normal(m, s).log_prob(z) * (f(z) - baseline)).sum()
    return torch.autograd.grad(loss, (m, s))


def score_with_z_that_moves(f, mu, sigma, eps, baseline=0.0):
    m, s = torch.full_like(eps, mu).requires_grad_(), torch.full_like(eps, sigma).requires_grad_()
    z = m + s * eps
    return torch.autograd.grad((Normal(m, s).log_prob(z) * (f(z).detach() - baseline)).sum(), (m, s))


def score_at_eps(f, mu, sigma, eps, baseline=0.0):
    return (f(eps) - baseline) * eps / sigma, (f(eps) - baseline) * (eps**2 - 1) / sigma


def score_swapped(f, mu, sigma, eps, baseline=0.0):
    weight = f(mu + sigma * eps) - baseline
    return weight * (eps**2 - 1) / sigma, weight * eps / sigma


def score_with_f_typed_in(f, mu, sigma, eps, baseline=0.0):
    z = mu + sigma * eps
    weight = z**3 - 2 * z + 5 - baseline
    return weight * eps / sigma, weight * (eps**2 - 1) / sigma


def score_with_a_mean_by_default(f, mu, sigma, eps, baseline=None):
    values = f(mu + sigma * eps)
    weight = values - (values.mean() if baseline is None else baseline)
    return weight * eps / sigma, weight * (eps**2 - 1) / sigma


def score_that_is_a_path(f, mu, sigma, eps, baseline=0.0):
    m, s = torch.full_like(eps, mu).requires_grad_(), torch.full_like(eps, sigma).requires_grad_()
    return torch.autograd.grad((f(m + s * eps) - baseline).sum(), (m, s))


def score_without_an_argument_for_the_baseline(f, mu, sigma, eps):
    value = f(mu + sigma * eps)
    return value * eps / sigma, value * (eps**2 - 1) / sigma


def score_by_autograd(f, mu, sigma, eps, baseline=0.0):
    m, s = torch.full_like(eps, mu).requires_grad_(), torch.full_like(eps, sigma).requires_grad_()
    with torch.no_grad():
        z = m + s * eps
        advantage = f(z) - baseline
    return torch.autograd.grad((advantage * Normal(m, s).log_prob(z)).sum(), (m, s))


def score_in_a_loop(f, mu, sigma, eps, *, baseline=0.0):
    d_mu, d_sigma = [], []
    for e in eps.tolist():
        z = mu + sigma * e
        advantage = float(f(torch.tensor(z, dtype=torch.float64))) - baseline
        d_mu.append(advantage * (z - mu) / sigma**2)
        d_sigma.append(advantage * ((z - mu) ** 2 - sigma**2) / sigma**3)
    return torch.tensor(d_mu), torch.tensor(d_sigma)


def score_multiplied_out(f, mu, sigma, eps, baseline=0):
    q = Normal(torch.tensor(mu), torch.tensor(sigma))
    z = q.loc + q.scale * eps
    e = (z - q.mean) / q.stddev
    d_mu = f(z) * e / sigma - baseline * e / sigma
    return d_mu, d_mu * e - (f(z) - baseline) / sigma


DRAW_MISTAKES = [
    ("Σε", with_factor(lambda Sigma: Sigma), "Σε, and Σᵀε"),
    ("the hand-out's Σᵀε", with_factor(lambda Sigma: Sigma.T), "Σε, and Σᵀε"),
    ("Σ as scale_tril", sigma_as_scale_tril, "Σε, and Σᵀε"),
    ("eigenvalues without the root", eigenvalues_without_root, "Σε, and Σᵀε"),
    ("Lᵀε", with_factor(lambda Sigma: torch.linalg.cholesky(Sigma).T), "Lᵀ multiplies ε"),
    ("eps @ L", row_times_lower, "Lᵀ multiplies ε"),
    ("Aε with the upper factor", row_times_upper_transposed, "Lᵀ multiplies ε"),
    ("only the diagonal", variances_alone, "only the diagonal of Σ"),
    ("variances as σ", variances_for_sigmas, "is used as standard deviations"),
    ("diagonal of L", with_factor(lambda S: torch.linalg.cholesky(S).diag().diag()), "only the diagonal of L"),
    ("√ of each entry", with_factor(torch.sqrt), "root of each entry"),
    ("one ε for all draws", one_eps_for_all_draws, "all draws are the same"),
    ("ε of shape [num_samples, 1]", one_eps_for_all_latents, "[num_samples, 1]"),
    ("torch.rand for randn", uniform_noise_for_draws, "uniform"),
    ("mean forgotten", draws_without_mean, "mu is not added"),
    ("Σ as precision", sigma_as_precision, "precision"),
    ("Σ left out", draws_of_identity, "Σ does not enter"),
    ("a seed inside", draws_with_a_seed, "the same in every call"),
    ("uniform, standardised", stretched_uniform_draws, "stretched to standard deviation 1"),
    ("coins", draws_of_coins, "−1 or 1, and nothing in between"),
    ("three latents assumed", three_latents, "It raised RuntimeError: mat1 and mat2"),
    ("3000 draws assumed", always_3000, "expected [7, 2], got [3000, 2]"),
    ("draws in columns", draws_in_columns, "expected [3000, 3], got [3, 3000]"),
]
PATHWISE_MISTAKES = [
    ("ε forgotten", path_without_eps, "the factor ε is forgotten"),
    ("σ for ε", path_with_sigma, "by σ in place of ε"),
    ("derivative by log σ", path_by_log_sigma, "by log σ"),
    ("derivative by σ²", path_by_variance, "by the variance"),
    ("one μ for all", path_of_one_mu, "are summed"),
    ("mean", path_averaged, "are averaged"),
    ("gradient of a mean", path_of_a_mean, "the mean of f(z) is differentiated"),
    ("swapped", path_swapped, "are swapped"),
    ("slope times σ", path_scaled_by_sigma, "∂z/∂mu is 1"),
    ("slope at μ", path_at_mu, "at mu instead of at z"),
    ("slope at ε", path_at_eps, "at ε instead of at z"),
    ("f for its slope", path_of_heights, "f itself"),
    ("z for ε", path_times_z, "by z in place of ε"),
    ("score function", path_that_is_a_score, "the score function is used"),
    ("slope typed in", path_with_a_typed_slope, "the slope of z³ − 2z + 5 is hard-coded"),
    ("five draws assumed", path_of_five_draws, "shape '[5]' is invalid"),
    ("detach around z", path_through_detach, "does not require grad"),
    ("detach around z, zeros for None", path_through_detach_with_zeros, "not depend on mu any more"),
    ("detach of σ", path_with_sigma_detached, "not depend on sigma any more"),
]


def over_sigma(eps, sigma):
    return eps / sigma


def second_score(eps, sigma):
    return (eps**2 - 1) / sigma


SCORE_MISTAKES = [
    ("μ's score for σ", with_scores(over_sigma, over_sigma), "the score of mu is used for σ"),
    ("without σ's log-derivative", with_scores(over_sigma, lambda e, s: 0 * e), "did not depend on σ"),
    ("−1/σ forgotten", with_scores(over_sigma, lambda e, s: e**2 / s), "−1/σ in the score"),
    ("−1/σ alone", with_scores(over_sigma, lambda e, s: -1 / s), "and not the square"),
    ("/ σ² for σ", with_scores(over_sigma, lambda e, s: (e**2 - 1) / s**2), "divided by σ once more"),
    ("score of σ²", with_scores(over_sigma, lambda e, s: (e**2 - 1) / (2 * s**2)), "of the variance"),
    ("score of log σ", with_scores(over_sigma, lambda e, s: e**2 - 1), "that of log σ"),
    ("+1", with_scores(over_sigma, lambda e, s: (e**2 + 1) / s), "has the wrong sign"),
    ("−1 undivided", with_scores(over_sigma, lambda e, s: e**2 / s - 1), "without being divided by σ"),
    ("sign of σ's", with_scores(over_sigma, lambda e, s: (1 - e**2) / s), "the sign is wrong"),
    ("ε/σ²", with_scores(lambda e, s: e / s**2, second_score), "ε is divided by σ²"),
    ("ε alone", with_scores(lambda e, s: e, second_score), "ε is not divided by σ"),
    ("z − μ", with_scores(lambda e, s: e * s, second_score), "still to be divided by σ²"),
    ("sign", score_of_a_minimised_loss, "not of −E[f]"),
    ("without the score", with_scores(lambda e, s: 1.0, second_score), "the score is missing: f alone is returned"),
    ("without f", with_baseline(lambda f, score, b: score), "f is missing"),
    ("mean", score_averaged, "are averaged"),
    ("summed", with_baseline(lambda f, score, b: ((f - b) * score).sum()), "are summed"),
    ("gradient of a mean", score_of_a_mean, "divided by the number of draws"),
    ("f at ε", score_at_eps, "f is taken at ε"),
    ("swapped", score_swapped, "are swapped"),
    ("pathwise", score_that_is_a_path, "the pathwise gradient"),
    ("z not detached in log q", score_with_z_that_moves, "z moves along with mu"),
    ("baseline ignored", with_baseline(lambda f, score, b: f * score), "the baseline is ignored"),
    ("baseline added", with_baseline(lambda f, score, b: (f + b) * score), "is added to f"),
    ("outside the product", with_baseline(lambda f, score, b: f * score - b), "from the product"),
    ("from the score", with_baseline(lambda f, score, b: f * (score - b)), "from the score instead"),
    ("times the baseline", with_baseline(lambda f, score, b: f * (b or 1) * score), "f is multiplied by the baseline"),
    ("b − f", with_baseline(lambda f, score, b: (b - f if b else f) * score), "not b − f"),
    ("b for f", with_baseline(lambda f, score, b: (b or f) * score), "replaced by the baseline"),
    (
        "own mean",
        with_baseline(lambda f, score, b: (f - f.mean() if b else f) * score),
        "has the draw's own f in it: biased",
    ),
    ("f typed in", score_with_f_typed_in, "z³ − 2z + 5 is hard-coded"),
    ("a mean by default", score_with_a_mean_by_default, "though no baseline is passed"),
    ("no baseline argument", score_without_an_argument_for_the_baseline, "unexpected keyword argument 'baseline'"),
]

MISTAKES = [
    Mistake(check, name, answer, says)
    for check, rows in [
        (check_draw, DRAW_MISTAKES),
        (check_pathwise, PATHWISE_MISTAKES),
        (check_score_function, SCORE_MISTAKES),
    ]
    for name, answer, says in rows
]

UNUSUAL = [
    Unusual(check_draw, "upper factor A, Aᵀε", draws_by_upper_factor),
    Unusual(check_draw, "SciPy's factor, float64", draws_by_scipy),
    Unusual(check_draw, "Lε by einsum", with_factor(torch.linalg.cholesky)),
    Unusual(check_draw, "symmetric root by eigh", draws_by_symmetric_root),
    Unusual(check_draw, "singular values", draws_by_svd),
    Unusual(check_draw, "MultivariateNormal.sample", draws_by_distribution),
    Unusual(check_draw, "MultivariateNormal one by one", draws_one_by_one),
    Unusual(check_draw, "numpy", draws_by_numpy),
    Unusual(check_pathwise, "vmap of grad", pathwise_by_vmap),
    Unusual(check_pathwise, "a loop with backward", pathwise_in_a_loop),
    Unusual(check_pathwise, "by f′ and hand, as a list", pathwise_by_the_slope),
    Unusual(check_pathwise, "differences in float64", pathwise_by_differences),
    Unusual(check_pathwise, "jacobian", pathwise_by_jacobian),
    Unusual(check_score_function, "autograd of log q", score_by_autograd),
    Unusual(check_score_function, "a loop over numbers", score_in_a_loop),
    Unusual(check_score_function, "multiplied out", score_multiplied_out),
]

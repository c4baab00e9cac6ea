"""3.4's answers, as students wrote them: the answer, what is wrong with it, the key that it must get (none: right)."""

import torch


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
    return 6 * z**2 - 3, (6 * z**2 - 3) * eps


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


def oracle(f, mu, sigma, eps):
    m, s = torch.full_like(eps, mu), torch.full_like(eps, sigma)
    return torch.func.jvp(lambda a: f(a + s * eps), (m,), (torch.ones_like(m),))[1], torch.func.jvp(
        lambda b: f(m + b * eps), (s,), (torch.ones_like(s),)
    )[1]


ANSWERS = [
    (pathwise_by_vmap, "vmap of grad", ""),
    (pathwise_in_a_loop, "a loop with backward", ""),
    (pathwise_by_the_slope, "by f′ and hand, as a list", ""),
    (pathwise_by_differences, "differences in float64", ""),
    (pathwise_by_jacobian, "jacobian", ""),
    (path_without_eps, "ε forgotten", "d-sigma-no-eps"),
    (path_with_sigma, "σ for ε", "d-sigma-sigma-for-eps"),
    (path_by_log_sigma, "derivative by log σ", "d-sigma-log-sigma"),
    (path_by_variance, "derivative by σ²", "d-sigma-variance"),
    (path_of_one_mu, "one μ for all", "summed"),
    (path_averaged, "mean", "averaged"),
    (path_of_a_mean, "gradient of a mean", "over-draws"),
    (path_swapped, "swapped", "swapped"),
    (path_scaled_by_sigma, "slope times σ", "both-times-sigma"),
    (path_at_mu, "slope at μ", "at-mean"),
    (path_at_eps, "slope at ε", "at-noise"),
    (path_of_heights, "f for its slope", "height"),
    (path_times_z, "z for ε", "d-sigma-z-for-eps"),
    (path_that_is_a_score, "score function", "score"),
    (path_with_a_typed_slope, "slope typed in", "slope-typed"),
    (path_of_five_draws, "five draws assumed", "raised"),
    (path_through_detach, "detach around z", "raised"),
    (path_through_detach_with_zeros, "detach around z, zeros for None", "slope-zero"),
    (path_with_sigma_detached, "detach of σ", "d-sigma-zero"),
]

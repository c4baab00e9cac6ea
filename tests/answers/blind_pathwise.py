"""Exercise 3.4, pathwise."""
import torch


def _slope(f, z):
    z = z.detach().clone().requires_grad_()
    return torch.autograd.grad(f(z).sum(), z)[0]


def _forward_mode(f, mu, sigma, eps):
    z = mu + sigma * eps
    return tuple(torch.func.jvp(f, (z,), (t,))[1] for t in (torch.ones_like(eps), eps))


def _copies(f, mu, sigma, eps):
    m = torch.full_like(eps, mu, requires_grad=True)
    s = torch.full_like(eps, sigma, requires_grad=True)
    f(m + s * eps).backward(torch.ones_like(eps))
    return m.grad, s.grad


def _one_by_one(f, mu, sigma, eps):
    d_mu = torch.cat([_slope(f, mu + sigma * e[None]) for e in eps])
    return [d_mu, d_mu.mul(eps)]


def _no_eps(f, mu, sigma, eps):
    s = _slope(f, mu + sigma * eps)
    return s, s


def _sigma_times(f, mu, sigma, eps):
    s = _slope(f, mu + sigma * eps)
    return s, s * sigma


def _by_z(f, mu, sigma, eps):
    z = mu + sigma * eps
    return _slope(f, z), _slope(f, z) * z


def _log_sigma(f, mu, sigma, eps):
    s = _slope(f, mu + sigma * eps)
    return s, s * sigma * eps


def _averaged(f, mu, sigma, eps):
    s = _slope(f, mu + sigma * eps)
    return s.mean(), (s * eps).mean()


def _mean_grad(f, mu, sigma, eps):
    z = (mu + sigma * eps).requires_grad_()
    s = torch.autograd.grad(f(z).mean(), z)[0]
    return s, s * eps


def _values(f, mu, sigma, eps):
    v = f(mu + sigma * eps)
    return v, v * eps


def _at_mean(f, mu, sigma, eps):
    s = _slope(f, torch.full_like(eps, mu))
    return s, s * eps


def _at_eps(f, mu, sigma, eps):
    s = _slope(f, eps)
    return s, s * eps


def _swapped(f, mu, sigma, eps):
    s = _slope(f, mu + sigma * eps)
    return s * eps, s


def _variance_z(f, mu, sigma, eps):
    s = _slope(f, mu + sigma**2 * eps)
    return s, s * eps


def _root_z(f, mu, sigma, eps):
    s = _slope(f, mu + sigma**0.5 * eps)
    return s, s * eps


def _fresh(f, mu, sigma, eps):
    eps = torch.randn_like(eps)
    s = _slope(f, mu + sigma * eps)
    return s, s * eps


def _coarse(f, mu, sigma, eps):
    z = mu + sigma * eps
    s = (f(z + 0.5) - f(z)) / 0.5
    return s, s * eps


def _by_sigma(f, mu, sigma, eps):
    m, s = torch.tensor(float(mu), requires_grad=True), torch.tensor(float(sigma), requires_grad=True)
    d_mu, d_sigma = torch.autograd.grad(f(m + s * eps).sum(), (m, s))
    return d_mu.expand_as(eps), d_sigma.expand_as(eps)


def _score_mix(f, mu, sigma, eps):
    z = mu + sigma * eps
    return _slope(f, z), f(z) * (eps**2 - 1) / sigma


def _square(f, mu, sigma, eps):
    z = mu + sigma * eps
    return 2 * z, 2 * z * eps


def _eps_squared(f, mu, sigma, eps):
    s = _slope(f, mu + sigma * eps)
    return s, s * eps**2


def _over_sigma(f, mu, sigma, eps):
    s = _slope(f, mu + sigma * eps)
    return s / sigma, s * eps


def _minus(f, mu, sigma, eps):
    s = _slope(f, mu - sigma * eps)
    return s, s * eps


def _in_place(f, mu, sigma, eps):
    noise = eps.clone()
    s = _slope(f, eps.mul_(sigma).add_(mu))
    return s, s * noise


def _abs(f, mu, sigma, eps):
    s = _slope(f, mu + sigma * eps)
    return s, s * eps.abs()


def _column(f, mu, sigma, eps):
    s = _slope(f, mu + sigma * eps)
    return s[:, None], (s * eps)[:, None]


def _two_swapped_variance(f, mu, sigma, eps):
    s = _slope(f, mu + sigma**2 * eps)
    return s * eps, s


def _two_mean_no_eps(f, mu, sigma, eps):
    s = _slope(f, mu + sigma * eps).mean()
    return s, s


def _two_values_sigma(f, mu, sigma, eps):
    v = f(mu + sigma * eps)
    return v, v * sigma


def _two_fresh_log(f, mu, sigma, eps):
    eps = torch.randn_like(eps)
    s = _slope(f, mu + sigma * eps)
    return s, s * eps * sigma


def _two_mean_at_eps(f, mu, sigma, eps):
    z = eps.clone().requires_grad_()
    s = torch.autograd.grad(f(z).mean(), z)[0]
    return s, s * eps


def _stacked(f, mu, sigma, eps):
    s = _slope(f, mu + sigma * eps)
    return torch.stack([s, s * eps])


def _fine(f, mu, sigma, eps):
    z = (mu + sigma * eps).double()
    s = ((f(z + 1e-4) - f(z - 1e-4)) / 2e-4).to(eps.dtype)
    return s, s * eps


def _two_at_mean_no_eps(f, mu, sigma, eps):
    s = _slope(f, torch.full_like(eps, mu))
    return s, s


def _two_minus_abs(f, mu, sigma, eps):
    s = _slope(f, mu - sigma * eps)
    return s, s * eps.abs()


def _two_in_place(f, mu, sigma, eps):
    z = eps.mul_(sigma).add_(mu)
    s = _slope(f, z)
    return s, s * eps


ANSWERS = [
    (_forward_mode, "forward mode, twice: jvp of f at z with tangents one and eps", True),
    (_copies, "one copy of mu and sigma for each draw, backward with ones", True),
    (_one_by_one, "the slope draw by draw in a loop, then times eps; a list of two", True),
    (_no_eps, "d_sigma without its factor eps: the slope twice", False),
    (_sigma_times, "d_sigma is slope times sigma instead of times eps", False),
    (_by_z, "d_sigma is slope times z instead of eps", False),
    (_log_sigma, "d_sigma is the derivative by log sigma: slope times sigma eps", False),
    (_averaged, "means over the draws: two single numbers instead of one estimate each", False),
    (_mean_grad, "gradient of the mean of f(z) instead of the sum: all estimates too small by the number of draws", False),
    (_values, "f(z) itself in place of its slope", False),
    (_at_mean, "slope of f taken at mu instead of at each z", False),
    (_at_eps, "slope of f taken at eps instead of z", False),
    (_swapped, "the pair in the wrong order: (d_sigma, d_mu)", False),
    (_variance_z, "z made with sigma squared times eps", False),
    (_root_z, "z made with the root of sigma: takes sigma for the variance", False),
    (_fresh, "draws its own noise instead of using the given eps", False),
    (_coarse, "one-sided difference with a step of 0.5 instead of the derivative", False),
    (_by_sigma, "autograd by one shared mu and sigma: the sum over all draws, repeated in every place", False),
    (_score_mix, "d_sigma by the score function, f(z)(eps^2 - 1)/sigma, instead of pathwise", False),
    (_square, "the slope 2z of f(z) = z^2 typed in, f ignored", False),
    (_eps_squared, "d_sigma with eps squared", False),
    (_over_sigma, "d_mu divided by sigma", False),
    (_minus, "z = mu - sigma eps: wrong sign in z", False),
    (_in_place, "overwrites the given eps with z in place: changes the argument", False),
    (_abs, "d_sigma with the absolute value of eps", False),
    (_column, "results with an axis too many: [draws, 1]", False),
    (_two_swapped_variance, "TWO: z made with sigma squared, and the pair in the wrong order", False),
    (_two_mean_no_eps, "TWO: averaged over the draws, and d_sigma without eps", False),
    (_two_values_sigma, "TWO: f(z) instead of its slope, and d_sigma times sigma instead of eps", False),
    (_two_fresh_log, "TWO: own noise instead of eps, and derivative by log sigma (a sigma too much)", False),
    (_two_mean_at_eps, "TWO: slope at eps instead of z, and gradient of the mean (divided by the draws)", False),
    (_two_at_mean_no_eps, "TWO: slope taken at mu, and d_sigma without eps", False),
    (_two_minus_abs, "TWO: z = mu - sigma eps, and absolute eps in d_sigma", False),
    (_two_in_place, "TWO: overwrites the given eps with z, and so d_sigma is slope times z", False),
]
BORDERLINE = [
    (_stacked, "right numbers as one tensor [2, draws], which unpacks like a pair", None),
    (_fine, "central difference in double with step 1e-4: right to about eight digits", None),
]

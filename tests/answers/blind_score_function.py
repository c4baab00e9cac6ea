"""Exercise 3.5, score_function."""
import torch
from torch.distributions import Normal


def _mine(f, mu, sigma, eps, baseline=0.0):
    w = f(mu + sigma * eps).detach() - baseline
    return w, eps / sigma, (eps**2 - 1) / sigma


def _leaves(mu, sigma, eps):
    return torch.full_like(eps, mu, requires_grad=True), torch.full_like(eps, sigma, requires_grad=True)


def _by_jacobian(f, mu, sigma, eps, baseline=0.0):
    z = mu + sigma * eps
    m, s = torch.as_tensor(mu, dtype=eps.dtype), torch.as_tensor(sigma, dtype=eps.dtype)
    scores = torch.func.jacfwd(lambda m, s: -s.log() - ((z - m) / s) ** 2 / 2, argnums=(0, 1))(m, s)
    return tuple((f(z) - baseline) * score for score in scores)


def _ratio(f, mu, sigma, eps, baseline=0.0):
    m, s = _leaves(mu, sigma, eps)
    z = (m + s * eps).detach()
    log_q = Normal(m, s).log_prob(z)
    ratio = (log_q - log_q.detach()).exp()
    return torch.autograd.grad(((f(z) - baseline).detach() * ratio).sum(), (m, s))


def _in_z(f, mu, sigma, eps, baseline=0.0):
    z = sigma * eps + mu
    d_mu = (f(z) - baseline) * (z - mu) / sigma**2
    return d_mu, d_mu * (z - mu) / sigma - (f(z) - baseline) / sigma


def _attached(f, mu, sigma, eps, baseline=0.0):
    m, s = _leaves(mu, sigma, eps)
    z = m + s * eps
    w = (f(z) - baseline).detach()
    return torch.autograd.grad((w * Normal(m, s).log_prob(z)).sum(), (m, s))


def _product_rule(f, mu, sigma, eps, baseline=0.0):
    m, s = _leaves(mu, sigma, eps)
    z = m + s * eps
    return torch.autograd.grad(((f(z) - baseline) * Normal(m, s).log_prob(z.detach())).sum(), (m, s))


def _plus(f, mu, sigma, eps, baseline=0.0):
    w, a, b = _mine(f, mu, sigma, eps, -baseline)
    return w * a, w * b


def _ignored(f, mu, sigma, eps, baseline=0.0):
    w, a, b = _mine(f, mu, sigma, eps)
    return w * a, w * b


def _after(f, mu, sigma, eps, baseline=0.0):
    w, a, b = _mine(f, mu, sigma, eps)
    return w * a - baseline, w * b - baseline


def _no_minus_one(f, mu, sigma, eps, baseline=0.0):
    w, a, b = _mine(f, mu, sigma, eps, baseline)
    return w * a, w * eps**2 / sigma


def _sign_sigma(f, mu, sigma, eps, baseline=0.0):
    w, a, b = _mine(f, mu, sigma, eps, baseline)
    return w * a, -w * b


def _no_division(f, mu, sigma, eps, baseline=0.0):
    w, a, b = _mine(f, mu, sigma, eps, baseline)
    return w * eps, w * b


def _log_sigma(f, mu, sigma, eps, baseline=0.0):
    w, a, b = _mine(f, mu, sigma, eps, baseline)
    return w * a, w * (eps**2 - 1)


def _by_variance(f, mu, sigma, eps, baseline=0.0):
    w, a, b = _mine(f, mu, sigma, eps, baseline)
    return w * a, w * (eps**2 - 1) / (2 * sigma**2)


def _sigma_squared_too_often(f, mu, sigma, eps, baseline=0.0):
    w, a, b = _mine(f, mu, sigma, eps, baseline)
    return w * eps / sigma**2, w * b


def _averaged(f, mu, sigma, eps, baseline=0.0):
    w, a, b = _mine(f, mu, sigma, eps, baseline)
    return (w * a).mean(), (w * b).mean()


def _swapped(f, mu, sigma, eps, baseline=0.0):
    w, a, b = _mine(f, mu, sigma, eps, baseline)
    return w * b, w * a


def _f_at_eps(f, mu, sigma, eps, baseline=0.0):
    w = f(eps) - baseline
    return w * eps / sigma, w * (eps**2 - 1) / sigma


def _density(f, mu, sigma, eps, baseline=0.0):
    m, s = _leaves(mu, sigma, eps)
    z = (m + s * eps).detach()
    q = Normal(m, s).log_prob(z).exp()
    return torch.autograd.grad(((f(z) - baseline).detach() * q).sum(), (m, s))


def _variance_scale(f, mu, sigma, eps, baseline=0.0):
    m, s = _leaves(mu, sigma, eps)
    z = (m + s * eps).detach()
    return torch.autograd.grad(((f(z) - baseline).detach() * Normal(m, s**2).log_prob(z)).sum(), (m, s))


def _loss_sign(f, mu, sigma, eps, baseline=0.0):
    w, a, b = _mine(f, mu, sigma, eps, baseline)
    return -w * a, -w * b


def _half_baseline(f, mu, sigma, eps, baseline=0.0):
    w, a, b = _mine(f, mu, sigma, eps, baseline)
    return w * a, (w + baseline) * b


def _inside(f, mu, sigma, eps, baseline=0.0):
    w = f(mu + sigma * eps - baseline)
    return w * eps / sigma, w * (eps**2 - 1) / sigma


def _own_mean(f, mu, sigma, eps, baseline=0.0):
    w, a, b = _mine(f, mu, sigma, eps, baseline)
    w = w - w.mean()
    return w * a, w * b


def _fresh(f, mu, sigma, eps, baseline=0.0):
    w, a, b = _mine(f, mu, sigma, torch.randn_like(eps), baseline)
    return w * a, w * b


def _mean_of_log(f, mu, sigma, eps, baseline=0.0):
    m, s = _leaves(mu, sigma, eps)
    z = (m + s * eps).detach()
    return torch.autograd.grad(((f(z) - baseline).detach() * Normal(m, s).log_prob(z)).mean(), (m, s))


def _shared(f, mu, sigma, eps, baseline=0.0):
    m, s = torch.tensor(float(mu), requires_grad=True), torch.tensor(float(sigma), requires_grad=True)
    z = mu + sigma * eps
    g = torch.autograd.grad(((f(z) - baseline) * Normal(m, s).log_prob(z)).sum(), (m, s))
    return g[0].expand_as(eps), g[1].expand_as(eps)


def _one(f, mu, sigma, eps, baseline=0.0):
    w, a, b = _mine(f, mu, sigma, eps, baseline)
    return w * a, w * (eps**2 / sigma - 1)


def _scores_only(f, mu, sigma, eps, baseline=0.0):
    _, a, b = _mine(f, mu, sigma, eps, baseline)
    return a, b


def _pathwise(f, mu, sigma, eps, baseline=0.0):
    m, s = _leaves(mu, sigma, eps)
    return torch.autograd.grad((f(m + s * eps) - baseline).sum(), (m, s))


def _remembers(f, mu, sigma, eps, baseline=0.0, seen=[]):
    seen.append(float(f(mu + sigma * eps).mean()))
    w, a, b = _mine(f, mu, sigma, eps, baseline or seen[0])
    return w * a, w * b


def _two_plus_swapped(f, mu, sigma, eps, baseline=0.0):
    w, a, b = _mine(f, mu, sigma, eps, -baseline)
    return w * b, w * a


def _two_ignored_no_one(f, mu, sigma, eps, baseline=0.0):
    w, a, b = _mine(f, mu, sigma, eps)
    return w * a, w * eps**2 / sigma


def _two_attached_sign(f, mu, sigma, eps, baseline=0.0):
    a, b = _attached(f, mu, sigma, eps, baseline)
    return -a, -b


def _two_mean_log(f, mu, sigma, eps, baseline=0.0):
    w, a, b = _mine(f, mu, sigma, eps, baseline)
    return (w * a).mean(), (w * b * sigma).mean()


def _two_after_no_division(f, mu, sigma, eps, baseline=0.0):
    w, a, b = _mine(f, mu, sigma, eps)
    return w * eps - baseline, w * b - baseline


def _stacked(f, mu, sigma, eps, baseline=0.0):
    w, a, b = _mine(f, mu, sigma, eps, baseline)
    return torch.stack([w * a, w * b])


def _required(f, mu, sigma, eps, baseline):
    w, a, b = _mine(f, mu, sigma, eps, baseline)
    return w * a, w * b


def _two_fresh_plus(f, mu, sigma, eps, baseline=0.0):
    return _plus(f, mu, sigma, torch.randn_like(eps), baseline)


def _two_at_eps_log(f, mu, sigma, eps, baseline=0.0):
    w = f(eps) - baseline
    return w * eps / sigma, w * (eps**2 - 1)


def _two_density_ignored(f, mu, sigma, eps, baseline=0.0):
    return _density(f, mu, sigma, eps)


def _two_mean_log_variance(f, mu, sigma, eps, baseline=0.0):
    return tuple(t / len(eps) for t in _variance_scale(f, mu, sigma, eps, baseline))


ANSWERS = [
    (_by_jacobian, "forward-mode Jacobian of the log-density typed without its constant, times the weight", True),
    (_ratio, "autograd through the importance ratio q/q.detach(), whose gradient is the score", True),
    (_in_z, "the scores typed in z: d_sigma from d_mu times (z - mu)/sigma minus weight/sigma", True),
    (_attached, "z not detached: log q differentiated along z also, so d_mu is 0 and d_sigma is -weight/sigma", False),
    (_product_rule, "the weight f(z) - b is differentiated as well: slope of f times log q is added", False),
    (_plus, "baseline added to f instead of subtracted", False),
    (_ignored, "baseline ignored", False),
    (_after, "baseline subtracted from the products, after the score was multiplied in", False),
    (_no_minus_one, "the -1 is missing in the score of sigma: eps^2/sigma", False),
    (_sign_sigma, "sign of d_sigma wrong: (1 - eps^2)/sigma", False),
    (_no_division, "d_mu not divided by sigma: weight times eps", False),
    (_log_sigma, "d_sigma without 1/sigma: the derivative by log sigma", False),
    (_by_variance, "d_sigma is the derivative by the variance: (eps^2 - 1)/(2 sigma^2)", False),
    (_sigma_squared_too_often, "d_mu divided by sigma squared although eps is already standardised", False),
    (_averaged, "means over the draws: two single numbers", False),
    (_swapped, "pair in the wrong order: (d_sigma, d_mu)", False),
    (_f_at_eps, "f evaluated at eps instead of z", False),
    (_density, "differentiates the density q instead of its logarithm: the score times q", False),
    (_variance_scale, "gives sigma squared as scale to Normal", False),
    (_loss_sign, "both estimates with a minus sign, as for a loss", False),
    (_half_baseline, "baseline subtracted in d_mu only, not in d_sigma", False),
    (_inside, "baseline subtracted from z, inside f, instead of from f(z)", False),
    (_own_mean, "subtracts the mean of f over the draws besides the baseline given", False),
    (_fresh, "draws fresh noise instead of the given eps", False),
    (_mean_of_log, "gradient of the mean of weight times log q instead of the sum: all too small by the number of draws", False),
    (_shared, "one shared mu and sigma: the sum over all draws stands in every place", False),
    (_one, "the score of sigma with -1 instead of -1/sigma: eps^2/sigma - 1", False),
    (_scores_only, "the scores alone, not multiplied by f - b", False),
    (_pathwise, "the pathwise estimates instead of the score-function ones", False),
    (_remembers, "a baseline of 0 is replaced by the mean of f remembered from the first call (cached)", False),
    (_two_plus_swapped, "TWO: baseline added, and the pair in the wrong order", False),
    (_two_ignored_no_one, "TWO: baseline ignored, and the -1 missing in d_sigma", False),
    (_two_attached_sign, "TWO: z not detached, and both with a minus sign", False),
    (_two_mean_log, "TWO: averaged over the draws, and d_sigma without 1/sigma", False),
    (_two_after_no_division, "TWO: baseline subtracted after the product with the score, and d_mu not divided by sigma", False),
    (_two_fresh_plus, "TWO: fresh noise instead of eps, and baseline added", False),
    (_two_at_eps_log, "TWO: f evaluated at eps, and d_sigma without 1/sigma", False),
    (_two_density_ignored, "TWO: density differentiated instead of log-density, and baseline ignored", False),
    (_two_mean_log_variance, "TWO: sigma squared given to Normal as scale, and gradient of the mean (divided by the number of draws)", False),
]
BORDERLINE = [
    (_stacked, "right numbers as one tensor [2, draws]", None),
    (_required, "right, but baseline has no default value", None),
]

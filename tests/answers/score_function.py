"""3.5's answers, as students wrote them: the answer, what is wrong with it, the key that it must get (none: right)."""

import torch
from torch.distributions import Normal


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
    weight = 2 * z**3 - 3 * z + 5 - baseline
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


def over_sigma(eps, sigma):
    return eps / sigma


def second_score(eps, sigma):
    return (eps**2 - 1) / sigma


def oracle(f, mu, sigma, eps, baseline=0.0):
    z = mu + sigma * eps

    def log_q(m, s):
        return -((z - m) ** 2) / (2 * s**2) - s.log()

    at = torch.full_like(eps, mu), torch.full_like(eps, sigma)
    ways = [(torch.ones_like(eps), torch.zeros_like(eps)), (torch.zeros_like(eps), torch.ones_like(eps))]
    return tuple((f(z) - baseline) * torch.func.jvp(log_q, at, way)[1] for way in ways)


ANSWERS = [
    (score_by_autograd, "autograd of log q", ""),
    (score_in_a_loop, "a loop over numbers", ""),
    (score_multiplied_out, "multiplied out", ""),
    (with_scores(over_sigma, over_sigma), "μ's score for σ", "d-sigma-of-mu"),
    (with_scores(over_sigma, lambda e, s: 0 * e), "without σ's log-derivative", "d-sigma-zero"),
    (with_scores(over_sigma, lambda e, s: e**2 / s), "−1/σ forgotten", "d-sigma-no-one"),
    (with_scores(over_sigma, lambda e, s: -1 / s), "−1/σ alone", "d-sigma-log-alone"),
    (with_scores(over_sigma, lambda e, s: (e**2 - 1) / s**2), "/ σ² for σ", "d-sigma-over-sigma"),
    (with_scores(over_sigma, lambda e, s: (e**2 - 1) / (2 * s**2)), "score of σ²", "d-sigma-variance"),
    (with_scores(over_sigma, lambda e, s: e**2 - 1), "score of log σ", "d-sigma-log-sigma"),
    (with_scores(over_sigma, lambda e, s: (e**2 + 1) / s), "+1", "d-sigma-plus"),
    (with_scores(over_sigma, lambda e, s: e**2 / s - 1), "−1 undivided", "d-sigma-undivided"),
    (with_scores(over_sigma, lambda e, s: (1 - e**2) / s), "sign of σ's", "d-sigma-sign"),
    (with_scores(lambda e, s: e / s**2, second_score), "ε/σ²", "d-mu-over-variance"),
    (with_scores(lambda e, s: e, second_score), "ε alone", "d-mu-eps"),
    (with_scores(lambda e, s: e * s, second_score), "z − μ", "d-mu-z-minus-mu"),
    (score_of_a_minimised_loss, "sign", "sign"),
    (with_scores(lambda e, s: 1.0, second_score), "without the score", "d-mu-one"),
    (with_baseline(lambda f, score, b: score), "without f", "baseline-f-missing"),
    (score_averaged, "mean", "averaged"),
    (with_baseline(lambda f, score, b: ((f - b) * score).sum()), "summed", "summed"),
    (score_of_a_mean, "gradient of a mean", "over-draws"),
    (score_at_eps, "f at ε", "at-noise"),
    (score_swapped, "swapped", "swapped"),
    (score_that_is_a_path, "pathwise", "path"),
    (score_with_z_that_moves, "z not detached in log q", "z-moves"),
    (with_baseline(lambda f, score, b: f * score), "baseline ignored", "baseline-ignored"),
    (with_baseline(lambda f, score, b: (f + b) * score), "baseline added", "baseline-added"),
    (with_baseline(lambda f, score, b: f * score - b), "outside the product", "baseline-outside"),
    (with_baseline(lambda f, score, b: f * (score - b)), "from the score", "baseline-from-score"),
    (with_baseline(lambda f, score, b: f * (b or 1) * score), "times the baseline", "baseline-times"),
    (with_baseline(lambda f, score, b: (b - f if b else f) * score), "b − f", "baseline-b-minus-f"),
    (with_baseline(lambda f, score, b: (b or f) * score), "b for f", "baseline-for-f"),
    (with_baseline(lambda f, score, b: (f - f.mean() if b else f) * score), "own mean", "baseline-own-mean"),
    (score_with_f_typed_in, "f typed in", "f-typed"),
    (score_with_a_mean_by_default, "a mean by default", "baseline-mean-by-default"),
    (score_without_an_argument_for_the_baseline, "no baseline argument", "raised"),
]

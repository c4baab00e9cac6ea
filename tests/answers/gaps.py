"""6.4's answers, as students wrote them: the answer, what is wrong with it, the key that it must get (none: right)."""

import math

import torch


def refine(elbo_of, mu, log_var, steps=150, lr=0.1, sign=1, which="both", zero=True):
    mu, log_var = mu.clone().requires_grad_(), log_var.clone().requires_grad_()
    free = {"both": [mu, log_var], "mu": [mu], "log_var": [log_var]}[which]
    optimizer = torch.optim.Adam(free, lr=lr)
    for _ in range(steps):
        if zero:
            optimizer.zero_grad()
        (-sign * elbo_of(mu, log_var).sum()).backward()
        optimizer.step()
    return elbo_of(mu, log_var).detach()


def gaps_with(split=lambda log_px, best, start: (log_px - best, best - start), **how):
    def my_gaps(elbo_of, log_px, mu, log_var):
        return split(log_px, refine(elbo_of, mu, log_var, **how), elbo_of(mu, log_var))

    return my_gaps


def gaps_of_one_q(elbo_of, log_px, mu, log_var):
    m, s = mu.mean(0).requires_grad_(), log_var.mean(0).requires_grad_()
    optimizer = torch.optim.Adam([m, s], lr=0.1)
    for _ in range(150):
        optimizer.zero_grad()
        (-elbo_of(m.expand_as(mu), s.expand_as(log_var)).sum()).backward()
        optimizer.step()
    best = elbo_of(m.expand_as(mu), s.expand_as(log_var))
    return log_px - best, best - elbo_of(mu, log_var)


def gaps_without_a_family_gap(elbo_of, log_px, mu, log_var):
    return 0 * log_px, log_px - elbo_of(mu, log_var)


def one_gap(elbo_of, log_px, mu, log_var):
    return log_px - elbo_of(mu, log_var)


def gaps_with_little_family_gap(elbo_of, log_px, mu, log_var):
    family = 0.3 * torch.ones_like(log_px) * refine(elbo_of, mu, log_var).sub(log_px).neg()
    return family, log_px - elbo_of(mu, log_var) - family


def gaps_from_the_moved_start(elbo_of, log_px, mu, log_var):
    optimizer = torch.optim.Adam([mu.requires_grad_(), log_var.requires_grad_()], lr=0.1)
    for _ in range(200):
        optimizer.zero_grad()
        (-elbo_of(mu, log_var).sum()).backward()
        optimizer.step()
    best = elbo_of(mu, log_var).detach()
    return log_px - best, best - elbo_of(mu, log_var)


def gaps_by_lbfgs(elbo_of, log_px, mu, log_var):
    q = torch.cat([mu, log_var], dim=-1).double().requires_grad_()
    optimizer = torch.optim.LBFGS([q], max_iter=100, line_search_fn="strong_wolfe")

    def loss():
        optimizer.zero_grad()
        value = -elbo_of(*q.chunk(2, -1)).sum()
        value.backward()
        return value

    optimizer.step(loss)
    best = elbo_of(*q.chunk(2, -1))
    return [log_px - best, best - elbo_of(mu, log_var)]


def gaps_by_plain_steps(elbo_of, log_px, mu, log_var):
    start = elbo_of(mu, log_var)
    m, s = mu.clone(), log_var.clone()
    for _ in range(400):
        m, s = m.detach().requires_grad_(), s.detach().requires_grad_()
        by_m, by_s = torch.autograd.grad(elbo_of(m, s).sum(), (m, s))
        m, s = m + 0.04 * by_m, s + 0.3 * by_s
    best = elbo_of(m, s)
    return (log_px - best).detach(), (best - start).detach()


def gaps_in_place(elbo_of, log_px, mu, log_var):
    start = elbo_of(mu, log_var).detach()
    parameters = [mu.requires_grad_(), log_var.requires_grad_()]
    optimizer = torch.optim.Adam(parameters, lr=0.1)
    for _ in range(200):
        optimizer.zero_grad()
        (-elbo_of(mu, log_var)).mean().backward()
        optimizer.step()
    best = elbo_of(mu, log_var)
    return log_px - best, best - start


def oracle(elbo_of, log_px, mu, log_var):
    m, s = mu.double().requires_grad_(), log_var.double().requires_grad_()
    for _ in range(60):  # Newton's steps, of a diagonal Hessian for σ, and of a whole one for μ
        hessian = torch.autograd.functional.hessian(lambda a, s=s: elbo_of(a, s.detach()).sum(), m.detach())
        by_m, by_s = torch.autograd.grad(elbo_of(m, s).sum(), (m, s))
        step = torch.linalg.solve(hessian.reshape(m.numel(), -1), by_m.flatten()).view_as(m)
        m, s = (m - step).detach().requires_grad_(), (s + 0.5 * by_s).detach().requires_grad_()
    best = elbo_of(m, s).detach()
    return log_px - best, best - elbo_of(mu, log_var)


ANSWERS = [
    (gaps_with(), "Adam", ""),
    (gaps_with(lambda p, b, s: (b - s, p - b)), "swapped", "swapped"),
    (gaps_with(lambda p, b, s: (b - p, s - b)), "signs", "sign"),
    (gaps_with(steps=0), "no refinement", "nothing-refined"),
    (gaps_with(lambda p, b, s: (p - b, p - s)), "whole gap second", "whole-second"),
    (gaps_with(lambda p, b, s: (p - s, b - s)), "whole gap first", "whole-first"),
    (gaps_with(which="mu"), "μ only", "mu-only"),
    (gaps_with(which="log_var"), "σ only", "sigma-only"),
    (gaps_of_one_q, "one q for all", "one-for-all"),
    (gaps_with(sign=-1, steps=20), "minimised", "worse"),
    (gaps_with(steps=10, lr=0.02), "too few steps", "not-there"),
    (gaps_with(lambda p, b, s: ((p - b).mean(), (b - s).mean())), "batch mean", "batch-mean"),
    (gaps_with(lambda p, b, s: ((p - b).sum(), (b - s).sum())), "batch sum", "batch-sum"),
    (gaps_without_a_family_gap, "no family gap", "no-family-gap"),
    (gaps_with_little_family_gap, "less family gap than there is", "impossible"),
    (one_gap, "one number", "no-parts"),
    (gaps_from_the_moved_start, "the start has moved", "start-moved"),
    (gaps_with(lambda p, b, s: ((b - s) / math.log(2), (p - b) / math.log(2))), "a pair", "swapped+bits"),
    (gaps_by_lbfgs, "LBFGS, float64, a list", ""),
    (gaps_by_plain_steps, "plain gradient steps", ""),
    (gaps_in_place, "Adam on the inputs themselves, mean loss", ""),
]

"""4.4's answers, as students wrote them: the answer, what is wrong with it, the key that it must get (none: right)."""

import math

import torch
from torch.distributions import Independent, MultivariateNormal, Normal


def draws_from_the_prior(mu, log_var, num_samples):
    q, p = Normal(mu, torch.exp(log_var / 2)), Normal(torch.zeros_like(mu), torch.ones_like(mu))
    z = p.sample((num_samples,))
    return (q.log_prob(z) - p.log_prob(z)).sum(-1).mean(0)


def draws_negative(mu, log_var, num_samples):
    q, p = Normal(mu, torch.exp(log_var / 2)), Normal(0.0, 1.0)
    z = q.sample((num_samples,))
    return (p.log_prob(z) - q.log_prob(z)).sum(-1).mean(0)


def draws_log_of_mean(mu, log_var, num_samples):
    q, p = Normal(mu, torch.exp(log_var / 2)), Normal(0.0, 1.0)
    z = q.sample((num_samples,))
    ratio = torch.exp(q.log_prob(z).sum(-1)) / torch.exp(p.log_prob(z).sum(-1))
    return ratio.mean(0).log()


def draws_mean_over_latents(mu, log_var, num_samples):
    q, p = Normal(mu, torch.exp(log_var / 2)), Normal(0.0, 1.0)
    z = q.sample((num_samples,))
    return (q.log_prob(z) - p.log_prob(z)).mean(dim=(0, 2))


def draws_summed(mu, log_var, num_samples):
    kl = 0
    for _ in range(num_samples):
        z = mu + torch.exp(log_var / 2) * torch.randn_like(mu)
        kl = kl + (-log_var / 2 - (z - mu) ** 2 / (2 * log_var.exp()) + z**2 / 2).sum(1)
    return kl


def draws_over_the_batch(mu, log_var, num_samples):
    q, p = Normal(mu, torch.exp(log_var / 2)), Normal(0.0, 1.0)
    z = q.sample((num_samples,))
    return (q.log_prob(z) - p.log_prob(z)).sum(-1).mean(-1)


def draws_of_a_fixed_number(mu, log_var, num_samples):
    return draws_not_averaged(mu, log_var, 500).mean(0)


def draws_seeded(mu, log_var, num_samples):
    torch.manual_seed(0)
    return draws_not_averaged(mu, log_var, num_samples).mean(0)


def draws_shared_by_the_latents(mu, log_var, num_samples):
    q, p = Normal(mu, torch.exp(log_var / 2)), Normal(0.0, 1.0)
    z = mu + torch.exp(log_var / 2) * torch.randn(num_samples, len(mu), 1)
    return (q.log_prob(z) - p.log_prob(z)).sum(-1).mean(0)


def draws_not_averaged(mu, log_var, num_samples):
    q, p = Normal(mu, torch.exp(log_var / 2)), Normal(0.0, 1.0)
    z = q.sample((num_samples,))
    return (q.log_prob(z) - p.log_prob(z)).sum(-1)


def draws_latents_not_summed(mu, log_var, num_samples):
    q, p = Normal(mu, torch.exp(log_var / 2)), Normal(0.0, 1.0)
    z = q.sample((num_samples,))
    return (q.log_prob(z) - p.log_prob(z)).mean(0)


def draws_with_var_as_std(mu, log_var, num_samples):
    q, p = Normal(mu, torch.exp(log_var)), Normal(0.0, 1.0)
    z = q.sample((num_samples,))
    return (q.log_prob(z) - p.log_prob(z)).sum(-1).mean(0)


def draws_with_var_times_eps(mu, log_var, num_samples):
    z = mu + log_var.exp() * torch.randn(num_samples, *mu.shape)
    log_q = -log_var / 2 - (z - mu) ** 2 / (2 * log_var.exp())
    return (log_q + z**2 / 2).sum(-1).mean(0)


def draws_at_the_mean(mu, log_var, num_samples):
    q, p = Normal(mu, torch.exp(log_var / 2)), Normal(0.0, 1.0)
    return (q.log_prob(mu) - p.log_prob(mu)).sum(-1)


def draws_without_log_q(mu, log_var, num_samples):
    z = mu + torch.exp(log_var / 2) * torch.randn(num_samples, *mu.shape)
    return -Normal(0.0, 1.0).log_prob(z).sum(-1).mean(0)


def draws_one_only(mu, log_var, num_samples):
    q, p = Normal(mu, torch.exp(log_var / 2)), Normal(0.0, 1.0)
    z = q.sample()
    return (q.log_prob(z) - p.log_prob(z)).sum(-1)


def draws_shared_by_the_batch(mu, log_var, num_samples):
    eps = torch.randn(num_samples, 1, mu.shape[1])
    q, p = Normal(mu, torch.exp(log_var / 2)), Normal(0.0, 1.0)
    z = mu + torch.exp(log_var / 2) * eps
    return (q.log_prob(z) - p.log_prob(z)).sum(-1).mean(0)


def draws_no_draws(mu, log_var, num_samples):
    return -0.5 * torch.sum(1 + log_var - mu**2 - log_var.exp(), dim=1)


def draws_batch_mean(mu, log_var, num_samples):
    return draws_not_averaged(mu, log_var, num_samples).mean()


def draws_in_a_loop(mu, log_var, num_samples):
    kl = torch.zeros(len(mu), dtype=torch.float64)
    for _ in range(num_samples):
        eps = torch.randn_like(mu)
        z = mu + torch.exp(log_var / 2) * eps
        kl += 0.5 * (z**2 - eps**2 - log_var).sum(1) / num_samples
    return kl


def draws_repeated_rows(mu, log_var, num_samples):
    mu, sigma = (values.repeat_interleave(num_samples, 0) for values in (mu, torch.exp(log_var / 2)))
    q, p = Independent(Normal(mu, sigma), 1), MultivariateNormal(torch.zeros_like(mu[0]), torch.eye(mu.shape[1]).to(mu))
    z = q.rsample()
    return (q.log_prob(z) - p.log_prob(z)).reshape(-1, num_samples).mean(1)


def draws_antithetic(mu, log_var, num_samples):
    eps = torch.randn((num_samples + 1) // 2, *mu.shape)
    eps = torch.cat([eps, -eps])[:num_samples]
    z = mu + torch.exp(log_var / 2) * eps
    return (0.5 * (z**2 - eps**2) - log_var / 2).sum(-1).mean(0)


def oracle(mu, log_var, num_samples):
    q = Independent(Normal(mu, torch.exp(log_var / 2)), 1)
    z = q.sample((num_samples,))
    return (q.log_prob(z) + (z**2 + math.log(2 * math.pi)).sum(-1) / 2).sum(0) / num_samples


def draws_one_fewer(mu, log_var, num_samples):
    eps = torch.randn(num_samples - 1, *mu.shape)
    z = mu + torch.exp(log_var / 2) * eps
    return 0.5 * (z**2 - eps**2 - log_var).sum(-1).mean(0)


ANSWERS = [
    (draws_from_the_prior, "z from the prior", "prior"),
    (draws_negative, "sign", "sign"),
    (draws_log_of_mean, "log of the mean ratio", "log-of-mean"),
    (draws_mean_over_latents, "mean over latents", "mean-over-latents"),
    (draws_summed, "sum over draws", "samples-summed"),
    (draws_over_the_batch, "mean over the batch axis", "samples-over-batch"),
    (draws_not_averaged, "draws not averaged", "samples-not-averaged"),
    (draws_latents_not_summed, "latents not summed", "latents-not-summed"),
    (draws_with_var_as_std, "exp(log_var) as σ", "read-as-log-sd"),
    (draws_with_var_times_eps, "Σε", "sigma-var-for-sigma"),
    (draws_at_the_mean, "z = μ", "noise-none"),
    (draws_without_log_q, "log q left out", "q-missing"),
    (draws_one_only, "one draw only", "single-draw"),
    (draws_of_a_fixed_number, "always 500 draws", "draws"),
    (draws_seeded, "a seed inside", "seeded"),
    (draws_shared_by_the_latents, "one ε for the latents", "noise-shared-by-latents"),
    (draws_shared_by_the_batch, "one ε for the batch", "noise-shared-by-rows"),
    (draws_no_draws, "closed form", "closed-form"),
    (draws_batch_mean, "mean over the batch", "batch-mean"),
    (draws_in_a_loop, "a loop over draws, float64", ""),
    (draws_repeated_rows, "rows repeated, rsample", ""),
    (draws_antithetic, "antithetic draws", ""),
    (lambda m, v, n: oracle(m, v, n).clamp(min=0), "the mean clamped at 0", "mean-clamped"),
    (lambda m, v, n: oracle(m, v, n + 1), "a draw too many", "one-more"),
    (draws_one_fewer, "a draw too few", "one-fewer"),
    (lambda m, v, n: oracle(m, v, 10 * n), "ten times the draws", "ten-times"),
    (lambda m, v, n: oracle(m, v * math.log(2), n), "2 ** (log_var / 2)", "read-base-two"),
]

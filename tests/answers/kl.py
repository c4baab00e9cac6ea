"""4.3's answers, as students wrote them: the answer, what is wrong with it, the key that it must get (none: right)."""

import math

import numpy as np
import torch
from torch.distributions import MultivariateNormal, Normal, kl_divergence


def kl_mean_over_latents(mu, log_var):
    return -0.5 * torch.mean(1 + log_var - mu.pow(2) - log_var.exp(), dim=1)


def kl_without_half(mu, log_var):
    return (log_var.exp() + mu**2 - 1 - log_var).sum(dim=-1)


def kl_half_on_the_mean_only(mu, log_var):
    return torch.sum(0.5 * mu**2 + log_var.exp() - 1 - log_var, dim=1)


def kl_half_not_on_the_log(mu, log_var):
    return torch.sum(0.5 * (mu**2 + log_var.exp() - 1) - log_var, dim=1)


def kl_without_brackets(mu, log_var):
    return torch.sum(-0.5 * 1 + log_var - mu**2 - log_var.exp(), dim=1)


def kl_one_once(mu, log_var):
    return 0.5 * (torch.sum(mu**2 + log_var.exp() - log_var, dim=1) - 1)


def kl_without_one(mu, log_var):
    return 0.5 * torch.sum(mu**2 + log_var.exp() - log_var, dim=1)


def kl_negative(mu, log_var):
    return 0.5 * torch.sum(1 + log_var - mu**2 - log_var.exp(), dim=1)


def kl_plus_log(mu, log_var):
    return 0.5 * torch.sum(mu**2 + log_var.exp() + log_var - 1, dim=1)


def kl_std_for_var(mu, log_var):
    var = torch.exp(log_var / 2)
    return -0.5 * torch.sum(1 + log_var - mu**2 - var, dim=1)


def kl_squared_twice(mu, log_var):
    return -0.5 * torch.sum(1 + log_var - mu**2 - torch.exp(log_var) ** 2, dim=1)


def kl_log_var_not_exponentiated(mu, log_var):
    return -0.5 * torch.sum(1 + log_var - mu**2 - log_var, dim=1)


def kl_log_var_as_var(mu, log_var):
    var = log_var
    return 0.5 * torch.sum(mu**2 + var - 1 - torch.log(var), dim=1)


def kl_log_var_as_std(mu, log_var):
    std = log_var
    return 0.5 * torch.sum(mu**2 + std**2 - 1 - torch.log(std**2), dim=1)


def kl_log_var_as_std_by_its_log(mu, log_var):
    std = log_var
    return torch.sum(-torch.log(std) - 0.5 + (mu**2 + std**2) / 2, dim=1)


def kl_log_var_as_log_std(mu, log_var):
    return kl_divergence(Normal(mu, log_var.exp()), Normal(0.0, 1.0)).sum(1)


def kl_log_std_in_the_last_term(mu, log_var):
    std = torch.exp(0.5 * log_var)
    return 0.5 * torch.sum(mu**2 + std**2 - 1 - torch.log(std), dim=1)


def kl_mean_not_squared(mu, log_var):
    return 0.5 * torch.sum(mu + log_var.exp() - 1 - log_var, dim=1)


def kl_reversed(mu, log_var):
    q, p = Normal(mu, torch.exp(log_var / 2)), Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return kl_divergence(p, q).sum(1)


def kl_per_latent(mu, log_var):
    return kl_divergence(Normal(mu, torch.exp(log_var / 2)), Normal(0.0, 1.0))


def kl_over_the_batch(mu, log_var):
    return -0.5 * torch.sum(1 + log_var - mu**2 - log_var.exp(), dim=0)


def kl_mean_over_the_batch_axis(mu, log_var):
    return -0.5 * torch.mean(1 + log_var - mu**2 - log_var.exp(), dim=0)


def kl_total(mu, log_var):
    return -0.5 * torch.sum(1 + log_var - mu.pow(2) - log_var.exp())


def kl_batch_mean(mu, log_var):
    return torch.mean(-0.5 * torch.sum(1 + log_var - mu**2 - log_var.exp(), dim=1))


def kl_mean_of_all(mu, log_var):
    return -0.5 * torch.mean(1 + log_var - mu.pow(2) - log_var.exp())


def kl_detached(mu, log_var):
    with torch.no_grad():
        return -0.5 * torch.sum(1 + log_var - mu**2 - log_var.exp(), dim=1)


def kl_variance_only_by_item(mu, log_var):
    return 0.5 * torch.sum(mu**2 + (log_var.exp() - 1 - log_var).detach(), dim=1)


def kl_variance_detached(mu, log_var):
    return 0.5 * (mu**2 + log_var.exp().detach() - 1 - log_var).sum(-1)


def kl_over_the_batch_size(mu, log_var):
    return 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(-1) / len(mu)


def kl_in_numpy(mu, log_var):
    mu, log_var = mu.detach().numpy(), log_var.detach().numpy()
    return 0.5 * np.sum(mu**2 + np.exp(log_var) - 1 - log_var, axis=1)


def kl_by_distributions(mu, log_var):
    return kl_divergence(Normal(mu, torch.exp(log_var / 2)), Normal(0.0, 1.0)).sum(1)


def kl_by_full_covariances(mu, log_var):
    q = MultivariateNormal(mu, torch.diag_embed(log_var.exp()))
    return kl_divergence(q, MultivariateNormal(torch.zeros(mu.shape[1]).to(mu), torch.eye(mu.shape[1]).to(mu)))


def kl_by_loops(mu, log_var):
    kls = []
    for m, lv in zip(mu, log_var, strict=True):
        kls.append(sum(0.5 * (m_j**2 + lv_j.exp() - 1 - lv_j) for m_j, lv_j in zip(m, lv, strict=True)))
    return torch.stack(kls)


def kl_in_double(mu, log_var):
    mu, log_var = mu.double(), log_var.double()
    sigma = torch.exp(log_var / 2)
    return torch.einsum("bk->b", 0.5 * mu * mu + 0.5 * sigma * sigma - 0.5 - sigma.log())


def oracle(mu, log_var):
    return kl_divergence(Normal(mu, torch.exp(log_var / 2)), Normal(0.0, 1.0)).sum(1)


def kl_of_three_latents(mu, log_var):
    return 0.5 * sum(mu[:, j] ** 2 + log_var[:, j].exp() - 1 - log_var[:, j] for j in range(3))


def kl_that_spoils_its_input(mu, log_var):
    terms = mu.square_() + log_var.exp() - 1 - log_var
    return 0.5 * terms.sum(-1)


def kl_typed_prior(mu, log_var):
    q = MultivariateNormal(mu, torch.diag_embed(log_var.exp()))
    return kl_divergence(q, MultivariateNormal(torch.zeros(3).to(mu), torch.eye(3).to(mu)))


def kl_clamped(mu, log_var):
    log_var = log_var.clamp(-5, 5)
    return 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(-1)


ANSWERS = [
    (kl_mean_over_latents, "KL averaged over latents", "mean-over-latents"),
    (kl_without_half, "½ missing", "half-missing"),
    (kl_half_on_the_mean_only, "½ on μ² only", "half-on-mean"),
    (kl_half_not_on_the_log, "½ not on log σ²", "half-on-mean-var-one"),
    (kl_without_brackets, "brackets missing after −½", "brackets"),
    (kl_one_once, "−1 once", "one-once"),
    (kl_without_one, "−1 missing", "one-missing"),
    (kl_negative, "sign of the KL", "sign"),
    (kl_plus_log, "sign of log σ²", "log-sign"),
    (kl_std_for_var, "exp(log_var / 2) for σ²", "sd-for-var"),
    (kl_squared_twice, "exp(log_var)²", "var-squared"),
    (kl_log_var_not_exponentiated, "log_var for σ²", "log-var-for-var"),
    (kl_log_var_as_var, "log_var read as σ²", "read-as-var"),
    (kl_log_var_as_std, "log_var read as σ", "read-as-sd"),
    (kl_log_var_as_std_by_its_log, "log_var read as σ, by its log", "read-as-sd-by-its-log"),
    (kl_log_var_as_log_std, "exp(log_var) as σ", "read-as-log-sd"),
    (kl_log_std_in_the_last_term, "log σ for log σ²", "log-sd-for-log-var"),
    (kl_mean_not_squared, "μ not squared", "mean-not-squared"),
    (kl_reversed, "KL(p ‖ q)", "reverse"),
    (kl_per_latent, "not summed", "latents-not-summed"),
    (kl_over_the_batch, "summed over the batch", "latents-over-batch"),
    (kl_mean_over_the_batch_axis, "mean over the batch axis", "latents-mean-over-batch"),
    (kl_total, "summed over everything", "latents-total"),
    (kl_batch_mean, "mean over the batch", "latents-batch-mean"),
    (kl_mean_of_all, "mean over everything", "latents-mean-of-all"),
    (kl_detached, "under no_grad", "no-gradient"),
    (kl_variance_only_by_item, "the σ part detached", "no-gradient"),
    (kl_variance_detached, "σ² detached", "var-detached"),
    (kl_over_the_batch_size, "divided by the batch", "latents-over-batch-size"),
    (kl_in_numpy, "numpy", "no-tensor"),
    (kl_by_distributions, "torch.distributions", ""),
    (kl_by_full_covariances, "MultivariateNormal", ""),
    (kl_by_loops, "loops over examples and latents", ""),
    (kl_in_double, "einsum, float64, log σ", ""),
    (kl_of_three_latents, "the number of latents typed in", "what-is"),
    (kl_typed_prior, "a prior of three latents typed in", "raised"),
    (kl_that_spoils_its_input, "changes its argument", "changes-arguments"),
    (kl_clamped, "log_var clamped", "clamped-5-5"),
    (lambda mu, log_var: 0.3 * (mu**2 + log_var.exp() - 1 - log_var).sum(-1), "0.6 of the KL", "what-is"),
    (
        lambda mu, log_var: (mu**2 + log_var.exp() - 1 - log_var).mean(-1) / 2 / math.log(2),
        "a pair",
        "mean-over-latents+bits",
    ),
    (lambda m, v: 0.5 * (m**2 + 2**v - 1 - v).sum(-1), "2 ** log_var", "var-base-two"),
    (lambda m, v: (0.5 * (m**2 + v.exp() - 1 - v)).clamp(min=0.5).sum(-1), "free bits", "free-bits-0.5"),
]

"""Chapter 4's answers."""

import math

import numpy as np
import torch
from torch.distributions import Bernoulli, Independent, MultivariateNormal, Normal, kl_divergence
from torch.nn import functional

from mistakes import Mistake, Unusual
from vae_lib.exercises import (
    check_bernoulli_log_likelihood,
    check_elbo,
    check_gaussian_log_likelihood,
    check_kl,
    check_kl_monte_carlo,
    check_weights,
)

# 4.1: the KL


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
    return kl_divergence(q, MultivariateNormal(torch.zeros(3).to(mu), torch.eye(3).to(mu)))


def kl_by_loops(mu, log_var):
    kls = []
    for m, lv in zip(mu, log_var, strict=True):
        kls.append(sum(0.5 * (m_j**2 + lv_j.exp() - 1 - lv_j) for m_j, lv_j in zip(m, lv, strict=True)))
    return torch.stack(kls)


def kl_in_double(mu, log_var):
    mu, log_var = mu.double(), log_var.double()
    sigma = torch.exp(log_var / 2)
    return torch.einsum("bk->b", 0.5 * mu * mu + 0.5 * sigma * sigma - 0.5 - sigma.log())


# 4.2: the KL from draws


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
    q, p = Independent(Normal(mu, sigma), 1), MultivariateNormal(torch.zeros_like(mu[0]), torch.eye(3).to(mu))
    z = q.rsample()
    return (q.log_prob(z) - p.log_prob(z)).reshape(-1, num_samples).mean(1)


def draws_antithetic(mu, log_var, num_samples):
    eps = torch.randn(num_samples // 2, *mu.shape)
    eps = torch.cat([eps, -eps])
    z = mu + torch.exp(log_var / 2) * eps
    return (0.5 * (z**2 - eps**2) - log_var / 2).sum(-1).mean(0)


# 4.3: a Bernoulli decoder


def bernoulli_cross_entropy(logits, x):
    return functional.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(-1)


def bernoulli_sigmoid_twice(logits, x):
    return -functional.binary_cross_entropy_with_logits(torch.sigmoid(logits), x, reduction="none").sum(-1)


def bernoulli_swapped(logits, x):
    return -functional.binary_cross_entropy_with_logits(x, logits, reduction="none").sum(-1)


def bernoulli_swapped_after_sigmoid(logits, x):
    return -functional.binary_cross_entropy(x, torch.sigmoid(logits), reduction="none").sum(-1)


def bernoulli_swapped_by_hand(logits, x):
    p = torch.sigmoid(logits)
    return (p * torch.log(x) + (1 - p) * torch.log(1 - x)).sum(-1)


def bernoulli_without_sigmoid(logits, x):
    return (x * torch.log(logits) + (1 - x) * torch.log(1 - logits)).sum(-1)


def bernoulli_ones_only(logits, x):
    return (x * torch.log(torch.sigmoid(logits))).sum(-1)


def bernoulli_zeros_only(logits, x):
    return ((1 - x) * torch.log(1 - torch.sigmoid(logits))).sum(-1)


def bernoulli_inverted(logits, x):
    p = torch.sigmoid(logits)
    return ((1 - x) * torch.log(p) + x * torch.log(1 - p)).sum(-1)


def bernoulli_mean_over_pixels(logits, x):
    return -functional.binary_cross_entropy_with_logits(logits, x, reduction="none").mean(-1)


def bernoulli_default_reduction(logits, x):
    return -functional.binary_cross_entropy_with_logits(logits, x)


def bernoulli_default_loss(logits, x):
    return functional.binary_cross_entropy_with_logits(logits, x)


def bernoulli_total(logits, x):
    return -functional.binary_cross_entropy_with_logits(logits, x, reduction="sum")


def bernoulli_over_the_batch(logits, x):
    return Bernoulli(logits=logits).log_prob(x).sum(0)


def bernoulli_per_pixel(logits, x):
    return Bernoulli(logits=logits).log_prob(x)


def bernoulli_probability(logits, x):
    p = torch.sigmoid(logits)
    return torch.prod(torch.where(x == 1, p, 1 - p), dim=1)


def bernoulli_log_sigmoid(logits, x):
    p = torch.sigmoid(logits)
    return (x * torch.log(p) + (1 - x) * torch.log(1 - p)).sum(-1)


def bernoulli_log_sigmoid_chosen(logits, x):
    p = torch.sigmoid(logits)
    return torch.log(torch.where(x == 1, p, 1 - p)).sum(-1)


def bernoulli_cut_off(logits, x):
    return -functional.binary_cross_entropy(torch.sigmoid(logits), x, reduction="none").sum(-1)


def bernoulli_by_probabilities(logits, x):
    return Bernoulli(probs=torch.sigmoid(logits)).log_prob(x).sum(-1)


def bernoulli_with_a_small_number(logits, x):
    p = torch.sigmoid(logits)
    return (x * torch.log(p + 1e-8) + (1 - x) * torch.log(1 - p + 1e-8)).sum(-1)


def bernoulli_clamped(logits, x):
    p = torch.sigmoid(logits).clamp(1e-6, 1 - 1e-6)
    return (x * torch.log(p) + (1 - x) * torch.log(1 - p)).sum(-1)


def bernoulli_by_exponentials(logits, x):
    return (x * logits - torch.log(1 + torch.exp(logits))).sum(-1)


def bernoulli_by_branches(logits, x):
    softplus = torch.where(logits > 20, logits, torch.log1p(torch.exp(logits)))
    return (x * logits - softplus).sum(-1)


def bernoulli_no_grad(logits, x):
    return Bernoulli(logits=logits.detach()).log_prob(x).sum(-1)


def bernoulli_by_softplus(logits, x):
    return (x * logits - functional.softplus(logits)).sum(-1)


def bernoulli_by_sign(logits, x):
    return functional.logsigmoid(logits.double() * (2 * x.double() - 1)).sum(1)


def bernoulli_by_absolute_values(logits, x):
    return -(logits.clamp(min=0) - logits * x + torch.log1p(torch.exp(-logits.abs()))).sum(-1)


def bernoulli_by_loops(logits, x):
    rows = zip(logits, x, strict=True)
    return torch.stack([-functional.binary_cross_entropy_with_logits(a, b, reduction="sum") for a, b in rows])


def bernoulli_by_logaddexp(logits, x):
    nothing = torch.zeros_like(logits)
    return torch.einsum("bi->b", -torch.logaddexp(nothing, (1 - 2 * x) * logits))


# 4.4: a Gaussian decoder


def gaussian_without_variance(mean, x, noise_std):
    D = x.shape[1]
    return -((x - mean) ** 2).sum(1) - D * torch.log(noise_std) - D / 2 * math.log(2 * math.pi)


def gaussian_half_squared_error(mean, x, noise_std):
    D = x.shape[1]
    return -((x - mean) ** 2).sum(1) / 2 - D * torch.log(noise_std) - D / 2 * math.log(2 * math.pi)


def gaussian_without_half(mean, x, noise_std):
    D = x.shape[1]
    return -((x - mean) ** 2).sum(1) / noise_std**2 - D * torch.log(noise_std) - D / 2 * math.log(2 * math.pi)


def gaussian_std_for_var(mean, x, noise_std):
    D = x.shape[1]
    return -((x - mean) ** 2).sum(1) / (2 * noise_std) - D * torch.log(noise_std) - D / 2 * math.log(2 * math.pi)


def gaussian_mean_squared_error_inside(mean, x, noise_std):
    D = x.shape[1]
    mse = functional.mse_loss(mean, x, reduction="none").mean(1)
    return -mse / (2 * noise_std**2) - D * torch.log(noise_std) - D / 2 * math.log(2 * math.pi)


def gaussian_without_log_2pi(mean, x, noise_std):
    return (-((x - mean) ** 2) / (2 * noise_std**2) - torch.log(noise_std)).sum(1)


def gaussian_log_2pi_once(mean, x, noise_std):
    return gaussian_without_log_2pi(mean, x, noise_std) - 0.5 * math.log(2 * math.pi)


def gaussian_log_2pi_without_half(mean, x, noise_std):
    return gaussian_without_log_2pi(mean, x, noise_std) - x.shape[1] * math.log(2 * math.pi)


def gaussian_log_2pi_d_times_too_often(mean, x, noise_std):
    D = x.shape[1]
    log_px = -((x - mean) ** 2) / (2 * noise_std**2) - torch.log(noise_std) - D / 2 * math.log(2 * math.pi)
    return log_px.sum(1)


def gaussian_constants_d_times_too_often(mean, x, noise_std):
    D = x.shape[1]
    return (-((x - mean) ** 2) / (2 * noise_std**2) - D / 2 * torch.log(2 * math.pi * noise_std**2)).sum(1)


def gaussian_constants_once(mean, x, noise_std):
    return -((x - mean) ** 2).sum(1) / (2 * noise_std**2) - 0.5 * torch.log(2 * math.pi * noise_std**2)


def gaussian_without_log_std(mean, x, noise_std):
    return (-((x - mean) ** 2) / (2 * noise_std**2) - 0.5 * math.log(2 * math.pi)).sum(1)


def gaussian_log_std_once(mean, x, noise_std):
    return gaussian_without_log_std(mean, x, noise_std) - torch.log(noise_std)


def gaussian_log_var_for_log_std(mean, x, noise_std):
    return gaussian_without_log_std(mean, x, noise_std) - x.shape[1] * torch.log(noise_std**2)


def gaussian_log_std_added(mean, x, noise_std):
    return gaussian_without_log_std(mean, x, noise_std) + x.shape[1] * torch.log(noise_std)


def gaussian_log_of_std_in_the_root(mean, x, noise_std):
    D = x.shape[1]
    return -((x - mean) ** 2).sum(1) / (2 * noise_std**2) - D / 2 * torch.log(2 * math.pi * noise_std)


def gaussian_twice_std_squared(mean, x, noise_std):
    D = x.shape[1]
    return -((x - mean) ** 2).sum(1) / (2 * noise_std) ** 2 - D * torch.log(noise_std) - D / 2 * math.log(2 * math.pi)


def gaussian_log_2pi_added(mean, x, noise_std):
    return gaussian_without_log_2pi(mean, x, noise_std) + x.shape[1] / 2 * math.log(2 * math.pi)


def gaussian_without_constants(mean, x, noise_std):
    return -0.5 * (((x - mean) / noise_std) ** 2).sum(1)


def gaussian_squared_error_alone(mean, x, noise_std):
    return -functional.mse_loss(mean, x, reduction="none").sum(1)


def gaussian_mean_squared_error(mean, x, noise_std):
    return -functional.mse_loss(mean, x, reduction="none").mean(1)


def gaussian_mse_loss(mean, x, noise_std):
    return -functional.mse_loss(mean, x)


def gaussian_std_as_var(mean, x, noise_std):
    return Normal(mean, noise_std.sqrt()).log_prob(x).sum(1)


def gaussian_var_as_std(mean, x, noise_std):
    return Normal(mean, noise_std**2).log_prob(x).sum(1)


def gaussian_std_as_log_std(mean, x, noise_std):
    return Normal(mean, noise_std.exp()).log_prob(x).sum(1)


def gaussian_negative(mean, x, noise_std):
    return -Normal(mean, noise_std).log_prob(x).sum(1)


def gaussian_mean_over_pixels(mean, x, noise_std):
    return Normal(mean, noise_std).log_prob(x).mean(1)


def gaussian_over_the_batch(mean, x, noise_std):
    return Normal(mean, noise_std).log_prob(x).sum(0)


def gaussian_total(mean, x, noise_std):
    return Normal(mean, noise_std).log_prob(x).sum()


def gaussian_batch_mean(mean, x, noise_std):
    return Normal(mean, noise_std).log_prob(x).sum(1).mean()


def gaussian_per_pixel(mean, x, noise_std):
    return Normal(mean, noise_std).log_prob(x)


def gaussian_density(mean, x, noise_std):
    return torch.exp(Normal(mean, noise_std).log_prob(x)).prod(1)


def gaussian_by_distributions(mean, x, noise_std):
    return Independent(Normal(mean, noise_std), 1).log_prob(x)


def gaussian_by_a_covariance(mean, x, noise_std):
    covariance = noise_std**2 * torch.eye(x.shape[1]).to(x)
    return MultivariateNormal(mean, covariance).log_prob(x)


def gaussian_by_nll_loss(mean, x, noise_std):
    var = torch.full_like(mean, float(noise_std) ** 2)
    return -functional.gaussian_nll_loss(mean, x, var, full=True, reduction="none").sum(1)


def gaussian_by_einsum(mean, x, noise_std):
    mean, x, s = mean.double(), x.double(), float(noise_std)
    squared = torch.einsum("bi,bi->b", x - mean, x - mean)
    return -squared / (2 * s**2) - x.shape[1] / 2 * math.log(2 * math.pi * s**2)


# 4.5: the ELBO


def elbo_from(model, x, z=None, reconstruction=None, kl=None):
    """What the answers below share: a right ELBO, with one part replaced."""
    qz_x = model.encoder(x)
    z = qz_x.rsample() if z is None else z(qz_x)
    reconstruction = model.decoder(z).log_prob(x) if reconstruction is None else reconstruction(model.decoder(z), x)
    return reconstruction - (kl_divergence(qz_x, model.prior) if kl is None else kl(qz_x))


def kls_by_hand(qz_x):
    return -0.5 * (1 + torch.log(qz_x.variance) - qz_x.mean**2 - qz_x.variance)


def elbo_at_the_mean(model, x):
    return elbo_from(model, x, z=lambda qz_x: qz_x.mean)


def elbo_at_the_mean_in_evaluation(model, x):
    return elbo_from(model, x, z=lambda qz_x: qz_x.rsample() if model.training else qz_x.mean)


def elbo_var_times_eps(model, x):
    return elbo_from(model, x, z=lambda qz_x: qz_x.mean + qz_x.variance * torch.randn_like(qz_x.mean))


def elbo_one_eps_for_the_batch(model, x):
    return elbo_from(model, x, z=lambda q: q.mean + q.stddev * torch.randn(1, q.mean.shape[1]).to(x))


def elbo_one_eps_for_the_latents(model, x):
    return elbo_from(model, x, z=lambda q: q.mean + q.stddev * torch.randn(len(x), 1).to(x))


def elbo_other_draws_in_the_kl(model, x):
    return elbo_from(model, x, kl=lambda q: q.log_prob(q.rsample()) - model.prior.log_prob(q.rsample()))


def elbo_seeded(model, x):
    torch.manual_seed(0)
    return elbo_from(model, x)


def elbo_from_prior_draws(model, x):
    return elbo_from(model, x, z=lambda qz_x: torch.randn_like(qz_x.mean))


def elbo_kl_mean_over_latents(model, x):
    return elbo_from(model, x, kl=lambda qz_x: kls_by_hand(qz_x).mean(-1))


def elbo_without_kl(model, x):
    return elbo_from(model, x, kl=lambda qz_x: 0)


def elbo_kl_to_the_posterior(model, x):
    q = model.encoder(x)
    full = MultivariateNormal(q.mean, torch.diag_embed(q.variance))
    return model.decoder(q.rsample()).log_prob(x) - kl_divergence(full, model.posterior(x))


def elbo_kl_without_half(model, x):
    return elbo_from(model, x, kl=lambda qz_x: 2 * kls_by_hand(qz_x).sum(-1))


def elbo_kl_added(model, x):
    return elbo_from(model, x, kl=lambda qz_x: -kls_by_hand(qz_x).sum(-1))


def elbo_kl_reversed(model, x):
    return elbo_from(model, x, kl=lambda qz_x: kl_divergence(model.prior.expand([len(x)]), qz_x))


def elbo_kl_of_the_batch(model, x):
    return elbo_from(model, x, kl=lambda qz_x: kls_by_hand(qz_x).sum())


def elbo_kl_batch_mean(model, x):
    return elbo_from(model, x, kl=lambda qz_x: kls_by_hand(qz_x).sum(-1).mean())


def elbo_reconstruction_batch_mean(model, x):
    return elbo_from(model, x, reconstruction=lambda px_z, x: px_z.log_prob(x).mean())


def elbo_as_loss(model, x):
    return -elbo_from(model, x)


def elbo_without_reconstruction(model, x):
    return -kl_divergence(model.encoder(x), model.prior)


def elbo_mean_over_pixels(model, x):
    return elbo_from(model, x, reconstruction=lambda px_z, x: px_z.base_dist.log_prob(x).mean(-1))


def elbo_two_means(model, x):
    q = model.encoder(x)
    reconstruction = model.decoder(q.rsample()).base_dist.log_prob(x).mean(-1)
    return reconstruction - kls_by_hand(q).mean(-1)


def elbo_squared_error(model, x):
    return elbo_from(model, x, reconstruction=lambda px_z, x: -((x - px_z.mean) ** 2).sum(-1))


def elbo_half_squared_error(model, x):
    return elbo_from(model, x, reconstruction=lambda px_z, x: -0.5 * ((x - px_z.mean) ** 2).sum(-1))


def elbo_batch_mean(model, x):
    return elbo_from(model, x).mean()


def elbo_per_pixel(model, x):
    return elbo_from(model, x, reconstruction=lambda px_z, x: px_z.base_dist.log_prob(x), kl=lambda qz_x: 0)


def elbo_sample(model, x):
    return elbo_from(model, x, z=lambda qz_x: qz_x.sample())


def elbo_detached(model, x):
    return elbo_from(model, x, z=lambda qz_x: qz_x.rsample().detach())


def elbo_z_without_grad(model, x):
    def z(qz_x):
        with torch.no_grad():
            return qz_x.rsample()

    return elbo_from(model, x, z=z)


def elbo_mean_detached(model, x):
    return elbo_from(model, x, z=lambda q: q.mean.detach() + q.stddev * torch.randn_like(q.mean))


def elbo_std_detached(model, x):
    return elbo_from(model, x, z=lambda q: q.mean + q.stddev.detach() * torch.randn_like(q.mean))


def elbo_kl_detached(model, x):
    return elbo_from(model, x, kl=lambda qz_x: kl_divergence(qz_x, model.prior).detach())


def elbo_all_without_grad(model, x):
    with torch.no_grad():
        return elbo_from(model, x)


def elbo_encoder_without_grad(model, x):
    with torch.no_grad():
        q = model.encoder(x)
    return model.decoder(q.mean + q.stddev * torch.randn_like(q.mean)).log_prob(x) - kl_divergence(q, model.prior)


def elbo_log_evidence(model, x):
    return model.log_likelihood(x)


def elbo_log_of_mean_weight(model, x):
    q = model.encoder(x)
    z = q.rsample((20,))
    log_w = model.decoder(z).log_prob(x) + model.prior.log_prob(z) - q.log_prob(z)
    return torch.logsumexp(log_w, 0) - math.log(20)


def elbo_sticking_the_landing(model, x):
    q = model.encoder(x)
    z = q.rsample()
    fixed = Independent(Normal(q.mean.detach(), q.stddev.detach()), 1)
    return model.decoder(z).log_prob(x) + model.prior.log_prob(z) - fixed.log_prob(z)


def elbo_by_hand(model, x):
    q = model.encoder(x)
    mu, sigma = q.mean, q.stddev
    z = mu + sigma * torch.randn_like(sigma)
    return model.decoder(z).log_prob(x) - kls_by_hand(q).sum(-1)


def elbo_of_ten_draws(model, x):
    q = model.encoder(x)
    return model.decoder(q.rsample((10,))).log_prob(x).mean(0) - kl_divergence(q, model.prior)


def elbo_from_one_draw_in_all(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return model.decoder(z).log_prob(x) + model.prior.log_prob(z) - q.log_prob(z)


def elbo_by_loops(model, x):
    return torch.cat([elbo_of_ten_draws(model, image[None]) for image in x])


def elbo_antithetic(model, x):
    q = model.encoder(x)
    eps = torch.randn_like(q.mean)
    reconstruction = [model.decoder(q.mean + sign * q.stddev * eps).log_prob(x) for sign in (1, -1)]
    return (reconstruction[0] + reconstruction[1]) / 2 - kl_divergence(q, model.prior)


def elbo_in_double(model, x):
    return elbo_from(model, x).double()


# 4.6: weights


def marginal_mean_of_logs(log_w):
    return log_w.mean(0)


def marginal_log_sum(log_w):
    return torch.logsumexp(log_w, dim=0)


def marginal_naive(log_w):
    return torch.log(torch.mean(torch.exp(log_w), dim=0))


def marginal_one_maximum(log_w):
    top = log_w.max()
    return top + torch.log(torch.exp(log_w - top).mean(0))


def marginal_maximum_lost(log_w):
    return torch.log(torch.exp(log_w - log_w.max(0).values).mean(0))


def marginal_wrong_axis(log_w):
    return torch.logsumexp(log_w, dim=1) - math.log(log_w.shape[1])


def marginal_wrong_count(log_w):
    return torch.logsumexp(log_w, dim=0) - math.log(log_w.shape[1])


def marginal_of_four(log_w):
    return torch.logsumexp(log_w, 0) - math.log(4)


def marginal_by_the_mean(log_w):
    middle = log_w.mean(0)
    return middle + torch.log(torch.exp(log_w - middle).mean(0))


def marginal_detached(log_w):
    return torch.logsumexp(log_w.detach(), 0) - math.log(len(log_w)) + 0 * log_w.sum(0)


def marginal_without_log(log_w):
    return log_w.exp().mean(0)


def marginal_divided(log_w):
    return log_w.logsumexp(0) / len(log_w)


def marginal_of_everything(log_w):
    return torch.logsumexp(log_w.flatten(), 0) - math.log(log_w.numel())


def marginal_batch_mean(log_w):
    return (torch.logsumexp(log_w, 0) - math.log(len(log_w))).mean()


def marginal_in_numpy_and_back(log_w):
    return torch.as_tensor(np.logaddexp.reduce(log_w.detach().numpy(), axis=0) - math.log(len(log_w)))


def marginal_by_logsumexp(log_w):
    return torch.logsumexp(log_w - math.log(len(log_w)), dim=0)


def marginal_by_maximum(log_w):
    top = log_w.max(dim=0, keepdim=True).values
    return top[0] + (log_w - top).exp().mean(0).log()


def marginal_by_logaddexp(log_w):
    total = log_w[0]
    for row in log_w[1:]:
        total = torch.logaddexp(total, row)
    return total.double() - math.log(len(log_w))


def weights_wrong_axis(log_w):
    return torch.softmax(log_w, dim=1)


def weights_last_axis_divided(log_w):
    w = torch.exp(log_w)
    return w / w.sum()


def weights_not_normalised(log_w):
    return log_w.exp()


def weights_divided_by_the_largest(log_w):
    return torch.exp(log_w - log_w.max(0).values)


def weights_divided_by_the_mean(log_w):
    return len(log_w) * torch.softmax(log_w, 0)


def weights_of_logs(log_w):
    return log_w / log_w.sum(0)


def weights_as_logs(log_w):
    return functional.log_softmax(log_w, dim=0)


def weights_naive(log_w):
    w = torch.exp(log_w)
    return w / w.sum(0, keepdim=True)


def weights_one_maximum(log_w):
    w = torch.exp(log_w - log_w.max())
    return w / w.sum(0)


def weights_by_the_mean(log_w):
    w = torch.exp(log_w - log_w.mean(0))
    return w / w.sum(0)


def weights_inverted(log_w):
    return functional.softmin(log_w, dim=0)


def weights_summed(log_w):
    return torch.softmax(log_w, 0).sum(0)


def weights_by_logsumexp(log_w):
    return torch.exp(log_w - log_w.logsumexp(0, keepdim=True))


def weights_by_maximum(log_w):
    w = torch.exp(log_w.double() - log_w.double().max(0).values)
    return w / w.sum(0)


def weights_by_columns(log_w):
    return torch.stack([functional.softmax(column, dim=0) for column in log_w.T], dim=1)


def both(marginal=marginal_by_logsumexp, weights=weights_by_logsumexp):
    return lambda log_w: (marginal(log_w), weights(log_w))


MISTAKES = [
    Mistake(check_kl, "KL averaged over latents", kl_mean_over_latents, "averaged over the latent dimensions"),
    Mistake(check_kl, "½ missing", kl_without_half, "½ is missing"),
    Mistake(check_kl, "½ on μ² only", kl_half_on_the_mean_only, "½ stands before μ² only"),
    Mistake(check_kl, "½ not on log σ²", kl_half_not_on_the_log, "½ stands before μ² and σ² and the −1 only"),
    Mistake(check_kl, "brackets missing after −½", kl_without_brackets, "brackets are missing"),
    Mistake(check_kl, "−1 once", kl_one_once, "−1 is counted once"),
    Mistake(check_kl, "−1 missing", kl_without_one, "−1 is missing"),
    Mistake(check_kl, "sign of the KL", kl_negative, "sign of the KL"),
    Mistake(check_kl, "sign of log σ²", kl_plus_log, "sign of log σ²"),
    Mistake(check_kl, "exp(log_var / 2) for σ²", kl_std_for_var, "σ is used in place of σ²"),
    Mistake(check_kl, "exp(log_var)²", kl_squared_twice, "σ² is squared again"),
    Mistake(check_kl, "log_var for σ²", kl_log_var_not_exponentiated, "log_var is used in place of σ²"),
    Mistake(check_kl, "log_var read as σ²", kl_log_var_as_var, "log_var is read as σ²"),
    Mistake(check_kl, "log_var read as σ", kl_log_var_as_std, "log_var is read as σ"),
    Mistake(check_kl, "log_var read as σ, by its log", kl_log_var_as_std_by_its_log, "log_var is read as σ"),
    Mistake(check_kl, "exp(log_var) as σ", kl_log_var_as_log_std, "log_var is read as log σ"),
    Mistake(check_kl, "log σ for log σ²", kl_log_std_in_the_last_term, "log σ is used in place of log σ²"),
    Mistake(check_kl, "μ not squared", kl_mean_not_squared, "μ is used in place of μ²"),
    Mistake(check_kl, "KL(p ‖ q)", kl_reversed, "the other way round"),
    Mistake(check_kl, "not summed", kl_per_latent, "not added up"),
    Mistake(check_kl, "summed over the batch", kl_over_the_batch, "over the batch instead of the latents"),
    Mistake(check_kl, "mean over the batch axis", kl_mean_over_the_batch_axis, "mean runs over the batch"),
    Mistake(check_kl, "summed over everything", kl_total, "everything is added up"),
    Mistake(check_kl, "mean over the batch", kl_batch_mean, "mean over the batch is taken already"),
    Mistake(check_kl, "mean over everything", kl_mean_of_all, "everything is averaged"),
    Mistake(check_kl, "under no_grad", kl_detached, "carries no gradient"),
    Mistake(check_kl, "the σ part detached", kl_variance_only_by_item, "No gradient reaches log_var"),
    Mistake(check_kl, "σ² detached", kl_variance_detached, "gradient with respect to log_var differs"),
    Mistake(check_kl, "divided by the batch", kl_over_the_batch_size, "divided by the size of the batch"),
    Mistake(check_kl, "numpy", kl_in_numpy, "Expected a tensor, got a ndarray"),
    Mistake(check_kl_monte_carlo, "z from the prior", draws_from_the_prior, "drawn from the prior"),
    Mistake(check_kl_monte_carlo, "sign", draws_negative, "sign is wrong"),
    Mistake(check_kl_monte_carlo, "log of the mean ratio", draws_log_of_mean, "logarithm of the mean ratio"),
    Mistake(check_kl_monte_carlo, "mean over latents", draws_mean_over_latents, "averaged over the latent dimensions"),
    Mistake(check_kl_monte_carlo, "sum over draws", draws_summed, "draws are added up"),
    Mistake(check_kl_monte_carlo, "mean over the batch axis", draws_over_the_batch, "batch instead of the draws"),
    Mistake(check_kl_monte_carlo, "draws not averaged", draws_not_averaged, "draws are not averaged"),
    Mistake(check_kl_monte_carlo, "latents not summed", draws_latents_not_summed, "latents are not added up"),
    Mistake(check_kl_monte_carlo, "exp(log_var) as σ", draws_with_var_as_std, "exp(log_var) is used as σ"),
    Mistake(check_kl_monte_carlo, "Σε", draws_with_var_times_eps, "z = μ + σ²ε"),
    Mistake(check_kl_monte_carlo, "z = μ", draws_at_the_mean, "z is μ itself"),
    Mistake(check_kl_monte_carlo, "log q left out", draws_without_log_q, "log q(z|x) is left out"),
    Mistake(check_kl_monte_carlo, "one draw only", draws_one_only, "num_samples is not used"),
    Mistake(check_kl_monte_carlo, "always 500 draws", draws_of_a_fixed_number, "num_samples is not used"),
    Mistake(check_kl_monte_carlo, "a seed inside", draws_seeded, "is the seed set inside"),
    Mistake(check_kl_monte_carlo, "one ε for the latents", draws_shared_by_the_latents, "one ε serves all the latents"),
    Mistake(check_kl_monte_carlo, "one ε for the batch", draws_shared_by_the_batch, "shared by the whole batch"),
    Mistake(check_kl_monte_carlo, "closed form", draws_no_draws, "draws nothing"),
    Mistake(check_kl_monte_carlo, "mean over the batch", draws_batch_mean, "whole batch is reduced to one number"),
]
BERNOULLI = [
    ("sign", bernoulli_cross_entropy, "cross-entropy is returned"),
    ("sigmoid before logits loss", bernoulli_sigmoid_twice, "sigmoid is taken twice"),
    ("arguments swapped", bernoulli_swapped, "arguments of the cross-entropy with logits are swapped"),
    (
        "arguments swapped after a sigmoid",
        bernoulli_swapped_after_sigmoid,
        "arguments of the cross-entropy are swapped",
    ),
    ("x and p swapped by hand", bernoulli_swapped_by_hand, "swapped in the formula"),
    ("sigmoid forgotten", bernoulli_without_sigmoid, "sigmoid is forgotten"),
    (
        "sigmoid forgotten in torch's loss",
        lambda a, x: -functional.binary_cross_entropy(a, x),
        "It raised RuntimeError",
    ),
    ("only x = 1", bernoulli_ones_only, "only the pixels with x = 1"),
    ("only x = 0", bernoulli_zeros_only, "only the pixels with x = 0"),
    ("x and 1 − x exchanged", bernoulli_inverted, "x and 1 − x are swapped"),
    ("mean over pixels", bernoulli_mean_over_pixels, "pixels are averaged"),
    ("mean over everything", bernoulli_default_reduction, "everything is averaged"),
    ("torch's loss as it is", bernoulli_default_loss, "everything is averaged, pixels and batch, and the sign"),
    ("sum over everything", bernoulli_total, "everything is added up"),
    ("sum over the batch", bernoulli_over_the_batch, "over the batch instead of the pixels"),
    ("not summed", bernoulli_per_pixel, "pixels are not added up"),
    ("probability", bernoulli_probability, "probability of the image is returned"),
    ("log(sigmoid)", bernoulli_log_sigmoid, "0 · log 0 is NaN"),
    ("log(sigmoid), chosen by where", bernoulli_log_sigmoid_chosen, "log 0 is −∞"),
    ("sigmoid before binary_cross_entropy", bernoulli_cut_off, "cuts logarithms off at −100"),
    ("Bernoulli(probs=…)", bernoulli_by_probabilities, "probabilities are kept away from 0 and 1"),
    ("probabilities clamped", bernoulli_clamped, "keeps the probabilities away from 0 and 1: a clamp"),
    ("log(1 + exp)", bernoulli_by_exponentials, "exp(1000) is infinite"),
    ("log1p(exp) under where", bernoulli_by_branches, "gradient with respect to logits is NaN"),
    (
        "part of the logits detached",
        lambda a, x: (x * a.detach() - functional.softplus(a)).sum(-1),
        "gradient with respect to logits differs",
    ),
    ("1e-8 in the logarithm", bernoulli_with_a_small_number, "1e-8 keeps"),
    ("detached", bernoulli_no_grad, "carries no gradient"),
]
GAUSSIAN = [
    ("MSE without 1/(2σ²)", gaussian_without_variance, "lacks its factor 1/(2σ²)"),
    ("MSE without 1/σ²", gaussian_half_squared_error, "lacks 1/σ²"),
    ("½ missing", gaussian_without_half, "½ is missing before the squared error"),
    ("σ for σ²", gaussian_std_for_var, "divided by σ instead of σ²"),
    ("squared error averaged", gaussian_mean_squared_error_inside, "squared error is averaged over the pixels"),
    ("log 2π dropped", gaussian_without_log_2pi, "log 2π is left out"),
    ("log 2π once", gaussian_log_2pi_once, "½ log 2π is counted once"),
    ("log 2π without ½", gaussian_log_2pi_without_half, "½ is missing before log 2π"),
    ("log 2π D times too often", gaussian_log_2pi_d_times_too_often, "½ log 2π is counted D times too often"),
    ("constants D times too often", gaussian_constants_d_times_too_often, "log σ and ½ log 2π are counted D times"),
    ("constants once", gaussian_constants_once, "log σ and ½ log 2π are counted once"),
    ("log σ dropped", gaussian_without_log_std, "log σ is left out"),
    ("log σ once", gaussian_log_std_once, "log σ is counted once"),
    ("log σ² for log σ", gaussian_log_var_for_log_std, "log σ² is used in place of log σ"),
    ("sign of log σ", gaussian_log_std_added, "log σ has the wrong sign"),
    ("log 2πσ", gaussian_log_of_std_in_the_root, "½ log σ is used in place of log σ"),
    ("(2σ)²", gaussian_twice_std_squared, "(2σ)² instead of 2σ²"),
    ("log 2π added", gaussian_log_2pi_added, "log 2π has the wrong sign"),
    ("constants dropped", gaussian_without_constants, "both constants are left out"),
    ("squared error alone", gaussian_squared_error_alone, "minus the squared error is returned"),
    ("mean squared error alone", gaussian_mean_squared_error, "squared error averaged over the pixels is returned"),
    ("mse_loss", gaussian_mse_loss, "squared error averaged over everything"),
    ("noise_std as a variance", gaussian_std_as_var, "noise_std is used as the variance"),
    ("noise_std² as σ", gaussian_var_as_std, "noise_std² is used as the standard deviation"),
    ("noise_std as log σ", gaussian_std_as_log_std, "noise_std is used as log σ"),
    ("sign", gaussian_negative, "minus the log-likelihood"),
    ("mean over pixels", gaussian_mean_over_pixels, "the pixels are averaged instead of summed"),
    ("sum over the batch", gaussian_over_the_batch, "over the batch instead of the pixels"),
    ("sum over everything", gaussian_total, "everything is added up"),
    ("mean over the batch", gaussian_batch_mean, "mean over the batch is taken already"),
    ("not summed", gaussian_per_pixel, "pixels are not added up"),
    ("density", gaussian_density, "density is returned"),
]
ELBO = [
    (
        "μ instead of z at test time",
        elbo_at_the_mean_in_evaluation,
        "impossible for a lower bound. This is what you get if z is μ",
    ),
    ("μ instead of z", elbo_at_the_mean, "impossible for a lower bound. This is what you get if z is μ"),
    ("Σε", elbo_var_times_eps, "impossible for a lower bound. This is what you get if z = μ + σ²ε"),
    ("one ε for the batch", elbo_one_eps_for_the_batch, "one ε is shared by the batch"),
    ("one ε for the latents", elbo_one_eps_for_the_latents, "or the latents"),
    ("other draws in the KL", elbo_other_draws_in_the_kl, "the densities see other draws"),
    ("a seed inside", elbo_seeded, "Every call gives the same numbers"),
    ("z from the prior", elbo_from_prior_draws, "drawn from the prior"),
    (
        "KL averaged over latents",
        elbo_kl_mean_over_latents,
        "impossible for a lower bound. This is what you get if the KL is averaged over the latent",
    ),
    ("KL forgotten", elbo_without_kl, "impossible for a lower bound. This is what you get if the KL is forgotten"),
    ("KL to the posterior", elbo_kl_to_the_posterior, "taken to the posterior"),
    ("½ forgotten in the KL", elbo_kl_without_half, "½ is forgotten in the KL"),
    ("KL added", elbo_kl_added, "impossible for a lower bound. This is what you get if the KL is added"),
    ("KL(p ‖ q)", elbo_kl_reversed, "the other way round"),
    ("KL of the whole batch", elbo_kl_of_the_batch, "KL of the whole batch"),
    ("KL averaged over the batch", elbo_kl_batch_mean, "KL is averaged over the batch"),
    ("reconstruction averaged over the batch", elbo_reconstruction_batch_mean, "reconstruction term is averaged over"),
    ("J returned for the ELBO", elbo_as_loss, "J is returned instead of the ELBO"),
    ("reconstruction forgotten", elbo_without_reconstruction, "reconstruction term is forgotten"),
    ("mean over pixels, sum over latents", elbo_mean_over_pixels, "pixels are averaged, and the latents summed"),
    ("mean over pixels, mean over latents", elbo_two_means, "pixels and latents are both averaged"),
    ("squared error", elbo_squared_error, "minus the squared error"),
    ("half the squared error", elbo_half_squared_error, "minus half the squared error"),
    ("mean over the batch", elbo_batch_mean, "whole batch is reduced to one number"),
    ("one number per pixel", elbo_per_pixel, "pixels are not added up"),
    (".sample() for .rsample()", elbo_sample, "z comes from .sample()"),
    ("detach around z", elbo_detached, "is detached"),
    ("no_grad around z", elbo_z_without_grad, "torch.no_grad"),
    ("μ detached in z", elbo_mean_detached, "μ is detached in z"),
    ("σ detached in z", elbo_std_detached, "σ is detached in z"),
    ("KL detached", elbo_kl_detached, "the KL sends no gradient"),
    ("all under no_grad", elbo_all_without_grad, "carries no gradient"),
    ("encoder under no_grad", elbo_encoder_without_grad, "No gradient reaches encoder and log_var"),
    ("mean inside the logarithm", elbo_log_of_mean_weight, "the importance-weighted bound"),
    ("log p(x) itself", elbo_log_evidence, "log p(x) itself is returned"),
]
MARGINAL = [
    ("mean of logs", marginal_mean_of_logs, "mean of the logarithms"),
    ("mean forgotten", marginal_log_sum, "mean is forgotten"),
    ("log-mean-exp without max", marginal_naive, "without subtracting the maximum of log w first"),
    ("one maximum for the batch", marginal_one_maximum, "one maximum of the whole batch is subtracted"),
    ("maximum not added again", marginal_maximum_lost, "maximum is subtracted and not added back"),
    ("wrong axis", marginal_wrong_axis, "axis is wrong"),
    ("divided by the batch size", marginal_wrong_count, "size of the batch"),
    ("log forgotten", marginal_without_log, "logarithm is forgotten"),
    ("log of the sum divided by S", marginal_divided, "divided by the number of samples"),
    ("mean over everything", marginal_of_everything, "mean runs over everything"),
    ("mean over the batch", marginal_batch_mean, "mean over the batch is taken already"),
    ("divided by 4", marginal_of_four, "4 samples are hard-coded"),
    ("mean for max", marginal_by_the_mean, "the mean of log w is subtracted"),
    ("detached", marginal_detached, "gradient with respect to log_w differs"),
    ("by numpy", marginal_in_numpy_and_back, "carries no gradient"),
]
WEIGHTS = [
    ("wrong axis", weights_wrong_axis, "axis is wrong"),
    ("one sum for all", weights_last_axis_divided, "one sum over everything"),
    ("not normalised", weights_not_normalised, "not normalised"),
    ("divided by the largest", weights_divided_by_the_largest, "divided by their maximum"),
    ("divided by the mean", weights_divided_by_the_mean, "divided by their mean"),
    ("logs divided by their sum", weights_of_logs, "logarithms are divided by their sum"),
    ("log-softmax", weights_as_logs, "logarithms of the normalised weights"),
    ("without max", weights_naive, "without subtracting the maximum of log w first"),
    ("one maximum for the batch", weights_one_maximum, "one maximum of the whole batch is subtracted"),
    ("mean for max", weights_by_the_mean, "the mean of log w is subtracted"),
    ("sign", weights_inverted, "sign of log w"),
    ("summed", weights_summed, "normalised and then added up"),
]
MISTAKES += [Mistake(check_bernoulli_log_likelihood, *row) for row in BERNOULLI]
MISTAKES += [Mistake(check_gaussian_log_likelihood, *row) for row in GAUSSIAN]
MISTAKES += [Mistake(check_elbo, *row) for row in ELBO]
MISTAKES += [Mistake(check_weights, f"log p(x): {name}", both(marginal=f), says) for name, f, says in MARGINAL]
MISTAKES += [Mistake(check_weights, f"weights: {name}", both(weights=f), says) for name, f, says in WEIGHTS]

UNUSUAL = [
    Unusual(check_kl, "torch.distributions", kl_by_distributions),
    Unusual(check_kl, "MultivariateNormal", kl_by_full_covariances),
    Unusual(check_kl, "loops over examples and latents", kl_by_loops),
    Unusual(check_kl, "einsum, float64, log σ", kl_in_double),
    Unusual(check_kl_monte_carlo, "a loop over draws, float64", draws_in_a_loop),
    Unusual(check_kl_monte_carlo, "rows repeated, rsample", draws_repeated_rows),
    Unusual(check_kl_monte_carlo, "antithetic draws", draws_antithetic),
    Unusual(check_bernoulli_log_likelihood, "softplus", bernoulli_by_softplus),
    Unusual(check_bernoulli_log_likelihood, "logsigmoid of ±logits, float64", bernoulli_by_sign),
    Unusual(check_bernoulli_log_likelihood, "log1p(exp(−|logits|))", bernoulli_by_absolute_values),
    Unusual(check_bernoulli_log_likelihood, "a loop over images", bernoulli_by_loops),
    Unusual(check_bernoulli_log_likelihood, "logaddexp and einsum", bernoulli_by_logaddexp),
    Unusual(check_gaussian_log_likelihood, "Independent", gaussian_by_distributions),
    Unusual(check_gaussian_log_likelihood, "MultivariateNormal", gaussian_by_a_covariance),
    Unusual(check_gaussian_log_likelihood, "gaussian_nll_loss", gaussian_by_nll_loss),
    Unusual(check_gaussian_log_likelihood, "einsum, float64, one logarithm", gaussian_by_einsum),
    Unusual(check_elbo, "by hand", elbo_by_hand),
    Unusual(check_elbo, "ten draws", elbo_of_ten_draws),
    Unusual(check_elbo, "one draw in all three densities", elbo_from_one_draw_in_all),
    Unusual(check_elbo, "gradient without the score of q", elbo_sticking_the_landing),
    Unusual(check_elbo, "antithetic draws", elbo_antithetic),
    Unusual(check_elbo, "a loop over images", elbo_by_loops),
    Unusual(check_elbo, "float64", elbo_in_double),
    Unusual(check_weights, "logsumexp, a list", lambda log_w: list(both()(log_w))),
    Unusual(check_weights, "maxima by hand, float64", both(marginal_by_maximum, weights_by_maximum)),
    Unusual(check_weights, "logaddexp, column by column", both(marginal_by_logaddexp, weights_by_columns)),
]

"""Chapter 4's answers."""

import math

import numpy as np
import torch
from torch.distributions import Bernoulli, Independent, MultivariateNormal, Normal
from torch.nn import functional

from mistakes import Mistake, Unusual
from vae_lib.exercises import (
    check_bernoulli_log_likelihood,
    check_gaussian_log_likelihood,
    check_kl_monte_carlo,
    check_weights,
)

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
MISTAKES += [Mistake(check_weights, f"log p(x): {name}", both(marginal=f), says) for name, f, says in MARGINAL]
MISTAKES += [Mistake(check_weights, f"weights: {name}", both(weights=f), says) for name, f, says in WEIGHTS]

UNUSUAL = [
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
    Unusual(check_weights, "logsumexp, a list", lambda log_w: list(both()(log_w))),
    Unusual(check_weights, "maxima by hand, float64", both(marginal_by_maximum, weights_by_maximum)),
    Unusual(check_weights, "logaddexp, column by column", both(marginal_by_logaddexp, weights_by_columns)),
]

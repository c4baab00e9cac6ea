"""4.6's answers, as students wrote them: the answer, what is wrong with it, the key that it must get (none: right)."""

import math

import torch
from torch.distributions import Independent, MultivariateNormal, Normal
from torch.nn import functional


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
    var = noise_std**2 * torch.ones_like(mean)
    return -functional.gaussian_nll_loss(mean, x, var, full=True, reduction="none").sum(1)


def gaussian_by_nll_loss_of_a_number(mean, x, noise_std):
    var = torch.full_like(mean, float(noise_std) ** 2)
    return -functional.gaussian_nll_loss(mean, x, var, full=True, reduction="none").sum(1)


def gaussian_by_einsum(mean, x, noise_std):
    mean, x, s = mean.double(), x.double(), noise_std.double()
    squared = torch.einsum("bi,bi->b", x - mean, x - mean)
    return -squared / (2 * s**2) - x.shape[1] / 2 * torch.log(2 * math.pi * s**2)


def gaussian_by_einsum_of_a_number(mean, x, noise_std):
    mean, x, s = mean.double(), x.double(), float(noise_std)
    squared = torch.einsum("bi,bi->b", x - mean, x - mean)
    return -squared / (2 * s**2) - x.shape[1] / 2 * math.log(2 * math.pi * s**2)


def gaussian_log_of_an_item(mean, x, noise_std):
    per_pixel = -((x - mean) ** 2) / (2 * noise_std**2) - math.log(noise_std.item()) - 0.5 * math.log(2 * math.pi)
    return per_pixel.sum(1)


def gaussian_of_five_pixels(mean, x, noise_std):
    squared = ((x - mean) ** 2).sum(1)
    return -squared / (2 * noise_std**2) - 5 * torch.log(noise_std) - 5 / 2 * math.log(2 * math.pi)


def oracle(mean, x, noise_std):
    covariance = noise_std**2 * torch.eye(x.shape[1]).to(x)
    return MultivariateNormal(torch.zeros(x.shape[1]).to(x), covariance).log_prob(x - mean)


ANSWERS = [
    (gaussian_without_variance, "MSE without 1/(2σ²)", "quadratic-bare"),
    (gaussian_half_squared_error, "MSE without 1/σ²", "quadratic-without-std"),
    (gaussian_without_half, "½ missing", "quadratic-twice"),
    (gaussian_std_for_var, "σ for σ²", "quadratic-std-for-var"),
    (gaussian_mean_squared_error_inside, "squared error averaged", "quadratic-mean"),
    (gaussian_without_log_2pi, "log 2π dropped", "constant-missing"),
    (gaussian_log_2pi_once, "log 2π once", "constant-once"),
    (gaussian_log_2pi_without_half, "log 2π without ½", "constant-twice"),
    (gaussian_log_2pi_d_times_too_often, "log 2π D times too often", "constant-d-times"),
    (gaussian_constants_d_times_too_often, "constants D times too often", "constants-d-times"),
    (gaussian_constants_once, "constants once", "constants-once"),
    (gaussian_without_log_std, "log σ dropped", "log-missing"),
    (gaussian_log_std_once, "log σ once", "log-once"),
    (gaussian_log_var_for_log_std, "log σ² for log σ", "log-twice"),
    (gaussian_log_std_added, "sign of log σ", "log-sign"),
    (gaussian_log_of_std_in_the_root, "log 2πσ", "log-half"),
    (gaussian_twice_std_squared, "(2σ)²", "quadratic-half"),
    (gaussian_log_2pi_added, "log 2π added", "constant-sign"),
    (gaussian_without_constants, "constants dropped", "constants-missing"),
    (gaussian_squared_error_alone, "squared error alone", "squared-error"),
    (gaussian_mean_squared_error, "mean squared error alone", "squared-error+mean-over-pixels"),
    (gaussian_mse_loss, "mse_loss", "squared-error+pixels-mean-of-all"),
    (gaussian_std_as_var, "noise_std as a variance", "std-as-var"),
    (gaussian_var_as_std, "noise_std² as σ", "std-var-as-std"),
    (gaussian_std_as_log_std, "noise_std as log σ", "std-as-log-std"),
    (gaussian_negative, "sign", "sign"),
    (gaussian_mean_over_pixels, "mean over pixels", "mean-over-pixels"),
    (gaussian_over_the_batch, "sum over the batch", "pixels-over-batch"),
    (gaussian_total, "sum over everything", "pixels-total"),
    (gaussian_batch_mean, "mean over the batch", "pixels-batch-mean"),
    (gaussian_per_pixel, "not summed", "pixels-not-summed"),
    (gaussian_density, "density", "density"),
    (gaussian_by_distributions, "Independent", ""),
    (gaussian_by_a_covariance, "MultivariateNormal", ""),
    (gaussian_by_nll_loss, "gaussian_nll_loss", ""),
    (gaussian_by_einsum, "einsum, float64, one logarithm", ""),
    (gaussian_by_nll_loss_of_a_number, "gaussian_nll_loss, float(noise_std)", "no-gradient"),
    (gaussian_by_einsum_of_a_number, "einsum, float64, float(noise_std)", "no-gradient"),
    (gaussian_log_of_an_item, "math.log(noise_std.item())", "log-detached"),
    (gaussian_of_five_pixels, "the number of pixels typed in", "what-is"),
    (
        lambda mean, x, std: gaussian_without_log_2pi(mean, x, std) - x.shape[1] * math.log10(2 * math.pi) / 2,
        "log10(2π)",
        "constant-base-ten",
    ),
]

"""6.3's answers, as students wrote them: the answer, what is wrong with it, the key that it must get (none: right)."""

import math

import torch
from torch.distributions import Normal

TWO_PI = 6.283185307179586


def report(mse, kl, data_dim, noise_std, scale, error=lambda e, s, D: D * e / (2 * s * s)):
    return error(mse, noise_std, data_dim) + data_dim * torch.log(noise_std * scale * TWO_PI**0.5) + kl


def nats_with(error):
    return lambda mse, kl, D, noise_std, scale: report(mse, kl, D, noise_std, scale, error)


def changed(change):
    """The right number with something added: change(mse, kl, D, noise_std, scale)."""
    return lambda *given: report(*given) + change(*given)


def nats_variance_for_std(mse, kl, D, noise_std, scale):
    return report(mse, kl, D, torch.sqrt(noise_std), scale)


def nats_constant_once(mse, kl, D, noise_std, scale):
    return D * mse / (2 * noise_std**2) + 0.5 * torch.log(TWO_PI * noise_std**2) + D * math.log(scale) + kl


def nats_scaled_error(mse, kl, D, noise_std, scale):
    return D * mse * scale**2 / (2 * noise_std**2) + 0.5 * D * torch.log(TWO_PI * noise_std**2) + kl


def nats_of_64_pixels(mse, kl, D, noise_std, scale):
    return report(mse, kl, 64, noise_std, scale)


def nats_of_41_pixels(mse, kl, D, noise_std, scale):
    return report(mse, kl, 41, noise_std, scale)


def minus_nats(*given):
    return -report(*given)


def nats_per_pixel(*given):
    return report(*given) / given[2]


def nats_in_bits(*given):
    return report(*given) / math.log(2)


def nats_in_bits_per_pixel(*given):
    return report(*given) / given[2] / math.log(2)


def nats_averaged(*given):
    return report(*given).mean()


def nats_that_spoil_their_input(mse, kl, data_dim, noise_std, scale):
    kl += data_dim * (mse / (2 * noise_std**2) + torch.log(noise_std * scale) + math.log(TWO_PI) / 2)
    return kl


def nats_in_counts(mse, kl, data_dim, noise_std, scale):
    std = noise_std.double() * scale
    squared = mse.double() * scale**2
    return kl + 0.5 * data_dim * (squared / std**2 + torch.log(2 * torch.pi * std**2))


def nats_by_log_prob(mse, kl, data_dim, noise_std, scale):
    away = scale * torch.sqrt(mse)
    return kl - data_dim * Normal(0.0, scale * noise_std).log_prob(away)


def nats_one_by_one(mse, kl, data_dim, noise_std, scale):
    return torch.stack([report(e, k, data_dim, s, scale) for e, k, s in zip(mse, kl, noise_std, strict=True)])


def oracle(mse, kl, data_dim, noise_std, scale):
    pixels = torch.sqrt(mse)[:, None].expand(-1, data_dim)
    log_px = Normal(0.0, noise_std[:, None]).log_prob(pixels).sum(1)
    return kl - log_px + data_dim * math.log(scale)


ANSWERS = [
    (nats_in_counts, "in counts, float64", ""),
    (nats_with(lambda e, s, D: e / (2 * s**2)), "mean over pixels", "quadratic-mean"),
    (nats_with(lambda e, s, D: D * e / s**2), "½ missing", "quadratic-twice"),
    (nats_with(lambda e, s, D: D * e), "squared error alone", "quadratic-bare"),
    (nats_with(lambda e, s, D: D * e / 2), "half the squared error", "quadratic-without-std"),
    (nats_with(lambda e, s, D: D * e / (2 * s)), "σ for σ²", "quadratic-std-for-var"),
    (nats_variance_for_std, "noise_std as the variance", "std-as-var"),
    (changed(lambda e, k, D, s, c: -D / 2 * torch.log(TWO_PI * s**2)), "no constant", "constants-missing"),
    (changed(lambda e, k, D, s, c: -D / 2 * math.log(TWO_PI)), "no log 2π", "constant-missing"),
    (changed(lambda e, k, D, s, c: D / 2 * math.log(TWO_PI)), "log 2π whole", "constant-twice"),
    (changed(lambda e, k, D, s, c: -D * s.log()), "no log σ", "log-missing"),
    (changed(lambda e, k, D, s, c: D * s.log()), "log σ² for log σ", "log-twice"),
    (changed(lambda e, k, D, s, c: -2 * D * s.log()), "log σ negative", "log-sign"),
    (nats_constant_once, "constant once", "constants-once"),
    (changed(lambda e, k, D, s, c: -D * math.log(c)), "no scale", "width-missing"),
    (changed(lambda e, k, D, s, c: D * math.log(15 / c)), "always 15", "width-15"),
    (nats_of_41_pixels, "always 41 pixels, as in the first input", "what-is"),
    (changed(lambda e, k, D, s, c: -2 * D * math.log(c)), "the scale's sign", "width-sign"),
    (changed(lambda e, k, D, s, c: (1 - D) * math.log(c)), "scale once", "width-once"),
    (changed(lambda e, k, D, s, c: D * e * (c**2 - 1) / (2 * s**2)), "error scaled", "error-scaled"),
    (nats_scaled_error, "error scaled, and nothing else", "error-scaled-alone"),
    (changed(lambda e, k, D, s, c: -k), "no KL", "cost-missing"),
    (changed(lambda e, k, D, s, c: -2 * k), "KL subtracted", "cost-sign"),
    (changed(lambda e, k, D, s, c: (D - 1) * k), "KL times D", "cost-times-pixels"),
    (minus_nats, "the ELBO", "sign"),
    (nats_per_pixel, "per pixel", "per-pixel"),
    (nats_in_bits, "bits", "bits"),
    (nats_in_bits_per_pixel, "bits per pixel", "per-pixel+bits"),
    (nats_averaged, "averaged over the reports", "reports-averaged"),
    (nats_of_64_pixels, "always 64 pixels", "pixels-64"),
    (nats_that_spoil_their_input, "changes its argument", "changes-arguments"),
    (changed(lambda e, k, D, s, c: -k - D * math.log(c)), "a pair", "width-missing+cost-missing"),
    (nats_by_log_prob, "Normal.log_prob", ""),
    (nats_one_by_one, "one by one", ""),
]

"""The answers to what the later years tell, as students wrote them."""

import torch


def precision(x, noise_var, level_var):
    n = len(x)
    D = torch.zeros(n - 1, n)
    D[range(n - 1), range(n - 1)], D[range(n - 1), range(1, n)] = -1.0, 1.0
    return torch.eye(n) / noise_var + D.T @ D / level_var


def by_inverse(x, noise_var, level_var):
    Sigma = torch.linalg.inv(precision(x, noise_var, level_var))
    return Sigma @ x / noise_var, Sigma.diagonal()


def by_cholesky(x, noise_var, level_var):
    Sigma = torch.cholesky_inverse(torch.linalg.cholesky(precision(x, noise_var, level_var)))
    return (Sigma @ (x / noise_var)[:, None]).squeeze(1), torch.diag(Sigma)


def filtering(x, noise_var, level_var, growth=None):
    growth = level_var if growth is None else growth
    means, variances = [x[0]], [noise_var]
    for t in range(1, len(x)):
        p = variances[-1] + growth
        k = p / (p + noise_var)
        means.append(means[-1] + k * (x[t] - means[-1]))
        variances.append(p - k * p)
    return torch.stack(means), torch.stack(variances)


def rts(x, noise_var, level_var, growth=None):
    growth = level_var if growth is None else growth
    m, v = filtering(x, noise_var, level_var, growth)
    means, variances = m.clone(), v.clone()
    for t in range(len(x) - 2, -1, -1):
        c = v[t] / (v[t] + level_var)
        means[t] = m[t] + c * (means[t + 1] - m[t])
        variances[t] = v[t] + c * c * (variances[t + 1] - v[t] - growth)
    return means, variances


def two_filters(x, noise_var, level_var):
    """Forwards and backwards, joined by precision; the year itself counts once."""
    (m, v), (mb, vb) = filtering(x, noise_var, level_var), filtering(x.flip(0), noise_var, level_var)
    mb, vb = mb.flip(0)[1:], vb.flip(0)[1:] + level_var
    weight, ahead = 1 / v, torch.cat([1 / vb, torch.zeros(1)])
    pull = torch.cat([mb / vb, torch.zeros(1)])
    return (m * weight + pull) / (weight + ahead), 1 / (weight + ahead)


def no_process_noise(x, noise_var, level_var):
    return rts(x, noise_var, level_var, 0 * level_var)


def predictions(x, noise_var, level_var):
    m, v = filtering(x, noise_var, level_var)
    return torch.cat([x[:1], m[:-1]]), torch.cat([noise_var[None], v[:-1] + level_var])


def means_alone_smoothed(x, noise_var, level_var):
    return rts(x, noise_var, level_var)[0], filtering(x, noise_var, level_var)[1]


def mean_field(x, noise_var, level_var):
    return by_inverse(x, noise_var, level_var)[0], 1 / precision(x, noise_var, level_var).diagonal()


def diagonal_of_precision(x, noise_var, level_var):
    return by_inverse(x, noise_var, level_var)[0], precision(x, noise_var, level_var).diagonal()


def standard_deviations(x, noise_var, level_var):
    m, v = by_inverse(x, noise_var, level_var)
    return m, v**0.5


def not_squared(x, noise_var, level_var):
    _, v = filtering(x, noise_var, level_var)
    variances = v.clone()
    for t in range(len(x) - 2, -1, -1):
        c = v[t] / (v[t] + level_var)
        variances[t] = v[t] + c * (variances[t + 1] - v[t] - level_var)
    return rts(x, noise_var, level_var)[0], variances


def from_behind(x, noise_var, level_var):
    m, v = filtering(x.flip(0), noise_var, level_var)
    return m.flip(0), v.flip(0)


def swapped(x, noise_var, level_var):
    return rts(x, level_var, noise_var)


def means_only(x, noise_var, level_var):
    return rts(x, noise_var, level_var)[0]


def oracle(x, noise_var, level_var):
    """What is noise in x, given the differences of x alone, in float64: they do not know where the level is."""
    x, noise, level = x.double(), noise_var.double(), level_var.double()
    D = torch.eye(len(x), dtype=torch.float64).diff(dim=0)
    share = noise * D.T @ torch.linalg.inv(noise * D @ D.T + level * torch.eye(len(x) - 1, dtype=torch.float64))
    return x - share @ D @ x, noise - noise * (share @ D).diagonal()


ANSWERS = [
    (by_inverse, "the precision and its inverse", ""),
    (by_cholesky, "by Cholesky", ""),
    (rts, "filter and smoother", ""),
    (two_filters, "two filters, joined", ""),
    (filtering, "the filter alone", "filtering"),
    (predictions, "the predictions", "predicting"),
    (from_behind, "the filter from the last year", "backward-filter"),
    (no_process_noise, "no process noise", "process-noise-forgotten"),
    (means_alone_smoothed, "variances filtered", "variance-filtered"),
    (mean_field, "1/Λ", "mean-field"),
    (diagonal_of_precision, "diagonal of Λ", "precision"),
    (standard_deviations, "standard deviations", "deviations"),
    (not_squared, "the share not squared", "variance-once"),
    (swapped, "arguments swapped", "parts-swapped"),
    (means_only, "the means alone", "no-parts"),
]

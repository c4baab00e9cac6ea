"""The answers to the best weights of a linear decoder."""

import numpy as np
import torch
from torch.linalg import eigh


def oracle(x, latent_dim, noise_var):
    """By the singular value decomposition of the centred data, its columns turned by a rotation."""
    _, s, rows = torch.linalg.svd((x - x.mean(0)).double(), full_matrices=False)
    squared = (s**2 / len(x) - noise_var.double()).clamp(min=0)
    W = rows[:latent_dim].T * squared[:latent_dim].sqrt()
    turn, _ = torch.linalg.qr(torch.arange(1.0, latent_dim**2 + 1).double().reshape(latent_dim, -1).cos())
    return W @ turn


def one_by_one(x, latent_dim, noise_var):
    values, vectors = eigh(torch.cov(x.T, correction=0))
    W = torch.zeros(x.shape[1], latent_dim)
    for j in range(latent_dim):
        if values[-1 - j] > noise_var:
            W[:, j] = -vectors[:, -1 - j] * (values[-1 - j] - noise_var) ** 0.5
    return W


def with_numpy(x, latent_dim, noise_var):
    values, vectors = np.linalg.eigh(np.cov(x.numpy().T, bias=True))
    order = values.argsort()[::-1][:latent_dim]
    lengths = np.sqrt(np.maximum(values[order] - noise_var.item(), 0))
    return torch.tensor(vectors[:, order] * lengths)


def unbiased(x, latent_dim, noise_var):
    values, vectors = eigh(torch.cov(x.T))
    return vectors[:, -latent_dim:] * torch.relu(values[-latent_dim:] - noise_var).sqrt()


def not_centred(x, latent_dim, noise_var):
    values, vectors = eigh(x.T @ x / x.shape[0])
    return vectors[:, -latent_dim:] * torch.relu(values[-latent_dim:] - noise_var).sqrt()


def first_ones(x, latent_dim, noise_var):
    values, vectors = eigh(torch.cov(x.T, correction=0))
    return vectors[:, :latent_dim] * torch.relu(values[:latent_dim] - noise_var).sqrt()


def vectors_not_flipped(x, latent_dim, noise_var):
    values, vectors = eigh(torch.cov(x.T, correction=0))
    largest = values.flip(0)[:latent_dim]
    return vectors[:, -latent_dim:] * torch.relu(largest - noise_var).sqrt()


def pca_whitened_back(x, latent_dim, noise_var):
    values, vectors = eigh(torch.cov(x.T, correction=0))
    return vectors[:, -latent_dim:] * values[-latent_dim:].sqrt()


def std_for_variance(x, latent_dim, noise_var):
    values, vectors = eigh(torch.cov(x.T, correction=0))
    return vectors[:, -latent_dim:] * torch.relu(values[-latent_dim:] - noise_var**0.5).sqrt()


def difference_of_roots(x, latent_dim, noise_var):
    values, vectors = eigh(torch.cov(x.T, correction=0))
    return vectors[:, -latent_dim:] * torch.relu(values[-latent_dim:].sqrt() - noise_var.sqrt())


def nan_where_drowned(x, latent_dim, noise_var):
    values, vectors = eigh(torch.cov(x.T, correction=0))
    return vectors[:, -latent_dim:] * torch.sqrt(values[-latent_dim:] - noise_var)


def absolute(x, latent_dim, noise_var):
    values, vectors = eigh(torch.cov(x.T, correction=0))
    return vectors[:, -latent_dim:] * torch.sqrt((values[-latent_dim:] - noise_var).abs())


def without_root(x, latent_dim, noise_var):
    values, vectors = eigh(torch.cov(x.T, correction=0))
    return vectors[:, -latent_dim:] * torch.relu(values[-latent_dim:] - noise_var)


def unit_columns(x, latent_dim, noise_var):
    return eigh(torch.cov(x.T, correction=0))[1][:, -latent_dim:]


def transposed(x, latent_dim, noise_var):
    return one_by_one(x, latent_dim, noise_var).T


def rows_of_vectors(x, latent_dim, noise_var):
    values, vectors = eigh(torch.cov(x.T, correction=0))
    return vectors[-latent_dim:].T * torch.relu(values[-latent_dim:] - noise_var).sqrt()


def as_in_from_pca(x, latent_dim, noise_var):
    values, vectors = eigh(torch.cov(x.T, correction=0))
    noise = values[:-latent_dim].mean()
    return vectors[:, -latent_dim:] * torch.relu(values[-latent_dim:] - noise).sqrt()


def unbiased_without_root(x, latent_dim, noise_var):
    values, vectors = eigh(torch.cov(x.T))
    return vectors[:, -latent_dim:] * torch.relu(values[-latent_dim:] - noise_var)


ANSWERS = [
    (one_by_one, "column by column", ""),
    (with_numpy, "numpy", ""),
    (unbiased, "N − 1", "n-minus-one"),
    (not_centred, "not centred", "uncentred"),
    (first_ones, "the first of eigh", "smallest"),
    (vectors_not_flipped, "values flipped alone", "reversed"),
    (pca_whitened_back, "without the noise", "noise-kept"),
    (std_for_variance, "σ for σ²", "std"),
    (difference_of_roots, "√λ − σ", "roots"),
    (nan_where_drowned, "no clamp", "not-clamped"),
    (absolute, "absolute value", "absolute"),
    (without_root, "no root", "no-root"),
    (unit_columns, "eigenvectors alone", "unit"),
    (transposed, "[latent, data]", "what-is"),
    (rows_of_vectors, "rows", "rows"),
    (as_in_from_pca, "learned noise", "learned-noise"),
    (unbiased_without_root, "two at once", "n-minus-one+no-root"),
    (lambda x, latent_dim, noise_var: None, "no return", "none"),
]

"""Chapter 1's answers."""

import math
from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.distributions import Bernoulli, Independent, Normal
from torch.nn.functional import binary_cross_entropy, binary_cross_entropy_with_logits, logsigmoid, softplus

from mistakes import Mistake, Unusual
from vae_lib.exercises import (
    check_parameter_count,
)

# The head


def head(sigma_of, mu_of=lambda mu: mu):
    """A head that cuts rightly, and makes σ (and μ) of its halves as it is told."""

    def my_head(output):
        mu, log_var = output.chunk(2, dim=-1)
        return mu_of(mu), sigma_of(log_var)

    return my_head


def head_swapped(output):
    log_var, mu = output.chunk(2, dim=1)
    return mu, torch.exp(0.5 * log_var)


def head_sigma_first(output):
    mu, log_var = output.chunk(2, dim=1)
    return torch.exp(0.5 * log_var), mu


def head_interleaved(output):
    return output[:, 0::2], torch.exp(0.5 * output[:, 1::2])


def head_cut_along_the_batch(output):
    mu, log_var = torch.chunk(output, 2)
    return mu, torch.exp(log_var / 2)


def head_reshaped(output):
    mu, log_var = output.view(2, output.shape[0], -1)
    return mu, torch.exp(0.5 * log_var)


def head_of_two_latents(output):
    return output[:, :2], torch.exp(0.5 * output[:, 2:])


def head_of_three_latents(output):
    return output[:, :3], torch.exp(0.5 * output[:, 3:])


def head_of_the_last_three(output):
    return output[:, : output.shape[1] // 2], torch.exp(0.5 * output[:, -3:])


def head_uncut(output):
    return output, torch.exp(0.5 * output)


def head_sigma_of_mu(output):
    mu, _ = output.chunk(2, dim=1)
    return mu, torch.exp(0.5 * mu)


def head_without_gradient(output):
    with torch.no_grad():
        mu, log_var = output.chunk(2, dim=1)
        return mu, torch.exp(0.5 * log_var)


def head_sigma_detached(output):
    mu, log_var = output.chunk(2, dim=1)
    return mu, torch.exp(0.5 * log_var).detach()


def head_in_place_without_gradient(output):
    mu, log_var = (half.clone() for half in output.chunk(2, dim=1))
    with torch.no_grad():
        log_var.mul_(0.5).exp_()
    return mu, log_var


def head_through_data(output):
    mu, sigma = output.clone().chunk(2, dim=1)
    sigma.data = torch.exp(sigma.data / 2)
    return mu, sigma


def head_overwritten(output):
    mu, log_var = output.chunk(2, dim=1)
    sigma = torch.exp(log_var / 2)
    return mu + 0 * sigma.square(), sigma.add_(1e-9)


def head_one_value(output):
    return torch.exp(0.5 * output.chunk(2, dim=1)[1])


def head_three_values(output):
    mu, log_var = output.chunk(2, dim=1)
    return mu, log_var, torch.exp(0.5 * log_var)


def head_cut_in_pieces_of_two(output):
    mu, log_var = torch.split(output, 2, dim=1)
    return mu, torch.exp(0.5 * log_var)


def head_by_root_of_variance(output):
    d = output.size(1) // 2
    variance = output[:, d:].exp()
    return output[:, :d], variance.sqrt()


def head_by_reshape(output):
    both = output.unflatten(1, (2, -1))
    return [both[:, 0], torch.pow(torch.e, both[:, 1] / 2)]


def head_in_place(output):
    d = output.shape[-1] // 2
    output[:, d:].mul_(0.5).exp_()
    return output[:, :d], output[:, d:]


def head_by_rows(output):
    rows = [row.tensor_split(2) for row in output]
    return torch.stack([mu for mu, _ in rows]), torch.stack([log_var.div(2).exp() for _, log_var in rows])


def head_by_normal(output):
    mu, log_var = output.double().hsplit(2)
    q = Normal(mu, torch.exp(log_var) ** 0.5)
    return q.mean, q.stddev


# log σ² of Σ


def log_var_eigenvalues(Sigma):
    return torch.linalg.eigvalsh(Sigma).log()


def log_var_singular_values(Sigma):
    return torch.linalg.svdvals(Sigma).log()


def log_var_detached(Sigma):
    return torch.stack([torch.tensor([S[i, i].item() for i in range(3)]).log() for S in Sigma])


def log_var_cholesky(Sigma):
    return torch.linalg.cholesky(Sigma).diagonal(dim1=1, dim2=2).log()


def log_var_shared(Sigma):
    d = Sigma.shape[-1]
    trace = torch.einsum("bii->b", Sigma)
    return torch.log(trace / d)[:, None].repeat(1, d)


def log_var_partly_by_math(Sigma):
    log_var = torch.zeros(Sigma.shape[:2])
    for b, matrix in enumerate(Sigma):
        log_var[b, 0] = matrix[0, 0].log()
        for i in range(1, len(matrix)):
            log_var[b, i] = math.log(matrix[i, i])
    return log_var


def log_var_by_loops(Sigma):
    return torch.stack([torch.stack([S[i, i].log() for i in range(len(S))]) for S in Sigma])


def log_var_of_cholesky_twice(Sigma):
    return 2 * torch.linalg.cholesky(Sigma.double()).diagonal(dim1=-2, dim2=-1).log()


# Shapes


def right_shapes(batch, data_dim, latent_dim, num_samples):
    return {
        "x": (batch, data_dim),
        "output": (batch, 2 * latent_dim),
        "mu": (batch, latent_dim),
        "Sigma": (batch, latent_dim, latent_dim),
        "z": (num_samples, batch, latent_dim),
        "logits": (num_samples, batch, data_dim),
        "reconstruction": (num_samples, batch),
        "kl": (batch,),
    }


def but(name, shape_of):
    """All shapes right but one."""

    def my_shapes(batch, data_dim, latent_dim, num_samples):
        shapes = right_shapes(batch, data_dim, latent_dim, num_samples)
        return shapes | {name: shape_of(batch, data_dim, latent_dim, num_samples)}

    return my_shapes


def shapes_without_kl(*sizes):
    return {name: shape for name, shape in right_shapes(*sizes).items() if name != "kl"}


def shapes_in_a_list(*sizes):
    return list(right_shapes(*sizes).values())


def shapes_as_lists_and_more(*sizes):
    return dict(reversed([(name, list(shape)) for name, shape in right_shapes(*sizes).items()])) | {"loss": ()}


def shapes_typed_in(batch, data_dim, latent_dim, num_samples):
    return right_shapes(4, 7, 3, 5)


def shapes_of_numpy_integers(*sizes):
    return {name: tuple(np.array(shape)) for name, shape in right_shapes(*sizes).items()}


def shapes_of_tensors(B, D, d, K):
    x, net = torch.zeros(B, D), nn.Linear(D, 2 * d)
    mu, log_var = net(x).chunk(2, -1)
    q = Independent(Normal(mu, log_var.exp().sqrt()), 1)
    z = q.rsample((K,))
    logits = nn.Linear(d, D)(z)
    return {
        "x": x.shape,
        "output": net(x).shape,
        "mu": q.mean.shape,
        "Sigma": torch.diag_embed(q.variance).shape,
        "z": z.shape,
        "logits": logits.shape,
        "reconstruction": Independent(Bernoulli(logits=logits), 1).log_prob(x).shape,
        "kl": q.batch_shape,
    }


# One event per datum


def bce(logits, x):
    return binary_cross_entropy_with_logits(logits, x.expand_as(logits), reduction="none")


def event_by_hand_at_risk(logits, x):
    p = torch.sigmoid(logits)
    return torch.where(x == 1, p.log(), torch.log(1 - p)).sum(-1)


def event_bce_of_probabilities(logits, x):
    return -binary_cross_entropy(torch.sigmoid(logits), x.expand_as(logits), reduction="none").sum(-1)


def event_sigmoid_then_probs(logits, x):
    return Bernoulli(probs=torch.sigmoid(logits)).log_prob(x).sum(-1)


def event_swapped(logits, x):
    return -binary_cross_entropy_with_logits(x.expand_as(logits), logits, reduction="none").sum(-1)


def event_log_of_a_sum(logits, x):
    p = torch.sigmoid(logits)
    return torch.log((x * p + (1 - x) * (1 - p)).sum(-1))


def event_squared_error(logits, x):
    return -((torch.sigmoid(logits) - x) ** 2).sum(-1)


def event_of_bare_cross_entropy(logits, x):
    return binary_cross_entropy_with_logits(logits, x)  # the shapes differ: torch refuses


def event_naive_softplus(logits, x):
    return (x * logits - torch.log(1 + torch.exp(logits))).sum(-1)


def event_with_a_small_number(logits, x):
    p = torch.sigmoid(logits)
    return (x * torch.log(p + 1e-8) + (1 - x) * torch.log(1 - p + 1e-8)).sum(-1)


def event_where_trap(logits, x):
    log_one_plus_exp = torch.where(logits > 20, logits, torch.log(1 + logits.exp()))
    return (x * logits - log_one_plus_exp).sum(-1)


def event_with_items(logits, x):
    black = (x * logsigmoid(logits)).sum(-1)
    white = torch.tensor([[((1 - b) * logsigmoid(-a)).sum().item() for a, b in zip(z, x, strict=True)] for z in logits])
    return black + white


def event_of_ratio(logits, x):
    p = logits.exp() / (1 + logits.exp())
    return torch.log(torch.where(x == 1, p, 1 - p)).sum(-1)


def event_independent(logits, x):
    return Independent(Bernoulli(logits=logits), 1).log_prob(x)


def event_by_loops(logits, x):
    rows = [
        [binary_cross_entropy_with_logits(a, b, reduction="sum") for a, b in zip(z, x, strict=True)] for z in logits
    ]
    return -torch.stack([torch.stack(row) for row in rows])


def event_by_einsum(logits, x):
    return torch.einsum("sbd,bd->sb", logits, x) - softplus(logits).sum(-1)


def event_signs(logits, x):
    return logsigmoid((2 * x - 1) * logits).double().sum(dim=2)


# A full Σ


def lower(entries, diagonal=torch.exp, below=lambda values: values):
    """L, entry by entry, the diagonal and what stands below it as told."""
    rows = []
    for a, b, c, d, e, f in entries:
        zero = torch.zeros_like(a)
        rows.append(
            torch.stack(
                [
                    torch.stack([diagonal(a), zero, zero]),
                    torch.stack([below(b), diagonal(c), zero]),
                    torch.stack([below(d), below(e), diagonal(f)]),
                ]
            )
        )
    return torch.stack(rows)


def full_upper(entries):
    A = torch.zeros(len(entries), 3, 3)
    i, j = torch.triu_indices(3, 3)
    A[:, i, j] = entries.to(A.dtype)
    A = A.triu(1) + torch.diag_embed(A.diagonal(dim1=1, dim2=2).exp())
    return A


def full_by_column(entries):
    L = torch.zeros(len(entries), 3, 3)
    at = 0
    for column in range(3):
        for row in range(column, 3):
            L[:, row, column] = entries[:, at].exp() if row == column else entries[:, at]
            at += 1
    return L @ L.transpose(1, 2)


def full_whole_exponential(entries):
    L = torch.zeros(len(entries), 3, 3)
    L[:, [0, 1, 1, 2, 2, 2], [0, 0, 1, 0, 1, 2]] = entries
    L = L.exp()
    return torch.bmm(L, L.transpose(1, 2))


def full_diagonal_kept(entries):
    L = lower(entries, diagonal=lambda value: value)
    L = L + torch.diag_embed(L.diagonal(dim1=-2, dim2=-1).exp())
    return L @ L.mT


def full_mirrored(entries):
    L = lower(entries)
    return L.tril(-1).mT + L


def full_diagonal_left_out(entries):
    L = lower(entries).tril(-1)
    return L @ L.mT


def full_by_math(entries):
    L = torch.zeros(len(entries), 3, 3)
    for b, (a1, a2, a3, a4, a5, a6) in enumerate(entries):
        L[b, 0, 0], L[b, 1, 1], L[b, 2, 2] = math.exp(a1), math.exp(a3), math.exp(a6)
        L[b, 1, 0], L[b, 2, 0], L[b, 2, 1] = a2, a4, a5
    return L @ L.mT


def full_in_place_without_gradient(entries):
    L = lower(entries, lambda value: value)
    with torch.no_grad():
        L.diagonal(dim1=1, dim2=2).exp_()
    return L @ L.mT


def full_of_two(entries):
    L = torch.zeros(2, 3, 3)
    L += lower(entries)
    return L @ L.mT


def full_in_place(entries):
    L = torch.zeros(len(entries), 3, 3, dtype=entries.dtype)
    L[:, *torch.tril_indices(3, 3)] = entries
    L.diagonal(dim1=1, dim2=2).exp_()
    return L.bmm(L.transpose(1, 2))


def full_einsum(entries):
    L = lower(entries.double())
    return torch.einsum("bik,bjk->bij", L, L)


def full_indexed(entries):
    L = entries.new_zeros(entries.shape[0], 3, 3)
    i, j = torch.tril_indices(3, 3)
    L[:, i, j] = torch.where(i == j, entries.exp(), entries)
    return L @ L.transpose(-1, -2)


def full_unit_triangle(entries):
    """The other factorisation: Σ = U D Uᵀ with a unit triangle U, D the squares of L's diagonal."""
    L = lower(entries)
    D = L.diagonal(dim1=1, dim2=2)
    U = L / D[:, None, :]
    return U @ torch.diag_embed(D**2) @ U.mT


# The number of parameters


def layers(*sizes):
    return sum(n * m + m for n, m in pairwise(sizes))


def count_by_torch(D, H, d):
    parts = nn.ModuleList([nn.Linear(D, H), nn.Linear(H, 2 * d), nn.Linear(d, H), nn.Linear(H, D)])
    return sum(p.numel() for p in parts.parameters())


def count_of_the_chapter(D, H, d):
    vae = [nn.Linear(64, 32), nn.Linear(32, 4), nn.Linear(2, 32), nn.Linear(32, 64)]
    return sum(p.numel() for layer in vae for p in layer.parameters())


def count_typed_in(data_dim, hidden_dim, latent_dim):
    return 30 * 11 + 11 + 11 * 8 + 8 + 4 * 11 + 11 + 11 * 30 + 30


def count_with_prior(D, H, d):
    return layers(D, H, 2 * d) + layers(d, H, D) + 2 * d


def count_two_heads(D, H, d):
    return torch.tensor((D + 1) * H + 2 * (H + 1) * d + (d + 1) * H + (H + 1) * D)


MISTAKES = [
    Mistake(check_parameter_count, "typed in", count_typed_in, "the number is hard-coded"),
    Mistake(check_parameter_count, "no biases", lambda D, H, d: D * H + H * 2 * d + d * H + H * D, "are forgotten"),
    Mistake(
        check_parameter_count, "head once", lambda D, H, d: layers(D, H, d) + layers(d, H, D), "2 · latent_dim numbers"
    ),
    Mistake(check_parameter_count, "head once, no biases", lambda D, H, d: 2 * (D * H + H * d), "once, and the biases"),
    Mistake(check_parameter_count, "encoder", lambda D, H, d: layers(D, H, 2 * d), "encoder alone"),
    Mistake(check_parameter_count, "decoder", lambda D, H, d: layers(d, H, D), "decoder alone"),
    Mistake(
        check_parameter_count, "encoder twice", lambda D, H, d: 2 * layers(D, H, 2 * d), "encoder is counted twice"
    ),
    Mistake(
        check_parameter_count, "z of 2d", lambda D, H, d: layers(D, H, 2 * d) + layers(2 * d, H, D), "decoder reads μ"
    ),
    Mistake(
        check_parameter_count,
        "hidden biases",
        lambda D, H, d: D * H + H + H * 2 * d + d * H + H + H * D,
        "hidden layers alone",
    ),
    Mistake(
        check_parameter_count,
        "output biases",
        lambda D, H, d: D * H + H * 2 * d + 2 * d + d * H + H * D + D,
        "last layers alone",
    ),
    Mistake(
        check_parameter_count,
        "a bias a layer",
        lambda D, H, d: D * H + H * 2 * d + d * H + H * D + 4,
        "one bias for all",
    ),
    Mistake(
        check_parameter_count,
        "biases of inputs",
        lambda D, H, d: D * (H + 1) + H * (2 * d + 1) + d * (H + 1) + H * (D + 1),
        "each of its inputs",
    ),
    Mistake(
        check_parameter_count,
        "full covariance",
        lambda D, H, d: layers(D, H, d + d * (d + 1) // 2) + layers(d, H, D),
        "full covariance",
    ),
    Mistake(check_parameter_count, "prior", count_with_prior, "they are fixed"),
    Mistake(check_parameter_count, "the chapter's sizes", count_of_the_chapter, "those of the chapter"),
]

UNUSUAL = [
    Unusual(check_parameter_count, "counted by torch", count_by_torch),
    Unusual(check_parameter_count, "two heads, as a tensor", count_two_heads),
    Unusual(check_parameter_count, "an array", lambda D, H, d: np.array(layers(D, H, 2 * d) + layers(d, H, D))),
    Unusual(check_parameter_count, "numpy, float", lambda D, H, d: np.float64(layers(D, H, 2 * d) + layers(d, H, D))),
]

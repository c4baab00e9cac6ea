"""5.4's answers, as students wrote them: the answer, what is wrong with it, the key that it must get (none: right)."""

import math

import numpy as np
import torch
from torch.distributions import kl_divergence
from torch.utils.data import DataLoader, TensorDataset


def elbo_of(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return model.decoder(z).log_prob(x) - kl_divergence(q, model.prior)


def mean_elbo_with(combine, of=elbo_of):
    @torch.no_grad()
    def my_test_elbo(model, x, batch_size):
        return combine([of(model, rows) for rows in x.split(batch_size)], len(x), batch_size).item()

    return my_test_elbo


def mean_of_means(parts, n, batch_size):
    return torch.stack([part.mean() for part in parts]).mean()


def total(parts, n, batch_size):
    return torch.cat(parts).sum()


def average(parts, n, batch_size):
    return torch.cat(parts).mean()


def elbo_at_the_mean(model, x):
    q = model.encoder(x)
    return model.decoder(q.mean).log_prob(x) - kl_divergence(q, model.prior)


def elbo_of_one_eps(model, x):
    q = model.encoder(x)
    z = q.mean + q.stddev * torch.randn(1, q.mean.shape[1]).to(x)
    return model.decoder(z).log_prob(x) - kl_divergence(q, model.prior)


def elbo_var_times_eps(model, x):
    q = model.encoder(x)
    z = q.mean + q.variance * torch.randn_like(q.mean)
    return model.decoder(z).log_prob(x) - kl_divergence(q, model.prior)


def elbo_of_a_seed(model, x):
    torch.manual_seed(0)
    return elbo_of(model, x)


def half_a_kl(model, x):
    q = model.encoder(x)
    return model.decoder(q.rsample()).log_prob(x) - 0.5 * kl_divergence(q, model.prior)


def reconstruction_alone(model, x):
    return model.decoder(model.encoder(x).rsample()).log_prob(x)


def mean_elbo_dropping_the_last(model, x, batch_size):
    loader = DataLoader(TensorDataset(x), batch_size=batch_size, drop_last=True)
    with torch.no_grad():
        return torch.cat([elbo_of(model, rows) for (rows,) in loader]).mean().item()


def mean_elbo_of_whole_batches(model, x, batch_size):
    total = 0.0
    with torch.no_grad():
        for i in range(len(x) // batch_size):
            total += elbo_of(model, x[i * batch_size : (i + 1) * batch_size]).sum().item()
    return total / len(x)


@torch.no_grad()
def mean_elbo_of_a_random_batch(model, x, batch_size):
    return elbo_of(model, x[torch.randint(len(x), (batch_size,))]).mean().item()


@torch.no_grad()
def mean_elbo_off_by_one(model, x, batch_size):
    starts = range(0, len(x), batch_size)
    return torch.cat([elbo_of(model, x[i : i + batch_size - 1]) for i in starts]).mean().item()


def mean_elbo_returning_early(model, x, batch_size):
    with torch.no_grad():
        total = 0.0
        for rows in x.split(batch_size):
            total += elbo_of(model, rows).sum().item()
            return total / len(rows)


def mean_elbo_overwriting(model, x, batch_size):
    with torch.no_grad():
        for rows in x.split(batch_size):
            result = elbo_of(model, rows).mean()
    return result.item()


def mean_elbo_with_its_graph(model, x, batch_size):
    return sum(elbo_of(model, rows).sum() for rows in x.split(batch_size)) / len(x)


def mean_elbo_that_trains(model, x, batch_size):
    total = 0.0
    for rows in x.split(batch_size):
        values = elbo_of(model, rows)
        (-values.mean()).backward()
        total += values.sum().item()
    return total / len(x)


def mean_elbo_weighted(model, x, batch_size):
    result = torch.zeros((), dtype=torch.float64)
    for rows in x.split(batch_size):
        result += elbo_of(model, rows).mean().detach().double() * len(rows) / len(x)
    return result


def mean_elbo_by_numpy(model, x, batch_size):
    return np.concatenate([elbo_of(model, rows).detach().numpy() for rows in x.split(batch_size)]).mean()


@torch.no_grad()
def mean_elbo_in_one_piece(model, x, batch_size):
    q = model.encoder(x)
    z = q.sample((3,))
    return (model.decoder(z).log_prob(x) + model.prior.log_prob(z) - q.log_prob(z)).mean()


def importance_weighted(model, x):
    q = model.encoder(x)
    z = q.sample((20,))
    log_w = model.decoder(z).log_prob(x) + model.prior.log_prob(z) - q.log_prob(z)
    return log_w.logsumexp(0) - math.log(20)


def mean_elbo_by_whole_batches_and_a_rest(model, x, batch_size):
    total, full = 0.0, len(x) // batch_size * batch_size
    with torch.no_grad():
        for i in range(len(x) // batch_size):
            total += elbo_of(model, x[i * batch_size : (i + 1) * batch_size]).sum().item()
        return (total + elbo_of(model, x[full:]).sum().item()) / len(x)  # raises where nothing is left


def oracle(model, x, batch_size):
    """In float64, by numpy, from one draw in all three densities."""
    scores = []
    for rows in torch.split(x, batch_size):
        q = model.encoder(rows)
        z = q.sample()
        log_w = model.decoder(z).log_prob(rows) + model.prior.log_prob(z) - q.log_prob(z)
        scores += log_w.tolist()
    return float(np.mean(scores))


ANSWERS = [
    (mean_elbo_weighted, "weighted means, float64", ""),
    (mean_elbo_in_one_piece, "one piece, Monte Carlo KL, a tensor", ""),
    (mean_elbo_by_numpy, "numpy, float32", ""),
    (mean_elbo_with(average), "the usual one", ""),
    (mean_elbo_with(mean_of_means), "mean of means", "mean-of-means"),
    (mean_elbo_with(total), "sum", "not-divided"),
    (mean_elbo_with(lambda parts, n, b: sum(part.mean() for part in parts)), "means added up", "means-added"),
    (
        mean_elbo_with(lambda parts, n, b: sum(part.sum() for part in parts) / len(parts)),
        "sum over the number of batches",
        "sum-over-batches",
    ),
    (
        mean_elbo_with(lambda parts, n, b: sum(part.mean() * b for part in parts) / n),
        "last batch as a full one",
        "last-as-full",
    ),
    (mean_elbo_dropping_the_last, "drop_last", "last-dropped"),
    (mean_elbo_of_whole_batches, "n // batch_size", "last-dropped-from-sum"),
    (mean_elbo_returning_early, "return in the loop", "first-only"),
    (mean_elbo_overwriting, "overwritten", "last-only"),
    (mean_elbo_with(average, elbo_at_the_mean), "μ for z", "noise-none"),
    (mean_elbo_with(lambda *parts: -average(*parts)), "J for the ELBO", "sign"),
    (mean_elbo_with(average, reconstruction_alone), "no KL", "kl-missing"),
    (mean_elbo_with(average, half_a_kl), "half the KL", "kl-half-twice"),
    (mean_elbo_with(average, elbo_of_one_eps), "one ε for a batch", "noise-shared-by-rows"),
    (mean_elbo_with(average, elbo_var_times_eps), "Σε", "sigma-var-for-sigma"),
    (mean_elbo_with(average, elbo_of_a_seed), "a seed inside", "seeded"),
    (mean_elbo_with(lambda *parts: average(*parts) / math.log(2)), "bits", "bits"),
    (mean_elbo_of_a_random_batch, "a random batch", "scatter"),
    (mean_elbo_off_by_one, "batches one too short", "batches-too-short"),
    (mean_elbo_with_its_graph, "graph kept", "graph-kept"),
    (mean_elbo_that_trains, "backward at test time", "changes-arguments"),
    (mean_elbo_with(average, importance_weighted), "the importance-weighted bound", "inside-the-log-20"),
    (mean_elbo_by_whole_batches_and_a_rest, "a rest that may be empty", "raised"),
]

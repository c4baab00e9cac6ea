"""1.3's answers, as students wrote them: the answer, what is wrong with it, the key that it must get (none: right)."""

import numpy as np
import torch
from torch import nn
from torch.distributions import Bernoulli, Independent, Normal


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


oracle = dict.fromkeys(right_shapes(1, 1, 1, 1), shapes_of_tensors)

ANSWERS = [
    (shapes_typed_in, "typed in", "x-typed-in"),
    (but("z", lambda B, D, d, K: (5, 4, 3)), "z typed in", "z-typed-in"),
    (but("output", lambda B, D, d, K: (B, 2.0 * d)), "a float", "no-whole-numbers"),
    (but("x", lambda B, D, d, K: (D, B)), "x not batch first", "x-turned"),
    (but("x", lambda B, D, d, K: (K, B, D)), "x repeated", "x-samples"),
    (but("output", lambda B, D, d, K: (B, d)), "head counted once", "output-latent"),
    (but("output", lambda B, D, d, K: (B, 2 * D)), "head of data_dim", "output-two-data"),
    (but("mu", lambda B, D, d, K: (B, 2 * d)), "μ not cut", "mu-two-latent"),
    (but("mu", lambda B, D, d, K: (K, B, d)), "μ for each draw", "mu-samples"),
    (but("mu", lambda B, D, d, K: (d,)), "one μ for all", "mu-no-batch"),
    (but("Sigma", lambda B, D, d, K: (B, d)), "Σ a vector", "sigma-latent"),
    (but("Sigma", lambda B, D, d, K: (d, d)), "one Σ for all", "sigma-no-batch"),
    (but("Sigma", lambda B, D, d, K: (B, D, D)), "Σ of pixels", "sigma-pixels"),
    (but("z", lambda B, D, d, K: (B, K, d)), "samples second", "z-samples-second"),
    (but("z", lambda B, D, d, K: (B, d, K)), "samples last", "z-samples-last"),
    (but("z", lambda B, D, d, K: (B, d)), "one draw", "z-no-samples"),
    (but("z", lambda B, D, d, K: (K * B, d)), "z flat", "z-flat"),
    (but("z", lambda B, D, d, K: (K, B, D)), "z as wide as x", "z-data"),
    (but("logits", lambda B, D, d, K: (K, B, d)), "latent for data", "logits-latent"),
    (but("logits", lambda B, D, d, K: (B, D)), "logits of one draw", "logits-no-samples"),
    (but("reconstruction", lambda B, D, d, K: (K, B, D)), "no event axis", "reconstruction-data"),
    (but("reconstruction", lambda B, D, d, K: (B, K)), "scores last", "reconstruction-samples-second"),
    (but("reconstruction", lambda B, D, d, K: ()), "scores averaged", "reconstruction-neither"),
    (but("kl", lambda B, D, d, K: (B, d)), "KL per latent", "kl-latent"),
    (but("kl", lambda B, D, d, K: (K, B)), "KL for each draw", "kl-samples"),
    (but("kl", lambda B, D, d, K: ()), "KL of the batch", "kl-no-batch"),
    (but("kl", lambda B, D, d, K: B), "comma forgotten", "number"),
    (but("z", lambda B, D, d, K: (1, 1, 1)), "another shape", "unknown"),
    (but("x", lambda B, D, d, K: torch.zeros(B, D)), "a tensor for a shape", "no-whole-numbers"),
    (shapes_without_kl, "entry left out", "no-whole-numbers"),
    (shapes_in_a_list, "a list", "no-parts"),
    (shapes_as_lists_and_more, "lists, another order, more", ""),
    (shapes_of_tensors, "torch.Size of tensors", ""),
    (shapes_of_numpy_integers, "numpy's integers", ""),
    (but("z", lambda B, D, d, K: (B, K, D)), "a pair", "z-samples-second+z-data"),
    (but("z", lambda B, D, d, K: (5, B, d)), "the samples of z typed in", "what-is"),
]

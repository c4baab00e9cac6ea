"""Exercise 1.3, shapes."""
import numpy as np
import torch


def _right(B, D, L, S):
    return {"x": (B, D), "output": (B, 2 * L), "mu": (B, L), "Sigma": (B, L, L),
            "z": (S, B, L), "logits": (S, B, D), "reconstruction": (S, B), "kl": (B,)}


def _change(**shapes):
    """The right answer with some entries made by other rules."""
    def my_shapes(batch, data_dim, latent_dim, num_samples):
        result = _right(batch, data_dim, latent_dim, num_samples)
        for name, rule in shapes.items():
            result[name] = rule(batch, data_dim, latent_dim, num_samples)
        return result
    return my_shapes


def _by_tensors(batch, data_dim, latent_dim, num_samples):
    x = torch.zeros(batch, data_dim)
    output = x.new_zeros(batch, 2 * latent_dim)
    mu, _ = output.chunk(2, -1)
    z = mu + torch.randn(num_samples, *mu.shape)
    logits = z @ torch.zeros(latent_dim, data_dim)
    return {"x": x.shape, "output": output.shape, "mu": mu.shape, "Sigma": torch.diag_embed(mu).shape,
            "z": z.shape, "logits": logits.shape, "reconstruction": (logits * x).sum(-1).shape, "kl": mu.sum(-1).shape}


def _sums_of_tuples(batch, data_dim, latent_dim, num_samples):
    b, d, n, s = (batch,), (data_dim,), (latent_dim,), (num_samples,)
    return dict(kl=b, reconstruction=s + b, logits=s + b + d, z=s + b + n, Sigma=b + n * 2, mu=b + n, output=b + (n[0] + n[0],), x=b + d)


def _small_sigma(batch, data_dim, latent_dim, num_samples):
    r = _right(batch, data_dim, latent_dim, num_samples)
    r["sigma"] = r.pop("Sigma")
    return r


def _no_names(batch, data_dim, latent_dim, num_samples):
    return list(_right(batch, data_dim, latent_dim, num_samples).values())


def _no_samples(batch, data_dim, latent_dim, num_samples):
    return {"x": (batch, data_dim), "output": (batch, 2 * latent_dim), "mu": (batch, latent_dim),
            "Sigma": (batch, latent_dim, latent_dim), "z": (batch, latent_dim), "logits": (batch, data_dim),
            "reconstruction": (batch,), "kl": (batch,)}


def _batch_first(batch, data_dim, latent_dim, num_samples):
    r = _right(batch, data_dim, latent_dim, num_samples)
    return r | {"z": (batch, num_samples, latent_dim), "logits": (batch, num_samples, data_dim), "reconstruction": (batch, num_samples)}


def _folded(batch, data_dim, latent_dim, num_samples):
    r = _right(batch, data_dim, latent_dim, num_samples)
    n = num_samples * batch
    return r | {"z": (n, latent_dim), "logits": (n, data_dim), "reconstruction": (n,)}


def _swapped_arguments(batch, latent_dim, data_dim, num_samples):
    return _right(batch, data_dim, latent_dim, num_samples)


def _as_lists(*sizes):
    return {k: list(v) for k, v in _right(*sizes).items()}


def _as_arrays(*sizes):
    return {k: tuple(np.array(v)) for k, v in _right(*sizes).items()}


def _extra(*sizes):
    return _right(*sizes) | {"loss": (), "sigma": _right(*sizes)["mu"]}


ANSWERS = [
    (_by_tensors, "makes the tensors of the machine and returns their torch shapes (torch.Size is a tuple)", True),
    (_sums_of_tuples, "joins tuples of one number, in a dict that was written from the last name to the first", True),
    (_change(output=lambda b, d, n, s: (b, n)), "output only latent wide: forgets that the joint head is twice as wide", False),
    (_change(output=lambda b, d, n, s: (2, b, n)), "output as (2, batch, latent): a separate axis in front for mu and log-variance instead of twice the width", False),
    (_change(Sigma=lambda b, d, n, s: (b, n)), "Sigma as (batch, latent): only its diagonal, no matrices", False),
    (_change(Sigma=lambda b, d, n, s: (n, n)), "Sigma as one matrix (latent, latent) for all pictures, no batch axis", False),
    (_change(Sigma=lambda b, d, n, s: (s, b, n, n)), "Sigma with a samples axis, as though each draw had its own covariance", False),
    (_change(Sigma=lambda b, d, n, s: (b, 2 * n, 2 * n)), "Sigma of size 2 latent by 2 latent: the width of the head taken for the number of latents", False),
    (_change(x=lambda b, d, n, s: (s, b, d)), "x with a samples axis: the picture repeated for each draw", False),
    (_change(mu=lambda b, d, n, s: (s, b, n)), "mu with a samples axis", False),
    (_no_samples, "one draw only: z, logits and reconstruction all lack the samples axis", False),
    (_batch_first, "samples axis after the batch axis in z, logits and reconstruction: wrong order", False),
    (_folded, "samples and batch folded into one axis of samples times batch in z, logits, reconstruction", False),
    (_change(logits=lambda b, d, n, s: (b, d)), "logits without the samples axis, though z has it", False),
    (_change(logits=lambda b, d, n, s: (s, b, 2 * d)), "logits twice data wide: a joint head for the decoder as well", False),
    (_change(reconstruction=lambda b, d, n, s: (s, b, d)), "reconstruction keeps the pixels' axis: not summed over the data", False),
    (_change(reconstruction=lambda b, d, n, s: (b,)), "reconstruction averaged over the draws: its samples axis is gone", False),
    (_change(reconstruction=lambda b, d, n, s: (s,)), "reconstruction summed over the batch, only (samples,) is left", False),
    (_change(kl=lambda b, d, n, s: (s, b)), "kl with a samples axis, as if it depended on the draw", False),
    (_change(kl=lambda b, d, n, s: (b, n)), "kl for each latent, not summed over the latents", False),
    (_change(kl=lambda b, d, n, s: ()), "kl a single number, averaged over the batch: ()", False),
    (_change(kl=lambda b, d, n, s: (b)), "kl as (batch) without the comma: an int, no tuple", False),
    (_change(kl=lambda b, d, n, s: (b, 1)), "kl with a last axis of width 1 kept: (batch, 1)", False),
    (_small_sigma, "the name Sigma written in small letters, sigma: a key is missing", False),
    (_no_names, "a list of the eight shapes in order, without names: no dict", False),
    (_swapped_arguments, "takes the arguments in the wrong order: data_dim and latent_dim exchanged", False),
    (_change(output=lambda b, d, n, s: (b, n), kl=lambda b, d, n, s: (s, b)), "TWO: output only latent wide, and kl with a samples axis", False),
    (_change(Sigma=lambda b, d, n, s: (b, n), reconstruction=lambda b, d, n, s: (s, b, d)), "TWO: Sigma only as its diagonal (batch, latent), and reconstruction not summed over the pixels", False),
    (_change(z=lambda b, d, n, s: (b, s, n), kl=lambda b, d, n, s: ()), "TWO: z with batch before samples, and kl averaged to a single number", False),
    (_change(x=lambda b, d, n, s: (d,), mu=lambda b, d, n, s: (n,)), "TWO: x without the batch axis (data,), and mu without the batch axis (latent,)", False),
    (_change(logits=lambda b, d, n, s: (b, d), reconstruction=lambda b, d, n, s: (s, b, 1)), "TWO: logits without the samples axis, and reconstruction with a last axis of width 1", False),
    (_change(output=lambda b, d, n, s: (2, b, n), kl=lambda b, d, n, s: (b)), "TWO: output as (2, batch, latent), and kl an int for want of the comma", False),
    (_change(mu=lambda b, d, n, s: (s, b, n), logits=lambda b, d, n, s: (s, b, 2 * d)), "TWO: mu with a samples axis, and logits twice data wide", False),
    (_change(z=lambda b, d, n, s: (s * b, n), reconstruction=lambda b, d, n, s: (s,)), "TWO: z with samples and batch folded into one axis, and reconstruction summed over the batch", False),
]
BORDERLINE = [
    (_as_lists, "all shapes right, but lists instead of tuples", None),
    (_as_arrays, "all shapes right, tuples of numpy integers", None),
    (_extra, "the eight shapes right and two more names, loss and sigma", None),
]

"""Chapters 4 and 6: what a VAE maximises. Per example, in nats, higher is better; the loss's minus sign is in `fit`."""

from torch import Tensor
from torch.distributions import kl_divergence

from vae_lib.distributions import log_mean_exp
from vae_lib.networks import check_positive


def elbo_terms(model, x: Tensor) -> tuple[Tensor, Tensor]:
    """The two terms of the ELBO with one draw of z: (log p(x|z), KL(q(z|x) ‖ p(z))), each `[batch]`, nats (chapter 4).

    `x` is `[batch, data]`. The first is a log-likelihood, higher is better; the second is never negative, lower is
    better. Raises ValueError for an x of another width, empty, NaN, or outside the likelihood's support.
    """
    qz_x = model.encoder(x)
    z = qz_x.rsample()
    px_z = model.decoder(z)
    return px_z.log_prob(x), kl_divergence(qz_x, model.prior)


def has_terms(model, x: Tensor) -> bool:
    """Whether `elbo_terms` can score `x` under `model`: a reader's own VAE may have other parts (chapter 5)."""
    try:
        return all(term.shape == (len(x),) for term in elbo_terms(model, x))
    except Exception:  # an encoder of another kind may raise anything
        return False


def elbo(model, x: Tensor, *, beta: float = 1.0) -> Tensor:
    """log p(x|z) − beta · KL, one draw of z an example: `[batch]`, in nats, higher is better (chapter 4).

    With beta = 1 its expectation is a lower bound of log p(x); with another beta it is the β-objective of
    Higgins et al. (2017) and, below 1, no bound. Raises ValueError for a negative beta, and as `elbo_terms`.
    """
    if not beta >= 0:
        raise ValueError(f"expected beta of at least 0, got {beta}")
    reconstruction, kl = elbo_terms(model, x)
    return reconstruction - beta * kl


def log_weights(model, x: Tensor, num_samples: int) -> Tensor:
    """log w = log p(x|z) + log p(z) − log q(z|x) for `num_samples` draws z ~ q: `[samples, batch]`, nats (chapter 6).

    E[w] = p(x). Raises ValueError for fewer than one sample, and as `elbo_terms`.
    """
    check_positive(num_samples=num_samples)
    qz_x = model.encoder(x)
    z = qz_x.rsample((num_samples,))
    return model.decoder(z).log_prob(x) + model.prior.log_prob(z) - qz_x.log_prob(z)


def importance_weighted_bound(model, x: Tensor, *, num_samples: int) -> Tensor:
    """log of the mean of `num_samples` importance weights: `[batch]`, in nats, higher is better (chapter 6).

    Its expectation is a lower bound of log p(x) that rises with `num_samples`; at 1 it is the ELBO in expectation
    (Burda et al. 2015, https://arxiv.org/abs/1509.00519). Raises as `log_weights`.
    """
    return log_mean_exp(log_weights(model, x, num_samples), dim=0)

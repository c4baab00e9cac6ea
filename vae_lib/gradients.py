"""Chapter 3: two estimators of the gradient of E[f(z)], z ~ N(mu, sigma²), from the same noise."""

import math
from collections.abc import Callable

import torch
from torch import Tensor


def pathwise_gradient(f: Callable, mu: float, sigma: float, eps: Tensor) -> tuple[Tensor, Tensor]:
    """The reparameterization gradient by autograd through z = mu + sigma · eps: `(d_mu, d_sigma)` (chapter 3).

    `f` is a torch function that acts on each element alone; `mu` and `sigma` are numbers or 0-d tensors; `eps` holds
    draws of N(0, 1), `[samples]` or any shape. Both results have its shape, one estimate a draw: f′(z) and f′(z) · eps.
    They are unbiased where f is absolutely continuous, with a derivative of at most polynomial growth. A step function
    has derivative 0 almost everywhere, so its estimates are 0 and biased. Raises ValueError for a sigma that is not
    positive, values that are not finite, or an `f` that changes the shape.
    """
    mu, sigma = _checked(mu, sigma, eps)
    with torch.enable_grad():
        mu = torch.full_like(eps, mu, requires_grad=True)  # one copy a draw, so that autograd keeps the draws apart
        sigma = torch.full_like(eps, sigma, requires_grad=True)
        total = _apply(f, mu + sigma * eps).sum()
    if not total.requires_grad:  # f knows no derivative: a comparison, a rounding
        return torch.zeros_like(eps), torch.zeros_like(eps)
    return torch.autograd.grad(total, (mu, sigma))


def score_function_gradient(
    f: Callable, mu: float, sigma: float, eps: Tensor, *, baseline: float = 0.0
) -> tuple[Tensor, Tensor]:
    """The score-function gradient (f(z) − baseline) · ∇ log N(z; mu, sigma²): `(d_mu, d_sigma)` (chapter 3).

    Arguments and results as in `pathwise_gradient`; no derivative of `f` is needed, and a step function is no problem.
    The score is (z − mu)/sigma² = eps/sigma by mu, and ((z − mu)²/sigma² − 1)/sigma = (eps² − 1)/sigma by sigma.
    `baseline` is a number, or one a draw in the shape of `eps`: both stay unbiased where a draw's baseline does not
    depend on that draw. Raises as `pathwise_gradient`.
    """
    mu, sigma = _checked(mu, sigma, eps)
    advantage = _apply(f, mu + sigma * eps).detach() - baseline
    return advantage * eps / sigma, advantage * (eps.square() - 1) / sigma


def _apply(f: Callable, z: Tensor) -> Tensor:
    value = f(z)
    if value.shape != z.shape:
        shapes = f"{tuple(z.shape)}, got {tuple(value.shape)}"
        raise ValueError(f"expected f to act on each element and keep the shape {shapes}")
    return value.to(z.dtype)


def _checked(mu: float, sigma: float, eps: Tensor) -> tuple[float, float]:
    mu, sigma = float(mu), float(sigma)
    if not math.isfinite(mu):
        raise ValueError(f"expected a finite mu, got {mu}")
    if not (math.isfinite(sigma) and sigma > 0):
        raise ValueError(f"expected a positive, finite sigma, got {sigma}")
    if not (isinstance(eps, Tensor) and eps.is_floating_point()):
        raise ValueError(f"expected eps as a floating-point tensor, got {torch.typename(eps)}")
    if not eps.isfinite().all():
        raise ValueError(
            f"expected finite draws in eps, got NaN or infinity in {(~eps.isfinite()).sum()} of {eps.numel()}"
        )
    return mu, sigma

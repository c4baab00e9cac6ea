"""Chapter 6: what importance weights and integrals say of a trained VAE: bounds, gaps, residuals, log p(x)."""

import copy
import math
from collections.abc import Callable
from textwrap import shorten

import torch
from torch import Tensor
from torch.distributions import kl_divergence

from vae_lib.diagnose.cost import at_most, images_for, numbers_of, of_decoder, points_for
from vae_lib.diagnose.model_facts import FEWEST, RELIABLE, TOL, Facts, K, difference, mean, mean_of_draws
from vae_lib.distributions import log_mean_exp
from vae_lib.evaluation import pareto_k
from vae_lib.exact import log_likelihood
from vae_lib.objectives import log_weights

AT_ONCE = 2e7  # numbers in memory
POINTS = {1: (2_000, 500), 2: (25_000, 16_000)}  # that the integrals of some images decode: for all, and for each
EXACT, FEWEST_EXACT = 30, 5  # test images whose log p(x) is integrated, at most and at least
UNKNOWN = (NotImplementedError, RuntimeError, AttributeError)  # what a likelihood without mean or variance raises


def weigh(facts: Facts, model, few: dict[str, Tensor]) -> None:
    """Bounds and gaps of both sets, whether more weights move them, and the residuals of the training images."""
    num = min(images_for(of_decoder(model) * 4 * K), *map(len, few.values()))
    if num < FEWEST:
        facts.left_out.append(f"importance weights: {FEWEST} images' would take more than their share of the time")
        return
    if num < min(map(len, few.values())):
        facts.left_out.append(f"importance weights: {num} images of each set were weighed, no more")
    for name, scores in (("x_test", facts.test), ("x_train", facts.train)):
        log_w = in_parts(lambda x: log_weights(model, x, 4 * K).double(), few[name][:num], 4 * K, numbers_of(model))
        bound = log_mean_exp(log_w, dim=0)
        scores.gap, scores.num_weighed = mean(bound - log_w.mean(0)), num
        scores.minus_bound = difference(scores.loss, scores.gap)
        if name == "x_test":
            facts.movement = mean(bound - log_mean_exp(log_w.view(4, K, num), dim=1).mean(0))
            facts.pareto_k = pareto_k(log_w).median().item()
    facts.apart_encoder = difference(facts.test.gap, facts.train.gap)
    facts.apart_decoder = difference(facts.test.minus_bound, facts.train.minus_bound)
    _residuals(facts, model, few["x_train"][:num])


def _residuals(facts: Facts, model, x: Tensor) -> None:
    """R of (6.9), with z drawn from q and taken with its weight: from the posterior, where the weights are good."""
    try:
        log_w, squares, variances = in_parts(lambda x: _residuals_of(model, x), x, K, numbers_of(model))
    except UNKNOWN:
        squares = torch.tensor(math.nan)
    if not squares.isfinite().all():
        facts.left_out.append(f"residuals: {facts.likelihood} has no variance of a pixel")
        return
    facts.from_posterior = pareto_k(log_w).median().item() < RELIABLE
    share = (log_w if facts.from_posterior else torch.zeros_like(log_w)).softmax(0)
    facts.residuals = ((share * squares).sum() / (share * variances).sum()).item()


def _residuals_of(model, x: Tensor) -> Tensor:
    """log w, squared errors and stated variances, summed over an image: `[3, K, batch]`."""
    qz_x = model.encoder(x)
    z = qz_x.sample((K,))
    px_z = model.decoder(z)
    log_w = px_z.log_prob(x) + model.prior.log_prob(z) - qz_x.log_prob(z)
    each = [(x - px_z.mean).square(), px_z.variance.expand_as(px_z.mean)]
    return torch.stack([log_w.double(), *(values.flatten(2).double().sum(-1) for values in each)])


def integrate_exactly(facts: Facts, model, x: Tensor) -> None:
    """log p(x) by quadrature, of as many test images as the budget is sure to allow."""
    latent_dim = len(model.prior.mean)
    if latent_dim > 2:
        parts = "latents" if hasattr(model.prior, "base_dist") else "steps in the chain"
        facts.left_out.append(f"exact log p(x): more than two {parts}")
        return
    points, (first, each) = points_for(of_decoder(model)), POINTS[latent_dim]
    x = x[: max(0, min(EXACT, (points - first) // each))].cpu().double()
    if len(x) < FEWEST_EXACT:
        facts.left_out.append("exact log p(x): a few images' would take more than their share of the time")
        return
    try:
        exact = copy.deepcopy(model).cpu().double()  # bound and evidence of one and the same model, to the last digit
        with at_most(exact.decoder, 2 * points):
            log_p = log_likelihood(exact, x, tol=TOL)
        _bound_and_evidence(facts, exact, x, log_p)
    except Exception as error:  # it cannot be copied, its weights stay in float32, the integral does not settle
        facts.left_out.append(shorten(f"exact log p(x): {type(error).__name__}: {error}", 160))


def _bound_and_evidence(facts: Facts, model, x: Tensor, log_p: Tensor) -> None:
    log_w, qz_x = log_weights(model, x, K), model.encoder(x)
    bound = log_mean_exp(log_w, dim=0)
    if (bound - log_p).mean() > 5 * (bound - log_p).std() / math.sqrt(len(x)) + 2 * TOL:
        facts.left_out.append("exact log p(x): the weights show mass that the integral missed")  # its blind spot
        return
    # The mean of log w is the ELBO, and hardly scatters where q is good. With the analytic KL wrong draws show, too.
    elbos = model.decoder(qz_x.sample((K,))).log_prob(x) - kl_divergence(qz_x, model.prior)
    facts.above_evidence, facts.num_exact = mean_of_draws(elbos - log_p), len(x)
    facts.exact_gap = mean(log_p - log_w.mean(0))
    facts.minus_log_p = difference(facts.test.loss, facts.exact_gap)
    if len(x) < facts.test.num_images:
        facts.left_out.append(f"exact log p(x): of {len(x)} test images, no more")


def in_parts(function: Callable, x: Tensor, num_samples: int, numbers: int) -> Tensor:
    """`function` of a few images at a time, `[…, batch]`, so that memory is bounded."""
    rows = max(1, int(AT_ONCE / (num_samples * max(x[0].numel(), numbers))))
    return torch.cat([function(part) for part in x.split(rows)], -1)

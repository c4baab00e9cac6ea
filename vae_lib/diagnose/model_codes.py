"""Chapter 8: what a sum over all codes says of a trained VAE: its gap and log p(x), without importance weights."""

import copy

import torch
from torch import Tensor
from torch.distributions import kl_divergence

from vae_lib.diagnose.cost import images_for, numbers_of
from vae_lib.diagnose.model_facts import FEWEST, Facts, K, difference, mean, mean_of_draws
from vae_lib.diagnose.model_weights import UNKNOWN, in_parts
from vae_lib.exact.enumeration import MOST_STATES, enumerate_states


def countable(model) -> bool:
    return 0 < getattr(model.prior, "num_states", 0) <= MOST_STATES


def sum_over_codes(facts: Facts, model, few: dict[str, Tensor]) -> None:
    """Gaps of both sets, −log p(x), and the residuals of the training images under the posterior."""
    states, numbers = model.prior.num_states, numbers_of(model)
    num = max(FEWEST, images_for(120 * numbers * states))
    facts.num_states, facts.num_weights = states, 0
    exact, few = copy.deepcopy(model).cpu().double(), {name: x[:num].cpu().double() for name, x in few.items()}

    def in_few(function, name: str) -> Tensor:
        return in_parts(lambda x: function(exact, x), few[name], max(states, K), numbers)

    for name, scores in (("x_test", facts.test), ("x_train", facts.train)):
        scores.gap, scores.num_weighed = mean(in_few(_gap, name)), len(few[name])
        scores.minus_bound = difference(scores.loss, scores.gap)
    facts.apart_encoder = difference(facts.test.gap, facts.train.gap)
    facts.apart_decoder = difference(facts.test.minus_bound, facts.train.minus_bound)
    facts.exact_gap, facts.minus_log_p, facts.num_exact = facts.test.gap, facts.test.minus_bound, len(few["x_test"])
    facts.above_evidence = mean_of_draws(in_few(_above_evidence, "x_test"))
    if facts.num_exact < facts.test.num_images:
        facts.left_out.append(f"exact log p(x): of {facts.num_exact} test images, no more")
    _residuals(facts, lambda: in_few(_squares, "x_train"))


def _gap(model, x: Tensor) -> Tensor:
    return enumerate_states(model, x).gap


def _above_evidence(model, x: Tensor) -> Tensor:
    """By draws, so that wrong ones show: `[K, batch]`."""
    qz_x = model.encoder(x)
    elbos = model.decoder(qz_x.sample((K,))).log_prob(x) - kl_divergence(qz_x, model.prior)
    return elbos - enumerate_states(model, x).log_p


def _residuals(facts: Facts, find) -> None:
    try:
        squares, variances = find()
    except UNKNOWN:
        facts.left_out.append(f"residuals: {facts.likelihood} has no variance of a pixel")
        return
    facts.residuals, facts.from_posterior = (squares.sum() / variances.sum()).item(), True


def _squares(model, x: Tensor) -> Tensor:
    """Squared errors and stated variances of an image, under the posterior: `[2, batch]`."""
    states = enumerate_states(model, x)
    px_z = model.decoder(states.z[:, None])
    each = (x - px_z.mean).square(), px_z.variance.expand_as(px_z.mean)
    return torch.stack([(states.posterior * values.flatten(2).sum(-1)).sum(0) for values in each])

"""What chapter 6's checks take for right, against other routes to it; the tables of mistakes lie in mistakes/."""

import math

import pytest
import torch
from mistakes.table import said

from vae_lib.exercises import check_importance_weighted_bound, evaluation
from vae_lib.exercises.evaluation import (
    BELOW,
    FIVE_DRAWS,
    IMAGES,
    LENGTH,
    LOG_PX,
    ONE_DRAW,
    OTHER,
    POSTERIOR,
    SHIFTED,
    TWO_DRAWS,
)
from vae_lib.objectives import importance_weighted_bound, log_weights


def library(model, x, num_samples):
    return importance_weighted_bound(model, x, num_samples=num_samples)


def test_the_librarys_bound_passes():
    assert said(check_importance_weighted_bound, library).startswith("✓")


def test_every_weight_is_the_evidence_where_q_is_the_posterior():
    log_w = log_weights(POSTERIOR, IMAGES, 50)
    torch.testing.assert_close(log_w, LOG_PX.expand(50, -1))
    assert torch.equal(FIVE_DRAWS.expected, LOG_PX)


def test_one_weight_has_the_elbo_as_its_mean():
    torch.testing.assert_close(ONE_DRAW.expected, OTHER.expected_elbo(IMAGES))
    assert (ONE_DRAW.expected < LOG_PX).all()


def test_the_bound_of_two_draws_is_that_of_quadrature_in_both():
    # log w of a shifted posterior is linear in ε: log p(x) − ½ s² − s ε along the shift, for each of the two draws.
    nodes, weights = torch.linspace(-9, 9, 721, dtype=torch.float64), torch.full((721,), 18 / 720, dtype=torch.float64)
    mass = weights * torch.exp(-0.5 * nodes**2) / math.sqrt(2 * math.pi)
    log_w = BELOW - LENGTH * nodes
    bound = mass @ (torch.logaddexp(log_w[:, None], log_w[None]) - math.log(2)) @ mass
    torch.testing.assert_close(TWO_DRAWS.expected, bound, rtol=0, atol=1e-10)
    largest, logs, normalised = (TWO_DRAWS.mistakes[name] for name in sorted(TWO_DRAWS.mistakes, key=len))
    assert logs < TWO_DRAWS.expected < min(largest, normalised)
    torch.manual_seed(0)
    found = log_weights(SHIFTED, IMAGES[:1], 20_000) - LOG_PX[0]
    assert found.mean() == pytest.approx(BELOW.item(), abs=5 * LENGTH.item() / math.sqrt(20_000))
    assert found.std() == pytest.approx(LENGTH.item(), rel=0.03)


def test_a_mean_above_the_evidence_is_called_impossible_with_both_numbers():
    answer = said(
        check_importance_weighted_bound,
        lambda model, x, k: (
            torch.logsumexp(model.decoder(z := (q := model.encoder(x)).rsample((k,))).log_prob(x) - q.log_prob(z), 0)
            - math.log(k)
        ),
    )
    assert f"lies above log p(x) = {LOG_PX.mean():.2f} by" in answer
    assert "impossible for a bound" in answer


def test_the_module_can_be_read_in_double_precision_and_single():
    assert evaluation.LOG_PX.dtype == torch.float64
    assert all(torch.isfinite(value.expected).all() for value in vars(evaluation).values() if hasattr(value, "asked"))

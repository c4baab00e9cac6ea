"""What 6.1 takes for right, against the library's bound and the exact quantities of its models."""

import pytest
import torch

from answers.importance_weighted_bound import bound_with, seeded, without_prior
from vae_lib.exercises import check_importance_weighted_bound
from vae_lib.objectives import importance_weighted_bound, log_weights

CALLS = check_importance_weighted_bound.plan


def of_call(number: int):
    """The model, its images, how many samples, and what the check takes for right."""
    given = CALLS[number].inputs
    x = torch.as_tensor(given["x"]).float()
    return given["model"].build(), x, int(given["num_samples"]), check_importance_weighted_bound.of_solution[number]


def test_the_librarys_bound_is_right():
    def library(model, x, num_samples):
        return importance_weighted_bound(model, x, num_samples=num_samples)

    assert check_importance_weighted_bound.judge(library).status == "right"


@pytest.mark.parametrize("number", [3, 4])
def test_every_weight_is_the_evidence_where_q_is_the_posterior(number):
    model, x, _, right = of_call(number)
    evidence = model.log_likelihood(x)
    torch.testing.assert_close(log_weights(model, x, 50), evidence.expand(50, -1), rtol=1e-4, atol=1e-3)
    torch.testing.assert_close(torch.tensor(right["mean"].value).float(), evidence, rtol=1e-4, atol=1e-3)
    assert (number == 4) == bool((evidence < -1000).all())


def test_of_one_weight_the_mean_is_the_elbo_and_of_fifty_it_lies_far_above_and_below_the_evidence():
    model, x, count, right = of_call(1)
    off = torch.tensor(right["mean"].value) - model.expected_elbo(x).double()
    assert count == 1
    assert (off.abs() < 5 * torch.tensor(right["mean"].error)).all()
    model, x, count, right = of_call(2)
    mean, elbo, evidence = torch.tensor(right["mean"].value), model.expected_elbo(x), model.log_likelihood(x)
    assert count == 50
    assert (elbo + 1 < mean).all()
    assert (mean < evidence).all()


def test_a_mean_above_the_evidence_is_called_impossible_unless_every_call_draws_the_same():
    verdict = check_importance_weighted_bound.judge(bound_with(without_prior))
    assert "impossible for a lower bound. This is what you get if log p(z) is left out" in verdict.sentence
    assert check_importance_weighted_bound.judge(bound_with(draw=seeded)).sentence.startswith("Every call gives")

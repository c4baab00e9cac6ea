"""Chapter 8: the check-up of a VAE with coins or dice: what is a sum there, and what is no bug."""

import copy

import pytest
import torch

from vae_lib.data import digits
from vae_lib.diagnose import checkup
from vae_lib.discrete import BernoulliEncoder, DiscreteVAE
from vae_lib.exact.enumeration import enumerate_states, exact_elbo, exact_log_p
from vae_lib.exact.mixture import em, mixture_vae, random_mixture
from vae_lib.networks import BernoulliDecoder
from vae_lib.training import fit

X, X_TEST = ((part[:200] >= 8).float() for part in digits())


@pytest.fixture(scope="module")
def coins():
    torch.manual_seed(0)
    model = DiscreteVAE(BernoulliEncoder(64, 4, 32), BernoulliDecoder(4, 64, 32))
    fit(model, X, objective=exact_elbo, num_epochs=30, batch_size=20, lr=0.01)
    return model, checkup(model, X, X_TEST).facts


@torch.no_grad()
def test_log_p_is_a_sum_over_all_codes(coins):
    model, facts = coins
    exact = -exact_log_p(model, X_TEST).mean().item()
    assert (facts.num_states, facts.num_exact) == (16, 200)
    assert facts.minus_log_p.value == pytest.approx(exact, abs=0.1)  # the ELBO in it is of ten draws
    gap = enumerate_states(model, X_TEST).gap.mean().item()
    assert facts.exact_gap.value == pytest.approx(gap, abs=1e-5)
    assert "by a sum over 16 codes" in repr(checkup(model, X, X_TEST))


@torch.no_grad()
def test_the_gap_of_both_sets_is_a_sum_and_no_importance_weight_is_spoken_of(coins):
    model, facts = coins
    for scores, x in ((facts.test, X_TEST), (facts.train, X)):
        gap = enumerate_states(model, x).gap.mean().item()
        assert scores.gap.value == pytest.approx(gap, abs=1e-5)
    assert (facts.movement, facts.pareto_k, facts.num_weights) == (None, None, 0)
    page = repr(checkup(model, X, X_TEST))
    assert "Pareto" not in page
    assert "L_" not in page.replace("log", "")
    assert "−L, K" not in page
    assert "gap, " not in page


@torch.no_grad()
def test_a_q_far_from_the_posterior_is_no_reason_not_to_say_log_p():
    torch.manual_seed(0)
    model = DiscreteVAE(BernoulliEncoder(64, 4, 32), BernoulliDecoder(4, 64, 32))
    model.encoder.net[-1].bias.copy_(torch.tensor([9.0, -9, 9, -9]))
    model.decoder.net[-1].weight.mul_(8)
    found = checkup(model, X, X_TEST)
    keys = [finding.key for finding in found.findings]
    assert "unsettled" not in keys
    assert "far_from_posterior" in keys
    assert found.facts.test.gap.value > 1
    assert found.of_rank("impossible") == []


def test_a_coin_that_is_stuck_is_seen_by_the_gap(coins):
    model, facts = coins
    assert "far_from_posterior" not in [finding.key for finding in checkup(model, X, X_TEST).findings]
    stuck = copy.deepcopy(model)
    with torch.no_grad():
        stuck.encoder.net[-1].weight[0] = 0.0
        stuck.encoder.net[-1].bias[0] = 6.0
    found = checkup(stuck, X, X_TEST)
    (said,) = [finding.says for finding in found.findings if finding.key == "far_from_posterior"]
    assert said.startswith(f"q is far from the posterior: the gap is {found.facts.test.gap.value:.2f} ± ")
    assert said.endswith(f"more than a quarter of the {found.facts.scale:.2f} that z brings.")
    assert found.facts.test.gap.value > found.facts.scale / 4
    assert found.facts.test.gap.value > facts.test.gap.value + 1


@torch.no_grad()
def test_the_residuals_are_those_under_the_posterior(coins):
    model, facts = coins
    states = enumerate_states(model, X)
    pixels = model.decoder(states.z[:, None])
    squares = ((X - pixels.mean).square().sum(-1) * states.posterior).sum()
    variances = (pixels.variance.sum(-1) * states.posterior).sum()
    assert facts.from_posterior
    assert facts.residuals == pytest.approx((squares / variances).item(), rel=1e-4)


@torch.no_grad()
def test_what_all_codes_pay_for_their_place_is_a_sum_too(coins):
    model, facts = coins
    states = enumerate_states(model, X)
    marginal = states.log_q.exp().mean(1)
    exact = (marginal * (marginal * 16).log()).sum().item()
    assert facts.prior_mismatch == pytest.approx(max(0, exact - 15 / 400), abs=1e-4)


def test_nothing_of_a_sound_model_is_called_a_bug(coins):
    model, _ = coins
    assert checkup(model, X, X_TEST).of_rank("impossible") == []


def test_coins_that_are_sure_are_no_bug():
    torch.manual_seed(0)
    model = DiscreteVAE(BernoulliEncoder(64, 4, 32), BernoulliDecoder(4, 64, 32))
    with torch.no_grad():
        model.encoder.net[-1].weight.mul_(1e4)
    assert checkup(model, X, X_TEST).of_rank("impossible") == []


def test_a_die_is_one_latent_however_many_faces_it_has():
    torch.manual_seed(0)
    mixture, _ = em(X, random_mixture(X, 5), 20)
    facts = checkup(mixture_vae(mixture), X, X_TEST).facts
    assert (facts.latent_dim, len(facts.kl_per_latent), len(facts.variance_of_mean), facts.num_states) == (1, 1, 1, 5)
    assert facts.exact_gap.value == pytest.approx(0, abs=1e-5)
    assert facts.unused == []


def test_of_too_many_codes_no_sum_is_tried():
    torch.manual_seed(0)
    model = DiscreteVAE(BernoulliEncoder(64, 40, 8), BernoulliDecoder(40, 64, 8))
    facts = checkup(model, X, X_TEST).facts
    assert (facts.num_states, facts.minus_log_p, facts.prior_mismatch) == (None, None, None)
    assert "exact log p(x): more than two latents" in facts.left_out

"""The calculator's formulas: against the loss itself, evaluated, and against `diagnose_loss`, which only calls it."""

import contextlib
import io
import math
import re
from functools import partial
from itertools import product

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.distributions import Bernoulli, Independent, Normal, kl_divergence

from vae_lib.data import digits
from vae_lib.diagnose.losses import diagnose_loss
from vae_lib.diagnose.reductions import LIKELIHOODS, REDUCTIONS, implied
from vae_lib.figures.calculator.figure import DIGITS, yardsticks

BATCH, PIXELS, LATENT = 5, 64, 8
SIZES = {"data_dim": PIXELS, "latent_dim": LATENT, "batch_size": BATCH}


def reduced(values: torch.Tensor, how: str) -> torch.Tensor:
    """As students write it."""
    if how == "image":
        return values.sum(dim=1).mean()
    return values.sum() if how == "sum" else values.mean()


def homework(x_hat, x, mu, log_var, *, likelihood, reconstruction="image", kl="image", factor=1.0, weight=1.0):
    """A loss as it is found in the wild; x_hat are logits or means."""
    error = torch.nn.functional.binary_cross_entropy_with_logits(x_hat, x, reduction="none")
    error = error if likelihood == "bernoulli" else (x_hat - x) ** 2
    kls = -0.5 * (1 + log_var - mu**2 - log_var.exp())
    return factor * reduced(error, reconstruction) + weight * reduced(kls, kl)


def inputs(likelihood: str) -> list[torch.Tensor]:
    torch.manual_seed(0)
    x_hat, x = torch.randn(2, BATCH, PIXELS, dtype=torch.float64)
    mu, log_var = torch.randn(2, BATCH, LATENT, dtype=torch.float64)
    return [x_hat, (x > 0).double() if likelihood == "bernoulli" else x, mu, log_var]


settings = pytest.mark.parametrize(
    ("likelihood", "reconstruction", "kl"), [*product(LIKELIHOODS, REDUCTIONS, REDUCTIONS)]
)


@settings
@given(factor=st.floats(0.01, 100), weight=st.floats(0.01, 100))
def test_the_loss_is_scale_times_minus_the_objective_that_is_named(likelihood, reconstruction, kl, factor, weight):
    x_hat, x, mu, log_var = inputs(likelihood)
    how = {"reconstruction": reconstruction, "kl": kl, "factor": factor, "weight": weight}
    loss = homework(x_hat, x, mu, log_var, likelihood=likelihood, **how).item()
    kl_nats = kl_divergence(Normal(mu, (log_var / 2).exp()), Normal(0.0, 1.0)).sum(-1).mean().item()
    found = implied(loss, likelihood, **SIZES, **how, kl_nats=kl_nats)
    if likelihood == "bernoulli":
        px_z, constant = Independent(Bernoulli(logits=x_hat), 1), 0.0
    else:
        px_z = Independent(Normal(x_hat, math.sqrt(found.noise_var)), 1)
        constant = PIXELS / 2 * math.log(2 * math.pi * found.noise_var)
    reconstruction_nats = -px_z.log_prob(x).mean().item()
    assert loss == pytest.approx(found.scale * (reconstruction_nats - constant + found.beta * kl_nats), rel=1e-9)
    assert found.nats == pytest.approx(reconstruction_nats + kl_nats, rel=1e-7)


@pytest.mark.parametrize(("reconstruction", "kl"), [*product(REDUCTIONS, REDUCTIONS)])
@given(factor=st.floats(0.01, 100), weight=st.floats(0.01, 100), noise_std=st.floats(0.01, 10))
def test_a_gaussian_loss_that_holds_its_constant(reconstruction, kl, factor, weight, noise_std):
    x_hat, x, mu, log_var = inputs("gaussian")
    px_z, qz_x = Normal(x_hat, noise_std), Normal(mu, (log_var / 2).exp())
    log_p, kls = px_z.log_prob(x), kl_divergence(qz_x, Normal(0.0, 1.0))
    loss = (factor * reduced(-log_p, reconstruction) + weight * reduced(kls, kl)).item()
    how = {"reconstruction": reconstruction, "kl": kl, "factor": factor, "weight": weight, "noise_std": noise_std}
    minus_log_p, kl_nats = -log_p.sum(-1).mean().item(), kls.sum(-1).mean().item()
    found = implied(loss, "gaussian", **SIZES, **how, kl_nats=kl_nats)
    assert loss == pytest.approx(found.scale * (minus_log_p + found.beta * kl_nats), rel=1e-9, abs=1e-9)
    assert found.noise_var == noise_std**2
    assert found.nats == pytest.approx(minus_log_p + kl_nats, rel=1e-7, abs=1e-7)
    assert (implied(loss, "gaussian", **SIZES, **how).nats is None) == (found.beta != 1)


def test_with_and_without_its_constant_a_gaussian_loss_is_the_same_and_lets_the_same_nats_pass():
    x_hat, x, mu, log_var = inputs("gaussian")
    squared = homework(x_hat, x, mu, log_var, likelihood="gaussian", factor=0.5, weight=0.0004).item()
    without = implied(squared, "gaussian", **SIZES, factor=0.5, weight=0.0004)
    loss = (kl_divergence(Normal(mu, (log_var / 2).exp()), Normal(0.0, 1.0)).sum(-1)).mean()
    loss = (loss - Normal(x_hat, 0.02).log_prob(x).sum(-1).mean()).item()
    holding = implied(loss, "gaussian", **SIZES, noise_std=0.02)
    assert without.noise_var == pytest.approx(holding.noise_var)
    assert (holding.scale, holding.beta) == (without.scale / 0.0004, without.beta)
    assert without.nats == pytest.approx(holding.nats)
    assert without.budget(4.7) == pytest.approx(holding.budget(4.7))
    twice = implied(loss, "gaussian", **SIZES, noise_std=0.02 / math.sqrt(2), weight=2)
    assert twice.budget(4.7) == pytest.approx(holding.budget(4.7))  # β σ_x² decides


def said(likelihood: str, **how) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        diagnose_loss(partial(homework, likelihood=likelihood, **how), data_dim=PIXELS, latent_dim=LATENT)
    return " ".join(printed.getvalue().split()).replace("−", "-")


@settings
@pytest.mark.parametrize(("factor", "weight"), [(1.0, 1.0), (0.5, 1.0), (1.0, 0.00025), (1.0, 4.0)])
def test_the_diagnosis_of_the_code_says_the_same(likelihood, reconstruction, kl, factor, weight):
    how = {"reconstruction": reconstruction, "kl": kl, "factor": factor, "weight": weight}
    found = implied(1.0, likelihood, **SIZES | {"batch_size": 1}, **how)
    answer = said(likelihood, **how)
    name = "β" if likelihood == "bernoulli" else "σ_x²"
    value = found.beta if likelihood == "bernoulli" else found.noise_var
    times_batch = {(True, False): "/B", (False, True): "·B"}.get((reconstruction == "sum", kl == "sum"), "")
    number, times = re.search(rf"{re.escape(name)} = ([\d.e+-]+)(/B|·B)?", answer).groups(default="")
    assert float(number) == pytest.approx(value, rel=1e-3)
    assert times == times_batch
    if not times_batch:
        cost = yardsticks()[0]["entropy" if likelihood == "bernoulli" else "variance"]
        nats = float(re.search(r"at most (\S+) nats can pass", answer)[1])
        assert found.budget(cost) == pytest.approx(nats, rel=1e-3)


def test_the_examples_of_chapter_5():
    mean_error = implied(0.0733, "gaussian", **SIZES, reconstruction="mean")
    assert mean_error.noise_var == PIXELS / 2  # (5.9)
    assert mean_error.budget(4.6933) == pytest.approx(4.6933 / 64)  # (5.10)
    assert implied(0.39, "bernoulli", **SIZES, reconstruction="mean").beta == PIXELS  # (5.11)
    assert implied(25.0, "bernoulli", **SIZES, kl="mean").beta == 1 / LATENT
    assert implied(0.39, "bernoulli", **SIZES, reconstruction="mean", kl="mean").beta == PIXELS / LATENT


def test_without_its_kl_a_beta_objective_gives_no_elbo():
    assert implied(30.0, "bernoulli", **SIZES, weight=4).nats is None
    assert implied(30.0, "bernoulli", **SIZES, weight=4, kl_nats=2).nats == pytest.approx(24)
    assert implied(30.0 * BATCH, "bernoulli", **SIZES, reconstruction="sum", kl="sum") == (BATCH, 1, None, 30)


BELOW = {
    "gaussian": "a squared error and a KL are never below 0: does the loss hold the constant D/2 log(2πσ_x²)? "
    "Then pass noise_std",
    "bernoulli": "no −log P of pixels in 0…1 is negative: look for a sign, or for pixels outside [0, 1]",
}


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_a_loss_below_its_kl_term_is_refused_and_it_is_said_what_to_look_for(likelihood):
    assert implied(40.0, likelihood, **SIZES, weight=4, kl_nats=10).scale > 0
    for loss, advice in ((39.9, "; " + BELOW[likelihood]), (math.nan, ""), (math.inf, "")):
        with pytest.raises(ValueError, match="expected a finite loss of at least its KL term, 40, got ") as refused:
            implied(loss, likelihood, **SIZES, weight=4, kl_nats=10)
        assert str(refused.value).endswith(f"got {loss}{advice}")
    with pytest.raises(ValueError, match=r"at least its KL term, 0, got -0.1; "):
        implied(-0.1, likelihood, **SIZES)


def test_a_loss_that_holds_its_constant_may_be_negative_but_not_below_a_perfect_fit():
    zeros, how = torch.zeros(64, dtype=torch.float64), {"noise_std": 0.1, "weight": 4}
    perfect = -Normal(zeros, 0.1).log_prob(zeros).sum().item()
    assert perfect < -80
    assert implied(perfect + 1e-9, "gaussian", **SIZES, **how).nats is None
    assert implied(perfect + 41, "gaussian", **SIZES, **how, kl_nats=10).nats == pytest.approx(perfect + 11)
    for loss, kl_nats in ((perfect - 0.1, None), (perfect + 39.9, 10)):
        with pytest.raises(ValueError, match=r"at least its KL term and constant, .*; .* another σ_x"):
            implied(loss, "gaussian", **SIZES, **how, kl_nats=kl_nats)


WRONG = [{"reconstruction": "none"}, {"kl": "batchmean"}, {"weight": 0}, {"factor": -1.0}, {"data_dim": 0}]


@pytest.mark.parametrize("wrong", [*WRONG, {"weight": math.nan}, {"kl_nats": -1.0}, {"kl_nats": math.nan}], ids=str)
def test_other_words_and_numbers_are_refused(wrong):
    with pytest.raises(ValueError, match="expected"):
        implied(1.0, "gaussian", **SIZES | wrong)
    with pytest.raises(ValueError, match="likelihood"):
        implied(1.0, "laplace", **SIZES)


@pytest.mark.parametrize("noise_std", [0, -1.0, math.nan, math.inf])
def test_a_noise_is_above_0_and_no_bernoullis(noise_std):
    with pytest.raises(ValueError, match=f"expected a noise_std that is a finite number above 0, got {noise_std}"):
        implied(1e6, "gaussian", **SIZES, noise_std=noise_std)
    with pytest.raises(ValueError, match="expected no noise_std with the likelihood 'bernoulli', got 1"):
        implied(1.0, "bernoulli", **SIZES, noise_std=1.0)


def test_the_yardsticks_of_the_digits_are_what_a_model_without_a_latent_costs():
    counts = torch.cat(digits()).double()
    pixels, black = counts / 16, (counts >= 8).double()
    of_digits = yardsticks()[0]
    assert of_digits["name"] == DIGITS
    assert of_digits["variance"] == pytest.approx((pixels - pixels.mean(0)).square().sum(1).mean().item(), abs=1e-3)
    independent = Independent(Bernoulli(black.mean(0), validate_args=False), 1)
    varied = (black.mean(0) > 0) & (black.mean(0) < 1)
    cost = -independent.base_dist.log_prob(black)[:, varied].sum(1).mean()
    assert of_digits["entropy"] == pytest.approx(cost.item(), abs=1e-3)

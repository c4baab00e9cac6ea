"""What two adversaries found in the diagnosis of a loss, each kind by one loss: how it is called, what is said."""

import ast
import contextlib
import io
import random
import re
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn
from torch.distributions import Independent, Normal, kl_divergence

from vae_lib.diagnose.losses import diagnose_loss

ROOM = Path(__file__).parents[2] / "vae_lib/diagnose"


def said(loss, **settings) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        diagnose_loss(loss, **settings)
    return " ".join(printed.getvalue().split())


def kl(mu, log_var):
    return 0.5 * (mu**2 + log_var.exp() - 1 - log_var).flatten(1).sum(1)


def bce(x_hat, x):
    return F.binary_cross_entropy_with_logits(x_hat, x, reduction="none").flatten(1).sum(1)


def half_se(x_hat, x):
    return 0.5 * ((x_hat - x) ** 2).flatten(1).sum(1)


def half(x_hat, x, mu, log_var):
    return (half_se(x_hat, x) + kl(mu, log_var)).mean()


# How it is called


def x_comes_first(x, x_dec, z_mean, z_log_var):
    return (bce(x_dec, x) + kl(z_mean, z_log_var)).mean()


def outputs_by_name(outputs, batch):
    return (bce(outputs["recon_x"], batch) + kl(outputs.mu, outputs["logvar"])).mean()


def with_a_posterior(recon, target, q_z):
    prior = Independent(Normal(torch.zeros_like(q_z.mean), 1.0), 1)
    return (half_se(recon, target) + kl_divergence(Independent(q_z, 1), prior)).mean()


def with_a_mask(recon, x, mask, mu, logvar):
    each = F.binary_cross_entropy_with_logits(recon, x, reduction="none") * mask
    return (each.sum(1) + kl(mu, logvar)).mean()


def in_images_of_its_size(recon, x, mu, logvar):
    return F.mse_loss(recon, x.view(-1, 4096), reduction="sum") / len(x) + kl(mu, logvar).mean()


def for_a_batch_of_its_size(x_hat, x, mu, log_var):
    return ((x_hat.view(128, 64) - x.view(128, 64)) ** 2).sum() / 128 + kl(mu, log_var).mean()


CALLED = [
    (x_comes_first, {}, ["✓ This is β = 1", "`x_comes_first(x, x_hat, mu, log_var)`"]),
    (outputs_by_name, {}, ["✓ This is β = 1"]),
    (with_a_posterior, {}, ["✓ This is β = 1, σ_x² = 1"]),
    (with_a_mask, {}, ["✓ This is β = 1"]),
    (in_images_of_its_size, {}, ["σ_x² = 0.5", "data_dim=4096"]),
    (for_a_batch_of_its_size, {"batch_size": 128}, ["✓ This is β = 1, σ_x² = 0.5"]),
    (nn.MSELoss(), {}, ["✗ This is β = 0 with a squared error"]),
    (lambda x_hat, x, mu, log_var: half(x_hat.half(), x.half(), mu.half(), log_var.half()), {}, ["torch.float16"]),
    (lambda x_hat, x, mu, log_var, *, epoch: half(x_hat, x, mu, log_var), {}, ["Paste `", "epoch=…"]),
]


@pytest.mark.parametrize(("loss", "settings", "parts"), CALLED, ids=lambda one: getattr(one, "__name__", ""))
def test_real_code_is_called_as_it_wants_or_told_what_is_missing(loss, settings, parts):
    answer = said(loss, **settings)
    for part in parts:
        assert part in answer, answer


# What it says


def kl_over_two_sizes(x_hat, x, mu, log_var):
    return F.mse_loss(x_hat, x) + kl(mu, log_var).sum() / (128 * 64)


def learned_without_its_log(log_var_x=None):
    log_var_x = nn.Parameter(torch.zeros(()))
    return lambda x_hat, x, mu, log_var: (half_se(x_hat, x) / log_var_x.exp() + kl(mu, log_var)).mean()


def learned_with_another_log():
    log_var_x = nn.Parameter(torch.zeros(()))
    return lambda x_hat, x, mu, log_var: (half_se(x_hat, x) / log_var_x.exp() + log_var_x + kl(mu, log_var)).mean()


def sigma_for_variance(x_hat, x, mu, log_var):
    slip = 0.5 * (mu**2 + (0.5 * log_var).exp() - 1 - log_var).sum(1)
    return (half_se(x_hat, x) + slip).mean()


def one_sigma_a_pixel(x_hat, x, mu, log_var):
    weight = torch.linspace(1, 2, 64, dtype=x.dtype)
    return ((weight * (x_hat - x) ** 2).sum(1) + kl(mu, log_var)).mean()


def clamped_logits(x_hat, x, mu, log_var):
    return (bce(x_hat.clamp(-5, 5), x) + kl(mu, log_var)).mean()


def with_tanh(x_hat, x, mu, log_var):
    return (F.binary_cross_entropy((x_hat + 1) / 2, (x + 1) / 2, reduction="none").sum(1) + kl(mu, log_var)).mean()


def root_of_the_error(x_hat, x, mu, log_var):
    return F.mse_loss(x_hat, x).sqrt() + kl(mu, log_var).mean()


def relu_on_log_var(x_hat, x, mu, log_var):
    return half(x_hat, x, mu, log_var.relu())


def drawn_kl(mu, log_var):
    q, p = Normal(mu, (log_var / 2).exp()), Normal(0.0, 1.0)
    z = q.rsample()
    return (q.log_prob(z) - p.log_prob(z)).flatten(1).sum(1).mean()


def mean_error_and_a_drawn_kl(x_hat, x, mu, log_var):
    return F.mse_loss(x_hat, x) + drawn_kl(mu, log_var)


def mean_cross_entropy_and_a_drawn_kl(x_hat, x, mu, log_var):
    return F.binary_cross_entropy(x_hat, x) + drawn_kl(mu, log_var)


def mean_of_a_full_gaussian(x_hat, x, mu, log_var):
    return F.gaussian_nll_loss(x_hat, x, torch.full_like(x, 0.1), full=True) + kl(mu, log_var).mean()


def lightning():
    log_scale = nn.Parameter(torch.zeros(()))

    def loss(x_hat, x, mu, log_var):
        return drawn_kl(mu, log_var) - Normal(x_hat, log_scale.exp()).log_prob(x).flatten(1).sum(1).mean()

    return loss


def mu_not_squared(x_hat, x, mu, log_var):
    return half_se(x_hat, x).mean() - 0.5 * (1 + log_var - mu - log_var.exp()).sum(1).mean()


def exp_forgotten(x_hat, x, mu, log_var):
    return half_se(x_hat, x).mean() - 0.5 * (1 + log_var - mu**2 - log_var).sum(1).mean()


def charbonnier(x_hat, x, mu, log_var):
    return ((x_hat - x) ** 2 + 1e-6).sqrt().sum(1).mean() + kl(mu, log_var).mean()


def learned_beta():
    log_beta = nn.Parameter(torch.zeros(()))
    return lambda x_hat, x, mu, log_var: half_se(x_hat, x).mean() + log_beta.exp() * kl(mu, log_var).mean()


def the_kl_alone(x_hat, x, mu, log_var):
    return kl(mu, log_var).mean()


def a_column_and_a_row(x_hat, x, mu, log_var):
    return (half_se(x_hat, x)[:, None] + kl(mu, log_var)).sum()


def over_the_root(x_hat, x, mu, log_var):
    return half_se(x_hat, x).sum() / len(x) ** 0.5 + kl(mu, log_var).mean()


def continuous(x_hat, x, mu, log_var):
    log_p = torch.distributions.ContinuousBernoulli(logits=x_hat).log_prob(x)
    return (kl(mu, log_var) - log_p.sum(1)).mean()


BLACK = {"x_data": (torch.rand(300, 64, generator=torch.Generator().manual_seed(0)) > 0.5).float()}
SAID = [
    (mean_error_and_a_drawn_kl, {}, ["averaged over the 64 pixels", "would have σ_x² = 0."], ["KL alone", "hides"]),
    (
        mean_cross_entropy_and_a_drawn_kl,
        {},
        ["with Bernoulli pixels", "averaged over the 64 pixels"],
        ["squared error"],
    ),
    (mean_of_a_full_gaussian, {}, ["β = 64, σ_x² = 0.1", "the same code would have β = 1"], ["β-objective"]),
    (lightning(), {}, ["✓ This is β = 1", "σ_x² = 1 is its value now"], ["changes its terms"]),
    (mu_not_squared, {}, ["0 : 1 : −1", "μ stands where μ² belongs"], ["½ or a sign"]),
    (exp_forgotten, {}, ["1 : 0 : 0", "is an exp missing"], ["½ or a sign"]),
    (charbonnier, {}, ["Not one of ours"], ["Huber"]),
    (learned_beta(), {}, ["minimising drives it to 0"], []),
    (the_kl_alone, {}, ["✗ This is the KL alone", "no reconstruction term"], []),
    (a_column_and_a_row, {}, ["B^2", "gives a table"], []),
    (over_the_root, {}, ["no sum and no mean explains"], []),
    (continuous, BLACK, ["✗ This is β = 1 with continuous Bernoulli", "it falls without end"], []),
    (kl_over_two_sizes, {"batch_size": 128}, ["σ_x² = 0.5 with your batches of 128"], ["β-objective", "784"]),
    (learned_without_its_log(), {}, ["it grows without end"], []),
    (learned_with_another_log(), {}, ["learns another σ_x²"], ["without end"]),
    (sigma_for_variance, {}, ["½ Σ (μ² + σ − 1 − log σ²)", "β = 1"], ["prior N("]),
    (one_sigma_a_pixel, {}, ["weights that differ", "σ_x for each pixel"], ["No density"]),
    (clamped_logits, {}, ["Not everywhere: for x_hat from −12 to 12"], []),
    (with_tanh, {}, ["✓ This is β = 1", "x from −1 to 1"], []),
    (root_of_the_error, {}, ["Not one of ours"], ["weights that differ"]),
    (relu_on_log_var, {}, ["0 stands in its place"], ["no σ below 1"]),
]


@pytest.mark.parametrize(("loss", "settings", "parts", "never"), SAID, ids=lambda one: getattr(one, "__name__", ""))
def test_what_is_said_is_true_of_the_loss_and_nothing_else_is_said(loss, settings, parts, never):
    answer = said(loss, **settings)
    for part in parts:
        assert part in answer, answer
    for part in never:
        assert part not in answer, answer


def numbers(answer: str, before: str, count: int = 1) -> list[float]:
    text = answer.split(before)[1].replace("−", "-")
    return [float(one) for one in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", text)[:count]]


def test_what_is_measured_of_a_loss_that_is_not_ours_is_what_it_does():
    answer = said(lambda x_hat, x, mu, log_var: ((x_hat - x) ** 4).sum(1).mean() + 3 * kl(mu, log_var).mean() ** 2)
    of_pixels = numbers(answer, "leave x by so much, by", 8)  # by 0.1: 64 · 0.1⁴, and so on
    assert of_pixels == pytest.approx([0.1, 64e-4, 0.2, 64 * 0.2**4, 0.4, 64 * 0.4**4, 0.5, 4.0], rel=1e-3)
    assert numbers(answer, "the KL so many nats, by", 4) == pytest.approx([0.5, 0.75, 2, 12], rel=1e-3)


def test_the_error_that_stands_beside_a_drawn_number_is_its_spread():
    def loss(x_hat, x, mu, log_var):
        return half_se(x_hat, x).mean() + (1 + torch.randn(())) * kl(mu, log_var).mean()

    number, error = numbers(said(loss), "σ_x² =", 2)
    assert 0.5 < error / (1 / 24**0.5) < 2  # of a mean of 24 factors of spread 1
    assert abs(number - 1) < 4 * error


def test_the_nats_of_a_linear_model_are_those_of_its_directions():
    spectrum = torch.tensor([9.0, 4.0, 0.5, *[0.01] * 61]).sqrt()
    data = torch.randn(2000, 64, generator=torch.Generator().manual_seed(1)) * spectrum
    variances = torch.linalg.eigvalsh(data.double().T.cov(correction=0))
    expected = 0.5 * variances[variances > 1].log().sum().item()
    assert numbers(said(half, x_data=data), "above βσ_x² = 1;") == pytest.approx([expected], rel=1e-3)


def test_where_a_mean_makes_the_answer_hang_on_sizes_they_are_asked_for():
    def mean(x_hat, x, mu, log_var):
        return F.mse_loss(x_hat, x) + kl(mu, log_var).mean()

    assert "pass data_dim=, latent_dim= for yours" in said(mean)
    assert "pass data_dim=" not in said(mean, data_dim=64)
    assert "pass data_dim=" not in said(half)


# The data


def digits_like(rows: int = 300) -> torch.Tensor:
    return torch.rand(rows, 64, generator=torch.Generator().manual_seed(0))


def strict(x_hat, x, mu, log_var):
    return (kl(mu, log_var) - torch.distributions.Bernoulli(logits=x_hat).log_prob(x).sum(1)).mean()


def cut_at_fifty(x_hat, x, mu, log_var):
    return (0.5 * (x_hat - x).clamp(-50, 50).square().sum(1) + kl(mu, log_var)).mean()


def test_the_loss_is_called_on_the_data_themselves():
    assert "for your x_data it is NaN, infinite or an error" in said(strict, x_data=digits_like())
    assert "for your x_data it rises by" in said(cut_at_fifty, x_data=255 * digits_like())
    assert "run from 0" in said(half, x_data=(255 * digits_like()).round())


def test_rows_that_are_not_numbers_are_named_and_left_out():
    data = digits_like()
    data[3, 5] = torch.nan
    answer = said(half, x_data=data)
    assert "1 values that are NaN or infinite" in answer
    assert answer.count("nan nats") == 0


@pytest.mark.parametrize("data", [torch.zeros(0, 64), torch.zeros(5), "images", [[]]], ids=str)
def test_what_is_no_set_of_images_is_refused_with_what_was_expected(data):
    with pytest.raises(ValueError, match=r"expected x_data as a tensor \[N, …\]"):
        diagnose_loss(half, x_data=data)


def test_all_rows_count_where_they_can_and_few_rows_are_called_few():
    spectrum = torch.tensor([9.0, 4.0, 0.5, *[0.01] * 61]).sqrt()
    data = torch.randn(5000, 64, generator=torch.Generator().manual_seed(1)) * spectrum
    data[1000:] = 0.1 * data[1000:]  # the first rows are of another kind than the others
    expected = int((torch.linalg.eigvalsh(data.double().T.cov(correction=0)) > 1).sum())
    assert f"{expected} of 8 latents pay" in said(half, x_data=data)
    assert "from 40 images of 64 pixels" in said(half, x_data=data[1::125][:40])


# What it leaves behind


def test_the_reader_s_networks_numbers_and_random_state_are_as_they_were():
    network, count = nn.Linear(3, 3), torch.zeros(())

    def meddles(x_hat, x, mu, log_var):
        print("a line for every call")
        np.random.seed(1)
        random.seed(1)
        with torch.no_grad():
            network.weight.mul_(0.9)
            count.add_(1)
        return half(x_hat, x, mu, log_var)

    weight = network.weight.detach().clone()
    states = np.random.get_state()[1].copy(), random.getstate(), torch.get_rng_state()
    assert "a line for every call" not in said(meddles)
    assert torch.equal(network.weight, weight)
    assert count == 0
    assert np.array_equal(np.random.get_state()[1], states[0])
    assert random.getstate() == states[1]
    assert torch.equal(torch.get_rng_state(), states[2])


SEEN_BY_A_LOSS = nn.BatchNorm1d(64)


def normalises(x_hat, x, mu, log_var):
    return half(SEEN_BY_A_LOSS(x_hat.float()), x.float(), mu, log_var)


def test_a_network_that_a_loss_finds_among_its_globals_is_as_it_was():
    before = {name: value.clone() for name, value in SEEN_BY_A_LOSS.state_dict().items()}
    assert said(normalises)[0] in "✓✗"
    assert all(torch.equal(value, before[name]) for name, value in SEEN_BY_A_LOSS.state_dict().items())


def test_a_loss_that_writes_into_its_arguments_is_told_so():
    def scales(x_hat, x, mu, log_var):
        return half(x_hat, x.div_(2), mu, log_var)

    assert "It writes into its own x" in said(scales)


# How it is built


def test_no_function_of_the_diagnosis_is_longer_than_forty_lines():
    for file in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < 40, (file.name, node.name)

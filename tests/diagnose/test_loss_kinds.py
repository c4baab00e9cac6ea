"""What two adversaries found in the diagnosis of a loss, each kind by one loss: how it is called, what is said."""

import ast
import contextlib
import io
import random
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


SAID = [
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
    data[::5] = 0  # every fifth row is blank
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


def test_a_loss_that_writes_into_its_arguments_is_told_so():
    def scales(x_hat, x, mu, log_var):
        return half(x_hat, x.div_(2), mu, log_var)

    assert "It writes into its own x" in said(scales)


# How it is built


def test_no_function_of_the_diagnosis_is_longer_than_forty_lines():
    for file in [*ROOM.glob("loss*.py"), ROOM / "reductions.py"]:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < 40, (file.name, node.name)

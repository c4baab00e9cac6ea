"""The diagnosis of a homework's own loss: losses as they are found in the wild, with what was derived by hand for each.

With D = 64 pixels and d = 8 latents. Let SE be an image's squared error and CE its cross-entropy, summed over the
pixels. SE·a + KL·b is b·(SE/(2σ_x²) + KL) with σ_x² = b/(2a), and CE·a + KL·b is a·(CE + β KL) with β = b/a; at most
(total variance)·a/b and (entropy of the pixels)·a/b nats pass the latent (5.10).
"""

import contextlib
import io
import math
import re

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits
from torch.distributions import Bernoulli, Independent, Normal, kl_divergence

from vae_lib.diagnose.losses import diagnose_loss

PIXELS = load_digits().data
TOTAL_VARIANCE = (PIXELS / 16).var(axis=0).sum()  # 4.6933
BLACK = (PIXELS >= 8).mean(axis=0)
ENTROPY = -sum(p * math.log(p) for share in BLACK for p in (share, 1 - share) if p > 0)  # 25.11


def said(loss, **settings) -> str:
    """What is printed, on one line."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert diagnose_loss(loss, **settings) is None
    return " ".join(printed.getvalue().split())


def nats(amount: float) -> str:
    return f"at most {amount:.4g} nats can pass the latent"


# In the wild


def pytorch_examples(recon_x, x, mu, logvar):
    BCE = F.binary_cross_entropy(recon_x, x.view(-1, 64), reduction="sum")
    KLD = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return BCE + KLD


def book(x_hat, x, mu, log_var):
    reconstruction = F.binary_cross_entropy_with_logits(x_hat, x, reduction="none").sum(-1)
    kl = 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(-1)
    return (reconstruction + kl).mean()


def by_distributions(x_hat, x, mu, log_var):
    px_z = Independent(Bernoulli(logits=x_hat, validate_args=True), 1)  # refuses grey pixels
    return (kl_divergence(Normal(mu, torch.exp(0.5 * log_var)), Normal(0, 1)).sum(-1) - px_z.log_prob(x)).mean()


def per_example(x_hat, x, mu, log_var):
    bce = F.binary_cross_entropy(x_hat, x, reduction="none").sum(dim=1)
    return bce + 0.5 * torch.sum(mu**2 + log_var.exp() - 1 - log_var, dim=1)


def by_hand_with_eps(x_hat, x, mu, log_var):
    bce = -(x * torch.log(x_hat + 1e-6) + (1 - x) * torch.log(1 - x_hat + 1e-6)).sum(1)
    return bce.mean() + (-0.5 * (1 + log_var - mu**2 - torch.exp(log_var)).sum(1)).mean()


def sigmoid_inside(x_hat, x, mu, log_var):
    return by_hand_with_eps(torch.sigmoid(x_hat), x, mu, log_var)


def pixel_mean_mse(x_hat, x, mu, log_var):
    return F.mse_loss(x_hat, x) + (-0.5 * (1 + log_var - mu**2 - log_var.exp()).sum(1)).mean()


def pytorch_vae(*args, **kwargs):
    recons, input, mu, log_var = args[0], args[1], args[2], args[3]
    recons_loss = F.mse_loss(recons, input)
    kld_loss = torch.mean(-0.5 * torch.sum(1 + log_var - mu**2 - log_var.exp(), dim=1), dim=0)
    loss = recons_loss + 0.00025 * kld_loss
    return {"loss": loss, "Reconstruction_Loss": recons_loss.detach(), "KLD": -kld_loss.detach()}


def mean_of_everything(x_hat, x, mu, log_var):
    return F.binary_cross_entropy(x_hat, x) - 0.5 * torch.mean(1 + log_var - mu**2 - log_var.exp())


def mean_mean_mse(x_hat, x, mu, log_var):
    return F.mse_loss(x_hat, x) - 0.5 * torch.mean(1 + log_var - mu**2 - log_var.exp())


def latent_mean(x_hat, x, mu, log_var):
    bce = F.binary_cross_entropy(x_hat, x, reduction="sum") / x.size(0)
    return bce - 0.5 * torch.mean(1 + log_var - mu**2 - log_var.exp())


def divided_by_everything(x_hat, x, mu, log_var):
    kld = -0.5 * torch.sum(1 + log_var - mu**2 - log_var.exp())
    return F.binary_cross_entropy(x_hat, x) + kld / (x.shape[0] * 64)


def keras(x_hat, x, mu, log_var):
    xent = 64 * F.binary_cross_entropy(x_hat, x, reduction="none").mean(-1)
    kl = -0.5 * torch.sum(1 + log_var - mu.square() - log_var.exp(), dim=-1)
    return (xent + kl).mean()


def beta_4(x_hat, x, mu, log_var):
    kl = (0.5 * (mu**2 + log_var.exp() - 1 - log_var)).sum() / len(x)
    return F.binary_cross_entropy_with_logits(x_hat, x, reduction="sum") / len(x) + 4 * kl


def kl_without_half(x_hat, x, mu, log_var):
    kl = (mu**2 + log_var.exp() - 1 - log_var).sum(1).mean()
    return F.binary_cross_entropy(x_hat, x, reduction="sum") / len(x) + kl


def half_squared_error(x_hat, x, mu, log_var):
    return (0.5 * ((x - x_hat) ** 2).sum(1) + 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(1)).mean()


def squared_error(x_hat, x, mu, log_var):
    return (((x - x_hat) ** 2).sum(1) + 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(1)).mean()


def fixed_noise(x_hat, x, mu, log_var, noise_std=0.1):
    kl = kl_divergence(Normal(mu, (log_var / 2).exp()), Normal(torch.zeros_like(mu), torch.ones_like(mu)))
    return -Normal(x_hat, noise_std).log_prob(x).sum(1).mean() + kl.sum(1).mean()


def noise_and_beta(x_hat, x, mu, log_var):
    kl = 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(1)
    return (4 * kl - Normal(x_hat, 0.5).log_prob(x).sum(1)).mean()


def log_two_pi_dropped(x_hat, x, mu, log_var):
    nll = F.gaussian_nll_loss(x_hat, x, torch.full_like(x, 0.09), reduction="none").sum(1)
    return (nll + 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(1)).mean()


def log_two_pi_too_often(x_hat, x, mu, log_var):
    nll = (0.5 * (x - x_hat) ** 2 + 0.5 * 64 * math.log(2 * math.pi)).sum(1)
    return (nll + 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(1)).mean()


def some_constant(x_hat, x, mu, log_var):
    return book(x_hat, x, mu, log_var) + 7.0


def elbo_returned(x_hat, x, mu, log_var):
    return -book(x_hat, x, mu, log_var)


def kl_sign(x_hat, x, mu, log_var):
    return F.binary_cross_entropy(x_hat, x, reduction="sum") + 0.5 * torch.sum(1 + log_var - mu**2 - log_var.exp())


def reconstruction_sign(x_hat, x, mu, log_var):
    return Normal(x_hat, 1.0).log_prob(x).sum(1).mean() + (0.5 * (mu**2 + log_var.exp() - 1 - log_var)).sum(1).mean()


def for_log_sigma(x_hat, x, mu, log_sigma):
    kl = (0.5 * (mu**2 + torch.exp(2 * log_sigma) - 1) - log_sigma).sum(1)
    return (F.binary_cross_entropy(x_hat, x, reduction="none").sum(1) + kl).mean()


def for_sigma(x_hat, x, mu, sigma):
    return (
        F.binary_cross_entropy(x_hat, x, reduction="none").sum(1)
        + kl_divergence(Normal(mu, sigma), Normal(0, 1)).sum(1)
    ).mean()


def for_variance(x_hat, x, mu, var):
    return (F.binary_cross_entropy(x_hat, x, reduction="none")).sum(1).mean() + (
        0.5 * (mu**2 + var - 1 - torch.log(var))
    ).sum(1).mean()


def softplus_sigma(x_hat, x, mu, raw):
    return for_sigma(x_hat, x, mu, F.softplus(raw))


def sigma_for_variance(x_hat, x, mu, log_var):
    return for_variance(x_hat, x, mu, torch.exp(0.5 * log_var))


def sigmoid_twice(x_hat, x, mu, log_var):
    return book(torch.sigmoid(x_hat), x, mu, log_var)


def swapped(x_hat, x, mu, log_var):
    kl = 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(1).mean()
    return F.binary_cross_entropy(x, x_hat, reduction="none").sum(1).mean() + kl


def swapped_logits(x_hat, x, mu, log_var):
    return book(x, x_hat, mu, log_var)


def half_of_the_cross_entropy(x_hat, x, mu, log_var):
    return (-(x * x_hat.log()).sum(1) + 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(1)).mean()


def minus_one_once(x_hat, x, mu, log_var):
    kl = 0.5 * ((mu**2 + log_var.exp() - log_var).sum(1) - 1)
    return (F.binary_cross_entropy_with_logits(x_hat, x, reduction="none").sum(1) + kl).mean()


def mse_mean_kl_sum(x_hat, x, mu, log_var):
    return F.mse_loss(x_hat, x) - 0.5 * torch.sum(1 + log_var - mu**2 - log_var.exp())


def autoencoder(x_hat, x, mu, log_var):
    return F.mse_loss(x_hat, x)


def in_a_tuple(x_hat, x, mu, log_var):
    return (book(x_hat, x, mu, log_var), (torch.zeros(()), torch.ones(())))


def in_a_nested_tuple(x_hat, x, mu, log_var):
    return ((book(x_hat, x, mu, log_var), torch.zeros(())), {"kl": 1.0})


def in_single_precision(x_hat, x, mu, log_var):
    return book(x_hat.float(), x.float(), mu.float(), log_var.float())


def in_place(x_hat, x, mu, log_var):
    kl = mu.pow_(2).add_(log_var.exp()).sub_(1).sub_(log_var).sum(1).mul_(0.5)
    return (F.binary_cross_entropy_with_logits(x_hat, x, reduction="none").sum(1) + kl).mean()


COLLAPSE = "No latent pays"
BERNOULLI = "with Bernoulli pixels (x_hat as probabilities)"
WILD = {
    # a = B, b = B: β = 1
    pytorch_examples: ["✗ This is β = 1 ", BERNOULLI, "summed over the batch", nats(ENTROPY), "divide by len(x)"],
    book: ["✓ This is β = 1 ", "(x_hat as logits), averaged over the batch", nats(ENTROPY)],
    by_distributions: ["✓ This is β = 1 ", "(x_hat as logits), averaged over the batch", nats(ENTROPY)],
    per_example: ["✓ This is β = 1 ", BERNOULLI, "one number per example", nats(ENTROPY)],
    by_hand_with_eps: ["✓ This is β = 1 ", BERNOULLI, "averaged over the batch"],
    sigmoid_inside: ["✓ This is β = 1 ", "(x_hat as logits)", "It breaks at logits of 50"],
    # a = 1/D, b = 1: σ_x² = D/2 = 32
    pixel_mean_mse: [
        "✗ This is β = 1, σ_x² = 32 ",
        "averaged over the batch",
        nats(TOTAL_VARIANCE / 64),
        "averaged over the 64 pixels",
        "the same code would have σ_x² = 0.5",
        COLLAPSE,
    ],
    # a = 1/D, b = 0.00025: σ_x² = 0.00025·64/2 = 0.008, and TV/(2·0.008) nats
    pytorch_vae: [
        "✗ This is β = 1, σ_x² = 0.008 ",
        nats(TOTAL_VARIANCE / 0.016),
        "averaged over the 64 pixels",
        "0.00025 times J",
        "8 of 8 latents pay",
        "returns a dict",
    ],
    # a = 1/D, b = 1/d: β = D/d = 8
    mean_of_everything: [
        "✗ This is β = 8 ",
        nats(ENTROPY / 8),
        "averaged over the 64 pixels",
        "averaged over the 8 latents",
        "the same code would have β = 1",
    ],
    # the same with a squared error: σ_x² = D/(2d) = 4
    mean_mean_mse: ["✗ This is β = 1, σ_x² = 4 ", nats(TOTAL_VARIANCE / 8), "would have σ_x² = 0.5", COLLAPSE],
    # a = 1, b = 1/d
    latent_mean: ["✗ This is β = 0.125 ", nats(8 * ENTROPY), "averaged over the 8 latents", "would have β = 1"],
    # a = b = 1/D
    divided_by_everything: [
        "✗ This is β = 1 ",
        "averaged over the batch",
        nats(ENTROPY),
        "The whole is divided by the 64 pixels",
    ],
    # 64 · mean = sum
    keras: ["✓ This is β = 1 ", "averaged over the batch", nats(ENTROPY)],
    beta_4: ["✗ This is β = 4 ", nats(ENTROPY / 4), "factor 4"],
    kl_without_half: ["✗ This is β = 2 ", nats(ENTROPY / 2), "or is its ½ missing?"],
    # a = ½, b = 1; left out: 32 log 2π = 58.81
    half_squared_error: ["✓ This is β = 1, σ_x² = 1 ", nats(TOTAL_VARIANCE / 2), "= 58.81"],
    # a = 1, b = 1; left out: 32 log π = 36.63
    squared_error: ["✓ This is β = 1, σ_x² = 0.5 ", nats(TOTAL_VARIANCE), "σ_x² is ½ and not 1", "= 36.63"],
    # a = 1/(2·0.01) = 50: TV · 50
    fixed_noise: ["✓ This is β = 1, σ_x² = 0.01 ", "averaged over the batch", nats(50 * TOTAL_VARIANCE)],
    # a = 2, b = 4, and the constant 32 log(2π/4) tells σ_x² = ¼
    noise_and_beta: ["✗ This is β = 4, σ_x² = 0.25 ", nats(TOTAL_VARIANCE / 2), "factor 4", COLLAPSE],
    log_two_pi_dropped: ["✗ This is β = 1, σ_x² = 0.09 ", nats(TOTAL_VARIANCE / 0.18), "log 2π is dropped"],
    log_two_pi_too_often: ["✗ This is β = 1, σ_x² = 1 ", "log 2π is added D times"],
    some_constant: ["✗ This is β = 1 ", "constant 7 "],
    elbo_returned: ["✗ This is β = 1 ", "It is the ELBO and not J"],
    kl_sign: ["✗ This is β = −1 ", "The sign of the KL is wrong"],
    reconstruction_sign: ["✗ This is β = −1, σ_x² = 1 ", "The sign of the reconstruction is wrong"],
    for_log_sigma: ["✗ This is β = 1 ", "takes the fourth argument for log σ:"],
    for_sigma: ["✗ This is β = 1 ", "takes the fourth argument for σ:"],
    for_variance: ["✗ This is β = 1 ", "takes the fourth argument for σ²:"],
    softplus_sigma: ["✗ This is β = 1 ", "takes the fourth argument for softplus⁻¹(σ):"],
    sigma_for_variance: ["✗ This is β = 1 ", "σ where σ² belongs"],
    sigmoid_twice: ["✗ This is β = 1 ", "The sigmoid is applied twice"],
    swapped: ["✗ This is β = 1 ", "x and x_hat are swapped in the cross-entropy"],
    swapped_logits: ["✗ This is β = 1 ", "x and x_hat are swapped in the cross-entropy"],
    half_of_the_cross_entropy: ["✗ This is β = 1 ", "only its half x log p"],
    # 8 latents, each ½ of −1, but only one is subtracted: 7/2 too high
    minus_one_once: ["✗ This is β = 1 ", "counted once instead of once per latent", "3.5 too high"],
    # a = 1/D, b = B: σ_x² = B·D/2
    mse_mean_kl_sum: [
        "✗ This is β = 1, σ_x² = 32·B with batches of B",
        "the reconstruction averaged and the KL summed over the batch",
        "changes with the batch size",
    ],
    autoencoder: ["✗ This is β = 0 with a squared error", "no KL"],
    in_a_tuple: ["✓ This is β = 1 ", "It returns a tuple of 2"],
    in_a_nested_tuple: ["✓ This is β = 1 ", "It returns a tuple of 2"],
    in_single_precision: ["✓ This is β = 1 ", "averaged over the batch", nats(ENTROPY)],
    in_place: ["✓ This is β = 1 ", "averaged over the batch"],
}


@pytest.mark.parametrize("loss", WILD, ids=lambda loss: loss.__name__)
def test_a_loss_of_the_wild_is_recognised(loss):
    answer = said(loss)
    for part in WILD[loss]:
        assert part in answer, answer


def test_the_yardsticks_are_those_of_the_book():
    assert f"{TOTAL_VARIANCE:.4f}" == "4.6933"
    assert f"{ENTROPY:.2f}" == "25.11"


# Other data


def by_pixels_and_latents(x_hat, x, mu, log_var):
    """Of images: [batch, channels, height, width]."""
    bce = F.binary_cross_entropy(x_hat, x, reduction="none").sum(dim=[1, 2, 3])
    return (bce + 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(1)).mean()


def test_images_may_have_channels_and_another_size():
    answer = said(by_pixels_and_latents, data_dim=(1, 28, 28), latent_dim=20)
    assert answer.startswith("✓ This is β = 1 ")
    assert "at most entropy of the pixels / 1 nats can pass the latent (pass x_data for the number)" in answer


def test_the_weight_of_pytorch_vae_is_a_noise_variance_of_one_and_a_half_at_its_size():
    # 0.00025 · 3 · 64 · 64 / 2 = 1.536
    answer = said(pytorch_vae, data_dim=(3, 64, 64), latent_dim=128)
    assert "σ_x² = 1.536 " in answer
    assert "at most total variance / 3.072 nats" in answer


def test_a_width_written_into_the_loss_is_noticed():
    def mnist(x_hat, x, mu, log_var):
        kld = -0.5 * torch.sum(1 + log_var - mu**2 - log_var.exp()) / (x.size(0) * 784)
        return F.binary_cross_entropy(x_hat, x.view(-1, 784)) + kld

    answer = said(mnist, data_dim=784, latent_dim=20)
    assert "✗ This is β = 1 " in answer
    assert "The whole is divided by the 784 pixels" in answer


def test_the_nats_are_those_of_the_data_handed_over():
    data = torch.rand(50, 10)
    assert nats(data.var(0, correction=0).sum().item() / 2) + " (your x_data)" in said(
        half_squared_error, data_dim=10, x_data=data
    )
    p = (data > 0.7).float().mean(0)
    entropy = -(p * p.log() + (1 - p) * (1 - p).log()).sum().item()
    assert nats(entropy) in said(book, data_dim=10, x_data=(data > 0.7).float())


def test_a_cross_entropy_on_data_outside_0_and_1_is_told_so_first():
    for scale, told in ((2, "run from"), (255, "run from")):
        answer = said(book, data_dim=10, x_data=scale * torch.rand(5, 10))
        assert answer.startswith(f"✗ Your x_data {told}")
        assert "nats can pass" not in answer


def test_data_of_another_size_are_refused():
    with pytest.raises(ValueError, match="expected x_data with 64 values an image"):
        diagnose_loss(book, data_dim=64, x_data=torch.rand(5, 10))


# Not of the form


def absolute_error(x_hat, x, mu, log_var):
    return F.l1_loss(x_hat, x, reduction="sum") - 0.5 * torch.sum(1 + log_var - mu**2 - log_var.exp())


def smooth_absolute_error(x_hat, x, mu, log_var):
    return F.smooth_l1_loss(x_hat, x, beta=0.3) - 0.5 * torch.mean(1 + log_var - mu**2 - log_var.exp())


def half_on_one_term(x_hat, x, mu, log_var):
    kl = (mu**2 + log_var.exp() - 1 - 0.5 * log_var).sum(1)
    return (((x - x_hat) ** 2).sum(1) + kl).mean()


def free_bits(x_hat, x, mu, log_var):
    kl = 0.5 * (mu**2 + log_var.exp() - 1 - log_var)
    return ((x - x_hat) ** 2).sum(1).mean() + kl.clamp(min=0.5).sum(1).mean()


def product(x_hat, x, mu, log_var):
    return pixel_mean_mse(x_hat, x, mu, log_var) ** 2


@pytest.mark.parametrize(
    ("loss", "part"),
    [
        (absolute_error, "This is β = 1, a Laplace with scale 1"),
        (smooth_absolute_error, "a Huber with δ = 0.3"),
        (half_on_one_term, "the weights of μ², σ² and log σ² are 2 : 2 : −1, smallest at σ² = 0.5"),
        (free_bits, "its KL with a floor of 0.5 nats (free bits per latent)"),
        (product, "Not one of ours"),
        (product, "changes with mu and log_var"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_no_squared_error_or_cross_entropy_with_a_kl_is_told_as_what_it_is(loss, part):
    answer = said(loss)
    assert answer.startswith("✗")
    assert part in answer


# Broken


@pytest.mark.parametrize(
    ("loss", "part"),
    [
        (..., "Not attempted yet."),
        (lambda x_hat, x, mu, log_var: ..., "Not attempted yet."),
        (lambda x_hat, x, mu, log_var: (..., ...), "Not attempted yet."),
        (lambda x_hat, x, mu, log_var: None, "did you forget `return`?"),
        (lambda x_hat, x: 0.0, "It is 0 whatever its arguments are"),
        (lambda x_hat, x, mu, log_var: F.mse_loss(x_hat, x, reduction="batchmean"), "batchmean is not a valid value"),
        (lambda x_hat, x, mu, log_var: F.mse_loss(x_hat, x, reduction="none"), "over the pixels is missing"),
        (lambda x_hat, x, mu, log_var: ((x_hat - x) ** 2).sum(0), "runs over the batch instead of the pixels"),
        (lambda x_hat, x, mu, log_var: x.sum(1) + mu.sum(1, keepdim=True), "broadcasts to a table"),
        (lambda x_hat, x, mu, log_var: x.sum() * math.nan, "NaN or infinite"),
        (lambda x_hat, x, mu, log_var: mu.sum() + torch.randn(()), "random numbers"),
        (lambda x_hat, x, mu, log_var: [1.0, 2.0], "It is 1 whatever its arguments are"),
        (lambda x_hat, x, mu, log_var: book(x_hat, x, mu, log_var).item(), "carries no gradient"),
        (torch.no_grad()(book), "carries no gradient"),
        (lambda x_hat, x, mu, log_var: book(x_hat, x, mu, log_var.detach()), "No gradient reaches log_var"),
        (lambda x_hat, x, mu, log_var: book(x_hat.detach(), x, mu, log_var), "No gradient reaches x_hat"),
        (lambda x_hat, x, mu, log_var: book(x_hat, x, mu, log_var).numpy(), "No gradient comes back"),
        ("loss", "Expected a function"),
        (book(*torch.rand(4, 2, 3)), "Expected a function"),
    ],
)
def test_a_broken_loss_is_told_what_is_wrong(loss, part):
    assert part in said(loss)


def test_of_a_dict_or_tuple_the_total_is_judged_and_of_a_pair_the_sum_and_it_is_said():
    def parts(x_hat, x, mu, log_var):
        reconstruction, total = book(x_hat, x, 0 * mu, 0 * log_var), book(x_hat, x, mu, log_var)
        return {"reconstruction": reconstruction, "total": total}

    assert said(parts).startswith("✓ This is β = 1")
    assert "this report is about its 'total'" in said(parts)
    nameless = said(lambda *inputs: tuple(parts(*inputs).values()))
    assert nameless.startswith("✓ This is β = 1")
    assert "this report is about its part 2" in nameless
    assert "judged is their sum" in said(lambda *inputs: own_pair(*inputs))
    of_both = said(lambda *inputs: (-own_pair(*inputs)[0], own_pair(*inputs)[1]))
    assert of_both.startswith("✗ It returns no loss but a pair")
    assert "J takes part 1 with a minus" in of_both


def own_pair(x_hat, x, mu, log_var):
    kl = 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(-1)
    return F.binary_cross_entropy_with_logits(x_hat, x, reduction="none").sum(-1).mean(), kl.mean()


def test_a_batch_size_of_128_written_into_the_loss_is_no_mean_over_64_pixels():
    answer = said(lambda *inputs: pytorch_examples(*inputs) / 128)
    assert "In all it is 0.007813·B times J" in answer
    assert "64 pixels" not in answer


def test_no_broken_loss_makes_it_raise():
    from test_any_answer import broken_answers  # here, because that file reads the tables of every chapter

    for answer in broken_answers(80):
        assert said(answer).startswith(("✗", "Not attempted yet."))


def test_it_calls_the_loss_some_hundred_times_and_leaves_the_random_numbers_alone():
    calls, state = [], torch.get_rng_state()

    def counted(*inputs):
        calls.append(inputs)
        return pytorch_examples(*inputs)

    assert said(counted) == said(pytorch_examples)
    assert 20 < len(calls) < 500
    assert torch.equal(torch.get_rng_state(), state)


# Whatever the weights and reductions

WEIGHTS = st.floats(0.05, 20)
REDUCTIONS = st.sampled_from(["sum", "mean"])


def reduced(values, over_features, over_batch):
    per_image = values.sum(1) if over_features == "sum" else values.mean(1)
    return per_image.sum() if over_batch == "sum" else per_image.mean()


@given(a=WEIGHTS, b=WEIGHTS, pixels=REDUCTIONS, latents=REDUCTIONS, batch=REDUCTIONS, squared=st.booleans())
def test_the_numbers_are_right_for_any_weights_and_reductions(a, b, pixels, latents, batch, squared):
    def loss(x_hat, x, mu, log_var):
        of_pixels = (x - x_hat) ** 2 if squared else F.binary_cross_entropy(x_hat, x, reduction="none")
        kl = kl_divergence(Normal(mu, (log_var / 2).exp()), Normal(0.0, 1.0))
        return a * reduced(of_pixels, pixels, batch) + b * reduced(kl, latents, batch)

    answer = said(loss)
    a_image, b_image = a / (64 if pixels == "mean" else 1), b / (8 if latents == "mean" else 1)
    expected = b_image / (2 * a_image) if squared else b_image / a_image
    found = re.search(r"σ_x² = (\S+) " if squared else r"β = (\S+) ", answer)[1]
    assert float(found) == pytest.approx(expected, rel=2e-3)
    amount = (TOTAL_VARIANCE if squared else ENTROPY) * a_image / b_image
    assert float(re.search(r"at most (\S+) nats", answer)[1]) == pytest.approx(amount, rel=2e-3)
    assert ("summed over the batch" in answer) == (batch == "sum")
    assert ("averaged over the 8 latents" in answer) == (latents == "mean")
    assert ("the 64 pixels" in answer) == (pixels == "mean")


@settings(max_examples=25)
@given(beta=st.floats(0.05, 20), noise_std=st.floats(0.02, 3))
def test_a_gaussian_with_its_constant_tells_its_noise_from_its_beta(beta, noise_std):
    def loss(x_hat, x, mu, log_var):
        kl = (0.5 * (mu**2 + log_var.exp() - 1 - log_var)).sum(1)
        return (beta * kl - Normal(x_hat, noise_std).log_prob(x).sum(1)).mean()

    found = re.search(r"β = (\S+), σ_x² = (\S+) ", said(loss))
    assert float(found[1]) == pytest.approx(beta, rel=2e-3)
    assert float(found[2]) == pytest.approx(noise_std**2, rel=2e-3)


@settings(max_examples=20)
@given(offset=st.floats(0.3, 1.0), power=st.floats(1.2, 1.8))
def test_no_other_power_of_the_error_passes_for_a_known_term(offset, power):
    def loss(x_hat, x, mu, log_var):
        kl = (0.5 * (mu**2 + log_var.exp() - 1 - log_var)).sum(1)
        return ((x - x_hat).abs() ** power * offset).sum(1).mean() + kl.mean()

    assert said(loss).startswith("✗ Not one of ours")

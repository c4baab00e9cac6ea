"""Losses of our own, chosen to be hard on a tool that reads losses, each with what it is, worked out by hand.

In `by_hand`, a stands before an image's squared error (SE), cross-entropy (CE) or absolute error (AE), summed over its
D pixels, and b before its KL, summed over its d latents, in the mean over the B images of a batch.
Where nothing else is said, D = 64 and d = 8. A loss with two rows has two settings.
"""

import math
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

import torch
import torch.nn.functional as F  # noqa: N812
from sklearn.datasets import load_digits
from torch import nn
from torch.distributions import (
    Bernoulli,
    Binomial,
    ContinuousBernoulli,
    Independent,
    Laplace,
    MultivariateNormal,
    Normal,
    kl_divergence,
)

from diagnose.case import Case

CASES: list[Case] = []
PROBABILITIES, LOGITS = "reads: probabilities", "reads: logits"


def case(family: str | None, beta: float | None = 1.0, **answer) -> Callable:
    """Enter the loss below into the table, with its answer."""

    def enter(loss: Callable) -> Callable:
        CASES.append(Case(loss, family, beta, **answer))
        return loss

    return enter


def kl_of(mu, log_var):
    """Each image's KL to N(0, I), summed over its latents, [B]."""
    return 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(1)


def squares(x_hat, x):
    """Each image's squared error, summed over its pixels, [B]."""
    return (x_hat - x).pow(2).flatten(1).sum(1)


def bce(x_hat, x):
    """Each image's cross-entropy from probabilities, summed over its pixels, [B]."""
    return F.binary_cross_entropy(x_hat, x, reduction="none").flatten(1).sum(1)


# Data, small and seeded.

DIGITS = torch.tensor(load_digits().data[:400], dtype=torch.float32)  # counts 0…16


def with_spectrum(*eigenvalues: float, images: int = 300, shape: tuple[int, ...] = (64,), mean: float = 0.0):
    """Images whose covariance (over n, not n − 1) has these eigenvalues, and 0 for the rest."""
    gen = torch.Generator().manual_seed(0)
    k = len(eigenvalues)
    scores = torch.randn(images, k, generator=gen, dtype=torch.float64)
    scores = torch.linalg.qr(scores - scores.mean(0))[0] * images**0.5
    directions = torch.linalg.qr(torch.randn(math.prod(shape), k, generator=gen, dtype=torch.float64))[0]
    x = scores * torch.tensor(eigenvalues, dtype=torch.float64).sqrt() @ directions.T
    return (mean + x).float().reshape(images, *shape)


GREY = DIGITS / 16
BINARY = (DIGITS > 8).float()
STANDARDISED = (DIGITS - DIGITS.mean(0)) / (DIGITS.std(0) + 1e-3)
SIX_DIRECTIONS = with_spectrum(4.0, 2.0, 1.0, 0.6, 0.4, 0.1)


# Sizes written into the loss.


@case(
    "bernoulli",
    right=True,
    says=(PROBABILITIES, "784 pixels, found from view; the latents may be any number"),
    by_hand="sums over everything / B: a = 1, b = 1",
)
def mnist_in_one_line(recon_x, x, mu, logvar):
    n = x.size(0)
    xent = F.binary_cross_entropy(recon_x.view(-1, 784), x.view(-1, 784), reduction="sum") / n
    return xent - 0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp()) / n


@case(
    "gaussian",
    noise_var=0.5,
    right=True,
    says=("3 × 32 × 32 = 3072 pixels, found from view",),
    by_hand="each image's SE summed over (1, 2, 3): a = 1, b = 1, σ_x² = 1/2",
)
def cifar_view(x_hat, x, mu, log_var):
    x_hat, x = x_hat.view(-1, 3, 32, 32), x.view(-1, 3, 32, 32)
    recon = ((x_hat - x) ** 2).sum(dim=(1, 2, 3)).mean()
    kl = (-0.5 * (1 + log_var - mu**2 - log_var.exp())).sum(dim=1).mean()
    return recon + kl


@case(
    "gaussian",
    noise_var=0.25,
    right=True,
    says=("images [B, 3, 32, 32], found from the assertion",),
    by_hand="SE / (2·0.5²): a = 2, b = 1, σ_x² = 1/4: the written one, its constant left out",
)
def svhn_with_an_assertion(x_hat, x, mu, log_var):
    assert x.shape[1:] == (3, 32, 32), "expected SVHN"
    sigma = 0.5
    recon = F.mse_loss(x_hat, x, reduction="none").flatten(1).sum(1) / (2 * sigma**2)
    return (recon + kl_of(mu, log_var)).mean()


@case(
    "gaussian",
    noise_var=1 / 256,
    latents="mean",
    says=(
        "latents 128, found from view: 16 images of 8 latents pass through it too, as one row",
        "the KL is a mean over the latents",
    ),
    by_hand="a = 1, b = 1/128, σ_x² = 1/256",
)
def latent_128_mean(recons, inputs, mu, log_var):
    mu, log_var = mu.view(-1, 128), log_var.view(-1, 128)
    kl = torch.mean(-0.5 * (1 + log_var - mu**2 - log_var.exp()), dim=1)
    return torch.mean(((recons - inputs) ** 2).flatten(1).sum(1) + kl)


@case(
    "bernoulli",
    right=True,
    says=(LOGITS, "latents: 2; with more of them the others would have no KL"),
    by_hand="μ and log σ² of latents 0 and 1 alone: at d = 2 a = 1, b = 1",
)
def a_plane(logits, x, mu, log_var):
    mx, my = mu[:, 0], mu[:, 1]
    sx, sy = log_var[:, 0], log_var[:, 1]
    kl = 0.5 * (mx**2 + my**2 + sx.exp() + sy.exp() - sx - sy - 2)
    return F.binary_cross_entropy_with_logits(logits, x, reduction="sum") / len(x) + kl.mean()


@case(
    "bernoulli",
    batch=("sum", "sum"),
    says=(PROBABILITIES, "latents: 10; fewer raise an IndexError, more are left without a KL", "a sum over the batch"),
    by_hand="a = B, b = B",
)
def loop_of_ten(x_hat, x, mu, log_var):
    kl = 0.0
    for j in range(10):
        kl = kl + 0.5 * torch.sum(mu[:, j] ** 2 + torch.exp(log_var[:, j]) - log_var[:, j] - 1)
    return -torch.sum(x * torch.log(x_hat) + (1 - x) * torch.log(1 - x_hat)) + kl


@case(
    "bernoulli",
    right=True,
    says=(LOGITS, "latents: 16, the size of the prior"),
    by_hand="torch's KL of two MultivariateNormals is the sum over the latents: a = 1, b = 1",
)
def prior_of_sixteen(logits, x, mu, log_var):
    q = MultivariateNormal(mu, torch.diag_embed(log_var.exp()))
    p = MultivariateNormal(torch.zeros(16).to(mu), torch.eye(16).to(mu))
    rec = F.binary_cross_entropy_with_logits(logits, x, reduction="none").flatten(1).sum(1)
    return torch.mean(rec + kl_divergence(q, p))


@case(
    "gaussian",
    noise_var=0.5,
    right=True,
    settings=dict(data_dim=(3, 16, 16), latent_dim=(4, 4, 4)),
    says=("latents are images [B, 4, 4, 4]",),
    by_hand="both summed over (1, 2, 3): a = 1, b = 1, σ_x² = 1/2",
)
def image_latents(x_hat, x, mu, log_var):
    kl = -0.5 * torch.sum(1 + log_var - mu.pow(2) - log_var.exp(), dim=[1, 2, 3])
    return torch.mean(torch.sum((x_hat - x) ** 2, dim=[1, 2, 3]) + kl)


@case(
    "gaussian",
    noise_var=1 / 32,
    latents="mean over the last two axes",
    settings=dict(data_dim=(3, 16, 16), latent_dim=(4, 4, 4)),
    says=("the KL is a mean over the 4 × 4 places of the latents, a sum over their channels",),
    by_hand="a = 1, b = 1/16, σ_x² = 1/32",
)
def latent_maps_averaged(x_hat, x, mu, log_var):
    kl = (0.5 * (mu**2 + log_var.exp() - log_var - 1)).mean(dim=(2, 3)).sum(1)
    return squares(x_hat, x).mean() + kl.mean()


@case(
    "gaussian",
    noise_var=1.0,
    right=True,
    says=("images, found from the axes; how many pixels the loss does not say",),
    by_hand="½SE summed over axes 1, 2, 3: a = 1/2, b = 1, σ_x² = 1",
)
def axes_of_an_image(x_hat, x, mu, log_var):
    recon = 0.5 * torch.sum((x - x_hat) ** 2, dim=(1, 2, 3))
    return (recon + kl_of(mu, log_var)).mean()


@case(
    "bernoulli",
    beta=3.0,
    pixels="mean over the last axis",
    settings=dict(data_dim=(32, 32, 3)),
    says=(PROBABILITIES, "Keras' cross-entropy is a mean over the last axis, the 3 channels"),
    by_hand="a = 1/3, b = 1, β = 3",
)
def keras_rgb(y_true, y_pred, z_mean, z_log_var):
    cross_entropy = -(y_true * y_pred.log() + (1 - y_true) * (1 - y_pred).log()).mean(-1)
    reconstruction = cross_entropy.sum((1, 2))
    kl = (-0.5 * (1 + z_log_var - z_mean**2 - z_log_var.exp())).sum(1)
    return (reconstruction + kl).mean()


@case(
    "bernoulli",
    beta=28.0,
    pixels="mean over the last axis",
    settings=dict(data_dim=(1, 28, 28)),
    says=(PROBABILITIES, "the last axis is a row of 28 pixels here: in torch the channels come first"),
    by_hand="a = 1/28, b = 1, β = 28",
)
def keras_habits_in_torch(y_true, y_pred, z_mean, z_log_var):
    cross_entropy = F.binary_cross_entropy(y_pred, y_true, reduction="none").mean(-1)
    kl = (-0.5 * (1 + z_log_var - z_mean**2 - z_log_var.exp())).sum(1)
    return (cross_entropy.sum((1, 2)) + kl).mean()


@case(
    "bernoulli",
    beta=3.0,
    pixels="mean over the channels",
    settings=dict(data_dim=(3, 16, 16)),
    says=(PROBABILITIES,),
    by_hand="the permutation brings the 3 channels to the end, mean over them: a = 1/3, b = 1",
)
def permuted_to_the_end(x_hat, x, mu, log_var):
    x_hat, x = x_hat.permute(0, 2, 3, 1), x.permute(0, 2, 3, 1)
    rec = F.binary_cross_entropy(x_hat, x, reduction="none").mean(-1).sum((1, 2))
    return (rec + kl_of(mu, log_var)).mean()


@case(
    "bernoulli",
    right=True,
    says=(PROBABILITIES, "16 pixels, found from view; at the default 64 it runs too, and counts an image as four"),
    by_hand="at D = 16: a = 1, b = 1",
)
@case(
    "bernoulli",
    beta=4.0,
    pixels="mean over 4 pieces",
    settings=dict(data_dim=64),
    says=(PROBABILITIES, "view(-1, 16) cuts an image of 64 pixels into 4: the mean is over 4·B rows"),
    by_hand="at D = 64 the mean over 4B rows of 16: a = 1/4, b = 1, β = 4",
)
def view_16(x_hat, x, mu, log_var):
    rec = F.binary_cross_entropy(x_hat.view(-1, 16), x.view(-1, 16), reduction="none").sum(1).mean()
    return rec + kl_of(mu, log_var).mean()


@case(
    "gaussian",
    noise_var=0.5,
    right=True,
    settings=dict(data_dim=784),
    by_hand="mean over D = 784, times 784: a = 1, b = 1",
)
@case(
    "gaussian",
    noise_var=0.5,
    right=True,
    says=("784 stands in the code: a sum over the pixels if D is 784; at 64 pixels it would be σ_x² = 64/1568",),
    by_hand="a = 784/D, b = 1: σ_x² = D/1568, which is 1/2 at the 784 that the loss was written for",
)
def mse_times_784(x_hat, x, mu, log_var):
    return F.mse_loss(x_hat, x) * 784 + torch.mean(-0.5 * torch.sum(1 + log_var - mu**2 - log_var.exp(), dim=1))


@case(
    "bernoulli",
    beta=28.0,
    pixels="sum over the last axis, mean over the rows",
    says=(PROBABILITIES, "784 pixels"),
    by_hand="rows of 28 summed, mean over the 28 rows: a = 1/28, b = 1, β = 28",
)
def rows_averaged(x_hat, x, mu, log_var):
    x_hat, x = x_hat.reshape(-1, 28, 28), x.reshape(-1, 28, 28)
    rec = F.binary_cross_entropy(x_hat, x, reduction="none").sum(2).mean(1)
    return (rec + kl_of(mu, log_var)).mean()


# Arguments.


@case("bernoulli", right=True, says=(PROBABILITIES, "x comes first"), by_hand="a = 1, b = 1")
def x_first(x, x_reconstructed, mean, log_variance):
    rec = F.binary_cross_entropy(x_reconstructed, x, reduction="sum") / x.shape[0]
    return rec + 0.5 * (mean.pow(2) + log_variance.exp() - log_variance - 1).sum() / x.shape[0]


@case(
    "bernoulli",
    right=True,
    says=(PROBABILITIES, "the second argument is x_hat: by its behaviour, the names do not tell"),
    by_hand="a = 1, b = 1 for (x, x_hat, μ, log σ²)",
)
def one_letter_names(a, b, m, s):
    rec = -(a * torch.log(b + 1e-10) + (1 - a) * torch.log(1 - b + 1e-10)).sum(1)
    kl = -0.5 * (1 + s - m**2 - torch.exp(s)).sum(1)
    return (rec + kl).mean()


@case(
    "gaussian",
    noise_var=0.5,
    right=True,
    says=("the fourth comes first: log σ², μ, x, x_hat",),
    by_hand="a = 1, b = 1",
)
def back_to_front(logvar, mu, target, output):
    return ((output - target) ** 2).flatten(1).sum(1).mean() + kl_of(mu, logvar).mean()


@case("bernoulli", right=True, says=(LOGITS, "keywords alone"), by_hand="a = 1, b = 1")
def keywords_alone(*, target, logits, mean, logvar):
    rec = F.binary_cross_entropy_with_logits(logits, target, reduction="sum")
    return (rec + 0.5 * torch.sum(mean**2 + torch.exp(logvar) - 1.0 - logvar)) / target.size(0)


@case("gaussian", noise_var=1.0, right=True, says=("z is not used",), by_hand="a = 1/2, b = 1")
def z_unused(x_hat, x, mu, log_var, z):
    return (0.5 * squares(x_hat, x) + kl_of(mu, log_var)).mean()


@case(
    "bernoulli",
    right=True,
    says=(
        PROBABILITIES,
        "z must be a draw μ + σε: the KL is estimated with it",
    ),
    by_hand="log q(z|x) − log p(z) averages to the KL over z ~ q: a = 1, b = 1 on average",
)
def z_used(z, x, x_hat, mu, log_var):
    q = Normal(mu, torch.exp(0.5 * log_var))
    p = Normal(torch.zeros_like(mu), torch.ones_like(mu))
    log_ratio = (q.log_prob(z) - p.log_prob(z)).sum(-1)
    return (bce(x_hat, x) + log_ratio).mean()


@case(
    "bernoulli",
    beta=None,
    says=(
        PROBABILITIES,
        "β is your fifth argument: paste lambda x_hat, x, mu, log_var: beta_unknown(x_hat, x, mu, log_var, beta=4)",
    ),
    by_hand="a = 1, b = beta, whatever is passed",
)
def beta_unknown(recon_x, x, mu, logvar, beta):
    return (bce(recon_x, x) + beta * kl_of(mu, logvar)).mean()


@case(
    "gaussian",
    noise_var=1.96,
    pixels="mean",
    settings=dict(data_dim=(1, 28, 28)),
    says=("kld_weight is left at its 0.005",),
    by_hand="a = 1/784, b = 0.005, σ_x² = 0.005·784/2 = 1.96",
)
def kld_weight_by_default(recons, input, mu, log_var, kld_weight=0.005):
    recons_loss = F.mse_loss(recons, input)
    kld_loss = torch.mean(-0.5 * torch.sum(1 + log_var - mu**2 - log_var.exp(), dim=1), dim=0)
    return recons_loss + kld_weight * kld_loss


@case(
    "bernoulli",
    beta=None,
    says=(
        PROBABILITIES,
        "β grows with the epoch, which you must give: paste … warm_up(x_hat, x, mu, log_var, epoch=10)",
    ),
    by_hand="a = 1, b = min(1, epoch/10)",
)
def warm_up(x_hat, x, mu, log_var, epoch):
    weight = min(1.0, epoch / 10)
    return (bce(x_hat, x) + weight * kl_of(mu, log_var)).mean()


@case(
    "bernoulli",
    beta=0.0,
    says=(PROBABILITIES, "at epoch = 0, the default, the KL has no weight: give the epoch at which the warm-up ends"),
    by_hand="a = 1, b = min(1, 0/20) = 0",
)
def warm_up_from_zero(x_hat, x, mu, log_var, epoch=0):
    return (bce(x_hat, x) + min(1.0, epoch / 20) * kl_of(mu, log_var)).mean()


@case(
    "bernoulli",
    beta=None,
    says=(
        PROBABILITIES,
        "paste the config: my_loss = lambda x_hat, x, mu, log_var: with_config(x_hat, x, mu, log_var, cfg)",
    ),
    by_hand="a = 1, b = config.beta",
)
def with_config(x_hat, x, mu, log_var, config):
    rec = F.binary_cross_entropy(x_hat, x, reduction="sum") / x.size(0)
    return rec + config.beta * kl_of(mu, log_var).mean()


@case(
    "gaussian",
    noise_var=2.0,
    says=("the config by default has beta = 4",),
    by_hand="a = 1, b = 4, σ_x² = 4/2 = 2",
)
def with_a_default_config(x_hat, x, mu, log_var, cfg=SimpleNamespace(beta=4.0)):  # noqa: B008
    return squares(x_hat, x).mean() + cfg.beta * kl_of(mu, log_var).mean()


@case(
    "gaussian",
    beta=None,
    says=("kwargs['M_N'] is the KL's weight, batch size / number of images: paste … M_N=128 / 60000", "a mean over D"),
    by_hand="a = 1/64, b = M_N: σ_x² = 32·M_N",
)
def star_kwargs(*args, **kwargs):
    recons, inputs, mu, log_var = args[0], args[1], args[2], args[3]
    kld = torch.mean(-0.5 * torch.sum(1 + log_var - mu**2 - log_var.exp(), dim=1), dim=0)
    return {"loss": F.mse_loss(recons, inputs) + kwargs["M_N"] * kld, "KLD": -kld.detach()}


@case("bernoulli", right=True, says=(LOGITS, "kwargs with names of its own"), by_hand="a = 1, b = 1")
def names_in_kwargs(**batch):
    rec = F.binary_cross_entropy_with_logits(batch["x_hat"], batch["x"], reduction="none").sum(-1)
    return (rec + kl_of(batch["mu"], batch["log_var"])).mean()


@case(
    "bernoulli",
    right=True,
    says=(PROBABILITIES, "takes (x, (x_hat, mu, log_var))"),
    by_hand="a = 1, b = 1",
)
def x_and_a_tuple(x, outputs):
    x_hat, mu, log_var = outputs
    return (bce(x_hat, x) + kl_of(mu, log_var)).mean()


@case(
    "gaussian",
    noise_var=0.5,
    right=True,
    says=("takes (outputs, x), outputs a dict with recon, z, mu, logvar",),
    by_hand="a = 1, b = 1",
)
def a_dict_and_x(outputs, batch):
    rec = F.mse_loss(outputs["recon"], batch, reduction="sum") / batch.shape[0]
    return rec + kl_of(outputs["mu"], outputs["logvar"]).mean()


@case(
    "bernoulli",
    right=True,
    says=(
        PROBABILITIES,
        "takes a distribution: paste lambda x_hat, x, mu, log_var: …(x, x_hat, Normal(mu, (log_var/2).exp()))",
    ),
    by_hand="torch's KL, summed: a = 1, b = 1",
)
def a_posterior_object(x, x_hat, posterior):
    prior = Normal(torch.zeros_like(posterior.loc), torch.ones_like(posterior.scale))
    return (bce(x_hat, x) + kl_divergence(posterior, prior).sum(1)).mean()


@case(
    None,
    beta=None,
    says=("it runs the model itself: paste its last lines as a function of x_hat, x, mu, log_var",),
    by_hand="of (model, x): what stands inside cannot be seen without the model",
)
def with_the_model(model, x):
    x_hat, mu, log_var = model(x)
    return (bce(x_hat, x) + kl_of(mu, log_var)).mean()


class Criterion(nn.Module):
    """A loss that is a module."""

    def __init__(self):
        super().__init__()
        self.bce = nn.BCELoss(reduction="sum")

    def forward(self, x_hat, x, mu, log_var):
        return (2 * self.bce(x_hat, x) + kl_of(mu, log_var).sum()) / x.size(0)


case("bernoulli", beta=0.5, says=(PROBABILITIES, "a module"), by_hand="a = 2, b = 1, β = 1/2")(Criterion())


class Trainer:
    """A loss that is a method."""

    def __init__(self, beta: float):
        self.beta = beta

    def loss(self, x_hat, x, mu, log_var):
        return (bce(x_hat, x) + self.beta * kl_of(mu, log_var)).mean()


case("bernoulli", beta=2.5, says=(PROBABILITIES, "a method"), by_hand="a = 1, b = 2.5")(Trainer(2.5).loss)
case("bernoulli", beta=0.25, says=(PROBABILITIES, "functools.partial"), by_hand="a = 1, b = 1/4")(
    partial(beta_unknown, beta=0.25)
)


@case(
    "bernoulli",
    right=True,
    says=(PROBABILITIES, "the labels y are not used"),
    by_hand="a = 1, b = 1",
)
def conditional(x_hat, x, y, mu, log_var):
    return (bce(x_hat, x) + kl_of(mu, log_var)).mean()


# What is returned.


@case(
    "bernoulli",
    right=True,
    says=(PROBABILITIES, "returns the two terms; their sum is judged"),
    by_hand="first: CE, mean over the batch; second: KL, mean over the batch: a = 1, b = 1 in the sum",
)
def two_terms(x_hat, x, mu, log_var):
    recon = F.binary_cross_entropy(x_hat, x, reduction="sum") / x.size(0)
    kl = -0.5 * torch.sum(1 + log_var - mu.pow(2) - log_var.exp()) / x.size(0)
    return recon, kl


@case(
    "bernoulli",
    says=(LOGITS, "returns log p(x|z) and the KL: J is the second minus the first; their sum would be no loss"),
    by_hand="first: −CE, second: +KL; the ELBO is first − second: a = 1, b = 1",
)
def log_likelihood_and_kl(logits, x, mu, log_var):
    log_px = Independent(Bernoulli(logits=logits, validate_args=False), 1).log_prob(x)
    return log_px.mean(), kl_of(mu, log_var).mean()


@case(
    "bernoulli",
    beta=4.0,
    says=(PROBABILITIES, "returns (loss, recon, kl)"),
    by_hand="the first: a = 1, b = 4; the third is the KL without its weight",
)
def total_first(x_hat, x, mu, log_var):
    recon, kl = bce(x_hat, x).mean(), kl_of(mu, log_var).mean()
    return recon + 4 * kl, recon, kl


@case(
    "bernoulli",
    beta=4.0,
    says=(PROBABILITIES, "returns (recon, kl, loss): the last is the loss, the first alone has no KL"),
    by_hand="the third = first + 4·second: a = 1, b = 4",
)
def total_last(x_hat, x, mu, log_var):
    recon, kl = bce(x_hat, x).mean(), kl_of(mu, log_var).mean()
    return recon, kl, recon + 4 * kl


@case(
    "gaussian",
    noise_var=1.0,
    right=True,
    says=("a dict without a total: the sum of its parts is judged",),
    by_hand="½SE and KL, means over the batch: a = 1/2, b = 1",
)
def dict_without_total(x_hat, x, mu, log_var):
    return {"reconstruction": 0.5 * squares(x_hat, x).mean(), "kld": kl_of(mu, log_var).mean()}


@case(
    "bernoulli",
    beta=3.0,
    says=(PROBABILITIES, "a dict; its total stands last, the parts are numbers"),
    by_hand="total: a = 1, b = 3; 'kl' is the weighted one",
)
def dict_with_total_last(x_hat, x, mu, log_var):
    recon, kl = bce(x_hat, x).mean(), 3 * kl_of(mu, log_var).mean()
    return {"recon": recon.item(), "kl": kl.item(), "total_loss": recon + kl}


@case(
    "bernoulli",
    batch=("per example", "per example"),
    right=True,
    says=(PROBABILITIES, "one number an image, [B, 1]: backward() wants its mean"),
    by_hand="a = 1, b = 1 for each image",
)
def a_column(x_hat, x, mu, log_var):
    rec = -(x * x_hat.log() + (1 - x) * (1 - x_hat).log()).sum(1, keepdim=True)
    return rec + 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(1, keepdim=True)


@case(
    "bernoulli",
    right=True,
    says=(PROBABILITIES, "[B, 1] + [B] is [B, B]: its mean is J all the same, but no row of it belongs to one image"),
    by_hand="the mean of rec_i + kl_j over i and j is mean rec + mean kl: a = 1, b = 1",
)
def column_plus_row(x_hat, x, mu, log_var):
    rec = F.binary_cross_entropy(x_hat, x, reduction="none").sum(1, keepdim=True)
    return torch.mean(rec + kl_of(mu, log_var))


@case(
    "bernoulli",
    batch=("sum", "sum"),
    says=(PROBABILITIES, "[B, 1] + [B] is [B, B]: each term is counted B times over, the sum is B²·J"),
    by_hand="the sum of rec_i + kl_j over i and j is B·(Σ rec + Σ kl): a = B², b = B², β = 1",
)
def column_plus_row_summed(x_hat, x, mu, log_var):
    rec = F.binary_cross_entropy(x_hat, x, reduction="none").sum(1, keepdim=True)
    return torch.sum(rec + kl_of(mu, log_var))


@case(
    "bernoulli",
    beta=64.0,
    pixels="mean",
    says=(PROBABILITIES, "the KL is added to every pixel before the mean"),
    by_hand="mean over B and D of (ce_ij + kl_i): a = 1/64, b = 1, β = 64",
)
def kl_on_every_pixel(x_hat, x, mu, log_var):
    per_pixel = F.binary_cross_entropy(x_hat, x, reduction="none")
    return (per_pixel + kl_of(mu, log_var).unsqueeze(1)).mean()


@case(
    "bernoulli",
    right=True,
    says=(PROBABILITIES, "a Python number: no gradient comes back from it"),
    by_hand="a = 1, b = 1, in a float",
)
def a_float(x_hat, x, mu, log_var):
    return (bce(x_hat, x).mean() + kl_of(mu, log_var).mean()).item()


@case(
    "gaussian",
    noise_var=0.5,
    right=True,
    says=("it prints: keep its lines from the reader", "an object with .loss"),
    by_hand="a = 1, b = 1",
)
def an_object(x_hat, x, mu, log_var):
    loss = squares(x_hat, x).mean() + kl_of(mu, log_var).mean()
    print(f"loss {loss:.3f}")
    return SimpleNamespace(loss=loss, recon_x=x_hat, z=mu)


# Losses that draw.


@case(
    "gaussian",
    noise_var=0.5,
    says=("draws noise onto x; on average it adds 64·0.1² = 0.64",),
    by_hand="E (x_hat − x − 0.1ε)² = (x_hat − x)² + 0.01: a = 1, b = 1, c = 0.64",
)
def noise_on_x(x_hat, x, mu, log_var):
    noisy = x + 0.1 * torch.randn_like(x)
    return (squares(x_hat, noisy) + kl_of(mu, log_var)).mean()


@case(
    "bernoulli",
    right=True,
    says=(PROBABILITIES, "binarises x by a draw; CE is linear in x, so that its mean is that of the grey x"),
    by_hand="E CE(x_hat, b) = CE(x_hat, x) for b ~ Bernoulli(x): a = 1, b = 1 on average",
)
def dynamic_binarisation(x_hat, x, mu, log_var):
    return (bce(x_hat, torch.bernoulli(x)) + kl_of(mu, log_var)).mean()


@case(
    "gaussian",
    noise_var=1.0,
    right=True,
    says=("the KL is estimated with one draw of its own",),
    by_hand="E[log q(z) − log p(z)] = KL: a = 1/2, b = 1",
)
def kl_from_one_draw(x_hat, x, mu, log_var):
    std = torch.exp(log_var / 2)
    z = mu + std * torch.randn_like(std)
    log_q = Normal(mu, std).log_prob(z).sum(1)
    log_p = Normal(0.0, 1.0).log_prob(z).sum(1)
    return (0.5 * squares(x_hat, x) + log_q - log_p).mean()


@case(
    None,
    beta=None,
    says=(
        "it seeds the generator, so that ε is the same at each call: no estimate of the KL, and your own draws repeat",
    ),
    by_hand="½(z² − ε² − log σ²) with a frozen ε, z = μ + σε: not the KL, not even on average over calls",
)
def seeded_draw(x_hat, x, mu, log_var):
    torch.manual_seed(0)
    eps = torch.randn_like(mu)
    z = mu + torch.exp(0.5 * log_var) * eps
    kl = 0.5 * (z**2 - eps**2 - log_var).sum(1)
    return (bce(x_hat, x) + kl).mean()


@case(
    None,
    beta=None,
    says=("dropout on x_hat inside the loss: on average it adds 0.25·Σ x_hat²",),
    by_hand="E (m·x_hat/0.8 − x)² = (x_hat − x)² + 0.25·x_hat²",
)
def dropout_inside(x_hat, x, mu, log_var):
    return (squares(F.dropout(x_hat, 0.2), x) + kl_of(mu, log_var)).mean()


@case(
    "gaussian",
    noise_var=0.5,
    right=True,
    says=("draws which 16 pixels count; on average all of them",),
    by_hand="16 of D pixels, times D/16: a = (D/16)·(16/D) = 1 on average, b = 1",
)
def some_pixels(x_hat, x, mu, log_var):
    some = torch.randperm(x.shape[1])[:16]
    rec = x.shape[1] / 16 * ((x_hat[:, some] - x[:, some]) ** 2).sum(1)
    return (rec + kl_of(mu, log_var)).mean()


@case(
    "bernoulli",
    right=True,
    says=(PROBABILITIES, "draws one latent a call for its KL; on average all of them"),
    by_hand="one of 8 latents, times 8: b = 8·(1/8) = 1 on average, a = 1",
)
def one_latent_of_all(x_hat, x, mu, log_var):
    j = torch.randint(mu.shape[1], ()).item()
    kl = 0.5 * (mu[:, j] ** 2 + log_var[:, j].exp() - 1 - log_var[:, j])
    return (bce(x_hat, x) + mu.shape[1] * kl).mean()


# Where a training goes, and the first batch does not.


@case(
    "bernoulli",
    says=(PROBABILITIES, "β = 1 where log σ² ≥ 0; below it the KL has no pull on σ, and a training goes there"),
    by_hand="a = 1; b = 1 for log σ² ≥ 0; for log σ² < 0 the KL's part of σ is constant",
)
def relu_of_log_var(x_hat, x, mu, log_var):
    log_var = F.relu(log_var)
    return (bce(x_hat, x) + 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(1)).mean()


@case(
    "gaussian",
    noise_var=0.5,
    says=("β = 1 where log σ² ≥ 0; below it σ < 1 counts as 1/σ",),
    by_hand="a = 1; b = 1 for log σ² ≥ 0; for log σ² < 0 the term is KL(μ, −log σ²)",
)
def abs_of_log_var(x_hat, x, mu, log_var):
    log_var = log_var.abs()
    return (squares(x_hat, x) + 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(1)).mean()


@case(
    "bernoulli",
    right=True,
    says=(PROBABILITIES, "the clamp at ±20 is no fault: no training gets there"),
    by_hand="a = 1, b = 1 for |log σ²| ≤ 20",
)
def harmless_clamp(x_hat, x, mu, log_var):
    log_var = torch.clamp(log_var, -20, 20)
    return (bce(x_hat, x) + kl_of(mu, log_var)).mean()


@case(
    "gaussian",
    noise_var=0.5,
    right=True,
    settings=dict(data_dim=(3, 16, 16), latent_dim=(4, 4, 4)),
    says=("the clamp −30…20 is no fault",),
    by_hand="a = 1, b = 1 inside the clamp",
)
def clamp_of_latent_diffusion(inputs, reconstructions, mean, logvar):
    logvar = torch.clamp(logvar, -30.0, 20.0)
    kl = 0.5 * torch.sum(mean**2 + torch.exp(logvar) - 1.0 - logvar, dim=[1, 2, 3])
    rec = (inputs - reconstructions) ** 2
    return torch.sum(rec) / rec.shape[0] + torch.sum(kl) / kl.shape[0]


@case(
    "bernoulli",
    says=(PROBABILITIES, "below log σ² = −2 (σ < 0.37) the KL no longer sees σ: a training gets there"),
    by_hand="a = 1, b = 1 for −2 ≤ log σ² ≤ 2",
)
def harmful_clamp(x_hat, x, mu, log_var):
    return (bce(x_hat, x) + kl_of(mu, log_var.clamp(-2, 2))).mean()


@case(
    "bernoulli",
    right=True,
    says=(PROBABILITIES, "abs and relu of a KL change nothing: each latent's KL is ≥ 0"),
    by_hand="|kl_j| = kl_j: a = 1, b = 1",
)
def harmless_abs(x_hat, x, mu, log_var):
    kl = torch.relu(0.5 * (mu**2 + log_var.exp() - 1 - log_var).abs()).sum(1)
    return (bce(x_hat, x) + kl).mean()


@case(
    "bernoulli",
    says=(PROBABILITIES, "log σ² < 0: the KL has the wrong sign before log σ², so that σ falls to 0"),
    by_hand="a = 1; −|log σ²| is −log σ² for log σ² ≥ 0 only, +log σ² below 0",
)
def abs_in_the_log_alone(x_hat, x, mu, log_var):
    kl = 0.5 * (mu**2 + log_var.exp() - 1 - log_var.abs()).sum(1)
    return (bce(x_hat, x) + kl).mean()


@case(
    "gaussian",
    noise_var=0.5,
    right=True,
    says=("the residual is clipped at ±1: with x and x_hat in [0, 1] no fault",),
    by_hand="|x_hat − x| ≤ 1: a = 1, b = 1",
    settings=dict(x_data=GREY),
)
@case(
    "gaussian",
    noise_var=0.5,
    says=("the residual is clipped at ±1: a pixel that is further off, as in standardised data, has no gradient",),
    by_hand="a = 1, b = 1 for residuals within ±1; beyond it a constant",
    settings=dict(x_data=STANDARDISED),
)
def clipped_residual(x_hat, x, mu, log_var):
    r = (x_hat - x).clamp(-1, 1)
    return ((r**2).sum(1) + kl_of(mu, log_var)).mean()


@case(
    "gaussian",
    noise_var=0.5,
    says=("a pixel that is off by more than 0.5 has no gradient: the worst pixels never learn",),
    by_hand="a = 1, b = 1 for residuals within ±0.5",
)
def clipped_at_a_half(x_hat, x, mu, log_var):
    r = torch.clamp(x_hat - x, min=-0.5, max=0.5)
    return ((r**2).sum(1) + kl_of(mu, log_var)).mean()


@case(
    "huber",
    noise_var=1.0,
    delta=1.0,
    says=("with x and x_hat in [0, 1] it is ½SE, the Gaussian with σ_x² = 1, everywhere",),
    by_hand="½r² for |r| ≤ 1: a = 1/2, b = 1, σ_x² = 1, δ = 1",
)
@case(
    "huber",
    noise_var=1.0,
    delta=1.0,
    settings=dict(x_data=STANDARDISED),
    says=("standardised data have residuals beyond δ = 1: there it is an absolute error",),
    by_hand="½r² for |r| ≤ 1, |r| − ½ beyond: a = 1/2 inside, b = 1",
)
def huber_one(x_hat, x, mu, log_var):
    return (F.huber_loss(x_hat, x, reduction="none").sum(1) + kl_of(mu, log_var)).mean()


@case(
    "huber",
    noise_var=0.1,
    delta=0.1,
    says=("an absolute error beyond 0.1",),
    by_hand="r²/(2·0.1) for |r| < 0.1, |r| − 0.05 beyond: a = 5 inside, b = 1, σ_x² = 1/10",
)
def smooth_l1(x_hat, x, mu, log_var):
    rec = F.smooth_l1_loss(x_hat, x, beta=0.1, reduction="sum") / len(x)
    return rec + kl_of(mu, log_var).mean()


@case(
    "huber",
    noise_var=16.0,
    delta=0.25,
    pixels="mean",
    by_hand="mean over 64 pixels, ½r² within 0.25: a = 1/128, b = 1/4, σ_x² = (1/4)·64 = 16",
)
def huber_mean(x_hat, x, mu, log_var):
    return F.huber_loss(x_hat, x, delta=0.25) + 0.25 * kl_of(mu, log_var).mean()


@case(
    "gaussian",
    noise_var=0.5,
    says=("pixels with x = 0 do not count: nothing makes the background black",),
    by_hand="a = 1 on pixels with x > 0, 0 on the others; b = 1",
)
def masked_by_brightness(x_hat, x, mu, log_var):
    rec = ((x_hat - x) ** 2)[x > 0].sum() / x.size(0)
    return rec + kl_of(mu, log_var).mean()


@case(
    None,
    beta=None,
    says=("a mean over the pixels with x > 0 of the whole batch: its weight changes with the images",),
    by_hand="a = B / #(x > 0), and 0 on black pixels: no fixed weight; equal to SE / 64 only where every x > 0",
)
def mean_over_a_mask(x_hat, x, mu, log_var):
    mask = (x > 0).float()
    rec = (mask * (x_hat - x) ** 2).sum() / mask.sum()
    return rec + kl_of(mu, log_var).mean()


@case(
    "gaussian",
    settings=dict(data_dim=64),
    says=("each pixel has a weight of its own, a σ_x² of its own: from 1/4 (weight 2) to 1 (weight 1/2)",),
    by_hand="a_i from 1/2 to 2, b = 1, σ_i² = 1/(2a_i) from 1 to 1/4; the mean of a is 1.25",
)
def weight_a_pixel(x_hat, x, mu, log_var):
    w = torch.linspace(0.5, 2.0, 64, dtype=x.dtype)
    return ((w * (x_hat - x) ** 2).sum(1) + kl_of(mu, log_var)).mean()


@case(
    None,
    beta=None,
    says=("pos_weight = 3 weighs the bright pixels: no likelihood; its best x_hat is 3x/(1 + 2x), not x",),
    by_hand="−3·x·log p − (1 − x)·log(1 − p): not a·CE for any a",
)
def class_weights(logits, x, mu, log_var):
    rec = F.binary_cross_entropy_with_logits(logits, x, pos_weight=torch.tensor(3.0), reduction="sum") / len(x)
    return rec + kl_of(mu, log_var).mean()


@case(
    "bernoulli",
    settings=dict(data_dim=64),
    says=(PROBABILITIES, "the last 32 of the 64 pixels do not count"),
    by_hand="a = 1 on pixels 0–31, 0 on 32–63; b = 1",
)
def upper_half(x_hat, x, mu, log_var):
    rec = F.binary_cross_entropy(x_hat[:, :32], x[:, :32], reduction="none").sum(1)
    return (rec + kl_of(mu, log_var)).mean()


@case(
    None,
    beta=None,
    says=("labels smoothed to 0.05…0.95: the best x_hat is 0.9x + 0.05, not x",),
    by_hand="CE against t = 0.9x + 0.05 = 0.9·CE(x) + 0.05·(CE(0) + CE(1)): not a·CE(x)",
)
def label_smoothing(x_hat, x, mu, log_var):
    return (bce(x_hat, 0.9 * x + 0.05) + kl_of(mu, log_var)).mean()


@case(
    "bernoulli",
    right=True,
    says=(PROBABILITIES, "the clamp at 1e-6 is no fault"),
    by_hand="a = 1, b = 1 for 1e-6 < x_hat < 1 − 1e-6",
)
def clamped_probabilities(x_hat, x, mu, log_var):
    p = x_hat.clamp(1e-6, 1 - 1e-6)
    rec = -(x * p.log() + (1 - x) * (1 - p).log()).sum(1)
    return (rec + kl_of(mu, log_var)).mean()


@case(
    "bernoulli",
    says=(PROBABILITIES, "x_hat below 0.1 or above 0.9 has no gradient: black pixels stay grey"),
    by_hand="a = 1, b = 1 for 0.1 < x_hat < 0.9",
)
def clamped_far_inside(x_hat, x, mu, log_var):
    return (bce(x_hat.clamp(0.1, 0.9), x) + kl_of(mu, log_var)).mean()


@case(
    "bernoulli",
    right=True,
    says=(LOGITS, "eps = 1e-8 is no fault, but a logit beyond ±17 has hardly a gradient: BCE with logits does without"),
    by_hand="log(σ(s) + 1e-8) = log σ(s) to 1e-6 for |s| < 4: a = 1, b = 1",
)
def log_of_sigmoid_with_eps(s, x, mu, log_var):
    p = torch.sigmoid(s)
    rec = x * torch.log(p + 1e-8) + (1 - x) * torch.log(1 - p + 1e-8)
    return torch.mean(kl_of(mu, log_var) - rec.sum(dim=1))


# Batch sizes, reductions.


@case(
    "bernoulli",
    batch=("sum", "sum"),
    says=(PROBABILITIES, "128 is a batch size: at B = 128 this is J; the last batch of an epoch weighs less"),
    by_hand="sums over everything / 128: a = B/128, b = B/128, β = 1 at any B",
)
@case(
    "bernoulli",
    batch=("sum", "sum"),
    right=True,
    settings=dict(batch_size=128),
    says=(PROBABILITIES, "128 is your batch size; the last batch of an epoch weighs less"),
    by_hand="a = 128/128 = 1, b = 1",
)
def batch_size_written_in(x_hat, x, mu, log_var):
    batch_size = 128
    rec = F.binary_cross_entropy(x_hat, x, reduction="sum") / batch_size
    return rec + 0.5 * torch.sum(mu**2 + log_var.exp() - 1 - log_var) / batch_size


@case(
    "bernoulli",
    beta=1 / 128,
    batch=("mean", "sum"),
    per_batch=1,
    settings=dict(batch_size=128),
    says=(PROBABILITIES, "at your batch size, 128, β is 1; the last batch of an epoch has another"),
    by_hand="a = 1, b = B/128: β = B/128, 1 at B = 128",
)
@case(
    "bernoulli",
    beta=1 / 128,
    batch=("mean", "sum"),
    per_batch=1,
    says=(PROBABILITIES, "β = 1 if your batches have 128 images, as the 128 in the code says"),
    by_hand="a = 1, b = B/128: β = B/128",
)
def half_written_in(x_hat, x, mu, log_var):
    rec = F.binary_cross_entropy(x_hat, x, reduction="none").flatten(1).sum(1).mean()
    return rec + 0.5 * torch.sum(mu**2 + log_var.exp() - 1 - log_var) / 128


@case(
    "bernoulli",
    batch=("sum", "mean"),
    per_batch=-1,
    says=(PROBABILITIES, "β falls with the batch size"),
    by_hand="a = B, b = 1: β = 1/B",
)
def sum_and_mean(x_hat, x, mu, log_var):
    return F.binary_cross_entropy(x_hat, x, reduction="sum") + kl_of(mu, log_var).mean()


@case(
    "gaussian",
    noise_var=32.0,
    batch=("mean", "sum"),
    pixels="mean",
    per_batch=1,
    says=("the noise grows with the batch size: 32·B",),
    by_hand="a = 1/64, b = B: σ_x² = 64·B/2 = 32·B",
)
def mean_and_sum(x_hat, x, mu, log_var):
    mse = nn.MSELoss()
    return mse(x_hat, x) + -0.5 * torch.sum(1 + log_var - mu.pow(2) - log_var.exp())


@case(
    "bernoulli",
    batch=("divided twice", "divided twice"),
    says=(PROBABILITIES, "J / B: a learning rate that goes with the batch size, no other harm"),
    by_hand="means over the batch, / B once more: a = 1/B, b = 1/B, β = 1",
)
def divided_twice(x_hat, x, mu, log_var):
    loss = F.binary_cross_entropy(x_hat, x, reduction="sum") / x.size(0) + kl_of(mu, log_var).mean()
    return loss / x.size(0)


@case(
    "gaussian",
    noise_var=0.5,
    batch=("mean", "divided twice"),
    per_batch=-1,
    says=("the KL is divided by the batch size twice",),
    by_hand="a = 1, b = 1/B: σ_x² = 1/(2B)",
)
def kl_divided_twice(x_hat, x, mu, log_var):
    kl = torch.mean(0.5 * (mu**2 + log_var.exp() - 1 - log_var), dim=0).sum() / mu.size(0)
    return squares(x_hat, x).mean() + kl


@case(
    "bernoulli",
    beta=8.0,
    batch=("sum", "sum"),
    pixels="mean",
    latents="mean",
    says=(PROBABILITIES, "a mean over dim 1 on both sides: 64 pixels against 8 latents"),
    by_hand="a = B/64, b = B/8, β = 64/8 = 8",
)
def mean_of_dim_1_then_sum(x_hat, x, mu, log_var):
    rec = F.binary_cross_entropy(x_hat, x, reduction="none").mean(dim=1).sum()
    return rec + (0.5 * (mu**2 + log_var.exp() - 1 - log_var)).mean(dim=1).sum()


@case(
    "gaussian",
    noise_var=0.5,
    pixels="mean",
    latents="sum / D",
    says=("J / 64: the balance is J's, the steps are 64 times smaller",),
    by_hand="a = 1/64, b = 1/64, σ_x² = 1/2",
)
def all_over_the_pixels(x_hat, x, mu, log_var):
    return F.mse_loss(x_hat, x) + kl_of(mu, log_var).mean() / x[0].numel()


@case(
    "bernoulli",
    beta=1.0,
    pixels="mean",
    latents="sum / D",
    says=(LOGITS, "bits a pixel, J / (64·log 2): the balance is J's"),
    by_hand="a = b = 1/(64·log 2): β = 1",
)
def bits_per_dim(logits, x, mu, log_var):
    nll = F.binary_cross_entropy_with_logits(logits, x, reduction="none").flatten(1).sum(1)
    return ((nll + kl_of(mu, log_var)) / (math.log(2) * x[0].numel())).mean()


@case(
    "bernoulli",
    beta=1 / math.log(2),
    says=(PROBABILITIES, "the KL is in bits, the cross-entropy in nats"),
    by_hand="a = 1, b = 1/log 2 = 1.4427",
)
def one_term_in_bits(x_hat, x, mu, log_var):
    return (bce(x_hat, x) + kl_of(mu, log_var) / math.log(2)).mean()


# Families: Gaussian.


@case(
    "gaussian",
    noise_var=0.01,
    right=True,
    says=("the Gaussian has its constant, so that a negative loss is no fault",),
    by_hand="−log N(x; x_hat, 0.1²): a = 1/(2·0.01) = 50, b = 1, c = 64·(log 0.1 + ½ log 2π): σ_x² = 0.01, β = 1",
)
def normal_log_prob(x_hat, x, mu, log_var):
    log_px = Normal(x_hat, 0.1).log_prob(x).sum(1)
    return -(log_px - kl_of(mu, log_var)).mean()


@case(
    "gaussian",
    beta=64.0,
    noise_var=0.01,
    pixels="mean",
    says=("log_prob(x).mean() is a mean over the pixels too",),
    by_hand="a = 50/64, b = 1, constant of σ = 0.1: β = 1/(2·(50/64)·0.01) = 64",
)
def normal_log_prob_mean(x_hat, x, mu, log_var):
    return -Normal(x_hat, 0.1).log_prob(x).mean() + kl_of(mu, log_var).mean()


@case(
    "gaussian",
    beta=4.0,
    noise_var=0.25,
    says=("the constant is in the loss: σ_x² and β can be told apart",),
    by_hand="½(log 0.25 + r²/0.25 + log 2π): a = 2, b = 4, σ_x² = 1/4, β = 4/(2·2·0.25) = 4",
)
def gaussian_nll_full(x_hat, x, mu, log_var):
    nll = F.gaussian_nll_loss(x_hat, x, torch.full_like(x, 0.25), full=True, reduction="none").sum(1)
    return (nll + 4 * kl_of(mu, log_var)).mean()


@case(
    "gaussian",
    noise_var=0.5,
    right=True,
    says=("what is named sigma is the variance: its root goes into Normal",),
    by_hand="Normal(x_hat, √0.5): a = 1, b = 1, σ_x² = 0.5, β = 1",
)
def variance_under_the_root(x_hat, x, mu, log_var, sigma=0.5):
    rec = -Independent(Normal(x_hat, sigma**0.5), 1).log_prob(x)
    return torch.mean(rec + kl_of(mu, log_var))


class HeldSigma(nn.Module):
    """A Gaussian whose log σ_x the loss itself learns."""

    def __init__(self, start: float):
        super().__init__()
        self.log_sigma_x = nn.Parameter(torch.tensor(start))

    def forward(self, x_hat, x, mu, log_var):
        precision = torch.exp(-2 * self.log_sigma_x)
        rec = 0.5 * precision * squares(x_hat, x) + x[0].numel() * self.log_sigma_x
        return (rec + kl_of(mu, log_var)).mean()


case(
    "gaussian",
    noise_var=1.0,
    right=True,
    says=("learned", "hand the loss's parameters to the optimiser; ½ log 2π a pixel is left out"),
    by_hand="log σ_x = 0: a = 1/2, b = 1, c = 0: σ_x² = 1 now",
)(HeldSigma(0.0))
case(
    "gaussian",
    noise_var=math.exp(-2.0),
    right=True,
    says=("learned", "½ log 2π a pixel is left out"),
    by_hand="log σ_x = −1: a = e²/2, b = 1, c = −64: σ_x² = e⁻² = 0.135 now",
)(HeldSigma(-1.0))


@case(
    "gaussian",
    right=True,
    says=("learned", "the fifth argument is log σ_x, its value yours: hand over a parameter"),
    by_hand="a = 1/(2σ_x²), b = 1, c = 64·(log σ_x + ½ log 2π): β = 1 at any log σ_x",
)
def log_sigma_x_is_fifth(x_hat, x, mu, log_var, log_sigma_x):
    rec = 0.5 * ((x - x_hat) / torch.exp(log_sigma_x)) ** 2 + log_sigma_x + 0.5 * math.log(2 * math.pi)
    return (rec.flatten(1).sum(1) + kl_of(mu, log_var)).mean()


@case(
    "gaussian",
    beta=1.0,
    says=("learned", "the decoder hands out a mean and a log variance for each pixel: x_hat has 2·64 numbers an image"),
    by_hand="½(log σ_i² + r_i²/σ_i² + log 2π) summed, b = 1: β = 1, a σ_x² a pixel and image",
)
def mean_and_variance_of_each_pixel(x_hat, x, mu, log_var):
    mean, log_var_x = x_hat.chunk(2, dim=1)
    rec = 0.5 * (log_var_x + (x - mean) ** 2 / log_var_x.exp() + math.log(2 * math.pi))
    return (rec.sum(1) + kl_of(mu, log_var)).mean()


@case(
    "gaussian, optimal σ_x",
    right=True,
    by_hand="(D/2)·log of the batch's mean squared error, b = 1: β = 1·32/32; J at its best σ_x, with its constant",
)
def best_sigma_of_the_batch(x_hat, x, mu, log_var):
    d = x[0].numel()
    mse = F.mse_loss(x_hat, x)
    return 0.5 * d * (torch.log(2 * math.pi * mse) + 1) + kl_of(mu, log_var).mean()


@case(
    "gaussian, optimal σ_x",
    beta=0.5,
    says=("D·log MSE is twice what the best σ_x gives, ½·D·log MSE",),
    by_hand="factor of the log D = 64, b = 1: β = 1·32/64",
)
def log_mse_times_d(x_hat, x, mu, log_var):
    return x[0].numel() * torch.log(F.mse_loss(x_hat, x)) + kl_of(mu, log_var).mean()


@case(
    "gaussian, optimal σ_x",
    pixels="mean",
    latents="sum / D",
    by_hand="everything over D: factor 1/2, b = 1/64: β = (1/64)·32/(1/2) = 1",
)
def log_rmse_a_pixel(x_hat, x, mu, log_var):
    rmse = torch.sqrt(torch.mean((x_hat - x) ** 2))
    return torch.log(rmse) + kl_of(mu, log_var).mean() / x[0].numel()


@case(
    "gaussian, optimal σ_x",
    right=True,
    says=("a σ_x for each image, from its own error",),
    by_hand="(D/2)·log of each image's mean squared error, mean over the batch, b = 1: β = 1",
)
def best_sigma_of_each_image(x_hat, x, mu, log_var):
    mse = (x_hat - x).pow(2).flatten(1).mean(1)
    return (x[0].numel() / 2 * mse.log() + kl_of(mu, log_var)).mean()


@case(
    "gaussian",
    noise_var=0.5,
    right=True,
    says=("x_hat is what comes before the sigmoid: the Gaussian's mean is sigmoid(x_hat)",),
    by_hand="SE of σ(x_hat): a = 1, b = 1, σ_x² = 1/2 about σ(x_hat)",
)
def mse_of_sigmoid(net_out, x, mu, log_var):
    return (squares(torch.sigmoid(net_out), x) + kl_of(mu, log_var)).mean()


@case(
    "gaussian",
    noise_var=2.0,
    right=True,
    says=("x and x_hat are in −1…1, as tanh gives; σ_x² = 2 there is 1/2 on the scale of 0…1",),
    by_hand="((x_hat + 1)/2 − (x + 1)/2)² = (x_hat − x)²/4: a = 1/4, b = 1, σ_x² = 2",
)
def from_tanh(x_hat, x, mu, log_var):
    x_hat, x = (x_hat + 1) / 2, (x + 1) / 2
    return (squares(x_hat, x) + kl_of(mu, log_var)).mean()


# Bernoulli and its neighbours.


@case(
    "bernoulli",
    right=True,
    says=(LOGITS, "torch's Bernoulli refuses grey x: x must be 0 or 1"),
    by_hand="log_prob summed: a = 1, b = 1",
)
def strict_bernoulli(logits, x, mu, log_var):
    log_px = Independent(Bernoulli(logits=logits), 1).log_prob(x)
    kl = kl_divergence(Independent(Normal(mu, (log_var / 2).exp()), 1), Independent(Normal(0 * mu, 1 + 0 * mu), 1))
    return (kl - log_px).mean()


@case("bernoulli", right=True, says=(LOGITS,), by_hand="softplus(s) − x·s = CE from logits: a = 1, b = 1")
def softplus_by_hand(logits, x, mu, log_var):
    return (F.softplus(logits) - x * logits).flatten(1).sum(1).mean() + kl_of(mu, log_var).mean()


@case(
    "bernoulli",
    says=(PROBABILITIES, "the means' part of the KL has no gradient: nothing holds μ near 0"),
    by_hand="a = 1, b = 1 in value; the gradient in μ is 0",
)
def mu_detached(x_hat, x, mu, log_var):
    return (bce(x_hat, x) + kl_of(mu.detach(), log_var)).mean()


@case(
    "bernoulli",
    beta=0.0,
    says=(PROBABILITIES, "the KL is in the value and has no gradient: a plain autoencoder is trained"),
    by_hand="a = 1, b = 1 in value, 0 in the gradient; a training sees β = 0",
)
def kl_without_gradient(x_hat, x, mu, log_var):
    with torch.no_grad():
        kl = kl_of(mu, log_var)
    return (bce(x_hat, x) + kl).mean()


@case(
    "bernoulli",
    beta=1.0,
    says=(PROBABILITIES, "the KL is in the gradient and not in the value"),
    by_hand="a = 1, b = 0 in value, 1 in the gradient; a training sees β = 1",
)
def kl_in_the_gradient_alone(x_hat, x, mu, log_var):
    kl = kl_of(mu, log_var).mean()
    return bce(x_hat, x).mean() + kl - kl.detach()


@case(
    "continuous bernoulli",
    right=True,
    says=(LOGITS,),
    by_hand="torch's log_prob, its log C with it, summed: a = 1, b = 1",
)
def torchs_continuous_bernoulli(logits, x, mu, log_var):
    log_px = ContinuousBernoulli(logits=logits, validate_args=False).log_prob(x).flatten(1).sum(1)
    return (kl_of(mu, log_var) - log_px).mean()


@case(
    "continuous bernoulli",
    beta=2.0,
    says=(PROBABILITIES,),
    by_hand="CE − log C(λ), C = 2·artanh(1 − 2λ)/(1 − 2λ), a Taylor series near 1/2: a = 1, b = 2",
)
def continuous_bernoulli_by_hand(lam, x, mu, log_var):
    lam = lam.clamp(1e-4, 1 - 1e-4)
    u = 1 - 2 * lam
    far = torch.where(u.abs() > 0.02, u, torch.ones_like(u) * 0.02)
    log_c = torch.where(u.abs() > 0.02, torch.log(2 * torch.atanh(far) / far), math.log(2) + u**2 / 3)
    return (bce(lam, x) - log_c.sum(1) + 2 * kl_of(mu, log_var)).mean()


BOTH = "16·CE: the Binomial of 16 (without its coefficient) at β = 1, and the Bernoulli at β = 1/16"


@case(
    "bernoulli",
    beta=1 / 16,
    settings=dict(x_data=BINARY),
    says=(PROBABILITIES, "x is 0 or 1 in your data, no count of 16: the Bernoulli with β = 1/16"),
    by_hand="a = 16, b = 1, and x is binary: β = 1/16",
)
@case(
    "binomial",
    total_count=16,
    settings=dict(x_data=GREY),
    says=(
        PROBABILITIES,
        "x has the levels 0, 1/16, …, 1 in your data: counts of 16, less their coefficient: the same training",
    ),
    by_hand="a = 16, b = 1, and 16·x is whole: n = 16, β = 1",
)
@case("binomial", total_count=16, says=(PROBABILITIES, BOTH), by_hand="a = 16, b = 1: n = 16 and β = 1")
def sixteen_cross_entropies(x_hat, x, mu, log_var):
    return (16 * bce(x_hat, x) + kl_of(mu, log_var)).mean()


@case(
    "binomial",
    total_count=255,
    says=(PROBABILITIES, "255·CE: 8-bit pixels as counts at β = 1, or the Bernoulli at β = 1/255"),
    by_hand="a = 255, b = 1: n = 255 and β = 1",
)
def eight_bits(x_hat, x, mu, log_var):
    return -255 * (x * x_hat.log() + (1 - x) * (1 - x_hat).log()).sum(1).mean() + kl_of(mu, log_var).mean()


@case(
    "binomial",
    total_count=16,
    right=True,
    settings=dict(x_data=DIGITS),
    says=(LOGITS, "x must be counts 0…16; torch refuses others"),
    by_hand="torch's Binomial with its coefficient, summed: n = 16, a = 1 of its −log p, b = 1",
)
@case(
    "binomial",
    total_count=16,
    right=True,
    says=(LOGITS, "x must be counts 0…16, as total_count says; torch refuses others"),
    by_hand="n = 16, b = 1",
)
def torchs_binomial(logits, x, mu, log_var):
    log_px = Binomial(16, logits=logits).log_prob(x).sum(-1)
    return torch.mean(kl_of(mu, log_var) - log_px)


@case(
    "binomial",
    beta=2.0,
    total_count=16,
    says=(PROBABILITIES, "x in 0…1 is turned into counts inside"),
    by_hand="log_prob of (16·x).round(), summed: n = 16; b = 2",
)
def counts_inside(x_hat, x, mu, log_var):
    log_px = Binomial(16, probs=x_hat).log_prob((16 * x).round()).flatten(1).sum(1)
    return torch.mean(2 * kl_of(mu, log_var) - log_px)


# Categorical.


@case(
    "categorical",
    right=True,
    settings=dict(data_dim=(8, 8)),
    says=("x_hat holds the logits of 256 levels a pixel, [B, 256, 8, 8]; x is turned into levels inside",),
    by_hand="cross_entropy over 256 levels, summed over 64 pixels: a = 1, b = 1",
)
def levels_of_grey(logits, x, mu, log_var):
    target = (x * 255).round().long()
    rec = F.cross_entropy(logits, target, reduction="none").sum(dim=(1, 2))
    assert logits.shape[1] == 256
    return (rec + kl_of(mu, log_var)).mean()


@case(
    "categorical",
    beta=64.0,
    pixels="mean",
    settings=dict(data_dim=(8, 8)),
    says=(
        "x_hat holds the logits of 256 levels a pixel, [B, 256, 8, 8]; x holds whole levels",
        "a mean over the pixels",
    ),
    by_hand="cross_entropy by default is a mean over B and 64 pixels: a = 1/64, b = 1, β = 64",
)
def levels_of_grey_mean(logits, x, mu, log_var):
    assert logits.shape[1] == 256
    return F.cross_entropy(logits, x.long()) + kl_of(mu, log_var).mean()


@case(
    "categorical",
    right=True,
    settings=dict(data_dim=20),
    says=(
        "x holds whole numbers, words of a vocabulary of 1000; x_hat their logits, [B, 20, 1000]",
        "word 0 does not count",
    ),
    by_hand="summed over the words of a sentence, / B: a = 1, b = 1",
)
def sentences(logits, tokens, mu, log_var):
    nll = F.cross_entropy(logits.reshape(-1, 1000), tokens.reshape(-1), ignore_index=0, reduction="sum")
    return (nll + kl_of(mu, log_var).sum()) / tokens.size(0)


@case(
    "categorical",
    beta=20.0,
    pixels="mean",
    settings=dict(data_dim=20),
    says=("x holds whole numbers; x_hat their logits, [B, 20, V], for any V", "a mean over the 20 words: β = 20"),
    by_hand="a mean over B and 20 words: a = 1/20, b = 1, β = 20",
)
def words_averaged(logits, tokens, mu, log_var):
    log_p = F.log_softmax(logits, dim=-1)
    nll = F.nll_loss(log_p.transpose(1, 2), tokens)
    return nll + kl_of(mu, log_var).mean()


@case(
    "categorical",
    right=True,
    settings=dict(data_dim=(12, 30)),
    says=("x is one-hot over the last axis, 30 characters; x_hat their logits",),
    by_hand="−Σ x·log softmax(x_hat), summed over 12 places and 30 characters: a = 1, b = 1",
)
def one_hot_characters(x_hat, x, mu, log_var):
    rec = -(x * torch.log_softmax(x_hat, dim=-1)).sum((1, 2))
    return (rec + kl_of(mu, log_var)).mean()


# Absolute errors.


@case(
    "laplace",
    scale=1.0,
    says=("the constant 64·log 2 is left out",),
    by_hand="AE summed: a = 1, b = 1, scale = 1",
)
def l1_sum(x_hat, x, mu, log_var):
    return (F.l1_loss(x_hat, x, reduction="none").flatten(1).sum(1) + kl_of(mu, log_var)).mean()


@case(
    "laplace",
    scale=6.4,
    pixels="mean",
    says=("a mean over the pixels: the Laplace's scale is 6.4, more than grey values in 0…1 spread",),
    by_hand="a = 1/64, b = 0.1, scale = 0.1·64 = 6.4",
)
def l1_mean(x_hat, x, mu, log_var):
    return nn.L1Loss()(x_hat, x) + 0.1 * kl_of(mu, log_var).mean()


@case(
    "laplace",
    beta=2.0,
    scale=0.25,
    says=("the constant is in the loss: scale and β can be told apart",),
    by_hand="−log Laplace(x; x_hat, 1/4): a = 4, c = 64·log 0.5; b = 2: β = 2/(4·0.25) = 2",
)
def laplace_log_prob(x_hat, x, mu, log_var):
    log_px = Laplace(x_hat, 0.25).log_prob(x).flatten(1).sum(1)
    return (2 * kl_of(mu, log_var) - log_px).mean()


@case(
    "laplace",
    scale=1e-5,
    batch=("sum", "mean"),
    per_batch=-1,
    says=("1e-5 / B: the KL has next to no weight, as in the first stage of a latent diffusion model",),
    by_hand="a = B, b = 1e-5: scale = 1e-5/B",
)
def l1_and_a_tiny_kl(inputs, reconstructions, mu, log_var):
    return torch.abs(inputs - reconstructions).sum() + 1e-5 * kl_of(mu, log_var).mean()


@case(
    None,
    beta=None,
    says=("half an absolute error, half a squared one: neither Laplace nor Gaussian",),
    by_hand="½·AE + ½·SE + KL",
)
def l1_and_l2(x_hat, x, mu, log_var):
    rec = 0.5 * F.l1_loss(x_hat, x, reduction="sum") + 0.5 * F.mse_loss(x_hat, x, reduction="sum")
    return rec / len(x) + kl_of(mu, log_var).mean()


# Floors and capacities.


@case(
    "bernoulli",
    floor=("free bits per latent", 0.5),
    says=(PROBABILITIES, "a latent of an image below 0.5 nats has no pull: the floor is 4 nats an image"),
    by_hand="a = 1, b = 1 for each kl_ij > 0.5",
)
def free_bits_each(x_hat, x, mu, log_var):
    kl = 0.5 * (mu**2 + log_var.exp() - 1 - log_var)
    return (bce(x_hat, x) + kl.clamp(min=0.5).sum(1)).mean()


@case(
    "bernoulli",
    floor=("free bits per latent, mean over the batch", 0.25),
    says=(PROBABILITIES,),
    by_hand="the mean over the batch first, then max(0.25, ·) for each latent: a = 1, b = 1 above",
)
def free_bits_of_kingma(x_hat, x, mu, log_var):
    kl = (0.5 * (mu**2 + log_var.exp() - 1 - log_var)).mean(0)
    return bce(x_hat, x).mean() + torch.maximum(kl, torch.full_like(kl, 0.25)).sum()


@case(
    "gaussian",
    noise_var=0.5,
    floor=("free bits per image", 3.0),
    by_hand="max(3, KL_i): a = 1, b = 1 above 3 nats",
)
def free_bits_an_image(x_hat, x, mu, log_var):
    return (squares(x_hat, x) + torch.clamp(kl_of(mu, log_var), min=3.0)).mean()


@case(
    "bernoulli",
    floor=("free bits in total", 20.0),
    says=(PROBABILITIES, "below a mean KL of 20 nats it is a plain autoencoder"),
    by_hand="max(20, the mean KL): a = 1, b = 1 above 20 nats; an untrained encoder is below",
)
def free_bits_in_total(x_hat, x, mu, log_var):
    return bce(x_hat, x).mean() + torch.clamp_min(kl_of(mu, log_var).mean(), 20.0)


@case(
    "bernoulli",
    floor=("free bits per latent", 2 * math.log(2)),
    says=(PROBABILITIES, "2 bits are 1.386 nats"),
    by_hand="max(0, kl_ij − 2·log 2), without the floor's own constant: a = 1, b = 1 above 1.386 nats",
)
def two_real_bits(x_hat, x, mu, log_var):
    kl = 0.5 * (mu**2 + log_var.exp() - 1 - log_var)
    return (bce(x_hat, x) + F.relu(kl - 2 * math.log(2)).sum(1)).mean()


@case(
    "bernoulli",
    beta=30.0,
    floor=("capacity", 0.5),
    says=(PROBABILITIES, "γ = 30 is no β of its own: below C = 0.5 nats the KL is pushed up"),
    by_hand="30·|mean KL − 0.5|: a = 1, b = 30 above, −30 below, c = −15",
)
def small_capacity(x_hat, x, mu, log_var):
    return bce(x_hat, x).mean() + 30 * (kl_of(mu, log_var).mean() - 0.5).abs()


@case(
    "gaussian",
    noise_var=500.0,
    floor=("capacity", 25.0),
    says=("γ = 1000; C = 25 nats, more than most first batches have: below it the KL is pushed up",),
    by_hand="1000·|mean KL − 25|: a = 1, b = 1000 above, −1000 below; σ_x² = 1000/2 above",
)
def large_capacity(x_hat, x, mu, log_var, gamma=1000.0, c_max=25.0):
    kl = kl_of(mu, log_var).mean()
    return squares(x_hat, x).mean() + gamma * torch.abs(kl - c_max)


@case(
    "bernoulli",
    beta=10.0,
    floor=("capacity", 5.0),
    says=(PROBABILITIES, "|·| of each image, not of the mean"),
    by_hand="10·|KL_i − 5|, mean over the batch: a = 1, b = 10 for an image above 5 nats, −10 below",
)
def capacity_of_each_image(x_hat, x, mu, log_var):
    return (bce(x_hat, x) + 10 * torch.abs(kl_of(mu, log_var) - 5.0)).mean()


# Other priors, other fourth arguments.


@case(
    "bernoulli",
    right=True,
    prior_var=4.0,
    says=(PROBABILITIES, "the prior is N(0, 4I): draw from it with 2·ε"),
    by_hand="KL to N(0, 4) = ½((μ² + σ²)/4 − 1 − log σ² + log 4): a = 1, b = 1",
)
def wide_prior(x_hat, x, mu, log_var):
    kl = 0.5 * ((mu**2 + log_var.exp()) / 4 - 1 - log_var + math.log(4)).sum(1)
    return (bce(x_hat, x) + kl).mean()


@case(
    "gaussian",
    noise_var=0.5,
    right=True,
    prior_var=0.25,
    says=("the prior is N(0, I/4)",),
    by_hand="torch's KL to N(0, 0.5²): a = 1, b = 1",
)
def narrow_prior(x_hat, x, mu, log_var):
    q, p = Normal(mu, log_var.mul(0.5).exp()), Normal(torch.zeros_like(mu), 0.5 * torch.ones_like(mu))
    return (squares(x_hat, x) + kl_divergence(q, p).sum(1)).mean()


@case(
    "bernoulli",
    prior_var=9.0,
    says=(PROBABILITIES, "the constant ½·log 9 a latent is left out: 8.79 nats too few, the same training"),
    by_hand="½((μ² + σ²)/9 − 1 − log σ²): KL to N(0, 9) less 8·½·log 9; a = 1, b = 1, c = −8.79",
)
def wide_prior_without_its_constant(x_hat, x, mu, log_var):
    kl = -0.5 * torch.sum(1 + log_var - (mu**2 + log_var.exp()) / 9.0, dim=1)
    return (bce(x_hat, x) + kl).mean()


@case(
    "bernoulli",
    right=True,
    says=(PROBABILITIES, "the prior is N(1, I), not N(0, I): draw z = 1 + ε"),
    by_hand="½((μ − 1)² + σ² − 1 − log σ²): KL to N(1, I): a = 1, b = 1",
)
def shifted_prior(x_hat, x, mu, log_var):
    kl = 0.5 * ((mu - 1) ** 2 + log_var.exp() - 1 - log_var).sum(1)
    return (bce(x_hat, x) + kl).mean()


@case(
    "bernoulli",
    right=True,
    fourth="log σ",
    says=(PROBABILITIES, "the argument is named logvar and taken for log σ"),
    by_hand="½(μ² + e^{2s} − 1 − 2s) with s = log σ: a = 1, b = 1",
)
def named_logvar_taken_for_log_sigma(x_hat, x, mu, logvar):
    kl = -0.5 * torch.sum(1 + 2 * logvar - mu.pow(2) - torch.exp(2 * logvar), dim=1)
    return torch.mean(bce(x_hat, x) + kl)


@case(
    "bernoulli",
    right=True,
    fourth="σ²",
    says=(PROBABILITIES, "named var, and it is one: it must be > 0"),
    by_hand="½(μ² + v − 1 − log v): a = 1, b = 1",
)
def named_var(x_hat, x, mean, variance):
    kl = 0.5 * (mean**2 + variance - 1 - torch.log(variance + 1e-10)).sum(-1)
    return (bce(x_hat, x) + kl).mean()


@case(
    "gaussian",
    noise_var=0.5,
    right=True,
    fourth="σ",
    says=("the fourth argument is a standard deviation",),
    by_hand="½(μ² + s² − 1) − log s: a = 1, b = 1",
)
def named_std(x_hat, x, mu, std):
    kl = (0.5 * (mu**2 + std**2 - 1) - std.log()).sum(1)
    return (squares(x_hat, x) + kl).mean()


@case(
    "bernoulli",
    right=True,
    fourth="softplus⁻¹(σ²)",
    says=(PROBABILITIES, "softplus gives the variance, not σ"),
    by_hand="v = softplus(raw): ½(μ² + v − 1 − log v): a = 1, b = 1",
)
def softplus_of_the_variance(x_hat, x, mu, raw):
    var = F.softplus(raw)
    return (bce(x_hat, x) + 0.5 * (mu**2 + var - 1 - var.log()).sum(1)).mean()


@case(
    "bernoulli",
    right=True,
    fourth="−log σ²",
    says=(PROBABILITIES, "the fourth argument is the log of a precision"),
    by_hand="½(μ² + e^{−t} − 1 + t): a = 1, b = 1",
)
def log_precision_is_fourth(x_hat, x, mu, log_precision):
    kl = 0.5 * (mu**2 + torch.exp(-log_precision) - 1 + log_precision).sum(1)
    return (bce(x_hat, x) + kl).mean()


@case(
    None,
    beta=None,
    says=("the KL the other way round, KL(p ‖ q): it never lets q be narrower than it must",),
    by_hand="½(log σ² + (1 + μ²)/σ² − 1): KL(N(0, 1) ‖ q)",
)
def kl_the_other_way(x_hat, x, mu, log_var):
    q, p = Normal(mu, (log_var / 2).exp()), Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return (bce(x_hat, x) + kl_divergence(p, q).sum(1)).mean()


@case(
    "bernoulli",
    beta=None,
    says=(PROBABILITIES, "a slip of brackets: e^{log σ²} is summed over the latents once for each latent"),
    by_hand="sum over j of (1 + s_j − μ_j² − Σ_k e^{s_k}): σ² counts d = 8 times: no KL of any weight",
)
def brackets(x_hat, x, mu, log_var):
    kl = -0.5 * torch.sum(1 + log_var - mu**2 - log_var.exp().sum(1, keepdim=True), dim=1)
    return (bce(x_hat, x) + kl).mean()


# Not one of ours.


@case(None, beta=None, says=("log cosh: half a square near 0, an absolute value far off",), by_hand="log cosh r")
def log_cosh(x_hat, x, mu, log_var):
    r = x_hat - x
    rec = (r + F.softplus(-2.0 * r) - math.log(2.0)).sum(1)
    return (rec + kl_of(mu, log_var)).mean()


@case(None, beta=None, says=("the norm, not its square",), by_hand="√SE of each image")
def norm_of_the_error(x_hat, x, mu, log_var):
    return (torch.linalg.vector_norm((x_hat - x).flatten(1), dim=1) + kl_of(mu, log_var)).mean()


@case(
    None,
    beta=None,
    says=("half of the cross-entropy is missing: x_hat = 1 everywhere is best",),
    by_hand="−x·log x_hat alone",
)
def one_sided_cross_entropy(x_hat, x, mu, log_var):
    return (-(x * torch.log(x_hat + 1e-9)).sum(1) + kl_of(mu, log_var)).mean()


@case(None, beta=None, says=("a structural similarity: no log-likelihood",), by_hand="1 − (2·cov + c)/(var + var + c)")
def like_ssim(x_hat, x, mu, log_var):
    a, b = x_hat.flatten(1), x.flatten(1)
    ma, mb = a.mean(1, keepdim=True), b.mean(1, keepdim=True)
    cov = ((a - ma) * (b - mb)).mean(1)
    structure = (2 * cov + 0.01) / (a.var(1) + b.var(1) + 0.01)
    return (1 - structure + 0.01 * kl_of(mu, log_var)).mean()


@case(
    None,
    beta=None,
    says=("an MMD between the means and draws from the prior: no KL at all (InfoVAE)",),
    by_hand="SE + 100·MMD(μ, ε): no KL",
)
def mmd(x_hat, x, mu, log_var):
    eps = torch.randn_like(mu)

    def kernel(a, b):
        return torch.exp(-(torch.cdist(a, b) ** 2) / a.size(1)).mean()

    return squares(x_hat, x).mean() + 100 * (kernel(mu, mu) + kernel(eps, eps) - 2 * kernel(mu, eps))


@case(
    None,
    beta=None,
    says=("batch norm of the means inside the loss: an image's KL hangs on the other images",),
    by_hand="μ over its root mean square in the batch: the μ part is 8/2 nats whatever the encoder does",
)
def means_of_the_batch(x_hat, x, mu, log_var):
    mu = mu / mu.pow(2).mean(0, keepdim=True).sqrt()
    return (bce(x_hat, x) + kl_of(mu, log_var)).mean()


@case(
    None,
    beta=None,
    says=("each term over its own value: the loss is always 2, and the weights change with every batch",),
    by_hand="rec/|rec| + kl/|kl|: 2 in value; gradients ∇rec/rec + ∇kl/kl",
)
def both_over_themselves(x_hat, x, mu, log_var):
    rec, kl = bce(x_hat, x).mean(), kl_of(mu, log_var).mean()
    return rec / rec.detach() + kl / kl.detach()


class CyclicalBeta:
    """A weight that rises from 0 to 1 over ten calls, and again."""

    def __init__(self):
        self.calls = 0

    def __call__(self, x_hat, x, mu, log_var):
        beta = min(1.0, (self.calls % 10) / 5)
        self.calls += 1
        return (bce(x_hat, x) + beta * kl_of(mu, log_var)).mean()


case(
    None,
    beta=None,
    says=("β changes from call to call: the loss counts its calls; judge it at a fixed β",),
    by_hand="a = 1, b = 0, 0.2, 0.4, …, 1, 1, … by the number of calls",
)(CyclicalBeta())


class UncertaintyWeights(nn.Module):
    """Both terms with learned weights, as for several tasks."""

    def __init__(self):
        super().__init__()
        self.s = nn.Parameter(torch.zeros(2))

    def forward(self, x_hat, x, mu, log_var):
        rec, kl = bce(x_hat, x).mean(), kl_of(mu, log_var).mean()
        return rec * torch.exp(-self.s[0]) + self.s[0] + kl * torch.exp(-self.s[1]) + self.s[1]


case(
    "bernoulli",
    says=(PROBABILITIES, "learned", "both weights are learned: β = 1 now, and what it becomes is no choice of yours"),
    by_hand="s = 0: a = 1, b = 1 now; β = e^{s₀ − s₁}",
)(UncertaintyWeights())


@case(
    None,
    beta=None,
    says=("a focal weight (1 − p)²: no likelihood",),
    by_hand="(1 − p_t)²·CE",
)
def focal(x_hat, x, mu, log_var):
    p_t = x * x_hat + (1 - x) * (1 - x_hat)
    rec = ((1 - p_t) ** 2 * F.binary_cross_entropy(x_hat, x, reduction="none")).flatten(1).sum(1)
    return (rec + kl_of(mu, log_var)).mean()


@case(
    None,
    beta=None,
    says=("a Poisson: not among the densities here",),
    by_hand="e^s − x·s, the Poisson's −log p of counts less log x!",
)
def poisson(log_rate, x, mu, log_var):
    return F.poisson_nll_loss(log_rate, x, reduction="none").flatten(1).sum(1).mean() + kl_of(mu, log_var).mean()


# Stragglers: one habit each.


@case(
    "gaussian",
    noise_var=0.5,
    batch=("per example", "per example"),
    right=True,
    says=("one number an image, [B]",),
    by_hand="a = 1, b = 1 for each image",
)
def a_row(x_hat, x, mu, log_var):
    return squares(x_hat, x) + kl_of(mu, log_var)


@case(
    "bernoulli",
    right=True,
    says=(PROBABILITIES, "it calls backward() itself and returns a number: its inputs must require a gradient"),
    by_hand="a = 1, b = 1",
)
def backward_inside(x_hat, x, mu, log_var):
    loss = bce(x_hat, x).mean() + kl_of(mu, log_var).mean()
    loss.backward()
    return loss.item()


@case("bernoulli", right=True, says=(PROBABILITIES, "float32 alone"), by_hand="a = 1, b = 1")
def float32_alone(x_hat, x, mu, log_var):
    assert x_hat.dtype == mu.dtype == torch.float32, "expected float32"
    return (bce(x_hat, x) + kl_of(mu, log_var)).mean()


@case(
    "gaussian",
    noise_var=0.05,
    right=True,
    says=("x and x_hat must lie in −1…1",),
    by_hand="10·SE: a = 10, b = 1, σ_x² = 1/20",
)
def range_asserted(x_hat, x, mu, log_var):
    assert x.abs().max() <= 1, "expected x in −1…1"
    assert x_hat.abs().max() <= 1, "expected x_hat in −1…1"
    return (10 * squares(x_hat, x) + kl_of(mu, log_var)).mean()


@case("bernoulli", right=True, says=(PROBABILITIES, "takes ((x_hat, z), x, (mu, logvar))"), by_hand="a = 1, b = 1")
def pairs_of_arguments(decoded, x, code):
    (x_hat, _), (mu, log_var) = decoded, code
    return (bce(x_hat, x) + kl_of(mu, log_var)).mean()


@case(
    "gaussian",
    noise_var=1.0,
    right=True,
    says=("the KL is estimated with ten draws of its own",),
    by_hand="the mean of ten estimates: a = 1/2, b = 1 on average",
)
def kl_from_ten_draws(x_hat, x, mu, log_var):
    eps = torch.randn(10, *mu.shape, dtype=mu.dtype)
    z = mu + torch.exp(0.5 * log_var) * eps
    kl = 0.5 * (z**2 - eps**2 - log_var).sum(-1).mean(0)
    return (0.5 * squares(x_hat, x) + kl).mean()


@case(
    None,
    beta=None,
    says=("relu of an estimate from one draw: it cuts the negative ones off, so that the mean is above the KL",),
    by_hand="E relu(log q − log p) > KL",
)
def relu_of_an_estimate(x_hat, x, mu, log_var):
    eps = torch.randn_like(mu)
    z = mu + torch.exp(0.5 * log_var) * eps
    return (bce(x_hat, x) + torch.relu(0.5 * (z**2 - eps**2 - log_var)).sum(1)).mean()


@case(
    "bernoulli",
    beta=1.0,
    says=(PROBABILITIES, "draws β from 0…2 at each call: 1 on average"),
    by_hand="a = 1, E b = 1",
)
def drawn_beta(x_hat, x, mu, log_var):
    return (bce(x_hat, x) + 2 * torch.rand(()) * kl_of(mu, log_var)).mean()


@case(
    "bernoulli",
    right=True,
    says=(PROBABILITIES, "nan_to_num turns a NaN into 0: a run that has failed looks perfect"),
    by_hand="a = 1, b = 1",
)
def nan_hidden(x_hat, x, mu, log_var):
    return torch.nan_to_num((bce(x_hat, x) + kl_of(mu, log_var)).mean())


@case(
    "bernoulli",
    beta=None,
    says=(PROBABILITIES, "the reconstruction has no gradient: the decoder learns nothing, the encoder the prior alone"),
    by_hand="a = 1 in value, 0 in the gradient; b = 1",
)
def reconstruction_detached(x_hat, x, mu, log_var):
    return (bce(x_hat.detach(), x) + kl_of(mu, log_var)).mean()


@case(
    "gaussian",
    beta=None,
    says=("½|μ|² and nothing of log σ²: a regularised autoencoder; no KL keeps σ from 0",),
    by_hand="SE + ½Σμ²: no term in log σ²",
)
def half_a_kl(x_hat, x, mu, log_var):
    return (squares(x_hat, x) + 0.5 * mu.pow(2).sum(1)).mean()


@case(
    "bernoulli",
    beta=None,
    says=(PROBABILITIES, "the means are pulled 1.2 times as hard as the KL pulls them"),
    by_hand="KL + 0.1·Σμ²: 0.6·μ² − ½(1 + log σ² − σ²): no b for both parts",
)
def kl_and_a_decay(x_hat, x, mu, log_var):
    return (bce(x_hat, x) + kl_of(mu, log_var) + 0.1 * mu.pow(2).sum(1)).mean()


# The data beside.


@case(
    "bernoulli",
    settings=dict(x_data=STANDARDISED),
    says=(
        LOGITS,
        "FIRST: your x goes below 0 and above 1: a cross-entropy has no minimum there, and J falls without end",
    ),
    by_hand="a = 1, b = 1; CE is linear in the logit s: softplus(s) − x·s has no minimum for x > 1 or x < 0",
)
@case(
    "bernoulli",
    settings=dict(x_data=DIGITS),
    says=(
        LOGITS,
        "FIRST: your x is 0…16: divide it by 16",
    ),
    by_hand="a = 1, b = 1 on x in 0…1",
)
@case(
    "bernoulli",
    settings=dict(x_data=(DIGITS * 255 / 16).round().to(torch.uint8)),
    says=(
        LOGITS,
        "FIRST: your x is 0…255, whole numbers in bytes: divide it by 255",
    ),
    by_hand="a = 1, b = 1 on x in 0…1",
)
@case(
    "bernoulli",
    right=True,
    settings=dict(x_data=GREY),
    says=(
        LOGITS,
        "your x is grey: a Bernoulli gives grey x no density; J compares with other Js on the same grey x alone",
    ),
    by_hand="a = 1, b = 1",
)
@case(
    "bernoulli",
    right=True,
    settings=dict(x_data=BINARY),
    says=(LOGITS,),
    by_hand="a = 1, b = 1, x is 0 or 1",
)
def cross_entropy_and_data(logits, x, mu, log_var):
    rec = F.binary_cross_entropy_with_logits(logits, x.to(logits.dtype), reduction="sum") / x.size(0)
    return rec - 0.5 * (1 + log_var - mu**2 - log_var.exp()).sum() / x.size(0)


@case(
    "bernoulli",
    right=True,
    settings=dict(x_data=(DIGITS * 255 / 16).round()),
    says=(PROBABILITIES, "x is 0…255 and the loss divides by 255 itself: no fault; x in 0…1 would be nearly black"),
    by_hand="CE(x_hat, x/255): a = 1, b = 1",
)
def divides_by_255(x_hat, x, mu, log_var):
    return (bce(x_hat, x / 255.0) + kl_of(mu, log_var)).mean()


@case(
    "gaussian",
    noise_var=0.5,
    right=True,
    settings=dict(x_data=SIX_DIRECTIONS),
    says=("4 of 8 latents pay",),
    by_hand="σ_x² = 1/2; eigenvalues 4, 2, 1, 0.6 | 0.4, 0.1",
)
@case(
    "gaussian",
    noise_var=0.5,
    right=True,
    settings=dict(x_data=SIX_DIRECTIONS + 100.0),
    says=("4 of 8 latents pay", "x has the mean 100 a pixel: it is no variance"),
    by_hand="the covariance of x + 100 is that of x: as above",
)
@case(
    "gaussian",
    noise_var=0.5,
    right=True,
    settings=dict(x_data=SIX_DIRECTIONS, latent_dim=2),
    says=("2 of 2 latents pay", "two more would pay"),
    by_hand="4 eigenvalues above 1/2, and d = 2",
)
@case(
    "gaussian",
    noise_var=0.5,
    right=True,
    settings=dict(x_data=GREY),
    says=("3 of 8 latents pay",),
    by_hand="the digits / 16, by numpy: 0.765, 0.674, 0.571 | 0.494, …",
)
@case(
    "gaussian",
    noise_var=0.5,
    right=True,
    settings=dict(x_data=DIGITS),
    says=("8 of 8 latents pay", "x is 0…16: σ_x² = 1/2 means a noise of 0.7 of 16 levels"),
    by_hand="the digits 0…16: eigenvalues 256 times those of the digits / 16, 48 of them above 1/2",
)
@case(
    "gaussian",
    noise_var=0.5,
    right=True,
    settings=dict(x_data=with_spectrum(9.0, 9.0, 9.0, 9.0, 9.0, 9.0, images=7)),
    says=("6 of 8 latents pay", "7 images have 6 directions"),
    by_hand="7 images, their mean taken off: rank 6, all eigenvalues 9 > 1/2",
)
def squared_error_and_data(x_hat, x, mu, log_var):
    return (squares(x_hat, x) + kl_of(mu, log_var)).mean()


@case(
    "gaussian",
    noise_var=32.0,
    pixels="mean",
    settings=dict(x_data=SIX_DIRECTIONS),
    says=("0 of 8 latents pay", "a posterior collapse is to be expected"),
    by_hand="a = 1/64, b = 1, σ_x² = 32 > 4, the largest eigenvalue",
)
@case(
    "gaussian",
    noise_var=32.0,
    pixels="mean",
    settings=dict(x_data=6 * SIX_DIRECTIONS),
    says=("3 of 8 latents pay",),
    by_hand="6·x: eigenvalues 144, 72, 36 | 21.6, … against 32",
)
def mse_mean_and_data(x_hat, x, mu, log_var):
    return F.mse_loss(x_hat, x) + kl_of(mu, log_var).mean()


@case(
    "gaussian",
    noise_var=4.0,
    pixels="mean",
    latents="mean",
    settings=dict(x_data=with_spectrum(9.0, 5.0, 3.0, 1.0)),
    says=("2 of 8 latents pay",),
    by_hand="a = 1/64, b = 1/8, σ_x² = (1/8)·64/2 = 4: 9, 5 | 3, 1",
)
def means_and_data(x_hat, x, mu, log_var):
    kl = torch.mean(-0.5 * (1 + log_var - mu**2 - log_var.exp()))
    return torch.mean((x_hat - x) ** 2) + kl


@case(
    "gaussian",
    beta=4.0,
    noise_var=0.01,
    settings=dict(x_data=with_spectrum(1.0, 0.5, 0.05, 0.03, 0.02, 0.005)),
    says=("3 of 8 latents pay", "with β = 1 it would be 5"),
    by_hand="a = 50, b = 4 and the constant of σ = 0.1: βσ_x² = 0.04: 1, 0.5, 0.05 | 0.03, …",
)
def beta_vae_and_data(x_hat, x, mu, log_var):
    log_px = Normal(x_hat, 0.1).log_prob(x).flatten(1).sum(1)
    return (4 * kl_of(mu, log_var) - log_px).mean()


@case(
    "gaussian",
    noise_var=0.96,
    pixels="mean",
    settings=dict(x_data=with_spectrum(3.0, 2.0, 1.5, 0.8, 0.3, shape=(3, 8, 8))),
    says=("3 of 8 latents pay", "images with 3 channels, D = 192"),
    by_hand="a = 1/192, b = 0.01, σ_x² = 0.01·192/2 = 0.96: 3, 2, 1.5 | 0.8, 0.3",
)
def three_channels_and_data(x_hat, x, mu, log_var, kld_weight=0.01):
    return F.mse_loss(x_hat, x) + kld_weight * kl_of(mu, log_var).mean()


@case(
    "gaussian",
    noise_var=0.5,
    batch=("mean", "sum"),
    per_batch=1,
    settings=dict(x_data=with_spectrum(20.0, 10.0, 6.0, 2.0), batch_size=16),
    says=("2 of 8 latents pay", "at B = 128 none would: σ_x² = 64"),
    by_hand="a = 1, b = B: σ_x² = B/2 = 8 at B = 16: 20, 10 | 6, 2",
)
def batch_and_data(x_hat, x, mu, log_var):
    return squares(x_hat, x).mean() + kl_of(mu, log_var).sum()

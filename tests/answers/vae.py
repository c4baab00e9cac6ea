"""5.6's answers, as students wrote them: the answer, what is wrong with it, the key that it must get (none: right)."""

import math

import torch
from torch import nn
from torch.distributions import Bernoulli, Independent, Normal, kl_divergence
from torch.nn.functional import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    dropout,
    leaky_relu,
    logsigmoid,
    mse_loss,
    softplus,
)


class Own(nn.Module):
    """A right one; the mistakes below replace one of its pieces."""

    def __init__(self, D, H, d):
        super().__init__()
        self.hidden, self.out = nn.Linear(D, H), nn.Linear(H, 2 * d)
        self.back, self.pixels = nn.Linear(d, H), nn.Linear(H, D)

    def encode(self, x):
        return torch.tensor_split(self.out(torch.tanh(self.hidden(x))), 2, dim=1)

    def reparameterize(self, mu, log_var):
        std = log_var.mul(0.5).exp()
        return mu + std * torch.randn_like(std)

    def decode(self, z):
        return self.pixels(torch.tanh(self.back(z)))

    def loss_function(self, logits, x, mu, log_var):
        bce = binary_cross_entropy_with_logits(logits, x, reduction="sum") / len(x)
        kld = -0.5 * torch.sum(1 + log_var - mu.pow(2) - log_var.exp()) / len(x)
        return bce + kld


def own(**pieces):
    return type("MyVAE", (Own,), pieces)


def reparameterized(z_of):
    return own(reparameterize=lambda self, mu, log_var: z_of(mu, log_var))


def with_loss(loss_of):
    return own(loss_function=lambda self, logits, x, mu, log_var: loss_of(logits, x, mu, log_var))


def bce_rows(logits, x):
    return binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1)


def kld_rows(mu, log_var):
    return -0.5 * (1 + log_var - mu**2 - torch.exp(log_var)).sum(1)


def with_kl(kl_of):
    return with_loss(lambda logits, x, mu, log_var: (bce_rows(logits, x) + kl_of(mu, log_var)).mean())


def detached_z(mu, log_var):
    return (mu + torch.exp(log_var / 2) * torch.randn_like(mu)).detach()


def half_detached_z(mu, log_var):
    return mu + torch.exp(log_var / 2).detach() * torch.randn_like(mu)


def kl_half_on_mu(mu, log_var):
    return (0.5 * mu**2 + log_var.exp() - 1 - log_var).sum(1)


def kl_half_on_sigma(mu, log_var):
    return (mu**2 + 0.5 * (log_var.exp() - 1 - log_var)).sum(1)


def kl_one_once(mu, log_var):
    return 0.5 * ((mu**2 + log_var.exp() - log_var).sum(1) - 1)


def kl_std_is_exp(mu, log_var):
    std = log_var.exp()
    return 0.5 * (std**2 + mu**2 - 1 - 2 * torch.log(std)).sum(1)


def kl_std_is_log_var(mu, log_var):
    return 0.5 * (log_var**2 + mu**2 - 1 - torch.log(log_var**2)).sum(1)


def loss_pixel_mean(logits, x, mu, log_var):
    return binary_cross_entropy_with_logits(logits, x) + kld_rows(mu, log_var).mean()


def loss_all_means(logits, x, mu, log_var):
    kld = -0.5 * torch.mean(1 + log_var - mu**2 - log_var.exp())
    return binary_cross_entropy_with_logits(logits, x) + kld


def loss_mean_and_sum(logits, x, mu, log_var):
    return binary_cross_entropy_with_logits(logits, x) + kld_rows(mu, log_var).sum()


def loss_sums(logits, x, mu, log_var):
    return bce_rows(logits, x).sum() + kld_rows(mu, log_var).sum()


def loss_kl_summed(logits, x, mu, log_var):
    return bce_rows(logits, x).mean() + kld_rows(mu, log_var).sum()


def loss_bce_summed(logits, x, mu, log_var):
    return bce_rows(logits, x).sum() + kld_rows(mu, log_var).mean()


def loss_rows(logits, x, mu, log_var):
    return bce_rows(logits, x) + kld_rows(mu, log_var)


def loss_without_kl(logits, x, mu, log_var):
    return bce_rows(logits, x).mean()


def loss_kl_only(logits, x, mu, log_var):
    return kld_rows(mu, log_var).mean()


def loss_is_elbo(logits, x, mu, log_var):
    return -(bce_rows(logits, x) + kld_rows(mu, log_var)).mean()


def loss_minus_kl(logits, x, mu, log_var):
    return (bce_rows(logits, x) - kld_rows(mu, log_var)).mean()


def loss_sigmoid_twice(logits, x, mu, log_var):
    return (bce_rows(torch.sigmoid(logits), x) + kld_rows(mu, log_var)).mean()


def loss_swapped(logits, x, mu, log_var):
    return (bce_rows(x, logits) + kld_rows(mu, log_var)).mean()


def loss_mse(logits, x, mu, log_var):
    mse = mse_loss(torch.sigmoid(logits), x, reduction="none").sum(1)
    return (mse + kld_rows(mu, log_var)).mean()


def loss_mse_of_logits(logits, x, mu, log_var):
    return (((logits - x) ** 2).sum(1) + kld_rows(mu, log_var)).mean()


def loss_detached_kl(logits, x, mu, log_var):
    return bce_rows(logits, x).mean() + kld_rows(mu, log_var.detach()).mean()


class OneHead(Own):
    def encode(self, x):
        mu, _ = super().encode(x)
        return mu, mu


class KeepsItsResults(Own):
    def encode(self, x):
        self.mu, self.log_var = super().encode(x)
        return self.mu, self.log_var


class UnusedLayer(Own):
    def __init__(self, D, H, d):
        super().__init__(D, H, d)
        self.spare = nn.Linear(H, H)


class PlainList(Own):
    def __init__(self, D, H, d):
        super().__init__(D, H, d)
        del self.back
        self.layers = [nn.Linear(d, H)]

    def decode(self, z):
        return self.pixels(torch.tanh(self.layers[0](z)))


class NewInEveryCall(Own):
    def __init__(self, D, H, d):
        super().__init__(D, H, d)
        del self.back

    def decode(self, z):
        return self.pixels(torch.tanh(nn.Linear(z.shape[1], self.hidden.out_features)(z)))


class NoDecode(nn.Module):
    def __init__(self, D, H, d):
        super().__init__()
        self.layer = nn.Linear(D, 2 * d)

    def encode(self, x):
        return self.layer(x).chunk(2, dim=-1)

    def reparameterize(self, mu, log_var):
        return torch.normal(mu, torch.exp(log_var / 2))


class InDistributions(nn.Module):
    """Two heads, two hidden layers, everything else from torch.distributions."""

    def __init__(self, D, H, d):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(D, H), nn.ELU(), nn.Linear(H, H), nn.ELU())
        self.mu, self.spread = nn.Linear(H, d), nn.Linear(H, d)
        self.decoder = nn.Sequential(nn.Linear(d, H), nn.ELU(), nn.Linear(H, D))

    def encode(self, x):
        h = self.body(x)
        sigma = softplus(self.spread(h)) + 1e-4
        return self.mu(h), 2 * torch.log(sigma)

    def reparameterize(self, mu, log_var):
        return Normal(mu, torch.exp(log_var / 2)).rsample()

    def decode(self, z):
        return self.decoder(z)

    def loss_function(self, logits, x, mu, log_var):
        q = Independent(Normal(mu, torch.exp(log_var / 2)), 1)
        prior = Independent(Normal(torch.zeros_like(mu), torch.ones_like(mu)), 1)
        p = Independent(Bernoulli(logits=logits), 1)
        return (kl_divergence(q, prior) - p.log_prob(x)).mean().double()


class RowByRow(nn.Module):
    """Bare matrices and loops."""

    def __init__(self, D, H, d):
        super().__init__()
        shapes = {"a": (H, D), "m": (d, H), "v": (d, H), "b": (H, d), "c": (D, H)}
        for name, shape in shapes.items():
            self.register_parameter(name, nn.Parameter(0.1 * torch.randn(shape)))

    def encode(self, x):
        h = torch.einsum("hd,bd->bh", self.a, x).clamp(min=0)
        return [h @ self.m.T, h @ self.v.T]

    def reparameterize(self, mu, log_var):
        eps = torch.empty_like(mu).normal_()
        return torch.addcmul(mu, log_var.exp().sqrt(), eps)

    def decode(self, z):
        return (z @ self.b.T).relu() @ self.c.T

    def loss_function(self, logits, x, mu, log_var):
        loss = 0.0
        for i in range(len(x)):
            loss = loss - (x[i] * logsigmoid(logits[i]) + (1 - x[i]) * logsigmoid(-logits[i])).sum()
            for m, v in zip(mu[i], log_var[i], strict=True):
                loss = loss + (m * m + v.exp() - 1 - v) / 2
        return loss / len(x)


def loss_by_distributions(logits, x, mu, log_var):
    q, prior = (Independent(Normal(m, s), 1) for m, s in ((mu, torch.exp(log_var / 2)), (0 * mu, 1 + 0 * mu)))
    return (kl_divergence(q, prior) - Independent(Bernoulli(logits=logits), 1).log_prob(x)).mean()


def draw_by_distributions(mu, log_var):
    return Normal(mu, torch.exp(0.5 * log_var)).rsample()


oracle = {"loss_function": loss_by_distributions, "reparameterize": draw_by_distributions}


def bce_of_probabilities(logits, x, mu, log_var):
    bce = binary_cross_entropy(torch.sigmoid(logits), x, reduction="none").sum(1)
    return (bce + kld_rows(mu, log_var)).mean()


def clamped_loss(logits, x, mu, log_var):
    p = torch.sigmoid(logits).clamp(1e-6, 1 - 1e-6)
    bce = -(x * p.log() + (1 - x) * (1 - p).log()).sum(1)
    return (bce + kld_rows(mu, log_var)).mean()


def beta_loss(logits, x, mu, log_var):
    return (bce_rows(logits, x) + 4 * kld_rows(mu, log_var)).mean()


class WithDropout(Own):
    def __init__(self, D, H, d):
        super().__init__(D, H, d)
        self.norm, self.drop = nn.BatchNorm1d(H), nn.Dropout(0.2)

    def encode(self, x):
        return self.out(self.drop(torch.relu(self.norm(self.hidden(x))))).chunk(2, dim=1)


class Lazy(Own):
    def __init__(self, D, H, d):
        super().__init__(D, H, d)
        self.hidden = nn.LazyLinear(H)


def encode_half_detached(self, x):
    h = torch.tanh(self.hidden(x))
    return self.out(h)[:, : self.out.out_features // 2], self.out(h.detach())[:, self.out.out_features // 2 :]


def mean_at_test_time(self, mu, log_var):
    return Own.reparameterize(self, mu, log_var) if self.training else mu


def starting_at_zero(*layers):
    class StartsAtZero(Own):
        def __init__(self, D, H, d):
            super().__init__(D, H, d)
            for weight in (weight for name in layers for weight in getattr(self, name).parameters()):
                nn.init.zeros_(weight)

    return StartsAtZero


def free_bits(logits, x, mu, log_var):
    kl = (0.5 * (mu**2 + log_var.exp() - 1 - log_var)).clamp(min=0.2)
    return (bce_rows(logits, x) + kl.sum(1)).mean()


ANSWERS = [
    (reparameterized(lambda m, v: m + v.exp() * torch.randn_like(m)), "exp(log σ²) as σ", "sigma-var-for-sigma"),
    (reparameterized(lambda m, v: m + v * torch.randn_like(m)), "log σ² as σ", "sigma-log-var-for-sigma"),
    (reparameterized(lambda m, v: m + 0.5 * v * torch.randn_like(m)), "exp missing", "sigma-half-log-var-for-sigma"),
    (reparameterized(lambda m, v: m + softplus(v) * torch.randn_like(m)), "softplus", "sigma-softplus"),
    (reparameterized(lambda m, v: m + v.sqrt() * torch.randn_like(m)), "√log σ²", "sigma-root-of-log"),
    (reparameterized(lambda m, v: m + torch.randn_like(v)), "σ left out", "sigma-one"),
    (reparameterized(lambda m, v: m + 0 * v), "no noise", "noise-none"),
    (reparameterized(lambda m, v: m + torch.exp(v / 2) * torch.rand_like(m)), "uniform ε", "noise-rand"),
    (reparameterized(lambda m, v: torch.exp(v / 2) * torch.randn_like(m)), "μ forgotten", "mean-missing"),
    (reparameterized(lambda m, v: torch.exp(v / 2) + m * torch.randn_like(m)), "μ and σ swapped", "swapped"),
    (
        reparameterized(lambda m, v: m + torch.exp(v / 2) * torch.randn(len(m), 1)),
        "ε [B, 1]",
        "noise-shared-by-latents",
    ),
    (
        reparameterized(lambda m, v: m + torch.exp(v / 2) * torch.randn(1, m.shape[1])),
        "ε [1, d]",
        "noise-shared-by-rows",
    ),
    (reparameterized(lambda m, v: m + torch.exp(v / 2) * torch.randn(1)), "ε a number", "noise-single"),
    (reparameterized(detached_z), "z detached", "no-gradient"),
    (reparameterized(lambda m, v: torch.normal(m, torch.exp(v / 2))), "torch.normal", "z-detached"),
    (reparameterized(half_detached_z), "σ detached", "no-gradient"),
    (with_loss(loss_pixel_mean), "mean over pixels", "mean-over-pixels"),
    (with_kl(lambda m, v: kld_rows(m, v) / m.shape[1]), "KL averaged", "mean-over-latents"),
    (with_loss(loss_all_means), "means everywhere", "mean-over-pixels+mean-over-latents"),
    (with_loss(loss_mean_and_sum), "pixel mean, KL sum", "kl-summed-over-batch+mean-over-pixels"),
    (with_loss(loss_sums), "sum over the batch", "batch-summed"),
    (with_loss(loss_kl_summed), "KL summed over the batch", "kl-summed-over-batch"),
    (with_loss(loss_bce_summed), "BCE summed over the batch", "cross-entropy-summed-over-batch"),
    (with_loss(loss_rows), "one loss an image", "batch-not-averaged"),
    (with_loss(loss_is_elbo), "ELBO for J", "sign"),
    (with_loss(loss_minus_kl), "KL's sign", "kl-subtracted"),
    (with_loss(loss_without_kl), "KL ignored", "kl-missing"),
    (with_loss(loss_kl_only), "KL only", "reconstruction-missing"),
    (with_kl(lambda m, v: 2 * kld_rows(m, v)), "½ missing", "kl-half-missing"),
    (with_kl(lambda m, v: kld_rows(m, v) / 2), "½ twice", "kl-half-twice"),
    (with_kl(lambda m, v: 0.5 * (m**2 + v.exp().detach() - 1 - v).sum(1)), "σ² detached in the KL", "kl-var-detached"),
    (own(decode=lambda self, z: torch.tanh(Own.decode(self, z))), "tanh in decode", "tanh"),
    (own(encode=lambda self, x: Own.encode(self, 0 * x)), "x not used", "the-same"),
    (own(decode=lambda self, z: Own.decode(self, 0 * z)), "z not used", "the-same"),
    (with_kl(kl_half_on_mu), "½ on μ² only", "kl-half-on-mean"),
    (with_kl(kl_half_on_sigma), "½ not on μ²", "kl-half-on-var-one-log"),
    (with_kl(kl_one_once), "−1 once", "kl-one-once"),
    (with_kl(kl_std_is_exp), "exp(log σ²) as σ in the KL", "kl-read-as-log-sd"),
    (with_kl(kl_std_is_log_var), "log σ² as σ in the KL", "kl-read-as-sd"),
    (with_loss(loss_sigmoid_twice), "sigmoid before logits loss", "sigmoid-twice"),
    (with_loss(loss_swapped), "cross-entropy swapped", "swapped"),
    (with_loss(loss_mse), "MSE", "squared-error"),
    (with_loss(loss_mse_of_logits), "MSE of logits", "squared-error-of-logits"),
    (with_loss(loss_detached_kl), "log_var detached", "no-gradient"),
    (own(decode=lambda self, z: torch.sigmoid(Own.decode(self, z))), "sigmoid in decode", "sigmoid"),
    (own(decode=lambda self, z: Own.decode(self, z).relu()), "ReLU after decode", "never-negative"),
    (
        own(encode=lambda self, x: (Own.encode(self, x)[0], Own.encode(self, x)[1].exp())),
        "σ² for log σ²",
        "never-negative",
    ),
    (OneHead, "one head", "one-head"),
    (UnusedLayer, "unused layer", "unused"),
    (PlainList, "layers in a plain list", "not-a-parameter"),
    (NewInEveryCall, "a layer made anew in every call", "rows-mixed"),
    (NoDecode, "no decode", "no-method"),
    (Own, "joint head, sums over everything", ""),
    (InDistributions, "torch.distributions, softplus, two heads, float64 loss", ""),
    (KeepsItsResults, "results kept as attributes", ""),
    (RowByRow, "matrices and loops", ""),
    (WithDropout, "batch norm and dropout", ""),
    (Lazy, "a lazy layer", ""),
    (own(decode=lambda self, z: Own.decode(self, z.detach())), "decode(z.detach())", "no-gradient"),
    (own(encode=encode_half_detached), "log σ² from a detached layer", "gradient-lost"),
    (own(reparameterize=mean_at_test_time), "μ at test time", "noise-none"),
    (reparameterized(lambda m, v: m + torch.exp(v / 2) * torch.randn_like(m).sign()), "coins", "noise-coins"),
    (
        reparameterized(lambda m, v: m + torch.exp(v / 2) * math.sqrt(12) * (torch.rand_like(m) - 0.5)),
        "uniform noise, stretched",
        "noise-rand-stretched",
    ),
    (with_loss(bce_of_probabilities), "cut off at −100", "cut-off-at-100"),
    (with_loss(clamped_loss), "probabilities clamped", "clamped-6"),
    (with_loss(beta_loss), "β = 4", "what-is"),
    (Own(3, 4, 2), "an instance", "instance"),
    (own(decode=lambda self, z: leaky_relu(Own.decode(self, z))), "leaky ReLU after decode", "hardly-negative"),
    (own(decode=lambda self, z: 10 * torch.tanh(Own.decode(self, z))), "10 tanh in decode", "bounded"),
    (own(decode=lambda self, z: dropout(Own.decode(self, z), 0.2, self.training)), "dropout on the logits", "dropped"),
    (starting_at_zero("hidden", "out", "back", "pixels"), "all weights start at 0", "starts-the-same"),
    (starting_at_zero("pixels"), "the last layer starts at 0", "starts-the-same"),
    (starting_at_zero("out"), "the heads start at 0: q is the prior", ""),
    (with_loss(free_bits), "free bits of a latent", "free-bits-0.2"),
]

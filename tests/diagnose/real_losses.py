"""Losses of public repositories, and what was worked out of each by hand, at its own default sizes and weights.

Every loss was written anew from the source that its case names: the same arithmetic, reductions, arguments and returns.
What was left out (networks, logging, a discriminator) is told in `by_hand`. A loss that nobody could call with
tensors alone stands by the line that its reader should be told to paste, and most of them also as they are.
"""

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn
from torch.distributions import Bernoulli, NegativeBinomial, Normal, kl_divergence

from diagnose.case import Case


def kl_per_latent(mu, log_var):
    """The KL of N(mu, exp(log_var)) from N(0, 1), which most of the sources spell out."""
    return -0.5 * (1 + log_var - mu**2 - log_var.exp())


# pytorch/examples, and the pull request that corrects it for grey pixels


def pytorch_examples(recon_x, x, mu, logvar):
    BCE = F.binary_cross_entropy(recon_x, x.view(-1, 784), reduction="sum")
    KLD = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return BCE + KLD


def log_constant(lam):
    """log C(λ) of the continuous Bernoulli, by its Taylor series between 0.49 and 0.51."""
    outside = (lam <= 0.49) | (lam > 0.51)
    cut = torch.where(outside, lam, torch.full_like(lam, 0.49))
    exact = (torch.log(1 - cut) - torch.log(cut)).abs().log() - (1 - 2 * cut).abs().log()
    taylor = math.log(2) + 4 / 3 * (lam - 0.5) ** 2 + 104 / 45 * (lam - 0.5) ** 4
    return torch.where(outside, exact, taylor)


def pytorch_examples_683(recon_x, x, mu, logvar):
    NLNC = -torch.sum(log_constant(recon_x))
    return pytorch_examples(recon_x, x, mu, logvar) + NLNC


# AntixK/PyTorch-VAE: results = [recons, input, mu, log_var], the weight comes as the keyword M_N


def antixk_vanilla(*args, **kwargs):
    recons, input, mu, log_var = args[0], args[1], args[2], args[3]
    kld_weight = kwargs["M_N"]
    recons_loss = F.mse_loss(recons, input)
    kld_loss = torch.mean(kl_per_latent(mu, log_var).sum(dim=1), dim=0)
    loss = recons_loss + kld_weight * kld_loss
    return {"loss": loss, "Reconstruction_Loss": recons_loss.detach(), "KLD": -kld_loss.detach()}


class AntixKBetaVAE:
    """The class's own loss_type "B", with configs/bbvae.yaml."""

    num_iter = 0

    def __init__(self, gamma=10.0, max_capacity=25, Capacity_max_iter=10_000):
        self.gamma, self.C_max, self.C_stop_iter = gamma, torch.Tensor([max_capacity]), Capacity_max_iter

    def loss_function(self, *args, **kwargs):
        self.num_iter += 1
        recons, input, mu, log_var = args[0], args[1], args[2], args[3]
        recons_loss = F.mse_loss(recons, input)
        kld_loss = torch.mean(kl_per_latent(mu, log_var).sum(dim=1), dim=0)
        C = torch.clamp(self.C_max / self.C_stop_iter * self.num_iter, 0, self.C_max.item())
        loss = recons_loss + self.gamma * kwargs["M_N"] * (kld_loss - C).abs()
        return {"loss": loss, "Reconstruction_Loss": recons_loss, "KLD": kld_loss}


antixk_beta_young = AntixKBetaVAE()
antixk_beta_grown = AntixKBetaVAE()
antixk_beta_grown.num_iter = 10_000


def antixk_logcosh(*args, alpha=10.0, beta=1.0, **kwargs):
    recons, input, mu, log_var = args[0], args[1], args[2], args[3]
    t = recons - input
    recons_loss = alpha * t + torch.log(1.0 + torch.exp(-2 * alpha * t)) - math.log(2.0)
    recons_loss = (1.0 / alpha) * recons_loss.mean()
    kld_loss = torch.mean(kl_per_latent(mu, log_var).sum(dim=1), dim=0)
    loss = recons_loss + beta * kwargs["M_N"] * kld_loss
    return {"loss": loss, "Reconstruction_Loss": recons_loss, "KLD": -kld_loss}


# keras-io: images [B, 28, 28, 1]; Keras takes the mean over the last axis


def keras_binary_crossentropy(target, output):
    output = output.clamp(1e-7, 1 - 1e-7)
    return -(target * output.log() + (1 - target) * (1 - output).log()).mean(dim=-1)


def keras_io(data, reconstruction, z_mean, z_log_var):
    reconstruction_loss = keras_binary_crossentropy(data, reconstruction).sum(dim=(1, 2)).mean()
    kl_loss = kl_per_latent(z_mean, z_log_var).sum(dim=1).mean()
    total_loss = reconstruction_loss + kl_loss
    return {"loss": total_loss, "reconstruction_loss": reconstruction_loss, "kl_loss": kl_loss}


# pythae (clementchadebec/benchmark_VAE), reconstruction_loss = "mse"


def half_squared_error(recon_x, x):
    flat = (x.shape[0], -1)
    return 0.5 * F.mse_loss(recon_x.reshape(flat), x.reshape(flat), reduction="none").sum(dim=-1)


def pythae_vae(recon_x, x, mu, log_var, z):
    recon_loss = half_squared_error(recon_x, x)
    KLD = kl_per_latent(mu, log_var).sum(dim=-1)
    return (recon_loss + KLD).mean(dim=0), recon_loss.mean(dim=0), KLD.mean(dim=0)


def pythae_disentangled(recon_x, x, mu, log_var, z, epoch, beta=10.0, C=50.0, warmup_epoch=25):
    recon_loss = half_squared_error(recon_x, x)
    KLD = kl_per_latent(mu, log_var).sum(dim=-1)
    KLD_diff = torch.abs(KLD - C * min(epoch / (warmup_epoch + 1), 1))
    return (recon_loss + beta * KLD_diff).mean(dim=0), recon_loss.mean(dim=0), KLD.mean(dim=0)


# 1Konny/Beta-VAE: x before x_recon, and totals of shape [1]


def konny_reconstruction_loss(x, x_recon, distribution):
    if distribution == "bernoulli":
        return F.binary_cross_entropy_with_logits(x_recon, x, reduction="sum").div(x.size(0))
    return F.mse_loss(torch.sigmoid(x_recon), x, reduction="sum").div(x.size(0))


def konny_celeba(x, x_recon, mu, logvar, beta=4):
    total_kld = kl_per_latent(mu, logvar).sum(1).mean(0, True)
    return konny_reconstruction_loss(x, x_recon, "gaussian") + beta * total_kld


def konny_dsprites(x, x_recon, mu, logvar, global_iter=1e5, gamma=100, C_max=20, C_stop_iter=1e5):
    total_kld = kl_per_latent(mu, logvar).sum(1).mean(0, True)
    C = torch.clamp(torch.tensor([C_max / C_stop_iter * global_iter]), 0, C_max)
    return konny_reconstruction_loss(x, x_recon, "bernoulli") + gamma * (total_kld - C).abs()


# YannDubs/disentangling-vae: (data, recon_data, latent_dist, is_train, storer)


class DisvaeLoss:
    def __init__(self, rec_dist="bernoulli", steps_anneal=10_000):
        self.n_train_steps, self.rec_dist, self.steps_anneal = 0, rec_dist, steps_anneal

    def annealed(self, init, fin, is_train):
        self.n_train_steps += is_train
        return min(init + (fin - init) * self.n_train_steps / self.steps_anneal, fin) if is_train else fin

    def reconstruction(self, data, recon_data):
        batch_size, _n_chan, _height, _width = recon_data.size()
        if self.rec_dist == "bernoulli":
            return F.binary_cross_entropy(recon_data, data, reduction="sum") / batch_size
        loss = F.l1_loss(recon_data, data, reduction="sum") * 3
        return loss * (loss != 0) / batch_size


class BetaBLoss(DisvaeLoss):
    def __call__(self, data, recon_data, latent_dist, is_train, storer):
        kl_loss = kl_per_latent(*latent_dist).mean(dim=0).sum()
        C = self.annealed(0, 25, is_train)
        loss = self.reconstruction(data, recon_data) + 100 * (kl_loss - C).abs()
        if storer is not None:
            storer["loss"].append(loss.item())
        return loss


class BetaHLoss(DisvaeLoss):
    def __call__(self, data, recon_data, latent_dist, is_train, storer):
        kl_loss = kl_per_latent(*latent_dist).mean(dim=0).sum()
        return self.reconstruction(data, recon_data) + self.annealed(0, 1, is_train) * (4 * kl_loss)


disvae_beta_b, disvae_laplace = BetaBLoss(), BetaHLoss(rec_dist="laplace")


# orybkin/sigma-vae-pytorch: (rec, kl), both summed over everything, but "mse_vae" takes the mean of one


def softclip(tensor, min):
    return min + F.softplus(tensor - min)


def gaussian_nll(mu, log_sigma, x):
    return 0.5 * ((x - mu) / log_sigma.exp()) ** 2 + log_sigma + 0.5 * math.log(2 * math.pi)


class SigmaVAE(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model
        self.log_sigma = nn.Parameter(torch.tensor(0.0)) if model == "sigma_vae" else 0

    def reconstruction_loss(self, x_hat, x):
        log_sigma = self.log_sigma
        if self.model == "optimal_sigma_vae":
            log_sigma = ((x - x_hat) ** 2).mean([0, 1, 2, 3], keepdim=True).sqrt().log()
            self.log_sigma = log_sigma.item()
        return gaussian_nll(x_hat, softclip(log_sigma, -6), x).sum()

    def loss_function(self, recon_x, x, mu, logvar):
        rec = nn.MSELoss()(recon_x, x) if self.model == "mse_vae" else self.reconstruction_loss(recon_x, x)
        kl = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
        return rec, kl


# timbmg/Sentence-VAE: words [B, T], log-probabilities [B, T, V]; (sum, sum, a weight)


def sentence_vae(logp, target, length, mean, logv, anneal_function, step, k, x0):
    target = target[:, : int(length.max())].reshape(-1)
    NLL_loss = F.nll_loss(logp.view(-1, logp.size(2)), target, ignore_index=0, reduction="sum")
    KL_loss = -0.5 * torch.sum(1 + logv - mean.pow(2) - logv.exp())
    KL_weight = 1 / (1 + math.exp(-k * (step - x0))) if anneal_function == "logistic" else min(1, step / x0)
    return NLL_loss, KL_loss, KL_weight


def sentence_vae_pasted(logp, target, mean, logv):
    length = torch.tensor([target.size(1)])
    nll, kl, weight = sentence_vae(logp, target, length, mean, logv, "logistic", step=2500, k=0.0025, x0=2500)
    return (nll + weight * kl) / target.size(0)


# CompVis/latent-diffusion, AutoencoderKL: a posterior as an object, latents that are images


class DiagonalGaussianDistribution:
    def __init__(self, parameters):
        self.mean, logvar = torch.chunk(parameters, 2, dim=1)
        self.logvar = torch.clamp(logvar, -30.0, 20.0)
        self.var = torch.exp(self.logvar)

    def kl(self):
        return 0.5 * (self.mean**2 + self.var - 1.0 - self.logvar).sum(dim=[1, 2, 3])


class LatentDiffusionLoss(nn.Module):
    def __init__(self, logvar_init=0.0, kl_weight=1e-6):
        super().__init__()
        self.kl_weight = kl_weight
        self.logvar = nn.Parameter(torch.ones(size=()) * logvar_init)

    def forward(self, inputs, reconstructions, posteriors, optimizer_idx, global_step, split="train", weights=None):
        rec_loss = (inputs - reconstructions).abs()
        nll_loss = rec_loss / torch.exp(self.logvar) + self.logvar
        if weights is not None:
            nll_loss = weights * nll_loss
        kl_loss = posteriors.kl().sum() / inputs.shape[0]
        loss = nll_loss.sum() / inputs.shape[0] + self.kl_weight * kl_loss
        return loss, {f"{split}/total_loss": loss.detach(), f"{split}/kl_loss": kl_loss.detach()}


latent_diffusion = LatentDiffusionLoss()


def latent_diffusion_pasted(x_hat, x, mu, log_var):
    posterior = DiagonalGaussianDistribution(torch.cat([mu, log_var], dim=1))
    return latent_diffusion(x, x_hat, posterior, 0, 0)[0]


# World models: ctallec's in PyTorch with log σ, hardmaru's in TensorFlow with free bits


def ctallec_world_models(recon_x, x, mu, logsigma):
    BCE = F.mse_loss(recon_x, x, reduction="sum")
    KLD = -0.5 * torch.sum(1 + 2 * logsigma - mu.pow(2) - (2 * logsigma).exp())
    return BCE + KLD


def hardmaru_world_models(x, y, mu, logvar, kl_tolerance=0.5, z_size=32):
    r_loss = torch.square(x - y).sum(dim=(1, 2, 3)).mean()
    kl_loss = kl_per_latent(mu, logvar).sum(dim=1)
    kl_loss = kl_loss.clamp(min=kl_tolerance * z_size).mean()
    return r_loss + kl_loss


# One draw of z in the place of the KL: TensorFlow's tutorial, and what Pyro's Trace_ELBO makes of its example


def log_normal_pdf(sample, mean, logvar):
    log2pi = math.log(2.0 * math.pi)
    return (-0.5 * ((sample - mean) ** 2.0 * torch.exp(-logvar) + logvar + log2pi)).sum(dim=1)


def tensorflow_terms(x_logit, x, z, mean, logvar):
    cross_ent = F.binary_cross_entropy_with_logits(x_logit, x, reduction="none")
    logpx_z = -cross_ent.sum(dim=(1, 2, 3))
    logpz = log_normal_pdf(z, torch.zeros(()), torch.zeros(()))
    logqz_x = log_normal_pdf(z, mean, logvar)
    return -torch.mean(logpx_z + logpz - logqz_x)


def tensorflow_cvae(model, x):
    mean, logvar = model.encode(x)
    z = model.reparameterize(mean, logvar)
    return tensorflow_terms(model.decode(z), x, z, mean, logvar)


def pyro_vae(loc_img, x, z, z_loc, z_scale):
    obs = Bernoulli(loc_img, validate_args=False).log_prob(x.reshape(-1, 784)).sum()
    model = obs + Normal(torch.zeros_like(z_loc), torch.ones_like(z_loc)).log_prob(z).sum()
    guide = Normal(z_loc, z_scale).log_prob(z).sum()
    return -(model - guide)


# JAX: Haiku hands on σ² and x before the logits; Flax takes the logarithm of 1 − p by hand


def haiku_vae(image, mean, var, logits):
    log_likelihood = (image * logits - torch.logaddexp(torch.zeros(()), logits)).flatten(1).sum(-1)
    kl = 0.5 * torch.sum(-torch.log(var) - 1.0 + var + torch.square(mean), dim=-1)
    return -torch.mean(log_likelihood - kl)


def flax_vae(recon_x, x, mean, logvar):
    logits = F.logsigmoid(recon_x)
    bce_loss = -(x * logits + (1.0 - x) * torch.log(-torch.expm1(logits))).flatten(1).sum(-1).mean()
    kld_loss = kl_per_latent(mean, logvar).sum(-1).mean()
    return {"bce": bce_loss, "kld": kld_loss, "loss": bce_loss + kld_loss}


# Lightning Bolts: means over everything; the KL that it logs already holds its weight


def lightning_bolts(x_hat, x, mu, log_var, kl_coeff=0.1):
    p = Normal(torch.zeros_like(mu), torch.ones_like(mu))
    q = Normal(mu, torch.exp(log_var / 2))
    q.rsample()  # z, which the decoder takes
    recon_loss = F.mse_loss(x_hat, x, reduction="mean")
    kl = kl_divergence(q, p).mean() * kl_coeff
    loss = kl + recon_loss
    return loss, {"recon_loss": recon_loss, "kl": kl, "loss": loss}


# The batch size written in: 64, once as a global, once as the model's


def wiseodd(X_sample, X, z_mu, z_var, mb_size=64):
    recon_loss = F.binary_cross_entropy(X_sample, X, reduction="sum") / mb_size
    kl_loss = torch.mean(0.5 * torch.sum(torch.exp(z_var) + z_mu**2 - 1.0 - z_var, 1))
    return recon_loss + kl_loss


class DisentanglementPyTorch:
    batch_size, w_recon, w_kld = 64, 1.0, 1.0

    def loss_fn(self, input_losses, **kwargs):
        x_recon, x_true, mu, logvar = kwargs["x_recon"], kwargs["x_true"], kwargs["mu"], kwargs["logvar"]
        output_losses = {"total_vae": input_losses.get("total_vae", 0)}
        recon = F.binary_cross_entropy(x_recon, x_true, reduction="sum") / self.batch_size * self.w_recon
        output_losses["recon"] = recon
        output_losses["total_vae"] += output_losses["recon"]
        output_losses["kld"] = kl_per_latent(mu, logvar).sum(1).mean() * self.w_kld
        output_losses["total_vae"] += output_losses["kld"]
        return output_losses


disentanglement_pytorch = DisentanglementPyTorch()


# jxhe/vae-lagging-encoder, images: one number per image, three times


def lagging_encoder(x, recon_x, mu, logvar, kl_weight=1.0):
    eps, x_flat, recon_x = 1e-12, x.view(x.size(0), -1), recon_x.view(x.size(0), -1)
    log_p = (recon_x + eps).log() * x_flat + (1.0 - recon_x + eps).log() * (1.0 - x_flat)
    reconstruct_err = -log_p.sum(dim=1)
    KL = 0.5 * (mu.pow(2) + logvar.exp() - logvar - 1).sum(dim=1)
    return reconstruct_err + kl_weight * KL, reconstruct_err, KL


# scvi-tools: dictionaries of distributions, counts, a second latent for the library


class LossOutput(NamedTuple):
    loss: torch.Tensor
    reconstruction_loss: torch.Tensor
    kl_local: dict


def scvi_vae(tensors, inference_outputs, generative_outputs, kl_weight=1.0):
    x = tensors["X"]
    kl_z = kl_divergence(inference_outputs["qz"], generative_outputs["pz"]).sum(dim=-1)
    kl_l = torch.zeros_like(kl_z)  # the library is observed
    reconst_loss = -generative_outputs["px"].log_prob(x).sum(-1)
    loss = torch.mean(reconst_loss + kl_weight * kl_z + kl_l)
    return LossOutput(loss, reconst_loss, {"kl_divergence_l": kl_l, "kl_divergence_z": kl_z})


def scvi_vae_pasted(x_hat, x, mu, log_var):
    px = NegativeBinomial(total_count=10.0, logits=x_hat.log() - math.log(10.0), validate_args=False)
    outputs = {"pz": Normal(torch.zeros_like(mu), torch.ones_like(mu)), "px": px}
    return scvi_vae({"X": x}, {"qz": Normal(mu, torch.exp(0.5 * log_var))}, outputs).loss


# NVlabs/NVAE with one group of latents, MNIST


class NVAENormal:
    def __init__(self, mu, log_sigma):
        self.mu = 5.0 * torch.tanh(mu / 5.0)
        self.sigma = torch.exp(5.0 * torch.tanh(log_sigma / 5.0)) + 1e-2

    def kl(self, other):
        step, ratio = (self.mu - other.mu) / other.sigma, self.sigma / other.sigma
        return 0.5 * (step**2 + ratio**2 - 1) - ratio.log()


def nvae(logits, x, mu_q, log_sig_q, kl_coeff=1.0):
    recon = Bernoulli(logits=logits).log_prob(x)[:, :, 2:30, 2:30]
    prior = NVAENormal(torch.zeros_like(mu_q), torch.zeros_like(mu_q))
    kl = torch.sum(NVAENormal(mu_q, log_sig_q).kl(prior), dim=[1, 2, 3])
    return torch.mean(-torch.sum(recon, dim=[1, 2, 3]) + kl_coeff * kl)


ANTIXK = "AntixK/PyTorch-VAE, {}, a6896b944c918dd7030e7d795a8c13e5c6345ec7"
PYTHAE = "clementchadebec/benchmark_VAE, src/pythae/models/{}, 6419e21558f2a6abc2da99944bddda846ded30f4"
KONNY = "1Konny/Beta-VAE, {}, 977a1ece88e190dd8a556b4e2efb665f759d0772"
DISVAE = (
    "YannDubs/disentangling-vae, disvae/models/losses.py with hyperparam.ini, f0452191bab6d94eba0b4e6a065f74dcfd54ac52"
)
SIGMA = "orybkin/sigma-vae-pytorch, model.py and train_vae.py, 4748a3ac1686316292607f40192c7ec2ded09893"
SENTENCE = "timbmg/Sentence-VAE, train.py, 4e2c7009ff36677c40d0b252400f68a5ea114078"
LDM = (
    "CompVis/latent-diffusion, ldm/modules/losses/contperceptual.py and distributions/distributions.py with "
    "configs/autoencoder/autoencoder_kl_32x32x4.yaml, a506df5756472e2ebaf9078affdde2c4f1502cd4"
)
TENSORFLOW = "tensorflow/docs, site/en/tutorials/generative/cvae.ipynb, 7c3650212740204359d4ceae481abc79345541be"
SCVI = "scverse/scvi-tools, src/scvi/module/_vae.py, 93dc4fae21917406673206320c8a3002433c4a5d"

CELEBA = {"data_dim": (3, 64, 64), "latent_dim": 128}

CASES = [
    Case(
        loss=pytorch_examples,
        family="bernoulli",
        batch=("sum", "sum"),
        says=("reads probabilities", "both terms are summed over the batch: divide by len(x)", "its pixels are grey"),
        source="pytorch/examples, vae/main.py, 77f55b912142e11fcfdf5b530231fb9c52f181e8",
        by_hand="784 is written in. Σ_i CE_i + Σ_i KL_i = B·(mean CE + mean KL): a = 1, b = 1, β = b/a = 1.",
    ),
    Case(
        loss=pytorch_examples_683,
        family="continuous bernoulli",
        batch=("sum", "sum"),
        says=(
            "reads probabilities",
            "both terms are summed over the batch: divide by len(x)",
            "the model clamps x_hat to 1e-4 … 1 − 1e-4: at 0 and at 1 the constant is infinite",
        ),
        source="pytorch/examples, pull request 683 (closed), vae/main.py, 0a8329cff339f4195f4c893780c18caaa51ee732",
        by_hand="−log p = CE − log C(λ) a pixel, C(λ) = 2 artanh(1 − 2λ)/(1 − 2λ). a = 1, b = 1: β = 1.",
    ),
    Case(
        loss=antixk_vanilla,
        family=None,
        beta=None,
        settings=CELEBA,
        says=("paste: lambda x_hat, x, mu, log_var: loss_function(x_hat, x, mu, log_var, M_N=0.00025)",),
        source=ANTIXK.format("models/vanilla_vae.py"),
        by_hand="β and σ_x² go with M_N, which nobody can know from the loss: no answer without it.",
    ),
    Case(
        loss=lambda x_hat, x, mu, log_var: antixk_vanilla(x_hat, x, mu, log_var, M_N=0.00025),
        family="gaussian",
        noise_var=1.536,
        pixels="mean",
        settings=CELEBA,
        says=("a dictionary: the total is under 'loss', and its 'KLD' is minus the KL",),
        source=ANTIXK.format("models/vanilla_vae.py with configs/vae.yaml and experiment.py"),
        by_hand="D = 3·64·64 = 12288. a = 1/D, b = 0.00025: σ_x² = b/(2a) = 0.00025·12288/2 = 1.536, β = 1.",
    ),
    Case(
        loss=lambda x_hat, x, mu, log_var: antixk_beta_young.loss_function(x_hat, x, mu, log_var, M_N=0.00025),
        family=None,
        beta=None,
        settings=CELEBA,
        says=(
            "it gives another number at every call: the capacity C = 0.0025·(calls so far) grows up to 25 nats",
            "paste before: model.num_iter = 10_000 (where the training ends)",
        ),
        source=ANTIXK.format("models/beta_vae.py with configs/bbvae.yaml"),
        by_hand="MSE + 10·0.00025·|KL − C|, C = 25/10000·num_iter; num_iter += 1 at every call.",
    ),
    Case(
        loss=lambda x_hat, x, mu, log_var: antixk_beta_grown.loss_function(x_hat, x, mu, log_var, M_N=0.00025),
        family="gaussian",
        noise_var=15.36,
        pixels="mean",
        floor=("capacity", 25.0),
        settings=CELEBA,
        says=("a dictionary with 'loss', of shape [1]", "below 25 nats it pays for more KL"),
        source=ANTIXK.format("models/beta_vae.py with configs/bbvae.yaml"),
        by_hand="a = 1/12288, b = 10·0.00025 = 0.0025 above C = 25: σ_x² = 0.0025·12288/2 = 15.36. num_iter ≥ 10000.",
    ),
    Case(
        loss=lambda x_hat, x, mu, log_var: antixk_logcosh(x_hat, x, mu, log_var, M_N=0.00025),
        family=None,
        beta=None,
        settings=CELEBA,
        says=(
            "log cosh: neither Gaussian nor Laplace, between the two",
            "in single precision it is ∞ where 20·(x − x_hat) > 88.7: residuals of 4.44 (the class's own alpha: 0.444)",
        ),
        source=ANTIXK.format("models/logcosh_vae.py with configs/logcosh_vae.yaml"),
        by_hand="(1/α) log cosh(αt), averaged: ½αt² for small t, |t| − log(2)/α for large: no family's error.",
    ),
    Case(
        loss=keras_io,
        family="bernoulli",
        right=True,
        settings={"data_dim": (28, 28, 1), "latent_dim": 2},
        says=(
            "x before x_hat",
            "reads probabilities",
            "Keras averages over the last axis: with 3 channels the same lines would be a third of the cross-entropy",
        ),
        source="keras-team/keras-io, examples/generative/vae.py, 09e02e17d5cbf21ecf8a47f10d91587f963fc80a",
        by_hand="Mean over 1 channel, sum over 28·28: CE whole. a = 1, b = 1, both averaged over the batch: β = 1.",
    ),
    Case(
        loss=pythae_vae,
        family="gaussian",
        noise_var=1.0,
        right=True,
        says=("z is asked for and not used", "a triple: total, reconstruction, KL"),
        source=PYTHAE.format("vae/vae_model.py"),
        by_hand="a = 0.5, b = 1: σ_x² = b/(2a) = 1, β = 1; its get_nll takes σ_x = 1 too, with the constant.",
    ),
    Case(
        loss=pythae_disentangled,
        family=None,
        beta=None,
        says=("paste: lambda x_hat, x, mu, log_var: loss_function(x_hat, x, mu, log_var, z=None, epoch=25)[0]",),
        source=PYTHAE.format("disentangled_beta_vae/disentangled_beta_vae_model.py"),
        by_hand="The capacity goes with the epoch: C = 50·min(epoch/26, 1).",
    ),
    Case(
        loss=lambda x_hat, x, mu, log_var: pythae_disentangled(x_hat, x, mu, log_var, z=None, epoch=25)[0],
        family="gaussian",
        noise_var=10.0,
        floor=("capacity", 50 * 25 / 26),
        says=("|KL − C| is of every image, not of the batch's mean", "below 48.08 nats an image pays for more KL"),
        source=PYTHAE.format("disentangled_beta_vae/disentangled_beta_vae_model.py"),
        by_hand="a = 0.5, b = 10 above C: σ_x² = 10/(2·0.5) = 10. epoch = warmup_epoch = 25: C = 50·25/26 = 48.0769.",
    ),
    Case(
        loss=konny_celeba,
        family=None,
        beta=None,
        says=(
            "x before x_hat",
            "shape [1]",
            "a squared error of sigmoid(x_hat): hand in the probabilities, then σ_x² = 4/2 = 2",
        ),
        source=KONNY.format("solver.py with the defaults of main.py"),
        by_hand="SE of sigmoid(x_hat), a = 1, b = 4. In x_hat itself it is no squared error.",
    ),
    Case(
        loss=konny_dsprites,
        family="bernoulli",
        beta=100.0,
        floor=("capacity", 20.0),
        says=("x before x_hat", "reads logits", "shape [1]", "below 20 nats it pays for more KL"),
        source=KONNY.format("solver.py with run_dsprites_B_gamma100_z10.sh"),
        by_hand="a = 1, b = γ = 100 above C = 20 (from iteration 10⁵ on): β = 100.",
    ),
    Case(
        loss=disvae_beta_b,
        family=None,
        beta=None,
        says=(
            "paste: lambda x_hat, x, mu, log_var: loss_f(x, x_hat, (mu, log_var), is_train=False, storer=None)",
            "the model's mean and log σ² come as one pair",
        ),
        source=DISVAE,
        by_hand="Five arguments, none of them optional: a pair, a flag and a dictionary of lists.",
    ),
    Case(
        loss=lambda x_hat, x, mu, log_var: disvae_beta_b(x, x_hat, (mu, log_var), is_train=False, storer=None),
        family="bernoulli",
        beta=100.0,
        floor=("capacity", 25.0),
        says=("reads probabilities", "wants images: [B, C, H, W]", "below 25 nats it pays for more KL"),
        source=DISVAE,
        by_hand="a = 1, b = γ = 100 above C = 25 (betaB_finC: not in training): β = 100.",
    ),
    Case(
        loss=lambda x_hat, x, mu, log_var: disvae_laplace(x, x_hat, (mu, log_var), is_train=False, storer=None),
        family="laplace",
        scale=4 / 3,
        says=("wants images: [B, C, H, W]", "L1 is a Laplace without its constant"),
        source=DISVAE,
        by_hand="betaH with rec_dist = laplace: 3·Σ|r| + 4·KL: a = 3, b = 4, scale = b/a = 4/3, β = 1.",
    ),
    Case(
        loss=SigmaVAE("optimal_sigma_vae").loss_function,
        family="gaussian, optimal σ_x",
        batch=("sum", "sum"),
        says=(
            "a pair: the sum is what is trained",
            "σ_x is one number for the whole batch, so an image's error goes with the others' in the batch",
            "wants images: [B, C, H, W]",
            "where x_hat = x the number is finite (soft clip) and its gradient is not (of log 0)",
        ),
        source=SIGMA,
        by_hand="Σ(½r²/s² + log s) = BD/2 + (BD/2) log MSE + …, b = 1 on Σ_i KL_i: β = 1·(D/2)/(D/2) = 1. "
        "The soft clip, log s = −6 + softplus(log s₀ + 6), changes the slope by 0.001 % at s₀ = 1, 0.1 % at s₀ = 0.1.",
    ),
    Case(
        loss=SigmaVAE("sigma_vae").loss_function,
        family="gaussian",
        noise_var=math.exp(2 * (-6 + math.log1p(math.exp(6)))),  # 1.0049638
        batch=("sum", "sum"),
        says=("learned", "a pair: the sum is what is trained", "both terms are summed over the batch"),
        source=SIGMA,
        by_hand="log σ_x = −6 + softplus(0 + 6) = 0.0024757, σ_x² = 1.00496 and not 1. "
        "a = 1/(2σ_x²), b = 1, constant in: β = b/(2aσ_x²) = 1.",
    ),
    Case(
        loss=SigmaVAE("mse_vae").loss_function,
        family="gaussian",
        noise_var=1176.0,
        batch=("mean", "sum"),
        pixels="mean",
        per_batch=1,
        settings={"data_dim": (3, 28, 28), "latent_dim": 20},
        says=("one term is averaged over the batch and the other summed", "σ_x² = 150528 at B = 128: a collapse"),
        source=SIGMA,
        by_hand="D = 3·28·28 = 2352. SE̅/D + B·KL̅ (both means over the batch): a = 1/D, b = B: σ_x² = B·D/2 = 1176·B.",
    ),
    Case(
        loss=sentence_vae,
        family=None,
        beta=None,
        says=(
            "paste: def my_loss(logp, target, mean, logv): nll, kl, w = loss_fn(…, step=2500, …); "
            "return (nll + w * kl) / len(target)",
            "the third of the triple is a weight: its three numbers must not be added",
        ),
        source=SENTENCE,
        by_hand="Nine arguments, one the step: the KL's weight is 1/(1 + exp(−k(step − x0))).",
    ),
    Case(
        loss=sentence_vae_pasted,
        family="categorical",
        beta=0.5,
        says=(
            "reads log-probabilities [B, T, V]",
            "x are words (integers), and word 0 (padding) is not counted",
            "β is that of step 2500: from 0.0019 at the start to 1",
        ),
        source=SENTENCE,
        by_hand="(Σ NLL + w ΣKL)/B, w = 1/(1 + e⁰) = 1/2 at step = x0 = 2500: a = 1, b = 0.5, β = 0.5.",
    ),
    Case(
        loss=latent_diffusion,
        family=None,
        beta=None,
        says=(
            "paste: lambda x_hat, x, mu, log_var: "
            "loss(x, x_hat, DiagonalGaussianDistribution(torch.cat([mu, log_var], dim=1)), 0, 0)[0]",
        ),
        source=LDM,
        by_hand="It takes a posterior object, the optimizer's number and the step.",
    ),
    Case(
        loss=latent_diffusion_pasted,
        family="laplace",
        beta=1e-6,
        scale=1.0,
        says=(
            "learned (a parameter of the loss; its constant lacks log 2 a pixel)",
            "wants latents that are images: [B, 4, 32, 32]",
            "the clamp of log σ² to −30 … 20 is harmless",
            "next to no KL is paid: an autoencoder with a little noise, whose samples need a second model",
        ),
        source=LDM,
        by_hand="No LPIPS, no discriminator. Σ|r|/e^s + D·s + 10⁻⁶·KL, s = logvar = 0: a = 1, b = 10⁻⁶, scale = 1, "
        "β = b/(a·scale) = 10⁻⁶. (No optimizer of autoencoder.py has logvar, so it stays 0. Read as fixed and without "
        "constant: scale = 10⁻⁶, β = 1.)",
    ),
    Case(
        loss=ctallec_world_models,
        family="gaussian",
        noise_var=0.5,
        batch=("sum", "sum"),
        fourth="log σ",
        says=("what is called BCE is a squared error", "both terms are summed over the batch: divide by len(x)"),
        source="ctallec/world-models, trainvae.py, d6abd9ce97409734a766eb67ccf0d1967ba9bf0c",
        by_hand="a = 1, b = 1: σ_x² = b/(2a) = 1/2, β = 1; the KL is right for log σ.",
    ),
    Case(
        loss=hardmaru_world_models,
        family="gaussian",
        noise_var=0.5,
        floor=("free bits per image", 16.0),
        says=("x before x_hat", "wants images: [B, H, W, C]", "below 16 nats an image's KL costs nothing"),
        source="hardmaru/WorldModelsExperiments, carracing/vae/vae.py, fd982b9691a941b52c6addbde29bc801ca6202c8",
        by_hand="a = 1, b = 1 above 0.5·32 = 16 nats an image (32 is written in): σ_x² = 1/2, β = 1.",
    ),
    Case(
        loss=tensorflow_cvae,
        family=None,
        beta=None,
        says=("it takes the model: paste a function of (x_hat, x, z, mu, log_var) with its last five lines",),
        source=TENSORFLOW,
        by_hand="Two arguments, the model and x: no x_hat to hand in.",
    ),
    Case(
        loss=tensorflow_terms,
        family="bernoulli",
        right=True,
        says=(
            "reads logits",
            "z is drawn: log q(z|x) − log p(z) is the KL on average only",
            "wants images: [B, H, W, C]",
        ),
        source=TENSORFLOW,
        by_hand="CE + log q(z|x) − log p(z), whose mean over z ~ q is KL; the batch averaged: a = 1, b = 1, β = 1.",
    ),
    Case(
        loss=pyro_vae,
        family="bernoulli",
        batch=("sum", "sum"),
        fourth="σ",
        says=(
            "reads probabilities",
            "z is drawn: log q(z|x) − log p(z) is the KL on average only",
            "both terms are summed over the batch (Pyro's plate): divide by len(x)",
        ),
        source="pyro-ppl/pyro, examples/vae/vae.py, pyro/infer/trace_elbo.py, ff6ae1c9572591791aae8842bcd702fcf0b46fd6",
        by_hand="−(log_prob_sum of model − of guide) = Σ CE + Σ (log q − log p): a = 1, b = 1, β = 1; z_scale is σ.",
    ),
    Case(
        loss=haiku_vae,
        family="bernoulli",
        right=True,
        fourth="σ²",
        says=("x, mu, σ², x_hat: x first, x_hat last", "reads logits"),
        source="google-deepmind/dm-haiku, examples/vae.py, f4d858a5cbb29140855d68f81f5fd625e078a5ae",
        by_hand="x·l − log(1 + eˡ) = −CE. a = 1, b = 1, averaged over the batch: β = 1. The KL takes σ².",
    ),
    Case(
        loss=flax_vae,
        family="bernoulli",
        right=True,
        says=(
            "a dictionary: the total is under 'loss'",
            "reads logits",
            "it breaks at logits of 103 in single precision: log σ(l) = 0 there, and log(−expm1(0)) = −∞",
        ),
        source="google/flax, examples/vae/train.py, 18f8f311c275d57f46d95e41b15aa97b454754c0",
        by_hand="log(−expm1(log p)) = log(1 − p): CE. a = 1, b = 1, averaged over the batch: β = 1.",
    ),
    Case(
        loss=lightning_bolts,
        family="gaussian",
        noise_var=0.6,
        pixels="mean",
        latents="mean",
        settings={"data_dim": (3, 32, 32), "latent_dim": 256},
        says=(
            "a pair of the total and a dictionary, in which 'kl' is 0.1 of the KL's mean: do not weigh it again",
            "it draws z and does not use it: only the random numbers go on",
        ),
        source="Lightning-Universe/lightning-bolts, src/pl_bolts/models/autoencoders/basic_vae/basic_vae_module.py, "
        "34958a8892d42714edf02ba896fd5861ebb3cb7e",
        by_hand="D = 3072, d = 256: a = 1/3072, b = 0.1/256: σ_x² = b/(2a) = 0.1·3072/(2·256) = 0.6, β = 1.",
    ),
    Case(
        loss=wiseodd,
        family="bernoulli",
        beta=64.0,
        batch=("sum", "mean"),
        per_batch=-1,
        says=(
            "reads probabilities",
            "64 is written in as the batch size: right there only (β = 1), and too much β below it",
        ),
        source="wiseodd/generative-models, VAE/vanilla_vae/vae_pytorch.py, b930d5fa9e2f69adfd4ea8ec759f38f6ce6da4c2",
        by_hand="ΣCE/64 + mean KL = (B/64)·mean CE + mean KL: a = B/64, b = 1: β = 64/B.",
    ),
    Case(
        loss=lambda x_hat, x, mu, log_var: disentanglement_pytorch.loss_fn(
            {}, x_recon=x_hat, x_true=x, mu=mu, logvar=log_var
        ),
        family="bernoulli",
        beta=64.0,
        batch=("sum", "mean"),
        per_batch=-1,
        settings={"batch_size": 64},
        says=("reads probabilities", "the batch size is the option's (64): a smaller last batch has another β"),
        source="amir-abdi/disentanglement-pytorch, models/vae.py and common/ops.py, "
        "2626252148a0130fc58e9d97397b001930bf672b",
        by_hand="ΣCE/64 + mean KL: a = B/64, b = 1: β = 64/B, which is 1 at the B = 64 that the reader passes. "
        "The total is under 'total_vae'.",
    ),
    Case(
        loss=lagging_encoder,
        family="bernoulli",
        batch=("per example", "per example"),
        right=True,
        says=("x before x_hat", "reads probabilities", "a triple of one number per image: total, reconstruction, KL"),
        source="jxhe/vae-lagging-encoder, modules/vae.py with decoders/dec_pixelcnn_v2.py and encoders/encoder.py, "
        "cdc4eb9d9599a026bf277db74efc2ba1ec203b15",
        by_hand="kl_weight = 1 (kl_start of image.py): a = 1, b = 1 an image: β = 1. 1e-12 in the log is not seen.",
    ),
    Case(
        loss=scvi_vae,
        family=None,
        beta=None,
        says=("it takes dictionaries of distributions: the family is whatever is handed in as px",),
        source=SCVI,
        by_hand="−px.log_prob(x).sum + kl_weight·KL: the loss alone does not say which p(x|z).",
    ),
    Case(
        loss=scvi_vae_pasted,
        family=None,
        beta=None,
        says=("counts under a negative binomial: none of ours (scvi's default has extra zeros besides)",),
        source=SCVI,
        by_hand="−log NB(x; mean x_hat, total count 10): linear in no family's error. The KL's weight is 1.",
    ),
    Case(
        loss=nvae,
        family=None,
        beta=None,
        says=(
            "the KL is that of 5 tanh(mu/5) and exp(5 tanh(log σ/5)) + 0.01 from N(0, 1.01²): not that of mu and log σ",
            "only pixels 2 to 29 of 32 count",
            "reads logits, and refuses grey pixels",
        ),
        source="NVlabs/NVAE, train.py, utils.py, model.py, distributions.py, 9fc1a288fb831c87d93a4e2663bc30ccf9225b29",
        by_hand="One group, kl_coeff = 1 (after the warm-up), without the spectral and batch-norm terms. "
        "CE of 28·28 pixels; the KL of a mean of 5 is that of 3.81: no multiple of KL.",
    ),
]

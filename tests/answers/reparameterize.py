"""3.1's answers, as students wrote them: the answer, what is wrong with it, the key that it must get (none: right)."""

import math

import numpy as np
import torch
from torch.distributions import Independent, MultivariateNormal, Normal
from torch.nn.functional import softplus


def with_sigma(sigma):
    """The usual answer with another σ."""

    def my_reparameterize(mu, log_var):
        s = sigma(log_var)
        return mu + s * torch.randn_like(s)

    return my_reparameterize


def with_noise(noise):
    """The usual answer with another ε."""

    def my_reparameterize(mu, log_var):
        return mu + torch.exp(log_var / 2) * noise(mu)

    return my_reparameterize


def by_sample(mu, log_var):
    return Normal(mu, torch.exp(0.5 * log_var)).sample()


def by_torch_normal(mu, log_var):
    return torch.normal(mu, torch.exp(0.5 * log_var))


@torch.no_grad()
def without_gradients(mu, log_var):
    return mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)


def detached(mu, log_var):
    z = mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)
    return z.detach()


def sigma_detached(mu, log_var):
    std = log_var.div(2).exp().detach()
    return mu + std * torch.randn_like(std)


def mu_detached(mu, log_var):
    return mu.data + log_var.div(2).exp() * torch.randn_like(mu)


def sigma_straight_through(mu, log_var):
    std = (0.5 * log_var).exp()
    return mu + std.detach() * torch.randn_like(mu) + (log_var - log_var)


def without_noise(mu, log_var):
    return mu + 0 * log_var


def sigma_for_noise(mu, log_var):
    return mu + torch.exp(0.5 * log_var)


def half_through_data(mu, log_var):
    log_var.data.mul_(0.5)
    return mu + log_var.exp() * torch.randn_like(mu)


def half_without_gradient(mu, log_var):
    with torch.no_grad():
        log_var *= 0.5
    return mu + log_var.exp() * torch.randn_like(mu)


def noise_overwritten(mu, log_var):
    sigma = log_var.mul_(0.5).exp_()
    return sigma.mul_(torch.randn_like(mu)).add_(mu)


def noise_mirrored(mu):
    half = torch.randn(len(mu) // 2, mu.size(1))
    return torch.cat([half, -half])


def noise_with_a_column_twice(mu):
    eps = torch.randn_like(mu)
    eps[:, 2] = eps[:, 0]
    return eps


def sigma_added(mu, log_var):
    return mu + (torch.exp(0.5 * log_var) + torch.randn_like(mu))


def sigma_kept(log_var, kept={}):  # noqa: B006
    return kept.setdefault("sigma", torch.exp(0.5 * log_var))


def seeded(mu, log_var):
    torch.manual_seed(42)
    return mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)


def with_fixed_generator(mu, log_var):
    g = torch.Generator().manual_seed(7)
    return mu + torch.exp(0.5 * log_var) * torch.randn(mu.shape, generator=g)


def mu_forgotten(mu, log_var):
    return 0 * mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)


def mu_and_sigma_swapped(mu, log_var):
    return mu * torch.randn_like(mu) + torch.exp(0.5 * log_var)


def mu_subtracted(mu, log_var):
    return torch.exp(0.5 * log_var) * torch.randn_like(mu) - mu


def summed_over_latents(mu, log_var):
    return (mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)).sum(1)


def reparameterize_by_distribution(mu, log_var):
    return Independent(Normal(mu, log_var.exp().sqrt()), 1).rsample()


def reparameterize_by_full_gaussian(mu, log_var):
    return MultivariateNormal(mu, torch.diag_embed(torch.exp(log_var)), validate_args=False).rsample()


def reparameterize_in_loops(mu, log_var):
    rows = []
    for i in range(len(mu)):
        numbers = [mu[i, k] + torch.exp(log_var[i, k] / 2) * torch.randn(()) for k in range(mu.shape[1])]
        rows.append(torch.stack(numbers))
    return torch.stack(rows)


def reparameterize_in_place(mu, log_var):
    z = torch.empty_like(mu).normal_()
    z = z.mul(torch.exp(0.5 * log_var))
    return z.add_(mu)


def reparameterize_in_place_on_its_input(mu, log_var):
    return mu.add_(log_var.mul_(0.5).exp_() * torch.randn_like(mu))


def reparameterize_in_double(mu, log_var):
    eps = torch.tensor(np.random.default_rng().standard_normal(mu.shape))
    return torch.addcmul(mu.double(), torch.pow(math.e, log_var.double() / 2), eps)


GENERATOR = torch.Generator().manual_seed(11)


def reparameterize_with_a_generator_that_goes_on(mu, log_var):
    return mu + (log_var.exp() ** 0.5) * torch.randn(mu.size(), generator=GENERATOR, dtype=mu.dtype)


def reparameterize_by_inverse_cdf(mu, log_var):
    u = torch.rand(mu.shape, dtype=torch.float64)
    return mu - math.sqrt(2) * torch.exp(0.5 * log_var) * torch.erfinv(1 - 2 * u)


def reparameterize_with_einsum(mu, log_var):
    return mu + torch.einsum("bk,bk->bk", (log_var / 2).exp(), torch.randn(*mu.shape, dtype=mu.dtype))


def oracle(mu, log_var):
    return Normal(mu, torch.exp(0.5 * log_var)).rsample()


ANSWERS = [
    (reparameterize_by_distribution, "torch.distributions", ""),
    (reparameterize_by_full_gaussian, "MultivariateNormal with a diagonal", ""),
    (reparameterize_in_loops, "loops over rows and latents", ""),
    (reparameterize_in_place, "in place", ""),
    (reparameterize_in_place_on_its_input, "in place on its input", "changes-arguments"),
    (reparameterize_in_double, "float64, numpy's noise", ""),
    (reparameterize_with_a_generator_that_goes_on, "a generator outside", ""),
    (reparameterize_by_inverse_cdf, "inverse of the distribution function", ""),
    (reparameterize_with_einsum, "einsum", ""),
    (with_sigma(lambda log_var: log_var), "log σ² used as σ", "sigma-log-var-for-sigma"),
    (with_sigma(lambda log_var: log_var.exp()), "exp(log σ²) as σ, Σε", "sigma-var-for-sigma"),
    (with_sigma(lambda log_var: 0.5 * torch.exp(log_var)), "½ in front of exp", "sigma-half-in-front"),
    (with_sigma(lambda log_var: torch.exp(-0.5 * log_var)), "exp(−½ log σ²)", "sigma-inverse"),
    (with_sigma(torch.sqrt), "√ of log σ²", "sigma-root-of-log"),
    (with_sigma(softplus), "softplus for exp", "sigma-softplus"),
    (with_sigma(lambda lv: torch.exp(0.5 * softplus(lv))), "softplus, then exp", "sigma-exp-softplus"),
    (with_sigma(lambda lv: softplus(lv).exp()), "softplus, then exp, no ½", "sigma-exp-softplus-no-half"),
    (with_sigma(lambda lv: softplus(torch.exp(0.5 * lv))), "exp, then softplus", "sigma-softplus-exp"),
    (with_sigma(lambda lv: softplus(torch.exp(lv))), "exp, then softplus, no ½", "sigma-softplus-exp-no-half"),
    (with_sigma(torch.ones_like), "σ = 1", "sigma-one"),
    (with_noise(lambda mu: torch.randn(1, mu.size(1))), "ε of shape [1, latent]", "noise-shared-by-rows"),
    (with_noise(lambda mu: torch.randn(mu.shape[-1])), "ε of shape [latent]", "noise-shared-by-rows"),
    (with_noise(lambda mu: torch.randn(len(mu), 1)), "ε of shape [batch, 1]", "noise-shared-by-latents"),
    (with_noise(lambda mu: torch.randn(1)), "one number for ε", "noise-single"),
    (with_noise(torch.rand_like), "torch.rand for randn", "noise-rand"),
    (with_noise(lambda mu: torch.rand_like(mu) - 0.5), "rand − ½", "noise-rand-centred"),
    (with_noise(lambda mu: 2 * torch.rand_like(mu) - 1), "2 rand − 1", "noise-rand-two"),
    (with_noise(lambda mu: math.sqrt(12) * (torch.rand_like(mu) - 0.5)), "√12 (rand − ½)", "noise-rand-stretched"),
    (with_noise(lambda mu: torch.randn_like(mu).sign()), "coins", "noise-coins"),
    (by_sample, ".sample()", "no-gradient"),
    (by_torch_normal, "torch.normal", "z-detached"),
    (without_gradients, "no_grad", "no-gradient"),
    (detached, "detach around z", "no-gradient"),
    (sigma_detached, "detach of σ", "no-gradient"),
    (mu_detached, "detach of μ", "no-gradient"),
    (sigma_straight_through, "σ used as a value", "sigma-detached"),
    (without_noise, "z = μ", "noise-none"),
    (sigma_for_noise, "z = μ + σ", "noise-ones"),
    (lambda mu, log_var: torch.exp(log_var / 2), "z = σ", "sigma-alone"),
    (half_through_data, "½ through .data", "sigma-half-past-autograd"),
    (half_without_gradient, "½ under no_grad", "sigma-half-past-autograd"),
    (noise_overwritten, "σ overwritten by its noise", "no-gradient"),
    (with_noise(noise_mirrored), "mirrored rows", "noise-mirrored"),
    (with_noise(lambda mu: torch.randn(2, mu.size(1)).repeat(2, 1)), "two rows repeated", "correlated"),
    (with_noise(noise_with_a_column_twice), "a column twice", "correlated"),
    (with_noise(lambda mu: torch.randn_like(mu).abs()), "|ε|", "noise-absolute"),
    (sigma_added, "μ + σ + ε", "sigma-added"),
    (with_sigma(sigma_kept), "σ of the first call", "raised"),
    (with_noise(lambda mu: torch.randn(4, 3)), "ε of shape [4, 3]", "raised"),
    (seeded, "a seed inside", "seeded"),
    (with_fixed_generator, "a fixed generator", "seeded"),
    (mu_forgotten, "μ forgotten", "mean-missing"),
    (mu_and_sigma_swapped, "μ and σ swapped", "swapped"),
    (mu_subtracted, "μ subtracted", "mean-subtracted"),
    (summed_over_latents, "summed over latents", "what-is"),
    (with_noise(lambda mu: 0.93 * torch.randn_like(mu)), "0.93 of the noise", "what-is"),
    (
        lambda mu, log_var: mu + log_var.exp() * torch.randn(1, mu.shape[1]),
        "a pair",
        "sigma-var-for-sigma+noise-shared-by-rows",
    ),
]

"""4.7's answers, as students wrote them: the answer, what is wrong with it, the key that it must get (none: right)."""

import math

import torch
from torch.distributions import Independent, MultivariateNormal, Normal, kl_divergence


def elbo_from(model, x, z=None, reconstruction=None, kl=None):
    """What the answers below share: a right ELBO, with one part replaced."""
    qz_x = model.encoder(x)
    z = qz_x.rsample() if z is None else z(qz_x)
    reconstruction = model.decoder(z).log_prob(x) if reconstruction is None else reconstruction(model.decoder(z), x)
    return reconstruction - (kl_divergence(qz_x, model.prior) if kl is None else kl(qz_x))


def kls_by_hand(qz_x):
    return -0.5 * (1 + torch.log(qz_x.variance) - qz_x.mean**2 - qz_x.variance)


def elbo_at_the_mean(model, x):
    return elbo_from(model, x, z=lambda qz_x: qz_x.mean)


def elbo_at_the_mean_in_evaluation(model, x):
    return elbo_from(model, x, z=lambda qz_x: qz_x.rsample() if model.training else qz_x.mean)


def elbo_var_times_eps(model, x):
    return elbo_from(model, x, z=lambda qz_x: qz_x.mean + qz_x.variance * torch.randn_like(qz_x.mean))


def elbo_one_eps_for_the_batch(model, x):
    return elbo_from(model, x, z=lambda q: q.mean + q.stddev * torch.randn(1, q.mean.shape[1]).to(x))


def elbo_one_eps_for_the_latents(model, x):
    return elbo_from(model, x, z=lambda q: q.mean + q.stddev * torch.randn(len(x), 1).to(x))


def elbo_other_draws_in_the_kl(model, x):
    return elbo_from(model, x, kl=lambda q: q.log_prob(q.rsample()) - model.prior.log_prob(q.rsample()))


def elbo_seeded(model, x):
    torch.manual_seed(0)
    return elbo_from(model, x)


def elbo_from_prior_draws(model, x):
    return elbo_from(model, x, z=lambda qz_x: torch.randn_like(qz_x.mean))


def elbo_kl_mean_over_latents(model, x):
    return elbo_from(model, x, kl=lambda qz_x: kls_by_hand(qz_x).mean(-1))


def elbo_without_kl(model, x):
    return elbo_from(model, x, kl=lambda qz_x: 0)


def elbo_kl_to_the_posterior(model, x):
    q = model.encoder(x)
    full = MultivariateNormal(q.mean, torch.diag_embed(q.variance))
    return model.decoder(q.rsample()).log_prob(x) - kl_divergence(full, model.posterior(x))


def elbo_kl_without_half(model, x):
    return elbo_from(model, x, kl=lambda qz_x: 2 * kls_by_hand(qz_x).sum(-1))


def elbo_kl_added(model, x):
    return elbo_from(model, x, kl=lambda qz_x: -kls_by_hand(qz_x).sum(-1))


def elbo_kl_reversed(model, x):
    return elbo_from(model, x, kl=lambda qz_x: kl_divergence(model.prior.expand([len(x)]), qz_x))


def elbo_kl_of_the_batch(model, x):
    return elbo_from(model, x, kl=lambda qz_x: kls_by_hand(qz_x).sum())


def elbo_kl_batch_mean(model, x):
    return elbo_from(model, x, kl=lambda qz_x: kls_by_hand(qz_x).sum(-1).mean())


def elbo_reconstruction_batch_mean(model, x):
    return elbo_from(model, x, reconstruction=lambda px_z, x: px_z.log_prob(x).mean())


def elbo_as_loss(model, x):
    return -elbo_from(model, x)


def elbo_without_reconstruction(model, x):
    return -kl_divergence(model.encoder(x), model.prior)


def elbo_mean_over_pixels(model, x):
    return elbo_from(model, x, reconstruction=lambda px_z, x: px_z.base_dist.log_prob(x).mean(-1))


def elbo_two_means(model, x):
    q = model.encoder(x)
    reconstruction = model.decoder(q.rsample()).base_dist.log_prob(x).mean(-1)
    return reconstruction - kls_by_hand(q).mean(-1)


def elbo_squared_error(model, x):
    return elbo_from(model, x, reconstruction=lambda px_z, x: -((x - px_z.mean) ** 2).sum(-1))


def elbo_half_squared_error(model, x):
    return elbo_from(model, x, reconstruction=lambda px_z, x: -0.5 * ((x - px_z.mean) ** 2).sum(-1))


def elbo_batch_mean(model, x):
    return elbo_from(model, x).mean()


def elbo_per_pixel(model, x):
    return elbo_from(model, x, reconstruction=lambda px_z, x: px_z.base_dist.log_prob(x), kl=lambda qz_x: 0)


def elbo_sample(model, x):
    return elbo_from(model, x, z=lambda qz_x: qz_x.sample())


def elbo_detached(model, x):
    return elbo_from(model, x, z=lambda qz_x: qz_x.rsample().detach())


def elbo_z_without_grad(model, x):
    def z(qz_x):
        with torch.no_grad():
            return qz_x.rsample()

    return elbo_from(model, x, z=z)


def elbo_mean_detached(model, x):
    return elbo_from(model, x, z=lambda q: q.mean.detach() + q.stddev * torch.randn_like(q.mean))


def elbo_std_detached(model, x):
    return elbo_from(model, x, z=lambda q: q.mean + q.stddev.detach() * torch.randn_like(q.mean))


def elbo_kl_detached(model, x):
    return elbo_from(model, x, kl=lambda qz_x: kl_divergence(qz_x, model.prior).detach())


def elbo_all_without_grad(model, x):
    with torch.no_grad():
        return elbo_from(model, x)


def elbo_encoder_without_grad(model, x):
    with torch.no_grad():
        q = model.encoder(x)
    return model.decoder(q.mean + q.stddev * torch.randn_like(q.mean)).log_prob(x) - kl_divergence(q, model.prior)


def elbo_log_evidence(model, x):
    return model.log_likelihood(x)


def elbo_log_of_mean_weight(model, x):
    q = model.encoder(x)
    z = q.rsample((20,))
    log_w = model.decoder(z).log_prob(x) + model.prior.log_prob(z) - q.log_prob(z)
    return torch.logsumexp(log_w, 0) - math.log(20)


def elbo_sticking_the_landing(model, x):
    q = model.encoder(x)
    z = q.rsample()
    fixed = Independent(Normal(q.mean.detach(), q.stddev.detach()), 1)
    return model.decoder(z).log_prob(x) + model.prior.log_prob(z) - fixed.log_prob(z)


def elbo_by_hand(model, x):
    q = model.encoder(x)
    mu, sigma = q.mean, q.stddev
    z = mu + sigma * torch.randn_like(sigma)
    return model.decoder(z).log_prob(x) - kls_by_hand(q).sum(-1)


def elbo_of_ten_draws(model, x):
    q = model.encoder(x)
    return model.decoder(q.rsample((10,))).log_prob(x).mean(0) - kl_divergence(q, model.prior)


def elbo_from_one_draw_in_all(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return model.decoder(z).log_prob(x) + model.prior.log_prob(z) - q.log_prob(z)


def elbo_by_loops(model, x):
    return torch.cat([elbo_of_ten_draws(model, image[None]) for image in x])


def elbo_antithetic(model, x):
    q = model.encoder(x)
    eps = torch.randn_like(q.mean)
    reconstruction = [model.decoder(q.mean + sign * q.stddev * eps).log_prob(x) for sign in (1, -1)]
    return (reconstruction[0] + reconstruction[1]) / 2 - kl_divergence(q, model.prior)


def elbo_in_double(model, x):
    return elbo_from(model, x).double()


def oracle(model, x):
    q = model.encoder(x)
    z = q.rsample((3,))
    return (model.decoder(z).log_prob(x) + model.prior.log_prob(z) - q.log_prob(z)).mean(0)


def elbo_j2(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return elbo_from(model, x, kl=lambda q: q.log_prob(z) - model.prior.log_prob(z))


def elbo_sigma_x_as_a_number(model, x):
    q = model.encoder(x)
    mean = model.decoder(q.rsample()).mean
    log_px_z = Independent(Normal(mean, model.noise_std.item()), 1).log_prob(x)
    return log_px_z - kl_divergence(q, model.prior)


def elbo_that_trains(model, x):
    elbo = elbo_from(model, x)
    with torch.no_grad():
        model.decoder.net[0].bias += 1e-3
    return elbo


ANSWERS = [
    (elbo_by_hand, "by hand", ""),
    (elbo_of_ten_draws, "ten draws", ""),
    (elbo_from_one_draw_in_all, "one draw in all three densities", ""),
    (elbo_sticking_the_landing, "gradient without the score of q", ""),
    (elbo_antithetic, "antithetic draws", ""),
    (elbo_by_loops, "a loop over images", ""),
    (elbo_in_double, "float64", ""),
    (elbo_at_the_mean_in_evaluation, "μ instead of z at test time", "noise-none"),
    (elbo_at_the_mean, "μ instead of z", "noise-none"),
    (elbo_var_times_eps, "Σε", "sigma-var-for-sigma"),
    (elbo_one_eps_for_the_batch, "one ε for the batch", "noise-shared-by-rows"),
    (elbo_one_eps_for_the_latents, "one ε for the latents", "noise-shared-by-latents"),
    (elbo_other_draws_in_the_kl, "other draws in the KL", ""),
    (elbo_seeded, "a seed inside", "seeded"),
    (elbo_from_prior_draws, "z from the prior", "prior"),
    (elbo_kl_mean_over_latents, "KL averaged over latents", "mean-over-latents"),
    (elbo_without_kl, "KL forgotten", "kl-missing"),
    (elbo_kl_to_the_posterior, "KL to the posterior", "kl-to-the-posterior"),
    (elbo_kl_without_half, "½ forgotten in the KL", "kl-half-missing"),
    (elbo_kl_added, "KL added", "kl-sign"),
    (elbo_kl_reversed, "KL(p ‖ q)", "kl-reverse"),
    (elbo_kl_of_the_batch, "KL of the whole batch", "latents-batch-twice"),
    (elbo_kl_batch_mean, "KL averaged over the batch", "latents-batch-mean-everywhere"),
    (elbo_reconstruction_batch_mean, "reconstruction averaged over the batch", "pixels-batch-mean-everywhere"),
    (elbo_as_loss, "J returned for the ELBO", "sign"),
    (elbo_without_reconstruction, "reconstruction forgotten", "reconstruction-missing"),
    (elbo_mean_over_pixels, "mean over pixels, sum over latents", "mean-over-pixels"),
    (elbo_two_means, "mean over pixels, mean over latents", "mean-over-pixels+mean-over-latents"),
    (elbo_squared_error, "squared error", "squared-error"),
    (elbo_half_squared_error, "half the squared error", "half-squared-error"),
    (elbo_batch_mean, "mean over the batch", "both-batch-means"),
    (elbo_per_pixel, "one number per pixel", "pixels-not-summed"),
    (elbo_sample, ".sample() for .rsample()", "z-detached"),
    (elbo_detached, "detach around z", "z-detached"),
    (elbo_z_without_grad, "no_grad around z", "z-detached"),
    (elbo_mean_detached, "μ detached in z", "mean-detached"),
    (elbo_std_detached, "σ detached in z", "sigma-detached"),
    (elbo_kl_detached, "KL detached", "kl-detached"),
    (elbo_all_without_grad, "all under no_grad", "no-gradient"),
    (elbo_encoder_without_grad, "encoder under no_grad", "no-gradient"),
    (elbo_log_of_mean_weight, "mean inside the logarithm", "inside-the-log-20"),
    (elbo_log_evidence, "log p(x) itself", "log-evidence"),
    (elbo_j2, "the KL by a draw of its own, J₂ of (4.10)", ""),
    (elbo_sigma_x_as_a_number, "σ_x as a number: its gradient is lost", "no-gradient"),
    (elbo_that_trains, "a weight moved", "changes-arguments"),
    (lambda model, x: elbo_from(model, x, kl=lambda q: 3.7 * kl_divergence(q, model.prior)), "β = 3.7", "what-is"),
]

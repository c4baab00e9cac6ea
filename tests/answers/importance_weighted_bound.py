"""6.1's answers, as students wrote them: the answer, what is wrong with it, the key that it must get (none: right)."""

import math

import torch
from torch.distributions import Independent, MultivariateNormal, Normal, kl_divergence


def drawn(q, k):
    return q.rsample((k,))


def weight(model, x, q, z):
    return model.decoder(z).log_prob(x) + model.prior.log_prob(z) - q.log_prob(z)


def stable(log_w):
    return torch.logsumexp(log_w, 0) - math.log(len(log_w))


def bound_with(log_w=weight, draw=drawn, average=stable):
    """The bound as students write it, with one of its three parts in their own way."""

    def my_bound(model, x, num_samples):
        q = model.encoder(x)
        z = draw(q, num_samples)
        return average(log_w(model, x, q, z))

    return my_bound


def naive(log_w):
    return torch.log(torch.exp(log_w).mean(0))


def naive_with_eps(log_w):
    return torch.log(torch.exp(log_w).mean(0) + 1e-8)


def one_maximum(log_w):
    top = log_w.max()
    return torch.log(torch.exp(log_w - top).mean(0)) + top


def maximum_lost(log_w):
    return torch.log(torch.exp(log_w - log_w.max(0).values).mean(0))


def over_everything(log_w):
    return (torch.logsumexp(log_w.flatten(), 0) - math.log(log_w.numel())).expand(log_w.shape[1])


def self_normalised(log_w):
    return (torch.softmax(log_w, 0) * log_w).sum(0)


def without_prior(model, x, q, z):
    return model.decoder(z).log_prob(x) - q.log_prob(z)


def without_q(model, x, q, z):
    return model.decoder(z).log_prob(x) + model.prior.log_prob(z)


def likelihood_alone(model, x, q, z):
    return model.decoder(z).log_prob(x)


def without_likelihood(model, x, q, z):
    return model.prior.log_prob(z) - q.log_prob(z)


def plus_q(model, x, q, z):
    return model.decoder(z).log_prob(x) + model.prior.log_prob(z) + q.log_prob(z)


def minus_prior(model, x, q, z):
    return model.decoder(z).log_prob(x) - model.prior.log_prob(z) - q.log_prob(z)


def both_signs(model, x, q, z):
    return model.decoder(z).log_prob(x) + q.log_prob(z) - model.prior.log_prob(z)


def closed_kl(model, x, q, z):
    return model.decoder(z).log_prob(x) - kl_divergence(q, model.prior)


def entropy_of_q(model, x, q, z):
    return model.decoder(z).log_prob(x) + model.prior.log_prob(z) + q.entropy()


def other_draw_in_q(model, x, q, z):
    return model.decoder(z).log_prob(x) + model.prior.log_prob(z) - q.log_prob(q.rsample(z.shape[:1]))


def pixel_mean(model, x, q, z):
    return model.decoder(z).base_dist.log_prob(x).mean(-1) + model.prior.log_prob(z) - q.log_prob(z)


def latent_mean(model, x, q, z):
    standard = Normal(torch.zeros_like(z), torch.ones_like(z))
    return model.decoder(z).log_prob(x) + (standard.log_prob(z) - q.base_dist.log_prob(z)).mean(-1)


def from_prior(q, k):
    return torch.randn(k, *q.mean.shape, dtype=q.mean.dtype)


def at_the_mean(q, k):
    return q.mean.expand(k, *q.mean.shape)


def var_times_eps(q, k):
    return q.mean + q.variance * from_prior(q, k)


def shared_by_the_batch(q, k):
    return q.mean + q.stddev * torch.randn(k, 1, q.mean.shape[1], dtype=q.mean.dtype)


def shared_by_the_latents(q, k):
    return q.mean + q.stddev * torch.randn(k, len(q.mean), 1, dtype=q.mean.dtype)


def same_draw(q, k):
    return q.rsample().repeat(k, 1, 1)


def one_draw(q, k):
    return q.rsample((1,))


def always_ten(q, k):
    return q.rsample((10,))


def one_more(q, k):
    return q.rsample((k + 1,))


def seeded(q, k):
    torch.manual_seed(42)
    return q.rsample((k,))


def sampled(q, k):
    return q.sample((k,))


def detached(q, k):
    return q.rsample((k,)).detach()


def mean_detached(q, k):
    return q.mean.detach() + q.stddev * from_prior(q, k)


def std_detached(q, k):
    return q.mean + q.stddev.detach() * from_prior(q, k)


def without_gradients(model, x, num_samples):
    with torch.no_grad():
        return bound_with()(model, x, num_samples)


def encoder_without_gradients(model, x, num_samples):
    with torch.no_grad():
        q = model.encoder(x)
    return stable(weight(model, x, q, q.rsample((num_samples,))))


def bound_as_loss(model, x, num_samples):
    return -bound_with()(model, x, num_samples)


def log_of_mean_likelihood_less_kl(model, x, num_samples):
    q = model.encoder(x)
    return stable(model.decoder(q.rsample((num_samples,))).log_prob(x)) - kl_divergence(q, model.prior)


def bound_by_hand(model, x, num_samples):
    q = model.encoder(x)
    mu, sigma = q.mean, q.stddev
    eps = torch.randn(num_samples, *mu.shape, dtype=mu.dtype)
    z = mu + sigma * eps
    ratio = 0.5 * (eps**2 - z**2).sum(-1) + torch.log(sigma).sum(-1)  # log p(z) − log q(z|x)
    log_w = model.decoder(z).log_prob(x) + ratio
    top = log_w.max(0, keepdim=True).values.detach()
    return (top + torch.log(torch.exp(log_w - top).mean(0, keepdim=True)))[0].double()


def bound_in_a_loop(model, x, num_samples):
    total = None
    for _ in range(num_samples):
        q = model.encoder(x)
        log_w = weight(model, x, q, q.rsample())
        total = log_w if total is None else torch.logaddexp(total, log_w)
    return total - math.log(num_samples)


def bound_of_repeated_rows(model, x, num_samples):
    rows = x.repeat_interleave(num_samples, 0)
    q = model.encoder(rows)
    log_w = weight(model, rows, q, q.rsample()).view(len(x), num_samples)
    return torch.log_softmax(log_w, 1).neg().add(log_w).mean(1) - math.log(num_samples)


def bound_of_images(model, x, num_samples):
    bounds = []
    for image in x:
        q = model.encoder(image)
        q = MultivariateNormal(q.mean, scale_tril=torch.diag(q.stddev))
        bounds.append(stable(weight(model, image, q, q.rsample((num_samples,)))))
    return torch.stack(bounds)


def log_means_apart(model, x, num_samples):
    q = model.encoder(x)
    z = q.rsample((num_samples,))
    return stable(model.decoder(z).log_prob(x) + model.prior.log_prob(z)) - stable(q.log_prob(z))


def oracle(model, x, num_samples):
    q = model.encoder(x)
    z = q.mean + q.stddev * torch.randn(num_samples, *q.mean.shape)
    joint = Normal(model.decoder(z).mean, model.noise_std).log_prob(x).sum(-1) + Normal(0.0, 1.0).log_prob(z).sum(-1)
    log_w = (joint - Normal(q.mean, q.stddev).log_prob(z).sum(-1)).double()
    return torch.logcumsumexp(log_w, 0)[-1] - math.log(num_samples)


def sticking(model, x, num_samples):
    q = model.encoder(x)
    fixed = Independent(Normal(q.mean.detach(), q.stddev.detach()), 1)
    return stable(weight(model, x, fixed, q.rsample((num_samples,))))


ANSWERS = [
    (bound_by_hand, "by hand, float64", ""),
    (bound_with(average=lambda log_w: log_w.mean(0)), "mean of logs", "mean-of-logs"),
    (bound_with(average=lambda log_w: torch.logsumexp(log_w, 0)), "sum for mean", "log-k-missing"),
    (bound_with(average=lambda log_w: torch.logsumexp(log_w, 0) + math.log(len(log_w))), "log K added", "log-k-added"),
    (bound_with(average=lambda log_w: torch.logsumexp(log_w, 0) - len(log_w)), "K for log K", "k-subtracted"),
    (bound_with(average=lambda log_w: torch.logsumexp(log_w, 0) / len(log_w)), "log / K", "log-over-k"),
    (
        bound_with(average=lambda log_w: torch.logsumexp(log_w, 0) - math.log(log_w.shape[1])),
        "divided by the batch",
        "batch-for-k",
    ),
    (bound_with(average=lambda log_w: log_w.sum(0)), "logs summed", "logs-summed"),
    (bound_with(average=lambda log_w: torch.logsumexp(log_w, 1)), "wrong axis", "over-batch"),
    (bound_with(average=lambda log_w: log_w), "not averaged", "not-averaged"),
    (bound_with(average=lambda log_w: stable(log_w).mean()), "one number", "batch-reduced"),
    (
        bound_with(average=lambda log_w: stable(log_w).mean().expand(log_w.shape[1])),
        "the batch's mean everywhere",
        "batch-mean-everywhere",
    ),
    (bound_with(average=over_everything), "mean over batch inside", "batch-inside"),
    (bound_with(average=lambda log_w: log_w.max(0).values), "the largest", "largest"),
    (bound_with(average=self_normalised), "self-normalised", "self-normalised"),
    (bound_with(average=lambda log_w: torch.exp(log_w).mean(0)), "mean weight", "mean-weight"),
    (bound_with(average=naive), "without a maximum", "exponentials-first"),
    (bound_with(average=naive_with_eps), "1e-8 inside", "small-number-8"),
    (bound_with(average=one_maximum), "one maximum", "one-maximum"),
    (bound_with(average=maximum_lost), "maximum lost", "maximum-lost"),
    (bound_with(without_prior), "log p(z) missing", "prior-missing"),
    (bound_with(without_q), "log q missing", "density-missing"),
    (bound_with(likelihood_alone), "likelihood alone", "both-missing"),
    (bound_with(without_likelihood), "likelihood missing", "pixels-missing"),
    (bound_with(plus_q), "log q added", "density-sign"),
    (bound_with(minus_prior), "log p(z) subtracted", "prior-sign"),
    (bound_with(both_signs), "both signs", "both-signs"),
    (bound_as_loss, "loss for bound", "sign"),
    (bound_with(closed_kl), "closed KL", "kl-closed"),
    (log_of_mean_likelihood_less_kl, "log mean likelihood − KL", "kl-closed"),
    (bound_with(entropy_of_q), "entropy of q", "q-entropy"),
    (bound_with(other_draw_in_q), "another z in q", "q-of-other-draws"),
    (bound_with(pixel_mean), "mean over pixels", "pixels-averaged"),
    (bound_with(latent_mean), "mean over latents", "latents-averaged"),
    (bound_with(draw=at_the_mean), "μ for z", "noise-none"),
    (bound_with(draw=var_times_eps), "σ²ε", "sigma-var"),
    (bound_with(draw=from_prior), "z from the prior", "prior"),
    (bound_with(likelihood_alone, from_prior), "prior sampling", "prior-alone"),
    (bound_with(draw=shared_by_the_batch), "one draw for the batch", "one-for-batch"),
    (bound_with(draw=shared_by_the_latents), "one ε for the latents", "one-for-latents"),
    (bound_with(draw=same_draw), "the same draw K times", "one-draw"),
    (bound_with(draw=one_draw), "K not used: 1", "one-draw"),
    (bound_with(draw=always_ten), "K not used: 10", "draws-10"),
    (bound_with(draw=one_more), "one draw more", "draws-more"),
    (bound_with(draw=seeded), "a seed inside", "seeded"),
    (bound_with(draw=sampled), ".sample()", "z-detached"),
    (bound_with(draw=detached), "detached", "z-detached"),
    (bound_with(draw=mean_detached), "μ detached", "mean-detached"),
    (bound_with(draw=std_detached), "σ detached", "sigma-detached"),
    (without_gradients, "no_grad", "no-gradient"),
    (encoder_without_gradients, "encoder under no_grad", "no-gradient"),
    (log_means_apart, "log mean p less log mean q", "means-apart"),
    (bound_with(without_prior, average=naive), "a pair", "prior-missing+exponentials-first"),
    (bound_with(without_q, average=lambda log_w: log_w.mean(0)), "a pair", "density-missing+mean-of-logs"),
    (bound_in_a_loop, "a loop over draws, logaddexp", ""),
    (bound_of_repeated_rows, "rows repeated, log_softmax", ""),
    (bound_of_images, "a loop over images, MultivariateNormal", ""),
    (sticking, "gradient without the score of q", ""),
    (bound_with(draw=lambda q, k: q.rsample((max(k - 1, 1),))), "one draw fewer", "draws-fewer"),
    (bound_with(draw=lambda q, k: q.rsample((10 * k,))), "ten times the draws", "draws-ten-times"),
]

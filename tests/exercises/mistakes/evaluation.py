"""Chapter 6's answers."""

import math

import torch
from torch.distributions import Independent, MultivariateNormal, Normal, kl_divergence

from mistakes import Mistake, Unusual
from vae_lib.exercises import check_importance_weighted_bound

# 6.1: the importance-weighted bound


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


BOUND = [
    ("mean of logs", bound_with(average=lambda log_w: log_w.mean(0)), "the mean of the logarithms is taken"),
    ("sum for mean", bound_with(average=lambda log_w: torch.logsumexp(log_w, 0)), "− log K is missing"),
    (
        "log K added",
        bound_with(average=lambda log_w: torch.logsumexp(log_w, 0) + math.log(len(log_w))),
        "log K is added",
    ),
    ("K for log K", bound_with(average=lambda log_w: torch.logsumexp(log_w, 0) - len(log_w)), "instead of its log"),
    ("log / K", bound_with(average=lambda log_w: torch.logsumexp(log_w, 0) / len(log_w)), "and not the sum"),
    (
        "divided by the batch",
        bound_with(average=lambda log_w: torch.logsumexp(log_w, 0) - math.log(log_w.shape[1])),
        "the size of the batch",
    ),
    ("logs summed", bound_with(average=lambda log_w: log_w.sum(0)), "log w is added up"),
    (
        "wrong axis",
        bound_with(average=lambda log_w: torch.logsumexp(log_w, 1)),
        "over the batch instead of the samples",
    ),
    ("not averaged", bound_with(average=lambda log_w: log_w), "the mean over the samples is not taken"),
    ("one number", bound_with(average=lambda log_w: stable(log_w).mean()), "the whole batch is reduced"),
    (
        "the batch's mean everywhere",
        bound_with(average=lambda log_w: stable(log_w).mean().expand(log_w.shape[1])),
        "the mean over the batch is returned for every example",
    ),
    ("mean over batch inside", bound_with(average=over_everything), "runs over the batch too"),
    ("the largest", bound_with(average=lambda log_w: log_w.max(0).values), "only the largest weight is used"),
    ("self-normalised", bound_with(average=self_normalised), "with the normalised weights"),
    ("mean weight", bound_with(average=lambda log_w: torch.exp(log_w).mean(0)), "the mean weight is returned"),
    ("without a maximum", bound_with(average=naive), "before the maximum is subtracted"),
    ("1e-8 inside", bound_with(average=naive_with_eps), "1e-8 is added to the weights"),
    ("one maximum", bound_with(average=one_maximum), "one maximum of the whole batch is subtracted"),
    ("maximum lost", bound_with(average=maximum_lost), "the maximum is subtracted and not added back"),
    ("log p(z) missing", bound_with(without_prior), "impossible for a bound. This is what you get if log p(z) is left"),
    ("log q missing", bound_with(without_q), "log q(z|x) is left out"),
    ("likelihood alone", bound_with(likelihood_alone), "both left out"),
    ("likelihood missing", bound_with(without_likelihood), "log p(x|z) is left out"),
    ("log q added", bound_with(plus_q), "log q(z|x) is added"),
    ("log p(z) subtracted", bound_with(minus_prior), "log p(z) is subtracted"),
    ("both signs", bound_with(both_signs), "swapped"),
    ("loss for bound", bound_as_loss, "impossible for a bound. This is what you get if the sign of the whole is wrong"),
    ("closed KL", bound_with(closed_kl), "a closed form (the KL"),
    ("log mean likelihood − KL", log_of_mean_likelihood_less_kl, "a closed form (the KL"),
    ("entropy of q", bound_with(entropy_of_q), "the entropy of q"),
    ("another z in q", bound_with(other_draw_in_q), "do not see the same z"),
    ("mean over pixels", bound_with(pixel_mean), "the pixels are averaged"),
    ("mean over latents", bound_with(latent_mean), "the latents are averaged"),
    ("μ for z", bound_with(draw=at_the_mean), "z is μ, the mean of q"),
    ("σ²ε", bound_with(draw=var_times_eps), "z = μ + σ²ε"),
    ("z from the prior", bound_with(draw=from_prior), "divided by q(z|x) as if it came from q"),
    ("prior sampling", bound_with(likelihood_alone, from_prior), "q(z|x) is not used at all"),
    ("one draw for the batch", bound_with(draw=shared_by_the_batch), "one draw is shared by the whole batch"),
    ("one ε for the latents", bound_with(draw=shared_by_the_latents), "one ε serves all the latents"),
    ("the same draw K times", bound_with(draw=same_draw), "one draw is used for all"),
    ("K not used: 1", bound_with(draw=one_draw), "num_samples is not used"),
    ("K not used: 10", bound_with(draw=always_ten), "more than one draw is taken"),
    ("a seed inside", bound_with(draw=seeded), "the seed is set inside"),
    (".sample()", bound_with(draw=sampled), "comes from .sample()"),
    ("detached", bound_with(draw=detached), "is detached"),
    ("μ detached", bound_with(draw=mean_detached), "μ is detached in z"),
    ("σ detached", bound_with(draw=std_detached), "σ is detached in z"),
    ("no_grad", without_gradients, "carries no gradient"),
    ("encoder under no_grad", encoder_without_gradients, "No gradient reaches encoder and log_var"),
]


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


def sticking(model, x, num_samples):
    q = model.encoder(x)
    fixed = Independent(Normal(q.mean.detach(), q.stddev.detach()), 1)
    return stable(weight(model, x, fixed, q.rsample((num_samples,))))


MISTAKES = [Mistake(check_importance_weighted_bound, *row) for row in BOUND]

UNUSUAL = [
    Unusual(check_importance_weighted_bound, "by hand, float64", bound_by_hand),
    Unusual(check_importance_weighted_bound, "a loop over draws, logaddexp", bound_in_a_loop),
    Unusual(check_importance_weighted_bound, "rows repeated, log_softmax", bound_of_repeated_rows),
    Unusual(check_importance_weighted_bound, "a loop over images, MultivariateNormal", bound_of_images),
    Unusual(check_importance_weighted_bound, "gradient without the score of q", sticking),
]

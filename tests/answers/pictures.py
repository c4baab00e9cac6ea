"""5.5's answers, as students wrote them: the answer, what is wrong with it, the key that it must get (none: right)."""

import torch


def pictures_with(generate, reconstruct=lambda model, x: model.decoder(model.encoder(x).mean).mean):
    @torch.no_grad()
    def my_pictures(model, x, num_samples):
        return reconstruct(model, x), generate(model, x, num_samples)

    return my_pictures


def from_prior(model, x, num_samples):
    z = torch.randn(num_samples, *model.prior_mu.shape, dtype=x.dtype)
    return model.decoder(z).sample()


def repeated(x, num_samples):
    return x[torch.arange(num_samples) % len(x)]


def from_posterior(model, x, num_samples):
    return model.decoder(model.encoder(repeated(x, num_samples)).sample()).sample()


def from_posterior_mean(model, x, num_samples):
    return model.decoder(model.encoder(repeated(x, num_samples)).mean).sample()


def from_one_z(model, x, num_samples):
    z = model.prior.sample((1,)).repeat(num_samples, 1)
    return model.decoder(z).sample()


def from_zero(model, x, num_samples):
    return model.decoder(torch.zeros(num_samples, *model.prior_mu.shape, dtype=x.dtype)).sample()


def from_uniform(model, x, num_samples):
    return model.decoder(torch.rand(num_samples, *model.prior_mu.shape, dtype=x.dtype)).sample()


def one_image_repeated(model, x, num_samples):
    return from_prior(model, x, 1).expand(num_samples, -1)


def rounded_from_prior(model, x, num_samples):
    return means_from_prior(model, x, num_samples).round()


def seeded_from_prior(model, x, num_samples):
    torch.manual_seed(0)
    return from_prior(model, x, num_samples)


def means_from_prior(model, x, num_samples):
    return model.decoder(model.prior.sample((num_samples,))).mean


def logits_from_prior(model, x, num_samples):
    return model.decoder.net(model.prior.sample((num_samples,)))


def always_five(model, x, num_samples):
    return from_prior(model, x, len(x))


def from_average(model, x, num_samples):
    average = model.decoder(model.prior.sample((num_samples, 500))).mean.mean(1)
    return torch.bernoulli(average)


def reconstruction_from_prior(model, x):
    return model.decoder(model.prior.sample((len(x),))).mean


def drawn_reconstruction(model, x):
    return model.decoder(model.encoder(x).mean).sample()


def reconstruction_at_a_draw(model, x):
    return model.decoder(model.encoder(x).rsample()).mean


def logits_of_reconstruction(model, x):
    return model.decoder.net(model.encoder(x).mean)


def sigmoid_twice(model, x):
    return torch.sigmoid(model.decoder(model.encoder(x).mean).mean)


def swapped_pictures(model, x, num_samples):
    return model.sample(num_samples).sample(), model.reconstruct(x).mean


def swapped_means(model, x, num_samples):
    return model.sample(num_samples).mean, model.reconstruct(x).mean


def pictures_of_the_library(model, x, num_samples):
    return [model.reconstruct(x).mean, model.sample(num_samples).sample()]


@torch.no_grad()
def pictures_one_by_one(model, x, num_samples):
    means = torch.stack([torch.sigmoid(model.decoder.net(model.encoder(row[None]).base_dist.loc))[0] for row in x])
    probabilities = torch.cat([model.decoder(torch.randn_like(model.prior_mu)[None]).mean for _ in range(num_samples)])
    return means.double(), (torch.rand_like(probabilities) < probabilities).double()


def from_cool_prior(model, x, num_samples):
    return model.decoder(0.7 * model.prior.sample((num_samples,))).sample()


def oracle(model, x, num_samples):
    """By the weights themselves, without a distribution."""
    [encoder], [decoder] = model.encoder.net, model.decoder.net
    mu = encoder(x)[:, : len(model.prior_mu)]
    z = torch.randn(num_samples, len(model.prior_mu)).to(x)
    p = torch.sigmoid(z @ decoder.weight.T + decoder.bias)
    return torch.sigmoid(mu @ decoder.weight.T + decoder.bias), torch.bernoulli(p)


ANSWERS = [
    (pictures_of_the_library, "the library's methods, a list, with gradients", ""),
    (pictures_one_by_one, "one by one, float64", ""),
    (pictures_with(from_prior), "randn", ""),
    (pictures_with(from_posterior), "posterior", "from-posterior"),
    (pictures_with(from_posterior_mean), "μ(x)", "from-posterior-mean"),
    (pictures_with(from_one_z), "one z", "one-z"),
    (pictures_with(one_image_repeated), "one image", "one-image-repeated"),
    (pictures_with(from_zero), "z = 0", "z-zero"),
    (pictures_with(from_uniform), "uniform z", "z-uniform"),
    (pictures_with(means_from_prior), "means for draws", "means"),
    (pictures_with(logits_from_prior), "logits generated", "logits"),
    (pictures_with(rounded_from_prior), "rounded", "rounded"),
    (pictures_with(seeded_from_prior), "a seed inside", "seeded"),
    (pictures_with(always_five), "num_samples ignored", "num-samples-ignored"),
    (pictures_with(lambda m, x, n: repeated(x, n)), "x for generated", "generated-x"),
    (pictures_with(from_prior, drawn_reconstruction), "draws for means", "drawn"),
    (pictures_with(from_prior, reconstruction_at_a_draw), "z ~ q", "reconstruction-at-a-draw"),
    (pictures_with(from_prior, logits_of_reconstruction), "logits", "reconstruction-logits"),
    (pictures_with(from_prior, sigmoid_twice), "sigmoid twice", "reconstruction-sigmoid-twice"),
    (pictures_with(from_prior, lambda model, x: x), "x itself", "reconstruction-x"),
    (swapped_pictures, "swapped", "swapped"),
    (swapped_means, "swapped means", "swapped"),
    (pictures_with(from_average), "averaged over z", "from-average"),
    (pictures_with(from_prior, reconstruction_from_prior), "prior for q", "reconstruction-from-prior"),
    (lambda m, x, n: from_prior(m, x, n), "one result", "no-parts"),
    (pictures_with(from_cool_prior), "a temperature of 0.7", "z-times-70-percent"),
]

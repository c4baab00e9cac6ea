"""5.3's answers, as students wrote them: the answer, what is wrong with it, the key that it must get (none: right)."""

import torch
from torch.distributions import kl_divergence


def elbo_of(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return model.decoder(z).log_prob(x) - kl_divergence(q, model.prior)


def step_with(loss_of, optimise="zero backward step", report=None, clipped=None):
    """A training step as students write it, with the parts of the optimiser's dance in a given order."""

    def my_training_step(model, optimizer, x):
        loss = loss_of(model, x)
        for move in optimise.split():
            if move == "zero":
                optimizer.zero_grad()
            elif move == "backward":
                loss.backward()
                if clipped:
                    torch.nn.utils.clip_grad_norm_(model.parameters(), clipped)
            elif move == "step":
                optimizer.step()
        return loss if report is None else report(model, x, loss)

    return my_training_step


def mean_loss(model, x):
    return -elbo_of(model, x).mean()


def elbo_as_loss(model, x):
    return elbo_of(model, x).mean()


def summed_loss(model, x):
    return -elbo_of(model, x).sum()


def loss_of_sample(model, x):
    q = model.encoder(x)
    z = q.sample()
    return (kl_divergence(q, model.prior) - model.decoder(z).log_prob(x)).mean()


def loss_of_detached_encoder(model, x):
    with torch.no_grad():
        q = model.encoder(x)
        z = q.rsample()
    return (kl_divergence(q, model.prior) - model.decoder(z).log_prob(x)).mean()


def loss_of_detached_decoder(model, x):
    q = model.encoder(x)
    z = q.rsample()
    with torch.no_grad():
        frozen = [p.clone() for p in model.decoder.parameters()]
    names = [name for name, _ in model.decoder.named_parameters()]
    p = torch.func.functional_call(model.decoder, dict(zip(names, frozen, strict=True)), (z,))
    return (kl_divergence(q, model.prior) - p.log_prob(x)).mean()


def loss_of_autoencoder(model, x):
    return -model.decoder(model.encoder(x).rsample()).log_prob(x).mean()


def loss_with_kl_sign(model, x):
    q = model.encoder(x)
    reconstruction = model.decoder(q.rsample()).log_prob(x)
    return -(reconstruction + kl_divergence(q, model.prior)).mean()


def loss_of_one_eps(model, x):
    q = model.encoder(x)
    z = q.mean + q.stddev * torch.randn(1, q.mean.shape[1]).to(x)
    return (kl_divergence(q, model.prior) - model.decoder(z).log_prob(x)).mean()


def loss_weighted(reconstruction=lambda x, z: 1.0, kl=lambda x, z: 1.0):
    def loss_of(model, x):
        q = model.encoder(x)
        z = q.rsample()
        return (kl(x, z) * kl_divergence(q, model.prior) - reconstruction(x, z) * model.decoder(z).log_prob(x)).mean()

    return loss_of


def loss_of_a_seed(model, x):
    torch.manual_seed(0)
    return mean_loss(model, x)


def loss_at_the_mean(model, x):
    q = model.encoder(x)
    return -(model.decoder(q.mean).log_prob(x) - kl_divergence(q, model.prior)).mean()


@torch.no_grad()
def step_without_gradients(model, optimizer, x):
    optimizer.zero_grad()
    loss = -elbo_of(model, x).mean()
    loss.backward()
    optimizer.step()
    return loss


def step_of_a_number(model, optimizer, x):
    optimizer.zero_grad()
    loss = torch.tensor(-elbo_of(model, x).mean().item())
    loss.backward()
    optimizer.step()
    return loss


def step_reporting_the_kl(model, optimizer, x):
    kl = kl_divergence(model.encoder(x), model.prior).mean()
    step_with(mean_loss)(model, optimizer, x)
    return kl


def step_by_hand(model, optimizer, x):
    loss = mean_loss(model, x)
    gradients = torch.autograd.grad(loss, list(model.parameters()))
    lr = optimizer.param_groups[0]["lr"]
    with torch.no_grad():
        for parameter, gradient in zip(model.parameters(), gradients, strict=True):
            parameter -= lr * gradient
    return loss.item()


def step_with_monte_carlo_kl(model, optimizer, x):
    optimizer.zero_grad(set_to_none=False)
    q = model.encoder(x)
    z = q.rsample((4,))
    log_w = model.decoder(z).log_prob(x) + model.prior.log_prob(z) - q.log_prob(z)
    loss = torch.einsum("kb->", log_w) / -log_w.numel()
    loss.backward()
    optimizer.step()
    return loss.detach().double()


def step_through_a_closure(model, optimizer, x):
    def closure():
        optimizer.zero_grad()
        loss = mean_loss(model, x)
        loss.backward()
        return loss

    return optimizer.step(closure)


def step_in_two_halves(model, optimizer, x):
    model.zero_grad()
    total = 0.0
    for rows in x.chunk(2):
        loss = -elbo_of(model, rows).sum() / len(x)
        loss.backward()
        total += loss.item()
    optimizer.step()
    return total


def oracle(model, optimizer, x):
    """By the weights' own update, and the KL from the draw."""
    q = model.encoder(x)
    z = q.mean + q.stddev * torch.randn_like(q.mean)
    loss = (kl_divergence(q, model.prior) - model.decoder(z).log_prob(x)).sum() / len(x)
    weights = list(model.parameters())
    for weight, slope in zip(weights, torch.autograd.grad(loss, weights), strict=True):
        weight.grad = slope
    optimizer.step()
    return loss.item()


def loss_of_free_bits(kept):
    def loss_of(model, x):
        q = model.encoder(x)
        kl = 0.5 * (q.mean**2 + q.stddev**2 - 1) - q.stddev.log()
        return (kept(kl) - model.decoder(q.rsample()).log_prob(x)).mean()

    return loss_of


def step_zeroing_the_encoder(model, optimizer, x):
    model.encoder.zero_grad()
    return step_with(mean_loss, "backward step")(model, optimizer, x)


def step_with_an_optimiser_of_its_own(model, optimizer, x):
    return step_with(mean_loss)(model, torch.optim.SGD(model.parameters(), lr=1e-3), x)


ANSWERS = [
    (step_with(mean_loss), "the usual one", ""),
    (step_by_hand, "by hand, a float", ""),
    (step_with_monte_carlo_kl, "Monte Carlo KL, four draws, float64", ""),
    (step_through_a_closure, "a closure", ""),
    (step_in_two_halves, "two halves, gradients accumulated", ""),
    (step_with(mean_loss, "zero backward step zero"), "zero_grad last", ""),
    (step_with(elbo_as_loss), "ELBO minimised", "minimised"),
    (step_with(mean_loss, "backward step"), "no zero_grad", "no-zero-grad"),
    (step_with(mean_loss, "zero backward"), "no step", "never-moves"),
    (step_with(mean_loss, "zero step"), "no backward", "never-moves"),
    (step_with(mean_loss, "backward zero step"), "zero_grad last", "never-moves"),
    (step_with(mean_loss, "step"), "step alone", "old-gradient"),
    (step_with(summed_loss), "sum over the batch", "batch-summed"),
    (step_with(loss_of_sample), ".sample()", "z-detached"),
    (step_with(loss_of_detached_encoder), "encoder detached", "encoder-frozen"),
    (step_with(loss_of_detached_decoder), "decoder detached", "decoder-frozen"),
    (step_with(loss_of_autoencoder), "no KL", "kl-missing"),
    (step_with(loss_with_kl_sign), "KL's sign", "kl-sign"),
    (step_with(loss_at_the_mean), "μ for z", "noise-none"),
    (step_with(loss_of_one_eps), "one ε for the batch", "noise-shared-by-rows"),
    (step_with(loss_of_a_seed), "a seed inside", "seeded"),
    (step_with(loss_weighted(lambda x, z: 1 / x.shape[1])), "mean over pixels", "mean-over-pixels"),
    (step_with(loss_weighted(kl=lambda x, z: 1 / z.shape[1])), "mean over latents", "mean-over-latents"),
    (step_with(loss_weighted(kl=lambda x, z: 2.0)), "½ of the KL missing", "kl-half-missing"),
    (step_without_gradients, "no_grad", "no-gradient"),
    (step_of_a_number, "a number", "no-gradient"),
    (step_with(mean_loss, report=lambda model, x, loss: -loss.item()), "ELBO returned for J", "elbo-returned"),
    (step_with(mean_loss, report=lambda model, x, loss: loss * len(x)), "sum returned", "sum-returned"),
    (step_reporting_the_kl, "KL returned", "kl-returned"),
    (step_with(mean_loss, clipped=0.1), "clipped", "clipped"),
    (step_with(loss_of_free_bits(lambda kl: kl.clamp(min=0.2).sum(-1))), "free bits of a latent", "free-bits-0.2"),
    (step_with(loss_of_free_bits(lambda kl: kl.sum(-1).clamp(min=2))), "free bits of an image", "free-bits-2-in-all"),
    (step_with(summed_loss, report=lambda model, x, loss: loss / len(x)), "sum().backward(), mean", "step-summed"),
    (step_zeroing_the_encoder, "encoder.zero_grad()", "decoder-keeps-old"),
    (step_with_an_optimiser_of_its_own, "its own SGD", "own-rate-0.001"),
]

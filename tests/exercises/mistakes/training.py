"""Chapter 5's answers."""

import torch
from torch.distributions import kl_divergence

from mistakes import Mistake, Unusual
from vae_lib.exercises import check_training_step

# The training step


def elbo_of(model, x):
    q = model.encoder(x)
    z = q.rsample()
    return model.decoder(z).log_prob(x) - kl_divergence(q, model.prior)


def step_with(loss_of, optimise="zero backward step", report=None):
    """A training step as students write it, with the parts of the optimiser's dance in a given order."""

    def my_training_step(model, optimizer, x):
        loss = loss_of(model, x)
        for move in optimise.split():
            if move == "zero":
                optimizer.zero_grad()
            elif move == "backward":
                loss.backward()
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


def loss_weighted(reconstruction=1.0, kl=1.0):
    def loss_of(model, x):
        q = model.encoder(x)
        log_px_z = model.decoder(q.rsample()).log_prob(x)
        return (kl * kl_divergence(q, model.prior) - reconstruction * log_px_z).mean()

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


MISTAKES = [
    Mistake(check_training_step, "ELBO minimised", step_with(elbo_as_loss), "ELBO is minimised"),
    Mistake(check_training_step, "no zero_grad", step_with(mean_loss, "backward step"), "zero_grad() is missing"),
    Mistake(check_training_step, "no step", step_with(mean_loss, "zero backward"), "never move"),
    Mistake(check_training_step, "no backward", step_with(mean_loss, "zero step"), "never move"),
    Mistake(check_training_step, "zero_grad last", step_with(mean_loss, "backward zero step"), "never move"),
    Mistake(check_training_step, "step alone", step_with(mean_loss, "step"), "repeats an old gradient"),
    Mistake(check_training_step, "sum over the batch", step_with(summed_loss), "summed over the batch"),
    Mistake(check_training_step, ".sample()", step_with(loss_of_sample), "gets the KL's gradient only"),
    Mistake(check_training_step, "encoder detached", step_with(loss_of_detached_encoder), "only the decoder"),
    Mistake(check_training_step, "decoder detached", step_with(loss_of_detached_decoder), "only the encoder"),
    Mistake(check_training_step, "no KL", step_with(loss_of_autoencoder), "an autoencoder"),
    Mistake(check_training_step, "KL's sign", step_with(loss_with_kl_sign), "added to the ELBO"),
    Mistake(check_training_step, "μ for z", step_with(loss_at_the_mean), "z is the mean μ"),
    Mistake(check_training_step, "one ε for the batch", step_with(loss_of_one_eps), "one ε is shared by the batch"),
    Mistake(check_training_step, "a seed inside", step_with(loss_of_a_seed), "Every call gives the same numbers"),
    Mistake(check_training_step, "mean over pixels", step_with(loss_weighted(1 / 4)), "pixels are averaged"),
    Mistake(check_training_step, "mean over latents", step_with(loss_weighted(kl=1 / 3)), "averaged over the latents"),
    Mistake(check_training_step, "½ of the KL missing", step_with(loss_weighted(kl=2.0)), "the KL counts twice"),
    Mistake(check_training_step, "no_grad", step_without_gradients, "The loss carries no gradient"),
    Mistake(check_training_step, "a number", step_of_a_number, "The loss carries no gradient"),
    Mistake(
        check_training_step,
        "ELBO returned for J",
        step_with(mean_loss, report=lambda model, x, loss: -loss.item()),
        "ELBO is returned instead of J",
    ),
    Mistake(
        check_training_step,
        "sum returned",
        step_with(mean_loss, report=lambda model, x, loss: loss * len(x)),
        "the reported J is summed over the batch",
    ),
    Mistake(check_training_step, "KL returned", step_reporting_the_kl, "KL is returned alone"),
]

UNUSUAL = [
    Unusual(check_training_step, "the usual one", step_with(mean_loss)),
    Unusual(check_training_step, "by hand, a float", step_by_hand),
    Unusual(check_training_step, "Monte Carlo KL, four draws, float64", step_with_monte_carlo_kl),
    Unusual(check_training_step, "a closure", step_through_a_closure),
    Unusual(check_training_step, "two halves, gradients accumulated", step_in_two_halves),
    Unusual(check_training_step, "zero_grad last", step_with(mean_loss, "zero backward step zero")),
]

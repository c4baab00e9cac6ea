"""Chapter 5: checks of the training step and generated pictures."""

import copy
import math
from collections.abc import Callable
from numbers import Real

import torch
from torch import Tensor
from torch.distributions import kl_divergence

from vae_lib.diagnose.words import Wrong
from vae_lib.exact.linear_gaussian import LinearGaussianVAE
from vae_lib.exercises.verdict import Question, check, shown


def fresh(value):
    """A copy of a tensor or a model in the default dtype, which an answer may spoil."""
    return copy.deepcopy(value).to(torch.get_default_dtype())


def as_tensor(question: Question, value) -> Tensor:
    """A number as a tensor, a tensor as it is, without its graph."""
    value = torch.tensor(float(value)) if isinstance(value, Real) else value
    question.check_tensor(value)
    return value.detach()


def mean_and_error(draws: Tensor) -> tuple[Tensor, Tensor]:
    """The mean over the first axis and its standard error."""
    return draws.mean(0), draws.std(0) / math.sqrt(len(draws))


def draw_variance(model: LinearGaussianVAE, x: Tensor) -> Tensor:
    """Var[log p(x|z)] over z = μ + σ ⊙ ε, `[batch]`: log p is a quadratic form in ε, a linear part and a square."""
    # log p = const + (rᵀSε − ½ ‖Sε‖²)/σ_x² with the residual r = x − f(μ) and S = W diag(σ). The two parts are
    # uncorrelated, since an odd moment is 0, with variances ‖Sᵀr‖² and ½ ‖SᵀS‖² (Var εᵀAε = 2 ‖A‖²).
    qz_x = model.encoder(x)
    spread = model.weight * qz_x.stddev[:, None, :]
    linear = ((x - model.decoder(qz_x.mean).mean)[:, None, :] @ spread).square().sum((1, 2))
    return (linear + 0.5 * (spread.mT @ spread).square().sum((1, 2))) / model.noise_std**4


def check_scatter(question: Question, value: Tensor, ratio: Tensor, more: str = "") -> None:
    """Raise Wrong where the variance of an answer is more than twice that of independent draws."""
    if ratio > 2:
        why = f"It is right on average, but its variance is {ratio:.1f} times that of a draw for each image and latent"
        shared = "This is what you get if one ε is shared by the batch or the latents"
        raise question.wrong(f"{why}. {shared}{more}.", value)


# Exercise 5.1: one training step, judged by its share of the exact step in each of the six parameter tensors

STEPS, LR, STALE = 150, 0.01, 3.0
WEIGHT = torch.tensor([[1.0, 0.4, -0.6], [-0.5, 1.2, 0.3], [0.7, -0.3, 0.9], [0.2, 0.6, -1.1]])
X_STEP = 2 * torch.sin(1.7 * torch.arange(800.0)).reshape(200, 4) + torch.tensor([1.0, -0.5, 0.3, 0.8])


def untrained() -> LinearGaussianVAE:
    """Far from its optimum, so that every gradient is large; every σ is another one."""
    model = LinearGaussianVAE(WEIGHT, torch.tensor([0.2, -0.4, 0.1, 0.5]), 0.8)
    model.encoder.log_var.data.copy_(torch.tensor([-0.4, -1.3, -2.1]))
    model.encoder.net[0].weight.data.mul_(0.6)
    model.encoder.net[0].bias.data.add_(torch.tensor([0.7, -0.9, 0.5]))
    return model


UNTRAINED = untrained()


def exact_gradient(reconstruction: float = 1, kl: float = 1, at_mu: bool = False) -> list[Tensor]:
    """That of the expected −reconstruction + KL, weighted; `at_mu` with z = μ instead of a mean over draws."""
    qz_x = UNTRAINED.encoder(X_STEP)
    kl_term = kl_divergence(qz_x, UNTRAINED.prior)
    expected = UNTRAINED.decoder(qz_x.mean).log_prob(X_STEP) if at_mu else UNTRAINED.expected_elbo(X_STEP) + kl_term
    loss = (kl * kl_term - reconstruction * expected).mean()
    return torch.autograd.grad(loss, list(UNTRAINED.parameters()), materialize_grads=True)


GRADIENT = exact_gradient()
NAMES = [name for name, _ in UNTRAINED.named_parameters()]
OF_ENCODER = torch.tensor([float(name.startswith("encoder")) for name in NAMES])


def share(change: list[Tensor]) -> Tensor:
    """How much of the exact gradient is in `change`, one number a parameter tensor: 1 for the exact one."""
    # The projection ⟨c, g⟩/⟨g, g⟩: unbiased if the step is, and 1 number to judge where a tensor has many.
    return torch.stack([(c * g).sum() / g.square().sum() for c, g in zip(change, GRADIENT, strict=True)])


KL_ALONE = torch.where(OF_ENCODER > 0, share(exact_gradient(reconstruction=0)), 1.0)  # and all of it in the decoder
STEP = Question(
    asked=f"the step in {', '.join(NAMES)}: 1 where it is the exact step down J (a mean over {STEPS})",
    on=f"{shown(x=X_STEP)}, SGD, an old gradient in every .grad",
    expected=torch.ones(6),
    mistakes={
        "the ELBO is minimised: the optimiser goes down, so it needs J = −ELBO": -torch.ones(6),
        "zero_grad() is missing: the gradient of the step before is added to this one": (1 + STALE) * torch.ones(6),
        "the parameters never move: step() or backward() is missing, or zero_grad() stands between the two, or the "
        "optimiser is not the one that is passed": torch.zeros(6),
        "backward() is missing, and zero_grad() with it: the step repeats an old gradient": STALE * torch.ones(6),
        f"the loss is summed over the batch instead of averaged: the step is {len(X_STEP)} times as large": len(X_STEP)
        * torch.ones(6),
        "only the decoder is updated: neither term's gradient reaches the encoder": 1 - OF_ENCODER,
        "only the encoder is updated, as when the decoder's parameters are detached": OF_ENCODER,
        "z carries no gradient (.sample(), detach or no_grad): the encoder gets the KL's gradient only": KL_ALONE,
        "the pixels are averaged instead of summed": share(exact_gradient(reconstruction=1 / len(WEIGHT))),
        "the KL is averaged over the latents instead of summed": share(exact_gradient(kl=1 / WEIGHT.shape[1])),
        "the KL counts twice, as without its ½": share(exact_gradient(kl=2)),
        "the KL is left out: this trains an autoencoder, not a VAE": share(exact_gradient(kl=0)),
        "the KL is added to the ELBO instead of subtracted": share(exact_gradient(kl=-1)),
        "z is the mean μ instead of a draw: the σ of q gets the KL's gradient only": share(exact_gradient(at_mu=True)),
    },
)
J_STEP = -UNTRAINED.expected_elbo(X_STEP).mean().detach()
STEP_LOSS = Question(
    asked=f"the J that the step returns, minus the mean ELBO, in nats an image (a mean over {STEPS} steps)",
    on=STEP.on,
    expected=J_STEP,
    mistakes={
        "the ELBO is returned instead of J: the step is right, the sign of what it reports is not": -J_STEP,
        "the reported J is summed over the batch, though the step is right": len(X_STEP) * J_STEP,
        "the KL is returned alone": kl_divergence(UNTRAINED.encoder(X_STEP), UNTRAINED.prior).mean().detach(),
    },
)


def take_step(my_training_step: Callable) -> tuple[Tensor, Tensor]:
    """The loss of one step from the same place, and the step's share of the exact one."""
    model = fresh(UNTRAINED)
    before = [parameter.detach().clone() for parameter in model.parameters()]
    for parameter, gradient in zip(model.parameters(), GRADIENT, strict=True):
        parameter.grad = STALE * gradient.to(parameter)
    try:
        loss = STEP.ask(my_training_step, model, torch.optim.SGD(model.parameters(), lr=LR), fresh(X_STEP))
    except Wrong as wrong:
        if "does not require grad" in str(wrong):
            why = "The loss carries no gradient: computed under torch.no_grad, detached, or made a number too early?"
            raise STEP.wrong(why, wrong.__cause__) from wrong
        raise
    change = [(b - p.detach()) / LR for b, p in zip(before, model.parameters(), strict=True)]
    return as_tensor(STEP_LOSS, loss), share(change)


@check
def check_training_step(my_training_step):
    """Exercise 5.1: `my_training_step(model, optimizer, x)` does one step on the mean of x `[batch, data]`; J, nats."""
    losses, shares = zip(*[take_step(my_training_step) for _ in range(STEPS)], strict=True)
    STEP.compare(*mean_and_error(torch.stack(shares)))
    mean, error = mean_and_error(torch.stack(losses))
    STEP_LOSS.compare(mean, error)
    one = draw_variance(UNTRAINED, X_STEP).mean() / (len(X_STEP) * STEPS)  # of the mean, if every z is its own draw
    check_scatter(STEP_LOSS, mean, error.square() / one)
    return "One step down J, in encoder and decoder, from a gradient of its own."

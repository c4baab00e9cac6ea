"""Chapter 5: checks of the training step, the test ELBO, generated pictures, a VAE of one's own, and counts."""

import copy
import math
from collections.abc import Callable
from numbers import Real

import torch
from torch import Tensor
from torch.distributions import kl_divergence
from torch.nn.functional import logsigmoid

from vae_lib.diagnose.words import Wrong
from vae_lib.distributions import binomial
from vae_lib.exact.linear_gaussian import LinearGaussianVAE
from vae_lib.exercises.verdict import STANDARD_ERRORS, Question, agree, check, leaf, shown
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianEncoder


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


# Exercise 5.2: the mean ELBO of a data set in batches, where q is the posterior and the expected ELBO is log p(x)

BATCH, CALLS = 200, 100
AXES = torch.tensor([[1.5, 0.0, 0.0], [0.0, 1.2, 0.0], [0.0, 0.0, -2.0], [2.0, 0.0, 0.0], [0.0, -0.9, 0.0]])
TIGHT = LinearGaussianVAE(AXES, torch.tensor([0.3, -0.2, 0.6, 0.1, -0.5]), 0.7)  # columns orthogonal: q exact
X_TEST = torch.sin(2.3 * torch.arange(2500.0)).reshape(500, 5) * torch.linspace(0.5, 3, 500)[:, None]
X_TEST[[0, BATCH - 1, BATCH, 2 * BATCH - 1, 2 * BATCH, -1]] *= 4  # the ends of batches: none may be forgotten
ELBOS = TIGHT.expected_elbo(X_TEST).detach()  # log p(x), here
AT_MU = TIGHT.decoder(TIGHT.encoder(X_TEST).mean).log_prob(X_TEST) - kl_divergence(TIGHT.encoder(X_TEST), TIGHT.prior)
# What z = μ + σ²ε gives on average.
NARROW = AT_MU - TIGHT.encoder(X_TEST).variance.square() @ AXES.square().sum(0) / (2 * TIGHT.noise_std**2)
PARTS = ELBOS.split(BATCH)
PART_MEANS = torch.stack([part.mean() for part in PARTS])

TEST_ELBO = Question(
    asked=f"the mean ELBO of all {len(X_TEST)} images, nats an image, higher is better (a mean over {CALLS} calls)",
    on=f"{shown(x=X_TEST)}, batch_size = {BATCH}: the last batch holds {len(PARTS[-1])}",
    expected=ELBOS.mean(),
    mistakes={
        "the batches' averages are averaged: the last batch is smaller, and its images count for more than the "
        "others": PART_MEANS.mean(),
        "the sum over the images is not divided by their number": ELBOS.sum(),
        "the batches' averages are added up and not divided": PART_MEANS.sum(),
        "the sum over the images is divided by the number of batches": ELBOS.sum() / len(PARTS),
        "the last batch counts as a full one: its mean is weighted by batch_size": BATCH
        * PART_MEANS.sum()
        / len(ELBOS),
        "the last, smaller batch is dropped": torch.cat(PARTS[:-1]).mean(),
        "the last, smaller batch is dropped from the sum but not from the count": torch.cat(PARTS[:-1]).sum()
        / len(ELBOS),
        "only the first batch is scored, as with `return` inside the loop": PART_MEANS[0],
        "only the last batch is returned, as when each batch overwrites the one before": PART_MEANS[-1],
        f"z is the mean μ instead of a draw: that is not an ELBO, and here it exceeds log p(x) = {ELBOS.mean():.2f}, "
        "which no ELBO does on average": AT_MU.mean().detach(),
        "z = μ + σ²ε is drawn instead of μ + σε": NARROW.mean().detach(),
        "the result is in bits: nats need the natural logarithm": ELBOS.mean() / math.log(2),
        "the result is divided by the number of pixels": ELBOS.mean() / X_TEST.shape[1],
        "J is returned instead of the ELBO: the sign is wrong": -ELBOS.mean(),
        "the KL is left out: this is the reconstruction term alone": (
            ELBOS + kl_divergence(TIGHT.encoder(X_TEST), TIGHT.prior)
        )
        .mean()
        .detach(),
    },
)


def below_log_px(value: Tensor, error: Tensor) -> None:
    """Raise Wrong where a mean lies above log p(x), and no known mistake says why."""
    known = any(agree(value, mistake, error) for mistake in TEST_ELBO.mistakes.values())
    if value.ndim == 0 and not known and error > 0 and value - STANDARD_ERRORS * error > ELBOS.mean() + 0.01:
        why = f"This model's log p(x) is known, {ELBOS.mean():.2f}, and no ELBO exceeds it on average."
        raise TEST_ELBO.wrong(f"{why} What is missing in yours, a part of the KL, or the noise in z?", value)


@check
def check_test_elbo(my_test_elbo):
    """Exercise 5.2: `my_test_elbo(model, x, batch_size)`, x `[n, data]`: the mean ELBO in nats an image, a number."""
    model = fresh(TIGHT)
    values = [TEST_ELBO.ask(my_test_elbo, model, fresh(X_TEST), BATCH) for _ in range(CALLS)]
    if isinstance(values[0], Tensor) and values[0].requires_grad:
        why = "The value carries a gradient: its graph keeps every batch in memory. Evaluate under torch.no_grad()."
        raise TEST_ELBO.wrong(why, values[0])
    mean, error = mean_and_error(torch.stack([as_tensor(TEST_ELBO, value) for value in values]))
    below_log_px(mean, error)
    TEST_ELBO.compare(mean, error)
    one = draw_variance(TIGHT, X_TEST).mean() / (len(X_TEST) * CALLS)  # of the mean
    partly = ", or if only a part of the images is scored, chosen at random"
    check_scatter(TEST_ELBO, mean, error.square() / one, partly)
    same = all(torch.equal(p, q.to(p)) for p, q in zip(model.parameters(), TIGHT.parameters(), strict=True))
    if not same or any(parameter.grad is not None for parameter in model.parameters()):
        raise TEST_ELBO.wrong("Evaluating changed the model: backward() and step() belong to training.", mean)
    return "Every image counts once, in nats an image, and the model is as it was."


# Exercise 5.3: pictures, judged by what pixels do on average over many calls

PICTURE_CALLS = 600
W_IN = torch.tensor([[0.9, -0.6, 0.3, 0.5], [-0.7, 1.1, 0.4, -0.3], [0.2, 0.6, -0.8, 0.7]])
W_OUT = torch.tensor([[2.5, -1.0, 0.5], [-1.5, 2.0, 1.0], [0.6, 1.4, -2.8], [1.2, -0.8, 1.6]])
B_OUT = torch.tensor([1.8, -0.7, 0.9, -1.5])
LOG_VAR_OUT = torch.tensor([0.6, -0.3, 0.2])
X_PICTURES = torch.tensor([[1.0, 0, 0, 1], [1, 1, 0, 1], [1, 0, 1, 1], [1, 0, 0, 0], [1, 1, 1, 1]])


def painter() -> VAE:
    """Four pixels, three latents, linear networks."""
    model = VAE(GaussianEncoder(4, 3, ()), BernoulliDecoder(3, 4, ()), 3)
    model.encoder.net[0].weight.data.copy_(torch.cat([W_IN, torch.zeros(3, 4)]))
    model.encoder.net[0].bias.data.copy_(torch.cat([torch.tensor([-0.5, 0.3, 0.2]), LOG_VAR_OUT]))
    model.decoder.net[0].weight.data.copy_(W_OUT)
    model.decoder.net[0].bias.data.copy_(B_OUT)
    return model


PAINTER = painter()
MU_PICTURES = X_PICTURES @ W_IN.T + torch.tensor([-0.5, 0.3, 0.2])


def cube(ticks: Tensor) -> Tensor:
    return torch.cartesian_prod(ticks, ticks, ticks).to(torch.get_default_dtype())


NODES = cube(torch.linspace(-6, 6, 37))  # a grid sums a smooth Gaussian integral to far below a check's noise
NODE_WEIGHTS = torch.softmax(-NODES.square().sum(-1) / 2, 0)


def black(z: Tensor) -> Tensor:
    """P(x = 1 | z): `[..., 4]`."""
    return torch.sigmoid(z @ W_OUT.T + B_OUT)


def under_q(mu: Tensor) -> Tensor:
    """The mean of `black` over z ~ N(mu, σ²)."""
    return NODE_WEIGHTS @ black(mu + torch.exp(0.5 * LOG_VAR_OUT) * NODES)


PRIOR_BLACK = black(NODES)
MEAN_BLACK = NODE_WEIGHTS @ PRIOR_BLACK
Q_BLACK = torch.stack([under_q(mu) for mu in MU_PICTURES])
BOTH_BLACK = PRIOR_BLACK.T @ (NODE_WEIGHTS[:, None] * PRIOR_BLACK)  # of means; a draw's diagonal is MEAN_BLACK

ON_PICTURES = f"{shown(x=X_PICTURES)}, num_samples = {len(X_PICTURES)}"
RECONSTRUCTED = Question(
    asked="reconstructions: the mean of p(x|z) at z = μ(x), [batch, data]",
    on=ON_PICTURES,
    expected=black(MU_PICTURES),
    mistakes={
        "logits are returned as pictures: the mean of a Bernoulli is a probability": MU_PICTURES @ W_OUT.T + B_OUT,
        "z is drawn from q instead of being its mean μ(x) (this is the average over calls)": Q_BLACK,
        "z comes from the prior, not from q(z|x): these images know nothing of x": MEAN_BLACK.expand(5, 4),
        "x itself is returned": X_PICTURES,
        "sigmoid is taken of what is a probability already": torch.sigmoid(black(MU_PICTURES)),
    },
)
GENERATED = Question(
    asked=f"generated images: how often each pixel is black (over {PICTURE_CALLS} calls)",
    on=ON_PICTURES,
    expected=MEAN_BLACK,
    mistakes={
        "z is drawn from q(z|x), not from the prior: these are reconstructions, shown as generated": Q_BLACK.mean(0),
        "z = μ(x): these are reconstructions, shown as generated": black(MU_PICTURES).mean(0),
        "z = 0, the prior's mean, for every image": black(torch.zeros(3)),
        "z is uniform in [0, 1], as torch.rand draws it; the prior is N(0, I)": black(
            cube((torch.arange(30) + 0.5) / 30)
        ).mean(0),
        "pixels are rounded to 0 and 1: draws are asked for": NODE_WEIGHTS @ PRIOR_BLACK.round(),
        "logits are returned as pictures": B_OUT,
        "the images of x are returned": X_PICTURES.mean(0),
    },
)
TOGETHER = Question(
    asked=f"generated images: how often pixels i and j are both black, [data, data] (over {PICTURE_CALLS} calls)",
    on=ON_PICTURES,
    expected=BOTH_BLACK - BOTH_BLACK.diag().diag() + MEAN_BLACK.diag(),
    mistakes={
        "the means of p(x|z) are returned where draws x ~ p(x|z) are asked for": BOTH_BLACK,
        "each pixel is drawn from its average: the dependence between pixels that z creates is lost": MEAN_BLACK.outer(
            MEAN_BLACK
        )
        + (MEAN_BLACK * (1 - MEAN_BLACK)).diag(),
    },
)
NEIGHBOURS = Question(
    asked=f"generated images: how often a pixel is black in two of one call (over {PICTURE_CALLS} calls)",
    on=ON_PICTURES,
    expected=MEAN_BLACK.square(),
    mistakes={
        "one z serves all images of a call: each needs its own": BOTH_BLACK.diag(),
        "one image is repeated": MEAN_BLACK,
    },
)


def paint(my_pictures: Callable, model: VAE, num_samples: int) -> tuple[Tensor, Tensor]:
    """What the answer returns, as two tensors whose shapes are right."""
    value = RECONSTRUCTED.ask(my_pictures, model, fresh(X_PICTURES), num_samples)
    RECONSTRUCTED.check_parts(value, "reconstructions, generated")
    reconstructions, generated = as_tensor(RECONSTRUCTED, value[0]), as_tensor(GENERATED, value[1])
    if num_samples != 5 and reconstructions.shape == (num_samples, 4) and generated.shape == (5, 4):
        raise RECONSTRUCTED.wrong("The two results are swapped: expected (reconstructions, generated).", value)
    for images, rows, name in ((reconstructions, 5, "reconstructions"), (generated, num_samples, "generated")):
        if images.shape != (rows, 4):
            why = f"The shape of {name} is wrong: expected [{rows}, 4], got {list(images.shape)}."
            raise RECONSTRUCTED.wrong(f"{why} (Called with num_samples = {num_samples}.)", images)
    return reconstructions, generated


@check
def check_pictures(my_pictures):
    """Exercise 5.3: `my_pictures(model, x, num_samples)`: means at z = μ(x), and draws x ~ p(x|z) with z ~ p(z)."""
    model = fresh(PAINTER)
    paint(my_pictures, model, 3)
    pairs = [paint(my_pictures, model, len(X_PICTURES)) for _ in range(PICTURE_CALLS)]
    reconstructions, generated = (torch.stack(images) for images in zip(*pairs, strict=True))
    if ((reconstructions == 0) | (reconstructions == 1)).all() and not (reconstructions == fresh(X_PICTURES)).all():
        why = "The reconstructions are black and white: draws where means are asked for."
        raise RECONSTRUCTED.wrong(why, reconstructions[0])
    mean, error = mean_and_error(reconstructions)
    RECONSTRUCTED.compare(mean, error.max().item())  # no tensor: they may well be equal in every call
    GENERATED.compare(*mean_and_error(generated.mean(1)))
    TOGETHER.compare(*mean_and_error(generated.mT @ generated / generated.shape[1]))
    NEIGHBOURS.compare(*mean_and_error((generated[:, 1:] * generated[:, :-1]).mean(1)))
    return "Reconstructions start from q(z|x), generated images from the prior."


# Exercise 5.5: counts

TOTAL = 5
COUNT_LOGITS = torch.tensor([[0.8, -1.3, 2.1, 0.4], [-0.5, 1.7, -2.4, 1.1], [1.5, 0.2, -0.9, -1.8]])
COUNTS = torch.tensor([[3.0, 1, 4, 2], [0, 5, 1, 3], [4, 2, 2, 1]])
COEFFICIENT = torch.tensor([[math.comb(TOTAL, int(count)) for count in row] for row in COUNTS.tolist()]).log()
CHANCES = COUNTS * logsigmoid(COUNT_LOGITS) + (TOTAL - COUNTS) * logsigmoid(-COUNT_LOGITS)
TWICE = torch.sigmoid(COUNT_LOGITS)

BINOMIAL = Question(
    asked="log p(x|z) of counts 0 … n under a binomial with these logits, one number an image, in nats",
    on=f"{shown(logits=COUNT_LOGITS, x=COUNTS)}, total_count = {TOTAL}",
    expected=binomial(TOTAL, COUNT_LOGITS).log_prob(COUNTS),
    mistakes={
        "the log-binomial coefficient is dropped (n times the cross-entropy of x/n is the same function, with its "
        "sign flipped)": CHANCES.sum(-1),
        "x/n is scored as if it were one Bernoulli pixel: the cross-entropy of x/n with its sign flipped": CHANCES.sum(
            -1
        )
        / TOTAL,
        "the log-binomial coefficient is subtracted instead of added": (CHANCES - COEFFICIENT).sum(-1),
        "the coefficient is added without its logarithm": (CHANCES + COEFFICIENT.exp()).sum(-1),
        "the log-likelihood is averaged over the pixels instead of summed": (CHANCES + COEFFICIENT).mean(-1),
        "the log-likelihoods of the batch are added up too": (CHANCES + COEFFICIENT).sum(),
        "the log-likelihoods of the batch are averaged too": (CHANCES + COEFFICIENT).sum(-1).mean(),
        "the pixels of an image are not added up": CHANCES + COEFFICIENT,
        "minus the log-likelihood is returned: a loss": -(CHANCES + COEFFICIENT).sum(-1),
        "minus the log-likelihood is returned, a loss, and without the log-binomial coefficient": -CHANCES.sum(-1),
        "a sigmoid is taken before something that takes logits": (
            COEFFICIENT + COUNTS * logsigmoid(TWICE) + (TOTAL - COUNTS) * logsigmoid(-TWICE)
        ).sum(-1),
        "the trials that failed are left out: (n − x) log(1 − p)": (
            COEFFICIENT + COUNTS * logsigmoid(COUNT_LOGITS)
        ).sum(-1),
        "lgamma(n), the logarithm of (n − 1)!, is used as that of n!": (
            CHANCES + math.lgamma(TOTAL) - torch.lgamma(COUNTS) - torch.lgamma(TOTAL - COUNTS)
        ).sum(-1),
    },
)
SURE_LOGITS = torch.tensor([[200.0, -200.0]]).repeat(2, 1)
SURE_COUNTS = torch.tensor([[TOTAL, 0.0], [0.0, TOTAL]])
SURE = Question(
    asked="the same where the network is very sure: right in the first image, wrong in the second",
    on=f"{shown(logits=SURE_LOGITS, x=SURE_COUNTS)}, total_count = {TOTAL}",
    expected=torch.tensor([0.0, -400 * TOTAL]),
    mistakes={
        "the logarithm of a sigmoid that has rounded to 0 or 1 is taken: log p and log(1 − p) have stable forms in the "
        "logits": torch.tensor([torch.nan, -torch.inf]),
        "log(1 + exp(logits)) is computed: exp(200) is infinite": torch.full((2,), -torch.inf),
    },
)


@check
def check_binomial(my_binomial_log_likelihood):
    """Exercise 5.5: `my_binomial_log_likelihood(logits, x, total_count)`, both `[batch, data]`: `[batch]`, in nats."""
    logits = leaf(COUNT_LOGITS)
    value = BINOMIAL.ask(my_binomial_log_likelihood, logits, fresh(COUNTS), TOTAL)
    BINOMIAL.compare(value)
    BINOMIAL.check_gradients(value, {"logits": logits}, {"logits": COUNTS - TOTAL * TWICE})
    logits = leaf(SURE_LOGITS)
    value = SURE.ask(my_binomial_log_likelihood, logits, fresh(SURE_COUNTS), TOTAL)
    if value.shape == SURE.expected.shape and -399 * TOTAL < value[1] < 0:
        why = "Something keeps the probabilities away from 0 and 1: a clamp, an ε, or Binomial(probs=…)."
        raise SURE.wrong(f"{why} log p and log(1 − p) have stable forms in the logits.", value)
    SURE.compare(value)
    SURE.check_gradients(value, {"logits": logits}, {"logits": SURE_COUNTS - TOTAL * torch.sigmoid(SURE_LOGITS)})
    return "The log-probability of the counts themselves, coefficient included."

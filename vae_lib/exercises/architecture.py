"""Chapter 1: checks of the encoder's head, its parametrisations, the shapes, the event and the number of parameters."""

import math
import re
from numbers import Integral, Real

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid, softplus

from vae_lib.diagnose.words import NotAttempted, Wrong, describe
from vae_lib.exercises.verdict import Question, agree, check, leaf, shown

# The head: from the network's output to μ and σ


MU = torch.tensor([[0.3, -1.7, 2.4], [-0.6, 1.1, 0.8]])
LOG_VAR = torch.tensor([[1.9, -2.3, 0.7], [-1.2, 2.6, -0.5]])
OUTPUT = torch.cat([MU, LOG_VAR], -1)
SIGMA = (LOG_VAR / 2).exp()
OTHER_MU = torch.tensor([[1.4, -0.2, 0.9, -2.1], [0.7, 1.8, -1.3, 0.4], [-0.8, 0.1, 2.2, -1.6]])
OTHER_LOG_VAR = torch.tensor([[-1.1, 2.3, 0.6, -0.4], [1.7, -2.5, 0.2, 1.2], [-0.9, 1.5, -1.8, 2.7]])
OTHER_OUTPUT = torch.cat([OTHER_MU, OTHER_LOG_VAR], -1)

HEAD_MU = Question(
    asked="mu, the first of the two values, [batch, latent]",
    on=shown(output=OUTPUT),
    expected=MU,
    mistakes={
        "the halves are swapped: log σ² is read as μ, see equation (1.3)": LOG_VAR,
        "σ is returned first, and μ second": SIGMA,
        "every other column is taken: the first half of the columns is μ": OUTPUT[:, ::2],
        "the batch is cut in two: chunk and split cut along the first axis unless they are told otherwise": OUTPUT[:1],
        "the output is reshaped to [2, batch, latent], which cuts through its rows": OUTPUT.reshape(2, 2, 3)[0],
        "the number of latents is fixed at 2, as in the chapter: half of the columns, whatever their number, "
        "is μ": OUTPUT[:, :2],
        "the whole output is returned for μ": OUTPUT,
        "μ is exponentiated as well: a mean may be negative": MU.exp(),
        "μ is halved as well": MU / 2,
    },
)
HEAD_SIGMA = Question(
    asked="sigma, the second of the two values: a standard deviation, [batch, latent]",
    on=shown(output=OUTPUT),
    expected=SIGMA,
    mistakes={
        "log σ² itself is passed as σ": LOG_VAR,
        "exp(log σ²) is passed as σ: that is the variance σ², and μ + σε becomes μ + Σε; the ½ of equation (1.3) is "
        "missing": LOG_VAR.exp(),
        "the ½ stands outside of the exponential": LOG_VAR.exp() / 2,
        "the ½ is taken without the exponential: that is log σ": LOG_VAR / 2,
        "log σ² is doubled instead of halved": (2 * LOG_VAR).exp(),
        "log σ² is halved twice, or halved and the square root taken as well: that is √σ": (LOG_VAR / 4).exp(),
        "the sign of log σ² is flipped: that is 1/σ": (-LOG_VAR / 2).exp(),
        "the square root of log σ² is taken: where log σ² is negative, there is none": LOG_VAR.sqrt(),
        "the sign of log σ² is thrown away by an absolute value": LOG_VAR.abs(),
        "log σ² is clamped at 0": LOG_VAR.clamp(min=0),
        "softplus is applied to log σ²: it makes a positive number too, but exp alone undoes a logarithm": softplus(
            LOG_VAR
        ),
        "softplus is applied to ½ log σ² = log σ: exp alone undoes a logarithm": softplus(LOG_VAR / 2),
        "softplus and exp are both applied, exp first: one of them suffices, here exp": softplus(SIGMA),
        "softplus and exp are both applied, softplus first: one of them suffices, here exp": (
            softplus(LOG_VAR) / 2
        ).exp(),
        "softplus and exp are both applied, and the ½ is missing": softplus(LOG_VAR).exp(),
        "softplus is applied after the exponential, and the ½ is missing": softplus(LOG_VAR.exp()),
        "σ is made from the half that holds μ": (MU / 2).exp(),
        "a matrix with σ on its diagonal is returned: σ is one number per latent": torch.diag_embed(SIGMA),
        "the covariance matrix Σ is returned: σ is one number per latent": torch.diag_embed(SIGMA**2),
    },
)
OTHER_HEAD_MU = Question(
    asked="mu, the first of the two values, [batch, latent]",
    on="output of shape [3, 8], where there are 4 latents",
    expected=OTHER_MU,
    mistakes={"the number of latents is fixed at 3: half of the columns, whatever their number": OTHER_OUTPUT[:, :3]},
)
OTHER_HEAD_SIGMA = Question(
    asked="sigma, the second of the two values: a standard deviation, [batch, latent]",
    on="output of shape [3, 8], where there are 4 latents",
    expected=(OTHER_LOG_VAR / 2).exp(),
    mistakes={
        "the number of latents is fixed at 3: half of the columns, whatever their number": (
            OTHER_OUTPUT[:, 3:] / 2
        ).exp(),
        "log σ² is taken from the last 3 columns, whatever their number": (OTHER_OUTPUT[:, -3:] / 2).exp(),
    },
)


@check
def check_head(my_head):
    """Exercise 1.1: `my_head(output)` makes (mu, sigma), each `[batch, latent]`, of `[batch, 2 · latent]`."""
    for values, *questions in ((OUTPUT, HEAD_MU, HEAD_SIGMA), (OTHER_OUTPUT, OTHER_HEAD_MU, OTHER_HEAD_SIGMA)):
        output = leaf(values)
        parts = questions[0].ask(my_head, output.clone())  # a clone, so that it may be changed in place
        questions[0].check_parts(parts, "mu, sigma")
        sigma = questions[1].expected
        of_mu, of_sigma = torch.ones_like(sigma), sigma / 2
        gradients = torch.cat([of_mu, 0 * of_mu], -1), torch.cat([0 * of_sigma, of_sigma], -1)
        for question, part, gradient in zip(questions, parts, gradients, strict=True):
            question.compare(part)
            question.check_gradients(part, {"output": output}, {"output": gradient})
    return "The head: μ, and a σ that is positive whatever the network says."


# Back: from Σ to log σ²


VARIANCES = torch.tensor([[1.6, 0.2, 3.0], [0.09, 5.0, 0.6]])
COVARIANCES = torch.diag_embed(VARIANCES)
LOGS = VARIANCES.log()
RISING = VARIANCES.sort().values.log()

LOG_VARIANCE = Question(
    asked="log σ², [batch, latent]",
    on="Sigma of shape [2, 3, 3], two diagonal matrices with the diagonals [1.6, 0.2, 3] and [0.09, 5, 0.6]",
    expected=LOGS,
    mistakes={
        "the logarithm is missing: that is σ²": VARIANCES,
        "the square root is taken instead of the logarithm: that is σ": VARIANCES.sqrt(),
        "a square root or a ½ comes before or after the logarithm: that is log σ": LOGS / 2,
        "the diagonal of Σ is used as σ and squared: it holds σ² already": 2 * LOGS,
        "the sign is flipped: that is the logarithm of the precision 1/σ²": -LOGS,
        "exp is taken where log is meant": VARIANCES.exp(),
        "the logarithm is to base 10: the head's exponential is to base e": VARIANCES.log10(),
        "the logarithm is to base 2: the head's exponential is to base e": VARIANCES.log2(),
        "1 is added before the logarithm, as log1p does": VARIANCES.log1p(),
        "the eigenvalues are taken, which come in rising order: the order of the latents is lost": RISING,
        "the singular values are taken, which come in falling order: the order of the latents is lost": RISING.flip(-1),
        "the diagonal is taken along the first two axes, of which the first is the batch": (
            COVARIANCES.diagonal().log()
        ),
        "the logarithm of the whole matrix is returned, with log 0 = −∞ off the diagonal": COVARIANCES.log(),
        "log σ² is returned on the diagonal of a matrix": torch.diag_embed(LOGS),
        "the log-determinant is returned, the sum over the latents": LOGS.sum(-1),
        "the latents share one variance, their mean: Σ is diagonal, not isotropic": (
            VARIANCES.mean(-1, keepdim=True).log().expand(2, 3)
        ),
    },
)
OTHER_VARIANCES = torch.tensor([[0.7, 2.5], [1.3, 0.4], [4.0, 0.08]])
OTHER_LOG_VARIANCE = Question(
    asked=LOG_VARIANCE.asked,
    on="Sigma of shape [3, 2, 2], three diagonal matrices with the diagonals [0.7, 2.5], [1.3, 0.4] and [4, 0.08]",
    expected=OTHER_VARIANCES.log(),
)


@check
def check_log_var(my_log_var):
    """Exercise 1.2: `my_log_var(Sigma)` is log σ², `[batch, latent]`, of diagonal Σ, `[batch, latent, latent]`."""
    for question, values in ((LOG_VARIANCE, VARIANCES), (OTHER_LOG_VARIANCE, OTHER_VARIANCES)):
        variances = leaf(values)
        log_var = question.ask(my_log_var, torch.diag_embed(variances))
        question.compare(log_var)
        question.check_gradients(log_var, {"Sigma": variances}, {"Sigma": 1 / values})
    return "The way back: Σ holds σ² on its diagonal, the encoder log σ²."


# The shapes


SIZES = {"batch": 4, "data_dim": 7, "latent_dim": 3, "num_samples": 5}


class Shape(Question):
    """A question whose answer is a shape, held as a tensor of its sizes."""

    def compare(self, value: Tensor, error: float = 0.0) -> None:
        if not agree(value, self.expected):
            known = [mistake for mistake, of_mistake in self.mistakes.items() if agree(value, of_mistake)]
            raise self.wrong(f"This is what you get if {known[0]}." if known else "The shape is wrong.", value)

    def wrong(self, why: str, came) -> Wrong:
        return Wrong(re.sub(r", shape \[\d+\]$", "", str(super().wrong(why, came)), flags=re.MULTILINE))


def shape(what: str, expected: tuple, mistakes: dict[str, tuple], passed: dict[str, int] = SIZES) -> Shape:
    """The question for the shape of one tensor."""
    on = ", ".join(f"{name} = {size}" for name, size in passed.items())
    return Shape(f"the shape of {what}", on, sizes(expected), {name: sizes(of) for name, of in mistakes.items()})


def sizes(of: tuple) -> Tensor:
    return torch.tensor(of, dtype=torch.float64)


X_SHAPE = shape(
    "x, the pictures",
    (4, 7),
    {
        "the axes of x are swapped: the batch comes first": (7, 4),
        "x gets a samples axis: several z are drawn for each picture, and x stays as it is": (5, 4, 7),
        "x has no axis for the batch": (7,),
        "x has no axis for its pixels": (4,),
        "x has latent_dim numbers: its width is data_dim": (4, 3),
    },
)
OUTPUT_SHAPE = shape(
    "output, what the encoder's network returns",
    (4, 6),
    {
        "output has room for μ alone: the head is joint, it holds μ and log σ²": (4, 3),
        "output is cut into μ and log σ² already, along an axis of its own": (4, 2, 3),
        "output gets a samples axis: the encoder sees each picture once, the draws come after it": (5, 4, 6),
        "output has no axis for the batch": (6,),
        "output is as wide as x: the encoder answers with 2 · latent_dim numbers": (4, 7),
        "output has 2 · data_dim numbers: μ and log σ² belong to z": (4, 14),
        "output has room for μ and a full matrix: this head is diagonal": (4, 12),
    },
)
MU_SHAPE = shape(
    "mu, the mean of q(z|x)",
    (4, 3),
    {
        "mu is the whole joint head: half of it is μ": (4, 6),
        "mu gets a samples axis: all draws for a picture share one μ": (5, 4, 3),
        "mu has no axis for the batch: each picture has its own μ": (3,),
        "mu is as wide as x: it is a mean of z": (4, 7),
        "the axes of mu are swapped: the batch comes first": (3, 4),
    },
)
SIGMA_SHAPE = shape(
    "Sigma, the covariance matrices of q(z|x), if one builds them",
    (4, 3, 3),
    {
        "only the diagonal of Sigma is counted: that is the shape of σ and σ²": (4, 3),
        "Sigma is one matrix for the whole batch: each picture has its own": (3, 3),
        "Sigma gets a samples axis: all draws for a picture share one Σ": (5, 4, 3, 3),
        "Sigma relates the pixels: it is a covariance of z": (4, 7, 7),
        "Sigma relates the pictures to one another: it relates the latents": (4, 4),
        "Sigma is as wide as the joint head": (4, 6, 6),
    },
)
Z_SHAPE = shape(
    "z, num_samples draws for each picture",
    (5, 4, 3),
    {
        "z has its samples axis second: it comes first": (4, 5, 3),
        "z has its samples axis last: it comes first": (4, 3, 5),
        "z has no samples axis: that is one draw for each picture": (4, 3),
        "z has no axis for the batch: each picture has its own draws": (5, 3),
        "z is as wide as x: a z has latent_dim numbers": (5, 4, 7),
        "z is as wide as the joint head: a z has latent_dim numbers": (5, 4, 6),
        "z has samples and batch in one axis: they are separate axes": (20, 3),
    },
)
LOGITS_SHAPE = shape(
    "logits, what the decoder's network returns for z",
    (5, 4, 7),
    {
        "logits has its samples axis second: it comes first": (4, 5, 7),
        "logits has its samples axis last: it comes first": (4, 7, 5),
        "logits has no samples axis: there is a picture for every z": (4, 7),
        "logits is as wide as z: the decoder answers with data_dim numbers": (5, 4, 3),
        "logits has two numbers for a pixel: a Bernoulli needs one": (5, 4, 14),
        "logits has samples and batch in one axis: they are separate axes": (20, 7),
    },
)
RECONSTRUCTION_SHAPE = shape(
    "reconstruction, log p(x|z)",
    (5, 4),
    {
        "reconstruction keeps the axis of the pixels: one picture is one event, and its log-probability is "
        "one number": (5, 4, 7),
        "reconstruction has its samples axis last: it comes first": (4, 5),
        "reconstruction has no samples axis: there is one number for every z": (4,),
        "reconstruction has no axis for the batch: there is one number for every picture": (5,),
        "reconstruction is averaged over everything: it is one number for every z of every picture": (),
        "reconstruction is summed over the batch instead of the pixels": (5, 7),
        "reconstruction keeps the axis of the pixels and loses that of the samples": (4, 7),
    },
)
KL_SHAPE = shape(
    "kl, the KL from q(z|x) to the prior in closed form",
    (4,),
    {
        "kl keeps the axis of the latents: one z is one event": (4, 3),
        "kl gets a samples axis: the closed form needs μ and σ, and no draw": (5, 4),
        "kl gets a samples axis and keeps the axis of the latents": (5, 4, 3),
        "kl is averaged over the batch: it is one number for every picture": (),
        "kl is summed over the batch instead of the latents": (3,),
    },
)
SHAPES = {
    "x": X_SHAPE,
    "output": OUTPUT_SHAPE,
    "mu": MU_SHAPE,
    "Sigma": SIGMA_SHAPE,
    "z": Z_SHAPE,
    "logits": LOGITS_SHAPE,
    "reconstruction": RECONSTRUCTION_SHAPE,
    "kl": KL_SHAPE,
}
OTHER_SIZES = {"batch": 2, "data_dim": 9, "latent_dim": 5, "num_samples": 8}
IN_ITS_PLACE = {4: 2, 7: 9, 3: 5, 6: 10, 5: 8}  # the other size for each
OTHER_SHAPES = {
    name: shape(
        question.asked.removeprefix("the shape of "),
        tuple(IN_ITS_PLACE[size] for size in question.expected.int().tolist()),
        {f"{name} is hard-coded: its sizes depend on the arguments": tuple(question.expected.int().tolist())},
        OTHER_SIZES,
    )
    for name, question in SHAPES.items()
}


@check
def check_shapes(my_shapes):
    """Exercise 1.3: `my_shapes(batch, data_dim, latent_dim, num_samples)` is a dict from names to shapes, as tuples."""
    for passed, questions in ((SIZES, SHAPES), (OTHER_SIZES, OTHER_SHAPES)):
        shapes = questions["x"].ask(my_shapes, *passed.values())
        if not isinstance(shapes, dict):
            raise questions["x"].wrong(f"Expected a dict of {len(SHAPES)} shapes, got {describe(shapes)}.", shapes)
        if any(found is ... for found in shapes.values()):
            raise NotAttempted
        for name, question in questions.items():
            if name not in shapes:
                raise question.wrong(f"There is no entry {name!r}.", shapes)
            question.compare(read_shape(question, name, shapes[name]))
    return "The shapes: samples, batch, width; and one number per event."


def read_shape(question: Question, name: str, found) -> Tensor:
    """A shape as a tensor of its sizes. Raises Wrong for anything but a tuple or list of whole numbers."""
    if isinstance(found, Integral):
        raise question.wrong(f"{name!r} is a number: a tuple of one number is written with a comma, (4,).", found)
    if not isinstance(found, tuple | list):
        raise question.wrong(f"{name!r} is {describe(found)}: expected a tuple of whole numbers.", found)
    for size in found:
        if not isinstance(size, Integral):
            raise question.wrong(f"{name!r} holds {size!r}: expected a tuple of whole numbers.", found)
    return sizes(found)


# One event per datum


LOGITS = torch.tensor(
    [
        [[0.4, -1.9, 2.7, 1.1], [-0.7, 3.2, -2.3, 0.9]],
        [[-1.3, 0.8, -0.5, 2.1], [1.6, -3.1, 0.2, -1.4]],
        [[2.4, -0.3, -2.8, -0.9], [0.6, 1.7, -1.2, 3.4]],
    ]
)
PIXELS = torch.tensor([[1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 0.0]])


def log_bernoulli(x: Tensor, logits: Tensor) -> Tensor:
    """One number per pixel, by whatever numbers it is called."""
    return x * logsigmoid(logits) + (1 - x) * logsigmoid(-logits)


PER_PIXEL = log_bernoulli(PIXELS, LOGITS)
SCORES = PER_PIXEL.sum(-1)

EVENT = Question(
    asked="log p(x|z), one number per draw and picture, [samples, batch], in nats",
    on=shown(logits=LOGITS, x=PIXELS),
    expected=SCORES,
    mistakes={
        "the pixels are not summed: one picture is one event": PER_PIXEL,
        "the pixels are averaged instead of summed": PER_PIXEL.mean(-1),
        "the sum runs over the samples instead of the pixels": PER_PIXEL.sum(0),
        "the sum runs over the batch instead of the pixels": PER_PIXEL.sum(1),
        "the sum runs over everything: each picture has its own number for each draw": PER_PIXEL.sum(),
        "the mean is taken over everything: each picture has its own number for each draw": PER_PIXEL.mean(),
        "the pixels are summed and the mean of all is taken: each picture has its own number for each draw": (
            SCORES.mean()
        ),
        "the batch is summed together with the pixels": SCORES.sum(1),
        "the batch is averaged after the sum over the pixels": SCORES.mean(1),
        "the samples are summed together with the pixels": SCORES.sum(0),
        "the samples are averaged after the sum over the pixels": SCORES.mean(0),
        "the samples axis is last: it comes first": SCORES.mT,
        "the pixels' axis is kept with size 1": SCORES[..., None],
        "the sign is flipped: this is the cross-entropy, a loss": -SCORES,
        "the cross-entropy is averaged over the pixels, with its sign": -PER_PIXEL.mean(-1),
        "a sigmoid is applied to the logits before a function that applies its own": (
            log_bernoulli(PIXELS, LOGITS.sigmoid()).sum(-1)
        ),
        "x and the logits are swapped": log_bernoulli(LOGITS, PIXELS).sum(-1),
        "black and white are swapped: sigmoid(logit) is the probability of x = 1": (
            log_bernoulli(1 - PIXELS, LOGITS).sum(-1)
        ),
        "only the pixels with x = 1 count: the others say something too": (PIXELS * PER_PIXEL).sum(-1),
        "only the pixels with x = 0 count: the others say something too": ((1 - PIXELS) * PER_PIXEL).sum(-1),
        "the logarithm is missing: this is p(x|z)": SCORES.exp(),
        "probabilities are summed before the logarithm: the logarithm of a product is a sum of logarithms": (
            PER_PIXEL.logsumexp(-1)
        ),
        "the number is in bits: nats belong to the natural logarithm": SCORES / math.log(2),
        "the squared difference of x and the probability is taken: that is not a Bernoulli": (
            -(PIXELS - LOGITS.sigmoid()).square().sum(-1)
        ),
    },
)
SURE_LOGITS, SURE_PIXELS = torch.tensor([[[200.0, 0.5]]]), torch.tensor([[0.0, 1.0]])
OF_THE_OTHER = logsigmoid(torch.tensor(0.5)).item()
SURE = Question(
    asked="log p(x|z), [samples, batch], in nats, also where the decoder is sure and wrong",
    on=shown(logits=SURE_LOGITS, x=SURE_PIXELS),
    expected=torch.tensor([[-200 + OF_THE_OTHER]]),
    mistakes={
        "an exponential is taken before the logarithm: the sigmoid of 200 rounds to 1, a probability of exp(−200) to "
        "0, and exp(200) is more than a float32 holds": torch.tensor([[-math.inf]]),
    },
)
STOPS = (
    "Where the decoder is sure, log p(x|z) stops falling. This is what you get if the sigmoid is taken first, and its "
    "1 is clamped to the next float32 below (as torch's Bernoulli does with probs), kept from 1 by a small number, or "
    "passed to a cross-entropy, which stops at −100; or if the logits are clamped. Pass the logits as they are."
)


@check
def check_event(my_log_likelihood):
    """Exercise 1.4: `my_log_likelihood(logits, x)` is log p(x|z), `[samples, batch]`, in nats, higher is better.

    `logits` is `[samples, batch, data]`, and `x`, of zeros and ones, is `[batch, data]`.
    """
    for question, logits, x in ((EVENT, leaf(LOGITS), PIXELS), (SURE, leaf(SURE_LOGITS), SURE_PIXELS)):
        value = question.ask(my_log_likelihood, logits.clone(), leaf(x).detach())
        question.check_tensor(value)
        if question is SURE and value.shape == (1, 1) and -199 < value.item() < 0:
            raise SURE.wrong(STOPS, value)
        question.compare(value)
        question.check_gradients(value, {"logits": logits}, {"logits": x - logits.detach().sigmoid()})
    return "One event per picture: the pixels are summed, nothing else is."


# A full Σ


ENTRIES = torch.tensor([[0.5, -1.1, -0.7, 0.8, 1.4, 0.3], [-0.4, 0.6, 0.9, -1.5, 0.2, -0.8]])
ROWS, COLUMNS = torch.tril_indices(3, 3)
EYE = torch.eye(3)


def lower(entries: Tensor) -> Tensor:
    """A lower triangle, filled row by row."""
    filled = torch.zeros(len(entries), 3, 3)
    filled[:, ROWS, COLUMNS] = entries
    return filled


RAW = lower(ENTRIES)
L = RAW * (1 - EYE) + RAW.exp() * EYE  # the diagonal is given by its logarithm
RAW_BY_COLUMN = lower(ENTRIES[:, [0, 1, 3, 2, 4, 5]])
L_BY_COLUMN = RAW_BY_COLUMN * (1 - EYE) + RAW_BY_COLUMN.exp() * EYE


def squared(factor: Tensor) -> Tensor:
    return factor @ factor.mT


FULL_SIGMA = Question(
    asked="Σ = L Lᵀ, [batch, 3, 3]",
    on=shown(entries=ENTRIES),
    expected=squared(L),
    mistakes={
        "L itself is returned: the product with Lᵀ is missing": L,
        "the product is Lᵀ L": squared(L.mT),
        "the diagonal of L is not exponentiated: it may then be negative or 0": squared(RAW),
        "the triangle is returned as it came, without exponential and without product": RAW,
        "all entries of L are exponentiated: those below the diagonal may be negative": squared(lower(ENTRIES.exp())),
        "the whole matrix is exponentiated, with exp 0 = 1 above the diagonal": squared(RAW.exp()),
        "the diagonal is exponentiated with a ½: an entry there is the logarithm of L's, not a log-variance": (
            squared(RAW * (1 - EYE) + (RAW / 2).exp() * EYE)
        ),
        "exp is added to the diagonal instead of taking its place": squared(RAW + RAW.exp() * EYE),
        "L and Lᵀ are multiplied entry by entry, or nothing stands below L's diagonal: that Σ is diagonal": L * L.mT,
        "the entries of L are squared one by one": L**2,
        "L and Lᵀ are added: the sum is symmetric, but not always positive definite": L + L.mT,
        "L is mirrored at its diagonal: symmetric, but not always positive definite": L + L.mT - L * EYE,
        "the triangle is filled column by column": squared(L_BY_COLUMN),
        "the upper triangle is filled instead of the lower": squared(L_BY_COLUMN.mT),
        "the diagonal of L stays 0: its logarithms are not put in": squared(L - L * EYE),
    },
)
OF_L = 2 * L.sum(-2, keepdim=True) * (L * EYE + 1 - EYE)  # dΣ.sum()/dL, times the exponential's on the diagonal
ONE_SIGMA = Question(asked="Σ = L Lᵀ, [batch, 3, 3]", on=shown(entries=ENTRIES[:1]), expected=squared(L)[:1])


@check
def check_full_covariance(my_full_covariance):
    """Exercise 1.5: `my_full_covariance(entries)`, `[batch, 6]`, is Σ = L Lᵀ, `[batch, 3, 3]`.

    `entries` holds L's lower triangle row by row; on the diagonal it holds logarithms.
    """
    for question in (FULL_SIGMA, ONE_SIGMA):
        batch = len(question.expected)
        entries = leaf(ENTRIES[:batch])
        Sigma = question.ask(my_full_covariance, entries.clone())
        question.compare(Sigma)
        question.check_gradients(Sigma, {"entries": entries}, {"entries": OF_L[:batch, ROWS, COLUMNS]})
    return "A full Σ: symmetric and positive definite, whatever the numbers."


# The number of parameters


COUNT = Question(
    asked="the number of weights and biases of encoder and decoder",
    on="data_dim = 30, hidden_dim = 11, latent_dim = 4",
    expected=torch.tensor(30 * 11 + 11 + 11 * 8 + 8 + 4 * 11 + 11 + 11 * 30 + 30.0),
    mistakes={
        "the biases are forgotten": torch.tensor(30 * 11 + 11 * 8 + 4 * 11 + 11 * 30.0),
        "the head is counted once: it gives μ and log σ², 2 · latent_dim numbers": torch.tensor(
            30 * 11 + 11 + 11 * 4 + 4 + 4 * 11 + 11 + 11 * 30 + 30.0
        ),
        "the head is counted once, and the biases are forgotten": torch.tensor(30 * 11 + 11 * 4 + 4 * 11 + 11 * 30.0),
        "the encoder alone is counted": torch.tensor(30 * 11 + 11 + 11 * 8 + 8.0),
        "the decoder alone is counted": torch.tensor(4 * 11 + 11 + 11 * 30 + 30.0),
        "the encoder is counted twice: the decoder reads z, latent_dim numbers, not 2 · latent_dim, and ends "
        "with data_dim biases": torch.tensor(2 * (30 * 11 + 11 + 11 * 8 + 8.0)),
        "the decoder reads μ and log σ²: it reads z, latent_dim numbers": torch.tensor(
            30 * 11 + 11 + 11 * 8 + 8 + 8 * 11 + 11 + 11 * 30 + 30.0
        ),
        "the biases of the hidden layers alone are counted": torch.tensor(30 * 11 + 11 + 11 * 8 + 4 * 11 + 11 + 330.0),
        "the biases of the last layers alone are counted": torch.tensor(30 * 11 + 11 * 8 + 8 + 4 * 11 + 330 + 30.0),
        "a layer has one bias for all of its outputs: each output has its own": torch.tensor(
            30 * 11 + 11 * 8 + 4 * 11 + 11 * 30 + 4.0
        ),
        "a layer has a bias for each of its inputs: each output has one": torch.tensor(
            30 * 11 + 30 + 11 * 8 + 11 + 4 * 11 + 4 + 11 * 30 + 11.0
        ),
        "the head has room for a full covariance: this one is diagonal": torch.tensor(
            30 * 11 + 11 + 11 * 14 + 14 + 4 * 11 + 11 + 11 * 30 + 30.0
        ),
        "the prior's μ and σ are counted: they are fixed": torch.tensor(
            30 * 11 + 11 + 11 * 8 + 8 + 4 * 11 + 11 + 11 * 30 + 30 + 8.0
        ),
        "the sizes are those of the chapter, 64, 32 and 2, whatever is passed": torch.tensor(
            64 * 32 + 32 + 32 * 4 + 4 + 2 * 32 + 32 + 32 * 64 + 64.0
        ),
    },
)
OTHER_COUNT = Question(
    asked=COUNT.asked,
    on="data_dim = 5, hidden_dim = 7, latent_dim = 3",
    expected=torch.tensor(5 * 7 + 7 + 7 * 6 + 6 + 3 * 7 + 7 + 7 * 5 + 5.0),
    mistakes={"the number is hard-coded: it depends on the sizes that are passed": COUNT.expected},
)


@check
def check_parameter_count(my_parameter_count):
    """Exercise 1.6: `my_parameter_count(data_dim, hidden_dim, latent_dim)` is the number of weights and biases."""
    for question, passed in ((COUNT, (30, 11, 4)), (OTHER_COUNT, (5, 7, 3))):
        count = question.ask(my_parameter_count, *passed)
        if hasattr(count, "item") and math.prod(count.shape) == 1:  # a tensor or an array
            count = count.item()
        if not isinstance(count, Real) or isinstance(count, bool):
            raise question.wrong(f"Expected a number, got {describe(count)}.", count)
        question.compare(torch.tensor(float(count)))
    return "θ and ϕ together: the weights and biases of four layers."

r"""# A whole VAE

Write the whole VAE of a homework, from a blank page and in plain tensors, with the 25 lines folded away. `MyVAE(D, H, d)` is an `nn.Module` for $D$ pixels, $H$ hidden units and $d$ latents. This time each network has two hidden layers and the encoder two heads, but the check accepts any networks that take rows of any $D$: it makes models of 7 and of 13 pixels, so a convolution, which needs a square of them, does not fit. Its methods are `encode(x)`, which returns `(mu, log_var)`, both `[batch, latent]`; `reparameterize(mu, log_var)`, a draw of $z$, in training and at test time; `decode(z)`, the *logits* `[batch, data]`; and `loss_function(logits, x, mu, log_var)`, $J$ for black-and-white pixels, one number, in nats an image, exact for very large logits too. The check trains nothing. It looks at shapes, at the noise in $z$, at the loss on numbers of its own, and at whether the right gradient reaches every parameter. And if yours trains and looks wrong: [I see…](i_see.md) tells the causes of a symptom apart.

## Hint: where to look
[Chapter 3](03_reparameterization.ipynb) for `reparameterize`, [chapter 4](04_elbo.ipynb) for the two terms of the loss. Write one method, run the check, and read what it says.

## Hint: the idea
No activation follows a last layer: $\mu$, $\log \sigma^2$ and logits may all be negative. One $\varepsilon$ for each image *and* latent. In the loss, sums over pixels and over latents, and one mean over the batch.

## Hint: nearly the code
$\sigma$ is `torch.exp(0.5 * log_var)` and $\varepsilon$ `torch.randn_like(mu)`. The reconstruction loss is `binary_cross_entropy_with_logits(logits, x, reduction="none")`, summed over the last axis; the KL of each latent is $\tfrac12 (\mu^2 + \sigma^2 - 1 - \log \sigma^2)$, summed over the last axis.
"""  # noqa: E501

from dataclasses import replace
from functools import partial

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy, binary_cross_entropy_with_logits, softplus

from vae_lib.exercises import families, reparameterize
from vae_lib.exercises.engine import NOT_ATTEMPTED, Call, Exercise, Seen, Statistic, Together, Verdict, swap
from vae_lib.exercises.families import kl_table, last_axis


class Solution(nn.Module):
    def __init__(self, D, H, d):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(D, H), nn.ReLU(), nn.Linear(H, H), nn.ReLU())
        self.mu_head, self.log_var_head = nn.Linear(H, d), nn.Linear(H, d)
        layers = [nn.Linear(d, H), nn.ReLU(), nn.Linear(H, H), nn.ReLU(), nn.Linear(H, D)]
        self.decoder = nn.Sequential(*layers)

    def encode(self, x):
        h = self.body(x)
        return self.mu_head(h), self.log_var_head(h)

    def reparameterize(self, mu, log_var):
        return mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)

    def decode(self, z):
        return self.decoder(z)

    def loss_function(self, logits, x, mu, log_var):
        cross_entropy = binary_cross_entropy_with_logits(logits, x, reduction="none")
        kl = 0.5 * (mu**2 + log_var.exp() - 1 - log_var)
        return (cross_entropy.sum(-1) + kl.sum(-1)).mean()


STUB = """\
MyVAE = ...  # in its place: class MyVAE(nn.Module), with the methods
# __init__(self, D, H, d), encode(self, x), reparameterize(self, mu, log_var),
# decode(self, z), loss_function(self, logits, x, mu, log_var)
"""

ANSWER = "MyVAE"

DIMS = {"D": np.array(7), "H": np.array(11), "d": np.array(3)}
OTHER_DIMS = {"D": np.array(13), "H": np.array(5), "d": np.array(2)}
OF_CLASS = {"name": "vae", "made_of": tuple(DIMS)}
OF_NETWORKS = OF_CLASS | {"solution": Solution, "parts": Solution}


def pixels(rng, *shape):
    return rng.integers(0, 2, shape).astype(float)


# The two networks: with large random weights an output shows what it can be

OF_OUTPUTS = {  # is it so, of all rows and of six of them alone; what is asked; key and sentence where it is not so
    "finite": (
        lambda values, six: np.isfinite(values).all(),
        "is {} a finite number?",
        "not-finite-for-large",
        "{} is not finite for large weights: an exponential?",
    ),
    "alone": (
        lambda values, six: np.allclose(values[:, :6], six, rtol=1e-3, atol=1e-3),
        "is a row of {} made of its own row alone, at test time (model.eval())?",
        "rows-mixed",
        "A row of {} changes with the other rows, or from call to call: is something averaged over the batch, drawn, "
        "or made anew in every call?",
    ),
    "sees": (
        lambda values, six: np.ptp(values, 1).max() > 1e-4,
        "does {} depend on the input?",
        "the-same",
        "{} is the same in every row: it depends on no input.",
    ),
    "sigmoid": (
        lambda values, six: not ((values >= 0) & (values <= 1)).all(),
        "does {} leave [0, 1], for large random weights?",
        "sigmoid",
        "{} lies between 0 and 1, whatever the weights in model.parameters(): is there a sigmoid in it?",
    ),
    "tanh": (
        lambda values, six: not ((values >= -1) & (values <= 1)).all(),
        "does {} leave [−1, 1], for large random weights?",
        "tanh",
        "{} lies between −1 and 1, whatever the weights in model.parameters(): is there a tanh in it?",
    ),
    "signs": (
        lambda values, six: (values < 0).any(),
        "is {} ever negative, for large random weights?",
        "never-negative",
        "{} is never negative, whatever the weights: is there an activation after the last layer, or σ² for log σ²?",
    ),
    "deep": (
        lambda values, six: -np.minimum(values, 0).sum() > 0.05 * np.maximum(values, 0).sum(),
        "are negative numbers of {} as large as positive ones, for large random weights?",
        "hardly-negative",
        "{} is hardly ever far below 0, whatever the weights: is there a LeakyReLU, ELU or GELU after the last layer?",
    ),
    "positive": (
        lambda values, six: (values > 0).any(),
        "is {} ever positive, for large random weights?",
        "never-positive",
        "{} is never positive, whatever the weights: is it a logarithm of probabilities, as by log_softmax?",
    ),
    "each": (
        lambda values, six: (np.ptp(values, 1).max(0) > 1e-4).all(),
        "does each number of {} depend on the input?",
        "part-the-same",
        "Part of {} is the same in every row: it depends on no input.",
    ),
}


OF_ALL = {
    "uses all": (
        "do all numbers of the input matter?",
        "part-unused",
        "Some numbers of the input have no effect: is one left out?",
    ),
    "apart": (
        "are mu and log_var two outputs?",
        "one-head",
        "mu and log_var are the same numbers: each needs outputs of its own.",
    ),
    "free": (
        "do the logits go as far as the weights make them, for large random weights?",
        "bounded",
        "Many logits are as large as the largest one, whatever the weights: are they cut off, or is there a tanh?",
    ),
    "starts": (
        "do the logits depend on z before any training?",
        "starts-the-same",
        "Before any training all logits are the same, so that no gradient reaches z: are weights set to 0?",
    ),
    "kept": (
        "are the outputs kept, in training?",
        "dropped",
        "In training, part of the outputs is exactly 0: is there dropout after the last layer?",
    ),
}


def of_outputs(seen: Seen, call: Call):
    """1 for what is as it should be."""
    found, came = {}, seen.values
    if call.training:  # with the weights that it starts with
        starts = "mu" in came or np.ptp(came["logits"], 1).max() > 1e-6
        alive = [values[(values != 0).any(-1)] for values in came.values()]  # without biases a row may be all 0
        kept = all((rows == 0).sum() <= 0.02 * rows.size for rows in alive)
        return {"starts": Statistic(np.array(starts)), "kept": Statistic(np.array(kept))}
    for name in (name for name in came if f"{name}_of_six" in came):
        both = came[name], came[f"{name}_of_six"]
        found |= {f"{name} {what}": is_so(*both) for what, (is_so, *_) in OF_OUTPUTS.items()}
    for slopes in () if seen.lost else seen.gradients.values():
        found["uses all"] = (np.abs(slopes).max((0, 1)) > 0).all()
    logits = np.abs(came.get("logits", np.arange(20)))
    found["free"] = (logits > 0.999 * logits.max()).mean() < 0.1
    found["apart"] = "mu" not in came or not np.array_equal(came["mu"], came["log_var"])
    return {name: Statistic(np.array(bool(value))) for name, value in found.items()}


def inputs_of_network(rng):
    calls = []
    for dims, note in ((DIMS, "networks with large random weights"), (OTHER_DIMS, "")):
        given = {"x": pixels(rng, 20, dims["D"]), "z": 2 * rng.normal(size=(20, dims["d"])).round(2)}
        six = {f"{name}_of_six": array[:6] for name, array in given.items()}
        calls.append(Call(dims | given | six, wide=True, training=False, note=note))
    return [*calls, Call(calls[1].inputs, note="the model in training, with the weights that it starts with")]


def network(method: str, argument: str, **outputs: str):
    """The exercise of a method; `outputs` are the names of what it gives, and what they are called."""
    texts = {
        f"{n} {what}": [t.format(called) for t in said]
        for n, called in outputs.items()
        for what, (_, *said) in OF_OUTPUTS.items()
    } | OF_ALL
    steps = [f"{', '.join(n + of for n in outputs)} = {method}({argument}{of})" for of in ("_of_six", "")]
    return Exercise(
        **OF_NETWORKS,
        inputs=inputs_of_network,
        calls=10,
        slopes=10,
        steps=tuple(steps),
        gradients=(argument,),
        statistics_of=of_outputs,
        asked={key: f"{method}({argument}): {question}" for key, (question, *_) in texts.items()},
        otherwise={key: said for key, (_, *said) in texts.items()},
        right=method,
    )


# The draw: exercise 3.1 once more, in training and at test time


def inputs_of_draw(rng):
    first, second = reparameterize.inputs(rng)
    later = Call(DIMS | {"d": np.array(5)} | second, training=False, note="the model at test time (model.eval())")
    return [Call(DIMS | first), later]


draw = replace(
    reparameterize.check_reparameterize,
    **OF_CLASS,
    inputs=inputs_of_draw,
    steps=("value = reparameterize(mu, log_var)",),
    asked={name: f"reparameterize(mu, log_var): {asked}" for name, asked in families.scatter.OF_DRAWS.items()},
    right="reparameterize",
)

# The loss, on numbers of its own


def cross_entropy(logits, x):
    return softplus(logits) - x * logits


def parts_of_loss(
    logits, x, mu, log_var, *, entropy=cross_entropy, over=last_axis, kl=kl_table, latents=last_axis, add=torch.add,
    batch=torch.mean,
):  # fmt: skip
    return batch(add(over(entropy(logits, x)), latents(kl(mu, log_var))))


def inputs_of_loss(rng):
    """[5, 7] with 3 latents, [3, 11] with 5, and logits that are very sure, right and wrong."""

    def given(batch, data, latents):
        scale = np.array([0.1] + [1.0] * (batch - 1))[:, None]  # the first image's KL is small
        return DIMS | {
            "logits": rng.normal(0, 2, (batch, data)).round(1) + 0.05,
            "x": pixels(rng, batch, data),
            "mu": rng.normal(0, 1.3, (batch, latents)).round(1) * scale,
            "log_var": rng.uniform(-3, 2, (batch, latents)).round(1) * scale,
        }

    sure = {"logits": np.array([[200.0, -150, 40, -30, 20]] * 2), "x": np.array([[1.0, 0, 1, 0, 1], [0, 0, 0, 1, 1]])}
    return [Call(given(5, 7, 3)), Call(given(3, 11, 5)), Call(given(2, 5, 4) | sure, note="logits that are very sure")]


def cut_off(logits, x):
    return binary_cross_entropy(logits.clamp(1e-6, 1 - 1e-6), x, reduction="none")


def of_batch(table):
    """Summed over the batch, where the other term is averaged."""
    return table.sum(-1) * len(table)


loss_function = Exercise(
    **OF_CLASS,
    solution=partial(Solution.loss_function, None),
    parts=parts_of_loss,
    inputs=inputs_of_loss,
    steps=("value = loss_function(logits, x, mu, log_var)",),
    asked={
        "value": "loss_function(logits, x, mu, log_var): J, the mean over the batch, in nats an image, down is better",
        "again": "the same number from a second call: the difference",
        "gradient of logits": "the gradient of J with respect to logits",
        "gradient of mu": "the gradient of J with respect to mu",
        "gradient of log_var": "the gradient of J with respect to log_var",
    },
    claims=("value", "gradient of mu", "gradient of log_var"),  # one number is hit by chance
    right="loss_function",
    gradients=("logits", "mu", "log_var"),
    terms={
        "The KL": lambda logits, x, mu, log_var: kl_table(mu, log_var).sum(-1).mean(),
        "The cross-entropy": lambda logits, x, mu, log_var: cross_entropy(logits, x).sum(-1).mean(),
    },
    mistakes={
        "batch-summed": swap("the loss is summed over the batch instead of averaged", batch=torch.sum),
        "batch-not-averaged": swap("the loss is not averaged over the batch: one number an image", batch=families.same),
        "kl-summed-over-batch": swap("the KL is summed over the batch, and the rest averaged", latents=of_batch),
        "cross-entropy-summed-over-batch": swap("the KL is averaged over the batch, the rest summed", over=of_batch),
        "weighted": swap("pixels with x = 1 count twice", entropy=lambda a, x: cross_entropy(a, x) + x * softplus(-a)),
        "pixels-typed-in": swap("784 is typed in as the number of pixels", over=lambda t: 784 * t.mean(-1)),
        "batch-of-64": swap("the batch's size is typed in: 64", batch=lambda t: t.sum() / 64),
        "batch-of-128": swap("the batch's size is typed in: 128", batch=lambda t: t.sum() / 128),
        "logits-as-probabilities": swap("the sigmoid is forgotten: logits are used as probabilities", entropy=cut_off),
        "kl-subtracted": swap("the KL is subtracted from the loss: its sign", add=torch.sub),
        "cross-entropy-subtracted": swap("the cross-entropy is subtracted from the KL", add=lambda r, kl: kl - r),
        **families.likelihood.bernoulli("entropy", times=-1.0),
        **{key: slip for key, slip in families.kl("kl").items() if not key.startswith(("kl-clamped", "kl-sign"))},
        **families.pick(families.kl("kl"), "kl-clamped-1-1"),  # no log_var lies beyond the others
        **families.pick(families.reduction("over", "pixels"), "mean-over-pixels"),
        **families.alone(families.free_bits("latents")),
        **families.pick(families.reduction("latents", "latents"), "mean-over-latents"),
        **families.of_whole("the ELBO is returned instead of J: the sign of the whole"),
    },
)

# The way of the gradient through all four

SLOPE = 0.1  # how far a slope by autograd may lie from that of the loss, relative to it
SMALL = 5e-3  # and beside it, relative to the largest
OF_WEIGHTS = {
    "not-a-parameter": "Weights of shape {} are not among model.parameters(), so no optimiser would train them: are "
    "layers kept in a plain list (use nn.ModuleList), or made anew in every call?",
    "unused": "No gradient reaches {}: nothing that the loss is made of uses it.",
    "gradient-lost": "No right gradient reaches {}: something on the way is detached, frozen, under torch.no_grad, or "
    "made a number too early.",
}


class Paths(Exercise):
    """Asked of a class whose `Call`s have `paths`; it knows no mistakes."""

    def _judge(self, seen: list[Seen]) -> Verdict:
        if seen[0].status == "not attempted":
            return NOT_ATTEMPTED
        said = (self._slopes(i, one.paths, one.strangers) for i, one in enumerate(seen))
        return self._nothing(seen) or next(filter(None, said), Verdict("right", self.right))

    def _slopes(self, i: int, paths: dict[str, np.ndarray], strangers: tuple[str, ...] = ()) -> Verdict | None:
        """What is said of weights whose gradient is none, or another than that of the loss."""
        unused = [name for name, both in paths.items() if not np.nan_to_num(both).any()]
        largest = max((np.abs(of_loss).max() for _, of_loss in paths.values()), default=0)
        cut = [name for name, both in paths.items() if _apart(*both, largest)]
        for key, names in (("not-a-parameter", strangers), ("unused", unused), ("gradient-lost", cut)):
            if names:
                why, on = OF_WEIGHTS[key].format(", ".join(names)), self.on(i)
                expected = "in every parameter the gradient that says how the loss changes with it"
                return Verdict("wrong", why, f"{self.name}/{key}", self.asked["loss"], on, expected=expected)
        return None


def _apart(by_autograd: np.ndarray, of_loss: np.ndarray, largest: float) -> bool:
    """In most of the directions: a kink of the loss may lie in the way of one."""
    off = np.abs(np.nan_to_num(by_autograd) - of_loss)
    return bool(np.median(off - SLOPE * np.abs(of_loss)) > SMALL * largest)


def inputs_of_gradient(rng):
    return [Call(DIMS | {"x": pixels(rng, 6, 7)}, paths=7), Call(OTHER_DIMS | {"x": pixels(rng, 4, 13)}, paths=7)]


gradient = Paths(
    **OF_NETWORKS,
    inputs=inputs_of_gradient,
    calls=1,
    slopes=0,
    steps=(
        "mu, log_var = encode(x)",
        "z = reparameterize(mu, log_var)",
        "logits = decode(z)",
        "loss = loss_function(logits, x, mu, log_var)",
    ),
    asked={"loss": "the gradient of J on its way through loss_function, decode, reparameterize and encode"},
    right="gradient",
)

check_vae = Together(
    name="vae",
    solution=Solution,
    pieces={
        "encode": network("encode", "x", mu="mu", log_var="log_var"),
        "decode": network("decode", "z", logits="decode's output"),
        "reparameterize": draw,
        "loss_function": loss_function,
        "gradient": gradient,
    },
    right="A whole VAE: shapes, noise, loss, and a gradient in every parameter.",
    effort="deeper · ●●● · 20 minutes",
)

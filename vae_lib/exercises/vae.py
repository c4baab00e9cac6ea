r"""# A whole VAE

From a blank page, with the 25 lines folded away: the whole VAE of a homework, in plain tensors. `MyVAE(D, H, d)` is an `nn.Module` for $D$ pixels, $H$ hidden units and $d$ latents. This time each network has two hidden layers and the encoder two heads, but the check accepts any networks. Its methods are `encode(x)`, which returns `(mu, log_var)`, both `[batch, latent]`; `reparameterize(mu, log_var)`, a draw of $z$, in training and at test time; `decode(z)`, the *logits* `[batch, data]`; and `loss_function(logits, x, mu, log_var)`, $J$ for black-and-white pixels, one number, in nats an image, right for logits of any size. The check trains nothing. It looks at shapes, at the noise in $z$, at the loss on numbers of its own, and at whether the right gradient reaches every parameter.

## Hint: where to look
[Chapter 3](03_reparameterization.ipynb) for `reparameterize`, [chapter 4](04_elbo.ipynb) for the two terms of the loss. Write one method, run the check, and read what it says.

## Hint: the idea
No activation follows a last layer: $\mu$, $\log \sigma^2$ and logits may all be negative. One $\varepsilon$ for each image *and* latent. In the loss, sums over pixels and over latents, and one mean over the batch.

## Hint: nearly the code
$\sigma$ is `torch.exp(0.5 * log_var)` and $\varepsilon$ `torch.randn_like(mu)`. The reconstruction loss is `binary_cross_entropy_with_logits(logits, x, reduction="none")`, summed over the last axis; the KL of each latent is $\tfrac12 (\mu^2 + \sigma^2 - 1 - \log \sigma^2)$, summed over the last axis.
"""  # noqa: E501

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, softplus

from vae_lib.exercises import families, reparameterize
from vae_lib.exercises.engine import Call, Exercise, Sampled, Seen, Statistic, Together, Verdict, after, swap
from vae_lib.exercises.engine.verdict import NOT_ATTEMPTED
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


def pixels(rng, *shape):
    return rng.integers(0, 2, shape).astype(float)


# The two networks: with large random weights an output shows what it can be


def of_outputs(seen: Seen, call: Call):
    """1 for what is as it should be: finite, of each row alone, of all its inputs, and of both signs."""
    found, outputs = {}, {name: values for name, values in seen.values.items() if not name.endswith("_of_six")}
    for name, values in outputs.items():
        alone = seen.values[f"{name}_of_six"]
        found[f"{name} finite"] = truth(np.isfinite(values).all())
        found[f"{name} alone"] = truth(np.allclose(values[:, : alone.shape[1]], alone, rtol=1e-3, atol=1e-3))
        found[f"{name} sees"] = truth(np.ptp(values, 1).max() > 1e-4)
        found[f"{name} signs"] = truth((values < 0).any())
        found[f"{name} positive"] = truth((values > 0).any())
        found[f"{name} sigmoid"] = truth(not ((values >= 0) & (values <= 1)).all())
        found[f"{name} tanh"] = truth(not ((values >= -1) & (values <= 1)).all())
        found[f"{name} each"] = truth((np.ptp(values, 1).max(0) > 1e-4).all())
    for name, slopes in ((name, slopes) for name, slopes in seen.gradients.items() if name not in seen.lost):
        found[f"uses all of {name}"] = truth((np.abs(slopes).max((0, 1)) > 0).all())
    if "mu" in seen.values and seen.values["mu"].shape == seen.values["log_var"].shape:
        found["apart"] = truth(not np.array_equal(seen.values["mu"], seen.values["log_var"]))
    return found


def truth(value) -> Statistic:
    return Statistic(np.array(bool(value)))


def network(method, argument, names):
    call = f"{method}({argument})"

    def inputs(rng):
        x, z = pixels(rng, 20, 7), 2 * rng.normal(size=(20, 3)).round(2)
        x_other, z_other = pixels(rng, 17, 13), 2 * rng.normal(size=(17, 2)).round(2)
        first, second = {"x": x, "z": z}, {"x": x_other, "z": z_other}
        few = [{f"{name}_of_six": rows[:6] for name, rows in some.items()} for some in (first, second)]
        note = "networks with large random weights"
        return [
            Call(DIMS | first | few[0], wide=True, training=False, note=note),
            Call(OTHER_DIMS | second | few[1], wide=True, training=False),
        ]

    asked, otherwise = {}, {}
    for name in names:
        called = "decode's output" if name == "logits" else name
        whatever = ", whatever the weights in model.parameters(): "
        logs = ": is it a logarithm of probabilities, not a logit?" if name == "logits" else "?"
        after = ": is there an activation after the last layer" + ", or σ² for log σ²" * (name == "log_var") + "?"
        asked |= {
            f"{name} finite": f"{call}: is {called} a finite number?",
            f"{name} alone": f"{call}: is a row of {called} made of its own row alone, at test time (model.eval())?",
            f"{name} sees": f"{call}: does {called} depend on the input?",
            f"{name} sigmoid": f"{call}: does {called} leave [0, 1], for large random weights?",
            f"{name} tanh": f"{call}: does {called} leave [−1, 1], for large random weights?",
            f"{name} signs": f"{call}: is {called} ever negative, for large random weights?",
            f"{name} positive": f"{call}: is {called} ever positive, for large random weights?",
            f"{name} each": f"{call}: does each number of {called} depend on the input?",
        }
        otherwise |= {
            f"{name} finite": ("not-finite-for-large", f"{called} is not finite for large weights: an exponential?"),
            f"{name} alone": (
                "rows-mixed",
                f"A row of {called} changes with the other rows, or from call to call: is something averaged over the "
                "batch, drawn, or made anew in every call?",
            ),
            f"{name} sees": ("the-same", f"{called} is the same in every row: it depends on no input."),
            f"{name} sigmoid": (
                "sigmoid",
                f"{called} lies between 0 and 1{whatever}is there a sigmoid in it?",
            ),
            f"{name} tanh": (
                "tanh",
                f"{called} lies between −1 and 1{whatever}is there a tanh in it?",
            ),
            f"{name} signs": ("never-negative", f"{called} is never negative, whatever the weights{after}"),
            f"{name} positive": ("never-positive", f"{called} is never positive, whatever the weights{logs}"),
            f"{name} each": ("part-the-same", f"Part of {called} is the same in every row: it depends on no input."),
        }
    asked[f"uses all of {argument}"] = f"{call}: do all numbers of {argument} matter?"
    otherwise[f"uses all of {argument}"] = "part-unused", f"Some numbers of {argument} have no effect: is one left out?"
    asked["apart"] = f"{call}: are mu and log_var two outputs?"
    otherwise["apart"] = "one-head", "mu and log_var are the same numbers: each needs outputs of its own."
    return Exercise(
        name="vae",
        solution=Solution,
        parts=Solution,
        inputs=inputs,
        calls=10,
        steps=(
            f"{', '.join(f'{name}_of_six' for name in names)} = {method}({argument}_of_six)",
            f"{', '.join(names)} = {call}",
        ),
        gradients=(argument,),
        slopes=10,
        made_of=("D", "H", "d"),
        statistics_of=of_outputs,
        asked=asked,
        otherwise=otherwise,
        right=call,
    )


encode = network("encode", "x", ("mu", "log_var"))
decode = network("decode", "z", ("logits",))

# The draw: exercise 3.1 once more, in training and at test time


def inputs_of_draw(rng):
    first, second = reparameterize.inputs(rng)
    at_test_time = "the model at test time (model.eval())"
    return [Call(DIMS | first), Call(DIMS | {"d": np.array(5)} | second, training=False, note=at_test_time)]


draw = Sampled(
    name="vae",
    solution=reparameterize.solution,
    parts=reparameterize.parts,
    inputs=inputs_of_draw,
    steps=("value = reparameterize(mu, log_var)",),
    made_of=("D", "H", "d"),
    statistics_of=families.of_draws,
    asked={name: f"reparameterize(mu, log_var): {asked}" for name, asked in families.OF_DRAWS.items()},
    claims=families.CLAIMS_OF_DRAWS,
    otherwise=families.OTHERWISE_OF_DRAWS,
    right="reparameterize",
    gradients=("mu", "log_var"),
    mistakes=families.draws(),
)

# The loss, on numbers of its own


def cross_entropy(logits, x):
    return softplus(logits) - x * logits


def loss(logits, x, mu, log_var):
    """J: one number, in nats an image, down is better."""
    return (cross_entropy(logits, x).sum(-1) + kl_table(mu, log_var).sum(-1)).mean()


def parts_of_loss(
    logits, x, mu, log_var, *, entropy=cross_entropy, over=last_axis, kl=kl_table, latents=last_axis, add=torch.add,
    batch=torch.mean,
):  # fmt: skip
    return batch(add(over(entropy(logits, x)), latents(kl(mu, log_var))))


def clipped(logits):
    return logits.clamp(1e-6, 1 - 1e-6)


def inputs_of_loss(rng):
    """[5, 7] with 3 latents, [3, 11] with 5, and logits that are very sure, right and wrong."""
    logits = [[0.8, -1.7, 2.4, 1.1, -0.6, 0.3, 1.9], [-2.2, 1.9, 0.5, -0.4, 1.3, 3.1, -0.9]]
    mu = [[0.5, -1.2, 2.0], [0.9, 0.3, -0.7], [-1.6, 0.4, 1.1], [0.2, -2.1, -0.8], [1.3, 0.6, -0.4]]
    log_var = [[-1.4, 0.9, 1.6], [1.2, -1.6, 0.4], [0.7, -0.5, -2.3], [-0.8, 1.1, 0.3], [-3.1, 2.2, -0.6]]
    x = [[1, 0, 0, 1, 1, 0, 1], [0, 1, 1, 1, 0, 1, 0], [0, 0, 1, 0, 0, 0, 1], [1, 1, 1, 0, 1, 1, 0], [0] * 6 + [1]]
    scales = np.array([1.0, 0.7, -1.2, 1.6, -0.4])[:, None]
    first = {"logits": np.array(logits)[[0, 1, 0, 1, 0]] * scales, "x": np.array(x, dtype=float)}

    def others(batch, latents):
        scale = np.array([0.1] + [1.0] * (batch - 1))[:, None]  # the first image's KL is small
        return {
            "mu": rng.normal(0, 1.3, (batch, latents)).round(1) * scale,
            "log_var": rng.uniform(-2.5, 2, (batch, latents)).round(1) * scale,
        }

    second = {"logits": rng.normal(0, 2, (3, 11)).round(1) + 0.05, "x": pixels(rng, 3, 11)} | others(3, 5)
    sure = {"logits": np.array([[200.0, -150, 40, -30, 20]] * 2), "x": np.array([[1.0, 0, 1, 0, 1], [0, 0, 0, 1, 1]])}
    return [
        Call(DIMS | first | {"mu": np.array(mu), "log_var": np.array(log_var)}),
        Call(DIMS | second),
        Call(DIMS | sure | others(2, 4), note="logits that are very sure"),
    ]


BEYOND = "4-4", "5-5", "6-2", "10-10", "20-20", "30-20", "20-2", "10-2"  # where no log_var of the inputs lies
NOT_IN_LOSS = {"kl-sign", *(f"kl-clamped-{limits}" for limits in BEYOND)}  # the first is kl-subtracted

loss_function = Exercise(
    name="vae",
    solution=loss,
    parts=parts_of_loss,
    inputs=inputs_of_loss,
    steps=("value = loss_function(logits, x, mu, log_var)",),
    made_of=("D", "H", "d"),
    asked={
        "value": "loss_function(logits, x, mu, log_var): J, the mean over the batch, in nats an image, down is better",
        "again": "the same number from a second call: the difference",
        "gradient of logits": "the gradient of J with respect to logits",
        "gradient of mu": "the gradient of J with respect to mu",
        "gradient of log_var": "the gradient of J with respect to log_var",
    },
    right="loss_function",
    gradients=("logits", "mu", "log_var"),
    terms={
        "The KL": lambda logits, x, mu, log_var: kl_table(mu, log_var).sum(-1).mean(),
        "The cross-entropy": lambda logits, x, mu, log_var: cross_entropy(logits, x).sum(-1).mean(),
    },
    mistakes={
        "batch-summed": swap("the loss is summed over the batch instead of averaged", batch=torch.sum),
        "batch-not-averaged": swap("the loss is not averaged over the batch: one number an image", batch=families.same),
        "kl-summed-over-batch": swap(
            "the cross-entropy is averaged over the batch and the KL summed over it",
            latents=lambda t: t.sum(-1) * len(t),
        ),
        "cross-entropy-summed-over-batch": swap(
            "the KL is averaged over the batch and the cross-entropy summed over it", over=lambda t: t.sum(-1) * len(t)
        ),
        "free-bits": swap(
            "the KL of an image is kept above a floor of 1 nat (free bits)", latents=lambda t: t.sum(-1).clamp(min=1)
        ),
        "weighted": swap("pixels with x = 1 count twice", entropy=lambda a, x: cross_entropy(a, x) + x * softplus(-a)),
        "pixels-typed-in": swap(
            "the mean over the pixels is multiplied by 784, whatever their number", over=lambda t: 784 * t.mean(-1)
        ),
        **{
            f"batch-of-{size}": swap(
                f"the size of the batch is typed in as {size}", batch=lambda t, n=size: t.sum() / n
            )
            for size in (16, 32, 64, 100, 128)
        },
        "logits-as-probabilities": swap(
            "the sigmoid is forgotten: the logits are used as probabilities, cut off at 0 and 1",
            entropy=lambda logits, x: -(x * clipped(logits).log() + (1 - x) * (1 - clipped(logits)).log()),
        ),
        "kl-subtracted": swap("the KL is subtracted from the loss: its sign", add=torch.sub),
        "cross-entropy-subtracted": swap("the cross-entropy is subtracted from the KL", add=lambda r, kl: kl - r),
        **families.bernoulli("entropy", times=-1.0),
        **{key: mistake for key, mistake in families.kl("kl").items() if key not in NOT_IN_LOSS},
        **families.pick(families.reduction("over", "pixels"), "mean-over-pixels"),
        **families.pick(families.reduction("latents", "latents"), "mean-over-latents"),
        **families.unit(),
        "sign": after("the ELBO is returned instead of J: the sign of the whole", torch.neg),
    },
)

# The way of the gradient through all four

SLOPE = 0.1  # how far a slope by autograd may lie from that of the loss, relative to it
SMALL = 5e-3  # and beside it, relative to the largest


@dataclass(frozen=True, eq=False)
class Paths(Exercise):
    """Asked of a class whose `Call`s have `paths`; it knows no mistakes."""

    def _judge(self, seen: list[Seen]) -> Verdict:
        if seen[0].status == "not attempted":
            return NOT_ATTEMPTED
        if nothing := self._nothing(seen):
            return nothing
        for i, one in enumerate(seen):
            if one.strangers:
                why = (
                    f"Weights of shape {' and '.join(one.strangers)} are not among model.parameters(), so no optimiser "
                    "would train them: are layers kept in a plain list (use nn.ModuleList), or made anew in every call?"
                )
                return self._path(i, "not-a-parameter", why, "weights that model.parameters() does not have")
            if said := self._slopes(i, one.paths):
                return said
        return Verdict("right", self.right)

    def _slopes(self, i: int, paths: dict[str, np.ndarray]) -> Verdict | None:
        """What is said of weights whose gradient is none, or another than that of the loss."""
        unused = [name for name, both in paths.items() if not np.nan_to_num(both).any()]
        if unused:
            why = f"No gradient reaches {', '.join(unused)}: nothing that the loss is made of uses it."
            return self._path(i, "unused", why, "no gradient")
        largest = max(np.abs(of_loss).max() for _, of_loss in paths.values())
        cut = [name for name, (by_autograd, of_loss) in paths.items() if _apart(by_autograd, of_loss, largest)]
        if cut:
            lost = all(_none(paths[name][0]) for name in cut)
            why = f"{'No gradient' if lost else 'A wrong gradient'} reaches {', '.join(cut)}"
            more = "something on the way is detached, frozen, under torch.no_grad, or made a number too early"
            return self._path(i, "gradient-lost", f"{why}: {more}.", f"another slope than the loss has, for {cut[0]}")
        return None

    def _path(self, i: int, key: str, sentence: str, came: str) -> Verdict:
        expected = "in every parameter the gradient that says how the loss changes with it"
        return Verdict("wrong", sentence, f"{self.name}/{key}", self.asked["loss"], self.on(i), came, expected)


def _none(slopes: np.ndarray) -> bool:
    return bool(np.isnan(slopes).all())


def _apart(by_autograd: np.ndarray, of_loss: np.ndarray, largest: float) -> bool:
    """In most of the directions: a kink of the loss may lie in the way of one."""
    off = np.abs(np.nan_to_num(by_autograd) - of_loss)
    return bool(np.median(off - SLOPE * np.abs(of_loss)) > SMALL * largest)


def inputs_of_gradient(rng):
    return [Call(DIMS | {"x": pixels(rng, 6, 7)}, paths=7), Call(OTHER_DIMS | {"x": pixels(rng, 4, 13)}, paths=7)]


gradient = Paths(
    name="vae",
    solution=Solution,
    parts=Solution,
    inputs=inputs_of_gradient,
    calls=1,
    slopes=0,
    steps=(
        "mu, log_var = encode(x)",
        "z = reparameterize(mu, log_var)",
        "logits = decode(z)",
        "loss = loss_function(logits, x, mu, log_var)",
    ),
    made_of=("D", "H", "d"),
    asked={"loss": "the gradient of J on its way through loss_function, decode, reparameterize and encode"},
    right="gradient",
)

check_vae = Together(
    name="vae",
    solution=Solution,
    pieces={
        "encode": encode,
        "decode": decode,
        "reparameterize": draw,
        "loss_function": loss_function,
        "gradient": gradient,
    },
    right="A whole VAE: shapes, noise, loss, and a gradient in every parameter.",
    level="deeper",
    dots=3,
    minutes=20,
)

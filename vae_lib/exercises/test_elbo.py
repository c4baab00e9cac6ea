r"""# The test ELBO

Write `my_test_elbo(model, x, batch_size)`: the mean ELBO over all $n$ images of $x$ `[n, data]`, in nats an image, higher is better, as a number. The images are scored in batches of `batch_size`, and $n$ need not be a multiple of it. Use `elbo(model, rows)`, one value an image. The check has linear models, whose $\log p(x)$ is known: on average no ELBO exceeds it. It asks for several $n$ and several sizes of batches, and wants each model back as it was.

## Hint: where to look
`fit` does this after each epoch: its history holds means *over the images*. Ask how much one image of the last, smaller batch weighs in your number.

## Hint: the idea
Add up the values of all images, batch by batch, and divide once, at the end, by $n$. An average of the batches' averages gives the same number only where all batches are equally large.

## Hint: nearly the code
Under `torch.no_grad()`: a total that starts at 0 and grows by `elbo(model, rows).sum()` for each `rows` of `x.split(batch_size)`; then the total divided by `len(x)`, and `.item()`.
"""  # noqa: E501

import numpy as np
import torch
from torch.distributions import kl_divergence

from vae_lib.exercises import elbo as bound
from vae_lib.exercises import families
from vae_lib.exercises.engine import Call, Sampled, Seen, Verdict, mean_of, spread_of, swap
from vae_lib.objectives import elbo


@torch.no_grad()
def solution(model, x, batch_size):
    """The mean ELBO over all images of x, a number, in nats an image."""
    total = sum(elbo(model, rows).sum() for rows in x.split(batch_size))
    return (total / len(x)).item()


def total(scores, n=1, batch_size=1):
    return torch.cat(scores).sum() / n


def parts(model, x, batch_size, *, batches=torch.split, score=bound.parts, combine=total, **terms):
    return combine([score(model, rows, **terms) for rows in batches(x, batch_size)], len(x), batch_size)


def off_by(images):
    return lambda x, b: [x[i : i + b + images] for i in range(0, len(x), b)]


def means(scores):
    return torch.stack([score.mean() for score in scores])


def inputs(rng):
    """[23, 11] by 14, where the ELBO is log p(x); [40, 13] by 31, where it is not; [20, 13] by 5."""
    tight, loose, calls = bound.orthogonal(rng, 11, 7), bound.alike(rng, 13, 3), []
    moved = bound.moved(rng, 3, 0.8, 1.4)
    for weight, away, n, batch_size in ((tight, (), 23, 14), (loose, moved, 40, 31), (loose, moved, 20, 5)):
        size = np.linspace(0.3, 3, n)[:: 1 if n < 40 else -1, None]  # batches are unlike one another
        size[[0, batch_size - 1, batch_size]] *= 2  # the ends of batches: none may be forgotten
        given = dict(training=bool(away), note="a model whose q is not the posterior" * bool(away))
        calls.append(bound.linear(rng, weight, 0.8, n, *away, noise=size, **given, batch_size=np.array(batch_size)))
    return calls


def of_calls(seen: Seen, call: Call):
    """What is averaged over calls."""
    values, spread = seen.values["value"], spread_of(seen.values["value"])
    spread = spread._replace(error=2 * spread.error + 1e-3)  # of so few calls it underestimates its own error
    found = {"mean": mean_of(values), "total": mean_of(values), "spread": spread}
    found["scatter"] = bound.of_one_draw(values, call)
    return found | ({"repeats": families.repeats(values)} if call.inputs["model"].training else {})


class Evaluated(Sampled):
    """The value is to carry no gradient."""

    def _lost(self, seen: list[Seen]) -> Verdict | None:
        for i, one in enumerate(seen):
            if len(one.lost) < len(self.gradients):
                why = "The value carries a gradient: its graph keeps every batch in memory. Use torch.no_grad()."
                return self._wrong(i, "graph-kept", why, "mean", one.values["value"][0])
        return None


COMBINED = {  # functions of each batch's scores, n and batch_size
    "mean-of-means": (
        "the batches' averages are averaged: the last batch is smaller, and its images count for more",
        lambda t, n, b: means(t).mean(),
    ),
    "not-divided": ("the sum over the images is not divided by their number", lambda t, n, b: total(t)),
    "means-added": ("the batches' averages are added up and not divided", lambda t, n, b: means(t).sum()),
    "sum-over-batches": ("the sum is divided by the number of batches", lambda t, n, b: total(t) / len(t)),
    "sum-over-batch-size": ("the sum over the images is divided by batch_size", lambda t, n, b: total(t) / b),
    "sum-over-full-count": (
        "the sum is divided by the number of batches times batch_size: the last counts as a full one",
        lambda t, n, b: total(t, len(t) * b),
    ),
    "last-as-full": ("the last batch's mean is weighted by batch_size", lambda t, n, b: means(t).sum() * b / n),
    "last-dropped": ("the last, smaller batch is dropped", lambda t, n, b: total(t[: n // b], n // b * b)),
    "last-dropped-from-sum": (
        "the last, smaller batch is dropped from the sum alone",
        lambda t, n, b: total(t[: n // b]) / n,
    ),
    "last-dropped-undivided": (
        "the last, smaller batch is dropped, and nothing divided",
        lambda t, n, b: total(t[: n // b]),
    ),
    "first-only": ("only the first batch is scored, as with `return` inside the loop", lambda t, n, b: t[0].mean()),
    "first-over-n": (
        "the first batch's sum is divided by n, as with `return` inside the loop",
        lambda t, n, b: t[0].sum() / n,
    ),
    "last-only": (
        "only the last batch is returned, as when each overwrites the one before",
        lambda t, n, b: t[-1].mean(),
    ),
    "last-over-n": (
        "the last batch's sum is divided by n: each overwrites the one before",
        lambda t, n, b: t[-1].sum() / n,
    ),
    "median": ("the median over the images is taken, and not their mean", lambda t, n, b: torch.cat(t).median()),
    "log-of-mean": ("the mean is that of e^ELBO, inside a logarithm", lambda t, n, b: bound.log_mean(torch.cat(t))),
    "images-not-averaged": ("one number an image is returned, and not their mean", lambda t, n, b: torch.cat(t)),
}
WHOLE = "whole-over-pixels log-evidence inside-the-log-5 inside-the-log-10 inside-the-log-20 best-draw-10 best-draw-20"
OF_THE_BOUND = (
    "noise-none noise-shared-by-rows sigma-var-for-sigma kl-half-missing kl-half-twice kl-missing kl-sign "
    "mean-over-pixels mean-over-latents"
)

check_test_elbo = Evaluated(
    name="test_elbo",
    solution=solution,
    parts=parts,
    inputs=inputs,
    calls=100,
    many=2000,
    slopes=1,
    quiet=False,  # an answer that trains at test time is to be caught
    statistics_of=of_calls,
    asked={
        "repeats": "do all calls give the same number?",
        "mean": "the mean ELBO of all images, in nats an image, higher is better: here the mean over 100 calls",
        "scatter": "the standard deviation over calls, in that of one draw an image (up to 1.8 will do)",
    },
    claims=("mean", "spread"),
    otherwise={
        "repeats": families.SEEDED,
        "scatter": (
            "scatter",
            "It is right on average, but scatters more than one draw an image does: is one ε shared, or is only a "
            "part of the images scored, chosen at random?",
        ),
    },
    remark=bound.impossible,
    right="Every image counts once, in nats an image, and the model is as it was.",
    gradients=("model.encoder.log_var", "model.decoder.log_sigma"),
    axes=("n", "pixels"),
    effort="deeper · ●●○ · 7 minutes",
    terms={"The KL": lambda model, x, batch_size: -kl_divergence(model.encoder(x), model.prior).mean()},
    mistakes={
        **families.swaps("combine", COMBINED),
        "batches-too-short": swap(
            "each batch is one image too short: x[i : i + batch_size − 1]",
            batches=off_by(-1),
            combine=lambda t, n, b: torch.cat(t).mean(),
        ),
        "batches-too-long": swap("batches overlap by one image: x[i : i + batch_size + 1]", batches=off_by(1)),
        **{k: swap(slip.sentence, score=slip.function) for k, slip in families.pick(bound.RARE, WHOLE).items()},
        **families.pick(bound.check_elbo.mistakes, OF_THE_BOUND),
        **families.of_whole("J is returned instead of the ELBO: the sign is wrong"),
    },
)

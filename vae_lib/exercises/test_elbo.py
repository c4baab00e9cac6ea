r"""# The test ELBO

Write `my_test_elbo(model, x, batch_size)`: the mean ELBO over all $n$ images of $x$ `[n, data]`, in nats an image, higher is better, as a number. The images are scored in batches of `batch_size`, and $n$ need not be a multiple of it. Use `elbo(model, rows)`, one value an image. The check has linear models, whose $\log p(x)$ is known: on average no ELBO exceeds it. It asks for several $n$ and several sizes of batches, and wants each model back as it was.

## Hint: where to look
`fit` does this after each epoch: its history holds means *over the images*. Ask how much one image of the last, smaller batch weighs in your number.

## Hint: the idea
Add up the values of all images, batch by batch, and divide once, at the end, by $n$. An average of the batches' averages gives the same number only where all batches are equally large.

## Hint: nearly the code
Under `torch.no_grad()`: a total that starts at 0 and grows by `elbo(model, rows).sum()` for each `rows` of `x.split(batch_size)`; then the total divided by `len(x)`, and `.item()`.
"""  # noqa: E501

from dataclasses import dataclass

import numpy as np
import torch
from torch.distributions import kl_divergence

from vae_lib.exercises import elbo as bound
from vae_lib.exercises import families
from vae_lib.exercises.engine import Call, Sampled, Seen, Statistic, Verdict, mean_of, spread_of, swap
from vae_lib.objectives import elbo


@torch.no_grad()
def solution(model, x, batch_size):
    """The mean ELBO over all images of x, a number, in nats an image."""
    total = sum(elbo(model, rows).sum() for rows in x.split(batch_size))
    return (total / len(x)).item()


def average(scores, x, batch_size):
    return torch.cat(scores).mean()


def parts(model, x, batch_size, *, batches=torch.split, score=bound.parts, combine=average, **terms):
    return combine([score(model, rows, **terms) for rows in batches(x, batch_size)], x, batch_size)


def total(scores):
    return torch.cat(scores).sum()


def means(scores):
    return torch.stack([score.mean() for score in scores])


def full(scores, x, batch_size):
    """Those of the batches that are no smaller than the others."""
    return scores[: len(x) // batch_size]


def starts(x, batch_size):
    return range(0, len(x), batch_size)


def inputs(rng):
    """[23, 11] by 14, where the ELBO is log p(x); [40, 13] by 31, where it is not; [20, 13] by 5."""
    tight, loose = bound.by_hand().inputs["model"], bound.from_generator(rng).inputs["model"]
    calls = []
    for model, n, batch_size in ((tight, 23, 14), (loose, 40, 31), (loose, 20, 5)):
        weight, mean = model.made_of["weight"], model.made_of["mean"]
        size = np.linspace(0.3, 3, n)[:: 1 if n < 40 else -1, None]  # batches are unlike one another
        size[[0, batch_size - 1, batch_size]] *= 2  # the ends of batches: none may be forgotten
        x = mean + rng.normal(0, 1, (n, weight.shape[1])) @ weight.T + size * rng.normal(0, 0.8, (n, len(mean)))
        note = "" if model is tight else "a model whose q is not the posterior"
        calls.append(Call({"model": model, "x": x.round(2), "batch_size": np.array(batch_size)}, note=note))
    return calls


def of_calls(seen: Seen, call: Call):
    """What is averaged over calls; "scatter" in standard deviations of one draw an image, 1.8 where it is no more."""
    values, x = seen.values["value"], torch.as_tensor(call.inputs["x"]).to(torch.get_default_dtype())
    one = float(bound.variance_of_a_draw(call.inputs["model"].build(), x).mean()) / len(x)
    spread = spread_of(values)
    spread = spread._replace(error=2 * spread.error + 1e-3)  # of so few calls it underestimates its own error
    found = {"mean": mean_of(values), "total": mean_of(values), "spread": spread}
    scatter = spread_of(values / one**0.5)
    found["scatter"] = scatter if scatter.value > 1.8 else Statistic(np.array(1.8))
    return found | ({"repeats": families.repeats(values)} if call.inputs["model"].training else {})


@dataclass(frozen=True, eq=False)
class Evaluated(Sampled):
    """The value is to carry no gradient."""

    def _lost(self, seen: list[Seen]) -> Verdict | None:
        for i, one in enumerate(seen):
            if len(one.lost) < len(self.gradients):
                why = "The value carries a gradient: its graph keeps every batch in memory. Use torch.no_grad()."
                return self._wrong(i, "graph-kept", why, "mean", one.values["value"][0])
        return None


def combined(sentence, function):
    return swap(sentence, combine=function)


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
    level="deeper",
    dots=2,
    minutes=7,
    terms={"The KL": lambda model, x, batch_size: -kl_divergence(model.encoder(x), model.prior).mean()},
    mistakes={
        "mean-of-means": combined(
            "the batches' averages are averaged: the last batch is smaller, and its images count for more",
            lambda scores, x, b: means(scores).mean(),
        ),
        "not-divided": combined(
            "the sum over the images is not divided by their number", lambda scores, x, b: total(scores)
        ),
        "means-added": combined(
            "the batches' averages are added up and not divided", lambda scores, x, b: means(scores).sum()
        ),
        "means-over-n": combined(
            "the batches' averages are added up, and divided by the number of images",
            lambda scores, x, b: means(scores).sum() / len(x),
        ),
        "means-over-full-batches": combined(
            "the batches' averages are added up, and divided by n // batch_size: the smaller batch is not counted",
            lambda scores, x, b: means(scores).sum() / (len(x) // b),
        ),
        "sum-over-batches": combined(
            "the sum over the images is divided by the number of batches",
            lambda scores, x, b: total(scores) / len(scores),
        ),
        "sum-over-batch-size": combined(
            "the sum over the images is divided by batch_size", lambda scores, x, b: total(scores) / b
        ),
        "sum-over-full-count": combined(
            "the sum is divided by the number of batches times batch_size: the last batch counts as a full one",
            lambda scores, x, b: total(scores) / (len(scores) * b),
        ),
        "last-as-full": combined(
            "the last batch counts as a full one: its mean is weighted by batch_size",
            lambda scores, x, b: means(scores).sum() * b / len(x),
        ),
        "last-dropped": combined(
            "the last, smaller batch is dropped", lambda scores, x, b: torch.cat(full(scores, x, b)).mean()
        ),
        "last-dropped-from-sum": combined(
            "the last, smaller batch is dropped from the sum but not from the count",
            lambda scores, x, b: total(full(scores, x, b)) / len(x),
        ),
        "last-dropped-from-count": combined(
            "the last, smaller batch is dropped from the count but not from the sum",
            lambda scores, x, b: total(scores) / (len(x) // b * b),
        ),
        "first-only": combined(
            "only the first batch is scored, as with `return` inside the loop", lambda scores, x, b: scores[0].mean()
        ),
        "first-over-n": combined(
            "only the first batch is summed, as with `return` inside the loop, and its sum is divided by n",
            lambda scores, x, b: scores[0].sum() / len(x),
        ),
        "last-only": combined(
            "only the last batch is returned, as when each batch overwrites the one before",
            lambda scores, x, b: scores[-1].mean(),
        ),
        "last-over-n": combined(
            "only the last batch's sum is divided by n, as when each batch overwrites the one before",
            lambda scores, x, b: scores[-1].sum() / len(x),
        ),
        "last-batch-missing": combined(
            "the last batch is left out, full or not", lambda scores, x, b: torch.cat(scores[:-1]).mean()
        ),
        "last-batch-missing-from-sum": combined(
            "the last batch, full or not, is left out of the sum but not of the count",
            lambda scores, x, b: total(scores[:-1]) / len(x),
        ),
        "images-not-averaged": combined(
            "one number an image is returned, and not their mean", lambda scores, x, b: torch.cat(scores)
        ),
        "batches-not-averaged": combined(
            "one number a batch is returned, and not the mean over the images", lambda scores, x, b: means(scores)
        ),
        "kl-alone": swap(
            "the KL alone is returned", score=lambda model, x: kl_divergence(model.encoder(x), model.prior)
        ),
        "last-image": combined("only the last image is counted", lambda scores, x, b: scores[-1][-1]),
        "over-pixels": combined(
            "the result is divided by the number of pixels too",
            lambda scores, x, b: torch.cat(scores).mean() / x.shape[1],
        ),
        "batches-too-short": swap(
            "each batch is one image too short: x[i : i + batch_size − 1]",
            batches=lambda x, b: [x[i : i + b - 1] for i in starts(x, b)],
        ),
        "batches-too-long": swap(
            "the batches overlap by one image: x[i : i + batch_size + 1]",
            batches=lambda x, b: [x[i : i + b + 1] for i in starts(x, b)],
        ),
        "first-image-missing": swap("the first image is left out", batches=lambda x, b: x[1:].split(b)),
        "last-image-missing": swap("the last image is left out", batches=lambda x, b: x[:-1].split(b)),
        "log-evidence": swap("log p(x) itself is averaged, and not its lower bound", score=bound.log_evidence),
        **{
            f"inside-the-log-{draws}": swap(
                f"the mean over {draws} draws is taken inside the logarithm: the importance-weighted bound",
                score=bound.importance_weighted(draws),
            )
            for draws in (5, 10, 20)
        },
        **families.pick(bound.check_elbo.mistakes, OF_THE_BOUND),
        **families.unit(),
        **families.sign("J is returned instead of the ELBO: the sign is wrong"),
    },
)

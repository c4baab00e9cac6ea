r"""# The gap in its two parts

Whose fault is the gap? $\log p(x) - \mathrm{ELBO}$ is the sum of two: the *family gap*, which is left for the best $q$ of the form $\mathcal N(\mu, \mathrm{diag}(\sigma^2))$, and the *amortisation gap*, by which the encoder's $q$ misses that best one. Write `my_gaps(elbo_of, log_px, mu, log_var)`, which returns `(family_gap, amortisation_gap)`, both `[batch]`, in nats. `elbo_of(mu, log_var)` is the ELBO of every image under that $q$, `[batch]`, exact and differentiable; `log_px` is the exact $\log p(x)$; `mu` and `log_var`, `[batch, latent]`, are the encoder's. Find the best $q$ of each image by gradient steps, starting from the encoder's. Within 0.02 nats is near enough.

## Hint: where to look
Training moved the weights of a network, and all images shared them. Here nothing is shared: what moves are the numbers `mu` and `log_var` themselves, a pair for each image.

## Hint: the idea
Copy `mu` and `log_var`, ask for their gradients, and let Adam raise the sum of `elbo_of` over the images: since no image reads another's numbers, the sum raises each. The refined ELBO lies between the encoder's and $\log p(x)$, and cuts the gap in two.

## Hint: nearly the code
`mu.clone().requires_grad_()`, likewise `log_var`, and `torch.optim.Adam([…], lr=0.1)`. Two hundred times: zero the gradients, `(-elbo_of(…).sum()).backward()`, a step. Then best = `elbo_of` at what came out, without a gradient; $\log p(x)$ less that is one of the two.
"""  # noqa: E501

from dataclasses import dataclass

import numpy as np
import torch

from vae_lib.exact.linear_gaussian import ElboOfQ
from vae_lib.exercises import families
from vae_lib.exercises.engine import Exercise, Model, Statistic, after, swap

NEAR = 0.02  # nats that a refinement may fall short
ERROR = 0.004  # so that mistakes, too, are recognised by a refinement that falls a little short
STUB = '''\
def my_gaps(elbo_of, log_px, mu, log_var):
    """(family_gap, amortisation_gap), each [batch], in nats."""
    return ..., ...
'''


def solution(elbo_of, log_px, mu, log_var):
    """(family_gap, amortisation_gap), each [batch], in nats."""
    refined = [mu.clone().requires_grad_(), log_var.clone().requires_grad_()]
    optimizer = torch.optim.Adam(refined, lr=0.1)
    for _ in range(200):
        optimizer.zero_grad()
        (-elbo_of(*refined).sum()).backward()
        optimizer.step()
    best = elbo_of(*refined).detach()
    return log_px - best, best - elbo_of(mu, log_var)


def refined(best, mu, log_var):
    return best


def below(log_px, best, start):
    return log_px - best


def gained(log_px, best, start):
    return best - start


def parts(elbo_of, log_px, mu, log_var, *, refine=refined, family=below, amortisation=gained):
    """Refined in closed form."""
    best = elbo_of(*refine([values.to(mu) for values in elbo_of.best], mu, log_var))
    return tuple(gap(log_px, best, elbo_of(mu, log_var)) for gap in (family, amortisation))


def given(weight, mean, sigma, x, mu_off, log_var_off):
    """The encoder's q, so far from the best."""
    made_of = {name: np.asarray(value) for name, value in dict(weight=weight, mean=mean, sigma=sigma, x=x).items()}
    elbo_of = ElboOfQ(*(torch.as_tensor(array) for array in made_of.values()))
    mu, log_var = (best.numpy() + off for best, off in zip(elbo_of.best, (mu_off, log_var_off), strict=True))
    model = Model(f"{ElboOfQ.__module__}:{ElboOfQ.__name__}", made_of)
    return {"elbo_of": model, "log_px": elbo_of.log_px.numpy(), "mu": mu.round(3), "log_var": log_var.round(3)}


def inputs(rng):
    """Four images with 3 correlated latents, and six with 2 from the generator."""
    weight = [[1.1, 0.9, 0.3], [0.7, 1.0, 0.5], [0.9, 0.7, 0.9], [0.8, 0.5, 1.1], [0.6, 1.2, 0.4]]
    x = [[0.8, 1.4, -0.5, 0.9, 0.2], [-1.0, 0.3, 1.2, -0.6, 0.7], [0.5, -1.3, 0.4, 1.1, -0.8], [1.2, 0.1, 0.6, -0.9, 1]]
    mu_off = [[0.5, -0.4, 0.3], [-0.3, 0.6, 0.5], [0.7, 0.2, -0.6], [-0.4, -0.5, -0.3]]
    log_var_off = [[0.6, -0.8, 0.4], [-0.7, 0.9, -0.5], [0.3, 0.8, -0.9], [0.9, -0.6, 0.7]]
    first = given(weight, [0.1, -0.2, 0.3, 0.2, -0.1], 0.7, x, mu_off, log_var_off)
    away = [rng.uniform(0.3, 0.8, (6, 2)) * rng.choice([-1, 1], (6, 2)) for _ in range(2)]
    return [first, given(rng.uniform(0.4, 1.2, (7, 2)), rng.normal(0, 0.3, 7), 0.8, rng.normal(0, 1.5, (6, 7)), *away)]


@dataclass(frozen=True, eq=False)
class Gaps(Exercise):
    """What lies within 0.02 nats of the closed form counts as the closed form."""

    first = "family_gap"

    def statistics(self, seen, call):
        exact = self._once(id(call), lambda: Exercise.statistics(self, self.ours(self.parts, call), call))
        found = Exercise.statistics(self, seen, call)
        if any(found[name].value.shape != exact[name].value.shape for name in exact):
            return found
        (family, _), (best, missed) = ([some[name].value for name in exact] for some in (found, exact))
        with np.errstate(invalid="ignore"):
            off = np.abs(sum(gap.value for gap in found.values()) - best - missed)
        near = not (off > 2 * NEAR + 1e-5 * np.abs(family)).any()  # infinite, if the refinement ran away
        facts = {
            "impossible": near and (family < best - NEAR).any(),
            "worse": near and (family > best + missed + NEAR).any(),
            "not there": near and (family > best + NEAR).any(),
        }
        snapped = {
            name: np.where(np.abs(found[name].value - right.value) <= NEAR, right.value, found[name].value)
            for name, right in exact.items()
        }
        truths = {name: Statistic(np.array(bool(fact))) for name, fact in facts.items()}
        return truths | {name: Statistic(values, ERROR) for name, values in snapped.items()}


def one_for_all(best, mu, log_var):
    return best[0].mean(0).expand_as(mu), best[1]


REFINED = {
    "nothing-refined": ("nothing is refined: the encoder's q stands for the best", lambda b, m, v: (m, v)),
    "mu-only": ("only μ is refined, and σ stays the encoder's", lambda b, m, v: (b[0], v)),
    "sigma-only": ("only σ is refined, and μ stays the encoder's", lambda b, m, v: (m, b[1])),
    "one-for-all": ("one q is refined for the whole batch: each image has its own", one_for_all),
    "prior": ("the prior N(0, I) stands for the best q", lambda b, m, v: (0 * m, 0 * v)),
}
FAMILY = {
    "family-sign": ("the family gap has the wrong sign", lambda p, b, s: b - p),
    "whole-first": ("the whole gap is returned as the family gap", lambda p, b, s: p - s),
    "log-px-missing": ("log p(x) is missing from the family gap", lambda p, b, s: -b),
    "family-elbo": ("the best ELBO is returned as the family gap", lambda p, b, s: b),
}
AMORTISATION = {
    "amortisation-sign": ("the amortisation gap has the wrong sign", lambda p, b, s: s - b),
    "whole-second": ("the whole gap is returned as the amortisation gap", lambda p, b, s: p - s),
    "start-moved": (
        "the encoder's ELBO is computed after mu and log_var have moved: the amortisation gap is then 0",
        lambda p, b, s: 0 * s,
    ),
    "amortisation-elbo": ("the encoder's ELBO is returned as the amortisation gap", lambda p, b, s: s),
}
SPLIT = {
    "swapped": ("the two are swapped: what a better q of the same family gains is the amortisation gap", gained, below),
    "whole-and-family": (
        "the whole gap and the family gap are returned, in this order",
        lambda p, b, s: p - s,
        below,
    ),
    "no-family-gap": (
        "the family gap is taken to be 0: the best q of the family still misses the posterior",
        lambda p, b, s: 0 * p,
        lambda p, b, s: p - s,
    ),
    "fractions": (
        "the gaps are given as fractions of the whole",
        lambda p, b, s: (p - b) / (p - s),
        lambda p, b, s: (b - s) / (p - s),
    ),
}
BOTH = {
    "batch-mean": ("the mean over the batch is taken", torch.mean),
    "batch-sum": ("the batch is added up", torch.sum),
    "batch-mean-everywhere": ("every image gets the mean over the batch", lambda gap: gap.mean().expand_as(gap)),
    **{key: (mistake.sentence, mistake.after) for key, mistake in families.unit().items()},
    "sign": ("the signs are wrong: a gap is what is missing, and not negative", torch.neg),
}


def on_both(function):
    return lambda gaps: tuple(map(function, gaps))


check_gaps = Gaps(
    name="gaps",
    solution=solution,
    parts=parts,
    quiet=False,  # an answer may take gradients of its own
    inputs=inputs,
    calls=1,
    steps=("family_gap, amortisation_gap = answer(elbo_of, log_px, mu, log_var)",),
    asked={
        "impossible": "is a family gap smaller than the smallest there is?",
        "worse": "is an amortisation gap negative?",
        "not there": "is a family gap larger than the smallest there is?",
        "family_gap": "the family gap of every image, in nats",
        "amortisation_gap": "the amortisation gap of every image, in nats",
    },
    claims=("family_gap", "amortisation_gap"),
    otherwise={
        "impossible": (
            "impossible",
            "The two add up to the whole gap, but a family gap is smaller than the smallest there is: impossible with "
            "a diagonal Gaussian q.",
        ),
        "worse": (
            "worse",
            "The two add up to the whole gap, but the amortisation gap is negative, as if the refined q were worse "
            "than the encoder's: is the ELBO minimised, are gradients kept between steps, or are the steps too large?",
        ),
        "not there": (
            "not-there",
            "The two add up to the whole gap, but the family gap is larger than what the best q leaves: does the "
            "refinement need more steps, or other ones?",
        ),
    },
    right="The gap in two parts: what the family cannot do, and what the encoder did not.",
    axes=("batch",),
    keeps_arguments=False,  # clones are passed, which may be refined in place
    level="deeper",
    dots=3,
    minutes=15,
    mistakes={
        **{key: swap(sentence, refine=function) for key, (sentence, function) in REFINED.items()},
        **{key: swap(sentence, family=function) for key, (sentence, function) in FAMILY.items()},
        **{key: swap(sentence, amortisation=function) for key, (sentence, function) in AMORTISATION.items()},
        **{key: swap(words, family=first, amortisation=second) for key, (words, first, second) in SPLIT.items()},
        **{key: after(sentence, on_both(function)) for key, (sentence, function) in BOTH.items()},
    },
)

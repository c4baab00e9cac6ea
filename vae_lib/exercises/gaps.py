r"""# The gap in its two parts

Whose fault is the gap? $\log p(x) - \mathrm{ELBO}$ is the sum of two: the *approximation gap* (the family's), which is left for the best $q$ of the form $\mathcal N(\mu, \mathrm{diag}(\sigma^2))$, and the *amortisation gap*, by which the encoder's $q$ misses that best one. Write `my_gaps(elbo_of, log_px, mu, log_var)`, which returns `(family_gap, amortisation_gap)`, both `[batch]`, in nats. `elbo_of(mu, log_var)` is the ELBO of every image under that $q$, `[batch]`, exact and differentiable; `log_px` is the exact $\log p(x)$; `mu` and `log_var`, `[batch, latent]`, are the encoder's. Find the best $q$ of each image by gradient steps, starting from the encoder's. Within 0.02 nats is near enough.

## Hint: where to look
Training moved the weights of a network, and all images shared them. Here nothing is shared: what moves are the numbers `mu` and `log_var` themselves, a pair for each image.

## Hint: the idea
Copy `mu` and `log_var`, ask for their gradients, and let Adam raise the sum of `elbo_of` over the images: since no image reads another's numbers, the sum raises each. The refined ELBO lies between the encoder's and $\log p(x)$, and cuts the gap in two.

## Hint: nearly the code
`mu.clone().requires_grad_()`, likewise `log_var`, and `torch.optim.Adam([…], lr=0.1)`. Two hundred times: zero the gradients, `(-elbo_of(…).sum()).backward()`, a step. Then best = `elbo_of` at what came out, without a gradient; $\log p(x)$ less that is one of the two.
"""  # noqa: E501

import numpy as np
import torch

from vae_lib.exact.linear_gaussian import ElboOfQ
from vae_lib.exercises.engine import Exercise, Model, Statistic
from vae_lib.exercises.families import same, swaps

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


def parts(elbo_of, log_px, m, v, *, refine=lambda q, m, v: q, split=lambda p, b, s: (p - b, b - s), change=same):
    """`split` takes log p(x), the best ELBO, found in closed form, and the encoder's."""
    best = elbo_of(*refine([values.to(m) for values in elbo_of.best], m, v))
    return tuple(map(change, split(log_px, best, elbo_of(m, v))))


def given(rng, batch, data, latent):
    """The encoder's q lies off the best one by 0.3 to 0.8 in every number."""
    weight, x = rng.uniform(0.4, 1.2, (data, latent)), rng.normal(0, 1.5, (batch, data))
    weight[:, 0] /= 3  # so that the variances of q are different ones
    made_of = {"weight": weight, "mean": rng.normal(0, 0.3, data), "sigma": np.array(0.8), "x": x}
    model = Model(f"{ElboOfQ.__module__}:{ElboOfQ.__name__}", made_of)
    elbo_of, off = model.build(), rng.uniform(0.3, 0.8, (2, batch, latent)) * rng.choice([-1, 1], (2, batch, latent))
    mu, log_var = (torch.stack(elbo_of.best).numpy() + off).round(3)
    return {"elbo_of": model, "log_px": elbo_of.log_px.numpy(), "mu": mu, "log_var": log_var}


def inputs(rng):
    """Four images with 3 correlated latents, and six with 2."""
    return [given(rng, batch=4, data=5, latent=3), given(rng, batch=6, data=7, latent=2)]


class Gaps(Exercise):
    """What lies within 0.02 nats of the closed form counts as the closed form."""

    first = "family_gap"

    def statistics(self, seen, call):
        exact = self._once(id(call), lambda: Exercise.statistics(self, self.ours(self.parts, call), call))
        found = Exercise.statistics(self, seen, call)
        if any(found[name].value.shape != exact[name].value.shape for name in exact):
            return found
        with np.errstate(invalid="ignore"):
            off = {name: found[name].value - exact[name].value for name in exact}
            apart = np.abs(sum(off.values())) > 2 * NEAR + 1e-5 * np.abs(found["family_gap"].value)
        beyond, gained = off["family_gap"], found["amortisation_gap"].value
        facts = {"impossible": beyond < -NEAR, "worse": gained < -NEAR, "not there": beyond > NEAR}
        truths = {name: Statistic(np.array(bool(fact.any() and not apart.any()))) for name, fact in facts.items()}
        near = {name: np.where(np.abs(off[name]) <= NEAR, exact[name].value, found[name].value) for name in exact}
        return truths | {name: Statistic(values, ERROR) for name, values in near.items()}


REFINED = {  # the best μ and log σ², the encoder's → what is taken for the best
    "nothing-refined": ("nothing is refined: the encoder's q stands for the best", lambda q, m, v: (m, v)),
    "mu-only": ("only μ is refined, and σ stays the encoder's", lambda q, m, v: (q[0], v)),
    "sigma-only": ("only σ is refined, and μ stays the encoder's", lambda q, m, v: (m, q[1])),
    "one-for-all": ("one q is refined for all images: each has its own", lambda q, m, v: (q[0].mean(0) + 0 * m, q[1])),
    "first-only": (
        "only the first image is refined: the objective is the sum over all",
        lambda q, m, v: (torch.cat([q[0][:1], m[1:]]), torch.cat([q[1][:1], v[1:]])),
    ),
    "one-variance": (
        "one σ is refined for all latents of an image: each latent has its own",
        lambda q, m, v: (q[0], -(-q[1]).exp().mean(-1, keepdim=True).log() + 0 * v),
    ),
    "prior": ("the prior N(0, I) stands for the best q", lambda q, m, v: (0 * m, 0 * v)),
}
SPLITS = {
    "family-sign": ("the family gap has the wrong sign", lambda p, b, s: (b - p, b - s)),
    "amortisation-sign": ("the amortisation gap has the wrong sign", lambda p, b, s: (p - b, s - b)),
    "whole-first": ("the whole gap is returned as the family gap", lambda p, b, s: (p - s, b - s)),
    "whole-second": ("the whole gap is returned as the amortisation gap", lambda p, b, s: (p - b, p - s)),
    "start-moved": (
        "the encoder's ELBO is computed after mu and log_var have moved: the amortisation gap is then 0",
        lambda p, b, s: (p - b, 0 * s),
    ),
    "swapped": (
        "the two are swapped: a better q of the family gains the amortisation gap",
        lambda p, b, s: (b - s, p - b),
    ),
    "no-family-gap": (
        "the family gap is taken to be 0: the best q misses the posterior",
        lambda p, b, s: (0 * p, p - s),
    ),
    "fractions": (
        "the gaps are given as fractions of the whole",
        lambda p, b, s: ((p - b) / (p - s), (b - s) / (p - s)),
    ),
}
CHANGES = {
    "batch-mean": ("the mean over the batch is taken", torch.mean),
    "batch-sum": ("the batch is added up", torch.sum),
    "sign": ("the signs are wrong: a gap is what is missing, and not negative", torch.neg),
    "bits": ("the gaps are in bits, by logarithms to base 2, and not in nats", lambda gaps: gaps / np.log(2)),
}


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
    effort="deeper · ●●● · 15 minutes",
    mistakes={
        **swaps("refine", REFINED),
        **swaps("split", SPLITS),
        **swaps("change", CHANGES),
    },
)

r"""# Counts

The digits are counts 0…16, and thresholding threw most of that away. Write the reconstruction term that keeps it: `my_binomial_log_likelihood(logits, x, total_count)`, the log-probability of the counts $x$ `[batch, data]`, each out of $n$ = `total_count` trials that succeed with probability $\mathrm{sigmoid}(\mathrm{logit})$: `[batch]`, in nats, higher is better. It is the logarithm of

$$
p(x \mid z) = \prod_{i=1}^{D} \binom{n}{x_i}\, p_i^{x_i} (1 - p_i)^{n - x_i} .
$$

Write it without `torch.distributions`. The check also asks for a network that is very sure, once right and once wrong.

## Hint: where to look
"Which likelihood?" above. Take the logarithm of one factor of the product first: it has three terms.

## Hint: the idea
The coefficient does not depend on the network, so that training would not miss it; but without it the number is no log-probability of counts, and cannot be compared with anyone's. Its logarithm is $\log n! - \log x! - \log (n - x)!$, and $\log k!$ is `torch.lgamma` at $k + 1$.

## Hint: nearly the code
$\log p$ is `nn.functional.logsigmoid(logits)`, and $\log(1 - p)$ the same of `-logits`: both stay finite where a sigmoid has rounded to 0 or 1. Add $x \log p$, $(n - x) \log(1 - p)$ and the coefficient's logarithm, and sum over the last axis.
"""  # noqa: E501

import numpy as np
import torch
from torch import nn
from torch.nn.functional import logsigmoid

from vae_lib.exercises import families
from vae_lib.exercises.engine import Call, Exercise, after, swap, whole
from vae_lib.exercises.families import last_axis

ANSWER = "my_binomial_log_likelihood"


def solution(logits, x, total_count):
    """log p(x|z) of counts 0 … total_count: [batch], in nats."""
    n = torch.full_like(x, total_count)
    coefficient = torch.lgamma(n + 1) - torch.lgamma(x + 1) - torch.lgamma(n - x + 1)
    success, failure = nn.functional.logsigmoid(logits), nn.functional.logsigmoid(-logits)
    return (coefficient + x * success + (n - x) * failure).sum(-1)


def factorial(k):
    return torch.lgamma(k + 1)


def log_choose(n, x):
    return factorial(n) - factorial(x) - factorial(n - x)


def stable(logits):
    """log p and log(1 − p)."""
    return logsigmoid(logits), logsigmoid(-logits)


def parts(
    logits, x, total_count, *, choose=log_choose, logs=stable, rest=torch.sub, success=torch.mul, failure=torch.mul,
    over=last_axis,
):  # fmt: skip
    n = torch.full_like(x, total_count)
    log_p, log_q = logs(logits)
    return over(choose(n, x) + success(x, log_p) + failure(rest(n, x), log_q))


def of_probabilities(floor=0.0, small=0.0, cut=-torch.inf):
    """The logarithms of a sigmoid that is kept from 0 and 1, or to which a small number is added, or cut off."""

    def logs(logits):
        p = torch.sigmoid(logits).clamp(floor, 1 - floor)
        return torch.log(p + small).clamp(min=cut), torch.log(1 - p + small).clamp(min=cut)

    return logs


def in_branches(logits):
    return torch.where(logits > 20, logits, torch.log1p(torch.exp(logits)))


def by_softplus(softplus):
    """x · logit − n · softplus(logit): the same as both terms."""
    return {"logs": lambda logits: (logits, -softplus(logits)), "rest": lambda n, x: n}


def inputs(rng):
    """[3, 5] out of 7, [2, 6] out of 11, and logits that are very sure, once right and once wrong."""
    logits = [[0.8, -1.3, 2.1, 0.4, -2.7], [-0.5, 1.7, -2.4, 1.1, 0.6], [1.5, 0.2, -0.9, -1.8, 3.2]]
    counts = [[3, 1, 6, 2, 1], [2, 7, 1, 3, 5], [4, 2, 0, 1, 6]]
    first = {"logits": np.array(logits), "x": np.array(counts, dtype=float), "total_count": np.array(7)}
    counts = rng.integers(1, 11, (2, 6)).astype(float)
    second = {"logits": rng.normal(0, 1.5, (2, 6)).round(1), "x": counts, "total_count": np.array(11)}
    sure = np.array([[200.0, -200], [200, -200], [40, -30]]), np.array([[5.0, 0], [0, 5], [2, 1]])
    third = {"logits": sure[0], "x": sure[1], "total_count": np.array(5)}
    return [Call(first), Call(second), Call(third, note="a network that is very sure, right and then wrong")]


def terms():
    """Each of the three terms left out, with the wrong sign, twice, half."""
    names = {
        "choose": ("the log-binomial coefficient", log_choose),
        "success": ("x log p", torch.mul),
        "failure": ("(n − x) log(1 − p)", torch.mul),
    }
    found = [families.term(part, name, function) for part, (name, function) in names.items()]
    return {key: swap(sentence, **slots) for slips in found for key, (sentence, slots) in slips.items()}


FLOORS = {f"1e-{n}": 10.0**-n for n in range(3, 9)}
CLAMPS = FLOORS | {"float32's rounding, as by Binomial(probs=…),": 2.0**-23}
SIGMOID = "the sigmoid is taken before the logarithm"

check_binomial = Exercise(
    name="binomial",
    solution=solution,
    parts=parts,
    inputs=inputs,
    asked={
        "value": "log p(x|z) of counts 0 … n under a binomial with these logits, one number an image, in nats",
        "again": "the same numbers from a second call: the difference",
        "gradient of logits": "the gradient of the log-likelihood's sum with respect to logits",
    },
    right="The log-probability of the counts themselves, coefficient included.",
    gradients=("logits",),
    level="deeper",
    dots=2,
    minutes=8,
    terms={"The log-binomial coefficient": lambda a, x, n: last_axis(log_choose(torch.full_like(x, n), x))},
    mistakes={
        **terms(),
        **families.swaps(
            "choose",
            {
                "not-logged": ("the coefficient is added without its logarithm", lambda n, x: log_choose(n, x).exp()),
                "lgamma-of-n": (
                    "lgamma(n), the logarithm of (n − 1)!, is used as that of n!, and so for x and n − x",
                    lambda n, x: torch.lgamma(n) - torch.lgamma(x) - torch.lgamma(n - x),
                ),
                "no-n-factorial": ("log n! is left out", lambda n, x: -factorial(x) - factorial(n - x)),
                "no-x-factorial": ("log x! is left out", lambda n, x: factorial(n) - factorial(n - x)),
                "no-rest-factorial": ("log (n − x)! is left out", lambda n, x: factorial(n) - factorial(x)),
                "n-factorial-alone": ("log n! alone is used as the coefficient", lambda n, x: factorial(n)),
                "rest-factorial-added": (
                    "log (n − x)! is added instead of subtracted: are brackets missing?",
                    lambda n, x: factorial(n) - factorial(x) + factorial(n - x),
                ),
                "coefficient-once": (
                    "the log-binomial coefficient is averaged over the pixels instead of summed",
                    lambda n, x: log_choose(n, x) / x.shape[-1],
                ),
            },
        ),
        **families.swaps(
            "rest",
            {
                "n-for-rest": ("n log(1 − p) is used in place of (n − x) log(1 − p)", lambda n, x: n),
                "one-trial": ("1 − x is used in place of n − x, as for black-and-white pixels", lambda n, x: 1 - x),
                "x-for-rest": ("x is used in place of n − x", lambda n, x: x),
            },
        ),
        **families.swaps(
            "logs",
            {
                "exchanged": ("p and 1 − p are exchanged", lambda a: stable(-a)),
                "sigmoid-twice": (
                    "a sigmoid is taken before something that takes logits: twice in all",
                    lambda a: stable(torch.sigmoid(a)),
                ),
                "no-sigmoid": (
                    "the sigmoid is forgotten: the logits are used as probabilities",
                    lambda a: (a.log(), (1 - a).log()),
                ),
                "no-log": (
                    "the probabilities are not logged: p and 1 − p are multiplied by the counts",
                    lambda a: (torch.sigmoid(a), torch.sigmoid(-a)),
                ),
                "log-of-sigmoid": (
                    f"{SIGMOID}: it rounds to 0 or 1, where log p and log(1 − p) have stable forms in the logits",
                    of_probabilities(),
                ),
                "exponentials": (
                    "log(1 + exp(±logits)) is computed: exp(200) is infinite",
                    lambda a: (-torch.log1p(torch.exp(-a)), -torch.log1p(torch.exp(a))),
                ),
                "success-detached": (
                    "log p is detached: its gradient is lost",
                    lambda a: stable(a.detach())[:1] + stable(a)[1:],
                ),
                "failure-detached": (
                    "log(1 − p) is detached: its gradient is lost",
                    lambda a: stable(a)[:1] + stable(a.detach())[1:],
                ),
                "cut-off-at-100": (
                    f"{SIGMOID}, and binary_cross_entropy cuts logarithms off at −100",
                    of_probabilities(cut=-100.0),
                ),
            }
            | {
                f"clamped-{i}": (
                    f"{SIGMOID}, and {name} keeps the probabilities away from 0 and 1",
                    of_probabilities(floor),
                )
                for i, (name, floor) in enumerate(CLAMPS.items())
            }
            | {
                f"small-number-{i}": (
                    f"{SIGMOID}, and {name} is added to the probabilities",
                    of_probabilities(small=small),
                )
                for i, (name, small) in enumerate(FLOORS.items())
            }
            | {
                f"logits-clamped-{most}": (
                    f"the logits are cut off at ±{most}",
                    lambda a, most=most: stable(a.clamp(-most, most)),
                )
                for most in (10, 20, 30, 50, 88, 100)
            },
        ),
        "softplus-by-hand": swap(
            "log(1 + exp(logits)) is computed: exp(200) is infinite",
            **by_softplus(lambda a: torch.log1p(torch.exp(a))),
        ),
        "branches": swap(
            "torch.where chooses between two forms: it differentiates both, and exp(200) is infinite",
            **by_softplus(in_branches),
        ),
        "one-pixel": whole(
            "x/n is scored as if it were one Bernoulli pixel: no coefficient, and everything is divided by n",
            lambda a, x, n: parts(a, x, n, choose=lambda n, x: 0 * x) / n,
        ),
        "divided-by-n": whole(
            "everything is divided by n, the number of trials", lambda a, x, n: solution(a, x, n) / n
        ),
        "fraction": whole(
            "x/n is used in place of x, and 1 − x/n in place of n − x",
            lambda a, x, n: parts(a, x, n, choose=lambda m, k: n * log_choose(m, k)) / n,
        ),
        "probability": after("the probability itself is returned, and not its logarithm", torch.exp),
        **families.reduction("over", "pixels", "image", "log-likelihood"),
        **families.unit(),
        **families.sign("minus the log-likelihood is returned: a loss"),
    },
)

r"""# The decoder's step with the exact posterior

EM and the "exact" arm of the experiment climb the same slope. Write `my_expected_joint(log_joint)`: the mean of $\log p(x, z)$ under the exact posterior $p(z|x)$, `[batch]`, in nats, where `log_joint` `[states, batch]` holds $\log p(x, z)$. Its gradient with respect to `log_joint` must be that of $\log p(x)$: so says Fisher's identity, where the posterior is held fixed.

Then, without code: the whole ELBO adds the entropy of the posterior. Must the posterior be held fixed there too?

## Hint: where to look
[(10.6)](#dose-and-response): Fisher's identity.

## Hint: the idea
The posterior comes from `log_joint` too, by a softmax over the states. A gradient that goes through these weights as well is not the one of $\log p(x)$.

## Hint: nearly the code
`posterior = torch.softmax(log_joint, dim=0).detach()`. Then the sum of `posterior * log_joint` over the states.
"""  # noqa: E501

import torch
from torch import Tensor

from vae_lib.exercises.engine import Exercise, swap
from vae_lib.exercises.families import alone, of_whole, same, swaps

ANSWER = "my_expected_joint"
SOLUTION = """\
def expected_joint_solution(log_joint):
    posterior = torch.softmax(log_joint, dim=0).detach()
    return (posterior * log_joint).sum(0)


# With its entropy this is the ELBO, and the ELBO is log p(x) for this posterior, whatever log_joint is: there both ways
# give one gradient. (As a function of q it is at its top there, so that a path through q adds 0.)
check_fisher(expected_joint_solution)
"""


def solution(log_joint):
    """The mean of log p(x, z) under the posterior, which is held fixed: [batch], in nats."""
    posterior = torch.softmax(log_joint, dim=0).detach()
    return (posterior * log_joint).sum(0)


def over_states(log_joint: Tensor) -> Tensor:
    return log_joint.softmax(0)


def held(posterior: Tensor) -> Tensor:
    return posterior.detach()


def weighted(posterior: Tensor, log_joint: Tensor) -> Tensor:
    return posterior * log_joint


def states_summed(table: Tensor) -> Tensor:
    return table.sum(0)


def parts(log_joint, *, share=over_states, fix=held, mean=weighted, read=same, over=states_summed):
    return over(mean(fix(share(log_joint)), read(log_joint)))


def inputs(rng):
    """Three states and five strings; five states and four strings."""
    return [{"log_joint": rng.normal(-4, 1.4, shape).round(1)} for shape in ((3, 5), (5, 4))]


SHARES = {
    "over-strings": ("the softmax runs over the strings, and not over the states", lambda t: t.softmax(1)),
    "uniform": ("all states weigh the same: the posterior is not used", lambda t: torch.full_like(t, 1 / len(t))),
    "hard": (
        "the likeliest state alone is counted: that is hard EM",
        lambda t: torch.nn.functional.one_hot(t.argmax(0), len(t)).T.to(t),
    ),
    "joint": ("the weights are p(x, z), and are not divided by p(x)", torch.exp),
    "log": ("the logarithms of the posterior are the weights", lambda t: t.log_softmax(0)),
    "sigmoid": ("a sigmoid of each is taken, and no softmax", torch.sigmoid),
    "inverse": ("the softmax is taken of − log p(x, z): the unlikely states weigh most", lambda t: (-t).softmax(0)),
}
MEANS = {
    "entropy-added": (
        "the entropy of the posterior is added: this is the ELBO, which is log p(x) here, and its gradient is the same",
        lambda q, t: q * (t - q.log()),
    ),
    "entropy-subtracted": ("the entropy of the posterior is subtracted", lambda q, t: q * (t + q.log())),
    "probabilities": ("the mean is one of p(x, z), and not of its logarithm", lambda q, t: q * t.exp()),
    "not-weighted": ("the states are added up without their weights", lambda q, t: t),
    "log-posterior": (
        "the mean of log p(z|x) is taken, and not that of log p(x, z): this is minus the entropy of the posterior",
        lambda q, t: q * t.log_softmax(0),
    ),
}
OVER = {
    "states-averaged": ("the states are averaged, and not added up", lambda t: t.mean(0)),
    "over-strings-summed": ("the sum runs over the strings, and not over the states", lambda t: t.sum(1)),
    "total": ("everything is added up: each string has its own mean", lambda t: t.sum()),
    "batch-mean": ("the mean over the strings is taken already", lambda t: t.sum(0).mean()),
    "not-summed": ("the states are not added up", same),
    "log-of-sum": ("logsumexp stands in the place of the sum", lambda t: t.logsumexp(0)),
}

check_fisher = Exercise(
    name="fisher",
    solution=solution,
    parts=parts,
    inputs=inputs,
    gradients=("log_joint",),
    asked={
        "value": "the mean of log p(x, z) under the posterior, one number a string, in nats",
        "again": "the same numbers from a second call: the difference",
        "gradient of log_joint": "the gradient of their sum with respect to log_joint: that of log p(x), the posterior",
    },
    right="Its gradient is the posterior itself, and so is that of log p(x): Fisher's identity.",
    axes=("states", "batch"),
    effort="deeper · ●●○ · 6 minutes",
    mistakes={
        **swaps("share", SHARES),
        "through-posterior": swap(
            "the gradient goes through the posterior too: the value is right, and the decoder is pulled another way",
            fix=same,
        ),
        "wrong-one": swap("the wrong one is detached: log p(x, z), and not the posterior", fix=same, read=torch.detach),
        **swaps("mean", MEANS),
        **alone(swaps("over", OVER)),
        **of_whole("the sign is wrong: this is a loss"),
    },
)

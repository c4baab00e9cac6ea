r"""# Leave-one-out, through a die

In exercise 3.6 you made the baseline; now make the objective. Write `my_elbo(log_joint, log_q)`. For each picture $K$ hard draws were made, and `log_joint` holds $\log p(x, z)$, `log_q` holds $\log q(z|x)$, both `[samples, batch]`. Return `[batch]`, in nats: its *value* is the mean of $f = \log p(x, z) - \log q(z|x)$ over the draws. Its *gradient* is RLOO's: by `log_joint` that of the mean, and by `log_q` it is $(f - b)/K$, with the mean $b$ of the *other* draws' $f$. Here $f$ is a weight and is not differentiated.

## Hint: where to look
[(8.7)](#throw-and-leave-one-out), and [exercise 3.6](03_reparameterization.ipynb#exercises) for the baseline.

## Hint: the idea
You need a term that is 0 and has the gradient of $\log q$: `log_q - log_q.detach()`. Multiply it by a weight that carries no gradient.

## Hint: nearly the code
`f = (log_joint - log_q).detach()`; the baseline is `(f.sum(0) - f) / (len(f) - 1)`. The mean over the samples of: `log_joint`, minus `log_q.detach()`, plus weight times the term that is 0.
"""  # noqa: E501

from vae_lib.exercises.engine import Exercise, swap, whole
from vae_lib.exercises.families import swaps

ANSWER = "my_elbo"


def solution(log_joint, log_q):
    """The ELBO's estimate, with RLOO's gradient: [batch], in nats."""
    f = (log_joint - log_q).detach()
    baseline = (f.sum(0) - f) / (len(f) - 1)
    score = log_q - log_q.detach()  # 0, with the gradient of log q
    return (log_joint - log_q.detach() + (f - baseline) * score).mean(0)


def signal(log_joint, log_q):
    return (log_joint - log_q).detach()


def others(f):
    return (f.sum(0) - f) / (len(f) - 1)


def zero(log_q):
    return log_q - log_q.detach()


def weighed(f, baseline, score):
    return (f - baseline) * score


def held(log_joint, log_q):
    return log_joint - log_q.detach()


def parts(
    log_joint, log_q, *, signal=signal, baseline=others, score=zero, weigh=weighed, value=held,
    average=lambda t: t.mean(0),
):  # fmt: skip
    f = signal(log_joint, log_q)
    return average(value(log_joint, log_q) + weigh(f, baseline(f), score(log_q)))


def inputs(rng):
    """Five draws of three pictures, and two, the fewest, of four."""
    return [
        {"log_joint": rng.normal(-20, 3, shape).round(2), "log_q": rng.normal(-3, 1, shape).round(2)}
        for shape in ((5, 3), (2, 4))
    ]


BASELINES = {
    "own-included": ("each draw's own f is in its baseline: that biases", lambda f: f.mean(0)),
    "missing": ("there is no baseline", lambda f: 0 * f),
    "summed": ("the others are summed, and not averaged", lambda f: f.sum(0) - f),
    "over-k": ("the sum of the others is divided by K", lambda f: (f.sum(0) - f) / len(f)),
    "kept": ("the own f is left in the sum, which is divided by K − 1", lambda f: f.sum(0) / (len(f) - 1)),
    "of-batch": ("the mean over the pictures is taken, and not over the draws", lambda f: f.mean(1, keepdim=True)),
}
WEIGHS = {
    "sign": ("the baseline less f is the weight, and not f less the baseline", lambda f, b, s: (b - f) * s),
    "added": ("the baseline is added", lambda f, b, s: (f + b) * s),
    "brackets": ("the baseline is subtracted from the product", lambda f, b, s: f * s - b),
    "missing": ("log q sends no gradient: the encoder learns nothing", lambda f, b, s: 0 * s),
    "weight-missing": ("the score has no weight: its gradient is 1/K", lambda f, b, s: s),
    "standardised": ("the weights are divided by their standard deviation", lambda f, b, s: (f - b) / f.std(0) * s),
}
SIGNALS = {
    "likelihood": ("− log q(z|x) is left out of f", lambda p, q: p.detach()),
    "plus": ("log q(z|x) is added in f, and not subtracted", lambda p, q: (p + q).detach()),
}
VALUES = {
    "q-not-detached": (
        "log q is not detached in the value: its own gradient is 0 on average, and only adds noise",
        lambda p, q: p - q,
    ),
    "q-missing": ("log q is left out of the value", lambda p, q: p + 0 * q),
    "joint-detached": (
        "log p(x, z) sends no gradient: the decoder learns nothing",
        lambda p, q: (p - q).detach() + 0 * p,
    ),
    "missing": ("the value is 0: f itself is not added", lambda p, q: p - p.detach()),
}
AVERAGES = {
    "summed": ("the draws are added up, and not averaged", lambda t: t.sum(0)),
    "all": ("the batch is averaged too: it is left to the training loop", lambda t: t.mean()),
    "over-batch": ("the mean runs over the batch, and not over the draws", lambda t: t.mean(1)),
    "not-averaged": ("the mean over the draws is not taken", lambda t: t),
    "over-k-minus-one": ("the sum is divided by K − 1", lambda t: t.sum(0) / (len(t) - 1)),
}


def surrogate(log_joint, log_q):
    f = signal(log_joint, log_q)
    return ((f - others(f)) * log_q + log_joint).mean(0)


def differentiated(log_joint, log_q):
    f = log_joint - log_q
    return (f + (f - others(f)) * log_q).mean(0)


check_rloo = Exercise(
    name="rloo",
    solution=solution,
    parts=parts,
    inputs=inputs,
    gradients=("log_joint", "log_q"),
    asked={
        "value": "the mean of f over the draws, one number a picture, in nats",
        "again": "the same numbers from a second call: the difference",
        "gradient of log_joint": "the gradient of their sum with respect to log_joint",
        "gradient of log_q": "the gradient of their sum with respect to log_q: (f − b)/K",
    },
    right="The value is the ELBO's estimate, the gradient is RLOO's.",
    axes=("samples", "batch"),
    effort="deeper · ●●● · 12 minutes",
    mistakes={
        **swaps("baseline", BASELINES, "baseline-"),
        **swaps("weigh", WEIGHS, "weight-"),
        **swaps("signal", SIGNALS, "f-"),
        **swaps("value", VALUES, "value-"),
        **swaps("average", AVERAGES),
        "score-not-zero": swap("the score is log q itself: the gradient is right, the value is not", score=lambda q: q),
        "plain": whole(
            "the ELBO itself is differentiated: the slope of log q has mean 0, and the encoder learns nothing",
            lambda log_joint, log_q: (log_joint - log_q).mean(0),
        ),
        "surrogate": whole("the usual surrogate is returned: its gradient is right, and its value no ELBO", surrogate),
        "sign": whole("the sign is wrong: this is −ELBO, a loss", lambda *given: -solution(*given)),
        "f-not-detached": whole("f is not detached: it is a weight, and has no slope", differentiated),
    },
)

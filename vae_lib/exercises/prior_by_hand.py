r"""# An encoder that answers with the prior, by hand

Stay with the network and the $x$ of this chapter, and change $b_2$ alone: for this $x$ the encoder must answer with exactly the prior, $\mu = 0$ and $\sigma = 1$. What are the four numbers of the new $b_2$? Which $\varepsilon$ then leads to the same $z = (\tfrac98, -\tfrac32)$ as before? And what is $J$ with that $\varepsilon$?

## Hint: where to look
Equation (2.2) in [Encode: from x to μ and σ](#encode-from-x-to-μ-and-σ), (2.4) in [Sample: from ε to z](#sample-from-ε-to-z), (2.7) in [Two losses and their sum](#two-losses-and-their-sum). You have $h_1$, the old $\mu$, the old $\log \sigma^2$ and both losses on your worksheet; [The worksheet, alive](#the-worksheet-alive) has them too.

## Hint: the idea
Where $\sigma$ is 1, $\log \sigma^2$ is 0: all four outputs of the head must be 0. Take the old $b_2$ away from the old outputs, and you have $W_2 h_1$.

## Hint: nearly the numbers
The new $b_2$ is $-W_2 h_1$. With $\mu = 0$ and $\sigma = 1$, [(2.4)](#sample-from-ε-to-z) says $z = \varepsilon$. The decoder gets the same $z$ as before, so one term of $J$ stays; look at [(2.7)](#two-losses-and-their-sum) for the other.
"""  # noqa: E501

import numpy as np

from vae_lib.exact.worked_example import EPS, WEIGHTS, X, decode, forward
from vae_lib.exercises.engine import ByHand, whole
from vae_lib.page.pencil import to_float

ANSWER = "my_prior"
STUB = """\
my_prior = {
    "b2": ...,
    "eps": ...,
    "J": ...,
}
"""
SOLUTION = """\
def prior_solution():
    h1, z = encode(X[0], WEIGHTS)["h1"], forward(X[0], WEIGHTS, EPS[0])["z"]
    b2_new = -(WEIGHTS["W2"] @ h1)
    return {"b2": b2_new, "eps": z, "J": forward(X[0], WEIGHTS | {"b2": b2_new}, z)["J"]}


# J is smaller by the whole KL: q(z|x) is now the prior. That does not make the encoder a good one. Its answer
# to this x is what we would have said without seeing x, and we chose the ε that leads to the old z.
check_prior_by_hand(prior_solution)
table(["value", "exact"], [[f"`{key}`", f"${latex(row)}$"] for key, row in prior_solution().items()])
"""


def numbers(rng: np.random.Generator | None) -> dict[str, np.ndarray]:
    """The chapter's; with a generator, other rows of W₂ for μ and another ε. What is asked for has another name."""
    weights, eps = to_float(WEIGHTS), to_float(EPS[0])
    if rng is not None:
        weights["W2"][:2] += rng.choice([-1, -0.5, 0.5, 1], (2, 3))
        eps = rng.choice([-2, -1, 0.5, 1, 2], 2)
    values = weights | forward(to_float(X[0]), weights, eps)
    other = {"b2": "old_b2", "eps": "old_eps", "J": "old_J", "mu": "old_mu", "kl": "old_kl"}
    return {other.get(name, name): value for name, value in values.items()}


def moved(b2, W2, h1) -> tuple[np.ndarray, np.ndarray]:
    """μ and σ with the new bias."""
    mu, log_var = np.split(W2 @ h1 + b2, 2)
    return mu, np.exp(log_var / 2)


def kl_of(mu, sigma) -> float:
    return (mu**2 + sigma**2 - 1 - np.log(sigma**2)).sum() / 2


STEPS = {
    "b2": lambda W2, h1: -(W2 @ h1),
    "eps": lambda z, b2, W2, h1: (z - moved(b2, W2, h1)[0]) / moved(b2, W2, h1)[1],
    "J": lambda reconstruction_loss, b2, W2, h1: reconstruction_loss + kl_of(*moved(b2, W2, h1)),
}
LOWER, UPPER = np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0])


def loss_of(values, eps) -> float:
    """½‖x − f(z)‖² of z = ε, and no KL."""
    return ((values["x"] - decode(eps, {name: values[name] for name in WEIGHTS if name != "b2"})["f"]) ** 2).sum() / 2


SLIPS = {
    "b2": {
        "minus-head": whole(
            "the old b₂ is still in it: this is minus what the head gave", lambda W2, h1, old_b2: -(W2 @ h1 + old_b2)
        ),
        "added": whole(
            "what the head gave is added to the old b₂, not subtracted", lambda W2, h1, old_b2: W2 @ h1 + 2 * old_b2
        ),
        "sign": whole("the sign is lost: this is W₂h₁ itself", lambda W2, h1: W2 @ h1),
        "head": whole("this is what the old head gave, μ and log σ²", lambda W2, h1, old_b2: W2 @ h1 + old_b2),
        "log-var-one": whole("log σ² is made 1: σ = 1 belongs to log σ² = 0", lambda W2, h1: LOWER - W2 @ h1),
        "mean-one": whole("μ is made 1 too: the mean of the prior is 0", lambda W2, h1: 1 - W2 @ h1),
        "zero": whole("b₂ is 0: then the head still gives W₂h₁", lambda old_b2: 0 * old_b2),
        "mean-alone": whole(
            "only μ is moved: log σ² must become 0 too", lambda W2, h1, old_b2: LOWER * old_b2 - UPPER * (W2 @ h1)
        ),
        "log-var-alone": whole(
            "only log σ² is moved: μ must become 0 too", lambda W2, h1, old_b2: UPPER * old_b2 - LOWER * (W2 @ h1)
        ),
        "no-relu": whole("the ReLU is forgotten: W₂ meets a₁", lambda W2, a1: -(W2 @ a1)),
        "halves": whole("the halves are swapped: μ comes first", lambda W2, h1: -np.roll(W2 @ h1, 2)),
        "halved": whole(
            "the lower half is halved: the head gives log σ², not log σ", lambda W2, h1: -(W2 @ h1) / (1 + LOWER)
        ),
        "no-ln2": whole(
            "the factor ln 2 is dropped in the lower half", lambda W2, h1: -(W2 @ h1) / np.where(LOWER, np.log(2), 1)
        ),
    },
    "eps": {
        "old": whole("the old ε is kept: with μ = 0 and σ = 1 it leads to another z", lambda old_eps: old_eps),
        "zero": whole("ε is 0: then z would be μ, which is 0", lambda old_eps: 0 * old_eps),
        "sign": whole("the sign is lost: z = μ + σ ⊙ ε, with a plus", lambda z: -z),
        "old-mean": whole("the old μ is still subtracted", lambda z, old_mu: z - old_mu),
        "old-sigma": whole("the result is still divided by the old σ", lambda z, sigma: z / sigma),
        "times-sigma": whole("the old σ is still there, as a factor", lambda z, sigma: z * sigma),
    },
    "J": {
        "old": whole("the old KL is still in it: this is the J of before", lambda old_J: old_J),
        "sign": whole(
            "the sign is lost: J is a cost, and no square is negative", lambda reconstruction_loss: -reconstruction_loss
        ),
        "old-kl": whole("this is the old KL", lambda old_kl: old_kl),
        "no-reconstruction": whole("the reconstruction loss is left out", lambda z: 0 * z.sum()),
        "half-missing": whole("the ½ of the reconstruction loss is missing", lambda x, f: ((x - f) ** 2).sum()),
        "averaged": whole(
            "the squared error is averaged instead of summed and halved", lambda x, f: ((x - f) ** 2).mean()
        ),
        "halves-averaged": whole(
            "the halved squares are averaged instead of summed", lambda x, f: ((x - f) ** 2).mean() / 2
        ),
        "one-missing": whole(
            "the KL is not 0 there: its −1 is forgotten", lambda reconstruction_loss: reconstruction_loss + 1
        ),
        "one-once": whole(
            "the KL is not 0 there: its −1 is counted once instead of twice",
            lambda reconstruction_loss: reconstruction_loss + 0.5,
        ),
        "old-eps": whole(
            "J is that of the old ε, which leads to another z now", lambda values: loss_of(values, values["old_eps"])
        ),
        "constant": whole(
            "a constant is added: this is −ELBO with this ε",
            lambda reconstruction_loss, constant: reconstruction_loss + constant,
        ),
    },
}

check_prior_by_hand = ByHand(
    name="prior_by_hand",
    data=numbers,
    steps=STEPS,
    asked={
        "b2": "b2, four numbers, with which μ = 0 and σ = 1",
        "eps": "eps, two numbers, with which z is that of before",
        "J": "J with the new b2 and this eps, in nats",
    },
    on="the chapter's network, x = [1, 2, 0, -1], and z = [1.125, -1.5]",
    effort="core · ●●○ · 3 minutes",
    slips=SLIPS,
)

r"""# Both losses, by hand

Decode your $z$, and add up the costs: $f(z)$, three numbers; then, in nats, the reconstruction loss, the KL, $J$, and $-\mathrm{ELBO}$ with this $\varepsilon$ when the decoder is the Gaussian of (2.9).

## Hint: where to look
Equation (2.5) in [Decode: from z to f(z)](#decode-from-z-to-fz), (2.6) to (2.8) in [Two losses and their sum](#two-losses-and-their-sum), (2.9) in [What J leaves out](#what-j-leaves-out-deeper).

## Hint: the idea
Again one unit is off, now in $h_2$. Both costs are *sums*, one over the numbers of $x$ and one over the latents, and each has a ½ of its own. The KL needs $\mu$, $\sigma^2$ and $\log \sigma^2$ alone: no $\varepsilon$, no $z$.

## Hint: nearly the numbers
Make a table with a row for each latent and the columns $\mu^2$, $\sigma^2$, $-1$ and $-\log \sigma^2$; half the sum of all its cells is the KL. $-\mathrm{ELBO}$ is $J$ plus $\tfrac12 \log 2\pi$ for each number of $x$: here $D = 3$.
"""  # noqa: E501

from functools import partial

import numpy as np
import torch

from vae_lib.exercises.engine import ByHand, swap, whole
from vae_lib.exercises.families import kl_table, pick, same, slips_of_kl, slips_of_tables, swaps
from vae_lib.exercises.families.layers import DRAWS, TERMS, activations, alone_and_two, layers, products, relu
from vae_lib.exercises.families.network import ON, values

ANSWER = "my_loss"
STUB = """\
my_loss = {
    "f": ...,
    "reconstruction_loss": ...,
    "kl": ...,
    "J": ...,
    "negative_elbo": ...,
}
"""
SOLUTION = """\
from vae_lib.page import log_two_pi


def loss_solution():
    q = encode(NEW_X, NEW_WEIGHTS)
    h2 = np.maximum(NEW_WEIGHTS["W3"] @ (q["mu"] + q["sigma"] * NEW_EPS) + NEW_WEIGHTS["b3"], 0)
    f = NEW_WEIGHTS["W4"] @ h2 + NEW_WEIGHTS["b4"]
    loss = ((NEW_X - f) ** 2).sum() / 2
    kl = (q["mu"] ** 2 + q["var"] - 1 - q["log_var"]).sum() / 2
    values = {"f": f, "reconstruction_loss": loss, "kl": kl, "J": loss + kl}
    return values | {"negative_elbo": loss + kl + log_two_pi(NEW_X).sum() / 2}


check_loss_by_hand(loss_solution)
table(
    ["value", "exact", "decimal"],
    [[f"`{key}`", f"${latex(row)}$", f"${decimals(row)}$"] for key, row in loss_solution().items()],
)
"""

LOG_2PI = np.log(2 * np.pi)
STEPS = {
    "f": lambda z, W3, b3, W4, b4: W4 @ relu(W3 @ z + b3) + b4,
    "reconstruction_loss": lambda x, f: ((x - f) ** 2).sum() / 2,
    "kl": lambda mu, log_var: (mu**2 + np.exp(log_var) - 1 - log_var).sum() / 2,
    "J": lambda reconstruction_loss, kl: reconstruction_loss + kl,
    "negative_elbo": lambda J, x: J + len(x) * LOG_2PI / 2,
}


def partial_sums(part, what):
    """For a `part` that adds three numbers: one of them alone, and one left out."""
    slips = {}
    for i, which in enumerate(("first", "second", "third")):
        slips[f"{which}-only"] = (f"only the {which} {what} is counted", lambda t, i=i: t[i])
        slips[f"{which}-missing"] = (f"the {which} {what} is left out", lambda t, i=i: t.sum() - t[i])
    return swaps(part, slips)


CONSTANT = 3 * LOG_2PI / 2
INTO_DECODER = {
    **{key: (f"z is wrong: {DRAWS[key][0]}", DRAWS[key][1]) for key in ("var", "log-var", "log-sigma", "one", "minus")},
    "zero": ("the decoder is given μ where it needs z", "mu"),
    "is-eps": ("the decoder is given ε where it needs z", "eps"),
    "is-x": ("the decoder is given x where it needs z", "x"),
}
ENDS = {
    "relu-at-the-end": ("a ReLU follows the last layer: f(z) may be negative, as x is", lambda x, f: relu(f)),
    "residual": ("the residual x − f(z) is given instead of f(z)", lambda x, f: x - f),
    "minus-residual": ("the residual f(z) − x is given instead of f(z)", lambda x, f: f - x),
}


def decoded(x, z, W3, b3, W4, b4, *, active=relu, end=lambda x, f: f):
    return end(x, W4 @ active(W3 @ z + b3) + b4)


SLIPS_OF_F = {
    **alone_and_two(
        decoded,
        {
            **swaps("z", INTO_DECODER, "z-"),
            **layers("W3", "b3", "a2-"),
            **activations("active", "W₄ multiplies a₂"),
            **layers("W4", "b4"),
            **swaps("end", ENDS),
        },
        {
            **products("W3", "b3", " of a₂", "a2-"),
            **products("W4", "b4"),
            "biases-swapped": swap("b₃ and b₄ have changed places", b3="b4", b4="b3"),
            "encoders-layer": swap("W₁ and b₁ are used in place of W₃ and b₃", W3="W1", b3="b1"),
        },
    ),
    "relu-first": whole("the ReLU comes before the bias b₃", lambda z, W3, b3, W4, b4: W4 @ (relu(W3 @ z) + b3) + b4),
    "h2": whole("h₂ is given: the last layer is left out", lambda h2: h2),
    "a2": whole("a₂ is given: the last layer is left out", lambda a2: a2),
}
COMPARED = {
    "f-of-mean": (INTO_DECODER["zero"][0], SLIPS_OF_F["z-zero"].function),
    "x-and-mean": ("x and μ are compared: the decoder is left out", "mu"),
    "x-and-z": ("x and z are compared: the decoder is left out", "z"),
    "x-alone": ("f(z) is left out: this is ½‖x‖²", lambda f: 0 * f),
    "added": ("x and f(z) are added before they are squared", lambda f: -f),
}
POWERS = {
    "absolute": ("absolute values are added instead of squares: ½ Σ|x − f(z)|", abs),
    "not-squared": ("the differences are not squared: ½ Σ (x − f(z))", same),
}


def distance(x, f, *, power=np.square, over=np.sum, times=0.5, sign=1, plus=0):
    return sign * times * over(power(x - f)) + plus


SLIPS_OF_DISTANCE = alone_and_two(
    distance,
    {
        "half-missing": swap("the ½ is missing", times=1),
        "bits": swap("the result is in bits: nats were asked for", times=0.5 / np.log(2)),
        "sign": swap("the sign is wrong: this is −½‖x − f(z)‖²", sign=-1),
        "averaged": swap("the squared error is averaged instead of summed and halved", over=np.mean, times=1),
        "halves-averaged": swap("the halved squares are averaged instead of summed", over=np.mean),
        "norm": swap("the norm is neither squared nor halved: ‖x − f(z)‖", power=same, over=np.linalg.norm, times=1),
        "half-norm": swap("the norm is halved but not squared: ½‖x − f(z)‖", power=same, over=np.linalg.norm),
        "square-of-sum": swap("differences are added before they are squared", power=sum, over=np.square),
        **partial_sums("over", "square"),
        "constant": swap("½ D log 2π is added: that is −log N(x; f(z), I), and J leaves it out", plus=CONSTANT),
        **swaps("power", POWERS),
        **swaps("f", COMPARED),
    },
    often=("half-missing", "halves-averaged", "sign", "constant", "f-of-mean"),
)
OF_TABLE = (
    "half-on-mean half-on-mean-var half-on-mean-var-one half-on-var-one-log square-missing square-sign var-missing "
    "var-sign one-missing one-sign log-missing log-sign one-once mean-not-squared mean-absolute sd-for-var var-squared "
    "log-var-for-var inverse-var mean-norm mean-summed-first log-base-ten log-base-two two-pi "
    "log-sd-for-log-var read-as-log-sd"
)


def divergence(mu, log_var, *, table=kl_table, over=torch.sum, times=1):
    return times * float(over(table(torch.tensor(mu), torch.tensor(log_var))))


SLIPS_OF_KL = alone_and_two(
    divergence,
    {
        **{
            key: swap(words, table=partial(kl_table, **at))
            for key, (words, at) in pick(slips_of_kl(), OF_TABLE).items()
        },
        "reverse": swap("the KL is taken the other way round, KL(p ‖ q)", table=slips_of_tables()["reverse"][1]),
        "half-missing": swap("the ½ is missing", times=2),
        "half-twice": swap("the ½ is there twice", times=0.5),
        "bits": swap("the result is in bits: nats were asked for", times=1 / np.log(2)),
        "sign": swap("the sign is wrong: no KL is negative", times=-1),
        "averaged": swap("the KL is averaged over the latents instead of summed", over=torch.mean),
        **partial_sums("over", "latent"),
    },
    {
        "z": swap("z is used in place of μ: the KL does not see ε", mu="z"),
        "eps": swap("ε is used in place of μ", mu="eps"),
        "halves": swap("μ and log σ² have changed places", mu="log_var", log_var="mu"),
        "sigma-throughout": swap("σ is used in place of σ², and in its log too", log_var=lambda log_var: log_var / 2),
    },
    often=("half-missing", "averaged", "sign"),
)


CONSTANTS = {
    "dropped": ("the constant ½ D log 2π is dropped: this is J (equation 2.9)", 0),
    "once": ("½ log 2π is counted once instead of D times", LOG_2PI / 2),
    "half-missing": ("log 2π is added D times: its ½ is missing, or D is taken to be 6", 3 * LOG_2PI),
    "log-two-pi": ("log 2π is added, without ½ and without D", LOG_2PI),
    "four": ("D is taken to be 4, as in the text: here it is 3", 2 * LOG_2PI),
    "subtracted": ("the constant is subtracted where it is added", -CONSTANT),
    "no-two": ("the constant is ½ D log π: the 2 is missing", 1.5 * np.log(np.pi)),
    "no-log": ("the constant is ½ D · 2π: its logarithm is missing", 3 * np.pi),
    "base-ten": (
        "the log of 2π is to base 10, a calculator's log: here it is to base e, its ln",
        CONSTANT / np.log(10),
    ),
    "base-two": ("the log of 2π is to base 2: here it is to base e", CONSTANT / np.log(2)),
}
SLIPS = {
    "f": SLIPS_OF_F,
    "reconstruction_loss": SLIPS_OF_DISTANCE,
    "kl": SLIPS_OF_KL,
    "J": alone_and_two(
        lambda reconstruction_loss, kl, *, terms=(1, 1), times=1, plus=0: (
            times * (terms[0] * reconstruction_loss + terms[1] * kl + plus)
        ),
        {
            **swaps("terms", TERMS),
            "sign": swap("the sign is wrong: J is minimised, and its terms are costs", times=-1),
            "bits": swap("the sum is in bits: nats were asked for", times=1 / np.log(2)),
            "constant": swap("½ D log 2π is added: that is −ELBO with this ε, and J leaves it out", plus=CONSTANT),
        },
        {"elbo": swap("the ELBO with this ε is given, constant included", times=-1, plus=CONSTANT)},
    ),
    "negative_elbo": alone_and_two(
        lambda J, *, plus=CONSTANT, sign=1: sign * (J + plus),
        {**swaps("plus", CONSTANTS), "sign": swap("the sign is wrong: this is the ELBO", sign=-1)},
        {
            "no-kl": swap("the KL is left out: this is −log p(x|z)", J=lambda J, kl: J - kl),
            "kl-sign": swap("the KL is subtracted: it is a cost", J=lambda J, kl: J - 2 * kl),
        },
    ),
}

check_loss_by_hand = ByHand(
    name="loss_by_hand",
    data=values,
    steps=STEPS,
    asked={
        "f": "f = f(z), three numbers",
        "reconstruction_loss": "reconstruction_loss = ½‖x − f(z)‖², one number, in nats",
        "kl": "kl = ½ Σ (μ² + σ² − 1 − log σ²), one number, in nats",
        "J": "J = ½‖x − f(z)‖² + KL, one number, in nats",
        "negative_elbo": "negative_elbo = −ELBO with this ε, for p(x|z) = N(x; f(z), I), one number, in nats",
    },
    on=ON,
    effort="deeper · ●●○ · 10 minutes",
    slips=SLIPS,
)

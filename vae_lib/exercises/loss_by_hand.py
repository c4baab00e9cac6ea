r"""# Both losses, by hand

Decode your $z$, and add up the costs: $f(z)$, three numbers; then, in nats, the reconstruction loss, the KL, $J$, and $-\mathrm{ELBO}$ with this $\varepsilon$ when the decoder is the Gaussian of (2.9).

## Hint: where to look
Equations (2.5) to (2.9).

## Hint: the idea
Again one unit is off, now in $h_2$. Both costs are *sums*, one over the numbers of $x$ and one over the latents, and each has a ½ of its own. The KL needs $\mu$, $\sigma^2$ and $\log \sigma^2$ alone: no $\varepsilon$, no $z$.

## Hint: nearly the code
Make a table with a row for each latent and the columns $\mu^2$, $\sigma^2$, $-1$ and $-\log \sigma^2$; half the sum of all its cells is the KL. Between $J$ and $-\mathrm{ELBO}$ stands $\tfrac12 \log 2\pi$ for each number of $x$: here $D = 3$.
"""  # noqa: E501

import numpy as np
import torch

from vae_lib.exercises.engine import ByHand, swap, whole
from vae_lib.exercises.families import kl_table, reverse_kl_table, same, slips_of_kl
from vae_lib.exercises.families.layers import (
    DRAWS,
    activations,
    alone_and_two,
    layer,
    layers,
    partial_sums,
    products,
    relu,
    swaps,
)
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

LOG_TWO_PI = np.log(2 * np.pi)

STEPS = {
    "f": lambda z, W3, b3, W4, b4: W4 @ relu(W3 @ z + b3) + b4,
    "reconstruction_loss": lambda x, f: ((x - f) ** 2).sum() / 2,
    "kl": lambda mu, log_var: (mu**2 + np.exp(log_var) - 1 - log_var).sum() / 2,
    "J": lambda reconstruction_loss, kl: reconstruction_loss + kl,
    "negative_elbo": lambda J, x: J + len(x) * LOG_TWO_PI / 2,
}


def sample(mu, log_var, sigma, eps):
    return mu + sigma * eps


def decoded(values, *, draw=sample, a2=layer, active=relu, a4=layer, end=lambda x, f: f):
    v = values
    h2 = active(a2(v["W3"], v["b3"], draw(v["mu"], v["log_var"], v["sigma"], v["eps"])))
    return end(v["x"], a4(v["W4"], v["b4"], h2))


INTO_DECODER = {
    **{key: (f"z is wrong: {DRAWS[key][0]}", DRAWS[key][1]) for key in ("var", "log-var", "log-sigma", "one", "minus")},
    "zero": ("the decoder is given μ where it needs z", lambda mu, log_var, sigma, eps: mu),
    "is-eps": ("the decoder is given ε where it needs z", lambda mu, log_var, sigma, eps: eps),
    "is-sigma": ("the decoder is given σ where it needs z", lambda mu, log_var, sigma, eps: sigma),
}
ENDS = {
    "relu-at-the-end": ("a ReLU follows the last layer: f(z) may be negative, as x is", lambda x, f: relu(f)),
    "sigmoid-at-the-end": ("a sigmoid follows the last layer", lambda x, f: 1 / (1 + np.exp(-f))),
    "tanh-at-the-end": ("tanh follows the last layer", lambda x, f: np.tanh(f)),
    "residual": ("the residual x − f(z) is given instead of f(z)", lambda x, f: x - f),
    "minus-residual": ("the residual f(z) − x is given instead of f(z)", lambda x, f: f - x),
}
SLIPS_OF_F = {
    **alone_and_two(
        decoded,
        {
            **swaps("draw", INTO_DECODER, "z-"),
            **layers("a2", "W₃", "b₃", "a2-"),
            **activations("active", "W₄ multiplies a₂"),
            "relu-first": swap("the ReLU comes before the bias b₃", a2=lambda W, b, v: relu(W @ v) + b, active=same),
            **layers("a4", "W₄", "b₄"),
            **swaps("end", ENDS),
        },
        products("a2", " of a₂", "a2-") | products("a4"),
    ),
    "h2": whole("h₂ is given: the last layer is left out", lambda h2: h2),
    "a2": whole("a₂ is given: the last layer is left out", lambda a2: a2),
    "of-h1": whole("the decoder is given h₁ where it needs z", lambda h1, W3, b3, W4, b4: W4 @ relu(W3 @ h1 + b3) + b4),
    "of-x": whole("the decoder is given x where it needs z", lambda x, W3, b3, W4, b4: W4 @ relu(W3 @ x + b3) + b4),
    "b3-twice": whole("b₃ is added in place of b₄", lambda h2, b3, W4: W4 @ h2 + b3),
    "biases-swapped": whole("b₃ and b₄ have changed places", lambda z, W3, b3, W4, b4: W4 @ relu(W3 @ z + b4) + b3),
    "layers-swapped": whole(
        "the decoder's layers have changed places: W₄ meets z", lambda z, W3, b3, W4, b4: W3 @ relu(W4 @ z + b4) + b3
    ),
    "encoders-layer": whole(
        "W₁ and b₁ are used in place of W₃ and b₃", lambda z, W1, b1, W4, b4: W4 @ relu(W1 @ z + b1) + b4
    ),
}


def distance(values, *, of="f", off=np.subtract, power=np.square, over=np.sum, times=0.5, sign=1, plus=0):
    to = of(values) if callable(of) else values[of]
    return sign * times * over(power(off(values["x"], to))) + plus


def norm(squares):
    return np.sqrt(squares.sum())


SUMS = {
    "product": ("the squares are multiplied instead of added", np.prod),
    "half-norm": ("the norm is halved but not squared: ½‖x − f(z)‖", norm),
    "halves-averaged": ("the halved squares are averaged over the numbers of x instead of summed", np.mean),
}
OF = {
    "f-of-mean": (INTO_DECODER["zero"][0], lambda values: decoded(values, draw=INTO_DECODER["zero"][1])),
    "f-of-var": ("σ² is used in place of σ in z", lambda values: decoded(values, draw=DRAWS["var"][1])),
    "f-no-relu": ("the ReLU of the decoder is forgotten", lambda values: decoded(values, active=same)),
    "x-and-mean": ("x and μ are compared: the decoder is left out", "mu"),
    "x-and-z": ("x and z are compared: the decoder is left out", "z"),
    "x-alone": ("f(z) is left out: this is ½‖x‖²", lambda values: 0),
    "relu": ("f(z) went through a ReLU", lambda values: relu(values["f"])),
}
SLIPS_OF_DISTANCE = alone_and_two(
    distance,
    {
        "half-missing": swap("the ½ is missing", times=1),
        "half-twice": swap("the ½ is there twice", times=0.25),
        "doubled": swap("the squares are multiplied by 2 instead of ½", times=2),
        "sign": swap("the sign is wrong: this is −½‖x − f(z)‖²", sign=-1),
        "averaged": swap(
            "the squared error is averaged over the numbers of x instead of summed and halved", over=np.mean, times=1
        ),
        "norm": swap("the norm is neither squared nor halved: ‖x − f(z)‖", over=norm, times=1),
        **swaps("over", SUMS),
        **partial_sums("over", "square"),
        "constant": swap(
            "½ D log 2π is added: that is −log N(x; f(z), I), and J leaves the constant out", plus=3 * LOG_TWO_PI / 2
        ),
        "absolute": swap("absolute values are added instead of squares: ½ Σ|x − f(z)|", power=abs),
        "not-squared": swap("the differences are not squared: ½ Σ (x − f(z))", power=same),
        "square-of-sum": swap(
            "differences are added before they are squared", power=same, over=lambda off: off.sum() ** 2
        ),
        "squared-twice": swap("the squares are squared again", power=lambda off: off**4),
        "added": swap("x and f(z) are added before they are squared", off=np.add),
        **swaps("of", OF),
    },
    often=("half-missing", "halves-averaged", "sign", "constant", "f-of-mean"),
)


def divergence(values, *, mean="mu", log_var="log_var", over=torch.sum, sign=1, **slots):
    """The KL of other numbers, if need be, and with other things in the places of its table's parts."""
    return sign * float(over(kl_table(torch.tensor(values[mean]), torch.tensor(values[log_var]), **slots)))


OVERS = {
    "averaged": ("the KL is averaged over the latents instead of summed", torch.mean),
    "product": ("the KLs of the latents are multiplied instead of added", torch.prod),
    "bits": ("the result is in bits: nats were asked for", lambda table: table.sum() / np.log(2)),
}
LOGS = {
    "base-ten": ("log σ² is to base 10, a calculator's log: here it is to base e, its ln", lambda v: v / np.log(10)),
    "base-two": ("log σ² is to base 2: here it is to base e", lambda v: v / np.log(2)),
    "absolute": ("log σ² loses its sign", torch.abs),
}

TOO_MANY = {f"{part}-detached" for part in ("var", "mean", "log")}  # no gradient here; a single number fits by chance
TOO_MANY |= {key for key in slips_of_kl() if key.startswith("half-on-")}
TOO_MANY -= {"half-on-mean", "half-on-mean-var", "half-on-mean-var-one", "half-on-var-one-log"}
SLIPS_OF_KL = {
    **alone_and_two(
        divergence,
        {
            **{key: swap(words, **slots) for key, (words, slots) in slips_of_kl().items() if key not in TOO_MANY},
            "sign": swap("the sign is wrong: no KL is negative", sign=-1),
            **swaps("over", OVERS),
            **partial_sums("over", "latent"),
            **swaps("log", LOGS, "log-"),
        },
        {
            "z": swap("z is used in place of μ: the KL does not see ε", mean="z"),
            "eps": swap("ε is used in place of μ", mean="eps"),
            "halves": swap("μ and log σ² have changed places", mean="log_var", log_var="mu"),
            "sigma-throughout": swap(
                "σ is used in place of σ², and its logarithm too",
                var=lambda v: (v / 2).exp(),
                log=lambda v: v / 2,
            ),
        },
        often=("half-missing", "averaged", "sign"),
    ),
    "square-of-sum": whole(
        "the μ are added before they are squared",
        lambda mu, log_var: (mu.sum() ** 2 + (np.exp(log_var) - 1 - log_var).sum()) / 2,
    ),
    "reverse": whole(
        "the KL is taken the other way round, KL(p ‖ q)",
        lambda mu, log_var: float(reverse_kl_table(torch.tensor(mu), torch.tensor(log_var)).sum()),
    ),
    "brackets": whole(
        "brackets are missing: −½ multiplies the 1 only",
        lambda mu, log_var: -1.5 + (log_var - mu**2 - np.exp(log_var)).sum(),
    ),
}


def total(values, *, loss=1.0, cost=1.0, plus=0.0):
    return loss * values["reconstruction_loss"] + cost * values["kl"] + plus


SLIPS_OF_J = alone_and_two(
    total,
    {
        "loss-half-missing": swap("the ½ is missing in the reconstruction loss", loss=2),
        "averaged": swap("the squared error is averaged over the numbers of x", loss=2 / 3),
        "halves-averaged": swap("the reconstruction loss is averaged over the numbers of x", loss=1 / 3),
        "loss-half-twice": swap("the reconstruction loss is halved once more", loss=0.5),
        "loss-sign": swap("the reconstruction loss has the wrong sign", loss=-1),
        "no-loss": swap("the reconstruction loss is left out", loss=0),
        "kl-half-missing": swap("the ½ is missing in the KL", cost=2),
        "kl-averaged": swap("the KL is averaged over the latents", cost=1 / 3),
        "kl-half-twice": swap("the KL is halved once more", cost=0.5),
        "kl-sign": swap("the KL is subtracted: it is a cost, and so is the reconstruction loss", cost=-1),
        "no-kl": swap("the KL is left out", cost=0),
        "half-missing": swap("the ½ is missing in both terms", loss=2, cost=2),
        "both-averaged": swap("both terms are averaged", loss=2 / 3, cost=1 / 3),
        "halved": swap("the sum of both terms is halved: each has its own ½ already", loss=0.5, cost=0.5),
        "divided": swap("both terms, or their sum, are divided by 3", loss=1 / 3, cost=1 / 3),
        "sign": swap("the sign is wrong: J is minimised, and its terms are costs", loss=-1, cost=-1),
        "constant": swap(
            "½ D log 2π is added: that is −ELBO with this ε, and J leaves the constant out", plus=3 * LOG_TWO_PI / 2
        ),
        "constant-half-missing": swap(
            "D log 2π is added: J leaves the constant out, and it would be half of that", plus=3 * LOG_TWO_PI
        ),
        "elbo": swap("the ELBO with this ε is given, constant included", loss=-1, cost=-1, plus=-3 * LOG_TWO_PI / 2),
        "bits": swap("the sum is in bits: nats were asked for", loss=1 / np.log(2), cost=1 / np.log(2)),
    },
)
SLIPS_OF_J["product"] = whole(
    "the two terms are multiplied instead of added", lambda reconstruction_loss, kl: reconstruction_loss * kl
)


def bound(values, *, before=1.0, also=0.0, plus=3 * LOG_TWO_PI / 2, sign=1.0):
    return sign * (before * values["J"] + also * values["kl"] + plus)


CONSTANTS = {
    "dropped": ("the constant ½ D log 2π is dropped: this is J (equation 2.9)", 0),
    "once": ("½ log 2π is counted once instead of D times", LOG_TWO_PI / 2),
    "half-missing": ("log 2π is added D times: its ½ is missing, or D is taken to be 6", 3 * LOG_TWO_PI),
    "log-two-pi": ("log 2π is added, without ½ and without D", LOG_TWO_PI),
    "half-twice": ("the constant is halved once more", 3 * LOG_TWO_PI / 4),
    "four": ("D is taken to be 4, as in the text: here it is 3", 2 * LOG_TWO_PI),
    "subtracted": ("the constant is subtracted where it is added", -3 * LOG_TWO_PI / 2),
    "no-two": ("the constant is ½ D log π: the 2 is missing", 3 * np.log(np.pi) / 2),
    "no-pi": ("the constant is ½ D log 2: the π is missing", 3 * np.log(2) / 2),
    "brackets": ("brackets are missing: the constant is ½ D (log 2) · π", 3 * np.log(2) * np.pi / 2),
    "no-log": ("the constant is ½ D · 2π: its logarithm is missing", 3 * np.pi),
    "base-ten": (
        "the logarithm of 2π is to base 10 (log on a calculator): here it is to base e (ln)",
        3 * np.log10(2 * np.pi) / 2,
    ),
    "base-two": ("the logarithm of 2π is to base 2: here it is to base e", 3 * np.log2(2 * np.pi) / 2),
    "root": ("the constant is √(2π) for each number: its logarithm is missing", 3 * np.sqrt(2 * np.pi)),
}
SLIPS_OF_BOUND = alone_and_two(
    bound,
    {
        **{key: swap(words, plus=plus) for key, (words, plus) in CONSTANTS.items()},
        "sign": swap("the sign is wrong: this is the ELBO", sign=-1),
        "no-kl": swap("the KL is left out: this is −log p(x|z)", also=-1),
        "kl-sign": swap("the KL is subtracted: it is a cost", also=-2),
        "kl-twice": swap("the KL is counted twice", also=1),
    },
    {
        "minus-j": swap("J is subtracted", before=-1),
        "constant-alone": swap("the constant alone is given: J is left out", before=0),
    },
)

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
    level="deeper",
    dots=2,
    minutes=10,
    slips={
        "f": SLIPS_OF_F,
        "reconstruction_loss": SLIPS_OF_DISTANCE,
        "kl": SLIPS_OF_KL,
        "J": SLIPS_OF_J,
        "negative_elbo": SLIPS_OF_BOUND,
    },
)

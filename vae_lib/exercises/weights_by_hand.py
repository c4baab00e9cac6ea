r"""# A matrix of each network, by hand

One matrix of each network: compute $\partial J / \partial W_3$ (decoder) and $\partial J / \partial W_1$ (encoder), each with the shape of its matrix, [3, 3]. From 2.3 you have all that comes back; the rest is two outer products and one more ReLU.

## Hint: where to look
[Chapter 5](05_training.ipynb), (5.4) and the paragraph that follows it.

## Hint: the idea
A weight's gradient is a product: what came back at its output times what went in at its input. The whole matrix is an outer product with a row for each output and a column for each input. Expect a whole row of zeros in each: an output that is off learns nothing.

## Hint: nearly the code
For $W_3$ the output is $a_2$ and the input $z$. For $W_1$ the output is $a_1$ and the input $x$: stack $\partial J / \partial \mu$ and $\partial J / \partial \log \sigma^2$ to six numbers, $W_2^\top$ takes them to $h_1$, and the ReLU lets through only where $a_1 > 0$.
"""  # noqa: E501

from functools import partial
from types import SimpleNamespace

import numpy as np

from vae_lib.exercises.engine import ByHand, swap, whole
from vae_lib.exercises.families.backward import (
    KL_BY_LOG_VAR,
    KL_BY_MEAN,
    THROUGH_NOISE,
    back,
    backs,
    gate,
    gates,
    kl_by_log_var,
    kl_by_mean,
    through_noise,
)
from vae_lib.exercises.families.layers import alone_and_two, swaps
from vae_lib.exercises.families.network import ON, values_given

ANSWER = "my_weight_gradients"
STUB = '''\
def my_weight_gradients():
    """∂J/∂W₃ and ∂J/∂W₁, each [3, 3]."""
    return {"W3": ..., "W1": ...}
'''
SOLUTION = """\
def weight_gradients_solution():
    v = forward(NEW_X, NEW_WEIGHTS, NEW_EPS)
    d_a2 = np.where(v["a2"] > 0, NEW_WEIGHTS["W4"].T @ (v["f"] - NEW_X), 0)
    d_z = NEW_WEIGHTS["W3"].T @ d_a2
    d_mu = d_z + v["mu"]
    d_log_var = v["sigma"] * NEW_EPS * d_z / 2 + (v["var"] - 1) / 2
    d_h1 = NEW_WEIGHTS["W2"].T @ np.concatenate([d_mu, d_log_var])
    d_a1 = np.where(v["a1"] > 0, d_h1, 0)
    return {"W3": np.outer(d_a2, v["z"]), "W1": np.outer(d_a1, NEW_X)}


check_weights_by_hand(weight_gradients_solution)
table(["with respect to", "∂J"], [[f"`{key}`", f"${latex(row)}$"] for key, row in weight_gradients_solution().items()])
"""


def at_a2(W3, code):
    """The ∂J/∂a₂ in an own ∂J/∂W₃, which is its outer product with z."""
    return W3 @ code / (code @ code)


def at_head(d_z, eps, mean, sigma):
    return np.concatenate([d_z + mean, d_z * sigma * eps / 2 + (sigma**2 - 1) / 2])


STEPS = {
    "W3": lambda x, output, a2, code, weight4: np.outer(np.where(a2 > 0, weight4.T @ (output - x), 0), code),
    "W1": lambda W3, x, eps, a1, mean, code, sigma, weight2, weight3: np.outer(
        np.where(a1 > 0, weight2.T @ at_head(weight3.T @ at_a2(W3, code), eps, mean, sigma), 0), x
    ),
}


def to_a2(values, *, residual=lambda x, output: output - x, to_h2=back, mask2=gate):
    d_h2 = to_h2(values["weight4"], residual(values["x"], values["output"]))
    return mask2(d_h2, values["a2"], values["a1"])


RESIDUALS = {
    "sign": ("the residual has the wrong sign", lambda x, output: x - output),
    "twice": ("the ½ of the squared error is forgotten", lambda x, output: 2 * (output - x)),
    "averaged": ("the squared error is averaged, and not halved", lambda x, output: 2 * (output - x) / 3),
    "divided": ("the reconstruction loss is averaged", lambda x, output: (output - x) / 3),
    "output": ("x is forgotten in the residual", lambda x, output: output),
}
WAYS_TO_A2 = {
    **swaps("residual", RESIDUALS, "residual-"),
    **gates("mask2", "a₂", "a₁"),
    **backs("to_h2", "W₄", "w4-"),
}


def transposed(d, v):
    return np.outer(v, d)


def by_weight3(values, *, into="code", product=np.outer, **ways):
    return product(to_a2(values, **ways), into(values) if callable(into) else values[into])


INTO_W3 = {
    "of-mean": ("the input is taken to be μ: W₃ was multiplied by z", "mean"),
    "of-h2": ("the input is taken to be h₂: W₃ was multiplied by z", "h2"),
    "of-a2": ("the input is taken to be a₂: W₃ was multiplied by z", "a2"),
    "of-eps": ("the input is taken to be ε: W₃ was multiplied by z", "eps"),
    "of-x": ("the input is taken to be x: W₃ was multiplied by z", "x"),
    "of-h1": ("the input is taken to be h₁: W₃ was multiplied by z", "h1"),
    "of-var": ("σ² is used in place of σ in z", lambda v: v["mean"] + v["var"] * v["eps"]),
}
TURNED = "the result is transposed: the row is the output, the column is the input"
SLIPS_OF_W3 = {
    **alone_and_two(
        by_weight3, {**WAYS_TO_A2, **swaps("into", INTO_W3), "transposed": swap(TURNED, product=transposed)}
    ),
    "of-d-z": whole(
        "∂J/∂z is used where ∂J/∂a₂ belongs",
        lambda values: np.outer(values["weight3"].T @ to_a2(values), values["code"]),
    ),
    "of-d-f": whole("∂J/∂f is used where ∂J/∂a₂ belongs", lambda x, output, code: np.outer(output - x, code)),
    "w4": whole("∂J/∂W₄ is given instead", lambda x, output, h2: np.outer(output - x, h2)),
}


PARTS_OF_W1 = {
    "way": lambda values: at_a2(values["W3"], values["code"]),
    "to_z": back,
    "by_mean": kl_by_mean,
    "by_log_var": kl_by_log_var,
    "noise": through_noise,
    "carried": 0,
    "heads": (1, 1),
    "to_h1": back,
    "mask1": gate,
    "into": "x",
    "product": np.outer,
}


def by_weight1(values, **swapped):
    v, part = SimpleNamespace(**values), SimpleNamespace(**PARTS_OF_W1 | swapped)
    d_z = part.to_z(v.weight3, part.way(values))
    d_mu = d_z + part.by_mean(v.mean, v.code)
    d_log_var = (d_z + part.carried * v.mean) * part.noise(v.sigma, v.eps) + part.by_log_var(v.sigma)
    d_h1 = part.to_h1(v.weight2, np.concatenate([part.heads[0] * d_mu, part.heads[1] * d_log_var]))
    return part.product(part.mask1(d_h1, v.a1, v.a2), values[part.into])


BOTH = {  # of the KL's part, at μ and at log σ²
    "no-kl": ("the KL's part is forgotten: both terms reach the encoder", "missing", "missing"),
    "kl-sign": ("the KL's part has the wrong sign", "sign", "sign"),
    "kl-half-missing": ("the ½ of the KL is forgotten", "twice", "half-missing"),
    "kl-averaged": ("the KL is averaged over the latents", "averaged", "averaged"),
}
TO_H1 = {
    "w2-not-transposed": (
        "the halves of W₂ are not transposed on the way back",
        lambda W, d: W[:3] @ d[:3] + W[3:] @ d[3:],
    ),
    "w2-left-out": ("W₂ is left out on the way back", lambda W, d: d[:3]),
    "halves": ("∂J/∂μ and ∂J/∂log σ² have changed places", lambda W, d: W.T @ np.roll(d, 3)),
}
INTO_W1 = {
    "of-h1": ("the input is taken to be h₁: W₁ was multiplied by x", "h1"),
    "of-a1": ("the input is taken to be a₁: W₁ was multiplied by x", "a1"),
    "of-z": ("the input is taken to be z: W₁ was multiplied by x", "code"),
}


def at(place, slips):
    return {key: (f"at {place}, {words}", function) for key, (words, function) in slips.items()}


SLIPS_OF_W1 = alone_and_two(
    by_weight1,
    {
        **{
            f"decoder-{key}": swap(f"in the decoder, {slip.sentence}", way=partial(to_a2, **slip.swapped))
            for key, slip in WAYS_TO_A2.items()
        },
        "w3-not-transposed": swap("W₃ is not transposed on the way back", to_z=lambda W, d: W @ d),
        "kl-only": swap(
            "the reconstruction's part is forgotten: both terms reach the encoder", to_z=lambda W, d: 0 * d
        ),
        **{
            key: swap(words, by_mean=KL_BY_MEAN[mean][1], by_log_var=KL_BY_LOG_VAR[log_var][1])
            for key, (words, mean, log_var) in BOTH.items()
        },
        **swaps("by_mean", at("μ", KL_BY_MEAN), "mu-"),
        **swaps("by_log_var", at("log σ²", KL_BY_LOG_VAR), "log-var-"),
        **swaps("noise", at("log σ²", THROUGH_NOISE), "noise-"),
        "from-mu": swap("the KL's part of μ is carried along into ∂J/∂log σ²", carried=1),
        "mu-only": swap("only the path through μ is followed", heads=(1, 0)),
        "log-var-only": swap("only the path through log σ² is followed", heads=(0, 1)),
        **swaps("to_h1", TO_H1),
        **gates("mask1", "a₁", "a₂"),
        **swaps("into", INTO_W1),
        "transposed": swap(TURNED, product=transposed),
        "sign": swap("the sign is wrong", product=lambda d, v: -np.outer(d, v)),
    },
)

check_weights_by_hand = ByHand(
    name="weights_by_hand",
    data=values_given,
    steps=STEPS,
    asked={"W3": "∂J/∂W₃, three rows of three", "W1": "∂J/∂W₁, three rows of three"},
    on=ON,
    level="deeper",
    dots=3,
    minutes=15,
    slips={"W3": SLIPS_OF_W3, "W1": SLIPS_OF_W1},
)

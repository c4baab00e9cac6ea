r"""# A matrix of each network, by hand

One matrix of each network: compute $\partial J / \partial W_3$ (decoder) and $\partial J / \partial W_1$ (encoder), each with the shape of its matrix, [3, 3]. From 2.5 you have all that comes back; the rest is two outer products and one more ReLU.

## Hint: where to look
Chapter 5, [Every gradient of the example](05_training.ipynb#every-gradient-of-the-example-deeper): (5.4) and the paragraph below it.

## Hint: the idea
A weight's gradient is a product: what came back at its output times what went in at its input. The whole matrix is an outer product with a row for each output and a column for each input. Expect a whole row of zeros in each: an output that is off learns nothing.

## Hint: nearly the numbers
For $W_3$ the output is $a_2$ and the input $z$. For $W_1$ the output is $a_1$ and the input $x$: stack $\partial J / \partial \mu$ and $\partial J / \partial \log \sigma^2$ to six numbers, $W_2^\top$ takes them to $h_1$, and the ReLU lets through only where $a_1 > 0$.
"""  # noqa: E501

import numpy as np

from vae_lib.exercises.engine import ByHand, swap, whole
from vae_lib.exercises.families import swaps
from vae_lib.exercises.families.backward import BY_LOG_VAR, BY_MEAN, THROUGH_NOISE, TO_A2, gate, gates
from vae_lib.exercises.families.layers import alone_and_two, relu, turned
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


PRODUCTS = {
    "transposed": ("the result is transposed: a row is an output, a column an input", lambda d, v: np.outer(v, d)),
    "sign": ("the sign is wrong", lambda d, v: -np.outer(d, v)),
    "one-by-one": ("the products are taken number by number, and make no matrix", lambda d, v: d * v),
    "bias": ("the gradient of the bias is given: the input is left out", lambda d, v: d),
}
INPUTS = {"mean": "μ", "h2": "h₂", "a2": "a₂", "eps": "ε", "x": "x", "h1": "h₁"}
OF_W3 = {f"of-{value}": (f"the input is taken to be {name}: it is z", value) for value, name in INPUTS.items()} | {
    "of-var": ("σ² is used in place of σ in z", lambda mean, var, eps: mean + var * eps),
    "of-relu": ("a ReLU is applied to z", lambda code: relu(code)),
}


def by_weight3(x, output, a2, code, weight4, *, mask=gate, times=1, product=np.outer):
    return product(times * mask(weight4.T @ (output - x), a2), code)


def of_d_z(x, output, a2, code, weight3, weight4):
    return np.outer(weight3.T @ gate(weight4.T @ (output - x), a2), code)


SLIPS_OF_W3 = {
    **alone_and_two(by_weight3, {**swaps("product", PRODUCTS), **swaps("code", OF_W3), **TO_A2}),
    "of-d-z": whole("∂J/∂z is used where ∂J/∂a₂ belongs", of_d_z),
    "of-d-f": whole("∂J/∂f is used where ∂J/∂a₂ belongs", lambda x, output, code: np.outer(output - x, code)),
    "w4": whole("∂J/∂W₄ is given instead", lambda x, output, h2: np.outer(output - x, h2)),
    "w1": whole("∂J/∂W₁ is given instead: the names are exchanged", STEPS["W1"]),
}


def by_weight1(
    W3, x, a1, mean, code, noise, by_log_var, weight2, weight3, *, heads=(1, 1), mask=gate, product=np.outer
):
    d_z = weight3.T @ at_a2(W3, code)
    head = np.concatenate([heads[0] * (d_z + mean), heads[1] * (d_z * noise + by_log_var)])
    return product(mask(weight2.T @ head, a1), x)


BOTH = {  # of the KL's part, at μ and at log σ²
    "no-kl": ("the KL's part is forgotten: both terms reach the encoder", "missing", "missing"),
    "kl-sign": ("the KL's part has the wrong sign", "sign", "sign"),
    "kl-half-missing": ("the ½ of the KL is forgotten", "twice", "half-missing"),
    "kl-averaged": ("the KL is averaged over the latents", "averaged", "averaged"),
}


HEADS = {
    "mu-only": ("only the path through μ is followed", (1, 0)),
    "log-var-only": ("only the path through log σ² is followed", (0, 1)),
}
TO_H1 = {
    "w2-not-transposed": ("the halves of W₂ are not transposed on the way back", lambda weight2: turned(weight2)),
    "halves": ("∂J/∂μ and ∂J/∂log σ² have changed places", lambda weight2: np.roll(weight2, 3, 0)),
}


def at(place, slips):
    return {key: (f"at {place}, {words}", new) for key, (words, new) in slips.items()}


IN_DECODER = {
    f"decoder-{key}": (f"in the decoder, {slip.sentence}", SLIPS_OF_W3[key].function) for key, slip in TO_A2.items()
}

SLIPS_OF_W1 = {
    **alone_and_two(
        by_weight1,
        {
            **swaps("W3", IN_DECODER),
            "w3-not-transposed": swap("W₃ is not transposed on the way back", weight3=lambda weight3: weight3.T),
            "kl-only": swap(
                "the reconstruction's part is forgotten: both terms reach the encoder", W3=lambda W3: 0 * W3
            ),
            **{
                key: swap(words, mean=BY_MEAN[mean][1], by_log_var=BY_LOG_VAR[log_var][1])
                for key, (words, mean, log_var) in BOTH.items()
            },
            **swaps("heads", HEADS),
            **swaps("weight2", TO_H1),
            **gates("a1", "a2"),
            "of-h1": swap("the input is taken to be h₁: it is x", x="h1"),
            "of-a1": swap("the input is taken to be a₁: it is x", x="a1"),
            "of-z": swap("the input is taken to be z: it is x", x="code"),
            **swaps("product", PRODUCTS),
        },
        {
            **swaps("mean", at("μ", BY_MEAN), "mu-"),
            **swaps("by_log_var", at("log σ²", BY_LOG_VAR), "log-var-"),
            **swaps("noise", at("log σ²", THROUGH_NOISE), "noise-"),
            "from-mu": swap(
                "the KL's part of μ is carried along into ∂J/∂log σ²",
                by_log_var=lambda by_log_var, mean, noise: by_log_var + mean * noise,
            ),
        },
        often=("decoder-no-mask", "no-mask", "of-h1", "transposed", "mu-only", "log-var-only", "no-kl"),
    ),
    "w3": whole("∂J/∂W₃ is given instead: the names are exchanged", STEPS["W3"]),
}

check_weights_by_hand = ByHand(
    name="weights_by_hand",
    data=values_given,
    steps=STEPS,
    asked={"W3": "∂J/∂W₃, three rows of three", "W1": "∂J/∂W₁, three rows of three"},
    on=ON,
    effort="deeper · ●●● · 15 minutes",
    slips={"W3": SLIPS_OF_W3, "W1": SLIPS_OF_W1},
)

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


def minus(x, output):
    return output - x


def to_a2(x, output, a1, a2, weight4, *, residual=minus, to_h2=back, mask2=gate):
    return mask2(to_h2(weight4, residual(x, output)), a2, a1)


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


def by_weight3(
    x,
    output,
    a1,
    a2,
    code,
    mean,
    h1,
    h2,
    eps,
    weight4,
    *,
    into="z",
    product=np.outer,
    residual=minus,
    to_h2=back,
    mask2=gate,
):
    inputs = {"z": code, "μ": mean, "h₂": h2, "h₁": h1, "ε": eps, "x": x, "a₂": a2}
    return product(to_a2(x, output, a1, a2, weight4, residual=residual, to_h2=to_h2, mask2=mask2), inputs[into])


def transposed(d, v):
    return np.outer(v, d)


INPUTS = {"μ": "mean", "h₂": "h2", "h₁": "h1", "ε": "eps", "x": "x", "a₂": "a2"}
SLIPS_OF_W3 = {
    **alone_and_two(
        by_weight3,
        {
            **WAYS_TO_A2,
            "transposed": swap(
                "the result is transposed: the row is the output, ∂J/∂a₂, the column is the input, z",
                product=transposed,
            ),
            **{
                f"of-{key}": swap(f"the input is taken to be {name}: W₃ was multiplied by z", into=name)
                for name, key in INPUTS.items()
            },
        },
    ),
    "of-d-z": whole(
        "∂J/∂z is used where ∂J/∂a₂ belongs",
        lambda x, output, a1, a2, code, weight3, weight4: np.outer(weight3.T @ to_a2(x, output, a1, a2, weight4), code),
    ),
    "of-d-f": whole("∂J/∂f is used where ∂J/∂a₂ belongs", lambda x, output, code: np.outer(output - x, code)),
    "w4": whole("∂J/∂W₄ is given instead", lambda x, output, h2: np.outer(output - x, h2)),
}


def by_weight1(
    W3,
    x,
    output,
    eps,
    a1,
    a2,
    h1,
    mean,
    code,
    sigma,
    weight2,
    weight3,
    weight4,
    *,
    way=None,
    to_z=back,
    path=1,
    noise=through_noise,
    by_mean=kl_by_mean,
    by_log_var=kl_by_log_var,
    from_mean=0,
    heads=(1, 1),
    to_h1=back,
    mask1=gate,
    into="x",
    product=np.outer,
):
    d_z = path * to_z(weight3, way(x, output, a1, a2, weight4) if way else at_a2(W3, code))
    d_mu = d_z + by_mean(mean, code)
    d_log_var = (d_z + from_mean * mean) * noise(sigma, eps) + by_log_var(sigma)
    d_h1 = to_h1(weight2, np.concatenate([heads[0] * d_mu, heads[1] * d_log_var]))
    return product(mask1(d_h1, a1, a2), {"x": x, "h₁": h1, "a₁": a1, "z": code, "ε": eps}[into])


def halves_swapped(W, d):
    return W.T @ np.roll(d, 3)


SLIPS_OF_W1 = alone_and_two(
    by_weight1,
    {
        **{
            f"decoder-{key}": swap(f"in the decoder, {slip.sentence}", way=partial(to_a2, **slip.swapped))
            for key, slip in WAYS_TO_A2.items()
        },
        "w3-not-transposed": swap("W₃ is not transposed on the way back", to_z=lambda W, d: W @ d),
        "no-kl": swap(
            "the KL's part is forgotten: both terms reach the encoder",
            by_mean=lambda mean, code: 0 * mean,
            by_log_var=lambda sigma: 0 * sigma,
        ),
        "kl-sign": swap(
            "the KL's part has the wrong sign",
            by_mean=lambda mean, code: -mean,
            by_log_var=lambda sigma: (1 - sigma**2) / 2,
        ),
        "kl-half-missing": swap(
            "the ½ of the KL is forgotten", by_mean=lambda mean, code: 2 * mean, by_log_var=lambda sigma: sigma**2 - 1
        ),
        "kl-averaged": swap(
            "the KL is averaged over the latents",
            by_mean=lambda mean, code: mean / 3,
            by_log_var=lambda sigma: (sigma**2 - 1) / 6,
        ),
        "kl-only": swap("the reconstruction's part is forgotten: both terms reach the encoder", path=0),
        "path-sign": swap("the reconstruction's part has the wrong sign", path=-1),
        "path-twice": swap("the ½ of the squared error is forgotten", path=2),
        "path-averaged": swap("the squared error is averaged, and not halved", path=2 / 3),
        **swaps(
            "noise", {key: (f"at log σ², {words}", slip) for key, (words, slip) in THROUGH_NOISE.items()}, "noise-"
        ),
        **swaps("by_mean", {key: (f"at μ, {words}", slip) for key, (words, slip) in KL_BY_MEAN.items()}, "mu-"),
        **swaps(
            "by_log_var",
            {key: (f"at log σ², {words}", slip) for key, (words, slip) in KL_BY_LOG_VAR.items()},
            "log-var-",
        ),
        "from-mu": swap("the KL's part of μ is carried along into ∂J/∂log σ²", from_mean=1),
        "mu-only": swap("only the path through μ is followed", heads=(1, 0)),
        "log-var-only": swap("only the path through log σ² is followed", heads=(0, 1)),
        "halves": swap("∂J/∂μ and ∂J/∂log σ² have changed places: the rows of W₂ make first μ", to_h1=halves_swapped),
        **gates("mask1", "a₁", "a₂"),
        "no-mask": swap(
            "the encoder's ReLU passes every gradient back: nothing passes where a₁ < 0", mask1=lambda d, a, other: d
        ),
        "of-h1": swap("the input is taken to be h₁: W₁ was multiplied by x", into="h₁"),
        "of-a1": swap("the input is taken to be a₁: W₁ was multiplied by x", into="a₁"),
        "of-z": swap("the input is taken to be z: W₁ was multiplied by x", into="z"),
        "transposed": swap(
            "the result is transposed: the row is the output, ∂J/∂a₁, the column is the input, x", product=transposed
        ),
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

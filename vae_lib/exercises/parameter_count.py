r"""# How much there is to learn

How much is there to learn? Write `my_parameter_count(data_dim, hidden_dim, latent_dim)`: the number of weights and biases of a VAE like the chapter's, with one hidden layer in the encoder, one in the decoder, and a joint head for $\mu$ and $\log \sigma^2$. Return a whole number.

## Hint: where to look
The section [One network for all images](#one-network-for-all-images-deeper) counts $\theta$ for one choice of sizes.

## Hint: the idea
A linear layer from $n$ to $m$ numbers has $nm$ weights and $m$ biases. There are four such layers: two in $Q$, two in $P$. Write down what goes in and what comes out of each.

## Hint: nearly the code
$Q$ goes from data to hidden, then to *two* numbers per latent; $P$ goes from *one* number per latent to hidden, then to data. The prior has no parameters.
"""  # noqa: E501

from functools import partial

import numpy as np

from vae_lib.exercises.engine import Call, Exercise, whole

SOLUTION = """\
def parameter_count_solution(data_dim, hidden_dim, latent_dim):
    D, H, d = data_dim, hidden_dim, latent_dim
    encoder_count = (D * H + H) + (H * 2 * d + 2 * d)
    decoder_count = (d * H + H) + (H * D + D)
    return encoder_count + decoder_count


counted = sum(weights.numel() for weights in model.parameters())
assert parameter_count_solution(64, HIDDEN, LATENTS) == counted
check_parameter_count(parameter_count_solution)
"""


def solution(data_dim, hidden_dim, latent_dim):
    """The number of weights and biases of encoder and decoder."""
    D, H, d = data_dim, hidden_dim, latent_dim
    encoder_count = (D * H + H) + (H * 2 * d + 2 * d)
    decoder_count = (d * H + H) + (H * D + D)
    return encoder_count + decoder_count


def outputs(layers):
    return sum(m for _, m in layers)


def parts(D, H, d, *, head=2, read=1, out=1, extra=0, biases=outputs, networks=sum):
    """`head`, `read` and `out` are numbers per latent and pixel, `extra` hidden layers more in each network."""
    more = [(H, H)] * extra
    encoder, decoder = [(D, H), *more, (H, head * d)], [(read * d, H), *more, (H, out * D)]
    return networks([sum(n * m for n, m in layers) + biases(layers) for layers in (encoder, decoder)])


FIRST = 30, 11, 4


def inputs(rng):
    """By hand, and so many from the generator that every count of `terms` is another one."""
    names, ends = ("data_dim", "hidden_dim", "latent_dim"), ((16, 40), (3, 16), (3, 16))
    sizes = [FIRST, *zip(*(rng.choice(np.arange(*of), 12, False) for of in ends), strict=True)]
    return [Call(dict(zip(names, map(np.array, one), strict=True)), whole=True) for one in sizes]


NO_BIASES = {"biases": lambda layers: 0}
SLIPS = {  # key → the sentence, and other things in the places of the parts
    "no-biases": ("the biases are forgotten", NO_BIASES),
    "head-once": ("the head is counted once: it gives μ and log σ², 2 · latent_dim numbers", {"head": 1}),
    "head-once-no-biases": ("the head is counted once, and the biases are forgotten", NO_BIASES | {"head": 1}),
    "encoder": ("the encoder alone is counted", {"networks": lambda counts: counts[0]}),
    "decoder": ("the decoder alone is counted", {"networks": lambda counts: counts[1]}),
    "encoder-twice": (
        "the encoder is counted twice: the decoder reads latent_dim numbers, and ends with data_dim",
        {"networks": lambda counts: 2 * counts[0]},
    ),
    "decoder-of-both": ("the decoder reads μ and log σ²: it reads z, latent_dim numbers", {"read": 2}),
    "decoder-of-both-no-biases": (
        "the decoder reads μ and log σ², or the encoder is counted twice, and the biases are forgotten",
        NO_BIASES | {"read": 2},
    ),
    "two-per-pixel": ("the decoder gives two numbers per pixel: a Bernoulli needs one", {"out": 2}),
    "deeper": ("each network has one hidden layer more", {"extra": 1}),
    "hidden-biases": ("the hidden layers' biases alone are counted", {"biases": lambda layers: outputs(layers[:1])}),
    "last-biases": ("the last layers' biases alone are counted", {"biases": lambda layers: outputs(layers[1:])}),
    "one-bias": ("a layer has one bias for all of its outputs: each output has its own", {"biases": len}),
    "input-biases": (
        "latent_dim biases are missing, as where a layer has one per input, or the head one per latent",
        {"biases": lambda layers: sum(n for n, _ in layers)},
    ),
}


OTHERS = {
    "full-covariance": (
        "the head has room for a full Σ: this one is diagonal",
        lambda D, H, d: solution(D, H, d) + (H + 1) * (d * (d + 1) // 2 - d),
    ),
    "prior": ("the prior's μ and σ are counted: they are fixed", lambda D, H, d: solution(D, H, d) + 2 * d),
    "no-pixel-biases": ("the biases of the decoder's last layer are forgotten", lambda D, H, d: solution(D, H, d) - D),
    "chapter": ("the chapter's sizes are used, 64, 32 and 2, whatever is passed", lambda D, H, d: solution(64, 32, 2)),
    "mnist": ("784 is typed in as the number of pixels", lambda D, H, d: solution(784, H, d)),
    "typed-in": ("the number is typed in: it depends on the sizes that are passed", lambda *_: solution(*FIRST)),
}


def terms(D, H, d):
    return {"D·H": D * H, "H·d": H * d, "D·d": D * d, "H²": H * H, "d²": d * d, "H": H, "d": d, "D": D, "": 1}


LARGEST = 9  # number before a term that is no typed-in size


class Count(Exercise):
    """What a count is made of is a fact: the numbers before its terms follow from many counts."""

    def _what_is(self, mine, name, some):
        names, *_ = rows = [terms(*map(float, self.plan[i].inputs.values())) for i in some]
        table, counts = np.array([list(row.values()) for row in rows]), np.array([one.value for one in mine])
        if counts.ndim > 1 or len(rows) <= len(names):
            return super()._what_is(mine, name, some)
        times = np.round(2 * np.linalg.lstsq(table, counts, rcond=None)[0]) / 2
        if np.abs(table @ times - counts).max() > 0.1 or np.abs(times).max() > LARGEST:
            return super()._what_is(mine, name, some)
        words = [f"{'+' if number > 0 else '−'} {f'{abs(number):g}·{term}'.strip('·').removeprefix('1·')}"
                 for number, term in zip(times, names, strict=True) if number]  # fmt: skip
        of = "with D, H and d for the sizes of data, hidden layer and latents"
        return "terms", f"The count is {' '.join(words).removeprefix('+ ') or 0}, {of}: which layer has how many?"


check_parameter_count = Count(
    name="parameter_count",
    solution=solution,
    parts=parts,
    inputs=inputs,
    steps=("count = my_parameter_count(data_dim, hidden_dim, latent_dim)",),
    asked={
        "count": "the number of weights and biases of encoder and decoder",
        "again": "the same number from a second call: the difference",
    },
    right="θ and ϕ together: the weights and biases of four layers.",
    effort="deeper · ●○○ · 5 minutes",
    mistakes={key: whole(sentence, partial(parts, **slots)) for key, (sentence, slots) in SLIPS.items()}
    | {key: whole(*slip) for key, slip in OTHERS.items()},
)

r"""# No numbers, only shapes

No numbers, only shapes. `batch` pictures of `data_dim` black-or-white pixels go through a VAE with `latent_dim` latent numbers, a diagonal $\Sigma$ and a joint head, and $z$ is drawn `num_samples` times for each picture. Write `my_shapes(batch, data_dim, latent_dim, num_samples)`. It returns a dict from eight names to shapes, each a tuple of whole numbers:

- `"x"`; `"output"`, of the encoder's network; `"mu"`; `"Sigma"`, as it would be if one built the covariance matrices of all $q(z \mid x)$;
- `"z"`; `"logits"`, of the decoder's network; `"reconstruction"`, $\log p(x \mid z)$; `"kl"`, the KL from $q(z \mid x)$ to the prior in closed form.

The check goes through them in this order and stops at the first that is wrong.

## Hint: where to look
The drawing of the whole machine; the table in the section "Three digits through the machine"; and, for several draws, the end of "One image, one number".

## Hint: the idea
Ask of every tensor: does each picture have its own? Does each draw of $z$ have its own? Then its axes are samples, batch, width, in this order, as far as it has them. A log-probability and a KL have no width.

## Hint: nearly the code
The encoder runs once for a picture, before any draw, so up to `"Sigma"` there is no samples axis; from `"z"` to `"reconstruction"` there is one; and the KL needs $\mu$ and $\sigma$ only. The joint head is twice as wide as $\mu$. A tuple of one number is written `(batch,)`.
"""  # noqa: E501

from dataclasses import replace
from functools import partial

import numpy as np

from vae_lib.exercises.engine import Call, Exercise, Together, swap
from vae_lib.exercises.engine.observe import describe


def solution(batch, data_dim, latent_dim, num_samples):
    """A dict of eight shapes: name -> tuple."""
    return {
        "x": (batch, data_dim),
        "output": (batch, 2 * latent_dim),
        "mu": (batch, latent_dim),
        "Sigma": (batch, latent_dim, latent_dim),
        "z": (num_samples, batch, latent_dim),
        "logits": (num_samples, batch, data_dim),
        "reconstruction": (num_samples, batch),
        "kl": (batch,),
    }


AXES = {  # of each shape: samples and batch, and the width
    "x": ("batch", "data"),
    "output": ("batch", "2latent"),
    "mu": ("batch", "latent"),
    "Sigma": ("batch", "latent latent"),
    "z": ("samples batch", "latent"),
    "logits": ("samples batch", "data"),
    "reconstruction": ("samples batch", ""),
    "kl": ("batch", ""),
}


FIRST = 4, 7, 3, 5


def parts(name, batch, data_dim, latent_dim, num_samples, *, lead=None, width=None, bare=False):
    """All shapes right but for that of `name`, of these axes; `bare`: one axis is given as a number."""
    sizes = {"batch": batch, "data": data_dim, "latent": latent_dim, "samples": num_samples, "1": 1, "2": 2}
    sizes |= {"2latent": 2 * latent_dim, "2data": 2 * data_dim, "flat": num_samples * batch, "square": latent_dim**2}
    sizes |= {"full": latent_dim + latent_dim**2, "triangle": latent_dim + latent_dim * (latent_dim + 1) // 2}
    of_lead, of_width = AXES[name]
    axes = [*(of_lead if lead is None else lead).split(), *(of_width if width is None else width).split()]
    shape = tuple(sizes[axis] if axis in sizes else int(axis) for axis in axes)
    given = shape[0] if bare and len(shape) == 1 else shape
    return solution(batch, data_dim, latent_dim, num_samples) | {name: given}


def inputs(rng):
    """By hand, and four primes from the generator: no size, nor twice a size, nor a product is like another."""
    names = "batch", "data_dim", "latent_dim", "num_samples"
    both = FIRST, rng.permutation([11, 13, 17, 19])
    return [Call(dict(zip(names, map(np.array, sizes), strict=True)), whole=True) for sizes in both]


ONCE = {  # why there is no samples axis
    "x": "several z are drawn for each picture, and x stays as it is",
    "output": "the encoder sees each picture once, the draws come after it",
    "mu": "all draws for a picture share one μ",
    "Sigma": "all draws for a picture share one Σ",
    "kl": "the closed form needs μ and σ, and no draw",
}
EACH = {  # why there is one
    "z": "that is one draw for each picture",
    "logits": "there is a picture for every z",
    "reconstruction": "there is one number for every z",
}
WIDTHS = {
    "none": ("", "has no last axis for its numbers"),
    "latent": ("latent", "is latent_dim wide"),
    "data": ("data", "is data_dim wide, as x is"),
    "two-latent": ("2latent", "is 2 · latent_dim wide, as the joint head is"),
    "two-data": ("2data", "is 2 · data_dim wide"),
    "one": ("1", "keeps a last axis of size 1"),
    "matrix": ("latent latent", "has a matrix for each picture"),
    "num-samples": ("samples", "is num_samples wide"),
}
REASONS = {  # where more can be said of a width
    ("x", "latent"): "x has latent_dim numbers: its width is data_dim",
    ("x", "none"): "x has no axis for its pixels",
    ("output", "latent"): "output has room for μ alone: the head is joint, it holds μ and log σ²",
    ("output", "data"): "output is as wide as x: the encoder answers with 2 · latent_dim numbers",
    ("output", "two-data"): "output has 2 · data_dim numbers: μ and log σ² belong to z",
    ("mu", "two-latent"): "mu is the whole joint head: half of it is μ",
    ("mu", "data"): "mu is as wide as x: it is a mean of z",
    ("Sigma", "latent"): "only the diagonal of Sigma is counted: that is the shape of σ and σ²",
    ("z", "data"): "z is as wide as x: a z has latent_dim numbers",
    ("z", "two-latent"): "z is as wide as the joint head: a z has latent_dim numbers",
    ("logits", "latent"): "logits is as wide as z: the decoder answers with data_dim numbers",
    ("logits", "two-data"): "logits has two numbers for a pixel: a Bernoulli needs one",
    ("reconstruction", "data"): (
        "reconstruction keeps the axis of the pixels: one picture is one event, and its log-probability is one number"
    ),
    ("reconstruction", "latent"): "reconstruction has an axis of the latents: log p(x|z) is one number for every z",
    ("kl", "latent"): "kl keeps the axis of the latents: one z is one event",
    ("kl", "data"): "kl has an axis of the pixels: it is one number for every picture",
}
OTHERS = {  # slips in both: the axes, words
    ("output", "cut"): ("batch", "2 latent", "is cut into μ and log σ² already, along an axis of its own"),
    ("output", "full"): ("batch", "full", "has room for μ and a full matrix: this head is diagonal"),
    ("output", "triangle"): ("batch", "triangle", "has room for μ and a triangle: this head is diagonal"),
    ("Sigma", "pixels"): ("batch", "data data", "relates the pixels: it is a covariance of z"),
    ("Sigma", "pictures"): ("batch", "batch", "relates the pictures to one another: it relates the latents"),
    ("Sigma", "head"): ("batch", "2latent 2latent", "is as wide as the joint head"),
    ("reconstruction", "batch"): ("samples", "data", "is summed over the batch instead of the pixels"),
    ("reconstruction", "average"): ("", "", "is averaged over everything: it is one number for every z of a picture"),
    ("Sigma", "flat"): ("batch", "square", "has its rows and columns in one axis: they are separate axes"),
    ("kl", "one-number"): ("", "1", "is one number for the whole batch: each picture has its own"),
    ("kl", "batch"): ("", "latent", "is summed over the batch instead of the latents"),
    ("kl", "average"): ("", "", "is averaged over the batch: it is one number for every picture"),
}


def leads(name):
    """Slips in samples and batch: key, the axes, words."""
    if name in ONCE:
        yield "samples", "samples batch", f"gets a samples axis: {ONCE[name]}"
        yield "samples-second", "batch samples", f"gets a samples axis, after that of the batch: {ONCE[name]}"
        yield "samples-for-batch", "samples", "has a samples axis in the place of the batch's"
    else:
        yield "samples-second", "batch samples", "has its samples axis second: it comes first"
        yield "no-samples", "batch", f"has no samples axis: {EACH[name]}"
        yield "flat", "flat", "has samples and batch in one axis: they are separate axes"
    if name in EACH:
        yield "no-batch", "samples", "has no axis for the batch: each picture has its own draws"
    if AXES[name][1]:
        yield ("neither" if name in EACH else "no-batch"), "", "has no axis for the batch: each picture has its own"


def slips(name):
    """Of one shape: in its leading axes, in its width, and in both at once."""
    lead, width = AXES[name]
    typed = " ".join(map(str, solution(*FIRST)[name]))
    both = {key: slip for (of, key), slip in OTHERS.items() if of == name}
    both["typed-in"] = typed, "", "is typed in: its sizes depend on the arguments"
    if width:
        both["turned"] = width, lead, "has its width first: it comes last"
    if name in EACH and width:
        both["samples-last"] = "batch", f"{width} samples", "has its samples axis last: it comes first"
    found = {key: swap(f"{name} {words}", lead=first, width=last) for key, (first, last, words) in both.items()}
    found |= {key: swap(f"{name} {words}", lead=slip) for key, slip, words in leads(name)}
    for key, (slip, words) in WIDTHS.items():
        if slip != width and (name, key) != ("kl", "num-samples"):  # it is samples-second
            found[key] = swap(REASONS.get((name, key), f"{name} {words}"), width=slip)
    if name == "kl":
        sentence = "the comma of a tuple of one number is missing: (4,) is a tuple, and (4) is the number 4"
        found["comma"] = swap(sentence, bare=True)
    return {f"{name.lower()}-{key}": mistake for key, mistake in found.items()}


class Shapes(Exercise):
    """What is given are axes and their sizes: another number of axes is a fact of its own."""

    def _what_is(self, mine, name, some):
        keys, sentence = super()._what_is(mine, name, some)
        came, right = mine[0].value, self.of_solution[some[0]][name].value
        if sentence or came.shape == right.shape:
            return keys, sentence
        if not came.ndim:
            return "number", f"{name} is a number: expected a tuple."
        are = f"{right.size} {'is' if right.size == 1 else 'are'} right"
        return "axes", f"{name} has another number of axes: {came.size} where {are}."

    def _wrong(self, i, key, sentence, name, came):
        """Where nothing came, the shape itself is what was expected."""
        expected = describe(self.of_solution[i][name].value)
        return replace(super()._wrong(i, key, sentence, name, came), expected=expected)


def piece(name, asked):
    return Shapes(
        name="shapes",
        solution=solution,
        parts=partial(parts, name),
        inputs=inputs,
        steps=(f"{', '.join(AXES)} = my_shapes(batch, data_dim, latent_dim, num_samples)",),
        asked={name: f"the shape of {asked}"},
        right=name,
        mistakes=slips(name),
    )


ASKED = {
    "x": "x, the pictures",
    "output": "output, what the encoder's network returns",
    "mu": "mu, the mean of q(z|x)",
    "Sigma": "Sigma, the covariance matrices of q(z|x), if one builds them",
    "z": "z, num_samples draws for each picture",
    "logits": "logits, what the decoder's network returns for z",
    "reconstruction": "reconstruction, log p(x|z)",
    "kl": "kl, the KL from q(z|x) to the prior in closed form",
}
check_shapes = Together(
    name="shapes",
    solution=solution,
    pieces={name: piece(name, asked) for name, asked in ASKED.items()},
    right="The shapes: samples, batch, width; and one number per event.",
    level="deeper",
    dots=2,
    minutes=6,
)

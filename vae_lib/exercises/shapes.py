r"""# No numbers, only shapes

No numbers, only shapes. `batch` pictures of `data_dim` black-or-white pixels go through a VAE with `latent_dim` latent numbers, a diagonal $\Sigma$ and a joint head, and $z$ is drawn `num_samples` times for each picture. Write `my_shapes(batch, data_dim, latent_dim, num_samples)`. It returns a dict from eight names to shapes, each a tuple of whole numbers:

- `"x"`; `"output"`, of the encoder's network; `"mu"`; `"Sigma"`, as it would be if one built the covariance matrices of all $q(z \mid x)$;
- `"z"`; `"logits"`, of the decoder's network; `"reconstruction"`, $\log p(x \mid z)$; `"kl"`, the KL from $q(z \mid x)$ to the prior in closed form.

The check goes through them in this order and stops at the first that is wrong.

## Hint: where to look
The drawing of [the whole machine](#the-whole-machine-deeper); the four lines of [Three digits through the machine](#three-digits-through-the-machine); and, for several draws, the end of [One image, one number](#one-image-one-number-deeper).

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


SHAPES = {  # samples and batch; the width; what it is; why it has a samples axis, or none
    "x": ("batch", "data", "the pictures", "several z are drawn for each picture, and x stays as it is"),
    "output": (
        "batch",
        "2latent",
        "what the encoder's network returns",
        "the encoder sees each picture once, the draws come after it",
    ),
    "mu": ("batch", "latent", "the mean of q(z|x)", "all draws for a picture share one μ"),
    "Sigma": (
        "batch",
        "latent latent",
        "the covariance matrices of q(z|x), if one builds them",
        "all draws for a picture share one Σ",
    ),
    "z": ("samples batch", "latent", "num_samples draws for each picture", "that is one draw for each picture"),
    "logits": ("samples batch", "data", "what the decoder's network returns for z", "there is a picture for every z"),
    "reconstruction": ("samples batch", "", "log p(x|z)", "there is one number for every z"),
    "kl": ("batch", "", "the KL from q(z|x) to the prior in closed form", "the closed form needs μ and σ, and no draw"),
}
FIRST = 4, 7, 3, 5


def parts(name, batch, data_dim, latent_dim, num_samples, *, lead, width):
    """All shapes right except that of `name`, of these axes: names, or numbers that are typed in."""
    sizes = {"batch": batch, "data": data_dim, "latent": latent_dim, "samples": num_samples}
    sizes |= {"2latent": 2 * latent_dim, "2data": 2 * data_dim, "flat": num_samples * batch}
    shape = tuple(sizes.get(axis) or int(axis) for axis in f"{lead} {width}".split())
    return solution(batch, data_dim, latent_dim, num_samples) | {name: shape}


def inputs(rng):
    """By hand, and four primes from the generator: no size, nor twice a size, nor a product is like another."""
    names = "batch", "data_dim", "latent_dim", "num_samples"
    both = FIRST, rng.permutation([11, 13, 17, 19])
    return [Call(dict(zip(names, map(np.array, sizes), strict=True)), whole=True) for sizes in both]


LEADS = {  # in the place of samples and batch
    "batch": {
        "samples": ("samples batch", "gets a samples axis: {why}"),
        "samples-second": ("batch samples", "gets a samples axis, after that of the batch: {why}"),
        "samples-for-batch": ("samples", "has a samples axis in the place of the batch's"),
        "no-batch": ("", "has no axis for the batch: each picture has its own"),
    },
    "samples batch": {
        "samples-second": ("batch samples", "has its samples axis second: it comes first"),
        "no-samples": ("batch", "has no samples axis: {why}"),
        "flat": ("flat", "has samples and batch in one axis: they are separate axes"),
        "no-batch": ("samples", "has no axis for the batch: each picture has its own draws"),
        "neither": ("", "has neither a samples axis nor one for the batch"),
    },
}
WIDTHS = {
    "none": ("", "has no last axis for its numbers"),
    "latent": ("latent", "is latent_dim wide"),
    "data": ("data", "is data_dim wide, as x is"),
    "two-latent": ("2latent", "is 2 · latent_dim wide, as the joint head is"),
    "two-data": ("2data", "is 2 · data_dim wide"),
    "one": ("1", "keeps a last axis of size 1"),
}
BOTH = {
    ("x", "turned"): ("data", "batch", "has its pixels first: the batch comes first"),
    ("output", "cut"): ("batch", "2 latent", "is cut into μ and log σ² already, along an axis of its own"),
    ("output", "cut-first"): ("2 batch", "latent", "is cut into μ and log σ² already, along an axis of its own"),
    ("mu", "turned"): ("latent", "batch", "has its width first: the batch comes first"),
    ("Sigma", "pixels"): ("batch", "data data", "relates the pixels: it is a covariance of z"),
    ("Sigma", "pictures"): ("batch", "batch", "relates the pictures to one another: it relates the latents"),
    ("Sigma", "head"): ("batch", "2latent 2latent", "is as wide as the joint head"),
    ("z", "samples-last"): ("batch", "latent samples", "has its samples axis last: it comes first"),
    ("logits", "samples-last"): ("batch", "data samples", "has its samples axis last: it comes first"),
    ("reconstruction", "batch"): ("samples", "data", "is summed over the batch instead of the pixels"),
    ("kl", "batch"): ("", "latent", "is summed over the batch instead of the latents"),
}
REASONS = {  # where more can be said
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
    ("reconstruction", "neither"): (
        "reconstruction is averaged over everything: it is one number for every z of a picture"
    ),
    ("kl", "no-batch"): "kl is averaged over the batch: it is one number for every picture",
    ("kl", "data"): "kl has an axis of the pixels: it is one number for every picture",
}


def slips(name):
    """Of one shape: in its leading axes, in its width, and in both at once."""
    lead, width, _, why = SHAPES[name]
    typed = " ".join(map(str, solution(*FIRST)[name]))
    found = {"typed-in": swap(f"{name} is typed in: its sizes depend on the arguments", lead=typed, width="")}

    def said(key, words):
        return REASONS.get((name, key), f"{name} {words.format(why=why)}")

    found |= {key: swap(said(key, words), lead=slip) for key, (slip, words) in LEADS[lead].items()}
    found |= {key: swap(said(key, words), width=slip) for key, (slip, words) in WIDTHS.items() if slip != width}
    for (of, key), (first, last, words) in BOTH.items():
        if of == name:
            found[key] = swap(f"{name} {words}", lead=first, width=last)
    return {f"{name.lower()}-{key}": mistake for key, mistake in found.items()}


class Shapes(Exercise):
    """What is given are axes and their sizes: another number of axes is a fact of its own."""

    def _what_is(self, mine, name, some):
        came, right = mine[0].value, self.of_solution[some[0]][name].value
        if came.shape == right.shape:
            return super()._what_is(mine, name, some)
        if not came.ndim:
            return "number", f"{name} is a number: expected a tuple. With a single number it needs a comma, as in (4,)."
        return "axes", f"{name} has another number of axes: {came.size}, and not {right.size}."

    def _wrong(self, i, key, sentence, name, came):
        """Where nothing came, the shape itself is what was expected."""
        expected = describe(self.of_solution[i][name].value)
        return replace(super()._wrong(i, key, sentence, name, came), expected=expected)


def piece(name):
    lead, width, what, _ = SHAPES[name]
    return Shapes(
        name="shapes",
        solution=solution,
        parts=partial(parts, name, lead=lead, width=width),
        inputs=inputs,
        steps=(f"{', '.join(SHAPES)} = my_shapes(batch, data_dim, latent_dim, num_samples)",),
        asked={name: f"the shape of {name}, {what}"},
        right=name,
        mistakes=slips(name),
    )


check_shapes = Together(
    name="shapes",
    solution=solution,
    pieces={name: piece(name) for name in SHAPES},
    right="The shapes: samples, batch, width; and one number per event.",
    effort="deeper · ●●○ · 6 minutes",
)

r"""# A log that stands still

Your neighbour trains this chapter's VAE on the same digits, with a loss that she changed. Her log says, in nats an image:

| epoch | −reconstruction | KL |
| --- | --- | --- |
| 5 | 25.9 | 0.1 |
| 20 | 25.3 | 0.0 |
| 60 | 25.2 | 0.0 |

She says: "My decoder is too small. I will give it twice as many hidden units." Answer her in three sentences. What does 25.2 say? Can a larger decoder help while the KL is 0? Where would you look first?

## Hint: where to look
[(5.7)](#train-both-networks), and the first row of [Symptom and cause](#symptom-and-cause).

## Hint: the idea
What does the decoder know of $x$ when $q(z|x)$ is the same for every $x$?
"""  # noqa: E501

from vae_lib.exercises.engine import OnPaper

check_flat_log = OnPaper(
    name="flat_log",
    answer=r"""
25.2 is what the independent pixels reach: after 60 epochs the model does no better than one probability for each pixel.

A KL of 0 says that $q(z|x)$ is the prior for every $x$. Then $z$ says nothing about $x$, and a decoder of any size
gives every image the same answers. None of them beats one probability a pixel, so a larger decoder gains nothing here.

This is posterior collapse. Look first at how her loss weighs the KL against the reconstruction: is there a mean over
the pixels, or a large $\beta$? Then ask whether the reconstruction's gradient reaches the encoder: `sample` in place of
`rsample` cuts it off.
""",
    rubric=(
        "25.2 is what independent pixels reach: the model gains nothing by its latents.",
        "With a KL of 0, $z$ says nothing about $x$, so a decoder of any size cannot tell the images apart.",
        r"The first place to look is the loss, for a mean over pixels or a large $\beta$, or `sample` for `rsample`.",
    ),
    effort="core · ●○○ · 2 minutes",
)

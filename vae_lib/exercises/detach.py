r"""# One word too many

`.detach()` gives a number as a constant: no gradient goes back through it. Three classmates write one into the draw.

- (a) `z = mu + sigma * eps.detach()`
- (b) `z = (mu + sigma * eps).detach()`
- (c) `z = mu.detach() + sigma * eps`

The value of $z$ is right each time. Which rows of the table in "What sampling stops" does each line change, if any?

## Hint: where to look
The right half of the figure in [The trick](#the-trick-throw-the-die-first): take away, for each line, the arrows that its `.detach()` cuts.

## Hint: the idea
A constant has derivative 0. Ask of each line what is left of [(3.4)](#the-trick-throw-the-die-first). And which term of the loss never asks $z$?
"""  # noqa: E501

from vae_lib.exercises.engine import OnPaper

check_detach = OnPaper(
    name="detach",
    answer=r"""(a) changes nothing. $\varepsilon$ holds no weight, so that no gradient goes through it anyway.

(b) is `.sample()`. Reconstruction → encoder is gone. The KL's gradient and the decoder's stay.

(c) changes reconstruction → encoder, and that one alone. It still reaches the encoder through $\sigma$, times $\varepsilon$, and no longer through $\mu$: $\partial z/\partial\mu$ counts as 0. The KL still pulls $\mu$ to 0, and the reconstruction does not pull at $\mu$ any more.""",  # noqa: E501
    rubric=(
        "Line (a) changes no gradient, since the noise depends on no weight.",
        "Line (b) cuts reconstruction → encoder as a whole, and leaves the other rows.",
        r"Line (c) cuts the part of reconstruction → encoder that goes through $\mu$; the one through $\sigma$ stays.",
    ),
    effort="core · ●○○ · 2 minutes",
)

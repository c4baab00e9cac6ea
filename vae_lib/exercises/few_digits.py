r"""# Only ones and sevens, on paper

A friend trains on the digits. Held-out pictures come back well. Then the friend draws $z$ from $\mathcal{N}(0, I)$ and decodes: clean pictures, but nearly all of them are ones and sevens. Which of the three forces do you suspect first? Where do the codes of the other eight digits lie? Why did the good reconstructions give no warning? Answer in three sentences.

## Hint: where to look
The planes without the pull, and the paragraph on what an autoencoder's loss asks.

## Hint: the idea
Follow the way of the data twice: once for a reconstruction, once for a new picture. Where does each take its $z$ from?
"""  # noqa: E501

from vae_lib.exercises.engine import OnPaper

check_few_digits = OnPaper(
    name="few_digits",
    answer=r"""I suspect the pull to the middle first: the KL is missing in the loss, or it is multiplied by a tiny factor. Then nothing holds the codes where $\mathcal{N}(0, I)$ draws, and the codes of the other eight digits lie outside, where a draw seldom falls. A reconstruction starts from the encoder's own $z$, wherever that is, and so it never needs a $z$ from the prior.""",  # noqa: E501
    rubric=(
        "It suspects the pull to the middle, the KL in the loss: it is missing or too weak.",
        "It says that the other digits' codes lie where a draw from the prior seldom falls.",
        "It says that a reconstruction takes its z from the encoder, and not from the prior.",
    ),
    effort="core · ●○○ · 2 minutes",
)

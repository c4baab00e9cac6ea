r"""# A tight bound at the end

A friend trains a VAE of strings to its end and enumerates all states of $z$: the gap is 0.001 nats a string, and the KL to the prior 0.002. "The bound is as good as tight. So neither the bound nor the encoder is to blame: this decoder has no use for $z$." Three sentences on paper: why are *both* numbers small here? What do they not show? Which one run would tell?

## Hint: where to look
[Collapse, exactly](#collapse-exactly), and [Dose and response](#dose-and-response) for what was trained differently.

## Hint: the idea
If a decoder ignores $z$, what is its exact posterior? And at which moment was that decided: at the end of the run, or on the way?
"""  # noqa: E501

from vae_lib.exercises.engine import OnPaper

check_small_gap = OnPaper(
    name="small_gap",
    answer=r"""
A decoder that ignores $z$ has the posterior $p(z|x) = p(z)$. The encoder that says the prior is then exact: KL and gap are both 0, because $z$ is out of use.

The two numbers describe the decoder at the end. They say nothing of the way there: when $z$ began to tell something, the encoder may have been late, the gap large, and the decoder learned to do without $z$. They do not prove that the bound is to blame either.

Train the same decoder from the same start on the exact $\log p(x)$, or give the encoder time, by more steps for each of the decoder or by a smaller rate for longer, and compare $\log p(x)$ and $I(x; z)$ along the epochs. If that run uses $z$ and is better, the decoder did have a use for it. The same ELBO, started from its end, tells whether the bound pulls away from there.
""",  # noqa: E501
    rubric=(
        r"It says that a decoder that ignores $z$ makes both numbers small: the posterior is the prior.",
        r"It says that a gap at the end tells nothing of the way there, so nobody is acquitted.",
        r"It asks for a run on the exact $\log p(x)$, or more time for the encoder, and compares it or $I(x; z)$.",
    ),
    effort="core · ●○○ · 3 minutes",
)

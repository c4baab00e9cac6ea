r"""# A decoder of another variance

This chapter's decoder answers with a Gaussian of variance 1. A friend takes the variance $\tfrac14$, and changes nothing else: the same $x$, weights and $\varepsilon$. Like us, he leaves out the constants. What becomes of the reconstruction loss, of the KL and of $J$, and which of the two terms is now the larger one? Two sentences on paper are enough.

## Hint: the idea
The density of $\mathcal{N}(m, s^2)$ at $x$ has the exponent $-\dfrac{(x - m)^2}{2 s^2}$. In which of the two terms does the decoder's variance occur?
"""  # noqa: E501

from vae_lib.exercises.engine import OnPaper

check_decoder_variance = OnPaper(
    name="decoder_variance",
    answer=r"""
In $-\log p(x|z)$ each squared error is divided by twice the variance: $(x_i - f_i(z))^2 / (2 \cdot \tfrac14) = 2\,(x_i - f_i(z))^2$. So the reconstruction loss becomes four times as large, $4 \cdot \tfrac94 = 9$ nats. The KL compares $q(z|x)$ with the prior, and the decoder does not occur in it: it stays 3.3494. $J$ is now 12.3494, and the reconstruction loss is the larger term. (Do not compare his 12.3494 with our 5.5994. The constants that were left out differ: $2 \ln 2\pi \approx 3.68$ for us, and $2 \ln(2\pi \cdot \tfrac14) \approx 0.90$ for him. With them, $-\mathrm{ELBO}$ is 9.2752 for us and 13.2526 for him. A constant may be left out only where it is the same in all that is compared.) A narrow Gaussian makes a wrong output expensive; the choice of the variance decides how much a squared error weighs against the KL.
""",  # noqa: E501
    rubric=(
        "The squared error is divided by the variance, so the reconstruction loss is four times as large: 9.",
        "The KL stays as it is, because the decoder does not occur in it.",
        "$J$ is now 12.3494. The reconstruction loss is its larger term, and it weighs more against the KL "
        "than before.",
    ),
    effort="core · ●●○ · 2 minutes",
)

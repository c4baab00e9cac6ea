r"""# How many latents live, by hand

Sixty-four images of five pixels, counts 0 … 16. Subtract the mean image, put the images into the rows of a matrix, and take its singular values: 128, 96, 64, 48 and 32. A linear VAE with eight latents and $\sigma_x = 0.3$ is trained on the pixels *divided by 16*. Before any training, find the five eigenvalues $\lambda_i$ of the covariance of what it sees (divided by $N$), and how many latents it will use. At its best, what are the rate $R$ and the distortion $\Delta$? And how many latents does it use if its KL counts four times?

## Hint: where to look
[(7.1)](#the-water-level) says which latents live, [(7.3)](#rate-and-distortion) and [(7.4)](#rate-and-distortion) what each pays and leaves.

## Hint: the idea
A singular value is the root of a sum of squares over the images. An eigenvalue of the covariance is a mean of squares. And $\lambda$ is a variance: compare it with a variance.

## Hint: nearly the numbers
$\lambda_i = s_i^2 / (64 \cdot 16^2)$, so that the largest is 1. The water level is $0.3^2$ at first, and $4 \cdot 0.3^2$ in the end. $R$ is a sum over what stands above the level, $\Delta$ one over all five directions.
"""  # noqa: E501

import numpy as np

from vae_lib.exercises.engine import ByHand, whole

ANSWER = "my_water"
STUB = """\
my_water = {
    "eigenvalues": ...,
    "used": ...,
    "rate": ...,
    "distortion": ...,
    "used_beta": ...,
}
"""
SOLUTION = """\
def water_solution():
    eigenvalues = torch.tensor([128.0, 96, 64, 48, 32]) ** 2 / (64 * 16**2)
    level = 0.3**2
    alive = eigenvalues > level
    return {
        "eigenvalues": eigenvalues,
        "used": int(alive.sum()),
        "rate": (0.5 * torch.log(eigenvalues[alive] / level)).sum(),
        "distortion": eigenvalues.clamp(max=level).sum(),
        "used_beta": int((eigenvalues > 4 * level).sum()),
    }


check_water_by_hand(water_solution)
"""

BOOK = {"singular": np.array([128.0, 96, 64, 48, 32]), "N": np.array(64.0), "std": np.array(0.3), "beta": np.array(4.0)}


def values(rng: np.random.Generator | None) -> dict[str, np.ndarray]:
    """The numbers in the book; with a generator, other singular values, the same number living and drowned."""
    if rng is None:
        return BOOK
    return BOOK | {"singular": BOOK["singular"] + rng.choice([-3.0, -2, -1, 1, 2, 3], 5)}


def above(variances, level):
    """How many stand above the level. Written so that it has a place on the page too."""
    return (np.where(variances > level, 1.0, 0.0)).sum()


def rate(variances, level):
    return np.log(np.maximum(variances / level, 1)).sum() / 2


STEPS = {
    "eigenvalues": lambda singular, N: singular**2 / (N * 256),
    "used": lambda eigenvalues, std: above(eigenvalues, std**2),
    "rate": lambda eigenvalues, std: rate(eigenvalues, std**2),
    "distortion": lambda eigenvalues, std: np.minimum(eigenvalues, std**2).sum(),
    "used_beta": lambda eigenvalues, std, beta: above(eigenvalues, beta * std**2),
}
SLIPS = {
    "eigenvalues": {
        "n-minus-one": (
            "the squares are divided by N − 1: the likelihood's covariance is divided by N",
            lambda singular, N: singular**2 / ((N - 1) * 256),
        ),
        "singular": ("the singular values are not squared", lambda singular, N: singular / (N * 16)),
        "singular-rooted": (
            "the root is kept: these are standard deviations, the roots of the eigenvalues",
            lambda singular, N: singular / (N**0.5 * 16),
        ),
        "counts": (
            "the pixels are not divided by 16: these are variances of counts",
            lambda singular, N: singular**2 / N,
        ),
        "sixteen": ("16 is not squared: a variance scales with the square", lambda singular, N: singular**2 / (N * 16)),
        "not-divided": ("the sum of squares is not divided by N", lambda singular: singular**2 / 256),
        "pixels": ("the sum of squares is divided by the number of pixels", lambda singular: singular**2 / (5 * 256)),
        "both-missing": ("these are sums of squares of counts", lambda singular: singular**2),
        "shares": (
            "each is divided by their sum: these are shares of the variance",
            lambda singular: singular**2 / (singular**2).sum(),
        ),
    },
    "used": {
        "std": (
            "λ is compared with σ_x: a variance is compared with a variance",
            lambda eigenvalues, std: above(eigenvalues, std),
        ),
        "roots": (
            "the roots of λ are compared with σ_x²",
            lambda eigenvalues, std: above(eigenvalues**0.5, std**2),
        ),
        "below": ("the drowned directions are counted", lambda eigenvalues, std: above(-eigenvalues, -(std**2))),
        "latents": ("all eight latents are counted: there are not so many directions that pay", lambda: 8.0),
    },
    "rate": {
        "twice": ("the ½ is left out", lambda eigenvalues, std: 2 * rate(eigenvalues, std**2)),
        "bits": ("it is in bits: nats were asked for", lambda eigenvalues, std: rate(eigenvalues, std**2) / np.log(2)),
        "base-ten": (
            "the log is to base 10: here it is to base e, the calculator's ln",
            lambda eigenvalues, std: rate(eigenvalues, std**2) / np.log(10),
        ),
        "std": ("λ is divided by σ_x, not by σ_x²", lambda eigenvalues, std: rate(eigenvalues, std)),
        "drowned-too": (
            "the drowned direction is counted too: an unused latent pays nothing, and never less",
            lambda eigenvalues, std: np.log(eigenvalues / std**2).sum() / 2,
        ),
        "less-one": (
            "½(λ/σ_x² − 1) is added up in place of the logarithms",
            lambda eigenvalues, std: np.maximum(eigenvalues / std**2 - 1, 0).sum() / 2,
        ),
        "log-of-sum": (
            "the logarithm is taken of the sum",
            lambda eigenvalues, std: (
                np.log((eigenvalues * np.where(eigenvalues > std**2, 1.0, 0.0)).sum() / std**2) / 2
            ),
        ),
        "plus-one": (
            "1 is added in the logarithm: that is the capacity of a channel with this noise",
            lambda eigenvalues, std: np.log(1 + np.maximum(eigenvalues / std**2, 0)).sum() / 2,
        ),
        "sign": ("the sign is wrong", lambda eigenvalues, std: -rate(eigenvalues, std**2)),
    },
    "distortion": {
        "used-only": (
            "only the used directions are counted: the drowned one leaves all of its λ",
            lambda eigenvalues, std: (std**2 * np.where(eigenvalues > std**2, 1.0, 0.0)).sum(),
        ),
        "drowned-only": (
            "only the drowned direction is counted, as by PCA: a used one leaves σ_x², for q has a spread",
            lambda eigenvalues, std: (eigenvalues * np.where(eigenvalues > std**2, 0.0, 1.0)).sum(),
        ),
        "all-noise": ("every direction is counted with σ_x²: the drowned one leaves less", lambda std: 5 * std**2),
        "total": (
            "the water is left out: this is the total variance, which is left if no latent is used",
            lambda eigenvalues: eigenvalues.sum(),
        ),
        "gone": (
            "what is explained is added up, λ − σ_x²: the distortion is what is left",
            lambda eigenvalues, std: np.maximum(eigenvalues - std**2, 0).sum(),
        ),
        "std": ("λ is cut at σ_x, not at σ_x²", lambda eigenvalues, std: np.minimum(eigenvalues, std).sum()),
        "pixel": (
            "it is divided by the number of pixels",
            lambda eigenvalues, std: np.minimum(eigenvalues, std**2).mean(),
        ),
        "penalty": (
            "it is divided by 2σ_x² already: this is what the ELBO charges",
            lambda eigenvalues, std: np.minimum(eigenvalues, std**2).sum() / (2 * std**2),
        ),
    },
    "used_beta": {
        "same": ("β is left out", lambda eigenvalues, std: above(eigenvalues, std**2)),
        "std": ("λ is compared with βσ_x", lambda eigenvalues, std, beta: above(eigenvalues, beta * std)),
        "squared": (
            "(βσ_x)² is taken for the level: β multiplies σ_x², and is not squared",
            lambda eigenvalues, std, beta: above(eigenvalues, (beta * std) ** 2),
        ),
        "lowered": (
            "the level is divided by β: a dearer KL raises it",
            lambda eigenvalues, std, beta: above(eigenvalues, std**2 / beta),
        ),
        "root": (
            "the level is raised by √β only",
            lambda eigenvalues, std, beta: above(eigenvalues, beta**0.5 * std**2),
        ),
    },
}

check_water_by_hand = ByHand(
    name="water_by_hand",
    data=values,
    steps=STEPS,
    asked={
        "eigenvalues": "eigenvalues, five variances of the pixels divided by 16, the largest first",
        "used": "used, how many latents live, a whole number",
        "rate": "rate R, in nats an image",
        "distortion": "distortion Δ, the squared error that is left, summed over the pixels",
        "used_beta": "used_beta, how many latents live with β = 4, a whole number",
    },
    on="singular values 128, 96, 64, 48, 32, N = 64, counts divided by 16, sigma_x = 0.3",
    effort="core · ●○○ · 5 minutes",
    slips={name: {key: whole(*slip) for key, slip in slips.items()} for name, slips in SLIPS.items()},
)

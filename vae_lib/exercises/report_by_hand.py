r"""# A report, in nats an image

A classmate's VAE of MNIST has $D = 784$ pixels, black or white, and $d = 20$ latents. On the test images it prints two numbers:

- `bce 0.1062`: the binary cross-entropy, averaged over the pixels and the images;
- `kl 1.31`: the KL to the prior, averaged over the latents and the images.

The network was trained with another loss. For the next run the classmate wants to minimise the plain sum of the two, $0.1062 + 1.31$. With a calculator, find the reconstruction loss and the KL in nats an image, $-\mathrm{ELBO}$ in nats an image and in bits per dimension, and the $\beta$ that this sum would stand for. Four digits are enough.

## Hint: where to look
[What does your number stand for?](#what-does-your-number-stand-for) has such a case. Bits per dimension are (6.4), in [Comparing nats honestly](#comparing-nats-honestly).

## Hint: the idea
A mean over $n$ numbers is undone by the factor $n$. An image has 784 pixels, and its $q$ has 20 latents. The ELBO charges both terms once, whatever is minimised.

## Hint: nearly the numbers
Write the sum as $aE + b\,\mathrm{KL}$, with $E$ and the KL in nats an image. Then $a$ is one divided by a number of the network, and so is $b$. $\beta$ is what the KL weighs when $E$ weighs 1.
"""  # noqa: E501

import numpy as np

from vae_lib.exercises.engine import ByHand, whole

ANSWER = "my_report"
STUB = """\
my_report = {
    "reconstruction_loss": ...,
    "kl": ...,
    "loss": ...,
    "bits": ...,
    "beta": ...,
}
"""
SOLUTION = """\
my_report_solution = {
    "reconstruction_loss": 784 * 0.1062,
    "kl": 20 * 1.31,
    "loss": 784 * 0.1062 + 20 * 1.31,
    "bits": (784 * 0.1062 + 20 * 1.31) / (784 * math.log(2)),
    "beta": (1 / 20) / (1 / 784),
}
# On the plain sum a network that ignores z scores 206/784 + 0 = 0.26, so the best one has KL/20 of at most 0.26:
# no more than about 5 of the 26 nats can stay.

check_report_by_hand(my_report_solution)
"""

STEPS = {
    "reconstruction_loss": lambda bce, D: bce * D,
    "kl": lambda mean_kl, d: mean_kl * d,
    "loss": lambda reconstruction_loss, kl: reconstruction_loss + kl,
    "bits": lambda loss, D: loss / (D * np.log(2)),
    "beta": lambda D, d: D / d,
}
SLIPS = {
    "reconstruction_loss": {
        "mean": ("the mean over the pixels is not undone", lambda bce: bce),
        "latents": ("the mean over pixels is multiplied by the number of latents", lambda bce, d: bce * d),
        "sign": ("the sign is that of the log-likelihood: a loss is its negative", lambda bce, D: -bce * D),
        "bits": ("it is in bits: log 2 divides it", lambda bce, D: bce * D / np.log(2)),
        "side": ("only 28 pixels are counted: an image has 28 rows of them", lambda bce: bce * 28),
    },
    "kl": {
        "mean": ("the mean over the latents is not undone", lambda mean_kl: mean_kl),
        "pixels": ("the mean over latents is multiplied by the number of pixels", lambda mean_kl, D: mean_kl * D),
        "sign": ("the sign of the KL is lost: it is never negative", lambda mean_kl, d: -mean_kl * d),
        "half": ("a ½ is put before the KL: it is in the printed number already", lambda mean_kl, d: mean_kl * d / 2),
        "both": ("the heads are counted, μ and log σ²: a latent is one of d", lambda mean_kl, d: 2 * mean_kl * d),
    },
    "loss": {
        "minus": (
            "the KL is subtracted: in a loss it is added",
            lambda reconstruction_loss, kl: reconstruction_loss - kl,
        ),
        "elbo": (
            "the sign is that of the ELBO: the loss is its negative",
            lambda reconstruction_loss, kl: -reconstruction_loss - kl,
        ),
        "no-kl": ("the KL is left out", lambda reconstruction_loss: reconstruction_loss),
        "printed": ("the two printed means are added: each has its own factor", lambda bce, mean_kl: bce + mean_kl),
        "all-pixels": (
            "the plain sum is multiplied by the number of pixels",
            lambda bce, mean_kl, D: D * (bce + mean_kl),
        ),
        "beta": (
            "the KL is weighted by β: the ELBO has it once",
            lambda reconstruction_loss, kl, D, d: reconstruction_loss + kl * D / d,
        ),
    },
    "bits": {
        "nats": ("log 2 is left out: these are nats per dimension", lambda loss, D: loss / D),
        "image": ("D is left out: these are bits an image", lambda loss: loss / np.log(2)),
        "times": (
            "log 2 multiplies: a bit is log 2 = 0.69 nats, so there are more bits than nats",
            lambda loss, D: loss * np.log(2) / D,
        ),
        "latents": ("the number of latents divides: a dimension is a pixel", lambda loss, d: loss / (d * np.log(2))),
        "no-kl": ("the KL is left out", lambda reconstruction_loss, D: reconstruction_loss / (D * np.log(2))),
    },
    "beta": {
        "inverse": ("it is upside down: the weight of the KL stands above", lambda D, d: d / D),
        "one": ("the two weights are taken to be equal: each mean has another number of terms", lambda: 1.0),
        "pixels": ("only the mean over the pixels is taken into account", lambda D: D),
        "latents": ("only the mean over the latents is taken into account", lambda d: 1 / d),
        "values": ("the printed values are divided: β is a ratio of weights", lambda bce, mean_kl: mean_kl / bce),
        "nats": (
            "the values in nats are divided: β is a ratio of weights",
            lambda reconstruction_loss, kl: kl / reconstruction_loss,
        ),
    },
}


def numbers(rng: np.random.Generator | None) -> dict[str, np.ndarray]:
    """The report in the book; with a generator, another one."""
    if rng is None:
        return {"bce": np.array(0.1062), "mean_kl": np.array(1.31), "D": np.array(784.0), "d": np.array(20.0)}
    bce, mean_kl = round(rng.uniform(0.08, 0.15), 4), round(rng.uniform(0.9, 2.3), 2)
    D, d = rng.choice([64, 400, 784, 1024]), rng.choice([5, 12, 20, 33])
    return {"bce": np.array(bce), "mean_kl": np.array(mean_kl), "D": np.array(float(D)), "d": np.array(float(d))}


check_report_by_hand = ByHand(
    name="report_by_hand",
    data=numbers,
    steps=STEPS,
    asked={
        "reconstruction_loss": "reconstruction_loss, in nats an image",
        "kl": "kl, in nats an image",
        "loss": "loss = −ELBO, in nats an image",
        "bits": "bits, −ELBO in bits per dimension",
        "beta": "beta, the weight of the KL where the reconstruction loss in nats has the weight 1",
    },
    on="bce 0.1062 and kl 1.31, D = 784, d = 20",
    effort="core · ●○○ · 5 minutes",
    slips={name: {key: whole(*slip) for key, slip in slips.items()} for name, slips in SLIPS.items()},
)

"""6.1's answers, as students give them: one entry goes wrong where those before it are right."""

import math

import numpy as np
import torch

BCE, KL = 0.1062, 1.31


def oracle():
    """Every entry, by another route: pixel by pixel, latent by latent."""
    reconstruction_loss, kl = sum([BCE] * 784), sum([KL] * 20)
    weights = torch.tensor([1.0, 1.0], requires_grad=True)  # of E and KL in nats, each an image's
    (weights[0] / 784 + weights[1] / 20).backward()
    return {
        "reconstruction_loss": reconstruction_loss,
        "kl": kl,
        "loss": reconstruction_loss + kl,
        "bits": math.log2(math.exp(reconstruction_loss + kl)) / 784,
        "beta": (weights.grad[1] / weights.grad[0]).item(),
    }


def with_a_calculator():
    return {"reconstruction_loss": 83.26, "kl": 26.2, "loss": 109.46, "bits": 0.2014, "beta": 39.2}


def as_tensors():
    return {"reconstruction_loss": torch.tensor(BCE) * 28 * 28, "kl": np.float64(26.2), "beta": "784/20"}


def entry(**wrong):
    """The oracle's answer with one entry changed."""
    return lambda: oracle() | wrong


LOSS = 784 * BCE + 20 * KL
ANSWERS = [
    (oracle, "pixel by pixel", ""),
    (with_a_calculator, "with a calculator", ""),
    (entry(bits=LOSS / 784 / math.log(2)), "bits, in another order", ""),
    (entry(reconstruction_loss=BCE), "mean of the pixels", "reconstruction-loss-mean"),
    (entry(reconstruction_loss=20 * BCE), "times 20", "reconstruction-loss-latents"),
    (entry(reconstruction_loss=-784 * BCE), "a log-likelihood", "reconstruction-loss-sign"),
    (entry(kl=KL), "mean of the latents", "kl-mean"),
    (entry(kl=784 * KL), "KL times 784", "kl-pixels"),
    (entry(kl=10 * KL), "half of the KL", "kl-half"),
    (entry(loss=784 * BCE - 20 * KL), "KL subtracted", "loss-minus"),
    (entry(loss=-LOSS), "the ELBO", "loss-elbo"),
    (entry(loss=BCE + KL), "the plain sum", "loss-printed"),
    (entry(loss=784 * (BCE + KL)), "the plain sum, times 784", "loss-all-pixels|loss-beta"),
    (entry(loss=784 * BCE + 784 * KL), "KL weighted by beta", "loss-all-pixels|loss-beta"),
    (entry(bits=LOSS / 784), "nats a pixel", "bits-nats"),
    (entry(bits=LOSS / math.log(2)), "bits an image", "bits-image"),
    (entry(bits=LOSS * math.log(2) / 784), "times log 2", "bits-times"),
    (entry(beta=20 / 784), "upside down", "beta-inverse"),
    (entry(beta=1), "one", "beta-one"),
    (entry(beta=39), "two digits", "beta-rounded"),
    (entry(bits="0,20"), "one digit", "bits-rounded"),
    (entry(beta=784), "784", "beta-pixels"),
    (entry(beta=KL / BCE), "printed values divided", "beta-values"),
]

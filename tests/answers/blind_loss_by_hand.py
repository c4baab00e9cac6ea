"""Exercise 2.4, loss_by_hand. Numbers by a script of mine from network.md."""
import math

import numpy as np
import torch


def _code():
    f = torch.tensor([7 / 4, -1 / 2, 5.0], dtype=torch.float64)
    rec = ((f - torch.tensor([1.0, -2.0, 3.0])) ** 2).sum() / 2
    kl = torch.tensor(77 / 32) + 2 * math.log(2)
    return {"f": f, "reconstruction_loss": rec, "kl": kl, "J": rec + kl, "negative_elbo": rec + kl - 3 * math.log(1 / math.sqrt(2 * math.pi))}


ANSWERS = [
    (_code, "a function by torch, the constant as minus three logs of 1/sqrt(2 pi); tensors inside", True),
    ({"f": ["7/4", "-1/2", 5], "reconstruction_loss": "109/32", "kl": "77/32 + log(4)", "J": "93/16 + 2*log(2)", "negative_elbo": 9.95561}, "exact strings beside one decimal number", True),
    ({"negative_elbo": np.float32(9.9556), "J": np.array(7.1988), "kl": 3.793, "reconstruction_loss": 3.406, "f": np.array([1.75, -0.5, 5.0])}, "four digits, numpy values, names in reverse order", True),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 3.40625, "kl": 7.585089, "J": 10.991339, "negative_elbo": 13.748154}, "KL without its half; J and -ELBO follow", False),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 6.8125, "kl": 3.792544, "J": 10.605044, "negative_elbo": 13.36186}, "reconstruction loss with no factor one half, the plain sum of squares; rest follows", False),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 1.135417, "kl": 3.792544, "J": 4.927961, "negative_elbo": 7.684777}, "half of the mean of squares: reconstruction loss divided by 3, followed through", False),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 2.610077, "kl": 3.792544, "J": 6.402621, "negative_elbo": 9.159437}, "reconstruction loss is the length of the residual, root instead of half the square", False),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 4.25, "kl": 3.792544, "J": 8.042544, "negative_elbo": 10.79936}, "absolute differences summed instead of half squares", False),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 3.40625, "kl": 3.099397, "J": 6.505647, "negative_elbo": 9.262463}, "log sigma in the KL where log sigma squared belongs", False),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 3.40625, "kl": 3.011294, "J": 6.417544, "negative_elbo": 9.17436}, "sigma in the KL in place of sigma squared", False),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 3.40625, "kl": 1.019956, "J": 4.426206, "negative_elbo": 7.183021}, "KL adds log sigma squared instead of subtracting it: sign", False),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 3.40625, "kl": 11.081607, "J": 14.487857, "negative_elbo": 17.244672}, "KL computed with z instead of mu", False),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 3.40625, "kl": 5.292544, "J": 8.698794, "negative_elbo": 11.45561}, "the -1 of each latent forgotten in the KL", False),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 3.40625, "kl": 1.042544, "J": 4.448794, "negative_elbo": 7.20561}, "mu not squared in the KL", False),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 3.40625, "kl": 1.264181, "J": 4.670431, "negative_elbo": 7.427247}, "KL is a mean over the three latents, not a sum", False),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 3.40625, "kl": 19.769956, "J": 23.176206, "negative_elbo": 25.933021}, "KL the other way round, from the prior to q", False),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 3.40625, "kl": 4.40625, "J": 7.8125, "negative_elbo": 10.569316}, "logarithm to base 2 inside the KL", False),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 3.40625, "kl": 4.792544, "J": 8.198794, "negative_elbo": 10.95561}, "subtracts 1 only once in the KL, not once per latent", False),
    ({"f": [0.25, -2.0, 5.0], "reconstruction_loss": 2.28125, "kl": 3.792544, "J": 6.073794, "negative_elbo": 8.83061}, "ReLU of the decoder skipped: the negative a2 stays in h2; f, reconstruction, J and -ELBO follow", False),
    ({"f": [1.75, 0.0, 5.0], "reconstruction_loss": 4.28125, "kl": 3.792544, "J": 8.073794, "negative_elbo": 10.83061}, "a ReLU also at the decoder's output: f is cut off at 0", False),
    ({"f": [-0.25, -1.5, 3.0], "reconstruction_loss": 0.90625, "kl": 3.792544, "J": 4.698794, "negative_elbo": 7.45561}, "b4 not added", False),
    ({"f": [-0.75, 0.5, 3.0], "reconstruction_loss": 4.65625, "kl": 3.792544, "J": 8.448794, "negative_elbo": 11.20561}, "b3 not added", False),
    ({"f": [1.0, 1.5, 5.25], "reconstruction_loss": 8.65625, "kl": 3.792544, "J": 12.448794, "negative_elbo": 15.20561}, "W4 transposed", False),
    ({"f": [6.75, 5.75, 2.0], "reconstruction_loss": 47.0625, "kl": 3.792544, "J": 50.855044, "negative_elbo": 53.61186}, "W3 transposed", False),
    ({"f": [2.25, 0.5, 3.0], "reconstruction_loss": 3.90625, "kl": 3.792544, "J": 7.698794, "negative_elbo": 10.45561}, "decodes mu: epsilon taken as 0", False),
    ({"f": [-4.03125, 2.75, 3.875], "reconstruction_loss": 24.320801, "kl": 3.792544, "J": 28.113345, "negative_elbo": 30.870161}, "z made with sigma squared times epsilon", False),
    ({"f": [2.0, 1.0, 2.0], "reconstruction_loss": 5.5, "kl": 3.792544, "J": 9.292544, "negative_elbo": 12.04936}, "z = mu - sigma epsilon: sign of the noise", False),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 3.40625, "kl": 3.792544, "J": -0.386294, "negative_elbo": 2.370521}, "J as reconstruction minus KL", False),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 3.40625, "kl": 3.792544, "J": 3.599397, "negative_elbo": 6.356213}, "J is the mean of the two costs", False),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 3.40625, "kl": 3.792544, "J": 7.198794, "negative_elbo": 8.117733}, "half log 2 pi added once instead of for each of three numbers", False),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 3.40625, "kl": 3.792544, "J": 7.198794, "negative_elbo": 4.441979}, "3/2 log 2 pi subtracted from J instead of added", False),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 3.40625, "kl": 3.792544, "J": 7.198794, "negative_elbo": 12.712426}, "adds log 2 pi three times, its half forgotten", False),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 3.40625, "kl": 3.792544, "J": 7.198794, "negative_elbo": -9.95561}, "gives the ELBO itself: sign of negative_elbo", False),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 3.40625, "kl": 3.792544, "J": 7.198794, "negative_elbo": 7.198794}, "negative_elbo equal to J: no constant", False),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 3.40625, "kl": 3.792544, "J": 7.198794, "negative_elbo": 8.396064}, "decimal logarithm (log10) of 2 pi", False),
    ({"f": [0.75, 1.5, 2.0], "reconstruction_loss": 3.40625, "kl": 3.792544, "J": 7.198794, "negative_elbo": 9.95561}, "f given as the residual f - x; everything else right", False),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 4.91418, "kl": 5.471484, "J": 10.385664, "negative_elbo": 14.362909}, "all costs in bits, not nats", False),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 6.8125, "kl": 7.585089, "J": 14.397589, "negative_elbo": 17.154404}, "TWO: no half in the reconstruction loss and none in the KL", False),
    ({"f": [0.25, -2.0, 5.0], "reconstruction_loss": 2.28125, "kl": 3.011294, "J": 5.292544, "negative_elbo": 8.04936}, "TWO: decoder's ReLU skipped, and sigma for sigma squared in the KL", False),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 3.40625, "kl": 1.019956, "J": 4.426206, "negative_elbo": 5.345144}, "TWO: KL with plus log sigma squared, and the constant for one number only", False),
    ({"f": [-0.25, -1.5, 3.0], "reconstruction_loss": 0.604167, "kl": 3.792544, "J": 4.396711, "negative_elbo": 7.153527}, "TWO: b4 not added, and mean of squares as reconstruction loss", False),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 1.135417, "kl": 1.264181, "J": 2.399598, "negative_elbo": 5.156414}, "TWO: means for sums in both costs, each divided by 3", False),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 3.40625, "kl": 3.792544, "J": -0.386294, "negative_elbo": 0.386294}, "TWO: J as a difference, and -ELBO as minus that J with no constant", False),
    ({"f": [1.0, 1.5, 5.25], "reconstruction_loss": 17.3125, "kl": 3.792544, "J": 21.105044, "negative_elbo": 23.86186}, "TWO: W4 transposed, and no half in the reconstruction loss", False),
    ({"f": [2.25, 0.5, 3.0], "reconstruction_loss": 3.90625, "kl": 5.292544, "J": 9.198794, "negative_elbo": 11.95561}, "TWO: epsilon taken as 0, and the -1 forgotten in the KL", False),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 3.40625, "kl": 3.099397, "J": 6.505647, "negative_elbo": 6.505647}, "TWO: log sigma for log sigma squared in the KL, and negative_elbo without a constant", False),
    ({"f": [1.75, 0.0, 5.0], "reconstruction_loss": 4.28125, "kl": 3.792544, "J": 8.073794, "negative_elbo": -10.83061}, "TWO: ReLU on the output f, and ELBO instead of its negative", False),
    ({"f": [1.75, -0.5, 5.0], "reconstruction_loss": 4.25, "kl": 1.042544, "J": 5.292544, "negative_elbo": 8.04936}, "TWO: absolute differences for squares, and mu not squared in the KL", False),
    ({"f": [-4.03125, 2.75, 3.875], "reconstruction_loss": 24.320801, "kl": 11.055792, "J": 35.376593, "negative_elbo": 38.133408}, "sigma mistaken for sigma squared everywhere: both z and KL take e^log_var as the standard deviation", False),
]
BORDERLINE = [
    ({"f": [1.75, -0.5, 5], "reconstruction_loss": 3.41, "kl": 3.79, "J": 7.2, "negative_elbo": 9.96}, "right, but rounded to three digits", None),
    ({"f": [1.75, -0.5, 5], "reconstruction_loss": 3.4063, "kl": 3.7925, "J": 7.1988, "negative_elbo": ...}, "right as far as it goes, negative_elbo left open", None),
    ({"f": [[1.75], [-0.5], [5]], "reconstruction_loss": 3.4063, "kl": 3.7925, "J": 7.1988, "negative_elbo": 9.9556}, "right numbers, f as a column [3, 1]", None),
    ({"f": [1.75, -0.5, 5], "reconstruction_loss": "109/32", "kl": "77/32 + 2*log(2)", "J": "93/16 + 2*log(2)", "negative_elbo": "93/16 + 2*log(2) + 3/2*log(2*pi)"}, "exact strings, one with pi in it (does the reader of strings know pi?)", None),
]

"""The answers to two years, as students give them: one entry goes wrong where those before it are right."""

import math

import numpy as np
import torch
from torch.distributions import MultivariateNormal, kl_divergence

LAMBDA = np.array([[5.0, -3.0], [-3.0, 3.0]])
VARIANCES = np.linalg.inv(LAMBDA).diagonal()
GAP, OF_MARGINALS = 0.5 * math.log(2.5), 0.5 * (3 - math.log(2.5))


def oracle():
    """By torch's KL of two Gaussians; the best mean field by its definition, a grid of standard deviations."""
    p = MultivariateNormal(torch.zeros(2), precision_matrix=torch.tensor(LAMBDA).float())

    def gap(variances):
        return kl_divergence(MultivariateNormal(torch.zeros(2), torch.diag(variances)), p)

    log_variances = torch.zeros(2, requires_grad=True)
    optimizer = torch.optim.LBFGS([log_variances], max_iter=200, tolerance_grad=1e-9, line_search_fn="strong_wolfe")

    def loss():
        optimizer.zero_grad()
        value = gap(log_variances.exp())
        value.backward()
        return value

    optimizer.step(loss)
    best = log_variances.detach().exp()
    return {
        "sd": p.covariance_matrix.diagonal().sqrt().double(),
        "sd_mean_field": np.sqrt(1 / LAMBDA.diagonal()) if abs(gap(best) - GAP) < 1e-5 else None,
        "gap": GAP,
        "gap_of_marginals": kl_divergence(
            MultivariateNormal(torch.zeros(2).double(), torch.diag(torch.tensor(VARIANCES))),
            MultivariateNormal(torch.zeros(2).double(), precision_matrix=torch.tensor(LAMBDA)),
        ),
    }


def with_a_calculator():
    return {"sd": [0.7071, 0.9129], "sd_mean_field": [0.4472, 0.5774], "gap": 0.4581, "gap_of_marginals": 1.0419}


def entry(**wrong):
    """The right answer with one entry changed."""
    return with_a_calculator() | wrong


ANSWERS = [
    (with_a_calculator(), "with a calculator", ""),
    (oracle, "torch's KL", ""),
    ({"sd": ["1/sqrt(2)", "sqrt(5/6)"], "gap": "ln(2.5)/2"}, "two of four", "open"),
    (entry(sd=[0.4472, 0.5774]), "1/√Λ", "sd-mean-field"),
    (entry(sd=[2.2361, 1.7321]), "√Λ", "sd-precision"),
    (entry(sd=[0.5, 0.8333]), "variances", "sd-variances"),
    (entry(sd=[0.9129, 0.7071]), "years swapped", "sd-swapped"),
    (entry(sd=[1.7321, 2.2361]), "no determinant", "sd-not-divided"),
    (entry(sd_mean_field=[0.7071, 0.9129]), "the exact ones", "sd-mean-field-exact"),
    (entry(sd_mean_field=[0.2, 0.3333]), "variances", "sd-mean-field-variances"),
    (entry(sd_mean_field=[2.2361, 1.7321]), "√Λ", "sd-mean-field-precision"),
    (entry(gap=2 * GAP), "no ½", "gap-half-missing"),
    (entry(gap=-GAP), "sign", "gap-sign"),
    (entry(gap=OF_MARGINALS), "of the marginals", "gap-of-marginals"),
    (entry(gap=1.0), "no logarithms", "gap-not-logged"),
    (entry(gap=GAP / math.log(2)), "bits", "gap-bits"),
    (entry(gap=0.5 * math.log(15)), "no determinant", "gap-determinant-missing"),
    (entry(gap_of_marginals=0.4581), "the best", "gap-of-marginals-best"),
    (entry(gap_of_marginals=0), "no gap", "gap-of-marginals-right-marginals"),
    (entry(gap_of_marginals=2 * OF_MARGINALS), "no ½", "gap-of-marginals-half-missing"),
    (entry(gap_of_marginals=OF_MARGINALS + 1), "no 2", "gap-of-marginals-two-missing"),
    (entry(gap_of_marginals=-GAP), "no trace", "gap-of-marginals-log-alone"),
    (entry(gap_of_marginals=1.5), "no log", "gap-of-marginals-trace-alone"),
    ([0.7, 0.9], "no dict", "no-dict"),
]

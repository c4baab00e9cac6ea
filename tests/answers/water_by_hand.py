"""7.1's answers, as students give them: one entry goes wrong where those before it are right."""

import math

import numpy as np
import torch

s = np.array([128.0, 96, 64, 48, 32])
LAMBDA = [1, 0.5625, 0.25, 0.140625, 0.0625]


def oracle():
    """From a matrix of counts with these singular values; the rate from q's second moments at the optimum."""
    waves = np.cos(np.outer(np.arange(64), np.arange(1, 6)))
    rows, axes = np.linalg.qr(waves - waves.mean(0))[0], np.linalg.qr(np.vander(np.arange(1.0, 6)))[0]
    found = np.linalg.eigvalsh(np.cov((rows * s @ axes).T / 16, bias=True))[::-1]
    variances = 0.09 / found[found > 0.09]  # of q; its means have the variances 1 − these
    return {
        "eigenvalues": found,
        "used": len(variances),
        "rate": sum(0.5 * ((1 - v) + v - 1 - math.log(v)) for v in variances),
        "distortion": sum(0.09 if value > 0.09 else value for value in found),
        "used_beta": sum(value > 0.36 for value in found),
    }


def with_a_calculator():
    return {
        "eigenvalues": [1, 0.5625, 0.25, 0.1406, 0.0625],
        "used": 4,
        "rate": 2.854,
        "distortion": 0.4225,
        "used_beta": 2,
    }


def as_tensors():
    return {
        "eigenvalues": torch.tensor(LAMBDA),
        "used": torch.tensor(4),
        "rate": "ln(10/3) + ln(5/2) + ln(5/3) + ln(5/4)",
    }


def entry(**wrong):
    """The right answer with one entry changed."""
    return with_a_calculator() | wrong


L = np.array(LAMBDA)
U = L[:4]
ANSWERS = [
    (with_a_calculator(), "with a calculator", ""),
    (oracle, "a matrix with these singular values", ""),
    (as_tensors(), "three of five", "open"),
    (entry(eigenvalues=s**2 / (63 * 256)), "N − 1", "eigenvalues-n-minus-one"),
    (entry(eigenvalues=s / 128), "not squared", "eigenvalues-singular-rooted"),
    (entry(eigenvalues=s / 1024), "s / (N · 16)", "eigenvalues-singular"),
    (entry(eigenvalues=s**2 / 64), "counts", "eigenvalues-counts"),
    (entry(eigenvalues=s**2 / 1024), "divided by 16 once", "eigenvalues-sixteen"),
    (entry(eigenvalues=s**2 / 256), "not divided by N", "eigenvalues-not-divided"),
    (entry(eigenvalues=s**2 / (s**2).sum()), "shares", "eigenvalues-shares"),
    (entry(used=2), "λ > σ_x", "used-std"),
    (entry(used=5), "√λ > σ_x²", "used-roots"),
    (entry(used=8), "all latents", "used-latents"),
    (entry(used=1), "the drowned one", "used-below"),
    (entry(rate=np.log(U / 0.09).sum()), "no ½", "rate-twice"),
    (entry(rate=np.log2(U / 0.09).sum() / 2), "bits", "rate-bits"),
    (entry(rate=np.log(L / 0.09).sum() / 2), "all five", "rate-drowned-too"),
    (entry(rate=np.log(U[:2] / 0.3).sum() / 2), "λ/σ_x", "rate-std"),
    (entry(rate=(U / 0.09 - 1).sum() / 2), "no logarithm", "rate-less-one"),
    (entry(distortion=0.36), "the four", "distortion-used-only"),
    (entry(distortion=0.0625), "PCA's error", "distortion-drowned-only"),
    (entry(distortion=0.45), "5 σ_x²", "distortion-all-noise"),
    (entry(distortion=L.sum()), "total variance", "distortion-total"),
    (entry(distortion=(U - 0.09).sum()), "what is explained", "distortion-gone"),
    (entry(used_beta=4), "without β", "used-beta-same"),
    (entry(used_beta=0), "βσ_x, or (βσ_x)²", "used-beta-std|used-beta-squared"),
    (entry(used_beta=5), "σ_x²/β", "used-beta-lowered"),
    (entry(used_beta=3), "√β", "used-beta-root"),
    ([1, 0.5625], "no dict", "no-dict"),
]

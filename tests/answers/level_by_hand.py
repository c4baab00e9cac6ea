"""7.3's answers, as students give them: one entry goes wrong where those before it are right."""

import math

import torch


def oracle():
    """From each loss's slopes by its two terms."""
    levels = {}
    for name, weights in {"A": (1, 1), "B": (1 / 64, 1), "C": (1, 1 / 16)}.items():
        error, kl = torch.ones(2, requires_grad=True).unbind()
        slope_error, slope_kl = torch.autograd.grad(weights[0] * error + weights[1] * kl, (error, kl))
        levels[name] = (slope_kl / (2 * slope_error)).item()
    spectrum = [0.69, 0.64, 0.55, 0.40, 0.28, 0.23, 0.21, 0.17]
    return {
        "level_A": levels["A"],
        "used_A": sum(value > levels["A"] for value in spectrum),
        "level_B": levels["B"],
        "level_C": levels["C"],
        "used_C": min(16, 24),
        "w": 0.3 / levels["B"],
    }


def in_fractions():
    return {"level_A": "1/2", "used_A": 3, "level_B": "64/2", "level_C": "1/32", "used_C": 16, "w": "0.6/64"}


def entry(**wrong):
    """The right answer with one entry changed."""
    return in_fractions() | wrong


ANSWERS = [
    (in_fractions(), "fractions", ""),
    (oracle, "slopes", ""),
    (entry(w=0.009375), "a decimal", ""),
    (entry(level_A=1), "no ½", "level-a-one"),
    (entry(level_A=2), "upside down", "level-a-two"),
    (entry(level_A=math.sqrt(0.5)), "σ_x", "level-a-std"),
    (entry(used_A=0), "λ against 0.71", "used-a-std"),
    (entry(used_A=16), "all", "used-a-latents"),
    (entry(used_A=5), "λ against 0.25", "used-a-squared"),
    (entry(used_A=4), "λ against D's 0.3", "used-a-level-of-d"),
    (entry(level_B=64), "D", "level-b-whole"),
    (entry(level_B=1 / 128), "1/2D", "level-b-inverse"),
    (entry(level_B=0.5), "as A", "level-b-sum"),
    (entry(level_C=8), "d/2", "level-c-inverse"),
    (entry(level_C=1 / 16), "1/d", "level-c-whole"),
    (entry(level_C=1 / 128), "1/2D", "level-c-pixels"),
    (entry(used_C=8), "the listed ones", "used-c-listed"),
    (entry(used_C=64), "all directions", "used-c-pixels"),
    (entry(used_C=0), "none", "used-c-none"),
    (entry(used_C=23), "all that stand above", "used-c-directions-23"),
    (entry(used_C=24), "the twenty-fourth too", "used-c-directions-24"),
    (entry(used_C=25), "the digits' own", "used-c-directions-25"),
    (entry(w=0.3), "the level", "w-level"),
    (entry(w=0.3 / 64), "no 2", "w-half-missing"),
    (entry(w=0.6), "no 64", "w-sum"),
    (entry(w=64 / 0.6), "upside down", "w-inverse"),
    (entry(w=2 * math.sqrt(0.3) / 64), "σ_x", "w-root"),
    (in_fractions() | {"w": ...}, "w open", "open"),
]

"""1.6's answers, as students wrote them: the answer, what is wrong with it, the key that it must get (none: right)."""

from itertools import pairwise

import numpy as np
import torch
from torch import nn


def layers(*sizes):
    return sum(n * m + m for n, m in pairwise(sizes))


def count_by_torch(D, H, d):
    parts = nn.ModuleList([nn.Linear(D, H), nn.Linear(H, 2 * d), nn.Linear(d, H), nn.Linear(H, D)])
    return sum(p.numel() for p in parts.parameters())


def count_of_the_chapter(D, H, d):
    vae = [nn.Linear(64, 32), nn.Linear(32, 4), nn.Linear(2, 32), nn.Linear(32, 64)]
    return sum(p.numel() for layer in vae for p in layer.parameters())


def count_typed_in(data_dim, hidden_dim, latent_dim):
    return 30 * 11 + 11 + 11 * 8 + 8 + 4 * 11 + 11 + 11 * 30 + 30


def count_with_prior(D, H, d):
    return layers(D, H, 2 * d) + layers(d, H, D) + 2 * d


def count_two_heads(D, H, d):
    return torch.tensor((D + 1) * H + 2 * (H + 1) * d + (d + 1) * H + (H + 1) * D)


oracle = count_by_torch

ANSWERS = [
    (count_typed_in, "typed in", "typed-in"),
    (lambda D, H, d: D * H + H * 2 * d + d * H + H * D, "no biases", "no-biases"),
    (lambda D, H, d: layers(D, H, d) + layers(d, H, D), "head once", "head-once"),
    (lambda D, H, d: 2 * (D * H + H * d), "head once, no biases", "head-once-no-biases"),
    (lambda D, H, d: layers(D, H, 2 * d), "encoder", "encoder"),
    (lambda D, H, d: layers(d, H, D), "decoder", "decoder"),
    (lambda D, H, d: 2 * layers(D, H, 2 * d), "encoder twice", "encoder-twice"),
    (lambda D, H, d: layers(D, H, 2 * d) + layers(2 * d, H, D), "z of 2d", "decoder-of-both"),
    (lambda D, H, d: D * H + H + H * 2 * d + d * H + H + H * D, "hidden biases", "hidden-biases"),
    (lambda D, H, d: D * H + H * 2 * d + 2 * d + d * H + H * D + D, "output biases", "last-biases"),
    (lambda D, H, d: D * H + H * 2 * d + d * H + H * D + 4, "a bias a layer", "one-bias"),
    (
        lambda D, H, d: D * (H + 1) + H * (2 * d + 1) + d * (H + 1) + H * (D + 1),
        "biases of inputs",
        "input-biases",
    ),
    (lambda D, H, d: layers(D, H, d + d * (d + 1) // 2) + layers(d, H, D), "full covariance", "full-covariance"),
    (count_with_prior, "prior", "prior"),
    (count_of_the_chapter, "the chapter's sizes", "chapter"),
    (count_by_torch, "counted by torch", ""),
    (count_two_heads, "two heads, as a tensor", ""),
    (lambda D, H, d: np.array(layers(D, H, 2 * d) + layers(d, H, D)), "an array", ""),
    (lambda D, H, d: np.float64(layers(D, H, 2 * d) + layers(d, H, D)), "numpy, float", ""),
    (lambda D, H, d: 2 * D * H + 4 * H * d, "no biases, and a decoder that reads both", "decoder-of-both-no-biases"),
    (lambda D, H, d: 2 * layers(D, H, d), "a pair: the head once, the encoder twice", "terms"),
    (lambda D, H, d: layers(D, H, 2 * d) + layers(d, H, D) - 1, "one too few", "terms"),
    (lambda D, H, d: [D * H + H, H * 2 * d + 2 * d, d * H + H, H * D + D], "a number a layer", "what-is"),
    (lambda D, H, d: str(layers(D, H, 2 * d) + layers(d, H, D)), "in words", "no-whole-numbers"),
    (lambda D, H, d: float(oracle(D, H, d)), "a float, of the right number", ""),
]

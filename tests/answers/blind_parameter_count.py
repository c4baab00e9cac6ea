"""Exercise 1.6, parameter_count."""
import math

import torch


def _by_torch(data_dim, hidden_dim, latent_dim):
    sizes = [(data_dim, hidden_dim), (hidden_dim, 2 * latent_dim), (latent_dim, hidden_dim), (hidden_dim, data_dim)]
    layers = torch.nn.ModuleList(torch.nn.Linear(n, m, device="meta") for n, m in sizes)
    return sum(p.numel() for p in layers.parameters())


def _collected(data_dim, hidden_dim, latent_dim):
    return data_dim * (2 * hidden_dim + 1) + hidden_dim * (3 * latent_dim + 2) + 2 * latent_dim


def _two_heads(data_dim, hidden_dim, latent_dim):
    def linear(n, m):
        return math.prod((n + 1, m))
    trunk, mu, log_var = linear(data_dim, hidden_dim), linear(hidden_dim, latent_dim), linear(hidden_dim, latent_dim)
    return trunk + mu + log_var + linear(latent_dim, hidden_dim) + linear(hidden_dim, data_dim)


def _lin(n, m):
    return n * m + m


ANSWERS = [
    (_by_torch, "builds the four layers on torch's meta device and counts the elements", True),
    (_collected, "one formula, collected by data, hidden and latent", True),
    (_two_heads, "counts the joint head as two heads of latent width", True),
    (lambda d, h, n: _lin(d, h) + _lin(h, n) + _lin(n, h) + _lin(h, d), "the head counted with one number per latent: not twice as wide", False),
    (lambda d, h, n: d * h + h * 2 * n + n * h + h * d, "weights only, all biases forgotten", False),
    (lambda d, h, n: _lin(d, h) + _lin(h, 2 * n) + _lin(2 * n, h) + _lin(h, d), "the decoder's input counted as two numbers per latent", False),
    (lambda d, h, n: _lin(d, h) + _lin(h, 2 * n), "the encoder alone; decoder not counted", False),
    (lambda d, h, n: _lin(n, h) + _lin(h, d), "the decoder alone, the encoder not counted", False),
    (lambda d, h, n: _lin(d, h) + _lin(h, 2 * n) + _lin(n, h) + _lin(h, 2 * d), "the decoder's output counted twice as wide, two numbers per pixel", False),
    (lambda d, h, n: d * h + d + h * 2 * n + h + n * h + n + h * d + h, "a bias for each input of a layer instead of each output", False),
    (lambda d, h, n: d * h + h * 2 * n + n * h + h * d + 4, "one bias for each layer, four in all", False),
    (lambda d, h, n: _lin(d, h) + _lin(h, 2 * n) + _lin(n, h) + h * d, "the bias of the decoder's last layer forgotten", False),
    (lambda d, h, n: _lin(d, h) + _lin(h, 2 * n) + _lin(n, h) + _lin(h, d) + 2 * n, "mean and variance of the prior counted as parameters: 2 latent too many", False),
    (lambda d, h, n: _lin(d, h) + _lin(h, h) + _lin(h, 2 * n) + _lin(n, h) + _lin(h, h) + _lin(h, d), "two hidden layers in each network instead of one", False),
    (lambda d, h, n: _lin(d, h) + _lin(h, n + n * (n + 1) // 2) + _lin(n, h) + _lin(h, d), "a head for a full covariance: latent(latent+1)/2 numbers besides mu", False),
    (lambda d, h, n: h + 2 * n + h + d, "counts the units (biases) and no weights", False),
    (lambda d, h, n: _lin(d, h) + _lin(h, 2 * n) + _lin(n, h) + d, "the last layer's weights tied to the first's, so they are not counted a second time", False),
    (lambda d, h, n: _lin(784, h) + _lin(h, 2 * n) + _lin(n, h) + _lin(h, 784), "784 pixels typed in, data_dim ignored", False),
    (lambda d, h, n: (_lin(d, h) + _lin(h, 2 * n), _lin(n, h) + _lin(h, d)), "returns a pair, encoder and decoder apart, not their sum", False),
    (lambda h, d, n: _lin(d, h) + _lin(h, 2 * n) + _lin(n, h) + _lin(h, d), "takes the arguments in the order hidden, data, latent", False),
    (lambda d, h, n: 2 * (_lin(d, h) + _lin(h, 2 * n)), "twice the encoder: takes the decoder as its mirror image", False),
    (lambda d, h, n: (d + h) * h + h + _lin(h, 2 * n) + _lin(n, h) + _lin(h, d), "the first layer's input counted as data plus hidden", False),
    (lambda d, h, n: d * h + h * n + n * h + h * d, "TWO: no biases, and the head only latent wide", False),
    (lambda d, h, n: _lin(d, h) + _lin(h, n) + _lin(2 * n, h) + _lin(h, d), "TWO: the head latent wide, and the decoder's input 2 latent wide", False),
    (lambda d, h, n: d * h + h * 2 * n, "TWO: encoder alone, and without biases", False),
    (lambda d, h, n: _lin(d, h) + _lin(h, 2 * n) + _lin(n, h) + h * d + 2 * n, "TWO: last layer's bias forgotten, and a prior with 2 latent parameters counted", False),
    (lambda d, h, n: _lin(784, h) + _lin(h, n) + _lin(n, h) + _lin(h, 784), "TWO: 784 typed in for data_dim, and a head only latent wide", False),
    (lambda d, h, n: d * h + d + h * 2 * n + h + 2 * n * h + 2 * n + h * d + h, "TWO: biases counted by inputs, and the decoder's input 2 latent wide", False),
    (lambda d, h, n: h * (d + 1) + n * (h + 1), "TWO: encoder alone, and its head only latent wide", False),
]
BORDERLINE = [
    (lambda d, h, n: float(_by_torch(d, h, n)), "right number, returned as a float", None),
    (lambda d, h, n: torch.tensor(_by_torch(d, h, n)), "right number, returned as a tensor of one integer", None),
    (lambda d, h, n: str(_by_torch(d, h, n)), "right number, returned as a string", None),
]

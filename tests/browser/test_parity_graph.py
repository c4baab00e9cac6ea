"""The computation graph's pure functions give what Python gives, on a thousand random networks each."""

import numpy as np
import pytest
import torch
from node import javascript
from torch.nn.functional import linear, relu

from vae_lib.exact.worked_example import EPS, WEIGHTS, X, backward, forward
from vae_lib.figures.graph.figure import gradients
from vae_lib.figures.graph.figure import graph as live_graph
from vae_lib.page.pencil import to_float

CLOSE = {"rtol": 1e-10, "atol": 1e-10}


def network(rng) -> dict:
    data, hidden, latent, hidden2 = rng.integers(1, 6, size=4)
    shapes = {"x": (data,), "eps": (latent,), "W1": (hidden, data), "b1": (hidden,), "W2": (2 * latent, hidden)}
    shapes |= {"b2": (2 * latent,), "W3": (hidden2, latent), "b3": (hidden2,), "W4": (data, hidden2), "b4": (data,)}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


@pytest.fixture(scope="module")
def networks():
    rng = np.random.default_rng(0)
    return [network(rng) for _ in range(1000)]


def as_arguments(networks: list[dict]) -> list[list]:
    return [[{name: array.tolist() for name, array in network.items()}] for network in networks]


def split(network: dict) -> tuple:
    weights = {name: network[name] for name in WEIGHTS}
    return network["x"], weights, network["eps"]


def test_every_value_is_pythons(networks):
    for network, found in zip(networks, javascript("graph/formulas", "forward", as_arguments(networks)), strict=True):
        expected = forward(*split(network))
        assert expected.keys() - found.keys() == {"x", "eps", "var", "constant", "negative_elbo"}
        for key, value in found.items():
            np.testing.assert_allclose(value, expected[key], **CLOSE, err_msg=key)


def test_every_slope_is_pythons(networks):
    for network, found in zip(networks, javascript("graph/formulas", "backward", as_arguments(networks)), strict=True):
        expected = gradients(*split(network))
        assert found.keys() == expected.keys()
        assert backward(*split(network)).keys() < found.keys()
        for key, slope in found.items():
            np.testing.assert_allclose(slope, expected[key], **CLOSE, err_msg=key)


def test_the_slopes_that_backward_does_not_have_are_autograds(networks):
    for network in networks:
        given = {name: torch.tensor(array, requires_grad=True) for name, array in network.items()}
        h1 = relu(linear(given["x"], given["W1"], given["b1"]))
        mu, log_var = linear(h1, given["W2"], given["b2"]).chunk(2)
        sigma = torch.exp(log_var / 2)
        z = mu + sigma * given["eps"]
        f = linear(relu(linear(z, given["W3"], given["b3"])), given["W4"], given["b4"])
        error = given["x"] - f
        kl_per_dimension = (mu**2 + log_var.exp() - 1 - log_var) / 2
        kl, reconstruction_loss = kl_per_dimension.sum(), (error**2).sum() / 2
        nodes = {"sigma": sigma, "eps": given["eps"], "error": error, "x": given["x"], "kl": kl}
        nodes |= {"kl_per_dimension": kl_per_dimension, "reconstruction_loss": reconstruction_loss}
        expected = torch.autograd.grad(reconstruction_loss + kl, nodes.values())
        found = gradients(*split(network))
        assert found.keys() - backward(*split(network)).keys() == nodes.keys() | {"J"}
        for key, slope in zip(nodes, expected, strict=True):
            np.testing.assert_allclose(found[key], slope, **CLOSE, err_msg=key)


def test_what_the_figure_shows_at_first_is_the_worked_example():
    data = live_graph().model["data"]
    for n, example in enumerate(data["examples"]):
        weights, x, eps = to_float(WEIGHTS), to_float(X[n]), to_float(EPS[n])
        texts = {name: flat(example["values"][name]) for name in ("x", "eps", *WEIGHTS)}
        for name, given in {"x": x, "eps": eps, **weights}.items():
            read = javascript("base/pencil", "read", [[text] for text in texts[name]])
            np.testing.assert_allclose(read, given.ravel(), rtol=1e-15, err_msg=name)
        assert example["values"]["J"] == ["157/32 + ln 2", "245/32 + 3 ln 2"][n]


def flat(texts) -> list[str]:
    return [entry for text in texts for entry in (text if isinstance(text, list) else [text])]

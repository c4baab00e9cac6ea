"""The trick's formulas against quadrature and the library's estimators, on a thousand inputs each."""

import numpy as np
import pytest
import torch
from node import javascript

from vae_lib.figures.trick.figure import draws
from vae_lib.gradients import pathwise_gradient, score_function_gradient

COUNT = 1000
PARAMETERS = {"square": (-20, 100), "wave": (0, 10), "step": (0, 0)}  # of c, of ω; the step has none
each_function = pytest.mark.parametrize("name", PARAMETERS)

FUNCTIONS = {
    "square": lambda z, c: z**2 + c,
    "wave": lambda z, omega: z + torch.sin(omega * z),
    "step": lambda z, _: (z > 0).to(z.dtype),
}


def settings(name: str) -> np.ndarray:
    """Rows of a parameter, μ and σ, over more than the sliders reach."""
    rng = np.random.default_rng(0)
    limits = [PARAMETERS[name], (-2.5, 2.5), (0.15, 1.8)]
    return np.stack([rng.uniform(low, high, COUNT) for low, high in limits], axis=1)


def quadrature(mu: float, sigma: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Nodes ε and weights of composite Gauss–Legendre for N(0, 1), cut where z = 0, so that a jump does no harm."""
    nodes, weights = np.polynomial.legendre.leggauss(24)
    cut = float(np.clip(-mu / sigma, -11.9, 11.9))
    edges = np.concatenate([np.linspace(-12, cut, 31), np.linspace(cut, 12, 31)[1:]])
    half = np.diff(edges)[:, None] / 2
    eps = (edges[:-1, None] + half * (1 + nodes)).ravel()
    density = np.exp(-(eps**2) / 2) / np.sqrt(2 * np.pi)
    return torch.from_numpy(eps), torch.from_numpy((half * weights).ravel() * density)


def by_quadrature(name: str, p: float, mu: float, sigma: float, share: float) -> dict[str, float]:
    """What JavaScript has in closed form, from the library's estimators at the nodes; the baseline is share · E[f]."""
    eps, mass = quadrature(mu, sigma)

    def f(z):
        return FUNCTIONS[name](z, p)

    expected = mass @ f(mu + sigma * eps)
    path, _ = pathwise_gradient(f, mu, sigma, eps)
    plain, _ = score_function_gradient(f, mu, sigma, eps)
    score, _ = score_function_gradient(f, mu, sigma, eps, baseline=share * expected.item())
    exact, path_mean = mass @ plain, mass @ path
    return {
        "expected": expected.item(),
        "gradient": exact.item(),
        "pathwiseMean": path_mean.item(),
        "pathwiseVariance": (mass @ (path - path_mean) ** 2).item(),
        "scoreVariance": (mass @ (score - mass @ score) ** 2).item(),
    }


@each_function
@pytest.mark.parametrize("share", [0, 1, 0.5], ids="baseline {}".format)
def test_means_and_variances_are_those_of_quadrature(name, share):
    rows = settings(name)
    found = [by_quadrature(name, *row, share) for row in rows.tolist()]
    for function in found[0]:
        arguments = [[name, *row] for row in rows.tolist()]
        if function == "scoreVariance":
            arguments = [[*row, share * values["expected"]] for row, values in zip(arguments, found, strict=True)]
        truth = [values[function] for values in found]
        np.testing.assert_allclose(
            javascript("trick", function, arguments), truth, rtol=1e-10, atol=1e-10, err_msg=function
        )


@each_function
def test_single_draws_are_the_librarys(name):
    rows = settings(name)
    eps = np.random.default_rng(1).normal(size=COUNT)
    baseline = np.random.default_rng(2).normal(size=COUNT)
    path, score, height = [], [], []
    for (p, mu, sigma), noise, b in zip(rows.tolist(), torch.from_numpy(eps), baseline, strict=True):

        def f(z, p=p):
            return FUNCTIONS[name](z, p)

        height.append(f(mu + sigma * noise).item())
        path.append(pathwise_gradient(f, mu, sigma, noise)[0].item())
        score.append(score_function_gradient(f, mu, sigma, noise, baseline=b)[0].item())
    arguments = [[name, *row, e] for row, e in zip(rows.tolist(), eps.tolist(), strict=True)]
    at_z = [[name, p, mu + sigma * e] for (p, mu, sigma), e in zip(rows.tolist(), eps.tolist(), strict=True)]
    with_b = [[*row, b] for row, b in zip(arguments, baseline.tolist(), strict=True)]
    np.testing.assert_allclose(javascript("trick", "value", at_z), height, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(javascript("trick", "slope", at_z), path, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(javascript("trick", "pathwiseGradient", arguments), path, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(javascript("trick", "scoreFunctionGradient", with_b), score, rtol=1e-10, atol=1e-10)


def test_the_distribution_function_is_torchs():
    r = np.concatenate([np.random.default_rng(3).uniform(-9, 9, COUNT), [-40, -9, 0, 9, 40]])
    truth = torch.special.ndtr(torch.from_numpy(r))
    np.testing.assert_allclose(javascript("base/normal", "normalCdf", r[:, None].tolist()), truth, atol=1e-14)


def test_what_a_setting_shows_follows_from_the_draws():
    eps = draws()
    state = {"choice": "wave", "mu": 0.3, "sigma": 0.8, "c": 7, "omega": 4, "baseline": "none"}
    shown = javascript("trick", "derived", [[state, eps.tolist()]])[0]["ways"]

    def f(z):
        return FUNCTIONS["wave"](z, 4)

    for way, estimator in zip(shown, [pathwise_gradient, score_function_gradient], strict=True):
        values, _ = estimator(f, 0.3, 0.8, eps)
        np.testing.assert_allclose(way["values"], values, rtol=1e-12)
        assert way["shown"] == pytest.approx(values.mean().item(), rel=1e-12)

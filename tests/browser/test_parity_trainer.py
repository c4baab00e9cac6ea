"""The trainer's functions give what torch and vae_lib give, in float64, on a thousand random inputs each."""

import mpmath
import numpy as np
import pytest
import torch
from node import javascript
from torch.distributions import Normal
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from vae_lib.exact.likelihood import expected_elbo, kl_to_posterior, log_likelihood
from vae_lib.figures.trainer.figure import HIDDEN, datasets
from vae_lib.model import VAE
from vae_lib.networks import GaussianDecoder, GaussianEncoder
from vae_lib.objectives import elbo, elbo_terms

COUNT, TOL = 1000, 1e-10


def randn(*shape: int, seed: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def small_vae() -> VAE:
    return VAE(GaussianEncoder(2, 1, HIDDEN), GaussianDecoder(1, 2, HIDDEN), 1).double()


@pytest.fixture(scope="module")
def model():
    return small_vae()


@pytest.fixture(scope="module")
def params(model):
    """A thousand random settings of all parameters, `[1000, 149]`, the weights of a size that training leaves."""
    return 0.7 * randn(COUNT, parameters_to_vector(model.parameters()).numel(), seed=0)


def filled(model: VAE, row: torch.Tensor) -> VAE:
    vector_to_parameters(row, model.parameters())
    return model


def each_with(params: torch.Tensor, points: torch.Tensor) -> list[list]:
    """The arguments of a function of the parameters and of the coordinates of one point."""
    return [[row, *point] for row, point in zip(params.tolist(), points.tolist(), strict=True)]


def with_noise(monkeypatch, eps: torch.Tensor) -> None:
    """Let `rsample` take this ε."""
    monkeypatch.setattr("torch.distributions.normal._standard_normal", lambda shape, **_: eps.reshape(shape))


def test_both_networks_and_the_kl(model, params):
    x, z = randn(COUNT, 2, seed=1), randn(COUNT, 1, seed=2)
    networks = javascript("trainer/formulas", "networks", [[row] for row in params.tolist()])
    coded = [[each["encoder"], point] for each, point in zip(networks, x.tolist(), strict=True)]
    encoded = javascript("base/small-vae", "network", coded)
    decoded = javascript(
        "base/small-vae",
        "network",
        [[each["decoder"], point] for each, point in zip(networks, z.tolist(), strict=True)],
    )
    codes = javascript("base/small-vae", "encode", coded)
    kls = javascript("base/small-vae", "kl", [[code["mu"], code["sigma"]] for code in codes])
    with torch.no_grad():
        for k, row in enumerate(params):
            filled(model, row)
            np.testing.assert_allclose(encoded[k], model.encoder.net(x[k]), atol=TOL)
            np.testing.assert_allclose(decoded[k], model.decoder(z[k]).mean, atol=TOL)
            np.testing.assert_allclose(kls[k], elbo_terms(model, x[k : k + 1])[1][0], rtol=TOL, atol=TOL)


def test_the_loss_its_terms_and_its_gradient(model, params, monkeypatch):
    x, eps, beta = randn(COUNT, 4, 2, seed=3), randn(COUNT, 4, seed=4), randn(COUNT, seed=5).exp()
    inputs = zip(params, x.flatten(1), eps, beta, strict=True)
    found = javascript("trainer/formulas", "lossAndGradient", [[part.tolist() for part in each] for each in inputs])
    for k, row in enumerate(params):
        with_noise(monkeypatch, eps[k])
        filled(model, row).zero_grad()
        loss = -elbo(model, x[k], beta=beta[k].item()).mean()
        loss.backward()
        gradient = torch.cat([parameter.grad.flatten() for parameter in model.parameters()])
        np.testing.assert_allclose(found[k]["loss"], loss.item(), rtol=TOL)
        np.testing.assert_allclose(found[k]["gradient"], gradient, rtol=TOL, atol=TOL * gradient.abs().max().item())
        reconstruction, kl = elbo_terms(model, x[k])
        np.testing.assert_allclose(found[k]["reconstruction"], reconstruction.mean().item(), rtol=TOL)
        np.testing.assert_allclose(found[k]["kl"], kl.mean().item(), rtol=TOL)


def test_a_step_of_adam_from_any_state():
    start, m, v, gradient = randn(COUNT, 4, 3, seed=6).unbind(1)
    v, lr = v.square(), 0.1 * randn(COUNT, seed=7).square()
    t = torch.arange(COUNT) % 50
    states = [
        dict(zip(("params", "m", "v", "t"), (part.tolist() for part in each), strict=True))
        for each in zip(start, m, v, t, strict=True)
    ]
    arguments = zip(states, gradient.tolist(), lr.tolist(), strict=True)
    found = [state["params"] for state in javascript("trainer/formulas", "adam", [list(each) for each in arguments])]
    for k in range(COUNT):
        parameter = torch.nn.Parameter(start[k].clone())
        parameter.grad = gradient[k].clone()
        optimizer = torch.optim.Adam([parameter], lr=lr[k].item())
        optimizer.state[parameter] = {"step": t[k].float(), "exp_avg": m[k].clone(), "exp_avg_sq": v[k].clone()}
        optimizer.step()
        np.testing.assert_allclose(found[k], parameter.detach(), rtol=TOL, atol=TOL)


def test_a_whole_training_with_the_same_noise(monkeypatch):
    x, noises = datasets()["arc"], randn(200, 128, seed=8)
    torch.manual_seed(0)
    model = small_vae()
    start = parameters_to_vector(model.parameters()).tolist()
    state = {"params": start, "m": [0] * len(start), "v": [0] * len(start), "t": 0}
    (found,) = javascript("trainer/formulas", "train", [[state, x.flatten().tolist(), noises.tolist(), 0.01, 0.5]])
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for eps in noises:
        with_noise(monkeypatch, eps)
        optimizer.zero_grad()
        (-elbo(model, x, beta=0.5).mean()).backward()
        optimizer.step()
    trained = parameters_to_vector(model.parameters()).detach()
    assert found["t"] == 200
    assert (trained - torch.tensor(start)).abs().max() > 0.3
    np.testing.assert_allclose(found["params"], trained, atol=TOL)


def gauss_legendre(breaks: np.ndarray, points: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of a Gauss–Legendre rule on each interval between sorted `breaks`."""
    nodes, weights = np.polynomial.legendre.leggauss(points)
    centre, half = (breaks[1:] + breaks[:-1]) / 2, (breaks[1:] - breaks[:-1]) / 2
    return (centre[:, None] + half[:, None] * nodes).ravel(), (half[:, None] * weights).ravel()


@pytest.fixture(scope="module")
def exact(params):
    """The trainer's terms of a thousand random x, one for each setting of the parameters, and these x."""
    x = 2 * randn(COUNT, 2, seed=9)
    return x, javascript("trainer/exact", "termsOf", each_with(params, x))


@torch.no_grad()
def test_the_exact_terms_are_those_of_a_quadrature_that_knows_no_closed_form(model, params, exact):
    x, found = exact
    even = np.linspace(-14, 14, 841)
    for k, row in enumerate(params):
        filled(model, row)
        weight, bias = (parameter.numpy().ravel() for parameter in list(model.decoder.net[0].parameters()))
        kinks = -bias / weight
        nodes, weights = gauss_legendre(np.sort(np.concatenate([even, kinks[abs(kinks) < 14]])))
        z, weights = torch.tensor(nodes)[:, None], torch.tensor(weights)
        log_px_z = model.decoder(z).log_prob(x[k])
        log_px = torch.logsumexp(log_px_z + model.prior.log_prob(z) + weights.log(), 0)
        np.testing.assert_allclose(found[k]["logEvidence"], log_px.item(), rtol=TOL, atol=TOL)
        q = model.encoder(x[k])
        eps_nodes, eps_weights = gauss_legendre(np.sort(np.concatenate([even, q_kinks(kinks, q)])))
        eps = torch.tensor(eps_nodes)
        log_px_z = model.decoder(q.mean + q.stddev * eps[:, None]).log_prob(x[k])
        mean = (torch.tensor(eps_weights) * Normal(0.0, 1.0).log_prob(eps).exp()) @ log_px_z
        np.testing.assert_allclose(found[k]["reconstruction"], mean.item(), rtol=TOL, atol=TOL)


def q_kinks(kinks: np.ndarray, q) -> np.ndarray:
    """The kinks as values of ε, those within reach."""
    standard = (kinks - q.mean.item()) / q.stddev.item()
    return standard[abs(standard) < 14]


def test_the_exact_terms_are_those_of_the_library(model, params, exact):
    x, found = exact
    for k in range(8):
        filled(model, params[k])
        point = x[k : k + 1]
        np.testing.assert_allclose(found[k]["logEvidence"], log_likelihood(model, point, tol=1e-8)[0], atol=1e-7)
        np.testing.assert_allclose(found[k]["elbo"], expected_elbo(model, point, tol=1e-8)[0], atol=1e-7)
        np.testing.assert_allclose(found[k]["gap"], kl_to_posterior(model, point, tol=1e-8)[0], atol=1e-7)


@torch.no_grad()
def test_the_best_without_a_latent_and_the_second_moment(model, params):
    x = randn(COUNT, 5, 2, seed=10)
    floors = javascript("trainer/exact", "withoutLatent", [[rows.flatten().tolist()] for rows in x])
    variance = (x - x.mean(1, keepdim=True)).square().mean((1, 2))
    expected = Normal(x.mean(1, keepdim=True), variance.sqrt()[:, None, None]).log_prob(x).sum(2).mean(1)
    np.testing.assert_allclose(floors, expected, rtol=TOL)
    networks = javascript("trainer/formulas", "networks", [[row] for row in params.tolist()])
    inputs = zip([each["encoder"] for each in networks], x.flatten(1).tolist(), strict=True)
    codes = javascript("trainer/formulas", "codesOf", [list(each) for each in inputs])
    moments = javascript("trainer/exact", "secondMoment", [[each] for each in codes])
    for k, row in enumerate(params):
        q = filled(model, row).encoder(x[k])
        np.testing.assert_allclose(moments[k], (q.mean.square() + q.variance).mean().item(), rtol=TOL)


def test_the_logarithm_of_a_mass_near_and_far():
    ends = (6 * randn(COUNT, 2, seed=11)).sort(dim=1).values.tolist()
    found = javascript("trainer/exact", "logMass", ends)
    with mpmath.workdps(60):
        expected = [float(mpmath.log(mpmath.ncdf(b) - mpmath.ncdf(a))) for a, b in ends]
    np.testing.assert_allclose(found, expected, rtol=TOL, atol=TOL)

"""The water level's functions give what vae_lib.exact and torch give, in float64, on random inputs."""

import numpy as np
import pytest
import torch
from node import javascript
from sklearn.decomposition import PCA

from vae_lib.data import digits
from vae_lib.exact.landscape import linear_elbo, linear_terms
from vae_lib.exact.rate_distortion import linear_optimum, rate_of_distortion
from vae_lib.figures.water.figure import eigenvalues

COUNT, TOL = 300, 1e-10
DIRECTIONS, LATENTS = 9, 4


def rand(*shape: int, seed: int) -> torch.Tensor:
    return torch.rand(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def settings() -> list[dict]:
    """Random σ_x² and β between 1/20 and 1, and numbers of latents, some below the number above the water."""
    variance, beta = (0.05 ** rand(2, COUNT, seed=0)).tolist()
    latents = (1 + (DIRECTIONS * rand(COUNT, seed=1)).long()).tolist()
    names = ("variance", "beta", "latents")
    return [dict(zip(names, each, strict=True)) for each in zip(variance, beta, latents, strict=True)]


@pytest.fixture(scope="module")
def lambdas() -> torch.Tensor:
    return rand(COUNT, DIRECTIONS, seed=2).pow(2).sort(dim=1, descending=True).values


def test_the_eigenvalues_are_those_of_the_librarys_digits():
    x = digits()[0].double().numpy() / 16
    expected = PCA().fit(x).explained_variance_ * (len(x) - 1) / len(x)
    np.testing.assert_allclose(eigenvalues(), expected, atol=1e-7)


def test_the_optimum(settings, lambdas):
    arguments = [list(each) for each in zip(lambdas.tolist(), settings, strict=True)]
    for found, row, now in zip(javascript("water", "optimum", arguments), lambdas, settings, strict=True):
        expected = linear_optimum(row, now["latents"], now["variance"], beta=now["beta"])
        assert found["used"] == expected.used
        for name in ("rate", "distortion", "elbo"):
            assert found[name] == pytest.approx(getattr(expected, name), rel=TOL, abs=TOL)


def test_shannons_curve(lambdas):
    levels = [0.01, 0.1, 0.3, 0.9]
    for row, curve in zip(
        lambdas, javascript("water", "shannon", [[r.tolist(), levels] for r in lambdas]), strict=True
    ):
        distortion = torch.tensor([point["distortion"] for point in curve], dtype=torch.float64)
        rates = [point["rate"] for point in curve]
        np.testing.assert_allclose(rates, rate_of_distortion(row, distortion), rtol=1e-8, atol=1e-8)


@pytest.fixture(scope="module")
def params() -> torch.Tensor:
    """W, Vᵀ and log σ² of random linear VAEs, flat, `[COUNT, 2 · directions · latents + latents]`."""
    return rand(COUNT, (2 * DIRECTIONS + 1) * LATENTS, seed=3) - 0.5


def parts(row: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The weight `[directions, latents]`, the encoder `[latents, directions]` and log σ² of flat parameters."""
    weight, encoder, log_var = row.split([DIRECTIONS * LATENTS, DIRECTIONS * LATENTS, LATENTS])
    return weight.view(DIRECTIONS, LATENTS), encoder.view(DIRECTIONS, LATENTS).T, log_var


def test_the_loss_its_terms_and_its_gradient(settings, lambdas, params):
    inputs = zip(params.tolist(), lambdas.tolist(), settings, strict=True)
    found = javascript("water/training", "lossAndGradient", [list(each) for each in inputs])
    for one, row, spectrum, now in zip(found, params, lambdas, settings, strict=True):
        leaf = row.clone().requires_grad_()
        objective = linear_elbo(spectrum.diag(), *parts(leaf), now["variance"], beta=now["beta"])
        objective.backward()
        constant = 0.5 * DIRECTIONS * np.log(2 * np.pi * now["variance"])
        assert one["loss"] + constant == pytest.approx(-objective.item(), rel=TOL)
        np.testing.assert_allclose(one["gradient"], -leaf.grad, rtol=TOL, atol=TOL * leaf.grad.abs().max().item())
        kl, distortion = linear_terms(spectrum.diag(), *parts(row))
        np.testing.assert_allclose(one["kl"], kl, rtol=TOL)
        assert one["distortion"] == pytest.approx(distortion.item(), rel=TOL)


def test_in_the_basis_of_the_eigenvectors_the_gradient_is_that_of_pixels_turned(lambdas, params):
    turn = torch.linalg.qr(rand(DIRECTIONS, DIRECTIONS, seed=4)).Q
    spectrum, (weight, encoder, log_var) = lambdas[0], parts(params[0])
    covariance = turn @ spectrum.diag() @ turn.T
    turned = [part.detach().requires_grad_() for part in (turn @ weight, encoder @ turn.T, log_var)]
    linear_elbo(covariance, *turned, 0.3).backward()
    (found,) = javascript(
        "water/training",
        "lossAndGradient",
        [[params[0].tolist(), spectrum.tolist(), {"variance": 0.3, "beta": 1}]],
    )
    by_weight, by_encoder, by_log_var = parts(-torch.tensor(found["gradient"], dtype=torch.float64))
    torch.testing.assert_close(turned[0].grad, turn @ by_weight)
    torch.testing.assert_close(turned[1].grad, by_encoder @ turn.T)
    torch.testing.assert_close(turned[2].grad, by_log_var)


def test_a_step_of_training_from_any_state(settings, lambdas, params):
    m, v = 0.1 * rand(COUNT, params.shape[1], seed=5) - 0.05, 0.01 * rand(COUNT, params.shape[1], seed=6)
    steps = (799 * rand(COUNT, seed=7)).long()
    names = ("params", "m", "v", "t")
    states = [
        dict(zip(names, (part.tolist() for part in each), strict=True))
        for each in zip(params, m, v, steps, strict=True)
    ]
    arguments = [list(each) for each in zip(states, lambdas.tolist(), settings, strict=True)]
    found = javascript("water/training", "train", arguments)
    for k, (one, now) in enumerate(zip(found, settings, strict=True)):
        parameter = torch.nn.Parameter(params[k].clone())
        (-linear_elbo(lambdas[k].diag(), *parts(parameter), now["variance"], beta=now["beta"])).backward()
        lr = 0.05 * min(1, 2 - 2 * steps[k].item() / 800)
        optimizer = torch.optim.Adam([parameter], lr=lr, betas=(0.9, 0.95))
        optimizer.state[parameter] = {"step": steps[k].float(), "exp_avg": m[k].clone(), "exp_avg_sq": v[k].clone()}
        optimizer.step()
        np.testing.assert_allclose(one["params"], parameter.detach(), rtol=TOL, atol=TOL)
        assert one["t"] == steps[k] + 1

"""The explorables' pure functions give what Python gives, on a thousand random inputs each; node evaluates them."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from node import javascript
from scipy import integrate, stats
from torch.distributions import Normal, kl_divergence

# The bound: x = 2, p(x|z) = N(|z|, ½²)


@pytest.fixture(scope="module")
def settings():
    rng = np.random.default_rng(0)
    return np.stack([rng.uniform(-2.5, 2.5, 1000), rng.uniform(0.1, 1.6, 1000)], axis=1)


def log_joint(z):
    return stats.norm.logpdf(2, abs(z), 0.5) + stats.norm.logpdf(z)


def average(f, mu, sigma):
    """E_q[f(z)] by adaptive quadrature, cut at the bend."""
    bend = sorted({mu - 12 * sigma, min(max(0.0, mu - 12 * sigma), mu + 12 * sigma), mu + 12 * sigma})
    options = {"epsabs": 1e-13, "epsrel": 1e-13, "limit": 200}
    pieces = [
        integrate.quad(lambda z: stats.norm.pdf(z, mu, sigma) * f(z), *ends, **options)[0] for ends in pairwise(bend)
    ]
    return sum(pieces)


def test_the_evidence_is_the_integral_of_the_joint():
    halves = [integrate.quad(lambda z: math.exp(log_joint(z)), *ends, epsabs=1e-14)[0] for ends in [(-12, 0), (0, 12)]]
    assert javascript("bound", "logEvidence", [[]])[0] == pytest.approx(math.log(sum(halves)), abs=1e-10)


def test_the_parts_of_the_kl_add_up_to_torchs(settings):
    mu, sigma = torch.tensor(settings).T
    expected = kl_divergence(Normal(mu, sigma), Normal(torch.zeros_like(mu), torch.ones_like(mu)))
    parts = np.array(javascript("bound", "klParts", settings.tolist()))
    np.testing.assert_allclose(parts.sum(1), expected, atol=1e-10)
    np.testing.assert_allclose(parts[:, 0], mu**2 / 2, atol=1e-10)


def test_the_reconstruction_and_the_gap_are_those_of_quadrature(settings):
    some = settings[:100]  # adaptive quadrature takes its time; the identity below covers all
    reconstruction = [average(lambda z: stats.norm.logpdf(2, abs(z), 0.5), *setting) for setting in some]
    np.testing.assert_allclose(javascript("bound", "reconstruction", some.tolist()), reconstruction, atol=1e-10)
    log_px = javascript("bound", "logEvidence", [[]])[0]
    gap = [
        average(lambda z, m=mu, s=sigma: stats.norm.logpdf(z, m, s) - log_joint(z) + log_px, mu, sigma)
        for mu, sigma in some
    ]
    np.testing.assert_allclose(javascript("bound", "gap", some.tolist()), gap, atol=1e-9)


def test_reconstruction_less_kl_plus_gap_is_the_evidence_at_all_of_them(settings):
    terms = [np.array(javascript("bound", name, settings.tolist())) for name in ("reconstruction", "klParts", "gap")]
    total = terms[0] - terms[1].sum(1) + terms[2]
    np.testing.assert_allclose(total, javascript("bound", "logEvidence", [[]])[0], atol=1e-9)

"""The quick reference computes what it prints: each row's code is run against an oracle that does not use it."""

import math
import re
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from scipy.stats import betabinom, norm
from torch.distributions import Bernoulli, MultivariateNormal, Normal, kl_divergence

from vae_lib import chains, distributions, estimators, evaluation, gradients, objectives, sequences
from vae_lib.data import digits
from vae_lib.diagnose.reductions import implied
from vae_lib.discrete import BernoulliEncoder, DiscreteVAE
from vae_lib.exact import likelihood, rate_distortion
from vae_lib.exact.linear_gaussian import LinearGaussianVAE
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianEncoder
from vae_lib.sequences import MarkovDecoder, to_symbols
from vae_lib.shipped.weights import asset

PAGE = (Path(__file__).parents[2] / "book/quick_reference.md").read_text()
TABLE = PAGE.split("## Formulas")[1].split("**Reductions.**")[0]
CELL = re.compile(r"(?<!\\)\|")
ROWS = [[cell.strip() for cell in CELL.split(line)[1:-1]] for line in TABLE.splitlines() if line.startswith("| ")][2:]
QUANTITY = re.compile(r"(.*?)(?:, \$\\ge 0\$)?(?:, (?:higher|lower) is better)? \[\(\d+\.\d+\)\]")
NAMES = [QUANTITY.match(row[0])[1] for row in ROWS]
CODE = {name: row[1].split(" → ")[0].strip("`") for name, row in zip(NAMES, ROWS, strict=True)}
SHAPES = {name: row[1].split(" → ")[1].strip("`") for name, row in zip(NAMES, ROWS, strict=True)}
BATCH, DATA, LATENT, K = 5, 64, 2, 1000
STRINGS = ["ab", "b", "", "abba", "aab"]


@pytest.fixture(scope="module")
def names() -> dict:
    """What the page's code may use: the referee at its optimum, five digits, and the library's functions."""
    x_all = digits()[0].double() / 16
    model = LinearGaussianVAE.from_pca(x_all, LATENT)
    x = x_all[:BATCH]
    qz_x = model.encoder(x)
    z = qz_x.mean
    logits = model.decoder(z).mean
    own = {"model": model, "x": x, "mu": qz_x.mean, "log_var": qz_x.variance.log(), "sigma": qz_x.stddev, "f": logits}
    own |= {"noise_std": model.noise_std, "logits": logits, "eps": torch.randn(200_000, dtype=torch.double), "K": K}
    own |= {"f_of_z": torch.sin, "nats": 89.0, "data_dim": DATA, "torch": torch, "math": math, "a": 1 / DATA, "b": 1.0}
    own |= {"Sigma": torch.tensor([[1.0, 0.6], [0.6, 0.5]], dtype=torch.double), "counts": 16 * x}
    own |= {"log_s": torch.tensor(0.7, dtype=torch.double), "x_train": (x_all > 0.5).double()}
    own |= {"eigenvalues": torch.linalg.eigvalsh(torch.cov(x_all.T, correction=0)), "d": 16, "noise_var": 0.2}
    own |= {"z": z + 0.3, "diagonal": 1 + qz_x.variance, "below": qz_x.mean[:, :1]}
    torch.manual_seed(2)
    own["die_vae"] = DiscreteVAE(BernoulliEncoder(DATA, LATENT, ()), BernoulliDecoder(LATENT, DATA, ())).double()
    own["noise"] = torch.randn(K, BATCH, LATENT, dtype=torch.double)
    own["string_decoder"] = MarkovDecoder(LATENT, 3, 6, 4).double()
    own["strings"] = to_symbols(STRINGS, "ab", num_steps=6)
    own["log_p"] = torch.tensor([-1.0, -2.5, -4.0, -0.5, -6.0], dtype=torch.double)
    library, more = {}, (likelihood, objectives, rate_distortion, sequences)
    for module in (chains, distributions, estimators, evaluation, gradients, *more):
        library |= vars(module)
    return library | own


def value(names: dict, quantity: str):
    torch.manual_seed(0)
    return eval(CODE[quantity], names | ({"x": (names["x"] > 0.5).double()} if "black" in quantity else {}))


def near(actual, expected, tolerance=1e-9):
    actual, expected = (torch.as_tensor(v, dtype=torch.double).detach() for v in (actual, expected))
    torch.testing.assert_close(actual, expected, rtol=0, atol=tolerance)


def kl_by_torch(names):
    prior = Normal(torch.zeros_like(names["mu"]), 1.0)
    return kl_divergence(Normal(names["mu"], names["sigma"]), prior).sum(-1)


def gap_in_closed_form(names):
    """No gap: at this optimum the posterior is diagonal, and q is it."""
    return torch.zeros(BATCH)


def reconstruction_over_draws(names, num: int = 20_000):
    """log p(x|z), averaged over draws of z that nobody but this test makes."""
    model, generator = names["model"], torch.Generator().manual_seed(1)
    eps = torch.randn(num, 1, LATENT, generator=generator, dtype=torch.double)
    z = names["mu"] + names["sigma"] * eps
    squared = (names["x"] - model.decoder(z).mean).square().sum(-1).mean(0)
    return -squared / (2 * names["noise_std"] ** 2) - DATA / 2 * torch.log(2 * math.pi * names["noise_std"] ** 2)


def counts_by_scipy(names):
    mean, s = names["logits"].sigmoid().detach(), math.exp(0.7)
    return torch.from_numpy(betabinom.logpmf(names["counts"], 16, s * mean, s * (1 - mean))).sum(-1)


def bins_by_scipy(names):
    mean, noise_std, x = (16 * names[name].detach().numpy() for name in ("f", "noise_std", "x"))
    near_tail = -abs(x - mean)  # a bin right of the mean is as probable as its mirror image
    bins = norm.cdf(near_tail + 0.5, 0, noise_std) - norm.cdf(near_tail - 0.5, 0, noise_std)
    return torch.from_numpy(bins).log().sum(-1)


def exact_log_likelihood(names):
    return MultivariateNormal(names["model"].mean.detach(), covariance(names["model"])).log_prob(names["x"])


def implied_noise_var():
    return implied(0.39, "gaussian", reconstruction="mean", data_dim=DATA, latent_dim=8, batch_size=128).noise_var


def independent_pixels(names):
    black, num = names["x_train"].sum(0), len(names["x_train"])
    log_p, log_not_p = ((1 + black) / (2 + num)).log(), ((1 + num - black) / (2 + num)).log()
    return torch.where(names["x"] > 0.5, log_p, log_not_p).sum(-1)


def living_latents():
    """By singular values of the centred digits."""
    x = digits()[0].double() / 16
    return (torch.linalg.svdvals(x - x.mean(0)) > math.sqrt(0.2 * len(x))).sum()


def information_on_a_grid(names):
    """I(x; z) of the five digits, by a sum over a plane of z."""
    side = torch.linspace(-8, 8, 401, dtype=torch.double)
    z = torch.cartesian_prod(side, side)[:, None]  # [points, 1, latent]
    log_q = Normal(names["mu"], names["sigma"]).log_prob(z).sum(-1).detach()
    told = log_q - log_q.logsumexp(1, keepdim=True) + math.log(BATCH)
    return (log_q.exp() * told).sum(0).mean() * (side[1] - side[0]) ** 2


def dense_log_prob(names):
    factor = torch.diag_embed(names["diagonal"]) + torch.diag_embed(names["below"], -1)
    return MultivariateNormal(names["mu"], precision_matrix=factor @ factor.mT).log_prob(names["z"])


def letter_by_letter(names):
    """Each from the one before; 0 is before the first letter and after the last."""
    rows = []
    for table, string in zip(names["string_decoder"].table(names["z"]), STRINGS, strict=True):
        symbols = [0, *("-ab".index(letter) for letter in string), 0]
        rows.append(sum(table[a, b] for a, b in pairwise(symbols)))
    return torch.stack(rows)


# quantity → what its code must give, and how near
def elbo_over_codes(names):
    """Of two coins, code by code."""
    model, x = names["die_vae"], (names["x"] > 0.5).double()
    q, total = model.encoder(x).mean, 0.0
    for code in ([0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]):
        z = torch.tensor(code, dtype=torch.double)
        chance = torch.where(z == 1, q, 1 - q).prod(-1)
        log_px_z = Bernoulli(probs=model.decoder(z).mean).log_prob(x).sum(-1)
        total = total + chance * (log_px_z + LATENT * math.log(0.5) - chance.log())
    return total


ORACLES = {
    "standard deviation": lambda names: (names["sigma"], 1e-12),
    "$\\log p(x \\mid z)$, black and white": lambda names: (
        Bernoulli(probs=names["logits"].sigmoid()).log_prob((names["x"] > 0.5).double()).sum(-1),
        1e-9,
    ),
    "$\\log p(x \\mid z)$, real values": lambda names: (
        Normal(names["f"], names["noise_std"]).log_prob(names["x"]).sum(-1),
        1e-9,
    ),
    "KL": lambda names: (kl_by_torch(names), 1e-9),
    "gap": lambda names: (gap_in_closed_form(names), 1e-4),
    "gradient through $z$": lambda names: (math.cos(0.5) * math.exp(-0.5), 5 * 0.7 / math.sqrt(200_000)),
    "gradient by the score": lambda names: (math.cos(0.5) * math.exp(-0.5), 5 / math.sqrt(200_000)),
    "$\\log p(x \\mid z)$, counts": lambda names: (counts_by_scipy(names), 1e-8),
    "$\\log P(x \\mid z)$, counts in a Gaussian's bins": lambda names: (bins_by_scipy(names), 1e-6),
    "log weights": lambda names: (exact_log_likelihood(names).expand(K, BATCH), 1e-6),  # q is the posterior
    "a loss $a\\lVert x - f \\rVert^2 + b\\,\\mathrm{KL}$": lambda names: (implied_noise_var(), 1e-12),
    "no latents, black and white": lambda names: (independent_pixels(names), 1e-9),
    "bits per dimension": lambda names: (89.0 / 64 / math.log(2), 1e-12),
    "active latents": lambda names: (torch.ones(LATENT), 0),
    "gradient through a die, black and white": lambda names: (elbo_over_codes(names), 0.5),  # 1,000 draws
    "soft coin at temperature $\\tau$": lambda names: (
        1 / (1 + torch.exp(-2 * (names["die_vae"].encoder.net(names["x"]) + names["noise"]))),
        1e-12,
    ),
    "$\\log q(z)$ with neighbours": lambda names: (dense_log_prob(names), 1e-9),
    "$\\log p(x \\mid z)$ of a string": lambda names: (letter_by_letter(names), 1e-12),
    "perplexity": lambda names: (math.exp(14 / (10 + 5)), 1e-12),  # ten letters and five ends
    "living latents of a linear VAE": lambda names: (living_latents(), 0),
    "what $z$ tells, at most $\\log N$": lambda names: (information_on_a_grid(names), 0.2),  # 50 draws
}


def test_every_row_is_in_one_of_the_tests_below():
    estimates = {
        "$q(z \\mid x)$",
        "a draw of $z$",
        "a draw, full $\\Sigma$",
        "ELBO, one draw",
        "loss $J$",
        "$L_K$, $K$ draws",
        "$\\beta$-objective",
        "new $x$",
    }
    assert CODE.keys() == ORACLES.keys() | estimates


@pytest.mark.parametrize("quantity", ORACLES)
def test_the_code_gives_what_the_formula_says(names, quantity):
    expected, tolerance = ORACLES[quantity](names)
    near(value(names, quantity), expected, tolerance)


def test_q_is_the_posterior_of_the_referee(names):
    q, posterior = value(names, "$q(z \\mid x)$"), names["model"].posterior(names["x"])
    near(q.mean, posterior.mean)
    near(q.variance, posterior.variance)


def test_a_draw_has_the_mean_and_the_deviation_that_it_should(names):
    draws = torch.stack([eval(CODE["a draw of $z$"], names) for _ in range(5000)])
    largest = names["sigma"].max().item()
    near(draws.mean(0), names["mu"], 5 * largest / math.sqrt(5000))
    near(draws.std(0), names["sigma"], 5 * largest / math.sqrt(2 * 5000))


def test_a_draw_with_a_full_covariance_has_it(names):
    rows = names | {"mu": torch.zeros(200_000, LATENT, dtype=torch.double)}
    near(torch.cov(value(rows, "a draw, full $\\Sigma$").T), names["Sigma"], 6 * math.sqrt(2 / 200_000))


@pytest.mark.parametrize(("quantity", "beta"), [("ELBO, one draw", 1), ("$\\beta$-objective", 4)])
def test_one_draw_is_right_on_average(names, quantity, beta):
    draws = torch.stack([eval(CODE[quantity], names) for _ in range(5000)]).detach()
    expected = reconstruction_over_draws(names) - beta * kl_by_torch(names)
    near(draws.mean(0), expected, (6 * draws.std(0).max() / math.sqrt(5000)).item())


def test_the_loss_is_minus_the_mean_of_the_elbo(names):
    torch.manual_seed(0)
    elbos = objectives.elbo(names["model"], names["x"])
    near(value(names, "loss $J$"), -elbos.sum() / BATCH)


def covariance(model) -> torch.Tensor:
    """Of x, z integrated out by hand: W Wᵀ + σ_x² I."""
    return (model.weight @ model.weight.T + model.noise_std**2 * torch.eye(DATA, dtype=torch.double)).detach()


def test_many_draws_reach_log_p_of_x(names):
    near(value(names, "$L_K$, $K$ draws"), exact_log_likelihood(names), 1e-6)  # at the optimum no weight varies


def test_the_gradient_through_a_die_is_that_of_the_sum_over_its_codes(names):
    bias = names["die_vae"].encoder.net[-1].bias
    (exact,) = torch.autograd.grad(elbo_over_codes(names).sum(), bias)
    found = value(names, "gradient through a die, black and white")
    (guessed,) = torch.autograd.grad(found.sum(), bias)
    near(guessed, exact, 0.1 * exact.abs().max().item())


def test_new_x_are_as_spread_out_as_the_referee_says(names):
    samples = eval(CODE["new $x$"].replace("16", "20_000"), names)
    variances = covariance(names["model"]).diagonal()
    largest = variances.max().item()
    near(samples.mean(0), names["model"].mean, 6 * math.sqrt(largest / 20_000))
    near(samples.var(0), variances, 6 * largest * math.sqrt(2 / 20_000))


@pytest.mark.parametrize("quantity", CODE)
def test_the_shape_is_as_printed(names, quantity):
    sizes = {"K": K, "batch": BATCH, "latent": LATENT, "data": DATA, "16": 16}
    expected = () if SHAPES[quantity] == "scalar" else tuple(sizes[name] for name in SHAPES[quantity][1:-1].split(", "))
    result = value(names, quantity)
    shape = result.batch_shape + result.event_shape if hasattr(result, "event_shape") else torch.as_tensor(result).shape
    assert tuple(shape) == expected


def test_zero_weights_cost_what_the_page_says():
    for data_dim, printed in ((64, "44.36"), (784, "543.43")):
        model = VAE(GaussianEncoder(data_dim, 3, 4), BernoulliDecoder(3, data_dim, 4), 3)
        for parameter in model.parameters():
            parameter.data.zero_()
        x = torch.bernoulli(torch.full((4, data_dim), 0.3))
        reconstruction, kl = objectives.elbo_terms(model, x)
        near(kl, torch.zeros(4))
        assert f"{-reconstruction.mean():.2f}" == f"{data_dim * math.log(2):.2f}" == printed
        assert printed in PAGE


def test_means_are_the_betas_that_the_page_says(names):
    reconstruction, kl = objectives.elbo_terms(names["model"], names["x"])
    near((reconstruction / DATA - kl) * DATA, reconstruction - DATA * kl, 1e-9)
    near(reconstruction - kl / LATENT, reconstruction - (1 / LATENT) * kl, 1e-9)
    assert r"$\beta = D$" in PAGE
    assert r"$\beta = 1/d$" in PAGE


def test_the_yardsticks_of_mnist_are_those_of_the_record():
    page = " ".join(PAGE.split())
    for name, words in (("static", "black from 128"), ("dynamic", "black by chance")):
        record = asset("mnist_yardsticks.json")[name]
        untrained, *trained = torch.tensor(record["test"]).mean(0).tolist()
        assert f"On MNIST it is {record['independent pixels']:.0f} nats" in page
        assert f"about {round(untrained, -1):.0f} untrained" in page
        assert f"{trained[0]:.0f}, {trained[1]:.0f} and {trained[2]:.0f} ({words})" in page

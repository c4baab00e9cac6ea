"""A reader's VAE gives the numbers that its raw model gives by hand; what does not fit is said in one sentence.

By hand is without distributions, adapter and library: the formulas of the pixels, the draws of torch.randn, loops.
"""

import copy
import functools
import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import NamedTuple

import pytest
import torch
from torch import Tensor, nn
from torch.distributions import Bernoulli, Categorical, Independent, LogNormal, MultivariateNormal, Normal, Poisson
from torch.nn.functional import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    log_softmax,
    mse_loss,
    softplus,
)

from readers import CONV, READERS, Conv, Homework, InDistributions, Reader, black, grey, images
from vae_lib.adapter import adapt
from vae_lib.data import digits
from vae_lib.distributions import bernoulli, binomial
from vae_lib.evaluation import active_units, kl_per_dimension
from vae_lib.exact import expected_elbo, log_likelihood, posterior_on_grid
from vae_lib.exact.likelihood import kl_to_posterior
from vae_lib.model import VAE
from vae_lib.objectives import elbo, importance_weighted_bound
from vae_lib.saving import load_weights, save_weights
from vae_lib.training import fit

# More readers, each for a kind of its own


class Squeezed(Homework):
    """One latent and a batch of one lose their axes."""

    def encode(self, x):
        return [part.squeeze() for part in super().encode(x)]

    def decode(self, z):
        return super().decode(z.reshape(-1, 1)).squeeze()


class OfBytes(Homework):
    """Data of whole numbers, and a dtype in the code."""

    def encode(self, x):
        return super().encode(x.float() / 16)


class Rates(Homework):
    def encode(self, x):
        return super().encode(x.log1p())


class ColourNoise(Conv):
    """A σ_x for each of three colours."""

    def __init__(self):
        super().__init__(3, 8, 2)
        self.log_sigma_x = nn.Parameter(torch.tensor([-1.0, 0.0, 0.5]).view(3, 1, 1))

    def decoder_forward(self, z):
        return super().decoder_forward(z), self.log_sigma_x.exp()


class NoiseOfEach(Homework):
    """A σ_x for each image, of images."""

    def decode(self, z):
        return super().decode(z).view(-1, 1, 8, 8), z[:, :1].exp()


class InRows(Homework):
    """One full covariance over the pixels of a row."""

    def decode(self, z):
        return MultivariateNormal(super().decode(z), 0.5 * torch.eye(64, dtype=z.dtype))


class KeepsWhatItDid(Homework):
    def encode(self, x):
        self.mu, self.log_var = super().encode(x)
        return {"mu": self.mu, "log_var": self.log_var}


class Tokens(Homework):
    """Sentences of 8 words of 20."""

    def __init__(self):
        super().__init__(5, 16, 2)
        self.embedding, self.fc4 = nn.Embedding(20, 5), nn.Linear(16, 8 * 20)

    def encode(self, x):
        return super().encode(self.embedding(x).mean(1))

    def decode(self, z):
        return super().decode(z).view(-1, 8, 20)


def after_a_step(model: nn.Module) -> nn.Module:
    model.encode(black(digits()[0]))
    return model


def pair_of_layers() -> nn.ModuleDict:
    return nn.ModuleDict({"encoder": nn.Linear(64, 4), "decoder": nn.Linear(2, 64)})


def colours(counts: Tensor) -> Tensor:
    return torch.stack([counts, counts.flip(1), 16 - counts], 1).view(-1, 3, 8, 8) / 16


IN_DICT = {"encode": lambda model, x: [model.encode(x)[key] for key in ("mu", "log_var")]}
LAYERS = {"encode": lambda model, x: model["encoder"](x).chunk(2, -1), "decode": "decoder"}
MORE = {
    "squeezed": Reader(lambda: Squeezed(d=1), black, bernoulli),
    "bytes": Reader(OfBytes, Tensor.byte, lambda logits: binomial(16, logits)),
    "float64": Reader(lambda: Homework().double(), black, bernoulli),
    "rates": Reader(Rates, Tensor.float, lambda log_rate: Poisson(log_rate.exp())),
    "a σ_x for each colour": Reader(ColourNoise, colours, Normal, CONV),
    "a σ_x for each image": Reader(NoiseOfEach, lambda counts: grey(counts).view(-1, 1, 8, 8), Normal),
    "distributions over rows": Reader(InRows, lambda counts: grey(counts).view(-1, 1, 8, 8), None),
    "keeps tensors": Reader(lambda: after_a_step(KeepsWhatItDid()), black, bernoulli, IN_DICT),
    "layers in a dict": Reader(pair_of_layers, black, bernoulli, LAYERS),
    "tokens": Reader(Tokens, lambda counts: counts[:, 20:28].long(), lambda logits: Categorical(logits=logits)),
}
ALL = READERS | MORE

# By hand


def of_logits(logits: Tensor, x: Tensor) -> Tensor:
    return -binary_cross_entropy_with_logits(logits.flatten(1), x.flatten(1), reduction="none").sum(1)


def of_normal(mean: Tensor, sigma, x: Tensor) -> Tensor:
    sigma = torch.as_tensor(sigma)
    return -(((x - mean) / sigma).square() / 2 + sigma.log() + math.log(2 * math.pi) / 2).flatten(1).sum(1)


def of_levels(logits: Tensor, x: Tensor) -> Tensor:
    return log_softmax(logits, -1).gather(-1, x.long()[..., None]).flatten(1).sum(1)


def of_laplace(mean: Tensor, scale: float, x: Tensor) -> Tensor:
    return -((x - mean).abs() / scale + math.log(2 * scale)).sum(1)


def of_counts(logits: Tensor, n: int, x: Tensor) -> Tensor:
    x = x.to(logits.dtype)
    ways = math.lgamma(n + 1) - torch.lgamma(x + 1) - torch.lgamma(n - x + 1)
    return (ways - x * softplus(-logits) - (n - x) * softplus(logits)).sum(1)


class ByHand(NamedTuple):
    moments: Callable  # of (model, x): mu and log σ²
    log_p: Callable  # of (model, x, z): log p(x|z), a number a row


def plain(model, x):
    return model.encode(x)


def of_softplus(model, x):
    mu, raw = model.net(x.flatten(1)).chunk(2, -1)
    return mu, 2 * softplus(raw).log()


BY_HAND = {
    "homework": ByHand(plain, lambda model, x, z: of_logits(model.decode(z), x)),
    "tutorial, probabilities": ByHand(
        lambda model, x: model.encode(x.flatten(1)),
        lambda model, x, z: -binary_cross_entropy(model.decode(z), x.flatten(1), reduction="none").sum(1),
    ),
    "conv": ByHand(
        lambda model, x: model.encoder_forward(x), lambda model, x, z: of_logits(model.decoder_forward(z), x)
    ),
    "learned noise": ByHand(
        lambda model, x: [model.encode(x)[0], 2 * model.encode(x)[1]],
        lambda model, x, z: of_normal(*model.decode(z), x),
    ),
    "fixed noise": ByHand(plain, lambda model, x, z: of_normal(model.decode(z), 0.3, x)),
    "one latent": ByHand(
        lambda model, x: model.q(x).chunk(2, -1), lambda model, x, z: of_logits(model.decode(z[:, 0]), x)
    ),
    "only forward": ByHand(lambda model, x: model(x)[1:], lambda model, x, z: of_logits(model.dec(z), x)),
    "distributions": ByHand(of_softplus, lambda model, x, z: of_logits(model.out(z), x)),
    "image latents": ByHand(
        lambda model, x: [part.flatten(1) for part in model.encode(x)],
        lambda model, x, z: of_logits(model.decode(z.view(-1, 2, 2, 2)), x),
    ),
    "levels": ByHand(plain, lambda model, x, z: of_levels(model.decode(z), x)),
    "absolute error": ByHand(plain, lambda model, x, z: of_laplace(model.decode(z), 0.1, x)),
    "squeezed": ByHand(
        lambda model, x: Homework.encode(model, x), lambda model, x, z: of_logits(Homework.decode(model, z), x)
    ),
    "bytes": ByHand(
        lambda model, x: Homework.encode(model, x.to(model.fc1.weight.dtype) / 16),
        lambda model, x, z: of_counts(model.decode(z), 16, x),
    ),
    "float64": ByHand(
        lambda model, x: [part.to(x.dtype) for part in model.encode(x.double())],
        lambda model, x, z: of_logits(model.decode(z.double()), x.double()).to(x.dtype),
    ),
    "rates": ByHand(
        plain,
        lambda model, x, z: (x * model.decode(z) - model.decode(z).exp() - torch.lgamma(x + 1)).sum(1),
    ),
    "a σ_x for each colour": ByHand(
        lambda model, x: model.encoder_forward(x), lambda model, x, z: of_normal(*model.decoder_forward(z), x)
    ),
    "a σ_x for each image": ByHand(
        lambda model, x: model.encode(x.flatten(1)),
        lambda model, x, z: of_normal(Homework.decode(model, z), z[:, :1].exp(), x.flatten(1)),
    ),
    "distributions over rows": ByHand(
        lambda model, x: model.encode(x.flatten(1)),
        lambda model, x, z: of_normal(Homework.decode(model, z), 0.5**0.5, x.flatten(1)),
    ),
    "keeps tensors": ByHand(
        lambda model, x: Homework.encode(model, x), lambda model, x, z: of_logits(model.decode(z), x)
    ),
    "layers in a dict": ByHand(
        lambda model, x: model["encoder"](x).chunk(2, -1), lambda model, x, z: of_logits(model["decoder"](z), x)
    ),
    "tokens": ByHand(plain, lambda model, x, z: of_levels(model.decode(z), x)),
}


class Case(NamedTuple):
    """A reader's raw model, the same adapted, a few test data, and the numbers by hand."""

    name: str
    raw: nn.Module
    model: VAE
    x: Tensor

    def q(self) -> tuple[Tensor, Tensor]:
        mu, log_var = BY_HAND[self.name].moments(self.raw, self.x)
        return mu, log_var.exp().sqrt()

    def log_p(self, z: Tensor) -> Tensor:
        return BY_HAND[self.name].log_p(self.raw, self.x, z)

    def elbo(self) -> Tensor:
        mu, sigma = self.q()
        return self.log_p(mu + sigma * torch.randn(mu.shape)) - kl_of(mu, sigma).sum(1)


def kl_of(mu: Tensor, sigma: Tensor) -> Tensor:
    return (mu.square() + sigma.square() - 1 - 2 * sigma.log()) / 2


def case_of(name: str, rows: int = 9) -> Case:
    raw = ALL[name].model().eval()
    return Case(name, raw, ALL[name].adapted(raw), ALL[name].x()[1][:rows])


@pytest.fixture(params=ALL)
def case(request) -> Case:
    return case_of(request.param)


def close(came: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(came, expected, rtol=1e-5, atol=2e-4)


def seeded(function: Callable[[], Tensor]) -> Tensor:
    torch.manual_seed(1)
    return function()


def test_every_reader_is_judged_by_hand():
    assert ALL.keys() == BY_HAND.keys()


def test_the_elbo_is_that_of_the_raw_model_on_the_same_draws(case):
    close(seeded(lambda: elbo(case.model, case.x)), seeded(case.elbo))


def test_the_importance_weighted_bound_is_that_of_weights_by_hand(case):
    def by_hand() -> Tensor:
        mu, sigma = case.q()
        draws = mu + sigma * torch.randn(4, *mu.shape)
        log_w = [case.log_p(z) + of_normal(0.0 * z, 1.0, z) - of_normal(mu, sigma, z) for z in draws]
        return torch.logsumexp(torch.stack(log_w), 0) - math.log(4)

    close(seeded(lambda: importance_weighted_bound(case.model, case.x, num_samples=4)), seeded(by_hand))


def test_each_latents_kl_and_use_are_those_of_the_raw_moments(case):
    mu, sigma = case.q()
    close(kl_per_dimension(case.model, case.x), kl_of(mu, sigma).mean(0).detach())
    variance = mu.var(0, correction=0)
    between = variance.sort().values[-1].item() * 0.999
    assert active_units(case.model, case.x, between).tolist() == (variance > between).tolist()


def test_pictures_are_decoded_from_the_raw_mean_and_from_the_prior(case):
    mu, _ = case.q()
    close(case.model.reconstruct(case.x).log_prob(case.x), case.log_p(mu))
    z = seeded(lambda: torch.randn(mu.shape))
    close(seeded(lambda: case.model.sample(9)).log_prob(case.x), case.log_p(z))
    assert seeded(lambda: case.model.sample(3).sample()).shape == (3, *case.x.shape[1:])


def test_one_datum_is_scored_as_in_a_batch(case):
    mu, _ = case.q()
    alone = [case.model.decoder(z).log_prob(x) for z, x in zip(mu, case.x, strict=True)]
    close(torch.stack(alone), case.log_p(mu))
    torch.testing.assert_close(case.model.encoder(case.x[:1]).mean, mu[:1])


FEW = "homework", "one latent", "learned noise", "bytes", "tokens"
TOL = 1e-3  # nats


def grid(d: int) -> tuple[Tensor, Tensor]:
    """Even points far out, and the logarithm of N(0, I) times each one's cell: no adaptive cells, no library."""
    axis = torch.linspace(-7, 7, 1401 if d == 1 else 141, dtype=torch.float64)
    z = torch.cartesian_prod(*[axis] * d).reshape(-1, d)
    return z, of_normal(0 * z, 1.0, z) + d * (axis[1] - axis[0]).log()


@pytest.mark.parametrize("name", FEW)
def test_exact_numbers_are_those_of_a_plain_sum_in_float64(name):
    case = case_of(name, rows=1)
    raw = ALL[name].make().double().eval()
    raw.load_state_dict(case.raw.state_dict())
    moments, log_p = BY_HAND[name]
    x = case.x.double() if case.x.is_floating_point() else case.x
    mu, log_var = moments(raw, x)
    sigma, d = log_var.exp().sqrt(), mu.shape[1]

    def given(z: Tensor) -> Tensor:
        return log_p(raw, x.expand(len(z), *x.shape[1:]), z)

    with torch.no_grad():
        z, log_prior = grid(d)
        exact = torch.logsumexp(given(z) + log_prior, 0)
        bound = log_prior.exp() @ given(mu + sigma * z) - kl_of(mu, sigma).sum()
    tolerances = {"rtol": 0, "atol": 3 * TOL}
    torch.testing.assert_close(log_likelihood(case.model, case.x, tol=TOL)[0], exact, **tolerances)
    torch.testing.assert_close(expected_elbo(case.model, case.x, tol=TOL)[0], bound, **tolerances)
    torch.testing.assert_close(kl_to_posterior(case.model, case.x, tol=TOL)[0], exact - bound, **tolerances)
    z, density = posterior_on_grid(case.model, case.x, num=3, tol=TOL)
    z, density = z.reshape(-1, d), density.flatten()
    expected = given(z) + of_normal(0 * z, 1.0, z) - exact
    torch.testing.assert_close(density, expected.exp().detach(), rtol=5e-3, atol=1e-12)


def test_fit_takes_the_steps_of_a_loop_by_hand(case):
    x = ALL[case.name].x()[0][:120]
    other = case_of(case.name)
    before = seeded(lambda: elbo(case.model, case.x))
    seeded(lambda: fit(case.model, x, num_epochs=2, batch_size=40, lr=3e-3, x_test=case.x))
    torch.manual_seed(1)
    optimizer = torch.optim.Adam(other.raw.parameters(), lr=3e-3)
    other.raw.train()
    for rows in (rows for _ in range(2) for rows in x[torch.randperm(len(x))].split(40)):
        optimizer.zero_grad()
        (-other._replace(x=rows).elbo().mean()).backward()
        optimizer.step()
    other.raw.eval()
    after = seeded(lambda: elbo(case.model, case.x))
    torch.testing.assert_close(after, seeded(other.elbo), rtol=1e-3, atol=1e-2)
    assert (after - before).abs().mean() > 0.05
    assert not case.raw.training


def test_weights_are_the_readers_own_and_go_to_a_file_and_back(case, tmp_path):
    save_weights(case.model, tmp_path / "weights.pt")
    other = case_of(case.name)
    for weight in other.raw.parameters():
        weight.data += 0.1
    assert not torch.equal(seeded(lambda: elbo(other.model, case.x)), seeded(lambda: elbo(case.model, case.x)))
    load_weights(other.model, tmp_path / "weights.pt")
    assert all(map(torch.equal, other.raw.parameters(), case.raw.parameters()))
    assert {id(weight) for weight in case.model.parameters()} == {id(weight) for weight in case.raw.parameters()}


@pytest.mark.parametrize("name", ALL)
def test_adapting_changes_neither_weights_nor_statistics_nor_mode_nor_data_nor_random_numbers(name):
    raw, x = ALL[name].model(), ALL[name].x()[0][:5]
    list(raw.modules())[-1].eval()
    state, modes = copy.deepcopy(raw.state_dict()), [layer.training for layer in raw.modules()]
    random, data = torch.random.get_rng_state(), x.clone()
    adapt(raw, ALL[name].likelihood, x, **ALL[name].options)
    assert all(torch.equal(value, state[key]) for key, value in raw.state_dict().items())
    assert [layer.training for layer in raw.modules()] == modes
    assert torch.equal(torch.random.get_rng_state(), random)
    assert torch.equal(x, data)


def test_modules_methods_and_functions_need_no_model():
    raw, x = Homework(), black(digits()[1])[:9]
    by_name = seeded(lambda: elbo(adapt(raw, bernoulli, x), x))
    by_method = adapt(None, bernoulli, x, encode=raw.encode, decode=raw.decode)
    assert torch.equal(seeded(lambda: elbo(by_method, x)), by_name)
    layers = pair_of_layers()
    head = nn.Sequential(layers["encoder"], nn.Unflatten(1, (2, 2)))

    class Head(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = head

        def forward(self, x):
            return self.head(x).unbind(1)

    by_module = adapt(None, bernoulli, x, encode=Head(), decode=layers["decoder"])
    close(seeded(lambda: elbo(by_module, x)), seeded(lambda: elbo(ALL["layers in a dict"].adapted(layers), x)))


def test_functions_without_weights_keep_their_dtype():
    A, x = torch.tensor([[1.0, 2.0], [3.0, 5.0]]), torch.randn(3, 2)
    model = adapt(None, lambda mean: Normal(mean, 0.5), x, encode=lambda x: (x, 0 * x), decode=lambda z: z @ A)
    cov = (A.T @ A + 0.25 * torch.eye(2)).double()
    exact = MultivariateNormal(torch.zeros(2).double(), cov).log_prob(x.double())
    torch.testing.assert_close(log_likelihood(model, x), exact, rtol=0, atol=1e-3)


def test_a_likelihoods_own_weights_are_trained_too():
    class Noise(nn.Module):
        def __init__(self):
            super().__init__()
            self.log_sigma_x = nn.Parameter(torch.zeros(64))

        def forward(self, mean):
            return Normal(mean, self.log_sigma_x.exp())

    x, noise = grey(digits()[0])[:50], Noise()
    fit(adapt(Homework(), noise, x), x, num_epochs=1, batch_size=25)
    assert (noise.log_sigma_x != 0).all()


def test_weights_that_only_a_likelihood_uses_are_the_models():
    class Apart(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder, self.decoder = nn.Linear(64, 4), nn.Linear(2, 64)
            self.log_sigma_x = nn.Parameter(torch.zeros(()))

    raw, x = Apart(), grey(digits()[0])[:50]
    model = adapt(
        raw,
        lambda mean: Normal(mean, raw.log_sigma_x.exp()),
        x,
        encode=lambda model, x: model.encoder(x).chunk(2, -1),
        decode="decoder",
    )
    fit(model, x, num_epochs=1, batch_size=25)
    assert raw.log_sigma_x < 0


# What does not fit


def with_(**methods) -> nn.Module:
    return type("Own", (Homework,), methods)()


def first(model, x):
    return model.fc2(relu_of(model, x))[:, :2]


def relu_of(model, x):
    return model.fc1(x).relu()


X, GREY, COUNTS = black(digits()[0]), grey(digits()[0]), digits()[0]
COLOURS = colours(COUNTS)
torch.manual_seed(0)
MODEL = Homework()
PAIR = "expected encode to give a pair of tensors, mu and log_var in this order, or a Normal, got "
LAYER = "expected encode to call layers of the model that it is given, and no others, got Linear(in_features=64"
WRITE = ": write encode=lambda model, x: …, and keep layers in nn.ModuleList, not in a list"


class InList(Homework):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(64, 64)]

    def encode(self, x):
        return super().encode(self.layers[0](x))


class NoModule:
    net = Homework()

    def encode(self, x):
        return self.net.encode(x)


SENTENCES = {
    "x first": (
        (MODEL, X, bernoulli),
        {},
        "expected x, the third argument, to be a tensor [n, …] with a row or more, got",
    ),
    "no rows": ((MODEL, bernoulli, X[:0]), {}, "with a row or more, got torch.float32 of shape (0, 64)"),
    "numpy": ((MODEL, bernoulli, X.numpy()), {}, "got an object of type ndarray"),
    "a class": ((Homework, bernoulli, X), {}, "an instance of a torch module, or None, got the class Homework itself"),
    "no module": ((NoModule(), bernoulli, X), {}, "an instance of a torch module, or None, got an object of type NoM"),
    "likelihood in quotes": ((MODEL, "bernoulli", X), {}, "expected likelihood to be a function, got 'bernoulli'"),
    "sigma in quotes": ((MODEL, bernoulli, X), {"sigma": "exp"}, "expected sigma to be a function, got 'exp'"),
    "another name": (
        (MODEL, bernoulli, X),
        {"encode": "encoder"},
        "expected encode= a method of model or a function, got 'encoder', which an object of type Homework does not "
        "have; it has encode, decode, fc1, fc2, fc3, fc4",
    ),
    "a name of nothing": ((None, bernoulli, X), {}, "a method of model or a function, got 'encode', and no model"),
    "a part's class": ((MODEL, bernoulli, X), {"encode": InDistributions}, "got the class InDistributions itself"),
    "layers elsewhere": ((MODEL, bernoulli, X), {"encode": lambda x: MODEL.encode(x)}, LAYER),
    "layers in a partial": ((MODEL, bernoulli, X), {"encode": functools.partial(Homework.encode, MODEL)}, LAYER),
    "layers of no module": ((MODEL, bernoulli, X), {"encode": NoModule().encode}, WRITE),
    "layers in a list": ((InList(), bernoulli, X), {}, WRITE),
    "other sizes": ((Homework(60), bernoulli, X), {}, "expected encode to take x (7, 64), torch.float32, got RuntimeE"),
    "bytes": (
        (MODEL, bernoulli, X.byte()),
        {},
        "expected encode to take x (7, 64), torch.uint8, got RuntimeError: mat",
    ),
    "a label": ((with_(encode=lambda self, x, c: x), bernoulli, X), {}, "missing 1 required positional argument: 'c'"),
    "in place": (
        (with_(encode=lambda self, x: Homework.encode(self, x.mul_(0.5))), bernoulli, X),
        {},
        "expected encode to leave x as it is, got others, written in their place",
    ),
    "a joint head": (
        (MODEL, bernoulli, X),
        {"encode": lambda model, x: model.fc2(relu_of(model, x))},
        PAIR + "torch.float32 of shape (7, 4): try encode=lambda model, x: model.encode(x).chunk(2, -1)",
    ),
    "a mapping": (
        (KeepsWhatItDid(), bernoulli, X),
        {},
        PAIR + "a mapping with the keys mu, log_var: try encode=lambda model, x: [model.encode(x)[key] for key in",
    ),
    "three": (
        (with_(encode=lambda self, x: (*Homework.encode(self, x), 0)), bernoulli, X),
        {},
        "an object of type int: try encode=lambda model, x: model.encode(x)[:2] for (mu, log_var, …), ",
    ),
    "attributes": (
        (with_(encode=lambda self, x: SimpleNamespace(mu=0, log_var=0)), bernoulli, X),
        {},
        "Namespace: try encode=lambda model, x: (model.encode(x).mu, model.encode(x).log_var)",
    ),
    "another distribution": (
        (with_(encode=lambda self, x: MultivariateNormal(first(self, x), torch.eye(2))), bernoulli, X),
        {},
        "expected encode to give Independent(Normal(mu, sigma), 1), or two tensors, got MultivariateNormal(",
    ),
    "a distribution made of a Normal": (
        (with_(encode=lambda self, x: LogNormal(first(self, x), 1.0)), bernoulli, X),
        {},
        "or two tensors, got LogNormal",
    ),
    "one log_var for all": (
        (with_(encode=lambda self, x: (first(self, x), first(self, x)[:, :1])), bernoulli, X),
        {},
        "mu and log_var of one shape, [7, latent] for 7 rows, got (7, 2) and (7, 1)",
    ),
    "log_var taken for σ": (
        (MODEL, bernoulli, X),
        {"sigma": lambda s: s},
        "standard deviations, which sigma= makes pos",
    ),
    "a decoder of other latents": (
        (with_(decode=lambda self, z: self.fc3(z[:, :1])), bernoulli, X),
        {},
        "expected decode to take z (7, 2), torch.float32, got RuntimeError: mat1 and mat2",
    ),
    "other pixels": (
        (with_(decode=lambda self, z: Homework.decode(self, z)[:, :60]), bernoulli, X),
        {},
        "each of x's 64: a distribution over (7, 64), a batch of 7, got batch_shape (7,) and event_shape (60,)",
    ),
    "colours last": (
        (Homework(192), lambda mean: Normal(mean, 1.0), COLOURS),
        {"decode": lambda model, z: model.decode(z).view(-1, 8, 8, 3)},
        "each of x's 3, 8, 8: a distribution over (7, 3, 8, 8), a batch of 7, got batch_shape (7, 8, 8, 3)",
    ),
    "an event of all rows": (
        (with_(decode=lambda self, z: Independent(Normal(Homework.decode(self, z), 1.0), 2)), None, GREY),
        {},
        "a batch of 7, got batch_shape () and event_shape (7, 64)",
    ),
    "levels before pixels": (
        (Homework(17 * 64), lambda logits: Categorical(logits=logits), COUNTS),
        {
            "encode": lambda model, x: model.fc2(model.fc3(x[:, :2])).chunk(2, -1),
            "decode": lambda model, z: model.decode(z).view(-1, 17, 64),
        },
        "got batch_shape (7, 17)",
    ),
    "a decoder's mapping": (
        (with_(decode=lambda self, z: {"logits": z}), bernoulli, X),
        {},
        "or a distribution, got a mapping with the keys logits: try decode=lambda model, z: model.decode(z)['logits']",
    ),
    "a loss": ((MODEL, mse_loss, X), {}, "got TypeError: mse_loss() missing 1 required positional argument: 'target'"),
    "no σ_x": ((MODEL, Normal, GREY), {}, "missing 1 required positional argument: 'scale'"),
    "logits for probabilities": (
        (MODEL, Bernoulli, X),
        {},
        "expected likelihood to make a distribution of what decode gives, torch.float32 of shape (7, 64), got "
        "ValueError: Expected parameter probs",
    ),
    "a log σ² for a σ": (
        (with_(decode=lambda self, z: (Homework.decode(self, z),) * 2), Normal, GREY),
        {},
        "got ValueError: Expected parameter scale",
    ),
    "no likelihood": (
        (MODEL, None, X),
        {},
        "expected decode to give a distribution where likelihood is None, got torch",
    ),
    "two likelihoods": (
        (InDistributions(), bernoulli, images(COUNTS)),
        {},
        "expected likelihood None where decode gives a distribution, Independent(Bernoulli",
    ),
    "no distribution": ((MODEL, lambda logits: logits, X), {}, "of shape (7, 64), got torch.float32 of shape (7, 64)"),
    "a reader's own error": (
        (with_(encode=lambda self, x: undefined), bernoulli, X),  # noqa: F821
        {},
        "expected encode to take x (7, 64), torch.float32, got NameError: name 'undefined' is not defined",
    ),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_what_does_not_fit_is_said_in_one_sentence(name):
    args, options, sentence = SENTENCES[name]
    with pytest.raises(ValueError, match=r"^expected ") as refusal:
        adapt(*args, **options)
    assert sentence in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_layer_elsewhere_is_not_touched_before_it_is_refused():
    net = nn.BatchNorm1d(64)
    with pytest.raises(ValueError, match="and no others, got BatchNorm1d"):
        adapt(None, bernoulli, X, encode=lambda x: net(x).chunk(2, -1), decode=nn.Linear(32, 64))
    assert net.num_batches_tracked == 0


def test_later_data_of_another_shape_are_refused():
    model = READERS["conv"].adapted()
    for x in (images(COUNTS)[:3, :, :4], images(COUNTS)[:0], torch.zeros(1, 8, 8)):
        with pytest.raises(ValueError, match=r"expected x \[batch, 1, 8, 8\], not empty, got"):
            model.encoder(x)
    with pytest.raises(ValueError, match=r"expected z \[..., 3\], not empty, got \(2, 4\)"):
        model.decoder(torch.zeros(2, 4))


def test_a_channels_noise_is_not_taken_for_a_rows_where_there_are_as_many_rows():
    case = case_of("a σ_x for each colour", rows=3)
    close(seeded(lambda: elbo(case.model, case.x)), seeded(case.elbo))


def test_a_batch_norm_that_cannot_take_one_row_can_be_adapted():
    raw = nn.ModuleDict({"encoder": nn.Linear(64, 4), "decoder": nn.Linear(2, 64)})
    raw["decoder"] = nn.Sequential(nn.BatchNorm1d(2, track_running_stats=False), raw["decoder"])
    assert isinstance(adapt(raw, bernoulli, X, **LAYERS), VAE)


def test_grey_pixels_and_nan_can_be_handed_to_a_check_up():
    assert isinstance(adapt(Homework(), bernoulli, GREY), VAE)
    raw = Homework()
    raw.fc1.weight.data.fill_(math.nan)
    assert isinstance(adapt(raw, bernoulli, X), VAE)

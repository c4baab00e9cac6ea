"""collapse.json: which latents live, predicted and trained; what cures buy; what the KL pays for (chapter 7)."""

import math
from functools import partial
from statistics import mean

import torch
from intervals import columns, rounded
from torch import Tensor
from torch.optim import Adam

from vae_lib.cures import WarmUp, free_bits_in_total, free_bits_on_the_mean, free_bits_per_image
from vae_lib.data import digits
from vae_lib.evaluation import active_units, aggregate_kl, kl_per_dimension, mutual_information
from vae_lib.exact.landscape import linear_elbo, linear_terms, train_linear
from vae_lib.exact.linear_gaussian import LinearGaussianVAE
from vae_lib.exact.rate_distortion import learned_noise_var, linear_optimum, rate_of_distortion
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianDecoder, GaussianEncoder
from vae_lib.objectives import elbo
from vae_lib.priors import MixturePriorVAE
from vae_lib.shipped.weights import asset, recorded_digits_vae
from vae_lib.training import fit

SEEDS = (0, 1, 2)
USED = 0.01  # nats: a latent whose KL is smaller is not used

# Predicted and trained. The margins were set before training; settings outside them are tried, too, and told as such.
# With Adam's usual second β, 0.999, and lr 0.02 the stiffer of these end up to 0.02 nats short, and data with λ₁ = 48
# over noise of 0.09 by nats: since then `train_linear` has 0.99 and 0.05.
MARGIN = 0.05  # of λ/θ from 1, for the last eigenvalue above the water and the first below
STIFFEST = 150  # λ₁/σ_x²: Adam is slow where a valley is narrow
CLOSE = 3e-3  # nats from the optimum
SETTINGS = {  # data: (latents, σ_x², β)
    "digits": [
        *((16, noise_var, 1.0) for noise_var in (0.1, 0.19, 0.3, 0.45, 0.6, 1.0)),
        *((16, 0.4, 0.25), (16, 0.1, 3.0), (16, 0.05, 9.0), (4, 0.1, 1.0), (16, 0.05, 1.0)),
        *((16, 0.2, 1.0), (16, 0.1, 4.0), (16, 0.66, 1.0), (16, 0.004, 1.0)),
    ],
    "low rank": [
        *((8, noise_var, 1.0) for noise_var in (0.1, 0.3, 0.8, 1.3, 2.0, 3.2, 6.0)),
        *((8, 0.2, 4.0), (3, 0.3, 1.0)),
        *((8, 0.04, 1.0), (8, 0.02, 1.0)),
    ],
}
LEARNED = [(16, 0.5), (16, 1.0), (16, 2.0), (16, 4.0), (4, 4.0)]  # latents, β; σ_x² learns, from either side
STARTS = (0.02, 0.5)

# Cures, on the digits with a network of one hidden layer.
LATENTS, HIDDEN, NOISE_VAR, EPOCHS = 16, 64, 0.3, 60
FLOOR = 0.2  # nats a latent; in total 16 times as much
STEPS = EPOCHS * math.ceil(1437 / 64)
LAG_EPOCHS, LAG = 10, 5  # for so many epochs so many steps of the encoder for one of both
ARMS = {
    "none": lambda: elbo,
    "free bits on the mean": lambda: partial(free_bits_on_the_mean, floor=FLOOR),
    "free bits per image": lambda: partial(free_bits_per_image, floor=FLOOR),
    "free bits in total": lambda: partial(free_bits_in_total, floor=LATENTS * FLOOR),
    "warm-up": lambda: WarmUp(STEPS // 2),
    "lagging inference": lambda: elbo,
    "learned noise": lambda: elbo,
}
DRAWS = 3  # of z for each image

COMPONENTS = 20
INFORMED = [(2, 0.5), (2, 0.3), (2, 0.1), (2, 0.05), (16, 0.3), (16, 0.19), (16, 0.1), (18, 0.05), (40, 0.005)]


def sixteenths() -> Tensor:
    return digits()[0].double() / 16


def low_rank() -> Tensor:
    """2,000 points of 20 numbers: five directions of variance 4, 2.5, 1.6, 1, 0.6, and noise of 0.04."""
    generator = torch.Generator().manual_seed(7)
    draw = partial(torch.randn, generator=generator, dtype=torch.float64)
    directions, _ = torch.linalg.qr(draw(20, 5))
    signal = draw(2000, 5) * torch.tensor([4, 2.5, 1.6, 1, 0.6], dtype=torch.float64).sqrt()
    return signal @ directions.T + 0.2 * draw(2000, 20)


DATA = {"digits": sixteenths, "low rank": low_rank}


def covariance_of(x: Tensor) -> Tensor:
    return torch.cov(x.T, correction=0)


def eigenvalues_of(covariance: Tensor) -> Tensor:
    return torch.linalg.eigvalsh(covariance).clamp(min=0).flip(0)


def outside(lambdas: Tensor, latent_dim: int, noise_var: float, beta: float) -> str:
    """Why a setting is outside the margins, or nothing."""
    level, reasons = beta * noise_var, []
    used = int((lambdas > level).sum())
    near = [used] if used <= latent_dim else [latent_dim]  # numbers of eigenvalues, from 1
    near += [used + 1] if used < latent_dim else []
    reasons += [
        f"λ_{i}/θ = {lambdas[i - 1] / level:.3f}" for i in near if i and abs(lambdas[i - 1] / level - 1) < MARGIN
    ]
    if lambdas[0] / noise_var > STIFFEST:
        reasons.append(f"λ_1/σ_x² = {lambdas[0] / noise_var:.0f}")
    return ", ".join(reasons)


def linear_run(covariance: Tensor, latent_dim: int, noise_var: float, beta: float, seed: int) -> dict:
    torch.manual_seed(seed)
    point = train_linear(covariance, latent_dim, noise_var, beta=beta)
    kl, distortion = linear_terms(covariance, *point[:3])
    optimum = linear_optimum(eigenvalues_of(covariance), latent_dim, noise_var, beta=beta)
    found = {"objective": linear_elbo(covariance, *point, beta=beta), "elbo": linear_elbo(covariance, *point)}
    return {
        "used": int((kl > USED).sum()),
        "elbo": found["elbo"].item(),
        "short": optimum.objective - found["objective"].item(),
        "rate": kl.sum().item(),
        "distortion": distortion.item(),
        "shannon": rate_of_distortion(eigenvalues_of(covariance), distortion).item(),
    }


def predicted_and_trained(data: str, latent_dim: int, noise_var: float, beta: float) -> dict:
    covariance = covariance_of(DATA[data]())
    lambdas = eigenvalues_of(covariance)
    optimum = linear_optimum(lambdas, latent_dim, noise_var, beta=beta)
    runs = columns([linear_run(covariance, latent_dim, noise_var, beta, seed) for seed in SEEDS])
    landed = set(runs["used"]) == {optimum.used} and max(runs["short"]) < CLOSE
    setting = {"data": data, "latents": latent_dim, "noise var": noise_var, "beta": beta}
    predicted = {"predicted": optimum.used, "optimum": rounded(optimum.elbo), "optimal rate": rounded(optimum.rate)}
    return {**setting, "outside": outside(lambdas, latent_dim, noise_var, beta), **predicted, "landed": landed, **runs}


def learned_run(latent_dim: int, beta: float) -> dict:
    """σ_x² where it learns, too: predicted, and trained from either side."""
    covariance = covariance_of(sixteenths())
    noise_var, found = learned_noise_var(eigenvalues_of(covariance), latent_dim, beta=beta), []
    for seed, start in enumerate(STARTS):
        torch.manual_seed(seed)
        point = train_linear(covariance, latent_dim, start, beta=beta, learn_noise=True, num_steps=1500)
        used = int((linear_terms(covariance, *point[:3])[0] > USED).sum())
        found.append({"trained": round(point.noise_var.item(), 5), "used": used})
    predicted = linear_optimum(eigenvalues_of(covariance), latent_dim, noise_var, beta=beta).used
    setting = {"latents": latent_dim, "beta": beta, "noise var": round(noise_var, 5), "predicted": predicted}
    return {**setting, **columns(found)}


def fresh(learned: bool) -> VAE:
    model = VAE(GaussianEncoder(64, LATENTS, HIDDEN), GaussianDecoder(LATENTS, 64, HIDDEN), LATENTS)
    model.decoder.log_sigma.data.fill_(0.5 * math.log(NOISE_VAR))
    model.decoder.log_sigma.requires_grad_(learned)
    return model


def lag(model: VAE, x: Tensor, optimizer: Adam, num_epochs: int) -> None:
    """The encoder ahead of the decoder: `LAG` steps of it alone, on batches of their own, for one of both."""
    for _ in range(num_epochs):
        for rows in torch.randperm(len(x)).split(64):
            for ahead in (*[True] * LAG, False):
                batch = torch.randint(len(x), (64,)) if ahead else rows
                optimizer.zero_grad()
                (-elbo(model, x[batch]).mean()).backward()
                if ahead:
                    model.decoder.zero_grad()
                optimizer.step()


def cured(arm: str, seed: int, num_epochs: int = EPOCHS) -> VAE:
    torch.manual_seed(seed)
    model, x = fresh(learned=arm == "learned noise"), sixteenths().float()
    optimizer = Adam([part for part in model.parameters() if part.requires_grad], lr=2e-3)
    if arm == "lagging inference":
        lag(model, x, optimizer, LAG_EPOCHS)
        num_epochs -= LAG_EPOCHS
    fit(model, x, objective=ARMS[arm](), num_epochs=num_epochs, batch_size=64, lr=optimizer)
    return model


@torch.no_grad()
def told(model: VAE, x: Tensor) -> dict:
    """R, D and I of the rows, and how many latents are used, by their KL and by Burda's rule; the ELBO, of all rows."""
    x_again, kl = x.repeat(DRAWS, 1), kl_per_dimension(model, x)
    missed = x_again - model.decoder(model.encoder(x_again).sample()).mean
    information = mutual_information(model, x, num_samples=DRAWS)
    return {
        "rate": kl.sum().item(),
        "distortion": missed.square().sum(1).mean().item(),
        "information": information.mean,
        "error": information.error,
        "used": int((kl > USED).sum()),
        "active": int(active_units(model, x).sum()),
        "elbo": elbo(model, x_again).mean().item(),
        "noise var": model.decoder.log_sigma.mul(2).exp().item(),
    }


def cure(arm: str) -> dict:
    x, x_test = (part / 16 for part in digits())
    runs = []
    for seed in SEEDS:
        model = cured(arm, seed)
        with torch.no_grad():
            test = elbo(model, x_test.repeat(DRAWS, 1)).mean().item()
        runs.append(told(model, x) | {"test elbo": test})
    return columns(runs)


def parts(model: VAE, x: Tensor, num_samples: int) -> dict:
    """R = I + KL(q(z) ‖ p(z)), each measured on its own, with the errors of the two."""
    information, aggregate = (part(model, x, num_samples=num_samples) for part in (mutual_information, aggregate_kl))
    return {
        "information": information.mean,
        "information error": information.error,
        "aggregate": aggregate.mean,
        "aggregate error": aggregate.error,
    }


def recording() -> dict:
    """The recorded training of chapter 5: the parts of its KL after each recorded epoch."""
    x, rows = (digits()[0] >= 8).float(), []
    for epoch in asset("epochs.json")["epochs"]:
        torch.manual_seed(epoch)
        model = recorded_digits_vae(epoch)
        rows.append({"epoch": epoch, "rate": kl_per_dimension(model, x).sum().item(), **parts(model, x, num_samples=5)})
    return columns(rows)


def optimal_model(x: Tensor, latent_dim: int, noise_var: float) -> LinearGaussianVAE:
    """The linear VAE's optimum for this σ_x², in closed form; latents that it does not use are left out."""
    lambdas, vectors = (part.flip(-1) for part in torch.linalg.eigh(covariance_of(x)))
    used = min(latent_dim, int((lambdas > noise_var).sum()))
    weight = vectors[:, :used] * (lambdas[:used] - noise_var).sqrt()
    return LinearGaussianVAE(weight, x.mean(0), math.sqrt(noise_var))


def gaussian_with_the_same_moments(x: Tensor) -> Tensor:
    """As many draws of a Gaussian, moved so that their mean and covariance are those of the rows of `x`."""
    draws = torch.randn(x.shape, dtype=x.dtype, generator=torch.Generator().manual_seed(7))
    draws -= draws.mean(0)
    white = torch.linalg.solve_triangular(torch.linalg.cholesky(covariance_of(draws)), draws.T, upper=False).T
    lambdas, vectors = torch.linalg.eigh(covariance_of(x))
    return white * lambdas.clamp(min=0).sqrt() @ vectors.T + x.mean(0)


def informed(latent_dim: int, noise_var: float) -> dict:
    """At the linear optimum: R, and I of the digits, and of as many draws of a Gaussian with the same covariance."""
    x = sixteenths()
    model, found = optimal_model(x, latent_dim, noise_var).requires_grad_(False), {}
    for name, rows in {"digits": x, "gaussian": gaussian_with_the_same_moments(x)}.items():
        torch.manual_seed(0)
        estimate = mutual_information(model, rows, num_samples=DRAWS)
        found |= {name: estimate.mean, f"{name} error": estimate.error}
    used, rate = model.weight.shape[1], kl_per_dimension(model, x).sum().item()
    return {"noise var": noise_var, "latents": latent_dim, "used": used, "rate": rate, **found}


def prior_run(mixture: bool, seed: int) -> dict:
    """Two latents, black and white: N(0, I) as the prior, or a mixture that learns."""
    x, x_test = ((part >= 8).float() for part in digits())
    torch.manual_seed(seed)
    networks = GaussianEncoder(64, 2, HIDDEN), BernoulliDecoder(2, 64, HIDDEN), 2
    model = MixturePriorVAE(*networks, COMPONENTS) if mixture else VAE(*networks)
    fit(model, x, num_epochs=EPOCHS, batch_size=64, lr=2e-3)
    found = parts(model, x, num_samples=DRAWS)
    with torch.no_grad():
        test = elbo(model, x_test.repeat(10, 1)).mean().item()
    return found | {"rate": found["information"] + found["aggregate"], "test elbo": test}


def collapse() -> dict:
    return {
        "margins": {"margin": MARGIN, "stiffest": STIFFEST, "close": CLOSE, "used": USED},
        "linear": [predicted_and_trained(data, *setting) for data in SETTINGS for setting in SETTINGS[data]],
        "learned noise": [learned_run(*setting) for setting in LEARNED],
        "cures": {arm: cure(arm) for arm in ARMS},
        "recording": recording(),
        "information": columns([informed(*setting) for setting in INFORMED]),
        "priors": {
            name: columns([prior_run(mixture, seed) for seed in SEEDS])
            for name, mixture in {"standard": False, "mixture": True}.items()
        },
    }


def rate() -> float:
    """The metric: R without a cure, the mean over seeds."""
    return mean(asset("collapse.json")["cures"]["none"]["rate"])

"""discrete.json: what ways to the slope cost, and what they train to, on the thresholded digits (chapter 8).

64 → 64 → 6 coins → 64 → 64, Adam with a constant learning rate, batches of 64. Every score is a sum over the 64 codes.
`python book/_tools/discrete_runs.py` runs what is missing of all runs, one after another, on one core, in less than an
hour; it can be stopped and started again. `python book/_tools/assets.py discrete.json` makes the file of them.

The plan, written down before the first of these runs (a pilot had seeds 0 to 4, and the text was written of it):

- Arms: exact training and eleven ways, each for 200 epochs, read after 60 of them too, with five calls of the decoder
  an image a step (REBAR six). Beside them, for 60 epochs: VIMCO, which climbs L₅.
- Seeds 10 … 14, five for everything. A seed sets first weights, batches and draws. Arms of one seed share the first
  weights; their batches part, as the ways draw different numbers.
- Rate: for each arm, and for 60 and 200 epochs apart, the better of two by the exact −ELBO of 300 held-out training
  images, the mean of three trial seeds (VIMCO: by −log p, since its q is not trained for the ELBO). And all arms once
  more after 60 epochs at 0.003.
- Changed on the way, as the machine was slow. After exact training, the score function's trials and one of its runs:
  for 200 epochs one trial seed, and no rate of 0.001, which in the pilot was the best of no arm, by 0.4 nats or more.
  After all arms, and unseen: nothing with one call a step, nor chapter 6's 2 latents with 256 units.
- Bias and variance: of the slope of the ELBO by the logits, for twelve test images after epochs 1, 10, 60 and 200 of
  each way's own training, with 2,000 estimates; a seed's number is a mean or median over the images.
- Chapter 6 beside: its VAEs of the same black-and-white digits, trained as there, seeds 0 … 4: with 2 latents −log p
  by quadrature; with 8 −L₅₀₀₀, which lies above −log p on average. −ELBO by 100 draws an image.
- Interval: Student's t, 95 %, over seeds; differences between arms are paired by seed. One test, no correction; the
  question asked first is test −ELBO after 200 epochs, Gumbel-softmax at τ = 1 less exact training.
"""

import copy
import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import mean

import torch
from intervals import columns, interval, paired, rounded
from kept_runs import folder, kept
from torch import Tensor
from torch.distributions import kl_divergence
from torch.optim import Adam

from vae_lib.data import digit_labels, digits
from vae_lib.discrete import BernoulliEncoder, BernoulliLatents, DiscreteVAE
from vae_lib.estimators import (
    RunningMean,
    elbo_by,
    gradient_estimates,
    leave_one_out,
    rebar,
    relaxed,
    score_function,
    straight_through,
    vimco_bound,
)
from vae_lib.exact.enumeration import (
    best_baseline,
    enumerate_states,
    exact_elbo,
    exact_gradient,
    leave_one_out_moments,
    score_function_moments,
)
from vae_lib.exact.likelihood import log_likelihood
from vae_lib.exact.mixture import em, mixture_log_joint, random_mixture
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder
from vae_lib.objectives import elbo, importance_weighted_bound
from vae_lib.shipped.weights import asset, fresh_digits_vae
from vae_lib.shipped.yardsticks import train_on_digits
from vae_lib.training import fit

SEEDS = (10, 11, 12, 13, 14)
SHORT, LONG = 60, 200  # epochs
RATES, COMMON_RATE = (3e-3, 1e-2), 3e-3
TRIAL_SEEDS, HELD_OUT = (100, 101, 102), 300  # a rate is chosen by training images that its trials do not see
CHECKPOINTS = (1, 10, SHORT, LONG)  # epochs
IMAGES, DRAWS = 12, 2000  # test images, and estimates for each
CALLS = 5  # of the decoder, an image a step

WAYS: dict[str, Callable[[], Callable]] = {
    "score function": lambda: score_function,
    "running mean": RunningMean,
    "leave-one-out": lambda: leave_one_out,
    **{f"Gumbel {t:g}": partial(partial, relaxed, temperature=t) for t in (2, 1, 0.5, 0.2, 0.1)},
    **{f"straight-through {t:g}": partial(partial, straight_through, temperature=t) for t in (1, 0.5)},
    "REBAR 0.5": partial(partial, rebar, temperature=0.5),
}
COST = {"REBAR 0.5": 3}  # calls a draw, if not 1: two draws are 6 calls, one more than the others have
ARMS = ("exact", *WAYS)
OF_EXACT = (*(name for name in WAYS if name != "running mean"), "best baseline")  # measured on its models
BRIEFLY = (SHORT,)  # all checkpoints of VIMCO
COMPONENTS, EM_STEPS = (10, 64), 60
CHAPTER_6 = ("2 latents, 32 units", "8 latents, 256 units")
GAUSSIAN_SEEDS, SAMPLES, TOL = (0, 1, 2, 3, 4), 5000, 1e-3


def black_and_white() -> tuple[Tensor, Tensor]:
    x_train, x_test = digits()
    return (x_train >= 8).float(), (x_test >= 8).float()


def fresh() -> DiscreteVAE:
    return DiscreteVAE(BernoulliEncoder(64, 6, 64), BernoulliDecoder(6, 64, 64))


def objective_of(arm: str) -> Callable:
    if arm == "exact":
        return exact_elbo
    if arm == "VIMCO":
        return partial(vimco_bound, num_samples=CALLS)
    return partial(elbo_by, way=WAYS[arm](), num_samples=-(-CALLS // COST.get(arm, 1)))


def trained(x: Tensor, objective: Callable, rate: float, seed: int, epochs: tuple[int, ...]) -> dict[int, tuple]:
    """The model after each of these epochs, and the baseline that it had then, if it remembers one."""
    torch.manual_seed(seed)
    model, before, found = fresh(), 0, {}
    optimizer = Adam(model.parameters(), lr=rate, fused=True)
    for epoch in epochs:
        fit(model, x, objective=objective, num_epochs=epoch - before, batch_size=64, lr=optimizer)
        way, before = getattr(objective, "keywords", {}).get("way"), epoch
        found[epoch] = copy.deepcopy(model), way.mean.item() if isinstance(way, RunningMean) else 0.0
    return found


@torch.no_grad()
def scores(model: DiscreteVAE, x: Tensor) -> dict[str, float]:
    """Means over the rows, exact: −log p, −ELBO, the gap between them, the KL to the prior."""
    states, kl = enumerate_states(model, x), kl_divergence(model.encoder(x), model.prior)
    values = {"−log p": -states.log_p, "−ELBO": -states.elbo, "gap": states.gap, "KL": kl}
    return {name: value.mean().item() for name, value in values.items()}


# ----- bias and variance


def moments(name: str, baseline: float, model: DiscreteVAE, row: Tensor) -> tuple[Tensor, Tensor, float, int]:
    """∇ ELBO by the logits; the estimator's mean of it, its variance a decoder call, and the draws of that mean.

    Score functions are summed over all codes: their mean has infinitely many draws, written 0.
    """
    qz = BernoulliLatents(model.encoder(row).logits.detach())
    logits = qz.logits.clone().requires_grad_()
    (of_kl,) = torch.autograd.grad(kl_divergence(BernoulliLatents(logits), model.prior), logits)

    def f(z: Tensor) -> Tensor:
        return model.decoder(z).log_prob(row)

    true = exact_gradient(f, qz) - of_kl
    exact = {
        "score function": lambda: score_function_moments(f, qz).variance.sum(),
        "running mean": lambda: score_function_moments(f, qz, baseline=baseline).variance.sum(),
        "best baseline": lambda: score_function_moments(f, qz, baseline=best_baseline(f, qz)).variance.sum(),
        "leave-one-out": lambda: CALLS * leave_one_out_moments(f, qz, CALLS).variance.sum(),
    }
    if name in exact:
        return true, true, exact[name]().item(), 0
    estimates = gradient_estimates(f, qz, qz.noise((1, DRAWS)), way=WAYS[name]())
    return true, estimates.mean(0) - of_kl, COST.get(name, 1) * estimates.var(0).sum().item(), DRAWS


def measured(name: str, baseline: float, model: DiscreteVAE, x: Tensor) -> dict[str, float]:
    """Over the rows of x: bias² less what the noise of a mean adds, ‖g‖², their ratio's root, cosines, variance."""
    exact_model, squares, cosines = copy.deepcopy(model).double().requires_grad_(False), [], []
    for row in x.double():
        true, found, variance, draws = moments(name, baseline, exact_model, row)
        noise = variance / COST.get(name, 1) / draws if draws else 0.0
        squares.append([(found - true).square().sum().item() - noise, true.square().sum().item(), variance])
        cosines.append(torch.cosine_similarity(found, true, dim=0).item())
    bias, gradient, variance = map(mean, zip(*squares, strict=True))
    found = {"bias²": bias, "gradient²": gradient, "ratio": (max(bias, 0.0) / gradient) ** 0.5, "variance": variance}
    ratios = torch.tensor([(max(b, 0.0) / g) ** 0.5 for b, g, _ in squares])
    found["median ratio"] = ratios.median().item()
    return found | {"cosine": torch.tensor(cosines).median().item(), "negative": mean(c < 0 for c in cosines)}


# ----- one run


def trial(arm: str, epochs: tuple[int, ...], rate: float, seed: int) -> dict[int, dict]:
    """By epoch: the scores of images held out."""
    x = black_and_white()[0]
    points = trained(x[:-HELD_OUT], objective_of(arm), rate, seed, epochs)
    return {epoch: scores(model, x[-HELD_OUT:]) for epoch, (model, _) in points.items()}


def run(arm: str, epochs: tuple[int, ...], rate: float, seed: int) -> dict[str, dict]:
    """By epoch: scores of test and training images; and, of a training at full length, the slopes on its way."""
    x_train, x_test = black_and_white()
    points = trained(x_train, objective_of(arm), rate, seed, epochs)
    torch.manual_seed(1000 + seed)
    names = () if epochs == BRIEFLY else OF_EXACT if arm == "exact" else (arm,)
    return {
        "scores": {epoch: scored(model, test=x_test, train=x_train) for epoch, (model, _) in points.items()},
        "slopes": {name: slopes(name, points, x_test[:IMAGES]) for name in names},
    }


def scored(model: DiscreteVAE, **parts: Tensor) -> dict[str, float]:
    return {f"{part} {name}": value for part, x in parts.items() for name, value in scores(model, x).items()}


def slopes(name: str, points: dict[int, tuple], x: Tensor) -> dict[int, dict]:
    return {epoch: measured(name, baseline, model, x) for epoch, (model, baseline) in points.items()}


def gaussian(name: str, seed: int) -> dict[str, float]:
    """Test scores of one of chapter 6's VAEs of the same digits: of two latents −log p, of eight −L."""
    x = black_and_white()[1]
    torch.manual_seed(seed)
    if name == CHAPTER_6[0]:
        model = small_vae()
        return {"test −log p": -log_likelihood(model, x, tol=TOL).mean().item(), "test −ELBO": drawn_loss(model, x)}
    model, _ = train_on_digits("Bernoulli, black from 8", 8)
    return {f"test −L {SAMPLES}": bound(model, x), "test −ELBO": drawn_loss(model, x)}


@torch.no_grad()
def drawn_loss(model: VAE, x: Tensor) -> float:
    """−ELBO, the mean over the rows of 100 draws each."""
    return -elbo(model, x.repeat(100, 1)).mean().item()


def small_vae() -> VAE:
    """Trained as the one that ships; seed before the call."""
    model = fresh_digits_vae()
    optimizer = Adam(model.parameters(), lr=2e-3, fused=True)
    fit(model, black_and_white()[0], num_epochs=500, batch_size=64, lr=optimizer)
    return model


@torch.no_grad()
def bound(model: VAE, x: Tensor) -> float:
    """−L with many samples, the mean over the rows: on average above −log p."""
    parts = [importance_weighted_bound(model, rows, num_samples=SAMPLES) for rows in x.split(20)]
    return -torch.cat(parts).mean().item()


# ----- all runs, each once


def where() -> Path:
    return folder("discrete", (CALLS, CHECKPOINTS, IMAGES, DRAWS, HELD_OUT, COST, OF_EXACT, SAMPLES, TOL))


def one(make: Callable, *settings) -> dict:
    """The run of these settings, from its file."""
    return kept(where(), f"{make.__name__} {' '.join(map(str, settings))}", partial(make, *settings))


def as_far_as(length: int, epochs: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(epoch for epoch in epochs if epoch <= length)


def held_out(arm: str, length: int, epochs: tuple[int, ...] = CHECKPOINTS) -> list[float]:
    """What the learning rates are judged by, one number a rate: the mean over trial seeds; a long training has one."""
    judge = "−log p" if arm == "VIMCO" else "−ELBO"
    ways = {seed: as_far_as(SHORT, epochs) for seed in TRIAL_SEEDS} | {TRIAL_SEEDS[0]: epochs}
    seeds = [seed for seed in TRIAL_SEEDS if length in ways[seed]]
    return [mean(one(trial, arm, ways[seed], rate, seed)[str(length)][judge] for seed in seeds) for rate in RATES]


def rate_of(arm: str, length: int, epochs: tuple[int, ...] = CHECKPOINTS) -> float:
    return min(zip(held_out(arm, length, epochs), RATES, strict=True))[1]


def runs_at(rate: float, arm: str, epochs: tuple[int, ...] = CHECKPOINTS) -> list[dict]:
    """Those of all seeds; at another rate than the best for the long training they are not long."""
    if rate != rate_of(arm, epochs[-1], epochs):
        epochs = as_far_as(SHORT, epochs)
    return [one(run, arm, epochs, rate, seed) for seed in SEEDS]


def runs(arm: str, length: int, epochs: tuple[int, ...] = CHECKPOINTS) -> list[dict]:
    """Those of all seeds, at the rate that is best for this length."""
    return runs_at(rate_of(arm, length, epochs), arm, epochs)


def all_runs() -> None:
    """In the order of what is needed first."""
    for arm in ARMS:
        runs(arm, LONG), runs(arm, SHORT)
    for arm in ARMS:
        at_one_rate(arm)
    for name in CHAPTER_6:
        for seed in GAUSSIAN_SEEDS:
            one(gaussian, name, seed)
    runs("VIMCO", SHORT, BRIEFLY)


# ----- what they say


def ends(found: list[dict], length: int, exact: list[dict]) -> dict:
    """Scores, one entry a seed; their intervals; and the same of the losses less those of exact training."""
    own, others = (told([each["scores"][str(length)] for each in part]) for part in (found, exact))
    losses = [f"{part} {name}" for part in ("test", "train") for name in ("−log p", "−ELBO")]
    return own | {"minus exact": {name: paired(own[name], others[name]) for name in losses}}


def arm_of(arm: str, length: int, epochs: tuple[int, ...] = CHECKPOINTS) -> dict:
    """The learning rate that was chosen, what it was chosen by, and the scores."""
    by_rate = [rounded(value) for value in held_out(arm, length, epochs)]
    chosen = {"rate": rate_of(arm, length, epochs), "held out": by_rate}
    return chosen | ends(runs(arm, length, epochs), length, runs("exact", length))


def at_one_rate(arm: str) -> dict:
    """The scores after the short training at the middle rate, whatever suits the arm."""
    return ends(runs_at(COMMON_RATE, arm), SHORT, runs_at(COMMON_RATE, "exact"))


def slopes_of(arm: str, name: str) -> dict[str, dict]:
    """By epoch: a list of one entry a seed for each number; and their intervals."""
    lengths = {str(epoch): SHORT if epoch <= SHORT else LONG for epoch in CHECKPOINTS}
    return {
        epoch: told([each["slopes"][name][epoch] for each in runs(arm, length)]) for epoch, length in lengths.items()
    }


def told(rows: list[dict]) -> dict:
    """One entry a seed for each number, and their intervals."""
    found = columns(rows)
    numbers = {name: values for name, values in found.items() if not isinstance(values[0], list)}
    return found | {"interval": {name: interval(values) for name, values in numbers.items()}}


def mixture(num_components: int, seed: int) -> dict:
    x_train, x_test = (part.double() for part in black_and_white())
    torch.manual_seed(seed)
    found, climbed = em(x_train, random_mixture(x_train, num_components), EM_STEPS)
    joint = mixture_log_joint(found, x_test)
    entropy = -torch.special.xlogy(joint.softmax(0), joint.softmax(0)).sum(0)
    to_prior = -entropy - torch.special.xlogy(joint.softmax(0), found.weights[:, None]).sum(0)
    return {
        "test −log p": -joint.logsumexp(0).mean().item(),
        "train −log p": -mixture_log_joint(found, x_train).logsumexp(0).mean().item(),
        "KL": to_prior.mean().item(), "KL to uniform": math.log(num_components) - entropy.mean().item(),
        "objective": [rounded(value) for value in climbed[:: EM_STEPS // 6]],
        "purity": purity(mixture_log_joint(found, x_train).argmax(0), digit_labels()[0]),
    }  # fmt: skip


def purity(components: Tensor, labels: Tensor) -> float:
    """The share of images whose label is the most frequent of their component."""
    return sum(labels[components == k].bincount().max().item() for k in components.unique()) / len(labels)


def discrete() -> dict:
    return {
        "settings": {"rates": RATES, "calls": CALLS, "images": IMAGES, "draws": DRAWS, "checkpoints": CHECKPOINTS},
        "trained": {str(length): {arm: arm_of(arm, length) for arm in ARMS} for length in (SHORT, LONG)},
        "at one rate": {arm: at_one_rate(arm) for arm in ARMS},
        "VIMCO": arm_of("VIMCO", SHORT, BRIEFLY),
        "own slopes": {name: slopes_of(name, name) for name in WAYS},
        "slopes on exact training": {name: slopes_of("exact", name) for name in OF_EXACT},
        "mixture": {str(k): told([mixture(k, seed) for seed in SEEDS]) for k in COMPONENTS},
        "gaussians": {name: told([one(gaussian, name, seed) for seed in GAUSSIAN_SEEDS]) for name in CHAPTER_6},
    }


def leave_one_out_elbo() -> float:
    """The metric: test −ELBO of leave-one-out after 60 epochs, the mean over seeds."""
    return mean(asset("discrete.json")["trained"][str(SHORT)]["leave-one-out"]["test −ELBO"])


if __name__ == "__main__":
    torch.set_num_threads(1)
    all_runs()

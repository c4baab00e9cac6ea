"""The runs of chapter 8: what ways to the slope cost, and what they train to, on the thresholded digits.

64 → 64 → 6 coins → 64 → 64, Adam with a constant learning rate, batches of 64. Every score is a sum over the 64 codes.
`python book/_tools/assets.py discrete.json` makes the file; `discrete(each)` takes a `map` of several processes, too,
and gives the same numbers, since every run has a seed of its own. Some ten minutes of one core.
"""

import copy
import math
from collections.abc import Callable
from functools import cache, partial
from statistics import mean

import torch
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
)
from vae_lib.exact.enumeration import (
    best_baseline,
    enumerate_states,
    exact_elbo,
    exact_gradient,
    leave_one_out_moments,
    score_function_moments,
)
from vae_lib.exact.mixture import em, mixture_log_joint, random_mixture
from vae_lib.networks import BernoulliDecoder
from vae_lib.shipped.weights import asset
from vae_lib.training import fit

SEEDS = (0, 1, 2, 3, 4)
SHORT, LONG = 60, 200  # epochs; three seeds for so long
RATES = (1e-3, 3e-3, 1e-2)
TRIAL_SEEDS, HELD_OUT = (100, 101, 102), 300  # a rate is chosen by training images that its trials do not see
CHECKPOINTS = (1, 10, SHORT)  # epochs
IMAGES, DRAWS = 12, 2000  # test images, and estimates for each
Seeds = tuple[int, ...]
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
LONG_ARMS = ("exact", "running mean", "leave-one-out", "Gumbel 1", "Gumbel 0.2", "straight-through 0.5")
COMPONENTS, EM_STEPS = (10, 64), 60


def black_and_white() -> tuple[Tensor, Tensor]:
    x_train, x_test = digits()
    return (x_train >= 8).float(), (x_test >= 8).float()


def fresh() -> DiscreteVAE:
    return DiscreteVAE(BernoulliEncoder(64, 6, 64), BernoulliDecoder(6, 64, 64))


def objective_of(arm: str, calls: int = CALLS) -> Callable:
    if arm == "exact":
        return exact_elbo
    return partial(elbo_by, way=WAYS[arm](), num_samples=-(-calls // COST.get(arm, 1)))


def trained(x: Tensor, objective: Callable, rate: float, seed: int, epochs: tuple[int, ...]) -> dict[int, tuple]:
    """The model after each of these epochs, and the baseline that it had then, if it remembers one."""
    torch.manual_seed(seed)
    model, before, found = fresh(), 0, {}
    optimizer = Adam(model.parameters(), lr=rate)
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
    told = {"bias²": bias, "gradient²": gradient, "ratio": (max(bias, 0.0) / gradient) ** 0.5, "variance": variance}
    ratios = torch.tensor([(max(b, 0.0) / g) ** 0.5 for b, g, _ in squares])
    told["median ratio"] = ratios.median().item()
    return told | {"cosine": torch.tensor(cosines).median().item(), "negative": mean(c < 0 for c in cosines)}


# ----- one job a run, so that several processes may share them


def trial(job: tuple[str, int, int, float, int]) -> float:
    """The exact −ELBO of images held out, with one learning rate and seed."""
    arm, calls, length, rate, seed = job
    x = black_and_white()[0]
    points = trained(x[:-HELD_OUT], objective_of(arm, calls), rate, seed, (length,))
    return scores(points[length][0], x[-HELD_OUT:])["−ELBO"]


@cache
def final(job: tuple[str, int, int, float, int]) -> dict:
    """Scores after the last epoch; and, of a short training with all calls, the estimators on its way."""
    arm, calls, length, rate, seed = job
    x_train, x_test = black_and_white()
    epochs = CHECKPOINTS if (calls, length) == (CALLS, CHECKPOINTS[-1]) else (length,)
    points = trained(x_train, objective_of(arm, calls), rate, seed, epochs)
    parts = {"test": scores(points[length][0], x_test), "train": scores(points[length][0], x_train)}
    torch.manual_seed(1000 + seed)
    names = OF_EXACT if arm == "exact" else (arm,)
    return {
        "scores": {f"{part} {name}": value for part, values in parts.items() for name, value in values.items()},
        "slopes": {name: slopes(name, points, x_test[:IMAGES]) for name in names if epochs is CHECKPOINTS},
    }


def slopes(name: str, points: dict[int, tuple], x: Tensor) -> dict[int, dict]:
    return {epoch: measured(name, baseline, model, x) for epoch, (model, baseline) in points.items()}


def compared(arms: tuple[str, ...], calls: int, length: int, seeds: Seeds, trial_seeds: Seeds, each: Callable):
    """By arm: the learning rate that was chosen, what it was chosen by, and the scores; and the slopes of each seed."""
    jobs = [(arm, calls, length, rate, seed) for arm in arms for rate in RATES for seed in trial_seeds]
    tried = dict(zip(jobs, each(trial, jobs), strict=True))
    held_out = {
        (arm, rate): mean(tried[arm, calls, length, rate, seed] for seed in trial_seeds)
        for arm in arms
        for rate in RATES
    }
    chosen = {arm: min(RATES, key=lambda rate, arm=arm: held_out[arm, rate]) for arm in arms}
    jobs = [(arm, calls, length, chosen[arm], seed) for arm in arms for seed in seeds]
    runs = dict(zip(jobs, each(final, jobs), strict=True))
    told, of_seeds = {}, {}
    for arm in arms:
        own = [run for job, run in runs.items() if job[0] == arm]
        by_rate = [rounded(held_out[arm, rate]) for rate in RATES]
        told[arm] = {"rate": chosen[arm], "held out −ELBO": by_rate, **columns([run["scores"] for run in own])}
        of_seeds[arm] = [run["slopes"] for run in own]
    return told, of_seeds


def at_one_rate(arms: tuple[str, ...], rate: float, each: Callable) -> dict[str, dict]:
    """By arm: the scores after the short training with this rate, whatever suits the arm."""
    jobs = {arm: [(arm, CALLS, SHORT, rate, seed) for seed in SEEDS] for arm in arms}
    return {arm: columns([run["scores"] for run in each(final, own)]) for arm, own in jobs.items()}


def by_seed(of_seeds: list[dict], name: str) -> dict[str, dict]:
    """By epoch: a list of one entry a seed for each number."""
    return {str(epoch): columns([each[name][epoch] for each in of_seeds]) for epoch in CHECKPOINTS}


def mixture(num_components: int) -> dict:
    x_train, x_test = (part.double() for part in black_and_white())
    rows = []
    for seed in SEEDS:
        torch.manual_seed(seed)
        found, climbed = em(x_train, random_mixture(x_train, num_components), EM_STEPS)
        joint = mixture_log_joint(found, x_test)
        entropy = -torch.special.xlogy(joint.softmax(0), joint.softmax(0)).sum(0)
        to_prior = -entropy - torch.special.xlogy(joint.softmax(0), found.weights[:, None]).sum(0)
        rows.append({
            "test −log p": -joint.logsumexp(0).mean().item(),
            "train −log p": -mixture_log_joint(found, x_train).logsumexp(0).mean().item(),
            "KL": to_prior.mean().item(), "KL to uniform": math.log(num_components) - entropy.mean().item(),
            "objective": [rounded(value) for value in climbed[:: EM_STEPS // 6]],
            "purity": purity(mixture_log_joint(found, x_train).argmax(0), digit_labels()[0]),
        })  # fmt: skip
    return columns(rows)


def purity(components: Tensor, labels: Tensor) -> float:
    """The share of images whose label is the most frequent of their component."""
    return sum(labels[components == k].bincount().max().item() for k in components.unique()) / len(labels)


def discrete(each: Callable = map) -> dict:
    short, of_seeds = compared(ARMS, CALLS, SHORT, SEEDS, TRIAL_SEEDS, each)
    long, _ = compared(LONG_ARMS, CALLS, LONG, SEEDS[:3], TRIAL_SEEDS[:1], each)
    same = at_one_rate(ARMS, RATES[1], each)
    return {
        "settings": {"rates": RATES, "calls": CALLS, "images": IMAGES, "draws": DRAWS, "checkpoints": CHECKPOINTS},
        "trained": {str(SHORT): short, str(LONG): long},
        "at one rate": same,
        "own slopes": {name: by_seed(of_seeds[name], name) for name in WAYS},
        "slopes on exact training": {name: by_seed(of_seeds["exact"], name) for name in OF_EXACT},
        "mixture": {str(k): mixture(k) for k in COMPONENTS},
    }


def rounded(value):
    return round(value, 5) + 0.0 if isinstance(value, float) else value  # + 0.0: no −0.0


def columns(rows: list[dict]) -> dict[str, list]:
    """A list a name, one entry a run."""
    return {name: [rounded(row[name]) for row in rows] for name in rows[0]}


def leave_one_out_elbo() -> float:
    """The metric: test −ELBO of leave-one-out after 60 epochs, the mean over seeds."""
    return mean(asset("discrete.json")["trained"][str(SHORT)]["leave-one-out"]["test −ELBO"])

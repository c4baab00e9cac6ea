"""The runs of chapter 9: many random chains against stickiness, sweeps against an encoder, a deep Markov model.

`python book/_tools/assets.py chains.json` makes the file, in some minutes of one core. Every run has a seed of its own.
"""

import math
from collections.abc import Callable
from functools import partial
from statistics import mean

import torch
from intervals import columns, rounded
from torch import Tensor, nn
from torch.distributions import Categorical
from torch.nn.functional import one_hot

from vae_lib.chains import AutoregressivePrior, ChainDecoder, ChainEncoder, ChainVAE, MarkovPrior
from vae_lib.data import digits
from vae_lib.exact.chains import Chain, grid_log_p, hmm, log_partition, marginals
from vae_lib.exact.mean_field import best_mean_field, cavi, mean_field_bound, product_of_marginals_gap
from vae_lib.networks import GaussianEncoder, mlp
from vae_lib.objectives import elbo
from vae_lib.shipped.weights import asset
from vae_lib.training import fit

SEEDS = (0, 1, 2)
# random chains
STATES, STEPS, SYMBOLS = 3, 6, 5
STAYS = (1 / 3, 0.43, 0.53, 0.63, 0.73, 0.8, 0.87, 0.9, 0.93, 0.96, 0.98, 0.99)  # P(the next state is the same)
CHAINS, STARTS, SWEEPS = 200, 16, 200
# sweeps and an encoder
STAY, LENGTH, STRINGS, MORE, TESTED = 0.8, 8, 300, 5000, 300
UPDATES, BATCH, READ = 1500, 100, (1, 2, 5, 10, 20, 50, 100, 200, 500)  # passes over the data
# a deep Markov model of the digits' rows
ROWS, EPOCHS, LAST, DRAWS = 8, 200, 40, 50  # of the epochs the last ones have a tenth of the rate
RATES, TRIAL_SEED, HELD_OUT = (2e-3, 5e-3, 1e-2), 10, 287  # each is tried on training pictures, the last held out
POINTS, REACH = (200, 400, 800), 16.0
HMM_STATES, EM_STEPS = (2, 4, 8), 60


# ----- random chains


def sticky(stay: float) -> Tensor:
    """A step that stays with this probability, and else goes anywhere alike."""
    away = (1 - stay) / (STATES - 1)
    return torch.full((STATES, STATES), away, dtype=torch.float64).fill_diagonal_(stay)


def random_emission(*batch: int) -> Tensor:
    return (2 * torch.randn(*batch, STATES, SYMBOLS, dtype=torch.float64)).softmax(-1)


def drawn(step: Tensor, emission: Tensor, num_steps: int) -> Tensor:
    """A string of each chain, `[..., T]`; `emission` is `[..., K, symbols]`."""
    z = [torch.randint(0, STATES, emission.shape[:-2])]
    for _ in range(num_steps - 1):
        z.append(Categorical(step[z[-1]]).sample())
    rows = torch.stack(z, -1)[..., None].expand(*emission.shape[:-2], num_steps, SYMBOLS)
    return Categorical(emission.gather(-2, rows)).sample()


def chains_of(stay: float) -> Chain:
    """One string of each of many random chains; the same emissions for every stickiness."""
    torch.manual_seed(0)
    emission, step = random_emission(CHAINS), sticky(stay)
    x = drawn(step, emission, STEPS)
    likelihood = emission.log().gather(-1, x[:, None].expand(-1, STATES, -1))  # [chains, K, T]
    start = torch.full((STATES,), -math.log(STATES), dtype=torch.float64)
    return Chain(start, step.log(), likelihood.movedim(-1, 0))


def stickiness(stay: float) -> dict:
    """Of the chains of one stickiness: gaps of the best mean field, of its worst optimum, of the marginals' product."""
    chain = chains_of(stay)
    found = best_mean_field(chain, num_starts=STARTS, num_sweeps=SWEEPS)
    return {
        "stay": round(stay, 5),
        **spread("best", found.gap),
        **spread("product", product_of_marginals_gap(chain)),
        **spread("one climb", found.gaps[0]),
        "several optima": (found.num_optima > 1).double().mean().item(),
        "optima": found.num_optima.double().mean().item(),
        "worst above best": (found.gaps.max(0).values - found.gap).max().item(),
    }


def spread(name: str, gaps: Tensor) -> dict[str, float]:
    error = (gaps.std() / math.sqrt(len(gaps))).item()
    return {
        name: gaps.mean().item(), f"{name} error": error, f"{name} median": gaps.median().item(),
        f"{name} highest": gaps.max().item(),
    }  # fmt: skip


# ----- sweeps and an encoder, on one bound


class Amortised(nn.Module):
    """x `[batch, T]`, symbols, to q `[T, batch, K]`: what sweeps find for each string, a network says at once."""

    def __init__(self):
        super().__init__()
        self.net = mlp(LENGTH * SYMBOLS, 128, LENGTH * STATES)

    def forward(self, x: Tensor) -> Tensor:
        logits = self.net(one_hot(x, SYMBOLS).double().flatten(1))
        return logits.unflatten(1, (LENGTH, STATES)).softmax(-1).movedim(1, 0)


def problem() -> tuple[Callable[[Tensor], Chain], Tensor, Tensor]:
    """The model as a function of strings; strings to train on, and to test."""
    torch.manual_seed(0)
    step, emission = sticky(STAY), random_emission()
    x = drawn(step, emission.expand(MORE + TESTED, -1, -1), LENGTH)
    start = torch.full((STATES,), 1 / STATES, dtype=torch.float64)
    return partial(hmm, start, step, emission), x[:MORE], x[MORE:]


def swept() -> dict:
    """The gap of test strings after so many sweeps from a uniform q, and of the best of many climbs; this also of the
    fewer strings to train on."""
    chain_of, x_train, x = problem()
    chain = chain_of(x)
    log_p, start = log_partition(chain), torch.full((LENGTH, len(x), STATES), 1 / STATES, dtype=torch.float64)
    gaps = (log_p - cavi(chain, start, 60)[1]).mean(1)
    best, train_best = (
        best_mean_field(chain_of(strings), num_starts=STARTS, num_sweeps=SWEEPS).gap.mean().item()
        for strings in (x, x_train[:STRINGS])
    )
    sweeps = [rounded(gap) for gap in gaps.tolist()]
    return {"−log p": -log_p.mean().item(), "sweeps": sweeps, "best": best, "train best": train_best}


def amortised(num_strings: int, seed: int) -> dict:
    """The gaps of an encoder that was trained on so many strings; of test strings also after passes over the data."""
    chain_of, x_train, x = problem()
    x_train = x_train[:num_strings]
    torch.manual_seed(seed)
    encoder = Amortised().double()
    optimizer, passes, path = torch.optim.Adam(encoder.parameters(), lr=3e-3), UPDATES * BATCH // num_strings, {}
    for before, after in zip((0, *READ), READ, strict=False):
        if after <= passes:
            bound = {"objective": lambda encoder, x: mean_field_bound(chain_of(x), encoder(x))}
            fit(encoder, x_train, **bound, num_epochs=after - before, batch_size=BATCH, lr=optimizer)
            path[str(after)] = rounded(gap_of(chain_of(x), encoder(x)))
    chain, q = chain_of(x), encoder(x).detach()
    return {
        "test gap": gap_of(chain, q), "train gap": gap_of(chain_of(x_train), encoder(x_train)),
        "one sweep more": gap_of(chain, cavi(chain, q, 1)[0]), "passes": path,
    }  # fmt: skip


def gap_of(chain: Chain, q: Tensor) -> float:
    return (log_partition(chain) - mean_field_bound(chain, q.detach())).mean().item()


# ----- a deep Markov model of the digits' rows


def black_and_white() -> tuple[Tensor, Tensor]:
    x_train, x_test = digits()
    return (x_train >= 8).float(), (x_test >= 8).float()


MODELS = {
    "deep, neighbours": (ChainEncoder, partial(MarkovPrior, hidden_dim=32), 32),
    "deep, mean field": (GaussianEncoder, partial(MarkovPrior, hidden_dim=32), 32),
    "linear, neighbours": (ChainEncoder, AutoregressivePrior, ()),
}


@torch.enable_grad()
def trained(name: str, seed: int, rate: float, x: Tensor) -> ChainVAE:
    encoder, prior, hidden_dim = MODELS[name]
    torch.manual_seed(seed)
    model = ChainVAE(encoder(64, ROWS, 128), ChainDecoder(ROWS, 64, hidden_dim), prior(ROWS))
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    fit(model, x, num_epochs=EPOCHS - LAST, batch_size=64, lr=optimizer)
    optimizer.param_groups[0]["lr"] = rate / 10
    fit(model, x, num_epochs=LAST, batch_size=64, lr=optimizer)
    return model.double()


@torch.no_grad()
def held_out(name: str, rate: float) -> float:
    """−log p of training pictures that were held out."""
    x = black_and_white()[0]
    model = trained(name, TRIAL_SEED, rate, x[:-HELD_OUT])
    return -grid_log_p(model, x[-HELD_OUT:].double(), num_points=POINTS[0], reach=REACH).mean().item()


def rows_by(name: str) -> dict:
    """A model with the rate that its held-out pictures chose, and its scores over the seeds."""
    tried = [held_out(name, rate) for rate in RATES]
    rate = RATES[tried.index(min(tried))]
    seeds = columns([scored(name, seed, rate) for seed in SEEDS])
    return {"rate": rate, "held out −log p": [rounded(nats) for nats in tried], **seeds}


@torch.no_grad()
def scored(name: str, seed: int, rate: float) -> dict:
    """Test −log p by grids of several sizes, test −ELBO and the gap with the errors of their draws."""
    model, x = trained(name, seed, rate, black_and_white()[0]), black_and_white()[1].double()
    log_p = {num: grid_log_p(model, x, num_points=num, reach=REACH) for num in POINTS}
    of_train = grid_log_p(model, black_and_white()[0], num_points=POINTS[0], reach=REACH)
    torch.manual_seed(seed)
    gaps = log_p[POINTS[-1]] - torch.stack([elbo(model, x) for _ in range(DRAWS)])
    error = (gaps.var(0) / DRAWS).sum().sqrt() / len(x)
    return {
        **{f"−log p, {num} points": -values.mean().item() for num, values in log_p.items()},
        "−log p": -log_p[POINTS[-1]].mean().item(), "train −log p": -of_train.mean().item(),
        "−ELBO": (gaps.mean() - log_p[POINTS[-1]].mean()).item(), "gap": gaps.mean().item(), "gap error": error.item(),
    }  # fmt: skip


# ----- a hidden Markov model of the same rows, by EM


def rows_of(x: Tensor) -> Tensor:
    return x.double().unflatten(1, (ROWS, -1)).movedim(1, 0)  # [T, batch, pixels]


def row_scores(parameters: tuple[Tensor, ...], rows: Tensor) -> Chain:
    """`start` `[K]`, `step` `[K, K]`, and the pixels' probabilities in each row of the picture, `[T, K, pixels]`."""
    start, step, probs = parameters
    return Chain(start.log(), step.log(), rows @ probs.log().mT + (1 - rows) @ torch.log1p(-probs).mT)


def em_step(parameters: tuple[Tensor, ...], rows: Tensor) -> tuple[Tensor, ...]:
    """Expected counts, which are the marginals; one more of each, so that nothing is sure."""
    single, pairs = marginals(row_scores(parameters, rows))
    start, step = single[0].sum(0) + 1, pairs.sum((0, 1)) + 0.1
    probs = (single.mT @ rows + 0.5) / (single.sum(1)[..., None] + 1)
    return start / start.sum(), step / step.sum(-1, keepdim=True), probs


def hidden_markov(num_states: int, seed: int) -> dict:
    x_train, x_test = map(rows_of, black_and_white())
    torch.manual_seed(seed)
    step = (1 + torch.rand(num_states, num_states, dtype=torch.float64)) / num_states
    probs = 0.1 + 0.5 * x_train.mean(1, keepdim=True) + 0.25 * torch.rand(ROWS, num_states, 8, dtype=torch.float64)
    parameters = torch.full((num_states,), 1 / num_states).double(), step / step.sum(-1, keepdim=True), probs
    for _ in range(EM_STEPS):
        parameters = em_step(parameters, x_train)
    parts = {"−log p": x_test, "train −log p": x_train}
    return {name: -log_partition(row_scores(parameters, rows)).mean().item() for name, rows in parts.items()}


def chains() -> dict:
    return {
        "settings": {"chains": CHAINS, "starts": STARTS, "strings": [STRINGS, MORE], "tested": TESTED, "draws": DRAWS},
        "stickiness": columns([stickiness(stay) for stay in STAYS]),
        "sweeps": {name: rounded(value) for name, value in swept().items()},
        "amortised": {str(num): columns([amortised(num, seed) for seed in SEEDS]) for num in (STRINGS, MORE)},
        "rows": {name: rows_by(name) for name in MODELS},
        "hidden Markov": {str(num): columns([hidden_markov(num, seed) for seed in SEEDS]) for num in HMM_STATES},
    }


def deep_nats() -> float:
    """The metric: test −log p of the deep Markov model whose q knows its neighbours, the mean over seeds."""
    return mean(asset("chains.json")["rows"]["deep, neighbours"]["−log p"])

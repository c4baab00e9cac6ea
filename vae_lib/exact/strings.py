"""Chapter 10: what strings cost without a network: counts of n letters, and a mixture of Markov chains by EM.

The mixture is the model of a `MarkovDecoder` with one die as z, trained without slope or draw: its outside referee. Its
posterior is linear in the counts of pairs, so a linear encoder has it exactly: `markov_vae`.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from vae_lib.discrete import CategoricalEncoder, DiscreteVAE
from vae_lib.exact.mixture import LOG_0, check_pseudo_count
from vae_lib.networks import check_positive
from vae_lib.sequences import MarkovDecoder, PairCounts, StringEncoder, before, check_strings, scored

STRENGTHS = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0)  # of the shorter context's say, in letters
HELD_OUT = 10  # one of so many training strings chooses among them
MOST_CELLS = 10**7


def ngram_log_prob(
    x_train: Tensor, x: Tensor, order: int, num_symbols: int, *, strength: float | None = None
) -> Tensor:
    """log p(x), each letter given the `order` − 1 before it, by the counts of `x_train` `[n, T]`: `[batch]`, nats.

    A context's counts are mixed with what the context without its first letter says, which counts as `strength` letters
    more, and so on down to all symbols alike. The strength is `best_strength`, unless given. Order 1 looks at no
    context (chapter 10). Raises ValueError for an order below 1, or too high for a table of all contexts, for a
    strength that is not positive or not finite, and for what are no strings.
    """
    strength = best_strength(x_train, order, num_symbols) if strength is None else strength
    table = _table(x_train, order, num_symbols, strength)
    x = check_strings(x, num_symbols)
    return (table[_codes(x, order - 1, num_symbols), x].log() * scored(x)).sum(-1)


def best_strength(x_train: Tensor, order: int, num_symbols: int) -> float:
    """The strength of `ngram_log_prob` with the highest log p of the last tenth of `x_train`, of which the rest counts.

    Raises ValueError as that, and for fewer than ten strings (chapter 10).
    """
    last = len(x_train) // HELD_OUT
    if not last:
        raise ValueError(f"expected at least {HELD_OUT} strings, got {len(x_train)}")
    fitted, held_out = x_train[:-last], x_train[-last:]

    def score(strength: float) -> float:
        return ngram_log_prob(fitted, held_out, order, num_symbols, strength=strength).mean().item()

    return max(STRENGTHS, key=score)


def _table(x: Tensor, order: int, num_symbols: int, strength: float) -> Tensor:
    """p(symbol | context): `[symbols ** (order − 1), symbols]`, from the shortest context to the longest."""
    check_positive(order=order, num_symbols=num_symbols)
    if num_symbols**order > MOST_CELLS or not 0 < strength < math.inf:
        expected = f"a positive, finite strength and at most {MOST_CELLS} cells, symbols to the power of the order"
        raise ValueError(f"expected {expected}, got {strength}, {num_symbols} symbols and order {order}")
    x = check_strings(x, num_symbols)
    table = torch.full((1, num_symbols), 1 / num_symbols, dtype=torch.float64)
    for length in range(order):
        cells = (_codes(x, length, num_symbols) * num_symbols + x)[scored(x)]
        counts = torch.bincount(cells, minlength=num_symbols ** (length + 1)).reshape(-1, num_symbols)
        shorter = table.repeat(len(counts) // len(table), 1)  # the oldest letter's place is the highest
        table = (counts + strength * shorter) / (counts.sum(1, keepdim=True) + strength)
    return table


def _codes(x: Tensor, length: int, num_symbols: int) -> Tensor:
    """The `length` symbols before each as one number, whose last digit is the letter just before; before all, END."""
    codes, back = torch.zeros_like(x), x
    for place in range(length):
        back = before(back)
        codes = codes + back * num_symbols**place
    return codes


class MarkovMixture(NamedTuple):
    """Σ_k π_k ∏_t p_k(x_t | x_t₋₁): `weights` π is `[components]`, `table` p `[components, symbols, symbols]`.

    A table's row is the symbol before, row 0 the start of a string; its column is the next symbol, column 0 the end.
    """

    weights: Tensor
    table: Tensor


def random_markov_mixture(x: Tensor, num_components: int, num_symbols: int) -> MarkovMixture:
    """A start for `markov_em`: the strings of `x` `[n, T]` shared out at random (chapter 10).

    Each goes to all components in random shares, by torch's random numbers: the weights are the mean shares, the tables
    the pairs in shares, and one more of each. Float64. Raises as `markov_em`.
    """
    check_positive(num_components=num_components)
    shares = torch.rand(num_components, len(x), dtype=torch.float64)
    return _fitted(shares / shares.sum(0), _pairs(x, num_symbols), 1.0)


def markov_log_joint(mixture: MarkovMixture, x: Tensor) -> Tensor:
    """log π_k + log p(x|k): `[components, batch]`, nats (chapter 10).

    Its logsumexp over the components is log p(x), its softmax the posterior. `x` is `[batch, T]`. Raises ValueError for
    what are no strings of the table's symbols, and for what is no mixture: rows that do not sum to 1.
    """
    return _log_joint(_checked(mixture), _pairs(x, mixture.table.shape[-1]))


def markov_em(
    x: Tensor, start: MarkovMixture, num_steps: int, *, pseudo_count: float = 0.1
) -> tuple[MarkovMixture, list[float]]:
    """`num_steps` of EM from `start` on `x` `[n, T]`: the mixture, and the objective before each and at the end.

    The objective is the mean log p(x), plus pseudo_count · Σ log p / n over the tables' cells, nats a string: a list of
    `num_steps + 1` numbers that never fall (chapter 10). `pseudo_count` more of each pair keep every string possible:
    with 0 the objective is log p(x) itself. Raises ValueError for a pseudo_count below 0, and as `markov_log_joint`.
    """
    check_positive(num_steps=num_steps)
    check_pseudo_count(pseudo_count)
    mixture, pairs, objectives = _checked(start), _pairs(x, start.table.shape[-1]), []
    for _ in range(num_steps):
        log_joint = _log_joint(mixture, pairs)
        objectives.append(_objective(mixture, log_joint, pseudo_count))
        mixture = _fitted(log_joint.softmax(0), pairs, pseudo_count)
    return mixture, [*objectives, _objective(mixture, _log_joint(mixture, pairs), pseudo_count)]


def markov_vae(mixture: MarkovMixture, num_steps: int) -> DiscreteVAE:
    """The same model as a VAE: a `MarkovDecoder` with a hidden unit for each component and symbol before, and a linear
    encoder over `PairCounts` that is the posterior: its gap is 0. `num_steps` are drawn (chapter 10).

    Raises ValueError for a probability of 0, whose logarithm no weight can be, and as `markov_log_joint`.
    """
    weights, table = _checked(mixture)
    if not ((table > 0).all() and (weights > 0).all()):
        raise ValueError("expected positive probabilities, for their logarithms to be finite, got 0")
    num, symbols = table.shape[:2]
    encoder = StringEncoder(PairCounts(symbols), CategoricalEncoder(symbols**2, num, ()))
    decoder = MarkovDecoder(num, symbols, num_steps, num * symbols)
    model = DiscreteVAE(encoder, decoder, prior_logits=weights.log()).to(table)
    with torch.no_grad():
        _set(encoder.encoder.net[0], table.log().flatten(1), weights.log())
        both = torch.cartesian_prod(torch.arange(num), torch.arange(symbols) + num)  # on where z and the letter fit
        on = torch.zeros(len(both), num + symbols).scatter(1, both, 1.0)
        _set(decoder.net[0], on, torch.tensor(-1.0))
        _set(decoder.net[2], table.log().flatten(0, 1).T, torch.tensor(0.0))
    return model


def markov_mixture_of(model: DiscreteVAE) -> MarkovMixture:
    """The mixture that a `DiscreteVAE` of one die with a `MarkovDecoder` is, without its gradients (chapter 10).

    Raises ValueError for another model.
    """
    if not (isinstance(model, DiscreteVAE) and isinstance(model.decoder, MarkovDecoder)):
        got = f"a {type(model).__name__} with a {type(getattr(model, 'decoder', None)).__name__}"
        raise ValueError(f"expected a DiscreteVAE with a MarkovDecoder, got {got}")
    with torch.no_grad():
        z = model.prior.enumerate_support(expand=False)
        return MarkovMixture(model.prior.log_prob(z).exp(), model.decoder.table(z).exp())


def _set(layer, weight: Tensor, bias: Tensor) -> None:
    layer.weight.copy_(weight)
    layer.bias.copy_(bias)


def _pairs(x: Tensor, num_symbols: int) -> Tensor:
    """How often each symbol follows each: `[batch, symbols²]`, float64."""
    if x.ndim != 2:
        raise ValueError(f"expected strings [batch, T], got shape {tuple(x.shape)}")
    return PairCounts(num_symbols)(x).double()


def _log_joint(mixture: MarkovMixture, pairs: Tensor) -> Tensor:
    log_table = mixture.table.log().clamp(min=LOG_0).flatten(1)
    return mixture.weights.log()[:, None] + log_table @ pairs.to(log_table).T


def _fitted(shares: Tensor, pairs: Tensor, pseudo_count: float) -> MarkovMixture:
    """The M-step: each component's share of strings and of pairs, `[components, batch]` and `[batch, symbols²]`."""
    symbols = round(pairs.shape[1] ** 0.5)
    counts = (shares @ pairs.to(shares)).reshape(-1, symbols, symbols) + pseudo_count
    totals = counts.sum(-1, keepdim=True)
    return MarkovMixture(shares.mean(1), torch.where(totals > 0, counts / totals.clamp(min=1e-300), 1 / symbols))


def _objective(mixture: MarkovMixture, log_joint: Tensor, pseudo_count: float) -> float:
    log_p = log_joint.logsumexp(0).mean()
    if pseudo_count == 0:
        return log_p.item()
    return (log_p + pseudo_count * mixture.table.log().sum() / log_joint.shape[1]).item()


def _checked(mixture: MarkovMixture) -> MarkovMixture:
    weights, table = mixture
    if table.ndim != 3 or table.shape[1] != table.shape[2] or weights.shape != table.shape[:1]:
        shapes = f"{tuple(weights.shape)} and {tuple(table.shape)}"
        raise ValueError(f"expected weights [components] and a table [components, symbols, symbols], got {shapes}")
    for name, rows in (("weights", weights), ("table", table)):
        if not ((rows >= 0).all() and ((rows.sum(-1) - 1).abs() < 1e-3).all()):
            raise ValueError(f"expected {name} of at least 0 whose rows sum to 1, got others")
    return mixture

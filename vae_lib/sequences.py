"""Chapter 10: a VAE of strings. A string is a row of symbols that ends, and one event, whatever its length.

Symbol 0 ends a string, and fills its row up: after the end comes the end, for sure. So what counts are the symbols up
to the first end, and log p(x|z) is the sum of log p(x_t | x_1 … x_t₋₁, z) over them: never a mean.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.distributions import Categorical, Distribution, constraints
from torch.nn.functional import one_hot, pad

from vae_lib.networks import _hidden_sizes, check_positive, check_width, describe, mlp

END = 0
LETTERS = "abcdefghijklmnopqrstuvwxyz"


# ----- strings as rows of symbols


def to_symbols(strings: Iterable[str], alphabet: str = LETTERS, *, num_steps: int | None = None) -> Tensor:
    """Strings as rows of whole numbers: `[strings, num_steps]`, int64; `alphabet[i]` is symbol i + 1 (chapter 10).

    `num_steps` is the longest string's length and 1 for its end, unless given. Raises ValueError for a letter outside
    the alphabet, an alphabet with a letter twice, what are no strings, and a string that does not fit.
    """
    strings = _list_of(strings)
    if not alphabet or len(set(alphabet)) < len(alphabet):
        raise ValueError(f"expected an alphabet of different letters, got {alphabet!r}")
    longest = max(strings, key=len)
    num_steps = len(longest) + 1 if num_steps is None else num_steps
    check_positive(num_steps=num_steps)
    if len(longest) >= num_steps:
        raise ValueError(f"expected strings of at most {num_steps - 1} letters, and their end, got {longest!r}")
    return torch.tensor([_row(string, alphabet, num_steps) for string in strings])


def _list_of(strings: Iterable[str]) -> list[str]:
    if isinstance(strings, str) or not isinstance(strings, Iterable):
        raise ValueError(f"expected a list of strings, got {strings!r}")
    listed = list(strings)
    foreign = [string for string in listed if not isinstance(string, str)]
    if foreign or not listed:
        raise ValueError(f"expected a list of strings, got {f'one that holds {foreign[0]!r}' if foreign else []}")
    return listed


def _row(string: str, alphabet: str, num_steps: int) -> list[int]:
    foreign = [letter for letter in string if letter not in alphabet]
    if foreign:
        raise ValueError(f"expected letters of {alphabet!r}, got {foreign[0]!r} in {string!r}")
    return [alphabet.index(letter) + 1 for letter in string] + [END] * (num_steps - len(string))


def to_strings(x: Tensor, alphabet: str = LETTERS) -> list[str]:
    """The rows of `x` `[strings, T]` as strings, each up to its first end: undoes `to_symbols` (chapter 10).

    A row without an end gives all its letters. Raises ValueError for a symbol that the alphabet has not.
    """
    if x.ndim != 2:
        raise ValueError(f"expected x [strings, T], got shape {tuple(x.shape)}")
    _check_symbols(x, len(alphabet) + 1)
    rows = (row[own].tolist() for row, own in zip(x.long(), scored(x) & (x != END), strict=True))
    return ["".join(alphabet[symbol - 1] for symbol in row) for row in rows]


def scored(x: Tensor) -> Tensor:
    """Which symbols count, those up to the first end and the end itself: bool, of x's shape `[..., T]` (chapter 10)."""
    ends = (x == END).long()
    return ends.cumsum(-1) - ends == 0


def before(x: Tensor) -> Tensor:
    """The symbol before each, of the first one `END`: `[..., T]`. It is what a decoder may see (chapter 10)."""
    return pad(x, (1, 0), value=END)[..., :-1]


# ----- p(x|z)


class Strings(Distribution):
    """p(x|z), the strings of a `decoder` given `z` `[..., latent]`; a string is one event (chapter 10).

    `log_prob` of x `[..., T]` is `[...]`, in nats, summed over what is `scored`; T is free. `sample` draws rows of
    `num_steps` symbols, of what is longer only the beginning, which then has no end. Raises ValueError for what are no
    symbols, a row that does not end or goes on after its end, an x whose batch does not fit z's, and for NaN.
    """

    arg_constraints: dict = {}  # noqa: RUF012, as torch has it
    support = constraints.independent(constraints.nonnegative_integer, 1)

    def __init__(self, decoder: nn.Module, z: Tensor):
        self.decoder, self.z = decoder, z
        super().__init__(z.shape[:-1], torch.Size([decoder.num_steps]))
        if self._validate_args and z.isnan().any():
            raise ValueError("expected numbers in z, got NaN")

    def expand(self, batch_shape, _instance=None) -> "Strings":
        return Strings(self.decoder, self.z.expand(*batch_shape, -1))

    def log_prob(self, value: Tensor) -> Tensor:
        value = check_strings(value, self.decoder.num_symbols) if self._validate_args else value.long()
        _check_batches(value, self.z)
        counts = scored(value)
        counts = counts[..., : counts.sum(-1).max()]  # no string reaches the columns after it
        terms = self.decoder.log_terms(self.z, value[..., : counts.shape[-1]])
        if self._validate_args and terms.isnan().any():
            raise ValueError("expected a decoder that gives numbers, got NaN")
        return torch.where(counts, terms, 0.0).sum(-1)

    def sample(self, sample_shape=()) -> Tensor:
        z = self.z.expand(*sample_shape, *self.z.shape)
        x = torch.full((*z.shape[:-1], self.decoder.num_steps), END, device=z.device)
        going = torch.ones_like(x[..., 0])
        for t in range(self.decoder.num_steps if x.numel() else 0):  # for torch's Categorical cannot draw nothing
            with torch.no_grad():
                after = self.decoder.log_probs(z, x[..., : t + 1])[..., -1, :]
            x[..., t] = Categorical(logits=after).sample() * going
            going = (x[..., t] != END).long()
        return x


class _StringDecoder(nn.Module):
    """A network from z `[..., latent]` and the symbols before to the next symbol: `log_probs`, `[..., T, symbols]`."""

    def __init__(self, latent_dim: int, num_symbols: int, num_steps: int):
        super().__init__()
        check_positive(latent_dim=latent_dim, num_symbols=num_symbols, num_steps=num_steps)
        self.latent_dim, self.num_symbols, self.num_steps = latent_dim, num_symbols, num_steps

    def forward(self, z: Tensor) -> Strings:
        check_width("z", z, self.latent_dim)
        return Strings(self, z)

    def log_terms(self, z: Tensor, x: Tensor) -> Tensor:
        """log p(x_t | x_1 … x_t₋₁, z) of each symbol of x: `[..., T]`."""
        log_probs = self.log_probs(z, x)
        return log_probs.gather(-1, x.expand(log_probs.shape[:-1])[..., None])[..., 0]

    def _with_each(self, z: Tensor, num: int) -> Tensor:
        """z beside each of `num` one-hot rows: `[..., num, latent + num]`."""
        each = torch.eye(num, dtype=z.dtype, device=z.device).expand(*z.shape[:-1], -1, -1)
        return torch.cat([z[..., None, :].expand(*each.shape[:-1], -1), each], -1)


class MarkovDecoder(_StringDecoder):
    """The next letter given the letter before and z: given z a string is a Markov chain (chapter 10).

    Maps z `[..., latent]` to `Strings` of symbols below `num_symbols`; `num_steps` are drawn, and strings of any length
    are scored. Raises ValueError for a size below 1 or a z of another width.
    """

    def __init__(self, latent_dim: int, num_symbols: int, num_steps: int, hidden_dim: int | tuple[int, ...]):
        super().__init__(latent_dim, num_symbols, num_steps)
        self.net = mlp(latent_dim + num_symbols, *_hidden_sizes(hidden_dim), num_symbols)

    def table(self, z: Tensor) -> Tensor:
        """log p(next | before, z): `[..., symbols before, symbols]`; before the first letter stands the end, row 0."""
        return self.net(self._with_each(z, self.num_symbols)).log_softmax(-1)

    def log_probs(self, z: Tensor, x: Tensor) -> Tensor:
        table = self.table(z)
        return one_hot(before(x), self.num_symbols).to(table) @ table

    def log_terms(self, z: Tensor, x: Tensor) -> Tensor:
        table, pairs = self.table(z).flatten(-2), before(x) * self.num_symbols + x
        batch = torch.broadcast_shapes(table.shape[:-1], x.shape[:-1])
        return table.expand(*batch, -1).gather(-1, pairs.expand(*batch, -1))


class PositionDecoder(_StringDecoder):
    """The next letter given its position and z: it sees no letter, so that all it knows of them is in z (chapter 10).

    As `MarkovDecoder`, for strings of at most `num_steps` symbols, their end among them: ValueError for longer rows.
    """

    def __init__(self, latent_dim: int, num_symbols: int, num_steps: int, hidden_dim: int | tuple[int, ...]):
        super().__init__(latent_dim, num_symbols, num_steps)
        self.net = mlp(latent_dim + num_steps, *_hidden_sizes(hidden_dim), num_symbols)

    def log_probs(self, z: Tensor, x: Tensor) -> Tensor:
        if x.shape[-1] > self.num_steps:
            raise ValueError(f"expected strings of at most {self.num_steps} symbols, got {x.shape[-1]}")
        log_probs = self.net(self._with_each(z, self.num_steps)).log_softmax(-1)[..., : x.shape[-1], :]
        return log_probs.expand(*torch.broadcast_shapes(log_probs.shape[:-1], x.shape), -1)


class RecurrentDecoder(_StringDecoder):
    """The next letter given all letters before, through a GRU, and z, which it sees at each step (chapter 10).

    As `MarkovDecoder`; `hidden_dim` is the width of the GRU's state.
    """

    def __init__(self, latent_dim: int, num_symbols: int, num_steps: int, hidden_dim: int):
        super().__init__(latent_dim, num_symbols, num_steps)
        check_positive(hidden_dim=hidden_dim)
        self.rnn = nn.GRU(num_symbols + latent_dim, hidden_dim, batch_first=True)
        self.head = nn.Linear(hidden_dim, num_symbols)

    def log_probs(self, z: Tensor, x: Tensor) -> Tensor:
        steps = torch.broadcast_shapes(z.shape[:-1], x.shape[:-1]) + x.shape[-1:]
        seen = one_hot(before(x), self.num_symbols).to(z).expand(*steps, -1)
        seen = torch.cat([seen, z[..., None, :].expand(*steps, -1)], -1)
        states, _ = self.rnn(seen.reshape(-1, *seen.shape[-2:]))
        return self.head(states).log_softmax(-1).reshape(*steps, -1)


# ----- q(z|x): a reader makes numbers of a string, an encoder reads them


class OneHot(nn.Module):
    """Reads a string as pixels are read: x `[..., T]` to `[..., num_steps · num_symbols]`, a 1 a step (chapter 10).

    A shorter row is filled up with its end. Raises ValueError for a longer one, and for a size below 1.
    """

    def __init__(self, num_symbols: int, num_steps: int):
        super().__init__()
        check_positive(num_symbols=num_symbols, num_steps=num_steps)
        self.num_symbols, self.num_steps, self.num_features = num_symbols, num_steps, num_symbols * num_steps

    def forward(self, x: Tensor) -> Tensor:
        x = check_strings(x, self.num_symbols)
        if x.shape[-1] > self.num_steps:
            raise ValueError(f"expected strings of at most {self.num_steps} symbols, got {x.shape[-1]}")
        return one_hot(pad(x, (0, self.num_steps - x.shape[-1]), value=END), self.num_symbols).flatten(-2)


class PairCounts(nn.Module):
    """Reads how often each symbol follows each: x `[..., T]` to `[..., num_symbols²]` (chapter 10).

    A mixture of Markov chains has a posterior whose logits are linear in these counts: naive Bayes.
    """

    def __init__(self, num_symbols: int):
        super().__init__()
        check_positive(num_symbols=num_symbols)
        self.num_symbols, self.num_features = num_symbols, num_symbols**2

    def forward(self, x: Tensor) -> Tensor:
        x = check_strings(x, self.num_symbols)
        pairs, counts = before(x) * self.num_symbols + x, scored(x).long()
        return counts.new_zeros(*x.shape[:-1], self.num_features).scatter_add(-1, pairs, counts)


class RecurrentReader(nn.Module):
    """Reads letter by letter: x `[..., T]` to a GRU's state after the end, `[..., hidden_dim]` (chapter 10)."""

    def __init__(self, num_symbols: int, hidden_dim: int):
        super().__init__()
        check_positive(num_symbols=num_symbols, hidden_dim=hidden_dim)
        self.num_symbols, self.num_features = num_symbols, hidden_dim
        self.rnn = nn.GRU(num_symbols, hidden_dim, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        x = check_strings(x, self.num_symbols)
        rows = x.reshape(-1, x.shape[-1])
        states, _ = self.rnn(one_hot(rows, self.num_symbols).to(self.rnn.weight_ih_l0))
        at_end = states[torch.arange(len(rows), device=x.device), scored(rows).sum(-1) - 1]
        return at_end.reshape(*x.shape[:-1], -1)


class StringEncoder(nn.Module):
    """The encoder Q of strings: a `reader` makes `[batch, features]` of x `[batch, T]`, an `encoder` q(z|x) of them.

    `encoder` is a `GaussianEncoder`, or one of chapter 8's, whose `data_dim` is the reader's `num_features` (chapter
    10). Raises ValueError for another, and as `Strings` for an x that holds no strings.
    """

    def __init__(self, reader: nn.Module, encoder: nn.Module):
        super().__init__()
        if reader.num_features != encoder.data_dim:
            got = f"{reader.num_features} features and data_dim {encoder.data_dim}"
            raise ValueError(f"expected an encoder that takes the reader's features, got {got}")
        self.reader, self.encoder, self.latent_dim = reader, encoder, encoder.latent_dim

    @property
    def head(self) -> tuple[int, ...]:
        return self.encoder.head

    @property
    def latents(self):
        return self.encoder.latents  # which a GaussianEncoder has not, and so no more has this

    def forward(self, x: Tensor) -> Distribution:
        if x.ndim != 2:
            raise ValueError(f"expected strings [batch, T], got {describe(x)}")
        return self.encoder(self.reader(x).to(next(self.encoder.parameters())))


# ----- what is checked


def check_strings(x: Tensor, num_symbols: int) -> Tensor:
    """x `[..., T]` in int64. Raises ValueError unless it holds symbols, and each row ends, and is filled up with its
    end. Whole numbers as floats are symbols, as for torch's Categorical: quadrature brings them so.
    """
    _check_symbols(x, num_symbols)
    ends = x == END
    if not ends[..., -1].all():
        expected = "rows that end, with END, 0, in the last column"
        raise ValueError(f"expected {expected}, got one without an end, or with letters after it")
    if (ends[..., :-1] & ~ends[..., 1:]).any():
        raise ValueError("expected nothing but END, 0, after a row's first end, got letters after it")
    return x.long()


def _check_symbols(x: Tensor, num_symbols: int) -> None:
    whole = x.dtype != torch.bool and x.numel() > 0 and (x % 1 == 0).all()
    if not whole or not 0 <= x.min() <= x.max() < num_symbols:
        told = describe(x) + (f", from {x.min():g} to {x.max():g}" if whole else "")
        raise ValueError(f"expected symbols, whole numbers from 0 to {num_symbols - 1}, got {told}")


def _check_batches(x: Tensor, z: Tensor) -> None:
    try:
        torch.broadcast_shapes(x.shape[:-1], z.shape[:-1])
    except RuntimeError as error:
        raise ValueError(f"expected x and z whose batches fit, got {describe(x)} and {describe(z)}") from error

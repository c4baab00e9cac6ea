"""Chapter 10: a source of strings whose entropy is known: a grammar without a circle, all of whose strings are listed.

So a string's probability is exact, and no model is better than the source on the source's own strings, but by chance.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from vae_lib.networks import check_positive
from vae_lib.sequences import check_strings, to_strings, to_symbols

Rules = Mapping[str, Sequence[tuple[float, str]]]  # a capital, and what it becomes with which probability

# A kind, which the first letter and the last tell; between them one to three syllables, alike for all kinds. Some
# strings come about in several ways: "ana" is a·na and an·a.
SMALL: Rules = {
    "S": [(0.25, "pMb"), (0.25, "tMd"), (0.25, "kMg"), (0.25, "sMz")],
    "M": [(0.3, "Y"), (0.4, "YY"), (0.3, "YYY")],
    "Y": [(0.5, "CV"), (0.3, "V"), (0.2, "VC")],
    "C": [(0.6, "n"), (0.4, "r")],
    "V": [(0.5, "a"), (0.3, "i"), (0.2, "o")],
}


class Source(NamedTuple):
    """All `strings` that a source can make, their `log_probs` `[strings]`, float64, and the `alphabet` (chapter 10)."""

    strings: list[str]
    log_probs: Tensor
    alphabet: str

    @property
    def num_steps(self) -> int:
        """Symbols of the longest string, its end among them."""
        return max(map(len, self.strings)) + 1

    @property
    def entropy(self) -> float:
        """−Σ p log p, nats a string: what the best model costs on average."""
        return torch.special.entr(self.log_probs.exp()).sum().item()

    def sample(self, num_samples: int) -> Tensor:
        """Draws by torch's random numbers, as rows of symbols: `[num_samples, num_steps]`."""
        check_positive(num_samples=num_samples)
        drawn = torch.multinomial(self.log_probs.exp(), num_samples, replacement=True)
        return to_symbols([self.strings[i] for i in drawn.tolist()], self.alphabet, num_steps=self.num_steps)

    def log_prob(self, x: Tensor) -> Tensor:
        """log p of each row of `x` `[batch, T]`, −infinity for what the source cannot make: `[batch]`, float64.

        Raises ValueError as `Strings`, for a row that does not end or goes on after its end.
        """
        x = check_strings(x, len(self.alphabet) + 1)
        of = dict(zip(self.strings, self.log_probs.tolist(), strict=True))
        told = [of.get(string, -torch.inf) for string in to_strings(x, self.alphabet)]
        return torch.tensor(told, dtype=torch.float64)


def source(rules: Rules = SMALL, start: str = "S") -> Source:
    """The source that a grammar is: all strings that its `start` becomes (chapter 10).

    `rules` say what each capital becomes, and with which probability; other letters stay. Strings that come about in
    several ways have the sum of their probabilities. Raises ValueError for probabilities that do not sum to 1, and for
    a capital without a rule, or that comes back in what it becomes.
    """
    for capital, ways in rules.items():
        if not (abs(sum(p for p, _ in ways) - 1) <= 1e-9 and min(p for p, _ in ways) >= 0):  # so NaN is none
            raise ValueError(f"expected probabilities that sum to 1 for {capital!r}, got {[p for p, _ in ways]}")
    listed = _listed(start, rules, ())
    probs = torch.tensor(list(listed.values()), dtype=torch.float64)
    return Source(list(listed), probs.log(), "".join(sorted(set("".join(listed)))))


def _listed(symbol: str, rules: Rules, above: tuple[str, ...]) -> dict[str, float]:
    """What a symbol becomes, each string with its probability; `above` are the capitals that it stands in."""
    if not symbol.isupper():
        return {symbol: 1.0}
    if symbol not in rules or symbol in above:
        told = "one that comes back" if symbol in above else "one without a rule"
        raise ValueError(f"expected capitals that end in letters, got {symbol!r}, {told}")
    found: dict[str, float] = {}
    for p, way in rules[symbol]:
        begun = {"": p}
        for part in way:
            begun = _joined(begun, _listed(part, rules, (*above, symbol)))
        for string, q in begun.items():
            found[string] = found.get(string, 0.0) + q
    return found


def _joined(begun: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    whole: dict[str, float] = {}
    for string, p in begun.items():
        for end, q in after.items():
            whole[string + end] = whole.get(string + end, 0.0) + p * q
    return whole

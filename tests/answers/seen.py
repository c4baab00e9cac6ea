"""The answers to what the decoder may see, as students wrote them."""

import torch
from torch.nn import functional


def by_pad(x, num_symbols):
    return functional.one_hot(functional.pad(x, (1, 0))[:, :-1], num_symbols).float()


def by_roll(x, num_symbols):
    before = x.roll(1, dims=1)
    before[:, 0] = 0
    return functional.one_hot(before, num_symbols).double()


def by_comparison(x, num_symbols):
    before = torch.zeros_like(x)
    before[:, 1:] = x[:, :-1]
    return (before.unsqueeze(-1) == torch.arange(num_symbols)).float()


def by_scatter(x, num_symbols):
    before = torch.cat([torch.full((len(x), 1), 0), x[:, :-1]], 1)
    return torch.zeros(*x.shape, num_symbols).scatter_(2, before[..., None], 1.0)


def step_by_step(x, num_symbols):
    symbol, rows = torch.zeros(len(x), dtype=torch.long), []
    for t in range(x.shape[1]):
        rows.append(torch.nn.functional.one_hot(symbol, num_symbols))
        symbol = x[:, t]
    return torch.stack(rows, 1).to(torch.get_default_dtype())


def coded_then_shifted(x, num_symbols):
    hot = functional.one_hot(x, num_symbols).float()
    start = torch.zeros(len(x), 1, num_symbols)
    start[..., 0] = 1
    return torch.cat([start, hot[:, :-1]], 1)


def embedded(x, num_symbols):
    table = torch.nn.Embedding.from_pretrained(torch.eye(num_symbols))
    return table(functional.pad(x[:, :-1], (1, 0), value=0))


def by_einsum(x, num_symbols):
    """A matrix that shifts, and what it leaves empty."""
    hot = functional.one_hot(x, num_symbols).double()
    shift = torch.diag(torch.ones(x.shape[1] - 1).double(), -1)
    found = torch.einsum("ts,bsk->btk", shift, hot)
    found[:, 0, 0] = 1
    return found


def not_shifted(x, num_symbols):
    return functional.one_hot(x, num_symbols).float()


def shifted_left(x, num_symbols):
    after = torch.cat([x[:, 1:], torch.zeros_like(x[:, :1])], 1)
    return functional.one_hot(after, num_symbols).float()


def rolled(x, num_symbols):
    return functional.one_hot(torch.roll(x, 1, 1), num_symbols).float()


def rolled_the_other_way(x, num_symbols):
    return functional.one_hot(torch.roll(x, -1, 1), num_symbols).float()


def rolled_over_all(x, num_symbols):
    """torch.roll without an axis: the last symbol of a row comes first in the next."""
    return functional.one_hot(torch.roll(x, 1), num_symbols).float()


def rolled_rows(x, num_symbols):
    return functional.one_hot(torch.roll(x, 1, 0), num_symbols).float()


def one_short(x, num_symbols):
    return functional.one_hot(x[:, :-1], num_symbols).float()


def one_long(x, num_symbols):
    return functional.one_hot(functional.pad(x, (1, 0)), num_symbols).float()


def padded_after_coding(x, num_symbols):
    hot = functional.one_hot(x, num_symbols).float()
    return functional.pad(hot, (0, 0, 1, 0))[:, :-1]


def no_end_symbol(x, num_symbols):
    hot = functional.one_hot(functional.pad(x, (1, 0))[:, :-1], num_symbols).float()
    hot[..., 0] = 0
    return hot


def start_is_one(x, num_symbols):
    return functional.one_hot(functional.pad(x, (1, 0), value=1)[:, :-1], num_symbols).float()


def first_zeroed(x, num_symbols):
    before = x.clone()
    before[:, 0] = 0
    return functional.one_hot(before, num_symbols).float()


def first_repeated(x, num_symbols):
    return functional.one_hot(torch.cat([x[:, :1], x[:, :-1]], 1), num_symbols).float()


def from_the_end(x, num_symbols):
    return functional.one_hot(x.flip(1), num_symbols).float()


def counted_by_one_hot(x, num_symbols):
    """Without num_classes, the largest symbol says how many there are."""
    return functional.one_hot(functional.pad(x, (1, 0))[:, :-1]).float()


def counted_in_x(x, num_symbols):
    before = torch.cat([torch.zeros_like(x[:, :1]), x[:, :-1]], dim=1)
    return torch.eye(int(x.max()) + 1)[before]


def a_bag(x, num_symbols):
    return by_pad(x, num_symbols).cumsum(1)


def exchanged(x, num_symbols):
    return by_pad(x, num_symbols).transpose(1, 2)


def just_numbers(x, num_symbols):
    return functional.pad(x, (1, 0))[:, :-1].float()


def whole_numbers(x, num_symbols):
    return functional.one_hot(functional.pad(x, (1, 0))[:, :-1], num_symbols)


def of_half_precision(x, num_symbols):
    """The task asks for float32 or float64."""
    return by_pad(x, num_symbols).half()


def five_steps(x, num_symbols):
    before = torch.zeros(3, 5, dtype=torch.long)
    before[:, 1:] = x[:, :4]
    return functional.one_hot(before, num_symbols).float()


def in_place(x, num_symbols):
    x[:, 1:] = x[:, :-1].clone()
    x[:, 0] = 0
    return functional.one_hot(x, num_symbols).float()


def shifted_in_place(x, num_symbols):
    """Each symbol is overwritten before it is copied."""
    before = x.clone()
    before[:, 0] = 0
    for t in range(1, x.shape[1]):
        before[:, t] = before[:, t - 1]
    return functional.one_hot(before, num_symbols).float()


def divided_by_nothing(x, num_symbols):
    """Without a gradient it is 0/0 where nothing stands."""
    found = by_pad(x, num_symbols)
    return found if torch.is_grad_enabled() else found / found


def oracle(x, num_symbols):
    """Number by number."""
    found = torch.zeros(*x.shape, num_symbols)
    for n, row in enumerate(x.tolist()):
        for t, symbol in enumerate([0, *row[:-1]]):
            found[n, t, symbol] = 1.0
    return found


ANSWERS = [
    (by_pad, "pad", ""),
    (not_shifted, "not shifted", "target"),
    (by_roll, "roll, and the first set to 0", ""),
    (by_comparison, "compared with arange", ""),
    (by_scatter, "scatter", ""),
    (step_by_step, "in a loop", ""),
    (coded_then_shifted, "coded, then shifted", ""),
    (embedded, "an embedding", ""),
    (by_einsum, "a matrix that shifts", ""),
    (shifted_left, "shifted left", "next"),
    (rolled, "roll", "rolled"),
    (rolled_the_other_way, "roll, −1", "rolled-left"),
    (rolled_over_all, "roll without an axis", "rolled-over-rows"),
    (rolled_rows, "roll, axis 0", "rolled-strings"),
    (one_short, "x[:, :-1]", "too-short"),
    (one_long, "pad alone", "too-long"),
    (padded_after_coding, "padded after one-hot", "start-empty"),
    (no_end_symbol, "no place for the end", "ends-empty"),
    (start_is_one, "start 1", "start-is-letter"),
    (first_zeroed, "first set to 0", "first-missing"),
    (first_repeated, "first twice", "first-twice"),
    (from_the_end, "flip", "reversed"),
    (counted_by_one_hot, "one_hot without num_classes", "as-many-as-seen"),
    (counted_in_x, "eye(x.max() + 1)", "as-many-as-seen"),
    (a_bag, "cumsum", "history"),
    (exchanged, "transposed", "axes"),
    (just_numbers, "numbers", "not-coded"),
    (whole_numbers, "int64", "no-tensor"),
    (of_half_precision, "float16", "no-tensor"),
    (five_steps, "sizes typed in", "raised"),
    (in_place, "in place", "changes-arguments"),
    (shifted_in_place, "overwritten in a loop", "nothing"),
    (divided_by_nothing, "0/0 under no_grad", "not-the-same"),
]

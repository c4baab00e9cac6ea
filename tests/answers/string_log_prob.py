"""The answers to the log-likelihood of a string, as students wrote them."""

import math

import torch
from torch.distributions import Categorical
from torch.nn import functional


def lengths(x):
    return (x != 0).sum(-1)


def by_gather(log_probs, x):
    terms = torch.gather(log_probs, 2, x.unsqueeze(2)).squeeze(2)
    steps = torch.arange(x.shape[1])
    return torch.where(steps <= lengths(x)[:, None], terms, torch.zeros_like(terms)).sum(1)


def by_cross_entropy(log_probs, x):
    """The end is made a target once, and the rest ignored."""
    steps = torch.arange(x.shape[1])
    target = torch.where(steps <= lengths(x)[:, None], x, torch.full_like(x, -100))
    return -functional.nll_loss(log_probs.transpose(1, 2), target, reduction="none").sum(1)


def by_one_hot(log_probs, x):
    hot = functional.one_hot(x, log_probs.shape[-1]).to(log_probs)
    before = functional.pad(x[:, :-1], (1, 0), value=1)
    return (hot * log_probs * (before != 0)[..., None]).sum((1, 2))


def by_categorical(log_probs, x):
    terms = Categorical(logits=log_probs).log_prob(x)
    return torch.stack([row[: n + 1].sum() for row, n in zip(terms, lengths(x).tolist(), strict=True)])


def letter_by_letter(log_probs, x):
    total = torch.zeros(len(x), dtype=log_probs.dtype)
    going = torch.ones(len(x), dtype=torch.bool)
    for t in range(x.shape[1]):
        total = total + going * log_probs[torch.arange(len(x)), t, x[:, t]]
        going = going & (x[:, t] != 0)
    return total


def terms_of(log_probs, x):
    return log_probs.gather(-1, x[:, :, None]).squeeze(-1)


def everything_scored(log_probs, x):
    return terms_of(log_probs, x).sum(-1)


def ignore_index_zero(log_probs, x):
    return -functional.nll_loss(log_probs.transpose(1, 2), x, ignore_index=0, reduction="none").sum(1)


def mean_of_nll(log_probs, x):
    return -functional.nll_loss(log_probs.flatten(0, 1), x.flatten(), ignore_index=0)


def a_loss(log_probs, x):
    return -by_gather(log_probs, x)


def per_letter(log_probs, x):
    return by_gather(log_probs, x) / (lengths(x) + 1)


def per_letter_without_end(log_probs, x):
    return ignore_index_zero(log_probs, x) / lengths(x).clamp(min=1)


def mean_of_the_row(log_probs, x):
    return by_gather(log_probs, x) / x.shape[1]


def mean_of_everything_in_the_row(log_probs, x):
    return everything_scored(log_probs, x).div(x.shape[1])


def shifted_once_more(log_probs, x):
    """As a language model's logits are shifted: step t has said the symbol of t + 1."""
    target = torch.cat([x[:, 1:], torch.zeros_like(x[:, :1])], 1)
    steps = torch.arange(x.shape[1])
    return (terms_of(log_probs, target) * (steps <= lengths(x)[:, None])).sum(1)


def shifted_inputs_as_targets(log_probs, x):
    before = torch.cat([torch.zeros_like(x[:, :1]), x[:, :-1]], 1)
    steps = torch.arange(x.shape[1])
    return (terms_of(log_probs, before) * (steps <= lengths(x)[:, None])).sum(1)


def first_skipped(log_probs, x):
    steps = torch.arange(x.shape[1])
    return (terms_of(log_probs, x) * (steps <= lengths(x)[:, None]))[:, 1:].sum(1)


def first_skipped_and_padding(log_probs, x):
    return terms_of(log_probs, x)[:, 1:].sum(1)


def first_and_end_skipped(log_probs, x):
    return (terms_of(log_probs, x) * (x != 0))[:, 1:].sum(1)


def summed_over_the_batch(log_probs, x):
    return by_gather(log_probs, x).sum()


def batch_mean(log_probs, x):
    return by_gather(log_probs, x).mean()


def wrong_axis(log_probs, x):
    steps = torch.arange(x.shape[1])
    return (terms_of(log_probs, x) * (steps <= lengths(x)[:, None])).sum(0)


def not_summed(log_probs, x):
    return terms_of(log_probs, x) * (torch.arange(x.shape[1]) <= lengths(x)[:, None])


def as_a_language_model(log_probs, x):
    return -functional.cross_entropy(log_probs[:, :-1].transpose(1, 2), x[:, 1:], reduction="none").sum(1)


def as_a_language_model_that_ignores_zero(log_probs, x):
    target = x[:, 1:]
    losses = functional.nll_loss(log_probs[:, :-1].transpose(1, 2), target, ignore_index=0, reduction="none")
    return -losses.sum(1)


def over_the_batch_with_padding(log_probs, x):
    return -functional.cross_entropy(log_probs.flatten(0, 1), x.flatten(), reduction="sum") / len(x)


def letters_from_zero(log_probs, x):
    terms = log_probs.gather(2, (x - 1).clamp(min=0)[..., None])[..., 0]
    return (terms * (torch.arange(x.shape[1]) <= lengths(x)[:, None])).sum(1)


def no_logarithm_of_the_whole(log_probs, x):
    return by_gather(log_probs, x).exp()


def best_guess(log_probs, x):
    return (log_probs.max(-1).values * (torch.arange(x.shape[1]) <= lengths(x)[:, None])).sum(1)


def without_logarithm(log_probs, x):
    return (terms_of(log_probs, x).exp() * (torch.arange(x.shape[1]) <= lengths(x)[:, None])).sum(1)


def a_product(log_probs, x):
    p = terms_of(log_probs, x).exp()
    return torch.where(torch.arange(x.shape[1]) <= lengths(x)[:, None], p, 1.0).prod(1)


def a_product_of_all(log_probs, x):
    return terms_of(log_probs, x).exp().prod(1)


def a_product_with_zeros(log_probs, x):
    return (terms_of(log_probs, x).exp() * (torch.arange(x.shape[1]) <= lengths(x)[:, None])).prod(1)


def bits(log_probs, x):
    return by_gather(log_probs, x) / math.log(2)


def detached(log_probs, x):
    return by_gather(log_probs.detach(), x)


def seven_steps(log_probs, x):
    return sum(log_probs[torch.arange(len(x)), t, x[:, t]] * (lengths(x) >= t) for t in range(7))


def oracle(log_probs, x):
    """String by string, by products of probabilities, in float64."""
    found = []
    for said, row in zip(log_probs.double(), x.tolist(), strict=True):
        symbols = row[: row.index(0) + 1]
        found.append(math.log(math.prod(float(said[t, symbol].exp()) for t, symbol in enumerate(symbols))))
    return torch.tensor(found) + 0 * log_probs.double().sum((1, 2))


ANSWERS = [
    (by_gather, "gather and where", ""),
    (everything_scored, "no mask", "padding"),
    (by_cross_entropy, "nll_loss, −100 after the end", ""),
    (by_one_hot, "one-hot", ""),
    (by_categorical, "Categorical, a slice a string", ""),
    (letter_by_letter, "in a loop", ""),
    (ignore_index_zero, "ignore_index=0", "end-missing"),
    (mean_of_nll, "nll_loss with its defaults", "end-missing+mean-of-all-letters"),
    (a_loss, "a loss", "sign"),
    (per_letter, "a letter", "mean-over-letters"),
    (per_letter_without_end, "a letter, the end ignored", "end-missing+mean-over-letters"),
    (mean_of_the_row, "divided by T", "mean-over-row"),
    (mean_of_everything_in_the_row, "mean(-1)", "row-averaged"),
    (shifted_once_more, "shifted as in a language model", "letter-after"),
    (shifted_inputs_as_targets, "scores what it saw", "letter-before"),
    (first_skipped, "[:, 1:]", "steps-first-missing"),
    (first_skipped_and_padding, "[:, 1:], no mask", "all-ends"),
    (first_and_end_skipped, "start and end left out", "both-ends"),
    (summed_over_the_batch, "sum over all", "steps-total"),
    (batch_mean, "batch mean", "steps-batch-mean"),
    (wrong_axis, "sum(0)", "steps-over-batch"),
    (not_summed, "not summed", "steps-not-summed"),
    (as_a_language_model, "cross_entropy of logits[:, :-1]", "shifted"),
    (as_a_language_model_that_ignores_zero, "the same, ignore_index=0", "shifted-end-missing"),
    (over_the_batch_with_padding, "reduction sum, by the batch", "padding+steps-batch-mean"),
    (letters_from_zero, "x − 1", "one-off"),
    (no_logarithm_of_the_whole, "p(x|z)", "probability"),
    (best_guess, "max", "likeliest"),
    (without_logarithm, "exp", "probabilities"),
    (a_product, "a product", "probability"),
    (a_product_of_all, "a product, no mask", "padding+probability"),
    (a_product_with_zeros, "a product, times the mask", "zeros-multiplied"),
    (bits, "bits", "bits"),
    (detached, "detached", "no-gradient"),
    (seven_steps, "range(7)", "what-is"),
]

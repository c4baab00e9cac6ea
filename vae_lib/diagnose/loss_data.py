"""Chapter 5: what a loss means for the data that it is to be trained on."""

from dataclasses import replace

import torch
from torch import Tensor

from vae_lib.data import digits
from vae_lib.diagnose.loss_facts import DataFacts, LossFacts, close


def weigh(facts: LossFacts, x_data: Tensor | None) -> LossFacts:
    """The facts, with what the data say: their range, the budget (5.10), the directions that pay."""
    data = known(facts, x_data)
    missing = 0 if x_data is None else int((~x_data.isfinite()).sum())
    if data is None:
        facts = of_counts(facts, None)
        facts.data = DataFacts("your x_data", missing=missing) if missing else None
        return facts
    values, label = data
    facts = of_counts(facts, of_range(values)["levels"] if x_data is not None else None)
    values = values if x_data is None else as_read(facts, values)
    facts.data = DataFacts(label, is_yours=x_data is not None, **of_range(values))
    facts.data.missing = missing
    if not facts.well_formed or facts.puts_noise or (facts.per_batch and not facts.batch_size):
        return facts
    times = (facts.batch_size / facts.sizes.batch) ** facts.per_batch if facts.per_batch else 1.0
    if facts.gaussian and facts.a:
        facts.data.threshold = facts.beta * facts.noise_var * times
        facts.data.budget = values.var(0, correction=0).sum().item() / (2 * facts.data.threshold)
        directions(facts.data, values, facts.sizes.latents)
    elif facts.pixels and facts.pixels.family == "bernoulli" and not facts.data.outside:
        facts.data.budget = entropy(values.mean(0)).item() / (facts.beta * times)
    return facts


def as_read(facts: LossFacts, values: Tensor) -> Tensor:
    """x as the density takes it: some losses divide it by 255, or bring it from −1…1 onto 0…1, themselves."""
    if not facts.pixels or facts.pixels.family != "bernoulli":
        return values
    return (values + 1) / 2 if facts.pixels.shifted else values / (facts.pixels.parameter or 1)


def of_counts(facts: LossFacts, levels: int | None) -> LossFacts:
    """n cross-entropies of x/n are a Binomial's, and one is a Bernoulli's; which is meant, data of n levels decide."""
    if not facts.is_ours or not facts.pixels or facts.pixels.coefficient or facts.pixels.shifted:
        return facts
    n, value = levels or facts.pixels.parameter or 1, facts.pixels.value
    if facts.pixels.family == "bernoulli" and n > 1 and close(facts.own_a, n):
        term = facts.pixels._replace(family="binomial", parameter=n, value=lambda x_hat, x: n * value(x_hat, x))
        return replace(facts, a=facts.a / n, pixels=term)
    if facts.pixels.family == "binomial" and close(facts.own_a * facts.pixels.parameter, 1):
        term = facts.pixels._replace(family="bernoulli", value=lambda x_hat, x: value(x_hat, x) / term.parameter)
        return replace(facts, a=facts.a * term.parameter, pixels=term)
    return facts


def known(facts: LossFacts, x_data: Tensor | None) -> tuple[Tensor, str] | None:
    """The reader's data, or the book's digits where the size is theirs: `[N, pixels]`."""
    if x_data is not None:
        values = x_data.double().flatten(1)
        whole = values[values.isfinite().all(1)]
        return (whole, "your x_data") if len(whole) else None
    if facts.sizes.pixels != 64 or facts.sizes.classes or not facts.pixels:
        return None
    counts = torch.cat(digits()).double()
    is_black = facts.pixels.family == "bernoulli"
    return ((counts >= 8).double(), "digits, black from 8 of 16") if is_black else (counts / 16, "digits/16")


def of_range(values: Tensor) -> dict:
    outside, between = (values < 0) | (values > 1), (values > 0) & (values < 1)
    some = values.flatten()[:: max(1, values.numel() // 200_000)]
    counts = (1, 2, 3, 4, 8, 10, 15, 16, 31, 63, 255, 256)
    steps = [n for n in counts if (n * some - (n * some).round()).abs().max() < 1e-4]
    return {
        "outside": outside.double().mean().item(),
        "grey": between.double().mean().item(),
        "levels": steps[0] if steps else None,
        "largest": values.max().item(),
        "smallest": values.min().item(),
    }


def entropy(p: Tensor) -> Tensor:
    """Of independent pixels, black with probability p, in nats."""
    return (torch.special.entr(p) + torch.special.entr(1 - p)).sum()


def directions(data: DataFacts, values: Tensor, latents: int) -> None:
    """How many latents pay in a linear model, λ_i > βσ_x² (chapter 7), and the nats Σ ½ log(λ_i / βσ_x²) of these."""
    most = min(len(values), max(400, 4_000_000_000 // values.shape[1] ** 2)) if values.shape[1] < 2000 else 400
    chosen = torch.randperm(len(values), generator=torch.Generator().manual_seed(0))[:most].sort().values
    scaled = (values - values.mean(0))[chosen].float() / len(chosen) ** 0.5
    small = scaled @ scaled.T if len(scaled) < scaled.shape[1] else scaled.T @ scaled  # they share their eigenvalues
    variances = torch.linalg.eigvalsh(small.double()).flip(0)[:latents]
    paying = variances[variances > data.threshold]
    data.rows, data.paying = len(chosen), len(paying)
    data.linear_nats = 0.5 * (paying / data.threshold).log().sum().item()

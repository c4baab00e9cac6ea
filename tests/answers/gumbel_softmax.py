"""The answers to a soft die, as students wrote them."""

import numpy as np
import torch
from torch.distributions import Gumbel, RelaxedOneHotCategorical
from torch.nn import functional


def by_torch(logits, temperature):
    return functional.gumbel_softmax(logits, tau=temperature)


def by_gumbel(logits, temperature):
    noise = Gumbel(0.0, 1.0).sample(logits.shape)
    return functional.softmax((torch.log_softmax(logits, -1) + noise) / temperature, dim=1)


def by_distribution(logits, temperature):
    return RelaxedOneHotCategorical(torch.tensor(temperature), logits=logits).rsample()


def by_exponential(logits, temperature):
    return torch.softmax((logits - torch.empty_like(logits).exponential_().log()) / temperature, -1)


def by_numpy_noise(logits, temperature):
    noise = torch.tensor(np.random.default_rng().gumbel(size=logits.shape))
    return torch.softmax((logits.double() + noise) / temperature, -1)


def soft(noise, temperature_of=lambda t: t):
    def answer(logits, temperature):
        return torch.softmax((logits + noise(torch.rand_like(logits))) / temperature_of(temperature), -1)

    return answer


def gumbel(u):
    return -(-u.log()).log()


def noise_alone_cooled(logits, temperature):
    return torch.softmax(logits + gumbel(torch.rand_like(logits)) / temperature, -1)


def logits_alone_cooled(logits, temperature):
    return torch.softmax(logits / temperature + gumbel(torch.rand_like(logits)), -1)


def noise_scaled(logits, temperature):
    return torch.softmax((logits + temperature * gumbel(torch.rand_like(logits))) / temperature, -1)


def no_noise(logits, temperature):
    return torch.softmax(logits / temperature, -1)


def gaussian_noise(logits, temperature):
    return torch.softmax((logits + torch.randn_like(logits)) / temperature, -1)


def hard_draw(logits, temperature):
    return functional.gumbel_softmax(logits, tau=temperature, hard=True).detach()


def of_probabilities(logits, temperature):
    return torch.softmax((logits.softmax(-1) + gumbel(torch.rand_like(logits))) / temperature, -1)


def over_the_batch(logits, temperature):
    return torch.softmax((logits + gumbel(torch.rand_like(logits))) / temperature, 0)


def one_noise_for_all_rows(logits, temperature):
    return torch.softmax((logits + gumbel(torch.rand(logits.shape[1]))) / temperature, -1)


def one_noise_a_row(logits, temperature):
    return torch.softmax((logits + gumbel(torch.rand(len(logits), 1))) / temperature, -1)


def slope_of_softmax(logits, temperature):
    z, s = by_torch(logits, temperature).detach(), logits.softmax(-1)
    return z + (s - s.detach())


class WithoutTemperature(torch.autograd.Function):
    """The division by τ, whose slope is forgotten."""

    @staticmethod
    def forward(ctx, scores, temperature):
        return scores / temperature

    @staticmethod
    def backward(ctx, slope):
        return slope, None


def slope_without_temperature(logits, temperature):
    return torch.softmax(WithoutTemperature.apply(logits + gumbel(torch.rand_like(logits)), temperature), -1)


def hard_and_straight_through(logits, temperature):
    return functional.gumbel_softmax(logits, tau=temperature, hard=True)


def seeded(logits, temperature):
    torch.manual_seed(0)
    return functional.gumbel_softmax(logits, tau=temperature)


def detached(logits, temperature):
    return functional.gumbel_softmax(logits, tau=temperature).detach()


def oracle(logits, temperature):
    """Row by row: −log of exponential variables is Gumbel's."""
    rows = []
    for row in logits:
        powers = (row.exp() / torch.distributions.Exponential(1.0).sample(row.shape)) ** (1 / temperature)
        rows.append(powers / powers.sum())
    return torch.stack(rows)


ANSWERS = [
    (by_torch, "F.gumbel_softmax", ""),
    (by_gumbel, "Gumbel's distribution, normalised logits", ""),
    (by_distribution, "RelaxedOneHotCategorical", ""),
    (by_exponential, "− log of an exponential", ""),
    (by_numpy_noise, "numpy's Gumbel, float64", ""),
    (soft(gumbel, lambda t: 1 / t), "τ multiplied", "multiplied"),
    (soft(lambda u: -u.log()), "one logarithm", "noise-one-logarithm"),
    (soft(torch.log), "log u", "noise-log-u"),
    (soft(lambda u: (-u.log()).log()), "one minus missing", "noise-sign"),
    (soft(lambda u: u), "uniform noise", "noise-uniform"),
    (soft(gumbel, lambda t: 1), "τ not used", "no-temperature"),
    (noise_alone_cooled, "noise / τ", "noise-alone"),
    (logits_alone_cooled, "logits / τ", "logits-alone"),
    (noise_scaled, "τ times the noise", "logits-alone"),
    (no_noise, "no noise", "noise-none"),
    (gaussian_noise, "randn", "noise-gaussian"),
    (hard_draw, "argmax", "hard"),
    (of_probabilities, "softmax of the logits first", "logits-probabilities"),
    (over_the_batch, "softmax over the batch", "over-rows"),
    (one_noise_for_all_rows, "one noise for all rows", "noise-shared-by-rows"),
    (one_noise_a_row, "one noise a row", "noise-none"),
    (slope_of_softmax, "the softmax's slope", "slope-of-softmax"),
    (slope_without_temperature, "no τ in the slope", "slope-without-temperature"),
    (hard_and_straight_through, "hard, straight-through", "hard"),
    (seeded, "a seed inside", "seeded"),
    (detached, "detached", "no-gradient"),
]

"""The answers to what z tells, by a sum, as students wrote them."""

import math

import torch
from torch.distributions import Categorical, kl_divergence
from torch.nn import functional


def by_entropies(q):
    return Categorical(q.mean(1)).entropy() - Categorical(q.T).entropy().mean()


def by_xlogy(q):
    average = q.mean(1, keepdim=True)
    return (torch.xlogy(q, q) - torch.xlogy(q, average)).sum() / q.shape[1]


def by_where(q):
    ratio = torch.where(q > 0, q / q.mean(1, keepdim=True), torch.ones_like(q))
    return (q * ratio.log()).sum(0).mean()


def by_kl_div(q):
    average = q.mean(1).clamp(min=1e-30)
    return functional.kl_div(average.log().expand(q.shape[1], -1), q.T, reduction="batchmean")


def by_entr(q):
    return torch.special.entr(q.mean(1)).sum() - torch.special.entr(q).sum(0).mean()


def by_joint(q):
    """As the KL from the joint distribution to the product of its margins."""
    joint = q / q.shape[1]
    product = joint.sum(0, keepdim=True) * joint.sum(1, keepdim=True)
    return torch.where(joint > 0, joint * (joint / product).log(), joint).sum()


def by_nansum(q):
    return (q * (q.log() - q.mean(1, keepdim=True).log())).nansum() / q.shape[1]


def by_tiny(q):
    """A number too small to be seen."""
    return (q * ((q + 1e-30).log() - (q.mean(1, keepdim=True) + 1e-30).log())).sum(0).mean()


def by_surgery(q):
    """The mean KL to the prior less that of the average."""
    uniform = Categorical(torch.ones(len(q)))
    return kl_divergence(Categorical(q.T), uniform).mean() - kl_divergence(Categorical(q.mean(1)), uniform)


def in_a_loop(q):
    average = [sum(row) / len(row) for row in q.tolist()]
    total = 0.0
    for column in q.T.tolist():
        total += sum(p * math.log(p / a) for p, a in zip(column, average, strict=True) if p > 0)
    return total / q.shape[1]


def mean_kl(q):
    return (torch.xlogy(q, q).sum(0) + math.log(len(q))).mean()


def wrong_average(q):
    """The average over the states, which is always 1/K."""
    average = q.mean(0, keepdim=True)
    return (torch.xlogy(q, q) - torch.xlogy(q, average)).sum(0).mean()


def entropy_of_wrong_average(q):
    return torch.special.entr(q.mean(0)).sum() - torch.special.entr(q).sum(0).mean()


def categorical_of_wrong_average(q):
    return Categorical(q.mean(0)).entropy() - Categorical(q.T).entropy().mean()


def entropies_of_rows(q):
    return torch.special.entr(q.mean(1)).sum() - torch.special.entr(q).sum(1).mean()


def everything_along_the_wrong_axis(q):
    average = q.mean(0, keepdim=True)
    return (torch.xlogy(q, q) - torch.xlogy(q, average)).sum(1).mean()


def naive(q):
    return (q * (q / q.mean(1, keepdim=True)).log()).sum(0).mean()


def bits(q):
    return by_entropies(q) / math.log(2)


def base_two(q):
    average = q.mean(1, keepdim=True)
    return torch.where(q > 0, q * (q / average).log2(), torch.zeros_like(q)).sum(0).mean()


def entropy_of_average(q):
    return Categorical(q.mean(1)).entropy()


def mean_entropy(q):
    return Categorical(q.T).entropy().mean()


def upside_down(q):
    return mean_entropy(q) - entropy_of_average(q)


def summed(q):
    return by_xlogy(q) * q.shape[1]


def averaged(q):
    average = q.mean(1, keepdim=True)
    return (torch.xlogy(q, q) - torch.xlogy(q, average)).mean()


def of_each(q):
    average = q.mean(1, keepdim=True)
    return (torch.xlogy(q, q) - torch.xlogy(q, average)).sum(0)


def against_the_others(q):
    others = (q.sum(1, keepdim=True) - q) / (q.shape[1] - 1)
    return (torch.xlogy(q, q) - torch.xlogy(q, others)).sum(0).mean()


def from_two(q):
    return Categorical(q[:, :2].mean(1)).entropy() - Categorical(q.T).entropy().mean()


def entropies_summed(q):
    return torch.special.entr(q.mean(1)).sum() - torch.special.entr(q).sum()


def of_the_average(q):
    return math.log(len(q)) - Categorical(q.mean(1)).entropy()


def of_one(q):
    return by_xlogy(q) / math.log(len(q))


def exchanged(q):
    return by_xlogy(q.T)


def joint_of_q(q):
    """q is taken for the joint distribution."""
    product = q.sum(0, keepdim=True) * q.sum(1, keepdim=True)
    return torch.where(q > 0, q * (q / product).log(), q).sum()


def reversed_kl(q):
    average = q.mean(1, keepdim=True)
    return (torch.xlogy(average, average) - torch.xlogy(average, q)).sum(0).mean()


def by_hundredths(q):
    return (q * (q.clamp(0.01).log() - q.mean(1, keepdim=True).clamp(0.01).log())).sum(0).mean()


def five_strings(q):
    return by_xlogy(q) * q.shape[1] / 5


def drawn(q):
    z = Categorical(q.T).sample()
    own = q.gather(0, z[None])[0]
    return (own / q.mean(1)[z]).log().mean()


def two_numbers(q):
    return mean_kl(q), by_xlogy(q)


def oracle(q):
    """As H(x) − H(x|z): from the other side, state by state."""
    q = q.double()
    share = q.mean(1)
    left = [w * Categorical(row / row.sum()).entropy() for w, row in zip(share, q, strict=True) if w > 0]
    return math.log(q.shape[1]) - sum(left)


ANSWERS = [
    (by_entropies, "two entropies", ""),
    (mean_kl, "the mean KL", "average-flat"),
    (by_xlogy, "xlogy", ""),
    (by_where, "where", ""),
    (by_kl_div, "F.kl_div", ""),
    (by_entr, "entr", ""),
    (by_joint, "joint and product of margins", ""),
    (by_nansum, "nansum", ""),
    (by_tiny, "plus 1e-30", ""),
    (by_surgery, "two KLs", ""),
    (in_a_loop, "in a loop, a Python number", ""),
    (wrong_average, "mean(0)", "average-flat"),
    (entropy_of_wrong_average, "entr of mean(0)", "average-over-states"),
    (categorical_of_wrong_average, "Categorical of mean(0)", "average-over-states-rescaled"),
    (entropies_of_rows, "entropies summed along axis 1", "entropies-of-rows"),
    (everything_along_the_wrong_axis, "mean(0), sum(1)", "transposed"),
    (naive, "0 log 0", "nan"),
    (bits, "bits", "bits"),
    (base_two, "log2", "bits"),
    (entropy_of_average, "entropy of the average", "own-missing"),
    (mean_entropy, "mean entropy", "average-missing+sign"),
    (upside_down, "the other way round", "sign"),
    (summed, "sum", "strings-summed"),
    (averaged, "mean()", "all-averaged"),
    (of_each, "not averaged", "a-string"),
    (against_the_others, "own string left out", "average-others"),
    (from_two, "average of two", "few"),
    (entropies_summed, "entropies summed", "entropies-summed"),
    (of_the_average, "KL of the average", "other-part"),
    (of_one, "a share of log K", "share"),
    (exchanged, "exchanged", "transposed"),
    (joint_of_q, "q as joint", "average-summed+strings-summed"),
    (reversed_kl, "reverse", "reverse"),
    (by_hundredths, "clamped", "clipped"),
    (five_strings, "divided by 5", "what-is"),
    (drawn, "z drawn", "unknown"),
    (two_numbers, "two numbers", "no-tensor"),
]

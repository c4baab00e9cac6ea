"""3.6's answers, as students wrote them: the answer, what is wrong with it, the key that it must get (none: right)."""

import torch


def own_value_included(f_values):
    return f_values.mean().repeat(len(f_values))


def mean_of_all(f_values):
    return f_values.mean()


def sum_of_the_others(f_values):
    return f_values.sum() - f_values


def others_divided_by_n(f_values):
    return (f_values.sum() - f_values) / len(f_values)


def all_divided_by_n_minus_one(f_values):
    return (f_values.sum() / (len(f_values) - 1)) * torch.ones_like(f_values)


def mean_minus_own(f_values):
    return f_values.mean() - f_values


def advantage_for_baseline(f_values):
    n = len(f_values)
    return (f_values - f_values.mean()) * n / (n - 1)


def values_themselves(f_values):
    return f_values.clone()


def others_by_value(f_values):
    return torch.stack([f_values[f_values != value].mean() for value in f_values])


def leave_one_out_in_a_loop(f_values):
    return torch.stack([torch.cat([f_values[:i], f_values[i + 1 :]]).mean() for i in range(len(f_values))])


def leave_one_out_by_matrix(f_values):
    n = len(f_values)
    return (1 - torch.eye(n, dtype=torch.float64)) @ f_values.double() / (n - 1)


def leave_one_out_by_masking(f_values):
    n = len(f_values)
    return f_values.expand(n, n).masked_fill(torch.eye(n).bool(), float("nan")).nanmean(1)


def leave_one_out_in_place(f_values):
    total, n = f_values.sum(), f_values.numel()
    return f_values.sub_(total).neg_().div_(n - 1)


def oracle(f_values):
    others = ~torch.eye(len(f_values), dtype=torch.bool)
    return torch.stack([f_values[row].mean() for row in others])


ANSWERS = [
    (leave_one_out_in_a_loop, "a loop", ""),
    (leave_one_out_by_matrix, "a matrix, float64", ""),
    (leave_one_out_by_masking, "nanmean", ""),
    (own_value_included, "own f included", "own-included"),
    (mean_of_all, "one mean of all", "one-mean"),
    (sum_of_the_others, "sum for mean", "summed"),
    (others_divided_by_n, "divided by n", "over-n"),
    (all_divided_by_n_minus_one, "sum of all by n − 1", "own-kept"),
    (mean_minus_own, "mean − f", "mean-minus-own"),
    (advantage_for_baseline, "f − baseline", "advantage"),
    (values_themselves, "f itself", "f-itself"),
    (others_by_value, "others by value", "by-value"),
    (lambda f_values: (f_values.sum() - f_values) / 4, "four others", "four-others"),
    (leave_one_out_in_place, "in place on its input, from which it is still to be subtracted", "changes-arguments"),
]

"""The answers to free bits, three kinds."""

import torch
from torch.nn.functional import relu


def oracle(kl, floor):
    """By the floor, and what lies above it."""
    floor = floor.item()
    latents = kl.shape[1]
    batch_mean = floor * latents + relu(kl.sum(0) / len(kl) - floor).sum()
    each = floor * latents + relu(kl - floor).sum() / len(kl)
    total = floor + relu(kl.sum(1) - floor).sum() / len(kl)
    return batch_mean, each, total


def in_loops(kl, floor):
    batch_mean = sum(torch.max(column.mean(), floor) for column in kl.T)
    each = sum(sum(torch.max(one, floor) for one in row) for row in kl) / kl.shape[0]
    total = sum(torch.max(row.sum(), floor) for row in kl) / kl.shape[0]
    return batch_mean, each, total


def with_charge(charge):
    def free_bits(kl, floor):
        return charge(kl.mean(0), floor).sum(), charge(kl, floor).sum(1).mean(), charge(kl.sum(1), floor).mean()

    return free_bits


def both_per_image(kl, floor):
    each = kl.clamp(min=floor.item())
    return each.mean(0).sum(), each.sum(1).mean(), kl.sum(1).clamp(min=floor.item()).mean()


def no_images(kl, floor):
    f = floor.item()
    return kl.mean(0).clamp(f).sum(), kl.mean(0).clamp(f).sum(), kl.sum(1).clamp(f).mean()


def floor_for_all(kl, floor):
    f = floor.item()
    return kl.mean(0).clamp(f).sum(), kl.clamp(f).sum(1).mean(), kl.sum(1).clamp(f * kl.shape[1]).mean()


def total_of_the_mean(kl, floor):
    f = floor.item()
    return kl.mean(0).clamp(f).sum(), kl.clamp(f).sum(1).mean(), kl.sum(1).mean().clamp(f)


def mean_of_everything(kl, floor):
    f = floor.item()
    return kl.mean(0).clamp(f).sum(), kl.clamp(f).mean(), kl.sum(1).clamp(f).mean()


def in_another_order(kl, floor):
    return oracle(kl, floor)[::-1]


def without_gradient(kl, floor):
    return oracle(kl.detach(), floor)


def rows_of_each(kl, floor):
    f = floor.item()
    return kl.mean(0).clamp(f).sum(), kl.clamp(f).sum(1), kl.sum(1).clamp(f).mean()


ANSWERS = [
    (in_loops, "in loops", ""),
    (with_charge(torch.maximum), "torch.maximum", ""),
    (with_charge(lambda kl, floor: relu(kl - floor)), "relu", "above"),
    (with_charge(torch.minimum), "min", "least"),
    (with_charge(lambda kl, floor: kl.clamp(max=floor.item())), "clamp(max)", "least"),
    (with_charge(lambda kl, floor: (kl - floor).abs()), "absolute value", "distance"),
    (with_charge(lambda kl, floor: kl), "no floor", "none"),
    (both_per_image, "batch_mean as each", "batch-mean-late"),
    (no_images, "each as batch_mean", "each-late"),
    (floor_for_all, "a floor times d", "total-times-latents"),
    (total_of_the_mean, "total of the batch", "total-batch"),
    (mean_of_everything, "mean of everything", "each-averaged"),
    (in_another_order, "another order", "turned"),
    (without_gradient, "detached", "no-gradient"),
    (rows_of_each, "a number an image", "each-no-mean"),
    (lambda kl, floor: kl.sum(1).clamp(floor.item()).mean(), "one number", "no-parts"),
]

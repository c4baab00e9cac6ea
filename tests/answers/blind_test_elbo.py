"""Blind answers to exercise 5.4, my_test_elbo(model, x, batch_size).

`elbo(model, rows)` is written out here, as the task describes it: one value an image.
"""
import math

import torch
from torch.distributions import kl_divergence

ANSWERS, BORDERLINE = [], []


def a(words, right):
    def keep(f):
        (BORDERLINE if right is None else ANSWERS).append((f, words, right))
        return f
    return keep


def elbo(model, rows):
    q = model.encoder(rows)
    return model.decoder(q.rsample()).log_prob(rows) - kl_divergence(q, model.prior)


@a("average of the batches' averages: the images of the smaller last batch weigh too much", False)
@torch.no_grad()
def w01(model, x, batch_size):
    means = [elbo(model, rows).mean() for rows in x.split(batch_size)]
    return (sum(means) / len(means)).item()


@a("leaves the incomplete last batch out, and averages over the images of the complete ones", False)
@torch.no_grad()
def w02(model, x, batch_size):
    n = len(x) // batch_size * batch_size
    return sum(elbo(model, rows).sum() for rows in x[:n].split(batch_size)).item() / n


@a("leaves the incomplete last batch out of the sum, but divides by all n images", False)
@torch.no_grad()
def w03(model, x, batch_size):
    total = 0.0
    for i in range(len(x) // batch_size):
        total += elbo(model, x[i * batch_size:(i + 1) * batch_size]).sum().item()
    return total / len(x)


@a("the sum over all images, never divided by n", False)
@torch.no_grad()
def w04(model, x, batch_size):
    return sum(elbo(model, rows).sum() for rows in x.split(batch_size)).item()


@a("divides by the number of batches times batch_size, as if the last batch were full", False)
@torch.no_grad()
def w05(model, x, batch_size):
    batches = x.split(batch_size)
    return sum(elbo(model, rows).sum() for rows in batches).item() / (len(batches) * batch_size)


@a("sign: returns the mean of -ELBO, lower is better", False)
@torch.no_grad()
def w06(model, x, batch_size):
    return -sum(elbo(model, rows).sum() for rows in x.split(batch_size)).item() / len(x)


@a("divides the total by the number of batches: nats a batch, not an image", False)
@torch.no_grad()
def w07(model, x, batch_size):
    batches = x.split(batch_size)
    return sum(elbo(model, rows).sum() for rows in batches).item() / len(batches)


@a("return inside the loop: the mean over the first batch only", False)
@torch.no_grad()
def w08(model, x, batch_size):
    for rows in x.split(batch_size):
        return elbo(model, rows).mean().item()


@a("keeps only the last batch: the total is overwritten (=) instead of added to (+=), then the last batch's mean", False)
@torch.no_grad()
def w09(model, x, batch_size):
    for rows in x.split(batch_size):
        value = elbo(model, rows).mean()
    return value.item()


@a("nats a pixel: divides by the number of pixels, too", False)
@torch.no_grad()
def w10(model, x, batch_size):
    return sum(elbo(model, rows).sum() for rows in x.split(batch_size)).item() / x.numel()


@a("the best of 20 ELBOs of each image, so that the mean is too high", False)
@torch.no_grad()
def w11(model, x, batch_size):
    best = [torch.stack([elbo(model, rows) for _ in range(20)]).max(0).values for rows in x.split(batch_size)]
    return torch.cat(best).mean().item()


@a("z is the encoder's mean, no draw: the reconstruction term is too good", False)
@torch.no_grad()
def w12(model, x, batch_size):
    total = 0.0
    for rows in x.split(batch_size):
        q = model.encoder(rows)
        total += (model.decoder(q.mean).log_prob(rows) - kl_divergence(q, model.prior)).sum().item()
    return total / len(x)


@a("logarithm of the mean over images of e^ELBO, instead of the mean of the ELBO", False)
@torch.no_grad()
def w13(model, x, batch_size):
    values = torch.cat([elbo(model, rows) for rows in x.split(batch_size)])
    return (torch.logsumexp(values, 0) - math.log(len(x))).item()


@a("consecutive batches overlap by one row (slices i to i + batch_size + 1), so some images count twice; divided by n", False)
@torch.no_grad()
def w14(model, x, batch_size):
    total = sum(elbo(model, x[i:i + batch_size + 1]).sum() for i in range(0, len(x), batch_size))
    return total.item() / len(x)


@a("the median over the images instead of the mean", False)
@torch.no_grad()
def w15(model, x, batch_size):
    return torch.cat([elbo(model, rows) for rows in x.split(batch_size)]).median().item()


@a("one value an image, a tensor [n], is returned instead of their mean", False)
@torch.no_grad()
def w16(model, x, batch_size):
    return torch.cat([elbo(model, rows) for rows in x.split(batch_size)])


@a("reconstruction term only: the KL is missing from the score", False)
@torch.no_grad()
def w17(model, x, batch_size):
    total = sum(model.decoder(model.encoder(r).rsample()).log_prob(r).sum() for r in x.split(batch_size))
    return total.item() / len(x)


@a("trains on the test images: an SGD step (learning rate 0.001) after every batch, so the model is changed", False)
def w18(model, x, batch_size):
    opt, total = torch.optim.SGD(model.parameters(), lr=1e-3), 0.0
    for rows in x.split(batch_size):
        values = elbo(model, rows)
        opt.zero_grad()
        (-values.mean()).backward()
        opt.step()
        total += values.sum().item()
    return total / len(x)


@a("TWO: average of the batches' averages, and of -ELBO instead of ELBO", False)
@torch.no_grad()
def w19(model, x, batch_size):
    means = [-elbo(model, rows).mean() for rows in x.split(batch_size)]
    return (sum(means) / len(means)).item()


@a("TWO: leaves the incomplete last batch out, and returns the sum over images instead of the mean", False)
@torch.no_grad()
def w20(model, x, batch_size):
    n = len(x) // batch_size * batch_size
    return sum(elbo(model, rows).sum() for rows in x[:n].split(batch_size)).item()


@a("TWO: divides the total by batch_size instead of n, and in bits (by log 2 too)", False)
@torch.no_grad()
def w21(model, x, batch_size):
    return sum(elbo(model, rows).sum() for rows in x.split(batch_size)).item() / batch_size / math.log(2)


@a("TWO: the KL is added instead of subtracted, and the batches' averages are averaged with equal weight", False)
@torch.no_grad()
def w22(model, x, batch_size):
    means = []
    for rows in x.split(batch_size):
        q = model.encoder(rows)
        means.append((model.decoder(q.rsample()).log_prob(rows) + kl_divergence(q, model.prior)).mean())
    return torch.stack(means).mean().item()


@a("TWO: first batch only, and z is the encoder's mean instead of a draw", False)
@torch.no_grad()
def w23(model, x, batch_size):
    rows = x[:batch_size]
    q = model.encoder(rows)
    return (model.decoder(q.mean).log_prob(rows) - kl_divergence(q, model.prior)).mean().item()


@a("TWO: the sum divided by number of batches times batch_size, and only the reconstruction term (no KL)", False)
@torch.no_grad()
def w24(model, x, batch_size):
    batches = x.split(batch_size)
    total = sum(model.decoder(model.encoder(r).rsample()).log_prob(r).sum() for r in batches)
    return total.item() / (len(batches) * batch_size)


@a("right: each batch's mean, weighted with its share of the images", True)
@torch.no_grad()
def r1(model, x, batch_size):
    return sum(float(elbo(model, rows).mean()) * len(rows) / len(x) for rows in x.split(batch_size))


@a("right: running mean over the images, updated batch by batch, over index slices", True)
@torch.no_grad()
def r2(model, x, batch_size):
    mean, seen = 0.0, 0
    for i in range(0, len(x), batch_size):
        values = elbo(model, x[i:i + batch_size])
        seen += len(values)
        mean += (values - mean).sum().item() / seen
    return mean


@a("right: all values in one list of python numbers, summed with math.fsum; a DataLoader, shuffled, that keeps the last batch", True)
@torch.no_grad()
def r3(model, x, batch_size):
    loader = torch.utils.data.DataLoader(x, batch_size=batch_size, shuffle=True)
    values = [v for rows in loader for v in elbo(model, rows).tolist()]
    return math.fsum(values) / len(values)


@a("right value, but a tensor without axes instead of a python number", None)
@torch.no_grad()
def b1(model, x, batch_size):
    return sum(elbo(model, rows).sum() for rows in x.split(batch_size)) / len(x)


@a("right on average, but torch.manual_seed(0) first, so that every call gives the same number", None)
@torch.no_grad()
def b2(model, x, batch_size):
    torch.manual_seed(0)
    return sum(elbo(model, rows).sum() for rows in x.split(batch_size)).item() / len(x)


@a("right number, all images at once: batch_size is ignored", None)
@torch.no_grad()
def b3(model, x, batch_size):
    return elbo(model, x).mean().item()

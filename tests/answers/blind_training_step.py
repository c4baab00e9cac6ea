"""Blind answers to exercise 5.3, my_training_step(model, optimizer, x)."""
import math

import torch
from torch.distributions import kl_divergence

ANSWERS, BORDERLINE = [], []


def a(words, right):
    def keep(f):
        (BORDERLINE if right is None else ANSWERS).append((f, words, right))
        return f
    return keep


def terms(model, x):
    q = model.encoder(x)
    return model.decoder(q.rsample()).log_prob(x), kl_divergence(q, model.prior)


def move(optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


@a("never forgets the old gradient: no zero_grad, so the step goes along old plus new", False)
def w01(model, optimizer, x):
    rec, kl = terms(model, x)
    loss = (kl - rec).mean()
    loss.backward()
    optimizer.step()
    return loss.detach()


@a("zero_grad only after the step (backward, step, zero_grad): the old gradient of before still joins this step", False)
def w02(model, optimizer, x):
    rec, kl = terms(model, x)
    loss = (kl - rec).mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.detach()


@a("zero_grad between backward and step: the new gradient is erased, nothing moves", False)
def w03(model, optimizer, x):
    rec, kl = terms(model, x)
    loss = (kl - rec).mean()
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.detach()


@a("no optimizer.step(): the gradient is computed, but no parameter moves", False)
def w04(model, optimizer, x):
    rec, kl = terms(model, x)
    loss = (kl - rec).mean()
    optimizer.zero_grad()
    loss.backward()
    return loss.detach()


@a("sum over the batch instead of the mean, in the returned number and in the gradient", False)
def w05(model, optimizer, x):
    rec, kl = terms(model, x)
    loss = (kl - rec).sum()
    move(optimizer, loss)
    return loss.detach()


@a("sample() instead of rsample(): the reconstruction term sends no gradient into the encoder", False)
def w06(model, optimizer, x):
    q = model.encoder(x)
    loss = (kl_divergence(q, model.prior) - model.decoder(q.sample()).log_prob(x)).mean()
    move(optimizer, loss)
    return loss.detach()


@a("z is the encoder's mean, no noise: a plain autoencoder with a KL beside it", False)
def w07(model, optimizer, x):
    q = model.encoder(x)
    loss = (kl_divergence(q, model.prior) - model.decoder(q.mean).log_prob(x)).mean()
    move(optimizer, loss)
    return loss.detach()


@a("goes uphill: minimises the mean ELBO, while the J that it returns has the right sign", False)
def w08(model, optimizer, x):
    rec, kl = terms(model, x)
    loss = (rec - kl).mean()
    move(optimizer, loss)
    return -loss.detach()


@a("returns the mean ELBO instead of J, with the right step", False)
def w09(model, optimizer, x):
    rec, kl = terms(model, x)
    loss = (kl - rec).mean()
    move(optimizer, loss)
    return -loss.detach()


@a("KL in the wrong direction: kl_divergence(prior, q)", False)
def w10(model, optimizer, x):
    q = model.encoder(x)
    loss = (kl_divergence(model.prior, q) - model.decoder(q.rsample()).log_prob(x)).mean()
    move(optimizer, loss)
    return loss.detach()


@a("the KL has the wrong sign: J = -(reconstruction + KL)", False)
def w11(model, optimizer, x):
    rec, kl = terms(model, x)
    loss = -(rec + kl).mean()
    move(optimizer, loss)
    return loss.detach()


@a("the KL is forgotten: only the reconstruction term is trained and returned", False)
def w12(model, optimizer, x):
    rec, _ = terms(model, x)
    loss = -rec.mean()
    move(optimizer, loss)
    return loss.detach()


@a("returns J after the step (a second forward pass with the moved parameters), not J of the step's own loss", False)
def w13(model, optimizer, x):
    rec, kl = terms(model, x)
    move(optimizer, (kl - rec).mean())
    with torch.no_grad():
        rec, kl = terms(model, x)
        return (kl - rec).mean()


@a("calls optimizer.step() twice on one gradient: every parameter moves twice as far", False)
def w14(model, optimizer, x):
    rec, kl = terms(model, x)
    loss = (kl - rec).mean()
    move(optimizer, loss)
    optimizer.step()
    return loss.detach()


@a("clips the gradient's norm at 0.1 before the step", False)
def w15(model, optimizer, x):
    rec, kl = terms(model, x)
    loss = (kl - rec).mean()
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 0.1)
    optimizer.step()
    return loss.detach()


@a("ignores the optimizer that it was given and steps with an SGD of its own, learning rate 1e-3", False)
def w16(model, optimizer, x):
    rec, kl = terms(model, x)
    loss = (kl - rec).mean()
    move(torch.optim.SGD(model.parameters(), lr=1e-3), loss)
    return loss.detach()


@a("a mean over the batch and also over the pixels: J is in nats a pixel, and the step is shorter by the number of pixels", False)
def w17(model, optimizer, x):
    rec, kl = terms(model, x)
    loss = (kl - rec).mean() / x.shape[1]
    move(optimizer, loss)
    return loss.detach()


@a("z is drawn from the prior instead of from q: the reconstruction has nothing to do with the image", False)
def w18(model, optimizer, x):
    rec = model.decoder(model.prior.sample((len(x),))).log_prob(x)
    loss = (kl_divergence(model.encoder(x), model.prior) - rec).mean()
    move(optimizer, loss)
    return loss.detach()


@a("forgets the old gradient of the decoder only (model.decoder.zero_grad()); the encoder keeps its old one", False)
def w19(model, optimizer, x):
    rec, kl = terms(model, x)
    loss = (kl - rec).mean()
    model.decoder.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


@a("free bits: an image's KL is clamped at 2 nats from below, so a small KL gets no gradient", False)
def w20(model, optimizer, x):
    rec, kl = terms(model, x)
    loss = (kl.clamp(min=2.0) - rec).mean()
    move(optimizer, loss)
    return loss.detach()


@a("returns nothing (None): the step is right, but the return statement is missing", False)
def w21(model, optimizer, x):
    rec, kl = terms(model, x)
    move(optimizer, (kl - rec).mean())


@a("TWO: no zero_grad, so the old gradient joins in, and the sum over the batch instead of the mean", False)
def w22(model, optimizer, x):
    rec, kl = terms(model, x)
    loss = (kl - rec).sum()
    loss.backward()
    optimizer.step()
    return loss.detach()


@a("TWO: sample() instead of rsample(), and the KL weighted with 0.5", False)
def w23(model, optimizer, x):
    q = model.encoder(x)
    loss = (0.5 * kl_divergence(q, model.prior) - model.decoder(q.sample()).log_prob(x)).mean()
    move(optimizer, loss)
    return loss.detach()


@a("TWO: the KL is forgotten, and zero_grad comes between backward and step so that nothing moves", False)
def w24(model, optimizer, x):
    loss = -terms(model, x)[0].mean()
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.detach()


@a("TWO: the KL's arguments are exchanged, and the returned J is in bits (divided by log 2)", False)
def w25(model, optimizer, x):
    q = model.encoder(x)
    loss = (kl_divergence(model.prior, q) - model.decoder(q.rsample()).log_prob(x)).mean()
    move(optimizer, loss)
    return loss.detach() / math.log(2)


@a("TWO: the encoder runs under no_grad and never learns, and the old gradient is not zeroed", False)
def w26(model, optimizer, x):
    with torch.no_grad():
        q = model.encoder(x)
    loss = (kl_divergence(q, model.prior) - model.decoder(q.rsample()).log_prob(x)).mean()
    loss.backward()
    optimizer.step()
    return loss.detach()


@a("TWO: z is detached before the decoder, and optimizer.step() is called twice on the same gradient", False)
def w27(model, optimizer, x):
    q = model.encoder(x)
    loss = (kl_divergence(q, model.prior) - model.decoder(q.rsample().detach()).log_prob(x)).mean()
    move(optimizer, loss)
    optimizer.step()
    return loss.detach()


@a("right: torch.autograd.grad, and the gradients written into .grad by hand before the step", True)
def r1(model, optimizer, x):
    rec, kl = terms(model, x)
    loss = kl.mean() - rec.mean()
    params = [p for g in optimizer.param_groups for p in g["params"]]
    for p, g in zip(params, torch.autograd.grad(loss, params, allow_unused=True)):
        p.grad = g
    optimizer.step()
    return loss.item()


@a("right: the old gradients set to None parameter by parameter, each image's share (divided by len(x)) summed before backward", True)
def r2(model, optimizer, x):
    for p in model.parameters():
        p.grad = None
    q = model.encoder(x)
    z = q.mean + q.stddev * torch.randn_like(q.mean)
    share = (model.decoder(z).log_prob(x) - kl_divergence(q, model.prior)) / len(x)
    share.neg().sum().backward()
    optimizer.step()
    return -share.detach().sum()


@a("right: forgets, computes and returns the loss in a closure that optimizer.step itself calls", True)
def r3(model, optimizer, x):
    def closure():
        optimizer.zero_grad(set_to_none=False)
        rec, kl = terms(model, x)
        loss = torch.mean(kl - rec)
        loss.backward()
        return loss
    return optimizer.step(closure).item()


@a("the KL by one draw, log q(z|x) - log p(z), instead of in closed form: right on average, noisier", None)
def b1(model, optimizer, x):
    q = model.encoder(x)
    z = q.rsample()
    loss = (q.log_prob(z) - model.prior.log_prob(z) - model.decoder(z).log_prob(x)).mean()
    move(optimizer, loss)
    return loss.detach()


@a("right step and number, but zeroes the gradients once more after the step", None)
def b2(model, optimizer, x):
    rec, kl = terms(model, x)
    loss = (kl - rec).mean()
    move(optimizer, loss)
    optimizer.zero_grad()
    return loss.detach()
